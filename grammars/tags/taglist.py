"""Tag lists: `v=DMARC1; p=none`. One grammar for DMARC, DKIM, MTA-STS, TLS-RPT and BIMI.

`taglist.lark` is the definition (RFC 6376 section 3.2 and the sections that its rules name).
A record is split at its semicolons and read piece by piece; a piece that was read once is
remembered, since zones hold the same tags again and again. Behind the grammar stands the repair,
which finds what the writer of a broken piece meant and names every fault of it.

A language (`zonelint.grammars.tags.dmarc`, `dkim`, `transport`) is a `Language`: its version, its
tags, and a `ValueRule` for each.

Features, the words that let a rule be skipped without looking at the record:

* `"p"`: the record has a tag of that name, even where its spelling is broken. Lower case in
  languages that fold case. Only tags that the language knows.
* `"p=none"`: the tag has this value (lower case); only tags with few possible values.
* `"without:rua"`: the language knows the tag and the record does not have it.
* `"fault:duplicate"`: the record has a fault of this kind.
* what a language adds: see there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate
from typing import Any, ClassVar, Self

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.tags.clean import clean
from zonelint.grammars.tags.language import Language
from zonelint.grammars.tags.reporturi import ReportUri
from zonelint.grammars.tags.tree import (
    BLANKS,
    LONGEST_REMEMBERED,
    Piece,
    PieceTag,
    Shape,
    Tag,
    sort_of,
)
from zonelint.grammars.tags.whole import whole_faults

__all__ = ["Tag", "TagList", "read_pieces"]


_LONGEST_KEPT = 1024


@dataclass(frozen=True, slots=True, eq=False)
class TagList:
    """A record of tags. Two are equal when their tags have the same names and values.

    text: the decoded text as it stands in the zone. `str()` gives the normal form.
    pieces: what stands between the semicolons; use `tags`.
    shape: what follows from their sorts.
    origin: where each character of the cleaned text stands in `text`; None when they are the same.
    cleaning: a fault for each run of characters that had to be read as others.
    """

    text: str
    pieces: tuple[Piece, ...]
    shape: Shape
    origin: tuple[int, ...] | None = None
    cleaning: tuple[Fault, ...] = ()
    _tags: tuple[Tag, ...] | None = field(default=None, init=False, repr=False)

    language: ClassVar[Language]

    @classmethod
    def read(cls, text: str) -> Self:
        """Read any text; what is wrong with it is in `faults`. Never raises."""
        # What is made of a long text is not kept.
        read: Any = _read if len(text) <= _LONGEST_KEPT else _read.__wrapped__
        found: Self = read(cls, text)
        return found

    @classmethod
    def _made(cls, text: str) -> Self:
        language = cls.language
        if text.isascii() and text.isprintable():
            pieces = read_pieces(language, text)
            return cls(text, pieces, language.shape(pieces))
        cleaned, origin, faults = clean(text, language.folds)
        pieces = read_pieces(language, cleaned)
        return cls(text, pieces, language.shape(pieces), origin, faults)

    def __str__(self) -> str:
        return "; ".join(str(tag) for tag in self.tags)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TagList) or type(self) is not type(other):
            return NotImplemented
        return self._content() == other._content()

    def __hash__(self) -> int:
        return hash(self._content())

    def _content(self) -> tuple[tuple[str, str], ...]:
        return tuple((entry.name, entry.value) for piece in self.pieces for entry in piece.fields)

    # -- places

    def cleaned(self) -> str:
        """The text as the grammar read it: ASCII, without control characters."""
        return self.text if self.origin is None else ";".join(piece.text for piece in self.pieces)

    def piece_starts(self) -> list[int]:
        """The offset of each piece in the cleaned text."""
        lengths = [len(piece.text) + 1 for piece in self.pieces[:-1]]
        return list(accumulate(lengths, initial=0))

    def _from(self, offset: int) -> int:
        if self.origin is None:
            return offset
        return self.origin[offset] if offset < len(self.origin) else len(self.text)

    def _to(self, offset: int) -> int:
        if self.origin is None:
            return offset
        return self.origin[offset - 1] + 1 if offset else 0

    def _placed(self, fault: Fault) -> Fault:
        if self.origin is None:
            return fault
        start = self._from(fault.start)
        end = max(start, self._to(fault.end))
        return Fault(fault.kind, start, end, fault.message, fault.suggestion)

    # -- what is in the record

    @property
    def tags(self) -> tuple[Tag, ...]:
        """Every tag in order, and text that is no tag with an empty name."""
        tags = self._tags
        if tags is None:
            # Few are asked where their tags stand.
            tags = tuple(self._placed_tags())
            object.__setattr__(self, "_tags", tags)
        return tags

    def _placed_tags(self) -> Iterator[Tag]:
        for piece, offset in zip(self.pieces, self.piece_starts(), strict=True):
            fault_starts = [fault.start for fault in piece.faults]
            for entry in piece.fields:
                start, end = self._from(entry.start + offset), self._to(entry.end + offset)
                first = bisect_left(fault_starts, entry.start)
                last = bisect_left(fault_starts, max(entry.end, entry.start + 1))
                inside = piece.faults[first:last]
                faults = tuple(self._placed(fault.shifted(offset)) for fault in inside)
                # What stands for nothing behind an empty value is no part of the tag.
                value_start = min(self._from(entry.value_start + offset), end)
                value_end = max(value_start, self._to(entry.value_end + offset))
                yield Tag(
                    entry.name, entry.value, start, end, value_start, value_end,
                    self.text[start:end], faults, entry.sound,
                )  # fmt: skip

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault of the record in the order of their places."""
        if self.is_clean:
            return ()
        found = [
            fault.shifted(offset)
            for piece, offset in zip(self.pieces, self.piece_starts(), strict=True)
            for fault in piece.faults
        ]
        found += whole_faults(self.language, self.pieces, self.piece_starts())
        placed = [*self.cleaning, *map(self._placed, found)]
        return tuple(sorted(placed, key=lambda fault: (fault.start, fault.end)))

    @property
    def is_clean(self) -> bool:
        """The record has no fault. Cheaper than `faults`."""
        return self.shape.clean and not self.cleaning

    @property
    def features(self) -> frozenset[str]:
        """Words about the record, see the module's documentation."""
        if self.shape.clean and not self.cleaning:
            return self.shape.features
        return self.shape.features | {f"fault:{fault.kind.value}" for fault in self.faults}

    def tag(self, name: str) -> Tag | None:
        """The first tag of a name, sound or not."""
        return next((tag for tag in self.tags if tag.name == name), None)

    def has(self, name: str) -> bool:
        return any(entry.name == name for piece in self.pieces for entry in piece.fields)

    def value(self, name: str) -> str | None:
        """The value of the first tag of a name, in its normal form.

        None when the tag is absent or a receiver cannot read it.
        """
        for piece in self.pieces:
            for entry in piece.fields:
                if entry.name == name:
                    return entry.value if entry.sound else None
        return None

    def raw_values(self, name: str) -> Iterator[tuple[str, int]]:
        """Each value of a name as the grammar read it, and its offset in the cleaned text."""
        offset = 0
        for piece in self.pieces:
            for entry in piece.fields:
                if entry.name == name:
                    raw = piece.text[entry.value_start : entry.value_end]
                    yield raw, entry.value_start + offset
            offset += len(piece.text) + 1

    def placed_uri(self, uri: ReportUri, offset: int) -> ReportUri:
        """An address of the cleaned text, at its place in the record's text."""
        shifted = uri.shifted(offset)
        if self.origin is None:
            return shifted
        start = self._from(shifted.start)
        return replace(
            shifted,
            start=start,
            end=max(start, self._to(shifted.end)),
            faults=tuple(map(self._placed, shifted.faults)),
        )

    # -- the record rewritten; every method gives a text, and leaves all else as it stands

    def replacing(self, tag: Tag | str, new: str) -> str:
        """The text with another tag in the place of this one; unchanged if there is no such tag."""
        old = self._find(tag)
        return self.text if old is None else self.text[: old.start] + new + self.text[old.end :]

    def without(self, *tags: Tag | str) -> str:
        """The text without these tags and the separators that they leave behind.

        A name stands for every tag of that name.
        """
        all_tags = self.tags
        names = {tag for tag in tags if isinstance(tag, str)}
        gone = {tag.start for tag in tags if isinstance(tag, Tag)}
        gone |= {tag.start for tag in all_tags if tag.name in names}
        kept = [number for number, tag in enumerate(all_tags) if tag.start not in gone]
        if not gone:
            return self.text
        if not kept:
            return ""
        last = kept[-1]
        text = self.text
        if last < len(all_tags) - 1:
            text = text[: all_tags[last].end] + text[all_tags[-1].end :]
        for number in range(last - 1, -1, -1):
            if all_tags[number].start in gone:
                text = text[: all_tags[number].start] + text[all_tags[number + 1].start :]
        return text

    def appending(self, new: str) -> str:
        """The text with a tag after the last one."""
        tags = self.tags
        if not tags:
            return new
        return self.text[: tags[-1].end] + self.separator + new + self.text[tags[-1].end :]

    def inserting_after(self, tag: Tag | str, new: str) -> str:
        """The text with a tag after this one; after the last one if there is no such tag."""
        place = self._find(tag)
        if place is None:
            return self.appending(new)
        return self.text[: place.end] + self.separator + new + self.text[place.end :]

    def correcting(self, *kinds: FaultKind) -> str:
        """The text with the suggestion of every fault of these kinds (all without) put in."""
        parts: list[str] = []
        done = 0
        # Of two faults at one place the wider one has the whole answer.
        for fault in sorted(self.faults, key=lambda fault: (fault.start, -fault.end)):
            wanted = not kinds or fault.kind in kinds
            if wanted and fault.suggestion is not None and fault.start >= done:
                parts += (self.text[done : fault.start], fault.suggestion)
                done = fault.end
        return "".join([*parts, self.text[done:]])

    def with_version_first(self) -> str:
        """The text with exactly one version, and that in front; the other tags as they stand."""
        version = self.language.version
        if not version:
            return self.text
        bare = self.text.strip()
        if bare[:1] in ("'", '"') and bare[:1] == bare[-1:]:
            bare = bare[1:-1]
        ahead = self.language.ahead.match(bare)
        if ahead is not None:
            bare = f"v={version}{bare[ahead.end() :]}"
        record = type(self).read(type(self).read(bare).correcting(FaultKind.VERSION))
        heads = [tag for tag in record.tags if tag.name == "v"]
        rest = record.without(*heads).strip(BLANKS + ";,\"'\\")
        tail = ";" if rest and record.text.rstrip().endswith(";") else ""
        return f"v={version}{record.separator}{rest}{tail}" if rest else f"v={version}"

    @property
    def separator(self) -> str:
        """How this record writes what stands between two tags: `"; "` or `";"`."""
        tags = self.tags
        if len(tags) > 1:
            between = self.text[tags[0].end : tags[1].start]
            if between == ";":
                return between
        return "; "

    def _find(self, tag: Tag | str) -> Tag | None:
        return self.tag(tag) if isinstance(tag, str) else tag


@lru_cache(maxsize=1 << 14)
def _read(kind: type[TagList], text: str) -> Any:
    """Read a record. Many zones have the same, and each is asked again by who leads there."""
    return kind._made(text)


# -- what stands between two semicolons: read by the grammar, else by the repair


def read_pieces(language: Language, text: str) -> tuple[Piece, ...]:
    """Read every piece of a cleaned text."""
    return tuple(
        [
            read_piece(language, piece)
            if len(piece) <= LONGEST_REMEMBERED
            else read_piece.__wrapped__(language, piece)
            for piece in text.split(";")
        ]
    )


@lru_cache(maxsize=1 << 15)
def read_piece(language: Language, text: str) -> Piece:
    """Read one piece."""
    if not text.strip(BLANKS):
        return Piece(text, (), (), sort_of((), (), frozenset(), True, False))
    read = language.parse(text)
    rule = None if read is None else language.tags.get(read.name)
    if read is None or rule is None:
        return _repaired(language, text)
    value_start, end = read.value_start, read.end
    if value_start < 0:
        value_start = end = text.index("=", read.start) + 1
    found = rule.check(text[value_start:end])
    faults: tuple[Fault, ...] = ()
    if found:
        faults = tuple(fault.shifted(value_start) for fault in found)
    entry = PieceTag(read.name, read.value, read.start, end, value_start, end, not faults)
    leads = read.name == "v" and not faults and language.leads(text, read.start, end)
    return Piece(text, (entry,), faults, language.judged_sort(text, (entry,), faults, leads))


def _repaired(language: Language, text: str) -> Piece:
    # Most runs meet no broken piece, and need not load what mends one.
    from zonelint.grammars.tags.repair import repair

    return repair(language, text)
