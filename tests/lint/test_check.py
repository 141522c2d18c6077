"""`zonelint check` as people run it: whole runs, their output and their exit status."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_regressions.file_regression import FileRegressionFixture

from zonelint.main import zonelint

HERE = Path(__file__).parent
FAULTS = HERE / "faults.zone"

HEAD = "$ORIGIN example.com.\n$TTL 3600\n"
CLEAN = HEAD + '@ TXT "v=spf1 mx -all"\n'
OPEN = HEAD + '@ TXT "v=spf1 mx +all"\n'
NEUTRAL = HEAD + '@ TXT "v=spf1 mx ?all"\n'
CAPITALS = HEAD + '@ TXT "v=spf1 MX -all"\n'

Check = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory in which only SPF and NOQA rules are asked."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    (tmp_path / "zonelint.toml").write_text('select = ["SPF2", "SPF3", "NOQA"]\n')
    return tmp_path


def check(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(zonelint, ["check", *arguments], input=stdin)


def report(*arguments: str, stdin: str | bytes | None = None) -> dict[str, object]:
    result = check("--format", "json", *arguments, stdin=stdin)
    loaded = json.loads(result.stdout)
    assert isinstance(loaded, dict)
    return loaded


def codes(*arguments: str, stdin: str | bytes | None = None) -> list[str]:
    findings = report(*arguments, stdin=stdin)["findings"]
    assert isinstance(findings, list)
    return [finding["code"] for finding in findings]


# ---- whole reports -----------------------------------------------------------------------------

SELECT = "SPF201,SPF202,NOQA001"


def test_text(folder: Path, file_regression: FileRegressionFixture) -> None:
    shutil.copy(FAULTS, "faults.zone")
    result = check("faults.zone", "--select", SELECT)
    assert result.exit_code == 1
    file_regression.check(result.stdout)


def test_text_in_colour(
    folder: Path, file_regression: FileRegressionFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(FAULTS, "faults.zone")
    monkeypatch.setenv("FORCE_COLOR", "1")
    # CliRunner takes colours out of what it captures unless it is told not to.
    result = CliRunner().invoke(
        zonelint, ["check", "faults.zone", "--select", "SPF201,NOQA001"], color=True
    )
    file_regression.check(result.stdout)


def test_json(folder: Path, file_regression: FileRegressionFixture) -> None:
    shutil.copy(FAULTS, "faults.zone")
    result = check("faults.zone", "--select", SELECT, "--format", "json")
    assert result.exit_code == 1
    file_regression.check(result.stdout, extension=".json")


def test_statistics(folder: Path, file_regression: FileRegressionFixture) -> None:
    shutil.copy(FAULTS, "faults.zone")
    result = check("faults.zone", "--select", SELECT, "--statistics")
    assert result.exit_code == 1
    file_regression.check(result.stdout)


def test_help(file_regression: FileRegressionFixture) -> None:
    result = check("--help")
    assert max(map(len, result.stdout.splitlines())) <= 80
    file_regression.check(result.stdout)


def test_json_has_the_members_of_the_contract(folder: Path) -> None:
    Path("a.zone").write_text(OPEN)
    found = report("a.zone", "--select", "SPF201")
    assert list(found) == ["version", "findings", "undecided", "suppressed", "summary"]
    assert found["summary"] == {
        "zones": 1,
        "records": 1,
        "configurations": ["zonelint.toml"],
        "held_by": [
            {
                "kind": "configuration",
                "path": "zonelint.toml",
                "effects": ['select = ["SPF2", "SPF3", "NOQA"]'],
            }
        ],
    }
    (finding,) = found["findings"]  # type: ignore[misc]
    message = finding.pop("message")
    assert "+all" in message
    assert finding == {
        "code": "SPF201",
        "name": "spf-pass-all",
        "severity": "error",
        "confidence": "certain",
        "cause": finding["cause"],
        "owner": "example.com.",
        "type": "TXT",
        "path": "a.zone",
        "line": 3,
        "column": 18,
        "end_line": 3,
        "end_column": 22,
        "fix": {
            "safe": False,
            "before": ['"v=spf1 mx +all"'],
            "after": ['"v=spf1 mx -all"'],
        },
    }


# ---- exit status -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "arguments", "status"),
    [
        (CLEAN, [], 0),
        (OPEN, [], 1),
        (NEUTRAL, [], 1),
        (CAPITALS, [], 0),
        (OPEN, ["--exit-zero"], 0),
        (NEUTRAL, ["--min-severity", "error"], 1),
        (NEUTRAL, ["--fail-on", "error"], 0),
        (OPEN, ["--min-severity", "error"], 1),
        (OPEN, ["--ignore", "SPF201"], 0),
        (OPEN, ["--select", "SPF202"], 0),
        (OPEN, ["--format", "json"], 1),
        (OPEN, ["--format", "none"], 2),
        (OPEN, ["--select", "SPF999"], 2),
        (OPEN, ["--jobs", "0"], 2),
        (OPEN, ["--jobs", "2"], 1),
    ],
)
def test_exit_status(folder: Path, zone: str, arguments: list[str], status: int) -> None:
    Path("a.zone").write_text(zone)
    assert check("a.zone", *arguments).exit_code == status


@pytest.mark.parametrize(("least", "status"), [("error", 0), ("warning", 1), ("info", 1)])
def test_the_config_moves_the_failing_severity(folder: Path, least: str, status: int) -> None:
    Path("zonelint.toml").write_text(f'min-severity = "{least}"\nselect = ["SPF202"]\n')
    Path("a.zone").write_text(NEUTRAL)
    result = check("a.zone")
    assert "SPF202" in result.stdout
    assert result.exit_code == status


def test_what_cannot_be_read_is_told_and_the_rest_is_checked(folder: Path) -> None:
    Path("a.zone").write_text(OPEN)
    Path("binary.zone").write_bytes(b"\x7fELF\0\0\0")
    Path("empty.zone").touch()
    result = check("missing.zone", "a.zone", "binary.zone", "empty.zone", "--exit-zero")
    assert result.exit_code == 2
    told = result.stderr.splitlines()
    assert [line.split(": ")[:2] for line in told] == [
        ["zonelint", "missing.zone"],
        ["zonelint", "binary.zone"],
        ["zonelint", "empty.zone"],
    ]
    assert "SPF201" in result.stdout
    assert "3 could not be read" in result.stdout


def test_links_in_a_circle_are_told_and_the_rest_is_checked(folder: Path) -> None:
    Path(".git").mkdir()
    Path("a.zone").write_text(OPEN)
    circle = {"b.zone": "b.zone", "c.zone": "d.zone", "d.zone": "c.zone",
              "example.com.yaml": "example.com.yaml"}  # fmt: skip
    for name, target in circle.items():
        Path(name).symlink_to(target)
    for arguments in ([], ["a.zone", *circle]):
        result = check(*arguments)
        assert result.exit_code == 2
        assert {line.split(": ")[1] for line in result.stderr.splitlines()} == set(circle)
        assert "SPF201" in result.stdout


@pytest.mark.parametrize("name", ["zonelint.toml", "zonelint-baseline.json", "zonelint.lock"])
@pytest.mark.parametrize("zone", ["a.zone", "zones/a.zone"])
def test_a_circle_is_no_absent_file(name: str, zone: str, folder: Path) -> None:
    Path("zonelint.toml").unlink()
    Path("zones").mkdir()
    Path(zone).write_text(CLEAN)
    Path(name).symlink_to(name)
    result = check(zone)
    assert result.exit_code == 2
    assert name in result.stderr
    assert "too many levels of symbolic links" in result.stderr


def test_what_may_not_be_read_is_told_and_the_rest_is_checked(folder: Path) -> None:
    may_not = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may read everything")
        may_not = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"]
    for path in ("a.example.zone", "open/b.example.zone", "open/shut/c.example.zone"):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text('@ 3600 TXT "v=spf1 +all"\n')
    (folder / "a.example.zone").chmod(0)
    (folder / "open/shut").chmod(0)
    done = subprocess.run(
        [*may_not, sys.executable, "-m", "zonelint.main", "check", "a.example.zone", "open"],
        capture_output=True,
        text=True,
    )
    (folder / "open/shut").chmod(0o755)
    assert done.returncode == 2
    assert sorted(done.stderr.splitlines()) == [
        "zonelint: a.example.zone: This file cannot be opened: permission denied.",
        "zonelint: open/shut: This folder cannot be opened: permission denied.",
    ]
    assert "open/b.example.zone:1:" in done.stdout


def test_a_part_that_is_named_alone_is_checked_where_it_is_included(folder: Path) -> None:
    (folder / "example.org.zone").write_text("$TTL 3600\n$INCLUDE mail.inc\n")
    (folder / "mail.inc").write_text('@ TXT "v=spf1 mx +all"\n')
    done = check("mail.inc", "--select", "SPF")
    assert done.exit_code == 1
    assert done.stdout.startswith("mail.inc:1:18: error SPF201")
    assert not done.stderr


def test_an_empty_path_is_no_folder(folder: Path) -> None:
    done = check("")
    assert done.exit_code == 2
    assert done.stderr.startswith("zonelint: '': There is no such file.")


def test_nothing_read_is_never_clean(folder: Path) -> None:
    result = check(".")
    assert result.exit_code == 2
    assert "Clean" not in result.stdout


def test_clean_is_one_line(folder: Path) -> None:
    Path("a.zone").write_text(CLEAN)
    Path("zonelint.toml").unlink()
    clean = "Clean (with --select SPF2) in 1 zone, 1 record.\n"
    assert check("a.zone", "--select", "SPF2").stdout == clean


# ---- what is read ------------------------------------------------------------------------------


def test_standard_input(folder: Path) -> None:
    (finding,) = report("-", "--origin", "example.net", stdin='@ 60 TXT "v=spf1 +all"')["findings"]  # type: ignore[misc]
    assert (finding["path"], finding["owner"]) == ("<stdin>", "example.net.")


def test_standard_input_is_called_what_it_is_told(folder: Path) -> None:
    result = check("-", "--stdin-filename", "example.org.zone", stdin='@ 60 TXT "v=spf1 +all"')
    assert result.stdout.startswith("example.org.zone:1:")
    assert '1 | @ 60 TXT "v=spf1 +all"' in result.stdout


def test_folders_are_searched(folder: Path) -> None:
    Path("zones/deep").mkdir(parents=True)
    Path("zones/b.zone").write_text(OPEN)
    Path("zones/deep/a.zone").write_text(OPEN)
    assert [f["path"] for f in report("zones")["findings"]] == [  # type: ignore[attr-defined]
        "zones/b.zone",
        "zones/deep/a.zone",
    ]


def test_without_a_path_the_config_says_what_is_read(folder: Path) -> None:
    Path("zonelint.toml").write_text('zones = ["mine/*.zone"]\nselect = ["SPF201"]\n')
    Path("mine").mkdir()
    Path("mine/a.zone").write_text(OPEN)
    Path("other.zone").write_text(OPEN)
    assert [f["path"] for f in report()["findings"]] == ["mine/a.zone"]  # type: ignore[attr-defined]


def test_without_a_path_and_zones_the_folder_is_searched(folder: Path) -> None:
    Path("other.zone").write_text(OPEN)
    assert [f["path"] for f in report()["findings"]] == ["other.zone"]  # type: ignore[attr-defined]


def test_zones_that_match_nothing_are_an_error(folder: Path) -> None:
    Path("zonelint.toml").write_text('zones = ["mine/*.zone"]\n')
    result = check()
    assert result.exit_code == 2
    assert result.stderr == 'zonelint: zonelint.toml:1: zones: "mine/*.zone" matches no file\n'


# ---- configuration -----------------------------------------------------------------------------


def test_the_config_beside_the_zones_counts(folder: Path) -> None:
    Path("inner").mkdir()
    Path("inner/zonelint.toml").write_text('select = ["SPF202"]\n')
    Path("inner/a.zone").write_text(NEUTRAL)
    assert codes("inner/a.zone") == ["SPF202"]
    assert codes("inner") == ["SPF202"]


def test_the_table_of_pyproject_counts(folder: Path) -> None:
    Path("zonelint.toml").unlink()
    Path("pyproject.toml").write_text('[tool.zonelint]\nselect = ["SPF202"]\n')
    Path("a.zone").write_text(NEUTRAL)
    assert codes("a.zone") == ["SPF202"]


OURS = '[tool.zonelint]\nignore = ["SPF201"]\n'


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("pyproject.toml", None, "too many levels of symbolic links"),
        ("zonelint.toml", None, "too many levels of symbolic links"),
        ("pyproject.toml", "", "this is a folder, not a file"),
        ("zonelint.toml", "", "this is a folder, not a file"),
        ("pyproject.toml", OURS + OURS, "a key or table is set twice"),
        ("pyproject.toml", "[tool]\nzonelint = {ignore = []\n", "this is not TOML"),
        ("pyproject.toml", OURS + "#" * 400_000, "not read"),
        ("pyproject.toml", OURS + "#" * 3_000_000, "too large"),
        ("pyproject.toml", OURS.encode("utf-16"), "this is not UTF-8 text"),
    ],
)
def test_a_configuration_that_cannot_be_read_is_not_absent(
    folder: Path, name: str, text: str | bytes | None, why: str
) -> None:
    file = Path("inner", name)
    file.parent.mkdir()
    if text is None:
        file.symlink_to(name)
    elif not text:
        file.mkdir()
    else:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    Path("inner/example.org.zone").write_text('@ TXT "v=spf1 +all"\n')
    for words in ([], ["inner"], ["inner/example.org.zone"]):
        result = CliRunner().invoke(zonelint, ["check", *words])
        assert result.exit_code == 2
        assert f"inner/{name}" in result.stderr
        assert why in result.stderr


def test_another_tools_pyproject_is_passed_over(folder: Path) -> None:
    Path("inner").mkdir()
    Path("inner/pyproject.toml").write_text('[project]\nname = "zonelint-of-ours"\n')
    Path("inner/a.zone").write_text(NEUTRAL)
    assert codes("inner") == ["SPF202"]


def test_config_is_the_file_that_is_named(folder: Path) -> None:
    Path("other.toml").write_text('select = ["SPF201"]\n')
    Path("a.zone").write_text(NEUTRAL)
    assert codes("a.zone", "--config", "other.toml") == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\n\nselct = []\n", "zonelint.toml:3: "),
        ('select = ["SPF999"]\n', "zonelint.toml:1: "),
        ("select = [\n", "zonelint.toml:1: "),
        (None, "missing.toml: there is no such file"),
    ],
)
def test_a_config_that_cannot_be_used(folder: Path, text: str | None, told: str) -> None:
    arguments = ["--config", "missing.toml"] if text is None else []
    if text is not None:
        Path("zonelint.toml").write_text(text)
    Path("a.zone").write_text(CLEAN)
    result = check("a.zone", *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"zonelint: {told}")
    assert result.stderr.count("\n") == 1


def test_rules_are_switched_off_by_owner(folder: Path) -> None:
    Path("zonelint.toml").write_text(
        'select = ["SPF201"]\n[per-owner-ignore]\n"old.*" = ["SPF2"]\n'
    )
    Path("a.zone").write_text(OPEN + 'old TXT "v=spf1 +all"\n')
    assert [f["owner"] for f in report("a.zone")["findings"]] == ["example.com."]  # type: ignore[attr-defined]


def test_severities_are_the_users(folder: Path) -> None:
    Path("zonelint.toml").write_text('select = ["SPF201", "SPF203"]\n[severity]\nSPF201 = "info"\n')
    Path("a.zone").write_text(OPEN)
    result = check("a.zone")
    assert "info SPF201" in result.stdout
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--select", "SFP201"], "did you mean SPF201?"),
        (["--ignore", "noka"], "did you mean NOQA?"),
        (["--select", "QQ"], "'zonelint rule' lists the codes"),
    ],
)
def test_an_unknown_code_is_answered_with_the_near_miss(
    folder: Path, arguments: list[str], told: str
) -> None:
    result = check(*arguments)
    assert result.exit_code == 2
    assert told in result.stderr


# ---- where it is written -----------------------------------------------------------------------


def test_output_is_replaced_as_a_whole(folder: Path) -> None:
    Path("a.zone").write_text(OPEN)
    out = Path("report.json")
    check("a.zone", "--format", "json", "--output", "report.json")
    out.chmod(0o640)
    result = check("a.zone", "--format", "json", "--output", "report.json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert json.loads(out.read_text())["version"] == 1
    assert stat.S_IMODE(out.stat().st_mode) == 0o640
    assert sorted(path.name for path in folder.iterdir()) == [
        "a.zone",
        "report.json",
        "zonelint.toml",
    ]


def test_output_that_cannot_be_written(folder: Path) -> None:
    Path("a.zone").write_text(CLEAN)
    result = check("a.zone", "--output", "nowhere/report.txt")
    assert result.exit_code == 2
    assert result.stderr.startswith("zonelint: nowhere/report.txt: ")


def test_output_has_no_colour(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    Path("a.zone").write_text(OPEN)
    check("a.zone", "--output", "report.txt")
    assert "\x1b" not in Path("report.txt").read_text()


def test_a_zone_cannot_steer_the_terminal(folder: Path) -> None:
    Path("a.zone").write_bytes((HEAD + '@ TXT "v=spf1 \x1b[31m +all \x9b"\n').encode() + b"; \xff")
    result = check("a.zone", "--select", "ALL")
    assert "+all" in result.stdout
    assert not {"\x1b", "\x9b"} & set(result.stdout)


# ---- as a process ------------------------------------------------------------------------------


def run(*arguments: str, **kwargs: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zonelint.main", *arguments]
    return subprocess.run(command, capture_output=True, text=True, **kwargs)  # type: ignore[call-overload]


def test_a_reader_who_leaves_is_no_error_on_screen(folder: Path) -> None:
    lines = "".join(f'h{n} TXT "v=spf1 mx +all"\n' for n in range(3000))
    Path("a.zone").write_text(HEAD + lines)
    command = [sys.executable, "-m", "zonelint.main", "check", "a.zone"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 2


def test_what_ascii_cannot_show_is_escaped(folder: Path) -> None:
    Path("a.zone").write_text(HEAD + '@ TXT "v=spf1 mx +all" ; für immer\n')
    done = run("check", "a.zone", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 1
    assert "f\\xfcr immer" in done.stdout


HEAVY = ("asyncio", "cryptography", "hcl2", "idna", "importlib.metadata", "octodns", "pulumi")
HEAVY += ("pulumi_policy", "pygls", "yaml")

FINDERS = {
    f"zonelint.providers.{name}"
    for name in (
        "cloudformation.find",
        "octodns.yaml",
        "octodns.yaml.names",
        "octodns.yaml.search",
        "terraform.find",
        "terraform.source",
        "terraform.source.find",
    )
}


def test_a_short_run_imports_nothing_that_it_does_not_need(folder: Path) -> None:
    Path("a.zone").write_text(CLEAN)
    done = run("check", "a.zone")
    assert done.returncode == 0, done.stderr
    listed = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "zonelint.main", "check", "a.zone"],
        capture_output=True,
        text=True,
    ).stderr
    imported = {line.rpartition("|")[2].strip() for line in listed.splitlines()}
    assert "zonelint.rules.core.engine" in imported
    assert imported.isdisjoint(HEAVY)
    for other in ("cloudformation", "hcl", "octodns", "pulumi", "terraform"):
        within = {name for name in imported if name.startswith(f"zonelint.providers.{other}.")}
        # What finds the files of others is all that a run over a zone file needs of them.
        assert within <= FINDERS


@pytest.fixture
def rule_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rule package of somebody else, installed as pip would, whose only rule fails."""
    site = tmp_path_factory.mktemp("site")
    (site / "their_rules.py").write_text(
        "from zonelint.rules.core.finding import Severity\n"
        "from zonelint.rules.core.rule import rule\n"
        "from zonelint.rules.model.subjects import Spf\n"
        "@rule('ACME001', 'acme-fails', Severity.ERROR, on=Spf, section='ACME 1')\n"
        "def fails(spf):\n"
        "    '''It fails.'''\n"
        "    raise RuntimeError('out of luck')\n"
    )
    metadata = site / "their_rules-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: their-rules\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[zonelint.rules]\ntheirs = their_rules\n")
    return site


def test_a_rule_that_fails_lets_nothing_through(folder: Path, rule_package: Path) -> None:
    Path("zonelint.toml").unlink()
    Path("a.zone").write_text(OPEN)
    environment = {**os.environ, "PYTHONPATH": str(rule_package)}
    done = run("check", "a.zone", "--select", "ACME,SPF201", "--exit-zero", env=environment)
    assert done.returncode == 2
    assert done.stderr == (
        "zonelint: rule ACME001 failed on example.com.: RuntimeError: out of luck; this is a bug "
        "in the rule, and the check is not complete\n"
    )
    assert "SPF201" in done.stdout


def test_a_rule_package_that_cannot_be_loaded(folder: Path, rule_package: Path) -> None:
    (rule_package / "their_rules.py").write_text("import no_such_module\n")
    Path("a.zone").write_text(CLEAN)
    done = run("check", "a.zone", env={**os.environ, "PYTHONPATH": str(rule_package)})
    assert done.returncode == 2
    assert done.stderr.startswith("zonelint: the rule package theirs (their_rules) cannot be")
