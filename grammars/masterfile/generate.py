"""`$GENERATE`: one line that stands for many records (BIND 9's extension of master files).

`$` in the owner and in the rdata becomes the counter, `${offset,width,base}` a form of it,
`$$` a dollar sign; an escape such as `\\$` stays as it is.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from zonelint.grammars.fault import TextRefused

LARGEST_RANGE = 65536
"""Records that one directive may stand for."""

WIDEST = 127
"""The largest width: BIND formats each number into 128 octets."""

_RANGE = re.compile(r"(?P<start>[0-9]{1,10})-(?P<stop>[0-9]{1,10})(?:/(?P<step>[0-9]{1,10}))?")
_PART = re.compile(
    r"(?P<escape>\\.)"
    r"|(?P<dollar>\$\$)"
    r"|\$\{(?P<offset>[+-]?[0-9]{1,10})(?:,(?P<width>[0-9]{1,10})(?:,(?P<base>[doxXnN]))?)?\}"
    r"|(?P<broken>\$\{)"
    r"|(?P<counter>\$)",
    re.DOTALL,
)


class BadGenerate(TextRefused, ValueError):
    """A directive that cannot be carried out."""


def counters(text: str) -> range:
    """The numbers that `start-stop` or `start-stop/step` counts. Raises BadGenerate."""
    found = _RANGE.fullmatch(text)
    if found is None:
        raise BadGenerate(
            "The $GENERATE directive has no range such as 1-20 or 1-20/2.",
            "Write first-last, or first-last/step, in plain numbers.",
        )
    start, stop, step = int(found["start"]), int(found["stop"]), int(found["step"] or 1)
    if step == 0 or stop < start:
        raise BadGenerate(
            "The range of the $GENERATE directive is empty.",
            "Write the smaller number first, and a step of 1 or more.",
        )
    numbers = range(start, stop + 1, step)
    if stop - start > LARGEST_RANGE * step or len(numbers) > LARGEST_RANGE:
        raise BadGenerate(
            f"The $GENERATE directive generates more than {LARGEST_RANGE} records, so none of "
            "them is read.",
            "Split the range, or leave such a zone to the name server.",
        )
    return numbers


class _Number(NamedTuple):
    offset: int
    width: int
    base: str

    def text(self, counter: int) -> str:
        value = counter + self.offset
        if self.base in "nN":
            return _nibbles(value, self.width, self.base)
        return format(value, self.base).zfill(self.width)


class GenerateTemplate:
    """The owner or the rdata of a directive, taken apart once. Raises BadGenerate."""

    __slots__ = ("_parts",)

    def __init__(self, text: str) -> None:
        self._parts: list[str | _Number] = []
        at = 0
        for found in _PART.finditer(text):
            self._parts.append(text[at : found.start()])
            at = found.end()
            kind = found.lastgroup
            if kind == "escape":
                self._parts.append(found[0])
            elif kind == "dollar":
                self._parts.append("$")
            elif kind == "broken":
                raise BadGenerate(
                    "The $GENERATE directive has an invalid modifier after its dollar sign.",
                    "Write ${offset}, ${offset,width} or ${offset,width,base} with a base of "
                    "d, o, x, X, n or N.",
                )
            elif kind == "counter":
                self._parts.append(_Number(0, 0, "d"))
            else:
                width = int(found["width"] or 0)
                if width > WIDEST:
                    raise BadGenerate(
                        f"The $GENERATE directive asks for numbers of more than {WIDEST} digits.",
                        "Write a smaller width.",
                    )
                self._parts.append(_Number(int(found["offset"]), width, found["base"] or "d"))
        self._parts.append(text[at:])

    def text(self, counter: int) -> str:
        """The text for one number. Raises BadGenerate."""
        return "".join(p if isinstance(p, str) else p.text(counter) for p in self._parts)


def _nibbles(value: int, width: int, base: str) -> str:
    """Hexadecimal digits with dots between, the last one first, as names under ip6.arpa."""
    if value < 0:
        raise BadGenerate(
            "The $GENERATE directive counts below zero where it writes nibbles.",
            "Choose an offset that keeps the numbers at zero or above.",
        )
    digits = format(value, "X" if base == "N" else "x")
    # The width counts the dots too, so half of it, rounded up, is digits.
    digits = digits.zfill((width + 1) // 2)[::-1]
    text = ".".join(digits)
    return text + "." if width and width % 2 == 0 and len(text) < width else text
