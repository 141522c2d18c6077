"""What a rule must know of every zone of a run at once: small facts, gathered zone by zone.

A rule that looks at one zone after the other (``context.zones``) works as well, but where the zones
of a run are divided among processes it makes each of them read everything. The facts of a survey
are passed on instead.

    _KEYS = Survey("dkim.shared_key", _keys_of)        # in the rule's module
    for sha256, owner in context.survey(_KEYS): …      # in the order of the zones
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from zonelint.rules.model.subjects import MailZone

Fact = TypeVar("Fact")
Facts = dict[str, list[Any]]
"""What surveys have gathered, by their names."""


@dataclass(frozen=True, slots=True, eq=False)
class Survey(Generic[Fact]):
    """``of`` gives a zone's facts: strings or tuples of strings. No other survey has the name."""

    name: str
    of: Callable[[MailZone], Iterable[Fact]]


_PLACES = (
    ("zonelint.rules.dkim.support.keys", "CNAME_TARGETS"),
    ("zonelint.rules.dkim.shared_key", "KEYS"),
    ("zonelint.rules.mail.dmarc_owner", "ALIASED"),
    ("zonelint.rules.transport.mta_sts_host", "POLICY_HOSTS"),
    ("zonelint.rules.transport.tls_rpt_missing", "DANE"),
    ("zonelint.rules.zone.duplicate_zone", "DUPLICATES"),
)


def surveys() -> list[Survey[object]]:
    """Every survey of our rules, for who gathers the facts before the rules ask for them."""
    return [getattr(importlib.import_module(module), name) for module, name in _PLACES]


def gathered(zones: Collection[MailZone]) -> Facts:
    """What every survey of our rules finds in the zones, in their order."""
    return {each.name: [fact for zone in zones for fact in each.of(zone)] for each in surveys()}
