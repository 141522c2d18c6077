"""The table of resource types: one TOML file each provider, and the user's own types.

A file of the table, and a table `resources.types.<name>` of zonelint.toml, have this form; the
other keys are those of `schema`:

    pulumi = ["example:index/record:Record"]     # what Pulumi calls the type
    terraform = ["example_record"]               # what Terraform calls it
    cloudformation = ["Example::DNS::Record"]    # what CloudFormation calls it
    name = "name"                                # the property with the owner
    names = "relative"                           # absolute, relative, suffix
    zone-name = "zone"                           # the property with the zone's name …
    zone-ref = "zoneId"                          # … or with its id
    type = "type"                                # or fixed-type = "TXT"
    ttl = "ttl"
    text = "plain"                               # inner, presentation, either, plain, strings
    cut = 255                                    # the provider cuts longer texts itself
    targets = "absolute"                         # or relative
    values = { at = "values" }                   # for every type …
    [….by-type]
    MX = { at = "value", single = true, before = ["priority"] }   # … but for these
    [….terraform-names]
    values = "value"                             # Terraform's name, where it is not "values"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, cast

from zonelint.rules.config.schema import (
    FLAG,
    Choice,
    ConfigKey,
    Entry,
    Many,
    Rest,
    SchemaProblem,
    Table,
    TextValue,
    UnfitValue,
    Whole,
    describe,
    spell,
)

from .kinds import NameForm, RecordKind, ResourceWorld, Targets, TxtForm, ValueForm, ZoneKind

RECORD_GROUP = "AWS::Route53::RecordSetGroup"
"""A type that holds records of another one, for which no table is needed."""


class TableError(Exception):
    """A user's own resource type that cannot be used. messages: one sentence each, with the key."""

    def __init__(self, messages: Iterable[str]) -> None:
        self.messages = tuple(messages)
        super().__init__("\n".join(self.messages))

    @property
    def refusal(self) -> str:
        """Why what needs the table is not read."""
        faults = "; ".join(self.messages)
        stop = "" if faults.endswith("?") else "."
        return f"Not read, because zonelint.toml cannot be used: {faults}{stop}"


@dataclass(slots=True)
class ResourceTable:
    """Resource types by what the worlds call them.

    zones: names of zones by their id.
    whole: the zones that the configuration calls whole, None where it calls none so.
    """

    records: dict[str, RecordKind] = field(default_factory=dict)
    zone_kinds: dict[str, ZoneKind] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    whole: tuple[str, ...] | None = None

    def record(self, type: str) -> RecordKind | None:
        """The kind of record resource that a Pulumi token or a Terraform type names."""
        return self.records.get(type) or self.records.get(without_version(type))

    def zone(self, type: str) -> ZoneKind | None:
        """The kind of zone resource that a Pulumi token or a Terraform type names."""
        return self.zone_kinds.get(type) or self.zone_kinds.get(without_version(type))

    def knows(self, type: str) -> bool:
        """Whether a Pulumi token or a Terraform type is one of records or zones."""
        return self.record(type) is not None or self.zone(type) is not None

    def add(self, kind: RecordKind | ZoneKind) -> None:
        """Know a type; one that is known under the same name is replaced."""
        for type in (*kind.tokens, *kind.types):
            if isinstance(kind, RecordKind):
                self.records[type] = kind
            else:
                self.zone_kinds[type] = kind


def without_version(token: str) -> str:
    """A token of azure-native without the version of the API that may stand in it."""
    return _VERSION.sub(r"\1:", token) if token.startswith("azure-native:") else token


_VERSION = re.compile(r"^(azure-native:[a-z]+)/v[0-9a-z]+:")


def schema() -> tuple[ConfigKey, ...]:
    """Every key of `[resources]`, for the reference in the documentation."""
    return tuple(describe(_OWN, "resources."))


def shipped() -> ResourceTable:
    """The table that comes with zonelint, as a copy to add to."""
    table = ResourceTable()
    for kind in _shipped():
        table.add(kind)
    return table


def is_built_in(type: str) -> bool:
    """Whether a type is read without any configuration."""
    return shipped().knows(type) or type == RECORD_GROUP


def table_for(own: Mapping[str, object] | None) -> ResourceTable:
    """The table with the user's own types and zone ids: `[resources]` of zonelint.toml.

    Raises TableError.
    """
    table = shipped()
    if not own:
        return table
    problems: list[SchemaProblem] = []
    read = cast(dict[str, Any], _OWN.read(dict(own), ("resources",), problems))
    for id, entry in (read or {}).get("types", {}).items():
        _need_ends(id, entry, problems)
    if problems:
        raise TableError(_placed(problem) for problem in problems)
    table.zones.update(read.get("zones", {}))
    table.whole = tuple(read["whole"]) if "whole" in read else None
    for id, entry in read.get("types", {}).items():
        table.add(_record(id, entry, id))
    for id, entry in read.get("zone-types", {}).items():
        table.add(_zone(id, entry))
    return table


def _placed(problem: SchemaProblem) -> str:
    """What is wrong, with the key that it is about in front."""
    if problem.message.startswith("resources"):
        return problem.message
    return f"{spell(problem.path)}: {problem.message}"


def _need_ends(id: str, entry: Mapping[str, Any], problems: list[SchemaProblem]) -> None:
    at = ("resources", "types", id)
    where = f"resources.types.{id}"
    if not any(entry.get(world.value) for world in ResourceWorld):
        text = f'{where}: "pulumi" or "terraform" must give the name of the type'
        problems.append(SchemaProblem(at, text))
    if "type" not in entry and "fixed-type" not in entry:
        text = f'{where}: "type" must name the property with the record type, or "fixed-type" it'
        problems.append(SchemaProblem(at, text))
    if "values" not in entry and not entry.get("by-type"):
        problems.append(SchemaProblem(at, f'{where}: "values" must say where the values are'))


def _type_name(text: str) -> str:
    if not text.isascii() or not text.isalnum():
        raise UnfitValue(f'"{text}" is not a record type')
    return text.upper()


def _zone_name(text: str) -> str:
    from zonelint.grammars.dnsname import BadName, whole_name

    try:
        return whole_name(text)
    except BadName as fault:
        raise UnfitValue(fault.message) from None


_PROPERTY = TextValue("property")
_NAMES = Many(TextValue("type"))
_VALUE = Table(
    (
        Entry("at", _PROPERTY, "The property with the values.", required=True),
        Entry("instead", _PROPERTY, "An older name of that property."),
        Entry("single", FLAG, "It holds one value, not a list.", "false"),
        Entry("item", _PROPERTY, "The key of the value inside an object."),
        Entry("item-ttl", _PROPERTY, "The key of the TTL inside an object."),
        Entry("item-name", _PROPERTY, "The key of the owner inside an object."),
        Entry("item-type", _PROPERTY, "The key of the record type inside an object."),
        Entry("fields", Many(_PROPERTY), "Keys of an object, in the order of the rdata."),
        Entry("before", Many(_PROPERTY), "Properties that go in front of the value."),
        Entry("before-in", _PROPERTY, "The object that they may be in instead."),
        Entry("lead", TextValue(), "What goes in front of all that."),
    )
)
_RENAMED = Table(
    rest=Rest("<property>", _PROPERTY, TextValue("property"), "Terraform's name for it.")
)
_GIVEN_BACK = Table(
    rest=Rest(
        "<property>", _PROPERTY, TextValue("property"), "What the provider gives back in its place."
    )
)
_PATHS = Many(TextValue("property"))
_POLICY = Table(
    (
        Entry("weight", _PATHS, "How often it is the answer; a dot leads into a property.", "[]"),
        Entry("failover", _PATHS, "`SECONDARY` where the answer waits for another's fall.", "[]"),
        Entry("place", _PATHS, "Continent, country and part of those it is for.", "[]"),
        Entry("network", _PATHS, "The network of those it is for.", "[]"),
        Entry("nearest", _PATHS, "The place that those it is for are nearest to.", "[]"),
        Entry("health", _PATHS, "What tells whether the answer is down.", "[]"),
        Entry("together", _PATHS, "It is given beside the other answers after all.", "[]"),
    )
)
_RECORD = Table(
    (
        Entry("pulumi", _NAMES, "Tokens of the type.", "[]"),
        Entry("terraform", _NAMES, "Names of the type.", "[]"),
        Entry("cloudformation", _NAMES, "CloudFormation's names of the type.", "[]"),
        Entry("name", _PROPERTY, "The property with the owner.", required=True),
        Entry("names", Choice([form.value for form in NameForm]), "What the owner is relative to: "
              "nothing, the zone, or the zone unless the name ends with the zone's own.",
              required=True),
        Entry("apex", Choice(["@", ""]), "How the zone itself is written.", '"@"'),
        Entry("at-is-label", FLAG, "@ is a name like any other, not the zone.", "false"),
        Entry("final-dot", FLAG, "Whole names are written with their final dot.", "false"),
        Entry("zone-name", _PROPERTY, "The property with the zone's name."),
        Entry("zone-ref", _PROPERTY, "The property with the zone's id."),
        Entry("fqdn", _PROPERTY, "The property in which the provider gives back the whole name."),
        Entry("given-back", _GIVEN_BACK, "Properties that only the program has."),
        Entry("type", _PROPERTY, "The property with the record type."),
        Entry("fixed-type", TextValue("record type", _type_name), "The record type."),
        Entry("type-names", Table(rest=Rest("<type>", TextValue("record type", _type_name),
                                            TextValue("record type", _type_name),
                                            "The type in the DNS, where the provider's differs."))),
        Entry("ttl", _PROPERTY, "The property with the TTL in seconds."),
        Entry("ttl-text", FLAG, "The TTL is a string.", "false"),
        Entry("ttl-default", Many(Whole(0, 2**31 - 1)), "TTLs that mean the provider's own.", "[]"),
        Entry("text", Choice([f.value for f in TxtForm]), "How the text of a TXT is written: "
              "without the quotes around it, as in a zone file, in quotes or without, as it is, as "
              "a list of strings.", required=True),
        Entry("cut", Whole(0, 255), "Octets at which the provider cuts a long text.", "0"),
        Entry("octal", FLAG, "Escapes of three digits are octal.", "false"),
        Entry("comments", FLAG, "`;` outside quotes starts a comment.", "false"),
        Entry("targets", Choice([t.value for t in Targets]), "What a target without final dot is.",
              '"absolute"'),
        Entry("alias", _PROPERTY, "The property that refers to values elsewhere."),
        Entry("target", _PROPERTY, "What of it has the name or the id that it refers to; a dot "
              "leads into a property."),
        Entry("target-zone", _PROPERTY, "What of it has the id of the zone with that name."),
        Entry("routes", Many(_PROPERTY), "Lists in that property, each element with values of its "
              "own: one of several answers.", "[]"),
        Entry("variant", _PROPERTY, "The property that makes it one of several answers."),
        Entry("policy", _POLICY),
        Entry("inside", _PROPERTY, "The property with a list of records, each with the others."),
        Entry("exclusive", FLAG, "Nobody else makes records of the zone.", "false"),
        Entry("proxied", _PROPERTY, "The property that has the provider answer by itself."),
        Entry("flattens", FLAG, "A CNAME at the zone itself is answered with addresses.",
              "false"),
        Entry("values", _VALUE, "Where the values are."),
        Entry("by-type", Table(rest=Rest("<type>", _VALUE, TextValue("record type", _type_name),
                                         "Where the values of this type are."))),
        Entry("terraform-names", _RENAMED, "Properties that have another name in Terraform."),
    )
)  # fmt: skip
_ZONE = Table(
    (
        Entry("pulumi", _NAMES, "Tokens of the type.", "[]"),
        Entry("terraform", _NAMES, "Names of the type.", "[]"),
        Entry("cloudformation", _NAMES, "CloudFormation's names of the type.", "[]"),
        Entry("name", _PROPERTY, "The property with the zone's name.", required=True),
        Entry("instead", _PROPERTY, "An older name of that property."),
        Entry("given-back", _GIVEN_BACK, "Properties that only the program has."),
        Entry("below", _PROPERTY, "The property with a name that goes in front of it."),
        Entry("ids", Many(_PROPERTY), "Properties by which records refer to it.", '["id"]'),
        Entry("within", Many(_PROPERTY), "Properties that hold a list of zones.", "[]"),
        Entry("private", Many(_PROPERTY), "Properties that only a private zone has.", "[]"),
        Entry("private-values", Many(TextValue()), "What they say of a private zone.", "any value"),
        Entry("terraform-names", _RENAMED, "Properties that have another name in Terraform."),
    )
)
_ID = TextValue("name")
_OWN = Table(
    (
        Entry("zones", Table(rest=Rest("<id>", TextValue("zone name", _zone_name), TextValue("id"),
                                       "The zone with this id."))),
        Entry("whole", Many(TextValue("zone name", _zone_name)),
              "The zones of which every record is here: in no other zone is any called missing.",
              "those made here or declared"),
        Entry("types", Table(rest=Rest("<name>", _RECORD, _ID, "A resource type of records."))),
        Entry("zone-types", Table(rest=Rest("<name>", _ZONE, _ID, "A resource type of zones."))),
    )
)  # fmt: skip
_FILE = Table(
    (
        Entry("provider", TextValue(), "The provider's name.", required=True),
        Entry("checked", TextValue(), "The SDKs that the names were checked against."),
        Entry("documented", TextValue(), "The documentation that they were read from, and when."),
        Entry("notes", TextValue(), "What is special, and where it is documented."),
        Entry("records", Table(rest=Rest("<name>", _RECORD, _ID))),
        Entry("zones", Table(rest=Rest("<name>", _ZONE, _ID))),
    )
)


@cache
def _shipped() -> tuple[RecordKind | ZoneKind, ...]:
    kinds: list[RecordKind | ZoneKind] = []
    for name, table in files().items():
        problems: list[SchemaProblem] = []
        read = cast(dict[str, Any], _FILE.read(table, (), problems))
        for id, entry in read.get("records", {}).items():
            _need_ends(id, entry, problems)
        if problems:
            raise AssertionError(f"{name}: {problems[0].message}")
        provider = read["provider"]
        kinds += (_record(id, entry, provider) for id, entry in read.get("records", {}).items())
        kinds += (_zone(id, entry) for id, entry in read.get("zones", {}).items())
    return tuple(kinds)


@cache
def files() -> Mapping[str, dict[str, Any]]:
    """The files of the table as they stand, by name."""
    here = resources.files(__package__ or __name__)
    found = sorted((e for e in here.iterdir() if e.name.endswith(".toml")), key=lambda e: e.name)
    return {entry.name: tomllib.loads(entry.read_text(encoding="utf-8")) for entry in found}


def _record(id: str, entry: Mapping[str, Any], provider: str) -> RecordKind:
    names = NameForm(entry["names"])
    made = {
        "apex": "@" if names is NameForm.RELATIVE else None,
        **_called(entry),
        **_fields(entry),
        "names": names,
        "text": TxtForm(entry["text"]),
        "targets": Targets(entry.get("targets", Targets.ABSOLUTE.value)),
        "values": {type: _value(value) for type, value in entry.get("by-type", {}).items()},
        "default": _value(entry["values"]) if "values" in entry else None,
    }
    return RecordKind(id=id, provider=provider, **made)


def _value(entry: Mapping[str, Any]) -> ValueForm:
    return ValueForm(**_fields(entry))


def _zone(id: str, entry: Mapping[str, Any]) -> ZoneKind:
    return ZoneKind(id=id, **{"ids": ("id",), **_called(entry), **_fields(entry)})


def _called(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What the worlds call a type."""
    types = (*entry.get("terraform", ()), *entry.get("cloudformation", ()))
    return {"tokens": entry.get("pulumi", ()), "types": types}


_NO_FIELDS = {"pulumi", "terraform", "cloudformation", "by-type"}


def _fields(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The other keys of an entry, as the fields are called that they fill."""
    return {
        "terraform" if key == "terraform-names" else key.replace("-", "_"): value
        for key, value in entry.items()
        if key not in _NO_FIELDS
    }
