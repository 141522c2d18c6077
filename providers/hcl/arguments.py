"""What functions are given, as they take it; and what they give, as a value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from zonelint.grammars.listing import firsts

from .values import (
    NULL,
    Bool,
    HclPiece,
    HclTable,
    HclText,
    HclUnknown,
    List,
    Null,
    Number,
    Value,
    first_hole,
    fits,
    pieces_of,
    plain,
    text,
)


class Misused(Exception):
    """Arguments that the function does not take: Terraform refuses them as well."""


class TooHard(Exception):
    """What Terraform can work out, and this program does not."""


def bare(value: Value) -> Any:
    """The value as Python has it. Raises TooHard where something in it is not known."""
    if not fits(value):
        raise TooHard
    return _bare(value)


def _bare(value: Value) -> Any:
    match value:
        case HclText():
            if (known := value.known) is None:
                raise TooHard
            return known
        case Number() | Bool():
            return value.value
        case Null():
            return None
        case List(items):
            return [_bare(item) for item in items]
        case HclTable() as table if table.rest is None and table.instance is None:
            return {key: _bare(each) for key, each in table.pairs()}
        case _:
            raise TooHard


def value_of(python: Any) -> Value:
    """What JSON, YAML or a regular expression gave, as a value."""
    match python:
        case None:
            return NULL
        case bool():
            return Bool(python)
        case int() | float():
            return Number(python)
        case dict():
            return HclTable({str(key): value_of(each) for key, each in python.items()})
        case list() | tuple():
            return List(tuple(value_of(each) for each in python))
        case _:
            return text(str(python))


def string_of(value: Value) -> str:
    found = plain(value)
    if found is None:
        raise Misused
    return found


def text_of(value: Value) -> tuple[HclText, str]:
    """A known text with its pieces, and by itself."""
    known = plain(value)
    if known is None:
        raise Misused
    return (value if isinstance(value, HclText) else HclText(pieces_of(value))), known


def number_of(value: Value) -> int | float:
    match value:
        case Number():
            return value.value
        case HclText() if (known := value.known) is not None:
            try:
                return int(known) if re.fullmatch(r"-?\d{1,300}", known) else float(known)
            except ValueError:
                raise Misused from None
        case _:
            raise Misused


def whole_of(value: Value) -> int:
    return int(number_of(value))


def items_of(value: Value) -> tuple[Value, ...]:
    match value:
        case List(items):
            return items
        case _:
            raise Misused


def table_of(value: Value) -> HclTable:
    if not isinstance(value, HclTable):
        raise Misused
    return value


def unknown_of(*values: Value) -> HclUnknown:
    return (next(filter(None, map(first_hole, values)), None) or HclUnknown("a value")).made()


def unified(values: Sequence[Value]) -> Sequence[Value]:
    """Values of one collection: where they are of several plain types, all are texts."""
    kinds = {type(value) for value in values if not isinstance(value, HclUnknown | Null)}
    if len(kinds) < 2 or not kinds <= {HclText, Number, Bool}:
        return values
    return [
        HclText(pieces_of(value)) if isinstance(value, Number | Bool) else value for value in values
    ]


def distinct(items: Iterable[Value]) -> list[Value]:
    """The items, each once. Raises Misused where it cannot be told which are the same."""
    return list(firsts((identity_of(item), item) for item in items).values())


def identity_of(item: Value) -> str:
    if isinstance(item, HclUnknown):
        if item.handle is None:
            raise TooHard
        return f"unknown {item.handle!r}"
    if isinstance(item, HclText) and item.known is None:
        holes = [hole.handle for hole in item.holes]
        if None in holes:
            raise TooHard
        return repr([p.text if isinstance(p, HclPiece) else p.handle for p in item.pieces])
    return json.dumps(bare(item), sort_keys=True)
