"""ZONE006: names that end in the zone's own name twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from zonelint.grammars.zone import Record, RRset, without_dot
from zonelint.rules.core.change import Role, move, replace
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.mail.slips import is_doubled, likely_meant
from zonelint.rules.model.declaring import senders_of
from zonelint.rules.model.subjects import MailZone

_POINTING = ("MX", "CNAME", "NS", "SRV", "PTR", "DNAME")


@rule(
    "ZONE006", "zone-missing-dot", Severity.WARNING, on=MailZone, needs=Needs.ZONE,
    fix=Fix.PROPOSAL, section="RFC 1035 §5.1",
    role=Role.MENDS,
    inside=True, explains=["dkim", "sender-domain"],
)  # fmt: skip
def missing_dot(zone: MailZone) -> Iterator[Found]:
    """A name lacks its final dot, so the zone's name is appended to it again.

    What it finds
        Owners and targets that end in the zone's own name twice, and targets that are the name of a
        known mail service, or an MX that of a host of the zone, with the origin after it. Owners of
        DMARC and DKIM records are left to DMARC004 and DKIM008.
    Why it matters
        The record is published at a name that nobody queries, or points at one that does not exist:
        mail to it bounces.
    Example
        `@ MX 10 mail.example.com` in the zone example.com
    Use instead
        `@ MX 10 mail.example.com.` or `@ MX 10 mail`
    References
        RFC 1035 §5.1
    """
    origin = zone.origin
    double = f"{origin}{origin}"
    for type in zone.written.types():
        for owner, rrset in zone.written.table(type).items():
            if (
                owner.endswith(double)
                and is_doubled(owner, origin)
                and not _is_reported_elsewhere(owner)
            ):
                yield from _owners(zone, rrset, owner[: -len(origin)])
    for type in (each for each in _POINTING if each in zone.features):
        for target, records in zone.targets(type).items():
            if target.endswith(double) and is_doubled(target, origin):
                yield from _targets(zone, records, target)
            elif type in ("MX", "CNAME") and target.endswith(f".{origin}"):
                yield from _of_services(zone, records)


def _of_services(zone: MailZone, records: Iterable[Record]) -> Iterator[Found]:
    """Targets that are the name of a mail service or a host but for the origin behind it."""
    catalogue = senders_of(zone.context)
    for record in records:
        meant = likely_meant(record)
        if meant is None or zone.zone.at(record.target):
            continue
        if record.type == "MX":
            service = catalogue.by_mx(without_dot(meant))
            is_host = any(zone.zone.get(meant, type) for type in ("A", "AAAA"))
        elif "domainkey" in meant or "dkim" in meant:
            known = catalogue.by_dkim_target(without_dot(meant))
            service, is_host = None if known is None else known[0], False
        else:
            continue
        if service is not None or is_host:
            whose = f" of {service.name}" if service is not None else ""
            yield zone.at(
                record,
                f"`{record.fields[-1].text}` lacks its final dot, so it means "
                f"`{without_dot(record.target)}`, not the intended name{whose}",
                f"Write `{meant}` with its final dot.",
                span=record.fields[-1].span,
                change=replace(record, _with_target(record, meant), "the intended name"),
            )


def _with_target(record: Record, target: str) -> str:
    front = record.rdata.rpartition(" ")[0]
    return f"{front} {target}" if front else target


def _owners(zone: MailZone, rrset: RRset, meant: str) -> Iterator[Found]:
    for record in rrset:
        if record.spelling.owner_dots:
            why = "lacks its final dot"
            advice = f"Write {meant} with its final dot, or only the part before the zone's name."
        else:
            why = "contains the zone's name, which is appended to it again"
            written = record.spelling.owner(meant)
            advice = f"Write `{written}`: names are relative to the zone here."
        yield zone.at(
            record,
            f"The owner {why}, so the record is published at {without_dot(rrset.owner)}, where "
            "nobody looks",
            advice,
            span=record.owner_span,
            change=move(record, meant, "the intended name")
            if _has_room(zone, record, meant)
            else None,
        )


def _has_room(zone: MailZone, record: Record, name: str) -> bool:
    """Whether the record can stand at a name beside what is there: a CNAME stands alone."""
    types = {rrset.type for rrset in zone.written.at(name)}
    return not types or (record.type != "CNAME" and "CNAME" not in types)


def _targets(zone: MailZone, records: Iterable[Record], target: str) -> Iterator[Found]:
    meant = target[: -len(zone.origin)]
    for record in records:
        rdata = record.rdata
        place = rdata.lower().rfind(target)
        change = None
        if place >= 0:
            text = rdata[:place] + meant + rdata[place + len(target) :]
            change = replace(record, text, "the intended name")
        yield zone.at(
            record,
            f"The target lacks its final dot, so it means {without_dot(target)}, a name that does "
            "not exist",
            f"Write {meant} with its final dot.",
            span=record.fields[-1].span,
            change=change,
        )


def _is_reported_elsewhere(owner: str) -> bool:
    return owner.startswith("_dmarc.") or "domainkey" in owner


missing_dot.bad(
    zone="""
    mail A 192.0.2.1
    $ORIGIN team.example.com.
    @ MX 10 mail.example.com
    """,
    fixed="""
    mail A 192.0.2.1
    $ORIGIN team.example.com.
    @ MX 10 mail.example.com.
    """,
)
missing_dot.bad(
    zone="""
    @ MX 10 mail.example.com
    """,
    fixed="""
    @ MX 10 mail.example.com.
    """,
)
missing_dot.bad(
    zone="""
    www.example.com A 192.0.2.1
    """,
    fixed="""
    www A 192.0.2.1
    """,
)
missing_dot.bad(
    zone="""
    www CNAME example.com
    """,
    fixed="""
    www CNAME example.com.
    """,
)
missing_dot.bad(
    zone="""
    @ MX 1 aspmx.l.google.com
    selector1._domainkey CNAME selector1-example-com._domainkey.contoso.onmicrosoft.com
    """,
    fixed="""
    @ MX 1 aspmx.l.google.com.
    selector1._domainkey CNAME selector1-example-com._domainkey.contoso.onmicrosoft.com.
    """,
)
missing_dot.bad(
    zone="""
    www.example.com CNAME web.example.net.
    www A 192.0.2.1
    """
)
missing_dot.good(
    zone="""
    @ MX 10 mail.example.com.
    www CNAME example.com.
    a CNAME example.net.example.com.
    b CNAME example.com.example.net.
    """
)
