"""The example pack, started and spoken to as the Pulumi engine does it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from tests.providers.pulumi.engine import UNKNOWN, Engine, analyzer, resource, secret, urn
from zonelint.providers.resources.table import shipped

PACK = Path(__file__).resolve().parents[3] / "examples" / "pulumi-policy-pack"
R53 = "aws:route53/record:Record"
R53_ZONE = "aws:route53/zone:Zone"
OPEN = "v=spf1 mx +all"
LONG = "v=spf1 " + " ".join(f"ip4:11.22.33.{n}" for n in range(100, 130)) + " -all"
TARGET = "selector{}-example-com._domainkey.contoso.onmicrosoft.com"
SPF = "v=spf1 include:spf.protection.outlook.com -all"


def txt(text: str) -> dict[str, dict[str, Any]]:
    """One TXT record at the apex of example.com, as each provider has it."""
    quoted = f'"{text}"'
    return {
        "aws:route53/record:Record": {
            "zoneId": "Z1", "name": "example.com", "type": "TXT", "ttl": 3600, "records": [text],
        },
        "aws-native:route53:RecordSet": {
            "hostedZoneName": "example.com.", "name": "example.com", "type": "TXT", "ttl": "3600",
            "resourceRecords": [quoted],
        },
        "cloudflare:index/dnsRecord:DnsRecord": {
            "zoneId": "1", "name": "example.com", "type": "TXT", "ttl": 3600, "content": text,
        },
        "gcp:dns/recordSet:RecordSet": {
            "managedZone": "main", "name": "example.com.", "type": "TXT", "ttl": 3600,
            "rrdatas": [quoted],
        },
        "azure:dns/txtRecord:TxtRecord": {
            "zoneName": "example.com", "name": "@", "ttl": 3600, "records": [{"value": text}],
        },
        "azure-native:dns:RecordSet": {
            "zoneName": "example.com", "relativeRecordSetName": "@", "recordType": "TXT",
            "ttl": 3600, "txtRecords": [{"value": [text]}],
        },
        "digitalocean:index/dnsRecord:DnsRecord": {
            "domain": "example.com", "name": "@", "type": "TXT", "ttl": 3600, "value": text,
        },
        "hcloud:index/zoneRrset:ZoneRrset": {
            "zone": "example.com", "name": "@", "type": "TXT", "ttl": 3600,
            "records": [{"value": quoted}],
        },
        "ns1:index/record:Record": {
            "zone": "example.com", "domain": "example.com", "type": "TXT", "ttl": 3600,
            "answers": [{"answer": text}],
        },
        "oci:Dns/rrset:Rrset": {
            "zoneNameOrId": "example.com", "domain": "example.com", "rtype": "TXT",
            "items": [{"domain": "example.com", "rtype": "TXT", "ttl": 3600, "rdata": quoted}],
        },
    }  # fmt: skip


PROVIDERS = sorted(txt(""))


@pytest.fixture(scope="module")
def running() -> Iterator[Engine]:
    with analyzer(PACK) as engine:
        yield engine


@pytest.fixture
def engine(running: Engine) -> Iterator[Engine]:
    yield running
    running.configure()
    running.analyze(R53, {})  # the first policy hears of it, and hands it on


def pack(folder: Path, code: str, config: str = "") -> Path:
    """A pack of one's own, whose policies are made by ``code``."""
    shutil.copy(PACK / "PulumiPolicy.yaml", folder)
    (folder / "zonelint.toml").write_text(config)
    (folder / "__main__.py").write_text(
        "from pathlib import Path\nfrom pulumi_policy import PolicyPack\n"
        "from zonelint.providers.pulumi import policies\n"
        f"{code}\n"
    )
    return folder


def test_the_example_is_a_pack_of_five_lines() -> None:
    lines = (PACK / "__main__.py").read_text().strip().splitlines()
    assert len(lines) == 5
    assert (PACK / "PulumiPolicy.yaml").read_text()


def test_the_analyzer_lists_its_policies(engine: Engine) -> None:
    info = engine.info()
    assert info.name == "zonelint"
    assert info.supportsConfig
    told = {p.name: (p.enforcementLevel, p.policy_type) for p in info.policies}
    assert told == {
        "mail-records": (1, 1),
        "mail-records-advice": (0, 1),
        "mail-records-fix": (3, 1),
        "mail-zones": (1, 2),
        "mail-zones-advice": (0, 2),
    }
    schema = info.policies[0].configSchema.properties
    assert set(schema) == {"severity", "senders", "phase", "zones", "infos"}


@pytest.mark.parametrize("type", PROVIDERS)
def test_a_record_that_breaks_mail_is_blocked(type: str, engine: Engine) -> None:
    ((level, message),) = engine.analyze(type, txt(OPEN)[type])
    assert level == "mandatory"
    assert "SPF201" in message
    assert "example.com TXT" in message
    assert "v=spf1 mx -all" in message  # what to write instead
    assert urn(type, "record") in message


@pytest.mark.parametrize("type", PROVIDERS)
def test_a_warning_advises(type: str, engine: Engine) -> None:
    ((level, message),) = engine.analyze(type, txt("v=spf1 mx ?all")[type])
    assert level == "advisory"
    assert "SPF202" in message


@pytest.mark.parametrize("type", PROVIDERS)
def test_a_sound_record_passes(type: str, engine: Engine) -> None:
    assert engine.analyze(type, txt(SPF)[type]) == []
    assert engine.remediate(type, txt(SPF)[type]) is None


def test_other_resources_pass(engine: Engine) -> None:
    assert engine.analyze("aws:s3/bucket:Bucket", {"name": UNKNOWN, "value": OPEN}) == []
    assert engine.remediate("aws:s3/bucket:Bucket", {"name": UNKNOWN}) is None


def test_the_fix_is_told_in_the_provider_s_own_spelling(engine: Engine) -> None:
    ((_, message),) = engine.analyze(R53, txt("v=spf1 mx -all mx -all")[R53])[:1]
    assert "SPF205" in message
    assert 'set value 1 to "v=spf1 mx -all"' in message


# -- remediation ----------------------------------------------------------------------------------


@pytest.mark.parametrize("type", PROVIDERS)
def test_what_is_remediated_passes(type: str, engine: Engine) -> None:
    before = txt(LONG)[type]
    blocked = [message for level, message in engine.analyze(type, before) if level == "mandatory"]
    after = engine.remediate(type, before)
    if not blocked:  # the provider cuts long texts itself
        assert shipped().record(type).cut  # type: ignore[union-attr]
        assert after is None
        return
    assert after is not None
    assert after != json.loads(json.dumps(before))
    assert engine.analyze(type, after) == []


@pytest.mark.parametrize("text", ["v=spf1 mx –all", "v=spf1\xa0mx -all"])
def test_a_repair_is_no_remediation(text: str, engine: Engine) -> None:
    """It makes a record count that did not: receivers treat mail differently then."""
    assert "mandatory" in {level for level, _ in engine.analyze(R53, txt(text)[R53])}
    assert engine.remediate(R53, txt(text)[R53]) is None


def test_a_long_text_is_split_beside_others(engine: Engine) -> None:
    before = {**txt(SPF)[R53], "records": [LONG, "v=other"]}
    pieces = [LONG[at : at + 255] for at in range(0, len(LONG), 255)]
    assert engine.remediate(R53, before) == {**before, "records": ['""'.join(pieces), "v=other"]}


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "SPF", "records": ["v=spf1 mx -all"]},
        {"ttl": 30, "records": [SPF]},
        {"type": "CNAME", "name": "selector1.domainkey", "records": [TARGET.format(1)]},
    ],
)
def test_what_rests_on_the_rest_of_the_zone_is_left_alone(
    changed: dict[str, Any], engine: Engine
) -> None:
    """A TXT record may be there already, the name be taken, the TTL be meant."""
    assert engine.remediate(R53, {**txt(SPF)[R53], **changed}) is None


def test_a_proposal_is_no_remediation(engine: Engine) -> None:
    assert engine.remediate(R53, txt(OPEN)[R53]) is None


def test_what_is_unknown_is_left_alone(engine: Engine) -> None:
    whole = {**txt(LONG)[R53], "records": UNKNOWN}
    part = {**txt(LONG)[R53], "records": [LONG, UNKNOWN]}
    assert engine.remediate(R53, whole) is None
    assert engine.remediate(R53, part) is None


def test_a_secret_stays_a_secret_when_it_is_remediated(engine: Engine) -> None:
    for before, inner in (
        (secret([LONG]), lambda value: value["value"][0]),
        ([secret(LONG)], lambda value: value[0]["value"]),
    ):
        after = engine.remediate(R53, {**txt("")[R53], "records": before})
        assert after is not None
        assert inner(after["records"]).replace('""', "") == LONG
        assert inner(after["records"]) != LONG
        assert json.dumps(after["records"]).count("1b47061264138c4ac30d75fd1eb44270") == 1


# -- unknown, secret, wrong -----------------------------------------------------------------------


@pytest.mark.parametrize("property", ["records", "name", "type"])
def test_an_unknown_value_is_undecided_and_said_so(property: str, engine: Engine) -> None:
    ((level, message),) = engine.analyze(R53, {**txt(OPEN)[R53], property: UNKNOWN})
    assert level == "advisory"
    assert "undecided" in message
    assert urn(R53, "record") in message


def test_a_secret_type_is_undecided_and_said_to_be_secret(engine: Engine) -> None:
    ((level, message),) = engine.analyze(R53, {**txt(OPEN)[R53], "type": secret("TXT")})
    assert level == "advisory"
    assert "which is secret" in message


def test_an_unknown_zone_does_not_keep_the_text_from_being_judged(engine: Engine) -> None:
    found = engine.analyze(R53, {**txt(OPEN)[R53], "zoneId": UNKNOWN})
    assert [level for level, _ in found] == ["mandatory"]


def test_one_unknown_value_hides_no_fault_of_its_neighbour(engine: Engine) -> None:
    found = engine.analyze(R53, {**txt("")[R53], "records": [OPEN, UNKNOWN]})
    assert [level for level, _ in found] == ["mandatory", "advisory"]


@pytest.mark.parametrize(
    "records",
    [
        secret(["v=spf1 include:topsecret.example.net +all"]),
        [secret("v=spf1 include:topsecret.example.net +all")],
        [secret("v=spf1 inclde:topsecret.example.net -all")],
        [secret(UNKNOWN)],
        [secret({"a": "topsecret"})],
    ],
)
def test_a_secret_is_judged_and_never_printed(records: Any, engine: Engine) -> None:
    props = {**txt("")[R53], "records": records}
    found = engine.analyze(R53, props)
    found += [each[:2] for each in engine.stack(resource(R53, "record", props))]
    assert found
    assert "topsecret" not in repr(found)


@pytest.mark.parametrize(
    ("type", "props"),
    [
        (R53, {"records": {"a": 1}}),
        (R53, {"records": "v=spf1 -all"}),
        (R53, {"records": [12, None, True]}),
        (R53, {"name": ["example.com"]}),
        (R53, {"ttl": "soon"}),
        (R53, {"records": ['"v=spf1 -all"']}),
        (R53, {"type": "MX", "records": ["mail"]}),
        ("azure:dns/txtRecord:TxtRecord", {"records": [["a"]]}),
        ("gcp:dns/recordSet:RecordSet", {"rrdatas": ['"v=spf1 -all']}),
    ],
)
def test_properties_of_unexpected_types_are_told(
    type: str, props: dict[str, Any], engine: Engine
) -> None:
    found = engine.analyze(type, {**txt(SPF)[type], **props})
    assert [level for level, _ in found] == ["mandatory"] * len(found)
    assert found
    assert all("ZONE001" in message for _, message in found)


@pytest.mark.parametrize("type", PROVIDERS)
def test_a_resource_without_properties_does_not_break_the_analyzer(
    type: str, engine: Engine
) -> None:
    for _, message in engine.analyze(type, {}):
        assert "This is a fault" not in message


# -- the stack ------------------------------------------------------------------------------------


def mail(*selectors: int) -> list[Any]:
    """The records of a domain on Microsoft 365, in a zone that is a resource of the stack."""
    behind = {"zoneId": [urn(R53_ZONE, "main")]}

    def record(name: str, owner: str, type: str, value: str) -> Any:
        props = {"zoneId": UNKNOWN, "name": owner, "type": type, "ttl": 3600.0, "records": [value]}
        return resource(R53, name, props, behind)

    return [
        resource(R53_ZONE, "main", {"name": "example.com"}),
        record("spf", "", "TXT", SPF),
        record("dmarc", "_dmarc", "TXT", "v=DMARC1; p=none; rua=mailto:dmarc@example.com"),
        record("mx", "", "MX", "0 example-com.mail.protection.outlook.com"),
        *(record(f"s{n}", f"selector{n}._domainkey", "CNAME", TARGET.format(n)) for n in selectors),
    ]


def blocking(found: list[tuple[str, str, str]]) -> list[str]:
    return [message for level, message, _ in found if level == "mandatory"]


def test_the_stack_lacks_the_second_selector(engine: Engine) -> None:
    (message,) = blocking(engine.stack(*mail(1)))
    assert "DKIM101" in message
    assert "selector2._domainkey.example.com" in message
    assert blocking(engine.stack(*mail(1, 2))) == []


def test_what_would_decide_is_said(engine: Engine) -> None:
    undecided = [message for _, message, _ in engine.stack(*mail(1, 2)) if "undecided" in message]
    assert any(
        "would have to know spf.protection.outlook.com: run 'zonelint lock'." in message
        for message in undecided
    )


def test_an_unknown_record_leaves_a_missing_one_undecided(engine: Engine) -> None:
    validation = resource(
        R53, "validation", {"zoneId": UNKNOWN, "name": UNKNOWN, "type": "CNAME", "records": []},
        {"zoneId": [urn(R53_ZONE, "main")]},
    )  # fmt: skip
    found = engine.stack(*mail(1), validation)
    assert blocking(found) == []
    undecided = [message for level, message, _ in found if "undecided" in message]
    assert any("DKIM101" in message for message in undecided)
    assert any(urn(R53, "validation") in message for message in undecided)


def test_records_of_one_zone_are_seen_together(engine: Engine) -> None:
    second = resource(R53, "second", {**txt("v=spf1 a -all")[R53], "zoneId": UNKNOWN})
    messages = blocking(engine.stack(*mail(1, 2), second))
    assert any("SPF002" in message for message in messages)


def test_a_zone_is_known_by_its_outputs_or_by_the_configuration(engine: Engine) -> None:
    name = "cloudflare:index/dnsRecord:DnsRecord"
    props = {"zoneId": "f00", "name": "@", "type": "TXT", "ttl": 1, "content": OPEN}
    zone = resource("cloudflare:index/zone:Zone", "zone", {"name": "example.com", "id": "f00"})
    texts = (OPEN, SPF)
    two = [resource(name, f"r{n}", {**props, "content": text}) for n, text in enumerate(texts)]
    by_outputs = engine.stack(zone, *two)
    assert any("SPF002" in message for message in blocking(by_outputs))
    engine.configure(mail_zones={"zones": {"f00": "example.com"}})
    by_config = engine.stack(*two)
    assert any("SPF002" in message for message in blocking(by_config))


def test_what_lies_in_a_zone_that_is_not_known_is_undecided(engine: Engine) -> None:
    name = "cloudflare:index/dnsRecord:DnsRecord"
    props = {"zoneId": "f00", "name": "@", "type": "TXT", "ttl": 1, "content": OPEN}
    found = engine.stack(resource(name, "record", props))
    assert [(level, at) for level, _, at in found] == [("advisory", urn(name, "record"))]
    assert "undecided" in found[0][1]


def test_records_in_a_zone_that_is_not_known_are_told_once(engine: Engine) -> None:
    name = "cloudflare:index/dnsRecord:DnsRecord"
    props = {"zoneId": "f00", "type": "A", "ttl": 1, "content": "192.0.2.1"}
    found = engine.stack(*(resource(name, f"r{n}", {**props, "name": f"r{n}"}) for n in range(30)))
    ((level, message, _),) = found
    assert level == "advisory"
    assert '[resources.zones] "f00"' in message
    assert ".invalid" not in message


def test_a_zone_is_learnt_from_the_outputs_of_a_record(engine: Engine) -> None:
    there = {"zoneId": "Z9", "name": "www", "type": "A", "ttl": 300, "records": ["192.0.2.1"],
             "fqdn": "www.example.com"}  # fmt: skip
    new = {"zoneId": "Z9", "name": "", "type": "TXT", "ttl": 3600, "records": [OPEN, SPF]}
    found = engine.stack(resource(R53, "www", there), resource(R53, "spf", new))
    assert any("SPF002" in message for message in blocking(found))


def test_a_private_zone_of_the_same_name_is_passed_over(engine: Engine) -> None:
    inside = resource(R53_ZONE, "inside", {"name": "example.com", "vpcs": [{"vpcId": "vpc-1"}]})
    props = {"zoneId": UNKNOWN, "name": "", "type": "TXT", "ttl": 3600, "records": [OPEN]}
    spf = resource(R53, "inside", props, {"zoneId": [urn(R53_ZONE, "inside")]})
    assert blocking(engine.stack(*mail(1, 2), inside, spf)) == []


def test_mail_records_of_a_type_that_is_not_known_are_undecided(engine: Engine) -> None:
    odd = "vercel:index/dnsRecord:DnsRecord"
    records = [
        resource(odd, f"r{n}", {"domain": "example.com", "value": value}, provider="vercel")
        for n, value in enumerate([OPEN, UNKNOWN, secret('"v=DMARC1; p=none"')])
    ]
    component = resource("zonelint:index:MailAuth", "mail", {"spf": SPF})
    ((level, message, _),) = engine.stack(*records, component)
    assert level == "advisory"
    assert f"the form of {odd}, of which {urn(odd, 'r0')} and 1 more hold mail records" in message
    assert engine.stack(records[1], component) == []


def test_a_record_of_an_unknown_zone_is_called_as_it_is_written(engine: Engine) -> None:
    name = "cloudflare:index/dnsRecord:DnsRecord"
    props = {"zoneId": "f00", "name": "@", "type": "TXT", "ttl": 1, "content": OPEN}
    ((_, message),) = engine.analyze(name, props)
    assert "(error), @ TXT:" in message
    assert "send as the domain." in message
    dmarc = {**props, "name": "_dmarc", "content": "v=DMARC1; p=rejct; rua=mailto:a@example.com"}
    ((_, message),) = engine.analyze(name, dmarc)
    assert "(error), _dmarc TXT:" in message


# -- configuration --------------------------------------------------------------------------------


def test_configure_changes_severity(engine: Engine) -> None:
    props = txt("v=spf1 mx ?all")[R53]
    engine.configure(mail_records={"severity": {"SPF202": "error"}})
    assert [level for level, _ in engine.analyze(R53, props)] == ["mandatory"]
    engine.configure(mail_records={"severity": {"SPF202": "off"}})
    assert engine.analyze(R53, props) == []
    engine.configure(mail_records={"severity": {"SPF201": "warning"}})
    assert [level for level, _ in engine.analyze(R53, txt(OPEN)[R53])] == ["advisory"]


def test_a_later_configuration_leaves_nothing_of_an_earlier_one(engine: Engine) -> None:
    engine.configure(mail_records={"severity": {"SPF2": "off"}}, mail_zones={"senders": []})
    assert engine.analyze(R53, txt(OPEN)[R53]) == []
    assert blocking(engine.stack(*mail(1, 2))) != []
    engine.configure()
    assert [level for level, _ in engine.analyze(R53, txt(OPEN)[R53])] == ["mandatory"]
    assert blocking(engine.stack(*mail(1, 2))) == []


def test_no_finding_is_lost_between_two_policies(engine: Engine) -> None:
    """What one policy takes for an error and does not get to tell, the other tells."""
    for _ in range(8):  # whichever of the analyzer's threads answers has told it before
        assert [level for level, _ in engine.analyze(R53, txt(OPEN)[R53])] == ["mandatory"]
    engine.configure(mail_records={"enforcementLevel": 2})
    for _ in range(8):
        assert [level for level, _ in engine.analyze(R53, txt(OPEN)[R53])] == ["advisory"]
    engine.configure(mail_records_advice={"severity": {"SPF202": "error"}})
    found = engine.analyze(R53, txt("v=spf1 mx ?all")[R53])
    assert len(found) == 1


def test_infos_are_shown_when_they_are_asked_for(engine: Engine) -> None:
    props = txt("v=spf1 MX -all")[R53]
    assert engine.analyze(R53, props) == []
    engine.configure(mail_records={"infos": True})
    ((level, message),) = engine.analyze(R53, props)
    assert (level, "SPF306" in message) == ("advisory", True)


def test_senders_and_phase_come_from_the_configuration(tmp_path: Path) -> None:
    with analyzer(pack(tmp_path, 'PolicyPack("own", policies())')) as engine:
        assert blocking(engine.stack(*mail(1))) == []
        engine.configure(mail_zones={"senders": {"example.com": ["microsoft365"]}})
        assert any("DKIM101" in message for message in blocking(engine.stack(*mail(1))))
        engine.configure(mail_zones={"phase": {"example.com": "reject"}})
        assert blocking(engine.stack(*mail(1, 2))) == []


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"severity": {"SPF9": "error"}}, "SPF9"),
        ({"severity": {"SPF201": "loud"}}, 'The policy configuration: unknown severity "loud"'),
        ({"severity": "error"}, "a rule code in front"),
        ({"infos": "yes"}, "true or false"),
        ({"zones": ["example.com"]}, "an id in front"),
        ({"severety": {}}, 'did you mean "severity"'),
        ({"senders": {"example.com": ["microsoft356"]}}, "microsoft356"),
        ({"senders": ["microsoft365"]}, "a domain in front"),
        ({"zones": {"1": ".."}}, "empty label"),
        ({"phase": {"example.com": "rejct"}}, "rejct"),
    ],
)
def test_a_configuration_that_cannot_be_used_blocks(
    config: dict[str, Any], complaint: str, engine: Engine
) -> None:
    engine.configure(mail_records=config, mail_zones=config)
    found = engine.analyze(R53, txt(SPF)[R53])
    assert ("mandatory", True) in [(level, complaint in message) for level, message in found]
    assert any(complaint in message for message in blocking(engine.stack(*mail(1, 2))))


def test_a_pack_with_a_broken_file_does_not_start(tmp_path: Path) -> None:
    code = 'PolicyPack("own", policies(Path(__file__).with_name("zonelint.toml")))'
    with (
        pytest.raises(ValueError, match="invalid literal"),
        analyzer(pack(tmp_path, code, "selct = []\n")),
    ):
        pass  # the engine finds no port and stops


# -- rules that fail ------------------------------------------------------------------------------

FAILING = """
from zonelint.rules.rule import Needs, rule
from zonelint.rules.finding import Severity
from zonelint.rules.subjects import MailZone, Spf

def fails(subject):
    raise KeyError(getattr(subject, "value", "zone"))

bad = dict(fix=__import__("zonelint.rules.core.rule").rules.rule.Fix.NONE, section="")
TEXT = rule("BAD001", "bad-text", Severity.INFO, on=Spf, **bad)(fails)
ZONE = rule("BAD002", "bad-zone", Severity.INFO, on=MailZone, needs=Needs.ZONE, **bad)(fails)
PolicyPack("own", policies(rules=[TEXT, ZONE]))
"""


def test_a_rule_that_fails_blocks_and_says_so(tmp_path: Path) -> None:
    with analyzer(pack(tmp_path, FAILING)) as engine:
        for _ in range(2):  # and the analyzer lives
            ((level, message),) = engine.analyze(R53, txt(SPF)[R53])
            assert (level, "BAD001" in message) == ("mandatory", True)
            assert "fault of the rule" in message
            (message,) = blocking(engine.stack(*mail(1, 2)))
            assert "BAD002" in message


def test_a_rule_that_fails_tells_no_secret(tmp_path: Path) -> None:
    with analyzer(pack(tmp_path, FAILING)) as engine:
        props = {**txt("")[R53], "records": [secret("v=spf1 include:topsecret.example.net -all")]}
        ((level, message),) = engine.analyze(R53, props)
        assert level == "mandatory"
        assert "topsecret" not in message


# -- the same stack as a Terraform plan -----------------------------------------------------------


def test_a_terraform_plan_of_the_same_stack_gives_the_same_findings(engine: Engine) -> None:
    from zonelint.providers.resources.kinds import snake
    from zonelint.providers.terraform import plan as terraform
    from zonelint.rules.config import intent
    from zonelint.rules.core import registry
    from zonelint.rules.core.selection import Selection
    from zonelint.run.judging import Judge

    records = {
        "spf": ("", "TXT", ["v=spf1 mx +all", "v=spf1 a -all"]),
        "dmarc": ("_dmarc", "TXT", ["v=DMARC1; p=rejct"]),
        "mx": ("", "MX", ["10 192.0.2.1"]),
        "s1": ("selector1._domainkey", "CNAME", [TARGET.format(1)]),
    }
    behind = {"zoneId": [urn(R53_ZONE, "main")]}
    stack = [resource(R53_ZONE, "main", {"name": "example.com"})]
    changes = [("aws_route53_zone.main", {"name": "example.com"}, {})]
    for name, (owner, type, values) in records.items():
        props = {"zoneId": UNKNOWN, "name": owner, "type": type, "ttl": 60, "records": values}
        stack.append(resource(R53, name, props, behind))
        after = {snake(key): value for key, value in props.items() if key != "zoneId"}
        changes.append((f"aws_route53_record.{name}", after, {"zone_id": True}))
    from_pulumi = sorted(_codes(engine, stack))
    reference = {"zone_id": {"references": ["aws_route53_zone.main.zone_id"]}}
    plan = {
        "format_version": "1.2",
        "resource_changes": [
            {
                "address": address, "mode": "managed", "type": address.partition(".")[0],
                "name": address.partition(".")[2],
                "change": {"actions": ["create"], "before": None, "after": after,
                           "after_unknown": unknown},
            }
            for address, after, unknown in changes
        ],
        "configuration": {"root_module": {"resources": [
            {"address": address, "expressions": reference} for address, _, _ in changes[1:]
        ]}},
    }  # fmt: skip
    declared = intent.load((PACK / "zonelint.toml").read_text())
    zones = terraform.read(json.dumps(plan), "plan.json", declared).after
    result = Judge(registry.rules(), Selection(), declared)(zones)
    from_terraform = sorted(
        {
            (finding.code, finding.span.path.partition(".")[2])
            for finding in result.findings
            if finding.severity.value != "info"
        }
    )
    assert from_terraform == from_pulumi
    assert len(from_pulumi) > 5


def _codes(engine: Engine, stack: list[Any]) -> set[tuple[str, str]]:
    """The codes of what is found in a stack, record by record and as a whole."""
    found = set()
    for each in stack:
        props = json_format.MessageToDict(each.properties)
        told = engine.analyze(each.type, props, each.name)
        found |= {_code(message, each.urn) for _, message in told}
    found |= {_code(message, urn) for _, message, urn in engine.stack(*stack)}
    return {pair for pair in found if pair[0]}


def _code(message: str, urn: str) -> tuple[str, str]:
    line = message.splitlines()[1]
    if "undecided" in line:
        return "", ""
    return line.partition(" ")[0], urn.rpartition("::")[2]
