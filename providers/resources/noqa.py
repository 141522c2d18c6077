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
    r"(?:#|//)[^\r\n#]*?(?<![A-Za-z0-9_-])noqa(?![A-Za-z0-9_-])[ \t]*"
    r"(?P<colon>:)?(?P<rest>[^\r\n]*)",
    re.IGNORECASE,
)


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
        for rrset in zone.rrsets():
            for record in rrset:
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
    for asked in _NOQA.finditer(source.text):
        if _is_quoted(source.text, asked.start()):
            continue
        codes, spans = codes_asked(source, *asked.span("rest"), colon=bool(asked["colon"]))
        line = source.line(asked.start())
        yield Suppression(
            codes,
            source.span(asked.start(), asked.start() + len(asked[0].rstrip())),
            line,
            blocks.get(line, line),
            spans,
            codes is None and has_words(source.text, *asked.span("rest")),
        )


def _is_quoted(text: str, at: int) -> bool:
    """Whether a place stands inside a quoted text of its line."""
    begin = text.rfind("\n", 0, at) + 1
    return bool(len(re.findall(r'(?<!\\)"', text[begin:at])) % 2)
