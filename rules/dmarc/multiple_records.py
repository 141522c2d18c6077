"""DMARC002: more than one DMARC record at one owner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.tags.dmarc import DmarcRecord, Policy
from zonelint.rules.core.change import MOST_MERGED, Role, join
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.mail.behind import found_at
from zonelint.rules.mail.dmarc_owner import LABEL, rightful
from zonelint.rules.model.subjects import Dmarc, MailZone


@rule(
    "DMARC002",
    "dmarc-multiple-records",
    Severity.ERROR,
    on=MailZone,
    about=Dmarc,
    needs=Needs.ZONE,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.10",
    when={"dmarc", "CNAME", "DNAME"},
    role=Role.MENDS,
    step=Step.DMARC,
    explains=["dmarc-missing"],
)
def multiple_records(zone: MailZone) -> Iterator[Found]:
    """More than one DMARC record is published at one owner.

    What it finds
        Two or more TXT records that start with `v=DMARC1` at the same `_dmarc` owner. Two identical
        records are one record to DNS, and are not reported here.
    Why it matters
        Receivers discard all of them: the domain has no DMARC, anybody can send as it, and no
        reports arrive.
    Example
        `_dmarc TXT "v=DMARC1; p=none"` beside `_dmarc TXT "v=DMARC1; p=reject"`
    Use instead
        One of them, with the report addresses of all. The weakest policy is the one that cannot
        stop legitimate mail.
    References
        RFC 9989 §4.10 (steps 2 and 6)
    """
    for owner, records in (*zone.dmarc.items(), *found_at(zone, Dmarc)):
        if len(records) < 2 or len({found.text.strings for found in records}) < 2:
            continue
        if not owner.startswith(LABEL) or rightful(owner, zone.origin) is not None:
            continue
        change = None
        if len(records) <= MOST_MERGED:
            text = txt_rdata(_merged([found.ast for found in records]))
            held = [found.record for found in records]
            change = join(held, text, "one record, with the weakest of the policies")
        for number, other in enumerate(records[1:], start=2):
            yield other.whole(
                f"This is DMARC record {number} of {len(records)} at {other.dotless}, so receivers "
                "discard all of them and the domain has no DMARC",
                "Keep one record.",
                change=change,
            )


def _merged(records: Sequence[DmarcRecord]) -> str:
    """The record with the mildest policy, with the addresses of all for aggregate reports."""
    kept = min(records, key=lambda record: (record.p or Policy.NONE).rank)
    addresses = dict.fromkeys(
        uri.text for record in (kept, *records) for uri in record.rua if not uri.faults
    )
    if len(addresses) <= sum(not uri.faults for uri in kept.rua):
        return kept.text
    tag = f"rua={','.join(addresses)}"
    return kept.replacing("rua", tag) if kept.has("rua") else kept.appending(tag)


multiple_records.bad(
    zone="""
    _dmarc TXT "v=DMARC1; p=reject; rua=mailto:a@example.com"
    _dmarc TXT "v=DMARC1; p=none; rua=mailto:b@example.com"
    """,
    fixed="""
    _dmarc TXT "v=DMARC1; p=none; rua=mailto:b@example.com,mailto:a@example.com"
    """,
)
multiple_records.bad(
    zone="""
    _dmarc.shop TXT "v=DMARC1; p=none"
    _dmarc.shop TXT "v=DMARC1; p=none; rua=mailto:b@example.com"
    """,
    fixed="""
    _dmarc.shop TXT "v=DMARC1; p=none; rua=mailto:b@example.com"
    """,
)
multiple_records.bad(
    zone="""
    _dmarc CNAME policy
    policy TXT "v=DMARC1; p=reject"
    policy TXT "v=DMARC1; p=none"
    """
)
multiple_records.good(
    zone="""
    _dmarc TXT "v=DMARC1; p=reject"
    _dmarc TXT "google-site-verification=abc"
    _dmarc TXT "v=dmarc1; p=none"
    _dmarc.shop TXT "v=DMARC1; p=none"
    example.net._report._dmarc TXT "v=DMARC1"
    example.net._report._dmarc TXT "v=DMARC1; rua=mailto:d@example.com"
    """
)
multiple_records.good(
    zone="""
    _dmarc TXT "v=DMARC1; p=reject"
    _dmarc TXT "v=DMARC1; p=reject"
    """
)
