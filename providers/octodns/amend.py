"""Changes made to octoDNS's desired zone: records are replaced, never altered."""

from __future__ import annotations

from collections.abc import Mapping

from octodns.context import ContextDict
from octodns.record import Record as OctodnsRecord
from octodns.zone import Zone as OctodnsZone

from zonelint.grammars.zone import Zone
from zonelint.providers.octodns.messages import Amendment
from zonelint.providers.octodns.yaml.supply import Key, differing
from zonelint.providers.octodns.yaml.zone import SINGLE_VALUED

from .synczone import values_of

DEFAULT_TTL = 3600


def amend(
    zone: OctodnsZone,
    before: Zone,
    after: Zone,
    codes: Mapping[Key, tuple[str, ...]],
    source: object,
    *,
    lenient: bool = False,
    escaped: bool = False,
) -> list[Amendment]:
    """Make of the zone what it is after a change, for the sake of rules with these codes.

    The records that come carry `source`, so that the plan names it. escaped: braces are for
    templates, so that those of values are doubled.
    """
    made = []
    for key in differing(before, after):
        values = _values_of(after, *key)
        doubled = (each.replace("{", "{{").replace("}", "}}") for each in values)
        rrset = after.get(*key) or ()
        ttl = next((record.ttl for record in rrset if record.ttl is not None), None)
        if _put(zone, key, list(doubled if escaped else values), ttl, source, lenient):
            made.append(Amendment(*key, _values_of(before, *key), values, codes.get(key, ())))
    return made


def _values_of(model: Zone, owner: str, type: str) -> tuple[str, ...]:
    rrset = model.get(owner, type)
    return () if rrset is None else tuple(record.rdata for record in rrset)


def _put(
    zone: OctodnsZone,
    key: Key,
    rdatas: list[str],
    ttl: int | None,
    source: object,
    lenient: bool,
) -> bool:
    """Make the zone hold these values; whether it does now and did not before."""
    owner, type = key
    name = zone.hostname_from_fqdn(owner)
    existing = zone.get_type(name, type)
    if not rdatas:
        if existing is not None:
            zone.remove_record(existing)
        return existing is not None
    if existing is not None and (
        getattr(existing, "dynamic", None) or getattr(existing, "geo", None)
    ):
        return False
    if ttl is None:
        ttl = DEFAULT_TTL if existing is None else existing.ttl
    if existing is not None and values_of(existing) == rdatas and existing.ttl == ttl:
        return False
    data = existing.data if existing is not None else ContextDict()
    data.pop("value", None)
    data.pop("values", None)
    values = OctodnsRecord.registered_types()[type].parse_rdata_texts(rdatas)
    data |= {"type": type, "ttl": ttl}
    data |= {"value": values[0]} if type in SINGLE_VALUED else {"values": values}
    record = OctodnsRecord.new(zone, name, data, source=source, lenient=lenient)
    zone.add_record(record, replace=True, lenient=lenient)
    return True
