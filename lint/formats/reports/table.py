"""The evidence as tables on the screen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from zonelint.formats.reports.summary import Domain, Page, Source, foremost, key_name, together
from zonelint.rules.evidence.evidence import SelectorEvidence
from zonelint.rules.evidence.readiness import count, listed, percent
from zonelint.terminal import clean

SHOWN = 20
"""Sources of one domain; the other formats have all of them."""
KEYS = 10
"""DKIM keys of one domain."""

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
    if domain.keys:
        yield "\n"
        yield from _keys(domain.keys)


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
    yield from _columns(rows, numbers=range(1, 5))
    if rest:
        tally = together(rest)
        yield (
            f"  {count(len(rest), 'more source')} with {count(tally.messages, 'message')}, "
            f"{percent(tally.share)} aligned\n"
        )


def _keys(keys: Sequence[SelectorEvidence]) -> Iterator[str]:
    rows = [("DKIM key", "messages", "verified", "last verified")]
    rows += [
        (
            key_name(key),
            f"{key.messages:,}",
            percent(key.passed / (key.messages or 1)),
            "never" if key.last_passed is None else str(key.last_passed),
        )
        for key in keys[:KEYS]
    ]
    yield from _columns(rows, numbers=(1, 2))
    if len(keys) > KEYS:
        yield f"  {count(len(keys) - KEYS, 'more key')}\n"


def _columns(rows: Sequence[Sequence[str]], *, numbers: Collection[int]) -> Iterator[str]:
    """Lines of a table: numbers to the right of their column, all else to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if number in numbers else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield f"  {clean('  '.join(cells).rstrip())}\n"
