"""Resource types of the table in Terraform source, as their providers' documentation has them."""

import textwrap
from pathlib import Path

import pytest

from zonelint.providers.files import Files
from zonelint.providers.resources.table import shipped, table_for
from zonelint.providers.terraform.source.zones import read_source

SPF = 'TXT "v=spf1 mx -all"'
TYPES = [
    (
        """
        resource "vultr_dns_domain" "d" { domain = "example.com" }
        resource "vultr_dns_record" "s" {
          domain = vultr_dns_domain.d.id
          name   = ""
          type   = "TXT"
          data   = "\\"v=spf1 mx -all\\""
        }
        resource "vultr_dns_record" "m" {
          domain   = "example.com"
          name     = ""
          type     = "MX"
          data     = "mx.example.net"
          priority = 10
        }
        """,
        {f"example.com. {SPF}", "example.com. MX 10 mx.example.net."},
    ),
    (
        """
        resource "scaleway_domain_zone" "d" {
          domain    = "example.com"
          subdomain = "lab"
        }
        resource "scaleway_domain_record" "s" {
          dns_zone = scaleway_domain_zone.d.id
          type     = "TXT"
          data     = "v=spf1 mx -all"
        }
        resource "scaleway_domain_record" "m" {
          dns_zone = "lab.example.com"
          name     = ""
          type     = "MX"
          data     = "mx"
          priority = 10
        }
        """,
        {f"lab.example.com. {SPF}", "lab.example.com. MX 10 mx.lab.example.com."},
    ),
    (
        """
        resource "powerdns_record" "s" {
          zone    = "example.com."
          name    = "example.com."
          type    = "TXT"
          ttl     = 300
          records = ["\\"v=spf1 mx -all\\""]
        }
        """,
        {f"example.com. {SPF}"},
    ),
    (
        """
        resource njalla_record_txt s {
          domain  = "example.com"
          ttl     = 10800
          content = "v=spf1 mx -all"
        }
        resource njalla_record_mx m {
          domain   = "example.com"
          name     = "@"
          ttl      = 10800
          priority = 10
          content  = "mx.example.net"
        }
        """,
        {f"example.com. {SPF}", "example.com. MX 10 mx.example.net."},
    ),
    (
        """
        resource "dns_txt_record_set" "s" {
          zone = "example.com."
          txt  = ["v=spf1 mx -all"]
        }
        resource "dns_mx_record_set" "m" {
          zone = "example.com."
          mx {
            preference = 10
            exchange   = "mx.example.net."
          }
          mx {
            preference = 20
            exchange   = "mx2.example.net."
          }
        }
        """,
        {
            f"example.com. {SPF}",
            "example.com. MX 10 mx.example.net.",
            "example.com. MX 20 mx2.example.net.",
        },
    ),
    (
        """
        resource "namecheap_domain_records" "d" {
          domain = "example.com"
          record {
            hostname = "@"
            type     = "TXT"
            address  = "v=spf1 mx -all"
          }
          record {
            hostname = "@"
            type     = "MX"
            address  = "mx.example.net."
            mx_pref  = 10
          }
        }
        """,
        {f"example.com. {SPF}", "example.com. MX 10 mx.example.net."},
    ),
    (
        """
        resource "aws_route53_zone" "d" { name = "example.com" }
        resource "aws_route53_records_exclusive" "d" {
          zone_id = aws_route53_zone.d.zone_id
          resource_record_set {
            name = "example.com"
            type = "TXT"
            ttl  = 300
            resource_records { value = "\\"v=spf1 mx -all\\"" }
          }
          dynamic "resource_record_set" {
            for_each = { mail = ["192.0.2.1", "192.0.2.2"] }
            content {
              name             = "${resource_record_set.key}.example.com"
              type             = "A"
              resource_records = [for each in resource_record_set.value : { value = each }]
            }
          }
        }
        """,
        {f"example.com. {SPF}", "mail.example.com. A 192.0.2.1", "mail.example.com. A 192.0.2.2"},
    ),
]


@pytest.mark.parametrize(("text", "records"), TYPES, ids=[t[0].split('"')[1] for t in TYPES])
def test_a_type_is_read(tmp_path: Path, text: str, records: set[str]) -> None:
    (tmp_path / "main.tf").write_text(textwrap.dedent(text))
    reading = read_source([str(tmp_path)], files=Files([tmp_path]))
    assert reading.problems == []
    assert len(reading.zones) == 1
    assert {
        f"{record.owner} {record.type} {record.rdata}"
        for rrset in reading.zones[0].rrsets()
        for record in rrset
    } == records


def test_a_list_that_is_not_known_leaves_its_zone_open(tmp_path: Path) -> None:
    text = """
    variable "records" {}
    resource "namecheap_domain_records" "d" {
      domain = "example.com"
      dynamic "record" {
        for_each = var.records
        content { hostname = record.key }
      }
    }
    """
    (tmp_path / "main.tf").write_text(textwrap.dedent(text))
    (zone,) = read_source([str(tmp_path)], files=Files([tmp_path])).zones
    assert zone.is_blind
    assert not zone.complete


@pytest.mark.parametrize("version", ["", "/v20230701preview", "/v20180501"])
def test_a_version_of_azure_is_passed_over(version: str) -> None:
    table = shipped()
    for module in ("dns", "network"):
        record = table.record(f"azure-native:{module}{version}:RecordSet")
        assert record is not None
        assert record.id == "azure-native"
        assert table.zone(f"azure-native:{module}{version}:Zone") is not None


def test_a_type_may_be_cloudformation_s_alone() -> None:
    own = {"cloudformation": ["Acme::DNS::Record"], "name": "Name", "names": "relative",
           "fixed-type": "TXT", "text": "plain", "values": {"at": "Values"}}  # fmt: skip
    assert table_for({"types": {"acme": own}}).record("Acme::DNS::Record") is not None
