"""Who may make a change without a person follows from its role and its ground, never from a code.

A rule package of three rules is installed; octoDNS's apply, Pulumi's remediation and `propose`
offer its changes, each by what the changes say of themselves.
"""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.providers.pulumi import analyzer_client
from zonelint.grammars.zone import Zone
from zonelint.rules.core.change import Change, Edit, Ground, Role
from zonelint.rules.core.finding import Finding, Found, Severity
from zonelint.rules.core.rule import Needs, rule
from zonelint.rules.model.subjects import MailZone

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = Path(sys.executable).parent

PACKAGE = '''
from zonelint.rules.change import Ground, Role, add
from zonelint.rules.finding import Severity
from zonelint.rules.rule import Fix, Needs, rule
from zonelint.rules.subjects import MailZone, Spf


@rule("HOME001", "home-blanks", Severity.WARNING, on=Spf, fix=Fix.SAFE, section="house rules",
      role=Role.MENDS)
def blanks(spf):
    """Two blanks."""
    if "  " in spf.value:
        text = spf.value.replace("  ", " ")
        yield spf.whole("Two blanks", change=spf.rewrite(text, "one blank", safe=True))


@rule("HOME002", "home-record", Severity.WARNING, on=MailZone, fix=Fix.PROPOSAL,
      needs=Needs.ZONE | Needs.INTENT, section="house rules")
def record(zone):
    """A record is missing."""
    yield from _missing(zone, "_home")


@rule("HOME003", "home-report", Severity.WARNING, on=MailZone, fix=Fix.PROPOSAL,
      needs=Needs.ZONE, section="house rules", ground=Ground.REPORTS)
def report(zone):
    """Another record is missing, as the reports say."""
    yield from _missing(zone, "_report")


def _missing(zone, label):
    owner = f"{label}.{zone.origin}"
    if zone.zone.get(owner, "TXT") is None:
        change = add(owner, "TXT", '"home"', "house rules")
        yield zone.missing(owner, "TXT", "A record is missing", change=change)
'''
DECLARED = '[domains."example.com"]\nprofile = "sending"\n'
SPF = "v=spf1  mx -all"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Variables of an environment in which the package is installed beside zonelint."""
    target = tmp_path_factory.mktemp("target")
    (target / "home_rules.py").write_text(PACKAGE)
    info = target / "home_rules-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: home-rules\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[zonelint.rules]\nhome = home_rules\n")
    return {"PYTHONPATH": str(target), "NO_COLOR": "1"}


def run(folder, home, *command):
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **home}, capture_output=True, text=True
    )


def test_propose_takes_what_is_declared_and_what_mends(home, tmp_path):
    (tmp_path / "zonelint.toml").write_text(DECLARED)
    (tmp_path / "example.com.zone").write_text(f'$TTL 3600\n@ TXT "{SPF}"\n')
    done = run(tmp_path, home, COMMANDS / "zonelint", "propose", "--format", "json", "example.com")
    shown = {each["owner"]: each["after"] for each in json.loads(done.stdout)["proposals"]}
    assert shown["_home.example.com."] == ['"home"']
    assert shown["_report.example.com."] == ['"home"']
    assert shown["example.com."] == ['"v=spf1 mx -all"']


OCTODNS = """
providers:
  config: {class: octodns.provider.yaml.YamlProvider, directory: ./zones, escaped_semicolons: false}
  out: {class: octodns.provider.yaml.YamlProvider, directory: ./out, escaped_semicolons: false}
processors:
  mail:
    class: zonelint.providers.octodns.MailAuthProcessor
    config: zonelint.toml
    mode: apply
zones:
  example.com.: {sources: [config], processors: [mail], targets: [out]}
"""


def test_apply_deploys_what_is_declared_and_nothing_that_reports_say(home, tmp_path):
    (tmp_path / "zonelint.toml").write_text(DECLARED)
    (tmp_path / "octodns.yaml").write_text(OCTODNS)
    (tmp_path / "zones").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "zones" / "example.com.yaml").write_text(f"'':\n  type: TXT\n  value: {SPF}\n")
    done = run(
        tmp_path, home, COMMANDS / "octodns-sync", "--config-file=octodns.yaml", "--doit", "--force"
    )
    assert done.returncode == 0, done.stderr
    deployed = (tmp_path / "out" / "example.com.yaml").read_text()
    assert "_home" in deployed
    assert "_report" not in deployed
    assert SPF in deployed


def test_remediation_takes_what_is_safe_whatever_is_beside_it(home, monkeypatch):
    monkeypatch.setitem(analyzer_client.ENVIRONMENT, "PYTHONPATH", home["PYTHONPATH"])
    record = {"zoneId": "Z1", "name": "example.com", "type": "TXT", "ttl": 3600, "records": [SPF]}
    with analyzer_client.analyzer(ROOT / "examples" / "pulumi-policy-pack") as pulumi:
        after = pulumi.remediate("aws:route53/record:Record", record)
    assert after == {**record, "records": ["v=spf1 mx -all"]}


def finding(change, **said):
    @rule("HOME009", "home", Severity.INFO, on=MailZone, section="", **said)
    def check(zone):
        return ()

    zone = Zone("example.com.", "example.com.zone")
    where = MailZone.__new__(MailZone)
    where.zone = where.written = zone
    return Finding(check, Severity.INFO, Found("a.", "TXT", where.near("a."), "", change=change))


def test_a_change_says_what_it_is_or_its_rule_does_or_its_edits_do():
    added = Change((Edit("a.", "TXT", None, "b"),), "")
    assert finding(added).role is Role.SUPPLIES
    assert finding(added, role=Role.MENDS).role is Role.MENDS
    own = Change(added.edits, "", role=Role.NEEDS_ZONE, ground=Ground.INFERRED)
    assert finding(own, role=Role.MENDS, ground=Ground.TEXT).role is Role.NEEDS_ZONE
    assert finding(own, role=Role.MENDS, ground=Ground.TEXT).ground is Ground.INFERRED
    assert finding(None).role is finding(None).ground is None


@pytest.mark.parametrize(
    ("needs", "ground"),
    [
        (Needs.TEXT, Ground.TEXT),
        (Needs.ZONE | Needs.INTENT, Ground.DECLARED),
        (Needs.REPORTS | Needs.INTENT, Ground.REPORTS),
    ],
)
def test_the_ground_is_what_the_rule_needs(needs, ground):
    assert finding(Change((), ""), needs=needs, role=Role.MENDS).ground is ground


# Where a code still decides something, and why.
CODES = {
    "lint/changes/against.py": "a zone that is gone is undecided as a weakened one",
    "lint/standing/glance.py": "the checklist names the rules that judge each of its steps",
    "providers/pulumi/declaration.py": "warnings that refuse what was just declared",
    "providers/pulumi/judging.py": "what could not be read",
    "providers/resources/wording.py": "messages that show no secret",
}
A_CODE = re.compile(r"(SPF|DMARC|DKIM|PHASE|MX|STS|TLSRPT|DANE|BIMI|PARK|ZONE|NOQA)[0-9]{3}")


def test_no_code_of_a_rule_decides_in_providers_or_lint():
    found = set()
    for floor in ("providers", "lint"):
        for path in (ROOT / floor).rglob("*.py"):
            tree = ast.parse(path.read_text("utf-8"))
            if any(
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and A_CODE.fullmatch(node.value)
                for node in ast.walk(tree)
            ):
                found.add(str(path.relative_to(ROOT)))
    assert found == set(CODES)
