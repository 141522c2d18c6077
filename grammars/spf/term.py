"""Reads one SPF term: by the grammar (`spf.lark`), which is the definition.

A term without macros, as nearly all are, has a short way: a regular expression that is made of the
grammar's own terminals, without Lark. Tests hold the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from ipaddress import IPv4Address

from zonelint.grammars import terminals
from zonelint.grammars.spf.address import read_ip6
from zonelint.grammars.spf.tree import (
    DomainSpec,
    Literal,
    MacroString,
    Mechanism,
    Modifier,
    Qualifier,
)

_QUALIFIERS = {each.value: each for each in Qualifier}


def read_term(text: str) -> Mechanism | Modifier | None:
    """Read one term; None when RFC 7208 section 12 does not allow it. Its `start` is 0."""
    return read_network(text) or read_plain(text) or read_by_grammar(text)


def read_network(text: str, start: int = 0) -> Mechanism | None:
    """Read an `ip4:` or `ip6:` term without a qualifier.

    None for all others: the grammar has to tell, they may be good or bad.
    """
    found = _networks()(text) if text[:2] == "ip" else None
    if found is None:
        return None
    ip4, prefix4, ip6, prefix6 = found.groups()
    # Of IPv4 the terminal leaves nothing open.
    address = read_ip6(ip6) if ip4 is None else IPv4Address(bytes(map(int, ip4.split("."))))
    if address is None:
        return None
    prefix = prefix4 or prefix6
    length = None if prefix is None else int(prefix[1:])
    return Mechanism(Qualifier.PASS, text[:3], None, address, length, None, None, start, text)


def read_plain(text: str) -> Mechanism | Modifier | None:
    """Read a term that names no network and no macro; None for all others, as above."""
    found = _plain()(text)
    if found is None:
        return None
    sign, name, domain, host, at_host, cidr4, cidr6, modifier, value = found.groups()
    if modifier is not None:
        return Modifier(modifier.lower(), DomainSpec((Literal(value),)), written=text)
    domain = domain or at_host
    return Mechanism(
        _QUALIFIERS[sign or "+"],
        (name or host).lower(),
        None if domain is None else DomainSpec((Literal(domain),)),
        cidr4=None if cidr4 is None else int(cidr4[1:]),
        cidr6=None if cidr6 is None else int(cidr6[2:]),
        written=text,
    )


def read_by_grammar(text: str) -> Mechanism | Modifier | None:
    """Read one term by the grammar, whatever its form. None when it is not allowed."""
    return _reader()(text)


def read_explanation(text: str) -> MacroString | None:
    """Read the text that `exp=` points to (RFC 7208 section 6.2): blanks, and c, r, t besides.

    None when the text is no explain-string.
    """
    from zonelint.grammars.spf.grammar import parse_explanation

    return parse_explanation(text)


# Lark is loaded with the first term: many commands read none.


@cache
def _reader() -> Callable[[str], Mechanism | Modifier | None]:
    from zonelint.grammars.spf.grammar import parse_term

    return parse_term


@cache
def _networks() -> Callable[[str], re.Match[str] | None]:
    return _compile("{IP4}:({IP4_NETWORK})({CIDR4})?|{IP6}:({IP6_NETWORK})({IP6_CIDR})?")


@cache
def _plain() -> Callable[[str], re.Match[str] | None]:
    return _compile(
        "({QUALIFIER})?(?:({ALL}|{INCLUDE}|{EXISTS}|{PTR})(?::({DOMAIN_TAIL}))?"
        "|({A}|{MX})(?::({DOMAIN_TAIL}))?({CIDR4})?({CIDR6})?)"
        "|({REDIRECT}|{EXP})=({DOMAIN_TAIL})"
    )


def _compile(form: str) -> Callable[[str], re.Match[str] | None]:
    """A form in which terminals stand in braces. Like the lexer, a terminal is not tried again."""
    known = terminals.load("zonelint.grammars.spf", "spf")
    atomic = {name: f"(?>{pattern})" for name, pattern in known.patterns.items()}
    return re.compile(form.format_map(atomic), re.ASCII).fullmatch
