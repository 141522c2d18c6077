"""Variables of Terraform's on the command line, and those that nobody sets."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zonelint.main import zonelint

SOURCE = """\
variable "domain" {}
variable "rua" {}
resource "aws_route53_record" "spf" {
  zone_id = "Z1"
  name    = var.domain
  type    = "TXT"
  records = ["v=spf1 mx -all"]
}
resource "aws_route53_record" "mx" {
  zone_id = "Z1"
  name    = var.domain
  type    = "MX"
  records = ["10 mail.example.net"]
}
resource "aws_route53_record" "dmarc" {
  zone_id = "Z1"
  name    = "_dmarc.${var.domain}"
  type    = "TXT"
  records = ["v=DMARC1; p=none; rua=${var.rua}"]
}
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("main.tf").write_text(SOURCE)
    Path("prod.tfvars").write_text('domain = "example.com"\nrua = "dmarc@example.com"\n')


def check(*words: str) -> Result:
    return CliRunner().invoke(zonelint, ["check", ".", *words])


def test_a_variable_that_nobody_sets_is_told_once_with_what_depends_on_it() -> None:
    done = check("--format", "json")
    undecided = json.loads(done.stdout)["undecided"]
    told = [each["missing"] for each in undecided if "not set" in str(each)]
    assert told == [
        [
            "var.domain, which is not set (main.tf:1): the name of aws_route53_record.dmarc, "
            "the name of aws_route53_record.mx, "
            "the name of aws_route53_record.spf depend on it"
        ],
        ["var.rua, which is not set (main.tf:2): the value of main.tf:19 depends on it"],
    ]
    assert "unknown-zone" not in done.stdout
    text = check("--select", "DMARC").stdout
    assert "--var and --var-file give values to variables" in text


def test_a_file_of_values_is_another_reading_of_the_folder() -> None:
    assert "DMARC010" not in check().stdout
    done = check("--var-file", "prod.tfvars")
    assert done.exit_code == 1
    assert "DMARC010" in done.stdout
    done = check("--var-file", "prod.tfvars", "--var", "rua=mailto:dmarc@example.com")
    assert "DMARC010" not in done.stdout


def test_of_values_on_the_command_line_the_last_counts() -> None:
    file, value = ("--var-file", "prod.tfvars"), ("--var", "rua=mailto:dmarc@example.com")
    assert "DMARC010" in check(*value, *file).stdout
    assert "DMARC010" not in check(*file, *value).stdout
    assert "DMARC010" not in check(*value, *file, "--format", "text", *value).stdout
    Path("terraform.tfvars").write_text(Path("prod.tfvars").read_text())
    Path("z.auto.tfvars").write_text('rua = "mailto:dmarc@example.com"')
    assert "DMARC010" not in check().stdout
    assert "DMARC010" in check("--var-file", "terraform.tfvars").stdout
    last = check(*value, *file).stdout.splitlines()[-1]
    assert last.endswith(" --var rua=mailto:dmarc@example.com --var-file prod.tfvars .")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--var", "domain"], "a name, '=' and a value are expected"),
        (["--var-file", "none.tfvars"], "does not exist"),
        (["--var", "domian=example.com"], "--var domian: No configuration that is read declares"),
    ],
)
def test_what_cannot_be_used_is_told(words: list[str], message: str) -> None:
    done = check(*words)
    assert done.exit_code == 2
    assert message in done.output


def test_a_place_that_cannot_be_read_stands_behind_its_path() -> None:
    Path("bad.tf").write_text('resource "aws_route53_record" "a" {\n  type = "TXT"\n')
    told = check().stdout.splitlines() + check().stderr.splitlines()
    assert any("bad.tf:1:1: This block is never closed" in line for line in told), told
    assert not any("Line 1, column" in line for line in told)


def test_texts_are_judged_whoever_publishes_them() -> None:
    Path("main.tf").write_text(SOURCE.replace("mx -all", "mx +all"))
    done = check("--format", "json")
    found = json.loads(done.stdout)
    (finding,) = [each for each in found["findings"] if each["code"] == "SPF201"]
    assert (finding["line"], finding["owner"]) == (7, "@")
    assert found["summary"]["zones"] == 1
    Path("main.tf").write_text(SOURCE.replace('"_dmarc.${var.domain}"', "local.at"))
    assert "DMARC102" in check().stdout


MADE = """\
resource "aws_route53_zone" "z" { name = "example.com" }
resource "aws_route53_record" "mx" {
  zone_id = aws_route53_zone.z.zone_id
  name    = "example.com"
  type    = "MX"
  ttl     = 3600
  records = ["10 mx.example.net"]
}
"""


@pytest.mark.parametrize(
    ("settings", "is_missing"),
    [
        ("", True),
        ("[resources]\nwhole = []\n", False),
        ('[resources]\nwhole = ["example.net"]\n', False),
        ('[resources]\nwhole = ["example.com"]\n', True),
        ('[domains."example.com"]\nsenders = []\n[resources]\nwhole = []\n', False),
    ],
)
def test_the_configuration_says_which_zones_are_whole(settings: str, is_missing: bool) -> None:
    Path("main.tf").write_text(MADE)
    if settings:
        Path("zonelint.toml").write_text(settings)
    done = check("--format", "json", "--select", "SPF110,DMARC101")
    found = json.loads(done.stdout)
    assert {f["code"] for f in found["findings"]} == (
        {"SPF110", "DMARC101"} if is_missing else set()
    )
    assert bool(found["undecided"]) is not is_missing


def test_the_call_and_the_key_of_an_instance_are_named() -> None:
    Path("m").mkdir()
    Path("m/main.tf").write_text(
        'resource "aws_route53_record" "spf" {\n  for_each = toset(["a.example.com"])\n'
        '  zone_id = "Z1"\n  name = each.key\n  type = "TXT"\n  records = ["v=spf1 +all"]\n}\n'
    )
    Path("main.tf").write_text('module "mail" {\n  source = "./m"\n  count = 1\n}\n')
    address = 'module.mail[0].aws_route53_record.spf["a.example.com"]'
    assert f"In {address}." in check("--select", "SPF201").stdout
    assert address in check("--select", "SPF201", "--format", "github").stdout


WRITTEN = """\
variable "spf" {}
resource "aws_route53_zone" "z" { name = "example.com" }
resource "aws_route53_record" "spf" {
  zone_id = aws_route53_zone.z.zone_id
  name    = "example.com"
  type    = "TXT"
  ttl     = 3600
  records = [var.spf]
}
"""


def test_a_command_that_fixes_is_offered_with_the_variables_where_it_can_write_them() -> None:
    Path("main.tf").write_text(WRITTEN)
    Path("prod.tfvars").write_text('spf = "v=spf1 mx +all"\n')
    asked = ("--select", "SPF201")
    last = check(*asked, "--var", "spf=v=spf1 mx +all").stdout.splitlines()[-1]
    assert "--fix-proposed" not in last
    last = check(*asked, "--var-file", "prod.tfvars", "--as-found").stdout.splitlines()[-1]
    command = "--fix-proposed SPF201 --select SPF201 --var-file prod.tfvars --as-found ."
    assert last.endswith(f"zonelint check {command}")
    assert CliRunner().invoke(zonelint, ["check", *command.split()]).exit_code == 0
    assert "-all" in Path("prod.tfvars").read_text()
    other = WRITTEN.replace("[var.spf]", '["v=spf1 mx +all"]')
    Path("main.tf").write_text(other)
    last = check(*asked, "--var", "spf=a b").stdout.splitlines()[-1]
    assert last.endswith("--fix-proposed SPF201 --select SPF201 --var 'spf=a b' .")


@pytest.mark.parametrize(
    ("rua", "told"),
    [
        ("d@example.com", []),
        ("d@reports.example.com", []),
        ("d@example.net", [["example.com._report._dmarc.example.net."]]),
    ],
)
def test_a_record_that_may_not_be_there_reports_about_its_own_domain(
    rua: str, told: list[list[str]]
) -> None:
    zone = 'resource "aws_route53_zone" "main" {\n  name = "example.com"\n}\n'
    record = zone + SOURCE[SOURCE.index('resource "aws_route53_record" "dmarc"') :]
    record = record.replace('"dmarc" {', '"dmarc" {\n  count = var.unknown')
    record = record.replace("${var.domain}", "example.com")
    record = record.replace('"Z1"', "aws_route53_zone.main.zone_id")
    Path("main.tf").write_text(record.replace("${var.rua}", f"mailto:{rua}"))
    found = json.loads(check("--format", "json", "--select", "DMARC112").stdout)
    assert found["findings"] == []
    assert [e["missing"] for e in found["undecided"] if e["code"] == "DMARC112"] == told
    assert "unknown-zone" not in str(found)


def test_what_a_zone_without_a_name_leaves_open_is_not_called_its_syntax() -> None:
    done = check("--format", "concise")
    assert "undecided ZONE001 unread-records for " in done.stdout
    assert "zone-syntax" not in done.stdout


def test_files_that_are_changed_beside_the_named_ones_are_told() -> None:
    Path("mod").mkdir()
    record = (
        'resource "aws_route53_record" "spf" {{\n  zone_id = {}\n  name = "{}"\n  type = "TXT"\n'
    )
    record += '  ttl = 60\n  records = ["v=spf1 MX -all"]\n}}\n'
    zone = 'resource "aws_route53_zone" "z" {{ name = "{}" }}\n'
    ref = "aws_route53_zone.z.zone_id"
    for path, name in (("main.tf", "a.example"), ("mod/main.tf", "b.example")):
        Path(path).write_text(zone.format(name) + record.format(ref, name))
    with Path("main.tf").open("a") as source:
        source.write('module "m" {\n  source = "./mod"\n}\n')
    said = "zonelint: also changes mod/main.tf, which is part of the same Terraform configuration\n"
    done = CliRunner().invoke(zonelint, ["check", "main.tf", "--fix", "--diff"])
    assert "+++ b/mod/main.tf" in done.stdout
    assert said in done.stderr
    assert said not in check("--fix", "--diff").stderr
