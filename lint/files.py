"""Writing files so that nobody ever sees half of one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO


@contextmanager
def replaced(path: Path, *, errors: str = "backslashreplace") -> Iterator[TextIO]:
    """Give a UTF-8 file to write; what is written stands at ``path`` once all went well.

    It is written beside ``path`` and then put in its place, with the mode that the old file had.
    ``errors`` says what becomes of what UTF-8 cannot hold.
    Where ``path`` is no regular file (a pipe, a device) it is written directly. Raises OSError;
    the old file is then whole.
    """
    target = Path(os.path.realpath(path))  # a link stays a link
    if target.exists() and not target.is_file():
        with target.open("w", encoding="utf-8", newline="") as direct:
            yield direct
        return
    number, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent, text=True)
    try:
        with os.fdopen(number, "w", encoding="utf-8", errors=errors, newline="") as beside:
            yield beside
            beside.flush()
            os.fsync(beside.fileno())
        os.chmod(name, _mode(target))  # noqa: PTH101
        os.replace(name, target)  # noqa: PTH105
    except BaseException:
        with suppress(OSError):
            os.unlink(name)  # noqa: PTH108
        raise


def _mode(target: Path) -> int:
    """The old file's mode; for a new one what the umask leaves."""
    if target.exists():
        return target.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
