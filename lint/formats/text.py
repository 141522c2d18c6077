"""The report for people: each finding with its line of source, what to do, and what to write.

zones/example.com.zone:27:39: error SPF201 spf-pass-all: `+all` lets anyone send as …
   |
27 | @       604800  IN  TXT    "v=spf1 mx +all"
   |                                       ^^^^
   = help: …
   = proposal:
     - example.com. 604800 TXT "v=spf1 mx +all"
     + example.com. 604800 TXT "v=spf1 mx -all"

What changes is in bold, and lines of source are cut to the width of the page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from zonelint.formats.ending import (
    failed_by,
    failing_quietly,
    held_by,
    summary,
    twin_of,
    undecided,
)
from zonelint.formats.report import ChangeLines, Page, Report, other_places, pictured
from zonelint.formats.snippet import flow, snippet
from zonelint.grammars.listing import counted, some
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.baseline import BaselineKey
from zonelint.rules.core.cause import CommonCause
from zonelint.rules.core.finding import Confidence, Finding, Severity
from zonelint.terminal import clean, inks

MANY = 40
"""Causes up to which all of them are shown."""
ALIKE = 3
"""Causes of severity info and one rule that are shown where there are many in all."""


def render(report: Report, page: Page) -> Iterator[str]:
    """The findings (or only their counts), the undecided, and one line that sums up."""
    if page.statistics:
        yield from _statistics(report)
    else:
        show = _CauseBlock(report, page)
        causes = report.causes
        held_back = _count_hidden(causes)
        shown: Counter[str] = Counter()
        for cause in causes:
            finding = cause.first
            if finding.severity is Severity.INFO and finding.code in held_back:
                shown[finding.code] += 1
                if shown[finding.code] > ALIKE:
                    continue
            yield show(cause)
        if not page.quiet:
            yield from _more(report, held_back)
    if page.quiet:
        yield from failing_quietly(report, page)
        return
    yield from _meanings(report, page)
    yield from undecided(report, page, report.undecided)
    yield from _declared(report, page)
    yield from _expired(report)
    yield from _inferred(report, page)
    yield from _errors_again(report, page)
    yield from held_by(report, page)
    yield summary(report, page)
    yield from failed_by(report, page)


def _inferred(report: Report, page: Page) -> Iterator[str]:
    """What a declaration would add, where findings rest on what the records show."""
    number = sum(1 for finding in report.findings if finding.confidence is Confidence.INFERRED)
    if number:
        told = (
            f"{counted(number, 'finding is', 'findings are')} inferred from the records; once "
            "'zonelint init' has written this to zonelint.toml and you have reviewed it, the "
            "records of every service are checked and proposed."
        )
        yield flow([(told, "")], page) + "\n"


MANY_FOR_A_SCREEN = 10
"""Causes above which those that are errors are named once more at the end, so many of them."""


def _errors_again(report: Report, page: Page) -> Iterator[str]:
    """Where the errors are, in view when the run has ended; nothing where all is in view."""
    causes = [] if page.statistics else report.causes
    errors = [cause for cause in causes if cause.first.severity is Severity.ERROR]
    if len(causes) <= MANY_FOR_A_SCREEN or not errors:
        return
    yield "The errors once more:\n"
    for cause in errors[:MANY_FOR_A_SCREEN]:
        finding, span = cause.first, cause.first.span
        more = f" and {counted(len(cause.others), 'more place')}" if cause.others else ""
        place = f"{clean(span.path)}:{span.line}:{span.column}"
        owner = clean(without_dot(finding.owner))
        code = (f"error {finding.code}", "error")
        yield flow([(place, "bold"), (": ", ""), code, (f" {owner}{more}", "")], page)
    if len(errors) > MANY_FOR_A_SCREEN:
        yield f"{counted(len(errors) - MANY_FOR_A_SCREEN, 'more error')} above\n"
    yield "\n"


def _count_hidden(causes: Sequence[CommonCause]) -> dict[str, int]:
    """How many causes of severity info are not shown, by code, so that others are seen.

    None where there are few, or where one rule alone was asked for.
    """
    if len(causes) <= MANY or len({cause.first.code for cause in causes}) == 1:
        return {}
    firsts = (cause.first for cause in causes)
    counts = Counter(finding.code for finding in firsts if finding.severity is Severity.INFO)
    return {code: count - ALIKE for code, count in counts.items() if count > ALIKE}


def _more(report: Report, held_back: dict[str, int]) -> Iterator[str]:
    for code, count in sorted(held_back.items()):
        rule = report.rules[code]
        yield f"info {code} {rule.name}: {count} more like this; --select {code} shows all\n"
    if held_back:
        yield "\n"


class _CauseBlock:
    """Shows one cause after the other, each by its first finding."""

    def __init__(self, report: Report, page: Page) -> None:
        self.line = report.line
        self.page = page
        self.ink = inks(page.colour)

    def __call__(self, cause: CommonCause) -> str:
        finding = cause.first
        header = self.header(finding)
        return header if self.page.quiet else "".join((header, *self._body(cause), "\n"))

    def header(self, finding: Finding) -> str:
        """Place, severity, code and message."""
        span, rule = finding.span, finding.rule
        return flow(
            [
                (f"{clean(span.path)}:{span.line}:{span.column}", "bold"),
                (": ", ""),
                (f"{finding.severity.value} {rule.code}", finding.severity.value),
                (f" {rule.name}: ", ""),
                (clean(finding.message), "bold"),
            ],
            self.page,
        )

    def _body(self, cause: CommonCause) -> Iterator[str]:
        """The line of source, what to do, the other places and the change."""
        finding, ink = cause.first, self.ink
        found, bold, end = finding.found, ink["bold"], ink["end"]
        gutter = " " * len(str(found.span.line))
        yield from self._source(finding, gutter)
        if found.advice:
            yield self._note(gutter, "help", found.advice)
        yield from (f"{gutter}   {clean(line)}\n" for line in found.detail)
        if cause.others:
            yield self._note(gutter, "also", other_places(cause))
        change = pictured(finding)
        if change is not None:
            kind = "fix" if change.safe else "proposal"
            yield f"{gutter} {ink['edge']}={end} {bold}{kind}{end}:\n"
            yield from (f"{gutter}   {line}\n" for line in _record_lines(change, self.page))

    def _source(self, finding: Finding, gutter: str) -> Iterator[str]:
        """The line of source with its gutter, within the width, and the carets."""
        span = finding.span
        source = self.line(span.path, span.line)
        if source is None:
            return
        edge, kind, end = self.ink["edge"], self.ink[finding.severity.value], self.ink["end"]
        several = span.end_line > span.line
        last = len(source) + 1 if several else span.end_column
        more = f" … to line {span.end_line}" if several else ""
        width = self.page.width - len(gutter) - len(" | ")
        shown = snippet(source, span.column, last, width)
        carets = "^" * max(min(shown.carets, width - shown.indent - len(more)), 1)
        yield f"{gutter} {edge}|{end}\n"
        yield f"{edge}{span.line} |{end} {clean(shown.text)}\n"
        yield f"{gutter} {edge}|{end} {' ' * shown.indent}{kind}{carets}{more}{end}\n"

    def _note(self, gutter: str, word: str, text: str) -> str:
        pieces = [(f"{gutter} ", ""), ("=", "edge"), (" ", ""), (word, "bold")]
        return flow([*pieces, (f": {clean(text)}", "")], self.page, f"{gutter}   ")


MOST_COMPARED = 400
"""Words of a record up to which what changes in it is sought word by word."""

_WORD = re.compile(r"[^\s;\"]+|[\s;\"]+")


def _record_lines(change: ChangeLines, page: Page) -> Iterator[str]:
    """What goes and what comes, whole records; what changes in them is in bold.

    On a terminal what stays is left out of a long line that goes: nobody copies that one.
    """
    ink = inks(page.colour)
    pairs = [_compared(clean(before), clean(after)) for before, after in change.pairs]
    for kind, sign, side in (("gone", "-", 0), ("new", "+", 1)):
        for pair in pairs:
            marked = pair[side]
            if page.wraps and sign == "-" and sum(len(text) for text, _ in marked) > page.width:
                marked = _without_what_stays(marked)
            if marked:
                parts = "".join(
                    f"{ink['bold']}{text}{ink['plain']}" if is_new else text
                    for text, is_new in marked
                )
                yield f"{ink[kind]}{sign} {parts}{ink['end']}"


KEPT = 24
"""Characters that are kept on either side of what changes in a long line."""


def _without_what_stays(marked: Marked) -> Marked:
    """The line with … for the middle of each long stretch that stays; whole where none changes."""
    if not any(is_new for _, is_new in marked):
        return marked
    return [
        (text if is_new or len(text) <= 3 * KEPT else _ends_of(text), is_new)
        for text, is_new in marked
    ]


def _ends_of(text: str) -> str:
    """The first and the last words of a long text."""
    head = text[:KEPT].rpartition(" ")[0] or text[:KEPT]
    tail = text[-KEPT:].partition(" ")[2] or text[-KEPT:]
    return f"{head} … {tail}"


Marked = list[tuple[str, bool]]
"""A line in pieces, each with whether it changes."""


def _compared(before: str, after: str) -> tuple[Marked, Marked]:
    """Both lines in pieces; where only one is, nothing in it stands out."""
    if not before or not after:
        return ([(before, False)] if before else []), ([(after, False)] if after else [])
    old, new = _WORD.findall(before), _WORD.findall(after)
    goes: Marked = []
    comes: Marked = []
    for kind, a, b, c, d in _opcodes(old, new):
        if b > a:
            goes.append(("".join(old[a:b]), kind != "equal"))
        if d > c:
            comes.append(("".join(new[c:d]), kind != "equal"))
    return goes, comes


def _opcodes(old: list[str], new: list[str]) -> Sequence[tuple[str, int, int, int, int]]:
    from difflib import SequenceMatcher

    from zonelint.rules.offers.amended import shared_ends

    if len(old) + len(new) <= MOST_COMPARED:
        return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    head, tail = shared_ends(old, new)
    return [
        ("equal", 0, head, 0, head),
        ("replace", head, len(old) - tail, head, len(new) - tail),
        ("equal", len(old) - tail, len(old), len(new) - tail, len(new)),
    ]


def _meanings(report: Report, page: Page) -> Iterator[str]:
    """What the change does, domain by domain."""
    if not report.meanings and not report.replays:
        return
    from zonelint.formats.meaning import blocks

    ink = inks(page.colour)
    for domain, lines in blocks(report.meanings, report.replays):
        yield f"{ink['bold']}the change{ink['end']} at {clean(domain)}:\n"
        yield from (flow([(f"  {clean(line)}", "")], page, "    ") for line in lines)
        yield "\n"


def _statistics(report: Report) -> Iterator[str]:
    """How often each rule found something, the most frequent first."""
    counts = Counter(finding.rule.code for finding in report.findings)
    if not counts:
        return
    width = len(str(max(counts.values())))
    for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        rule = report.rules[code]
        yield f"{count:>{width}}  {code:<9} {rule.name:<30} {_severities(report, code)}\n"
    yield "\n"


def _severities(report: Report, code: str) -> str:
    given = {finding.severity for finding in report.findings if finding.rule.code == code}
    return ", ".join(str(each) for each in sorted(given, key=lambda each: -each.rank))


def _named(entry: BaselineKey) -> str:
    """An entry of a baseline for people."""
    where = f" in {entry.zone}" if entry.zone else ""
    return f"{entry.code} for {entry.owner} {entry.type}{where}"


def _declared(report: Report, page: Page) -> Iterator[str]:
    """What the change says in the configuration and the lock, which counts as it says."""
    if report.declared:
        yield "the change declares:\n"
        shown = report.declared[:MANY]
        yield from (flow([(f"  {clean(each)}", "")], page, "    ") for each in shown)
        if len(report.declared) > MANY:
            yield f"  and {len(report.declared) - MANY} more\n"
        yield "\n"


def _expired(report: Report) -> Iterator[str]:
    gone = [each for each in report.expired if not twin_of(report, each)]
    if gone:  # what may be about any of several zones is told in the summary
        entries = clean(some(_named(each) for each in gone))
        yield (
            f"in the baseline, but no longer found: {entries}: remove them, or write it again "
            "with --write-baseline\n\n"
        )
