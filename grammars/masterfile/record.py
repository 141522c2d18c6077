"""A record of a master file: it keeps offsets only and reads its fields when it is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from zonelint.grammars.dnsname import absolute
from zonelint.grammars.masterfile.head import head_of
from zonelint.grammars.masterfile.rdata import (
    GENERIC,
    NAME_FIELDS,
    READ_TYPES,
    normal_rdata,
    string_octets,
)
from zonelint.grammars.masterfile.tokens import Offsets, SourceText, logical_line
from zonelint.grammars.zone import (
    TEXT_TYPES,
    Field,
    Record,
    Span,
    Text,
    by_character,
    octets,
)

_MARKS = re.compile(r'[()";\\]|[^ -~\t\r\n]')
_FIRST = re.compile(r"[ \t(]*+")
_WORD = re.compile(r'"(?:[^"\\\n]|\\[\s\S])*+"|(?:[^ \t\r\n;()"\\]|\\[^\r\n])++')
_PIECE = re.compile(r"\\[0-9]{3}|\\[\s\S]|[^\\]")
_COMMENT = re.compile(r"[ \t)]*+(;[^\r\n]*+)")
_LINE_BREAKS = ("", "\n", "\r")
_LINE_END = re.compile(r"\\[\s\S]|[\r\n]")


def _as_digits(found: re.Match[str]) -> str:
    """A line break, escaped or not, as three digits; any other escape as it is."""
    octet = found[0][-1]
    return f"\\{ord(octet):03d}" if octet in "\r\n" else found[0]


class DefaultTtl(NamedTuple):
    """A `$TTL`: where its number stands, and the seconds that it gives."""

    source: SourceText
    place: Offsets
    seconds: int

    @property
    def text(self) -> str:
        return self.source.text[slice(*self.place)]

    @property
    def span(self) -> Span:
        return self.source.span(*self.place)


class RecordPlace(NamedTuple):
    """What many records share: their source, the origin for their relative names, their `$TTL`."""

    source: SourceText
    origin: str
    default: DefaultTtl | None = None


class Layout(NamedTuple):
    """Where the parts of a record stand in `record.source.text`.

    line: the whole logical line, trailing comment and line break included.
    owner, ttl, class_: None where they are left out.
    comments: all of the logical line's.
    """

    line: Offsets
    owner: Offsets | None
    ttl: Offsets | None
    class_: Offsets | None
    type: Offsets
    rdata: Offsets
    comments: tuple[Offsets, ...]


_PROXIED = re.compile(r"\bcf_tags=(?:[^\s;]*,)?cf-proxied:true\b", re.IGNORECASE)


@dataclass(eq=False, repr=False, slots=True)
class MasterRecord(Record):
    """A record of a master file.

    `place` names its source and origin, `at` is the offset of its logical line; the rdata
    stands `begin` to `end` characters behind that. `editable` tells whether the text of
    `source` can be changed there to change this record and no other.
    """

    editable = True

    owner: str
    type: str
    ttl: int | None
    place: RecordPlace
    at: int
    begin: int
    end: int

    def __repr__(self) -> str:
        return f"<{self.owner} {self.ttl} {self.type} {self.written}>"

    @property
    def source(self) -> SourceText:
        """The file that the record stands in: of an included record, the included file."""
        return self.place.source

    @property
    def origin(self) -> str:
        """The origin in force where the record stands: what its relative names are relative to."""
        return self.place.origin

    @property
    def written(self) -> str:
        """The rdata as it stands in the source, with all its blanks, comments and parentheses."""
        at = self.at
        return self.place.source.text[at + self.begin : at + self.end]

    def stretch(self, start: int, end: int) -> Span:
        """The place of `written[start:end]`."""
        base = self.at + self.begin
        return self.place.source.span(base + start, base + end)

    def words(self) -> list[Offsets]:
        """The fields of `written`, as offsets into it."""
        written = self.written
        # The parentheses that were opened in front of the rdata, or more: line breaks are blanks.
        opened = 1 + written.count(")")
        tokens = logical_line("(" * opened + written, 0).tokens
        return [(start - opened, end - opened) for start, end in tokens]

    @property
    def fields(self) -> Sequence[Field]:
        written = self.written
        return tuple(
            Field(written[start:end], self.stretch(start, end)) for start, end in self.words()
        )

    def _texts(self) -> list[str]:
        written = self.written
        if not _MARKS.search(written):
            return written.split()
        strings = plain_strings(written)
        if strings is not None:
            return [f'"{string}"' for string in strings]
        return [written[start:end] for start, end in self.words()]

    @property
    def rdata(self) -> str:
        if self.type == "A" or self.type == "AAAA":
            written = self.written
            if written.isascii() and not written.startswith("\\"):
                return written
        texts = self._texts()
        if texts and texts[0] == GENERIC and self.type in READ_TYPES:
            return normal_rdata(self.type, " ".join(texts), self.origin) or " ".join(texts)
        for index in NAME_FIELDS.get(self.type, ()):
            texts[index] = absolute(texts[index], self.origin)
        rdata = " ".join(texts)
        # A string may hold a line break: behind a backslash, or a lone CR.
        return rdata if rdata.isprintable() else _LINE_END.sub(_as_digits, rdata)

    def read_text(self) -> Text:
        plain = plain_strings(self.written)
        if plain is not None:
            return Text(self, plain, "".join(plain))
        return Text.of_octets(self, _strings_of(self))

    @property
    def strings(self) -> tuple[str, ...]:
        plain = plain_strings(self.written) if self.type in TEXT_TYPES else None
        return self.text.strings if plain is None else plain

    @property
    def opening(self) -> int:
        return 1  # behind the quote

    def places_in(self, value: str) -> list[Offsets]:
        written, words = self.written, self.words()
        if words and written[slice(*words[0])] == GENERIC:
            return [(0, len(written))] * len(value)
        places: list[Offsets] = []
        is_plain = written.isascii() and "\\" not in written
        for start, end in words:
            if written[start] == '"':
                start, end = start + 1, end - 1
            if is_plain:
                places.extend(zip(range(start, end), range(start + 1, end + 1), strict=True))
                continue
            for piece in _PIECE.finditer(written, start, end):
                # An escape of three digits is one octet, anything else what its character has.
                width = 1 if len(piece[0]) == 4 else octets(piece[0][-1])
                places.extend([piece.span()] * width)
        return by_character(value, places)

    def read_target(self, index: int) -> str:
        texts = self._texts()
        if texts[0] == GENERIC:
            return absolute(self.rdata.split(" ")[index], self.place.origin)
        return absolute(texts[index], self.place.origin)

    @property
    def preference(self) -> int:
        if self.type != "MX":
            raise ValueError(f"a {self.type} record has no preference")
        first = self._texts()[0]
        return int(self.rdata.split(" ")[0] if first == GENERIC else first)

    @property
    def span(self) -> Span:
        return self.source.span(self._first(), self.at + self.end)

    def _first(self) -> int:
        found = _FIRST.match(self.source.text, self.at)
        return found.end() if found else self.at

    @property
    def owner_span(self) -> Span:
        text, start = self.source.text, self._first()
        if text[self.at] in " \t":
            return self.source.span(start, start)
        found = _WORD.match(text, start)
        return self.source.span(start, found.end() if found else start)

    @property
    def ttl_span(self) -> Span:
        ttl = self.layout.ttl
        return self.span if ttl is None else self.source.span(*ttl)

    @property
    def default(self) -> DefaultTtl | None:
        """The `$TTL` that gives the record its TTL; None where it is another's, or its own."""
        found = self.place.default
        is_given = found is not None and found.seconds == self.ttl and not self._states_ttl
        return found if is_given else None

    @property
    def _states_ttl(self) -> bool:
        return self.layout.ttl is not None

    @property
    def rdata_span(self) -> Span:
        return self.stretch(0, self.end - self.begin)

    @property
    def comment(self) -> Field | None:
        source = self.place.source
        text, end = source.text, self.at + self.end
        if text[end : end + 1] in _LINE_BREAKS:
            return None  # as behind most records
        found = _COMMENT.match(text, end)
        return None if found is None else Field(found[1], source.span(*found.span(1)))

    @property
    def is_proxied(self) -> bool:
        """Cloudflare's exports tell it in a comment."""
        comment = self.comment
        return comment is not None and _PROXIED.search(comment.text) is not None

    @property
    def layout(self) -> Layout:
        """Where the parts stand, as offsets into the source's text; read anew at each call."""
        text = self.source.text
        line = logical_line(text, self.at)
        head = head_of(text, line)
        assert head.type is not None, "a record's line has a type"
        return Layout(
            (line.start, line.end),
            head.owner,
            head.ttl,
            head.class_,
            head.type,
            (self.at + self.begin, self.at + self.end),
            tuple(line.comments),
        )


class GeneratedRecord(MasterRecord):
    """One of the records that a $GENERATE directive stands for; its Spans are the directive's."""

    __slots__ = ("generated",)

    editable = False

    def __init__(
        self, owner: str, type: str, ttl: int | None, place: RecordPlace, line: Offsets, rdata: str
    ) -> None:
        super().__init__(owner, type, ttl, place, line[0], 0, line[1] - line[0])
        self.generated = rdata

    @property
    def written(self) -> str:
        """The rdata that the directive generates for this record; it stands in no file."""
        return self.generated

    stretch = Record.stretch
    owner_span = Record.owner_span
    ttl_span = Record.ttl_span
    comment = Record.comment
    """None: a comment behind the directive belongs to no record of its own."""

    @property
    def _states_ttl(self) -> bool:
        """Nobody can tell; a change of the `$TTL` is refused where it does."""
        return False

    @property
    def layout(self) -> Layout:
        """A generated record stands nowhere: ValueError."""
        raise ValueError("a generated record has no place of its own")


def plain_strings(written: str) -> tuple[str, ...] | None:
    """The strings of TXT rdata, where all are quoted, ASCII and without a backslash; None else."""
    if "\\" in written or not written.isascii():
        return None
    pieces = written.split('"')
    if len(pieces) == 3:
        return None if pieces[0] or pieces[2] else (pieces[1],)
    between = pieces[::2]
    if len(pieces) % 2 == 0 or len(pieces) == 1 or between[0] or between[-1]:
        return None
    return None if "".join(between).strip(" \t\r\n") else tuple(pieces[1::2])


def _strings_of(record: MasterRecord) -> list[bytes]:
    written = record.written
    texts = [written[start:end] for start, end in record.words()]
    if texts and texts[0] == GENERIC:
        import dns.rdata
        from dns.rdtypes.txtbase import TXTBase

        rdata = dns.rdata.from_text("IN", record.type, " ".join(texts))
        assert isinstance(rdata, TXTBase), "TXT and SPF are the types with text"
        return [*rdata.strings]
    return [string_octets(text) for text in texts]
