"""MailAuth by Pulumi's engine: the resources that it makes, for every provider of the table."""

# Some of these tests take over 3 s: Pulumi's engine runs a program, with the vendors' SDKs
# imported, in each of them.

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import automation

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

from .commands import Stack
from .conftest import need
from .table_provider import attached_table

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


SEVERAL: dict[str, Any] = {
    "mx": [(10, "a.example.com"), (20, "b.example.com.")],
    "apex_txt": ["other=1"],
}
KEY = f"v=DKIM1; k=rsa; p={RSA_2048}"
LONG: dict[str, Any] = {
    "senders": ["google-workspace"],
    "dkim": {"google-workspace": {"google": KEY}},
    "mx": None,
}
TABLE: dict[str, Any] = {
    "mx": [(0, "mx1.example.net"), (10, "mx2.example.net.")],
    "apex_txt": ["v=other " + "x" * 300],
}
KINDS = [
    kind
    for kind in {k.id: k for k in shipped().records.values()}.values()
    if kind.tokens and kind.inside is None
]
SEEN: dict[str, MailRecord] = {}


def own_factory(name: str, record: MailRecord, opts: pulumi.ResourceOptions) -> None:
    """What a user may write."""
    assert isinstance(opts.parent, MailAuth)
    SEEN[name] = record


def declare_all() -> None:
    """A program with every component that the tests ask about."""

    def mail(name: str, records: Any, **more: Any) -> None:
        made = MailAuth(name, records=records, **{**FULL, **more})
        keys = ("spf", "dmarc", "dkim", "mx", "tls_rpt", "mta_sts")
        pulumi.export(name, {key: getattr(made, key) for key in keys})

    for name, make in PROVIDERS.items():
        mail(name, make())
        mail(f"several-{name}", make(), **SEVERAL)
        mail(f"long-{name}", make(), **LONG)
    for kind in KINDS:
        mail(f"kind-{kind.id}", records_of(kind.id, {}), **TABLE)
        mail(f"full-{kind.id}", records_of(kind.id, {}))
    later = pulumi.Output.from_input
    target = {"selector1": later("s1.example.net"), "selector2": TARGET.format(2)}
    mail("output", route53(later("Z9")), dkim={"microsoft365": target})
    mail(
        "later",
        cloudflare("f00"),
        domain=later("example.com"),
        rua=[later("dmarc@example.com"), "mailto:more@example.net"],
        spf_terms=[later("192.0.2.1").apply(lambda ip: f"ip4:{ip}")],
    )
    mail("classic", records_of("azure-txt", {"zoneName": "example.com"}))
    mail("own", own_factory, domain="mail.example.com", zone="example.com",
         dkim={"microsoft365": {}}, mx=[(10, "mx")])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """What the engine made: properties and types by name, each component's outputs."""

    resources: Mapping[str, Mapping[str, Any]]
    types: Mapping[str, str]
    parents: Mapping[str, str]
    outputs: Mapping[str, Any]

    def of(self, component: str) -> dict[str, Mapping[str, Any]]:
        """The records of one component, by what they are called in it."""
        return {
            name.removeprefix(f"{component}-"): properties
            for name, properties in self.resources.items()
            if self.parents[name].endswith(f"::{component}")
        }


def up(stack: Stack, program: Callable[[], None]) -> Made:
    """Deploy a program by the Automation API."""
    opts = automation.LocalWorkspaceOptions(
        work_dir=str(stack.folder), env_vars=stack.environment
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", stack.environment["PATH"])
        made = automation.create_or_select_stack(
            "test", project_name="mail", program=program, opts=opts
        )
        outputs = made.up().outputs
        resources = made.export_stack().deployment["resources"]
    records = [each for each in resources if each["custom"] and "parent" in each
               and not each["type"].startswith("pulumi:")]  # fmt: skip
    names = {each["urn"]: each["urn"].rpartition("::")[2] for each in records}
    return Made(
        {names[each["urn"]]: each.get("inputs", {}) for each in records},
        {names[each["urn"]]: each["type"] for each in records},
        {names[each["urn"]]: each["parent"] for each in records},
        {name: output.value for name, output in outputs.items()},
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    need("pulumi", "pulumi-yaml")
    with attached_table() as providers:
        stack = Stack(tmp_path_factory.mktemp("pulumi") / "stack", providers)
        (stack.folder / "Pulumi.yaml").unlink()
        yield up(stack, declare_all)


BY_ID = {kind.id: kind for kind in shipped().records.values()}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_records_are_children_with_names_that_stay(provider: str, made: Made) -> None:
    assert set(made.of(provider)) == {
        "spf", "dmarc", "dkim-selector1", "dkim-selector2", "mx",
        "tls-rpt", "mta-sts", "mta-sts-host",
    }  # fmt: skip
    types = {made.types[f"{provider}-{name}"] for name in made.of(provider)}
    assert types == {BY_ID[provider].tokens[0]}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_outputs_are_what_is_published(provider: str, made: Made) -> None:
    assert made.outputs[provider] == {
        "spf": SPF,
        "dmarc": DMARC,
        "dkim": {"selector1": TARGET.format(1), "selector2": TARGET.format(2)},
        "mx": ["10 example-com.mail.protection.outlook.com."],
        "tls_rpt": "v=TLSRPTv1; rua=mailto:tls@example.com",
        "mta_sts": "v=STSv1; id=20260101;",
    }


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_declared_reads_back_and_has_no_fault(provider: str, made: Made) -> None:
    """The resources are read as the policies read them, and all rules are asked."""
    kind = BY_ID[provider]
    resources = [
        Resource(name, kind, ResourceWorld.PULUMI, props)
        for name, props in made.of(provider).items()
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


def test_the_properties_are_those_of_the_provider(made: Made) -> None:
    common = {"type": "TXT", "ttl": 3600}
    spf = {name: made.of(name)["spf"] for name in PROVIDERS}
    assert spf == {
        "route53": {**common, "zoneId": "Z1", "name": "example.com", "records": [SPF]},
        "cloudflare": {**common, "zoneId": "f00", "name": "example.com", "content": SPF},
        "google": {**common, "managedZone": "main", "name": "example.com.",
                   "rrdatas": [f'"{SPF}"']},
        "azure-native": {
            "resourceGroupName": "group", "zoneName": "example.com", "relativeRecordSetName": "@",
            "recordType": "TXT", "ttl": 3600, "txtRecords": [{"value": [SPF]}],
        },
    }  # fmt: skip


def test_exchanges_and_texts_are_one_resource_or_several_as_the_provider_has_it(
    made: Made,
) -> None:
    one = made.of("several-route53")
    assert one["mx"]["records"] == ["10 a.example.com", "20 b.example.com"]
    assert one["spf"]["records"] == [SPF, "other=1"]
    several = made.of("several-cloudflare")
    assert {k: (v["priority"], v["content"]) for k, v in several.items() if "mx" in k} == {
        "mx": (10, "a.example.com"),
        "mx-2": (20, "b.example.com"),
    }
    assert several["spf-2"]["content"] == "other=1"
    assert made.of("several-azure-native")["mx"]["mxRecords"] == [
        {"preference": 10, "exchange": "a.example.com"},
        {"preference": 20, "exchange": "b.example.com"},
    ]


def test_a_long_key_is_split_as_the_provider_wants_it(made: Made) -> None:
    assert made.of("long-route53")["dkim-google"]["records"] == [f'{KEY[:255]}""{KEY[255:]}']
    assert made.of("long-google")["dkim-google"]["rrdatas"] == [f'"{KEY[:255]}" "{KEY[255:]}"']
    assert made.of("long-cloudflare")["dkim-google"]["content"] == KEY


def test_values_may_be_outputs_of_other_resources(made: Made) -> None:
    key = made.of("output")["dkim-selector1"]
    assert (key["zoneId"], key["records"]) == ("Z9", ["s1.example.net"])
    assert made.outputs["output"]["dkim"]["selector1"] == "s1.example.net"


def test_a_domain_and_addresses_may_be_outputs(made: Made) -> None:
    later = made.of("later")
    assert later["dmarc"]["name"] == "_dmarc.example.com"
    assert later["dkim-selector1"]["content"] == TARGET.format(1)
    assert made.outputs["later"]["dmarc"] == f"{DMARC},mailto:more@example.net"
    assert made.outputs["later"]["spf"] == SPF.replace("v=spf1", "v=spf1 ip4:192.0.2.1")


def test_what_is_wrong_with_a_domain_that_is_an_output_ends_the_program(tables: Stack) -> None:
    (tables.folder / "Pulumi.yaml").unlink()

    def program() -> None:
        domain = pulumi.Output.from_input("exa mple..com")
        MailAuth("mail", records=route53("Z1"), **{**FULL, "domain": domain})

    with pytest.raises(automation.CommandError, match="has an empty label"):
        up(tables, program)


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.id) for kind in KINDS])
def test_every_kind_of_the_table_holds_the_records(kind: RecordKind, made: Made) -> None:
    """They read back as they were declared, whatever the provider."""
    zone = NamedZone("example.com.")
    component = f"kind-{kind.id}"
    resources = [
        Resource(name, known, ResourceWorld.PULUMI, properties, zone)
        for name, properties in made.of(component).items()
        if (known := shipped().record(made.types[f"{component}-{name}"])) is not None
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


def test_what_a_provider_wants_in_a_way_of_its_own(made: Made) -> None:
    def inputs(kind: str, name: str = "mx") -> Mapping[str, Any]:
        return made.of(f"full-{kind}")[name]

    assert inputs("ovh")["subdomain"] == ""
    assert inputs("dnsimple")["name"] == ""
    assert inputs("linode", "dmarc")["name"] == "_dmarc"
    assert inputs("route53-native")["ttl"] == "3600"
    assert inputs("google")["name"] == "example.com."
    assert inputs("akamai")["targets"] == ["10 example-com.mail.protection.outlook.com"]
    assert inputs("oracle-rrset")["items"] == [
        {"rdata": "10 example-com.mail.protection.outlook.com", "domain": "example.com",
         "rtype": "MX", "ttl": 3600},
    ]  # fmt: skip


def test_a_provider_with_a_type_for_each_record_type(made: Made) -> None:
    assert {made.types[f"classic-{name}"] for name in made.of("classic")} == {
        "azure:dns/txtRecord:TxtRecord", "azure:dns/cNameRecord:CNameRecord",
        "azure:dns/mxRecord:MxRecord",
    }  # fmt: skip


def test_any_function_can_make_the_records(made: Made) -> None:
    assert SEEN["own-spf"] == MailRecord(
        "spf", "mail.example.com.", "example.com.", "TXT", 3600, (SPF,)
    )
    assert SEEN["own-dmarc"].owner == "_dmarc.mail.example.com."


def test_children_keep_their_names_when_others_come(tables: Stack) -> None:
    """No record goes while another is added: receivers would find none in between."""
    (tables.folder / "Pulumi.yaml").unlink()

    def program(**more: Any) -> Callable[[], None]:
        return lambda: (MailAuth("mail", records=cloudflare("f00"), **{**FULL, **more}), None)[1]

    first = up(tables, program(mx=SEVERAL["mx"][:1]))
    more = up(tables, program(**SEVERAL))
    assert {"mail-mx", "mail-spf"} <= set(first.resources) < set(more.resources)
    assert set(more.resources) - set(first.resources) == {"mail-mx-2", "mail-spf-2"}
    assert more.resources["mail-mx"] == first.resources["mail-mx"]


# -- what needs no engine: nothing is made of it --------------------------------------------------


@pytest.mark.parametrize("kind", ["hetzner-console", "nobody"])
def test_a_kind_that_pulumi_does_not_have_is_refused(kind: str) -> None:
    with pytest.raises(
        ValueError, match=f'"{kind}" is not a kind of resource in Pulumi; known are'
    ):
        records_of(kind, {})


def test_a_kind_that_holds_a_whole_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="all records of a zone in one resource"):
        records_of("route53-exclusive", {})


OWN_TYPE = """\
[resources.types.own]
pulumi = ["aws:route53/record:Record"]
name = "name"
names = "relative"
zone-ref = "zoneId"
type = "type"
text = "plain"
values = { at = "records" }
"""


def test_a_type_of_one_s_own_holds_the_records(tmp_path: Path, tables: Stack) -> None:
    (tables.folder / "Pulumi.yaml").unlink()
    config = tmp_path / "zonelint.toml"
    config.write_text(OWN_TYPE)
    factory = records_of("own", {"zoneId": "z1"}, config=config)
    found = up(tables, lambda: (MailAuth("mail", records=factory, **FULL), None)[1])
    assert found.resources["mail-dmarc"] == {
        "zoneId": "z1", "name": "_dmarc", "type": "TXT", "records": [DMARC],
    }  # fmt: skip
    config.write_text(OWN_TYPE.replace("plain", "plane"))
    with pytest.raises(ValueError, match="plane"):
        records_of("own", {}, config=config)


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"dkim": None}, "specific to the account"),
        ({"dkim": {"microsoft365": {"selector1": TARGET.format(1)}}}, "selector2"),
        ({"dkim": {"mailgun": {}}}, "not among the senders"),
        ({"senders": ["microsoft356"], "dkim": None}, 'did you mean "microsoft365"'),
        ({"phase": "rejct"}, "phase is one of none, quarantine, reject"),
        ({"domain": "exa mple..com"}, "empty label"),
        ({"zone": "example.net"}, "is outside the zone"),
        ({"mx": "zoho"}, "specific to the account"),
        ({"mx": ["mail.example.com"]}, "a list of pairs"),
        ({"mx": [("10", "mail.example.com")]}, "is a number, not '10'"),
        ({"mx": [(70000, "mail.example.com")]}, "from 0 to 65535"),
        ({"rua": "dmarc@example.com"}, r'rua is a list: \["dmarc@example.com"\]'),
        ({"rua": ["dmarc"]}, "DMARC010, dmarc: mailto:dmarc contains no mail address"),
        ({"spf_terms": ["ip4:999"]}, "SPF001, spf: "),
        ({"spf_terms": ["-all"]}, "SPF210, spf: .* before `all`"),
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
    with pytest.raises(DeclarationError, match=complaint):
        MailAuth("mail", records=route53("Z1"), **{**FULL, **more})
