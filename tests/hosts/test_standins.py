"""The stand-ins for vendors: their properties are theirs, and they do what is told of them."""

from __future__ import annotations

import json

import pytest

from .commands import Tofu
from .nameserver import NameServer
from .sdks import MissingError, properties
from .vendors import (
    PACKAGES,
    AzureRecordSet,
    CloudflareRecord,
    Refused,
    Resource,
    Route53Record,
    cloudflare_id,
    route53_id,
)

RESOURCES = [
    pytest.param(package, resource, id=resource.token)
    for package, (_, resources) in PACKAGES.items()
    for resource in resources
]
R53 = {"zoneId": route53_id("example.com"), "name": "example.com", "type": "TXT", "ttl": 300}
CLOUDFLARE = {"zoneId": cloudflare_id("example.com"), "name": "example.com", "ttl": 300}
AZURE = {"resourceGroupName": "dns", "zoneName": "example.com", "recordType": "TXT", "ttl": 300}


def sdk(package: str, token: str) -> tuple[set[str], set[str]]:
    try:
        return properties(package, token)
    except MissingError as error:
        pytest.skip(str(error))


@pytest.mark.slow
@pytest.mark.parametrize(("package", "resource"), RESOURCES)
def test_the_properties_are_those_of_the_sdk(package: str, resource: Resource) -> None:
    inputs, outputs = sdk(package, resource.token)
    assert {*resource.required, *resource.optional} <= inputs
    assert {*resource.computed} <= outputs
    assert resource.hidden == {*resource.required, *resource.optional} - outputs


@pytest.mark.slow
def test_the_attributes_of_the_opentofu_provider_are_those_of_the_sdks(tofu: Tofu) -> None:
    """Pulumi's SDKs have Terraform's attributes under names of another spelling."""
    tofu.program('provider "aws" {}\nprovider "cloudflare" {}\n')
    told = json.loads(tofu.run("tofu", "providers", "schema", "-json").output)
    kinds = {
        name: set(kind["block"]["attributes"])
        for provider in told["provider_schemas"].values()
        for name, kind in provider["resource_schemas"].items()
    }
    for terraform, package, token in (
        ("aws_route53_zone", "aws", "aws:route53/zone:Zone"),
        ("aws_route53_record", "aws", "aws:route53/record:Record"),
        ("cloudflare_dns_record", "cloudflare", "cloudflare:index/dnsRecord:DnsRecord"),
    ):
        inputs, outputs = sdk(package, token)
        known = {"id", *("".join(f"_{c.lower()}" if c.isupper() else c for c in name)
                         for name in inputs | outputs)}  # fmt: skip
        assert kinds.pop(terraform) <= known
    assert not kinds


def test_route_53_refuses_strings_that_are_too_long_and_takes_them_split(
    server: NameServer,
) -> None:
    route53, text = Route53Record(), "v=spf1 " + "ip4:192.0.2.1 " * 18
    with pytest.raises(Refused, match="CharacterStringTooLong"):
        route53.create(server, {**R53, "records": [text]})
    assert server.ask("example.com", "TXT") == []
    route53.create(server, {**R53, "records": [f'{text[:255]}""{text[255:]}']})
    assert server.strings("example.com") == [[text[:255], text[255:]]]


def test_route_53_creates_no_record_set_twice_and_names_it_below_the_zone(
    server: NameServer,
) -> None:
    route53, new = Route53Record(), {**R53, "name": "_dmarc", "records": ["v=DMARC1; p=none"]}
    route53.create(server, new)
    assert route53.outputs(new)["fqdn"] == "_dmarc.example.com"
    with pytest.raises(Refused, match="already exists"):
        route53.create(server, new)
    route53.create(server, {**new, "allowOverwrite": True, "records": ["v=DMARC1; p=reject"]})
    assert server.ask("_dmarc.example.com", "TXT") == ["v=DMARC1; p=reject"]


def test_cloudflare_splits_texts_itself_and_answers_for_proxied_names(server: NameServer) -> None:
    cloudflare, text = CloudflareRecord(), "x" * 300
    cloudflare.create(server, {**CLOUDFLARE, "type": "TXT", "content": text})
    cloudflare.create(server, {**CLOUDFLARE, "type": "TXT", "content": '"a" "b"'})
    assert server.strings("example.com") == [["a", "b"], ["x" * 255, "x" * 45]]
    cname = {**CLOUDFLARE, "type": "CNAME", "name": "selector1._domainkey", "content": "a.example"}
    owner = "selector1._domainkey.example.com"
    cloudflare.create(server, {**cname, "proxied": True})
    assert server.ask(owner, "CNAME") == []
    assert len(server.ask(owner, "A")) == len(server.ask(owner, "AAAA")) == 2
    cloudflare.update(server, {**cname, "proxied": True}, cname)
    assert server.ask(owner, "CNAME") == ["a.example."]
    assert server.ask(owner, "A") == []


def test_azure_gives_its_path_parameters_under_other_names(server: NameServer) -> None:
    azure, text = AzureRecordSet(), "v=DMARC1; p=none"
    new = {**AZURE, "relativeRecordSetName": "_dmarc", "txtRecords": [{"value": [text]}]}
    azure.create(server, new)
    assert server.ask("_dmarc.example.com", "TXT") == [text]
    outputs = azure.outputs(new)
    assert not azure.hidden & set(outputs)
    assert outputs["fqdn"] == "_dmarc.example.com."
    assert outputs["type"].endswith("/TXT")
