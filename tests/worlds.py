"""Zones with mail, drawn at random, and how the same zone is written in each world."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from octodns.yaml import safe_dump

from zonelint.rules.dkim.support.example_keys import RSA_2048

Name = tuple[str, str]
"""An owner, relative to the zone, and a type."""
Records = Mapping[Name, Sequence[str]]
Tree = dict[str, str]
"""Files, by their paths."""

ORIGIN = "example.com"
_HOSTS = (
    "10 mx.example.com.", "20 mx2.example.com.", "10 aspmx.l.google.com.",
    "0 example-com.mail.protection.outlook.com.", "0 .",
)  # fmt: skip
_SPF = (
    "v=spf1 mx -all", "v=spf1 -all", "v=spf1 ?all", "v=spf1 mx", "V=SPF1 mx -all", "v=spf1 +all",
    "v=spf1 ip4:203.0.114.0/24 ~all", "v=spf1 a mx ip4:8.8.8.8/8 -all", "v=spf1 ptr -all",
    "v=spf1 redirect=_spf.example.com", "v=spf1 ip4:8.8.8.8 -all ip4:9.9.9.9", "spf1 mx -all",
    "v=spf1 include:_spf.google.com include:sendgrid.net ~all", "v=spf1  mx  -all ",
    "v=spf1 a:nowhere.example.com -all", "v=spf1 exists:%{i}.x.example.com -all",
)  # fmt: skip
_DMARC = (
    "v=DMARC1; p=none", "v=DMARC1; p=reject; rua=mailto:d@example.com", "v=DMARC1; p=rejct",
    "v=DMARC1;p=quarantine;pct=50;rua=mailto:d@example.net", "v=DMARC1; p=reject; sp=none",
    "DMARC1; p=none", "v=DMARC1; sp=none", "v=DMARC1; p=none; rua=d@example.com",
    "v=DMARC1; p=none; adkim=s; aspf=s; rua=mailto:d@example.com",
)  # fmt: skip
_KEYS = (
    f"v=DKIM1; k=rsa; p={RSA_2048}", "v=DKIM1; p=", f"v=DKIM1; t=y; p={RSA_2048}",
    f"k=rsa; p={RSA_2048}", f"v=DKIM1; k=rsa; p={RSA_2048[:100]}", f"v=DKIM1; h=sha1; p={RSA_2048}",
)  # fmt: skip
_TARGETS = ("selector1-example-com._domainkey.contoso.onmicrosoft.com.", "dkim.mcsv.net.")
_OTHERS: tuple[tuple[Name, Sequence[str]], ...] = (
    (("", "TXT"), ("site-verification=1",)),
    (("mx2", "CNAME"), ("mx.example.com.",)),
    (("www", "CNAME"), ("example.com.",)),
    (("shop", "MX"), ("10 mx.example.com.",)),
    (("shop", "TXT"), _SPF),
    (("_spf", "TXT"), _SPF),
    (("*", "TXT"), _SPF),
    (("_mta-sts", "TXT"), ("v=STSv1; id=1", "v=STSv1 id=1")),
    (("mta-sts", "A"), ("8.8.8.9",)),
    (("_smtp._tls", "TXT"), ("v=TLSRPTv1; rua=mailto:t@example.com",)),
)


def drawn(draw: random.Random) -> Records:
    """A zone as somebody may have it, right or wrong."""
    found: dict[Name, list[str]] = {("mx", "A"): ["8.8.4.4"]}

    def add(name: Name, choices: Sequence[str], least: int = 1) -> None:
        values = draw.sample(choices, min(draw.choice((least, 1, 1, 1, 2)), len(choices)))
        found.setdefault(name, []).extend(values)

    add(("", "MX"), _HOSTS)
    add(("", "TXT"), _SPF)
    add((draw.choice(("_dmarc", "_dmarc", "_dmarc", "dmarc", "_dmarc.shop")), "TXT"), _DMARC)
    for selector in draw.sample(("s1", "selector1", "google"), draw.randint(0, 2)):
        type, choices = draw.choice((("TXT", _KEYS), ("CNAME", _TARGETS)))
        label = draw.choice(("_domainkey", "_domainkey", "_domainkey", "domainkey"))
        found[f"{selector}.{label}", type] = [draw.choice(choices)]
    for name, choices in draw.sample(_OTHERS, draw.randint(0, 4)):
        found.setdefault(name, []).append(draw.choice(choices))
    return found


def changed(records: Records, draw: random.Random) -> Records:
    """The zone after a change: some of its records are gone, or another zone's."""
    other, found = drawn(draw), dict(records)
    for name in draw.sample(sorted(other), draw.randint(1, 3)):
        aliases = {(name[0], "CNAME"), *((name[0], t) for t in ("A", "MX", "TXT"))} - {name}
        if aliases.isdisjoint(found):
            found[name] = other[name]
    gone = draw.sample(sorted(found), draw.randint(0, 2))
    return {name: values for name, values in found.items() if name not in gone}


# -- the worlds ------------------------------------------------------------------------------------


def zone_file(records: Records) -> Tree:
    lines = [
        f"$ORIGIN {ORIGIN}.",
        "$TTL 3600",
        "@ IN SOA ns1.example.net. hostmaster 1 3600 600 86400 300",
        "@ IN NS ns1.example.net.",
    ]
    for (owner, type), values in records.items():
        lines += (f"{owner or '@'} {type} {_rdata(type, value)}" for value in values)
    return {f"{ORIGIN}.zone": "\n".join([*lines, ""])}


def sorted_zone_file(records: Records) -> Tree:
    return zone_file(dict(sorted(records.items(), reverse=True)))


def octodns(records: Records) -> Tree:
    entries: dict[str, list[dict[str, object]]] = {}
    for (owner, type), values in sorted(records.items()):
        entries.setdefault(owner, []).append({"type": type, "ttl": 3600, **_entry(type, values)})
    text = io.StringIO()
    safe_dump(entries, text)
    config = """\
providers:
  config: {class: octodns.provider.yaml.YamlProvider, directory: ./config}
  out: {class: octodns.provider.yaml.YamlProvider, directory: ./out}
zones:
  example.com.: {sources: [config], targets: [out]}
"""
    return {f"config/{ORIGIN}.yaml": text.getvalue(), "octodns.yaml": config}


def _entry(type: str, values: Sequence[str]) -> dict[str, object]:
    if type == "CNAME":
        return {"value": values[0]}
    if type == "MX":
        pairs = (value.split() for value in values)
        return {"values": [{"preference": int(number), "exchange": to} for number, to in pairs]}
    return {"values": [value.replace(";", "\\;") for value in values]}


def route53(records: Records) -> Tree:
    def body(type: str, values: Sequence[str]) -> str:
        inner = (_rdata(type, value).removeprefix('"').removesuffix('"') for value in values)
        return f"records = [{', '.join(map(_hcl, inner))}]"

    zone = f'resource "aws_route53_zone" "z" {{\n  name = "{ORIGIN}"\n}}'
    whole = (_resource("aws_route53_record", number, "zone_id = aws_route53_zone.z.zone_id",
                       f'name = "{_whole(owner)}"', f'type = "{type}"', "ttl = 3600",
                       body(type, values))
             for number, ((owner, type), values) in enumerate(records.items()))  # fmt: skip
    return {"main.tf": "\n".join([zone, *whole, ""])}


def cloudflare(records: Records) -> Tree:
    zone = f'resource "cloudflare_zone" "z" {{\n  account = {{ id = "x" }}\n  name = "{ORIGIN}"\n}}'
    return {"main.tf": "\n".join([zone, *_of_cloudflare(records), ""])}


def _of_cloudflare(records: Records) -> Iterator[str]:
    each = ((name, value) for name, values in records.items() for value in values)
    for number, ((owner, type), value) in enumerate(each):
        words = value.split() if type == "MX" else []
        content = words[1] if words else _rdata(type, value)
        priority = f"priority = {words[0]}" if words else ""
        yield _resource(
            "cloudflare_dns_record", number, "zone_id = cloudflare_zone.z.id",
            f'name = "{_whole(owner)}"', f'type = "{type}"', "ttl = 3600",
            f"content = {_hcl(content if len(content) == 1 else content.removesuffix('.'))}",
            priority,
        )  # fmt: skip


def google(records: Records) -> Tree:
    zone = f'resource "google_dns_managed_zone" "z" {{\n  name = "z"\n  dns_name = "{ORIGIN}."\n}}'
    sets = (
        _resource(
            "google_dns_record_set", number,
            "managed_zone = google_dns_managed_zone.z.name", f'name = "{_whole(owner)}."',
            f'type = "{type}"', "ttl = 3600",
            f"rrdatas = [{', '.join(_hcl(_rdata(type, value)) for value in values)}]",
        )
        for number, ((owner, type), values) in enumerate(records.items())
    )  # fmt: skip
    return {"main.tf": "\n".join([zone, *sets, ""])}


def cloudformation(records: Records) -> Tree:
    resources: dict[str, object] = {
        "Zone": {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": ORIGIN}}
    }
    for number, ((owner, type), values) in enumerate(records.items()):
        properties = {
            "HostedZoneId": {"Ref": "Zone"}, "Name": _whole(owner), "Type": type, "TTL": "3600",
            "ResourceRecords": [_rdata(type, value) for value in values],
        }  # fmt: skip
        resources[f"R{number}"] = {"Type": "AWS::Route53::RecordSet", "Properties": properties}
    whole = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
    return {"template.json": json.dumps(whole, indent=1)}


WORLDS: Mapping[str, Callable[[Records], Tree]] = {
    each.__name__: each
    for each in (sorted_zone_file, octodns, route53, cloudflare, google, cloudformation)
}


def _whole(owner: str) -> str:
    return f"{owner}.{ORIGIN}" if owner else ORIGIN


def _rdata(type: str, value: str) -> str:
    """A value as a zone file has it; a text in strings of 255 characters at most."""
    if type != "TXT":
        return value
    return " ".join(f'"{value[at : at + 255]}"' for at in range(0, len(value), 255))


def _hcl(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%{", "%%{")
    return f'"{escaped}"'


def _resource(type: str, number: int, *lines: str) -> str:
    body = "".join(f"  {line}\n" for line in lines if line)
    return f'resource "{type}" "r{number}" {{\n{body}}}'
