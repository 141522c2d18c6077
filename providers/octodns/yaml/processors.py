"""octoDNS's processors, by their classes: what they do to the records of a zone.

What is known are those of octoDNS 1.22 (octodns/processor/), ours, and that of octodns-spf. One of
another make may do anything, whatever its name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from zonelint.grammars.dnsname import BadName, absolute
from zonelint.grammars.zone import Reason, Zone, relative
from zonelint.providers.documents import table_in
from zonelint.providers.octodns.yaml.names import decoded
from zonelint.providers.octodns.yaml.scalar import FilledStretch, meant

_OURS = ("zonelint.providers.octodns.", "zonelint.providers.octodns.processor.")
_KEEPING = frozenset(
    (
        "octodns.processor.acme.AcmeManagingProcessor",
        "octodns.processor.acme.AcmeMangingProcessor",
        "octodns.processor.arpa.AutoArpa",
        "octodns.processor.filter.ExcludeRootNsChanges",
        "octodns.processor.filter.IgnoreRootNsFilter",
        "octodns.processor.spf.SpfDnsLookupProcessor",
        "octodns.processor.trailing_dots.EnsureTrailingDots",
        "octodns_spf.SpfDnsLookupProcessor",
        "octodns_spf.processor.SpfDnsLookupProcessor",
        *(f"{module}MailAuthProcessor" for module in _OURS),
    )
)
"""Those that leave every record about mail as it is."""

_FILTER = re.compile(
    r"octodns\.processor\.filter\."
    r"(?P<part>Type|Name|Value|NetworkValue)(?P<kind>Allow|Reject)listFilter"
)
_MAIL = ("A", "AAAA", "CNAME", "DNAME", "MX", "NS", "SPF", "SRV", "TLSA", "TXT")
"""The types that rules about mail look at."""
TEMPLATE_FIELD = {"CAA": 2, "SPF": 0, "TXT": 0}
"""The field in which octoDNS fills templates in, where it is no name of a host."""
_BRACES = re.compile(r"\{\{|\}\}|\{(?P<name>[A-Za-z_]\w*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records a processor takes out of a zone.

    It goes by a `part` of each record, its "type" or "name": it leaves those that are `listed` or
    have one of the `patterns`, or takes those where it is `negated`. By the "zone" it takes those
    whose names end with the zone's. Without a `part` nobody can tell from here.

    types: those that it looks at; all where there are none.
    hides: octoDNS leaves alone what a target holds in the place of what is taken.
    refuses: octoDNS ends on what would be taken.
    """

    part: str = ""
    listed: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    negated: bool = False
    types: tuple[str, ...] = ()
    hides: bool = True
    refuses: bool = False

    def takes(self, name: str, type: str, origin: str = ".") -> bool | None:
        """Whether it takes a record with this name, relative to the zone, and type.

        None where nobody can tell.
        """
        if self.part == "zone":
            return bool(name) and name.endswith(origin[:-1]) and not self.refuses
        if self.types and type not in self.types:
            return False
        if not self.part:
            return None
        what = type if self.part == "type" else name
        found = [what in self.listed, *(matches(each, what) for each in self.patterns)]
        if True in found:
            return self.negated
        return None if None in found else not self.negated

    @property
    def names(self) -> frozenset[str] | None:
        """The only names of which it takes anything; None where it is not one for names."""
        is_exact = self.part == "name" and self.negated and not self.patterns
        return self.listed if is_exact else None


_QUICK = re.compile(
    r"(?:\\[.\-dDwWsS]|[\w.^$|-]|\[[^\]\[]*\]|\((?:\?:)?|\)(?![*+?{])|(?<=[\w.\]])[*+?])+"
)
"""Regular expressions that take no longer than their repetitions: no group is repeated."""
_REPEATED = re.compile(r"[*+?]")
_MOST_STEPS = 100_000


def matches(pattern: str, name: str) -> bool | None:
    """Whether a regular expression of a configuration finds a name; None: that may take long."""
    steps = len(name) ** (min(len(_REPEATED.findall(pattern)), 9) + 1)
    if steps > _MOST_STEPS or not _QUICK.fullmatch(pattern):
        return None
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return None  # octoDNS ends on it


@dataclass(frozen=True, slots=True)
class Templates:
    """What a processor fills in where a record's value has a name in braces.

    dots: names of the DNS keep their final dot.
    context: more names; None where what they stand for is not known.
    """

    dots: bool
    context: tuple[tuple[str, str | None], ...]

    def at(self, record: Templated) -> dict[str, str | None]:
        """What is filled in at a record: of what depends on all others nobody can tell."""
        end = None if self.dots else -1
        name = "" if record.owner == record.origin else relative(record.owner, record.origin)
        return {
            "zone_name": decoded(record.origin)[:end],
            "zone_decoded_name": decoded(record.origin)[:end],
            "zone_encoded_name": record.origin[:end],
            "zone_num_records": None,
            "record_name": decoded(name),
            "record_decoded_name": decoded(name),
            "record_encoded_name": name,
            "record_fqdn": decoded(record.owner)[:end],
            "record_decoded_fqdn": decoded(record.owner)[:end],
            "record_encoded_fqdn": record.owner[:end],
            "record_type": record.type,
            "record_ttl": None if record.ttl is None else str(record.ttl),
            "record_source_id": record.source,
            **dict(self.context),
        }


class Templated(NamedTuple):
    """A record whose values may be templates. source: the id of where it comes from."""

    origin: str
    owner: str
    type: str
    ttl: int | None
    source: str | None = None


class Unfilled(Exception):
    """A template that is not filled in here. missing: what would have to be known.

    Where octoDNS ends on it, it has no `missing`, and is the name that is not known there.
    """

    def __init__(self, missing: str, name: str = "") -> None:
        super().__init__(missing or name)
        self.missing = missing
        self.name = name


@dataclass(frozen=True, slots=True)
class Ttls:
    """The shortest and the longest TTL that a processor leaves; others it changes or refuses.

    only: the TTLs that it leaves, where these are listed.
    """

    least: int
    most: int
    refuses: bool = False
    only: frozenset[Any] = frozenset()

    def holds(self, ttl: int) -> bool:
        return self.least <= ttl <= self.most and (not self.only or ttl in self.only)


@dataclass(frozen=True, slots=True)
class Processor:
    """What a processor does to a zone.

    options: what it is configured with, to tell it from another of its id.
    adds: the name at which it writes a TXT record.
    marks: what the names begin with at which it writes one for each record of the zone.
    replaces: what it writes takes the place of what is there.
    """

    id: str
    filter: Filter | None = None
    templates: Templates | None = None
    adds: str | None = None
    marks: str | None = None
    replaces: bool = False
    ttls: Ttls | None = None
    options: str = ""

    @property
    def is_early(self) -> bool:
        """Whether it changes the zone itself, not what each target gets of it."""
        return self.templates is None and self.adds is None

    @property
    def why(self) -> str:
        """What has to be known of it."""
        return Reason(f"what the processor `{self.id}` leaves of the records", self.options)

    def note(self, zone: Zone) -> None:
        """Note in a zone of which records nobody can tell whether they are there."""
        if self.adds is not None:
            _note_at(zone, self.adds, ("TXT",), f"what the processor `{self.id}` writes there")
        taking = self.filter
        if taking is None or not taking.hides:
            return
        if taking.names is not None:
            for name in taking.names:
                _note_at(zone, name, _MAIL, self.why)
        elif taking.part == "name" or any(taking.takes("", t) is not False for t in _MAIL):
            zone.complete = False
            self.tell(zone)

    def tell(self, zone: Zone) -> None:
        """Name it among what the zone is read without."""
        zone.unread = tuple(dict.fromkeys((*zone.unread, self.why)))


def _note_at(zone: Zone, name: str, types: Iterable[str], why: str) -> None:
    owner = owner_of(name, zone.origin)
    if owner is not None:
        for type in types:
            zone.note_unknown(owner, type, why)


def owner_of(name: str, origin: str) -> str | None:
    """The whole name of one that octoDNS has relative to a zone; None where it can be none."""
    try:
        return absolute(name, origin) if name else origin
    except BadName:
        return None


def takes(processors: Iterable[Processor], zone: Zone, owner: str, type: str) -> bool:
    """Whether one of the processors takes the records of an owner and type for certain.

    Where it may, or where a target may hold others in their place, the zone is told.
    """
    name = "" if owner == zone.origin else relative(owner, zone.origin)
    for each in processors:
        taken = False if each.filter is None else each.filter.takes(name, type, zone.origin)
        if each.filter is None or taken is False:
            continue
        if each.filter.hides or taken is None:
            zone.note_unknown(owner, type, each.why)
            each.tell(zone)
        if taken:
            return True
    return False


def clamped(processors: Iterable[Processor], ttl: int) -> tuple[int, str]:
    """The TTL that the processors leave, and the id of one that refuses it."""
    refusing = ""
    for each in processors:
        if each.ttls is not None and not each.ttls.holds(ttl):
            if each.ttls.refuses:
                refusing = refusing or each.id
            else:
                ttl = max(each.ttls.least, min(each.ttls.most, ttl))
    return ttl, refusing


def filled(processors: Iterable[Processor], text: str, record: Templated) -> list[FilledStretch]:
    """What is filled in, in the order of the processors. Raises Unfilled."""
    templates = [each for each in processors if each.templates is not None]
    if not templates or "{" not in text:
        return []
    if len(templates) > 1:
        raise Unfilled(f"what the processors `{templates[0].id}` and `{templates[1].id}` fill in")
    (only,) = templates
    assert only.templates is not None, "only those that fill anything in"
    known = only.templates.at(record)
    found = []
    for match in _BRACES.finditer(text):
        name = match["name"]
        if name is not None and name not in known:
            raise Unfilled("", name)
        value = match[0][:1] if name is None else known[name]
        if len(match[0]) == 1 or value is None:
            raise Unfilled(f"what the processor `{only.id}` fills in")
        found.append(FilledStretch(*match.span(), value))
    return found


def known(id: str, told: Mapping[str, Any], handlers: Iterable[str]) -> Processor:
    """What is known of a processor. handlers: the ids of octoDNS's secret handlers."""
    options = repr(sorted(map(repr, told.items())))
    return replace(_known(id, told, handlers), options=options)


def _known(id: str, told: Mapping[str, Any], handlers: Iterable[str]) -> Processor:
    kind = str(told.get("class", ""))
    if kind in _KEEPING:
        return Processor(id)
    if kind == "octodns.processor.templating.Templating":
        return Processor(id, templates=_templates(told, handlers))
    if kind == "octodns.processor.meta.MetaProcessor":
        return Processor(id, adds=str(told.get("record_name", "meta")))
    if kind == "octodns.processor.ownership.OwnershipProcessor":
        name = str(told.get("txt_name", "_owner"))
        marks = name if "/" not in name else None
        return Processor(id, marks=marks, replaces=bool(told.get("should_replace")))
    if kind == "octodns.processor.clamp.TtlClampProcessor":
        return Processor(id, ttls=_ttls(told, 300, 86_400))
    if kind == "octodns.processor.restrict.TtlRestrictionFilter":
        only = told.get("allowed_ttls")
        listed = frozenset(only if isinstance(only, list) else ())
        return Processor(id, ttls=replace(_ttls(told, 1, 604_800), refuses=True, only=listed))
    if kind == "octodns.processor.filter.ZoneNameFilter":
        refuses = bool(told.get("error", True))
        return Processor(id, Filter("zone", hides=False, refuses=refuses))
    return Processor(id, _filter(kind, told))


def _filter(kind: str, told: Mapping[str, Any]) -> Filter:
    """What is known of a filter: octoDNS's own by types and by names."""
    shape = _FILTER.fullmatch(kind)
    if shape is None:
        return Filter()
    if shape["part"] == "NetworkValue":
        return Filter(types=("A", "AAAA"))
    hides = bool(told.get("include_target", True))
    key = f"{shape['kind'].lower()}list"
    names = told.get(key)
    if shape["part"] == "Value" or not isinstance(names, list):
        return Filter(hides=hides)
    texts = ["" if name is None else str(name) for name in names]
    patterns = [text[1:-1] for text in texts if text.startswith("/") and shape["part"] == "Name"]
    part, negated = shape["part"].lower(), key == "rejectlist"
    return Filter(part, frozenset(texts), tuple(patterns), negated, hides=hides)


def _templates(told: Mapping[str, Any], handlers: Iterable[str]) -> Templates:
    given = table_in(told.get("context"))
    dots = bool(told.get("trailing_dots", True))
    return Templates(dots, tuple((str(key), _text(v, handlers)) for key, v in given.items()))


def _text(value: Any, handlers: Iterable[str]) -> str | None:
    """A value of the configuration as it stands in a text; None where it is not known here."""
    if not isinstance(value, str):
        return None if isinstance(value, dict | list) else str(value)
    handler, slash, rest = value.partition("/")
    if not slash or handler not in (*handlers, "env"):
        return value
    if handler in handlers:
        return None
    variable, slash, preset = rest.partition("/")
    found = os.environ.get(variable, preset if slash else None)
    # Of a number in the environment octoDNS may write another text.
    return found if found is None or str(meant(found)) == found else None


def _ttls(told: Mapping[str, Any], least: int, most: int) -> Ttls:
    low, high = (told.get(key) for key in ("min_ttl", "max_ttl"))
    return Ttls(low if isinstance(low, int) else least, high if isinstance(high, int) else most)
