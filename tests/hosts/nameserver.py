"""A name server to deploy to: BIND's named on loopback, written to by RFC 2136 with a TSIG key."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.tsig
import dns.update
import dns.zone

from tests.dns_server import bind

KEY_NAME = "deploy"
ALGORITHM = "hmac-sha256"
SERVER, KEY = "STANDIN_DNS_SERVER", "STANDIN_DNS_KEY"
"""The variables in which the stand-ins for vendors are told where to write, and the key for it."""


class Exists(Exception):
    """A record set that was to be created is there already (RFC 2136 §2.4.3)."""


@dataclass(frozen=True, slots=True)
class RecordSet:
    """The records of one owner and type; the values are rdata in presentation format."""

    zone: str
    owner: str
    type: str
    ttl: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameServer:
    """A name server that takes updates signed with the key."""

    address: str
    secret: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(32)).decode())

    @classmethod
    def from_environment(cls) -> NameServer:
        return cls(os.environ[SERVER], os.environ[KEY])

    @property
    def environment(self) -> dict[str, str]:
        """What a stand-in for a vendor has to be told."""
        return {SERVER: self.address, KEY: self.secret}

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    # -- changes --------------------------------------------------------------------------------

    def put(self, new: RecordSet, old: RecordSet | None = None, *, create: bool = False) -> None:
        """Write a whole record set in place of the old one. Raises Exists if it is to be new."""
        update = self._update(new.zone)
        if create:
            update.absent(dns.name.from_text(new.owner), new.type)
        for gone in (old, new):
            if gone is not None:
                update.delete(dns.name.from_text(gone.owner), gone.type)
        self._add(update, new)

    def add(self, new: RecordSet, old: RecordSet | None = None) -> None:
        """Write records beside others of their name and type, in place of the old ones."""
        update = self._update(new.zone)
        self._discard(update, old)
        self._add(update, new)

    def remove(self, old: RecordSet, *, whole: bool = True) -> None:
        """Delete a record set, or these of its records."""
        update = self._update(old.zone)
        if whole:
            update.delete(dns.name.from_text(old.owner), old.type)
        else:
            self._discard(update, old)
        self._send(update)

    def _update(self, zone: str) -> dns.update.UpdateMessage:
        return dns.update.UpdateMessage(zone, keyring=self._key)

    @property
    def _key(self) -> dns.tsig.Key:
        return dns.tsig.Key(KEY_NAME, self.secret, ALGORITHM)

    @staticmethod
    def _discard(update: dns.update.UpdateMessage, old: RecordSet | None) -> None:
        for value in () if old is None else old.values:
            update.delete(dns.name.from_text(old.owner), old.type, value)

    def _add(self, update: dns.update.UpdateMessage, new: RecordSet) -> None:
        for value in new.values:
            update.add(dns.name.from_text(new.owner), new.ttl, new.type, value)
        self._send(update)

    def _send(self, update: dns.update.UpdateMessage) -> None:
        answer = dns.query.tcp(update, "127.0.0.1", 10, self.port)
        if answer.rcode() == dns.rcode.YXRRSET:
            raise Exists
        if answer.rcode() != dns.rcode.NOERROR:
            raise RuntimeError(f"the name server answers {dns.rcode.to_text(answer.rcode())}")

    # -- answers --------------------------------------------------------------------------------

    def ask(self, owner: str, type: str) -> list[str]:
        """What is served under a name and type, as rdata in order; a text as joined."""
        question = dns.message.make_query(owner, type)
        answer = dns.query.tcp(question, "127.0.0.1", 10, self.port)
        wanted = dns.rdatatype.from_text(type)
        found = [each for rrset in answer.answer if rrset.rdtype == wanted for each in rrset]
        if type == "TXT":
            return sorted(b"".join(each.strings).decode() for each in found)
        return sorted(each.to_text() for each in found)

    def strings(self, owner: str) -> list[list[str]]:
        """The strings of each text that is served at a name."""
        answer = dns.query.tcp(dns.message.make_query(owner, "TXT"), "127.0.0.1", 10, self.port)
        return sorted(
            [s.decode() for s in each.strings] for rrset in answer.answer for each in rrset
        )

    def write_zone(self, zone: str, path: Path) -> Path:
        """The whole zone as it is served, as a zone file."""
        served = dns.zone.Zone(dns.name.from_text(zone))
        query = dns.message.make_query(zone, "AXFR")
        query.use_tsig(self._key)
        dns.query.inbound_xfr("127.0.0.1", served, query, port=self.port)
        served.to_file(str(path), want_origin=True)
        return path


@contextmanager
def serving(folder: Path, zones: Mapping[str, str] | Iterable[str]) -> Iterator[NameServer]:
    """named with these zones (empty but for SOA and NS, or with this text) until the end."""
    texts = dict(zones) if isinstance(zones, Mapping) else dict.fromkeys(zones, "")
    key = NameServer("").secret
    with bind(folder, texts, key=(KEY_NAME, ALGORITHM, key)) as address:
        yield NameServer(address, key)
