"""The aggregate reports of a run: what they prove, and which of them could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from zonelint.config import Config
    from zonelint.rules.evidence import Evidence


def of_config(config: Config | None, given: Sequence[str] = ()) -> Evidence | None:
    """The evidence of the report folders given, else of those that the config names.

    None where neither names any. A folder of the config that is not there holds no reports yet.
    What could not be read is told on standard error.
    """
    paths = list(given)
    if not paths and config is not None:
        paths = [str(config.folder / path) for path in config.intent.reports]
        paths = [path for path in paths if _is_there(path)]
    if not paths:
        return None
    from zonelint.progress import Bar
    from zonelint.providers import reports

    with Bar("Reading reports") as bar:
        reading = reports.read(paths, progress=bar)
    for problem in reading.problems:
        click.echo(f"zonelint: {problem.place}: {problem.message}", err=True)
    return reading.evidence


def _is_there(path: str) -> bool:
    from pathlib import Path

    return Path(path).exists()
