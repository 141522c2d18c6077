"""Pulumi's own plans and stacks: `pulumi preview --json` and `pulumi stack export`.

A preview holds each resource before and after the update, so what a change does is judged without
the engine; what the engine shows to no policy, a record that goes, is in it as well. Without
`--show-sames` it leaves out what does not change, and only counts it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from zonelint.providers.resources.kinds import ResourceWorld
from zonelint.providers.resources.named_zone import NamedZone, zones_of
from zonelint.providers.resources.plans import Plan, PlanError, pair
from zonelint.providers.resources.reading import Resource
from zonelint.providers.resources.table import ResourceTable, TableError, table_for
from zonelint.providers.resources.unread import (
    holds_mail_record,
    may_matter,
    report_missing,
    report_unread,
)
from zonelint.providers.resources.zones import (
    KnownZones,
    ResourceZone,
    assemble,
    known_zones,
)

from .document import States, is_preview, left_out, of_preview, of_stack
from .properties import properties_of

if TYPE_CHECKING:
    from zonelint.rules.config.intent import Intent


def read(
    document: Mapping[str, Any], path: str, intent: Intent | None = None, taken: int = 0
) -> Plan:
    """The zones of a preview or an exported stack. Raises PlanError.

    taken: numbers of stand-ins for zones that other plans of the run have.
    """
    try:
        table = table_for(intent.resources if intent is not None else None)
    except TableError as error:
        why = "; ".join(error.messages)
        raise PlanError(f"Not read, because zonelint.toml cannot be used: {why}") from None
    domains = tuple(intent.declared_domains()) if intent is not None else ()
    states = of_preview(document) if is_preview(document) else of_stack(document)
    hidden = left_out(document) if is_preview(document) else 0
    deployed = not is_preview(document)
    return _Reader(list(states), table, path, domains, hidden, deployed).read(taken)


class _Reader:
    def __init__(
        self,
        pairs: list[States],
        table: ResourceTable,
        path: str,
        domains: tuple[str, ...],
        left_out: int,
        is_deployed: bool,
    ) -> None:
        self.pairs = pairs
        self.table = table
        self.path = path
        self.domains = domains
        self.left_out = left_out
        self.is_deployed = is_deployed
        self.zones: dict[str, NamedZone] = {}

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
        known = known_zones(made, referred, self.table.zones, self.domains, self.table.whole)
        known.taken = taken
        known.whole = not self.left_out
        after = self._side("after", known)
        before = self._side("before", known)
        pair(after, before, destroyed, known, self.path)
        for missing in (
            report_missing(self._left_out(), self.path),
            report_unread(self._unread(), self.path),
        ):
            after += [] if missing is None else [missing]
        for zone_after in after:
            zone_after.is_deployed = self.is_deployed
        then = None if self.is_deployed else before
        return Plan(after, then, made=frozenset(known.made), numbers=known.numbers)

    def _left_out(self) -> Iterator[str]:
        """What the preview only counts."""
        if self.left_out:
            yield (
                f"the {self.left_out} resources that do not change "
                "(`pulumi preview --json --show-sames` shows them)"
            )

    def _side(self, side: str, known: KnownZones) -> list[ResourceZone]:
        return assemble(self._resources(side), known, self.path)

    def _resources(self, side: str) -> Iterator[Resource]:
        for each in self.pairs:
            kind = self.table.record(each.type)
            state = each.after if side == "after" else each.before
            if kind is None or state is None:
                continue
            zone = None
            for property in (kind.zone_ref, kind.zone_name):
                zone = zone or self._zone_of(state, property)
            yield Resource(each.urn, kind, ResourceWorld.PULUMI, properties_of(state), zone)

    def _zone_of(self, state: Mapping[str, Any], property: str | None) -> NamedZone | None:
        """The zone that a property was computed from."""
        depends = state.get("propertyDependencies")
        urns = depends.get(property) if isinstance(depends, dict) else None
        found = [self.zones[urn] for urn in urns or () if urn in self.zones]
        return found[0] if len(found) == 1 else None

    def _unread(self) -> Iterator[tuple[str, str]]:
        for each in self.pairs:
            known = self.table.record(each.type) or self.table.zone(each.type)
            if known is not None or each.after is None or not may_matter(each.type):
                continue
            if holds_mail_record(each.after.get("inputs")):
                yield each.type, each.urn
