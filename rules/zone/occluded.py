"""ZONE009: records that no server answers with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice

from zonelint.grammars.zone import RRset, is_below, parent, without_dot
from zonelint.rules.core.finding import Found, Root, Severity, Unknown
from zonelint.rules.core.rule import Needs, rule
from zonelint.rules.model.answers import ANY, BELOW
from zonelint.rules.model.subjects import MailZone

_ADDRESSES = frozenset({"A", "AAAA"})
_OF_DNSSEC = frozenset({"NSEC", "NSEC3", "RRSIG"})
"""Types that a signer leaves beside the records that it met."""
_VERSIONS = ("v=spf1", "v=dmarc1", "v=dkim1", "v=stsv1", "v=tlsrptv1")
_MOST_NAMES = 300
"""Of a zone that are looked for in the one above."""
_LONGEST_VERSION = max(map(len, _VERSIONS))


@rule(
    "ZONE009",
    "zone-occluded",
    Severity.ERROR,
    on=MailZone,
    needs=Needs.ZONE,
    section="RFC 1034 §4.3.2; RFC 6672 §2.4",
    when={"occluded", "MX", "TXT", "CNAME"},
    inside=True,
)
def occluded(zone: MailZone) -> Iterator[Found | Unknown]:
    """A record is below a delegation or a DNAME, so no server answers with it.

    What it finds
        Records at or below a name that the zone delegates by NS records, and records below a DNAME.
        The addresses of the name servers of a delegation are glue and are right. A warning where no
        mail record is lost, or where the delegated zone contains the record too. Undecided, in both
        zones, for mail records in or below a name that is a zone of its own here and is not
        delegated: a server of both answers from the lower one, a server of the upper one alone from
        that.
    Why it matters
        Servers refer every query for such a name elsewhere. A DKIM key, an SPF or a DMARC record
        there is not published, however correct it looks in the file.
    Example
        `s1._domainkey TXT "v=DKIM1; p=…"` beside `_domainkey NS ns1.example.net.`
    Use instead
        The record in the zone that the name is delegated to, or the record without the NS records
        above it.
    References
        RFC 1034 §4.3.2; RFC 4035 §2.4; RFC 6672 §2.4
    """
    for name in (*_undelegated(zone), *([zone.origin] if _is_shaded(zone) else [])):
        what = "a zone of its own here for which the zone above has mail records"
        yield zone.unknown(name, f"the NS records of {without_dot(name)}, {what}")
    servers = _servers(zone)
    for rrset in zone.written.rrsets() if "occluded" in zone.features else ():
        hidden = zone.zone.get(rrset.owner, rrset.type) is None
        is_glue = rrset.type in _ADDRESSES and rrset.owner in servers
        if not hidden or rrset.type in _OF_DNSSEC or is_glue:
            continue
        cut, kind = _above(zone, rrset)
        matters = _is_about_mail(rrset) and not _is_answered(zone, rrset)
        yield zone.at(
            rrset.records[0],
            f"The {rrset.type} record of `{without_dot(rrset.owner)}` "
            f"{_where(rrset.owner, cut, kind)}, so no server answers with "
            "it" + (" and no receiver sees it" if matters else ""),
            f"Publish it in the zone that `{without_dot(cut)}` is delegated to, or take the NS "
            f"records of `{without_dot(cut)}` out of this zone."
            if kind == "NS"
            else f"Move it to where the DNAME of `{without_dot(cut)}` leads, or remove the DNAME.",
            severity=None if matters else Severity.WARNING,
            root=Root(f"{kind} {cut}"),
        )


def _undelegated(zone: MailZone) -> Iterable[str]:
    """The zones of the run that this one does not delegate, and for which it holds mail records."""
    if zone.context.has_one_zone:
        return ()
    owners = {rrset.owner: None for rrset in zone.zone.rrsets() if _is_about_mail(rrset)}
    holders = (each for owner in owners for each in zone.context.holders(owner))
    names = dict.fromkeys(each.identity.name for each in holders)
    return [name for name in names if name != zone.origin and is_below(name, zone.origin)]


def _is_shaded(zone: MailZone) -> bool:
    """Whether the zone above does not delegate this one, and holds mail records for it."""
    held = partial(zone.context.held_above, zone.origin)
    names = () if zone.context.has_one_zone else (zone.origin, *held(zone.origin, BELOW))
    return any(
        _are_about_mail(name, type, held(name, "TXT") if type == "TXT" else ())
        for name in islice(names, _MOST_NAMES)
        for type in held(name, ANY)
    )


def _is_about_mail(rrset: RRset) -> bool:
    texts = (record.text.value for record in rrset) if rrset.type == "TXT" else ()
    return _are_about_mail(rrset.owner, rrset.type, texts)


def _are_about_mail(owner: str, type: str, texts: Iterable[str]) -> bool:
    """Whether somebody who sends or receives mail would ask for some records."""
    if type == "MX" or "._domainkey." in owner or owner.startswith("_dmarc."):
        return True
    return any(text[:_LONGEST_VERSION].lower().startswith(_VERSIONS) for text in texts)


def _servers(zone: MailZone) -> frozenset[str]:
    """The name servers of the zone's delegations: their addresses are glue."""
    return frozenset(
        record.target
        for rrset in zone.written.of_type("NS")
        if rrset.owner != zone.origin
        for record in rrset
    )


def _above(zone: MailZone, rrset: RRset) -> tuple[str, str]:
    """The highest delegation or DNAME that hides a record, and its type."""
    found = rrset.owner, "NS"
    name = rrset.owner
    while True:
        if name in zone.written.cuts:
            found = name, "NS"
        elif name != rrset.owner and zone.written.get(name, "DNAME") is not None:
            found = name, "DNAME"
        if name == zone.origin or not is_below(name, zone.origin):
            return found
        name = parent(name)


def _where(owner: str, cut: str, kind: str) -> str:
    what = "delegation" if kind == "NS" else "DNAME"
    if owner == cut:
        return "is at the name of a delegation"
    return f"is below the {what} of `{without_dot(cut)}`"


def _is_answered(zone: MailZone, rrset: RRset) -> bool:
    """Whether the zone that is delegated to is known, and holds records of the type there."""
    return rrset.type in (zone.context.types_at(rrset.owner) or ())


occluded.bad(
    zone="""
    _domainkey NS ns1.example.net.
    s1._domainkey CNAME s1.example._domainkey.example.org.
    """
)
occluded.bad(
    zone="""
    sub NS ns1.example.net.
    sub TXT "v=spf1 -all"
    """
)
occluded.bad(
    zone="""
    sub DNAME example.net.
    _dmarc.sub TXT "v=DMARC1; p=reject"
    """
)
occluded.bad(
    zone="""
    sub NS ns1.example.net.
    www.sub A 192.0.2.1
    """
)
occluded.good(
    zone="""
    sub NS ns1.sub
    sub NS ns2.example.net.
    sub DS 1 8 2 e2d3c916f6deeac73294e8268fb5885044a833fc5459588f4a9184cfc41a5766
    ns1.sub A 192.0.2.1
    ns1.sub AAAA 2001:db8::1
    """
)
occluded.good(
    zone="""
    sub DNAME example.net.
    sub TXT "v=spf1 -all"
    subs TXT "v=spf1 -all"
    """
)
occluded.good(
    zone="""
    @ NS ns1.example.net.
    @ TXT "v=spf1 -all"
    """
)
