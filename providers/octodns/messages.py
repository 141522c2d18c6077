"""What zonelint says inside octoDNS: lines for its log, and notes for the plan's summary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from logging import ERROR, INFO, WARNING, Logger

from zonelint.grammars.listing import ended, grouped, some
from zonelint.grammars.zone import without_dot
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Result
from zonelint.rules.core.finding import Finding, Severity, needed
from zonelint.rules.model.remedy import remedy

_LEVELS = {Severity.ERROR: ERROR, Severity.WARNING: WARNING, Severity.INFO: INFO}


@dataclass(frozen=True, slots=True)
class Amendment:
    """Records of one owner and type that zonelint adds, or would add, as rdata."""

    owner: str
    type: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    codes: tuple[str, ...]

    def __str__(self) -> str:
        lines = [f"{without_dot(self.owner)} {self.type} ({', '.join(self.codes)})"]
        lines += [f"    - {value}" for value in self.before if value not in self.after]
        lines += [f"    + {value}" for value in self.after if value not in self.before]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Note:
    """What was said of one zone. `applied`: the amendments are part of the plan.

    `changes` are findings about the way from what a target holds to the zone.
    """

    findings: tuple[Finding, ...] = ()
    undecided: tuple[str, ...] = ()
    changes: tuple[Finding, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    applied: bool = False


NOTES: dict[str, Note] = {}
"""The last word on every zone of this run, by the zone's name."""

_SAID: set[str] = set()


def begin() -> None:
    """Forget what was said: a new run begins."""
    NOTES.clear()
    _SAID.clear()


def note(
    zone: str, result: Result, amendments: Sequence[Amendment] = (), *, applied: bool = False
) -> None:
    """Keep what was said of a zone; what was added to it before stays noted."""
    known = NOTES.get(zone, Note())
    if not amendments:
        amendments, applied = known.amendments, known.applied
    NOTES[zone] = replace(
        known,
        findings=tuple(result.findings),
        undecided=tuple(undecided(result)),
        amendments=tuple(amendments),
        applied=applied,
    )


def note_change(zone: str, result: Result) -> None:
    """Keep what was said of a zone's change; what several targets have in common once."""
    known = NOTES.get(zone, Note())
    said = set(map(line, known.changes))
    new = [finding for finding in result.findings if line(finding) not in said]
    questions = [each for each in undecided(result) if each not in known.undecided]
    NOTES[zone] = replace(
        known,
        changes=(*known.changes, *new),
        undecided=(*known.undecided, *questions),
    )


def line(finding: Finding) -> str:
    """A finding on one line: its place, its code, what is wrong and what to do."""
    return f"{place(finding)}: {finding.code} {sentence(finding)}"


def place(finding: Finding) -> str:
    """Where a finding stands; of a source without files only its name."""
    span = finding.span
    return span.path if span.path.startswith("<") else f"{span.path}:{span.line}:{span.column}"


def sentence(finding: Finding) -> str:
    """What is wrong, and what to do."""
    return f"{ended(finding.message)} {finding.advice}".rstrip()


def failures(result: Result) -> list[str]:
    """Rules that failed: a failed rule never lets a zone through."""
    return [
        f"the rule {crash.code} failed on {without_dot(crash.owner)} ({crash.error}); this is a "
        "bug in zonelint, and the check is not complete"
        for crash in result.crashes
    ]


def undecided(result: Result) -> list[str]:
    """What could not be decided: a line for each rule, with what it lacks and what would help."""
    lines = []
    for code, alike in grouped((each.code, each) for each in result.undecided).items():
        lacks = [what for each in alike for what in each.missing]
        line = f"{code} could not be decided for {some(without_dot(each.owner) for each in alike)}"
        line += f": it needs {needed(lacks, 3)}"
        rule = registry.get(code)
        helps = remedy(rule, lacks) if rule is not None else ""
        lines.append(f"{line}; {helps}" if helps else line)
    return lines


def log(
    logger: Logger,
    origin: str,
    findings: Iterable[Finding],
    open: Sequence[str],
    *,
    mildly: bool = False,
) -> None:
    """Tell findings and undecided questions, each finding at the level of its severity.

    What validator and processor both have to say is told once.
    mildly: an error is told as a warning, for it stops nothing.
    """
    most = WARNING if mildly else ERROR
    said = [(min(_LEVELS[finding.severity], most), line(finding)) for finding in findings]
    said += [(WARNING, f"{origin}: {question}") for question in open]
    for level, text in said:
        if text not in _SAID:
            _SAID.add(text)
            logger.log(level, "%s", text)
