"""What a check offers is judged before: what would bring a new fault is not offered, and told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from zonelint.main import zonelint
from zonelint.run import workers

HEAD = (
    "$TTL 1h\n@ SOA ns.example.net. host.example.net. 1 4h 1h 2w 1h\n@ NS ns.example.net.\n"
    "@ MX 10 mx.example.net.\n"
)
KEY = 'TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="\n'
FORMATS = ("text", "json", "sarif", "markdown", "github", "rdjson", "gitlab", "junit")


def check(*arguments: str) -> str:
    return CliRunner().invoke(zonelint, ["check", "--exit-zero", *arguments]).stdout


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two zones: the mail of one goes to a host of the other, whose name lacks its final dot."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(workers, "LEAST", 0)
    (tmp_path / "a.example.zone").write_text(f"{HEAD}@ MX 20 relay.b.example.b.example.\n")
    (tmp_path / "b.example.zone").write_text(f"{HEAD}relay.b.example A 192.0.2.9\n")
    return tmp_path


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_change_that_would_break_another_zone_is_not_offered(folder: Path, jobs: str) -> None:
    found = json.loads(check("--format", "json", "--jobs", jobs, "."))["findings"]
    (wrong,) = (each for each in found if each["code"] == "ZONE006")
    assert wrong["fix"] is None
    assert "because it would bring MX002 at a.example:" in wrong["message"]


def test_it_is_offered_where_nothing_hangs_on_it(folder: Path) -> None:
    (folder / "a.example.zone").unlink()
    found = json.loads(check("--format", "json", "."))["findings"]
    (wrong,) = (each for each in found if each["code"] == "ZONE006")
    assert wrong["fix"]["after"]
    assert "No change is offered" not in wrong["message"]


def test_harm_in_another_zone_is_put_to_the_change_that_brings_it(folder: Path) -> None:
    """Not to one of the zone where it stands, which is looked at with and without its own."""
    (folder / "a.example.zone").write_text(f"{HEAD}k1.domainkey {KEY}")
    (folder / "b.example.zone").write_text(f"{HEAD}k1._domainkey {KEY}")
    found = json.loads(check("--format", "json", "."))["findings"]
    is_offered = {(each["path"], each["code"]): each["fix"] is not None for each in found}
    assert not is_offered["a.example.zone", "DKIM008"]
    assert is_offered["b.example.zone", "DMARC101"]


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_says_why(folder: Path, format_: str) -> None:
    shown = " ".join(check("--format", format_, "--select", "ZONE006", ".").split())
    assert "No change is offered, because it would bring MX002" in shown
    assert "--fix-proposed" not in shown


def test_a_record_with_many_faults_offers_each_repair(folder: Path) -> None:
    terms = " ".join(f"ip4:192.0.2.{n}" for n in range(1, 11))
    (folder / "a.example.zone").write_text(f'{HEAD}@ TXT "v=spf1 ip4:20.40.0.1 {terms} ?all"\n')
    found = json.loads(check("--format", "json", "--select", "SPF209", "."))["findings"]
    assert len(found) == 10
    assert all(each["fix"] for each in found)


@pytest.mark.parametrize(
    ("text", "repair"),
    [
        ("mx -all v=spf1 a ~all", "v=spf1 mx a -all"),
        ("mx -al a", "v=spf1 mx -all a"),
        ("mx +al", None),
    ],
)
def test_a_repair_of_spf_is_offered_unless_it_lets_everybody_send(
    folder: Path, text: str, repair: str | None
) -> None:
    (folder / "a.example.zone").write_text(f'{HEAD}@ TXT "v=spf1 {text}"\n')
    found = json.loads(check("--format", "json", "a.example.zone"))["findings"]
    (wrong,) = (each for each in found if each["code"] == "SPF001")
    if repair is None:
        assert wrong["fix"] is None
        assert "it would bring SPF201 at a.example" in wrong["message"]
    else:
        assert repair in str(wrong["fix"]["after"])


@pytest.mark.parametrize(
    ("words", "config"),
    [
        (["--select", "SPF001"], ""),
        (["--ignore", "PHASE,SPF2"], ""),
        ([], 'select = ["SPF001"]\n'),
    ],
)
def test_an_offer_is_held_to_rules_that_nobody_selects(
    folder: Path, words: list[str], config: str
) -> None:
    (folder / "zonelint.toml").write_text(config)
    zone = folder / "a.example.zone"
    zone.write_text(text := f'{HEAD}@ TXT "v=spf1 mx +al"\n')
    (wrong,) = (
        each
        for each in json.loads(check("--format", "json", *words, zone.name))["findings"]
        if each["code"] == "SPF001"
    )
    assert wrong["fix"] is None
    assert "it would bring SPF201 at a.example" in wrong["message"]
    check("--fix-proposed", "SPF001", *words, zone.name)
    assert zone.read_text() == text


@pytest.mark.parametrize(
    ("record", "code", "harm"),
    [
        (
            '_dmarc TXT "v=DMARC1; p=reject; np=nome; rua=mailto:d@example.com"',
            "DMARC005",
            "DMARC103",
        ),
        ('_dmarc TXT "v=dmarc1; p=none"', "DMARC003", None),  # it had no `rua` before either
        ('@ TXT "v=spf1 ipv4:192.0.2.1 mx -all"', "SPF001", None),  # nor a public address
        ("", "DMARC101", None),  # who has no policy has no reports
    ],
)
def test_a_repair_shows_only_what_the_broken_text_hid(
    folder: Path, record: str, code: str, harm: str | None
) -> None:
    (folder / "a.example.zone").write_text(f"{HEAD}{record}\n")
    found = json.loads(check("--format", "json", "a.example.zone"))["findings"]
    (wrong,) = (each for each in found if each["code"] == code)
    assert bool(wrong["fix"]) is (harm is None), wrong["message"]
    assert f"it would bring {harm}" in wrong["message"] or harm is None


def test_an_offer_is_not_held_to_what_the_configuration_ignores(folder: Path) -> None:
    (folder / "zonelint.toml").write_text('ignore = ["PHASE002", "SPF201"]\n')
    (folder / "a.example.zone").write_text(f'{HEAD}@ TXT "v=spf1 mx +al"\n')
    found = json.loads(check("--format", "json", "--select", "SPF001", "a.example.zone"))
    assert found["findings"][0]["fix"]["after"]


@pytest.mark.parametrize("how", ["--select", "--ignore", "per-owner-ignore"])
def test_a_named_code_that_nobody_asks_for_is_told(folder: Path, how: str) -> None:
    (folder / "a.example.zone").write_text(f'{HEAD}@ TXT "v=spf1 mx ?all"\n')
    words = {"--select": ["--select", "SPF1"], "--ignore": ["--ignore", "SPF202"]}.get(how, [])
    if not words:
        (folder / "zonelint.toml").write_text('[per-owner-ignore]\n"a.example" = ["SPF2"]\n')
    done = CliRunner().invoke(zonelint, ["check", "--fix-proposed", "SPF202,MX001", *words, "."])
    told = "SPF202 is not applied: 1 finding is hidden by `select`, `ignore` or `per-owner-ignore`"
    assert told in done.stderr
    assert "MX001 is not applied" not in done.stderr


@pytest.mark.parametrize(("ttl", "written"), [("1w", "14400 "), ("1d", ""), ("30", "3600 ")])
def test_a_new_record_gets_a_usual_ttl(folder: Path, ttl: str, written: str) -> None:
    """What a change adds has no fault that only the zone's $TTL brings."""
    text = HEAD.replace("$TTL 1h", f"$TTL {ttl}").replace("@ MX", "@ 1h MX")
    (folder / "b.example.zone").unlink()
    (folder / "a.example.zone").write_text(f'{text}@ 1h TXT "v=spf1 mx -all"\n')
    check("--fix-proposed", "ALL", ".")
    first = (folder / "a.example.zone").read_text()
    assert f'_dmarc {written}TXT "v=DMARC1; p=none"\n' in first
    assert "ZONE003" not in check(".")
    check("--fix-proposed", "DMARC101,SPF307,ZONE003", ".")
    assert (folder / "a.example.zone").read_text() == first


@pytest.mark.parametrize("how", ["baseline", "noqa", "severity"])
def test_a_named_code_whose_findings_are_hidden_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.chdir(tmp_path)
    comment = " ; noqa: SPF202" if how == "noqa" else ""
    text = f'$ORIGIN example.com.\n$TTL 1h\n@ TXT "v=spf1 mx ?all"{comment}\n'
    Path("example.com.zone").write_text(text)
    check = ["check", "example.com.zone"]
    if how == "baseline":
        CliRunner().invoke(zonelint, [*check, "--write-baseline"])
    words = ["--min-severity", "error"] if how == "severity" else []
    done = CliRunner().invoke(zonelint, [*check, "--fix-proposed", "SPF202", *words])
    assert "SPF202 is not applied: 1 finding is hidden by" in done.stderr
    assert Path("example.com.zone").read_text() == text
    done = CliRunner().invoke(zonelint, [*check, "--fix-proposed", "ALL", *words])
    assert "hidden" not in done.stderr


@pytest.mark.parametrize(
    ("zone", "declared", "code"),
    [
        (
            '@ TXT "v=spf1 ip4:9.9.9.9 -all"\n_dmarc TXT "v=DMARC1; p=quarantine; adkim=strict"\n'
            '_dmarc TXT "v=DMARC1; p=quarantine"\n',
            '[domains."a.example"]\ndmarc.alignment = "strict"\n',
            "DMARC002",
        ),
    ],
    ids=["beside-a-declared-change"],
)
def test_a_gate_is_heard_where_something_is_declared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str, declared: str, code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    soa = "$TTL 1h\n@ SOA ns.example.net. host.example.net. 1 4h 1h 2w 1h\n@ NS ns.example.net.\n"
    Path("a.example.zone").write_text(soa + zone)
    Path("zonelint.toml").write_text(declared)
    done = CliRunner().invoke(zonelint, ["check", "--fix", "--fix-proposed", "ALL", "."])
    assert f"{code} is not applied: it would bring PHASE001 at _dmarc.a.example:" in done.stderr


def test_a_record_that_moves_and_one_that_is_added_there_are_offered_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They cannot both be made, so they are judged, and made, one after the other."""
    monkeypatch.chdir(tmp_path)
    zone, policy = Path("a.example.zone"), 'dmarc TXT "v=DMARC1; p=none; rua=mailto:d@b.example"\n'
    zone.write_text(f"{HEAD}{policy}")
    Path("zonelint.toml").write_text('parked = ["a.example"]\n')
    found = json.loads(check("--format", "json"))["findings"]
    is_offered = {each["code"]: each["fix"] is not None for each in found}
    assert (is_offered["DMARC004"], is_offered["PARK001"]) == (True, True)
    told = CliRunner().invoke(zonelint, ["check", "--fix-proposed", "DMARC004,PARK001"]).output
    assert "PARK001 waits for the next run" in told
    assert zone.read_text().count("DMARC1") == 1
    check("--fix-proposed", "PARK001")
    assert zone.read_text().endswith('_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@b.example"\n')


@pytest.mark.parametrize("order", [1, -1])
def test_a_change_that_does_harm_only_beside_another_is_offered(
    order: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside an SPF record for a host, PARK001's policy would be one for a name with mail."""
    monkeypatch.chdir(tmp_path)
    lines = ["@ MX 10 mx", "mx A 8.8.4.4", '@ TXT "v=spf1 +all"'][::order]
    head = HEAD.partition("@ MX")[0]
    Path("a.example.zone").write_text(head + "\n".join(lines) + "\n")
    Path("zonelint.toml").write_text('parked = ["a.example"]\n')
    found = json.loads(check("--format", "json"))["findings"]
    assert {each["code"] for each in found if each["fix"]} >= {"PARK001", "SPF201"}
