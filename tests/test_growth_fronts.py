"""What each command does grows as its input does, for every format and every kind of source.

Calls are counted, by the module that they are in: see `test_growth_rules`.
"""

# These tests take over 3 s: every call of some forty runs is counted, at two sizes.

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tests.reports_factory import Sent, report_xml
from tests.test_growth_rules import calls, overgrown
from zonelint.main import zonelint

SMALL = 40
HEAD = "$TTL 3600\n@ SOA ns1.example.net. h.example.net. 1 7200 900 1209600 3600\n"


def write(path: str, text: str | bytes) -> str:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


_runs = 0


def numbers(size: int) -> range:
    """So many numbers, which no run before had: what is remembered would make a run look quick."""
    return range(1_000 * _runs, 1_000 * _runs + size)


def each(size: int, text: str) -> str:
    return "".join(text.replace("{n}", str(n)) for n in numbers(size))


MAIL = '@ TXT "v=spf1 a:h{n} +all"\n_dmarc TXT "v=DMARC1; p=none"\n'


def zone(size: int) -> list[str]:
    body = 'h{n} TXT "v=spf1 a:h{n}.example ip4:8.8.8.9/24 +all"\n_dmarc.h{n} TXT "v=DMARC1; p=x"\n'
    return [write("example.com.zone", HEAD + each(size, body))]


def pasted(size: int) -> list[str]:
    """Names with the zone's name twice, whose offered changes each make a second SPF record."""
    name = "h{n}.example.com.example.com"
    body = f'{name}. TXT "v=spf1 -all"\n{name}.example.com. TXT "v=spf1 a -all"\n'
    return [write("example.com.zone", HEAD + each(size, body))]


def zones(size: int) -> list[str]:
    for n in numbers(size):
        write(f"zones/d{n}.example.zone", HEAD + MAIL.replace("{n}", str(n)))
    return ["zones"]


def includes(size: int) -> list[str]:
    for n in numbers(size):
        write(f"h{n}.inc", f'h{n} TXT "v=spf1 +all"\n')
    line = "$INCLUDE h{n}.inc\n$GENERATE 1-2 g{n}-$ A 192.0.2.$\n"
    return [write("example.com.zone", HEAD + each(size, line))]


def configured(size: int) -> list[str]:
    zone(size)
    domains = '[domains."h{n}.example.com"]\nprofile = "sending"\nsenders = ["microsoft365"]\n'
    ignored = each(size, '"h{n}.example.org" = ["SPF201"]\n')
    head = 'zones = ["*.zone"]\n[per-owner-ignore]\n'
    write("zonelint.toml", head + ignored + each(size, domains))
    locked = '["h{n}.example"]\nTXT = ["v=spf1 -all"]\nseen = 2026-11-01\n'
    write("zonelint.lock", "version = 1\n" + each(size, locked))
    return []


def octodns(size: int) -> list[str]:
    record = "h{n}:\n  type: TXT\n  value: v=spf1 +all  # noqa: SPF1\n"
    return [write("example.com.yaml", each(size, record))]


def declared(size: int) -> list[str]:
    """Zones of which each is declared, and sends by a name of its own."""
    for n in numbers(size):
        write(f"zones/d{n}.example.zone", HEAD + MAIL.replace("{n}", str(n)))
    domain = (
        '[domains."d{n}.example"]\nsenders = ["sendgrid"]\n'
        '[domains."d{n}.example".sendgrid]\nenvelope = "em1.d{n}.example"\n'
    )
    write("zonelint.toml", each(size, domain))
    return ["zones"]


def supplied(size: int) -> list[str]:
    """Zones of octoDNS to which zonelint's own source adds the keys that they lack."""
    record = "'':\n  type: TXT\n  value: v=spf1 include:spf.protection.outlook.com -all\n"
    keys = (
        '[domains."d{n}.example"]\nsenders = ["microsoft365"]\n'
        '[domains."d{n}.example".microsoft365.dkim]\n'
        'selector1 = "s1-d{n}.dkim.mail.microsoft"\nselector2 = "s2-d{n}.dkim.mail.microsoft"\n'
    )
    write("zonelint.toml", each(size, keys))
    for n in numbers(size):
        write(f"dns/d{n}.example.yaml", record)
    yaml = "octodns.provider.yaml.YamlProvider, directory"
    return [write(
        "octodns.yaml",
        f"providers:\n  c: {{class: {yaml}: ./dns}}\n  t: {{class: {yaml}: ./out}}\n"
        "  m: {class: zonelint.providers.octodns.MailAuthSource}\n"
        "zones:\n  '*': {sources: [c, m], targets: [t]}\n",
    )]  # fmt: skip


def terraform(size: int) -> list[str]:
    record = (
        'resource "aws_route53_record" "r{n}" {\n  zone_id = aws_route53_zone.z.zone_id\n'
        '  name = "h{n}"\n  type = "TXT"\n  ttl = 60\n  records = [local.l{n}]\n}\n'
        'locals {\n  l{n} = "v=spf1 +all"\n}\n'
    )
    own = 'resource "aws_route53_zone" "z" {\n  name = "example.com"\n}\n'
    return [write("tf/main.tf", own + each(size, record)).removesuffix("/main.tf")]


def _record(n: int) -> dict[str, object]:
    return {"zone_id": "Z", "name": f"h{n}.example.com", "type": "TXT", "ttl": 60,
            "records": ["v=spf1 +all"]}  # fmt: skip


def plan(size: int) -> list[str]:
    own = {"name": "example.com", "zone_id": "Z"}
    changes = [("aws_route53_zone", "z", own, own)]
    changes += [("aws_route53_record", f"r{n}", None, _record(n)) for n in numbers(size)]
    told = [
        {"address": f"{kind}.{name}", "mode": "managed", "type": kind, "name": name,
         "change": {"actions": ["no-op" if before else "create"], "before": before,
                    "after": after, "after_unknown": {}}}
        for kind, name, before, after in changes
    ]  # fmt: skip
    root: dict[str, object] = {"root_module": {}}
    whole = {"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": told,
             "planned_values": root, "configuration": root}  # fmt: skip
    return [write("plan.json", json.dumps(whole))]


def stack(size: int) -> list[str]:
    kind = "aws:route53/record:Record"
    resources = [
        {"urn": f"urn:pulumi:d::p::{kind}::r{n}", "custom": True, "type": kind, "id": f"r{n}",
         "inputs": {"zoneId": "Z", **_record(n)}, "outputs": {"zoneId": "Z", **_record(n)}}
        for n in numbers(size)
    ]  # fmt: skip
    whole = {"version": 3, "deployment": {"manifest": {}, "resources": resources}}
    return [write("stack.json", json.dumps(whole))]


def cloudformation(size: int) -> list[str]:
    record = (
        "  R{n}:\n    Type: AWS::Route53::RecordSet\n    Properties:\n"
        "      HostedZoneName: example.com.\n      Name: h{n}.example.com.\n      Type: TXT\n"
        "      TTL: 60\n      ResourceRecords: ['\"v=spf1 +all\"']\n"
    )
    head = "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n"
    return [write("template.yaml", head + each(size, record))]


def reports(size: int) -> list[str]:
    for n in numbers(size):
        rows = [Sent(f"2a00::{n >> 16:x}:{n & 0xFFFF:x}:{at}", 10) for at in range(3)]
        write(f"reports/{n}.xml", report_xml(rows, report_id=str(n)))
    rows = [Sent(f"2a01::{n >> 16:x}:{n & 0xFFFF:x}", 10) for n in numbers(size)]
    write("reports/rows.xml", report_xml(rows))
    return ["reports"]


def bounce(size: int) -> list[str]:
    hop = "Received: from a{n}.example.com by b{n}; Mon, 30 Nov 2026 10:00:00 +0000\n"
    said = "550 5.7.26 mail from example.com is not accepted\n" * size
    return [write("bounce.eml", f"{each(size, hop)}From: a@example.com\nSubject: x\n\n{said}")]


def against(size: int) -> list[str]:
    zone(size)
    old = Path("example.com.zone").read_text()
    write("old/example.com.zone", old)
    write("new/example.com.zone", old.replace("p=x", "p=reject").replace("+all", "~all"))
    return ["new", "--against", "old"]


def baseline(size: int) -> list[str]:
    given = zone(size)
    CliRunner().invoke(zonelint, ["check", *given, "--write-baseline"])
    return given


def one_rule(size: int) -> list[str]:
    return ["SPF201"]


def asked(size: int) -> list[str]:
    """A zone that says all that is asked, so that nobody has to be waited for."""
    body = each(size, 'h{n} TXT "v=spf1 a:h{n}.example.com -all"\nh{n} A 192.0.2.1\n')
    return [write("example.com.zone", HEAD + body), "--nameserver", "127.0.0.1:9"]


def of_a_name(size: int) -> list[str]:
    given = zones(size)
    return [min(path.stem for path in Path("zones").iterdir()), "--zones", *given]


Source = Callable[[int], list[str]]
RUNS: dict[str, list[tuple[Source, list[str]]]] = {
    "check": [
        *((source, []) for source in (
            zone, zones, includes, configured, declared, octodns, supplied, terraform, plan, stack,
            cloudformation, against, baseline,
        )),
        (zone, ["--fix"]), (zone, ["--fix-proposed", "ALL", "--diff"]), (zone, ["--add-noqa"]),
        (pasted, []),
        (octodns, ["--fix-proposed", "ALL"]), (zone, ["--write-baseline"]),
        (zones, ["--show-files"]), (configured, ["--show-settings"]), (zones, ["--statistics"]),
    ],
    "rule": [(one_rule, [])],
    "propose": [(configured, [])],
    "status": [(zones, []), (configured, [])],
    "verify": [(asked, [])],
    "reports": [(reports, [])],
    "lock": [(asked, [])],
    "spf": [(of_a_name, [])],
    "triage": [(bounce, [])],
    "init": [(zones, [])],
}  # fmt: skip
NOT_HERE = {"lsp"}
"""A server, which tests of its own time."""


def every_run() -> list[tuple[str, Source, list[str]]]:
    """All that is to be run: what is listed, and each format of each command once more."""
    found = []
    for name, listed in RUNS.items():
        found += [(name, source, words) for source, words in listed]
        command = zonelint.get_command(click.Context(zonelint), name)
        assert command is not None
        for option in command.params:
            if option.name in ("format", "format_") and isinstance(option.type, click.Choice):
                found += [(name, listed[0][0], ["--format", each]) for each in option.type.choices]
    return found


def test_every_command_is_run() -> None:
    context = click.Context(zonelint)
    assert set(zonelint.list_commands(context)) == {*RUNS, *NOT_HERE}


RUNS_OF_ALL = every_run()


@pytest.mark.parametrize(
    ("command", "source", "words"),
    RUNS_OF_ALL,
    ids=[f"{name}-{source.__name__}{''.join(words)}" for name, source, words in RUNS_OF_ALL],
)
def test_a_run(
    command: str,
    source: Source,
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run(size: int) -> None:
        done = CliRunner().invoke(zonelint, [command, *given[size], *words])
        assert done.exit_code in (0, 1, 2), done.exception
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception

    global _runs
    given: dict[int, list[str]] = {}
    counted = []
    for size in (2, SMALL, 2 * SMALL):
        folder = tmp_path / f"{size}"
        (folder / ".git").mkdir(parents=True)
        monkeypatch.chdir(folder)
        _runs += 1
        given[size] = source(size)
        counted.append(calls(lambda size=size: run(size)))
    assert not overgrown(*counted[1:])


DEEP = {
    "operands": "1{}".format(" + 1" * 3_000),
    "conditions": "true ? " * 1_500 + '"v=spf1 -all"' + ' : "x"' * 1_500,
    "steps": "local.a" + ".b" * 3_000,
    "calls": "lower(" * 1_000 + '"x"' + ")" * 1_000,
    "lists": "[" * 1_000 + "]" * 1_000,
    "templates": '"${' * 500 + "1" + '}"' * 500,
    "names": "local.d0",
}


@pytest.mark.parametrize("name", DEEP)
def test_terraform_that_is_nested_deeply_is_told_and_the_rest_is_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    terraform(1)
    names = "".join(f"  d{n} = local.d{n + 1}\n" for n in range(1_500)) + '  d1500 = "a"\n'
    record = 'resource "aws_route53_record" "deep" {\n  zone_id = aws_route53_zone.z.zone_id\n'
    record += f'  name = "deep"\n  type = "TXT"\n  ttl = 60\n  records = [{DEEP[name]}]\n}}\n'
    write("tf/deep.tf", f"locals {{\n{names}}}\n{record}")
    told = CliRunner().invoke(zonelint, ["check", "tf"]).output
    assert "SPF201" in told
    assert "deep.tf:1509:" in told or "needs the value of aws_route53_record.deep" in told, told
    assert "too deeply" in told or "levels deep" in told


def test_conditions_of_a_template_that_lead_to_conditions_are_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def work(size: int) -> None:
        given = cloudformation(2)
        both = "  C{}: !And [!Condition C{}, !Condition C{}]\n"
        chain = "".join(both.format(n, n + 1, n + 1) for n in range(size))
        text = Path(*given).read_text()
        text = text.replace("    Type: A", "    Condition: C0\n    Type: A")
        write(*given, f"{text}Conditions:\n{chain}  C{size}: !Equals [a, b]\n")
        told = CliRunner().invoke(zonelint, ["check", *given]).output
        assert ("SPF201" in told) == (size > 100), told

    small, large = calls(lambda: work(20)), calls(lambda: work(40))
    assert not overgrown(small, large)
    work(1_000)
