"""Files that are parts of zones: named alone, they are checked as what includes them.

pre-commit names the files that a commit touches. One that others include tells no origin of its
own, and what it means shows only where it is included.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from zonelint.grammars.dnsname import BadName
from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.providers.files import DISK, Files
from zonelint.providers.zonefile.find import FoundFiles, search
from zonelint.providers.zonefile.origin import origin_of_file_name
from zonelint.providers.zonefile.reader import (
    Origins,
    ReadError,
    load,
    parts_of,
    read_file,
    text_of,
)

Names = dict[Path, list[str]]
"""What files include, by their real paths."""

_INCLUDE = re.compile(rb"^\$INCLUDE[ \t]+\"?([^\s;\"]+)", re.IGNORECASE | re.MULTILINE)
_OF_YAML = re.compile(rb"!include[ \t]+[\"']?([^\s\"']+)")


def with_whole(
    files: Sequence[FoundFiles], origins: Origins, disk: Files = DISK
) -> list[FoundFiles]:
    """The files, and beside each named one that is a part the zone files that include it.

    A part counts as found by a search then: what it lacks, an origin, is no error any more.
    """
    parts = {disk.resolve(file.path): file for file in files if _may_be_part(file, origins, disk)}
    if not parts:
        return list(files)
    listed = {disk.resolve(file.path) for file in files}
    wholes: list[FoundFiles] = []
    included: set[Path] = set()
    for path in dict.fromkeys(path for part in parts for path in _candidates(part, parts, disk)):
        zone = read_file(FoundFiles(path, named=True), origins, files=disk)
        if not isinstance(zone, MasterZone):
            continue
        held = parts_of((source.path for source in zone.included), disk) & parts.keys()
        included |= held
        if held and disk.resolve(path) not in listed:
            wholes.append(FoundFiles(path, named=True))
    return [
        FoundFiles(file.path, named=False) if disk.resolve(file.path) in included else file
        for file in files
    ] + wholes


def _may_be_part(file: FoundFiles, origins: Origins, disk: Files) -> bool:
    """Whether nothing tells the origin of a file that was named."""
    if not file.named or origins.given is not None:
        return False
    if origin_of_file_name(os.path.split(file.path)[1], whole=False) is not None:
        return False
    data = load(file.path, disk)
    text = data if isinstance(data, ReadError) else text_of(data, file.path)
    if isinstance(text, ReadError):
        return False
    try:
        return origins.of(file.path, text) is None
    except BadName:
        return False


def _candidates(part: Path, parts: dict[Path, FoundFiles], disk: Files) -> Iterator[str]:
    """Zone files of the part's repository that include a file of its name."""
    root = str(disk.roots(part.parent)[0])
    absolute = Path(parts[part].path).is_absolute()
    known: Names = {}
    for found in search(root if absolute else os.path.relpath(root), {}, disk):
        if part.name in names_in(found.path, disk, known):
            yield found.path if absolute else os.path.relpath(found.path)


def names_in(path: str, disk: Files, known: Names | None = None) -> set[str]:
    """The last parts of the names that a file includes, and what it includes, by their octets.

    known: what is known of files that others include, for who asks about several.
    """
    known = {} if known is None else known
    found: set[str] = set()
    seen: set[Path] = set()
    waiting = [(path, _includes_of(path, disk))]
    while waiting:
        at, names = waiting.pop()
        for name in names:
            found.add(os.path.basename(name))  # noqa: PTH119
            part = _found_from(at, name, disk)
            if part is not None and part not in seen:
                seen.add(part)
                if part not in known:
                    known[part] = _includes_of(str(part), disk)
                waiting.append((str(part), known[part]))
    return found


def parts_named(path: str, data: bytes, disk: Files) -> list[Path]:
    """The files that a file with these octets includes, be it YAML."""
    names = map(os.fsdecode, (*_INCLUDE.findall(data), *_OF_YAML.findall(data)))
    return [part for name in names if (part := _found_from(path, name, disk)) is not None]


def _includes_of(path: str, disk: Files) -> list[str]:
    data = load(path, disk)
    if isinstance(data, ReadError):
        return []
    # Without its NULs a file in UTF-16, which is no zone, tells what it includes.
    return list(map(os.fsdecode, _INCLUDE.findall(data.replace(b"\0", b""))))


def _found_from(path: str, name: str, disk: Files) -> Path | None:
    """The file that one includes by a name, where IncludeFolders looks for it."""
    folder = disk.resolve(path).parent
    roots = disk.roots(folder)
    for start in dict.fromkeys((folder, *roots)):
        real = disk.resolve(start / name)
        if any(real.is_relative_to(root) for root in roots) and disk.is_file(real):
            return real
    return None


def includes(path: str, part: Path, disk: Files = DISK) -> bool:
    """Whether a zone file includes a part (a real path)."""
    if part.name not in names_in(path, disk):
        return False
    zone = read_file(FoundFiles(path, named=True), files=disk)
    if not isinstance(zone, MasterZone):
        return False
    return part in parts_of((source.path for source in zone.included), disk)
