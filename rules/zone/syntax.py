"""ZONE001: lines that the master file format does not allow."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.rdata import LONGEST_STRING, txt_rdata
from zonelint.grammars.zone import Record, ZoneFaultKind, octets
from zonelint.rules.core.change import Role, replace
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.zone.support.faults import report_faults


@rule(
    "ZONE001", "zone-syntax", Severity.ERROR, on=MailZone, section="RFC 1035 §5",
    fix=Fix.SAFE, role=Role.MENDS, when={"faults", "overlong", "unread"},
    doubt="unread-records",
    inside=True, explains=["spf", "sender-domain"],
)  # fmt: skip
def syntax(zone: MailZone) -> Iterator[Found | Unknown]:
    """A record or directive is not valid in a zone file.

    What it finds
        Unknown types and directives, rdata that does not fit its type, invalid names and TTLs,
        quotes and parentheses that are never closed, strings of over 255 octets (those of SPF are
        SPF010). The rest of the file is still read.
    Why it matters
        A name server refuses the whole zone or omits the record, and mail that depends on it stops.
    Example
        `@ MX mail.example.com.`, without the preference
    Use instead
        `@ MX 10 mail.example.com.`
    References
        RFC 1035 §5; RFC 2308 §4; RFC 3597 §5
    """
    if zone.written.unread:
        yield zone.unknown(zone.origin, *zone.written.unread)
    yield from report_faults(zone, ZoneFaultKind.SYNTAX)
    for record in zone.overlong:
        if all(found.record is not record for found in zone.spf.get(record.owner, ())):
            yield from _too_long(zone, record)


def _too_long(zone: MailZone, record: Record) -> Iterator[Found]:
    text = record.text
    start = 0
    for string in text.strings:
        size = octets(string)
        if size > LONGEST_STRING:
            yield zone.at(
                record,
                f"A character-string of {size} octets is over the limit of {LONGEST_STRING}, so "
                "the zone does not load or the record is truncated",
                record.spelling.split,
                span=text.span(start, start + len(string)),
                change=replace(
                    record, txt_rdata(text.value), "the same text in shorter strings", safe=True
                ),
            )
        start += len(string)


syntax.bad(zone="@ MX mail.example.com.")
syntax.bad(zone='@ TYTXT "v=spf1 -all"')
syntax.bad(zone="www A 192.0.2.256")
syntax.bad(
    zone=f'x TXT "{"k" * 256}"',
    fixed=f'x TXT "{"k" * 255}" "k"',
)
syntax.good(
    zone=f"""
    x TXT ( "{"k" * 255}"
            "{"k" * 255}" )
    @ TXT "v=spf1 {"ip4:203.0.113.77 " * 15}-all"
    """
)
syntax.good(
    zone="""
    @ MX 10 mail
    mail 1h IN A 192.0.2.1
    @ TXT ( "v=spf1 "
            "mx -all" )
    """
)
