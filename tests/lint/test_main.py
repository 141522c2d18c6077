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


_OF_A_DOMAIN = [
    ("spf", "{}"),
    ("status", "{}"),
    ("verify", "{}"),
    ("propose", "{}"),
    ("reports", "--domain", "{}", "reports"),
    ("triage", "--domain", "{}", "bounce.eml"),
]


@pytest.mark.parametrize("words", _OF_A_DOMAIN, ids=lambda words: str(words[0]))
@pytest.mark.parametrize("name", ["a..b", ".", "with blank.example", "xn--a.example.." + "x" * 64])
def test_what_is_no_domain_is_refused_by_every_command(words: tuple[str, ...], name: str) -> None:
    done = CliRunner().invoke(zonelint, [word.format(name) for word in words])
    assert done.exit_code == 2
    assert f"{name!r} is not a domain name." in done.stderr


def test_a_declared_domain_may_be_typed_in_its_own_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "zonelint.toml").write_text('[domains."bücher.example"]\nsenders = []\n')
    zone = (
        "$ORIGIN xn--bcher-kva.example.\n$TTL 1h\n@ SOA ns hm 1 1h 1h 1h 1h\n@ MX 10 mx.a.test.\n"
    )
    (tmp_path / "a.zone").write_text(zone)
    done = CliRunner().invoke(zonelint, ["propose", "BÜCHER.example.", "--zones", "a.zone"])
    assert done.exit_code == 0, done.output
    assert "+_dmarc TXT" in done.stdout
