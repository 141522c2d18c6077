"""The zones of a project that a run does not judge: known by name, read once they are asked.

So a run over one file answers as a run over all does. A name is told by what stands on top of a
file (`$ORIGIN`, an SOA) or by the file's name; the rest of it is read where a question leads there.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from zonelint.grammars.dnsname import BadName
from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.nearmiss import Alike
from zonelint.grammars.zone import Zone, is_below, labels, labels_of, nearest, parent
from zonelint.providers.cloudformation import find as templates_find
from zonelint.providers.files import is_at_or_below, real_by_path, real_paths
from zonelint.providers.octodns.yaml import search as yamlsearch
from zonelint.providers.octodns.yaml.search import named_after
from zonelint.providers.project.mentions import MACRO, Mentions, spellings
from zonelint.providers.project.project import Project
from zonelint.providers.project.reading import STDIN_NAME, document_at, document_of
from zonelint.providers.project.refused import RunRefused, display_path
from zonelint.providers.terraform import find as terraform_find
from zonelint.providers.terraform.source.find import Folders, names_told
from zonelint.providers.zonefile import parts, reader
from zonelint.providers.zonefile.find import FoundFiles
from zonelint.providers.zonefile.origin import has_soa
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.model.facts import Fact, Told, TooManyZones
from zonelint.rules.model.repository import Repository, RunZone, Seat
from zonelint.rules.model.settings import Counts

if TYPE_CHECKING:
    from zonelint.providers.octodns.yaml.find import YamlReading

_HEAD = 1 << 13
MOST_READ = 300
"""Zones that are read for what they may tell, or ask: a word may stand in each of ten thousand."""
IMPLIED = frozenset({"*", "_dmarc", "_report", "_domainkey", "_mta-sts", "mta-sts", "_smtp", "_tls",
                     "_bimi", "_25", "_tcp"})  # fmt: skip
"""Labels that are asked for in front of a name, and written by nobody who asks."""
MOST_FILES = 100_000
"""Files that may be zones and are looked at: a work tree may hold anything."""


class Index:
    """The zones under some paths, without those of the documents that are judged.

    rest: where else there may be zones of the repository, which no configuration names.
    """

    def __init__(
        self,
        project: Project,
        paths: Sequence[str],
        judged: Collection[str],
        rest: Sequence[str] = (),
    ) -> None:
        self._project = project
        self._paths = paths
        self._judged: frozenset[str] = frozenset()
        self._judged_names: frozenset[str] = frozenset()
        self._names: dict[str, list[str]] | None = None
        self._yaml: list[yamlsearch.File] = []
        self._reading: YamlReading | None = None
        self._plans: list[Zone] = []
        self._programs: dict[str, set[str]] = {}
        self._searched: set[str] = set()
        self._repositories: dict[str, Folders] = {}
        self._sources: dict[tuple[str, ZoneId], Zone] = {}
        self._read: dict[str, list[RunZone]] = {}
        self._octets: dict[str, bytes] = {}
        self._texts: Mentions | None = None
        self._by_path: dict[str, list[str]] = {}
        self._by_program: dict[str, str] = {}
        self._seats: dict[str, Sequence[Seat]] = {}
        self._rest = Index(project, rest, judged) if rest else None
        self.leave_out(judged)

    def leave_out(self, documents: Iterable[str]) -> None:
        """Do not know the zones of these files."""
        if self._judged.issuperset(more := real_paths(documents)):
            return
        if self._rest is not None:
            self._rest.leave_out(more)
        self._judged |= more
        self._judged_names = frozenset(os.path.split(path)[1] for path in self._judged)
        self._names = self._texts = None
        self._read = {}
        self._seats = {}
        self._by_path = {}
        self._by_program = {}

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
        paths = self._named.get(name)
        if paths is None:
            return ()
        if name not in self._read:
            self._read[name] = self._places(name, paths)
        return self._read[name]

    def below(self, names: Collection[str]) -> list[str]:
        """The names of zones below some."""
        return [each for each in self._named if nearest(parent(each), names) in names]

    def identities_of(self, name: str) -> list[ZoneId]:
        """Which zones of this name there are."""
        return [each.identity for each in self.find_in_all(name) if each.identity is not None]

    def labels(self) -> Alike:
        return Alike(labels_of(self._named))

    def facts(self, view: str, fact: Fact[Told], counts: Counts) -> Iterable[Told]:
        """Nothing: of zones that are only known, those tell that are asked (`telling`)."""
        return ()

    def including(self, files: Sequence[str]) -> list[str]:
        """The zone files that include one of these, which may be zones themselves."""
        yaml = {file.path for file in self._yaml}
        found = self._mentions.including(real_paths(files)) if files else []
        return [path for path in found if path not in yaml and path not in self._by_program]

    def telling(self, view: str, fact: Fact[Told], about: str, counts: Counts) -> Sequence[Told]:
        """What they tell that may be about a name, or whatever `about` is the mark of.

        Raises TooManyZones where nothing is told by the first of those that mention it.
        """
        if fact.is_own:
            name = nearest(about, self._named)
            names = [name] if name in self._named else []
        elif fact.marks is not None:
            names = self._names_of(self._mentions.of_mark(fact.marks, about.encode()))
        else:
            names = self._leading_to(view, about)
        seats = (seat for name in names[:MOST_READ] for seat in self._seats_of(name))
        meant = (s for s in seats if s.identity.view == view and counts(s.identity.name, s.path))
        told = [each for seat in meant for each in seat.told(fact)]
        if not told and len(names) > MOST_READ:
            raise TooManyZones(about)
        if not told and fact.is_anywhere and self._rest is not None:
            return self._rest.telling(view, fact, about, counts)
        return told

    def asking(self, name: str, zone: str) -> Sequence[RunZone]:
        """The zones that may ask for a name of a zone, as far as their texts tell.

        What the protocols put in front of a name is written nowhere, nor what a macro stands for.
        Raises TooManyZones.
        """
        words = labels(name)[: len(labels(name)) - len(labels(zone))]
        implied = [number for number, word in enumerate(words, 1) if word in IMPLIED]
        paths = self._mentions.of_name(zone)
        for word in words[max(implied, default=0) :]:
            paths = self._mentions.of_words((*spellings(word), MACRO), paths)
        below = (each for each in self._named if each != zone and is_below(each, zone))
        names = self._with_above(zone, [*below, *self._names_of(paths, has_all_programs=True)])
        if len(names) > MOST_READ:
            raise TooManyZones(name)
        return [place for each in names for place in self.find_in_all(each)]

    def _leading_to(self, view: str, name: str) -> list[str]:
        """The zones that may have aliases to a name, or to the owner of one that leads there."""
        found: dict[str, None] = {}
        names = {name: None}
        waiting = [name]
        while waiting and len(found) <= MOST_READ:
            name = waiting.pop()
            paths = self._mentions.of_name(name)
            new = self._with_above(name, self._names_of(paths, has_all_programs=True))
            found |= dict.fromkeys(new)
            for seat in (seat for each in new[:MOST_READ] for seat in self._seats_of(each)):
                for record in seat.mail.targets("CNAME").get(name, ()):
                    if seat.identity.view == view and record.owner not in names:
                        names[record.owner] = None
                        waiting.append(record.owner.removeprefix("*."))
        return list(found)

    def _with_above(self, name: str, names: Iterable[str]) -> list[str]:
        """Zones, and those that hold a name or one above it: their texts need not say so."""
        above = []
        while name != ".":
            above += [name] if name in self._named else []
            name = parent(name)
        return list(dict.fromkeys((*above, *names)))

    def _names_of(self, paths: Iterable[str], *, has_all_programs: bool = False) -> list[str]:
        """The zones that are written in files; those of plans and programs are worked out."""
        names = {zone.origin: None for zone in self._plans}
        folders = dict.fromkeys(self._programs if has_all_programs else ())
        for path in paths:
            names |= dict.fromkeys(self._by_path.get(path, ()))
            if path in self._by_program:
                folders[self._by_program[path]] = None
        if folders:
            with suppress(RunRefused):  # whoever judges that folder is told why
                names |= {zone.origin: None for zone in self._program_zones(None, list(folders))}
        return list(names)

    def _seats_of(self, name: str) -> Sequence[Seat]:
        """The zones of a name, to be asked what they tell."""
        if name not in self._seats:
            self._seats[name] = Repository(self.find_in_all(name), known=self).seats
        return self._seats[name]

    # -- names ---------------------------------------------------------------------------------

    @property
    def _named(self) -> dict[str, list[str]]:
        """Where there is something of each zone, by name."""
        if self._names is None:
            self._names = self._indexed()
        return self._names

    @property
    def _mentions(self) -> Mentions:
        """What the texts of these files mention."""
        if self._texts is None:
            files = self._project.files
            for name, paths in self._named.items():
                for path in paths:
                    self._by_path.setdefault(path, []).append(name)
            for path in (*self._programs, *(zone.path for zone in self._plans)):
                self._by_path.pop(path, None)
            for folder in self._programs:
                for name in files.names(folder):
                    self._by_program[str(Path(folder, name))] = folder
            paths = [*self._by_path, *self._by_program]
            self._texts = Mentions(paths, self._octets, files)
        return self._texts

    def _indexed(self) -> dict[str, list[str]]:
        files = self._project.files
        plans = terraform_find.search(self._paths, files)
        yaml = yamlsearch.search(plans.rest, files)
        listed = (each for each in reader.find(yaml.rest, files) if isinstance(each, FoundFiles))
        found = [file.path for file in islice(listed, MOST_FILES)]
        names: dict[str, list[str]] = {}
        origins = self._origins_of(found)
        for path in found:
            if not self._is_judged(path) and (name := self._name_of(path, origins)) is not None:
                names.setdefault(name, []).append(path)
        self._yaml, self._reading = yaml.files, None
        told = {file.path: name for file in yaml.files if (name := named_after(file)) is not None}
        for path, name in told.items():
            if not self._is_judged(path):
                names.setdefault(name, []).append(path)
        self._plans = [zone for path in plans.files for zone in self._planned(path)]
        self._plans += self._templates(told)
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
        name = path.rpartition(os.sep)[2]
        if name not in self._judged_names and not os.path.islink(path):  # noqa: PTH114 - quicker
            return False
        return os.path.realpath(path) in self._judged

    def _origins_of(self, paths: Iterable[str]) -> reader.Origins:
        """How origins are found where none is given: one is of the files that are judged."""
        return replace(self._project.origins_of(paths), given=None)

    def _name_of(self, path: str, origins: reader.Origins) -> str | None:
        """The zone that a file holds, by what stands on top of it; None where nothing tells."""
        try:
            data = self._project.files.beginning(path, _HEAD)
            text = reader.decode(data)
            if len(data) < _HEAD:
                self._octets[path] = data
            elif not has_soa(text):
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
        zone = reader.read_file(FoundFiles(path, False), self._origins_of([path]), files=files)
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

    def _program_zones(self, name: str | None, folders: Sequence[str]) -> list[Zone]:
        """The zones in Terraform's source in these folders, or in what calls it; of this name."""
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
            for zone in project.created(read.zones):
                self._sources.setdefault((document_of(zone), project.identity_of(zone)), zone)
        known = (key for key in sorted(self._sources) if name in (None, self._sources[key].origin))
        return [self._sources[key] for key in known if not self._is_judged(key[0])]

    def _yaml_zones(self, name: str) -> list[Zone]:
        if self._reading is None:
            from zonelint.providers.octodns.yaml.find import YamlReading

            paths = [file.path for file in self._yaml]
            self._reading = YamlReading(self._origins_of(paths), self._project.files)
            self._reading.prepare(self._yaml)
        zones = self._reading.of_zone(name).whole().zones
        return [z for z in zones if z.origin == name and not self._is_judged(z.path)]


def known_beside(project: Project, documents: Sequence[str], given: Sequence[str]) -> Index | None:
    """The zones of a project beside those of documents; None where there can be none."""
    paths = paths_known(project, documents, given)
    homes = (home for home in project.homes_of(documents or [""]) if home not in paths)
    rest = _not_given(list(homes), (*given, *documents))
    return Index(project, paths, documents, rest) if paths or rest else None


def known_around(project: Project, documents: Sequence[str]) -> Index:
    """The zones of a project beside those of documents, whether `zones` names them or not."""
    return Index(project, project.homes_of(documents or [""]), documents)


def repository(project: Project, zones: Sequence[Zone], given: Sequence[str] = ()) -> Repository:
    """Zones with what holds for each, among all of their project. Raises ConfigRefused."""
    known = known_beside(project, [document_of(zone) for zone in zones], given)
    return Repository(project.places(zones), known=known)


def paths_known(project: Project, documents: Collection[str], given: Sequence[str]) -> list[str]:
    """Where the project of a run has zones that the run may not judge.

    What each configuration names, and the others of its repository name, which a run there reads:
    its folder where one names nothing. Of what holds in the run that is its repository. Nothing
    where the run was given all of it.
    """
    named: dict[str, None] = {}
    held = project.configurations_of(documents)
    beside = (each for one in held for each in project.beside(one))
    for configuration in dict.fromkeys((*held, *beside)):
        if configuration.names_zones:
            try:
                named |= dict.fromkeys(configuration.zone_paths())
            except RunRefused:  # this run reads something else
                continue
            continue
        home = project.home_of(configuration) if configuration in held else configuration.folder
        if home is not None:
            named[display_path(home)] = None
    return _not_given(named, (*given, *documents))


def _not_given(paths: Collection[str], given: Sequence[str]) -> list[str]:
    """Those of some paths that are neither given nor below one that is."""
    judged = real_paths(given) if paths else ()
    real = real_by_path(paths)
    return [path for path in paths if not is_at_or_below(real[path], judged)]
