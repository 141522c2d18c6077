"""What plans of every world come to: the zones that they lead to, and those they start from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from zonelint.rules.config.intent import Intent

from .table import ResourceTable, TableError, table_for
from .zones import KnownZones, ResourceZone

LARGEST_PLAN = 1 << 29
"""Octets of one plan at most."""


class PlanError(Exception):
    """A file that is no plan, or none that can be read. The message says what to do."""


@dataclass(slots=True)
class Plan:
    """The zones that a plan leads to, and those that it starts from; None: nothing is to change.

    problems: what in the plan could not be read, a sentence each; the rest is read all the same.
    made: names of the zones that it makes.
    numbers: those of its stand-ins for zones.
    """

    after: list[ResourceZone]
    before: list[ResourceZone] | None
    problems: list[str] = field(default_factory=list)
    made: frozenset[str] = frozenset()
    numbers: dict[object, int] = field(default_factory=dict)


def declared(intent: Intent | None) -> tuple[ResourceTable, tuple[str, ...]]:
    """The resource types and the domains that a configuration speaks of. Raises PlanError."""
    try:
        if intent is None:
            return table_for(None), ()
        return table_for(intent.resources), tuple(intent.declared_domains())
    except TableError as error:
        raise PlanError(error.refusal) from None


def pair(
    after: list[ResourceZone],
    before: Sequence[ResourceZone],
    destroyed: Collection[str],
    known: KnownZones,
    path: str,
) -> None:
    """Have a zone after the change for each before it: empty, where all of its records go."""
    now = {(zone.origin, zone.provider, zone.handle): zone for zone in after}
    names = {zone.origin for zone in after}
    for old in before:
        key = (old.origin, old.provider, old.handle)
        if old.origin not in names and not old.stand_in:
            # The change takes its last record, or the zone itself: now it is empty.
            now[key] = emptied = ResourceZone(old.origin, path)
            emptied.provider, emptied.handle = old.provider, old.handle
            emptied.complete = old.origin in destroyed or known.is_whole(old.origin, old.handle)
            after.append(emptied)
        if (new := now.get(key)) is not None:
            if not new.complete and not new.is_blind:
                held = {(rrset.owner, rrset.type) for rrset in new.rrsets()}
                new.lose({(r.owner, r.type) for r in old.rrsets()} - held)
            # What was secret is so still, whatever becomes of it.
            new.hidden = {**old.hidden, **new.hidden}
