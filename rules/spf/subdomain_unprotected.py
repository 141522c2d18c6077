"""SPF307: hosts without SPF that the organisation's DMARC does not cover."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from zonelint.grammars.listing import some
from zonelint.grammars.masterfile.record import GeneratedRecord
from zonelint.grammars.spf.address import read_address
from zonelint.grammars.spf.tree import Mechanism, Network, Qualifier
from zonelint.grammars.zone import Span, labels, nearest, without_dot
from zonelint.rules.core.change import add
from zonelint.rules.core.finding import Found, Root, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.mail.dmarc_discovery import Cover, covering, is_reverse
from zonelint.rules.mail.macros import target_name
from zonelint.rules.mail.organisation import by_suffix
from zonelint.rules.mail.slips import is_doubled
from zonelint.rules.model.answers import ADDRESSES
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.subjects import MailZone

_TYPES = ("A", "AAAA", "ALIAS", "MX")
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
        Names below the apex with A, AAAA or MX and without an SPF record, while the DMARC policy
        that covers them is none, or there is no policy at all. A wildcard's SPF record does not
        help: it does not answer for names that exist. Names that receive mail are covered by
        SPF110, except those of a wildcard.
    Why it matters
        SPF is not inherited: anybody can send as such a name, and receivers have no reason to
        refuse it.
    Example
        `www A 203.0.113.7` in a zone whose DMARC record says `p=none`
    Use instead
        `www TXT "v=spf1 -all"` for a host that sends no mail, `mail TXT "v=spf1 a -all"` for one
        that an MX or an SPF record names, or `sp=reject` in the domain's DMARC record, which covers
        all of them at once.
    References
        RFC 7208 §3.5; RFC 9989 §4.7; RFC 4592 §2.2.1
    """
    if is_reverse(zone.origin):
        return
    hosts: dict[str, str] = {}
    for type in _TYPES:
        for owner in zone.zone.table(type):
            if type != "ALIAS" or not _leads_nowhere(zone, owner):
                hosts.setdefault(owner, type)
    cover_of = _Covers(zone)
    meant = {txt.owner for txt in zone.others if "spf" in txt.features}
    missing: dict[str, None] = {}
    series: dict[Span, list[tuple[str, str]]] = {}
    for owner, type in hosts.items():
        if not _is_bare(zone, owner) or owner in meant or is_doubled(owner, zone.origin):
            continue
        if unseen := zone.unseen(owner, "TXT"):
            missing |= dict.fromkeys(unseen)
            continue
        cover = cover_of(owner)
        if not cover.is_known:
            missing.update(dict.fromkeys(cover.missing))
        elif not cover.enforces:
            record = zone.zone.table(type)[owner].records[0]
            if isinstance(record, GeneratedRecord):
                series.setdefault(record.span, []).append((owner, type))
            else:
                yield _unprotected(zone, _named(zone), cover, owner, type)
    for (owner, type), *others in series.values():
        yield _unprotected(zone, _named(zone), cover_of(owner), owner, type, len(others))
    if missing:
        yield zone.unknown(zone.origin, *missing)


def _leads_nowhere(zone: MailZone, owner: str) -> bool:
    return all(zone.context.answers.ask(owner, type).is_void for type in ADDRESSES)


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
        return bool(self._special) and nearest(host, self._special) in self._special


def _is_bare(zone: MailZone, owner: str) -> bool:
    return (
        owner != zone.origin
        and owner not in zone.spf
        and (owner.startswith("*.") or not zone.receives(owner))
        and not owner.startswith("_")
        and "._" not in owner
        and zone.zone.contains(owner)
        and zone.speaks_for(owner)
    )


class _Named:
    """The hosts that an MX or an SPF record of the zone names, and the aliases that lead to hosts.

    Such a host greets other servers by its name and sends bounces in it (RFC 7208 §2.3, §2.4).
    """

    def __init__(self, zone: MailZone) -> None:
        self._zone = zone
        self._hosts = set(zone.targets("MX"))
        sets = (answers for (_, type), answers in zone.zone.variants.items() if type == "MX")
        for answer in chain(*sets):
            self._hosts.update(record.target for record in answer.records or ())
        self._networks: list[Network] = []
        self._read_mx: set[str] = set()
        for records in zone.spf.values():
            for term in (term for record in records for term in record.ast.mechanisms):
                self._read(term, records[0].owner)

    def _read(self, term: Mechanism, owner: str) -> None:
        if term.qualifier is not Qualifier.PASS:
            return
        if term.network is not None:
            self._networks.append(term.network)
            return
        target = target_name(term.domain, owner)[1]
        if term.name == "a" and target is not None:
            self._hosts.add(target)
        elif term.name == "mx" and target is not None and target not in self._read_mx:
            self._read_mx.add(target)
            mx = self._zone.mx(target)
            self._hosts.update(record.target for record in mx or ())

    def may_send(self, host: str) -> bool:
        """Whether a record lets the host send, or has other servers talk to it."""
        if host in self._hosts:
            return True
        rrsets = (self._zone.zone.get(host, type) for type in ("A", "AAAA"))
        addresses = [r.rdata for rrset in rrsets if rrset for r in rrset.records]
        return bool(self._networks) and any(map(self._is_listed, addresses))

    def _is_listed(self, text: str) -> bool:
        address = read_address(text)  # in no network of the other family
        return address is not None and any(address in network for network in self._networks)

    def aliases(self, host: str) -> list[str]:
        """The aliases in the zone that lead to the host, such as a return path."""
        found = self._zone.targets("CNAME").get(host, ())
        return [without_dot(record.owner) for record in found]


_named = once_a_zone(_Named)


def _unprotected(
    zone: MailZone, named: _Named, cover: Cover, owner: str, type: str, others: int = 0
) -> Found:
    """`others`: how many more hosts a $GENERATE makes in the same place."""
    is_plain = not owner.startswith("*.") and not others
    who, them = f"{without_dot(owner)} has", "it"
    if others:
        who, them = (
            f"{without_dot(owner)} and {others} more name{'s' * (others > 1)} that this line "
            "creates have",
            "them",
        )
    text, reason = "v=spf1 -all", "a host that sends no mail says so"
    if named.may_send(owner):
        text, reason = "v=spf1 a -all", "a mail host allows only itself to send"
    advice = f"Publish the TXT record `{text}` there"
    if text == "v=spf1 -all":
        advice += " if it sends no mail, otherwise an SPF record that names its senders"
    advice += "; `sp=reject` in the domain's DMARC record covers all such names at once."
    aliases = named.aliases(owner)
    also = ""
    if aliases:
        shown = some(f"`{alias}`" for alias in aliases)
        also = f"; {shown} {'lead' if len(aliases) > 1 else 'leads'} to {them}"
    return zone.at(
        zone.zone.table(type)[owner].records[0],
        f"{who} no SPF record and DMARC does not cover {them}, so anybody can send as {them}{also}",
        advice,
        change=add(owner, "TXT", f'"{text}"', reason) if is_plain else None,
        # A host that sends is shown by itself: another record is proposed for it.
        root=Root(f"{cover.at or by_suffix(zone.origin)} {text}"),
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
    mail TXT "v=spf1 a -all"
    """,
)
subdomain_unprotected.bad(
    zone="""
    @ TXT "v=spf1 ip4:203.0.113.0/29 a:out.example.com -ip4:203.0.113.99 -all"
    psrp CNAME relay
    relay A 203.0.113.6
    out AAAA 2001:db8::1
    www A 203.0.113.99
    """,
    fixed="""
    @ TXT "v=spf1 ip4:203.0.113.0/29 a:out.example.com -ip4:203.0.113.99 -all"
    psrp CNAME relay
    relay A 203.0.113.6
    relay TXT "v=spf1 a -all"
    out AAAA 2001:db8::1
    out TXT  "v=spf1 a -all"
    www A 203.0.113.99
    www TXT "v=spf1 -all"
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
subdomain_unprotected.bad(zone="*.team MX 10 mail.example.net.")
subdomain_unprotected.bad(
    zone="old MX 0 .",
    fixed="""
    old MX 0 .
    old TXT "v=spf1 -all"
    """,
)
subdomain_unprotected.good(zone="team MX 10 mail.example.net.")
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
