"""The hooks, run by pre-commit itself in Git repositories of their own.

pre-commit builds an environment for zonelint from the package registry, as it does for every user.
The repository that it is given is a copy of the working tree's package, so that what is tested is
what lies here, committed or not.
"""

# Some of these tests take over 3 s: pre-commit makes an environment and installs zonelint into it.

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PARTS = (
    "lint",
    "grammars",
    "rules",
    "providers",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    ".pre-commit-hooks.yaml",
)

GOOD = """\
$ORIGIN example.com.
$TTL 1h
@      IN SOA ns1.example.net. hostmaster.example.net. 1 4h 1h 2w 1h
       IN NS  ns1.example.net.
@      IN MX  10 mail
       IN TXT "v=spf1 mx -all"
mail   IN A   192.0.2.25
_dmarc IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com"
"""
BAD = GOOD.replace("mx -all", "mx +all")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pre-commit")]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a command with an identity for Git, a store for pre-commit, and nothing of ours."""
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "PRE_COMMIT", "PYTHON"))
    }
    environment = {
        **kept,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("store")),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "A Keeper",
        "GIT_AUTHOR_EMAIL": "keeper@example.com",
        "GIT_COMMITTER_NAME": "A Keeper",
        "GIT_COMMITTER_EMAIL": "keeper@example.com",
        "NO_COLOR": "1",
    }

    def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)

    return run


def must(done: subprocess.CompletedProcess[str]) -> str:
    """The output of a command that has to succeed."""
    assert done.returncode == 0, f"{done.args}\n{done.stdout}\n{done.stderr}"
    return done.stdout.strip()


@pytest.fixture(scope="module")
def hooks(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Git repository that holds zonelint and its hooks, with everything committed."""
    repository = tmp_path_factory.mktemp("zonelint")
    without = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, repository / name, ignore=without)
        else:
            shutil.copy(ROOT / name, repository)
    must(run("git", "init", "-q", cwd=repository))
    must(run("git", "add", "-A", cwd=repository))
    must(run("git", "commit", "-q", "-m", "zonelint", cwd=repository))
    return repository


@pytest.fixture
def zones(run: Run, tmp_path: Path) -> Path:
    """A team's Git repository, with nothing in it."""
    must(run("git", "init", "-q", cwd=tmp_path))
    return tmp_path


def stage(run: Run, repository: Path, name: str, text: str) -> None:
    path = repository / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    must(run("git", "add", name, cwd=repository))


def test_try_repo_stops_at_a_bad_zone(run: Run, hooks: Path, zones: Path) -> None:
    stage(run, zones, "dns/example.com.zone", BAD)
    done = run("pre-commit", "try-repo", hooks, "zonelint", cwd=zones)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Failed" in done.stdout
    assert "SPF201" in done.stdout
    assert "dns/example.com.zone:6:" in done.stdout


def test_try_repo_checks_the_zones_that_take_in_what_is_touched(
    run: Run, hooks: Path, zones: Path
) -> None:
    stage(run, zones, "dns/example.com.zone", f"{GOOD}$INCLUDE ../parts/old.inc\n")
    stage(run, zones, "parts/old.inc", "$ORIGIN old.example.com.\n")
    must(run("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "x", cwd=zones))
    stage(run, zones, "parts/old.inc", '$ORIGIN old.example.com.\n@ TXT "v=spf1 +all"\n')
    done = run("pre-commit", "try-repo", hooks, "zonelint", cwd=zones)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "parts/old.inc:2:" in done.stdout


def test_try_repo_lets_a_good_zone_pass(run: Run, hooks: Path, zones: Path) -> None:
    stage(run, zones, "dns/example.com.zone", GOOD)
    done = run("pre-commit", "try-repo", hooks, "zonelint", cwd=zones)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout


@pytest.fixture
def installed(run: Run, hooks: Path, zones: Path) -> Callable[[str], None]:
    """Install one hook in the team's repository, so that every commit meets it."""

    def install(hook: str) -> None:
        revision = must(run("git", "rev-parse", "HEAD", cwd=hooks))
        (zones / ".pre-commit-config.yaml").write_text(
            f"repos:\n- repo: {hooks}\n  rev: {revision}\n  hooks:\n  - id: {hook}\n"
        )
        must(run("git", "add", ".pre-commit-config.yaml", cwd=zones))
        must(run("pre-commit", "install", cwd=zones))

    return install


@pytest.mark.parametrize(
    "name", ["dns/example.com.zone", "example.com.db", "bind/db.example.com", "zones/example.com"]
)
def test_a_bad_commit_is_stopped_and_a_good_one_is_made(
    run: Run, zones: Path, installed: Callable[[str], None], name: str
) -> None:
    installed("zonelint")
    stage(run, zones, name, BAD)
    stopped = run("git", "commit", "-m", "Let everybody send", cwd=zones)
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert "SPF201" in stopped.stderr
    assert run("git", "rev-parse", "HEAD", cwd=zones).returncode != 0

    stage(run, zones, name, GOOD)
    must(run("git", "commit", "-m", "Let our own hosts send", cwd=zones))
    assert name in must(run("git", "ls-tree", "-r", "--name-only", "HEAD", cwd=zones))


def test_the_zones_of_a_commit_are_judged_together(run: Run, hooks: Path, zones: Path) -> None:
    """The policy of example.com covers its subzone, however many files lie between the two."""
    for number in range(30):
        stage(run, zones, f"zones/m{number}.example.net", GOOD.replace(
            "example.com", f"m{number}.example.net"
        ))  # fmt: skip
    stage(run, zones, "zones/example.com", GOOD)
    below = GOOD.replace("example.com", "z.example.com").replace("_dmarc", "_other")
    stage(run, zones, "zones/z.example.com", below)
    done = run("pre-commit", "try-repo", hooks, "zonelint", "--verbose", cwd=zones)
    assert "32 zones" in done.stdout
    assert "DMARC101" not in done.stdout


def test_what_lies_beside_zones_is_left_alone(
    run: Run, zones: Path, installed: Callable[[str], None]
) -> None:
    installed("zonelint")
    stage(run, zones, "zones/README.md", "# Our zones\n")
    stage(run, zones, "zones/.keep", "\n")
    stage(run, zones, "notes.txt", BAD)
    must(run("git", "commit", "-m", "Add notes", cwd=zones))


def test_the_whole_repository_is_checked_whatever_the_commit_touches(
    run: Run, zones: Path, installed: Callable[[str], None]
) -> None:
    stage(run, zones, "dns/example.com.zone", BAD)
    stage(run, zones, "zonelint.toml", 'zones = ["dns/*.zone"]\n')
    must(run("git", "commit", "-m", "From before the hook", cwd=zones))
    installed("zonelint-all")
    stage(run, zones, "notes.txt", "nothing of interest\n")
    stopped = run("git", "commit", "-m", "Add notes", cwd=zones)
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert "SPF201" in stopped.stderr


def test_the_octodns_hook_reads_the_zones_beside_other_yaml(
    run: Run, hooks: Path, zones: Path
) -> None:
    record = "---\n'':\n  type: TXT\n  value: v=spf1 mx +all\n"
    stage(run, zones, "docker-compose.yaml", "services: {}\n")
    stage(run, zones, "config/example.com.yaml", record)
    done = run("pre-commit", "try-repo", hooks, "zonelint-octodns", cwd=zones)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "config/example.com.yaml:4:" in done.stdout
    stage(run, zones, "config/example.com.yaml", record.replace("mx +all", "-all"))
    done = run("pre-commit", "try-repo", hooks, "zonelint-octodns", cwd=zones)
    assert "SPF201" not in done.stdout


def test_no_zone_is_skipped_for_its_octets_or_for_being_a_link(
    run: Run, hooks: Path, zones: Path
) -> None:
    stage(run, zones, "dns/example.com.zone", BAD + "; \x00\x01\n")
    stage(run, zones, "dns/bell.example.db", BAD.replace("example.com", "bell.example") + ";\x07\n")
    stage(run, zones, "source/linked", BAD.replace("example.com", "linked.example"))
    (zones / "zones").mkdir()
    (zones / "zones" / "linked.example").symlink_to("../source/linked")
    (zones / "zones" / "logo").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (zones / "app.db").write_bytes(b"SQLite format 3\0" + bytes(64))
    must(run("git", "add", "zones", "app.db", cwd=zones))
    done = run("pre-commit", "try-repo", hooks, "zonelint", cwd=zones)
    assert done.returncode == 1, done.stdout + done.stderr
    for place in ("dns/example.com.zone:6:", "dns/bell.example.db:6:", "zones/linked.example:6:"):
        assert place in done.stdout
    assert "could not be read" not in done.stdout
    assert "zones/logo:" not in done.stdout
    assert "app.db:" not in done.stdout


def test_a_commit_without_zones_passes(run: Run, hooks: Path, zones: Path) -> None:
    (zones / "app.db").write_bytes(b"SQLite format 3\0" + bytes(64))
    must(run("git", "add", "app.db", cwd=zones))
    must(run("pre-commit", "try-repo", hooks, "zonelint", cwd=zones))


def test_a_zone_that_leads_out_of_the_repository_stops_the_commit(
    run: Run, hooks: Path, zones: Path
) -> None:
    (zones.parent / "example.com.zone").write_text(BAD)
    (zones / "zones").mkdir()
    (zones / "zones" / "example.com.zone").symlink_to("../../example.com.zone")
    must(run("git", "add", "zones", cwd=zones))
    done = run("pre-commit", "try-repo", hooks, "zonelint", cwd=zones)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "leads out of the repository" in done.stdout


def test_a_commit_of_one_zone_is_judged_among_all(
    run: Run, zones: Path, installed: Callable[[str], None]
) -> None:
    below = GOOD.replace("example.com", "z.example.com").replace("_dmarc", "_other")
    stage(run, zones, "zones/z.example.com", below)
    stage(run, zones, "zones/example.com", GOOD.replace("v=DMARC1; ", "v=DMARC1; sp=reject; "))
    must(run("git", "commit", "-m", "From before the hook", cwd=zones))
    installed("zonelint")
    stage(run, zones, "zones/z.example.com", below.replace("192.0.2.25", "192.0.2.26"))
    must(run("git", "commit", "-m", "Move the mail", cwd=zones))


@pytest.mark.parametrize("name", ["zonelint.toml", "dns/zonelint.toml", "zonelint-baseline.json"])
def test_the_octodns_hook_runs_when_what_it_judges_by_changes(
    run: Run, zones: Path, installed: Callable[[str], None], name: str
) -> None:
    record = "---\n'':\n  type: TXT\n  value: v=spf1 mx +all\n"
    stage(run, zones, "config/example.com.yaml", record)
    must(run("git", "commit", "-m", "From before the hook", cwd=zones))
    installed("zonelint-octodns")
    must(run("git", "reset", "-q", ".pre-commit-config.yaml", cwd=zones))
    stage(run, zones, "notes.txt", "nothing of interest\n")
    config = (zones / ".pre-commit-config.yaml").read_text()
    (zones / ".pre-commit-config.yaml").unlink()
    (zones / ".git" / "hooks.yaml").write_text(config)
    words = ["pre-commit", "run", "--config", ".git/hooks.yaml"]
    assert run(*words, cwd=zones).returncode == 0
    text = '{"version": 1, "findings": []}\n' if name.endswith("json") else "# ours\n"
    stage(run, zones, name, text)
    stopped = run(*words, cwd=zones)
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert "SPF201" in stopped.stdout


def test_the_terraform_hook_judges_what_calls_a_module_and_what_it_reads(
    run: Run, zones: Path, installed: Callable[[str], None]
) -> None:
    stage(run, zones, "dns/main.tf", """\
resource "aws_route53_zone" "main" { name = "example.com" }
module "mail" {
  source = "../modules/mail"
  zone   = aws_route53_zone.main
}
""")  # fmt: skip
    stage(run, zones, "modules/mail/main.tf", """\
variable "zone" {}
resource "aws_route53_record" "txt" {
  for_each = yamldecode(file("${path.module}/records.yaml"))
  zone_id  = var.zone.zone_id
  name     = "${each.key}.${var.zone.name}"
  type     = "TXT"
  records  = [each.value]
}
""")  # fmt: skip
    stage(run, zones, "modules/mail/records.yaml", "www: a text of ours\n")
    installed("zonelint-terraform")
    must(run("git", "commit", "-m", "Publish a text", cwd=zones))
    stage(run, zones, "modules/mail/records.yaml", "www: v=spf1 +all\n")
    stopped = run("git", "commit", "-m", "Let everybody send", cwd=zones)
    assert stopped.returncode == 1, stopped.stdout + stopped.stderr
    assert "modules/mail/records.yaml:1:" in stopped.stderr
    assert "send as www.example.com" in stopped.stderr


def test_the_cloudformation_hook_reads_the_templates_beside_other_yaml(
    run: Run, hooks: Path, zones: Path
) -> None:
    record = """\
Resources:
  Spf:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneName: example.com.
      Name: example.com.
      Type: TXT
      TTL: 3600
      ResourceRecords: ['"v=spf1 +all"']
"""
    stage(run, zones, "docker-compose.yaml", "services: {}\n")
    stage(run, zones, "stacks/dns.yaml", record)
    done = run("pre-commit", "try-repo", hooks, "zonelint-cloudformation", cwd=zones)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "stacks/dns.yaml:9:" in done.stdout
    stage(run, zones, "stacks/dns.yaml", record.replace("+all", "-all"))
    done = run("pre-commit", "try-repo", hooks, "zonelint-cloudformation", cwd=zones)
    assert "SPF201" not in done.stdout


def test_the_pulumi_hook_reads_previews_and_stacks(run: Run, hooks: Path, zones: Path) -> None:
    urn = "urn:pulumi:test::mail::aws:route53/record:Record::spf"
    stack = {
        "version": 3,
        "deployment": {
            "manifest": {},
            "resources": [
                {
                    "urn": urn,
                    "type": "aws:route53/record:Record",
                    "custom": True,
                    "outputs": {
                        "zoneId": "Z1", "name": "example.com", "fqdn": "example.com",
                        "type": "TXT", "ttl": 3600, "records": ["v=spf1 +all"],
                    },
                }
            ],
        },
    }  # fmt: skip
    stage(run, zones, "package.json", "{}\n")
    stage(run, zones, "dns/stack.json", json.dumps(stack))
    done = run("pre-commit", "try-repo", hooks, "zonelint-pulumi", cwd=zones)
    assert done.returncode == 1, done.stdout + done.stderr
    assert urn in done.stdout
    assert "SPF201" in done.stdout


def test_every_hook_is_shown_in_the_documentation() -> None:
    ids = [hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())]
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    shown = " ".join(page.read_text("utf-8") for page in pages)
    assert [id for id in ids if f"id: {id}\n" not in shown and f"id: {id} " not in shown] == []


@pytest.mark.parametrize("name", ["--fail-on=never.zone", "--config=ours.db", "--exit-zero.zone"])
def test_the_name_of_a_file_is_no_option(run: Run, hooks: Path, zones: Path, name: str) -> None:
    (zones / "ours.db").write_text('fail-on = "never"\nignore = ["SPF"]\n')
    (zones / name).write_text(BAD)
    must(run("git", "add", "--", name, "ours.db", cwd=zones))
    done = run("pre-commit", "try-repo", hooks, "zonelint", cwd=zones)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "SPF201" in done.stdout
