"""What the screen can show: colour or none, how wide, and no character that would steer it."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterable
from typing import TextIO

import click

from zonelint.formats.safe import escape, no_command
from zonelint.status import COULD_NOT

NARROWEST = 60
WIDEST = 120
BATCH = 500
LF = "\n"

_INKS = {
    "error": click.style("", fg="red", bold=True, reset=False),
    "warning": click.style("", fg="yellow", bold=True, reset=False),
    "info": click.style("", fg="cyan", bold=True, reset=False),
    "bold": click.style("", bold=True, reset=False),
    "plain": click.style("", bold=False, reset=False),
    "edge": click.style("", fg="bright_blue", reset=False),  # plain blue is lost on black
    "gone": click.style("", fg="red", reset=False),
    "new": click.style("", fg="green", reset=False),
    "end": click.style(""),
}
_NO_INKS = dict.fromkeys(_INKS, "")


def inks(colour: bool) -> dict[str, str]:
    """What begins each way of writing and ends all of them; empty texts without colour."""
    return _INKS if colour else _NO_INKS


_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def wants_colour(stream: TextIO, when: str = "auto") -> bool:
    """Colour on a terminal only; NO_COLOR and FORCE_COLOR (not empty) say otherwise.

    when: "always" and "never" count for more than both.
    """
    if when != "auto":
        return when == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


def width(stream: TextIO) -> int:
    """Columns for a line of source: the terminal's, within bounds; the widest elsewhere."""
    if not is_terminal(stream):
        return WIDEST
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return WIDEST
    return min(max(columns, NARROWEST), WIDEST)


def clean(text: str) -> str:
    """The text with nothing in it that a terminal would obey or hide.

    A zone file can hold an escape sequence, a zero-width space or an octet that is no UTF-8;
    each is shown as an escape in the manner of zone files or of Unicode's code points. In a
    workflow of GitHub's the log is obeyed as well: there no line is a command.
    """
    if not text.isprintable():
        text = _UNSHOWABLE.sub(escape, text)
    if ("::" in text or "##[" in text) and os.environ.get("GITHUB_ACTIONS") == "true":
        return no_command(text)
    return text


def tell(message: str) -> None:
    """One line on standard error."""
    write(sys.stderr, [f"{clean(message)}\n"])


def write(stream: TextIO, pieces: Iterable[str]) -> None:
    """Write many pieces with few writes; what the stream's encoding lacks is escaped."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    waiting: list[str] = []
    for piece in pieces:
        waiting.append(piece)
        if len(waiting) == BATCH:
            stream.write("".join(waiting))
            waiting.clear()
    stream.write("".join(waiting))
    stream.flush()


def hand_over(lines: Iterable[str]) -> None:
    """Print text that other programs take, a diff, say: octet by octet, but on a terminal clean."""
    if is_terminal(sys.stdout):
        write(sys.stdout, (f"{clean(line.removesuffix(LF))}\n" for line in lines))
        return
    for line in lines:
        sys.stdout.buffer.write(line.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()


def print_errors(messages: Iterable[str]) -> int:
    """Tell each problem on standard error; gives the exit status that goes with them."""
    write(sys.stderr, (f"zonelint: {clean(message)}\n" for message in messages))
    return COULD_NOT
