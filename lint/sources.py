"""What a run has read: the zones, what could not be read, and the lines to show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zonelint.formats.report import Problem
from zonelint.grammars.masterfile import MasterZone
from zonelint.grammars.masterfile_tokens import Source
from zonelint.grammars.zone import Zone


class Sources:
    """The zones of a run and, for showing them, the text that they were read from."""

    def __init__(self, zones: Sequence[Zone], problems: Sequence[Problem]) -> None:
        self.zones = zones
        self.problems = problems
        self._texts: dict[str, Source] | None = None

    def line(self, path: str, number: int) -> str | None:
        """A line of a source (from 1) without its end; None where there is no such line."""
        if self._texts is None:
            self._texts = {source.path: source for source in _texts(self.zones)}
        source = self._texts.get(path)
        if source is None:
            return None
        starts = source.starts()
        if not 1 <= number <= len(starts):
            return None
        end = starts[number] if number < len(starts) else len(source.text)
        return source.text[starts[number - 1] : end].rstrip("\r\n")


def _texts(zones: Iterable[Zone]) -> Iterable[Source]:
    for zone in zones:
        if isinstance(zone, MasterZone):
            yield zone.source
            yield from zone.included
