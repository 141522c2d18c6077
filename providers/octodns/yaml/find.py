"""octoDNS zones among the paths of a run: configurations, files, folders of split files.

A file counts that octoDNS's configuration names, or whose name is a domain (`example.com.yaml`)
and whose content is an octoDNS mapping. Other YAML in a folder that is searched is passed over in
silence; a file that the user named is an error then.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from pathlib import Path

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from zonelint.grammars.dnsname import BadName
from zonelint.grammars.listing import firsts, grouped, listed, some
from zonelint.grammars.masterfile.reader import IncludeError, collector_paused
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import without_dot
from zonelint.providers.files import DISK, Files, Places, Progress
from zonelint.providers.octodns.yaml import config as yamlconfig
from zonelint.providers.octodns.yaml.document import (
    YamlDocument,
    YamlFault,
    YamlPlace,
    YamlSource,
    scalar,
)
from zonelint.providers.octodns.yaml.names import (
    last_part,
    origin_of,
    origin_of_file,
    origin_of_folder,
    whole_path,
    zone_of_folder,
)
from zonelint.providers.octodns.yaml.record import ConfiguredSupply, EntrySettings
from zonelint.providers.octodns.yaml.search import File, named_after
from zonelint.providers.octodns.yaml.zone import OctoZone, read, unread_zone
from zonelint.providers.zonefile.reader import IncludeFolders, Origins, ReadError, load

_LOOKS_LIKE_ZONE = re.compile(
    r"(?:^|[{,])[ \t-]*(?:['\"]?type['\"]?:)[ \t]*['\"]?"
    r"(?:A|AAAA|ALIAS|CAA|CNAME|DNAME|DS|MX|NS|PTR|SPF|SRV|TLSA|TXT)\b|: !include ",
    re.MULTILINE,
)

_OF_AN_ID = re.compile(
    r"has the (?:source|processor|target) \S+, which (?:is not configured|can only be a source)"
)
"""Why zones are refused that have one cause: an id that all of them name."""
_WRITTEN = "octoDNS writes {}, from the sources of its zone"
_MOST_NAMES = 3
_FIRST_LOOK = 1 << 16
_FOR_SOME = re.compile(r"\b(?:included|excluded)\b|!include\b")


@dataclass(slots=True)
class FoundYaml:
    """The octoDNS zones of some files, and why others give none.

    known: whether any of the files was octoDNS's at all.
    """

    zones: list[OctoZone] = field(default_factory=list)
    errors: list[ReadError] = field(default_factory=list)
    known: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One zone to read, or why there is none to read.

    file: a file that may be a zone. Otherwise `configuration` tells the origin and the paths.
    unread: what it has, where nothing is read. suppliers: who adds to it then.
    targets: those that get these records of the zone, where others get other records.
    idle: the other files of its name, which octoDNS does not read.
    """

    file: File | None = None
    origin: str = ""
    paths: tuple[tuple[str, EntrySettings], ...] = ()
    copy_of: str = ""
    configuration: str = ""
    unread: tuple[str, ...] = ()
    suppliers: tuple[ConfiguredSupply, ...] = ()
    targets: tuple[str, ...] = ()
    idle: tuple[str, ...] = ()
    error: ReadError | None = None

    @property
    def weight(self) -> tuple[str, ...]:
        """The files that are read for it."""
        return tuple(path for path, _ in self.paths) if self.file is None else (self.file.path,)


class YamlReading:
    """Reads what was found. Configurations first: they tell how the others are read.

    `near` are the files of each configuration's zones, `names` these.
    `prepare` makes `tasks`, each of which may be done by itself (`do`). `splits` are
    the folders of split zones: where there are any, the whole must be read together (`whole`).
    """

    def __init__(
        self, origins: Origins, files: Files = DISK, *, started: Path | None = None
    ) -> None:
        self.files = files
        self.started = started
        self.place = Places(files)
        self.found = FoundYaml()
        self.origins = origins
        self.tasks: list[Task] = []
        self.splits: dict[str, list[File]] = {}
        self.texts: dict[str, SourceText | ReadError] = {}
        self.settings: dict[str, EntrySettings] = {}
        self.targets: set[str] = set()
        self.written: set[str] = set()
        self.roots: dict[int, Node | None] = {}
        self.taken: set[str] = set()
        self.zones: dict[str, list[int]] = {}
        self.parts: set[str] = set()
        self.asked: set[str] = set()
        self.wanted: Collection[str] | None = None
        self.complained: set[str] = set()
        self.broken: list[tuple[SourceText, ReadError]] = []
        self.near: dict[str, Collection[str]] = {}
        self.names: dict[str, set[str]] = {}

    def prepare(self, files: Iterable[File], beside: Iterable[File] = ()) -> None:
        """Read the configurations, and find out what there is to read.

        beside: files that are not read, but where a configuration among them tells how others are,
          and with which.
        """
        each_once = firsts((self.place(file.path), file) for file in files).values()
        kept = [file for file in each_once if not self._is_config(file)]
        self.asked = {self.place(file.path) for file in kept}
        self._ask_beside(kept, beside)
        self.tasks = [part for task in self.tasks for part in self._by_targets(task)]
        for file in kept:
            if self.place(file.path) in self.taken:
                continue
            if file.folder:
                self.splits.setdefault(file.folder, []).append(file)
            else:
                self.tasks.append(Task(file))

    def is_part(self, path: str) -> bool:
        """Whether a zone file is no zone: octoDNS writes it, or adds to what it holds."""
        return bool(self.parts) and self.place(path) in self.parts

    def of_zone(self, origin: str) -> YamlReading:
        """A reading anew of what is of a zone."""
        made = self._anew()
        made.tasks = [
            task
            for task in self.tasks
            if task.error is None
            and origin == (task.origin or origin_of_file(last_part(task.weight[0])))
        ]
        made.splits = {
            folder: files
            for folder, files in self.splits.items()
            if origin_of_folder(last_part(whole_path(folder))) == origin
        }
        return made

    def keep_files(self, paths: Collection[str]) -> None:
        """Leave out what is not read from these files."""
        self.tasks = [task for task in self.tasks if not set(paths).isdisjoint(task.weight)]

    def keep_asked(self) -> None:
        """Leave out what is not read from the files that were asked for, or include one of them."""
        self.tasks = [t for t in self.tasks if not self.asked.isdisjoint(map(self.place, t.weight))]

    def only(self, paths: Collection[str]) -> YamlReading:
        """A reading anew of what is read from these files; a split zone is left out."""
        made = self._anew()
        made.splits = {}
        made.keep_files(paths)
        return made

    def _anew(self) -> YamlReading:
        made = copy(self)
        made.found, made.complained, made.texts, made.roots = FoundYaml(), set(), {}, {}
        return made

    def whole(self, progress: Progress | None = None) -> FoundYaml:
        """Do every task, and read the split zones."""
        with collector_paused():
            for done, task in enumerate(self.tasks):
                if progress is not None:
                    progress(done, len(self.tasks))
                self.do(task)
            for folder, parts in self.splits.items():
                self.found.known |= self._split(folder, parts)
        return self.found

    def do(self, task: Task) -> OctoZone | None:
        """Do one task; its zone, if it gives one, and its errors are added to what is found."""
        zones = len(self.found.zones)
        if task.error is not None:
            self._complain(task.error)
        elif task.file is None and not task.paths:
            self.found.known = True
            made = unread_zone(task.origin, task.configuration, task.unread)
            made.suppliers = task.suppliers
            self.found.zones.append(made)
        elif task.file is not None:
            self.found.known |= self._whole(task.file)
        else:
            self.found.known = True
            zone = self._zone(task.origin, task.paths, copy_of=task.copy_of)
            if zone is not None:
                zone.configuration = task.configuration
                zone.provider = ", ".join(task.targets)
        self.found.known |= bool(self.found.errors)
        return self.found.zones[-1] if len(self.found.zones) > zones else None

    # -- configurations ------------------------------------------------------------------------

    def _is_config(self, file: File) -> bool:
        if file.folder or (not file.named and origin_of_file(last_part(file.path))):
            return False
        loaded = self._load(file.path)
        source = self._beginning_of(file.path) if isinstance(loaded, ReadError) else loaded
        if not yamlconfig.looks_like_config(source.text):
            return False
        error = loaded
        if not isinstance(error, ReadError):
            try:
                config = yamlconfig.read(source, Includes(self.files), self.files, self.started)
            except YamlFault as fault:
                error = read_error(file.path, fault)
        if isinstance(error, ReadError):
            self.broken.append((source, error))
            self.tasks.append(Task(error=error))
            return True
        self._config(config)
        if file.named and not config.zones:
            error = ReadError(
                file.path,
                "This octoDNS configuration leads to no zone file; run zonelint in the folder "
                "where octoDNS is run, because its directories are relative to that.",
            )
            self.tasks.append(Task(error=error))
        return True

    def _beginning_of(self, path: str) -> SourceText:
        """What a file that cannot be read begins with, for a first look."""
        try:
            octets = self.files.beginning(path, _FIRST_LOOK)
        except OSError:
            octets = b""
        return SourceText(path, octets.replace(b"\0", b"").lstrip(b"\xff\xfe").decode("latin-1"))

    def _config(self, config: yamlconfig.Config) -> None:
        self.settings.update({self.place.folder(str(p)): s for p, s in config.settings.items()})
        self.targets.update(self.place.folder(str(folder)) for folder in config.targets)
        if self.wanted is None:
            self.parts.update(map(self.place, config.parts))
        near: dict[str, None] = {}
        refused: dict[str, str] = {}
        names = self.names.setdefault(config.path, set())
        for zone in config.zones if self.wanted is None else config.zones_of(self.wanted):
            names.add(zone.origin)
            paths = tuple(path for path, _ in zone.paths)
            self.taken.update(map(self.place, (*paths, *zone.idle)))
            near |= dict.fromkeys((*paths, *zone.idle, *zone.near))
            if zone.refused:
                refused[zone.origin] = zone.refused
            if not zone.refused or zone.paths:
                self._add(
                    Task(
                        origin=zone.origin,
                        paths=zone.paths,
                        copy_of=zone.alias_of or "",
                        configuration=config.path,
                        unread=zone.unread,
                        suppliers=zone.suppliers,
                        idle=zone.idle,
                    )
                )
        self.near[config.path] = near
        if near and self.wanted is not None:
            refused |= {**dict(config.refused_zones), **refused}
        alike = grouped(
            (("" if _OF_AN_ID.fullmatch(why) else origin, why), origin)
            for origin, why in refused.items()
        )
        errors = (_refusal(config.path, why, zones) for (_, why), zones in alike.items())
        self.tasks += (
            Task(error=error, configuration=config.path) for error in (*errors, *config.refused)
        )

    def _add(self, task: Task) -> None:
        """Add a zone, unless one is read in the same way: then both are published as one.

        Where two configurations read a file each in its way they are two, told apart by targets.
        """
        known = self.zones.setdefault(task.origin, [])
        for at in known:
            other = self.tasks[at]
            if _but_for_targets(other, self.place) == _but_for_targets(task, self.place):
                also = task.paths[0][1].targets if task.paths else ()
                paths = ((p, replace(s, targets=(*s.targets, *also))) for p, s in other.paths)
                self.tasks[at] = replace(other, paths=tuple(paths))
                return
            if other.weight[:1] == task.weight[:1]:
                self.tasks[at] = replace(other, targets=other.targets or _published_at(other))
                task = replace(task, targets=_published_at(task))
        known.append(len(self.tasks))
        self.tasks.append(task)

    def _ask_beside(self, files: Sequence[File], beside: Iterable[File]) -> None:
        """Read files with those that octoDNS reads for the same zone."""
        left = [file for file in files if self.place(file.path) not in self.taken]
        if not left or self.origins.given is not None:
            return
        other = YamlReading(self.origins, self.files, started=self.started)
        names = {named_after(file) for file in left}
        folders = {origin_of(Path(whole_path(file.path)).parent.stem) for file in left}
        other.wanted = None if None in names else {name for name in names | folders if name}
        for file in beside:
            other._is_config(file)
        own = {str(self.files.resolve(file.path)): file.path for file in left}
        spell = whole_path if left[0].path.startswith(os.sep) else os.path.relpath
        for task in other.tasks:
            asked = [own.get(str(self.files.resolve(p))) for p in (*task.weight, *task.idle)]
            if any(asked):
                pairs = zip(asked, task.paths, strict=False)
                paths = tuple((at or spell(path), held) for at, (path, held) in pairs)
                self.tasks.append(replace(task, paths=paths))
                self.taken.update(map(self.place, self.tasks[-1].weight))
        taken = {self.files.resolve(path) for path in other.taken}
        self.taken.update(self.place(f.path) for f in left if self.files.resolve(f.path) in taken)
        unread = {named_after(f) for f in left if self.place(f.path) not in self.taken}
        concerned = {
            path
            for path, near in other.near.items()
            if not unread.isdisjoint(other.names[path])
            or any(str(self.files.resolve(each)) in own for each in near)
        }
        self.tasks += (
            task for task in other.tasks if task.error and task.configuration in concerned
        )
        self.tasks += (
            Task(error=error)
            for source, error in other.broken
            if any(self._may_be_read_by(source, file) for file in left)
        )
        self.settings = other.settings | self.settings
        self.written |= other.targets

    def _may_be_read_by(self, source: SourceText, file: File) -> bool:
        """Whether a configuration that cannot be read may read a file.

        Where its directory is not known that is not taken for granted of what another one reads.
        """
        origins = {named_after(file), zone_of_folder(Path(whole_path(file.path)).parent)}
        known = [origin for origin in origins if origin is not None]
        found = yamlconfig.may_read(source, file.path, known, self.files)
        return self.place(file.path) not in self.taken if found is None else found

    def _by_targets(self, task: Task) -> list[Task]:
        """The task, or one for those of the zone's targets that get the same records."""
        targets = {target for _, settings in task.paths for target in settings.targets}
        if len(targets) < 2 or not any(self._may_keep_from_some(path) for path, _ in task.paths):
            return [task]
        sources = [(self._load(path), settings) for path, settings in task.paths]
        try:
            zone = read(
                task.origin,
                [(text, settings) for text, settings in sources if isinstance(text, SourceText)],
                Includes(self.files),
                roots=self.roots,
            )
        except YamlFault:
            return [task]  # whoever reads it tells
        alike = grouped(
            (tuple(target in entry.targets for entry in zone.entries), target)
            for target in sorted(targets)
        )
        if len(alike) < 2:
            return [task]
        return [
            replace(
                task,
                paths=tuple((path, replace(s, targets=tuple(own))) for path, s in task.paths),
                targets=(*own, *task.targets[-1:]),
            )
            for own in alike.values()
        ]

    def _may_keep_from_some(self, path: str) -> bool:
        """Whether records of a file may be for some of the targets only, by a first look."""
        source = self._load(path)
        return isinstance(source, SourceText) and bool(_FOR_SOME.search(source.text))

    # -- files ---------------------------------------------------------------------------------

    def _whole(self, file: File) -> bool:
        """One file as a zone; whether it is octoDNS's at all."""
        name = last_part(file.path)
        here = self.place.folder(str(Path(file.path).parent))
        settings = self.settings.get(here)
        if settings is None and here in self.targets:
            return True  # octoDNS writes these files, from others that are read
        try:
            origin = self.origins.of(file.path, "") if file.named else None
            origin = origin or self._declared(file) or origin_of_file(name)
        except BadName as wrong:
            message = f"The origin given for this file cannot be used: {wrong.message}"
            self.found.errors.append(ReadError(file.path, message))
            return True
        if origin is None and not file.named:
            return False
        source = self._load(file.path)
        if isinstance(source, ReadError):
            self._complain(source)
            return True
        if not self._is_zone(source, file.named):
            return file.named
        if origin is None:
            self._complain(
                ReadError(
                    file.path,
                    "Nothing shows which zone this file contains; name it after the zone "
                    "(`example.com.yaml`), or give its origin: `origins` in zonelint.toml, or "
                    "--origin.",
                )
            )
            return True
        zone = self._zone(origin, [(file.path, settings or EntrySettings())])
        if zone is not None and settings is None and here in self.written:
            zone.unwritable = _WRITTEN.format(file.path)
            zone.elsewhere = "octoDNS writes this file: what it is written from has to change."
        return True

    def _declared(self, file: File) -> str | None:
        """The origin that zonelint.toml gives a file that a search found."""
        known = Origins(None, self.origins.by_path, self.origins.base)
        return known.of(file.path, "") if self.origins.by_path else None

    def _split(self, folder: str, files: list[File]) -> bool:
        origin = origin_of_folder(last_part(whole_path(folder)))
        assert origin is not None, "a search gives such folders only"
        settings = self.settings.get(self.place.folder(str(Path(folder).parent))) or EntrySettings()
        kept = []
        for file in files:
            source = self._load(file.path)
            if isinstance(source, ReadError):
                self._complain(source)
            elif self._is_zone(source, False):
                kept.append((file.path, settings))
        beside = Path(folder).parent / f"{last_part(whole_path(folder))}yaml"
        if kept and self.files.is_file(beside) and self.place(str(beside)) in self.taken:
            # The whole file of the same zone was read by itself: octoDNS reads both together.
            self.found.zones = [
                z for z in self.found.zones if self.place(z.path) != self.place(str(beside))
            ]
            kept.append((str(beside), settings))
        if kept:
            self._zone(origin, sorted(kept))
        return bool(kept)

    def _is_zone(self, source: SourceText, named: bool) -> bool:
        """Whether a text is a zone, or meant to be one; tells what is wrong with a named file."""
        try:
            document = YamlDocument(Includes(self.files), self.roots)
            shaped = has_shape(document, document.open(source))
        except YamlFault as fault:
            if named or _LOOKS_LIKE_ZONE.search(source.text):
                self._error(source.path, fault)
            return False
        if not shaped and named:
            self._complain(
                ReadError(
                    source.path,
                    "This YAML file does not contain an octoDNS zone: names with records below "
                    "them, each with its `type`.",
                )
            )
        return shaped

    def _zone(
        self, origin: str, paths: Iterable[tuple[str, EntrySettings]], *, copy_of: str = ""
    ) -> OctoZone | None:
        sources: list[tuple[SourceText, EntrySettings]] = []
        for path, settings in paths:
            self.taken.add(self.place(path))
            source = self._load(path)
            if isinstance(source, ReadError):
                self._complain(source)
                return None
            sources.append((source, settings))
        try:
            include = Includes(self.files)
            zone = read(origin, sources, include, copy_of=copy_of, roots=self.roots)
        except YamlFault as fault:
            self._error(sources[0][0].path, fault)
            return None
        self.found.zones.append(zone)
        return zone

    def _load(self, path: str) -> SourceText | ReadError:
        key = self.place(path)
        if key not in self.texts:
            self.texts[key] = text_of(path, self.files)
        return self.texts[key]

    def _error(self, path: str, fault: YamlFault) -> None:
        self._complain(read_error(path, fault))

    def _complain(self, error: ReadError) -> None:
        if str(error) not in self.complained:
            self.complained.add(str(error))
            self.found.errors.append(error)


def _refusal(configuration: str, why: str, origins: Sequence[str]) -> ReadError:
    """What is told of zones that octoDNS refuses for one cause."""
    names = list(map(without_dot, origins))
    if len(names) == 1:
        return ReadError(configuration, f"The zone {names[0]} {why}, so octoDNS refuses it.")
    told = listed(names) if len(names) <= _MOST_NAMES else some(names, _MOST_NAMES)
    message = f"The zones {told} have{why.removeprefix('has')}, so octoDNS refuses them."
    return ReadError(configuration, message)


def _but_for_targets(task: Task, place_of: Callable[[str], str]) -> Task:
    """What two configurations have in common that only write a zone to other targets."""
    paths = ((place_of(path), replace(s, targets=(), source=None)) for path, s in task.paths)
    return replace(task, paths=tuple(paths), configuration="", targets=())


def _published_at(task: Task) -> tuple[str, ...]:
    """Where a configuration publishes a zone, and which one."""
    targets = task.paths[0][1].targets if task.paths else ()
    return (*targets, task.configuration)


class Includes:
    """What `!include` may name: files of the same repository."""

    def __init__(self, files: Files = DISK) -> None:
        self._folders = IncludeFolders(files)

    def __call__(self, including: str, name: str) -> tuple[str, str]:
        try:
            path, text = self._folders.include(including, str(Path(name).expanduser()))
        except IncludeError as error:
            raise YamlFault(error.message, error.advice) from None
        try:
            text.encode()
        except UnicodeEncodeError:
            raise YamlFault(
                f"The included file `{name}` contains bytes that are not UTF-8 text.",
                "Save it as UTF-8.",
            ) from None
        return path, text


def text_of(path: str, files: Files = DISK) -> YamlSource | ReadError:
    """The text of a YAML file behind its byte-order mark, or why it cannot be had."""
    data = load(path, files)
    if isinstance(data, ReadError):
        return data
    try:
        return YamlSource(path, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return ReadError(path, "This line is not UTF-8 text; save the file as UTF-8.", line)


def read_error(path: str, fault: YamlFault) -> ReadError:
    """A fault that ends the reading of a file, as the error of its path."""
    if fault.span is None:
        return ReadError(path, f"{fault.message} {fault.advice}")
    span = fault.span
    return ReadError(span.path, f"{fault.message} {fault.advice}", span.line, span.column)


def has_shape(document: YamlDocument, root: YamlPlace | None) -> bool:
    """Whether a file's content is an octoDNS mapping: names, and below them records with types."""
    if root is None or not isinstance(root.node, MappingNode):
        return False
    typed = others = 0
    for _, value in root.node.value:
        values = value.value if isinstance(value, SequenceNode) else [value]
        for node in values:
            if _is_typed(document, root.source, node):
                typed += 1
            else:
                others += 1
    return typed > others or (typed > 0 and bool(_LOOKS_LIKE_ZONE.search(root.source.text)))


def _is_typed(document: YamlDocument, source: SourceText, node: Node) -> bool:
    """Whether a node is a mapping with a `type`, its own or one that it merges or includes."""
    if node.__class__ is ScalarNode:
        source, node = document.resolved(YamlPlace(source, node))
    if not isinstance(node, MappingNode):
        return False
    for key, value in node.value:
        if key.value == "type":
            return scalar(value) is not None
    return any(pair.name == "type" for pair in document.pairs(YamlPlace(source, node)))
