"""`zonelint spf` as people run it: with and without an address, from zones and lock."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_regressions.file_regression import FileRegressionFixture

from zonelint.main import zonelint

ZONE = """\
$ORIGIN example.com.
$TTL 3600
@ SOA ns hostmaster 1 7200 900 1209600 300
@ NS ns
ns A 192.0.2.53
@ MX 10 mail
mail A 198.51.100.7
mail AAAA 2001:db8::7
@ TXT ( "v=spf1 mx -ip4:203.0.113.66 include:_spf.vendor.example exists:%{l}.ok.example.com "
        "~all exp=why.example.com" )
why TXT "%{i} may not send as %{d}"
strict TXT "v=spf1 ip4:192.0.2.1 -all exp=why.example.com"
amy.ok A 127.0.0.2
nospf A 192.0.2.9
two TXT "v=spf1 -all"
two TXT "v=spf1 mx -all"
broken TXT "v=spf1 ipv4:192.0.2.1 -all"
over TXT "v=spf1 a a a a a a a a a a a ip4:192.0.2.1 -all"
over A 192.0.2.77
"""
LOCK = """\
version = 1

["_spf.vendor.example."]
seen = 2026-11-24
TXT = [
    "v=spf1 ip4:203.0.113.0/25 ip4:203.0.113.128/25 redirect=_b.vendor.example",
]

["_b.vendor.example."]
seen = 2026-11-24
TXT = [
    "v=spf1 ip6:2001:db8:1::/48 -all",
]

# end of zonelint.lock
"""


FAILED = """
["timeout.example."]
seen = 2026-11-24
TXT = "timeout"

# end of zonelint.lock
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.com.zone").write_text(ZONE)
    (tmp_path / "zonelint.lock").write_text(LOCK)
    return tmp_path


def spf(*arguments: str) -> Result:
    return CliRunner().invoke(zonelint, ["spf", *arguments])


def answer(*arguments: str) -> dict[str, object]:
    result = spf(*arguments, "--format", "json")
    assert not result.stderr
    loaded = json.loads(result.stdout)
    assert isinstance(loaded, dict)
    return loaded


@pytest.mark.usefixtures("folder")
def test_one_address() -> None:
    assert answer("example.com", "203.0.113.9") == {
        "result": "pass",
        "path": ["include:_spf.vendor.example", "ip4:203.0.113.0/25"],
        "lookups": 2,
        "explanation": None,
        "missing": [],
    }
    assert answer("EXAMPLE.com.", "2001:db8:1::1")["path"] == [
        "include:_spf.vendor.example", "redirect=_b.vendor.example", "ip6:2001:db8:1::/48",
    ]  # fmt: skip
    assert answer("example.com", "203.0.113.66")["path"] == ["-ip4:203.0.113.66"]
    assert answer("example.com", "192.0.2.99")["result"] == "softfail"


@pytest.mark.usefixtures("folder")
def test_sender_and_helo_are_for_macros() -> None:
    amy = answer("example.com", "192.0.2.99", "--sender", "amy@example.com")
    assert amy["path"] == ["exists:%{l}.ok.example.com"]
    assert answer("example.com", "192.0.2.99", "--helo", "x.example")["result"] == "softfail"


def test_without_a_sender_macros_have_the_domains_postmaster(folder: Path) -> None:
    with (folder / "example.com.zone").open("a") as zone:
        zone.write('l TXT "v=spf1 exists:%{l}.%{o}.ok.example.com -all"\n')
        zone.write("postmaster.l.example.com.ok A 127.0.0.2\n")
    assert answer("l.example.com", "192.0.2.99")["result"] == "pass"


def test_lookups_that_find_nothing_are_told(folder: Path) -> None:
    with (folder / "example.com.zone").open("a") as zone:
        zone.write('void TXT "v=spf1 a:x.example.com a:y.example.com a:z.example.com -all"\n')
    assert spf("void.example.com").stdout.splitlines()[1] == (
        "  3 of them find nothing, 2 are allowed: receivers may return permerror instead of what "
        "is listed here"
    )
    assert answer("void.example.com", "192.0.2.1")["result"] == "permerror"


def test_a_loop_is_told(folder: Path) -> None:
    Path("example.com.zone").write_text(
        f'{ZONE}l TXT "v=spf1 include:m.example.com -all"\n'
        'm TXT "v=spf1 include:l.example.com -all"\n'
    )
    told = "l.example.com: it leads into a loop (l.example.com → m.example.com → l.example.com)"
    assert told in spf("l.example.com").output


def test_a_name_of_other_letters_is_found(folder: Path) -> None:
    with (folder / "example.com.zone").open("a") as zone:
        zone.write('xn--bcher-kva TXT "v=spf1 +all"\n')
    assert answer("B\u00fccher.example.com", "192.0.2.99")["result"] == "pass"
    assert spf("bücher.example.com").stdout.splitlines()[1:] == [
        "  pass       all IPv4  +all",
        "  pass       all IPv6  +all",
    ]


@pytest.mark.usefixtures("folder")
def test_the_explanation_is_told() -> None:
    found = answer("strict.example.com", "192.0.2.99")
    assert found["explanation"] == "192.0.2.99 may not send as strict.example.com"


@pytest.mark.parametrize(
    ("domain", "result"),
    [
        ("nospf.example.com", "none"),
        ("nobody.example.com", "none"),
        ("two.example.com", "permerror"),
        ("broken.example.com", "permerror"),
        ("over.example.com", "permerror"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_results_without_a_good_record(domain: str, result: str) -> None:
    assert answer(domain, "192.0.2.1")["result"] == result
    assert spf(domain, "192.0.2.1").exit_code == 0


def test_without_the_lock_it_is_undecided(folder: Path) -> None:
    (folder / "zonelint.lock").unlink()
    result = spf("example.com", "203.0.113.9", "--format", "json")
    assert result.exit_code == 2
    found = json.loads(result.stdout)
    assert (found["result"], found["missing"]) == ("undecided", ["_spf.vendor.example."])
    assert answer("example.com", "198.51.100.7")["result"] == "pass"
    elsewhere = spf("example.org", "198.51.100.7")
    assert elsewhere.exit_code == 2
    assert elsewhere.stdout.startswith("undecided\n")
    assert "example.org." in elsewhere.stdout


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "arguments",
    [
        ["example.com"],
        ["example.com", "203.0.113.9"],
        ["example.com", "203.0.113.66"],
        ["strict.example.com", "192.0.2.99"],
        ["over.example.com"],
        ["two.example.com"],
        ["example.org"],
    ],
    ids=["networks", "pass", "fail", "explanation", "over", "two", "unknown"],
)
def test_text(arguments: list[str], file_regression: FileRegressionFixture) -> None:
    file_regression.check(spf(*arguments).stdout, extension=".txt")


@pytest.mark.usefixtures("folder")
def test_networks_as_json(file_regression: FileRegressionFixture) -> None:
    file_regression.check(spf("example.com", "--format", "json").stdout, extension=".json")


def test_networks_without_the_lock(folder: Path, file_regression: FileRegressionFixture) -> None:
    (folder / "zonelint.lock").unlink()
    file_regression.check(spf("example.com").stdout, extension=".txt")


def test_zones_and_lock_may_be_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    options = ["--zones", "../example.com.zone", "--lock", "../zonelint.lock"]
    assert answer("example.com", "203.0.113.9", *options)["result"] == "pass"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["example.com", "192.0.2"], "'192.0.2' is not an IPv4 or IPv6 address"),
        (["example.com", "fe80::1%eth0"], "is not an IPv4 or IPv6 address"),
        (["a..b"], "'a..b' is not a domain name"),
        (["b\u2028.example"], "is not a domain name"),
        (["example.com", "--zones", "missing.zone"], "missing.zone"),
        (["example.com", "--lock", "missing.lock"], "missing.lock: there is no such file"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_bad_input(arguments: list[str], words: str) -> None:
    result = spf(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_bad_lock_is_refused(folder: Path) -> None:
    (folder / "zonelint.lock").write_text(LOCK.replace("version = 1", "version = 2"))
    result = spf("example.com", "192.0.2.1")
    assert result.exit_code == 2
    assert result.stderr.startswith("zonelint: zonelint.lock:1: the lock has version 2")


@pytest.mark.parametrize("asked", [["203.0.113.9"], []])
def test_zones_of_one_name_that_differ_are_not_answered_for(folder: Path, asked: list[str]) -> None:
    (folder / "other").mkdir()
    twin = folder / "other/example.com.zone"
    twin.write_text(ZONE)
    same = CliRunner().invoke(zonelint, ["spf", "strict.example.com", *asked])
    assert same.exit_code == 0
    twin.write_text(ZONE.replace("ip4:192.0.2.1 -all exp", "+all exp"))
    shown = CliRunner().invoke(zonelint, ["spf", "strict.example.com", *asked])
    assert shown.exit_code == 2
    assert "other/example.com.zone" in shown.output
    one = CliRunner().invoke(
        zonelint, ["spf", "strict.example.com", *asked, "--zones", "example.com.zone"]
    )
    assert one.exit_code == 0


@pytest.mark.parametrize("words", [(), ("192.0.2.1",), ("192.0.2.1", "--format", "json")])
def test_what_did_not_answer_for_the_lock_is_undecided(
    folder: Path, words: tuple[str, ...]
) -> None:
    lock = LOCK.replace("\n# end of zonelint.lock\n", FAILED)
    (folder / "zonelint.lock").write_text(lock)
    assert spf("timeout.example", *words).exit_code == 2


def test_the_zone_that_the_internet_sees_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder, end in (("ext", "-all"), ("int", "+all")):
        Path(folder).mkdir()
        soa = "@ SOA ns hostmaster 1 2 3 4 5"
        zone = f'$ORIGIN example.com.\n$TTL 3600\n{soa}\n@ TXT "v=spf1 {end}"\n'
        Path(folder, "example.com.zone").write_text(zone)
    views = '[views]\ninternal = { zones = ["int"], public = false }\n'
    Path("zonelint.toml").write_text(views)
    ask = ["spf", "example.com", "192.0.2.1"]
    assert CliRunner().invoke(zonelint, ask).stdout.startswith("fail")
    for word in ("internal", "int"):
        chosen = CliRunner().invoke(zonelint, [*ask, "--zones", word])
        assert chosen.stdout.startswith("pass")


def test_a_target_names_a_zone_that_all_targets_get_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("octodns.yaml").write_text(
        "providers:\n"
        "  files: {class: octodns.provider.yaml.YamlProvider, directory: ./zones}\n"
        "  r53: {class: octodns_route53.Route53Provider}\n"
        "zones: {example.com.: {sources: [files], targets: [r53]}}\n"
    )
    Path("zones").mkdir()
    Path("zones/example.com.yaml").write_text("'': {type: TXT, value: v=spf1 ip4:192.0.2.1 -all}\n")
    shown = CliRunner().invoke(zonelint, ["spf", "example.com", "--zones", "r53"])
    assert shown.exit_code == 0, shown.output
    assert "192.0.2.1" in shown.stdout
    refused = CliRunner().invoke(zonelint, ["spf", "example.com", "--zones", "other"])
    assert "no view or target of example.com" in refused.stderr
