"""Macros of SPF expanded (RFC 7208 §7).

Values come in as functions, so that a value that costs a lookup (`p`) is only asked for where it
is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zonelint.grammars.spf.tree import DomainSpec, Literal, MacroExpand, MacroString
from zonelint.rules.model.answers import owner_name

LONGEST_NAME = 253
"""Characters of a name in a query at most; longer ones lose labels on the left (§7.3)."""

_ESCAPES = {"%": "%", "_": " ", "-": "%20"}


class NoValue(Exception):
    """A macro letter that has no value here."""


def expand(text: MacroString, values: Mapping[str, Callable[[], str]]) -> str:
    """The text with every macro replaced. `values` by lower-case letter; NoValue for others."""
    return "".join(
        part.text
        if isinstance(part, Literal)
        else _value(part, values)
        if isinstance(part, MacroExpand)
        else _ESCAPES[part.sign]
        for part in text.parts
    )


def _value(macro: MacroExpand, values: Mapping[str, Callable[[], str]]) -> str:
    letter = macro.letter.lower()
    give = values.get(letter)
    if give is None:
        raise NoValue(letter)
    value = give()
    if macro.parts is not None or macro.reverse or macro.delimiters:
        value = _transformed(value, macro)
    # A capital asks for URL escapes of all but RFC 3986's unreserved characters.
    if macro.letter == letter:
        return value
    from urllib.parse import quote  # late: capital letters are rare

    return quote(value, safe="-._~")


def _transformed(value: str, macro: MacroExpand) -> str:
    delimiters = macro.delimiters or "."
    for other in delimiters[1:]:
        value = value.replace(other, delimiters[0])
    parts = value.split(delimiters[0])
    if macro.reverse:
        parts.reverse()
    if macro.parts is not None:
        parts = parts[-macro.parts :]
    return ".".join(parts)


def query_name(text: str) -> str | None:
    """The name to ask for, from an expanded domain-spec; None where it cannot be a name.

    A final dot counts for nothing. A name that is too long loses labels on its left (§7.3).
    """
    text = text.removesuffix(".")
    if len(text) > LONGEST_NAME:
        dot = text.find(".", len(text) - LONGEST_NAME - 1)
        if dot < 0:
            return None
        text = text[dot + 1 :]
    return owner_name(text)


def static_text(spec: MacroString, domain: str) -> str | None:
    """The text of a domain-spec that does not depend on the message; None where it does.

    `%{d}` is the domain under evaluation: it is known without any message.
    """
    literal = spec.literal
    if literal is not None:
        return literal
    try:
        return expand(spec, {"d": lambda: domain.removesuffix(".")})
    except NoValue:
        return None


def target_name(spec: DomainSpec | None, domain: str) -> tuple[bool, str | None]:
    """Whether a term's target depends on the message, and the name (None: it can be none)."""
    if spec is None:
        return False, domain
    text = static_text(spec, domain)
    return (True, None) if text is None else (False, query_name(text))
