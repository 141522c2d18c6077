"""Commands in processes that begin as copies of one that has imported everything.

Imports are most of what a short command does. `warm("zonelint")` begins a command line that does
what the script of this name does: in a process of its own, with its own arguments, folder,
environment and streams, whose status it ends with. What depends on how Python starts (PYTHONPATH,
the encoding, a package that is missing) cannot be told so, nor that a module imports all that it
needs: other tests start the commands themselves, and the hosts in tests/hosts do.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def warm(script: str) -> list[str]:
    """The beginning of a command line that runs a script: `zonelint`, or one of octoDNS's."""
    if not hasattr(os, "pidfd_open"):  # it is Linux's
        return [str(Path(sys.executable).with_name(script))]
    return [sys.executable, "-IS", str(ROOT / "tests/warm/ask.py"), _address(os.getpid()), script]


@cache
def _address(pid: int) -> str:
    """Where the process listens that commands are copies of; it ends with this one."""
    folder = tempfile.mkdtemp(prefix="warm-")
    address = f"{folder}/socket"
    command = [sys.executable, "-m", "tests.warm.serve", address]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)

    def end() -> None:
        if os.getpid() == pid:
            server.communicate()
            shutil.rmtree(folder)

    atexit.register(end)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n"
    return address
