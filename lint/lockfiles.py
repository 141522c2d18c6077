"""The lock of a run: where it is, what it says; and the zones that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from zonelint.rules.lockfile import FILE, Lock, LockError, parse

if TYPE_CHECKING:
    from zonelint.config import Config
    from zonelint.sources import Sources

_LARGEST = 32 * 1024 * 1024
"""Octets: a thousand times what a large team needs."""


def place(given: Path | None, config: Config | None) -> Path:
    """The lock's path: the one given, else the config's, else zonelint.lock in this folder."""
    if given is not None:
        return given
    return Path(FILE) if config is None else config.folder / config.intent.lock


def read(path: Path) -> Lock | None:
    """The lock at a path, None where there is no file. Raises LockError."""
    from zonelint.config import shown_path

    shown = shown_path(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise LockError("the file is too large to be a lock", 1, shown)
        octets = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise LockError(reason, 1, shown) from None
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise LockError("this is not UTF-8 text", line, shown) from None
    return parse(text, shown)


def zones(paths: Sequence[str], config: Config | None, origin: str | None) -> Sources:
    """The zones that a run is about: of the paths, else the config's, else of this folder.

    Raises ConfigRefused.
    """
    from zonelint.config import zone_paths
    from zonelint.sources import read as read_zones

    wanted = list(paths)
    if not wanted and config is not None:
        wanted = list(zone_paths(config))
    return read_zones(
        wanted or ["."],
        origin=origin,
        origins=config.intent.origins if config else None,
        base=str(config.folder) if config else ".",
    )
