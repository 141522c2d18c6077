"""Which services the records of a zone show, whether anybody declared them or not.

`zonelint init` writes down what is shown; rules judge by it where nothing is declared of a domain,
and then say what shows it. Both ask here, so that they agree.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import NamedTuple

from zonelint.grammars.spf.tree import Mechanism
from zonelint.grammars.zone import nearest, parent, without_dot
from zonelint.rules.config.declaration import DomainIntent, Profile, SenderOptions
from zonelint.rules.config.sender import Need, Sender, SenderPlace, target_matches
from zonelint.rules.config.senders import Catalogue
from zonelint.rules.config.template import is_for_another
from zonelint.rules.core.change import Ground
from zonelint.rules.core.finding import Confidence, Found, Severity
from zonelint.rules.mail.macros import target_name
from zonelint.rules.mail.organisation import by_suffix
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.declaring import senders_of
from zonelint.rules.model.subjects import MailZone

_PLAIN = re.compile(r"(?:[-a-z0-9_]+\.)+")


class Sign(Enum):
    """By what records a service shows itself."""

    INCLUDE = auto()
    """The SPF record includes it."""
    MX = auto()
    """Mail goes to its mailboxes."""
    KEY = auto()
    """A selector points at a key that it keeps."""
    BOUNCES = auto()
    """The MX or the alias of a name below the domain takes the bounces of its mail."""


class ServiceEvidence(NamedTuple):
    """A record that shows a service. `note` says it in short, `clause` within a sentence."""

    sign: Sign
    note: str
    clause: str


@dataclass(slots=True)
class Service:
    """A service that a domain's records show, with every record that does.

    targets: the targets of its CNAMEs, by selector, as far as they are right.
    envelope: the name below the domain that its bounces come back to.
    include: that of the SPF record, where it is not one that the service is known to ask for.
    """

    sender: Sender
    evidence: list[ServiceEvidence] = field(default_factory=list)
    targets: dict[str, str] = field(default_factory=dict)
    envelope: str | None = None
    include: str | None = None

    @property
    def signs(self) -> frozenset[Sign]:
        return frozenset(each.sign for each in self.evidence)


@dataclass(slots=True)
class Shown:
    """The services that the records of one domain show; `unknown` are includes of others.

    sends: False where its SPF record says that it sends nothing.
    """

    domain: str
    sends: bool = True
    services: dict[str, Service] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)

    def _service(self, sender: Sender) -> Service:
        return self.services.setdefault(sender.id, Service(sender))

    @property
    def has_gateway(self) -> bool:
        """Whether mail passes through a gateway, behind which nobody sees who sends and signs."""
        return any(each.sender.gateway for each in self.services.values())


def infer_services(zone: MailZone, catalogue: Catalogue | None = None) -> Mapping[str, Shown]:
    """What the records show of each mail domain of a zone; worked out once."""
    return _infer(zone, senders_of(zone.context) if catalogue is None else catalogue)


@once_a_zone
def _infer(zone: MailZone, catalogue: Catalogue) -> Mapping[str, Shown]:
    domains = mail_domains(zone)
    aliases = (
        name
        for name, rrset in zone.zone.table("CNAME").items()
        if "_" not in name and not zone.zone.contains(rrset.records[0].target)
    )
    names = (*domains, *aliases)
    paths = {name: path for name in names if (path := _path_of(zone, name, catalogue))}
    shown = {
        name: Shown(name, name not in zone.spf or zone.sends(name))
        for name in domains
        if name not in paths
    }
    for each in shown.values():
        _by_spf(zone, each, catalogue)
        _by_mx(zone, each, catalogue)
    _by_keys(zone, shown, catalogue)
    for name, (type, sender) in paths.items():
        service = shown[nearest(parent(name), shown)]._service(sender)
        service.envelope = service.envelope or name
        said = f"the {type} of {without_dot(name)}"
        service.evidence.append(
            ServiceEvidence(Sign.BOUNCES, said, f"{said} receives bounces for {sender.name}")
        )
    return shown


def mail_domains(zone: MailZone) -> list[str]:
    """The apex first, then the names with MX, SPF or keys; no wildcard, none with underscore."""
    owners = (*zone.zone.table("CNAME"), *zone.keys)
    signing = (domain for owner in owners if (domain := owner.partition("._domainkey.")[2]))
    names = dict.fromkeys((zone.origin, *zone.zone.table("MX"), *zone.spf, *signing))
    return [name for name in names if not name.startswith("*") and "_" not in name]


def _path_of(zone: MailZone, name: str, catalogue: Catalogue) -> tuple[str, Sender] | None:
    """The service whose bounces come back to this name, which has no mail of its own, and by what
    type of record."""
    if name == zone.origin:
        return None
    records = (each for type in ("MX", "CNAME") for each in zone.zone.get(name, type) or ())
    found = ((record.type, catalogue.by_bounces(record.target)) for record in records)
    return next(((type, sender) for type, sender in found if sender is not None), None)


def _by_spf(zone: MailZone, shown: Shown, catalogue: Catalogue) -> None:
    domain = shown.domain
    for found in zone.spf.get(domain, ()):
        for term in found.ast.mechanisms:
            if term.domain is None:
                continue
            _, name = target_name(term.domain, domain)
            if name is None or term.name != "include":
                _by_gateway(shown, term, catalogue)
                continue
            sender = catalogue.by_include(name)
            if sender is not None:
                service = shown._service(sender)
                clause = f"its SPF record has `{term.text}`"
                service.evidence.append(ServiceEvidence(Sign.INCLUDE, term.text, clause))
                if not sender.spf.fulfilled_by(name) and sender.spf.need is not Need.NONE:
                    service.include = service.include or name
            elif _PLAIN.fullmatch(name) and not zone.context.is_ours(name):
                shown.unknown[name] = term.text
    for service in shown.services.values():
        if any(
            service.sender.spf.fulfilled_by(each.note.partition(":")[2].lower())
            for each in service.evidence
        ):
            service.include = None


def _by_gateway(shown: Shown, term: Mechanism, catalogue: Catalogue) -> None:
    """Gateways are named by other terms, too, and by macros below a name of theirs."""
    if term.domain is None:
        return
    sender = catalogue.by_include(str(term.domain).rpartition("}")[2].strip(".").lower())
    if sender is not None and sender.gateway:
        clause = f"its SPF record has `{term.text}`"
        shown._service(sender).evidence.append(ServiceEvidence(Sign.INCLUDE, term.text, clause))


def _by_mx(zone: MailZone, shown: Shown, catalogue: Catalogue) -> None:
    for record in zone.mx(shown.domain) or ():
        target = without_dot(record.target)
        sender = catalogue.by_mx(target)
        # Who has mailboxes there sends from there; a service that sends for programs may receive
        # for other reasons.
        if sender is None or not sender.has_mailboxes_at(target, shown.domain):
            continue
        if sender.spf.place is SenderPlace.DOMAIN or sender.gateway:
            clause = f"its MX `{target}` is {sender.name}'s"
            shown._service(sender).evidence.append(ServiceEvidence(Sign.MX, f"MX {target}", clause))


def _by_keys(zone: MailZone, shown: Mapping[str, Shown], catalogue: Catalogue) -> None:
    for rrset in zone.zone.of_type("CNAME"):
        selector, _, domain = rrset.owner.partition("._domainkey.")
        if domain not in shown or selector.startswith("*"):
            continue
        target = rrset.records[0].target
        known = catalogue.by_dkim_target(without_dot(target))
        if known is None:
            continue
        sender = known[0]
        # The key of another domain, pasted into this one's zone, shows nothing of its mail.
        if is_for_another(known[1].values, domain) and all(
            is_for_another(m.values, domain) for m in target_matches(sender, without_dot(target))
        ):
            continue
        service = shown[domain]._service(sender)
        note = f"CNAME {selector}._domainkey"
        clause = f"`{selector}._domainkey` points at a key of {sender.name}"
        service.evidence.append(ServiceEvidence(Sign.KEY, note, clause))
        service.targets[selector] = without_dot(target)
    for each in shown.values():
        for service in each.services.values():
            service.targets = _right(service, each.domain)


def _right(service: Service, domain: str) -> dict[str, str]:
    """The targets that no rule finds wrong: each its selector's and domain's, of one customer."""
    right: dict[str, str] = {}
    shared: dict[str, set[str]] = {}
    fixed: set[str] = set()
    for selector, target in service.targets.items():
        for match in target_matches(service.sender, target):
            if match.expected_selector in (None, selector) and not is_for_another(
                match.values, domain
            ):
                right[selector] = target
                if match.selector.name.fixed:
                    fixed.add(selector)
                    for gap, value in match.shared_values.items():
                        shared.setdefault(gap, set()).add(value)
                break
    if any(len(values) > 1 for values in shared.values()):
        return {selector: to for selector, to in right.items() if selector not in fixed}
    return right


def own_id(include: str, taken: Collection[str] = ()) -> str:
    """A word for a service that is not known, from the domain that its include belongs to."""
    domain = without_dot(by_suffix(include))
    words = re.sub(r"[^a-z0-9]+", "-", domain).strip("-")[:64].rstrip("-")
    first = words.partition("-")[0]
    return words if first in {"", "spf", "mx", "dmarc", *taken} else first


# -- what rules ask ---------------------------------------------------------------------------


class Inferred(NamedTuple):
    """Services of a domain of which nothing is declared, as a declaration would have them.

    `evidence` says of each service, by its id, what shows it.
    """

    intent: DomainIntent
    evidence: Mapping[str, str]

    def weighed(self, found: Found, sender: Sender) -> Found:
        """A finding on inferred ground: a warning at most, with its evidence and the way out."""
        severity = found.severity
        if severity is None or severity.rank > Severity.WARNING.rank:
            severity = Severity.WARNING
        change = found.change
        return found._replace(
            severity=severity,
            confidence=Confidence.INFERRED,
            message=f"{found.message} (inferred: {self.evidence[sender.id]})",
            advice=f"{found.advice} {self.settled(sender)}".lstrip(),
            change=None if change is None else replace(change, ground=Ground.INFERRED),
        )

    def settled(self, sender: Sender) -> str:
        """How to say in zonelint.toml what is inferred, or that it is not so."""
        return (
            f'[domains."{without_dot(self.intent.name)}"] senders = ["{sender.id}"] in '
            "zonelint.toml declares it, senders = [] says that it does not send."
        )


def inferred_for_spf(zone: MailZone, *, recommended: bool = False) -> Iterator[Inferred]:
    """The services that an SPF record of a domain must name, by what other records show.

    recommended: those as well whose vendor only recommends it, for a record that is made anew.
    """
    needs = {Need.REQUIRED, Need.RECOMMENDED} if recommended else {Need.REQUIRED}
    for shown in _undeclared(zone):
        services = [
            each
            for each in shown.services.values()
            if each.envelope
            or (_has_mailboxes(each, needs) and not shown.has_gateway and shown.sends)
        ]
        options = {
            each.sender.id: SenderOptions(envelope=each.envelope)
            for each in services
            if each.envelope
        }
        yield from _inferred(shown, services, options, (Sign.MX, Sign.BOUNCES, Sign.KEY))


def _has_mailboxes(service: Service, needs: set[Need]) -> bool:
    form = service.sender.spf
    return (
        form.place is SenderPlace.DOMAIN
        and form.need in needs
        and not service.signs.isdisjoint((Sign.MX, Sign.KEY))
    )


def inferred_for_dkim(zone: MailZone) -> Iterator[Inferred]:
    """The services that must have a key at a domain, by what other records show.

    A service whose mailboxes the domain uses signs as the domain; of others the keys themselves
    say that they are there, and which of them are not.
    """
    for shown in _undeclared(zone):
        if not shown.sends:
            continue
        services = [
            each
            for each in shown.services.values()
            if each.sender.dkim and (_is_half_done(each) or _signs(each, shown))
        ]
        options = {
            each.sender.id: SenderOptions(envelope=shown.domain)
            for each in services
            if Sign.KEY in each.signs
        }
        yield from _inferred(shown, services, options, (Sign.MX, Sign.INCLUDE, Sign.KEY))


def _signs(service: Service, shown: Shown) -> bool:
    """Whether a service has mailboxes of the domain and sends their mail itself."""
    return (
        service.sender.spf.place is SenderPlace.DOMAIN
        and not service.signs.isdisjoint((Sign.MX, Sign.INCLUDE))
        and not shown.has_gateway
    )


def _is_half_done(service: Service) -> bool:
    """Whether some of the selectors are there that the service always asks for together."""
    return any(
        len(names) > 1 and not set(names).isdisjoint(service.targets)
        for form in service.sender.dkim
        for names in (form.required or form.proposed,)
    )


def _inferred(
    shown: Shown,
    services: Sequence[Service],
    options: Mapping[str, SenderOptions],
    order: tuple[Sign, ...],
) -> Iterator[Inferred]:
    if not services:
        return
    evidence = {
        each.sender.id: min(
            (one for one in each.evidence if one.sign in order),
            key=lambda one: order.index(one.sign),
        ).clause
        for each in services
    }
    yield Inferred(DomainIntent(shown.domain, senders=tuple(evidence), options=options), evidence)


def _undeclared(zone: MailZone) -> Iterator[Shown]:
    """What the records show of domains of which nobody declared who sends as them."""
    for domain, shown in infer_services(zone).items():
        if not shown.services:
            continue
        declared = zone.context.declared(domain)
        if declared is not None and (
            "senders" in declared.declared or declared.profile is Profile.PARKED
        ):
            continue
        if zone.holds(domain) and not zone.zone.is_delegated(domain):
            yield shown
