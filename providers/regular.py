"""Files that are read whole: regular ones, up to a size.

A repository can hold a link to a device, which never ends, or never answers.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from zonelint.providers.zonefile.find import without_waiting


class TooLarge(OSError):
    """A file of more octets than its reader takes."""

    def __init__(self) -> None:
        super().__init__(errno.EFBIG, "this file is too large to be read")


def read_regular(path: str | Path, most: int) -> bytes:
    """The octets of a file. Raises OSError; TooLarge where there are more than ``most``."""
    with open(path, "rb", opener=without_waiting) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "this is no regular file")
        # The size of what the system makes up on the way (/proc) is told as 0.
        octets = file.read(min(most, max(status.st_size, 1 << 16)) + 1)
    if len(octets) > most or status.st_size > most:
        raise TooLarge
    return octets


def beginning(path: str | Path, most: int) -> bytes:
    """The first octets of a regular file. Raises OSError."""
    with open(path, "rb", opener=without_waiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "this is no regular file")
        return file.read(most)
