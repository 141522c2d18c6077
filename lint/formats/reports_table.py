"""The evidence as tables on the screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zonelint.formats.reports import Domain, Page, Source, foremost, together
from zonelint.rules.readiness import count, listed, percent
from zonelint.terminal import clean

SHOWN = 20
"""Sources of one domain; the other formats have all of them."""

_BOLD, _GREEN, _YELLOW, _END = "\x1b[1m", "\x1b[32m", "\x1b[33m", "\x1b[0m"


def render(page: Page) -> Iterator[str]:
    """Each domain with its policy, its verdict and its sources; then what was read."""
    for domain in page.domains:
        yield from _domain(domain, colour=page.colour)
        yield "\n"
    notes = [count(page.reports, "report")]
    if page.duplicates:
        notes.append(f"{count(page.duplicates, 'duplicate')} left out")
    if page.unread:
        notes.append(f"{len(page.unread)} could not be read")
    yield f"{', '.join(notes)}.\n"


def _domain(domain: Domain, *, colour: bool) -> Iterator[str]:
    bold, end = (_BOLD, _END) if colour else ("", "")
    tally = domain.tally
    yield f"{bold}{clean(domain.name)}{end}\n"
    yield f"  {_policy(domain)}\n"
    yield (
        f"  {count(tally.messages, 'message')} from {domain.first} to {domain.last}, "
        f"{percent(tally.share)} aligned; told by {clean(listed(domain.receivers))}\n"
    )
    ink = (_GREEN if domain.is_ready else _YELLOW) if colour else ""
    yield f"  {ink}{clean(domain.verdict)}{end if ink else ''}\n"
    unknown = [source for source in domain.sources if source.is_unexplained]
    if unknown:
        messages = sum(source.evidence.tally.messages for source in unknown)
        yield (
            f"  {count(len(unknown), 'source')} with {count(messages, 'message')} passed neither "
            "SPF nor DKIM, and nothing that is declared explains them.\n"
        )
    if domain.sources:
        yield "\n"
        yield from _table(domain.sources)


def _policy(domain: Domain) -> str:
    tags = f"p={domain.policy.p or 'not told'}"
    if domain.since is None:
        return f"{tags}; the last reports show another policy beside it"
    return f"{tags} since {domain.since} or earlier; {count(domain.under, 'day')} of reports"


def _table(sources: Sequence[Source]) -> Iterator[str]:
    shown, rest = foremost(sources, SHOWN)
    rows = [("source", "messages", "aligned", "DKIM", "SPF", "last seen", "explained by")]
    rows += [
        (
            source.evidence.address or "not told",
            f"{source.evidence.tally.messages:,}",
            percent(source.evidence.tally.share),
            percent(source.evidence.tally.dkim_aligned / (source.evidence.tally.messages or 1)),
            percent(source.evidence.tally.spf_aligned / (source.evidence.tally.messages or 1)),
            str(source.evidence.last_seen),
            source.explained or ("nothing" if source.is_unexplained else ""),
        )
        for source in shown
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += (cell.rjust(width) for cell, width in zip(row[1:5], widths[1:5], strict=True))
        cells += (row[5].ljust(widths[5]), row[6])
        yield f"  {clean('  '.join(cells).rstrip())}\n"
    if rest:
        tally = together(rest)
        yield (
            f"  {count(len(rest), 'more source')} with {count(tally.messages, 'message')}, "
            f"{percent(tally.share)} aligned\n"
        )
