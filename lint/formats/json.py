"""The report as one JSON object: the contract for other programs (version 1).

Lines and columns count from 1, the end column is the one after. An octet that is no UTF-8 comes
as `\\DDD` in messages, since JSON has no way to hold it.
"""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.formats.report import Page, Report, full_message, proposal
from zonelint.formats.safe import decoded, dumped
from zonelint.rules.core.finding import Finding, Undecided

VERSION = 1


def render(report: Report, page: Page) -> Iterator[str]:
    """One object, a finding a line, so that two reports can be compared with diff."""
    yield f'{{"version":{VERSION},"findings":['
    yield from _listed(dumped(_finding(finding), compact=True) for finding in report.findings)
    yield '],"undecided":['
    yield from _listed(
        dumped(_undecided(undecided), compact=True) for undecided in report.undecided
    )
    summary: dict[str, object] = {"zones": report.zones, "records": report.records}
    configurations = [decoded(f.path) for f in report.held_by if f.kind == "configuration"]
    if configurations:
        summary["configurations"] = configurations
    if report.held_by:
        summary["held_by"] = [
            {"kind": f.kind, "path": decoded(f.path), "effects": [decoded(e) for e in f.effects]}
            for f in report.held_by
        ]
    if report.declared:
        summary["declared"] = [decoded(each) for each in report.declared]
    rest = {"suppressed": report.suppressed + report.known, "summary": summary}
    yield f"],{dumped(rest, compact=True)[1:]}\n"


def _listed(objects: Iterator[str]) -> Iterator[str]:
    separator = "\n"
    for each in objects:
        yield f"{separator}{each}"
        separator = ",\n"
    if separator != "\n":
        yield "\n"


def _finding(finding: Finding) -> dict[str, object]:
    found = finding.found
    span = found.span
    proposed = proposal(finding)
    return {
        "code": finding.rule.code,
        "name": finding.rule.name,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "cause": finding.cause,
        "message": decoded(full_message(finding)),
        "owner": decoded(found.owner),
        "type": found.type,
        "path": decoded(span.path),
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "fix": proposed
        and {
            "safe": proposed.safe,
            "before": [decoded(rdata) for rdata in proposed.before],
            "after": [decoded(rdata) for rdata in proposed.after],
        },
    }


def _undecided(undecided: Undecided) -> dict[str, object]:
    return {
        "code": undecided.code,
        "owner": decoded(undecided.owner),
        "missing": [decoded(each) for each in undecided.missing],
    }
