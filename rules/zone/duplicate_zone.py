"""ZONE010: several zones of one name that disagree about mail."""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice, takewhile

from zonelint.grammars.listing import some
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Root, Severity
from zonelint.rules.core.rule import Needs, rule
from zonelint.rules.model.facts import Fact
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.model.wording import SuppliedZone, WordedZone


@rule(
    "ZONE010",
    "zone-duplicate",
    Severity.WARNING,
    on=MailZone,
    needs=Needs.ZONE,
    section="RFC 1034 §4.2",
    when={"twin"},
    inside=True,
)
def duplicate_zone(zone: MailZone) -> Iterator[Found]:
    """Several files or providers define one zone, and their mail records differ.

    What it finds
        Two complete zones of one name in one view, with different MX, SPF, DKIM or DMARC records.
        Zones that are served side by side on purpose, such as an internal and a public one, belong
        to different views: `[views]` in zonelint.toml. What the `zones` of a zone's configuration,
        or of those above it, do not name is another project's and is not compared.
    Why it matters
        Only one of them is visible on the internet. Receivers judge mail by that one, and
        corrections in the other have no effect.
    Example
        `zones/example.com.zone` beside `old/example.com.zone`, one of them without DMARC
    Use instead
        One zone, or a view for each: in zonelint.toml, `internal = ["zones/internal/*.zone"]` below
        `[views]`. Zones in no view belong together; they see those in public views, whose answer
        counts where all views agree, and are visible to them.
    References
        RFC 1034 §4.2
    """
    if not _is_comparable(zone):
        return
    facts = zone.context.facts(DUPLICATES)
    first = bisect_left(facts, (zone.origin,))
    alike = takewhile(lambda fact: fact[0] == zone.origin, islice(facts, first, None))
    own, made_from = _digest(zone), _other_state(_state(zone))
    differing = [f"`{p}`" for _, p, digest, state in alike if digest != own and state != made_from]
    if differing:
        soa = zone.zone.get(zone.origin, "SOA")
        yield Found(
            zone.origin,
            "SOA",
            zone.near(zone.origin) if soa is None else soa.records[0].span,
            f"`{without_dot(zone.origin)}` is also the zone of {some(differing, 1)}, with "
            "different mail records, so one of them is not what receivers see",
            "Keep one of them, or declare under `[views]` in zonelint.toml which view each "
            "belongs to.",
            root=Root(f"{zone.origin} {zone.identity.view}"),
        )


def _facts(zone: MailZone) -> Iterator[tuple[str, str, str, str]]:
    if "twin" in zone.features and _is_comparable(zone):
        yield zone.origin, _place(zone), _digest(zone), _state(zone)


def _state(zone: MailZone) -> str:
    return zone.written.state if isinstance(zone.written, WordedZone) else ""


def _other_state(state: str) -> str | None:
    """What a plan and the source that it was made from are to one another: the same zone."""
    provider, _, kind = state.rpartition(" ")
    return {"plan": f"{provider} source", "source": f"{provider} plan"}.get(kind)


def _is_comparable(zone: MailZone) -> bool:
    """Whether all of a zone is known, its name too, and it is not written from another."""
    made = isinstance(zone.written, SuppliedZone) and zone.written.elsewhere
    is_vague = isinstance(zone.written, WordedZone) and zone.written.is_vague
    return zone.zone.complete and not zone.zone.unknown and not made and not is_vague


def _place(zone: MailZone) -> str:
    """What a person calls the zone: its file, or where it is published."""
    return str(zone.identity)


def _digest(zone: MailZone) -> str:
    """A sum over the records about mail."""
    lines = [
        f"{owner} {subject.value}"
        for table in zone.tables()
        for owner, subjects in table.items()
        for subject in subjects
    ]
    lines += (
        f"{rrset.owner} {record.preference} {record.target}"
        for rrset in zone.zone.of_type("MX")
        for record in rrset
    )
    lines += (
        f"{rrset.owner} {record.target}"
        for rrset in zone.zone.of_type("CNAME")
        if "._domainkey." in rrset.owner or rrset.owner.startswith("_dmarc.")
        for record in rrset
    )
    text = "\n".join(sorted(lines))
    return f"{zlib.crc32(text.encode('utf-8', 'surrogateescape')):08x}"


DUPLICATES = Fact("zone.duplicate", _facts)

duplicate_zone.bad(
    zone="""
    @ MX 10 mail
    """,
    twin="""
    @ MX 10 mail
    @ TXT "v=spf1 mx -all"
    """,
)
duplicate_zone.bad(
    zone="""
    s1._domainkey CNAME s1.example.net.
    """,
    twin="""
    s1._domainkey CNAME s1.example.org.
    """,
)
duplicate_zone.good(
    zone="""
    @ MX 10 mail
    """,
    twin="""
    @ MX 10 MAIL
    www A 192.0.2.1
    """,
)
duplicate_zone.good(zone="@ MX 10 mail")
