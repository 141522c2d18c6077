"""The progress bar: on a terminal, when the work is long, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

WORK = """
from zonelint import progress
progress.PATIENCE = {patience}
with progress.Bar("Reading zones") as bar:
    for done in range(5):
        bar(done, 5 + done // 4)
"""


def work(patience: float, stderr: int) -> None:
    command = [sys.executable, "-c", WORK.format(patience=patience)]
    subprocess.run(command, stderr=stderr, check=True)


def drawn_on_a_terminal(patience: float) -> bytes:
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    try:
        work(patience, slave)
        os.close(slave)
        try:
            return os.read(master, 65536)
        except OSError:  # nothing was written, and the other end is closed
            return b""
    finally:
        os.close(master)


def test_long_work_on_a_terminal_is_shown_and_taken_away() -> None:
    drawn = drawn_on_a_terminal(patience=0)
    assert b"Reading zones" in drawn
    for step in (b"0/5", b"1/5", b"3/5", b"4/6"):
        assert step in drawn
    assert drawn.endswith(b"\r\x1b[K\x1b[?25h")
    assert b"\n" not in drawn


def test_short_work_shows_nothing() -> None:
    assert drawn_on_a_terminal(patience=3600) == b""


def test_without_a_terminal_nothing_is_shown(tmp_path) -> None:
    with (tmp_path / "stderr").open("wb+") as stderr:
        work(0, stderr.fileno())
        stderr.seek(0)
        assert stderr.read() == b""
