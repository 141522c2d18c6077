"""Files as a Git commit has them: the repository's own objects, nothing from the working tree.

Only Git's plumbing is asked (`rev-parse`, `merge-base`, `ls-tree`, `ls-files`, `diff-files`,
`cat-file`), none of which runs a hook or a text conversion. A path is that of the working tree;
what is not of the repository is not there.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import subprocess
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from zonelint.providers.files import Files, Stamp, TooLarge
from zonelint.providers.project.refused import RunRefused

MOST_OCTETS = 1 << 30
"""Octets of all files of a commit that are read at most."""
_MOST_LINKS = 10
_SHA1 = 40
_LINK = "120000"
_SUBMODULE = "160000"
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX")
"""What Git tells its hooks, and what would make it take another folder for the repository."""
_FILES = ("100644", "100755", "100664")


class GitRefused(RunRefused):
    """Git cannot give what was asked for. The message is for the user."""


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: str
    object: str
    size: int


@dataclass(slots=True)
class _Folder:
    """What a folder holds. A link is among the entries, whatever it leads to."""

    folders: dict[str, _Folder] = field(default_factory=dict)
    entries: dict[str, _Entry] = field(default_factory=dict)


class Commit(Files):
    """One commit of a repository, and the files in it.

    name: as the user wrote it.
    root: the top of the working tree, a real path. submodules: the folders whose files another
      repository has.
    """

    is_past = True

    def __init__(self, name: str, root: Path, object: str) -> None:
        super().__init__()
        self.name = name
        self.root = root
        self.submodules: list[str] = []
        self._top = _Folder()
        self._objects = _Objects(name, root)
        listing = _git(root, "ls-tree", "-r", "-l", "-z", "--full-tree", object)
        for line in listing.split(b"\0")[:-1]:
            head, _, path = line.partition(b"\t")
            mode, _, name_of, size = head.split()
            text = os.fsdecode(path)
            if mode.decode() in (*_FILES, _LINK) and _is_plain(text):
                self._put(text, _Entry(mode.decode(), name_of.decode(), int(size)))
            elif mode.decode() == _SUBMODULE:
                self.submodules.append(text)

    def _put(self, path: str, entry: _Entry) -> None:
        *folders, name = path.split("/")
        at = self._top
        for folder in folders:
            at = at.folders.setdefault(folder, _Folder())
        at.entries[name] = entry

    # -- paths ---------------------------------------------------------------------------------

    def inside(self, path: str | Path) -> str | None:
        """A path of this machine as one of the repository ("" for its top); None outside."""
        given = Path(os.path.abspath(path))  # noqa: PTH100 - the last part may be a link
        if not given.is_relative_to(self.root):
            given = Path(os.path.realpath(given.parent)) / given.name if given.name else given
        if not given.is_relative_to(self.root):
            given = Path(os.path.realpath(given))
        if not given.is_relative_to(self.root):
            return None
        inner = given.relative_to(self.root).as_posix()
        return "" if inner == "." else inner

    def covers(self, path: str | Path) -> bool:
        return self.inside(path) is not None

    def altered(self, path: str | Path) -> Collection[str]:
        inner = self.inside(path)
        if inner is None:
            return ()
        held = (each for each in self._altered if each == inner or is_under(each, {inner}))
        return [str(self.root / each) for each in held]

    def is_altered(self, path: str | Path) -> bool:
        parent, name = os.path.split(os.path.abspath(path))  # noqa: PTH100 - links stay
        places = (os.path.realpath(path), os.path.join(os.path.realpath(parent), name))  # noqa: PTH118
        return any(os.path.relpath(each, self.root) in self._altered for each in places)

    def has_moved(self, old: str | Path, new: str | Path) -> bool:
        then, now = self.inside(old), self.inside(new)
        held = {} if then is None else _below(then, self._held)
        return bool(held) and now is not None and held == _below(now, self._tracked)

    @cached_property
    def _altered(self) -> Collection[str]:
        """The tracked paths that are not as in the commit, on the disk or in the index."""
        held, tracked = self._held, self._tracked
        every = {**held, **tracked}
        return dict.fromkeys(path for path in every if held.get(path) != tracked.get(path))

    @cached_property
    def _held(self) -> Mapping[str, str]:
        """The objects of the commit, by path."""
        return {
            f"{at}/{name}".removeprefix("/"): entry.object
            for at, folder in _folders("", self._top)
            for name, entry in folder.entries.items()
        }

    @cached_property
    def _tracked(self) -> Mapping[str, str]:
        """The same of the index, as they are on the disk; "" for what is not there."""
        indexed: dict[str, str] = {}
        for line in _git(self.root, "ls-files", "-s", "-z").split(b"\0")[:-1]:
            head, _, path = line.partition(b"\t")
            indexed[os.fsdecode(path)] = head.split()[1].decode()
        # Those are told by their times: a file may be as it was.
        touched = _git(
            self.root, "-c", "core.fsmonitor=false", "diff-files", "--name-only", "-z",
            "--no-relative", "--ignore-submodules",
        )  # fmt: skip
        for each in map(os.fsdecode, touched.split(b"\0")[:-1]):
            if each in indexed:
                indexed[each] = _object_at(self.root / each, indexed[each])
        return indexed

    def resolve(self, path: str | Path) -> Path:
        inner = self.inside(path)
        if inner is None:
            return super().resolve(path)
        followed = self._followed(inner)
        return self.root / inner if followed is None else self.root / followed

    def _followed(self, inner: str) -> str | None:
        """Where a path of the repository leads, every link followed; None where that is outside."""
        waiting = [part for part in reversed(inner.split("/")) if part]
        done: list[str] = []
        links = 0
        while waiting:
            part = waiting.pop()
            at = self._folder(done)
            entry = None if at is None else at.entries.get(part)
            if entry is None or entry.mode != _LINK:
                done.append(part)
                continue
            links += 1
            target = os.fsdecode(self._objects.read(entry))
            joined = os.path.normpath(str(PurePosixPath(*done, target)))
            if links > _MOST_LINKS or joined.startswith((os.pardir, os.sep)):
                return None
            waiting += reversed(joined.split("/"))
            done = []
        return "/".join(part for part in done if part != os.curdir)

    def _folder(self, parts: list[str]) -> _Folder | None:
        at: _Folder | None = self._top
        for part in parts:
            at = None if at is None else at.folders.get(part)
        return at

    def _found(self, path: str | Path) -> _Folder | _Entry | None:
        """The folder or the file at a path, links followed."""
        inner = self.inside(path)
        followed = None if inner is None else self._followed(inner)
        return None if followed is None else self._at(followed)

    def _at(self, inner: str) -> _Folder | _Entry | None:
        """The folder, the file or the link at a path of the repository."""
        *folders, name = inner.split("/")
        at = self._folder(folders)
        if at is None or not inner:
            return at
        return at.folders.get(name) or at.entries.get(name)

    # -- files ---------------------------------------------------------------------------------

    def is_file(self, path: str | Path) -> bool:
        return isinstance(self._found(path), _Entry)

    def is_dir(self, path: str | Path) -> bool:
        return isinstance(self._found(path), _Folder)

    def is_link(self, path: str | Path) -> bool:
        inner = self.inside(path)
        held = self._at(inner) if inner else None
        return isinstance(held, _Entry) and held.mode == _LINK

    def exists(self, path: str | Path) -> bool:
        return self._found(path) is not None

    def names(self, folder: str | Path) -> list[str]:
        found = self._found(folder)
        if not isinstance(found, _Folder):
            raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(folder))
        return sorted((*found.folders, *found.entries))

    def _walk(
        self, folder: str, onerror: Callable[[OSError], None] | None
    ) -> Iterator[tuple[str, list[str], list[str]]]:
        found = self._found(folder)
        if isinstance(found, _Folder):
            yield from _walked(folder, found)

    def _links_among(self, at: str, folders: Sequence[str], names: Sequence[str]) -> list[str]:
        inner = self.inside(at)
        here = None if inner is None else self._folder([part for part in inner.split("/") if part])
        held = {} if here is None else here.entries
        links = (name for name in names if name in held and held[name].mode == _LINK)
        return [name for name in links if self.is_dir(Path(at, name))]

    def matching(self, pattern: str, folder: str | Path) -> list[str]:
        inner = self.inside(Path(folder, pattern))
        if inner is None:
            return []
        found = sorted(dict.fromkeys(_matched(self._top, inner.split("/"), ())))
        whole = (str(self.root / path) for path in found)
        if Path(pattern).is_absolute():
            return list(whole)
        start = os.path.realpath(folder)
        return [os.path.relpath(path, start) for path in whole]

    def read(self, path: str | Path, most: int) -> bytes:
        found = self._found(path)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, "there is no such file", str(path))
        if isinstance(found, _Folder):
            raise IsADirectoryError(errno.EISDIR, "this is a folder", str(path))
        if found.size > most:
            raise TooLarge
        return self._objects.read(found)

    def open(self, path: str | Path) -> BinaryIO:
        return io.BytesIO(self.read(path, MOST_OCTETS))

    def beginning(self, path: str | Path, most: int) -> bytes:
        return self.read(path, MOST_OCTETS)[:most]

    def stamp(self, path: str | Path) -> Stamp:
        found = self._found(path)
        return (int(found.object, 16),) if isinstance(found, _Entry) else None

    def whereabouts(self, folder: str) -> tuple[str, str | None]:
        if self.inside(folder) is None:
            return super().whereabouts(folder)
        return str(self.resolve(folder)), str(self.root)


def _walked(at: str, folder: _Folder) -> Iterator[tuple[str, list[str], list[str]]]:
    folders = list(folder.folders)
    yield at, folders, list(folder.entries)
    for name in folders:
        if name in folder.folders:
            yield from _walked(f"{at.removesuffix(os.sep)}{os.sep}{name}", folder.folders[name])


def _folders(at: str, folder: _Folder) -> Iterator[tuple[str, _Folder]]:
    yield at, folder
    for name, inner in folder.folders.items():
        yield from _folders(f"{at}/{name}".removeprefix("/"), inner)


def _matched(at: _Folder, parts: list[str], above: tuple[str, ...]) -> Iterator[str]:
    """The paths below a folder that the parts of a glob match."""
    part, *rest = parts
    if part == "**":
        if rest:
            yield from _matched(at, rest, above)
        for name, folder in at.folders.items():
            if not name.startswith("."):
                if not rest:
                    yield "/".join((*above, name))
                yield from _matched(folder, parts, (*above, name))
        if not rest:
            yield from ("/".join((*above, name)) for name in at.entries if name[0] != ".")
        return
    for name in (*at.folders, *at.entries):
        if not fnmatchcase(name, part) or (name.startswith(".") and not part.startswith(".")):
            continue
        if not rest:
            yield "/".join((*above, name))
        elif name in at.folders:
            yield from _matched(at.folders[name], rest, (*above, name))


class _Objects:
    """Gives the contents of objects, by one Git that is asked again and again."""

    def __init__(self, name: str, root: Path) -> None:
        self._name = name
        self._root = root
        self._octets = 0
        self._git: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def __del__(self) -> None:
        if self._git is not None and self._owner == os.getpid():
            self._git.kill()
            self._git.communicate()

    def read(self, entry: _Entry) -> bytes:
        self._octets += entry.size
        if self._octets > MOST_OCTETS:
            raise GitRefused(
                f"the files of {self._name} are larger than {MOST_OCTETS >> 20} MiB together"
            )
        git = self._started()
        assert git.stdin is not None
        assert git.stdout is not None
        try:
            git.stdin.write(f"{entry.object}\n".encode())
            git.stdin.flush()
        except OSError:
            raise GitRefused(f"Git stopped while {self._name} was read") from None
        head = git.stdout.readline().split()
        if len(head) != 3 or head[1] != b"blob":
            raise GitRefused(
                f"the repository lacks files of {self._name}: a shallow or partial clone?"
            )
        size = int(head[2])
        data = git.stdout.read(size)
        git.stdout.read(1)
        if len(data) != size:
            raise GitRefused(f"Git stopped while {self._name} was read")
        return data

    def _started(self) -> subprocess.Popen[bytes]:
        """The Git of this process: one that was forked must not speak to its parent's."""
        if self._git is None or self._owner != os.getpid():
            self._owner = os.getpid()
            self._git = subprocess.Popen(
                _command(self._root, "cat-file", "--batch"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
        return self._git


def commit(name: str, near: Path) -> Commit | None:
    """The commit that a name means in the repository around a folder; None where it means none.

    A name that ends in `...` means the commit at which that branch and HEAD went apart, as for
    `git diff`. GitRefused where there is no repository, or no Git.
    """
    root = toplevel(near)
    # git would take it for an option; a revision never begins with one.
    if name.startswith("-") or not name.isprintable():
        return None
    if name.endswith("...") and not name.startswith("..."):
        base = commit(name.removesuffix("..."), near)
        if base is None:
            return None
        tip = f"{name.removesuffix('...')}^{{commit}}"
        try:
            found = _git(root, "merge-base", tip, "HEAD").decode().split()
        except GitRefused:
            raise GitRefused(
                f"{name}: Git finds no merge base of the two sides; a shallow clone?"
            ) from None
        return Commit(name, root, found[0])
    try:
        object = _git(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    except GitRefused:
        return None
    return Commit(name, root, object.decode().strip())


def toplevel(near: Path) -> Path:
    """The top of the working tree around a folder; GitRefused where there is none."""
    try:
        shown = _git(near, "rev-parse", "--show-toplevel")
    except GitRefused:
        raise GitRefused(
            f"{near}: this is not in a Git repository, or in one that Git does not trust"
        ) from None
    return Path(os.fsdecode(shown.rstrip(b"\n"))).resolve()


def _command(folder: Path, *words: str) -> list[str]:
    return ["git", "-C", str(folder), "--literal-pathspecs", *words]


def _environment() -> dict[str, str]:
    never = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1"}
    kept = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    return {**kept, **never, "LC_ALL": "C"}


def _git(folder: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(
            _command(folder, *words),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            env=_environment(),
            check=False,
        )
    except OSError:
        raise GitRefused("Git cannot be started; --against a revision needs it") from None
    if done.returncode:
        raise GitRefused(f"Git cannot do: {' '.join(words)}")
    return done.stdout


def _below(top: str, objects: Mapping[str, str]) -> dict[str, str]:
    """The objects at or below a path, by what follows it."""
    start = f"{top}/" if top else ""
    below = ((path, path.removeprefix(start)) for path in objects if path.startswith(start))
    own = {"": objects[top]} if top in objects else {}
    return own | {rest: objects[path] for path, rest in below}


def _object_at(path: Path, like: str) -> str:
    """The name that Git gives to a file's contents, made as another name; "" for no file."""
    try:
        if path.is_symlink():
            target = os.fsencode(path.readlink())
            return _name_of(len(target), [target], like)
        with path.open("rb") as file:
            chunks = iter(lambda: file.read(1 << 20), b"")
            return _name_of(os.fstat(file.fileno()).st_size, chunks, like)
    except OSError:
        return ""


def _name_of(size: int, chunks: Iterable[bytes], like: str) -> str:
    algorithm = "sha1" if len(like) == _SHA1 else "sha256"
    digest = hashlib.new(algorithm, b"blob %d\0" % size, usedforsecurity=False)
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def _is_plain(path: str) -> bool:
    """Whether a path of a tree can be one of a working tree: a hostile one may be any bytes."""
    parts = path.split("/")
    return not any(part in ("", ".", "..") or part.lower() == ".git" for part in parts)


def is_under(path: str, folders: set[str]) -> bool:
    """Whether a path of a repository is below one of its folders; "" is the top."""
    if "" in folders:
        return True
    return any(str(parent) in folders for parent in PurePosixPath(path).parents)
