"""DKIM008: keys that do not stand where verifiers look for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.zone import Record, without_dot
from zonelint.rules.core.change import Change, Edit, Role, remove
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.dkim.support.example_keys import RSA_2048
from zonelint.rules.dkim.support.keys import is_cname_target, is_wildcard, known_target
from zonelint.rules.dkim.support.owners import LABEL, Meant, meant_owner, named_in
from zonelint.rules.mail.slips import is_doubled
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.subjects import MailZone, selector_of

_UNDER = f".{LABEL}."
_UNLESS = ", unless a CNAME at a selector of another domain leads to it"


@rule(
    "DKIM008", "dkim-wrong-owner", Severity.ERROR, on=MailZone, needs=Needs.ZONE, fix=Fix.PROPOSAL,
    section="RFC 6376 §3.6.2.1",
    role=Role.MENDS, step=Step.DKIM, explains=["dkim"],
)  # fmt: skip
def wrong_owner(zone: MailZone) -> Iterator[Found | Unknown]:
    """A key, or a CNAME to one, is published at a name that verifiers do not query.

    What it finds
        TXT records that contain a key, and CNAMEs to the keys of a mail service, that are not under
        `._domainkey.`: `selector1.domainkey`, `selector1._domainkeys`, a selector alone, the zone's
        apex, or a name to which the zone's own name was added twice. A key that a selector's CNAME
        points at, or a DNAME at `_domainkey` leads to, may be published anywhere: such aliases are
        looked for in all zones of the repository. Of a key at a name that is not misspelt the
        finding is a warning, for a domain that is not read may have one.
    Why it matters
        Verifiers query `<selector>._domainkey.<domain>` and find nothing: all mail signed with the
        key fails DKIM.
    Example
        `selector1.domainkey CNAME selector1-example-com._domainkey.contoso.onmicrosoft.com.`
    Use instead
        `selector1._domainkey CNAME selector1-example-com._domainkey.contoso.onmicrosoft.com.`
    References
        RFC 6376 §3.6.2.1
    """
    taken: set[str] = set()
    for lost in _lost(zone):
        owner = lost.records[0].owner
        if is_cname_target(owner, zone.context):
            continue
        if (why := _open_selector(zone)) is not None:
            yield zone.unknown(owner, why)
            continue
        place = lost.meant.owner
        is_domain = not lost.meant.spelt and _has_mail(zone, owner)
        domain = f".{without_dot(owner)}" if is_domain else " and the domain"
        where = without_dot(place) if place else f"<selector>.{LABEL}{domain}"
        unless = "" if lost.meant.spelt or is_domain else _UNLESS
        yield zone.at(
            lost.records[0],
            f"A DKIM key is published at {without_dot(owner)}, where no verifier looks for it, so "
            f"mail signed with it fails DKIM{unless}",
            f"Move it to {where}."
            if place
            else f"Move it to {where}; the selector is the one that the signer uses.",
            span=lost.records[0].owner_span,
            change=_moved(zone, lost, taken),
            severity=Severity.WARNING if unless and lost.records[0].type == "TXT" else None,
        )


@once_a_zone
def _open_selector(zone: MailZone) -> str | None:
    """Why it is not known what a selector, or an alias there, leads to; None where it is."""
    for (owner, type), reasons in zone.zone.unknown.items():
        if _UNDER in owner and type in ("TXT", "CNAME"):
            return next(iter(reasons), None)
    return None


class _Lost(NamedTuple):
    """Records of one owner and type at a wrong name."""

    records: list[Record]
    meant: Meant
    text: str | None = None
    """The key without what is in front of it in its text."""


def _lost(zone: MailZone) -> Iterator[_Lost]:
    for owner, keys in zone.keys.items():
        if is_wildcard(owner) or _is_selector(zone, owner):
            continue
        records = [key.record for key in keys]
        named = named_in(keys[0].value) if len(keys) == 1 else None
        meant = _meant(zone, owner, None if named is None else named[0])
        if meant is not None and (
            selector_of(owner)[0] or known_target(zone.context, owner) is None
        ):
            text = None if named is None else named[1]
            yield _Lost(_with_pieces(zone, owner, records, meant), meant, text)
    for rrset in zone.zone.of_type("CNAME"):
        owner, target = rrset.owner, rrset.records[0].target
        selector, is_key = None, True
        if _UNDER not in owner:
            known = known_target(zone.context, target)
            is_key = known is not None or _UNDER in target
            if not is_key and target not in zone.keys:
                continue
            selector = None if known is None else known[1].expected_selector
        if is_wildcard(owner) or _is_selector(zone, owner):
            continue
        meant = _meant(zone, owner, selector)
        if meant is None or not (is_key or meant.spelt):
            continue
        if known_target(zone.context, owner) is None:
            yield _Lost(list(rrset), meant)


def _is_selector(zone: MailZone, owner: str) -> bool:
    """Whether the owner is a selector's, or has a fault that ZONE006 tells."""
    doubled = is_doubled(owner, zone.origin)
    if _UNDER in owner and f"\\{_UNDER}" not in owner:
        return not doubled and f".{LABEL}{_UNDER}" not in owner
    return doubled and "domainkey" not in owner


def _meant(zone: MailZone, owner: str, selector: str | None) -> Meant | None:
    return meant_owner(
        owner, zone.origin, selector=selector, is_domain=lambda name: _has_mail(zone, name)
    )


def _has_mail(zone: MailZone, name: str) -> bool:
    return name in zone.spf or zone.receives(name)


def _with_pieces(zone: MailZone, owner: str, records: list[Record], meant: Meant) -> list[Record]:
    """All TXT of a name that was made for a key: a part of one need not look like a key."""
    rrset = zone.zone.get(owner, "TXT")
    return list(rrset) if meant.spelt and meant.owner and rrset is not None else records


def _moved(zone: MailZone, lost: _Lost, taken: set[str]) -> Change | None:
    """The records at the right name; gone, where the same stands there already."""
    place = lost.meant.owner
    first = lost.records[0]
    if place is None or place in taken or zone.zone.is_delegated(place):
        return None
    if lost.text is None and not lost.meant.spelt and len(zone.zone.at(first.owner)) > 1:
        return None  # the name is a host's: who knows which selector is meant
    standing = [record for rrset in zone.zone.at(place) for record in rrset]
    if standing:
        same = {(record.type, record.rdata) for record in standing}
        if any((record.type, record.rdata) not in same for record in lost.records):
            return None
        return remove(lost.records, "the key is already published at its right name")
    taken.add(place)
    if lost.text is not None:
        edit = Edit(place, "TXT", first, txt_rdata(lost.text))
        return Change((edit,), "the name that verifiers query, and that the text names")
    edits = tuple(Edit(place, r.type, r, r.rdata) for r in lost.records)
    # A bare name may be the target of somebody else's CNAME.
    return Change(edits, "the name that verifiers query")


_TARGET = "selector1-example-com._domainkey.contoso.onmicrosoft.com."
_NEW_TARGET = "selector1-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft."

for _wrong, _right in (
    ("selector1.domainkey", "selector1._domainkey"),
    ("selector1._domainkeys", "selector1._domainkey"),
    ("selector1._domain_key", "selector1._domainkey"),
    ("selector1-_domainkey", "selector1._domainkey"),
    (r"selector1\._domainkey", "selector1._domainkey"),
    ("selector1._domainkey.example.com", "selector1._domainkey"),
    ("selector1.domainkey.shop", "selector1._domainkey.shop"),
    ("_domainkey", "selector1._domainkey"),
    ("selector1", "selector1._domainkey"),
):
    wrong_owner.bad(
        zone=f"""
        {_wrong} CNAME {_NEW_TARGET}
        """,
        fixed=f"""
        {_right} CNAME {_NEW_TARGET}
        """,
    )
wrong_owner.bad(
    zone=f"""
    s1.domainkey 600 TXT "v=DKIM1; p={RSA_2048[:100]}" "{RSA_2048[100:]}"
    """,
    fixed=f"""
    s1._domainkey 600 TXT "v=DKIM1; p={RSA_2048[:100]}" "{RSA_2048[100:]}"
    """,
)
wrong_owner.bad(
    zone=f"""
    s1.domainkey CNAME {_TARGET}
    s1._domainkey CNAME {_TARGET}
    """,
    fixed=f"""
    s1._domainkey CNAME {_TARGET}
    """,
)
wrong_owner.bad(zone=f'_domainkey TXT "v=DKIM1; p={RSA_2048[:200]}"')
wrong_owner.bad(zone=f'@ TXT "v=DKIM1; p={RSA_2048[:200]}"')
wrong_owner.bad(
    zone=f"""
    s1.domainkey CNAME s2.domainkey
    s2.domainkey TXT "v=DKIM1; p={RSA_2048[:200]}"
    """,
    fixed=f"""
    s1._domainkey CNAME s2.domainkey
    s2.domainkey TXT "v=DKIM1; p={RSA_2048[:200]}"
    """,
)
wrong_owner.bad(
    zone=f"""
    mail A 192.0.2.1
    imap CNAME mail
    mail TXT "v=DKIM1; p={RSA_2048[:200]}"
    """
)
wrong_owner.bad(
    zone=f"""
    shop MX 10 mail.example.net.
    shop TXT "v=DKIM1; p={RSA_2048[:200]}"
    """
)
wrong_owner.bad(
    zone=f"""
    blog MX 10 mail.example.net.
    blog TXT "s1._domainkey=v=DKIM1; p={RSA_2048[:200]}"
    """,
    fixed=f"""
    blog MX 10 mail.example.net.
    s1._domainkey.blog TXT "v=DKIM1; p={RSA_2048[:200]}"
    """,
)
wrong_owner.good(
    zone=f"""
    selector1._domainkey CNAME {_TARGET}
    s2._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}"
    s3.eu._domainkey.shop TXT "v=DKIM1; p="
    _domainkey TXT "t=y; o=~"
    _adsp._domainkey TXT "dkim=all"
    """
)
wrong_owner.good(
    zone=f"""
    s1._domainkey CNAME key1.dkim
    key1.dkim TXT "v=DKIM1; p={RSA_2048[:200]}"
    s2._domainkey CNAME key2
    key2 CNAME {_TARGET}
    s3._domainkey CNAME s3.domainkey
    s3.domainkey TXT "v=DKIM1; p={RSA_2048[:200]}"
    """
)
wrong_owner.good(  # ZONE006: the key is where its CNAME leads once that has its final dot
    zone=f"""
    s1._domainkey CNAME key1.example.com
    key1 TXT "v=DKIM1; p={RSA_2048[:200]}"
    """
)
wrong_owner.good(
    zone=f"""
    _domainkey DNAME keys
    s1.keys TXT "v=DKIM1; p={RSA_2048[:200]}"
    s2.eu.keys TXT "v=DKIM1; p={RSA_2048[:200]}"
    """
)
wrong_owner.good(
    zone="""
    @ TXT "dkim is set up by the provider"
    www CNAME dkim.example.net.
    * CNAME www
    """
)
wrong_owner.good(
    zone=f"""
    $ORIGIN wl123.sendgrid.net.
    $TTL 3600
    s1.domainkey.u456 TXT "v=DKIM1; p={RSA_2048[:200]}"
    """
)
