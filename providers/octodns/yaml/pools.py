"""The pools and rules of a dynamic record as answers of which each asker gets one.

The first rule that holds for who asks names a pool, of which one value is the answer, by weight;
where all of them are down it is the pool's fallback, and at last the record's own values
(octoDNS, docs/dynamic_records.rst). In the older `geo` each place has values of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from zonelint.grammars.zone import Place, Record, Variant

_PLACE = "place"


class PoolValue(NamedTuple):
    """What is answered at once, and how often. status: whether it is taken for up or for down."""

    rdatas: tuple[str, ...]
    weight: int = 1
    status: str = "obey"


class Pool(NamedTuple):
    """Values of which one is the answer."""

    values: Sequence[PoolValue]
    fallback: str | None = None


class PoolRule(NamedTuple):
    """Who is answered from a pool: those in these places and networks, all where it names none."""

    pool: str
    geos: Sequence[str] = ()
    subnets: Sequence[str] = ()

    @property
    def places(self) -> list[Place]:
        found: list[Place] = [("", each) for each in self.subnets]
        return [*found, *(tuple(each.split("-")) for each in self.geos)] or [()]


def variants_of(
    own: Sequence[Record],
    others: Sequence[Record],
    rules: Sequence[PoolRule],
    pools: Mapping[str, Pool],
) -> list[Variant]:
    """The answers of a record with values of its own, and others beside them."""
    records = {each.rdata: each for each in (*others, *own)}
    found: list[Variant] = []
    taken: set[Place] = set()
    for rule in (*rules, PoolRule("")):
        for place in rule.places:
            if place not in taken:
                taken.add(place)
                found += _answers(place, list(_chain(rule.pool, pools)), own, records)
    return found


def _chain(name: str | None, pools: Mapping[str, Pool]) -> Iterator[list[PoolValue]]:
    """What is answered, and what where that is down. It ends with None where nothing is down."""
    seen: set[str] = set()
    while name is not None and name in pools and name not in seen:
        seen.add(name)
        values = [each for each in pools[name].values if each.status != "down"]
        if values:
            yield values
        if any(each.status == "up" for each in values):
            return
        name = pools[name].fallback
    yield []


def _answers(
    place: Place,
    chain: Sequence[Sequence[PoolValue]],
    own: Sequence[Record],
    records: Mapping[str, Record],
) -> Iterator[Variant]:
    for level, values in enumerate(chain):
        if not values:
            name = ", ".join(each.rdata for each in own)
            yield Variant(name, list(own), _PLACE, place, level)
        for each in values:
            held = [records[rdata] for rdata in each.rdatas if rdata in records]
            if held:
                name = ", ".join(each.rdatas)
                yield Variant(name, held, _PLACE, place, level, each.weight)
