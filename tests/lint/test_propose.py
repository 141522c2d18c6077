"""``zonelint propose`` on the Microsoft 365 example: the story from broken to clean."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zonelint.main import zonelint

EXAMPLE = Path(__file__).parents[2] / "examples/microsoft365/before"


@pytest.fixture
def zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "example.com.zone"


def run(*words: str) -> Result:
    return CliRunner().invoke(zonelint, ["propose", *words])


def records(result: Result) -> dict[tuple[str, str], list[str]]:
    shown = json.loads(result.stdout)
    return {(each["owner"], each["type"]): each["after"] for each in shown["proposals"]}


def test_the_records_that_are_lacking(zone: Path) -> None:
    before = zone.read_bytes()
    found = records(run("--format", "json"))
    assert found[("example.com.", "TXT")] == [
        '"v=spf1 mx include:spf.protection.outlook.com a -all"'
    ]
    for number in "12":
        target = f"selector{number}-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft."
        assert found[(f"selector{number}._domainkey.example.com.", "CNAME")] == [target]
    assert found[("_dmarc.example.com.", "TXT")] == [
        '"v=DMARC1; p=none; rua=mailto:dmarc@example.com"'
    ]
    assert zone.read_bytes() == before


def test_written_it_is_clean(zone: Path) -> None:
    written = run("--write")
    assert written.exit_code == 0, written.output
    after = CliRunner().invoke(zonelint, ["check"])
    assert after.exit_code == 0, after.output
    assert "Nothing to propose" in run().output


def test_the_diff_is_what_is_written(zone: Path) -> None:
    import subprocess

    shown = run()
    patched = subprocess.run(
        ["git", "apply", "-"], input=shown.stdout.encode(), capture_output=True, check=False
    )
    assert patched.returncode == 0, patched.stderr
    by_patch = zone.read_bytes()
    shutil.copy(EXAMPLE / zone.name, zone)
    run("--write")
    assert zone.read_bytes() == by_patch


def test_as_octodns_yaml(zone: Path) -> None:
    import yaml

    shown = yaml.safe_load(run("--format", "octodns").stdout)
    assert shown["selector1._domainkey"]["type"] == "CNAME"
    assert shown["_dmarc"]["value"].startswith("v=DMARC1\\; p=none")


def test_as_zone_lines(zone: Path) -> None:
    from zonelint.grammars import masterfile

    read = masterfile.read(run("--format", "zone").stdout, "x", "example.com.")
    assert not read.faults
    assert read.get("_dmarc.example.com.", "TXT")


def test_what_nobody_gave_is_to_be_filled_in(zone: Path) -> None:
    config = zone.parent / "zonelint.toml"
    text = config.read_text()
    start = text.index('[domains."example.com".microsoft365.dkim]')
    end = text.index("[domains.", start + 1)
    config.write_text(text[:start] + text[end:])
    zone.write_text(
        "".join(line for line in zone.read_text().splitlines(True) if "domainkey" not in line)
    )
    shown = run()
    assert "to fill in" in shown.stderr
    assert "selector1" in shown.stderr
    assert "_domainkey" not in shown.stdout


def test_strict_alignment_asks_for_everything_in_the_first_phase(zone: Path) -> None:
    config = zone.parent / "zonelint.toml"
    text = config.read_text().replace('"relaxed"', '"strict"')
    config.write_text(text + 'ruf = ["mailto:dmarc@example.com"]\n')
    found = records(run("--format", "json"))
    assert found[("_dmarc.example.com.", "TXT")] == [
        '"v=DMARC1; p=none; rua=mailto:dmarc@example.com; ruf=mailto:dmarc@example.com; fo=1; '
        'adkim=s; aspf=s"'
    ]


def test_a_domain_that_is_not_declared(zone: Path) -> None:
    refused = run("exmple.com")
    assert refused.exit_code == 2
    assert "did you mean example.com?" in refused.stderr


def test_without_a_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused = run()
    assert refused.exit_code == 2
    assert "zonelint.toml" in refused.stderr
