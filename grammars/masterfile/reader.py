"""Master files (RFC 1035 §5): text into a Zone, with the way back to every character.

Plain lines, which are nearly all lines of real zones, are read by one regular expression each; the
tokenizer of `masterfile_tokens` reads whatever that expression does not match. Both make the
same records, and the tests hold them against each other.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from zonelint.grammars.dnsname import LONGEST_NAME, BadName, absolute, quote_source
from zonelint.grammars.fault import TextRefused
from zonelint.grammars.masterfile.advice import (
    PROBLEMS,
    missing_type,
    no_ttl,
    placeholder,
    unfilled,
)
from zonelint.grammars.masterfile.generate import BadGenerate, GenerateTemplate, counters
from zonelint.grammars.masterfile.head import Head, head_of, ttl_of, unquoted
from zonelint.grammars.masterfile.noqa import mentions_noqa, suppressions
from zonelint.grammars.masterfile.plain import (
    AAAA_INDEX,
    FIRST_NAME_INDEX,
    NOTHING,
    PLAIN_LINE,
    TYPES,
)
from zonelint.grammars.masterfile.rdata import READ_TYPES, form_fault, is_ipv6, rdata_fault
from zonelint.grammars.masterfile.record import (
    DefaultTtl,
    GeneratedRecord,
    MasterRecord,
    RecordPlace,
)
from zonelint.grammars.masterfile.tokens import (
    Line,
    Offsets,
    SourceText,
    TokenProblem,
    TokenProblemKind,
    logical_line,
    swallows_a_record,
)
from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.zone import Record, Several, Zone, ZoneFault, ZoneFaultKind, without_dot

MOST_FAULTS = 1000
"""Faults of one zone; behind them the reader gives up, as nobody reads more."""
MOST_GENERATED = 4 * 65536
"""Records that all $GENERATE directives of one zone may stand for."""
DEEPEST_INCLUDE = 10
MOST_INCLUDES = 1000
MOST_INCLUDED = 1 << 28
"""Characters that all included files of one zone may have, each counted as often as it is read."""
MOST_REPEATED = 1 << 22
"""Characters of files that a zone includes a second time or more: small files could be a flood."""

MOST_RESCANNED = 1 << 23
"""Characters behind open parentheses that are read twice to find out where the record ends."""

EXPORT = re.compile(
    r"\ufeff?+(?:;;[ \t]*+\r?+\n)*+;; Domain:[ \t]*+(?P<zone>[^\s]++)[ \t]*+\r?+\n;; Exported:"
)
"""How the zone files begin that Cloudflare exports."""
_AUTOMATIC = 1
"""What stands in an export of Cloudflare for a TTL that Cloudflare chooses."""


class IncludeError(TextRefused):
    """An $INCLUDE that cannot be followed."""


Include = Callable[[str, str], tuple[str, str]]
"""From the including file's path and the name as written to the file's path and text.

Equal files must get equal paths, so that a loop is seen. Raises IncludeError.
"""


class MasterZone(Zone):
    """A zone read from a master file, with what a change of that file needs.

    source: the file itself. included: the files that it includes, each once. repeated: the paths of
      those that it includes several times. include: finds them; None where there are none.
      end_origin, end_ttl: the origin and the implied TTL for a record added at the end of `source`.
    """

    __slots__ = ("end_origin", "end_ttl", "include", "included", "repeated", "source")

    def __init__(self, origin: str, source: SourceText) -> None:
        super().__init__(origin, source.path)
        self.source = source
        self.included: list[SourceText] = []
        self.repeated: set[str] = set()
        self.include: Include | None = None
        self.end_origin = origin
        self.end_ttl: int | None = None

    def twice(self, record: Record | None) -> str:
        """Why a record cannot be changed alone: the zone includes its line several times."""
        path = record.source.path if isinstance(record, MasterRecord) else ""
        if path not in self.repeated:
            return ""
        return f"{path} is included several times in {without_dot(self.origin)}; change it by hand"


def read(
    text: str,
    path: str,
    origin: str,
    *,
    include: Include | None = None,
    default_ttl: int | None = None,
) -> MasterZone:
    """Read one zone. `origin` is absolute; `path` is what Spans show.

    Never raises for anything that `text` holds: what is no record becomes a ZoneFault.
    """
    source = SourceText(path, text)
    zone = MasterZone(absolute(origin, "."), source)
    reader = _Reader(zone, include, default_ttl)
    with collector_paused():
        reader.read(source)
        reader.finish()
    zone.include = include if zone.included else None
    if _of_cloudflare(zone):
        _leave_ttls_to_provider(zone)
    return zone


def _of_cloudflare(zone: MasterZone) -> bool:
    """Whether the file is an export of Cloudflare, which goes back to it or nowhere.

    Its name servers are Cloudflare's, left out, or the filler of old exports; others show that the
    zone has moved to them.
    """
    if not EXPORT.match(zone.source.text):
        return False
    servers = zone.get(zone.origin, "NS") or ()
    return all(
        "&" in server.target or server.target.endswith(".ns.cloudflare.com.") for server in servers
    )


def _leave_ttls_to_provider(zone: MasterZone) -> None:
    for rrset in zone.rrsets():
        for record in rrset:
            if record.ttl == _AUTOMATIC:
                record.ttl = None


@contextmanager
def collector_paused() -> Iterator[None]:
    """Without the cyclic collector: records make no cycles, and each look at them costs time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@dataclass(slots=True)
class _State:
    """What earlier lines mean for later ones; an included file leaves it as it found it.

    owner: None before the first record, "" where the last owner could not be read.
    firm: whether `ttl` comes from $TTL or the caller; otherwise the last written TTL follows.
    """

    origin: str
    owner: str | None
    ttl: int | None
    firm: bool
    written_ttl: int | None = None

    def copy(self) -> _State:
        return _State(self.origin, self.owner, self.ttl, self.firm, self.written_ttl)


class _GiveUp(Exception):
    """More faults than anybody reads."""


class _Reader:
    """Fills one zone. The methods that read take the offset to read at and give the next one."""

    def __init__(self, zone: MasterZone, include: Include | None, default_ttl: int | None) -> None:
        self.zone = zone
        self.include = include
        self.is_export = EXPORT.match(zone.source.text) is not None
        self.state = _State(zone.origin, None, default_ttl, default_ttl is not None)
        self.place = RecordPlace(zone.source, zone.origin)
        self.stack: list[str] = []
        self.included: dict[str, SourceText] = {}
        self.includes = 0
        self.included_characters = 0
        self.repeated_characters = 0
        self.generated = 0
        self.tables = [zone.table(type) if type else {} for type in TYPES]
        self.soa: MasterRecord | None = None
        self.first_without_ttl: MasterRecord | None = None
        self.to_rescan = MOST_RESCANNED
        self.lines: dict[str, tuple[SourceText, list[int]]] = {}
        self.starts: list[int] | None = None

    def read(self, source: SourceText) -> None:
        with suppress(_GiveUp):
            self.read_source(source)
        self.zone.end_origin = self.state.origin
        self.zone.end_ttl = self.state.ttl

    def read_source(self, source: SourceText) -> None:
        """Read one file with the state as it is. Raises _GiveUp."""
        self.place = RecordPlace(source, self.state.origin, self.place.default)
        self.starts = None
        if mentions_noqa(source.text):
            self.starts = self.lines.setdefault(source.path, (source, []))[1]
        self.stack.append(source.path)
        self.byte_order_mark(source)
        self.lone_returns(source.text)
        size = len(source.text)
        at = source.first
        while at < size:
            at = self.read_plain(at)
            if at < size:
                at = self.read_line(at)
        self.stack.pop()

    def byte_order_mark(self, source: SourceText) -> None:
        """Tell of a mark in front of the content, which is no part of the master file format."""
        if source.first:
            self.fault(
                "There is a byte-order mark in front of this line: BIND takes it for a part of the "
                "first word, and refuses the zone or publishes another name.",
                "Save the file as UTF-8 without a byte-order mark.",
                (source.first, source.first + 1),
                kind=ZoneFaultKind.SERVER_DEPENDENT,
            )

    def lone_returns(self, text: str) -> None:
        """Tell of a carriage return without a line feed, which ends a line for some only."""
        if "\r" in text and (found := _LONE_RETURN.search(text)) is not None:
            self.fault(
                "This is a carriage return without a line feed: it ends the line for some name "
                "servers, while BIND goes on in a comment, so what is published differs.",
                "End every line with a line feed.",
                found.span(),
                kind=ZoneFaultKind.SERVER_DEPENDENT,
            )

    def finish(self) -> None:
        """What can be said only when everything is read."""
        zone = self.zone
        for source, starts in self.lines.values():
            starts = sorted(set(starts))
            zone.suppressions.extend(suppressions(source, starts))
        if self.soa is not None and self.first_without_ttl is not None:
            zone.faults.append(
                ZoneFault(
                    ZoneFaultKind.SYNTAX,
                    "The record has no TTL, and nothing before it gives one, so name servers "
                    "refuse the zone.",
                    "Write `$TTL 3600` at the top of the zone.",
                    self.first_without_ttl.span,
                    self.first_without_ttl.owner,
                    self.first_without_ttl.type,
                )
            )

    # ---- the fast loop --------------------------------------------------------------------------

    def read_plain(self, at: int) -> int:
        """Read plain lines until one is not plain, and give its offset."""
        # Everything the loop touches is a local name: this loop is most of the time of a run.
        state, zone, place, starts = self.state, self.zone, self.place, self.starts
        text = place.source.text
        size = len(text)
        origin = state.origin
        suffix = "." + origin if origin != "." else "."
        zone_origin = zone.origin
        zone_suffix = "." + zone_origin if zone_origin != "." else "."
        if "\\" in origin:
            return self._skip_blank(at)
        inside = zone.contains(origin)
        room = LONGEST_NAME - 2 - len(origin)
        tables = self.tables
        match, nothing = PLAIN_LINE.match, NOTHING.match
        types, record_class, several_class = TYPES, MasterRecord, Several
        several = zone.several
        ttls: dict[str, int] = {}
        owner = state.owner or ""
        last_name: str | None = None
        ttl, firm, written = state.ttl, state.firm, state.written_ttl
        count = 0
        while at < size:
            found = match(text, at)
            if found is None:
                blank = nothing(text, at)
                if blank is None:
                    break
                at = blank.end()
                continue
            name, before, behind = found.group(1, 2, 3)
            if name is None:
                # Outside the zone, or without an owner to take over: the careful reader tells.
                if not owner or not (owner == zone_origin or owner.endswith(zone_suffix)):
                    break
            elif name != last_name:
                if len(name) > room:
                    break
                if name[-1] == ".":
                    new = name.lower()
                    if not (new == zone_origin or new.endswith(zone_suffix)):
                        break
                    owner = new
                elif inside:
                    owner = origin if name == "@" else name.lower() + suffix
                else:
                    new = origin if name == "@" else name.lower() + suffix
                    if not (new == zone_origin or new.endswith(zone_suffix)):
                        break
                    owner = new
                last_name = name
            index = found.lastindex or 0
            begin, end = found.span(index)
            if index >= AAAA_INDEX and (
                (index == AAAA_INDEX and not is_ipv6(text[begin:end]))
                or (index >= FIRST_NAME_INDEX and end - begin > room)
            ):
                break
            seconds = ttl
            if before is not None or behind is not None:
                digits = before or behind
                known = ttls.get(digits)
                if known is None:
                    known = ttls[digits] = int(digits)
                seconds = written = known
                if not firm:
                    ttl = known
            elif ttl is None and self.first_without_ttl is None:
                break
            record = record_class(owner, types[index], seconds, place, at, begin - at, end - at)
            table = tables[index]
            rrset = table.get(owner)
            if rrset is None:
                table[owner] = record
            elif isinstance(rrset, several_class):
                rrset.records.append(record)
            else:
                table[owner] = rrset = several_class(owner, types[index], [*rrset, record])
                several.append(rrset)
            if starts is not None:
                starts.append(at)
            count += 1
            at = found.end()
        zone.records += count
        state.owner = owner or state.owner
        state.ttl, state.written_ttl = ttl, written
        return at

    def _skip_blank(self, at: int) -> int:
        blank = NOTHING.match(self.place.source.text, at)
        return blank.end() if blank else at

    # ---- the careful reader ---------------------------------------------------------------------

    def read_line(self, at: int) -> int:
        """Read one logical line by its tokens. Raises _GiveUp."""
        text = self.place.source.text
        hurried = self.to_rescan <= 0
        line = logical_line(text, at, strict=hurried)
        problem = line.problem
        if (
            problem is not None
            and problem.kind is TokenProblemKind.OPEN_PARENTHESIS
            and not hurried
        ):
            line = self.read_again(line)
        if self.starts is not None:
            self.starts.append(at)
        if line.problem is not None:
            self.fault_of_problem(line, line.problem)
            return line.end
        if not line.tokens:
            return line.end
        first = text[line.tokens[0][0]]
        if first == "$" and not line.blank_first:
            self.directive(line)
            return line.end
        faults = len(self.zone.faults)
        before = self.state.copy()
        if not self.record(line) and not hurried and swallows_a_record(text, line):
            again = self.read_again(line)
            if again.problem is not None:
                del self.zone.faults[faults:]
                self.state = before
                self.fault_of_problem(again, again.problem)
                return again.end
        return line.end

    def read_again(self, line: Line) -> Line:
        """The same line, but an open parenthesis ends where a record plainly starts."""
        self.to_rescan -= line.end - line.start
        return logical_line(self.place.source.text, line.start, strict=True)

    def fault(
        self,
        message: str,
        advice: str,
        place: Offsets,
        *,
        type: str | None = None,
        owner: str | None = None,
        kind: ZoneFaultKind = ZoneFaultKind.SYNTAX,
    ) -> None:
        """Note a fault in the file that is being read. Raises _GiveUp."""
        faults = self.zone.faults
        text = self.place.source.text
        is_read = kind is ZoneFaultKind.SERVER_DEPENDENT
        template = None if is_read else placeholder(text, place)
        if template is not None:
            place = template
            message, advice = unfilled(text[slice(*place)])
        span = self.place.source.span(*place)
        if len(faults) >= MOST_FAULTS:
            faults.append(
                ZoneFault(
                    ZoneFaultKind.SYNTAX,
                    f"This zone has more than {MOST_FAULTS} faults; reading stopped here.",
                    "Repair the faults above first, or check that this file is a zone file.",
                    span,
                )
            )
            self.zone.complete = False
            raise _GiveUp
        faults.append(ZoneFault(kind, message, advice, span, owner, type))
        if kind is ZoneFaultKind.SYNTAX and owner is not None and type is not None:
            self.zone.note_unknown(
                owner, type, f"the {type} record of {without_dot(owner)} that could not be read"
            )

    def fault_of_problem(self, line: Line, problem: TokenProblem) -> None:
        text = self.place.source.text
        head = head_of(text, line)
        if head.owner is not None and text[head.owner[0]] != "$":
            self.owner_of(head.owner, report=False)
        message, advice = PROBLEMS[problem.kind]
        self.fault(
            message,
            advice,
            (problem.start, problem.end),
            type=head.type_name,
            owner=self.state.owner or None,
        )

    def record(self, line: Line) -> bool:
        """Read one record, or tell what is wrong with it; False then."""
        text, state, zone = self.place.source.text, self.state, self.zone
        head = head_of(text, line)
        if head.owner is not None:
            if not self.owner_of(head.owner, report=True):
                return False
        elif not self.has_owner(line):
            return False
        if self.is_export and head.type_name == "SOA":
            state.owner = zone.origin  # it stands there as a filler, with an owner that is none
        owner = state.owner
        assert owner, "a line without an owner has taken one over"
        if not zone.contains(owner):
            if head.owner is not None:
                self.out_of_zone(head, owner)
            return True
        if head.seconds is not None:
            self.ttl_written(head.seconds)
        if head.class_name not in (None, "IN"):
            assert head.class_ is not None
            self.fault(
                f"The record is of class {head.class_name}, and a zone contains records of one "
                "class, IN.",
                "Write IN, or omit the class.",
                head.class_,
                type=head.type_name,
                owner=owner,
            )
            return False
        if head.type_name is None or head.type is None:
            self.fault_of_type(line, head)
            return False
        words = line.tokens[head.rdata :]
        fields = [text[start:end] for start, end in words]
        wrong = rdata_fault(head.type_name, fields, state.origin)
        if wrong is None and fields and head.type_name not in READ_TYPES:
            wrong = form_fault(head.type_name, fields, state.origin)
        if wrong is not None:
            place = words[wrong.field] if wrong.field < len(words) else line.tokens[-1]
            if wrong.within is not None:
                place = (place[0] + wrong.within[0], place[0] + wrong.within[1])
            self.fault(wrong.message, wrong.advice, place, type=head.type_name, owner=owner)
            return False
        begin, end = (words[0][0], words[-1][1]) if words else (head.type[1], head.type[1])
        at = line.start
        seconds = head.seconds if head.seconds is not None else state.ttl
        record = MasterRecord(owner, head.type_name, seconds, self.place, at, begin - at, end - at)
        if head.type_name == "SOA" and not self.start_of_authority(record, fields):
            return False
        if record.ttl is None and self.first_without_ttl is None:
            self.first_without_ttl = record
        zone.add(record)
        return True

    def owner_of(self, place: Offsets, *, report: bool) -> bool:
        """Take over the owner that stands at the place; False if it is no name."""
        word = unquoted(self.place.source.text[slice(*place)])
        try:
            self.state.owner = absolute(word, self.state.origin)
            if not word.isascii() and "xn--" in self.state.owner:
                self.fault(
                    f"The owner `{word}` is not ASCII: some name servers read its A-label, BIND "
                    "its octets, so it is published under another name.",
                    f"Write `{self.state.owner}`.",
                    place,
                    owner=self.state.owner,
                    kind=ZoneFaultKind.SERVER_DEPENDENT,
                )
        except BadName as wrong:
            self.state.owner = ""
            if report:
                self.fault(wrong.message, wrong.advice, place)
            return False
        return True

    def has_owner(self, line: Line) -> bool:
        """Whether a line that begins with a blank has an owner to take over; tells if not."""
        place = line.tokens[0]
        if self.state.owner == "":
            self.fault(
                "The record inherits the owner of the line above, which could not be read.",
                "Correct the owner above.",
                place,
            )
            return False
        if self.state.owner is None:
            self.state.owner = self.zone.origin
            self.fault(
                "The first record has no owner to inherit, and BIND refuses the zone.",
                "Write `@` at the start of the line for the zone's own name.",
                place,
            )
        return True

    def ttl_written(self, seconds: int) -> None:
        self.state.written_ttl = seconds
        if not self.state.firm:
            self.state.ttl = seconds

    def out_of_zone(self, head: Head, owner: str) -> None:
        assert head.owner is not None
        self.fault(
            f"{quote_source(owner)} is outside the zone {self.zone.origin}, so name servers "
            "ignore the record.",
            f"Give the record an owner below {self.zone.origin}, or move it to its own zone.",
            head.owner,
            type=head.type_name,
            owner=owner,
            kind=ZoneFaultKind.OUT_OF_ZONE,
        )

    def start_of_authority(self, record: MasterRecord, fields: list[str]) -> bool:
        """Note the zone's SOA and the TTL that it gives; False for a second one.

        The very same one may stand there again, as at the end of a zone transfer.
        """
        first = self.soa
        if first is not None and (first.owner, first.rdata) != (record.owner, record.rdata):
            elsewhere = first.owner != record.owner
            owner = f", for {without_dot(record.owner)}" if elsewhere else ""
            self.fault(
                f"This is a second SOA record{owner}, and a zone has only one, so name servers "
                "refuse the zone.",
                "Give each zone its own file." if elsewhere else "Keep the one that is current.",
                (record.at + record.begin, record.at + record.end),
                type="SOA",
                owner=record.owner,
            )
            return False
        self.soa = self.soa or record
        state = self.state
        if state.ttl is None and not state.firm:
            # Without $TTL the minimum stands in for it (RFC 1035 §3.3.13).
            minimum = ttl_of(fields[-1]) if len(fields) == 7 else None
            if minimum is None:
                minimum = ttl_of(record.rdata.split(" ")[-1])
            record.ttl = state.ttl = minimum
        return True

    def fault_of_type(self, line: Line, head: Head) -> None:
        """Say what stands where a type belongs."""
        message, advice, place = missing_type(self.place.source.text, line, head)
        self.fault(message, advice, place, owner=self.state.owner or None)

    # ---- directives -----------------------------------------------------------------------------

    def directive(self, line: Line) -> None:
        text = self.place.source.text
        place = line.tokens[0]
        word = text[slice(*place)]
        name = word.upper()
        if name == "$ORIGIN":
            self.origin_directive(line)
        elif name == "$TTL":
            self.ttl_directive(line)
        elif name == "$INCLUDE":
            self.include_directive(line)
        elif name == "$GENERATE":
            self.generate_directive(line)
        else:
            meant = near_miss(word, _DIRECTIVES)
            self.fault(
                f"`{quote_source(word)}` is not a zone file directive.",
                f"Write `{meant}`." if meant else "Write $ORIGIN, $TTL, $INCLUDE or $GENERATE.",
                place,
            )

    def argument(self, line: Line, most: int, what: str, example: str) -> str | None:
        """The first argument of a directive that takes 1 to `most`; tells if that is not so."""
        text = self.place.source.text
        name = text[slice(*line.tokens[0])].upper()
        if len(line.tokens) < 2:
            self.fault(f"{name} names no {what}.", f"Write `{name} {example}`.", line.tokens[0])
            return None
        if len(line.tokens) > most + 1:
            place = line.tokens[most + 1]
            self.fault(
                f"`{quote_source(text[slice(*place)])}` is one word too many for {name}.",
                "Remove it, or start a comment with a semicolon.",
                place,
            )
            return None
        return text[slice(*line.tokens[1])]

    def origin_directive(self, line: Line) -> None:
        word = self.argument(line, 1, "origin", "example.com.")
        if word is None:
            return
        try:
            self.state.origin = absolute(unquoted(word), self.state.origin)
        except BadName as wrong:
            self.fault(wrong.message, wrong.advice, line.tokens[1])
            return
        self.place = self.place._replace(origin=self.state.origin)

    def ttl_directive(self, line: Line) -> None:
        word = self.argument(line, 1, "TTL", "3600")
        if word is None:
            return
        seconds = ttl_of(word)
        if seconds is None:
            self.fault(*no_ttl(word), line.tokens[1])
            return
        self.state.ttl, self.state.firm = seconds, True
        default = DefaultTtl(self.place.source, line.tokens[1], seconds)
        self.place = self.place._replace(default=default)

    def include_directive(self, line: Line) -> None:
        word = self.argument(line, 2, "file", "hosts.zone")
        if word is None:
            self.zone.complete = False
            return
        text = self.place.source.text
        state, place, starts = self.state, self.place, self.starts
        try:
            origin = state.origin
            if len(line.tokens) > 2:
                origin = absolute(unquoted(text[slice(*line.tokens[2])]), origin)
            source = self.included_source(unquoted(word))
        except (BadName, IncludeError) as wrong:
            self.zone.complete = False
            at = line.tokens[2] if isinstance(wrong, BadName) else line.tokens[1]
            self.fault(wrong.message, wrong.advice, at)
            return
        self.state = state.copy()
        self.state.origin = origin
        self.read_source(source)
        self.state, self.place, self.starts = state, place, starts

    def included_source(self, name: str) -> SourceText:
        """The file that an $INCLUDE names. Raises IncludeError."""
        if self.include is None:
            raise IncludeError(
                f"The file `{quote_source(name)}` cannot be included here, so its records are not "
                "read.",
                "Check the zone as a file in its repository.",
            )
        path, text = self.include(self.place.source.path, name)
        if path in self.stack:
            raise IncludeError(
                f"`{quote_source(name)}` includes itself, so the zone never ends.",
                "Remove this $INCLUDE.",
            )
        self.includes += 1
        self.included_characters += len(text)
        self.repeated_characters += len(text) if path in self.included else 0
        if (
            len(self.stack) > DEEPEST_INCLUDE
            or self.includes > MOST_INCLUDES
            or self.included_characters > MOST_INCLUDED
            or self.repeated_characters > MOST_REPEATED
        ):
            raise IncludeError(
                f"The zone includes too much: files {DEEPEST_INCLUDE} deep, {MOST_INCLUDES} times "
                "in all, and large ones once, are the limit. This one is not read.",
                "Include fewer files.",
            )
        source = self.included.get(path)
        if source is None:
            source = self.included[path] = SourceText(path, text)
            self.zone.included.append(source)
        else:
            self.zone.repeated.add(path)
        return source

    def generate_directive(self, line: Line) -> None:
        owner = self.state.owner
        try:
            self.generate(line)
        except BadGenerate as wrong:
            self.zone.complete = False
            self.fault(wrong.message, wrong.advice, line.tokens[min(1, len(line.tokens) - 1)])
        # What the directive makes is not the line above for BIND.
        self.state.owner = owner
        behind = _WITHOUT_OWNER.match(self.place.source.text, line.end)
        if behind is not None:
            self.fault(
                "The record after a $GENERATE directive has no owner: BIND gives it the owner "
                "before the directive, others the last one that it generated.",
                "Write its owner.",
                behind.span("word"),
                kind=ZoneFaultKind.SERVER_DEPENDENT,
            )

    def generate(self, line: Line) -> None:
        """`$GENERATE range owner [TTL] [class] type rdata`. Raises BadGenerate."""
        text, zone = self.place.source.text, self.zone
        words = [text[slice(*token)] for token in line.tokens]
        if len(words) < 5:
            raise BadGenerate(
                "The $GENERATE directive ends too early.",
                "Write range, owner, type and data, as in `$GENERATE 1-20 host$ A 192.0.2.$`.",
            )
        numbers = counters(words[1])
        # The rest of the directive has the form of a record with an owner of its own.
        rest = Line(line.start, line.end, False, line.tokens[2:])
        head = head_of(text, rest)
        data = rest.tokens[head.rdata :]
        if head.type_name is None or not data:
            self.fault_of_type(rest, head)
            zone.complete = False
            return
        if head.class_name not in (None, "IN"):
            raise BadGenerate(
                "The $GENERATE directive has a class other than IN.",
                "Write IN, or omit the class.",
            )
        if head.seconds is not None:
            self.ttl_written(head.seconds)
        self.generated += len(numbers)
        if self.generated > MOST_GENERATED:
            raise BadGenerate(
                f"The $GENERATE directives of this zone generate more than {MOST_GENERATED} "
                "records, so this one is not read.",
                "Leave such a zone to the name server.",
            )
        owners = GenerateTemplate(unquoted(words[2]))
        fields = [text[slice(*token)] for token in data]
        # BIND takes one word, drops the quotes around it, and reads what was inside as rdata.
        right = _inside_quotes(fields[0]) if len(fields) == 1 else " ".join(fields)
        if (
            len(fields) > 1
            or words[2][0] == '"'
            or (head.type_name in ("TXT", "SPF") and _is_split(fields[0]))
        ):
            self.fault(
                "Name servers read this $GENERATE directive differently: BIND takes one word for "
                "the owner and one for the data, and drops the quotes around the data, so that "
                "spaces and semicolons inside them count.",
                "Write the records out, or put the quotes of a text inside: "
                '`"\\"v=DMARC1; p=none\\""`.',
                (line.tokens[2][0], line.tokens[-1][1]),
                type=head.type_name,
                kind=ZoneFaultKind.SERVER_DEPENDENT,
            )
        rdata = GenerateTemplate(right)
        place = (line.tokens[0][0], line.tokens[-1][1])
        seconds = head.seconds if head.seconds is not None else self.state.ttl
        for number in numbers:
            try:
                owner = absolute(owners.text(number), self.state.origin)
            except BadName as wrong:
                zone.complete = False
                self.fault(wrong.message, wrong.advice, line.tokens[2])
                return
            self.state.owner = owner
            if not zone.contains(owner):
                self.out_of_zone(Head(owner=line.tokens[2], type_name=head.type_name), owner)
                return
            written = rdata.text(number)
            cut = logical_line(written, 0)
            fault = rdata_fault(
                head.type_name, [written[slice(*token)] for token in cut.tokens], self.state.origin
            )
            if fault is not None or cut.problem is not None or not cut.tokens:
                zone.complete = False
                self.fault(
                    fault.message if fault else "The directive makes rdata that cannot be read.",
                    fault.advice if fault else "Write the records out.",
                    (data[0][0], data[-1][1]),
                    type=head.type_name,
                )
                return
            begin, end = cut.tokens[0][0], cut.tokens[-1][1]
            record = GeneratedRecord(
                owner, head.type_name, seconds, self.place, place, written[begin:end]
            )
            if seconds is None and self.first_without_ttl is None:
                self.first_without_ttl = record
            zone.add(record)


_LONE_RETURN = re.compile(r"\r(?!\n)")
_WITHOUT_OWNER = re.compile(r"(?:[ \t]*+(?:;[^\r\n]*+)?+(?:\r\n?+|\n))*+[ \t]++(?P<word>[^\s;]++)")
"""Behind a directive: blank lines and comments, and then a record that takes over an owner."""


def _inside_quotes(word: str) -> str:
    """What stands between the quotes of a word, as rdata of its own."""
    return unquoted(word).replace('\\"', '"') if word[:1] == '"' else word


def _is_split(word: str) -> bool:
    """Whether what stands between quotes is no longer one text without them."""
    inside = unquoted(word)
    return word[:1] == '"' and inside[:2] != '\\"' and any(c in inside for c in " \t;()")


_DIRECTIVES = ("$ORIGIN", "$TTL", "$INCLUDE", "$GENERATE")
