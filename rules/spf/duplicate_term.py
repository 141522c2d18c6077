"""SPF302: a term that another one makes superfluous."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zonelint.grammars.spf.record import Mechanism
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.model.subjects import Spf


@rule(
    "SPF302",
    "spf-duplicate-term",
    Severity.WARNING,
    on=Spf,
    fix=Fix.SAFE,
    section="RFC 7208 §4.6.2",
    when={"repeated", "many-networks", "bare-and-named"},
)
def duplicate_term(spf: Spf) -> Iterator[Found]:
    """A term repeats what another term already says.

    What it finds
        The same mechanism twice, and a network inside another one. A smaller network with a
        different qualifier before the larger one is an exception, not a duplicate.
    Why it matters
        It takes up space and, where the mechanism queries DNS, one of the ten lookups. What a
        second query costs may decide the result, as one without an answer counts towards the limit
        of two: then, and where an answer is not known, the change is a proposal.
    Example
        `v=spf1 ip4:203.0.113.7 ip4:203.0.113.0/24 -all`
    Use instead
        `v=spf1 ip4:203.0.113.0/24 -all`
    References
        RFC 7208 §4.6.2, §4.6.4
    """
    last = spf.ast.all
    terms = [
        term
        for term in spf.ast.mechanisms
        if term.name != "all" and (last is None or term.start < last.start)
    ]
    pairs = [*_repeated(spf, terms), *_inside(terms)]
    gone = list({term.start: term for term, _ in pairs}.values())
    if not gone:
        return
    change = spf.rewrite(
        spf.ast.without(*gone), "other terms of the record say the same", safe=True
    )
    (term, other), *others = sorted(pairs, key=lambda pair: pair[0].start)
    more = len({other.start for other, _ in others} - {term.start})
    also = f", and {more} more terms are covered in the same way" if more > 1 else ""
    also = ", and one more term is covered in the same way" if more == 1 else also
    yield spf.at(
        term,
        f"`{other.text}` already covers `{term.text}`, so the term has no effect{also}",
        "Remove it." if not more else "Remove them.",
        change=change,
        detail=tuple(f"  `{other.text}` covers `{term.text}`" for term, other in pairs[:20])
        if more
        else (),
    )


def _repeated(spf: Spf, terms: Sequence[Mechanism]) -> Iterator[tuple[Mechanism, Mechanism]]:
    """Terms that ask what an earlier one has asked: they never match, whatever they would say."""
    seen: dict[str, Mechanism] = {}
    for term in terms:
        if term.network is not None:
            continue
        domain = spf.owner.rstrip(".") if term.domain is None else term.domain.folded
        asks = f"{term.name}:{domain}/{term.cidr4}//{term.cidr6}"
        earlier = seen.setdefault(asks, term)
        if earlier is not term:
            yield term, earlier


def _inside(terms: Sequence[Mechanism]) -> Iterator[tuple[Mechanism, Mechanism]]:
    """Networks that another one holds.

    Behind the larger one they never match. In front of it they do, and are superfluous only when
    every term from the one to the other is a network with the same qualifier.
    """
    networks: dict[tuple[int, int, int], int] = {}
    for place, term in enumerate(terms):
        network = term.network
        if network is not None:
            key = (network.version, network.prefixlen, int(network.network_address))
            networks.setdefault(key, place)
    for place, term in enumerate(terms):
        network = term.network
        if network is None:
            continue
        bits, address = network.max_prefixlen, int(network.network_address)
        for length in range(network.prefixlen, -1, -1):
            cut = address >> (bits - length) << (bits - length)
            other = networks.get((network.version, length, cut))
            if other is None or other == place:
                continue
            between = terms[place : other + 1]
            if other < place or all(
                step.network is not None and step.qualifier is term.qualifier for step in between
            ):
                yield term, terms[other]
                break


duplicate_term.bad(
    "v=spf1 ip4:203.0.113.7 ip4:203.0.113.0/24 -all", fixed="v=spf1 ip4:203.0.113.0/24 -all"
)
duplicate_term.bad(
    "v=spf1 include:a.example.net mx include:A.example.net. -all",
    fixed="v=spf1 include:a.example.net mx -all",
)
duplicate_term.bad("v=spf1 mx mx:example.com -all", fixed="v=spf1 mx -all")
duplicate_term.bad(
    "v=spf1 ip4:198.51.100.1 ip4:198.51.100.1/32 ~all", fixed="v=spf1 ip4:198.51.100.1 ~all"
)
duplicate_term.bad(
    "v=spf1 ip6:2001:db8::/32 ip6:2001:db8:1::/48 -all", fixed="v=spf1 ip6:2001:db8::/32 -all"
)
duplicate_term.good(
    "v=spf1 -ip4:203.0.113.7 ip4:203.0.113.0/24 -all",
    "v=spf1 ip4:203.0.113.7 -include:a.example.net ip4:203.0.113.0/24 -all",
    "v=spf1 a mx a:www.example.com mx/24 -all",
    "v=spf1 ip4:203.0.113.7 ip4:203.0.113.8 -all",
)
