"""Zone files into Zones: from paths, folders and standard input; no path stops the others.

A file's bytes are decoded so that encoding gives them back: UTF-8, any other byte as a lone
surrogate.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, NamedTuple

from zonelint.grammars.dnsname import BadName, quote_source, whole_name
from zonelint.grammars.masterfile.reader import (
    Include,
    IncludeError,
    MasterZone,
    collector_paused,
    read,
)
from zonelint.grammars.masterfile.tokens import looks_like_zone
from zonelint.grammars.zone import Span, ZoneFault, ZoneFaultKind
from zonelint.providers.files import DISK, Files, NotRegular, Places, TooLarge
from zonelint.providers.zonefile.find import ZONES_FOLDER, FoundFiles, is_zone_name, search
from zonelint.providers.zonefile.origin import (
    OTHER_FORMATS,
    has_soa,
    origin_in,
    origin_of_file_name,
)

LARGEST_FILE = 1 << 29
"""Octets of one file at most."""

_HEAD = 1 << 16
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_INCLUDES = re.compile(r"^\$INCLUDE[ \t]", re.IGNORECASE | re.MULTILINE)
_INCLUDED = re.compile(r"^\$INCLUDE[ \t]+\"?(?P<name>[^\s\";]+)", re.IGNORECASE | re.MULTILINE)

Progress = Callable[[str, int, int], None]
"""Called before each file: its path, how many are done, how many there are."""


class ReadError(NamedTuple):
    """A path that gives no zone. `message` is one sentence without the path, with the remedy.

    line, column: the place that it is about, from 1; 0 where it is about all of the file.
    """

    path: str
    message: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.place or repr(self.path)}: {self.message}"

    @property
    def place(self) -> str:
        """The path, with the place in the file where there is one, as editors read it."""
        numbers = (number for number in (self.line, self.column) if number)
        return ":".join((self.path, *map(str, numbers)))

    @property
    def span(self) -> Span:
        """The same for what shows it: the beginning of the file where there is no place."""
        line, column = self.line or 1, self.column or 1
        return Span(self.path, line, column, line, column)


@dataclass(frozen=True)
class Origins:
    """How the origin of a file is found.

    given: for every file, from the command line.
    by_path: from the configuration; the keys are paths as the user writes them, relative to `base`.
    """

    given: str | None = None
    by_path: Mapping[str, str] | None = None
    base: str = "."

    def of(self, path: str, text: str) -> str | None:
        """The file's origin in the order of the manual; None if nothing tells. Raises BadName."""
        if self.given is not None:
            return whole_name(self.given)
        if self.by_path and (known := self._by_place.get(_place(path))) is not None:
            return whole_name(known)
        told = origin_in(text)
        if told is not None and told != ".":
            return told
        name = os.path.split(path)[1]
        if told == ".":  # some exports begin with `$ORIGIN .` and `@ SOA`, whatever the zone
            return origin_of_file_name(name) or told
        return origin_of_file_name(name, whole=False) or (
            origin_of_file_name(name) if has_soa(text) else None
        )

    @cached_property
    def _by_place(self) -> Mapping[str, str]:
        told = reversed(
            list((self.by_path or {}).items())
        )  # the first one that names a file counts
        return {_place(Path(self.base, key)): origin for key, origin in told}


def _place(path: str | Path) -> str:
    """Where a file lies; the last part may be a link of its own meaning."""
    return Places(DISK)(os.path.abspath(path))  # noqa: PTH100


def decode(data: bytes) -> str:
    """The text of a file's bytes; `encode` is the way back for any bytes at all."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes of a text that `decode` made."""
    return text.encode("utf-8", "surrogateescape")


def find(paths: Iterable[str], files: Files = DISK) -> Iterator[FoundFiles | ReadError]:
    """The zone files that the paths stand for, each once: files as named, folders searched."""
    place_of = Places(files)
    seen: set[str] = set()
    for path in paths:
        if not path or not files.is_dir(path):
            if _new(place_of(path), seen):
                yield FoundFiles(path, named=True)
            continue
        empty = True
        closed: dict[str, str] = {}
        for found in search(path, closed, files):
            empty = False
            if _new(place_of(found.path), seen):
                yield found
        for folder, why in closed.items():
            yield ReadError(folder, why)
        if empty and not closed:
            yield EmptyFolder(path, NO_ZONE_FILE)


def _new(place: str, seen: set[str]) -> bool:
    if place in seen:
        return False
    seen.add(place)
    return True


def read_listed(
    files: Sequence[FoundFiles],
    origins: Origins,
    *,
    default_ttl: int | None = None,
    progress: Progress | None = None,
    disk: Files = DISK,
) -> tuple[list[MasterZone], list[ReadError]]:
    """Every zone of the files, and every file that gives none, in their order.

    Files that a search found, and that turn out to be no zones, are passed over in silence; a file
    that the user named is an error then. A part of another of these zones is judged in that.
    """
    zones: list[MasterZone] = []
    errors: list[ReadError] = []
    orphans: list[ReadError] = []
    with collector_paused():
        for done, file in enumerate(files):
            if progress is not None:
                progress(file.path, done, len(files))
            result = read_file(file, origins, default_ttl=default_ttl, files=disk)
            if isinstance(result, MasterZone):
                zones.append(result)
            elif isinstance(result, NoOrigin) and not file.named:
                orphans.append(result)
            elif result is not None:
                errors.append(result)
    parts = parts_of((s.path for zone in zones for s in zone.included), disk)
    if parts:
        zones = _without_parts(zones, disk)
    errors.extend(e for e in orphans if disk.resolve(e.path) not in parts)
    return zones, errors


def _without_parts(zones: Sequence[MasterZone], disk: Files) -> list[MasterZone]:
    """The zones that no other one of them includes; of those that include each other one stays."""
    including = Counter(path for zone in zones for path in _parts_in(zone, disk))
    kept = []
    for zone in zones:
        if including[disk.resolve(zone.path)] and not is_whole(zone):
            including.subtract(_parts_in(zone, disk))
        else:
            kept.append(zone)
    return kept


def _parts_in(zone: MasterZone, disk: Files) -> set[Path]:
    return parts_of((source.path for source in zone.included), disk) - {disk.resolve(zone.path)}


def is_whole(zone: MasterZone) -> bool:
    """Whether the file has an SOA of its own: it is a zone then, whoever includes it."""
    found = (record.span.path for rrset in zone.of_type("SOA") for record in rrset)
    return zone.path in found


def listed(paths: Iterable[str], disk: Files = DISK) -> tuple[list[FoundFiles], list[ReadError]]:
    """The files that the paths stand for, and the paths that stand for none."""
    found = list(find(paths, disk))
    errors = [each for each in found if isinstance(each, ReadError)]
    return [each for each in found if isinstance(each, FoundFiles)], errors


def parts_of(included: Iterable[str], files: Files = DISK) -> set[Path]:
    """Where the files that others include really are."""
    return {files.resolve(path) for path in included}


NO_ZONE_FILE = "This folder contains no zone file; name the files, or call them `*.zone` or `db.*`."


class EmptyFolder(ReadError):
    """A folder without a zone file; it may hold zones in another form."""

    __slots__ = ()


class NoOrigin(ReadError):
    """A file that may be a zone, but nothing tells which: perhaps another file includes it."""

    __slots__ = ()


def read_file(
    file: FoundFiles,
    origins: Origins | None = None,
    *,
    default_ttl: int | None = None,
    files: Files = DISK,
) -> MasterZone | ReadError | None:
    """One file's zone, or why it gives none.

    None for a file that a search found and that is something else.
    """
    data = load(file.path, files)
    if isinstance(data, ReadError):
        return data
    text = text_of(data, file.path)
    del data  # a large file need not be held twice
    folders = IncludeFolders(files)
    result = (
        text
        if isinstance(text, ReadError)
        else read_text(
            text,
            file.path,
            origins,
            include=folders.include,
            default_ttl=default_ttl,
        )
    )
    if isinstance(result, MasterZone):
        _note_ambiguous(result, folders)
    if isinstance(result, NotAZone) and not file.named and not _is_called_as_a_zone(file.path):
        return None
    return result


def _is_called_as_a_zone(path: str) -> bool:
    """Whether a file's name says that a zone is in it: then it is not passed over in silence."""
    name = os.path.basename(path)  # noqa: PTH119
    if name.endswith(".zone"):
        return True
    if is_zone_name(name):
        return origin_of_file_name(name, whole=False) is not None
    return ZONES_FOLDER in Path(path).absolute().parent.parts and _is_a_domain(name)


def _is_a_domain(name: str) -> bool:
    """Whether a file is called as a domain that there may be, and as no file of another kind."""
    last = name.rpartition(".")[2].lower()
    if last in OTHER_FORMATS or origin_of_file_name(name) is None:
        return False
    from zonelint.rules.mail.organisation import has_top_level

    return has_top_level(name)


class NotAZone(ReadError):
    """A file whose content is something else."""

    __slots__ = ()


def load(path: str, files: Files = DISK) -> bytes | ReadError:
    """A regular file's bytes, or why they cannot be had.

    A link that leads out of the repository it stands in is not followed: who may commit a link
    must not be able to have any file of the machine shown in a report. Nor is what the version
    control keeps for itself read, by a link or an $INCLUDE: a token may stand there.
    """
    why = files.why_outside(path)
    if why is not None:
        return ReadError(path, why)
    try:
        return files.read(path, LARGEST_FILE)
    except NotRegular:
        return ReadError(path, "This is not a regular file; name a zone file.")
    except TooLarge:
        return ReadError(
            path, f"This file is larger than {LARGEST_FILE >> 20} MiB, too large to check."
        )
    except FileNotFoundError:
        return ReadError(path, "There is no such file.")
    except PermissionError:
        return ReadError(path, "This file cannot be opened: permission denied.")
    except IsADirectoryError:
        return ReadError(path, "This is a folder, not a zone file.")
    except (OSError, ValueError) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else ""
        return ReadError(path, f"This file cannot be read{': ' + reason if reason else ''}.")


def read_stream(
    stream: BinaryIO,
    path: str = "<stdin>",
    *,
    origin: str | None = None,
    default_ttl: int | None = None,
) -> MasterZone | ReadError:
    """The zone that a stream holds, standard input say; `path` may tell the origin."""
    try:
        data = stream.read(LARGEST_FILE + 1)
    except OSError:
        return ReadError(path, "The input cannot be read.")
    if len(data) > LARGEST_FILE:
        return ReadError(
            path, f"The input is larger than {LARGEST_FILE >> 20} MiB, too large to check."
        )
    text = text_of(data, path)
    del data
    if isinstance(text, ReadError):
        return text
    include = IncludeFolders().include
    return read_text(text, path, Origins(origin), include=include, default_ttl=default_ttl)


def text_of(data: bytes, path: str) -> str | ReadError:
    """The decoded bytes of a zone file, or why they are none."""
    if data.startswith(_BYTE_ORDER_MARKS):
        return NotAZone(path, "This file is in UTF-16; save it as UTF-8, as name servers need it.")
    # Name servers load a zone with a NUL in a comment or a text, so it is no sign by itself.
    if b"\0" in data[:_HEAD] and not has_soa(decode(data)) and not _INCLUDES.search(decode(data)):
        return NotAZone(path, "This is a binary file, not a zone file.")
    if not data.strip():
        return NotAZone(path, "This file is empty.")
    text = decode(data)
    if not looks_like_zone(text):
        return NotAZone(path, "This is not a zone file: no line of it has the form of a record.")
    return text


def read_text(
    text: str,
    path: str,
    origins: Origins | None = None,
    *,
    include: Include | None = None,
    default_ttl: int | None = None,
) -> MasterZone | ReadError:
    """The zone that the text holds, or why it holds none."""
    try:
        origin = (origins or Origins()).of(path, text)
    except BadName as wrong:
        return ReadError(path, f"The origin given for this file cannot be used: {wrong.message}")
    if origin is None:
        return NoOrigin(
            path,
            "Nothing shows which zone this file contains; write `$ORIGIN` at the top, or give its "
            "origin: `origins` in zonelint.toml, or --origin.",
        )
    zone = read(text, path, origin, include=include, default_ttl=default_ttl)
    return NotAZone(path, "This is not a zone file.") if _is_something_else(zone) else zone


def _note_ambiguous(zone: MasterZone, folders: IncludeFolders) -> None:
    """Tell of every $INCLUDE that leads to another file from where the name server runs."""
    if not zone.included and not zone.faults:  # none: each leads to a file, or is a fault
        return
    for source in (zone.source, *zone.included):
        for found in _INCLUDED.finditer(source.text):
            if folders.is_ambiguous(source.path, found["name"]):
                zone.faults.append(
                    ZoneFault(
                        ZoneFaultKind.SERVER_DEPENDENT,
                        "Two different files have this path: one relative to this file, which is "
                        "read here, and one relative to the repository, which BIND reads where it "
                        "runs there.",
                        "Write a path that leads to one file only.",
                        source.span(*found.span("name")),
                    )
                )


def _is_something_else(zone: MasterZone) -> bool:
    """Whether the few lines that look like records stand in a text of another kind."""
    unread = sum(f.kind is ZoneFaultKind.SYNTAX and f.type is None for f in zone.faults)
    if zone.table("SOA") or not unread or _INCLUDES.search(zone.source.text):
        return False
    return unread > 2 * (zone.records + len(zone.faults) - unread)


class IncludeFolders:
    """Finds the files that $INCLUDE names, and nothing outside what belongs together.

    One for each zone: what it includes depends on no other.

    A name is looked up beside the including file first, then from the root of its repository and
    from the folder that the run was given; where there is neither, the folder of the first file is
    all there is.
    """

    __slots__ = ("_files", "_roots")

    def __init__(self, files: Files = DISK) -> None:
        self._files = files
        self._roots: dict[Path, list[Path]] = {}

    def include(self, including: str, name: str) -> tuple[str, str]:
        """The path and text of the named file. Raises IncludeError."""
        is_inside = is_beyond = False
        for real, roots, is_file in self._places(including, name):
            if not _is_within(real, roots):
                is_beyond |= is_file
                continue
            is_inside = True
            if is_file:
                self._roots.setdefault(real.parent, roots)
                return _display_path(including, real), self._text(real, name)
        if is_beyond or not is_inside:
            raise IncludeError(
                f"The file `{quote_source(name)}` is outside the repository, so its records are "
                "not read.",
                "Include files of the same repository, by paths relative to it.",
            )
        raise IncludeError(
            f"There is no file `{quote_source(name)}` to include, so its records are missing.",
            "Write the path relative to this file or to the repository.",
        )

    def is_ambiguous(self, including: str, name: str) -> bool:
        """Whether a different file has the name from a root than beside the including file."""
        places = self._places(including, name)
        found = {real for real, roots, is_file in places if is_file and _is_within(real, roots)}
        return len(found) > 1 and len({str(load(str(real), self._files)) for real in found}) > 1

    def _places(self, including: str, name: str) -> Iterator[tuple[Path, list[Path], bool]]:
        """Where the named file may be, with what it has to lie in, and whether it is there."""
        files = self._files
        folder = files.resolve(including).parent
        roots = self._roots.get(folder) or files.roots(folder)
        for start in dict.fromkeys((folder, *roots)):
            with suppress(OSError, ValueError, RuntimeError):
                real = files.resolve(start / name)
                yield real, roots, files.is_file(real)

    def _text(self, real: Path, name: str) -> str:
        data = load(str(real), self._files)
        if isinstance(data, ReadError):
            raise IncludeError(
                f"The included file `{quote_source(name)}` cannot be read, so its records are "
                "missing.",
                data.message,
            )
        if b"\0" in data[:_HEAD]:
            raise IncludeError(
                f"The included file `{quote_source(name)}` is binary.", "Include a text file."
            )
        return decode(data)


def _is_within(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _display_path(including: str, real: Path) -> str:
    """The included file's path in the same style as the including one's."""
    return str(real) if Path(including).is_absolute() else os.path.relpath(real)
