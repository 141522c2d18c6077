"""Markdown for a comment on a pull request: what would break, the change, the undecided.

What a zone or a path holds must stay text there: no link, no image, no HTML, and nobody mentioned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from zonelint.formats.ending import summary
from zonelint.formats.report import (
    Page,
    Report,
    crash_message,
    full_message,
    other_places,
    pictured,
)
from zonelint.formats.safe import plain
from zonelint.rules.core.cause import CommonCause
from zonelint.rules.core.finding import Severity, needed
from zonelint.terminal import clean

MOST = 50
"""Causes in full."""
ROOM = 40_000
"""Characters for the findings: a comment holds 65,536 at most, headings and all."""
_NOTES, _MEANINGS, _UNDECIDED = 6_000, 10_000, 6_000
"""Characters for the other parts."""
LONGEST = 4_000
"""Characters of one line in a block of code."""

_HEADINGS = {
    Severity.ERROR: "What breaks mail",
    Severity.WARNING: "What puts mail at risk",
    Severity.INFO: "Worth knowing",
}


def render(report: Report, page: Page) -> Iterator[str]:
    """A heading for each severity, a diff for each change, details folded away."""
    yield f"## zonelint\n\n{summary(report, Page()).strip()}\n"
    notes = [
        f"\n> **Could not be read:** {code(problem.place)}: {prose(problem.message)}\n"
        for problem in report.problems
    ]
    notes += [f"\n> **Not complete:** {prose(crash_message(crash))}\n" for crash in report.crashes]
    yield from _within(notes, _NOTES, "\n> … and {} more.\n")
    shown = used = 0
    causes = report.causes
    for severity, heading in _HEADINGS.items():
        listed = [cause for cause in causes if cause.first.severity is severity]
        if not listed:
            continue
        number = sum(len(cause.findings) for cause in listed)
        yield f"\n### {heading} ({number:,})\n"
        hidden = 0
        for cause in listed:
            text = "".join(_cause(cause))
            if hidden or shown == MOST or used + len(text) > ROOM:
                hidden += 1
                continue
            shown += 1
            used += len(text)
            yield text
        if hidden:
            yield f"\n… and {hidden} more; `zonelint check` lists all of them.\n"
    yield from _meanings(report)
    if report.declared:
        yield "\n### What the change declares\n\n"
        lines = [f"- {code(each)}\n" for each in report.declared]
        yield from _within(lines, _NOTES, "- … and {} more\n")
    yield from _undecided(report)
    if report.held_by:
        yield "\nJudged by\n\n"
        lines = [f"- {code(str(each))}\n" for each in report.held_by]
        yield from _within(lines, _NOTES, "- … and {} more\n")


def _cause(cause: CommonCause) -> Iterator[str]:
    finding = cause.first
    span = finding.span
    # All in one line: a line that began with what a zone holds could begin a list or a heading.
    place = code(f"{span.path}:{span.line}")
    yield f"\n**{finding.code}** {place} {prose(full_message(finding))}\n"
    if cause.others:
        yield f"\nAlso at {prose(other_places(cause))}.\n"
    if finding.found.detail:
        yield from _fenced("", finding.found.detail)
    proposed = pictured(finding)
    if proposed is not None:
        kind = "Safe fix" if proposed.safe else "Proposal"
        yield f"\n{kind} for {code(f'{finding.owner} {finding.type}')}:\n"
        yield from _fenced("diff", proposed.signed)


def _meanings(report: Report) -> Iterator[str]:
    """What the change does, domain by domain."""
    if not report.meanings and not report.replays:
        return
    from zonelint.formats.meaning import blocks

    domains = [
        "".join((f"\n### What the change means for {prose(domain)}\n\n", *map(_point, lines)))
        for domain, lines in blocks(report.meanings, report.replays)
    ]
    yield from _within(domains, _MEANINGS, "\n… and what it means for {} more.\n")


def _point(line: str) -> str:
    indent = " " * (len(line) - len(line.lstrip()))
    return f"{indent}- {prose(line.lstrip())}\n"


def _within(pieces: Iterable[str], room: int, rest: str) -> Iterator[str]:
    """The first pieces, as many as there is room for, and how many are left out."""
    left_out = 0
    for piece in pieces:
        room -= len(piece)
        if left_out or room < 0:
            left_out += 1
        else:
            yield piece
    if left_out:
        yield rest.format(left_out)


def _fenced(language: str, lines: tuple[str, ...] | list[str]) -> Iterator[str]:
    cut = (line if len(line) <= LONGEST else f"{line[:LONGEST]} …" for line in lines)
    text = "\n".join(plain(line).replace("\n", " ") for line in cut)
    fence = "```"
    while fence in text:
        fence += "`"
    yield f"\n{fence}{language}\n{text}\n{fence}\n"


def _undecided(report: Report) -> Iterator[str]:
    if not report.undecided:
        return
    yield f"\n<details><summary>Undecided ({len(report.undecided)})</summary>\n\n"
    points = [
        f"- **{each.code}** {code(each.owner)} needs {prose(clean(needed(each.missing, 3)))}\n"
        for each in report.undecided
    ]
    yield from _within(points, _UNDECIDED, "- … and {} more\n")
    yield "\n</details>\n"


def code(text: str) -> str:
    """The text as a code span, whatever backquotes it holds."""
    shown = plain(text).replace("\n", " ")
    fence = "`"
    while fence in shown:
        fence += "`"
    pad = " " if fence != "`" else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


_SPECIAL = re.compile(r"[\\`*_\[\]|~]")
_REFERENCE = re.compile(r"(?<!\w)([@#!&])(?=\w)")
_WORD_JOINER = "\u2060"


_QUOTED = re.compile(r"`([^`\n]+)`")


def prose(text: str) -> str:
    """The text with what stands in backquotes as code, and nothing else that Markdown, HTML or a
    mention would make something of."""
    pieces = _QUOTED.split(plain(text).replace("\n", " "))
    return "".join(
        code(piece) if number % 2 else _escaped(piece) for number, piece in enumerate(pieces)
    )


def _escaped(text: str) -> str:
    """The text as text.

    Mentions (`@name`) and references (`#12`) are looked for in the page that was made of the
    Markdown, so no escape stops them: a character without width behind the sign does.
    """
    shown = _REFERENCE.sub(lambda match: match[1] + _WORD_JOINER, text)
    shown = _SPECIAL.sub(lambda match: f"\\{match[0]}", shown)
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
