"""What a run says, while it is gathered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from zonelint.grammars.listing import some
from zonelint.grammars.variants import FOR_THOSE, Seen, those
from zonelint.grammars.zone import Suppression
from zonelint.rules.core.change import Change
from zonelint.rules.core.finding import Crash, Finding, Undecided
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.model.loosening import GatePart, Loosening


class Comment:
    """A suppression on its way: what it has silenced so far.

    `owner` and `type` are those of the record that it stands at in a `zone` (see
    `suppression.Silencer`), `uses` the zones and owners of all zones that hold its file.
    `asked` are the codes that it names, None for all; `codes` those that it silences: what a
    change adds is not honoured where the change is judged. `is_held`: whether it hides only what
    it hid before the change; `refused` are the codes of what it asks to hide beyond that.
    `is_incomparable`: the state before can hold no comments: it hides what was there, and is no
    loosening.
    """

    __slots__ = (
        "asked",
        "codes",
        "is_held",
        "is_incomparable",
        "owner",
        "refused",
        "silenced",
        "suppression",
        "type",
        "uses",
        "zone",
    )

    def __init__(self, suppression: Suppression, zone: ZoneId, owner: str, type: str) -> None:
        codes = suppression.codes
        self.suppression = suppression
        self.zone = zone
        self.uses = [(zone, owner)]
        self.owner = owner
        self.type = type
        self.asked = None if codes is None else frozenset(code.upper() for code in codes)
        self.codes = self.asked
        self.silenced: set[str] = set()
        self.refused: set[str] = set()
        self.is_held = False
        self.is_incomparable = False

    def silences(self, finding: Finding) -> bool:
        """Whether it asks to hide a finding, and may as far as its codes go."""
        if self.asked is not None and finding.code not in self.asked:
            return False
        self.silenced.add(finding.code)
        return self.codes is None or finding.code in self.codes

    def would_hide(self, finding: Finding) -> bool:
        """Whether it would hide a finding if what the change adds were honoured."""
        code = finding.code
        asks = self.asked is None or code in self.asked
        return code in self.refused or (asks and self.codes is not None and code not in self.codes)

    @property
    def is_new(self) -> bool:
        """Whether the change adds it, or a code of it."""
        return self.codes != self.asked

    def join(self, other: Comment) -> None:
        """Take over the uses of the same comment in another zone; it holds for every use."""
        self.uses += other.uses
        if self.codes is not None:
            self.codes = None if other.codes is None else self.codes | other.codes

    @property
    def loosening(self) -> Loosening:
        """What the change adds by it."""
        asked = self.asked
        if self.is_new and asked is not None:
            asked = asked - (self.codes or frozenset())
        named = asked if self.is_new else frozenset(self.refused)
        names = "every rule" if named is None else ", ".join(f"`{code}`" for code in sorted(named))
        what = (
            f"adds a comment that suppresses {names} here"
            if self.is_new
            else f"brings {names} under a comment that silences what was there before"
        )
        return Loosening(
            GatePart.NOQA,
            self.owner,
            self.type,
            self.suppression.span,
            what,
            "its findings are still reported",
        )


@dataclass(slots=True)
class Result:
    """What a run says. `findings` by path, line, column and code.

    `comments` are those that ask for silence, `silenced` what they hid.
    """

    findings: list[Finding] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)
    crashes: list[Crash] = field(default_factory=list)
    silenced: list[Finding] = field(default_factory=list)
    zones: int = 0
    records: int = 0
    comments: list[Comment] = field(default_factory=list)

    @property
    def suppressed(self) -> int:
        """How many findings comments hide."""
        return len(self.silenced)

    def add(self, other: Result) -> None:
        """Take over what was said of other zones of the same run, which come after these."""
        self.findings += other.findings
        self.undecided += other.undecided
        self.crashes += other.crashes
        self.comments += other.comments
        self.silenced += other.silenced
        self.zones += other.zones
        self.records += other.records

    def harm(self, other: Result) -> int:
        """How much worse it is that something is said as well: 2 a fault, 1 a doubt, 0 nothing."""
        if other.crashes or self._news(other):
            return 2
        return int(not set(self.undecided).issuperset(other.undecided))

    def _news(self, other: Result) -> list[Finding]:
        """What the other says that is not said here, or not as severely."""
        known: dict[tuple[str, str, str], int] = {}
        for each in self.findings:
            key = (each.code, each.owner, each.type)
            known[key] = max(each.severity.rank, known.get(key, 0))
        return [
            new
            for new in other.findings
            if new.severity.rank > known.get((new.code, new.owner, new.type), -1)
        ]

    def add_new(self, other: Result, who: str = "") -> None:
        """Take over what is said of the same zone, alone here, beside another state before.

        who: whom it holds for, where that is not everybody.
        """
        for new in self._news(other):
            message = f"{who}: {new.message}" if who else new.message
            self.findings.append(new._replace(found=new.found._replace(message=message)))
        undecided = set(self.undecided)
        self.undecided += (new for new in other.undecided if new not in undecided)
        self.crashes += other.crashes

    def add_compared(self, befores: Mapping[str, Result], lost: Mapping[str, Result]) -> None:
        """Take over what is said of the same zone beside each zone that may be its state before.

        It names them, unless it holds beside all. What is found only beside one that goes, while
        others of its name stay what they are, is undecided: nobody knows which was served.
        """
        found: dict[tuple[object, ...], dict[str, list[Finding]]] = {}
        for name, other in befores.items():
            for new in other.findings:
                found.setdefault(_fault_of(new), {}).setdefault(name, []).append(new)
        for held in found.values():
            worst = max(held.values(), key=lambda each: max(one.severity.rank for one in each))
            who = "" if len(held) == len(befores) else f"compared with {some(list(held))}: "
            self.findings += (
                each._replace(found=each.found._replace(message=f"{who}{each.message}"))
                for each in worst
            )
        undecided = dict.fromkeys(self.undecided)
        for name, other in lost.items():
            missing = (f"which zone was served before: {name} no longer exists",)
            doubts = (each for each in other.findings if _fault_of(each) not in found)
            undecided |= {Undecided(e.code, e.owner, missing, e.zone): None for e in doubts}
        for other in (*befores.values(), *lost.values()):
            undecided |= dict.fromkeys(other.undecided)
            self.crashes += (each for each in other.crashes if each not in self.crashes)
        self.undecided[:] = undecided

    def add_given(self, given: Sequence[tuple[Seen, Result]], again: Container[str]) -> None:
        """Take over what is said of the same zone, alone here, where some get other answers.

        It names them, unless it holds for all. Where it is not certain that there are any, what is
        found only for them is undecided; where it is not certain that anybody gets what stands in
        the zone, what is said of it here is what is said of one answer among the others.
        again: the codes of the rules that are asked for each answer.
        """
        everybody = [seen for seen, _ in given if not seen.missing]
        stands = not everybody or everybody[0].stands
        is_cut = any(seen.after is seen.before for seen, _ in given)
        settled = None if stands or is_cut else everybody[0].settled
        stood = {} if stands else self._take_told_of(given, again)
        told: dict[tuple[object, ...], int] = {}
        for each in self.findings:
            for key in _likenesses(each):
                told[key] = max(each.severity.rank, told.get(key, 0))
        found: dict[tuple[object, ...], dict[Seen, Finding]] = {}
        undecided = dict.fromkeys(
            each
            for each in self.undecided
            if not (settled and each.code in again and settled.issuperset(each.missing))
        )
        for seen, other in given:
            for new in other.findings:
                keys = _likenesses(new)
                if any(new.severity.rank <= told.get(key, -1) for key in keys):
                    continue
                if seen.missing:
                    undecided.setdefault(Undecided(new.code, new.owner, (seen.missing,), new.zone))
                    continue
                same = next((found[key] for key in keys if key in found), {})
                same.setdefault(seen, new)
                found |= dict.fromkeys(keys, same)
            undecided |= dict.fromkeys(other.undecided)
            self.crashes += (each for each in other.crashes if each not in self.crashes)
        for same in {id(each): each for each in found.values()}.values():
            first = max(same.values(), key=lambda each: each.severity.rank)
            is_all = not stands and len(same) == len(everybody)
            who = "" if is_all else f"{those(_names_of(same, everybody))}: "
            change = next((stood[key] for key in _likenesses(first) if key in stood), None)
            if not is_all and change is not None and any(e.before is None for e in change.edits):
                change = None  # of a zone that nobody wrote
            if len({_written_by(each.change) for each in same.values()}) > 1:
                change = None  # what is right for one is not for another
            worded = first.found._replace(message=f"{who}{first.message}", change=change)
            self.findings.append(first._replace(found=worded))
        self.undecided[:] = undecided

    def _take_told_of(
        self, given: Iterable[tuple[Seen, Result]], again: Container[str]
    ) -> dict[tuple[object, ...], Change | None]:
        """Take out what is said of an answer as well; the changes that were offered for it."""
        met = {key for _, other in given for each in other.findings for key in _likenesses(each)}
        taken: dict[tuple[object, ...], Change | None] = {}
        left: list[Finding] = []
        for each in self.findings:
            keys = _likenesses(each)
            if each.code in again and not met.isdisjoint(keys):
                taken |= dict.fromkeys(keys, each.change)
            else:
                left.append(each)
        self.findings[:] = left
        return taken


def _written_by(change: Change | None) -> tuple[object, ...] | None:
    return None if change is None else tuple((e.owner, e.type, e.after) for e in change.edits)


def once_for_answers(findings: Sequence[Finding]) -> list[Finding]:
    """The findings; what is said of a text alone, and for those who get it as well, once."""
    named = {
        _words_of(each, each.message.partition(": ")[2]): each
        for each in findings
        if each.message.startswith(FOR_THOSE)
    }
    told: list[Finding] = []
    spared: set[int] = set()
    for each in findings:
        other = named.get(_words_of(each, each.message))
        if other is not None and other.zone.name != each.zone.name:
            spared.add(id(other))
            each = each._replace(found=each.found._replace(message=other.message))
        told.append(each)
    return [each for each in told if id(each) not in spared]


def _words_of(finding: Finding, message: str) -> tuple[object, ...]:
    return finding.code, finding.owner, finding.type, finding.span, message


def _names_of(given: Collection[Seen], everybody: Iterable[Seen]) -> list[str]:
    """The names of answers that some get, and nobody else: of one set, or all that any gets."""
    others = [each.names for each in everybody if each not in given]
    for number, names in enumerate(zip(*(each.names for each in given), strict=True)):
        called = [name for name in names if name is not None]
        if len(called) == len(names) and {each[number] for each in others}.isdisjoint(names):
            return called
    return [name for each in given for name in each.names if name is not None]


def _fault_of(finding: Finding) -> tuple[object, ...]:
    """What is equal for what is said of one fault beside several states before."""
    return finding.code, finding.owner, finding.type, finding.span


def _likenesses(finding: Finding) -> list[tuple[object, ...]]:
    """What is equal for what two judgements of a zone say of one fault: its place, or its words."""
    about = (finding.code, finding.owner, finding.type)
    return [(*about, finding.span), (*about, finding.message)]


Fault = tuple[str, str, str, str, str]


class FormerFindings:
    """Findings before a change, each there to be found again once in each zone after it.

    A finding is known again by its zone, code, owner, type and cause, never by its message: a line
    may shift, and a count may grow. One that is more severe is another one; what is left of a
    greater fault there (`remains_of`) is none.

    befores: the zones that may be the state before of each zone of the change. A finding stood if
      it did so in each of them.
    """

    def __init__(
        self, findings: Iterable[Finding], befores: Mapping[ZoneId, Sequence[ZoneId]]
    ) -> None:
        self._befores = befores
        self._stood: dict[tuple[ZoneId, Fault], list[int]] = defaultdict(lambda: [0, 0, 0])
        self._left: dict[tuple[ZoneId, ZoneId, Fault], list[int]] = {}
        self._ranks: dict[tuple[ZoneId, str, str], int] = {}
        for finding in findings:
            rank, place = finding.severity.rank, (finding.zone, finding.owner, finding.code)
            self._stood[finding.zone, finding.sameness][rank] += 1
            self._ranks[place] = max(rank, self._ranks.get(place, rank))

    def take(self, finding: Finding) -> bool:
        """Whether a finding of the change stood; no other one of its zone is the same one then."""
        zones = self._befores.get(finding.zone, [finding.zone])
        held = [self._counts(finding, zone) for zone in zones]
        ranks = range(finding.severity.rank, 3)
        fitting = [next((rank for rank in ranks if counts[rank]), None) for counts in held]
        if not fitting or None in fitting:
            return bool(fitting) and all(self._is_left(finding, zone) for zone in zones)
        for counts, rank in zip(held, fitting, strict=True):
            counts[rank or 0] -= 1
        return True

    def _is_left(self, finding: Finding, before: ZoneId) -> bool:
        """Whether it is what is left of a greater fault of its owner."""
        greater = ((before, finding.owner, code) for code in finding.rule.remains_of)
        return any(self._ranks.get(each, -1) >= finding.severity.rank for each in greater)

    def _counts(self, finding: Finding, before: ZoneId) -> list[int]:
        key = (finding.zone, before, finding.sameness)
        if key not in self._left:
            self._left[key] = list(self._stood.get(key[1:], (0, 0, 0)))
        return self._left[key]
