"""Terraform source: the records, values and places that a folder of `.tf` files comes to."""

import textwrap
from pathlib import Path

import pytest

from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.providers.files import Files
from zonelint.providers.hcl.blocks import divide
from zonelint.providers.resources.zones import ResourceZone
from zonelint.providers.terraform.source.find import GivenVariable
from zonelint.providers.terraform.source.zones import SourceReading, read_source

ZONE = 'resource "aws_route53_zone" "z" { name = "example.com" }\n'


def read(folder: Path, **texts: str) -> SourceReading:
    """The reading of files that are written into the folder; `_` in a name is a dot or slash."""
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_tf", ".tf").replace("_yaml", ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return read_source([str(folder)], files=Files([folder]))


def records(reading: SourceReading) -> set[str]:
    return {
        f"{record.owner} {record.type} {record.rdata}"
        for zone in reading.zones
        for rrset in zone.rrsets()
        for record in rrset
    }


def spot(zone: ResourceZone, owner: str, type: str, folder: Path) -> str:
    """The text that a record's value stands at."""
    rrset = zone.get(owner, type)
    assert rrset is not None
    span = rrset.records[0].span
    lines = Path(span.path).read_text().split("\n")
    assert span.line == span.end_line
    found = lines[span.line - 1][span.column - 1 : span.end_column - 1]
    return f"{Path(span.path).relative_to(folder)}: {found}"


TXT = """
resource "aws_route53_record" "r" {{
  zone_id = aws_route53_zone.z.zone_id
  name    = {name}
  type    = "TXT"
  ttl     = 3600
  records = [{value}]
  {more}
}}
"""

FORMS = [
    ('"v=spf1 -all"', "", "v=spf1 -all"),
    ("var.spf", 'variable "spf" { default = "v=spf1 -all" }', "v=spf1 -all"),
    ('"${var.spf}"', 'variable "spf" { default = "v=spf1 -all" }', "v=spf1 -all"),
    ("local.a.spf", 'locals { a = { spf = "v=spf1 -all" } }', "v=spf1 -all"),
    ('local.a["spf"]', 'locals { a = { "spf" : "v=spf1 -all" } }', "v=spf1 -all"),
    ("local.a[1]", 'locals { a = ["x", "v=spf1 -all"] }', "v=spf1 -all"),
    ("local.a.1", 'locals { a = ["x", "v=spf1 -all"] }', "v=spf1 -all"),
    ('"v=spf1 ${local.all}all"', 'locals { all = "-" }', "v=spf1 -all"),
    ('join(" ", ["v=spf1", "-all"])', "", "v=spf1 -all"),
    ('join(" ", concat(["v=spf1"], local.x, ["-all"]))', 'locals { x = ["a"] }', "v=spf1 a -all"),
    ('format("v=spf1 %s -all", "mx")', "", "v=spf1 mx -all"),
    ('replace("v=spf1 mx ~all", "~", "-")', "", "v=spf1 mx -all"),
    ('replace("v=spf1 mx ~all", "/[~?]all/", "-all")', "", "v=spf1 mx -all"),
    ('replace("v=spf1 mx ~all", "/([~?])all/", "$${1}all")', "", "v=spf1 mx ~all"),
    ('trimspace(" v=spf1 -all ")', "", "v=spf1 -all"),
    ('trimsuffix("v=spf1 -all.", ".")', "", "v=spf1 -all"),
    ('lower("V=SPF1 -ALL")', "", "v=spf1 -all"),
    ('local.on ? "v=spf1 -all" : "v=spf1 +all"', "locals { on = true }", "v=spf1 -all"),
    ('lookup({ a = "v=spf1 -all" }, "a", "x")', "", "v=spf1 -all"),
    ('lookup({}, "a", "v=spf1 -all")', "", "v=spf1 -all"),
    ('coalesce(null, "", "v=spf1 -all")', "", "v=spf1 -all"),
    ('element(["v=spf1 -all"], 3)', "", "v=spf1 -all"),
    ('try(local.a.b, "v=spf1 -all")', "locals { a = {} }", "v=spf1 -all"),
    ('try(tobool("yes"), "v=spf1 -all")', "", "v=spf1 -all"),  # Terraform refuses `yes`
    ('trim(trimprefix("v=spf2-v=spf1 -all--", "v=spf2"), "-")', "", "v=spf1 -all"),
    ('flatten([["v=spf1 -all"]])[0]', "", "v=spf1 -all"),
    ('split(";", "v=spf1 -all;x")[0]', "", "v=spf1 -all"),
    ('substr("xv=spf1 -allx", 1, 11)', "", "v=spf1 -all"),
    ('[for s in ["-all"] : "v=spf1 ${s}"][0]', "", "v=spf1 -all"),
    ('{ for k, v in { a = "-all" } : k => "v=spf1 ${v}" }.a', "", "v=spf1 -all"),
    ('[for s in ["x", "v=spf1 -all"] : s if s != "x"][0]', "", "v=spf1 -all"),
    ("(local.l[*].t)[0]", 'locals { l = [{ t = "v=spf1 -all" }] }', "v=spf1 -all"),
    ('local.l.*.t[0]', 'locals { l = [{ t = "v=spf1 -all" }] }', "v=spf1 -all"),
    ('merge({ a = "x" }, { a = "v=spf1 -all" }).a', "", "v=spf1 -all"),
    ('values({ b = "x", a = "v=spf1 -all" })[0]', "", "v=spf1 -all"),
    ('keys({ "v=spf1 -all" = 1 })[0]', "", "v=spf1 -all"),
    ('compact(["", "v=spf1 -all"])[0]', "", "v=spf1 -all"),
    ('slice(["a", "v=spf1 -all"], 1, 2)[0]', "", "v=spf1 -all"),
    ('chunklist(["a", "v=spf1 -all"], 1)[1][0]', "", "v=spf1 -all"),
    ('jsondecode("{\\"a\\": \\"v=spf1 -all\\"}").a', "", "v=spf1 -all"),
    ("1 + 2 == 3 && !false ? \"v=spf1 -all\" : \"x\"", "", "v=spf1 -all"),
    ('length(regexall("^v=", "v=spf1")) > 0 ? "v=spf1 -all" : "x"', "", "v=spf1 -all"),
    ("<<EOT\nv=spf1 -all\nEOT\n", "", "v=spf1 -all\n"),
    ('list("x", "v=spf1 -all")[1]', "", "v=spf1 -all"),  # as before version 0.12
    ('map("a", "v=spf1 -all")["a"]', "", "v=spf1 -all"),
    ('element(list("${var.spf}"), 0)', 'variable "spf" { default = "v=spf1 -all" }', "v=spf1 -all"),
    ("chomp(<<-EOT\n    v=spf1 -all\n  EOT\n  )", "", "v=spf1 -all"),
]  # fmt: skip


HCLOUD = """
resource "hcloud_zone_rrset" "spf" {{
  zone    = "example.com"
  name    = "@"
  type    = "TXT"
  records = [{{ value = provider::hcloud::txt_record({}) }}]
}}
"""


@pytest.mark.parametrize(
    ("argument", "strings"),
    [
        ('"v=spf1 -all"', ["v=spf1 -all"]),
        (f'"{"x" * 300}"', ["x" * 255, "x" * 45]),
        (r'"a\"b"', ['a"b']),
        ("12", ["12"]),
    ],
)
def test_hetzner_s_own_function_puts_quotes_around_a_text(
    tmp_path: Path, argument: str, strings: list[str]
) -> None:
    (zone,) = read(tmp_path, main_tf=HCLOUD.format(argument)).zones
    ((record,),) = zone.rrsets()
    assert list(record.text.strings) == strings


@pytest.mark.parametrize(("value", "more", "text"), FORMS, ids=[form[0] for form in FORMS])
def test_a_form_is_read(tmp_path: Path, value: str, more: str, text: str) -> None:
    reading = read(tmp_path, main_tf=ZONE + more + TXT.format(name='""', value=value, more=""))
    assert reading.problems == []
    (zone,) = reading.zones
    assert zone.origin == "example.com."
    rrset = zone.get("example.com.", "TXT")
    assert rrset is not None
    assert [record.text.value for record in rrset] == [text]
    assert zone.complete


def test_a_value_is_found_where_it_is_written(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        main_tf=ZONE
        + 'variable "spf" {\n  default = "v=spf1 -all"\n}\n'
        + TXT.format(name='"a"', value="var.spf", more=""),
    )
    assert spot(reading.zones[0], "a.example.com.", "TXT", tmp_path) == "main.tf: v=spf1 -all"


def test_a_name_that_is_put_together_is_found_at_its_template(tmp_path: Path) -> None:
    local = 'locals { selectors = ["a"] }\n'
    name = '"${local.selectors[0]}.domainkey"'
    reading = read(tmp_path, main_tf=local + ZONE + TXT.format(name=name, value='"x"', more=""))
    (record,) = reading.zones[0].each_record()
    at = record.owner_span
    line = (tmp_path / "main.tf").read_text().split("\n")[at.line - 1]
    assert line[at.column - 1 : at.end_column - 1] == name[1:-1]


def test_a_value_of_a_yaml_file_is_found_at_its_line(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        records_yaml="a:\n  spf: v=spf1 -all\n",
        main_tf=ZONE
        + TXT.format(
            name='"a"', value='yamldecode(file("${path.module}/records.yaml")).a.spf', more=""
        ),
    )
    assert spot(reading.zones[0], "a.example.com.", "TXT", tmp_path) == "records.yaml: v=spf1 -all"


def test_a_module_is_read_once_a_call(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        main_tf="""
        resource "aws_route53_zone" "z" {
          for_each = toset(["example.com", "example.net"])
          name     = each.key
        }
        module "mail" {
          for_each = aws_route53_zone.z
          source   = "./modules/mail"
          zone     = each.value
          selectors = { k1 = "k1.vendor.example" }
        }
        """,
        modules__mail__main_tf="""
        variable "zone" {}
        variable "selectors" { type = map(string) }
        variable "spf" { default = "v=spf1 mx -all" }
        resource "aws_route53_record" "spf" {
          zone_id = var.zone.zone_id
          name    = var.zone.name
          type    = "TXT"
          records = [var.spf]
        }
        resource "aws_route53_record" "dkim" {
          for_each = var.selectors
          zone_id  = var.zone.id
          name     = "${each.key}._domainkey.${var.zone.name}"
          type     = "CNAME"
          records  = [each.value]
        }
        """,
    )
    assert records(reading) == {
        'example.com. TXT "v=spf1 mx -all"',
        'example.net. TXT "v=spf1 mx -all"',
        "k1._domainkey.example.com. CNAME k1.vendor.example.",
        "k1._domainkey.example.net. CNAME k1.vendor.example.",
    }
    assert sorted(zone.origin for zone in reading.zones) == ["example.com.", "example.net."]
    address = reading.zones[0].get("k1._domainkey.example.com.", "CNAME") or reading.zones[1].get(
        "k1._domainkey.example.com.", "CNAME"
    )
    assert address is not None
    (record,) = address.records
    assert getattr(record, "address", "") == (
        'module.mail["example.com"].aws_route53_record.dkim["k1"]'
    )


def test_a_file_of_a_module_leads_to_its_callers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    read(
        tmp_path,
        root__main_tf=ZONE + 'module "m" {\n  source = "../m"\n  zone = aws_route53_zone.z.id\n}\n',
        m__main_tf='variable "zone" {}\n'
        + TXT.format(name='""', value='"v=spf1 -all"', more="").replace(
            "aws_route53_zone.z.zone_id", "var.zone"
        ),
    )
    monkeypatch.chdir(tmp_path / "m")
    for path in (str(tmp_path / "m" / "main.tf"), "main.tf", ".", "../m"):
        reading = read_source([path], files=Files())
        assert records(reading) == {'example.com. TXT "v=spf1 -all"'}


def test_variables_of_files_are_loaded_as_terraform_does(tmp_path: Path) -> None:
    (tmp_path / "b.auto.tfvars").write_text('spf = "v=spf1 -all"\n')
    (tmp_path / "terraform.tfvars").write_text('spf = "v=spf1 +all"\nname = "a"\n')
    (tmp_path / "other.tfvars").write_text('spf = "v=spf1 ?all"\n')
    declared = 'variable "spf" {}\nvariable "name" {}\n'
    text = ZONE + declared + TXT.format(name="var.name", value="var.spf", more="")
    assert records(read(tmp_path, main_tf=text)) == {'a.example.com. TXT "v=spf1 -all"'}


def test_a_broken_block_costs_only_itself(tmp_path: Path) -> None:
    broken = 'resource "aws_route53_record" "b" {\n  name = = "x"\n}\n'
    open_ = 'resource "aws_route53_record" "c" {\n  name = "x"\n'
    text = ZONE + broken + open_ + TXT.format(name='"a"', value='"v=spf1 -all"', more="")
    reading = read(tmp_path, main_tf=text)
    assert records(reading) == {'a.example.com. TXT "v=spf1 -all"'}
    places = [(problem.line, problem.column) for problem in reading.problems]
    assert {line for line, _ in places} == {3, 5}
    assert (3, 10) in places
    assert not reading.zones[0].complete


def test_what_is_not_known_is_a_hole(tmp_path: Path) -> None:
    text = ZONE + 'variable "who" {}\n'
    text += TXT.format(name='"_dmarc"', value='"v=DMARC1; p=none; rua=mailto:${var.who}"', more="")
    (zone,) = read(tmp_path, main_tf=text).zones
    rrset = zone.get("_dmarc.example.com.", "TXT")
    assert rrset is not None
    (record,) = rrset
    (hole,) = record.where.holes  # type: ignore[attr-defined]
    assert hole.inside
    assert hole.why == f"var.who, which is not set ({tmp_path / 'main.tf'}:2)"
    assert zone.complete
    assert zone.unknown == {}  # to whom reports go changes nothing of the policy


@pytest.mark.parametrize(
    ("owner", "value", "is_open"),
    [
        ("_dmarc", "v=DMARC1; p=${var.who}; rua=mailto:d@example.com", True),
        ("_dmarc", "v=DMARC1; p=reject; sp=${var.who}", True),
        ("", "v=spf1 include:${var.who}.example.net -all", False),
        ("", "v=spf1 mx ${var.who}all", True),
        ("k._domainkey", "v=DKIM1; p=${var.who}", True),
    ],
)
def test_what_decides_a_text_is_unknown_where_it_is_a_hole(
    owner: str, value: str, is_open: bool, tmp_path: Path
) -> None:
    text = ZONE + 'variable "who" {}\n' + TXT.format(name=f'"{owner}"', value=f'"{value}"', more="")
    (zone,) = read(tmp_path, main_tf=text).zones
    assert bool(zone.unknown) is is_open


def test_what_may_not_be_there_is_no_second_record(tmp_path: Path) -> None:
    text = ZONE + 'variable "on" {}\n'
    for name, count in (("a", "var.on ? 1 : 0"), ("b", "var.on ? 0 : 1")):
        one = TXT.format(name='""', value=f'"v=spf1 include:{name}.example -all"', more="")
        text += one.replace('"r"', f'"{name}"').replace("  ttl", f"  count = {count}\n  ttl")
    reading = read(tmp_path, main_tf=text)
    assert [zone.called for zone in reading.zones if zone.records] == ["example.com."] * 2


def test_a_switch_that_is_off_is_respected(tmp_path: Path) -> None:
    off = TXT.format(name='""', value='"v=spf1 +all"', more="count = var.on ? 1 : 0")
    text = ZONE + 'variable "on" { default = false }\n' + off
    assert records(read(tmp_path, main_tf=text)) == set()


@pytest.mark.parametrize("count", ["200001", "100000000", "1" * 40])
def test_more_instances_than_are_read_are_told(count: str, tmp_path: Path) -> None:
    value = 'count.index > 200000 ? "v=spf1 +all" : "v=spf1 -all"'
    text = ZONE + TXT.format(name='"r${count.index}"', value=value, more=f"count = {count}")
    reading = read(tmp_path, main_tf=text)
    assert not reading.zones
    assert any("creates more resources" in str(problem) for problem in reading.problems)


def test_ignored_changes_are_not_known(tmp_path: Path) -> None:
    more = "lifecycle { ignore_changes = [records] }"
    text = ZONE + TXT.format(name='""', value='"v=spf1 +all"', more=more)
    (zone,) = read(tmp_path, main_tf=text).zones
    assert [record.unknown for record in zone.get(zone.origin, "TXT")]
    assert "ignore_changes" in str(zone.unknown)


def test_handles_are_compared_by_value(tmp_path: Path) -> None:
    record = """
    resource "cloudflare_record" "{name}" {{
      zone_id = {zone}
      name    = "@"
      type    = "TXT"
      content = "v=spf1 -all"
    }}
    """
    zones = ["var.a", '"${var.a}"', "local.a", "var.b", 'var.ids["a"]', "var.ids.a"]
    zones += ["var.undeclared", "var.undeclared"]
    text = 'variable "a" {}\nvariable "b" {}\nvariable "ids" {}\nlocals { a = var.a }\n'
    text += "".join(
        textwrap.dedent(record.format(name=f"r{n}", zone=z)) for n, z in enumerate(zones)
    )
    found = {zone.ref: zone.records for zone in read(tmp_path, main_tf=text).zones}
    assert found == {"var.a": 3, "var.b": 1, "var.ids.a": 2, "var.undeclared": 2}


def test_records_of_a_module_from_elsewhere_may_be_missing_here(tmp_path: Path) -> None:
    call = 'module "mail" {\n  source = "registry.example/mail/aws"\n  zone = %s\n}\n'
    text = ZONE + TXT.format(name='""', value='"v=spf1 -all"', more="")
    for argument, complete in (("aws_route53_zone.z.id", False), ('"x"', True)):
        reading = read(tmp_path, main_tf=text + call % argument)
        assert [zone.complete for zone in reading.zones] == [complete]


def test_nothing_outside_of_the_repository_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("v=spf1 +all")
    inner = tmp_path / "inner"
    text = ZONE + TXT.format(name='""', value='file("../secret")', more="")
    reading = read(inner, main_tf=text)
    assert "secret" in str(reading.zones[0].unknown)


def test_circles_end(tmp_path: Path) -> None:
    text = ZONE + "locals {\n  a = local.b\n  b = local.a\n}\n"
    text += 'module "self" {\n  source = "./."\n}\n'
    text += TXT.format(name='""', value="local.a", more="")
    reading = read(tmp_path, main_tf=text)
    assert "refers to itself" in str(reading.zones[0].unknown)


def test_blocks_are_divided_without_reading_them() -> None:
    text = (
        'a = "}"\nresource "x" "y" {\n  a = "${foo("}")} {"\n  # }\n  b = <<EOT\n}\nEOT\n}\n'
        "locals {}\n"
    )
    divided = divide(SourceText("x", text))
    assert [(block.type, block.labels) for block in divided.blocks] == [
        ("resource", ("x", "y")),
        ("locals", ()),
    ]
    assert [each.name for each in divided.assignments] == ["a"]
    assert divided.faults == []


@pytest.mark.parametrize(
    "value", ["local.a{n}", "flatten(local.a{n})[0]", "jsonencode(local.a{n})", "local.t{n}"]
)
def test_what_doubles_ends(tmp_path: Path, value: str) -> None:
    lines = ['a0 = ["x"]', 't0 = "v=spf1 "']
    for n in range(1, 40):
        lines += [
            f"a{n} = [local.a{n - 1}, local.a{n - 1}]",
            f't{n} = "${{local.t{n - 1}}}${{local.t{n - 1}}}"',
        ]
    text = ZONE + "locals {\n" + "\n".join(lines) + "\n}\n"
    text += TXT.format(name='""', value=value.format(n=39), more="")
    read(tmp_path, main_tf=text)


@pytest.mark.parametrize(
    "pattern", ["^(([a-z])+.)+[A-Z]$", "(a|ab)(a|ab)(a|ab)*x", "a?" * 30 + "a" * 30, "a*" * 9 + "x"]
)
def test_a_pattern_that_may_take_for_ever_is_not_tried(tmp_path: Path, pattern: str) -> None:
    value = f'regex("{pattern}", "{"a" * 60}")'
    reading = read(tmp_path, main_tf=ZONE + TXT.format(name='""', value=value, more=""))
    assert reading.problems == []
    (zone,) = reading.zones
    assert "`regex(…)` of these values" in "".join(zone.unseen("example.com.", "TXT"))


def test_a_product_of_loops_ends(tmp_path: Path) -> None:
    inner = '[join("", [for b in range(3000) : "${b}"])]'
    reading = read(
        tmp_path,
        main_tf=f"""
resource "aws_route53_record" "x" {{
  for_each = toset([for a in range(3000) : "${{a}}"])
  zone_id  = "x"
  name     = each.key
  type     = "TXT"
  records  = {inner}
}}
""",
    )
    (problem,) = reading.problems
    assert "takes longer, than zonelint allows" in problem.message


def test_json_is_read_as_the_same_language(tmp_path: Path) -> None:
    (tmp_path / "main.tf.json").write_text(
        r"""{
        "variable": {"all": {"type": "string", "default": "-all"}, "on": {"type": "bool"}},
        "locals": [{"spf": {"a": "v=spf1 ${lookup({ x = \"mx\" }, \"x\")} ${var.all}"}}],
        "module": {"dkim": {"source": "./dkim", "zone": "${aws_route53_zone.z}"}},
        "resource": {
          "aws_route53_zone": {"z": {"name": "example.com"}},
          "aws_route53_record": {
            "spf": {"zone_id": "${aws_route53_zone.z.id}", "name": "", "type": "TXT",
                    "records": ["${local.spf.a}"]},
            "mx": [{"zone_id": "${aws_route53_zone.z.id}", "name": "", "type": "MX",
                    "records": ["10 mail.example.com"], "count": "${var.on ? 1 : 0}"}],
            "ttl": {"zone_id": "${aws_route53_zone.z.id}", "name": "t", "type": "TXT",
                    "records": ["v=spf1 -all"], "lifecycle": {"ignore_changes": ["records"]}}
          },
          "azurerm_dns_mx_record": {
            "one": {"name": "one", "zone_name": "example.net",
                    "record": {"preference": 1, "exchange": "mail.example.net."}},
            "two": {"name": "two", "zone_name": "example.net", "dynamic": {"record": {
                    "for_each": ["a", "b"], "iterator": "each_host", "content": {
                    "preference": "${each_host.key}",
                    "exchange": "${each_host.value}.example.net."}}}}
          }
        }}"""
    )
    (tmp_path / "terraform.tfvars.json").write_text('{"on": true}')
    reading = read(
        tmp_path,
        dkim__main_tf="""
        variable "zone" {}
        resource "aws_route53_record" "k" {
          zone_id = var.zone.zone_id
          name    = "k._domainkey.${var.zone.name}"
          type    = "CNAME"
          records = ["k.vendor.example"]
        }
        """,
    )
    assert reading.problems == []
    assert records(reading) == {
        'example.com. TXT "v=spf1 mx -all"',
        "example.com. MX 10 mail.example.com.",
        "k._domainkey.example.com. CNAME k.vendor.example.",
        "one.example.net. MX 1 mail.example.net.",
        "two.example.net. MX 0 a.example.net.",
        "two.example.net. MX 1 b.example.net.",
        't.example.com. TXT ""',
    }
    zone = reading.zones[0]
    assert "ignore_changes" in str(zone.unknown)
    assert spot(zone, "example.com.", "MX", tmp_path) == "main.tf.json: 10 mail.example.com"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"resource": {"a": [}', ":1:21: A value is expected here."),
        ('{"resource"\n: 1 "x"}', ":2:5: `,` or `}` is expected here."),
        ("[" * 300, ":1:102: This is nested too deeply."),
        ("{} x", ":1:4: The end of the file is expected here."),
    ],
)
def test_broken_json_is_told(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "main.tf.json").write_text(text)
    text = ZONE + TXT.format(name='""', value='"v=spf1 -all"', more="")
    reading = read(tmp_path, other_tf=text)
    assert list(map(str, reading.problems)) == [f"{tmp_path / 'main.tf.json'}{message}"]
    assert records(reading) == {'example.com. TXT "v=spf1 -all"'}
    assert not reading.zones[0].complete


def given(folder: Path, *values: tuple[str | None, str]) -> SourceReading:
    variables = [GivenVariable(name, text) for name, text in values]
    return read_source([str(folder)], files=Files([folder]), given=variables)


def test_values_of_the_command_line_count_more_than_files(tmp_path: Path) -> None:
    read(
        tmp_path,
        main_tf=ZONE
        + 'variable "spf" {}\nvariable "names" { type = list(string) }\n'
        + TXT.format(name="var.names[0]", value="var.spf", more=""),
    )
    (tmp_path / "z.auto.tfvars").write_text('spf = "v=spf1 +all"\nnames = ["a"]\n')
    files = [tmp_path / "one.tfvars", tmp_path / "two.tfvars.json"]
    files[0].write_text('spf = "v=spf1 ~all"\nnames = ["b"]\n')
    files[1].write_text('{"names": ["c"]}')
    paths = [(None, str(path)) for path in files]
    assert records(given(tmp_path)) == {'a.example.com. TXT "v=spf1 +all"'}
    assert records(given(tmp_path, *paths)) == {'c.example.com. TXT "v=spf1 ~all"'}
    found = given(tmp_path, *paths, ("spf", "v=spf1 -all"), ("names", '["d"]'))
    assert records(found) == {'d.example.com. TXT "v=spf1 -all"'}
    assert found.declared == {"spf", "names"}


def test_indentation_and_a_byte_order_mark_are_no_faults(tmp_path: Path) -> None:
    text = TXT.format(name='""', value='"v=spf1 -all"', more="").replace("\n", "\r\n  ")
    (tmp_path / "main.tf").write_bytes(b"\xef\xbb\xbf" + (ZONE + text).encode())
    reading = read_source([str(tmp_path)], files=Files([tmp_path]))
    assert reading.problems == []
    assert records(reading) == {'example.com. TXT "v=spf1 -all"'}


def test_files_that_override_count_last(tmp_path: Path) -> None:
    more = "lifecycle {\n    ignore_changes = [records]\n  }"
    text = ZONE + TXT.format(name='""', value='"v=spf1 +all"', more=more)
    reading = read(
        tmp_path,
        z_tf=text,
        a_override_tf="""
        resource "aws_route53_record" "r" {
          records = ["v=spf1 -all"]
          lifecycle {}
        }
        """,
    )
    assert (tmp_path / "a_override.tf").exists()
    assert records(reading) == {'example.com. TXT "v=spf1 -all"'}


def test_ignored_changes_are_known_in_quotes_too(tmp_path: Path) -> None:
    more = 'lifecycle { ignore_changes = ["records"] }'
    text = ZONE + TXT.format(name='""', value='"v=spf1 +all"', more=more)
    (zone,) = read(tmp_path, main_tf=text).zones
    assert "ignore_changes" in str(zone.unknown)


MODULE = 'module "m" {{\n  source = "terraform-aws-modules/route53/aws"\n  {}\n}}\n'


@pytest.mark.parametrize(
    ("arguments", "is_told"),
    [
        ('records = [{ name = "w", type = "TXT", records = ["v=spf1 +all"] }]', True),
        ('records = { w = { type = "MX", records = ["10 mx"] } }', True),
        ("spf = local.spf", True),
        ('key = "k=rsa; p=${var.key}"', True),
        ('for_each = toset(["a", "b"])\n  spf = "v=spf1 ${each.key} -all"', True),
        ('records = [{ name = "w", type = "A", records = ["192.0.2.1"] }]', False),
        ('count = 0\n  spf = "v=spf1 -all"', False),
    ],
)
def test_mail_records_of_a_module_from_elsewhere_are_told(
    tmp_path: Path, arguments: str, is_told: bool
) -> None:
    more = 'locals { spf = "v=spf1 -all" }\nvariable "key" {}\n'
    found = read(tmp_path, main_tf=MODULE.format(arguments) + more)
    missing = [what for zone in found.zones for each in zone.undecided for what in each.missing]
    told = ["the mail records of module.m (the module is not in this repository)"]
    assert missing == (told if is_told else [])


def test_a_module_outside_what_is_read_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    call = 'module "m" {\n  source = "../../m"\n  spf = "v=spf1 -all"\n}\n'
    found = read(tmp_path / "here", main_tf=ZONE, zone__main_tf=call)
    assert [problem.message for problem in found.problems] == [
        "This folder is outside the repository: not read."
    ]


SHUT = ZONE + TXT.format(name='"@"', value='"v=spf1 -all"', more="")


def test_a_module_that_is_not_there_hides_no_other(tmp_path: Path) -> None:
    calls = "".join(f'module "{m}" {{\n  source = "../{m}"\n}}\n' for m in ("away", "m", "gone"))
    found = read(tmp_path, root__main_tf=calls, m__main_tf=SHUT.replace('"@"', '""'))
    assert records(found) == {'example.com. TXT "v=spf1 -all"'}


@pytest.mark.parametrize(
    ("of_terraform", "of_tofu", "is_told"),
    [
        (SHUT.replace("-all", "+all"), SHUT, True),
        (SHUT, ZONE, True),
        (ZONE, SHUT, True),
        (SHUT, "# the same\n" + SHUT, False),
        (SHUT + "terraform {\n}\n", SHUT + 'provider "aws" {\n}\n', False),
        (SHUT + 'resource "aws_s3_bucket" "b" {\n}\n', SHUT, False),
    ],
)
def test_a_file_that_opentofu_reads_in_place_of_another_is_told(
    tmp_path: Path, of_terraform: str, of_tofu: str, is_told: bool
) -> None:
    (tmp_path / "main.tofu").write_text(textwrap.dedent(of_tofu))
    found = read(tmp_path, main_tf=of_terraform)
    missing = [what for zone in found.zones for each in zone.undecided for what in each.missing]
    files = f"{tmp_path / 'main.tf'} and {tmp_path / 'main.tofu'}"
    told = [f"which is used: {files} differ (Terraform reads the first, OpenTofu the second)"]
    assert missing == (told if is_told else [])


def test_what_is_no_block_is_told_and_the_next_block_is_read() -> None:
    divided = divide(SourceText("x", '?? = {\n  resource "a" "no" {}\n}\nresource "a" "b" {}\n'))
    assert [fault.message for fault in divided.faults] == [
        "A block, such as `resource`, is expected here."
    ]
    assert [(block.labels, block.start) for block in divided.blocks] == [(("a", "b"), 32)]


@pytest.mark.parametrize(
    "test",
    [
        'startswith("x${var.v}", "y")',
        'endswith("${var.v}x", "y")',
        '"x${var.v}" == "y${var.v}"',
        '"${var.v}x" == "${var.v}y"',
    ],
)
def test_what_is_fixed_of_a_text_may_decide(tmp_path: Path, test: str) -> None:
    value = f'"v=spf1 ${{{test} ? "mx" : "a"}} -all"'
    text = ZONE + 'variable "v" {}\n' + TXT.format(name='""', value=value, more="")
    assert records(read(tmp_path, main_tf=text)) == {'example.com. TXT "v=spf1 a -all"'}
