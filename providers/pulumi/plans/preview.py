"""Pulumi's own plans and stacks: `pulumi preview --json` and `pulumi stack export`.

A preview holds each resource before and after the update, so what a change does is judged without
the engine; what the engine shows to no policy, a record that goes, is in it as well. Without
`--show-sames` it leaves out what does not change, and only counts it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from zonelint.providers.documents import table_in
from zonelint.providers.resources.kinds import ResourceWorld
from zonelint.providers.resources.named_zone import NamedZone, zones_of
from zonelint.providers.resources.plans import Plan, declared, pair
from zonelint.providers.resources.reading import Resource
from zonelint.providers.resources.table import ResourceTable
from zonelint.providers.resources.unread import (
    holds_mail_record,
    may_matter,
    report_missing,
    report_unread,
)
from zonelint.providers.resources.zones import assemble, known_zones
from zonelint.rules.config.intent import Intent

from .document import States, is_preview, left_out, of_preview, of_stack
from .properties import properties_of


def read(
    document: Mapping[str, Any], path: str, intent: Intent | None = None, taken: int = 0
) -> Plan:
    """The zones of a preview or an exported stack. Raises PlanError.

    taken: numbers of stand-ins for zones that other plans of the run have.
    """
    table, domains = declared(intent)
    if is_preview(document):
        states, hidden = of_preview(document), left_out(document)
        return _Reader(states, table, path, domains, hidden, is_deployed=False).read(taken)
    return _Reader(of_stack(document), table, path, domains, 0, is_deployed=True).read(taken)


@dataclass(slots=True)
class _Reader:
    pairs: Collection[States]
    table: ResourceTable
    path: str
    domains: tuple[str, ...]
    left_out: int
    is_deployed: bool
    zones: dict[str, NamedZone] = field(default_factory=dict)

    def read(self, taken: int) -> Plan:
        """The zones on both sides of the change."""
        made: list[NamedZone] = []
        referred: list[NamedZone] = []
        destroyed: set[str] = set()
        for each in self.pairs:
            kind = self.table.zone(each.type)
            state = each.after or each.before
            if kind is None or state is None:
                continue
            values = properties_of(state)
            for property in kind.ids:
                values.setdefault(property, state.get("id") or each.urn)
            for zone in zones_of(kind, ResourceWorld.PULUMI, values):
                self.zones[each.urn] = zone
                is_read = bool(state.get("external"))
                (made if each.after is not None and not is_read else referred).append(zone)
                if each.after is None:
                    destroyed.add(zone.name)
        known = known_zones(
            made, referred, self.table, self.domains, is_whole=not self.left_out, taken=taken
        )
        after = assemble(self._resources("after"), known, self.path)
        before = assemble(self._resources("before"), known, self.path)
        pair(after, before, destroyed, known, self.path)
        if self.left_out:
            after += report_missing(
                [
                    f"the {self.left_out} resources that do not change "
                    "(`pulumi preview --json --show-sames` shows them)"
                ],
                self.path,
            )
        after += report_unread(self._unread(), self.path)
        for zone_after in after:
            zone_after.is_deployed = self.is_deployed
        then = None if self.is_deployed else before
        return Plan(after, then, made=frozenset(known.made), numbers=known.numbers)

    def _resources(self, side: str) -> Iterator[Resource]:
        for each in self.pairs:
            kind = self.table.record(each.type)
            state = each.after if side == "after" else each.before
            if kind is None or state is None:
                continue
            zone = self._zone_of(state, kind.zone_ref) or self._zone_of(state, kind.zone_name)
            yield Resource(each.urn, kind, ResourceWorld.PULUMI, properties_of(state), zone)

    def _zone_of(self, state: Mapping[str, Any], property: str | None) -> NamedZone | None:
        """The zone that a property was computed from."""
        urns = table_in(state.get("propertyDependencies")).get(str(property))
        found = [self.zones[urn] for urn in urns or () if urn in self.zones]
        return found[0] if len(found) == 1 else None

    def _unread(self) -> Iterator[tuple[str, str]]:
        for each in self.pairs:
            if self.table.knows(each.type) or each.after is None or not may_matter(each.type):
                continue
            if holds_mail_record(each.after.get("inputs")):
                yield each.type, each.urn
