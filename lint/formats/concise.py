"""One line a cause, for people with many of them and for editors that jump to places.

zones/example.com.zone:27:39: error SPF201 `+all` lets every host in the world send as example.com
"""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.formats.ending import (
    declared,
    failed_by,
    failing_quietly,
    held_by,
    summary,
    undecided,
)
from zonelint.formats.report import Page, Report
from zonelint.grammars.listing import counted
from zonelint.rules.core.cause import CommonCause
from zonelint.terminal import clean, inks


def render(report: Report, page: Page) -> Iterator[str]:
    """The causes by their places; how the run ended, unless only findings are wanted."""
    for cause in report.causes:
        yield _line(cause, page)
    if page.quiet:
        yield from failing_quietly(report, page)
    else:
        yield from undecided(report, page, report.undecided)
        yield from declared(report, page)
        yield from held_by(report, page)
        yield summary(report, page)
        yield from failed_by(report, page)


def _line(cause: CommonCause, page: Page) -> str:
    finding, ink = cause.first, inks(page.colour)
    span = finding.span
    kind, bold, end = ink[finding.severity.value], ink["bold"], ink["end"]
    more = f" (and {counted(len(cause.others), 'more place')})" if cause.others else ""
    return (
        f"{bold}{clean(span.path)}:{span.line}:{span.column}{end}: "
        f"{kind}{finding.severity.value} {finding.code}{end} {clean(finding.message)}{more}\n"
    )
