"""What source does not say of a zone: what other roots write to it, what is there and stays."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from zonelint.main import zonelint

MADE = 'resource "aws_route53_zone" "z" { name = "example.com" }\n'
LOOKED_UP = 'data "aws_route53_zone" "z" { name = "example.com" }\n'
HERE, THERE = "aws_route53_zone.z.zone_id", "data.aws_route53_zone.z.zone_id"
TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Zone: {Type: AWS::Route53::HostedZone, Properties: {Name: example.com}}
  MX: {Type: AWS::Route53::RecordSet, Properties: {HostedZoneId: !Ref Zone, Name: example.com,
       Type: MX, ResourceRecords: ["10 mx.example.net."]}}
"""
OTHER_TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Policy: {Type: AWS::Route53::RecordSet, Properties: {HostedZoneName: example.com.,
           Name: _dmarc.example.com, Type: TXT, ResourceRecords: ['"v=DMARC1; p=none"']}}
"""


def record(name: str, type: str, value: str, zone: str = HERE) -> str:
    label = f"{type}-{name}".replace(".", "-").lower()
    return (
        f'resource "aws_route53_record" "{label}" {{\n  zone_id = {zone}\n  name = "{name}"\n'
        f'  type = "{type}"\n  ttl = 300\n  records = ["{value}"]\n}}\n'
    )


MX = MADE + record("example.com", "MX", "10 mx.example.net.")
DMARC = ("_dmarc.example.com", "TXT", "v=DMARC1; p=none")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("zonelint.toml").touch()


def write(**files: str) -> None:
    for name, text in files.items():
        Path(name).mkdir(exist_ok=True)
        Path(name, "template.yaml" if text.startswith("AWS") else "main.tf").write_text(text)


def check(*words: str, select: str = "DMARC101,ZONE010") -> tuple[list[str], list[str]]:
    """The codes that are found, and those that are undecided."""
    done = CliRunner().invoke(zonelint, ["check", *words, "--select", select, "--format", "json"])
    assert done.exit_code in (0, 1), done.output
    told = json.loads(done.stdout)
    return [each["code"] for each in told["findings"]], [each["code"] for each in told["undecided"]]


@pytest.mark.parametrize("path", [".", "a"])
@pytest.mark.parametrize(
    ("made", "other"),
    [(MX, LOOKED_UP + record(*DMARC, THERE)), (TEMPLATE, OTHER_TEMPLATE)],
    ids=["Terraform", "CloudFormation"],
)
def test_what_another_root_publishes_in_the_zone_is_not_missing(
    path: str, made: str, other: str
) -> None:
    write(a=made)
    assert check(path) == (["DMARC101"], [])
    write(a=made, b=other)
    assert check(path) == ([], ["DMARC101"])


def test_what_no_root_publishes_is_missing() -> None:
    write(a=MX, b=LOOKED_UP + record("www.example.com", "TXT", "hello", THERE))
    assert check(".") == (["DMARC101"], [])


def test_zones_that_are_both_made_are_two() -> None:
    write(staging=MX, production=MX + record(*DMARC))
    assert check("staging") == (["DMARC101", "ZONE010"], [])


def test_a_zone_that_is_made_elsewhere_is_not_whole_for_being_declared() -> None:
    Path("zonelint.toml").write_text('[domains."example.com"]\n')
    write(a=MADE + record(*DMARC), b=LOOKED_UP + record("example.com", "MX", "10 a.net.", THERE))
    assert check(".") == ([], ["DMARC101"])


def test_a_record_that_moves_to_another_root_is_not_lost() -> None:
    strict = ("_dmarc.example.com", "TXT", "v=DMARC1; p=reject")
    write(old=MX + record(*strict))
    Path("old").rename("before")
    Path("after").mkdir()
    write(**{"after/a": MX, "after/b": LOOKED_UP + record(*strict, THERE)})
    found, undecided = check("after", "--against", "before", select="PHASE002")
    assert found == []
    assert "PHASE002" in undecided
    write(**{"after/b": LOOKED_UP})
    assert check("after", "--against", "before", select="PHASE002")[0] == ["PHASE002"]


def test_a_text_about_something_else_leaves_the_record_beside_it_known() -> None:
    spf = record("example.com", "TXT", "v=spf1 include:_spf.example.com -all")
    write(a=MX + spf, b=LOOKED_UP + record("example.com", "TXT", "site-verification=1", THERE))
    assert check("a", select="SPF110,SPF106") == (["SPF106"], [])


REMOVED = "removed {\n  from = %s\n  lifecycle {\n    destroy = %s\n  }\n}\n"
IMPORT = 'import {\n  to = %s\n  id = "Z1__dmarc"\n}\n'
RESOURCE = "aws_route53_record.txt-_dmarc-example-com"
STRICT = record("_dmarc.example.com", "TXT", "v=DMARC1; p=reject")
LEAVING = TEMPLATE + (
    "  Policy: {Type: AWS::Route53::RecordSet, DeletionPolicy: %s,"
    " Properties: {HostedZoneId: !Ref Zone, Name: _dmarc.example.com, Type: TXT,"
    " ResourceRecords: ['\"v=DMARC1; p=reject\"']}}\n"
)
FOUND, OPEN = (["PHASE002"], []), ([], ["PHASE002"])


@pytest.mark.parametrize(
    ("before", "after", "right"),
    [
        (MX + STRICT, MX + REMOVED % (RESOURCE, "false"), OPEN),
        (MX + STRICT, MX + REMOVED % (RESOURCE, "true"), FOUND),
        (MX + STRICT, MX + REMOVED % ("aws_route53_record.other", "false"), FOUND),
        (LEAVING % "Retain", TEMPLATE, OPEN),
        (LEAVING % "RetainExceptOnCreate", TEMPLATE, OPEN),
        (LEAVING % "Delete", TEMPLATE, FOUND),
    ],
)
def test_what_is_let_go_is_not_removed(
    before: str, after: str, right: tuple[list[str], list[str]]
) -> None:
    write(before=before, after=after)
    assert check("after", "--against", "before", select="PHASE002") == right


def test_what_is_imported_was_there() -> None:
    write(before=MX, after=MX + STRICT)
    assert check("after", "--against", "before", select="PHASE001") == (["PHASE001"], [])
    write(after=MX + STRICT + IMPORT % RESOURCE)
    assert check("after", "--against", "before", select="PHASE001") == ([], ["PHASE001"])


CALL = 'module "mail" {\n  source = "git::https://git.example.net/m.git?ref=%s"\n  %s\n}\n'
GIVEN = f"zone_id = {HERE}"
STACK = TEMPLATE + (
    "  Mail: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: 'https://example.net/%s',"
    " Parameters: {Zone: !Ref Zone}}}\n"
)


@pytest.mark.parametrize(
    ("before", "after", "is_open"),
    [
        (MX + CALL % ("v1", GIVEN), MX + CALL % ("v1", "\n" + GIVEN), False),
        (MX + CALL % ("v1", GIVEN), MX + CALL % ("v2", GIVEN), True),
        (MX + CALL % ("v1", GIVEN), MX, True),
        (MX + CALL % ("v1", "size = 1"), MX + CALL % ("v2", "size = 1"), False),
        (MX, MX + CALL % ("v1", GIVEN), False),
        (STACK % 1, STACK % 1 + "\n", False),
        (STACK % 1, STACK % 2, True),
        (STACK % 1, TEMPLATE, True),
    ],
)
def test_what_gets_the_zone_and_changes_may_write_something_else(
    before: str, after: str, is_open: bool
) -> None:
    write(before=before, after=after)
    told = check("after", "--against", "before", select="PHASE002")
    assert ("ZONE001" in told[1]) is is_open


def test_what_is_not_known_stays_the_same_whatever_else_is_not() -> None:
    """A key whose owner has a hole, and other holes in front of it."""

    def named(label: str, type: str, value: str, hole: str) -> str:
        return record(f"{label}.example.com", type, value).replace(
            f'name = "{label}', f'name = "${{{hole}}}{label}'
        )

    key = named("._domainkey", "TXT", "v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJB", "var.b")
    rest = 'variable "a" {}\nvariable "b" {}\n' + MX
    write(before=rest + key, after=rest + key)
    more = named("x", "A", "${var.a}", "var.a") + named("y", "A", "${uuid()}", "uuid()")
    Path("after", "a.tf").write_text(more)
    assert check("after", "--against", "before", select="PHASE") == ([], [])
    write(after=rest)
    assert "PHASE006" in str(check("after", "--against", "before", select="PHASE"))


OTHER_SPF = '"v=spf1 a:mail.example.net -all"'
TWO_TEMPLATES = {
    name: f"""\
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  SPF: {{Type: AWS::Route53::RecordSet, Properties: {{HostedZoneId: {{id}}, Name: example.com.,
        Type: TXT, ResourceRecords: ['{text}']}}}}
"""
    for name, text in (("a", '"v=spf1 -all"'), ("b", OTHER_SPF))
}
TWO_ROOTS = {
    name: record("example.com", "TXT", text.strip('"'), '"{id}"')
    for name, text in (("a", "v=spf1 -all"), ("b", OTHER_SPF))
}


def write_by_id(texts: dict[str, str], a: str, b: str) -> None:
    write(a=texts["a"].replace("{id}", a), b=texts["b"].replace("{id}", b))


@pytest.mark.parametrize("path", [".", "a"])
@pytest.mark.parametrize("texts", [TWO_ROOTS, TWO_TEMPLATES], ids=["Terraform", "CloudFormation"])
def test_two_spf_records_may_meet_in_a_zone_that_is_written_by_its_id(
    texts: dict[str, str], path: str
) -> None:
    write_by_id(texts, "Z0123", "Z0123")
    found, undecided = check(path, select="ZONE001,ZONE010,SPF002")
    assert (found, {*undecided}) == ([], {"ZONE001"})
    write_by_id(texts, "Z0123", "Z0124")
    assert "ZONE001" not in check(path, select="ZONE001,SPF002")[1]


def test_what_another_root_writes_by_the_same_id_is_not_missing() -> None:
    Path("zonelint.toml").write_text('[domains."example.com"]\n')
    mx = record("example.com", "MX", "10 mx.example.net.", '"Z0123"')
    write(a=mx, b=record(*DMARC, '"Z0123"'))
    assert check("a") == ([], ["DMARC101"])


def test_two_spf_records_may_meet_where_one_root_looks_the_zone_up_that_another_makes() -> None:
    spf = [record("example.com", "TXT", f"v=spf1 {term}", "{id}") for term in ("-all", "mx -all")]
    write(a=MADE + spf[0].replace("{id}", HERE), b=LOOKED_UP + spf[1].replace("{id}", THERE))
    assert check("a", select="ZONE001,SPF002") == ([], ["ZONE001"])
