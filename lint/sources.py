"""What a run has read: the zones, what could not be read, and the lines to show."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from zonelint.formats.report import Problem
from zonelint.grammars.masterfile import MasterZone
from zonelint.grammars.masterfile_tokens import Source
from zonelint.grammars.zone import Zone
from zonelint.providers import terraform_find, zonefile
from zonelint.providers.octodns import yamlsearch

if TYPE_CHECKING:
    from zonelint.rules.intent import Intent

STDIN = "-"
STDIN_NAME = "<stdin>"


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
    """Read everything that the paths stand for; ``-`` is standard input.

    ``origin`` is that of every file, ``origins`` those of single files, by paths relative to
    ``base``; ``intent`` has the types and zones of Terraform's resources. ``progress`` is told
    files done and files in all.
    """
    zones: list[Zone] = []
    problems: list[Problem] = []
    name = None
    if STDIN in paths:
        name = stdin_filename or STDIN_NAME
        piped = zonefile.read_stream(sys.stdin.buffer, name, origin=origin)
        if isinstance(piped, MasterZone):
            zones.append(piped)
        else:
            problems.append(Problem(piped.path, piped.message))
    plans = terraform_find.search([path for path in paths if path != STDIN])
    yaml = yamlsearch.search(plans.rest)
    folders: set[str] = set()
    if yaml.files:
        from zonelint.providers.octodns import yamlfind

        octodns = yamlfind.read_files(
            yaml.files, origin=origin, origins=origins, base=base, progress=progress
        )
        zones += octodns.zones
        problems += (Problem(error.path, error.message) for error in octodns.errors)
        folders = yaml.folders if octodns.known else set()
    folders |= plans.folders
    files, errors = zonefile.read_paths(
        yaml.rest,
        origin=origin,
        origins=origins,
        base=base,
        progress=None if progress is None else lambda _, done, total: progress(done, total),
    )
    zones += files
    for error in errors:
        if not (isinstance(error, zonefile.EmptyFolder) and error.path in folders):
            problems.append(Problem(error.path, error.message))
    before = None
    if plans.files:
        # Whatever a plan does not speak of is as it was.
        before = list(zones)
        for path in plans.files:
            _add_plan(path, intent, zones, before, problems)
    return Sources(zones, problems, name, before)


def _add_plan(
    path: str,
    intent: Intent | None,
    zones: list[Zone],
    before: list[Zone],
    problems: list[Problem],
) -> None:
    from zonelint.providers import terraform

    try:
        plan = terraform.read_file(path, intent)
    except terraform.PlanError as error:
        problems.append(Problem(path, str(error)))
        return
    zones += plan.after
    before += plan.before
    problems += (Problem(path, message) for message in plan.problems)


def _texts(zones: Iterable[Zone]) -> Iterable[Source]:
    for zone in zones:
        if isinstance(zone, MasterZone):
            yield zone.source
            yield from zone.included
        else:
            yield from getattr(zone, "texts", ())
