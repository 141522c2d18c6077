"""The front door: help, version, unknown commands, and errors that are ours."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner

from zonelint.main import COMMANDS, zonelint


def test_help_fits_80_columns_and_names_every_command() -> None:
    result = CliRunner().invoke(zonelint, ["--help"])
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "..." not in result.stdout.partition("Commands:")[2]
    for name in COMMANDS:
        assert f"\n  {name} " in result.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_within_80_columns(name: str) -> None:
    result = CliRunner().invoke(zonelint, [name, "--help"])
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_version() -> None:
    assert CliRunner().invoke(zonelint, ["--version"]).stdout == f"zonelint {version('zonelint')}\n"


def test_an_unknown_command_is_answered_with_the_near_miss() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "zonelint.main", "chekc"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "did you mean 'check'?" in done.stderr


def test_an_error_of_ours_is_no_finding(tmp_path: Path) -> None:
    """The registry fails in a way that nobody foresaw: here, a search path that is no text."""
    script = tmp_path / "start.py"
    script.write_text("import sys\nfrom zonelint.main import main\nsys.path.append(7)\nmain()\n")
    done = subprocess.run(
        [sys.executable, script, "rule"], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.endswith("this is a bug in zonelint itself; nothing was decided\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("command", ["rule", "check"])
def test_what_cannot_be_written_is_no_pass(command: str, tmp_path: Path) -> None:
    (tmp_path / "example.com.zone").write_text('@ 3600 TXT "v=spf1 mx -all"\n')
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "zonelint.main", command],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
    assert done.returncode == 2
    assert "No space left" in done.stderr
