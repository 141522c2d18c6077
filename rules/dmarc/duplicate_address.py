"""DMARC114: an address that is asked for reports twice."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.repair import spliced
from zonelint.grammars.tags.reporturi import ReportUri
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC114",
    "dmarc-duplicate-address",
    Severity.INFO,
    on=Dmarc,
    fix=Fix.SAFE,
    section="RFC 9989 §4.7",
    when={"rua", "ruf"},
)
def duplicate_address(dmarc: Dmarc) -> Iterator[Found]:
    """The same address appears twice among those that receive reports.

    What it finds
        An address that appears more than once in `rua`, or more than once in `ruf`.
    Why it matters
        Receivers may send every report to it twice, and message counts are doubled.
    Example
        `v=DMARC1; p=none; rua=mailto:d@example.com,mailto:d@example.com`
    Use instead
        `v=DMARC1; p=none; rua=mailto:d@example.com`
    References
        RFC 9989 §4.7
    """
    again = [*_again(dmarc.ast.rua), *_again(dmarc.ast.ruf)]
    text = dmarc.value
    text = spliced(text, ((text.rindex(",", 0, uri.start), uri.end, "") for uri in again))
    for uri in again:
        yield dmarc.at(
            uri,
            f"`{uri.uri}` appears twice, so every report may arrive twice",
            "Remove the second one.",
            change=dmarc.rewrite(text, "each address once", safe=True),
        )


def _again(addresses: tuple[ReportUri, ...]) -> Iterator[ReportUri]:
    """The addresses that stand further in front, too."""
    seen: set[tuple[str, str]] = set()
    for uri in addresses:
        user = uri.address.rpartition("@")[0] if uri.address else uri.uri
        key = (user, uri.domain)
        if uri.faults or not uri.domain:
            continue
        if key in seen:
            yield uri
        seen.add(key)


duplicate_address.bad(
    "v=DMARC1; p=none; rua=mailto:d@example.com,mailto:e@example.com, mailto:d@example.com",
    fixed="v=DMARC1; p=none; rua=mailto:d@example.com,mailto:e@example.com",
)
duplicate_address.bad(
    "v=DMARC1; p=none; rua=mailto:d@example.com,mailto:d@EXAMPLE.com; "
    "ruf=mailto:f@example.com,mailto:f@example.com",
    fixed="v=DMARC1; p=none; rua=mailto:d@example.com; ruf=mailto:f@example.com",
)
duplicate_address.good(
    "v=DMARC1; p=none; rua=mailto:d@example.com; ruf=mailto:d@example.com",
    "v=DMARC1; p=none; rua=mailto:d@example.com,mailto:D@example.com,mailto:d@example.net",
    "v=DMARC1; p=none; rua=d@example.com,d@example.com",
)
