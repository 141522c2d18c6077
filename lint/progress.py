"""A progress bar on standard error, for work that turns out to be long."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from zonelint.terminal import is_terminal

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 1.0
"""Seconds of work before a bar appears."""


class Bar:
    """Call it with what is done and how much there is; it draws only where somebody watches.

    rich is imported when the first bar is drawn: short work does not pay for it.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._watched = is_terminal(sys.stderr)
        self._begun = time.monotonic()
        self._progress: Progress | None = None

    def __call__(self, done: int, total: int) -> None:
        if not self._watched:
            return
        if self._progress is None:
            if time.monotonic() - self._begun < PATIENCE:
                return
            self._progress = _draw(self._label)
        (task,) = self._progress.task_ids
        self._progress.update(task, completed=done, total=total)

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            self._progress.stop()


def _draw(label: str) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    progress.add_task(label, total=None)
    progress.start()
    return progress
