"""Lark's side of the tag lists: `taglist.lark`, and what is made while it parses."""

from __future__ import annotations

from lark import Token, Transformer
from lark.exceptions import UnexpectedInput

from zonelint.grammars.parser import Grammar, terminals_of
from zonelint.grammars.tags.tree import Read
from zonelint.grammars.terminals import Terminals


def _read(parts: list[Token], separator: str) -> Read:
    name, *values = parts
    start = name.start_pos or 0
    if not values:
        return Read(str(name), "", start, -1, -1)
    value = separator.join(values)
    return Read(str(name), value, start, values[0].start_pos or 0, values[-1].end_pos or 0)


class TagTransformer(Transformer[Token, Read]):
    """Makes the tags."""

    def tag(self, parts: list[Token]) -> Read:
        return _read(parts, "")

    pieces = tag

    def colons(self, parts: list[Token]) -> Read:
        return _read(parts, ":")

    def commas(self, parts: list[Token]) -> Read:
        return _read(parts, ",")


LANGUAGES = ("dmarc", "dkim", "sts", "tlsrpt", "bimi", "any")
TAGLIST = Grammar("zonelint.grammars.tags", "taglist", LANGUAGES, TagTransformer)
_parser = TAGLIST.load()


def parse(text: str, language: str) -> Read | None:
    """Read what stands between two semicolons; None when the grammar does not allow it."""
    try:
        read: Read = _parser.parse(text, start=language)  # type: ignore[assignment]
    except UnexpectedInput:
        return None
    return read


def terminals() -> Terminals:
    """The terminals of the grammar."""
    return terminals_of(_parser)


def words(name: str) -> tuple[str, ...]:
    """The words of a terminal that is one of a few words."""
    return tuple(_parser.get_terminal(name).pattern.value.split("|"))
