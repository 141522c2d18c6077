"""The promises of SECURITY.md, each tried to be broken from outside, by the command itself."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reports_factory import report_xml
from tests.terminal import read_terminal
from zonelint.formats import FORMATS
from zonelint.formats.safe import dumped, no_command, plain

COMMAND = (sys.executable, "-m", "zonelint")
ESCAPE = "\x1b]0;title\x07\x1b[31m"
C1 = "\x9b31m"
TURNED = "\u202e"
STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
ZONE = f"""\
$ORIGIN example.com.
$TTL 3600
@ SOA ns hostmaster 1 7200 900 1209600 300
@ NS ns
ns A 192.0.2.53
@ MX 10 m{ESCAPE}
@ TXT "v=spf1 mx mx {C1}{TURNED} -all"
_dmarc TXT "v=DMARC1; p=none; rua=mailto:a{ESCAPE}@b; x{C1}=1"
{C1} TXT "v=spf1 {TURNED} mx mx -all" ; {ESCAPE}
$INCLUDE {ESCAPE}{C1}
$GENERATE 1-{ESCAPE} a A 192.0.2.1
"""


def run(
    folder: Path, *arguments: str | Path, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """zonelint as a program, in a folder."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )


def on_terminal(folder: Path, *arguments: str | Path) -> str:
    """What zonelint writes to a terminal."""
    found = read_terminal(*arguments, folder=folder, NO_COLOR="1")
    return found.decode("utf-8", "replace")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder with a zone, a file's name and a bounce that try to steer who reads the output."""
    (tmp_path / f"a{ESCAPE}.zone").write_text(ZONE, "utf-8")
    (tmp_path / "broken.zone").write_text("nothing of a zone\n")
    bounce = f"550 5.7.26 {ESCAPE} mail from example.com is refused {C1}{TURNED}\n"
    (tmp_path / "bounce.txt").write_text(bounce, "utf-8")
    return tmp_path


# -- clean output ----------------------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
def test_no_control_character_of_an_input_reaches_a_report(hostile: Path, format: str) -> None:
    told = run(hostile, "check", "--format", format, ".").stdout.decode()
    assert "31m" in told
    assert STEERING.search(told) is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "."),
        ("check", "--fix", "--diff", "."),
        ("check", "--fix-proposed", "SPF003", "--diff", "."),
        ("check", ESCAPE),
        ("check", "--against", ESCAPE, "."),
        ("check", "--origin", f"{ESCAPE}.example", "."),
        ("propose", ESCAPE),
        ("propose", "--format", "zone"),
        ("spf", f"{C1}.example.com", "--zones", "."),
        ("rule", ESCAPE),
        ("reports", "."),
        ("triage", "bounce.txt"),
        ("triage", "bounce.txt", "--format", "json"),
        (ESCAPE,),
        (f"--{ESCAPE}",),
    ],
    ids=lambda arguments: "-".join(arguments).encode("ascii", "replace").decode(),
)
def test_no_command_lets_an_input_steer_the_terminal(
    hostile: Path, arguments: tuple[str, ...]
) -> None:
    told = on_terminal(hostile, *arguments)
    assert told
    assert "Traceback" not in told
    assert STEERING.search(told) is None


def test_json_holds_what_the_zone_holds(hostile: Path) -> None:
    told = json.loads(run(hostile, "check", "--format", "json", ".").stdout)
    rdata = [r for f in told["findings"] if f["fix"] for r in f["fix"]["before"]]
    assert any(f"{C1}{TURNED}" in each for each in rdata)


def test_what_json_lets_stand_is_escaped() -> None:
    text = "\x7f\x85\u2028\u202e ##[stop-commands]x é\u200d"
    told = dumped({"a": [text]}, compact=True)
    assert told == ('{"a":["\\u007f\\u0085\\u2028\\u202e #\\u0023[stop-commands]x é\u200d"]}')
    assert json.loads(told) == {"a": [text]}
    assert json.loads(dumped(text, ascii=True)) == text


def test_plain_text_shows_what_it_takes_away() -> None:
    assert plain("a\x1bb\x9bc\u202ed\udce9\n") == "a\\027b<U+009B>c<U+202E>d\\233\n"
    assert plain("\ufffe") == "<U+FFFE>"


@pytest.mark.parametrize("format", ["text", "github", "json"])
def test_nothing_is_a_command_for_github(tmp_path: Path, format: str) -> None:
    """The runner reads what a step prints: a line with `::` first, or with `##[` anywhere."""
    zone = ZONE.replace(ESCAPE, "##[stop-commands]x")
    (tmp_path / "::stop-commands::x.zone").write_text(zone, "utf-8")
    (tmp_path / "::stop-commands::y##[stop-commands]z.zone").write_text("nothing\n")
    done = run(tmp_path, "check", "--format", format, ".", GITHUB_ACTIONS="true")
    told = (done.stdout + done.stderr).decode()
    assert "stop-commands" in told
    annotation = re.compile("::(?:error|warning|notice) ") if format == "github" else None
    lines = [line.lstrip() for line in told.splitlines()]
    others = [line for line in lines if annotation is None or annotation.match(line) is None]
    assert not [line for line in others if line.startswith("::") or "##[" in line]


LINES = "\n::error::x\n##[error]x\r::error::x\u2028::error::x"


@pytest.mark.parametrize(
    "words",
    [
        *(["check", "--format", format, "."] for format in FORMATS),
        ["check", "--diff", "--fix-proposed", "ALL", "."],
        ["check", "--statistics", "."],
        ["check", "--write-baseline", "."],
        ["check", "--against", "none", "."],
        ["init", "--stdout"],
        ["status"],
        ["spf", "example.com"],
        ["propose", "--format", "json"],
    ],
    ids=" ".join,
)
def test_no_file_name_begins_a_line(tmp_path: Path, words: list[str]) -> None:
    folder = tmp_path / f"zones{LINES}"
    folder.mkdir()
    (folder / "example.com.zone").write_text('@ SOA a b 1 2 3 4 5\n@ TXT "v=spf1 -all mx +all"\n')
    (folder / f"a{LINES}.zone").write_text("$ORIGIN example.net.\n@ TXT (\n")
    (folder / f"b{LINES}.tf").write_text('resource "aws_route53_record" "x" {\n')
    done = run(tmp_path, *words, GITHUB_ACTIONS="true")
    lines = re.split(r"[\n\r\u2028]", (done.stdout + b"\n" + done.stderr).decode())
    assert not [line for line in lines if re.match(r"\s*(::error::x|##\[error\]x)", line)]


def test_elsewhere_the_text_stands_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.zone").write_text(ZONE.replace(ESCAPE, "##[x]"), "utf-8")
    told = run(tmp_path, "check", ".", GITHUB_ACTIONS="").stdout.decode()
    assert "##[x]" in told


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("::error::x", ": :error::x"),
        (" \t::error::x", ": :error::x"),
        ("a ::error::x", "a ::error::x"),
        ("a ##[error]x ##[", "a ## [error]x ## ["),
        ("## [", "## ["),
    ],
)
def test_a_line_is_made_no_command(line: str, shown: str) -> None:
    assert no_command(line) == shown


@pytest.mark.parametrize(
    "name",
    ["a b.zone", 'a"b\\c.zone', f"{ESCAPE}.zone", f"{C1}{TURNED}.zone", "a\nb.zone", "ü.zone"],
    ids=["blank", "quote", "escape", "turned", "line", "letters"],
)
@pytest.mark.parametrize("tool", [("git", "apply"), ("patch", "-p1", "-s", "-i")])
def test_a_diff_of_any_file_name_can_be_applied(
    tmp_path: Path, name: str, tool: tuple[str, ...]
) -> None:
    if shutil.which(tool[0]) is None:
        pytest.skip(f"{tool[0]} is not installed")
    path = tmp_path / name
    zone = '$ORIGIN example.com.\n$TTL 60\n@ SOA a b 1 2 3 4 5\n@ TXT "v=spf1 mx mx -all"\n'
    path.write_text(zone)
    made = run(tmp_path, "check", "--fix", "--diff", ".").stdout
    (tmp_path / "made.diff").write_bytes(made)
    assert STEERING.search(made.decode().replace("\t", "")) is None
    subprocess.run([*tool, "made.diff"], cwd=tmp_path, check=True, capture_output=True)
    assert '"v=spf1 mx -all"' in path.read_text()


# -- files -----------------------------------------------------------------------------------------


def repository(folder: Path) -> Path:
    """A repository whose Git configuration holds a token, as a CI system's checkout has it."""
    subprocess.run(["git", "init", "-q", folder], check=True, capture_output=True)
    config = folder / ".git" / "config"
    config.write_text(f"{config.read_text()}[http]\n\textraheader = AUTHORIZATION: basic token\n")
    return folder


@pytest.mark.parametrize("format", ["text", "sarif"])
def test_what_git_keeps_for_itself_is_not_read(tmp_path: Path, format: str) -> None:
    folder = repository(tmp_path)
    zones = folder / "zones"
    zones.mkdir()
    head = "$ORIGIN example.com.\n$TTL 60\n@ SOA a b 1 2 3 4 5\n"
    (zones / "included.zone").write_text(f"{head}$INCLUDE ../.git/config\n")
    (zones / "alone.zone").write_text("$ORIGIN example.net.\n$TTL 60\n$INCLUDE .git/config\n")
    (zones / "linked.zone").symlink_to("../.git/config")
    (zones / "folder").symlink_to("../.git")
    (zones / "deep.zone").write_text(f"{head}$INCLUDE folder/config\n")
    (zones / "example.org.yaml").write_text("'': !include ../.git/config\n")
    done = run(folder, "check", "--format", format, "zones", ".git/config")
    told = (done.stdout + done.stderr).decode()
    assert done.returncode == 2
    assert "AUTHORIZATION" not in told
    assert told.count("This belongs to the version control system and") >= 5
    assert "Traceback" not in told


def test_a_zone_whose_only_file_is_missing_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "a.zone").write_text("$ORIGIN example.com.\n$TTL 60\n$INCLUDE nowhere\n")
    told = run(tmp_path, "check", "a.zone").stdout.decode()
    assert "There is no file `nowhere` to include" in told


@pytest.mark.parametrize("device", ["/dev/zero", "pipe"])
@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("zonelint.lock", ("check", "zones")),
        ("zonelint.lock", ("lock", "--check")),
        ("zonelint.lock", ("check", "zones", "--against", ".")),
        ("other.lock", ("check", "zones")),
        ("zonelint.toml", ("check", "zones", "--config", "zonelint.toml")),
        ("base.json", ("check", "zones", "--baseline", "base.json")),
        ("plan.json", ("check", "plan.json")),
        ("example.org.yaml", ("check", "example.org.yaml")),
        ("policy.txt", ("check", "zones")),
        ("reports.xml", ("reports", "reports.xml")),
        ("zonelint.toml", ("check", "zones")),
        ("zonelint.toml", ("init", "zones", "--force")),
        ("zonelint-baseline.json", ("check", "zones")),
        ("bounce.eml", ("triage", "bounce.eml")),
        ("report.json", ("check", "zones", "--format", "json", "--output", "report.json")),
        ("a.diff", ("check", "zones", "--diff", "--output", "a.diff")),
        ("reports.csv", ("reports", "read.xml", "--output", "reports.csv")),
    ],
)
def test_a_link_to_what_never_ends_neither_hangs_nor_fills_the_memory(
    tmp_path: Path, device: str, name: str, arguments: tuple[str, ...]
) -> None:
    zones = tmp_path / "zones"
    zones.mkdir()
    (zones / "a.zone").write_text(
        '$ORIGIN example.com.\n$TTL 3600\n@ SOA a b 1 2 3 4 5\n_mta-sts TXT "v=STSv1; id=1"\n'
    )
    if device == "pipe":
        os.mkfifo(tmp_path / "pipe")
    config = 'lock = "other.lock"\n' if name == "other.lock" else ""
    config += '[domains."example.com"]\nmta-sts = { policy = "policy.txt" }\n'
    if name != "zonelint.toml":
        (tmp_path / "zonelint.toml").write_text(config)
    if name != "policy.txt":
        (tmp_path / "policy.txt").write_text("version: STSv1\nmode: testing\nmax_age: 86400\n")
    (tmp_path / "read.xml").write_bytes(report_xml())
    (tmp_path / name).symlink_to(device)
    limited = 'ulimit -v 2000000; exec timeout 30 "$@"'
    done = subprocess.run(
        ["bash", "-c", limited, "-", *COMMAND, *arguments],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == 2, done.stdout + done.stderr
    assert name in done.stderr


NO_NETWORK = """
import socket, sys
def refused(*_):
    sys.exit("the network was asked")
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refused
socket.getaddrinfo = refused
from zonelint.main import main
sys.argv[0] = "zonelint"
main()
"""


@pytest.mark.parametrize(
    "words",
    [
        ["check", "."],
        ["check", "--fix", "--fix-proposed", "ALL", "."],
        ["status"],
        ["spf", "example.com"],
        ["propose"],
        ["init", "--stdout"],
    ],
    ids=" ".join,
)
def test_nothing_asks_the_network_unasked(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "example.com.zone").write_text(
        "$ORIGIN example.com.\n$TTL 3600\n@ SOA a b 1 2 3 4 5\n@ MX 10 mx.example.net.\n"
        '@ TXT "v=spf1 include:_spf.example.net mx -all"\n'
        '_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.org"\n'
    )
    done = subprocess.run(
        [sys.executable, "-c", NO_NETWORK, *words],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "the network was asked" not in done.stderr
    assert done.stdout or done.stderr


def test_every_promise_names_tests_that_are_there() -> None:
    root = Path(__file__).resolve().parents[1]
    text = (root / "SECURITY.md").read_text("utf-8")
    table = text.partition("## What zonelint promises")[2].partition("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| **")]
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r"`(tests/[^`]*)`", row)
        assert named, row
        for name in named:
            assert "def test_" in (root / name).read_text("utf-8"), name
