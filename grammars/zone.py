"""Zone, RRset, Record, Span: the one shape that every provider reads a world into.

A zone file, octoDNS YAML, a Pulumi resource and a Terraform plan all become these. Each record
keeps the place it came from, so that a finding can point at the exact term and a change can be
written back without touching anything else.

Names are absolute, in lower case, with their final dot, in presentation format (RFC 1035 §5.1):
`"www.example.com."`. Types are upper-case mnemonics: `"TXT"`.
"""

from __future__ import annotations

import copy
import re
from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import chain, islice, takewhile
from typing import NamedTuple, Protocol, Self, TypeVar

from zonelint.grammars.listing import listed
from zonelint.grammars.spelling import ZONE_FILE, Spelling


class Span(NamedTuple):
    """A stretch of a source: lines and columns count from 1, the end column is the one after."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class Text:
    """The character-strings of one TXT or SPF record, decoded and joined (RFC 7208 §3.3).

    `value` is the joined text. Octets that are UTF-8 are shown as the characters they spell,
    any other octet as a lone surrogate (`surrogateescape`), so nothing is lost.
    Offsets into `value` count characters from 0.
    """

    __slots__ = ("_places", "record", "strings", "value")

    def __init__(self, record: Record, strings: tuple[str, ...], value: str) -> None:
        self.record = record
        self.strings = strings
        self.value = value
        self._places: list[tuple[int, int]] | None = None

    @classmethod
    def of_octets(cls, record: Record, strings: Sequence[bytes]) -> Self:
        """The text that a record's character-strings are on the wire."""
        decoded = tuple(string.decode("utf-8", "surrogateescape") for string in strings)
        return cls(record, decoded, b"".join(strings).decode("utf-8", "surrogateescape"))

    def places(self) -> list[tuple[int, int]]:
        """For each character of `value` its place in what the record has written."""
        if self._places is None:
            self._places = self.record.places_in(self.value)
        return self._places

    def span(self, start: int, end: int) -> Span:
        """The place in the source of `value[start:end]`; an empty range gives one point."""
        places = self.places()
        if start < end:
            return self.record.stretch(places[start][0], places[end - 1][1])
        last = places[-1][1] if places else self.record.opening
        point = places[start][0] if start < len(places) else last
        return self.record.stretch(point, point)


def octets(text: str) -> int:
    """How many octets `text` takes on the wire."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))


def by_character(value: str, places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places of the characters of a text, from those of its octets."""
    if value.isascii():
        return list(places)
    found, at = [], 0
    for char in value:
        behind = at + octets(char)
        found.append((places[at][0], places[behind - 1][1]))
        at = behind
    return found


class Field(NamedTuple):
    """One field of a record's rdata, as written, with its place."""

    text: str
    span: Span


class RRset:
    """All records of one owner and type, in the order of the source, duplicates included.

    Nearly every RRset of a zone is a single record, and that record is its RRset: one object
    where there would be three.
    """

    __slots__ = ("owner", "type")

    owner: str
    type: str

    @property
    @abstractmethod
    def records(self) -> Sequence[Record]: ...

    @abstractmethod
    def __iter__(self) -> Iterator[Record]: ...

    @abstractmethod
    def __len__(self) -> int: ...

    def __repr__(self) -> str:
        return f"RRset({self.owner!r}, {self.type!r}, {[r.rdata for r in self.records]!r})"


TEXT_TYPES = ("TXT", "SPF")
"""The types whose rdata is a text."""
TARGET_FIELD = {"ALIAS": 0, "CNAME": 0, "DNAME": 0, "MX": 1, "NS": 0, "PTR": 0, "SRV": 3}
"""Which field of the rdata is the name that a record points at, by type."""


class Record(RRset):
    """One resource record and where it stands. Each provider has its own subclass.

    `ttl` is in seconds, None where the source gives none (the provider's default applies).
    """

    __slots__ = ("_target", "ttl")

    ttl: int | None

    @property
    def records(self) -> Sequence[Record]:
        return (self,)

    def __iter__(self) -> Iterator[Record]:
        yield self

    def __len__(self) -> int:
        return 1

    @property
    @abstractmethod
    def rdata(self) -> str:
        """Presentation format on one line, as written apart from blanks, comments and parentheses.

        Relative names are made absolute for the types that a rule reads.
        """

    @property
    @abstractmethod
    def fields(self) -> Sequence[Field]:
        """The rdata's fields in their order, as written."""

    @property
    def text(self) -> Text:
        """The decoded text of a TXT or SPF record. ValueError for any other type."""
        if self.type not in TEXT_TYPES:
            raise ValueError(f"a {self.type} record has no text")
        return self.read_text()

    @abstractmethod
    def read_text(self) -> Text:
        """The text, of a record that has one."""

    def places_in(self, value: str) -> list[tuple[int, int]]:
        """For each character of its text where it is written, as offsets that `stretch` takes."""
        return [(0, 0)] * len(value)

    def stretch(self, start: int, end: int) -> Span:
        """The place of a stretch of what is written; the record's, where it is written nowhere."""
        return self.span

    @property
    def opening(self) -> int:
        """The point inside of a text that has no character."""
        return 0

    @property
    def strings(self) -> tuple[str, ...]:
        """The decoded character-strings of a TXT or SPF record, cheaper to have than `text`.

        ValueError for any other type.
        """
        return self.text.strings

    @property
    def target(self) -> str:
        """The absolute name that a record of a type in TARGET_FIELD points at, lower case.

        ValueError for any other type.
        """
        try:
            return self._target
        except AttributeError:
            index = TARGET_FIELD.get(self.type)
            if index is None:
                raise ValueError(f"a {self.type} record has no target") from None
            self._target: str = self.read_target(index)
            return self._target

    def read_target(self, index: int) -> str:
        """The target, of a record that has one in this field."""
        return self.rdata.split(" ")[index]

    @property
    def preference(self) -> int:
        """The preference of an MX record. ValueError for any other type."""
        if self.type != "MX":
            raise ValueError(f"a {self.type} record has no preference")
        return int(self.rdata.split(" ")[0])

    @property
    def unknown(self) -> str:
        """Why its value is not known, where only its owner and type are; empty where it is."""
        return ""

    def doubts(self, place: Span, *texts: str) -> tuple[str, ...]:
        """What would have to be known before a fault of it is one that is told with these texts.

        A provider that computes values knows some of them in part.
        """
        return (self.unknown,) if self.unknown else ()

    @property
    def leads_to(self) -> str | None:
        """The name whose addresses its provider answers with; None where none is known."""
        return self.target if self.type == "ALIAS" else None

    @property
    def is_alternative(self) -> bool:
        """Whether some get it in place of the set's other records, and not beside them."""
        return False

    @property
    def is_proxied(self) -> bool:
        """Whether the provider answers with addresses of its own, whatever the record holds."""
        return False

    @property
    @abstractmethod
    def span(self) -> Span:
        """The whole record, from its owner (or first written field) to the end of its rdata."""

    @property
    def owner_span(self) -> Span:
        """The owner as written; where it is omitted, the start of the record."""
        return self.span

    @property
    def ttl_span(self) -> Span:
        """The TTL as written; where it is omitted, the same as `span`."""
        return self.span

    @property
    def rdata_span(self) -> Span:
        """The rdata as written, from its first to its last field."""
        return self.span

    @property
    def spelling(self) -> Spelling:
        """How the record's source writes names and texts."""
        return ZONE_FILE

    @property
    def spelt(self) -> str:
        """The rdata as it is written in the record's source, on one line."""
        return self.rdata

    @property
    def comment(self) -> Field | None:
        """The comment behind the rdata on its last line, from its semicolon on; None: no comment.

        Only a master file has comments that may hold a part of the record.
        """
        return None


class Several(RRset):
    """An RRset of two records or more, or of as many as the reader comes to find."""

    __slots__ = ("records",)

    records: list[Record]

    def __init__(self, owner: str, type: str, records: list[Record]) -> None:
        self.owner = owner
        self.type = type
        self.records = records

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)


Place = tuple[str, ...]
"""Where somebody asks from: the way from the largest place to this one, () for everybody else.

A first step of "" is not known: some providers name a country without its continent. The last one
of a network has a `/` in it.
"""

NEAREST = "nearest"
"""By what an answer goes that is for those to whom no other place of the set is nearer."""

MOST_ANSWERS = 1000
"""Answers of one set that are told apart, by place, health and chance."""

NOBODY = ""
"""The name of an answer that is none of a set."""


class Variant(NamedTuple):
    """One of several answers of a name and type, of which each asker gets one.

    name: what it is called. records: None where they are not known.
    by: what it goes by beside chance and health: the place, the network; "" where by nothing.
    place: whose answer it is. level: how many answers before it have to be down.
    weight: how often it is given, among those of the same place and level.
    """

    name: str
    records: Sequence[Record] | None
    by: str = ""
    place: Place = ()
    level: int = 0
    weight: int = 1

    def changed(self, swapped: Mapping[Record, Record | None]) -> Variant:
        """With other records, or none, in the place of some."""
        made = [swapped.get(each, each) for each in self.records or ()]
        records = [each for each in made if each is not None]
        return self if self.records is None else self._replace(records=records)


class ZoneFaultKind(Enum):
    """What is wrong with a stretch of the source that could not become a record."""

    SYNTAX = "syntax"
    OUT_OF_ZONE = "out-of-zone"
    SERVER_DEPENDENT = "server-dependent"
    """It is read, and name servers do not agree on how."""


class ZoneFault(NamedTuple):
    """A stretch of the source that is no record of the zone, or that servers read differently.

    The rest of the source is read.
    """

    kind: ZoneFaultKind
    message: str
    advice: str
    span: Span
    owner: str | None = None
    type: str | None = None


class Suppression(NamedTuple):
    """A comment that asks for silence: `noqa` (codes None: every code) or `noqa: CODE, …`.

    It holds for findings that start on the lines `first_line` to `last_line`: those of the
    logical record that it stands on.
    has_words: it names no code, and says something else.
    sign: what begins a comment where it stands.
    """

    codes: tuple[str, ...] | None
    span: Span
    first_line: int
    last_line: int
    code_spans: tuple[Span, ...] = ()
    has_words: bool = False
    sign: str = ";"


UNREAD = "the records of the zone that this run does not see"
"""What is missing where a record may stand in a part of its zone that could not be read, or that
another source adds."""
ELSEWHERE = "the zone's other records, which may be elsewhere"
"""The same where the zone is only looked up: what else it holds may be another's to say."""
NOT_NAMED_YET = "the names of all records, some of which are known after the change"
"""The same where the owner of a record is not known yet."""
UNSEEN = "held only in the view"
"""The same where only zones of other views have the name; these follow."""

_AT_A_CUT = frozenset({"NS", "DS", "NSEC", "NSEC3", "RRSIG"})
"""What a zone holds itself at the owner of a delegation (RFC 4035 §2.4, §2.5)."""


class Answered(Enum):
    """How the zone itself answers a question (RFC 1034 §4.3.2)."""

    RECORDS = "records"
    NODATA = "nodata"
    NXDOMAIN = "nxdomain"
    ELSEWHERE = "elsewhere"  # below a delegation, or outside the zone: not ours to say


class Reason(str):
    """Why something is not known. made_of: what tells it from another unknown of the same words."""

    __slots__ = ("made_of",)

    made_of: str

    def __new__(cls, text: str, made_of: str = "") -> Reason:
        reason = super().__new__(cls, text)
        reason.made_of = made_of
        return reason


_PLACE_IN_WORDS = re.compile(r"(?<![^\s()])[^\s()]+:\d+")


def sameness(reason: str) -> tuple[str, str]:
    """What two unknowns of a zone before and after a change have in common if they are the same.

    They may have moved to another line.
    """
    return _PLACE_IN_WORDS.sub("", reason), getattr(reason, "made_of", "")


class Zone:
    """The RRsets of one zone.

    `records` counts all of them. `several` lists the RRsets of two records or more: the rules
    about multiplicity need look at no others. `complete` is False where a part of the zone that
    may hold any number of records could not be read (an $INCLUDE, say): that a record is missing
    is then no proof that it is absent. `gone` are owners and types of which it is known that
    nothing stands there any more, complete or not. `unknown` are those of which a value is not
    known, or whether there is one, with a phrase for each thing that would have to be known.
    `secret` are those of which a value is not to be shown. `variants` are those of which each asker
    gets one of several answers.
    """

    __slots__ = (
        "_backwards", "_cuts", "_names", "_published", "_types", "complete", "faults", "gone",
        "origin", "path", "records", "secret", "several", "suppressions", "unknown", "unread",
        "variants",
    )  # fmt: skip

    def __init__(self, origin: str, path: str) -> None:
        self.origin = origin
        self.path = path
        self.faults: list[ZoneFault] = []
        self.suppressions: list[Suppression] = []
        self.several: list[RRset] = []
        self.records = 0
        self.complete = True
        self.gone: set[tuple[str, str]] = set()
        self.unread: tuple[str, ...] = ()
        self.unknown: dict[tuple[str, str], tuple[str, ...]] = {}
        self.secret: set[tuple[str, str]] = set()
        self.variants: dict[tuple[str, str], list[Variant]] = {}
        self._types: dict[str, dict[str, RRset]] = {}
        self._names: frozenset[str] | None = None
        self._cuts: frozenset[str] | None = None
        self._backwards: list[str] | None = None
        self._published: Self | None = None

    def add(self, record: Record) -> None:
        """Put a record into its RRset. A provider with a faster loop may fill the table itself."""
        by_owner = self._types.setdefault(record.type, {})
        held = by_owner.get(record.owner)
        if held is None:
            by_owner[record.owner] = record
        elif isinstance(held, Several):
            held.records.append(record)
        else:
            several = Several(record.owner, record.type, [*held, record])
            by_owner[record.owner] = several
            self.several.append(several)
        self.records += 1
        self._names = self._cuts = self._backwards = self._published = None

    def note_unknown(self, owner: str, type: str, *reasons: str) -> None:
        """Take it that a value at an owner is not known, or whether there is one."""
        held = self.unknown.get((owner, type), ())
        self.unknown[owner, type] = tuple(dict.fromkeys((*held, *reasons)))
        self._names = self._published = None

    def table(self, type: str) -> dict[str, RRset]:
        """The RRsets of one type by owner; the zone's own table, empty where there are none."""
        return self._types.setdefault(type, {})

    def get(self, owner: str, type: str) -> RRset | None:
        """The RRset at exactly this owner; no wildcard, no delegation looked at."""
        by_owner = self._types.get(type)
        return None if by_owner is None else by_owner.get(owner)

    def of_type(self, type: str) -> Iterable[RRset]:
        by_owner = self._types.get(type)
        return () if by_owner is None else by_owner.values()

    def at(self, owner: str) -> list[RRset]:
        """Every RRset at exactly this owner."""
        found = (by_owner.get(owner) for by_owner in self._types.values())
        return [rrset for rrset in found if rrset is not None]

    def types(self) -> list[str]:
        return [type for type, by_owner in self._types.items() if by_owner]

    def rrsets(self) -> Iterator[RRset]:
        for by_owner in self._types.values():
            yield from by_owner.values()

    def each_record(self) -> Iterator[Record]:
        """Every record, RRset by RRset."""
        for rrset in self.rrsets():
            yield from rrset

    def contains(self, name: str) -> bool:
        """Whether the name is the origin or below it (delegations not considered)."""
        return is_below(name, self.origin)

    @property
    def names(self) -> frozenset[str]:
        """Every name that exists in the zone, empty non-terminals included (RFC 8020)."""
        if self._names is None:
            names: set[str] = {self.origin}
            unknown = [owner for owner, _ in self.unknown]
            tables: list[Iterable[str]] = [*self._types.values(), unknown]
            for by_owner in tables:
                for owner in by_owner:
                    if owner not in names:
                        names.add(owner)
                        if self.contains(owner):
                            owner = parent(owner)
                            while owner not in names:
                                names.add(owner)
                                owner = parent(owner)
            self._names = frozenset(names)
        return self._names

    def below(self, name: str) -> Iterator[str]:
        """The owners of records below a name."""
        if self._backwards is None:
            owners = {owner[::-1] for by_owner in self._types.values() for owner in by_owner}
            self._backwards = sorted(owners)
        end = f".{name}"[::-1] if name != "." else "."
        found = islice(self._backwards, bisect_left(self._backwards, end), None)
        names = (each[::-1] for each in takewhile(lambda each: each.startswith(end), found))
        return (each for each in names if each != name and is_below(each, name))

    @property
    def cuts(self) -> frozenset[str]:
        """The owners of the zone's delegations: NS below the apex."""
        if self._cuts is None:
            self._cuts = frozenset(o for o in self._types.get("NS", ()) if o != self.origin)
        return self._cuts

    @property
    def published(self) -> Self:
        """The zone as its servers answer with it: without what a delegation or a DNAME occludes.

        At a delegation its NS and DS are the zone's, below it and below a DNAME nothing is
        (RFC 1034 §4.3.2, RFC 4035 §3.1.4.1, RFC 6672 §2.4). Itself where nothing is occluded; made
        once, so it is asked for when the zone has been read.
        """
        if self._published is None:
            redirections = frozenset(self._types.get("DNAME", ()))
            hiding = self.cuts | redirections
            self._published = self._without_occluded() if hiding else self
        return self._published

    def is_occluded(self, name: str, type: str) -> bool:
        """Whether no server answers with the zone's records of a name and type."""
        redirections = self._types.get("DNAME", {})
        if name in self.cuts and type not in _AT_A_CUT:
            return True
        while name != self.origin and self.contains(name):
            name = parent(name)
            if name in self.cuts or name in redirections:
                return True
        return False

    def _without_occluded(self) -> Self:
        types = {
            type: {owner: s for owner, s in by_owner.items() if not self.is_occluded(owner, type)}
            for type, by_owner in self._types.items()
        }
        if all(len(types[type]) == len(by_owner) for type, by_owner in self._types.items()):
            return self
        found = copy.copy(self)
        found._types = types
        found.several = [s for s in self.several if types.get(s.type, {}).get(s.owner) is s]
        found._names = found._cuts = found._backwards = None
        found._published = found
        return found

    def changed(self, swapped: Mapping[Record, Record | None], added: Iterable[Record]) -> Self:
        """The zone with other records, or none, in the place of some, and with more of them.

        What else is known of it stays; this one stays as it is.
        """
        more = list(added)
        keys = dict.fromkeys((each.owner, each.type) for each in (*swapped, *more))
        touched = {type for _, type in keys}
        found = copy.copy(self)
        found._types = {t: dict(s) if t in touched else s for t, s in self._types.items()}
        found._names = found._cuts = found._backwards = found._published = None
        found.several = [each for each in self.several if (each.owner, each.type) not in keys]
        for owner, type in keys:
            rrset = found._types.get(type, {}).pop(owner, None) or ()
            found.records -= len(rrset)
            for record in rrset:
                if (kept := swapped.get(record, record)) is not None:
                    found.add(kept)
        for record in more:
            found.add(record)
        if self.variants and swapped:
            found.variants = {
                key: [each.changed(swapped) for each in answers]
                for key, answers in self.variants.items()
            }
        return found

    @property
    def aliased(self) -> Mapping[str, Sequence[str]]:
        """The names whose records a provider answers with at others as well, each with those."""
        return {}

    def part(self, name: str) -> Self:
        """What stands at a name and below it, as a zone of its own."""
        found = copy.copy(self)
        found.origin = name
        found._types = {
            type: {owner: rrset for owner, rrset in held.items() if is_below(owner, name)}
            for type, held in self._types.items()
        }
        found._names = found._cuts = found._backwards = found._published = None
        found.several = [each for each in self.several if is_below(each.owner, name)]
        found.records = sum(len(rrset) for held in found._types.values() for rrset in held.values())
        return found

    def merged(self, other: Zone) -> Self:
        """The zone with what another one below it holds, in place of the delegation."""
        cut = chain(self.get(other.origin, "NS") or (), self.get(other.origin, "DS") or ())
        held = (each for rrset in other.rrsets() for each in rrset)
        added = [e for e in held if e.owner != other.origin or e.type not in ("SOA", "NS")]
        found = self.changed(dict.fromkeys(cut), added)
        found.complete = self.complete and other.complete
        found.unknown = {**self.unknown, **other.unknown}
        found.variants = {**self.variants, **other.variants}
        found.gone = self.gone | other.gone
        return found

    def beside(self, alike: Sequence[Zone]) -> Self:
        """The zone beside others of its name, of which some may be parts of it."""
        return self

    def follow(self, befores: Sequence[Zone]) -> None:
        """Take it that something is published where only one side of a change writes it."""

    @property
    def rest(self) -> str:
        """What is missing of a zone that is not complete."""
        return listed(self.unread) if self.unread else UNREAD

    def unseen(self, owner: str, type: str) -> tuple[str, ...]:
        """What would have to be known before no more records of a type are certain at an owner.

        A CNAME answers for every type.
        """
        found = self.unknown.get((owner, type), ()) if self.unknown else ()
        if self.unknown and type != "CNAME":
            found += self.unknown.get((owner, "CNAME"), ())
        found += self._may_be_delegated(owner)
        return found if self.complete or (owner, type) in self.gone else (*found, self.rest)

    def unknown_answer(self, name: str, type: str) -> str:
        """Why the zone cannot say what it answers for a name and type; empty where it can."""
        if not self.unknown or self.is_delegated(name) or not self.contains(name):
            return ""
        cut = self._may_be_delegated(name)
        if name not in self.names:
            name = "*." + self._closest(name)
        return next(
            iter(self.unknown.get((name, type)) or self.unknown.get((name, "CNAME")) or cut), ""
        )

    def _may_be_delegated(self, name: str) -> tuple[str, ...]:
        """What would have to be known before it is certain that no other zone answers for a name.

        NS of which only their owner is known, or not even whether there are any.
        """
        found: tuple[str, ...] = ()
        while self.unknown and not found and name != self.origin and self.contains(name):
            found = self.unknown.get((name, "NS"), ())
            name = parent(name)
        return found

    def is_delegated(self, name: str) -> bool:
        """Whether another zone answers for the name: at or below one of the delegations."""
        if not self.cuts:
            return False
        while name != self.origin and self.contains(name):
            if name in self.cuts:
                return True
            name = parent(name)
        return False

    def redirected(self, name: str) -> str | None:
        """The name that a DNAME above a name of the zone makes of it; None where there is none."""
        redirections = self._types.get("DNAME")
        at = name
        if not redirections or not self.contains(name):
            return None
        while at != self.origin:
            at = parent(at)
            if (rrset := redirections.get(at)) is not None:
                if self.is_delegated(at):
                    return None
                # The root as target leaves no dot between.
                return name.removesuffix(at) + rrset.records[0].target.lstrip(".")
        return None

    def answer(self, name: str, type: str) -> tuple[Answered, RRset | None]:
        """What the zone answers for a name and type: wildcards applied (RFC 4592), CNAMEs returned.

        A CNAME at the name is returned as it stands when another type is asked for. Below a DNAME
        the name that it leads to answers (RFC 6672): see `redirected`.
        """
        if not is_below(name, self.origin) or self.is_delegated(name) or self.redirected(name):
            return Answered.ELSEWHERE, None
        rrset = self._held(name, type)
        if rrset is not None:
            return Answered.RECORDS, rrset
        for by_owner in self._types.values():  # so the set of all names need not be made
            if name in by_owner:
                return Answered.NODATA, None
        owner = name
        if name not in self.names:
            owner = "*." + self._closest(name)
            if owner not in self.names:
                return Answered.NXDOMAIN, None
        rrset = self._held(owner, type)
        return (Answered.NODATA, None) if rrset is None else (Answered.RECORDS, rrset)

    def _held(self, owner: str, type: str) -> RRset | None:
        """The RRset at this owner, or the alias in its place."""
        rrset = self.get(owner, type)
        return self.get(owner, "CNAME") if rrset is None else rrset

    def _closest(self, name: str) -> str:
        """The closest encloser of a name that is not in the zone (RFC 4592 §3.3.1)."""
        closest = parent(name)
        while closest not in self.names:
            closest = parent(closest)
        return closest


def labels_of(names: Iterable[str]) -> set[str]:
    """The labels of which absolute names are made."""
    return {label for name in names for label in labels(name)}


def labels(name: str) -> list[str]:
    """The labels of an absolute name, leftmost first; escaped dots stay inside their label."""
    if name == ".":
        return []
    if "\\" not in name:
        return name[:-1].split(".")
    found: list[str] = []
    label: list[str] = []
    position = 0
    while position < len(name):
        char = name[position]
        if char == "\\":
            width = 4 if name[position + 1 : position + 2].isdigit() else 2
            label.append(name[position : position + width])
            position += width
            continue
        if char == ".":
            found.append("".join(label))
            label = []
        else:
            label.append(char)
        position += 1
    return found


def parent(name: str) -> str:
    """The name without its leftmost label; the root is its own parent."""
    if "\\" not in name:
        return name[name.find(".") + 1 :] or "."
    return ".".join(labels(name)[1:]) + "."


def ancestors(name: str) -> Iterator[str]:
    """A name and all above it, the root last."""
    while name != ".":
        yield name
        name = parent(name)
    yield name


def nearest(name: str, names: Container[str]) -> str:
    """The first of some names that is a name or above it; the last one above where none is.

    That is the root, or what stands in for a name that is not known and has no root above it.
    """
    while name not in names and (above := parent(name)) != name:
        name = above
    return name


class _Zone(Protocol):
    @property
    def origin(self) -> str: ...


_Z = TypeVar("_Z", bound=_Zone)


def zones_of(name: str, zones: Sequence[_Z]) -> list[_Z]:
    """The zones that a name belongs to: a subdomain's own before its parent's."""
    origin = nearest(name, {zone.origin for zone in zones})
    return [zone for zone in zones if zone.origin == origin]


def is_below(name: str, ancestor: str) -> bool:
    """Whether `name` is `ancestor` or a name below it."""
    if name == ancestor or ancestor == ".":
        return True
    if not name.endswith("." + ancestor):
        return False
    # The dot in front may be escaped, and then it belongs to a label.
    return "\\" not in name or labels(name)[-len(labels(ancestor)) :] == labels(ancestor)


def relative(name: str, origin: str) -> str:
    """The name as a person would write it in the zone: `@`, relative, or absolute."""
    if name == origin:
        return "@"
    if origin != "." and name.endswith("." + origin):
        return name[: -len(origin) - 1]
    return name


def without_dot(name: str) -> str:
    """The name as a sentence says it: without its final dot."""
    return name if name == "." else name.removesuffix(".")
