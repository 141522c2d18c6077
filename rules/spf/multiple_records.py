"""SPF002: more than one SPF record at one owner."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.spf.record import parse
from zonelint.grammars.zone import without_dot
from zonelint.rules.config.declaration import SpfStage
from zonelint.rules.core.change import MOST_MERGED, Role, join
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.mail.behind import found_at
from zonelint.rules.model.declaring import declared_at
from zonelint.rules.model.subjects import MailZone, Spf
from zonelint.rules.spf.support.merging import merged


@rule(
    "SPF002",
    "spf-multiple-records",
    Severity.ERROR,
    on=MailZone,
    needs=Needs.ZONE,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §4.5",
    when={"several", "CNAME"},
    role=Role.MENDS,
    step=Step.SPF,
    explains=["spf"],
)
def multiple_records(zone: MailZone) -> Iterator[Found]:
    """More than one SPF record is published at one owner.

    What it finds
        Two or more TXT records that start with `v=spf1` at the same owner. Two identical records
        are one record to DNS: that is ZONE005.
    Why it matters
        Receivers stop with permerror, as if there were no SPF, and DMARC cannot rely on SPF: mail
        is refused or treated as spam.
    Example
        `@ TXT "v=spf1 mx -all"` beside `@ TXT "v=spf1 include:_spf.example.net ~all"`
    Use instead
        One record that names all senders: `@ TXT "v=spf1 mx include:_spf.example.net ~all"`
    References
        RFC 7208 §3.2, §4.5
    """
    for owner, records in (*zone.spf.items(), *found_at(zone, Spf)):
        if len(records) < 2:
            continue
        seen = {found.text.strings: found for found in reversed(records)}
        if len(seen) < 2:
            continue
        change, advice = None, "Merge them into one record that names the senders of all of them."
        if len(records) <= MOST_MERGED:
            text = _as_declared(zone, owner, merged([r.ast for r in records]))
            held = [found.record for found in records]
            why = "one record that names the senders of all of them"
            change = join(held, txt_rdata(text), why)
            if parse(text).sound:  # what is wrong in one of them is mended first
                advice = (
                    f"Keep one record and delete the others: `{text}` names the senders of all."
                )
        distinct = [other for other in records[1:] if seen[other.text.strings] is other]
        for number, other in enumerate(distinct, start=2):
            yield other.whole(
                f"This is SPF record {number} of {len(seen)} at {without_dot(owner)}, so "
                "receivers use none of them (permerror) and the domain is unprotected",
                advice,
                change=change,
            )


def _as_declared(zone: MailZone, owner: str, text: str) -> str:
    """The record with the end that zonelint.toml declares, where that is stronger."""
    domain = declared_at(zone, owner)
    front, blank, last = text.rpartition(" ")
    if domain is None or domain.spf is not SpfStage.FINAL or last != "~all":
        return text
    return f"{front}{blank}-all"


multiple_records.bad(  # no broken record is advised
    zone="""
    @ TXT "v=spf1 mx -all"
    @ TXT "v=spf1 ip4: 192.0.2.80 -all"
    """
)
multiple_records.bad(
    zone="""
    @ TXT "v=spf1 mx -all"
    @ TXT "v=spf1 include:_spf.example.net ~all"
    """,
    fixed="""
    @ TXT "v=spf1 mx include:_spf.example.net ~all"
    """,
)
multiple_records.bad(
    zone="""
    www TXT "v=spf1 -all"
    www TXT "v=spf1 " "-all"
    """,
    fixed="""
    www TXT "v=spf1 -all"
    """,
)
multiple_records.bad(
    zone="""
    @ TXT "v=spf1 mx -all"
    @ TXT "v=spf1 mx -all"
    @ TXT "v=spf1 a -all"
    """,
    fixed="""
    @ TXT "v=spf1 mx a -all"
    """,
)
multiple_records.bad(
    zone="""
    @ TXT "v=spf1 mx -all"
    @ TXT "v=spf1 a ~all"
    """,
    config='[domains."example.com"]\nspf = "final"\n',
    fixed="""
    @ TXT "v=spf1 mx a -all"
    """,
)
multiple_records.good(
    zone="""
    @ TXT "v=spf1 mx -all"
    @ TXT "v=spf1 mx -all"
    """
)
multiple_records.good(
    zone="""
    @ TXT "v=spf1 mx -all"
    @ TXT "google-site-verification=abc"
    www TXT "v=spf1 -all"
    """
)
