"""SPF007: prefix lengths and addresses that do not fit."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import FaultKind
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Step, rule
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.faults import report_faults


@rule(
    "SPF007",
    "spf-cidr",
    Severity.ERROR,
    on=Spf,
    section="RFC 7208 §5.6",
    when={"fault:cidr"},
    step=Step.SPF,
    explains=["spf"],
)
def cidr(spf: Spf) -> Iterator[Found]:
    """A prefix length is out of range, or the address belongs to the other family.

    What it finds
        A prefix over 32 for IPv4 or 128 for IPv6, one with a leading zero, a netmask, an IPv6
        address in `ip4` and an IPv4 address in `ip6`.
    Why it matters
        Receivers refuse the whole record with permerror.
    Example
        `v=spf1 ip4:203.0.113.0/33 -all`
    Use instead
        `v=spf1 ip4:203.0.113.0/24 -all`
    References
        RFC 7208 §5.6, §12
    """
    yield from report_faults(
        spf,
        {FaultKind.CIDR},
        "Use an IPv4 address and /0 to /32 with `ip4`, an IPv6 address and /0 to /128 with "
        "`ip6`; a single address needs no prefix length.",
        fixes=False,
    )


cidr.bad(
    "v=spf1 ip4:203.0.113.0/33 -all",
    "v=spf1 ip4:203.0.113.0/024 -all",
    "v=spf1 ip4:2001:db8::1 -all",
    "v=spf1 ip6:203.0.113.7 -all",
    "v=spf1 a/33 -all",
    "v=spf1 mx//129 -all",
)
cidr.good("v=spf1 ip4:203.0.113.0/24 ip6:2001:db8::/32 a/24//64 -all")
