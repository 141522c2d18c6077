"""The table of resource types, and how providers write the text of a TXT record."""

# Some of these tests take over 3 s: SDKs with tens of thousands of classes are read.

import ast
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zonelint.grammars.zone import Answered
from zonelint.providers.resources.edits import properties_after
from zonelint.providers.resources.kinds import RecordKind, ResourceWorld, TxtForm, ZoneKind, snake
from zonelint.providers.resources.named_zone import NamedZone, zones_of
from zonelint.providers.resources.reading import Resource, read
from zonelint.providers.resources.table import ResourceTable, TableError, files, shipped, table_for
from zonelint.providers.resources.texts import BadText, Style, places_of, strings_of, write
from zonelint.providers.resources.values import UNKNOWN, Hidden
from zonelint.providers.resources.wording import spoken_names
from zonelint.providers.resources.zones import ResourceZone, assemble, known_zones
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.change import Edit
from zonelint.rules.core.engine import Engine

from ..hosts.build import cache
from ..hosts.sdks import getters, sides

ORIGIN = "example.com."
LONG = "v=spf1 " + " ".join(f"ip4:198.51.100.{n}" for n in range(10, 40)) + " -all"


def resource(token: str, in_zone: str | None = ORIGIN, /, **values: object) -> Resource:
    kind = shipped().record(token)
    assert kind is not None, token
    world = ResourceWorld.TERRAFORM if token in kind.types else ResourceWorld.PULUMI
    zone = None if in_zone is None else NamedZone(in_zone)
    return Resource(f"address of {token}", kind, world, values, zone)


# -- texts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "written", "strings"),
    [
        (TxtForm.INNER, "v=spf1 -all", ["v=spf1 -all"]),
        (TxtForm.INNER, 'a""b', ["a", "b"]),
        (TxtForm.INNER, 'a" "b', ["a", "b"]),
        (TxtForm.INNER, r"a\"b", ['a"b']),
        (TxtForm.PRESENTATION, '"v=spf1 -all"', ["v=spf1 -all"]),
        (TxtForm.PRESENTATION, "v=spf1 -all", ["v=spf1", "-all"]),
        (TxtForm.PRESENTATION, '"a" "b;c"', ["a", "b;c"]),
        (TxtForm.PRESENTATION, r'"a\065"', ["aA"]),
        (TxtForm.EITHER, "v=spf1 -all", ["v=spf1 -all"]),
        (TxtForm.EITHER, '"v=spf1" " -all"', ["v=spf1", " -all"]),
        (TxtForm.PLAIN, '"a" "b"', ['"a" "b"']),
    ],
)
def test_each_provider_writes_texts_in_its_own_way(
    form: TxtForm, written: str, strings: list[str]
) -> None:
    assert strings_of(written, Style(form)) == [s.encode() for s in strings]


def test_the_escapes_of_route_53_are_octal() -> None:
    assert strings_of(r"a\052", Style(TxtForm.INNER, octal=True)) == [b"a*"]
    assert strings_of(r"a\052", Style(TxtForm.INNER)) == [b"a4"]


def test_a_provider_that_cuts_is_given_the_whole_text() -> None:
    assert [len(s) for s in strings_of("a" * 600, Style(TxtForm.PLAIN, cut=254))] == [254, 254, 92]
    assert [len(s) for s in strings_of("a" * 600, Style(TxtForm.PLAIN))] == [600]


@pytest.mark.parametrize(
    ("form", "written", "complaint"),
    [
        (TxtForm.INNER, '"v=spf1 -all"', "adds its own"),
        (TxtForm.PRESENTATION, '"v=spf1 -all', "never closed"),
        (TxtForm.PRESENTATION, "", "empty"),
        (TxtForm.PRESENTATION, r'"a\999"', "invalid escape"),
        (TxtForm.INNER, "a\\", "backslash"),
        (TxtForm.INNER, 'a"b', "in the middle"),
    ],
)
def test_what_is_no_text_is_told(form: TxtForm, written: str, complaint: str) -> None:
    with pytest.raises(BadText, match=complaint):
        strings_of(written, Style(form))


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        (TxtForm.INNER, 'a""b'),
        (TxtForm.PRESENTATION, '"a" "b"'),
        (TxtForm.STRINGS, ("a", "b")),
        (TxtForm.PLAIN, "ab"),
    ],
)
def test_a_split_is_written_as_the_provider_wants_it(form: TxtForm, wanted: object) -> None:
    assert write([b"a", b"b"], Style(form)) == wanted


@settings(max_examples=60)
@given(
    st.sampled_from([f for f in TxtForm if f is not TxtForm.STRINGS]),
    st.booleans(),
    st.lists(st.binary(min_size=1, max_size=400), min_size=1, max_size=3),
)
def test_what_is_written_reads_as_it_was_meant(
    form: TxtForm, octal: bool, strings: list[bytes]
) -> None:
    style = Style(form, octal=octal)
    written = write(strings, style)
    assert b"".join(strings_of(written, style)) == b"".join(strings)
    assert b"".join(piece.octets for piece in places_of(written, style)) == b"".join(strings)


@settings(max_examples=100)
@given(st.sampled_from([f for f in TxtForm if f is not TxtForm.STRINGS]), st.text(max_size=60))
def test_any_text_is_read_or_refused(form: TxtForm, written: str) -> None:
    style = Style(form, octal=True)
    try:
        strings = strings_of(written, style)
    except BadText as bad:
        place = (bad.start, bad.end)
    else:
        pieces = places_of(written, style)
        assert b"".join(strings) == b"".join(piece.octets for piece in pieces)
        place = (pieces[0].start, pieces[-1].end) if pieces else (0, 0)
    assert 0 <= place[0] <= place[1] <= len(written)


# -- records of every provider --------------------------------------------------------------------

SPF = "v=spf1 mx -all"
RESOURCES = {
    "aws:route53/record:Record": {"name": "", "type": "TXT", "ttl": 300.0, "records": [SPF]},
    "aws_route53_record": {"name": "example.com", "type": "TXT", "ttl": 300, "records": [SPF]},
    "aws-native:route53:RecordSet": {
        "name": "example.com.", "type": "TXT", "ttl": "300", "resourceRecords": [f'"{SPF}"']
    },
    "cloudflare:index/dnsRecord:DnsRecord": {
        "zoneId": "1", "name": "@", "type": "TXT", "ttl": 300.0, "content": SPF
    },
    "cloudflare_record": {"name": "example.com", "type": "TXT", "ttl": 300, "value": f'"{SPF}"'},
    "gcp:dns/recordSet:RecordSet": {
        "name": "example.com.", "type": "TXT", "ttl": 300.0, "rrdatas": [f'"{SPF}"']
    },
    "google_dns_record_set": {"name": "example.com.", "type": "TXT", "ttl": 300,
    "rrdatas": [f'"{SPF}"']},
    "azure:dns/txtRecord:TxtRecord": {
        "zoneName": "example.com", "name": "@", "ttl": 300.0, "records": [{"value": SPF}]
    },
    "azurerm_dns_txt_record": {
        "zone_name": "example.com", "name": "@", "ttl": 300, "record": [{"value": SPF}]
    },
    "azure-native:dns:RecordSet": {
        "zoneName": "example.com", "relativeRecordSetName": "@", "recordType": "TXT", "ttl": 300.0,
        "txtRecords": [{"value": ["v=spf1 ", "mx -all"]}],
    },
    "digitalocean_record": {"domain": "example.com", "name": "@", "type": "TXT", "ttl": 300,
    "value": SPF},
    "linode_domain_record": {"name": "", "record_type": "TXT", "ttl_sec": 300, "target": SPF},
    "hcloud_zone_rrset": {
        "zone": "example.com", "name": "@", "type": "TXT", "ttl": 300,
        "records": [{"value": f'"{SPF}"'}]
    },
    "ns1_record": {
        "zone": "example.com", "domain": "example.com", "type": "TXT", "ttl": 300,
        "answers": [{"answer": SPF}]
    },
    "dnsimple_zone_record": {"zone_name": "example.com", "name": "", "type": "TXT", "ttl": 300,
    "value": SPF},
    "ovh_domain_zone_record": {
        "zone": "example.com", "subdomain": "", "fieldtype": "TXT", "ttl": 300, "target": f'"{SPF}"'
    },
    "gandi_livedns_record": {
        "zone": "example.com", "name": "@", "type": "TXT", "ttl": 300, "values": [f'"{SPF}"']
    },
    "akamai_dns_record": {
        "zone": "example.com", "name": "example.com", "recordtype": "TXT", "ttl": 300,
        "target": [f'"{SPF}"']
    },
    "oci_dns_rrset": {
        "zone_name_or_id": "example.com", "domain": "example.com", "rtype": "TXT",
        "items": [{"rdata": f'"{SPF}"', "ttl": 300, "rtype": "TXT", "domain": "example.com"}],
    },
}  # fmt: skip


@pytest.mark.parametrize(
    "values",
    [
        {"priority": 10, "content": "mail.example.net"},
        {"data": [{"priority": 10}], "value": "mail.example.net"},
        {"data": {"priority": 10}, "content": "mail.example.net"},
    ],
)
def test_the_priority_of_cloudflare_stands_in_either_place(values: dict[str, object]) -> None:
    mx = resource("cloudflare_record", zone_id="1", name="@", type="MX", **values)
    (zone,) = assemble([mx], known_zones([NamedZone(ORIGIN, ("1",))]), "plan")
    assert zone.faults == []
    assert [record.rdata for record in zone.get(ORIGIN, "MX") or ()] == ["10 mail.example.net."]


def test_gandi_takes_a_text_without_quotes_as_one() -> None:
    values = {"zone": "example.com", "name": "@", "type": "TXT", "values": [SPF]}
    (zone,) = assemble([resource("gandi_livedns_record", **values)], known_zones([]), "plan")
    assert [record.rdata for record in zone.get(ORIGIN, "TXT") or ()] == [f'"{SPF}"']


@pytest.mark.parametrize("type", RESOURCES)
def test_one_record_reads_alike_from_every_provider(type: str) -> None:
    zones = assemble(
        [resource(type, **RESOURCES[type])], known_zones([NamedZone(ORIGIN, ("1",))]), "plan"
    )
    (zone,) = zones
    assert zone.origin == ORIGIN, type
    assert zone.faults == []
    (rrset,) = zone.rrsets()
    assert (rrset.owner, rrset.type) == (ORIGIN, "TXT")
    (record,) = rrset
    assert record.text.value == SPF
    assert record.ttl == 300
    start = SPF.index("-all")
    span = record.text.span(start, start + 4)
    assert (span.path, span.line) == (f"address of {type}", 1)
    assert span.end_column - span.column == 4


@pytest.mark.parametrize(
    ("type", "values"),
    [
        ("aws_route53_record", {"records": ["10 mail.example.com"]}),
        ("cloudflare_dns_record", {"content": "mail.example.com", "priority": 10}),
        ("google_dns_record_set", {"rrdatas": ["10 mail.example.com."]}),
        ("hcloud_zone_rrset", {"records": [{"value": "10 mail"}]}),
        ("digitalocean_record", {"value": "mail", "priority": 10}),
        ("akamai_dns_record", {"target": ["mail.example.com"], "priority": 10}),
        ("akamai_dns_record", {"target": ["10 mail.example.com."]}),
        ("ovh_domain_zone_record", {"target": "10 mail"}),
    ],
)
def test_mail_exchanges_read_alike(type: str, values: dict[str, object]) -> None:
    kind = shipped().record(type)
    assert kind is not None
    named = {
        kind.spelt(kind.name, ResourceWorld.TERRAFORM): (
            "example.com." if kind.names.value == "absolute" else ""
        ),
        kind.spelt(kind.type or "", ResourceWorld.TERRAFORM): "MX",
    }  # fmt: skip
    content = read(resource(type, **named, **values), ORIGIN)
    assert content.faults == []
    (record,) = content.records
    assert (record.preference, record.target) == (10, "mail.example.com.")
    assert record.rdata == "10 mail.example.com."


def test_azure_has_a_type_for_each_record_type() -> None:
    mx = resource(
        "azure:dns/mxRecord:MxRecord",
        name="@", zoneName="example.com",
        records=[{"preference": "10", "exchange": "mail.example.com"}],
    )  # fmt: skip
    native = resource(
        "azure-native:dns:RecordSet",
        relativeRecordSetName="@", zoneName="example.com", recordType="MX",
        mxRecords=[{"preference": 10.0, "exchange": "mail.example.com"}],
    )  # fmt: skip
    for each in (mx, native):
        (record,) = read(each, ORIGIN).records
        assert record.rdata == "10 mail.example.com."


# -- what is unknown, secret or wrong -------------------------------------------------------------


def test_an_unknown_address_is_an_address_all_the_same() -> None:
    a = resource("aws_route53_record", name="mail", type="A", records=UNKNOWN)
    (zone,) = assemble([a], known_zones([NamedZone(ORIGIN)]), "plan")
    assert zone.answer("mail.example.com.", "A")[0] is Answered.RECORDS
    assert zone.undecided == []


def test_an_alias_is_an_address_all_the_same() -> None:
    a = resource("aws_route53_record", name="mail", type="A", alias=[{"name": "lb.example.net"}])
    (zone,) = assemble([a], known_zones([NamedZone(ORIGIN)]), "plan")
    assert zone.answer("mail.example.com.", "A")[0] is Answered.RECORDS


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"name": "s1", "type": "TXT", "records": UNKNOWN}, "the value of"),
        ({"name": "s1", "type": "TXT", "records": ["a", UNKNOWN]}, "the value of"),
        ({"name": UNKNOWN, "type": "TXT", "records": ["a"]}, "the name of"),
        ({"name": "s1", "type": UNKNOWN, "records": ["a"]}, "the type of"),
        ({"name": Hidden("s1"), "type": "TXT", "records": ["a"]}, "which is secret"),
    ],
)
def test_what_is_unknown_is_told(values: dict[str, object], missing: str) -> None:
    (zone,) = assemble([resource("aws_route53_record", **values)], known_zones([]), "plan")
    (undecided,) = zone.undecided
    assert missing in undecided.missing[0]
    assert "address of aws_route53_record" in undecided.missing[0]


def test_a_record_of_a_type_that_is_not_known_leaves_its_owner_open_and_no_other() -> None:
    known = known_zones([NamedZone(ORIGIN)])
    parts = [
        resource("aws_route53_record", name="shop", type=UNKNOWN, records=["10 mx.example.net."]),
        resource("aws_route53_record", name="", type="MX", records=["10 mx.example.net."]),
    ]
    (zone,) = assemble(parts, known, "plan")
    assert zone.complete
    assert all(zone.unseen(f"shop.{ORIGIN}", type) for type in ("A", "CNAME", "MX", "TXT"))
    rules = [each for each in registry.rules() if each.code in ("SPF110", "DMARC101")]
    result = Engine(rules, is_shown=False).run(Context([zone]))
    assert {each.owner for each in result.findings if each.code == "SPF110"} == {ORIGIN}
    assert {(each.code, each.owner) for each in result.undecided} == {
        ("DMARC101", f"shop.{ORIGIN}"),
        ("SPF110", f"shop.{ORIGIN}"),
    }


def test_a_zone_may_lack_records_when_an_owner_is_unknown() -> None:
    known = known_zones([NamedZone(ORIGIN)])
    sure = assemble([resource("aws_route53_record", name="a", type="A", records=["192.0.2.1"])],
                    known, "plan")  # fmt: skip
    blind = assemble([resource("aws_route53_record", name=UNKNOWN, type="A", records=[])],
                     known, "plan")  # fmt: skip
    assert [zone.complete for zone in (*sure, *blind)] == [True, False]


@pytest.mark.parametrize(
    "values",
    [
        {"name": "s1", "type": "TXT", "records": {"a": 1}},
        {"name": "s1", "type": "TXT", "records": [["a"], {}]},
        {"name": "s1", "type": "TXT", "records": [True]},
        {"name": ["s1"], "type": "TXT", "records": ["a"]},
        {"name": "s1", "type": 12.5e400, "records": ["a"]},
        {"name": "s1", "type": "TXT", "ttl": "soon", "records": ["a"]},
        {"name": "s1" * 50, "type": "TXT", "records": ["a"]},
        {"name": "s1", "type": "MX", "records": ["mail"]},
        {"name": "s1", "type": "A", "records": ["mail"]},
        {"name": "other.example.net.", "type": "A", "records": ["192.0.2.1"]},
    ],
)
def test_what_is_wrong_is_a_fault_of_the_zone(values: dict[str, object]) -> None:
    (zone,) = assemble([resource("aws_route53_record", **values)], known_zones([]), "plan")
    assert zone.faults
    assert {fault.span.path for fault in zone.faults} == {"address of aws_route53_record"}


def test_a_secret_value_is_in_no_fault_and_no_repr() -> None:
    values = {"name": "s1", "type": "MX", "records": [Hidden("topsecret")]}
    (zone,) = assemble([resource("aws_route53_record", **values)], known_zones([]), "plan")
    assert zone.faults
    assert "topsecret" not in repr(zone.faults)
    values = {"name": "s1", "type": "TXT", "records": Hidden(["topsecret"])}
    (zone,) = assemble([resource("aws_route53_record", **values)], known_zones([]), "plan")
    (rrset,) = zone.rrsets()
    assert "topsecret" not in repr(rrset.records)


# -- zones ----------------------------------------------------------------------------------------


def origins(*resources: Resource, **known: object) -> list[tuple[str, bool]]:
    zones: list[ResourceZone] = assemble(resources, known_zones(**known), "plan")
    return [(zone.origin, zone.stand_in) for zone in zones]


def test_the_zone_is_found_by_its_id() -> None:
    named = resource("aws_route53_record", None, zone_id="Z1", name="www", type="A", records=[])
    assert origins(named, made=[NamedZone("example.org.", ("Z1",))]) == [("example.org.", False)]
    named_by = ResourceTable(zones={"Z1": "example.net."})
    assert origins(named, made=[], table=named_by) == [("example.net.", False)]


def test_the_zone_is_found_by_the_name_of_the_record() -> None:
    named = resource("aws_route53_record", None, zone_id="Z1", name="_dmarc.mail.example.com",
                     type="TXT", records=["v=DMARC1"])  # fmt: skip
    assert origins(named, made=[]) == [("example.com.", False)]
    assert origins(named, made=[NamedZone("mail.example.com.", ("Z2",))]) == [
        ("mail.example.com.", False)
    ]


def test_a_relative_name_in_an_unknown_zone_stays_apart() -> None:
    one = resource("cloudflare_dns_record", None, zone_id="1", name="_dmarc", type="TXT")
    two = resource("cloudflare_dns_record", None, zone_id="2", name="_dmarc", type="TXT")
    found = origins(one, two, made=[])
    assert found == [("unknown-zone-1.invalid.", True), ("unknown-zone-2.invalid.", True)]


def test_an_id_of_two_zones_names_neither() -> None:
    """Managed zones of Google are called the same in two projects."""
    made = [NamedZone("example.com.", ("main",)), NamedZone("example.net.", ("main",))]
    values = {"managed_zone": "main", "type": "TXT", "rrdatas": [f'"{SPF}"']}
    one = resource("google_dns_record_set", None, name="example.com.", **values)
    two = resource("google_dns_record_set", None, name="example.net.", **values)
    zones = assemble([one, two], known_zones(made), "plan")
    assert [(zone.origin, zone.faults) for zone in zones] == [
        ("example.com.", []), ("example.net.", []),
    ]  # fmt: skip


def test_a_zone_is_learnt_from_the_whole_name_that_the_provider_gives_back() -> None:
    there = resource("aws_route53_record", None, zone_id="Z1", name="www", type="A",
                     records=["192.0.2.1"], fqdn="www.example.org")  # fmt: skip
    new = resource("aws_route53_record", None, zone_id="Z1", name="_dmarc", type="TXT",
                   records=["v=DMARC1; p=none"])  # fmt: skip
    apex = resource("aws_route53_record", None, zone_id="Z2", name="", type="TXT",
                    records=[SPF], fqdn="example.net")  # fmt: skip
    whole = resource("aws_route53_record", None, zone_id="Z3", name="mail.example.co.uk", type="A",
                     records=["192.0.2.1"], fqdn="mail.example.co.uk")  # fmt: skip
    assert origins(new, there, apex, whole, made=[]) == [
        ("example.org.", False), ("example.net.", False), ("example.co.uk.", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("type", "values"),
    [
        ("aws_route53_zone", {"name": "example.com", "vpc": [{"vpc_id": "vpc-1"}]}),
        ("aws_route53_zone", {"name": "example.com", "private_zone": True}),
        ("awscc_route53_hosted_zone", {"name": "example.com.", "vpcs": [{"vpc_id": "vpc-1"}]}),
        ("google_dns_managed_zone", {"dns_name": "example.com.", "visibility": "private"}),
        ("oci_dns_zone", {"name": "example.com", "scope": "PRIVATE"}),
    ],
)
def test_a_zone_that_only_a_private_network_sees(type: str, values: dict[str, object]) -> None:
    kind = shipped().zone(type)
    assert kind is not None
    (found,) = zones_of(kind, ResourceWorld.TERRAFORM, values)
    assert found.private
    public = {**values, "vpc": [], "vpcs": None, "private_zone": False}
    public |= {"visibility": "public", "scope": "GLOBAL"}
    (found,) = zones_of(kind, ResourceWorld.TERRAFORM, public)
    assert not found.private


def test_records_of_a_private_zone_are_no_business_of_the_public_one() -> None:
    made = [NamedZone(ORIGIN, ("Z1",)), NamedZone(ORIGIN, ("Z2",), private=True)]
    records = [
        resource("aws_route53_record", None, zone_id=id, name="", type="TXT", records=[SPF])
        for id in ("Z1", "Z2")
    ]
    (zone,) = assemble(records, known_zones(made), "plan")
    assert zone.records == 1


# -- answers that nobody gets together ------------------------------------------------------------


def test_a_variant_stands_beside_the_zone() -> None:
    one, two, address, other = (
        resource("aws_route53_record", name="", set_identifier=id, type=type, records=[value])
        for id, type, value in (
            ("blue", "TXT", SPF), ("green", "TXT", "v=spf1 +all"),
            ("blue", "A", "192.0.2.1"), ("green", "A", "192.0.2.2"),
        )
    )  # fmt: skip
    zone, beside = assemble([one, two, address, other], known_zones([]), "plan")
    assert (zone.origin, zone.records) == (ORIGIN, 3)
    assert [record.rdata for record in zone.table("A")[ORIGIN]] == ["192.0.2.1", "192.0.2.2"]
    assert (beside.called, beside.records) == (ORIGIN, 1)
    (rrset,) = beside.rrsets()
    assert (rrset.owner, rrset.records[0].text.value) == (beside.origin, "v=spf1 +all")


_CFN, _AWSCC = "AWS::Route53::RecordSet", "awscc_route53_record_set"


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        ({"weight": 3}, ("", (), 0, 3_000_000)),
        ({"weight": "0"}, ("", (), 0, 0)),
        ({"failover": "PRIMARY"}, ("", (), 0, 1_000_000)),
        ({"failover": "SECONDARY"}, ("", (), 1, 1_000_000)),
        ({"region": "eu-west-1"}, ("nearest", ("eu-west-1",), 0, 1_000_000)),
        ({"geoLocation": {"continentCode": "EU"}}, ("place", ("EU",), 0, 1_000_000)),
        (
            {"geoLocation": {"countryCode": "US", "subdivisionCode": "CA"}},
            ("place", ("", "US", "CA"), 0, 1_000_000),
        ),
        ({"geoLocation": {"countryCode": "*"}}, ("place", (), 0, 1_000_000)),
        (
            {"geoProximityLocation": {"awsRegion": "eu-west-1", "bias": 3}},
            ("nearest", ("eu-west-1",), 0, 1_000_000),
        ),
        (
            {"cidrRoutingConfig": {"collectionId": "c", "locationName": "l"}},
            ("network", ("c/l",), 0, 1_000_000),
        ),
        ({"cidrRoutingConfig": {"collectionId": "c", "locationName": "*"}},
         ("network", (), 0, 1_000_000)),
    ],
)  # fmt: skip
def test_what_an_answer_goes_by_is_read_in_each_world(
    policy: dict[str, object], told: tuple[object, ...]
) -> None:
    worlds: dict[str, Callable[[str], str]] = {
        "aws-native:route53:RecordSet": str,
        _AWSCC: snake,
        _CFN: lambda name: (name[:1].upper() + name[1:]).replace("AwsR", "AWSR"),
    }
    for token, spelt in worlds.items():
        kind = shipped().record(token)
        assert kind is not None
        values = {
            spelt(key): {spelt(inner): each for inner, each in value.items()}
            if isinstance(value, dict)
            else value
            for key, value in policy.items()
        }
        world = {_AWSCC: ResourceWorld.TERRAFORM, _CFN: ResourceWorld.CLOUDFORMATION}
        made = Resource("a", kind, world.get(token, ResourceWorld.PULUMI), values)
        assert made.variant_of("x", None)[2:] == told
    unknown = dict.fromkeys(policy, UNKNOWN)
    assert resource("aws-native:route53:RecordSet", **unknown).variant_of("x", []).records is None


GOOGLE = {"managed_zone": "main", "name": "example.com.", "ttl": 300}


def google(type: str, policy: object) -> Resource:
    return resource("google_dns_record_set", **GOOGLE, type=type, routing_policy=policy)


@pytest.mark.parametrize(
    ("token", "zone", "owner", "written"),
    [
        ("ovh_domain_zone_record", "zone", "subdomain", '""'),
        ("gandi_livedns_record", "zone", "name", "@"),
        ("azurerm_dns_txt_record", "zone_name", "name", "@"),
        ("aws_route53_record", "zone_id", "name", "example.com"),
        ("google_dns_record_set", "managed_zone", "name", "example.com."),
    ],
)
def test_the_zone_itself_is_told_as_the_provider_writes_it(
    token: str, zone: str, owner: str, written: str
) -> None:
    kind = shipped().record(token)
    assert kind is not None
    type_ = {} if kind.type is None else {kind.spelt(kind.type, ResourceWorld.TERRAFORM): "TXT"}
    form = kind.form("TXT")
    assert form is not None
    at = kind.spelt(form.at, ResourceWorld.TERRAFORM)
    value: object = '"x"' if form.single else [{form.item: "x"} if form.item else '"x"']
    whole = resource(token, **{zone: "example.com", owner: "_dmarc.example.com."}, **type_,
                     **{at: value if token != "aws_route53_record" else ["x"]})  # fmt: skip
    (found,) = assemble([whole], known_zones([]), "plan")
    ((record,),) = found.rrsets()
    assert record.spelling.owner(ORIGIN) == written


@pytest.mark.parametrize(
    ("token", "zone", "value"),
    [
        ("cloudflare_record", "zone_id", "value"),
        ("cloudflare_dns_record", "zone_id", "content"),
        ("cloudflare:index/record:Record", "zoneId", "value"),
        ("cloudflare:index/dnsRecord:DnsRecord", "zoneId", "content"),
    ],
)
@pytest.mark.parametrize("proxied", [True, False, None])
def test_what_cloudflare_proxies_is_read(
    token: str, zone: str, value: str, proxied: bool | None
) -> None:
    values = {zone: "1", "name": "s1._domainkey", "type": "CNAME", value: "a.example.net"}
    (found,) = assemble([resource(token, **values, proxied=proxied)], known_zones([]), "plan")
    assert found.table("CNAME")["s1._domainkey.example.com."].records[0].is_proxied is bool(proxied)


def test_the_answers_of_a_routing_policy_are_variants() -> None:
    """`wrr` and `geo` of google_dns_record_set, as a plan has them: blocks are lists."""
    weighted = {
        "wrr": [
            {"weight": 0.8, "rrdatas": [f'"{SPF}"']},
            {"weight": 0.2, "rrdatas": ['"v=spf1 +all"']},
        ],
        "geo": [],
    }
    near = {"geo": [{"location": each, "rrdatas": [f"192.0.2.{n}"]}
                    for n, each in enumerate(("us-east1", "asia-east1"))]}  # fmt: skip
    zone, beside = assemble([google("TXT", [weighted]), google("A", near)], known_zones([]), "plan")
    assert [r.rdata for r in zone.table("TXT")[ORIGIN]] == [f'"{SPF}"']
    assert [r.rdata for r in zone.table("A")[ORIGIN]] == ["192.0.2.0", "192.0.2.1"]
    (rrset,) = beside.rrsets()
    (record,) = rrset
    assert record.span.path.endswith(".routing_policy[0].wrr[1]")
    assert record.rdata == '"v=spf1 +all"'


@pytest.mark.parametrize(
    "policy",
    [
        {"primary_backup": [{"primary": [{"external_endpoints": ["192.0.2.1"]}]}]},
        {"geo": [{"location": "us-east1", "health_checked_targets": [{}]}]},
        {"geo": [{"location": "us-east1", "rrdatas": UNKNOWN}]},
        {"geo": UNKNOWN},
        UNKNOWN,
    ],
)
def test_a_routing_policy_without_values_leaves_them_open(policy: object) -> None:
    (zone,) = assemble([google("TXT", policy)], known_zones([]), "plan")
    assert zone.get(ORIGIN, "TXT") is not None
    assert zone.unknown[ORIGIN, "TXT"]


def test_edits_of_a_part_are_made_in_the_whole() -> None:
    text, split = "x" * 300, f'"{"x" * 255}" "{"x" * 45}"'

    def exclusive(written: str) -> list[dict[str, object]]:
        sets = (("a.example.com", "A", "192.0.2.1"), ("example.com", "TXT", written))
        return [{"name": name, "type": type, "ttl": 60, "resourceRecords": [{"value": value}]}
                for name, type, value in sets]  # fmt: skip

    def policy(written: str) -> dict[str, object]:
        return {"wrrs": [{"weight": 1, "rrdatas": ['"v=other"']},
                         {"weight": 1, "rrdatas": [written, '"more"']}]}  # fmt: skip

    google = {"managedZone": "main", "name": "example.com.", "type": "TXT", "ttl": 300}
    for token, property, made, more in (
        ("aws:route53/recordsExclusive:RecordsExclusive", "resourceRecordSets", exclusive, {}),
        ("gcp:dns/recordSet:RecordSet", "routingPolicy", policy, google),
    ):
        whole = resource(token, **more, **{property: made(f'"{text}"')})
        records = [record for zone in assemble([whole], known_zones([]), "stack")
                   for rrset in zone.rrsets() for record in rrset]  # fmt: skip
        (long,) = (r for r in records if r.type == "TXT" and r.text.value == text)
        edit = Edit(long.owner, "TXT", long, split)
        assert properties_after(whole, records, [edit], ORIGIN) == {property: made(split)}


def test_a_zone_at_two_providers_is_two_zones() -> None:
    here = [
        resource("aws_route53_record", zone_id="Z1", name="", type="TXT", records=[SPF]),
        resource("aws_route53_record", zone_id="Z1", name="a", type="A", records=["192.0.2.1"]),
    ]
    there = [
        resource("cloudflare_dns_record", zone_id="f00", name="@", type="TXT", content=SPF),
        resource("cloudflare_dns_record", zone_id="f00", name="b", type="A", content="192.0.2.2"),
    ]
    for order in ([*here, *there], [here[0], *there, here[1]], [*there, *here]):
        zones = assemble(order, known_zones([]), "plan")
        found = {
            (zone.origin, zone.provider, zone.handle): sorted(r.owner for r in zone.rrsets())
            for zone in zones
        }
        assert found == {
            (ORIGIN, "Amazon Route 53", "Z1"): ["a.example.com.", ORIGIN],
            (ORIGIN, "Cloudflare", "f00"): ["b.example.com.", ORIGIN],
        }
        assert not any(zone.stand_in for zone in zones)


def test_what_tells_no_id_is_in_the_only_zone_of_the_name() -> None:
    named = resource("aws_route53_record", zone_id="Z1", name="example.com", type="A", records=[])
    bare = resource("aws_route53_record", name="www.example.com", type="A", records=["192.0.2.1"])
    (zone,) = assemble([bare, named], known_zones([]), "plan")
    assert (zone.origin, zone.handle) == (ORIGIN, "Z1")


# -- what is particular to a provider -------------------------------------------------------------


@pytest.mark.parametrize(
    ("type", "values", "rdata"),
    [
        ("linode_domain_record",
         {"record_type": "CAA", "tag": "issue", "target": "letsencrypt.org"},
         'CAA 0 issue "letsencrypt.org"'),
        ("digitalocean_record",
         {"type": "CAA", "flags": 0, "tag": "issue", "value": "ca.example; account=7"},
         'CAA 0 issue "ca.example; account=7"'),
        ("cloudflare_record",
         {"type": "CAA", "data": [{"flags": "0", "tag": "issue", "value": "ca.example"}]},
         'CAA 0 issue "ca.example"'),
        ("akamai_dns_record",
         {"recordtype": "TLSA", "usage": 3, "selector": 1, "match_type": 1, "certificate": "ab12"},
         "TLSA 3 1 1 ab12"),
        ("ovh_domain_zone_record", {"fieldtype": "SPF", "target": SPF}, f'TXT "{SPF}"'),
        ("ovh_domain_zone_record", {"fieldtype": "DKIM", "target": "v=DKIM1"}, 'TXT "v=DKIM1"'),
        ("ovh_domain_zone_record", {"fieldtype": "DMARC", "target": "v=DMARC1"}, 'TXT "v=DMARC1"'),
        ("cloudflare_dns_record", {"type": "CNAME", "content": "pages.example.net"},
         "ALIAS pages.example.net"),
        ("cloudflare_dns_record", {"name": "www", "type": "CNAME", "content": "pages.example.net"},
         "CNAME pages.example.net."),
    ],
)  # fmt: skip
def test_what_is_particular_to_a_provider(type: str, values: dict[str, object], rdata: str) -> None:
    kind = shipped().record(type)
    assert kind is not None
    name = ORIGIN if kind.names.value == "absolute" else ""
    spelt = kind.spelt(kind.name, ResourceWorld.TERRAFORM)
    content = read(resource(type, **{spelt: name, **values}), ORIGIN)
    assert content.faults == []
    assert [f"{record.type} {record.rdata}" for record in content.records] == [rdata]


def test_a_semicolon_of_akamai_begins_a_comment() -> None:
    values = {"name": "_dmarc.example.com", "recordtype": "TXT"}
    for text in ("v=DMARC1; p=none", "v=DMARC1 ;p=none"):
        content = read(resource("akamai_dns_record", **values, target=[text]), ORIGIN)
        (fault,) = content.faults
        assert "not published" in fault.message
        assert fault.span.column == text.index(";") + 1
    for text in ('"v=DMARC1; p=none"', r"v=DMARC1\; p=none"):
        content = read(resource("akamai_dns_record", **values, target=[text]), ORIGIN)
        assert content.faults == []
    (record,) = read(resource("akamai_dns_record", **values, target=[SPF]), ORIGIN).records
    assert record.text.strings == ("v=spf1", "mx", "-all")


def test_an_at_sign_is_no_name_for_the_zone_in_route_53() -> None:
    content = read(resource("aws_route53_record", name="@", type="TXT", records=[SPF]), ORIGIN)
    assert content.records == []
    (fault,) = content.faults
    assert "starts with `@`" in fault.message
    for name in ("", None):
        content = read(resource("aws_route53_record", name=name, type="TXT", records=[SPF]), ORIGIN)
        assert [record.owner for record in content.records] == [ORIGIN]


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("www", "www.example.com."),
        ("www.example.com.", "www.example.com."),
        ("www.example.com", "www.example.com.example.com."),
        ("@", ORIGIN),
        ("", ORIGIN),
        (None, ORIGIN),
    ],
)
def test_a_relative_name_with_its_final_dot_is_whole(name: str | None, owner: str) -> None:
    values = {"name": name, "type": "TXT", "value": SPF}
    (record,) = read(resource("digitalocean_record", **values), ORIGIN).records
    assert record.owner == owner


def test_a_record_of_a_zone_that_is_not_known_is_never_outside_of_it() -> None:
    values = {"name": "localhost.", "type": "TXT", "managed_zone": UNKNOWN, "rrdatas": [f'"{SPF}"']}
    (zone,) = assemble([resource("google_dns_record_set", None, **values)], known_zones([]), "plan")
    assert (zone.stand_in, zone.faults, zone.records) == (True, [], 1)


def test_an_alias_of_another_type_is_undecided() -> None:
    mx = resource("aws_route53_record", name="", type="MX", alias=[{"name": "other.example.net"}])
    (zone,) = assemble([mx], known_zones([NamedZone(ORIGIN)]), "plan")
    assert zone.get(ORIGIN, "MX") is not None
    (undecided,) = zone.undecided
    assert undecided.missing == ("what alias of address of aws_route53_record leads to",)


def test_a_property_is_called_as_its_world_calls_it() -> None:
    values = {"relativeRecordSetName": "@", "recordType": ["TXT"]}
    (fault,) = read(resource("azure-native:dns:RecordSet", **values), ORIGIN).faults
    assert "recordType" in fault.message
    (fault,) = read(resource("linode_domain_record", name="", record_type=["TXT"]), ORIGIN).faults
    assert "record_type" in fault.message


# -- names of stand-ins ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told", "home"),
    [
        ("as unknown-zone-1.invalid", "as the domain", "as example.com"),
        ("as unknown-zone-12.invalid. It", "as the domain. It", "as example.com. It"),
        ("at _dmarc.mail.unknown-zone-1.invalid, so", "at _dmarc.mail, so",
         "at _dmarc.mail.example.com, so"),
        ('"a@unknown-zone-1.invalid"', '"a@unknown-zone-1.invalid"', '"a@unknown-zone-1.invalid"'),
        ("unknown-zone-1.invalid.example.org", "unknown-zone-1.invalid.example.org",
         "unknown-zone-1.invalid.example.org"),
    ],
)  # fmt: skip
def test_no_name_of_a_stand_in_is_spoken(text: str, told: str, home: str) -> None:
    assert spoken_names(text) == told
    assert spoken_names(text, ORIGIN) == home


# -- the user's own types -------------------------------------------------------------------------

OWN = {
    "zones": {"42": "Example.COM"},
    "types": {
        "mine": {
            "terraform": ["mine_record"], "name": "label", "names": "relative",
            "zone-ref": "zoneId", "type": "kind", "text": "plain", "values": {"at": "data"},
        }
    },
}  # fmt: skip


def test_a_user_can_add_a_type_and_a_zone() -> None:
    table = table_for(OWN)
    kind = table.record("mine_record")
    assert kind is not None
    values = {"label": "@", "kind": "txt", "zone_id": 42, "data": [SPF]}
    mine = Resource("mine_record.a", kind, ResourceWorld.TERRAFORM, values)
    (zone,) = assemble([mine], known_zones([], table=table), "plan")
    assert zone.origin == ORIGIN
    assert zone.records == 1


@pytest.mark.parametrize(
    ("own", "complaint"),
    [
        ({"typs": {}}, 'did you mean "types"'),
        ({"types": {"mine": {"name": "a", "names": "relativ", "text": "plain"}}}, "relative"),
        ({"types": {"mine": {"name": "a", "names": "relative", "text": "plain"}}}, "terraform"),
        ({"zones": {"1": ".."}}, "empty label"),
    ],
)
def test_a_type_that_cannot_be_used_is_refused(own: dict[str, object], complaint: str) -> None:
    with pytest.raises(TableError, match=complaint):
        table_for(own)


# -- the names of the properties, against the providers' own SDKs ---------------------------------

LARGE = ("pulumi-aws", "pulumi-aws-native", "pulumi-azure-native", "pulumi-gcp", "pulumi-oci")
"""SDKs of more than 10 MB: checked where they lie in the hosts' cache, or ZONELINT_LARGE_WHEELS is
set."""
OLDER = {"value", "hostname", "zone", "privateZone", "geoProximityLocation"}
"""Properties of older versions, of data sources, and of CloudFormation alone."""


def wheel_of(told: str) -> Path:
    """The wheel of an SDK, by its name and version; skips where it cannot be had."""
    package, version = told.split(" ")
    kept = cache() / "wheels" / f"{package.removeprefix('pulumi-')}-{version}"
    if not list(kept.glob("*.whl")):
        if package in LARGE and "ZONELINT_LARGE_WHEELS" not in os.environ:
            pytest.skip("a large SDK; set ZONELINT_LARGE_WHEELS")
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w",
                   str(kept), f"{package}=={version}"]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode:
            pytest.skip(f"{told} cannot be had from the package registry")
    (wheel,) = kept.glob("*.whl")
    return wheel


@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "name"),
    [
        pytest.param(told, name, id=told)
        for name, table in files().items()
        for told in filter(None, table.get("checked", "").split(", "))
    ],
)
def test_the_properties_are_those_of_the_sdk(told: str, name: str) -> None:
    """What a program gives are inputs; of a stack the engine shows what the provider gives back."""
    sdk, nested = _classes(wheel_of(told))
    known = shipped()
    mine = re.sub("^(pulumi(verse)?|ediri)-", "", told.split(" ")[0])
    checked = 0
    for tokens in (known.records, known.zone_kinds):
        for token, kind in tokens.items():
            if token.partition(":")[0] != mine or token.startswith("azure-native:network"):
                continue
            assert token in sdk, f"{token} is not in {told}"
            inputs, outputs = sdk[token]
            read = set(_properties(kind)) - OLDER
            if (inside := getattr(kind, "inside", None)) is not None:
                nested |= read
                read = {inside, kind.zone_ref} if isinstance(kind, RecordKind) else read
            assert read <= inputs | outputs, f"{token}: {told} has {sorted(inputs | outputs)}"
            kept_back = set(kind.given_back)
            if isinstance(kind, RecordKind) and kind.fqdn in outputs:
                kept_back.add(str(kind.zone_name))  # the whole name tells the zone
            assert read - kept_back <= outputs, f"{token}: {told} gives back {sorted(outputs)}"
            assert not set(kind.given_back) & outputs
            assert {*_nested(kind)} <= nested, f"{token}: {told} has {sorted(nested)}"
            checked += 1
    assert checked, f"{name}: no type of {mine}"


def _properties(kind: RecordKind | ZoneKind) -> Iterator[str]:
    """The properties of the resource itself; every resource has an id."""
    yield from set(kind.properties(ResourceWorld.PULUMI)) - {"id", "zoneId"}
    if isinstance(kind, RecordKind) and kind.zone_ref is not None:
        yield kind.zone_ref


def _nested(kind: RecordKind | ZoneKind) -> Iterator[str]:
    """The keys of objects in its properties."""
    if isinstance(kind, RecordKind):
        for form in (*kind.values.values(), *([kind.default] if kind.default else [])):
            keys = (form.item, form.item_ttl, form.item_name, form.item_type, *form.fields)
            yield from (key for key in keys if key is not None)


def _classes(wheel: Path) -> tuple[dict[str, tuple[set[str], set[str]]], set[str]]:
    """Inputs and outputs of each resource of an SDK by its token, and the keys of all objects."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    nested: set[str] = set()
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            path = Path(name)
            if path.name in ("outputs.py", "_inputs.py") and (
                len(path.parts) == 2
                or path.parent.name in ("dns", "domain", "livedns", "route53", "index")
            ):
                nested |= {key for each in ast.parse(archive.read(name)).body
                           if isinstance(each, ast.ClassDef) for key in getters(each)}  # fmt: skip
            if path.suffix != ".py" or not any(
                word in name for word in ("record", "zone", "domain", "rrset")
            ):
                continue
            text = archive.read(name).decode()
            token = re.search(r'^@pulumi\.type_token\("([^"]+)"\)$', text, re.MULTILINE)
            if token is not None:
                found[token[1]] = sides(ast.parse(text))
    return found, nested


def test_terraform_spells_properties_with_underscores() -> None:
    assert snake("relativeRecordSetName") == "relative_record_set_name"
