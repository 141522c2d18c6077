"""The zones of a repository's YAML, as one zone of octoDNS sees them beside itself.

octoDNS comes to one zone after the other. The rules are asked about that zone alone, and see the
others as `zonelint check` would: what they answer, which names they hold, and the facts that
rules gather of all zones of a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from zonelint.grammars.nearmiss import Alike
from zonelint.grammars.zone import Zone, labels_of
from zonelint.rules.model.facts import Fact, Facts, Told, gathered
from zonelint.rules.model.repository import Repository, RunZone
from zonelint.rules.model.settings import Counts, Settings


class Others:
    """The zones of a repository's YAML by their origins, with the facts that they tell."""

    def __init__(self, zones: Iterable[Zone] = ()) -> None:
        self.zones: Mapping[str, Zone] = {zone.origin: zone for zone in zones}
        self._facts: Facts | None = None

    @cached_property
    def labels(self) -> Alike:
        return Alike(labels_of(self.zones))

    def facts(self, fact: str) -> list[Any]:
        """What all zones tell; nothing of a fact that is not gathered ahead."""
        if self._facts is None:
            self._facts = gathered(Repository(map(RunZone, self.zones.values())).zones)
        return self._facts.get(fact, [])

    def beside(self, origin: str, settings: Settings) -> Beside:
        """All but one, whose place another takes."""
        return Beside(self, origin, settings)


@dataclass(frozen=True, slots=True)
class Beside:
    """The zones that are there beside one; see `zonelint.rules.model.repository.Known`."""

    others: Others
    origin: str
    settings: Settings

    def has(self, view: str, name: str) -> bool:
        return name != self.origin and name in self.others.zones

    def find(self, view: str, name: str) -> Sequence[RunZone]:
        return [RunZone(self.others.zones[name], self.settings)] if self.has(view, name) else []

    def labels(self) -> Alike:
        return self.others.labels

    def facts(self, view: str, fact: Fact[Told], counts: Counts) -> Iterable[Told]:
        return cast("list[Told]", self.others.facts(fact.name))

    def telling(self, view: str, fact: Fact[Told], about: str, counts: Counts) -> Sequence[Told]:
        return ()

    def asking(self, name: str, zone: str) -> Sequence[RunZone]:
        return ()
