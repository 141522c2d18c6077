"""SPF307: hosts without SPF that the organisation's DMARC does not cover."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.masterfile.record import GeneratedRecord
from zonelint.grammars.zone import Span, labels, parent, spoken
from zonelint.rules.core.change import add
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.mail.dmarc_discovery import UNREAD, Cover, covering, is_reverse
from zonelint.rules.model.subjects import MailZone

_TYPES = ("MX", "A", "AAAA")
_FEW_LABELS = 7
"""Of a host with no more, the tree walk asks at every name above it (RFC 9989 §4.10)."""


@rule(
    "SPF307",
    "spf-subdomain-unprotected",
    Severity.INFO,
    on=MailZone,
    needs=Needs.ZONE,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §3.5",
)
def subdomain_unprotected(zone: MailZone) -> Iterator[Found | Unknown]:
    """A host has no SPF record, and DMARC does not protect it either.

    What it finds
        Names below the apex with A, AAAA or MX, and an apex with MX, without an SPF record, while
        the DMARC policy that covers them is none, or there is no policy at all. A wildcard's SPF
        record is no help: it does not answer for names that exist.
    Why it matters
        SPF is not inherited: anybody can send as such a name, and nothing tells receivers to
        refuse it.
    Example
        `www A 203.0.113.7` in a zone whose DMARC record says `p=none`
    Use instead
        `www TXT "v=spf1 -all"` for a host that sends no mail, or `sp=reject` in the domain's
        DMARC record, which covers all of them at once.
    References
        RFC 7208 §3.5; RFC 9989 §4.7; RFC 4592 §2.2.1
    """
    if is_reverse(zone.origin):
        return
    hosts: dict[str, str] = {}
    for type in _TYPES:
        for owner in zone.zone.table(type):
            hosts.setdefault(owner, type)
    cover_of = _Covers(zone)
    meant = {txt.owner for txt in zone.others if "spf" in txt.features}
    missing: dict[str, None] = {}
    series: dict[Span, list[tuple[str, str]]] = {}
    for owner, type in hosts.items():
        if not _is_bare(zone, owner) or owner in meant:
            continue
        if not zone.zone.complete:
            missing[UNREAD] = None
            break
        cover = cover_of(owner)
        if not cover.is_known:
            missing.update(dict.fromkeys(cover.missing))
        elif not cover.enforces:
            record = zone.zone.table(type)[owner].records[0]
            if isinstance(record, GeneratedRecord):
                series.setdefault(record.span, []).append((owner, type))
            else:
                yield _unprotected(zone, owner, type)
    for (owner, type), *others in series.values():
        yield _unprotected(zone, owner, type, len(others))
    if missing:
        yield zone.unknown(zone.origin, *missing)


class _Covers:
    """The record that covers a host; most hosts of a zone have the same one."""

    def __init__(self, zone: MailZone) -> None:
        self._zone = zone
        self._usual: Cover | None = None
        policies = [*zone.dmarc, *(o for o in zone.zone.table("CNAME") if o.startswith("_dmarc."))]
        self._special = {owner.removeprefix("_dmarc.") for owner in policies} - {zone.origin}

    def __call__(self, host: str) -> Cover:
        if self._is_special(host):
            return covering(self._zone.context, host)
        if self._usual is None:
            self._usual = covering(self._zone.context, host)
        return self._usual

    def _is_special(self, host: str) -> bool:
        if host.count(".") > _FEW_LABELS and len(labels(host)) > _FEW_LABELS:
            return True
        while self._special and host != self._zone.origin:
            if host in self._special:
                return True
            host = parent(host)
        return False


def _is_bare(zone: MailZone, owner: str) -> bool:
    return (
        (owner != zone.origin or _only_takes_mail(zone))
        and owner not in zone.spf
        and not owner.startswith("_")
        and "._" not in owner
        and zone.zone.contains(owner)
        and not zone.zone.is_delegated(owner)
    )


def _only_takes_mail(zone: MailZone) -> bool:
    """Whether the apex takes mail and zonelint.toml names no sender: SPF210 tells of those."""
    intent = zone.context.intent
    declared = None if intent is None else intent.for_domain(zone.origin)
    return zone.receives(zone.origin) and not (declared and declared.senders)


def _unprotected(zone: MailZone, owner: str, type: str, others: int = 0) -> Found:
    """A host that takes mail may send some too: only its keeper can say from where.

    ``others``: how many more hosts a $GENERATE makes in the same place.
    """
    is_plain = type != "MX" and not owner.startswith("*.") and not others
    who, them = f"{spoken(owner)} has", "it"
    if others:
        who, them = f"{spoken(owner)} and {others} more that this line makes have", "them"
    advice = (
        'Publish TXT "v=spf1 -all" there if it sends no mail, else an SPF record that names its '
        "senders"
    )
    if owner != zone.origin:
        advice += "; sp=reject in the domain's DMARC record covers all such names at once"
    return zone.at(
        zone.zone.table(type)[owner].records[0],
        f"{who} no SPF record and DMARC does not cover {them}, so anybody can send as {them}",
        f"{advice}.",
        change=add(owner, "TXT", '"v=spf1 -all"', "a host that sends no mail says so")
        if is_plain
        else None,
    )


subdomain_unprotected.bad(
    zone="""
    @ MX 10 mail.example.net.
    _dmarc TXT "v=DMARC1; p=none"
    """
)
subdomain_unprotected.bad(
    zone="""
    @ MX 10 mail
    @ TXT "v=spf1 mx -all"
    _dmarc TXT "v=DMARC1; p=none"
    mail A 203.0.113.7
    """,
    fixed="""
    @ MX 10 mail
    @ TXT "v=spf1 mx -all"
    _dmarc TXT "v=DMARC1; p=none"
    mail A 203.0.113.7
    mail TXT "v=spf1 -all"
    """,
)
subdomain_unprotected.bad(
    zone="""
    _dmarc TXT "v=DMARC1; p=reject; sp=none"
    www A 203.0.113.7
    """
)
subdomain_unprotected.bad(
    zone="""
    _dmarc TXT "v=DMARC1; p=reject"
    _dmarc.shop TXT "v=DMARC1; p=none"
    www A 203.0.113.7
    shop AAAA 2001:db8::7
    """
)
subdomain_unprotected.bad(
    zone="""
    * TXT "v=spf1 -all"
    www A 203.0.113.7
    """
)
subdomain_unprotected.bad(
    zone="""
    _dmarc CNAME example.policies.test.
    www A 203.0.113.7
    """,
    undecided=True,
)
subdomain_unprotected.good(
    zone="""
    @ A 203.0.113.7
    www A 203.0.113.7
    www TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; p=none"
    """
)
subdomain_unprotected.good(
    zone="""
    @ MX 10 mail.example.net.
    _dmarc TXT "v=DMARC1; p=quarantine"
    """
)
subdomain_unprotected.good(
    zone="""
    @ MX 10 mail.example.net.
    _dmarc TXT "v=DMARC1; p=none"
    """,
    config="""
    [domains."example.com"]
    senders = ["microsoft365"]
    """,
)
subdomain_unprotected.good(
    zone="""
    @ MX 0 .
    _dmarc TXT "v=DMARC1; p=none; sp=quarantine"
    www A 203.0.113.7
    """
)
subdomain_unprotected.good(
    zone="""
    _dmarc TXT "v=DMARC1; p=none"
    _spf A 203.0.113.7
    team NS ns.team
    ns.team A 203.0.113.8
    * A 203.0.113.9
    * TXT "v=spf1 -all"
    """
)
subdomain_unprotected.bad(
    zone="""
    @ TXT "v=spf1 -all"
    $GENERATE 1-3 dhcp-$ A 203.0.113.$
    """
)
