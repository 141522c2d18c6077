"""ZONE004: different TTLs within an RRset."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import without_dot
from zonelint.rules.core.change import Role, retime
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.model.subjects import MailZone

_SIGNATURES = frozenset({"RRSIG", "SIG"})
"""Types whose records have the TTL of what each of them signs (RFC 4034 §3)."""


@rule(
    "ZONE004", "zone-mixed-ttl", Severity.ERROR, on=MailZone, needs=Needs.ZONE, fix=Fix.SAFE,
    section="RFC 2181 §5.2", when={"several"},
    role=Role.MENDS,
    inside=True,
)  # fmt: skip
def mixed_ttl(zone: MailZone) -> Iterator[Found]:
    """The records of one owner and type have different TTLs.

    What it finds
        An RRset whose records do not all have the same TTL. Signatures (RRSIG) take the TTL of the
        RRset that each of them covers, and are left out, as is a TTL that nobody has written.
    Why it matters
        The standard forbids it: some servers refuse the zone, and caches drop some of the records
        earlier than others, so that mail servers or keys seem to be missing for a while.
    Example
        `@ 3600 MX 10 a` beside `@ 7200 MX 20 b`
    Use instead
        The same TTL for both.
    References
        RFC 2181 §5.2; RFC 4034 §3
    """
    for rrset in zone.written.several:
        if rrset.type in _SIGNATURES:
            continue
        # A TTL that is left to the provider, or known after the change, may be the same.
        written = [(record, record.ttl) for record in rrset if record.ttl is not None]
        other = next((record for record, ttl in written if ttl != written[0][1]), None)
        if other is None:
            continue
        lowest = min(ttl for _, ttl in written)
        yield zone.among(
            other,
            f"The {rrset.type} records of {without_dot(rrset.owner)} have different TTLs, "
            f"{written[0][1]} and {other.ttl} seconds, so caches drop some of them earlier than "
            "others or the zone does not load",
            f"Give all of them the same TTL, such as {lowest}.",
            span=other.ttl_span,
            change=retime(
                [record for record, _ in written],
                lowest,
                "one TTL for the RRset, the lowest of them",
            ),
        )


mixed_ttl.bad(
    zone="""
    @ 3600 MX 10 a
    @ 7200 MX 20 b
    """,
    fixed="""
    @ 3600 MX 10 a
    @ 3600 MX 20 b
    """,
)
mixed_ttl.good(
    zone="""
    @ 3600 MX 10 a
    @ 1h MX 20 b
    @ 7200 TXT "v=spf1 -all"
    """
)
mixed_ttl.good(
    zone="""
    @ 3600 RRSIG MX 13 2 3600 20300101000000 20200101000000 4711 example.com. c2lnbmVk
    @ 300 RRSIG A 13 2 300 20300101000000 20200101000000 4711 example.com. c2lnbmVk
    """
)
