"""DMARC101: a domain with mail and without DMARC."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.zone import without_dot
from zonelint.rules.config.declaration import Profile
from zonelint.rules.core.change import Change, Ground, add
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.dmarc.support.declared import (
    authorise_first,
    first_phase,
    is_parked,
)
from zonelint.rules.dmarc.support.places import is_meant, misplaced
from zonelint.rules.mail.behind import found_at
from zonelint.rules.mail.dmarc_discovery import covering, is_reverse
from zonelint.rules.mail.dmarc_owner import LABEL
from zonelint.rules.mail.signing import signing_domains
from zonelint.rules.model.declaring import bulk_severity, declared_at, declared_in
from zonelint.rules.model.subjects import Dmarc, MailZone


@rule(
    "DMARC101",
    "dmarc-missing",
    Severity.WARNING,
    on=MailZone,
    about=Dmarc,
    needs=Needs.ZONE,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §5.1.4",
    ground=Ground.DECLARED,
    step=Step.DMARC,
    explains=["dmarc-missing"],
)
def missing(zone: MailZone) -> Iterator[Found | Unknown]:
    """A domain receives or sends mail and has no DMARC record.

    What it finds
        A domain with a mail exchange, a DKIM key or an SPF record that lets somebody send, or one
        that zonelint.toml declares to send, that no DMARC record covers: neither its own nor that
        of its organisational domain.
    Why it matters
        Anybody can send as the domain, no reports say who does, and the large mailbox providers
        refuse mail from bulk senders without DMARC.
    Example
        `example.com. MX 10 mail.example.com.` without `_dmarc.example.com.`
    Use instead
        `_dmarc.example.com. TXT "v=DMARC1; p=none; rua=mailto:<your address>"`: this phase only
        monitors, and stops no mail.
    References
        RFC 9989 §4.10.1, §5.1.4, §5.1.5
    """
    if is_reverse(zone.origin):
        return
    apex = covering(zone.context, zone.origin)
    if apex.record is not None and apex.is_organisational:
        return  # it covers every name below, whatever that has of its own
    for owner, why in zone.possible_mx():
        if covering(zone.context, owner).record is None:
            yield zone.unknown(owner, *why)
    meant: frozenset[str] | None = None
    for domain in _with_mail(zone):
        cover = covering(zone.context, domain)
        if not cover.is_known:
            yield zone.unknown(domain, *cover.missing)
            return
        if cover.record is not None:
            continue
        meant = _meant(zone) if meant is None else meant
        if LABEL + zone.origin in meant:
            return
        if meant.isdisjoint((LABEL + domain, zone.context.answers.ask(LABEL + domain, "TXT").last)):
            is_alone = is_parked(zone, zone.origin)
            yield _missing(zone, domain, domain if is_alone else zone.origin)
            if not is_alone:
                return


def _with_mail(zone: MailZone) -> Iterator[str]:
    """The domains with mail, the zone's own first; those that are declared to send among them."""
    sending = {
        each.name: None
        for each in declared_in(zone)
        if each.senders or each.profile in (Profile.SENDING, Profile.BULK_SENDER)
    }
    signing = signing_domains(zone)
    others = sorted({*zone.zone.table("MX"), *zone.spf, *signing})  # in whatever order written
    for owner in dict.fromkeys((zone.origin, *sending, *others)):
        if (
            (owner in sending or owner in signing or zone.receives(owner) or zone.sends(owner))
            and not is_parked(zone, owner)
            and not owner.startswith(("_", "*."))
            and zone.zone.contains(owner)
            and zone.speaks_for(owner)
        ):
            yield owner


def _meant(zone: MailZone) -> frozenset[str]:
    """Owners of records that receivers cannot use: what is wrong there is told elsewhere."""
    hidden = {txt.owner for txt in zone.others if is_meant(txt)}
    led = {owner for owner, _ in found_at(zone, Dmarc)}
    return frozenset(hidden | zone.dmarc.keys() | led | {place for _, place in misplaced(zone)})


def _what(zone: MailZone, domain: str) -> str:
    """What shows that a domain is used for mail."""
    is_shown = zone.receives(domain) or zone.sends(domain) or domain not in signing_domains(zone)
    return "mail" if is_shown else "a DKIM key"


def _missing(zone: MailZone, domain: str, at: str) -> Found:
    """The record is proposed at the apex, where it covers the names below as well; but not where
    the apex is to refuse all mail."""
    owner = LABEL + at
    intent = zone.context.dmarc_declared(at)
    text = first_phase(intent)
    advice = f"Publish `{text}` at {without_dot(owner)}"
    if not intent.rua:
        advice += (
            ", with `rua=mailto:` and an address of yours that receives the reports; the proposal "
            "has the one that zonelint.toml declares as `rua`"
        )
    change: Change | None = None
    alias = zone.zone.get(owner, "CNAME")
    if alias is not None:
        target = without_dot(alias.records[0].target)
        advice = (
            f"The alias at {without_dot(owner)} leads to {target}, where no DMARC record is "
            "published: correct it"
        )
    elif zone.previous is not None and covering(zone.previous.context, domain).record is not None:
        advice = "Keep the record that covered it before this change"
    elif not zone.zone.is_delegated(owner):
        change = add(owner, "TXT", txt_rdata(text), "the first phase: monitor, stop nothing")
    return Found(
        owner,
        "TXT",
        zone.near(domain if alias is None else owner),
        f"{without_dot(domain)} has {_what(zone, domain)} but no DMARC record, so anybody can send "
        "as it and nobody learns who does",
        f"{advice}.{authorise_first(zone.context, at) if change else ''}",
        change=change,
        severity=bulk_severity(declared_at(zone, domain)),
    )


missing.bad(
    zone="""
    @ MX 10 mail
    """,
    fixed="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=none"
    """,
)
missing.bad(
    zone="""
    @ TXT "v=spf1 include:_spf.example.net -all"
    """,
    config="""
    [domains."example.com".dmarc]
    rua = ["mailto:dmarc@example.com"]
    """,
    fixed="""
    @ TXT "v=spf1 include:_spf.example.net -all"
    _dmarc TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.com"
    """,
)
missing.bad(
    zone="""
    @ MX 10 mail
    """,
    config="""
    [domains."example.com".dmarc]
    alignment = "strict"
    rua = ["mailto:dmarc@example.com"]
    ruf = ["mailto:dmarc@example.com"]
    """,
    fixed="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.com; ruf=mailto:dmarc@example.com; fo=1; adkim=s; aspf=s"
    """,  # noqa: E501
)
missing.bad(
    zone="""
    s1._domainkey CNAME s1.dkim.example.net.
    """,
    fixed="""
    s1._domainkey CNAME s1.dkim.example.net.
    _dmarc        TXT   "v=DMARC1; p=none"
    """,
)
missing.good(zone='@ TXT "v=spf1 -all mx ip4:198.51.100.7"')  # PARK001 tells
missing.good(
    zone="""
    s1._domainkey TXT "v=DKIM1; p="
    *._domainkey TXT "v=DKIM1; p="
    """
)
missing.bad(
    zone="""
    @ TXT "v=spf1 -all"
    shop MX 10 mail
    """,
    fixed="""
    @ TXT "v=spf1 -all"
    shop MX 10 mail
    _dmarc TXT "v=DMARC1; p=none"
    """,
)
missing.bad(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    shop MX 10 mail
    team TXT "v=spf1 ip4:192.0.2.1 -all"
    """,
    config='parked = ["example.com"]',
    fixed="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    shop MX 10 mail
    _dmarc.shop TXT "v=DMARC1; p=none"
    team TXT "v=spf1 ip4:192.0.2.1 -all"
    _dmarc.team TXT "v=DMARC1; p=none"
    """,
)
missing.bad(zone="@ MX 10 mail\n_dmarc CNAME nothing-here")
missing.bad(zone="@ MX 10 mail", before='@ MX 10 mail\n_dmarc TXT "v=DMARC1; p=reject"')
for _declared in ('profile = "bulk-sender"', 'profile = "sending"', 'senders = ["mailgun"]'):
    missing.bad(
        zone="@ A 203.0.113.7",
        config=f'[domains."example.com"]\n{_declared}\n',
        fixed="""
        @ A 203.0.113.7
        _dmarc TXT "v=DMARC1; p=none"
        """,
    )
missing.bad(
    zone="""
    @ MX 10 mail
    _dmarc CNAME example.policies.test.
    """,
    undecided=True,
)
missing.good(
    zone="""
    @ MX 10 mail
    @ TXT "v=spf1 mx -all"
    _dmarc TXT "v=DMARC1; p=none"
    shop MX 10 mail
    """
)
missing.good(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    www A 203.0.113.7
    team NS ns.example.net.
    team MX 10 mail.example.net.
    """
)
missing.good(
    zone="""
    @ MX 10 mail
    _dmarc CNAME policy
    policy TXT "v=DMARC1; p=none"
    """
)
missing.good(
    zone="@ MX 10 mail", config='[domains."example.com"]\nprofile = "parked"\n'
)  # fmt: skip
missing.good(zone="@ A 203.0.113.7", config='[domains."example.com"]\nspf = "final"\n')
missing.good(zone='@ MX 10 mail\n_dmarc TXT "v=dmarc1; p=none"')
missing.good(zone='@ MX 10 mail\n@ TXT "v=DMARC1; p=none"')
missing.good(zone='@ MX 10 mail\n_dmarc TXT "v=DMARC1; p=none"\n_dmarc TXT "v=DMARC1; p=reject"')
