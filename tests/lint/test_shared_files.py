"""A file that writes several zones is changed only as all of them would have it."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.lint.test_lsp import applied, session
from zonelint.main import zonelint
from zonelint.run import workers

CONFIG = """
providers:
  base:
    class: octodns.provider.yaml.YamlProvider
    directory: ./zones
    shared_filename: shared.yaml
    escaped_semicolons: false
  out: {class: octodns.provider.yaml.YamlProvider, directory: ./out}
zones:
  example.com.: {sources: [base], targets: [out]}
  example.net.: {sources: [base], targets: [out]}
"""
SHARED = "'':\n  type: TXT\n  value: v=spf1 ip4:192.0.2.1 ip4:192.0.2.1 -all\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "zones").mkdir()
    (tmp_path / "octodns.yaml").write_text(CONFIG)
    (tmp_path / "zones" / "shared.yaml").write_text(SHARED)
    for name in ("example.com", "example.net"):
        (tmp_path / "zones" / f"{name}.yaml").write_text("www: {type: A, value: 192.0.2.1}\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words):
    return CliRunner().invoke(zonelint, list(words))


def texts(folder):
    return {path.name: path.read_text() for path in Path(folder, "zones").iterdir()}


def test_what_all_zones_want_is_written_once(folder):
    done = run("check", "--fix", "octodns.yaml")
    assert "SPF302 (2)" in done.stderr
    wanted = SHARED.replace(" ip4:192.0.2.1 ip4", " ip4")
    assert texts(folder)["shared.yaml"] == wanted
    assert run("check", "--fix", "octodns.yaml").stderr == ""
    assert texts(folder)["shared.yaml"] == wanted


def test_what_one_zone_wants_is_left_and_the_other_is_named(folder):
    (folder / "zonelint.toml").write_text('[domains."example.com"]\nprofile = "parked"\n')
    (folder / "zones" / "shared.yaml").write_text(
        "'': [{type: TXT, value: v=spf1 ~all}, {type: MX, value: {exchange: ., preference: 0}}]\n"
    )
    before = texts(folder)
    done = run("check", "--fix", "octodns.yaml")
    assert texts(folder) == before
    reason = "shared.yaml is also part of example.net, where the same change is a proposal"
    assert reason in done.stderr
    assert reason in " ".join(run("check", "octodns.yaml").stdout.split())


def test_what_all_want_is_written_beside_what_one_wants_of_the_same_value(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    head = "$TTL 3600\n@ SOA ns.example.org. h.example.org. 1 7200 900 1209600 3600\n"
    for name in ("example.com", "example.net"):
        Path(f"{name}.zone").write_text(f"{head}@ NS ns.example.org.\n$INCLUDE dmarc.inc\n")
    Path("dmarc.inc").write_text('_dmarc TXT "v=DMARC1; p=none; pct=100; rua=mailto:d@e.example"\n')
    Path("zonelint.toml").write_text('parked = ["example.net"]\n')
    done = run("check", "--fix", ".")
    assert "PARK001 is not applied: dmarc.inc is also part of example.com" in done.stderr
    assert Path("dmarc.inc").read_text() == (
        '_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@e.example"\n'
    )


def test_what_is_not_written_in_a_shared_file_is_told_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    head = "$TTL 3600\n@ SOA ns.example.org. h.example.org. 1 7200 900 1209600 3600\n"
    for name in "abc":
        Path(f"{name}.example.zone").write_text(f"{head}@ NS ns.example.org.\n$INCLUDE mail.inc\n")
    Path("mail.inc").write_text('@ TXT "v=spf1 A -all"\n')
    told = run("check", "--fix", "--diff", "a.example.zone", "b.example.zone").stderr
    assert "also changes mail.inc, which is part of the same zones\n" in told
    with Path("c.example.zone").open("a") as out:
        out.write('@ TXT "v=spf1 mx -all"\n')
    told = run("check", "--fix").stderr
    assert told.count("mail.inc:1: SPF306 is not applied: mail.inc is also part of c.example") == 1


def write_included(folder, config=""):
    """Two zones of two teams that include one file."""
    head = "$TTL 3600\n@ SOA ns.example.org. h.example.org. 1 7200 900 1209600 3600\n"
    for team, name in (("zones", "example.com"), ("team", "example.net")):
        (folder / team).mkdir()
        (folder / team / f"{name}.zone").write_text(f"{head}$INCLUDE ../zones/mail.inc\n")
    (folder / "team" / "zonelint.toml").write_text(f'zones = ["."]\n{config}')
    (folder / "zones" / "mail.inc").write_text('@ TXT "v=spf1 MX ip4:8.8.8.8 ip4:8.8.8.8 -all"\n')
    (folder / ".git").mkdir()


@pytest.mark.parametrize("judged", ["zones/example.com.zone", "team/example.net.zone", "."])
def test_the_serial_of_each_zone_goes_up(tmp_path, monkeypatch, judged):
    monkeypatch.chdir(tmp_path)
    write_included(tmp_path)
    shown = run("check", "--fix", "--diff", judged).stdout
    assert shown.count("\n+@ SOA ns.example.org. h.example.org. 2 ") == 2
    done = run("check", "--fix", judged)
    files = {"zones/example.com.zone", "team/example.net.zone"}
    for name in files:
        assert " h.example.org. 2 7200 " in Path(name).read_text()
    for name in files - {judged} if judged != "." else ():
        assert f"the serial is raised in {name} too" in done.stderr
    assert Path("zones/mail.inc").read_text() == '@ TXT "v=spf1 mx ip4:8.8.8.8 -all"\n'
    assert run("check", "--fix", "--diff", ".").stdout == ""


@pytest.mark.parametrize("judged", ["zones", "team", "."])
def test_what_raises_no_serial_keeps_it_where_another_zone_is_fixed(tmp_path, monkeypatch, judged):
    monkeypatch.chdir(tmp_path)
    write_included(tmp_path, "fix.serial = false\n")
    run("check", "--fix", judged)
    assert " 2 7200 " in Path("zones/example.com.zone").read_text()
    assert " 1 7200 " in Path("team/example.net.zone").read_text()


def test_a_zone_that_cannot_be_written_keeps_what_it_shares(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_included(tmp_path)
    before = Path("zones/mail.inc").read_text()
    Path("team/example.net.zone").chmod(0o444)
    done = run("check", "--fix", "zones")
    assert done.exit_code == 2
    assert "team/example.net.zone: this file is read-only and was left unchanged" in done.stderr
    assert Path("zones/mail.inc").read_text() == before
    assert " 1 7200 " in Path("zones/example.com.zone").read_text()


def test_what_is_a_proposal_in_one_zone_is_said_to_be_one_and_written_as_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_included(tmp_path)
    with Path("team/example.net.zone").open("a") as file:
        file.write('@ TXT "v=spf1 -all"\n')
    reason = "zones/mail.inc is also part of example.net, where the same change is a proposal"
    shown = " ".join(run("check", "--select", "SPF302", "zones").stdout.split())
    assert reason in shown
    assert "--fix-proposed SPF302" in shown
    done = run("check", "--fix", "zones")
    assert f"SPF302 is not applied: {reason}\n" in done.stderr
    assert Path("zones/mail.inc").read_text().count("ip4") == 2
    run("check", "--fix-proposed", "SPF302", "zones")
    assert Path("zones/mail.inc").read_text().count("ip4") == 1


def test_a_proposal_for_one_zone_leaves_the_other(folder):
    (folder / "zonelint.toml").write_text(
        'zones = ["octodns.yaml"]\n[domains."example.net"]\nsenders = ["google-workspace"]\n'
    )
    before = texts(folder)["shared.yaml"]
    done = run("propose", "--write", "example.net")
    assert "google" not in texts(folder)["shared.yaml"]
    assert "example.com" in done.output
    assert before == texts(folder)["shared.yaml"]


def test_an_alias_follows_the_zone_that_it_copies(folder):
    (folder / "octodns.yaml").write_text(
        CONFIG.replace(
            "example.net.: {sources: [base], targets: [out]}", "example.net.: {alias: example.com.}"
        )
    )
    run("check", "--fix", "octodns.yaml")
    assert "ip4:192.0.2.1 ip4" not in texts(folder)["shared.yaml"]


def test_a_second_file_of_one_zone_is_changed_alone(folder):
    """What a zone writes in a file of its own is nobody else's."""
    own = folder / "zones" / "example.com.yaml"
    own.write_text("mail: {type: TXT, value: v=spf1 a a -all}\n")
    run("check", "--fix", "octodns.yaml")
    assert own.read_text() == "mail: {type: TXT, value: v=spf1 a -all}\n"


# -- one file of several zones, in each world and by each writer ------------------------------

TWICE = "v=spf1 ip4:40.92.0.1 ip4:40.92.0.1 -all"
ONCE = "v=spf1 ip4:40.92.0.1 -all"
ZONE = "$ORIGIN {}.\n@ 3600 SOA ns hm 1 1h 1h 1h 1h\n$INCLUDE mail.inc\n"
RECORD = """
resource "aws_route53_zone" "{key}" {{ name = "{name}" }}
resource "aws_route53_record" "{key}" {{
  zone_id = aws_route53_zone.{key}.zone_id
  name    = "{name}"
  type    = "TXT"
  ttl     = 3600
  records = [local.spf]
}}
"""
NAMES = ("example.com", "example.net")


def included(folder):
    for name in NAMES:
        (folder / f"{name}.zone").write_text(ZONE.format(name))
    return "mail.inc", f'$TTL 1h\n@ TXT "{TWICE}"\n'


def octodns(folder):
    (folder / "zones").mkdir()
    (folder / "octodns.yaml").write_text(CONFIG)
    (folder / "zonelint.toml").write_text('zones = ["octodns.yaml"]\n')
    for name in NAMES:
        (folder / "zones" / f"{name}.yaml").write_text("www: {type: A, value: 192.0.2.1}\n")
    return "zones/shared.yaml", SHARED.replace("192.0.2", "40.92.0")


def octodns_included(folder):
    (folder / "zones").mkdir()
    config = CONFIG.replace("    shared_filename: shared.yaml\n", "")
    (folder / "octodns.yaml").write_text(config)
    (folder / "zonelint.toml").write_text('zones = ["octodns.yaml"]\n')
    for name in NAMES:
        (folder / "zones" / f"{name}.yaml").write_text("'': !include mail.yaml\n")
    return "zones/mail.yaml", f"type: TXT\nvalue: {TWICE}\n"


def terraform(folder):
    records = (RECORD.format(key=name.replace(".", "_"), name=name) for name in NAMES)
    return "main.tf", f'locals {{\n  spf = "{TWICE}"\n}}\n{"".join(records)}'


def given():
    return ["octodns.yaml" if Path("octodns.yaml").exists() else "."]


def by_fix(_path, _code):
    run("check", "--fix", *given())


def by_fix_proposed(_path, code):
    run("check", "--fix-proposed", code, *given())


def by_propose(_path, _code):
    run("propose", "--write")


def by_editor(path, code):
    """What the editor offers at the first finding of a code is done."""

    async def scene():
        async with session() as editor:
            text = path.read_text()
            shown = await editor.open(path, text)
            for each in [each for each in shown if each.code == code][:1]:
                for action in await editor.actions(path, each.range, [each]):
                    if action.title.startswith(f"Fix {code}") and action.edit is not None:
                        path.write_text(applied(text, action.edit, path))
                        return

    asyncio.run(scene())


@pytest.fixture(
    params=[included, octodns, octodns_included, terraform], ids=lambda each: each.__name__
)
def shared(request, tmp_path, monkeypatch):
    """A file that writes two zones."""
    monkeypatch.chdir(tmp_path)
    name, text = request.param(tmp_path)
    (tmp_path / name).write_text(text)
    return tmp_path / name


@pytest.mark.parametrize("write", [by_fix, by_fix_proposed, by_editor])
def test_what_both_want_is_written_once_by_each(shared, write):
    before = shared.read_text()
    write(shared, "SPF302")
    assert shared.read_text() == before.replace(TWICE, ONCE)


@pytest.mark.parametrize("write", [by_fix_proposed, by_propose, by_editor])
def test_what_one_wants_is_written_by_none(shared, write):
    with Path("zonelint.toml").open("a") as file:
        file.write('[domains."example.net"]\nsenders = ["google-workspace"]\n')
    before = shared.read_text()
    write(shared, "SPF210")
    assert shared.read_text() == before


def test_a_comment_that_holds_for_both_is_written_once(shared):
    before = shared.read_text()
    run("check", "--add-noqa", "--select", "SPF302", *given())
    assert shared.read_text().count("noqa: SPF302") == 1
    assert shared.read_text().count("noqa") == 1
    done = run("check", "--select", "SPF302,NOQA", *given())
    assert (done.exit_code, "Nothing found" in done.stdout) == (0, True), done.output
    # What it hid in one zone alone it hid: it is no comment that nothing needs.
    shared.write_text(before)
    with Path("zonelint.toml").open("a") as file:
        file.write('[domains."example.net"]\nsenders = []\n')
    run("check", "--add-noqa", "--select", "SPF302,SPF211", *given())
    done = run("check", "--select", "SPF302,SPF211,NOQA", *given())
    assert "NOQA001" not in done.stdout


def test_a_file_is_one_however_the_paths_to_its_zones_are_written(tmp_path, monkeypatch):
    """One of the zones is given relative, the other absolute."""
    monkeypatch.chdir(tmp_path)
    name, text = included(tmp_path)
    shared = tmp_path / name
    shared.write_text(text)
    Path("zonelint.toml").write_text('[domains."example.net"]\nsenders = ["google-workspace"]\n')
    for paths in (NAMES, NAMES[::-1]):
        first, second = (f"{each}.zone" for each in paths)
        run("check", "--fix-proposed", "SPF210", first, str(tmp_path / second))
        assert shared.read_text() == text
    run("check", "--fix", "example.com.zone", str(tmp_path / "example.net.zone"))
    assert shared.read_text() == text.replace(TWICE, ONCE)


def test_what_a_zone_that_is_not_judged_wants_counts(tmp_path, monkeypatch):
    """The run is over the one zone that wants the change; the other is known all the same."""
    monkeypatch.chdir(tmp_path)
    name, text = included(tmp_path)
    shared = tmp_path / name
    shared.write_text(text)
    Path("zonelint.toml").write_text('[domains."example.net"]\nsenders = ["google-workspace"]\n')
    before = shared.read_text()
    run("check", "--fix-proposed", "SPF210", "example.net.zone")
    assert shared.read_text() == before


# -- what is shown is what is written ----------------------------------------------------------


def found_by(code, *words):
    done = run("check", "--format", "json", *words, *given())
    return [each for each in json.loads(done.stdout)["findings"] if each["code"] == code]


def test_what_both_want_is_shown_as_a_fix(shared):
    found = found_by("SPF302")
    assert [each["fix"]["safe"] for each in found] == [True, True]
    assert "also part of" not in str(found)


def test_what_one_wants_is_shown_as_what_nothing_writes(shared):
    with Path("zonelint.toml").open("a") as file:
        file.write('[domains."example.net"]\nsenders = ["google-workspace"]\n')
    (found,) = found_by("SPF210")
    reason = f"{shared.name} is also part of example.com, where the same change is not wanted"
    assert reason in found["message"]
    assert found["fix"] is None or not found["fix"]["safe"]
    done = run("check", "--select", "SPF210", *given())
    assert "--fix-proposed" not in done.stdout
    assert '"fixes"' not in run("check", "--select", "SPF210", "--format", "sarif", *given()).stdout


@pytest.mark.parametrize(
    "config", ["", '[domains."example.net"]\nsenders = ["google-workspace"]\n']
)
def test_several_processes_show_the_same(shared, config, monkeypatch):
    monkeypatch.setattr(workers, "LEAST", 0)
    with Path("zonelint.toml").open("a") as file:
        file.write(config)
    alone = run("check", "--format", "json", "--jobs", "1", *given()).stdout
    assert ("is also part of" in alone) == bool(config)
    for jobs in "23":
        assert run("check", "--format", "json", "--jobs", jobs, *given()).stdout == alone


def test_what_harms_a_zone_that_shares_the_file_is_not_offered(tmp_path, monkeypatch):
    """One is parked; the record that says so would refuse the mail of the other."""
    monkeypatch.chdir(tmp_path)
    name, text = included(tmp_path)
    (tmp_path / name).write_text(text)
    Path("example.com.zone").write_text(ZONE.format("example.com") + "@ MX 10 mx.example.org.\n")
    Path("zonelint.toml").write_text(
        '[domains."example.com"]\nsenders = []\n[domains."example.net"]\nprofile = "parked"\n'
    )
    shown = found_by("PARK001")
    assert shown
    for each in shown:
        assert each["fix"] is None or not each["fix"]["safe"]
        assert "mail.inc is also part of example.com" in each["message"]


def test_a_zone_that_is_not_judged_counts_in_what_is_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name, text = included(tmp_path)
    (tmp_path / name).write_text(text)
    Path("zonelint.toml").write_text('[per-owner-ignore]\n"example.com" = ["SPF302"]\n')
    done = run("check", "--format", "json", "example.net.zone")
    (found,) = (e for e in json.loads(done.stdout)["findings"] if e["code"] == "SPF302")
    assert not found["fix"]["safe"]
    assert "mail.inc is also part of example.com" in found["message"]


TWO = "{class: octodns.provider.yaml.YamlProvider, directory: ./two}"


def test_a_record_that_one_target_gets_is_written(folder):
    """The other target's zone has no such record, and no opinion of it."""
    (folder / "octodns.yaml").write_text(
        CONFIG.replace(
            "zones:\n",
            "  two: {class: octodns.provider.yaml.YamlProvider, directory: ./two}\nzones:\n",
        )
        .replace("    shared_filename: shared.yaml\n", "")
        .replace("targets: [out]", "targets: [out, two]")
    )
    own = folder / "zones" / "example.com.yaml"
    own.write_text("mail:\n  octodns: {included: [two]}\n  type: TXT\n  value: v=spf1 a a -all\n")
    done = run("check", "--fix", "octodns.yaml")
    assert "v=spf1 a -all" in own.read_text(), done.output


def test_a_file_alone_is_read_with_what_octodns_reads_for_its_zones(folder, monkeypatch):
    def found(*paths):
        findings = json.loads(run("check", "--format", "json", *paths).stdout)["findings"]
        return {(each["code"], each["owner"], each["path"]) for each in findings}

    (folder / "zonelint.toml").write_text('parked = ["example.net"]\n')
    (folder / "out").mkdir()
    (folder / "out" / "example.net.yaml").write_text("www: {type: A, value: 192.0.2.1}\n")
    whole = found(".")
    assert ("SPF302", "example.com.", "zones/shared.yaml") in whole
    own = {each for each in whole if each[1].endswith("example.net.")}
    assert found("zones/example.net.yaml") == own
    assert found("zones") == found("zones/shared.yaml") == whole
    # What octoDNS writes is nothing to it, and is read where it is asked for.
    assert {path for _, _, path in found("out")} == {"out/example.net.yaml"}
    monkeypatch.chdir("zones")
    assert found("example.net.yaml") == {(*each[:2], each[2][6:]) for each in own}


def test_a_part_of_a_split_zone_is_read_with_the_others_from_their_folder(folder, monkeypatch):
    split = folder / "split" / "example.org."
    split.mkdir(parents=True)
    (split / "_dmarc.yaml").write_text("_dmarc: {type: TXT, value: v=DMARC1\\; p=none}\n")
    (split / "$example.org.yaml").write_text("'': {type: TXT, value: v=spf1 +all}\n")
    monkeypatch.chdir(split)
    for path in ("_dmarc.yaml", "./_dmarc.yaml", "."):
        done = run("check", "--format", "concise", path)
        assert "$example.org.yaml:1:31: error SPF201" in done.stdout, done.output


ORIGIN_OF_ALL = "$ORIGIN com.\n$TTL 1h\n$INCLUDE example.com.zone example.com.\n"
INCLUDED = """$TTL 1h
@ SOA ns1.example.net. hm.example.net. 1 2h 1h 2w 1h
@ NS ns1.example.net.
@ NS ns2.example.net.
@ MX 10 mx
mx A 192.0.32.8
@ TXT "v=spf1 mx -all"
"""


@pytest.mark.parametrize("path", ["real", "link", "real/example.com.zone", "link/example.com.zone"])
def test_a_zone_that_another_includes_is_one_file_by_every_path(tmp_path, monkeypatch, path):
    """What is added is below the delegation there, whether the other zone is judged or not."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real/com.zone").write_text(ORIGIN_OF_ALL)
    zone = tmp_path / "real/example.com.zone"
    zone.write_text(INCLUDED)
    monkeypatch.chdir(tmp_path)
    told = run("check", "--select", "DMARC101", path).output
    assert "No change is offered, because" in told
    assert "is also part of com, where the same change is not wanted" in told
    run("check", "--fix-proposed", "ALL", path)
    assert zone.read_text() == INCLUDED


def test_an_alias_is_offered_nothing_and_follows_its_zone(folder):
    (folder / "octodns.yaml").write_text(
        CONFIG.replace(
            "example.net.: {sources: [base], targets: [out]}", "a.net.: {alias: example.com.}"
        )
    )
    shown = run("check", "--select", "SPF302").stdout
    assert "also: a.net" in shown
    assert "- example.com. 3600 TXT" in shown, "a cause is shown by what is offered"
    told = json.loads(run("check", "--select", "SPF302", "--format", "json").stdout)["findings"]
    why = "No change is offered, because a.net is an alias of example.com, whose records it has."
    assert [each["fix"] is None for each in told] == [why in each["message"] for each in told]
    assert {each["owner"]: each["fix"] is None for each in told} == {
        "a.net.": True,
        "example.com.": False,
    }
    done = run("check", "--select", "SPF302", "--fix")
    assert done.stderr.splitlines()[-1] == "Fixed 1 finding: SPF302."
    assert done.stdout.startswith("Clean (with --select SPF302)")


def test_a_comment_that_another_zone_needs_is_not_without_use(tmp_path, monkeypatch):
    """Judged alone, a zone answers as it does among those that include the same file."""
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        Path(f"{name}.zone").write_text(ZONE.format(name))
    Path("mail.inc").write_text(
        '$TTL 1h\n@ TXT "v=spf1 include:spf.example.org -all" ; noqa: SPF211\n'
    )
    Path("zonelint.toml").write_text('[domains."example.com"]\nsenders = []\n')
    (tmp_path / ".git").mkdir()
    assert "NOQA001" not in run("check", "example.net.zone").stdout
    Path("zonelint.toml").write_text("")
    Path("mail.inc").write_text('$TTL 1h\n@ TXT "v=spf1 -all" ; noqa: SPF211\n')
    for path in ("example.net.zone", "."):
        assert run("check", path).stdout.count("NOQA001") == 1


@pytest.mark.parametrize("path", ["example.net.zone", "."])
def test_a_comment_without_use_in_every_zone_is_removed(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    Path("zonelint.toml").write_text("")
    for name in NAMES:
        Path(f"{name}.zone").write_text(ZONE.format(name))
    Path("mail.inc").write_text('$TTL 1h\n@ TXT "v=spf1 -all" ; noqa: SPF211\n')
    done = run("check", "--fix", path)
    assert "is not applied" not in done.stderr
    assert Path("mail.inc").read_text() == '$TTL 1h\n@ TXT "v=spf1 -all"\n'


def test_a_zone_that_shares_a_file_and_asks_for_it_is_one_zone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    _, text = included(tmp_path)
    Path("mail.inc").write_text(f'{text}_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"\n')
    report = 'example.net._report._dmarc TXT "v=DMARC1"\n'
    Path("example.com.zone").write_text(ZONE.format("example.com") + report)
    done = run("check", "--fix", "example.com.zone")
    assert "is not applied" not in done.stderr
    assert TWICE not in Path("mail.inc").read_text()


@pytest.mark.parametrize("format", ["text", "concise", "sarif", "rdjson", "json"])
@pytest.mark.parametrize("names", [("a.test", "b.test"), ("a.test", "a.test")])
def test_a_record_of_a_shared_file_that_is_to_go_is_told_in_every_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str, names: tuple[str, str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shared = '@ IN TXT "v=spf1 mx -all"\n@ IN TXT "v=spf1 ip4:198.41.0.4 -all"\n'
    Path("i.inc").write_text(shared)
    Path("zonelint.toml").write_text('[views]\none = ["1"]\ntwo = ["2"]\n')
    for folder, name in zip("12", names, strict=True):
        Path(folder).mkdir()
        head = f"$ORIGIN {name}.\n$TTL 3600\n@ IN SOA ns h 1 1 1 1 1\n@ NS ns.x.net.\n"
        Path(folder, f"{name}.zone").write_text(f"{head}$INCLUDE ../i.inc\n")
    command = ["check", "1", "2", "--select", "SPF002", "--format", format]
    run = CliRunner().invoke(zonelint, command, catch_exceptions=False)
    assert run.exit_code == 1
    if format == "concise":
        assert "--fix-proposed SPF002" in run.stdout


def zones_with_part(folder, part, including):
    """Zone files with an SOA and what includes the part, in the working directory."""
    (folder / "part.inc").write_text(part)
    for name, lines in including.items():
        start = f"$ORIGIN {name}.\n$TTL 3600\n@ IN SOA ns1 h 1 7200 900 1209600 3600\n"
        (folder / f"{name}.zone").write_text(f"{start}@ IN NS ns1.example.net.\n{lines}\n")


def test_what_a_zone_includes_twice_is_offered_no_change(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = "$INCLUDE part.inc x\n$INCLUDE part.inc y"
    zones_with_part(tmp_path, '@ IN TXT "V=spf1 mx -all"\n', {"u.example": lines})
    why = "part.inc is included several times in u.example; change it by hand"
    shown = run("check", ".", "--select", "SPF306")
    assert f"No change is offered, because {why}." in shown.stdout
    assert "fix:" not in shown.stdout
    written = run("check", ".", "--select", "SPF306", "--fix")
    assert f"SPF306 is not applied: {why}" in written.stderr


def test_a_new_record_does_not_stand_in_what_a_zone_includes_twice(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = "@ IN MX 10 m.example.net.\n$INCLUDE part.inc x\n$INCLUDE part.inc _x._tcp"
    zones_with_part(tmp_path, "@ IN A 192.0.2.1\n", {"u.example": lines})
    assert run("check", ".", "--select", "DMARC101", "--fix-proposed", "DMARC101").exit_code == 0
    assert '_dmarc IN TXT "v=DMARC1; p=none"' in (tmp_path / "u.example.zone").read_text()
    assert (tmp_path / "part.inc").read_text() == "@ IN A 192.0.2.1\n"


@pytest.mark.parametrize("directive", ["example.com.zone", "mail.inc"])
def test_a_ttl_that_many_records_take_is_changed_where_it_stands(tmp_path, monkeypatch, directive):
    monkeypatch.chdir(tmp_path)
    files = {
        "mail.inc": '@ MX 10 mx.example.org.\nmx A 192.0.2.1\n@ TXT "v=spf1 -all" ; none\n',
        "example.com.zone": ZONE.format("example.com"),
    }
    files[directive] = f"$TTL 59 ; short\n{files[directive]}"
    for name, text in files.items():
        Path(name).write_text(text)
    told = run("check", "--select", "ZONE003", ".").stdout
    assert f"{directive}:1:6: warning ZONE003" in told
    run("check", "--fix-proposed", "ZONE003", "--select", "ZONE003", ".")
    files[directive] = files[directive].replace("$TTL 59 ", "$TTL 3600 ")
    files["example.com.zone"] = files["example.com.zone"].replace("hm 1", "hm 2")
    assert {name: Path(name).read_text() for name in files} == files
    Path("mail.inc").write_text("@ 59 MX 10 mx.example.org.\n")
    assert "$TTL" not in run("check", "--select", "ZONE003", ".").stdout


def test_a_ttl_is_not_changed_where_records_of_one_set_would_differ(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mail.inc").write_text("@ MX 10 mx.example.org.\nwww A 192.0.2.1\nwww 59 A 192.0.2.2\n")
    Path("example.com.zone").write_text("$TTL 59\n" + ZONE.format("example.com"))
    assert "because it would bring ZONE004" in run("check", "--select", "ZONE", ".").stdout


def test_one_file_is_one_from_the_root_of_the_file_system(folder, monkeypatch):
    """As octoDNS publishes it, and not once more by another spelling of its path."""
    monkeypatch.chdir("/")
    for path in (str(folder), str(folder).removeprefix("/")):
        report = json.loads(run("check", "--format", "json", path).stdout)
        assert report["summary"]["zones"] == 2


ZONE_HEAD = """$TTL 3600
@ SOA ns.example.org. h.example.org. 1 7200 900 1209600 3600
@ NS ns.example.org.
"""
OF_YAML = "type: TXT\nvalue: v=spf1 ip4:192.0.2.1 ip4:192.0.2.1 -all\n"
BY_INCLUDE = CONFIG.replace("    shared_filename: shared.yaml\n", "")
MODULE = """variable "zone" {}
resource "aws_route53_record" "spf" {
  zone_id = var.zone.zone_id
  name    = var.zone.name
  type    = "TXT"
  ttl     = 3600
  records = ["v=spf1 ip4:192.0.2.1 ip4:192.0.2.1 -all"]
}
"""
UNREADABLE = {
    "include": (
        "zones/mail.yaml",
        "zones/example.net.yaml",
        {
            "octodns.yaml": BY_INCLUDE,
            "zones/mail.yaml": OF_YAML,
            "zones/example.com.yaml": "'': !include mail.yaml\n",
            "zones/example.net.yaml": "'': !include mail.yaml\n  bad: [\n",
        },
    ),
    "shared_filename": (
        "zones/shared.yaml",
        "zones/example.net.yaml",
        {
            "octodns.yaml": CONFIG,
            "zones/shared.yaml": SHARED,
            "zones/example.com.yaml": "www: {type: A, value: 192.0.2.1}\n",
            "zones/example.net.yaml": "www: [\n",
        },
    ),
    "module": (
        "m/main.tf",
        "two/main.tf",
        {
            "m/main.tf": MODULE,
            "one/main.tf": (
                'resource "aws_route53_zone" "a" { name = "example.com" }\n'
                'module "m" {\n  source = "../m"\n  zone = aws_route53_zone.a\n}\n'
            ),
            "two/main.tf": 'module "m" {\n  source = "../m"\n  zone = [\n',
        },
    ),
    "zone file": (
        "m.inc",
        "example.net.zone",
        {
            "m.inc": '@ TXT "v=spf1 ip4:192.0.2.1 ip4:192.0.2.1 -all"\n',
            "example.com.zone": f"{ZONE_HEAD}$INCLUDE m.inc\n",
            "example.net.zone": f"{ZONE_HEAD}$INCLUDE m.inc\n",
        },
    ),
}


@pytest.mark.parametrize("kind", UNREADABLE)
@pytest.mark.parametrize("is_all", [True, False])
def test_what_a_file_that_cannot_be_read_uses_is_not_changed(tmp_path, monkeypatch, kind, is_all):
    shared, unread, files = UNREADABLE[kind]
    monkeypatch.chdir(tmp_path)
    if not is_all:  # of the whole project only a repository or a configuration tells
        (tmp_path / ".git").mkdir()
    for path, text in files.items():
        Path(path).parent.mkdir(exist_ok=True)
        is_utf16 = path == unread and path.endswith(".zone")
        Path(path).write_text(text, encoding="utf-16" if is_utf16 else "utf-8")
    own = next(path for path in files if "example.com" in path or path == "one/main.tf")
    named = "." if is_all else str(Path(own).parent) if own.endswith(".tf") else own
    reason = f"{shared} is also used by {unread}, which cannot be read"
    for words in (["--fix"], ["--diff"], ["--fix-proposed", "SPF302", "--fix"]):
        done = run("check", *words, named)
        assert reason in done.stderr, words
        assert f"+++ b/{shared}" not in done.stdout
        assert Path(shared).read_text() == files[shared]
    assert reason in " ".join(run("check", named).stdout.split())
    # The same is written once it can be read, or is gone.
    Path(unread).unlink()
    if kind != "shared_filename":
        run("check", "--fix", named)
        assert Path(shared).read_text() == files[shared].replace(" ip4:192.0.2.1 ip4", " ip4")


def test_propose_leaves_what_a_file_that_cannot_be_read_uses(tmp_path, monkeypatch):
    shared, _, files = UNREADABLE["include"]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "zones").mkdir()
    for path, text in files.items():
        Path(path).write_text(text)
    Path(shared).write_text(OF_YAML.replace("ip4:192.0.2.1 ip4", "ip4"))
    config = 'zones = ["octodns.yaml"]\n[domains."example.com"]\nsenders = ["google-workspace"]\n'
    Path("zonelint.toml").write_text(config)
    before = Path(shared).read_text()
    done = run("propose", "--write", "example.com")
    assert Path(shared).read_text() == before
    assert "which cannot be read" in done.output


def test_the_editor_offers_no_change_of_what_a_file_that_cannot_be_read_uses(tmp_path, monkeypatch):
    shared, unread, files = UNREADABLE["include"]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "zones").mkdir()
    Path("zonelint.toml").write_text('zones = ["octodns.yaml"]\n')
    for path, text in files.items():
        Path(path).write_text(text)
    by_editor(tmp_path / shared, "SPF302")
    assert Path(shared).read_text() == files[shared]
    Path(unread).write_text(files["zones/example.com.yaml"])
    by_editor(tmp_path / shared, "SPF302")
    assert Path(shared).read_text() == files[shared].replace(" ip4:192.0.2.1 ip4", " ip4")


@pytest.mark.parametrize(("end", "ttl"), [("\n", "$TTL 1h\n"), ("", "")])
def test_a_zone_of_includes_alone_gets_new_records_at_its_own_end(tmp_path, monkeypatch, end, ttl):
    """What it includes is another zone's as well, which wants another record or none."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "soa").write_text(
        "@ 7200 SOA ns.example.net. h.example.net. 1 4h 1h 2w 1h\n@ 7200 NS ns.example.net.\n"
    )
    (tmp_path / "mail").write_text("@ 7200 MX 10 mail.example.net.\n")
    for name in ("example.com", "example.org"):
        text = f"$ORIGIN {name}.\n{ttl}$INCLUDE soa\n$INCLUDE mail{end}"
        (tmp_path / f"{name}.zone").write_text(text)
    (tmp_path / "zonelint.toml").write_text(
        'zones = ["*.zone"]\n[domains."example.com"]\nsenders = ["google-workspace"]\n'
    )
    run("propose", "example.com", "--write")
    written = (tmp_path / "example.com.zone").read_text()
    added = written.removeprefix(f"$ORIGIN example.com.\n{ttl}$INCLUDE soa\n$INCLUDE mail\n")
    time = "" if ttl else "7200 "
    assert f'example.com. {time}TXT "v=spf1 ' in added
    assert f'_dmarc.example.com. {time}TXT "v=DMARC1; p=none' in added
    assert (tmp_path / "mail").read_text() == "@ 7200 MX 10 mail.example.net.\n"
    assert "not proposed" not in run("propose", "example.com").output


def test_a_mended_text_that_another_zone_answers_is_no_crash(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    head = "$TTL 1h\n@ SOA ns1.example.net. h.example.net. 1 4h 1h 2w 1h\n@ NS ns1.example.net.\n"
    two = 'a.sub TXT "v=spf1 include:_spf.example.com -all"\na.sub TXT "V=SPF1 MX -ALL"\n'
    for name, text in (("example.com", two), ("sub.example.com", "")):
        (tmp_path / f"{name}.zone").write_text(f"$ORIGIN {name}.\n{head}{text}")
    result = run("check", ".", "--fix", "--fix-proposed", "SPF002")
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)


def test_a_record_that_octodns_keeps_from_a_target_is_not_offered_by_command(folder):
    """octoDNS refuses a second one of its name and type, which only a person can make of it."""
    both = CONFIG.replace("targets: [out]", "targets: [out, second]").replace(
        "  out: ", "  second: {class: octodns.provider.yaml.YamlProvider, directory: ./o2}\n  out: "
    )
    (folder / "octodns.yaml").write_text(both)
    (folder / "zones" / "example.com.yaml").write_text(
        "'': {type: MX, value: {exchange: mx.example.net., preference: 1}}\n"
        "_dmarc: {octodns: {excluded: [second]}, type: TXT, value: v=DMARC1; p=reject}\n"
    )
    (folder / "zones" / "shared.yaml").write_text("{}\n")
    shown = run("check", ".", "--select", "DMARC101").stdout
    assert "at second: example.com has mail but no DMARC record" in shown
    assert "to write by hand" in shown
    assert "--fix-proposed" not in shown
