"""ZONE005: the same record twice."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import Record, without_dot
from zonelint.rules.core.change import Role, remove
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.model.subjects import MailZone

_CASELESS = frozenset({"MX", "CNAME", "NS", "PTR", "SRV", "A", "AAAA", "DNAME", "SOA"})


@rule(
    "ZONE005", "zone-duplicate-record", Severity.WARNING, on=MailZone, needs=Needs.ZONE,
    fix=Fix.SAFE, section="RFC 2181 §5", when={"several"},
    role=Role.MENDS,
    inside=True,
)  # fmt: skip
def duplicate_record(zone: MailZone) -> Iterator[Found]:
    """The same record appears twice in the zone.

    What it finds
        Two records with the same owner, type and rdata.
    Why it matters
        DNS keeps one of them: changing only the other has no effect, or leaves two records that
        contradict each other.
    Example
        `@ MX 10 mail` twice
    Use instead
        `@ MX 10 mail` once
    References
        RFC 2181 §5
    """
    for rrset in zone.written.several:
        seen: set[object] = set()
        for record in rrset:
            key = _key(record)
            if key not in seen:
                seen.add(key)
                continue
            yield zone.at(
                record,
                f"{without_dot(rrset.owner)} already has this {rrset.type} record, so a later "
                "change to one of the two leaves the other behind",
                "Remove one of them.",
                change=remove([record], "the same record is already there", safe=True),
            )


def _key(record: Record) -> object:
    if record.type in ("TXT", "SPF"):
        return record.strings
    return record.rdata.lower() if record.type in _CASELESS else record.rdata


duplicate_record.bad(
    zone="""
    @ MX 10 mail
    @ MX 10 MAIL.example.com.
    """,
    fixed="""
    @ MX 10 mail
    """,
)
duplicate_record.bad(
    zone="""
    @ TXT "MS=ms123" ; first
    @ TXT "MS=ms123" ; second
    """,
    fixed="""
    @ TXT "MS=ms123" ; first
    """,
)
duplicate_record.good(
    zone="""
    @ MX 10 mail
    @ MX 20 mail
    @ TXT "a" "b"
    @ TXT "ab"
    """
)
