"""No remedy makes a fault: what changes bring that was not there, and which of them does.

All changes are judged together, as a change, with every gate in hand. Those that bring a new
finding of severity warning or above are looked for by halves and left out, and the rest is judged
again. The same holds for changes that are written and for those that are only shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from zonelint.grammars.zone import Zone, is_below, parent, without_dot
from zonelint.rules.core.change import Ground, Role
from zonelint.rules.core.finding import Finding, Severity
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.core.result import Result
from zonelint.rules.core.rule import Needs
from zonelint.rules.model.loosening import Loosening

MOST_ROUNDS = 5
"""Rounds in which what does harm is looked for. Then all that is left is left out."""

Fault = tuple[str, str, str]
"""Code, owner and type: what a finding is known by on both sides of a change."""
_Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """A change that could not be made where its record stands, or that would do `harm`."""

    finding: Finding
    reason: str
    harm: Finding | None = None


class Made(Protocol):
    """Zones with changes made."""

    @property
    def applied(self) -> Sequence[Finding]:
        """The findings whose changes were made."""
        ...


M = TypeVar("M", bound=Made)
K = TypeVar("K", bound=Hashable)


def without_harm(
    make: Callable[[Collection[K]], M],
    harm_of: Callable[[M], Sequence[Finding]],
    key: Callable[[Finding], K],
) -> tuple[M, dict[K, Refused]]:
    """What is made of all changes but those that do harm, and these with the reason.

    make: makes all changes but those of some keys. harm_of: the new faults that they bring.
    """
    return _Search(make, harm_of, key).run()


class _Search(Generic[M, K]):
    """Looks for the changes that do harm, for all harm at once: it may be in many zones."""

    def __init__(
        self,
        make: Callable[[Collection[K]], M],
        harm_of: Callable[[M], Sequence[Finding]],
        key: Callable[[Finding], K],
    ) -> None:
        self._make = make
        self._harm_of = harm_of
        self._key = key
        self._known: tuple[frozenset[K], M, Sequence[Finding]] | None = None
        self.left_out: dict[K, Refused] = {}

    def run(self) -> tuple[M, dict[K, Refused]]:
        rounds = 0
        while (found := self._without(()))[1]:
            made, harm = found
            rounds += 1
            applied = {self._key(each): each for each in reversed(made.applied)}
            is_last = rounds == MOST_ROUNDS
            guilty = [list(applied)] * len(harm) if is_last else self._guilty(made, harm)
            for one, keys in zip(harm, guilty, strict=True):
                for each in keys:
                    self.left_out.setdefault(each, Refused(applied[each], reason(one), one))
        return found[0], self.left_out

    def _without(self, keys: Iterable[K]) -> tuple[M, Sequence[Finding]]:
        left_out = frozenset((*self.left_out, *keys))
        if self._known is None or self._known[0] != left_out:
            made = self._make(left_out)
            self._known = (left_out, made, self._harm_of(made) if made.applied else ())
        return self._known[1:]

    def _guilty(self, made: M, harm: Sequence[Finding]) -> list[list[K]]:
        """For each new fault the change without which it is not there."""
        suspects = _Suspects(made.applied)
        tiers = [
            [list(dict.fromkeys(map(self._key, tier))) for tier in suspects.tiers(one)]
            for one in harm
        ]
        found = self._nearest(harm, tiers)
        while any(len(keys) > 1 for keys in found):
            halves = [keys[: len(keys) // 2] for keys in found]
            gone = self._gone(harm, halves)
            found = [
                keys if len(keys) < 2 else half if is_gone else keys[len(half) :]
                for keys, half, is_gone in zip(found, halves, gone, strict=True)
            ]
        return found

    def _nearest(self, harm: Sequence[Finding], tiers: Sequence[list[list[K]]]) -> list[list[K]]:
        """For each new fault the nearest changes without which it is not there."""
        found = [each[0] for each in tiers]
        for further in range(1, max(map(len, tiers))):
            gone = self._gone(harm, found)
            if all(gone):
                break
            found = [
                keys if is_gone or further >= len(each) else each[further]
                for keys, is_gone, each in zip(found, gone, tiers, strict=True)
            ]
        return found

    def _gone(self, harm: Sequence[Finding], keys: Iterable[Iterable[K]]) -> list[bool]:
        """Which new faults are not there without some changes."""
        left = set(map(fault, self._without(key for each in keys for key in each)[1]))
        return [fault(one) not in left for one in harm]


def fault(finding: Finding) -> Fault:
    """What a finding is known by on both sides of a change."""
    return (finding.code, finding.owner, finding.type)


def reason(harm: Finding) -> str:
    """Why a change is not made, for the end of a sentence."""
    return f"it would bring {harm.code} at {without_dot(harm.owner)}: {harm.message}"


def brought(
    before: Result, after: Result, applied: Sequence[Finding], zones: Sequence[Zone]
) -> list[Finding]:
    """The findings of severity warning or above that are there only after the changes.

    A text that receivers gave up on is none the worse for what else is wrong with it, nor is an
    owner that has one warning in the place of another, or a fault that moves with its record; and
    what a domain lacks beside what was written is not made by it. What a gate says of the change
    itself counts, but for what is declared: there only the reports can forbid it.
    """
    known = Counter(map(fault, (*before.findings, *before.silenced)))
    known.subtract(map(fault, after.silenced))
    groups = _groups(applied)
    moved = Counter((e.code, groups.get(e.owner, e.owner)) for e in before.findings)
    moved.subtract((e.code, groups.get(e.owner, e.owner)) for e in after.findings)
    # What is lacking once another change is made counts as a fault that its supply takes away.
    lacking = (e for e in applied if e.role is Role.SUPPLIES and not known[fault(e)])
    stood = [*before.findings, *{fault(e): e for e in lacking}.values()]
    weights = Counter((groups.get(e.owner, e.owner), e.severity) for e in stood)
    # What a gate says of the change makes no fault new that the records had at another owner.
    weights.subtract(
        (groups.get(e.owner, e.owner), e.severity) for e in after.findings if not _is_gate(e)
    )
    useless = {
        (each.owner, each.type) for each in before.findings
        if each.severity is Severity.ERROR and each.role is Role.MENDS
    }  # fmt: skip
    written = {(e.owner, e.type) for f in applied if f.change for e in f.change.edits}

    declared = {(e.owner, e.type) for f in applied if f.ground is Ground.DECLARED and f.change
                for e in f.change.edits}  # fmt: skip
    holding: dict[str, list[Zone]] = {}
    for zone in zones:
        holding.setdefault(zone.origin, []).append(zone)

    def is_there(owner: str, type: str) -> bool:
        at = owner
        while at not in holding and at != ".":
            at = parent(at)
        return any(zone.get(owner, type) for zone in holding.get(at, ()))

    def is_harm(finding: Finding) -> bool:
        place = (finding.owner, finding.type)
        if finding.rule.on is Loosening and not finding.type:
            return False  # told of files beside the zones, at the first zone that is judged
        if _is_gate(finding):
            return place not in declared or Needs.REPORTS in finding.rule.needs
        if place in useless or not (place in written or is_there(*place)):
            return False
        group = groups.get(finding.owner, finding.owner)
        if moved[finding.code, group] >= 0:
            return False
        errors, warnings = (weights[group, each] for each in (Severity.ERROR, Severity.WARNING))
        return finding.severity is Severity.ERROR or (errors <= 0 and errors + warnings < 0)

    harm = []
    for each in after.findings:
        known[fault(each)] -= 1
        if each.severity is not Severity.INFO and known[fault(each)] < 0 and is_harm(each):
            harm.append(each)
    # An error is the better reason: beside one, warnings count that were there before.
    return sorted(harm, key=lambda each: each.severity is not Severity.ERROR)


def _is_gate(finding: Finding) -> bool:
    return Needs.CHANGE in finding.rule.needs or Needs.REPORTS in finding.rule.needs


def _groups(applied: Iterable[Finding]) -> dict[str, str]:
    """Owners whose records change together, each with one of them that stands for all."""
    heads: dict[str, str] = {}

    def head(owner: str) -> str:
        while (above := heads.setdefault(owner, owner)) != owner:
            heads[owner] = heads[above]
            owner = above
        return owner

    for finding in applied:
        first = head(finding.owner)
        for edit in () if finding.change is None else finding.change.edits:
            heads[head(edit.owner)] = first
    return {owner: head(owner) for owner in list(heads)}


class _Suspects:
    """The findings whose changes may have brought harm, by where they change something."""

    def __init__(self, applied: Sequence[Finding]) -> None:
        self._all = sorted(applied, key=lambda each: each.change is not None and each.change.safe)
        self._at: dict[_Place, list[Finding]] = {}
        self._of_owner: dict[str, list[Finding]] = {}
        self._of_zone: dict[ZoneId, list[Finding]] = {}
        for each in self._all:
            self._of_zone.setdefault(each.zone, []).append(each)
            edits = () if each.change is None else each.change.edits
            for place in dict.fromkeys((edit.owner, edit.type) for edit in edits):
                self._at.setdefault(place, []).append(each)
            for owner in dict.fromkeys(edit.owner for edit in edits):
                self._of_owner.setdefault(owner, []).append(each)

    def tiers(self, harm: Finding) -> list[list[Finding]]:
        """Ever more findings, the nearest to the harm first and all at last."""
        found: list[list[Finding]] = [
            self._at.get((harm.owner, harm.type), []),
            self._of_owner.get(harm.owner, []),
            [
                each for each in self._of_zone.get(harm.zone, ())
                if each.change is not None and any(
                    is_below(edit.owner, harm.owner) or is_below(harm.owner, edit.owner)
                    for edit in each.change.edits
                )
            ],
            self._of_zone.get(harm.zone, []),
            self._all,
        ]  # fmt: skip
        return [tier for tier in found if tier]
