"""GitHub's workflow commands: each cause becomes an annotation, where it shows first.

GitHub shows ten annotations of each kind a step and drops the rest in silence: those beyond the
tenth are printed as plain lines, and a summary tells how many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from zonelint.formats.ending import held_by, summary
from zonelint.formats.report import (
    Page,
    Report,
    change_lines,
    crash_message,
    full_message,
    in_files,
    with_other_places,
)
from zonelint.formats.safe import no_command, plain, relative
from zonelint.rules.core.cause import CommonCause
from zonelint.rules.core.finding import Severity

MOST = 10
"""Annotations of one kind that GitHub shows for one step."""

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


@dataclass(frozen=True, slots=True)
class _Annotation:
    """One command, and the line that says the same where GitHub would drop the command."""

    command: str
    properties: Mapping[str, str]
    message: str
    line: str

    def __str__(self) -> str:
        listed = ",".join(f"{name}={_property(value)}" for name, value in self.properties.items())
        return f"::{self.command} {listed}::{_data(self.message)}\n"


def render(report: Report, page: Page) -> Iterator[str]:
    """The annotations, the worst first; what GitHub would drop; the undecided; the summary."""
    report = in_files(report)
    printed: Counter[str] = Counter()
    rest: list[_Annotation] = []
    for annotation in _annotations(report):
        printed[annotation.command] += 1
        if printed[annotation.command] <= MOST:
            yield str(annotation)
        else:
            rest.append(annotation)
    if rest:
        yield f"Beyond the {MOST} of a kind that GitHub shows:\n"
    for annotation in rest:
        yield _line(annotation.line)
    for each in report.undecided:
        yield _line(f"undecided {each.code} for {each.owner}: needs {each.needs}")
    for words in report.declared:
        yield _line(f"the change declares {words}")
    yield from held_by(report, Page())
    yield summary(report, Page())


def _annotations(report: Report) -> Iterator[_Annotation]:
    """What makes the check incomplete comes first: it must not be among what GitHub drops."""
    for problem in report.problems:
        line = f"{problem.place}: error: {problem.message}"
        properties = {"file": relative(problem.path)}
        properties |= {"line": str(problem.line)} if problem.line else {}
        yield _Annotation("error", properties, problem.message, line)
    for crash in report.crashes:
        message = crash_message(crash)
        yield _Annotation("error", {"title": crash.code}, message, f"error: {message}")
    for cause in sorted(report.causes, key=lambda cause: -cause.first.severity.rank):
        yield _annotation(cause)


def _annotation(cause: CommonCause) -> _Annotation:
    finding = cause.first
    span = finding.span
    message = with_other_places(full_message(finding), cause)
    properties = {
        "file": relative(span.path),
        "line": str(span.line),
        "col": str(span.column),
        "endLine": str(span.end_line),
    }
    if span.end_line == span.line:
        # GitHub takes a last column only within one line, and counts it in.
        properties["endColumn"] = str(max(span.column, span.end_column - 1))
    properties["title"] = f"{finding.code} {finding.name}"
    place = f"{span.path}:{span.line}:{span.column}"
    return _Annotation(
        _COMMANDS[finding.severity],
        properties,
        "\n".join((message, *finding.found.detail, *change_lines(finding))),
        f"{place}: {finding.severity} {finding.code}: {message}",
    )


def _data(text: str) -> str:
    return plain(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _line(text: str) -> str:
    """One line that cannot be taken for a command."""
    return f"{no_command(plain(text).replace(chr(10), ' '))}\n"
