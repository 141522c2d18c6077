"""Which files of a folder are zone files: by their names and the folders they stand in.

A file that is called as a zone is, `example.com`, may be anything: a web server's settings, a
program in Perl. It counts where its first line is a zone's.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from zonelint.providers.files import DISK, Files
from zonelint.providers.zonefile.origin import (
    COUNTRIES,
    OTHER_FORMATS,
    begins_as_zone,
    names_a_zone,
)

PATTERNS = ("*.zone", "*.db", "db.*")
ZONES_FOLDER = "zones"
SKIPPED = frozenset(
    (".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".nox",
     ".mypy_cache", ".pytest_cache", ".ruff_cache", ".terraform", "site-packages")
)  # fmt: skip
_NOT_ZONES = ("thumbs.db",)
_BEGINNING = 1 << 13
_LEADS_OUT = (
    "This link leads out of the folder that is searched, so it is not followed; name the folder "
    "itself."
)


class FoundFiles(NamedTuple):
    """A file to read. `named`: the user named it; otherwise a search of a folder found it."""

    path: str
    named: bool


def is_zone_name(name: str) -> bool:
    """Whether a file of this name is a zone file wherever it stands."""
    lower = name.lower()
    return (
        any(fnmatchcase(lower, pattern) for pattern in PATTERNS)
        and lower not in _NOT_ZONES
        and not _is_other(lower)
    )


def _is_other(lower: str) -> bool:
    _, dot, end = lower.rpartition(".")
    return (bool(dot) and end in OTHER_FORMATS) or lower.endswith("~") or lower.startswith(".")


def walk(top: str, files: Files) -> Iterator[tuple[str, list[str]]]:
    """The folders of a tree that are searched, each with the names of its files, sorted."""
    for at, folders, names in files.walk(top):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        yield at, sorted(names)


def search(folder: str, closed: dict[str, str], files: Files = DISK) -> Iterator[FoundFiles]:
    """The zone files below a folder, sorted: by name, or any under a folder named `zones`.

    A file that is called as a zone is counts if it begins as one.

    A link is followed to where the repository has more. Folders that are passed over, though zone
    files may be in them, are added to `closed`, with what to say of them.
    """

    def note(error: OSError) -> None:
        path = str(error.filename).removeprefix(f"{os.curdir}{os.sep}")
        closed[path] = "This folder cannot be opened: permission denied."

    under = Path(folder).absolute().name == ZONES_FOLDER
    depth = len(Path(folder).parts)
    searched = {str(files.resolve(folder)), *map(str, files.given)}
    for at, folders, names in files.walk(folder, note):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        here = Path(at)
        inside = under or ZONES_FOLDER in here.parts[depth:]
        beside = "" if at == os.curdir else f"{here}{os.sep}"
        for path in (f"{beside}{name}" for name in folders):
            if first := _first_outside(path, searched, files):
                if files.why_outside(path) is not None:
                    yield FoundFiles(first, named=False)  # reading it tells of the link
                else:
                    closed[path] = _LEADS_OUT
        for name in sorted(names):
            path = f"{beside}{name}"
            if (
                is_zone_name(name)
                or (inside and not _is_other(name.lower()))
                or (_may_name_a_zone(name, inside=inside) and _begins_as_zone(path, files))
            ):
                yield FoundFiles(path, named=False)


def _first_outside(folder: str, searched: Collection[str], files: Files) -> str | None:
    """A zone file behind a link that leads out of what is searched and is not followed."""
    if not files.is_link(folder):
        return None
    if files.why_outside(folder) is None:
        parent = os.path.abspath(folder).rpartition(os.sep)[0]  # noqa: PTH100 - links stay
        if files.repository_of(parent) is not None or not files.is_elsewhere(folder, searched):
            return None
    is_zones = Path(folder).name == ZONES_FOLDER
    try:
        names = files.names(folder)
    except OSError:
        return None
    for name in names:
        if is_zone_name(name) or (is_zones and not _is_other(name.lower())):
            return f"{folder}{os.sep}{name}"
    return None


def _may_name_a_zone(name: str, *, inside: bool) -> bool:
    end = name.rpartition(".")[2].lower()
    return (end not in OTHER_FORMATS or (inside and end in COUNTRIES)) and names_a_zone(name)


def _begins_as_zone(path: str, files: Files) -> bool:
    try:
        return begins_as_zone(files.beginning(path, _BEGINNING).decode("utf-8", "replace"))
    except OSError:
        return False
