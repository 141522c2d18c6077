"""SPF009: domains written in letters beyond ASCII."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import FaultKind
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.faults import report_faults


@rule(
    "SPF009",
    "spf-unicode-domain",
    Severity.ERROR,
    on=Spf,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §4.3",
    when={"fault:unicode-domain"},
    role=Role.MENDS,
    step=Step.SPF,
    explains=["spf"],
)
def unicode_domain(spf: Spf) -> Iterator[Found]:
    """A domain is written with non-ASCII letters, where DNS needs its A-label.

    What it finds
        An internationalised domain name in its readable form (U-labels) in an SPF record.
    Why it matters
        Receivers cannot look the name up and refuse the whole record with permerror. The change is
        a proposal: with it the record counts.
    Example
        `v=spf1 include:bücher.example -all`
    Use instead
        `v=spf1 include:xn--bcher-kva.example -all`
    References
        RFC 7208 §4.3; RFC 5890 §2.3.2.1
    """
    yield from report_faults(
        spf,
        {FaultKind.UNICODE_DOMAIN},
        "Write the domain in its ASCII form, which starts with `xn--`.",
    )


unicode_domain.bad(
    "v=spf1 include:b\u00fccher.example -all", fixed="v=spf1 include:xn--bcher-kva.example -all"
)
unicode_domain.good("v=spf1 include:xn--bcher-kva.example -all")
