"""The pools and rules of a dynamic record as answers of which each asker gets one.

The first rule that holds for who asks names a pool, of which one value is the answer, by weight;
where all of them are down it is the pool's fallback, and at last the record's own values
(octoDNS, docs/dynamic_records.rst). In the older `geo` each place has values of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from zonelint.grammars.zone import MOST_ANSWERS, Place, Record, Variant

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
    found = list(islice(_all_answers(own, records, rules, pools), MOST_ANSWERS + 1))
    if len(found) > MOST_ANSWERS:
        # Who gets what is not told apart any more, but that it is another set.
        whole = repr((rules, pools, [each.rdata for each in own]))
        found[-1] = Variant(sha256(whole.encode()).hexdigest(), None, _PLACE)
    return found


def _all_answers(
    own: Sequence[Record],
    records: Mapping[str, Record],
    rules: Sequence[PoolRule],
    pools: Mapping[str, Pool],
) -> Iterator[Variant]:
    taken: set[Place] = set()
    for rule in (*rules, PoolRule("")):
        for place in rule.places:
            if place not in taken:
                taken.add(place)
                yield from _answers(place, _chain(rule.pool, pools), own, records)


def _chain(name: str | None, pools: Mapping[str, Pool]) -> Iterator[list[PoolValue]]:
    """What is answered, and what where that is down; nothing stands for the record's own values."""
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
    chain: Iterable[Sequence[PoolValue]],
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
