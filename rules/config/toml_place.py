"""On which line of a TOML text each key and each item of a list stands.

tomllib gives values without positions. This scanner is run only on a text that tomllib has read
already, so it need not find faults: it walks over keys, strings, lists and inline tables.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from contextlib import suppress

from zonelint.rules.config.schema import Path

_BLANK = " \t"
_DEEPEST = 100


def locate(text: str) -> Mapping[Path, int]:
    """Give the line, from 1, of every key and list item, by its path.

    A table named by several headers or dotted keys has the line of the first. A text that is not
    TOML gives the lines up to the place where it stops being so.
    """
    scan = _Scan(text.replace("\r\n", "\n"))
    with suppress(IndexError, tomllib.TOMLDecodeError):  # it is not TOML from here on
        scan.document()
    return scan.lines


class _Scan:
    """One walk over one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.line = 1
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}  # arrays of tables: how many so far

    def document(self) -> None:
        """Walk to the end of the text."""
        header: Path = ()
        while self.skip_to_something():
            if self.text.startswith("[[", self.pos):
                self.pos += 2
                path = self.key(())
                self.pos += 2
                count = self.counts.get(path, 0)
                self.counts[path] = count + 1
                header = (*path, count)
                self.lines.setdefault(header, self.line)
            elif self.text[self.pos] == "[":
                self.pos += 1
                header = self.key((), whole=True)
                self.pos += 1
            else:
                self.pair(header, 0)

    def skip_to_something(self) -> bool:
        """Go over blanks, line ends and comments; False at the end of the text."""
        while self.pos < len(self.text):
            char = self.text[self.pos]
            if char == "\n":
                self.line += 1
            elif char == "#":
                end = self.text.find("\n", self.pos)
                self.pos = len(self.text) if end < 0 else end
                continue
            elif char not in _BLANK and char != "\r":
                return True
            self.pos += 1
        return False

    def pair(self, base: Path, depth: int) -> None:
        """Go over `key = value`."""
        path = self.key(base)
        self.pos += 1  # the equals sign
        self.value(path, depth)

    def key(self, base: Path, whole: bool = False) -> Path:
        """Go over a dotted key and the blanks behind it.

        Every step into an array of tables means its last table; a header's own path as well.
        """
        path = base
        while True:
            self.blanks()
            path = (*path, self.key_part())
            self.lines.setdefault(path, self.line)
            self.blanks()
            more = self.text[self.pos] == "."
            if (more or whole) and path in self.counts:
                path = (*path, self.counts[path] - 1)
            if not more:
                return path
            self.pos += 1

    def key_part(self) -> str:
        start = self.pos
        if self.text[start] in "\"'":
            self.string()
            read = tomllib.loads(f"k = {self.text[start : self.pos]}")["k"]
            return str(read)
        while self.text[self.pos] not in " \t.=]":
            self.pos += 1
        return self.text[start : self.pos]

    def value(self, path: Path, depth: int) -> None:
        """Go over one value, noting what stands inside it."""
        self.skip_to_something()
        char = self.text[self.pos]
        if depth > _DEEPEST:
            raise IndexError  # deeper than any configuration: the rest has no lines
        if char in "\"'":
            self.string()
        elif char == "[":
            self.pos += 1
            index = 0
            while self.inside("]"):
                self.lines.setdefault((*path, index), self.line)
                self.value((*path, index), depth + 1)
                index += 1
        elif char == "{":
            self.pos += 1
            while self.inside("}"):
                self.pair(path, depth + 1)
        else:
            start = self.pos
            while self.pos < len(self.text) and self.text[self.pos] not in ",]}#\n":
                self.pos += 1
            if self.pos == start:
                raise IndexError  # no value at all: not TOML

    def inside(self, close: str) -> bool:
        """Go to the next item of a list or inline table; over its end, and False, if none."""
        self.skip_to_something()
        if self.text[self.pos] == ",":
            self.pos += 1
            self.skip_to_something()
        if self.text[self.pos] == close:
            self.pos += 1
            return False
        return True

    def string(self) -> None:
        """Go over a string of any of the four kinds, counting the lines inside it."""
        quote = self.text[self.pos]
        escapes = quote == '"'
        start = self.pos
        if self.text.startswith(quote * 3, start):
            self.pos += 3
            self.past(quote * 3, escapes)
            # up to two more quotes belong to the text itself
            while self.text[self.pos : self.pos + 1] == quote:
                self.pos += 1
            self.line += self.text.count("\n", start, self.pos)
            return
        self.pos += 1
        self.past(quote, escapes)

    def past(self, end: str, escapes: bool) -> None:
        """Go over what ends a string. IndexError where nothing does."""
        while not self.text.startswith(end, self.pos):
            self.pos += 2 if self.text[self.pos] == "\\" and escapes else 1
        self.pos += len(end)

    def blanks(self) -> None:
        while self.text[self.pos] in _BLANK:
            self.pos += 1
