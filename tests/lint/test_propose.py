"""`zonelint propose` on the Microsoft 365 example: the story from broken to clean."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zonelint.main import zonelint

EXAMPLE = Path(__file__).parents[2] / "examples/microsoft365/before"


@pytest.fixture
def zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "example.com.zone"


def run(*words: str) -> Result:
    return CliRunner().invoke(zonelint, ["propose", *words])


def records(result: Result) -> dict[tuple[str, str], list[str]]:
    shown = json.loads(result.stdout)
    return {(each["owner"], each["type"]): each["after"] for each in shown["proposals"]}


def test_the_records_that_are_lacking(zone: Path) -> None:
    before = zone.read_bytes()
    found = records(run("--format", "json"))
    assert found[("example.com.", "TXT")] == [
        '"v=spf1 mx include:spf.protection.outlook.com a -all"'
    ]
    for number in "12":
        target = f"selector{number}-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft."
        assert found[(f"selector{number}._domainkey.example.com.", "CNAME")] == [target]
    assert found[("_dmarc.example.com.", "TXT")] == [
        '"v=DMARC1; p=none; rua=mailto:dmarc@example.com"'
    ]
    assert zone.read_bytes() == before


def test_written_it_is_clean(zone: Path) -> None:
    written = run("--write")
    assert written.exit_code == 0, written.output
    after = CliRunner().invoke(zonelint, ["check"])
    assert after.exit_code == 0, after.output
    assert "Nothing to propose" in run().output


def test_the_diff_is_what_is_written(zone: Path) -> None:
    import subprocess

    shown = run()
    patched = subprocess.run(
        ["git", "apply", "-"], input=shown.stdout.encode(), capture_output=True, check=False
    )
    assert patched.returncode == 0, patched.stderr
    by_patch = zone.read_bytes()
    shutil.copy(EXAMPLE / zone.name, zone)
    run("--write")
    assert zone.read_bytes() == by_patch


def test_as_octodns_yaml(zone: Path) -> None:
    import yaml

    shown = yaml.safe_load(run("--format", "octodns").stdout)
    assert shown["selector1._domainkey"]["type"] == "CNAME"
    assert shown["_dmarc"]["value"].startswith("v=DMARC1\\; p=none")


def test_as_zone_lines(zone: Path) -> None:
    from zonelint.grammars.masterfile import reader as masterfile

    read = masterfile.read(run("--format", "zone").stdout, "x", "example.com.")
    assert not read.faults
    assert read.get("_dmarc.example.com.", "TXT")


def test_what_nobody_gave_is_to_be_filled_in(zone: Path) -> None:
    config = zone.parent / "zonelint.toml"
    text = config.read_text()
    start = text.index('[domains."example.com".microsoft365.dkim]')
    end = text.index("[domains.", start + 1)
    config.write_text(text[:start] + text[end:])
    zone.write_text(
        "".join(line for line in zone.read_text().splitlines(True) if "domainkey" not in line)
    )
    shown = run()
    assert "to fill in" in shown.stderr
    assert "selector1" in shown.stderr
    assert "_domainkey" not in shown.stdout


def test_what_is_to_be_filled_in_is_said_once_a_domain(zone: Path) -> None:
    text = zone.read_text() + '_dmarc TXT "v=DMARC1; p=none"\n'
    for domain in ("example.com", "example.org"):
        (zone.parent / f"{domain}.zone").write_text(text.replace("example.com", domain))
    (zone.parent / "views").mkdir()
    shutil.copy(zone, zone.parent / "views" / zone.name)
    (zone.parent / "zonelint.toml").write_text(
        'zones = ["**/*.zone"]\n'
        + "".join(f'[domains."example.{end}"]\nprofile = "sending"\n' for end in ("com", "org"))
    )
    told = [line.partition("The record")[0] for line in run().stderr.splitlines() if "110" in line]
    assert told == ["to fill in: example.com, example.org: DMARC110 "]


def test_an_address_that_is_not_authorised_yet_is_proposed(zone: Path) -> None:
    """The record that authorises it would wait for this one: what is left is DMARC112's to tell."""
    head = "$TTL 3600\n@ SOA ns.example.net. h.example.net. 1 7200 900 1209600 3600\n"
    for name in ("shop.example", "firm.example"):
        (zone.parent / f"{name}.zone").write_text(f"{head}@ NS ns.example.net.\n@ MX 1 a.b.\n")
    (zone.parent / "zonelint.toml").write_text(
        'zones = ["s*.zone", "f*.zone"]\n'
        '[domains."shop.example".dmarc]\nrua = ["mailto:d@firm.example"]\n'
    )
    found = records(run("--format", "json"))
    assert found["_dmarc.shop.example.", "TXT"] == ['"v=DMARC1; p=none; rua=mailto:d@firm.example"']
    first = 'First publish TXT `"v=DMARC1"` at shop.example._report._dmarc.firm.example: '
    checked = CliRunner().invoke(zonelint, ["check", "--select", "DMARC101"]).stdout
    assert first in checked
    assert run("--write").exit_code == 0
    checked = CliRunner().invoke(zonelint, ["check", "--select", "DMARC112"]).stdout
    assert "_report._dmarc.firm.example, in your zone firm.example (firm.example.zone)" in checked
    (zone.parent / "shop.example.zone").write_text(f"{head}@ NS ns.example.net.\n@ MX 1 a.b.\n")
    (zone.parent / "firm.example.zone").write_text(
        f'{head}@ NS ns.example.net.\n@ MX 1 a.b.\n*._report._dmarc TXT "v=DMARC1"\n'
    )
    checked = CliRunner().invoke(zonelint, ["check", "--select", "DMARC101"]).stdout
    assert "DMARC101" in checked
    assert first not in checked


def test_strict_alignment_asks_for_everything_in_the_first_phase(zone: Path) -> None:
    config = zone.parent / "zonelint.toml"
    text = config.read_text().replace('"relaxed"', '"strict"')
    config.write_text(text + 'ruf = ["mailto:dmarc@example.com"]\n')
    found = records(run("--format", "json"))
    assert found[("_dmarc.example.com.", "TXT")] == [
        '"v=DMARC1; p=none; rua=mailto:dmarc@example.com; ruf=mailto:dmarc@example.com; fo=1; '
        'adkim=s; aspf=s"'
    ]


def test_alignment_that_is_not_declared_is_left_as_it_is(zone: Path) -> None:
    config = zone.parent / "zonelint.toml"
    text = config.read_text()
    config.write_text("".join(line for line in text.splitlines(True) if "alignment" not in line))
    (record,) = records(run("--format", "json"))[("_dmarc.example.com.", "TXT")]
    assert "adkim" not in record


def test_octodns_yaml_is_as_its_provider_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("octodns.yaml").write_text(
        "providers:\n  config:\n    class: octodns.provider.yaml.YamlProvider\n"
        "    directory: ./zones\n    escaped_semicolons: false\n"
        "zones:\n  example.com.: {sources: [config], targets: [config]}\n"
        "  sub.example.com.: {sources: [config], targets: [config]}\n"
    )
    Path("zones").mkdir()
    plain = "'':\n  type: TXT\n  values: [x, v=spf1 ip4:8.8.8.8 -all]\n"
    for name in ("example.com", "sub.example.com"):
        Path("zones", f"{name}.yaml").write_text(plain)
    selectors = "".join(f's{n} = "s{n}.dkim.example.net"\n' for n in (10, 2))
    Path("zonelint.toml").write_text(
        '[domains."example.com"]\nsenders = ["sendgrid"]\n'
        f'[domains."example.com".sendgrid.dkim]\n{selectors}'
        '[domains."sub.example.com"]\nsenders = ["microsoft365"]\n'
    )
    result = CliRunner().invoke(zonelint, ["propose", "--format", "octodns"])
    above, below = result.stdout.split("# sub.example.com.\n")
    assert above.startswith(
        "# example.com.\n---\n_dmarc:\n  type: TXT\n  value: v=DMARC1; p=none\n"
    )
    assert above.index("s2._domainkey:") < above.index("s10._domainkey:")
    assert "sub" not in above
    spf = "v=spf1 ip4:8.8.8.8 include:spf.protection.outlook.com -all"
    assert f"  values:\n    - x\n    - {spf}\n" in below


def test_a_domain_that_is_not_declared(zone: Path) -> None:
    refused = run("exmple.com")
    assert refused.exit_code == 2
    assert "did you mean example.com?" in refused.stderr


def test_without_a_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused = run()
    assert refused.exit_code == 2
    assert "zonelint.toml" in refused.stderr


def test_a_domain_without_a_zone_is_not_passed_over(zone: Path) -> None:
    config = zone.with_name("zonelint.toml")
    config.write_text(config.read_text() + '\n[domains."example.org"]\nprofile = "parked"\n')
    told = "not checked: example.org is declared, but no zone that was read contains it\n"
    alone = run("example.org")
    assert (alone.exit_code, alone.stdout, alone.stderr) == (2, "", told)
    with_others = run()
    assert with_others.exit_code == 0
    assert told in with_others.stderr
    assert json.loads(run("--format", "json").stdout)["without_zone"] == ["example.org."]


def test_where_nothing_is_declared(zone: Path) -> None:
    zone.with_name("zonelint.toml").write_text('zones = ["*.zone"]\n')
    result = run()
    assert result.exit_code == 0
    assert "zonelint.toml declares no domain; 'zonelint init --stdout' shows" in result.stderr


def test_mta_sts_and_tls_reports_that_are_declared(zone: Path) -> None:
    config = zone.with_name("zonelint.toml")
    config.write_text(
        config.read_text()
        + """
[domains."example.com".mta-sts]
policy = "mta-sts.txt"
[domains."example.com".tls-rpt]
rua = ["mailto:tls@example.com"]
"""
    )
    zone.with_name("mta-sts.txt").write_text(
        "version: STSv1\nmode: enforce\nmx: example-com.mail.protection.outlook.com\n"
        "max_age: 604800\n"
    )
    result = run("--format", "json")
    found = records(result)
    assert found[("_smtp._tls.example.com.", "TXT")] == ['"v=TLSRPTv1; rua=mailto:tls@example.com"']
    (record,) = found[("_mta-sts.example.com.", "TXT")]
    assert record.startswith('"v=STSv1; id=')
    to_fill_in = json.loads(result.stdout)["fill_in"]
    assert [each["code"] for each in to_fill_in] == ["STS002"]  # the host is for a person to give
    zone.write_text(zone.read_text() + "mta-sts IN A 192.0.2.81\n")
    assert run("--write").exit_code == 0
    assert "Nothing to propose" in run().stderr


def test_new_records_stand_below_the_name_that_they_belong_to(zone: Path) -> None:
    zone.write_text("$TTL 1h\n@ IN SOA ns.example.net. h.example.com. 1 2 3 4 5\n@ IN MX 0 mx\n")
    run("--write")
    lines = zone.read_text().splitlines()
    assert [line.split()[0] for line in lines[2:5]] == ["@", "@", "_dmarc"]


def heavy(*names: str) -> str:
    """A lock in which each of these includes costs four lookups."""
    parts = ["version = 1"]
    for name in names:
        below = [f"{letter}.{name}" for letter in "abc"]
        record = " ".join(["v=spf1", *(f"include:{each}" for each in below), "-all"])
        texts = {name: record, **dict.fromkeys(below, "v=spf1 ip4:8.8.8.0/24 -all")}
        parts += (
            f'["{owner}."]\nseen = 2026-11-24\nTXT = [\n    "{text}",\n]\n'
            for owner, text in texts.items()
        )
    return "\n".join([*parts, "# end of zonelint.lock\n"])


def test_a_record_over_the_limit_of_lookups_is_held_back(zone: Path) -> None:
    zone.write_text("$TTL 1h\n@ IN SOA ns.example.net. h.example.com. 1 2 3 4 5\n@ IN MX 0 mx\n")
    config = zone.with_name("zonelint.toml")
    config.write_text(
        config.read_text().replace('["microsoft365"]', '["microsoft365", "mailgun", "zoho"]')
    )
    lock = zone.with_name("zonelint.lock")
    lock.write_text(heavy("spf.protection.outlook.com", "mailgun.org", "zohomail.com"))
    result = run("--format", "json")
    assert ("_dmarc.example.com.", "TXT") in records(result)
    assert ("example.com.", "TXT") not in records(result)
    (held,) = json.loads(result.stdout)["held_back"]
    assert (held["code"], held["owner"]) == ("SPF101", "example.com.")
    told = run("--write").stderr
    assert "not proposed: example.com: SPF210: it would bring SPF101 at example.com: " in told
    assert "takes 13 DNS lookups" in told
    assert "v=spf1" not in zone.read_text()


def test_two_records_are_merged_even_over_the_limit(zone: Path) -> None:
    lock = zone.with_name("zonelint.lock")
    lock.write_text(heavy("spf.protection.outlook.com", "a.example.net", "b.example.net"))
    text = zone.read_text().replace("v=spf1 a ", "v=spf1 include:a.example.net ")
    zone.write_text(text.replace("v=spf1 mx ", "v=spf1 include:b.example.net "))
    result = run("--format", "json")
    assert len(records(result)[("example.com.", "TXT")]) == 1  # two are an error as well
    assert json.loads(result.stdout)["held_back"] == []
    assert [each["code"] for each in json.loads(result.stdout)["fill_in"]] == ["SPF101"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("; pct=50", "with `pct=50` the present policy does not hold for all mail"),
        ("; t=y", "with `t=y` the present policy does not hold for all mail"),
        ('"\n_dmarc TXT "v=DMARC1; p=reject', "receivers use none of several DMARC records"),
    ],
)
def test_a_phase_that_is_not_taken_as_a_whole_is_told(zone: Path, more: str, why: str) -> None:
    record = f'_dmarc TXT "v=DMARC1; p=quarantine; rua=mailto:d@example.com{more}"\n'
    zone.write_text(zone.read_text() + record)
    said = run().stderr
    assert f"not yet: example.com: the next phase waits: {why}" in said
    assert "the zones contain what is declared" not in said


def test_a_target_that_the_record_above_keeps_from_is_told(zone: Path) -> None:
    record = '_dmarc TXT "v=DMARC1; p=reject; sp=none; rua=mailto:d@example.com"\n'
    zone.write_text(
        f'{zone.read_text()}{record}cs MX 10 mx.example.net.\ncs TXT "v=spf1 mx -all"\n'
    )
    config = zone.with_name("zonelint.toml")
    config.write_text(
        f'{config.read_text()}\n[domains."cs.example.com"]\ndmarc.target = "reject"\n'
    )
    said = run().stderr
    why = "p=reject waits: the record of example.com covers it with p=none"
    assert f"not yet: cs.example.com: {why}" in said


def test_a_target_that_is_not_reached_wants_reports(zone: Path) -> None:
    run("--write")
    said = "not yet: example.com: p=quarantine waits for DMARC reports; name"
    result = run()
    assert result.stdout == ""
    assert said in result.stderr
    assert result.stderr.endswith("Nothing to propose yet.\n")
    config = zone.with_name("zonelint.toml")
    config.write_text(config.read_text().replace('target = "reject"', 'target = "none"'))
    assert run().stderr == "Nothing to propose: the zones contain what is declared.\n"


def test_what_only_one_view_lacks_is_said_with_its_file(zone: Path) -> None:
    text = zone.read_text() + '_dmarc TXT "v=DMARC1; p=none"\n'
    zone.write_text(text.replace("p=none", "p=none; rua=mailto:d@example.com"))
    (zone.parent / "views").mkdir()
    (zone.parent / "views" / zone.name).write_text(text)
    (zone.parent / "zonelint.toml").write_text(
        'zones = ["**/*.zone"]\n[domains."example.com"]\nprofile = "sending"\n'
        '[domains."example.com".dmarc]\ntarget = "reject"\n'
    )
    told = run().stderr.splitlines()
    assert [line.partition("The record")[0] for line in told if "110" in line] == [
        f"to fill in: example.com (views/{zone.name}): DMARC110 "
    ]
    waits = [line for line in told if line.startswith("not yet: ")]
    assert len(waits) == 1  # it is so in both
    assert waits[0].startswith("not yet: example.com: p=quarantine waits")


def test_a_domain_whose_zone_another_configuration_holds_for_is_told(zone: Path) -> None:
    config = zone.with_name("zonelint.toml")
    config.write_text(config.read_text() + '\n[domains."example.org"]\nprofile = "parked"\n')
    other = zone.with_name("other")
    other.mkdir()
    (other / "zonelint.toml").touch()
    text = "$TTL 1h\n@ SOA ns hm 1 1h 1h 1h 1h\n@ NS ns\nns A 9.9.9.9\n"
    (other / "example.org.zone").write_text(text)
    told = CliRunner().invoke(zonelint, ["propose", "--zones", ".", "example.org"]).stderr
    assert "zonelint.toml does not hold for its zone (other/example.org.zone)\n" in told


@pytest.mark.parametrize("views", ["", '[views]\ninternal = ["internal.*"]\n'])
def test_what_harms_one_view_is_proposed_for_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, views: str
) -> None:
    monkeypatch.chdir(tmp_path)
    config = '[domains."example.com".dmarc]\nrua = ["mailto:d@example.com"]\n'
    Path("zonelint.toml").write_text(config + views)
    head = "$ORIGIN example.com.\n$TTL 3600\nmail A 192.0.2.1\n"
    inside = f'{head}@ TXT "v=spf1 a:mail.example.com -all"\n'
    Path("internal.example.com.zone").write_text(inside)
    Path("external.example.com.zone").write_text(f'{head}@ MX 10 mail\n@ TXT "v=spf1 mx -all"\n')
    done = run("--write")
    assert "not proposed: _dmarc.example.com: DMARC101: it would bring DMARC115" in done.stderr
    assert Path("internal.example.com.zone").read_text() == inside
    assert "rua=mailto:d@example.com" in Path("external.example.com.zone").read_text()


def test_a_folder_of_terraform_is_held_by_the_configuration_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zone = 'resource "aws_route53_zone" "z" { name = "example.com" }\n'
    record = 'resource "aws_route53_record" "a" {\n zone_id = aws_route53_zone.z.zone_id\n'
    record += ' name = "example.com"\n type = "A"\n ttl = 3600\n records = ["192.0.2.1"]\n}\n'
    (tmp_path / "main.tf").write_text(zone + record)
    (tmp_path / "zonelint.toml").write_text('[domains."example.com"]\nprofile = "parked"\n')
    (tmp_path / "modules").mkdir()
    for folder in (tmp_path, tmp_path / "modules"):
        monkeypatch.chdir(folder)
        told = run("--zones", str(tmp_path), "--format", "json").stdout
        assert json.loads(told)["without_zone"] == []


def test_what_cannot_be_written_is_not_said_to_be_there(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.tf").write_text(
        'resource "aws_route53_zone" "z" {\n  name = "example.com"\n}\n'
        'resource "aws_route53_record" "t" {\n  zone_id = aws_route53_zone.z.zone_id\n'
        '  name = "example.com"\n  type = "TXT"\n  ttl = 300\n  records = ["v=spf1 ~all"]\n}\n'
    )
    (tmp_path / "zonelint.toml").write_text('[domains."example.com"]\nprofile = "parked"\n')
    told = CliRunner().invoke(zonelint, ["propose", "example.com"]).stderr
    assert "not proposed: example.com: PARK001" in told
    assert "Nothing to propose" not in told
