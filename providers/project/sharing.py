"""The zones that a file writes beside those of a run: nothing is edited that they do not want."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from zonelint.grammars.listing import reached
from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.zone import Zone
from zonelint.providers import writing
from zonelint.providers.files import Files, PathSearch, is_at_or_below, real_by_path, real_paths
from zonelint.providers.project.index import paths_known
from zonelint.providers.project.project import Project
from zonelint.providers.project.reading import document_of
from zonelint.providers.project.refused import RunRefused, display_path
from zonelint.providers.zonefile.parts import Names, names_in, parts_named
from zonelint.providers.zonefile.reader import ReadError, load

_SOURCE = re.compile(rb'\bsource"?\s*[=:]\s*"([^"]+)"')


class Sharers(NamedTuple):
    """The other zones of some files; `unread`: by a file's real path, what uses it unread."""

    zones: Sequence[Zone] = ()
    unread: Mapping[str, str] = {}


def zones_sharing(project: Project, zones: Sequence[Zone], *, is_all: bool = True) -> Sharers:
    """The other zones of the project that are written in files of these.

    They are looked for where a zone is written in more than its own document, and where these are
    not all zones of the project: another may include a zone file. Of those that cannot be read it
    is told which files they use.
    """
    documents = [document_of(zone) for zone in zones]
    parts = {path for zone in zones for path in _parts(zone)}
    if not is_all:
        parts |= {zone.path for zone in zones if isinstance(zone, MasterZone)}
    if not parts:
        return Sharers()
    try:
        paths = [*paths_known(project, documents, ()), *_around(project, documents, parts)]
        return _reading(project, [_like(path, parts) for path in paths], zones, parts)
    except RunRefused:
        return Sharers()


def _around(project: Project, documents: Sequence[str], parts: Iterable[str]) -> list[str]:
    """The repository, where a part is in none of the paths of the configurations that hold here.

    Whose it is besides, these do not tell: a team's configuration names the team's zones.
    """
    found: dict[str, None] = {}
    for configuration in project.configurations_of(documents):
        home = project.home_of(configuration)
        if home is None or not configuration.names_zones:
            continue
        named = real_paths(configuration.zone_paths())
        if not all(is_at_or_below(part, named) for part in real_paths(parts)):
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
) -> Sharers:
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
    sources = project.read(listed)
    others = [
        zone
        for zone in sources.zones
        if (zone.origin, os.path.realpath(zone.path)) not in known
        and not shared.isdisjoint(real_paths(writing.files(zone)))
    ]
    read = real_paths(path for zone in (*sources.zones, *zones) for path in writing.files(zone))
    passed = [file.path for file in listed.files if os.path.realpath(file.path) not in read]
    failed = [problem.path for problem in sources.problems]
    return Sharers(others, unread_sharers(zones, (*failed, *passed), project.files))


def unread_sharers(zones: Sequence[Zone], unread: Iterable[str], disk: Files) -> Mapping[str, str]:
    """The files of zones, by their real paths, that files which could not be read use as well.

    What those mean is not known, but their text tells what they include and call. The
    `shared_filename` of octoDNS its configuration tells.
    """
    unread = list(unread)
    if not unread:
        return {}
    spelt = {path for zone in zones if writing.is_editable(zone) for path in writing.files(zone)}
    files = set(real_by_path(spelt).values())
    beside = _read_beside(zones, disk)
    found: dict[str, str] = {}
    for path in dict.fromkeys(unread):
        if os.path.realpath(path) in files:
            continue  # a zone that is read in part: what it lacks, its judgement knows
        folder = os.path.dirname(os.path.realpath(path))  # noqa: PTH120
        used = set(map(str, _used(path, disk)))
        for file in files:
            is_beside = path.endswith((".yaml", ".yml")) and os.path.dirname(file) == folder  # noqa: PTH120
            is_called = os.path.dirname(file) in used and file.endswith((".tf", ".tf.json"))  # noqa: PTH120
            if file in used or is_called or (is_beside and file in beside):
                found.setdefault(file, path)
    return found


def _read_beside(zones: Sequence[Zone], disk: Files) -> set[str]:
    """The files that octoDNS reads beside each zone's own: its configuration names them."""
    found = set()
    for zone in zones:
        if not writing.is_yaml(zone) or not zone.configuration:
            continue
        text = load(zone.configuration, disk)
        found |= {
            os.path.realpath(path)
            for path in writing.files(zone)
            if isinstance(text, bytes) and os.fsencode(os.path.basename(path)) in text  # noqa: PTH119
        }
    return found


def _used(path: str, disk: Files) -> Sequence[Path]:
    """The files that one includes, be it by others, and the folders of the modules it calls."""

    called: list[Path] = []

    def parts_of(at: Path) -> Sequence[Path]:
        data = load(str(at), disk)
        if isinstance(data, ReadError):
            return ()
        if at.name.endswith((".tf", ".tf.json")):
            called.extend(disk.resolve(at.parent / os.fsdecode(n)) for n in _SOURCE.findall(data))
        return parts_named(str(at), data.replace(b"\0", b""), disk)  # UTF-16, too

    return [*reached(parts_of(Path(path)), parts_of), *called]
