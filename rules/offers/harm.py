"""No remedy makes a fault: what changes bring that was not there, and which of them does.

All changes are judged together, as a change, with every gate in hand. Those that bring a new
finding of severity warning or above are looked for by halves and left out, and the rest is judged
again. The same holds for changes that are written and for those that are only shown.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Generic, Protocol, TypeVar

from zonelint.grammars.listing import grouped
from zonelint.grammars.zone import Record, Zone, nearest, parent, without_dot
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Finding, Severity
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.core.result import Result
from zonelint.rules.core.rule import Needs
from zonelint.rules.model.loosening import Loosening
from zonelint.rules.offers.amended import written_text

MOST_ROUNDS = 5
"""Rounds in which what does harm is looked for. Then all that is left is left out."""
_MUCH = 20
MOST_NEAR = 100
"""Changes above and below an owner that are looked at apart from all others of the zone."""

Fault = tuple[str, str, str]
"""Code, owner and type: what a finding is known by on both sides of a change."""

_Group = tuple[ZoneId, str]
"""An owner of a zone, for all whose records change with its."""


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
        rounds, last = 0, math.inf
        while (found := self._without(()))[1]:
            made, harm = found
            rounds += 1
            applied = {self._key(each): each for each in reversed(made.applied)}
            # Much that does not get less comes of changes that undo one another.
            is_last = rounds == MOST_ROUNDS or len(harm) >= max(last, _MUCH)
            last = len(harm)
            guilty = [list(applied)] * len(harm) if is_last else self._guilty(made, harm)
            first = dict(zip(map(id, reversed(guilty)), reversed(harm), strict=True))
            for at, keys in _distinct(guilty).items():
                one = first[at]
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
        suspects = _Suspects(made.applied, self._key)
        found = self._nearest(harm, [suspects.tiers(one) for one in harm])
        while any(len(keys) > 1 for keys in found):
            halves = {at: _halves(keys) for at, keys in _distinct(found).items()}
            gone = self._gone(harm, [halves[id(keys)][0] for keys in found])
            found = [
                keys if len(keys) < 2 else halves[id(keys)][0 if is_gone else 1]
                for keys, is_gone in zip(found, gone, strict=True)
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

    def _gone(self, harm: Sequence[Finding], keys: Iterable[list[K]]) -> list[bool]:
        """Which new faults are not there without some changes."""
        apart = _distinct(keys).values()
        left = set(map(fault_of_zone, self._without(key for each in apart for key in each)[1]))
        return [fault_of_zone(one) not in left for one in harm]


def _distinct(lists: Iterable[list[K]]) -> dict[int, list[K]]:
    """Lists that many faults share, each once: what is done with each is in proportion to them."""
    return {id(each): each for each in lists}


def _halves(keys: list[K]) -> tuple[list[K], list[K]]:
    return keys[: len(keys) // 2], keys[len(keys) // 2 :]


def fault(finding: Finding) -> Fault:
    """What a finding is known by on both sides of a change."""
    return (finding.code, finding.owner, finding.type)


def fault_of_zone(finding: Finding) -> tuple[ZoneId, Fault]:
    """The same where several zones, as views are, have one name."""
    return finding.zone, fault(finding)


def reason(harm: Finding) -> str:
    """Why a change is not made, for the end of a sentence; and what would have to be done first."""
    why = f"it would bring {harm.code} at {without_dot(harm.owner)}: {harm.message}"
    return why if _is_gate(harm) or not harm.found.advice else f"{why}. {harm.found.advice}"


def brought(
    before: Result, after: Result, applied: Sequence[Finding], zones: Sequence[Zone]
) -> list[Finding]:
    """The findings of severity warning or above that are there only after the changes.

    What a text that could not be read had wrong with it before is not made by mending it, nor is a
    fault that moves with its record, or that is what is left of a greater one (`remains_of`); and
    what a domain lacks beside what was written is not made by it. What a gate says of the change
    itself always counts: gates know what is declared, and of whom.
    """
    known = Counter(map(fault_of_zone, (*before.findings, *before.silenced)))
    known.subtract(map(fault_of_zone, after.silenced))
    group_of = _groups(applied)
    moved = Counter((each.code, group_of(each)) for each in before.findings)
    moved.subtract((each.code, group_of(each)) for each in after.findings)
    # What is lacking once another change is made counts as a fault that its supply takes away.
    stood = {(each.code, group_of(each)) for each in (*before.findings, *applied)}
    holding = grouped((zone.origin, zone) for zone in zones)

    def records(owner: str, type: str) -> Iterator[Record]:
        for zone in holding.get(nearest(owner, holding), ()):
            yield from zone.get(owner, type) or ()

    broken = _broken(before.findings, applied, group_of, records)
    # In whichever zone: a file may be that of several.
    written = {(e.owner, e.type) for f in applied if f.change for e in f.change.edits}

    def is_harm(finding: Finding) -> bool:
        if finding.rule.on is Loosening and not finding.type:
            return False  # told of files beside the zones, at the first zone that is judged
        if _is_gate(finding):
            return True
        place = (finding.owner, finding.type)
        if not (place in written or any(records(*place))):
            return False
        group = group_of(finding)
        if moved[finding.code, group] >= 0:
            return False
        if any((code, group) in stood for code in finding.rule.remains_of):
            return False
        return not _was_hidden(finding, broken.get(group, ()))

    harm = []
    for each in after.findings:
        known[fault_of_zone(each)] -= 1
        is_new = known[fault_of_zone(each)] < 0
        if each.severity is not Severity.INFO and is_new and is_harm(each):
            harm.append(each)
    # An error is the better reason: beside one, warnings count that were there before.
    return sorted(harm, key=lambda each: each.severity is not Severity.ERROR)


@dataclass(frozen=True, slots=True)
class _Broken:
    """A text that a change mends; `is_useless`: receivers gave up on it, or look elsewhere."""

    owner: str
    type: str
    text: str
    is_useless: bool


def _broken(
    findings: Iterable[Finding],
    applied: Iterable[Finding],
    group_of: Callable[[Finding], _Group],
    records: Callable[[str, str], Iterable[Record]],
) -> dict[_Group, list[_Broken]]:
    """The texts that changes mend, by the owners that change together.

    With what safe changes make of them, which is the same in other words.
    """
    found: dict[_Group, list[_Broken]] = {}
    for each in findings:
        if each.role is Role.MENDS:
            texts = found.setdefault(group_of(each), [])
            is_moved = each.change is not None and any(edit.is_move for edit in each.change.edits)
            is_useless = is_moved or each.severity is Severity.ERROR
            texts += (
                _Broken(each.owner, each.type, text.lower(), is_useless)
                for record in records(each.owner, each.type)
                for text in (written_text(record, record.rdata),)
            )
    for each in applied:
        group = group_of(each)
        if each.change is not None and each.change.safe and found.get(group):
            found[group] += [
                replace(found[group][0], text=written_text(edit.before, edit.after).lower())
                for edit in each.change.edits
                if edit.before is not None and edit.after is not None
            ]
    return found


def _was_hidden(finding: Finding, broken: Iterable[_Broken]) -> bool:
    """Whether what is wrong was in a text that is mended: as a whole, or in the very words.

    A word may have been repaired around its value. Of errors only what receivers gave up on, and
    where it stood, hid any.
    """
    value = re.split("[:=]", finding.found.about.lower(), maxsplit=1)[-1]
    is_error = finding.severity is Severity.ERROR
    return any(
        (each.is_useless or bool(value))
        and value in each.text
        and not (is_error and (finding.owner, finding.type, True)
                 != (each.owner, each.type, each.is_useless))
        for each in broken
    )  # fmt: skip


def _is_gate(finding: Finding) -> bool:
    return Needs.CHANGE in finding.rule.needs or Needs.REPORTS in finding.rule.needs


def _groups(applied: Iterable[Finding]) -> Callable[[Finding], _Group]:
    """Tells an owner of a zone that stands for all whose records change with a finding's."""
    heads: dict[_Group, _Group] = {}

    def head(at: _Group) -> _Group:
        while (above := heads.setdefault(at, at)) != at:
            heads[at] = heads[above]
            at = above
        return at

    for finding in applied:
        first = head((finding.zone, finding.owner))
        for edit in () if finding.change is None else finding.change.edits:
            heads[head((finding.zone, edit.owner))] = first
    return lambda finding: head((finding.zone, finding.owner))


class _Suspects(Generic[K]):
    """The changes that may have brought harm, by where they change something.

    Faults at one place share its list: their number times that of all changes may be millions.
    """

    def __init__(self, applied: Sequence[Finding], key: Callable[[Finding], K]) -> None:
        found: dict[Hashable, dict[K, None]] = {}
        for each in sorted(applied, key=lambda each: each.change is not None and each.change.safe):
            edits = () if each.change is None else each.change.edits
            touched = {(each.zone, edit.owner, edit.type): None for edit in edits}
            touched |= {(each.zone, e.before.owner, e.before.type): None for e in edits if e.before}
            owners = dict.fromkeys(owner for _, owner, _ in touched)
            above = dict.fromkeys((each.zone, a) for owner in owners for a in _upwards(owner))
            here = ((each.zone, owner, None) for owner in owners)
            for place in (*touched, *above, *here, each.zone, None):
                found.setdefault(place, {})[key(each)] = None
        self._at = {place: list(keys) for place, keys in found.items()}
        self._rank = {each: rank for rank, each in enumerate(self._at.get(None, ()))}

    def tiers(self, harm: Finding) -> list[list[K]]:
        """Ever more changes, the nearest to the harm first and all at last."""
        at = (harm.zone, harm.owner)
        places = ((*at, harm.type), (*at, None), harm.zone, None)
        at_place, at_owner, in_zone, everywhere = (self._at.get(place, []) for place in places)
        found = (at_place, at_owner, self._near(harm), in_zone, everywhere)
        return [tier for tier in found if tier]

    def _near(self, harm: Finding) -> list[K]:
        """The changes above and below an owner; none where they are so many that those of the
        whole zone are looked through at once."""
        below = self._at.get((harm.zone, harm.owner), ())
        here = [self._at.get((harm.zone, owner, None), ()) for owner in _upwards(harm.owner)]
        if len(below) + sum(map(len, here)) > MOST_NEAR:
            return []
        return sorted({*below, *chain.from_iterable(here)}, key=self._rank.__getitem__)


def _upwards(name: str) -> Iterator[str]:
    """A name and those above it, the root left out."""
    while (above := parent(name)) != name:
        yield name
        name = above
