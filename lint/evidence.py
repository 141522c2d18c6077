"""The evidence of a run: the aggregate reports that the command line or the configuration names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zonelint.status import RunRefused
from zonelint.terminal import refused

if TYPE_CHECKING:
    from zonelint.config import Config
    from zonelint.providers.reports import Reading
    from zonelint.rules.evidence import Evidence

MOST_TOLD = 20
"""Files that are named, of those that could not be read; the rest is counted."""


class ReportsRefused(RunRefused):
    """The reports that were asked for cannot be had. The message is for the user."""


def places(given: Sequence[str], config: Config | None) -> list[str]:
    """The paths to read: those given, else the configuration's folders, relative to its file.

    A folder of the configuration that is not there holds no reports yet.
    """
    if given or config is None:
        return list(given)
    from zonelint.config import shown_path

    folders = (config.folder / path for path in config.intent.reports)
    return [shown_path(folder) for folder in folders if folder.exists()]


def of_config(config: Config | None, given: Sequence[str] = ()) -> Evidence | None:
    """What the reports prove that are given, else those that the configuration names.

    None where there are none. What could not be read is told on standard error. ReportsRefused
    where reports that were given cannot be read at all, or are not there.
    """
    paths = places(given, config)
    if not paths:
        return None
    reading = read(paths)
    tell(reading)
    if given and (reading.nothing_read or absent(reading)):
        raise ReportsRefused("the reports named with --reports cannot be read")
    return reading.evidence if reading.evidence.reports else None


def read(paths: Sequence[str]) -> Reading:
    """Read every report under the paths, with a progress bar."""
    from zonelint.progress import Bar
    from zonelint.providers import reports

    with Bar("Reading reports") as bar:
        return reports.read(paths, progress=bar)


def absent(reading: Reading) -> bool:
    """Whether a path that was named is not there."""
    from zonelint.providers.reports import ProblemKind

    return any(problem.kind is ProblemKind.NOT_FOUND for problem in reading.problems)


def tell(reading: Reading) -> None:
    """Name what could not be read on standard error."""
    messages = [problem.message for problem in reading.problems]
    refused(messages[:MOST_TOLD])
    if len(messages) > MOST_TOLD:
        refused([f"{len(messages) - MOST_TOLD} more could not be read."])
