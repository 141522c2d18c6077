"""Text as TOML: what `init` and `lock` write."""

from __future__ import annotations

import json


def quote_toml(text: str) -> str:
    """A basic string of TOML; what a reviewer would not see, or see elsewhere, as an escape.

    An octet that could not be decoded (a surrogate) is the character of its number.
    """
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted if quoted.isprintable() else "".join(map(_escape, quoted))


def _escape(char: str) -> str:
    if char.isprintable():
        return char
    number = ord(char) & 0xFF if "\ud800" <= char <= "\udfff" else ord(char)
    return f"\\u{number:04X}" if number < 1 << 16 else f"\\U{number:08X}"
