"""What would have to be asked of DNS to judge zones: the questions that their records lead to.

`of_zone` gives those that a zone's own records name, `after` those that an answer leads on to.
Nothing is asked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from zonelint.grammars.spf import record as spf
from zonelint.grammars.spf.tree import DomainSpec, Mechanism
from zonelint.grammars.zone import is_below, labels
from zonelint.rules.config.declaration import DomainIntent
from zonelint.rules.config.sender import Sender
from zonelint.rules.mail import organisation
from zonelint.rules.mail.any_message import probes
from zonelint.rules.mail.behind import leading, redirected_names
from zonelint.rules.mail.dmarc_discovery import is_reverse, report_name
from zonelint.rules.mail.dmarc_owner import behind_aliases
from zonelint.rules.mail.lookups import MX_LIMIT, costly_terms, spf_texts
from zonelint.rules.mail.macros import target_name
from zonelint.rules.model.answers import Answer, owner_name
from zonelint.rules.model.declaring import declared_in, includes_of, senders_at, senders_of
from zonelint.rules.model.inferring import inferred_for_dkim
from zonelint.rules.model.subjects import Dmarc, MailZone, Spf

_TYPES = {"include": ("TXT",), "redirect": ("TXT",), "a": ("A", "AAAA"), "mx": ("MX",),
          "exists": ("A",)}  # fmt: skip


class Question(NamedTuple):
    """A name and a type. `is_spf`: the text that answers it is evaluated as SPF in turn."""

    name: str
    type: str
    is_spf: bool = False


def of_zone(zone: MailZone) -> Iterator[Question]:
    """The questions that a zone's records lead to: about other names, and about its own."""
    if not is_reverse(zone.origin):
        # A DMARC record above covers the whole zone. One of a public suffix makes no difference.
        for at in organisation.walk_names(zone.origin):
            if at != zone.origin and not organisation.is_suffix(at):
                yield Question(f"_dmarc.{at}", "TXT")
    for owner, records in zone.spf.items():
        for subject in records:
            yield from of_spf(subject.ast, owner)
    leads = list(leading(zone))
    is_led = any(each.kind is Dmarc for each in leads)
    for policy in chain(*zone.dmarc.values(), behind_aliases(zone) if is_led else ()):
        if policy.domain is not None:
            yield from _of_policy(policy, policy.domain)
    yield from _of_declared(zone)
    yield from _of_hosts(zone)
    for each in leads:
        yield Question(each.asked, "TXT", is_spf=each.kind is Spf)
    for name in (*sorted(zone.zone.cuts), *redirected_names(zone)):
        if "._domainkey." in name:
            yield Question(zone.context.answers.ask(name, "TXT").last, "TXT")
    for owner, rrset in zone.zone.table("CNAME").items():
        if owner.startswith("*.") and zone.dmarc:  # it may be a key
            yield Question(rrset.records[0].target, "TXT")


def _of_sts(zone: MailZone) -> list[str]:
    """The domains with an MTA-STS record, or an alias in its place."""
    owners = (*zone.sts, *zone.zone.table("CNAME"))
    return [o.removeprefix("_mta-sts.") for o in owners if o.startswith("_mta-sts.")]


def _of_hosts(zone: MailZone) -> Iterator[Question]:
    """Whether hosts have addresses that stand elsewhere: there, or behind an alias, DNAME or NS.

    The exchanges of known services have, and others at every hour.
    """
    hosts = {record.target: None for rrset in zone.zone.of_type("MX") for record in rrset}
    hosts |= {f"mta-sts.{domain}": None for domain in _of_sts(zone)}
    for host in hosts:
        _, found = zone.zone.answer(host, "A")
        is_alias = found is not None and found.type == "CNAME"
        is_led = is_alias or zone.zone.redirected(host) is not None
        if is_led or zone.zone.is_delegated(host) or _is_strange(host, zone):
            yield Question(host, "A")
            yield Question(host, "AAAA")


def _is_strange(host: str, zone: MailZone) -> bool:
    """Whether a host is neither in a zone of the run nor the exchange of a known service."""
    if host == "." or zone.context.is_ours(host):
        return False
    return not senders_of(zone.context).is_exchange(host)


def _of_declared(zone: MailZone) -> Iterator[Question]:
    """What senders have elsewhere: networks if they are declared, selectors in delegated zones."""
    for domain in declared_in(zone):
        own = zone.context.answers.ask(domain.name, "TXT").values
        for sender in senders_at(zone, domain):
            for name in includes_of(sender, domain, own):
                yield Question(name, "TXT", is_spf=True)
            yield from _of_selectors(zone, domain, sender)
    for inferred in inferred_for_dkim(zone) if zone.zone.cuts else ():
        for sender in senders_at(zone, inferred.intent):
            yield from _of_selectors(zone, inferred.intent, sender)


def _of_selectors(zone: MailZone, domain: DomainIntent, sender: Sender) -> Iterator[Question]:
    """The selectors that a service needs, and that another zone has."""
    options = domain.options_for(sender.id)
    required = (name for form in sender.dkim for name in form.required)
    for selector in (*options.selectors, *required):
        for base in (domain.name, options.envelope):
            owner = f"{selector}._domainkey.{base}"
            if base is not None and not zone.speaks_for(owner):
                yield Question(owner, "TXT")


def of_spf(record: spf.SpfRecord, domain: str) -> Iterator[Question]:
    """The questions of a record's terms. Where the message decides, nobody's message asks."""
    for term in costly_terms(record):
        if term.name == "ptr":
            continue
        spec = term.domain if isinstance(term, Mechanism) else term.value
        assert spec is None or isinstance(spec, DomainSpec)
        varies, target = target_name(spec, domain)
        names = probes(spec, domain) if varies and spec is not None else (target,)
        for name in names:
            if name is not None:
                for type in _TYPES[term.name]:
                    yield Question(name, type, is_spf=type == "TXT")
    exp = record.exp
    if exp is not None and isinstance(exp.value, DomainSpec):
        _, target = target_name(exp.value, domain)
        if target is not None:
            yield Question(target, "TXT")


def _of_policy(policy: Dmarc, domain: str) -> Iterator[Question]:
    """The tree walk of a policy's domain, and whether others take reports about it (RFC 9990)."""
    yield from _of_walk(domain)
    for uri in (*policy.ast.rua, *policy.ast.ruf):
        target = owner_name(uri.domain) if uri.domain else None
        if target is None or is_below(target, domain):
            continue
        yield from _of_walk(target)
        if organisation.by_suffix(target) != organisation.by_suffix(domain):
            yield Question(report_name(domain, target), "TXT")


def _of_walk(name: str) -> Iterator[Question]:
    for at in organisation.walk_names(name):
        yield Question(f"_dmarc.{at}", "TXT")


def after(question: Question, answer: Answer) -> Iterator[Question]:
    """The questions that an answer leads on to: an SPF record's terms, an exchange's addresses."""
    if question.is_spf:
        texts = spf_texts(answer)
        if len(texts) == 1:
            yield from of_spf(spf.parse(texts[0]), question.name)
    elif question.type == "MX":
        for host in answer.exchanges[:MX_LIMIT]:
            if len(labels(host)) > 0:
                yield Question(host, "A")
                yield Question(host, "AAAA")
