"""Text that may go into another format: no lone surrogate, nothing that steers its reader."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

_SURROGATE = re.compile("[\ud800-\udfff]")
_STEERING = "\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
"""Controls beyond ASCII's first ones: of terminals (C1), of a text's direction, of its lines."""
_CONTROL = re.compile(f"[\x00-\x08\x0b-\x1f{_STEERING}\ufffe\uffff]")
_RAW_IN_JSON = re.compile(f"[{_STEERING}]")
_COMMAND = re.compile(r"\s*::")


def decoded(text: str) -> str:
    """The text with each octet that is no UTF-8 as `\\DDD`."""
    if text.isascii():
        return text
    return _SURROGATE.sub(lambda match: f"\\{ord(match[0]) & 0xFF:03d}", text)


def plain(text: str) -> str:
    """The same, and no character that XML refuses, or that a terminal or a browser obeys."""
    return text if text.isprintable() else _CONTROL.sub(escape, decoded(text))


def escape(match: re.Match[str]) -> str:
    """A character as people are shown it: in the manner of zone files, or as a code point."""
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # an octet that is no UTF-8 (surrogateescape)
        return f"\\{code - 0xDC00:03d}"
    return f"\\{code:03d}" if code < 0x80 else f"<U+{code:04X}>"


def dumped(
    value: object, *, indent: int | None = None, compact: bool = False, ascii: bool = False
) -> str:
    """The value as JSON, with the controls that JSON itself would let stand escaped."""
    import json

    separators = (",", ":") if compact else None
    text = json.dumps(value, ensure_ascii=ascii, indent=indent, separators=separators)
    if not text.isprintable():
        text = _RAW_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return text.replace("##[", "#\\u0023[")  # what GitHub's runner would take for a command


def no_command(line: str) -> str:
    """A line that GitHub's runner does not take for a command.

    It takes a line that begins with `::` for one, and a line that holds `##[` anywhere
    (src/Runner.Common/ActionCommand.cs in actions/runner).
    """
    line = line.replace("##[", "## [")
    return _COMMAND.sub(": :", line, count=1) if _COMMAND.match(line) else line


def relative(path: str) -> str:
    """The path as seen from the top of the repository, for formats whose readers start there.

    One that lies elsewhere, or is no file (a resource in a plan), stays as it is.
    """
    return _below(path, Path.cwd())


@lru_cache(maxsize=1024)
def _below(path: str, here: Path) -> str:
    absolute = here / path
    if os.path.lexists(absolute):
        below = os.path.relpath(absolute, _top(here))
        if below != os.pardir and not below.startswith(os.pardir + os.sep):
            return below
    return path.removeprefix("./")


@lru_cache(maxsize=16)
def _top(folder: Path) -> Path:
    """The repository that a folder is in; where there is none, the folder itself."""
    above = (folder, *folder.parents)
    return next((each for each in above if os.path.lexists(each / ".git")), folder)
