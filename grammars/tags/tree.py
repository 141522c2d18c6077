"""What tag lists are made of: tags with a place, and the remembered pieces behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from zonelint.grammars.fault import Fault, FaultKind

BLANKS = " \t\r\n"
LONGEST_REMEMBERED = 512
"""Longer pieces are read anew each time: no hostile zone fills the memory through caches."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a record.

    name: as the language reads it (lower case where case is folded); "" for text that is no tag.
    value: in its normal form, without the blanks that the grammar allows inside.
    start, end: the place of `name=value` in the record's text, without the blanks around it.
    value_start, value_end: the place of the value as written.
    text: the tag as written.
    faults: the faults inside the tag. `sound` tells whether receivers can read it at all.
    """

    name: str
    value: str
    start: int = field(compare=False)
    end: int = field(compare=False)
    value_start: int = field(compare=False)
    value_end: int = field(compare=False)
    text: str = field(compare=False)
    faults: tuple[Fault, ...] = field(compare=False, default=())
    sound: bool = field(compare=False, default=True)

    def __str__(self) -> str:
        return f"{self.name}={self.value}" if self.name else self.value


class Read(NamedTuple):
    """A tag as the grammar sees it: its value in the normal form, offsets into the piece.

    value_start, end: -1 where there is no value.
    """

    name: str
    value: str
    start: int
    value_start: int
    end: int


class PieceTag(NamedTuple):
    """A tag inside a piece, before it has a place in a record: offsets into the piece.

    joined: the semicolon between it and another is missing, so that receivers read one tag, whose
      value is none that they know.
    """

    name: str
    value: str
    start: int
    end: int
    value_start: int
    value_end: int
    sound: bool = True
    joined: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Sort:
    """What pieces have in common for everything but their text; compared by identity."""

    names: tuple[str, ...]
    words: frozenset[str]
    kinds: frozenset[FaultKind]
    blank: bool
    version: bool
    """The piece is exactly the language's version and may stand first."""


class Piece(NamedTuple):
    """What stands between two semicolons: usually one field, none when blank, more when broken."""

    text: str
    fields: tuple[PieceTag, ...]
    faults: tuple[Fault, ...]
    sort: Sort


@lru_cache(maxsize=4096)
def sort_of(
    names: tuple[str, ...],
    words: tuple[str, ...],
    kinds: frozenset[FaultKind],
    blank: bool,
    version: bool,
) -> Sort:
    return Sort(names, frozenset(words), kinds, blank, version)


class Shape(NamedTuple):
    """What follows from the sorts of a record's pieces alone.

    features: the whole set if the record is `clean`, else without the words for faults.
    """

    features: frozenset[str]
    clean: bool
