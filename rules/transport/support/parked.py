"""Which domains have no mail, and what says so in the DNS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from zonelint.grammars.tags.dmarc import Policy
from zonelint.grammars.zone import is_below, labels, parent
from zonelint.rules.config.declaration import Profile
from zonelint.rules.mail.behind import return_paths
from zonelint.rules.mail.dmarc_discovery import covering
from zonelint.rules.mail.organisation import by_suffix, is_suffix
from zonelint.rules.model.declaring import senders_of
from zonelint.rules.model.subjects import MailZone, Spf

_OURS_ALONE = frozenset({"arpa", "local", "internal", "localhost"})
"""Top-level names below which nothing gets mail from strangers: reverse zones, private names."""

_KEY_LABEL = re.compile(r"(?:^|[._-]+)domain[-_]?keys?\.")

_EVERYWHERE = frozenset({"SOA", "NS", "DNSKEY", "RRSIG", "NSEC", "NSEC3PARAM", "CDS", "CDNSKEY"})
"""Types that the apex of any zone may have, whatever the domain is for."""


def declared_parked(zone: MailZone) -> list[str]:
    """The domains of this zone that are declared to have no mail, the zone's own first."""
    intent = zone.context.intent
    if intent is None:
        return []
    names = dict.fromkeys([zone.origin, *intent.declared_below(zone.origin)])
    return [
        name
        for name in names
        if zone.holds(name)
        and not zone.zone.is_delegated(name)
        and (declared := intent.for_domain(name)) is not None
        and declared.profile is Profile.PARKED
    ]


def is_evidently_parked(zone: MailZone) -> bool:
    """Whether the zone's own domain has no mail, and nothing below it has."""
    origin = zone.origin
    if origin == "." or labels(origin)[-1] in _OURS_ALONE:
        return False
    if not _speaks_of_its_apex(zone) or any(_with_mail(zone)):
        return False
    if is_watched(zone) and not (zone.has_null_mx(origin) or zone.spf.get(origin)):
        return False
    declared = zone.context.declared(origin)
    if declared is not None and (declared.profile is not None or declared.senders):
        return False
    return not is_suffix(origin) and by_suffix(origin) == origin


def is_watched(zone: MailZone) -> bool:
    """Whether somebody has the mail of the zone's own domain reported, and none of it refused."""
    return any(
        (found.ast.rua or found.ast.ruf) and found.ast.effective().domain is Policy.NONE
        for found in zone.dmarc.get(f"_dmarc.{zone.origin}", ())
    )


def _speaks_of_its_apex(zone: MailZone) -> bool:
    """Whether the zone is about its own domain, and not about names below it alone."""
    origin = zone.origin
    found = {rrset.type for rrset in zone.zone.at(origin)}
    if found - _EVERYWHERE or zone.zone.at(f"_dmarc.{origin}"):
        return True
    return bool(found) and all(rrset.owner == origin for rrset in zone.zone.rrsets())


def reached_below(zone: MailZone, domain: str) -> list[str]:
    """The names below a domain that may have mail, and no DMARC record but that of the domain."""
    cuts = (cut for cut in zone.zone.cuts if not cut.startswith("_"))
    below = sorted({name for name in (*_with_mail(zone), *cuts) if is_below(name, domain)})
    places = ((name, covering(zone.context, name).at) for name in below if name != domain)
    return [name for name, at in places if at is None or is_below(domain, at)]


def shows_mail(zone: MailZone) -> bool:
    """Whether something sends or receives mail as the zone's own domain, or may be meant to."""
    return zone.origin in _with_mail(zone)


def _with_mail(zone: MailZone) -> Iterator[str]:
    """The names at which something sends or receives mail, or may be meant to."""
    for rrset in zone.zone.of_type("MX"):
        if any(record.target != "." for record in rrset):
            yield rrset.owner
    yield from (
        owner
        for owner, found in zone.spf.items()
        if not all(_authorises_nobody(each) for each in found)
    )
    yield from (text.owner for text in zone.others if "spf" in text.features)
    signing = (
        *(owner for owner, keys in zone.keys.items() if not all(key.ast.revoked for key in keys)),
        *_aliases_for_keys(zone),
        *(cut for cut in zone.zone.cuts if "_domainkey" in cut),
    )
    yield from (_signed_as(owner, zone.origin) for owner in signing)
    yield from (owner.removeprefix("_mta-sts.") for owner in zone.sts)
    yield from return_paths(zone)


def _aliases_for_keys(zone: MailZone) -> Iterator[str]:
    """The aliases at a selector, or at a name that is meant to be one."""
    catalogue = senders_of(zone.context)
    for rrset in chain(zone.zone.of_type("CNAME"), zone.zone.of_type("DNAME")):
        target = rrset.records[0].target
        if (
            _KEY_LABEL.search(rrset.owner)
            or "._domainkey." in target
            or catalogue.by_dkim_target(target)
        ):
            yield rrset.owner


def _signed_as(owner: str, origin: str) -> str:
    """The domain that a key is meant for. One at a wrong name was to be a selector's."""
    domain = _KEY_LABEL.split(owner)[-1]
    return parent(owner) if domain == owner != origin else domain


def _authorises_nobody(found: Spf) -> bool:
    """Whether a record names nobody and ends in `-all` or `~all`, or leads to such a one."""
    record = found.ast
    if not record.sound:
        return False
    if record.redirect is not None:
        return found.zone.hands_over_to_nobody(found.owner)
    # What stands behind `all` is never looked at.
    return [str(term) for term in record.mechanisms[:1]] in (["-all"], ["~all"])
