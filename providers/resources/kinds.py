"""What is known of a resource type: where its owner, zone, type, TTL and values stand.

The same table serves Pulumi and Terraform: most Pulumi providers are made from Terraform's, so a
property has one name in two spellings, `zoneId` and `zone_id`. Where they differ in more than
the spelling, the table names both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

TYPE_KEY = r"(?:(?:dns|record|rr|r)[_-]?){0,3}type"
"""A property with a record's type, whatever the resource: `type`, `record_type`, `rrtype`."""
MX_TYPE = rf"""(?<![\w-]){TYPE_KEY}["']?\s*[=:]\s*["']?MX["']?(?![\w-])"""
"""The same with the type MX, as it is written in HCL, JSON and YAML."""


class ResourceWorld(Enum):
    """Whose spelling a resource's properties have."""

    PULUMI = "pulumi"
    TERRAFORM = "terraform"
    CLOUDFORMATION = "cloudformation"


class NameForm(Enum):
    """What the owner that is written in a resource is relative to."""

    ABSOLUTE = "absolute"
    """Nothing: it is a whole name, with or without its final dot."""
    RELATIVE = "relative"
    """The zone: `www`; the zone itself is `@` or empty."""
    SUFFIX = "suffix"
    """The zone, unless the name ends with the zone's own name."""


class Targets(Enum):
    """What a name in a value (of a CNAME, an MX …) without its final dot means."""

    ABSOLUTE = "absolute"
    """The whole name: the provider adds the dot."""
    RELATIVE = "relative"
    """A name below the zone."""


class TxtForm(Enum):
    r"""How the text of a TXT record is written in a property.

    The example is the text `ab` cut into the strings `a` and `b`.
    """

    INNER = "inner"
    r"""`a""b` or `a" "b`: the provider puts quotes around it (Route 53)."""
    PRESENTATION = "presentation"
    r"""`"a" "b"`, as in a zone file; without quotes, every word is a string of its own."""
    EITHER = "either"
    r"""`"a" "b"`, or `ab` without quotes, blanks included."""
    PLAIN = "plain"
    """`ab`: the property is the text."""
    STRINGS = "strings"
    """A list of the strings."""


@dataclass(frozen=True, slots=True)
class ValueForm:
    """Where the values of one record type stand in a resource, and how one of them is written.

    at: the property.
    instead: the one to look into where it is not set (an older name).
    single: it holds one value and not a list.
    item: the key of the value inside an object, item_ttl that of its TTL; item_name and item_type
      those of owner and type, which stand there again.
    fields: keys of an object that make up the rdata, in the rdata's order.
    before: properties of the resource that go in front of the value, where they are set (the
      preference of an MX, say), or keys of the object that before_in is.
    lead: what goes in front of all, where the provider leaves no choice.
    """

    at: str
    instead: str | None = None
    single: bool = False
    item: str | None = None
    item_ttl: str | None = None
    item_name: str | None = None
    item_type: str | None = None
    fields: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    before_in: str | None = None
    lead: str | None = None


@dataclass(frozen=True, slots=True)
class RecordKind:
    r"""A resource type that holds records of one owner and one type, or a list of such.

    id: the table's own name for it.
    provider: who answers for its records.
    tokens and types: what Pulumi and Terraform call it.
    apex: how the zone itself is written where names are relative, or are best written so; None
      where they are written whole, and final_dot: then with their final dot.
    at_is_label: `@` is a name like any other, not the zone. zone_name and zone_ref are the
      properties with the zone's name and with a reference to it (an id); a property may be both.
      fqdn is the one in which the provider gives the whole name back. type is the property with the
      record type, fixed_type the type where the resource type has one only.
    type_names: types of the provider's own, and what the DNS has in their place.
    ttl_text: the TTL is a string.
    ttl_default: the numbers that stand for the provider's own TTL. alias is a property that, when
      it is set, stands for values that are not in the resource. target and target_zone say what it
      leads to: a name or an id, and the id of the zone that the name is in; a dot leads into one.
    routes: lists in it, of which each element has values of its own and is one of several answers.
    variant: one that, when it is set, makes the resource one of several answers, of which each
      asker gets one.
    policy: where it says what that answer goes by; a dot leads into a property.
    flattens: a CNAME at the zone itself is answered with the addresses of its target.
    cut: octets at which the provider itself cuts a long text into strings, 0 where it does not.
    octal: its escapes `\ooo` are octal.
    comments: `;` outside of quotes begins a comment.
    inside: the property with a list, of which each element has the other properties.
    exclusive: nobody else makes records of the zone.
    proxied: the property that tells that the provider answers with addresses of its own.
    given_back: properties that the provider does not give back, with those that it has instead.
    terraform: names that differ by more than the spelling.
    """

    id: str
    tokens: tuple[str, ...]
    types: tuple[str, ...]
    name: str
    names: NameForm
    values: Mapping[str, ValueForm]
    default: ValueForm | None
    text: TxtForm
    targets: Targets = Targets.ABSOLUTE
    zone_name: str | None = None
    zone_ref: str | None = None
    type: str | None = None
    fixed_type: str | None = None
    ttl: str | None = None
    ttl_default: tuple[int, ...] = ()
    alias: str | None = None
    target: str | None = None
    target_zone: str | None = None
    cut: int = 0
    octal: bool = False
    comments: bool = False
    terraform: Mapping[str, str] = field(default_factory=dict)
    provider: str = ""
    apex: str | None = None
    at_is_label: bool = False
    final_dot: bool = False
    ttl_text: bool = False
    fqdn: str | None = None
    variant: str | None = None
    policy: Mapping[str, Sequence[str]] = field(default_factory=dict)
    flattens: bool = False
    inside: str | None = None
    exclusive: bool = False
    proxied: str | None = None
    type_names: Mapping[str, str] = field(default_factory=dict)
    given_back: Mapping[str, str] = field(default_factory=dict)
    routes: tuple[str, ...] = ()

    def form(self, type: str) -> ValueForm | None:
        """Where values of this record type stand; None for a type that is not in the table."""
        return self.values.get(type, self.default)

    def spelt(self, property: str, world: ResourceWorld) -> str:
        """The property as it is called in a world."""
        return _spelt(property, world, self.terraform)

    def zone_properties(self, world: ResourceWorld) -> list[str]:
        """The properties that refer to its zone or name it, in a world's spelling."""
        return [self.spelt(each, world) for each in (self.zone_ref, self.zone_name) if each]

    def properties(self, world: ResourceWorld) -> Iterator[str]:
        """Every property of the resource that is read, in a world's spelling."""
        found = [self.name, self.zone_name, self.zone_ref, self.type, self.ttl, self.alias]
        found += [self.fqdn, self.variant, self.inside, self.proxied]
        if not self.routes:  # there each answer says it itself
            found += [path.partition(".")[0] for paths in self.policy.values() for path in paths]
        found += self.given_back.values()
        for form in (*self.values.values(), *([self.default] if self.default else [])):
            found += [form.at, form.instead, form.before_in, *form.before]
        return (self.spelt(each, world) for each in dict.fromkeys(found) if each is not None)


@dataclass(frozen=True, slots=True)
class ZoneKind:
    """A resource type that is a zone. ids are properties by whose values records refer to it.

    instead: the property with the name where `name` is not set (an older one).
    below: the one with a name that goes in front of it.
    given_back: as for records.
    within: properties that may hold a list of zones in place of one.
    private: properties that tell of a zone which only a private network sees: where one of them has
      a value, or one of `private_values` if there are any.
    """

    id: str
    tokens: tuple[str, ...]
    types: tuple[str, ...]
    name: str
    ids: tuple[str, ...]
    terraform: Mapping[str, str] = field(default_factory=dict)
    instead: str | None = None
    below: str | None = None
    within: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    private_values: tuple[str, ...] = ()
    given_back: Mapping[str, str] = field(default_factory=dict)

    def properties(self, world: ResourceWorld) -> Iterator[str]:
        """Every property of the zone that is read, in a world's spelling."""
        read = (self.name, self.instead, self.below, *self.given_back.values(), *self.ids)
        found = dict.fromkeys((*read, *self.within, *self.private))
        return (self.spelt(each, world) for each in found if each is not None)

    def spelt(self, property: str, world: ResourceWorld) -> str:
        """The property as it is called in a world."""
        return _spelt(property, world, self.terraform)


def _spelt(property: str, world: ResourceWorld, terraform: Mapping[str, str]) -> str:
    match world:
        case ResourceWorld.PULUMI:
            return property
        case ResourceWorld.TERRAFORM:
            return terraform.get(property) or snake(property)
        case ResourceWorld.CLOUDFORMATION:
            return _CAPITALS.get(property) or property[:1].upper() + property[1:]


_CAPITALS = {"awsRegion": "AWSRegion", "dnsName": "DNSName", "ttl": "TTL", "vpcs": "VPCs"}
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake(property: str) -> str:
    """`zoneId` as Terraform spells it: `zone_id`."""
    return _CAPITAL.sub("_", property).lower()
