"""Why a project cannot be used: each fault with its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple


class RunRefused(Exception):
    """A run that cannot do what it was asked for. `messages` are for the user, one a line."""

    def __init__(self, *messages: str) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


class FileFault(NamedTuple):
    """One fault of a file that a run goes by; `line` counts from 1, None: it has no such place.

    beyond: it is not the file's text that is wrong, so a new text alone may not change it.
    key: the key of a configuration that it is about.
    """

    path: str
    line: int | None
    message: str
    beyond: bool = False
    key: str = ""

    def __str__(self) -> str:
        if not self.path:
            return self.message
        place = display_path(self.path)
        return f"{place}: {self.message}" if self.line is None else (
            f"{place}:{self.line}: {self.message}"
        )  # fmt: skip


class ConfigRefused(RunRefused):
    """A configuration, or a file that it names, that cannot be used."""

    def __init__(self, *faults: FileFault) -> None:
        super().__init__(*map(str, faults))
        self.faults = faults


def display_path(path: str | Path) -> str:
    """The path as a person in the working directory would write it."""
    absolute = os.path.abspath(path)  # noqa: PTH100 - links stay as they are named
    relative = os.path.relpath(absolute)
    return absolute if relative.startswith(os.pardir + os.sep + os.pardir) else relative
