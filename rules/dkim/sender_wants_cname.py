"""DKIM103: keys copied where the service rotates them behind a CNAME."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import without_dot
from zonelint.rules.config.declaration import DomainIntent
from zonelint.rules.config.sender import DkimForm, Sender
from zonelint.rules.core.change import join
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.gates import intent_is_declared
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.dkim.support.example_keys import RSA_2048
from zonelint.rules.dkim.support.services import (
    declared_senders,
    is_key_text,
    lone_cname_form,
    rightful_target,
    to_declare,
    where_documented,
)
from zonelint.rules.model.subjects import Dkim, MailZone


@rule(
    "DKIM103",
    "dkim-sender-wants-cname",
    Severity.WARNING,
    on=MailZone,
    needs=Needs.ZONE | Needs.INTENT,
    fix=Fix.PROPOSAL,
    section="RFC 6376 §3.6.2.1",
    given=intent_is_declared,
    step=Step.DKIM,
    explains=["dkim"],
)
def sender_wants_cname(zone: MailZone) -> Iterator[Found]:
    """A declared sender's key is published as TXT where the sender expects a CNAME.

    What it finds
        A TXT record with a key at a selector where a declared sender expects a CNAME to a name of
        its own and supports nothing else.
    Why it matters
        The sender rotates its keys behind the CNAME. A copy remains the old key: from the next
        rotation on, all mail that the sender signs fails DKIM.
    Example
        `selector1._domainkey TXT "v=DKIM1; p=MIIB…"` with `senders = ["microsoft365"]`
    Use instead
        `selector1._domainkey CNAME selector1-example-com._domainkey.contoso.onmicrosoft.com.`
    References
        RFC 6376 §3.6.2.1; the vendor's documentation, named in zonelint's profile of the service
    """
    for owner, keys in zone.keys.items():
        key = keys[0]
        if key.selector is None or key.domain is None or zone.zone.is_delegated(owner):
            continue
        if all(each.ast.revoked for each in keys) or zone.zone.get(owner, "CNAME") is not None:
            continue
        for sender, intent in declared_senders(zone, key.domain):
            form = lone_cname_form(sender, key.selector)
            if form is not None and not _is_declared_text(intent, sender, key.selector):
                yield _report(zone, key, sender, intent, form)
                break


def _is_declared_text(intent: DomainIntent, sender: Sender, selector: str) -> bool:
    """Whether zonelint.toml itself gives a key for the selector."""
    declared = intent.options_for(sender.id).dkim.get(selector)
    return declared is not None and is_key_text(declared)


def _report(
    zone: MailZone, key: Dkim, sender: Sender, intent: DomainIntent, form: DkimForm
) -> Found:
    assert key.selector is not None
    assert key.domain is not None
    target = rightful_target(form, intent.options_for(sender.id), key.selector, key.domain)
    change = None
    if target is not None:
        rrset = zone.zone.get(key.owner, "TXT")
        held = [key.record] if rrset is None else rrset.records
        reason = f"{sender.name} rotates the key behind the CNAME"
        change = join(held, target, reason, type="CNAME")
    return key.whole(
        f"The key at {key.selector} of {without_dot(key.domain)} is a copy, and {sender.name} "
        "rotates its keys behind a CNAME, so mail will fail DKIM from the next rotation on",
        f"Replace it with a CNAME to {without_dot(target)} in its place."
        if target is not None
        else (
            "Replace it with the CNAME. "
            f"{to_declare(sender, key.selector, key.domain)}{where_documented(sender)}"
        ),
        change=change,
    )


_M365 = '[domains."example.com"]\nsenders = ["microsoft365"]\n'

sender_wants_cname.bad(
    zone=f"""
    selector1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    """,
    config=_M365
    + """
[domains."example.com".microsoft365.dkim]
selector1 = "selector1-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft"
""",
    fixed="""
    selector1._domainkey CNAME selector1-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft.
    """,
)
sender_wants_cname.bad(
    zone=f'selector2._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"', config=_M365
)
sender_wants_cname.good(
    zone=f"""
    selector1._domainkey CNAME selector1-example-com._domainkey.contoso.onmicrosoft.com.
    selector2._domainkey TXT "v=DKIM1; p="
    s1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    """,
    config='[domains."example.com"]\nsenders = ["microsoft365", "sendgrid"]\n',
)
sender_wants_cname.good(
    zone=f'selector1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"'
)
