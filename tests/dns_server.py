"""A real DNS server on loopback, over UDP and TCP, made of dnspython's zones and messages.

It serves whole zones (wildcards, CNAME chains, truncation) and misbehaves where it is told to:
SERVFAIL, a delay, no reply at all. `bind` starts BIND's named on the same zones instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone

NAMED = shutil.which("named") or shutil.which("named", path="/usr/sbin:/usr/local/sbin")
HEAD = (
    "@ 3600 IN SOA ns hostmaster 1 7200 900 1209600 300\n@ 3600 IN NS ns\nns 3600 IN A 127.0.0.1\n"
)


class DnsServer:
    """Authoritative for some zones; `asked` lists (name, type, transport) of every question.

    servfail, silent: names (and all below) that are answered with SERVFAIL, or not at all.
    delays: seconds before a name is answered. silent_over: a transport that never answers.
    """

    def __init__(self, zones: Mapping[str, str]) -> None:
        self.zones: dict[dns.name.Name, dns.zone.Zone] = {}
        self.servfail: set[str] = set()
        self.silent: set[str] = set()
        self.delays: dict[str, float] = {}
        self.silent_over: set[str] = set()
        self.asked: list[tuple[str, str, str]] = []
        self.port = 0
        for origin, text in zones.items():
            self.serve(origin, text)

    def serve(self, origin: str, text: str) -> None:
        """Put a zone in place; its SOA and NS are added."""
        zone = dns.zone.from_text(HEAD + text, origin, relativize=False)
        self.zones[dns.name.from_text(origin)] = zone

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    # -- answers ------------------------------------------------------------------------------

    def respond(self, query: dns.message.Message) -> dns.message.Message | None:
        question = query.question[0]
        response = dns.message.make_response(query, our_payload=1232)
        response.flags |= dns.flags.AA
        if self._is_marked(question.name, self.silent):
            return None
        if self._is_marked(question.name, self.servfail):
            response.set_rcode(dns.rcode.SERVFAIL)
            return response
        name = question.name
        for _ in range(20):
            zone = self._zone_of(name)
            if zone is None:
                if name == question.name:
                    response.set_rcode(dns.rcode.REFUSED)
                return response
            node = self._node(zone, name)
            if node is None:
                response.set_rcode(dns.rcode.NXDOMAIN)
                return response
            rdataset = node.get_rdataset(dns.rdataclass.IN, question.rdtype)
            alias = node.get_rdataset(dns.rdataclass.IN, dns.rdatatype.CNAME)
            found = rdataset or alias
            if found is None:
                return response
            response.answer.append(dns.rrset.from_rdata_list(name, found.ttl, list(found)))
            if found.rdtype == question.rdtype:
                return response
            name = found[0].target
        return response

    def _zone_of(self, name: dns.name.Name) -> dns.zone.Zone | None:
        while True:
            if name in self.zones:
                return self.zones[name]
            if name == dns.name.root:
                return None
            name = name.parent()

    @staticmethod
    def _node(zone: dns.zone.Zone, name: dns.name.Name) -> dns.node.Node | None:
        """The node that answers: the name's own, an empty one above others, or a wildcard's."""
        exists = {above for owner in zone.nodes for above in _up(owner, zone.origin)}
        if name in exists:
            return zone.nodes.get(name) or dns.node.Node()
        closest = name.parent()
        while closest not in exists:
            closest = closest.parent()
        return zone.nodes.get(dns.name.Name((b"*", *closest.labels)))

    @staticmethod
    def _is_marked(name: dns.name.Name, marked: set[str]) -> bool:
        return any(name.is_subdomain(dns.name.from_text(each)) for each in marked)

    async def _handle(self, wire: bytes, transport: str) -> bytes | None:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text().lower()
        self.asked.append((name, dns.rdatatype.to_text(question.rdtype), transport))
        if transport in self.silent_over:
            return None
        await asyncio.sleep(self.delays.get(name, 0))
        response = self.respond(query)
        if response is None:
            return None
        size = min(max(query.payload, 512), 1232) if transport == "udp" else 65535
        return response.to_wire(max_size=size, prefer_truncation=True)

    # -- running ------------------------------------------------------------------------------

    def __enter__(self) -> DnsServer:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> None:
        for _ in range(20):
            self._tcp = await asyncio.start_server(self._stream, "127.0.0.1", 0)
            self.port = self._tcp.sockets[0].getsockname()[1]
            try:
                self._udp, _ = await self._loop.create_datagram_endpoint(
                    lambda: _Datagrams(self), ("127.0.0.1", self.port)
                )
            except OSError:  # taken for UDP: another one
                self._tcp.close()
                continue
            return
        raise RuntimeError("no port that is free for UDP and TCP")

    async def _close(self) -> None:
        self._udp.close()
        self._tcp.close()
        others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                wire = await self._handle(await reader.readexactly(length), "tcp")
                if wire is not None:
                    writer.write(struct.pack("!H", len(wire)) + wire)
                    await writer.drain()
        writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self.server = server
        self.tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        task = asyncio.ensure_future(self._reply(data, addr))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _reply(self, data: bytes, addr: tuple[str, int]) -> None:
        wire = await self.server._handle(data, "udp")
        if wire is not None:
            self.transport.sendto(wire, addr)


def _up(name: dns.name.Name, origin: dns.name.Name) -> Iterator[dns.name.Name]:
    while name != origin:
        yield name
        name = name.parent()
    yield origin


def free_port() -> int:
    """A port that is free for UDP and TCP just now."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                try:
                    udp.bind(("127.0.0.1", port))
                except OSError:
                    continue
                return port


@contextlib.contextmanager
def bind(
    folder: Path,
    zones: Mapping[str, str],
    broken: tuple[str, ...] = (),
    key: tuple[str, str, str] | None = None,
    head: str = HEAD,
) -> Iterator[str]:
    """BIND's named, authoritative for the zones; SERVFAIL for the broken ones. Its address.

    key: name, algorithm and secret of who may change the zones (RFC 2136) and fetch them whole.
    """
    assert NAMED is not None
    port = free_port()
    statements = []
    rights = ""
    if key is not None:
        name, algorithm, secret = key
        statements.append(f'key "{name}" {{ algorithm {algorithm}; secret "{secret}"; }};')
        rights = f' allow-update {{ key "{name}"; }}; allow-transfer {{ key "{name}"; }};'
    for number, origin in enumerate([*zones, *broken]):
        file = folder / f"zone{number}"
        file.write_text(head + zones[origin] if origin in zones else "this is no zone file\n")
        statements.append(f'zone "{origin}" {{ type primary; file "{file}";{rights} }};')
    config = folder / "named.conf"
    config.write_text(
        f"""options {{
    directory "{folder}"; pid-file none; session-keyfile none; managed-keys-directory "{folder}";
    listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
    recursion no; empty-zones-enable no; dnssec-validation no; check-names primary ignore;
}};
controls {{ }};
"""
        + "\n".join(statements)
        + "\n"
    )
    with (folder / "named.log").open("wb") as log:
        process = subprocess.Popen(
            [NAMED, "-g", "-n", "1", "-c", str(config)], stdout=log, stderr=log
        )
        try:
            _await(process, folder / "named.log")
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def _await(process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until named has loaded its zones: before that it answers SERVFAIL for all of them."""
    for _ in range(200):
        if process.poll() is not None:
            break
        if b" running\n" in log.read_bytes():
            return
        time.sleep(0.05)
    raise RuntimeError(log.read_text())
