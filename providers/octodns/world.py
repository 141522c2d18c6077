"""The repository around one zone of octoDNS: its configuration and all zones of its YAML files.

octoDNS tells where a zone is configured (`Zone.context`); from there zonelint reads the rest by
itself, once a run. So a finding in octoDNS has the exact place in the YAML, a rule can ask what
another zone answers, and the first zone that is refused names the faults of all the others too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from octodns.zone import Zone as OctodnsZone

from zonelint.providers.documents import table_in
from zonelint.providers.octodns.yaml.config import NO_CONFIG, Config
from zonelint.providers.octodns.yaml.document import YamlFault
from zonelint.providers.octodns.yaml.find import Includes, YamlReading, text_of
from zonelint.providers.octodns.yaml.names import ENDINGS, whole_path
from zonelint.providers.octodns.yaml.search import File
from zonelint.providers.octodns.yaml.zone import OctoZone
from zonelint.providers.zonefile.reader import Origins, ReadError

from .among import Others
from .synczone import path_of


@dataclass(frozen=True, slots=True)
class OctodnsWorld:
    """What the configuration leads to. Without one it is empty, and every place is octoDNS's.

    `others` are its zones once more, as the rules see them beside the zone that is judged.
    """

    config: Config = NO_CONFIG
    zones: dict[str, OctoZone] = field(default_factory=dict)
    others: Others = field(default_factory=Others)

    def is_lenient(self, origin: str) -> bool:
        """Whether octoDNS is asked to warn of what is wrong with the zone and go on."""
        return bool(self.config.zone(origin).get("lenient"))

    def disabled_validators(self, origin: str) -> list[str]:
        """The ids of the validators that the zone is not judged by."""
        return [
            str(id)
            for told in (self.config.zone(origin), table_in(self.config.data.get("manager")))
            for id in _disabled(told)
        ]

    def suppliers(self, origin: str) -> list[str]:
        """The ids of the zone's sources and processors; without a source none of these runs."""
        sources = self.config.sources_of(origin)
        return [*sources, *self.config.processors_of(origin)] if sources else []

    def copies(self, origin: str) -> list[str]:
        """The zones that octoDNS makes as copies of this one."""
        return [zone.origin for zone in self.config.zones if zone.alias_of == origin]

    def is_deployed(self, id: str, origin: str) -> bool:
        """Whether records with this source are those of a target, and none of the repository's."""
        told = self.config.data["providers"]
        return id in told and id not in self.config.sources_of(origin)

    def sources_behind(self, id: str, origin: str) -> list[str]:
        """The sources of a zone that come after one of them."""
        names = self.config.sources_of(origin)
        return names[names.index(id) + 1 :] if id in names else []

    def sources(self, origin: str) -> list[str]:
        """The ids of the zone's sources that are no YAML: octodns-validate does not read them."""
        return [id for id in self.config.sources_of(origin) if id not in self.config.yaml]


def world(zone: OctodnsZone) -> OctodnsWorld:
    """The world around a zone; read once for each state of the configuration's file."""
    path = path_of(zone.context)
    if path is None:
        return OctodnsWorld()
    try:
        config = _config_of(path, Path(path).stat().st_mtime_ns)
        return OctodnsWorld() if config is None else _world(config, Path(config).stat().st_mtime_ns)
    except OSError:
        return OctodnsWorld()


def _disabled(told: Mapping[str, Any]) -> Sequence[Any]:
    """What stands under validators, zone, disable_validators: of a zone, or of the manager."""
    found = table_in(table_in(told.get("validators")).get("zone")).get("disable_validators")
    return found if isinstance(found, list) else ()


@lru_cache(maxsize=1024)
def _config_of(path: str, _stamp: int) -> str | None:
    """The configuration in which octoDNS found a zone: this file, or one that includes it."""
    if _read(path) is not None:
        return path
    wanted = whole_path(path)
    here = Path(wanted).parent
    above = [folder for folder in here.parents if folder.is_relative_to(Path.cwd())]
    for folder in (here, *above):
        for file in sorted(folder.iterdir()):
            if file.name.endswith(ENDINGS) and file.is_file():
                found = _read(os.path.relpath(file))
                if found is not None and wanted in found[1]:
                    return found[0].path
    return None


def _read(path: str) -> tuple[Config, set[str]] | None:
    """A configuration with the files that it includes; None where a file is none.

    Where it cannot be read octoDNS tells what is wrong with it.
    """
    from zonelint.providers.octodns.yaml import config as yamlconfig

    source = text_of(path)
    if isinstance(source, ReadError) or not yamlconfig.looks_like_config(source.text):
        return None
    included: set[str] = set()
    include = Includes()

    def noted(including: str, name: str) -> tuple[str, str]:
        found, text = include(including, name)
        included.add(whole_path(found))
        return found, text

    try:
        return yamlconfig.read(source, noted, started=Path.cwd()), included
    except YamlFault:
        return None


@lru_cache(maxsize=4)
def _world(path: str, _stamp: int) -> OctodnsWorld:
    read = _read(path)
    if read is None:
        return OctodnsWorld()
    reading = YamlReading(Origins(), started=Path.cwd())
    reading.prepare([File(path, named=True)])
    zones = {zone.origin: zone for zone in reading.whole().zones}
    return OctodnsWorld(read[0], zones, Others(zones.values()))
