"""Networks that add up to every address there is."""

from __future__ import annotations

import ipaddress
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping

from zonelint.grammars.spf.record import Mechanism, Qualifier
from zonelint.rules.model.subjects import Spf

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def counts(term: Mechanism, spf: Spf) -> bool:
    """Whether the term lets hosts send: it passes, and stands in front of `all`."""
    last = spf.ast.all
    return term.qualifier is Qualifier.PASS and (last is None or term.start < last.start)


def whole_spaces(spf: Spf) -> Iterator[list[Mechanism]]:
    """For each address family that is passed as a whole, the networks that together do it.

    Networks that another one holds are not among them.
    """
    for version in (4, 6):
        passed = [
            term
            for term in spf.ast.mechanisms
            if term.network is not None and term.network.version == version and counts(term, spf)
        ]
        networks = [term.network for term in passed if term.network is not None]
        kept = list(ipaddress.collapse_addresses(networks))  # type: ignore[type-var]
        if len(kept) == 1 and kept[0].prefixlen == 0:
            alone = [term for term in passed if term.network == kept[0]]
            yield alone[:1] or passed


def listed_families(spf: Spf) -> set[int]:
    """The address families of which networks list every address, with whatever result."""
    found: dict[int, list[Network]] = {4: [], 6: []}
    for term in spf.ast.mechanisms:
        if term.network is not None:
            found[term.network.version].append(term.network)
    whole = {v: list(ipaddress.collapse_addresses(each)) for v, each in found.items()}  # type: ignore[type-var]
    return {v for v, each in whole.items() if len(each) == 1 and each[0].prefixlen == 0}


def sums(spf: Spf, limits: Mapping[int, int]) -> Iterator[tuple[Network, list[Mechanism]]]:
    """Networks shorter than a limit that narrower ones of the record add up to, with these.

    limits: by the version of the addresses.
    """
    for version, limit in limits.items():
        passed = sorted(
            (int(term.network.network_address), term.start, term)
            for term in spf.ast.mechanisms
            if term.network is not None
            and term.network.version == version
            and counts(term, spf)
            and not term.is_unrouted
            and term.network.prefixlen >= limit
        )
        starts = [start for start, _, _ in passed]
        networks = [term.network for _, _, term in passed if term.network is not None]
        for whole in ipaddress.collapse_addresses(networks):  # type: ignore[type-var]
            if whole.prefixlen < limit:
                first = bisect_left(starts, int(whole.network_address))
                last = bisect_right(starts, int(whole.broadcast_address))
                held = (term for _, _, term in passed[first:last])
                yield whole, sorted(held, key=lambda term: term.start)
