"""Tags without blanks inside, as nearly all are: read by the grammar's terminals, without Lark.

The grammar (`taglist.lark`) is the definition; tests hold the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from zonelint.grammars import terminals
from zonelint.grammars.tags.tree import Read

_BLANKS = " \t"


class _Form(NamedTuple):
    """What a tag holds: one terminal, or several with a sign between them."""

    terminal: str
    sign: str
    may_be_empty: bool


def read_plain(text: str, language: str) -> Read | None:
    """Read what stands between two semicolons; None for the grammar to tell."""
    bare = text.strip(_BLANKS)
    name, equals, value = bare.partition("=")
    forms, others = _forms(language)
    form = forms.get(name)
    if form is None:
        if others is None or not equals or not takes(others[0], name):
            return None
        form = others[1]
    start = len(text) - len(text.lstrip(_BLANKS))
    if not value:
        return Read(name, "", start, -1, -1) if equals and form.may_be_empty else None
    items = value.split(form.sign) if form.sign and form.sign in value else (value,)
    for item in items:
        if not takes(form.terminal, item):
            return None
    value_start = start + len(name) + 1
    return Read(name, value, start, value_start, value_start + len(value))


def takes(terminal: str, text: str) -> bool:
    """Whether the lexer takes the whole text for one terminal."""
    found = _pattern(terminal).match(text)
    return found is not None and found.end() == len(text)


@cache
def _pattern(terminal: str) -> re.Pattern[str]:
    return _known().compile(terminal)


@cache
def _known() -> terminals.Terminals:
    return terminals.load("zonelint.grammars.tags", "taglist")


@cache
def _forms(language: str) -> tuple[Mapping[str, _Form], tuple[str, _Form] | None]:
    """What the tags of a language hold, by their names; and what takes any other name, with it."""
    patterns, rules = _known().patterns, _known().rules
    by_terminal: dict[str, _Form] = {}
    for name, _, *value in rules[language]:
        held = by_terminal.get(name, _Form("", "", False))
        by_terminal[name] = _with_value(held, value)
    others = [(name, form) for name, form in by_terminal.items() if not patterns[name].isalpha()]
    named = {patterns[name]: form for name, form in by_terminal.items() if patterns[name].isalpha()}
    return named, others[0] if others else None


def _with_value(form: _Form, value: list[str]) -> _Form:
    """The form with one more way to write its value: elements of the grammar."""
    if not value:
        return form._replace(may_be_empty=True)
    last = value[-1]
    again = _known().rules.get(last)
    if again is None:
        return form._replace(terminal=last)
    *sign, terminal = min(again, key=len)
    return form._replace(terminal=terminal, sign=_known().patterns[sign[0]] if sign else "")
