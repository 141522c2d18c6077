"""PARK001: domains without mail that do not say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from zonelint.grammars.listing import listed, some
from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.tags.dmarc import Policy, parse
from zonelint.grammars.zone import Answered, without_dot
from zonelint.rules.core.change import Change, Edit, Ground
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.mail.dmarc_discovery import covering
from zonelint.rules.model.subjects import Dmarc, MailZone
from zonelint.rules.transport.support.hosts import may_have_address
from zonelint.rules.transport.support.parked import (
    declared_parked,
    is_evidently_parked,
    reached_below,
)

_NOBODY = "v=spf1 -all"


@rule(
    "PARK001", "parked-domain", Severity.WARNING, on=MailZone, needs=Needs.ZONE, fix=Fix.SAFE,
    section="RFC 7505 §3; RFC 7208 §10.1.2",
    ground=Ground.DECLARED, step=Step.PARKED,
)  # fmt: skip
def parked_domain(zone: MailZone) -> Iterator[Found | Unknown]:
    """A domain without mail does not say that it has none.

    What it finds
        A domain that neither sends nor receives mail, because its profile is declared as `parked`
        or because nothing in its zone concerns mail, and that lacks `v=spf1 -all`, a DMARC policy
        of `p=reject` or a null MX. Without a declaration, only organisational domains are judged,
        and none whose DMARC record asks for reports with `p=none`, unless its MX or SPF record says
        that it has no mail. The change is then a proposal, where a null MX and an SPF record that
        names nobody are published; otherwise there is only advice. It is safe only where the
        profile is declared and the domain has neither senders nor an MX.
    Why it matters
        Anybody can send as the domain, and receivers have no reason to refuse it. Senders try for
        days to deliver mail for it to the web server's address.
    Example
        `@ A 192.0.2.1` and no mail records
    Use instead
        `@ MX 0 .`, `@ TXT "v=spf1 -all"` and `_dmarc TXT "v=DMARC1; p=reject"`
    References
        RFC 7505 §3; RFC 7208 §10.1.2; RFC 9989 §4.7
    """
    declared = declared_parked(zone)
    for domain in declared:
        cover = covering(zone.context, domain)
        if not cover.is_known:
            yield zone.unknown(domain, *cover.missing)
        safe = not zone.receives(domain) and not zone.sends(domain)
        lacks = _lacking(zone, domain, declared=True)
        change = _change(lacks, Ground.DECLARED, safe=safe)
        words = _NO_MAIL if safe else _DECLARED
        yield from _report(zone, domain, lacks, change, words)
    if zone.origin not in declared and is_evidently_parked(zone):
        lacks = _lacking(zone, zone.origin, declared=False)
        mild = Severity.INFO if [lack.type for lack in lacks] == ["MX"] else None
        if mild is None or may_have_address(zone.context, zone.origin):
            # An address may get mail, and a host send some: nothing is published that forbids it.
            is_sure = zone.has_null_mx(zone.origin) and bool(zone.spf.get(zone.origin))
            change = _change(lacks, Ground.INFERRED) if is_sure else None
            words = _NO_MAIL if is_sure else _NO_MAIL_SEEN
            yield from _report(zone, zone.origin, lacks, change, words, mild)


_POLICY = "a DMARC policy of `p=reject`"
_NO_MAIL = (
    "has no mail",
    "Add what is missing: together the three records say that the domain has no mail.",
)
_DECLARED = (
    "is declared to have no mail",
    "Add what is missing, or take the domain out of `parked` in zonelint.toml if it has mail.",
)
_NO_MAIL_SEEN = (
    "shows no mail",
    "Name it in `parked` in zonelint.toml if it has no mail, and `--fix` adds what is missing; "
    "otherwise publish SPF and DMARC for its mail.",
)
"""What is said of a domain, and what to do."""


class _Lack(NamedTuple):
    """One thing that the domain does not say, and the edits by which it would.

    There are none where an alias leads to what another domain says.
    """

    what: str
    type: str
    edits: list[Edit]


def _report(
    zone: MailZone,
    domain: str,
    lacks: list[_Lack],
    change: Change | None,
    words: tuple[str, str],
    severity: Severity | None = None,
) -> Iterator[Found | Unknown]:
    if not lacks:
        return
    missing = zone.unseen(domain, "MX", "TXT") + zone.unseen(f"_dmarc.{domain}", "TXT")
    if missing:
        yield zone.unknown(domain, *dict.fromkeys(missing))
        return
    what = listed([lack.what for lack in lacks])
    if [lack.type for lack in lacks] == ["MX"]:
        effect = "senders retry mail to it for days before it bounces"
    elif any(lack.what == _POLICY for lack in lacks):
        effect = "others can send mail as it"
    else:
        effect = "receivers that do not check DMARC accept mail from others as its own"
    shows, advice = words
    if any(lack.what == _POLICY for lack in lacks) and (below := reached_below(zone, domain)):
        advice += (
            f" The policy would also hold for {some(map(without_dot, below))}: first publish a "
            "DMARC record there."
        )
    message = f"{without_dot(domain)} {shows} and lacks {what}, so {effect}"
    yield zone.missing(domain, lacks[0].type, message, advice, change=change, severity=severity)


def _change(lacks: list[_Lack], ground: Ground, *, safe: bool = False) -> Change | None:
    edits = tuple(edit for lack in lacks for edit in lack.edits)
    reason = "the domain says that it has no mail"
    return Change(edits, reason, safe, ground=ground) if edits else None


def _lacking(zone: MailZone, domain: str, *, declared: bool) -> list[_Lack]:
    dmarc = _dmarc(zone, domain)
    own = (
        [] if zone.zone.get(domain, "CNAME") else [_spf(zone, domain, declared), _mx(zone, domain)]
    )
    return [lack for lack in (*own, dmarc) if lack is not None]


def _spf(zone: MailZone, domain: str, declared: bool) -> _Lack | None:
    records = zone.spf.get(domain, [])
    meant = any(txt.owner == domain and "spf" in txt.features for txt in zone.others)
    if len(records) > 1 or meant or any(not spf.ast.sound for spf in records):
        return None  # the SPF rules tell
    before = records[0].record if records else None
    if records:
        if zone.hands_over_to_nobody(domain):
            return None
        terms = [str(term) for term in records[0].ast.terms]
        if terms == ["-all"] or (not declared and terms != ["~all"]):
            return None
    edit = Edit(domain, "TXT", before, txt_rdata(_NOBODY))
    return _Lack(f"the SPF record `{_NOBODY}`", "TXT", [edit])


def _mx(zone: MailZone, domain: str) -> _Lack | None:
    found = zone.zone.answer(domain, "MX")[0]
    if zone.has_null_mx(domain) or found is Answered.ELSEWHERE:
        return None
    rrset = zone.mx(domain)
    first, *others = [None] if rrset is None else rrset.records
    gone = [Edit(domain, "MX", record, None) for record in others]
    return _Lack("a null MX", "MX", [Edit(domain, "MX", first, "0 ."), *gone])


def _dmarc(zone: MailZone, domain: str) -> _Lack | None:
    cover = covering(zone.context, domain)
    owner = f"_dmarc.{domain}"
    own = zone.dmarc.get(owner, [])
    if not cover.is_known or zone.zone.answer(owner, "TXT")[0] is Answered.ELSEWHERE:
        return None
    if len(own) > 1 or any(txt.owner == owner for txt in zone.others):
        return None  # the DMARC rules tell
    if own:
        ast = own[0].ast
        if own[0].cut_off is not None or not ast.is_clean or ast.p is Policy.REJECT:
            return None
        edit = Edit(owner, "TXT", own[0].record, txt_rdata(_refusing(own[0])))
    elif cover.policy() is Policy.REJECT:
        return None
    else:
        edit = Edit(owner, "TXT", None, txt_rdata(_new_dmarc(zone, domain)))
    is_free = own or not zone.zone.get(owner, "CNAME")
    return _Lack(_POLICY, "TXT", [edit] if is_free and not reached_below(zone, domain) else [])


def _refusing(dmarc: Dmarc) -> str:
    """The record with the policy `reject` for the domain and all names below it."""
    text = (
        dmarc.ast.replacing("p", "p=reject")
        if dmarc.ast.has("p")
        else dmarc.ast.inserting_after("v", "p=reject")
    )
    for name in ("sp", "np"):
        ast = parse(text)
        tag = ast.tag(name)
        if tag is not None and tag.value.lower() != "reject":
            text = ast.without(tag)
    return text


def _new_dmarc(zone: MailZone, domain: str) -> str:
    declared = zone.context.declared(domain)
    rua = () if declared is None else declared.dmarc.rua
    return f"v=DMARC1; p=reject; rua={','.join(rua)}" if rua else "v=DMARC1; p=reject"


_CONFIG = """
[domains."example.com"]
profile = "parked"
"""
_SAID = """
    @ MX 0 .
    @ TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; p=reject"
"""

parked_domain.bad(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 redirect=_parked.example.com"
    _parked TXT "v=spf1 -all"
    """,
    fixed="""
    @ MX 0 .
    @ TXT "v=spf1 redirect=_parked.example.com"
    _parked TXT "v=spf1 -all"
    _dmarc  TXT "v=DMARC1; p=reject"
    """,
)
for _below in ("news NS ns.mailer.example.", "shop MX 10 mail.example.net."):
    parked_domain.bad(
        zone=f"""
        @ MX 0 .
        @ TXT "v=spf1 -all"
        {_below}
        """,
        config=_CONFIG,
    )
parked_domain.bad(
    zone="""
    @ MX 0 .
    shop MX 10 mail.example.net.
    _dmarc.shop TXT "v=DMARC1; p=none"
    """,
    config=_CONFIG,
    fixed="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    shop MX 10 mail.example.net.
    _dmarc.shop TXT "v=DMARC1; p=none"
    _dmarc      TXT "v=DMARC1; p=reject"
    """,
)
parked_domain.bad(
    zone="""
    @ A 192.0.2.1
    """
)
parked_domain.bad(
    zone="""
    @ A 192.0.2.1
    """,
    config=_CONFIG,
    fixed="""
    @ A 192.0.2.1
    @ TXT "v=spf1 -all"
    @ MX 0 .
    _dmarc TXT "v=DMARC1; p=reject"
    """,
)
parked_domain.bad(
    zone="""
    @ A 192.0.2.1
    @ MX 0 .
    @ TXT "v=spf1 ~all"
    _dmarc TXT "v=DMARC1; p=none; sp=none; rua=mailto:dmarc@example.net"
    """,
    fixed="""
    @ A 192.0.2.1
    @ MX 0 .
    @ TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.net"
    """,
)
parked_domain.bad(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; rua=mailto:dmarc@example.net"
    """,
    fixed="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.net"
    """,
)
parked_domain.bad(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 ?all"
    """,
    config=f"""{_CONFIG}
[domains."example.com".dmarc]
rua = ["mailto:dmarc@example.net"]
""",
    fixed="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.net"
    """,
)
parked_domain.bad(
    zone="""
    @ A 192.0.2.1
    @ TXT "v=spf1 -all"
    """,
    config=_CONFIG,
    fixed="""
    @ A 192.0.2.1
    @ TXT "v=spf1 -all"
    @ MX  0 .
    _dmarc TXT "v=DMARC1; p=reject"
    """,
)
parked_domain.bad(
    zone="""
    @ A 192.0.2.1
    @ MX 10 mail.example.net.
    @ MX 20 mail.example.net.
    @ TXT "v=spf1 mx -all"
    _dmarc TXT "v=DMARC1; p=reject"
    """,
    config=_CONFIG,
    fixed="""
    @ A 192.0.2.1
    @ MX 0 .
    @ TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; p=reject"
    """,
)
parked_domain.good(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    _dmarc TXT v=DMARC1; p=reject
    """
)
parked_domain.good(zone=_SAID)
parked_domain.good(zone=_SAID, config=_CONFIG)
parked_domain.good(
    zone="""
    @ A 192.0.2.1
    @ MX 0 .
    @ TXT "v=spf1 -all"
    _dmarc CNAME _dmarc.example.net.
    """
)
parked_domain.good(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    em CNAME u1.wl.sendgrid.net.
    """
)
parked_domain.good(zone="@ MX 10 mail.example.net.")
parked_domain.good(zone='@ TXT "v=spf1 include:_spf.example.net -all"')
parked_domain.good(
    zone="""
    @ A 192.0.2.1
    _dmarc TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.net"
    """
)
parked_domain.good(
    zone="""
    @ A 192.0.2.1
    s1._domainkey CNAME s1.dkim.example.net.
    """
)
parked_domain.good(
    zone="""
    @ A 192.0.2.1
    shop MX 10 mail.example.net.
    """
)
parked_domain.good(
    zone="""
    www A 192.0.2.1
    shop CNAME www
    """
)
parked_domain.good(
    zone="""
    $ORIGIN dev.example.com.
    $TTL 3600
    @ A 192.0.2.1
    """
)
parked_domain.good(
    zone="""
    $ORIGIN 2.0.192.in-addr.arpa.
    $TTL 3600
    @ TXT "our network"
    1 PTR www.example.com.
    """
)
parked_domain.good(
    zone="""
    @ A 192.0.2.1
    """,
    config="""
[domains."example.com"]
profile = "sending"
""",
)
