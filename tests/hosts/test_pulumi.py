"""The example policy pack, run by Pulumi's engine while it deploys to a name server."""

# Some of these tests take over 3 s: Pulumi's engine starts, previews and deploys in each of them.

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from .commands import PACK, Stack
from .nameserver import NameServer
from .sdks import MissingError, unpacked
from .vendors import cloudflare_id

SPF = "v=spf1 include:spf.protection.outlook.com -all"
OPEN = "v=spf1 mx +all"
DMARC = "v=DMARC1; p=none; rua=mailto:dmarc@example.com"
LONG = (
    SPF.removesuffix(" -all")
    + " "
    + " ".join(f"ip4:11.22.33.{n}" for n in range(100, 118))
    + " -all"
)
TARGET = "selector{}-example-com._domainkey.contoso.onmicrosoft.com"
ZONE = {"type": "aws:route53/zone:Zone", "properties": {"name": "example.com"}}
Program = dict[str, Any]


def record(name: str, type: str, *values: str | Program, ttl: int = 3600, **more: Any) -> Program:
    """A record of Route 53 in the stack's zone."""
    properties = {"zoneId": "${zone.zoneId}", "name": name, "type": type, "ttl": ttl,
                  "records": list(values)}  # fmt: skip
    return {"type": "aws:route53/record:Record", "properties": {**properties, **more}}


def mail(spf: str | Program = SPF, dmarc: str | Program = DMARC, **more: Program) -> Program:
    """A zone on Microsoft 365 as it should be, but for what is told."""
    return {
        "zone": ZONE,
        "spf": record("example.com", "TXT", spf),
        "dmarc": record("_dmarc.example.com", "TXT", dmarc),
        "mx": record("example.com", "MX", "0 example-com.mail.protection.outlook.com"),
        "dkim1": record("selector1._domainkey.example.com", "CNAME", TARGET.format(1)),
        "dkim2": record("selector2._domainkey.example.com", "CNAME", TARGET.format(2)),
        **more,
    }


def codes(said: str) -> set[str]:
    """The rules that a preview's policies name."""
    return {line.split()[0] for line in said.splitlines() if line.split()[1:2] and (
        line.split()[0].isalnum() and line.split()[0].isupper() and line.split()[0][-1].isdigit()
    )}  # fmt: skip


def test_a_sound_stack_is_deployed_and_served(stack: Stack, server: NameServer) -> None:
    stack.pack()
    stack.program(mail())
    done = stack.up()
    assert "[mandatory]" not in done.said
    assert server.ask("example.com", "TXT") == [SPF]
    assert server.ask("_dmarc.example.com", "TXT") == [DMARC]
    assert server.ask("selector2._domainkey.example.com", "CNAME") == [TARGET.format(2) + "."]
    assert server.ask("example.com", "MX") == ["0 example-com.mail.protection.outlook.com."]


def test_a_record_that_breaks_mail_is_blocked_before_anything_is_deployed(
    stack: Stack, server: NameServer
) -> None:
    stack.pack()
    stack.program(mail(OPEN))
    for run in (stack.preview, stack.up):
        done = run(status=1)
        assert "SPF201 spf-pass-all (error), example.com TXT:" in done.said
        assert 'set value 1 to "v=spf1 mx -all"' in done.said
        assert "[mandatory]" in done.said
    assert server.ask("example.com", "TXT") == []
    assert "resources" not in deployed(stack)


def deployed(stack: Stack) -> Program:
    """The state of the stack, as it is kept."""
    told: Program = json.loads(stack.run("pulumi", "stack", "export").output)["deployment"]
    return told


def outputs(stack: Stack, name: str) -> Program:
    """The outputs of a resource that is deployed."""
    (found,) = (
        each["outputs"]
        for each in deployed(stack)["resources"]
        if each["urn"].endswith(f"::{name}")
    )
    return dict(found)


# -- what --policy-pack-config tells --------------------------------------------------------------


def test_severities_decide_what_blocks(stack: Stack) -> None:
    stack.program(mail("v=spf1 include:spf.protection.outlook.com ?all"))
    stack.pack()
    assert "SPF202" in stack.preview().said
    stack.pack(config={"mail-records": {"severity": {"SPF202": "error"}}})
    assert "SPF202" in stack.preview(status=1).said
    stack.pack(config={"mail-records": {"severity": {"SPF202": "off"}}})
    assert "SPF202" not in stack.preview().said


def test_levels_of_enforcement_are_the_engine_s(stack: Stack, server: NameServer) -> None:
    stack.program(mail(LONG))
    stack.pack(config={"mail-records-fix": "disabled", "mail-records": "advisory"})
    done = stack.preview()
    assert "[mandatory]" not in done.said
    assert "SPF010" in done.said
    assert "CharacterStringTooLong" in stack.up(status=None).said
    assert server.ask("example.com", "TXT") == []


def test_one_policy_that_is_disabled_blinds_no_other(stack: Stack) -> None:
    """What mail-records is told holds for the others though it is never asked."""
    lacking = mail(OPEN)
    del lacking["dkim2"]
    stack.program({**lacking, "weak": record("other.example.com", "TXT", "v=spf1 mx ?all")})
    told = {"enforcementLevel": "disabled", "severity": {"SPF202": "off"}}
    stack.pack(config={"mail-records": told})
    done = stack.preview(status=1)
    assert "DKIM101" in done.said  # mail-zones, which blocks
    assert "SPF201" in done.said  # of mail-records-advice, for nobody else says it
    assert "SPF202" not in done.said
    stack.pack(config={"mail-zones": "disabled"})
    done = stack.preview(status=1)
    assert "SPF201" in done.said
    assert "DKIM101" not in done.said
    stack.pack(config={"all": "disabled"})
    assert codes(stack.preview().said) == set()


def test_a_configuration_with_a_mistake_blocks_and_says_where(stack: Stack) -> None:
    stack.program(mail())
    stack.pack(config={"mail-records": {"sendrs": {"example.com": ["mailgun"]}}})
    assert "sendrs" in stack.preview(status=None).said
    assert stack.ran[-1].status != 0
    stack.pack(config={"mail-records": {"senders": {"example.com": ["malgun"]}}})
    assert "malgun" in stack.preview(status=1).said


# -- remediation ----------------------------------------------------------------------------------


def test_a_long_text_is_split_and_served_in_strings(stack: Stack, server: NameServer) -> None:
    stack.pack()
    stack.program(mail(LONG))
    stack.up()
    assert server.ask("example.com", "TXT") == [LONG]
    ((first, *rest),) = server.strings("example.com")
    assert len(first) <= 255
    assert rest
    assert '""' in outputs(stack, "spf")["records"][0]
    done = stack.preview("--expect-no-changes")
    assert "unchanged" in done.said


def test_a_term_that_appears_twice_is_served_once(stack: Stack, server: NameServer) -> None:
    stack.pack()
    once = SPF.replace("v=spf1", "v=spf1 ip4:198.51.100.7")
    stack.program(mail(spf=once.replace("v=spf1", "v=spf1 ip4:198.51.100.7")))
    stack.up()
    assert server.ask("example.com", "TXT") == [once]
    assert outputs(stack, "spf")["records"] == [once]


def test_a_repair_is_proposed_and_blocks(stack: Stack, server: NameServer) -> None:
    stack.pack()
    stack.program(mail(spf=SPF.replace(" -all", "\u00a0–all")))
    done = stack.up(status=1)
    assert "SPF004" in done.said
    assert f'set value 1 to "{SPF}"' in done.said
    assert server.ask("example.com", "TXT") == []


# -- what is not known before the change ----------------------------------------------------------

UNKNOWNS = {
    "text": record("example.com", "TXT", "v=spf1 exists:${other.fqdn} +all"),
    "name": record("${other.fqdn}", "TXT", OPEN),
}


@pytest.mark.parametrize("what", UNKNOWNS)
def test_what_becomes_known_during_the_deployment_is_judged_then(
    what: str, stack: Stack, server: NameServer
) -> None:
    stack.pack()
    other = record("other.example.com", "A", "192.0.2.1")
    stack.program({**mail(), "spf": UNKNOWNS[what], "other": other})
    done = stack.preview(status=None)
    assert "undecided" in done.said or "SPF201" in done.said
    stack.up(status=None)
    stack.up("--skip-preview", status=None)
    assert stack.ran[-1].status != 0
    assert "SPF201" in stack.ran[-1].said
    assert server.ask("example.com", "TXT") == []
    assert OPEN not in server.ask("other.example.com", "TXT")


def test_a_zone_whose_id_is_not_known_yet_is_one_zone(stack: Stack) -> None:
    stack.pack()
    stack.program(mail(second=record("example.com.", "TXT", "v=spf1 -all", allowOverwrite=True)))
    assert "SPF002" in stack.preview(status=1).said


def test_records_that_add_up_are_judged_as_a_stack(stack: Stack, server: NameServer) -> None:
    """Each text is fine alone; through the include everybody may send."""
    stack.pack()
    half = SPF.replace("v=spf1", "v=spf1 ip4:0.0.0.0/1 include:_spf.example.com")
    other = record("_spf.example.com", "TXT", "v=spf1 ip4:128.0.0.0/1 -all")
    stack.program(mail(half, other=other))
    assert "SPF201 spf-pass-all (error), example.com TXT" in stack.up(status=1).said
    assert server.ask("example.com", "TXT") == []


# -- secrets --------------------------------------------------------------------------------------

TOKEN = "tok3n-4f1d0c"


@pytest.mark.parametrize("broken", [False, True], ids=["sound", "broken"])
def test_a_secret_is_shown_nowhere(
    broken: bool, stack: Stack, server: NameServer, tmp_path: Path
) -> None:
    """Neither in what commands print, nor in events, nor in the state: there it is encrypted."""
    stack.pack(config={"mail-records-fix": "disabled"})
    text = f"v=spf1 include:spf.protection.outlook.com ip4:192.0.2.1 exists:%{{i}}.{TOKEN}.test"
    text += " +all" if broken else " -all"
    stack.program(mail({"fn::secret": text}))
    status = 1 if broken else 0
    events = tmp_path / "events"
    stack.preview("--json", "--show-sames", status=status)
    stack.environment["PULUMI_DEBUG_COMMANDS"] = "1"
    stack.preview("--event-log", str(events), status=status)
    assert ("SPF201 spf-pass-all (error)" in stack.ran[-1].said) == broken
    stack.up("--logtostderr", "-v=3", status=None)
    stack.run("pulumi", "stack", "export")
    stack.run("pulumi", "stack", "--show-urns")
    for done in stack.ran:
        assert TOKEN not in done.said
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    holding = {path.name for path in kept if TOKEN.encode() in path.read_bytes()}
    allowed = {"Pulumi.yaml", "named.log"}  # the program itself, and what is published
    assert {name for name in holding if "zone" not in name} <= allowed
    assert server.ask("example.com", "TXT") == ([] if broken else [text])


# -- failures -------------------------------------------------------------------------------------

FAILING = """
from pulumi_policy import PolicyPack
from zonelint.providers.pulumi import policies
from zonelint.rules.finding import Severity
from zonelint.rules.rule import Fix, Needs, rule
from zonelint.rules.subjects import MailZone, Spf

def fails(subject):
    raise KeyError(getattr(subject, "value", "zone"))

said = {"fix": Fix.NONE, "section": ""}
text = rule("ACME001", "acme-text", Severity.INFO, on=Spf, **said)(fails)
zone = rule("ACME002", "acme-zone", Severity.INFO, on=MailZone, needs=Needs.ZONE, **said)(fails)
PolicyPack("own", policies(rules=[text, zone]))
"""


def test_a_rule_that_fails_blocks(stack: Stack, server: NameServer, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "PulumiPolicy.yaml").write_text((PACK / "PulumiPolicy.yaml").read_text())
    (own / "__main__.py").write_text(FAILING)
    stack.pack(own)
    stack.program(mail({"fn::secret": f"v=spf1 ip4:192.0.2.1 exists:{TOKEN}.test -all"}))
    done = stack.up(status=1)
    assert "ACME001" in done.said
    assert "ACME002" in done.said
    assert TOKEN not in done.said
    assert server.ask("example.com", "TXT") == []


# -- changes --------------------------------------------------------------------------------------


def test_records_are_judged_as_they_are_created_updated_replaced_and_deleted(
    stack: Stack, server: NameServer
) -> None:
    stack.pack()
    extra = {"extra": record("news.example.com", "TXT", "v=spf1 -all")}
    stack.program(mail(**extra))
    stack.up()
    assert server.ask("news.example.com", "TXT") == ["v=spf1 -all"]

    stack.program(mail(extra=record("news.example.com", "TXT", "v=spf1 +all")))  # an update
    assert "SPF201" in stack.up(status=1).said
    stack.program(mail(extra=record("news.example.com", "TXT", "v=spf1 mx -all")))
    stack.up()
    assert server.ask("news.example.com", "TXT") == ["v=spf1 mx -all"]

    stack.program(mail(extra=record("post.example.com", "TXT", "v=spf1 ptr +all")))  # in its place
    assert "SPF201" in stack.up(status=1).said
    assert server.ask("news.example.com", "TXT") == ["v=spf1 mx -all"]
    stack.program(mail(extra=record("post.example.com", "TXT", "v=spf1 -all")))
    stack.up()
    assert server.ask("news.example.com", "TXT") == []
    assert server.ask("post.example.com", "TXT") == ["v=spf1 -all"]

    lacking = mail(**extra)
    del lacking["dkim2"], lacking["extra"]
    stack.program(lacking)  # deleted: the resource policies see nothing, the zone lacks a selector
    assert "DKIM101" in stack.up(status=1).said
    assert server.ask("selector2._domainkey.example.com", "CNAME") == [TARGET.format(2) + "."]


def test_a_targeted_update_judges_what_it_changes(stack: Stack, server: NameServer) -> None:
    stack.pack()
    stack.program(mail())
    stack.up()
    stack.program(mail(spf=OPEN, dmarc=DMARC.replace("none", "quarantine")))
    urn = "urn:pulumi:test::mail::aws:route53/record:Record::{}"
    stack.up("--target", urn.format("dmarc"))
    assert server.ask("_dmarc.example.com", "TXT") == [DMARC.replace("none", "quarantine")]
    assert server.ask("example.com", "TXT") == [SPF]
    assert "SPF201" in stack.up("--target", urn.format("spf"), status=1).said
    assert server.ask("example.com", "TXT") == [SPF]


def test_without_a_preview_policies_of_the_stack_speak_after_the_deployment(
    stack: Stack, server: NameServer
) -> None:
    """What the page about Pulumi says of --skip-preview."""
    stack.pack()
    lacking = mail()
    del lacking["dkim2"]
    stack.program(lacking)
    assert "DKIM101" in stack.up(status=1).said
    assert server.ask("example.com", "TXT") == []
    assert "DKIM101" in stack.up("--skip-preview", status=1).said
    assert server.ask("example.com", "TXT") == [SPF]  # it is published all the same
    stack.program(mail(OPEN))
    assert "SPF201" in stack.up("--skip-preview", status=1).said
    assert server.ask("example.com", "TXT") == [SPF]  # while a record's own policy blocks it


# -- vendors --------------------------------------------------------------------------------------


def azure(label: str, **values: Any) -> Program:
    told = {"resourceGroupName": "dns", "zoneName": "example.com", "recordType": "TXT", "ttl": 3600}
    return {
        "type": "azure-native:dns:RecordSet",
        "properties": {**told, "relativeRecordSetName": label, **values},
    }


def cloudflare(name: str, type: str, content: str, **more: Any) -> Program:
    told = {"zoneId": cloudflare_id("example.net"), "name": name, "type": type, "ttl": 3600}
    return {
        "type": "cloudflare:index/dnsRecord:DnsRecord",
        "properties": {**told, "content": content, **more},
    }


AZURE_ZONE = {"type": "azure-native:dns:Zone",
              "properties": {"resourceGroupName": "dns", "zoneName": "example.com"}}  # fmt: skip


def azure_mail(spf: str = SPF, **more: Program) -> Program:
    """A zone of Azure on Microsoft 365, its records in it by the name that it gives back."""
    ours = {"zoneName": "${zone.name}"}
    cname = {"recordType": "CNAME"}
    return {
        "zone": AZURE_ZONE,
        "spf": azure("@", txtRecords=[{"value": [spf]}], **ours),
        "dmarc": azure("_dmarc", txtRecords=[{"value": [DMARC]}], **ours),
        "mx": azure("@", mxRecords=[{"preference": 0,
                    "exchange": "example-com.mail.protection.outlook.com"}],
                    **ours, recordType="MX"),
        "dkim1": azure("selector1._domainkey", cnameRecord={"cname": TARGET.format(1)},
                       **ours, **cname),
        "dkim2": azure("selector2._domainkey", cnameRecord={"cname": TARGET.format(2)},
                       **ours, **cname),
        **more,
    }  # fmt: skip


def test_azure_and_cloudflare_are_judged_and_mended_in_their_own_form(
    stack: Stack, server: NameServer
) -> None:
    stack.pack()
    stack.program(azure_mail(LONG, cloud=cloudflare("@", "TXT", LONG)))
    stack.up()
    assert server.ask("example.com", "TXT") == server.ask("example.net", "TXT") == [LONG]
    assert len(outputs(stack, "spf")["txtRecords"][0]["value"]) > 1  # mended by the pack
    assert outputs(stack, "cloud")["content"] == LONG  # left to Cloudflare
    stack.program(azure_mail(OPEN, cloud=cloudflare("@", "TXT", OPEN)))
    said = stack.preview(status=1).said
    assert said.count("SPF201 spf-pass-all (error)") == 2


def test_a_zone_in_azure_is_judged_as_a_zone(stack: Stack, server: NameServer) -> None:
    """The provider gives back neither zone nor name nor type; before a change it gives nothing."""
    stack.pack()
    stack.program(azure_mail())
    for run in (stack.preview, stack.up, stack.preview):
        done = run()
        assert "[mandatory]" not in done.said
        assert "(error)" not in done.said
        assert "(warning)" not in done.said
        assert "ZONE001" not in done.said
    assert server.ask("example.com", "TXT") == [SPF]
    lacking = azure_mail()
    del lacking["dkim2"], lacking["dmarc"]
    stack.program(lacking)
    assert {"DKIM101", "DMARC101"} <= codes(stack.preview(status=1).said)
    twice = {"txtRecords": [{"value": [SPF]}, {"value": ["v=spf1 -all"]}]}
    stack.program({"apex": azure("@", **twice)})
    assert "SPF002" in stack.preview(status=1).said


def test_a_record_that_the_stack_does_not_show_leaves_its_zone_open(
    stack: Stack, server: NameServer
) -> None:
    """Without the policies of resources only what the provider gives back is known."""
    off = {f"mail-records{each}": "disabled" for each in ("", "-advice", "-fix")}
    stack.pack(config=off)
    stack.program(azure_mail())
    for run in (stack.preview, stack.up):
        done = run()
        assert "[mandatory]" not in done.said
        assert "(error)" not in done.said
    assert "ZONE001" in stack.ran[-2].said
    assert "(warning)" not in stack.ran[-2].said
    assert server.ask("example.com", "TXT") == [SPF]
    assert "ZONE001" not in stack.preview().said  # by fqdn, name and type
    lacking = azure_mail()
    del lacking["dkim2"]
    stack.program(lacking)
    assert "DKIM101" in stack.preview(status=1).said


def test_two_packs_side_by_side(stack: Stack, server: NameServer, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for name in ("PulumiPolicy.yaml", "__main__.py"):
        text = (PACK / name).read_text().replace('PolicyPack("zonelint"', 'PolicyPack("second"')
        (other / name).write_text(text)
    (other / "zonelint.toml").write_text('[severity]\nDMARC = "error"\n')
    lacking = mail()
    del lacking["dmarc"]
    stack.program(lacking)
    stack.pack()
    assert "DMARC101" in stack.preview().said
    stack.pack(other, name="second")
    done = stack.preview(status=1)
    assert "zonelint@" in done.said
    assert "second@" in done.said
    assert server.ask("example.com", "TXT") == []


# -- what was there before -------------------------------------------------------------------------


def pack_with_before(folder: Path) -> Path:
    """The example pack, with the state before beside it."""
    shutil.copytree(PACK, folder, ignore=shutil.ignore_patterns("__pycache__"))
    config = folder / "zonelint.toml"
    config.write_text(config.read_text() + '\n[pulumi]\nbefore = "stack.json"\n')
    return folder


def test_a_phase_that_is_left_out_is_blocked_by_what_was_there(
    stack: Stack, server: NameServer, tmp_path: Path
) -> None:
    pack = pack_with_before(tmp_path / "with-before")
    stack.pack(pack)
    stack.program(mail())
    assert "stack.json, the state before, cannot be read" in stack.preview(status=1).said
    export = ("pulumi", "stack", "export", "--file", pack / "stack.json")
    stack.run(*export)  # of a stack that holds nothing yet
    stack.up()
    stack.run(*export)
    assert "PHASE" not in stack.up().said
    stack.program(mail(dmarc=DMARC.replace("none", "reject")))
    done = stack.up(status=1)
    assert "PHASE001" in done.said
    assert "Compared with stack.json, written 0 minutes ago" in done.said
    assert server.ask("_dmarc.example.com", "TXT") == [DMARC]
    stack.pack()  # without it nothing of that is seen
    assert "PHASE" not in stack.preview().said


@pytest.mark.parametrize("all_of_it", [False, True], ids=["the MX", "every record"])
def test_the_last_mx_that_goes_is_told(all_of_it: bool, stack: Stack, tmp_path: Path) -> None:
    """What is to be deleted the engine shows to no policy."""
    pack = pack_with_before(tmp_path / "with-before")
    stack.program(mail())
    stack.up()
    stack.run("pulumi", "stack", "export", "--file", pack / "stack.json")
    lacking = mail()
    del lacking["mx"]
    stack.pack(pack)
    stack.program({} if all_of_it else lacking)
    done = stack.preview(status=None)
    assert "MX" in done.said
    assert "Compared with stack.json" in done.said


def test_a_state_before_that_is_another_stack_s_is_refused(stack: Stack, tmp_path: Path) -> None:
    pack = pack_with_before(tmp_path / "with-before")
    stack.program(mail())
    stack.up()
    kept = json.loads(stack.run("pulumi", "stack", "export").output)
    (pack / "stack.json").write_text(
        json.dumps(kept).replace("urn:pulumi:test:", "urn:pulumi:dev:")
    )
    stack.pack(pack)
    done = stack.preview(status=1)
    assert "is that of dev of mail, and this is test of mail" in done.said
    (pack / "stack.json").write_text("{}")
    assert "is not an exported stack" in stack.preview(status=1).said
    (pack / "stack.json").write_text(json.dumps(kept))
    os.utime(pack / "stack.json", (0, 0))
    assert "What was deployed since then" in stack.preview().said


# -- what the engine writes down ------------------------------------------------------------------


def test_a_preview_that_is_written_down_is_judged_with_what_was_there(stack: Stack) -> None:
    """The pack sees no before; `zonelint check` does, in the engine's own plan."""
    stack.program(mail())
    stack.up()
    stack.program(mail(dmarc=DMARC.replace("none", "reject")))
    plan = stack.folder / "preview.json"
    plan.write_text(stack.run("pulumi", "preview", "--json", "--show-sames").output)
    done = stack.zonelint("check", plan, status=1)
    assert "PHASE001" in done.said
    assert "dmarc" in done.said
    stack.program(mail())
    plan.write_text(stack.run("pulumi", "preview", "--json", "--show-sames").output)
    assert "PHASE" not in stack.zonelint("check", plan).said


def test_a_preview_that_leaves_out_what_does_not_change_says_so(stack: Stack) -> None:
    stack.program(mail())
    stack.up()
    stack.program(mail(dmarc=DMARC.replace("none", "reject")))
    plan = stack.folder / "preview.json"
    plan.write_text(stack.run("pulumi", "preview", "--json").output)
    done = stack.zonelint("check", plan, status=1)
    assert "PHASE001" in done.said
    assert "--show-sames" in done.said
    for missing in ("SPF110", "DKIM101", "MX"):  # they are there, and are not shown
        assert missing not in done.said


def test_an_exported_stack_is_checked_and_compared(stack: Stack) -> None:
    stack.program(mail())
    stack.up()
    export = ("pulumi", "stack", "export", "--file")
    stack.run(*export, "before.json")
    stack.program(mail(dmarc=DMARC.replace("none", "reject")))
    stack.up()
    stack.run(*export, "now.json")
    assert "PHASE" not in stack.zonelint("check", "now.json").said
    done = stack.zonelint("check", "now.json", "--against", "before.json", status=1)
    assert "PHASE001" in done.said
    lacking = mail()
    del lacking["mx"], lacking["dkim2"]
    stack.program(lacking)
    stack.up()
    stack.run(*export, "now.json")
    assert "DKIM101" in stack.zonelint("check", "now.json", status=1).said
    done = stack.zonelint("check", "now.json", "--against", "before.json", status=1)
    assert "MX" in done.said


# -- at length ------------------------------------------------------------------------------------


def test_a_stack_of_1000_records(stack: Stack) -> None:
    """One fault among a thousand records blocks; what the pack takes is measured in benchmarks."""
    stack.pack()
    many = {
        f"r{n}": record(f"host{n}.example.com", "TXT", f"v=spf1 ip4:192.0.2.{n % 250} -all")
        for n in range(1000)
    }
    stack.program(mail(**many, wrong=record("wrong.example.com", "TXT", OPEN)))
    done = stack.preview(status=1)
    assert "SPF201" in done.said


# -- MailAuth by the Automation API, with the vendors' own SDKs ------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("vendor", "domain"), [("aws", "example.com"), ("cloudflare", "example.net")]
)
def test_mail_auth_deploys_a_domain_phase_by_phase(
    vendor: str, domain: str, stack: Stack, server: NameServer
) -> None:
    try:
        sdk = unpacked(vendor)
    except MissingError as error:
        pytest.skip(str(error))
    stack.pack()
    (stack.folder / "Pulumi.yaml").unlink()
    stack.environment["PYTHONPATH"] = f"{Path(__file__).resolve().parents[2]}:{sdk}"
    pack = stack.packs[0].removeprefix("--policy-pack=")
    for phase in ("none", "quarantine", "reject"):
        done = stack.run(sys.executable, "-m", "tests.hosts.mail_auth", vendor, phase, pack)
        assert "[mandatory]" not in done.said
        (dmarc,) = server.ask(f"_dmarc.{domain}", "TXT")
        assert f"p={phase}" in dmarc
        assert f"dmarc={dmarc}" in done.output
    (spf,) = server.ask(domain, "TXT")
    assert len(spf) > 255
    assert len(server.strings(domain)[0]) == 2
    for n in (1, 2):
        target = f"selector{n}-{domain.replace('.', '-')}._domainkey.contoso.onmicrosoft.com."
        assert server.ask(f"selector{n}._domainkey.{domain}", "CNAME") == [target]
    assert len(server.ask(domain, "MX")) == 1
    assert len(server.ask(f"www.{domain}", "A")) == (2 if vendor == "cloudflare" else 1)
