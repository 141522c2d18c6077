"""An input of several parts in one text: a zone, and the world that it is judged in.

A line `=== NAME` begins a part; what stands before the first such line is the zone itself. One
text is what a fuzzer can cut and mend, and what a person can read when it breaks something.
"""

from __future__ import annotations

import re

_HEAD = re.compile(r"^=== (\w+)[ \t]*\n", re.MULTILINE)
SUBJECT = "subject"


def split(text: str) -> dict[str, str]:
    """The parts by name; of two with one name the last counts."""
    pieces = _HEAD.split(text)
    parts = {SUBJECT: pieces[0]}
    parts.update(zip(pieces[1::2], pieces[2::2], strict=True))
    return parts


def join(subject: str, **parts: str | None) -> str:
    """The text of these parts; a part that is None is left out."""
    text = subject if subject.endswith("\n") else subject + "\n"
    for name, part in parts.items():
        if part is not None:
            text += f"=== {name}\n{part}" + ("" if part.endswith("\n") else "\n")
    return text
