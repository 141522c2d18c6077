"""Comments that accept findings, written where they hold for these and for nothing else.

What is written is read again: the records must be the same, and the comments must hold.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zonelint.grammars.listing import grouped, some
from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import Suppression, Zone, without_dot
from zonelint.providers import writing
from zonelint.providers.writing import EditError
from zonelint.providers.zonefile.edit import contents
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.suppression import Lines, by_line, holding

if TYPE_CHECKING:
    from zonelint.providers.project.sharing import Sharers

MOST_TRIED = 5
"""Lines that are tried for one comment: inside a long text none can stand."""

Texts = Mapping[str, str]
"""Files by their paths."""
ReadAgain = Callable[[Texts], Zone | None]
"""The zone with other texts of some of its files; None where it can no longer be read."""


@dataclass(slots=True)
class Commented:
    """A zone with its new comments. texts: the changed files; left: what no comment accepts."""

    zone: Zone
    texts: dict[str, str] = field(default_factory=dict)
    left: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """A line of a file, or behind the last code of a comment in it, where more codes can stand."""

    path: str
    line: int
    column: int = 0


def add_comments(zone: Zone, findings: Sequence[Finding], read_again: ReadAgain) -> Commented:
    """The zone with comments that accept the findings, one comment a line."""
    done = Commented(zone)
    pending = _not_accepted(zone, findings)
    for attempt in range(MOST_TRIED):
        wanted: dict[_Place, set[str]] = {}
        comments = _comments(done.zone)
        for finding in pending:
            places = list(dict.fromkeys(_places(done.zone, finding, comments)))
            if attempt < len(places):
                wanted.setdefault(places[attempt], set()).add(finding.code)
        _write(done, list(wanted.items()), read_again)
        pending = _not_accepted(done.zone, pending)
        if not pending:
            break
    done.left = pending
    return done


def _comments(zone: Zone) -> Lines[Suppression]:
    return by_line((each, each) for each in zone.suppressions)


def _not_accepted(zone: Zone, findings: Iterable[Finding]) -> list[Finding]:
    comments = _comments(zone)
    return [
        finding
        for finding in findings
        if not any(
            each.codes is None or finding.code in each.codes
            for each in holding(comments, finding.span)
        )
    ]


def _places(zone: Zone, finding: Finding, comments: Lines[Suppression]) -> Iterator[_Place]:
    """Where a comment for a finding could stand, the best place first."""
    place = finding.span
    for comment in holding(comments, place):
        if comment.code_spans:
            last = comment.code_spans[-1]
            yield _Place(last.path, last.end_line, last.end_column)
    yield _Place(place.path, place.line)
    yield _Place(place.path, place.end_line)
    for rrset in zone.at(finding.owner):
        for record in rrset:
            span = record.span
            if span.path == place.path and span.line <= place.line <= span.end_line:
                for line in (span.end_line, record.rdata_span.line, span.line):
                    yield _Place(place.path, line)


def _write(done: Commented, wanted: Sequence[tuple[_Place, set[str]]], again: ReadAgain) -> None:
    """Write the comments that can stand where they are wanted: all at once, else by halves."""
    if not wanted:
        return
    texts = dict(_with_comments(done.zone, wanted))
    zone = again({**done.texts, **texts}) if texts else None
    if zone is not None and _is_same(zone, done.zone):
        done.zone = zone
        done.texts |= texts
    elif len(wanted) > 1:
        half = len(wanted) // 2
        _write(done, wanted[:half], again)
        _write(done, wanted[half:], again)


def _is_same(after: Zone, before: Zone) -> bool:
    return len(after.faults) <= len(before.faults) and contents(after) == contents(before)


def _with_comments(
    zone: Zone, wanted: Iterable[tuple[_Place, set[str]]]
) -> Iterator[tuple[str, str]]:
    """The files with the comments, by path."""
    mark = ";" if isinstance(zone, MasterZone) else "#"
    by_path = grouped((place.path, (place, codes)) for place, codes in wanted)
    for source in writing.sources(zone):
        pieces, done = [], 0
        for place, codes in sorted(by_path.get(source.path, ()), key=lambda item: item[0]):
            at = _end_of_line(source, place)
            words = ", ".join(sorted(codes))
            pieces += [source.text[done:at], f", {words}" if place.column else ""]
            if not place.column:
                pieces[-1] = f"  {mark} noqa: {words}"
            done = at
        if pieces:
            yield source.path, "".join([*pieces, source.text[done:]])


def _end_of_line(source: SourceText, place: _Place) -> int:
    """The offset at which something can be added to a line."""
    text, starts = source.text, source.starts()
    begin = starts[place.line - 1]
    if place.column:
        return begin + place.column - 1
    end = starts[place.line] if place.line < len(starts) else len(text)
    return begin + len(text[begin:end].rstrip())


@dataclass(slots=True)
class Silenced:
    """What --add-noqa makes of zones.

    texts: the files that change, before and after, as they are on the disk.
    files: those of each zone, by its number.
    left: the findings that no comment can accept.
    """

    zones: list[Zone]
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    files: dict[int, set[str]] = field(default_factory=dict)
    left: list[Finding] = field(default_factory=list)


def of_one_use(
    zones: Sequence[Zone], found: Mapping[int, Sequence[Finding]], sharers: Sharers
) -> tuple[list[tuple[Finding, str]], dict[int, list[Finding]]]:
    """The findings of zones at lines that others have without them, each with why; the rest.

    A comment holds for every zone that its file is part of.
    """
    lines: dict[tuple[str, int], list[tuple[int, str]]] = grouped(
        ((record.span.path, record.span.line), (number, zone.origin))
        for number, zone in enumerate((*zones, *sharers.zones))
        for rrset in zone.rrsets()
        for record in rrset
    )
    held = {(n, each.code, each.span) for n, of_zone in found.items() for each in of_zone}
    shared: list[tuple[Finding, str]] = []
    own: dict[int, list[Finding]] = {}
    for number, of_zone in found.items():
        for each in of_zone:
            path, at = each.span.path, lines.get((each.span.path, each.span.line), ())
            others = [name for n, name in at if (n, each.code, each.span) not in held]
            if isinstance(zones[number], MasterZone):
                others += filter(None, [sharers.unread.get(os.path.realpath(path))])
            if others:
                why = (
                    f"{path} is also part of {some(map(without_dot, others), 1)}, where a comment "
                    "would hold as well; `per-owner-ignore` in zonelint.toml is for one owner"
                )
                shared.append((each, why))
            else:
                own.setdefault(number, []).append(each)
    return shared, own


def silence(zones: Sequence[Zone], found: Mapping[int, Sequence[Finding]]) -> Silenced:
    """Write comments for the findings of zones, which are known by their numbers.

    A file may be part of several zones: each is read with what the others have written there.
    """
    done = Silenced(list(zones))
    now: dict[str, str] = {}
    for number, zone in enumerate(zones):
        findings = found.get(number, ())
        made = read_with(zone, now) if now else zone
        if made is None or (not findings and made is zone):
            done.left += findings
            continue
        commented = add_comments(made, findings, _reading(made, now))
        done.zones[number] = commented.zone
        done.left += commented.left
        now |= commented.texts
    for number, zone in enumerate(zones):
        for source in writing.sources(zone):
            if source.path in now:
                mark = getattr(source, "mark", "")  # YAML's texts begin behind it
                texts = (f"{mark}{source.text}", f"{mark}{now[source.path]}")
                done.texts[source.path] = texts
                done.files.setdefault(number, set()).add(source.path)
    # What was read before others wrote into the same file is read once more.
    done.zones = [read_with(zone, now) or zone for zone in done.zones]
    return done


def _reading(zone: Zone, now: Texts) -> ReadAgain:
    return lambda texts: read_with(zone, {**now, **texts})


def read_with(zone: Zone, texts: Texts) -> Zone | None:
    """The zone with other texts of some of its files; None where it can no longer be read."""
    try:
        return writing.seen_again(zone, texts)
    except EditError:
        return None
