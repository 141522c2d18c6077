"""Which YAML files the paths of a run stand for; nothing is opened here, and no YAML imported."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from zonelint.providers.files import DISK, Files
from zonelint.providers.octodns.yaml.names import (
    ENDINGS,
    last_part,
    origin_of_file,
    origin_of_folder,
    whole_path,
)
from zonelint.providers.zonefile.find import walk


@dataclass(slots=True)
class YamlSearch:
    """The YAML files among the paths, and the paths that others have to read.

    `folders` are those of `rest` in which YAML files were found.
    """

    files: list[File] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)


def search(paths: Sequence[str], disk: Files = DISK, as_found: Collection[str] = ()) -> YamlSearch:
    """YAML files as they are named, and those of folders; every other path is left over.

    as_found: files that are treated as those of folders.
    """
    found = YamlSearch()
    for path in paths:
        if disk.is_dir(path):
            files = list(search_folder(path, disk))
            found.files += files
            found.folders.update([path] if files else [])
            found.rest.append(path)
        elif path.endswith(ENDINGS):
            files = named(path, disk)
            found.files += [f._replace(named=False) for f in files] if path in as_found else files
        else:
            found.rest.append(path)
    return found


class File(NamedTuple):
    """A YAML file. folder: that of a split zone, which `origin` names; "" for a whole zone."""

    path: str
    named: bool
    folder: str = ""


def named(path: str, disk: Files = DISK) -> list[File]:
    """The file itself; where it is a part of a split zone, all files of that zone."""
    folder, name = os.path.split(path)
    if origin_of_folder(last_part(whole_path(folder))) is None:
        return [File(path, named=True)]
    try:
        beside = {name for name in disk.names(folder or os.curdir) if name.endswith(ENDINGS)}
    except OSError:
        beside = set()
    return [
        File(os.path.join(folder, part), named=True, folder=folder or os.curdir)  # noqa: PTH118
        for part in sorted(beside | {name})
    ]


def named_after(file: File) -> str | None:
    """The zone that a file, or its folder, is named after."""
    folder = last_part(whole_path(file.folder)) if file.folder else ""
    return origin_of_folder(folder) if folder else origin_of_file(last_part(file.path))


def search_folder(start: str, disk: Files = DISK) -> Iterator[File]:
    """The YAML files of a folder, sorted."""
    for at, names in walk(start, disk):
        split = at if origin_of_folder(last_part(whole_path(at))) is not None else ""
        here = str(Path(at))
        beside = "" if here == os.curdir else f"{here.removesuffix(os.sep)}{os.sep}"
        for name in names:
            if name.endswith(ENDINGS) and (split or not name.startswith(".")):
                yield File(f"{beside}{name}", named=False, folder=split)
