"""What expressions come to: texts that may have holes, lists, objects, and what is not known.

Each piece of a text keeps the place where it is written, through variables, locals and modules, so
that a finding can stand at it and a change be made there. What is not known says why, and where it
has an identity (a variable that nobody set, an attribute of a resource) it keeps that as its
handle: two unknowns with one handle are one value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from zonelint.grammars.masterfile.tokens import SourceText

LONGEST = 1 << 20
"""Characters of one text at most."""
MOST_PIECES = 10_000
"""Pieces of one text at most: places in the sources that it is put together from."""
_MOST_OF = 3
"""Expressions behind one that is not known that are told."""
MOST_PARTS = 200_000
"""Parts of one value that are gone through at most."""


@dataclass(frozen=True, slots=True)
class HclPlace:
    """A stretch of a source that spells a text; escapes: how (see `_ESCAPES`).

    exact: each character is spelt by itself.
    """

    source: SourceText
    start: int
    end: int
    escapes: str
    exact: bool = True

    @property
    def code(self) -> str:
        """What is written there, whatever its blanks and comments."""
        return _code(self)

    def stretch(self, start: int, end: int) -> tuple[int, int]:
        """The offsets in the source of characters `start` to `end` of the text."""
        if self.escapes == "opaque":
            return self.start, self.end
        if self.exact:
            return self.start + start, self.start + end
        units = self._units()
        first = units[start] if start < len(units) else self.end
        return first, (units[end] if end < len(units) else self.end)

    def _units(self) -> list[int]:
        raw = self.source.text[self.start : self.end]
        units: list[int] = []
        for found in _ESCAPES[self.escapes].finditer(raw):
            width = len(_character(found[0])) if len(found[0]) > 1 else 1
            units += [self.start + found.start()] * width
        return units


_UNREAD = re.compile(r'("(?:\\.|[^"\\\n])*")|(?:(?<!\S)(?:#|//)[^\n]*|\s)+')


@lru_cache(maxsize=1024)
def _code(place: HclPlace) -> str:
    raw = place.source.text[place.start : place.end]
    return _UNREAD.sub(lambda found: found[1] or "", raw)


@dataclass(frozen=True, slots=True)
class HclPiece:
    """Known characters of a text, and where they are written; None where they are made."""

    text: str
    place: HclPlace | None = None


@dataclass(frozen=True, slots=True)
class HclUnknown:
    """A value that cannot be known here. why: what it depends on, in words.

    handle: what it is, where that can be told: the variable or resource that it comes from, and the
      way from there.
    at: where it stands in a template.
    is_refused: Terraform refuses to work it out, so `try` passes over it.
    of: the expressions and blocks that it is made of, where its handle does not tell.
    """

    why: str
    handle: tuple[str | int, ...] | None = None
    is_secret: bool = False
    at: HclPlace | None = None
    is_refused: bool = False
    of: tuple[HclPlace, ...] = field(default=(), compare=False)

    def step(self, key: str | int | None) -> HclUnknown:
        """The value at a key of it; None: a key that is not known."""
        if self.handle is None or key is None:
            return self.made()
        return HclUnknown(self.why, (*self.handle, key), self.is_secret, of=self.of)

    def made(self) -> HclUnknown:
        """What is made of it: no longer the same, and not known for the same reason."""
        return HclUnknown(self.why, None, self.is_secret, None, self.is_refused, self.of)

    def made_by(self, place: HclPlace) -> HclUnknown:
        """It, as what an expression comes to."""
        return replace(self, of=(place, *self.of[:_MOST_OF]))


@dataclass(frozen=True, slots=True)
class HclText:
    """A text: its pieces and holes in order."""

    pieces: tuple[HclPiece | HclUnknown, ...]
    is_secret: bool = False

    @property
    def known(self) -> str | None:
        """The whole text; None where there is a hole."""
        found = []
        for piece in self.pieces:
            if isinstance(piece, HclUnknown):
                return None
            found.append(piece.text)
        return "".join(found)

    @property
    def holes(self) -> Iterator[HclUnknown]:
        return (piece for piece in self.pieces if isinstance(piece, HclUnknown))

    def cut(self, start: int, end: int) -> HclText:
        """A part of a known text, with its places."""
        found: list[HclPiece | HclUnknown] = []
        at = 0
        for piece in self.pieces:
            assert isinstance(piece, HclPiece), "only known texts are cut"
            first, last = max(start - at, 0), min(end - at, len(piece.text))
            if first < last:
                place = piece.place
                if place is not None:
                    start_at, end_at = place.stretch(first, last)
                    place = replace(place, start=start_at, end=end_at)
                found.append(HclPiece(piece.text[first:last], place))
            at += len(piece.text)
        return HclText(tuple(found), self.is_secret)

    def replaced(
        self, parts: Iterable[tuple[tuple[int, int], Iterable[HclPiece | HclUnknown]]]
    ) -> Iterator[HclPiece | HclUnknown]:
        """The pieces of a known text, with others in the place of some stretches of it."""
        at = 0
        for (start, end), pieces in parts:
            yield from self.cut(at, start).pieces
            yield from pieces
            at = end
        yield from self.cut(at, len(self.known or "")).pieces


@dataclass(frozen=True, slots=True)
class Number:
    value: int | float
    place: HclPlace | None = None


@dataclass(frozen=True, slots=True)
class Bool:
    value: bool
    place: HclPlace | None = None


@dataclass(frozen=True, slots=True)
class Null:
    place: HclPlace | None = None


@dataclass(frozen=True, slots=True)
class List:
    """A list, tuple or set; elements may be unknown, the length is known."""

    items: tuple[Value, ...]
    is_set: bool = False


@dataclass(slots=True)
class HclTable:
    """An object or a map. rest: what any other key leads to, where not all keys are known.

    Values are worked out when they are asked for: those of a resource may lead in circles.
    """

    items: Mapping[str, Value | Callable[[], Value]]
    rest: HclUnknown | None = None
    keys: Mapping[str, HclPlace | None] = field(default_factory=dict)
    instance: object = None
    """The resource instance that this is, for who asks."""

    def __getitem__(self, key: str) -> Value | None:
        found = self.items.get(key)
        if callable(found):
            return found()
        if found is None and self.rest is not None:
            return self.rest.step(key)
        return found

    def pairs(self) -> Iterator[tuple[str, Value]]:
        for key in self.items:
            value = self[key]
            assert value is not None, "a key that is there has a value"
            yield key, value


Value = HclText | Number | Bool | Null | List | HclTable | HclUnknown
NULL = Null()


def text(plain: str, place: HclPlace | None = None) -> HclText:
    """A text of one piece."""
    return HclText((HclPiece(plain, place),) if plain or place is not None else ())


def joined(
    parts: Iterable[HclPiece | HclUnknown], *, is_secret: bool = False
) -> HclText | HclUnknown:
    """A text of these pieces; unknown where it would be too long."""
    pieces = tuple(
        part for part in parts if isinstance(part, HclUnknown) or part.text or part.place
    )
    if len(pieces) > MOST_PIECES:
        return HclUnknown(f"a text of more than {MOST_PIECES} parts")
    if sum(len(p.text) for p in pieces if isinstance(p, HclPiece)) > LONGEST:
        return HclUnknown(f"a text of more than {LONGEST} characters")
    return HclText(pieces, is_secret)


def pieces_of(value: Value) -> tuple[HclPiece | HclUnknown, ...]:
    """A value as it stands in a template. A list or an object there is a fault, so a hole."""
    match value:
        case HclText():
            return value.pieces
        case Number() | Bool():
            return (HclPiece(spell(value), value.place),)
        case HclUnknown():
            return (value,)
        case _:
            return (HclUnknown("a value that is not a text"),)


def spell(value: Number | Bool) -> str:
    """A number or a truth value as a text."""
    if isinstance(value, Bool):
        return "true" if value.value else "false"
    number = value.value
    if isinstance(number, float) and number.is_integer() and abs(number) < 1e300:
        number = int(number)
    return str(number)


def plain(value: Value | None) -> str | None:
    """A value that is known and not nested, as text; else None."""
    match value:
        case HclText():
            return value.known
        case Number() | Bool():
            return spell(value)
        case _:
            return None


def marked(value: Value) -> Value:
    """The value with all texts in it marked as secret."""
    match value:
        case HclText() | HclUnknown():
            return replace(value, is_secret=True)
        case List(items):
            return replace(value, items=tuple(marked(item) for item in items))
        case HclTable() as table if table.instance is None:
            rest = None if table.rest is None else replace(table.rest, is_secret=True)
            return HclTable({k: marked(v) for k, v in table.pairs()}, rest, table.keys)
        case _:
            return value


HclPart = Value | Callable[[], Value] | None
TOO_MANY = HclUnknown(f"a value of more than {MOST_PARTS} parts")


def parts_of(value: HclPart, *, later: bool = True) -> Iterator[HclPart]:
    """A value and all that it holds, TOO_MANY behind as many parts as are gone through.

    later: what of it is worked out when it is asked for is asked for.
    """
    waiting = [value]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        yield part
        match part:
            case List(items):
                waiting += items
            case HclTable() as table if table.instance is None:
                waiting += [each for _, each in table.pairs()] if later else table.items.values()
    if waiting:
        yield TOO_MANY


def holds_secret(value: Value | Callable[[], Value]) -> bool:
    """Whether a text in the value is marked as secret, as far as it is worked out."""
    return any(
        part is TOO_MANY or (isinstance(part, HclText | HclUnknown) and part.is_secret)
        for part in parts_of(value, later=False)
    )


def first_hole(value: Value | None) -> HclUnknown | None:
    """Something in the value that is not known; None where all of it is."""
    for part in parts_of(value):
        match part:
            case HclUnknown():
                return part
            case HclText() if (hole := next(part.holes, None)) is not None:
                return hole
            case HclTable() if part.instance is None and part.rest is not None:
                return part.rest
    return None


def fits(value: Value | None) -> bool:
    """Whether a value has no more parts than are gone through; lists may hold one many times."""
    return all(part is not TOO_MANY for part in parts_of(value))


# -- escapes ---------------------------------------------------------------------------------------

_ESCAPES = {
    "yaml": re.compile(r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\.|.", re.DOTALL),
    "quoted": re.compile(
        r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\.|\$\$(?=\{)|%%(?=\{)|.", re.DOTALL
    ),
    "template": re.compile(r"\$\$(?=\{)|%%(?=\{)|\r\n|.", re.DOTALL),
    "json": re.compile(
        r"\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\."
        r"|\$\$(?=\{)|%%(?=\{)|.",
        re.DOTALL,
    ),
}
_NEEDS = {
    "yaml": re.compile(r"\\"),
    "file": re.compile(r"(?!)"),
    "quoted": re.compile(r"[\\]|\$\$\{|%%\{"),
    "template": re.compile(r"\$\$\{|%%\{|\r"),
    "json": re.compile(r"[\\]|\$\$\{|%%\{"),
}
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def written(source: SourceText, start: int, end: int, escapes: str) -> HclPiece:
    """The text that a stretch of a source spells."""
    raw = source.text[start:end]
    if not _NEEDS[escapes].search(raw):
        return HclPiece(raw, HclPlace(source, start, end, escapes))
    chars = (_character(found[0]) for found in _ESCAPES[escapes].finditer(raw))
    return HclPiece("".join(chars), HclPlace(source, start, end, escapes, exact=False))


def _character(raw: str) -> str:
    if len(raw) == 1:
        return raw
    if raw[0] != "\\":
        return raw[-1]
    if raw[1] in "uU" and len(raw) > 2:
        if raw.count("\\") == 2:
            high, low = int(raw[2:6], 16), int(raw[8:12], 16)
            return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
        code = int(raw[2:], 16)
        return chr(code) if code < 0x110000 else "\ufffd"
    return _SIMPLE.get(raw[1], raw[1])


def escaped(plain: str, place: HclPlace) -> str:
    """A text as it is to be written at a place, escapes and all."""
    if place.escapes == "file":
        return plain
    if place.escapes != "template":
        plain = plain.replace("\\", "\\\\").replace('"', '\\"')
        plain = plain.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return plain if place.escapes == "yaml" else re.sub(r"([$%])(?=\{)", r"\1\1", plain)
