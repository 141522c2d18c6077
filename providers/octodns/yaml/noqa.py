"""Comments in octoDNS YAML that ask zonelint for silence: `# noqa` and `# noqa: SPF203`.

Behind one value of a list a comment holds for that value. Behind `type:`, `ttl:`, `value:` or
another key of a record it holds for the record; behind a name for all records of the name.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from zonelint.grammars.masterfile.noqa import codes_asked, has_words, mentions_noqa
from zonelint.grammars.masterfile.tokens import Offsets, SourceText
from zonelint.grammars.zone import Suppression
from zonelint.providers.octodns.yaml.document import end_of
from zonelint.providers.octodns.yaml.record import YamlEntry

_NOQA = re.compile(
    r"(?:^|(?<=[ \t]))#[^\r\n#]*?(?<![A-Za-z0-9_-])noqa(?![A-Za-z0-9_-])[ \t]*(?P<colon>:)?",
    re.IGNORECASE | re.MULTILINE,
)
Lines = tuple[int, int]
"""The first and the last line of a stretch."""

_LINE_END = re.compile(r"[^\r\n]*+")


def suppressions(
    sources: Iterable[SourceText], entries: Sequence[YamlEntry]
) -> Iterator[Suppression]:
    """Every comment of the sources that asks for silence."""
    for source in sources:
        if mentions_noqa(source.text):
            own = [entry for entry in entries if entry.source is source]
            yield from _of(source, own)


def _of(source: SourceText, entries: Sequence[YamlEntry]) -> Iterator[Suppression]:
    text = source.text
    scalars = sorted(set(_scalars(entries, text)))
    starts = [start for start, _ in scalars]
    reach = _reach(source, entries, scalars)
    for asked in _NOQA.finditer(text):
        before = bisect_right(starts, asked.start()) - 1
        if before >= 0 and asked.start() < scalars[before][1]:
            continue  # a `#` inside a value
        stop = _LINE_END.match(text, asked.end())
        end = stop.end() if stop else len(text)
        codes, spans = codes_asked(source, asked.end(), end, colon=bool(asked["colon"]))
        line = source.line(asked.start())
        first, last = reach.get(line, (line, line))
        yield Suppression(
            codes,
            source.span(asked.start(), end),
            first,
            last,
            spans,
            codes is None and (_is_said_before(asked) or has_words(text, asked.end(), end)),
            "#",
        )


def _is_said_before(asked: re.Match[str]) -> bool:
    """Whether words stand in front of the request."""
    front = asked[0].lower().rpartition("noqa")[0]
    return has_words(front, 1, len(front))


def _reach(
    source: SourceText, entries: Sequence[YamlEntry], scalars: Sequence[Offsets]
) -> dict[int, Lines]:
    """For each line that a comment may stand on, the lines that it holds for."""
    reach: dict[int, Lines] = {}
    for begin, end in scalars:
        _paint(reach, source.line(begin), source.line(max(end - 1, begin)))
    done: set[int] = set()
    for entry in entries:
        name, whole = entry.name.key, entry.name.value
        if name.source is source and whole.source is source and id(name.node) not in done:
            done.add(id(name.node))
            line = source.line(name.node.start_mark.index)
            reach[line] = (line, max(line, _of_node(source, whole.node)[1]))
    for entry in entries:
        node = entry.place.node
        if entry.place.source is not source or id(node) in done:
            continue
        done.add(id(node))
        first, last = _of_node(source, node)
        if not entry.listed and entry.name.key.source is source:
            first = min(first, source.line(entry.name.key.node.start_mark.index))
        _paint(reach, first, last)
        values = entry.parts.get("values") or entry.parts.get("value")
        if values is not None and isinstance(values.value.node, SequenceNode):
            for item in values.value.node.value:
                if values.value.source is source:
                    _paint(reach, *_of_node(source, item))
    return reach


def _paint(reach: dict[int, Lines], first: int, last: int) -> None:
    for line in range(first, last + 1):
        reach[line] = (first, last)


def _of_node(source: SourceText, node: Node) -> Lines:
    first = source.line(node.start_mark.index)
    return first, max(first, source.line(max(end_of(source, node) - 1, node.start_mark.index)))


def _scalars(entries: Iterable[YamlEntry], text: str) -> Iterator[Offsets]:
    todo: list[Node] = []
    for entry in entries:
        todo += (entry.name.key.node, entry.place.node)
    seen: set[int] = set()
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, ScalarNode):
            start, end = node.start_mark.index, node.end_mark.index
            if node.style in ("|", ">"):
                # A comment may stand behind the indicator: only the lines below are the value.
                broken = text.find("\n", start, end)
                start = end if broken < 0 else broken
            yield start, end
        elif isinstance(node, MappingNode):
            for key, value in node.value:
                todo += (key, value)
        elif isinstance(node, SequenceNode):
            todo += node.value
