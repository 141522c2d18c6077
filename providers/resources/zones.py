"""From the resources of a plan or a stack to zones.

The zone of a record is found, in this order, by the property that names it, by the id that it is
referred to with, by what the world knows of references between resources, and by the record's own
name: the longest zone known that holds it, else the organisational domain by the public suffix
list. Where all of that fails the record stands in a zone of its own, `unknown-zone-1.invalid.`:
its text can be judged all the same, and that its zone is not known is told.
"""

from __future__ import annotations

import copy
import re
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import partial
from itertools import chain
from typing import NamedTuple

from zonelint.grammars.dnsname import BadName, whole_name
from zonelint.grammars.listing import grouped
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import (
    ELSEWHERE,
    NOT_NAMED_YET,
    TEXT_TYPES,
    Reason,
    Record,
    RRset,
    Variant,
    Zone,
    ZoneFault,
    ZoneFaultKind,
    ancestors,
    is_below,
    labels,
    sameness,
    without_dot,
)
from zonelint.rules.core.finding import UNREAD, Undecided
from zonelint.rules.mail.organisation import registered_domain
from zonelint.rules.model.answers import ADDRESSES, CIRCLE

from .kinds import NameForm
from .named_zone import NamedZone, zone_name
from .reading import (
    UNKNOWN_TARGET,
    AliasTarget,
    Content,
    HalfNamed,
    Resource,
    Unfit,
    answered_by,
    moved,
    name_of,
    owner_in,
    parts_of,
    read,
    read_in,
    read_texts,
    with_wildcard,
)
from .record import ResourceRecord
from .table import ResourceTable
from .texts import begins_mail_record
from .values import VALUE_STAND_IN, Open, is_on, open_pattern, text_of
from .wording import WordedResources

_ANY_TYPE = (*ADDRESSES, "CNAME", "MX", "NS", "TLSA", "TXT")
"""The types that rules ask for: where a type is not known, it may be each of them."""
_MOST_ANSWERED = 1000
"""Records that the aliases of one reading are answered with, or four for each of its resources."""
MOST_HALF_NAMED = 100
"""Names of which a part is not known that one zone tells apart."""
_NOT_CONTROLLED = "what is there, which the source does not control (it is imported, or left)"
_STEP = re.compile(r"[.\[]")
_RECORD_ID = re.compile(r"/dnszones/([^/]+)/([^/]+)/([^/]+)\Z", re.IGNORECASE)
"""The id of a record of Azure's: its zone, type and name."""


class ResourceZone(WordedResources):
    """A zone made of resources.

    texts: the sources that it was read from, if any. context: what reads it again after a change;
    reread: the same for a template, which can be commented and not changed. provider, handle:
    where it is served, and what it is there. is_by_id: the latter is an id that is written out.
    is_blind: the owner of one of its records is not known yet. is_deployed: it is what there is
    now, and nothing is to change. is_referred: it is made elsewhere, and only looked up.
    imported, forgotten, retained: addresses of what was there before it was written, of what stays
    though it is not any more, and of what would stay.
    writers: what gets the zone and is not read, each a Reason that tells how it is called.
    """

    __slots__ = (
        "_aliased", "_half_named", "_open", "_says", "context", "forgotten", "handle", "imported",
        "is_blind", "is_by_id", "is_deployed", "is_referred", "provider", "reread", "retained",
        "texts", "writers",
    )  # fmt: skip

    def __init__(
        self, origin: str, path: str, *, stand_in: bool = False, called: str | None = None
    ) -> None:
        super().__init__(origin, path, stand_in=stand_in, called=called)
        self.context: object = None
        self.provider = ""
        self.handle = ""
        self.texts: Sequence[SourceText] = ()
        self.reread: Callable[[str], ResourceZone | None] | None = None
        self.is_blind = False
        self.is_by_id = False
        self.is_deployed = False
        self.is_referred = False
        self.imported: Collection[str] = ()
        self.forgotten: Collection[str] = ()
        self.retained: Collection[str] = ()
        self.writers: Collection[str] = ()
        self._aliased: dict[str, list[str]] = {}
        self._half_named: dict[tuple[str, str], str] = {}
        self._open: dict[tuple[str, str], tuple[Resource, str]] = {}
        self._says = ""

    @property
    def aliased(self) -> Mapping[str, Sequence[str]]:
        return self._aliased

    def note_aliased(self, name: str, *owners: str) -> None:
        """Note that owners are answered with what is at a name."""
        self._aliased.setdefault(name, []).extend(owners)

    def note_open(self, alias: Resource, owner: str, type: str, name: str) -> None:
        """Note what an alias leads to of which not all is seen: a name that may be in the zone."""
        self._open[owner, type] = alias, name

    def is_open(self, owner: str, type: str) -> bool:
        """Whether an alias there is answered with something of which not all is seen."""
        return (owner, type) in self._open

    def note_half_named(self, type: str, found: HalfNamed) -> None:
        """Note that records stand at a name that is known in part."""
        for name in found.names:
            self._half_named.setdefault((open_pattern(name, self.origin), type), found.why)
        if found.likely:
            self.note_unknown(found.likely, type, found.why)
        if len(self._half_named) > MOST_HALF_NAMED:
            self.complete, self.is_blind = False, True

    def unseen(self, owner: str, type: str) -> tuple[str, ...]:
        return (*super().unseen(owner, type), *self._half_named_at(owner, type))

    def unknown_answer(self, name: str, type: str) -> str:
        found = super().unknown_answer(name, type)
        if found or not self.contains(name) or self.is_delegated(name):
            return found
        return next(self._half_named_at(name, type), "")

    def _half_named_at(self, name: str, type: str) -> Iterator[str]:
        """Why records may stand at a name where none are seen."""
        if self._half_named and self._held(name, type) is None:
            for (pattern, held), why in self._half_named.items():
                if held in (type, "CNAME") and fnmatchcase(name, pattern):
                    yield why

    def lose(self, gone: Collection[tuple[str, str]]) -> None:
        """Note what a change takes away; what aliases are answered with goes with it."""
        self.gone |= {*gone}
        self._settle(gone, self.gone.add)

    def _find(self) -> None:
        """Answer aliases with what another part of the zone turns out to hold."""
        led = {(name, type): name for (_, type), (_, name) in self._open.items()}
        found = [key for key in led if not self.is_open(*key) and self.get(*key) is not None]
        aliases = dict(self._open)

        def answer(key: tuple[str, str]) -> None:
            alias, name = aliases[key]
            held = [e for e in self.get(name, key[1]) or () if isinstance(e, ResourceRecord)]
            behind = AliasTarget(name, held, self.unknown.get((name, key[1]), ()))
            _put(self, read(alias, self.origin, behind), alias)

        self._settle(found, answer)

    def _settle(
        self, places: Iterable[tuple[str, str]], act: Callable[[tuple[str, str]], None]
    ) -> None:
        """Take away what stands in for aliases that lead to places, and to what is done so."""
        leading = grouped(((name, key[1]), key) for key, (_, name) in self._open.items())
        waiting, told = deque(places), set[tuple[str, tuple[str, ...]]]()
        while waiting:
            for key in leading.pop(waiting.popleft(), ()):
                del self._open[key]
                told.add((key[0], self.unknown.pop(key, ())))
                self.records -= len(self.table(key[1]).pop(key[0], ()))
                act(key)
                waiting.append(key)
        self._names = self._published = None
        self.undecided = [e for e in self.undecided if (e.owner, e.missing) not in told]

    @property
    def state(self) -> str:
        if self.reread is not None:
            return ""
        return f"{self.served_by} {'source' if self.texts else 'plan'}"

    @property
    def rest(self) -> str:
        return NOT_NAMED_YET if self.is_blind else ELSEWHERE

    def take(self, resource: Resource, owner: str) -> None:
        """Note that a resource belongs here, with the owner of its records."""
        self._members.setdefault(resource.address, owner)
        self.kind = self.kind or resource.kind
        if self.stand_in and self.called is None and not self._says:
            property = resource.kind.zone_ref or resource.kind.zone_name
            self._says = resource.spelt(property)

    @property
    def served_as(self) -> tuple[str, str] | None:
        """Its provider and its id there, by which other plans speak of it; None where not known."""
        if self.is_part:
            return None
        id = self.ref if self.stand_in else self.handle
        return (self.served_by, id) if id else None

    def absorb(self, other: ResourceZone) -> None:
        """Take what another plan of the run tells of the same zone."""
        here = partial(moved, origin=other.origin, other=self.origin)
        for rrset in list(other.rrsets()):
            for record in rrset:
                record.owner = str(here(record.owner))
                if not self._holds(
                    record
                ):  # one plan may be given twice, or an older one beside it
                    self.add(record)
        for (owner, type), reasons in other.unknown.items():
            self.note_unknown(str(here(owner)), type, *reasons)
        self.secret |= {(str(here(owner)), type) for owner, type in other.secret}
        self.gone |= {(str(here(owner)), type) for owner, type in other.gone}
        self.faults += [fault._replace(owner=here(fault.owner)) for fault in other.faults]
        for (owner, type), answers in other.variants.items():
            held = self.variants.setdefault((str(here(owner)), type), [])
            held += [each for each in answers if each.name not in {one.name for one in held}]
        for each in other.undecided:
            self.undecided.append(replace(each, owner=str(here(each.owner))))
        for name, owners in other.aliased.items():
            self.note_aliased(str(here(name)), *(str(here(owner)) for owner in owners))
        for address, owner in other._members.items():
            self._members.setdefault(address, str(here(owner)))
        for place, values in other.hidden.items():
            self.hidden.setdefault(place, []).extend(values)
        self.open_texts.update(other.open_texts)
        for (owner, type), (alias, name) in other._open.items():
            self.note_open(alias, str(here(owner)), type, str(here(name)))
        self._find()
        self._half_named |= other._half_named
        self.complete = self.complete or other.complete
        self.is_blind = self.is_blind or other.is_blind

    def beside(self, alike: Sequence[Zone]) -> ResourceZone:
        """Where source looks a zone up, what it writes may be in any of that name and provider.

        Two that are made are two: those of several accounts, say.
        """
        zones = (each for each in alike if isinstance(each, ResourceZone))
        others = [each for each in zones if self._may_be(each)]
        if not others:
            return self
        found = copy.copy(self)
        found.unknown, found.undecided = dict(self.unknown), [*self.undecided]
        found.complete = self.complete and all(
            self.is_referred <= each.is_referred and not each.is_blind for each in others
        )
        for each in others:
            found._doubt(each)
        return found

    def _doubt(self, other: ResourceZone) -> None:
        """Note what would be here as well, were the other one this zone."""
        more = [rrset for rrset in other.rrsets() if self._is_more(rrset)]
        why = self._whether_it_is(other)
        if self.complete:
            for owner, type in sorted({(r.owner, r.type) for r in more} | other.unknown.keys()):
                self.note_unknown(owner, type, why)
        for owner in [r.owner for r in more if r.type == "TXT" and self._has_mail_text(r.owner)]:
            self.undecided.append(Undecided(UNREAD, owner, (why,)))

    def _whether_it_is(self, other: ResourceZone) -> str:
        if self.is_by_id and self.handle == other.handle:
            return f"what `{other.path}` writes to this zone as well"
        what = f"which `{other.path}` looks up" if other.is_referred else f"of `{other.path}`"
        return f"whether this zone is the zone {without_dot(self.origin)} {what}"

    def _has_mail_text(self, owner: str) -> bool:
        return any(begins_mail_record(each.text.value) for each in self.get(owner, "TXT") or ())

    def follow(self, befores: Sequence[Zone]) -> None:
        held = {name for each in self._members for name in _names_of(each)}
        calls = set(map(sameness, self.writers))
        for was in befores:
            if not isinstance(was, ResourceZone):
                continue
            for name in [each for each in was.writers if sameness(each) not in calls]:
                what = f"what {name} writes to the zone: the change calls it otherwise, or not"
                self.undecided.append(Undecided(UNREAD, self.origin, (what,)))
            stays = {*self.forgotten, *was.retained} - (held & {*was.retained})
            for address, owner in was._members.items():
                if not stays.isdisjoint(_names_of(address)):
                    self._leave(owner, was)
            for address, owner in self._members.items():
                if address not in was._members and any(
                    each in self.imported for each in _names_of(address)
                ):
                    was._leave(owner, self)

    def _leave(self, owner: str, other: Zone) -> None:
        for rrset in other.at(owner):
            if self.get(owner, rrset.type) is None:
                self.note_unknown(owner, rrset.type, _NOT_CONTROLLED)

    def _may_be(self, other: ResourceZone) -> bool:
        """Whether two are one by what source tells; zones with an id each are as their ids are."""
        is_source = bool(self.texts and other.texts)
        if self.is_by_id and other.is_by_id and self.handle != other.handle:
            return False
        is_one = self.served_by == other.served_by and (self.is_referred or other.is_referred)
        return is_source and is_one

    def _is_more(self, rrset: RRset) -> bool:
        """Whether records would tell more of mail, were they in the zone as well."""
        if rrset.type != "TXT" or "_" in rrset.owner or self.get(rrset.owner, "TXT") is None:
            return True
        return any(each.unknown or begins_mail_record(each.text.value) for each in rrset)

    def _holds(self, record: Record) -> bool:
        """Whether this very resource has given the same record."""
        rrset = self.get(record.owner, record.type)
        held = () if rrset is None else rrset.records
        return any((e.span.path, e.rdata) == (record.span.path, record.rdata) for e in held)

    @property
    def is_lost(self) -> bool:
        """Whether its records may belong to any zone of their provider: nothing tells to which."""
        return self.is_blind or (self.called is None and self.ref is None)

    @property
    def served_by(self) -> str:
        """The provider that answers with its records."""
        return self.provider or ("" if self.kind is None else self.kind.provider)

    @property
    def adrift(self) -> Undecided | None:
        """That the name of the zone is not known, where it is not; told once for all records."""
        if not self.stand_in or self.called is not None or not self._members:
            return None
        address, owner = next(iter(self._members.items()))
        if self.ref is None:
            return Undecided(
                UNREAD, owner, (f"the zone of {address} (its {self._says} is not known here)",)
            )
        rest = f" and {more} more" if (more := len(self._members) - 1) else ""
        return Undecided(
            UNREAD,
            self.ref,
            (
                f"the name of the zone {self.ref} of {address}{rest} (declare it in zonelint.toml: "
                f'[resources.zones] "{self.ref}" = "example.com")',
            ),
        )


@dataclass(slots=True)
class KnownZones:
    """What is known of zones.

    by_ref: zones by id.
    made: names of zones that the plan or the stack itself makes.
    domains: names that the configuration speaks of.
    named_whole: the zones that it calls whole, None where it calls none so.
    whole: whether all of the resources are there to see.
    taken: numbers of stand-ins for zones that are given away, to another plan of the same run.
    numbers: those of the stand-ins before and after a change, by what they stand for.
    """

    by_ref: dict[str, NamedZone] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    made_ids: set[str] = field(default_factory=set)
    domains: tuple[str, ...] = ()
    named_whole: tuple[str, ...] | None = None
    whole: bool = True
    taken: int = 0
    numbers: dict[object, int] = field(default_factory=dict)

    def named(self, ref: str) -> NamedZone | None:
        """The zone with this id; ids may be the last part of a path."""
        return self.by_ref.get(ref) or self.by_ref.get(ref.rpartition("/")[2])

    def is_whole(self, origin: str, id: str = "") -> bool:
        """Whether every record of the zone should be here, so that a missing one is absent.

        That is so where the configuration calls the zone whole; where it calls none so, of a zone
        that is made here or that the configuration speaks of. A zone that is only referred to may
        have records in another stack.
        """
        if self.named_whole is not None:
            return self.whole and origin in self.named_whole
        return self.whole and (
            self.is_made(origin, id) or any(is_below(name, origin) for name in self.domains)
        )

    def is_made(self, origin: str, id: str = "") -> bool:
        """Whether the plan or the stack itself makes the zone."""
        return origin in self.made if not id or not self.made_ids else id in self.made_ids


def assemble(resources: Iterable[Resource], known: KnownZones, path: str) -> list[ResourceZone]:
    """The zones of the resources, in the order in which they first appear.

    `path` is what is checked, for zones without any record. Nothing in a resource raises.
    """
    divided = [part for resource in resources for part in parts_of(resource)]
    return _Assembly(known, path).take(divided)


@dataclass(frozen=True, slots=True)
class _Side:
    """Who answers with a resource's records: a provider, one of its zones, one of its variants.

    zone and variant are None where they are not known, or there is none.
    """

    provider: str
    zone: str | None
    variant: str | None

    def excludes(self, other: _Side, type: str) -> bool:
        """Whether nobody ever gets the records of both sides together.

        Addresses of two variants are all addresses of the name.
        """
        if self.provider != other.provider or _differ(self.zone, other.zone):
            return True
        return _differ(self.variant, other.variant) and type not in ADDRESSES


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


class _Alias(NamedTuple):
    """An alias of a provider's, its zone, and what puts it there with what it leads to."""

    resource: Resource
    zone: ResourceZone
    place: Callable[[AliasTarget | None], None]


_Name = tuple[int, str, str]
"""A zone, and an owner and a type there."""
_ZoneKey = tuple[str, str, str]
"""The name of a zone, its provider, and its id there, "" where that is not known."""
_PRIVATE = ""


class _Assembly:
    def __init__(self, known: KnownZones, path: str) -> None:
        self.known = known
        self.path = path
        self.zones: dict[_ZoneKey, ResourceZone] = {}
        self.strangers: dict[object, ResourceZone] = {}
        named = {*known.made, *(zone.name for zone in known.by_ref.values())}
        self.names = sorted(named, key=len, reverse=True)
        self.learnt: dict[tuple[str, str], str] = {}
        self.ids: dict[tuple[str, str], set[str]] = {}
        self.held: dict[tuple[_ZoneKey, str, str], _Side] = {}
        self.checked: set[tuple[_ZoneKey, str, str, str]] = set()
        self.left = 0
        self.addresses: set[str] = set()
        self.faulty: set[tuple[int, str | None]] = set()

    def take(self, resources: Sequence[Resource]) -> list[ResourceZone]:
        self.left = max(_MOST_ANSWERED, 4 * len(resources))
        for resource in resources:
            self._learn(resource)
            self.addresses.add(resource.address)
        self._learn_by_names(resources)
        homes = [(resource, self._home(resource)) for resource in resources]
        for resource, origin in homes:
            side = self._side(resource)
            if origin is not None and side.zone is not None:
                self.ids.setdefault((origin, side.provider), set()).add(side.zone)
        later: list[tuple[Resource, str, Callable[[AliasTarget | None], None]]] = []
        aliases: list[_Alias] = []
        apart: list[tuple[Resource, _ZoneKey]] = []
        for resource, origin in homes:
            if origin == _PRIVATE:
                continue
            if origin is None:
                zone, place = self._stranger(resource), partial(self._place_adrift, resource)
            else:
                side = self._side(resource)
                key = self._zone_for(resource, origin, side)
                zone, place = self.zones[key], partial(self._place, resource, key, side)
            if resource.maybe is not None and origin is not None:
                apart.append((resource, key))
            elif resource.is_alias:
                aliases.append(_Alias(resource, zone, place))
            elif origin is not None and side.variant is not None:
                later.append((resource, side.variant, place))
            else:
                place(None)
        for _, _, put in sorted(later, key=_in_order):
            put(None)
        for each in sorted(apart, key=lambda each: each[0].is_off):
            self._place_apart(*each)
        self._lead(sorted(aliases, key=lambda each: each.resource.address))
        for key, zone in self.zones.items():
            for (owner, type), answers in zone.variants.items():
                self._settle_variants(key, owner, type, answers)
        return [*self.zones.values(), *self.strangers.values()]

    def _lead(self, aliases: Sequence[_Alias]) -> None:
        """Put aliases of providers into their zones, each after what it leads to there."""
        held = [(each, read(each.resource, each.zone.origin)) for each in aliases]
        for each, content in held:
            if content.owner is not None:
                each.zone.take(each.resource, content.owner)
        led: list[tuple[_Alias, _Name, _Name]] = []
        away: list[_Alias] = []
        for each, content in held:
            target = self._target(each, content.type)
            if target is None or content.owner is None or content.type is None:
                away.append(each)
                continue
            place = (id(each.zone), content.owner, content.type)
            led.append((each, place, (id(each.zone), target, content.type)))
        for each in away:
            each.place(None)
        self._note_lost()
        left = Counter(place for _, place, _ in led)
        waiting: dict[_Name, list[tuple[_Alias, _Name, _Name]]] = {}
        ready: deque[tuple[_Alias, _Name, _Name]] = deque()
        for one in led:
            (waiting.setdefault(one[2], []) if one[2] in left else ready).append(one)
        while ready:
            each, place, (_, name, type) = ready.popleft()
            each.place(self._behind(each, place[1], name, type))
            left[place] -= 1
            if not left[place]:
                ready.extend(waiting.pop(place, ()))
        for each, _, (_, name, _) in chain.from_iterable(waiting.values()):
            each.place(AliasTarget(name, (), (CIRCLE,)))

    def _target(self, alias: _Alias, type: str | None) -> str | None:
        """The name in its own zone that an alias leads to; None where it may lead elsewhere.

        Providers refuse an alias that leads to a name of its zone by the id of another one.
        """
        resource, zone, kind = alias.resource, alias.zone, alias.resource.kind
        found = resource.target(kind.target)
        if found.handle is not None:
            address = str(found.handle[0])
            of_kind = not set(kind.types).isdisjoint(address.split("."))
            lost = UNKNOWN_TARGET if of_kind and address not in self.addresses else None
            return zone.owner_of(address) or lost
        text = None if found.unknown or found.hidden else text_of(found)
        ids = {each.rpartition("/")[2] for each in self._ids(resource) if each}
        if not text or len(ids) > 1:
            return None
        if (id := _RECORD_ID.search(text)) is not None:
            is_here = zone_name(id[1]) == zone.origin and id[2].upper() == type
            return owner_in(resource, id[3], zone.origin) if is_here else None
        text = with_wildcard(resource, text)
        try:
            name = owner_in(resource, text, zone.origin) if zone.stand_in else whole_name(text)
        except (BadName, Unfit):
            return None
        return name if zone.contains(name) and not zone.is_delegated(name) else None

    def _ids(self, resource: Resource) -> Iterator[str]:
        """The ids that are written of an alias's own zone, and of the one that it leads to."""
        kind = resource.kind
        for found in (resource.given(kind.zone_ref), resource.target(kind.target_zone)):
            if not found.unknown and not found.hidden:
                yield text_of(found) or ""

    def _behind(self, alias: _Alias, owner: str, name: str, type: str) -> AliasTarget | None:
        """What an alias is answered with: what its zone holds at a name; None if not all is seen.

        That an alias is one of addresses is no proof that there are any.
        """
        zone, held = alias.zone, alias.zone.get(name, type) or ()
        records = [each for each in held if isinstance(each, ResourceRecord)]
        unknown = zone.unknown.get((name, type), ())
        self.left -= len(records) + len(zone.variants.get((name, type), ()))
        is_open = not records and (
            not zone.complete
            or any(zone.get(f"*.{above}", type) for above in ancestors(name))
            or (id(zone), name) in self.faulty
        )
        if zone.variants.get((name, type)) and self._side(alias.resource).variant is not None:
            unknown = (*unknown, _which(name, type))
        if is_open or zone.is_open(name, type):
            zone.note_open(alias.resource, owner, type, name)
        if self.left < 0 or (is_open and not unknown):
            unknown = (f"the addresses that {alias.resource.address} leads to",)
            return AliasTarget(name, (), unknown) if type in ADDRESSES else None
        return AliasTarget(name, records, unknown)

    def _note_lost(self) -> None:
        """Note that zones lack the records of which nothing tells in which of them they are."""
        found = [*self.zones.values(), *self.strangers.values()]
        lost = {zone.served_by for zone in found if zone.stand_in and zone.is_lost}
        for zone in found:
            if zone.served_by in lost:
                zone.complete, zone.is_blind = False, True
        self.faulty = {(id(zone), fault.owner) for zone in found for fault in zone.faults}

    def _home(self, resource: Resource) -> str | None:
        """The name of the resource's zone; None where it is not known."""
        named = self._named(resource)
        if named is not None and named.private:
            return _PRIVATE
        return self._origin(resource) if named is None else named.name

    def _zone_for(self, resource: Resource, origin: str, side: _Side) -> _ZoneKey:
        """The zone of a name at one provider, and there of one id: each is served by itself.

        A resource that does not tell the id is in the only zone that there is of the name.
        """
        ids = self.ids.get((origin, side.provider), set())
        id = side.zone if side.zone is not None else next(iter(ids)) if len(ids) == 1 else ""
        key = (origin, side.provider, id)
        if key not in self.zones:
            zone = self.zones[key] = ResourceZone(origin, self.path)
            zone.provider, zone.handle = side.provider, id
            zone.is_by_id = bool(id) and resource.ref is None
            zone.complete = self.known.is_whole(origin, id)
            zone.is_referred = not self.known.is_made(origin, id)
        if resource.kind.exclusive and self.known.whole:
            self.zones[key].complete = True
        return key

    def _place_adrift(self, resource: Resource, behind: AliasTarget | None) -> None:
        """Put a resource into the stand-in for a zone whose name is not known."""
        zone = self._stranger(resource)
        content = read_in(resource, zone.origin, behind)
        self._place_texts(resource, content)
        if content.owner is not None and not zone.contains(content.owner):
            content.rename(content.owner, zone.origin)
        _put(zone, content, resource)

    def _place(
        self, resource: Resource, key: _ZoneKey, side: _Side, behind: AliasTarget | None
    ) -> None:
        """Put a resource into its zone, or beside it where its answers exclude what stands there.

        What stands beside the zone is judged by its own text only: with the zone's other records
        nobody ever sees it.
        """
        origin = key[0]
        zone, content = self.zones[key], read_in(resource, origin, behind)
        if content.owner is not None and content.type is not None:
            self._note_variant(resource, content, key, side.variant)
            self._pass_on(resource, content, key)
            holder = self.held.setdefault((key, content.owner, content.type), side)
            if holder.excludes(side, content.type):
                _note_choice(zone, content)
                zone = self._stand_in((key, side), called=origin)
                content = read(resource, origin, behind)
                content.rename(origin, zone.origin)
        self._place_texts(resource, content)
        _put(zone, content, resource)

    def _note_variant(
        self, resource: Resource, content: Content, key: _ZoneKey, name: str | None
    ) -> None:
        """Note one of several answers of which each asker gets one."""
        if name is None:
            return
        owner, type, records = str(content.owner), str(content.type), content.records
        is_open = bool(content.lacking) or any(each.unknown or each.lacking for each in records)
        answer = resource.variant_of(name, None if is_open else records)
        _keep_variant(self.zones[key], owner, type, answer, records)
        if any(not each.absent and each.value is not False for each in resource.policy("health")):
            self.checked.add((key, owner, type, name))

    def _pass_on(self, alias: Resource, content: Content, key: _ZoneKey) -> None:
        """Give an alias the several answers that what it leads to has."""
        zone, behind = self.zones[key], content.behind
        owner, type = str(content.owner), str(content.type)
        if behind is None or not behind.records or (owner, type) in zone.variants:
            return
        known = (each for each in behind.records if not each.reason)
        made = dict(zip(known, content.records, strict=True))
        for answer in zone.variants.get((behind.name, type), ()):
            held = [each for each in answer.records or () if isinstance(each, ResourceRecord)]
            here = [made.get(each) or answered_by(alias, owner, each) for each in held]
            passed = answer._replace(records=None if answer.records is None else here)
            _keep_variant(zone, owner, type, passed, here)
            if held and made.keys().isdisjoint(held):
                apart = self._stand_in((key, answer.name), called=key[0])
                beside = read(alias, key[0], AliasTarget(behind.name, held))
                beside.rename(key[0], apart.origin)
                _put(apart, beside, alias)

    def _settle_variants(
        self, key: _ZoneKey, owner: str, type: str, answers: list[Variant]
    ) -> None:
        """See what only all answers of a set tell together.

        One without weight waits until all others are down, if that is looked after.
        """
        zone = self.zones[key]
        weighed = [each for each in answers if each.weight]
        if weighed and all((key, owner, type, each.name) in self.checked for each in weighed):
            answers[:] = [
                each if each.weight else each._replace(level=1, weight=1) for each in answers
            ]
        if type in ADDRESSES:
            return  # all of them are addresses of the name
        if any(each.records is None for each in answers):
            zone.note_unknown(owner, type, _which(owner, type))

    def _place_texts(self, resource: Resource, content: Content) -> None:
        """Judge texts by themselves whose owner is not known."""
        if content.owner is not None or content.faults:
            return
        key = ("texts", resource.address)
        apart = self._stand_in(key)
        texts = read_texts(resource, apart.origin)
        if not texts:
            del self.strangers[key]
        for record in texts:
            apart.add(record)
            if record.hidden:
                apart.hidden.setdefault(place_of(record), []).append(_describe(record))
            _note_holes(apart, record)
        apart.ref, apart.kind = resource.address, resource.kind
        apart.is_apart, apart.complete = True, False

    def _place_apart(self, resource: Resource, key: _ZoneKey) -> None:
        """Judge by its text only what may not be there at all, with others of a set or alone.

        What is switched off, and another one in its place on, takes nothing from what is known.
        """
        origin, variant = key[0], self._side(resource).variant
        zone, content = self.zones[key], read_in(resource, origin)
        self._place_texts(resource, content)
        owner = content.owner
        if owner is None:
            zone.complete, zone.is_blind = False, True
        elif not (resource.is_off and (variant or _is_held(zone, owner, content))):
            phrase = f"whether there is {resource.address}, which depends on {resource.maybe}"
            _note_types(zone, owner, content, Reason(phrase, resource.made_of))
            if variant is not None and content.type is not None:
                answer = resource.variant_of(variant, None)
                _keep_variant(zone, owner, content.type, answer, ())
        apart = self._stand_in((key, resource.address), called=origin)
        content.rename(origin, apart.origin)
        _put(apart, content, resource)

    def _side(self, resource: Resource) -> _Side:
        kind = resource.kind
        ref = _ref_of(resource)
        if (named := self._named(resource)) is not None and named.ids:
            ref = named.ids[0]
        variant = resource.variant or _known_text(resource, kind.variant)
        if any(map(is_on, resource.policy("together"))):
            variant = None
        return _Side(kind.provider, ref, variant)

    def _named(self, resource: Resource) -> NamedZone | None:
        """The zone that the world tells of."""
        ref = _ref_of(resource)
        return (None if ref is None else self.known.named(ref)) or resource.zone

    def _origin(self, resource: Resource) -> str | None:
        """The name of the zone as the resource itself tells it."""
        kind = resource.kind
        written = _known_text(resource, kind.zone_name)
        if written is not None and (kind.zone_name != kind.zone_ref or "." in written):
            name = zone_name(written)
            if name is not None:
                return name
        ref = _ref_of(resource)
        if ref is not None and (learnt := self.learnt.get((kind.provider, ref))) is not None:
            return learnt
        return _zone_given_back(resource) or self._by_name(resource)

    def _learn(self, resource: Resource) -> None:
        """Keep the name of the zone with an id, where the provider gives back a whole name."""
        ref = _ref_of(resource)
        if ref is not None and (name := _zone_given_back(resource)) is not None:
            self.learnt[resource.kind.provider, ref] = name

    def _learn_by_names(self, resources: Sequence[Resource]) -> None:
        """The name of a zone whose id alone is known, from whole names that are written in it."""
        told: dict[tuple[str, str], Counter[str]] = {}
        for resource in resources:
            ref = _ref_of(resource)
            if ref is None or self._named(resource) is not None:
                continue
            if (name := self._by_name(resource)) is not None:
                told.setdefault((resource.kind.provider, ref), Counter())[name] += 1
        for key, names in told.items():
            if len(names) == 1:
                self.learnt.setdefault(key, next(iter(names)))

    def _stranger(self, resource: Resource) -> ResourceZone:
        """The stand-in for a zone whose name is not known."""
        ref = _ref_of(resource)
        zone = self._stand_in(resource.address if ref is None else (resource.kind.provider, ref))
        zone.ref = ref
        zone.complete = False
        return zone

    def _stand_in(self, key: object, called: str | None = None) -> ResourceZone:
        if key not in self.strangers:
            numbers = self.known.numbers
            number = numbers.setdefault(key, self.known.taken + len(numbers) + 1)
            name = f"unknown-zone-{number}.invalid."
            self.strangers[key] = ResourceZone(name, self.path, stand_in=True, called=called)
        return self.strangers[key]

    def _by_name(self, resource: Resource) -> str | None:
        if resource.kind.names is NameForm.RELATIVE:
            return None
        try:
            text = name_of(resource)
        except Unfit:
            return None
        if isinstance(text, Open) or (owner := zone_name(text)) is None:
            return None
        for name in self.names:
            if is_below(owner, name):
                return name
        sure = resource.kind.names is NameForm.ABSOLUTE or text.endswith(".")
        if sure and VALUE_STAND_IN.fullmatch(last := labels(owner)[-1]):
            return f"{last}."
        found = _organisation(owner, sure=sure)
        if found is not None:
            return found
        declared = sorted(self.known.domains, key=len)
        return next((name for name in declared if is_below(owner, name)), None)


def _names_of(address: str) -> Iterator[str]:
    """By what a resource is named: its address, that without its key, those of its modules."""
    yield address
    yield from (address[: each.start()] for each in _STEP.finditer(address))


def _in_order(each: tuple[Resource, str, object]) -> tuple[bool, int, str, str]:
    """What one of several answers is put into its zone by: what nobody gets by itself, last."""
    answer = each[0].variant_of(each[1], None)
    return not answer.weight, answer.level, each[1], each[0].address


def _keep_variant(
    zone: ResourceZone, owner: str, type: str, answer: Variant, records: Iterable[ResourceRecord]
) -> None:
    """Keep one of several answers; the zone is judged with each of them."""
    zone.variants.setdefault((owner, type), []).append(answer)
    for record in records:
        if record.hidden:
            zone.hidden.setdefault(place_of(record), []).append(_describe(record))
            zone.secret.add((owner, type))


def _note_choice(zone: ResourceZone, content: Content) -> None:
    """Note that who asks gets the answer of the zone or another one, where they differ."""
    owner, type = str(content.owner), str(content.type)
    held = zone.get(owner, type)
    if {record.rdata for record in held or ()} != {record.rdata for record in content.records}:
        zone.note_unknown(owner, type, _which(owner, type))


def _note_types(zone: ResourceZone, owner: str, content: Content, *reasons: str) -> None:
    """Note that the records of a resource are not known: of its type, or of whichever it has."""
    for type in (content.type,) if content.type else _ANY_TYPE:
        zone.note_unknown(owner, type, *reasons)


def _is_held(zone: ResourceZone, owner: str, content: Content) -> bool:
    """Whether what stands at an owner says what some content would say there."""
    held = {rrset.type: rrset for rrset in zone.at(owner)}
    if content.type == "TXT" and "TXT" in held:
        return _beginnings(content.records) <= _beginnings(held["TXT"])
    return content.type in held or "CNAME" in held or (content.type == "CNAME" and bool(held))


def _beginnings(records: Iterable[Record]) -> set[str]:
    texts = [each.text.value.lower() for each in records]
    return {text[:6] for text in texts if begins_mail_record(text)}


def _which(owner: str, type: str) -> str:
    return f"which answer the routing policy of {without_dot(owner)} {type} gives"


def _ref_of(resource: Resource) -> str | None:
    """By what the resource refers to its zone: an id, or what stands for it."""
    return resource.ref or _known_text(resource, resource.kind.zone_ref)


def _zone_given_back(resource: Resource) -> str | None:
    """The name of the zone, from the owner and the whole name that the provider gives back."""
    fqdn = _known_text(resource, resource.kind.fqdn)
    whole = None if fqdn is None else zone_name(fqdn)
    if whole is None:
        return None
    try:
        written = name_of(resource)
    except Unfit:
        return None
    if isinstance(written, Open):
        return None
    label = "" if written == "@" else zone_name(written) or ""
    if label == whole:
        return None  # the name is written as a whole, so it tells nothing of the zone
    return whole[len(label) :] if whole.startswith(label) else None


def _known_text(resource: Resource, property: str | None) -> str | None:
    """A property that is known, not secret and not empty, as text."""
    found = resource.given(property)
    return None if found.unknown or found.hidden else text_of(found) or None


def _organisation(owner: str, *, sure: bool) -> str | None:
    """The organisational domain; None where the name may be relative and its end is no suffix."""
    plain = owner.removesuffix(".").removeprefix("*.")
    while plain.startswith("_"):
        plain = plain.partition(".")[2]
    return registered_domain(plain, accept_unknown=sure)


def place_of(record: ResourceRecord) -> str:
    """What tells a record's findings from others: its resource, or its line in a source."""
    span = record.span
    return span.path if record.where is None else f"{span.path}:{span.line}"


def _describe(record: ResourceRecord) -> str:
    return record.text.value if record.type in TEXT_TYPES else record.plain


def _note_holes(zone: ResourceZone, record: ResourceRecord) -> None:
    """Keep why parts of a text are not known, by what stands in for them."""
    for hole in record.holes:
        zone.open_texts[record.plain[hole.start : hole.end]] = Reason(hole.why, record.made_of)


def _put(zone: ResourceZone, content: Content, resource: Resource) -> None:
    for record in content.records:
        if not zone.contains(record.owner):
            zone.faults.append(
                ZoneFault(
                    ZoneFaultKind.OUT_OF_ZONE,
                    f"{without_dot(record.owner)} is outside the zone {without_dot(zone.origin)}",
                    "Put the record in the zone that it belongs to, or correct its name.",
                    record.span,
                    record.owner,
                    record.type,
                )
            )
            continue
        zone.add(record)
        if record.hidden:
            zone.hidden.setdefault(place_of(record), []).append(_describe(record))
            zone.secret.add((record.owner, record.type))
    zone.faults += content.faults
    for record in content.absent:
        if zone.contains(record.owner):
            zone.add(record)
            zone.note_unknown(record.owner, record.type, record.reason)
    owner = content.owner or zone.origin
    zone.open_texts |= resource.given(resource.kind.name).lacks
    if content.unknown:
        zone.undecided.append(Undecided(UNREAD, owner, tuple(dict.fromkeys(content.unknown))))
    if content.blind:
        zone.complete, zone.is_blind = False, True
    elif content.half_named is not None:
        for type in (content.type,) if content.type else _ANY_TYPE:
            zone.note_half_named(type, content.half_named)
    elif content.lacking:
        _note_types(zone, owner, content, *content.lacking)
    if (behind := content.behind) is not None:
        names = (each.behind.owner for each in content.records if each.behind is not None)
        for name in dict.fromkeys((behind.name, *names)):
            zone.note_aliased(name, owner)
    for record in content.records:
        _note_holes(zone, record)
        if (reasons := record.lacking) and zone.contains(record.owner):
            zone.note_unknown(record.owner, record.type, *reasons)
    zone.take(resource, owner)


def known_zones(
    made: Iterable[NamedZone],
    referred: Iterable[NamedZone] = (),
    table: ResourceTable | None = None,
    domains: Collection[str] = (),
    *,
    is_whole: bool = True,
    taken: int = 0,
) -> KnownZones:
    """What is known of zones from all sides.

    made: zones that are resources themselves.
    referred: zones that are only looked up.
    table: with the zones that the configuration names, by their ids, or calls whole.
    domains: those that the configuration declares.
    is_whole, taken: see KnownZones.
    """
    table = table or ResourceTable()
    known = KnownZones(
        {id: NamedZone(name, (id,)) for id, name in table.zones.items()},
        domains=tuple(domains),
        named_whole=table.whole,
        whole=is_whole,
        taken=taken,
    )
    found: dict[str, list[NamedZone]] = {}
    for zones, own in ((referred, False), (made, True)):
        for zone in zones:
            if own and not zone.private:
                known.made.add(zone.name)
                known.made_ids.update(zone.ids)
            for id in zone.ids:
                for part in dict.fromkeys((id, id.rpartition("/")[2])):
                    found.setdefault(part, []).append(zone)
    for id, sharing in found.items():
        if len({zone.name for zone in sharing}) == 1:
            known.by_ref[id] = min(sharing, key=lambda zone: zone.private)
    return known
