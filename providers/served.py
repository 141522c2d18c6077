"""What one name server answers now, and for how long that may be remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zonelint.providers.dns import Limits, Resolver, Server, value_of
from zonelint.rules.model.answers import Status

if TYPE_CHECKING:
    from dns.message import Message


@dataclass(frozen=True, slots=True)
class Served:
    """An answer. `ttl`: seconds; of a "no" it is what caches may keep that for (RFC 2308 §5).

    alias: the name has a CNAME in place of the records.
    reason: why there is no answer.
    """

    status: Status
    values: tuple[str, ...] = ()
    ttl: int | None = None
    alias: str | None = None
    reason: str = ""


@dataclass(slots=True)
class Asked:
    """A server that is asked: one of a zone's own, or a resolver."""

    server: Server
    limits: Limits
    is_resolver: bool = field(kw_only=True)
    _resolver: Resolver | None = None

    def begin(self) -> None:
        """A new round, with its own time."""
        self._resolver = Resolver([self.server], self.limits, recursive=self.is_resolver)

    async def ask(self, name: str, type: str) -> Served:
        """Ask for the records of one type. Never raises: a failure is a status."""
        if self._resolver is None:
            self.begin()
        assert self._resolver is not None
        message = await self._resolver.message(name, type)
        if message is None:
            return Served(Status.TIMEOUT, reason="no answer")
        return _read(message, name, type, is_resolver=self.is_resolver)


def _read(message: Message, name: str, type: str, *, is_resolver: bool) -> Served:
    import dns.flags
    import dns.name
    import dns.rcode
    import dns.rdatatype

    code = message.rcode()
    if code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return Served(Status.SERVFAIL, reason=f"answers {dns.rcode.to_text(code)}")
    if not is_resolver and not message.flags & dns.flags.AA:
        return Served(Status.SERVFAIL, reason="does not serve the zone")
    owner = dns.name.from_text(name)
    wanted = dns.rdatatype.from_text(type)
    sets = {rrset.rdtype: rrset for rrset in message.answer if rrset.name == owner}
    if wanted in sets:
        values = tuple(sorted(value_of(rdata, type) for rdata in sets[wanted]))
        return Served(Status.RECORDS, values, sets[wanted].ttl)
    alias = sets.get(dns.rdatatype.CNAME)
    if alias is not None:
        return Served(Status.RECORDS, (), alias.ttl, str(alias[0].target).lower())
    status = Status.NXDOMAIN if code == dns.rcode.NXDOMAIN else Status.NODATA
    soa = next((each for each in message.authority if each.rdtype == dns.rdatatype.SOA), None)
    return Served(status, (), None if soa is None else min(soa.ttl, soa[0].minimum))


async def serial_of(asked: Asked, zone: str) -> int | None:
    """The serial of a zone as the server has it; None where it does not tell."""
    answer = await asked.ask(zone, "SOA")
    fields = answer.values[0].split() if answer.values else []
    return int(fields[2]) if len(fields) == 7 else None
