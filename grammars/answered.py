"""A text that is answered at a name without being written there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from zonelint.grammars.spelling import Spelling
from zonelint.grammars.zone import Field, Record, Span, Text


@dataclass(eq=False, repr=False, slots=True)
class AnsweredText(Record):
    """What is asked for at `owner`, and found where `leading` leads: an alias, a wildcard.

    Its place is that of `leading`; `end` is the name at which it is written. `texts` says how many
    of its kind are found with it.
    """

    owner: str
    type: str = field(init=False)
    ttl: int | None = field(init=False)
    leading: Record
    value: str
    end: str
    texts: int

    def __post_init__(self) -> None:
        self.type = self.leading.type
        self.ttl = self.leading.ttl

    @property
    def text(self) -> Text:
        return self.read_text()

    def read_text(self) -> Text:
        return Text(self, (self.value,), self.value)

    @property
    def rdata(self) -> str:
        return self.leading.rdata

    @property
    def fields(self) -> Sequence[Field]:
        return self.leading.fields

    @property
    def span(self) -> Span:
        return self.leading.span

    @property
    def rdata_span(self) -> Span:
        return self.leading.rdata_span

    def stretch(self, start: int, end: int) -> Span:
        return self.leading.rdata_span

    @property
    def spelling(self) -> Spelling:
        return self.leading.spelling

    def doubts(self, place: Span, *texts: str) -> tuple[str, ...]:
        return self.leading.doubts(place, *texts)
