"""zonelint as a program that writes to a real terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path


def read_terminal(
    *arguments: str | Path,
    columns: int | None = None,
    folder: Path | None = None,
    with_errors: bool = True,
    **environment: str,
) -> bytes:
    """What zonelint writes there, line ends as they are elsewhere.

    columns: the width of the terminal; None leaves what a new one has.
    with_errors: standard error is the terminal as well.
    """
    ours, theirs = pty.openpty()
    if columns is not None:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with subprocess.Popen(
        [sys.executable, "-m", "zonelint", *arguments],
        cwd=folder,
        env={**os.environ, "TERM": "xterm", **environment},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs if with_errors else subprocess.DEVNULL,
    ):
        os.close(theirs)
        found = b""
        while True:
            try:
                piece = os.read(ours, 1 << 16)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            found += piece
    os.close(ours)
    return found.replace(b"\r\n", b"\n")
