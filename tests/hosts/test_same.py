"""One zone, planned by both engines: the policy pack and the plan say the same of it."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from .commands import PACK, Stack, Tofu

TARGET = "selector1-example-com._domainkey.contoso.onmicrosoft.com"
FAULTY = {
    "spf": ("example.com", "TXT", ["v=spf1 mx +all", "v=spf1 a -all"]),
    "dmarc": ("_dmarc.example.com", "TXT", ["v=DMARC1; p=rejct"]),
    "mx": ("example.com", "MX", ["10 192.0.2.1"]),
    "dkim": ("selector1._domainkey.example.com", "CNAME", [TARGET]),
}
_LINE = re.compile(r"^([A-Z]+\d+) [a-z0-9-]+ \((?:error|warning)\), (\S+) ([A-Z]+):$", re.MULTILINE)


def in_pulumi(stack: Stack) -> set[tuple[str, str, str]]:
    zone = {"type": "aws:route53/zone:Zone", "properties": {"name": "example.com"}}
    records = {
        key: {
            "type": "aws:route53/record:Record",
            "properties": {"zoneId": "${zone.zoneId}", "name": name, "type": type, "ttl": 60,
                           "records": values},
        }
        for key, (name, type, values) in FAULTY.items()
    }  # fmt: skip
    stack.program({"zone": zone, **records})
    stack.pack(config={"mail-records-fix": "disabled"})
    said = stack.preview(status=1).said
    return {(code, f"{owner}.", type) for code, owner, type in _LINE.findall(said)}


def in_opentofu(tofu: Tofu) -> set[tuple[str, str, str]]:
    text = 'resource "aws_route53_zone" "main" {\n  name = "example.com"\n}\n'
    for key, (name, type, values) in FAULTY.items():
        text += (
            f'resource "aws_route53_record" "{key}" {{\n'
            f'  zone_id = aws_route53_zone.main.zone_id\n  name = "{name}"\n  type = "{type}"\n'
            f"  ttl = 60\n  records = {json.dumps(values)}\n}}\n"
        )
    tofu.program(text)
    shutil.copy(PACK / "zonelint.toml", tofu.folder)
    done = tofu.zonelint("check", tofu.plan(), "--format", "json", status=1)
    told = json.loads(done.output)["findings"]
    return {(e["code"], e["owner"], e["type"]) for e in told if e["severity"] != "info"}


@pytest.mark.slow
def test_both_say_the_same(stack: Stack, tofu: Tofu) -> None:
    judged = in_pulumi(stack)
    assert {"SPF201", "SPF002", "DMARC101"} & {code for code, *_ in judged}
    assert judged == in_opentofu(tofu)
