"""The report for people: each finding with its line of source, what to do, and what to write.

zones/example.com.zone:27:39: error SPF201 spf-pass-all: `+all` lets anyone send as …
   |
27 | @       604800  IN  TXT    "v=spf1 mx +all"
   |                                       ^^^^
   = help: …
   = proposal:
     - "v=spf1 mx +all"
     + "v=spf1 mx -all"
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from zonelint.formats.report import Page, Proposal, Report, other_places, pictured
from zonelint.formats.snippet import snippet
from zonelint.rules.core.baseline import BaselineKey
from zonelint.rules.core.cause import CommonCause
from zonelint.rules.core.finding import Confidence, Severity
from zonelint.rules.model.remedy import remedy
from zonelint.terminal import clean

MANY = 40
"""Causes up to which all of them are shown."""
ALIKE = 3
"""Causes of severity info and one rule that are shown where there are many in all."""
SHOWN = 3
"""Names in a line about what is undecided; the rest is counted."""

_SGR = {
    Severity.ERROR: "\x1b[1;31m",
    Severity.WARNING: "\x1b[1;33m",
    Severity.INFO: "\x1b[1;36m",
    "bold": "\x1b[1m",
    "edge": "\x1b[34m",
    "gone": "\x1b[31m",
    "new": "\x1b[32m",
    "end": "\x1b[0m",
}
_PLAIN = dict.fromkeys(_SGR, "")


def render(report: Report, page: Page) -> Iterator[str]:
    """The findings (or only their counts), the undecided, and one line that sums up."""
    if page.statistics:
        yield from _statistics(report)
    else:
        show = _Finding(report, page)
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
        yield from _more(report, held_back)
    yield from _meanings(report, page)
    yield from _undecided(report, page)
    yield from _declared(report)
    yield from _expired(report)
    yield from _inferred(report)
    yield from held_by(report)
    yield summary(report, page)


def held_by(report: Report) -> Iterator[str]:
    """One line: the files that the zones were judged by, and what those take out."""
    if report.held_by:
        files = [clean(str(each)) for each in report.held_by[:MANY]]
        if len(report.held_by) > MANY:
            files.append(f"{len(report.held_by) - MANY} more")
        yield f"Judged by {', '.join(files)}.\n"


def _inferred(report: Report) -> Iterator[str]:
    """What a declaration would add, where findings rest on what the records show."""
    number = sum(1 for finding in report.findings if finding.confidence is Confidence.INFERRED)
    if number:
        yield (
            f"{_count(number, 'finding is', 'findings are')} inferred from what the records show; "
            "once 'zonelint init' has written it into zonelint.toml and you have read it, the "
            "records of every service are judged, and proposed.\n"
        )


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


class _Finding:
    """Shows one cause after the other, each by its first finding."""

    def __init__(self, report: Report, page: Page) -> None:
        self.line = report.line
        self.width = page.width
        self.ink = _SGR if page.colour else _PLAIN

    def __call__(self, cause: CommonCause) -> str:
        ink = self.ink
        finding = cause.first
        found, rule, span = finding.found, finding.rule, finding.found.span
        bold, edge, end = ink["bold"], ink["edge"], ink["end"]
        kind = ink[finding.severity]
        gutter = " " * len(str(span.line))
        parts = [
            f"{bold}{clean(span.path)}:{span.line}:{span.column}{end}: "
            f"{kind}{finding.severity.value} {rule.code}{end} {rule.name}: "
            f"{bold}{clean(found.message)}{end}\n"
        ]
        source = self.line(span.path, span.line)
        if source is not None:
            several = span.end_line > span.line
            last = len(source) + 1 if several else span.end_column
            shown = snippet(source, span.column, last, self.width)
            more = f" … to line {span.end_line}" if several else ""
            parts.append(
                f"{gutter} {edge}|{end}\n"
                f"{edge}{span.line} |{end} {clean(shown.text)}\n"
                f"{gutter} {edge}|{end} {' ' * shown.indent}{kind}{'^' * shown.carets}{more}{end}\n"
            )
        lead = f"{gutter} {edge}={end} "
        if found.advice:
            parts.append(f"{lead}{bold}help{end}: {clean(found.advice)}\n")
        parts.extend(f"{gutter}   {clean(line)}\n" for line in found.detail)
        if cause.others:
            places = clean(other_places(cause))
            parts.append(f"{lead}{bold}also{end}: {places}\n")
        proposed = pictured(finding)
        if proposed is not None:
            parts.append(f"{lead}{bold}{'fix' if proposed.safe else 'proposal'}{end}:\n")
            parts.extend(self._records(proposed, gutter))
        parts.append("\n")
        return "".join(parts)

    def _records(self, proposed: Proposal, gutter: str) -> Iterator[str]:
        ink = self.ink
        for record in proposed.before:
            yield f"{gutter}   {ink['gone']}- {clean(record)}{ink['end']}\n"
        for record in proposed.after:
            yield f"{gutter}   {ink['new']}+ {clean(record)}{ink['end']}\n"


def _meanings(report: Report, page: Page) -> Iterator[str]:
    """What the change does, domain by domain."""
    if not report.meanings and not report.replays:
        return
    from zonelint.formats.meaning import blocks

    ink = _SGR if page.colour else _PLAIN
    for domain, lines in blocks(report.meanings, report.replays):
        yield f"{ink['bold']}the change{ink['end']} at {clean(domain)}:\n"
        yield from (f"  {clean(line)}\n" for line in lines)
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


def _undecided(report: Report, page: Page) -> Iterator[str]:
    """One line a rule: where it could not decide, and what it would have to know."""
    ink = _SGR if page.colour else _PLAIN
    owners: dict[str, list[str]] = {}
    missing: dict[str, list[str]] = {}
    for each in report.undecided:
        owners.setdefault(each.code, []).append(each.owner)
        missing.setdefault(each.code, []).extend(each.missing)
    for code, places in owners.items():
        rule = report.rules[code]
        what = remedy(rule, missing[code])
        yield (
            f"{ink['bold']}undecided{ink['end']} {code} {rule.name} for {some(places)}"
            f" needs {some(missing[code]) or 'more than the zone'}{f': {what}' if what else ''}\n"
        )
    if owners:
        yield "\n"


def _named(entry: BaselineKey) -> str:
    """An entry of a baseline for people."""
    where = f" in {entry.zone}" if entry.zone else ""
    return f"{entry.code} for {entry.owner} {entry.type}{where}"


def _declared(report: Report) -> Iterator[str]:
    """What the change says in the configuration and the lock, which counts as it says."""
    if report.declared:
        yield "the change declares:\n"
        yield from (f"  {clean(each)}\n" for each in report.declared[:MANY])
        if len(report.declared) > MANY:
            yield f"  and {len(report.declared) - MANY} more\n"
        yield "\n"


def _expired(report: Report) -> Iterator[str]:
    if report.expired:
        entries = some(_named(each) for each in report.expired)
        yield (
            f"in the baseline, but not found any more: {entries}: take them out, or write it anew "
            "with --write-baseline\n\n"
        )


def some(names: Iterable[str]) -> str:
    """The first names, and how many there are besides."""
    distinct = list(dict.fromkeys(names))
    shown = ", ".join(clean(name) for name in distinct[:SHOWN])
    rest = len(distinct) - SHOWN
    return f"{shown} and {rest} more" if rest > 0 else shown


def summary(report: Report, page: Page) -> str:
    """One line that sums the run up."""
    ink = _SGR if page.colour else _PLAIN
    causes = len(report.causes)
    of_causes = f" of {_count(causes, 'cause')}" if causes < len(report.findings) else ""
    where = f"in {_count(report.zones, 'zone')}, {_count(report.records, 'record')}"
    counts = report.counts
    if not report.zones and not report.incomplete and not counts:
        return "No DNS records here.\n"
    if counts:
        words = [
            f"{ink[severity]}{_count(counts[severity], severity.value)}{ink['end']}"
            for severity in sorted(counts, key=lambda each: -each.rank)
        ]
        what = ", ".join(words) + of_causes
    else:
        doubtful = report.undecided or report.incomplete or report.suppressed or report.hidden
        what = "Nothing found" if doubtful else "Clean"
        if report.known or report.standing:
            what = "Nothing new"
    notes = list(_notes(report))
    return f"{what} {where}{'; ' if notes else ''}{', '.join(notes)}.\n"


def _notes(report: Report) -> Iterator[str]:
    safe = sum(1 for f in report.findings if f.change is not None and f.change.safe)
    proposed = sum(1 for f in report.findings if f.change is not None and not f.change.safe)
    if safe:
        yield _count(safe, "safe fix", "safe fixes")
    if proposed:
        yield _count(proposed, "proposal")
    if report.undecided:
        yield f"{len(report.undecided)} undecided"
    if report.suppressed:
        yield f"{report.suppressed} suppressed"
    if report.standing:
        yield f"{report.standing} not of this change"
    if report.known:
        yield f"{report.known} in the baseline"
    if report.expired:
        gone = _count(len(report.expired), "baseline entry", "baseline entries")
        yield f"{gone} not found any more"
    if report.hidden:
        yield f"{report.hidden} below the least severity shown"
    if report.problems:
        yield f"{len(report.problems)} could not be read"
    if report.crashes:
        yield f"{_count(len(report.crashes), 'failure')} of rules"


def _count(number: int, word: str, plural: str | None = None) -> str:
    return f"{number:,} {word if number == 1 else plural or word + 's'}"
