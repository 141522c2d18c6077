"""DKIM013: CNAMEs at selectors behind which there is not a key."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.tags import dkim
from zonelint.grammars.zone import without_dot
from zonelint.rules.config.sender import Sender
from zonelint.rules.config.template import is_for_another
from zonelint.rules.core.finding import Found, Root, Severity, Unknown
from zonelint.rules.core.rule import Needs, Step, rule
from zonelint.rules.dkim.support.example_keys import RSA_2048
from zonelint.rules.dkim.support.services import (
    Alias,
    aliases_of,
    declared_senders,
    owner_of,
)
from zonelint.rules.dkim.support.targets import wrong_targets
from zonelint.rules.mail.slips import likely_meant
from zonelint.rules.model.answers import Answer, Status
from zonelint.rules.model.declaring import senders_of
from zonelint.rules.model.subjects import MailZone


@rule(
    "DKIM013",
    "dkim-dangling-cname",
    Severity.ERROR,
    on=MailZone,
    needs=Needs.DNS,
    section="RFC 6376 §3.6.2.2",
    when={"CNAME"},
    step=Step.DKIM,
    explains=["dkim"],
)
def dangling_cname(zone: MailZone) -> Iterator[Found | Unknown]:
    """The CNAME at a selector leads to a name without a key.

    What it finds
        Targets that do not exist, have no TXT record, have one that is not a key, or lead in a
        circle of aliases. Not of two selectors that a service uses in turn, as long as one of them
        has its key: the other's may not have been made yet. Only an info for a name as declared in
        zonelint.toml, or of the form of a service that makes its keys after the CNAMEs are
        published, as Microsoft 365 does.
    Why it matters
        Verifiers find no key: all mail signed with the selector fails DKIM.
    Example
        `s1._domainkey CNAME s1.dkim.example.net.` where s1.dkim.example.net does not exist.
    Use instead
        The name that the mail service gives today, or no record once the service is no longer used:
        whoever takes over the target's name could sign as the domain.
    References
        RFC 6376 §3.6.2.2, §6.1.2
    """
    wrong = wrong_targets(zone)
    for aliases in aliases_of(zone).values():
        for alias in aliases:
            owner = alias.rrset.owner
            if owner in wrong and not wrong[owner].is_open:
                continue
            answer = zone.context.answers.ask(owner, "TXT")
            if answer.is_circle:
                yield _in_circle(zone, alias)
            elif not answer.is_fact:
                yield zone.unknown(owner, answer.missing)
            elif not _has_key(answer):
                yield from _without_key(zone, alias, answer)


def _in_circle(zone: MailZone, alias: Alias) -> Found:
    record = alias.rrset.records[0]
    return zone.at(
        record,
        f"{alias.selector} of {without_dot(alias.domain)} points at {without_dot(alias.target)}, "
        "whose aliases lead in a circle, so mail signed with it fails DKIM",
        "Point it at the name that the mail service shows today.",
        span=record.fields[-1].span,
    )


def _without_key(zone: MailZone, alias: Alias, answer: Answer) -> Iterator[Found | Unknown]:
    others = [zone.context.answers.ask(name, "TXT") for name in _siblings(zone, alias)]
    if answer.is_void and any(_has_key(other) for other in others):
        return
    open_ = [other.missing for other in others if not other.is_fact]
    if answer.is_void and open_:
        yield zone.unknown(alias.rrset.owner, *open_)
        return
    record = alias.rrset.records[0]
    service = _awaits_signing(zone, alias) if answer.is_void else None
    if service is not None:
        yield zone.at(
            record,
            f"{alias.selector} of {without_dot(alias.domain)} points at the name that "
            f"{service.name} gives, and no key is published there yet: the service creates it "
            "when signing is enabled, which requires the CNAMEs first",
            f"Enable DKIM signing for {without_dot(alias.domain)} once the CNAMEs are visible."
            + (f" For {service.name} that is in {service.where}." if service.where else ""),
            severity=Severity.INFO,
            span=record.fields[-1].span,
            root=Root(answer.last),
        )
        return
    meant = likely_meant(record) if answer.status is Status.NXDOMAIN else None
    why = "is not a key" if answer.values else "does not exist"
    what = "the TXT of " if answer.values or answer.status is Status.NODATA else ""
    hidden = zone.context.only_in_view(answer.last, "TXT")
    yield zone.at(
        record,
        f"{alias.selector} of {without_dot(alias.domain)} points at {without_dot(alias.target)}, "
        f"and {what}{without_dot(answer.last)} {why}, so mail signed with it fails DKIM",
        f"Publish the key where this zone is seen as well.{hidden}"
        if hidden
        else "Point it at the name that the mail service gives today, or remove it if the service "
        "is no longer used."
        if meant is None
        else f"Write {meant} with its final dot if that is the intended name.",
        span=record.fields[-1].span,
        root=Root(answer.last),
    )


def _awaits_signing(zone: MailZone, alias: Alias) -> Sender | None:
    """The service that makes the key later: the target is as declared, or of its own form."""
    for sender, intent in declared_senders(zone, alias.domain):
        if intent.options_for(sender.id).dkim.get(alias.selector) == alias.target:
            return sender
    for sender in senders_of(zone.context):
        for match in alias.matches(sender):
            fits = match.expected_selector in (None, alias.selector)
            if match.form.keys_follow and fits and not is_for_another(match.values, alias.domain):
                return sender
    return None


def _has_key(answer: Answer) -> bool:
    """Whether there is a key record, withdrawn ones included; what is wrong with it others tell."""
    return any(dkim.parse(value).has("p") for value in answer.values)


def _siblings(zone: MailZone, alias: Alias) -> list[str]:
    """The other selectors that the service uses in turn with this one."""
    for sender in senders_of(zone.context):
        for match in alias.matches(sender):
            if alias.selector in match.form.required:
                others = [name for name in match.form.required if name != alias.selector]
                return [owner_of(name, alias.domain) for name in others]
    return []


_TARGET = "example-com._domainkey.contoso.onmicrosoft.com."
_LOCK = f"""
["s1.dkim.example.net."]
seen = 2026-11-24
TXT = "nxdomain"
["s2.dkim.example.net."]
seen = 2026-11-24
TXT = ["hello"]
["s3.dkim.example.net."]
seen = 2026-11-24
TXT = ["v=DKIM1; p={RSA_2048}"]
["s4.dkim.example.net."]
seen = 2026-11-24
TXT = "servfail"
["selector1-{_TARGET}"]
seen = 2026-11-24
TXT = ["v=DKIM1; k=rsa; p={RSA_2048}"]
["selector2-{_TARGET}"]
seen = 2026-11-24
TXT = "nxdomain"
"""

dangling_cname.bad(
    zone="""
    s1._domainkey CNAME a.hosted
    a.hosted CNAME b.hosted
    b.hosted CNAME a.hosted
    """
)
dangling_cname.bad(
    zone="""
    selector1._domainkey CNAME selector1-example-com._domainkey.fabrikam.onmicrosoft.com.
    """,
    lock="""
    ["selector1-example-com._domainkey.fabrikam.onmicrosoft.com."]
    seen = 2026-11-24
    TXT = "nxdomain"
    """,
)
dangling_cname.bad(zone="s1._domainkey CNAME s1.dkim.example.net")
dangling_cname.bad(zone="s1._domainkey CNAME s1.dkim.example.net.", lock=_LOCK)
dangling_cname.bad(zone="s2._domainkey CNAME s2.dkim.example.net.", lock=_LOCK)
dangling_cname.bad(
    zone=f"""
    selector1._domainkey CNAME selector1-{_TARGET}
    selector2._domainkey CNAME selector2-{_TARGET}
    """,
    lock=_LOCK.replace(f'["v=DKIM1; k=rsa; p={RSA_2048}"]', '"nodata"'),
)
dangling_cname.bad(
    zone="""
    s1._domainkey CNAME s1.dkim
    """
)
dangling_cname.bad(zone="s4._domainkey CNAME s4.dkim.example.net.", lock=_LOCK, undecided=True)
dangling_cname.bad(zone="s5._domainkey CNAME s5.dkim.example.net.", undecided=True)
dangling_cname.good(
    zone=f"""
    s3._domainkey CNAME s3.dkim.example.net.
    selector1._domainkey CNAME selector1-{_TARGET}
    selector2._domainkey CNAME selector2-{_TARGET}
    """,
    lock=_LOCK,
)
dangling_cname.good(
    zone=f"""
    s1._domainkey CNAME s1.dkim
    s1.dkim TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    s2._domainkey TXT "v=DKIM1; p="
    www CNAME nothing.example.net.
    """
)
