"""The progress bar: on a terminal, when the work is long, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

WORK = """
import sys
from zonelint import progress
progress.PATIENCE = {patience}
with progress.Bar("Reading zones") as bar:
    for done in range(5):
        bar(done, 5)
print("rich" in sys.modules)
"""


def work(patience: float, stderr: int) -> str:
    command = [sys.executable, "-c", WORK.format(patience=patience)]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, text=True).stdout.strip()


def on_a_terminal(patience: float) -> tuple[str, bytes]:
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    try:
        imported = work(patience, slave)
        os.close(slave)
        try:
            return imported, os.read(master, 65536)
        except OSError:  # nothing was written, and the other end is closed
            return imported, b""
    finally:
        os.close(master)


def test_long_work_on_a_terminal_is_shown() -> None:
    imported, drawn = on_a_terminal(patience=0)
    assert imported == "True"
    assert b"Reading zones" in drawn


def test_short_work_shows_nothing() -> None:
    assert on_a_terminal(patience=3600) == ("False", b"")


def test_without_a_terminal_nothing_is_shown() -> None:
    assert work(0, subprocess.DEVNULL) == "False"
