"""What a mail service wants to stand below `_domainkey`, and what does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from zonelint.grammars.zone import RRset, ancestors, parent, without_dot
from zonelint.rules.config.declaration import DomainIntent, SenderOptions
from zonelint.rules.config.sender import (
    DkimForm,
    DkimType,
    Sender,
    SenderPlace,
    TargetMatch,
    target_matches,
)
from zonelint.rules.dkim.support.keys import known_target
from zonelint.rules.dkim.support.owners import meant_owner
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.declaring import senders_at
from zonelint.rules.model.subjects import MailZone, selector_of


def owner_of(selector: str, domain: str) -> str:
    """Where the key of a selector stands."""
    return f"{selector}._domainkey.{domain}"


class Alias(NamedTuple):
    """A CNAME at a selector. `names` are its target, and what that leads to as far as known."""

    rrset: RRset
    selector: str
    domain: str
    names: tuple[str, ...]

    @property
    def target(self) -> str:
        return self.names[0]

    def matches(self, sender: Sender) -> list[TargetMatch]:
        """How the target, or a name that it leads to, has a form of the service."""
        return [match for name in self.names for match in target_matches(sender, name)]


@once_a_zone
def aliases_of(zone: MailZone) -> dict[str, list[Alias]]:
    """The CNAMEs at selectors of a zone, by domain."""
    found: dict[str, list[Alias]] = {}
    for rrset in zone.zone.of_type("CNAME"):
        if "._domainkey." not in rrset.owner or zone.zone.is_delegated(rrset.owner):
            continue
        selector, domain = selector_of(rrset.owner)
        if selector is not None and domain is not None and not selector.startswith("*"):
            target = rrset.records[0].target
            further = zone.context.answers.ask(target, "TXT").aliases
            alias = Alias(rrset, selector, domain, (target, *further))
            found.setdefault(domain, []).append(alias)
    return found


@once_a_zone
def misplaced(zone: MailZone) -> frozenset[str]:
    """The places of keys that stand at a wrong name: DKIM008 tells of them."""
    places = [_meant(zone, owner, None) for owner in zone.keys]
    for rrset in zone.zone.of_type("CNAME"):
        known = known_target(zone.context, rrset.records[0].target)
        if known is not None or "domain" in rrset.owner:
            selector = None if known is None else known[1].expected_selector
            places.append(_meant(zone, rrset.owner, selector))
    return frozenset(place for place in places if place is not None)


def _meant(zone: MailZone, owner: str, selector: str | None) -> str | None:
    def is_domain(name: str) -> bool:
        return name in zone.spf or zone.receives(name)

    place = meant_owner(owner, zone.origin, selector=selector, is_domain=is_domain)
    return None if place is None else place.owner


def is_key_text(value: str) -> bool:
    """Whether a value of `dkim` in zonelint.toml is a key, and no name."""
    return ";" in value or "=" in value


def rightful_target(
    form: DkimForm, options: SenderOptions, selector: str, domain: str
) -> str | None:
    """The CNAME's target, absolute: as declared, else where the domain alone tells it."""
    declared = options.dkim.get(selector)
    if declared is not None:
        return None if is_key_text(declared) else declared
    name = form.proposal(selector, domain)
    return None if name is None else f"{name}."


def declared_senders(zone: MailZone, domain: str) -> Iterator[tuple[Sender, DomainIntent]]:
    """The declared services that may sign as a domain: its own, and those that sign below theirs.

    A service that signs with its sending domain is among those of a name that is declared as its
    envelope, and of the names below the domain that it sends for.
    """
    intent = zone.context.intent
    if intent is None:
        return
    own = intent.for_domain(domain)
    if own is not None:
        for sender in senders_at(zone, own):
            yield sender, own
    for name in ancestors(parent(domain)):
        above = intent.for_domain(name) if name in intent.domains else None
        if above is None:
            continue
        for sender in senders_at(zone, above):
            if any(form.signs_as is SenderPlace.SENDING_DOMAIN for form in sender.dkim):
                yield sender, above


def fixed_selectors(form: DkimForm) -> tuple[str, ...]:
    """The selectors that always have the same name."""
    return tuple(each.name.text for each in form.selectors if each.name.fixed)


def lone_cname_form(sender: Sender, selector: str) -> DkimForm | None:
    """The form by which a service wants a CNAME, and nothing else, at a selector of this name."""
    if any(
        form.type is DkimType.TXT and form.selector(selector) is not None for form in sender.dkim
    ):
        return None
    return next(
        (
            form
            for form in sender.dkim
            if form.type is DkimType.CNAME and selector in fixed_selectors(form)
        ),
        None,
    )


def where_documented(sender: Sender) -> str:
    """Where the vendor shows the records, as a sentence; empty where that is not known."""
    return f" {sender.name} shows it in {sender.where}." if sender.where else ""


def to_declare(sender: Sender, selector: str, domain: str) -> str:
    """What to write into zonelint.toml, so that the record can be proposed."""
    return (
        f'Give the target in zonelint.toml: [domains."{without_dot(domain)}".{sender.id}] '
        f'dkim = {{ {selector} = "…" }}.'
    )
