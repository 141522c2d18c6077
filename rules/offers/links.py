"""Which zones ask others: what is changed in one can be a fault in another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from zonelint.grammars.zone import is_below
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.model.answers import LONGEST_CHAIN
from zonelint.rules.model.context import Context
from zonelint.rules.model.parts import asked_by
from zonelint.rules.model.subjects import MailZone

Name = tuple[str, str]
"""View and name."""
Links = Mapping[Name, Collection[ZoneId]]
"""The names that other zones hold, with the zones whose records ask for them."""


def links_of(zones: Iterable[MailZone]) -> dict[Name, list[ZoneId]]:
    """The names that zones ask others for.

    The aliases that stand in a zone itself are followed.
    """
    found: dict[Name, list[ZoneId]] = {}
    for zone in zones:
        asked = (_led_away(zone, *question) for question in asked_by(zone, has_tlsa=True))
        for name in dict.fromkeys(each for each in asked if each is not None):
            for view in {holder.identity.view for holder in zone.context.holders(name)}:
                found.setdefault((view, name), []).append(zone.identity)
    return found


def asking(links: Links, changed: Collection[Name]) -> set[ZoneId]:
    """The zones that ask for what is changed, those that ask them, and so on."""
    exact = set(changed)
    below = {(view, name[2:]) for view, name in changed if name.startswith("*.")}
    found: set[ZoneId] = set()
    while True:
        new = {
            zone
            for (view, name), zones in links.items()
            if (view, name) in exact or any(v == view and is_below(name, n) for v, n in below)
            for zone in zones
        } - found
        if not new:
            return found
        found |= new
        below |= {(zone.view, zone.name) for zone in new}


def _led_away(zone: MailZone, name: str, type: str) -> str | None:
    """The name that another zone of the run holds, once the aliases of this one are followed."""
    context: Context = zone.context
    for _ in range(LONGEST_CHAIN):
        holders = context.holders(name)
        if not holders:
            return None
        if any(holder.identity != zone.identity for holder in holders):
            return name
        held = context.look(name, type)
        if held is None or held.alias is None:
            return None
        name = held.alias
    return None
