"""SPF303: records of the RR type SPF."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.spf import record as spf
from zonelint.grammars.zone import RRset, without_dot
from zonelint.rules.core.change import Change, Role, join, remove
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.spf.support.merging import merged


@rule(
    "SPF303",
    "spf-type-99",
    Severity.WARNING,
    on=MailZone,
    needs=Needs.ZONE,
    fix=Fix.SAFE,
    section="RFC 7208 §3.1",
    when={"SPF"},
    role=Role.MENDS,
    explains=["spf"],
)
def type_99(zone: MailZone) -> Iterator[Found]:
    """A record of the type SPF, which receivers no longer query.

    What it finds
        Any record of the RR type SPF (99).
    Why it matters
        Receivers read SPF from TXT records only: where there is no TXT record beside it, the domain
        has no SPF.
    Example
        `example.com. SPF "v=spf1 mx -all"`
    Use instead
        `example.com. TXT "v=spf1 mx -all"`
    References
        RFC 7208 §3.1
    """
    for rrset in zone.zone.of_type("SPF"):
        has_txt = rrset.owner in zone.spf
        published = None if has_txt else _published(rrset)
        for record in rrset:
            if has_txt:
                yield zone.at(
                    record,
                    "Receivers no longer query the type SPF, so this record has no effect beside "
                    "the TXT record",
                    "Remove it.",
                    change=remove([record], "receivers read only TXT", safe=True),
                )
            else:
                yield zone.at(
                    record,
                    "Receivers no longer query the type SPF, so this record leaves "
                    f"{without_dot(rrset.owner)} without SPF",
                    "Publish the same text as a TXT record."
                    if len(rrset) == 1
                    else "Publish one TXT record that names the senders of all of them.",
                    change=published,
                )


def _published(rrset: RRset) -> Change:
    """TXT in place of the records: one, since receivers take two for an error (SPF002)."""
    texts = dict.fromkeys(record.text.value for record in rrset)
    text = merged([spf.parse(text) for text in texts]) if len(texts) > 1 else next(iter(texts))
    return join(rrset.records, txt_rdata(text), "receivers read only TXT", type="TXT")


type_99.bad(
    zone="""
    @ TXT "v=spf1 mx -all"
    @ SPF "v=spf1 mx -all"
    """,
    fixed="""
    @ TXT "v=spf1 mx -all"
    """,
)
type_99.bad(
    zone="""
    @ SPF "v=spf1 mx -all"
    """,
    fixed="""
    @ TXT "v=spf1 mx -all"
    """,
)
type_99.bad(
    zone="""
    @ SPF "v=spf1 mx -all"
    @ SPF "v=spf1 include:_spf.example.net ~all"
    """,
    fixed="""
    @ TXT "v=spf1 mx include:_spf.example.net ~all"
    """,
)
type_99.good(zone='@ TXT "v=spf1 mx -all"')
