"""A part of a run's zones, judged by itself, with the way to all the others.

A large run is divided among processes. Each reads and judges its own zones; a zone of another's is
read here as well once a rule asks for a name in it, and what rules must know of all zones at once
comes as the facts of surveys. So every rule sees the same world as in a run that is not divided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from zonelint.grammars.zone import Zone, parent
from zonelint.rules.config.intent import Intent
from zonelint.rules.evidence.evidence import Evidence
from zonelint.rules.model.answers import Source
from zonelint.rules.model.context import Context
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.model.survey import Fact, Facts, Survey, gathered


class Shard(Context):
    """The context of some zones of a run. Before a rule is asked, ``join`` tells of the others.

    Zones are known by their numbers: their places in the whole run.
    in_order: whether all answers are those of the whole run; False once an answer depends on
    which name of the run was asked first (a loop of includes that leads through other zones).
    """

    __slots__ = ("_facts", "_numbers", "_others", "_own", "_read", "in_order")

    def __init__(
        self,
        zones: Mapping[int, Zone],
        intent: Intent | None = None,
        outside: Iterable[Source] = (),
        *,
        evidence: Evidence | None = None,
        files: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__((), intent, outside, evidence=evidence, files=files)
        self._own = {number: MailZone(zone, self) for number, zone in zones.items()}
        self._numbers: Sequence[int] = tuple(zones)
        self._others: dict[str, int] = {}
        self._facts: Facts | None = None
        self._read: Callable[[int], Zone] | None = None
        self.in_order = True

    @property
    def own(self) -> list[MailZone]:
        """The zones of this part that belong to the run, by their numbers."""
        return [self._own[number] for number in self._numbers if number in self._own]

    def facts(self) -> Facts:
        """What the surveys find in the zones of this part."""
        return gathered(self._own.values())

    def join(
        self,
        origins: Sequence[tuple[int, str]],
        facts: Facts,
        read: Callable[[int], Zone],
    ) -> None:
        """Tell of the whole run: number and origin of each zone, in their order; all facts.

        ``read`` reads a zone of another part by its number.
        """
        self._numbers = [number for number, _ in origins]
        self._facts = facts
        self._read = read
        self.has_one_zone = len(origins) == 1
        first: dict[str, int] = {}
        for number, origin in origins:
            first.setdefault(origin, number)
        for origin, number in first.items():
            if number in self._own:
                self._by_origin[origin] = self._own[number]
            else:
                self._others[origin] = number

    def zone_of(self, name: str) -> MailZone | None:
        own, others = self._by_origin, self._others
        while True:
            found = own.get(name)
            if found is not None:
                return found
            if name in others:
                return self._fetched(name)
            if name == ".":
                return None
            name = parent(name)

    def zone_at(self, origin: str) -> MailZone | None:
        found = self._by_origin.get(origin)
        return self._fetched(origin) if found is None and origin in self._others else found

    def _fetched(self, origin: str) -> MailZone:
        """A zone of another part, read now."""
        zone = self._by_origin[origin] = self._zone(self._others.pop(origin))
        return zone

    def _zone(self, number: int) -> MailZone:
        assert self._read is not None, "the other zones have been told of"
        return MailZone(self._read(number), self)

    @property
    def zones(self) -> Sequence[MailZone]:
        """Every zone of the run, which means reading them all: see `survey`."""
        if len(self._zones) != len(self._numbers):
            known = {id(zone.zone): zone for zone in self._by_origin.values()}
            for number in self._numbers:
                zone = self._own.get(number)
                if zone is None:
                    zone = self._zone(number)
                    zone = known.get(id(zone.zone), zone)
                self._zones.append(zone)
        return self._zones

    def survey(self, survey: Survey[Fact]) -> Iterable[Fact]:
        found = None if self._facts is None else self._facts.get(survey.name)
        return super().survey(survey) if found is None else cast("list[Fact]", found)

    def depends_on_order(self, loops: Sequence[Sequence[str]]) -> None:
        own = {id(zone) for zone in self._own.values()}
        homes = {id(self.zone_of(name)) for loop in loops for name in loop}
        # Of many loops only some are told, and the others may lead anywhere.
        if len(homes) > 1 or not homes <= own or len(loops) > 1:
            self.in_order = False
