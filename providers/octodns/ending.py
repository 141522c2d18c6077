"""What is left to be said when a run of octoDNS ends.

octoDNS ends at the first zone that is refused, before it comes to the others and to its plan
outputs. Which zones it does not come to is known at the end only: with `octodns-validate --all`
it goes on. So the errors of the others are told there, and then the summary is written.
"""

from __future__ import annotations

import atexit
import sys
from collections.abc import Callable
from typing import Any

_stops: dict[str, Callable[[], None]] = {}
_outputs: dict[str, Callable[[], None]] = {}


def begin() -> None:
    """A new run begins; of an earlier one in this process all is said before."""
    finish()


def stop(id: str, tell: Callable[[], None]) -> None:
    """Note that something stops the run. tell: what it has to say of the rest, at the end.

    The end is in front of octoDNS's own error, if there is one.
    """
    if not _stops:
        sys.excepthook = _before(sys.excepthook)
    _stops[id] = tell


def _before(hook: Callable[..., object]) -> Callable[..., None]:
    def report_first(*error: Any) -> None:
        sys.excepthook = hook
        finish()
        hook(*error)

    return report_first


def write_at_end(name: str, write: Callable[[], None]) -> None:
    """Write a plan output though the run is stopped; octodns-validate makes no plan."""
    if "octodns.cmds.validate" not in sys.modules:
        _outputs[name] = write


def written(name: str) -> None:
    """Note that octoDNS had a plan output written."""
    _outputs.pop(name, None)


@atexit.register
def finish() -> None:
    """Say what is left to be said."""
    left = [*_stops.values(), *_outputs.values()] if _stops else []
    _stops.clear()
    _outputs.clear()
    for say in left:
        say()
