"""DMARC010: addresses to which no report can be sent."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.repair import spliced
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, Tells, rule
from zonelint.rules.model.subjects import Dmarc

_LISTS = ("rua", "ruf")


@rule(
    "DMARC010",
    "dmarc-report-uri",
    Severity.WARNING,
    on=Dmarc,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.6",
    when={"fault:report-uri", "no-mailto"},
    role=Role.MENDS,
    step=Step.DMARC,
    tells=Tells.IGNORED,
)
def report_uri(dmarc: Dmarc) -> Iterator[Found]:
    """Receivers cannot use an address for reports.

    What it finds
        Addresses in `rua` and `ruf` that are not a URI, lack `mailto:`, contain an unescaped comma
        or exclamation mark, or follow a semicolon; lists in which no address is a `mailto:`
        address.
    Why it matters
        No report arrives there, so nobody learns which mail fails. `mailto:` is the only scheme
        that every receiver has to support.
    Example
        `v=DMARC1; p=none; rua=dmarc@example.com`
    Use instead
        `v=DMARC1; p=none; rua=mailto:dmarc@example.com`
    References
        RFC 9989 §4.6, §4.7, §4.8; RFC 3986
    """
    faults = [fault for fault in dmarc.ast.faults if fault.kind is FaultKind.REPORT_URI]
    edits = {fault: _edit(dmarc, fault) for fault in faults}
    text = spliced(dmarc.value, filter(None, edits.values()))
    change = dmarc.rewrite(text, "addresses as URIs") if faults else None
    for fault in faults:
        yield dmarc.at(
            fault,
            fault.message.rstrip("."),
            "Write each address as `mailto:name@example.com`, separated by commas.",
            change=None if edits[fault] is None else change,
        )
    for name in _LISTS:
        addresses = dmarc.ast.value(name)
        if addresses is not None and "mailto:" not in addresses.lower():
            tag = dmarc.ast.tag(name)
            assert tag is not None
            yield dmarc.at(
                (tag.value_start, tag.value_end),
                f"No address in `{name}` is a `mailto:` address, the only kind that every "
                "receiver supports, so most reports are not sent",
                "Add a `mailto:` address.",
            )


def _edit(dmarc: Dmarc, fault: Fault) -> tuple[int, int, str] | None:
    """The piece of the text that has to be another one: from, to, and what it becomes."""
    if fault.suggestion is not None:
        return fault.start, fault.end, fault.suggestion
    tags = dmarc.ast.tags
    for left, tag in zip((None, *tags), tags, strict=False):
        if not tag.start <= fault.start <= tag.end:
            continue
        if not tag.name and left is not None and left.name in _LISTS:
            return left.end, tag.start, ","
        if fault.start == fault.end and tag.value_end > tag.value_start:
            return _comma(dmarc.value, fault.start, tag.value_start, tag.value_end)
    return None


def _comma(text: str, at: int, start: int, end: int) -> tuple[int, int, str] | None:
    """The comma beside which no address stands."""
    before = text.rfind(",", start, at)
    if before >= 0:
        return before, at, ""
    after = text.find(",", at, end)
    return None if after < 0 else (at, after + 1, "")


report_uri.bad(
    "v=DMARC1; p=none; rua=mailto:mailto:d@example.com",
    "v=DMARC1; p=none; rua=d@example.com",
    fixed="v=DMARC1; p=none; rua=mailto:d@example.com",
)
report_uri.bad(
    "v=DMARC1; p=none; rua=mailto:a@example.com; mailto:b@example.com; ruf=c@example.com",
    fixed="v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.com; "
    "ruf=mailto:c@example.com",
)
report_uri.bad(
    "v=DMARC1; p=none; rua=mailto:a@example.com, mailto: b@example.com",
    fixed="v=DMARC1; p=none; rua=mailto:a@example.com, mailto:b@example.com",
)
report_uri.bad(
    "v=DMARC1; p=none; rua=<mailto:a@example.com>",
    "v=DMARC1; p=none; rua=mailto:a@example.com,",
    fixed="v=DMARC1; p=none; rua=mailto:a@example.com",
)
report_uri.bad(
    "v=DMARC1; p=none; rua=,mailto:a@example.com,,mailto:b@example.com",
    fixed="v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.com",
)
report_uri.bad(
    "v=DMARC1; p=none; rua=https://reports.example.com/dmarc",
    "v=DMARC1; p=none; rua=",
    "v=DMARC1; p=none; rua=the postmaster",
)
report_uri.good(
    "v=DMARC1; p=none; rua=mailto:a@example.com, mailto:b+c@example.com",
    "v=DMARC1; p=none; rua=mailto:a@example.com!10m,https://reports.example.com/dmarc",
    "v=DMARC1; p=none",
)
