"""Lark's side of SPF: `spf.lark`, and the trees that are made while it parses."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from lark import Token, Transformer
from lark.exceptions import UnexpectedInput

from zonelint.grammars.parser import Grammar, terminals_of
from zonelint.grammars.spf.address import read_ip4, read_ip6
from zonelint.grammars.spf.tree import (
    Address,
    DomainSpec,
    Escape,
    Literal,
    MacroExpand,
    MacroString,
    Mechanism,
    Modifier,
    Part,
    Qualifier,
)
from zonelint.grammars.terminals import Terminals

_QUALIFIERS = {qualifier.value: qualifier for qualifier in Qualifier}
_MOST_PARTS = 999_999_999


class _NotAnAddress(Exception):
    """`ip6:` with the right characters in the wrong order."""


_Made = partial[Mechanism] | partial[Modifier]
"""A term that lacks its text, which the grammar does not hand on."""


class TermTransformer(Transformer[Token, object]):
    """Makes the trees; an optional part that is absent arrives as None."""

    def directive(self, found: tuple[Token | None, partial[Mechanism]]) -> _Made:
        sign, mechanism = found
        return partial(mechanism, Qualifier.PASS if sign is None else _QUALIFIERS[sign])

    def domain_mechanism(self, found: list[Any]) -> partial[Mechanism]:
        name, domain = found if len(found) == 2 else (*found, None)
        return partial(Mechanism, name=name.lower(), domain=domain)

    def host_mechanism(self, found: list[Any]) -> partial[Mechanism]:
        name, domain, cidr4, cidr6 = found
        return partial(
            Mechanism, name=name.lower(), domain=domain, cidr4=_length(cidr4), cidr6=_length(cidr6)
        )

    def ip4(self, found: tuple[Token, Token, Token | None]) -> partial[Mechanism]:
        name, text, prefix = found
        return _network(name, read_ip4(text), prefix)

    def ip6(self, found: tuple[Token, Token, Token | None]) -> partial[Mechanism]:
        name, text, prefix = found
        return _network(name, read_ip6(text), prefix)

    def modifier(self, found: tuple[Token, MacroString]) -> _Made:
        name, value = found
        return partial(Modifier, name.lower(), value)

    def domain_spec(self, parts: list[Token | Part]) -> DomainSpec:
        return DomainSpec(_join(parts))

    def macro_string(self, parts: list[Token | Part]) -> MacroString:
        return MacroString(_join(parts))

    explain_string = macro_string

    def macro(self, found: tuple[Token, Token | None, Token | None, Token | None]) -> MacroExpand:
        letter, parts, reverse, delimiters = found
        # int() of a hostile run of digits is slow, then refused: nine digits say enough.
        digits = None if parts is None else parts.lstrip("0")
        count = None if digits is None else int(digits) if len(digits) < 10 else _MOST_PARTS
        return MacroExpand(str(letter), count, reverse is not None, str(delimiters or ""))

    def escape(self, found: list[Token]) -> Escape:
        return Escape(found[0].removeprefix("%"))


def _length(token: str | None) -> int | None:
    return None if token is None else int(token.lstrip("/"))


def _network(name: Token, address: Address | None, prefix: Token | None) -> partial[Mechanism]:
    if address is None:
        raise _NotAnAddress
    return partial(Mechanism, name=name.lower(), address=address, prefix=_length(prefix))


def _join(parts: Iterable[Token | Part]) -> tuple[Part, ...]:
    return tuple(Literal(str(part)) if isinstance(part, str) else part for part in parts)


SPF = Grammar("zonelint.grammars.spf", "spf", ("term", "explain_string"), TermTransformer)
_parser = SPF.load()


def parse_term(text: str) -> Mechanism | Modifier | None:
    """Read one term; None when the grammar does not allow it."""
    make: _Made | None = _parse(text, "term")
    return None if make is None else make(written=text)


def parse_explanation(text: str) -> MacroString | None:
    """Read the text that `exp=` points to; None when the grammar does not allow it."""
    tree: MacroString | None = _parse(text, "explain_string")
    return tree


def _parse(text: str, start: str) -> Any:
    try:
        return _parser.parse(text, start=start)
    except (UnexpectedInput, _NotAnAddress):
        return None


def terminals() -> Terminals:
    """The terminals of the grammar."""
    return terminals_of(_parser)
