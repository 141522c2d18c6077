"""Which zone a record refers to, as the configuration in a plan tells it.

A zone that the plan makes has no id yet, so the record's own `zone_id` is unknown. Its expression
names the zone all the same: `aws_route53_zone.main.zone_id`, or a variable that the module is
called with, or another module's output.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from zonelint.providers.documents import table_in, tables_in
from zonelint.providers.resources.named_zone import NamedZone, zone_name
from zonelint.providers.resources.table import ResourceTable

_INDEX = re.compile(r'\[(?:"(?P<key>(?:[^"\\]|\\.)*)"|(?P<number>\d+))\]')
_MOST_REFERENCES = 1000
"""References followed for one record at most."""


class References:
    """The configuration of a plan, asked for the zones of records."""

    def __init__(self, plan: Mapping[str, Any], table: ResourceTable) -> None:
        self.table = table
        self._modules: dict[tuple[str, ...], Mapping[str, Any]] = {}
        self._resources: dict[tuple[tuple[str, ...], str], Mapping[str, Any]] = {}
        self._zones: dict[tuple[tuple[str, ...], str], list[_ZoneAt]] = {}
        self._index(table_in(table_in(plan.get("configuration")).get("root_module")))

    def add(
        self, module: str, mode: str, type: str, name: str, index: object, zone: NamedZone
    ) -> None:
        """A zone of the plan, and where it stands."""
        address = f"data.{type}.{name}" if mode == "data" else f"{type}.{name}"
        place = _ZoneAt(module, index, zone)
        self._zones.setdefault((steps(module), address), []).append(place)

    def zone_of(
        self, module: str, type: str, name: str, index: object, property: str
    ) -> NamedZone | None:
        """The zone that a property of a record refers to; None where that cannot be told."""
        path = steps(module)
        resource = self._resources.get((path, f"{type}.{name}"))
        if resource is None:
            return None
        search = _Search(self, module, index, resource)
        search.follow(path, table_in(resource.get("expressions")).get(property))
        if len({zone.name for zone in search.found}) != 1:
            return None
        return min(search.found, key=lambda zone: zone.private)

    def call(self, path: tuple[str, ...]) -> Mapping[str, Any]:
        """The block that calls a module."""
        calls = table_in(table_in(self._modules.get(path[:-1])).get("module_calls"))
        return table_in(calls.get(path[-1]))

    def output(self, path: tuple[str, ...], name: str) -> Mapping[str, Any]:
        """An output of a module."""
        return table_in(table_in(table_in(self._modules.get(path)).get("outputs")).get(name))

    def zones_at(self, path: tuple[str, ...], address: str) -> list[_ZoneAt]:
        """The instances of a zone resource."""
        return self._zones.get((path, address), [])

    def _index(self, root: Mapping[str, Any]) -> None:
        waiting: list[tuple[tuple[str, ...], Mapping[str, Any]]] = [((), root)]
        while waiting:
            path, module = waiting.pop()
            self._modules[path] = module
            for resource in tables_in(module.get("resources")):
                self._resources[path, str(resource.get("address"))] = resource
            for name, call in table_in(module.get("module_calls")).items():
                waiting.append(((*path, name), table_in(table_in(call).get("module"))))


@dataclass(frozen=True, slots=True)
class _ZoneAt:
    """One instance of a zone resource."""

    module: str
    index: object
    zone: NamedZone


@dataclass(slots=True)
class _Search:
    """The way from one record's expression to zones; each reference is followed once."""

    known: References
    module: str
    index: object
    resource: Mapping[str, Any]
    found: set[NamedZone] = field(default_factory=set)
    _seen: set[tuple[tuple[str, ...], str]] = field(default_factory=set)

    def follow(self, path: tuple[str, ...], expression: object) -> None:
        """Find the zones that an expression of a module leads to."""
        waiting = [(path, expression)]
        while waiting and len(self._seen) < _MOST_REFERENCES:
            path, expression = waiting.pop()
            if not isinstance(expression, dict):
                continue
            constant = expression.get("constant_value")
            if isinstance(constant, str) and "." in constant:
                name = zone_name(constant)
                if name is not None:
                    self.found.add(NamedZone(name))
            for reference in _whole(expression.get("references")):
                if (path, reference) not in self._seen:
                    self._seen.add((path, reference))
                    waiting += self._next(path, reference)

    def _next(
        self, path: tuple[str, ...], reference: str
    ) -> Iterator[tuple[tuple[str, ...], object]]:
        zones = self.known.table.zone
        match _INDEX.sub("", reference).split("."):
            case ["var", name, *_] if path:
                expressions = table_in(self.known.call(path).get("expressions"))
                yield path[:-1], expressions.get(name)
            case ["module", name, output, *_]:
                yield (*path, name), self.known.output((*path, name), output).get("expression")
            case ["each", *_] if path == steps(self.module):
                yield path, self.resource.get("for_each_expression")
            case ["data", type, name, *_] if zones(type) is not None:
                self._pick(path, f"data.{type}.{name}", reference)
            case [type, name, *_] if zones(type) is not None:
                self._pick(path, f"{type}.{name}", reference)

    def _pick(self, path: tuple[str, ...], address: str, reference: str) -> None:
        """The instances that are meant: those of the record's own module instance; of these the
        one that is named, else the one with the record's index, else all."""
        instances = self.known.zones_at(path, address)
        near = [each for each in instances if _holds(each.module, self.module)]
        instances = near or instances
        named = _INDEX.search(reference)
        index = self.index
        if named is not None:
            index = named["key"] if named["key"] is not None else int(named["number"])
        same = [each for each in instances if each.index == index]
        self.found.update(each.zone for each in same or instances)


def _whole(references: object) -> list[str]:
    """The references of an expression without those that are the beginning of another.

    A plan lists `zone.main[1].id` together with `zone.main[1]` and `zone.main`.
    """
    found = references if isinstance(references, list) else []
    texts = sorted({each for each in found if isinstance(each, str)})
    return [
        text
        for number, text in enumerate(texts)
        if not _goes_on(text, map(texts.__getitem__, range(number + 1, len(texts))))
    ]


def _goes_on(text: str, others: Iterable[str]) -> bool:
    """Whether one of the others, which are in order, leads on from the text."""
    following = takewhile(lambda other: other.startswith(text), others)
    return any(other[len(text)] in ".[" for other in following)


def _holds(outer: str, inner: str) -> bool:
    """Whether a module instance is another or holds it; the root module, "", holds all."""
    return not outer or inner == outer or inner.startswith(f"{outer}.")


def steps(module: str) -> tuple[str, ...]:
    """The names of the modules in a module's address, without the instances' indices."""
    plain = _INDEX.sub("", module)
    return tuple(part for part in plain.split(".") if part and part != "module")
