"""Findings of one root share a cause: people are shown it once, programs are given each finding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.reports_factory import write_reports
from zonelint.main import zonelint
from zonelint.run import workers

HEAD = "$TTL 1h\n@ SOA ns.example.net. host.example.net. 1 4h 1h 2w 1h\n@ NS ns.example.net.\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, records: str, head: str = HEAD) -> None:
    Path(f"{name}.zone").write_text(head + records)


def check(*words: str) -> Result:
    return CliRunner().invoke(zonelint, ["check", *words])


def found(*words: str, form: str = "json") -> list[dict[str, Any]]:
    held = json.loads(check("--format", form, *words).stdout)
    results = held["findings"] if form == "json" else held["runs"][0]["results"]
    assert isinstance(results, list)
    return results


def causes(*words: str) -> list[list[str]]:
    """The owners of each cause, as `--format json` has them."""
    groups: dict[str, list[str]] = {}
    for each in found(*words):
        assert each["cause"]
        groups.setdefault(each["cause"], []).append(each["owner"])
    return list(groups.values())


def test_a_line_that_many_zones_include_is_one_cause() -> None:
    Path("mail.inc").write_text('@ TXT "v=spf1 mx +all"\n')
    names = [f"z{number}.example" for number in range(9)]
    for name in names:
        write(name, "$INCLUDE mail.inc\n@ MX 10 mail.example.net.\n")
    write("other.example", '@ TXT "v=spf1 mx +all"\n')  # the same words, written for itself
    assert causes("--select", "SPF201", ".") == [[f"{n}." for n in names], ["other.example."]]
    shown = check("--select", "SPF201", ".").stdout
    assert shown.count("error SPF201") == 2
    assert "= also: z1.example, z2.example, z3.example and 5 more names\n" in shown
    assert "10 errors of 2 causes in 10 zones" in shown


def test_what_differs_in_what_to_do_is_not_one_cause() -> None:
    Path("mail.inc").write_text('_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.net"\n')
    for name in ("example.com", "z0.example", "z1.example"):
        write(name, "$INCLUDE mail.inc\n@ MX 10 mail.example.net.\n")
    Path("zonelint.toml").write_text('reports = ["evidence"]\n')
    write_reports(Path("evidence"), days=14, aligned=1, messages=100)
    assert causes("--select", "DMARC102", ".") == [
        ["_dmarc.example.com."], ["_dmarc.z0.example.", "_dmarc.z1.example."],
    ]  # fmt: skip


def test_links_to_one_file_are_one_cause() -> None:
    Path("template").write_text(HEAD + '@ TXT "v=spf1 mx +all"\n')
    for number in range(3):
        Path(f"z{number}.example.zone").symlink_to("template")
    assert causes("--select", "SPF201", ".") == [["z0.example.", "z1.example.", "z2.example."]]
    shown = check("--select", "SPF201", ".").stdout
    assert "also: z1.example (z1.example.zone:4), z2.example (z2.example.zone:4)\n" in shown


def test_the_instances_of_one_resource_are_one_cause() -> None:
    domains = [f"z{number}.example" for number in range(4)]
    resources = [
        {
            "address": f'module.mail["{domain}"].aws_route53_record.spf[0]', "mode": "managed",
            "type": "aws_route53_record", "name": "spf",
            "values": {
                "zone_id": f"Z{domain}", "name": domain, "type": "TXT", "ttl": 300,
                "records": ["v=spf1 mx ?all"],
            },
        }
        for domain in domains
    ]  # fmt: skip
    modules = [
        {"address": f'module.mail["{d}"]', "resources": [r]}
        for d, r in zip(domains, resources, strict=True)
    ]
    plan = {
        "format_version": "1.2", "terraform_version": "1.9",
        "planned_values": {"root_module": {"child_modules": modules}},
    }  # fmt: skip
    Path("plan.json").write_text(json.dumps(plan))
    assert causes("--select", "SPF202", "plan.json") == [domains]


def test_a_line_that_makes_many_names_is_one_cause() -> None:
    write("example.com", '$GENERATE 1-20 h$ 60 TXT "v=spf1 mx ?all"\n')
    (owners,) = causes("--select", "SPF003", ".")
    assert len(owners) == 20
    assert "and 16 more names" in check("--select", "SPF003", ".").stdout


def test_two_records_that_are_missing_near_one_place_are_two_causes() -> None:
    Path("zonelint.toml").write_text('[domains."example.com"]\nsenders = ["microsoft365"]\n')
    write("example.com", "@ MX 0 example-com.mail.protection.outlook.com.\n")
    assert causes("--select", "DKIM101", ".") == [
        ["selector1._domainkey.example.com."], ["selector2._domainkey.example.com."],
    ]  # fmt: skip


def test_what_many_zones_lack_in_one_template_is_one_cause() -> None:
    Path("mail.inc").write_text("@ MX 10 mail.example.net.\n")
    for number in range(3):
        write(f"z{number}.example", "$INCLUDE mail.inc\n")
    assert causes("--select", "SPF110", ".") == [["z0.example.", "z1.example.", "z2.example."]]


LOCK = """\
version = 1
["gone.example.net."]
seen = 2026-11-24
TXT = "nxdomain"
# end of zonelint.lock
"""


@pytest.mark.parametrize(
    ("code", "record"),
    [
        ("DKIM013", "s1._domainkey CNAME gone.example.net."),
        ("SPF106", '@ TXT "v=spf1 include:gone.example.net -all"'),
        ("MX002", "@ MX 10 gone.z0.example."),
    ],
)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_name_that_many_records_lead_to_is_one_cause(
    code: str, record: str, jobs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LEAST", 0)
    Path("zonelint.lock").write_text(LOCK)
    for number in range(4):
        write(f"z{number}.example", f"{record}\nns A 192.0.2.1\n")
    (owners,) = causes("--select", code, "--jobs", jobs, ".")
    assert len(owners) == 4


def test_a_default_ttl_is_one_cause_of_its_file() -> None:
    records = '@ MX 10 mail.example.net.\n@ TXT "v=spf1 mx -all"\n_dmarc TXT "v=DMARC1; p=none"\n'
    for name in ("a.example", "b.example"):
        write(name, records, HEAD.replace("1h\n@ SOA", "1w\n@ SOA"))
    assert list(map(len, causes("--select", "ZONE003", "."))) == [3, 3]
    told = check("--select", "ZONE003", ".").stdout
    assert "_dmarc.a.example TXT is 1 week" in told
    assert "also: a.example MX, a.example" in told
    assert "- $TTL 1w\n    + $TTL 14400" in told


def test_one_policy_that_covers_many_hosts_is_one_cause() -> None:
    records = '_dmarc TXT "v=DMARC1; p=none"\n' + "".join(
        f"h{number} A 203.0.113.{number}\n" for number in range(5)
    )
    write("a.example", records)
    write("b.example", records)
    assert list(map(len, causes("--select", "SPF307", "."))) == [5, 5]


def test_a_host_that_sends_is_not_shown_with_those_that_do_not() -> None:
    policy = '@ TXT "v=spf1 a:out.a.example -all"\n_dmarc TXT "v=DMARC1; p=none"\n'
    write("a.example", f"{policy}www A 203.0.113.1\nftp A 203.0.113.2\nout A 203.0.113.3\n")
    assert sorted(map(sorted, causes("--select", "SPF307", "."))) == [
        ["ftp.a.example.", "www.a.example."],
        ["out.a.example."],
    ]


def test_undeclared_alignment_is_one_cause_of_its_file() -> None:
    records = (
        '@ MX 10 mail.example.net.\n_dmarc TXT "v=DMARC1; p=none"\n'
        'sub MX 10 mail.example.net.\n_dmarc.sub TXT "v=DMARC1; p=none"\n'
    )
    write("a.example", records)
    write("b.example", records)
    assert causes("--select", "DMARC201", ".") == [
        ["_dmarc.a.example.", "_dmarc.sub.a.example."],
        ["_dmarc.b.example.", "_dmarc.sub.b.example."],
    ]
    shown = check("--select", "DMARC201", "--format", "concise", ".").stdout
    assert "a.example.zone:" in shown
    assert "b.example.zone:" in shown


def test_severities_that_differ_are_not_one_cause() -> None:
    Path("mail.inc").write_text('@ TXT "v=spf1 mx ?all"\n')
    for name in ("a.example", "b.example"):
        Path(name).mkdir()
        write(f"{name}/{name}", "$INCLUDE ../mail.inc\n")
    Path("b.example/zonelint.toml").write_text('[severity]\nSPF202 = "error"\n')
    assert causes("--select", "SPF202", ".") == [["a.example."], ["b.example."]]


def test_every_form_for_people_shows_a_cause_once_and_every_other_one_each_finding() -> None:
    Path("mail.inc").write_text('@ TXT "v=spf1 mx +all"\n')
    for number in range(30):
        write(f"z{number:02}.example", "$INCLUDE mail.inc\n")
    words = ("--select", "SPF201", ".")
    for form, line in (("text", "error SPF201"), ("markdown", "**SPF201**"), ("github", "::error")):
        shown = check("--format", form, *words).stdout
        assert shown.count(line) == 1, form
        assert "26 more names" in shown, form
    assert len({each["cause"] for each in found(*words)}) == 1
    assert len(found(*words)) == 30
    results = found(*words, form="sarif")
    assert {each["properties"]["cause"] for each in results} == {found(*words)[0]["cause"]}
    assert len(results) == 30
    assert check("--format", "junit", *words).stdout.count("<failure ") == 30
    assert len(json.loads(check("--format", "gitlab", *words).stdout)) == 30


def test_the_id_of_a_cause_stays_when_lines_move() -> None:
    write("example.com", '@ TXT "v=spf1 mx +all"\n')
    (before,) = found("--select", "SPF201", ".")
    write("example.com", '\n\n; a line\n@ TXT "v=spf1 mx +all"\n')
    (after,) = found("--select", "SPF201", ".")
    assert (before["cause"], before["line"]) != (after["cause"], after["line"])
    assert before["cause"] == after["cause"]


def test_a_change_of_a_shared_root_is_new_and_the_same_root_is_not() -> None:
    """`--against` knows a finding by its cause, not by what its message counts."""
    Path("before").mkdir()
    Path("after").mkdir()
    records = '@ MX 10 mail.example.net.\n@ TXT "v=spf1 mx -all"\n'
    write("before/example.com", records, HEAD.replace("1h\n@ SOA", "1w\n@ SOA"))
    write("after/example.com", f"; moved\n\n{records}", HEAD.replace("1h\n@ SOA", "1w\n@ SOA"))
    words = ("--select", "ZONE003", "--against", "before", "after")
    assert found(*words) == []
    write("after/example.com", records, HEAD.replace("1h\n@ SOA", "2w\n@ SOA"))
    assert len(found(*words)) == 2


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_files_of_one_zone_that_answer_differently_are_named(
    jobs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LEAST", 0)
    for place, grant in (("a", '*._report._dmarc TXT "v=DMARC1"\n'), ("b", "")):
        Path(place).mkdir()
        write(
            f"{place}/example.net", f"$ORIGIN example.net.\n@ MX 10 mail\nmail A 192.0.2.1\n{grant}"
        )
    write("a.example", '_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.net"\n')
    held = json.loads(check("--select", "DMARC112", "--jobs", jobs, "--format", "json", ".").stdout)
    (undecided,) = held["undecided"]
    assert undecided["missing"] == [
        "one answer from the zones of the name example.net (a/example.net.zone, "
        "b/example.net.zone), which answer differently"
    ]
