"""No remedy makes a fault: what changes bring that was not there, and which of them does.

All changes are judged together, as a change, with every gate in hand. Those that bring a new
finding of severity warning or above are left out, and the rest is judged again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from zonelint.changes.fixing import Fixed, Refused, dismiss, fix
from zonelint.grammars.zone import is_below, without_dot
from zonelint.rules.core.change import Ground, Role
from zonelint.rules.core.finding import Finding, Severity
from zonelint.rules.core.rule import Needs

if TYPE_CHECKING:
    from zonelint.grammars.zone import Zone
    from zonelint.rules.core.engine import Result
    from zonelint.run.judging import Judge

MOST_TRIED = 12
"""Changes of which each is left out by itself, to find the one that does harm."""

MOST_SEPARATE = 4
"""New faults for each of which that is done; of more, all changes at their places are left out."""

MOST_ROUNDS = 5
"""Rounds in which what does harm is looked for."""

_Key = tuple[str, str, str]


def fix_without_harm(
    zones: Sequence[Zone],
    judge: Judge,
    chosen: Callable[[Finding], bool],
    *,
    bump_serial: bool = True,
    only_shown: bool = False,
) -> Fixed:
    """Apply the chosen changes as `fixing.fix` does, without those that bring a new fault."""
    guests = judge.sharing(zones)
    everyone = [*zones, *guests]
    before = judge(everyone)
    left_out: dict[_Key, Refused] = {}

    def make_without(keys: Iterable[_Key]) -> Fixed:
        without = {*left_out, *keys}
        return fix(
            zones,
            judge,
            lambda finding: chosen(finding) and _key(finding) not in without,
            bump_serial=bump_serial,
            only_shown=only_shown,
            before=before,
            guests=guests,
        )

    def harm_of(made: Fixed) -> list[Finding]:
        if not made.applied:
            return []
        return brought(before, judge.of_change(everyone, made.zones), made, everyone)

    def guilty_of(one: Finding, keys: Sequence[_Key], *, is_few: bool) -> Sequence[_Key]:
        """Of several changes at a place, the one without which no harm is done; else all."""
        if len(keys) < 2 or len(keys) > MOST_TRIED or not is_few:
            return keys
        free = (key for key in keys if not _has(harm_of(make_without((key,))), one))
        return next(((key,) for key in free), keys)

    fixed = make_without(())
    harm = harm_of(fixed)
    rounds = 0
    while harm:
        rounds += 1
        applied = {_key(each): each for each in reversed(fixed.applied)}
        for one in harm:
            keys = list(dict.fromkeys(map(_key, _suspects(fixed.applied, one))))
            # After some rounds whatever is left is left out: every round judges everything again.
            keys = keys if rounds < MOST_ROUNDS else list(applied)
            for key in guilty_of(one, keys, is_few=len(harm) <= MOST_SEPARATE):
                left_out.setdefault(key, Refused(applied[key], _reason(one), one))
        fixed = make_without(())
        harm = harm_of(fixed)
    fixed.refused += left_out.values()
    dismiss(fixed, guests, judge)
    return fixed


def brought(before: Result, after: Result, made: Fixed, zones: Sequence[Zone]) -> list[Finding]:
    """The findings of severity warning or above that are there only after the changes.

    A text that receivers gave up on is none the worse for what else is wrong with it, nor is an
    owner that has one warning in the place of another; and what a domain lacks
    beside what was written is not made by it. What a gate says of the change itself counts, but for
    what is declared: there only the reports can forbid it.
    """
    known = Counter(map(_key, before.findings))
    groups = _groups(made.applied)
    weights = Counter((groups.get(e.owner, e.owner), e.severity) for e in before.findings)
    # What a gate says of the change makes no fault new that the records had at another owner.
    weights.subtract(
        (groups.get(e.owner, e.owner), e.severity) for e in after.findings if not _is_gate(e)
    )
    useless = {
        (each.owner, each.type) for each in before.findings
        if each.severity is Severity.ERROR and each.role is Role.MENDS
    }  # fmt: skip
    written = {(e.owner, e.type) for f in made.applied if f.change for e in f.change.edits}

    declared = {(e.owner, e.type) for f in made.applied if f.ground is Ground.DECLARED and f.change
                for e in f.change.edits}  # fmt: skip

    def is_harm(finding: Finding) -> bool:
        place = (finding.owner, finding.type)
        if _is_gate(finding):
            return place not in declared or Needs.REPORTS in finding.rule.needs
        if place in useless or not (place in written or any(zone.get(*place) for zone in zones)):
            return False
        group = groups.get(finding.owner, finding.owner)
        errors, warnings = (weights[group, each] for each in (Severity.ERROR, Severity.WARNING))
        return finding.severity is Severity.ERROR or (errors <= 0 and errors + warnings < 0)

    harm = []
    for each in after.findings:
        known[_key(each)] -= 1
        if each.severity is not Severity.INFO and known[_key(each)] < 0 and is_harm(each):
            harm.append(each)
    # An error is the better reason: beside one, warnings count that were there before.
    return sorted(harm, key=lambda each: each.severity is not Severity.ERROR)


def _is_gate(finding: Finding) -> bool:
    return Needs.CHANGE in finding.rule.needs or Needs.REPORTS in finding.rule.needs


def _groups(applied: Iterable[Finding]) -> dict[str, str]:
    """Owners whose records change together, each with one of them that stands for all."""
    groups: dict[str, str] = {}
    for finding in applied:
        edits = () if finding.change is None else finding.change.edits
        owners = {finding.owner, *(edit.owner for edit in edits)}
        same = {groups[owner] for owner in owners if owner in groups}
        first = min(same | owners)
        owners |= {owner for owner, at in groups.items() if at in same} if len(same) > 1 else set()
        groups |= dict.fromkeys(owners, first)
    return groups


def _suspects(applied: Sequence[Finding], harm: Finding) -> list[Finding]:
    """The findings whose changes may have brought harm: the nearest to it first."""

    def places(finding: Finding) -> set[tuple[str, str]]:
        edits = () if finding.change is None else finding.change.edits
        return {(edit.owner, edit.type) for edit in edits}

    there = [each for each in applied if (harm.owner, harm.type) in places(each)]
    at = there or [each for each in applied if harm.owner in {o for o, _ in places(each)}]
    near = at or [
        each
        for each in applied
        if any(is_below(o, harm.owner) or is_below(harm.owner, o) for o, _ in places(each))
    ]
    return sorted(near or applied, key=lambda each: each.change is not None and each.change.safe)


def _has(findings: Iterable[Finding], finding: Finding) -> bool:
    return any(_key(each) == _key(finding) for each in findings)


def _key(finding: Finding) -> _Key:
    return (finding.code, finding.owner, finding.type)


def _reason(harm: Finding) -> str:
    return f"it would bring {harm.code} at {without_dot(harm.owner)}: {harm.message}"
