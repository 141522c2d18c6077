"""One door to the editors of all providers: a zone and edits in, new texts and a new zone out.

Whatever the provider, the new texts are read again and must hold exactly what was intended.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from zonelint.grammars.masterfile.reader import IncludeError, MasterZone, read
from zonelint.grammars.zone import Zone
from zonelint.providers.zonefile import edit as zonefile_edit
from zonelint.providers.zonefile.edit import EditError
from zonelint.providers.zonefile.reader import IncludeFolders
from zonelint.rules.core.change import Edit

if TYPE_CHECKING:
    from zonelint.providers.octodns.yaml.zone import OctoZone

__all__ = ["Changed", "EditError", "changed", "files", "replacements", "seen_again"]


@dataclass(frozen=True, slots=True)
class Changed:
    """The zone as it is after the edits, and the texts of its files before and after, by path."""

    zone: Zone
    texts: Mapping[str, tuple[str, str]]


def changed(zone: Zone, edits: Sequence[Edit], *, bump_serial: bool = True) -> Changed:
    """Make the edits. EditError where one cannot be made, or where the result is not exact."""
    if not isinstance(zone, MasterZone):
        return _changed_yaml(zone, edits)
    new = zonefile_edit.apply(zone, edits, bump_serial=bump_serial)
    old = {source.path: source.text for source in (zone.source, *zone.included)}
    texts = {path: (old[path], text) for path, text in new.items() if text != old[path]}
    after = _read_again(zone, {**old, **new})
    _check(zone, edits, after)
    return Changed(after, texts)


def files(zone: Zone) -> Sequence[str]:
    """The files that the zone is written in, where one file may be part of several zones."""
    if isinstance(zone, MasterZone):
        return [zone.path, *(source.path for source in zone.included)]
    if is_yaml(zone):
        return [source.path for source in zone.texts]
    return [zone.path]


def is_editable(zone: Zone) -> bool:
    """Whether the zone's files are its own: an alias of octoDNS has those of another zone."""
    return not is_yaml(zone) or zone.editable


def replacements(zone: Zone, edits: Sequence[Edit]) -> Mapping[str, Hashable]:
    """What the edits make of each file that they change, in a form that can be compared.

    Two zones of one file want the same of it where these are equal. EditError.
    """
    if isinstance(zone, MasterZone):
        return {
            source.path: tuple(made)
            for source, made in zonefile_edit.splices(zone, edits).items()
            if made
        }
    return {path: new for path, (_, new) in changed(zone, edits).texts.items()}


def seen_again(zone: Zone, texts: Mapping[str, str]) -> Zone:
    """The zone with these texts of its files; itself where it holds them already. EditError."""
    if is_yaml(zone):
        from zonelint.providers.octodns.yaml import edit as yamledit

        return yamledit.with_texts(zone, texts)
    if not isinstance(zone, MasterZone):
        return zone
    held = {source.path: source.text for source in (zone.source, *zone.included)}
    if all(held[path] == text for path, text in texts.items() if path in held):
        return zone
    return _read_again(zone, {**held, **texts})


def is_yaml(zone: Zone) -> TypeGuard[OctoZone]:
    """Whether the zone was read from octoDNS's YAML; a run without any does not import it."""
    if type(zone).__name__ != "OctoZone":
        return False
    from zonelint.providers.octodns.yaml.zone import OctoZone

    return isinstance(zone, OctoZone)


def _changed_yaml(zone: Zone, edits: Sequence[Edit]) -> Changed:
    from zonelint.providers.octodns.yaml import edit as yamledit

    if not is_yaml(zone):
        raise EditError("records of this kind of source cannot be changed in place")
    for within in (True, False):
        try:
            after = yamledit.apply(zone, edits, within=within)
            _check(zone, edits, after)
        except EditError:
            if not within:
                raise
        else:
            return Changed(after, yamledit.texts(zone, after))
    raise AssertionError("the second attempt returns or raises")


def _read_again(zone: MasterZone, texts: Mapping[str, str]) -> MasterZone:
    """The zone of the new texts; what it includes comes from them, not from the disk."""
    folders = IncludeFolders()

    def include(including: str, name: str) -> tuple[str, str]:
        path, text = folders.include(including, name)
        return path, texts.get(path, text)

    if not zone.included:
        return read(texts[zone.path], zone.path, zone.origin, include=_nothing_to_include)
    return read(texts[zone.path], zone.path, zone.origin, include=include)


def _nothing_to_include(including: str, name: str) -> tuple[str, str]:
    raise IncludeError(f"The file `{name}` is not part of this zone.", "")


def _check(zone: Zone, edits: Sequence[Edit], after: Zone) -> None:
    """Refuse a text that does not hold the intended records with the intended TTLs."""
    if zonefile_edit.contents(after) != zonefile_edit.intended(zone, edits) or zonefile_edit.start(
        after
    ) != zonefile_edit.start(zone):
        raise EditError("the changed file would not hold exactly the records that are meant")
    if any((zonefile_edit.ttls(zone, edits) - zonefile_edit.ttls(after)).values()):
        raise EditError("the change would give other records another TTL")
