"""The zones that templates of CloudFormation lead to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from yaml.nodes import Node

from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import Reason
from zonelint.providers.files import DISK, Files, reason_of
from zonelint.providers.hcl.values import (
    NULL,
    HclPart,
    HclText,
    HclUnknown,
    Null,
    Value,
    parts_of,
    plain,
)
from zonelint.providers.resources.kinds import RecordKind, ResourceWorld
from zonelint.providers.resources.named_zone import NamedZone, zones_of
from zonelint.providers.resources.noqa import suppressions
from zonelint.providers.resources.places import HandleNames, made_of, tree
from zonelint.providers.resources.plans import PlanError, declared
from zonelint.providers.resources.reading import Resource
from zonelint.providers.resources.table import RECORD_GROUP, ResourceTable
from zonelint.providers.resources.unread import report_unread
from zonelint.providers.resources.zones import ResourceZone, assemble, known_zones
from zonelint.providers.zonefile.reader import ReadError
from zonelint.rules.config.intent import Intent

from .find import LARGEST_TEMPLATE
from .template import MAIL_TEXT, SwitchedOff, Template, TemplateError, is_function

_MAIL_TEXT = re.compile(MAIL_TEXT, re.IGNORECASE)
_HERE = ResourceWorld.CLOUDFORMATION
_RECORD = "AWS::Route53::RecordSet"
_STACK = "AWS::CloudFormation::Stack"


@dataclass(slots=True)
class TemplateReading:
    """The zones of some templates; what could not be read, by path."""

    zones: list[ResourceZone] = field(default_factory=list)
    problems: list[ReadError] = field(default_factory=list)


def read_templates(
    paths: Sequence[str], intent: Intent | None = None, files: Files = DISK, taken: int = 0
) -> TemplateReading:
    """The zones of templates, each a stack of its own.

    taken: numbers of stand-ins for zones that other readers of the run have.
    """
    found = TemplateReading()
    try:
        table, domains = declared(intent)
    except PlanError as error:
        found.problems = [ReadError(path, str(error)) for path in paths[:1]]
        return found
    for path in paths:
        try:
            text = files.read(path, LARGEST_TEMPLATE).decode("utf-8", "surrogateescape")
            reader = _Reader(Template(SourceText(path, text)), table, domains, files)
            zones = reader.read(taken)
        except TemplateError as error:
            problem = ReadError(path, str(error), *error.place)
        except ValueError:
            problem = ReadError(path, "This template has more parts than zonelint reads.")
        except OSError as error:
            problem = ReadError(path, f"This file cannot be read: {reason_of(error)}.")
        else:
            taken += sum(zone.stand_in for zone in zones)
            found.zones += zones
            continue
        found.problems.append(problem)
    return found


@dataclass(slots=True)
class _Reader:
    template: Template
    table: ResourceTable
    domains: Sequence[str]
    files: Files
    names: HandleNames = field(default_factory=HandleNames)
    made: set[str] = field(default_factory=set)

    def read(self, taken: int) -> list[ResourceZone]:
        """The zones, each with the text that it was read from."""
        template, path = self.template, self.template.source.path
        zones: list[NamedZone] = []
        for name, type, node in template.resources:
            kind = self.table.zone(type)
            if kind is None or template.exists(node) is False:
                continue
            self.made.add(name)
            properties = template.properties(node)
            values = self._values(properties, [*properties, kind.spelt(kind.name, _HERE)])
            for property in kind.ids:
                values[kind.spelt(property, _HERE)] = name
            zones += zones_of(kind, _HERE, values)
        others = dict.fromkeys([*template.made_elsewhere, *self._unread_sets()])
        unread = report_unread(self._unread(), path, others)
        writers = [*self._writers(zones)]
        is_whole = not unread and not writers
        known = known_zones(zones, (), self.table, self.domains, is_whole=is_whole, taken=taken)
        found = assemble(self._resources(), known, path) + unread
        retained = {name for name, _, node in template.resources if template.stays(node)}
        for zone in found:
            zone.texts, zone.retained = (template.source,), retained
            zone.writers = writers
            zone.reread = partial(self._read_again, zone.origin, taken)
        suppressions((template.source,), found)
        return found

    def _writers(self, zones: Iterable[NamedZone]) -> Iterator[Reason]:
        """The stacks inside this one that may write to its zones: they get one, or are not here."""
        names = {zone.name.removesuffix(".") for zone in zones}
        folder = Path(self.template.source.path).parent
        for name, type, node in self.template.resources:
            if type != _STACK or self.template.exists(node) is False:
                continue
            given = {
                key: self.template.value(each)
                for key, each in self.template.properties(node).items()
            }
            url = given.get("TemplateURL")
            path = plain(url) if isinstance(url, HclText) else None
            is_here = path is not None and "://" not in path and self.files.is_file(folder / path)
            parameters = parts_of(given.get("Parameters", NULL))
            if not is_here or any(self._leads_to(part, names) for part in parameters):
                yield Reason(name, self.template.place_of(node).code)

    def _leads_to(self, part: HclPart, names: Collection[str]) -> bool:
        """Whether a value is a zone of the template, or the name of one."""
        if isinstance(part, HclUnknown):
            return (self._handle(part) or "") in self.made
        return isinstance(part, HclText) and (plain(part) or "").removesuffix(".").lower() in names

    def _unread(self) -> Iterator[tuple[str, str]]:
        """Type and name of each resource of a type that is not AWS's own, with mail records."""
        for name, type, node in self.template.resources:
            if type.startswith("AWS::") and not type.startswith("AWS::CloudFormation::"):
                continue
            if self.table.knows(type) or self.template.exists(node) is False:
                continue
            if _MAIL_TEXT.search(self.template.text_of(node)):
                yield type, Reason(name, self.template.place_of(node).code)

    def _read_again(self, origin: str, taken: int, text: str) -> ResourceZone | None:
        """A zone of the template with another text; None where that gives none."""
        source = SourceText(self.template.source.path, text)
        try:
            zones = _Reader(Template(source), self.table, self.domains, self.files).read(taken)
        except (TemplateError, ValueError):
            return None
        return next((zone for zone in zones if zone.origin == origin), None)

    def _resources(self) -> Iterator[Resource]:
        template = self.template
        record = self.table.record(_RECORD)
        for name, type, node in template.resources:
            kind, exists = self.table.record(type), template.exists(node)
            if exists is False:
                continue
            maybe = exists if isinstance(exists, HclUnknown) else None
            properties = template.properties(node)
            if kind is not None:
                yield self._resource(name, kind, properties, node, maybe)
            elif type == RECORD_GROUP and record is not None:
                common = {key: each for key, each in properties.items() if key != "RecordSets"}
                for number, each, why in self._sets(properties):
                    if is_function(each):
                        continue
                    own = {**common, **dict(_members(each))}
                    address = f"{name}.RecordSets[{number}]"
                    yield self._resource(address, record, own, each, maybe or why)

    def _sets(
        self, properties: Mapping[str, Node]
    ) -> Iterator[tuple[int, Node, HclUnknown | None]]:
        """The record sets of a group, with their numbers."""
        node = properties.get("RecordSets")
        if node is not None:
            yield from self.template.members(node)

    def _unread_sets(self) -> Iterator[str]:
        """The groups of which not all record sets are known, in words."""
        for name, type, node in self.template.resources:
            if type != RECORD_GROUP or self.template.exists(node) is False:
                continue
            properties = self.template.properties(node)
            if self.template.made_of(properties) is not None or any(
                is_function(each) for _, each, _ in self._sets(properties)
            ):
                why = f"the record sets of {name} (a function that is not worked out)"
                yield Reason(why, self.template.place_of(node).code)

    def _resource(
        self,
        address: str,
        kind: RecordKind,
        properties: Mapping[str, Node],
        node: Node,
        maybe: HclUnknown | None,
    ) -> Resource:
        values = self._values(properties, kind.properties(_HERE))
        ref = None
        name = kind.spelt(kind.zone_ref or "", _HERE)
        if name in properties:
            ref = self._handle(self.template.value(properties[name]))
        place = self.template.place_of(node)
        at = place.source.span(place.start, place.start)
        why = None if maybe is None else Reason(maybe.why, made_of(maybe))
        off = isinstance(maybe, SwitchedOff)
        return Resource(address, kind, _HERE, values, ref=ref, at=at, maybe=why, is_off=off)

    def _values(self, properties: Mapping[str, Node], wanted: Iterable[str]) -> dict[str, Any]:
        """The properties that are wanted; those that a transform may put in are not known."""
        found: dict[str, Any] = {}
        made = self.template.made_of(properties)
        for name in dict.fromkeys(wanted):
            node = properties.get(name)
            value: Value = NULL
            if node is not None:
                value = self.template.value(node)
            elif made is not None:
                node, value = properties["Fn::Transform"], made
            if node is not None and not isinstance(value, Null):
                found[name] = tree(value, self.template.place_of(node), self.names)
        return found

    def _handle(self, value: Value) -> str | None:
        """What a reference to a zone is called: by the resource, or by what stands for the id.

        An id that is written out is no reference.
        """
        if not isinstance(value, HclUnknown) or value.handle is None:
            return None
        name = str(value.handle[0])
        return name if name in self.made else ".".join(map(str, value.handle))


def _members(node: Node) -> Iterator[tuple[str, Node]]:
    for key, each in getattr(node, "value", ()):
        yield str(key.value), each
