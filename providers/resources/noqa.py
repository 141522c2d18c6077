"""Comments in sources that ask zonelint for silence: `# noqa` and `# noqa: SPF203`.

A comment holds for its line; behind the brace of a block it holds for the whole block.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from zonelint.grammars.masterfile.noqa import codes_asked, has_words, mentions_noqa
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import Suppression

from .zones import ResourceZone

_NOQA = re.compile(
    r"(?<![A-Za-z0-9_-])noqa(?![A-Za-z0-9_-])[ \t]*(?P<colon>:)?(?P<rest>[^\r\n]*)", re.IGNORECASE
)
_WORD = len("noqa")


def suppressions(
    sources: Sequence[SourceText],
    zones: Sequence[ResourceZone],
    blocks: Callable[[SourceText], Mapping[int, int]] = lambda source: {},
) -> None:
    """Give each comment to the zones whose records stand where it holds, or to the first.

    blocks: the last lines of a source's blocks, by their first ones.
    """
    if not zones:
        return
    lines: dict[tuple[str, int], list[ResourceZone]] = {}
    found = [
        each
        for source in sources
        if mentions_noqa(source.text)
        for each in _of(source, blocks(source))
    ]
    if not found:
        return
    for zone in zones:
        for record in zone.each_record():
            span = record.span
            beside = lines.setdefault((span.path, span.line), [])
            if not beside or beside[-1] is not zone:
                beside.append(zone)
    for each in found:
        stretch = range(each.first_line, each.last_line + 1)
        held = [zone for line in stretch for zone in lines.get((each.span.path, line), ())]
        for zone in list(dict.fromkeys(held)) or [zones[0]]:
            zone.suppressions.append(each)


def _of(source: SourceText, blocks: Mapping[int, int]) -> Iterator[Suppression]:
    text, at = source.text, 0
    while asked := _NOQA.search(text, at):
        start = _comment_start(text, asked.start())
        at = asked.start() + _WORD if start is None else asked.end()
        if start is None or _is_quoted(text, start):
            continue
        codes, spans = codes_asked(source, *asked.span("rest"), colon=bool(asked["colon"]))
        line = source.line(start)
        yield Suppression(
            codes,
            source.span(start, start + len(text[start : asked.end()].rstrip())),
            line,
            blocks.get(line, line),
            spans,
            codes is None and has_words(source.text, *asked.span("rest")),
            "#" if text[start] == "#" else "//",
        )


def _comment_start(text: str, at: int) -> int | None:
    """Where the comment begins that a place stands in: the last `#` of its line, or a `//`."""
    begin = text.rfind("\n", 0, at) + 1
    begin = max(begin, text.rfind("\r", begin, at) + 1)
    found = text.rfind("#", begin, at)
    if found < 0:
        found = text.find("//", begin, at)
    return None if found < 0 else found


def _is_quoted(text: str, at: int) -> bool:
    """Whether a place stands inside a quoted text of its line."""
    begin = text.rfind("\n", 0, at) + 1
    return bool(len(re.findall(r'(?<!\\)"', text[begin:at])) % 2)
