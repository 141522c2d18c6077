"""Puts the suggestions of faults into the text that they were found in."""

from __future__ import annotations

from collections.abc import Iterable

from zonelint.grammars.fault import Fault


def repaired(text: str, faults: Iterable[Fault]) -> str | None:
    """Give the text with every suggestion in its place.

    None when a fault has no suggestion, when two of them overlap or when nothing would change.
    The faults' offsets count from the start of `text`.
    """
    pieces = []
    done = 0
    for fault in sorted(faults, key=lambda fault: (fault.start, fault.end)):
        if fault.suggestion is None or fault.start < done:
            return None
        pieces += [text[done : fault.start], fault.suggestion]
        done = fault.end
    result = "".join([*pieces, text[done:]])
    return None if result == text else result
