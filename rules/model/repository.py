"""The zones of a run, and what is known around each of them: one model for every front.

A `Place` is a zone of the run with what holds for it. A `Repository` has all of them, by view, and
gives each the `Context` that its rules see. Zones of one view and one configuration share theirs; a
zone that shares its name with another of its view, or holds secrets, has one of its own, in which
it answers for itself first. The zones that its configuration names answer next; those of others
answer what none of these holds. What is asked of a name of several zones is answered where these
agree, and unknown where they do not, or where the value is secret.
"""

from __future__ import annotations

from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

from zonelint.grammars.listing import grouped
from zonelint.grammars.nearmiss import Alike
from zonelint.grammars.variants import Seen, as_given, as_seen, by_answer
from zonelint.grammars.zone import Zone, labels_of, nearest, parent
from zonelint.rules.core.identity import Twins, ZoneId, twins_of
from zonelint.rules.model.answers import Held, Source, held_by, shown_by
from zonelint.rules.model.context import Asker, Context, Holder
from zonelint.rules.model.elsewhere import held_above, sees
from zonelint.rules.model.facts import Fact, Facts, Told
from zonelint.rules.model.settings import Counts, Settings
from zonelint.rules.model.subjects import MailZone

if TYPE_CHECKING:
    from zonelint.rules.config.intent import Intent
    from zonelint.rules.evidence.evidence import Evidence
    from zonelint.rules.model.elsewhere import Elsewhere, ZoneAnswers, ZoneElsewhere
    from zonelint.rules.model.loosening import Loosened

DEFAULTS = Settings()
MOST_CANDIDATES = 50
"""Zones that may each be the state before of one. Where there are more, it is undecided."""
_Key = Callable[["Seat"], Hashable]
"""What zones of both sides have in common; None for one that takes no part."""


@dataclass(frozen=True, slots=True, eq=False)
class RunZone:
    """A zone of a run, and what holds for it.

    identity: None where nothing says where the zone is published: its document stands for that.
    base: what held before the change, for a zone that had no state before.
    is_judged: whether the rules are asked about it; the others can ask it all the same.
    publisher: who publishes it, where that is told apart from the documents that it is read from.
    """

    zone: Zone
    settings: Settings = DEFAULTS
    identity: ZoneId | None = None
    base: Settings | None = None
    is_judged: bool = True
    publisher: Hashable = None


class UnreadZones(Protocol):
    """Zones that are not judged, and are read once a question leads to their names."""

    def has(self, view: str, name: str) -> bool:
        """Whether there is a zone of this very name."""

    def find(self, view: str, name: str) -> Sequence[RunZone]:
        """The zones of this name."""

    def labels(self) -> Alike:
        """The labels of which their names are made, in whatever view; worked out once."""

    def facts(self, view: str, fact: Fact[Told], counts: Counts) -> Iterable[Told]:
        """What those of these zones tell that a run judges."""

    def telling(self, view: str, fact: Fact[Told], about: str, counts: Counts) -> Sequence[Told]:
        """What the others tell, as far as it may be about something. Raises TooManyZones."""

    def asking(self, name: str, zone: str) -> Sequence[RunZone]:
        """Those of the others that may ask for a name of a zone. Raises TooManyZones."""


class Seat:
    """A place in its repository. `mail`, the zone as rules see it, is made when it is needed.

    befores: the zones that may be its state before. is_added: none is, and it is beside those that
      its name had, which go on. lost_twins: zones of its name that go, while it had a state before
      of its own: one of them may have been what was served.
    """

    __slots__ = (
        "_mail",
        "_repository",
        "_zone",
        "befores",
        "facts",
        "identity",
        "is_added",
        "lost_twins",
        "place",
    )

    def __init__(self, place: RunZone, identity: ZoneId, repository: Repository) -> None:
        self.place = place
        self.identity = identity
        self.befores: Sequence[Seat] = ()
        self.lost_twins: Sequence[Seat] = ()
        self.is_added = False
        self._repository = repository
        self._mail: MailZone | None = None
        self._zone: Zone | None = None
        self.facts: Facts = {}

    @property
    def zone(self) -> Zone:
        """The zone, in which nobody knows what those hold that may be parts of it."""
        if self._zone is None:
            alike = self._repository.seats_at(self.identity.view, self.identity.name)
            self._zone = self.place.zone.beside([e.place.zone for e in alike if e is not self])
        return self._zone

    @property
    def path(self) -> str:
        return self.place.zone.path

    @property
    def complete(self) -> bool:
        return self.zone.complete

    @property
    def gone(self) -> AbstractSet[tuple[str, str]]:
        return self.zone.gone

    @property
    def cuts(self) -> frozenset[str]:
        return self.zone.cuts

    @property
    def is_public(self) -> bool:
        return self.place.settings.is_public(self.identity.view)

    @property
    def mail(self) -> MailZone:
        if self._mail is None:
            self._mail = self._made(self.befores[0] if self.befores else None, shares=True)
        return self._mail

    def told(self, fact: Fact[Told]) -> list[Told]:
        """What the zone tells, for who asks more than once."""
        if fact.name not in self.facts:
            self.facts[fact.name] = list(fact.of(self.mail))
        return self.facts[fact.name]

    def tell(self, facts: Iterable[Fact[object]]) -> Facts:
        """All that it tells."""
        return {fact.name: self.told(fact) for fact in facts}

    def is_beside(self, other: Seat) -> bool:
        """Whether it and another zone of its name are, to one of the two, of one project."""
        pairs = ((self, other), (other, self))
        seen = ((one.place.settings.sees(one.path), two.path) for one, two in pairs)
        return any(sees is None or sees(path) for sees, path in seen)

    @property
    def candidates(self) -> Sequence[Seat]:
        """The zones of which one was served before in its place."""
        return (*self.befores, *self.lost_twins)

    def after(self, before: Seat | None) -> MailZone:
        """The zone beside one that may be its state before, None where it has none."""
        return self._made(before, shares=False) if len(self.candidates) > 1 else self.mail

    def variants(
        self,
        before: Seat,
        cost: Callable[[Seen, MailZone], int],
        matters: Callable[[tuple[str, str]], bool],
    ) -> Iterator[tuple[Seen, MailZone]]:
        """The zone beside its state before, as those see it who get one of several answers.

        Nothing where all get the same.
        cost, matters: see `as_seen`.
        """
        zones: dict[Seen, MailZone] = {}

        def zone_of(seen: Seen) -> MailZone:
            if seen not in zones:
                zones[seen] = self._repository.replaced(self, seen.after, before, seen.before)
                zones[seen].is_usual = seen.is_usual
            return zones[seen]

        found = as_seen(before.zone, self.zone, lambda seen: cost(seen, zone_of(seen)), matters)
        return ((seen, zone_of(seen)) for seen in found)

    def given(self, matters: Callable[[tuple[str, str]], bool]) -> Iterator[tuple[Seen, MailZone]]:
        """The zone as those see it who get other answers than stand in it: see `as_given`."""
        for seen in as_given(self.zone, matters):
            yield seen, self._repository.with_answers(self, seen.after)

    def answering(self, owner: str) -> Mapping[str, MailZone]:
        """The zone as those see it who get each answer of a set of texts or aliases at a name."""
        answers = by_answer(self.zone, owner)
        return {name: self._repository.with_answers(self, zone) for name, zone in answers}

    def _made(self, before: Seat | None, *, shares: bool) -> MailZone:
        previous = None if before is None else before.mail
        context = self._repository.around(self, previous, shares=shares)
        return MailZone(self.zone, context, self.identity, previous)


class Repository:
    """The zones of a run, by view. `before` are those before the change; None where none is.

    known: zones beside them, which are asked and not judged.
    elsewhere: those of other parts of the run.
    """

    def __init__(
        self,
        places: Iterable[RunZone],
        *,
        before: Repository | None = None,
        known: UnreadZones | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self.before = before
        self._known = known
        self._elsewhere = elsewhere
        self._views: dict[str, dict[str, list[Seat]]] = {}
        self._read: set[tuple[str, str]] = set()
        self._labels: Alike | None = None
        self._holding: dict[tuple[Asker, str], Sequence[Holder]] = {}
        self._beside: dict[tuple[Asker, str], Sequence[Holder]] = {}
        self._all_views: set[str] = set()
        self._contexts: dict[Hashable, ContextOfZones] = {}
        self._facts: dict[Hashable, tuple[Any, ...]] = {}
        self._told_by: Repository | None = None
        self._by_identity: dict[ZoneId, Seat] = {}
        self.seats = [self._seat(place) for place in places]
        self.judged = [seat for seat in self.seats if seat.place.is_judged]
        if before is not None:
            _pair(self.seats, before.seats)

    @property
    def zones(self) -> list[MailZone]:
        """The zones that are judged, in their order."""
        return [seat.mail for seat in self.judged]

    @property
    def settings(self) -> Mapping[ZoneId, Settings]:
        """What holds for each zone that is judged."""
        return {seat.identity: seat.place.settings for seat in self.judged}

    @property
    def befores(self) -> Mapping[ZoneId, Sequence[ZoneId]]:
        """The zones that may be the state before of each zone; none of one that is added."""
        return {
            seat.identity: [each.identity for each in seat.befores if not seat.is_added]
            for seat in self.seats
        }

    def _seat(self, place: RunZone) -> Seat:
        identity = place.identity or ZoneId(place.zone.origin, id=place.zone.path)
        document, number = identity.id, 1
        while identity in self._by_identity:
            number += 1
            identity = identity._replace(id=f"{document}#{number}")
        seat = self._by_identity[identity] = Seat(place, identity, self)
        self._views.setdefault(identity.view, {}).setdefault(identity.name, []).append(seat)
        self._all_views.add(identity.view)
        self.learn_views(place.settings.intent)
        self._forget_holders()
        return seat

    def learn_views(self, intent: Intent | None) -> None:
        """Know of the views of a configuration, whether a zone of each is here or not."""
        if intent is not None:
            self._all_views.update(("", *intent.views))

    # -- zones by name ------------------------------------------------------------------------

    def holders(self, asker: Asker, name: str) -> Sequence[Holder]:
        """The zones with the longest origin that is a name, or above it, wherever they are.

        Those of the project; of others, where it has none, or none that would know.
        """
        found = self._holders(asker, name)
        if asker.sees is None or any(_answers(each, name) for each in found):
            return found
        others = self._holders(asker._replace(sees=None), name)
        is_nearer = others and found and len(others[0].identity.name) > len(found[0].identity.name)
        return others if is_nearer or not found else found

    def _holders(self, asker: Asker, name: str) -> Sequence[Holder]:
        """Those of the view; of views that it sees, where it has none."""
        found = self._holders_in(asker, name)
        if found or len(self._all_views) < 2:
            return found
        key = (asker, name)
        beside = self._beside.get(key)
        if beside is None:
            views = [each for each in sorted(self._all_views) if sees(asker.view, each)]
            seen = [
                held
                for each in views
                for held in self._holders_in(asker._replace(view=each), name)
                if held.is_public
            ]
            longest = max((len(held.identity.name) for held in seen), default=0)
            beside = [held for held in seen if len(held.identity.name) == longest]
            self._beside[key] = beside
        return beside

    def unseen(self, view: str, name: str) -> Sequence[Holder]:
        """The zones that hold a name in views of which this one sees nothing."""
        return [
            held
            for each in sorted(self._all_views - {view})
            for held in self._holders_in(Asker(each), name)
            if not (sees(view, each) and held.is_public)
        ]

    def _forget_holders(self) -> None:
        self._holding.clear()
        self._beside.clear()

    def _holders_in(self, asker: Asker, name: str) -> Sequence[Holder]:
        """Those of the view itself."""
        key = (asker, name)
        found = self._holding.get(key)
        if found is None:
            found = self._holders_at(asker.view, name)
            if found and asker.sees is not None:
                found = [each for each in found if asker.sees(each.path)]
            if not found and name != ".":
                found = self._holders_in(asker, parent(name))
            self._holding[key] = found
        return found

    def meet(self, names: Iterable[ZoneElsewhere]) -> None:
        """Learn which zones there are in other parts."""
        assert self._elsewhere is not None, "this is a part of a run"
        self._elsewhere.learn(names)
        self._all_views.update(view for view, _ in self._elsewhere.names)
        self._forget_holders()

    def _holders_at(self, view: str, name: str) -> Sequence[Holder]:
        own = self.seats_at(view, name)
        if self._elsewhere is None:
            return own
        others = self._elsewhere.holders_at(view, name)
        return [*own, *others] if others else own

    def seats_at(self, view: str, name: str) -> Sequence[Seat]:
        """The zones of this very name that are here; those that are only known are read now."""
        key = (view, name)
        if self._known is not None and key not in self._read:
            self._read.add(key)
            for place in self._known.find(view, name):
                if place.identity is None or place.identity not in self._by_identity:
                    self._seat(place)
        return self._views.get(view, {}).get(name, ())

    def seats_above(self, view: str, name: str) -> Sequence[Seat]:
        """The zones of a view of which a name would be a part, were it no zone of its own."""
        found = self._holders_in(Asker(view), parent(name)) if name != "." else ()
        return [each for each in found if isinstance(each, Seat)]

    def has(self, name: str) -> bool:
        """Whether there is a zone of this very name, in whatever view of these zones."""
        return any(self.seats_at(view, name) for view in ("", *self._views))

    def is_twin(self, identity: ZoneId) -> bool:
        """Whether another zone of its view has the zone's name."""
        alike = self.seats_at(identity.view, identity.name)
        return len(alike) > 1 or self._is_elsewhere(identity.view, identity.name)

    def _is_elsewhere(self, view: str, name: str) -> bool:
        return self._elsewhere is not None and bool(self._elsewhere.holders_at(view, name))

    @property
    def twins(self) -> Twins:
        """The names that several zones have, in whatever view."""
        return twins_of(self.namesakes)

    @property
    def namesakes(self) -> Sequence[ZoneId]:
        """The zones that have the name of one of the run, with these."""
        names = dict.fromkeys(seat.identity.name for seat in self.seats)
        views = list(self._views)
        held = (self.seats_at(view, name) for name in names for view in views)
        return [seat.identity for seats in held for seat in seats]

    def labels(self) -> Alike:
        """The labels of which the names of zones are made: here, elsewhere, and only known."""
        if self._labels is None:
            names = [seat.identity.name for seat in self.seats]
            names += () if self._elsewhere is None else (name for _, name in self._elsewhere.names)
            known = () if self._known is None else (self._known.labels(),)
            self._labels = Alike(labels_of(names), *known)
        return self._labels

    def has_one_zone(self, view: str) -> bool:
        alone = self._known is None and self._elsewhere is None
        return alone and len(self._views) == 1 and len(self._views.get(view, ())) == 1

    def held_by(
        self, view: str, holders: Sequence[Holder], name: str, type: str, own: Holder | None = None
    ) -> Sequence[Held | None]:
        """What each of some zones that hold a name answers, no alias followed; `own` asks."""
        found = [
            (held_by if each is own else shown_by)(each.zone, name, type)
            for each in holders
            if isinstance(each, Seat)
        ]
        if self._elsewhere is not None and len(found) < len(holders):
            zones = (each.identity for each in holders if not isinstance(each, Seat))
            return [*found, *self._elsewhere.held_by(zones, (view, name, type))]
        return found

    def own_answers(self, view: str, name: str, type: str) -> ZoneAnswers:
        """What each zone answers that is here and holds a name, whoever asks in a view."""
        held = (seat for seats in held_above(view, name, self._views) for seat in seats)
        return {s.identity: shown_by(s.zone, name, type) for s in held if s.place.is_judged}

    def forget(self) -> None:
        """Have nothing of what was worked out, as if nobody had asked."""
        for context in {zone.context for zone in self.zones}:
            context.forget()
        self._facts.clear()

    def facts(self, asker: Asker, fact: Fact[Told]) -> Sequence[Told]:
        """What all zones of a view tell, sorted, each once."""
        if self._told_by is not None:
            return self._told_by.facts(asker, fact)
        # A zone that is read on the way tells more.
        key = (asker, fact.name, len(self._by_identity))
        if key not in self._facts:
            told = self._told(asker.view, fact, self._counted_by(asker))
            self._facts[key] = tuple(sorted(set(cast("Any", told))))
        return self._facts[key]

    def telling(self, asker: Asker, fact: Fact[Told], about: str) -> Sequence[Told]:
        """What zones tell that nobody judges, as far as it may be about something."""
        if self._known is None:
            return ()
        return self._known.telling(asker.view, fact, about, self._counted_by(asker))

    def _counted_by(self, asker: Asker) -> Counts:
        """Tells whose facts count: not those of another project, of a name that this one has."""
        view, sees = asker
        if sees is None:
            return lambda *_: True
        return lambda name, path: (
            sees(path) or not any(sees(each.path) for each in self._holders_at(view, name))
        )

    def asking(self, name: str, zone: str) -> Sequence[RunZone]:
        """The zones that nobody judges and that may ask for a name of a zone."""
        own = (replace(seat.place, identity=seat.identity) for seat in self._only_known)
        known = () if self._known is None else self._known.asking(name, zone)
        judged = self._judged  # one that shares their files is known too
        return [*own, *(place for place in known if place.identity not in judged)]

    @cached_property
    def _only_known(self) -> list[Seat]:
        return [seat for seat in self.seats if not seat.place.is_judged]

    @cached_property
    def _judged(self) -> set[ZoneId]:
        return {seat.identity for seat in self.judged}

    @property
    def tellers(self) -> Iterable[Seat]:
        """The zones that are here, with those of their names that are only known."""
        if self._known is None:
            return self.seats
        held = (self.seats_at(seat.identity.view, seat.identity.name) for seat in self.seats)
        return dict.fromkeys(each for seats in held for each in seats)

    def _told(self, view: str, fact: Fact[Told], counts: Counts) -> Iterator[Told]:
        if self._known is not None:
            yield from self._known.facts(view, fact, counts)
        if self._elsewhere is not None:
            yield from self._elsewhere.facts(view, fact, counts)
            return
        for seat in self.tellers:
            if seat.identity.view == view and counts(seat.identity.name, seat.path):
                yield from seat.told(fact)

    def replaced(self, seat: Seat, zone: Zone, seat_before: Seat, before: Zone) -> MailZone:
        """A zone in the place of one of these, and another as its state before."""
        assert self.before is not None, "the zone has a state before"
        then = replace(seat_before.place, zone=before, identity=seat_before.identity)
        now = replace(seat.place, zone=zone, identity=seat.identity, is_judged=True)
        known = self.before.beside({seat_before.identity})
        former = Repository([then], before=self.before.before, known=known)
        around = Repository([now], before=former, known=self.beside({seat.identity}))
        return around.seats[0].mail

    def with_answers(self, seat: Seat, zone: Zone) -> MailZone:
        """A zone with other answers in the place of one of these; what all tell is as it was."""
        now = replace(seat.place, zone=zone, identity=seat.identity, is_judged=True)
        around = Repository(
            [now], before=self.before, known=self.beside({seat.identity}), elsewhere=self._elsewhere
        )
        around._all_views |= self._all_views
        around._told_by = self
        return around.seats[0].mail

    def changed(self, places: Sequence[RunZone]) -> Repository:
        """Some of these zones as a change leaves them, over what they are changes of."""
        again = {place.identity for place in places if place.identity is not None}
        found = Repository(places, known=self.beside(again))
        found.before = self.before or self
        for seat in found.seats:
            self.seats_at(seat.identity.view, seat.identity.name)  # it may be known alone
            was = self._by_identity[seat.identity]
            seat.befores = (was,) if self.before is None else was.befores
            seat.lost_twins = was.lost_twins
            seat.is_added = was.is_added
        return found

    def beside(self, again: Collection[ZoneId]) -> UnreadZones:
        """The zones of the run beside some that are judged once more."""
        return _Beside(self, frozenset(again))

    # -- contexts -----------------------------------------------------------------------------

    def around(self, seat: Seat, previous: MailZone | None, *, shares: bool) -> Context:
        """What is known around a zone. `shares`: with others of its view and configuration."""
        place, view = seat.place, seat.identity.view
        former = None
        if self.before is not None:
            former = previous.context if previous else self.before.of_view(view, place.base)
        asker = Asker(view, place.settings.sees(seat.path))
        if not shares or seat.zone.secret or self.is_twin(seat.identity):
            return Context(self, asker, place.settings, former, seat)
        return self._shared(asker, place.settings, former)

    def of_view(self, view: str, settings: Settings | None = None) -> ContextOfZones:
        """What is known in a view, from no zone in particular.

        Where zones of several projects are judged, none of these answers before the others.
        """
        here = (seat.place.settings for seat in self.judged if seat.identity.view == view)
        held = list(here) if settings is None else [settings]
        projects = {each.sees("") for each in held}
        sees = projects.pop() if len(projects) == 1 else None
        former = None if self.before is None else self.before.of_view(view)
        return self._shared(Asker(view, sees), next(iter(held), DEFAULTS), former)

    def _shared(self, asker: Asker, settings: Settings, former: Context | None) -> ContextOfZones:
        key = (asker, settings, former)
        found = self._contexts.get(key)
        if found is None:
            found = self._contexts[key] = ContextOfZones.within(self, asker, settings, former)
        return found

    def share(self, context: ContextOfZones) -> None:
        """Have a context that was made before its repository."""
        self._contexts[context.asker, context.settings, context.previous] = context


class _Beside:
    """The zones of a repository but for some, to be asked and not judged."""

    def __init__(self, repository: Repository, again: frozenset[ZoneId]) -> None:
        self._repository = repository
        self._again = again

    def has(self, view: str, name: str) -> bool:
        return bool(self._seats(view, name))

    def find(self, view: str, name: str) -> Sequence[RunZone]:
        return [
            replace(seat.place, identity=seat.identity, is_judged=False)
            for seat in self._seats(view, name)
        ]

    def labels(self) -> Alike:
        return self._repository.labels()

    def facts(self, view: str, fact: Fact[Told], counts: Counts) -> Iterable[Told]:
        for seat in self._repository.seats:
            zone = seat.identity
            if zone not in self._again and zone.view == view and counts(zone.name, seat.path):
                yield from seat.told(fact)

    def telling(self, view: str, fact: Fact[Told], about: str, counts: Counts) -> Sequence[Told]:
        known = self._repository._known
        return () if known is None else known.telling(view, fact, about, counts)

    def asking(self, name: str, zone: str) -> Sequence[RunZone]:
        return self._repository.asking(name, zone)

    def _seats(self, view: str, name: str) -> list[Seat]:
        found = self._repository.seats_at(view, name)
        return [seat for seat in found if seat.identity not in self._again]


def _answers(zone: Holder, name: str) -> bool:
    """Whether a zone above a name is who answers it: not where it delegates that, or may do so."""
    return zone.complete and nearest(name, zone.cuts) not in zone.cuts


def _pair(after: Sequence[Seat], before: Sequence[Seat]) -> None:
    """Tell each zone which zones may be its state before.

    The one that was published in its place, from whatever document; the one of its identity,
    whatever its view is called; else, of those of its name that are nobody's, the only one that
    its provider serves in its view; all of its view; the one at its place, if its view held none;
    or all. One that goes while its name lives on in others of its view may have been what was
    served: it is one of theirs as well. A file that is added beside those of its name may be served
    in the place of any.
    """
    before = sorted(before, key=lambda seat: seat.identity)  # in whatever order they were read
    # A view that only one side has was renamed, or made.
    views = {seat.identity.view for seat in after} & {seat.identity.view for seat in before}
    # Its document is there still, maybe, and was what that was.
    _pair_by(_publisher, after, before, 1)
    _pair_by(_identity, after, before)
    kept = {seat.identity for seat in after} | {b.identity for seat in after for b in seat.befores}
    left: Sequence[Seat] = [seat for seat in before if seat.identity not in kept]
    left = _pair_by(lambda s: None if s.identity.view in views else _at_place(s), after, left)
    left = _pair_by(_in_account, after, left, 1)
    for key in (_in_view, _at_place, lambda seat: seat.identity.name):
        left = _pair_by(key, after, left)
    gone = _grouped(left, _in_view)
    for seat in after if gone else ():
        lost = gone.get(_in_view(seat), ())
        seat.lost_twins = tuple(each for each in lost if any(map(each.is_beside, seat.befores)))
    files = _grouped((seat for seat in before if not seat.identity.provider), _in_view)
    for seat in after:
        if not seat.befores and not seat.identity.provider:
            seat.befores = tuple(files.get(_in_view(seat), ()))
            seat.is_added = bool(seat.befores)


def _pair_by(
    key: _Key, after: Sequence[Seat], before: Sequence[Seat], most: int = MOST_CANDIDATES
) -> Sequence[Seat]:
    """Pair the zones that are nobody's and have something in common; which are nobody's still.

    most: how many zones of each side may have it in common.
    """
    new = _grouped((seat for seat in after if not seat.befores), key, most)
    old = _grouped(before, key, most) if new else {}
    for common in new.keys() & old.keys():
        for seat in new[common]:
            seat.befores = tuple(old[common])
    taken = {id(each) for seats in new.values() for seat in seats for each in seat.befores}
    return [each for each in before if id(each) not in taken] if taken else before


def _grouped(
    seats: Iterable[Seat], key: _Key, most: int = MOST_CANDIDATES
) -> Mapping[Hashable, Sequence[Seat]]:
    """The zones that have something in common, where there are not too many to try each."""
    pairs = ((key(seat), seat) for seat in seats)
    found = grouped((common, seat) for common, seat in pairs if common is not None)
    return {common: held for common, held in found.items() if len(held) <= most}


def _publisher(seat: Seat) -> Hashable:
    held, zone = seat.place.publisher, seat.identity
    return None if held is None else (zone.name, zone.view, held)


def _identity(seat: Seat) -> Hashable:
    return seat.identity


def _in_account(seat: Seat) -> Hashable:
    return seat.identity._replace(id="") if seat.identity.provider else None


def _in_view(seat: Seat) -> Hashable:
    return seat.identity.name, seat.identity.view


def _at_place(seat: Seat) -> Hashable:
    return seat.identity._replace(view="")


class ContextOfZones(Context):
    """What is known in a view, for who has the zones in hand as well.

    Made of zones it is that of one configuration, and they are a repository of their own.
    """

    __slots__ = ("repository",)

    repository: Repository

    def __init__(
        self,
        zones: Iterable[Zone],
        intent: Intent | None = None,
        outside: Iterable[Source] = (),
        *,
        previous: ContextOfZones | None = None,
        evidence: Evidence | None = None,
        files: Mapping[str, str] | None = None,
        loosened: Loosened | None = None,
    ) -> None:
        settings = Settings(intent, None, tuple(outside), evidence, files or {}, loosened)
        base = None if previous is None else previous.settings
        repository = Repository(
            [RunZone(zone, settings, base=base) for zone in zones],
            before=None if previous is None else previous.repository,
        )
        super().__init__(repository, Asker(""), settings, previous)
        self.repository = repository
        repository.share(self)

    @classmethod
    def within(
        cls, repository: Repository, asker: Asker, settings: Settings, previous: Context | None
    ) -> Self:
        """The context of a view of a repository, for zones of one configuration."""
        context = cls.__new__(cls)
        Context.__init__(context, repository, asker, settings, previous)
        context.repository = repository
        return context

    @property
    def zones(self) -> Sequence[MailZone]:
        """The zones that are judged."""
        return self.repository.zones
