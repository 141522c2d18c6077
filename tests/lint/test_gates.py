"""What fails a run, and that clean is never said for what nobody judged."""

import json
from pathlib import Path

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


@pytest.mark.parametrize(
    "words",
    [("--select", "SPF", "--ignore", "SPF"), ("--ignore", "ALL"), ("--ignore", "all", "--fix")],
)
def test_a_command_line_that_asks_nothing_is_no_pass(folder, words):
    done = run(*words)
    assert done.exit_code == 2, done.output
    assert "no zone would be judged" in done.stderr
    assert "Clean" not in done.stdout


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ('select = ["SPF"]', ("--ignore", "SPF")),
    ],
)
def test_nor_is_one_that_asks_nothing_beside_its_configuration(folder, config, words):
    (folder / "zonelint.toml").write_text(config + "\n")
    done = run(*words)
    assert done.exit_code == 2, done.output
    assert "Clean" not in done.stdout


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
    assert "1 below the lowest severity shown" in done.stdout


def test_the_older_name_of_fail_on_still_counts(folder):
    (folder / "zonelint.toml").write_text('min-severity = "error"\n')
    (folder / "example.com.zone").write_text(HEAD + '@ TXT "v=spf1 a ?all"\n')
    assert run("--select", "SPF202").exit_code == 0


def test_all_proposals_are_applied_by_one_word(folder):
    (folder / "example.com.zone").write_text(OPEN.replace("+all", "mx +all"))
    run("--select", "SPF", "--fix-proposed", "ALL")
    assert '"v=spf1 mx -all"' in (folder / "example.com.zone").read_text()


def test_the_json_tells_what_held(folder):
    (folder / "zonelint.toml").write_text('ignore = ["DKIM"]\n')
    told = json.loads(run("--format", "json").stdout)
    assert told["summary"]["configurations"] == ["zonelint.toml"]


FORMATS = ["text", "json", "sarif", "junit", "github", "gitlab", "markdown"]


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_says_what_holds_and_what_it_takes_out(folder, format):
    (folder / "zonelint.toml").write_text('ignore = ["DMARC110"]\n[severity]\nSPF307 = "info"\n')
    (folder / "zonelint.lock").write_text("version = 1\n# end of zonelint.lock\n")
    assert run("--write-baseline").exit_code == 0
    done = run("--format", format)
    assert done.exit_code == 0, done.output
    told = done.stdout.replace("\\", "")
    for effect in (
        'ignore = ["DMARC110"]',
        'severity.SPF307 = "info"',
        "0 names",
        "findings not reported",
    ):
        assert effect in told, effect
    for file in ("zonelint.toml", "zonelint.lock", "zonelint-baseline.json"):
        assert file in told, file


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_holds_where_there_is_no_such_file(folder, format):
    assert "judged by" not in run("--format", format).stdout.lower()


PLAN = {
    "format_version": "1.2",
    "terraform_version": "1.9.0",
    "planned_values": {"root_module": {}},
    "resource_changes": [],
    "configuration": {},
}
STACK = {"version": 3, "deployment": {"manifest": {"time": "t", "magic": "", "version": ""}}}
TEMPLATE = {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}


@pytest.mark.parametrize("at", ["", "other"], ids=["named", "searched"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plan.json", json.dumps(PLAN)),
        ("stack.json", json.dumps(STACK)),
        ("main.tf", 'resource "null_resource" "a" {}\n'),
        ("template.json", json.dumps(TEMPLATE)),
    ],
)
def test_programs_without_dns_say_so(folder, name, text, at):
    (folder / "other").mkdir()
    (folder / "other" / name).write_text(text)
    done = run(at or f"other/{name}")
    assert (done.exit_code, done.stdout) == (0, "No DNS records here.\n"), done.stderr


@pytest.mark.parametrize("paths", [["other"], ["other/zones"], ["example.com.zone", "other"]])
def test_a_search_that_finds_no_zone_is_no_pass(folder, paths):
    (folder / "other" / "zones").mkdir(parents=True)
    (folder / "other" / "zones" / "notes").write_text("This is not a zone.\n")
    done = run(*paths)
    assert done.exit_code == 2, done.output
    assert "other" in done.stderr
    assert "contains no zone file" in done.stderr


@pytest.mark.parametrize("named", ["programs", "programs/*.tf", "notes", "none/*"])
def test_a_configuration_whose_zones_are_not_there_is_no_pass(folder, named):
    (folder / "programs").mkdir()
    (folder / "programs" / "main.tf").write_text('resource "null_resource" "a" {}\n')
    (folder / "notes").mkdir()
    (folder / "zonelint.toml").write_text(f'zones = ["{named}"]\n')
    done = run()
    assert done.exit_code == 2, done.output
    assert "No DNS records" not in done.stdout


def test_a_folder_of_parts_holds_zones(folder):
    (folder / "zones").mkdir()
    (folder / "zones" / "example.net.zone").write_text(HEAD + "$INCLUDE mail/example.net.zone\n")
    (folder / "zones" / "mail").mkdir()
    (folder / "zones" / "mail" / "example.net.zone").write_text('@ TXT "v=spf1 -all"\n')
    assert run("zones").exit_code in (0, 1)
    assert run("zones/mail").exit_code in (0, 1)


@pytest.mark.parametrize(
    "octets",
    [b"", b"; nothing\n", b"; \0\n", b"Moved to the new provider.\n", b"\0" * 64],
    ids=["empty", "comment", "nul", "prose", "octets"],
)
@pytest.mark.parametrize("where", ["zones", ".", "zones/example.net", "--as-found"])
def test_a_file_of_zones_that_is_called_as_a_domain_is_not_passed_over(folder, octets, where):
    (folder / "zones").mkdir()
    (folder / "zones" / "example.net").write_bytes(octets)
    paths = ["--as-found", "zones/example.net"] if where == "--as-found" else [where]
    done = run(*paths, "example.com.zone")
    assert done.exit_code == 2, done.output
    assert "zones/example.net" in done.stderr


@pytest.mark.parametrize("name", ["notes", "README", "notes.txt", "named.conf", "build.gradle"])
def test_what_lies_beside_zones_is_passed_over(folder, name):
    (folder / "zones").mkdir()
    (folder / "zones" / name).write_text("Our zones.\n")
    assert run("zones", "example.com.zone").exit_code == 2  # no zone in zones/
    (folder / "zones" / "example.net").write_text(OPEN)
    assert run("zones").exit_code == 1


def test_a_nul_hides_no_zone_that_is_put_together(folder):
    (folder / "zones").mkdir()
    (folder / "zones" / "internal").write_bytes(b"; \0\n$ORIGIN example.net.\n$INCLUDE part.inc\n")
    (folder / "zones" / "part.inc").write_text(OPEN)
    done = run("zones")
    assert (done.exit_code, "SPF201" in done.stdout) == (1, True), done.output


@pytest.mark.parametrize(("link", "name"), [("zones", "example.net"), ("dns", "example.net.zone")])
def test_zones_behind_a_link_that_leads_outside_are_not_passed_over(
    tmp_path, monkeypatch, link, name
):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / name).write_text(OPEN)
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repo")
    (tmp_path / "repo" / "example.com.zone").write_text(OPEN)
    (tmp_path / "repo" / link).symlink_to("../outside")
    done = run(".")
    assert done.exit_code == 2, done.output
    assert f"{link}/{name}: This link leads out of the repository" in done.stderr
    (tmp_path / "outside" / name).unlink()
    assert run(".").exit_code == 1


@pytest.mark.parametrize("format", ["text", "concise"])
def test_a_quiet_run_says_what_fails_it(folder, format):
    (folder / "example.com.zone").write_text(UNDECIDED)
    words = ("--quiet", "--select", "SPF101", "--format", format)
    done = run(*words, "--fail-on", "undecided")
    assert done.exit_code == 1
    assert "undecided SPF101" in done.stdout
    assert "far.example" in done.stdout
    assert run(*words).stdout == ""
    (folder / "example.com.zone").write_text(HEAD + '@ TXT "v=spf1 a ?all"\n')
    hidden = run("--quiet", "--select", "SPF202", "--min-severity", "error", "--format", format)
    assert hidden.exit_code == 1
    assert "--min-severity hides" in hidden.stdout


def test_a_link_to_another_folder_of_the_repository_is_followed(tmp_path, monkeypatch):
    repo = (tmp_path / "repo").resolve()
    for folder in (".git", "zones", "shared/more", "other"):
        (repo / folder).mkdir(parents=True)
    monkeypatch.chdir(repo)
    zones = ["other/example.edu.zone", "shared/example.net.zone", "shared/more/example.org.zone"]
    for name in zones:
        (repo / name).write_text(OPEN)
    links = {"linked": "../shared", "again": "../shared/more", "circle": "..", "self": "."}
    for link, target in links.items():
        (repo / "zones" / link).symlink_to(target)
    (repo / "shared" / "onward").symlink_to("../other")
    for given in ("zones", "."):  # each zone once, however many links lead to it
        found = json.loads(run(given, "--format", "json", "--select", "SPF201").stdout)["findings"]
        places = [Path(each["path"]).resolve().relative_to(repo).as_posix() for each in found]
        assert sorted(places) == zones


def test_a_link_out_of_a_folder_without_a_repository_is_told(tmp_path, monkeypatch):
    (tmp_path / "zones").mkdir()
    (tmp_path / "shared").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in ("zones/example.com.zone", "shared/example.net.zone"):
        (tmp_path / name).write_text(OPEN)
    (tmp_path / "zones" / "linked").symlink_to("../shared")
    done = run("zones")
    assert done.exit_code == 2
    assert "zones/linked: This link leads out of the folder that is searched" in done.stderr
    assert run("zones", "shared").exit_code == 1
