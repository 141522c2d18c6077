"""The evidence as one page that stands for itself: no script, no style sheet, nothing to load."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from zonelint.formats.reports.chart import by_day, by_source
from zonelint.formats.reports.summary import (
    TLS_REASONS,
    Domain,
    ReportsPage,
    SourceRow,
    Transport,
    foremost,
    key_name,
    together,
)
from zonelint.grammars.listing import counted, some
from zonelint.rules.evidence.evidence import SelectorEvidence
from zonelint.rules.evidence.readiness import percent
from zonelint.rules.evidence.transport import FailureEvidence
from zonelint.terminal import clean

MOST_SOURCES = 500
MOST_KEYS = 100
MOST_VERDICTS = 50
MOST_UNREAD = 200

_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --dim: #59636e; --page: #ffffff; --line: #d1d9e0;
  --good: #0969da; --bad: #d4630a; --share: #1f2328; }
@media (prefers-color-scheme: dark) { :root { --ink: #f0f6fc; --dim: #9198a1; --page: #0d1117;
  --line: #3d444d; --good: #4493f8; --bad: #f0883e; --share: #f0f6fc; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.25rem; margin-top: 3rem; }
h3 { font-size: 1rem; margin-bottom: .25rem; }
.verdict { border-left: 4px solid var(--bad); padding: .25rem .75rem; }
.verdict.ready { border-color: var(--good); }
.facts { color: var(--dim); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: break-word; }
th { white-space: nowrap; } .number { text-align: right; white-space: nowrap; }
svg { width: 100%; min-width: 36rem; height: auto; }
svg text { fill: var(--dim); font: 11px system-ui, sans-serif; }
.good { fill: var(--good); } .bad { fill: var(--bad); } .axis { stroke: var(--line); }
.share { stroke: var(--share); fill: none; stroke-width: 1.5; }
.dot { fill: var(--share); }
.key::before { content: ""; display: inline-block; width: .8em; height: .8em; margin: 0 .3em 0 1em;
  background: var(--good); } .key.lost::before { background: var(--bad); }
.key.line::before { height: 2px; vertical-align: middle; background: var(--share); }
@media (max-width: 40rem) { td:last-child { min-width: 14rem; } }
""".strip()

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render(page: ReportsPage) -> Iterator[str]:
    """The page: a table of the domains, then each with its charts and its sources."""
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>What the reports prove</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n"
        "<h1>What the reports prove</h1>\n"
    )
    yield from _verdicts(page)
    yield from _overview(page)
    for number, domain in enumerate(page.domains):
        yield from _domain(domain, number)
    for transport in page.tls:
        yield from _transport(transport)
    for evidence in page.failures:
        yield from _failures(evidence)
    yield from _unread(page)
    yield "</body>\n</html>\n"


def _verdicts(page: ReportsPage) -> Iterator[str]:
    """What the page has to say, before anything else: a sentence a domain."""
    for number, domain in enumerate(page.domains[:MOST_VERDICTS]):
        yield (
            f'<p class="verdict{_ready(domain)}"><a href="#d{number}">{_text(domain.name)}</a>: '
            f"{_text(domain.verdict)}{_text(_foremost_reason(domain))}</p>\n"
        )
    for transport in page.tls[:MOST_VERDICTS]:
        ready = " ready" if transport.is_ready else ""
        yield (
            f'<p class="verdict{ready}">{_text(transport.evidence.domain)}, TLS: '
            f"{_text(transport.verdict)}</p>\n"
        )


def _phase(domain: Domain) -> str:
    """The next phase and whether it may be taken, in a word."""
    if domain.next_phase is None:
        return "none" if domain.policy.p == "reject" else "not given"
    return f"p={domain.next_phase}, {'ready' if domain.is_ready else 'not ready'}"


def _ready(domain: Domain) -> str:
    return " ready" if domain.is_ready or domain.policy.p == "reject" else ""


def _foremost_reason(domain: Domain) -> str:
    """Why the source fails that loses the most, where the domain is not ready."""
    if not domain.next_phase or domain.is_ready:
        return ""
    failing = [source for source in domain.sources if source.reasons]
    worst = max(failing, key=lambda source: source.evidence.tally.unaligned, default=None)
    if worst is None:
        return ""
    return f" {worst.evidence.address or 'A source that is not given'} fails: {worst.reasons[0]}."


def _overview(page: ReportsPage) -> Iterator[str]:
    if not page.domains:
        return
    more = f", {counted(page.duplicates, 'duplicate')} left out" if page.duplicates else ""
    yield f'<p class="facts">{counted(page.reports, "report")} counted{more}.</p>\n'
    yield from _table(
        ("Domain", "Policy", "-Days", "-Messages", "-Aligned", "Next phase"),
        (
            (
                f'<a href="#d{number}">{_text(domain.name)}</a>',
                _text(f"p={domain.policy.p or 'not given'}"),
                str(domain.under),
                f"{domain.tally.messages:,}",
                percent(domain.tally.share),
                _text(_phase(domain)),
            )
            for number, domain in enumerate(page.domains)
        ),
    )


def _domain(domain: Domain, number: int) -> Iterator[str]:
    since = "" if domain.since is None else f" since {domain.since} or earlier"
    yield (
        f'<section>\n<h2 id="d{number}">{_text(domain.name)}</h2>\n'
        f'<p class="verdict{_ready(domain)}">{_text(domain.verdict)}</p>\n'
        f'<p class="facts">p={_text(domain.policy.p or "not given")}{since}, '
        f"{counted(domain.under, 'day')} of reports under it. "
        f"{counted(domain.tally.messages, 'message')} from {domain.first} to {domain.last}, "
        f"{percent(domain.tally.share)} aligned; "
        f"reported by {_text(some(domain.receivers, 8))}.</p>\n"
    )
    yield (
        '<h3>Alignment over time</h3>\n<p class="facts"><span class="key">aligned</span>'
        '<span class="key lost">not aligned</span><span class="key line">share</span></p>\n'
    )
    yield by_day(domain.days)
    if domain.sources:
        yield "<h3>Alignment by source</h3>\n"
        yield by_source(domain.sources)
        yield from _sources(domain.sources)
    if domain.keys:
        yield "<h3>DKIM keys</h3>\n"
        yield from _keys(domain.keys)
    yield "</section>\n"


def _sources(sources: Sequence[SourceRow]) -> Iterator[str]:
    shown, rest = foremost(sources, MOST_SOURCES)
    yield from _table(
        ("Source", "-Messages", "-Aligned", "-DKIM", "-SPF", "Why it fails", "Explained by"),
        (_source(source) for source in shown),
    )
    if rest:
        tally = together(rest)
        yield (
            f'<p class="facts">{counted(len(rest), "more source")} with '
            f"{counted(tally.messages, 'message')}, {percent(tally.share)} aligned; "
            "the formats csv and json have all of them.</p>\n"
        )


def _source(source: SourceRow) -> tuple[str, ...]:
    seen, tally = source.evidence, source.evidence.tally
    messages = tally.messages or 1
    return (
        _text(seen.address or "not given"),
        f"{tally.messages:,}",
        percent(tally.share),
        percent(tally.dkim_aligned / messages),
        percent(tally.spf_aligned / messages),
        "<br>".join(map(_text, source.reasons)),
        _text(source.explained or "nothing"),
    )


def _keys(keys: Sequence[SelectorEvidence]) -> Iterator[str]:
    yield from _table(
        ("Key", "-Messages", "-Verified", "First seen", "Last seen", "Last verified"),
        (
            (
                _text(key_name(key)),
                f"{key.messages:,}",
                percent(key.passed / (key.messages or 1)),
                str(key.first_seen),
                str(key.last_seen),
                "never" if key.last_passed is None else str(key.last_passed),
            )
            for key in keys[:MOST_KEYS]
        ),
    )
    if len(keys) > MOST_KEYS:
        yield f'<p class="facts">{counted(len(keys) - MOST_KEYS, "more key")}.</p>\n'


def _transport(transport: Transport) -> Iterator[str]:
    seen = transport.evidence
    ready = " ready" if transport.is_ready else ""
    yield (
        f"<section>\n<h2>{_text(seen.domain)}: TLS reports</h2>\n"
        f'<p class="verdict{ready}">{_text(transport.verdict)}</p>\n'
        f'<p class="facts">{counted(seen.reports, "report")} from {seen.first} to {seen.last}; '
        f"{seen.succeeded:,} sessions succeeded, {seen.failed:,} failed; "
        f"reported by {_text(some(seen.senders, 8))}.</p>\n"
    )
    if seen.failures:
        yield from _table(
            ("Host", "-Sessions", "Reason", "Which means"),
            (
                (
                    _text(each.host or "not given"),
                    f"{each.sessions:,}",
                    _text(each.reason),
                    _text(TLS_REASONS.get(each.reason, "a reason that RFC 8460 does not define")),
                )
                for each in seen.failures[:MOST_SOURCES]
            ),
        )
    yield "</section>\n"


def _failures(evidence: FailureEvidence) -> Iterator[str]:
    yield (
        f"<section>\n<h2>{_text(evidence.domain)}: failure reports</h2>\n"
        f'<p class="facts">{counted(evidence.reports, "message")} in failure reports.</p>\n'
    )
    yield from _table(
        ("Source", "-Messages", "Failed", "Aligned", "Delivery", "Signature"),
        (
            (
                _text(each.source or "not given"),
                f"{number:,}",
                _text(each.failed or each.kind),
                _text(each.aligned or "not given"),
                _text(each.delivery or "not given"),
                _text(each.signature or "none given"),
            )
            for each, number in evidence.sources[:MOST_SOURCES]
        ),
    )
    yield "</section>\n"


def _unread(page: ReportsPage) -> Iterator[str]:
    if not page.unread:
        return
    yield "<section>\n<h2>Not read</h2>\n<ul>\n"
    for _, message in page.unread[:MOST_UNREAD]:
        yield f"<li>{_text(message)}</li>\n"
    if len(page.unread) > MOST_UNREAD:
        yield f"<li>… and {len(page.unread) - MOST_UNREAD:,} more</li>\n"
    yield "</ul>\n</section>\n"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table; a heading with a hyphen in front is that of numbers. Cells are HTML already."""
    kinds = [' class="number"' if heading.startswith("-") else "" for heading in headings]
    yield '<div class="wide"><table>\n<thead><tr>'
    for heading, kind in zip(headings, kinds, strict=True):
        yield f'<th scope="col"{kind}>{heading.removeprefix("-")}</th>'
    yield "</tr></thead>\n<tbody>\n"
    for row in rows:
        cells = "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True))
        yield f"<tr>{cells}</tr>\n"
    yield "</tbody>\n</table></div>\n"


def _text(text: str) -> str:
    """Text of strangers, made harmless: markup is shown, what would steer a screen is escaped."""
    return escape(clean(text))
