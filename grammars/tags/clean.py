"""The ASCII that a record was meant to have where it holds pasted or control characters."""

from __future__ import annotations

import re

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.pasted import NON_ASCII_RUN, QUOTES, ascii_for, describe

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")
_FOLD = re.compile(r"\r\n(?=[ \t])")


def clean(text: str, folds: bool) -> tuple[str, tuple[int, ...] | None, tuple[Fault, ...]]:
    """Read pasted and control characters as what they stand for.

    folds: a line break before a blank is a blank. Gives the cleaned text, the origin of each of its
      characters (None: all where they were), and a fault for each run.
    """
    parts: list[str] = []
    origin: list[int] = []
    faults: list[Fault] = []
    done = 0
    folded = {match.start() for match in _FOLD.finditer(text)} if folds else set()
    runs = sorted(
        [*NON_ASCII_RUN.finditer(text), *_CONTROL.finditer(text)], key=lambda run: run.start()
    )
    for run in runs:
        start, end = run.span()
        if run[0] == "\r\n" and start in folded:
            continue
        pasted = not run[0].isascii()
        replaced = [_plain(character) if pasted else " " for character in run[0]]
        whole = None if None in replaced else "".join(part or "" for part in replaced)
        parts.append(text[done:start])
        origin.extend(range(done, start))
        for number, part in enumerate(replaced, start):
            if part is not None:
                parts.append(part)
                origin.extend([number] * len(part))
            # What stands for nothing in ASCII is left out of the reading, as if it were not there.
        done = end
        if pasted:
            message = f"The {describe(run[0][0])} was pasted in: receivers read only ASCII."
            faults.append(Fault(FaultKind.NON_ASCII, start, end, message, whole))
        else:
            message = (
                "A control character or line break is in the record, and makes the tag invalid."
            )
            faults.append(Fault(FaultKind.SYNTAX, start, end, message, whole))
    if not faults:
        return text, None, ()
    parts.append(text[done:])
    origin.extend(range(done, len(text)))
    return "".join(parts), tuple(origin), tuple(faults)


def _plain(character: str) -> str | None:
    """The ASCII for a pasted character. A quote stands for nothing: no tag list has quotes."""
    if character in QUOTES:
        return ""
    plain = ascii_for(character)
    if plain is None or plain.isprintable():
        # A full-width semicolon or the like is what it looks like.
        return plain
    return " "
