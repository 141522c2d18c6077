"""`zonelint lock` as people run it, against a real DNS server on loopback."""

from __future__ import annotations

import datetime
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.dns_server import DnsServer
from zonelint.main import zonelint
from zonelint.rules.model.lock import parse, write

ZONE = """\
$ORIGIN example.com.
$TTL 3600
@ SOA ns hostmaster 1 7200 900 1209600 300
@ NS ns
ns A 192.0.2.53
@ TXT "v=spf1 include:_spf.vendor.example include:_spf.other.example -all"
"""
WORLD = {
    "vendor.example.": '_spf 300 IN TXT "v=spf1 ip4:192.0.2.0/24 include:_b.vendor.example -all"\n'
    '_b 300 IN TXT "v=spf1 ip4:198.51.100.0/24 -all"\n',
    "other.example.": '_spf 300 IN TXT "v=spf1 a:gone.other.example -all"\n',
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.com.zone").write_text(ZONE)
    return tmp_path


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer(WORLD) as running:
        yield running


def lock(server: DnsServer | str, *arguments: str) -> Result:
    address = server if isinstance(server, str) else server.address
    return CliRunner().invoke(zonelint, ["lock", "--nameserver", address, *arguments])


def seen(folder: Path, day: str) -> None:
    """Make every entry of the lock as old as the day."""
    path = folder / "zonelint.lock"
    old = parse(path.read_text())
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    path.write_text(write(old).replace(f"seen = {today}", f"seen = {day}"))


def test_the_lock_is_made(folder: Path, server: DnsServer) -> None:
    result = lock(server)
    assert result.exit_code == 0, result.output
    made = parse((folder / "zonelint.lock").read_text())
    assert sorted(made.entries) == [
        "_b.vendor.example.", "_spf.other.example.", "_spf.vendor.example.", "gone.other.example.",
    ]  # fmt: skip
    assert "+ _b.vendor.example. TXT v=spf1 ip4:198.51.100.0/24 -all" in result.stdout
    assert "zonelint.lock: written, 4 names" in result.stdout


def test_a_second_run_changes_no_byte_and_asks_nothing(folder: Path, server: DnsServer) -> None:
    lock(server)
    path = folder / "zonelint.lock"
    before, stamp = path.read_bytes(), path.stat().st_mtime_ns
    server.asked.clear()
    result = lock(server)
    assert (result.exit_code, result.stdout) == (0, "zonelint.lock: unchanged, 4 names\n")
    assert path.read_bytes() == before
    assert path.stat().st_mtime_ns == stamp
    assert server.asked == []
    assert lock(server, "--update").exit_code == 0
    assert path.read_bytes() == before
    assert server.asked != []


def test_days_move_with_content_and_when_they_are_too_old(folder: Path, server: DnsServer) -> None:
    lock(server)
    path = folder / "zonelint.lock"
    today = datetime.datetime.now(datetime.UTC).date()
    recent = (today - datetime.timedelta(days=5)).isoformat()
    seen(folder, recent)
    server.serve("vendor.example.", '_spf 300 IN TXT "v=spf1 -all"\n')
    lock(server, "--update")
    days = {name: str(entry.seen) for name, entry in parse(path.read_text()).entries.items()}
    assert days["_spf.vendor.example."] == today.isoformat()
    assert days["_spf.other.example."] == recent
    seen(folder, "2020-01-01")
    path.write_text(path.read_text().replace(recent, "2020-01-01"))
    server.asked.clear()
    lock(server)
    assert {entry.seen for entry in parse(path.read_text()).entries.values()} == {today}
    assert server.asked != []


def test_update_takes_names(folder: Path, server: DnsServer) -> None:
    lock(server)
    server.serve("vendor.example.", '_spf 300 IN TXT "v=spf1 -all"\n')
    server.serve("other.example.", '_spf 300 IN TXT "v=spf1 -all"\n')
    result = lock(server, "--update", "_spf.other.example", "example.com.zone")
    assert result.exit_code == 0, result.output
    assert "- _spf.other.example. TXT v=spf1 a:gone.other.example -all" in result.stdout
    assert "_spf.vendor.example" not in result.stdout
    unknown = lock(server, "--update", "nobody.example")
    assert unknown.exit_code == 2
    assert "nothing in the zones leads to nobody.example." in unknown.stderr
    path = folder / "zonelint.lock"
    held = parse(path.read_text())
    del held.entries["_spf.other.example."]
    path.write_text(write(held))
    assert lock(server, "--update", "_spf.other.example").exit_code == 0
    assert "_spf.other.example." in parse(path.read_text()).entries


def test_a_resolver_that_denies_what_exists_is_refused(folder: Path, server: DnsServer) -> None:
    server.serve(".", "@ 300 IN SOA ns host 1 2 3 4 5\n@ 300 IN NS ns.example.\n")
    result = lock(server)
    assert result.exit_code == 2
    assert "says that com. does not exist" in result.stderr
    assert not (folder / "zonelint.lock").exists()
    server.serve(".", "@ 300 IN SOA ns host 1 2 3 4 5\n*.com 300 IN A 192.0.2.1\n")
    assert lock(server).exit_code == 0


def test_check_compares_and_writes_nothing(folder: Path, server: DnsServer) -> None:
    missing = lock(server, "--check")
    assert missing.exit_code == 2
    assert "there is no lock" in missing.stderr
    lock(server)
    path = folder / "zonelint.lock"
    same = lock(server, "--check")
    assert (same.exit_code, same.stdout) == (0, "zonelint.lock: as in DNS, 4 names\n")
    before = path.read_bytes()
    server.serve("other.example.", '_spf 300 IN TXT "v=spf1 -all"\n')
    moved = lock(server, "--check")
    assert moved.exit_code == 1
    assert "- _spf.other.example. TXT v=spf1 a:gone.other.example -all" in moved.stdout
    assert "+ _spf.other.example. TXT v=spf1 -all" in moved.stdout
    assert moved.stdout.endswith(
        "zonelint.lock: DNS has changed at 1 name; 1 name that nothing refers to any more; "
        "'zonelint lock --update' accepts it\n"
    )
    assert path.read_bytes() == before
    server.servfail.add("vendor.example.")
    undecided = lock(server, "--check")
    assert undecided.exit_code == 2
    assert "_spf.vendor.example. TXT: the servers answer with a failure" in undecided.stderr
    assert path.read_bytes() == before


def test_check_tells_a_change_of_the_zones_from_one_of_dns(folder: Path, server: DnsServer) -> None:
    lock(server)
    text = ZONE.replace("include:_spf.other.example", "include:_b.vendor.example a:new.example")
    (folder / "example.com.zone").write_text(text)
    server.serve("new.example.", "@ 300 IN A 203.0.113.9\n")
    result = lock(server, "--check")
    assert result.exit_code == 1
    assert result.stdout.endswith(
        "zonelint.lock: 1 name not in the lock yet; 2 names that nothing refers to any more; "
        "'zonelint lock --update' accepts it\n"
    )


def test_failures_are_written_down_and_asked_for_again(folder: Path, server: DnsServer) -> None:
    server.servfail.add("other.example.")
    result = lock(server)
    assert result.exit_code == 0
    assert "_spf.other.example. TXT: the servers answer with a failure" in result.stderr
    assert 'TXT = "servfail"' in (folder / "zonelint.lock").read_text()
    server.servfail.clear()
    again = lock(server)
    assert again.exit_code == 0
    assert "- _spf.other.example. TXT (servfail)" in again.stdout
    assert "servfail" not in (folder / "zonelint.lock").read_text()


def test_what_fails_again_is_no_news(folder: Path, server: DnsServer) -> None:
    server.servfail.add("other.example.")
    assert lock(server).exit_code == 0
    path = folder / "zonelint.lock"
    before = path.read_bytes()
    for arguments in ([], ["--update"], ["--check"]):
        again = lock(server, *arguments)
        assert again.exit_code == 0, arguments
        assert "_spf.other.example. TXT: the servers answer with a failure" in again.stderr
        assert path.read_bytes() == before
    server.servfail.clear()
    server.silent.add("other.example.")
    assert lock(server, "--timeout", "1").exit_code == 0
    assert path.read_bytes() == before, "a failure is not replaced by another"
    silent = lock(server, "--check", "--timeout", "1")
    assert (silent.exit_code, silent.stdout) == (0, "zonelint.lock: as in DNS, 3 names\n")
    server.serve("vendor.example.", '_spf 300 IN TXT "v=spf1 -all"\n')
    moved = lock(server, "--check", "--timeout", "1")
    assert moved.exit_code == 1
    assert "- _spf.vendor.example. TXT" in moved.stdout


def test_a_failure_does_not_hide_what_has_changed(folder: Path, server: DnsServer) -> None:
    lock(server)
    server.servfail.add("other.example.")
    server.serve("vendor.example.", '_spf 300 IN TXT "v=spf1 -all"\n')
    result = lock(server, "--check")
    assert result.exit_code == 2
    assert "DNS has changed at 1 name; 1 name that nothing refers to" in result.stdout


def test_servers_that_only_fail_are_no_success(folder: Path, server: DnsServer) -> None:
    server.servfail.add(".")
    assert lock(server).exit_code == 2
    assert lock(server).exit_code == 2


def test_a_resolver_that_never_answers(folder: Path, server: DnsServer) -> None:
    """Run as a program: it ends by itself, says what it could not ask, and keeps what it had."""
    lock(server)
    path = folder / "zonelint.lock"
    kept = parse(path.read_text()).entries
    (folder / "example.com.zone").write_text(ZONE.replace("-all", "include:new.example -all"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, "-m", "zonelint.main", "lock", "--update", "--timeout", "1"]
        result = subprocess.run(
            [*command, "--nameserver", address], capture_output=True, text=True, timeout=60
        )
    assert result.returncode == 2
    for name in ("_spf.vendor.example.", "_spf.other.example.", "new.example."):
        assert f"zonelint: {name} TXT: " in result.stderr
    entries = parse(path.read_text()).entries
    assert {name: entries[name] for name in kept} == kept


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("version = 1", "version = 7", 2),
        ("# end of zonelint.lock\n", "", 0),
        ("TXT = [", "TXT = [[", 0),
        ("seen = ", "seen = 1", 0),
    ],
)
def test_a_bad_lock_is_refused_and_left_alone(
    folder: Path, server: DnsServer, old: str, new: str, line: int
) -> None:
    lock(server)
    path = folder / "zonelint.lock"
    path.write_text(path.read_text().replace(old, new, 1))
    before = path.read_bytes()
    server.asked.clear()
    for arguments in ([], ["--update"], ["--check"]):
        result = lock(server, *arguments)
        assert result.exit_code == 2
        assert result.stderr.startswith(f"zonelint: zonelint.lock:{line or ''}")
        assert path.read_bytes() == before
    assert server.asked == []


def test_a_lock_of_other_octets_is_refused(folder: Path, server: DnsServer) -> None:
    (folder / "zonelint.lock").write_bytes(b"version = 1\n\xff\n")
    result = lock(server)
    assert result.exit_code == 2
    assert "zonelint.lock:2: this is not UTF-8 text" in result.stderr


def test_the_config_says_where_the_lock_and_the_zones_are(
    folder: Path, server: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "zones").mkdir()
    (folder / "example.com.zone").rename(folder / "zones" / "example.com.zone")
    (folder / "zonelint.toml").write_text('zones = ["zones/*.zone"]\nlock = "dns/all.lock"\n')
    (folder / "dns").mkdir()
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    result = lock(server)
    assert result.exit_code == 0, result.output
    assert "_spf.vendor.example." in parse((folder / "dns/all.lock").read_text()).entries


def test_each_of_two_configurations_of_one_domain_has_its_own_names_locked(
    folder: Path, server: DnsServer
) -> None:
    """What only the other one's zone holds of the domain is not asked for."""
    (folder / ".git").mkdir()
    (folder / "example.com.zone").unlink()
    own = '_own TXT "v=spf1 include:_spf.vendor.example -all"\n'
    for team, more in (("alpha", own), ("beta", "")):
        (folder / team).mkdir()
        (folder / team / "zonelint.toml").write_text('zones = ["*.zone"]\n')
        text = ZONE.replace("include:_spf.vendor.example", "include:_own.example.com") + more
        (folder / team / "example.com.zone").write_text(text)
    done = lock(server, "alpha", "beta")
    assert done.exit_code == 0, done.output
    locked = {team: set(parse((folder / team / "zonelint.lock").read_text()).entries)
              for team in ("alpha", "beta")}  # fmt: skip
    assert locked["beta"] == {"_spf.other.example.", "gone.other.example."}
    assert locked["alpha"] == locked["beta"] | {"_spf.vendor.example.", "_b.vendor.example."}


def test_zones_that_cannot_be_read_leave_the_lock_alone(folder: Path, server: DnsServer) -> None:
    lock(server)
    before = (folder / "zonelint.lock").read_bytes()
    result = lock(server, "example.com.zone", "missing.zone")
    assert result.exit_code == 2
    assert "missing.zone" in result.stderr
    assert (folder / "zonelint.lock").read_bytes() == before


@pytest.mark.parametrize("address", ["nowhere:x", "127.0.0.1:0", ""])
def test_what_is_no_server_is_refused(folder: Path, address: str) -> None:
    result = lock(address)
    assert result.exit_code == 2
    assert "is not a name server" in result.stderr
    assert not (folder / "zonelint.lock").exists()


def test_what_only_another_view_holds_is_asked_for_by_name(folder: Path, server: DnsServer) -> None:
    for view, text in (
        ("internal", '$ORIGIN corp.test.\n$TTL 1h\n@ NS ns.example.net.\n_spf TXT "v=spf1 -all"\n'),
        ("external", '$ORIGIN example.com.\n$TTL 1h\n@ TXT "v=spf1 include:_spf.corp.test -all"\n'),
    ):
        (folder / view).mkdir()
        (folder / view / "a.zone").write_text(text)
    (folder / "zonelint.toml").write_text(
        'zones = ["*/*.zone"]\n[views]\ninternal = ["internal"]\nexternal = ["external"]\n'
    )
    held = "`_spf.corp.test` (held only in the view `internal`)"
    server.serve("corp.test.", '_spf 300 IN TXT "v=spf1 ip4:192.0.2.0/24 -all"\n')
    made = lock(server)
    assert made.exit_code == 0
    assert made.stderr == f"zonelint: not resolved: {held}\n"
    assert server.asked == []
    for jobs in ("1", "2"):
        judged = CliRunner().invoke(
            zonelint, ["check", "--select", "SPF201", "--jobs", jobs, "--format", "json"]
        )
        (undecided,) = json.loads(judged.output)["undecided"]
        assert undecided["missing"] == [held]
    lock(server, "--update", "_spf.corp.test")
    assert "_spf.corp.test." in str(server.asked)
    written = (folder / "zonelint.lock").read_text()
    assert "_spf.corp.test" in written
    assert lock(server).stderr == "", "what is known stays"
    assert (folder / "zonelint.lock").read_text() == written
