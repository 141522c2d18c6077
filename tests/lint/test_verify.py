"""`zonelint verify`: what is written against what real name servers answer."""

# Some of these tests take over 3 s: they wait until a name server does not answer.

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.dns_server import HEAD, NAMED, DnsServer, bind, free_port
from zonelint.main import zonelint

HEAD_9 = """\
@ 3600 IN SOA ns1.example.net. hostmaster 9 7200 900 1209600 300
@ 3600 IN NS ns1.example.net.
@ 3600 IN NS ns2.example.net.
"""
MAIL = """\
@ 3600 IN MX 10 mx.example.net.
@ 3600 IN TXT "v=spf1 include:spf.protection.outlook.com -all"
_dmarc 3600 IN TXT "v=DMARC1; p=none; " "rua=mailto:d@example.com"
selector1._domainkey 3600 IN CNAME s1-example-com._domainkey.contoso.n-v1.dkim.mail.microsoft.
www 3600 IN A 192.0.2.80
"""
OLD = MAIL.replace("include:spf.protection.outlook.com", "mx").replace("selector1.", "selector9.")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.com.zone").write_text(f"$ORIGIN example.com.\n{HEAD_9}{MAIL}")
    return tmp_path


@pytest.fixture
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Two name servers of one zone, of which the second has an older copy."""
    if NAMED is None:
        pytest.skip("named is not installed")
    with ExitStack() as stack:
        new, old = (tmp_path_factory.mktemp(name) for name in ("new", "old"))
        behind = HEAD_9.replace(" 9 ", " 8 ")
        yield (
            stack.enter_context(bind(new, {"example.com": MAIL}, head=HEAD_9)),
            stack.enter_context(bind(old, {"example.com": OLD}, head=behind)),
        )


def verify(*words: str) -> Result:
    result = CliRunner().invoke(zonelint, ["verify", *words])
    assert not isinstance(result.exception, Exception), result.output
    return result


def facts(*words: str) -> dict[tuple[str, str], Any]:
    (domain,) = json.loads(verify(*words, "--format", "json").stdout)["domains"]
    return {(each["owner"], each["type"]): each for each in domain["records"]}


def states(record: Any) -> list[str]:
    return [each["state"] for each in record["servers"]]


def test_a_server_that_is_behind_is_told_with_its_serial_and_the_time(
    folder: Path, named: tuple[str, str]
) -> None:
    new, old = named
    servers = ("--server", f"ns1.example.net={new}", "--server", f"ns2.example.net={old}")
    done = verify("example.com", *servers, "--nameserver", old)
    assert done.exit_code == 1
    assert f"ns1.example.net ({new}): published" in done.stdout
    assert f"ns2.example.net ({old}): not yet, it answers `v=spf1 mx -all`" in done.stdout
    behind = "its zone has serial 8, the written one is 9; caches may keep that for 1 hour"
    assert behind in done.stdout
    assert f"resolver {old}: not yet" in done.stdout
    found = facts("example.com", *servers, "--nameserver", old)
    assert states(found["example.com.", "TXT"]) == ["published", "not yet", "not yet"]
    assert states(found["example.com.", "MX"]) == ["published"] * 3
    assert states(found["_dmarc.example.com.", "TXT"]) == ["published"] * 3  # strings are joined
    assert states(found["_mta-sts.example.com.", "TXT"]) == ["published"] * 3  # nowhere, as written
    key = found["selector1._domainkey.example.com.", "CNAME"]
    assert states(key) == ["published", "not yet", "not yet"]
    assert key["servers"][1]["ttl"] == 300  # of the "no", by the SOA
    assert ("www.example.com.", "A") not in found


def test_all_is_published(folder: Path, named: tuple[str, str]) -> None:
    done = verify("--server", named[0], "--nameserver", named[0])
    assert done.exit_code == 0, done.stdout
    assert "4 of 4 records are published as written." in done.stdout
    assert "Nothing is served at 2 of 2 names where nothing is written." in done.stdout


def test_what_is_served_and_not_written_is_otherwise(folder: Path, named: tuple[str, str]) -> None:
    text = (folder / "example.com.zone").read_text()
    (folder / "example.com.zone").write_text(
        text.replace("_dmarc 3600 IN", "other 3600 IN").replace("10 mx.", "20 mx.")
    )
    found = facts("--server", named[0], "--no-resolver")
    assert states(found["_dmarc.example.com.", "TXT"]) == ["otherwise"]
    assert states(found["example.com.", "MX"]) == ["otherwise"]
    told = verify("--server", named[0], "--no-resolver").stdout
    assert "the written one is 9 as well: if the file is right, raise its serial" in told


def test_a_subdomain_is_verified_alone(folder: Path, named: tuple[str, str]) -> None:
    found = facts("news.example.com", "--server", named[0], "--no-resolver")
    assert set(found) == {
        ("news.example.com.", "MX"), ("news.example.com.", "TXT"),
        ("_dmarc.news.example.com.", "TXT"), ("_mta-sts.news.example.com.", "TXT"),
        ("_smtp._tls.news.example.com.", "TXT"),
    }  # fmt: skip


def test_a_server_that_does_not_serve_the_zone_is_no_answer(
    folder: Path, named: tuple[str, str]
) -> None:
    (folder / "example.com.zone").rename(folder / "example.org.zone")
    text = (folder / "example.org.zone").read_text()
    (folder / "example.org.zone").write_text(text.replace("example.com.", "example.org.", 1))
    done = verify("--server", named[0], "--no-resolver")
    assert done.exit_code == 2
    assert "answers REFUSED" in done.stdout
    assert "no server answered" in done.stderr


def test_nobody_there_is_no_pass(folder: Path) -> None:
    done = verify("--server", f"127.0.0.1:{free_port()}", "--no-resolver")
    assert done.exit_code == 2
    assert "no server answered" in done.stderr


def test_what_is_in_no_zone_cannot_be_verified(folder: Path) -> None:
    done = verify("example.org", "--no-resolver")
    assert done.exit_code == 2
    assert "example.org: none of the zones that were read contains it" in done.stderr


def test_the_name_servers_of_the_zone_are_found_through_the_resolver(folder: Path) -> None:
    zones = {"example.net": "ns1 A 127.0.0.1\nns2 A 127.0.0.1\n", "example.com": MAIL}
    with DnsServer(zones) as server:
        done = verify("--nameserver", server.address)
        assert ("ns2.example.net.", "A", "udp") in server.asked
    assert "ns1.example.net (127.0.0.1)" in done.stdout  # where nothing listens on port 53


def test_waiting_ends_as_soon_as_all_is_published(folder: Path) -> None:
    (folder / "example.com.zone").write_text(f"$ORIGIN example.com.\n{HEAD}{MAIL}")
    with DnsServer({"example.com": OLD.replace("3600", "1")}) as server:
        words = ("--server", server.address, "--no-resolver")
        assert verify(*words).exit_code == 1
        timer = threading.Timer(1.5, server.serve, ("example.com", MAIL))
        timer.start()
        done = verify(*words, "--wait", "30")
        timer.join()
    assert done.exit_code == 0, done.stdout


def test_waiting_has_an_end(folder: Path) -> None:
    with DnsServer({"example.com": OLD}) as server:
        assert verify("--server", server.address, "--no-resolver", "--wait", "1").exit_code == 1


@pytest.mark.parametrize("word", ["ns1=nowhere.invalid", "127.0.0.1:0", "="])
def test_a_server_that_is_none_is_refused(folder: Path, word: str) -> None:
    assert verify("--server", word).exit_code == 2
