"""Lark's side of the tag lists: `taglist.lark`, built once and when the first text needs it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple


class Unreadable(Exception):
    """The grammar does not allow a text. Never leaves this package."""


class Read(NamedTuple):
    """A piece as the grammar sees it: offsets into the piece."""

    name: str
    value: str
    start: int
    value_start: int
    end: int


@cache
def parser() -> Callable[[str, str], Any]:
    """Build Lark's parser once, when the first text needs it: (text, start rule) -> value."""
    from importlib import resources

    from lark import Lark, Token, Transformer, v_args
    from lark.exceptions import LarkError

    @v_args(inline=True)
    class Values(Transformer[Token, Any]):
        def tag(self, name: Token, value: Token | None = None) -> Read:
            start = name.start_pos or 0
            if value is None:
                return Read(str(name), "", start, -1, -1)
            place = value.start_pos or 0
            return Read(str(name), str(value), start, place, place + len(value))

        field = tag

        def uri(self, *parts: Token) -> str:
            return "".join(parts)

        def uris(self, *items: str) -> str:
            return ",".join(items)

        def words(self, *items: Token) -> str:
            return ":".join(items)

        dmarc_fo = words

        def one(self, *items: Token) -> str:
            return "".join(items)

        dmarc_request = dmarc_rors = dmarc_yorn = dmarc_psd = percent = one
        base64 = sts_id = ext_value = place = text = one
        dmarc_version = dkim_version = sts_version = tlsrpt_version = bimi_version = one

    starts = [
        "tag", "field", "dmarc_request", "dmarc_rors", "dmarc_yorn", "dmarc_psd", "dmarc_fo",
        "percent", "uris", "place", "words", "base64", "sts_id", "ext_value", "text",
        "dmarc_version", "dkim_version", "sts_version", "tlsrpt_version", "bimi_version",
    ]  # fmt: skip
    source = resources.files("zonelint.grammars.tags").joinpath("taglist.lark").read_text("utf-8")
    lark = Lark(source, parser="lalr", lexer="contextual", start=starts, transformer=Values())

    def parse(text: str, start: str) -> Any:
        try:
            return lark.parse(text, start=start)
        except LarkError:
            raise Unreadable from None

    return parse
