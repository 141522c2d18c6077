"""The top-level blocks of an HCL text, found without reading what stands in them.

Most blocks of a repository have nothing to do with DNS, and python-hcl2 stops at the first fault
of a text. So a text is divided first, and only the blocks that matter are read, each by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import Span

_HEADER = re.compile(
    r"""(?P<type>[A-Za-z_][A-Za-z0-9_-]*)
        (?P<labels>(?:[ \t]+(?:"[^"\r\n]*"|[A-Za-z_][A-Za-z0-9_-]*))*)[ \t]*\{""",
    re.MULTILINE | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_-]*)[ \t]*=(?![=>])", re.MULTILINE)
_LABEL = re.compile(r'"([^"]*)"|([A-Za-z_][A-Za-z0-9_-]*)')
_BLANK = re.compile(r"(?:\s+|#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))*", re.DOTALL)
_TOKENS = r"""(?P<comment>\#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z))
      | (?P<heredoc><<-?(?P<mark>[A-Za-z][A-Za-z0-9._-]*)\r?\n
            (?:.*?\n)??[ \t]*(?P=mark)(?=\r?\n|\Z))
      | (?P<quote>") | (?P<open>[{\[(]) | (?P<close>[}\])])
      | (?P<line>\n%s)"""
_CODE = re.compile(_TOKENS % r"(?=[^\s#/}\])])", re.DOTALL | re.VERBOSE)
_LINES = re.compile(_TOKENS % "", re.DOTALL | re.VERBOSE)
_STRING = re.compile(r'\\.|\$\$\{|%%\{|(?P<open>[$%]\{)|(?P<close>")|(?P<broken>\n)', re.DOTALL)
_TOP = re.compile(r'(?:resource|data|module|variable|output|provider|locals|terraform)\b[ \t]*["{]')
"""The beginning of one of Terraform's blocks."""
_LINE_OF_TOP = re.compile(rf"^{_TOP.pattern}", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One top-level block of a text: its type and labels, and where it stands in the text.

    header: where its first line ends, behind the brace.
    read: its body, where it is read already.
    """

    source: SourceText
    type: str
    labels: tuple[str, ...]
    start: int
    header: int
    end: int
    read: Callable[[], Any] | None = None

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Assignment:
    """One top-level attribute of a text, as files of variables have them."""

    source: SourceText
    name: str
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class HclFault:
    """A place of a text that cannot be read, and why."""

    source: SourceText
    at: int
    message: str

    @property
    def span(self) -> Span:
        return self.source.span(self.at, self.at)


@dataclass(slots=True)
class Divided:
    """The parts of a text, in order, and what could not be read of it."""

    blocks: list[Block] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    faults: list[HclFault] = field(default_factory=list)


def divide(source: SourceText) -> Divided:
    """Find the top-level blocks and attributes of a text. A broken part costs only itself."""
    found = Divided()
    text = source.text
    at = source.first
    while (at := _behind_blank(text, at)) < len(text):
        if header := _HEADER.match(text, at):
            end, closed = _end(text, header.end(), 1)
            labels = tuple(a or b for a, b in _LABEL.findall(header["labels"]))
            if closed:
                start = header.start("type")
                found.blocks.append(Block(source, header["type"], labels, start, header.end(), end))
            else:
                found.faults.append(HclFault(source, at, "This block is never closed with `}`."))
        elif assigned := _ATTRIBUTE.match(text, at):
            end, closed = _end(text, assigned.end(), 0)
            start = assigned.start("name")
            found.assignments.append(Assignment(source, assigned["name"], start, end))
        else:
            found.faults.append(
                HclFault(source, at, "A block, such as `resource`, is expected here.")
            )
            behind = _LINE_OF_TOP.search(text, at + 1)
            end = len(text) if behind is None else behind.start()
        at = max(end, at + 1)
    return found


def _behind_blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return at if match is None else match.end()


def _end(text: str, at: int, depth: int) -> tuple[int, bool]:
    """Where what was opened ends, and whether it is closed there.

    depth: brackets that are open; 0 for an attribute, which ends with its line.
    """
    waiting: list[int] = []  # depths outside of the templates that are open
    least = depth
    code = _CODE if depth else _LINES
    while token := code.search(text, at):
        at = token.end()
        match token.lastgroup:
            case "quote":
                at, opened = _string_end(text, at)
                if opened:
                    waiting.append(depth)
                    depth = 0
            case "open":
                depth += 1
            case "close" if depth == 0 and waiting:
                at, opened = _string_end(text, at)
                if not opened:
                    depth = waiting.pop()
            case "close":
                depth -= 1
                if depth <= 0 and least and not waiting:
                    return at, True
            case "line" if _TOP.match(text, at) and (depth or waiting):
                return at, False  # the next block begins, so this one was never closed
            case "line" if not least and not depth and not waiting:
                return at - 1, True
    return len(text), not least and not depth and not waiting


def _string_end(text: str, at: int) -> tuple[int, bool]:
    """Behind a string, or behind the `${` that opens a template in it (then True)."""
    while token := _STRING.search(text, at):
        at = token.end()
        if token["open"]:
            return at, True
        if token["close"]:
            return at, False
        if token["broken"]:
            return token.start(), False
    return len(text), False


def template_parts(text: str, at: int = 0) -> Iterator[tuple[str, int, int]]:
    """The parts of a template: ("text", start, end), and ("${" or "%{", start, end) inside it.

    Start and end are those of what stands between the braces. A template that is never closed is
    text.
    """
    start = at
    while (opened := _OPENED.search(text, at)) is not None:
        if opened["escaped"]:
            at = opened.end()
            continue
        end, closed = _end(text, opened.end(), 1)
        if not closed:
            break
        if opened.start() > start:
            yield "text", start, opened.start()
        yield opened[0], opened.end(), end - 1
        at = start = end
    if start < len(text):
        yield "text", start, len(text)


_OPENED = re.compile(r"(?P<escaped>\$\$\{|%%\{)|[$%]\{")
