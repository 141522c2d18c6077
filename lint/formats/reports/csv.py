"""The evidence as comma-separated values (RFC 4180): one line a domain and source."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from zonelint.formats.reports.summary import ReportsPage

COLUMNS = (
    "domain", "source", "messages", "aligned", "dkim_aligned", "spf_aligned", "quarantined",
    "rejected", "first_seen", "last_seen", "header_from", "envelope_from", "signatures",
    "explained_by", "reasons",
)  # fmt: skip


def render(page: ReportsPage) -> Iterator[str]:
    """A heading, then the sources of each domain, those with the most messages first."""
    yield _line(COLUMNS)
    for domain in page.domains:
        for source in domain.sources:
            seen, tally = source.evidence, source.evidence.tally
            yield _line(
                (
                    domain.name,
                    seen.address,
                    tally.messages,
                    tally.aligned,
                    tally.dkim_aligned,
                    tally.spf_aligned,
                    tally.quarantined,
                    tally.rejected,
                    seen.first_seen,
                    seen.last_seen,
                    " ".join(seen.header_domains),
                    " ".join(seen.envelope_domains),
                    " ".join(f"{key}._domainkey.{signer}" for signer, key in seen.signatures),
                    source.explained,
                    " | ".join(source.reasons),
                )
            )


def _line(values: tuple[object, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([_inert(str(value)) for value in values])
    return buffer.getvalue()


def _inert(text: str) -> str:
    """The texts come from strangers: no spreadsheet may take one for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
