"""The properties of a resource, whatever world they come from: plain values, unknown, hidden.

A tree of properties is made of dict, list, str, int, float, bool and None, as JSON has them.
``UNKNOWN`` stands where a value will be known only once the change is made, ``Hidden`` is around
a value that must never be shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final


class _Unknown(Enum):
    UNKNOWN = "unknown"


UNKNOWN: Final = _Unknown.UNKNOWN
"""A value that nobody knows before the change is made."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """A value that may be read and must not be shown: a secret, a sensitive value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Given:
    """A value taken out of a tree. hidden: it, or something around it, is not to be shown."""

    value: Any
    hidden: bool = False

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

    def elements(self) -> list[Given]:
        """The elements of a list; the value itself where it is no list."""
        if isinstance(self.value, list | tuple):
            return [given(element, hidden=self.hidden) for element in self.value]
        return [self]


def given(value: Any, *, hidden: bool = False) -> Given:
    """A node of a tree, with what is around it taken off."""
    while isinstance(value, Hidden):
        value, hidden = value.value, True
    return Given(value, hidden)


def property_of(values: Mapping[str, Any], name: str | None) -> Given:
    """A property of a resource; the absent value where it has none."""
    return given(None if name is None else values.get(name))


def text_of(found: Given) -> str | None:
    """The value as text: a string as it is, a number as it is usually written; else None.

    Numbers arrive as floats from some worlds: 10.0 is ``"10"``.
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
