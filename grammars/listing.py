"""How messages of every floor show many things: the first few, and how many there are besides."""

from __future__ import annotations

from collections.abc import Iterable


def some(words: Iterable[str], most: int = 3) -> str:
    """The first few, each once."""
    distinct = list(dict.fromkeys(words))
    rest = len(distinct) - most
    return ", ".join(distinct[:most]) + (f" and {rest} more" if rest > 0 else "")
