"""Work that nobody waits for any more ends at its next step."""

from __future__ import annotations

import threading


class Cancelled(Exception):
    """A newer text made this run pointless."""


class Token:
    """Handed into a run; whoever started the run may cancel it from another thread."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    def check(self) -> None:
        """Raises Cancelled once the run is cancelled."""
        if self._event.is_set():
            raise Cancelled

    def progress(self, done: int, total: int) -> None:
        """The same in the form of a progress callback."""
        self.check()
