"""A run that is divided among processes says the same as one that is not, and ends well."""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zonelint import rules
from zonelint.main import zonelint
from zonelint.rules.core.engine import Engine
from zonelint.rules.model.facts import Fact, all_facts
from zonelint.rules.model.repository import Repository
from zonelint.run import judging, shares, workers

KEY = (
    "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1"
    "fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfV"
    "jH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB"
)

Line = Callable[[random.Random, int, int], str]


def _other(draw: random.Random, zones: int) -> str:
    return f"z{draw.randrange(zones)}.example."


# What the zones below say; most lines lead to another zone of the run, or are told of all zones.
LINES: tuple[Line, ...] = (
    lambda d, n, z: f"@ MX 10 mail.{_other(d, z)}",
    lambda d, n, z: f"@ MX 20 alias.{_other(d, z)}",
    lambda d, n, z: f'@ TXT "v=spf1 include:{_other(d, z)} mx:{_other(d, z)} -all"',
    lambda d, n, z: f'@ TXT "v=spf1 a:mail.{_other(d, z)} redirect={_other(d, z)}"',
    lambda d, n, z: '@ TXT "v=spf1 ip4:192.0.2.1 ?all" ; noqa: SPF202, SPF209, SPF999',
    lambda d, n, z: "mail A 20.40.0.1",
    lambda d, n, z: f"alias CNAME mail.{_other(d, z)}",
    lambda d, n, z: f'k{n}._domainkey TXT ( "{KEY[:200]}" "{KEY[200:]}" )',
    lambda d, n, z: f"k{n}._domainkey CNAME k{d.randrange(z)}._domainkey.{_other(d, z)}",
    lambda d, n, z: '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@reports.example"',
    lambda d, n, z: f'_dmarc TXT "v=DMARC1; p=none; rua=mailto:a@{_other(d, z)[:-1]}"',
    lambda d, n, z: f"_dmarc CNAME _dmarc.{_other(d, z)}",
    lambda d, n, z: f'_dmarc TXT "v=DMARC1; p=quarentine" ; noqa: DMARC00{d.randrange(1, 9)}',
    lambda d, n, z: "_25._tcp.mail TLSA 3 1 1 " + "ab" * 32,
    lambda d, n, z: '_mta-sts TXT "v=STSv1; id=1"',
    lambda d, n, z: f"mta-sts CNAME policy.{_other(d, z)}",
    lambda d, n, z: "this is no record",
    lambda d, n, z: "$INCLUDE common.inc",
    lambda d, n, z: f"sub{n} NS ns.{_other(d, z)}",
)


def write(folder: Path, zones: int, seed: int, least: int = 2, most: int = 6) -> Path:
    """So many zones that lead to each other, drawn by the seed."""
    draw = random.Random(seed)
    folder.mkdir(parents=True)
    (folder / "common.inc").write_text('info TXT "v=spf1 -all"\n*._domainkey TXT "v=DKIM1; p="\n')
    for number in range(zones):
        lines = draw.sample(range(len(LINES)), draw.randint(least, most))
        text = (
            "$TTL 1h\n@ SOA ns.example.net. host.example.net. 1 4h 1h 2w 1h\n@ NS ns.example.net.\n"
        )
        text += "".join(f"{LINES[each](draw, number, zones)}\n" for each in sorted(lines))
        (folder / f"z{number}.example.zone").write_text(text)
    return folder


def run(folder: Path, jobs: int, *arguments: str) -> Result:
    return CliRunner().invoke(zonelint, ["check", str(folder), "--jobs", str(jobs), *arguments])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Divide small runs as well."""
    monkeypatch.setattr(workers, "LEAST", 0)


@pytest.fixture
def divided(monkeypatch: pytest.MonkeyPatch, small: None) -> list[bool]:
    """Tells of each run that could be divided whether it was."""
    seen: list[bool] = []
    judged = workers.judged

    def spied(*arguments: object) -> object:
        answer = judged(*arguments)  # type: ignore[arg-type]
        seen.append(answer is not None)
        return answer

    monkeypatch.setattr(workers, "judged", spied)
    return seen


OTHER_FORMATS = ("text", "github", "gitlab", "junit", "markdown", "sarif")


@pytest.fixture(scope="module")
def zones_of_60(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write(tmp_path_factory.mktemp("60") / "zones", 60, seed=3)
    (folder / "binary.zone").write_bytes(b"\x7fELF\0\0\0")
    (folder / "empty.zone").touch()
    (folder / "orphan.db").write_text("@ A 192.0.2.1\n")
    return folder


@pytest.mark.parametrize(
    ("format_", "several"), [("json", (2, 3, 7)), *((each, (2,)) for each in OTHER_FORMATS)]
)
def test_every_format_says_the_same(
    zones_of_60: Path, divided: list[bool], format_: str, several: tuple[int, ...]
) -> None:
    whole = run(zones_of_60, 1, "--format", format_)
    assert whole.exit_code == 2
    for jobs in several:
        parts = run(zones_of_60, jobs, "--format", format_)
        assert parts.stdout == whole.stdout
        assert parts.stderr == whole.stderr
        assert parts.exit_code == whole.exit_code
    assert divided == ([] if format_ == "sarif" else [True] * len(several))


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10**9), zones=st.integers(2, 12), jobs=st.integers(2, 4))
def test_any_zones_are_judged_the_same(
    tmp_path_factory: pytest.TempPathFactory, small: None, seed: int, zones: int, jobs: int
) -> None:
    folder = write(tmp_path_factory.mktemp("run") / "zones", zones, seed, most=len(LINES))
    whole, parts = (run(folder, each, "--format", "json") for each in (1, jobs))
    assert parts.stdout == whole.stdout
    assert parts.stderr == whole.stderr


def test_octodns_zones_are_judged_the_same(tmp_path: Path, divided: list[bool]) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    for number in range(40):
        (folder / f"z{number}.example.yaml").write_text(
            "? ''\n"
            ": - type: MX\n"
            f"    value: {{exchange: mail.z{number * 7 % 40}.example., preference: 10}}\n"
            "  - type: TXT\n"
            f"    value: v=spf1 include:z{number * 3 % 50}.example ?all  # noqa: SPF202\n"
            "mail: {type: CNAME, value: other.example.net.}\n"
        )
    (folder / "broken.example.yaml").write_text("mail:\n  type: A\n  value: [\n")
    whole, parts = (run(folder, jobs, "--format", "json") for jobs in (1, 2))
    assert "MX002" in whole.stdout
    assert parts.stdout == whole.stdout
    assert parts.stderr == whole.stderr
    assert whole.stderr.count("\n") == 1
    assert divided == [True]


def test_declared_domains_are_known_to_stand_in_a_zone(
    tmp_path: Path, divided: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "zones", 9, seed=6)
    monkeypatch.chdir(tmp_path)
    Path("zonelint.toml").write_text(
        'zones = ["zones/*.zone"]\n'
        '[domains."z8.example"]\nspf = "final"\n[domains."z7.exampel"]\nspf = "final"\n'
    )
    whole, parts = (CliRunner().invoke(zonelint, ["check", "--jobs", jobs]) for jobs in "12")
    assert whole.stderr.count("\n") == 1
    assert 'did you mean "z7.example"' in whole.stderr
    assert parts.stderr == whole.stderr
    assert parts.stdout == whole.stdout
    assert divided == [True]


def test_what_stands_in_another_part_is_asked_there(tmp_path: Path, divided: list[bool]) -> None:
    folder = tmp_path / "zones"
    folder.mkdir()
    (folder / "a.example.zone").write_text(
        '$TTL 1h\n@ SOA a. b. 1 4h 1h 2w 1h\n@ TXT "v=spf1 include:b.example -all"\n'
    )
    (folder / "b.example.zone").write_text("$TTL 1h\n@ SOA a. b. 1 4h 1h 2w 1h\n@ A 20.40.0.1\n")
    result = run(folder, 2, "--select", "SPF106")
    assert "SPF106" in result.stdout  # b.example has no SPF record, and only its own zone knows
    assert divided == [True]


@pytest.mark.parametrize(
    "zones",
    [
        {"a.example": "include:b.example", "b.example": "include:a.example"},
        {"a.example": "include:a.example", "b.example": "mx"},
    ],
)
def test_a_circle_through_zones_is_told_by_each(
    tmp_path: Path, divided: list[bool], zones: dict[str, str]
) -> None:
    folder = tmp_path / "zones"
    folder.mkdir()
    for origin, terms in zones.items():
        text = f'$TTL 1h\n@ SOA a. b. 1 4h 1h 2w 1h\n@ TXT "v=spf1 {terms} -all"\n'
        (folder / f"{origin}.zone").write_text(text)
    whole, parts = (run(folder, jobs, "--select", "SPF105") for jobs in (1, 2))
    assert "SPF105" in whole.stdout
    assert parts.stdout == whole.stdout
    assert divided == [True]


def test_a_zone_in_several_files_is_read_by_one_process(
    tmp_path: Path, divided: list[bool]
) -> None:
    folder = tmp_path / "zones"
    folder.mkdir()
    (folder / "a.example.zone").write_text(
        "$TTL 1h\n@ SOA a. b. 1 4h 1h 2w 1h\n$INCLUDE b.example.zone\n"
    )
    (folder / "b.example.zone").write_text('$ORIGIN b.example.\n@ TXT "v=spf1 +all"\n')
    whole, parts = (run(folder, jobs) for jobs in (1, 2))
    assert parts.stdout == whole.stdout
    assert divided == [False]


@pytest.mark.parametrize("name", ["main.tf", "stack.yaml"])
def test_programs_beside_zone_files_are_judged_as_well(
    tmp_path: Path, divided: list[bool], name: str
) -> None:
    folder = write(tmp_path / "zones", 4, seed=1)
    records = {
        "main.tf": """
            resource "aws_route53_record" "spf" {
              zone_id = "Z1"
              name    = "example.com"
              type    = "TXT"
              records = ["v=spf1 +all"]
            }
            """,
        "stack.yaml": """
            Resources:
              Spf:
                Type: AWS::Route53::RecordSet
                Properties:
                  HostedZoneId: Z1
                  Name: example.com.
                  Type: TXT
                  ResourceRecords: ['"v=spf1 +all"']
            """,
    }
    (folder / name).write_text(textwrap.dedent(records[name]))
    whole, parts = (run(folder, jobs, "--select", "SPF201") for jobs in (1, 2))
    assert name in whole.stdout
    assert parts.stdout == whole.stdout
    assert divided == [False]


def test_few_octets_are_not_worth_a_process(tmp_path: Path) -> None:
    seen: list[object] = []
    folder = write(tmp_path / "zones", 3, seed=1)
    audit = seen.append
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers._Run, "result", audit)
        assert run(folder, 2).exit_code == 1
    assert not seen


def test_the_parts_have_about_as_much_to_do(tmp_path: Path, small: None) -> None:
    from zonelint.providers.project.project import Project

    folder = write(tmp_path / "zones", 100, seed=2)
    work = workers._Work(Project().listed([str(folder)]))
    for jobs in (2, 3, 5):
        parts = work.divided(jobs)
        assert [number for part in parts for number in part] == list(range(len(work.items)))
        sizes = [sum(workers._size(work.items[number]) for number in part) for part in parts]
        assert len(sizes) == jobs
        assert max(sizes) < 1.2 * min(sizes)


def test_every_fact_is_gathered() -> None:
    found = set()
    for module in pkgutil.walk_packages(rules.__path__, f"{rules.__name__}."):
        if not module.name.endswith("__main__"):
            members = vars(importlib.import_module(module.name)).values()
            found |= {member for member in members if isinstance(member, Fact)}
    assert found == set(all_facts())
    assert len({fact.name for fact in found}) == len(found) > 0


def test_facts_of_a_rule_package_are_gathered(tmp_path: Path) -> None:
    """With the example's package, as if it were installed: a selector is taken in other zones."""
    example = Path(__file__).parents[2] / "examples" / "rule-package" / "acme_zonelint.py"
    (tmp_path / example.name).write_text(example.read_text())
    metadata = tmp_path / "acme_zonelint-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[zonelint.rules]\nacme = acme_zonelint\n")
    for name in "abcdef":
        (tmp_path / f"{name}.example.zone").write_text(
            "$TTL 1h\n@ SOA ns.example.net. host.example.net. 1 4h 1h 2w 1h\n"
            "@ NS ns.example.net.\n"
            's1._domainkey TXT "v=DKIM1; p="\n'
        )
    code = """
        from zonelint.main import main
        from zonelint.run import judging, shares, workers

        judged, workers.LEAST = workers.judged, 0

        def told(*given):
            answer = judged(*given)
            print("divided:", answer is not None, file=workers.os.sys.stderr, flush=True)
            return answer

        workers.judged = told
        main()
    """
    said = [
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code), "check", str(tmp_path),
             "--select", "ACME002", "--format", "json", "--jobs", str(jobs)],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            capture_output=True, text=True, check=False,
        )
        for jobs in (1, 2, 3)
    ]  # fmt: skip
    assert [each.stderr for each in said] == ["", "divided: True\n", "divided: True\n"]
    assert said[0].stdout.count('"ACME002"') == 5
    assert {each.stdout for each in said} == {said[0].stdout}


# ---- zones that the run needs itself -----------------------------------------------------------


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Share small runs as well; tells of each that could be shared whether it was."""
    seen: list[bool] = []
    judged = shares.judged

    def spied(engine: Engine, repository: Repository, *given: Any, **wanted: bool) -> object:
        answer = judged(engine, repository, *given, **wanted)
        if len(repository.judged) > 4:
            seen.append(answer is not None)
        return answer

    monkeypatch.setattr(judging, "LEAST_SHARED", 0)
    monkeypatch.setattr(shares, "judged", spied)
    return seen


def changed(folder: Path, seed: int) -> Path:
    """The same zones after a change: other lines in some, one gone, one new, one moved."""
    draw = random.Random(seed)
    for number, path in enumerate(sorted(folder.glob("*.zone"))):
        if number % 3 == 0:
            lines = path.read_text().splitlines()
            del lines[draw.randrange(3, len(lines))]
            more = LINES[draw.randrange(len(LINES))](draw, number, 40)
            path.write_text("\n".join([*lines, more.replace("~all", "+all"), ""]))
    (folder / "z1.example.zone").unlink()
    (folder / "z2.example.zone").rename(folder / "moved-z2.example.zone")
    (folder / "new.example.zone").write_text("$TTL 1h\n@ MX 10 mail.z3.example.\n")
    return folder


@pytest.mark.parametrize("format_", ["json", "sarif"])
@pytest.mark.parametrize("more", [(), ("--all-findings",)])
def test_a_change_is_judged_alike_by_several_processes(
    tmp_path: Path, shared: list[bool], format_: str, more: tuple[str, ...]
) -> None:
    before = write(tmp_path / "before", 40, seed=21)
    after = changed(write(tmp_path / "after", 40, seed=21), seed=22)
    given = ("--against", str(before), "--format", format_, *more)
    whole = run(after, 1, *given)
    assert not shared
    assert whole.exit_code in (1, 2)
    for jobs in (2, 3):
        parts = run(after, jobs, *given)
        assert (parts.stdout, parts.stderr) == (whole.stdout, whole.stderr)
        assert parts.exit_code == whole.exit_code
    assert shared
    assert all(shared)


def test_fixes_are_the_same_by_several_processes(tmp_path: Path, shared: list[bool]) -> None:
    told = []
    for jobs in (1, 2, 3):
        folder = write(tmp_path / f"jobs{jobs}" / "zones", 30, seed=23)
        done = run(folder, jobs, "--fix", "--fix-proposed", "ALL")
        texts = {path.name: path.read_text() for path in sorted(folder.iterdir())}
        told.append((done.stdout.replace(str(folder), ""), done.exit_code, texts))
    assert told[0] == told[1] == told[2]
    assert told[0][2] != {
        path.name: path.read_text()
        for path in sorted(write(tmp_path / "zones", 30, seed=23).iterdir())
    }
    assert shared
    assert all(shared)


def resources(folder: Path) -> Path:
    """Zones that ask one another, in a plan and in source, with a secret and an unknown value."""
    folder.mkdir()
    kind = "aws_route53_record"
    changes, blocks = [], ['variable "host" {}']
    for number in range(12):
        values = {
            "MX": [f"10 mail.z{(number + 1) % 12}.example"],
            "TXT": [f"v=spf1 include:z{(number + 5) % 12}.example ?all"],
        }
        for type_, records in values.items():
            before = {"zone_id": f"Z{number}", "name": f"z{number}.example", "type": type_,
                      "ttl": 300, "records": records}  # fmt: skip
            after = before | {"records": [each.replace("?all", "+all") for each in records]}
            change = {"actions": ["update"], "before": before, "after": after,
                      "before_sensitive": {}, "after_sensitive": {"records": number == 3},
                      "after_unknown": {"records": number == 4}}  # fmt: skip
            changes.append({"address": f"{kind}.{type_}{number}", "mode": "managed", "type": kind,
                            "name": f"{type_}{number}", "change": change})  # fmt: skip
            told = "[var.host]" if number == 5 else json.dumps(records)
            blocks.append(
                f'resource "{kind}" "{type_}{number}" {{\nzone_id = "Y{number}"\n'
                f'name = "y{number}.example"\ntype = "{type_}"\nttl = 300\nrecords = {told}\n}}'
            )
    plan = {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes}
    (folder / "plan.json").write_text(json.dumps(plan))
    (folder / "main.tf").write_text("\n".join(blocks))
    return folder


@pytest.mark.parametrize("name", ["plan.json", "main.tf", "."])
def test_resources_are_judged_alike_by_several_processes(
    tmp_path: Path, shared: list[bool], name: str
) -> None:
    folder = resources(tmp_path / "infra")
    whole, *others = (run(folder / name, jobs, "--format", "json") for jobs in (1, 2, 3))
    assert '"SPF201"' in whole.stdout
    for parts in others:
        assert (parts.stdout, parts.stderr) == (whole.stdout, whole.stderr)
    assert shared
    assert all(shared)


# ---- how processes end -------------------------------------------------------------------------


def test_a_process_that_is_killed_makes_the_run_fail(
    tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = workers._Worker._read

    def killed(worker: workers._Worker) -> object:
        if worker.numbers.start:
            os.kill(os.getpid(), signal.SIGKILL)
        return read(worker)

    monkeypatch.setattr(workers._Worker, "_read", killed)
    result = run(write(tmp_path / "zones", 20, seed=4), 2)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "--jobs 1" in result.stderr


WAITING = """
import sys
from zonelint.main import main
from zonelint.run import judging, shares, workers

door = sys.argv.pop()
workers.LEAST = 0
read = workers._Work.read
workers._Work.read = lambda work, number: (open(door).read(), read(work, number))[1]
sys.exit(main())
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A divided run that cannot end by itself: its processes wait at a door, a named pipe."""
    folder = write(tmp_path / "zones", 20, seed=5, least=8, most=12)
    os.mkfifo(tmp_path / "door")
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING, "check", str(folder), "--jobs", "2", tmp_path / "door"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


needs_proc = pytest.mark.skipif(
    not Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").exists(), reason="no /proc"
)


@needs_proc
def test_no_process_outlives_the_run(running: subprocess.Popen[str]) -> None:
    assert within(60, lambda: len(children(running.pid)) == 2)
    begun = children(running.pid)
    running.kill()  # and the door stays shut
    assert within(60, lambda: all(is_gone(child) for child in begun))


@needs_proc
def test_an_interrupted_run_ends_at_once(running: subprocess.Popen[str]) -> None:
    assert within(60, lambda: len(children(running.pid)) == 2)
    begun = children(running.pid)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does it
    _, stderr = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in stderr
    assert all(is_gone(child) for child in begun)
