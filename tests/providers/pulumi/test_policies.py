"""Requests to the example pack that no engine sends, or that no program makes it send.

What the engine does with the pack, and with each provider of the table, is tested in tests/hosts.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.providers.pulumi.analyzer_client import (
    UNKNOWN,
    AnalyzerClient,
    analyzer,
    resource,
    secret,
    urn,
)

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
def running() -> Iterator[AnalyzerClient]:
    with analyzer(PACK) as client:
        yield client


@pytest.fixture
def client(running: AnalyzerClient) -> Iterator[AnalyzerClient]:
    yield running
    running.configure()
    running.analyze(R53, {})  # the first policy hears of it, and hands it on


def pack(folder: Path, code: str, config: str = "") -> Path:
    """A pack of one's own, whose policies are made by `code`."""
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


def test_the_analyzer_lists_its_policies(client: AnalyzerClient) -> None:
    info = client.info()
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
    assert set(schema) == {"severity", "senders", "phase", "zones", "fail-on", "infos"}


def test_other_resources_pass(client: AnalyzerClient) -> None:
    assert client.analyze("aws:s3/bucket:Bucket", {"name": UNKNOWN, "value": OPEN}) == []
    assert client.remediate("aws:s3/bucket:Bucket", {"name": UNKNOWN}) is None


def test_the_fix_is_told_in_the_provider_s_own_spelling(client: AnalyzerClient) -> None:
    ((_, message),) = client.analyze(R53, txt("v=spf1 mx -all mx -all")[R53])[:1]
    assert "SPF205" in message
    assert 'set value 1 to "v=spf1 mx -all"' in message


# -- remediation ----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["v=spf1 mx –all", "v=spf1\xa0mx -all"])
def test_a_repair_is_no_remediation(text: str, client: AnalyzerClient) -> None:
    """It makes a record count that did not: receivers treat mail differently then."""
    assert "mandatory" in {level for level, _ in client.analyze(R53, txt(text)[R53])}
    assert client.remediate(R53, txt(text)[R53]) is None


def test_a_long_text_is_split_beside_others(client: AnalyzerClient) -> None:
    before = {**txt(SPF)[R53], "records": [LONG, "v=other"]}
    pieces = [LONG[at : at + 255] for at in range(0, len(LONG), 255)]
    assert client.remediate(R53, before) == {**before, "records": ['""'.join(pieces), "v=other"]}


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "SPF", "records": ["v=spf1 mx -all"]},
        {"ttl": 30, "records": [SPF]},
        {"type": "CNAME", "name": "selector1.domainkey", "records": [TARGET.format(1)]},
    ],
)
def test_what_rests_on_the_rest_of_the_zone_is_left_alone(
    changed: dict[str, Any], client: AnalyzerClient
) -> None:
    """A TXT record may be there already, the name be taken, the TTL be meant."""
    assert client.remediate(R53, {**txt(SPF)[R53], **changed}) is None


def test_a_proposal_is_no_remediation(client: AnalyzerClient) -> None:
    assert client.remediate(R53, txt(OPEN)[R53]) is None


def test_what_is_unknown_is_left_alone(client: AnalyzerClient) -> None:
    whole = {**txt(LONG)[R53], "records": UNKNOWN}
    part = {**txt(LONG)[R53], "records": [LONG, UNKNOWN]}
    assert client.remediate(R53, whole) is None
    assert client.remediate(R53, part) is None


def test_a_secret_stays_a_secret_when_it_is_remediated(client: AnalyzerClient) -> None:
    for before, inner in (
        (secret([LONG]), lambda value: value["value"][0]),
        ([secret(LONG)], lambda value: value[0]["value"]),
    ):
        after = client.remediate(R53, {**txt("")[R53], "records": before})
        assert after is not None
        assert inner(after["records"]).replace('""', "") == LONG
        assert inner(after["records"]) != LONG
        assert json.dumps(after["records"]).count("1b47061264138c4ac30d75fd1eb44270") == 1


# -- unknown, secret, wrong -----------------------------------------------------------------------


def test_a_text_whose_owner_is_unknown_is_judged(client: AnalyzerClient) -> None:
    found = dict(client.analyze(R53, {**txt(OPEN)[R53], "name": UNKNOWN}))
    assert "SPF201" in found["mandatory"]
    assert "undecided" in found["advisory"]


def test_a_zone_that_is_not_known_yet_is_no_question_of_one_record(client: AnalyzerClient) -> None:
    azure = {**txt(SPF)["azure-native:dns:RecordSet"], "zoneName": UNKNOWN}
    assert client.analyze("azure-native:dns:RecordSet", azure) == []


@pytest.mark.parametrize("property", ["records", "type"])
def test_an_unknown_value_is_undecided_and_said_so(property: str, client: AnalyzerClient) -> None:
    ((level, message),) = client.analyze(R53, {**txt(OPEN)[R53], property: UNKNOWN})
    assert level == "advisory"
    assert "undecided" in message
    assert urn(R53, "record") in message


def test_a_secret_type_is_undecided_and_said_to_be_secret(client: AnalyzerClient) -> None:
    ((level, message),) = client.analyze(R53, {**txt(OPEN)[R53], "type": secret("TXT")})
    assert level == "advisory"
    assert "which is secret" in message


def test_an_unknown_zone_does_not_keep_the_text_from_being_judged(client: AnalyzerClient) -> None:
    found = client.analyze(R53, {**txt(OPEN)[R53], "zoneId": UNKNOWN})
    assert [level for level, _ in found] == ["mandatory"]


def test_one_unknown_value_hides_no_fault_of_its_neighbour(client: AnalyzerClient) -> None:
    found = client.analyze(R53, {**txt("")[R53], "records": [OPEN, UNKNOWN]})
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
def test_a_secret_is_judged_and_never_printed(records: Any, client: AnalyzerClient) -> None:
    props = {**txt("")[R53], "records": records}
    found = client.analyze(R53, props)
    found += [each[:2] for each in client.stack(resource(R53, "record", props))]
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
    type: str, props: dict[str, Any], client: AnalyzerClient
) -> None:
    found = client.analyze(type, {**txt(SPF)[type], **props})
    assert [level for level, _ in found] == ["mandatory"] * len(found)
    assert found
    assert all("ZONE001" in message for _, message in found)


@pytest.mark.parametrize("type", PROVIDERS)
def test_a_resource_without_properties_does_not_break_the_analyzer(
    type: str, client: AnalyzerClient
) -> None:
    for _, message in client.analyze(type, {}):
        assert "This is a bug" not in message


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


def test_the_stack_lacks_the_second_selector(client: AnalyzerClient) -> None:
    (message,) = blocking(client.stack(*mail(1)))
    assert "DKIM101" in message
    assert "selector2._domainkey.example.com" in message
    assert blocking(client.stack(*mail(1, 2))) == []


def test_what_would_decide_is_said(client: AnalyzerClient) -> None:
    undecided = [message for _, message, _ in client.stack(*mail(1, 2)) if "undecided" in message]
    assert any(
        "would have to know spf.protection.outlook.com: run 'zonelint lock'." in message
        for message in undecided
    )


def test_an_unknown_record_leaves_a_missing_one_undecided(client: AnalyzerClient) -> None:
    validation = resource(
        R53, "validation", {"zoneId": UNKNOWN, "name": UNKNOWN, "type": "CNAME", "records": []},
        {"zoneId": [urn(R53_ZONE, "main")]},
    )  # fmt: skip
    found = client.stack(*mail(1), validation)
    assert blocking(found) == []
    undecided = [message for level, message, _ in found if "undecided" in message]
    assert any("DKIM101" in message for message in undecided)
    assert any(urn(R53, "validation") in message for message in undecided)


def test_records_of_one_zone_are_seen_together(client: AnalyzerClient) -> None:
    second = resource(R53, "second", {**txt("v=spf1 a -all")[R53], "zoneId": UNKNOWN})
    messages = blocking(client.stack(*mail(1, 2), second))
    assert any("SPF002" in message for message in messages)


def test_a_zone_is_known_by_its_outputs_or_by_the_configuration(client: AnalyzerClient) -> None:
    name = "cloudflare:index/dnsRecord:DnsRecord"
    props = {"zoneId": "f00", "name": "@", "type": "TXT", "ttl": 1, "content": OPEN}
    zone = resource("cloudflare:index/zone:Zone", "zone", {"name": "example.com", "id": "f00"})
    texts = (OPEN, SPF)
    two = [resource(name, f"r{n}", {**props, "content": text}) for n, text in enumerate(texts)]
    by_outputs = client.stack(zone, *two)
    assert any("SPF002" in message for message in blocking(by_outputs))
    client.configure(mail_zones={"zones": {"f00": "example.com"}})
    by_config = client.stack(*two)
    assert any("SPF002" in message for message in blocking(by_config))


def test_what_lies_in_a_zone_that_is_not_known_is_undecided(client: AnalyzerClient) -> None:
    name = "cloudflare:index/dnsRecord:DnsRecord"
    props = {"zoneId": "f00", "name": "@", "type": "TXT", "ttl": 1, "content": OPEN}
    found = client.stack(resource(name, "record", props))
    assert [(level, at) for level, _, at in found] == [("advisory", urn(name, "record"))]
    assert "undecided" in found[0][1]


def test_records_in_a_zone_that_is_not_known_are_told_once(client: AnalyzerClient) -> None:
    name = "cloudflare:index/dnsRecord:DnsRecord"
    props = {"zoneId": "f00", "type": "A", "ttl": 1, "content": "192.0.2.1"}
    found = client.stack(*(resource(name, f"r{n}", {**props, "name": f"r{n}"}) for n in range(30)))
    ((level, message, _),) = found
    assert level == "advisory"
    assert '[resources.zones] "f00"' in message
    assert ".invalid" not in message


def test_a_zone_is_learnt_from_the_outputs_of_a_record(client: AnalyzerClient) -> None:
    there = {"zoneId": "Z9", "name": "www", "type": "A", "ttl": 300, "records": ["192.0.2.1"],
             "fqdn": "www.example.com"}  # fmt: skip
    new = {"zoneId": "Z9", "name": "", "type": "TXT", "ttl": 3600, "records": [OPEN, SPF]}
    found = client.stack(resource(R53, "www", there), resource(R53, "spf", new))
    assert any("SPF002" in message for message in blocking(found))


def test_a_private_zone_of_the_same_name_is_passed_over(client: AnalyzerClient) -> None:
    inside = resource(R53_ZONE, "inside", {"name": "example.com", "vpcs": [{"vpcId": "vpc-1"}]})
    props = {"zoneId": UNKNOWN, "name": "", "type": "TXT", "ttl": 3600, "records": [OPEN]}
    spf = resource(R53, "inside", props, {"zoneId": [urn(R53_ZONE, "inside")]})
    assert blocking(client.stack(*mail(1, 2), inside, spf)) == []


def test_mail_records_of_a_type_that_is_not_known_are_undecided(client: AnalyzerClient) -> None:
    odd = "vercel:index/dnsRecord:DnsRecord"
    records = [
        resource(odd, f"r{n}", {"domain": "example.com", "value": value}, provider="vercel")
        for n, value in enumerate([OPEN, UNKNOWN, secret('"v=DMARC1; p=none"')])
    ]
    component = resource("zonelint:index:MailAuth", "mail", {"spf": SPF})
    ((level, message, _),) = client.stack(*records, component)
    assert level == "advisory"
    assert f"the form of {odd}, of which {urn(odd, 'r0')} and 1 more have mail records" in message
    assert client.stack(records[1], component) == []


def test_a_record_of_an_unknown_zone_is_called_as_it_is_written(client: AnalyzerClient) -> None:
    name = "cloudflare:index/dnsRecord:DnsRecord"
    props = {"zoneId": "f00", "name": "@", "type": "TXT", "ttl": 1, "content": OPEN}
    ((_, message),) = client.analyze(name, props)
    assert "(error), @ TXT:" in message
    assert "send as the domain." in message
    dmarc = {**props, "name": "_dmarc", "content": "v=DMARC1; p=rejct; rua=mailto:a@example.com"}
    ((_, message),) = client.analyze(name, dmarc)
    assert "(error), _dmarc TXT:" in message


# -- configuration --------------------------------------------------------------------------------


def test_configure_changes_severity(client: AnalyzerClient) -> None:
    props = txt("v=spf1 mx ?all")[R53]
    client.configure(mail_records={"severity": {"SPF202": "error"}})
    assert [level for level, _ in client.analyze(R53, props)] == ["mandatory"]
    client.configure(mail_records={"severity": {"SPF202": "off"}})
    assert client.analyze(R53, props) == []
    client.configure(mail_records={"severity": {"SPF201": "warning"}})
    assert [level for level, _ in client.analyze(R53, txt(OPEN)[R53])] == ["advisory"]


def test_a_later_configuration_leaves_nothing_of_an_earlier_one(client: AnalyzerClient) -> None:
    client.configure(mail_records={"severity": {"SPF2": "off"}}, mail_zones={"senders": []})
    assert client.analyze(R53, txt(OPEN)[R53]) == []
    assert blocking(client.stack(*mail(1, 2))) != []
    client.configure()
    assert [level for level, _ in client.analyze(R53, txt(OPEN)[R53])] == ["mandatory"]
    assert blocking(client.stack(*mail(1, 2))) == []


def test_no_finding_is_lost_between_two_policies(client: AnalyzerClient) -> None:
    """What one policy takes for an error and does not get to tell, the other tells."""
    for _ in range(8):  # whichever of the analyzer's threads answers has told it before
        assert [level for level, _ in client.analyze(R53, txt(OPEN)[R53])] == ["mandatory"]
    client.configure(mail_records={"enforcementLevel": 2})
    for _ in range(8):
        assert [level for level, _ in client.analyze(R53, txt(OPEN)[R53])] == ["advisory"]
    client.configure(mail_records_advice={"severity": {"SPF202": "error"}})
    found = client.analyze(R53, txt("v=spf1 mx ?all")[R53])
    assert len(found) == 1


def test_fail_on_says_what_blocks(client: AnalyzerClient) -> None:
    open, mild = txt(OPEN)[R53], txt("v=spf1 mx ?all")[R53]

    def levels(props: dict[str, Any]) -> list[str]:
        return [level for level, _ in client.analyze(R53, props)]

    assert (levels(open), levels(mild)) == (["mandatory"], ["advisory"])
    client.configure(mail_records={"fail-on": "warning"})
    assert (levels(open), levels(mild)) == (["mandatory"], ["mandatory"])
    client.configure(mail_records={"fail-on": "never"})
    assert (levels(open), levels(mild)) == (["advisory"], ["advisory"])


def test_what_is_undecided_blocks_where_that_is_asked_for(client: AnalyzerClient) -> None:
    props: dict[str, Any] = {**txt(OPEN)[R53], "records": UNKNOWN}
    for word, wanted in (("error", "advisory"), ("undecided", "mandatory")):
        client.configure(mail_records={"fail-on": word})
        assert {level for level, _ in client.analyze(R53, props)} == {wanted}
    # What blocks is told by the advice where the policy that blocks is switched off.
    client.configure(mail_records={"fail-on": "undecided", "enforcementLevel": 2})
    assert {level for level, _ in client.analyze(R53, props)} == {"advisory"}


def test_zones_block_on_what_fail_on_says(client: AnalyzerClient) -> None:
    assert blocking(client.stack(*mail(1, 2))) == []
    client.configure(mail_zones={"fail-on": "undecided"})
    assert blocking(client.stack(*mail(1, 2))) != []


def test_a_word_that_fail_on_does_not_have_blocks(client: AnalyzerClient) -> None:
    client.configure(mail_records={"fail-on": "all"})
    ((level, message), *_) = client.analyze(R53, txt(OPEN)[R53])
    assert (level, "fail-on" in message) == ("mandatory", True)


def test_infos_are_shown_when_they_are_asked_for(client: AnalyzerClient) -> None:
    props = txt("v=spf1 MX -all")[R53]
    assert client.analyze(R53, props) == []
    client.configure(mail_records={"infos": True})
    ((level, message),) = client.analyze(R53, props)
    assert (level, "SPF306" in message) == ("advisory", True)


def test_senders_and_phase_come_from_the_configuration(tmp_path: Path) -> None:
    with analyzer(pack(tmp_path, 'PolicyPack("own", policies())')) as client:
        assert blocking(client.stack(*mail(1))) == []
        client.configure(mail_zones={"senders": {"example.com": ["microsoft365"]}})
        assert any("DKIM101" in message for message in blocking(client.stack(*mail(1))))
        client.configure(mail_zones={"phase": {"example.com": "reject"}})
        assert blocking(client.stack(*mail(1, 2))) == []


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
    config: dict[str, Any], complaint: str, client: AnalyzerClient
) -> None:
    client.configure(mail_records=config, mail_zones=config)
    found = client.analyze(R53, txt(SPF)[R53])
    assert ("mandatory", True) in [(level, complaint in message) for level, message in found]
    assert any(complaint in message for message in blocking(client.stack(*mail(1, 2))))


def test_a_pack_with_a_broken_file_does_not_start(tmp_path: Path) -> None:
    code = 'PolicyPack("own", policies(Path(__file__).with_name("zonelint.toml")))'
    with (
        pytest.raises(ValueError, match="invalid literal"),
        analyzer(pack(tmp_path, code, "selct = []\n")),
    ):
        pass  # it tells no port


def test_the_policy_of_mta_sts_that_the_file_names_is_read(tmp_path: Path) -> None:
    code = 'PolicyPack("own", policies(Path(__file__).with_name("zonelint.toml")))'
    config = '[domains."example.com".mta-sts]\npolicy = "mta-sts.txt"\n'
    text = "version: STSv1\nmode: enforce\nmx: {}\nmax_age: 604800\n"
    exchanges = {"*.mail.protection.outlook.com": [], "mx.example.com": ["STS003"]}
    for name, codes in exchanges.items():
        folder = tmp_path / name.strip("*.")
        folder.mkdir()
        (folder / "mta-sts.txt").write_text(text.format(name))
        with analyzer(pack(folder, code, config)) as client:
            found = client.stack(*mail(1, 2))
        told = [level for level, message, _ in found if "STS003" in message]
        assert told == ["mandatory" for _ in codes]
    (folder / "mta-sts.txt").unlink()
    with pytest.raises(ValueError, match="invalid literal"), analyzer(folder):
        pass  # what is named has to be there, as for every other front


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
    with analyzer(pack(tmp_path, FAILING)) as client:
        for _ in range(2):  # and the analyzer lives
            ((level, message),) = client.analyze(R53, txt(SPF)[R53])
            assert (level, "BAD001" in message) == ("mandatory", True)
            assert "bug in the rule" in message
            (message,) = blocking(client.stack(*mail(1, 2)))
            assert "BAD002" in message


def test_a_rule_that_fails_tells_no_secret(tmp_path: Path) -> None:
    with analyzer(pack(tmp_path, FAILING)) as client:
        props = {**txt("")[R53], "records": [secret("v=spf1 include:topsecret.example.net -all")]}
        ((level, message),) = client.analyze(R53, props)
        assert level == "mandatory"
        assert "topsecret" not in message
