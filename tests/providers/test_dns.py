"""The resolver against real servers on loopback: one of our own, and BIND's named."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.rcode
import dns.rrset
import pytest

from tests import dns_server
from tests.dns_server import DnsServer
from zonelint.providers.dns import (
    Limits,
    NoServer,
    Reply,
    Resolver,
    Server,
    parse_server,
    read,
)
from zonelint.rules.model.answers import Held, Status

LONG = "v=spf1 " + " ".join(f"ip4:198.51.100.{n}" for n in range(200)) + " -all"


def strings(text: str) -> str:
    return " ".join(f'"{text[at : at + 250]}"' for at in range(0, len(text), 250))


ZONES = {
    "example.net.": rf"""
@ 300 IN TXT "v=spf1 include:_spf." "example.net -all"
@ 300 IN TXT "something=else"
@ 300 IN MX 20 mx2
@ 300 IN MX 10 MX1.Example.NET.
mx1 300 IN A 192.0.2.1
mx1 300 IN A 192.0.2.2
mx1 300 IN AAAA 2001:db8::1
a.b.empty 300 IN A 192.0.2.9
*.wild 300 IN TXT "any name"
one 300 IN CNAME two
two 300 IN CNAME three
three 300 IN TXT "the end"
loop1 300 IN CNAME loop2
loop2 300 IN CNAME loop1
out 300 IN CNAME elsewhere.example.com.
gone 300 IN CNAME nowhere
octets 300 IN TXT "\200\255 \"quoted\" \\"
long 300 IN TXT {strings(LONG)}
""",
    "example.org.": "www 300 IN A 192.0.2.80\n",
}
BROKEN = "broken.example."
QUICK = Limits(one_try=2.0, tries=2, whole_run=20.0)


@pytest.fixture(scope="module", params=["ours", "named"])
def server(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[Server]:
    if request.param == "ours":
        with DnsServer(ZONES) as running:
            running.servfail.add(BROKEN)
            yield parse_server(running.address)
        return
    if dns_server.NAMED is None:
        pytest.skip("BIND's named is not installed")
    folder: Path = tmp_path_factory.mktemp("named")
    with dns_server.bind(folder, ZONES, (BROKEN,)) as address:
        yield parse_server(address)


def ask(server: Server, name: str, type: str, limits: Limits = QUICK) -> Reply:
    async def run() -> Reply:
        return await Resolver([server], limits).ask(name, type)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("name", "type", "held"),
    [
        ("mx1.example.net.", "A", Held(Status.RECORDS, ("192.0.2.1", "192.0.2.2"))),
        ("mx1.example.net.", "AAAA", Held(Status.RECORDS, ("2001:db8::1",))),
        (
            "example.net.",
            "MX",
            Held(Status.RECORDS, ("10 mx1.example.net.", "20 mx2.example.net.")),
        ),
        (
            "example.net.",
            "TXT",
            Held(Status.RECORDS, ("something=else", "v=spf1 include:_spf.example.net -all")),
        ),
        ("mx1.example.net.", "TXT", Held(Status.NODATA)),
        ("b.empty.example.net.", "A", Held(Status.NODATA)),
        ("nobody.example.net.", "A", Held(Status.NXDOMAIN)),
        ("x.y.wild.example.net.", "TXT", Held(Status.RECORDS, ("any name",))),
        ("x.wild.example.net.", "A", Held(Status.NODATA)),
        ("a.broken.example.", "TXT", Held(Status.SERVFAIL)),
        ("not-served.example.", "TXT", Held(Status.SERVFAIL)),
        ("octets.example.net.", "TXT", Held(Status.RECORDS, ('\udcc8\udcff "quoted" \\',))),
    ],
)
def test_answers(server: Server, name: str, type: str, held: Held) -> None:
    assert ask(server, name, type) == Reply((), held)


def test_a_cut_answer_is_asked_for_again_over_tcp(server: Server) -> None:
    assert ask(server, "long.example.net.", "TXT") == Reply((), Held(Status.RECORDS, (LONG,)))


def test_a_chain_of_aliases_is_followed_inside_one_answer(server: Server) -> None:
    reply = ask(server, "one.example.net.", "TXT")
    chain = (
        ("one.example.net.", "two.example.net."),
        ("two.example.net.", "three.example.net."),
    )
    assert reply == Reply(chain, Held(Status.RECORDS, ("the end",)))


def test_a_chain_that_leaves_the_server_is_left_open(server: Server) -> None:
    reply = ask(server, "out.example.net.", "TXT")
    assert reply == Reply((("out.example.net.", "elsewhere.example.com."),), None)


def test_a_chain_to_nowhere_says_so(server: Server) -> None:
    reply = ask(server, "gone.example.net.", "TXT")
    aliases = (("gone.example.net.", "nowhere.example.net."),)
    assert reply == Reply(aliases, Held(Status.NXDOMAIN))


def test_a_loop_of_aliases_ends(server: Server) -> None:
    """Servers tell the loop, or fail: then there is no alias to tell of."""
    reply = ask(server, "loop1.example.net.", "TXT")
    if reply.aliases:
        assert reply.held is None
        assert {name for name, _ in reply.aliases} == {"loop1.example.net.", "loop2.example.net."}
    else:
        assert reply.held == Held(Status.SERVFAIL)


# -- what named cannot be told to do ----------------------------------------------------------


def test_a_slow_answer_is_waited_for() -> None:
    with DnsServer(ZONES) as running:
        running.delays["mx1.example.net."] = 0.3
        reply = ask(parse_server(running.address), "mx1.example.net.", "AAAA")
    assert reply.held == Held(Status.RECORDS, ("2001:db8::1",))


def test_an_answer_that_is_too_slow_is_a_timeout_after_every_try() -> None:
    with DnsServer(ZONES) as running:
        running.delays["mx1.example.net."] = 30
        limits = Limits(one_try=0.2, tries=2, whole_run=10)
        reply = ask(parse_server(running.address), "mx1.example.net.", "AAAA", limits)
        assert reply == Reply((), Held(Status.TIMEOUT))
        assert running.asked == [("mx1.example.net.", "AAAA", "udp")] * 2


@pytest.mark.parametrize("with_question", [True, False])
def test_a_server_without_edns_is_asked_again_without(with_question: bool) -> None:
    class Old(DnsServer):
        """It knows no EDNS (RFC 6891 §7)."""

        def respond(self, query: dns.message.Message) -> dns.message.Message | None:
            if query.edns < 0:
                return super().respond(query)
            response = dns.message.make_response(query)
            response.use_edns(False)
            response.set_rcode(dns.rcode.FORMERR)
            if not with_question:
                response.question = []
            return response

    with Old(ZONES) as running:
        reply = ask(parse_server(running.address), "mx1.example.net.", "AAAA")
    assert reply.held == Held(Status.RECORDS, ("2001:db8::1",))


def test_what_is_no_answer_to_the_question_is_not_taken_for_one() -> None:
    class Forged(DnsServer):
        """Before each answer over UDP come octets of no sense, and one to another question."""

        async def _handle(self, wire: bytes, transport: str) -> bytes | None:
            other = dns.message.make_query("mx1.example.net.", "AAAA")
            forged = dns.message.make_response(other)
            forged.answer.append(
                dns.rrset.from_text("mx1.example.net.", 300, "IN", "AAAA", "2001:db8::bad")
            )
            for octets in (b"\xff" * 20, forged.to_wire()):
                self._udp.sendto(octets, self.client)
            return await super()._handle(wire, transport)

    with Forged(ZONES) as running:
        receive = dns_server._Datagrams.datagram_received

        def received(self, data: bytes, addr: tuple[str, int]) -> None:
            running.client = addr
            receive(self, data, addr)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dns_server._Datagrams, "datagram_received", received)
            reply = ask(parse_server(running.address), "mx1.example.net.", "AAAA")
    assert reply.held == Held(Status.RECORDS, ("2001:db8::1",))


def test_tcp_that_never_answers_is_a_timeout() -> None:
    with DnsServer(ZONES) as running:
        running.silent_over.add("tcp")
        limits = Limits(one_try=0.3, tries=1, whole_run=10)
        reply = ask(parse_server(running.address), "long.example.net.", "TXT", limits)
        assert reply == Reply((), Held(Status.TIMEOUT))
        assert [transport for _, _, transport in running.asked] == ["udp", "tcp"]


def test_the_second_server_is_asked_when_the_first_fails() -> None:
    with DnsServer({}) as lame, DnsServer(ZONES) as good:

        async def run() -> Reply:
            servers = [parse_server(lame.address), parse_server(good.address)]
            return await Resolver(servers, QUICK).ask("mx1.example.net.", "AAAA")

        assert asyncio.run(run()).held == Held(Status.RECORDS, ("2001:db8::1",))


def test_nobody_listens() -> None:
    port = dns_server.free_port()
    limits = Limits(one_try=0.3, tries=1, whole_run=5)
    assert ask(Server("127.0.0.1", port), "example.net.", "A", limits).held == Held(Status.TIMEOUT)


def test_a_run_ends_within_its_limit_whatever_is_still_open() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        server = Server("127.0.0.1", silent.getsockname()[1])

        async def run() -> list[Reply]:
            resolver = Resolver([server], Limits(5.0, 9, whole_run=0.5, at_once=2))
            names = [f"n{number}.example." for number in range(20)]
            async with asyncio.timeout(20):
                return await asyncio.gather(*(resolver.ask(name, "A") for name in names))

        statuses = [reply.held.status for reply in asyncio.run(run()) if reply.held]
    assert len(statuses) == 20
    assert set(statuses) == {Status.TIMEOUT, Status.UNKNOWN}


def test_no_more_questions_at_once_than_allowed() -> None:
    with DnsServer(ZONES) as running:
        running.silent.add("example.net.")

        async def run() -> int:
            limits = Limits(one_try=1.0, tries=1, whole_run=0.8, at_once=3)
            resolver = Resolver([parse_server(running.address)], limits)
            await asyncio.gather(*(resolver.ask(f"n{n}.example.net.", "A") for n in range(30)))
            return len(running.asked)

        assert asyncio.run(run()) == 3


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.53", Server("192.0.2.53", 53)),
        ("127.0.0.1:5353", Server("127.0.0.1", 5353)),
        ("[2001:db8::1]:5353", Server("2001:db8::1", 5353)),
        ("[2001:db8::1]", Server("2001:db8::1", 53)),
        ("2001:db8::1", Server("2001:db8::1", 53)),
    ],
)
def test_servers_are_read(text: str, server: Server) -> None:
    assert parse_server(text) == server
    assert parse_server(str(server)) == server


@pytest.mark.parametrize(
    "text",
    ["", ":53", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:x", "[::1", "[::1]5"],
)
def test_what_is_no_server_is_refused(text: str) -> None:
    with pytest.raises(NoServer, match="is not a name server"):
        parse_server(text)


def test_a_referral_is_no_answer() -> None:
    query = dns.message.make_query("mx1.example.net.", "A")
    referral = dns.message.make_response(query)
    referral.authority.append(
        dns.rrset.from_text("example.net.", 300, "IN", "NS", "ns.example.net.")
    )
    assert read(referral, "mx1.example.net.", "A") is None
    no_data = dns.message.make_response(query)
    soa = "ns.example.net. h.example.net. 1 2 3 4 5"
    no_data.authority.append(dns.rrset.from_text("example.net.", 300, "IN", "SOA", soa))
    assert read(no_data, "mx1.example.net.", "A") == Reply((), Held(Status.NODATA))
