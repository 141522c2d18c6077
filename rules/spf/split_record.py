"""SPF011: one SPF record cut into several TXT values."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.rdata import txt_rdata
from zonelint.rules.core.change import Role, join
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.spf.support.pieces import cuts


@rule(
    "SPF011",
    "spf-split-record",
    Severity.ERROR,
    on=MailZone,
    needs=Needs.ZONE,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §3.3",
    when={"several"},
    role=Role.MENDS,
    step=Step.SPF,
)
def split_record(zone: MailZone) -> Iterator[Found]:
    """One SPF record is split across several TXT records.

    What it finds
        A record that starts with `v=spf1` and does not end with `all`, beside TXT records that
        contain nothing but SPF terms. This happens to a list of strings where each item becomes a
        separate record.
    Why it matters
        Receivers read each TXT record separately and select the one that starts with `v=spf1`: the
        terms in the others let nobody send.
    Example
        `@ TXT "v=spf1"` beside `@ TXT "include:_spf.example.net -all"`
    Use instead
        `@ TXT "v=spf1 include:_spf.example.net -all"`: one record, with several character-strings
        where it is long.
    References
        RFC 7208 §3.3, §4.5
    """
    for cut in cuts(zone):
        change = None
        if cut.lets_send:
            records = [cut.head.record, *cut.pieces]
            change = join(records, txt_rdata(cut.joined), "one record that contains all terms")
        shown = " and ".join(f"`{piece.text.value}`" for piece in cut.pieces[:3])
        yield cut.head.whole(
            f"The SPF record of {cut.head.dotless} is split into {len(cut.pieces) + 1} TXT "
            f"records, and receivers do not see {shown}, so the senders named there fail SPF",
            "Join the pieces into one TXT record; a long record has several character-strings.",
            change=change,
        )


split_record.bad(
    zone="""
    @ TXT "v=spf1"
    @ TXT "include:_spf.example.net -all"
    @ TXT "MS=ms12345678"
    """,
    fixed="""
    @ TXT "v=spf1 include:_spf.example.net -all"
    @ TXT "MS=ms12345678"
    """,
)
split_record.bad(
    zone="""
    @ TXT "v=spf1 mx"
    @ TXT "~all"
    @ TXT "ip4:203.0.113.7"
    @ TXT "include:_spf.example.net"
    """,
    fixed="""
    @ TXT "v=spf1 mx ip4:203.0.113.7 include:_spf.example.net ~all"
    """,
)
split_record.bad(
    zone="""
    @ TXT "v=spf1"
    @ TXT "-all"
    """
)
split_record.good(
    zone="""
    @ TXT "v=spf1" " include:_spf.example.net -all"
    a TXT "v=spf1 mx -all"
    a TXT "include:_spf.example.net"
    b TXT "v=spf1 mx"
    b TXT "a"
    b TXT "google-site-verification=abc"
    c TXT "include:_spf.example.net -all"
    c TXT "all"
    """
)
