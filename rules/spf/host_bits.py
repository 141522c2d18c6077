"""SPF301: host bits set in a network."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.model.subjects import Spf


@rule(
    "SPF301",
    "spf-host-bits",
    Severity.WARNING,
    on=Spf,
    fix=Fix.SAFE,
    section="RFC 7208 §5.6",
    when={"host-bits"},
)
def host_bits(spf: Spf) -> Iterator[Found]:
    """An address has bits set beyond its prefix length.

    What it finds
        `ip4` and `ip6` terms whose address has bits set beyond the prefix length. A prefix length
        of 0, which covers every address, is SPF201. Nothing is changed where SPF208 calls the
        network too wide: there the prefix length may be the slip.
    Why it matters
        Receivers ignore those bits: the whole network may send, where perhaps only one host was
        intended.
    Example
        `v=spf1 ip4:203.0.113.7/24 -all`
    Use instead
        `v=spf1 ip4:203.0.113.0/24 -all` for the network, `v=spf1 ip4:203.0.113.7 -all` for the
        host.
    References
        RFC 7208 §5.6
    """
    spelt = [
        (
            term,
            network,
            f"{term.qualifier.value if term.explicit_qualifier else ''}{term.name}:"
            f"{network.network_address}/{network.prefixlen}",
        )
        for term in spf.ast.mechanisms
        if (network := term.network) is not None and term.has_host_bits and network.prefixlen
    ]
    if not spelt:
        return
    limits = {4: spf.context.thresholds.wide_ip4, 6: spf.context.thresholds.wide_ip6}
    # Of a network that wide (SPF208) the length is the likelier slip, and the host tells of it.
    wide = {term for term, network, _ in spelt if network.prefixlen < limits[network.version]}
    narrow = [(term, meant) for term, _, meant in spelt if term not in wide]
    change = spf.rewrite(
        spf.ast.replacing_each(narrow), "the same network, written as a network", safe=True
    )
    for term, network, meant in spelt:
        yield spf.at(
            term,
            f"`{term.text}` lets the whole network {network} send, not only {term.address}",
            f"Write {meant} for the network, or remove the prefix length for the single host.",
            change=None if term in wide else change,
        )


host_bits.bad("v=spf1 ip4:203.0.113.7/24 -all", fixed="v=spf1 ip4:203.0.113.0/24 -all")
host_bits.bad("v=spf1 ?ip6:2001:db8::1/32 -all", fixed="v=spf1 ?ip6:2001:db8::/32 -all")
host_bits.bad("v=spf1 ip4:198.51.100.7/8 -all")
host_bits.good(
    "v=spf1 ip4:203.0.113.7/0 -all",
    "v=spf1 ip4:203.0.113.0/24 -all",
    "v=spf1 ip4:203.0.113.7 -all",
    "v=spf1 ip4:203.0.113.7/32 -all",
)
