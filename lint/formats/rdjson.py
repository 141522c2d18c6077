"""Reviewdog Diagnostic Format, rdjson: for reviewdog and what else reads it.

https://github.com/reviewdog/reviewdog/tree/master/proto/rdf: columns count octets of UTF-8 from 1,
an end is the one after. What has no line (a file that cannot be read, what is undecided) has a path
alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.formats.references import first
from zonelint.formats.report import (
    Page,
    Report,
    crash_message,
    full_message,
    in_files,
)
from zonelint.formats.safe import decoded, dumped, relative
from zonelint.grammars.zone import Span
from zonelint.providers.zonefile.reader import ReadError
from zonelint.rules.core.finding import Finding, Severity, Undecided

SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


def render(report: Report, page: Page) -> Iterator[str]:
    """Every finding, a change that is one replacement in its file as a suggestion."""
    report = in_files(report)
    found = [_finding(report, finding) for finding in report.findings]
    found += [_problem(each) for each in report.problems]
    found += [_remark(".", crash_message(each), "ERROR", each.code) for each in report.crashes]
    found += [_undecided(each) for each in report.undecided]
    found += [
        _remark(each.path, f"The zones were judged by {each}.", "INFO") for each in report.held_by
    ]
    found += [_remark(".", f"The change declares: {each}", "INFO") for each in report.declared]
    yield dumped({"source": {"name": "zonelint"}, "diagnostics": found}, indent=1) + "\n"


def _finding(report: Report, finding: Finding) -> dict[str, object]:
    code = {"value": finding.code}
    link = first(finding.rule.section)
    if link is not None:
        code["url"] = link
    return {
        "message": decoded(f"{finding.name}: {full_message(finding)}"),
        "location": {
            "path": decoded(relative(finding.span.path)),
            "range": _range(report, finding.span),
        },
        "severity": SEVERITIES[finding.severity],
        "code": code,
        **_suggestion(report, finding),
    }


def _suggestion(report: Report, finding: Finding) -> dict[str, object]:
    """A suggestion is read by itself: a change that needs several replacements is none."""
    edits = report.edits(finding)
    if len(edits) != 1 or edits[0].span.path != finding.span.path:
        return {}
    (edit,) = edits
    if decoded(edit.text) != edit.text:  # JSON cannot hold an octet that is no UTF-8
        return {}
    return {"suggestions": [{"range": _range(report, edit.span), "text": edit.text}]}


def _range(report: Report, span: Span) -> dict[str, object]:
    return {
        "start": _position(report, span.path, span.line, span.column),
        "end": _position(report, span.path, span.end_line, span.end_column),
    }


def _position(report: Report, path: str, line: int, column: int) -> dict[str, int]:
    before = (report.line(path, line) or "")[: column - 1]
    more = len(before.encode("utf-8", "surrogateescape")) - len(before)
    return {"line": line, "column": column + more}


def _problem(problem: ReadError) -> dict[str, object]:
    """What cannot be read. In which octet of its line is not known: nobody has that."""
    remark = _remark(problem.path, problem.message, "ERROR")
    if problem.line:
        place = {"start": {"line": problem.line}}
        remark["location"] = {"path": decoded(relative(problem.path)), "range": place}
    return remark


def _undecided(each: Undecided) -> dict[str, object]:
    message = f"Undecided for {each.owner}: this needs {each.needs}."
    return _remark(each.zone.id or ".", message, "INFO", each.code)


def _remark(path: str, message: str, severity: str, code: str = "") -> dict[str, object]:
    remark: dict[str, object] = {
        "message": decoded(message),
        "location": {"path": decoded(relative(path))},
        "severity": severity,
    }
    return remark | ({"code": {"value": code}} if code else {})
