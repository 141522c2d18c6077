"""The name servers of a zone: those that its NS records name, with their addresses."""

from __future__ import annotations

from collections.abc import Sequence

from zonelint.grammars.zone import without_dot
from zonelint.providers.dns import Limits, Resolver, Server
from zonelint.providers.served import Asked
from zonelint.rules.model.answers import held_by
from zonelint.rules.model.subjects import MailZone
from zonelint.standing.verifying import NamedServer

MOST_SERVERS = 13
_LIMITS = Limits(whole_run=30.0)


class NoServers(Exception):
    """A zone has no name server that could be asked. The message is for the user."""


async def places(
    zone: MailZone, given: Sequence[tuple[str, Server]], resolver: Server | None
) -> list[NamedServer]:
    """The zone's own servers and the resolver. Raises NoServers."""
    found = [
        NamedServer(name, Asked(server, _LIMITS, is_resolver=False))
        for name, server in given or await _of_zone(zone, resolver)
    ]
    if not found:
        raise NoServers(
            f"{without_dot(zone.origin)}: none of its name servers is known; name one with --server"
        )
    if resolver is not None:
        found.append(
            NamedServer(f"resolver {resolver}", Asked(resolver, _LIMITS, is_resolver=True))
        )
    return found


async def _of_zone(zone: MailZone, resolver: Server | None) -> list[tuple[str, Server]]:
    """Each server that NS names, at its first address; the zone's own word goes first."""
    asked = None if resolver is None else Resolver([resolver], _LIMITS)
    names = await _values(zone, asked, zone.origin, "NS")
    found = []
    for name in names[:MOST_SERVERS]:
        for type in ("A", "AAAA"):
            addresses = await _values(zone, asked, name, type)
            if addresses:
                server = Server(addresses[0])
                found.append((f"{without_dot(name)} ({server})", server))
                break
    return found


async def _values(
    zone: MailZone, resolver: Resolver | None, name: str, type: str
) -> tuple[str, ...]:
    held = held_by(zone.zone, name, type)
    if held is not None and held.values:
        return held.values
    if resolver is None:
        return ()
    reply = await resolver.ask(name, type)
    return reply.held.values if reply.held is not None else ()
