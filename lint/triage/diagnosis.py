"""What explains a bounce: its codes, the findings in the sender's zones, and what no zone shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from typing import TypeVar

from zonelint.grammars.spf import record as spf
from zonelint.grammars.tags import dmarc
from zonelint.grammars.zone import without_dot
from zonelint.providers.bounces import causes as bounces
from zonelint.providers.bounces.bounce import Bounce, Form, SmtpReply, domain_of
from zonelint.providers.bounces.causes import Cause, Receiver, StatusMeaning
from zonelint.providers.bounces.words import client_in
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Result
from zonelint.rules.core.finding import Finding, Undecided
from zonelint.rules.mail.check_host import check_host
from zonelint.rules.mail.organisation import organisation
from zonelint.rules.model.answers import typed_name

_BRACKETED = re.compile(r"\[((?:[a-z0-9_-]{1,63}\.){1,20}[a-z]{2,63})\]")
"""The host that answers, as some write it behind what they say."""

_INSIDE = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16",
        "100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip
"""Networks that no message comes from on its way between two organisations (RFC 6890)."""

_UNTOLD = (
    "spf", "dkim", "dmarc-missing", "signing", "throttling", "connection", "forced-tls",
    "connector",
)  # fmt: skip
"""What can be behind messages of which only is known that they failed."""

_METHODS = {"spf": "spf", "dkim": "dkim", "dmarc": "alignment"}
"""The causes that a receiver names who says which method failed."""

THEIRS = 100
"""Details of a status from here on are Microsoft's own."""


@dataclass(frozen=True, slots=True)
class Explained:
    """An answer of the bounce and what it means; `meaning` is None where nobody documents it."""

    answer: SmtpReply
    meaning: StatusMeaning | None

    @property
    def title(self) -> str:
        if self.meaning is not None:
            return self.meaning.title
        if self.answer.status is None and self.answer.mark is None:
            return "An answer without a status code"
        is_general = (self.answer.status or "").endswith(".0")
        return "A general code" if is_general else "A code that is not documented"

    @property
    def words(self) -> str:
        """What it means, at least what its class and subject say."""
        if self.meaning is not None:
            return self.meaning.meaning
        if self.answer.status is None and self.answer.mark is None:
            return f"{bounces.reply_class(self.answer.reply or 0)}."
        if self.answer.status is None:
            return "This code is the receiver's own, and its meaning is not published."
        return f"{bounces.subject(self.answer.status)}."


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A cause that a bounce names or leaves open, with what speaks for it in the zones."""

    cause: Cause
    named: bool
    findings: tuple[Finding, ...] = ()
    undecided: tuple[Undecided, ...] = ()


@dataclass(frozen=True, slots=True)
class PublishedMail:
    """What stands in DNS for the sender's domain, as far as the zones and the lock know.

    None is not known, empty is nothing there. DKIM as pairs of a name and what stands there.
    `view` is the one whose zones hold it; empty where all that were read hold the same.
    """

    spf: tuple[str, ...] | None
    dkim: tuple[tuple[str, str], ...] | None
    dmarc: tuple[str, ...] | None
    view: str = ""

    @property
    def absent(self) -> tuple[str, ...]:
        """What the domain does not publish at all, in words."""
        held = {"SPF record": self.spf, "DKIM key": self.dkim, "DMARC record": self.dmarc}
        return tuple(f"no {name}" for name, values in held.items() if values == ())


def in_view(view: str, number: int = 1) -> str:
    """Which of so many views it is, behind what is seen there; nothing where there are no views."""
    if not view and number < 2:
        return ""
    return f" in view `{view}`" if view else " in no view"


@dataclass(frozen=True, slots=True)
class SpfVerdict:
    """What the SPF of `domain` says of the address that the message came from.

    `missing` are the names for want of which it is undecided. `view` is the one whose zones say
    so; empty where all that were read say the same.
    """

    client: str
    domain: str
    result: str
    missing: tuple[str, ...]
    view: str = ""

    @property
    def is_clear(self) -> bool:
        """Whether SPF refuses the address, and is not only undecided about it."""
        return self.result not in ("pass", "undecided")


_Seen = TypeVar("_Seen", PublishedMail, SpfVerdict)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that can be told. `domain` is the sender's, None where nothing tells it.

    guessed: the bounce does not name the domain, and it was taken from the zones. `states` are by
      view, like `verdicts`: nothing says which view the world sees. They are empty where no zone
      that was read holds the domain. `sent_by` and `refused_by` are those who run the
      hosts of either side, where they are known; `family` are domains whose mail the latter takes.
      `owner` runs the mailboxes of the domain in From, which is then not the user's. `inside` is
      the address that the receiver judged, where it is one of a private network.
    """

    bounce: Bounce
    explained: tuple[Explained, ...]
    domain: str | None
    guessed: bool
    suspicions: tuple[Suspicion, ...]
    states: tuple[PublishedMail, ...]
    verdicts: tuple[SpfVerdict, ...]
    sent_by: Receiver | None
    refused_by: Receiver | None
    family: tuple[str, ...] = ()
    owner: str | None = None
    inside: str | None = None

    @property
    def in_dns(self) -> tuple[Suspicion, ...]:
        """The causes that records can be, with findings; each finding under its first cause."""
        return tuple(each for each in self.suspicions if each.cause.in_dns and each.findings)

    @property
    def undecided(self) -> tuple[Undecided, ...]:
        found = (undecided for each in self.suspicions for undecided in each.undecided)
        return tuple({(u.code, u.owner, u.zone.view): u for u in found}.values())

    @property
    def outside(self) -> tuple[Suspicion, ...]:
        """The causes that no record shows."""
        return tuple(each for each in self.suspicions if not each.cause.in_dns)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for each in self.in_dns for finding in each.findings)

    @property
    def is_final(self) -> bool:
        """Whether the message is lost, and not only late."""
        return any(each.answer.is_final for each in self.explained)


def diagnosed(
    bounce: Bounce, domain: str | None, views: Sequence[Context], result: Result | None
) -> Diagnosis:
    """What explains the bounce. `domain` is what the user says that the sender's is.

    `views` are the zones that were read, one context a view, and `result` is their judgement, None
    where none were read.
    """
    known = bounces.bounces()
    near = known.receivers_at(filter(None, [bounce.server]), (), "")
    far = known.receivers_at(bounce.hosts, bounce.recipient_domains, bounce.text)
    if any(_detail(answer) >= THEIRS and _is_queue(answer) for answer in bounce.answers):
        near = ["microsoft", *near]  # Exchange Online wrote it, whoever is at the other end
    if bounce.form in (Form.TRACE, Form.LIST):
        near = ["microsoft"]
    explained = tuple(
        Explained(answer, _meaning(answer, known, near, far)) for answer in bounce.answers
    )
    told = domain or bounce.domain
    if told and not told.isascii():
        told = without_dot(typed_name(told) or told)
    inside = _private(bounce.client)
    guess = None if told else _only_domain(views)
    about = told or guess
    named = {about, *([domain_of(bounce.envelope_sender)] if bounce.envelope_sender else ())}
    names = frozenset(filter(None, named))
    holding = [each for each in views if _is_judged(about, each)] if about else []
    scopes = {each.view: DiagnosisScope(names, each) for each in holding}
    verdicts = () if inside else (_verdict(bounce, about, each) for each in views)
    # What a host of the sender's own wrote into the headers is not what the receiver looked at.
    judged_inside = inside if inside and client_in(bounce.text) == inside else None
    refused_by = _first([each for each in far if each not in near] or far, known)
    return Diagnosis(
        bounce=bounce,
        explained=explained,
        domain=about,
        guessed=guess is not None,
        suspicions=_suspicions(bounce, explained, known.causes, scopes, result),
        states=_united([_state(about, each) for each in holding] if about else []),
        verdicts=_united([each for each in verdicts if each is not None]),
        sent_by=_first(near, known),
        refused_by=refused_by,
        family=_family(bounce, known),
        owner=None if holding or about is None else known.provider_of(about),
        inside=judged_inside,
    )


def _united(by_view: Sequence[_Seen]) -> tuple[_Seen, ...]:
    """What is seen in each view; once, and of no view, where several see the same."""
    alike = dict.fromkeys(replace(each, view="") for each in by_view)
    return tuple(alike) if len(by_view) > 1 and len(alike) == 1 else tuple(by_view)


def _private(client: str | None) -> str | None:
    """The address, where it is one that only a network's own hosts have."""
    if client is None:
        return None
    address = ip_address(client)
    return client if any(address in network for network in _INSIDE) else None


def _family(bounce: Bounce, known: bounces.Bounces) -> tuple[str, ...]:
    held = (name for domain in bounce.recipient_domains for name in known.family(domain))
    return tuple(dict.fromkeys(held))


def _first(ids: Sequence[str], known: bounces.Bounces) -> Receiver | None:
    return known.receivers[ids[0]] if ids else None


def _detail(answer: SmtpReply) -> int:
    return int(answer.status.rpartition(".")[2]) if answer.status else 0


def _is_queue(answer: SmtpReply) -> bool:
    """Whether the sending side says this of its own queue, not the receiver of the message."""
    return answer.status is not None and answer.status[2] == "4"


def _meaning(
    answer: SmtpReply, known: bounces.Bounces, near: list[str], far: list[str]
) -> StatusMeaning | None:
    own = known.receivers_at(_BRACKETED.findall(answer.text.lower()), (), answer.text)
    speakers = set(own or far or near)
    if _is_queue(answer):
        speakers |= set(near)
    if _detail(answer) >= THEIRS:
        speakers.add("microsoft")
    marked = known.of_mark(answer.mark, speakers) if answer.mark else None
    if marked is not None:
        return marked
    if answer.status is None:
        return None if answer.mark else known.of_reply(answer.reply or 0, speakers, answer.text)
    found = known.of_status(answer.status, speakers, answer.text)
    return found or known.of_words(speakers, answer.text)


def _only_domain(views: Iterable[Context]) -> str | None:
    """The domain of the zones, where there is but one that it can be."""
    sending = {
        zone.origin
        for context in views
        for zone in context.zones
        if zone.spf or zone.zone.get(zone.origin, "MX")
    }
    return without_dot(sending.pop()) if len(sending) == 1 else None


def _is_judged(domain: str, context: Context) -> bool:
    """Whether a zone that is judged holds the domain; one that is only known tells no state."""
    name = typed_name(domain)
    judged = {zone.identity for zone in context.zones}
    return name is not None and any(h.identity in judged for h in context.holders(name))


# -- findings --------------------------------------------------------------------------------------

_PARTS = ("_domainkey", "domainkey", "_domainkeys", "domainkeys", "_dmarc", "dmarc")


class DiagnosisScope:
    """Which findings are about the mail of the domains."""

    def __init__(self, domains: frozenset[str], context: Context) -> None:
        owners = filter(None, map(typed_name, domains))
        self.owners = frozenset(owners)
        self.above = frozenset(organisation(owner, context).domain for owner in self.owners)

    def holds(self, owner: str) -> bool:
        about = _mail_domain(owner)
        if about in self.owners or any(about == f"{own}{own}" for own in self.owners):
            return True
        return about in self.above and owner.startswith(("_dmarc.", "dmarc."))


def _mail_domain(owner: str) -> str:
    """The domain whose mail a name is about: `s1._domainkey.example.com.` is example.com's."""
    labels = owner.split(".")
    for number, label in reversed(list(enumerate(labels))):
        if label in _PARTS:
            return ".".join(labels[number + 1 :])
    return owner


def _suspicions(
    bounce: Bounce,
    explained: Iterable[Explained],
    known: Mapping[str, Cause],
    scopes: Mapping[str, DiagnosisScope],
    result: Result | None,
) -> tuple[Suspicion, ...]:
    """The causes of all answers, those that an answer names first; each finding stands once.

    `scopes` are by the name of the view.
    """

    def is_held(each: Finding | Undecided) -> bool:
        scope = scopes.get(each.zone.view)
        return scope is not None and scope.holds(each.owner)

    meanings = [each.meaning for each in explained if each.meaning is not None]
    named = list(dict.fromkeys(key for meaning in meanings for key in meaning.named))
    for each in bounce.judged:  # what the receiver says itself goes before what its code means
        about = _METHODS[each.method]
        if each.result == "pass":
            named = [key for key in named if key != about]
        elif about not in named and not (about == "alignment" and "policy" in named):
            named.append(about)
    possible = dict.fromkeys(key for meaning in meanings for key in meaning.possible)
    if bounce.listed and not meanings:
        possible = dict.fromkeys(_UNTOLD)
    ordered = [*named, *(key for key in possible if key not in named)]
    taken: set[int] = set()
    found = []
    for key in ordered:
        cause = known[key]
        findings: list[Finding] = []
        undecided: list[Undecided] = []
        if result is not None and cause.in_dns:
            for finding in result.findings:
                if id(finding) in taken or key not in finding.rule.explains:
                    continue
                if is_held(finding):
                    taken.add(id(finding))
                    findings.append(finding)
            codes = {rule.code for rule in registry.rules() if key in rule.explains}
            undecided = [each for each in result.undecided if each.code in codes and is_held(each)]
        found.append(Suspicion(cause, key in named, tuple(findings), tuple(undecided)))
    return tuple(found)


# -- what stands in DNS ----------------------------------------------------------------------------


def _state(domain: str, context: Context) -> PublishedMail:
    name = typed_name(domain)
    assert name is not None
    texts = _texts(name, context)
    at = f"_dmarc.{name}"
    policies = _texts(at, context)
    if policies is not None and not any(map(dmarc.is_dmarc, policies)):
        above = f"_dmarc.{organisation(name, context).domain}"
        if above != at:
            at, policies = above, _texts(above, context)
    return PublishedMail(
        spf=None if texts is None else tuple(text for text in texts if spf.is_spf(text)),
        dkim=_keys(name, context),
        dmarc=None if policies is None else tuple(filter(dmarc.is_dmarc, policies)),
        view=context.view,
    )


def _verdict(bounce: Bounce, domain: str | None, context: Context) -> SpfVerdict | None:
    """What SPF says of the sending address; None where the address or the zone is not known.

    The domain is the one that the receiver says it asked about, else that of the envelope
    (RFC 7208 §2.4), else the one in From.
    """
    judged = next((each.domain for each in bounce.judged if each.method == "spf"), None)
    envelope = domain_of(bounce.envelope_sender) if bounce.envelope_sender else None
    asked = bounce.spf_domain or judged or envelope or domain
    if bounce.client is None or asked is None or not _is_judged(asked, context):
        return None
    name = typed_name(asked)
    assert name is not None
    sender = bounce.envelope_sender or None
    found = check_host(ip_address(bounce.client), name, context.answers, sender=sender)
    return SpfVerdict(bounce.client, asked, str(found.result), tuple(found.missing), context.view)


def _texts(name: str, context: Context) -> tuple[str, ...] | None:
    answer = context.answers.ask(name, "TXT")
    return answer.values if answer.is_fact else None


def _keys(name: str, context: Context) -> tuple[tuple[str, str], ...] | None:
    zones = (zone for zone in context.zones if zone.identity.view == context.view)
    zone = next((zone for zone in zones if zone.holds(name)), None)
    if zone is None:
        return None
    below = f"._domainkey.{name}"
    found = [
        (without_dot(record.owner), f"{record.type} {record.rdata}")
        for rrset in zone.zone.rrsets()
        if rrset.owner.endswith(below) and rrset.type in ("CNAME", "TXT")
        for record in rrset
    ]
    return tuple(sorted(found))
