"""Two zones of one name: what one holds, wants or lacks is never the other's."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.dns_server import DnsServer
from tests.lint.test_lsp import codes, session
from tests.warm.command import warm
from zonelint.main import zonelint
from zonelint.run import workers

_HEAD = "$ORIGIN example.com.\n$TTL 1h\n@ SOA ns hm 1 1h 1h 1h 1h\n@ NS ns.example.net.\n"
_OUTSIDE = f"""{_HEAD}@ MX 10 mx.example.net.
@ TXT "v=spf1 ip4:40.92.0.1 ip4:40.92.0.1 -all"
_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"
"""
_INSIDE = f"""{_HEAD}@ MX 10 mx.example.net.
@ TXT "v=spf1 ip4:40.96.0.1 +all"
"""
_PARTNER = """$ORIGIN example.net.
$TTL 1h
@ SOA ns hm 1 1h 1h 1h 1h
@ TXT "v=spf1 include:example.com -all"
mx A 40.92.0.9
ns A 40.92.0.8
"""
_VIEWS = '[views]\ninside = ["inside"]\n'


@pytest.fixture(params=["", _VIEWS], ids=["one view", "two views"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in (("outside", _OUTSIDE), ("inside", _INSIDE)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "example.com.zone").write_text(text)
    (tmp_path / "partner.zone").write_text(_PARTNER)
    (tmp_path / "zonelint.toml").write_text(request.param)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str) -> Result:
    done = CliRunner().invoke(zonelint, words)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done


def found(*words: str) -> set[tuple[str, str]]:
    """Code and folder of what a check finds."""
    report = json.loads(run("check", "--format", "json", *words).stdout)
    return {(each["code"], Path(each["path"]).parent.name) for each in report["findings"]}


def has_views(folder: Path) -> bool:
    return bool((folder / "zonelint.toml").read_text())


def test_check_tells_of_each_what_is_in_it(folder: Path) -> None:
    codes = found(".")
    assert {("SPF302", "outside"), ("SPF201", "inside"), ("DMARC101", "inside")} <= codes
    assert not codes & {("SPF302", "inside"), ("SPF201", "outside"), ("DMARC101", "outside")}
    assert (("ZONE010", "inside") in codes) is not has_views(folder)
    # Alone each is judged as it is beside the other.
    for name in ("outside", "inside"):
        assert found(name) == {each for each in codes if each[1] == name}


def test_a_fingerprint_is_of_one_zone(folder: Path) -> None:
    def fingerprints() -> set[str]:
        report = json.loads(run("check", "--format", "gitlab", "--select", "SPF201", ".").stdout)
        found = (each for each in report if each["check_name"] == "SPF201")
        return {each["fingerprint"] for each in found if "example.com" in each["location"]["path"]}

    inside, outside = (folder / name / "example.com.zone" for name in ("inside", "outside"))
    before = fingerprints()
    inside.write_text(_INSIDE.replace("+all", "-all"))
    outside.write_text(_OUTSIDE.replace("-all", "+all"))
    assert len(before) == len(fingerprints()) == 1
    assert not before & fingerprints()


def test_people_are_told_once_that_zones_disagree(folder: Path) -> None:
    """Machines get it at each zone, with one cause; zones of another name have their own."""
    other = folder / "other"
    other.mkdir()
    for name in ("outside", "inside"):
        text = (folder / name / "example.com.zone").read_text()
        (other / f"{name}.zone").write_text(text.replace("example.com.", "example.org."))
    told = run("check", "--format", "concise", "--select", "ZONE010", ".").stdout.splitlines()
    found = json.loads(run("check", "--format", "json", "--select", "ZONE010", ".").stdout)
    names = ["example.org."] if has_views(folder) else ["example.com.", "example.org."]
    assert sorted(each["owner"] for each in found["findings"]) == sorted(names * 2)
    assert len({each["cause"] for each in found["findings"]}) == len(names)
    assert sum("warning ZONE010" in line for line in told) == len(names)


def test_others_are_answered_by_their_view_and_by_nobody_where_there_is_none(folder: Path) -> None:
    report = json.loads(run("check", "--format", "json", "--select", "SPF", ".").stdout)
    undecided = {each["code"] for each in report["undecided"] if each["owner"] == "example.net."}
    assert ("SPF101" in undecided) is not has_views(folder)
    assert not any(each["owner"] == "example.net." for each in report["findings"])


def test_fix_writes_the_file_that_has_the_fault(folder: Path) -> None:
    run("check", "--fix", ".")
    assert (folder / "inside/example.com.zone").read_text() == _INSIDE
    assert "ip4:40.92.0.1 -all" in (folder / "outside/example.com.zone").read_text()
    assert ("SPF302", "outside") not in found(".")


def test_a_diff_is_of_the_file_that_has_the_fault(folder: Path) -> None:
    for words, name in ((("--fix",), "outside"), (("--fix-proposed", "SPF201"), "inside")):
        done = run("check", "--diff", *words, ".")
        changed = {line for line in done.stdout.splitlines() if line.startswith("+++")}
        assert changed == {f"+++ b/{name}/example.com.zone"}
    assert (folder / "inside/example.com.zone").read_text() == _INSIDE
    assert (folder / "outside/example.com.zone").read_text() == _OUTSIDE


def test_a_proposal_is_written_where_it_is_made(folder: Path) -> None:
    run("check", "--fix-proposed", "SPF201", ".")
    assert "ip4:40.96.0.1 -all" in (folder / "inside/example.com.zone").read_text()
    assert (folder / "outside/example.com.zone").read_text() == _OUTSIDE


def test_comments_are_added_where_they_are_asked_for(folder: Path) -> None:
    run("check", "--add-noqa", "--select", "SPF", ".")
    assert "noqa: SPF201" in (folder / "inside/example.com.zone").read_text()
    assert "noqa: SPF302" in (folder / "outside/example.com.zone").read_text()
    assert "SPF302" not in (folder / "inside/example.com.zone").read_text()
    assert found("--select", "SPF,NOQA", ".") == set()


def test_each_stands_where_it_stands(folder: Path) -> None:
    done = run("status", "example.com")
    parts = done.stdout.split("example.com  (")[1:]
    standing = {part.partition("/")[0]: part for part in parts}
    assert "ends in +all" in standing["inside"]
    assert "ends in -all" in standing["outside"]
    assert "DMARC     p=none" in standing["outside"]
    assert "DMARC     no record" in standing["inside"]
    # No lock can hold what two zones say otherwise.
    asking = run("status", "example.net").stdout
    assert ("answer" in asking and "differently" in asking) is not has_views(folder)
    assert "zonelint lock" not in asking


def test_an_address_is_answered_by_the_zone_that_is_named(folder: Path) -> None:
    """Where several answer and disagree, none is taken for the domain's."""
    for name, answer in (("inside", "pass"), ("outside", "fail")):
        done = run("spf", "example.com", "192.0.2.1", "--zones", name)
        assert answer in done.stdout.lower(), done.output
    done = run("spf", "example.com", "192.0.2.1")
    assert done.exit_code != 0
    assert "outside/example.com.zone" in done.output
    assert "inside/example.com.zone" in done.output


def test_a_zone_is_chosen_by_its_view(folder: Path) -> None:
    done = run("spf", "example.com", "192.0.2.1", "--zones", "Inside")
    if has_views(folder):
        assert done.stdout.startswith("pass")
    else:
        assert done.exit_code == 2
        assert "Inside: there is no file or folder, and no view or target" in done.output


def test_the_senders_shown_are_those_of_the_record(folder: Path) -> None:
    with (folder / "zonelint.toml").open("a") as file:
        file.write('[domains."example.com"]\nsenders = ["microsoft365"]\n')
    inside = folder / "inside/example.com.zone"
    inside.write_text(_INSIDE.replace("+all", "include:spf.protection.outlook.com -all"))
    first, second = run("status", "example.com").stdout.split("example.com  (")[1:]
    inner, outer = (first, second) if first.startswith("inside") else (second, first)
    assert "senders: Microsoft 365, 1 of your own" in inner
    assert "senders: 2 of your own" in outer


def test_what_is_shown_says_of_which_zone_it_is(folder: Path) -> None:
    name = "inside" if has_views(folder) else "inside/example.com.zone"
    header = "(inside/example.com.zone, inside)" if has_views(folder) else f"({name})"
    with (folder / "zonelint.toml").open("a") as file:
        file.write('[domains."example.com"]\nsenders = ["microsoft365"]\n')
    assert f"example.com  {header}\n" in run("status").stdout
    assert f"## `example.com` (`{name}`)\n" in run("status", "--format", "markdown").stdout
    assert f"; example.com. ({name})\n" in run("propose", "--format", "zone").stdout
    yaml = run("propose", "--format", "octodns").stdout
    assert yaml.count("# example.com. (") == 2
    assert yaml.count("ip4:40.96.0.1") == 1
    assert f"# example.com. ({name})\n" in yaml
    told = json.loads(run("propose", "--format", "json").stdout)["proposals"]
    assert {each["zone"] for each in told} > {name}
    assert name in {
        each.get("zone") for each in json.loads(run("status", "--format", "json").stdout)["domains"]
    }


def test_propose_writes_what_each_lacks(folder: Path) -> None:
    with (folder / "zonelint.toml").open("a") as file:
        file.write('[domains."example.com"]\nsenders = ["microsoft365"]\n')
        file.write('dmarc.rua = ["mailto:d@example.com"]\n')
    done = run("propose", "--format", "diff")
    files = {part.partition("/")[0]: part for part in done.stdout.split("+++ b/")[1:]}
    inside, outside = files["inside"], files["outside"]
    assert "include:spf.protection.outlook.com" in inside
    assert "include:spf.protection.outlook.com" in outside
    assert "+_dmarc" in inside
    assert "+_dmarc" not in outside


def commit(folder: Path) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["init", "-q"], ["add", "-A"], [*who, "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=folder, check=True)


def test_against_holds_each_to_its_own_past(folder: Path) -> None:
    commit(folder)
    outside = folder / "outside/example.com.zone"
    outside.write_text(_OUTSIDE.replace("p=none", "p=reject"))
    assert {name for code, name in found("--against", "HEAD", ".") if code == "PHASE001"} == {
        "outside"
    }
    outside.write_text(_OUTSIDE)
    inside = folder / "inside/example.com.zone"
    inside.write_text(_INSIDE.replace("@ MX 10 mx.example.net.\n", ""))
    assert {name for code, name in found("--against", "HEAD", ".") if code[:5] == "PHASE"} == {
        "inside"
    }


def test_against_follows_the_one_that_moves(folder: Path) -> None:
    """Of two files the one that stays keeps its own past, so the other's is the one that is left.

    One that is split is its root document still.
    """
    commit(folder)
    moved = folder / "moved"
    (folder / "outside").rename(moved)
    assert found("--against", "HEAD", ".") <= {("ZONE010", "moved"), ("ZONE010", "inside")}
    zone = moved / "example.com.zone"
    zone.write_text(_OUTSIDE.replace("p=none", "p=reject"))
    assert ("PHASE001", "moved") in found("--against", "HEAD", ".")
    moved.rename(folder / "outside")
    policy = _OUTSIDE.splitlines(keepends=True)[-1]
    (folder / "outside/policy.inc").write_text(policy.replace("p=none", "p=reject"))
    (folder / "outside/example.com.zone").write_text(
        _OUTSIDE.replace(policy, "$INCLUDE policy.inc\n")
    )
    assert ("PHASE001", "outside") in found("--against", "HEAD", ".")


def test_what_a_zone_added_beside_others_replaces_is_not_known(folder: Path) -> None:
    """A view that the change makes may be the one that the world sees."""
    commit(folder)
    (folder / "new").mkdir()
    (folder / "new/example.com.zone").write_text(_OUTSIDE.replace("p=none", "p=reject"))
    assert "what was served in" not in run("check", ".", "--against", "HEAD").output
    assert ("PHASE001", "new") in found("--against", "HEAD", ".")
    config = (folder / "zonelint.toml").read_text() or "[views]\n"
    (folder / "zonelint.toml").write_text(config + 'new = ["new"]\n')
    for path in (".", "new"):
        told = run("check", path, "--against", "HEAD").output
        assert "undecided PHASE002 phase-weakened for example.com. needs what was served in" in told
    (folder / "new/example.com.zone").unlink()
    assert "what was served in" not in run("check", ".", "--against", "HEAD").output


def test_of_several_candidates_each_has_its_say(folder: Path) -> None:
    """Both files move: nothing tells which was which, and what either had is lost if it is not."""
    commit(folder)
    (folder / "outside").rename(folder / "a")
    (folder / "inside").rename(folder / "b")
    codes = found("--against", "HEAD", ".")
    assert ("PHASE002", "b") in codes


def test_a_baseline_entry_is_of_one_zone(folder: Path) -> None:
    run("check", "--write-baseline", ".")
    assert found(".") == set()
    (folder / "inside/example.com.zone").write_text(
        _INSIDE.replace("ip4:40.96.0.1 +all", "ip4:40.92.0.1 ip4:40.92.0.1 -all")
    )
    assert ("SPF302", "inside") in found(".")
    assert ("SPF302", "outside") not in found(".")


def test_a_comment_is_of_one_zone(folder: Path) -> None:
    inside = folder / "inside/example.com.zone"
    inside.write_text(_INSIDE.replace('+all"', '+all" ; noqa: SPF201'))
    (folder / "outside/example.com.zone").write_text(_OUTSIDE.replace("-all", "+all"))
    codes = found(".")
    assert ("SPF201", "outside") in codes
    assert ("SPF201", "inside") not in codes
    assert ("NOQA001", "inside") not in codes


def test_the_lock_asks_for_what_either_names(folder: Path) -> None:
    """What a zone of the name holds is asked of nobody, whichever of them holds it."""
    for name, host in (("outside", "a.example.org"), ("inside", "b.example.org")):
        zone = folder / name / "example.com.zone"
        zone.write_text(zone.read_text().replace("v=spf1 ", f"v=spf1 include:{host} "))
    done = run("lock", "--nameserver", "127.0.0.1:9", "--timeout", "1")
    told = done.output + (
        (folder / "zonelint.lock").read_text() if (folder / "zonelint.lock").exists() else ""
    )
    assert "a.example.org" in told
    assert "b.example.org" in told


def test_the_editor_shows_each_its_own(folder: Path) -> None:
    """What is found, what is hidden and what waits: each in the document that it is about."""
    run("check", "--select", "SPF201", "--write-baseline", ".")
    paths = {name: folder / name / "example.com.zone" for name in ("outside", "inside")}
    texts = {"outside": _OUTSIDE.replace("-all", "+all"), "inside": _INSIDE}
    shown: dict[str, list[str]] = {}

    async def scene() -> None:
        async with session() as editor:
            await editor.open(paths["outside"], texts["outside"])
            await editor.open(paths["inside"], texts["inside"])
            for name, path in paths.items():
                shown[name] = codes(await editor.until(path, bool))

    asyncio.run(scene())
    assert "SPF201" in shown["outside"]
    assert "SPF201" not in shown["inside"]
    assert "DMARC101" in shown["inside"]
    assert "DMARC101" not in shown["outside"]


def test_the_editor_holds_an_entry_without_a_zone_for_neither(folder: Path) -> None:
    """As a check does: it says not which of them it is about."""
    entry = {"code": "SPF201", "owner": "example.com.", "type": "TXT", "count": 1}
    (folder / "zonelint-baseline.json").write_text(json.dumps({"version": 1, "findings": [entry]}))
    assert ("SPF201", "inside") in found(".")
    inside = folder / "inside/example.com.zone"

    async def scene() -> None:
        async with session() as editor:
            await editor.open(inside, _INSIDE)
            await editor.until(inside, lambda shown: "SPF201" in codes(shown))

    asyncio.run(scene())


def test_the_editor_says_in_each_what_waits(folder: Path) -> None:
    texts = {
        "outside": _OUTSIDE.replace("-all", "include:a.example.org -all"),
        "inside": _INSIDE.replace("+all", "include:b.example.org -all"),
    }

    async def scene() -> None:
        async with session() as editor:
            for name, text in texts.items():
                await editor.open(folder / name / "example.com.zone", text)
            for name, host in (("outside", "a.example.org"), ("inside", "b.example.org")):
                path = folder / name / "example.com.zone"
                shown = await editor.until(path, lambda shown: "SPF101" in str(shown))
                waits = str([each.message for each in shown])
                assert host in waits
                assert ("b" if host[0] == "a" else "a") + ".example.org" not in waits

    asyncio.run(scene())


# -- octoDNS ---------------------------------------------------------------------------------

_CONFIG = """\
processors: {{mail: {{class: zonelint.providers.octodns.MailAuthProcessor}}}}
validators: {{zonelint: {{class: zonelint.providers.octodns.MailAuthValidator}}}}
providers:
  config: {{class: octodns.provider.yaml.YamlProvider, directory: {0}, escaped_semicolons: false}}
  out: {{class: octodns.provider.yaml.YamlProvider, directory: out-{0}}}
zones: {{example.com.: {{sources: [config], targets: [out], processors: [mail]}}}}
"""
_SPF = {"inside": "v=spf1 ip4:40.96.0.1 +all", "outside": "v=spf1 ip4:40.92.0.1 -all"}
_BOTH = ("inside.yaml", "outside.yaml")


@pytest.fixture
def octodns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two configurations of octoDNS, each with a zone of the name."""
    for name, spf in _SPF.items():
        (tmp_path / name).mkdir()
        (tmp_path / f"out-{name}").mkdir()
        (tmp_path / f"{name}.yaml").write_text(_CONFIG.format(name))
        write_spf(tmp_path / name / "example.com.yaml", spf)
    (tmp_path / "zonelint.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_spf(path: Path, spf: str) -> None:
    path.write_text(
        "'': {type: TXT, value: " + spf + "}\n"
        "_dmarc: {type: TXT, value: v=DMARC1; p=none; rua=mailto:d@example.com}\n"
    )


def octodns_fails(name: str) -> set[str]:
    """Which of octoDNS's commands stop for SPF201."""
    failing = set()
    for words in (("validate",), ("sync", "--doit")):
        command = [*warm(f"octodns-{words[0]}"), f"--config-file={name}.yaml", *words[1:]]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            assert f"{name}/example.com.yaml:1:" in done.stderr, done.stderr
            assert "SPF201" in done.stderr
            failing.add(words[0])
    return failing


def test_octodns_holds_each_to_what_is_its_own(octodns: Path) -> None:
    """What is found, what a baseline knows and what a comment hides."""
    assert octodns_fails("inside") == {"validate", "sync"}
    assert octodns_fails("outside") == set()
    assert {name for code, name in found(*_BOTH) if code == "SPF201"} == {"inside"}
    run("check", "--write-baseline", *_BOTH)
    assert found(*_BOTH) == set()
    assert octodns_fails("inside") == set()
    write_spf(octodns / "outside" / "example.com.yaml", _SPF["inside"])
    assert octodns_fails("outside") == {"validate", "sync"}
    (octodns / "zonelint-baseline.json").unlink()
    write_spf(octodns / "inside" / "example.com.yaml", f"{_SPF['inside']}}} # noqa: SPF201\n#")
    assert octodns_fails("inside") == set()
    assert octodns_fails("outside") == {"validate", "sync"}
    assert {name for code, name in found(*_BOTH) if code == "SPF201"} == {"outside"}


_TARGETS = """\
providers:
  config: {class: octodns.provider.yaml.YamlProvider, directory: zones, escaped_semicolons: false}
zones: {example.com.: {sources: [config], targets: [t, u]}}
"""
_FOR_BOTH = """\
'':
- {type: MX, value: {exchange: mx.example.net., preference: 10}}
- {type: TXT, value: v=spf1 mx -all}
_dmarc: {octodns: {excluded: [u]}, type: TXT, value: v=DMARC1; p=none}
www: {type: A, value: 192.0.2.1}
"""


@pytest.fixture
def targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A zone of which one of two targets does not get the DMARC record."""
    (tmp_path / "zones").mkdir()
    (tmp_path / "zones" / "example.com.yaml").write_text(_FOR_BOTH)
    (tmp_path / "octodns.yaml").write_text(_TARGETS)
    (tmp_path / "zonelint.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_verify_asks_for_what_each_target_gets(targets: Path) -> None:
    served = '@ MX 10 mx.example.net.\n@ TXT "v=spf1 mx -all"\n'
    with DnsServer({"example.com": served}) as server:
        done = run("verify", "--server", server.address, "--no-resolver")
    assert done.exit_code == 1
    _, at_t, at_u = done.stdout.split("example.com (")
    assert at_t.startswith("t zones/example.com.yaml)")
    assert "not yet    _dmarc.example.com TXT" in at_t
    assert at_u.startswith("u zones/example.com.yaml)")
    assert "not yet" not in at_u


def test_what_the_baseline_knows_at_one_target_is_wanted_there_too(targets: Path) -> None:
    """The record of both targets is offered and written where one of them shows the finding."""
    words = ("check", "--select", "SPF307")
    run(*words, "--write-baseline")
    baseline = targets / "zonelint-baseline.json"
    held = json.loads(baseline.read_text())
    assert len(held["findings"]) == 2
    baseline.write_text(json.dumps(held | {"findings": held["findings"][:1]}))
    told = run(*words).stdout
    assert "1 in the baseline" in told
    assert "not wanted" not in told
    run(*words, "--fix-proposed", "SPF307")
    assert "v=spf1 -all" in (targets / "zones" / "example.com.yaml").read_text()


def test_propose_writes_what_both_targets_lack(targets: Path) -> None:
    """What only one of them lacks has no place in the file of both."""
    (targets / "zonelint.toml").write_text(
        '[domains."example.com"]\nsenders = ["microsoft365"]\n'
        'dmarc.rua = ["mailto:d@example.com"]\n'
        'microsoft365.dkim.selector1 = "s1-example-com._domainkey.x.n-v1.dkim.mail.microsoft"\n'
        'microsoft365.dkim.selector2 = "s2-example-com._domainkey.x.n-v1.dkim.mail.microsoft"\n'
    )
    run("propose", "--write")
    text = (targets / "zones" / "example.com.yaml").read_text()
    assert text.count("include:spf.protection.outlook.com") == 1
    assert text.count("selector1._domainkey") == 1
    assert text.count("_dmarc:") == 1


_PLAIN = _HEAD.replace("example.com.", "{}.")


def test_a_view_that_is_not_public_is_judged_for_what_servers_inside_meet(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("inside.zone").write_text(
        "$ORIGIN example.com.\n$TTL 3600\n@ IN SOA ns h 1 2 3 4 5\n@ MX 10 a.sub\n"
        '@ MX 20 mail\nmail A 10.0.0.1\na.sub A 10.0.0.2\n@ TXT "v=spf1 ip4:10.0.0.0/8 +all"\n'
    )
    Path("sub.zone").write_text(
        "$ORIGIN sub.example.com.\n$TTL 3600\n@ IN SOA ns h 1 2 3 4 5\n@ MX 10 mail.example.com.\n"
    )
    Path("zonelint.toml").write_text('[views]\ninside = { zones = ["*.zone"], public = false }\n')
    done = run("check", ".", "--format", "concise")
    assert "MX002 The exchange a.sub.example.com has no address in the zone `sub.example.com`" in (
        done.output
    )
    assert "1 error in 2 zones" in done.output
    assert "(views.inside.public = false)" in done.output
    assert "of a view that the internet does not see" in run("status").output
    Path("zonelint.toml").write_text('[views]\ninside = { zones = ["*.zone"] }\n')
    assert "SPF201" in run("check", ".", "--format", "concise").output


@pytest.mark.parametrize("path", [".", "outside.zone"])
def test_a_view_that_is_not_public_answers_nobody_outside(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    zone = "$ORIGIN {}.\n$TTL 3600\n@ IN SOA ns h 1 2 3 4 5\n{}\n"
    spf = '@ MX 10 mail\nmail A 8.8.8.8\n@ TXT "v=spf1 include:spf.example.net -all"'
    Path("outside.zone").write_text(zone.format("example.com", spf))
    view = '[views]\ninside = {{ zones = ["inside.zone"], public = {} }}\n'
    for text in ("v=spf1 +all", "v=spf1 ip4:8.8.4.4 -all"):
        Path("inside.zone").write_text(zone.format("example.net", f'spf TXT "{text}"'))
        Path("zonelint.toml").write_text(view.format("false"))
        done = run("check", path, "--select", "SPF2", "--format", "concise").output
        assert "undecided SPF201" in done
        assert " error " not in done
        Path("zonelint.toml").write_text(view.format("true"))
        done = run("check", path, "--select", "SPF2", "--format", "concise").output
        assert ("error SPF201" in done, "undecided" in done) == ("+all" in text, False)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_only_another_view_has_is_told_with_its_place(tmp_path, monkeypatch, jobs) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(workers, "LEAST", 0)
    Path("zonelint.toml").write_text(
        'zones = ["*/*.zone"]\n[views]\nout = ["out"]\nin = { zones = ["in"], public = false }\n'
    )
    head = "$TTL 3600\n@ SOA ns.example.net. h.example.net. 1 7200 900 1209600 3600\n"
    hidden = '_spf TXT "v=spf1 -all"\nmail A 192.0.2.1\nkey TXT "v=DKIM1; k=ed25519; p="\n'
    asking = '@ MX 1 mail\n@ TXT "v=spf1 include:_spf.example.com -all"\ns._domainkey CNAME key\n'
    for folder, records in (("out", asking), ("in", asking + hidden)):
        Path(folder).mkdir()
        Path(folder, "example.com.zone").write_text(head + records)
    told = run("check", "--select", "SPF106,MX002,DKIM013", "--jobs", jobs).output
    assert "3 errors" in told
    for name in ("_spf", "mail", "key"):
        place = "is in in/example.com.zone, in the view `in`, which is not seen from here."
        assert f"{name}.example.com {place}" in told


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_zone_in_no_view_is_answered_where_the_views_agree(
    jobs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a zone in a view is answered by those in none, which are served to all."""
    monkeypatch.chdir(tmp_path)
    for view, terms in (("inside", "ip4:40.96.0.1"), ("outside", "include:plain.example +all")):
        Path(view).mkdir()
        text = f'{_HEAD}@ TXT "v=spf1 {terms}"\nsame TXT "v=spf1 +all"\n'
        Path(view, "example.com.zone").write_text(text)
    plain = _PLAIN.format("plain.example")
    Path("plain.zone").write_text(f'{plain}@ TXT "v=spf1 include:same.example.com -all"\n')
    asks = _PLAIN.format("asks.example")
    Path("asks.zone").write_text(f'{asks}@ TXT "v=spf1 include:example.com -all"\n')
    Path("zonelint.toml").write_text('[views]\ninside = ["inside"]\noutside = ["outside"]\n')
    rules = ("--select", "SPF101,SPF201", "--format", "json", "--jobs", jobs)
    for paths in ((".",), ("plain.zone", "asks.zone")):
        report = json.loads(run("check", *rules, *paths).stdout)
        assert "plain.example." in {each["owner"] for each in report["findings"]}
        assert {each["owner"] for each in report["undecided"]} == {"asks.example."}
        (why,) = {name for each in report["undecided"] for name in each["missing"]}
        assert why == (
            "one answer from `example.com`, which is in views that answer differently "
            "(`inside`, `outside`)"
        )
    told = run("spf", "asks.example")
    assert (told.exit_code, "lock" in told.output) == (2, False)
    assert "views that answer differently" in told.output


def test_an_include_that_only_another_view_holds_is_no_foreign_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = {
        "inside": '$ORIGIN corp.test.\n$TTL 1h\n_spf TXT "v=spf1 ip4:9.9.9.9 -all"\n',
        "outside": '$ORIGIN example.com.\n$TTL 1h\n@ TXT "v=spf1 include:_spf.corp.test ~all"\n',
    }
    for view, text in texts.items():
        Path(view).mkdir()
        Path(view, "a.zone").write_text(text)
    views = '[views]\ninside = ["inside"]\noutside = ["outside"]\n'
    Path("zonelint.toml").write_text(f'{views}[domains."example.com"]\nsenders = []\n')
    for jobs in ("1", "2"):
        done = CliRunner().invoke(zonelint, ["check", "--select", "SPF211", "--jobs", jobs])
        assert "Clean (with --select SPF211)" in done.stdout


@pytest.mark.parametrize("paths", [(".",), ("outside",), ("outside", "inside")])
def test_what_two_configurations_name_is_two_projects(folder: Path, paths: tuple[str, ...]) -> None:
    (folder / "zonelint.toml").unlink()
    for each in ("outside", "inside"):
        (folder / each / "zonelint.toml").write_text('zones = ["."]\n')
    assert "ZONE010" not in {code for code, _ in found(*paths)}
    (folder / "inside" / "zonelint.toml").write_text("")
    told = {place for code, place in found(*paths) if code == "ZONE010"}
    # What names no zones is about all of the repository.
    assert told == ({"inside"} if paths != ("outside",) else set())


def test_a_host_that_a_zone_below_hides_needs_no_spf_record(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("zonelint.toml").write_text("")
    head = "$ORIGIN {}.\n$TTL 3600\n@ IN SOA ns h 1 1 1 1 1\n@ NS ns.x.net.\n"
    hosts = "x.corp A 198.41.0.25\nxcorp A 198.41.0.26\n"
    Path("w.test.zone").write_text(head.format("w.test") + hosts)
    Path("corp.w.test.zone").write_text(head.format("corp.w.test"))
    for paths in ((), ("w.test.zone",)):
        words = ["check", *paths, "--select", "SPF307", "--format", "json"]
        done = CliRunner().invoke(zonelint, words, catch_exceptions=False)
        assert [each["owner"] for each in json.loads(done.stdout)["findings"]] == ["xcorp.w.test."]


def test_what_another_configuration_of_the_repository_names_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run in one folder answers as a run over all; what nobody names is not asked."""
    (tmp_path / ".git").mkdir()
    texts = {"a": '@ TXT "v=spf1 include:_spf.example.net -all"\n', "b": '_spf TXT "v=spf1 +all"\n'}
    for team, text in texts.items():
        (tmp_path / team).mkdir()
        (tmp_path / team / "zonelint.toml").write_text('zones = ["*.zone"]\n')
        origin = {"a": "example.com", "b": "example.net"}[team]
        (tmp_path / team / f"{origin}.zone").write_text(f"$ORIGIN {origin}.\n$TTL 1h\n{text}")
    monkeypatch.chdir(tmp_path / "a")
    assert "SPF201" in {code for code, _ in found()}
    (tmp_path / "b" / "zonelint.toml").write_text("")
    assert "SPF201" in {code for code, _ in found()}
    (tmp_path / "b" / "zonelint.toml").unlink()
    (tmp_path / "b" / "pyproject.toml").write_text("")
    assert "SPF201" not in {code for code, _ in found()}


def test_a_name_of_two_projects_is_answered_by_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever a run is started, and whatever else it judges, by whichever command."""
    (tmp_path / ".git").mkdir()
    joint = {"alpha": "include:_spf.beta.example -all", "beta": "+all"}
    own = '@ TXT "v=spf1 include:example.org -all"\n_spf TXT "v=spf1 ip4:198.41.1.9 -all"\n'
    for team, terms in joint.items():
        (tmp_path / team).mkdir()
        texts = {
            "zonelint.toml": 'zones = ["*.zone"]\n',
            "joint.zone": _HEAD.replace("com", "org") + f'@ TXT "v=spf1 {terms}"\n',
            "own.zone": _HEAD.replace("example.com", f"{team}.example") + own,
        }
        for name, text in texts.items():
            (tmp_path / team / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    everything = found(".")
    assert {place for code, place in everything if code == "SPF201"} == {"beta"}
    assert not {"SPF101", "ZONE010"} & {code for code, _ in everything}
    bounce = "550 5.7.23 SPF failed with ip 198.41.1.8 and sender a@example.org\n"
    (tmp_path / "bounce").write_text(bounce)
    for team, verdict, lookups in (("alpha", "fail", 2), ("beta", "pass", 1)):
        monkeypatch.chdir(tmp_path / team)
        assert {code for code, _ in found()} == {c for c, place in everything if place == team}
        assert run("spf", "example.org", "198.41.1.8").stdout.startswith(verdict)
        told = json.loads(
            run("triage", "../bounce", "--domain", "example.org", "--format", "json").stdout
        )
        assert (told["domain"], told["client"]["spf"]) == ("example.org", verdict)
        shown = json.loads(run("status", f"{team}.example", "--format", "json").stdout)
        assert shown["domains"][0]["spf_lookups"] == lookups
        run("check", "--write-baseline")
        assert '"zone"' not in Path("zonelint-baseline.json").read_text()
        assert not found()
    monkeypatch.chdir(tmp_path)
    assert not found(".")


@pytest.fixture
def teams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two configurations of one domain, for which only one of them declares a sender."""
    (tmp_path / ".git").mkdir()
    text = (
        _HEAD
        + '@ MX 10 mail\nmail A 198.41.1.9\n@ TXT "v=spf1 mx"\n_dmarc TXT "v=DMARC1; p=none"\n'
    )
    for team, senders in (("alpha", '["google-workspace"]'), ("beta", "[]")):
        (tmp_path / team).mkdir()
        (tmp_path / team / "example.com.zone").write_text(text)
        (tmp_path / team / "zonelint.toml").write_text(
            f'zones = ["*.zone"]\n[domains."example.com"]\nsenders = {senders}\n'
        )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_of_two_configurations_has_its_own_repairs(teams: Path) -> None:
    before = {team: (teams / team / "example.com.zone").read_text() for team in ("alpha", "beta")}
    told = run("propose", "--zones", "alpha", "--zones", "beta").stdout
    assert "+++ b/alpha/example.com.zone" in told
    assert told.count("include:_spf.google.com") == 1
    assert "+++ b/beta" not in told
    run("check", "alpha", "--fix-proposed", "ALL")
    assert (teams / "beta/example.com.zone").read_text() == before["beta"]
    assert "_spf.google.com" in (teams / "alpha/example.com.zone").read_text()
    run("check", ".", "--fix-proposed", "ALL")
    assert (teams / "beta/example.com.zone").read_text() != before["beta"]
    assert "_spf.google.com" not in (teams / "beta/example.com.zone").read_text()


def test_a_mail_domain_that_a_zone_below_hides_needs_no_dmarc_record(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    head = "$ORIGIN {}.\n$TTL 3600\n@ IN SOA ns h 1 1 1 1 1\n@ NS ns.x.net.\n"
    Path("zonelint.toml").write_text("")
    Path("w.test.zone").write_text(head.format("w.test") + "x.corp MX 10 m.x.net.\n")
    assert ("DMARC101", "") in found(".", "--select", "DMARC101")
    Path("corp.w.test.zone").write_text(head.format("corp.w.test"))
    assert not found(".", "--select", "DMARC101")
