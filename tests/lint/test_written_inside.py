"""A configuration has nothing written outside of its repository, through no link either."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from zonelint.main import zonelint

ZONE = """$TTL 3600
@ SOA ns1.example.net. h.example.net. 1 7200 900 1209600 3600
@ TXT "v=spf1 +all"
"""


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "home").mkdir()
    repo = tmp_path / "repo"
    (repo / ".git").mkdir(parents=True)
    monkeypatch.chdir(repo)
    Path("example.com.zone").write_text(ZONE)
    return repo


@pytest.mark.parametrize("key", ["lock", "baseline"])
@pytest.mark.parametrize("how", ["named", "linked", "dangling"])
def test_nothing_is_written_outside(key: str, how: str) -> None:
    outside = Path("../home/.bash_profile")
    if how == "linked":
        outside.write_text("mine\n")
    named = str(outside)
    if how != "named":
        named = "held"
        Path(named).symlink_to(outside)
    Path("zonelint.toml").write_text(f'{key} = "{named}"\n')
    words = ["lock", "--nameserver", "127.0.0.1:9"]
    if key == "baseline":
        words = ["check", ".", "--write-baseline"]
    done = CliRunner().invoke(zonelint, words)
    assert done.exit_code == 2
    assert f"zonelint.toml:1: {key}" in done.output
    assert "outside" in done.output
    assert not outside.exists() or outside.read_text() == "mine\n"


def test_what_is_inside_is_written() -> None:
    Path("zonelint.toml").write_text('baseline = "known.json"\n')
    assert CliRunner().invoke(zonelint, ["check", ".", "--write-baseline"]).exit_code == 0
    assert "SPF201" in Path("known.json").read_text()
