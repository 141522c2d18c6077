"""Which zone is meant, where several may have one name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from zonelint.grammars.listing import grouped


class ZoneId(NamedTuple):
    """A zone is what is served somewhere: its name, its view, its provider and the zone's id there.

    `id` is a handle where the provider's own is not known, and the root document where nothing
    says where the zone is published.
    """

    name: str
    view: str = ""
    provider: str = ""
    id: str = ""

    def __str__(self) -> str:
        """What tells it from other zones of its name."""
        return " ".join(part for part in (self.view, self.provider, self.id) if part)


Twins = Mapping[str, Collection[str]]
"""The names that several zones have, each with the views that one of these zones alone is in."""
NO_TWINS: Twins = {}


def twins_of(zones: Iterable[ZoneId]) -> Twins:
    """The names that several of some zones have."""
    views = grouped((zone.name, zone.view) for zone in zones)
    return {
        name: frozenset(view for view, count in Counter(held).items() if view and count == 1)
        for name, held in views.items()
        if len(held) > 1
    }


def told_apart(zone: ZoneId, twins: Twins, place_of: Callable[[ZoneId], str] = str) -> str:
    """What tells a zone from others of its name: its view, where that is enough; "" for none."""
    if zone.name not in twins:
        return ""
    return zone.view if zone.view in twins[zone.name] else place_of(zone)


NOWHERE = ZoneId(".")
"""The zone of a finding that was made by hand, without one."""
