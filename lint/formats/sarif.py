"""SARIF 2.1.0, for code scanning: a rule table, results with fingerprints, and fixes.

What could not be decided is told as a notification of the run, for a result has to stand
somewhere and what is missing stands nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from zonelint.formats.references import first, linked
from zonelint.formats.report import (
    Page,
    Report,
    crash_message,
    fingerprints,
    full_message,
    in_files,
)
from zonelint.formats.safe import decoded, dumped, relative
from zonelint.grammars.listing import grouped
from zonelint.grammars.zone import Span
from zonelint.rules.core.finding import Finding, Severity
from zonelint.rules.core.rule import Rule

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(report: Report, page: Page) -> Iterator[str]:
    """One log with one run."""
    report = in_files(report)
    import zonelint

    codes = dict.fromkeys(finding.code for finding in report.findings)
    rules = [rule for code, rule in report.rules.items() if code in codes] or list(
        report.rules.values()
    )
    index = {rule.code: number for number, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "zonelint",
                "version": zonelint.__version__,
                "semanticVersion": zonelint.__version__,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": [
            _result(report, finding, index, fingerprint)
            for finding, fingerprint in fingerprints(report.findings, report.twins, report.place_of)
        ],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    yield dumped(log, indent=1) + "\n"


def _rule(rule: Rule) -> dict[str, object]:
    """An entry of the table; the link leads to the standard that the rule holds records against."""
    sections = rule.sections()
    text = "\n\n".join(f"{heading}: {_flat(body)}" for heading, body in sections.items())
    markdown = "\n\n".join(
        f"**{heading}**\n\n{linked(body) if heading == 'References' else body}"
        for heading, body in sections.items()
    )
    entry: dict[str, object] = {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": _flat(sections.get("Why it matters", rule.summary))},
        "help": {"text": text, "markdown": markdown},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "tags": ["dns", "mail", rule.family.lower()],
            "section": rule.section,
            "needs": list(rule.needs.words),
            "fix": rule.fix.value,
        },
    }
    link = first(rule.section)
    if link is not None:
        entry["helpUri"] = link
    return entry


def _flat(text: str) -> str:
    return " ".join(text.split())


def _result(
    report: Report, finding: Finding, index: dict[str, int], fingerprint: str
) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": index[finding.code],
        "level": LEVELS[finding.severity],
        "message": {"text": decoded("\n".join((full_message(finding), *finding.found.detail)))},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(finding.span.path),
                    "region": _region(finding.span),
                },
                "logicalLocations": [
                    {
                        "fullyQualifiedName": decoded(f"{finding.owner} {finding.type}").strip(),
                        "kind": "resource",
                    }
                ],
            }
        ],
        "partialFingerprints": {"zonelint/v1": fingerprint},
        "properties": {"cause": finding.cause, "confidence": finding.confidence.value},
    }
    fix = _fix(report, finding)
    if fix is not None:
        result["fixes"] = [fix]
    return result


def _fix(report: Report, finding: Finding) -> dict[str, object] | None:
    """The change as replacements of the file's text, where it can be made there."""
    change = finding.change
    edits = report.edits(finding)
    if change is None or not edits or any(decoded(edit.text) != edit.text for edit in edits):
        # JSON cannot hold an octet that is no UTF-8: such a fix would write something else.
        return None
    files = grouped(
        (
            edit.span.path,
            {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}},
        )
        for edit in edits
    )
    kind = "safe fix" if change.safe else "proposal"
    return {
        "description": {"text": decoded(f"{change.reason} ({kind})")},
        "artifactChanges": [
            {"artifactLocation": _artifact(path), "replacements": made}
            for path, made in files.items()
        ],
    }


def _artifact(path: str) -> dict[str, object]:
    path = relative(path)
    # A colon in the first part of a relative reference would end a scheme (RFC 3986 §4.2).
    uri = quote(path.encode("utf-8", "surrogateescape"), safe="/._-~@+,=!$&'()*;")
    if path.startswith("/"):
        return {"uri": f"file://{uri}"}
    return {"uri": uri, "uriBaseId": "%SRCROOT%"}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _invocation(report: Report) -> dict[str, object]:
    notes: list[dict[str, object]] = [
        {
            "level": "note",
            "descriptor": {"id": each.code},
            "message": {
                "text": decoded(f"{each.code} is undecided for {each.owner}: it needs {each.needs}")
            },
        }
        for each in report.undecided
    ]
    notes += [
        {"level": "note", "message": {"text": decoded(f"The zones were judged by {each}.")}}
        for each in report.held_by
    ]
    notes += [
        {"level": "error", "message": {"text": decoded(str(problem))}}
        for problem in report.problems
    ]
    notes += [
        {
            "level": "error",
            "descriptor": {"id": crash.code},
            "message": {"text": decoded(crash_message(crash))},
        }
        for crash in report.crashes
    ]
    notes += [
        {"level": "note", "message": {"text": decoded(f"The change declares: {each}")}}
        for each in report.declared
    ]
    return {
        "executionSuccessful": not report.incomplete,
        "toolExecutionNotifications": notes,
    }
