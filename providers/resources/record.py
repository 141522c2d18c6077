"""A record that stands in a resource of Pulumi or Terraform.

Its Spans are those of the source where that was read. Else they have the resource's address (a URN,
`aws_route53_record.spf`) as their path; the line is the number of the value among the resource's
values, from 1, and the columns count the characters of that value from 1, as it is written in the
property.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from zonelint.grammars.dnsname import absolute
from zonelint.grammars.masterfile.rdata import NAME_FIELDS
from zonelint.grammars.masterfile.tokens import Offsets, logical_line
from zonelint.grammars.rdata import quote
from zonelint.grammars.spelling import ZONE_FILE, Spelling
from zonelint.grammars.spf import record as spf
from zonelint.grammars.zone import TEXT_TYPES, Field, Reason, Record, Span, Text, by_character
from zonelint.rules.model.answers import ADDRESSES

from .kinds import RecordKind
from .spelling import ResourceSpelling
from .texts import Style, Written, places_of, strings_of
from .values import VALUE_STAND_IN, Hole, Where, stand_ins

_DOMAIN_OF_ADDRESS = re.compile(f"@({VALUE_STAND_IN.pattern})")
_ADDRESSED = ("rua", "ruf")
"""Tags of which the value tells where reports go."""


@dataclass(eq=False, repr=False, slots=True)
class ResourceRecord(Record):
    """One value of a resource.

    address: the resource's.
    index: the number of the value, from 0.
    written: the value, or for a type with several fields its rdata as put together from the
      properties.
    kind: that of the resource.
    origin: what relative names in the rdata are relative to.
    hidden: nothing of it may be shown.
    reason: why only owner and type are known.
    where: where the value is written in a source.
    owner_at and ttl_at: where owner and TTL are.
    home: the zone that it is in.
    behind: the record that is written, where this one is what its provider answers with at an
      alias that leads there.
    leads_to: of addresses that are not known, the name that their provider looks up.
    made_of: what tells its unknown parts from others of the same words; see Reason.
    """

    owner: str
    type: str
    ttl: int | None
    address: str
    index: int
    written: Written
    style: Style
    origin: str
    kind: RecordKind | None = None
    is_proxied: bool = False
    hidden: bool = False
    reason: str = ""
    where: Where | None = None
    owner_at: Span | None = None
    ttl_at: Span | None = None
    home: str | None = None
    behind: ResourceRecord | None = None
    leads_to: str | None = None
    made_of: str = ""

    def __repr__(self) -> str:
        shown = "(hidden)" if self.hidden else repr(self.written)
        return f"<{self.owner} {self.ttl} {self.type} {shown}>"

    @property
    def unknown(self) -> str:
        # That there is an address is all that most need to know.
        return "" if self.type in ADDRESSES else self.reason

    @property
    def holes(self) -> Sequence[Hole]:
        """What of the value is not known."""
        return () if self.where is None else self.where.holes

    def doubts(self, place: Span, *texts: str) -> tuple[str, ...]:
        """What would have to be known before a fault is one.

        What is fixed proves a fault that stands in it. Of a whole text it proves one only where
        what is not known is a part of a word.
        """
        if self.unknown:
            return (self.unknown,)
        if place == self.owner_at and {*stand_ins(self.owner)} - {*stand_ins(self.home or "")}:
            return (self.owner,)
        holes = self.holes
        if not holes or place.path != self.span.path:
            return ()
        # A zone of that name says nothing of the form of an address in it.
        inherited = {*stand_ins(self.owner)} - {*_DOMAIN_OF_ADDRESS.findall(" ".join(texts))}
        plain = self.plain
        names = {plain[hole.start : hole.end] for hole in holes}
        told = {name for text in texts for name in stand_ins(text)}
        if told & names - inherited:
            lacking = holes
        elif place == self.span:
            lacking = [hole for hole in holes if not hole.inside]
        elif any(_overlap(place, self.stretch(hole.start, hole.end)) for hole in holes):
            lacking = holes
        else:
            return ()
        at = f"{place.path}:{place.line}"
        return tuple(
            Reason(f"the value of {at}, which depends on {hole.why}", self.made_of)
            for hole in lacking
        )

    @property
    def lacking(self) -> tuple[str, ...]:
        """What would have to be known before it is known what it says.

        To whom reports go and whom a name in SPF leads to is not a part of that.
        """
        text = self.text.value if self.holes and self.type in TEXT_TYPES else ""
        if spf.is_spf(text):
            parts = [word for word in text.split(" ") if spf.parse(f"v=spf1 {word}").faults]
        else:
            tags = text.split(";")
            parts = [tag for tag in tags if tag.partition("=")[0].strip().lower() not in _ADDRESSED]
        return tuple(dict.fromkeys((*self.doubts(self.span), *self.doubts(self.span, *parts))))

    @property
    def spelling(self) -> Spelling:
        if self.kind is None:
            return ZONE_FILE
        return ResourceSpelling(self.kind, self.home, self.written)

    @property
    def spelt(self) -> str:
        if self.type in TEXT_TYPES:
            return json.dumps(self.written, ensure_ascii=False)
        return self.spelling.value(self.type, self.rdata)

    @property
    def plain(self) -> str:
        """What is written, as one string."""
        return "".join(self.written) if isinstance(self.written, tuple) else self.written

    def words(self) -> list[Offsets]:
        """The fields of `written`; a text is one field."""
        if self.type in TEXT_TYPES:
            return [(0, len(self.plain))]
        line = logical_line("(" + self.plain, 0)
        return [(start - 1, end - 1) for start, end in line.tokens]

    def stretch(self, start: int, end: int) -> Span:
        """The place of `plain[start:end]`."""
        if self.where is not None:
            return self.where.span(start, end)
        line = self.index + 1
        return Span(self.address, line, start + 1, line, end + 1)

    @property
    def fields(self) -> Sequence[Field]:
        plain = self.plain
        return tuple(Field(plain[s:e], self.stretch(s, e)) for s, e in self.words())

    @property
    def rdata(self) -> str:
        if self.type in TEXT_TYPES:
            return " ".join(quote(string) for string in strings_of(self.written, self.style))
        plain = self.plain
        texts = [plain[start:end] for start, end in self.words()]
        for index in NAME_FIELDS.get(self.type, ()):
            texts[index] = absolute(texts[index], self.origin)
        return " ".join(texts)

    def read_text(self) -> Text:
        return Text.of_octets(self, strings_of(self.written, self.style))

    def places_in(self, value: str) -> list[Offsets]:
        pieces = places_of(self.written, self.style)
        return by_character(value, [(p.start, p.end) for p in pieces for _ in p.octets])

    @property
    def span(self) -> Span:
        return self.stretch(0, len(self.plain))

    @property
    def owner_span(self) -> Span:
        """The name where it is written; else the resource, of which it is another property."""
        return self.owner_at or self.span

    @property
    def ttl_span(self) -> Span:
        return self.ttl_at or self.span


def _overlap(one: Span, other: Span) -> bool:
    return (one.line, one.column) < (other.end_line, other.end_column) and (
        other.line,
        other.column,
    ) < (one.end_line, one.end_column)


@dataclass(frozen=True, slots=True)
class Joined:
    """The places of several fields that make up one rdata. parts: from which offset on each holds,
    and how far its own text begins behind that."""

    parts: tuple[tuple[int, int, Where], ...]

    @property
    def holes(self) -> Sequence[Hole]:
        return [
            replace(hole, start=hole.start - own + at, end=hole.end - own + at)
            for at, own, where in self.parts
            for hole in where.holes
        ]

    def span(self, start: int, end: int) -> Span:
        """The place in the field that holds the start; all of the fields where it holds not all."""
        at, own, where = next(
            p for p in reversed(self.parts) if p[0] <= start or p is self.parts[0]
        )
        first = where.span(max(start - at, 0) + own, max(end - at, 0) + own)
        last_at, last_own, last = next(
            p for p in reversed(self.parts) if p[0] < end or p is self.parts[0]
        )
        if last is where:
            return first
        return self.parts[-1][2].span(last_own, max(end - last_at, 0) + last_own)
