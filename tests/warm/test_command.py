"""A copy does what the script itself does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.warm.command import warm

ZONE = '$TTL 1h\n@ SOA ns host 1 4h 1h 2w 1h\n@ NS ns.example.net.\n@ TXT "v=spf1 mx +all"\n'


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("zonelint", ["check", "-", "--origin", "example.com"]),
        ("zonelint", ["check", "--no-such-option"]),
        ("zonelint", ["check", "none.zone"]),
        ("octodns-validate", ["--config-file=none.yaml"]),
    ],
)
def test_a_copy_does_what_the_script_does(tmp_path: Path, script: str, words: list[str]) -> None:
    def done(*command: str) -> tuple[int, str, list[str]]:
        end = subprocess.run(
            [*command, *words], cwd=tmp_path, input=ZONE, capture_output=True, text=True,
            env={**os.environ, "COLUMNS": "70", "FORCE_COLOR": "1"},
        )  # fmt: skip
        return end.returncode, end.stdout, end.stderr.splitlines()[-1:]

    copy = done(*warm(script))
    assert copy == done(str(Path(sys.executable).with_name(script)))
    assert copy[0]
