"""``check --online``: what neither the zones nor the lock know, asked of live DNS."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING

from zonelint.progress import Bar
from zonelint.terminal import refused

if TYPE_CHECKING:
    from zonelint.grammars.zone import Zone
    from zonelint.providers.dns import Server
    from zonelint.providers.lock import Collected
    from zonelint.rules.model.answers import Source
    from zonelint.rules.model.lock import Lock
    from zonelint.run.config import Config

SECONDS = 60.0
"""What asking may take in all."""
_MOST_TOLD = 20


def asked(
    zones: Sequence[Zone], config: Config | None, known: tuple[Source, ...], to: Sequence[Server]
) -> tuple[Source, ...]:
    """What is known outside the zones once everything that they name was asked for.

    ``known`` is what the lock has: its facts stay, only the rest is asked. Nothing is written.
    Raises ConfigRefused where no server is named and the machine has none.
    """
    from zonelint.providers.dns import Limits, NoServer, Resolver, system_servers
    from zonelint.providers.lock import collect
    from zonelint.rules.model.context import Context
    from zonelint.run.config import ConfigRefused

    context = Context(zones, config.intent if config else None)
    try:
        to = to or system_servers()
    except NoServer as error:
        raise ConfigRefused(str(error)) from None
    today = datetime.datetime.now(datetime.UTC).date()

    async def resolve() -> Collected:
        resolver = Resolver(to, Limits(whole_run=SECONDS))
        return await collect(context, resolver, old=_lock(known), today=today, progress=bar)

    with Bar("Asking DNS") as bar:
        made = asyncio.run(resolve())
    _tell(made)
    return (made.lock, *known)


def _lock(known: tuple[Source, ...]) -> Lock | None:
    from zonelint.rules.model.lock import Lock

    return next((source for source in known if isinstance(source, Lock)), None)


def _tell(made: Collected) -> None:
    """What got no answer, on standard error: rules that need it are undecided."""
    lost = [(name, type) for name, type, _ in made.failed if not made.knows(name, type)]
    lost += made.unasked
    told = [f"{name} {type}: no answer from DNS" for name, type in lost[:_MOST_TOLD]]
    if len(lost) > _MOST_TOLD:
        told.append(f"and {len(lost) - _MOST_TOLD} more questions without an answer")
    refused(told)
