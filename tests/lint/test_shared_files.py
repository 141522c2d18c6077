"""One octoDNS file that writes several zones is changed only as all of them would have it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from zonelint.main import zonelint

CONFIG = """
providers:
  base:
    class: octodns.provider.yaml.YamlProvider
    directory: ./zones
    shared_filename: shared.yaml
    escaped_semicolons: false
  out: {class: octodns.provider.yaml.YamlProvider, directory: ./out}
zones:
  example.com.: {sources: [base], targets: [out]}
  example.net.: {sources: [base], targets: [out]}
"""
SHARED = "'':\n  type: TXT\n  value: v=spf1 ip4:192.0.2.1 ip4:192.0.2.1 -all\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "zones").mkdir()
    (tmp_path / "octodns.yaml").write_text(CONFIG)
    (tmp_path / "zones" / "shared.yaml").write_text(SHARED)
    for name in ("example.com", "example.net"):
        (tmp_path / "zones" / f"{name}.yaml").write_text("www: {type: A, value: 192.0.2.1}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words):
    return CliRunner().invoke(zonelint, list(words))


def texts(folder):
    return {path.name: path.read_text() for path in Path(folder, "zones").iterdir()}


def test_what_all_zones_want_is_written_once(folder):
    done = run("check", "--fix", "octodns.yaml")
    assert "SPF302 (2)" in done.stderr
    wanted = SHARED.replace(" ip4:192.0.2.1 ip4", " ip4")
    assert texts(folder)["shared.yaml"] == wanted
    assert run("check", "--fix", "octodns.yaml").stderr == ""
    assert texts(folder)["shared.yaml"] == wanted


def test_what_one_zone_wants_is_left_and_the_other_is_named(folder):
    (folder / "zonelint.toml").write_text('[domains."example.com"]\nprofile = "parked"\n')
    (folder / "zones" / "shared.yaml").write_text("'': {type: TXT, value: v=spf1 -all}\n")
    before = texts(folder)
    done = run("check", "--fix", "octodns.yaml")
    assert texts(folder) == before
    assert "shared.yaml is also part of example.net, where the same change is not wanted" in (
        done.stderr
    )


def test_a_proposal_for_one_zone_leaves_the_other(folder):
    (folder / "zonelint.toml").write_text(
        'zones = ["octodns.yaml"]\n[domains."example.net"]\nsenders = ["google-workspace"]\n'
    )
    before = texts(folder)["shared.yaml"]
    done = run("propose", "--write", "example.net")
    assert "google" not in texts(folder)["shared.yaml"]
    assert "example.com" in done.output
    assert before == texts(folder)["shared.yaml"]


def test_an_alias_follows_the_zone_that_it_copies(folder):
    (folder / "octodns.yaml").write_text(
        CONFIG.replace(
            "example.net.: {sources: [base], targets: [out]}", "example.net.: {alias: example.com.}"
        )
    )
    run("check", "--fix", "octodns.yaml")
    assert "ip4:192.0.2.1 ip4" not in texts(folder)["shared.yaml"]


def test_a_second_file_of_one_zone_is_changed_alone(folder):
    """What a zone writes in a file of its own is nobody else's."""
    own = folder / "zones" / "example.com.yaml"
    own.write_text("mail: {type: TXT, value: v=spf1 a a -all}\n")
    run("check", "--fix", "octodns.yaml")
    assert own.read_text() == "mail: {type: TXT, value: v=spf1 a -all}\n"
