"""Terms that RFC 7208 section 12 allows and that nobody can have meant.

`include=example.com` is a modifier that receivers ignore, `include:a.example,include:b.example`
is one include of a domain that cannot exist. The grammar lets both pass; a hint tells them.
"""

from __future__ import annotations

import re

from zonelint.grammars.dnsname import quote_source
from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.spf.address import read_address
from zonelint.grammars.spf.term import read_term
from zonelint.grammars.spf.tree import (
    MECHANISMS,
    MODIFIERS,
    REPORTING_MODIFIERS,
    AnyTerm,
    DomainSpec,
    Invalid,
    Modifier,
)

_NEXT_TERM = re.compile(
    r"[,;]?[-+~?]?(?:include|exists|ip4|ip6):|[,;]?(?:redirect|exp)=|[,;]?[-+~?]all\Z",
    re.IGNORECASE,
)
_NO_HOST_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_ORDINARY = re.compile(
    r"(?:[A-Za-z0-9_-]{1,63}\.)+(?!\S*-all\Z)[A-Za-z0-9-]{1,63}\.?", re.IGNORECASE
)
"""A domain in which neither a term nor anything odd can be."""
_LONGEST_LABEL = 63
_LONGEST_NAME = 253


def hints(term: AnyTerm) -> tuple[Fault, ...]:
    """Give the hints of a term, offsets in the record like the term's own.

    The kind is `UNKNOWN` for a modifier that no RFC defines, `SUSPECT` for all else. An invalid
    term has faults and no hints.
    """
    if isinstance(term, Invalid):
        return ()
    if isinstance(term, Modifier) and term.name not in MODIFIERS:
        found = _unknown_modifier(term)
    else:
        value = term.value if isinstance(term, Modifier) else term.domain
        found = [] if not isinstance(value, DomainSpec) else _domain(term.text, value)
    return tuple(fault.shifted(term.start) for fault in found)


def _unknown_modifier(term: Modifier) -> list[Fault]:
    if term.name in REPORTING_MODIFIERS:
        return []
    name, _, value = term.text.partition("=")
    end = len(name) + 1
    if term.name == "v":
        message = f"`{quote_source(term.text)}` belongs only at the start: here it is ignored."
        return [Fault(FaultKind.SUSPECT, 0, len(term.text), message)]
    address = read_address(value.partition("/")[0])
    if term.name.startswith("ip") and address is not None:
        meant: str | None = f"ip{address.version}"
    else:
        meant = near_miss(name, MECHANISMS | MODIFIERS)
    if meant is None:
        message = f"No RFC defines the modifier `{quote_source(name)}`: receivers ignore it."
        return [Fault(FaultKind.UNKNOWN, 0, end, message)]
    if meant in MODIFIERS:
        message = (
            f"No RFC defines the modifier `{quote_source(name)}`, so receivers ignore it; did you "
            f"mean {meant}?"
        )
        return [Fault(FaultKind.UNKNOWN, 0, end, message, _if_sound(f"{meant}=", value))]
    message = (
        f"With an equals sign this is a modifier that receivers ignore: {meant} is a mechanism"
        f"{'.' if meant == 'all' else ' and takes a colon.'}"
    )
    return [Fault(FaultKind.SUSPECT, 0, end, message, _if_sound(f"{meant}:", value))]


def _if_sound(name: str, value: str) -> str | None:
    return name if read_term(name + value) is not None else None


def _domain(text: str, domain: DomainSpec) -> list[Fault]:
    written = str(domain)
    if _ORDINARY.fullmatch(written) is not None and len(written) <= _LONGEST_NAME:
        return []
    # A domain spec is written as it reads, but for leading zeros in a macro.
    at = text.find(written)
    if at < 0:
        return []
    found = next((m for m in _NEXT_TERM.finditer(text, at) if m.start() > at), None)
    if found is not None:
        tail = text[found.start() :].lstrip(",;")
        message = (
            f"A space is missing before `{quote_source(tail)}`: all of it is read as one domain."
        )
        sound = read_term(text[: found.start()]) is not None and read_term(tail) is not None
        suggestion = f" {tail}" if sound else None
        return [Fault(FaultKind.SUSPECT, found.start(), len(text), message, suggestion)]
    literal = domain.literal
    if literal is None:
        return []
    faults = []
    odd = _NO_HOST_NAME.search(literal)
    if odd is not None:
        message = (
            f"A host name does not contain `{quote_source(odd[0])}`: another term was probably "
            "intended."
        )
        faults.append(Fault(FaultKind.SUSPECT, at + odd.start(), at + odd.end(), message))
    place = at
    for label in literal.removesuffix(".").split("."):
        end = place + len(label)
        if not label:
            message = "Two dots in a row, or a leading dot: this domain cannot be looked up."
            faults.append(Fault(FaultKind.SUSPECT, place, min(place + 1, len(text)), message))
        elif len(label) > _LONGEST_LABEL:
            message = f"A label has {_LONGEST_LABEL} characters at most, this one {len(label)}."
            faults.append(Fault(FaultKind.SUSPECT, place, end, message))
        place = end + 1
    if len(literal.removesuffix(".")) > _LONGEST_NAME:
        message = f"A domain name has {_LONGEST_NAME} characters at most, this one {len(literal)}."
        faults.append(Fault(FaultKind.SUSPECT, at, at + len(literal), message))
    return faults[:_MOST_HINTS]


_MOST_HINTS = 8
"""A long row of dots is told once or twice, not at every dot."""
