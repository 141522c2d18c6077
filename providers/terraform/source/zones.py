"""The zones that a folder of Terraform's leads to."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from zonelint.grammars.listing import grouped
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import Reason, Zone
from zonelint.providers.files import DISK, Files
from zonelint.providers.hcl.blocks import Block, divide
from zonelint.providers.hcl.evaluate import TooMuch
from zonelint.providers.hcl.syntax import Node
from zonelint.providers.hcl.values import (
    TOO_MANY,
    HclPart,
    HclPiece,
    HclPlace,
    HclTable,
    HclText,
    HclUnknown,
    List,
    Value,
    parts_of,
    plain,
)
from zonelint.providers.resources.kinds import MX_TYPE, RecordKind, ResourceWorld, ZoneKind
from zonelint.providers.resources.named_zone import NamedZone, zones_of
from zonelint.providers.resources.noqa import suppressions
from zonelint.providers.resources.places import HandleNames, made_of, tree
from zonelint.providers.resources.plans import PlanError, declared
from zonelint.providers.resources.reading import Resource, spell_value
from zonelint.providers.resources.table import ResourceTable
from zonelint.providers.resources.texts import begins_mail_record
from zonelint.providers.resources.unread import may_matter, report_unread
from zonelint.providers.resources.values import Open
from zonelint.providers.resources.zones import ResourceZone, assemble, known_zones
from zonelint.providers.zonefile.reader import ReadError
from zonelint.rules.config.intent import Intent

from .configuration import (
    Called,
    Instance,
    TerraformConfiguration,
    spell_handle,
    spell_key,
    whole_of,
)
from .find import Folders, GivenVariable, roots
from .module import Module

_REMOVED = ("removed", "from")
_MAIL_TYPES = ("TXT", "MX", "CNAME")
_MAIL_TEXT = re.compile(
    rf"""["' ]v=(?:spf1|dmarc1|dkim1|stsv1|tlsrptv1)\b|{MX_TYPE}""", re.IGNORECASE
)


@dataclass(slots=True)
class SourceReading:
    """The zones of some folders, and what could not be read.

    folders: those that hold files of Terraform's, whether there is DNS in them or not.
    declared: the variables of the configurations, by name.
    """

    zones: list[ResourceZone] = field(default_factory=list)
    problems: list[ReadError] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    declared: set[str] = field(default_factory=set)


def read_source(
    paths: Sequence[str],
    intent_of: Callable[[str], Intent | None] = lambda _: None,
    files: Files = DISK,
    taken: int = 0,
    given: Sequence[GivenVariable] = (),
    repositories: dict[str, Folders] | None = None,
) -> SourceReading:
    """The zones of the configurations that these files and folders belong to.

    intent_of: what is declared for a configuration, by its document.
    taken: numbers of stand-ins for zones that other readers of the run have.
    given: variables of the command line.
    repositories: see `roots`.
    """
    found = SourceReading()

    @cache
    def told_of(folder: str) -> tuple[ResourceTable, tuple[str, ...]]:
        try:
            return declared(intent_of(str(Path(folder, "*.tf"))))
        except PlanError as error:
            found.problems.append(ReadError(folder, str(error)))
            return declared(None)

    searched = roots(paths, lambda folder: told_of(folder)[0], files, repositories)
    found.folders = searched.folders
    modules: dict[str, Module] = {}
    for folder in searched.roots:
        table, domains = told_of(folder)
        if any(problem.path == folder for problem in found.problems):
            continue
        context = SourceContext(folder, files, table, domains, taken, given)
        try:
            zones = context.read(modules)
        except TooMuch:
            why = (
                "This configuration creates more resources, or takes longer, than zonelint allows."
            )
            found.problems.append(ReadError(folder or ".", why))
            continue
        taken += sum(zone.stand_in for zone in zones)
        found.zones += zones
    for folder, module in modules.items():
        found.problems += module.problems
        found.declared.update(module.variables if folder in searched.roots else ())
    found.problems = list(dict.fromkeys(found.problems))
    return found


_IS_ROOT = re.compile(r'^[ \t]*(?:provider[ \t]+"|backend[ \t]+"|cloud[ \t]*\{)', re.MULTILINE)


def called_folders(zones: Iterable[Zone]) -> dict[str, str]:
    """The folders that were read as modules of others, and what stood in their files."""
    found: dict[str, str] = {}
    for zone in zones:
        context = getattr(zone, "context", None)
        if isinstance(context, SourceContext):
            apart = _texts_by_folder(context)
            apart.pop(os.path.realpath(context.folder), None)
            found |= apart
    return found


def creates_nothing(zone: Zone, called: Mapping[str, str]) -> bool:
    """Whether a zone is that of a module which nobody calls any more, by who was called before.

    A folder that has become a configuration itself says where it keeps its state or what it uses.
    """
    context = getattr(zone, "context", None)
    if not isinstance(context, SourceContext):
        return False
    folder = os.path.realpath(context.folder)
    then = called.get(folder)
    now = _texts_by_folder(context).get(folder, "")
    return then is not None and (not _IS_ROOT.search(now) or bool(_IS_ROOT.search(then)))


def _texts_by_folder(context: SourceContext) -> dict[str, str]:
    found: dict[str, str] = {}
    for path, text in context.texts.items():
        folder = os.path.realpath(Path(path).parent)
        found[folder] = found.get(folder, "") + text
    return found


@dataclass(slots=True, eq=False)
class SourceContext:
    """What the zones of one configuration were read from, to read them again once it changes."""

    folder: str
    files: Files
    table: ResourceTable
    domains: Sequence[str]
    taken: int
    given: Sequence[GivenVariable] = ()
    zones: list[ResourceZone] = field(default_factory=list, init=False)
    _again: dict[tuple[tuple[str, str], ...], SourceContext] = field(
        default_factory=dict, init=False
    )

    def read(self, modules: dict[str, Module]) -> list[ResourceZone]:
        """The zones. Raises TooMuch."""
        configuration = TerraformConfiguration(
            self.folder, self.files, modules=modules, given=self.given
        )
        self.zones = _Reader(configuration, self.table, self.domains).read(self.taken)
        for zone in self.zones:
            zone.context = self
        return self.zones

    @property
    def texts(self) -> dict[str, str]:
        """The texts that were read, by path."""
        return {source.path: source.text for zone in self.zones[:1] for source in zone.texts}

    def with_texts(self, texts: Mapping[str, str]) -> SourceContext:
        """The configuration with other texts of its files. Raises TooMuch."""
        held = self.texts
        key = tuple(sorted((p, t) for p, t in texts.items() if p in held and held[p] != t))
        if not key:
            return self
        if key not in self._again:
            again = replace(self, files=_Changed(self.files, {**held, **dict(key)}))
            again.read({})
            self._again = {key: again}
        return self._again[key]

    def zone(self, like: ResourceZone) -> ResourceZone | None:
        """The zone that another reading gives in the place of one."""
        return next((zone for zone in self.zones if zone.origin == like.origin), None)


class _Changed(Files):
    """Files of which some hold other texts."""

    def __init__(self, files: Files, texts: Mapping[str, str]) -> None:
        super().__init__(files.given)
        self._files = files
        self._held = {os.path.normpath(path): text for path, text in texts.items()}

    def names(self, folder: str | Path) -> list[str]:
        return self._files.names(folder)

    def resolve(self, path: str | Path) -> Path:
        return self._files.resolve(path)

    def roots(self, folder: Path) -> list[Path]:
        return self._files.roots(folder)

    def read(self, path: str | Path, most: int) -> bytes:
        text = self._held.get(os.path.normpath(path))
        if text is None:
            return self._files.read(path, most)
        return text.encode("utf-8", "surrogateescape")


@dataclass(slots=True)
class _Reader:
    configuration: TerraformConfiguration
    table: ResourceTable
    domains: Sequence[str]
    names: HandleNames = field(default_factory=HandleNames)
    zone_kinds: dict[str, ZoneKind] = field(default_factory=dict)
    unread: list[tuple[str, str]] = field(default_factory=list)

    def read(self, taken: int) -> list[ResourceZone]:
        """The zones, each with the texts that it was read from."""
        path = self.configuration.folder or "."
        made: list[NamedZone] = []
        referred: list[NamedZone] = []
        records: list[tuple[Instance, RecordKind, HclUnknown | None]] = []
        for instance, maybe in self._instances():
            kind = self.table.zone(instance.type)
            record = self.table.record(instance.type)
            if kind is not None:
                own = instance.mode == "managed"
                (made if own else referred).extend(self._zones(instance, kind))
            elif record is not None and instance.mode == "managed":
                records.append((instance, record, maybe or instance.maybe))
        writers = [*self._writers(made)]
        is_whole = not self.configuration.problems and not writers
        known = known_zones(
            made, referred, self.table, self.domains, is_whole=is_whole, taken=taken
        )
        zones = assemble((self._resource(*each) for each in records), known, path)
        zones += report_unread(self.unread, path, self._not_read())
        sources = self.configuration.sources
        imported, forgotten = ({*self._adopted(*each)} for each in (("import", "to"), _REMOVED))
        for zone in zones:
            zone.texts, zone.imported, zone.forgotten = sources, imported, forgotten
            zone.writers = writers
        suppressions(sources, zones, _blocks)
        return zones

    def _instances(self) -> Iterator[tuple[Instance, HclUnknown | None]]:
        for scope, maybe in self.configuration.modules():
            for key, block in scope.module.resources.items():
                if self.table.knows(key[1]):
                    for instance in scope.instances(key):
                        yield instance, maybe
                elif key[0] == "managed" and may_matter(key[1]) and _MAIL_TEXT.search(block.text):
                    address = f"{scope.prefix}{key[1]}.{key[2]}"
                    self.unread.append((key[1], Reason(address, whole_of(block).code)))

    def _not_read(self) -> Iterator[str]:
        yield from self._unread_modules()
        modules = {id(s.module): s.module for s, _ in self.configuration.modules()}
        found = (f for m in modules.values() for block, f in m.replaced if self._matters(block))
        for files in dict.fromkeys(found):
            yield f"which is used: {files} differ (Terraform reads the first, OpenTofu the second)"

    def _adopted(self, type: str, name: str) -> Iterator[str]:
        """The addresses of what is there before the source has it, or stays when it has gone."""
        for scope, _ in self.configuration.modules():
            for block in scope.module.adopted:
                body = scope.module.body(block) if block.type == type else None
                node = None if body is None else body.attributes.get(name)
                if body is None or node is None:
                    continue
                destroys = (each.attributes.get("destroy") for each in body.nested("lifecycle"))
                if any(_text_of(each) == "true" for each in destroys):
                    continue
                address = _text_of(node)
                yield scope.prefix + (address.partition("[")[0] if "each." in address else address)

    def _matters(self, block: Block) -> bool:
        """Whether records may depend on a block."""
        if block.type not in ("resource", "data"):
            return block.type in ("locals", "module", "variable", "output")
        type = block.labels[0] if block.labels else ""
        return self.table.knows(type) or _MAIL_TEXT.search(block.text) is not None

    def _unread_modules(self) -> Iterator[str]:
        """What is told of modules from elsewhere that get records about mail."""
        called = grouped(
            (call.prefix.removesuffix(".").removesuffix(spell_key(call.key)), call)
            for call in self.configuration.unread_calls()
            if any(_holds_mail(argument) for argument in call.arguments.values())
        )
        for address, calls in called.items():
            why = f"the mail records of {address} (the module is not in this repository)"
            yield Reason(why, "\n".join(map(_spell_call, calls)))

    def _writers(self, made: Iterable[NamedZone]) -> Iterator[Reason]:
        """The modules from elsewhere that may make records which are not seen here."""
        names = {zone.name.removesuffix(".") for zone in made}
        for call in self.configuration.unread_calls():
            given = (each() if callable(each) else each for each in call.arguments.values())
            if any(self._leads_to_zone(each, names) for each in given):
                yield Reason(call.prefix.removesuffix("."), _spell_call(call))

    def _leads_to_zone(self, value: Value, names: set[str]) -> bool:
        match value:
            case HclUnknown() if value.handle is not None:
                return str(value.handle[0]) in self.zone_kinds
            case HclText():
                known = plain(value)
                return known is not None and known.removesuffix(".").lower() in names
            case _:
                return (
                    getattr(getattr(value, "instance", None), "type", "") in self.table.zone_kinds
                )

    # -- zones -----------------------------------------------------------------------------------

    def _zones(self, instance: Instance, kind: ZoneKind) -> list[NamedZone]:
        address = instance.address
        self.zone_kinds[address] = kind
        values: dict[str, Any] = {}
        for name in kind.properties(ResourceWorld.TERRAFORM):
            value = instance.value(name)
            if value is not None:
                values[name] = tree(value, _around(instance, name), self.names)
        for property in kind.ids:
            name = kind.spelt(property, ResourceWorld.TERRAFORM)
            values.setdefault(name, spell_handle((address, "id")))
        if kind.within:
            # What is looked up is named by a filter, and records refer to the first that is found.
            inner = _filtered(instance, self.names)
            if inner is None:
                return []
            values = {
                kind.spelt(property, ResourceWorld.TERRAFORM): [
                    {"name": inner, "id": spell_handle((address, spelt, 0, "id"))}
                ]
                for property in kind.within
                for spelt in (kind.spelt(property, ResourceWorld.TERRAFORM),)
            }
        return zones_of(kind, ResourceWorld.TERRAFORM, values)

    # -- records ---------------------------------------------------------------------------------

    def _resource(self, instance: Instance, kind: RecordKind, maybe: HclUnknown | None) -> Resource:
        values: dict[str, Any] = {}
        ignored = instance.ignored()
        for name in dict.fromkeys(kind.properties(ResourceWorld.TERRAFORM)):
            value = instance.value(name)
            if value is None:
                continue
            if ignored is None or name in ignored:
                values[name] = Open("which the source does not control (ignore_changes)")
                continue
            values[name] = tree(value, _around(instance, name), self.names)
        names = kind.zone_properties(ResourceWorld.TERRAFORM)
        ref = next(filter(None, (self._handle(instance.value(name)) for name in names)), None)
        block = instance.block
        at = block.source.span(block.start, block.header)
        why = None if maybe is None else Reason(maybe.why, made_of(maybe))
        return Resource(
            instance.address, kind, ResourceWorld.TERRAFORM, values, ref=ref, at=at, maybe=why
        )

    def _handle(self, value: Value | None) -> str | None:
        """What a reference to a zone is called where the zone's id is not known."""
        if isinstance(value, HclText) and plain(value) is None:
            value = value.pieces[-1] if isinstance(value.pieces[-1], HclUnknown) else value
        if not isinstance(value, HclUnknown) or value.handle is None:
            return None
        address, *path = value.handle
        kind = self.zone_kinds.get(str(address))
        if kind is not None and len(path) == 1:
            ids = {kind.spelt(property, ResourceWorld.TERRAFORM) for property in kind.ids}
            if path[0] in ids | {"arn", "zone_id"}:
                return spell_handle((str(address), "id"))
        return spell_handle(value.handle)


def _text_of(node: Node | None) -> str:
    return "" if node is None else node.source.text[node.start : node.end].strip('"')


def _spell_call(call: Called) -> str:
    """A call of a module as written, with what it gives it."""
    place = whole_of(call.block)
    values = ((k, each() if callable(each) else each) for k, each in call.arguments.items())
    given = [(key, spell_value(tree(value, place, HandleNames()))) for key, value in values]
    return f"{place.code}{given}"


def _holds_mail(argument: Value | Callable[[], Value]) -> bool:
    """Whether an argument of a module holds a record about mail, or may hold one: by its type."""
    value = argument() if callable(argument) else argument
    return any(part is TOO_MANY or _is_of_mail(part) for part in parts_of(value))


def _is_of_mail(part: HclPart) -> bool:
    match part:
        case HclText(pieces=(HclPiece(text), *_)):
            return begins_mail_record(text)
        case HclTable() as table if table.instance is None:
            return (plain(table["type"]) or "").upper() in _MAIL_TYPES
    return False


def _blocks(source: SourceText) -> dict[int, int]:
    """The last line of each block by its first one."""
    return {source.line(b.header): source.line(b.end) for b in divide(source).blocks}


def _around(instance: Instance, name: str) -> HclPlace:
    """Where an attribute is written, its value in another place or none."""
    node = instance.body.attributes.get(name)
    if node is not None:
        return HclPlace(node.source, node.start, node.end, "opaque")
    block = instance.block
    return HclPlace(block.source, block.start, block.header, "opaque")


def _filtered(instance: Instance, names: HandleNames) -> Any:
    """The name by which zones are looked up: of the resource itself, or of its filter."""
    value = instance.value("name")
    if value is None:
        found = instance.value("filter")
        found = found.items[0] if isinstance(found, List) and found.items else found
        value = found["name"] if isinstance(found, HclTable) else None
    return None if value is None else tree(value, _around(instance, "name"), names)
