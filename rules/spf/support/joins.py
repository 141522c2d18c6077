"""Where two character-strings of an SPF record join without the blank that they need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zonelint.grammars.repair import spliced
from zonelint.grammars.spf.record import parse
from zonelint.grammars.spf.term import read_term

_LONGEST = 1000
"""Octets of what joins, beyond which it is not taken apart: no two terms are as long."""


def missing_blanks(strings: Sequence[str]) -> list[int]:
    """Offsets into the strings' joined text at which a blank is missing between two of them.

    Receivers join the strings without adding anything (RFC 7208 §3.3). Two terms have grown
    together where each half is a term and the whole is none, or where the second half can be
    nothing but the beginning of a term: it has a sign or a colon of its own.
    """
    value = "".join(strings)
    found = []
    border = 0
    for string in strings[:-1]:
        border += len(string)
        start = value.rfind(" ", 0, border) + 1
        end = value.find(" ", border)
        end = len(value) if end < 0 else end
        if end - start > _LONGEST:
            continue
        left, right = value[start:border], value[border:end]
        if not left or not right or read_term(left) is None or read_term(right) is None:
            continue
        whole = parse(f"v=spf1 {left}{right}")
        if not whole.sound or whole.hints or right[0] in "+-~?" or ":" in right:
            found.append(border)
    return found


def with_blanks(text: str, borders: Iterable[int]) -> str:
    """The text with a blank at each of these offsets."""
    return spliced(text, ((border, border, " ") for border in borders))
