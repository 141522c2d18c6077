"""Comments in a zone file that ask zonelint for silence: `; noqa` and `; noqa: SPF203`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from zonelint.grammars.masterfile.tokens import SourceText, logical_line
from zonelint.grammars.zone import Span, Suppression

_NOQA = re.compile(r";[ \t]*+noqa(?![A-Za-z0-9_-])[ \t]*+(?P<colon>:)?+", re.IGNORECASE)
_CODE = r"[A-Za-z]{2,}+[0-9]{3,}+(?![A-Za-z0-9_-])"
_NEXT = re.compile(rf"[ \t,]*+(?P<code>{_CODE})")
_SOME = re.compile(rf"(?<![A-Za-z0-9_-])(?P<code>{_CODE})")
_CHUNK = 1 << 20
_WORD = "noqa"

MOST_SUPPRESSIONS = 100_000
"""Comments of one file that are heeded: what comes behind them silences nothing."""


def mentions_noqa(text: str) -> bool:
    """Whether the word occurs at all, in any case: most files need no second look."""
    for start in range(0, len(text), _CHUNK):
        if _WORD in text[start : start + _CHUNK + len(_WORD)].lower():
            return True
    return False


def codes_asked(
    source: SourceText, at: int, end: int, *, colon: bool
) -> tuple[tuple[str, ...] | None, tuple[Span, ...]]:
    """The codes that a comment names behind its `noqa`, and where; None where it names none.

    Behind a colon they come first; a colon without one silences nothing, rather than everything.
    Without a colon every code counts, wherever it stands: who names one does not mean all.
    """
    found: list[re.Match[str]] = []
    if colon:
        while code := _NEXT.match(source.text, at, end):
            found.append(code)
            at = code.end()
    else:
        found = list(_SOME.finditer(source.text, at, end))
    codes = tuple(code["code"].upper() for code in found)
    spans = tuple(source.span(*code.span("code")) for code in found)
    return (codes if codes or colon else None), spans


def has_words(text: str, at: int, end: int) -> bool:
    """Whether words stand in a comment; those of another one behind it do not count."""
    return _WORDS.match(text, at, end) is not None


_WORDS = re.compile(r"[^;#\w]*+\w")


def suppressions(source: SourceText, lines: Sequence[int]) -> Iterator[Suppression]:
    """Every comment of the source that asks for silence.

    `lines` holds, sorted, the offset of every logical line that may span several physical ones;
    between them stand blank lines and comments.
    """
    text = source.text
    done = -1
    count = 0
    known = end_of_known = -1
    for found in re.finditer(_WORD, text, re.IGNORECASE):
        if found.start() < done:
            continue
        physical = source.starts()[source.line(found.start()) - 1]
        index = bisect_right(lines, found.start()) - 1
        stop = lines[index + 1] if index + 1 < len(lines) else len(text)
        if index < 0 or (index == known and end_of_known <= found.start()):
            line = logical_line(text, physical, stop=stop)
        else:
            line = logical_line(text, lines[index], stop=stop)
            known, end_of_known = index, line.end
            if line.end <= found.start():
                line = logical_line(text, physical, stop=stop)
        done = line.end
        first_line = source.line(line.start)
        last_line = source.line(max(line.end - 1, line.start))
        for comment_start, comment_end in line.comments:
            found_here = list(_NOQA.finditer(text, comment_start, comment_end))
            ends = [*(each.start() for each in found_here), comment_end][1:]
            for asked, end in zip(found_here, ends, strict=True):
                count += 1
                if count > MOST_SUPPRESSIONS:
                    return
                yield _suppression(source, asked, end, first_line, last_line)


def _suppression(
    source: SourceText, asked: re.Match[str], end: int, first_line: int, last_line: int
) -> Suppression:
    codes, spans = codes_asked(source, asked.end(), end, colon=bool(asked["colon"]))
    return Suppression(
        codes=codes,
        span=source.span(asked.start(), end),
        first_line=first_line,
        last_line=last_line,
        code_spans=spans,
        has_words=codes is None and has_words(source.text, asked.end(), end),
    )
