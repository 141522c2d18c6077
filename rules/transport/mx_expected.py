"""MX004: mail exchanges that are not the declared receiver's."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import without_dot
from zonelint.rules.config.declaration import DomainIntent
from zonelint.rules.config.sender import Sender
from zonelint.rules.core.change import Change, add, join, remove
from zonelint.rules.core.finding import Found, Root, RootScope, Severity, Unknown
from zonelint.rules.core.gates import intent_is_declared
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.model.declaring import bulk_severity, declared_in, senders_of
from zonelint.rules.model.subjects import MailZone

_PREFERENCE = 10


@rule(
    "MX004",
    "mx-expected",
    Severity.WARNING,
    on=MailZone,
    needs=Needs.ZONE | Needs.INTENT,
    fix=Fix.PROPOSAL,
    section="RFC 5321 §5.1",
    given=intent_is_declared,
    step=Step.MAIL,
)
def mx_expected(zone: MailZone) -> Iterator[Found | Unknown]:
    """The domain's mail does not all go to the service that is declared to receive it.

    What it finds
        A declared receiver (`mx.receiver` in zonelint.toml) whose exchanges are missing from the
        domain's MX, or are mixed with exchanges of others; and a domain with the profile
        bulk-sender that has no MX at all. For Microsoft 365 the exchanges are
        `<domain with dashes>.mail.protection.outlook.com` and those below `mx.microsoft`.
    Why it matters
        Senders choose among all exchanges: mail arrives where nobody reads it, or is refused. Large
        mailbox providers accept no bulk mail from a domain that cannot receive replies.
    Example
        `@ MX 10 mail.example.net.` beside `@ MX 0 example-com.mail.protection.outlook.com.`
    Use instead
        Only the receiver's exchanges.
    References
        RFC 5321 §5.1; the vendor's documentation, named in zonelint's profile of the service
    """
    for domain in declared_in(zone):
        mx = zone.mx(domain.name)
        missing = zone.unseen(domain.name, "MX") if mx is None else zone.unknown_values(mx)
        if missing:
            if domain.receiver is not None or bulk_severity(domain):
                yield zone.unknown(domain.name, *missing)
        elif domain.receiver is not None:
            receiver = senders_of(zone.context).load(domain.receiver)
            yield from _of_receiver(zone, domain, receiver)
        elif (
            bulk_severity(domain) and not zone.receives(domain.name) and not _is_alias(zone, domain)
        ):
            yield zone.missing(
                domain.name,
                "MX",
                f"{without_dot(domain.name)} is declared to send in bulk and receives no mail, so "
                "the large mailbox providers refuse its mail",
                "Publish an MX: replies and bounces must have somewhere to go.",
                severity=bulk_severity(domain),
            )


def _is_alias(zone: MailZone, domain: DomainIntent) -> bool:
    return zone.zone.get(domain.name, "CNAME") is not None


def _of_receiver(zone: MailZone, domain: DomainIntent, receiver: Sender) -> Iterator[Found]:
    mx = zone.mx(domain.name)
    records = [] if mx is None else mx.records
    others = [
        record
        for record in records
        if not receiver.receives_at(record.target) and not receiver.is_verification(record.target)
    ]
    if len(others) == len(records):
        proposed = None if _is_alias(zone, domain) else _proposal(domain.name, receiver)
        message = (
            f"No mail exchange of {without_dot(domain.name)} belongs to {receiver.name}, which is "
            "declared to receive its mail, so mail does not arrive there"
        )
        likely = "" if proposed is None else f", most likely {proposed[:-1]}"
        advice = f"Publish the MX that it gave you{likely}, or declare another receiver."
        if not records:
            change = (
                None
                if proposed is None
                else add(domain.name, "MX", proposed, f"{receiver.name} receives the mail")
            )
            yield zone.missing(
                domain.name, "MX", message, advice, change=change, severity=bulk_severity(domain)
            )
        else:
            change = _replaced(zone, domain, proposed, receiver)
            root = Root(domain.name.removesuffix(zone.origin), RootScope.PLACE)
            yield zone.at(records[0], message, advice, change=change, root=root)
    elif others:
        change = remove(others, f"{receiver.name} receives the mail")
        for record in others:
            yield zone.at(
                record,
                f"{without_dot(record.target)} is not an exchange of {receiver.name}, which is "
                f"declared to receive mail for {without_dot(domain.name)}, so some mail goes "
                "elsewhere",
                "Remove it, or declare another receiver.",
                change=change,
                span=record.fields[-1].span,
            )


def _replaced(
    zone: MailZone, domain: DomainIntent, proposed: str | None, receiver: Sender
) -> Change | None:
    """The receiver's exchange in the place of a null MX. Of a real one nobody knows its use."""
    mx = zone.mx(domain.name)
    if proposed is None or mx is None or zone.receives(domain.name):
        return None
    return join(mx.records, proposed, f"{receiver.name} receives the mail")


def _proposal(domain: str, receiver: Sender) -> str | None:
    """The MX that the domain alone tells; None where the vendor has several that could be meant."""
    name = receiver.exchange(domain)
    return None if name is None else f"{_PREFERENCE} {name}"


_M365 = '[domains."example.com"]\nmx.receiver = "microsoft365"\n'

mx_expected.bad(
    zone="""
    @ MX 0 example-com.mail.protection.outlook.com.
    @ MX 10 mail.example.net.
    """,
    config=_M365,
    fixed="""
    @ MX 0 example-com.mail.protection.outlook.com.
    """,
)
mx_expected.bad(zone="@ A 203.0.113.7", config=_M365)
mx_expected.bad(
    zone="@ A 203.0.113.7",
    config='[domains."example.com"]\nmx.receiver = "google-workspace"\n',
    fixed="""
    @ A 203.0.113.7
    @ MX 10 smtp.google.com.
    """,
)
mx_expected.good(
    zone="""
    @ MX 0 example-com.mail.protection.outlook.com.
    @ MX 32767 ms12345678.msv1.invalid.
    """,
    config=_M365,
)
mx_expected.bad(
    zone="""
    @ MX 0 .
    """,
    config='[domains."example.com"]\nmx.receiver = "google-workspace"\n',
    fixed="""
    @ MX 10 smtp.google.com.
    """,
)
mx_expected.bad(zone="@ MX 10 mail.example.net.", config=_M365)
mx_expected.bad(zone="@ A 203.0.113.7", config='[domains."example.com"]\nmx.receiver = "mailgun"\n')
mx_expected.bad(zone="@ A 203.0.113.7", config='[domains."example.com"]\nprofile = "bulk-sender"\n')
for _exchange in (
    "example-com.mail.protection.outlook.com.",
    "EXAMPLE-com.n-v1.mx.microsoft.",
    "contoso.mail.protection.outlook.com.",
    "example-com.mail.protection.office365.us.",
):
    mx_expected.good(zone=f"@ MX 0 {_exchange}", config=_M365)
mx_expected.good(
    zone="@ MX 10 gateway.example.net.",
    config='[domains."example.com"]\nsenders = ["microsoft365"]\nprofile = "bulk-sender"\n',
)
mx_expected.good(zone="@ MX 10 mail.example.net.")
