"""What fits on a page: a line of source with the carets under its exact term, and sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from zonelint.formats.report import Page
from zonelint.terminal import clean, inks

TAB = 8
CONTEXT = 24
"""Characters kept to the right of a term in a line too long to be shown whole."""


class Snippet(NamedTuple):
    """The line as shown, columns before the carets, how many carets."""

    text: str
    indent: int
    carets: int


def snippet(line: str, column: int, end_column: int, width: int) -> Snippet:
    """Show `line` within `width` columns, the term at `column` in view.

    Columns count characters from 1, the end is the one after. Tabs are drawn out, wide characters
    take two columns, what a terminal would obey is escaped; a long line is cut, with "…".
    """
    start = min(max(column - 1, 0), len(line))
    end = min(max(end_column - 1, start), len(line))
    if len(line) <= width and line.isascii() and line.isprintable():
        return Snippet(line, start, max(end - start, 1))
    first = 0 if _fits(line, width) else _find_start(line, start, end, width)
    shown = ["…"] if first else []
    used = len(shown)
    indent = carets = 0
    position = first
    while position < len(line):
        if position == start:
            indent = used
        piece, columns = _piece(line[position], used)
        if used + columns > width - (position < len(line) - 1):
            shown.append("…")
            break
        shown.append(piece)
        used += columns
        if start <= position < end:
            carets += columns
        position += 1
    if start >= position:
        indent = used
    return Snippet("".join(shown), indent, max(carets, 1))


def _fits(line: str, width: int) -> bool:
    used = 0
    for char in line[: width + 1]:
        used += _piece(char, used)[1]
    return len(line) <= width and used <= width


def _find_start(line: str, start: int, end: int, width: int) -> int:
    """Where to begin, so that the term is in view with something on both sides of it.

    No more of the line is looked at than can be shown: one of megabytes costs nothing.
    """
    wanted = min(len(line), end + CONTEXT)
    room = width - 2  # for an ellipsis on either side
    first = wanted
    while first and room >= 0:
        room -= _piece(line[first - 1], 0)[1]
        first -= room >= 0
        if wanted - first > width:  # characters without a width
            break
    return min(first, start)


def _piece(char: str, used: int) -> tuple[str, int]:
    """A character as it is shown, and the columns that it takes when `used` are taken."""
    if char == "\t":
        columns = TAB - used % TAB
        return " " * columns, columns
    piece = clean(char)
    if piece != char or piece.isascii():
        return piece, len(piece)
    return piece, _width(char)


def _width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


Pieces = list[tuple[str, str]]
"""A sentence in pieces, each with the ink that it is written in, "" for none."""

_BLANKS = re.compile(r"( +)")


def flow(pieces: Iterable[tuple[str, str]], page: Page, indent: str = "  ", taken: int = 0) -> str:
    """A sentence in lines of a terminal's width, on one line elsewhere.

    indent: what stands before all lines but the first.
    taken: columns of the first that are.
    """
    ink = inks(page.colour)
    column, blank, lines = taken, "", []
    for text, style in pieces:
        start = ink[style] if style else ""
        if not page.wraps:
            lines.append(f"{start}{text}")
        for word in filter(None, _BLANKS.split(text) if page.wraps else ()):
            if word.isspace():
                blank = word
                continue
            if blank and column + len(blank) + len(word) > page.width:
                blank = f"\n{indent}"
                column = len(indent) - len(blank)
            lines.append(f"{blank}{start}{word}")
            column += len(blank) + len(word)
            blank = start = ""
        lines.append(ink["end"] if style else "")
    return "".join(lines) + "\n"
