"""`check --online`: what neither the zones nor the lock know, asked of live DNS."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

from zonelint.progress import Bar
from zonelint.status import RunRefused
from zonelint.terminal import print_errors

if TYPE_CHECKING:
    from zonelint.grammars.zone import Zone
    from zonelint.providers.dns import Server
    from zonelint.providers.lock import Collected
    from zonelint.providers.project.project import Project
    from zonelint.rules.model.lock import Lock

SECONDS = 60.0
"""What asking may take in all."""
_MOST_TOLD = 20


def ask_online(project: Project, zones: Sequence[Zone], to: Sequence[Server]) -> Lock:
    """What everything that the zones name answers.

    What the locks of their configurations have stays, only the rest is asked. Nothing is written.
    Raises RunRefused where no server is named and the machine has none.
    """
    from zonelint.providers.dns import Limits, NoServer, Resolver, system_servers
    from zonelint.providers.lock import collect
    from zonelint.providers.project.index import repository
    from zonelint.providers.project.reading import document_of
    from zonelint.rules.model.lock import Lock

    try:
        to = to or system_servers()
    except NoServer as error:
        raise RunRefused(str(error)) from None
    today = datetime.datetime.now(datetime.UTC).date()
    held = (each.lock for each in project.configurations_of(map(document_of, zones)))
    old = Lock({name: entry for lock in held if lock for name, entry in lock.entries.items()})
    context = repository(project.without_lock(), zones).of_view("")

    async def resolve() -> Collected:
        resolver = Resolver(to, Limits(whole_run=SECONDS), is_checked=True)
        return await collect(context, resolver, old=old, today=today, progress=bar)

    try:
        with Bar("Asking DNS") as bar:
            made = asyncio.run(resolve())
    except NoServer as error:
        raise RunRefused(str(error)) from None
    _tell(made)
    return made.lock


def _tell(made: Collected) -> None:
    """What got no answer, on standard error: rules that need it are undecided."""
    lost = [(name, type) for name, type, _ in made.failed if not made.knows(name, type)]
    lost += made.unasked
    told = [f"{name} {type}: no answer from DNS" for name, type in lost[:_MOST_TOLD]]
    if len(lost) > _MOST_TOLD:
        told.append(f"and {len(lost) - _MOST_TOLD} more questions without an answer")
    print_errors(told)
