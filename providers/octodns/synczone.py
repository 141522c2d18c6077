"""octoDNS's zones, wherever their records come from, as zones that the rules can read.

A value that stands in a YAML file as it stands in octoDNS's zone is the record of that file, with
the place of every character. One that something has changed has the place of the value that it was;
any other the place that octoDNS tells of it: where its mapping begins, or only the name of the
source.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from octodns.record import Record as OctodnsRecord
from octodns.zone import Zone as OctodnsZone

from zonelint.grammars.dnsname import BadName
from zonelint.grammars.rdata import quote, txt_rdata
from zonelint.grammars.zone import TARGET_FIELD, TEXT_TYPES, Record, Span, Variant, Zone
from zonelint.providers.documents import table_in
from zonelint.providers.octodns.yaml.pools import Pool, PoolRule, PoolValue, variants_of
from zonelint.providers.octodns.yaml.processors import (
    Processor,
    Templated,
    Unfilled,
    clamped,
    filled,
    takes,
)
from zonelint.providers.octodns.yaml.record import (
    ALIAS_SUFFIX,
    PlacedRecord,
    absolute_target,
    alias_target,
)
from zonelint.providers.octodns.yaml.scalar import fill
from zonelint.providers.octodns.yaml.zone import LEAVE_TTL, OctoZone
from zonelint.rules.model.wording import LEFT_AS_IT_IS

_CONTEXT = re.compile(r"(?P<path>.*), line (?P<line>[0-9]+), column (?P<column>[0-9]+)", re.DOTALL)
_READ = frozenset(
    ("A", "AAAA", "CAA", "CNAME", "DNAME", "MX", "NS", "PTR", "SPF", "SRV", "TLSA", "TXT")
)
_FILLED = frozenset(("CAA", *TARGET_FIELD))
"""The types beside those of texts in whose values octoDNS fills templates in."""


def convert(
    zone: OctodnsZone,
    known: OctoZone | None = None,
    deployed: Collection[str] = (),
    processors: Sequence[Processor] = (),
) -> Zone:
    """The zone as the rules read it. `known`: the same zone as its YAML files have it.

    deployed: the sources of records that a target holds. These have no place in the files: what is
      wrong with them may be mended there already.
    processors: those that are still to change the zone. A template that nobody can fill in here
      leaves its record unknown.
    """
    if deployed and all(r.source is not None and r.source.id in deployed for r in zone.records):
        known = None
    found = Zone(zone.name, known.path if known is not None else zone.decoded_name)
    for record in sorted(zone.records):
        if record.ignored:
            found.note_unknown(record.fqdn, type_of(record), LEFT_AS_IT_IS)
            continue
        is_deployed = record.source is not None and record.source.id in deployed
        if not _is_certain(record):
            # A provider's own ALIAS that answers with what another name holds.
            found.complete = False
            continue
        changing = () if is_deployed else processors
        if takes(changing, found, record.fqdn, type_of(record)):
            continue
        try:
            records = list(_records(record, None if is_deployed else known, changing))
            for made in records:
                found.add(made)
            if variants := _variants(record, records):
                found.variants[record.fqdn, type_of(record)] = variants
        except Unfilled as why:
            missing = why.missing or f"what octoDNS fills in for `{{{why.name}}}`"
            found.note_unknown(record.fqdn, type_of(record), missing)
    for each in processors:
        each.note(found)
    if known is not None:
        found.suppressions += known.suppressions
        found.faults += known.silent
    return found


def place_of(context: str | None, source: str) -> Span:
    """The place that octoDNS gives a record; without one the source's name in angle brackets."""
    match = _CONTEXT.fullmatch(context or "")
    if match is None:
        return Span(f"<{source}>", 1, 1, 1, 1)
    line, column = int(match["line"]), int(match["column"])
    return Span(os.path.normpath(match["path"]), line, column, line, column)


def path_of(context: str | None) -> str | None:
    """The file in which octoDNS says something to stand."""
    match = _CONTEXT.fullmatch(context or "")
    return None if match is None else match["path"]


def type_of(record: OctodnsRecord) -> str:
    """The type as the rules know it: a provider's own ALIAS is an ALIAS."""
    return "ALIAS" if record._type.endswith(ALIAS_SUFFIX) else str(record._type)


def _filled(record: OctodnsRecord, ttl: int | None, processors: Sequence[Processor]) -> list[str]:
    """The record's own values, with what octoDNS fills in. Raises Unfilled."""
    type = type_of(record)
    is_text = type in TEXT_TYPES
    if not any(each.templates for each in processors) or not (is_text or type in _FILLED):
        return _own_values(record)
    source = record.source.id if record.source else None
    place = Templated(record.zone.name, record.fqdn, type, ttl, source)
    texts = [each.to_raw_text() for each in record.values] if is_text else _own_values(record)
    made = [fill(text, filled(processors, text, place)) for text in texts]
    return [txt_rdata(text) for text in made] if is_text else made


def values_of(record: OctodnsRecord) -> list[str]:
    """The record's values as rdata; of a geo or dynamic record every value that it may answer."""
    return list(dict.fromkeys((*_own_values(record), *_alternatives(record))))


def _own_values(record: OctodnsRecord) -> list[str]:
    single = getattr(record, "value", None)
    values = list(getattr(record, "values", ())) or ([] if single is None else [single])
    if record._type.endswith(ALIAS_SUFFIX):
        return [
            alias_target(str(value.get("name") or ""), record.zone.name)
            if isinstance(value, dict)
            else _rdata("ALIAS", value)
            for value in values
        ]
    return [_rdata(str(record._type), value) for value in values]


def _is_certain(record: OctodnsRecord) -> bool:
    """Whether what a record answers can be told from itself: most can."""
    if not record._type.endswith(ALIAS_SUFFIX):
        return True
    for value in getattr(record, "values", ()):
        if isinstance(value, dict) and value.get("type") not in ("A", "AAAA"):
            return False
        try:
            alias_target(str(value.get("name") or "") if isinstance(value, dict) else "", ".")
        except BadName:
            return False
    return True


def _alternatives(record: OctodnsRecord) -> list[str]:
    """What a geo or dynamic record answers to some of those who ask."""
    pools = _pools(record).values()
    return [text for pool in pools for value in pool.values for text in value.rdatas]


def _pools(record: OctodnsRecord) -> dict[str, Pool]:
    type = str(record._type)
    found = {
        place: Pool([PoolValue(tuple(_rdata(type, each) for each in geo.values))])
        for place, geo in (getattr(record, "geo", None) or {}).items()
    }
    dynamic = getattr(record, "dynamic", None)
    for name, pool in dynamic.pools.items() if dynamic else ():
        values = [
            PoolValue((_rdata(type, each["value"]),), each["weight"], each["status"])
            for each in pool.data["values"]
        ]
        found[name] = Pool(values, pool.data["fallback"])
    return found


def _variants(record: OctodnsRecord, made: Sequence[Record]) -> list[Variant]:
    """The answers of a geo or dynamic record, of which each asker gets one; none of another."""
    pools = _pools(record)
    if not pools:
        return []
    dynamic = getattr(record, "dynamic", None)
    rules = [PoolRule(place, (place,)) for place in pools]
    if dynamic:
        told = (each.data for each in dynamic.rules)
        rules = [
            PoolRule(each.get("pool", ""), each.get("geos", ()), each.get("subnets", ()))
            for each in told
        ]
    return variants_of([each for each in made if not each.is_alternative], made, rules, pools)


def _rdata(type: str, value: object) -> str:
    """One of octoDNS's values in presentation format, as records of its YAML have it."""
    if type in TEXT_TYPES:
        raw = value.to_raw_text() if hasattr(value, "to_raw_text") else str(value)
        return txt_rdata(raw)
    if type == "MX" and hasattr(value, "exchange"):
        return f"{value.preference} {_target(value.exchange)}"  # type: ignore[attr-defined]
    if type in ("CNAME", "DNAME", "NS", "PTR", "ALIAS"):
        return _target(str(value))
    if type == "CAA" and hasattr(value, "tag"):
        said = quote(str(value.value).encode())  # type: ignore[attr-defined]
        return f"{value.flags} {value.tag} {said}"  # type: ignore[attr-defined]
    if type == "SRV" and hasattr(value, "weight"):
        numbers = f"{value.priority} {value.weight} {value.port}"  # type: ignore[attr-defined]
        return f"{numbers} {_target(value.target)}"  # type: ignore[attr-defined]
    text = getattr(value, "to_rdata_text", None)
    try:
        return str(value if text is None else text())
    except (AttributeError, KeyError, TypeError, ValueError):
        return str(value)  # a provider's own type, which no rule reads


def _target(name: object) -> str:
    try:
        return absolute_target(str(name))
    except BadName:
        return str(name)


def _ttl_of(record: OctodnsRecord) -> int | None:
    """None where the record leaves its TTL to Cloudflare."""
    if any(_of_cloudflare(record).get(each) for each in LEAVE_TTL):
        return None
    return int(record.ttl)


def _of_cloudflare(record: OctodnsRecord) -> Mapping[str, object]:
    """The options of a record that are for Cloudflare."""
    return table_in(record.octodns.get("cloudflare"))


def _records(
    record: OctodnsRecord, known: OctoZone | None, processors: Sequence[Processor]
) -> Iterable[Record]:
    """Its values as records. Raises Unfilled."""
    type, ttl = type_of(record), _ttl_of(record)
    if ttl is not None:
        ttl, _ = clamped(processors, ttl)
    own = _filled(record, ttl, processors)
    values = list(dict.fromkeys((*own, *_alternatives(record))))
    rrset = None if known is None else known.get(record.fqdn, type)
    written = list(rrset or ())
    proxied = bool(_of_cloudflare(record).get("proxied"))
    same_ttl = all((each.ttl, each.is_proxied) == (ttl, proxied) for each in written)
    if written and same_ttl and (type not in _READ or {e.rdata for e in written} == set(values)):
        return written
    place = place_of(record.context, record.source.id if record.source else "octoDNS")
    left = {each.rdata: each for each in written}
    kept = [left.pop(value, None) for value in values]
    if len(left) == kept.count(None) == 1:
        place = left.popitem()[1].rdata_span
    return [
        same
        if same is not None and (same.ttl, same.is_proxied) == (ttl, proxied)
        else PlacedRecord(
            record.fqdn,
            type,
            ttl,
            value,
            place if same is None else same.rdata_span,
            value not in own,
            proxied,
        )
        for value, same in zip(values, kept, strict=True)
    ]
