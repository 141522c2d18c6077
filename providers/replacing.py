"""Writing files so that nobody ever sees half of one."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from zonelint.providers.files import DISK

_END = 1 << 12
"""Octets at either end of a file that tell what it is."""

_OUTPUTS = {
    ".baseline", ".csv", ".diff", ".html", ".json", ".log", ".md", ".out", ".patch", ".rdjson",
    ".report", ".sarif", ".tmp", ".txt", ".xml",
}  # fmt: skip
"""How the name of a report, a diff or a baseline ends."""

_KINDS = {
    stat.S_IFDIR: "it is a folder",
    stat.S_IFIFO: "it is a pipe, which may have no reader; use `|`",
    stat.S_IFSOCK: "it is a socket",
}

IsOurs = Callable[[bytes, bytes], bool]
"""Tells by the beginning and the end of a file whether it is one that is written here."""


class NotReplaced(OSError):
    """A file that is not written, though it could be. `strerror` says why."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EPERM, why)


@contextmanager
def replaced(
    path: Path,
    *,
    errors: str = "backslashreplace",
    is_ours: IsOurs | None = None,
    within: Path | None = None,
) -> Iterator[TextIO]:
    """Give a UTF-8 file to write; what is written stands at `path` once all went well.

    It is written beside `path` and then put in its place, with the mode and, where that may be, the
    owner that the old file had. `errors` says what becomes of what UTF-8 cannot hold.
    is_ours: whether the old file is one that may be replaced; any may be where it is not given. An
      empty one may where its name is that of a report.
    within: a folder, where a configuration names the path: it must lie in what belongs to it.
    Raises OSError; the old file is then whole: NotReplaced for one of something else, a device or a
      pipe, a link that leads out of the repository.
    """
    refuse_other(path, is_ours, within)
    target = Path(os.path.realpath(path))  # a link stays a link
    name = ""
    try:
        with _beside(target, errors) as beside:
            name = beside.name
            yield beside
        _swap(name, target)
    except BaseException:
        _drop(name)
        raise


def refuse_other(path: Path, is_ours: IsOurs | None = None, within: Path | None = None) -> None:
    """Raise NotReplaced where nothing is to be written at a path: see `replaced`."""
    if within is not None:
        target = DISK.resolve(path)
        if not any(target.is_relative_to(root) for root in DISK.roots(DISK.resolve(within))):
            raise NotReplaced("it is outside the repository, and nothing is written there")
    if DISK.why_outside(path) is not None:
        raise NotReplaced(
            "it leads out of the repository, or belongs to the version control system"
        )
    try:
        held = path.stat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(held.st_mode):
        raise NotReplaced(_KINDS.get(stat.S_IFMT(held.st_mode), "it is a device"))
    if is_ours is None or (not held.st_size and has_name_of_output(path)):
        return
    if not held.st_size:
        raise NotReplaced("it is empty, but its name is none of a report; remove it first")
    with path.open("rb") as file:
        beginning = file.read(_END)
        file.seek(max(0, held.st_size - _END))
        if not is_ours(beginning, file.read(_END)):
            raise NotReplaced("it holds something else; remove it, or write to another file")


def has_name_of_output(path: Path) -> bool:
    """Whether an empty file is one for what is written here, and not, say, a configuration."""
    target = Path(os.path.realpath(path))
    if target.suffix:
        return target.suffix.lower() in _OUTPUTS or target.name.startswith("tmp.")  # of `mktemp`
    return not target.name.startswith(".")


def replace_all(
    texts: Mapping[Path, str], *, errors: str = "backslashreplace"
) -> dict[Path, OSError]:
    """Write several UTF-8 files, each in place of the old one; gives those that were not written.

    All of them are on the disk beside the old ones before any is put in its place: where one does
    not fit, none is written.
    """
    names: dict[Path, str] = {}
    try:
        for path, text in texts.items():
            with _beside(Path(os.path.realpath(path)), errors) as beside:
                names[path] = beside.name
                beside.write(text)
    except BaseException as error:
        for name in names.values():
            _drop(name)
        if isinstance(error, OSError):
            return dict.fromkeys(texts, error)
        raise
    failures: dict[Path, OSError] = {}
    for path, name in names.items():
        try:
            _swap(name, Path(os.path.realpath(path)))
        except OSError as error:
            failures[path] = error
            _drop(name)
    return failures


@contextmanager
def _beside(target: Path, errors: str) -> Iterator[TextIO]:
    """A new file in the folder of the target, on the disk once the block is left."""
    import tempfile  # most runs write no file

    number, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent, text=True)
    try:
        with open(
            name, "w", encoding="utf-8", errors=errors, newline="", opener=lambda *_: number
        ) as beside:
            yield beside
            beside.flush()
            os.fsync(number)
    except BaseException:
        _drop(name)
        raise


def _swap(name: str, target: Path) -> None:
    """Put the new file in the place of the target, with the mode and the owner of the old one."""
    mode = _mode(target)
    if target.exists():
        held = target.stat()
        with suppress(OSError):  # only root may give a file away
            os.chown(name, held.st_uid, held.st_gid)
    os.chmod(name, mode)  # noqa: PTH101
    os.replace(name, target)  # noqa: PTH105


def _drop(name: str) -> None:
    with suppress(OSError):
        os.unlink(name)  # noqa: PTH108


def _mode(target: Path) -> int:
    """The old file's mode; for a new one what the umask leaves."""
    if target.exists():
        return target.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
