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


def test_what_no_command_can_write_is_announced_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("zonelint.toml").write_text('[domains."example.com"]\nsenders = []\n')
    Path("main.tf").write_text(
        'locals {\n  spf = ["mx", "include:_spf.google.com"]\n}\n'
        'resource "aws_route53_zone" "main" {\n  name = "example.com"\n}\n'
        'resource "aws_route53_record" "spf" {\n  zone_id = aws_route53_zone.main.zone_id\n'
        '  name = ""\n  type = "TXT"\n  ttl = 3600\n'
        '  records = ["v=spf1 ${join(" ", local.spf)} ~all"]\n}\n'
    )
    shown = check("--select", "SPF211").stdout
    assert "1 has a change to write by hand; 'zonelint rule SPF211' says what to do." in shown
    done = check("--select", "SPF211", "--fix-proposed", "SPF211")
    why = "what would change is computed, not written in the source"
    assert f"SPF211 is not applied: {why}" in done.stderr
    assert f"No change is offered, because {why}." in done.stdout
    assert "proposal" not in done.stdout


def test_a_fix_that_is_safe_no_longer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "v=spf1 mx a:example.com mx:example.com exists:example.com mx -all"
    Path("example.com.zone").write_text(f'{HEADER}@ TXT "{text}" "MS=ms123"\n')
    done = check("--fix", "--fix-proposed", "SPF005")
    assert "SPF302 waits for the next run" in done.stderr
