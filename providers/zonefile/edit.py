"""Changes written into a zone file: only the bytes of the records concerned change.

Comments, blank lines, alignment, parentheses, line ends and the order of everything else stay as
they are. Edits become splices of the text; nothing is written here.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from zonelint.grammars.dnsname import absolute
from zonelint.grammars.listing import grouped
from zonelint.grammars.masterfile.rdata import NAME_FIELDS, string_octets
from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.masterfile.record import Layout, MasterRecord
from zonelint.grammars.masterfile.tokens import Offsets, SourceText, words_of
from zonelint.grammars.rdata import LONGEST_STRING, quote
from zonelint.grammars.zone import TEXT_TYPES, Record, Zone, is_below, labels, octets, relative
from zonelint.rules.core.change import CommentEdit, Edit
from zonelint.rules.offers.amended import shared_ends, shared_start

_LINE_BREAK = re.compile(r"\r\n?|\n")
_NOQA = re.compile(
    r";[ \t]*noqa(?:[ \t]*:)?(?:[ \t,]*[A-Za-z]{2,}[0-9]{3,}(?![A-Za-z0-9_-]))*", re.IGNORECASE
)

_TTL_DIRECTIVE = re.compile(r"^\ufeff?\$TTL[ \t]", re.IGNORECASE | re.MULTILINE)


class EditError(Exception):
    """A record that cannot be changed where it stands. The message names it and says why."""


class Splice(NamedTuple):
    """`text[start:end]` becomes `after`."""

    start: int
    end: int
    after: str


def apply(zone: Zone, edits: Sequence[Edit], *, bump_serial: bool = True) -> dict[str, str]:
    """The new texts of the zone's files, by path; files that stay as they are are not among them.

    Two edits of one record are an EditError, as is an edit of a record that stands in no file
    (one that `$GENERATE` makes).
    """
    if bump_serial and any(edit.comment is None for edit in edits):
        edits = [*edits, *raised_serial(zone)]
    return {
        source.path: spliced(source.text, made)
        for source, made in splices(zone, edits).items()
        if made
    }


def splices(zone: Zone, edits: Sequence[Edit]) -> dict[SourceText, list[Splice]]:
    """What the edits replace in the zone's files. Raises EditError as `apply` does."""
    made: dict[SourceText, list[Splice]] = {}
    _Editor(zone, made).run(edits)
    return made


@lru_cache(maxsize=2)
def _records(zone: Zone) -> Mapping[SourceText, list[MasterRecord]]:
    """The records that stand in the zone's files, each file's in its order.

    Remembered, for a report makes one change of a zone after the other.
    """
    by_source = grouped(
        (record.source, record)
        for record in zone.each_record()
        if isinstance(record, MasterRecord) and record.editable
    )
    for listed in by_source.values():
        listed.sort(key=lambda record: record.at)
    return by_source


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """The text with all splices made. EditError where two of them overlap."""
    parts: list[str] = []
    at = 0
    for splice in sorted(splices, key=lambda splice: (splice.start, splice.end)):
        if splice.start < at:
            raise EditError("two changes of the same place")
        parts += (text[at : splice.start], splice.after)
        at = splice.end
    return "".join([*parts, text[at:]])


def intended(zone: Zone, edits: Sequence[Edit]) -> Counter[tuple[str, str, str]]:
    """What the zone must hold once the edits are made: owner, type and content of every record.

    SOA records are left out, for their serial moves.
    """
    held = contents(zone)
    for edit in edits:
        if edit.before is not None:
            held[_content(edit.before)] -= 1
        if edit.after is not None:
            held[(edit.owner, edit.type, _content_of(edit.type, edit.after, zone.origin))] += 1
    return +held


def contents(zone: Zone) -> Counter[tuple[str, str, str]]:
    """Owner, type and content of every record but the SOA."""
    return Counter(
        _content(record) for rrset in zone.rrsets() for record in rrset if record.type != "SOA"
    )


def start(zone: Zone) -> list[tuple[str, ...]]:
    """Owner and fields of every SOA record but for its serial, the one thing that may move."""
    return [
        (record.owner, *words[:2], *words[3:])
        for rrset in zone.of_type("SOA")
        for record in rrset
        for words in [_content(record)[2].split(" ")]
    ]


def ttls(zone: Zone, edits: Sequence[Edit] = ()) -> Counter[tuple[str, str, int | None]]:
    """The TTLs that the edits must leave: those of untouched records and those that they set."""
    touched = {id(edit.before): edit for edit in edits if edit.before is not None}
    defaults = {e.default.default: e.default.seconds for e in edits if e.default is not None}
    held: Counter[tuple[str, str, int | None]] = Counter()
    for record in zone.each_record():
        edit = touched.get(id(record))
        ttl = record.ttl
        if defaults and isinstance(record, MasterRecord) and (default := record.default):
            ttl = defaults.get(default, ttl)
        if edit is None:
            held[(record.owner, record.type, ttl)] += 1
        elif edit.after is not None:
            held[(edit.owner, edit.type, ttl if edit.ttl is None else edit.ttl)] += 1
    return held


def _content(record: Record) -> tuple[str, str, str]:
    if record.type in TEXT_TYPES:
        return (record.owner, record.type, record.text.value)
    return (record.owner, record.type, _content_of(record.type, record.rdata, record.owner))


def _content_of(type: str, rdata: str, origin: str) -> str:
    words = words_of(rdata)
    if type in TEXT_TYPES:
        return b"".join(map(string_octets, words)).decode("utf-8", "surrogateescape")
    for place in NAME_FIELDS.get(type, ()):
        if place < len(words):
            words[place] = absolute(words[place], origin)
    return " ".join(words)


def raised_serial(zone: Zone) -> Iterable[Edit]:
    """The SOA with the next serial (RFC 1982 arithmetic: 2^32 - 1 is followed by the smallest).

    A date form stays one: 2026112401 is followed by 2026112402, and 2026112499 by the form's next
    number, for a serial must not go back. 0 is left out: some name servers take it for "none".
    """
    for rrset in zone.of_type("SOA"):
        for record in rrset.records[:1]:
            words = words_of(record.rdata)
            if len(words) == 7 and words[2].isdigit():
                words[2] = str((int(words[2]) + 1) % 2**32 or 1)
                yield Edit(record.owner, "SOA", record, " ".join(words))


def refuse_twice(edits: Sequence[Edit]) -> None:
    """Raise EditError where several edits are about one record."""
    touched: set[int] = set()
    for record in (edit.before for edit in edits if edit.before is not None):
        if id(record) in touched:
            raise EditError(f"two changes of one record of {record.owner}")
        touched.add(id(record))


class _Editor:
    """Turns edits into splices of the sources."""

    def __init__(self, zone: Zone, splices: dict[SourceText, list[Splice]]) -> None:
        self.zone = zone
        self.records = _records(zone)
        self.splices = splices
        self.gone: set[int] = set()
        self.removed: set[int] = set()
        self.retimed: dict[int, int] = {}
        self.handed: set[int] = set()
        self.added: dict[int, int] = {}
        self.directives: dict[SourceText, float] = {}

    def run(self, edits: Sequence[Edit]) -> None:
        refuse_twice(edits)
        for edit in edits:
            if edit.before is None:
                continue
            if edit.after is None or edit.before.owner != edit.owner:
                self.gone.add(id(edit.before))
            if edit.after is None:
                self.removed.add(id(edit.before))
            elif edit.ttl is not None and edit.ttl != edit.before.ttl:
                self.retimed[id(edit.before)] = edit.ttl
        added: list[Edit] = []
        for edit in edits:
            if edit.comment is not None:
                self._change_comment(edit.comment)
            elif edit.default is not None:
                source, place, _ = edit.default.default
                self._aligned(source, place, str(edit.default.seconds))
            elif edit.before is None:
                added.append(edit)
            else:
                self._change(edit, self._own(edit.before))
        anchored = [(self._anchor(edit.owner), edit) for edit in added]
        # Behind one record, first what belongs to its owner, then the names above others.
        for anchor, edit in sorted(anchored, key=lambda each: _distance(*each)):
            if anchor is not None and self._only_includes:
                self._add_at_end(edit, anchor)
            else:
                self._add(edit, anchor)
        if self.removed or self.retimed or self.added:
            for source, listed in self.records.items():
                self._hand_ttls_on(listed, self._default_from(source))

    def _own(self, record: Record) -> MasterRecord:
        if not isinstance(record, MasterRecord) or not record.editable:
            raise EditError(
                f"{record.owner} {record.type} is made by a directive and has no line of its own"
            )
        if record.source not in self.records:
            raise EditError(f"{record.owner} {record.type} is not in a file of this zone")
        if isinstance(self.zone, MasterZone) and (why := self.zone.twice(record)):
            raise EditError(why)
        return record

    def _splice(self, source: SourceText, start: int, end: int, after: str) -> None:
        if source.text[start:end] != after:
            self.splices.setdefault(source, []).append(Splice(start, end, after))

    def _aligned(self, source: SourceText, place: Offsets, after: str) -> None:
        """Replace a field so that what stands behind it keeps its column, where blanks allow."""
        start, end = place
        text = source.text
        room = end
        while text[room : room + 1] == " ":
            room += 1
        if room > end + 1:
            # Two blanks or more are a column; one of them has to stay.
            after = after.ljust(max(end - start, min(len(after), room - 1 - start)))
            end = min(max(end, start + len(after)), room - 1)
        self._splice(source, start, end, after)

    def _change(self, edit: Edit, record: MasterRecord) -> None:
        layout = record.layout
        if edit.after is None:
            self._splice(record.source, *layout.line, "")
            self._hand_owner_on(record, layout)
            return
        if edit.owner != record.owner:
            owner = relative(edit.owner, record.origin)
            if layout.owner is None:
                self._splice(record.source, record.at, record.at, owner)
            else:
                self._aligned(record.source, layout.owner, owner)
            self._hand_owner_on(record, layout)
        if edit.type != record.type:
            self._splice(record.source, *layout.type, edit.type)
        if edit.ttl is not None and edit.ttl != record.ttl:
            if layout.ttl is None:
                self._write_ttl(record, edit.ttl)
            else:
                self._aligned(record.source, layout.ttl, str(edit.ttl))
        if edit.after != record.rdata:
            self._rewrite(record, edit.type, edit.after)

    # -- rdata -------------------------------------------------------------------------------

    def _rewrite(self, record: MasterRecord, type: str, after: str) -> None:
        words = words_of(after)
        if type in TEXT_TYPES and record.type in TEXT_TYPES:
            self._rewrite_text(record, words)
            return
        base = record.at + record.begin
        places = record.words()
        if len(places) != len(words):
            self._splice(record.source, base, record.at + record.end, after)
            return
        written = record.written
        names = NAME_FIELDS.get(type, ())
        for number, ((start, end), word) in enumerate(zip(places, words, strict=True)):
            old = written[start:end]
            if number in names and absolute(old, record.origin) == word.lower():
                continue
            if old != word:
                self._splice(record.source, base + start, base + end, word)

    def _rewrite_text(self, record: MasterRecord, words: Sequence[str]) -> None:
        old = record.text.value
        new = b"".join(map(string_octets, words)).decode("utf-8", "surrogateescape")
        if old != new and self._rewrite_within_strings(record, old, new):
            return
        # The first string takes the whole text, the others go; what stands between them stays.
        base = record.at + record.begin
        first, *others = record.words()
        self._splice(record.source, base + first[0], base + first[1], " ".join(words))
        self._drop_words(record, others)
        comment = record.comment
        added = new[len(old) :] if new.startswith(old) else ""
        if comment is not None and added and comment.text.startswith(added):
            # The comment was a part of the record, and stands in its text now.
            begins = record.source.text.index(";", record.at + record.end)
            self._splice(record.source, record.at + record.end, begins + len(added), "")

    def _drop_words(self, record: MasterRecord, dropped: Collection[Offsets]) -> None:
        """Take words out of the rdata, each with the blanks in front of it; comments stay."""
        base = record.at + record.begin
        written = record.written
        at = 0
        for start, end in record.words():
            if (start, end) in dropped:
                blank = written[at:start]
                self._splice(record.source, base + (start if ";" in blank else at), base + end, "")
            at = end

    def _rewrite_within_strings(self, record: MasterRecord, old: str, new: str) -> bool:
        """Change only the characters that differ, each in the quoted string that holds it.

        A string of which nothing is left goes. False where that cannot be done, and where several
        strings would change that nobody has laid out on lines of their own.
        """
        head, tail = shared_ends(old, new)
        if head == 0 and tail == len(old):
            return False
        all_places = record.text.places()
        behind = len(old) - tail
        if head < behind and tail > 0 and old[behind] == " " and behind + 1 < len(old):
            # A blank that ends its string goes with the term in front of it.
            tail -= all_places[behind + 1][0] > all_places[behind][1]
        # The characters that go; where there are none, the one that the new ones stand behind.
        adds = head + tail == len(old)
        first, last = (head - 1, head) if adds else (head, len(old) - tail)
        places = list(zip(all_places[first:last], old[first:last], strict=True))
        middle = new[head : len(new) - tail]
        made: list[Splice] = []
        dropped: list[Offsets] = []
        words = record.words()
        for (opens, closes), text in zip(words, record.text.strings, strict=True):
            touched = [
                (place, character) for place, character in places if opens <= place[0] < closes
            ]
            if not touched:
                continue
            end = touched[-1][0][1]
            start = end if adds else touched[0][0][0]
            gone = "" if adds else "".join(character for _, character in touched)
            left = octets(text) - octets(gone) + octets(middle)
            if left == 0 and len(dropped) < len(words) - 1:
                dropped.append((opens, closes))
                continue
            if not (opens < start <= end < closes and record.written[opens] == '"'):
                return False
            if left > LONGEST_STRING:
                return False
            made.append(Splice(start, end, quote(middle.encode("utf-8", "surrogateescape"))[1:-1]))
            middle = ""
        if middle:
            return False
        if len(made) + len(dropped) > 1 and "\n" not in record.written:
            return False
        base = record.at + record.begin
        for splice in made:
            self._splice(record.source, base + splice.start, base + splice.end, splice.after)
        self._drop_words(record, dropped)
        return True

    # -- comments ----------------------------------------------------------------------------

    def _change_comment(self, edit: CommentEdit) -> None:
        span = edit.comment.span
        source = next((s for s in self._sources() if s.path == span.path), None)
        if source is None:
            raise EditError("the comment is not in a file of the zone")
        text, starts = source.text, source.starts()
        start = starts[span.line - 1] + span.column - 1
        end = starts[span.end_line - 1] + span.end_column - 1
        asked = _NOQA.match(text, start, end)
        if asked is None:
            raise EditError("the comment is not where it was")
        rest = text[asked.end() : end].strip()
        if edit.keep:
            self._splice(source, start, asked.end(), edit.after)
        elif rest:
            self._splice(source, start, asked.end(), ";")
        else:
            while start > 0 and text[start - 1] in " \t":
                start -= 1
            self._splice(source, start, end, "")

    def _sources(self) -> list[SourceText]:
        if isinstance(self.zone, MasterZone):
            return [self.zone.source, *self.zone.included]
        return list(self.records)

    # -- records that come and go ------------------------------------------------------------

    def _hand_owner_on(self, record: MasterRecord, layout: Layout) -> None:
        """Give the record behind one that goes the owner that it left out."""
        if layout.owner is None and id(record) in self.gone and not self._moves(record):
            return
        listed = self.records.get(record.source)
        if listed is None:
            raise EditError("the record is not in a file of the zone")
        for follower in listed[listed.index(record) + 1 :]:
            if follower.layout.owner is not None:
                return
            if id(follower) not in self.gone:
                if id(follower) in self.handed:
                    return
                if self._owner_in_front(record) != follower.owner:
                    self.handed.add(id(follower))
                    owner = relative(follower.owner, follower.origin)
                    self._splice(follower.source, follower.at, follower.at, owner)
                return

    def _owner_in_front(self, record: MasterRecord) -> str | None:
        """The owner that the place of a record that goes takes over from those in front of it.

        None where that is not plain: something else than records and comments stands there.
        """
        if id(record) not in self.removed:
            return None
        text, at = record.source.text, record.at
        listed = self.records[record.source]
        for former in reversed(listed[: listed.index(record)]):
            between = text[former.layout.line[1] : at]
            if any(line.strip() and line.strip()[0] != ";" for line in between.split("\n")):
                return None
            if id(former) not in self.gone:
                return former.owner
            if id(former) not in self.removed:
                return None
            at = former.at
        return None

    def _default_from(self, source: SourceText) -> float:
        """Where in a source a $TTL begins to rule; before that, a record without a TTL takes that
        of the record in front of it."""
        if isinstance(self.zone, MasterZone) and source is not self.zone.source:
            ruled = self._directive(self.zone.source) < math.inf
            return 0 if ruled else self._directive(source)
        return self._directive(source)

    def _directive(self, source: SourceText) -> float:
        if source not in self.directives:
            found = _TTL_DIRECTIVE.search(source.text)
            self.directives[source] = math.inf if found is None else found.start()
        return self.directives[source]

    def _hand_ttls_on(self, listed: Sequence[MasterRecord], ruled: float) -> None:
        """A record that would take over another TTL than it had gets its own written down."""
        ttl: int | None = None
        changed = False
        for record in listed:
            if record.at > ruled:
                return
            if id(record) in self.removed:
                changed = changed or record.layout.ttl is not None
            elif id(record) in self.retimed:
                ttl, changed = self.retimed[id(record)], True
            else:
                if changed and record.ttl not in (None, ttl) and record.layout.ttl is None:
                    self._write_ttl(record, record.ttl)
                ttl, changed = record.ttl, False
            if id(record) in self.added:
                ttl, changed = self.added[id(record)], True

    def _write_ttl(self, record: MasterRecord, ttl: int) -> None:
        """Write a TTL into a record that states none."""
        before = record.layout.class_ or record.layout.type
        self._splice(record.source, before[0], before[0], f"{ttl} ")

    def _moves(self, record: MasterRecord) -> bool:
        """Whether an owner is written into the record's line, which the next would take over."""
        return any(
            splice.start == splice.end == record.at
            for splice in self.splices.get(record.source, ())
        )

    def _add(self, edit: Edit, anchor: MasterRecord | None) -> None:
        if anchor is None:
            raise EditError(
                f"there is no record beside which {edit.owner} {edit.type} could be written"
            )
        source, layout = anchor.source, anchor.layout
        start, end = layout.line
        ruled = self._default_from(source) < math.inf
        line = _line(edit, anchor, layout, has_default=ruled or edit.ttl is not None)
        self._add_line(source, end, line, start)
        if edit.ttl is not None:
            self.added[id(anchor)] = edit.ttl

    @property
    def _only_includes(self) -> bool:
        """Whether all records are in files that it includes, which may be those of others too."""
        return isinstance(self.zone, MasterZone) and not self.records.get(self.zone.source)

    def _add_at_end(self, edit: Edit, like: MasterRecord) -> None:
        """Write a record behind all else in the zone's own file, where no origin matters."""
        assert isinstance(self.zone, MasterZone), "only zone files include others"
        source = self.zone.source
        has_default = self._default_from(source) < math.inf
        ttl = edit.ttl if has_default or edit.ttl is not None else like.ttl
        words = (edit.owner, *(() if ttl is None else (str(ttl),)), edit.type, edit.after or "")
        self._add_line(source, len(source.text), " ".join(words))

    def _add_line(self, source: SourceText, at: int, line: str, near: int = 0) -> None:
        """Write a line behind another, broken as the lines from `near` on are."""
        text = source.text
        found = _LINE_BREAK.search(text, near) or _LINE_BREAK.search(text)
        newline = found[0] if found else "\n"
        ends = text.endswith(("\n", "\r"), 0, at)
        self.splices.setdefault(source, []).append(
            Splice(at, at, f"{line}{newline}" if ends else f"{newline}{line}")
        )

    def _behind(self, listed: Sequence[MasterRecord], place: int) -> MasterRecord | None:
        """The record behind a place, those passed over that go."""
        behind = map(listed.__getitem__, range(place + 1, len(listed)))
        return next((each for each in behind if id(each) not in self.removed), None)

    def _anchor(self, owner: str) -> MasterRecord | None:
        """The record to stand behind: the owner's last, else its nearest relative's, else any.

        Never one that hands its owner on to the record behind it. Of records that are equally
        near, the last of those whose origin the owner is written relative to, and rather in the
        zone's own file than in one that it includes.
        """
        own = self._own_places.get(owner)
        if own is not None:
            return own
        best: tuple[tuple[int, int, bool], MasterRecord | None] = ((-1, -1, False), None)
        for record in self._places:
            rank = (_kinship(record.owner, owner), *self._fit(record, owner))
            if rank >= best[0]:
                best = (rank, record)
        return best[1]

    def _fit(self, record: MasterRecord, owner: str) -> tuple[int, bool]:
        fits = len(labels(record.origin)) if is_below(owner, record.origin) else -1
        return fits, record.source.path == self.zone.path

    @cached_property
    def _places(self) -> list[MasterRecord]:
        """The records behind which a new one may stand, once all other changes are made."""
        found: list[MasterRecord] = []
        repeated = self.zone.repeated if isinstance(self.zone, MasterZone) else ()
        for source, listed in self.records.items():
            if source.path in repeated:
                continue
            for place, record in enumerate(listed):
                follower = None if id(record) in self.gone else self._behind(listed, place)
                takes_over = (
                    follower is not None
                    and follower.at > record.at
                    and follower.source.text[follower.at] in " \t"
                    and id(follower) not in self.handed
                )
                if id(record) not in self.gone and not takes_over:
                    found.append(record)
        return found

    @cached_property
    def _own_places(self) -> dict[str, MasterRecord]:
        """Of these, the one to stand behind for a record of the same owner."""
        best: dict[str, tuple[tuple[int, bool], MasterRecord]] = {}
        for record in self._places:
            rank, known = self._fit(record, record.owner), best.get(record.owner)
            if known is None or rank >= known[0]:
                best[record.owner] = (rank, record)
        return {owner: record for owner, (_, record) in best.items()}


def _distance(anchor: MasterRecord | None, edit: Edit) -> tuple[bool, int]:
    return anchor is None or anchor.owner != edit.owner, len(labels(edit.owner))


def _kinship(owner: str, wanted: str) -> int:
    """How near two owners are: the labels in common."""
    return shared_start(labels(owner)[::-1], labels(wanted)[::-1])


def _line(edit: Edit, anchor: MasterRecord, layout: Layout, *, has_default: bool) -> str:
    """The new record on one line, its fields below those of the record that it stands behind."""
    text = anchor.source.text
    start = layout.line[0]
    after = edit.after or ""
    owner = relative(edit.owner, anchor.origin)
    ttl = edit.ttl if has_default else (edit.ttl or anchor.ttl)
    fields: list[tuple[Offsets | None, str]] = []
    if ttl is not None:
        fields.append((layout.ttl, str(ttl)))
    if layout.class_ is not None:
        fields.append((layout.class_, "IN"))
    fields.append((layout.type, edit.type))
    first = layout.rdata[0]
    line = owner
    for place, word in [*fields, ((first, first), after)]:
        column = 0 if place is None else _column(text, start, place[0])
        line = line.ljust(column - 1).expandtabs(8) if "\t" not in text[start:first] else line
        line += ("\t" if "\t" in text[start:first] else " ") + word
    return line


def _column(text: str, start: int, at: int) -> int:
    """How far right a place of a logical line stands on its own line."""
    return at - max(start, text.rfind("\n", start, at) + 1)
