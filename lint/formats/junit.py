"""JUnit XML: a suite for each file, a case for each finding, one passed case if clean.

A case fails where its finding fails the run; any other passes and tells what was found.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from zonelint.formats.report import Page, Report, change_lines, crash_message, full_message
from zonelint.formats.safe import plain
from zonelint.grammars.listing import grouped
from zonelint.rules.core.finding import Finding


def render(report: Report, page: Page) -> Iterator[str]:
    """Undecided rules are skipped cases; what could not be read or judged is an error."""
    suites = grouped((finding.span.path, finding) for finding in report.findings)
    failures = sum(report.is_failing(finding) for finding in report.findings)
    errors = len(report.problems) + len(report.crashes)
    skipped = len(report.undecided)
    cases = len(report.findings) + errors + skipped or 1
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites name="zonelint" tests="{cases}" failures="{failures}" errors="{errors}">\n'
    for path, findings in suites.items():
        failed = sum(report.is_failing(finding) for finding in findings)
        yield (
            f'  <testsuite name={_attribute(path)} tests="{len(findings)}" '
            f'failures="{failed}" errors="0" skipped="0" time="0">\n'
        )
        for finding in findings:
            yield from _case(finding, fails=report.is_failing(finding))
        yield "  </testsuite>\n"
    is_clean = not errors and not skipped and not report.findings
    if errors or skipped or is_clean or report.declared or report.held_by:
        rest = errors + skipped + is_clean
        yield (
            f'  <testsuite name="zonelint" tests="{rest}" failures="0" errors="{errors}" '
            f'skipped="{skipped}" time="0">\n'
        )
        yield from _properties(report)
        yield from _others(report)
        if is_clean:
            name = "clean" if report.zones else "no DNS records here"
            yield f'    <testcase name="{name}" classname="zonelint" time="0"/>\n'
        yield "  </testsuite>\n"
    yield "</testsuites>\n"


def _case(finding: Finding, *, fails: bool) -> Iterator[str]:
    span = finding.span
    name = f"{finding.code} {finding.name} {finding.owner} {finding.type}".strip()
    place = f"{span.path}:{span.line}:{span.column}"
    lines = (place, full_message(finding), *finding.found.detail, *change_lines(finding))
    text = "\n".join(plain(line).replace("\n", " ") for line in lines)
    yield f'    <testcase name={_attribute(name)} classname={_attribute(span.path)} time="0">\n'
    if fails:
        yield (
            f"      <failure message={_attribute(finding.message)} "
            f'type="{finding.severity}">{escape(text)}</failure>\n'
        )
    else:
        yield f"      <system-out>{escape(f'{finding.severity}: {text}')}</system-out>\n"
    yield "    </testcase>\n"


def _others(report: Report) -> Iterator[str]:
    for problem in report.problems:
        yield f'    <testcase name={_attribute(problem.place)} classname="zonelint" time="0">\n'
        yield f'      <error message={_attribute(problem.message)} type="unreadable"/>\n'
        yield "    </testcase>\n"
    for crash in report.crashes:
        yield f'    <testcase name={_attribute(crash.code)} classname="zonelint" time="0">\n'
        yield f'      <error message={_attribute(crash_message(crash))} type="crash"/>\n'
        yield "    </testcase>\n"
    for each in report.undecided:
        name = f"{each.code} {each.owner}"
        yield f'    <testcase name={_attribute(name)} classname="undecided" time="0">\n'
        yield f"      <skipped message={_attribute(f'needs {each.needs}')}/>\n"
        yield "    </testcase>\n"


def _properties(report: Report) -> Iterator[str]:
    """The files that the zones were judged by, and what the change declares in them."""
    properties = [(each.kind, str(each)) for each in report.held_by]
    properties += [("declared", words) for words in report.declared]
    if properties:
        yield "    <properties>\n"
        for name, value in properties:
            yield f'      <property name="{name}" value={_attribute(value)}/>\n'
        yield "    </properties>\n"


def _attribute(text: str) -> str:
    return quoteattr(plain(text))
