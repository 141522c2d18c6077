"""MX002: exchanges to which no mail can be delivered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from zonelint.grammars.zone import Record, without_dot
from zonelint.rules.core.finding import Found, Root, Severity, Unknown
from zonelint.rules.core.rule import Needs, Step, rule
from zonelint.rules.mail.slips import exchange_meant, is_doubled, likely_meant
from zonelint.rules.model.answers import Status
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.transport.support.hosts import may_have_address

_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}\.")


@rule(
    "MX002", "mx-target", Severity.ERROR, on=MailZone, needs=Needs.ZONE,
    section="RFC 5321 §5.1; RFC 2181 §10.3", when={"MX"},
    inside=True, step=Step.MAIL, explains=["sender-domain"],
)  # fmt: skip
def mx_target(zone: MailZone) -> Iterator[Found | Unknown]:
    """An MX points at an address, at a CNAME, or at a name without an address.

    What it finds
        An IP address in place of the exchange's name; an exchange that is a CNAME; an exchange in
        one of the zones of this run that has neither A nor AAAA, itself or where a DNAME above it
        leads. Exchanges elsewhere count where the lock knows them ('zonelint lock' resolves all but
        those of known services). A name that looks like a misspelling of a service's exchange, or
        of a host in your zones, is a warning. A target in which the zone's own name appears twice
        is ZONE006.
    Why it matters
        The exchange must be a host name with an address: otherwise senders cannot connect and mail
        bounces, at once or after days.
    Example
        `@ MX 10 192.0.2.1`
    Use instead
        `@ MX 10 mail` beside `mail A 192.0.2.1`
    References
        RFC 5321 §5.1; RFC 2181 §10.3; RFC 1035 §3.3.9; RFC 6672 §2.2
    """
    for target, records in zone.targets("MX").items():
        is_known = zone.answers(target, "A") and (target, "A") not in zone.zone.unknown
        if is_known and not _ADDRESS.match(target):
            continue
        for record in records:
            if _may_be_unseen(zone, target):
                yield zone.unknown(record.owner, zone.zone.rest)
                continue
            fault = _fault(zone, record)
            if fault is not None:
                place = record.fields[-1].span
                yield zone.at(record, *fault, span=place, root=Root(target))
            elif (near := exchange_meant(target, zone.context)) is not None:
                yield zone.at(
                    record,
                    f"The exchange {without_dot(target)} looks like a misspelling of "
                    f"{without_dot(near)}, so mail for {without_dot(record.owner)} is lost, or "
                    "arrives with strangers",
                    f"Write {near} if that is intended.",
                    span=record.fields[-1].span,
                    root=Root(target),
                    severity=Severity.WARNING,
                )


def _may_be_unseen(zone: MailZone, target: str) -> bool:
    """Whether the exchange's address may stand in a part of a zone that this run does not see."""
    home = zone.context.zone_of(target)
    if home is None or home.complete or is_doubled(target, zone.origin):
        return False
    if zone.context.types_at(target) is None:
        return False  # another zone's to say
    return all(zone.context.look(target, type) is None for type in ("A", "AAAA"))


def _fault(zone: MailZone, record: Record) -> tuple[str, str] | None:
    target = record.target
    if target == "." or is_doubled(target, zone.origin):
        return None
    if target == "0.":
        return (
            f"The exchange is `0.`, a host that does not exist, so mail for "
            f"{without_dot(record.owner)} cannot be delivered",
            "If the domain receives no mail, give the preference 0 and the exchange `.`: that is "
            "the null MX.",
        )
    if _ADDRESS.match(target) or ":" in target:
        return (
            f"The exchange `{record.fields[-1].text}` is an address, and an MX needs a host name, "
            f"so mail for {without_dot(record.owner)} cannot be delivered",
            "Give the host a name with an A record, and use that name here.",
        )
    held = zone.context.look(target, "A")
    if held is not None and held.status is Status.RECORDS and held.alias is None:
        return None
    alias = zone.context.look(target, "CNAME")
    if alias is not None and alias.values:
        return (
            f"The exchange {without_dot(target)} is a CNAME, which an MX must not point at, so "
            "some senders refuse to deliver",
            f"Point the MX at {without_dot(alias.values[0])} itself.",
        )
    if may_have_address(zone.context, target):
        return None
    if (gone := _led_to(zone, target)) is not None:
        return (
            f"The exchange {without_dot(target)} is an alias of {without_dot(gone)}, which has no "
            f"address, so mail for {without_dot(record.owner)} cannot be delivered to it",
            f"Correct the alias, or add the A or AAAA record of {without_dot(gone)}.",
        )
    meant, near = likely_meant(record), exchange_meant(target, zone.context)
    return (
        f"The exchange {without_dot(target)} has no address{_hidden_by(zone, target)}, so mail for "
        f"{without_dot(record.owner)} cannot be delivered to it",
        f"Add its A or AAAA record, or correct the name{f': write {near}' if near else ''}."
        f"{zone.context.only_in_view(target, 'A', 'AAAA')}"
        if meant is None
        else (
            f"Write {meant} with its final dot if that host is intended, otherwise add the A or "
            "AAAA record."
        ),
    )


def _led_to(zone: MailZone, name: str) -> str | None:
    """The name that the addresses of a host are looked for at, where that is another one."""
    answer = zone.context.answers.ask(name, "A")
    return _alias_leads_to(zone).get(name) or next(iter(answer.aliases[-1:]), None)


@once_a_zone
def _alias_leads_to(zone: MailZone) -> Mapping[str, str]:
    """The names that aliases of a provider's lead to, by the names of the aliases."""
    return {owner: name for name, owners in zone.zone.aliased.items() for owner in owners}


def _hidden_by(zone: MailZone, name: str) -> str:
    """The zone that holds a name in place of this one, which has records of the name as well."""
    home = zone.context.zone_of(name) if zone.zone.at(name) and not zone.holds(name) else None
    if home is None:
        return ""
    return (
        f" in the zone `{without_dot(home.identity.name)}` ({home.path}), which hides what "
        f"{without_dot(zone.origin)} has there"
    )


mx_target.bad(zone="@ MX 10 192.0.2.1")
mx_target.bad(zone="@ MX 10 192.0.2.1.")
mx_target.bad(zone="@ MX 10 0.")
mx_target.bad(
    zone="""
    @ MX 10 mail
    mail CNAME host.example.net.
    """
)
mx_target.bad(zone="@ MX 10 mail")
mx_target.bad(zone="@ MX 10 mx.example.net")
mx_target.bad(zone="@ MX 10 x.y\ny DNAME gone\n")
mx_target.bad(zone="@ MX 10 mail\nmail ALIAS gone\n")
mx_target.bad(
    zone="@ MX 10 mail.example.net.",
    lock='["mail.example.net."]\nseen = 2026-01-01\nA = "nxdomain"\n',
)
mx_target.bad(zone="@ MX 10 aspmx.l.gogle.com.\n@ MX 20 aspmx.l.google.co.")
mx_target.bad(zone="@ MX 0 example-com.mail.protection.outlok.com.")
mx_target.bad(zone="@ MX 10 mail.exmaple.com.\nmail A 192.0.2.1")
mx_target.good(zone="@ MX 10 aspmx.l.google.com.\n@ MX 20 mxc.mailgun.org.\n@ MX 30 mx.soho.com.")
mx_target.good(zone="@ MX 10 mail.example.com")
mx_target.good(
    zone="""
    @ MX 10 x.y
    @ MX 20 x.far
    y DNAME z
    x.z A 192.0.2.1
    far DNAME hosts.example.net.
    """
)
mx_target.good(
    zone="""
    @ MX 10 mail
    @ MX 20 six
    @ MX 30 any.wild
    @ MX 40 mail.example.net.
    @ MX 50 mail.sub
    @ MX 60 alias
    @ MX 70 near
    mail A 192.0.2.1
    six AAAA 2001:db8::1
    alias ALIAS host.example.net.
    near DYNA geoip!mail
    *.wild A 192.0.2.2
    sub NS ns1.example.net.
    none MX 0 .
    """
)
