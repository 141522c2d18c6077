"""A progress bar on standard error, for work that turns out to be long."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

import click

from zonelint.terminal import is_terminal

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

PATIENCE = 1.0
"""Seconds of work before a bar appears."""

_ERASE = "\r\x1b[K\x1b[?25h"
"""Takes the bar off the line and shows the cursor again, which click hides while it draws."""


class Bar:
    """Call it with what is done and how much there is; it draws only where somebody watches."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._watched = is_terminal(sys.stderr)
        self._begun = time.monotonic()
        self._progress: ProgressBar[int] | None = None

    def __call__(self, done: int, total: int) -> None:
        if not self._watched:
            return
        if self._progress is None:
            if time.monotonic() - self._begun < PATIENCE:
                return
            self._progress = click.progressbar(
                length=total, label=self._label, show_pos=True, show_eta=False, file=sys.stderr
            )
            self._progress.render_progress()
        self._progress.length = total
        self._progress.update(done - self._progress.pos)

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._progress is not None:
            click.echo(_ERASE, nl=False, err=True)
