"""What paths stand for, read: the zones, what could not be read, and the lines to show."""

from __future__ import annotations

import io
import os
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeGuard

from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import Zone
from zonelint.providers import writing
from zonelint.providers.cloudformation import find as cloudformation_find
from zonelint.providers.files import DISK, Files, PathSearch
from zonelint.providers.octodns.yaml import search as yamlsearch
from zonelint.providers.project.mentions import Mentions
from zonelint.providers.terraform import find as terraform_find
from zonelint.providers.terraform.source.find import has_source, is_source, is_within, roots
from zonelint.providers.zonefile import reader as zonefile
from zonelint.providers.zonefile.find import FoundFiles
from zonelint.providers.zonefile.parts import with_whole
from zonelint.providers.zonefile.reader import EmptyFolder, Origins, ReadError

if TYPE_CHECKING:
    from zonelint.providers.octodns.yaml.find import YamlReading
    from zonelint.providers.resources.plans import Plan
    from zonelint.providers.resources.zones import ResourceZone
    from zonelint.providers.terraform.source.find import GivenVariable
    from zonelint.rules.config.intent import Intent
    from zonelint.rules.core.identity import ZoneId

STDIN = "-"
STDIN_NAME = "<stdin>"
_HEAD = 4096
_BEFORE_JSON = b" \t\r\n\xef\xbb\xbf\xff\xfe"


def document_of(zone: Zone) -> str:
    """The root document of a zone. Terraform's source is a folder: any file in it stands for it."""
    texts = getattr(zone, "texts", ()) if hasattr(zone, "stand_in") else ()
    is_folder = bool(texts) and all(text.path != zone.path for text in texts)
    return str(Path(zone.path, "*.tf")) if is_folder else zone.path


def document_at(path: str, files: Files) -> str:
    """The same, of a path that may be that of a folder."""
    return str(Path(path, "*.tf")) if files.is_dir(path) else path


def forms_of(zone: Zone) -> list[Zone]:
    """The zone as it was read, and as it is judged where octoDNS adds to it."""
    filled = getattr(zone, "filled", None)
    return [zone] if filled is None else [zone, filled[1]]


def paths_of(zone: Zone) -> list[str]:
    """The files that a zone was read from."""
    included = getattr(zone, "included", ()) or getattr(zone, "texts", ())
    return [zone.path, *(source.path for source in included)]


def is_planned(zone: Zone) -> TypeGuard[ResourceZone]:
    """Whether a plan tells of the zone: it brings its own state before.

    Source does not, nor does what is deployed.
    """
    return _is_of_document(zone) and not zone.is_deployed


def _is_of_document(zone: Zone) -> TypeGuard[ResourceZone]:
    """Whether a plan or an exported stack tells of the zone."""
    return hasattr(zone, "stand_in") and not getattr(zone, "texts", ())


class Sources:
    """The zones of a run and, for showing them, the text that they were read from.

    `piped` is what standard input is called, None where it is not read. `before` are the
    zones that plans start from, None where there is no plan.
    """

    def __init__(
        self,
        zones: Sequence[Zone],
        problems: Sequence[ReadError],
        piped: str | None = None,
        before: Sequence[Zone] | None = None,
    ) -> None:
        self.before = before
        self.zones = zones
        self.problems = problems
        self.piped = piped
        self._texts: dict[str, SourceText] | None = None

    @property
    def origins(self) -> Collection[str]:
        """The origins of the zones, each once, in their order."""
        return dict.fromkeys(zone.origin for zone in self.zones)

    @property
    def documents(self) -> list[str]:
        """The root documents of the zones."""
        return [document_of(zone) for zone in self.zones]

    def identities(self, identity_of: Callable[[Zone], ZoneId]) -> Collection[ZoneId]:
        """Which zones they are."""
        return list(map(identity_of, self.zones))

    @property
    def plans(self) -> dict[str, str]:
        """The files of plans that are not piped, by the addresses of the resources in them."""
        return {
            record.span.path: zone.path
            for zone in (*self.zones, *(self.before or ()))
            if is_planned(zone) and zone.path not in (STDIN_NAME, self.piped)
            for rrset in zone.rrsets()
            for record in rrset
        }

    @property
    def unplanned(self) -> list[Zone]:
        """The zones that no plan tells of."""
        return [zone for zone in self.zones if not is_planned(zone)]

    def namesakes(
        self, identity_of: Callable[[Zone], ZoneId], beside: Callable[[str], Iterable[ZoneId]]
    ) -> Sequence[ZoneId]:
        """The zones of names that several have. beside: those that are only known of a name."""
        counts = Counter(zone.origin for zone in self.zones)
        known = [each for name in counts for each in beside(name)]
        names = {each.name for each in known}
        alike = (z for z in self.zones if counts[z.origin] > 1 or z.origin in names)
        return [*map(identity_of, alike), *known]

    def after(self, zones: Sequence[Zone], problems: Sequence[ReadError]) -> Sources:
        """The zones as a change has left them, and what went wrong besides."""
        return Sources(zones, [*self.problems, *problems], self.piped, self.before)

    def line(self, path: str, number: int) -> str | None:
        """A line of a source (from 1) without its end; None where there is no such line."""
        if self._texts is None:
            held = (source for zone in self.zones for source in writing.sources(zone))
            self._texts = {source.path: source for source in held}
        source = self._texts.get(path)
        if source is None:
            return None
        starts = source.starts()
        if not 1 <= number <= len(starts):
            return None
        end = starts[number] if number < len(starts) else len(source.text)
        return source.text[starts[number - 1] : end].rstrip("\r\n")


@dataclass(slots=True)
class Listed:
    """What the paths of a run stand for, before any zone is read.

    `piped` is what standard input is called, None where it is not read. `octodns` knows what
    there is of octoDNS, None where there is no YAML; `folders` are those with YAML files.
    `programs` are files and folders in which there may be Terraform source. `files` are the
    zone files, `errors` tells of paths that stand for none.
    `searched` are the folders. `disk` is what all of it is read from.
    """

    origins: Origins
    disk: Files
    piped: str | None
    plans: PathSearch
    templates: PathSearch
    programs: list[str]
    octodns: YamlReading | None
    folders: set[str]
    files: list[FoundFiles]
    errors: list[ReadError]
    searched: list[str]

    @property
    def most(self) -> int:
        """How many zones there are at the most; those of standard input and plans do not count."""
        return len(self.files) + (len(self.octodns.tasks) if self.octodns is not None else 0)

    @property
    def documents(self) -> list[str]:
        """The files that are read, as far as they are known before they are read."""
        yaml = [] if self.octodns is None else [t.weight[0] for t in self.octodns.tasks if t.weight]
        piped = [] if self.piped is None else [self.piped]
        files = [file.path for file in self.files]
        programs = [document_at(path, self.disk) for path in self.programs]
        return [*piped, *yaml, *files, *self.plans.files, *self.templates.files, *programs]

    def only(self, documents: Collection[str]) -> Listed:
        """The same with only the zone files and octoDNS zones of these documents."""
        return replace(
            self,
            piped=None,
            plans=PathSearch(),
            templates=PathSearch(),
            programs=[],
            octodns=None if self.octodns is None else self.octodns.only(documents),
            files=[file for file in self.files if file.path in documents],
            errors=[],
            searched=[],
        )

    @property
    def documents_with_zones(self) -> list[str]:
        """The same without the folders in which no Terraform source is."""
        idle = [path for path in self.programs if not has_source(path, self.disk)]
        without = {document_at(path, self.disk) for path in idle}
        return [path for path in self.documents if path not in without]

    @property
    def configurations(self) -> list[str]:
        """The same with each of Terraform's configurations in place of the folder that holds it."""
        given = {document_at(path, self.disk) for path in self.programs}
        others = [path for path in self.documents if path not in given]
        if len(others) == len(self.documents):
            return others
        from zonelint.providers.resources.plans import declared

        table, _ = declared(None)
        found = roots(self.programs, lambda _: table, self.disk)
        return [*others, *(document_at(root, self.disk) for root in found.roots)]

    @property
    def errors_before_reading(self) -> list[ReadError]:
        """The errors without those of folders that hold zones in another form."""
        others = {*self.plans.folders, *self.templates.folders}
        others |= {path for path in self.programs if has_source(path, self.disk)}
        if self.octodns is not None and self.octodns.tasks:
            others |= self.folders
        return [e for e in self.errors if not (isinstance(e, EmptyFolder) and e.path in others)]

    def problems(
        self,
        octodns: Iterable[ReadError],
        zone_files: Iterable[ReadError],
        *,
        is_octodns: bool,
        read: Sequence[str],
        with_programs: Collection[str] = (),
    ) -> list[ReadError]:
        """What went wrong, in the order in which it is told.

        is_octodns: whether any YAML file was octoDNS's: then a folder without zone files held zones
          all the same.
        read: the files that zones were read from.
        with_programs: the folders that hold Terraform source.
        """
        empty = {
            *self.plans.folders,
            *self.templates.folders,
            *with_programs,
            *(self.folders if is_octodns else ()),
        }
        errors: list[ReadError] = [
            *octodns,
            *(
                e
                for e in self.errors
                if not isinstance(e, EmptyFolder)
                or not (e.path in empty or any(self._holds(e.path, path) for path in read))
            ),
            *zone_files,
        ]
        told = [error.path for error in errors]
        for folder in self.searched:
            if folder not in empty and not any(self._holds(folder, p) for p in (*read, *told)):
                errors.append(ReadError(folder, zonefile.NO_ZONE_FILE))
        return [ReadError(e.path, e.message, e.line, e.column) for e in errors]

    def _holds(self, folder: str, path: str) -> bool:
        """Whether a file lies in a folder; most are called by the folder's own name."""
        if path == folder or path.startswith(f"{folder.rstrip(os.sep)}{os.sep}"):
            return True
        return self.disk.resolve(path).is_relative_to(self.disk.resolve(folder))


def listed(
    paths: Sequence[str],
    origins_of: Callable[[Iterable[str]], Origins],
    disk: Files = DISK,
    *,
    stdin_filename: str | None = None,
    as_found: Collection[str] = (),
    homes_of: Callable[[Iterable[str]], Iterable[str]] = lambda _: (),
) -> Listed:
    """Find out what the paths stand for; `-` is standard input.

    `origins_of` says how the origins of files are found, from their paths, and `homes_of` the
    folders of the projects that they belong to.
    `as_found` are files that are treated as a search of their folder would treat them.
    """
    given = [path for path in paths if path != STDIN]
    templates = cloudformation_find.search(given, disk, as_found)
    plans = terraform_find.search(templates.rest, disk, as_found)
    source = [path for path in plans.rest if is_source(path)]
    programs = [*source, *(path for path in plans.rest if disk.is_dir(path))]
    rest = [path for path in plans.rest if path not in source]
    yaml = yamlsearch.search(rest, disk, as_found)
    files, errors = zonefile.listed(yaml.rest, disk)
    known = origins_of([*(file.path for file in yaml.files), *(file.path for file in files)])
    folders = [path for path in given if disk.is_dir(path)]
    octodns = None
    if yaml.files:
        from zonelint.providers.octodns.yaml.find import YamlReading

        octodns = YamlReading(known, disk)
        beside = list(_yaml_beside(yaml.files, folders, homes_of, disk, as_found))
        # A name of several parts is that of a zone, and looked at closely it costs time.
        others = [file for file in beside if os.path.basename(file.path).count(".") < 2]  # noqa: PTH119
        octodns.prepare(_with_including(yaml.files, beside, disk, as_found), others)
        files = [file for file in files if file.named or not octodns.is_part(file.path)]
    files = with_whole(files, known, disk)
    files = [file._replace(named=False) if file.path in as_found else file for file in files]
    piped = (stdin_filename or STDIN_NAME) if STDIN in paths else None
    return Listed(
        known, disk, piped, plans, templates, programs, octodns, yaml.folders, files, errors,
        folders,
    )  # fmt: skip


def _with_including(
    files: Sequence[yamlsearch.File],
    beside: Sequence[yamlsearch.File],
    disk: Files,
    given: Collection[str],
) -> Sequence[yamlsearch.File]:
    """The YAML files; with one that tells no zone those of octoDNS beside it that include it."""
    mentions = Mentions([each.path for each in beside], {}, disk)
    wholes = {
        file: [
            each._replace(named=False)
            for path in mentions.including({str(disk.resolve(file.path))})
            for each in yamlsearch.named(path, disk)
            if yamlsearch.named_after(each) or _is_configuration(each.path, disk)
        ]
        for file in files
        if (file.named or file.path in given) and yamlsearch.named_after(file) is None
    }
    kept = [file._replace(named=file.named and not wholes.get(file)) for file in files]
    return [*kept, *chain.from_iterable(wholes.values())]


def _is_configuration(path: str, disk: Files) -> bool:
    """Whether a file may be octoDNS's configuration, by a first look."""
    from zonelint.providers.octodns.yaml.config import looks_like_config
    from zonelint.providers.octodns.yaml.find import text_of

    source = text_of(path, disk)
    return not isinstance(source, ReadError) and looks_like_config(source.text)


def _yaml_beside(
    files: Sequence[yamlsearch.File],
    folders: Sequence[str],
    homes_of: Callable[[Iterable[str]], Iterable[str]],
    disk: Files,
    given: Collection[str],
) -> Iterable[yamlsearch.File]:
    """The YAML files of the projects of some that may be zones; none where all were searched.

    given: files that are treated as found; one of them may be a part of several zones.
    """
    zones = [
        file.path
        for file in files
        if file.named or file.path in given or yamlsearch.named_after(file)
    ]
    searched = {disk.resolve(folder) for folder in folders}
    for home in homes_of(zones):
        real = disk.resolve(home)
        if searched.isdisjoint((real, *real.parents)):
            yield from yamlsearch.search_folder(home, disk)


def read_listed(
    found: Listed,
    intent_of: Callable[[str], Intent | None],
    *,
    progress: Callable[[int, int], None] | None = None,
    variables: Sequence[GivenVariable] = (),
) -> Sources:
    """Read everything that is listed.

    `intent_of` gives what is declared for a path: the types and zones of resources in plans.
    `progress` is told files done and files in all. `variables` are those of the command line.
    """
    zones: list[Zone] = []
    problems: list[ReadError] = []
    plan: bytes | None = None
    if found.piped is not None:
        piped = _of_stream(sys.stdin.buffer, found.piped, found.origins.given)
        if isinstance(piped, bytes):
            plan = piped
        elif isinstance(piped, MasterZone):
            zones.append(piped)
        else:
            problems.append(ReadError(piped.path, piped.message))
    octodns = None if found.octodns is None else found.octodns.whole(progress)
    if octodns is not None:
        zones += octodns.zones
    files, errors = zonefile.read_listed(
        found.files,
        found.origins,
        disk=found.disk,
        progress=None if progress is None else lambda _, done, total: progress(done, total),
    )
    zones += files
    _add_templates(found, intent_of, zones, problems)
    with_programs = _add_programs(found, intent_of, zones, problems, variables)
    problems += found.problems(
        () if octodns is None else octodns.errors,
        errors,
        is_octodns=octodns is not None and octodns.known,
        read=[path for zone in zones for path in paths_of(zone)],
        with_programs=with_programs,
    )
    plans = _Plans(zones, problems, found.disk)
    if plan is not None and found.piped is not None:
        plans.add(found.piped, plan, intent_of(found.piped))
    for path in found.plans.files:
        plans.add(path, None, intent_of(path))
    name = None if plan is not None else found.piped
    return Sources(zones, problems, name, plans.before)


def _of_stream(stream: BinaryIO, path: str, origin: str | None) -> MasterZone | ReadError | bytes:
    """The zone file that standard input is, or the octets of a plan.

    No zone file starts as JSON does; and what is called *.json is taken for a plan, as a file is.
    """
    try:
        head = stream.read(_HEAD)
        plain = head.replace(b"\0", b"").lstrip(_BEFORE_JSON)  # PowerShell writes UTF-16
        if plain.startswith(b"{") or path.lower().endswith(".json"):
            from zonelint.providers.resources.plans import LARGEST_PLAN

            return head + stream.read(LARGEST_PLAN + 1 - len(head))
        rest = stream.read(zonefile.LARGEST_FILE + 1)
    except OSError:
        return ReadError(path, "The input cannot be read.")
    return zonefile.read_stream(io.BytesIO(head + rest), path, origin=origin)


@dataclass(slots=True)
class _Plans:
    """Adds plans to what was read. `before`: the zones that plans start from, None without one.

    Whatever a plan does not speak of is as it was.
    """

    zones: list[Zone]
    problems: list[ReadError]
    disk: Files
    before: list[Zone] | None = None

    def add(self, path: str, data: bytes | None, intent: Intent | None) -> None:
        """Add a plan: that of a file, or of octets that were read already."""
        from zonelint.providers.resources.plans import PlanError

        before = self.before or []
        taken = sum(getattr(z, "stand_in", False) for z in (*self.zones, *before))
        try:
            plan = read_plan(path, data, intent, taken, self.disk)
        except PlanError as error:
            self.problems.append(ReadError(path, str(error)))
            return
        after = _joined(self.zones, plan.after)
        _divide(self.zones, after)
        self.zones += after
        if plan.before is not None:
            self.before = [*before, *_joined(before, plan.before)]
        self.problems += (ReadError(path, message) for message in plan.problems)


def read_plan(
    path: str,
    data: bytes | None = None,
    intent: Intent | None = None,
    taken: int = 0,
    disk: Files = DISK,
) -> Plan:
    """The plan of a file, or of octets that were read already. Raises PlanError.

    Whose it is, Terraform's or Pulumi's, is told by what stands in it.
    taken: numbers of stand-ins for zones that other readers of the run have.
    """
    from zonelint.providers.pulumi.plans import preview
    from zonelint.providers.pulumi.plans.document import is_pulumi
    from zonelint.providers.terraform import plan as terraform

    document = terraform.load(terraform.octets_of(path, disk) if data is None else data)
    if is_pulumi(document):
        return preview.read(document, path, intent, taken)
    return terraform.read_document(document, path, intent, taken)


def _add_templates(
    found: Listed,
    intent_of: Callable[[str], Intent | None],
    zones: list[Zone],
    problems: list[ReadError],
) -> None:
    for intent, paths in _by_intent(found.templates.files, intent_of):
        from zonelint.providers.cloudformation.zones import read_templates

        taken = sum(getattr(zone, "stand_in", False) for zone in zones)
        read = read_templates(paths, intent, found.disk, taken)
        _divide(zones, read.zones)
        zones += read.zones
        problems += read.problems


def _by_intent(
    paths: Iterable[str], intent_of: Callable[[str], Intent | None]
) -> Iterable[tuple[Intent | None, list[str]]]:
    """The paths that one configuration holds for, together."""
    groups: dict[int, tuple[Intent | None, list[str]]] = {}
    for path in paths:
        intent = intent_of(path)
        groups.setdefault(id(intent), (intent, []))[1].append(path)
    return groups.values()


def _add_programs(
    found: Listed,
    intent_of: Callable[[str], Intent | None],
    zones: list[Zone],
    problems: list[ReadError],
    variables: Sequence[GivenVariable],
) -> list[str]:
    """Read the Terraform source that the paths hold; gives the folders in which there is some."""
    holding: list[str] = []
    declared: Collection[str] = ()
    programs = [path for path in found.programs if has_source(path, found.disk)]
    if programs:
        from zonelint.providers.terraform.source.zones import read_source

        taken = sum(getattr(zone, "stand_in", False) for zone in zones)
        read = read_source(programs, intent_of, found.disk, taken, variables)
        declared = read.declared
        _divide(zones, read.zones)
        zones += read.zones
        problems += read.problems
        holding += (p for p in programs if any(is_within(folder, p) for folder in read.folders))
    problems += (
        ReadError(str(each), "No configuration that is read declares this variable.")
        for each in variables
        if each.name is not None and each.name not in declared
    )
    return holding


def _joined(zones: Iterable[Zone], others: Iterable[ResourceZone]) -> list[ResourceZone]:
    """The zones of a plan that no other plan told of; those of one provider and id are one zone."""
    held = {
        (served, zone.origin if not zone.stand_in else ""): zone
        for zone in zones
        if _is_of_document(zone) and (served := zone.served_as) is not None
    }
    left = []
    for zone in others:
        served = zone.served_as
        same = held.get((served, "" if zone.stand_in else zone.origin)) if served else None
        if same is None:
            left.append(zone)
        else:
            same.absorb(zone)
    return left


def _divide(zones: Sequence[Zone], others: Sequence[Zone]) -> None:
    """Note that zones which several plans have a part of lack records in each of them.

    A plan and the source that it was made from are no parts of one another.
    """
    parts = {_part_of(zone): zone for zone in zones if hasattr(zone, "stand_in")}
    for zone in others:
        part = parts.get(_part_of(zone))
        if part is not None:
            zone.complete = part.complete = False


def _part_of(zone: Zone) -> tuple[object, ...]:
    """What is equal for parts of one zone."""
    names = ("provider", "handle")
    is_source = bool(getattr(zone, "texts", ()))
    return (zone.origin, *(getattr(zone, name, "") for name in names), is_source)
