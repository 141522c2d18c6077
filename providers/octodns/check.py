"""What validator, processor and source have in common: a zone of octoDNS read, judged, told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol
from weakref import WeakValueDictionary

from octodns.record import Record as OctodnsRecord
from octodns.zone import Zone as OctodnsZone

from zonelint.grammars.zone import Zone
from zonelint.rules.engine import Result
from zonelint.rules.finding import Finding
from zonelint.rules.selection import mail_domain

from . import told
from .judge import Judge, judge
from .synczone import convert, type_of
from .world import World, world


class Supplier(Protocol):
    """A source or a processor of zonelint that adds records to zones when octoDNS syncs."""

    def supply(self, zone: OctodnsZone, *, lenient: bool) -> None:
        """Add to the zone what the sync would add."""
        ...


SUPPLIERS: WeakValueDictionary[str, Supplier] = WeakValueDictionary()
"""The sources and processors of this run, by their ids in octoDNS's configuration."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A zone of octoDNS, as the rules read it, and what they say."""

    zone: OctodnsZone
    model: Zone
    result: Result

    def records(self, finding: Finding) -> set[OctodnsRecord]:
        """The octoDNS records that a finding is about: their ``lenient`` counts."""
        name = self.zone.hostname_from_fqdn(finding.owner)
        return {r for r in self.zone.get(name) if type_of(r) == finding.type}


class Check:
    """Reads and judges zones of octoDNS with one zonelint.toml."""

    def __init__(self, config: str) -> None:
        self.judge: Judge = judge(config)

    def model(self, zone: OctodnsZone) -> Zone:
        return convert(zone, world(zone).zones.get(zone.name))

    def zone(self, zone: OctodnsZone, *, complete: bool = True) -> Checked:
        """Judge a zone as octoDNS holds it. ``complete``: whether all its sources are in it."""
        model = self.model(zone)
        model.complete = model.complete and complete
        beside = world(zone).beside(zone.name)
        return Checked(zone, model, self.judge.zone(model, [beside]))

    def change(self, zone: OctodnsZone, before: Zone, after: Zone) -> Result:
        """Judge the change of a zone."""
        return self.judge.change(before, after, [world(zone).beside(zone.name)])

    def is_declared(self, finding: Finding) -> bool:
        """Whether zonelint.toml says anything about the domain that a finding is about."""
        return self.judge.intent.for_domain(mail_domain(finding.owner)) is not None

    def others(self, around: World, told_of: Iterable[str]) -> Mapping[str, list[Finding]]:
        """The errors of all zones of the repository but those told of, by zone."""
        skipped = set(told_of)
        zones = [zone for origin, zone in around.zones.items() if origin not in skipped]
        found: dict[str, list[Finding]] = {}
        paths = {zone.path: zone.origin for zone in zones}
        for finding in told.errors(self.judge.all(around.zones.values())):
            origin = paths.get(finding.span.path)
            if origin is not None:
                found.setdefault(origin, []).append(finding)
        return found
