"""A zone as changes would make it, without its source being written: to be judged, not kept."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import NamedTuple

from zonelint.grammars.masterfile.reader import MasterZone, read
from zonelint.grammars.masterfile.record import MasterRecord
from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.zone import TEXT_TYPES, Record, Zone
from zonelint.rules.core.change import Change, Edit
from zonelint.rules.mail.proof import text_of


class Replacement(NamedTuple):
    """`before[start:stop]` becomes `text`."""

    start: int
    stop: int
    text: str


def amended(zone: Zone, changes: Iterable[Change]) -> Zone:
    """The zone with the changes, each of which is judgeable.

    Those of one record that differ are merged, which their stretches allow.
    """
    swapped: dict[Record, Record | None] = {}
    rewritten: dict[Record, list[str]] = {}
    added: list[Record] = []
    edits = [edit for change in changes for edit in change.edits if edit.comment is None]
    for edit in edits:
        old = held(zone, edit)
        if old is not None and edit.after is not None and is_rewrite(edit):
            rewritten.setdefault(old, []).append(edit.after)
            continue
        if old is not None:
            swapped[old] = None
        if edit.after is not None:
            (new,) = _read(edit, edit.after)
            new.ttl = _ttl(zone, edit)
            if old is not None and (new.owner, new.type) == (old.owner, old.type):
                swapped[old] = new
            else:
                added.append(new)
    for old, rdatas in rewritten.items():
        edit = Edit(old.owner, old.type, old, rdatas[0])
        (new,) = _read(edit, _merged(old, rdatas)) or _read(edit, rdatas[0])
        new.ttl = old.ttl
        swapped[old] = new
    defaults = {e.default.default: e.default.seconds for e in edits if e.default is not None}
    for record in zone.each_record() if defaults else ():
        default = record.default if isinstance(record, MasterRecord) else None
        made = swapped.setdefault(record, copy.copy(record)) if default in defaults else None
        if made is not None and default is not None and made.ttl == record.ttl:
            made.ttl = defaults[default]
    return zone.changed(swapped, added)


def is_judgeable(zone: Zone, change: Change) -> bool:
    """Whether the change is one of records of this zone, each of them known."""
    for edit in change.edits:
        if edit.comment is not None:
            continue
        old = held(zone, edit)
        if not zone.contains(edit.owner) or (old is None and edit.before is not None):
            return False
        # Of a value that is known in part nothing tells which faults are its own.
        if old is not None and old.doubts(old.span, old.rdata, edit.after or ""):
            return False
        if edit.after is not None and not _read(edit, edit.after):
            return False
    return True


def held(zone: Zone, edit: Edit) -> Record | None:
    """The record of the zone that an edit takes away or replaces; None where there is none."""
    before = edit.before
    if before is None:
        return None
    there = zone.get(before.owner, before.type) or ()
    same = (each for each in there if each is before)
    alike = (each for each in there if (each.ttl, each.rdata) == (before.ttl, before.rdata))
    return next(same, None) or next(alike, None)


def is_rewrite(edit: Edit) -> bool:
    """Whether a record gets another value and nothing else."""
    return edit.before is not None and edit.after is not None and not edit.is_move and not edit.ttl


def replacement(record: Record, rdata: str) -> Replacement | None:
    """The one stretch in which a rewritten record differs; None where that is all of it.

    Of a record of strings it is one of the text, however that is cut.
    """
    before, after = written_text(record, record.rdata), written_text(record, rdata)
    if before == after:
        return None
    start, end = shared_ends(before, after)
    return Replacement(start, len(before) - end, after[start : len(after) - end])


def shared_ends(one: Sequence[str], other: Sequence[str]) -> tuple[int, int]:
    """How many characters two texts share at their beginning, and behind that at their end."""
    head = shared_start(one, other)
    return head, shared_start(one[head:][::-1], other[head:][::-1])


def differing(
    old: Sequence[str], new: Sequence[str], most: int
) -> Iterator[tuple[int, int, int, int]]:
    """The stretches of items that differ: first and last in the old ones, and in the new ones.

    One stretch where there are more than `most` between what both begin and end with: that would
    take more than the square of their number.
    """
    head, tail = shared_ends(old, new)
    old, new = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(len(old), len(new)) > most:
        yield head, head + len(old), head, head + len(new)
        return
    from difflib import SequenceMatcher  # zone files are edited without it

    for tag, *stretch in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            first, last, begin, end = (head + each for each in stretch)
            yield first, last, begin, end


def shared_start(left: Sequence[str], right: Sequence[str]) -> int:
    """How many items both begin with."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False))
    return sum(1 for _ in same)


def _merged(record: Record, rdatas: Sequence[str]) -> str:
    """A record's rdata with all that rewrites it, in stretches of their own."""
    made = {replacement(record, rdata) for rdata in rdatas}
    if len(rdatas) == 1 or None in made:
        return rdatas[0]
    before = written_text(record, record.rdata)
    parts: list[str] = []
    at = 0
    for start, stop, text in sorted(each for each in made if each is not None):
        parts += (before[at:start], text)
        at = stop
    text = "".join([*parts, before[at:]])
    return txt_rdata(text) if record.type in TEXT_TYPES else text


def written_text(record: Record, rdata: str) -> str:
    """A text, however it is cut into strings; the rdata of any other record."""
    return text_of(rdata) if record.type in TEXT_TYPES else rdata


def _read(edit: Edit, rdata: str) -> list[Record]:
    """The record that comes; none where it cannot be read."""
    made = read(f"{edit.owner} 0 IN {edit.type} {rdata}\n", edit.owner, ".")
    found = [record for rrset in made.rrsets() for record in rrset]
    return found if len(found) == 1 and not made.faults else []


def _ttl(zone: Zone, edit: Edit) -> int | None:
    if edit.ttl is not None:
        return edit.ttl
    beside = edit.before or next(iter(zone.get(edit.owner, edit.type) or ()), None)
    if beside is not None:
        return beside.ttl
    return zone.end_ttl if isinstance(zone, MasterZone) else None
