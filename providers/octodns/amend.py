"""Changes made to octoDNS's desired zone: records are replaced, never altered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from octodns.context import ContextDict
from octodns.record import Record as OctodnsRecord
from octodns.zone import Zone as OctodnsZone

from zonelint.grammars.zone import Zone
from zonelint.providers.octodns.messages import Amendment
from zonelint.providers.octodns.yaml.zone import SINGLE_VALUED
from zonelint.rules.core.change import Edit
from zonelint.rules.core.engine import Result
from zonelint.rules.core.finding import Finding

from .synczone import values_of

MOST_ROUNDS = 10
DEFAULT_TTL = 3600

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Amended:
    """A zone with changes, and the findings that they were made for."""

    zone: OctodnsZone
    applied: Sequence[Finding]
    amendments: list[Amendment]


def amend(
    zone: OctodnsZone,
    judged: Callable[[], tuple[Zone, Result]],
    chosen: Callable[[Finding], bool],
    source: object,
    *,
    lenient: bool = False,
) -> Amended:
    """Apply the changes of the chosen findings to the zone, in rounds, until none is left.

    `judged` reads the zone as it stands and judges it. The records that come carry `source`,
    so that the plan names it.
    """
    first: dict[Key, tuple[str, ...]] = {}
    codes: dict[Key, dict[str, None]] = {}
    applied: list[Finding] = []
    for _ in range(MOST_ROUNDS):
        model, result = judged()
        picked = _without_conflicts([f for f in result.findings if f.change and chosen(f)])
        if not picked:
            break
        changed = False
        for finding in picked:
            assert finding.change is not None, "only findings with a change are chosen"
            applied.append(finding)
            for key, values in _values(model, finding.change.edits).items():
                first.setdefault(key, _values_of(model, *key))
                codes.setdefault(key, {})[finding.code] = None
                changed |= _put(zone, key, values, finding.change.edits, source, lenient)
        if not changed:
            break
    after = judged()[0] if first else None
    made = [
        Amendment(*key, before, now, tuple(codes[key]))
        for key, before in first.items()
        if after is not None and before != (now := _values_of(after, *key))
    ]
    return Amended(zone, applied, made)


def _without_conflicts(findings: Sequence[Finding]) -> list[Finding]:
    """Of the changes of one owner and type only the first: the others find their place later."""
    taken: set[Key] = set()
    picked = []
    for finding in findings:
        change = finding.change
        assert change is not None, "only findings with a change are chosen"
        keys = {(edit.owner, edit.type) for edit in change.edits}
        keys |= {(e.before.owner, e.before.type) for e in change.edits if e.before is not None}
        if taken.isdisjoint(keys):
            taken |= keys
            picked.append(finding)
    return picked


def _values_of(model: Zone, owner: str, type: str) -> tuple[str, ...]:
    rrset = model.get(owner, type)
    return () if rrset is None else tuple(record.rdata for record in rrset)


def _values(model: Zone, edits: Sequence[Edit]) -> dict[Key, list[str]]:
    """The values that each owner and type has after the edits; those that empty come first."""
    found: dict[Key, list[str]] = {}

    def at(key: Key) -> list[str]:
        return found.setdefault(key, list(_values_of(model, *key)))

    for edit in edits:
        if edit.before is not None:
            values = at((edit.before.owner, edit.before.type))
            if edit.after is not None and not edit.is_move:
                values[values.index(edit.before.rdata)] = edit.after
                continue
            values.remove(edit.before.rdata)
        if edit.after is not None:
            at((edit.owner, edit.type)).append(edit.after)
    return dict(sorted(found.items(), key=lambda item: bool(item[1])))


def _put(
    zone: OctodnsZone,
    key: Key,
    rdatas: list[str],
    edits: Sequence[Edit],
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
    ttls = [edit.ttl for edit in edits if (edit.owner, edit.type) == key and edit.ttl is not None]
    moved = [e.before.ttl for e in edits if e.before is not None and e.before.ttl is not None]
    presets = [*ttls, *([existing.ttl] if existing is not None else moved), DEFAULT_TTL]
    if existing is not None and values_of(existing) == rdatas and existing.ttl == presets[0]:
        return False
    data = existing.data if existing is not None else ContextDict()
    data.pop("value", None)
    data.pop("values", None)
    values = OctodnsRecord.registered_types()[type].parse_rdata_texts(rdatas)
    data |= {"type": type, "ttl": presets[0]}
    data |= {"value": values[0]} if type in SINGLE_VALUED else {"values": values}
    record = OctodnsRecord.new(zone, name, data, source=source, lenient=lenient)
    zone.add_record(record, replace=True, lenient=lenient)
    return True
