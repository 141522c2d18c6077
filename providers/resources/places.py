"""Values of the language as properties of a resource, each with the place where it is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

from zonelint.grammars.zone import Span
from zonelint.providers.hcl.values import (
    Bool,
    HclPiece,
    HclPlace,
    HclTable,
    HclText,
    HclUnknown,
    List,
    Null,
    Number,
    Value,
    fits,
)

from .values import Hidden, Hole, Open, PlacedValue, stand_in

_NUMBERS = 10**7
"""So many that few are met twice, and so few that three of them fit into a label."""
_ENDS_OF_WORDS = frozenset(" \t\r\n;")


@dataclass(slots=True)
class HandleNames:
    """What stands in for what is not known in a text: one name for one value.

    It is the same before and after a change, whatever else is or is not known.
    """

    _by_handle: dict[tuple[str | int, ...], str] = field(default_factory=dict)
    _met: Counter[str] = field(default_factory=Counter)
    _numbers: set[int] = field(default_factory=set)

    def of(self, hole: HclUnknown) -> str:
        """The name of a hole; holes of one handle have one."""
        if hole.handle is None:
            return self._new(made_of(hole))
        if hole.handle not in self._by_handle:
            self._by_handle[hole.handle] = self._new(repr(hole.handle))
        return self._by_handle[hole.handle]

    def _new(self, what: str) -> str:
        """A name for the next unknown that is made of something."""
        self._met[what] += 1
        number = crc32(f"{self._met[what]} {what}".encode(errors="replace")) % _NUMBERS
        while number in self._numbers:
            number += 1
        self._numbers.add(number)
        return stand_in(number)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a text: from which character on, how many, and where it is written."""

    start: int
    end: int
    place: HclPlace | None
    is_hole: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """Where a text or number is written: its parts, and around: the expression that gives it."""

    parts: tuple[Stretch, ...]
    around: HclPlace
    holes: Sequence[Hole] = ()

    @property
    def template(self) -> Span | None:
        """What puts the text together, where the beginning is written outside of it."""
        here, first = self.around, self.parts[0].place if self.parts else None
        if len(self.parts) < 2 or (
            first is not None
            and first.source is here.source
            and here.start <= first.start <= here.end
        ):
            return None
        return here.source.span(here.start, here.end)

    def span(self, start: int, end: int) -> Span:
        """The place of the characters from `start` to `end`."""
        inner = [p for p in self.parts if p.start < end and start < p.end]
        if not inner:
            inner = [p for p in self.parts if p.start <= start <= p.end][-1:] or [*self.parts[-1:]]
        if not inner or (first := inner[0]).place is None:
            placed = next((p.place for p in inner if p.place is not None), self.around)
            return placed.source.span(placed.start, placed.end)
        begin, stop = self._stretch(first, start, end)
        source = first.place.source
        last = inner[-1]
        if last is not first and last.place is not None and last.place.source is source:
            behind = self._stretch(last, start, end)[1]
            stop = max(stop, behind) if behind > begin else stop
        return source.span(begin, stop)

    def _stretch(self, part: Stretch, start: int, end: int) -> tuple[int, int]:
        assert part.place is not None, "only parts that are written have a place"
        if part.is_hole:
            return part.place.start, part.place.end
        first = min(max(start - part.start, 0), part.end - part.start)
        last = min(max(end - part.start, first), part.end - part.start)
        return part.place.stretch(first, last)


def tree(value: Value | None, around: HclPlace, names: HandleNames) -> Any:
    """A value as a property: plain, with places, open where it is not known."""
    if isinstance(value, List | HclTable) and not fits(value):
        return Open("which has too many parts")
    return _tree(value, around, names)


def _tree(value: Value | None, around: HclPlace, names: HandleNames) -> Any:
    match value:
        case None | Null():
            return None
        case Number() | Bool():
            place = replace(value.place or around, escapes="opaque")
            return PlacedValue(value.value, Written((Stretch(0, 1, place),), around))
        case HclText():
            found = _text(value, around, names)
            return Hidden(found) if value.is_secret else found
        case List(items):
            return [_tree(item, around, names) for item in items]
        case HclTable() as table if table.instance is None:
            return {key: _tree(each, around, names) for key, each in table.pairs()}
        case HclUnknown():
            return Open(value.why, value.handle, made_of(value), names.of(value))
        case _:
            return Open("a whole resource")


def _text(value: HclText, around: HclPlace, names: HandleNames) -> Any:
    if len(value.pieces) == 1 and isinstance(hole := value.pieces[0], HclUnknown):
        return Open(hole.why, hole.handle, made_of(hole), names.of(hole))
    parts: list[Stretch] = []
    holes: list[tuple[int, int, HclUnknown]] = []
    shown: list[str] = []
    at = 0
    for piece in value.pieces:
        if isinstance(piece, HclPiece):
            text, place = piece.text, piece.place
        else:
            text, place = names.of(piece), piece.at
            holes.append((at, at + len(text), piece))
        parts.append(Stretch(at, at + len(text), place, isinstance(piece, HclUnknown)))
        shown.append(text)
        at += len(text)
    whole = "".join(shown)
    told = [
        Hole(start, end, hole.why, _is_inside(whole, start, end), made_of(hole))
        for start, end, hole in holes
    ]
    return PlacedValue(whole, Written(tuple(parts), around, tuple(told)))


def made_of(hole: HclUnknown) -> str:
    """What tells a hole from another one for which the same words stand."""
    return "\n".join((repr(hole.handle), *(place.code for place in hole.of)))


def _is_inside(text: str, start: int, end: int) -> bool:
    """Whether a hole is a part of a word, so that it holds no words of its own."""
    before, behind = text[start - 1 : start], text[end : end + 1]
    return bool(before and before not in _ENDS_OF_WORDS) or bool(
        behind and behind not in _ENDS_OF_WORDS
    )
