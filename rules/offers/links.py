"""Which zones ask others: what is changed in one can be a fault in another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from zonelint.grammars.listing import grouped
from zonelint.grammars.zone import parent
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.model.answers import LONGEST_CHAIN
from zonelint.rules.model.context import Context
from zonelint.rules.model.parts import asked_by
from zonelint.rules.model.repository import Repository, RunZone, UnreadZones
from zonelint.rules.model.subjects import MailZone

Name = tuple[str, str]
"""View and name."""
Links = Mapping[Name, Collection[ZoneId]]
"""The names that other zones hold, with the zones whose records ask for them."""


def links_of(zones: Iterable[MailZone]) -> dict[Name, list[ZoneId]]:
    """The names that zones ask others for.

    The aliases that stand in a zone itself are followed.
    """
    return grouped(
        ((view, name), zone.identity)
        for zone in zones
        for name in dict.fromkeys(_led_away(zone, *question) for question in asked_by(zone))
        if name is not None
        for view in {holder.identity.view for holder in zone.context.holders(name)}
    )


def asking(links: Links, changed: Collection[Name]) -> set[ZoneId]:
    """The zones that ask for what is changed, those that ask them, and so on."""
    at_or_below: dict[Name, list[Collection[ZoneId]]] = {}
    for (view, name), zones in links.items():
        at = name
        at_or_below.setdefault((view, at), []).append(zones)
        while (above := parent(at)) != at:
            at = above
            at_or_below.setdefault((view, at), []).append(zones)
    waiting: list[Collection[ZoneId]] = []
    for view, name in changed:
        is_wildcard = name.startswith("*.")
        waiting += at_or_below.get((view, name[2:]), ()) if is_wildcard else ()
        waiting.append(links.get((view, name), ()))
    found: set[ZoneId] = set()
    while waiting:
        new = set(waiting.pop()) - found
        found |= new
        for zone in new:
            waiting += at_or_below.get((zone.view, zone.name), ())
    return found


def changed_names(findings: Iterable[Finding]) -> dict[Name, str]:
    """The owners of what changes take away and bring, with their zones."""
    found: dict[Name, str] = {}
    for each in findings:
        for edit in () if each.change is None else each.change.edits:
            found[each.zone.view, edit.owner] = each.zone.name
            if edit.before is not None:
                found[each.zone.view, edit.before.owner] = each.zone.name
    return found


class Askers:
    """Finds the zones that ask for what is changed, those among them that nobody judges as well.

    unread: these, as they are met. Each is read because its text mentions what is changed.
    """

    def __init__(self, links: Links, beside: UnreadZones) -> None:
        """links: of the zones that are judged."""
        self.unread: dict[ZoneId, RunZone] = {}
        self._links = {name: list(zones) for name, zones in links.items()}
        self._beside = beside
        self._met: dict[tuple[str, str], bool] = {}

    def meet(self, changed: Mapping[Name, str]) -> None:
        """Find those that nobody judges and that ask for names. Raises TooManyZones."""
        if sum(self._meet(name, zone) for (_, name), zone in changed.items()):
            self.ask_for(changed)

    def ask_for(self, changed: Mapping[Name, str]) -> set[ZoneId]:
        """The zones that ask for names, each of which is of a zone, and those that ask them.

        Raises TooManyZones.
        """
        found: set[ZoneId] = set()
        searched: set[Name] = set()
        waiting = dict(changed)
        while waiting:
            for (_, name), zone in waiting.items():
                self._meet(name, zone)
            searched |= waiting.keys()
            found = asking(self._links, changed)
            waiting = {(z.view, z.name): z.name for z in found if (z.view, z.name) not in searched}
        return found

    def _meet(self, name: str, zone: str) -> bool:
        """Learn what zones ask that may ask for a name; whether there are any."""
        if (name, zone) not in self._met:
            found = self._beside.asking(name, zone)
            self._met[name, zone] = bool(found)
            new = {
                place.identity: replace(place, is_judged=True)
                for place in found
                if place.identity is not None and place.identity not in self.unread
            }
            self.unread |= new
            around = Repository(new.values(), known=self._beside)
            for asked, zones in links_of(around.zones).items():
                self._links.setdefault(asked, []).extend(zones)
        return self._met[name, zone]


def askers_of(repository: Repository) -> Askers:
    """Finds the zones that ask for what is changed in those of a repository."""
    return Askers(links_of(repository.zones), repository.beside(()))


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
