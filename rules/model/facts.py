"""What a rule must know of every zone of a run at once: small facts, gathered zone by zone.

They come from a zone's text alone, and are passed on where a run is judged in parts. A fact of a
rule package stands in one of its modules that have rules, beside them.

    _KEYS = Fact("dkim.shared_key", _keys_of)          # in the rule's module
    for sha256, owner in context.facts(_KEYS): …       # sorted, each once
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from zonelint.rules.core import registry

Told = TypeVar("Told")
Facts = dict[str, list[Any]]
"""What has been gathered, by the facts' names."""


class TooManyZones(Exception):
    """So many zones that nobody judges mention something that not all of them were read."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.missing = (
            f"the other zones that mention {name.rstrip('.')}; check all of them in one run"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Fact(Generic[Told]):
    """`of` gives what a `MailZone` tells: strings or tuples of strings. The name is its own.

    How zones are found that nobody judges and that tell something (`Context.telling`): by the
    name of which they tell, which their texts mention, by `marks` that their texts, in lower
    case, have in common, or, where a zone tells of its own names alone (`is_own`), by its name.
    is_anywhere: those of its repository that no configuration names tell it as well.
    """

    name: str
    of: Callable[[Any], Iterable[Told]]
    marks: Callable[[bytes], Iterable[bytes]] | None = None
    is_own: bool = False
    is_anywhere: bool = False


_PLACES = (
    ("zonelint.rules.dkim.support.keys", "CNAME_TARGETS"),
    ("zonelint.rules.dkim.shared_key", "KEYS"),
    ("zonelint.rules.mail.signing", "SIGNING"),
    ("zonelint.rules.mail.dmarc_owner", "ALIASED"),
    ("zonelint.rules.mail.dmarc_owner", "LEAVES"),
    ("zonelint.rules.spf.target_without_spf", "MEANT"),
    ("zonelint.rules.transport.mta_sts_host", "POLICY_HOSTS"),
    ("zonelint.rules.transport.support.places", "ALIASES"),
    ("zonelint.rules.zone.duplicate_zone", "DUPLICATES"),
)


def all_facts() -> list[Fact[object]]:
    """Every fact of our rules and other people's, for who gathers them before rules ask."""
    own = [getattr(importlib.import_module(module), name) for module, name in _PLACES]
    members = (value for module in registry.installed() for value in vars(module).values())
    return list(dict.fromkeys([*own, *(each for each in members if isinstance(each, Fact))]))


def gathered(zones: Collection[Any]) -> Facts:
    """What every fact is in the zones, in their order."""
    return {each.name: [told for zone in zones for told in each.of(zone)] for each in all_facts()}
