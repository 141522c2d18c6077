"""ZONE001: lines that the master file format does not allow."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import ZoneFaultKind
from zonelint.rules.finding import Found, Severity
from zonelint.rules.rule import rule
from zonelint.rules.subjects import MailZone
from zonelint.rules.zone.faults import told


@rule("ZONE001", "zone-syntax", Severity.ERROR, on=MailZone, section="RFC 1035 §5", when={"faults"})
def syntax(zone: MailZone) -> Iterator[Found]:
    """A record or directive is not what a zone file allows.

    What it finds
        Unknown types and directives, rdata that does not fit its type, names and TTLs that are
        none, quotes and parentheses that are never closed. The rest of the file is still read.
    Why it matters
        A name server refuses the whole zone or leaves the record out, and mail that depends on it
        stops.
    Example
        `@ MX mail.example.com.`, without the preference
    Use instead
        `@ MX 10 mail.example.com.`
    References
        RFC 1035 §5; RFC 2308 §4; RFC 3597 §5
    """
    yield from told(zone, ZoneFaultKind.SYNTAX)


syntax.bad(zone="@ MX mail.example.com.")
syntax.bad(zone='@ TYTXT "v=spf1 -all"')
syntax.bad(zone="www A 192.0.2.256")
syntax.good(
    zone="""
    @ MX 10 mail
    mail 1h IN A 192.0.2.1
    @ TXT ( "v=spf1 "
            "mx -all" )
    """
)
