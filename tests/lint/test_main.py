"""The front door: help, version, unknown commands, and errors that are ours."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest
from click.testing import CliRunner

from zonelint import main
from zonelint.main import COMMANDS, zonelint
from zonelint.rules import registry


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


def test_an_error_of_ours_is_no_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise RuntimeError("a fault in the registry")

    monkeypatch.setattr(registry, "rules", broken)
    monkeypatch.setattr(sys, "argv", ["zonelint", "rule"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
    assert "a fault of zonelint itself" in capsys.readouterr().err
