"""GitLab's code quality report: an array of issues, shown in the merge request."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from zonelint.formats.report import (
    HoldingFile,
    Page,
    Report,
    crash_message,
    fingerprints,
    full_message,
    in_files,
)
from zonelint.formats.safe import decoded, dumped, relative
from zonelint.rules.core.finding import Severity

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def render(report: Report, page: Page) -> Iterator[str]:
    """Every finding; what could not be read or judged is a blocker, what is undecided an info.

    A path starts at the top of the repository, without `./`: GitLab finds no file otherwise.
    """
    report = in_files(report)
    issues: list[dict[str, object]] = [
        {
            "description": decoded(f"{finding.code} {finding.name}: {full_message(finding)}"),
            "check_name": finding.code,
            "fingerprint": fingerprint,
            "severity": SEVERITIES[finding.severity],
            "location": {
                "path": decoded(relative(finding.span.path)),
                "lines": {"begin": finding.span.line, "end": finding.span.end_line},
            },
        }
        for finding, fingerprint in fingerprints(report.findings, report.twins, report.place_of)
    ]
    issues += [
        _issue(each.path, each.message, "unreadable", "blocker", each.line or 1)
        for each in report.problems
    ]
    issues += [_issue(".", crash_message(crash), crash.code, "blocker") for crash in report.crashes]
    issues += [
        _issue(
            each.zone.id or ".",
            f"{each.code} is undecided for {each.owner}: it needs {each.needs}",
            "undecided",
            "info",
        )
        for each in report.undecided
    ]
    issues += [_holding(each) for each in report.held_by]
    issues += [
        _issue(".", f"The change declares: {each}", "declared", "info") for each in report.declared
    ]
    yield dumped(issues, indent=1) + "\n"


def _holding(file: HoldingFile) -> dict[str, object]:
    """A file that the zones were judged by: the merge request shows it when its effects change."""
    return _issue(file.path, f"The zones were judged by {file}.", file.kind, "info")


def _issue(path: str, message: str, name: str, severity: str, line: int = 1) -> dict[str, object]:
    octets = f"{name}\0{path}\0{message}".encode("utf-8", "surrogateescape")
    return {
        "description": decoded(message),
        "check_name": name,
        "fingerprint": hashlib.sha256(octets).hexdigest(),
        "severity": severity,
        "location": {"path": decoded(relative(path)), "lines": {"begin": line}},
    }
