"""Markdown for a comment on a pull request: what would break, the change, the undecided."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.formats.report import Page, Report, crash_message, pictured
from zonelint.formats.safe import plain
from zonelint.formats.text import summary
from zonelint.rules.finding import Finding, Severity

MOST = 50
"""Findings in full; a comment holds 65,536 characters at most."""

_HEADINGS = {
    Severity.ERROR: "What breaks mail",
    Severity.WARNING: "What puts mail at risk",
    Severity.INFO: "Worth knowing",
}


def render(report: Report, page: Page) -> Iterator[str]:
    """A heading for each severity, a diff for each change, details folded away."""
    yield f"## zonelint\n\n{summary(report, Page()).strip()}\n"
    for problem in report.problems:
        yield f"\n> **Could not be read:** {_code(problem.path)}: {_text(problem.message)}\n"
    for crash in report.crashes:
        yield f"\n> **Not complete:** {_text(crash_message(crash))}\n"
    shown = 0
    for severity, heading in _HEADINGS.items():
        listed = [finding for finding in report.findings if finding.severity is severity]
        if not listed:
            continue
        yield f"\n### {heading} ({len(listed)})\n"
        for finding in listed[: max(0, MOST - shown)]:
            yield from _finding(finding)
        hidden = len(listed) - max(0, min(len(listed), MOST - shown))
        shown += len(listed) - hidden
        if hidden:
            yield f"\n… and {hidden} more; `zonelint check` lists all of them.\n"
    yield from _undecided(report)


def _finding(finding: Finding) -> Iterator[str]:
    span = finding.span
    yield f"\n**{finding.code}** {_code(f'{span.path}:{span.line}')} {_text(finding.message)}.\n"
    if finding.advice:
        yield f"{_text(finding.advice)}\n"
    if finding.found.detail:
        yield from _fenced("", finding.found.detail)
    proposed = pictured(finding)
    if proposed is not None:
        kind = "Safe fix" if proposed.safe else "Proposal"
        yield f"\n{kind} for {_code(f'{finding.owner} {finding.type}')}:\n"
        lines = [f"- {record}" for record in proposed.before]
        lines += [f"+ {record}" for record in proposed.after]
        yield from _fenced("diff", lines)


def _fenced(language: str, lines: tuple[str, ...] | list[str]) -> Iterator[str]:
    text = "\n".join(plain(line).replace("\n", " ") for line in lines)
    fence = "```"
    while fence in text:
        fence += "`"
    yield f"\n{fence}{language}\n{text}\n{fence}\n"


def _undecided(report: Report) -> Iterator[str]:
    if not report.undecided:
        return
    yield f"\n<details><summary>Undecided ({len(report.undecided)})</summary>\n\n"
    for each in report.undecided[:MOST]:
        needs = ", ".join(each.missing) or "more than the zone"
        yield f"- **{each.code}** {_code(each.owner)} needs {_text(needs)}\n"
    if len(report.undecided) > MOST:
        yield f"- … and {len(report.undecided) - MOST} more\n"
    yield "\n</details>\n"


def _code(text: str) -> str:
    """The text as a code span, whatever backquotes it holds."""
    shown = plain(text).replace("\n", " ")
    fence = "`"
    while fence in shown:
        fence += "`"
    pad = " " if fence != "`" else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _text(text: str) -> str:
    """The text with nothing in it that Markdown, HTML or a mention would make something of."""
    shown = plain(text).replace("\n", " ")
    for special in "\\`*_[]<>|#@":
        shown = shown.replace(special, f"\\{special}" if special != "@" else "&#64;")
    return shown.replace("\\<", "&lt;").replace("\\>", "&gt;").replace("\\#", "#")
