"""``--write-baseline`` and ``--baseline``: what is known is silent, what is new shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zonelint.main import zonelint

ZONE = """\
$ORIGIN example.com.
$TTL 3600
@ SOA ns1.example.net. hostmaster 1 2 3 4 5
@ NS ns1.example.net.
@ MX 10 mail.example.net.
@ TXT "v=spf1 mx +all"
_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"
"""


@pytest.fixture
def zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "example.com.zone"
    path.write_text(ZONE)
    return path


def run(*words: str) -> Result:
    return CliRunner().invoke(zonelint, ["check", *words, "example.com.zone"])


def test_what_is_known_is_silent_and_what_is_new_shows(zone: Path) -> None:
    assert run().exit_code == 1
    assert run("--write-baseline").exit_code == 0
    known = run("--baseline", "zonelint-baseline.json")
    assert known.exit_code == 0
    assert "in the baseline" in known.output
    zone.write_text("; a line in front\n" + ZONE + 'www TXT "v=spf1 +all"\n')
    new = run("--baseline", "zonelint-baseline.json", "--select", "SPF201")
    assert new.exit_code == 1
    assert "www.example.com" in new.output
    assert new.output.count("SPF201") == 1


def test_a_second_fault_of_one_record_is_new(zone: Path) -> None:
    zone.write_text(ZONE.replace("mx +all", "mx foo -all"))
    run("--write-baseline")
    zone.write_text(ZONE.replace("mx +all", "mx foo bar -all"))
    new = run("--baseline", "zonelint-baseline.json", "--select", "SPF001")
    assert new.exit_code == 1
    assert new.output.count("error SPF001") == 1


def test_an_entry_without_finding_is_told(zone: Path) -> None:
    run("--write-baseline")
    zone.write_text(ZONE.replace("+all", "-all"))
    clean = run("--baseline", "zonelint-baseline.json")
    assert "1 baseline entry not found any more" in clean.output


def test_the_file_is_sorted_text(zone: Path) -> None:
    run("--write-baseline")
    text = Path("zonelint-baseline.json").read_text()
    entries = json.loads(text)["findings"]
    keys = [(entry["code"], entry["owner"], entry["type"]) for entry in entries]
    assert keys == sorted(keys)
    assert ("SPF201", "example.com.", "TXT") in keys


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", ":1:"),
        ("[]", "no baseline"),
        ('{"version": 9, "findings": []}', "version 9"),
        ('{"version": 1, "findings": [{"code": 1}]}', "entry 1"),
        (None, "no such file"),
    ],
)
def test_a_broken_baseline_is_refused(zone: Path, text: str | None, said: str) -> None:
    path = Path("known.json")
    if text is not None:
        path.write_text(text)
    refused = run("--baseline", "known.json")
    assert refused.exit_code == 2
    assert said in refused.output
    assert "known.json" in refused.output
