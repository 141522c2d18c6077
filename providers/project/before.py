"""The state before a change: what plans start from, and the other side of `--against`.

A zone's state before is that of its place of publication: a plan keeps its own, whatever else is
compared. What loosens is taken from the configuration that held for the zone before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from zonelint.grammars.listing import grouped
from zonelint.grammars.zone import Zone, labels
from zonelint.providers.project.configuration import Configuration
from zonelint.providers.project.index import Index
from zonelint.providers.project.project import Project, identity_of
from zonelint.providers.project.reading import document_of, is_planned
from zonelint.rules.core.result import Result
from zonelint.rules.model.loosening import GatePart
from zonelint.rules.model.repository import Repository, RunZone, Seat
from zonelint.rules.model.settings import Settings

if TYPE_CHECKING:
    from zonelint.rules.mail.meaning import Meaning


@dataclass(frozen=True, slots=True)
class Before:
    """project: that of the change. own: the zones that it tells the state before of by itself.

    other: the project before the change, and `zones_there` its zones; None without one.
    pairs: the configurations of the change with those that held for the same zones before, and
      which zones these are.
    judged: what the rules say of the zones before, once they were asked.
    meanings: what a change means, once that was worked out.
    """

    project: Project
    own: Sequence[Zone] = ()
    other: Project | None = None
    zones_there: Sequence[Zone] = ()
    known: Index | None = None
    pairs: dict[Configuration, dict[Configuration, set[str]]] = field(default_factory=dict)
    judged: list[Result] = field(default_factory=list)
    meanings: dict[Repository, Sequence[Meaning]] = field(default_factory=dict)

    def under(self, places: Sequence[RunZone], known: Index | None) -> Repository:
        """The zones of the change over those before it, each by what holds for the two.

        Those of their names that the run does not read are paired as well: one of these may have
        moved, or be what one of the run was.
        """
        own = self.project.places(self.own)
        if self.other is None:
            return Repository(places, before=Repository(own, known=self.known), known=known)
        there = self.other.places(self.zones_there)
        names = dict.fromkeys(each.zone.origin for each in places if not is_planned(each.zone))
        beside = _of_names(known, names)
        below = [] if self.known is None else self.known.below(names)
        gone = (each for each in below if known is None or not known.find_in_all(each))
        unread = _of_names(self.known, dict.fromkeys((*names, *gone)))
        was = Repository([*own, *there, *unread], known=self.known)
        first = Repository([*places, *beside], before=was)
        if changed := _divided_anew(first, was):
            own, there, unread = (
                [new for each in side if (new := changed.pop(each, each)) is not None]
                for side in (own, there, unread)
            )
            there += filter(None, changed.values())
            first = Repository([*places, *beside], before=Repository([*own, *there, *unread]))
        for seat in first.judged:
            seat.place.zone.follow([each.place.zone for each in seat.befores])
        held = {id(seat.place): self._find_settings(seat) for seat in first.judged}
        self._tell_hidden(first, held)
        after = [
            replace(place, settings=held[id(place)], base=self._base(place, held[id(place)]))
            for place in places
        ]  # fmt: skip
        bases = {
            id(before.place): self._base(before.place, held[id(seat.place)])
            for seat in sorted(first.judged, key=lambda seat: not seat.is_added)
            for before in seat.candidates
        }
        read = {id(place) for place in there} | bases.keys()
        before = [
            replace(
                place,
                settings=bases.get(id(place)) or self._base(place),
                is_judged=id(place) in read,
            )
            for place in (*there, *unread)
        ]
        then = Repository([*own, *before], known=self.known)
        for each in before:  # its settings are those of the change, which may call the views anew
            then.learn_views(self.other.configuration_of(document_of(each.zone)).intent)
        return Repository([*after, *beside], before=then, known=known)

    def _tell_hidden(self, change: Repository, held: Mapping[int, Settings]) -> None:
        """Count it as loosened where a view that is not public takes what the internet saw."""

        def is_public(seat: Seat) -> bool:
            settings = held.get(id(seat.place), seat.place.settings)
            return settings.is_public(seat.identity.view)

        seen = {each for seat in change.seats if is_public(seat) for each in seat.candidates}
        hidden = grouped(
            ((held[id(seat.place)], seat.identity.view), seat)
            for seat in change.judged
            if not (seat.is_added or is_public(seat))
            and any(each not in seen and self._was_public(each.zone) for each in seat.befores)
        )
        for (settings, view), seats in hidden.items():
            now = self.project.configuration_of(document_of(seats[0].zone))
            told = now.hiding(view, sorted(document_of(seat.zone) for seat in seats))
            is_trusted = GatePart.CONFIG in self.project.trusted
            if settings.loosened is not None and not is_trusted:
                settings.loosened.keys += () if told in settings.loosened.keys else (told,)

    def _was_public(self, zone: Zone) -> bool:
        assert self.other is not None, "only another side has zones before"
        then = self.other.configuration_of(document_of(zone))
        return then.values.is_public(identity_of(zone, then).view)

    def names_declared(self, now: Configuration, then: Configuration) -> Collection[str] | None:
        """The zones for which a configuration took another's place; None: it is that one, or new.

        What it says of other domains is not of the change then.
        """
        if self.other is None or now.file is None or then.file == now.file:
            return None
        return self.pairs[now][then] if self.other.files.exists(now.file) else None

    def _find_settings(self, seat: Seat) -> Settings:
        """What holds for a zone, by all documents that it may have been in before."""
        assert self.other is not None, "only another side has other configurations"
        document = document_of(seat.zone)
        now = self.project.configuration_of(document)
        held = [self.other.configuration_of(document_of(each.zone)) for each in seat.candidates]
        there = self.project.bases_of(document)
        if held and now.file is not None and not self.other.files.exists(now.file):
            there = there[1:]  # moved with its zones: where it is now, another held for others
        thens = tuple(dict.fromkeys((*held, *there)))
        for then in thens:
            self.pairs.setdefault(now, {}).setdefault(then, set()).add(seat.identity.name)
        return self.project.settings_of(now, thens)

    def _base(self, place: RunZone, settings: Settings | None = None) -> Settings:
        """What held for a zone: the same declarations as for the zone that it became.

        That is with what was known of the DNS outside, and the policies then. Without settings the
        zone is gone.
        """
        assert self.other is not None, "only another side has zones that are gone"
        then = self.other.configuration_of(document_of(place.zone))
        if settings is None:
            now = self.project.configuration_of(document_of(place.zone))
            settings = self.project.settings_of(now, (then,))
        return self.project.former_of(settings, then)


def _divided_anew(change: Repository, before: Repository) -> dict[object, RunZone | None]:
    """By what they were, zones before with the names that those of the change have.

    A new zone that was a part of another one was one of its own; one that is merged into another
    was a part of that, and none.
    """
    found: dict[object, RunZone | None] = {}

    def place_of(seat: Seat) -> RunZone:
        return found.get(seat.place) or seat.place

    kept = {before for seat in change.seats for before in seat.candidates}
    for gone in before.seats:
        held = change.seats_above(gone.identity.view, gone.identity.name)
        if gone in kept or len(held) != 1 or held[0].zone.is_delegated(gone.identity.name):
            continue
        for into in held[0].befores if len(held[0].befores) == 1 else ():
            place = place_of(into)
            found[into.place] = replace(place, zone=place.zone.merged(gone.zone))
            if held[0].place.is_judged:  # which is compared with all of it
                found[gone.place] = None
    for seat in sorted(change.judged, key=lambda seat: -len(labels(seat.identity.name))):
        name = seat.identity.name
        held = before.seats_above(seat.identity.view, name)
        if seat.befores or len(held) != 1 or held[0].zone.is_delegated(name):
            continue
        place, identity = place_of(held[0]), held[0].identity._replace(name=name)
        part = place.zone.part(name)
        if not part.records:
            continue
        found[identity] = replace(place, zone=part, identity=identity, is_judged=True)
        if place.is_judged:
            taken = dict.fromkeys(each for rrset in part.rrsets() for each in rrset)
            found[held[0].place] = replace(place, zone=place.zone.changed(taken, ()))
    return found


def _of_names(known: Index | None, names: Iterable[str]) -> list[RunZone]:
    """The zones of some names that are only known, without what a plan tells the before of."""
    if known is None:
        return []
    found = (each for name in names for each in known.find_in_all(name))
    return [each for each in found if not is_planned(each.zone)]
