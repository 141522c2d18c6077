"""Files: what is read, and from where. The disk here; a project can stand in other places as well.

An editor's buffers lie over the disk, a Git commit has a tree of its own: whoever reads a zone, a
configuration or a lock asks a Files and never the disk itself, so that one reader serves them all.

What belongs together ("inside") is the repository that a file stands in, else what the run was
given: nothing else is read because a file names it.
"""

from __future__ import annotations

import errno
import glob
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import BinaryIO

from zonelint.grammars.listing import firsts

Progress = Callable[[int, int], None]
"""Called with what is done, files say, and all that there is."""

REPOSITORY_MARKS = (".git", ".hg", ".svn")

Stamp = tuple[int, ...] | None
"""What tells that a file has changed. None: there is none."""


class TooLarge(OSError):
    """A file of more octets than its reader takes."""

    def __init__(self) -> None:
        super().__init__(errno.EFBIG, "this file is too large to be read")


class NotRegular(OSError):
    """A device, a pipe: it may never end, or never answer."""

    def __init__(self) -> None:
        super().__init__(errno.EINVAL, "this is not a regular file")


def reason_of(error: OSError) -> str:
    """Why a file cannot be read or written, in the system's own words."""
    if isinstance(error, IsADirectoryError):
        return "this is a folder, not a file"
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return (error.strerror or "it cannot be read").lower()


class Files:
    """The disk. `given`: the folders that the run was given; what is in them is inside."""

    is_past = False
    """Whether this is how things were, and nothing that can be mended."""

    def __init__(self, given: Sequence[str | Path] = ()) -> None:
        self.given = tuple(dict.fromkeys(map(_real, given)))
        self._whereabouts: dict[str, tuple[str, str | None]] = {}

    def take_in(self, folders: Sequence[str | Path]) -> None:
        """Count more folders as given."""
        self.given = tuple(dict.fromkeys((*self.given, *map(_real, folders))))

    def covers(self, path: str | Path) -> bool:
        """Whether a path is one that can be here."""
        return True

    def altered(self, path: str | Path) -> Collection[str]:
        """The files at or below a path that a change since then adds, alters or deletes.

        Real paths.
        """
        return ()

    def has_moved(self, old: str | Path, new: str | Path) -> bool:
        """Whether all that was at or below a path then is the same at another one now."""
        return False

    def is_altered(self, path: str | Path) -> bool:
        """Whether a change since then adds or alters a file or link, or what it leads to."""
        return False

    def is_file(self, path: str | Path) -> bool:
        return Path(path).is_file()

    def is_dir(self, path: str | Path) -> bool:
        return Path(path).is_dir()

    def is_link(self, path: str | Path) -> bool:
        return Path(path).is_symlink()

    def is_meant(self, path: str | Path) -> bool:
        """Whether a path is there and no folder: also what cannot be read, a link to nothing, a
        link in a circle, a pipe."""
        return (self.is_link(path) or self.exists(path)) and not self.is_dir(path)

    def exists(self, path: str | Path) -> bool:
        return Path(path).exists()

    def names(self, folder: str | Path) -> list[str]:
        """What a folder holds, sorted. Raises OSError."""
        return sorted(path.name for path in Path(folder).iterdir())

    def walk(
        self, folder: str, onerror: Callable[[OSError], None] | None = None
    ) -> Iterator[tuple[str, list[str], list[str]]]:
        """As os.walk. A link is followed where it leads to what else the repository has: not where
        it leads to what was given or walked through already, to a folder above, or out of it.

        What the caller takes out of the folders is not gone into.
        """
        seen = {str(self.resolve(folder)), *map(str, self.given)}
        waiting = [folder]
        while waiting:
            for at, folders, names in self._walk(waiting.pop(), onerror):
                yield at, folders, names
                for name in sorted(self._links_among(at, folders, names), reverse=True):
                    path = f"{at.removesuffix(os.sep)}{os.sep}{name}"
                    if self.is_followed(path, seen):
                        seen.add(str(self.resolve(path)))
                        waiting.append(path)

    def is_followed(self, link: str, seen: Collection[str]) -> bool:
        """Whether a walk goes into the folder that a link leads to. seen: those it goes into."""
        parent = os.path.abspath(link).rpartition(os.sep)[0]  # noqa: PTH100 - links stay
        return (
            self.repository_of(parent) is not None
            and self.why_outside(link) is None
            and self.is_elsewhere(link, seen)
        )

    def is_elsewhere(self, link: str, folders: Iterable[str]) -> bool:
        """Whether a link leads neither into one of these folders nor to one above."""
        real = self.resolve(link)
        return not any(real.is_relative_to(s) or Path(s).is_relative_to(real) for s in folders)

    def _walk(
        self, folder: str, onerror: Callable[[OSError], None] | None
    ) -> Iterator[tuple[str, list[str], list[str]]]:
        """As os.walk, links to folders not followed."""
        return os.walk(folder, onerror=onerror)

    def _links_among(self, at: str, folders: Sequence[str], names: Sequence[str]) -> list[str]:
        """The links to folders that a walk has come to."""
        return [name for name in folders if self.is_link(Path(at, name))]

    def matching(self, pattern: str, folder: str | Path) -> list[str]:
        """The paths that a glob matches, relative to the folder where the glob is, sorted."""
        return sorted(glob.glob(pattern, root_dir=folder, recursive=True))  # noqa: PTH207 - absolute patterns too

    def resolve(self, path: str | Path) -> Path:
        """Where a path leads, every link followed."""
        return _real(path)

    def read(self, path: str | Path, most: int) -> bytes:
        """The octets of a regular file. Raises OSError; TooLarge where there are more."""
        descriptor, size = _descriptor(path)
        try:
            # The size of what the system makes up on the way (/proc) is told as 0.
            wanted = 0 if size > most else min(most, size or 1 << 16) + 1
            octets = os.read(descriptor, wanted)
            while len(octets) not in (size, wanted) and (
                more := os.read(descriptor, wanted - len(octets))
            ):
                octets += more
        finally:
            os.close(descriptor)
        if len(octets) > most or size > most:
            raise TooLarge
        return octets

    def open(self, path: str | Path) -> BinaryIO:
        """A regular file, opened; for whoever reads piece by piece. Raises OSError."""
        return _opened(path)

    def beginning(self, path: str | Path, most: int) -> bytes:
        """The first octets of a regular file. Raises OSError."""
        descriptor, _ = _descriptor(path)
        try:
            return os.read(descriptor, most)
        finally:
            os.close(descriptor)

    def stamp(self, path: str | Path) -> Stamp:
        """What is another after each change of the file."""
        try:
            status = Path(path).stat()
        except OSError:
            return None
        return (status.st_ino, status.st_size, status.st_mtime_ns)

    def whereabouts(self, folder: str) -> tuple[str, str | None]:
        """Where a folder really is, and the root of the repository that it is named in, if any."""
        if folder not in self._whereabouts:
            self._whereabouts[folder] = self._find(Path(folder or os.sep))
        return self._whereabouts[folder]

    def _find(self, given: Path) -> tuple[str, str | None]:
        for at in (given, *given.parents):
            if any(self.exists(at / mark) for mark in REPOSITORY_MARKS):
                return str(self.resolve(given)), str(self.resolve(at))
        return str(self.resolve(given)), None

    def repository_of(self, folder: str) -> str | None:
        """The root of the repository that a folder lies in; None where it lies in none."""
        return self.whereabouts(folder)[1]

    def why_outside(self, path: str | Path) -> str | None:
        """Why a path is nothing that the repository it stands in has; None where it is.

        What a link leads to counts, whether it is there or not.
        """
        parent, _, name = os.path.abspath(path).rpartition(os.sep)  # noqa: PTH100 - links stay
        folder, root = self.whereabouts(parent)
        if root is None:
            return None
        real = self.resolve(Path(folder, name)) if self.is_link(path) else Path(folder, name)
        if not real.is_relative_to(root):
            return (
                "This link leads out of the repository, so it is not read; commit the file itself."
            )
        if not set(REPOSITORY_MARKS).isdisjoint(real.relative_to(root).parts):
            return "This belongs to the version control system and is not a file of the repository."
        return None

    def roots(self, folder: Path) -> list[Path]:
        """The folders whose files belong together with those of a folder (a real path).

        Its repository, and what the run was given; where there is neither, the folder itself.
        """
        repository = self.repository_of(str(folder))
        found = [] if repository is None else [Path(repository)]
        found += (each for each in self.given if folder.is_relative_to(each) and each not in found)
        return found or [folder]


@dataclass(slots=True)
class PathSearch:
    """files: those of a kind among some paths. rest: the other paths, folders among them.

    folders: those of the paths in which there are such files.
    """

    files: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)


def _real(path: str | Path) -> Path:
    # Path.resolve raises RuntimeError for links in a circle, before Python 3.13.
    return Path(os.path.realpath(path))


def _descriptor(path: str | Path) -> tuple[int, int]:
    """A regular file, opened, and its size. There may be ten thousand: no object is made of one."""
    descriptor = without_waiting(str(path), os.O_RDONLY | os.O_CLOEXEC)
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        return descriptor, status.st_size
    os.close(descriptor)
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise NotRegular


def _opened(path: str | Path) -> BinaryIO:
    file = open(path, "rb", opener=without_waiting)  # noqa: SIM115 - the caller closes it
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise NotRegular
    return file


def real_paths(paths: Iterable[str]) -> frozenset[str]:
    """Where paths lead, every link followed."""
    return frozenset(real_by_path(paths).values())


def is_at_or_below(path: str, folders: Collection[str]) -> bool:
    """Whether a path is among these, or below one that is; all are real paths."""
    while path not in folders:
        if path in ("", os.sep):
            return False
        path = path.rpartition(os.sep)[0] or os.sep
    return True


def spelt_alike(paths: Sequence[str]) -> list[str]:
    """The paths, each absolute where one is: by its path a file is known again. `-` is none."""
    if not any(path.startswith(os.sep) for path in paths):
        return list(paths)
    here = Path.cwd()
    return [path if path in ("", "-") or path[0] == os.sep else str(here / path) for path in paths]


class Places:
    """Where paths lie: a file that is named in several ways has one place.

    The links of its folder are followed. The last part may be a link of its own meaning.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._real: dict[str, str] = {}

    def folder(self, path: str) -> str:
        """Where a folder is, every link followed; each is asked for once."""
        if path not in self._real:
            # What has a NUL in it is nowhere.
            self._real[path] = path if "\0" in path else str(self._files.resolve(path))
        return self._real[path]

    def __call__(self, path: str) -> str:
        folder, name = os.path.split(path)
        if name in ("", os.curdir, os.pardir):
            return self.folder(path)
        return os.path.join(self.folder(folder), name)  # noqa: PTH118 - quicker


def each_once(paths: Iterable[str], place_of: Callable[[str], str]) -> list[str]:
    """The paths without those that lie where one of them does."""
    return list(firsts((place_of(path), path) for path in paths).values())


def real_by_path(paths: Iterable[str]) -> dict[str, str]:
    """Where each path leads: as realpath, that asks of each folder once."""
    real_folder = cache(os.path.realpath)
    found = {}
    for path in paths:
        folder, name = os.path.split(path)
        if name in ("", os.curdir, os.pardir) or os.path.islink(path):  # noqa: PTH114 - quicker
            found[path] = os.path.realpath(path)
        else:
            found[path] = os.path.join(real_folder(folder), name)  # noqa: PTH118 - quicker
    return found


def without_waiting(path: str, flags: int) -> int:
    """Open without waiting for a writer, should the path be a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


DISK = Files()
"""The disk, where nothing was given."""
