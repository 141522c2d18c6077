"""Every bound on hostile input, one by one: it is reached, it is told, and the rest goes on.

A bound that is large is made small for its test, unless a sparse file reaches it. Bounds that the
tests of a module reach by themselves are not here: faults of a zone and $GENERATE
(tests/grammars/test_masterfile.py), YAML's depth and aliases (tests/providers/octodns), gzip, zip
and XML (tests/providers/test_reports.py), seconds of a run (tests/providers/test_dns.py), bounces
(tests/lint/test_triage.py), rounds of fixing (tests/lint/test_fixing_ends.py), the limits of SPF
itself (tests/rules/test_openspf.py).
"""

from __future__ import annotations

import asyncio
import datetime
import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dns_server import DnsServer
from tests.providers.test_zonefile import read_paths
from zonelint.grammars.masterfile import generate, noqa
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.grammars.masterfile import tokens as masterfile_tokens
from zonelint.grammars.masterfile.reader import MasterZone, read
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.tags import sts_policy
from zonelint.providers import lock as locking
from zonelint.providers.dns import Limits, Resolver, parse_server
from zonelint.providers.lock import Refresh, collect
from zonelint.providers.octodns.yaml import document as yamldocument
from zonelint.providers.octodns.yaml import zone as yamlzone
from zonelint.providers.octodns.yaml.document import YamlFault
from zonelint.providers.octodns.yaml.record import EntrySettings
from zonelint.providers.project import commit as gitfiles
from zonelint.providers.project.configuration import read as read_config
from zonelint.providers.project.configuration import read_baseline, read_lock
from zonelint.providers.project.reading import read_plan
from zonelint.providers.project.refused import ConfigRefused
from zonelint.providers.reports.problem import ReportLimits
from zonelint.providers.reports.reader import ReportProblemKind
from zonelint.providers.reports.reader import read as read_reports
from zonelint.providers.resources.plans import LARGEST_PLAN, PlanError
from zonelint.providers.zonefile import reader as zonefile
from zonelint.rules.config.intent import ConfigError, load
from zonelint.rules.context import Context
from zonelint.rules.core import change, registry
from zonelint.rules.core.engine import Engine
from zonelint.rules.mail import lookups, networks, proof
from zonelint.rules.model.answers import LONGEST_CHAIN, Status
from zonelint.rules.model.lock import LockError
from zonelint.rules.model.lock import parse as parse_lock

TODAY = datetime.date(2026, 11, 20)
ORIGIN = "example.com."
HEAD = "$ORIGIN example.com.\n$TTL 3600\n"


def zone_of(text: str, include: Callable[[str, str], tuple[str, str]] | None = None) -> MasterZone:
    return read(HEAD + text, "x.zone", ORIGIN, include=include)


def messages(zone: MasterZone) -> list[str]:
    return [fault.message for fault in zone.faults]


def sparse(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        file.write(b"x")
        file.truncate(size)
    return path


# -- zone files ------------------------------------------------------------------------------------


def test_a_zone_file_of_more_than_512_mib_is_not_read(tmp_path: Path) -> None:
    path = sparse(tmp_path / "example.com.zone", zonefile.LARGEST_FILE + 1)
    zones, errors = read_paths([str(path)])
    assert zones == []
    assert [error.message for error in errors] == [
        "This file is larger than 512 MiB, too large to check."
    ]


def test_standard_input_has_the_same_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zonefile, "LARGEST_FILE", 1 << 20)
    found = zonefile.read_stream(io.BytesIO(b"a A 192.0.2.1\n" * 100_000), origin=ORIGIN)
    assert isinstance(found, zonefile.ReadError)
    assert "larger than 1 MiB" in found.message


def test_a_record_of_more_than_a_million_characters_is_a_fault_and_the_rest_is_read() -> None:
    long = "( " + "x\n" * (masterfile_tokens.LONGEST_LINE // 2 + 10) + ")"
    zone = zone_of(f"a TXT {long}\nok A 192.0.2.1\n")
    assert any("parenthesis" in message for message in messages(zone))
    assert zone.get("ok.example.com.", "A") is not None


def test_parentheses_that_never_close_are_read_twice_only_so_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(masterfile, "MOST_RESCANNED", 500)
    zone = zone_of("a TXT ( x\nb A 192.0.2.1\n" * 60 + "ok A 192.0.2.1\n")
    assert sum("parenthesis" in message for message in messages(zone)) == 60
    assert len(zone.get("b.example.com.", "A") or ()) == 60
    assert zone.get("ok.example.com.", "A") is not None


def test_rdata_of_more_than_65535_octets_is_a_fault() -> None:
    strings = " ".join([f'"{"x" * 255}"'] * 256)
    zone = zone_of(f"a TXT {strings}\nb TXT {strings[: -258 * 2]}\n")
    assert len(zone.faults) == 1
    assert zone.faults[0].owner == "a.example.com."
    assert zone.get("b.example.com.", "TXT") is not None


@pytest.mark.parametrize(
    "owner", ["a" * 64, ".".join(["a" * 60] * 4) + ".b" * 10], ids=["label", "name"]
)
def test_labels_of_63_and_names_of_255_octets_are_the_end(owner: str) -> None:
    zone = zone_of(f"{owner} A 192.0.2.1\nok A 192.0.2.1\n")
    assert len(zone.faults) == 1
    assert zone.records == 1


@pytest.mark.parametrize(
    "directive",
    [
        f"$GENERATE 0-{generate.LARGEST_RANGE} a$ A 192.0.2.1",
        "$GENERATE 0-99999999999999999999 a$ A 192.0.2.1",
        f"$GENERATE 0-1 a${{0,{generate.WIDEST + 1},d}} A 192.0.2.1",
    ],
    ids=["range", "number", "width"],
)
def test_a_generate_directive_is_bounded(directive: str) -> None:
    zone = zone_of(f"{directive}\nok A 192.0.2.1\n")
    assert len(zone.faults) == 1
    assert zone.records == 1
    assert not zone.complete


def test_all_that_is_included_together_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    def include(including: str, name: str) -> tuple[str, str]:
        return name, "a A 192.0.2.1\n" * 10

    often = zone_of("".join(f"$INCLUDE f{n}\n" for n in range(1005)), include)
    assert len(often.included) == masterfile.MOST_INCLUDES
    assert len(often.faults) == 5
    assert not often.complete
    monkeypatch.setattr(masterfile, "MOST_INCLUDED", 1000)
    much = zone_of("$INCLUDE f\n" * 10, include)
    assert much.records == 70
    assert len(much.faults) == 3
    assert "includes too much" in much.faults[0].message


def test_files_that_are_included_again_and_again_are_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def include(including: str, name: str) -> tuple[str, str]:
        return name, "a A 192.0.2.1\n" * 10

    monkeypatch.setattr(masterfile, "MOST_REPEATED", 1000)
    often = zone_of("$INCLUDE f\n" * 20, include)
    assert often.records == 80
    assert len(often.faults) == 12
    assert not often.complete
    each_once = zone_of("".join(f"$INCLUDE f{n}\n" for n in range(20)), include)
    assert (each_once.records, each_once.faults) == (200, [])


def test_an_include_outside_the_repository_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a TXT secret\n")
    inside = tmp_path / "repository"
    inside.mkdir()
    (inside / ".git").mkdir()
    (inside / "link").symlink_to(tmp_path / "secret")
    for name in ("../secret", str(tmp_path / "secret"), "link"):
        path = inside / "example.com.zone"
        path.write_text(f"{HEAD}$INCLUDE {name}\n@ A 192.0.2.1\n")
        zones, errors = read_paths([str(path)])
        assert errors == []
        assert ["outside the repository" in f.message for f in zones[0].faults] == [True]
        assert zones[0].records == 1
        assert not zones[0].complete


def test_only_so_many_comments_can_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noqa, "MOST_SUPPRESSIONS", 5)
    assert len(zone_of("a A 192.0.2.1 ; noqa\n" * 9).suppressions) == 5


def test_a_device_is_no_zone_file() -> None:
    zones, errors = read_paths(["/dev/zero"])
    assert zones == []
    assert "not a regular file" in errors[0].message


# -- octoDNS ---------------------------------------------------------------------------------------


def yaml_fault(text: str, include: Callable[[str, str], tuple[str, str]] | None = None) -> str:
    """The message of the fault that reading the zone ends with, or else of its first one."""

    def nothing(including: str, name: str) -> tuple[str, str]:
        raise YamlFault("There is no such file.", "Write another name.")

    try:
        zone = yamlzone.read(
            ORIGIN, [(SourceText("x.yaml", text), EntrySettings())], include or nothing
        )
    except YamlFault as fault:
        return fault.message
    return next((fault.message for fault in zone.faults), "")


def test_a_yaml_file_of_too_many_characters_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yamldocument, "LARGEST_FILE", 1 << 20)
    assert "more than 1 million characters" in yaml_fault("# x\n" * (1 << 19))


def test_a_zone_may_include_only_so_many_yaml_files() -> None:
    listed = "".join(f"a{n}: !include f{n}.yaml\n" for n in range(yamldocument.MOST_INCLUDES + 2))
    message = yaml_fault(listed, lambda _, name: (name, "type: A\nvalue: 192.0.2.1\n"))
    assert f"more than {yamldocument.MOST_INCLUDES} files" in message


def test_yaml_files_that_include_each_other_end() -> None:
    assert yaml_fault("a: !include f\n", lambda _, name: (f"{name}x", f"!include {name}x\n"))
    assert yaml_fault("a: !include f\n", lambda _, name: (name, "!include f\n"))


# -- plans, locks, baselines, configurations -------------------------------------------------------


def test_a_plan_of_more_than_512_mib_is_not_read(tmp_path: Path) -> None:
    path = sparse(tmp_path / "plan.json", LARGEST_PLAN + 1)
    with pytest.raises(PlanError, match="larger than 512 MiB"):
        read_plan(str(path))


@pytest.mark.parametrize(
    "inner", ["[" * 200_000 + "]" * 200_000, '{"a":' * 200_000 + "1" + "}" * 200_000]
)
def test_a_plan_that_is_nested_for_ever_is_refused(inner: str) -> None:
    with pytest.raises(PlanError, match="nested"):
        read_plan("x", f'{{"format_version": "1.2", "resource_changes": {inner}}}'.encode())


def test_a_lock_of_more_than_32_mib_is_not_read(tmp_path: Path) -> None:
    path = sparse(tmp_path / "zonelint.lock", (32 << 20) + 1)
    with pytest.raises(ConfigRefused, match="too large to be read"):
        read_lock(path)


@pytest.mark.parametrize("value", ["[" * 5000 + "]" * 5000, "9" * 5000], ids=["depth", "digits"])
def test_a_lock_holds_no_endless_value(value: str) -> None:
    with pytest.raises(LockError, match=r"nested too deeply|thousands of digits"):
        parse_lock(f"version = 1\na = {value}\n", complete=False)


def test_a_baseline_is_bounded_in_size_and_depth(tmp_path: Path) -> None:
    path = sparse(tmp_path / "baseline.json", (64 << 20) + 1)
    with pytest.raises(ConfigRefused, match="too large to be read"):
        read_baseline(path)
    path.write_text('{"version": 1, "findings": ' + "[" * 200_000 + "]" * 200_000 + "}")
    with pytest.raises(ConfigRefused, match="nested too deeply"):
        read_baseline(path)
    path.write_text(f'{{"version": {"9" * 5000}}}')
    with pytest.raises(ConfigRefused, match="thousands of digits"):
        read_baseline(path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("# x\n" * 80_000, "longer than"),
        ("a" + ".a" * 3000 + " = 1\n", "dots in one line"),
        ("a = " + "[" * 5000 + "]" * 5000 + "\n", "nested"),
        ("a = " + "{a=" * 5000 + "1" + "}" * 5000 + "\n", "nested"),
        ("a = " + "9" * 5000 + "\n", "thousands of digits"),
    ],
    ids=["characters", "dots", "lists", "tables", "digits"],
)
def test_a_configuration_is_bounded(text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        load(text, "zonelint.toml")


def test_a_huge_file_is_no_configuration(tmp_path: Path) -> None:
    path = sparse(tmp_path / "zonelint.toml", 1 << 40)
    with pytest.raises(ConfigRefused, match="too large to be read"):
        read_config(path)


def test_a_pattern_has_only_so_many_folders_of_any_depth(tmp_path: Path) -> None:
    config = tmp_path / "zonelint.toml"
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.zone").touch()
    config.write_text('zones = ["**/a/**/*.zone"]\n')
    assert len(read_config(config).zone_paths()) == 1
    config.write_text(f'zones = ["{"**/" * 16}*.zone"]\n')
    with pytest.raises(ConfigRefused, match=r"has \*\* more than 2 times"):
        read_config(config).zone_paths()


def test_of_an_mta_sts_policy_only_the_beginning_is_read() -> None:
    policy = sts_policy.parse("version: STSv1\n" + "x: y\n" * 100_000 + "mode: enforce\n")
    assert policy.mode is None
    assert len(policy.entries) < 64 * 1024 / 5


def test_the_files_of_a_revision_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for command in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "a"),
    ):
        (tmp_path / "a.zone").write_text(f"{HEAD}a A 192.0.2.1\n")
        subprocess.run(["git", *command], cwd=tmp_path, check=True, capture_output=True)
    commit = gitfiles.commit("HEAD", tmp_path)
    assert commit is not None
    path = tmp_path / "a.zone"
    assert commit.read(path, 1 << 20) == path.read_bytes()
    monkeypatch.setattr(gitfiles, "MOST_OCTETS", 20)
    with pytest.raises(gitfiles.GitRefused, match="together"):
        commit.read(path, 1 << 20)


# -- reports ---------------------------------------------------------------------------------------


def test_a_mailbox_and_a_mail_in_it_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    path.write_bytes(b"From a@b\n" + b"x" * 3000 + b"\n\nFrom c@d\nSubject: x\n\nhello\n")
    whole = read_reports([path], limits=ReportLimits(mbox_size=1000))
    assert [problem.kind for problem in whole.problems] == [ReportProblemKind.TOO_LARGE]
    one = read_reports([path], limits=ReportLimits(file_size=1000))
    assert [(p.kind, p.members) for p in one.problems] == [
        (ReportProblemKind.TOO_LARGE, ("mail 1",))
    ]


# -- DNS -------------------------------------------------------------------------------------------


def ring(size: int, term: str, terms: int) -> str:
    """SPF records that lead to one another, the last ones to the first."""
    lines = []
    for number in range(size):
        targets = ((number * 7 + each + 1) % size for each in range(terms))
        lines.append(f's{number} TXT "v=spf1 {" ".join(map(term.format, targets))}"\n')
    return "".join(lines)


def collected(world: dict[str, str], zone: str, limits: Limits, *silent: str) -> locking.Collected:
    with DnsServer(world) as server:
        server.silent.update(silent)
        context = Context([zone_of(zone)])
        resolver = Resolver((parse_server(server.address),), limits)
        return asyncio.run(collect(context, resolver, refresh=Refresh(True), today=TODAY))


def test_a_chain_of_aliases_ends() -> None:
    links = "".join(f"a{n} CNAME a{n + 1}\n" for n in range(LONGEST_CHAIN + 3)) + "z TXT x\n"
    context = Context([zone_of(links + f"a{LONGEST_CHAIN + 3} TXT far\n")])
    near = context.answers.ask("a10.example.com.", "TXT")
    assert near.status is Status.RECORDS
    far = context.answers.ask("a0.example.com.", "TXT")
    assert far.status is not Status.RECORDS


def test_a_resolver_that_never_answers_costs_its_tries_and_is_told() -> None:
    made = collected(
        {"vendor.example.": '_spf 300 IN TXT "v=spf1 -all"\n'},
        '@ TXT "v=spf1 include:_spf.vendor.example -all"\n',
        Limits(one_try=0.05, tries=2, whole_run=20),
        "_spf.vendor.example",
    )
    assert [(name, status) for name, _, status in made.failed] == [
        ("_spf.vendor.example.", Status.TIMEOUT)
    ]


def test_a_run_asks_only_so_many_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locking, "MOST_QUESTIONS", 5)
    wide = " ".join(f"include:s{n}.vendor.example" for n in range(20))
    made = collected(
        {"vendor.example.": "".join(f'{f"s{n}"} 300 IN TXT "v=spf1 -all"\n' for n in range(20))},
        f'@ TXT "v=spf1 {wide[:240]}" "{wide[240:]} -all"\n',
        Limits(whole_run=20),
    )
    assert made.answered <= 6
    assert len(made.unasked) >= 14
    assert all(made.lock.look(name, type) is None for name, type in made.unasked)


def test_exchanges_take_no_room_from_what_spf_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locking, "MOST_QUESTIONS", 4)
    spf = '_spf TXT "v=spf1 include:a.vendor.example -all"\na TXT "v=spf1 -all"\n'
    hosts = "".join(f"@ MX 10 mx{n}.vendor.example.\n" for n in range(20))
    made = collected(
        {"vendor.example.": spf.replace(" TXT", " 300 IN TXT")},
        f'{hosts}@ TXT "v=spf1 include:_spf.vendor.example -all"\n',
        Limits(whole_run=20),
    )
    assert {"_spf.vendor.example.", "a.vendor.example."} <= made.lock.entries.keys()
    assert all(name.startswith("mx") for name, _ in made.unasked)
    assert made.unasked


def test_of_a_tree_only_so_many_terms_are_looked_at() -> None:
    wide = ring(lookups.MOST_WALKED + 50, "include:s{}.example.com", 4)
    tree = lookups.tree("s0.example.com.", Context([zone_of(wide)]))
    walked = sum(1 for _ in tree.walk())
    assert lookups.MOST_WALKED <= walked <= lookups.MOST_WALKED + lookups.LIMIT + 1
    assert tree.lookups > lookups.MOST_WALKED


# -- meaning ---------------------------------------------------------------------------------------


def test_the_map_of_a_tree_with_very_many_lookups_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(networks, "_MOST_LOOKUPS", 20)
    for number in (20, 21):
        hosts = "".join(f"h{n} A 192.0.2.{n}\n" for n in range(number))
        terms = " ".join(f'"a:h{n}.example.com "' for n in range(number))
        context = Context([zone_of(f'@ TXT "v=spf1 " {terms} "-all"\n{hosts}')])
        if number == 20:
            assert networks.of(ORIGIN, context).ip4 is not None
            continue
        with pytest.raises(networks.TooManyNetworks):
            networks.of(ORIGIN, context)


def test_the_map_of_a_record_with_very_many_questions_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(networks, "_MOST_QUESTIONS", 5)
    for number in (5, 6):
        terms = " ".join(f'"exists:%{{i}}.e{n}.example.net "' for n in range(number))
        context = Context([zone_of(f'@ TXT "v=spf1 " {terms} "-all"\n')])
        if number == 5:
            assert networks.of(ORIGIN, context).ip4 is not None
            continue
        with pytest.raises(networks.TooManyNetworks):
            networks.of(ORIGIN, context)


def test_the_map_of_a_record_with_very_many_networks_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(networks, "_MOST_INTERVALS", 50)
    terms = [f"ip4:10.{n}.0.0/24" for n in range(60)]
    text = " ".join(f'"{term} "' for term in terms)
    context = Context([zone_of(f'@ TXT "v=spf1 " {text} "exists:%{{i}}.example.com -all"\n')])
    with pytest.raises(networks.TooManyNetworks):
        networks.of(ORIGIN, context)


@pytest.mark.parametrize(
    ("owner", "start", "code"),
    [("@", "v=spf1 ip4:192.0.2.", "SPF002"), ("_dmarc", "v=DMARC1; p=none; x=", "DMARC002")],
)
def test_only_so_many_records_are_merged(owner: str, start: str, code: str) -> None:
    engine = Engine(each for each in registry.rules() if each.code == code)
    for number in (change.MOST_MERGED, change.MOST_MERGED + 1):
        text = "".join(f'{owner} TXT "{start}{n}"\n' for n in range(number))
        found = engine.run(Context([zone_of(text)])).findings
        assert len(found) == number - 1
        proposed = [each for each in found if each.change is not None]
        assert len(proposed) == (number - 1 if number == change.MOST_MERGED else 0)


def test_a_fix_among_very_many_records_is_no_safe_one() -> None:
    engine = Engine(each for each in registry.rules() if each.code == "ZONE005")
    for number, safe in ((proof.MOST_RECORDS, True), (proof.MOST_RECORDS + 1, False)):
        others = "".join(f"@ TXT {n}\n" for n in range(number - 2))
        found = engine.run(Context([zone_of(f"{others}@ TXT x\n@ TXT x\n")])).findings
        assert [each.change is not None and each.change.safe for each in found] == [safe]
