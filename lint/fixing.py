"""Changes applied in rounds: judge, change, read again, until nothing changes.

Nothing is written here. What comes out are the new texts of the files, each of them read again
and found to hold exactly what was intended.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from zonelint.grammars.zone import Zone
from zonelint.providers import writing
from zonelint.rules.change import Edit
from zonelint.rules.engine import Result
from zonelint.rules.finding import Finding

MOST_ROUNDS = 200
"""Rounds after which fixing stops. One record may need many: a round changes it once."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A change that could not be made where its record stands."""

    finding: Finding
    reason: str


@dataclass(slots=True)
class Fixed:
    """What fixing did. ``texts`` are the files that changed, by path: before and after.

    ``result`` is the judgement of the zones as they are afterwards, ``zones`` these zones.
    """

    result: Result
    zones: list[Zone]
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    applied: list[Finding] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    rounds: int = 0


def fix(
    zones: Sequence[Zone],
    judge: Callable[[Sequence[Zone]], Result],
    chosen: Callable[[Finding], bool],
    *,
    bump_serial: bool = True,
) -> Fixed:
    """Apply the changes of the chosen findings until none is left that could be made.

    In a round every change is made whose records no earlier change of the round touches; the
    others find their place in the next one. A zone's serial goes up once.
    """
    fixed = Fixed(judge(zones), list(zones))
    bumped: set[int] = set()
    hopeless: set[tuple[str, str, str, str]] = set()
    seen: set[int] = set()
    while fixed.rounds < MOST_ROUNDS:
        picked = _pick(fixed, chosen, hopeless)
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


def chosen(codes: Collection[str], *, safe: bool) -> Callable[[Finding], bool]:
    """Chooses the findings of these rules, and all whose change is safe if that is wanted."""
    wanted = frozenset(codes)
    return lambda finding: (
        finding.change is not None and ((safe and finding.change.safe) or finding.code in wanted)
    )


def _place(finding: Finding) -> tuple[str, str, str, str]:
    return (finding.code, finding.owner, finding.type, finding.message)


def _pick(
    fixed: Fixed, chosen: Callable[[Finding], bool], hopeless: set[tuple[str, str, str, str]]
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
    for finding in fixed.result.findings:
        change = finding.change
        if change is None or not chosen(finding) or _place(finding) in hopeless:
            continue
        touched = set(_touched(change.edits))
        if not taken.isdisjoint(touched):
            continue
        homes = {home.get(id(e.before)) for e in change.edits if e.before is not None}
        homes |= {_zone_of(fixed.zones, e.owner) for e in change.edits if e.before is None}
        if len(homes) != 1 or (number := homes.pop()) is None:
            hopeless.add(_place(finding))
            fixed.refused.append(Refused(finding, "the change reaches over more than one zone"))
            continue
        taken |= touched
        picked.setdefault(number, []).append(finding)
    return picked


def _touched(edits: Sequence[Edit]) -> Collection[object]:
    return [
        e.comment.comment.span if e.comment is not None
        else (e.owner, e.type) if e.before is None
        else id(e.before)
        for e in edits
    ]  # fmt: skip


def _zone_of(zones: Sequence[Zone], owner: str) -> int | None:
    holding = [number for number, zone in enumerate(zones) if zone.contains(owner)]
    return max(holding, key=lambda number: len(zones[number].origin), default=None)


def _apply(
    fixed: Fixed,
    number: int,
    findings: list[Finding],
    hopeless: set[tuple[str, str, str, str]],
    *,
    bump: bool,
) -> bool:
    """Make the changes of one zone together; where that fails, each by itself."""
    zone = fixed.zones[number]
    edits = [edit for f in findings if f.change is not None for edit in f.change.edits]
    try:
        after = writing.changed(zone, edits, bump_serial=bump)
    except writing.EditError as error:
        if len(findings) > 1:
            done = False
            for finding in findings:
                done |= _apply(fixed, number, [finding], hopeless, bump=bump and not done)
                if done:
                    break
            return done
        hopeless.add(_place(findings[0]))
        fixed.refused.append(Refused(findings[0], str(error)))
        return False
    for path, (old, new) in after.texts.items():
        first = fixed.texts[path][0] if path in fixed.texts else old
        fixed.texts[path] = (first, new)
    fixed.zones[number] = after.zone
    fixed.applied += findings
    return bool(after.texts)
