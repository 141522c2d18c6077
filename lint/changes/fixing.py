"""Changes applied in rounds: judge, change, read again, until nothing changes.

Nothing is written here. What comes out are the new texts of the files, each of them read again
and found to hold exactly what was intended.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from zonelint.changes.sharing import SharedFiles, Wishes, shared_files, zone_of
from zonelint.grammars.listing import grouped
from zonelint.grammars.zone import TEXT_TYPES, Span, Zone
from zonelint.providers import writing
from zonelint.rules.core.change import Change, Edit
from zonelint.rules.core.engine import Result
from zonelint.rules.core.finding import Finding, Severity
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.mail.proof import text_of
from zonelint.rules.offers.bulk import UNWRITTEN
from zonelint.rules.offers.harm import Refused

MOST_ROUNDS = 200
"""Rounds after which fixing stops. One record may need many: a round changes it once."""


@dataclass(slots=True)
class Fixed:
    """What fixing did. `texts` are the files that changed, by path: before and after.

    `result` is the judgement of the zones as they are afterwards, `zones` these zones, and
    `originals` the zones as they were, `before` their judgement. `files` are the files that
    changed of each zone.
    """

    result: Result
    zones: list[Zone]
    originals: tuple[Zone, ...] = ()
    before: Result = field(default_factory=Result)
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    files: dict[int, set[str]] = field(default_factory=dict)
    applied: list[Finding] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    rounds: int = 0

    def sets(self) -> list[set[str]]:
        """The changed files in sets that only make sense together: those of a zone, and more.

        A zone may lie in several files, and a file be part of several zones.
        """
        sets: list[set[str]] = []
        for files in self.files.values():
            kin = [each for each in sets if each & files]
            sets = [each for each in sets if each not in kin] + [files.union(*kin)]
        return sets

    def undo(self, paths: Collection[str], judge: Callable[[Sequence[Zone]], Result]) -> None:
        """Give the zones of these files back as they were; the others stay changed."""
        undone = {number for number, files in self.files.items() if not files.isdisjoint(paths)}
        if not undone:
            return
        lost = {path for number in undone for path in self.files.pop(number)}
        for number in undone & set(range(len(self.zones))):
            self.zones[number] = self.originals[number]
        self.texts = {path: texts for path, texts in self.texts.items() if path not in lost}
        self.applied = [
            each for number, each in zip(self._homes, self.applied, strict=True)
            if number not in undone
        ]  # fmt: skip
        self.result = judge(self.zones)

    _homes: list[int] = field(default_factory=list)
    _beside: writing.Beside = field(default_factory=dict)


def fix(
    zones: Sequence[Zone],
    judge: Callable[[Sequence[Zone]], Result],
    chosen: Callable[[Finding], bool],
    *,
    bump_serial: bool = True,
    only_shown: bool = False,
    before: Result | None = None,
    guests: Sequence[Zone] = (),
    kept: Collection[int] = (),
    unread: Mapping[str, str] | None = None,
) -> Fixed:
    """Apply the changes of the chosen findings until none is left that could be made.

    In a round every change is made whose records no earlier change of the round touches; the
    others find their place in the next one. A zone's serial goes up once.

    only_shown: a proposal that brings or takes a word which this rule proposed of no change at this
      owner before the first round waits for the next run: nobody has read it.
    guests: zones that are written in the same files. What they want there counts; nothing is done
      for them, but that their serials go up where such a file is changed.
    kept: the zones whose serial stays, guests counted on.
    unread: what could not be read and uses files of these zones, by the real paths of these.
    before: the judgement of all these zones, where it is known.
    """
    own = len(zones)
    zones = [*zones, *guests]
    before = before or judge(zones)
    fixed = Fixed(before, list(zones), tuple(zones), before)
    if only_shown:
        chosen = _is_first_or_chosen(chosen, fixed.result)
    shared = shared_files(zones, unread=unread or {})
    read = shared_files(zones, only_read=True)
    bumped = set(kept)
    hopeless: set[_Place] = set()
    seen: set[int] = set()
    while fixed.rounds < MOST_ROUNDS:
        known = len(hopeless)
        picked = _agreed(fixed, _pick(fixed, chosen, hopeless), chosen, shared, hopeless, own)
        if not picked and len(hopeless) > known:
            continue  # without what only one zone wants of a part, others may agree on it
        if not picked:
            break
        progressed = False
        for number, findings in picked.items():
            bump = bump_serial and number not in bumped
            if _apply(fixed, number, findings, hopeless, bump=bump):
                bumped.add(number)
                progressed = True
        fixed.rounds += 1
        if progressed:
            spread = _spread(fixed, read)
            if bump_serial and (raised := _raise(fixed, spread - bumped)):
                bumped |= raised
                _spread(fixed, read)
            fixed.result = judge(fixed.zones)
            # What could not be changed before may be possible beside what has changed since.
            hopeless.clear()
            fixed.refused.clear()
            # Two rules that undo each other's work come back to where they were.
            state = hash(tuple(sorted((path, new) for path, (_, new) in fixed.texts.items())))
            if state in seen:
                break
            seen.add(state)
    return fixed


def dismiss(
    fixed: Fixed, guests: Sequence[Zone], judge: Callable[[Sequence[Zone]], Result]
) -> None:
    """Forget the zones that were only there for what they want."""
    if not guests:
        return
    own = len(fixed.zones) - len(guests)
    del fixed.zones[own:]
    fixed.originals = fixed.originals[:own]
    fixed.before, fixed.result = judge(fixed.originals), judge(fixed.zones)


def chosen(codes: Collection[str], *, safe: bool) -> Callable[[Finding], bool]:
    """Chooses the findings of these rules, and all whose change is safe if that is wanted."""
    wanted = frozenset(codes)
    return lambda finding: (
        finding.change is not None and ((safe and finding.change.safe) or finding.code in wanted)
    )


def unless_hidden(
    chosen: Callable[[Finding], bool], shown: Iterable[Finding], hidden: Iterable[Finding]
) -> Callable[[Finding], bool]:
    """Chooses none of the findings that a run does not show, whatever has changed beside them."""
    places = {_place(each) for each in hidden}
    if not places:
        return chosen
    rules = {place[:3] for place in places}
    for each in shown:
        places.discard(_place(each))
        rules.discard(_place(each)[:3])
    return lambda finding: (
        chosen(finding) and _place(finding) not in places and _place(finding)[:3] not in rules
    )


def _is_first_or_chosen(
    chosen: Callable[[Finding], bool], first: Result
) -> Callable[[Finding], bool]:
    shown = grouped(
        (_place(each)[:3], _words_changed(each.change))
        for each in first.findings
        if each.change is not None
    )

    def is_shown(finding: Finding, change: Change) -> bool:
        proposed = shown.get(_place(finding)[:3], ())
        return bool(proposed) and any(map(_words_changed(change).issubset, proposed))

    return lambda finding: (
        chosen(finding)
        and finding.change is not None
        and (finding.change.safe or is_shown(finding, finding.change))
    )


_Place = tuple[ZoneId, str, str, str, str]
"""Zone, code, owner, type and message of a finding."""
_Word = tuple[str, str, str, int | None, bool]
"""A word of a record with that record's owner, type and TTL, and whether it comes or goes."""


def _words_changed(change: Change) -> frozenset[_Word]:
    """The words that a change brings and takes away, wherever in a record they stand."""
    counts: Counter[tuple[str, str, str, int | None]] = Counter()
    for edit in change.edits:
        if edit.after is not None:
            new = _words(edit.type, edit.after)
            counts.update((edit.owner, edit.type, word, edit.ttl) for word in new)
        if edit.before is not None:
            old = _words(edit.before.type, edit.before.rdata)
            counts.subtract((edit.before.owner, edit.before.type, w, edit.ttl) for w in old)
    return frozenset((*word, count > 0) for word, count in counts.items() if count)


def _words(type: str, rdata: str) -> list[str]:
    """The terms or tags of a text, or the fields of another record."""
    text = text_of(rdata) if type in TEXT_TYPES else rdata
    return [word for word in re.split(r"[\s;]+", text.lower()) if word]


def _place(finding: Finding) -> _Place:
    return (finding.zone, finding.code, finding.owner, finding.type, finding.message)


def _pick(
    fixed: Fixed, chosen: Callable[[Finding], bool], hopeless: set[_Place]
) -> dict[int, list[Finding]]:
    """The findings whose changes this round makes, by the index of their zone."""
    home = {
        id(record): number
        for number, zone in enumerate(fixed.zones)
        for rrset in zone.rrsets()
        for record in rrset
    } if fixed.result.findings else {}  # fmt: skip
    taken: set[object] = set()
    picked: dict[int, list[Finding]] = {}
    # What mends an error goes first: it was judged, and shown, beside the text as it stood.
    urgent = sorted(fixed.result.findings, key=lambda each: each.severity is not Severity.ERROR)
    for finding in urgent:
        change = finding.change
        if change is None or not chosen(finding) or _place(finding) in hopeless:
            continue
        homes = {home.get(id(e.before)) for e in change.edits if e.before is not None}
        homes |= {zone_of(fixed.zones, e.owner, finding) for e in change.edits if e.before is None}
        if len(homes) != 1 or (number := homes.pop()) is None:
            why = "the change affects more than one zone"
            if homes <= {None}:
                why = UNWRITTEN
            _refuse(fixed, finding, why, hopeless)
            continue
        touched = {(number, each) for each in _touched(change.edits)}
        if not taken.isdisjoint(touched):
            continue
        taken |= touched
        picked.setdefault(number, []).append(finding)
    return picked


def _touched(edits: Sequence[Edit]) -> Iterator[object]:
    for edit in edits:
        if edit.comment is not None:
            yield edit.comment.comment.span
            continue
        if edit.before is None or edit.is_move:
            yield edit.owner, edit.type
        if edit.before is not None:
            yield id(edit.before)


def _refuse(fixed: Fixed, finding: Finding, reason: str, hopeless: set[_Place]) -> None:
    hopeless.add(_place(finding))
    fixed.refused.append(Refused(finding, reason))


# -- files that several zones share --------------------------------------------------------------


def _agreed(
    fixed: Fixed,
    picked: dict[int, list[Finding]],
    chosen: Callable[[Finding], bool],
    shared: SharedFiles,
    hopeless: set[_Place],
    own: int,
) -> dict[int, list[Finding]]:
    """Those of the findings that change a shared file only as all of its zones would have it.

    Of the zones behind the first `own` ones only what they want is asked.
    """
    if not shared.numbers:
        return picked
    wishes = Wishes(fixed.zones, shared)
    wanted = [(number, each) for number, findings in picked.items() for each in findings]
    for number, finding in wanted:
        wishes.add(number, finding)
    agreed: dict[int, list[Finding]] = {}
    apart: list[tuple[int, Finding, writing.Part, set[int]]] = []
    for number, finding in wanted:
        lone = wishes.against(number, finding)
        if lone is not None:
            apart.append((number, finding, *lone))
        elif number < own:
            agreed.setdefault(number, []).append(finding)
    alike = _alike(fixed, {(each.code, each.span) for _, each, *_ in apart}, hopeless)
    hopeless_now = [
        (number, finding, part, others)
        for number, finding, part, others in apart
        if others - alike.get((finding.code, finding.span), set())
    ]
    for number, finding, part, others in hopeless_now or ([] if agreed else apart):
        if number >= own:
            hopeless.add(_place(finding))
        else:
            asked = [
                each for each in fixed.result.findings
                if (each.code, each.span) == (finding.code, finding.span) and not chosen(each)
            ]  # fmt: skip
            if others <= wishes.wanting(number, finding, asked):
                _refuse(fixed, finding, wishes.reason(part, others, "a proposal"), hopeless)
            else:
                _refuse(fixed, finding, wishes.reason(part, others), hopeless)
    return agreed


def _alike(
    fixed: Fixed,
    wanted: Collection[tuple[str, Span]],
    hopeless: set[_Place],
) -> dict[tuple[str, Span], set[int]]:
    """The zones in which these rules find something to change at these places."""
    found: dict[tuple[str, Span], set[int]] = {}
    for finding in fixed.result.findings if wanted else ():
        is_wanted = finding.change is not None and (finding.code, finding.span) in wanted
        if is_wanted and _place(finding) not in hopeless:
            number = zone_of(fixed.zones, finding.owner, finding)
            if number is not None:
                found.setdefault((finding.code, finding.span), set()).add(number)
    return found


def _spread(fixed: Fixed, shared: SharedFiles) -> set[int]:
    """Let every zone see the shared files as they are now; gives those that are others by it."""
    changed = {path: fixed.texts[path][1] for path in shared.numbers if path in fixed.texts}
    now = shared.respelt(changed)
    spread: set[int] = set()
    for number in {number for path in changed for number in shared.numbers[path]}:
        zone = writing.seen_again(fixed.zones[number], now)
        if zone is not fixed.zones[number]:
            fixed.zones[number] = zone
            spread.add(number)
            fixed.files.setdefault(number, set()).update(
                path for path in changed if number in shared.numbers[path]
            )
    return spread


def _raise(fixed: Fixed, numbers: Iterable[int]) -> set[int]:
    """Raise the serials of zones that another zone's change of a file has changed; gives these."""
    raised: set[int] = set()
    for number in sorted(numbers):
        after = writing.raised(fixed.zones[number], fixed.originals[number])
        if after is not None:
            raised.add(number)
            _take(fixed, number, after)
    return raised


# -- making the changes --------------------------------------------------------------------------


def _apply(
    fixed: Fixed,
    number: int,
    findings: list[Finding],
    hopeless: set[_Place],
    *,
    bump: bool,
) -> bool:
    """Make the changes of one zone together; where that fails, each by itself."""
    zone = fixed.zones[number]
    edits = [edit for f in findings if f.change is not None for edit in f.change.edits]
    try:
        after = writing.changed(zone, edits, bump_serial=bump, beside=fixed._beside)
    except writing.EditError as error:
        if len(findings) > 1:
            done = False
            for finding in findings:
                done |= _apply(fixed, number, [finding], hopeless, bump=bump and not done)
                if done:
                    break
            return done
        _refuse(fixed, findings[0], str(error), hopeless)
        return False
    _take(fixed, number, after)
    fixed.applied += findings
    fixed._homes += [number] * len(findings)
    return bool(after.texts)


def _take(fixed: Fixed, number: int, after: writing.Changed) -> None:
    """Take a zone and its files as they are now."""
    for path, (old, new) in after.texts.items():
        first = fixed.texts[path][0] if path in fixed.texts else old
        fixed.texts[path] = (first, new)
    fixed.zones[number] = after.zone
    fixed.files.setdefault(number, set()).update(after.texts)
