"""A record of an octoDNS YAML file: one value of an entry, with the way back to every character.

octoDNS keeps the text of a TXT record with its semicolons as `\\;` (`escaped_semicolons`,
True by default), drops the quotes around a value that begins with one, joins `"…" "…"` and cuts
what it sends into strings of 255 octets (octodns/record/chunked.py). What is read here is the text
that it sends; of a text that it refuses for its backslashes, the text that was meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from yaml.nodes import ScalarNode, SequenceNode

from zonelint.grammars.dnsname import absolute
from zonelint.grammars.masterfile.rdata import string_octets
from zonelint.grammars.masterfile.tokens import Offsets, SourceText, words_of
from zonelint.grammars.rdata import quote, split_octets, txt_rdata
from zonelint.grammars.spelling import ZONE_FILE, Spelling
from zonelint.grammars.zone import TARGET_FIELD, TEXT_TYPES, Field, Record, Span, Text, relative
from zonelint.providers.octodns.yaml.document import Pair, YamlPlace, end_of
from zonelint.providers.octodns.yaml.processors import Processor
from zonelint.providers.octodns.yaml.scalar import places
from zonelint.rules.model.wording import Supply

ALIAS_SUFFIX = "/ALIAS"
JOINT = '" "'
ESCAPED = "\\;"
_SEMICOLON = re.compile(r"(?<!\\)\\++;")
"""A semicolon, with one backslash or with more: octoDNS refuses a record that has too many, and
what was meant is the semicolon alone."""

FIELD_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "CAA": (("flags",), ("tag",), ("value",)),
    "MX": (("preference", "priority"), ("exchange", "value")),
    "SRV": (("priority",), ("weight",), ("port",), ("target",)),
    "TLSA": (
        ("certificate_usage",),
        ("selector",),
        ("matching_type",),
        ("certificate_association_data",),
    ),
}
"""The keys of a value that is a mapping, in the order of the rdata; either name will do."""


@dataclass(frozen=True, slots=True)
class ConfiguredSupply(Supply):
    """zonelint's own source, or its processor in mode apply.

    config: the zonelint.toml that it is given; None where that is not known here.
    """

    config: str | None = None


@dataclass(frozen=True, slots=True)
class EntrySettings:
    """What an octoDNS provider is told about its files.

    escaped: whether `;` is written `\\;`; None where nothing says (both are then read).
    replace: its records take the place of those of the sources in front of it.
    natural: whether its keys are in natural order (`a2` before `a10`) or in that of characters.
    ordered: whether octoDNS refuses keys that are not in this order.
    lenient: whether octoDNS is asked to warn of what is wrong with the zone and go on.
    targets: the ids of the zone's targets; none where no configuration tells them.
    below: the zones below this one, whose records octoDNS refuses here.
    keeps_below: whether it does so, and does not leave them out.
    processors: the zone's processors, in octoDNS's order.
    others: what the zone has beside these files.
    doubts: what is not known of octoDNS itself.
    suppliers: zonelint's own source, or its processor in mode apply, where the zone has one.
    relative: the id of a target where a name without its final dot is one of the zone.
    source: the id of the provider; None where no configuration tells it.
    unasked: octoDNS's validators that are switched off, each with a type.
    """

    default_ttl: int = 3600
    escaped: bool | None = None
    replace: bool = False
    natural: bool = True
    ordered: bool = False
    lenient: bool = False
    targets: tuple[str, ...] = ()
    below: frozenset[str] = frozenset()
    keeps_below: bool = True
    processors: tuple[Processor, ...] = ()
    others: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    suppliers: tuple[ConfiguredSupply, ...] = ()
    relative: str = ""
    source: str | None = None
    unasked: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class YamlEntry:
    """One mapping with a `type`: what octoDNS makes one record of, and several records of ours.

    name: the key that holds it, with the mapping or the list of mappings as its value.
    place: the mapping.
    listed: it is one of a list.
    parts: its keys.
    lenient: octoDNS is asked to warn of what is wrong with it and go on.
    targets: the zone's targets that it is written to.
    """

    name: Pair
    place: YamlPlace
    listed: bool
    parts: dict[str, Pair]
    settings: EntrySettings
    lenient: bool = False
    targets: tuple[str, ...] = ()

    @property
    def source(self) -> SourceText:
        return self.place.source

    def is_asked(self, validator: str, type: str) -> bool:
        """Whether octoDNS refuses what one of its validators complains of at a type."""
        return not self.lenient and (validator, type) not in self.settings.unasked

    @property
    def start(self) -> YamlPlace:
        """Where it begins: at its key, or at its own mapping in a list of several."""
        return self.place if self.listed else self.name.key


class OctoSpelling(Spelling):
    """octoDNS's keys: every name is one below the zone, and targets are whole names."""

    owner_dots = False

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def owner(self, name: str) -> str:
        written = relative(name, self.origin)
        return "''" if written == "@" else written


@dataclass(eq=False, repr=False, slots=True)
class OctoRecord(Record):
    """One value of an entry. `value` is its node: a scalar, or a mapping of fields.

    extra: the value stands in a geo or dynamic part, not under `value` or `values`.
    is_proxied: the options for Cloudflare switch its proxy on.
    """

    owner: str
    type: str
    ttl: int | None
    entry: YamlEntry
    value: YamlPlace
    nodes: tuple[YamlPlace, ...]
    extra: bool = False
    is_proxied: bool = False

    def __repr__(self) -> str:
        return f"<{self.owner} {self.ttl} {self.type} {self.rdata}>"

    @property
    def source(self) -> SourceText:
        return self.value.source

    @property
    def spelling(self) -> Spelling:
        key = str(self.entry.name.key.node.value).lower()
        if not key:
            return OctoSpelling(self.owner)
        if self.owner.startswith(f"{key}."):
            return OctoSpelling(self.owner[len(key) + 1 :])
        return ZONE_FILE  # the name is written in other characters

    @property
    def words(self) -> list[str]:
        """The fields as written; what a type has none of is its scalars in their order.

        A line feed, which a YAML scalar may hold, is a blank: rdata is one line.
        """
        return [" ".join(node.node.value.splitlines()) for node in self.nodes]

    @property
    def rdata(self) -> str:
        if self.type in TEXT_TYPES:
            return txt_rdata(self.text.value)
        words = self.words
        index = TARGET_FIELD.get(self.type)
        if index is not None and index < len(words):
            words[index] = absolute_target(words[index])
        if self.type == "CAA":
            words[2] = quote(words[2].encode())
        return " ".join(words)

    @property
    def fields(self) -> Sequence[Field]:
        if self.type in TEXT_TYPES:
            text = self.text
            found = []
            at = 0
            for string in text.strings:
                shown = quote(string.encode("utf-8", "surrogateescape"))
                found.append(Field(shown, text.span(at, at + len(string))))
                at += len(string)
            return tuple(found)
        return tuple(Field(node.node.value, node.span) for node in self.nodes)

    def read_text(self) -> Text:
        """The text as octoDNS sends it."""
        raw = self.nodes[0].node.value
        pieces = (raw[1:-1] if raw[:1] == '"' else raw).split(JOINT)
        if "\\" in raw:
            pieces = [_SEMICOLON.sub(";", piece) for piece in pieces]
        strings = tuple(string for piece in pieces for string in _strings(piece))
        return Text(self, strings, "".join(pieces))

    def stretch(self, start: int, end: int) -> Span:
        return self.value.source.span(start, end)

    @property
    def opening(self) -> int:
        source, node = self.value
        return min(node.start_mark.index + 1, end_of(source, node))

    def places_in(self, value: str) -> list[Offsets]:
        """The places of the characters that octoDNS leaves of the value."""
        source, node = self.nodes[0]
        assert isinstance(node, ScalarNode)
        spots, raw = places(source.text, node), node.value
        at, end = (1, len(raw) - 1) if raw[:1] == '"' else (0, len(raw))
        found: list[Offsets] = []
        while at < end:
            if raw.startswith(JOINT, at, end):
                at += len(JOINT)
            elif raw[at] == "\\" and (written := _SEMICOLON.match(raw, at, end)):
                found.append((spots[at][0], spots[written.end() - 1][1]))
                at = written.end()
            else:
                found.append(spots[at])
                at += 1
        return found

    @property
    def is_alternative(self) -> bool:
        return self.extra

    @property
    def is_item(self) -> bool:
        """Whether it is one of several values, so that its place is its own item."""
        values = self.entry.parts.get("values") or self.entry.parts.get("value")
        return values is not None and isinstance(values.value.node, SequenceNode)

    @property
    def span(self) -> Span:
        start = self.entry.start
        at = start.node.start_mark.index
        if (
            self.extra
            or self.is_item
            or start.source is not self.value.source
            or at > self.value.node.start_mark.index
        ):
            return self.value.span
        return self.value.source.span(at, end_of(*self.value))

    @property
    def owner_span(self) -> Span:
        return self.entry.name.key.span

    @property
    def ttl_span(self) -> Span:
        ttl = self.entry.parts.get("ttl")
        return self.span if ttl is None else ttl.value.span

    @property
    def rdata_span(self) -> Span:
        return self.value.span


@dataclass(eq=False, repr=False, slots=True)
class PlacedRecord(Record):
    """A record that stands in no file as it is: each of its parts has the same place, if any."""

    owner: str
    type: str
    ttl: int | None
    rdata: str = field()  # not the property of all records
    span: Span = field()
    is_alternative: bool = False
    is_proxied: bool = False

    @property
    def fields(self) -> Sequence[Field]:
        return tuple(Field(word, self.span) for word in words_of(self.rdata))

    def read_text(self) -> Text:
        return Text.of_octets(self, [string_octets(word) for word in words_of(self.rdata)])


def absolute_target(written: str) -> str:
    """The name that a target means: octoDNS wants it whole, with its final dot. Raises BadName."""
    return absolute(written if written.endswith(".") else f"{written}.", ".")


def alias_target(written: str, origin: str) -> str:
    """Where a provider's own ALIAS leads: with a final dot a whole name, else one of the zone.

    Raises BadName.
    """
    return absolute(written, origin) if written else origin


def _strings(piece: str) -> list[str]:
    """The character-strings that octoDNS cuts a text into."""
    if len(piece) * 4 <= 255:
        return [piece]
    octets = piece.encode("utf-8", "surrogateescape")
    return [part.decode("utf-8", "surrogateescape") for part in split_octets(octets)]
