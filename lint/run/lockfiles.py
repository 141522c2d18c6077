"""The lock of a run: where it is, what it says; and the zones that go with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zonelint.rules.model.lock import Lock
    from zonelint.run.config import Config
    from zonelint.run.sources import Sources

_LARGEST = 32 * 1024 * 1024
"""Octets: a thousand times what a large team needs."""
_LARGEST_POLICY = 64 * 1024
"""Octets of an MTA-STS policy; senders give up on more (RFC 8461 §3.3)."""
_NAMED = 3


def place(given: Path | None, config: Config | None) -> Path:
    """The lock's path: the one given, else the config's, else zonelint.lock in this folder."""
    if given is not None:
        return given
    from zonelint.rules.model.lock import FILE

    return Path(FILE) if config is None else config.folder / config.intent.lock


def read(path: Path) -> Lock | None:
    """The lock at a path, None where there is no file. Raises LockError."""
    from zonelint.providers.files import DISK, TooLarge
    from zonelint.rules.model.lock import LockError, parse
    from zonelint.run.config import shown_path

    shown = shown_path(path)
    try:
        octets = DISK.read(path, _LARGEST)
    except FileNotFoundError:
        return None
    except TooLarge:
        raise LockError("the file is too large to be a lock", 1, shown) from None
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise LockError(reason, 1, shown) from None
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise LockError("this is not UTF-8 text", line, shown) from None
    return parse(text, shown)


def warn_of_age(lock: Lock, path: Path, config: Config | None) -> None:
    """Say on standard error which entries are older than the configuration lets them be.

    And those of a day to come: they would never grow old.
    """
    import datetime

    from zonelint.rules.config.intent import Thresholds
    from zonelint.run.config import shown_path
    from zonelint.terminal import refused

    most = (config.intent.thresholds if config else Thresholds()).lock_max_age
    today = datetime.datetime.now(datetime.UTC).date()
    day = datetime.timedelta(days=1)
    for names, what in (
        (lock.older_than(today - most * day), f"older than {most} days"),
        # Somebody east of here may be a day ahead.
        (lock.later_than(today + day), "dated in the future"),
    ):
        if names:
            entries = "an entry is" if len(names) == 1 else f"{len(names)} entries are"
            some = ", ".join(names[:_NAMED])
            more = f" and {len(names) - _NAMED} more" if names[_NAMED:] else ""
            refused(
                [
                    f"{shown_path(path)}: warning: {entries} {what} ({some}{more}); "
                    "'zonelint lock' asks anew"
                ]
            )


def policy_paths(config: Config | None) -> dict[str, str]:
    """The MTA-STS policy file that the configuration names for each domain or pattern."""
    found: dict[str, str] = {}
    for name, fields in config.intent.domains.items() if config is not None else ():
        written = fields.get(("mta-sts", "policy"))
        if isinstance(written, str):
            found[name] = written
    return found


def policies(config: Config | None) -> dict[str, str]:
    """The texts of the MTA-STS policy files that the configuration names, by the path there.

    Raises ConfigRefused for one that cannot be read.
    """
    from zonelint.providers.files import DISK
    from zonelint.run.config import ConfigRefused, shown_path

    found: dict[str, str] = {}
    for name, written in policy_paths(config).items():
        if config is None:
            break
        path = config.folder / written
        try:
            found[written] = DISK.beginning(path, _LARGEST_POLICY).decode("utf-8", "replace")
        except OSError as error:
            reason = (error.strerror or "it cannot be read").lower()
            about = f"the MTA-STS policy of {name.removesuffix('.')}"
            raise ConfigRefused(f"{shown_path(path)}: {about}: {reason}") from None
    return found


def zones(paths: Sequence[str], config: Config | None, origin: str | None) -> Sources:
    """The zones that a run is about: of the paths, else the config's, else of this folder.

    Raises ConfigRefused.
    """
    from zonelint.run.config import zone_paths
    from zonelint.run.sources import read as read_zones

    wanted = list(paths)
    if not wanted and config is not None:
        wanted = list(zone_paths(config))
    return read_zones(
        wanted or ["."],
        origin=origin,
        origins=config.intent.origins if config else None,
        base=str(config.folder) if config else ".",
    )
