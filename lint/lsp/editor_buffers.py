"""Zones as the editor has them: the text of open documents, the disk for everything else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zonelint.grammars.masterfile.reader import Include, MasterZone
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import Span, Zone
from zonelint.lsp.document import Document, key_of
from zonelint.providers.octodns.yaml.search import named
from zonelint.providers.zonefile import reader as zonefile
from zonelint.providers.zonefile.reader import NoOrigin, NotAZone, Origins, ReadError

_RECORD_IN_YAML = re.compile(r"^[ \t-]*['\"]?type['\"]?:[ \t]", re.MULTILINE)

Texts = Mapping[str, str]
"""The texts of open documents, by their keys."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a document gives no zone, and where that shows. `orphan`: it may be part of one."""

    span: Span
    message: str
    orphan: bool = False


def sources_of(zone: Zone) -> tuple[SourceText, ...]:
    """The texts that the zone was read from."""
    if isinstance(zone, MasterZone):
        return (zone.source, *zone.included)
    return tuple(getattr(zone, "texts", ()))


def keys_of(zone: Zone) -> frozenset[str]:
    """The keys of the files that the zone was read from."""
    return frozenset(key_of(source.path) for source in sources_of(zone))


def again(zone: Zone, texts: Texts, origins: Origins) -> Zone | Trouble:
    """The zone as it is with the texts of open documents in place of those on the disk."""
    if isinstance(zone, MasterZone):
        text = texts.get(key_of(zone.path), zone.source.text)
        return _master(text, zone.path, texts, origins)
    from zonelint.providers.octodns.yaml.zone import OctoZone

    if not isinstance(zone, OctoZone):
        return zone
    return _octodns_again(zone, texts)


def alone(document: Document, texts: Texts, origins: Origins) -> Zone | Trouble | None:
    """The zone of a document that no configuration leads to; None where it is something else."""
    if document.is_yaml:
        return _octodns(document, texts, origins)
    text = zonefile.text_of(document.text.encode(), document.path)
    if isinstance(text, ReadError):
        return _trouble(text) if document.says_zone else None
    made = _master(text, document.path, texts, origins)
    if isinstance(made, Trouble) and not document.says_zone:
        return None
    return made


def _trouble(error: ReadError) -> Trouble:
    return Trouble(Span(error.path, 1, 1, 1, 1), error.message, isinstance(error, NoOrigin))


def _master(text: str, path: str, texts: Texts, origins: Origins) -> Zone | Trouble:
    # What a file on the disk is checked for before it is read holds for a text as well.
    checked = zonefile.text_of(zonefile.encode(text), path)
    if isinstance(checked, NotAZone):
        return _trouble(checked)
    include = _including(zonefile.IncludeFolders().include, texts)
    made = zonefile.read_text(text, path, origins, include=include)
    return _trouble(made) if isinstance(made, ReadError) else made


def _including(include: Include, texts: Texts) -> Include:
    """The same, with the text of a file that is open."""

    def included(including: str, name: str) -> tuple[str, str]:
        path, text = include(including, name)
        return path, texts.get(key_of(path), text)

    return included


def _octodns_again(zone: Zone, texts: Texts) -> Zone | Trouble:
    from zonelint.providers.octodns.yaml.document import YamlFault, YamlSource
    from zonelint.providers.octodns.yaml.find import read_error
    from zonelint.providers.octodns.yaml.zone import OctoZone, read_again

    assert isinstance(zone, OctoZone)
    files = [
        (YamlSource(source.path, texts.get(key_of(source.path), source.text)), settings)
        for source, settings in zone.files
    ]
    including = _including(zone.include, texts)
    try:
        made = read_again(zone, files, including)
    except YamlFault as fault:
        error = read_error(zone.path, fault)
        if fault.span is None:
            return _trouble(error)
        return Trouble(fault.span, f"{fault.message} {fault.advice}")
    # Other sources of octoDNS may hold records as before; which they are the text cannot tell.
    made.complete = made.complete and zone.complete
    return made


def _octodns(document: Document, texts: Texts, origins: Origins) -> Zone | Trouble | None:
    """A YAML document by itself, or with the other files of its folder if that is a zone's."""
    from zonelint.grammars.dnsname import BadName
    from zonelint.providers.octodns.yaml import find as yamlfind
    from zonelint.providers.octodns.yaml import names as yamlnames
    from zonelint.providers.octodns.yaml.document import YamlDocument as Yaml
    from zonelint.providers.octodns.yaml.document import YamlFault, YamlSource
    from zonelint.providers.octodns.yaml.record import EntrySettings
    from zonelint.providers.octodns.yaml.zone import read

    files = named(document.path)
    folder = files[0].folder
    try:
        origin = origins.of(document.path, "") if origins.by_path else None
    except BadName:
        origin = None
    if folder:
        origin = yamlnames.origin_of_folder(yamlnames.last_part(yamlnames.whole_path(folder)))
    origin = origin or yamlnames.origin_of_file(document.name)
    if origin is None:
        return None
    include = _including(yamlfind.Includes(), texts)
    sources: list[tuple[SourceText, EntrySettings]] = []
    for path in [file.path for file in files]:
        ours = key_of(path) == document.key
        text = document.text if ours else texts.get(key_of(path))
        source = yamlfind.text_of(path) if text is None else YamlSource(path, text)
        if isinstance(source, ReadError):
            continue
        try:
            yaml = Yaml(include)
            if yamlfind.has_shape(yaml, yaml.open(source)):
                sources.append((source, EntrySettings()))
        except YamlFault as fault:
            if ours and _RECORD_IN_YAML.search(source.text):
                span = fault.span or Span(path, 1, 1, 1, 1)
                return Trouble(span, f"{fault.message} {fault.advice}")
    if not sources:
        return None
    try:
        return read(origin, sources, include)
    except YamlFault as fault:
        span = fault.span or Span(document.path, 1, 1, 1, 1)
        return Trouble(span, f"{fault.message} {fault.advice}")


def without_parts(zones: Iterable[Zone]) -> list[Zone]:
    """The zones but those whose file is only a part of another one of them."""
    listed = list(zones)
    parts = {
        key_of(source.path)
        for zone in listed
        if isinstance(zone, MasterZone)
        for source in zone.included
    }
    return [
        zone for zone in listed if not (isinstance(zone, MasterZone) and key_of(zone.path) in parts)
    ]
