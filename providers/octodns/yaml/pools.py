"""The pools and rules of a dynamic record as answers of which each asker gets one.

The first rule that holds for who asks names a pool, of which one value is the answer, by weight;
where all of them are down it is the pool's fallback, and at last the record's own values
(octoDNS, docs/dynamic_records.rst). In the older `geo` each place has values of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import islice
from typing import NamedTuple

from zonelint.grammars.zone import MOST_ANSWERS, Place, Record, Variant

_PLACE = "place"
_CONTINENTS = frozenset(("AF", "AN", "AS", "EU", "NA", "OC", "SA"))
_STATES = frozenset(("down", "obey", "up"))
_HEAVIEST = 100


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


def refusals(pools: Mapping[str, Pool], rules: Sequence[PoolRule]) -> Iterator[str]:
    """What octoDNS refuses of a dynamic part (octodns/record/dynamic.py)."""
    used = {rule.pool for rule in rules} | {pool.fallback for pool in pools.values()}
    for name, pool in pools.items():
        told, weights = f"the pool `{name}`", [value.weight for value in pool.values]
        if not all(1 <= weight <= _HEAVIEST for weight in weights):
            yield f"{told} has a weight that is not between 1 and {_HEAVIEST}"
        elif len(weights) == 1 != weights[0]:
            yield f"{told} has one value, with another weight than 1"
        if not _STATES.issuperset(value.status for value in pool.values):
            yield f"{told} has a status other than {', '.join(sorted(_STATES))}"
        if pool.fallback is not None and pool.fallback not in pools:
            yield f"{told} falls back to `{pool.fallback}`, which is not there"
        elif _falls_back_to_itself(name, pools):
            yield f"{told} falls back to itself"
        if name not in used:
            yield f"nothing leads to the pool `{name}`"
    yield from _refused_rules(pools, rules)


def _refused_rules(pools: Mapping[str, Pool], rules: Sequence[PoolRule]) -> Iterator[str]:
    geos: list[str] = []
    networks: list[IPv4Network | IPv6Network] = []
    seen: set[str] = set()
    if not rules:
        yield "there are no rules"
    for number, rule in enumerate(rules, 1):
        told, is_last = f"rule {number}", number == len(rules)
        if rule.pool not in pools:
            yield f"{told} has the pool `{rule.pool}`, which is not there"
        elif rule.pool in seen and (rule.geos or rule.subnets):
            yield f"{told} has the pool `{rule.pool}`, as one before it has"
        if bool(rule.geos or rule.subnets) is is_last:
            what = "for some only, and the last" if is_last else "for everybody, and not the last"
            yield f"{told} is {what}"
        before = rules[number - 2] if number > 1 else PoolRule("")
        if rule.subnets and before.geos and not (rule.geos and before.subnets):
            yield f"{told} has subnets, and comes after one with geos"
        for geo in sorted(rule.geos):
            if geo.split("-")[0] not in _CONTINENTS:
                yield f"{told} has the geo `{geo}`, which begins with no continent's code"
            elif any(map(geo.startswith, geos)):
                yield f"{told} has the geo `{geo}`, which one before it has"
            geos.append(geo)
        for subnet in rule.subnets:
            try:
                network = ip_network(subnet)
            except ValueError:
                yield f"{told} has the subnet `{subnet}`, which is not a network"
                continue
            if any(_is_within(network, other) for other in networks):
                yield f"{told} has the subnet `{subnet}`, which one before it has"
            networks.append(network)
        seen.add(rule.pool)


def _is_within(network: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    if isinstance(network, IPv4Network):
        return isinstance(other, IPv4Network) and network.subnet_of(other)
    return isinstance(other, IPv6Network) and network.subnet_of(other)


def _falls_back_to_itself(name: str, pools: Mapping[str, Pool]) -> bool:
    seen: set[str | None] = set()
    while name in pools and name not in seen:
        seen.add(name)
        name = pools[name].fallback or ""
    return name in seen


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
                yield Variant(name, held, _PLACE, place, level, max(1, each.weight))
