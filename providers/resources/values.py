"""The properties of a resource, whatever world they come from: plain values, unknown, hidden.

A tree of properties is made of dict, list, str, int, float, bool and None, as JSON has them.
`UNKNOWN` stands where a value will be known only once the change is made, `Hidden` is around
a value that must never be shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from glob import escape
from typing import Any, Final, Protocol

from zonelint.grammars.zone import Span


class _Unknown(Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = _Unknown.UNKNOWN
"""A value that nobody knows before the change is made."""


STAND_IN_VALUE: Final = "unknown-"
"""What stands in, with a number behind it, for what is not known of a text."""

VALUE_STAND_IN = re.compile(rf"{STAND_IN_VALUE}[0-9]+x")


def stand_in(number: int) -> str:
    """What stands in for an unknown of a number, whatever follows it."""
    return f"{STAND_IN_VALUE}{number}x"


def stand_ins(text: str) -> list[str]:
    """What in a text stands in for something that is not known."""
    return VALUE_STAND_IN.findall(text) if STAND_IN_VALUE in text else []


def open_pattern(name: str, inherited: str) -> str:
    """What a name may be of which a part is not known, other than what another name has, too."""
    known = {*stand_ins(inherited)}
    pieces = VALUE_STAND_IN.sub(lambda each: each[0] if each[0] in known else "\n", name)
    return "*".join(map(escape, pieces.split("\n")))


@dataclass(frozen=True, slots=True)
class Hidden:
    """A value that may be read and must not be shown: a secret, a sensitive value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Open:
    """A value that is not known. why: what it depends on, in words.

    handle: what it is, where that can be told: a resource, and the way from there.
    of: what it is made of, as written.
    stand_in: what stands in for it in texts.
    """

    why: str
    handle: tuple[str | int, ...] | None = None
    of: str = ""
    stand_in: str = ""


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch of a text that is not known: `text[start:end]` stands in for it.

    inside: what is around it shows that it is a part of a word.
    of: what it is made of, as written.
    """

    start: int
    end: int
    why: str
    inside: bool
    of: str = ""


class Where(Protocol):
    """Where a value is written."""

    @property
    def holes(self) -> Sequence[Hole]:
        """What of the value is not known."""

    def span(self, start: int, end: int) -> Span:
        """The place of `text[start:end]`."""


@dataclass(frozen=True, slots=True)
class PlacedValue:
    """A value with the place where it is written."""

    value: Any
    where: Where


@dataclass(frozen=True, slots=True)
class Given:
    """A value taken out of a tree. hidden: it, or something around it, is not to be shown.

    where: where it is written, if that is known.
    why, handle, stand_in: what it depends on, if it is not known, and what stands in: see Open.
    """

    value: Any
    hidden: bool = False
    where: Where | None = None
    why: str = "known after the change"
    handle: tuple[str | int, ...] | None = None
    stand_in: str = ""

    @property
    def unknown(self) -> bool:
        return self.value is UNKNOWN

    @property
    def absent(self) -> bool:
        return self.value is None

    def __getitem__(self, key: str | int) -> Given:
        """An element of a table or a list; the absent value where there is none."""
        if self.value is UNKNOWN:
            return self
        try:
            inner = self.value[key]
        except (KeyError, IndexError, TypeError):
            return Given(None, self.hidden)
        return given(inner, hidden=self.hidden)

    @property
    def lacks(self) -> dict[str, str]:
        """What it depends on, by what stands in for it."""
        if self.stand_in:
            return {self.stand_in: self.why}
        holes = () if self.where is None else self.where.holes
        return {self.value[hole.start : hole.end]: hole.why for hole in holes}

    def elements(self) -> list[Given]:
        """The elements of a list; the value itself where it is no list."""
        if isinstance(self.value, list | tuple):
            return [given(element, hidden=self.hidden) for element in self.value]
        return [self]


def given(value: Any, *, hidden: bool = False) -> Given:
    """A node of a tree, with what is around it taken off."""
    where = None
    while isinstance(value, Hidden | PlacedValue):
        if isinstance(value, PlacedValue):
            where = value.where
        else:
            hidden = True
        value = value.value
    if isinstance(value, Open):
        return Given(UNKNOWN, hidden, where, value.why, value.handle, value.stand_in)
    return Given(value, hidden, where)


def property_of(values: Mapping[str, Any], name: str | None) -> Given:
    """A property of a resource; the absent value where it has none."""
    return given(None if name is None else values.get(name))


def text_of(found: Given) -> str | None:
    """The value as text: a string as it is, a number as it is usually written; else None.

    Numbers arrive as floats from some worlds: 10.0 is `"10"`.
    """
    value = found.value
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return None
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def is_on(found: Given) -> bool:
    """Whether a switch is on, as a truth value or a text."""
    return found.value is True or found.value == "true"


def what(found: Given) -> str:
    """What kind of value it is, for messages; never the value itself."""
    match found.value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list() | tuple():
            return "a list"
        case _:
            return "a table"
