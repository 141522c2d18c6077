"""Records of octoDNS that stand in no file as they are: each of their parts has the same place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from zonelint.grammars.masterfile.rdata import string_octets
from zonelint.grammars.masterfile.tokens import words_of
from zonelint.grammars.zone import Field, Record, Span, Text


@dataclass(eq=False, repr=False, slots=True)
class PlacedRecord(Record):
    """A record as rdata. Its place is the whole record's, if it has one at all."""

    owner: str
    type: str
    ttl: int | None
    rdata: str = field()  # not the property of all records
    span: Span = field()
    is_alternative: bool = False
    is_proxied: bool = False

    @property
    def fields(self) -> Sequence[Field]:
        return tuple(Field(word, self.span) for word in words_of(self.rdata))

    def read_text(self) -> Text:
        return Text.of_octets(self, [string_octets(word) for word in words_of(self.rdata)])
