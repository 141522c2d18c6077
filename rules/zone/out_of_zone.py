"""ZONE007: owners outside the zone."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import ZoneFaultKind
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Needs, rule
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.zone.support.faults import report_faults


@rule(
    "ZONE007",
    "zone-out-of-zone",
    Severity.ERROR,
    on=MailZone,
    needs=Needs.ZONE,
    section="RFC 1035 §5.2",
    when={"faults"},
    inside=True,
)
def out_of_zone(zone: MailZone) -> Iterator[Found]:
    """A record's owner does not belong to the zone.

    What it finds
        Owners that are neither the zone's origin nor below it, often a domain that was copied with
        its final dot from another zone.
    Why it matters
        Name servers ignore such a record or refuse the zone: what it says about mail is never seen.
    Example
        `_dmarc.example.net. TXT "v=DMARC1; p=reject"` in the zone example.com
    Use instead
        The record in the zone of example.net, or `_dmarc` without the other domain.
    References
        RFC 1035 §5.2; RFC 2181 §6
    """
    yield from report_faults(zone, ZoneFaultKind.OUT_OF_ZONE)


out_of_zone.bad(zone='_dmarc.example.net. TXT "v=DMARC1; p=reject"')
out_of_zone.good(zone='_dmarc.example.com. TXT "v=DMARC1; p=reject"')
