"""The command that a report ends with does what the report announces, or says what waits."""

from __future__ import annotations

import json
import shlex
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.rules.harness import HEADER, every_rule
from zonelint.main import zonelint
from zonelint.rules.core.rule import Example


def check(*words: str) -> Result:
    return CliRunner().invoke(zonelint, ["check", "--jobs", "1", *words])


def found() -> dict[tuple[str, str], bool | None]:
    """The findings of the folder; whether what is offered is safe, None where nothing is."""
    told = json.loads(check("--format", "json").stdout)["findings"]
    return {(e["code"], e["owner"]): e["fix"] and e["fix"]["safe"] for e in told}


def examples() -> list[object]:
    return [
        pytest.param(example, id=f"{rule.code}-{number}")
        for rule in every_rule()
        for number, example in enumerate(rule.examples_bad[: 4 if rule.code == "SPF001" else 1])
    ]


@pytest.mark.parametrize("example", examples())
def test_what_a_report_announces_is_done_or_told(
    example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = example.zone if example.zone.startswith("$ORIGIN") else HEADER + example.zone
    Path("example.com.zone").write_text(text)
    if example.config is not None:
        Path("zonelint.toml").write_text(textwrap.dedent(example.config))
    _, printed, command = check().stdout.rpartition(": zonelint check --fix")
    if not printed:
        return
    options = shlex.split(f"--fix{command}")
    named = set() if options[-1] == "--fix" else set(options[-1].split(","))
    offered = {
        fault
        for fault, safe in found().items()
        if safe is not None and (fault[0] in named or (safe and "--fix" in options))
    }
    assert offered, "a command is printed for what it changes"
    lines = check(*options).stderr.splitlines()
    told = {word for line in lines if not line.startswith("Fixed") for word in line.split()}
    left = [fault for fault in found().keys() & offered if fault[0] not in told]
    assert left == [], lines


def test_a_change_that_waits_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("example.com.zone").write_text(f'{HEADER}@ TXT "v=spf1 mx +all v=spf1 a ~all"\n')
    done = check("--fix-proposed", "SPF001,SPF201")
    assert "SPF001 waits for the next run: its change is another one now\n" in done.stderr
