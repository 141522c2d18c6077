"""What is known of one folder from one run to the next: settings, zones on the disk, reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zonelint.grammars.zone import Zone
from zonelint.lsp import editor_buffers as overlay
from zonelint.lsp.cancelling import Token
from zonelint.lsp.document import key_of
from zonelint.lsp.settings import Home, Settings, Stamp, Unusable, read, stamp, zone_paths
from zonelint.providers.octodns.yaml import search as yamlsearch
from zonelint.providers.zonefile import reader as zonefile
from zonelint.providers.zonefile.reader import Origins

if TYPE_CHECKING:
    from zonelint.formats.report import Problem
    from zonelint.rules.evidence.evidence import Evidence

Stamps = dict[str, Stamp]


class Project:
    """The disk's side of a folder, read again where it changed.

    ``zones`` are those of the configuration as the disk has them, each with the keys of its files;
    ``problems`` tells why others are not among them.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self.zones: list[tuple[Zone, frozenset[str]]] = []
        self.problems: Sequence[Problem] = ()
        self.evidence: Evidence | None = None
        self._settings: Settings | Unusable | None = None
        self._watched: dict[Path, Stamp] = {}
        self._listed: Stamps | None = None
        self._reports: Stamps | None = None

    @property
    def stale(self) -> bool:
        """Whether a file that the settings come from has changed. Cheap enough to ask often."""
        return any(stamp(path) != seen for path, seen in self._watched.copy().items())

    @property
    def origins(self) -> Origins:
        intent = self.settings.intent
        return Origins(None, intent.origins if intent else None, str(self.home.folder))

    @property
    def settings(self) -> Settings:
        """The settings as of the last refresh. Raises Unusable."""
        assert self._settings is not None, "refresh comes first"
        if isinstance(self._settings, Unusable):
            raise self._settings
        return self._settings

    def refresh(self, token: Token, *, thorough: bool) -> None:
        """Read again what changed: the settings always, zones and reports if ``thorough``.

        Raises Unusable, and Cancelled.
        """
        if self._settings is None or self.stale:
            watched: list[Path] = []
            # Taken before the files are read: a change in between is seen the next time.
            stamps = {path: stamp(path) for path in self._watched}
            try:
                self._settings = read(self.home, watched)
            except Unusable as error:
                self._settings = error
            self._watched = {path: stamps.get(path, stamp(path)) for path in watched}
            thorough = True
        settings = self.settings
        if thorough or self._listed is None:
            try:
                self._refresh_zones(settings, token)
                self._refresh_evidence(settings, token)
            except Unusable as error:
                self._listed = None
                raise error

    def _refresh_zones(self, settings: Settings, token: Token) -> None:
        paths = zone_paths(settings, self.home)
        listed = _listed(paths)
        token.check()
        known = self._listed
        if known is not None and listed.keys() | known.keys() == listed.keys() & known.keys():
            changed = {path for path in listed if listed[path] != known[path]}
            if not changed or self._reread(changed):
                self._listed = listed
                return
        from zonelint.run.sources import read as read_sources

        self._listed = None
        sources = read_sources(
            paths,
            origins=settings.intent.origins if settings.intent else None,
            base=str(self.home.folder),
            intent=settings.intent,
            progress=token.progress,
        ) if paths else None  # fmt: skip
        zones = [] if sources is None else sources.zones
        self.problems = () if sources is None else sources.problems
        self.zones = [(zone, overlay.keys_of(zone)) for zone in zones]
        for zone in zones:
            for source in overlay.sources_of(zone):
                listed.setdefault(key_of(source.path), stamp(Path(source.path)))
        self._listed = listed

    def _reread(self, changed: set[str]) -> bool:
        """Read only the zones of these files again; False where that would not be enough."""
        texts = {}
        for path in changed:
            data = zonefile.load(path)
            if isinstance(data, zonefile.ReadError):
                return False
            texts[path] = zonefile.decode(data)
        if not changed <= {key for _, keys in self.zones for key in keys}:
            return False
        fresh = []
        for zone, keys in self.zones:
            if keys.isdisjoint(changed):
                fresh.append((zone, keys))
                continue
            made = overlay.again(zone, texts, self.origins)
            if isinstance(made, overlay.Trouble) or overlay.keys_of(made) != keys:
                return False
            fresh.append((made, keys))
        self.zones = fresh
        return True

    def _refresh_evidence(self, settings: Settings, token: Token) -> None:
        from zonelint.rules.core.rule import Needs

        if not any(Needs.REPORTS in rule.needs for rule in settings.rules):
            self.evidence = None
            return
        from zonelint.providers.reports import reader as reports
        from zonelint.run import evidence
        from zonelint.run.config import ConfigRefused

        try:
            paths = evidence.places((), settings.config)
        except ConfigRefused:  # what asks for reports is undecided; the command line says why
            paths = []
        held = _reports(paths)
        if held == self._reports:
            return
        reading = reports.read(paths, progress=token.progress) if paths else None
        self.evidence = reading.evidence if reading and reading.evidence.reports else None
        self._reports = held


def _listed(paths: Sequence[str]) -> Stamps:
    """Every file that may hold a zone under the paths, with its stamp, by its key."""
    yaml = yamlsearch.search(paths)
    files = [file.path for file in yaml.files]
    found = (each for each in zonefile.find(yaml.rest) if not isinstance(each, zonefile.ReadError))
    files += [each.path for each in found]
    return {key_of(path): stamp(Path(path)) for path in files}


def _reports(paths: Sequence[str]) -> Stamps:
    files = (file for path in paths for file in Path(path).rglob("*"))
    return {str(file): stamp(file) for file in files}
