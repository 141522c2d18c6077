"""The zones that a world names itself: what the properties of its resources tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from zonelint.grammars.dnsname import BadName, whole_name

from .kinds import ResourceWorld, ZoneKind
from .values import given, text_of


@dataclass(frozen=True, slots=True)
class NamedZone:
    """A zone that the world tells of: its absolute name and the ids that records refer to it by.

    private: only a private network sees it, so that it says nothing about mail from outside.
    """

    name: str
    ids: tuple[str, ...] = ()
    private: bool = False


def zones_of(kind: ZoneKind, world: ResourceWorld, values: Mapping[str, Any]) -> list[NamedZone]:
    """What the properties of a resource tell of zones; none whose name is not known."""
    if not kind.within:
        zone = _zone_of(kind, world, values)
        return [] if zone is None else [zone]
    lists = (given(values.get(kind.spelt(property, world))) for property in kind.within)
    inner = [each.value for found in lists for each in found.elements()]
    zones = [_zone_of(kind, world, each) for each in inner if isinstance(each, Mapping)]
    return [zone for zone in zones if zone is not None]


def _zone_of(kind: ZoneKind, world: ResourceWorld, values: Mapping[str, Any]) -> NamedZone | None:
    def texts(properties: Iterable[str | None]) -> list[str]:
        spelt = (kind.spelt(property, world) for property in properties if property is not None)
        found = [given(values.get(property)) for property in spelt]
        return [text_of(each) or "" for each in found if not each.unknown and not each.hidden]

    again = kind.given_back.get(kind.name)
    names = (zone_name(text) for text in texts((kind.name, kind.instead, again)))
    name = next((name for name in names if name is not None), None)
    if name is None:
        return None
    if kind.below is not None:
        lower = given(values.get(kind.spelt(kind.below, world)))
        if lower.unknown:
            return None
        if below := text_of(lower):
            name = zone_name(f"{below}.{name}") or name
    return NamedZone(name, tuple(filter(None, texts(kind.ids))), _is_private(kind, world, values))


def _is_private(kind: ZoneKind, world: ResourceWorld, values: Mapping[str, Any]) -> bool:
    for property in kind.private:
        found = given(values.get(kind.spelt(property, world)))
        if found.unknown:
            continue
        if text_of(found) in kind.private_values if kind.private_values else found.value:
            return True
    return False


def zone_name(text: str) -> str | None:
    """The absolute name of a zone as a property has it; None where it is no name."""
    if not text.strip().removesuffix("."):
        return None
    try:
        return whole_name(text)
    except BadName:
        return None
