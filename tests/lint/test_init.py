"""``zonelint init``: a first zonelint.toml, guessed and saying so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zonelint.main import zonelint
from zonelint.rules import intent
from zonelint.rules.intent import Profile

EXAMPLE = Path(__file__).parents[2] / "examples/microsoft365/after/example.com.zone"
PARKED = """\
$ORIGIN parked.example.
$TTL 3600
@ SOA ns1.example.net. hostmaster 1 2 3 4 5
@ NS ns1.example.net.
@ MX 0 .
@ TXT "v=spf1 -all"
"""


@pytest.fixture
def zones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "zones"
    folder.mkdir()
    shutil.copy(EXAMPLE, folder)
    (folder / "parked.example.zone").write_text(PARKED)
    return folder


def run(*words: str) -> Result:
    return CliRunner().invoke(zonelint, ["init", *words])


def test_what_is_guessed_says_so(zones: Path) -> None:
    assert run().exit_code == 0
    text = Path("zonelint.toml").read_text()
    assert "GUESSED" in text
    assert '"microsoft365",  # guessed from include:spf.protection.outlook.com' in text
    read = intent.load(text, "zonelint.toml")
    assert read.zones == ("zones/*.zone",)
    declared = read.for_domain("example.com.")
    assert declared is not None
    assert declared.senders == ("microsoft365",)
    assert set(declared.options_for("microsoft365").dkim) == {"selector1", "selector2"}
    parked = read.for_domain("parked.example.")
    assert parked is not None
    assert parked.profile is Profile.PARKED


def test_the_zones_it_was_made_from_have_nothing_to_mend(zones: Path) -> None:
    run()
    # PARK001 wants a DMARC record of the parked domain; nothing else may be found.
    judged = CliRunner().invoke(zonelint, ["check", "--ignore", "PARK001"])
    assert judged.exit_code == 0, judged.output


def test_nothing_is_replaced_unasked(zones: Path) -> None:
    config = Path("zonelint.toml")
    config.write_text("# mine\n")
    refused = run()
    assert refused.exit_code == 2
    assert "--force" in refused.output
    assert config.read_text() == "# mine\n"
    assert run("--force").exit_code == 0
    assert "GUESSED" in config.read_text()


def test_on_the_screen_only(zones: Path) -> None:
    shown = run("--stdout")
    assert "microsoft365" in shown.stdout
    assert not Path("zonelint.toml").exists()


def test_without_zones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused = run()
    assert refused.exit_code == 2
    assert "zone file" in refused.output
    assert not Path("zonelint.toml").exists()
