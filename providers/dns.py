"""Live DNS: questions asked of resolvers, many at a time, within a time that has an end.

UDP first, TCP where the answer was cut off (RFC 7766). Every try has a time-out, and the whole run
has one: when it is over, what is still open comes back as not asked.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zonelint.rules.model.answers import LONGEST_CHAIN, Held, Status

if TYPE_CHECKING:
    from dns.message import Message
    from dns.rdata import Rdata

PORT = 53
_PAYLOAD = 1232
"""Octets of an answer over UDP that cross every network whole."""


class NoServer(Exception):
    """There is no name server to ask, or what was named is none. The message is for the user."""


@dataclass(frozen=True, slots=True)
class Server:
    """A name server's address and port."""

    address: str
    port: int = PORT

    def __str__(self) -> str:
        shown = f"[{self.address}]" if ":" in self.address else self.address
        return shown if self.port == PORT else f"{shown}:{self.port}"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may take: seconds for one try, tries, seconds in all, questions at a time."""

    one_try: float = 3.0
    tries: int = 2
    whole_run: float = 60.0
    at_once: int = 32


_EXISTS = "com."
"""A name that whoever answers from DNS knows of."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for a question.

    aliases: the CNAMEs that the answer followed, as (name, target).
    held: what the last name of the chain has; None when the answer does not say, so that the last
      target has to be asked for, or when the chain has no end; UNKNOWN when the run's time was over
      before.
    """

    aliases: tuple[tuple[str, str], ...]
    held: Held | None


def parse_server(text: str) -> Server:
    """A server from `HOST`, `HOST:PORT` or `[IPv6]:PORT`. Raises NoServer."""
    host, port = text, PORT
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise _no_server(text)
        port = _port(rest[1:], text) if rest else PORT
    elif text.count(":") == 1:
        host, _, digits = text.partition(":")
        port = _port(digits, text)
    return Server(_address(host, text), port)


def _port(digits: str, text: str) -> int:
    if not digits.isascii() or not digits.isdigit() or not 0 < int(digits[:6]) < 65536:
        raise _no_server(text)
    return int(digits)


def _address(host: str, text: str) -> str:
    with suppress(ValueError):
        return str(ipaddress.ip_address(host))
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM) if host else []
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise _no_server(text)
    return str(found[0][4][0])


def _no_server(text: str) -> NoServer:
    return NoServer(
        f"{text!r} is not a name server: give an address, and a port if it is not 53, as in "
        "192.0.2.53 or 127.0.0.1:5353"
    )


def system_servers() -> list[Server]:
    """The resolvers that this machine is set up with. Raises NoServer."""
    import dns.exception
    import dns.resolver

    try:
        found = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        raise NoServer("this machine has no resolver: name one with --nameserver") from None
    servers = [Server(str(address), found.port) for address in found.nameservers]
    if not servers:
        raise NoServer("this machine has no resolver: name one with --nameserver")
    return servers


class Resolver:
    """Asks servers, one after the other until one answers. One resolver serves one run.

    recursive: the servers are asked to find the answer elsewhere where they do not have it.
    is_checked: none of them may deny a name that must exist; the first question finds out.
    """

    def __init__(
        self,
        servers: Sequence[Server],
        limits: Limits | None = None,
        *,
        recursive: bool = True,
        is_checked: bool = False,
    ) -> None:
        self.servers = tuple(servers)
        self.recursive = recursive
        self.limits = limits or Limits()
        self._slots = asyncio.Semaphore(self.limits.at_once)
        self._is_checked = is_checked
        self._check: asyncio.Task[None] | None = None
        self._end: float | None = None

    def begin(self) -> None:
        """Start the clock of the whole run; the first question does it otherwise."""
        if self._end is None:
            self._end = asyncio.get_running_loop().time() + self.limits.whole_run

    def remaining(self) -> float:
        """Seconds that the run still has."""
        self.begin()
        assert self._end is not None
        return max(0.0, self._end - asyncio.get_running_loop().time())

    async def ask(self, name: str, type: str) -> Reply:
        """Ask for records. A failure is a status; NoServer is raised for a server that lies."""
        self.begin()
        if self._is_checked:
            if self._check is None:
                self._check = asyncio.ensure_future(self._refuse_deniers())
            await self._check
        async with self._slots:
            return await self._ask(name, type)

    async def _refuse_deniers(self) -> None:
        """Raise NoServer where a server says that there is no `com.`: what else is it hiding?"""
        for server in self.servers:
            seconds = min(self.limits.one_try, self.remaining())
            message = await self._exchange(server, _EXISTS, "NS", seconds) if seconds > 0 else None
            reply = None if message is None else read(message, _EXISTS, "NS")
            if reply is not None and reply.held == Held(Status.NXDOMAIN):
                raise NoServer(
                    f"{server.address} says that {_EXISTS} does not exist, so its answers are not "
                    "those of DNS: name another server with --nameserver"
                )

    async def message(self, name: str, type: str) -> Message | None:
        """The whole of the first answer that comes, whatever it says; None where none does."""
        self.begin()
        async with self._slots:
            async for _, message in self._tries(name, type, list(self.servers)):
                if message is not None:
                    return message
        return None

    async def _ask(self, name: str, type: str) -> Reply:
        status = Status.UNKNOWN
        servers = list(self.servers)
        async for server, message in self._tries(name, type, servers):
            if message is None:
                status = Status.TIMEOUT if status is Status.UNKNOWN else status
            elif (reply := read(message, name, type)) is not None:
                return reply
            else:
                status = Status.SERVFAIL
                servers.remove(server)
        return Reply((), Held(status))

    async def _tries(
        self, name: str, type: str, servers: list[Server]
    ) -> AsyncIterator[tuple[Server, Message | None]]:
        """What each server says, in each of the tries for which there is time.

        servers: those that are taken out are not asked again.
        """
        for _ in range(self.limits.tries):
            for server in list(servers):
                seconds = min(self.limits.one_try, self.remaining())
                if seconds <= 0:
                    return
                yield server, await self._exchange(server, name, type, seconds)

    async def _exchange(
        self, server: Server, name: str, type: str, seconds: float
    ) -> Message | None:
        """One question to one server; None where no usable answer came in time."""
        import dns.exception
        import dns.rcode

        refused = (dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS)
        try:
            async with asyncio.timeout(seconds):
                message = await self._send(server, name, type, edns=True)
                if message.rcode() in refused:
                    # Some old servers know no EDNS (RFC 6891 §7).
                    message = await self._send(server, name, type, edns=False)
                return message
        except (dns.exception.DNSException, OSError, EOFError, TimeoutError):
            return None

    async def _send(self, server: Server, name: str, type: str, *, edns: bool) -> Message:
        import dns.asyncquery
        import dns.flags
        import dns.message

        query = dns.message.make_query(name, type, use_edns=0 if edns else False, payload=_PAYLOAD)
        if not self.recursive:
            query.flags &= ~dns.flags.RD
        try:
            return await dns.asyncquery.udp(
                query,
                server.address,
                port=server.port,
                ignore_unexpected=True,
                raise_on_truncation=True,
                ignore_errors=True,
            )
        except dns.message.Truncated:
            return await dns.asyncquery.tcp(query, server.address, port=server.port)


def read(message: Message, name: str, type: str) -> Reply | None:
    """What an answer says; None where it says only that the server failed, or who else may know."""
    import dns.name
    import dns.rcode
    import dns.rdatatype

    if message.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return None
    wanted = dns.rdatatype.from_text(type)
    sets = {(rrset.name, rrset.rdtype): rrset for rrset in message.answer}
    aliases: list[tuple[str, str]] = []
    at = dns.name.from_text(name)
    passed = {at}
    while len(aliases) <= LONGEST_CHAIN:
        rrset = sets.get((at, wanted))
        if rrset is not None:
            values = tuple(sorted(value_of(rdata, type) for rdata in rrset))
            return Reply(tuple(aliases), Held(Status.RECORDS, values))
        alias = sets.get((at, dns.rdatatype.CNAME))
        if alias is None:
            if message.rcode() == dns.rcode.NXDOMAIN:
                return Reply(tuple(aliases), Held(Status.NXDOMAIN))
            if not aliases and _is_referral(message):
                return None
            return Reply(tuple(aliases), None if aliases else Held(Status.NODATA))
        target = alias[0].target
        aliases.append((_name(at), _name(target)))
        if target in passed:
            break
        passed.add(target)
        at = target
    return Reply(tuple(aliases), None)


def _is_referral(message: Message) -> bool:
    """Whether an answer only says who may know: that is not that there is no such record."""
    import dns.flags
    import dns.rdatatype

    types = {rrset.rdtype for rrset in message.authority}
    return (
        not message.flags & dns.flags.AA
        and dns.rdatatype.NS in types
        and dns.rdatatype.SOA not in types
    )


def _name(name: object) -> str:
    return str(name).lower()


def value_of(rdata: Rdata, type: str) -> str:
    """An answer's value as it is compared: texts joined, names in lower case."""
    match type:
        case "TXT":
            strings: tuple[bytes, ...] = rdata.strings  # type: ignore[attr-defined]
            return b"".join(strings).decode("utf-8", "surrogateescape")
        case "MX":
            return f"{rdata.preference} {_name(rdata.exchange)}"  # type: ignore[attr-defined]
        case "CNAME" | "PTR" | "NS":
            return _name(rdata.target)  # type: ignore[attr-defined]
        case _:
            return str(rdata)
