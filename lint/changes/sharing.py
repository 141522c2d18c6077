"""Files that several zones share: what is changed there is what all of them would have.

Both ask here: who writes a change, and who shows one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from zonelint.grammars.zone import Span, Zone, without_dot
from zonelint.providers import writing
from zonelint.providers.files import real_by_path
from zonelint.rules.core.change import Edit
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.core.result import Result
from zonelint.rules.offers.amended import held
from zonelint.rules.offers.bulk import JudgedZones, edits_records, withheld
from zonelint.rules.offers.harm import brought, reason
from zonelint.rules.offers.links import Askers

if TYPE_CHECKING:
    from zonelint.providers.project.sharing import Sharers

MOST_TRIED = 500
"""Findings whose changes are made to see what of a file they change; more are told when written."""
MOST_JUDGED = 200
"""Zones that are judged to see what a change does to them that they did not ask for."""


@dataclass(frozen=True, slots=True)
class SharedFiles:
    """The files that are part of several zones, and of which, by number.

    spellings: the paths by which zones know a file, in their order, by each of these.
    unread: what uses a file and could not be read: nothing changes such a file.
    """

    numbers: Mapping[str, Sequence[int]]
    spellings: Mapping[str, Sequence[str]]
    unread: Mapping[str, str]

    def respelt(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Texts of shared files by every path that zones know these by."""
        return {path: new for known, new in texts.items() for path in self.spellings[known]}


class ChangeJudge(Protocol):
    """Asks the rules about zones, and all that changes are held to about a change of them."""

    def __call__(self, zones: Sequence[Zone], /) -> Result: ...

    def gate(self, zones: Sequence[Zone], said: Result | None = None, /) -> Result:
        """What all rules that changes are held to say; `said` is what those of the run say."""

    def of_change(self, before: Sequence[Zone], zones: Sequence[Zone], /) -> Result: ...

    def sharing(self, zones: Sequence[Zone], /) -> Sharers:
        """What is written in the same files beside these zones."""

    def askers(self, zones: Sequence[Zone], /) -> Askers:
        """Finds the zones that ask for what is changed in these, judged or not."""

    def raises_serial(self, zone: Zone, /) -> bool:
        """Whether the serial of a zone goes up where it is changed."""


def shared_files(
    zones: Sequence[Zone], *, only_read: bool = False, unread: Mapping[str, str] | None = None
) -> SharedFiles:
    """The files that are part of several of the zones.

    only_read: also of those that are read from a file, and written elsewhere.
    unread: what could not be read and uses files as well, by their real paths.
    """
    those = ((n, zone) for n, zone in enumerate(zones) if only_read or writing.is_editable(zone))
    return _of_several(((number, writing.files(zone)) for number, zone in those), unread or {})


def _of_several(
    files: Iterable[tuple[int, Iterable[str]]], unread: Mapping[str, str]
) -> SharedFiles:
    found = [(number, set(paths)) for number, paths in files]
    real = real_by_path(path for _, paths in found for path in paths)
    parts: dict[str, tuple[list[int], dict[str, None]]] = {}
    for number, paths in found:
        for path in sorted(paths):
            numbers, spellings = parts.setdefault(real[path], ([], {}))
            numbers.append(number)
            spellings[path] = None
    shared = [each for at, each in parts.items() if len(set(each[0])) > 1 or at in unread]
    return SharedFiles(
        {path: numbers for numbers, spellings in shared for path in spellings},
        {path: tuple(spellings) for _, spellings in shared for path in spellings},
        {path: unread[at] for path, at in real.items() if at in unread},
    )


@dataclass(slots=True)
class Wishes:
    """What findings would make of shared files, and in which zones."""

    zones: Sequence[Zone]
    shared: SharedFiles
    _of: dict[tuple[writing.Part, object], list[tuple[int, Finding]]] = field(default_factory=dict)
    _made: dict[tuple[int, int], list[tuple[writing.Part, object]]] = field(default_factory=dict)
    _sharing: dict[tuple[writing.Part, object], set[int]] = field(default_factory=dict)

    _lacking: dict[tuple[writing.Part, object, str], set[int]] = field(default_factory=dict)

    def add(self, number: int, finding: Finding) -> None:
        """Take it that a finding's change is wanted in the zone of this number."""
        made = self._made[number, id(finding)] = self._parts(number, finding)
        for each in made:
            self._of.setdefault(each, []).append((number, finding))

    def against(
        self,
        number: int,
        finding: Finding,
        counts: Callable[[Finding], bool] = lambda _: True,
        kind: str = "",
    ) -> tuple[writing.Part, set[int]] | None:
        """What of a file not all of its zones want changed so, and which do not: none where one
        could not be read.

        finding: one that was added. counts: whether another finding is a wish of its zone; `kind`
          names it, and is the same for no other.
        """
        for part, made in self._made[number, id(finding)]:
            if writing.path_of(part) in self.shared.unread:
                return part, set()
            if not edits_records(finding):
                continue  # a comment holds for every zone, and what is found of it was for all
            lacking = self._lacking.get((part, made, kind))
            if lacking is None:  # asked for every finding, and the same for all of a kind
                wanting = {n for n, each in self._of[part, made] if counts(each)}
                lacking = self._lacking[part, made, kind] = self.sharing(part, made) - wanting
            if others := lacking - {number}:
                return part, others
        return None

    def wanting(self, number: int, finding: Finding, others: Iterable[Finding]) -> set[int]:
        """The zones in which other findings would change all that one changes of shared files."""
        made = set(self._made[number, id(finding)])
        homes = ((zone_of(self.zones, each.owner, each), each) for each in others)
        return {n for n, each in homes if n is not None and made <= set(self._parts(n, each))}

    def sharing(self, part: writing.Part, made: object) -> set[int]:
        """The zones that hold a part of a file and would be others were it changed so."""
        found = self._sharing.get((part, made))
        if found is None:
            holding = {
                number
                for number in self.shared.numbers[writing.path_of(part)]
                if writing.shares(self.zones[number], part)
            }
            found = {n for n in holding if self._is_changed(n, part, made)}
            self._sharing[part, made] = found
        return found

    def reason(self, part: writing.Part, others: Collection[int], why: str = "not wanted") -> str:
        """Why a change is not made, for the end of a sentence."""
        path = writing.path_of(part)
        if not others:
            return f"{path} is also used by {self.shared.unread[path]}, which cannot be read"
        first = without_dot(self.zones[min(others)].origin)
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        return f"{path} is also part of {first}{more}, where the same change is {why}"

    def _parts(self, number: int, finding: Finding) -> list[tuple[writing.Part, object]]:
        zone = self.zones[number]
        try:
            made = writing.replacements(zone, edits_in(zone, finding))
        except writing.EditError:
            return []  # told where the change is tried
        shared = self.shared.spellings
        return [
            (shared[part][0] if isinstance(part, str) else part, new)
            for part, new in made.items()
            if writing.path_of(part) in shared
        ]

    def _is_changed(self, number: int, part: writing.Part, made: Hashable) -> bool:
        zone = self.zones[number]
        if isinstance(part, str) and len(known := self.shared.spellings[part]) > 1:
            part = next(path for path in writing.files(zone) if path in known)
        return writing.is_changed(zone, part, made)


def edits_in(zone: Zone, finding: Finding) -> list[Edit]:
    """What a finding changes, in the records of the zone: another process may have judged it."""
    edits = () if finding.change is None else finding.change.edits
    return [
        each if each.before is None else each._replace(before=held(zone, each) or each.before)
        for each in edits
    ]


# -- what is shown ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OfferedFindings:
    """Findings as they are shown; `apart` are those whose change nothing writes."""

    findings: Sequence[Finding]
    apart: Collection[int] = ()

    def is_apart(self, finding: Finding) -> bool:
        return id(finding) in self.apart


def shown(
    findings: Sequence[Finding],
    zones: JudgedZones,
    files: Mapping[ZoneId, Sequence[str]],
    judge: ChangeJudge,
    hidden: Sequence[Finding] = (),
) -> OfferedFindings:
    """The findings with their changes as they can be made in files that zones share.

    A change that not all of these zones want is a proposal that says so and that nothing writes;
    none at all where it brings a new fault in one of them.

    hidden: findings of the run that are not shown; their zones want these changes as well.
    files: those of each zone of the run that can be edited.
    """
    offering = {each.zone for each in findings if each.change is not None} & files.keys()
    if not offering:
        return OfferedFindings(findings)
    group = _Group.of(offering, zones, files, judge)
    return OfferedFindings(findings) if group is None else group.shown(findings, hidden)


@dataclass(slots=True)
class _Group:
    """Zones that are written in the same files. `guests` are those that the run does not judge."""

    wishes: Wishes
    numbers: Mapping[ZoneId, int]
    guests: int
    judge: ChangeJudge
    _left: int = MOST_JUDGED
    _harm: dict[object, str | None] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        offering: Collection[ZoneId],
        zones: JudgedZones,
        files: Mapping[ZoneId, Sequence[str]],
        judge: ChangeJudge,
    ) -> _Group | None:
        names = list(files)
        shared = _of_several(((n, files[name]) for n, name in enumerate(names)), {})
        paths = {path for each in offering for path in files[each]}
        wanted = {names[n] for p in paths & shared.numbers.keys() for n in shared.numbers[p]}
        places = zones.places(wanted | set(offering))
        known = [place.zone for place in places]
        guests, unread = judge.sharing(known)
        everyone = [*known, *guests]
        held_by_several = shared_files(everyone, unread=unread)
        if not held_by_several.numbers:
            return None
        numbers = {each.identity: n for n, each in enumerate(places) if each.identity is not None}
        return cls(Wishes(everyone, held_by_several), numbers, len(guests), judge)

    def shown(self, findings: Sequence[Finding], hidden: Sequence[Finding]) -> OfferedFindings:
        zones = self.wishes.zones
        mine = self._of_shared(findings)
        slow = sum(not writing.is_quick(zones[number]) for number, _ in mine)
        if slow > MOST_TRIED:
            mine = [(number, each) for number, each in mine if writing.is_quick(zones[number])]
        others = self._of_shared(hidden)
        for number, each in (*mine, *others, *self._wanted_by_guests()):
            self.wishes.add(number, each)
        made = {id(each): self._as_shared(number, each) for number, each in mine}
        told = [made.get(id(each), (each, False)) for each in findings]
        return OfferedFindings(
            [each for each, _ in told], {id(each) for each, is_apart in told if is_apart}
        )

    def _of_shared(self, findings: Sequence[Finding]) -> list[tuple[int, Finding]]:
        """Those that change records in zones with shared files, each with its zone."""
        shared = self.wishes.shared.numbers
        sharing = {number for numbers in shared.values() for number in numbers}
        return [
            (self.numbers[each.zone], each)
            for each in findings
            if self.numbers.get(each.zone) in sharing and edits_records(each)
        ]

    def _wanted_by_guests(self) -> Iterable[tuple[int, Finding]]:
        if not self.guests:
            return
        zones = self.wishes.zones
        first = len(zones) - self.guests
        homes = {
            id(record): number
            for number in range(first, len(zones))
            for rrset in zones[number].rrsets()
            for record in rrset
        }
        for each in self.judge(zones).findings:
            edits = () if each.change is None else each.change.edits
            number = next((homes.get(id(e.before)) for e in edits if e.before is not None), None)
            if number is None and edits and all(e.before is None for e in edits):
                number = zone_of(zones, each.owner, each)
            if number is not None and number >= first and edits_records(each):
                yield number, each

    def _as_shared(self, number: int, finding: Finding) -> tuple[Finding, bool]:
        """The finding as it is shown, and whether nothing writes its change."""
        change = finding.change
        assert change is not None, "a finding without a change shares no file"

        def is_safe(other: Finding) -> bool:
            return other.change is not None and other.change.safe

        wishes = self.wishes
        lone = wishes.against(
            number, finding, lambda e: is_safe(e) or e.code == finding.code, finding.code
        )
        if lone is not None:
            why = wishes.reason(*lone)
            harm = self._harm_in(number, finding, lone[1]) if lone[1] else None
            if harm is not None:
                return withheld(finding, f"{why}: {harm}" if harm else why), False
            return _proposed(finding, f"{why}, so nothing writes it."), True
        if change.safe and (lone := wishes.against(number, finding, is_safe, "safe")) is not None:
            return _proposed(finding, f"{wishes.reason(*lone, 'a proposal')}."), False
        return finding, False

    def _harm_in(self, number: int, finding: Finding, others: Collection[int]) -> str | None:
        """Why the change must not be made beside zones that have not asked for it.

        None where it does no harm in them, empty where that was not tried.
        """
        zone = self.wishes.zones[number]
        edits = edits_in(zone, finding)
        try:
            key = (frozenset(others), frozenset(writing.replacements(zone, edits).items()))
            if key in self._harm:
                return self._harm[key]
            self._left -= len(others)
            if self._left < 0:
                return ""
            made = writing.changed(zone, edits, bump_serial=False).texts
            texts = {path: new for path, (_, new) in made.items()}
            texts |= self.wishes.shared.respelt(
                {path: new for path, new in texts.items() if path in self.wishes.shared.spellings}
            )
            before = [self.wishes.zones[each] for each in sorted(others)]
            after = [writing.seen_again(each, texts) for each in before]
        except writing.EditError:
            return ""
        said = self.judge.gate(before), self.judge.of_change(before, after)
        harm = brought(*said, [finding], before)
        self._harm[key] = reason(harm[0]) if harm else None
        return self._harm[key]


def alike(findings: Iterable[Finding], shown: Collection[Finding]) -> list[Finding]:
    """Those of findings that are not shown, and are at the place of one that is of another zone."""
    zones: dict[tuple[str, Span], set[ZoneId]] = {}
    for each in shown:
        if each.change is not None:
            zones.setdefault((each.code, each.span), set()).add(each.zone)
    return [
        each
        for each in findings
        if each.change is not None
        and (beside := zones.get((each.code, each.span)))
        and each.zone not in beside
    ]


def zone_of(zones: Sequence[Zone], owner: str, finding: Finding) -> int | None:
    """The zone that a new record belongs to; of several views of it, the one that was judged."""
    holding = [number for number, zone in enumerate(zones) if zone.contains(owner)]

    def nearness(number: int) -> tuple[int, bool, bool]:
        zone = zones[number]
        is_written = finding.span.path in writing.files(zone)
        is_there = getattr(zone, "provider", "") == finding.zone.provider
        return len(zone.origin), is_written, is_there

    return max(holding, key=nearness, default=None)


def _proposed(finding: Finding, sentence: str) -> Finding:
    """The finding with its change as a proposal, and what is to be known of it."""
    found = finding.found
    assert found.change is not None, "it has a change"
    advice = f"{found.advice} {sentence}" if found.advice else sentence
    change = replace(found.change, safe=False)
    return finding._replace(found=found._replace(change=change, advice=advice))
