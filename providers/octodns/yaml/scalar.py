"""Scalars of YAML: the way from each decoded character back to the source, and how one is written.

The five styles are plain, single-quoted, double-quoted, literal (`|`) and folded (`>`)
(YAML 1.1 §9).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from yaml.constructor import SafeConstructor
from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

from zonelint.grammars.masterfile.tokens import Offsets

_BREAK = r"(?:\r\n|[\r\n\x85\u2028\u2029])"
_FOLD = rf"[ \t]*+(?P<first>{_BREAK})(?P<more>(?:[ \t]*+{_BREAK})*+)[ \t]*+"
_REST = r"(?P<blanks>[ \t]++)|[\s\S]"
_SINGLE = re.compile(rf"(?P<fold>{_FOLD})|''|{_REST}")
_PLAIN = re.compile(rf"(?P<fold>{_FOLD})|{_REST}")
_DOUBLE = re.compile(
    rf"\\(?P<joined>{_BREAK})(?P<empty>(?:[ \t]*+{_BREAK})*+)[ \t]*+"
    rf"|\\(?:x[0-9A-Fa-f]{{2}}|u[0-9A-Fa-f]{{4}}|U[0-9A-Fa-f]{{8}}|[\s\S])"
    rf"|(?P<fold>{_FOLD})|{_REST}"
)
_ANY_BREAK = re.compile(_BREAK)

_UNSAFE_PLAIN = re.compile(
    r": |:$| #|^[-?:](?: |$)|^[\s,\[\]{}#&*!|>'\"%@`]|\s$|[\r\n\t]|^(?:---|\.\.\.)"
)
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z_][-A-Za-z0-9_ .=/+;~\\]*")
_UNPRINTABLE = re.compile(
    "[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


class FilledStretch(NamedTuple):
    """What is filled in: `text` in the place of `[start:stop]`."""

    start: int
    stop: int
    text: str


def fill(text: str, stretches: Iterable[FilledStretch]) -> str:
    """The text with what is filled in."""
    made, at = "", 0
    for start, stop, new in stretches:
        made += text[at:start] + new
        at = stop
    return made + text[at:]


class FilledNode(ScalarNode):
    """A scalar in which something is filled in. stretches: of what is `written`."""

    def __init__(self, written: ScalarNode, stretches: Sequence[FilledStretch]) -> None:
        made = fill(written.value, stretches)
        super().__init__(
            written.tag, made, written.start_mark, written.end_mark, style=written.style
        )
        self.written = written
        self.stretches = stretches

    def places(self, text: str) -> list[Offsets]:
        """For each character its place: what is filled in stands where its template does."""
        spots = places(text, self.written)
        found, at = list[Offsets](), 0
        for start, stop, new in self.stretches:
            found += spots[at:start] + [(spots[start][0], spots[stop - 1][1])] * len(new)
            at = stop
        return found + spots[at:]


def places(text: str, node: ScalarNode) -> list[Offsets]:
    """For each character of the node's value its place in the source's text.

    Where a scalar is written in a way not foreseen here, the whole of it is each one's place.
    """
    if isinstance(node, FilledNode):
        return node.places(text)
    start, end = node.start_mark.index, node.end_mark.index
    written = text[start:end]
    if not node.style and written == node.value:
        return [(at, at + 1) for at in range(start, end)]
    if node.style in ("|", ">"):
        found = _block_places(written, node.value, start)
    elif node.style == "'":
        found = _flow_places(_SINGLE, text, start + 1, end - 1)
    elif node.style == '"':
        found = _flow_places(_DOUBLE, text, start + 1, end - 1)
    else:
        found = _flow_places(_PLAIN, text, start, start + len(written.rstrip()))
    if len(found) == len(node.value):
        return found
    return [(start, start + len(written.rstrip()))] * len(node.value)


def _flow_places(pattern: re.Pattern[str], text: str, start: int, end: int) -> list[Offsets]:
    found: list[Offsets] = []
    for match in pattern.finditer(text, start, end):
        groups = match.groupdict()
        if groups.get("fold") is not None:
            # One line break is a blank; of several, each but the first is a line break.
            found += [match.span()] * (len(_ANY_BREAK.findall(groups["more"])) or 1)
        elif groups.get("joined") is not None:
            found += [match.span()] * len(_ANY_BREAK.findall(groups["empty"]))
        elif groups["blanks"] is not None:
            found += [(at, at + 1) for at in range(*match.span())]
        else:
            found.append(match.span())
    return found


def _block_places(written: str, value: str, base: int) -> list[Offsets]:
    """Places in a literal or folded block, by walking its lines and its value side by side."""
    header = _ANY_BREAK.search(written)
    if header is None:
        return []
    at = header.end()
    body = written[at:]
    first_line = next((line for line in body.splitlines() if line.strip()), "")
    first_text = next((line for line in value.splitlines() if line.strip()), "")
    indent = _leading(first_line) - _leading(first_text)
    found: list[Offsets] = []
    at = _past_indent(written, at, indent)
    for char in value:
        if char not in " \n":
            while at < len(written) and written[at] != char:
                at += 1
            if at == len(written):
                return []
        here = written[at : at + 1]
        if char == "\n" and here and here not in "\r\n":
            # A fold swallowed the first break of several.
            at = min(at, len(written) - 1)
        found.append((base + at, base + at + 1))
        if here and here in "\r\n":
            at += 2 if written.startswith("\r\n", at) else 1
            at = _past_indent(written, at, indent)
        elif here == char:
            at += 1
    return found


def _past_indent(written: str, at: int, indent: int) -> int:
    stop = min(at + indent, len(written))
    while at < stop and written[at] == " ":
        at += 1
    return at


def _leading(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def write(text: str, *, flow: bool = False) -> str:
    """A scalar on one line that YAML reads as this text: plain where that is safe.

    flow: it stands inside `[…]` or `{…}`, where more has to be quoted.
    """
    if _UNPRINTABLE.search(text):
        return double_quoted(text)
    plain = _PLAIN_IN_FLOW.fullmatch(text) if flow else True
    if plain and not _UNSAFE_PLAIN.search(text) and is_text(text):
        return text
    return single_quoted(text)


def is_text(text: str) -> bool:
    """Whether YAML reads the plain scalar as a text, not as a number, a date, null or the like."""
    tag = _resolver().resolve(ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return bool(tag == "tag:yaml.org,2002:str")


def meant(text: str) -> Hashable:
    """What YAML 1.1 reads a plain scalar as: `no` is False, `010` is 8; most are texts."""
    return _meant(text) if len(text) <= _LONGEST_WORD else text


_LONGEST_WORD = 64
"""Characters of the longest number or date that anybody writes."""


@lru_cache(maxsize=1 << 14)
def _meant(text: str) -> Hashable:
    if is_key(text):
        return text
    tag = _resolver().resolve(ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    try:
        made = SafeConstructor().construct_object(ScalarNode(tag, text))
    except ValueError:
        return text  # a date such as 2024-13-01, on which octoDNS ends
    assert made is None or isinstance(made, Hashable)
    return made


def is_key(text: str) -> bool:
    """Whether YAML reads a plain scalar that is a key as a text."""
    tag = _resolver().resolve(ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return tag in _TEXTS


_TEXTS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "value", "merge"))


def order_key(name: str, *, natural: bool) -> tuple[str | tuple[int, str], ...]:
    """The sort key of octoDNS's order: numbers inside names count as numbers in the natural one."""
    if not natural:
        return (name,)
    parts = _NUMBER.split(name)
    numbers = [part.lstrip("0") for part in parts[1::2]]
    parts[1::2] = numbers
    found = [(len(part), part) if n % 2 else part for n, part in enumerate(parts)]
    return tuple(found if found[-1] else found[:-1])


_NUMBER = re.compile("([0-9]+)")


@cache
def _resolver() -> Resolver:
    return Resolver()


def single_quoted(text: str) -> str:
    """The text in single quotes; it holds no line break and no control character."""
    return "'" + text.replace("'", "''") + "'"


def double_quoted(text: str) -> str:
    """Any text in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _UNPRINTABLE.sub(_escape, escaped) + '"'


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}"


def like(text: str, style: str | None, *, flow: bool = False) -> str:
    """A scalar in the style of the one that it takes the place of, where that can hold it."""
    if style == '"':
        return double_quoted(text)
    if style == "'" and not _UNPRINTABLE.search(text):
        return single_quoted(text)
    return write(text, flow=flow)
