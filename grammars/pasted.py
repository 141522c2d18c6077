"""Characters that come from a word processor, a web page or a chat, not from a DNS record.

Mail receivers read SPF, DMARC and DKIM records as ASCII (RFC 7208 section 3.1,
RFC 6376 section 3.2): one such character breaks the term or tag it stands in.
"""

from __future__ import annotations

import re
import unicodedata

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"
_SINGLE_QUOTES = "\u00b4\u2018\u2019\u201a\u201b\u2032\u2035\u2039\u203a\uff07"
_DOUBLE_QUOTES = "\u00ab\u00bb\u201c\u201d\u201e\u201f\u2033\u2036\u301d\u301e\u301f\uff02"
_BLANKS = (
    "\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
_INVISIBLE = (
    "\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufe0e\ufe0f\ufeff"
)

_KINDS = {
    **dict.fromkeys(_DASHES, ("typographic dash", "-")),
    **dict.fromkeys(_SINGLE_QUOTES, ("typographic quote", "'")),
    **dict.fromkeys(_DOUBLE_QUOTES, ("typographic quote", '"')),
    **dict.fromkeys(_BLANKS, ("typographic space", " ")),
    "\u00a0": ("non-breaking space", " "),
    "\u202f": ("non-breaking space", " "),
    **dict.fromkeys(_INVISIBLE, ("invisible character", "")),
    "\u02dc": ("typographic tilde", "~"),
    "\u223c": ("typographic tilde", "~"),
    "\u2024": ("typographic dot", "."),
    "\u2026": ("typographic ellipsis", "..."),
    "\u2044": ("typographic slash", "/"),
    "\u2215": ("typographic slash", "/"),
    "\u2236": ("typographic colon", ":"),
    "\ufffd": ("character that was lost in transit", None),
}

WHITE_SPACE = _BLANKS
"""Characters that look like a blank and are not U+0020, as one string."""
INVISIBLE = _INVISIBLE
"""Characters that show nothing at all, as one string."""
QUOTES = _SINGLE_QUOTES + _DOUBLE_QUOTES
"""Typographic quotes, as one string."""

NON_ASCII_RUN = re.compile(r"[^\x00-\x7f]+")
"""A run of characters that cannot stand in a mail record."""


def ascii_for(character: str) -> str | None:
    """Give the ASCII text that a pasted character stands for ("" for an invisible one).

    None when it stands for nothing in ASCII: a letter of another script, a lone byte.
    Full-width letters and other compatibility forms give their plain form.
    """
    if character.isascii():
        return character
    known = _KINDS.get(character)
    if known is not None:
        return known[1]
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain.isascii() else None


def describe(character: str) -> str:
    """Name a pasted character in plain words, with its code point: `typographic dash (U+2013)`."""
    point = f"U+{ord(character):04X}"
    known = _KINDS.get(character)
    if known is not None:
        return f"{known[0]} ({point})"
    if 0xDC80 <= ord(character) <= 0xDCFF:
        return f"byte that is not text (0x{ord(character) - 0xDC00:02X})"
    return f"non-ASCII character {character!r} ({point})"
