"""A configuration has nothing written outside of its repository, through no link either."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from zonelint.formats import FORMATS
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


OTHERS = {
    "example.com.zone": ZONE,
    "octodns.yaml": "'':\n  type: TXT\n  value: v=spf1 -all\n",
    "main.tf": 'resource "null_resource" "a" {}\n',
    "zonelint.toml": 'ignore = ["DMARC110"]\n',
    "package.json": '{"name": "mail", "version": "1.0.0"}\n',
    "notes.md": "## Mail\n\nSee zonelint.\n",
    "pom.xml": '<?xml version="1.0"?>\n<project name="mail"/>\n',
}


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize(
    "words",
    [
        ["check", "example.com.zone", "--output", "FILE"],
        ["check", "example.com.zone", "--format", "json", "--output", "FILE"],
        ["check", "example.com.zone", "--fix-proposed", "ALL", "--diff", "--output", "FILE"],
        ["check", "example.com.zone", "--write-baseline", "--baseline", "FILE"],
        ["lock", "example.com.zone", "--nameserver", "127.0.0.1:9", "--lock", "FILE"],
    ],
    ids=["text", "json", "diff", "baseline", "lock"],
)
def test_no_file_of_something_else_is_replaced(name: str, words: list[str]) -> None:
    file = Path(name)
    file.write_text(OTHERS[name])
    done = CliRunner().invoke(zonelint, [name if word == "FILE" else word for word in words])
    assert done.exit_code == 2, done.output
    assert name in done.output
    assert file.read_text() == OTHERS[name]


@pytest.mark.parametrize(
    "zone", [ZONE, ZONE.replace("+all", "-all"), ZONE + "@ TXT\n", ZONE.replace("+all", "a:x.y z")]
)
@pytest.mark.parametrize("format", FORMATS)
def test_a_report_is_replaced_by_the_next(format: str, zone: str) -> None:
    Path("example.com.zone").write_text(zone)
    for other in (format, *FORMATS):
        for paths in (["example.com.zone"], ["example.com.zone", "none.zone"], ["main.tf"]):
            Path("main.tf").write_text('resource "null_resource" "a" {}\n')
            words = ["check", *paths, "--format", other, "--output", "report"]
            done = CliRunner().invoke(zonelint, words)
            assert "cannot be written" not in done.output, (other, paths)


def test_an_empty_file_is_replaced() -> None:
    for file, words in (
        ("report", ["--output"]),
        ("tmp.x1Y2z3", ["--output"]),
        ("report.sarif", ["--format", "sarif", "--output"]),
        ("known.json", ["--write-baseline", "--baseline"]),
    ):
        Path(file).touch()
        CliRunner().invoke(zonelint, ["check", "example.com.zone", *words, file])
        assert Path(file).read_text()


@pytest.mark.parametrize("name", ["zonelint.toml", "x.py", "octodns.yaml", ".env", "b.zone"])
@pytest.mark.parametrize(
    "words",
    [["--output"], ["--format", "json", "--output"], ["--write-baseline", "--baseline"]],
)
def test_an_empty_file_of_something_else_is_kept(name: str, words: list[str]) -> None:
    Path(name).touch()
    done = CliRunner().invoke(zonelint, ["check", "example.com.zone", *words, name])
    assert done.exit_code == 2, done.output
    assert name in done.output
    assert not Path(name).read_text()


def test_a_configuration_names_no_empty_source_as_its_baseline() -> None:
    Path("zonelint.toml").write_text('baseline = "x.py"\n')
    Path("x.py").touch()
    done = CliRunner().invoke(zonelint, ["check", ".", "--write-baseline"])
    assert done.exit_code == 2, done.output
    assert not Path("x.py").read_text()


@pytest.mark.parametrize("name", ["outside", ".git/hooks/pre-commit", "/dev/null"])
@pytest.mark.parametrize(
    "words",
    [
        ["check", "example.com.zone", "--output", "FILE"],
        ["check", "example.com.zone", "--write-baseline", "--baseline", "FILE"],
        ["lock", "example.com.zone", "--nameserver", "127.0.0.1:9", "--lock", "FILE"],
    ],
    ids=["output", "baseline", "lock"],
)
def test_no_link_leads_what_is_written_elsewhere(name: str, words: list[str]) -> None:
    Path(".git/hooks").mkdir()
    Path("outside").symlink_to("../home/.bash_profile")
    done = CliRunner().invoke(zonelint, [name if word == "FILE" else word for word in words])
    assert done.exit_code == 2, done.output
    assert not Path("../home/.bash_profile").exists()
    assert not Path(".git/hooks/pre-commit").exists()


def test_init_writes_through_no_link() -> None:
    Path("zonelint.toml").symlink_to("../home/.bash_profile")
    done = CliRunner().invoke(zonelint, ["init", "example.com.zone"])
    assert done.exit_code == 2, done.output
    assert not Path("../home/.bash_profile").exists()


def test_what_is_named_outside_on_the_command_line_is_written(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    words = ["check", "example.com.zone", "--format", "json", "--output", str(report)]
    assert CliRunner().invoke(zonelint, words).exit_code == 1
    assert report.read_text().startswith('{"version":1')
