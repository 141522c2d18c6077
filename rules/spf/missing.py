"""SPF110: a domain that takes mail and has no SPF."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import labels, without_dot
from zonelint.rules.core.change import Change, Ground, Role
from zonelint.rules.core.finding import Found, Root, RootScope, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.mail import lookups
from zonelint.rules.mail.dmarc_discovery import covering, is_reverse
from zonelint.rules.mail.lookups import Fate
from zonelint.rules.mail.signing import signs, where_to_look
from zonelint.rules.model.declaring import declared_in, senders_at
from zonelint.rules.model.inferring import Inferred, inferred_for_spf
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.spf.support.anew import propose_record
from zonelint.rules.spf.support.naming import wanted_at


@rule(
    "SPF110",
    "spf-missing",
    Severity.WARNING,
    on=MailZone,
    needs=Needs.ZONE,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §3",
    when={"MX", "unknown"},
    role=Role.SUPPLIES,
    ground=Ground.INFERRED,
    step=Step.SPF,
)
def missing(zone: MailZone) -> Iterator[Found | Unknown]:
    """A domain receives mail and has no SPF record.

    What it finds
        A domain, or a name below one, that has its own MX, which is not null, and no SPF record,
        whatever its DMARC policy. An error where the DMARC policy is enforcing and there is no DKIM
        key either: then all of its mail fails. A domain whose senders are declared is left to
        SPF210, which names what is missing.
    Why it matters
        Gmail, Yahoo and Outlook require SPF or DKIM from everybody who sends to them, and both from
        bulk senders. Without SPF, anybody can use the domain as envelope sender.
    Example
        `@ MX 10 mail.example.com.` and no `v=spf1`
    Use instead
        `@ TXT "v=spf1 mx -all"` where the mail hosts also send, with an `include` for every
        service; `@ TXT "v=spf1 -all"` where nobody sends.
    References
        RFC 7208 §3; https://support.google.com/a/answer/81126
    """
    if is_reverse(zone.origin):
        return
    for owner, why in zone.possible_mx():
        if owner not in zone.spf:
            yield zone.unknown(owner, *why)
    if zone.zone.table("MX").keys() <= zone.spf.keys():
        return
    meant = {txt.owner for txt in zone.others if "spf" in txt.features}
    shown = {each.intent.name: each for each in inferred_for_spf(zone, recommended=True)}
    senders = (*declared_in(zone), *(each.intent for each in shown.values()))
    paths = {wanted.owner for each in senders for wanted in wanted_at(zone, each)}
    for owner in zone.zone.table("MX"):
        if owner in zone.spf or owner in meant or not _takes_mail(zone, owner):
            continue
        if owner in paths and owner not in shown:  # SPF210 tells
            continue
        if missing := zone.unseen(owner, "TXT"):
            yield zone.unknown(owner, *missing)
            continue
        tree = lookups.tree(owner, zone.context)
        if tree.fate in (Fate.UNKNOWN, Fate.FAILED):
            yield zone.unknown(owner, *tree.missing)
        elif tree.fate is Fate.NO_RECORD:
            yield _missing(zone, owner, shown.get(owner))


def _takes_mail(zone: MailZone, owner: str) -> bool:
    """Whether a name is a mail domain of this zone of which SPF210 tells nothing."""
    if owner.startswith("*.") or any(label.startswith("_") for label in labels(owner)):
        return False
    if not zone.receives(owner) or not zone.holds(owner) or zone.zone.is_delegated(owner):
        return False
    declared = zone.context.declared(owner)
    # Of a domain with a profile SPF210 tells that it has no record, PARK001 of a parked one.
    return declared is None or (declared.profile is None and not declared.senders)


def _missing(zone: MailZone, owner: str, shown: Inferred | None) -> Found:
    cover = covering(zone.context, owner)
    is_lost = (
        cover.record is not None
        and cover.enforces
        and not signs(zone)
        and not where_to_look(zone, cover.record)
    )
    effect = (
        "under its enforcing DMARC policy, and without a DKIM key, all of its mail fails"
        if is_lost
        else "anybody can use it as envelope sender, and large mailbox providers trust it less"
    )
    advice = "Publish one that names every sender, or `v=spf1 -all` if nobody sends as this domain."
    change, reason = _proposed(zone, owner, shown)
    if reason:
        advice += f" {reason}"
    return zone.at(
        zone.zone.table("MX")[owner].records[0],
        f"{without_dot(owner)} receives mail and has no SPF record, so {effect}",
        advice,
        change=change,
        severity=Severity.ERROR if is_lost else None,
        root=Root(owner.removesuffix(zone.origin), RootScope.PLACE),
    )


def _proposed(zone: MailZone, owner: str, shown: Inferred | None) -> tuple[Change | None, str]:
    """A record for the services that the zone shows; nobody else is let in unasked."""
    names: dict[str, str] = {}
    if shown is not None:
        exchanges = [record.target for record in zone.mx(owner) or ()]
        for each in senders_at(zone, shown.intent):
            name = each.spf.proposal_beside(exchanges)
            if name is not None and shown.intent.options_for(each.id).envelope is None:
                names[each.id] = name
    reason = "the services that the zone shows"
    change = propose_record(zone, owner, list(names.values()), "~all", reason)
    if shown is None or not names:
        return change, ""
    why = "; ".join(map(shown.evidence.__getitem__, names))
    return change, f"The proposal follows from what the zone shows: {why}."


missing.bad(
    zone="""
    @ MX 10 mail
    mail A 203.0.113.7
    _dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"
    lists MX 10 mail
    """
)
missing.bad(
    zone="""
    @ MX 10 mail.example.net.
    _dmarc TXT "v=DMARC1; p=quarantine"
    """
)
missing.bad(
    zone="""
    @ MX 0 example-com.mail.protection.outlook.com.
    """,
    fixed="""
    @ MX 0 example-com.mail.protection.outlook.com.
    @ TXT "v=spf1 include:spf.protection.outlook.com ~all"
    """,
)
missing.good(
    zone="""
    @ MX 0 .
    shop MX 10 mail.example.net.
    shop TXT "v=spf1 mx -all"
    old MX 10 mail.example.net.
    old TXT "v=spf1, mx -all"
    bounce MX 10 feedback-smtp.eu-west-1.amazonses.com.
    *.team MX 10 mail.example.net.
    """
)
missing.good(
    zone="""
    @ MX 0 .
    bounce MX 10 feedback-smtp.eu-west-1.amazonses.com.
    """,
    config='[domains."example.com"]\nsenders = ["amazon-ses"]\n'
    'amazon-ses.envelope = "bounce.example.com"\n',
)
missing.good(
    zone="@ MX 10 mail.example.net.",
    config='[domains."example.com"]\nsenders = ["microsoft365"]\n',
)
