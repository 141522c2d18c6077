"""ZONE002: a CNAME where none may stand."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Needs, rule
from zonelint.rules.model.subjects import MailZone

_BESIDE = frozenset({"RRSIG", "NSEC", "KEY", "SIG", "NXT", "URLFWD"})
"""Types that may stand beside a CNAME (RFC 2181 §10.1, RFC 4034 §2 and §4); a URLFWD of octoDNS is
a rule for web servers and no record of the DNS."""


@rule(
    "ZONE002",
    "zone-cname-coexists",
    Severity.ERROR,
    on=MailZone,
    needs=Needs.ZONE,
    section="RFC 1034 §3.6.2",
    when={"CNAME"},
    inside=True,
    explains=["dkim"],
)
def cname_coexists(zone: MailZone) -> Iterator[Found]:
    """A CNAME is published at the apex or beside other records.

    What it finds
        A CNAME at the zone's origin, a CNAME at a name with records of other types (those of DNSSEC
        excepted), and CNAMEs with different targets at one name. Identical CNAMEs are left to
        ZONE005: name servers merge them. DKIM selectors are left to DKIM009.
    Why it matters
        Name servers refuse such a zone, or answer only with the CNAME: the MX and TXT records
        beside it are not seen, and mail for the name is lost.
    Example
        `www CNAME host.example.net.` beside `www TXT "v=spf1 -all"`
    Use instead
        A and AAAA records in place of the CNAME, or the TXT record at the CNAME's target.
    References
        RFC 1034 §3.6.2; RFC 2181 §10.1
    """
    for rrset in zone.written.of_type("CNAME"):
        owner = rrset.owner
        if "._domainkey." in owner or rrset.records[0].is_proxied:
            continue  # a proxied name is answered with addresses
        others = sorted(
            other.type
            for other in zone.written.at(owner)
            if other.type != "CNAME" and other.type not in _BESIDE
        )
        if owner == zone.origin:
            yield zone.at(
                rrset.records[0],
                f"A CNAME is published at the apex of {without_dot(owner)}, beside its SOA and NS "
                "records, so the zone does not load and no mail arrives",
                "Use A and AAAA records there, or what your provider calls ALIAS or ANAME.",
            )
        elif others or len({r.target for r in rrset if not r.is_alternative}) > 1:
            beside = ", ".join(others) if others else "another CNAME"
            yield zone.among(
                rrset.records[0],
                f"The CNAME at {without_dot(owner)} exists beside {beside}, so one of the two is "
                "never returned or the zone does not load",
                "Keep only the CNAME, or replace it with the records of its target.",
            )


cname_coexists.bad(zone="@ CNAME host.example.net.")
cname_coexists.bad(
    zone="""
    www CNAME host.example.net.
    www TXT "v=spf1 -all"
    """
)
cname_coexists.bad(
    zone="""
    www CNAME host.example.net.
    www CNAME host.example.org.
    """
)
cname_coexists.good(
    zone="""
    www CNAME host.example.net.
    *.www TXT "v=spf1 -all"
    """
)
cname_coexists.good(
    zone="""
    www CNAME host.example.net.
    www 300 CNAME HOST.example.net.
    """
)
