"""What a run has read: the zones, what could not be read, and the lines to show."""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from zonelint.formats.report import Problem
from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.masterfile.tokens import Source
from zonelint.grammars.zone import Zone
from zonelint.providers.cloudformation import find as cloudformation_find
from zonelint.providers.octodns.yaml import search as yamlsearch
from zonelint.providers.terraform import find as terraform_find
from zonelint.providers.terraform.source.find import is_source, is_within
from zonelint.providers.zonefile import (
    find as zonefile_find,
)
from zonelint.providers.zonefile import (
    parts as zonefile_parts,
)
from zonelint.providers.zonefile import (
    reader as zonefile,
)
from zonelint.providers.zonefile.reader import EmptyFolder, Origins, ReadError

if TYPE_CHECKING:
    from zonelint.providers.octodns.yaml.find import Reading
    from zonelint.rules.config.intent import Intent

STDIN = "-"
STDIN_NAME = "<stdin>"
_HEAD = 4096
_BEFORE_JSON = b" \t\r\n\xef\xbb\xbf\xff\xfe"


class Sources:
    """The zones of a run and, for showing them, the text that they were read from.

    ``piped`` is what standard input is called, None where it is not read. ``before`` are the
    zones before the change, where the sources themselves tell them (a Terraform plan does).
    """

    def __init__(
        self,
        zones: Sequence[Zone],
        problems: Sequence[Problem],
        piped: str | None = None,
        before: Sequence[Zone] | None = None,
    ) -> None:
        self.before = before
        self.zones = zones
        self.problems = problems
        self.piped = piped
        self._texts: dict[str, Source] | None = None

    @property
    def origins(self) -> Collection[str]:
        """The origins of the zones, each once, in their order."""
        return dict.fromkeys(zone.origin for zone in self.zones)

    @property
    def twins(self) -> Collection[str]:
        """The origins that several zones have."""
        counts = Counter(zone.origin for zone in self.zones)
        return frozenset(origin for origin, count in counts.items() if count > 1)

    def after(self, zones: Sequence[Zone], problems: Sequence[Problem]) -> Sources:
        """The zones as a change has left them, and what went wrong besides."""
        return Sources(zones, [*self.problems, *problems], self.piped, self.before)

    def line(self, path: str, number: int) -> str | None:
        """A line of a source (from 1) without its end; None where there is no such line."""
        if self._texts is None:
            self._texts = {source.path: source for source in _texts(self.zones)}
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

    ``piped`` is what standard input is called, None where it is not read. ``octodns`` knows what
    there is of octoDNS, None where there is no YAML; ``folders`` are those with YAML files.
    ``programs`` are files and folders in which there may be Terraform source. ``files`` are the
    zone files, ``errors`` tells of paths that stand for none.
    """

    origins: Origins
    piped: str | None
    plans: terraform_find.Search
    templates: cloudformation_find.Search
    programs: list[str]
    octodns: Reading | None
    folders: set[str]
    files: list[zonefile_find.Found]
    errors: list[ReadError]

    @property
    def most(self) -> int:
        """How many zones there are at the most; those of standard input and plans do not count."""
        return len(self.files) + (len(self.octodns.tasks) if self.octodns is not None else 0)

    def problems(
        self,
        octodns: Iterable[ReadError],
        zone_files: Iterable[ReadError],
        *,
        is_octodns: bool,
        with_programs: Collection[str] = (),
    ) -> list[Problem]:
        """What went wrong, in the order in which it is told.

        ``is_octodns``: whether any YAML file was octoDNS's: then a folder without zone files held
        zones all the same. ``with_programs``: the folders that hold Terraform source.
        """
        empty = {
            *self.plans.folders,
            *self.templates.folders,
            *with_programs,
            *(self.folders if is_octodns else ()),
        }
        errors = [
            *octodns,
            *(e for e in self.errors if not (isinstance(e, EmptyFolder) and e.path in empty)),
            *zone_files,
        ]
        return [Problem(error.path, error.message) for error in errors]


def listed(
    paths: Sequence[str],
    *,
    origin: str | None = None,
    origins: Mapping[str, str] | None = None,
    base: str = ".",
    stdin_filename: str | None = None,
) -> Listed:
    """Find out what the paths stand for; ``-`` is standard input.

    ``origin`` is that of every file, ``origins`` those of single files, by paths relative to
    ``base``.
    """
    known = Origins(origin, origins, base)
    templates = cloudformation_find.search([path for path in paths if path != STDIN])
    plans = terraform_find.search(templates.rest)
    source = [path for path in plans.rest if is_source(path)]
    programs = [*source, *(path for path in plans.rest if Path(path).is_dir())]
    yaml = yamlsearch.search([path for path in plans.rest if path not in source])
    octodns = None
    if yaml.files:
        from zonelint.providers.octodns.yaml.find import Reading

        octodns = Reading(known)
        octodns.prepare(yaml.files)
    files, errors = zonefile.listed(yaml.rest)
    files = zonefile_parts.with_whole(files, known)
    piped = (stdin_filename or STDIN_NAME) if STDIN in paths else None
    return Listed(known, piped, plans, templates, programs, octodns, yaml.folders, files, errors)


def read(
    paths: Sequence[str],
    *,
    origin: str | None = None,
    origins: Mapping[str, str] | None = None,
    base: str = ".",
    stdin_filename: str | None = None,
    intent: Intent | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Sources:
    """Read everything that the paths stand for (see ``listed`` and ``read_listed``)."""
    found = listed(paths, origin=origin, origins=origins, base=base, stdin_filename=stdin_filename)
    return read_listed(found, intent=intent, progress=progress)


def read_listed(
    found: Listed,
    *,
    intent: Intent | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Sources:
    """Read everything that is listed. ``intent`` has the types and zones of Terraform's resources.

    ``progress`` is told files done and files in all.
    """
    zones: list[Zone] = []
    problems: list[Problem] = []
    plan: bytes | None = None
    if found.piped is not None:
        piped = _of_stream(sys.stdin.buffer, found.piped, found.origins.given)
        if isinstance(piped, bytes):
            plan = piped
        elif isinstance(piped, MasterZone):
            zones.append(piped)
        else:
            problems.append(Problem(piped.path, piped.message))
    octodns = None if found.octodns is None else found.octodns.whole(progress)
    if octodns is not None:
        zones += octodns.zones
    files, errors = zonefile.read_listed(
        found.files,
        found.origins,
        progress=None if progress is None else lambda _, done, total: progress(done, total),
    )
    zones += files
    _add_templates(found.templates.files, intent, zones, problems)
    with_programs = _add_programs(found.programs, intent, zones, problems)
    problems += found.problems(
        () if octodns is None else octodns.errors,
        errors,
        is_octodns=octodns is not None and octodns.known,
        with_programs=with_programs,
    )
    before = None
    if found.plans.files or plan is not None:
        # Whatever a plan does not speak of is as it was.
        before = list(zones)
        if plan is not None and found.piped is not None:
            _add_plan(found.piped, plan, intent, zones, before, problems)
        for path in found.plans.files:
            _add_plan(path, None, intent, zones, before, problems)
    return Sources(zones, problems, None if plan is not None else found.piped, before)


def _of_stream(stream: BinaryIO, path: str, origin: str | None) -> MasterZone | ReadError | bytes:
    """The zone file that standard input is, or the octets of a plan.

    No zone file starts as JSON does; and what is called *.json is taken for a plan, as a file is.
    """
    try:
        head = stream.read(_HEAD)
        plain = head.replace(b"\0", b"").lstrip(_BEFORE_JSON)  # PowerShell writes UTF-16
        if plain.startswith(b"{") or path.lower().endswith(".json"):
            from zonelint.providers.terraform.plan import LARGEST_PLAN

            return head + stream.read(LARGEST_PLAN + 1 - len(head))
        rest = stream.read(zonefile.LARGEST_FILE + 1)
    except OSError:
        return ReadError(path, "The input cannot be read.")
    return zonefile.read_stream(io.BytesIO(head + rest), path, origin=origin)


def _add_plan(
    path: str,
    data: bytes | None,
    intent: Intent | None,
    zones: list[Zone],
    before: list[Zone],
    problems: list[Problem],
) -> None:
    from zonelint.providers.terraform import plan as terraform

    taken = sum(getattr(zone, "stand_in", False) for zone in (*zones, *before))
    try:
        if data is None:
            plan = terraform.read_file(path, intent, taken)
        else:
            plan = terraform.read(data, path, intent, taken)
    except terraform.PlanError as error:
        problems.append(Problem(path, str(error)))
        return
    _divide(zones, plan.after)
    zones += plan.after
    before += plan.before
    problems += (Problem(path, message) for message in plan.problems)


def _add_templates(
    paths: Sequence[str], intent: Intent | None, zones: list[Zone], problems: list[Problem]
) -> None:
    if not paths:
        return
    from zonelint.providers.cloudformation.zones import read_templates

    taken = sum(getattr(zone, "stand_in", False) for zone in zones)
    read = read_templates(paths, intent, taken=taken)
    _divide(zones, read.zones)
    zones += read.zones
    problems += (Problem(path, message) for path, message in read.problems)


def _add_programs(
    paths: Sequence[str], intent: Intent | None, zones: list[Zone], problems: list[Problem]
) -> list[str]:
    """Read the Terraform source that the paths hold; gives the folders in which there is some."""
    from zonelint.providers.terraform.source.zones import read_source

    if not paths:
        return []
    taken = sum(getattr(zone, "stand_in", False) for zone in zones)
    read = read_source(paths, intent, taken=taken)
    _divide(zones, read.zones)
    zones += read.zones
    problems += (Problem(problem.path, problem.message) for problem in read.problems)
    return [path for path in paths if any(is_within(folder, path) for folder in read.folders)]


def _divide(zones: Sequence[Zone], others: Sequence[Zone]) -> None:
    """Note that zones which several plans have a part of lack records in each of them.

    A plan and the source that it was made from are no parts of one another.
    """
    parts = {
        (zone.origin, bool(getattr(zone, "texts", ()))): zone
        for zone in zones
        if hasattr(zone, "stand_in")
    }
    for zone in others:
        part = parts.get((zone.origin, bool(getattr(zone, "texts", ()))))
        if part is not None:
            zone.complete = part.complete = False


def _texts(zones: Iterable[Zone]) -> Iterable[Source]:
    for zone in zones:
        if isinstance(zone, MasterZone):
            yield zone.source
            yield from zone.included
        else:
            yield from getattr(zone, "texts", ())
