"""What one part of a run knows of the zones in the others: who they are, and what they answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from zonelint.rules.core.identity import ZoneId
from zonelint.rules.model.answers import Held, Status
from zonelint.rules.model.context import Holder
from zonelint.rules.model.facts import Fact, Facts, Told

Key = tuple[str, str, str]
"""View, name and type of a question."""
Answers = dict[Key, tuple[Held | None, ...]]
"""What the zones of a name answer, each for itself."""
Gathered = dict[ZoneId, Facts]
"""What zones tell, each for itself."""

_UNASKED = (Held(Status.UNKNOWN, reason="it has not been queried"),)


class ZoneElsewhere(NamedTuple):
    """A zone as other parts know it."""

    identity: ZoneId
    complete: bool
    cuts: frozenset[str]
    path: str
    gone: frozenset[tuple[str, str]] = frozenset()


@dataclass(slots=True)
class Elsewhere:
    """The zones of the other parts.

    gathered: what all zones of a view tell, by the view and the fact's name.
    open: the questions to them that have no answer yet. untold: facts that a rule asked for and
      that nobody gathered.
    """

    names: dict[tuple[str, str], list[ZoneElsewhere]] = field(default_factory=dict)
    gathered: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    answers: Answers = field(default_factory=dict)
    open: dict[Key, None] = field(default_factory=dict)
    untold: set[str] = field(default_factory=set)

    def learn(self, names: Iterable[ZoneElsewhere]) -> None:
        """Learn which zones there are elsewhere."""
        for name in names:
            key = (name.identity.view, name.identity.name)
            self.names.setdefault(key, []).append(name)

    def hear(self, told: Gathered) -> None:
        """Learn what zones tell."""
        for zone, facts in told.items():
            for name, said in facts.items():
                self.gathered.setdefault((zone.view, name), []).extend(said)

    def holders_at(self, view: str, name: str) -> Sequence[Holder]:
        return self.names.get((view, name), ())

    def held_by(self, view: str, name: str, type: str) -> Sequence[Held | None]:
        found = self.answers.get((view, name, type))
        if found is None:
            self.open[view, name, type] = None
            return _UNASKED
        return found

    def facts(self, view: str, fact: Fact[Told]) -> Iterable[Told]:
        if (view, fact.name) not in self.gathered:
            self.untold.add(fact.name)
        return cast("list[Told]", self.gathered.get((view, fact.name), []))
