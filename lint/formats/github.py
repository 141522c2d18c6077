"""GitHub's workflow commands: each finding becomes an annotation on its line.

GitHub shows ten annotations of each kind a step and drops the rest in silence: those beyond the
tenth are printed as plain lines, and a summary tells how many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from zonelint.formats.report import Page, Report, crash_message, told
from zonelint.formats.safe import decoded
from zonelint.formats.text import summary
from zonelint.rules.finding import Finding, Severity

MOST = 10
"""Annotations of one kind that GitHub shows for one step."""

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report, page: Page) -> Iterator[str]:
    """The annotations, errors first; what GitHub would drop; the undecided; the summary."""
    printed: Counter[str] = Counter()
    rest: list[Finding] = []
    for finding in sorted(report.findings, key=lambda finding: -finding.severity.rank):
        command = _COMMANDS[finding.severity]
        if printed[command] < MOST:
            printed[command] += 1
            yield _annotation(command, finding)
        else:
            rest.append(finding)
    for problem in report.problems:
        yield f"::error file={_property(problem.path)}::{_data(problem.message)}\n"
    for crash in report.crashes:
        yield f"::error title={_property(crash.code)}::{_data(crash_message(crash))}\n"
    if rest:
        yield f"Findings beyond the {MOST} of a kind that GitHub shows:\n"
    for finding in rest:
        span = finding.span
        place = decoded(f"{span.path}:{span.line}:{span.column}")
        yield f"{place}: {finding.severity} {finding.code}: {_line(told(finding))}\n"
    for each in report.undecided:
        yield (
            _line(f"undecided {each.code} for {each.owner}: needs {', '.join(each.missing)}") + "\n"
        )
    yield summary(report, Page())


def _annotation(command: str, finding: Finding) -> str:
    span = finding.span
    properties = {
        "file": span.path,
        "line": span.line,
        "col": span.column,
        "endLine": span.end_line,
    }
    if span.end_line == span.line:
        # GitHub takes a last column only within one line, and counts it in.
        properties["endColumn"] = max(span.column, span.end_column - 1)
    properties["title"] = f"{finding.code} {finding.name}"
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{command} {listed}::{_data(chr(10).join((told(finding), *finding.found.detail)))}\n"


def _data(text: str) -> str:
    return decoded(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _line(text: str) -> str:
    """One line that cannot be taken for a command."""
    line = decoded(text).replace("\r", " ").replace("\n", " ")
    return line.replace("::", ": :")
