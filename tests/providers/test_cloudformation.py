"""CloudFormation templates: the records, values and places that they come to."""

import json
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from zonelint.main import zonelint
from zonelint.providers.cloudformation.find import search
from zonelint.providers.cloudformation.zones import TemplateReading, read_templates
from zonelint.providers.resources.zones import MOST_HALF_NAMED

HEAD = """\
Parameters:
  Name: { Type: String, Default: example.com }
  Unset: { Type: String }
  Names: { Type: CommaDelimitedList, Default: "mx,a" }
  Looked: { Type: "AWS::SSM::Parameter::Value<String>", Default: /a/b }
Mappings:
  All: { mail: { all: -all } }
Conditions:
  Yes: !Equals [!Ref Name, example.com]
  No: !Not [!Condition Yes]
  Both: { "Fn::And": [{ Condition: "Yes" }, { Condition: "No" }] }
  Never: !Equals [on, "off"]
  Always: !Not [!Condition Never]
  Open: !Equals [!Ref Unset, x]
Resources:
  Zone:
    Type: AWS::Route53::HostedZone
    Properties: { Name: !Ref Name }
"""
RECORD = """\
  R:
    Type: AWS::Route53::RecordSet
    {more}
    Properties:
      HostedZoneId: !Ref Zone
      Name: !Sub "${{Name}}."
      Type: TXT
      TTL: "3600"
      ResourceRecords:
        - {value}
"""
QUOTED = '"\\"v=spf1 mx -all\\""'


def read(path: Path, text: str) -> TemplateReading:
    path.write_text(text)
    return read_templates([str(path)])


def records(reading: TemplateReading) -> set[str]:
    return {
        f"{record.owner} {record.type} {record.rdata}"
        for zone in reading.zones
        for rrset in zone.rrsets()
        for record in rrset
    }


FORMS = [
    QUOTED,
    "'\"v=spf1 mx -all\"'",
    '!Sub "\\"v=spf1 mx ${All}\\""',
    "!Sub ['\"v=spf1 mx ${X}\"', { X: -all }]",
    "!Join [' ', ['\"v=spf1', !Select [0, !Ref Names], '-all\"']]",
    "!Join ['', ['\"v=spf1 mx ', !FindInMap [All, mail, all], '\"']]",
    "Fn::Join: [' ', ['\"v=spf1', 'mx', '-all\"']]",
    "!If [Yes, '\"v=spf1 mx -all\"', '\"v=spf1 +all\"']",
    "!If [Both, '\"v=spf1 +all\"', '\"v=spf1 mx -all\"']",
    "!Select [1, !Split [';', 'x;\"v=spf1 mx -all\"']]",
    "!Sub '\"v=spf1 mx -all\"'",
]


@pytest.mark.parametrize("value", FORMS)
def test_a_form_is_read(tmp_path: Path, value: str) -> None:
    head = HEAD.replace("  Unset:", "  All: { Type: String, Default: -all }\n  Unset:")
    reading = read(tmp_path / "t.yaml", head + RECORD.format(value=value, more=""))
    assert reading.problems == []
    assert records(reading) == {'example.com. TXT "v=spf1 mx -all"'}
    assert reading.zones[0].complete


def test_a_value_is_found_where_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    reading = read(path, HEAD + RECORD.format(value=QUOTED, more=""))
    rrset = reading.zones[0].get("example.com.", "TXT")
    assert rrset is not None
    span = rrset.records[0].text.span(7, 9)
    assert (
        path.read_text().split("\n")[span.line - 1][span.column - 1 : span.end_column - 1] == "mx"
    )


def test_a_template_in_json_is_read(tmp_path: Path) -> None:
    properties = {
        "HostedZoneName": "example.com.",
        "RecordSets": [
            {"Name": "example.com.", "Type": "MX", "TTL": "300", "ResourceRecords": ["10 mx."]},
            {
                "Name": {"Fn::Join": [".", ["www", "example.com"]]},
                "Type": "A",
                "AliasTarget": {"DNSName": "x", "HostedZoneId": "Z"},
            },
        ],
    }
    group = {"Type": "AWS::Route53::RecordSetGroup", "Properties": properties}
    path = tmp_path / "t.template.json"
    reading = read(path, json.dumps({"Resources": {"G": group}}))
    assert records(reading) == {
        "example.com. MX 10 mx.",
        "www.example.com. A G.RecordSets[1]",
    }
    assert search([str(path)]).files == [str(path)]


def test_what_a_condition_switches_off_is_not_there(tmp_path: Path) -> None:
    text = HEAD + RECORD.format(value=QUOTED, more="Condition: Never")
    assert read(tmp_path / "t.yaml", text).zones == []


OFF = "which depends on the condition {}, which is false by default of Name"


@pytest.mark.parametrize("condition", ["No", "Both"])
def test_what_a_parameter_may_switch_on_is_not_known(tmp_path: Path, condition: str) -> None:
    other = RECORD.format(value="10 mail.example.com.", more="").replace("TXT", "MX")
    text = RECORD.format(value=QUOTED, more=f"Condition: {condition}")
    zone, apart = read(tmp_path / "t.yaml", HEAD + text + other.replace("  R:", "  M:")).zones
    assert zone.get("example.com.", "TXT") is None
    assert zone.unseen("example.com.", "TXT") == (f"whether there is R, {OFF.format(condition)}",)
    assert apart.called == "example.com."
    assert apart.records == 1


@pytest.mark.parametrize(
    ("type", "on", "off", "is_known"),
    [
        ("TXT", QUOTED, '"\\"v=spf1 -all\\""', True),
        ("TXT", '"\\"verification=1\\""', QUOTED, False),
        ("TXT", '"\\"verification=1\\""', '"\\"verification=2\\""', True),
        ("MX", "10 a.example.com.", "10 b.example.com.", True),
    ],
)
def test_what_stands_while_another_is_switched_off_is_known(
    tmp_path: Path, type: str, on: str, off: str, is_known: bool
) -> None:
    texts = [
        RECORD.format(value=value, more=f"Condition: {condition}").replace("  R:", f"  R{n}:")
        for n, (value, condition) in enumerate(((off, "No"), (on, "Yes")))
    ]
    found = read(tmp_path / "t.yaml", HEAD + "".join(texts).replace("TXT", type)).zones
    assert [bool(zone.unseen("example.com.", type)) for zone in found] == [not is_known, False]


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("Open", "the condition Open (the parameter Unset, which is not set)"),
        ("Gone", "the condition Gone (Gone is not defined)"),
        ("Round", "the condition Round (Round refers to itself)"),
    ],
)
def test_a_condition_that_is_not_known_is_named(tmp_path: Path, condition: str, why: str) -> None:
    head = HEAD.replace("  Open:", "  Round: !Not [!Condition Round]\n  Open:")
    record = RECORD.format(value=QUOTED, more=f"Condition: {condition}")
    zone, _ = read(tmp_path / "a.yaml", head + record).zones
    assert zone.unseen("example.com.", "TXT")[0].endswith(f"which depends on {why}")
    record = RECORD.format(value=f"!If [{condition}, a, b]", more="")
    (zone,) = read(tmp_path / "b.yaml", head + record).zones
    assert zone.unseen("example.com.", "TXT")[0].endswith(f"the value of R, {why}")


def test_what_a_condition_leaves_open_is_judged_apart(tmp_path: Path) -> None:
    text = HEAD + RECORD.format(value=QUOTED, more="Condition: Open")
    reading = read(tmp_path / "t.yaml", text)
    assert [zone.called for zone in reading.zones if zone.records] == ["example.com."]


@pytest.mark.parametrize("value", ["!Ref Unset", "!Ref Looked", "!ImportValue X", "!GetAtt A.B"])
def test_what_is_not_known_is_told(tmp_path: Path, value: str) -> None:
    reading = read(tmp_path / "t.yaml", HEAD + RECORD.format(value=value, more=""))
    (zone,) = reading.zones
    assert [record.unknown for rrset in zone.rrsets() for record in rrset] == [
        reason for reasons in zone.unknown.values() for reason in reasons
    ]


def test_zones_are_told_apart_by_what_names_them(tmp_path: Path) -> None:
    one = RECORD.format(value=QUOTED, more="").replace("${Name}.", "www")
    text = HEAD
    for number, zone in enumerate(("!ImportValue A", "!ImportValue A", "!ImportValue B")):
        text += one.replace("  R:", f"  R{number}:").replace("!Ref Zone", zone)
    found = {zone.ref: zone.records for zone in read(tmp_path / "t.yaml", text).zones}
    assert found == {"Fn::ImportValue A": 2, "Fn::ImportValue B": 1}


def test_serverless_is_read(tmp_path: Path) -> None:
    text = textwrap.indent(HEAD[HEAD.index("Resources:") :], "  ") + textwrap.indent(
        RECORD.format(value='!Sub "\\"v=spf1 include:${self:custom.spf} -all\\""', more=""), "  "
    )
    text = text.replace("!Ref Name", "example.com").replace('!Sub "${Name}."', "example.com.")
    path = tmp_path / "serverless.yml"
    reading = read(path, f"service: x\nresources:\n{text}")
    assert search([str(tmp_path)]).files == [str(path)]
    rrset = reading.zones[0].get("example.com.", "TXT")
    assert rrset is not None
    assert [hole.inside for hole in rrset.records[0].where.holes] == [True]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Resources: [", ":1:13: expected the node content"),
        ("- AWS::Route53::RecordSet", "not a template"),
    ],
)
def test_a_broken_template_is_a_problem(tmp_path: Path, text: str, message: str) -> None:
    (problem,) = read(tmp_path / "t.yaml", text).problems
    assert message in str(problem)


MACRO = "what MyMacro makes of this template (a transform that is not worked out)"
LOOP = """\
  Fn::ForEach::Hosts:
    - Host
    - [a, b]
    - "R${Host}":
        Type: AWS::Route53::RecordSet
        Properties: { Name: !Ref Host, Type: TXT }
"""
INCLUDE = """\
  Fn::Transform: { Name: AWS::Include, Parameters: { Location: s3://b/records.yaml } }
"""
CUSTOM = """\
  R: { Type: TYPE, Properties: { Value: "v=spf1 +all" } }
"""


@pytest.mark.parametrize(
    ("top", "more", "missing"),
    [
        ("Transform: MyMacro\n", "", [MACRO]),
        ("Transform: [AWS::LanguageExtensions, MyMacro]\n", "", [MACRO]),
        ("Transform: AWS::Serverless-2016-10-31\n", "", []),
        (
            "Transform: AWS::LanguageExtensions\n",
            LOOP,
            ["the resources of Fn::ForEach::Hosts (a loop that is not worked out)"],
        ),
        (
            "",
            INCLUDE,
            ["the resources that AWS::Include puts in (a transform that is not worked out)"],
        ),
        (
            "",
            CUSTOM.replace("TYPE", "Custom::Record"),
            [
                "the form of Custom::Record, of which R has mail records "
                "(declare it in zonelint.toml: [resources.types])"
            ],
        ),
        (
            "",
            "  R: {Type: Custom::Record, Properties: {RecordType: MX, Value: mail}}\n",
            [
                "the form of Custom::Record, of which R has mail records "
                "(declare it in zonelint.toml: [resources.types])"
            ],
        ),
        ("", CUSTOM.replace("TYPE", "AWS::SSM::Parameter"), []),
        ("", CUSTOM.replace("TYPE", "Custom::Record").replace("v=spf1", "v=1"), []),
    ],
)
def test_what_is_made_elsewhere_is_told(
    tmp_path: Path, top: str, more: str, missing: list[str]
) -> None:
    found = read(tmp_path / "a.yaml", top + HEAD + more)
    told = [what for zone in found.zones for each in zone.undecided for what in each.missing]
    assert told == missing


def test_a_template_with_records_of_other_types_only_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("Resources:\n" + CUSTOM.replace("TYPE", "Custom::Record"))
    assert search([str(tmp_path)]).files == [str(path)]


SET = '{{ Name: {name}, Type: TXT, TTL: "300", ResourceRecords: ["\\"v=spf1 -all\\""] }}'
A, B = SET.format(name="a.example.com"), SET.format(name="b.example.com")
NOTHING = "!Ref AWS::NoValue"
PUT_IN = "{ Fn::Transform: { Name: AWS::Include, Parameters: { Location: s3://b/sets.yaml } } }"


def read_group(path: Path, sets: str) -> tuple[set[str], list[str]]:
    """The first labels of the records of a group, and what is not known."""
    properties = f"    Properties: {{ HostedZoneId: !Ref Zone, RecordSets: {sets} }}\n"
    found = read(path, f"{HEAD}  G:\n    Type: AWS::Route53::RecordSetGroup\n{properties}")
    assert not found.problems
    missing = [what for zone in found.zones for each in zone.undecided for what in each.missing]
    return {rrset.owner[0] for zone in found.zones for rrset in zone.rrsets()}, missing


@pytest.mark.parametrize(
    ("sets", "owners"),
    [
        (f"!If [Yes, [{A}], [{B}]]", "a"),
        (f"!If [Never, [{A}], [{B}]]", "b"),
        (f"{{ Fn::If: [Never, [{A}], {NOTHING}] }}", ""),
        (f"[!If [Always, {A}, {NOTHING}], !If [Never, {B}, {NOTHING}]]", "a"),
        (f"!If [Open, [{A}], [{B}]]", "ab"),
        (f"[{A}, !If [Open, {B}, {NOTHING}]]", "ab"),
    ],
)
def test_conditions_choose_record_sets(tmp_path: Path, sets: str, owners: str) -> None:
    found = read_group(tmp_path / "t.yaml", sets)
    assert found == (set(owners), [])


def test_a_record_set_that_a_parameter_may_switch_on_is_not_known(tmp_path: Path) -> None:
    path, sets = tmp_path / "t.yaml", f"[!If [No, {A}, {B}]]"
    read_group(path, sets)
    zone, apart = read_templates([str(path)]).zones
    assert [rrset.owner for rrset in zone.rrsets()] == ["b.example.com."]
    (why,) = zone.unseen("a.example.com.", "TXT")
    assert why.endswith(OFF.format("No"))
    assert apart.records == 1


@pytest.mark.parametrize("sets", [PUT_IN, f"[{A}, {PUT_IN}]", "!FindInMap [All, mail, sets]"])
def test_record_sets_that_are_put_in_are_told(tmp_path: Path, sets: str) -> None:
    _, missing = read_group(tmp_path / "t.yaml", sets)
    assert missing == ["the record sets of G (a function that is not worked out)"]


def test_properties_that_are_put_in_are_not_known(tmp_path: Path) -> None:
    put_in = f"  R:\n    Type: AWS::Route53::RecordSet\n    Properties: {PUT_IN}\n"
    found = read(tmp_path / "t.yaml", HEAD + put_in)
    assert not [fault for zone in found.zones for fault in zone.faults]
    assert [each for zone in found.zones for each in zone.undecided]


def test_conditions_that_double_take_no_time(tmp_path: Path) -> None:
    double = "".join(f"  A{n}: &a{n} !If [Open, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    text = f"Mappings:\n  A0: &a0 [{A}]\n{double}"
    path = tmp_path / "t.yaml"
    found = read(path, HEAD.replace("Mappings:\n", text) + (
        "  G:\n    Type: AWS::Route53::RecordSetGroup\n"
        "    Properties: { HostedZoneId: !Ref Zone, RecordSets: *a59 }\n"
    ))  # fmt: skip
    assert sum(zone.records for zone in found.zones) == 1


@pytest.mark.parametrize(
    "value",
    [
        "'{{resolve:ssm:/a/b}}'",
        "'\"v=DMARC1; p={{resolve:ssm:/a/b:1}}\"'",
        "!Sub '\"v=DMARC1; p={{resolve:ssm:/${Unset}/p}}\"'",
        "!Join ['', ['\"{{resolve:secretsmanager:', !Ref Unset, ':SecretString:p}}\"']]",
        "!Join ['', ['\"{{resolve:ssm:', !Ref Name, '}}\"']]",
    ],
)
def test_a_dynamic_reference_is_not_known(tmp_path: Path, value: str) -> None:
    found = read(tmp_path / "a.yaml", HEAD + RECORD.format(value=value, more=""))
    (zone,) = found.zones
    (key,) = zone.unknown or [(r.owner, r.type) for r in zone.rrsets() if any(e.holes for e in r)]
    assert key == ("example.com.", "TXT")
    assert "resolve" not in str([r for r in records(found) if "unknown" not in r])


@pytest.mark.parametrize(
    ("nested", "is_whole"),
    [
        ("TemplateURL: https://s3.example.com/b.yaml", False),
        ("TemplateURL: ./none.yaml", False),
        ("TemplateURL: !Sub ${Unset}/b.yaml", False),
        ("TemplateURL: ./b.yaml", True),
        ("{TemplateURL: ./b.yaml, Parameters: {Size: big}}", True),
        ("{TemplateURL: ./b.yaml, Parameters: {Of: !Ref Zone}}", False),
        ("{TemplateURL: ./b.yaml, Parameters: {Of: !GetAtt Zone.Id}}", False),
        ("{TemplateURL: ./b.yaml, Parameters: {Of: !Ref Name}}", False),
    ],
)
def test_a_nested_stack_may_hold_more_records(tmp_path: Path, nested: str, is_whole: bool) -> None:
    (tmp_path / "b.yaml").write_text("Resources: {}\n")
    stack = "  N:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      " + nested + "\n"
    found = read(tmp_path / "a.yaml", HEAD + RECORD.format(value=QUOTED, more="") + stack)
    assert [zone.complete for zone in found.zones] == [is_whole]


@pytest.mark.parametrize(
    ("name", "may_be", "never"),
    [
        ("_dmarc.${Unset}", ["_dmarc.", "_dmarc.sub."], ["", "sub."]),
        ("_dmarc.${Unset}.", ["_dmarc.", "_dmarc.sub."], ["", "sub."]),
        ("${Unset}._dmarc.${Unset}", ["sub._dmarc."], ["_dmarc.", "sub."]),
        ("${Unset}.example.com", ["sub.", "_dmarc."], [""]),
        ("s${Unset}._domainkey.example.com", ["s1._domainkey."], ["t._domainkey.", "_dmarc.", ""]),
    ],
)
def test_an_owner_known_in_part_may_be_each_name_that_it_fits(
    tmp_path: Path, name: str, may_be: list[str], never: list[str]
) -> None:
    record = RECORD.format(value=QUOTED, more="").replace("${Name}.", name)
    (zone,) = (z for z in read(tmp_path / "a.yaml", HEAD + record).zones if not z.stand_in)
    assert not zone.faults
    for labels in may_be:
        owner = f"{labels}example.com."
        assert "Unset" in str(zone.unseen(owner, "TXT")) + zone.unknown_answer(owner, "TXT")
    assert not [owner for owner in never if zone.unseen(f"{owner}example.com.", "TXT")]
    assert not zone.unseen("_dmarc.example.com.", "MX")


def test_an_alias_whose_owner_is_known_in_part_is_none_of_the_others(tmp_path: Path) -> None:
    """What it leads to is asked, not what it is."""
    record = RECORD.format(value="a.example.net", more="").replace("TXT", "CNAME")
    text = HEAD + "".join(
        record.replace("  R:", f"  R{n}:").replace("${Name}.", f"${{A.{n}}}._domainkey.example.com")
        for n in range(2)
    )
    (zone,) = read(tmp_path / "a.yaml", text).zones
    owners = [rrset.owner for rrset in zone.of_type("CNAME")]
    assert len(owners) == 2
    assert not [owner for owner in owners if zone.unknown_answer(owner, "TXT")]
    assert zone.unknown_answer("s1._domainkey.example.com.", "TXT")


def test_an_owner_of_another_end_is_outside_whatever_it_begins_with(tmp_path: Path) -> None:
    record = RECORD.format(value=QUOTED, more="").replace("${Name}.", "${Unset}.example.net")
    (zone,) = read(tmp_path / "a.yaml", HEAD + record).zones
    assert [fault.kind.value for fault in zone.faults] == ["out-of-zone"]


def test_many_owners_known_in_part_make_a_zone_no_whole(tmp_path: Path) -> None:
    record = RECORD.format(value=QUOTED, more="")
    many = "".join(
        record.replace("  R:", f"  R{n}:").replace("${Name}.", f"${{Unset}}.n{n}.example.com")
        for n in range(MOST_HALF_NAMED + 1)
    )
    (zone,) = read(tmp_path / "a.yaml", HEAD + many).zones
    assert not zone.complete


def test_records_of_one_unset_name_are_in_the_zone_of_that_name(tmp_path: Path) -> None:
    labels = ("", "_dmarc.", "s1._domainkey.")
    record = RECORD.format(value=QUOTED, more="").replace("!Ref Zone", "!Ref Unset")
    text = HEAD[: HEAD.index("  Zone:")] + "".join(
        record.replace("  R:", f"  R{n}:").replace("${Name}.", f"{label}${{Looked}}.")
        for n, label in enumerate(labels)
    )
    (zone,) = read(tmp_path / "a.yaml", text.replace('!Sub "${Looked}."', "!Ref Looked")).zones
    assert not zone.faults
    assert {rrset.owner.removesuffix(zone.origin) for rrset in zone.rrsets()} == {*labels}
    assert not zone.complete


def test_a_key_may_be_where_a_part_of_its_owner_is_not_known(tmp_path: Path) -> None:
    record = RECORD.format(value="a.dkim.example.net", more="").replace("TXT", "CNAME")
    key = record.replace("${Name}.", "${A.Token}._domainkey.${Unset}").replace("  R:", "  K:")
    policy = RECORD.format(value=QUOTED, more="").replace("v=spf1 mx -all", "v=DMARC1; p=reject")
    key += policy.replace("${Name}.", "_dmarc.${Name}")
    key += (
        RECORD.format(value="1 a.example.net", more="").replace("TXT", "MX").replace(" R:", " M:")
    )
    (tmp_path / "zonelint.toml").touch()
    (tmp_path / "a.yaml").write_text(HEAD + key)
    done = CliRunner().invoke(zonelint, ["check", str(tmp_path / "a.yaml"), "--select", "DMARC203"])
    assert "undecided DMARC203" in done.output


@pytest.mark.parametrize("name", ["!Ref Unset", '!Sub "${Unset}."'])
def test_an_unset_name_is_any_of_its_zone(tmp_path: Path, name: str) -> None:
    """A key, say, under p=reject."""
    record = RECORD.format(value=QUOTED, more="").replace('!Sub "${Name}."', name)
    zone, apart = read(tmp_path / "a.yaml", HEAD + record).zones
    assert not zone.complete
    assert not zone.unknown
    assert apart.is_apart


def test_a_key_whose_owner_is_known_in_part_is_not_at_a_wrong_name(tmp_path: Path) -> None:
    record = RECORD.format(value="selector1-a-b._domainkey.a.onmicrosoft.com", more="")
    record = record.replace("TXT", "CNAME")
    (tmp_path / "zonelint.toml").touch()
    for name, code in (("${Unset}.example.com", []), ("selector1.example.com", ["DKIM008"])):
        (tmp_path / "a.yaml").write_text(HEAD + record.replace("${Name}.", name))
        done = CliRunner().invoke(
            zonelint, ["check", str(tmp_path / "a.yaml"), "--select", "DKIM008", "--format", "json"]
        )
        told = json.loads(done.stdout)
        assert [each["code"] for each in told["findings"]] == code
        assert ("Unset" in str(told["undecided"])) is not bool(code)


def test_an_address_in_an_unset_domain_is_one(tmp_path: Path) -> None:
    record = RECORD.format(value="!Sub '\"v=DMARC1; p=none; rua=mailto:d@${Unset}\"'", more="")
    record = record.replace("${Name}.", "_dmarc.${Unset}").replace("!Ref Zone", "Z1")
    (tmp_path / "a.yaml").write_text(HEAD + record)
    done = CliRunner().invoke(zonelint, ["check", str(tmp_path / "a.yaml"), "--select", "DMARC010"])
    assert "undecided DMARC010" in done.output
    assert "Clean" not in done.output


def test_an_unset_name_may_be_of_the_organisation_that_its_reports_go_to(tmp_path: Path) -> None:
    text = QUOTED.replace("v=spf1 mx -all", "v=DMARC1; p=none; rua=mailto:d@example.com")
    record = RECORD.format(value=text, more="").replace("${Name}.", "_dmarc.${Unset}")
    exchange = RECORD.format(value=QUOTED, more="").replace("  R:", "  S:")
    (tmp_path / "a.yaml").write_text(HEAD + record.replace("!Ref Zone", "Z1") + exchange)
    done = CliRunner().invoke(zonelint, ["check", str(tmp_path / "a.yaml"), "--select", "DMARC112"])
    assert "undecided DMARC112" in done.output
    assert "depends on the parameter Unset" in done.output


def test_unset_names_of_two_templates_need_not_be_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "zonelint.toml").touch()
    for name, codes in (("mail.${Unset}", []), ("mail.example.com", ["ZONE010", "ZONE010"])):
        head = HEAD.replace("Name: !Ref Name", f'Name: !Sub "{name}"')
        for path, text in (("a.yaml", QUOTED), ("b.yaml", QUOTED.replace("mx", "a"))):
            record = RECORD.format(value=text, more="").replace("${Name}.", name)
            (tmp_path / path).write_text(head + record)
        words = ["check", ".", "--select", "ZONE010", "--format", "json"]
        told = json.loads(CliRunner().invoke(zonelint, words).stdout)
        assert [each["code"] for each in told["findings"]] == codes


@pytest.mark.parametrize(("owner", "text", "code"), [
    ("mail.${Unset}", "v=spf1 -all", "DMARC101"),
    ("_dmarc.mail.${Unset}", "v=DMARC1; p=reject", "DMARC203"),
])  # fmt: skip
def test_what_is_above_an_unset_name_may_cover_it(
    tmp_path: Path, owner: str, text: str, code: str
) -> None:
    head = HEAD.replace("Name: !Ref Name", 'Name: !Sub "mail.${Unset}"')
    value = QUOTED.replace("v=spf1 mx -all", text)
    record = RECORD.format(value=value, more="").replace("${Name}.", owner)
    exchange = RECORD.format(value="1 a.example.net", more="").replace("TXT", "MX")
    exchange = exchange.replace("  R:", "  M:").replace("${Name}.", "mail.${Unset}")
    (tmp_path / "zonelint.toml").touch()
    (tmp_path / "a.yaml").write_text(head + record + exchange)
    done = CliRunner().invoke(zonelint, ["check", str(tmp_path / "a.yaml"), "--select", code])
    assert f"undecided {code}" in done.output
    assert "the parameter Unset, which is not set" in done.output
    assert done.exit_code == 0
