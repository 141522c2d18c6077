"""Master files cut into logical lines and tokens, with every offset kept (RFC 1035 §5.1).

This is the careful reader of a single logical line. It never raises: what cannot be cut is a
Problem, and the line then ends where the next record plainly begins.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from zonelint.grammars.zone import Span

LONGEST_LINE = 1 << 20
"""Characters in one logical line: rdata ends at 65,535 octets, so the rest is room for comments."""

Offsets = tuple[int, int]
"""A stretch of a source's text: character offsets from 0, the end exclusive."""

_TOKEN = re.compile(
    r"""
    (?P<blank>[ \t]++)
  | (?P<word>(?:[^ \t\r\n;()"\\]|\\[^\r\n])++)
  | (?P<quoted>"(?:[^"\\\n]|\\[\s\S])*+")
  | (?P<open>\()
  | (?P<close>\))
  | (?P<comment>;[^\r\n]*+)
  | (?P<eol>\r\n?+|\n)
  | (?P<bad>["\\])
    """,
    re.VERBOSE,
)
_TO_LINE_END = re.compile(r"[^\r\n]*+")
_LINE_BREAK = re.compile(r"\r\n?+|\n")

COMMON_TYPES = (
    "A", "AAAA", "AFSDB", "CAA", "CDNSKEY", "CDS", "CERT", "CNAME", "DHCID", "DNAME", "DNSKEY",
    "DS", "HINFO", "HTTPS", "KEY", "LOC", "MX", "NAPTR", "NS", "NSEC", "NSEC3", "NSEC3PARAM",
    "OPENPGPKEY", "PTR", "RP", "RRSIG", "SMIMEA", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA",
    "TXT", "URI",
)  # fmt: skip

_TYPE = "(?:" + "|".join(sorted({t for c in COMMON_TYPES for t in (c, c.lower())})) + ")"
_PLAIN_START = re.compile(
    rf"""
    \$[A-Za-z]++[ \t]
  | (?P<owner>[^\s;()"]++)?+ [ \t]++
    (?:(?:[Ii][Nn]|[0-9]++(?:[smhdwSMHDW](?:[0-9]++[smhdwSMHDW])*+)?+)[ \t]++){{0,2}}
    {_TYPE}[ \t]++[^\s;)]
    """,
    re.VERBOSE,
)
_LOOKS_LIKE_A_RECORD = re.compile(
    r"^(?:(?:"
    + _PLAIN_START.pattern.replace("(?P<owner>", "(?:")
    + r")|\$(?:ORIGIN|TTL|INCLUDE|GENERATE)[ \t])",
    re.VERBOSE | re.MULTILINE,
)


class SourceText:
    """The text of one file. `text` is the whole of it, so that encoding gives the same bytes.

    `path` is what Spans show. Bytes that are no UTF-8 stand in `text` as lone surrogates.
    """

    __slots__ = ("_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._starts: array[int] | None = None

    @property
    def first(self) -> int:
        """Where the file's content begins: behind a byte-order mark."""
        return 1 if self.text.startswith("\ufeff") else 0

    def starts(self) -> array[int]:
        """The offset of each line's first character. A line ends at LF, CR LF or a lone CR."""
        if self._starts is None:
            text = self.text
            starts = array("Q", [self.first])
            if "\r" in text:
                starts.extend(match.end() for match in _LINE_BREAK.finditer(text))
            else:
                find, append = text.find, starts.append
                at = find("\n") + 1
                while at:
                    append(at)
                    at = find("\n", at) + 1
            self._starts = starts
        return self._starts

    def line(self, offset: int) -> int:
        """The number, from 1, of the line that holds the character at `offset`."""
        return max(bisect_right(self.starts(), offset), 1)

    def span(self, start: int, end: int) -> Span:
        """The stretch between two character offsets."""
        starts = self.starts()
        first = self.line(start)
        last = self.line(end) if end > start else first
        return Span(
            self.path,
            first,
            max(start - starts[first - 1], 0) + 1,
            last,
            max(end - starts[last - 1], 0) + 1,
        )


class TokenProblemKind(Enum):
    """Why a stretch of text is no logical line."""

    OPEN_PARENTHESIS = "open parenthesis"
    CLOSING_PARENTHESIS = "closing parenthesis"
    OPEN_QUOTE = "open quote"
    BACKSLASH = "backslash"


class TokenProblem(NamedTuple):
    kind: TokenProblemKind
    start: int
    end: int


@dataclass(slots=True)
class Line:
    """One logical line: its tokens without blanks, parentheses and comments.

    start, end: offsets of the whole line, its line break included.
    blank_first: it begins with a blank, so its owner is the one before.
    """

    start: int
    end: int
    blank_first: bool
    tokens: list[Offsets] = field(default_factory=list)
    comments: list[Offsets] = field(default_factory=list)
    problem: TokenProblem | None = None


def words_of(rdata: str) -> list[str]:
    """The fields of rdata on one line."""
    return [rdata[start:end] for start, end in logical_line(rdata, 0).tokens]


def logical_line(text: str, start: int, *, strict: bool = False, stop: int | None = None) -> Line:
    """Cut the logical line that begins at `start`, and ends at `stop` at the latest.

    A parenthesis keeps the line open until it is closed, whatever stands between. With `strict`
    an open parenthesis ends before a line that plainly starts a record, as an aid after a fault.
    """
    line = Line(start, start, text[start : start + 1] in (" ", "\t"))
    tokens, comments = line.tokens, line.comments
    match = _TOKEN.match
    limit = start + LONGEST_LINE
    depth = 0
    opened = start
    at = start
    stop = len(text) if stop is None else stop
    while found := match(text, at, stop):
        begin, at = found.span()
        kind = found.lastgroup
        if kind == "word" or kind == "quoted":
            tokens.append((begin, at))
        elif kind == "eol":
            if depth == 0:
                line.end = at
                return line
            if strict and _PLAIN_START.match(text, at):
                break
        elif kind == "comment":
            comments.append((begin, at))
        elif kind == "open":
            if depth == 0:
                opened = begin
            depth += 1
        elif kind == "close":
            if depth:
                depth -= 1
            elif line.problem is None:
                line.problem = TokenProblem(TokenProblemKind.CLOSING_PARENTHESIS, begin, at)
        elif kind == "bad":
            _give_up_at(line, text, begin, depth)
            return line
        if at > limit:
            at = _next_line(text, at)
            break
    line.end = at
    if depth and line.problem is None:
        line.problem = TokenProblem(TokenProblemKind.OPEN_PARENTHESIS, opened, opened + 1)
    return line


def _give_up_at(line: Line, text: str, at: int, depth: int) -> None:
    """End a line at a quote or backslash that leads nowhere, and find where to go on."""
    stop = _TO_LINE_END.match(text, at)
    end = stop.end() if stop else at
    if text[at] == '"':
        line.problem = line.problem or TokenProblem(TokenProblemKind.OPEN_QUOTE, at, end)
    else:
        line.problem = line.problem or TokenProblem(TokenProblemKind.BACKSLASH, at, at + 1)
    end = _next_line(text, end)
    if depth:
        while end < len(text) and not _PLAIN_START.match(text, end):
            end = _next_line(text, end)
    elif text[at] == '"':
        end = _behind_broken_string(text, end)
    line.end = end


def _behind_broken_string(text: str, at: int) -> int:
    """Where a quoted string ends that was broken over several lines; `at` if it was not."""
    end = at
    for _ in range(50):
        stop = _TO_LINE_END.match(text, end)
        body = stop[0] if stop else ""
        if not body.strip() or _PLAIN_START.match(text, end):
            return at
        end = _next_line(text, end)
        if body.count('"') % 2:
            return end
    return at


def _next_line(text: str, at: int) -> int:
    found = _LINE_BREAK.search(text, at)
    return found.end() if found else len(text)


def swallows_a_record(text: str, line: Line) -> bool:
    """Whether a later physical line of this logical line plainly starts a record of its own."""
    at = _next_line(text, line.start)
    while at < line.end:
        found = _PLAIN_START.match(text, at)
        if found and (found["owner"] or text[at] == "$"):
            return True
        at = _next_line(text, at)
    return False


def looks_like_zone(text: str) -> bool:
    """Whether any line has the plain form of a record or of a directive."""
    return _LOOKS_LIKE_A_RECORD.search(text) is not None
