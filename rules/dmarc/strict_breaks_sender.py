"""DMARC202: strict alignment that a declared sender cannot meet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from zonelint.grammars.tags.dmarc import Alignment, DmarcRecord, parse
from zonelint.grammars.zone import is_below, without_dot
from zonelint.rules.config.declaration import DomainIntent
from zonelint.rules.config.sender import Sender, SenderPlace
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.gates import intent_is_declared
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.mail.dmarc_discovery import covering
from zonelint.rules.mail.organisation import policy_at
from zonelint.rules.model.declaring import declared_in, senders_at
from zonelint.rules.model.subjects import Dmarc, MailZone


@rule(
    "DMARC202",
    "dmarc-strict-breaks-sender",
    Severity.ERROR,
    on=MailZone,
    about=Dmarc,
    needs=Needs.ZONE | Needs.INTENT,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.4",
    given=intent_is_declared,
    step=Step.DMARC,
    explains=["alignment", "policy"],
)
def strict_breaks_sender(zone: MailZone) -> Iterator[Found]:
    """Strict alignment fails mail from a declared sender that uses a subdomain.

    What it finds
        `adkim=s` or `aspf=s` while a declared sender signs with, or receives bounces at, a name
        below the domain that has no DMARC record of its own. The name is taken from the sender's
        `envelope` in zonelint.toml. A warning where the other of SPF and DKIM is aligned.
    Why it matters
        Strict alignment requires exactly the domain of the From address: such mail fails DMARC, and
        the policy is applied to it.
    Example
        `v=DMARC1; p=reject; adkim=s; aspf=s` with Mailgun sending through `mg.example.com`
    Use instead
        `v=DMARC1; p=reject`, or a sender that signs with the domain itself
    References
        RFC 9989 §4.4, §4.4.3
    """
    for domain in declared_in(zone):
        cover = covering(zone.context, domain.name)
        if cover.record is None or cover.at is None:
            continue
        for sender in senders_at(zone, domain):
            use = _use(zone, domain, sender)
            strict = _broken(cover.record, use)
            if use is not None and strict and not _speaks_for_itself(zone, use.name):
                yield _report(zone, domain, cover.at, sender, use, strict)


class _Use(NamedTuple):
    """A name below a domain at which a sender takes bounces; `signs`: it signs with it too."""

    name: str
    signs: bool


def _use(zone: MailZone, domain: DomainIntent, sender: Sender) -> _Use | None:
    """How a sender uses a subdomain; None where it uses none that is known."""
    name = domain.options_for(sender.id).envelope
    if name is None or name == domain.name or not is_below(name, domain.name):
        return None
    signs = bool(sender.dkim) and all(
        form.signs_as is not SenderPlace.DOMAIN for form in sender.dkim
    )
    return _Use(name, signs)


def _broken(record: DmarcRecord, use: _Use | None) -> list[str]:
    """The tags that keep the sender's mail from being aligned."""
    if use is None:
        return []
    found = []
    if use.signs and record.adkim is Alignment.STRICT:
        found.append("adkim")
    if record.aspf is Alignment.STRICT:
        found.append("aspf")
    return found


def _speaks_for_itself(zone: MailZone, name: str) -> bool:
    """Whether the name has a DMARC record of its own: it stands in From addresses itself."""
    return policy_at(name, zone.context)[1] is not None


def _report(
    zone: MailZone, domain: DomainIntent, at: str, sender: Sender, use: _Use, strict: list[str]
) -> Found:
    does = [
        word
        for tag, word in (("adkim", "signs with"), ("aspf", "receives bounces at"))
        if tag in strict
    ]
    whole = "aspf" in strict and ("adkim" in strict or not sender.dkim)
    tags = " and ".join(f"{tag}=s" for tag in strict)
    effect = "its mail fails DMARC" if whole else "only the other of SPF and DKIM is left to pass"
    message = (
        f"{sender.name} {' and '.join(does)} {without_dot(use.name)}, and {tags} "
        f"{'require' if len(strict) > 1 else 'requires'} {without_dot(domain.name)} itself, so "
        f"{effect}"
    )
    advice = (
        f"Make {' and '.join(strict)} relaxed, or have {sender.name} use "
        f"{without_dot(domain.name)} itself."
    )
    severity = None if whole else Severity.WARNING
    subject = _record(zone, at)
    if subject is None:
        return zone.missing(f"_dmarc.{domain.name}", "TXT", message, advice, severity=severity)
    place = subject.ast.tag(strict[0])
    assert place is not None
    return subject.at(
        place, message, advice, severity=severity,
        change=subject.rewrite(
            parse(subject.value).without(*strict), "the declared senders stay aligned"
        ),
    )  # fmt: skip


def _record(zone: MailZone, at: str) -> Dmarc | None:
    records = zone.dmarc.get(f"_dmarc.{at}", [])
    return records[0] if len(records) == 1 else None


_MAILGUN = """
[domains."example.com"]
senders = ["mailgun"]
[domains."example.com".mailgun]
envelope = "mg.example.com"
"""
_SES = """
[domains."example.com"]
senders = ["amazon-ses"]
[domains."example.com".amazon-ses]
envelope = "bounce.example.com"
"""

strict_breaks_sender.bad(
    zone='_dmarc TXT "v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:d@example.com"',
    config=_MAILGUN,
    fixed='_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@example.com"',
)
strict_breaks_sender.bad(
    zone='_dmarc TXT "v=DMARC1; p=reject; adkim=s; aspf=s"',
    config=_SES,
    fixed='_dmarc TXT "v=DMARC1; p=reject; adkim=s"',
)
strict_breaks_sender.good(
    zone='_dmarc TXT "v=DMARC1; p=reject"',
    config=_MAILGUN,
)
strict_breaks_sender.good(zone='_dmarc TXT "v=DMARC1; p=reject; adkim=s"', config=_SES)
strict_breaks_sender.good(
    zone="""
    _dmarc TXT "v=DMARC1; p=reject; adkim=s; aspf=s"
    _dmarc.mg TXT "v=DMARC1; p=reject; adkim=s; aspf=s"
    """,
    config=_MAILGUN,
)
strict_breaks_sender.good(
    zone='_dmarc TXT "v=DMARC1; p=reject; adkim=s; aspf=s"',
    config='[domains."example.com"]\nsenders = ["microsoft365", "mailgun", "sendgrid"]\n',
)
strict_breaks_sender.good(zone='_dmarc TXT "v=DMARC1; p=reject; adkim=s; aspf=s"')
