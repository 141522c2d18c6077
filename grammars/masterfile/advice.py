"""What to tell about a line of a master file that is no record."""

from __future__ import annotations

import re

from zonelint.grammars.dnsname import quote_source
from zonelint.grammars.masterfile.head import LARGEST_TTL, Head, known_types, type_of
from zonelint.grammars.masterfile.tokens import Line, Offsets, TokenProblemKind
from zonelint.grammars.nearmiss import near_miss

PROBLEMS = {
    TokenProblemKind.OPEN_PARENTHESIS: (
        "This parenthesis is never closed, so the records after it are lost.",
        "Close it with `)` where the record ends.",
    ),
    TokenProblemKind.CLOSING_PARENTHESIS: (
        "This closing parenthesis has no opening one, so no name server loads the zone.",
        "Remove it, or open one with `(` where the record's data starts.",
    ),
    TokenProblemKind.OPEN_QUOTE: (
        "This quoted string does not end on its line, so no name server loads the zone.",
        'End it with `"`; to go on in the next line, close the string, put parentheses around '
        "all strings and open another.",
    ),
    TokenProblemKind.BACKSLASH: (
        "The line ends with a backslash that escapes nothing.",
        "Remove it; to continue on the next line, put parentheses around the data.",
    ),
}


_OTHER_COMMENTS = ("#", "//", "/*")
_PLACEHOLDER = re.compile(
    r"\{\{[^\r\n}]{0,200}\}\}|\{%[^\r\n}]{0,200}%\}|<%[^\r\n>]{0,200}%>"
    r"|\$\{[^\r\n}]{0,200}\}|%\{[ ~][^\r\n}]{0,200}\}"
)


def placeholder(text: str, place: Offsets) -> Offsets | None:
    """The placeholder of a template, Jinja or ERB say, that a fault is in."""
    start = max(text.rfind("\n", 0, place[0]), text.rfind("\r", 0, place[0])) + 1
    spans = (
        found.span()
        for found in _PLACEHOLDER.finditer(text, max(start, place[0] - 300), place[1] + 300)
    )
    return next((span for span in spans if span[0] < place[1] and place[0] < span[1]), None)


def unfilled(word: str) -> tuple[str, str]:
    """Message and advice for a placeholder."""
    return (
        f"`{quote_source(word)}` is a placeholder of a template, so no name server loads this.",
        "Check the file that the template generates.",
    )


def no_ttl(word: str) -> tuple[str, str]:
    """Message and advice for a word that stands where a TTL belongs."""
    return (
        f"`{quote_source(word)}` is not a TTL: a number of seconds up to {LARGEST_TTL}, or "
        "numbers with units as in 1h30m.",
        "Write the seconds as a plain number.",
    )


def missing_type(text: str, line: Line, head: Head) -> tuple[str, str, Offsets]:
    """Message and advice for a line whose type is missing or none, and the place of the fault."""
    if head.rdata >= len(line.tokens):
        place = line.tokens[-1]
        word = text[slice(*place)]
        if not _visible(word):
            return (
                "An invisible character is the only text on this line.",
                "Remove it: name servers read it as the owner of a record.",
                place,
            )
        return (
            "The record ends before its type, so no name server loads the zone.",
            "Write owner, type and data, as in `www A 192.0.2.1`.",
            place,
        )
    place = line.tokens[head.rdata]
    word = text[slice(*place)]
    first = text[slice(*head.owner)] if head.owner else ""
    rest = [text[slice(*token)] for token in line.tokens[head.rdata + 1 : head.rdata + 4]]
    if head.owner and first.startswith(_OTHER_COMMENTS):
        return (
            f"Comments start with a semicolon, so `{quote_source(first)}` is read as an owner and "
            f"`{quote_source(word)}` as its type.",
            "Write a semicolon at the start of the line.",
            head.owner,
        )
    if line.blank_first and word.startswith('"'):
        return (
            "This string is on a separate line, so it does not belong to a record and no name "
            "server loads the zone.",
            "Put parentheses around all strings of the record above.",
            place,
        )
    if word[:1].isdigit() and any(map(type_of, rest)):
        return (*no_ttl(word), place)
    if head.owner and head.ttl is None and head.class_ is None and type_of(first):
        return (
            f"The line starts with `{quote_source(first)}`, so that is read as its owner, and "
            f"`{quote_source(word)}` is not a type.",
            "Write the owner, or start the line with a space to inherit the one above.",
            place,
        )
    if line.blank_first and any(map(type_of, rest)):
        return (
            "The line starts with a space, so it inherits the owner above, and "
            f"`{quote_source(word)}` is read as a type.",
            f"If `{quote_source(word)}` is the owner, remove the spaces before it.",
            place,
        )
    meant = near_miss(word, known_types()) if len(word) <= 12 else None
    if meant is None and rest and any(map(type_of, rest)):
        meant = near_miss(word, ["IN"])
    return (
        f"`{quote_source(word)}` is not a record type, so no name server loads the zone.",
        f"Write `{meant}`." if meant else "Write a type such as A, MX, TXT or CNAME.",
        place,
    )


def _visible(word: str) -> bool:
    return any(char.isprintable() and not char.isspace() for char in word)
