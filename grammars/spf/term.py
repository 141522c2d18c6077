"""Reads one SPF term: by the grammar (`spf.lark`), which is the definition.

Networks alone have a short way, for a record may hold hundreds and hardly any comes twice: one
regular expression, made of the grammar's own terminals. Tests hold the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from zonelint.grammars.spf.address import read_ip4, read_ip6
from zonelint.grammars.spf.tree import MacroString, Mechanism, Modifier, Qualifier


def read_term(text: str) -> Mechanism | Modifier | None:
    """Read one term; None when RFC 7208 section 12 does not allow it. Its `start` is 0."""
    return read_network(text) or read_by_grammar(text)


def read_network(text: str) -> Mechanism | None:
    """Read a plain `ip4:` or `ip6:` term without a qualifier.

    None for all others: the grammar has to tell, they may be good or bad.
    """
    found = _networks()(text) if text[:2] == "ip" else None
    if found is None:
        return None
    ip4, prefix4, ip6, prefix6 = found.groups()
    address = read_ip6(ip6) if ip4 is None else read_ip4(ip4)
    if address is None:
        return None
    prefix = prefix4 or prefix6
    length = None if prefix is None else int(prefix[1:])
    return Mechanism(Qualifier.PASS, text[:3], address=address, prefix=length, written=text)


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
    from zonelint.grammars.spf.grammar import networks

    return networks().fullmatch
