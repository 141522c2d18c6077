"""Puts something else in the place of parts of a text: the suggestions of faults, say."""

from __future__ import annotations

from collections.abc import Iterable

from zonelint.grammars.fault import Fault


def repaired(text: str, faults: Iterable[Fault]) -> str | None:
    """Give the text with every suggestion in its place.

    None when a fault has no suggestion, when two of them overlap or when nothing would change.
    The faults' offsets count from the start of `text`.
    """
    edits = []
    done = 0
    for fault in sorted(faults, key=lambda fault: (fault.start, fault.end)):
        if fault.suggestion is None or fault.start < done:
            return None
        edits.append((fault.start, fault.end, fault.suggestion))
        done = fault.end
    result = spliced(text, edits)
    return None if result == text else result


def spliced(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """Give the text with others in the places of some parts: each from where, to where, and what.

    The parts do not overlap.
    """
    pieces, done = [], 0
    for start, end, new in sorted(edits):
        pieces += [text[done:start], new]
        done = end
    return "".join([*pieces, text[done:]])
