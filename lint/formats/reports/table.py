"""The evidence as tables on the screen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

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

SHOWN = 20
"""Sources of one domain; the other formats have all of them."""
WHY = 8
"""Sources of one domain of which the table says why their messages fail."""
KEYS = 10
"""DKIM keys of one domain."""

_BOLD, _GREEN, _YELLOW, _END = "\x1b[1m", "\x1b[32m", "\x1b[33m", "\x1b[0m"


def render(page: ReportsPage) -> Iterator[str]:
    """Each domain with its policy, its verdict and its sources; then what was read."""
    for domain in page.domains:
        yield from _domain(domain, colour=page.colour)
        yield "\n"
    for transport in page.tls:
        yield from _transport(transport, colour=page.colour)
        yield "\n"
    for evidence in page.failures:
        yield from _failures(evidence, colour=page.colour)
        yield "\n"
    notes = (
        [counted(page.reports, "report")] if page.reports or not (page.tls or page.failures) else []
    )
    if page.tls:
        notes.append(counted(sum(each.evidence.reports for each in page.tls), "TLS report"))
    if page.failures:
        notes.append(counted(sum(each.reports for each in page.failures), "failure report"))
    if page.duplicates:
        notes.append(f"{counted(page.duplicates, 'duplicate')} left out")
    if page.unread:
        notes.append(f"{len(page.unread)} could not be read")
    yield f"{', '.join(notes)}.\n"


def _domain(domain: Domain, *, colour: bool) -> Iterator[str]:
    bold, end = (_BOLD, _END) if colour else ("", "")
    tally = domain.tally
    yield f"{bold}{clean(domain.name)}{end}\n"
    yield f"  {_policy(domain)}\n"
    yield (
        f"  {counted(tally.messages, 'message')} from {domain.first} to {domain.last}, "
        f"{percent(tally.share)} aligned; reported by {clean(some(domain.receivers))}\n"
    )
    ink = (_GREEN if domain.is_ready else _YELLOW) if colour else ""
    yield f"  {ink}{clean(domain.verdict)}{end if ink else ''}\n"
    unknown = [source for source in domain.sources if source.is_unexplained]
    if unknown:
        messages = sum(source.evidence.tally.messages for source in unknown)
        yield (
            f"  {counted(len(unknown), 'source')} with {counted(messages, 'message')} passed "
            "neither SPF nor DKIM, and no declaration explains them.\n"
        )
    if domain.sources:
        yield "\n"
        yield from _table(domain.sources)
    if domain.keys:
        yield "\n"
        yield from _keys(domain.keys)


def _policy(domain: Domain) -> str:
    tags = f"p={domain.policy.p or 'not given'}"
    if domain.since is None:
        return f"{tags}; the last reports show another policy beside it"
    return f"{tags} since {domain.since} or earlier; {counted(domain.under, 'day')} of reports"


def _table(sources: Sequence[SourceRow]) -> Iterator[str]:
    shown, rest = foremost(sources, SHOWN)
    rows = [("source", "messages", "aligned", "DKIM", "SPF", "last seen", "explained by")]
    rows += [
        (
            source.evidence.address or "not given",
            f"{source.evidence.tally.messages:,}",
            percent(source.evidence.tally.share),
            percent(source.evidence.tally.dkim_aligned / (source.evidence.tally.messages or 1)),
            percent(source.evidence.tally.spf_aligned / (source.evidence.tally.messages or 1)),
            str(source.evidence.last_seen),
            source.explained or "nothing",
        )
        for source in shown
    ]
    yield from _columns(rows, numbers=range(1, 5))
    for source in shown[:WHY]:
        for reason in source.reasons[:1]:
            yield clean(f"  {source.evidence.address or 'not given'} fails: {reason}") + "\n"
    if rest:
        tally = together(rest)
        yield (
            f"  {counted(len(rest), 'more source')} with {counted(tally.messages, 'message')}, "
            f"{percent(tally.share)} aligned\n"
        )


def _transport(transport: Transport, *, colour: bool) -> Iterator[str]:
    """The TLS reports of one domain: the verdict, then why sessions failed."""
    seen = transport.evidence
    bold, end = (_BOLD, _END) if colour else ("", "")
    ink = (_GREEN if transport.is_ready else _YELLOW) if colour else ""
    yield f"{bold}{clean(seen.domain)}{end}: TLS reports (RFC 8460)\n"
    yield f"  {ink}{clean(transport.verdict)}{_END if ink else ''}\n"
    yield (
        f"  {counted(seen.reports, 'TLS report')} from {seen.first} to {seen.last}, "
        f"{seen.succeeded:,} sessions succeeded and {seen.failed:,} failed; reported by "
        f"{clean(some(seen.senders))}\n"
    )
    for each in seen.failures[:SHOWN]:
        why = TLS_REASONS.get(each.reason, "a reason that RFC 8460 does not define")
        yield clean(f"  {each.sessions:,} at {each.host or 'no host'}: {each.reason}, {why}") + "\n"


def _failures(evidence: FailureEvidence, *, colour: bool) -> Iterator[str]:
    """The failure reports of one domain, by source."""
    bold, end = (_BOLD, _END) if colour else ("", "")
    yield f"{bold}{clean(evidence.domain)}{end}: failure reports (RFC 6591)\n"
    yield (
        f"  {counted(evidence.reports, 'message')} in failure reports; check the sources, and "
        "delete the reports: they contain what people wrote.\n"
    )
    rows = [("source", "messages", "failed", "aligned", "delivery", "signature")]
    rows += [
        (
            each.source or "not given",
            f"{number:,}",
            each.failed or each.kind,
            each.aligned or "not given",
            each.delivery or "not given",
            each.signature or "none given",
        )
        for each, number in evidence.sources[:SHOWN]
    ]
    yield from _columns(rows, numbers=(1,))
    if len(evidence.sources) > SHOWN:
        yield f"  {counted(len(evidence.sources) - SHOWN, 'more source')}\n"


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
        yield f"  {counted(len(keys) - KEYS, 'more key')}\n"


def _columns(rows: Sequence[Sequence[str]], *, numbers: Collection[int]) -> Iterator[str]:
    """Lines of a table: numbers to the right of their column, all else to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (
            cell.rjust(width) if number in numbers else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield f"  {clean('  '.join(cells).rstrip())}\n"
