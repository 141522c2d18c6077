"""The one loader: what holds for a zone, wherever a run is started and whatever else it reads."""

import ast
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from zonelint.grammars.zone import Zone
from zonelint.main import zonelint
from zonelint.providers.project.buffers import Buffers
from zonelint.providers.project.commit import commit
from zonelint.providers.project.index import known_beside
from zonelint.providers.project.project import Project, identity_of
from zonelint.providers.project.refused import ConfigRefused
from zonelint.rules.config import intent

ROOT = Path(__file__).resolve().parents[2]
HEAD = """$ORIGIN {name}.
$TTL 3600
@ IN SOA ns1.dns.example. h.example. 1 7200 900 1209600 3600
@ IN NS ns1.dns.example.
"""
MAIL = '@ IN MX 10 mx.dns.example.\n@ IN TXT "v=spf1 -all"\n'


def zone(name: str, *more: str) -> str:
    return HEAD.format(name=name) + "".join(f"{line}\n" for line in more)


def write(path: str, text: str) -> Path:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def git(*words: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    subprocess.run(["git", *identity, *words], check=True, capture_output=True)


def findings(*arguments: str) -> list[dict[str, Any]]:
    done = CliRunner().invoke(zonelint, ["check", "--format", "json", *arguments])
    assert done.exit_code in (0, 1), done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return found


def codes(*arguments: str) -> set[tuple[str, str]]:
    return {(each["code"], each["owner"]) for each in findings(*arguments)}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# -- who makes what holds --------------------------------------------------------------------------

MAKERS = {
    "zonelint.rules.config.intent": {"Intent", "load", "load_table"},
    "zonelint.rules.core.selection": {"Selection"},
    "zonelint.rules.core.baseline": {"Baseline", "Baseline.of", "parse"},
    "zonelint.rules.model.lock": {"Lock", "parse"},
    "zonelint.rules.evidence.evidence": {"Evidence", "EvidenceBuilder"},
    "zonelint.providers.reports.reader": {"read"},
    "zonelint.providers.project.configuration": {
        "Configuration", "parse", "read", "read_baseline", "read_lock", "read_reports",
    },
}  # fmt: skip
"""What makes an intent, a selection, a baseline, a lock, evidence; and what reads their files."""

NOT_WHAT_HOLDS = {
    ("lint/commands/init.py", "providers.project.configuration.parse"),
    ("lint/commands/lock.py", "providers.project.configuration.read_lock"),
    ("lint/commands/lock.py", "rules.model.lock.Lock"),
    ("lint/commands/reporting.py", "rules.core.baseline.Baseline.of"),
    ("lint/lsp/settings.py", "providers.project.configuration.read"),
    ("lint/lsp/settings.py", "providers.project.configuration.read_lock"),
    ("lint/run/evidence.py", "providers.project.configuration.read_reports"),
    ("lint/run/online.py", "rules.model.lock.Lock"),
    ("providers/lock.py", "rules.model.lock.Lock"),
    ("providers/reports/reader.py", "rules.evidence.evidence.EvidenceBuilder"),
}
"""Where one is made that no zone is held to as it stands: what `init`, `lock` and --write-baseline
write, what DNS answers, the faults of an open file; and the reports, which a run gives to Project.
"""


def _package_of(path: Path, level: int) -> str:
    """The package that a relative import of a module starts from; "" for one that is not."""
    parts = ("zonelint", *path.relative_to(ROOT).parts[:-1])
    return ".".join(parts[: len(parts) - level + 1]) if level else ""


def makers_used(path: Path) -> set[str]:
    return makers_in(path.read_text(), path)


def makers_in(text: str, path: Path) -> set[str]:
    """The makers that a module calls or hands on, however it imports them."""
    modules: dict[str, str] = {}
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            source = ".".join(filter(None, (_package_of(path, node.level), node.module)))
            modules |= {each.asname or each.name: f"{source}.{each.name}" for each in node.names}
    makers = {f"{module}.{name}" for module, names in MAKERS.items() for name in names}
    found = set()
    for node in ast.walk(tree):
        called = [node.func, *node.args] if isinstance(node, ast.Call) else []
        for each in called:
            first, dot, rest = ast.unparse(each).partition(".")
            if (whole := modules.get(first, "") + dot + rest) in makers:
                found.add(whole)
    return found


def test_only_the_project_makes_what_holds() -> None:
    elsewhere = {
        (str(path.relative_to(ROOT)), maker.removeprefix("zonelint."))
        for floor in ("lint", "providers", "rules", "grammars")
        for path in sorted((ROOT / floor).rglob("*.py"))
        if not path.is_relative_to(ROOT / "providers" / "project")
        for maker in makers_used(path)
    }
    assert elsewhere == NOT_WHAT_HOLDS
    used = makers_used(ROOT / "providers/project/configuration.py")
    used |= makers_used(ROOT / "providers/project/project.py")
    assert {each.rpartition(".")[0] for each in used} >= MAKERS.keys() - {
        "zonelint.rules.evidence.evidence"
    }


@pytest.mark.parametrize(
    "text",
    [
        "from zonelint.rules.config.intent import load\nload('')",
        "from zonelint.rules.config import intent as held\nheld.load_table({})",
        "import zonelint.rules.core.baseline as b\nb.Baseline.of([])",
        "from ..rules.model.lock import Lock\nx = list(map(Lock, []))",
        "def f():\n    from zonelint.providers.project import configuration as c\n    c.read('x')",
    ],
)
def test_a_maker_is_found_however_it_is_imported(text: str) -> None:
    path = ROOT / "providers" / "never_written.py"
    assert len(makers_in(text, path)) == 1


# -- which configuration holds ---------------------------------------------------------------------


def two_configurations() -> None:
    write("a/zonelint.toml", 'select = ["BIMI"]\n')
    write("a/zones/example.com.zone", zone("example.com", '@ TXT "v=spf1 +all"'))
    write("b/zonelint.toml", '[domains."example.net"]\nsenders = ["microsoft365"]\n')
    write("b/zones/example.net.zone", zone("example.net") + MAIL)


def test_together_zones_are_held_to_what_each_is_held_to_alone() -> None:
    two_configurations()
    alone = codes("a") | codes("b")
    assert ("SPF210", "example.net.") in alone
    assert not any(owner == "example.com." for _, owner in alone)
    for paths in (("a", "b"), ("b", "a"), (".",), ("a/zones/example.com.zone", "b/zones")):
        assert codes(*paths) == alone, paths


def test_the_working_directory_changes_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two_configurations()
    alone = codes(str(here))
    for folder in ("a", "b/zones", "/"):
        monkeypatch.chdir(folder)
        assert codes(str(here)) == alone, folder
        monkeypatch.chdir(here)


TERRAFORM = """
resource "aws_route53_zone" "z" { name = "example.edu" }
resource "aws_route53_record" "spf" {
  zone_id = aws_route53_zone.z.zone_id
  name    = "example.edu"
  type    = "TXT"
  ttl     = 3600
  records = ["v=spf1 ip4:192.0.2.7/24 include:example.com +all"]
}
"""


TEMPLATE = """\
Resources:
  Spf:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneName: example.cloud.
      Name: example.cloud.
      Type: TXT
      TTL: '300'
      ResourceRecords: ['"v=spf1 +all"']
"""
PLAN = json.dumps(
    {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "resource_changes": [
            {
                "address": "aws_route53_record.spf",
                "mode": "managed",
                "type": "aws_route53_record",
                "name": "spf",
                "provider_name": "registry.terraform.io/hashicorp/aws",
                "change": {
                    "actions": ["create"],
                    "before": None,
                    "after_unknown": {},
                    "after": {
                        "zone_id": "Z1", "name": "example.plan", "type": "TXT", "ttl": 300,
                        "records": ["v=spf1 +all"],
                    },
                },
            }
        ],
    }
)  # fmt: skip


def repository() -> None:
    """Zones of every kind, two configurations, a file that is included from beside the zones."""
    two_configurations()
    write("shared/mail.inc", '@ TXT "v=spf1 +all"\n')
    write("b/zones/example.org.zone", zone("example.org", "$INCLUDE ../../shared/mail.inc"))
    write("b/dns/example.info.yaml", "'': {type: TXT, value: v=spf1 include:example.org ?all}\n")
    write("b/infra/main.tf", TERRAFORM)
    write("b/cfn/mail.yaml", TEMPLATE)
    write("b/zones/broken.zone", "$ORIGIN broken.example.\n@ 60 TXT (\n")


def said(repository: Path, here: str, *paths: str) -> str:
    """The whole report of a check in a folder, its paths as they are in the repository."""
    os.chdir(here)
    done = CliRunner().invoke(zonelint, ["check", "--format", "json", *paths])
    assert done.stdout, done.output
    text = done.stdout
    whole = [repository, repository.parent / "link"]
    whole += [each.relative_to("/") for each in whole]
    for spelt in (*whole, "../../home", "home", "link", ".."):
        text = text.replace(f"{spelt}/", "")
    return text


def in_any_order(report: str) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(report)
    return held | {"findings": sorted(map(json.dumps, held["findings"]))}


@pytest.mark.parametrize("marked", [True, False], ids=["in git", "without"])
def test_a_report_is_the_same_however_its_paths_are_written(tmp_path: Path, marked: bool) -> None:
    """From anywhere, through a link, with a slash behind it, and given twice."""
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "link").symlink_to(home)
    os.chdir(home)
    repository()
    Path("c").mkdir()
    if marked:
        git("init", "-q")
    whole = said(home, str(home), ".")
    assert "SPF201" in whole
    for name in ("example.edu", "example.cloud"):
        assert name in whole
    assert "example.info" in whole
    for here, *paths in (
        ("/", str(home)),
        ("/", f"{home}/"),
        (str(home), str(home)),
        (str(home), "./"),
        (str(home / "c"), ".."),
        (str(home / "c"), "../../home"),
        (str(tmp_path), "home"),
        (str(tmp_path), "./home/"),
        (str(tmp_path / "link"), "."),
        (str(tmp_path / "link" / "c"), ".."),
        (str(home), ".", "."),
        (str(home), "a", "b", "a/"),
        (str(home), "a", "b", str(home / "b")),
    ):
        assert said(home, here, *paths) == whole, (here, paths)
    # A file that is included is shown where it is, and a resource of a plan by its address, so
    # what is found there may stand elsewhere in the order of paths.
    write(str(home / "b/plans/plan.json"), PLAN)
    more = said(home, str(home), ".")
    assert "example.plan" in more
    for here, *paths in (
        ("/", str(home)),
        (str(tmp_path), "link"),
        ("/", str(tmp_path / "link")),
        (str(home), "a", "b", str(home / "b")),
    ):
        assert in_any_order(said(home, here, *paths)) == in_any_order(more), (here, paths)
    file = "b/zones/example.org.zone"
    alone = said(home, str(home), file)
    for here, *paths in (
        ("/", str(home / file)),
        (str(home), f"./{file}"),
        (str(home), file, file),
        (str(home), file, f"./{file}", str(home / file)),
        (str(tmp_path / "link"), file),
        (str(home / "c"), f"../{file}"),
    ):
        assert said(home, here, *paths) == alone, (here, paths)


@pytest.mark.parametrize("marked", [True, False], ids=["in git", "without"])
def test_two_paths_give_the_findings_of_each(marked: bool) -> None:
    """Where nothing says what belongs together, the one may settle what the other leaves open."""
    repository()
    if marked:
        git("init", "-q")
    report = {}
    for paths in (("a",), ("b",), ("a", "b")):
        done = CliRunner().invoke(zonelint, ["check", "--format", "json", *paths])
        report[paths] = json.loads(done.stdout)
    for part in ("findings", "undecided"):
        alone = {without_cause(each) for path in "ab" for each in report[path,][part]}
        both = {without_cause(each) for each in report["a", "b"][part]}
        assert both == alone or (not marked and part == "undecided" and both < alone)


def without_cause(each: dict[str, Any]) -> str:
    return json.dumps({key: value for key, value in each.items() if key != "cause"})


def test_each_zone_has_the_baseline_of_its_configuration() -> None:
    two_configurations()
    done = CliRunner().invoke(zonelint, ["check", "a", "b", "--write-baseline"])
    assert done.exit_code == 0, done.output
    assert not Path("a/zonelint-baseline.json").exists()
    assert json.loads(Path("b/zonelint-baseline.json").read_text())["findings"]
    assert codes("a", "b") == set()
    Path("b/zonelint-baseline.json").rename("kept.json")
    assert codes("a", "b") == codes("b")


@pytest.mark.parametrize("word", ["Cloudflare", "cloudflare", "b", "B", "zones", "zones/*.zone"])
def test_a_view_takes_paths_and_providers_in_any_case(word: str) -> None:
    write("zonelint.toml", f'[views]\ninside = ["{word}"]\n')
    there = Project().configuration_at(Path.cwd())
    at = Zone("example.com.", "zones/example.com.zone")
    views = {identity_of(at, there, provider).view for provider in ("Cloudflare", "b", "a, b", "")}
    assert "inside" in views
    assert ("" in views) is not word.startswith("zones")


def test_a_view_and_an_origin_are_of_a_place_however_links_lead_there() -> None:
    write("repo/real/inside/db", zone("example.com", *MAIL.splitlines()))
    view, origin = '[views]\ninside = ["inside/*"]', '[origins]\n"real/inside/db" = "example.net"'
    write("repo/zonelint.toml", f"{view}\n{origin}\n")
    Path("repo/inside").symlink_to("real/inside")
    Path("link").symlink_to("repo")
    for folder in ("repo/inside", "repo/real/inside", "link/inside", "link/real/inside"):
        for config in (None, Path("repo/zonelint.toml").absolute()):
            project = Project(config=config)
            (found,) = project.places(project.open([f"{folder}/db"]).zones)
            assert found.identity is not None
            assert found.identity[:2] == ("example.net.", "inside")


def test_a_configuration_is_refused_with_its_line_and_the_near_miss() -> None:
    write("b/zonelint.toml", '\n[domains."example.net"]\nsendres = ["microsoft365"]\n')
    write("b/example.net.zone", zone("example.net"))
    done = CliRunner().invoke(zonelint, ["check", "b"])
    assert done.exit_code == 2
    assert 'b/zonelint.toml:3: unknown key "sendres"; did you mean "senders"?' in done.stderr


def test_a_plan_is_held_to_the_configuration_beside_it() -> None:
    write("b/plan.json", PLAN)
    write("b/zonelint.toml", 'fail-on = "never"\n')

    def check(*words: str) -> int:
        return CliRunner().invoke(zonelint, ["check", "--select", "SPF201", "b", *words]).exit_code

    assert findings("b")
    assert check() == 0
    write("b/zonelint.toml", "")
    assert check() == 1
    assert check("--write-baseline") == 0
    assert Path("b/zonelint-baseline.json").exists()
    assert check() == 0


def test_a_given_configuration_holds_for_every_zone() -> None:
    two_configurations()
    assert codes("a", "b", "--config", "a/zonelint.toml") == set()


# -- what is inside, what is a zone ----------------------------------------------------------------


@pytest.mark.parametrize("marked", [True, False])
def test_what_the_run_was_given_is_inside(marked: bool) -> None:
    if marked:
        git("init", "-q")
    write("zones/example.com.zone", zone("example.com", "$INCLUDE ../shared/mail.inc"))
    write("shared/mail.inc", '@ TXT "v=spf1 +all"\n')
    assert ("SPF201", "example.com.") in codes(".")


def test_what_lies_outside_of_it_is_not_read() -> None:
    write("zones/example.com.zone", zone("example.com", "$INCLUDE ../shared/mail.inc"))
    write("shared/mail.inc", '@ TXT "v=spf1 +all"\n')
    assert ("SPF201", "example.com.") not in codes("zones")


def test_a_file_with_an_soa_of_its_own_is_a_zone_whoever_includes_it() -> None:
    write("zones/example.com.zone", zone("example.com") + MAIL)
    alone = codes("zones")
    write("zones/other.example.zone", zone("other.example", "$INCLUDE example.com.zone"))
    assert alone <= codes("zones")


# -- judged and known ------------------------------------------------------------------------------


def asking(here: Path) -> tuple[Path, Path]:
    git("init", "-q")
    asks = write(
        "zones/example.com.zone", zone("example.com", '@ TXT "v=spf1 include:_s.example.net -all"')
    )
    told = write("other/db.net", zone("example.net", '_s TXT "v=spf1 +all"'))
    return asks, told


def test_a_run_over_one_file_answers_as_a_run_over_all(here: Path) -> None:
    asks, _ = asking(here)
    mine = {each for each in codes(".") if each[1].endswith("example.com.")}
    assert ("SPF201", "example.com.") in mine
    assert codes(str(asks)) == mine


ASKING = {
    "example.com": (
        '@ TXT "v=spf1 include:example.net mx:example.org exists:%{i}.example.net -all"',
        "@ MX 10 mx.example.org.",
        "s1._domainkey CNAME s1._domainkey.example.net.",
        '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@example.org"',
    ),
    "example.net": (
        '@ TXT "v=spf1 include:example.org redirect=example.com"',
        "@ MX 10 gone.example.org.",
        's1._domainkey TXT "v=DKIM1; p="',
        "_dmarc CNAME _dmarc.example.com.",
    ),
    "example.org": (
        '@ TXT "v=spf1 include:nothing.example.net +all"',
        "mx A 192.0.2.9",
        "@ MX 0 .",
        'example.com._report._dmarc TXT "v=DMARC2"',
        '_dmarc TXT "v=DMARC1; p=quarantine"',
    ),
    "sub.example.com": ("@ MX 10 mx.example.org.", '@ TXT "v=spf1 a:mx.example.org -all"'),
}


def test_what_is_found_in_one_file_is_found_in_all_and_the_rest_is_undecided(here: Path) -> None:
    git("init", "-q")
    for name, lines in ASKING.items():
        write(f"zones/{name}.zone", zone(name, *lines))
    whole = findings(".")
    for name in ASKING:
        path = f"zones/{name}.zone"
        done = CliRunner().invoke(zonelint, ["check", "--format", "json", path])
        report = json.loads(done.stdout)
        doubts = {(each["code"], each["owner"]) for each in report["undecided"]}
        mine = {(e["code"], e["owner"], e["message"]) for e in report["findings"]}
        told = {(e["code"], e["owner"], e["message"]) for e in whole if e["path"] == path}
        assert mine <= told, name
        assert {(code, owner) for code, owner, _ in told - mine} <= doubts, name


SOURCE = """
variable "domain" { default = "example.net" }
resource "aws_route53_zone" "z" { name = var.domain }
resource "aws_route53_record" "spf" {
  zone_id = aws_route53_zone.z.zone_id
  name    = "_s.${var.domain}"
  type    = "TXT"
  ttl     = 300
  records = ["v=spf1 +all"]
}
"""


def test_zones_are_known_that_a_configuration_above_names(here: Path) -> None:
    git("init", "-q")
    write("zonelint.toml", 'zones = ["zones", "teams"]\n')
    write("zones/example.net.zone", zone("example.net", '@ TXT "v=spf1 ip4:192.0.2.1 -all"'))
    senders = 'zones = ["."]\n[domains."example.com"]\nsenders = ["mailgun"]\n'
    write("teams/a/zonelint.toml", senders)
    write(
        "teams/a/example.com.zone", zone("example.com", '@ TXT "v=spf1 include:example.net -all"')
    )
    mine = {each for each in codes() if each[1].endswith("example.com.")}
    assert mine
    assert ("SPF211", "example.com.") not in mine
    assert codes("teams/a/example.com.zone") == mine


def test_source_of_terraform_is_known_by_the_names_in_it(here: Path) -> None:
    asks, told = asking(here)
    told.unlink()
    write("infra/main.tf", SOURCE)
    write("infra/idle/main.tf", 'output "name" { value = "www.example.org" }\n')
    mine = {each for each in codes(".") if each[1].endswith("example.com.")}
    assert ("SPF201", "example.com.") in mine
    assert codes(str(asks)) == mine
    module = 'module "dns" {\n  source = "../infra"\n  domain = "example.net"\n}\n'
    write("live/main.tf", module)  # what calls it is the configuration
    assert codes(str(asks)) == mine


def test_what_a_plan_was_made_from_is_no_other_zone(here: Path) -> None:
    git("init", "-q")
    example = Path(__file__).parents[2] / "examples" / "terraform"
    plan = write("plan.json", (example / "plan.json").read_text())
    write("main.tf", (example / "main.tf").read_text().replace("v=spf1 ", "v=spf1 a "))
    for path in ("plan.json", "main.tf", "."):
        assert ("ZONE010", "example.com.") not in codes(path)
    write("old/example.com.zone", zone("example.com"))
    assert ("ZONE010", "example.com.") in codes("plan.json")
    Path("old/example.com.zone").unlink()
    piped = CliRunner().invoke(zonelint, ["check", "-"], input=plan.read_text())
    assert "ZONE010" not in piped.output


def test_a_zone_is_read_only_where_a_question_leads_there(here: Path) -> None:
    asks, _ = asking(here)
    for number in range(50):
        write(f"zones/z{number}.example.zone", zone(f"z{number}.example"))
    read: list[str] = []

    class Seen(Buffers):
        def read(self, path: str | Path, most: int) -> bytes:
            read.append(os.path.split(path)[1])
            return super().read(path, most)

    project = Project(Seen())
    known = known_beside(project, [str(asks)], [str(asks)])
    assert known is not None
    assert known.has("", "example.net.")
    assert not known.has("", "example.com.")
    assert not known.has("", "example.org.")
    assert set(read) - {"zonelint.lock"} <= {"db.net"}


def test_names_are_found_in_no_time(here: Path) -> None:
    git("init", "-q")
    for number in range(2000):
        write(f"zones/z{number}.example.zone", zone(f"z{number}.example"))
    project = Project()
    known = known_beside(project, ["zones/z0.example.zone"], ["zones/z0.example.zone"])
    assert known is not None
    start = time.process_time()
    assert known.has("", "z1999.example.")
    assert time.process_time() - start < 1  # 0.1 s for 10,000 where nothing else runs


# -- before ----------------------------------------------------------------------------------------


def test_source_of_terraform_that_is_moved_is_not_gone(here: Path) -> None:
    write("dns/main.tf", SOURCE)
    write("dns/example.com.zone", zone("example.com", MAIL))
    committed()
    write("infra/main.tf", Path("dns/main.tf").read_text())
    Path("dns/main.tf").unlink()
    told = CliRunner().invoke(zonelint, ["check", "dns", "--against", "HEAD"]).output
    assert "Nothing new in 1 zone" in told
    assert "undecided" not in told
    Path("infra/main.tf").unlink()
    told = CliRunner().invoke(zonelint, ["check", "dns", "--against", "HEAD"]).output
    assert "its zone no longer exists" in told


def test_source_of_terraform_that_is_moved_keeps_its_before(here: Path) -> None:
    policy = SOURCE.replace("_s.", "_dmarc.").replace("v=spf1 +all", "v=DMARC1; p={}")
    write("infra/main.tf", policy.replace("{}", "reject"))
    committed()
    Path("infra/main.tf").unlink()
    write("zones/main.tf", policy.replace("{}", "none"))
    assert ("PHASE002", "_dmarc.example.net.") in codes("zones", "--against", "HEAD")


REJECT = '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@example.com"'
NONE = '_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"'


def committed() -> None:
    git("init", "-q")
    write("zones/example.com.zone", zone("example.com", NONE) + MAIL)
    git("add", "-A")
    git("commit", "-qm", "before")


def test_a_moved_file_keeps_its_before() -> None:
    committed()
    Path("new").mkdir()
    Path("zones/example.com.zone").rename("new/db.example.com")
    write("new/db.example.com", zone("example.com", REJECT) + MAIL)
    assert ("PHASE001", "_dmarc.example.com.") in codes(".", "--against", "HEAD")


def test_a_split_file_keeps_its_before() -> None:
    committed()
    write("zones/example.com.zone", zone("example.com", "$INCLUDE mail.inc") + MAIL)
    assert codes(".", "--against", "HEAD")  # what it held is gone with the record
    write("zones/mail.inc", f"{NONE}\n")
    assert codes(".", "--against", "HEAD") == set()
    write("zones/mail.inc", f"{REJECT}\n")
    assert ("PHASE001", "_dmarc.example.com.") in codes(".", "--against", "HEAD")


@pytest.mark.parametrize("marked", [True, False], ids=["a revision", "a path"])
def test_a_file_that_is_moved_and_split_keeps_its_before(here: Path, marked: bool) -> None:
    committed()
    before = "HEAD"
    if not marked:
        Path("zones").rename("before")
        before = "before"
    Path("new/parts").mkdir(parents=True)
    if marked:
        Path("zones/example.com.zone").unlink()
    lines = zone("example.com", "$INCLUDE parts/policy.inc") + MAIL
    write("new/db.example.com", lines)
    write("new/parts/policy.inc", f"{NONE}\n")
    given = "." if marked else "new"
    assert not any(code.startswith("PHASE") for code, _ in codes(given, "--against", before))
    write("new/parts/policy.inc", f"{REJECT}\n")
    skipped = ("PHASE001", "_dmarc.example.com.")
    for paths in ((given,), ("new/db.example.com",), ("new/parts/policy.inc",)):
        assert skipped in codes(*paths, "--against", before), paths


def test_what_loosens_is_taken_from_the_configuration_before(here: Path) -> None:
    write("zonelint.toml", "")
    committed()
    write("zones/example.com.zone", zone("example.com", NONE, '@ TXT "v=spf1 +all"'))
    write("zonelint.toml", 'select = ["BIMI"]\n')
    assert codes(".") == set()
    assert ("SPF201", "example.com.") in codes(".", "--against", "HEAD")


def test_a_moved_file_is_held_to_what_loosened_where_it_was(here: Path) -> None:
    write("zones/zonelint.toml", "")
    write("free/zonelint.toml", 'select = ["BIMI"]\n')
    committed()
    Path("zones/example.com.zone").unlink()
    write("free/example.com.zone", zone("example.com", NONE, '@ TXT "v=spf1 +all"'))
    assert ("SPF201", "example.com.") in codes(".", "--against", "HEAD")


def test_every_key_of_the_configuration_loosens_or_declares() -> None:
    loosens = {key.path for key in intent.schema() if key.loosens}
    assert {
        "select",
        "ignore",
        "severity",
        "min-severity",
        "per-owner-ignore",
        "baseline",
    } <= loosens
    assert {"thresholds.ttl-least", "domains.<domain>.dmarc.min-days"} <= loosens
    declares = {key.path for key in intent.schema()} - loosens
    assert {"domains.<domain>.senders", "domains.<domain>.dmarc.target", "views.<view>"} <= declares


# -- files -----------------------------------------------------------------------------------------


@pytest.fixture
def kinds(here: Path) -> Callable[[], Iterator[Any]]:
    def each() -> Iterator[Any]:
        git("init", "-q")
        write("zones/a.zone", "one\n")
        write("zones/deep/b.zone", "two\n")
        Path("zones/link.zone").symlink_to("a.zone")
        git("add", "-A")
        git("commit", "-qm", "one")
        found = commit("HEAD", here)
        assert found is not None
        yield Project().files
        yield found
        yield Buffers()

    return each


def test_files_of_every_kind_are_alike(kinds: Callable[[], Iterator[Any]]) -> None:
    for files in kinds():
        assert files.is_dir("zones")
        assert not files.is_dir("zones/a.zone")
        assert files.is_file("zones/link.zone")
        assert files.is_link("zones/link.zone")
        assert not files.exists("zones/none.zone")
        assert files.names("zones") == ["a.zone", "deep", "link.zone"]
        assert files.read("zones/link.zone", 100) == b"one\n"
        assert files.matching("zones/**/*.zone", ".") == [
            "zones/a.zone", "zones/deep/b.zone", "zones/link.zone",
        ]  # fmt: skip
        walked = {at: sorted(names) for at, _, names in files.walk("zones")}
        assert walked == {"zones": ["a.zone", "link.zone"], "zones/deep": ["b.zone"]}
        with pytest.raises(FileNotFoundError):
            files.read("zones/none.zone", 100)
        with pytest.raises(OSError, match="too large"):
            files.read("zones/a.zone", 2)


def test_a_buffer_lies_over_the_disk_and_may_be_new(here: Path) -> None:
    write("a.zone", "disk\n")
    files = Buffers({str(here / "a.zone"): "buffer\n", str(here / "new.toml"): "x = 1\n"})
    assert files.read("a.zone", 100) == b"buffer\n"
    assert files.is_file("new.toml")
    assert files.names(".") == ["a.zone", "new.toml"]
    assert not Path("new.toml").exists()


def test_an_unsaved_configuration_holds(here: Path) -> None:
    write("example.com.zone", zone("example.com"))
    files = Buffers({str(here / "zonelint.toml"): 'ignore = ["SPF"]\n'})
    held = Project(files).configuration_of("example.com.zone")
    assert held.intent is not None
    assert held.intent.ignore == ("SPF",)
    files.put({str(here / "zonelint.toml"): "ignore = 1\n"})
    with pytest.raises(ConfigRefused, match=r"zonelint\.toml:1"):
        Project(files).configuration_of("example.com.zone")


def test_the_summary_names_the_configurations_that_held() -> None:
    two_configurations()
    done = CliRunner().invoke(zonelint, ["check", "--format", "json", "a", "b"])
    held = json.loads(done.stdout)["summary"]["configurations"]
    assert held == ["a/zonelint.toml", "b/zonelint.toml"]
