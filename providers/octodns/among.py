"""One zone as octoDNS holds it, among the zones of its YAML: the rules' world in a run of octoDNS.

octoDNS comes to one zone after the other. The rules are asked about that zone alone, and see the
others as ``zonelint check`` would: what they answer, which names they hold, and the facts that
rules gather of all zones of a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, cast

from zonelint.grammars.zone import Answered, RRset, Zone, parent
from zonelint.rules.config.intent import Intent
from zonelint.rules.evidence.evidence import Evidence
from zonelint.rules.model.answers import Source
from zonelint.rules.model.context import Context
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.model.survey import Fact, Facts, Survey, gathered


class Others:
    """The zones of a repository's YAML by their origins, with the facts that surveys find there."""

    def __init__(self, zones: Iterable[Zone] = ()) -> None:
        self.zones: Mapping[str, Zone] = {zone.origin: zone for zone in zones}
        self._facts: Facts | None = None

    def home(self, name: str, own: str) -> str | None:
        """The origin of the zone that holds a name: one of these zones, or ``own``."""
        while name not in self.zones and name != own:
            if name == ".":
                return None
            name = parent(name)
        return name

    def facts(self, survey: str) -> list[Any] | None:
        """What a survey finds in all zones; None for one that is not gathered ahead."""
        if self._facts is None:
            self._facts = gathered(Context(self.zones.values()).zones)
        return self._facts.get(survey)


class Among(Context):
    """The context of one zone of octoDNS; it takes the place of the others' zone of its origin."""

    __slots__ = ("_origin", "_others")

    def __init__(
        self,
        zone: Zone,
        others: Others,
        intent: Intent | None = None,
        outside: Iterable[Source] = (),
        *,
        previous: Context | None = None,
        evidence: Evidence | None = None,
        files: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__([zone], intent, outside, previous=previous, evidence=evidence, files=files)
        self._origin = zone.origin
        self._others = others
        self.has_one_zone = not others.zones.keys() - {zone.origin}

    @property
    def own(self) -> MailZone:
        """The zone that is judged."""
        return self._by_origin[self._origin]

    @property
    def zones(self) -> Sequence[MailZone]:
        """Every zone of the repository, which means reading them all: see `survey`."""
        return tuple(self._each())

    def _each(self) -> Iterator[MailZone]:
        for origin in dict.fromkeys((*self._others.zones, self._origin)):
            yield self._view(origin)

    def survey(self, survey: Survey[Fact]) -> Iterable[Fact]:
        """The facts of every zone; the zone that is judged may give some of its own twice."""
        known = self._others.facts(survey.name)
        if known is None:
            return super().survey(survey)
        return chain(cast("list[Fact]", known), survey.of(self.own))

    def zone_of(self, name: str) -> MailZone | None:
        home = self._others.home(name, self._origin)
        return None if home is None else self._view(home)

    def zone_at(self, origin: str) -> MailZone | None:
        known = origin == self._origin or origin in self._others.zones
        return self._view(origin) if known else None

    def answer(self, name: str, type: str) -> tuple[Answered, RRset | None]:
        zone = self._holder(name)
        return (Answered.ELSEWHERE, None) if zone is None else zone.answer(name, type)

    def _get(self, name: str, type: str) -> RRset | None:
        zone = self._holder(name)
        return None if zone is None else zone.get(name, type)

    def _redirected(self, name: str) -> str | None:
        zone = self._holder(name)
        return None if zone is None else zone.redirected(name)

    def _holder(self, name: str) -> Zone | None:
        """The zone of a name; to answer, its subjects need not be made."""
        home = self._others.home(name, self._origin)
        if home is None:
            return None
        return self.own.zone if home == self._origin else self._others.zones[home]

    def _view(self, origin: str) -> MailZone:
        found = self._by_origin.get(origin)
        if found is None:
            found = self._by_origin[origin] = MailZone(self._others.zones[origin], self)
        return found
