"""DMARC203: mail is refused, and nothing signs it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from zonelint.grammars.tags.dmarc import Policy
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Needs, Step, rule
from zonelint.rules.dmarc.support.declared import is_parked
from zonelint.rules.mail.behind import unanswered
from zonelint.rules.mail.dmarc_discovery import is_reverse
from zonelint.rules.mail.dmarc_owner import LABEL, behind_aliases
from zonelint.rules.mail.signing import signs, where_to_look
from zonelint.rules.model.subjects import Dmarc, MailZone


@rule(
    "DMARC203",
    "dmarc-reject-without-dkim",
    Severity.ERROR,
    on=MailZone,
    about=Dmarc,
    needs=Needs.ZONE,
    section="RFC 9989 §7.4",
    when={"dmarc", "CNAME"},
    step=Step.DKIM,
    explains=["policy"],
)
def reject_without_dkim(zone: MailZone) -> Iterator[Found | Unknown]:
    """The policy has failing mail refused, and no DKIM key is published.

    What it finds
        `p=reject`, in the record or in one that an alias at `_dmarc` leads to, on a domain that
        sends mail and is not declared to be parked, in a zone without a DKIM key: no key record for
        mail (`s=tlsrpt` is for TLS reports), no alias or delegation below `_domainkey`, no wildcard
        alias or DNAME that leads to a key.
    Why it matters
        DMARC then depends on SPF alone, which fails whenever mail is forwarded: legitimate mail is
        refused.
    Example
        `_dmarc TXT "v=DMARC1; p=reject"` beside `@ TXT "v=spf1 mx -all"`, without DKIM
    Use instead
        The same policy, with a DKIM key for every sender.
    References
        RFC 9989 §5.1.2, §7.4; RFC 6376 §3.6.1; RFC 8460 §3
    """
    if is_reverse(zone.origin) or signs(zone):
        return
    rejecting = [
        found
        for found in chain(_alone(zone), behind_aliases(zone))
        if "p=reject" in found.features and found.ast.p is Policy.REJECT
        if found.domain is not None and _sends(zone, found.domain)
    ]
    for owner, kind, why in unanswered(zone):
        if kind is Dmarc and _sends(zone, owner.removeprefix(LABEL)):
            yield zone.unknown(owner, why)
    for found in rejecting:
        missing = where_to_look(zone, found.ast)
        if missing:
            yield found.unknown(*missing)
        else:
            yield _report(found)


def _alone(zone: MailZone) -> Iterator[Dmarc]:
    """The records that stand alone: receivers discard several."""
    return (records[0] for records in zone.dmarc.values() if len(records) == 1)


def _sends(zone: MailZone, domain: str) -> bool:
    """Whether mail can be expected from the domain; a bare `-all` says that there is none."""
    if is_parked(zone, domain):
        return False
    return zone.sends(domain) or (zone.receives(domain) and domain not in zone.spf)


def _report(found: Dmarc) -> Found:
    tag = found.ast.tag("p")
    assert tag is not None
    return found.at(
        tag,
        f"`{tag.text}` makes receivers refuse mail that fails DMARC, and without a DKIM key "
        "legitimate mail fails as soon as it is forwarded",
        "Publish a DKIM key for every sender; the policy itself is right.",
    )


_LOCK = """
["all.example.net."]
seen = 2026-11-24
TXT = ["{}"]
"""

reject_without_dkim.bad(
    zone="""
    @ TXT "v=spf1 mx -all"
    _dmarc TXT "v=DMARC1; p=reject"
    """
)
reject_without_dkim.bad(
    zone="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=reject"
    k._domainkey CNAME k
    k TXT "v=DKIM1; s=tlsrpt; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
    """
)
reject_without_dkim.bad(
    zone="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=reject"
    old._domainkey TXT "v=DKIM1; p="
    """
)
reject_without_dkim.bad(
    zone="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=reject"
    tls._domainkey TXT "v=DKIM1; s=tlsrpt; p=MIIB"
    """
)
reject_without_dkim.bad(
    zone="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=reject"
    _domainkey DNAME keys
    """
)
reject_without_dkim.bad(
    zone="""
    @ MX 10 mail
    _dmarc CNAME policy
    policy TXT "v=DMARC1; p=reject"
    """
)
reject_without_dkim.bad(
    zone="""
    @ MX 10 mail
    _dmarc CNAME all.example.net.
    """,
    lock=_LOCK.format("v=DMARC1; p=reject"),
)
reject_without_dkim.bad(
    zone="""
    @ MX 10 mail
    _dmarc CNAME all.example.net.
    """,
    undecided=True,
)
reject_without_dkim.good(
    zone="""
    @ MX 10 mail
    _dmarc CNAME all.example.net.
    """,
    lock=_LOCK.format("v=DMARC1; p=quarantine"),
)
reject_without_dkim.good(
    zone="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=reject"
    s1._domainkey TXT "v=DKIM1; s=email:tlsrpt; p=MIIB"
    """
)
reject_without_dkim.good(
    zone="""
    @ TXT "v=spf1 mx -all"
    _dmarc TXT "v=DMARC1; p=reject"
    s1._domainkey CNAME s1.example._domainkey.example.net.
    """
)
reject_without_dkim.good(
    zone="""
    @ TXT "v=spf1 mx -all"
    _dmarc TXT "v=DMARC1; p=reject"
    _domainkey NS ns.example.net.
    """
)
reject_without_dkim.good(
    zone="""
    @ TXT "v=spf1 mx -all"
    _dmarc TXT "v=DMARC1; p=reject"
    _domainkey DNAME keys
    s1.keys CNAME s1.example._domainkey.example.net.
    """
)
reject_without_dkim.good(
    zone="""
    @ TXT "v=spf1 mx -all"
    _dmarc TXT "v=DMARC1; p=reject"
    _domainkey DNAME _domainkey.example.net.
    """
)
reject_without_dkim.bad(
    zone="""
    @ TXT "v=spf1 mx -all"
    _dmarc TXT "v=DMARC1; p=reject"
    * CNAME all.example.net.
    """,
    undecided=True,
)
reject_without_dkim.good(
    zone="""
    @ TXT "v=spf1 mx -all"
    _dmarc TXT "v=DMARC1; p=reject"
    * CNAME all.example.net.
    """,
    lock=_LOCK.format("v=DKIM1; p=MIIB"),
)
reject_without_dkim.bad(
    zone="""
    @ TXT "v=spf1 mx -all"
    _dmarc TXT "v=DMARC1; p=reject"
    * CNAME all.example.net.
    """,
    lock=_LOCK.format("parked"),
)
reject_without_dkim.good(
    zone="""
    @ TXT "v=spf1 mx -all"
    _dmarc TXT "v=DMARC1; p=reject"
    *._domainkey CNAME keys.example.net.
    """
)
reject_without_dkim.good(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; p=reject"
    """
)
reject_without_dkim.good(
    zone="""
    @ MX 10 mail
    @ TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; p=reject"
    """
)
reject_without_dkim.good(
    zone="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=quarantine"
    """
)
reject_without_dkim.good(
    zone="""
    @ TXT "v=spf1 include:old.example.net -all"
    _dmarc TXT "v=DMARC1; p=reject"
    """,
    config='parked = ["example.com"]\n',
)
