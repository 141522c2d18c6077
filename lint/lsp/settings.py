"""The settings of a folder: zonelint.toml with all that it names, as it stands on the disk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from zonelint.rules.core.baseline import FILE as BASELINE
from zonelint.rules.model.lock import FILE as LOCK
from zonelint.run import config as configs
from zonelint.run.config import Config, ConfigRefused, baseline_of, shown_path

if TYPE_CHECKING:
    from zonelint.lsp.document import Document
    from zonelint.rules.config.intent import Intent
    from zonelint.rules.core.rule import Rule
    from zonelint.rules.core.selection import Selection
    from zonelint.rules.model.answers import Source
    from zonelint.run.baseline import Baseline

Stamp = tuple[int, int, int] | None
"""What tells that a file has changed: its inode, its size and its time. None: there is none."""

_PLACE = re.compile(r"^(?P<path>.*?):(?P<line>[0-9]+): (?P<message>.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why settings cannot be used: the file, the line (from 1) and what is wrong there.

    ``beyond``: it is not the file's text that is wrong, so a new text alone may not change it.
    """

    path: str
    line: int
    message: str
    beyond: bool = False


class Unusable(Exception):
    """Settings that cannot be used, and so nothing that they are for can be judged."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a judgement takes from beside the zones. ``config`` is None without one."""

    config: Config | None
    selection: Selection
    rules: tuple[Rule, ...]
    outside: tuple[Source, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    baseline: Baseline | None = None

    @property
    def intent(self) -> Intent | None:
        return None if self.config is None else self.config.intent


@dataclass(frozen=True, slots=True)
class Home:
    """Where a document belongs: its configuration (None: there is none), and the folder of that."""

    file: Path | None
    folder: Path


def home_of(path: str) -> Home:
    """The nearest configuration from a file upwards; else the nearest lock or baseline counts."""
    folder = Path(path).parent
    file = configs.find(folder)
    if file is not None:
        return Home(file, file.parent)
    marks = (LOCK, BASELINE)
    above = (folder, *folder.parents)
    marked = (each for each in above if any((each / mark).is_file() for mark in marks))
    return Home(None, next(marked, folder))


def stamp(path: Path) -> Stamp:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_ino, status.st_size, status.st_mtime_ns)


def read(home: Home, watched: list[Path]) -> Settings:
    """Read the settings. Raises Unusable.

    Every file that they come from is put into ``watched``, also when one of them is refused.
    """
    from zonelint.rules.core import registry
    from zonelint.rules.core.selection import Selection

    place = str(home.file or home.folder)
    try:
        known = registry.rules()
    except registry.RegistryError as error:
        raise Unusable([Fault(place, 1, f"{error}.", beyond=True)]) from None
    config = None
    selection = Selection()
    if home.file is not None:
        watched.append(home.file)
        config = _config(home.file, known)
        intent = config.intent
        selection = Selection(
            select=intent.select,
            ignore=intent.ignore,
            per_owner_ignore=intent.per_owner_ignore,
            severities=intent.severity,
        )
    return Settings(
        config,
        selection,
        tuple(selection.rules(known)),
        _outside(home, config, watched),
        _policies(config, watched),
        _baseline(home, config, watched),
    )


def _config(file: Path, known: Sequence[Rule]) -> Config:
    from zonelint.rules.config.intent import ConfigError, load

    try:
        return Config(
            load(file.read_bytes().decode("utf-8"), str(file), [rule.code for rule in known]),
            file.parent,
        )
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise Unusable([Fault(str(file), 1, reason)]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Unusable([Fault(str(file), line, "this is not UTF-8 text")]) from None
    except ConfigError as error:
        raise Unusable([Fault(p.path, p.line or 1, p.message) for p in error.problems]) from None


def _outside(home: Home, config: Config | None, watched: list[Path]) -> tuple[Source, ...]:
    from zonelint.rules.model.lock import LockError
    from zonelint.run import lockfiles

    path = home.folder / (config.intent.lock if config else LOCK)
    watched.append(path)
    try:
        lock = lockfiles.read(path)
    except LockError as error:
        raise Unusable([Fault(str(path), error.line, error.message)]) from None
    return () if lock is None else (lock,)


def _policies(config: Config | None, watched: list[Path]) -> Mapping[str, str]:
    from zonelint.run.lockfiles import policies

    if config is None:
        return {}
    for fields in config.intent.domains.values():
        written = fields.get(("mta-sts", "policy"))
        if isinstance(written, str):
            watched.append(config.folder / written)
    try:
        return policies(config)
    except ConfigRefused as error:
        raise Unusable([Fault(config.intent.path, 1, str(error), beyond=True)]) from None


def _baseline(home: Home, config: Config | None, watched: list[Path]) -> Baseline | None:
    path, needed = baseline_of(config, home.folder)
    watched.append(path)
    if not needed and not path.is_file():
        return None
    from zonelint.run.baseline import Baseline, BaselineError

    try:
        return Baseline.read(path)
    except BaselineError as error:
        placed = _PLACE.match(str(error))
        if placed is not None:
            raise Unusable([Fault(str(path), int(placed["line"]), placed["message"])]) from None
        raise Unusable([Fault(str(path), 1, str(error).removeprefix(f"{path}: "))]) from None


def zone_paths(settings: Settings, home: Home) -> list[str]:
    """What a bare ``zonelint check`` reads there; nothing without a configuration.

    Raises Unusable for a pattern that matches no file.
    """
    config = settings.config
    if config is None:
        return []
    if not config.intent.zones:
        return [shown_path(home.folder)]
    try:
        return list(configs.zone_paths(config))
    except ConfigRefused as error:
        path = config.intent.path
        message = str(error).removeprefix(f"{path}: ")
        raise Unusable([Fault(path, _line_of_zones(path), message, beyond=True)]) from None


def _line_of_zones(path: str) -> int:
    try:
        lines = Path(path).read_text("utf-8", "replace").splitlines()
    except OSError:
        return 1
    starts = (n for n, line in enumerate(lines, 1) if line.lstrip().startswith("zones"))
    return next(starts, 1)


def faults_in(document: Document) -> list[Fault]:
    """What is wrong with the text of an open configuration or lock: nothing with a sound one."""
    from zonelint.rules.config.intent import ConfigError, in_pyproject, load
    from zonelint.rules.core import registry
    from zonelint.rules.model.lock import LockError, parse

    try:
        if document.is_lock:
            parse(document.text, document.path)
        elif document.name == configs.OWN or in_pyproject(document.text):
            load(document.text, document.path, [rule.code for rule in registry.rules()])
    except ConfigError as error:
        return [Fault(document.path, p.line or 1, p.message) for p in error.problems]
    except LockError as error:
        return [Fault(document.path, error.line, error.message)]
    except registry.RegistryError as error:
        return [Fault(document.path, 1, f"{error}.")]
    return []
