"""`--write-baseline` and `--baseline`: what is known is silent, what is new shows."""

from __future__ import annotations

import hashlib
import json
import shutil
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from zonelint.main import zonelint
from zonelint.rules.model.lock import Lock, write
from zonelint.run import workers

ZONE = """\
$ORIGIN example.com.
$TTL 3600
@ SOA ns1.example.net. hostmaster 1 2 3 4 5
@ NS ns1.example.net.
@ MX 10 mail.example.net.
@ TXT "v=spf1 mx +all"
_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"
"""


@pytest.fixture
def zone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "example.com.zone"
    path.write_text(ZONE)
    return path


def run(*words: str) -> Result:
    return CliRunner().invoke(zonelint, ["check", *words, "example.com.zone"])


def test_what_is_known_is_silent_and_what_is_new_shows(zone: Path) -> None:
    assert run().exit_code == 1
    assert run("--write-baseline").exit_code == 0
    known = run("--baseline", "zonelint-baseline.json")
    assert known.exit_code == 0
    assert "in the baseline" in known.output
    zone.write_text("; a line in front\n" + ZONE + 'www TXT "v=spf1 +all"\n')
    new = run("--baseline", "zonelint-baseline.json", "--select", "SPF201")
    assert new.exit_code == 1
    assert "www.example.com" in new.output
    assert new.output.count("error SPF201") == 1


def test_a_byte_order_mark_hides_no_baseline_and_no_lock(zone: Path) -> None:
    run("--write-baseline")
    (zone.parent / "zonelint.lock").write_text(write(Lock()))
    for name in ("zonelint-baseline.json", "zonelint.lock"):
        path = zone.parent / name
        path.write_text("\ufeff" + path.read_text())
    known = run()
    assert known.exit_code == 0, known.output
    assert "in the baseline" in known.output


def test_a_second_fault_of_one_record_is_new(zone: Path) -> None:
    zone.write_text(ZONE.replace("mx +all", "mx foo -all"))
    run("--write-baseline")
    zone.write_text(ZONE.replace("mx +all", "mx foo bar -all"))
    new = run("--baseline", "zonelint-baseline.json", "--select", "SPF001")
    assert new.exit_code == 1
    assert new.output.count("error SPF001") == 1


def test_an_entry_without_finding_is_told(zone: Path) -> None:
    run("--write-baseline")
    zone.write_text(ZONE.replace("+all", "-all"))
    clean = run("--baseline", "zonelint-baseline.json")
    assert "1 baseline entry no longer found" in clean.output


def test_what_was_written_without_a_name_counts_without_a_name(zone: Path) -> None:
    assert run("--write-baseline").exit_code == 0
    assert run().exit_code == 0
    assert "in the baseline" in run().output
    zone.write_text(ZONE + 'www TXT "v=spf1 +all"\n')
    assert run().exit_code == 1
    Path("zonelint.toml").write_text('baseline = "known.json"\nzones = ["*.zone"]\n')
    missing = run()  # one that is named has to be there
    assert missing.exit_code == 2
    assert "known.json: there is no such file" in missing.output


def test_the_usual_baseline_stands_beside_the_configuration(
    zone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("zonelint.toml").write_text('zones = ["*.zone"]\n')
    below = zone.parent / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    check = partial(CliRunner().invoke, zonelint)
    assert check(["check", "--write-baseline"]).exit_code == 0
    assert (zone.parent / "zonelint-baseline.json").is_file()
    assert check(["check"]).exit_code == 0
    assert check(["check", "--baseline", "other.json"]).exit_code == 2


def test_entries_that_this_run_does_not_look_at_are_not_gone(zone: Path) -> None:
    other = Path("example.org.zone")
    other.write_text(ZONE.replace("example.com", "example.org"))
    check = partial(CliRunner().invoke, zonelint)
    assert check(["check", "--write-baseline", "."]).exit_code == 0
    assert "no longer found" not in check(["check", "."]).output
    zone.write_text(ZONE.replace("+all", "-all"))
    assert "no longer found" not in check(["check", "example.org.zone"]).output
    assert "no longer found" not in check(["check", "--select", "DMARC", "."]).output
    gone = check(["check", "example.com.zone"]).output
    assert "no longer found: SPF201 for example.com. TXT: remove them" in gone
    zone.unlink()  # a zone that was given up
    assert "no longer found" not in check(["check", "example.org.zone"]).output
    assert "no longer found" in check(["check"]).output
    other.write_bytes(b"\0")  # nobody can say what is in there
    assert "example.org" not in check(["check"]).stdout


def test_an_owner_that_is_no_name_ends_nothing(zone: Path) -> None:
    Path("zonelint-baseline.json").write_text(
        '{"version": 1, "findings": [{"code": "SPF201", "owner": "nonsense", "type": "TXT"}]}'
    )
    assert run().exit_code == 1


def test_entries_are_gone_also_where_processes_share_the_work(
    zone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "LEAST", 1)
    Path("example.org.zone").write_text(ZONE.replace("example.com", "example.org"))
    check = partial(CliRunner().invoke, zonelint)
    check(["check", "--write-baseline", "."])
    zone.write_text(ZONE.replace("+all", "-all"))
    told = check(["check", "--jobs", "2", "."])
    assert "no longer found: SPF201 for example.com. TXT" in told.output
    assert told.output == check(["check", "--jobs", "1", "."]).output


WIDE = ZONE.replace("+all", "ip4:40.92.0.0/15 -all")


def test_what_is_written_otherwise_since_is_another_fault(zone: Path) -> None:
    zone.write_text(WIDE)
    run("--write-baseline")
    assert "SPF208" in Path("zonelint-baseline.json").read_text()
    zone.write_text(WIDE.replace("-all", "a -all"))
    assert run("--select", "SPF208").exit_code == 0
    zone.write_text(WIDE.replace("40.92.0.0/15", "11.0.0.0/8"))
    wider = run("--select", "SPF208")
    assert wider.exit_code == 1
    assert "1 baseline entry no longer found" in wider.output


def test_a_fault_is_known_in_whichever_case_it_is_written(zone: Path) -> None:
    zone.write_text(ZONE.replace("mx +all", "mx MX A:Mail.example.net -all"))
    words = hashlib.sha256(b"MX").hexdigest()[:12]  # as older files have it
    run("--write-baseline")
    held = Path("zonelint-baseline.json")
    assert words not in held.read_text()
    held.write_text(held.read_text().replace(hashlib.sha256(b"mx").hexdigest()[:12], words))
    assert "SPF302" not in run().output
    run("--write-baseline")
    shutil.copy(zone, "before")
    run("--fix", "--no-baseline")
    assert "mx mx" in zone.read_text()
    assert "SPF302" not in run().output
    assert run("--no-baseline", "--against", "before").exit_code == 0


def test_an_entry_that_names_no_words_holds_for_any(zone: Path) -> None:
    zone.write_text(WIDE.replace("-all", "ip4:11.0.0.0/8 -all"))
    entry = {"code": "SPF208", "owner": "example.com.", "type": "TXT", "count": 1}
    baseline = Path("zonelint-baseline.json")
    baseline.write_text(json.dumps({"version": 1, "findings": [entry]}))
    (left,) = json.loads(run("--select", "SPF208", "--format", "json").stdout)["findings"]
    assert "11.0.0.0/8" in left["message"]
    again = run("--select", "SPF208", "--write-baseline")
    assert "; 1 new, 0 no longer in it" in again.stderr
    assert run("--select", "SPF208").exit_code == 0


def test_the_file_is_sorted_text(zone: Path) -> None:
    run("--write-baseline")
    text = Path("zonelint-baseline.json").read_text()
    entries = json.loads(text)["findings"]
    keys = [(entry["code"], entry["owner"], entry["type"]) for entry in entries]
    assert keys == sorted(keys)
    assert ("SPF201", "example.com.", "TXT") in keys


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", ":1:"),
        ("[]", "not a baseline"),
        ('{"version": 9, "findings": []}', "version 9"),
        ('{"version": 1, "findings": [{"code": 1}]}', "entry 1"),
        (None, "no such file"),
    ],
)
def test_a_broken_baseline_is_refused(zone: Path, text: str | None, said: str) -> None:
    path = Path("known.json")
    if text is not None:
        path.write_text(text)
    refused = run("--baseline", "known.json")
    assert refused.exit_code == 2
    assert said in refused.output
    assert "known.json" in refused.output


def test_json_counts_what_the_baseline_knows(zone: Path) -> None:
    run("--write-baseline", "--select", "SPF201")
    told = json.loads(run("--select", "SPF201", "--format", "json").stdout)
    assert told["findings"] == []
    assert told["suppressed"] == 1


def test_what_is_written_is_said(zone: Path) -> None:
    first = run("--write-baseline")
    assert "wrote 3 findings to zonelint-baseline.json (1 error, 2 infos)." in first.stderr
    assert "before" not in first.stderr
    zone.write_text(ZONE.replace("+all", "foo -all"))
    again = run("--write-baseline")
    assert "1 new, 1 no longer in it" in again.stderr


def entries() -> set[tuple[str, str]]:
    found = json.loads(Path("zonelint-baseline.json").read_text())["findings"]
    return {(each["code"], each["owner"]) for each in found}


def test_what_was_not_judged_is_kept_when_a_baseline_is_written_again(zone: Path) -> None:
    Path("zonelint.toml").write_text('zones = ["*.zone"]\n')
    Path("example.org.zone").write_text(ZONE.replace("example.com", "example.org"))
    check = partial(CliRunner().invoke, zonelint)
    check(["check", "--write-baseline"])
    before = entries()
    for words in ("--select", "DKIM"), ("example.com.zone",):
        told = check(["check", "--write-baseline", *words]).stderr
        assert entries() == before
        assert "0 no longer in it" in told
        assert "kept, which this run did not judge" in told
    Path("old").mkdir()
    Path("example.org.zone").rename("old/db.org")  # `zones` does not name it any more
    assert "no longer found" not in check(["check"]).output
    zone.write_text(ZONE.replace("+all", "-all"))
    check(["check", "--write-baseline"])
    assert before - entries() == {("SPF201", "example.com.")}
    Path("old/db.org").unlink()
    check(["check", "--write-baseline"])
    assert {owner.split(".", 1)[-1] for _, owner in entries()} <= {"com.", "example.com."}


def test_a_run_without_the_baseline_reports_everything(zone: Path) -> None:
    run("--write-baseline")
    assert run().exit_code == 0
    done = run("--no-baseline")
    assert done.exit_code == 1
    assert "SPF201" in done.output
    for word in ("--write-baseline", "--baseline=zonelint-baseline.json"):
        assert run("--no-baseline", word).exit_code == 2


# ---- two zones of one name ----------------------------------------------------------------------


@pytest.fixture
def twins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two files of one zone: the first has the fault, the second is in order."""
    monkeypatch.chdir(tmp_path)
    files = tmp_path / "a" / "example.com.zone", tmp_path / "b" / "example.com.zone"
    for path, text in zip(files, (ZONE, ZONE.replace("+all", "-all")), strict=True):
        path.parent.mkdir()
        path.write_text(text)
    return files


def run_all(*words: str) -> Result:
    return CliRunner().invoke(zonelint, ["check", "--select", "SPF201", *words, "a", "b"])


def test_an_entry_names_its_zone_where_two_have_the_name(twins: tuple[Path, Path]) -> None:
    assert run_all("--write-baseline").exit_code == 0
    (entry,) = json.loads(Path("zonelint-baseline.json").read_text())["findings"]
    assert entry["zone"] == "a/example.com.zone"
    assert run_all().exit_code == 0
    twins[1].write_text(ZONE)
    result = run_all()
    assert result.exit_code == 1
    assert "b/example.com.zone" in result.output
    assert "a/example.com.zone:" not in result.output


def test_a_configuration_without_findings_gets_no_baseline(twins: tuple[Path, Path]) -> None:
    for folder in "ab":
        Path(folder, "zonelint.toml").write_text("")
    assert run_all("--write-baseline").exit_code == 0
    assert [path.parts[0] for path in Path().glob("*/zonelint-baseline.json")] == ["a"]


def test_an_entry_names_its_zone_wherever_the_run_is_started(
    twins: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(path: str) -> Result:
        return CliRunner().invoke(zonelint, ["check", "--select", "SPF201", path])

    Path("zonelint.toml").write_text("")
    twins[1].write_text(ZONE)
    assert run_all("--write-baseline").exit_code == 0
    link = Path("..", "link-to-it")
    link.symlink_to(Path.cwd())
    for folder, path in (("a", "."), ("/", str(Path.cwd())), ("..", "link-to-it")):
        monkeypatch.chdir(folder)
        done = check(path)
        assert done.exit_code == 0, done.output
        assert "no longer found" not in done.output
        monkeypatch.chdir(twins[0].parent.parent)


@pytest.mark.parametrize("mark", ["", ".git"])
def test_without_a_configuration_it_lies_beside_what_is_judged(
    twins: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    home = Path.cwd()
    path = str(home / "a")
    (home / mark).mkdir(exist_ok=True)
    other = home / "other"
    other.mkdir()
    (other / ".git").mkdir()
    monkeypatch.chdir(other)

    def check(*words: str) -> int:
        return CliRunner().invoke(zonelint, ["check", "--select", "SPF201", *words]).exit_code

    assert check(path, "--write-baseline") == 0
    written = home / ("" if mark else "a") / "zonelint-baseline.json"
    assert list(home.rglob("*.json")) == [written]
    assert check(path) == 0
    monkeypatch.chdir(home)
    assert check("a") == 0
    written.rename(other / written.name)
    monkeypatch.chdir(other)
    assert check(path) == 1, "a baseline of something else takes nothing out"


def test_an_entry_without_a_zone_holds_while_the_name_is_unique(twins: tuple[Path, Path]) -> None:
    entry = {"code": "SPF201", "owner": "example.com.", "type": "TXT", "count": 1}
    Path("zonelint-baseline.json").write_text(json.dumps({"version": 1, "findings": [entry]}))
    result = run_all()
    assert result.exit_code == 1
    assert "no longer found" in result.output
    twins[1].unlink()
    alone = CliRunner().invoke(zonelint, ["check", "--select", "SPF201", "a"])
    assert alone.exit_code == 0


def test_a_comment_silences_in_its_own_file(twins: tuple[Path, Path]) -> None:
    quiet = ZONE.replace('+all"', '+all" ; noqa: SPF201')
    twins[0].write_text(quiet)
    twins[1].write_text(ZONE)
    result = run_all()
    assert result.exit_code == 1
    assert "b/example.com.zone" in result.output
    assert "a/example.com.zone:" not in result.output


VIEWS = 'zones = ["*/*.zone"]\n[views]\nin = ["int", "i"]\nout = ["ext"]\n'


def test_a_zone_of_a_view_is_known_wherever_its_file_is(zone: Path) -> None:
    zone.unlink()
    for folder in ("int", "ext"):
        Path(folder).mkdir()
        Path(folder, "example.com.zone").write_text(ZONE)
    Path("zonelint.toml").write_text(VIEWS)
    check = partial(CliRunner().invoke, zonelint)
    check(["check", "--write-baseline"])
    entries = json.loads(Path("zonelint-baseline.json").read_text())["findings"]
    assert {each["zone"] for each in entries} == {"in", "out"}
    Path("int").rename("i")
    moved = check(["check"])
    assert (moved.exit_code, "no longer found" in moved.output) == (0, False)
    # As older files have it, and where it is no longer one of two.
    places = {"in": "in i/example.com.zone", "out": "out ext/example.com.zone"}
    older = [each | {"zone": places[each["zone"]]} for each in entries]
    new = Path("zonelint-baseline.json").read_text()
    for text in (json.dumps({"version": 1, "findings": older}), new):
        Path("zonelint-baseline.json").write_text(text)
        assert check(["check"]).exit_code == 0
        assert check(["check", "ext"]).exit_code == 0
    # Where two zones are in one view, it tells neither.
    Path("int").mkdir()
    Path("int/example.com.zone").write_text(ZONE)
    assert check(["check", "--select", "SPF201"]).stdout.count("error SPF201") == 2


def test_entries_without_a_zone_that_has_a_namesake_since_say_what_to_do(zone: Path) -> None:
    Path("ext").mkdir()
    zone = zone.rename("ext/example.com.zone")
    Path("zonelint.toml").write_text(VIEWS)
    check = partial(CliRunner().invoke, zonelint)
    check(["check", "--write-baseline"])
    Path("int").mkdir()
    Path("int/example.com.zone").write_text(ZONE.replace("+all", "-all"))
    told = " ".join(check(["check"]).stdout.split())
    assert "without a `zone`, and several zones are called example.com: --write-baseline" in told
    assert "in the baseline, but no longer found" not in told
    check(["check", "--write-baseline"])
    assert "no longer found" not in check(["check"]).stdout
