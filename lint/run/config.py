"""Where the configuration is, and what it says: ``zonelint.toml``, or a table of pyproject.toml."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zonelint.status import RunRefused

if TYPE_CHECKING:
    from zonelint.rules.config.intent import Intent

OWN = "zonelint.toml"
SHARED = "pyproject.toml"

_LARGEST = 2 * 1024 * 1024
_ANY_FOLDERS = re.compile(r"\*\*")
_MOST_ANY_FOLDERS = 2
"""How often a pattern may say "folders of any depth": with each the ways to match multiply."""
"""Octets of a configuration."""


class ConfigRefused(RunRefused):
    """A configuration that cannot be used: each message names the file, the line and the fault."""


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration that was found: what it says, and the folder its paths are relative to."""

    intent: Intent
    folder: Path


def baseline_of(config: Config | None, folder: Path) -> tuple[Path, bool]:
    """Where the baseline stands when the command line does not say, and whether it has to exist.

    One of the usual name is taken where it is there, as a lock is; one that is named must be.
    ``folder`` counts where there is no configuration.
    """
    from zonelint.rules.core.baseline import FILE

    if config is None:
        return folder / FILE, False
    named = config.intent.baseline
    return config.folder / (named or FILE), named is not None


def of_run(given: Path | None, paths: Sequence[str], codes: Collection[str] = ()) -> Config | None:
    """The configuration of a run; None where there is none. Raises ConfigRefused.

    ``given`` is the file named on the command line. Without it, the file nearest to what is
    checked counts: upwards from the folder that all ``paths`` share, then upwards from the
    working directory. ``codes`` are the known rule codes.
    """
    file = given or find(_shared_folder(paths)) or find(Path.cwd())
    return None if file is None else read(file, codes)


def find(start: Path) -> Path | None:
    """The nearest configuration from ``start`` upwards; ``zonelint.toml`` before pyproject.toml."""
    found = (find_here(folder) for folder in (start, *start.parents))
    return next((file for file in found if file is not None), None)


def find_here(folder: Path) -> Path | None:
    """The configuration in a folder itself."""
    own, shared = folder / OWN, folder / SHARED
    if own.is_file():
        return own
    return shared if shared.is_file() and _is_ours(shared) else None


def read(file: Path, codes: Collection[str] = ()) -> Config:
    """Read one configuration file. Raises ConfigRefused, which names it as the user knows it."""
    from zonelint.providers.files import DISK, TooLarge
    from zonelint.rules.config.intent import ConfigError, load

    shown = shown_path(file)
    try:
        text = DISK.read(file, _LARGEST).decode("utf-8")
    except TooLarge:
        raise ConfigRefused(f"{shown}: this file is too large to be a configuration") from None
    except OSError as error:
        raise ConfigRefused(f"{shown}: {_reason(error)}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigRefused(f"{shown}:{line}: this is not UTF-8 text") from None
    try:
        return Config(load(text, shown, codes), file.parent)
    except ConfigError as error:
        raise ConfigRefused(*map(str, error.problems)) from None


def zone_paths(config: Config) -> Iterator[str]:
    """The paths that the config's ``zones`` match, as seen from the working directory.

    ConfigRefused when a pattern matches nothing: a check of nothing must not look like a pass.
    """
    import glob

    for pattern in config.intent.zones:
        if len(_ANY_FOLDERS.findall(pattern)) > _MOST_ANY_FOLDERS:
            raise ConfigRefused(
                f'{config.intent.path}: zones: "{pattern}" has ** more than {_MOST_ANY_FOLDERS} '
                "times; one of them finds files in folders of any depth"
            )
        matched = sorted(glob.glob(pattern, root_dir=config.folder, recursive=True))  # noqa: PTH207 - absolute patterns too
        if not matched:
            raise ConfigRefused(f'{config.intent.path}: zones: "{pattern}" matches no file')
        for path in matched:
            yield shown_path(config.folder / path)


def shown_path(path: Path) -> str:
    """The path as a person in the working directory would write it."""
    absolute = os.path.abspath(path)  # noqa: PTH100 - links stay as they are named
    relative = os.path.relpath(absolute)
    return absolute if relative.startswith(os.pardir + os.sep + os.pardir) else relative


def _shared_folder(paths: Sequence[str]) -> Path:
    """The folder that all paths have in common; the working directory where there is none."""
    places = [os.path.abspath(path) for path in paths if path != "-"]  # noqa: PTH100
    if not places:
        return Path.cwd()
    common = Path(os.path.commonpath(places))
    return common if common.is_dir() else common.parent


def _is_ours(file: Path) -> bool:
    """Whether a pyproject.toml has a table of ours; any fault of it is another tool's to tell."""
    try:
        with file.open("rb") as stream:
            data = stream.read(_LARGEST)
        if b"zonelint" not in data:
            return False
        from zonelint.rules.config.intent import in_pyproject

        return in_pyproject(data.decode("utf-8"))
    except (OSError, UnicodeDecodeError):
        return False


def _reason(error: OSError) -> str:
    """Why a file cannot be read or written, in the system's own words."""
    if isinstance(error, IsADirectoryError):
        return "this is a folder, not a file"
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return (error.strerror or "it cannot be read").lower()
