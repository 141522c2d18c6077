"""octoDNS YAML into a Zone: without octoDNS, without its manager, without credentials.

A file maps names (`''` is the apex) to one record or to a list of records::

    '':
      - type: MX
        values:
          - {exchange: mail.example.com., preference: 10}
      - type: TXT
        value: v=spf1 mx -all        # noqa: SPF204
    _dmarc:
      ttl: 3600
      type: TXT
      value: v=DMARC1\\; p=none

What octoDNS itself would refuse, or would pass over in silence, is a fault of the zone; the rest of
the file is read. Facts of octoDNS are those of its version 1.22 (octodns/provider/yaml.py and
octodns/record/).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from itertools import pairwise

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from zonelint.grammars.dnsname import BadName, absolute, quote_source
from zonelint.grammars.masterfile.rdata import READ_TYPES, article, rdata_fault
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import (
    TARGET_FIELD,
    TEXT_TYPES,
    Span,
    ZoneFault,
    ZoneFaultKind,
    nearest,
    relative,
    without_dot,
)
from zonelint.providers.octodns.yaml.document import (
    Include,
    Pair,
    YamlDocument,
    YamlFault,
    YamlPlace,
    is_null,
    scalar,
)
from zonelint.providers.octodns.yaml.noqa import suppressions
from zonelint.providers.octodns.yaml.pools import (
    Pool,
    PoolRule,
    PoolValue,
    refusals,
    variants_of,
)
from zonelint.providers.octodns.yaml.processors import (
    TEMPLATE_FIELD,
    Processor,
    Templated,
    Unfilled,
    clamped,
    filled,
    owner_of,
    takes,
)
from zonelint.providers.octodns.yaml.record import (
    ALIAS_SUFFIX,
    ESCAPED,
    FIELD_KEYS,
    ConfiguredSupply,
    EntrySettings,
    OctoRecord,
    YamlEntry,
    alias_target,
)
from zonelint.providers.octodns.yaml.scalar import FilledNode, is_key, is_text, meant, order_key
from zonelint.providers.octodns.yaml.validators import (
    ANY,
    DYNAMIC,
    HEALTHCHECK,
    OF_VALUE,
    PROTOCOLS,
    TEXT,
    refusal_of_name,
    refusal_of_value,
)
from zonelint.rules.model.settings import Settings
from zonelint.rules.model.wording import LEFT_AS_IT_IS, SuppliedZone

SINGLE_VALUED = frozenset(("ALIAS", "CNAME", "DNAME"))
_WITH_GEO = frozenset(("A", "AAAA"))
_WITH_POOLS = frozenset(("A", "AAAA", "CNAME", "DNAME"))
_WHOM = ("geos", "subnets")
_ReadValues = Callable[[Iterable[YamlPlace]], tuple[str, ...]]
LARGEST_TTL = 2**31 - 1
_FLAGS = ("flags",)
"""The field, of CAA, that is 0 to octoDNS where it is not written."""

_TYPES = frozenset(
    (
        *("A", "AAAA", "ALIAS", "CAA", "CNAME", "DNAME", "DS", "HTTPS", "LOC", "MX", "NAPTR", "NS"),
        *("OPENPGPKEY", "PTR", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT", "URI", "URLFWD"),
    )
)
"""The types that octoDNS knows; the name of one that a provider brings has a slash."""

LEAVE_TTL = frozenset(("auto-ttl", "proxied"))
"""Options with which octoDNS leaves a record's TTL to Cloudflare."""
_UNESCAPED = re.compile(r"\w;")
_TWICE_ESCAPED = re.compile(r"\\\\;")
_PLACEHOLDER = re.compile(r"(?<!%)\{[A-Za-z_]\w*\}")
_NUMBERS = {"CAA": (0,), "MX": (0,), "SRV": (0, 1, 2), "TLSA": (0, 1, 2)}
"""The fields of which octoDNS makes numbers: what YAML takes for one in octal is another."""


class OctoZone(SuppliedZone):
    """A zone of octoDNS YAML.

    `configuration` is the path of octoDNS's own that names it; "" where it was found without.
    `provider` names the targets that get these records, where others get other records.
    `files` are the files that were asked for, with their settings; `texts` those and what they
    include. `filled` is the zone with what its suppliers add, and what holds for each of them.
    `silent` are the faults that octoDNS itself passes over without a word.
    """

    __slots__ = (
        "configuration",
        "copy_of",
        "entries",
        "files",
        "filled",
        "include",
        "provider",
        "silent",
        "texts",
    )

    def __init__(
        self,
        origin: str,
        files: Sequence[tuple[SourceText, EntrySettings]],
        include: Include,
        copy_of: str = "",
    ) -> None:
        super().__init__(origin, files[0][0].path if files else without_dot(origin))
        self.configuration = ""
        self.provider = ""
        self.copy_of = copy_of
        if not files or copy_of:
            why = f"is an alias of {without_dot(copy_of)}, whose records it has"
            self.unwritable = f"{without_dot(origin)} {why if files else 'has no file'}"
        if copy_of:
            self.elsewhere = f"As {self.unwritable}, other records need a zone of its own."
        self.files = tuple(files)
        self.include = include
        self.texts: list[SourceText] = []
        self.entries: list[YamlEntry] = []
        self.silent: list[ZoneFault] = []
        self.filled: tuple[Sequence[Settings], OctoZone] | None = None
        told = (each for _, settings in files for each in settings.suppliers)
        self.suppliers: Collection[ConfiguredSupply] = tuple(dict.fromkeys(told))

    @property
    def targets(self) -> Collection[str]:
        """The ids of the targets that get it, where a configuration tells them."""
        return tuple(dict.fromkeys(t for _, settings in self.files for t in settings.targets))

    @property
    def publisher(self) -> tuple[str, Collection[str]] | None:
        """Who publishes it, whatever files it is read from: a configuration, and the targets."""
        return (self.configuration, self.targets) if self.configuration else None

    @property
    def is_whole(self) -> bool:
        """Whether nothing adds to it but its suppliers: then what they add is known."""
        return not any(settings.others for _, settings in self.files) and (
            bool(self.files) or self.complete
        )


def unread_zone(origin: str, configuration: str, unread: tuple[str, ...]) -> OctoZone:
    """A zone that a configuration names and that has no file; `unread` is what it has."""

    def nothing(including: str, name: str) -> tuple[str, str]:
        raise YamlFault(f"{including} includes nothing", "")

    zone = OctoZone(origin, (), nothing)
    zone.path = zone.configuration = configuration
    zone.complete = not unread
    zone.unread = unread
    return zone


def read(
    origin: str,
    files: Sequence[tuple[SourceText, EntrySettings]],
    include: Include,
    *,
    copy_of: str = "",
    roots: dict[int, Node | None] | None = None,
) -> OctoZone:
    """The zone that the files hold together, in their order. Raises YamlFault.

    `copy_of` is the zone that it is an alias of, in whose files its records are. `roots` are those
    of sources that were composed already (see Document).
    """
    zone = OctoZone(origin, files, include, copy_of)
    _Reader(zone, roots).run()
    return zone


def read_again(
    zone: OctoZone, files: Sequence[tuple[SourceText, EntrySettings]], include: Include
) -> OctoZone:
    """The zone as it is in these texts. Raises YamlFault."""
    made = read(zone.origin, files, include, copy_of=zone.copy_of)
    made.provider = zone.provider
    return made


class _Reader:
    """Reads the files of one zone."""

    def __init__(self, zone: OctoZone, roots: dict[int, Node | None] | None) -> None:
        self.zone = zone
        self.document = YamlDocument(zone.include, roots)
        self.sets: dict[tuple[str, str], list[OctoRecord]] = {}

    def run(self) -> None:
        zone = self.zone
        for source, settings in zone.files:
            root = self.document.open(source)
            if root is None or is_null(root.node):
                continue
            if not isinstance(root.node, MappingNode):
                raise YamlFault(
                    "The file contains no mapping of names to records.",
                    "Write `name:` with its record below it.",
                    root.span,
                )
            for pair in self._last_of_each(self.document.pairs(root)).values():
                self._name(pair, settings)
            if settings.ordered:
                self._check_order(root, natural=settings.natural)
        for place in self.document.odd_tags():
            self._fault(
                f"The tag `{quote_source(place.node.tag)}` is none that octoDNS reads a text with.",
                "Remove it, or put the value in quotes.",
                place.span,
            )
        zone.texts = list({source.path: source for source in self.document.sources}.values())
        for records in self.sets.values():
            for record in records:
                zone.add(record)
        self._note_others()
        zone.suppressions += suppressions(zone.texts, zone.entries)

    def _note_others(self) -> None:
        """Note what a filter may take, and which sources add what is not in these files."""
        zone = self.zone
        settings = [settings for _, settings in zone.files]
        added: dict[str, str] = {}
        for each in settings[0].processors if settings else ():
            each.note(zone)
            self._add_of(each, added)
        others = dict.fromkeys(source for told in settings for source in told.others)
        doubts = dict.fromkeys(doubt for told in settings for doubt in told.doubts)
        zone.unread += (*others, *doubts)
        zone.complete = zone.complete and not others

    def _add_of(self, processor: Processor, added: dict[str, str]) -> None:
        """Take in the TXT records that a processor adds; tell of one that is there already.

        added: those that processors in front of it have added, each by its owner.
        """
        owners = self._owners_of_added(processor)
        for owner in () if processor.replaces else owners:
            held = self.sets.get((owner, "TXT"), ())
            before = added.get(owner)
            place = next(iter(held), owners[owner])
            if place is None or not (held or before):
                continue
            if held:
                why = "a TXT record here, beside this one"
                advice = "Let it add others, by `record_name` or `txt_name`, or remove the record."
            elif before == processor.id:
                why = f"the TXT record {without_dot(owner)} twice"
                advice = "It comes to the zone twice: give it `should_replace: true`."
            else:
                why = f"the TXT record {without_dot(owner)}, which {before} has added"
                advice = "Give one of them another `record_name` or `txt_name`."
            self._fault(
                f"The processor {processor.id} adds {why}, so octodns-sync refuses the zone.",
                advice,
                place.rdata_span,
                place.owner,
                place.type,
            )
            break
        added |= dict.fromkeys(owners, processor.id)

    def _owners_of_added(self, processor: Processor) -> dict[str, OctoRecord | None]:
        """Where a processor adds TXT records, each with the record that it adds it for."""
        origin = self.zone.origin
        held = [each for each in self.zone.each_record() if isinstance(each, OctoRecord)]
        names = {} if processor.adds is None else {processor.adds: next(iter(held), None)}
        for each in held if processor.marks is not None else ():
            below = "" if each.owner == origin else f".{relative(each.owner, origin)}"
            names[f"{processor.marks}.{each.type}{below.replace('*', '_wildcard')}"] = each
        found = ((owner_of(name, origin), each) for name, each in names.items())
        return {owner: each for owner, each in found if owner is not None}

    def _fault(
        self,
        message: str,
        advice: str,
        span: Span,
        owner: str | None = None,
        type: str = "",
        *,
        silent: bool = False,
    ) -> None:
        fault = ZoneFault(ZoneFaultKind.SYNTAX, message, advice, span, owner, type or None)
        self.zone.faults.append(fault)
        if silent:
            self.zone.silent.append(fault)

    def _last_of_each(self, pairs: list[Pair]) -> dict[str, Pair]:
        """The pairs that octoDNS sees, by key: of a key that stands twice, the last."""
        last: dict[Hashable, Pair] = {}
        for pair in pairs:
            before = last.get(pair.meaning)
            name = f"`{quote_source(pair.name) or chr(39) * 2}`"
            if before is not None and pair.merged:
                self._fault(
                    f"`<<` comes after {name} and brings in another one, and octoDNS uses the "
                    "last: what is written here is never published.",
                    "Write `<<` as the first key.",
                    before.key.span,
                    silent=True,
                )
            elif before is not None:
                self._fault(
                    f"{name} appears twice in this file, and octoDNS reads only the last: what is "
                    "written here is never published.",
                    "Put both under one name, as a list.",
                    before.key.span,
                    silent=True,
                )
            last[pair.meaning] = pair
        return {pair.name: pair for pair in last.values()}

    def _check_order(self, root: YamlPlace, *, natural: bool) -> None:
        """Tell of every mapping with keys that octoDNS, which wants them sorted, refuses."""
        todo, seen = [root], set()
        while todo:
            place = self.document.resolved(todo.pop())
            if id(place.node) in seen:
                continue
            seen.add(id(place.node))
            if isinstance(place.node, SequenceNode):
                todo += (YamlPlace(place.source, node) for node in reversed(place.node.value))
            elif isinstance(place.node, MappingNode):
                pairs = self.document.uncounted(place)
                todo += (pair.value for pair in reversed(pairs))
                self._check_keys(pairs, natural=natural)

    def _check_keys(self, pairs: list[Pair], *, natural: bool) -> None:
        firsts: dict[Hashable, Pair] = {}
        for pair in pairs:
            firsts.setdefault(pair.meaning, pair)
        for before, pair in pairwise(firsts.values()):
            if not _in_order(before, pair, natural=natural):
                self._fault(
                    f"`{quote_source(pair.name) or chr(39) * 2}` comes after "
                    f"`{quote_source(before.name)}`, and octoDNS refuses a file whose keys are "
                    "not in order.",
                    "Sort the keys, or set `enforce_order: false` for the provider.",
                    pair.key.span,
                )
                return

    # -- names ---------------------------------------------------------------------------------

    def _name(self, pair: Pair, settings: EntrySettings) -> None:
        owner = self._owner(pair)
        if owner is None:
            return
        listed = isinstance(pair.node, SequenceNode)
        for place in self.document.items(pair.value):
            if not isinstance(place.node, MappingNode):
                self._fault(
                    "There is no record below this name.",
                    "Write `type:`, `value:` and perhaps `ttl:` below it.",
                    pair.key.span if is_null(place.node) else place.span,
                    owner,
                )
                continue
            self._entry(owner, pair, place, listed, settings)

    def _owner(self, pair: Pair) -> str | None:
        key = pair.key
        if not isinstance(key.node, ScalarNode):
            self._fault("A name must be a text.", "Write `name:`.", key.span)
            return None
        name = pair.name
        origin = self.zone.origin
        if not key.node.style and isinstance(pair.meaning, str) and not is_key(name):
            self._fault(
                f"YAML reads `{quote_source(name)}` as an impossible date, so octoDNS cannot read "
                "the file.",
                "Put it in quotes.",
                key.span,
            )
            return None
        if name.lower() != key.node.value.lower():
            self._fault(
                f"YAML reads `{quote_source(key.node.value)}` as {_kind(pair.meaning)}, and "
                f"octoDNS publishes the name `{quote_source(name.lower())}`.",
                f"Write `'{quote_source(key.node.value)}'`, in quotes.",
                key.span,
                silent=True,
            )
        if name == "":
            return origin
        if name == "@":
            self._fault(
                "octoDNS has no `@`: it refuses the name.", "Write `''` for the zone's own name.",
                key.span, origin,
            )  # fmt: skip
            return origin
        if name.endswith(".") or re.search(r"\s", name):
            self._fault(
                f"octoDNS refuses the name `{quote_source(name)}`: it adds the zone's name to "
                "every name itself.",
                "Write only the part before the zone's name, without a final dot or space.",
                key.span,
            )
            return None
        if self._refused_by_idna(name, is_owner=True):
            self._fault(*_refused_name(name), key.span)
        try:
            return absolute(name, origin)
        except BadName as fault:
            self._fault(fault.message, fault.advice, key.span)
            return None

    @staticmethod
    def _refused_by_idna(name: str, *, is_owner: bool = False) -> bool:
        """Whether a name is one that octoDNS ends on: it shows owners as U-labels."""
        if name.isascii() and not (is_owner and "xn--" in name.lower()):
            return False
        import idna

        try:
            for label in name.lower().split("."):
                if not label.isascii():
                    idna.encode(label)
                elif is_owner and label.startswith("xn--"):
                    idna.decode(label)
        except UnicodeError:
            return True
        return False

    # -- records -------------------------------------------------------------------------------

    def _entry(
        self, owner: str, name: Pair, place: YamlPlace, listed: bool, settings: EntrySettings
    ) -> None:
        parts = self._last_of_each(self.document.pairs(place))
        written = scalar(parts["type"].node) if "type" in parts else None
        if written is None:
            self._fault(
                "The record has no `type`, so octoDNS refuses the file.",
                "Write for example `type: TXT`.",
                place.span if listed else name.key.span,
                owner,
            )
            return
        type = self._type(written, parts["type"].value, owner)
        options = parts.get("octodns")
        if options is not None and not isinstance(options.node, MappingNode):
            self._fault(
                "`octodns` is not a mapping of options, so octoDNS ends on it.",
                "Write the options below it, or remove it.",
                options.key.span,
                owner,
                type,
            )
        asked = self._switched_on(options)
        lenient = "lenient" in asked or settings.lenient
        targets = self._targets(parts, settings)
        entry = YamlEntry(name, place, listed, parts, settings, lenient, targets)
        self.zone.entries.append(entry)
        self._check_entry(owner, type, entry)
        seconds, refusing = clamped(settings.processors, self._ttl(parts, settings, owner, type))
        if refusing and "lenient" not in asked:
            self._fault(
                f"The processor {refusing} allows no TTL of {seconds}, so octodns-sync refuses the "
                "zone.",
                "Write one that it allows.",
                (parts.get("ttl") or parts["type"]).value.span,
                owner,
                type,
            )
        ttl: int | None = seconds
        if not LEAVE_TTL.isdisjoint(self._of_cloudflare(parts)):
            ttl = None
        records = self._records(owner, type, ttl, entry)
        is_taken = takes(settings.processors, self.zone, owner, type)
        if settings.below and not lenient:
            is_taken |= self._is_left_to_another(owner, type, settings, name.key.span)
        key = (owner, type)
        is_ignored, is_kept = "ignored" in asked, bool(settings.targets and not targets)
        if is_ignored and not is_taken:
            self.zone.note_unknown(*key, LEFT_AS_IT_IS)
        if is_taken or is_ignored or is_kept:
            records = []
            self.zone.variants.pop(key, None)
        if is_kept and not is_taken:
            self.zone.kept.add(key)
        else:
            self.zone.kept.discard(key)
        if key in self.sets and not settings.replace:
            self._fault(
                f"{without_dot(owner)} has a second {type} record, and octoDNS refuses the zone.",
                "Put the values of both in one list, `values`.",
                parts["type"].value.span,
                owner,
                type,
            )
            self.sets[key] += records
        else:
            self.sets[key] = records

    def _check_entry(self, owner: str, type: str, entry: YamlEntry) -> None:
        """Tell what octoDNS refuses of a record, whatever its values are."""
        written = scalar(entry.parts["type"].node)
        refused = refusal_of_name(written or "", entry.name.name)
        if refused is not None and entry.is_asked(refused[0], type):
            self._fault(*refused[1:], entry.name.key.span, owner, type)
        options = entry.parts.get("octodns")
        for pair in self._below_one(options, "lenient"):
            if not isinstance(_meaning(pair.node), int):
                self._fault(
                    "`lenient` is not a yes or no, so octoDNS ends on it.",
                    "Write `true` or `false`.",
                    pair.value.span,
                    owner,
                    type,
                )
        for pair in self._below_one(options, "healthcheck"):
            told = self._below_one(pair, "protocol")
            is_mapping = isinstance(pair.node, MappingNode)
            is_known = all(scalar(each.node) in PROTOCOLS for each in told)
            if not is_mapping or (not is_known and entry.is_asked(HEALTHCHECK, ANY)):
                self._fault(
                    "The `healthcheck` is none that octoDNS knows, so it refuses the record.",
                    f"Write its `protocol` below it: {', '.join(sorted(PROTOCOLS))}.",
                    pair.value.span,
                    owner,
                    type,
                )

    def _is_left_to_another(
        self, owner: str, type: str, settings: EntrySettings, span: Span
    ) -> bool:
        """Whether octoDNS leaves out a record of a zone below; tells where it refuses it."""
        below = nearest(owner, settings.below)
        if below not in settings.below or (owner == below and type in ("NS", "DS")):
            return False
        if settings.keeps_below:
            self._fault(
                f"{without_dot(owner)} belongs to the zone {without_dot(below)}, which octoDNS "
                "has as well, so it refuses the record here.",
                "Move it to the file of that zone.",
                span,
                owner,
                type,
            )
        return not settings.keeps_below

    def _type(self, written: str, place: YamlPlace, owner: str) -> str:
        if written not in _TYPES and "/" not in written:
            upper = written.upper()
            self._fault(
                f"octoDNS knows no type `{quote_source(written)}`, so it refuses the file.",
                f"Write `{upper}`." if upper in _TYPES else "Look for its name in octoDNS's types.",
                place.span,
                owner,
                upper,
            )
            return upper
        # Providers' own types, such as Route53Provider/ALIAS, answer like an ALIAS.
        return "ALIAS" if written.endswith(ALIAS_SUFFIX) else written

    def _targets(self, parts: dict[str, Pair], settings: EntrySettings) -> tuple[str, ...]:
        """The targets of the zone that octoDNS writes the record to."""
        options = parts.get("octodns")
        if not settings.targets or options is None or not isinstance(options.node, MappingNode):
            return settings.targets
        held = {pair.name: pair.value for pair in self.document.pairs(options.value)}
        included, excluded = (self._texts(held.get(key)) for key in ("included", "excluded"))
        return tuple(
            target
            for target in settings.targets
            if (not included or target in included) and target not in excluded
        )

    def _texts(self, place: YamlPlace | None) -> list[str] | str:
        """The texts of a list; of a text, in the place of a list, octoDNS asks what is in it."""
        if place is None or not isinstance(place.node, SequenceNode):
            return "" if place is None else scalar(place.node) or ""
        return [text for item in self.document.items(place) if (text := scalar(item.node))]

    def _of_cloudflare(self, parts: dict[str, Pair]) -> set[str]:
        """The options for Cloudflare that the record switches on."""
        options = self._below_one(parts.get("octodns"), "cloudflare")
        return set().union(*map(self._switched_on, options))

    def _switched_on(self, options: Pair | None) -> set[str]:
        pairs = [] if options is None else self._below([options])
        return {pair.name for pair in pairs if _is_true(pair.node)}

    def _ttl(self, parts: dict[str, Pair], settings: EntrySettings, owner: str, type: str) -> int:
        pair = parts.get("ttl")
        if pair is None:
            return settings.default_ttl
        text = scalar(pair.node) or ""
        number = _number(pair.node)
        if number is not None and 0 <= number <= LARGEST_TTL:
            return number
        self._fault(
            f"`{quote_source(text)}` is not a TTL: octoDNS takes a number of seconds, up to "
            f"{LARGEST_TTL}.",
            "Write the seconds as a plain number.",
            pair.value.span,
            owner,
            type,
        )
        return settings.default_ttl

    # -- values --------------------------------------------------------------------------------

    def _records(
        self, owner: str, type: str, ttl: int | None, entry: YamlEntry
    ) -> list[OctoRecord]:
        places = self._value_places(entry, owner, type)
        found = [self._record(owner, type, ttl, entry, place) for place in places]
        records = [record for record in found if record is not None]
        if type == "ALIAS":
            # One for A and one for AAAA lead to one name.
            records = list({record.rdata: record for record in records}.values())
        others: list[OctoRecord] = []

        def read(places: Iterable[YamlPlace]) -> tuple[str, ...]:
            made = [self._record(owner, type, ttl, entry, each, extra=True) for each in places]
            held = [record for record in made if record is not None]
            others.extend(held)
            return tuple(record.rdata for record in held)

        pools = self._geo(entry, read) if type in _WITH_GEO else {}
        rules = [PoolRule(place, (place,)) for place in pools]
        if type in _WITH_POOLS and "dynamic" in entry.parts:
            pools, rules = self._pools(entry, read), self._rules(entry)
            if entry.is_asked(DYNAMIC, type):
                for why in refusals(pools, rules):
                    message = f"Of the dynamic part {why}, so octoDNS refuses the record."
                    advice = "Correct it; octoDNS's documentation of dynamic records shows how."
                    self._fault(message, advice, entry.parts["dynamic"].key.span, owner, type)
        if others:
            self.zone.variants[owner, type] = variants_of(records, others, rules, pools)
        known = {record.rdata for record in records}
        return records + list({o.rdata: o for o in others if o.rdata not in known}.values())

    def _value_places(self, entry: YamlEntry, owner: str, type: str) -> list[YamlPlace]:
        value, values = entry.parts.get("value"), entry.parts.get("values")
        single = scalar(entry.parts["type"].node) in SINGLE_VALUED
        if values is not None and value is not None:
            left = values if single else value
            self._fault(
                f"The record has `value` and `values`, and octoDNS ignores `{left.name}`.",
                "Keep one of them.",
                left.key.span,
                owner,
                type,
                silent=True,
            )
        chosen = values or value
        if single:
            chosen = value or values
            if chosen and (chosen is values or isinstance(chosen.node, SequenceNode)):
                self._fault(
                    f"A {type} record has one value only, and octoDNS looks for it under `value`.",
                    "Write `value:` with the one name.",
                    chosen.key.span,
                    owner,
                    type,
                )
        if chosen is None or is_null(chosen.node) or self._is_refused_list(chosen, entry, type):
            self._fault(
                f"The {type} record has no value, so octoDNS refuses the file.",
                "Write `value:` with the record's data, or remove the record.",
                (chosen.key if chosen else entry.parts["type"].value).span,
                owner,
                type,
            )
            return []
        return self.document.items(chosen.value)

    @staticmethod
    def _is_refused_list(values: Pair, entry: YamlEntry, type: str) -> bool:
        """Whether octoDNS refuses a list of values because there are none in it."""
        if type not in OF_VALUE or type in FIELD_KEYS or values.node.value:
            return False
        return isinstance(values.node, SequenceNode) and entry.is_asked(OF_VALUE[type], type)

    def _geo(self, entry: YamlEntry, read: _ReadValues) -> dict[str, Pool]:
        """The values of the old `geo` part: a list for each region."""
        geo = entry.parts.get("geo")
        pairs = [] if geo is None else self._below([geo])
        return {
            pair.name: Pool([PoolValue(read(self.document.items(pair.value)))]) for pair in pairs
        }

    def _pools(self, entry: YamlEntry, read: _ReadValues) -> dict[str, Pool]:
        """The pools of a `dynamic` part: any of their values may be the answer."""
        found: dict[str, Pool] = {}
        for pool in self._below(self._below_one(entry.parts.get("dynamic"), "pools")):
            values: list[PoolValue] = []
            for listed in self._below_one(pool, "values"):
                for item in self._mappings(listed):
                    rdatas = read([item["value"].value] if "value" in item else ())
                    weight = _number(item["weight"].node) if "weight" in item else 1
                    status = scalar(item["status"].node) if "status" in item else None
                    values.append(PoolValue(rdatas, weight or 0, status or "obey"))
            fallback = next((scalar(e.node) for e in self._below_one(pool, "fallback")), None)
            found[pool.name] = Pool(values, fallback)
        return found

    def _rules(self, entry: YamlEntry) -> list[PoolRule]:
        listed = self._below_one(entry.parts.get("dynamic"), "rules")
        return [
            PoolRule(
                scalar(rule["pool"].node) or "" if "pool" in rule else "",
                *(self._texts(rule[key].value if key in rule else None) for key in _WHOM),
            )
            for pair in listed
            for rule in self._mappings(pair)
        ]

    def _mappings(self, listed: Pair) -> list[dict[str, Pair]]:
        """The mappings of a list, each by its keys."""
        return [
            {pair.name: pair for pair in self.document.pairs(item)}
            for item in self.document.items(listed.value)
            if isinstance(item.node, MappingNode)
        ]

    def _below(self, pairs: list[Pair]) -> list[Pair]:
        return [
            inner
            for pair in pairs
            if isinstance(pair.node, MappingNode)
            for inner in self.document.pairs(pair.value)
        ]

    def _below_one(self, pair: Pair | None, name: str) -> list[Pair]:
        return [] if pair is None else [p for p in self._below([pair]) if p.name == name]

    def _record(
        self,
        owner: str,
        type: str,
        ttl: int | None,
        entry: YamlEntry,
        place: YamlPlace,
        extra: bool = False,
    ) -> OctoRecord | None:
        if is_null(place.node):
            self._fault(
                f"A value of the {type} record is empty, so octoDNS refuses the file.",
                "Write the value, or remove the line.",
                place.span,
                owner,
                type,
            )
            return None
        if type in TEXT_TYPES:
            sound = self._check_text(owner, type, entry, place)
            nodes: tuple[YamlPlace, ...] | None = (place,) if sound else None
        elif type in FIELD_KEYS:
            nodes = self._fields(owner, type, place)
        elif type == "ALIAS" and isinstance(place.node, MappingNode):
            nodes = self._aliased(place)
        elif type in OF_VALUE and not isinstance(place.node, ScalarNode):
            self._fault(
                f"The value of a {type} record is one text, and this is something else.",
                "Write `value:` with the data after it.",
                place.span,
                owner,
                type,
            )
            nodes = None
        else:
            nodes = tuple(self._scalars(place))
        if nodes is not None and not extra:
            nodes = self._filled(Templated(self.zone.origin, owner, type, ttl), entry, nodes)
        if nodes is None or not self._is_sound(owner, type, nodes, entry):
            return None
        proxied = "proxied" in self._of_cloudflare(entry.parts)
        return OctoRecord(owner, type, ttl, entry, place, nodes, extra, proxied)

    def _filled(
        self, record: Templated, entry: YamlEntry, nodes: tuple[YamlPlace, ...]
    ) -> tuple[YamlPlace, ...] | None:
        """The nodes with what octoDNS fills in; None where that is not known."""
        index = TEMPLATE_FIELD.get(record.type, TARGET_FIELD.get(record.type))
        if index is None:
            return nodes
        source, node = nodes[index]
        assert isinstance(node, ScalarNode), "the fields that are filled in are texts"
        try:
            stretches = filled(
                entry.settings.processors, node.value, record._replace(source=entry.settings.source)
            )
        except Unfilled as why:
            self._note_unfilled(record, why, nodes[index].span)
            return None
        if not stretches:
            return nodes
        made = YamlPlace(source, FilledNode(node, stretches))
        return (*nodes[:index], made, *nodes[index + 1 :])

    def _note_unfilled(self, record: Templated, why: Unfilled, span: Span) -> None:
        """Tell of a name that octoDNS does not know, on which it ends; else what is not known."""
        missing = why.missing or f"what octoDNS fills in for `{{{why.name}}}`"
        self.zone.note_unknown(record.owner, record.type, missing)
        if why.missing:
            self.zone.unread += (missing,)
            return
        self._fault(
            f"octoDNS has nothing to fill in for `{{{why.name}}}`, and ends on it.",
            f"Write `{{{{{why.name}}}}}` for braces that are to stay, or name it in the "
            "processor's `context`.",
            span,
            record.owner,
            record.type,
        )

    def _check_text(self, owner: str, type: str, entry: YamlEntry, place: YamlPlace) -> bool:
        """Whether the value can be read at all; what octoDNS would refuse is told either way."""
        node = place.node
        if not isinstance(node, ScalarNode):
            self._fault(
                f"The value of a {type} record is one text, and this is something else.",
                "Put the value in single quotes.",
                place.span,
                owner,
                type,
            )
            return False
        value, settings = node.value, entry.settings
        is_asked = entry.is_asked(TEXT, type)
        complaint = None
        if not node.style and not is_text(value):
            complaint = (
                f"YAML reads `{quote_source(value)}` as a number, a date or a boolean, not as a "
                "text, so octoDNS refuses it.",
                "Put it in quotes.",
            )
        elif value[:1] == '"' and (len(value) == 1 or value[-1] != '"'):
            complaint = (
                "The text starts with a quote and does not end with one, so octoDNS removes its "
                "first and last characters.",
                "Remove the quote, or close it.",
            )
        elif settings.escaped is True and is_asked and _UNESCAPED.search(value):
            complaint = (
                "A semicolon is not escaped, so octoDNS refuses the record.",
                r"Write `\;` for `;`, or set `escaped_semicolons: false` for the provider.",
            )
        elif (settings.escaped is False and ESCAPED in value) or _TWICE_ESCAPED.search(value):
            complaint = (
                "A semicolon is escaped once too often, so octoDNS refuses the record.",
                "Write `;` for it." if settings.escaped is False else r"Write `\;` for it.",
            )
        elif not value.isascii() and is_asked:
            odd = next(each for each in value if not each.isascii())
            complaint = (
                f"The text contains `{quote_source(odd)}`, which is not ASCII, so octoDNS refuses "
                "the record.",
                "Write it in ASCII.",
            )
        if complaint is not None:
            cut = value[:1] == '"'
            self._fault(*complaint, place.span, owner, type, silent=cut)
        return True

    def _fields(self, owner: str, type: str, place: YamlPlace) -> tuple[YamlPlace, ...] | None:
        """The fields of a value that is a mapping, in the rdata's order."""
        keys = FIELD_KEYS[type]
        usage = ", ".join(names[0] for names in keys)
        if not isinstance(place.node, MappingNode):
            self._fault(
                f"The value of {article(type)} {type} record is a mapping of {usage}, and this "
                "is something else, so octoDNS refuses the file.",
                f"Write `{keys[0][0]}:` and the others below `value:`.",
                place.span,
                owner,
                type,
            )
            return None
        held = {pair.name: pair.value for pair in self.document.pairs(place)}
        found: list[YamlPlace] = []
        for names in keys:
            field = next((held[name] for name in names if name in held), None)
            if field is None and names == _FLAGS:
                marks = place.node.start_mark, place.node.start_mark
                field = YamlPlace(place.source, ScalarNode("", "0", *marks))
            if field is None or scalar(field.node) is None:
                self._fault(
                    f"The {type} record has no `{names[0]}`, so octoDNS refuses the file.",
                    f"Write `{names[0]}:` with its value.",
                    place.span,
                    owner,
                    type,
                )
                return None
            found.append(field)
        for index in _NUMBERS.get(type, ()):
            number = _number(found[index].node)
            if number is not None:
                source, node = found[index]
                written = ScalarNode("", str(number), node.start_mark, node.end_mark)
                found[index] = YamlPlace(source, written)
        return tuple(found)

    def _aliased(self, place: YamlPlace) -> tuple[YamlPlace, ...] | None:
        """Where a provider's own ALIAS leads: a service's name, or one of this zone (see
        octodns_route53/record.py). One that answers with anything but addresses, or whose target
        has no name, makes the zone a part: what it answers nobody can tell from here.
        """
        held = {pair.name: pair.value for pair in self.document.pairs(place)}
        answers = held.get("type")
        named = held.get("name")
        if answers is None or scalar(answers.node) not in _WITH_GEO or named is None:
            self.zone.complete = False
            return None
        node = named.node
        try:
            target = alias_target(scalar(node) or "", self.zone.origin)
        except BadName:
            self.zone.complete = False
            return None
        return (YamlPlace(named.source, ScalarNode("", target, node.start_mark, node.end_mark)),)

    def _scalars(self, place: YamlPlace) -> list[YamlPlace]:
        """The scalars of a value of a type that no rule reads."""
        if isinstance(place.node, MappingNode):
            return [
                pair.value
                for pair in self.document.pairs(place)
                if isinstance(pair.node, ScalarNode)
            ]
        return [place] if isinstance(place.node, ScalarNode) else []

    def _is_sound(
        self, owner: str, type: str, nodes: tuple[YamlPlace, ...], entry: YamlEntry
    ) -> bool:
        if type in TEXT_TYPES or (type not in READ_TYPES and type != "ALIAS"):
            return True
        words = [node.node.value for node in nodes]
        place = TARGET_FIELD.get(type)
        is_told = entry.settings.source is not None
        if not is_told and place is not None and _PLACEHOLDER.search(words[place]):
            # A processor may fill it in, which octoDNS's configuration tells.
            self.zone.complete = False
            return False
        if place is not None and self._refused_by_idna(words[place]):
            self._fault(*_refused_name(words[place]), nodes[place].span, owner, type)
        # A provider's own ALIAS may have fields of its own, and leads to a name like a CNAME.
        read_as = type if type in READ_TYPES else "CNAME"
        fault = rdata_fault(read_as, words, self.zone.origin)
        if fault is not None:
            span = nodes[min(fault.field, len(nodes) - 1)].span
            self._fault(fault.message, fault.advice, span, owner, type)
            return False
        refused = refusal_of_value(scalar(entry.parts["type"].node) or "", words)
        if refused is not None and entry.is_asked(refused[1][0], type):
            self._fault(*refused[1][1:], nodes[refused[0]].span, owner, type)
        target = entry.settings.relative
        if target and place is not None and words[place][-1:] not in (".", "}"):
            self._fault(
                f"`{quote_source(words[place])}` lacks its final dot, and at {target}, where "
                "octoDNS writes it as it is, it is a name of the zone.",
                "Write it with its final dot.",
                nodes[place].span,
                owner,
                type,
            )
        return True


def _in_order(one: Pair, other: Pair, *, natural: bool) -> bool:
    """Whether octoDNS takes two keys in this order: it cannot compare a number with a text."""
    if not natural and not (isinstance(one.meaning, str) and isinstance(other.meaning, str)):
        numbers = [key for key in (one.meaning, other.meaning) if isinstance(key, int | float)]
        return len(numbers) == 2 and numbers[0] <= numbers[1]
    return order_key(one.name, natural=natural) <= order_key(other.name, natural=natural)


def _number(node: Node) -> int | None:
    """The number that octoDNS takes a scalar for; None where it ends on it."""
    if not isinstance(node, ScalarNode) or len(node.value) > _LONGEST_NUMBER:
        return None
    meaning = _meaning(node)
    try:
        return int(meaning) if isinstance(meaning, str | int | float) else None
    except (ValueError, OverflowError):
        return None


_LONGEST_NUMBER = 64


def _refused_name(name: str) -> tuple[str, str]:
    return (
        f"`{quote_source(name)}` is not a name that IDNA allows, so octoDNS ends on it.",
        "Look for a character that cannot be seen, or write the label as it is read.",
    )


def _is_true(node: Node) -> bool:
    """Whether Python takes a value for true, as octoDNS asks: of a text, whether there is any."""
    return bool(_meaning(node))


def _meaning(node: Node) -> object:
    """What YAML reads a scalar as; of anything else, the nodes in it."""
    plain = isinstance(node, ScalarNode) and not node.style
    return meant(node.value) if plain else node.value


def _kind(meaning: Hashable) -> str:
    """What YAML reads a key as that is no text, in words."""
    if meaning is None:
        return "no value"
    if isinstance(meaning, bool):
        return "a yes or no"
    return "a number" if isinstance(meaning, int | float) else "a date"
