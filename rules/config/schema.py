"""What a table of the configuration may hold: told once, for reading, refusing and documenting it.

A table is a tree of kinds. Reading never stops at the first fault: what cannot be used is left
out and told as a Problem, with the path of the key, so that one run names every fault.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import Enum
from typing import Final, NamedTuple, Protocol

from zonelint.grammars.nearmiss import near_miss

Path = tuple[str | int, ...]
"""Where a value stands: keys and, inside lists, positions from 0."""


class UnfitValue(Exception):
    """A text that is not of the wanted form; its message says what is wanted instead."""


class SchemaProblem(NamedTuple):
    """One fault of a configuration: the path of the key or item, and what is wrong, in words."""

    path: Path
    message: str


class Kind(Protocol):
    """What one value may be."""

    @property
    def label(self) -> str:
        """The type in the user's words, for messages and the reference."""

    def read(self, value: object, at: Path, problems: list[SchemaProblem]) -> object:
        """Give the value in its normal form, or None after adding what is wrong to `problems`."""


class TextValue(NamedTuple):
    """A text; `normal` gives its normal form or raises Unfit."""

    label: str = "text"
    normal: Callable[[str], str] | None = None

    def read(self, value: object, at: Path, problems: list[SchemaProblem]) -> object:
        """A str, never an empty one."""
        if not isinstance(value, str):
            return _not(self.label, value, at, problems)
        if not value.strip():
            problems.append(SchemaProblem(at, f"{spell(at)}: expected {self.label}, this is empty"))
            return None
        if self.normal is None:
            return value
        try:
            return self.normal(value)
        except UnfitValue as unfit:
            problems.append(SchemaProblem(at, f"{spell(at)}: {unfit}"))
            return None


class Choice(NamedTuple):
    """One of a few words; `known` may be a function where the words are not known beforehand."""

    words: Collection[str] | Callable[[], Collection[str]]
    noun: str = "value"
    listed: bool = True

    @classmethod
    def of(cls, kind: type[Enum], noun: str = "value") -> Choice:
        """One of the values of an enumeration."""
        return cls(tuple(member.value for member in kind), noun)

    @property
    def label(self) -> str:
        """The words, or only the noun where they are too many."""
        if not self.listed:
            return self.noun
        return " | ".join(f'"{word}"' for word in self.known())

    def known(self) -> Collection[str]:
        """The words that may stand here."""
        return self.words() if callable(self.words) else self.words

    def read(self, value: object, at: Path, problems: list[SchemaProblem]) -> object:
        """A str that is one of the words."""
        if not isinstance(value, str):
            return _not(f"one of {_quoted(self.known())}", value, at, problems)
        known = self.known()
        if value in known:
            return value
        problems.append(SchemaProblem(at, f'unknown {self.noun} "{value}"{_guess(value, known)}'))
        return None


class Plain(NamedTuple):
    """Any value of one type of TOML's, kept as it stands and not looked into."""

    label: str
    wanted: str
    type: type[object]

    def read(self, value: object, at: Path, problems: list[SchemaProblem]) -> object:
        """The value itself; a bool is no number, and a time no date."""
        return value if type(value) is self.type else _not(self.wanted, value, at, problems)


FLAG: Final = Plain("true | false", "true or false", bool)
DAY: Final = Plain("date", "a date such as 2026-01-31, without quotes", datetime.date)
FREE: Final = Plain("table", "a table", dict)


class Whole(NamedTuple):
    """A whole number between two bounds, both allowed."""

    least: int
    most: int

    @property
    def label(self) -> str:
        """The bounds in words."""
        return f"whole number, {self.least} to {self.most}"

    def read(self, value: object, at: Path, problems: list[SchemaProblem]) -> object:
        """An int."""
        wanted = f"a whole number from {self.least} to {self.most}"
        if isinstance(value, bool) or not isinstance(value, int):
            return _not(wanted, value, at, problems)
        if self.least <= value <= self.most:
            return value
        problems.append(SchemaProblem(at, f"{spell(at)}: expected {wanted}, this is {value}"))
        return None


class Share(NamedTuple):
    """A part of a whole, 0 to 1."""

    label: str = "number, 0 to 1"

    def read(self, value: object, at: Path, problems: list[SchemaProblem]) -> object:
        """A float."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return _not("a number from 0 to 1", value, at, problems)
        if 0 <= value <= 1:
            return float(value)
        percent = f" (for {value:g} % write {value / 100:g})" if 1 < value <= 100 else ""
        text = f"{spell(at)}: expected a number from 0 to 1, this is {value:g}{percent}"
        problems.append(SchemaProblem(at, text))
        return None


class Many(NamedTuple):
    """A list of one kind."""

    item: Kind

    @property
    def label(self) -> str:
        """The item's label in brackets."""
        return f"list of {self.item.label}"

    def read(self, value: object, at: Path, problems: list[SchemaProblem]) -> object:
        """A tuple of what could be read."""
        if not isinstance(value, list):
            return _not(f"a list, [{self.item.label}, …]", value, at, problems)
        read = (self.item.read(item, (*at, i), problems) for i, item in enumerate(value))
        return tuple(item for item in read if item is not None)


class Entry(NamedTuple):
    """One named key of a table: its kind, its default in words, and one sentence about it.

    loosens: it takes away from what is judged, or how much that matters; every other key declares
      what is wanted, or where something stands. Where a change is judged, what loosens is taken
      from the state before.
    """

    name: str
    kind: Kind
    about: str = ""
    default: str = ""
    required: bool = False
    loosens: bool = False


class Rest(NamedTuple):
    """The keys of a table whose names the user chooses.

    placeholder stands for the name in the reference: `<domain>`. name reads the key itself:
    two keys with one normal form are a fault. Where it is a Choice, a key outside of it is an
    unknown key of the table.
    """

    placeholder: str
    kind: Kind
    name: Kind
    about: str = ""
    default: str = ""


class Table(NamedTuple):
    """A table with named keys, keys of the user's choice, or both."""

    entries: tuple[Entry, ...] = ()
    rest: Rest | None = None
    label: str = "table"

    def read(self, value: object, at: Path, problems: list[SchemaProblem]) -> object:
        """A dict of what could be read, in the order of the text."""
        if not isinstance(value, dict):
            return _not("a table", value, at, problems)
        named = {entry.name: entry for entry in self.entries}
        out: dict[str, object] = {}
        for key, inner in value.items():
            here = (*at, key)
            if (entry := named.get(key)) is not None:
                name, kind = key, entry.kind
            elif (chosen := self._chosen(key, here, named, problems)) is not None:
                name, kind = chosen
                if name in out:
                    problems.append(
                        SchemaProblem(here, f'"{key}" appears twice here, in two spellings')
                    )
                    continue
            else:
                continue
            read = kind.read(inner, here, problems)
            if read is not None:
                out[name] = read
        for entry in self.entries:
            if entry.required and entry.name not in value:
                where = f"{spell(at)}: " if at else ""
                problems.append(SchemaProblem(at, f'{where}the key "{entry.name}" is missing'))
        return out

    def _chosen(
        self, key: str, here: Path, named: Mapping[str, Entry], problems: list[SchemaProblem]
    ) -> tuple[str, Kind] | None:
        """Read a key of the user's choice, or tell that there can be no such key."""
        if self.rest is None or isinstance(self.rest.name, Choice):
            known = [*named, *(self._choices())]
            if self.rest is not None and key in self._choices():
                return key, self.rest.kind
            guess = _guess_inside(key, self.entries) or _guess(key, known)
            problems.append(SchemaProblem(here, f'unknown key "{key}"{guess}'))
            return None
        name = self.rest.name.read(key, here, problems)
        return (name, self.rest.kind) if isinstance(name, str) else None

    def _choices(self) -> Collection[str]:
        if self.rest is None or not isinstance(self.rest.name, Choice):
            return ()
        return self.rest.name.known()


class ConfigKey(NamedTuple):
    """One line of the configuration's reference.

    path is dotted, with `<domain>` and the like for names that the user chooses.
    loosens: see Entry; the keys of a table that loosens do as well.
    """

    path: str
    type: str
    default: str
    about: str
    loosens: bool = False


class TableOrFirst(NamedTuple):
    """A table, or what its first key may hold in its place."""

    table: Table

    @property
    def label(self) -> str:
        """What may stand in place of the table."""
        return f"{self.table.entries[0].kind.label}, or a table"

    def read(self, value: object, at: Path, problems: list[SchemaProblem]) -> object:
        """A dict, whichever of them is written."""
        if isinstance(value, dict):
            return self.table.read(value, at, problems)
        first = self.table.entries[0]
        read = first.kind.read(value, at, problems)
        return None if read is None else {first.name: read}


def describe(table: Table, prefix: str = "", *, loosens: bool = False) -> Iterator[ConfigKey]:
    """List every key of a table and of the tables in it, in the order of the schema."""
    for entry in table.entries:
        yield from _describe(prefix + entry.name, entry, loosens=loosens or entry.loosens)
    if (rest := table.rest) is not None:
        yield from _describe(prefix + rest.placeholder, rest, loosens=loosens)


def _describe(path: str, entry: Entry | Rest, *, loosens: bool) -> Iterator[ConfigKey]:
    kind = entry.kind
    inner, form = kind, path
    if isinstance(kind, TableOrFirst):
        inner = kind.table
    elif isinstance(kind, Many):
        inner, form = kind.item, f"{path}[]"
    if entry.about:
        yield ConfigKey(path, kind.label, entry.default, entry.about, loosens)
    if isinstance(inner, Table):
        yield from describe(inner, f"{form}.", loosens=loosens)


def spell(path: Path) -> str:
    """Write a path as TOML does: `domains."example.com".senders[0]`."""
    out = ""
    for part in path:
        if isinstance(part, int):
            out += f"[{part}]"
            continue
        bare = part.isascii() and part.replace("-", "").replace("_", "").isalnum()
        out += ("." if out else "") + (part if bare else f'"{part}"')
    return out


def _guess(word: str, known: Collection[str]) -> str:
    near = near_miss(word, known) or _only_alike(word, known)
    if near is not None:
        return f'; did you mean "{near}"?'
    return f"; known here: {_quoted(known, 40)}" if known else "; no key is allowed here"


def _guess_inside(word: str, entries: Iterable[Entry]) -> str:
    """The key as one of the tables among the keys, where it is one."""
    tables = ((entry.name, entry.kind) for entry in entries if isinstance(entry.kind, Table))
    found = [
        f'"{name}.{word}"' for name, table in tables if word in (e.name for e in table.entries)
    ]
    return f"; did you mean {' or '.join(found)}?" if found else ""


def _only_alike(word: str, known: Collection[str]) -> str | None:
    """Of more words than are read at a glance, the only one that shares a piece with `word`."""
    if len(known) <= 20 or len(word) > 100:
        return None
    pieces = {word[start : start + 3].lower() for start in range(len(word) - 2)}
    alike = [each for each in known if any(piece in each.lower() for piece in pieces)]
    return alike[0] if len(alike) == 1 else None


def _quoted(words: Collection[str], most: int = 100) -> str:
    shown = [f'"{word}"' for word in list(words)[:most]]
    return ", ".join(shown) + (", …" if len(words) > most else "")


def _not(wanted: str, value: object, at: Path, problems: list[SchemaProblem]) -> object:
    """Add that the value is of another type than is wanted; give the None of an unread value."""
    problems.append(SchemaProblem(at, f"{spell(at)}: expected {wanted}, this is {_what(value)}"))
    return None


def _what(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return "an empty text" if not value else "a text"
    if isinstance(value, list):
        return "a list"
    return "a table" if isinstance(value, dict) else "a date or time"
