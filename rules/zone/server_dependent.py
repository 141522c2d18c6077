"""ZONE011: lines that name servers read differently."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import ZoneFaultKind
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import rule
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.zone.support.faults import report_faults


@rule(
    "ZONE011",
    "zone-server-dependent",
    Severity.WARNING,
    on=MailZone,
    section="RFC 1035 §5.1",
    when={"faults"},
    inside=True,
)
def server_dependent(zone: MailZone) -> Iterator[Found]:
    """Name servers read this line differently.

    What it finds
        `$GENERATE` with quotes around its data, with data of several words, or followed by a record
        without an owner of its own; a carriage return without a line feed; a non-ASCII owner; a
        byte-order mark in front of the first line;
        an `$INCLUDE` that leads to one file from here and to another from the repository's root.
        zonelint reads such data as BIND does, and the included file beside the including one.
    Why it matters
        The master file format does not say what such a line means. What is published depends on the
        name server, and changes with it. No change is offered: only you know which is meant.
    Example
        `$GENERATE 1-1 _dmarc TXT "v=DMARC$; p=reject"`, of which BIND publishes `v=DMARC1`
    Use instead
        The records, written out.
    References
        RFC 1035 §5.1; RFC 5890 §2.3.1; BIND 9 Administrator Reference Manual, $GENERATE
    """
    yield from report_faults(zone, ZoneFaultKind.SERVER_DEPENDENT)


server_dependent.bad(zone='$GENERATE 1-1 _dmarc TXT "v=DMARC$; p=reject"')
server_dependent.bad(zone="$GENERATE 1-2 h$ MX 10 mail$")
server_dependent.bad(
    zone="""
    www A 192.0.2.9
    $GENERATE 1-2 h$ A 192.0.2.$

        TXT "v=spf1 -all"
    """
)
server_dependent.bad(zone="b\u00fccher A 192.0.2.1")
server_dependent.bad(zone='; policy\r_dmarc TXT "v=DMARC1; p=reject"')
server_dependent.good(zone='$GENERATE 1-2 h$ TXT "\\"v=spf1 -all\\""')
server_dependent.good(
    zone="""
    $GENERATE 1-2 h$ A 192.0.2.$
    www TXT "v=spf1 -all"
        A 192.0.2.9
    """
)
server_dependent.good(zone="xn--bcher-kva A 192.0.2.1\r\nwww A 192.0.2.2\r\n")
