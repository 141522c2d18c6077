"""Records of octoDNS that stand in no file as they are: each of their parts has the same place."""

from __future__ import annotations

from collections.abc import Sequence

from zonelint.grammars.masterfile.rdata import string_octets
from zonelint.grammars.masterfile.tokens import words_of
from zonelint.grammars.zone import TEXT_TYPES, Field, Record, Span, Text


class PlacedRecord(Record):
    """A record as rdata. Its place is the whole record's, if it has one at all."""

    __slots__ = ("is_alternative", "is_proxied", "rdata", "span")

    rdata: str
    span: Span
    is_alternative: bool
    is_proxied: bool

    def __init__(
        self,
        owner: str,
        type: str,
        ttl: int | None,
        rdata: str,
        span: Span,
        is_alternative: bool = False,
        is_proxied: bool = False,
    ) -> None:
        self.owner = owner
        self.type = type
        self.ttl = ttl
        self.rdata = rdata
        self.span = span
        self.is_alternative = is_alternative
        self.is_proxied = is_proxied

    @property
    def fields(self) -> Sequence[Field]:
        return tuple(Field(word, self.span) for word in words_of(self.rdata))

    @property
    def text(self) -> PlacedText:
        if self.type not in TEXT_TYPES:
            raise ValueError(f"a {self.type} record has no text")
        return PlacedText(self)


class PlacedText(Text):
    """The text of a record whose characters have no places of their own."""

    __slots__ = ("record",)

    def __init__(self, record: PlacedRecord) -> None:
        self.record = record
        octets = [string_octets(word) for word in words_of(record.rdata)]
        self.strings = tuple(piece.decode("utf-8", "surrogateescape") for piece in octets)
        self.value = b"".join(octets).decode("utf-8", "surrogateescape")

    def span(self, start: int, end: int) -> Span:
        return self.record.span
