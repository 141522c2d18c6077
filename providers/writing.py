"""One door to the editors of all providers: a zone and edits in, new texts and a new zone out.

Whatever the provider, the new texts are read again and must hold exactly what was intended.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, TypeGuard, cast

from zonelint.grammars.listing import grouped
from zonelint.grammars.masterfile.reader import IncludeError, MasterZone, read
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import Zone
from zonelint.providers.zonefile import edit as zonefile_edit
from zonelint.providers.zonefile.edit import EditError
from zonelint.rules.core.change import Edit

if TYPE_CHECKING:
    from zonelint.providers.octodns.yaml.zone import OctoZone
    from zonelint.providers.resources.zones import ResourceZone
    from zonelint.providers.terraform.source.edit import SourceSplice
    from zonelint.providers.terraform.source.zones import SourceContext
    from zonelint.rules.core.finding import Finding
    from zonelint.rules.core.identity import ZoneId
    from zonelint.rules.model.repository import Repository

Beside = dict["SourceContext", list["SourceSplice"]]
"""The replacements that are made in zones of one reading, each as it was read."""
Spot = tuple[str, int, int]

__all__ = ["Changed", "EditError", "changed", "files", "replacements", "seen_again"]


class Changed(NamedTuple):
    """The zone as it is after the edits, and the texts of its files before and after, by path."""

    zone: Zone
    texts: Mapping[str, tuple[str, str]]


def changed(
    zone: Zone, edits: Sequence[Edit], *, bump_serial: bool = True, beside: Beside | None = None
) -> Changed:
    """Make the edits. EditError where one cannot be made, or where the result is not exact.

    beside: what is made in other zones of the same reading; takes what is made here.
    """
    if (source := _source(zone)) is not None:
        return _changed_source(source, edits, {} if beside is None else beside)
    if not isinstance(zone, MasterZone):
        return _changed_yaml(zone, edits)
    return _changed_file(zone, edits, zonefile_edit.apply(zone, edits, bump_serial=bump_serial))


def raised(zone: Zone, before: Zone) -> Changed | None:
    """Raise the serial of a zone that is another than before by the change of a file it includes.

    None where it has no serial, no record is another, or the change has raised it.
    """
    if not isinstance(zone, MasterZone) or not (serial := list(zonefile_edit.raised_serial(zone))):
        return None
    was = {record.rdata for rrset in before.of_type("SOA") for record in rrset}
    if serial[0].before is None or serial[0].before.rdata not in was:
        return None
    if not _is_other(zone, before):
        return None
    return _changed_file(zone, (), zonefile_edit.apply(zone, serial, bump_serial=False))


def files(zone: Zone) -> Sequence[str]:
    """The files that the zone is written in, where one file may be part of several zones."""
    found = [source.path for source in sources(zone)]
    return found if found or is_yaml(zone) else [zone.path]


def homes(zones: Sequence[Zone]) -> Callable[[Finding], Zone | None]:
    """Which of some zones a finding is of, where several are written in its file."""

    @cache
    def held() -> dict[tuple[str, str], list[Zone]]:
        return grouped(((path, zone.origin), zone) for zone in zones for path in files(zone))

    def of(finding: Finding) -> Zone | None:
        edits = () if finding.change is None else finding.change.edits
        written = [getattr(edit.before, "source", None) for edit in edits]

        def nearness(zone: Zone) -> tuple[bool, bool]:
            has_it = any(text is each for text in sources(zone) for each in written)
            return has_it, getattr(zone, "provider", "") == finding.zone.provider

        named = held().get((finding.span.path, finding.zone.name), ())
        return max(named, key=nearness, default=None)

    return of


def sources(zone: Zone) -> Sequence[SourceText]:
    """The texts of these files; none where the zone was read from something else."""
    if isinstance(zone, MasterZone):
        return (zone.source, *zone.included)
    # Of the others only those that are written in files have texts.
    return getattr(zone, "texts", ())


def is_editable(zone: Zone) -> bool:
    """Whether the zone is written in files of its own: an alias of octoDNS has another zone's."""
    if is_yaml(zone):
        return not zone.unwritable
    return isinstance(zone, MasterZone) or _source(zone) is not None


def files_of(repository: Repository) -> dict[ZoneId, Sequence[str]]:
    """The files of the zones that are judged, where those can be edited."""
    return {seat.identity: files(seat.zone) for seat in repository.judged if is_editable(seat.zone)}


Part = str | Spot
"""What zones share: a file, or a stretch of one."""


def path_of(part: Part) -> str:
    """The file of what zones share."""
    return part if isinstance(part, str) else part[0]


def shares(zone: Zone, part: Part) -> bool:
    """Whether a zone, which lies in the file, holds the part."""
    if isinstance(part, str):
        return True
    source = _source(zone)
    if source is None:
        return False
    from zonelint.providers.terraform.source.edit import Spot as SourceSpot
    from zonelint.providers.terraform.source.edit import uses

    return uses(source, SourceSpot(*part))


def is_changed(zone: Zone, part: Part, made: Hashable) -> bool:
    """Whether the zone, which holds the part, has other records once that is made of it.

    A file of octoDNS may have records that only some of a zone's targets get.
    """
    if not is_yaml(zone) or not isinstance(part, str) or not isinstance(made, str):
        return True
    try:
        after = seen_again(zone, {part: made})
    except EditError:
        return True
    return _is_other(after, zone)


def _is_other(zone: Zone, before: Zone) -> bool:
    """Whether a zone has other records, or other TTLs; serials are left out."""
    return (zonefile_edit.contents(zone), zonefile_edit.ttls(zone)) != (
        zonefile_edit.contents(before),
        zonefile_edit.ttls(before),
    )


def is_quick(zone: Zone) -> bool:
    """Whether what edits replace is quickly told: elsewhere a whole file is read for each."""
    return isinstance(zone, MasterZone)


def is_refused(zone: Zone, edits: Sequence[Edit]) -> bool:
    """Whether edits cannot be made, as far as that shows without reading a file again for them."""
    if is_yaml(zone):
        from zonelint.providers.octodns.yaml import edit as yamledit

        return yamledit.is_refused(zone, edits)
    try:
        replacements(zone, edits)
    except EditError:
        return True
    return False


def replacements(zone: Zone, edits: Sequence[Edit]) -> Mapping[Part, Hashable]:
    """What the edits make of each part that they change, in a form that can be compared.

    Two zones that hold a part want the same of it where these are equal. EditError.
    """
    if (source := _source(zone)) is not None:
        from zonelint.providers.terraform.source.edit import splices, with_aliases

        made = splices(source, with_aliases(source, edits))
        return {splice.spot: splice.after for splice in made}
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
    if (source := _source(zone)) is not None:
        from zonelint.providers.terraform.source.zones import SourceContext

        assert isinstance(source.context, SourceContext), "zones of a source have its context"
        return source.context.with_texts(texts).zone(source) or zone
    if (reread := getattr(zone, "reread", None)) is not None:
        (template,) = sources(zone)
        text = texts.get(template.path, template.text)
        made = zone if text == template.text else reread(text)
        if made is None:
            raise EditError("the changed template would no longer make this zone")
        return cast("Zone", made)
    if not isinstance(zone, MasterZone):
        return zone
    held = {source.path: source.text for source in sources(zone)}
    if all(held[path] == text for path, text in texts.items() if path in held):
        return zone
    return _read_again(zone, {**held, **texts})


def is_yaml(zone: Zone) -> TypeGuard[OctoZone]:
    """Whether the zone was read from octoDNS's YAML; a run without any does not import it."""
    if type(zone).__name__ != "OctoZone":
        return False
    from zonelint.providers.octodns.yaml.zone import OctoZone

    return isinstance(zone, OctoZone)


def _source(zone: Zone) -> ResourceZone | None:
    """The zone, if it was read from Terraform source; a run without any imports none of it."""
    return zone if getattr(zone, "context", None) is not None else None  # type: ignore[return-value]


def _changed_file(zone: MasterZone, edits: Sequence[Edit], new: Mapping[str, str]) -> Changed:
    old = {source.path: source.text for source in (zone.source, *zone.included)}
    texts = {path: (old[path], text) for path, text in new.items() if text != old[path]}
    after = _read_again(zone, {**old, **new})
    _check(zone, edits, after)
    return Changed(after, texts)


def _changed_source(zone: ResourceZone, edits: Sequence[Edit], beside: Beside) -> Changed:
    from zonelint.providers.terraform.source.edit import applied, splices, with_aliases
    from zonelint.providers.terraform.source.zones import SourceContext

    context = zone.context
    assert isinstance(context, SourceContext), "zones of a source have its context"
    edits = with_aliases(zone, edits)
    made = splices(zone, edits)
    held = context.texts
    pending = beside.setdefault(context, [])
    again = context.with_texts(applied(held, [*pending, *made]))
    after = again.zone(zone)
    if after is None:
        raise EditError("the changed source would no longer make this zone")
    _check(zone, edits, after)
    for other in context.zones:
        now = again.zone(other)
        if other is zone or any(shares(other, s.spot) for s in (*pending, *made)):
            continue
        if now is None or zonefile_edit.contents(now) != zonefile_edit.contents(other):
            raise EditError(f"the change would alter {other.origin} as well")
    pending += made
    texts = again.texts
    return Changed(after, {p: (held[p], texts[p]) for p in held if held[p] != texts[p]})


def _changed_yaml(zone: Zone, edits: Sequence[Edit]) -> Changed:
    from zonelint.providers.octodns.yaml import edit as yamledit

    if not is_yaml(zone):
        raise EditError("records of this kind of source cannot be changed in place")

    def made(*, within: bool) -> Changed:
        after = yamledit.apply(zone, edits, within=within)
        _check(zone, edits, after)
        return Changed(after, yamledit.texts(zone, after))

    try:
        return made(within=True)
    except EditError:
        return made(within=False)


def _read_again(zone: MasterZone, texts: Mapping[str, str]) -> MasterZone:
    """The zone of the new texts; what it includes comes from them, not from where they were."""
    find = zone.include or _nothing_to_include

    def include(including: str, name: str) -> tuple[str, str]:
        path, text = find(including, name)
        return path, texts.get(path, text)

    return read(texts[zone.path], zone.path, zone.origin, include=include)


def _nothing_to_include(including: str, name: str) -> tuple[str, str]:
    raise IncludeError(f"The file `{name}` is not part of this zone.", "")


def _check(zone: Zone, edits: Sequence[Edit], after: Zone) -> None:
    """Refuse a text that does not hold the intended records with the intended TTLs."""
    if zonefile_edit.contents(after) != zonefile_edit.intended(zone, edits) or zonefile_edit.start(
        after
    ) != zonefile_edit.start(zone):
        raise EditError("the changed file would not contain exactly the intended records")
    if any((zonefile_edit.ttls(zone, edits) - zonefile_edit.ttls(after)).values()):
        raise EditError("the change would give other records another TTL")
