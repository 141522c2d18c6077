"""PHASE008: a change takes a domain its mail, or sends it elsewhere than declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from zonelint.grammars.spf.address import read_address
from zonelint.grammars.zone import Record, RRset, without_dot
from zonelint.rules.config.declaration import Profile
from zonelint.rules.core.finding import Found, Root, Severity, Unknown
from zonelint.rules.core.rule import Needs, rule
from zonelint.rules.mail.behind import shadowed
from zonelint.rules.mail.meaning import RecordsChange, Subject, records_changes
from zonelint.rules.model.answers import ADDRESSES
from zonelint.rules.model.context import Context
from zonelint.rules.model.declaring import senders_of
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.phase.support.rollout import was_host_alias


@rule(
    "PHASE008",
    "phase-mail-route-changed",
    Severity.ERROR,
    on=MailZone,
    needs=Needs.CHANGE,
    section="RFC 5321 §5.1",
    inside=True,
)
def mail_route_changed(zone: MailZone) -> Iterator[Found | Unknown]:
    """A change removes the last MX of a domain, or routes its mail elsewhere than declared.

    What it finds
        A domain that had an MX before the change and has none after it, or only a null MX, its own
        or at a name that its alias or a DNAME leads to; not where zonelint.toml declares it parked.
        For information a name that is new in the zone and has none, where a wildcard's MX answered
        for it before, as for any name that does not exist. A warning
        for a domain whose mail went to the declared receiver (`mx.receiver`) and after the change
        goes to another one, additionally or exclusively. An error as well where no exchange can
        be reached any more.
    Why it matters
        Mail to the domain is refused or lost from the moment of the change, and senders give up
        after some days: what is sent in the meantime is never read.
    Example
        `@ MX 10 mail.example.net.` removed from a zone
    Use instead
        The MX as it was; `profile = "parked"` for a domain that should no longer receive mail.
    References
        RFC 5321 §5.1; RFC 6672 §2.2; RFC 7505 §3; RFC 4592 §2.2.1
    """
    previous = zone.previous
    if previous is None:
        return
    for change in records_changes(zone):
        domain = change.domain
        if change.subject is not Subject.MX or not _names_hosts(change.before):
            continue
        if was_host_alias(zone, domain):
            continue
        declared = zone.context.declared(domain)
        if declared is not None and declared.profile is Profile.PARKED:
            continue
        wildcard = shadowed(zone, domain, "MX")
        if change.unknown:
            yield zone.unknown(domain, *change.unknown)
        elif wildcard is not None and declared is None:
            if not _names_hosts(change.after):
                yield _no_longer_below(zone, change, wildcard)
        elif not _names_hosts(change.after):
            yield _lost(zone, change)
        elif declared is not None and declared.receiver is not None:
            yield from _elsewhere(zone, previous, domain, declared.receiver)
    for domain, rrset in zone.zone.table("MX").items():
        was = previous.mx(domain)
        if was and _is_dead(rrset, zone.context) and not _is_dead(was, previous.context):
            yield _unreachable(zone, domain, rrset)


_PARKED = 'profile = "parked" if the domain should receive no mail'


def _names_hosts(values: Iterable[str]) -> bool:
    return any(not value.endswith(" .") for value in values)


def _told(change: RecordsChange) -> str:
    return " and ".join(f"`{without_dot(each.partition(' ')[2])}`" for each in change.before[:3])


def _no_longer_below(zone: MailZone, change: RecordsChange, wildcard: str) -> Found:
    """Nobody may have sent mail to a name that did not exist."""
    return zone.missing(
        change.domain,
        "MX",
        f"{without_dot(change.domain)} exists now, so {without_dot(wildcard)} no longer answers "
        f"for it: mail to it went to {_told(change)}, and it has no MX now",
        "Add an MX if it takes mail.",
        severity=Severity.INFO,
        root=Root(wildcard),
    )


def _is_dead(exchanges: Iterable[Record], context: Context) -> bool:
    """Whether nobody reaches an exchange, for certain, and somebody should."""
    hosts = [each.target for each in exchanges if each.target != "."]
    return bool(hosts) and all(_is_nowhere(host, context) for host in hosts)


def _is_nowhere(host: str, context: Context) -> bool:
    """Whether a host has no address, or only such as are every sender's own; or is one itself."""
    if read_address(host.removesuffix(".")) is not None:
        return True
    found = [context.answers.ask(host, type) for type in ADDRESSES]
    own = (each.is_loopback or each.is_unspecified for of in found for each in of.addresses)
    return all(each.is_whole for each in found) and all(own)


def _unreachable(zone: MailZone, domain: str, exchanges: RRset) -> Found:
    record = exchanges.records[0]
    return zone.at(
        record,
        f"No exchange of {without_dot(domain)} can be reached after this change, so mail to it is "
        "not delivered",
        "Put the address back, or name hosts that have one.",
        span=record.fields[-1].span,
    )._replace(follows=True)


def _lost(zone: MailZone, change: RecordsChange) -> Found:
    domain = change.domain
    has = "a null MX" if change.after else "no MX"
    effect = "mail to it is refused"
    ask = zone.context.answers.ask
    if has == "no MX" and any(ask(domain, type).values for type in ADDRESSES):
        effect = "senders try the domain's own address, where its mail is not accepted or not read"
    message = (
        f"{without_dot(domain)} received mail at {_told(change)} and has {has} after this change, "
        f"so {effect}"
    )
    alias = zone.leading_from(domain)
    if alias is not None and alias.type != "TXT":
        advice = "Have the alias lead to a name with an MX"
        return zone.answered(alias, domain, message, f"{advice}, or declare {_PARKED}.")
    return zone.missing(domain, "MX", message, f"Put the MX back, or declare {_PARKED}.")


def _elsewhere(zone: MailZone, previous: MailZone, domain: str, receiver: str) -> Iterator[Found]:
    service = senders_of(zone.context).load(receiver)
    was, mx = previous.mx(domain), zone.mx(domain)
    if was is None or mx is None or not all(service.receives_at(r.target) for r in was.records):
        return
    for record in mx.records:
        if not service.receives_at(record.target) and not service.is_verification(record.target):
            yield zone.at(
                record,
                f"Mail of {without_dot(domain)} went to {service.name}, which is declared to "
                f"receive it, and goes to `{without_dot(record.target)}` with this change",
                "Keep the exchanges of the declared receiver, or declare another one.",
                severity=Severity.WARNING,
                span=record.fields[-1].span,
            )


_BEFORE = """
@ MX 10 mail.example.net.
@ TXT "v=spf1 mx -all"
"""

mail_route_changed.bad(before=_BEFORE, zone='@ TXT "v=spf1 mx -all"')
mail_route_changed.bad(
    before=_BEFORE,
    zone="""
    @ A 203.0.113.7
    @ TXT "v=spf1 mx -all"
    """,
)
mail_route_changed.bad(
    before=_BEFORE,
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 mx -all"
    """,
)
_RECEIVER = """
[domains."example.com"]
mx.receiver = "google-workspace"
"""
mail_route_changed.bad(
    before="@ MX 1 smtp.google.com.",
    zone="@ MX 10 mail.example.net.",
    config=_RECEIVER,
)
_ALIAS = """
team CNAME mail-team
mail-team MX 10 mail.example.net.
"""
mail_route_changed.bad(before=_ALIAS, zone=_ALIAS.replace("CNAME mail-team", "CNAME gone"))
mail_route_changed.bad(before=_ALIAS, zone=_ALIAS.replace("team CNAME mail-team\n", "", 1))
mail_route_changed.good(before="team MX 10 mail.example.net.", zone=_ALIAS)
_REDIRECTED = """
old DNAME new
team.new MX 10 mail.example.net.
"""
mail_route_changed.bad(before=_REDIRECTED, zone="team.new MX 10 mail.example.net.")
mail_route_changed.good(
    before=_REDIRECTED,
    zone="""
    team.old MX 10 mail.example.net.
    team.new MX 10 mail.example.net.
    """,
)
_WILDCARD = "* MX 10 mail.example.net."
mail_route_changed.bad(before="* CNAME team\nteam MX 10 mail.example.net.", zone="team TXT x")
mail_route_changed.bad(before=_WILDCARD, zone=f"{_WILDCARD}\nwww A 8.8.8.8")  # for information
mail_route_changed.good(before=f"{_WILDCARD}\nteam MX 10 mail.example.net.", zone=_WILDCARD)
_WEB = "@ MX 10 mail\n@ A 8.8.8.8\nmail A 8.8.8.8\n"
mail_route_changed.good(before=f"{_WEB}www CNAME @", zone=f"{_WEB}www A 8.8.4.4")
_HOST = "@ MX 10 mail\nmail A 8.8.8.8\n"
mail_route_changed.bad(before=_HOST, zone="@ MX 10 mail")
mail_route_changed.bad(before=_HOST, zone=_HOST.replace("10 mail", "10 mial"))
mail_route_changed.bad(before=_HOST, zone=_HOST.replace("8.8.8.8", "127.0.0.1"))
mail_route_changed.bad(before=_HOST, zone=_HOST.replace("10 mail", "10 8.8.8.8."))
mail_route_changed.good(before=_HOST, zone=f"{_HOST}@ MX 20 gone")
mail_route_changed.good(before="@ MX 10 mail", zone="@ MX 20 mail")  # it had none before
mail_route_changed.good(
    before=_BEFORE,
    zone="""
    @ MX 10 mail.example.org.
    @ TXT "v=spf1 mx -all"
    """,
)
mail_route_changed.good(before="@ MX 0 .", zone='@ TXT "v=spf1 -all"')
mail_route_changed.good(
    before=_BEFORE,
    zone="@ MX 0 .",
    config='[domains."example.com"]\nprofile = "parked"\n',
)
mail_route_changed.good(
    before="@ MX 1 smtp.google.com.", zone="@ MX 1 aspmx.l.google.com.", config=_RECEIVER
)
