"""The zones of a project that a run does not judge: known by name, read once they are asked.

So a run over one file answers as a run over all does. A name is told by what stands on top of a
file (`$ORIGIN`, an SOA) or by the file's name; the rest of it is read where a question leads there.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from zonelint.grammars.dnsname import BadName
from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.zone import Zone
from zonelint.providers.cloudformation import find as templates_find
from zonelint.providers.files import real_paths
from zonelint.providers.octodns.yaml import search as yamlsearch
from zonelint.providers.octodns.yaml.search import named_after
from zonelint.providers.project.configuration import Configuration
from zonelint.providers.project.project import Project
from zonelint.providers.project.reading import STDIN_NAME, document_at, document_of
from zonelint.providers.project.refused import RunRefused, display_path
from zonelint.providers.terraform import find as terraform_find
from zonelint.providers.terraform.source.find import Folders, names_told
from zonelint.providers.zonefile import parts, reader
from zonelint.providers.zonefile.find import FoundFiles
from zonelint.providers.zonefile.origin import has_soa
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.model.facts import Fact, Told
from zonelint.rules.model.repository import Repository, RunZone

_HEAD = 1 << 13
MOST_FILES = 100_000
"""Files that may be zones and are looked at: a work tree may hold anything."""


class Index:
    """The zones under some paths, without those of the documents that are judged."""

    def __init__(self, project: Project, paths: Sequence[str], judged: Collection[str]) -> None:
        self._project = project
        self._paths = paths
        self._judged: frozenset[str] = frozenset()
        self._judged_names: frozenset[str] = frozenset()
        self._names: dict[str, list[str]] | None = None
        self._yaml: list[yamlsearch.File] = []
        self._plans: list[Zone] = []
        self._programs: dict[str, set[str]] = {}
        self._searched: set[str] = set()
        self._repositories: dict[str, Folders] = {}
        self._sources: dict[tuple[str, ZoneId], Zone] = {}
        self._read: dict[str, list[RunZone]] = {}
        self.leave_out(judged)

    def leave_out(self, documents: Iterable[str]) -> None:
        """Do not know the zones of these files."""
        self._judged |= real_paths(documents)
        self._judged_names = frozenset(os.path.split(path)[1] for path in self._judged)
        self._names = None
        self._read = {}

    def has(self, view: str, name: str) -> bool:
        """Whether there is a zone of this very name."""
        return bool(self.find(view, name))

    def find(self, view: str, name: str) -> Sequence[RunZone]:
        """The zones of this name in a view; they are read now."""
        return [
            place
            for place in self.find_in_all(name)
            if place.identity is not None and place.identity.view == view
        ]

    def find_in_all(self, name: str) -> Sequence[RunZone]:
        """The same, in whichever view."""
        if self._names is None:
            self._names = self._indexed()
        paths = self._names.get(name)
        if paths is None:
            return ()
        if name not in self._read:
            self._read[name] = self._places(name, paths)
        return self._read[name]

    def identities_of(self, name: str) -> list[ZoneId]:
        """Which zones of this name there are."""
        return [each.identity for each in self.find_in_all(name) if each.identity is not None]

    def facts(self, view: str, fact: Fact[Told]) -> Iterable[Told]:
        """Nothing: of zones that are only known, those count that the repository asks for."""
        return ()

    # -- names ---------------------------------------------------------------------------------

    def _indexed(self) -> dict[str, list[str]]:
        files = self._project.files
        plans = terraform_find.search(self._paths, files)
        yaml = yamlsearch.search(plans.rest, files)
        listed = (each for each in reader.find(yaml.rest, files) if isinstance(each, FoundFiles))
        found = [file.path for file in islice(listed, MOST_FILES)]
        names: dict[str, list[str]] = {}
        origins = self._project.origins_of(found)
        for path in found:
            if not self._is_judged(path) and (name := self._name_of(path, origins)) is not None:
                names.setdefault(name, []).append(path)
        self._yaml = yaml.files
        for file in yaml.files:
            told = named_after(file)
            if told is not None and not self._is_judged(file.path):
                names.setdefault(told, []).append(file.path)
        self._plans = [zone for path in plans.files for zone in self._planned(path)]
        self._plans += self._templates({file.path for file in yaml.files if named_after(file)})
        for zone in self._plans:
            names.setdefault(zone.origin, []).append(zone.path)
        # What a plan that is judged was made from is no other zone.
        self._programs = {} if self._judges_plan() else names_told(self._paths, files)
        for folder, inside in self._programs.items():
            for name in inside if not self._is_judged(document_at(folder, files)) else ():
                names.setdefault(name, []).append(folder)
        return names

    def _judges_plan(self) -> bool:
        plans = (path for path in self._judged if path.endswith(".json"))
        return STDIN_NAME in self._judged_names or any(
            terraform_find.looks_like_plan(path, self._project.files) for path in plans
        )

    def _is_judged(self, path: str) -> bool:
        name = os.path.split(path)[1]
        if name not in self._judged_names and not os.path.islink(path):  # noqa: PTH114 - quicker
            return False
        return os.path.realpath(path) in self._judged

    def _name_of(self, path: str, origins: reader.Origins) -> str | None:
        """The zone that a file holds, by what stands on top of it; None where nothing tells."""
        try:
            data = self._project.files.beginning(path, _HEAD)
            text = reader.decode(data)
            if len(data) == _HEAD and not has_soa(text):
                whole = reader.load(path, self._project.files)
                text = text if isinstance(whole, reader.ReadError) else reader.decode(whole)
            return origins.of(path, text)
        except (OSError, BadName):
            return None

    def _planned(self, path: str) -> Sequence[Zone]:
        if self._is_judged(path):
            return ()
        from zonelint.providers.project.reading import read_plan
        from zonelint.providers.resources.plans import PlanError

        try:
            intent = self._project.read_by(path).intent
            return read_plan(path, intent=intent, disk=self._project.files).after
        except (PlanError, RunRefused):
            return ()

    def _templates(self, others: Collection[str]) -> Iterator[Zone]:
        """The zones of CloudFormation's templates; `others` are files that are none."""
        files = self._project.files
        below = (each for path in self._paths for each in templates_find.below(path, files))
        paths = [each for each in below if each not in others and not self._is_judged(each)]
        for path in templates_find.search(paths, files, paths).files:
            from zonelint.providers.cloudformation.zones import read_templates

            with suppress(RunRefused):  # whoever judges it is told why
                yield from read_templates([path], self._project.read_by(path).intent, files).zones

    # -- zones ---------------------------------------------------------------------------------

    def _places(self, name: str, paths: Sequence[str]) -> list[RunZone]:
        zones = [zone for zone in self._plans if zone.origin == name]
        planned = {zone.path for zone in zones}
        yaml = {file.path for file in self._yaml}
        if not yaml.isdisjoint(paths):
            zones += self._yaml_zones(name)
        for path in paths:
            if path not in yaml and path not in planned and path not in self._programs:
                zones += self._master_zone(name, path)
        try:
            zones += self._program_zones(name, [path for path in paths if path in self._programs])
            return self._project.places(zones, judged=False)
        except RunRefused:  # whoever judges that folder is told why
            return []

    def _master_zone(self, name: str, path: str) -> list[Zone]:
        files = self._project.files
        zone = reader.read_file(
            FoundFiles(path, False), self._project.origins_of([path]), files=files
        )
        if not isinstance(zone, MasterZone) or zone.origin != name:
            return []
        return [] if not reader.is_whole(zone) and self._is_part(path) else [zone]

    def _is_part(self, path: str) -> bool:
        """Whether another file includes this one."""
        real = self._project.files.resolve(path)
        return any(
            parts.includes(other.path, real, self._project.files)
            for other in reader.find(self._paths, self._project.files)
            if isinstance(other, FoundFiles) and other.path != path
        )

    def _program_zones(self, name: str, folders: Sequence[str]) -> list[Zone]:
        """The zones of this name in Terraform's source in these folders, or in what calls it."""
        if new := [folder for folder in folders if folder not in self._searched]:
            from zonelint.providers.terraform.source.zones import read_source

            self._searched.update(new)
            project = self._project
            read = read_source(
                new,
                lambda path: project.read_by(path).intent,
                project.files,
                given=project.variables,
                repositories=self._repositories,
            )
            for zone in read.zones:
                self._sources.setdefault((document_of(zone), project.identity_of(zone)), zone)
        known = (key for key in sorted(self._sources) if self._sources[key].origin == name)
        return [self._sources[key] for key in known if not self._is_judged(key[0])]

    def _yaml_zones(self, name: str) -> list[Zone]:
        from zonelint.providers.octodns.yaml.find import YamlReading

        paths = [file.path for file in self._yaml]
        reading = YamlReading(self._project.origins_of(paths), self._project.files)
        reading.prepare(self._yaml)
        reading.keep_only(name)
        zones = reading.whole().zones
        return [z for z in zones if z.origin == name and not self._is_judged(z.path)]


def known_beside(project: Project, documents: Sequence[str], given: Sequence[str]) -> Index | None:
    """The zones of a project beside those of documents; None where there can be none."""
    paths = paths_known(project, documents, given)
    return Index(project, paths, documents) if paths else None


def known_around(project: Project, documents: Sequence[str]) -> Index:
    """The zones of a project beside those of documents, whether `zones` names them or not."""
    held = project.configurations_of(documents) or [project.configuration_at(Path.cwd())]
    homes = dict.fromkeys(home for each in held if (home := project.home_of(each)) is not None)
    return Index(project, [display_path(home) for home in homes], documents)


def repository(project: Project, zones: Sequence[Zone], given: Sequence[str] = ()) -> Repository:
    """Zones with what holds for each, among all of their project. Raises ConfigRefused."""
    from zonelint.rules.model.repository import Repository

    known = known_beside(project, [document_of(zone) for zone in zones], given)
    return Repository(project.places(zones), known=known)


def paths_known(project: Project, documents: Collection[str], given: Sequence[str]) -> list[str]:
    """Where the project of a run has zones that the run may not judge.

    What each configuration names, and those of the folders above it, which a run there reads; else
    its repository, else the configuration's folder. Nothing where the run was given all of it.
    """
    named: dict[str, None] = {}
    held = project.configurations_of(documents)
    above = (each for one in held for each in _above(project, one))
    for configuration in dict.fromkeys((*held, *above)):
        if configuration.intent is not None and configuration.intent.zones:
            try:
                named |= dict.fromkeys(configuration.zone_paths())
            except RunRefused:  # this run reads something else
                continue
            continue
        if (home := project.home_of(configuration)) is not None:
            named[display_path(home)] = None
    found = list(named)
    for judged in (given, documents):
        real = real_paths(judged) if found else ()
        found = [path for path in found if not _is_under(os.path.realpath(path), real)]
    return found


def _above(project: Project, configuration: Configuration) -> Iterator[Configuration]:
    """The configurations of the folders above one that names zones, which name zones as well."""
    home = project.home_of(configuration)
    if home is None or configuration.intent is None or not configuration.intent.zones:
        return
    for folder in Path(configuration.folder).parents:
        if not folder.is_relative_to(home):
            return
        try:
            other = project.configuration_at(folder)
        except RunRefused:  # whoever judges that folder is told why
            continue
        if other is not configuration and other.intent is not None and other.intent.zones:
            yield other


def _is_under(path: str, folders: Collection[str]) -> bool:
    return path in folders or any(str(parent) in folders for parent in Path(path).parents)
