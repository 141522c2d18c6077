"""A change is not judged by what it loosens itself (PHASE009), and is by what it declares."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.reports_factory import write_reports
from zonelint.main import zonelint

HEAD = "$TTL 3600\n@ SOA ns1.example.net. h.example.net. 1 7200 900 1209600 3600\n"
MAIL = "@ MX 10 mail\nmail A 198.51.100.25\n"
DMARC = '_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"\n'
SHUT = f'{HEAD}{MAIL}{DMARC}@ TXT "v=spf1 mx -all"\n'
OPEN = SHUT.replace("-all", "+all")
GOOGLE = SHUT.replace("v=spf1 mx", "v=spf1 mx include:_spf.google.com")
LOCK = """version = 1

["_spf.google.com."]
seen = 2026-11-24
TXT = [
    "v=spf1 ip4:{} -all",
]

# end of zonelint.lock
"""


def git(*words: str) -> None:
    author = ("-c", "user.name=A", "-c", "user.email=a@example.com")
    subprocess.run(["git", *author, *words], check=True, capture_output=True)


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("zones/example.com.zone", SHUT)
    write("zonelint.toml", "")


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def commit() -> None:
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "one")


def codes(*words: str) -> list[tuple[str, str, int]]:
    done = CliRunner().invoke(
        zonelint, ["check", ".", "--against", "HEAD", "--format", "json", *words]
    )
    assert done.exit_code in (0, 1), done.output
    found = json.loads(done.stdout)["findings"]
    return [(each["code"], each["path"], each["line"]) for each in found]


OPENED = ("SPF201", "zones/example.com.zone", 6)


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ('fix.serial = true\nignore = ["SPF201"]\n', 2),
        ('select = ["DMARC"]\n', 1),
        ('[severity]\nSPF201 = "info"\n', 2),
        ('[per-owner-ignore]\n"example.*" = ["SPF"]\n', 2),
        ('[views]\ninside = { zones = ["zones"], public = false }\n', 2),
    ],
)
def test_a_key_that_loosens_is_told_and_not_honoured(config: str, line: int) -> None:
    commit()
    write("zones/example.com.zone", OPEN)
    write("zonelint.toml", config)
    assert {OPENED, ("PHASE009", "zonelint.toml", line)} <= set(codes())
    assert "PHASE009" not in {code for code, _, _ in codes("--trust-change=config")}


def test_a_zone_that_moves_to_a_view_that_is_not_public_is_judged_as_it_was() -> None:
    view = "[views]\ninside = {{ zones = {}, public = false }}\n"
    write("zonelint.toml", view.format('["inside"]'))
    commit()
    write("zones/example.com.zone", OPEN)
    write("zones/new.example.zone", OPEN.replace("example.com", "new.example"))
    write("zonelint.toml", view.format('["inside", "zones"]'))
    told = codes()
    assert {each[:2] for each in told} == {
        OPENED[:2], ("PHASE002", OPENED[1]), ("PHASE009", "zonelint.toml")
    }  # fmt: skip
    assert ("PHASE009", "zonelint.toml", 2) in told


def test_a_zone_for_servers_inside_beside_that_of_the_internet_hides_nothing() -> None:
    """Whichever of the two is new, and where the one before lay elsewhere."""
    write("zonelint.toml", '[views]\ninside = { zones = ["inside"], public = false }\n')
    commit()
    write("inside/example.com.zone", SHUT)
    assert "PHASE009" not in {code for code, _, _ in codes()}
    Path("outside").mkdir()
    Path("zones/example.com.zone").rename("outside/example.com.zone")
    assert "PHASE009" not in {code for code, _, _ in codes()}
    Path("outside/example.com.zone").unlink()
    assert "PHASE009" in {code for code, _, _ in codes()}


def test_a_view_that_is_not_public_may_get_another_name() -> None:
    view = '[views]\n{} = {{ zones = ["{}"], public = false }}\n'
    write("zonelint.toml", view.format("inside", "zones"))
    commit()
    write("zones/example.com.zone", OPEN)
    write("zonelint.toml", view.format("inner", "zones"))
    assert codes() == []
    write("zonelint.toml", view.format("inner", "zones/*"))
    assert ("PHASE009", "zonelint.toml", 2) in codes()
    write("other/example.com.zone", SHUT)
    commit()
    Path("zonelint.toml").unlink()
    told = CliRunner().invoke(zonelint, ["check", ".", "--against", "HEAD"]).stdout
    assert told.count("zonelint.toml (as it was before the change)") == 1


def test_what_is_loosened_is_not_the_harm_of_a_repair() -> None:
    """It is told at the first zone, and the repair is judged with the zones that it changes."""
    write("zones/aaa.example.zone", SHUT.replace("example.com", "aaa.example"))
    commit()
    write("zones/example.com.zone", OPEN)
    write("zonelint.toml", 'ignore = ["SPF306"]\n')
    done = CliRunner().invoke(zonelint, ["check", ".", "--against", "HEAD", "--format", "json"])
    found = {each["code"]: each for each in json.loads(done.stdout)["findings"]}
    assert "PHASE009" in found
    assert "No change is offered" not in found["SPF201"]["message"]
    assert found["SPF201"]["fix"]["after"]


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        ("", "whole = []", True),
        ('whole = ["example.com"]', 'whole = ["example.net"]', True),
        ('whole = ["example.com"]', 'whole = ["example.net", "example.com"]', False),
        ('whole = ["example.com"]', "", False),
    ],
)
def test_zones_that_are_no_longer_called_whole_loosen(
    before: str, after: str, is_told: bool
) -> None:
    write("zonelint.toml", f"[resources]\n{before}\n")
    commit()
    write("zonelint.toml", f"[resources]\n{after}\n")
    assert (("PHASE009", "zonelint.toml", 2) in codes()) is is_told


TYPE = """[resources.{}.x]
{} = ["{}"]
name = "name"
names = "absolute"
zone-ref = "zone_id"
type = "type"
text = "plain"
values = {{ at = "{}", single = true }}
"""


def own_type(name: str, at: str = "content", world: str = "terraform") -> str:
    return TYPE.format("types", world, name, at)


ZONE_TYPE = '[resources.zone-types.x]\nterraform = ["{}"]\nname = "name"\n'


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        ("", own_type("cloudflare_dns_record", "comment"), True),
        ("", own_type("AWS::Route53::RecordSet", "Comment", "cloudformation"), True),
        ("", own_type("AWS::Route53::RecordSetGroup", "Comment", "cloudformation"), True),
        ("", own_type("azure-native:dns/v20180501:RecordSet", "x", "pulumi"), True),
        ("", ZONE_TYPE.format("cloudflare_dns_record"), True),
        (own_type("my_record"), own_type("my_record", "comment"), True),
        (own_type("my_record"), own_type("my_record").replace("types.x", "types.y"), True),
        (own_type("my_record"), "", True),
        (own_type("my_record"), own_type("my_record"), False),
        ("", own_type("my_record"), False),
        ("", ZONE_TYPE.format("my_zone"), False),
        ('[resources.zones]\nZ1 = "example.com"', '[resources.zones]\nZ1 = "example.net"', True),
        ("", '[resources.zones]\nZ1 = "example.net"', False),
    ],
)
def test_resources_that_are_read_otherwise_loosen(before: str, after: str, is_told: bool) -> None:
    write("zonelint.toml", before)
    commit()
    write("zonelint.toml", after)
    assert ("PHASE009" in {code for code, _, _ in codes()}) is is_told
    assert "PHASE009" not in {code for code, _, _ in codes("--trust-change=config")}


@pytest.mark.parametrize("after", ['"zones/example.com.zone" = "example.net"', ""])
def test_a_zone_that_gets_another_name_loosens(after: str) -> None:
    write("zonelint.toml", '[origins]\n"zones/example.com.zone" = "example.com"\n')
    commit()
    write("zonelint.toml", f"[origins]\n{after}\n")
    assert "PHASE009" in {code for code, _, _ in codes()}
    write("zones/example.net.zone", SHUT)
    Path("zones/example.com.zone").unlink()
    assert "PHASE009" not in {code for code, _, _ in codes()}


SOURCE = """resource "my_record" "spf" {{
  zone_id = "Z1"
  name    = "example.com"
  type    = "TXT"
  content = "{}"
  comment = "v=spf1 -all"
}}
"""
NAMED = '[resources.zones]\nZ1 = "example.com"\n'
TWICE = own_type("my_record") + own_type("my_record", "comment").replace("types.x", "types.y")


@pytest.mark.parametrize(
    ("folder", "after"),
    [
        (".", NAMED + own_type("my_record", "comment")),
        (".", NAMED + TWICE),
        (".", NAMED),
        (".", ""),
        (".", None),
        (".", 'whole = ["example.net"]\n' + NAMED + own_type("my_record", "comment")),
        ("dns", NAMED + own_type("my_record", "comment")),
        ("dns", NAMED),
        ("dns", None),
    ],
)
@pytest.mark.parametrize("is_moved", [False, True])
def test_zones_are_read_by_what_held_before(folder: str, after: str | None, is_moved: bool) -> None:
    Path("zones/example.com.zone").unlink()
    write(f"{folder}/zonelint.toml", NAMED + own_type("my_record"))
    write("dns/main.tf", SOURCE.format("v=spf1 -all"))
    commit()
    write("dns/main.tf", SOURCE.format("v=spf1 +all"))
    Path(folder, "zonelint.toml").unlink()
    if after is not None:
        text = f"[resources]\n{after}" if after.startswith("whole") else after
        write(f"{folder}/zonelint.toml", text)
    if is_moved:
        Path("dns").rename("moved")
    found = {code for code, _, _ in codes()}
    assert "SPF201" in found or (is_moved and after is None and folder == "dns"), found
    assert "PHASE009" in found or is_moved


def test_source_is_read_by_its_own_configuration() -> None:
    Path("zones/example.com.zone").unlink()
    write("dns/zonelint.toml", NAMED + own_type("my_record"))
    write("dns/main.tf", SOURCE.format("v=spf1 +all"))
    for words in (["."], ["dns"], ["dns/main.tf"]):
        run = CliRunner().invoke(zonelint, ["check", *words, "--format", "json"])
        found = {each["code"] for each in json.loads(run.stdout)["findings"]}
        assert "SPF201" in found


def test_a_new_type_is_read_beside_one_that_is_kept() -> None:
    Path("zones/example.com.zone").unlink()
    write("zonelint.toml", NAMED + own_type("my_record"))
    write("dns/main.tf", SOURCE.format("v=spf1 -all"))
    commit()
    other = own_type("new_record").replace("types.x", "types.y")
    write("zonelint.toml", NAMED + own_type("my_record", "comment") + other)
    wide = SOURCE.format("v=spf1 -all").replace("my_record", "new_record")
    more = wide.replace('"example.com"', '"www.example.com"').replace("v=spf1 -all", "v=spf1 +all")
    write("dns/main.tf", SOURCE.format("v=spf1 +all") + more)
    assert [code for code, _, _ in codes()].count("SPF201") == 2


@pytest.mark.parametrize("other", ["zones/zonelint.toml", "zonelint.toml"])
@pytest.mark.parametrize("after", ["example.net", None])
def test_the_name_of_a_zone_is_that_before(other: str, after: str | None) -> None:
    Path("zones/example.com.zone").rename("zones/mail")
    key = "mail" if other.startswith("zones/") else "zones/mail"
    write("zonelint.toml", "")
    write(other, f'[origins]\n"{key}" = "example.com"\n')
    commit()
    Path(other).unlink()
    if after:
        write(other, f'[origins]\n"{key}" = "{after}"\n')
    write("zones/mail", OPEN.replace('"d@example.com"', '"d@{after}"'))
    run = CliRunner().invoke(
        zonelint, ["check", "zones/mail", "--against", "HEAD", "--format", "json"]
    )
    found = {(each["code"], each.get("owner")) for each in json.loads(run.stdout)["findings"]}
    assert ("SPF201", "example.com.") in found
    assert "PHASE009" in {code for code, _ in found}


@pytest.mark.parametrize(("name", "is_told"), [("example.net", True), ("example.com", False)])
def test_a_name_that_is_given_to_a_zone_with_one_loosens(name: str, is_told: bool) -> None:
    commit()
    write("zones/example.com.zone", OPEN)
    write("zonelint.toml", f'[origins]\n"zones/example.com.zone" = "{name}"\n')
    run = CliRunner().invoke(zonelint, ["check", ".", "--against", "HEAD", "--format", "json"])
    found = json.loads(run.stdout)
    assert ("SPF201", "example.com.") in {(e["code"], e["owner"]) for e in found["findings"]}
    assert ("PHASE009" in {each["code"] for each in found["findings"]}) is is_told
    write("zones/mail", OPEN)  # one that the base does not have
    write("zonelint.toml", f'[origins]\n"zones/mail" = "{name}"\n')
    assert "PHASE009" not in {code for code, _, _ in codes()}


YAML = """---
'':
  - type: MX
    values: [{exchange: mail.example.com., preference: 10}]
  - type: TXT
    value: v=spf1 mx -all
"""


def test_a_name_that_is_given_to_a_zone_in_yaml_loosens() -> None:
    Path("zones/example.com.zone").unlink()
    write("config/example.com.yaml", YAML)
    commit()
    write("config/example.com.yaml", YAML.replace("-all", "+all"))
    write("zonelint.toml", '[origins]\n"config/example.com.yaml" = "example.net"\n')
    found = {code for code, _, _ in codes()}
    assert {"SPF201", "PHASE002", "PHASE009"} <= found


def test_what_stands_above_the_repository_is_not_of_the_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("zonelint.toml", 'ignore = ["SPF"]\nreports = ["dns/reports"]\n')
    folder = tmp_path / "dns"
    write("dns/zones/example.com.zone", SHUT)
    write_reports(folder / "reports", days=2)
    monkeypatch.chdir(folder)
    commit()
    write("zones/example.com.zone", OPEN.replace("p=none", "p=quarantine"))
    found = {code for code, _, _ in codes()}
    assert "PHASE003" in found
    assert found.isdisjoint({"SPF201", "PHASE009"})
    write_reports(folder / "reports", days=20)
    git("add", "reports")
    assert {"PHASE003", "PHASE009"} <= {code for code, _, _ in codes()}


def test_a_state_before_in_another_folder_says_how_zones_are_read() -> None:
    Path("zones/example.com.zone").unlink()
    for side in ("old", "new"):
        write(f"{side}/dns/zonelint.toml", NAMED + own_type("my_record"))
        write(f"{side}/dns/main.tf", SOURCE.format("v=spf1 -all"))
    write("new/dns/zonelint.toml", NAMED + own_type("my_record", "comment"))
    write("new/dns/main.tf", SOURCE.format("v=spf1 +all"))
    for words in (["new"], ["new/dns"], ["new/dns/main.tf"]):
        old = words[0].replace("new", "old")
        run = CliRunner().invoke(zonelint, ["check", *words, "--against", old, "--format", "json"])
        assert run.exit_code == 1, run.output
        found = {each["code"] for each in json.loads(run.stdout)["findings"]}
        assert {"SPF201", "PHASE009"} <= found


@pytest.mark.parametrize("name", ["zones/zonelint.toml", "zones/pyproject.toml"])
def test_a_nested_configuration_that_the_change_adds_is_compared(name: str) -> None:
    commit()
    write("zones/example.com.zone", OPEN)
    table = "[tool.zonelint]\n" if name.endswith("pyproject.toml") else ""
    write(name, f'{table}ignore = ["ALL"]\n')
    assert {OPENED, ("PHASE009", name, 2 if table else 1)} <= set(codes())


def test_a_configuration_that_is_named_is_compared() -> None:
    commit()
    write("zones/example.com.zone", OPEN)
    write("lax.toml", 'ignore = ["ALL"]\n')
    assert {OPENED, ("PHASE009", "lax.toml", 1)} <= set(codes("--config", "lax.toml"))


def test_fail_on_is_that_of_the_base() -> None:
    commit()
    write("zones/example.com.zone", OPEN)
    write("zonelint.toml", 'fail-on = "never"\n')
    run = CliRunner().invoke(zonelint, ["check", ".", "--against", "HEAD"])
    assert run.exit_code == 1
    assert "PHASE009" in run.output


def test_the_fail_on_of_a_configuration_that_the_change_deletes_is_kept() -> None:
    write("zonelint.toml", 'fail-on = "info"\n')
    commit()
    Path("zonelint.toml").unlink()
    write("zones/example.com.zone", SHUT.replace("-all", "~all"))
    run = CliRunner().invoke(
        zonelint, ["check", ".", "--against", "HEAD", "--select", "SPF", "--format", "json"]
    )
    assert [each["code"] for each in json.loads(run.stdout)["findings"]] == []
    write("zones/example.com.zone", SHUT.replace("mx -all", "MX -all"))
    run = CliRunner().invoke(
        zonelint, ["check", ".", "--against", "HEAD", "--select", "SPF", "--format", "json"]
    )
    assert run.exit_code == 1, run.output
    assert [each["code"] for each in json.loads(run.stdout)["findings"]] == ["SPF306"]
    assert ("PHASE009", "zonelint.toml", 1) in codes()
    assert "Judged by zonelint.toml (as it was before the change)." in CliRunner().invoke(
        zonelint, ["check", ".", "--against", "HEAD"]
    ).output  # fmt: skip


def test_a_nested_configuration_that_the_change_deletes_holds_on() -> None:
    write("zonelint.toml", 'ignore = ["SPF"]\n')
    write("zones/zonelint.toml", "")
    commit()
    Path("zones/zonelint.toml").unlink()
    write("zones/example.com.zone", OPEN)
    assert {OPENED, ("PHASE009", "zonelint.toml", 1)} <= set(codes())


def test_every_state_before_has_its_say() -> None:
    """Of two zones of a name in folders of their own, one moves and one goes."""
    Path("zones/example.com.zone").unlink()
    write("lax/zonelint.toml", 'ignore = ["SPF"]\n')
    for folder in ("lax", "strict"):
        write(f"{folder}/example.com.zone", SHUT)
        write(f"{folder}/example.com.zone", SHUT)
    commit()
    for folder in ("lax", "strict"):
        Path(folder, "example.com.zone").unlink()
    write("new/zonelint.toml", 'ignore = ["SPF"]\n')
    write("new/example.com.zone", OPEN)
    expected = {("SPF201", "new/example.com.zone", 6), ("PHASE009", "new/zonelint.toml", 1)}
    assert expected <= set(codes())


@pytest.mark.parametrize("before", ["", 'zones = ["zones/*.zone"]\n'])
def test_zones_that_the_change_takes_from_the_run_are_judged(before: str) -> None:
    write("zones/other.example.zone", SHUT)
    write("zonelint.toml", before)
    commit()
    write("zones/example.com.zone", OPEN)
    write("zonelint.toml", 'fix.serial = true\nzones = ["zones/other*"]\n')
    bare = ["check", "--against", "HEAD", "--format", "json"]
    run = CliRunner().invoke(zonelint, bare)
    found = {(each["code"], each["path"]) for each in json.loads(run.stdout)["findings"]}
    assert {("SPF201", "zones/example.com.zone"), ("PHASE009", "zonelint.toml")} <= found
    assert "takes `zones/example.com.zone` out of `zones`" in run.stdout
    run = CliRunner().invoke(zonelint, [*bare, "--trust-change=config"])
    assert json.loads(run.stdout)["findings"] == []


@pytest.mark.parametrize("after", ["", None])
def test_zones_of_another_folder_that_are_no_longer_named_are_judged(
    after: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("tools/zonelint.toml", 'zones = ["../zones/*.zone", "*.zone"]\n')
    write("tools/example.org.zone", SHUT.replace("example.com", "example.org"))
    commit()
    write("zones/example.com.zone", OPEN)
    Path("tools/zonelint.toml").unlink()
    if after is not None:
        write("tools/zonelint.toml", after)
    monkeypatch.chdir("tools")
    run = CliRunner().invoke(zonelint, ["check", "--against", "HEAD", "--format", "json"])
    found = {(each["code"], each["path"]) for each in json.loads(run.stdout)["findings"]}
    assert ("SPF201", "../zones/example.com.zone") in found
    assert "takes `../zones/example.com.zone` out of `zones`" in run.stdout


def test_a_configuration_of_the_base_that_cannot_be_used_is_told() -> None:
    write("zonelint.toml", 'ingore = ["SPF"]\n')
    commit()
    write("zonelint.toml", 'ignore = ["SPF"]\n')
    write("zones/example.com.zone", OPEN)
    assert {OPENED, ("PHASE009", "zonelint.toml", 1)} <= set(codes())
    run = CliRunner().invoke(zonelint, ["check", ".", "--against", "HEAD"])
    assert 'zonelint.toml:1: unknown key "ingore"; did you mean "ignore"? (HEAD has' in run.stderr


def test_zones_written_in_other_words_are_not_told() -> None:
    write("zonelint.toml", 'zones = ["zones/*.zone"]\n')
    commit()
    write("zonelint.toml", 'zones = ["zones/**/*.zone", "zones/example*"]\n')
    run = CliRunner().invoke(zonelint, ["check", "--against", "HEAD", "--format", "json"])
    assert json.loads(run.stdout)["findings"] == []


def test_reports_that_the_change_takes_out_hold_on() -> None:
    write("zonelint.toml", 'reports = ["reports"]\n')
    write_reports(Path("reports"), days=2)
    commit()
    enforced = SHUT.replace("p=none", "p=quarantine")
    write("zones/example.com.zone", enforced)
    assert "PHASE003" in {code for code, _, _ in codes()}
    write("zonelint.toml", "")
    assert {"PHASE003", "PHASE009"} <= {code for code, _, _ in codes()}
    assert "PHASE003" not in {code for code, _, _ in codes("--trust-change=config")}


def test_reports_that_the_change_brings_are_no_evidence() -> None:
    write("zonelint.toml", 'reports = ["reports"]\n')
    write_reports(Path("reports"), days=2)
    commit()
    write("zones/example.com.zone", SHUT.replace("p=none", "p=quarantine"))
    write_reports(Path("reports"), days=20)
    assert "PHASE009" not in {code for code, _, _ in codes()}  # fetched for this run
    git("add", "reports")
    found = codes()
    assert {"PHASE003", "PHASE009"} <= {code for code, _, _ in found}
    assert {code for code, _, _ in codes("--trust-change=config")}.isdisjoint(
        {"PHASE003", "PHASE009"}
    )


@pytest.mark.parametrize("named", [(), ("--reports", "reports")])
@pytest.mark.parametrize(
    "how", ["delete all", "delete one", "alter", "alter on the disk", "link", "linked folder"]
)
def test_reports_are_those_before(how: str, named: tuple[str, ...]) -> None:
    """Twenty days of mail that is not aligned; the change makes two weeks of good ones of it."""
    write("zonelint.toml", "" if named else 'reports = ["reports"]\n')
    write_reports(Path("reports"), days=20, aligned=0.5)
    commit()
    assert "DMARC" not in str(codes(*named))
    write("zones/example.com.zone", SHUT.replace("p=none", "p=quarantine"))
    assert "PHASE003" in {code for code, _, _ in codes(*named)}
    files = sorted(Path("reports").iterdir())
    if how == "delete all":
        shutil.rmtree("reports")
        git("add", "-A")
        Path("reports").mkdir()
    elif how == "delete one":
        for file in files[1:]:
            file.unlink()
    elif how.startswith("alter"):
        write_reports(Path("reports"), days=20)
    else:
        write_reports(Path("mine"), days=20)
        if how == "link":
            for file in files:
                file.unlink()
                file.symlink_to(Path("..", "mine", file.name))
        else:
            shutil.rmtree("reports")
            Path("reports").symlink_to("mine")
    if "disk" not in how:
        git("add", "-A")
    found = {code for code, _, _ in codes(*named)}
    assert {"PHASE003", "PHASE009"} <= found
    assert "PHASE009" not in {code for code, _, _ in codes(*named, "--trust-change=config")}


def test_reports_are_those_of_the_folder_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("zonelint.toml", 'zones = ["zones"]\nreports = ["reports"]\n')
    write_reports(Path("reports"), days=20, aligned=0.5)
    shutil.copytree(tmp_path, tmp_path / "base")
    shutil.copytree(tmp_path / "base", tmp_path / "change")
    monkeypatch.chdir("change")

    def found() -> set[str]:
        done = CliRunner().invoke(zonelint, ["check", "--against", "../base", "--format", "json"])
        return {each["code"] for each in json.loads(done.stdout)["findings"]}

    assert found() == set()
    write("zones/example.com.zone", SHUT.replace("p=none", "p=quarantine"))
    assert ("PHASE003" in found(), "PHASE009" in found()) == (True, False)
    write_reports(Path("reports"), days=20)
    assert {"PHASE003", "PHASE009"} <= found()


def test_reports_that_are_written_as_they_were_are_not_altered() -> None:
    write("zonelint.toml", 'reports = ["reports"]\n')
    write_reports(Path("reports"), days=2)
    commit()
    for file in Path("reports").iterdir():
        os.utime(file, (0, 0))
    write("zones/example.com.zone", SHUT.replace("p=none", "p=quarantine"))
    assert "PHASE009" not in {code for code, _, _ in codes()}


def test_reports_that_were_fetched_for_the_run_count() -> None:
    write("zonelint.toml", 'reports = ["reports"]\n')
    commit()
    write("zones/example.com.zone", SHUT.replace("p=none", "p=quarantine"))
    write_reports(Path("reports"), days=20)
    assert {code for code, _, _ in codes()}.isdisjoint({"PHASE003", "PHASE009"})


def test_what_tightens_is_not_told() -> None:
    write("zonelint.toml", 'ignore = ["SPF201"]\nfail-on = "error"\n')
    commit()
    write("zonelint.toml", 'fail-on = "undecided"\n')
    write("zones/example.com.zone", OPEN)
    found = {code for code, _, _ in codes()}
    assert "PHASE009" not in found
    assert "SPF201" in found


def test_comments_that_the_change_adds_are_not_honoured() -> None:
    commit()
    write("zones/example.com.zone", OPEN.replace('+all"', '+all" ; noqa: SPF201'))
    assert {OPENED, ("PHASE009", "zones/example.com.zone", 6)} <= set(codes())
    found = {code for code, _, _ in codes("--trust-change=noqa")}
    assert found.isdisjoint({"PHASE009", "SPF201", "NOQA001"})


@pytest.mark.parametrize("comment", ["noqa: SPF201", "noqa"])
def test_what_a_comment_of_the_change_would_hide_is_shown_though_it_stood(comment: str) -> None:
    write("zones/example.com.zone", OPEN)
    commit()
    write("zones/example.com.zone", OPEN.replace('+all"', f'+all" ; {comment}'))
    assert {OPENED, ("PHASE009", "zones/example.com.zone", 6)} <= set(codes())
    assert codes("--trust-change=noqa") == []


def test_comments_of_the_base_hold_where_the_record_moves() -> None:
    noted = OPEN.replace('+all"', '+all" ; noqa: SPF201')
    write("zones/example.com.zone", noted)
    commit()
    write("zones/example.com.zone", noted.replace(MAIL, f"{MAIL}www A 198.51.100.26\n"))
    assert {code for code, _, _ in codes()}.isdisjoint({"PHASE009", "SPF201", "NOQA001"})


WIDE = SHUT.replace("mx -all", "ip4:198.51.0.0/15 mx -all")
WIDER = SHUT.replace("mx -all", "ip4:11.0.0.0/8 mx -all")


@pytest.mark.parametrize("comment", ["noqa: SPF208, SPF209, SPF302, SPF201", "noqa"])
def test_comments_of_the_base_hide_what_they_hid(comment: str) -> None:
    def noted(text: str) -> str:
        return text.replace('-all"', f'-all" ; {comment}')

    write("zones/example.com.zone", noted(WIDE))
    commit()
    write("zones/example.com.zone", noted(WIDE.replace("mx -all", "mx a -all")))
    assert {code for code, _, _ in codes()}.isdisjoint({"PHASE009", "SPF208", "NOQA001"})
    write("zones/example.com.zone", noted(WIDER))
    wider = {("SPF208", "zones/example.com.zone", 6), ("PHASE009", "zones/example.com.zone", 6)}
    assert wider <= set(codes())
    assert {code for code, _, _ in codes("--trust-change=noqa")}.isdisjoint({"PHASE009", "SPF208"})
    write("zones/example.com.zone", noted(OPEN.replace("+all", "+all -all")))
    assert OPENED in codes()


def test_a_comment_before_hides_what_a_change_means_where_it_says_so() -> None:
    noted = SHUT.replace('-all"', '-all" ; noqa: PHASE002')
    write("zones/example.com.zone", noted)
    commit()
    write("zones/example.com.zone", noted.replace("-all", "~all"))
    assert "PHASE002" not in {code for code, _, _ in codes()}
    write("zones/example.com.zone", SHUT.replace('-all"', '-all" ; noqa'))
    git("commit", "-qam", "two")
    write("zones/example.com.zone", SHUT.replace('-all"', '~all" ; noqa'))
    assert {"PHASE002", "PHASE009"} <= {code for code, _, _ in codes()}


@pytest.mark.parametrize("more", [(), ("--all-findings",)])
def test_a_baseline_hides_what_stood(more: tuple[str, ...]) -> None:
    write("zones/example.com.zone", WIDE)
    CliRunner().invoke(zonelint, ["check", ".", "--write-baseline"])
    assert "SPF208" in Path("zonelint-baseline.json").read_text()
    commit()
    write("zones/example.com.zone", WIDE.replace("mx -all", "mx a -all"))
    assert "SPF208" not in {code for code, _, _ in codes(*more)}
    write("zones/example.com.zone", WIDER)
    assert ("SPF208", "zones/example.com.zone", 6) in codes(*more)


def test_entries_that_the_change_adds_to_a_baseline_are_not_honoured() -> None:
    commit()
    write("zones/example.com.zone", OPEN)
    entry = {"code": "SPF201", "owner": "example.com.", "type": "TXT", "count": 1}
    text = json.dumps({"version": 1, "findings": [entry]})
    write("zonelint-baseline.json", text.replace("[{", "[\n{"))
    assert {OPENED, ("PHASE009", "zonelint-baseline.json", 2)} <= set(codes())
    found = {code for code, _, _ in codes("--trust-change=baseline")}
    assert found.isdisjoint({"PHASE009", "SPF201"})


def test_a_baseline_that_is_written_anew_adds_nothing() -> None:
    """Entries of before that name no words know those that do; not the other way round."""
    write("zones/example.com.zone", WIDE)
    entry = {"code": "SPF208", "owner": "example.com.", "type": "TXT", "count": 1}
    plain = json.dumps({"version": 1, "findings": [entry]})
    write("zonelint-baseline.json", plain)
    commit()
    CliRunner().invoke(zonelint, ["check", ".", "--write-baseline", "--select", "SPF208"])
    assert Path("zonelint-baseline.json").read_text() != plain
    assert "PHASE009" not in {code for code, _, _ in codes()}
    git("commit", "-qam", "two")
    write("zonelint-baseline.json", plain)
    assert "PHASE009" in {code for code, _, _ in codes()}


def test_a_configuration_that_moves_with_its_zones_loosens_nothing() -> None:
    write("a/example.net.zone", WIDE.replace("example.com", "example.net"))
    more = 'baseline = "known.json"\nreports = ["reports"]\n'
    write("a/zonelint.toml", f'ignore = ["SPF208"]\n{more}')
    write("a/zonelint.lock", LOCK.format("192.0.2.0/24"))
    write_reports(Path("a/reports"), days=2)
    entry = {"code": "SPF302", "owner": "example.net.", "type": "TXT", "count": 1}
    write("a/known.json", json.dumps({"version": 1, "findings": [entry]}))
    commit()
    git("mv", "a", "b")
    assert codes() == []
    write("b/reports/one.xml", "<other/>\n")
    git("add", "-A")
    assert {code for code, _, _ in codes()} == {"PHASE009"}
    # Alone it holds for zones that another one held for.
    git("reset", "-q", "--hard")
    git("mv", "zones", "c")
    write("c/zonelint.toml", 'ignore = ["SPF208"]\n')
    assert {code for code, _, _ in codes()} == {"PHASE009"}


def test_an_export_tells_of_no_baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("repository/zones/example.com.zone", WIDE)
    write("export/example.com.zone", WIDE)
    monkeypatch.chdir("repository")
    CliRunner().invoke(zonelint, ["check", "zones", "--write-baseline"])
    words = ["check", "zones", "--against", "../export", "--format", "json"]
    for more in ([], ["--all-findings"]):
        assert json.loads(CliRunner().invoke(zonelint, [*words, *more]).stdout)["findings"] == []
    write("../export/zonelint.toml", "")
    run = CliRunner().invoke(zonelint, words)
    assert [each["code"] for each in json.loads(run.stdout)["findings"]] == ["PHASE009"]


def test_an_export_tells_of_no_comments() -> None:
    write("zones/example.com.zone", OPEN.replace('+all"', '+all" ; noqa: SPF201'))
    write("export/example.com.zone", OPEN)
    words = ["check", "zones", "--against", "export", "--format", "json"]

    def found(*more: str) -> list[str]:
        done = CliRunner().invoke(zonelint, [*words, *more])
        return [each["code"] for each in json.loads(done.stdout)["findings"]]

    assert found() == []
    assert "SPF201" not in found("--all-findings")
    write("export/example.com.zone", OPEN.replace('+all"', '+all" ; noqa: SPF208'))
    assert "PHASE009" in found()


@pytest.mark.parametrize("comment", ["noqa", "noqa: SPF201, PHASE002"])
def test_a_comment_hides_nothing_that_is_new_against_an_export(comment: str) -> None:
    write("zones/example.com.zone", OPEN.replace('+all"', f'+all" ; {comment}'))
    write("export/example.com.zone", SHUT)
    words = ["check", "zones", "--against", "export", "--format", "json"]
    found = {
        each["code"] for each in json.loads(CliRunner().invoke(zonelint, words).stdout)["findings"]
    }
    assert {"SPF201", "PHASE002"} <= found
    assert "PHASE009" not in found


def test_what_a_change_brings_is_not_written_as_a_baseline() -> None:
    write("zones/example.com.zone", OPEN)
    commit()
    assert CliRunner().invoke(zonelint, ["check", "--write-baseline"]).exit_code == 0
    held = Path("zonelint-baseline.json").read_text()
    done = CliRunner().invoke(zonelint, ["check", "--against", "HEAD", "--write-baseline"])
    assert (done.exit_code, Path("zonelint-baseline.json").read_text()) == (2, held)
    assert "--write-baseline cannot be combined with --against" in done.stderr


def test_a_lock_that_the_change_alters_is_not_believed() -> None:
    write("zones/example.com.zone", GOOGLE)
    write("zonelint.lock", LOCK.format("192.0.2.0/24"))
    commit()
    write("zonelint.lock", LOCK.format("0.0.0.0/0"))
    assert ("PHASE009", "zonelint.lock", 3) in codes()
    assert "PHASE009" not in {code for code, _, _ in codes("--trust-change")}


def test_a_lock_that_the_change_deletes_holds_on() -> None:
    write("zones/example.com.zone", GOOGLE)
    write("zonelint.lock", LOCK.format("192.0.2.0/24"))
    commit()
    Path("zonelint.lock").unlink()
    assert ("PHASE009", "zonelint.lock", 1) in codes()
    words = ["check", ".", "--against", "HEAD"]
    held = "zonelint.lock (as it was before the change, 1 name)"
    assert held in CliRunner().invoke(zonelint, words).output
    assert held not in CliRunner().invoke(zonelint, [*words, "--trust-change=lock"]).output


def test_a_lock_before_the_change_that_cannot_be_used_is_told() -> None:
    write("zonelint.lock", "version = 1\n[")
    commit()
    write("zonelint.lock", LOCK.format("192.0.2.0/24"))
    run = CliRunner().invoke(zonelint, ["check", ".", "--against", "HEAD"])
    (told,) = (line for line in run.stderr.splitlines() if "zonelint.lock" in line)
    assert told.endswith("(HEAD has a lock that cannot be used, so none held)")
    write("zones/example.com.zone", GOOGLE)
    words = ["check", ".", "--against", "HEAD", "--format", "json"]
    read = json.loads(CliRunner().invoke(zonelint, words).stdout)
    assert "SPF201" in {each["code"] for each in read["undecided"]}
    write("zones/example.com.zone", SHUT)
    git("commit", "-qam", "two")
    run = CliRunner().invoke(zonelint, ["check", ".", "--against", "HEAD"])
    assert "cannot be used" not in run.stderr


def test_a_change_that_declares_its_sender_and_locks_it_passes() -> None:
    write("zonelint.toml", '[domains."example.com"]\nsenders = []\n')
    write("zonelint.lock", "version = 1\n\n# end of zonelint.lock\n")
    commit()
    write("zonelint.toml", '[domains."example.com"]\nsenders = ["google-workspace"]\n')
    key = (
        'google._domainkey TXT "v=DKIM1; k=ed25519; p='
        + "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        '"\n'
    )
    write("zones/example.com.zone", GOOGLE + key)
    write("zonelint.lock", LOCK.format("192.0.2.0/24"))
    assert "PHASE009" not in {code for code, _, _ in codes()}
    run = CliRunner().invoke(zonelint, ["check", ".", "--against", "HEAD"])
    assert 'zonelint.toml:2 domains."example.com".senders' in run.output
    assert "zonelint.lock 1 new entry" in run.output


SENDER = """[senders.crm]
spf = { includes = ["spf.crm.example"] }
[domains."example.com"]
senders = ["crm"]
"""


@pytest.mark.parametrize("config", ["", SENDER])
def test_what_stays_declared_is_not_listed(config: str) -> None:
    write("zonelint.toml", config)
    commit()
    write("zonelint.toml", f"# the same\n{config}")
    run = CliRunner().invoke(zonelint, ["check", ".", "--against", "HEAD"])
    assert "the change declares" not in run.output
    write("zonelint.toml", SENDER.replace("spf.crm", "mail.crm"))
    run = CliRunner().invoke(zonelint, ["check", ".", "--against", "HEAD"])
    assert "senders" in run.output.partition("the change declares")[2]


def test_a_zone_under_another_configuration_declares_what_that_says_of_it() -> None:
    rest = "".join(f'[domains."{name}.net"]\nprofile = "sending"\n' for name in "abc")
    write("zonelint.toml", f'[domains."example.com"]\nspf = "final"\n{rest}')
    write("team/zonelint.toml", "")
    write("team/example.com.zone", SHUT)
    Path("zones/example.com.zone").unlink()
    commit()
    Path("team/example.com.zone").rename("zones/example.com.zone")
    told = CliRunner().invoke(zonelint, ["check", ".", "--against", "HEAD"]).output
    assert 'zonelint.toml:2 domains."example.com".spf' in told.partition("the change declares:")[2]
    assert ".net" not in told
    commit()
    Path("zones/example.com.zone").rename("team/example.com.zone")
    told = CliRunner().invoke(zonelint, ["check", ".", "--against", "HEAD"]).output
    assert 'no longer for example.com: zonelint.toml domains."example.com".spf' in told
    assert ".net" not in told


def test_what_is_declared_no_longer_is_listed_as_such() -> None:
    write("zonelint.toml", SENDER)
    commit()
    other = '[domains."example.net"]\nspf = "final"\n'
    write("zonelint.toml", f'parked = ["example.org"]\n{other}')
    run = CliRunner().invoke(zonelint, ["check", ".", "--against", "HEAD"])
    told = run.output.partition("the change declares:")[2]
    assert 'zonelint.toml:1 parked."example.org"' in told
    assert "no longer: zonelint.toml senders" in told
    assert 'no longer: zonelint.toml domains."example.com".senders' in told
    commit()
    write("zonelint.toml", "")
    run = CliRunner().invoke(zonelint, ["check", ".", "--against", "HEAD"])
    told = run.output.partition("the change declares:")[2]
    assert 'no longer: zonelint.toml parked."example.org"' in told
