"""Changes written back into sources, as replacements of the stretches that spell a value.

A stretch may be the value of many records: the default of a variable, an entry of a local. It is
replaced only where each of these records wants the same; what a change would do besides is seen
when the new texts are read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

from zonelint.grammars.dnsname import absolute
from zonelint.grammars.listing import grouped
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import TEXT_TYPES, Span
from zonelint.providers.hcl.values import HclPlace, escaped
from zonelint.providers.resources.edits import written_as
from zonelint.providers.resources.places import Stretch, Written
from zonelint.providers.resources.record import Joined, ResourceRecord
from zonelint.providers.resources.values import Where
from zonelint.providers.resources.zones import ResourceZone
from zonelint.providers.zonefile.edit import EditError, Splice, spliced
from zonelint.rules.core.change import Edit
from zonelint.rules.offers.amended import differing

_MOST_COMPARED = 2000
"""Words of two texts, without what they begin and end with alike, that are compared one by one."""
_WORD = re.compile(r"\w+(?:[.-]\w+)*|.", re.DOTALL)
_LONGEST_WORD = 63
"""Characters of a word: a label of a name has no more. Of what is longer, a key, each counts."""


class Spot(NamedTuple):
    """A stretch of a file that would be replaced."""

    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SourceSplice:
    """`source.text[start:end]` becomes `after`."""

    source: SourceText
    start: int
    end: int
    after: str

    @property
    def spot(self) -> Spot:
        return Spot(self.source.path, self.start, self.end)


def splices(zone: ResourceZone, edits: Sequence[Edit]) -> list[SourceSplice]:
    """What the edits replace, each stretch once. Raises EditError."""
    made: dict[Spot, SourceSplice] = {}
    wanting: dict[Spot, set[int]] = {}
    for edit in edits:
        for splice in _of(zone, edit):
            held = made.setdefault(splice.spot, splice)
            if held.after != splice.after:
                raise EditError("two changes need different texts in one place")
            wanting.setdefault(splice.spot, set()).add(id(edit.before))
    for spot in made:
        others = sum(id(record) not in wanting[spot] for record in users(zone, spot))
        if others:
            more = "another record" if others == 1 else f"{others} other records"
            raise EditError(f"the text is also that of {more}, where the change is not wanted")
    return sorted(made.values(), key=lambda splice: splice.spot)


def with_aliases(zone: ResourceZone, edits: Sequence[Edit]) -> Sequence[Edit]:
    """The edits; that of a record which aliases are answered with, at all of its owners.

    What an alias is answered with is written at what it leads to. Raises EditError.
    """
    if not zone.aliased:
        return edits
    records = (each for each in zone.each_record() if isinstance(each, ResourceRecord))
    same = grouped((id(each.behind or each), each) for each in records)
    made: dict[tuple[object, ...], Edit] = {}
    for edit in edits:
        record = edit.before
        if not isinstance(record, ResourceRecord):
            made[id(edit), None] = edit
            continue
        if record.behind is not None and (edit.after is None or edit.is_move):
            raise EditError("the record is what an alias leads to, and stays for who asks there")
        for one in same.get(id(record.behind or record), [record]):
            owner = edit.owner if one is record else one.owner
            made[id(one), edit.after, edit.ttl] = edit._replace(owner=owner, before=one)
    return list(made.values())


def users(zone: ResourceZone, spot: Spot) -> Iterator[ResourceRecord]:
    """The records of a zone whose value or TTL is written there, in part at least."""
    records = (each for each in zone.each_record() if isinstance(each, ResourceRecord))
    return (
        record
        for record in records
        if any(
            path == spot.path and _meet(start, end, spot)
            for path, start, end in _stretches(zone, record)
        )
    )


def _stretches(zone: ResourceZone, record: ResourceRecord) -> Iterator[tuple[str, int, int]]:
    for place in _places(record.where):
        yield place.source.path, place.start, place.end
    if record.ttl_at is not None and record.ttl is not None:
        source, start, end = _stretch(zone, record.ttl_at)
        yield source.path, start, end


def uses(zone: ResourceZone, spot: Spot) -> bool:
    """Whether a value of the zone is written there."""
    return next(users(zone, spot), None) is not None


def applied(texts: Mapping[str, str], made: Iterable[SourceSplice]) -> dict[str, str]:
    """The texts of files, by path, with the replacements made. Raises EditError."""
    by_path = grouped((e.source.path, Splice(e.start, e.end, e.after)) for e in made)
    return {path: spliced(text, by_path.get(path, ())) for path, text in texts.items()}


def _meet(start: int, end: int, spot: Spot) -> bool:
    if spot.start == spot.end:
        return start <= spot.start <= end
    return start < spot.end and spot.start < end


def _places(where: Where | None) -> Iterator[HclPlace]:
    match where:
        case Written(parts):
            yield from (part.place for part in parts if part.place is not None)
        case Joined(parts):
            for _, _, inner in parts:
                yield from _places(inner)
        case _:
            return


# -- one edit --------------------------------------------------------------------------------------


def _of(zone: ResourceZone, edit: Edit) -> Iterator[SourceSplice]:
    if edit.comment is not None:
        yield _comment(zone, edit)
        return
    record = edit.before
    if not isinstance(record, ResourceRecord) or record.where is None:
        raise EditError("a new record cannot be written to this kind of source")
    if edit.after is None:
        yield _removal(record)
        return
    if edit.owner != record.owner or edit.type != record.type:
        raise EditError("the name of a record cannot be changed in this kind of source")
    if edit.ttl is not None and edit.ttl != record.ttl:
        yield _ttl(zone, record, edit.ttl)
    if edit.after != record.rdata:
        yield from _value(record, edit.after)


_ASKED = re.compile(
    r"(?:#|//)[ \t]*noqa[ \t]*:?(?:[ \t,]*[a-z]{2,}[0-9]{3,}(?![a-z0-9_-]))*(?=[ \t]|$)",
    re.IGNORECASE,
)
"""A request for silence, up to what a person wrote behind it."""


def _comment(zone: ResourceZone, edit: Edit) -> SourceSplice:
    assert edit.comment is not None, "just seen"
    source, start, end = _stretch(zone, edit.comment.comment.span)
    kept = edit.comment.keep
    asked = _ASKED.match(source.text, start, end)
    words = source.text[asked.end() if asked else end : end]
    if kept:
        return SourceSplice(source, start, end, f"# noqa: {', '.join(kept)}{words}")
    if words.strip():
        return SourceSplice(source, start, end, f"#{words}")
    while source.text[start - 1 : start] in (" ", "\t"):
        start -= 1
    return SourceSplice(source, start, end, "")


def _ttl(zone: ResourceZone, record: ResourceRecord, ttl: int) -> SourceSplice:
    if record.ttl is None or record.ttl_at is None:
        raise EditError("the record has no TTL of its own in the source")
    source, start, end = _stretch(zone, record.ttl_at)
    if source.text[start:end].strip('"') != str(record.ttl):
        raise EditError("the TTL is not written as a number where it is used")
    return SourceSplice(
        source, start, end, source.text[start:end].replace(str(record.ttl), str(ttl))
    )


def _stretch(zone: ResourceZone, span: Span) -> tuple[SourceText, int, int]:
    source = next((each for each in zone.texts if each.path == span.path), None)
    if source is None:
        raise EditError("the place is not in a file that was read")
    starts = source.starts()
    return (
        source,
        starts[span.line - 1] + span.column - 1,
        starts[span.end_line - 1] + span.end_column - 1,
    )


def _removal(record: ResourceRecord) -> SourceSplice:
    """A value taken out of the list that it stands in, with its comma."""
    places = list(_places(record.where))
    if len(places) != 1 or places[0].escapes != "quoted":
        raise EditError("the value is not an element of a list that can be removed")
    place = places[0]
    text, start, end = place.source.text, place.start - 1, place.end + 1
    before, behind = text[:start].rstrip(), text[end:].lstrip()
    if text[start] != '"' or text[end - 1] != '"' or before[-1:] not in (",", "["):
        raise EditError("the value is not an element of a list that can be removed")
    if behind[:1] == ",":
        end = text.index(",", end) + 1
        rest = text[end:]
        blank = len(rest) - len(rest.lstrip(" \t"))
        if rest[blank : blank + 1] == "\n" and text[:start].rsplit("\n", 1)[-1].strip() == "":
            start, end = text.rfind("\n", 0, start), end + blank
        else:
            end += blank
    elif before[-1:] == "," and behind[:1] == "]":
        start = len(before) - 1
    else:
        raise EditError("a list cannot be left without a value")
    return SourceSplice(place.source, start, end, "")


def _value(record: ResourceRecord, rdata: str) -> Iterator[SourceSplice]:
    if record.type in TEXT_TYPES:
        written = written_as(record, rdata)
        if isinstance(written, tuple) or isinstance(record.written, tuple):
            raise EditError("a list of strings cannot be changed in this kind of source")
        yield from _pieces(record, 0, record.written, written)
        return
    words = rdata.split(" ")
    fields = record.words()
    if len(words) != len(fields):
        raise EditError("the record would have a different number of fields")
    for (start, end), word in zip(fields, words, strict=True):
        old = record.plain[start:end]
        new = word if old.endswith(".") or not word.endswith(".") else word.removesuffix(".")
        if old != new and absolute(old, record.origin) != word:
            yield from _pieces(record, start, old, new)


def _pieces(record: ResourceRecord, at: int, old: str, new: str) -> Iterator[SourceSplice]:
    """The replacements that make one text of another, each inside of one stretch of the source.

    Words are replaced as wholes: what two of them have in common by chance would leave a half of
    the new one on each side of a hole's edge.
    """
    edges = sorted(edge - at for edge in _edges(record.where) if at < edge < at + len(old))
    was = [
        word for first, last in pairwise((0, *edges, len(old))) for word in _words(old[first:last])
    ]
    will = [*_words(new)]
    starts = [*accumulate(map(len, was), initial=0)]
    for first, last, begin, stop in differing(was, will, _MOST_COMPARED):
        run = starts[first], starts[last], "".join(will[begin:stop])
        start, end, text = _in_one(old, edges, *run)
        yield _piece(record.where, at + start, at + end, text)


def _edges(where: Where | None) -> set[int]:
    """Where one stretch of the source ends and another begins."""
    match where:
        case Joined(parts):
            return {edge - own + at for at, own, inner in parts for edge in _edges(inner)}
        case Written(parts):
            return {part.start for part in parts}
    return set()


def _words(text: str) -> Iterator[str]:
    """What is replaced as a whole: a word or a name, or one character of a key or between words."""
    for found in _WORD.finditer(text):
        yield from found[0] if len(found[0]) > _LONGEST_WORD else (found[0],)


def _in_one(
    old: str, edges: Sequence[int], start: int, end: int, text: str
) -> tuple[int, int, str]:
    """What of a word that several stretches spell has to change, where that is one of them."""
    inside = [edge for edge in edges if start < edge < end]
    if not inside or not _WORD.fullmatch(old, start, end):
        return start, end, text
    found = [
        (first, last, text[first - start : len(text) - (end - last)])
        for first, last in pairwise((start, *inside, end))
        if text.startswith(old[start:first])
        and text.endswith(old[last:end])
        and first - start + end - last <= len(text)
    ]
    return found[0] if len(found) == 1 else (start, end, text)


def _piece(where: Where | None, start: int, end: int, text: str) -> SourceSplice:
    match where:
        case Joined(parts):
            found = next(p for p in reversed(parts) if p[0] <= start)
            shift = found[1] - found[0]
            return _piece(found[2], start + shift, end + shift, text)
        case Written(parts):
            part = _part(parts, start, end)
            place = part.place
            if place is not None and not part.is_hole and place.escapes != "opaque":
                first, last = place.stretch(start - part.start, end - part.start)
                return SourceSplice(place.source, first, last, escaped(text, place))
    raise EditError("the text is composed of parts, and the change is not within one of them")


def _part(parts: Sequence[Stretch], start: int, end: int) -> Stretch:
    whole = [part for part in parts if part.start <= start and end <= part.end]
    known = [part for part in whole if part.place is not None and not part.is_hole]
    if not known:
        raise EditError("what would change is computed, not written in the source")
    return known[0]
