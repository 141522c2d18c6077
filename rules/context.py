"""What a run knows beside the zone in hand: the other zones, the intent, the lock, the evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from zonelint.grammars.zone import Answered, RRset, Zone, parent
from zonelint.rules.subjects import MailZone

if TYPE_CHECKING:
    from zonelint.rules.intent import Intent


class Context:
    """The world of one run. Everything but the zones may be absent."""

    __slots__ = ("_by_origin", "intent", "zones")

    def __init__(self, zones: Iterable[Zone], intent: Intent | None = None) -> None:
        self.intent = intent
        self._by_origin: dict[str, MailZone] = {}
        self.zones: list[MailZone] = []
        for zone in zones:
            view = MailZone(zone, self)
            self.zones.append(view)
            self._by_origin.setdefault(zone.origin, view)

    def zone_of(self, name: str) -> MailZone | None:
        """The zone of this run that holds the name: the one with the longest matching origin."""
        while True:
            found = self._by_origin.get(name)
            if found is not None:
                return found
            if name == ".":
                return None
            name = parent(name)

    def answer(self, name: str, type: str) -> tuple[Answered, RRset | None]:
        """What the zones of this run answer; ELSEWHERE where none of them holds the name."""
        zone = self.zone_of(name)
        return (Answered.ELSEWHERE, None) if zone is None else zone.zone.answer(name, type)
