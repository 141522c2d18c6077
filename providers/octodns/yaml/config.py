"""octoDNS's own configuration: which files hold which zone, and how they are to be read.

Read without octoDNS, so without its providers and their credentials. Of the configuration only
`zones` count and `providers` whose class ends in `YamlProvider`; of octoDNS's own two it is
known what they read, one of another make may read anything beside that::

    providers:
      config:
        class: octodns.provider.yaml.YamlProvider
        directory: ./config
        escaped_semicolons: false
    zones:
      example.com.:
        sources: [config]
        targets: [route53]
      example.net.: {alias: example.com.}
      '*': {sources: [config], targets: [route53]}
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from yaml.nodes import MappingNode, SequenceNode

from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.providers.files import DISK, Files
from zonelint.providers.octodns.yaml.document import (
    Include,
    YamlDocument,
    YamlFault,
    YamlPlace,
    scalar,
)
from zonelint.providers.octodns.yaml.names import origin_of
from zonelint.providers.octodns.yaml.record import EntrySettings, Filter
from zonelint.rules.model.wording import Supply

_DEEPEST = 12
_OWN = ("YamlProvider", "SplitYamlProvider")
_PARTS = re.compile(r"^(?:providers|zones):", re.MULTILINE)
_TRUE = ("true", "yes", "on")
_EVERYWHERE = ("processors", "post_processors")
"""Keys of `manager`: the processors of every zone."""


@dataclass(frozen=True, slots=True)
class ZoneFiles:
    """The files of one zone. `outside`: something else adds to it, unseen from here: a source
    that is no YAML, or zonelint's own processor in mode apply. `may_lack`: octoDNS takes the
    zone without any file as well.

    `alias_of` is the zone whose files these are, where octoDNS copies that zone.
    """

    origin: str
    paths: tuple[tuple[str, EntrySettings], ...]
    outside: bool = False
    alias_of: str | None = None
    may_lack: bool = False


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of YAML files, as its class in octoDNS 1.22 finds them.

    shared: a file that every zone has.
    may_lack: a zone without any file is empty.
    own: the class is octoDNS's, so that these files are all that it reads.
    """

    folder: Path
    settings: EntrySettings
    extension: str = ""
    whole_files: bool = True
    shared: str = ""
    may_lack: bool = False
    own: bool = True
    disk: Files = DISK

    def files(self, origin: str) -> list[str]:
        """The files that hold the zone, in octoDNS's order: sorted by path."""
        found: list[str] = []
        names = dict.fromkeys((_decoded(origin), origin))
        if self.extension:
            for name in names:
                folder = self.folder / f"{name[:-1]}{self.extension}"
                if self.disk.is_dir(folder):
                    names_in = self.disk.names(folder)
                    found += (str(folder / name) for name in names_in if name.endswith(".yaml"))
                    break
        if self.whole_files:
            for name in names:
                file = self.folder / f"{name}yaml"
                if self.disk.is_file(file):
                    found.append(str(file))
                    break
        if self.shared:
            found.append(str(self.folder / self.shared))
        return sorted(found)

    def zones(self) -> Iterator[str]:
        """The zones that there are files of."""
        try:
            names = self.disk.names(self.folder)
        except OSError:
            return
        for name in names:
            origin = None
            if self.extension and name.endswith(self.extension):
                if self.disk.is_dir(self.folder / name):
                    origin = origin_of(name[: -len(self.extension)])
            elif self.whole_files and name.endswith(".yaml") and name.count(".") > 1:
                origin = origin_of(name[:-5])
            if origin is not None:
                yield origin


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration says.

    settings: how the files of a folder are read.
    targets: folders that octoDNS only writes to.
    yaml: the ids of the providers that are YAML. `told` is all of it, as mappings, lists and texts;
      `told_of` its zones by their origins, those with a `*` by their names.
    """

    path: str
    zones: tuple[ZoneFiles, ...]
    settings: Mapping[Path, EntrySettings]
    targets: frozenset[Path]
    yaml: frozenset[str]
    told: Mapping[str, Any]
    told_of: Mapping[str, Mapping[str, Any]]

    def zone(self, origin: str) -> Mapping[str, Any]:
        """What is said of a zone: under its name, else under a `*` that it falls under."""
        known = self.told_of.get(origin)
        if known is not None:
            return known
        for name, zone in self.told_of.items():
            if name.startswith("*"):
                glob = zone.get("glob")
                if not glob or fnmatchcase(origin, str(glob)):
                    return zone
        return {}

    def named(self, origin: str, *keys: str) -> list[str]:
        """The ids under these keys of a zone; an alias has the sources of the zone it copies."""
        zone = self.zone(origin)
        found = [name for key in keys for name in _names(zone.get(key))]
        alias = origin_of(str(zone.get("alias") or "").removesuffix("."))
        if alias is not None:
            found += _names(self.zone(alias).get("sources"))
        return found

    def targets_of(self, origin: str) -> list[str]:
        """The ids of the zone's targets."""
        return _names(self.zone(origin).get("targets"))

    def everywhere(self) -> list[str]:
        """The processors of every zone."""
        manager = _mapping(self.told.get("manager"))
        return [name for key in _EVERYWHERE for name in _names(manager.get(key))]


def looks_like_config(text: str) -> bool:
    """Whether a text may be a configuration, by a first look."""
    return len(_PARTS.findall(text)) > 1


def is_config(document: YamlDocument, root: YamlPlace | None) -> bool:
    """Whether a file is octoDNS's configuration: mappings `providers` and `zones`."""
    if root is None or not isinstance(root.node, MappingNode):
        return False
    held = {pair.name: pair.value.node for pair in document.pairs(root)}
    return all(isinstance(held.get(name), MappingNode) for name in ("providers", "zones"))


def read(source: SourceText, include: Include, disk: Files = DISK) -> Config:
    """Read a configuration. Raises YamlFault."""
    document = YamlDocument(include)
    root = document.open(source)
    if root is None or not is_config(document, root):
        raise YamlFault(
            "This is not an octoDNS configuration: it has no `providers` and `zones`.",
            "Name the zone files, or the file that octodns-sync gets as its --config-file.",
        )
    forgiving = YamlDocument(_or_nothing(include))
    data = {
        pair.name: _plain(document if pair.name == "zones" else forgiving, pair.value, 1)
        for pair in document.pairs(root)
    }
    providers: dict[str, Provider] = {}
    for name, told in data["providers"].items():
        if isinstance(told, dict) and str(told.get("class", "")).endswith("YamlProvider"):
            providers[name] = _provider(name, told, source.path, tuple(data["zones"]), disk)
    adding = {
        str(name)
        for name, told in _mapping(data.get("processors")).items()
        if isinstance(told, dict) and (_adds(told) or may_drop(told))
    }
    filling = {
        str(name)
        for name, told in _mapping(data.get("processors")).items()
        if isinstance(told, dict) and fills_in(told)
    }
    manager = _mapping(data.get("manager"))
    everywhere = {name for key in _EVERYWHERE for name in _names(manager.get(key))}
    for some in (adding, filling):
        if some & everywhere:
            some.add("")
    around = _Around(
        providers, adding, filling, _filters(data, everywhere), _suppliers(data), everywhere
    )
    zones = tuple(_zones(data["zones"], around))
    sources = {
        name
        for zone in data["zones"].values()
        if isinstance(zone, dict)
        for name in _names(zone.get("sources"))
    }
    settings = {p.folder: p.settings for name, p in providers.items() if name in sources}
    targets = {p.folder for p in providers.values()} - settings.keys()
    yaml = frozenset(providers)
    told_of = {
        name if name.startswith("*") else origin_of(name.removesuffix(".")) or name: zone
        for name, zone in data["zones"].items()
        if isinstance(zone, dict)
    }
    return Config(source.path, zones, settings, frozenset(targets), yaml, data, told_of)


def _or_nothing(include: Include) -> Include:
    """Files that cannot be included are empty: a token, say, that is outside the repository."""

    def include_or_nothing(including: str, name: str) -> tuple[str, str]:
        try:
            return include(including, name)
        except YamlFault:
            return name, ""

    return include_or_nothing


def _plain(document: YamlDocument, place: YamlPlace, depth: int) -> Any:
    """Mappings, lists and texts of a node; null is None. Raises YamlFault."""
    if depth > _DEEPEST:
        return None
    node = place.node
    if isinstance(node, MappingNode):
        pairs = document.pairs(place)
        return {pair.name: _plain(document, pair.value, depth + 1) for pair in pairs}
    if isinstance(node, SequenceNode):
        return [_plain(document, item, depth + 1) for item in document.items(place)]
    return scalar(node)


def _mapping(value: Any) -> Mapping[str, Any]:
    """A mapping of the configuration; what is none holds nothing."""
    return value if isinstance(value, dict) else {}


def _names(value: Any) -> list[str]:
    """A list of names in the configuration: what octoDNS would refuse is left out."""
    if not isinstance(value, list):
        return []
    return [str(name) for name in value if name is not None and not isinstance(name, dict | list)]


def _provider(
    name: str, told: Mapping[str, Any], config: str, zones: Collection[str], disk: Files
) -> Provider:
    def flag(key: str, preset: bool) -> bool:
        value = told.get(key)
        return preset if value is None else str(value).lower() in _TRUE

    directory = _from_environment(str(told.get("directory") or ""), name)
    split = str(told.get("class", "")).endswith("SplitYamlProvider")
    extension = told.get("extension", ".") if split else told.get("split_extension")
    ttl = str(told.get("default_ttl") or "3600")
    return Provider(
        folder=_folder(directory, Path(config), zones, disk),
        settings=EntrySettings(
            default_ttl=int(ttl) if ttl.isascii() and ttl.isdigit() else 3600,
            escaped=flag("escaped_semicolons", True),
            replace=flag("populate_should_replace", False),
            natural=told.get("order_mode") != "simple",
            ordered=flag("enforce_order", True),
        ),
        extension="" if str(extension).lower() in ("none", "false") else str(extension),
        whole_files=not split and not flag("disable_zonefile", False),
        shared=str(told.get("shared_filename") or "").replace("False", ""),
        may_lack=flag("ignore_missing_zones", False),
        own=str(told.get("class", "")).rpartition(".")[2] in _OWN,
        disk=disk,
    )


def _from_environment(text: str, name: str) -> str:
    """A value of octoDNS's configuration: `env/NAME` or `env/NAME/preset` or as it stands."""
    if not text.startswith("env/"):
        return text
    variable, _, preset = text[4:].partition("/")
    value = os.environ.get(variable, preset)
    if not value:
        raise YamlFault(
            f"The provider `{name}` takes its directory from the environment variable "
            f"{variable}, which is not set.",
            f"Set {variable}, or name the zone files.",
        )
    return value


def _folder(directory: str, config: Path, zones: Collection[str], disk: Files) -> Path:
    """Where a provider's directory is: octoDNS looks from the folder that it is started in.

    That is the working directory, or else the nearest folder above the configuration from which
    the directory is there; one that holds any of the zones goes before one that holds none, as
    with `.`, which is there from anywhere.
    """
    here = Path.cwd()
    starts = [here] if config.absolute().is_relative_to(here) else []
    there = [start / directory for start in (*starts, *config.absolute().parents)]
    there = [folder for folder in there if disk.is_dir(folder)]
    if not there:
        return config.parent / directory
    folder = next((folder for folder in there if _holds_any(folder, zones, disk)), there[0])
    shown = os.path.relpath(folder)
    return Path(shown) if not shown.startswith(os.pardir) else Path(os.path.normpath(folder))


def _holds_any(folder: Path, zones: Collection[str], disk: Files) -> bool:
    """Whether a folder holds a file, or the folder of a split zone, of any of these zones."""
    names = (name.removesuffix(".") for name in zones if not name.startswith("*"))
    return any(
        disk.exists(folder / f"{name}.yaml") or disk.exists(folder / f"{name}.") for name in names
    )


def _suppliers(told: Mapping[str, Any]) -> dict[tuple[str, str], Supply]:
    """zonelint's own sources and its processors in mode apply, by what they are and their ids."""
    return {
        (kind, str(id)): Supply(f"the {kind} {id}", _codes(part))
        for kind, parts in (
            ("source", told.get("providers")),
            ("processor", told.get("processors")),
        )
        for id, part in _mapping(parts).items()
        if isinstance(part, dict) and (_adds(part) if kind == "processor" else _is_source(part))
    }


def _codes(told: Mapping[str, Any]) -> tuple[str, ...]:
    """The codes that the class is given: a list, or one."""
    codes = told.get("codes")
    return tuple(code.upper() for code in _names([codes] if isinstance(codes, str) else codes))


def _is_source(told: Mapping[str, Any]) -> bool:
    """Whether a provider is zonelint's own source."""
    return str(told.get("class", "")).endswith("MailAuthSource")


def _adds(told: Mapping[str, Any]) -> bool:
    """Whether a processor adds the records that zonelint's rules miss."""
    ours = str(told.get("class", "")).endswith("MailAuthProcessor")
    return ours and told.get("mode") == "apply"


_KEEPING = frozenset(
    (
        "AcmeManagingProcessor", "AutoArpa", "EnsureTrailingDots", "ExcludeRootNsChanges",
        "IgnoreRootNsFilter", "MailAuthProcessor", "MetaProcessor", "OwnershipProcessor",
        "SpfDnsLookupProcessor", "Templating", "TtlClampProcessor", "TtlRestrictionFilter",
    )
)  # fmt: skip
"""octoDNS's processors, and ours, that leave every record about mail in the zone."""


def fills_in(told: Mapping[str, Any]) -> bool:
    """Whether a processor fills templates in: what the records say then, only octoDNS knows."""
    return str(told.get("class", "")).rpartition(".")[2] == "Templating"


def may_drop(told: Mapping[str, Any]) -> bool:
    """Whether a processor may take records out of the zone: a filter, or one that is not known."""
    return str(told.get("class", "")).rpartition(".")[2] not in _KEEPING


def _filters(told: Mapping[str, Any], everywhere: Collection[str]) -> list[Filter]:
    """The processors that may take records out of a zone."""
    return [
        _filter(str(name), processor, str(name) in everywhere)
        for name, processor in _mapping(told.get("processors")).items()
        if isinstance(processor, dict) and may_drop(processor)
    ]


def _filter(id: str, told: Mapping[str, Any], everywhere: bool) -> Filter:
    """What is known of a filter: octoDNS's own by types, and those by names without a pattern."""
    shape = _BY_LIST.fullmatch(str(told.get("class", "")))
    if shape is None:
        return Filter(id, everywhere)
    key = f"{shape['kind'].lower()}list"
    names = told.get(key)
    if not isinstance(names, list) or any(str(name).startswith("/") for name in names):
        return Filter(id, everywhere)
    listed = frozenset("" if name is None else str(name) for name in names)
    return Filter(id, everywhere, shape["part"].lower(), listed, key == "rejectlist")


_BY_LIST = re.compile(
    r"octodns\.processor\.filter\.(?P<part>Type|Name)(?P<kind>Allow|Reject)listFilter"
)


@dataclass(frozen=True, slots=True)
class _Around:
    """What a configuration tells of every zone.

    adding: processors that add records.
    filling: those that fill templates in. "" is in them where one of them is asked for every zone.
    """

    providers: Mapping[str, Provider]
    adding: Collection[str]
    filling: Collection[str]
    filters: Sequence[Filter]
    suppliers: Mapping[tuple[str, str], Supply]
    everywhere: Collection[str]

    def suppliers_of(
        self, sources: Collection[str], processors: Collection[str]
    ) -> tuple[Supply, ...]:
        """Those of a zone that has these sources and, beside those of every zone, processors."""
        return tuple(
            supplier
            for (kind, id), supplier in self.suppliers.items()
            if (id in sources if kind == "source" else id in processors or id in self.everywhere)
        )


def _zones(
    told: Mapping[str, Any],
    around: _Around,
) -> Iterator[ZoneFiles]:
    """The zones that are configured."""
    providers = around.providers
    plain = {name: zone for name, zone in told.items() if isinstance(zone, dict)}
    made: dict[str, ZoneFiles] = {}
    for name, zone in plain.items():
        if name.startswith("*") or zone.get("alias"):
            continue
        origin = origin_of(name.removesuffix("."))
        if origin is not None:
            made[origin] = _files(origin, zone, around)
    for name, zone in plain.items():
        if not name.startswith("*"):
            continue
        glob = zone.get("glob")
        for source in _names(zone.get("sources")):
            # A `regex` is passed over: rather a zone too many is checked than an expression run.
            for origin in providers[source].zones() if source in providers else ():
                if glob and not fnmatchcase(origin, str(glob)):
                    continue
                if origin not in made:
                    made[origin] = _files(origin, zone, around)
    yield from made.values()
    for name, zone in plain.items():
        target = origin_of(str(zone.get("alias") or "").removesuffix("."))
        origin = origin_of(name.removesuffix("."))
        if target in made and origin is not None and origin not in made:
            of = made[target]
            targets = tuple(_names(zone.get("targets")))
            paths = tuple((path, replace(s, targets=targets)) for path, s in of.paths)
            yield ZoneFiles(origin, paths, of.outside, target)


def _files(
    origin: str,
    zone: Mapping[str, Any],
    around: _Around,
) -> ZoneFiles:
    providers = around.providers
    sources = _names(zone.get("sources"))
    lenient = str(zone.get("lenient", "")).lower() in _TRUE
    processors = ("", *_names(zone.get("processors")))
    told: dict[str, Any] = {
        "lenient": lenient,
        "filled": any(name in around.filling for name in processors),
        "targets": tuple(_names(zone.get("targets"))),
        "filters": tuple(
            each for each in around.filters if each.everywhere or each.id in processors
        ),
        "others": tuple(source for source in sources if source not in providers),
        "suppliers": around.suppliers_of(sources, processors),
    }
    paths = [
        (path, replace(providers[source].settings, **told))
        for source in sources
        if source in providers
        for path in providers[source].files(origin)
    ]
    outside = any(source not in providers or not providers[source].own for source in sources)
    return ZoneFiles(
        origin,
        tuple(paths),
        outside or any(name in around.adding for name in processors),
        may_lack=all(providers[source].may_lack for source in sources if source in providers),
    )


def _decoded(origin: str) -> str:
    """The name with its A-labels as Unicode, as octoDNS names files."""
    if "xn--" not in origin:
        return origin
    import idna

    labels = []
    for label in origin.split("."):
        try:
            labels.append(idna.decode(label) if label.startswith("xn--") else label)
        except idna.IDNAError:
            labels.append(label)
    return ".".join(labels)
