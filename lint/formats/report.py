"""One view of a run for every format: what was found, what could not be decided, what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from zonelint.grammars.listing import ended, first_of
from zonelint.grammars.zone import Span, without_dot
from zonelint.providers.zonefile.reader import ReadError
from zonelint.rules.core.baseline import BaselineKey, PlaceOf, key
from zonelint.rules.core.cause import CommonCause, causes_of
from zonelint.rules.core.finding import Crash, FailOn, Finding, Severity, Undecided
from zonelint.rules.core.identity import NO_TWINS, Twins, ZoneId
from zonelint.rules.core.rule import Rule

if TYPE_CHECKING:
    from zonelint.rules.evidence.replay import Replay
    from zonelint.rules.mail.meaning import Meaning


class Page(NamedTuple):
    """What the output is written on, and how much of it is wanted.

    `width` is in columns: lines of source are cut to it, and sentences broken where `wraps`.
    quiet: findings only.
    command: the run's own options and paths, None where no other run can read the same.
    exit_zero: what fails does not end the run with 1.
    """

    colour: bool = False
    width: int = 120
    statistics: bool = False
    wraps: bool = False
    quiet: bool = False
    command: Sequence[str] | None = None
    exit_zero: bool = False


class Proposal(NamedTuple):
    """The records that go and those that come. `safe`: mail flow cannot change.

    Records of the finding's own owner and type are rdata, others are whole.
    """

    safe: bool
    before: list[str]
    after: list[str]


class TextEdit(NamedTuple):
    """A stretch of a source and what should stand there instead."""

    span: Span
    text: str


class HoldingFile(NamedTuple):
    """A file beside the zones that they were judged by, and its effects, in words."""

    kind: str
    path: str
    effects: Sequence[str] = ()

    def __str__(self) -> str:
        shown = ", ".join(first_of(self.effects, MOST_EFFECTS))
        return f"{self.path} ({shown})" if shown else self.path


MOST_EFFECTS = 5
"""Effects of one file that people are shown; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run has to say.

    `findings` are those that are shown, by path, line, column and code; `hidden` counts those
    below the least severity shown, `suppressed` those that a comment silenced. `rules` are
    those that ran, by code. `line(path, number)` is a line of the source without its end, None
    where there is none to show. `edits(finding)` is the finding's change as replacements of
    source text, empty where there is none. `known` counts what the baseline knew, `expired`
    are entries of the baseline that nothing was found for. `standing` counts what stood before
    the change that is judged, `meanings` and `replays` tell what the change means.
    `fail_on(zone)` says what of a zone fails the run, `unseen` are the findings that are hidden
    and fail it all the same; `held_by` are the configurations, locks and baselines that held, and
    what each takes out, `narrowed` the options that take out rules, `declared` what the change
    says in the files. `is_writable(finding)`: whether its change can be made by --fix, as far as
    that is cheap to know. `plans` are the files of plans, by the addresses of the resources in
    them. `twins` are the names of several
    zones, `place_of` says what one of these is called, wherever the run was started.
    """

    findings: Sequence[Finding]
    undecided: Sequence[Undecided]
    crashes: Sequence[Crash]
    problems: Sequence[ReadError]
    rules: Mapping[str, Rule]
    line: Callable[[str, int], str | None]
    suppressed: int = 0
    hidden: int = 0
    zones: int = 0
    records: int = 0
    fail_on: Callable[[ZoneId], FailOn] = lambda _: FailOn.WARNING
    unseen: Sequence[Finding] = ()
    held_by: Sequence[HoldingFile] = ()
    narrowed: str = ""
    declared: Sequence[str] = ()
    counts: Counter[Severity] = field(default_factory=Counter)
    edits: Callable[[Finding], Sequence[TextEdit]] = lambda _: ()
    is_writable: Callable[[Finding], bool] = lambda _: True
    plans: Mapping[str, str] = field(default_factory=dict)
    known: int = 0
    expired: Sequence[BaselineKey] = ()
    twins: Twins = field(default_factory=dict)
    place_of: PlaceOf = str
    standing: int = 0
    meanings: Sequence[Meaning] = ()
    replays: Sequence[Replay] = ()

    @property
    def causes(self) -> list[CommonCause]:
        """The findings by what they have in common, which people are shown once."""
        return causes_of(self.findings)

    def is_failing(self, finding: Finding) -> bool:
        """Whether the finding fails the run."""
        return self.fail_on(finding.zone).fails(finding.severity)

    @property
    def fails(self) -> bool:
        """Whether a finding fails the run, shown or not, or something that is undecided does."""
        return any(map(self.is_failing, (*self.findings, *self.unseen))) or any(
            self.fail_on(each.zone) is FailOn.UNDECIDED for each in self.undecided
        )

    @property
    def incomplete(self) -> bool:
        """Whether something could not be read, or a rule failed: this run can be no pass."""
        return bool(self.problems or self.crashes)


def full_message(finding: Finding) -> str:
    """The whole message on one line: what is wrong, and what to do."""
    found = finding.found
    return f"{ended(found.message)} {found.advice}" if found.advice else found.message


def proposal(finding: Finding) -> Proposal | None:
    """What the finding would put in place of what stands there."""
    found = finding.found
    change = found.change
    if change is None:
        return None
    return Proposal(
        change.safe,
        change.before(found.owner, found.type),
        change.after(found.owner, found.type),
    )


class ChangeLines(NamedTuple):
    """A change as people see it, in whole records: what goes and what comes, edit by edit.

    An empty line stands where nothing goes or comes.
    """

    safe: bool
    pairs: Sequence[tuple[str, str]]

    @property
    def before(self) -> list[str]:
        return [before for before, _ in self.pairs if before]

    @property
    def after(self) -> list[str]:
        return [after for _, after in self.pairs if after]

    @property
    def signed(self) -> list[str]:
        """What goes, each with a minus, then what comes, each with a plus."""
        return [*(f"- {line}" for line in self.before), *(f"+ {line}" for line in self.after)]


def pictured(finding: Finding) -> ChangeLines | None:
    """What people are shown of the finding's change; None where it has none."""
    change = finding.change
    return None if change is None else ChangeLines(change.safe, change.lines())


def change_lines(finding: Finding) -> list[str]:
    """The finding's change in lines of plain text, behind what it is; none where it has none."""
    change = pictured(finding)
    return [] if change is None else ["Fix:" if change.safe else "Proposal:", *change.signed]


MOST_PLACES = 3
"""Other places of a cause that are named; the rest is counted."""


def other_places(cause: CommonCause) -> str:
    """Where else the cause shows, as the end of a sentence; empty where it shows once."""
    if not cause.others:
        return ""
    places = [_place_beside(finding, cause.first) for finding in cause.others]
    shown = list(dict.fromkeys(places))[:MOST_PLACES]
    rest = sum(place not in shown for place in places)
    is_names = len({finding.owner for finding in cause.findings}) > 1
    word = "name" if is_names else "place"
    more = f"{rest:,} more {word}{'' if rest == 1 else 's'}"
    return " and ".join([", ".join(shown), *([more] if rest else [])])


def with_other_places(message: str, cause: CommonCause) -> str:
    """The message of a cause, and where else it is found."""
    if not cause.others:
        return message
    return f"{message}{'' if message.endswith('.') else '.'} Also at {other_places(cause)}."


def _place_beside(finding: Finding, first: Finding) -> str:
    """A finding's owner, and as much of its place as is not the first one's."""
    name = without_dot(finding.owner)
    if finding.found.follows:
        return f"{name} ({finding.code} {finding.name})"
    if finding.owner == first.owner or finding.type != first.type:
        name = f"{name} {finding.type}"
    span = finding.span
    if span.path != first.span.path:
        return f"{name} ({span.path}:{span.line})"
    if span.line != first.span.line:
        return f"{name} (line {span.line})"
    is_twin = finding.owner == first.owner and finding.zone != first.zone
    return f"{name} ({finding.zone})" if is_twin and str(finding.zone) else name


def crash_message(crash: Crash) -> str:
    return (
        f"rule {crash.code} failed on {crash.owner}: {crash.error}; "
        "this is a bug in the rule, and the check is not complete"
    )


def fingerprints(
    findings: Iterable[Finding], twins: Twins = NO_TWINS, place_of: PlaceOf = str
) -> Iterator[tuple[Finding, str]]:
    """Each finding with what it is known by over time, 64 hexadecimal digits, no two alike.

    That is its rule, owner and type, never its line, and its zone where several have one name;
    where a rule finds several faults of one owner and type, they are told apart by their number.
    """
    import hashlib  # few formats show fingerprints

    seen: Counter[BaselineKey] = Counter()
    for finding in findings:
        known = key(finding, twins, place_of)._replace(about="")
        seen[known] += 1
        words = (known.code, known.owner, known.type, str(seen[known]), known.zone)
        text = "\0".join(words).removesuffix("\0")
        octets = text.encode("utf-8", "surrogateescape")
        yield finding, hashlib.sha256(octets).hexdigest()


def in_files(report: Report) -> Report:
    """The report for readers that look places up: a resource of a plan is in the plan's file."""
    if not report.plans:
        return report
    return replace(
        report, findings=[_in_file(finding, report.plans) for finding in report.findings]
    )


def _in_file(finding: Finding, plans: Mapping[str, str]) -> Finding:
    address = finding.span.path
    if address not in plans:
        return finding
    span = Span(plans[address], 1, 1, 1, 1)
    message = f"{address}: {finding.found.message}"
    return finding._replace(found=finding.found._replace(span=span, message=message))
