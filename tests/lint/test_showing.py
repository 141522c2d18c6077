"""`check --show-files` and `--show-settings`: what a check would read and be held to."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zonelint.main import zonelint

ZONE = '$TTL 1h\n@ TXT "v=spf1 +all"\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a/a.example.zone", "a/b.example.zone", "b/c.example.zone"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(ZONE)
    return tmp_path


def check(*words: str) -> Result:
    return CliRunner().invoke(zonelint, ["check", *words])


def values(text: str) -> dict[str, tuple[str, str]]:
    found = {}
    for line in text.splitlines():
        key, equals, rest = line.strip().partition(" = ")
        if equals:
            value, _, origin = rest.rpartition("  ")
            found[key] = (value.strip(), origin.strip())
    return found


def test_the_files_are_printed_and_nothing_is_checked() -> None:
    Path("b/example.com.yaml").write_text("'': {type: TXT, value: v=spf1 +all}\n")
    Path("b/main.tf").write_text('resource "aws_route53_zone" "z" {\n  name = "example.org"\n}\n')
    result = check("--show-files", ".", "b")
    assert result.exit_code == 0
    assert sorted(result.stdout.splitlines()) == [
        "a/a.example.zone", "a/b.example.zone", "b/c.example.zone", "b/example.com.yaml",
        "b/main.tf",
    ]  # fmt: skip
    missing = check("--show-files", "nothing.zone", "a")
    assert missing.exit_code == 2
    assert "nothing.zone" in missing.stderr
    assert missing.stdout.splitlines() == ["a/a.example.zone", "a/b.example.zone"]


def test_what_is_included_is_shown_and_a_folder_of_it_is_checked_as_each_file() -> None:
    Path("inc").mkdir()
    Path("inc/mail.inc").write_text("$INCLUDE inc/more.inc\n")
    Path("inc/more.inc").write_text('@ TXT "v=spf1 +all"\n')
    Path("b/c.example.zone").write_text("$TTL 1h\n$INCLUDE ../inc/mail.inc\n")
    Path(".git").mkdir()
    files = ["b/c.example.zone", "inc/mail.inc", "inc/more.inc"]
    assert sorted(check("--show-files", "b").stdout.splitlines()) == files
    assert sorted(check("--show-files", "inc").stdout.splitlines()) == files
    done = check("inc", "nothing.zone", "--format", "concise", "--select", "SPF201")
    assert "inc/more.inc:1:15: error SPF201" in done.stdout
    assert "in 1 zone" in done.stdout
    assert done.stderr == "zonelint: nothing.zone: There is no such file.\n"
    alone = check("inc/more.inc", "--format", "json", "--select", "SPF201").stdout
    assert check("inc", "--format", "json", "--select", "SPF201").stdout == alone


def test_the_command_of_a_summary_leaves_out_what_is_not_there() -> None:
    Path("a/a.example.zone").write_text(ZONE.replace("+all", "mx +all"))
    done = check("a/a.example.zone", "nothing.zone", "--select", "SPF201")
    assert done.stdout.endswith("--fix-proposed SPF201 --select SPF201 a/a.example.zone\n")


@pytest.mark.parametrize("words", [(".",), ()])
def test_a_folder_of_terraform_source_is_shown_with_its_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    folder = tmp_path / "terraform"
    (folder / "modules/mail").mkdir(parents=True)
    monkeypatch.chdir(folder)
    Path("main.tf").write_text('module "mail" {\n  source = "./modules/mail"\n}\n')
    Path("modules/mail/main.tf").write_text('variable "a" {}\n')
    result = check("--show-files", *words)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == ["main.tf", "modules/mail/main.tf"]
    Path("none").mkdir()
    empty = check("--show-files", "none")
    assert empty.exit_code == 2
    assert "contains no zone file" in empty.stderr


def test_every_value_tells_where_it_comes_from() -> None:
    Path("a/zonelint.toml").write_text(
        'fail-on = "error"\nignore = ["SPF3"]\n\n[severity]\nSPF201 = "warning"\n'
        '[domains."a.example"]\nsenders = ["fastmail"]\n'
    )
    first, second = check("--show-settings", ".").stdout.split("\n\n")
    assert first.startswith("a/zonelint.toml holds for 2 files:\n")
    assert second.startswith("no configuration holds for 1 file:\n")
    found = values(first)
    assert found["fail-on"] == ('"error"', "a/zonelint.toml:1")
    assert found["ignore"] == ('["SPF3"]', "a/zonelint.toml:2")
    assert found["severity.SPF201"] == ('"warning"', "a/zonelint.toml:5")
    assert found['domains."a.example".senders'] == ('["fastmail"]', "a/zonelint.toml:7")
    assert found["select"] == ('["ALL"]', "default")
    assert values(second)["fail-on"] == ('"warning"', "default")


def test_the_command_line_counts_for_more() -> None:
    Path("a/zonelint.toml").write_text('fail-on = "error"\nselect = ["SPF"]\n')
    words = ("--fail-on", "never", "--select", "DMARC", "--ignore", "DMARC1", "--no-baseline")
    found = values(check("--show-settings", *words, "a").stdout)
    assert found["fail-on"] == ('"never"', "--fail-on")
    assert found["select"] == ('["DMARC"]', "--select")
    assert found["--ignore"] == ('["DMARC1"]', "the command line")
    assert found["baseline"] == ('""', "--no-baseline")


def test_a_shared_file_and_an_older_name_are_read() -> None:
    Path("a/pyproject.toml").write_text('[tool.zonelint]\nmin-severity = "info"\n')
    found = values(check("--show-settings", "a").stdout)
    assert found["fail-on"] == ('"info"', "a/pyproject.toml:2")


def test_a_broken_configuration_is_told_and_nothing_shown() -> None:
    Path("a/zonelint.toml").write_text('fail-on = "sometimes"\n')
    result = check("--show-settings", "a")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "sometimes" in result.stderr
