"""What fails a run, and that clean is never said for what nobody judged."""

import json

import pytest
from click.testing import CliRunner

from zonelint.main import zonelint

HEAD = "$TTL 3600\n@ SOA ns1.example.net. h.example.net. 1 7200 900 1209600 3600\n"
OPEN = HEAD + '@ MX 10 mail\nmail A 198.51.100.25\n@ TXT "v=spf1 +all"\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.com.zone").write_text(OPEN)
    return tmp_path


def run(*words):
    return CliRunner().invoke(zonelint, ["check", *words])


@pytest.mark.parametrize(
    "config",
    [
        "select = []",
        'ignore = ["ALL"]',
        'select = ["SPF"]\nignore = ["SPF"]',
        '[severity]\nALL = "info"',
        '[per-owner-ignore]\n"*" = ["ALL"]',
        '[per-owner-ignore]\n"example.com" = ["ALL"]\n"*.example.com" = ["ALL"]',
    ],
)
@pytest.mark.parametrize("format", ["text", "json", "sarif", "junit", "github"])
def test_a_configuration_that_asks_nothing_is_no_pass(folder, config, format):
    (folder / "zonelint.toml").write_text(config + "\n")
    done = run("--format", format)
    assert done.exit_code == 2, done.output
    assert "not judged" in done.stderr
    assert "Clean" not in done.stdout


@pytest.mark.parametrize(
    "config",
    ['ignore = ["DKIM"]', '[severity]\nDKIM = "info"', '[per-owner-ignore]\n"a.*" = ["ALL"]', ""],
)
def test_a_configuration_that_leaves_rules_is_in_order(folder, config):
    (folder / "zonelint.toml").write_text(config + "\n")
    assert run().exit_code == 1


def test_what_the_command_line_selects_is_what_was_asked_for(folder):
    (folder / "zonelint.toml").write_text("select = []\n")
    assert run("--select", "SPF201").exit_code == 1


INFO = (
    HEAD
    + '@ TXT "v=spf1 MX -all"\n@ MX 0 .\n'
    + '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@example.net"\n'
)
UNDECIDED = HEAD + '@ TXT "v=spf1 include:far.example -all"\n'


@pytest.mark.parametrize(
    ("zone", "select", "fails"),
    [
        (OPEN, "SPF201", {"error", "warning", "info", "undecided"}),
        (HEAD + '@ TXT "v=spf1 a ?all"\n', "SPF202", {"warning", "info", "undecided"}),
        (INFO, "SPF306", {"info"}),
        (UNDECIDED, "SPF101", {"undecided"}),
    ],
)
@pytest.mark.parametrize("word", ["error", "warning", "info", "undecided", "never"])
def test_what_fails_a_run(folder, zone, select, fails, word):
    (folder / "example.com.zone").write_text(zone)
    assert run("--select", select, "--fail-on", word).exit_code == (1 if word in fails else 0)
    (folder / "zonelint.toml").write_text(f'fail-on = "{word}"\n')
    assert run("--select", select).exit_code == (1 if word in fails else 0)
    other = "never" if word in fails else "info"
    (folder / "zonelint.toml").write_text(f'fail-on = "{other}"\n')
    assert run("--select", select, "--fail-on", word).exit_code == (1 if word in fails else 0)


def test_what_is_hidden_fails_the_run_all_the_same(folder):
    (folder / "example.com.zone").write_text(HEAD + '@ TXT "v=spf1 a ?all"\n')
    done = run("--select", "SPF202", "--min-severity", "error")
    assert done.exit_code == 1
    assert "1 below the least severity shown" in done.stdout


def test_the_older_name_of_fail_on_still_counts(folder):
    (folder / "zonelint.toml").write_text('min-severity = "error"\n')
    (folder / "example.com.zone").write_text(HEAD + '@ TXT "v=spf1 a ?all"\n')
    assert run("--select", "SPF202").exit_code == 0


def test_all_proposals_are_applied_by_one_word(folder):
    run("--select", "SPF", "--fix-proposed", "ALL")
    assert "+all" not in (folder / "example.com.zone").read_text()


def test_the_json_tells_what_held(folder):
    (folder / "zonelint.toml").write_text('ignore = ["DKIM"]\n')
    told = json.loads(run("--format", "json").stdout)
    assert told["summary"]["configurations"] == ["zonelint.toml"]
