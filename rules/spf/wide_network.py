"""SPF208: networks that are wider than any one sender needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from zonelint.grammars.spf.record import Mechanism, Qualifier
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.left_over import deciding, without_terms
from zonelint.rules.spf.support.spaces import sums, whole_spaces


@rule(
    "SPF208",
    "spf-wide-network",
    Severity.WARNING,
    on=Spf,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §5.6",
    when={"short-prefix"},
    step=Step.SPF,
    explains=["spf-entries"],
)
def wide_network(spf: Spf) -> Iterator[Found]:
    """A network in the record is so wide that strangers send from it.

    What it finds
        `ip4` with a prefix shorter than /16 and `ip6` with one shorter than /32, and `a` and `mx`
        with such a prefix (`a/8`); also narrower ones that add up to one. The limits are `wide-ip4`
        and `wide-ip6` in the table `thresholds` of zonelint.toml. The whole address space is
        covered by SPF201, private space by SPF209. Its removal is only offered where the address
        fits the prefix length: where it does not (SPF301), one of them may be a slip.
    Why it matters
        Every host in the network may send as the domain, including other customers of the same
        provider.
    Example
        `v=spf1 ip4:198.0.0.0/8 -all`
    Use instead
        `v=spf1 ip4:198.51.100.16/28 -all`: the networks that send, no wider than needed.
    References
        RFC 7208 §5.6, §11.4
    """
    limits = spf.context.thresholds
    told = [term for networks in whole_spaces(spf) for term in networks]
    wide = list(_wide_terms(spf, told))
    # Where only wide networks let anybody send, the record without them refuses all mail.
    without = without_terms(spf, (*told, *(term for term, _, _ in wide)), "no wide network")
    for term, count, limit in wide:
        around = "" if term.network else " around each of its hosts"
        yield spf.at(
            term,
            f"`{term.text}` lets {_many(count)} addresses{around} send as {spf.dotless}, "
            "including other people's hosts",
            deciding(
                f"List the networks that send; a prefix shorter than /{limit} is rarely right.",
                without,
            ),
            # Of a length and an address that do not fit, one is a slip: SPF301 asks which.
            change=None
            if without is None or term.has_host_bits
            else spf.rewrite(spf.ast.without(term), "the network is too wide"),
        )
    for network, terms in sums(spf, {4: limits.wide_ip4, 6: limits.wide_ip6}):
        yield spf.at(
            terms[0],
            f"{len(terms)} networks of this record add up to {network} and let "
            f"{_many(network.num_addresses)} addresses send as {spf.dotless}, other people's hosts "
            "among them",
            "Name the networks that send, no wider than needed.",
        )


def _wide_terms(spf: Spf, told: Collection[Mechanism]) -> Iterator[tuple[Mechanism, int, int]]:
    """The terms that are too wide, each with its number of addresses and the limit."""
    limits = spf.context.thresholds
    for term in spf.ast.mechanisms:
        if term.qualifier is not Qualifier.PASS or term.is_unrouted or term in told:
            continue
        for version, length in term.lengths:
            limit = limits.wide_ip4 if version == 4 else limits.wide_ip6
            if 0 < length < limit:
                yield term, 2 ** ((32 if version == 4 else 128) - length), limit
                break


def _many(count: int) -> str:
    return f"{count:,}" if count < 2**40 else f"2^{count.bit_length() - 1}"


wide_network.bad("v=spf1 ip4:198.0.0.0/8 ip4:8.8.8.8 -all", fixed="v=spf1 ip4:8.8.8.8 -all")
wide_network.bad(
    "v=spf1 ip4:198.0.0.0/8 -all",
    "v=spf1 ip4:198.0.0.0/8 -ip4:8.8.8.8 -all",
    "v=spf1 ip4:198.0.0.0/8 ip4:10.0.0.1 -all",
)
wide_network.bad("v=spf1 mx ip4:198.51.100.0/8 -all")
wide_network.bad("v=spf1 mx ip6:2a00::/12 -all", fixed="v=spf1 mx -all")
wide_network.bad(
    "v=spf1 ip4:198.51.0.0/16 mx -all",
    fixed="v=spf1 mx -all",
    config="[thresholds]\nwide-ip4 = 20\n",
)
wide_network.bad(
    "v=spf1 ip4:8.0.0.0/16 ip4:8.1.0.0/17 mx ip4:8.1.128.0/17 -all",
    "v=spf1 a:mail.example.net/8 -all",
    "v=spf1 mx//16 -all",
)
wide_network.good(
    "v=spf1 ip4:10.0.0.0/8 -all",
    "v=spf1 a/24 mx/16//64 -all",
    "v=spf1 a/0 -all",
    "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all",
    "v=spf1 ip4:198.51.0.0/16 -all",
    "v=spf1 ip6:2a00:1450::/32 -all",
    "v=spf1 -ip4:198.0.0.0/8 mx ~all",
)
