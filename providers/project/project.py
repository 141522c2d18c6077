"""A project: the configurations of a repository, and the zones that paths lead to there.

What holds for a zone is the configuration nearest to its root document, wherever the run was
started and whatever else it checks; one that is named explicitly holds for all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.zone import Zone, is_below
from zonelint.providers.files import DISK, Files, Progress, is_at_or_below, real_paths, spelt_alike
from zonelint.providers.project import configuration as configurations
from zonelint.providers.project import reading
from zonelint.providers.project.configuration import Configuration, Words
from zonelint.providers.project.reading import Listed, Sources
from zonelint.providers.project.refused import ConfigRefused, FileFault, display_path
from zonelint.providers.terraform.source.find import GivenVariable
from zonelint.providers.zonefile.find import walk
from zonelint.providers.zonefile.reader import Origins
from zonelint.rules.config.intent import ConfigError, Intent, load_table
from zonelint.rules.core.baseline import Baseline
from zonelint.rules.core.identity import NOWHERE, ZoneId
from zonelint.rules.model.answers import Source
from zonelint.rules.model.context import Context
from zonelint.rules.model.loosening import GatePart, Loosening
from zonelint.rules.model.repository import Repository, RunZone
from zonelint.rules.model.settings import Sees, Settings

if TYPE_CHECKING:
    from zonelint.providers.octodns.yaml.config import BoundFile
    from zonelint.providers.octodns.yaml.zone import OctoZone
    from zonelint.rules.evidence.evidence import Evidence

_HANDLE = ": "
"""Between the document of source and what it calls a zone by."""


class Project:
    """Loads, and remembers what it has loaded.

    config: the configuration that holds for every zone, instead of the nearest.
    codes: the known rule codes, for refusals.
    words: what the command line says of rules.
    origin: that of every file.
    lock: the one for every zone, instead of the configurations'.
    has_lock: whether there is any.
    baseline: the one for every zone.
    trusted: what a change may loosen.
    is_configured: whether all files of the repository count. Without, the defaults hold where a
      new configuration in the working directory would.
    reports: those for every zone, as the command line names them.
    refused: of another state, what is wrong with its configurations; the defaults stand for them.
    evidence_of: reads the reports of a configuration; None where no rule needs them.
    variables: the values that the command line gives to variables of Terraform's.
    """

    def __init__(
        self,
        files: Files = DISK,
        *,
        config: Path | None = None,
        codes: Collection[str] = (),
        words: Words | None = None,
        origin: str | None = None,
        lock: Path | None = None,
        has_lock: bool = True,
        is_configured: bool = True,
        baseline: Path | None = None,
        trusted: Collection[GatePart] = (),
        reports: Sequence[str] = (),
        evidence_of: Callable[[Configuration], Evidence | None] | None = None,
        variables: Sequence[GivenVariable] = (),
    ) -> None:
        self.files = files
        self.codes = codes
        self.words = words or Words()
        self.origin = origin
        self.evidence_of = evidence_of
        self.variables = variables
        self.online: tuple[Source, ...] = ()
        self._lock = lock
        self._has_lock = has_lock
        self._is_configured = is_configured
        self.baseline = baseline
        self.trusted = trusted
        self.reports = reports
        self.before: Project | None = None
        self._after: Project | None = None
        self.called: Mapping[str, str] = {}
        self._folders = ("", "")
        self._given = config
        self._configured: dict[str, list[str]] = {}
        self._bound_by_home: dict[str, Mapping[str, tuple[str, BoundFile]]] = {}
        self._excluded: dict[Configuration, list[str]] = {}
        self._reaches: dict[Configuration, Callable[[str], Sees | None]] = {}
        self._by_file: dict[Path, Configuration] = {}
        self._by_folder: dict[Path, Configuration] = {}
        self._by_name: dict[str, Configuration] = {}
        self._places: dict[ZoneId, str] = {}
        self._by_zone: dict[ZoneId, Configuration] = {}
        self.refused: list[str] = []
        self._settings: dict[tuple[Configuration, tuple[Configuration, ...]], Settings] = {}
        self._former: dict[tuple[Settings, Configuration], Settings] = {}
        self._unasked: dict[Settings, Settings] = {}
        self._holding: dict[tuple[Configuration, tuple[Configuration, ...]], Configuration] = {}

    def without_lock(self) -> Project:
        """The same where nothing is known of the DNS outside: for whoever asks it."""
        return Project(
            self.files,
            config=self._given,
            codes=self.codes,
            origin=self.origin,
            has_lock=False,
            variables=self.variables,
        )

    def elsewhere(self, files: Files) -> Project:
        """The same project as other files have it: another commit, another checkout."""
        return Project(
            files,
            config=self._given,
            words=self.words,
            origin=self.origin,
            variables=self.variables,
        )

    def compare_with(self, other: Project, here: str = "", there: str = "") -> None:
        """Judge from now on by what another state before had, where this one lets more pass.

        Before anything is read: zones are read by what held before as well. What lies in the folder
        `here` lay in the folder `there`; "": each stands where it stood.
        """
        self.before = other
        other._after = self
        self._folders = (here, there)

    def bases_of(self, document: str) -> tuple[Configuration, ...]:
        """What held before the change at the place of a document; () where nothing is compared.

        Where the configuration is a new one, what it may have been made from counts as well: those
        that the change deletes and that say how zones are read.
        """
        if self.before is None:
            return ()
        now = self.configuration_of(document)
        then = self.before.configuration_of(self._place_before(document))
        is_new = now.file is not None and not self.before.files.exists(now.file)
        lost = (each for each in (self._lost if is_new else ()) if each is not then)
        return (then, *(e for e in lost if e.intent and e.intent.says_how_zones_are_read))

    def _place_before(self, document: str) -> str:
        here, there = self._folders
        below = os.path.relpath(document, here or os.curdir) if there else os.pardir
        return document if below.startswith(os.pardir) else str(Path(there, below))

    @cached_property
    def _lost(self) -> list[Configuration]:
        """The configurations of the state before that are gone."""
        assert self.before is not None, "only what is compared can have lost something"
        files = self.before.files
        root = files.repository_of(str(Path.cwd())) if files.is_past else None
        found = []
        for folder, _, _ in () if root is None else files.walk(root):
            file = configurations.find_here(Path(folder), files)
            if file is not None and not self.files.exists(file):
                found.append(self.before._read(file))
        return found

    def read_by(self, document: str) -> Configuration:
        """What a document is read by: a change is read by what held before it loosened that.

        Raises ConfigRefused.
        """
        return self.holding(self.configuration_of(document), self.bases_of(document))

    def paths_there(self, now: Project) -> list[str]:
        """What a run reads of this state before another, where it was given nothing."""
        here = Path.cwd()
        own = self.configuration_at(here).found_zones() or ["."]
        then = replace(now.configuration_at(here), files=self.files)
        return list(dict.fromkeys((*own, *then.found_zones())))

    def keep_excluded(
        self, found: Listed, moved: Callable[[Sequence[str]], Sequence[str]] = lambda _: ()
    ) -> Listed:
        """What is listed, with what was before the change and its configuration no longer names.

        moved: where zones are now that the change moved, beside those of some documents.
        """
        assert self.before is not None, "a change is compared"
        here = Path.cwd()
        now, then = self.configuration_at(here), self.before.configuration_at(here)
        if not (now.names_zones or then.names_zones) or GatePart.CONFIG in self.trusted:
            return found
        before = self.listed(replace(then, files=self.files).found_zones() or ["."])
        read = {os.path.realpath(path) for path in found.configurations}
        lost = [p for p in before.configurations if os.path.realpath(p) not in read]
        lost += moved([*found.documents, *lost])
        for path in lost:
            self._excluded.setdefault(self.configuration_of(path), []).append(path)
        return self.listed([*self.paths_of(()), *lost]) if lost else found

    # -- what holds ----------------------------------------------------------------------------

    def configuration_of(self, document: str) -> Configuration:
        """What holds for a zone with this root document. Raises ConfigRefused.

        Standard input stands in the working directory, whatever its name says of its origin.
        """
        folder = os.path.split(document)[0]
        if folder not in self._by_name:
            self._by_name[folder] = self.configuration_at(folder)
        return self._by_name[folder]

    def configuration_at(self, folder: str | Path) -> Configuration:
        """What holds in a folder. Raises ConfigRefused."""
        if self._given is not None:
            return self._read(self._given)
        folder = Path(os.path.abspath(folder))  # noqa: PTH100
        if folder not in self._by_folder:
            self._by_folder[folder] = self._find(folder)
        return self._by_folder[folder]

    def _find(self, folder: Path) -> Configuration:
        file = configurations.nearest(folder, self.files)
        if not self._is_configured and self.nearer(folder) is None:
            return self.replaced or Configuration(None, folder, None, self.files)
        if file is not None:
            return self._read(file)
        home = configurations.home_without(folder, self.files)
        if home != folder:
            return self.configuration_at(home)
        return Configuration(None, folder, None, self.files)

    def nearer(self, folder: Path) -> Path | None:
        """What holds in a folder, whatever a configuration in the working directory would say."""
        file = configurations.nearest(folder, self.files)
        return file if file is not None and Path.cwd() in file.parent.parents else None

    @cached_property
    def replaced(self) -> Configuration | None:
        """What tells the origins of files here, of what a configuration here would replace."""
        here = Path.cwd()
        file = configurations.nearest(here, self.files)
        told = {} if file is None else self._read(file).values.origins
        below = {os.path.relpath(file.parent / path, here): told[path] for path in told if file}
        origins = {path: name for path, name in below.items() if not path.startswith(os.pardir)}
        return Configuration(None, here, Intent(origins=origins), self.files) if origins else None

    def _read(self, file: Path) -> Configuration:
        found = self._by_file.get(file)
        if found is None:
            files = self.files if self.files.covers(file) else DISK
            try:
                found = configurations.read(file, self.codes, files)
            except ConfigRefused as error:
                if self._is_configured and not files.is_past:
                    raise
                self.refused += error.messages if files.exists(file) else ()
                found = Configuration(None, file.parent, None, files)
            self._by_file[file] = found
        return found

    def of_table(self, table: Mapping[str, object], path: str) -> Configuration:
        """What a table that a host has parsed declares. Raises ConfigRefused, without lines."""
        try:
            intent = load_table(table, path, self.codes)
        except ConfigError as error:
            faults = (FileFault(path, None, p.message) for p in error.problems)
            raise ConfigRefused(*faults) from None
        return Configuration(None, Path(), intent, self.files)

    def read_baseline(self, path: Path) -> Baseline:
        """The baseline of a file, whatever names it. Raises ConfigRefused."""
        return configurations.read_baseline(path, self.files)

    def settings_of(
        self, configuration: Configuration, bases: tuple[Configuration, ...] = ()
    ) -> Settings:
        """The same for the rules; one object for each configuration. Raises ConfigRefused.

        bases: what held before the change: what loosens is taken from there. There are several
          where several zones may be a zone's state before: each has its say.
        """
        key = (configuration, bases)
        found = self._settings.get(key)
        if found is None:
            holds = self.holding(configuration, bases)
            loosened = None
            outside = self._outside(configuration)
            if bases:
                loosened = configuration.loosened(
                    bases, self.trusted, self.baseline, self.reports, self._files_before
                )
                loosened.keys += self._exclusions(configuration)
                outside = outside if loosened.lock is None else (loosened.lock,)
            found = self._settings[key] = Settings(
                holds.intent,
                holds.selection(self.words),
                (*self.online, *outside),
                None if self.evidence_of is None else self.evidence_of(holds),
                configuration.policies,
                loosened,
                self.reach_of(configuration),
            )
        return found

    def holding(
        self, configuration: Configuration, bases: Iterable[Configuration]
    ) -> Configuration:
        """What a configuration says, with what held before it where it lets more pass."""
        key = (configuration, tuple(bases))
        if key not in self._holding:
            self._holding[key] = self._hold(*key)
        return self._holding[key]

    def _hold(self, held: Configuration, bases: Iterable[Configuration]) -> Configuration:
        if GatePart.CONFIG in self.trusted:
            return held
        for base in bases:
            held = held.loosened_as(base)
        return held if self._files_before is DISK else replace(held, before=self._files_before)

    @property
    def _files_before(self) -> Files:
        """The files of a commit before the change; the disk, which tells of no change, without."""
        is_past = self.before is not None and self.before.files.is_past
        return self.before.files if self.before is not None and is_past else DISK

    def _exclusions(self, configuration: Configuration) -> list[Loosening]:
        """The zones that a configuration holds for, and that the change takes from the run."""
        lost = self._excluded.get(configuration)
        if not lost or self.before is None:
            return []
        then = self.before.configuration_at(Path.cwd())
        return [self.configuration_at(Path.cwd()).excluding(lost, then)]

    def _outside(self, configuration: Configuration) -> tuple[Source, ...]:
        if not self._has_lock:
            return ()
        if self._lock is None:
            return configuration.locks if self.files.is_past else configuration.outside
        held = configurations.read_lock(self._lock, self.files)
        if held is None:
            raise ConfigRefused(FileFault(str(self._lock), None, "there is no such file"))
        return (held,)

    def file_of(self, configuration: Configuration, usual: Path) -> Path:
        """Where a file that belongs to a configuration is written.

        Zones that none holds for have theirs in their repository, else in the working directory if
        they are there.
        """
        if configuration.file is not None or usual.exists() or configuration.baseline_path.exists():
            return usual
        root, here = self.home_of(configuration), Path.cwd()
        if root is None and not usual.is_relative_to(here):
            return usual
        return Path(root or here, usual.name)

    def settings_for(self, zone: ZoneId) -> Settings:
        """What holds for a zone of a document, by its identity. Raises ConfigRefused."""
        return self.settings_of(self.configuration_for(zone))

    def configuration_for(self, zone: ZoneId) -> Configuration:
        """What holds for a zone, by its identity. Raises ConfigRefused.

        The document of one that has its provider's id is known where its place was made.
        """
        found = self._by_zone.get(zone)
        if found is None:
            found = self.configuration_of(reading.document_at(zone.id, self.files))
        return found

    def place_of(self, zone: ZoneId) -> str:
        """What a zone is called, wherever the run was started: its document as the project has it.

        Raises ConfigRefused.
        """
        found = self._places.get(zone)
        if found is None:
            found = self._places[zone] = self._place_of(zone)
        return found

    def _place_of(self, zone: ZoneId) -> str:
        path, mark, handle = zone.id.partition(_HANDLE)
        if not self.files.exists(path):
            return str(zone)  # an id of the provider's, standard input
        configuration = self.configuration_for(zone)
        folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100 - links stay
        home = self.home_of(configuration)
        if home is None:
            home = str(self.file_of(configuration, configuration.baseline_path).parent)
        place = os.path.relpath(self.files.resolve(folder) / name, self.files.resolve(home))
        return str(zone._replace(id=f"{place}{mark}{handle}"))

    def former_of(self, settings: Settings, then: Configuration) -> Settings:
        """The settings with what was known of the DNS outside at another time, and the policies."""
        key = (settings, then)
        if key not in self._former:
            outside, files = (*then.locks, *settings.outside), then.policies_if_readable
            sees = (self.before or self).reach_of(then)
            held = replace(settings, outside=outside, files=files, loosened=None, sees=sees)
            self._former[key] = held
        return self._former[key]

    def use_evidence(self, of: Callable[[Configuration], Evidence | None]) -> None:
        """Have the evidence of configurations from here, from now on."""
        self.evidence_of = of
        self._settings.clear()
        self._former.clear()

    def go_online(self, source: Source) -> None:
        """Ask this first, from now on, of what is outside the zones."""
        self.online = (source,)
        self._settings.clear()
        self._former.clear()

    # -- zones ---------------------------------------------------------------------------------

    def paths_of(self, given: Sequence[str]) -> list[str]:
        """What a run reads: what is given, else what the configuration names, else this folder."""
        if given:
            return spelt_alike(given)
        return self.configuration_at(Path.cwd()).zone_paths() or ["."]

    def listed(
        self,
        paths: Sequence[str],
        *,
        stdin_filename: str | None = None,
        as_found: Collection[str] = (),
    ) -> Listed:
        """What the paths stand for; nothing is read but what tells that. Raises ConfigRefused.

        as_found: files that are treated as a search of their folder would treat them.
        """
        self._take_in(paths)
        named = list(self._named_in_origins(paths))
        return reading.listed(
            [*paths, *named],
            self.origins_of,
            self.files,
            stdin_filename=stdin_filename,
            as_found=[*as_found, *named],
            homes_of=self.homes_of,
        )

    def _named_in_origins(self, paths: Iterable[str]) -> Iterator[str]:
        """The files of the folders whose origin is told: no name has to say that they are zones."""
        for path in paths:
            if path == reading.STDIN or not self.files.is_dir(path):
                continue
            folder = os.path.realpath(path)
            told = chain.from_iterable(map(self._origins_told, self._held_within(path)))
            for file in dict.fromkeys(file for file, _ in told):
                inner = os.path.relpath(file, folder)
                here = str(Path(path) / inner)
                if not inner.startswith(os.pardir) and self.files.exists(here):
                    yield here

    def _held_within(self, folder: str) -> list[Configuration]:
        """What holds in a folder or further down there. Raises ConfigRefused, for itself alone."""
        found = {self.read_by(str(Path(folder, configurations.OWN))): None}
        for inner in self._configured_folders(folder):
            with suppress(ConfigRefused):  # whoever judges that folder is told why
                found[self.read_by(str(Path(inner, configurations.OWN)))] = None
        return list(found)

    def homes_of(self, documents: Iterable[str]) -> list[str]:
        """The folders of the projects of documents. Raises ConfigRefused."""
        homes = map(self.home_of, self.configurations_of(documents))
        return list(dict.fromkeys(display_path(each) for each in homes if each is not None))

    def home_of(self, configuration: Configuration) -> str | None:
        """The repository of a configuration, else its folder; None where there is neither."""
        root = self.files.repository_of(str(configuration.folder))
        if root is None and configuration.file is not None:
            root = str(configuration.folder)
        return None if root == os.sep else root

    def reach_of(self, configuration: Configuration) -> Callable[[str], Sees | None]:
        """What tells of a zone that a configuration holds for which others are of its project."""
        if configuration not in self._reaches:
            above = (configuration, *self.above(configuration))
            self._reaches[configuration] = _Reach(above, self.configuration_of).of
        return self._reaches[configuration]

    def above(self, configuration: Configuration) -> Iterator[Configuration]:
        """The configurations above one that names zones, which name zones as well."""
        home = self.home_of(configuration)
        if home is None or not configuration.names_zones:
            return
        for folder in Path(configuration.folder).parents:
            if not folder.is_relative_to(home):
                return
            try:
                other = self.configuration_at(folder)
            except ConfigRefused:  # whoever judges that folder is told why
                continue
            if other is not configuration and other.names_zones:
                yield other

    def beside(self, configuration: Configuration) -> Iterator[Configuration]:
        """The other configurations of the repository of one that names zones.

        One that the change deletes holds on.
        """
        home = self.home_of(configuration)
        if home is None or not configuration.names_zones:
            return
        for folder in self._configured_folders(home):
            try:
                other = self.configuration_at(folder)
            except ConfigRefused:  # whoever judges that folder is told why
                continue
            if other is not configuration and other.file is not None:
                yield other
        for gone in () if self.before is None else self._lost:
            if gone.names_zones:
                yield replace(gone, files=self.files)

    def _configured_folders(self, home: str) -> list[str]:
        """The folders of a repository with a configuration."""
        if home not in self._configured:
            files = {configurations.OWN, configurations.SHARED}
            self._configured[home] = [
                folder for folder, names in walk(home, self.files) if not files.isdisjoint(names)
            ]
        return self._configured[home]

    def read(self, found: Listed, progress: Progress | None = None) -> Sources:
        """The zones of what is listed. Raises ConfigRefused."""
        sources = reading.read_listed(
            found,
            lambda path: self.read_by(path).intent,
            progress=progress,
            variables=self.variables,
        )
        sources.zones = self.created(sources.zones)
        return sources

    def created(self, zones: Sequence[Zone]) -> Sequence[Zone]:
        """The zones without those of modules that the change leaves without a caller."""
        if not self.called:
            return zones
        from zonelint.providers.terraform.source.zones import creates_nothing

        return [zone for zone in zones if not creates_nothing(zone, self.called)]

    def open(self, given: Sequence[str], progress: Progress | None = None) -> Sources:
        """The zones of these paths, or of what the configuration names. Raises ConfigRefused."""
        return self.read(self.listed(self.paths_of(given)), progress)

    def around(self, name: str, repository: Repository) -> list[tuple[ZoneId, Context]]:
        """What is known around a name, in each zone that holds it, else in this folder; and where.

        There are several where one name has several zones.
        """
        holding = [zone for zone in repository.zones if is_below(name, zone.origin)]
        longest = max((len(zone.origin) for zone in holding), default=0)
        if holding:
            return [
                (zone.identity, zone.context) for zone in holding if len(zone.origin) == longest
            ]
        settings = self.settings_of(self.configuration_at(Path.cwd()))
        return [(NOWHERE, repository.of_view("", settings))]

    def places(self, zones: Iterable[Zone], *, judged: bool = True) -> list[RunZone]:
        """The zones with what holds for each. Raises ConfigRefused."""
        found = []
        for zone in zones:
            configuration = self.configuration_of(reading.document_of(zone))
            settings = self.settings_of(configuration)
            identity = self._identity_of(zone, configuration)
            self._by_zone.setdefault(identity, configuration)
            if getattr(zone, "suppliers", ()):
                zone = self._filled_in(zone)
            publisher = getattr(zone, "publisher", None) or self._bound(
                zone, self.home_of(configuration)
            )
            found.append(RunZone(zone, settings, identity, is_judged=judged, publisher=publisher))
        return found

    def _bound(self, zone: Zone, home: str | None) -> Hashable:
        """Who publishes a zone file that octoDNS reads; the zone is told what becomes of it."""
        held = {} if home is None or not isinstance(zone, MasterZone) else self._bound_files(home)
        found = held.get(str(self.files.resolve(zone.path))) if held else None
        if found is None:
            return None
        path, bound = found
        bound.note(zone)
        return path, bound.targets

    def _bound_files(self, home: str) -> Mapping[str, tuple[str, BoundFile]]:
        """The zone files of a repository that octoDNS reads."""
        from zonelint.providers.project.bound import bound_files

        if home not in self._bound_by_home:
            self._bound_by_home[home] = bound_files(home, self.files)
        return self._bound_by_home[home]

    def _filled_in(self, zone: Zone) -> Zone:
        """A zone of octoDNS with what zonelint's own source or processor adds in a sync.

        Where they are not known, or where others add to the zone as well, it stays as it is.
        Raises ConfigRefused.
        """
        from zonelint.providers.octodns.yaml.supply import fill_in
        from zonelint.providers.octodns.yaml.zone import OctoZone

        assert isinstance(zone, OctoZone), "only those have suppliers"
        if not zone.is_whole:
            return zone
        held = [self._told_by(each.config, zone) for each in zone.suppliers]
        settings = [self._unasked_of(each) for each in held if each is not None]
        if len(settings) < len(held):
            return zone
        if zone.filled is None or zone.filled[0] != settings:
            pairs = zip(zone.suppliers, settings, strict=True)
            zone.filled = settings, fill_in(zone, pairs, zone.configuration)
        return zone.filled[1]

    def _unasked_of(self, configuration: Configuration) -> Settings:
        """What holds whatever this run asks for: what a sync adds does not depend on that."""
        settings = self.settings_of(configuration)
        found = self._unasked.get(settings)
        if found is None:
            found = replace(settings, selection=configuration.selection())
            self._unasked[settings] = found
        return found

    def _told_by(self, config: str | None, zone: OctoZone) -> Configuration | None:
        """What octoDNS, wherever it is started, reads as this zonelint.toml; None where nothing."""
        from zonelint.providers.octodns.yaml.options import places_of

        files = () if config is None else places_of(config, zone.configuration)
        file = next((each for each in files if self.files.exists(each)), None)
        if file is not None:
            return self._read(file)
        at = str(Path(zone.configuration).absolute())
        return self.configuration_of(at) if config == configurations.OWN else None

    def identity_of(self, zone: Zone) -> ZoneId:
        """Which zone it is. Raises ConfigRefused."""
        return self._identity_of(zone, self.configuration_of(reading.document_of(zone)))

    def _identity_of(self, zone: Zone, configuration: Configuration) -> ZoneId:
        """A view that the change calls anew has that name before it as well."""
        found = identity_of(zone, configuration)
        if self._after is None or not found.view or not self.files.is_past:
            return found
        now = self._after.configuration_at(configuration.folder)
        return found._replace(view=now.name_of_view(found.view, configuration))

    def configurations_of(self, documents: Iterable[str]) -> list[Configuration]:
        """The configurations that hold for documents, each once. Raises ConfigRefused."""
        return list(dict.fromkeys(map(self.configuration_of, documents)))

    def _take_in(self, paths: Sequence[str]) -> None:
        """Count what the run was given as inside: its folders, and the configurations' there."""
        given = [path for path in paths if path != reading.STDIN and self.files.is_dir(path)]
        folders = [Path(path).parent for path in paths if path != reading.STDIN]
        files = (self.configuration_at(folder).file for folder in (*folders, *map(Path, given)))
        given += (str(file.parent) for file in files if file is not None)
        self.files.take_in(given)

    def origins_of(self, paths: Iterable[str]) -> Origins:
        """How the origins of these files are found: each is told by its own configuration."""
        held = dict.fromkeys(map(self.read_by, paths))
        told = dict(chain.from_iterable(map(self._origins_told, held)))
        return Origins(self.origin, told)

    def _origins_told(self, configuration: Configuration) -> Iterator[tuple[str, str]]:
        """The files whose origin a configuration tells, of those that it holds for, with that."""
        for path, origin in configuration.values.origins.items():
            file = str(configuration.folder / path)
            if self._given is not None or self.read_by(file) is configuration:
                yield file, origin


class _Reach:
    """The zones that configurations name, which make one project to the first of these.

    nearest: the configuration of a document.
    """

    def __init__(
        self, configurations: tuple[Configuration, ...], nearest: Callable[[str], Configuration]
    ) -> None:
        self._configurations = configurations
        self._nearest = nearest
        self._has = cache(lambda path: is_at_or_below(os.path.realpath(path), self._named))
        self._sees = cache(lambda path: self._has(path) or not self._is_others(path))

    def of(self, path: str) -> Sees | None:
        """What a zone at a path sees: where it is not of the project, what is of no other too."""
        if not self._configurations[0].names_zones:  # that is about all of the repository
            return None
        return self._has if not path or self._has(path) else self._sees

    def _is_others(self, path: str) -> bool:
        try:
            nearest = self._nearest(path)
        except ConfigRefused:  # whoever judges that folder is told why
            return False
        if nearest in self._configurations or nearest.file is None:
            return False
        own = self._configurations[0].folder
        return nearest.names_zones or not own.is_relative_to(nearest.folder)

    @cached_property
    def _named(self) -> frozenset[str]:
        return real_paths(path for each in self._configurations for path in each.matching)


def identity_of(
    zone: Zone, configuration: Configuration, provider: str = "", targets: Collection[str] = ()
) -> ZoneId:
    """Which zone it is: by its provider's id, else by its document.

    What source calls a zone by is its own: other folders may call another one so. targets: those of
    octoDNS that get it, which tell its view.
    """
    provider = provider or getattr(zone, "provider", "")
    view = configuration.view_of(zone.path, provider, targets or getattr(zone, "targets", ()))
    id = getattr(zone, "handle", "") or zone.path
    if id != zone.path and getattr(zone, "texts", ()):
        id = f"{zone.path}{_HANDLE}{id}"
    return ZoneId(zone.origin, view, provider, id)
