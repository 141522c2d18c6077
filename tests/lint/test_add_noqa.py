"""`check --add-noqa`: comments that accept what a run finds, after which it finds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zonelint.main import zonelint

HEAD = "$TTL 1w\n@ SOA ns.example.net. host.example.net. 1 4h 1h 2w 1h\n@ NS ns.example.net.\n"
ZONE = f"""\
{HEAD}@ MX 10 mail.example.net.
@ TXT "v=spf1 mx ?all"  ; the old one
two TXT "v=spf1 ?all" ; noqa: SPF999
long TXT ( "v=spf1 ip4:192.0.2.1" ; a comment
  " +all" )
broken TXT "v=spf1 +all
_dmarc TXT "v=DMARC1; p=none; pct=50"
"""
YAML = """\
'':
  - type: MX
    value: {exchange: mx.example.net., preference: 10}
  - type: TXT
    values:
      - v=spf1 mx ?all
      - >-
        v=DMARC1; p=none;
        pct=50
_dmarc:
  type: TXT
  value: v=DMARC1\\; p=none\\; pct=50  # stays
"""
TERRAFORM = """\
resource "aws_route53_zone" "main" {
  name = "example.com"
}

resource "aws_route53_record" "mail" {
  zone_id = aws_route53_zone.main.zone_id
  name    = "example.com"
  type    = "TXT"
  ttl     = 3600
  records = ["v=spf1 mx +all"]
}
"""
TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Zone:
    Type: AWS::Route53::HostedZone
    Properties:
      Name: example.com
  Mail:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneId: !Ref Zone
      Name: example.com
      Type: TXT
      TTL: "3600"
      ResourceRecords:
        - '"v=spf1 mx +all"'
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*words: str) -> Result:
    return CliRunner().invoke(zonelint, ["check", *words])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("example.com.zone", ZONE),
        ("example.com.yaml", YAML),
        ("main.tf", TERRAFORM),
        ("template.yaml", TEMPLATE),
    ],
)
@pytest.mark.parametrize("fail_on", ["warning", "info"])
def test_the_same_check_exits_with_0_afterwards(name: str, text: str, fail_on: str) -> None:
    Path(name).write_text(text)
    words = ("--ignore", "ZONE001", "--fail-on", fail_on, ".")
    before = check(*words)
    assert before.exit_code == 1, before.output
    added = check("--add-noqa", *words)
    assert added.exit_code == 0, added.output
    assert "wrote noqa comments into 1 file" in added.stderr
    again = check(*words)
    assert again.exit_code == 0, again.output
    assert "suppressed" in again.stdout
    written = Path(name).read_text()
    without = [line.split("; noqa")[0].split("# noqa")[0].rstrip() for line in written.splitlines()]
    assert without == [line.split("; noqa")[0].rstrip() for line in text.splitlines()]
    second = check("--add-noqa", *words)
    assert second.exit_code == 0
    assert Path(name).read_text() == written


def test_codes_join_the_comment_that_stands_there() -> None:
    Path("example.com.zone").write_text(f'{HEAD}two TXT "v=spf1 ?all" ; noqa: SPF203 why\n')
    check("--select", "SPF20,NOQA", "--add-noqa", ".")
    assert "; noqa: SPF203, NOQA001, SPF202 why\n" in Path("example.com.zone").read_text()
    assert check("--select", "SPF20,NOQA", ".").exit_code == 0


def test_what_one_zone_lacks_is_not_accepted_for_others_of_an_included_file() -> None:
    Path("mail.inc").write_text("@ MX 10 mail.example.net.\n")
    for name in ("a", "b"):
        Path(f"{name}.example.zone").write_text(f"{HEAD}$INCLUDE mail.inc\n")
    Path("zonelint.toml").write_text('[domains."a.example"]\nsenders = ["mailchimp"]\n')
    for paths in ([], ["a.example.zone"]):
        done = check("--add-noqa", "--select", "DKIM101", *paths)
        assert "mail.inc is also part of b.example" in done.output
        assert Path("mail.inc").read_text() == "@ MX 10 mail.example.net.\n"


def test_a_comment_of_an_included_file_holds_in_every_zone() -> None:
    Path("mail.inc").write_text('@ TXT "v=spf1 mx +all"\n')
    for name in "ab":
        Path(f"{name}.example.zone").write_text(f"{HEAD}$INCLUDE mail.inc\n")
    assert check("--select", "SPF201", "--add-noqa", ".").exit_code == 0
    assert Path("mail.inc").read_text() == '@ TXT "v=spf1 mx +all"  ; noqa: SPF201\n'
    assert check("--select", "SPF201", ".").exit_code == 0


def test_a_text_of_several_lines_has_its_comment_behind_it() -> None:
    Path("example.com.zone").write_text(f'{HEAD}@ TXT ( "v=spf1 mx"\n " +all"\n)\n')
    assert check("--select", "SPF201", "--add-noqa", ".").exit_code == 0
    text = Path("example.com.zone").read_text()
    assert text.endswith('( "v=spf1 mx"\n " +all"  ; noqa: SPF201\n)\n')


def test_octets_that_are_no_utf_8_and_a_mark_stay() -> None:
    octets = (
        b"\xef\xbb\xbf'':\n  type: TXT\n  value: v=spf1 ?all\nx:\n  type: A\n  value: 192.0.2.1\n"
    )
    Path("example.com.yaml").write_bytes(octets)
    assert check("--select", "SPF202", "--add-noqa", ".").exit_code == 0
    made = octets.replace(b"?all\n", b"?all  # noqa: SPF202\n")
    assert Path("example.com.yaml").read_bytes() == made
    octets = HEAD.encode() + b'x TXT "\xff"\n@ TXT "v=spf1 ?all"\n'
    Path("example.net.zone").write_bytes(octets)
    assert check("--select", "SPF202", "--add-noqa", "example.net.zone").exit_code == 0
    made = octets.replace(b'?all"\n', b'?all"  ; noqa: SPF202\n')
    assert Path("example.net.zone").read_bytes() == made


def test_what_no_comment_can_accept_is_told() -> None:
    Path("example.com.zone").write_text(f'{HEAD}@ TXT "v=spf1 ?all"\n')
    Path("example.com.zone").chmod(0o444)
    result = check("--select", "SPF202", "--add-noqa", ".")
    assert result.exit_code == 2
    assert "read-only" in result.stderr
    Path("example.com.json").write_text(
        '{"format_version": "1.2", "terraform_version": "1.9", "planned_values": {"root_module": '
        '{"resources": [{"address": "aws_route53_record.a", "mode": "managed", "type": '
        '"aws_route53_record", "name": "a", "values": {"zone_id": "Z1", "name": "example.com", '
        '"type": "TXT", "ttl": 300, "records": ["v=spf1 ?all"]}}]}}}'
    )
    result = check("--select", "SPF202", "--add-noqa", "example.com.json")
    assert result.exit_code == 1, result.output
    assert "SPF202 is left: no comment that accepts it fits here" in result.stderr


def test_a_baseline_and_the_least_severity_count() -> None:
    Path("example.com.zone").write_text(ZONE)
    check("--write-baseline", "--select", "SPF", ".")
    assert check("--select", "SPF", "--add-noqa", ".").exit_code == 0
    assert Path("example.com.zone").read_text() == ZONE


def test_what_is_not_shown_and_fails_nothing_gets_no_comment() -> None:
    zone = f'{HEAD.replace("1w", "1h")}@ TXT "v=spf1 ?all"\n_dmarc TXT "v=DMARC1; p=none"\n'
    words = ("--select", "SPF202,DMARC102", ".")
    Path("example.com.zone").write_text(zone)
    check("--add-noqa", "--min-severity", "warning", *words)
    assert Path("example.com.zone").read_text().count("noqa") == 1
    Path("example.com.zone").write_text(zone)
    hidden = check("--add-noqa", "--min-severity", "error", *words)
    assert hidden.exit_code == 0
    assert Path("example.com.zone").read_text().count("noqa: SPF202") == 1
    assert check(*words).exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--add-noqa", "--against", "main", "."),
        ("--add-noqa", "--write-baseline", "."),
        ("--add-noqa", "--diff", "."),
        ("--add-noqa", "-"),
    ],
)
def test_what_does_not_go_together(words: tuple[str, ...]) -> None:
    result = check(*words)
    assert result.exit_code == 2
    assert "--add-noqa" in result.stderr


def test_fixes_come_first() -> None:
    Path("example.com.zone").write_text(f'{HEAD}@ TXT "v=spf1 ip4:20.40.1.1/24 ?all"\n')
    words = ("--select", "SPF202,SPF301")
    assert check(*words, "--fix", "--add-noqa", ".").exit_code == 0
    line = Path("example.com.zone").read_text().splitlines()[-1]
    assert line == '@ TXT "v=spf1 ip4:20.40.1.0/24 ?all"  ; noqa: SPF202'


def test_a_comment_at_one_answer_of_a_set_is_not_said_to_be_left() -> None:
    zone, _, record = TERRAFORM.partition('resource "aws_route53_record" "mail"')
    words = "  weighted_routing_policy { weight = 1 }\n  set_identifier = {}\n}\n"
    answers = [
        f'resource "aws_route53_record" "{name}"{record.rstrip()[:-1].replace("+all", end)}'
        + words.replace("{}", f'"{name}"')
        for name, end in (("one", "-all"), ("other", "+all"))
    ]
    Path("main.tf").write_text("\n".join([zone, *answers]))
    added = check("--select", "SPF201", "--add-noqa", ".")
    assert "is left" not in added.stderr
    assert added.exit_code == 0
    assert Path("main.tf").read_text().count("# noqa: SPF201") == 1
