"""Lark's parser of a grammar: from the tables that the wheel holds, else from the grammar itself.

To work the tables out takes longer than to check a small zone, so a build writes them beside the
grammar (``python -m zonelint.grammars.write_tables``). They belong to one version of Lark and one
text of the grammar; with any other, and in a checkout, they are worked out anew.
"""

from __future__ import annotations

import io
import pkgutil
import re
import zlib
from dataclasses import dataclass
from typing import Any

import lark
from lark import Lark, Transformer


@dataclass(frozen=True, slots=True)
class Grammar:
    """A grammar in a package of ours.

    name: of its file, without the ending. starts: the rules that a text may be read by.
    build: makes the values while Lark parses. Tables name it by its module, so it stands in one.
    """

    package: str
    name: str
    starts: tuple[str, ...]
    build: type[Transformer[lark.Token, Any]]

    def load(self) -> Lark:
        """Make the parser as fast as can be."""
        text = self._read("lark")
        try:
            tables = io.BytesIO(self._read("tables"))
        except OSError:
            return self.make(text)
        if tables.readline() != _describe(text):
            return self.make(text)
        return Lark.load(tables)

    def make(self, text: bytes) -> Lark:
        """Make the parser from the grammar's text."""
        return Lark(
            text.decode("utf-8"),
            parser="lalr",
            lexer="contextual",
            start=list(self.starts),
            transformer=self.build(),
            maybe_placeholders=True,
            # Without this the Kelvin sign would pass as a k where case does not count.
            g_regex_flags=re.ASCII,
        )

    def tables(self) -> bytes:
        """What `load` reads where a build wrote it beside the grammar."""
        text = self._read("lark")
        file = io.BytesIO()
        file.write(_describe(text))
        self.make(text).save(file)
        return file.getvalue()

    def _read(self, ending: str) -> bytes:
        data = pkgutil.get_data(self.package, f"{self.name}.{ending}")
        assert data is not None, "the loaders of packages can read their files"
        return data


def _describe(text: bytes) -> bytes:
    """What tables were made by and from, as their first line."""
    return f"{lark.__version__} {zlib.crc32(text)}\n".encode()
