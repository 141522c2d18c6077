"""SPF201: the record lets every host in the world send as the domain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from zonelint.grammars.spf.record import Mechanism, Qualifier
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.spaces import counts, whole_spaces


@rule(
    "SPF201",
    "spf-pass-all",
    Severity.ERROR,
    on=Spf,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §5.1",
    when={"all:pass", "short-prefix"},
)
def pass_all(spf: Spf) -> Iterator[Found]:
    """The record lets every host in the world send as this domain.

    What it finds
        `+all` or a bare `all`, and networks that add up to the whole address space, such as
        `ip4:0.0.0.0/0` or its two halves. Also `a/0` and `mx/0`, around whatever host.
    Why it matters
        SPF then passes for whoever forges the domain, and with SPF so does DMARC: the domain is
        spoofable, and some receivers punish such a record.
    Example
        `v=spf1 mx +all`
    Use instead
        `v=spf1 mx -all`, with every host that does send listed before `-all`.
    References
        RFC 7208 §5.1
    """
    term = spf.ast.all
    if term is not None and term.qualifier is Qualifier.PASS:
        yield spf.at(
            term,
            f"{term.text} lets every host in the world send as {spf.spoken}",
            "List the hosts that send and end the record in -all.",
            change=spf.rewrite(spf.ast.replacing(term, "-all"), "unlisted hosts fail"),
        )
    for host in spf.ast.mechanisms:
        if host.network is None and 0 in dict(host.lengths).values() and counts(host, spf):
            yield spf.at(
                host,
                f"{host.text} covers every address there is as soon as its name has one, so every "
                f"host in the world may send as {spf.spoken}",
                "Drop the prefix length, which stands for the network around the hosts.",
                change=spf.rewrite(
                    spf.ast.replacing(host, _hosts_alone(host)), "the hosts alone may send"
                ),
            )
    for networks in whole_spaces(spf):
        start, end = networks[0].start, networks[-1].end
        words = " ".join(network.text for network in networks)
        yield spf.at(
            (start, end) if len(networks) == 1 else networks[0],
            f"{words} covers every address there is, so every host in the world may send as "
            f"{spf.spoken}",
            "List only the networks that send.",
            change=spf.rewrite(spf.ast.without(*networks), "the networks that cover everything go"),
        )


def _hosts_alone(term: Mechanism) -> str:
    """The term without the prefix lengths that cover everything."""
    return str(replace(term, cidr4=term.cidr4 or None, cidr6=term.cidr6 or None))


pass_all.bad("v=spf1 mx +all", fixed="v=spf1 mx -all")
pass_all.bad("v=spf1 mx all", fixed="v=spf1 mx -all")
pass_all.bad("v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", fixed="v=spf1 -all")
pass_all.bad("v=spf1 mx ip4:0.0.0.0/0 -all", fixed="v=spf1 mx -all")
pass_all.bad("v=spf1 ip6:::/0 ~all", fixed="v=spf1 ~all")
pass_all.bad("v=spf1 a/0 mx//0 -all", fixed="v=spf1 a mx -all")
pass_all.good("v=spf1 a/24//64 -all", "v=spf1 -a/0 ~all", "v=spf1 -all a/0")
pass_all.good("v=spf1 mx -all", "v=spf1 ip4:0.0.0.0/1 -all", "v=spf1 -ip4:0.0.0.0/0 mx ~all")
