"""The zones that a file writes beside those of a run: nothing is edited that they do not want."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.zone import Zone
from zonelint.providers import writing
from zonelint.providers.files import PathSearch, real_paths
from zonelint.providers.project.index import paths_known
from zonelint.providers.project.project import Project
from zonelint.providers.project.reading import document_of
from zonelint.providers.project.refused import RunRefused, display_path
from zonelint.providers.zonefile.parts import Names, names_in


def zones_sharing(project: Project, zones: Sequence[Zone], *, is_all: bool = True) -> list[Zone]:
    """The other zones of the project that are written in files of these.

    They are looked for where a zone is written in more than its own document, and where these are
    not all zones of the project: another may include a zone file. Those that cannot be read are
    none: who checks them is told why.
    """
    documents = [document_of(zone) for zone in zones]
    parts = {path for zone in zones for path in _parts(zone)}
    if not is_all:
        parts |= {zone.path for zone in zones if isinstance(zone, MasterZone)}
    if not parts:
        return []
    try:
        paths = [*paths_known(project, documents, ()), *_around(project, documents, parts)]
        return _reading(project, [_like(path, parts) for path in paths], zones, parts)
    except RunRefused:
        return []


def _around(project: Project, documents: Sequence[str], parts: Iterable[str]) -> list[str]:
    """The repository, where a part is in none of the paths of the configurations that hold here.

    Whose it is besides, these do not tell: a team's configuration names the team's zones.
    """
    found: dict[str, None] = {}
    for configuration in project.configurations_of(documents):
        home = project.home_of(configuration)
        if home is None or configuration.intent is None or not configuration.intent.zones:
            continue
        named = [Path(path) for path in real_paths(configuration.zone_paths())]
        if not all(any(Path(part).is_relative_to(path) for path in named)
                   for part in real_paths(parts)):  # fmt: skip
            found[display_path(home)] = None
    return list(found)


def _parts(zone: Zone) -> Iterable[str]:
    """The files of a zone that may be those of others as well: all but its document."""
    folder = os.path.join(zone.path, "")  # noqa: PTH118 - as it is spelt
    for path in writing.files(zone):
        if path != zone.path and os.path.join(os.path.dirname(path), "") != folder:  # noqa: PTH118, PTH120
            yield path


def _like(folder: str, parts: Iterable[str]) -> str:
    """A folder, spelt as the paths of files in it are: by that a file is known again."""
    real = os.path.realpath(folder)
    for path in parts:
        below = os.path.relpath(os.path.realpath(path), real)
        if path.endswith(below) and not below.startswith(os.pardir):
            return path[: -len(below)].rstrip(os.sep) or (os.sep if path[0] == os.sep else ".")
    return folder


def _reading(
    project: Project, paths: Sequence[str], zones: Sequence[Zone], parts: Iterable[str]
) -> list[Zone]:
    shared, own = real_paths(parts), real_paths(zone.path for zone in zones)
    names = {Path(path).name for path in shared}
    listed = project.listed(paths)
    looked: Names = {}
    listed.files = [
        file
        for file in listed.files
        if os.path.realpath(file.path) not in own
        and names & names_in(file.path, project.files, looked)
    ]
    listed.plans, listed.templates = PathSearch(), PathSearch()
    if not any(name.endswith((".tf", ".tf.json")) for name in names):
        listed.programs = []
    if not any(name.endswith((".yaml", ".yml")) for name in names):
        listed.octodns = None
    known = {(zone.origin, os.path.realpath(zone.path)) for zone in zones}
    return [
        zone
        for zone in project.read(listed).zones
        if (zone.origin, os.path.realpath(zone.path)) not in known
        and not shared.isdisjoint(real_paths(writing.files(zone)))
    ]
