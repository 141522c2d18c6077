"""`check --fix`, `--fix-proposed` and `--diff` on real files, run as a user would."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.warm.command import warm

ZONE = """\
; the zone of example.com
$ORIGIN example.com.
$TTL 3600
@        IN SOA  ns1.example.net. hostmaster ( 2026112401 4h 1h 2w 1h ) ; the serial
         IN NS   ns1.example.net.

@        604800 IN MX   10 mail        ; a week
         604800 IN MX   20 mail2
mail     IN A    8.8.4.4
mail2    IN A    8.8.8.8
\t; a comment of its own
@        IN TXT  ( "v=spf1 mx "        ; the mail servers
                   "ip4:9.9.9.9/24 -all" )
_dmarc   IN TXT  "v=DMARC1; p=reject; rua=mailto:d@example.com"
s._domainkey IN CNAME s.dkim.example.net.
"""


def run(
    *words: str, folder: Path, given: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*warm("zonelint"), "check", *words],
        cwd=folder,
        input=given,
        capture_output=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def zone(tmp_path: Path) -> Path:
    path = tmp_path / "example.com.zone"
    path.write_text(ZONE)
    return path


def test_a_code_without_a_change_is_told(zone: Path) -> None:
    zone.write_text(ZONE.replace("mail2    IN A    8.8.8.8\n", ""))
    done = run("--fix-proposed", "MX002", "--diff", zone.name, folder=zone.parent)
    assert done.returncode == 0
    assert done.stdout == b""
    assert done.stderr == b"zonelint: MX002 was found, and there is no change to make\n"


def test_fix_changes_only_the_bytes_of_the_records(zone: Path) -> None:
    run("--fix", "--fix-proposed", "ZONE003", zone.name, folder=zone.parent)
    wanted = (
        ZONE.replace("2026112401", "2026112402")
        .replace("604800 IN MX   10", "14400  IN MX   10".replace("14400  ", "14400 "))
        .replace("604800 IN MX   20", "14400 IN MX   20")
        .replace("ip4:9.9.9.9/24", "ip4:9.9.9.0/24")
    )
    assert zone.read_text() == wanted


def test_fixing_twice_changes_nothing(zone: Path) -> None:
    run("--fix", zone.name, folder=zone.parent)
    once = zone.read_bytes()
    run("--fix", zone.name, folder=zone.parent)
    assert zone.read_bytes() == once


def test_diff_writes_nothing_and_is_the_change(zone: Path) -> None:
    shown = run("--diff", zone.name, folder=zone.parent)
    assert shown.returncode == 1
    assert zone.read_text() == ZONE
    patch = subprocess.run(
        ["git", "apply", "-"], cwd=zone.parent, input=shown.stdout, capture_output=True, check=False
    )
    assert patch.returncode == 0, patch.stderr
    applied = zone.read_bytes()
    zone.write_text(ZONE)
    run("--fix", zone.name, folder=zone.parent)
    assert zone.read_bytes() == applied


def test_a_diff_of_files_above_says_where_it_goes(zone: Path) -> None:
    above, here = zone.parent, zone.parent / "zones"
    here.mkdir()
    (above / "mail.inc").write_text('@ TXT "v=spf1 MX -all"\n')
    text = "$TTL 3600\n@ SOA ns.example.net. h.example.net. 1 2h 15m 2w 1h\n$INCLUDE ../mail.inc\n"
    (here / "example.net.zone").write_text(text)
    (above / ".git").mkdir()
    shown = run("--diff", "example.net.zone", folder=here)
    assert shown.stdout.startswith(b"# Apply this in .., ")
    for command in (["git", "apply", "--check", "-"], ["patch", "-p1", "--dry-run"]):
        done = subprocess.run(
            command, cwd=above, input=shown.stdout, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr


def test_line_ends_and_octets_stay(zone: Path) -> None:
    before = b"\xef\xbb\xbf" + ZONE.replace("\n", "\r\n").encode() + b"; \xe9t\xe9"
    zone.write_bytes(before)
    run("--fix", zone.name, folder=zone.parent)
    after = zone.read_bytes()
    assert after != before
    assert after.startswith(b"\xef\xbb\xbf")
    assert after.endswith(b"; \xe9t\xe9")
    assert after.count(b"\r\n") == before.count(b"\r\n")
    assert b"\n" not in after.replace(b"\r\n", b"")


def test_a_proposal_is_applied_only_by_name(zone: Path) -> None:
    zone.write_text(ZONE.replace('"ip4:9.9.9.9/24 -all"', '"?all"'))
    run("--fix", zone.name, folder=zone.parent)
    assert '"?all"' in zone.read_text()
    run("--fix-proposed", "SPF202", zone.name, folder=zone.parent)
    assert '"~all"' in zone.read_text()


def test_an_unknown_code_is_refused(zone: Path) -> None:
    refused = run("--fix-proposed", "SPF999", zone.name, folder=zone.parent)
    assert refused.returncode == 2
    assert b"SPF999" in refused.stderr
    assert zone.read_text() == ZONE


def test_a_read_only_file_is_left_whole(zone: Path) -> None:
    zone.chmod(0o444)
    refused = run("--fix", zone.name, folder=zone.parent)
    assert refused.returncode == 2
    assert b"read-only" in refused.stderr
    assert zone.read_text() == ZONE
    assert list(zone.parent.iterdir()) == [zone]


def test_standard_input_comes_out_fixed(zone: Path) -> None:
    piped = run("--fix", "--fix-proposed", "ZONE003", "-", folder=zone.parent, given=ZONE.encode())
    run("--fix", "--fix-proposed", "ZONE003", zone.name, folder=zone.parent)
    assert piped.stdout == zone.read_bytes()
    assert b"Fixed 2 findings: SPF301, ZONE003." in piped.stderr


def test_a_removed_record_hands_its_owner_on(zone: Path) -> None:
    text = ZONE.replace(
        "mail2    IN A    8.8.8.8\n",
        "mail2    IN A    8.8.8.8\nmail     IN A    8.8.4.4\n         IN AAAA 2a00:1450::1\n",
    )
    zone.write_text(text)
    run("--fix", zone.name, "--select", "ZONE005", folder=zone.parent)
    after = zone.read_text()
    assert after.count("8.8.4.4") == 1
    assert "mail     IN AAAA" in after or "mail         IN AAAA" in after


def test_a_record_made_by_a_directive_is_not_changed(zone: Path) -> None:
    zone.write_text(ZONE + "$GENERATE 1-2 s$._domainkey 604800 CNAME s$.dkim.example.net.\n")
    refused = run(
        "--fix", "--fix-proposed", "ZONE003", "--select", "ZONE003", zone.name, folder=zone.parent
    )
    assert b"$GENERATE" in zone.read_bytes()
    assert b"directive" in refused.stderr
    assert "14400" in zone.read_text()


def test_the_serial_stays_where_the_config_says_so(zone: Path) -> None:
    (zone.parent / "zonelint.toml").write_text("[fix]\nserial = false\n")
    run("--fix", "--fix-proposed", "ZONE003", zone.name, folder=zone.parent)
    assert "2026112401" in zone.read_text()
    assert "14400" in zone.read_text()


def test_a_proposal_is_named_in_full(zone: Path) -> None:
    refused = run("--fix-proposed", "DMARC", zone.name, folder=zone.parent)
    assert refused.returncode == 2
    assert b"whole codes" in refused.stderr
    assert zone.read_text() == ZONE


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('@ TXT "v=spf1 mx -all" ; noqa: SPF201', '@ TXT "v=spf1 mx -all"'),
        ('@ TXT "v=spf1 mx -all" ; noqa: SPF201 since May', '@ TXT "v=spf1 mx -all" ; since May'),
        ('@ TXT "v=spf1 mx +all" ; noqa: SPF201,SPF202', '@ TXT "v=spf1 mx +all" ; noqa: SPF201'),
        ('@ TXT "v=spf1 mx +all" ; NOQA:spf201', '@ TXT "v=spf1 mx +all" ; NOQA:spf201'),
    ],
)
def test_a_comment_that_silences_nothing_goes(zone: Path, before: str, after: str) -> None:
    head = ZONE[: ZONE.index("@        IN TXT")]
    rest = ZONE[ZONE.index("_dmarc") :]
    zone.write_text(f"{head}{before}\n{rest}")
    run("--fix", "--select", "NOQA001,SPF201,SPF202", zone.name, folder=zone.parent)
    assert zone.read_text() == f"{head}{after}\n{rest}"


@pytest.mark.parametrize("newline", ["\r", "\r\n", "\n"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_new_record_ends_its_line_as_the_others_do(
    tmp_path: Path, newline: str, end: str
) -> None:
    text = "$ORIGIN example.com.\n@ 1h SOA ns.example.net. h 1 2 3 4 5\nmail 3600 A 8.8.4.4"
    new = 'mail 3600 TXT "v=spf1 -all"'
    path = tmp_path / "example.com.zone"
    path.write_bytes((text + end).replace("\n", newline).encode())
    run("--select", "SPF307", "--fix-proposed", "SPF307", path.name, folder=tmp_path)
    wanted = f"{text.replace('h 1', 'h 2')}\n{new}{end}"
    assert path.read_bytes() == wanted.replace("\n", newline).encode()


# -- files that belong together ------------------------------------------------------------------

HEAD = """\
$TTL 3600
@ IN SOA ns.example.net. host.example.net. 5 7200 3600 1209600 3600
@ NS ns.example.net.
@ MX 10 mx.example.net.
"""


def hold(folder: Path, **texts: str) -> dict[str, Path]:
    """Zone files of a folder by the first part of their names; `inc` is what they share."""
    paths = {}
    for name, text in texts.items():
        path = folder / ("common.inc" if name == "inc" else f"{name}.example.zone")
        path.write_text(text)
        paths[name] = path
    return paths


def test_files_of_one_zone_change_together_or_not_at_all(tmp_path: Path) -> None:
    files = hold(
        tmp_path,
        a=f'{HEAD}@ TXT "v=spf1 mx -all"\n$INCLUDE common.inc\n',
        b=f'{HEAD}@ TXT "v=spf1 MX -all"\n',
        inc='@ TXT "v=spf1 include:_spf.example.net -all"\n',
    )
    before = {name: path.read_text() for name, path in files.items()}
    files["a"].chmod(0o444)
    done = run("--fix", "--fix-proposed", "SPF002", ".", folder=tmp_path)
    assert done.returncode == 2
    assert files["a"].read_text() == before["a"]
    assert files["inc"].read_text() == before["inc"]
    assert "v=spf1 mx -all" in files["b"].read_text()
    told = done.stderr.decode()
    assert "a.example.zone: this file is read-only and was left unchanged\n" in told
    assert "common.inc: this file was left unchanged because it belongs to a.example.zone\n" in told
    assert "Fixed 1 finding: SPF306.\n" in told
    assert b"SPF002" in done.stdout  # what was not written is still to be reported


def test_a_shared_file_changes_as_all_of_its_zones_want(tmp_path: Path) -> None:
    zone = f"{HEAD}$INCLUDE common.inc\n"
    files = hold(tmp_path, a=zone, b=zone, inc='@ TXT "v=spf1 MX ip4:9.9.9.9/24 -all"\n')
    (tmp_path / "zonelint.toml").write_text('[per-owner-ignore]\n"b.example" = ["SPF301"]\n')
    done = run("--fix", ".", folder=tmp_path)
    assert files["inc"].read_text() == '@ TXT "v=spf1 mx ip4:9.9.9.9/24 -all"\n'
    assert [files[name].read_text() for name in "ab"] == [zone.replace(" 5 ", " 6 ")] * 2
    reason = "common.inc is also part of b.example, where the same change is not wanted"
    assert f"SPF301 is not applied: {reason}\n" in done.stderr.decode()
    asked = ("--select", "SPF301", "--fail-on", "info", ".")
    shown = run(*asked, folder=tmp_path).stdout.decode()
    assert "1 proposal" in shown
    assert reason in " ".join(shown.split())
    assert "zonelint check --fix" not in shown
    refused = run("--fix", *asked, folder=tmp_path)
    assert refused.returncode == 1
    assert b"zonelint check --fix" not in refused.stdout


def test_zones_see_what_another_zone_has_changed_in_a_shared_file(tmp_path: Path) -> None:
    soa, rest = HEAD.replace("$TTL 3600\n", "").split("\n", 1)
    files = hold(
        tmp_path,
        a=f'$TTL 3600\n$INCLUDE common.inc\n{rest}@ TXT "v=spf1 MX -all"\n',
        b=f'$TTL 3600\n$INCLUDE common.inc\n{rest}@ TXT "v=spf1 ip4:9.9.9.9 ip4:9.9.9.9 MX -all"\n',
        inc=f"{soa}\n",
    )
    run("--fix", ".", folder=tmp_path)
    assert files["inc"].read_text() == f"{soa}\n".replace(" 5 ", " 6 ")
    assert '"v=spf1 mx -all"' in files["a"].read_text()
    assert '"v=spf1 ip4:9.9.9.9 mx -all"' in files["b"].read_text()


def test_each_view_of_a_zone_gets_its_record(tmp_path: Path) -> None:
    for view in ("inside", "outside"):
        (tmp_path / view).mkdir()
        (tmp_path / view / "example.com.zone").write_text(f'{HEAD}@ TXT "v=spf1 mx -all"\n')
    run("--fix-proposed", "DMARC101", ".", folder=tmp_path)
    for view in ("inside", "outside"):
        lines = (tmp_path / view / "example.com.zone").read_text().splitlines()
        assert lines[-1] == '_dmarc TXT "v=DMARC1; p=none"'


def test_links_to_one_file_must_agree(tmp_path: Path) -> None:
    text = f'{HEAD}@ TXT "v=spf1 MX ip4:9.9.9.9/24 -all"\n'
    (tmp_path / "template").write_text(text)
    for name in "ab":
        (tmp_path / f"{name}.example.zone").symlink_to("template")
    (tmp_path / "zonelint.toml").write_text('[per-owner-ignore]\n"b.example" = ["SPF301"]\n')
    done = run("--fix", ".", folder=tmp_path)
    assert done.returncode == 1
    agreed = text.replace("MX ip4", "mx ip4").replace(" 5 ", " 6 ")
    assert (tmp_path / "template").read_text() == agreed
    told = b"a.example.zone is also part of b.example, where the same change is not wanted"
    assert told in done.stderr
    (tmp_path / "zonelint.toml").unlink()
    assert run("--fix", ".", folder=tmp_path).returncode == 1
    fixed = agreed.replace("9.9.9.9", "9.9.9.0").replace(" 6 ", " 7 ")
    assert (tmp_path / "template").read_text() == fixed
    assert (tmp_path / "a.example.zone").is_symlink()


def test_on_a_full_disk_every_file_stays_whole(tmp_path: Path) -> None:
    hosts = "".join(f"h{number} A 9.9.9.9\n" for number in range(300))
    files = hold(
        tmp_path,
        a=f'{HEAD}@ TXT "v=spf1 MX -all"\n{hosts}',
        b=f'{HEAD}@ TXT "v=spf1 MX -all"\n',
    )
    before = {path: path.read_bytes() for path in files.values()}

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))

    done = subprocess.run(
        [sys.executable, "-m", "zonelint", "check", "--fix", "."],
        cwd=tmp_path,
        capture_output=True,
        preexec_fn=small_disk,
        check=False,
        timeout=120,
    )
    assert done.returncode == 2
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    for path in files.values():
        assert (
            f"{path.name}: this file was left unchanged: File too large\n".encode() in done.stderr
        )
    assert b"Fixed" not in done.stderr


def test_mode_and_owner_of_the_file_stay(zone: Path) -> None:
    zone.chmod(0o640)
    if os.getuid() == 0:
        os.chown(zone, 65534, 65534)
    before = zone.stat()
    run("--fix", "--fix-proposed", "ZONE003", zone.name, folder=zone.parent)
    after = zone.stat()
    assert after.st_size != before.st_size
    assert (after.st_mode, after.st_uid, after.st_gid) == (
        before.st_mode,
        before.st_uid,
        before.st_gid,
    )


def test_a_diff_goes_where_the_report_would_go(zone: Path) -> None:
    shown = run("--diff", zone.name, folder=zone.parent)
    assert shown.returncode == 1
    written = run("--diff", "--output", "fixes.diff", zone.name, folder=zone.parent)
    assert (written.returncode, written.stdout) == (1, b"")
    assert (zone.parent / "fixes.diff").read_bytes() == shown.stdout
    assert run("--diff", "--exit-zero", zone.name, folder=zone.parent).returncode == 0
    nowhere = run("--diff", "--output", "no/where.diff", zone.name, folder=zone.parent)
    assert nowhere.returncode == 2
    assert b"no/where.diff: this cannot be written" in nowhere.stderr


def test_no_run_takes_a_first_record_to_the_next_phase(zone: Path) -> None:
    without = "".join(line for line in ZONE.splitlines(True) if not line.startswith("_dmarc"))
    zone.write_text(without)
    run("--fix-proposed", "ALL", zone.name, folder=zone.parent)
    assert "v=DMARC1; p=none" in zone.read_text()
    assert "adkim" not in zone.read_text()
    before = zone.read_bytes()
    run("--fix-proposed", "ALL", zone.name, folder=zone.parent)
    assert zone.read_bytes() == before


def test_a_merged_record_ends_as_strictly_as_is_declared(zone: Path) -> None:
    declared = '[domains."example.com"]\nspf = "final"\n'
    zone.with_name("zonelint.toml").write_text(declared)
    head = "$ORIGIN example.com.\n$TTL 3600\n@ SOA ns1.example.net. hostmaster 1 4h 1h 2w 1h\n"
    both = '@ TXT "v=spf1 mx ?all"\n@ TXT "v=spf1 a -all"\n'
    zone.write_text(head + both)
    asked = ("--fix-proposed", "SPF002,SPF202,SPF204", zone.name)
    for _ in range(2):
        run(*asked, folder=zone.parent)
        assert zone.read_text().endswith('\n@ TXT "v=spf1 mx a -all"\n')


HIDING = """\
$ORIGIN example.com.
$TTL 3600
@ SOA ns1.example.net. hostmaster 1 4h 1h 2w 1h
@ NS ns1.example.net.
@ MX 10 mail
mail A 9.9.9.9
@ TXT "v=spf1 mx ip4:198.18.0.1 MX -all"
"""


@pytest.mark.parametrize("words", [("--fix-proposed", "ALL"), ("--fix", "--fix-proposed", "ALL")])
@pytest.mark.parametrize("hiding", ["against", "baseline", "severity"])
def test_what_a_run_does_not_show_is_left(zone: Path, hiding: str, words: tuple[str, ...]) -> None:
    zone.write_text(HIDING)
    folder = zone.parent
    if hiding == "against":
        before = folder / "before" / zone.name
        before.parent.mkdir()
        before.write_text(HIDING)
        zone.write_text(HIDING.replace("9.9.9.9", "9.9.9.8"))
        words = ("--against", str(before), *words)
    elif hiding == "baseline":
        assert run("--write-baseline", "--exit-zero", zone.name, folder=folder).returncode == 0
    else:
        words = ("--min-severity", "error", *words)
    text = zone.read_text()
    done = run(*words, zone.name, folder=folder)
    assert zone.read_text() == text, done.stderr.decode()
    assert run(*words, "--diff", zone.name, folder=folder).stdout == b""


def test_what_is_new_beside_what_is_hidden_is_mended(zone: Path) -> None:
    zone.write_text(HIDING)
    run("--write-baseline", "--exit-zero", zone.name, folder=zone.parent)
    new = HIDING.replace("198.18.0.1", "198.18.0.1 ip4:203.0.113.7")
    zone.write_text(new)
    run("--fix-proposed", "SPF209", zone.name, folder=zone.parent)
    assert zone.read_text().count("ip4:") == 1
    assert "ip4:198.18.0.1" in zone.read_text()


def test_without_the_baseline_all_is_mended(zone: Path) -> None:
    zone.write_text(HIDING)
    run("--write-baseline", "--exit-zero", zone.name, folder=zone.parent)
    run("--no-baseline", "--fix-proposed", "SPF209", zone.name, folder=zone.parent)
    assert "198.18.0.1" not in zone.read_text()


def test_a_move_is_not_refused_for_what_the_record_lacked_before(zone: Path) -> None:
    """It had no rua before either; what a policy does that comes at once is a reason."""
    head = "$ORIGIN example.com.\n$TTL 3600\n@ SOA ns.example.net. h 1 2 3 4 5\n@ MX 10 mail\n"
    astray = '_dmarc.example.com TXT "v=DMARC1; p={}"\n'
    zone.write_text(head + astray.format("none"))
    run("--fix-proposed", "DMARC004", zone.name, folder=zone.parent)
    assert '\n_dmarc TXT "v=DMARC1; p=none"' in zone.read_text()
    zone.write_text(head + astray.format("reject"))
    done = run("--fix-proposed", "DMARC004", zone.name, folder=zone.parent)
    assert b"it would bring DMARC203 at _dmarc.example.com" in done.stderr
    zone.write_text(f"{head}k._domainkey CNAME k.example.net.\n{astray.format('reject')}")
    done = run("--fix-proposed", "DMARC004", zone.name, folder=zone.parent)
    assert b"it would bring PHASE001 at _dmarc.example.com" in done.stderr
    assert b"DMARC110" not in done.stderr
