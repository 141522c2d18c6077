"""A document that is open in the editor, and where in it a Span stands."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from lsprotocol import types
from pygls.uris import from_fs_path, to_fs_path

from zonelint.grammars.zone import Span
from zonelint.providers.project.configuration import LOCK, OWN, SHARED
from zonelint.providers.zonefile.find import is_zone_name

_LINE_BREAK = re.compile(r"\r\n?|\n")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SCHEMES = ("file", "untitled")
_ZONE_LANGUAGES = frozenset(
    "bind bind-zone bindzone dns dns-zone dns-zone-file zone zonefile".split()
)


def key_of(path: str) -> str:
    """What a file is known by, whichever way its path is written."""
    return os.path.realpath(path)


def uri_of(path: str) -> str:
    """The URI of a file that is not open: an open one has that of its editor."""
    return from_fs_path(os.path.abspath(path)) or path  # noqa: PTH100 - links stay


@dataclass(frozen=True)
class Document:
    """One version of an open document. One that was never saved has the path that its URI tells."""

    uri: str
    version: int | None
    language: str
    text: str
    path: str
    key: str

    @classmethod
    def opened(cls, uri: str, version: int | None, language: str, text: str) -> Document | None:
        """The document; None for what is no file and will be none, one side of a diff say."""
        parts = urlsplit(uri)
        if parts.scheme not in _SCHEMES:
            return None
        path = to_fs_path(uri) or unquote(parts.path)
        if "\0" in path:
            return None
        # Half a surrogate pair is no text: no file can hold it. The length stays what it is.
        return cls(uri, version, language, _SURROGATE.sub("\ufffd", text), path, key_of(path))

    @property
    def name(self) -> str:
        return PurePath(self.path).name

    @property
    def is_config(self) -> bool:
        return self.name in (OWN, SHARED)

    @property
    def is_lock(self) -> bool:
        return self.name == LOCK

    @property
    def says_zone(self) -> bool:
        """Whether the name or the language calls it a zone file, whatever its text is."""
        return self.language in _ZONE_LANGUAGES or is_zone_name(self.name)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without their ends: LF, CR LF and a lone CR end one."""
        return tuple(_LINE_BREAK.split(self.text))

    def line(self, number: int) -> str:
        """A line, from 1; the last one for any number behind it."""
        return self.lines[min(max(number, 1), len(self.lines)) - 1]


@dataclass(frozen=True, slots=True)
class Ruler:
    """Measures in the client's position encoding: `utf-8`, `utf-16` or `utf-32`."""

    encoding: str = types.PositionEncodingKind.Utf16.value

    def units(self, text: str) -> int:
        if text.isascii() or self.encoding == types.PositionEncodingKind.Utf32.value:
            return len(text)
        if self.encoding == types.PositionEncodingKind.Utf8.value:
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text.encode("utf-16-le", "surrogatepass")) // 2

    def position(self, document: Document, line: int, column: int) -> types.Position:
        """The place of a line and column, both from 1; a place behind the end is the end."""
        if line > len(document.lines):
            line, column = len(document.lines), len(document.lines[-1]) + 1
        text = document.line(line)
        # Columns of the first line count from behind a byte-order mark.
        mark = 1 if line <= 1 and text.startswith("\ufeff") else 0
        return types.Position(max(line - 1, 0), self.units(text[: max(column - 1, 0) + mark]))

    def range(self, document: Document, span: Span) -> types.Range:
        return types.Range(
            self.position(document, span.line, span.column),
            self.position(document, span.end_line, span.end_column),
        )

    def whole_line(self, document: Document, number: int) -> types.Range:
        """A line from its first character that is no blank to its end."""
        number = min(max(number, 1), len(document.lines))
        text = document.line(number)
        blank = len(text) - len(text.lstrip())
        return types.Range(
            self.position(document, number, 1 + blank),
            self.position(document, number, len(text) + 1),
        )
