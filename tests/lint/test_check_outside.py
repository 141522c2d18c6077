"""`zonelint check` with the lock, without it, and online, against a DNS server on loopback."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.dns_server import DnsServer
from zonelint.main import zonelint

HEAD = """\
$ORIGIN example.com.
$TTL 3600
@ SOA ns1.example.net. hostmaster 1 7200 900 1209600 300
@ NS ns1.example.net.
@ MX 10 mail
mail A 203.0.113.25
mail AAAA 2001:db8::25
_dmarc TXT "v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:dmarc@example.com"
"""
NESTED = "include:_spf.vendor.example"
"""Costs 9 with all that is below."""
WORLD = {
    "vendor.example.": """\
_spf 300 IN TXT "v=spf1 include:_a.vendor.example include:_b.vendor.example ~all"
_a 300 IN TXT "v=spf1 a:h1.vendor.example a:h2.vendor.example include:_c.vendor.example ~all"
_b 300 IN TXT "v=spf1 a:h3.vendor.example exists:h1.vendor.example ~all"
_c 300 IN TXT "v=spf1 mx:vendor.example ~all"
@ 300 IN MX 10 h1
h1 300 IN A 192.0.2.1
h1 300 IN AAAA 2001:db8::1
h2 300 IN A 192.0.2.2
h2 300 IN AAAA 2001:db8::2
h3 300 IN A 192.0.2.3
h3 300 IN AAAA 2001:db8::3
""",
}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer(WORLD) as running:
        yield running


def zone(spf: str) -> None:
    Path("example.com.zone").write_text(f'{HEAD}@ TXT "v=spf1 {spf} -all"\n')


def run(*arguments: str) -> Result:
    return CliRunner().invoke(zonelint, [*arguments])


def lock(server: DnsServer) -> None:
    made = run("lock", "--nameserver", server.address)
    assert made.exit_code == 0, made.output


def check(*arguments: str) -> tuple[int, list[dict[str, Any]], list[dict[str, Any]]]:
    done = run("check", "--select", "SPF101,SPF102,DKIM,MX,STS", "--format", "json", *arguments)
    told = json.loads(done.stdout)
    return done.exit_code, told["findings"], told["undecided"]


def test_eleven_fails_with_the_tree_ten_warns_and_no_lock_is_undecided(server: DnsServer) -> None:
    zone(f"mx a {NESTED}")
    assert check() == (
        0, [], [{"code": "SPF101", "owner": "example.com.", "missing": ["_spf.vendor.example."]}],
    )  # fmt: skip
    assert server.asked == []
    lock(server)
    status, (found,), undecided = check()
    assert (status, found["code"], found["severity"], undecided) == (1, "SPF101", "error", [])
    shown = run("check", "--select", "SPF1").stdout
    assert "takes 11 DNS lookups" in shown
    for line in ("9  include:_spf.vendor.example", "  5  include:_a.vendor.example",
                 "    2  include:_c.vendor.example", "  3  include:_b.vendor.example"):  # fmt: skip
        assert line in shown
    zone(f"mx {NESTED}")
    status, (found,), undecided = check()
    assert (status, found["code"], found["severity"], undecided) == (1, "SPF102", "warning", [])
    zone("mx")
    assert check() == (0, [], [])


def test_the_proposal_brings_it_under_the_limit(server: DnsServer) -> None:
    zone(f"mx {NESTED} include:servers.mcsv.net")
    server.serve("mcsv.net.", 'servers 300 IN TXT "v=spf1 ip4:198.51.100.0/24 ?all"\n')
    lock(server)
    fixed = run("check", "--select", "SPF101", "--fix-proposed", "SPF101")
    assert fixed.exit_code == 0, fixed.output
    assert f'"v=spf1 mx {NESTED} -all"' in Path("example.com.zone").read_text()


@pytest.mark.parametrize("how", [["--nameserver"], ["--online", "--nameserver"]])
def test_online_asks_what_is_missing(server: DnsServer, how: list[str]) -> None:
    zone(f"mx a {NESTED}")
    status, (found,), undecided = check(*how, server.address)
    assert (status, found["code"], undecided) == (1, "SPF101", [])
    assert not Path("zonelint.lock").exists()
    lock(server)
    server.asked.clear()
    check(*how, server.address)
    # What the server refused before is asked again, and nothing else.
    assert {name for name, _, _ in server.asked} <= {"_dmarc.com.", "com."}


def test_online_without_an_answer_is_undecided(server: DnsServer) -> None:
    zone(f"mx a {NESTED}")
    server.servfail.add("_b.vendor.example.")
    done = run("check", "--select", "SPF101", "--nameserver", server.address)
    assert done.exit_code == 0
    assert "needs _b.vendor.example" in done.stdout
    assert "_b.vendor.example. TXT: no answer from DNS" in done.stderr


def test_a_name_server_that_is_none() -> None:
    zone("mx")
    done = run("check", "--nameserver", "127.0.0.1:99999")
    assert done.exit_code == 2
    assert "is not a name server" in done.stderr


@pytest.mark.parametrize(
    ("text", "line"), [("version = 2\n", 1), ("version = 1\n\nnonsense\n", 3), ("version = 1\n", 1)]
)
def test_a_lock_that_cannot_be_used_ends_the_run(text: str, line: int) -> None:
    zone("mx")
    Path("zonelint.lock").write_text(text)
    done = run("check")
    assert done.exit_code == 2
    assert f"zonelint.lock:{line}: " in done.stderr
    assert Path("zonelint.lock").read_text() == text


def test_old_entries_are_told_and_change_no_result(server: DnsServer) -> None:
    zone(f"mx {NESTED}")
    lock(server)
    path = Path("zonelint.lock")
    today = datetime.datetime.now(datetime.UTC).date()
    before = check()
    assert "older than" not in run("check").stderr
    path.write_text(path.read_text().replace(today.isoformat(), "2020-01-31"))
    done = run("check")
    assert "zonelint.lock: warning: " in done.stderr
    assert "older than 30 days" in done.stderr
    assert check() == before
    Path("zonelint.toml").write_text("thresholds.lock-max-age = 3650\n")
    assert "older than" not in run("check").stderr
    path.write_text(path.read_text().replace("2020-01-31", "2999-01-31"))
    assert "dated in the future (" in run("check").stderr
    lock(server)
    assert f"seen = {today}" in path.read_text()
    assert "2999" not in path.read_text()


def test_a_policy_is_read_beside_the_config() -> None:
    zone("mx")
    with Path("example.com.zone").open("a") as more:
        more.write('_mta-sts TXT "v=STSv1; id=1"\nmta-sts A 203.0.113.26\n')
        more.write('_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.com"\n')
    Path("zonelint.toml").write_text('[domains."example.com"]\nmta-sts.policy = "p.txt"\n')
    done = run("check", "--select", "STS003")
    assert done.exit_code == 2
    assert "p.txt: the MTA-STS policy of example.com: there is no such file" in done.stderr
    text = "version: STSv1\nmode: enforce\nmx: {}\nmax_age: 86400\n"
    Path("p.txt").write_text(text.format("mail.example.com"))
    assert check()[:2] == (0, [])
    Path("p.txt").write_text(text.format("mail.example.net"))
    status, (found,), _ = check()
    assert (status, found["code"], found["severity"]) == (1, "STS003", "error")
