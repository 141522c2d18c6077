"""What zonelint.toml declares of the domains that a zone answers for."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import labels
from zonelint.rules.config.declaration import DomainIntent, Profile
from zonelint.rules.config.sender import Sender
from zonelint.rules.config.senders import OURS, Catalogue
from zonelint.rules.core.finding import Severity
from zonelint.rules.model.answers import owner_name
from zonelint.rules.model.context import Context, once_a_zone
from zonelint.rules.model.subjects import MailZone

_SENDING = frozenset({"a", "mx", "include", "ip4", "ip6", "exists", "ptr", "redirect"})
"""Terms by which an SPF record lets somebody send."""


def senders_of(context: Context) -> Catalogue:
    """The mail services that are known: the user's own among them."""
    return OURS if context.intent is None else context.intent.catalogue


@once_a_zone
def declared_in(zone: MailZone) -> tuple[DomainIntent, ...]:
    """What is declared of the mail domains that a zone answers for, parked ones left out.

    These are the domains that have a table of their own, whether the zone holds anything of them
    or not; and of the names that only a pattern means, those that send or take mail.
    """
    return tuple(_declared(zone))


def declared_at(zone: MailZone, owner: str) -> DomainIntent | None:
    """What is declared of one mail domain of the zone; None where nothing is."""
    return _by_name(zone).get(owner)


@once_a_zone
def _by_name(zone: MailZone) -> dict[str, DomainIntent]:
    return {domain.name: domain for domain in reversed(declared_in(zone))}


def _declared(zone: MailZone) -> Iterator[DomainIntent]:
    intent = zone.context.intent
    if intent is None or not intent.domains:
        return
    names = dict.fromkeys(intent.declared_below(zone.origin))
    if intent.has_patterns:
        names.update(
            (owner, None)
            for owner, records in zone.spf.items()
            if _is_mail_name(owner) and any(not _SENDING.isdisjoint(r.features) for r in records)
        )
        names.update(
            (o, None) for o in zone.zone.table("MX") if _is_mail_name(o) and zone.receives(o)
        )
    for name in names:
        if not is_answered_by(zone, name):
            continue
        domain = intent.for_domain(name)
        if domain is not None and domain.profile is not Profile.PARKED:
            yield domain


def _is_mail_name(owner: str) -> bool:
    """Whether a name can stand behind an @: no label of it begins with an underscore."""
    return not owner.startswith("*.") and not any(part.startswith("_") for part in labels(owner))


def is_answered_by(zone: MailZone, name: str) -> bool:
    """Whether a zone of the run answers for a name, and no other one."""
    return zone.holds(name) and not zone.zone.is_delegated(name)


def senders_at(zone: MailZone, domain: DomainIntent) -> Iterator[Sender]:
    """The services that are declared to send as a domain."""
    catalogue = senders_of(zone.context)
    for sender in dict.fromkeys(domain.senders):
        yield catalogue.load(sender)


def includes_of(
    sender: Sender, declared: DomainIntent | None, own: tuple[str, ...]
) -> Iterator[str]:
    """The names of the records that list a service's networks.

    Of a service with several, those that the domain's own SPF includes are the ones in use; where
    it includes none, the one that most customers have.
    """
    given = None if declared is None else declared.options_for(sender.id).include
    texts = [given] if given else [form.text for form in sender.spf.includes if form.fixed]
    terms = {term.lower() for text in own for term in text.split()}
    used = [text for text in texts if f"include:{text}".lower() in terms]
    for text in used or texts[:1]:
        name = owner_name(text)
        if name is not None:
            yield name


def is_return_path(zone: MailZone, owner: str, sender: Sender) -> bool:
    """Whether a name serves a service as envelope sender: it is declared, or its MX says so."""
    intent = zone.context.intent
    if intent is not None and any(
        fields.get((sender.id, "envelope")) == owner for fields in intent.domains.values()
    ):
        return True
    return has_bounce_mx(zone, owner, sender)


def has_bounce_mx(zone: MailZone, owner: str, sender: Sender) -> bool:
    """Whether the MX of a name is one that takes the bounces of a service's mail."""
    return any(sender.takes_bounces_at(record.target) for record in zone.mx(owner) or ())


def bulk_severity(domain: DomainIntent | None) -> Severity | None:
    """ERROR for what a bulk sender lacks; None, the rule's own severity, for other domains.

    Google, Yahoo and Microsoft ask of senders of 5,000 messages a day: one valid SPF record, a
    DKIM key of 1024 bits or more, a DMARC record, an MX. SPF210, DKIM101, DMARC101 and MX004 find
    what is absent at a domain with the profile bulk-sender; a key that is too short is DKIM003's.
    """
    is_bulk = domain is not None and domain.profile is Profile.BULK_SENDER
    return Severity.ERROR if is_bulk else None
