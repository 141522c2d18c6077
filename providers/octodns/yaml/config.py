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
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from yaml.nodes import MappingNode, ScalarNode, SequenceNode

from zonelint.grammars.dnsname import quote_source
from zonelint.grammars.listing import grouped
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import Span, Zone, ancestors, parent, without_dot
from zonelint.providers.documents import table_in
from zonelint.providers.files import DISK, Files
from zonelint.providers.octodns.yaml.document import (
    Include,
    YamlDocument,
    YamlFault,
    YamlPlace,
)
from zonelint.providers.octodns.yaml.names import decoded, origin_of, whole_path, zone_of_folder
from zonelint.providers.octodns.yaml.options import (
    OURS,
    OWN,
    OnlyOctodnsKnows,
    Options,
    doubts,
    is_pattern,
    names_in,
    places_of,
    refusals,
)
from zonelint.providers.octodns.yaml.processors import Processor, known, matches, takes
from zonelint.providers.octodns.yaml.record import ConfiguredSupply, EntrySettings
from zonelint.providers.octodns.yaml.scalar import meant
from zonelint.providers.octodns.yaml.validators import SETS, VALIDATED
from zonelint.providers.zonefile.reader import ReadError

_DEEPEST = 12
_ELSEWHERE = re.compile(r"[&*!]|<<")
"""What may lead from a part of a text to another one."""
_OWN = ("octodns.provider.yaml.YamlProvider", "octodns.provider.yaml.SplitYamlProvider")
_BIND = ("octodns_bind.ZoneFileProvider", "octodns_bind.ZoneFileSource")
_RELATIVE = tuple(f"octodns_bind.{each}Provider" for each in ("ZoneFile", "Rfc2136", "Bind"))
_DOTS = "octodns.processor.trailing_dots.EnsureTrailingDots"
_META = Processor("meta", adds="octodns-meta")
_PARTS = re.compile(r"^(?:providers|zones|<<):", re.MULTILINE)
_YAML_CLASS = re.compile(r"\bclass\b.*YamlProvider")
_OPEN_NAMES = re.compile(r"['\"]\*|!include")
"""What may stand for the names of any zones."""
_DIRECTORY = re.compile(r"""\bdirectory['"]?\s*:\s*(?:(['"])(.*?)\1|([^\s,}#]+))""")
_ODD_ZONE = re.compile(r"(?:[!-\-/-~]+\.)+|\.")
"""What octoDNS takes for the name of a zone, whatever its labels are, such as `0/25`."""
_PARTS_OF_ZONE = ("source", "processor", "target")
_EVERYWHERE = ("processors", "post_processors")
"""Keys of `manager`: the processors of every zone."""
_OUR_PARTS = {"source": "providers", "processor": "processors", "validator": "validators"}


@dataclass(frozen=True, slots=True)
class ZoneFiles:
    """The files of one zone.

    unread: what else adds to it, unseen from here.
    alias_of: the zone whose files these are, where octoDNS copies that zone.
    refused: why octoDNS refuses it, where that shows here.
    idle: files of this name that octoDNS does not read.
    near: files that are of this zone, if they are read at all.
    suppliers: zonelint's own source and its processor in mode apply.
    """

    origin: str
    paths: tuple[tuple[str, EntrySettings], ...]
    unread: tuple[str, ...] = ()
    alias_of: str | None = None
    refused: str = ""
    idle: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    suppliers: tuple[ConfiguredSupply, ...] = ()


@dataclass(frozen=True)
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
        found = [path for path in self._split(origin) if path.endswith(".yaml")]
        found += map(str, self._whole(origin) if self.whole_files else ())
        if self.shared:
            found.append(str(self.folder / self.shared))
        return sorted(found)

    def named_after(self, origin: str) -> list[str]:
        """The files of the zone's name, whether they are read or not."""
        return [*map(str, self._whole(origin)), *self._split(origin)]

    def lacks(self, origin: str) -> bool:
        """Whether octoDNS ends on it that there are no files of the zone."""
        return self.own and not (self.may_lack or self.files(origin))

    def is_twice(self, origin: str) -> bool:
        """Whether there are files under both spellings of the zone's name."""
        return len(self._folders(origin)) > 1 or (self.whole_files and len(self._whole(origin)) > 1)

    def _split(self, origin: str) -> list[str]:
        folders = self._folders(origin)
        return [str(folder / name) for folder in folders for name in self.disk.names(folder)]

    def _folders(self, origin: str) -> list[Path]:
        found = self._paths(origin, self.extension) if self.extension else ()
        return [path for path in found if self.disk.is_dir(path)]

    def _whole(self, origin: str) -> list[Path]:
        return [path for path in self._paths(origin, ".yaml") if self.disk.is_file(path)]

    def _paths(self, origin: str, ending: str) -> Iterator[Path]:
        """Where a zone may be: under its name in U-labels, or in A-labels."""
        for name in dict.fromkeys((decoded(origin), origin)):
            yield self.folder / f"{name[:-1]}{ending}"

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(_names_in(self.folder, self.disk))

    def may_be_refused(self, origin: str) -> bool:
        """Whether its files of the zone may be none, or twice, by a first look."""
        held = {f"{name[:-1]}.yaml" for name in (decoded(origin), origin)} & self._names
        return bool(self.extension) or not self.whole_files or len(held) != 1

    def zones(self) -> Iterator[str]:
        """The zones that there are files of, as these are named, without the final dot."""
        for name in _names_in(self.folder, self.disk):
            if self.extension and name.endswith(self.extension):
                if self.disk.is_dir(self.folder / name):
                    yield name[: -len(self.extension)]
            elif self.whole_files and name.endswith(".yaml") and name.count(".") > 1:
                yield name[:-5]


@dataclass(frozen=True, slots=True)
class ZoneFolder:
    """A folder of zone files, as octodns-bind 1.1 lists it."""

    folder: Path
    extension: str
    disk: Files = DISK

    def file(self, origin: str) -> Path:
        """The file of a zone."""
        return self.folder / f"{origin[:-1].replace('/', '-')}{self.extension}"

    def zones(self) -> Iterator[str]:
        """The zones that there are files of, as these are named."""
        for name in _names_in(self.folder, self.disk):
            if name.endswith(self.extension):
                yield name.removesuffix(self.extension)


@dataclass(frozen=True, slots=True)
class BoundFile:
    """What becomes of a zone file that octoDNS reads.

    processors: those of its zone. unread: what other sources add to that.
    """

    targets: tuple[str, ...]
    processors: tuple[Processor, ...]
    unread: tuple[str, ...]

    def note(self, zone: Zone) -> None:
        """Note in the zone of the file of which records nobody can tell whether they are there."""
        for rrset in list(zone.rrsets()):
            takes(self.processors, zone, rrset.owner, rrset.type)
        for each in self.processors:
            each.note(zone)
        zone.unread = tuple(dict.fromkeys((*zone.unread, *self.unread)))
        zone.complete = zone.complete and not self.unread


def _names_in(folder: Path, disk: Files) -> list[str]:
    """Nothing of a folder that is not there."""
    try:
        return disk.names(folder)
    except OSError:
        return []


PlaceOf = Callable[[Sequence[str]], Span | None]
"""Where the last of some keys is, each below the one before."""


def _nowhere(_keys: Sequence[str]) -> None:
    """No place is known of what was never read."""


class Config:
    """What a configuration says.

    data: all of it, as mappings, lists and texts.
    sources: the ids of those of all zones.
    told_of: its zones by their origins, those with a `*` by their names.
    processors: what is known of its processors.
    yaml: the providers that are YAML, `bind` those of zone files.
    refused: what octoDNS ends on, whichever zone it comes to.
    doubts: what has to be known of octoDNS itself.
    started: the folder that octoDNS was started in, where it runs.
    """

    def __init__(
        self,
        path: str,
        data: Mapping[str, Any],
        disk: Files = DISK,
        place_of: PlaceOf = _nowhere,
        started: Path | None = None,
    ) -> None:
        self.path = path
        self.data = data
        self._place_of = place_of
        self._started = started
        self.refused: list[ReadError] = []
        self.told_of: dict[str, Mapping[str, Any]] = {}
        for name, zone in data["zones"].items():
            is_taken = name.startswith("*") or _ODD_ZONE.fullmatch(name)
            origin = origin_of(name.removesuffix(".")) or (name if is_taken else None)
            if origin is not None:
                self.told_of[origin] = table_in(zone)
                continue
            why = f"`{quote_source(name)}` is not the name of a zone, so octoDNS ends on it."
            self._refuse(f"{why} A pattern is a `*` with `glob` or `regex`.", "zones", name)
        self.sources = {id for z in self.told_of.values() for id in names_in(z.get("sources"))}
        handlers = [str(id) for id in table_in(data.get("secret_handlers"))]
        self.processors = {
            id: known(id, told, handlers) for id, told in self._parts("processors").items()
        }
        if table_in(data.get("manager")).get("include_meta"):
            self.processors[_META.id] = _META
        self.yaml: dict[str, Provider] = {}
        self.bind: dict[str, ZoneFolder] = {}
        for id, told in self._parts("providers").items():
            try:
                self._provide(Options(id, told, handlers), disk)
            except OnlyOctodnsKnows:
                continue
            except YamlFault:
                if id in self.sources:
                    raise
        self._refused_alike: dict[int, str] = {}
        self._suppliers: dict[tuple[str, str], ConfiguredSupply] = {}
        for key in ("manager", "processors", "validators", "secret_handlers"):
            if data.get(key) and not isinstance(data[key], dict):
                self._refuse(f"`{key}` is not a mapping, so octoDNS ends on it.", key)
        self.doubts: list[str] = []
        for kind, key in _OUR_PARTS.items():
            own = f"MailAuth{kind.capitalize()}"
            for id, value in table_in(data.get(key)).items():
                if not isinstance(value, dict):
                    why = f"`{quote_source(id)}` is not a mapping with a `class`"
                    self._refuse(f"{why}, so octoDNS ends on it.", key, id)
            for id, told in self._parts(key).items():
                options = Options(id, told, handlers)
                self.doubts += doubts(key, options)
                for option, message in refusals(key, options, path, disk):
                    self._refuse(message, key, id, option)
                if told.get("class") not in (f"{OURS}{own}", f"{OURS}{kind}.{own}"):
                    continue
                supplier = None if kind == "validator" else _supplier(kind, options)
                if supplier is not None:
                    self._suppliers[kind, id] = supplier
        workers = table_in(data.get("manager")).get("max_workers")
        if workers and not isinstance(workers, int | float):
            why = "`max_workers` is not a number, so octoDNS ends on it."
            self._refuse(why, "manager", "max_workers")
        for id in self._everywhere if self.told_of else ():
            if id not in self._known["processor"]:
                why = f"has the processor {id}, which is not configured"
                self._refuse(f"`manager` {why}, so octoDNS refuses every zone.", "manager")
        enabled = table_in(table_in(data.get("manager")).get("validators")).get("enabled")
        if isinstance(enabled, str):
            why = f"`enabled` is the text `{enabled}`, and octoDNS, which wants a list, ends on it."
            self._refuse(f"{why} Write `[{enabled}]`.", "manager", "validators", "enabled")
        self._dynamic: dict[str, str] = {}
        self._unlisted: list[tuple[str, list[str]]] = []
        self._list()

    def _refuse(self, message: str, *keys: str) -> None:
        """Note what octoDNS ends on, at the last of these keys that is there."""
        span = self._place_of(keys)
        self.refused.append(
            ReadError(span.path, message, span.line, span.column)
            if span
            else ReadError(self.path, message)
        )

    def _provide(self, options: Options, disk: Files) -> None:
        """Take in a provider that has files. Raises YamlFault."""
        kind = str(options.told.get("class", ""))
        if not kind.endswith("YamlProvider") and kind not in _BIND:
            return
        zones = tuple(self.data["zones"])
        at = Path(self.path)
        above = Path(whole_path(self.path)).parents
        starts = above if self._started is None else (self._started, *above)
        folder = _folder(options.text("directory"), at, starts, zones, disk)
        if kind in _BIND:
            self.bind[options.id] = ZoneFolder(folder, options.text("file_extension", "."), disk)
        else:
            self.yaml[options.id] = _provider(options, folder, disk)

    def _parts(self, key: str) -> dict[str, Mapping[str, Any]]:
        """The providers or processors by their ids."""
        parts = table_in(self.data.get(key)).items()
        return {str(id): told for id, told in parts if isinstance(told, dict)}

    # -- what holds for a zone -----------------------------------------------------------------

    def zone(self, origin: str) -> Mapping[str, Any]:
        """What is said of a zone: under its name, else under the `*` that it falls under."""
        found = self.told_of.get(self._dynamic.get(origin, origin))
        if found is not None:
            return found
        named = decoded(origin)
        dynamic = (zone for name, zone in self.told_of.items() if name.startswith("*"))
        return next((zone for zone in dynamic if _falls_under(named, zone) is not False), {})

    def alias_of(self, origin: str) -> str | None:
        """The zone that octoDNS copies for this one."""
        alias = self.zone(origin).get("alias")
        return origin_of(str(alias).removesuffix(".")) if alias else None

    def sources_of(self, origin: str) -> list[str]:
        """The ids of the zone's sources; an alias has those of the zone it copies."""
        return names_in(self.zone(self.alias_of(origin) or origin).get("sources"))

    def targets_of(self, origin: str) -> list[str]:
        """The ids of the zone's targets; octoDNS writes an alias to those of the zone it copies."""
        return names_in(self.zone(self.alias_of(origin) or origin).get("targets"))

    def left_alone(self, origin: str) -> str:
        """What has to be known of a zone that octodns-sync passes over; "" where it is synced."""
        told = self.zone(self.alias_of(origin) or origin)
        if told.get("sources") == []:
            return "what its targets hold: it has no source, so octoDNS leaves it alone"
        if not told.get("targets", True):
            return "what is published of it: it has no target, so octoDNS leaves it alone"
        return ""

    def processors_of(self, origin: str) -> list[str]:
        """The ids of the zone's processors, in octoDNS's order.

        A copy has those of the last zone that is none (octodns/manager.py, `sync`).
        """
        told = self._last if self.alias_of(origin) is not None else self.zone(origin)
        manager = table_in(self.data.get("manager"))
        first, last = (names_in(manager.get(key)) for key in _EVERYWHERE)
        meta = [_META.id] if self.processors.get(_META.id) is _META else []
        return [*first, *names_in(told.get("processors")), *last, *meta]

    @cached_property
    def _everywhere(self) -> dict[str, None]:
        """The ids of the processors of every zone."""
        manager = table_in(self.data.get("manager"))
        return dict.fromkeys(id for key in _EVERYWHERE for id in names_in(manager.get(key)))

    def handling(self, origin: str) -> tuple[Processor, ...]:
        """What is known of the zone's processors; those of the zone that it copies come first."""
        alias = self.alias_of(origin)
        is_copy = alias is not None and self.alias_of(alias) is None
        before = [p for p in self.handling(alias) if p.is_early] if alias and is_copy else []
        known = [self.processors[id] for id in self.processors_of(origin) if id in self.processors]
        return (*before, *(each for each in known if each != Processor(each.id)))

    @cached_property
    def _unasked(self) -> set[tuple[str, str]]:
        """The validators, and the types, that octoDNS asks none about (see its manager)."""
        told = table_in(table_in(self.data.get("manager")).get("validators"))
        record = table_in(told.get("record"))
        added, taken = (
            table_in(record.get(key, told.get(key))) for key in ("validators", "disable_validators")
        )
        is_enabled = not SETS.isdisjoint(names_in(told.get("enabled", ["legacy"])))
        return {
            (id, type)
            for id, type in VALIDATED
            if id in (*self._parts("validators"), *_named_for(taken, type))
            or not (is_enabled or id in _named_for(added, type))
        }

    def unasked(self, origin: str) -> frozenset[tuple[str, str]]:
        """The validators, and the types, that octoDNS asks none about in a zone."""
        told = table_in(table_in(self.zone(origin).get("validators")).get("record"))
        left = table_in(told.get("disable_validators"))
        own = ((id, type) for id, type in VALIDATED if id in names_in(left.get(type)))
        return frozenset((*self._unasked, *own))

    @cached_property
    def _last(self) -> Mapping[str, Any]:
        """The last zone that octoDNS comes to and that is no copy."""
        used = set(self._dynamic.values())
        named = [z for n, z in self.told_of.items() if n[:1] != "*" and not z.get("alias")]
        found = [*named, *(zone for name, zone in self.told_of.items() if name in used)]
        return found[-1] if found else {}

    # -- zones ---------------------------------------------------------------------------------

    def _list(self) -> None:
        """Find the zones of each `*`, as octoDNS does: of those that its sources list."""
        for name, zone in self.told_of.items():
            if not name.startswith("*"):
                continue
            sources = names_in(zone.get("sources"))
            folders = [self.yaml.get(id) or self.bind.get(id) for id in sources]
            for listed in (each for folder in folders if folder for each in folder.zones()):
                origin = origin_of(listed)
                if origin is None or f"{listed}." in self.told_of:
                    continue
                if _falls_under(f"{listed}.", zone) is not False:
                    self._dynamic.setdefault(origin, name)
            unlisted = [
                id
                for id, folder in zip(sources, folders, strict=True)
                if folder is None and not self._is_ours(id)
            ]
            if unlisted:
                self._unlisted.append((name, unlisted))

    @cached_property
    def zones(self) -> Sequence[ZoneFiles]:
        """The zones that it names, and those that its sources have."""
        return tuple(self.zones_of(None))

    def zones_of(self, wanted: Collection[str] | None) -> Iterator[ZoneFiles]:
        """Those of these names and their copies, None for all: there may be ten thousand."""
        for origin in self._origins:
            if wanted is None or origin in wanted or self.alias_of(origin) in wanted:
                yield self._files(origin)
        for name, zone in self.told_of.items():
            if name[:1] == "*" and (refused := self._refused_pattern(zone)):
                near = tuple(self._falling_under(zone, wanted or ()))
                if wanted is None or near:
                    yield ZoneFiles(f"{name}.", (), refused=refused, near=near)
        for name, sources in self._unlisted:
            why = f"the zones of {' and '.join(sources)}, which only octoDNS lists"
            yield ZoneFiles(f"{name}.", (), (why,))

    @property
    def refused_zones(self) -> Iterator[tuple[str, str]]:
        """The zones that octoDNS refuses, each with why: there may be ten thousand."""
        for origin in self._origins:
            files, sources = self.alias_of(origin) or origin, self.sources_of(origin)
            held = (self.yaml[id] for id in sources if id in self.yaml)
            why = self._refused(origin)
            if not why and any(each.may_be_refused(files) for each in held):
                why = self._refused_files(files, sources)
            if why:
                yield origin, why
        for name, zone in self.told_of.items():
            if name[:1] == "*" and (why := self._refused_pattern(zone)):
                yield f"{name}.", why

    @property
    def _origins(self) -> Iterator[str]:
        yield from (name for name in self.told_of if name.endswith(".") and name[:1] != "*")
        yield from self._dynamic

    def _falling_under(self, told: Mapping[str, Any], origins: Iterable[str]) -> Iterator[str]:
        """The files of those of some zones that have nothing but a `*`."""
        for origin in origins:
            if self.zone(origin) is told:
                for id, provider in self.yaml.items():
                    if id not in names_in(told.get("targets")):
                        yield from provider.named_after(origin)

    def _is_read(self, source: str) -> bool:
        """Whether all that a source has is known here."""
        provider = self.yaml.get(source)
        return self._is_ours(source) if provider is None else provider.own

    def _files(self, origin: str) -> ZoneFiles:
        sources, alias = self.sources_of(origin), self.alias_of(origin)
        processors = [*self.processors_of(alias or origin), *self.processors_of(origin)]
        unread = [
            f"the records of `{id}`, which only octoDNS reads"
            if id not in self.yaml
            else f"what `{id}` reads beside its files"
            for id in sources
            if not self._is_read(id)
        ]
        if left_alone := self.left_alone(origin):
            unread.append(left_alone)
        dynamic = self.told_of.get(self._dynamic.get(origin, ""), {})
        if _falls_under(decoded(origin), dynamic) is None:
            unread.append(f"whether `{dynamic.get('regex')}` finds the zone")
        suppliers = tuple(
            supplier
            for (kind, id), supplier in self._suppliers.items()
            if sources and id in (sources if kind == "source" else processors)
        )
        told: dict[str, Any] = {
            "lenient": bool(self.zone(origin).get("lenient")),
            "processors": self.handling(origin),
            "targets": tuple(self.targets_of(origin)),
            "below": frozenset(self._below.get(origin, ())),
            "keeps_below": not self.zone(origin).get("ignore_subzone_adds"),
            "others": tuple(unread),
            "doubts": tuple(self.doubts),
            "suppliers": suppliers,
            "relative": self._relative(origin),
            "unasked": self.unasked(origin),
        }
        paths: list[tuple[str, EntrySettings]] = []
        for source in sources:
            if provider := self.yaml.get(source):
                settings = replace(provider.settings, **told, source=source)
                paths += ((path, settings) for path in provider.files(alias or origin))
        read = {path for path, _ in paths}
        refused = self._refused(origin) or self._refused_files(alias or origin, sources)
        names = (origin, alias) if alias and refused else (origin,)
        ids = [id for id in sources if id in self.yaml and not alias] or [
            id for id in self.yaml if id not in self.targets_of(origin)
        ]
        there = (path for id in ids for name in names for path in self.yaml[id].named_after(name))
        idle = [path for path in there if path not in read]
        return ZoneFiles(
            origin, tuple(paths), tuple(unread), alias, refused, tuple(idle), suppliers=suppliers
        )

    def _relative(self, origin: str) -> str:
        """A target of a zone that writes names as they are into master files or updates."""
        processors = (self._class_of("processors", id) for id in self.processors_of(origin))
        if _DOTS in processors:
            return ""
        targets = self.targets_of(origin)
        return next((id for id in targets if self._class_of("providers", id) in _RELATIVE), "")

    def _class_of(self, key: str, id: str) -> str:
        return str(table_in(table_in(self.data.get(key)).get(id)).get("class", ""))

    def _refused_files(self, origin: str, sources: Sequence[str]) -> str:
        """Why octoDNS refuses the files of a zone, or that there are none."""
        own = {id: self.yaml[id] for id in sources if id in self.yaml}
        lacking = [id for id, each in own.items() if each.lacks(origin)]
        if lacking:
            return f"has no file in the folder of {' and '.join(lacking)}"
        twice = next((id for id, each in own.items() if each.is_twice(origin)), None)
        if twice is None:
            return ""
        return f"has files under both spellings of its name in the folder of {twice}"

    def _refused(self, origin: str) -> str:
        """Why octoDNS refuses a zone, whatever its files are."""
        told = self.zone(origin)
        if origin[:-1] in self.data["zones"]:
            return "is configured without its final dot"
        if {origin, decoded(origin)} <= self.data["zones"].keys() and origin != decoded(origin):
            return f"is configured a second time, as `{decoded(origin)}`"
        if "alias" in told:
            why = self._refused_alias(self.alias_of(origin), told["alias"])
            return why or self._refused_parts(origin)
        if id(told) not in self._refused_alike:
            self._refused_alike[id(told)] = self._refused_keys(told) or self._refused_parts(origin)
        return self._refused_alike[id(told)]

    def _refused_keys(self, told: Mapping[str, Any]) -> str:
        """Why octoDNS refuses a zone that is no copy, by what it must have."""
        if not isinstance(told.get("sources"), list):
            return "has no `sources`"
        if "targets" not in told:
            return "has no `targets`"
        for key in ("sources", "targets", "processors"):
            if told.get(key) and told[key] != names_in(told[key]):
                return f"has `{key}` that are not a list of names"
        return ""

    def _refused_parts(self, origin: str) -> str:
        """Why octoDNS refuses a zone by its sources, processors and targets."""
        sources = self.sources_of(origin)
        for source, after in pairwise(sources):
            if self._is_ours(source) and not self._is_ours(after):
                return f"has zonelint's source {source} before {after}, which it completes"
        targets = self.targets_of(origin) if sources else ()
        processors = [id for id in self.processors_of(origin) if id not in self._everywhere]
        for kind, ids in zip(_PARTS_OF_ZONE, (sources, processors, targets), strict=True):
            unknown = next((id for id in ids if id not in self._known[kind]), None)
            if unknown is not None:
                return f"has the {kind} {unknown}, which is not configured"
        only = next((id for id in targets if self._is_only_source(id)), None)
        return "" if only is None else f"has the target {only}, which can only be a source"

    def _refused_alias(self, alias: str | None, written: object) -> str:
        """Why octoDNS refuses a copy of this zone."""
        if alias is None:
            return "has an `alias` that is not the name of a zone"
        if "alias" in self.zone(alias):
            return f"is an alias of {without_dot(alias)}, which is one itself"
        if not (alias in self.told_of or alias in self._dynamic or self._unlisted):
            return f"is an alias of {without_dot(alias)}, which is not configured"
        if written != alias:
            return f"is an alias of `{written}`, which octoDNS finds as `{alias}` only"
        if self.left_alone(alias):
            return f"is an alias of {without_dot(alias)}, which octoDNS leaves alone"
        return ""

    def _refused_pattern(self, told: Mapping[str, Any]) -> str:
        """Why octoDNS cannot list the zones of a `*`."""
        if not isinstance(told.get("sources"), list):
            return "has no `sources`"
        regex = told.get("regex")
        if regex and not told.get("glob") and not is_pattern(regex):
            return f"has the regex `{quote_source(str(regex))}`, which is not a regular expression"
        for id in names_in(told["sources"]):
            if id not in self._known["source"]:
                return f"has the source {id}, which is not configured"
            provider = self.yaml.get(id) or self.bind.get(id)
            # A relative one may be there from where octoDNS is run, which is not known here.
            folder = Path(str(self._parts("providers").get(id, {}).get("directory")))
            if provider and folder.is_absolute() and not provider.disk.is_dir(provider.folder):
                return f"has the source {id}, whose folder {provider.folder} is not there"
        return ""

    def _is_ours(self, source: str) -> bool:
        return ("source", source) in self._suppliers

    def _is_only_source(self, id: str) -> bool:
        """Whether a provider, by its class, is one that nothing is written to."""
        kind = self._class_of("providers", id)
        return kind.startswith("octodns.source.") or self._is_ours(id)

    @cached_property
    def _known(self) -> dict[str, Collection[str]]:
        """The ids of sources, processors and targets, with what octoDNS adds to them."""
        manager = table_in(self.data.get("manager"))
        own = ["auto-arpa"] if manager.get("auto_arpa") else []
        providers = {*self._parts("providers"), *own}
        processors = {*self._parts("processors"), *self.processors, *own}
        return dict(zip(_PARTS_OF_ZONE, (providers, processors, providers), strict=True))

    @cached_property
    def _below(self) -> dict[str, list[str]]:
        """The zones below each zone; what octoDNS keeps out of the zone above."""
        there = {*(name for name in self.told_of if name[:1] != "*"), *self._dynamic}
        pairs = ((above, name) for name in there for above in ancestors(parent(name)))
        return grouped((above, name) for above, name in pairs if above in there)

    @property
    def parts(self) -> set[str]:
        """The zone files that are no zones: octoDNS writes them, or adds to what they hold."""
        found = set()
        for origin in (zone.origin for zone in self.zones):
            sources = self.sources_of(origin)
            only = set(sources) if len(sources) == 1 else set()
            for id in {*sources, *self.targets_of(origin)} - only:
                if id in self.bind:
                    found.add(str(self.bind[id].file(origin)))
        return found

    @property
    def bound(self) -> Iterator[tuple[Path, BoundFile]]:
        """The zone files that it reads, each with what becomes of it."""
        for origin in () if self.sources.isdisjoint(self.bind) else self._origins:
            sources, targets = self.sources_of(origin), tuple(self.targets_of(origin))
            for id in () if self.alias_of(origin) else sources:
                if id in self.bind:
                    unread = tuple(f"the records of `{each}`" for each in sources if each != id)
                    held = BoundFile(targets, self.handling(origin), unread)
                    yield self.bind[id].file(origin), held

    @property
    def settings(self) -> dict[Path, EntrySettings]:
        """How the files of a folder are read."""
        return {p.folder: p.settings for id, p in self.yaml.items() if id in self.sources}

    @property
    def targets(self) -> set[Path]:
        """Folders that octoDNS only writes to."""
        written = {id for zone in self.told_of.values() for id in names_in(zone.get("targets"))}
        folders = {id: each.folder for id, each in (self.yaml | self.bind).items()}
        read = {folder for id, folder in folders.items() if id in self.sources}
        return {folder for id, folder in folders.items() if id in written} - read


def looks_like_config(text: str) -> bool:
    """Whether a text may be a configuration, by a first look."""
    return len(_PARTS.findall(text)) > 1


def may_read(source: SourceText, path: str, origins: Collection[str], disk: Files) -> bool | None:
    """Whether a configuration that cannot be read may read a file, which may be of these zones.

    By its text: it has the zone, or a `*`, and its directory is the folder that the file is in, or
    that the folder of a split zone is in. None where that hangs on where octoDNS is started.
    """
    text = source.text
    if not _YAML_CLASS.search(text) and "!include" not in text:
        return False
    if origins and not _OPEN_NAMES.search(text):
        names = {name[:-1] for origin in origins for name in (origin, decoded(origin))}
        words = "|".join(map(re.escape, sorted(names)))
        if not re.search(rf"(?<![\w.-])(?:{words})(?!\.?[\w-])", text, re.IGNORECASE):
            return False
    if "secret_handlers" in text or "!include" in text:
        return None
    told = [quoted or plain for _, quoted, plain in _DIRECTORY.findall(text)]
    folder = Path(whole_path(path)).parent
    folders = [disk.resolve(folder)]
    if zone_of_folder(folder):
        folders.append(disk.resolve(folder.parent))
    above = Path(source.path).absolute().parents
    for each in told:
        nearest = next((start / each for start in above if disk.is_dir(start / each)), None)
        if nearest is not None and disk.resolve(nearest) in folders:
            return True
    there = (start for each in told for start in places_of(each, source.path))
    is_open = any(each.startswith("env/") for each in told)
    return None if is_open or any(disk.resolve(each) in folders for each in there) else False


def is_config(document: YamlDocument, root: YamlPlace | None) -> bool:
    """Whether a file is octoDNS's configuration: mappings `providers` and `zones`."""
    if root is None or not isinstance(root.node, MappingNode):
        return False
    held = {pair.name: document.resolved(pair.value).node for pair in document.pairs(root)}
    return all(isinstance(held.get(name), MappingNode) for name in ("providers", "zones"))


def read(
    source: SourceText, include: Include, disk: Files = DISK, started: Path | None = None
) -> Config:
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
        pair.name: _zones(document, pair.value)
        if pair.name == "zones"
        else _plain(forgiving, pair.value, 1)
        for pair in document.pairs(root)
    }

    def place_of(keys: Sequence[str]) -> Span | None:
        place, span = root, None
        for key in keys:
            pairs = forgiving.pairs(place) if isinstance(place.node, MappingNode) else ()
            pair = next((each for each in pairs if each.name == key), None)
            if pair is None:
                break
            place, span = pair.value, pair.key.span
        return span

    return Config(source.path, data, disk, place_of, started)


def _or_nothing(include: Include) -> Include:
    """Files that cannot be included are empty: a token, say, that is outside the repository."""

    def include_or_nothing(including: str, name: str) -> tuple[str, str]:
        try:
            return include(including, name)
        except YamlFault:
            return name, ""

    return include_or_nothing


def _zones(document: YamlDocument, zones: YamlPlace) -> dict[str, Any]:
    """What is said of each zone; one object for those of which the same is written."""
    alike: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for pair in document.pairs(zones):
        text = pair.value.written
        if text not in alike or _ELSEWHERE.search(text):
            alike[text] = _plain(document, pair.value, 2)
        found[pair.name] = alike[text]
    return found


def _plain(document: YamlDocument, place: YamlPlace, depth: int) -> Any:
    """Mappings, lists and scalars of a node, as YAML means them. Raises YamlFault."""
    if depth > _DEEPEST:
        return None
    node = place.node
    if isinstance(node, MappingNode):
        pairs = document.pairs(place)
        return {pair.name: _plain(document, pair.value, depth + 1) for pair in pairs}
    if isinstance(node, SequenceNode):
        return [_plain(document, item, depth + 1) for item in document.items(place)]
    assert isinstance(node, ScalarNode), "there is no other kind"
    return node.value if node.style else meant(node.value)


def _named_for(told: Mapping[str, Any], type: str) -> list[str]:
    """The names listed for a type, and those for all."""
    return [*names_in(told.get(type)), *names_in(told.get("*"))]


def _provider(options: Options, folder: Path, disk: Files) -> Provider:
    kind = str(options.told.get("class", ""))
    split = kind.endswith("SplitYamlProvider")
    extension = options.text("extension", ".") if split else options.text("split_extension")
    ttl = options.text("default_ttl", "3600")
    return Provider(
        folder=folder,
        settings=EntrySettings(
            default_ttl=int(ttl) if ttl.isascii() and ttl.isdigit() else 3600,
            escaped=options.flag("escaped_semicolons", True),
            replace=options.flag("populate_should_replace", False),
            natural=options.text("order_mode") != "simple",
            ordered=options.flag("enforce_order", True),
        ),
        extension=extension,
        whole_files=not split and not options.flag("disable_zonefile", False),
        shared=options.text("shared_filename"),
        may_lack=options.flag("ignore_missing_zones", False),
        own=kind in _OWN,
        disk=disk,
    )


def _folder(
    directory: str, config: Path, starts: Iterable[Path], zones: Collection[str], disk: Files
) -> Path:
    """Where a provider's directory is: octoDNS looks from the folder that it is started in.

    That is taken for the first of `starts` from which the directory is there: the nearest above
    the configuration, wherever zonelint is started. One that holds any of the zones goes before one
    that holds none, as with `.`, which is there from anywhere.
    """
    there = [start / directory for start in starts if disk.is_dir(start / directory)]
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


def _supplier(kind: str, options: Options) -> ConfiguredSupply | None:
    """The supplier that a source or a processor is, if it is one."""
    name = f"the {kind} {options.id}"
    try:
        mode = options.text("mode", "block") if kind == "processor" else "apply"
        config: str | None = options.text("config", OWN)
    except YamlFault:
        name, config = f"{name}, whose options name an environment variable that is not set,", None
    except OnlyOctodnsKnows:
        name, config = f"{name}, whose options are not known here,", None
    else:
        if mode != "apply":
            return None
    told = options.told.get("codes")
    codes = names_in([told] if isinstance(told, str) else told)
    return ConfiguredSupply(name, tuple(code.upper() for code in codes), config)


def _falls_under(name: str, zone: Mapping[str, Any]) -> bool | None:
    """Whether a zone, by the name of its files, is one of those that a `*` stands for.

    None where that takes too long.
    """
    glob, regex = zone.get("glob"), zone.get("regex")
    if glob:
        return fnmatchcase(name, str(glob))
    return matches(str(regex), name) if regex else True


NO_CONFIG = Config("", {"providers": {}, "zones": {}})
"""What a zone has that was found without one."""
