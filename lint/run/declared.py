"""Domains that are declared and stand in no zone: what is declared of them is never held to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.zone import is_below, without_dot

if TYPE_CHECKING:
    from zonelint.rules.config.intent import Intent


def warn_of_strangers(intent: Intent, origins: Collection[str]) -> None:
    """Say on standard error which declared domains none of the zones answers for."""
    from zonelint.terminal import print_errors

    print_errors(list(strangers(intent, origins)))


def strangers(intent: Intent, origins: Collection[str]) -> Iterator[str]:
    """A message for each declared domain that none of the zones with these origins answers for.

    Only where every zone was read: of a part of them it says nothing.
    """
    for key in intent.domains:
        name = key.removeprefix("*.")
        above = key != name and any(is_below(origin, name) for origin in origins)
        if not name or above or any(is_below(name, origin) for origin in origins):
            continue
        near = near_miss(without_dot(name), [without_dot(origin) for origin in origins])
        guess = "" if near is None else f'; did you mean "{near}"?'
        yield (
            f'{intent.path}: warning: [domains."{without_dot(key)}"] is in none of the zones that '
            f"were read, so nothing that it declares is checked{guess}"
        )
