"""Plans of OpenTofu's own engine, judged; and what name servers answer once they are applied."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from .commands import Tofu
from .nameserver import NameServer, RecordSet
from .vendors import cloudflare_id, route53_id

SPF = "v=spf1 include:spf.protection.outlook.com -all"
DMARC = "v=DMARC1; p=none; rua=mailto:dmarc@example.com"
LONG = SPF.replace("-all", " ".join(f"ip4:11.22.33.{n}" for n in range(100, 118)) + " -all")
TARGET = "selector{}-example-com._domainkey.contoso.onmicrosoft.com"
Finding = tuple[str, str, str]

ZONE = 'resource "aws_route53_zone" "main" {\n  name = "example.com"\n}\n'
DATA = 'data "aws_route53_zone" "main" {\n  name = "example.com"\n}\n'


def hcl(text: str) -> str:
    """A text as HCL writes it."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def record(key: str, name: str, type: str, value: str, ttl: int = 3600, more: str = "") -> str:
    """A record of Route 53. value: an expression."""
    return f"""
resource "aws_route53_record" "{key}" {{
  zone_id = aws_route53_zone.main.zone_id
  name    = {hcl(name)}
  type    = "{type}"
  ttl     = {ttl}
  records = [{value}]
{more}}}
"""


def mail(**other: str | None) -> str:
    """A zone on Microsoft 365 as it should be, but for the resources that are told."""
    parts: dict[str, str | None] = {
        "zone": ZONE,
        "spf": record("spf", "example.com", "TXT", hcl(SPF)),
        "dmarc": record("dmarc", "_dmarc.example.com", "TXT", hcl(DMARC)),
        "mx": record("mx", "example.com", "MX", hcl("0 example-com.mail.protection.outlook.com")),
        **{
            f"dkim{n}": record(
                f"dkim{n}", f"selector{n}._domainkey.example.com", "CNAME", hcl(TARGET.format(n))
            )
            for n in (1, 2)
        },
        **other,
    }
    return "".join(text for text in parts.values() if text is not None)


def check(tofu: Tofu, path: Path, *words: str, fails: bool = False) -> set[Finding]:
    """What zonelint says of a plan or a zone: codes with owner and type."""
    done = tofu.zonelint("check", path, "--format", "json", *words, status=1 if fails else 0)
    told = json.loads(done.output)
    return {(each["code"], each["owner"], each["type"]) for each in told["findings"]}


def undecided(tofu: Tofu, path: Path) -> list[dict[str, object]]:
    done = tofu.zonelint("check", path, "--format", "json", status=None)
    return list(json.loads(done.output)["undecided"])


def served(tofu: Tofu, server: NameServer, zone: str = "example.com") -> set[Finding]:
    """The same of the zone as it is served; its name server's own name lies in no plan."""
    path = server.write_zone(zone, tofu.folder.parent / f"{zone}.zone")
    done = tofu.zonelint("check", path, "--format", "json", status=None)
    told = json.loads(done.output)["findings"]
    return {(e["code"], e["owner"], e["type"]) for e in told if e["owner"] != f"ns.{zone}."}


def is_settled(tofu: Tofu) -> bool:
    """Whether another plan finds nothing to do: what was written is what is read back."""
    done = tofu.run("tofu", "plan", "-detailed-exitcode", status=None)
    assert done.status in (0, 2), done.said
    return done.status == 0


# -- what is judged is what is served -------------------------------------------------------------


def test_what_a_plan_creates_is_judged_and_served(tofu: Tofu, server: NameServer) -> None:
    tofu.program(mail())
    judged = check(tofu, tofu.plan())
    tofu.apply()
    assert server.ask("example.com", "TXT") == [SPF]
    assert server.ask("_dmarc.example.com", "TXT") == [DMARC]
    assert server.ask("selector2._domainkey.example.com", "CNAME") == [TARGET.format(2) + "."]
    assert served(tofu, server) == judged
    assert is_settled(tofu)


FAULTS = {
    "open": {"spf": record("spf", "example.com", "TXT", hcl("v=spf1 mx +all"))},
    "twice": {"spf": record("spf", "example.com", "TXT", f"{hcl(SPF)}, {hcl('v=spf1 -all')}")},
    "no policy": {"dmarc": None},
    "no underscore": {
        "dkim1": record("dkim1", "selector1.domainkey.example.com", "CNAME", hcl(TARGET.format(1)))
    },
    "two selectors at one": {
        "dkim2": record("dkim2", "selector2._domainkey", "CNAME", hcl(TARGET.format(1)))
    },
    "strings that join without a blank": {
        "spf": record("spf", "example.com", "TXT", hcl(SPF.replace(" -all", '""-all')))
    },
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_a_plan_is_the_fault_of_what_is_served(
    fault: str, tofu: Tofu, server: NameServer
) -> None:
    tofu.program(mail(**FAULTS[fault]))
    judged = check(tofu, tofu.plan(), fails=True)
    tofu.apply()
    assert served(tofu, server) == judged


# -- what is proposed, written into the program ----------------------------------------------------

MENDED = {
    "open": ("SPF201", "v=spf1 include:spf.protection.outlook.com +all"),
    "long": ("SPF010", LONG),
    "neutral": ("SPF202", "v=spf1 include:spf.protection.outlook.com ?all"),
    "dash": ("SPF004", SPF.replace("-all", "–all")),
    "semicolon": ("DMARC001", "v=DMARC1; p=none rua=mailto:dmarc@example.com"),
}


def proposals(tofu: Tofu, plan: Path) -> dict[str, str]:
    """The text that each finding with a proposal would write, by code, as Route 53 takes it."""
    told = tofu.zonelint("check", plan, status=None).output
    found, code = {}, ""
    for line in told.splitlines():
        words = line.split()
        if len(words) > 2 and words[1] in ("error", "warning", "info"):
            code = words[2]
        elif line.startswith("    + ") and " TXT " in line:
            found[code] = json.loads(line.partition(" TXT ")[2])  # as HCL writes it
    return found


@pytest.mark.parametrize("fault", MENDED)
def test_a_proposal_in_the_program_leaves_no_difference(
    fault: str, tofu: Tofu, server: NameServer
) -> None:
    """Written as it is proposed, applied, planned again: nothing to do, and nothing to find."""
    code, text = MENDED[fault]
    at = "dmarc" if text.startswith("v=DMARC1") else "spf"
    name = "_dmarc.example.com" if at == "dmarc" else "example.com"
    tofu.program(mail(**{at: record(at, name, "TXT", hcl(text))}))
    plan = tofu.plan()
    mended = proposals(tofu, plan)[code]
    tofu.program(mail(**{at: record(at, name, "TXT", hcl(mended))}))
    again = tofu.plan()
    assert code not in {each for each, *_ in check(tofu, again)}
    tofu.apply()
    assert is_settled(tofu)
    assert server.ask(name, "TXT") == [mended.replace('""', "")]


def test_route_53_would_refuse_what_is_found_too_long(tofu: Tofu, server: NameServer) -> None:
    tofu.program(mail(spf=record("spf", "example.com", "TXT", hcl(LONG))))
    assert ("SPF010", "example.com.", "TXT") in check(tofu, tofu.plan(), fails=True)
    assert "CharacterStringTooLong" in tofu.apply(status=1).said
    assert server.ask("example.com", "TXT") == []


def test_cloudflare_takes_long_texts_and_answers_for_proxied_names(
    tofu: Tofu, server: NameServer
) -> None:
    head = f'zone_id = "{cloudflare_id("example.net")}"\n  ttl = 3600\n'
    tofu.program(f"""
resource "cloudflare_dns_record" "spf" {{
  {head}  name = "example.net"
  type = "TXT"
  content = {hcl(LONG)}
}}
resource "cloudflare_dns_record" "mx" {{
  {head}  name = "@"
  type = "MX"
  priority = 0
  content = "example-net.mail.protection.outlook.com"
}}
""")
    (tofu.folder / "zonelint.toml").write_text(
        f'[resources.zones]\n"{cloudflare_id("example.net")}" = "example.net"\n'
    )
    judged = check(tofu, tofu.plan(), "--min-severity", "error")
    assert "SPF010" not in {code for code, *_ in judged}
    tofu.apply()
    assert server.ask("example.net", "TXT") == [LONG]
    assert [len(string) for string in server.strings("example.net")[0]][:1] == [255]
    assert is_settled(tofu)


def test_the_plan_of_the_example_is_the_engine_s(tofu: Tofu) -> None:
    example = Path(__file__).resolve().parents[2] / "examples" / "terraform"
    text = (example / "main.tf").read_text()
    (tofu.folder / "main.tf").write_text(text.replace("p=reject", "p=none"))
    tofu.plan()
    tofu.apply()
    (tofu.folder / "main.tf").write_text(text)
    for name in ("plan.json", "zonelint.toml"):
        shutil.copy(example / name, tofu.folder / name)
    kept = check(tofu, tofu.folder / "plan.json", fails=True)
    assert check(tofu, tofu.plan(), fails=True) == kept


# -- changes --------------------------------------------------------------------------------------


@pytest.fixture
def deployed(tofu: Tofu) -> Tofu:
    tofu.program(mail())
    tofu.plan()
    tofu.apply()
    return tofu


def test_an_update_in_place_is_judged_by_what_was_there(deployed: Tofu, server: NameServer) -> None:
    policy = hcl(DMARC.replace("none", "reject"))
    deployed.program(mail(dmarc=record("dmarc", "_dmarc.example.com", "TXT", policy)))
    for words in ((), ("-refresh=false",), ("-target", "aws_route53_record.dmarc")):
        plan = deployed.plan(*words)
        assert ("PHASE001", "_dmarc.example.com.", "TXT") in check(deployed, plan, fails=True)
    deployed.apply()
    assert server.ask("_dmarc.example.com", "TXT") == [DMARC.replace("none", "reject")]


def test_a_change_that_others_made_is_seen_unless_it_is_not_refreshed(
    deployed: Tofu, server: NameServer
) -> None:
    """Somebody moved on to quarantine by hand; reject comes from there, or from none."""
    hand = DMARC.replace("none", "quarantine")
    server.put(RecordSet("example.com", "_dmarc.example.com.", "TXT", 3600, (f'"{hand}"',)))
    policy = hcl(DMARC.replace("none", "reject"))
    deployed.program(mail(dmarc=record("dmarc", "_dmarc.example.com", "TXT", policy)))
    assert "PHASE001" not in {code for code, *_ in check(deployed, deployed.plan())}
    plan = deployed.plan("-refresh=false")
    assert "PHASE001" in {code for code, *_ in check(deployed, plan, fails=True)}


def test_a_replaced_record_is_judged_under_its_new_name(deployed: Tofu, server: NameServer) -> None:
    wrong = record("dkim2", "selector2.domainkey.example.com", "CNAME", hcl(TARGET.format(2)))
    deployed.program(mail(dkim2=wrong))
    judged = check(deployed, deployed.plan(), fails=True)
    assert "selector2.domainkey.example.com." in {owner for _, owner, _ in judged}
    deployed.apply()
    assert server.ask("selector2._domainkey.example.com", "CNAME") == []
    assert served(deployed, server) <= judged


def test_what_is_deleted_is_told(deployed: Tofu, server: NameServer) -> None:
    deployed.program(mail(dmarc=None))
    judged = check(deployed, deployed.plan(), fails=True)
    assert ("PHASE002", "_dmarc.example.com.", "TXT") in judged
    deployed.apply()
    assert server.ask("_dmarc.example.com", "TXT") == []


def test_the_end_of_everything_is_told(deployed: Tofu, server: NameServer) -> None:
    judged = check(deployed, deployed.plan("-destroy"), fails=True)
    assert {"PHASE002", "PHASE008"} <= {code for code, *_ in judged}
    deployed.apply()
    assert server.ask("example.com", "TXT") == server.ask("example.com", "MX") == []


def test_a_targeted_plan_makes_nothing_missing(tofu: Tofu, server: NameServer) -> None:
    """Before the first apply a plan with -target holds its targets only: the rest is not absent."""
    tofu.program(mail())
    judged = check(tofu, tofu.plan("-target", "aws_route53_record.spf"))
    assert not {code for code, *_ in judged} & {"DKIM101", "DMARC101"}
    tofu.apply()
    assert server.ask("example.com", "TXT") == [SPF]
    assert server.ask("_dmarc.example.com", "TXT") == []


def test_a_record_that_is_moved_is_the_record_that_it_was(deployed: Tofu) -> None:
    before = check(deployed, deployed.plan())
    moved = "moved {\n  from = aws_route53_record.spf\n  to   = aws_route53_record.sender\n}\n"
    deployed.program(mail(spf=record("sender", "example.com", "TXT", hcl(SPF))) + moved)
    assert check(deployed, deployed.plan()) == before
    assert "0 to add" in deployed.apply().said or "0 added" in deployed.ran[-1].said


def test_a_record_that_is_imported_is_judged(tofu: Tofu, server: NameServer) -> None:
    hand = RecordSet("example.com", "example.com.", "TXT", 3600, ('"v=spf1 mx +all"',))
    server.put(hand)
    id = f"{route53_id('example.com')}_example.com_TXT"
    block = f'import {{\n  to = aws_route53_record.spf\n  id = "{id}"\n}}\n'
    found = ("SPF201", "example.com.", "TXT")
    tofu.program(mail(spf=record("spf", "example.com", "TXT", hcl("v=spf1 mx +all"))) + block)
    assert found in check(tofu, tofu.plan(), fails=True)
    tofu.program(mail() + block)
    assert found not in check(tofu, tofu.plan())
    tofu.apply()
    assert server.ask("example.com", "TXT") == [SPF]


# -- how programs are written ---------------------------------------------------------------------

TABLE = """
locals {{
  records = {{
    spf   = {{ name = "example.com", type = "TXT", values = [{spf}] }}
    dmarc = {{ name = "_dmarc.example.com", type = "TXT", values = [{dmarc}] }}
    mx    = {{ name = "example.com", type = "MX",
               values = ["0 example-com.mail.protection.outlook.com"] }}
  }}
}}
resource "aws_route53_record" "each" {{
  for_each = local.records
  zone_id  = {zone}.zone_id
  name     = each.value.name
  type     = each.value.type
  ttl      = 3600
  records  = each.value.values
}}
resource "aws_route53_record" "dkim" {{
  count   = 2
  zone_id = {zone}.zone_id
  name    = "selector${{count.index + 1}}._domainkey.example.com"
  type    = "CNAME"
  ttl     = 3600
  records = ["selector${{count.index + 1}}-example-com._domainkey.contoso.onmicrosoft.com"]
}}
"""


@pytest.mark.parametrize("spf", [SPF, "v=spf1 mx +all"], ids=["sound", "open"])
@pytest.mark.parametrize("form", ["tables", "module", "data source"])
def test_the_form_of_a_program_does_not_matter(
    form: str, spf: str, tofu: Tofu, server: NameServer
) -> None:
    fails = spf != SPF
    tofu.program(mail(spf=record("spf", "example.com", "TXT", hcl(spf))))
    plain = check(tofu, tofu.plan(), fails=fails)
    zone = "data.aws_route53_zone.main" if form == "data source" else "aws_route53_zone.main"
    text = TABLE.format(spf=hcl(spf), dmarc=hcl(DMARC), zone=zone)
    if form == "module":
        tofu.program(ZONE + text, "mail/main.tf")
        tofu.program('module "mail" {\n  source = "./mail"\n}\n')
        tofu.run("tofu", "get")
    else:
        tofu.program((DATA if form == "data source" else ZONE) + text)
    plan = tofu.plan()
    judged = check(tofu, plan, fails=fails)
    if form == "data source":  # the stack does not hold the whole zone: nothing is surely absent
        assert judged <= plain
        assert ("SPF201", "example.com.", "TXT") in judged or not fails
    else:
        assert judged == plain
    tofu.apply()
    assert server.ask("example.com", "TXT") == [spf]


def test_a_sensitive_value_is_judged_and_not_shown(tofu: Tofu, server: NameServer) -> None:
    token = "tok3n-4f1d0c"
    text = f"v=spf1 exists:%{{i}}.{token}.test +all"
    head = f'variable "spf" {{\n  sensitive = true\n  default   = {hcl(text)}\n}}\n'
    tofu.program(head + mail(spf=record("spf", "example.com", "TXT", "var.spf")))
    plan = tofu.plan()
    assert token in plan.read_text()  # the plan itself hides nothing
    for words in ((), ("--format", "json"), ("--format", "sarif")):
        done = tofu.zonelint("check", plan, *words, status=1)
        assert "SPF201" in done.said
        assert token not in done.said
    tofu.apply()
    assert server.ask("example.com", "TXT") == [text]


@pytest.mark.parametrize("what", ["text", "name"])
def test_a_value_that_is_known_after_the_change_is_undecided(
    what: str, tofu: Tofu, server: NameServer
) -> None:
    other = record("other", "other.example.com", "A", hcl("192.0.2.1"))
    fqdn = "${aws_route53_record.other.fqdn}"
    if what == "text":
        late = record("spf", "example.com", "TXT", f'"v=spf1 exists:{fqdn} +all"')
    else:
        late = record("spf", "X", "TXT", hcl("v=spf1 mx +all")).replace('"X"', f'"{fqdn}"')
    tofu.program(mail(spf=late, other=other))
    plan = tofu.plan()
    told = json.dumps(undecided(tofu, plan))
    assert "aws_route53_record.spf" in told
    tofu.apply()
    again = check(tofu, tofu.plan(), fails=True)
    owner = "example.com." if what == "text" else "other.example.com."
    assert ("SPF201", owner, "TXT") in again
