"""Whether the mail of a zone can be signed with DKIM, as far as the zones of the run tell."""

from __future__ import annotations

from zonelint.grammars.tags.dmarc import Alignment, DmarcRecord
from zonelint.grammars.zone import is_below, parent, without_dot
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.mail.organisation import by_suffix
from zonelint.rules.model.context import Context
from zonelint.rules.model.facts import Fact
from zonelint.rules.model.subjects import MailZone

_BELOW = "._domainkey."
_ITSELF = "_domainkey."
_NAMES = ("dmarc.signing", "names")


def signs(zone: MailZone) -> bool:
    """Whether the zone, or one of the run above or directly below it, has a DKIM key.

    In relaxed alignment the key of any name of the organisation counts.
    """
    if has_key(zone):
        return True
    signing = _signing(zone.context)
    above = zone.origin
    while above != ".":
        other = zone.context.zone_of(parent(above))
        if other is None:
            break
        above = other.identity.name
        if above in signing:
            return True
    return not signing.isdisjoint(zone.zone.cuts)


def _signing(context: Context) -> frozenset[str]:
    """The names of the zones that have a key."""
    found: frozenset[str] | None = context.memo.get(_NAMES)
    if found is None:
        found = context.memo[_NAMES] = frozenset(context.facts(SIGNING))
    return found


def where_to_look(zone: MailZone, record: DmarcRecord) -> tuple[str, ...]:
    """What would have to be known before it is certain that nothing signs the mail.

    The keys of a zone below an organisational domain may stand in the zone above.
    """
    if missing := keys_elsewhere(zone, zone.origin):
        return missing
    organisation = by_suffix(zone.origin)
    if record.adkim is Alignment.STRICT or organisation == zone.origin:
        return ()
    return () if zone.context.zone_of(organisation) else (f"the zone {without_dot(organisation)}",)


def keys_elsewhere(zone: MailZone, domain: str) -> tuple[str, ...]:
    """What would have to be known before no more keys of a domain are certain in a zone."""
    unknown = [
        why
        for (owner, _), reasons in zone.zone.unknown.items()
        if _BELOW in owner and is_below(owner, domain)
        for why in reasons
    ]
    rest = [] if zone.zone.complete else [zone.zone.rest]
    return tuple(dict.fromkeys([*unknown, *rest]))


def has_key(zone: MailZone) -> bool:
    """Whether a key stands in the zone, or may stand behind an alias, delegation or wildcard."""
    known: dict[ZoneId, bool] = zone.context.memo.setdefault(("dmarc.signing",), {})
    found = known.get(zone.identity)
    if found is None:
        found = known[zone.identity] = _has_key(zone)
    return found


def _name_of(zone: MailZone) -> tuple[str, ...]:
    return (zone.origin,) if _has_key(zone) else ()


SIGNING = Fact("dmarc.signing", _name_of)


def _has_key(zone: MailZone) -> bool:
    if any(not key.ast.revoked for keys in zone.keys.values() for key in keys):
        return True
    return any(
        _BELOW in owner or owner.startswith((_ITSELF, "*."))
        for type in ("CNAME", "DNAME", "NS")
        for owner in zone.zone.table(type)
    )
