"""What is known of one folder from one run to the next: settings, zones on the disk, reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zonelint.grammars.zone import Zone
from zonelint.lsp import editor_buffers as overlay
from zonelint.lsp.cancelling import Token
from zonelint.lsp.document import Document, key_of
from zonelint.lsp.settings import FolderSettings, Home, is_unsaved, read, zone_paths
from zonelint.providers.files import DISK, Files, Stamp
from zonelint.providers.octodns.yaml import search as yamlsearch
from zonelint.providers.project.index import Index, known_beside
from zonelint.providers.project.reading import document_of
from zonelint.providers.project.refused import ConfigRefused
from zonelint.providers.zonefile import reader as zonefile
from zonelint.providers.zonefile.reader import Origins, ReadError

if TYPE_CHECKING:
    from zonelint.rules.evidence.evidence import Evidence

Stamps = dict[str, Stamp]


class Folder:
    """What is known of a folder, read again where it changed.

    `zones` are those of the configuration as the disk has them, each with the keys of its files;
    `problems` tells why others are not among them.
    """

    def __init__(self, home: Home, files: Files) -> None:
        self.home = home
        self.files = files
        self.zones: list[tuple[Zone, frozenset[str]]] = []
        self.problems: Sequence[ReadError] = ()
        self.evidence: Evidence | None = None
        self._held: FolderSettings | ConfigRefused | None = None
        self._watched: dict[Path, Stamp] = {}
        self._listed: Stamps | None = None
        self._reports: Stamps | None = None
        self._known: tuple[frozenset[str], Index | None] | None = None

    def written_in(self, document: Document) -> list[Zone]:
        """The zones that a document writes a part of: it is included, or a file of a program."""
        project = self.held.project
        try:
            zones = project.read(project.listed([document.path])).zones
        except ConfigRefused:
            return []
        return [zone for zone in zones if document.key in overlay.keys_of(zone)]

    def known_beside(self, zones: Sequence[Zone]) -> Index | None:
        """The other zones of the repository, as a check knows them: they are asked by name."""
        documents = frozenset(document_of(zone) for zone in zones)
        if self._known is None or self._known[0] != documents:
            try:
                known = known_beside(self.held.project, list(documents), ())
            except ConfigRefused:  # of another folder's: its own documents tell
                known = None
            self._known = documents, known
        return self._known[1]

    @property
    def stale(self) -> bool:
        """Whether a file that the settings come from has changed. Cheap enough to ask often."""
        return any(self.files.stamp(path) != seen for path, seen in self._watched.copy().items())

    @property
    def origins(self) -> Origins:
        return self.held.project.origins_of([str(self.home.folder / "zone")])

    @property
    def held(self) -> FolderSettings:
        """What holds as of the last refresh. Raises ConfigRefused."""
        assert self._held is not None, "refresh comes first"
        if isinstance(self._held, ConfigRefused):
            raise self._held
        return self._held

    def refresh(self, token: Token, *, thorough: bool) -> None:
        """Read again what changed: the settings always, zones and reports if `thorough`.

        Raises ConfigRefused, and Cancelled.
        """
        if self._held is None or self.stale:
            self._refresh_held()
            thorough = True
        held = self.held
        if thorough:
            self._known = None
        if thorough or self._listed is None:
            try:
                self._refresh_zones(held, token)
                self._refresh_evidence(held, token)
            except ConfigRefused as error:
                self._listed = None
                raise error

    def _refresh_held(self) -> None:
        """Read what holds; while an unsaved text cannot be, the last that could stays in force."""
        watched: list[Path] = []
        # Taken before the files are read: a change in between is seen the next time.
        stamps = {path: self.files.stamp(path) for path in self._watched}
        try:
            self._held = read(self.home, self.files, watched)
        except ConfigRefused as error:
            if not is_unsaved(error, self.files):
                self._held = error
            elif not isinstance(self._held, FolderSettings):
                try:
                    self._held = read(self.home, DISK, [])
                except ConfigRefused as saved:
                    self._held = saved
        self._watched = {path: stamps.get(path, self.files.stamp(path)) for path in watched}

    def _refresh_zones(self, held: FolderSettings, token: Token) -> None:
        paths = zone_paths(held, self.home)
        listed = _listed(paths)
        token.check()
        known = self._listed
        if known is not None and listed.keys() | known.keys() == listed.keys() & known.keys():
            changed = {path for path in listed if listed[path] != known[path]}
            if not changed or self._reread(changed):
                self._listed = listed
                return
        self._listed = None
        # The texts of open documents are put over these, so that each is read for itself.
        disk = held.project.elsewhere(DISK)
        sources = disk.read(disk.listed(paths), token.progress) if paths else None
        zones = [] if sources is None else sources.zones
        self.problems = () if sources is None else sources.problems
        self.zones = [(zone, overlay.keys_of(zone)) for zone in zones]
        for zone in zones:
            for source in overlay.sources_of(zone):
                listed.setdefault(key_of(source.path), DISK.stamp(source.path))
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

    def _refresh_evidence(self, held: FolderSettings, token: Token) -> None:
        from zonelint.rules.core.rule import Needs

        if not any(Needs.REPORTS in rule.needs for rule in held.rules):
            self.evidence = None
            return
        from zonelint.providers.project.configuration import read_reports

        try:
            paths = held.configuration.report_paths
        except ConfigRefused:  # what asks for reports is undecided; the command line says why
            paths = []
        stamps = _reports(paths)
        if stamps == self._reports:
            return
        reading = read_reports(paths, progress=token.progress) if paths else None
        self.evidence = reading.evidence if reading and reading.evidence.reports else None
        self._reports = stamps


def _listed(paths: Sequence[str]) -> Stamps:
    """Every file that may hold a zone under the paths, with its stamp, by its key."""
    yaml = yamlsearch.search(paths)
    files = [file.path for file in yaml.files]
    found = (each for each in zonefile.find(yaml.rest) if not isinstance(each, zonefile.ReadError))
    files += [each.path for each in found]
    return {key_of(path): DISK.stamp(path) for path in files}


def _reports(paths: Sequence[str]) -> Stamps:
    files = (file for path in paths for file in Path(path).rglob("*"))
    return {str(file): DISK.stamp(file) for file in files}
