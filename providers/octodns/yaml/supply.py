"""What zonelint's own source, or its processor in mode apply, adds to a zone when octoDNS syncs.

Inside octoDNS, and where the YAML is read without it, the same is added in the same way.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeVar

from zonelint.grammars.zone import Record, Span, Zone
from zonelint.providers.octodns.yaml.record import PlacedRecord
from zonelint.rules.config.intent import Intent
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.finding import Finding
from zonelint.rules.model.repository import Repository, RunZone
from zonelint.rules.model.settings import Settings
from zonelint.rules.model.wording import SuppliedZone, Supply
from zonelint.rules.offers.amended import amended, is_judgeable
from zonelint.rules.offers.harm import Fault, Refused, brought, fault, without_harm

MOST_ROUNDS = 10

Key = tuple[str, str]
S = TypeVar("S", bound=SuppliedZone)


@dataclass(frozen=True, slots=True)
class Supplied:
    """A zone with what is added, and the findings that it is added for.

    refused: what is not added, because it would bring a new fault.
    """

    zone: Zone
    applied: Sequence[Finding]
    refused: Mapping[Fault, Refused]

    @property
    def codes(self) -> dict[Key, tuple[str, ...]]:
        """The codes for which the records of an owner and type are changed."""
        found: dict[Key, dict[str, None]] = {}
        for finding in self.applied:
            for key in _touched(finding):
                found.setdefault(key, {})[finding.code] = None
        return {key: tuple(codes) for key, codes in found.items()}


@dataclass(frozen=True, slots=True)
class _Made:
    zone: Zone
    applied: Sequence[Finding]


def supplied(
    zone: Zone,
    supply: Supply,
    intent: Intent | None,
    judged: Callable[[Zone], Result],
    held_to: Callable[[Zone, Zone], Result],
) -> Supplied:
    """Add to a zone what its declared domains lack, in rounds, until nothing is left.

    judged: what the rules say of the zone. held_to: what those say that a change is held to.
    """
    first = judged(zone)

    def wanted(at: Zone, left_out: Collection[Fault]) -> list[Finding]:
        result = first if at is zone else judged(at)
        return _without_conflicts(
            each
            for each in result.findings
            if supply.supplies(each, intent) and fault(each) not in left_out and _is_plain(at, each)
        )

    def make(left_out: Collection[Fault]) -> _Made:
        made, applied = zone, list[Finding]()
        for _ in range(MOST_ROUNDS):
            picked = wanted(made, left_out)
            if not picked:
                break
            applied += picked
            made = amended(made, [each.change for each in picked if each.change is not None])
        return _Made(made, applied)

    stands = cache(lambda: held_to(zone, zone))

    def harm_of(made: _Made) -> list[Finding]:
        return brought(stands(), held_to(zone, made.zone), made.applied, [zone])

    if not wanted(zone, ()):
        return Supplied(zone, (), {})
    made, refused = without_harm(make, harm_of, fault)
    return Supplied(made.zone, made.applied, refused)


def fill_in(zone: S, suppliers: Iterable[tuple[Supply, Settings]], place: str) -> S:
    """The zone with what its suppliers add, each by what holds for it.

    Nothing is asked of other zones, so that it is the same whatever else is read; what the
    suppliers may add beside that is undecided. place: the file that names them.
    """
    made: Zone = copy.copy(zone)
    assert isinstance(made, SuppliedZone), "a copy is of the same class"
    made.suppliers = ()
    refused: set[Fault] = set()
    for supply, settings in suppliers:
        judge = _alone(settings)
        found = supplied(made, supply, settings.intent, judge.zone, judge.change)
        made = found.zone
        refused |= found.refused.keys()
    filled = _placed(zone, made, Span(place, 1, 1, 1, 1))
    filled.refused = frozenset(refused)
    return filled


@dataclass(frozen=True, slots=True)
class _Alone:
    """Asks the rules about a zone, and nothing of any other."""

    rules: Engine
    gate: Engine
    settings: Settings

    def zone(self, zone: Zone) -> Result:
        return self.rules.run(Repository([RunZone(zone, self.settings)]))

    def change(self, before: Zone, after: Zone) -> Result:
        there, here = ([RunZone(each, self.settings)] for each in (before, after))
        return self.gate.run(Repository(here, before=Repository(there)))


@lru_cache(maxsize=8)
def _alone(settings: Settings) -> _Alone:
    """The same for all zones of a configuration: arranging the rules takes longer than a zone."""
    from zonelint.rules.core import registry

    rules = registry.rules()
    return _Alone(Engine(rules), Engine(rules, is_gate=True), settings)


def _placed(before: S, after: Zone, place: Span) -> S:
    """The zone before with the records after: each has the place of the one that it rewrites."""
    swapped: dict[Record, Record | None] = {}
    added: list[Record] = []
    for key in differing(before, after):
        old, new = before.get(*key) or (), after.get(*key) or ()
        lost = [each for each in old if each not in new]
        come = [each for each in new if each not in old]
        at = lost[0].rdata_span if len(lost) == len(come) == 1 else place
        swapped |= dict.fromkeys(lost)
        added += [PlacedRecord(each.owner, each.type, each.ttl, each.rdata, at) for each in come]
    filled = before.changed(swapped, added)
    filled.supplied = frozenset(added)
    return filled


def differing(before: Zone, after: Zone) -> list[Key]:
    """The owners and types at which two states of a zone have other records; emptied ones first."""

    def held(zone: Zone) -> dict[Key, list[tuple[int | None, str]]]:
        return {(s.owner, s.type): [(each.ttl, each.rdata) for each in s] for s in zone.rrsets()}

    old, new = held(before), held(after)
    keys = (key for key in {**old, **new} if old.get(key) != new.get(key))
    return sorted(keys, key=lambda key: key in new)


def _touched(finding: Finding) -> set[Key]:
    """The owners and types whose records a change touches."""
    assert finding.change is not None, "only findings with a change are chosen"
    keys = {(edit.owner, edit.type) for edit in finding.change.edits}
    return keys | {(e.before.owner, e.before.type) for e in finding.change.edits if e.before}


def _is_plain(zone: Zone, finding: Finding) -> bool:
    """Whether a change is one of records that have no values beside those of everybody."""
    change = finding.change
    return (
        change is not None
        and is_judgeable(zone, change)
        and not any(
            each.is_alternative for key in _touched(finding) for each in zone.get(*key) or ()
        )
    )


def _without_conflicts(findings: Iterable[Finding]) -> list[Finding]:
    """Of the changes of one owner and type only the first: the others find their place later."""
    taken: set[Key] = set()
    picked = []
    for finding in findings:
        keys = _touched(finding)
        if taken.isdisjoint(keys):
            taken |= keys
            picked.append(finding)
    return picked
