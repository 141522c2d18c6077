"""`zonelint verify`: is what the repository says what the name servers answer?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click

from zonelint.commands import shared
from zonelint.grammars.zone import without_dot, zones_of
from zonelint.providers.dns import NoServer, Server, parse_server, system_servers
from zonelint.providers.project.index import repository
from zonelint.providers.project.project import Project
from zonelint.providers.project.refused import RunRefused
from zonelint.rules.model.answers import Held
from zonelint.rules.model.subjects import MailZone
from zonelint.standing import verifying
from zonelint.standing.own_servers import NoServers, places
from zonelint.standing.questions import questions, serial_of_zone
from zonelint.standing.shown import verified_facts, verified_lines
from zonelint.standing.verifying import NamedServer, Verified
from zonelint.status import CLEAN, COULD_NOT, FOUND
from zonelint.terminal import print_errors


def _places(
    _: click.Context, __: click.Parameter, given: Sequence[str]
) -> tuple[tuple[str, Server], ...]:
    found = []
    for text in given:
        name, equals, address = text.rpartition("=")
        try:
            server = parse_server(address)
        except NoServer as error:
            raise click.BadParameter(str(error), param_hint="--server") from None
        found.append((f"{name} ({server})" if equals else str(server), server))
    return tuple(found)


@click.command(
    epilog=(
        "Exit status: 0 all is published as written, 1 something is not (yet), 2 something "
        "could not be read or queried."
    ),
)
@click.argument("domains", nargs=-1, type=shared.domain_name, metavar="[DOMAIN]...")
@shared.zones
@click.option(
    "--server",
    "given",
    multiple=True,
    callback=_places,
    metavar="[NAME=]HOST[:PORT]",
    help="A name server of the zone, instead of those in its NS records. May be repeated.",
)
@shared.name_servers("The resolver to query, instead of this machine's.")
@click.option("--no-resolver", is_flag=True, help="Query only the zone's own name servers.")
@click.option(
    "--wait",
    type=click.FloatRange(0, 604_800),
    default=0,
    metavar="SECONDS",
    help="Query again until everything is published, for at most this long.",
)
@shared.config
@shared.origin
@shared.output_format("text", "json")
@click.pass_context
def verify(
    ctx: click.Context,
    domains: tuple[str, ...],
    zones: tuple[str, ...],
    given: tuple[tuple[str, Server], ...],
    servers: tuple[Server, ...],
    no_resolver: bool,
    wait: float,
    config: Path | None,
    origin: str | None,
    format_: str,
) -> None:
    """Ask the name servers of each DOMAIN for the mail records that are written.

    Without DOMAIN, all zones of the repository are verified. Every name server
    of the zone is asked, and the resolver: a record is published, not there
    yet (an older copy of the zone, or an old answer that caches may still give,
    with the seconds that it has left), or something else than is written.
    """
    project = Project(config=config, origin=origin)
    try:
        read = project.open(zones)
        print_errors(str(problem) for problem in read.problems)
        if read.problems and (zones or not read.zones):
            ctx.exit(COULD_NOT)
        wanted = _wanted(domains, repository(project, read.zones, zones).zones)
        resolver = None if no_resolver else (servers or tuple(system_servers()))[0]
    except NoServer as error:
        ctx.exit(print_errors([str(error)]))
    ctx.exit(_verified(wanted, given, resolver, wait, format_))


Wanted = Sequence[tuple["MailZone", "str | None"]]
"""The zones to verify, or one domain in each."""


def _wanted(domains: Sequence[str], zones: Sequence[MailZone]) -> Wanted:
    """The zones that hold the domains. Raises RunRefused."""
    if not domains:
        if not zones:
            raise RunRefused("there is no zone to verify")
        return [(zone, None) for zone in zones]
    found = []
    for name in domains:
        holding = zones_of(name, zones)
        if not holding:
            plain = without_dot(name)
            raise RunRefused(f"{plain}: none of the zones that were read contains it (--zones)")
        found += [(zone, None if zone.origin == name else name) for zone in holding]
    return found


def _verified(
    wanted: Wanted,
    given: Sequence[tuple[str, Server]],
    resolver: Server | None,
    wait: float,
    format_: str,
) -> int:
    try:
        results = asyncio.run(_ask(wanted, given, resolver, wait))
    except NoServers as error:
        return print_errors([str(error)])
    shared.answer(format_, lambda: verified_facts(results), verified_lines(results))
    if not any(each.answered for _, records in results for each in records):
        return print_errors(["no server answered"])
    return CLEAN if all(each.is_published for _, records in results for each in records) else FOUND


Results = Sequence[tuple[str, Sequence["Verified"]]]
"""Zones, and what was found of the records of each."""


async def _ask(
    wanted: Wanted, given: Sequence[tuple[str, Server]], resolver: Server | None, wait: float
) -> Results:
    """Ask once, and again until all is as written or the time is over."""
    loop = asyncio.get_running_loop()
    end = loop.time() + wait
    own: dict[str, list[NamedServer]] = {}
    for zone, _ in wanted:
        if zone.origin not in own:
            own[zone.origin] = await places(zone, given, resolver)
    names = [without_dot(domain or zone.origin) for zone, domain in wanted]
    while True:
        results = [
            (
                name if names.count(name) == 1 else f"{name} ({zone.identity})",
                await verifying.verify(
                    zone.origin,
                    [each for each in questions(zone, domain) if _is_known(each.written)],
                    own[zone.origin],
                    serial_of_zone(zone),
                ),
            )
            for name, (zone, domain) in zip(names, wanted, strict=True)
        ]
        open_ = [each for _, records in results for each in records if not each.is_published]
        left = end - loop.time()
        if not open_ or left <= 0:
            return results
        await asyncio.sleep(min(left, _pause(open_)))


def _is_known(written: object) -> bool:
    return isinstance(written, Held) and written.status.is_fact


def _pause(records: Sequence[Verified]) -> float:
    """Seconds until it is worth asking again: when the next cache forgets, not too rarely."""
    waits = [each.waits for record in records for each in record.findings if each.waits]
    return max(1.0, min([*waits, 10]))
