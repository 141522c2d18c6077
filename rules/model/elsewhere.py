"""What one part of a run knows of the zones in the others: who they are, and what they answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from zonelint.grammars.zone import ancestors
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.model.answers import Held, Status
from zonelint.rules.model.context import Holder
from zonelint.rules.model.facts import Fact, Facts, Told
from zonelint.rules.model.settings import Counts

Key = tuple[str, str, str]
"""View, name and type of a question."""
ZoneAnswers = dict[ZoneId, Held | None]
"""What zones answer, each for itself."""
Answers = dict[Key, ZoneAnswers]
Gathered = dict[ZoneId, Facts]
"""What zones tell, each for itself."""

_T = TypeVar("_T")


def sees(view: str, other: str) -> bool:
    """Whether a view that holds no zone for a name asks those of another.

    Zones in no view are served to all; what one of them asks, any view may answer that is public.
    """
    return view != other and "" in (view, other)


def held_above(view: str, name: str, views: Mapping[str, Mapping[str, _T]]) -> list[_T]:
    """What is held for a name and those above it, by view: in this view and those that it sees."""
    seen = [held for each, held in views.items() if each == view or sees(view, each)]
    return [held[at] for at in ancestors(name) for held in seen if at in held]


_UNASKED = Held(Status.UNKNOWN, reason="it has not been queried")


class ZoneElsewhere(NamedTuple):
    """A zone as other parts know it."""

    identity: ZoneId
    complete: bool
    cuts: frozenset[str]
    path: str
    gone: frozenset[tuple[str, str]] = frozenset()
    is_public: bool = True


@dataclass(slots=True)
class Elsewhere:
    """The zones of the other parts.

    gathered: what all zones tell. is_early: somebody asked for it before it was known.
    open: the questions to them that have no answer yet. untold: facts that a rule asked for and
      that nobody gathered.
    """

    names: dict[tuple[str, str], list[ZoneElsewhere]] = field(default_factory=dict)
    gathered: Gathered = field(default_factory=dict)
    is_early: bool = False
    answers: Answers = field(default_factory=dict)
    open: dict[Key, None] = field(default_factory=dict)
    untold: set[str] = field(default_factory=set)

    def learn(self, names: Iterable[ZoneElsewhere]) -> None:
        """Learn which zones there are elsewhere."""
        for name in names:
            key = (name.identity.view, name.identity.name)
            self.names.setdefault(key, []).append(name)

    def holders_at(self, view: str, name: str) -> Sequence[Holder]:
        return self.names.get((view, name), ())

    def held_by(self, zones: Iterable[ZoneId], key: Key) -> Sequence[Held | None]:
        found = self.answers.get(key)
        if found is None:
            self.open[key] = None
            return [_UNASKED]
        return [found[zone] for zone in zones]

    def facts(self, view: str, fact: Fact[Told], counts: Counts) -> Iterator[Told]:
        self.is_early |= not self.gathered
        for zone, facts in self.gathered.items():
            if fact.name not in facts:
                self.untold.add(fact.name)
            elif zone.view == view and counts(zone.name, zone.id):
                yield from facts[fact.name]
