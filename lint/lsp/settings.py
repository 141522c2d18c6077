"""What holds for the open documents of a folder, as the editor has it: unsaved texts count."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from zonelint.grammars.zone import Zone
from zonelint.lsp.document import Document
from zonelint.providers.files import DISK, Files
from zonelint.providers.project import configuration as configurations
from zonelint.providers.project.buffers import Buffers
from zonelint.providers.project.configuration import OWN, Configuration
from zonelint.providers.project.project import Project
from zonelint.providers.project.refused import ConfigRefused, FileFault, display_path
from zonelint.rules.config.intent import Intent
from zonelint.rules.core import registry
from zonelint.rules.core.baseline import Baseline
from zonelint.rules.core.rule import Rule
from zonelint.rules.evidence.evidence import Evidence
from zonelint.rules.model.repository import RunZone


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """The configuration of a folder, the rules that there are, and the project of both."""

    configuration: Configuration
    rules: tuple[Rule, ...]
    project: Project
    files: Buffers
    baseline: Baseline | None

    @property
    def intent(self) -> Intent | None:
        return self.configuration.intent

    def places(self, zones: Iterable[Zone], evidence: Evidence | None) -> list[RunZone]:
        """The zones with what holds for each; one that cannot be told is not known."""
        self.project.use_evidence(lambda each: evidence if each is self.configuration else None)
        found: list[RunZone] = []
        for zone in zones:
            with suppress(ConfigRefused):
                found += self.project.places([zone])
        return found


@dataclass(frozen=True, slots=True)
class Home:
    """Where a document belongs: its configuration (None: there is none), and the folder of that."""

    file: Path | None
    folder: Path


def home_of(path: str, files: Files) -> Home:
    """The nearest configuration from a file upwards; else the nearest lock or baseline counts."""
    folder = Path(path).parent
    file = configurations.nearest(folder, files)
    if file is not None:
        return Home(file, file.parent)
    return Home(None, configurations.home_without(folder, files))


def read(home: Home, files: Buffers, watched: list[Path]) -> FolderSettings:
    """Read what holds. Raises ConfigRefused.

    Every file that it comes from is put into `watched`, also when one of them is refused.
    """
    watched += [] if home.file is None else [home.file]
    try:
        known = registry.rules()
    except registry.RegistryError as error:
        place = str(home.file or home.folder)
        raise ConfigRefused(FileFault(place, 1, f"{error}.", beyond=True)) from None
    project = Project(files, codes=[rule.code for rule in known])
    configuration = project.configuration_at(home.folder)
    watched += configuration.named
    project.settings_of(configuration)
    return FolderSettings(configuration, known, project, files, configuration.baseline)


def zone_paths(held: FolderSettings, home: Home) -> list[str]:
    """What a bare `zonelint check` reads there; nothing without a configuration.

    Raises ConfigRefused for a pattern that matches no file.
    """
    if held.configuration.file is None:
        return []
    return held.configuration.zone_paths() or [display_path(home.folder)]


def faults_in(document: Document, files: Files) -> Sequence[FileFault]:
    """What is wrong with the text of an open configuration or lock: nothing with a sound one."""
    path = Path(document.path)
    try:
        if document.is_lock:
            configurations.read_lock(path, files)
        elif document.name == OWN or configurations.find_here(path.parent, files) == path:
            configurations.read(path, [rule.code for rule in registry.rules()], files)
    except ConfigRefused as error:
        return error.faults
    except registry.RegistryError as error:
        return [FileFault(document.path, 1, f"{error}.")]
    return ()


def is_unsaved(error: ConfigRefused, files: Files) -> bool:
    """Whether every fault is one of a text that the editor has and the disk does not."""
    for fault in error.faults:
        with suppress(OSError):
            if files.read(fault.path, 1 << 26) == DISK.read(fault.path, 1 << 26):
                return False
    return True
