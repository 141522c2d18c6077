"""What hosts do follows from what rules and changes say of themselves, never from a code.

A rule package is installed; octoDNS's apply, Pulumi's remediation and `propose` offer its changes,
each by their role and ground. Its rules have a say in `status`, in `--against`, in `triage` and in
Pulumi's MailAuth, each by what it declares.
"""

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from tests.providers.pulumi import analyzer_client
from zonelint.grammars.masterfile import reader as masterfile
from zonelint.grammars.zone import Zone
from zonelint.lsp.whereabouts import place_of
from zonelint.main import zonelint
from zonelint.providers.pulumi.declaration import Declaration, DeclarationError, records_for
from zonelint.rules.core import registry
from zonelint.rules.core.change import Change, Edit, Ground, Role
from zonelint.rules.core.finding import Finding, Found, Severity
from zonelint.rules.core.rule import Needs, Rule, rule
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


SAYING = '''
from zonelint.rules.finding import Severity
from zonelint.rules.rule import Needs, Step, Tells, rule
from zonelint.rules.subjects import Dmarc, MailZone, Spf


@rule("HOME011", "home-term", Severity.WARNING, on=Spf, section="house rules", step=Step.SPF,
      explains=["spf"], tells=Tells.IGNORED)
def term(spf):
    """A term that the house does not use."""
    if "home.example" in spf.value:
        yield spf.whole("The house does not use `home.example`", "Leave it out.")


@rule("HOME012", "home-two", Severity.ERROR, on=MailZone, needs=Needs.ZONE, section="house rules")
def two(zone):
    """Two texts at the domain."""
    for record in zone.zone.get(zone.origin, "TXT").records[1:]:
        yield zone.at(record, "A second text at the domain", "Leave it out.")


@rule("HOME013", "home-gone", Severity.WARNING, on=MailZone, needs=Needs.CHANGE, tells=Tells.WEAKER,
      section="house rules")
def gone(zone):
    """A zone of the house has less than before."""
    return ()


@rule("HOME014", "home-wait", Severity.INFO, on=MailZone, needs=Needs.ZONE, section="house rules",
      about=Dmarc)
def wait(zone):
    """What the house has yet to say."""
    yield zone.unknown(zone.origin, "what the house says")
'''


@pytest.fixture
def saying(monkeypatch):
    """The rules of the house, beside ours in this process."""
    module = ModuleType("home_saying")
    exec(SAYING, module.__dict__)
    house = [each for each in vars(module).values() if isinstance(each, Rule)]
    known = (*registry.rules(), *house)
    monkeypatch.setattr(registry, "rules", lambda: known)


ZONE = """\
$ORIGIN example.com.
$TTL 3600
@ SOA ns1.example.net. hostmaster 1 7200 900 1209600 300
@ NS ns1.example.net.
@ MX 10 mail
mail A 198.18.0.25
@ TXT "v=spf1 mx a:home.example -all"
_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"
"""


def told(*words, stdin=None):
    done = CliRunner().invoke(zonelint, words, input=stdin)
    return json.loads(done.stdout)


@pytest.mark.usefixtures("saying")
def test_a_rule_says_which_step_of_status_it_judges(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.com.zone").write_text(ZONE)
    (domain,) = told("status", "--format", "json")["domains"]
    whys = [each["why"] for each in domain["steps"]]
    assert whys[0] == "HOME011: The house does not use `home.example`"
    assert not any("HOME" in why for why in whys[1:])


@pytest.mark.usefixtures("saying")
@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"spf_terms": ["a:home.example"]}, "HOME011, spf: The house does not use"),
        ({"apex_txt": ["some text"]}, "HOME012, spf: A second text"),
        ({"spf_terms": [f"include:{n}.example.net" for n in range(12)]}, "SPF101, spf: "),
    ],
)
def test_what_rules_find_in_a_declaration_is_refused(declared, said):
    with pytest.raises(DeclarationError, match=said):
        records_for(Declaration("example.com", **declared))


@pytest.mark.usefixtures("saying")
def test_a_zone_that_goes_is_undecided_to_each_rule_that_tells_what_is_weaker(tmp_path):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "example.net.zone").write_text(
            ZONE.replace("example.com", "example.net")
        )
    (tmp_path / "old" / "example.com.zone").write_text(ZONE)
    sides = [str(tmp_path / "new"), "--against", str(tmp_path / "old")]
    report = told("check", *sides, "--select", "HOME013", "--format", "json")
    said = [(each["code"], each["owner"]) for each in report["undecided"]]
    assert said == [("PHASE002", "example.com."), ("HOME013", "example.com.")]


@pytest.mark.usefixtures("saying")
def test_a_rule_says_what_of_bounces_it_can_be_behind(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.com.zone").write_text(ZONE)
    bounce = "550 5.7.27 SPF did not pass, google.com"
    said = told("triage", "-", "--domain", "example.com", "--format", "json", stdin=bounce)
    by_cause = {c["id"]: {f["code"] for f in c["findings"]} for c in said["causes"]}
    assert "HOME011" in by_cause["spf"]


@pytest.mark.usefixtures("saying")
def test_what_a_rule_waits_for_is_shown_at_the_record_that_it_is_about():
    zone = masterfile.read(ZONE, "example.com.zone", "example.com.")
    (wait,) = (each for each in registry.rules() if each.code == "HOME014")
    assert place_of(zone, "example.com.", wait, ("what the house says",)).line == 8


# -- no code as a condition ------------------------------------------------------------------------

A_CODE = re.compile("({})[0-9]{{1,3}}".format("|".join({rule.family for rule in registry.rules()})))
A_FAMILY = re.compile(A_CODE.pattern.replace("{1,3}", "{0,3}"))
NAMES = {rule.name for rule in registry.rules()}
MAY_ASK = re.compile(rf"{A_CODE.pattern}|\bcode\b|\.family\b|\.name (==|in)")
SHOWN = {
    "lint/commands/shared.py": {"rule.code.startswith"},  # completes what is typed so far
    "lint/formats/sarif.py": {"rule.family"},  # a tag that is shown
    "providers/octodns/yaml/options.py": {"code.startswith"},  # what a configuration names
}


def conditions(source):
    """What of a module asks for the code, the letters or the name of a rule.

    A code, or the beginning of one, is no word of its own anywhere; the letters alone, which may be
    a type of DNS, are compared with no code, and no code is asked how it begins.
    """
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str(text)) if A_CODE.fullmatch(text):
                yield text
            case ast.Attribute(
                attr="family", value=ast.Name(id="rule") | ast.Attribute(attr="rule")
            ):
                yield ast.unparse(node)
            case ast.Attribute(attr="startswith" | "removeprefix", value=value) if is_code(value):
                yield ast.unparse(node)
            case ast.Compare(left=left, comparators=others):
                yield from compared([left, *others])
            case ast.Match(subject=subject) if is_code(subject):
                yield ast.unparse(subject)


def is_code(node):
    """Whether an expression has a code, or a piece of one."""
    return any(
        (isinstance(each, ast.Attribute) and each.attr == "code")
        or (isinstance(each, ast.Name) and each.id == "code")
        for each in ast.walk(node)
    )


def compared(sides):
    texts = [n.value for s in sides for n in ast.walk(s)
             if isinstance(n, ast.Constant) and isinstance(n.value, str)]  # fmt: skip
    yield from (text for text in texts if text in NAMES)
    if any(map(is_code, sides)):
        yield from (text for text in texts if A_FAMILY.fullmatch(text))


@pytest.mark.parametrize(
    "source",
    [
        'if finding.code == "SPF201": pass',
        'if finding.code in {"DMARC010", "SPF205"}: pass',
        'OURS = ("SPF0", "DKIM102")',
        'OURS = {"PHASE002": 1}',
        "if code.startswith(letters): pass",
        'if each.code.startswith(("DMARC", "PHASE")): pass',
        'if each.code[:4] == "DKIM": pass',
        'if "MX" in each.code: pass',
        "where = LABELS.get(rule.family)",
        "where = LABELS.get(finding.rule.family)",
        'if rule.name == "spf-pass-all": pass',
        "match rule.code:\n    case _: pass",
    ],
)
def test_every_form_of_a_code_as_a_condition_is_seen(source):
    assert list(conditions(source))


@pytest.mark.parametrize(
    "source",
    [
        'if record.type == "MX": pass',
        '"""Comments such as `# noqa: SPF203`."""',
        'help="see PHASE009"',
    ],
)
def test_what_is_no_condition_is_left_alone(source):
    assert not list(conditions(source))


def test_no_code_of_a_rule_decides_in_providers_or_lint():
    found = {}
    for path in (each for floor in ("providers", "lint") for each in (ROOT / floor).rglob("*.py")):
        source = path.read_text("utf-8")
        if MAY_ASK.search(source) and (seen := set(conditions(source))):
            found[str(path.relative_to(ROOT))] = seen
    assert found == SHOWN


def test_no_code_of_a_rule_stands_in_the_data_of_providers_or_lint():
    data = [
        path
        for floor in ("providers", "lint")
        for path in (ROOT / floor).rglob("*")
        if path.suffix in {".toml", ".json", ".txt", ".lark"}
    ]
    assert data
    code = re.compile(rf"\b{A_CODE.pattern}\b".replace("{1,3}", "{3}"))
    assert [str(path) for path in data if code.search(path.read_text("utf-8"))] == []
