"""ZONE003: TTLs of mail records that are too short or too long."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.masterfile.record import DefaultTtl, MasterRecord
from zonelint.grammars.zone import RRset, without_dot
from zonelint.rules.core.change import Role, default_to, retime
from zonelint.rules.core.finding import Found, Root, RootScope, Severity
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.model.subjects import MailZone

SHORTEST = 60
"""Seconds below which a TTL is a burden and a warning."""
LONGEST = 86400
"""Seconds above which a mistake stands too long, and a warning."""


@rule(
    "ZONE003", "zone-ttl", Severity.INFO, on=MailZone, needs=Needs.ZONE, fix=Fix.PROPOSAL,
    section="RFC 1035 §3.2.1", when={"MX", "TXT", "CNAME"},
    role=Role.MENDS,
    inside=True,
)  # fmt: skip
def ttl(zone: MailZone) -> Iterator[Found]:
    """A mail record's TTL is outside the usual range.

    What it finds
        MX records, the TXT records of SPF, DMARC, DKIM, MTA-STS, TLS-RPT and BIMI, and CNAMEs at
        DKIM selectors with a TTL below five minutes or above one day (`ttl-least` and `ttl-most` in
        the table `thresholds` of zonelint.toml narrow that). A warning below one minute and above
        one day. A TTL that is left to the provider, such as 1 in a Cloudflare export, is not
        checked.
    Why it matters
        With a long TTL, a mistake keeps bouncing mail until the last cache has dropped it; with a
        very short one, every message waits for DNS, and a short outage loses the record. Records
        that say that there is no mail (a null MX, `v=spf1 -all`, revoked keys) may have any short
        TTL.
    Example
        `@ 604800 TXT "v=spf1 mx -all"`
    Use instead
        `@ 3600 TXT "v=spf1 mx -all"`
    References
        RFC 1035 §3.2.1; RFC 1912 §2.2
    """
    limits = zone.context.thresholds
    for rrset in _mail_records(zone):
        first = rrset.records[0]
        if (
            len(rrset.records) == 1
            and first.ttl is not None
            and limits.ttl_least <= first.ttl <= limits.ttl_most
        ):
            continue
        ttls = {record.ttl for record in rrset if record.ttl is not None}
        if len(ttls) != 1:
            continue
        (seconds,) = ttls
        if limits.ttl_least <= seconds <= limits.ttl_most:
            continue
        if seconds < limits.ttl_least and _says_no_mail(zone, rrset):
            continue
        wanted = limits.usual_ttl(seconds)
        default = _default_of(rrset)
        reason = "a TTL in the usual range"
        severe = not SHORTEST <= seconds <= LONGEST
        effect = (
            "so a mistake in it persists for that long after it is corrected"
            if seconds > limits.ttl_most
            else "so receivers query it again and again, and a short outage delays mail"
        )
        yield zone.at(
            first,
            f"The TTL of {without_dot(rrset.owner)} {rrset.type} is {_duration(seconds)}, {effect}",
            f"Use {_duration(wanted)}; between {_duration(limits.ttl_least)} and "
            f"{_duration(limits.ttl_most)} nothing is reported.",
            span=first.ttl_span if default is None else default.span,
            root=Root(f"{seconds} seconds", RootScope.FILE),
            severity=Severity.WARNING if severe else None,
            change=retime(rrset.records, wanted, reason, safe=False)
            if default is None
            else default_to(default, wanted, zone.origin, reason),
        )


def _mail_records(zone: MailZone) -> Iterator[RRset]:
    yield from zone.zone.of_type("MX")
    txt = zone.zone.table("TXT")
    owners = dict.fromkeys(
        owner
        for table in (
            zone.spf, zone.dmarc, zone.keys, zone.sts, zone.tls_reports, zone.bimi,
        )
        for owner in table
    )  # fmt: skip
    yield from (txt[owner] for owner in owners if owner in txt)
    yield from (rrset for rrset in zone.zone.of_type("CNAME") if "._domainkey." in rrset.owner)


def _says_no_mail(zone: MailZone, rrset: RRset) -> bool:
    """A null MX, an SPF record that lets nobody send, or revoked keys: no message that anybody
    wants waits for them."""
    owner = rrset.owner
    if rrset.type == "MX":
        return zone.has_null_mx(owner)
    if owner in zone.spf:
        return not zone.sends(owner)
    return owner in zone.keys and all(key.ast.revoked for key in zone.keys[owner])


def _default_of(rrset: RRset) -> DefaultTtl | None:
    """The `$TTL` that gives all of its records their TTL."""
    found = {each.default if isinstance(each, MasterRecord) else None for each in rrset}
    return found.pop() if len(found) == 1 else None


def _duration(seconds: int) -> str:
    for size, word in ((604800, "week"), (86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds and seconds % size == 0:
            count = seconds // size
            return f"{count} {word}{'s' if count > 1 else ''}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


ttl.bad(
    zone="""
    @ 604800 TXT "v=spf1 mx -all"
    """,
    fixed="""
    @ 14400 TXT "v=spf1 mx -all"
    """,
)
ttl.bad(
    zone="""
    @ 60 MX 10 mail
    @ 60 MX 20 mail2
    """,
    fixed="""
    @ 3600 MX 10 mail
    @ 3600 MX 20 mail2
    """,
)
ttl.bad(zone='_dmarc 1d TXT "v=DMARC1; p=none"', config="[thresholds]\nttl-most = 7200\n")
ttl.bad(
    zone="""
    @ 1w MX 0 .
    """,
    fixed="""
    @ 14400 MX 0 .
    """,
)
ttl.good(
    zone="""
    @ 300 MX 0 .
    @ 300 TXT "v=spf1 -all"
    *._domainkey 300 TXT "v=DKIM1; p="
    """
)
ttl.good(
    zone="""
    @ 1h MX 10 mail
    @ 4h TXT "v=spf1 mx -all"
    www 1w A 192.0.2.1
    @ 1w NS ns1.example.net.
    """
)
