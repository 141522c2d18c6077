"""MailAuth under Pulumi's mocks: the resources that it makes, for four providers and any other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks as pulumi_mocks

from zonelint.providers.pulumi import MailAuth, azure, cloudflare, google, route53
from zonelint.providers.pulumi.declaration import DeclarationError, MailRecord, MtaSts
from zonelint.providers.pulumi.factories import records_of
from zonelint.providers.resources.kinds import RecordKind, ResourceWorld
from zonelint.providers.resources.named_zone import NamedZone
from zonelint.providers.resources.reading import Resource
from zonelint.providers.resources.table import shipped
from zonelint.providers.resources.zones import assemble, known_zones
from zonelint.rules.config import intent
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Engine
from zonelint.rules.core.finding import Severity
from zonelint.rules.dkim.support.example_keys import RSA_2048

TARGET = "selector{}-example-com._domainkey.contoso.onmicrosoft.com"
DKIM = {"microsoft365": {f"selector{n}": TARGET.format(n) for n in (1, 2)}}
FULL: dict[str, Any] = {
    "domain": "example.com",
    "senders": ["microsoft365"],
    "dkim": DKIM,
    "phase": "quarantine",
    "alignment": "strict",
    "rua": ["dmarc@example.com"],
    "spf": "final",
    "mx": [(10, "example-com.mail.protection.outlook.com")],
    "tls_rpt": ["mailto:tls@example.com"],
    "mta_sts": MtaSts("20260101", "mta-sts.example.net"),
}
SPF = "v=spf1 include:spf.protection.outlook.com -all"
DMARC = "v=DMARC1; p=quarantine; adkim=s; aspf=s; rua=mailto:dmarc@example.com"
PROVIDERS: dict[str, Callable[[], Any]] = {
    "route53": lambda: route53("Z1"),
    "cloudflare": lambda: cloudflare("f00"),
    "google": lambda: google("main"),
    "azure-native": lambda: azure("group", "example.com"),
}


@pytest.fixture(autouse=True)
def loop() -> Iterator[None]:
    """The event loop that Pulumi's mocks take for granted; other tests leave none behind."""
    own = asyncio.new_event_loop()
    asyncio.set_event_loop(own)
    yield
    own.close()
    asyncio.set_event_loop(None)


class Mocks(pulumi.runtime.Mocks):
    """Notes every resource that is made."""

    def __init__(self) -> None:
        self.made: list[pulumi_mocks.MockResourceArgs] = []

    def new_resource(self, args: pulumi_mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.made.append(args)
        return f"{args.name}-id", dict(args.inputs)

    def call(self, args: pulumi_mocks.MockCallArgs) -> dict[str, Any]:
        return {}

    def resources(self) -> dict[str, dict[str, Any]]:
        """The inputs of the records by the resources' names."""
        return {args.name: dict(args.inputs) for args in self.made if args.typ.count(":") > 1
                and not args.typ.startswith("zonelint")}  # fmt: skip


def declare(records: Any, **more: Any) -> tuple[Mocks, dict[str, Any]]:
    """The resources and outputs of one component."""
    mocks = Mocks()
    pulumi.runtime.set_mocks(mocks, preview=False)
    outputs: dict[str, Any] = {}

    @pulumi.runtime.test
    def program() -> Any:
        mail = MailAuth("mail", records=records, **{**FULL, **more})
        found = {key: getattr(mail, key) for key in
                 ("spf", "dmarc", "dkim", "mx", "tls_rpt", "mta_sts")}  # fmt: skip
        return pulumi.Output.all(**found).apply(outputs.update)

    program()
    return mocks, outputs


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_records_are_children_with_names_that_stay(provider: str) -> None:
    mocks, _ = declare(PROVIDERS[provider]())
    assert set(mocks.resources()) == {
        "mail-spf", "mail-dmarc", "mail-dkim-selector1", "mail-dkim-selector2", "mail-mx",
        "mail-tls-rpt", "mail-mta-sts", "mail-mta-sts-host",
    }  # fmt: skip
    types = {args.typ for args in mocks.made}
    assert types == {"zonelint:index:MailAuth", shipped().kind(provider).tokens[0]}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_outputs_are_what_is_published(provider: str) -> None:
    _, outputs = declare(PROVIDERS[provider]())
    assert outputs == {
        "spf": SPF,
        "dmarc": DMARC,
        "dkim": {"selector1": TARGET.format(1), "selector2": TARGET.format(2)},
        "mx": ["10 example-com.mail.protection.outlook.com."],
        "tls_rpt": "v=TLSRPTv1; rua=mailto:tls@example.com",
        "mta_sts": "v=STSv1; id=20260101;",
    }


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_declared_reads_back_and_has_no_fault(provider: str) -> None:
    """The resources are read as the policies read them, and all rules are asked."""
    mocks, _ = declare(PROVIDERS[provider]())
    kind = shipped().kind(provider)
    resources = [
        Resource(name, kind, ResourceWorld.PULUMI, props)
        for name, props in mocks.resources().items()
    ]
    known = known_zones([NamedZone("example.com.", ("Z1", "f00", "main"))])
    (zone,) = assemble(resources, known, "stack")
    assert zone.faults == []
    found = {(r.owner, r.type): [x.rdata for x in r] for r in zone.rrsets()}
    assert found == {
        ("example.com.", "TXT"): [f'"{SPF}"'],
        ("_dmarc.example.com.", "TXT"): [f'"{DMARC}"'],
        ("selector1._domainkey.example.com.", "CNAME"): [f"{TARGET.format(1)}."],
        ("selector2._domainkey.example.com.", "CNAME"): [f"{TARGET.format(2)}."],
        ("example.com.", "MX"): ["10 example-com.mail.protection.outlook.com."],
        ("_smtp._tls.example.com.", "TXT"): ['"v=TLSRPTv1; rua=mailto:tls@example.com"'],
        ("_mta-sts.example.com.", "TXT"): ['"v=STSv1; id=20260101;"'],
        ("mta-sts.example.com.", "CNAME"): ["mta-sts.example.net."],
    }
    declared = intent.load(
        '[domains."example.com"]\nsenders = ["microsoft365"]\nspf = "final"\n'
        'mx = { receiver = "microsoft365" }\n'
        'dmarc = { target = "reject", alignment = "strict" }\n'
    )
    result = Engine(registry.rules()).run(Context([zone], declared))
    assert result.crashes == []
    assert [f.code for f in result.findings if f.severity is not Severity.INFO] == []


def test_the_properties_are_those_of_the_provider() -> None:
    spf = {name: declare(make())[0].resources()["mail-spf"] for name, make in PROVIDERS.items()}
    assert spf["route53"] == {
        "zoneId": "Z1",
        "name": "example.com",
        "type": "TXT",
        "ttl": 3600,
        "records": [SPF],
    }
    assert spf["cloudflare"] == {
        "zoneId": "f00",
        "name": "example.com",
        "type": "TXT",
        "ttl": 3600,
        "content": SPF,
    }
    assert spf["google"] == {
        "managedZone": "main",
        "name": "example.com.",
        "type": "TXT",
        "ttl": 3600,
        "rrdatas": [f'"{SPF}"'],
    }
    assert spf["azure-native"] == {
        "resourceGroupName": "group", "zoneName": "example.com", "relativeRecordSetName": "@",
        "recordType": "TXT", "ttl": 3600, "txtRecords": [{"value": [SPF]}],
    }  # fmt: skip


def test_exchanges_and_texts_are_one_resource_or_several_as_the_provider_has_it() -> None:
    more = {"mx": [(10, "a.example.com"), (20, "b.example.com.")], "apex_txt": ["other=1"]}
    one = declare(route53("Z1"), **more)[0].resources()
    assert one["mail-mx"]["records"] == ["10 a.example.com", "20 b.example.com"]
    assert one["mail-spf"]["records"] == [SPF, "other=1"]
    several = declare(cloudflare("f00"), **more)[0].resources()
    assert {k: (v["priority"], v["content"]) for k, v in several.items() if "-mx" in k} == {
        "mail-mx": (10, "a.example.com"),
        "mail-mx-2": (20, "b.example.com"),
    }
    assert several["mail-spf-2"]["content"] == "other=1"
    azures = declare(azure("g", "example.com"), **more)[0].resources()
    assert azures["mail-mx"]["mxRecords"] == [
        {"preference": 10, "exchange": "a.example.com"},
        {"preference": 20, "exchange": "b.example.com"},
    ]


def test_a_long_key_is_split_as_the_provider_wants_it() -> None:
    key = f"v=DKIM1; k=rsa; p={RSA_2048}"
    more = {"senders": ["google-workspace"], "dkim": {"google-workspace": {"google": key}},
            "mx": None}  # fmt: skip
    (text,) = declare(route53("Z1"), **more)[0].resources()["mail-dkim-google"]["records"]
    assert text == f'{key[:255]}""{key[255:]}'
    (text,) = declare(google("main"), **more)[0].resources()["mail-dkim-google"]["rrdatas"]
    assert text == f'"{key[:255]}" "{key[255:]}"'


def test_values_may_be_outputs_of_other_resources() -> None:
    target = pulumi.Output.from_input("s1.example.net")
    dkim = {"microsoft365": {"selector1": target, "selector2": TARGET.format(2)}}
    mocks, outputs = declare(route53(pulumi.Output.from_input("Z9")), dkim=dkim)
    made = mocks.resources()["mail-dkim-selector1"]
    assert (made["zoneId"], made["records"]) == ("Z9", ["s1.example.net"])
    assert outputs["dkim"]["selector1"] == "s1.example.net"


OWN_TYPE = """\
[resources.types.acme]
pulumi = ["acme:dns:Record"]
name = "host"
names = "relative"
zone-ref = "zone"
type = "kind"
text = "plain"
values = { at = "values" }
"""
KINDS = [
    kind
    for kind in {k.id: k for k in shipped().records.values()}.values()
    if kind.tokens and kind.inside is None
]


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.id) for kind in KINDS])
def test_every_kind_of_the_table_holds_the_records(kind: RecordKind) -> None:
    """They read back as they were declared, whatever the provider."""
    mocks, _ = declare(
        records_of(kind.id, {}),
        mx=[(0, "mx1.example.net"), (10, "mx2.example.net.")],
        apex_txt=["v=other " + "x" * 300],
    )
    made = [args for args in mocks.made if args.typ in shipped().records]
    zone = NamedZone("example.com.")
    resources = [
        Resource(args.name, known, ResourceWorld.PULUMI, dict(args.inputs), zone)
        for args in made
        if (known := shipped().record(args.typ)) is not None
    ]
    (read,) = assemble(resources, known_zones([zone]), "stack")
    assert read.faults == []
    texts = [record.text.value for record in read.table("TXT")["example.com."]]
    assert sorted(texts) == ["v=other " + "x" * 300, SPF]
    assert sorted(record.rdata for record in read.table("MX")["example.com."]) == [
        "0 mx1.example.net.", "10 mx2.example.net.",
    ]  # fmt: skip
    assert read.table("CNAME")["selector2._domainkey.example.com."].records[0].target == (
        f"{TARGET.format(2)}."
    )
    assert read.table("TXT")["_dmarc.example.com."].records[0].text.value == DMARC


def test_what_a_provider_wants_in_a_way_of_its_own() -> None:
    def inputs(kind: str, name: str = "mail-mx") -> dict[str, Any]:
        return declare(records_of(kind, {}))[0].resources()[name]

    assert inputs("ovh")["subdomain"] == ""
    assert inputs("dnsimple")["name"] == ""
    assert inputs("linode", "mail-dmarc")["name"] == "_dmarc"
    assert inputs("route53-native")["ttl"] == "3600"
    assert inputs("google")["name"] == "example.com."
    assert inputs("akamai")["targets"] == ["10 example-com.mail.protection.outlook.com"]
    assert inputs("oracle-rrset")["items"] == [
        {"rdata": "10 example-com.mail.protection.outlook.com", "domain": "example.com",
         "rtype": "MX", "ttl": 3600},
    ]  # fmt: skip


def test_a_provider_with_a_type_for_each_record_type() -> None:
    mocks, _ = declare(records_of("azure-txt", {"zoneName": "example.com"}))
    types = {args.typ for args in mocks.made}
    assert types == {
        "zonelint:index:MailAuth", "azure:dns/txtRecord:TxtRecord",
        "azure:dns/cNameRecord:CNameRecord", "azure:dns/mxRecord:MxRecord",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["hetzner-console", "nobody"])
def test_a_kind_that_pulumi_does_not_have_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match=f'"{kind}" is not a kind of resource in Pulumi; known are'):
        records_of(kind, {})


def test_a_kind_that_holds_a_whole_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="all records of a zone in one resource"):
        records_of("route53-exclusive", {})


def test_a_type_of_one_s_own_holds_the_records(tmp_path: Path) -> None:
    config = tmp_path / "zonelint.toml"
    config.write_text(OWN_TYPE)
    mocks, _ = declare(records_of("acme", {"zone": "z1"}, config=config))
    assert mocks.resources()["mail-dmarc"] == {
        "zone": "z1", "host": "_dmarc", "kind": "TXT", "values": [DMARC],
    }  # fmt: skip
    config.write_text(OWN_TYPE.replace("plain", "plane"))
    with pytest.raises(ValueError, match="plane"):
        records_of("acme", {}, config=config)


def test_a_domain_and_addresses_may_be_outputs() -> None:
    mocks, outputs = declare(
        cloudflare("f00"),
        domain=pulumi.Output.from_input("example.com"),
        rua=[pulumi.Output.from_input("dmarc@example.com"), "mailto:more@example.net"],
        spf_terms=[pulumi.Output.from_input("192.0.2.1").apply(lambda ip: f"ip4:{ip}")],
    )
    made = mocks.resources()
    assert made["mail-dmarc"]["name"] == "_dmarc.example.com"
    assert made["mail-dkim-selector1"]["content"] == TARGET.format(1)
    assert outputs["dmarc"] == f"{DMARC},mailto:more@example.net"
    assert outputs["spf"] == SPF.replace("v=spf1", "v=spf1 ip4:192.0.2.1")


def test_any_function_can_make_the_records() -> None:
    seen: dict[str, MailRecord] = {}

    def make(name: str, record: MailRecord, opts: pulumi.ResourceOptions) -> None:
        assert isinstance(opts.parent, MailAuth)
        seen[name] = record

    declare(make, domain="mail.example.com", zone="example.com", dkim={"microsoft365": {}},
            mx=[(10, "mx")])  # fmt: skip
    assert seen["mail-spf"] == MailRecord(
        "spf", "mail.example.com.", "example.com.", "TXT", 3600, (SPF,)
    )
    assert seen["mail-dmarc"].owner == "_dmarc.mail.example.com."


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"dkim": None}, "particular to the account"),
        ({"dkim": {"microsoft365": {"selector1": TARGET.format(1)}}}, "selector2"),
        ({"dkim": {"mailgun": {}}}, "not among the senders"),
        ({"senders": ["microsoft356"], "dkim": None}, 'did you mean "microsoft365"'),
        ({"phase": "rejct"}, "phase is one of none, quarantine, reject"),
        ({"domain": "exa mple..com"}, "empty label"),
        ({"zone": "example.net"}, "outside of the zone"),
        ({"mx": "zoho"}, "particular to the account"),
        ({"mx": ["mail.example.com"]}, "a list of pairs"),
        ({"mx": [("10", "mail.example.com")]}, "is a number, not '10'"),
        ({"mx": [(70000, "mail.example.com")]}, "from 0 to 65535"),
        ({"rua": "dmarc@example.com"}, r'rua is a list: \["dmarc@example.com"\]'),
        ({"rua": ["dmarc"]}, "DMARC010, dmarc: mailto:dmarc contains no mail address"),
        ({"spf_terms": ["ip4:999"]}, "SPF001, spf: "),
        ({"spf_terms": ["-all"]}, "SPF205, spf: "),
        ({"apex_txt": ["v=spf1 -all"]}, "SPF002"),
        ({"tls_rpt": ["tls"]}, "TLSRPT001, tls-rpt: "),
        ({"mta_sts": MtaSts("2026-01-01")}, "STS001, mta-sts: "),
        ({"dkim": {"microsoft365": {"selector1": "a..b", "selector2": "c.d"}}}, "empty label"),
        ({"domain": "*.example.com"}, "the name of one domain"),
        (
            {"dkim": {"microsoft365": {f"selector{n}": TARGET.format(3 - n) for n in (1, 2)}}},
            "DKIM102, dkim-selector1: .*selector2",
        ),
        (
            {
                "dkim": {
                    "microsoft365": {
                        f"selector{n}": TARGET.format(n).replace("-com", "-net") for n in (1, 2)
                    }
                }
            },
            "DKIM102, dkim-selector1: .*example",
        ),
        (
            {
                "dkim": {
                    "microsoft365": {
                        "selector1": TARGET.format(1),
                        "selector2": TARGET.format(2).replace("contoso", "fabrikam"),
                    }
                }
            },
            "DKIM102, dkim-selector2: .*fabrikam|DKIM102, dkim-selector1: .*contoso",
        ),
        ({"ttl": "1h"}, "a number of seconds"),
    ],
)
def test_what_is_missing_is_told_before_anything_is_made(
    more: dict[str, Any], complaint: str
) -> None:
    mocks = Mocks()
    pulumi.runtime.set_mocks(mocks, preview=False)
    with pytest.raises(DeclarationError, match=complaint):
        MailAuth("mail", records=route53("Z1"), **{**FULL, **more})
    assert mocks.made == []
