"""What is known of one folder from one run to the next: settings, zones on the disk, reports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from zonelint.grammars.zone import Zone
from zonelint.lsp.cancelling import Token
from zonelint.lsp.document import Document
from zonelint.lsp.settings import FolderSettings, Home, is_unsaved, read, zone_paths
from zonelint.providers.files import DISK, Stamp
from zonelint.providers.project.buffers import Buffers
from zonelint.providers.project.index import Index, known_beside
from zonelint.providers.project.kept import KeptZones
from zonelint.providers.project.project import Project
from zonelint.providers.project.reading import Sources, document_of
from zonelint.providers.project.refused import ConfigRefused
from zonelint.rules.core.rule import Needs
from zonelint.rules.evidence.evidence import Evidence

Stamps = dict[str, Stamp]


class Folder:
    """What is known of a folder, read again where it changed."""

    def __init__(self, home: Home, files: Buffers) -> None:
        self.home = home
        self.files = files
        self.evidence: Evidence | None = None
        self._kept: KeptZones | None = None
        self._is_due = True
        self._held: FolderSettings | ConfigRefused | None = None
        self._watched: dict[Path, Stamp] = {}
        self._reports: Stamps | None = None
        self._known: tuple[tuple[frozenset[str], Stamps], Index | None] | None = None

    @property
    def kept(self) -> KeptZones:
        """The zones of the configuration, as the editor has them."""
        assert self._kept is not None, "refresh comes first"
        return self._kept

    def read_alone(self, documents: Sequence[Document]) -> Sources:
        """What documents hold that the configuration does not lead to; or are a part of.

        Only one that says so is meant to be a zone.
        """
        project = self.held.project
        paths = [document.path for document in documents]
        found = [document.path for document in documents if not document.says_zone]
        listed = project.listed(paths, as_found=found)
        if listed.octodns is not None:  # its own configuration leads to other documents
            listed.octodns.keep_asked()
        files = {file.path for file in listed.files} & set(found)
        sources = project.read(listed)
        # A text that only looks like a zone is none that cannot be read.
        problems = [problem for problem in sources.problems if problem.path not in files]
        return Sources(sources.zones, problems, before=sources.before)

    def known_beside(self, zones: Sequence[Zone], own: Collection[str]) -> Index | None:
        """The other zones of the repository, as a check knows them: they are asked by name.

        own: the open files of this folder; the texts of those of others count as they are now.
        """
        documents = frozenset(document_of(zone) for zone in zones)
        others = {path: self.files.stamp(path) for path in self.files.open_paths if path not in own}
        seen = documents, others
        if self._known is None or self._known[0] != seen:
            try:
                known = known_beside(self.held.project, list(documents), ())
            except ConfigRefused:  # of another folder's: its own documents tell
                known = None
            self._known = seen, known
        return self._known[1]

    @property
    def stale(self) -> bool:
        """Whether a file that the settings come from has changed. Cheap enough to ask often."""
        return any(self.files.stamp(path) != seen for path, seen in self._watched.copy().items())

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
        self._is_due |= thorough
        if self._held is None or self.stale:
            self._refresh_held()
            self._is_due = True
        held = self.held
        if self._is_due:
            self._known = None
        try:
            if self._kept is None:
                self._kept = KeptZones(held.project, held.files)
                self._is_due = True
            if self._is_due:
                self._kept.paths = zone_paths(held, self.home)
            self._kept.refresh(thorough=self._is_due, progress=token.progress)
            if self._is_due:
                self._watch_others(held.project)
                self._refresh_evidence(held, token)
            self._is_due = False
        except ConfigRefused:
            self._kept = None
            raise

    def _watch_others(self, project: Project) -> None:
        """Watch what holds for the zones of other folders as well."""
        documents = [document_of(zone) for zone, _ in self.kept.zones]
        for each in project.configurations_of(documents):
            for path in (each.file, *each.named):
                if path is not None and path not in self._watched:
                    self._watched[path] = self.files.stamp(path)

    def _refresh_held(self) -> None:
        """Read what holds; while an unsaved text cannot be, the last that could stays in force."""
        watched: list[Path] = []
        # Taken before the files are read: a change in between is seen the next time.
        stamps = {path: self.files.stamp(path) for path in self._watched}
        try:
            self._held = read(self.home, self.files, watched)
            self._kept = None
        except ConfigRefused as error:
            if not is_unsaved(error, self.files):
                self._held = error
            elif not isinstance(self._held, FolderSettings):
                saved = self.files.without([fault.path for fault in error.faults])
                try:
                    self._held = read(self.home, saved, [])
                    self._kept = None
                except ConfigRefused as refused:
                    self._held = refused
        self._watched = {path: stamps.get(path, self.files.stamp(path)) for path in watched}

    def _refresh_evidence(self, held: FolderSettings, token: Token) -> None:
        if not any(Needs.REPORTS in rule.needs for rule in held.rules):
            self.evidence = None
            return
        try:
            stamps = _reports(held.configuration.report_paths)
            if stamps == self._reports:
                return
            reading = held.configuration.read_reports(token.progress)
        except ConfigRefused:  # what asks for reports is undecided; the command line says why
            stamps, reading = {}, None
        self.evidence = None if reading is None else reading.proof
        self._reports = stamps


def _reports(paths: Sequence[str]) -> Stamps:
    files = (file for path in paths for file in (Path(path), *Path(path).rglob("*")))
    return {str(file): DISK.stamp(file) for file in files}
