"""The changes that are shown with findings, judged in bulk before anybody sees them.

All of them are made in the zones as they were read, nothing being written; those that cannot be
made beside each other are judged one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from zonelint.grammars.listing import ended
from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.zone import Zone
from zonelint.rules.core.change import Change, Edit
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.core.result import Result
from zonelint.rules.model.facts import TooManyZones
from zonelint.rules.model.repository import Repository, RunZone, UnreadZones
from zonelint.rules.model.wording import SuppliedZone
from zonelint.rules.offers.amended import (
    Replacement,
    amended,
    held,
    is_judgeable,
    is_rewrite,
    replacement,
)
from zonelint.rules.offers.harm import Refused, brought, fault_of_zone, without_harm
from zonelint.rules.offers.links import Askers, Links, changed_names, links_of

MOST_OF_A_RECORD = 4
"""Changes of one stretch of a record that are judged. The others wait until one is made."""

UNWRITTEN = "no file holds the record as it is published"

Key = tuple[ZoneId, tuple[Edit, ...]]
"""A change: what several findings ask for is judged once."""


class JudgedZones(Protocol):
    """The zones of a run that has been judged."""

    def places(self, zones: Collection[ZoneId]) -> Sequence[RunZone]:
        """Some of them, with their identities and what holds for them."""

    def changed(self, places: Sequence[RunZone]) -> Repository:
        """Some of them as a change leaves them, among all others, over what is changed."""

    @property
    def links(self) -> Links:
        """Which of them ask others for what."""

    @property
    def around(self) -> UnreadZones:
        """All of them, and those that are only known, to be asked."""


@dataclass(frozen=True)
class ZonesInHand:
    """The zones of a repository."""

    repository: Repository

    @cached_property
    def links(self) -> Links:
        return links_of(self.repository.zones)

    def places(self, zones: Collection[ZoneId]) -> Sequence[RunZone]:
        return [
            replace(seat.place, identity=seat.identity)
            for seat in self.repository.judged
            if seat.identity in zones
        ]

    @property
    def around(self) -> UnreadZones:
        return self.repository.beside(())

    def changed(self, places: Sequence[RunZone]) -> Repository:
        return self.repository.changed(places)


_Touched = tuple[ZoneId, Hashable, Replacement | None]
"""A record that a change takes away, brings, or rewrites in a stretch."""


@dataclass(slots=True)
class _Layer:
    """Findings whose changes can be made together."""

    findings: list[Finding] = field(default_factory=list)
    _taken: dict[tuple[ZoneId, Hashable], list[Replacement | None]] = field(default_factory=dict)

    def has_room(self, touched: Iterable[_Touched]) -> bool:
        return not any(
            _clash(here, other)
            for zone, what, here in touched
            for other in self._taken.get((zone, what), ())
        )

    def take(self, touched: Iterable[_Touched]) -> None:
        for zone, what, here in touched:
            self._taken.setdefault((zone, what), []).append(here)


def _clash(one: Replacement | None, other: Replacement | None) -> bool:
    """Whether two changes of one record cannot both be made."""
    if one is None or other is None:
        return True
    overlap = one.start < other.stop and other.start < one.stop
    return overlap or one.start == other.start


@dataclass(frozen=True, slots=True)
class _Trial:
    """Zones with changes made."""

    applied: Sequence[Finding]
    before: Sequence[RunZone]
    after: Sequence[RunZone]


@dataclass(slots=True)
class Offers:
    """Judges the changes that findings offer.

    before: what was said of the zones. judged: asks all rules that changes are held to about a
    repository.
    """

    zones: JudgedZones
    before: Result
    judged: Callable[[Repository], Result]
    _places: dict[ZoneId, RunZone] = field(default_factory=dict)
    _asked: set[ZoneId] = field(default_factory=set)
    _said: Result = field(default_factory=Result)
    _askers: Askers = field(init=False)

    def without_harm(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings, those whose change would do harm without it."""
        findings = list(findings)
        left_out = self._left_out(findings)
        return [
            each
            if (refused := left_out.get(_key(each))) is None
            else withheld(each, refused.reason)
            for each in findings
        ]

    def _left_out(self, findings: Iterable[Finding]) -> Mapping[Key, Refused]:
        offered = [each for each in findings if edits_records(each)]
        if not offered:
            return {}
        places = self.zones.places({each.zone for each in offered})
        self._places = {each.identity: each for each in places if each.identity is not None}
        found: dict[Key, Refused] = {}
        for layer in self._layers(offered, found):
            found |= self._harmful(layer)
        return found

    def _layers(
        self, offered: Iterable[Finding], refused: dict[Key, Refused]
    ) -> list[list[Finding]]:
        """The findings by their changes, no two of which in a layer touch the same record."""
        layers: list[_Layer] = []
        known: dict[Key, int] = {}
        self._askers = Askers(self.zones.links, self.zones.around)
        for each in offered:
            place, change = self._places.get(each.zone), each.change
            assert change is not None, "only findings with a change are offered"
            if place is None or not is_judgeable(place.zone, change):
                continue
            if why := _unwritable(place.zone, change):
                refused[_key(each)] = Refused(each, why)
                continue
            try:
                self._askers.meet(changed_names([each]))
            except TooManyZones as error:
                refused[_key(each)] = Refused(each, f"this run does not judge {error.missing}")
                continue
            number = known.get(_key(each))
            if number is None:
                touched = [(each.zone, *what) for what in _touched(place.zone, change.edits)]
                fitting = (n for n, layer in enumerate(layers) if layer.has_room(touched))
                number = known[_key(each)] = next(fitting, len(layers))
                if number == len(layers) < MOST_OF_A_RECORD:
                    layers.append(_Layer())
                if number < len(layers):
                    layers[number].take(touched)
            if number < len(layers):
                layers[number].findings.append(each)
            else:
                refused[_key(each)] = Refused(each, "other changes of the same record come first")
        return [layer.findings for layer in layers]

    def _harmful(
        self, layer: Sequence[Finding], watched: Collection[ZoneId] = ()
    ) -> Mapping[Key, Refused]:
        """The changes of a layer that do harm, in their zones or in others that are watched."""
        harm = self._harm_of(self._trial(layer, watched))
        if not harm:
            return {}
        # Nearly all harm is done in a zone by its own changes, and other zones need no second look.
        hit = {each.zone for each in harm}
        near = [each for each in layer if each.zone in hit]
        own = {fault_of_zone(each) for each in self._harm_of(self._trial(near))}
        layer = near if all(fault_of_zone(each) in own for each in harm) else layer

        def make(left_out: Collection[Key]) -> _Trial:
            return self._trial([each for each in layer if _key(each) not in left_out], hit)

        refused = without_harm(make, self._harm_of, _key)[1]
        # What does harm only beside others is offered: whoever makes one is shown the rest anew.
        apart = [each for each in layer if _key(each) in refused]
        return refused if len(apart) == len(layer) else self._harmful(apart, hit)

    def _trial(self, findings: Sequence[Finding], watched: Collection[ZoneId] = ()) -> _Trial:
        """The zones with changes, and those beside them that ask for these or are watched."""
        changes: dict[ZoneId, dict[Key, Change]] = {}
        for each in findings:
            if each.change is not None:
                changes.setdefault(each.zone, {})[_key(each)] = each.change
        made = {
            zone: replace(self._places[zone], zone=amended(self._places[zone].zone, each.values()))
            for zone, each in changes.items()
        }
        others = {*self._askers.ask_for(changed_names(findings)), *watched} - made.keys()
        unread = [place for zone, place in self._askers.unread.items() if zone in others]
        beside = [*self.zones.places(others), *unread]
        before = [*(self._places[zone] for zone in made), *beside]
        return _Trial(findings, before, [*made.values(), *beside])

    def _harm_of(self, trial: _Trial) -> list[Finding]:
        if not trial.applied:
            return []
        result = self.judged(self.zones.changed(trial.after))
        before = self._held_to(trial.before)
        return brought(before, result, trial.applied, [place.zone for place in trial.before])

    def _held_to(self, places: Sequence[RunZone]) -> Result:
        """What all rules that changes are held to say of zones as they are."""
        zones = {each.identity for each in places if each.identity is not None}
        narrow = {held for held in {each.settings for each in places} if held.is_narrowed}
        unread = self._askers.unread
        narrowed = [p for p in places if p.settings in narrow or p.identity in unread]
        asked = {each.identity for each in narrowed if each.identity is not None}
        if new := [each for each in narrowed if each.identity not in self._asked]:
            self._said.add(self.judged(self.zones.changed(new)))
            self._asked |= asked
        known = ((self.before, zones - asked), (self._said, asked))
        return Result(
            [each for said, of in known for each in said.findings if each.zone in of],
            silenced=[each for said, of in known for each in said.silenced if each.zone in of],
        )


def withheld(finding: Finding, reason: str) -> Finding:
    """The finding without its change, and why none is offered."""
    found = finding.found
    sentence = ended(f"No change is offered, because {reason}")
    advice = f"{found.advice} {sentence}" if found.advice else sentence
    return finding._replace(found=found._replace(change=None, advice=advice))


def _key(finding: Finding) -> Key:
    return (finding.zone, () if finding.change is None else finding.change.edits)


def edits_records(finding: Finding) -> bool:
    """Whether its change is one of records, and not of comments alone."""
    change = finding.change
    return change is not None and any(edit.comment is None for edit in change.edits)


def _unwritable(zone: Zone, change: Change) -> str:
    """Why it cannot be written: its zone is another's, its records are only there when the zone
    is published, or their lines make others too; empty where it can."""
    if isinstance(zone, MasterZone):
        return next((why for edit in change.edits if (why := zone.twice(held(zone, edit)))), "")
    if not isinstance(zone, SuppliedZone):
        return ""
    is_supplied = any(held(zone, edit) in zone.supplied for edit in change.edits)
    return zone.unwritable or (UNWRITTEN if is_supplied else "")


def _touched(zone: Zone, edits: Iterable[Edit]) -> Iterator[tuple[Hashable, Replacement | None]]:
    for edit in edits:
        if edit.comment is not None:
            continue
        old = held(zone, edit)
        if old is None or edit.is_move:
            yield (edit.owner, edit.type), None
        if old is None:
            continue
        if edit.after is not None and is_rewrite(edit):
            yield id(old), replacement(old, edit.after)
        else:
            yield id(old), None
