"""The zones of paths from one look to the next: what a change is part of is read again, no more.

For a front that lives on, an editor's: the files are its buffers over the disk, and the reader is
that of every run.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence

from zonelint.grammars.zone import Zone
from zonelint.providers import writing
from zonelint.providers.files import Progress, Stamp, real_by_path
from zonelint.providers.project.buffers import Buffers
from zonelint.providers.project.project import Project
from zonelint.providers.project.reading import Listed, document_of, paths_of
from zonelint.providers.zonefile.reader import ReadError


def keys_of(zone: Zone) -> frozenset[str]:
    """The files that a zone was read from, every link followed."""
    return frozenset(map(os.path.realpath, paths_of(zone)))


class KeptZones:
    """The zones that paths lead to in a project.

    paths: others may be set before a refresh that is thorough. zones: with the files of each.
    problems: why documents gave none. lost: the zones of these as they were last read; they are
    still the best that others can know.
    """

    def __init__(self, project: Project, files: Buffers) -> None:
        self.paths: Sequence[str] = ()
        self.zones: list[tuple[Zone, frozenset[str]]] = []
        self.problems: list[ReadError] = []
        self.lost: list[Zone] = []
        self._project = project
        self._files = files
        self._found: Listed | None = None
        self._signature: object = None
        self._open: frozenset[str] = frozenset()
        self._stamps: dict[str, Stamp] = {}
        self._asked_to_list: frozenset[str] = frozenset()
        self._asked_to_read: frozenset[str] = frozenset()

    def refresh(self, *, thorough: bool, progress: Progress | None = None) -> None:
        """Read again what changed. Raises ConfigRefused, and what `progress` raises.

        thorough: files on the disk may have changed as well.
        """
        if not self.paths:
            return
        changed = self._changed(thorough=thorough)
        # Until this has ended, what is known is not what there is.
        found, self._found = self._found, None
        if found is None or thorough or not changed.isdisjoint(self._asked_to_list):
            former, found = found and self._signature, self._list()
            if former is None or former != self._signature:
                self._read_whole(found, progress)
                return
        if changed and not self._read_part(found, changed):
            found = self._list()
            self._read_whole(found, progress)
        self._found = found

    def _changed(self, *, thorough: bool) -> set[str]:
        """The files that are not as they were when they were read."""
        now = frozenset(self._files.open_paths)
        looked_at = self._stamps.keys() & (self._stamps.keys() if thorough else now | self._open)
        self._open = now
        return {path for path in looked_at if self._files.stamp(path) != self._stamps[path]}

    def _list(self) -> Listed:
        """What the paths stand for now."""
        with self._files.noting() as noted:
            found = self._project.listed(self.paths)
        self._asked_to_list = self._note(noted)
        self._signature = _signature_of(found)
        return found

    def _note(self, noted: Mapping[str, Stamp]) -> frozenset[str]:
        real = real_by_path(noted)
        self._stamps |= {real[path]: stamp for path, stamp in noted.items()}
        return frozenset(real.values())

    def _read_whole(self, found: Listed, progress: Progress | None) -> None:
        former = [*self.lost, *(zone for zone, _ in self.zones)]
        with self._files.noting() as noted:
            sources = self._project.read(found, progress)
        self._asked_to_read = self._note(noted)
        self.zones = _with_keys(sources.zones)
        self.problems = list(sources.problems)
        self._lose(former)
        self._found = found

    def _read_part(self, found: Listed, changed: Collection[str]) -> bool:
        """Read only what the changed files are part of; False where that is not enough."""
        old = [each for each in self.zones if not each[1].isdisjoint(changed)]
        documents = _documents_of(found, changed)
        parts = _all_keys(old)
        if not self._asked_to_read.isdisjoint(changed - documents.keys() - parts):
            return False
        roots = {*documents.values(), *(path for zone, _ in old for path in _roots_of(zone))}
        if _is_read_together(found, old, roots):
            return False
        with self._files.noting() as noted:
            sources = self._project.read(found.only(roots))
        self._asked_to_read |= self._note(noted)
        fresh = _with_keys(sources.zones)
        if _all_keys(fresh) - documents.keys() != parts - documents.keys():
            return False
        gone = {*parts, *documents}
        replaced = set(map(id, old))
        self.zones = [each for each in self.zones if id(each) not in replaced] + fresh
        left = (each for each in self.problems if os.path.realpath(each.path) not in gone)
        self.problems = [*left, *sources.problems]
        self._lose([*self.lost, *(zone for zone, _ in old)])
        return True

    def _lose(self, former: Iterable[Zone]) -> None:
        """Keep those of these zones whose documents cannot be read any more."""
        there = {document_of(zone) for zone, _ in self.zones}
        unread = {os.path.realpath(each.path) for each in self.problems}
        self.lost = [
            zone
            for zone in former
            if document_of(zone) not in there and not keys_of(zone).isdisjoint(unread)
        ]


def _signature_of(found: Listed) -> object:
    """What is equal where the same is read, as far as that is known before it is read."""
    yaml = found.octodns
    of_yaml = None if yaml is None else (yaml.tasks, yaml.splits, yaml.settings, yaml.targets)
    return found.documents, found.files, found.errors, of_yaml


def _is_read_together(
    found: Listed, old: Iterable[tuple[Zone, object]], documents: Collection[str]
) -> bool:
    """Whether what changed is read with more: resources, and octoDNS's zones where one is split."""
    resources = {*found.plans.files, *found.templates.files}
    if any(hasattr(zone, "stand_in") for zone, _ in old) or not resources.isdisjoint(documents):
        return True
    if found.octodns is None or not found.octodns.splits:
        return False
    files = {file.path for file in found.files}
    return any(writing.is_yaml(zone) for zone, _ in old) or not files.issuperset(documents)


def _roots_of(zone: Zone) -> Iterable[str]:
    """The paths that a zone is read from, those that it includes left out."""
    if writing.is_yaml(zone):
        return [source.path for source, _ in zone.files]
    return [zone.path]


def _documents_of(found: Listed, files: Collection[str]) -> dict[str, str]:
    """The documents that files are, by the files; few share a name with one."""
    names = {os.path.split(path)[1] for path in files}
    named = (
        path
        for path in found.documents
        if os.path.split(path)[1] in names or os.path.islink(path)  # noqa: PTH114 - quicker
    )
    return {real: path for path, real in real_by_path(named).items() if real in files}


def _with_keys(zones: Iterable[Zone]) -> list[tuple[Zone, frozenset[str]]]:
    return [(zone, keys_of(zone)) for zone in zones]


def _all_keys(zones: Iterable[tuple[Zone, frozenset[str]]]) -> frozenset[str]:
    return frozenset(key for _, keys in zones for key in keys)
