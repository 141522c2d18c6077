"""Text that may go into a file of another format: no lone surrogate, no control character."""

from __future__ import annotations

import os
import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")


def decoded(text: str) -> str:
    """The text with each octet that is no UTF-8 as ``\\DDD``."""
    if text.isascii():
        return text
    return _SURROGATE.sub(lambda match: f"\\{ord(match[0]) & 0xFF:03d}", text)


def plain(text: str) -> str:
    """The same, and no character that XML or a terminal refuses."""
    return _CONTROL.sub(lambda match: f"\\{ord(match[0]) & 0xFF:03d}", decoded(text))


def relative(path: str) -> str:
    """The path as seen from the working directory, for formats whose paths start at the top of
    the repository; one that lies elsewhere stays as it is."""
    if path.startswith("/"):
        below = os.path.relpath(path)
        if below != os.pardir and not below.startswith(os.pardir + os.sep):
            return below
    return path.removeprefix("./")
