"""Files as a Git commit has them: the repository's own objects, nothing from the working tree.

Only Git's plumbing is asked (`rev-parse`, `merge-base`, `ls-tree`, `cat-file`), none of which runs
a hook, a filter or a text conversion.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

MOST_OCTETS = 1 << 30
"""Octets of all files of a commit that are read at most."""
_DEEPEST = 10
_INCLUDE = re.compile(rb'^\$INCLUDE[ \t]+"?([^\s";]+)', re.IGNORECASE | re.MULTILINE)
_LINK = "120000"
_SUBMODULE = "160000"
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX")
"""What Git tells its hooks, and what would make it take another folder for the repository."""
_FILES = ("100644", "100755", "100664")


class GitRefused(Exception):
    """Git cannot give what was asked for. The message is for the user."""


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: str
    object: str
    size: int


class Commit:
    """One commit of a repository, and the files in it.

    name: as the user wrote it. root: the top of the working tree, a real path. submodules: the
    folders whose files another repository has.
    """

    def __init__(self, name: str, root: Path, object: str) -> None:
        self.name = name
        self.root = root
        self._entries: dict[str, _Entry] = {}
        self.submodules: list[str] = []
        listing = _git(root, "ls-tree", "-r", "-l", "-z", "--full-tree", object)
        for line in listing.split(b"\0")[:-1]:
            head, _, path = line.partition(b"\t")
            mode, _, name_of, size = head.split()
            text = os.fsdecode(path)
            if mode.decode() in (*_FILES, _LINK) and _is_plain(text):
                self._entries[text] = _Entry(mode.decode(), name_of.decode(), int(size))
            elif mode.decode() == _SUBMODULE:
                self.submodules.append(text)

    def inside(self, path: str | os.PathLike[str]) -> str | None:
        """A path of this machine as one of the repository ("" for its top); None outside."""
        given = Path(os.path.abspath(path))  # noqa: PTH100 - the last part may be a link
        real = given.parent.resolve() / given.name if given.name else given
        if given.is_dir():
            real = given.resolve()
        if not real.is_relative_to(self.root):
            return None
        inner = real.relative_to(self.root).as_posix()
        return "" if inner == "." else inner

    def has(self, inner: str) -> bool:
        """Whether there is a file or a folder of that path."""
        return inner in self._entries or any(
            path.startswith(f"{inner}/" if inner else "") for path in self._entries
        )

    def text(self, inner: str) -> str | None:
        """One file's text; None where there is none of that path, or none that is UTF-8."""
        entry = self._entries.get(inner)
        if entry is None or entry.size > MOST_OCTETS:
            return None
        with self._reader() as read:
            try:
                return read(entry.object).decode("utf-8")
            except UnicodeDecodeError:
                return None

    @contextmanager
    def laid_out(self, wanted: Iterable[str], only: Callable[[str], bool]) -> Iterator[Path]:
        """A folder that holds the wanted files, and those below wanted folders that ``only`` takes.

        Files that they $INCLUDE are there as well. The folder is gone afterwards.
        """
        wholes = set(wanted)
        chosen = [
            path
            for path in self._entries
            if path in wholes or (is_under(path, wholes) and only(path))
        ]
        with TemporaryDirectory(prefix="zonelint-") as folder:
            top = Path(folder, self.root.name or "repository")
            (top / ".git").mkdir(parents=True)  # marks the top: nothing above it is included
            with self._reader() as read:
                self._lay_out(chosen, top, read)
            yield top

    def _lay_out(self, chosen: list[str], top: Path, read: Callable[[str], bytes]) -> None:
        left = MOST_OCTETS
        done: set[str] = set()
        for _ in range(_DEEPEST + 1):
            included: list[str] = []
            for path in chosen:
                if path in done:
                    continue
                done.add(path)
                entry = self._followed(path, read)
                if entry is None:
                    continue
                left -= entry.size
                if left < 0:
                    raise GitRefused(
                        f"the files of {self.name} are larger than {MOST_OCTETS >> 20} MiB together"
                    )
                data = read(entry.object)
                target = top / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
                included += self._includes(path, data)
            chosen = included

    def _followed(self, path: str, read: Callable[[str], bytes]) -> _Entry | None:
        """The file at a path; what a link leads to, as long as that is inside the repository."""
        for _ in range(_DEEPEST):
            entry = self._entries.get(path)
            if entry is None or entry.mode != _LINK:
                return entry
            path = _joined(path, os.fsdecode(read(entry.object)))
        return None

    def _includes(self, path: str, data: bytes) -> Iterator[str]:
        for found in _INCLUDE.finditer(data):
            name = os.fsdecode(found[1])
            for inner in (_joined(path, name), _joined("", name)):
                if inner in self._entries:
                    yield inner

    @contextmanager
    def _reader(self) -> Iterator[Callable[[str], bytes]]:
        """A function that gives the content of an object."""
        with subprocess.Popen(
            _command(self.root, "cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        ) as process:
            stdin, stdout = process.stdin, process.stdout
            assert stdin is not None
            assert stdout is not None

            def read(object: str) -> bytes:
                try:
                    stdin.write(f"{object}\n".encode())
                    stdin.flush()
                except OSError:
                    raise GitRefused(f"Git stopped while {self.name} was read") from None
                head = stdout.readline().split()
                if len(head) != 3 or head[1] != b"blob":
                    raise GitRefused(
                        f"the repository lacks files of {self.name}: a shallow or partial clone?"
                    )
                size = int(head[2])
                data = stdout.read(size)
                stdout.read(1)
                if len(data) != size:
                    raise GitRefused(f"Git stopped while {self.name} was read")
                return data

            yield read
            stdin.close()


def commit(name: str, near: Path) -> Commit | None:
    """The commit that a name means in the repository around a folder; None where it means none.

    A name that ends in ``...`` means the commit at which that branch and HEAD went apart, as for
    ``git diff``. GitRefused where there is no repository, or no Git.
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
                f"{name}: Git knows no commit that both sides come from; a shallow clone?"
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
            f"{near}: this is in no Git repository, or in one that Git does not trust"
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


def _is_plain(path: str) -> bool:
    """Whether a path of a tree can be laid out: a hostile tree may hold any bytes as a name."""
    parts = path.split("/")
    return not any(part in ("", ".", "..") or part.lower() == ".git" for part in parts)


def is_under(path: str, folders: set[str]) -> bool:
    """Whether a path of a repository is below one of its folders; "" is the top."""
    if "" in folders:
        return True
    return any(str(parent) in folders for parent in PurePosixPath(path).parents)


def _joined(path: str, name: str) -> str:
    """A name as seen from a file, as a path from the top."""
    return os.path.normpath(str(PurePosixPath(path).parent / name))
