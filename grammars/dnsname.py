"""Domain names as master files write them: relative or absolute, with escapes (RFC 1035 §5.1)."""

from __future__ import annotations

import re
from functools import lru_cache

from zonelint.grammars.fault import TextRefused

LONGEST_LABEL = 63
LONGEST_NAME = 255
"""Octets of a whole name on the wire, length octets and root included (RFC 1035 §2.3.4)."""

PLAIN_NAME = r"(?:[-A-Za-z0-9_]{1,63}+(?:\.[-A-Za-z0-9_]{1,63}+)*+\.?+|@|\.)"
"""A name without escapes or rare characters, as a pattern for larger regular expressions.

It says nothing about the length of the whole name.
"""

_PLAIN = re.compile(r"[-A-Za-z0-9_*/]{1,63}+(?:\.[-A-Za-z0-9_*/]{1,63}+)*+\.?+")
_ESCAPE = re.compile(r"\\(?:[0-9]{3}|[^0-9])", re.DOTALL)


class BadName(TextRefused, ValueError):
    """A text that is not a domain name."""


def absolute(text: str, origin: str) -> str:
    """The name that `text` stands for below `origin`: lower case, with its final dot.

    `origin` is absolute itself. Names beyond ASCII become A-labels where IDNA knows them, and
    otherwise the octets that were written. Raises BadName.
    """
    if text == "@":
        return origin
    if _PLAIN.fullmatch(text):
        if text[-1] == ".":
            name = text.lower()
        else:
            name = f"{text.lower()}." if origin == "." else f"{text.lower()}.{origin}"
        if len(name) < LONGEST_NAME and "\\" not in name:
            return name
    return _by_dnspython(text, origin)


@lru_cache(maxsize=1024)
def _by_dnspython(text: str, origin: str) -> str:
    import dns.exception
    import dns.name

    above = dns.name.from_text(origin)
    try:
        try:
            name = dns.name.from_text(text, above)
        except (dns.name.IDNAException, UnicodeError):
            name = dns.name.from_text(text.encode("utf-8", "surrogateescape"), above)
    except dns.name.EmptyLabel:
        raise BadName(
            f"`{quote_source(text)}` has an empty label: two dots in a row, or a leading dot.",
            "Remove the extra dot.",
        ) from None
    except dns.name.LabelTooLong:
        raise BadName(
            f"`{quote_source(text)}` has a label of more than {LONGEST_LABEL} octets, "
            "and no name server loads such a name.",
            f"Keep every part between two dots within {LONGEST_LABEL} octets.",
        ) from None
    except dns.name.NameTooLong:
        raise BadName(
            f"`{quote_source(text)}` makes a name of more than {LONGEST_NAME} octets, "
            "and no name server loads it.",
            "Shorten the name; if it is meant to be absolute, add the final dot.",
        ) from None
    except dns.name.BadEscape:
        raise BadName(
            f"`{quote_source(text)}` has an invalid escape: a backslash is followed by one "
            "character or exactly three digits up to 255.",
            "Remove the backslash, or write three digits.",
        ) from None
    except dns.exception.DNSException:
        raise BadName(
            f"`{quote_source(text)}` is not a domain name.",
            "Write the name in letters, digits and hyphens.",
        ) from None
    return name.to_text().lower()


def whole_name(text: str) -> str:
    """The absolute name that a text is by itself; its final dot may be absent. Raises BadName."""
    return absolute(text.strip().removesuffix(".") + ".", ".")


def to_a_labels(name: str) -> str | None:
    """The name with its U-labels in their ASCII form (RFC 5891): `bücher.example` → `xn--…`.

    ASCII labels stay as they are, `_spf` too. None where a label cannot be written so.
    """
    if name.isascii():
        return name
    import idna  # late: such names are rare

    labels = name.split(".")
    if any(len(label) > LONGEST_LABEL for label in labels):
        return None
    try:
        return ".".join(
            label if label.isascii() else idna.encode(label, uts46=True).decode("ascii")
            for label in labels
        )
    except (idna.IDNAError, UnicodeError):
        return None


def bad_escape(text: str) -> tuple[int, int] | None:
    r"""Where in `text` the first broken escape stands (`\25x`, `\999`), or None."""
    position = text.find("\\")
    while position >= 0:
        match = _ESCAPE.match(text, position)
        if match is None:
            return position, min(position + 4, len(text))
        if match.end() - position == 4 and int(text[position + 1 : position + 4]) > 255:
            return position, match.end()
        position = text.find("\\", match.end())
    return None


def quote_source(text: str, longest: int = 60) -> str:
    """A piece of the source made fit for a message: on one line, printable and not too long."""
    text = "".join(char if char.isprintable() else _visible(char) for char in text[: longest + 1])
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _visible(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02X}"
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}"
