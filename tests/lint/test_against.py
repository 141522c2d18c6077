"""`zonelint check --against`: real Git repositories, and what a change brings and means."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.reports_factory import Published, Sent, write_reports
from zonelint.main import zonelint

HEAD = "$ORIGIN example.com.\n$TTL 3600\n@ MX 10 mail\nmail A 40.92.0.1\n"
SPF = '@ TXT "v=spf1 mx ip4:40.93.0.0/24 -all"\n'
KEY = 's1._domainkey TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="\n'
NONE = '_dmarc TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.com"\n'
QUARANTINE = NONE.replace("p=none", "p=quarantine")
REJECT = NONE.replace("p=none", "p=reject")
ZONE = "zones/example.com.zone"


class Repository:
    """A Git repository in the working directory."""

    def git(self, *words: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        done = subprocess.run(
            ["git", *identity, "-c", "init.defaultBranch=main", *words],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout

    def commit(self, **files: str) -> None:
        for path, text in files.items():
            self.write(path, text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "a change")

    def write(self, path: str, text: str) -> None:
        target = Path(ZONE if path == "zone" else path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "dns"
    folder.mkdir()
    monkeypatch.chdir(folder)
    found = Repository()
    found.git("init", "-q")
    return found


def check(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(zonelint, ["check", *arguments], input=stdin)


def codes(result: Result) -> list[str]:
    return [finding["code"] for finding in json.loads(result.stdout)["findings"]]


def test_a_commit_that_jumps_to_reject_is_stopped(repository: Repository):
    repository.commit(zone=HEAD + SPF + KEY + NONE)
    repository.commit(zone=HEAD + SPF + KEY + REJECT)
    result = check("--against", "HEAD~1")
    assert result.exit_code == 1
    assert "PHASE001" in result.stdout
    assert '"v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com"' in result.stdout
    assert "DMARC for the domain, its subdomains" in result.stdout
    assert "none → reject" in result.stdout


def test_a_plain_check_says_nothing_of_the_change(repository: Repository):
    repository.commit(zone=HEAD + SPF + KEY + NONE)
    repository.commit(zone=HEAD + SPF + KEY + REJECT)
    result = check("--format", "json")
    assert not [code for code in codes(result) if code.startswith("PHASE")]
    undecided = json.loads(result.stdout)["undecided"]
    assert not [each for each in undecided if each["code"].startswith("PHASE")]


def test_only_what_the_change_brings_is_reported(repository: Repository):
    old = '@ TXT "v=spf1 mx ?all"\n'
    repository.commit(zone=HEAD + old + KEY + NONE)
    repository.commit(zone=HEAD + "; moved\n" + old + KEY + NONE + 'www TXT "v=spf1 a +all"\n')
    new = check("--against", "HEAD~1", "--format", "json")
    assert codes(new) == ["SPF201"]
    everything = check("--against", "HEAD~1", "--all-findings", "--format", "json")
    assert set(codes(everything)) >= {"SPF201", "SPF202"}
    assert set(json.loads(new.stdout)) == {
        "version", "findings", "undecided", "suppressed", "summary",
    }  # fmt: skip


def test_no_change_is_clean(repository: Repository):
    repository.commit(zone=HEAD + '@ TXT "v=spf1 mx ?all"\n' + NONE)
    result = check("--against", "HEAD")
    assert result.exit_code == 0
    assert "the change" not in result.stdout


def test_the_working_tree_is_this_side(repository: Repository):
    repository.commit(zone=HEAD + SPF + KEY + NONE)
    repository.write("zone", HEAD + SPF + KEY + REJECT)
    assert "PHASE001" in check("--against", "HEAD", ZONE).stdout


def test_the_meaning_of_a_change(repository: Repository):
    repository.commit(zone=HEAD + SPF + KEY + NONE)
    spf = '@ TXT "v=spf1 mx ip4:40.94.0.0/18 ip4:203.0.113.7 ~all"\n'
    repository.commit(zone=HEAD + spf + NONE)
    shown = check("--against", "HEAD~1").stdout
    assert "adds 16,385 addresses (40.94.0.0/18, 203.0.113.7)" in shown
    assert "removes 256 addresses (40.93.0.0/24)" in shown
    assert "fail → softfail" in shown
    assert "DKIM selector s1 is removed" in shown


def test_records_that_lead_mail_elsewhere_are_a_part_of_the_meaning(repository: Repository):
    before = HEAD + "new A 40.92.0.2\n" + SPF + KEY + NONE
    repository.commit(zone=before)
    repository.commit(zone=before.replace("10 mail", "10 new"))
    shown = check("--against", "HEAD~1").stdout
    assert "MX: 10 mail.example.com. → 10 new.example.com." in shown


def test_records_in_another_order_are_no_change(repository: Repository):
    """DMARC101 is about the first domain with mail, and none is when its parent is not known."""
    head, *rest = HEAD.replace("example.com", "sub.example.com").splitlines(keepends=True)
    mail = [f'{name} MX 10 mail\n{name} TXT "v=spf1 mx -all"\n' for name in ("b", "a", "c")]
    repository.commit(zone="".join([head, *rest, *mail]))
    repository.write("zone", "".join([head, *rest, *reversed(mail)]))
    assert check("--against", "HEAD", "--fail-on", "undecided").exit_code == 0


def test_a_zone_file_may_move(repository: Repository):
    repository.commit(zone=HEAD + SPF + KEY + NONE)
    repository.git("mv", ZONE, "zones/other.zone")
    repository.commit(**{"zones/other.zone": HEAD + SPF + KEY + REJECT})
    assert "PHASE001" in codes(check("--against", "HEAD~1", "--format", "json"))


YAML = """---
'':
  - type: MX
    values: [{{exchange: mail.example.com., preference: 10}}]
  - type: TXT
    value: v=spf1 mx ip4:40.93.0.0/24 {}
mail: {{type: A, value: 40.92.0.1}}
_dmarc:
  type: TXT
  value: v=DMARC1\\; p={}\\; rua=mailto:dmarc@example.com
s1._domainkey:
  type: TXT
  value: v=DKIM1\\; k=ed25519\\; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
"""
OTHER = HEAD.replace("example.com", "example.org") + '@ TXT "v=spf1 mx -all"\n'
BEFORE, AFTER = HEAD + SPF + KEY + NONE, HEAD + SPF.replace("-all", "~all") + KEY + REJECT
PARTS = {"zones/example.com.zone": HEAD + "$INCLUDE mail.inc\n"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({ZONE: BEFORE}, {"zones/new.zone": AFTER}),
        ({ZONE: BEFORE}, {"dns/mail/example.com.zone": AFTER}),
        ({ZONE: BEFORE}, {**PARTS, "zones/mail.inc": AFTER.removeprefix(HEAD)}),
        ({**PARTS, "zones/mail.inc": BEFORE.removeprefix(HEAD)}, {ZONE: AFTER}),
        ({ZONE: BEFORE}, {"config/example.com.yaml": YAML.format("~all", "reject")}),
        ({"config/example.com.yaml": YAML.format("-all", "none")}, {ZONE: AFTER}),
        (
            {"config/example.com.yaml": YAML.format("-all", "none")},
            {"new/example.com.yaml": YAML.format("~all", "reject")},
        ),
    ],
)
@pytest.mark.parametrize("is_named", [False, True])
def test_a_zone_that_moves_keeps_its_before(
    repository: Repository, before: dict[str, str], after: dict[str, str], is_named: bool
):
    """As a run over all, and as a hook over the new files alone."""
    stays = {"other/example.org.zone": OTHER}
    repository.commit(**before, **stays)
    for path in before:
        Path(path).unlink()
    repository.commit(**after)
    named = [path for path in after if not path.endswith(".inc")] if is_named else []
    found = json.loads(check("--against", "HEAD~1", "--format", "json", *named).stdout)
    assert sorted(each["code"] for each in found["findings"]) == ["PHASE001", "PHASE002"]
    assert not [each for each in found["undecided"] if each["code"].startswith("PHASE")]


TERRAFORM = """\
{zone} "aws_route53_zone" "z" {{
  name = "example.com"
}}
resource "aws_route53_record" "r" {{
  zone_id = {data}aws_route53_zone.z.zone_id
  name    = "{name}.example.com"
  type    = "TXT"
  ttl     = 300
  records = ["{text}"]
}}
"""


@pytest.mark.parametrize("is_named", [False, True])
def test_what_zones_never_named_is_not_taken_out(repository: Repository, is_named: bool):
    """Nor is what they name at first; a module is read with each of its calls."""
    made = {"zone": "resource", "data": "", "name": "_dmarc", "text": "v=DMARC1; p=reject"}
    module = TERRAFORM.format_map(made)
    looked = {"zone": "data", "data": "data.", "name": "x", "text": "v=spf1 -all"}
    repository.write("modules/mail/main.tf", module)
    repository.write("prod/main.tf", 'module "mail" {\n  source = "../modules/mail"\n}\n')
    repository.write("shared/main.tf", TERRAFORM.format_map(looked))
    repository.commit()
    named = ["prod"] if is_named else ["prod", "shared"]
    repository.write("zonelint.toml", f"zones = {named}\n")
    if is_named:
        repository.commit()
    assert "PHASE" not in check("--against", "HEAD").stdout
    repository.write("zonelint.toml", 'zones = ["prod"]\n')
    assert ("takes `shared/*.tf` out" in check("--against", "HEAD").stdout) is not is_named


def test_a_zone_that_moves_to_where_it_is_not_read_is_not_gone(repository: Repository):
    repository.write("zonelint.toml", 'zones = ["zones/*.zone"]\n')
    repository.write("zones/example.org.zone", HEAD.replace("com.", "org.") + SPF)
    repository.commit(zone=HEAD + SPF + KEY + REJECT)
    Path("old").mkdir()
    repository.git("mv", ZONE, "old/db.example.com")
    Path("old/db.example.com").write_text(HEAD + SPF + KEY + NONE)
    repository.commit()
    done = check("--against", "HEAD~1", "--format", "json")
    assert {"PHASE002", "PHASE009"} <= {*codes(done)}
    assert "takes `old/db.example.com` out of `zones`" in done.stdout
    for words in (("--trust-change",), ("zones",)):
        told = check("--against", "HEAD~1", *words).stdout
        assert "its zone is still in old/db.example.com, which this run does not read" in told
    Path("old/db.example.com").unlink()
    assert "no longer exists" in check("--against", "HEAD~1").stdout


@pytest.mark.parametrize("path", ["more/second.zone", "."])
def test_a_second_file_of_a_zone_is_held_to_what_the_name_had(repository: Repository, path: str):
    """It may be what is served from now on; all that is wrong in it is new."""
    repository.commit(zone=BEFORE)
    repository.commit(**{"more/second.zone": AFTER})
    report = json.loads(check("--against", "HEAD~1", "--format", "json", path).stdout)
    found = {each["code"] for each in report["findings"] if each["path"] == "more/second.zone"}
    assert {"PHASE001", "PHASE002", "DKIM012"} <= found
    assert not [each for each in report["undecided"] if each["code"].startswith("PHASE")]


INTERNAL = HEAD + '@ TXT "v=spf1 -all"\n'
VIEWS = '[views]\n{} = ["{}"]\n{} = ["{}"]\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("in", "int", "out", "ext"), ("in", "i", "out", "e")),
        (("in", "int", "out", "ext"), ("internal", "int", "external", "ext")),
        (("in", "int", "out", "ext"), ("in", "int", "world", "ext")),
        (("in", "int", "out", "ext"), ("inner", "int", "outer", "ext", "db.zone")),
        (None, ("in", "int", "out", "ext")),
        (("in", "int", "out", "ext"), None),
    ],
)
def test_views_are_renamed_or_their_files(
    repository: Repository, before: tuple[str, ...] | None, after: tuple[str, ...] | None
):
    def write(views: tuple[str, ...] | None, external: str) -> None:
        _, inner, _, outer, *named = views or ("in", "int", "out", "ext")
        repository.write("zonelint.toml", VIEWS.format(*views) if views else "")
        for folder, text in ((inner, INTERNAL), (outer, external)):
            repository.write(f"{folder}/{''.join(named) or 'example.com.zone'}", text)

    write(before, BEFORE)
    repository.commit()
    for path in Path().glob("*/example.com.zone"):
        path.unlink()
    write(after, AFTER)
    found = json.loads(check("--against", "HEAD", "--format", "json").stdout)
    phases = [each for each in found["findings"] if each["code"].startswith("PHASE")]
    assert sorted(each["code"] for each in phases) == ["PHASE001", "PHASE002"]
    assert not [each for each in found["undecided"] if each["code"].startswith("PHASE")]


TWO_VIEWS = VIEWS.format("in", "int", "out", "ext")


@pytest.mark.parametrize("format", ["text", "markdown"])
def test_what_a_change_means_is_told_of_each_view(repository: Repository, format: str):
    """Neither view hides the other, and without views the files tell them apart."""
    inner, outer = (HEAD + SPF + NONE.replace("=none", "=none; sp=none") for _ in range(2))
    zones = {"int/example.com.zone": inner, "ext/example.com.zone": outer}
    repository.commit(**{"zonelint.toml": TWO_VIEWS, **zones})
    repository.write("int/example.com.zone", inner.replace("p=none;", "p=quarantine;", 1))
    repository.write("ext/example.com.zone", outer.replace("mx ip4", "mx ip4:40.94.0.9 ip4"))
    told = check("--against", "HEAD", "--format", format).stdout
    assert "SPF adds 40.94.0.9" in told
    assert "DMARC for the domain" in told
    assert {"example.com (in)", "example.com (out)"} <= set(
        re.findall(r"example.com \(\w+\)", told)
    )
    repository.commit(**{"zonelint.toml": "", **zones})
    repository.write("int/example.com.zone", inner.replace("mx ip4", "mx ip4:40.94.0.9 ip4"))
    told = check("--against", "HEAD", "--format", format).stdout
    assert "example.com (int/example.com.zone)" in told
    assert "ext/example.com.zone)" not in told


def test_views_that_are_deleted_leave_each_zone_its_own_state_before(repository: Repository):
    """Some zones had no view: those are in the one of all others, before and after."""
    zones = {"int/example.com.zone": INTERNAL, "ext/example.com.zone": BEFORE}
    other = {"example.net.zone": HEAD.replace("example.com", "example.net")}
    repository.commit(**{"zonelint.toml": TWO_VIEWS, **zones, **other})
    repository.write("zonelint.toml", "")
    told = check("--against", "HEAD")
    assert "the change at" not in told.stdout
    assert "PHASE" not in told.stdout
    # Files that are renamed at once may each have been either.
    for name, new in (("int", "a"), ("ext", "b")):
        Path(name).rename(new)
    told = check("--against", "HEAD")
    known = "not known: which zone it was before, of ext/example.com.zone, int/example.com.zone"
    assert told.stdout.count(known) == 1


def test_a_new_zone_is_undecided_where_it_enforces(repository: Repository):
    repository.commit(**{"README.md": "nothing yet"})
    repository.commit(zone=HEAD + SPF + KEY + REJECT)
    found = json.loads(check("--against", "HEAD~1", "--format", "json").stdout)
    assert "PHASE001" not in [each["code"] for each in found["findings"]]
    assert "PHASE001" in [each["code"] for each in found["undecided"]]


def test_includes_are_read_from_the_commit(repository: Repository):
    main = HEAD + SPF + KEY + "$INCLUDE shared/dmarc.inc\n"
    repository.commit(zone=main, **{"shared/dmarc.inc": NONE})
    repository.commit(**{"shared/dmarc.inc": REJECT})
    assert "PHASE001" in codes(check("--against", "HEAD~1", ZONE, "--format", "json"))
    shown = check("--against", "HEAD~1", ZONE, "--all-findings", "--format", "json")
    assert "ZONE001" not in codes(shown)


def test_links_lead_nowhere_outside(repository: Repository):
    secret = Path.cwd().parent / "outside.zone"
    secret.write_text(HEAD + REJECT)
    Path("zones").mkdir()
    Path("zones/inside.zone").symlink_to("../real.txt")
    Path("zones/leak.zone").symlink_to("../../outside.zone")
    repository.commit(**{"real.txt": HEAD + SPF + KEY + NONE})
    Path("zones/leak.zone").unlink()
    repository.commit(**{"real.txt": HEAD + SPF + KEY + REJECT})
    assert "PHASE001" in codes(check("--against", "HEAD~1", "--format", "json"))


def test_a_folder_behind_a_link_is_read_from_the_commit_too(repository: Repository):
    Path("zones").mkdir()
    Path("zones/linked").symlink_to("../real")
    repository.commit(**{"real/example.com.zone": HEAD + SPF + KEY + NONE})
    repository.commit(**{"real/example.com.zone": HEAD + SPF + KEY + REJECT})
    assert "PHASE001" in codes(check("--against", "HEAD~1", "zones", "--format", "json"))


def test_zones_of_the_configuration(repository: Repository):
    config = 'zones = ["dns/**/*.txt"]\n[origins]\n"dns/a/mail.txt" = "example.com"\n'
    body = (HEAD + SPF + KEY + NONE).removeprefix("$ORIGIN example.com.\n")
    repository.commit(**{"sub/zonelint.toml": config, "sub/dns/a/mail.txt": body})
    repository.commit(**{"sub/dns/a/mail.txt": body.replace("p=none", "p=reject")})
    os.chdir("sub")
    assert "PHASE001" in codes(check("--against", "HEAD~1", "--format", "json"))


def test_a_branch_is_compared_with_where_it_left(repository: Repository):
    repository.commit(zone=HEAD + SPF + KEY + NONE)
    repository.git("branch", "topic")
    repository.commit(zone=HEAD + SPF + KEY + QUARANTINE)
    repository.git("checkout", "-q", "topic")
    repository.commit(**{"README.md": "unrelated"})
    assert "PHASE002" in codes(check("--against", "main", "--format", "json"))
    assert codes(check("--against", "main...", "--format", "json")) == []


def test_octodns_zones(repository: Repository):
    text = (
        "---\n'':\n  - type: MX\n    values:\n      - exchange: mail.example.com.\n"
        "        preference: 10\n_dmarc:\n  type: TXT\n  value: v=DMARC1\\; p=none\n"
    )
    repository.commit(**{"config/example.com.yaml": text})
    repository.commit(**{"config/example.com.yaml": text.replace("none", "reject")})
    assert "PHASE001" in codes(check("--against", "HEAD~1", "config", "--format", "json"))


def test_zones_of_targets_are_known_again_by_their_target(repository: Repository):
    config = (
        "providers:\n  c: {class: octodns.provider.yaml.YamlProvider, directory: %s}\n"
        "zones:\n  example.com.: {sources: [c], targets: [t, u]}\n"
    )
    text = (
        "'':\n- {type: MX, value: {exchange: mail.example.com., preference: 10}}\n"
        "- {type: TXT, value: v=spf1 mx ip4:10.0.0.0/8 +all, octodns: {excluded: [u]}}\n"
        "mail: {type: A, value: 198.51.100.25}\n"
    )
    repository.commit(**{"config/example.com.yaml": text, "octodns.yaml": config % "config"})
    repository.git("mv", "config", "cfg")
    repository.commit(**{"octodns.yaml": config % "cfg"})
    moved = check("--against", "HEAD~1")
    assert "Nothing new in 2 zones" in moved.stdout
    assert "not known" not in moved.stdout
    repository.commit(**{"cfg/example.com.yaml": text.replace("v=spf1 mx", "x")})
    lost = json.loads(check("--against", "HEAD~2", "--format", "json").stdout)
    assert [each["message"][:8] for each in lost["findings"] if each["code"] == "PHASE002"] == [
        "at t: Th"
    ]
    repository.commit(**{"cfg/example.com.yaml": text.replace("[u]", "[t]")})
    kept = json.loads(check("--against", "HEAD~3", "--format", "json").stdout)
    assert "PHASE002" not in {each["code"] for each in kept["findings"]}
    why = ["what the target holds there, which octoDNS leaves as it is"]
    assert why in [each["missing"] for each in kept["undecided"] if each["code"] == "PHASE002"]


@pytest.mark.parametrize("option", ["excluded: [t]", "ignored: true"])
def test_what_a_target_holds_before_octodns_writes_there_is_not_known(
    repository: Repository, option: str
):
    config = (
        "providers:\n  c: {class: octodns.provider.yaml.YamlProvider, directory: config}\n"
        "zones:\n  example.com.: {sources: [c], targets: [t]}\n"
    )
    text = (
        "'':\n- {type: MX, value: {exchange: mail.example.com., preference: 10}}\n"
        "_dmarc: {type: TXT, value: v=DMARC1\\; p=reject, octodns: {%s}}\n"
    )
    left = {"config/example.com.yaml": text % option, "octodns.yaml": config}
    repository.commit(**left)
    repository.commit(**{"config/example.com.yaml": text % ""})
    found = json.loads(check("--against", "HEAD~1", "--format", "json").stdout)
    assert "PHASE001" not in {each["code"] for each in found["findings"]}
    why = ["what the target holds there, which octoDNS leaves as it is"]
    assert why in [each["missing"] for each in found["undecided"] if each["code"] == "PHASE001"]


def test_a_processor_of_another_make_is_named_in_what_is_not_known(repository: Repository):
    config = (
        "providers:\n  c: {class: octodns.provider.yaml.YamlProvider, directory: config}\n"
        "processors:\n  f: {class: own.Processor}\n"
        "zones:\n  example.com.: {sources: [c], targets: [t]%s}\n"
    )
    text = (
        "'':\n- {type: MX, value: {exchange: mail.example.com., preference: 10}}\n"
        "- {type: TXT, value: v=spf1 mx -all}\n"
        "_dmarc: {type: TXT, value: v=DMARC1\\; p=reject}\n"
        "s._domainkey: {type: CNAME, value: s.example.net.}\n"
    )
    repository.commit(**{"config/example.com.yaml": text, "octodns.yaml": config % ""})
    repository.write("octodns.yaml", config % ", processors: [f]")
    done = check("--against", "HEAD", ".", "--format", "json")
    waits = {each["code"]: each["missing"] for each in json.loads(done.stdout)["undecided"]}
    why = ["what the processor `f` leaves of the records"]
    assert waits["PHASE002"] == why
    assert waits["PHASE006"] == why
    assert f"selector s cannot be compared; missing: {why[0]}" in check("--against", "HEAD").stdout


def test_against_a_path(repository: Repository):
    Path("before").mkdir()
    Path("before/example.com.zone").write_text(HEAD + SPF + KEY + NONE)
    repository.write("zone", HEAD + SPF + KEY + REJECT)
    assert "PHASE001" in codes(check("--against", "before", "zones", "--format", "json"))


def test_against_a_path_needs_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    Path("old.zone").write_text(HEAD + SPF + KEY + NONE)
    Path("new.zone").write_text(HEAD + SPF + KEY + REJECT)
    assert "PHASE001" in codes(check("--against", "old.zone", "new.zone", "--format", "json"))
    refused = check("--against", "HEAD~1", "new.zone")
    assert refused.exit_code == 2
    assert "not in a Git repository" in refused.stderr


def test_standard_input_has_another_side_by_its_name(repository: Repository):
    repository.commit(zone=HEAD + SPF + KEY + NONE)
    new = HEAD + SPF + KEY + REJECT
    named = check("-", "--stdin-filename", ZONE, "--against", "HEAD", stdin=new)
    assert "PHASE001" in named.stdout
    nameless = check("-", "--origin", "example.com", "--against", "HEAD", stdin=new)
    assert nameless.exit_code == 2
    assert "--stdin-filename" in nameless.stderr


@pytest.mark.parametrize("name", ["nonsense", "HEAD~7", "--upload-pack=x", "a..b", "x...", ""])
def test_a_side_that_is_not_there_is_refused(repository: Repository, name: str):
    repository.commit(zone=HEAD + SPF + KEY + NONE)
    result = check(f"--against={name}")
    assert result.exit_code == 2
    assert "neither a path nor a revision" in result.stderr
    assert "fatal" not in result.stderr


def test_a_name_that_is_both_is_refused(repository: Repository):
    repository.commit(zone=HEAD + SPF + KEY + NONE)
    repository.git("branch", "zones")
    result = check("--against", "zones")
    assert result.exit_code == 2
    assert "./zones" in result.stderr
    assert check("--against", "./zones").exit_code == 0
    assert check("--against", "heads/zones").exit_code == 0


def test_paths_outside_the_repository_are_refused(repository: Repository, tmp_path: Path):
    repository.commit(zone=HEAD + SPF + KEY + NONE)
    (tmp_path / "other.zone").write_text(HEAD + SPF)
    result = check("--against", "HEAD", ZONE, str(tmp_path / "other.zone"))
    assert result.exit_code == 2
    assert "is not in" in result.stderr


def test_what_the_commit_has_broken_counts_as_new(repository: Repository):
    repository.commit(zone="\0binary")
    repository.commit(zone=HEAD + SPF + KEY + NONE)
    result = check("--against", "HEAD~1", "--fail-on", "error")
    assert result.exit_code == 0
    assert f"HEAD~1:{ZONE}" in result.stderr


# ---- two zones of one name ----------------------------------------------------------------------


def test_each_of_two_files_of_one_name_is_held_against_its_own_past(repository: Repository) -> None:
    open_, shut = '@ TXT "v=spf1 +all"\n', '@ TXT "v=spf1 -all"\n'
    files = {folder: Path(folder) / "example.com.zone" for folder in ("a", "b")}
    for folder, text in (("a", open_), ("b", shut)):
        Path(folder).mkdir()
        files[folder].write_text(HEAD + text)
    repository.git("add", ".")
    repository.git("commit", "-q", "-m", "two")
    arguments = ("--against", "HEAD", "--select", "SPF201", "a", "b")
    assert check(*arguments).exit_code == 0
    files["b"].write_text(HEAD + open_)
    result = check(*arguments)
    assert result.exit_code == 1
    assert "b/example.com.zone" in result.stdout
    assert "a/example.com.zone" not in result.stdout


def test_a_finding_is_known_by_its_place_and_not_by_what_it_counts(repository: Repository) -> None:
    hosts = "".join(f"h{n} A 198.51.100.{n}\n" for n in range(1, 15))
    terms = " ".join(f"a:h{n}.example.com" for n in range(1, 12))
    repository.commit(zone=f'{HEAD}{hosts}@ TXT "v=spf1 {terms} -all"\n')
    more = f"{terms} a:h12.example.com a:h13.example.com"
    Path(ZONE).write_text(f'{HEAD}{hosts}@ TXT "v=spf1 {more} -all"\n')
    assert check("--select", "SPF101").exit_code == 1
    assert check("--against", "HEAD", "--select", "SPF101").exit_code == 0


def test_an_address_for_reports_is_known_again_without_its_size(repository: Repository) -> None:
    text = '$ORIGIN example.com.\n$TTL 3600\n@ MX 0 .\n_dmarc TXT "{}"\n'
    policy = "v=DMARC1; p=reject; rua=mailto:d@example.com"
    repository.commit(zone=text.format(f"{policy}!10m"))
    Path(ZONE).write_text(text.format(policy))
    assert check("--select", "DMARC115").exit_code == 1
    assert check("--against", "HEAD", "--select", "DMARC115").exit_code == 0


def test_what_is_missing_is_known_again_wherever_mail_goes(repository: Repository) -> None:
    text = f"{HEAD}relay A 40.92.0.2\n"
    repository.commit(zone=text)
    Path(ZONE).write_text(text.replace("10 mail", "10 relay"))
    assert check("--select", "SPF110").exit_code == 1
    assert check("--against", "HEAD", "--select", "SPF110").exit_code == 0


def test_what_is_left_of_a_greater_fault_is_not_new(repository: Repository) -> None:
    repository.commit(zone=HEAD + SPF + KEY)
    assert check("--fix-proposed", "DMARC101").exit_code == 1
    assert "DMARC110" in codes(check("--format", "json"))
    assert check("--against", "HEAD").exit_code == 0
    repository.commit(zone=HEAD + SPF + KEY + NONE)
    repository.write("zone", HEAD + SPF + KEY + NONE.replace("; rua=mailto:dmarc@example.com", ""))
    assert "DMARC110" in codes(check("--against", "HEAD", "--format", "json"))


# ---- reports ------------------------------------------------------------------------------------

LOCK = """version = 1

["_spf.example.net."]
seen = 2026-11-24
TXT = [
    "v=spf1 ip4:198.51.100.0/24 -all",
]
# end of zonelint.lock
"""
INCLUDING = '@ TXT "v=spf1 mx include:_spf.example.net -all"\n'
DIRECT = Sent("40.92.0.1", 0)
MAILER = Sent("198.51.100.7", 0, dkim="fail", dkim_domain="", selector="")


def test_a_dropped_include_is_replayed(repository: Repository):
    write_reports(Path("reports"), days=14, aligned=1.0, messages=100, good=(DIRECT, MAILER))
    repository.commit(zone=HEAD + INCLUDING + KEY + NONE, **{"zonelint.lock": LOCK})
    Path("zonelint.lock").unlink()
    repository.commit(zone=HEAD + '@ TXT "v=spf1 mx -all"\n' + KEY + NONE)
    result = check("--against", "HEAD~1", "--reports", "reports")
    assert result.exit_code == 1
    assert "PHASE007" in result.stdout
    assert "700 messages" in result.stdout
    assert (
        "of the last 14 days' 1,400 messages, 100 % were aligned; with this change 50 % would "
        "be" in result.stdout
    )
    assert "lost: 198.51.100.0/24, 700 messages" in result.stdout


def test_signed_mail_survives_a_dropped_include(repository: Repository):
    signed = Sent("198.51.100.7", 0, selector="s1")
    write_reports(Path("reports"), days=14, aligned=1.0, messages=100, good=(DIRECT, signed))
    repository.commit(zone=HEAD + INCLUDING + KEY + NONE, **{"zonelint.lock": LOCK})
    repository.commit(zone=HEAD + '@ TXT "v=spf1 mx -all"\n' + KEY + NONE)
    shown = check("--against", "HEAD~1", "--reports", "reports").stdout
    assert "lost:" not in shown
    repository.commit(zone=HEAD + '@ TXT "v=spf1 mx -all"\n' + NONE)
    shown = check("--against", "HEAD~2", "--reports", "reports").stdout
    assert "lost: 198.51.100.0/24, 700 messages" in shown
    assert "PHASE006" in shown


def test_strict_alignment_is_replayed(repository: Repository):
    bounces = Sent("40.92.0.1", 0, dkim="fail", dkim_domain="", envelope_from="b.example.com")
    write_reports(Path("reports"), days=14, aligned=1.0, messages=100, good=(bounces,))
    subdomain = 'b TXT "v=spf1 ip4:40.92.0.1 -all"\n'
    repository.commit(zone=HEAD + SPF + subdomain + KEY + NONE)
    strict = NONE.replace("p=none", "p=none; aspf=s")
    repository.commit(zone=HEAD + SPF + subdomain + KEY + strict)
    shown = check("--against", "HEAD~1", "--reports", "reports").stdout
    assert "alignment of SPF: relaxed → strict" in shown
    assert "with this change 0 % would be" in shown
    assert "lost: of b.example.com, which is no longer aligned, 1,400 messages" in shown


def test_the_next_phase_needs_reports(repository: Repository):
    repository.commit(zone=HEAD + SPF + KEY + NONE)
    repository.commit(zone=HEAD + SPF + KEY + QUARANTINE)
    without = json.loads(check("--against", "HEAD~1", "--format", "json").stdout)
    assert {"code": "PHASE003", "owner": "example.com.", "missing": ["DMARC reports"]} in (
        without["undecided"]
    )


@pytest.mark.parametrize(("aligned", "stopped"), [(0.99, False), (0.9, True)])
def test_the_next_phase_needs_aligned_mail(repository: Repository, aligned: float, stopped: bool):
    write_reports(Path("evidence"), days=14, aligned=aligned, published=Published(p="none"))
    repository.commit(zone=HEAD + SPF + KEY + NONE, **{"zonelint.toml": 'reports = ["evidence"]'})
    repository.commit(zone=HEAD + SPF + KEY + QUARANTINE)
    result = check("--against", "HEAD~1", "--select", "PHASE003")
    assert ("PHASE003 " in result.stdout) is stopped
    assert result.exit_code == (1 if stopped else 0)
    assert ("203.0.113.66 (1,400 messages)" in result.stdout) is stopped


def test_ready_proposes_the_next_phase(repository: Repository):
    write_reports(Path("evidence"), days=14, aligned=0.99)
    config = 'reports = ["evidence"]\n[domains."example.com".dmarc]\ntarget = "reject"\n'
    repository.commit(zone=HEAD + SPF + KEY + NONE, **{"zonelint.toml": config})
    result = check("--select", "PHASE005", "--format", "json")
    (finding,) = json.loads(result.stdout)["findings"]
    assert finding["fix"]["after"] == ['"v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com"']


def test_reports_that_are_not_there_are_refused(repository: Repository):
    repository.commit(zone=HEAD + SPF + KEY + NONE)
    result = check("--reports", "nowhere")
    assert result.exit_code == 2
    assert "nowhere" in result.stderr


def test_a_policy_file_that_changes_wants_a_new_id(repository: Repository):
    record = '_mta-sts TXT "v=STSv1; id=20261124"\nmta-sts A 198.51.100.2\n'
    policy = "version: STSv1\nmode: testing\nmx: mail.example.com\nmax_age: 604800\n"
    config = 'zones = ["zones/*"]\n[domains."example.com"]\nmta-sts.policy = "mta-sts.txt"\n'
    repository.write("zonelint.toml", config)
    repository.write("mta-sts.txt", policy)
    repository.commit(zone=HEAD + SPF + KEY + NONE + record)
    repository.write("mta-sts.txt", policy.replace("testing", "enforce"))
    result = check("--against", "HEAD", "--format", "json", "--select", "STS003")
    (finding,) = json.loads(result.stdout)["findings"]
    assert "the `id` is still `20261124`" in finding["message"]
    repository.write("zone", HEAD + SPF + KEY + NONE + record.replace("1124", "1125"))
    assert codes(check("--against", "HEAD", "--format", "json", "--select", "STS003")) == []


def test_a_zone_that_is_gone_is_told(repository: Repository):
    repository.commit(
        zone=HEAD + REJECT, **{"zones/other.example.zone": HEAD.replace(".com", ".org")}
    )
    Path(ZONE).unlink()
    result = check("--against", "HEAD")
    assert result.exit_code == 0
    assert "the change at example.com:\n  its zone no longer exists" in result.stdout
    assert (
        "undecided PHASE002 phase-weakened for example.com. needs the zone, which no longer "
        "exists" in result.stdout
    )
    narrow = check("zones/other.example.zone", "--against", "HEAD")
    assert "gone" not in narrow.stdout


_MODULE = """variable "zone" {}
resource "aws_route53_record" "spf" {
  zone_id = var.zone
  name    = "example.com"
  type    = "TXT"
  ttl     = 3600
  records = ["v=spf1 mx -all"]
}
"""
_OWN = 'resource "aws_route53_zone" "z" { name = "example.com" }\n'
_TEXT = _MODULE.replace('variable "zone" {}\n', "").replace(
    "var.zone", "aws_route53_zone.z.zone_id"
)
_CALL = 'module "m" {\n  source = "../m"\n  zone = aws_route53_zone.z.zone_id\n}\n'


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({}, "needs the zone, which no longer exists"),
        ({"prod/main.tf": _OWN}, "needs the zone, which no longer exists"),
        ({"prod/main.tf": _OWN + _CALL.replace("../m", "a/m/aws")}, "which no longer exists"),
        ({"prod/main.tf": _OWN + _TEXT.replace('"example.', '"www.example.')}, " PHASE002 The SPF"),
        ({"prod/main.tf": _OWN, "m/own.tf": 'provider "aws" {\n}\n'}, ""),
        ({"prod/main.tf": _OWN + _CALL.replace("../m", "../n"), "n/main.tf": _MODULE}, ""),
    ],
)
def test_a_module_that_nobody_calls_any_more_creates_nothing(
    repository: Repository, after: dict[str, str], told: str
):
    repository.commit(**{"prod/main.tf": _OWN + _CALL, "m/main.tf": _MODULE})
    Path("prod/main.tf").unlink()
    for path, text in after.items():
        repository.write(path, text)
    for words in ((), (".",), ("m/main.tf",) if not after else ()):
        shown = check(*words, "--against", "HEAD", "--select", "PHASE", "--format", "concise")
        assert told in shown.stdout
        assert ("PHASE002" in shown.stdout) is bool(told)


def test_folders_of_terraform_are_no_modules_of_others_that_are_read_with_them(
    repository: Repository,
):
    texts = {name: _TEXT.replace("example.com", f"example.{name}") for name in ("com", "org")}
    owns = {name: _OWN.replace("example.com", f"example.{name}") for name in ("com", "org")}
    repository.commit(**{f"tf/{name}/main.tf": owns[name] + texts[name] for name in texts})
    told = check("--against", "HEAD", "--fail-on", "undecided", ".")
    assert (told.exit_code, "in 2 zones" in told.stdout) == (0, True)


@pytest.mark.parametrize("paths", [(), ("b",), ("b/example.com.zone",)])
def test_a_zone_that_goes_is_a_state_before_of_its_namesake(
    repository: Repository, paths: tuple[str, ...]
):
    other = {"b/example.com.zone": HEAD + SPF + NONE, "b/zonelint.toml": 'select = ["ZONE001"]\n'}
    config = 'zones = ["zones", "b"]\n'
    repository.commit(zone=HEAD + SPF + REJECT, **other, **{"zonelint.toml": config})
    Path(ZONE).unlink()
    repository.write("zonelint.toml", 'zones = ["b"]\n')
    result = check(*paths, "--against", "HEAD", "--format", "json", "--select", "PHASE")
    assert codes(result) == ["PHASE009"]
    assert UNSERVED.format(ZONE) in result.stdout


UNSERVED = "which zone was served before: {} no longer exists"


@pytest.mark.parametrize("goes", ["strict", "lax"])
def test_of_two_zones_of_a_name_one_goes_and_the_other_is_what_it_was(
    repository: Repository, goes: str
):
    """To keep one of them is what ZONE010 advises; whether it was the one in use nobody knows."""
    repository.commit(**{
        "strict/example.com.zone": HEAD + SPF + KEY + REJECT,
        "lax/example.com.zone": HEAD + '@ TXT "v=spf1 mx ?all"\n' + KEY + NONE,
    })  # fmt: skip
    repository.git("rm", "-rq", goes)
    report = json.loads(check("--against", "HEAD", "--format", "json", ".").stdout)
    assert report["findings"] == []
    code = {"strict": "PHASE002", "lax": "PHASE001"}[goes]
    told = [each["missing"] for each in report["undecided"] if each["code"] == code]
    assert [UNSERVED.format(f"{goes}/example.com.zone")] in told
    # Its own change is one for certain.
    left = {"strict": "lax", "lax": "strict"}[goes]
    repository.write(f"{left}/example.com.zone", HEAD + '@ TXT "v=spf1 mx +all"\n' + KEY)
    assert "PHASE002" in codes(check("--against", "HEAD", "--format", "json", "."))


@pytest.mark.parametrize("paths", [(), ("b/example.com.zone",)])
def test_a_copy_is_compared_with_what_its_name_had_whatever_is_named(
    repository: Repository, paths: tuple[str, ...]
):
    """Whichever of two equal files is served, nothing changes."""
    words = (*paths, "--against", "HEAD", "--fail-on", "undecided", "--select", "PHASE")
    repository.commit(zone=HEAD + SPF + REJECT)
    repository.write("b/example.com.zone", HEAD + SPF + REJECT)
    assert (check(*words).exit_code, "undecided" in check(*words).stdout) == (0, False)
    repository.write("b/example.com.zone", HEAD + SPF + NONE)
    assert codes(check(*words, "--format", "json")) == ["PHASE002"]


@pytest.mark.parametrize(("path", "told"), [("here", True), ("here/other.example.zone", False)])
def test_only_two_folders_hold_the_same_zones(repository: Repository, path: str, told: bool):
    repository.write("zone", HEAD + REJECT)
    repository.write("here/other.example.zone", HEAD.replace(".com", ".org"))
    result = check(path, "--against", "zones", "--select", "PHASE")
    assert result.exit_code == 0
    assert ("its zone no longer exists" in result.stdout) is told


def test_what_git_tells_its_hooks_leads_nowhere_else(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
):
    repository.commit(zone=HEAD + NONE)
    repository.write("zone", HEAD + REJECT)
    for folder in (".git", str(Path(".git").resolve())):
        monkeypatch.setenv("GIT_DIR", folder)
        monkeypatch.setenv("GIT_INDEX_FILE", f"{folder}/index")
        for paths in (["zones"], [ZONE], []):
            assert "PHASE001" in check(*paths, "--against", "HEAD").stdout, (folder, paths)


def test_a_submodule_is_named_and_judged_from_within(repository: Repository, tmp_path: Path):
    inner = tmp_path / "inner"
    (inner / "zones").mkdir(parents=True)
    (inner / ZONE).write_text(HEAD + NONE)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "a zone"]):
        repository.git("-C", str(inner), *words)
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner))
    repository.commit()
    Path("inner", ZONE).write_text(HEAD + REJECT)
    outside = check("--against", "HEAD")
    assert "HEAD:inner: This is a Git submodule" in outside.stderr
    assert "undecided PHASE001" in outside.stdout
    within = check("inner", "--against", "HEAD")
    assert (within.exit_code, within.stderr) == (1, "")
    assert "PHASE001" in within.stdout


def test_a_zone_that_no_configuration_keeps_apart_any_more_is_a_twin_in_every_run(repository):
    joint = "zones/joint.example.zone"
    head = HEAD.replace("example.com", "joint.example").replace(
        "@ MX", "@ SOA ns h 1 1h 1h 1h 1h\n@ MX"
    )
    config = 'zones = ["zones/*.zone"]\n'
    repository.commit(**{
        f"alpha/{joint}": head + '@ TXT "v=spf1 include:example.net -all"\n', f"beta/{joint}": head,
        "beta/zones/n.zone": "$ORIGIN example.net.\n$TTL 1h\n" + SPF,
        "alpha/zonelint.toml": config, "beta/zonelint.toml": config,
    })  # fmt: skip
    assert "ZONE010" not in codes(check("--format", "json", "."))
    repository.git("rm", "-q", "beta/zonelint.toml")
    for path in (".", f"beta/{joint}"):
        assert "ZONE010" in codes(check("--against", "HEAD", "--format", "json", path))
    # What it named goes on to be known where it is not judged.
    alone = json.loads(check("--against", "HEAD", "--format", "json", "alpha").stdout)
    assert [*alone["findings"], *alone["undecided"]] == []


def test_a_plan_on_standard_input_is_compared_with_its_own_state_before(repository):
    """It needs no name; a zone does, because it is compared with the commit."""
    plan = (Path(__file__).parents[2] / "examples" / "terraform" / "plan.json").read_text()
    repository.commit(zone=HEAD + SPF)
    alone = check("--format", "json", "-", stdin=plan)
    compared = check("--format", "json", "--against", "HEAD", "--all-findings", "-", stdin=plan)
    assert codes(compared) == codes(alone)
    refused = check("--against", "HEAD", "-", stdin=HEAD + SPF)
    assert refused.exit_code == 2
    assert "standard input has nothing to compare with" in refused.stderr


def test_a_record_that_goes_from_terraform_source_is_told_in_the_source_now(repository):
    repository.commit(**{"main.tf": _OWN + "\n\n\n" + _TEXT})
    repository.write("main.tf", _OWN + _TEXT.replace('"example.com"', '"www.example.com"'))
    told = check("main.tf", "--against", "HEAD", "--select", "PHASE002").stdout
    assert told.startswith("main.tf:7:")
    assert "It was at main.tf:10 before." in told


def test_a_configuration_that_stood_is_not_said_to_be_changed_by_a_zone_that_comes(repository):
    loose = 'ignore = ["SPF202"]\n'
    repository.commit(**{"a/z.zone": HEAD + SPF, "a/zonelint.toml": "", "b/zonelint.toml": loose})
    repository.git("mv", "a/z.zone", "b/z.zone")
    told = check("--against", "HEAD", ".").stdout
    assert 'This change puts zones under a configuration whose `ignore` is `["SPF202"]`' in told
    repository.write("b/zonelint.toml", 'ignore = ["SPF2"]\n')
    assert "This change sets `ignore` to" in check("--against", "HEAD", ".").stdout


def test_what_goes_with_a_part_of_a_zone_is_told_once_and_in_the_file_that_changed(repository):
    part = "".join(f'{name} MX 10 mail\n{name} TXT "v=spf1 mx -all"\n' for name in ("@", "ki"))
    head = "$ORIGIN example.com.\n$TTL 3600\n@ SOA ns h 1 1h 1h 1h 1h\n$INCLUDE mail.inc\n"
    include, own = "$INCLUDE dept.inc dept\n", 'news MX 10 mail\nnews TXT "v=spf1 mx -all"\n'
    repository.commit(
        zone=head + include + own,
        **{
            "zones/mail.inc": "@ MX 10 mail\nmail A 40.9.0.1\n" + SPF + NONE,
            "zones/dept.inc": part + "mail A 40.9.0.2\n",
        },
    )
    repository.write("zone", head)
    report = json.loads(check("--against", "HEAD", "--format", "json").stdout)
    (found, *rest) = [e for e in report["findings"] if e["code"] == "PHASE008"]
    assert {each["path"] for each in (found, *rest)} == {ZONE}
    assert "It was at zones/dept.inc:1 before." in check("--against", "HEAD").stdout
    causes = {each["owner"].split(".")[0]: each["cause"] for each in (found, *rest)}
    assert causes["dept"] == causes["ki"] != causes["news"]


@pytest.mark.parametrize("paths", [(".",), ("example.net.zone",)])
def test_views_that_are_renamed_are_asked_by_their_names_of_each_side(repository, paths):
    """By a zone of no view, whose record leads to zones of each."""
    asking = (
        HEAD.replace("example.com", "example.net") + '@ TXT "v=spf1 include:example.com -all"\n'
    )
    held = HEAD + SPF + KEY
    repository.commit(**{
        "zonelint.toml": TWO_VIEWS, "int/example.com.zone": held, "ext/example.com.zone": held,
        "example.net.zone": asking,
    })  # fmt: skip
    repository.write("zonelint.toml", VIEWS.format("inner", "int", "outer", "ext"))
    repository.write("example.net.zone", asking + "; as it was\n")
    told = check("--against", "HEAD", "--fail-on", "undecided", *paths)
    assert (told.exit_code, "the change at" in told.stdout) == (0, False)
    for path in ("int/example.com.zone", "ext/example.com.zone"):
        repository.write(path, held.replace("ip4:40.93.0.0/24 ", ""))
    told = check("--against", "HEAD", *paths).stdout
    views = ", example.com (outer), example.com (inner)" if paths == (".",) else ""
    assert f"the change at example.net{views}:\n  SPF removes 256 addresses (40.93" in told


@pytest.mark.parametrize("path", [".", ZONE, "zones/dept.example.com.zone"])
@pytest.mark.parametrize("is_cut", [True, False])
def test_a_zone_that_is_cut_out_is_compared_with_what_it_was(repository, is_cut: bool, path: str):
    """So is one that is merged back: nothing is new that stood, and nothing goes unseen."""
    apex = "@ SOA ns h 1 1h 1h 1h 1h\n@ NS ns.example.org.\n"
    mail = '@ MX 10 mail\n@ TXT "v=spf1 mx ptr ?all"\nmail A 40.92.0.9\n' + KEY
    mail += 'x MX 10 mail\nx TXT "v=spf1 +all"\n'
    head = HEAD.replace("@ MX", apex + "@ MX") + SPF + REJECT.replace("reject;", "reject; sp=none;")

    def write(mail: str, is_cut: bool) -> None:
        own = "$ORIGIN dept.example.com.\n$TTL 3600\n"
        repository.write("zone", head + ("dept NS ns.example.org.\n" if is_cut else own + mail))
        Path("zones/dept.example.com.zone").unlink(missing_ok=True)
        if is_cut:
            repository.write("zones/dept.example.com.zone", own + apex + mail)

    write(mail, not is_cut)
    repository.commit()
    write(mail, is_cut)
    if not Path(path).exists() or (is_cut and path == ZONE):
        return
    told = check("--against", "HEAD", "--fail-on", "undecided", path)
    assert told.exit_code == 0, told.stdout
    write(mail.replace("x MX 10 mail\n", "").replace(KEY, ""), is_cut)
    told = check("--against", "HEAD", path, "--select", "PHASE").stdout
    assert {"PHASE006", "PHASE008"} <= set(re.findall("PHASE...", told))


CUT = "$TTL 3600\n@ SOA ns.example.org. h 1 1h 1h 1h 1h\n@ NS ns.example.org.\n"


@pytest.mark.parametrize("path", [".", ZONE])
@pytest.mark.parametrize("cut", ["_domainkey", "s1._domainkey", "s2._domainkey"])
def test_a_key_in_a_zone_of_its_own_is_another_key(repository, cut: str, path: str):
    """The key s2 goes, and s1 stays: in the zone that is cut out, or in that above it."""
    repository.commit(zone=HEAD + SPF + KEY + KEY.replace("s1", "s2"))
    own = f"$ORIGIN {cut}.example.com.\n{CUT}"
    above = f"{HEAD}{SPF}{cut} NS ns.example.org.\n"
    is_above = cut.startswith("s2")
    key = KEY.replace("s1._domainkey", "s1" if cut == "_domainkey" else "@")
    repository.write("zone", above + (KEY if is_above else ""))
    repository.write(f"zones/{cut}.example.com.zone", own + ("" if is_above else key))
    told = check("--against", "HEAD", "--select", "PHASE", path)
    assert (told.exit_code, told.stdout.count("PHASE006")) == (0, 1), told.stdout


def test_what_a_cut_out_zone_loses_is_told_once(repository: Repository):
    mail = 'dept MX 10 mail\ndept TXT "v=spf1 mx -all"\nx.dept TXT "v=spf1 -all"\n'
    repository.commit(zone=HEAD + SPF + mail)
    repository.write("zone", HEAD + SPF + "dept NS ns.example.org.\n")
    for name in ("dept", "x.dept"):
        held = f"$ORIGIN {name}.example.com.\n{CUT}@ MX 10 mail.example.com.\n"
        repository.write(f"zones/{name}.example.com.zone", held)
    told = check("--against", "HEAD", "--select", "PHASE002").stdout
    assert told.count("PHASE002 phase") == 2
    assert "zones/example.com.zone" not in told


def test_a_zone_that_is_merged_is_not_gone(repository: Repository):
    """Whatever its names lead through to say what they said."""
    held = SPF + REJECT
    repository.commit(zone=HEAD + held + "dept NS ns.example.org.\n")
    repository.write("zones/dept.example.com.zone", f"$ORIGIN dept.example.com.\n{CUT}{held}")
    repository.commit()
    Path("zones/dept.example.com.zone").unlink()
    lines = 'dept TXT "v=spf1 mx ip4:40.93.0.0/24 -all"\n_dmarc.dept CNAME _dmarc\n'
    repository.write("zone", HEAD + held + lines)
    told = check("--against", "HEAD", "--select", "PHASE", "--fail-on", "undecided")
    assert (told.exit_code, "no longer exists" in told.stdout) == (0, False), told.stdout


TO_GONE = '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@gone.example.com'


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (f'{TO_GONE}!10m"\n', f'{TO_GONE}"\n', "DMARC115"),
        (f'{TO_GONE}"\n', f'{TO_GONE},mailto:d@too.example.com"\n', None),
    ],
)
def test_what_shows_a_fault_is_no_part_of_it(repository, before: str, after: str, code: str | None):
    """How an address is written may change."""
    repository.commit(zone=HEAD + before)
    repository.write("zone", HEAD + after)
    select = ("--select", code or "DMARC115")
    assert check("--against", "HEAD", *select).exit_code == (0 if code else 1)
    assert check(*select).exit_code == 1


def test_a_zone_of_another_configuration_that_goes_is_no_state_before_of_ones_own(repository):
    files = {}
    for team, policy in (("one", QUARANTINE), ("two", REJECT)):
        files[f"{team}/zonelint.toml"] = 'zones = ["*.zone"]\n'
        files[f"{team}/example.com.zone"] = HEAD + SPF + policy
    repository.commit(**files)
    Path("two/example.com.zone").unlink()
    told = check("--against", "HEAD", "--select", "PHASE", ".").stdout
    assert "which zone was served before" not in told
    assert "undecided PHASE002 phase-weakened for example.com. needs the zone, which no" in told
    assert "undecided" not in check("--against", "HEAD", "--select", "PHASE", "one").stdout


_HOLE = _OWN + _TEXT.replace("example.com", "_dmarc.example.com").replace(
    "v=spf1 mx -all", "v=DMARC1; p=${var.p}; sp=reject"
)
_DATA = 'data "aws_ssm_parameter" "p" {\n  name = "/reject"\n}\n'
_LOOKED_UP = _HOLE.replace("var.p", "data.aws_ssm_parameter.p.value") + _DATA
_COUNTED = _HOLE.replace("${var.p}", "reject").replace("  type ", "  count = var.n\n  type ")
_CHOSEN = _HOLE.replace('["v=', 'var.x ? var.y : ["v=').replace("${var.p}", "reject")
_REFERS = _HOLE.replace('["v=DMARC1; p=${var.p}; sp=reject"]', "[upper(local.p)]")
_LOCAL = 'locals {\n  p = textdecodebase64("cmVqZWN0", "UTF-8")\n}\n'
_STACK = """Parameters:
  P: {Type: String}
Resources:
  Z: {Type: "AWS::Route53::HostedZone", Properties: {Name: example.com}}
  C: {Type: "Custom::Made", Properties: {With: reject}}
  D:
    Type: AWS::Route53::RecordSet
    Properties:
      HostedZoneId: !Ref Z
      Name: _dmarc.example.com
      Type: TXT
      TTL: 3600
      ResourceRecords: [!Sub '"v=DMARC1; p=${P}; sp=reject"']
"""
_MADE = _STACK.replace("!Sub '\"v=DMARC1; p=${P}; sp=reject\"'", "!GetAtt C.Text")


@pytest.mark.parametrize(
    ("path", "before", "old", "new"),
    [
        ("main.tf", _HOLE, "sp=reject", "sp=none"),
        ("main.tf", _LOOKED_UP, "/reject", "/none"),
        ("main.tf", _COUNTED, "p=reject", "p=none"),
        ("main.tf", _COUNTED, "var.n", "var.n == 2 ? 1 : 0"),
        ("main.tf", _CHOSEN, "p=reject", "p=none"),
        ("main.tf", _REFERS + _LOCAL, "cmVqZWN0", "bm9uZQ=="),
        ("stack.yaml", _STACK, "sp=reject", "sp=none"),
        ("stack.yaml", _MADE, "reject", "none"),
    ],
)
def test_an_unknown_that_is_made_of_something_else_is_another_one(
    repository: Repository, path: str, before: str, old: str, new: str
):
    arguments = ("--against", "HEAD", "--select", "PHASE002", "--format", "json")
    repository.commit(**{path: before})
    assert old in before
    repository.write(path, before.replace(old, new))
    assert json.loads(check(*arguments).stdout)["undecided"]
    # Where it stands, how it is laid out, and what stands beside it is none of it.
    comment = "# moved\n\n"
    repository.write(path, comment + before.replace("3600", "300").replace(" = ", "   = "))
    assert not json.loads(check(*arguments).stdout)["undecided"]


_KEY = "v=DKIM1; {}; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_POLICY = "v=DMARC1; p={}; ${{var.x}}"


@pytest.mark.parametrize(
    ("owner", "old", "new", "told"),
    [
        ("_dmarc.", _POLICY.format("reject"), _POLICY.format("none"), "PHASE002"),
        ("_dmarc.", _POLICY.format("reject"), "v=DMARC1; p=none", "PHASE002"),
        ("_dmarc.", _POLICY.format("reject"), None, "PHASE002"),
        ("_dmarc.", _POLICY.format("none"), _POLICY.format("reject"), "PHASE001"),
        ("_dmarc.", _POLICY.format("none"), _POLICY.format("${var.y}"), None),
        ("", "v=spf1 mx ${var.x} -all", "v=spf1 mx ${var.x} ~all", "PHASE002"),
        ("", "v=spf1 mx ${var.x} -all", None, "PHASE002"),
        ("", "v=spf1 mx ${var.x} -all", "v=spf1 a ${var.x} -all", None),
        ("k._domainkey.", _KEY.format("${var.x}"), "v=DKIM1; ${var.x}; p=", "PHASE006"),
        ("k._domainkey.", _KEY.format("${var.x}"), _KEY.format("${var.y}"), None),
        ("k._domainkey.", "v=DKIM1; p=${var.x}", "v=DKIM1; p=${var.y}", None),
    ],
)
def test_what_is_stated_beside_an_unknown_value_is_judged(
    repository: Repository, owner: str, old: str, new: str | None, told: str | None
):
    """Whatever the value is, that is lost; where it may be the same as before, it is undecided."""

    exchange = _TEXT.replace('"TXT"', '"MX"').replace('"spf"', '"mx"')
    exchange = exchange.replace("v=spf1 mx -all", "10 mx.example.net.")

    def tree(text: str | None) -> str:
        changed = "" if text is None else _TEXT.replace("v=spf1 mx -all", text)
        return _OWN + exchange + changed.replace('"example.com"', f'"{owner}example.com"')

    repository.commit(**{"main.tf": tree(old)})
    repository.write("main.tf", tree(new))
    report = json.loads(check("--against", "HEAD", "--select", "PHASE", "--format", "json").stdout)
    assert [each["code"] for each in report["findings"]] == [told] * bool(told)
    assert report["undecided"] or told


_UNREAD = 'resource "desec_rrset" "d" {\n  records = ["\\"v=DMARC1; p=reject\\""]\n}\n'
_ELSEWHERE = (
    'locals {\n  p = "v=DMARC1; p=reject"\n}\nmodule "m" {\n  source = "a/b/c"\n  p = local.p\n}\n'
)
_CUSTOM = 'Resources:\n  Z: {Type: "AWS::Route53::HostedZone", Properties: {Name: example.com}}\n'
_CUSTOM += '  R:\n    Type: Custom::Dns\n    Properties: {Value: "v=DMARC1; p=reject"}\n'


@pytest.mark.parametrize(
    ("path", "text"), [("main.tf", _UNREAD), ("main.tf", _ELSEWHERE), ("stack.yaml", _CUSTOM)]
)
def test_mail_records_that_are_not_read_are_undecided_where_they_change_or_go(
    repository: Repository, path: str, text: str
):
    arguments = ("--against", "HEAD", "--select", "PHASE002", "--format", "json")
    repository.commit(**{path: text})

    def needed(after: str) -> str:
        repository.write(path, after)
        told = json.loads(check(*arguments).stdout)["undecided"]
        return "".join(what for each in told for what in each["missing"])

    assert not needed("# moved\n\n" + text)
    assert "mail records" in needed(text.replace("p=reject", "p=none"))
    gone = text.split("module")[0] if "module" in text else text.split("  R:")[0]
    assert needed("\n" if gone == text else gone).startswith("what goes: ")


_STS = '_mta-sts TXT "v=STSv1; id={}"\nmta-sts A 40.92.0.1\n'
_STS_FILE = "version: STSv1\nmode: {}\nmx: mail.example.com\nmax_age: 604800\n"
_NAMES = '[domains."example.com"]\nmta-sts.policy = "{}"\n'


@pytest.mark.parametrize(
    ("config", "files", "told"),
    [
        (_NAMES.format("a.txt"), {"a.txt": "none"}, "warning"),
        (_NAMES.format("b.txt"), {"b.txt": "testing"}, "warning"),
        (_NAMES.format("b.txt"), {"b.txt": "enforce"}, None),
        ("", {"a.txt": "enforce"}, "undecided"),
        ('[domains."example.org"]\nmta-sts.policy = "a.txt"\n', {"a.txt": "enforce"}, "undecided"),
    ],
)
def test_a_policy_file_that_protects_no_more_is_not_passed_over(
    repository: Repository, config: str, files: dict[str, str], told: str | None
):
    before = {"zone": HEAD + _STS.format(1), "zonelint.toml": _NAMES.format("a.txt")}
    repository.commit(**before, **{"a.txt": _STS_FILE.format("enforce")})
    repository.write("zone", HEAD + _STS.format(2))
    repository.write("zonelint.toml", config)
    for path, mode in files.items():
        repository.write(path, _STS_FILE.format(mode))
    result = check("--against", "HEAD", "--select", "PHASE002", "--format", "json")
    report = json.loads(result.stdout)
    given = [each["severity"] for each in report["findings"]]
    assert given + ["undecided" for _ in report["undecided"]] == [told] * bool(told)
