"""From the resources of a plan or a stack to zones.

The zone of a record is found, in this order, by the property that names it, by the id that it is
referred to with, by what the world knows of references between resources, and by the record's own
name: the longest zone known that holds it, else the organisational domain by the public suffix
list. Where all of that fails the record stands in a zone of its own, ``unknown-zone-1.invalid.``:
its text can be judged all the same, and that its zone is not known is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from zonelint.grammars.dnsname import BadName, absolute
from zonelint.grammars.zone import Zone, ZoneFault, ZoneFaultKind, is_below, spoken
from zonelint.rules.finding import Undecided

from .kinds import Names
from .reading import Content, Resource, Unfit, name_of, read
from .record import TEXT_TYPES, ResourceRecord
from .values import text_of

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

UNREAD = "ZONE001"
"""The code under which a resource that cannot be read yet is told as undecided."""


class ResourceZone(Zone):
    """A zone made of resources.

    unknown: owners at which records stand, or may stand, that are not known yet, with a phrase
    for each. absent: where records stand of which only owner and type are known, by the address
    of the resource and the number of the value. hidden: values of which nothing may be shown, by
    the addresses of their resources. stand_in: the zone's name is not known; adrift: what that
    leaves undecided, a record at a time.
    """

    __slots__ = ("absent", "adrift", "hidden", "stand_in", "undecided", "unknown")

    def __init__(self, origin: str, path: str, *, stand_in: bool = False) -> None:
        super().__init__(origin, path)
        self.stand_in = stand_in
        self.unknown: dict[str, list[str]] = {}
        self.absent: dict[tuple[str, int], tuple[str, str]] = {}
        self.hidden: dict[str, list[str]] = {}
        self.undecided: list[Undecided] = []
        self.adrift: list[Undecided] = []


@dataclass(slots=True)
class Known:
    """What is known of zones.

    by_ref: absolute names by id. made: zones that the plan or the stack itself makes. domains:
    names that the configuration speaks of. whole: whether all of the resources are there to see.
    """

    by_ref: dict[str, str] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    domains: tuple[str, ...] = ()
    whole: bool = True

    def named(self, ref: str) -> str | None:
        """The name of the zone with this id; ids may be the last part of a path."""
        return self.by_ref.get(ref) or self.by_ref.get(ref.rpartition("/")[2])

    def is_whole(self, origin: str) -> bool:
        """Whether every record of the zone should be here, so that a missing one is absent.

        That is so where the zone itself is made here, or the configuration speaks of it. A zone
        that is only referred to may have records in another stack.
        """
        return self.whole and (
            origin in self.made or any(is_below(name, origin) for name in self.domains)
        )


def assemble(resources: Iterable[Resource], known: Known, path: str) -> list[ResourceZone]:
    """The zones of the resources, in the order in which they first appear.

    ``path`` is what is checked, for zones without any record. Nothing in a resource raises.
    """
    return _Assembly(known, path).take(resources)


def zone_name(text: str) -> str | None:
    """The absolute name of a zone as a property has it; None where it is no name."""
    plain = text.strip().removesuffix(".")
    if not plain:
        return None
    try:
        return absolute(plain + ".", ".")
    except BadName:
        return None


class _Assembly:
    def __init__(self, known: Known, path: str) -> None:
        self.known = known
        self.path = path
        self.zones: dict[str, ResourceZone] = {}
        self.strangers: dict[str, ResourceZone] = {}
        self.names = sorted({*known.made, *known.by_ref.values()}, key=len, reverse=True)

    def take(self, resources: Iterable[Resource]) -> list[ResourceZone]:
        for resource in resources:
            zone = self._zone_of(resource)
            _put(zone, read(resource, zone.origin), resource)
        found = [*self.zones.values(), *self.strangers.values()]
        if any(not zone.complete and zone.stand_in for zone in found):
            # A record of which not even the owner is known may belong to any of them.
            for zone in found:
                zone.complete = False
        return found

    def _zone_of(self, resource: Resource) -> ResourceZone:
        origin = self._origin(resource)
        if origin is not None:
            zone = self.zones.get(origin)
            if zone is None:
                zone = self.zones[origin] = ResourceZone(origin, self.path)
                zone.complete = self.known.is_whole(origin)
            return zone
        ref = resource.given(resource.kind.zone_ref)
        key = text_of(ref) or resource.address
        if ref.unknown or ref.hidden:
            key = resource.address
        zone = self.strangers.get(key)
        if zone is None:
            name = f"unknown-zone-{len(self.strangers) + 1}.invalid."
            zone = self.strangers[key] = ResourceZone(name, self.path, stand_in=True)
        return zone

    def _origin(self, resource: Resource) -> str | None:
        kind = resource.kind
        for property in (kind.zone_ref, kind.zone_name):
            found = resource.given(property)
            written = None if found.unknown or found.hidden else text_of(found)
            if written is None:
                continue
            if property == kind.zone_ref and (name := self.known.named(written)) is not None:
                return name
            if property == kind.zone_name and (property != kind.zone_ref or "." in written):
                name = zone_name(written)
                if name is not None:
                    return name
        return resource.zone or self._by_name(resource)

    def _by_name(self, resource: Resource) -> str | None:
        if resource.kind.names is Names.RELATIVE:
            return None
        try:
            text = name_of(resource).text
        except Unfit:
            return None
        owner = None if text is None else zone_name(text)
        if owner is None or text is None:
            return None
        for name in self.names:
            if is_below(owner, name):
                return name
        sure = resource.kind.names is Names.ABSOLUTE or text.endswith(".")
        found = _organisation(owner, sure=sure)
        if found is not None:
            return found
        declared = sorted(self.known.domains, key=len)
        return next((name for name in declared if is_below(owner, name)), None)


def _organisation(owner: str, *, sure: bool) -> str | None:
    """The organisational domain; None where the name may be relative and its end is no suffix."""
    plain = owner.removesuffix(".").removeprefix("*.")
    while plain.startswith("_"):
        plain = plain.partition(".")[2]
    if not plain:
        return None
    found = _suffixes(sure).privatesuffix(plain)
    return f"{found}." if found else None


@cache
def _suffixes(accept_unknown: bool) -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=accept_unknown)


def _shown_as(record: ResourceRecord) -> str:
    return record.text.value if record.type in TEXT_TYPES else record.plain


def _put(zone: ResourceZone, content: Content, resource: Resource) -> None:
    for record in content.records:
        if not zone.contains(record.owner):
            zone.faults.append(
                ZoneFault(
                    ZoneFaultKind.OUT_OF_ZONE,
                    f"{spoken(record.owner)} lies outside the zone {spoken(zone.origin)}",
                    "Put the record into the zone that it belongs to, or correct its name.",
                    record.span,
                    record.owner,
                    record.type,
                )
            )
            continue
        zone.add(record)
        if record.hidden:
            zone.hidden.setdefault(resource.address, []).append(_shown_as(record))
    zone.faults += content.faults
    for record in content.absent:
        if zone.contains(record.owner):
            zone.add(record)
            zone.absent[record.address, record.index + 1] = (record.owner, record.type)
    owner = content.owner or zone.origin
    if content.unknown:
        zone.undecided.append(Undecided(UNREAD, owner, tuple(dict.fromkeys(content.unknown))))
        zone.unknown.setdefault(owner, []).extend(content.unknown)
    if content.blind:
        zone.complete = False
    if zone.stand_in:
        ref = resource.kind.zone_ref or resource.kind.zone_name
        what = f"the zone of {resource.address} (its {ref} is not known here)"
        zone.adrift.append(Undecided(UNREAD, owner, (what,)))


def known_zones(
    made: Iterable[tuple[str, Iterable[str]]],
    referred: Iterable[tuple[str, Iterable[str]]] = (),
    configured: Mapping[str, str] | None = None,
    domains: Collection[str] = (),
) -> Known:
    """What is known of zones from all sides: pairs of a zone's name and its ids.

    made: zones that are resources themselves; referred: zones that are only looked up;
    configured: names by id; domains: those that the configuration declares.
    """
    known = Known(dict(configured or {}), domains=tuple(domains))
    for zones, own in ((referred, False), (made, True)):
        for name, ids in zones:
            if own:
                known.made.add(name)
            for id in ids:
                known.by_ref[id] = name
                known.by_ref.setdefault(id.rpartition("/")[2], name)
    return known
