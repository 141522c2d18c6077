"""What a term with macros asks, whoever sends (RFC 7208 §7).

No lock holds the names of all messages. Whether a term lets everybody pass shows in those of one
message that nobody sends: from an address that is in no network, with names that nobody has. What
answers it answers everybody.
"""

from __future__ import annotations

import ipaddress

from zonelint.grammars.spf.tree import DomainSpec, MacroExpand, Mechanism, Modifier
from zonelint.rules.mail.macros import NoValue, expand, query_name
from zonelint.rules.model.answers import Address, Answers, Status

_FAMILIES: tuple[Address, ...] = (
    ipaddress.IPv4Address("192.0.2.77"),
    ipaddress.IPv6Address("2001:db8::77"),
)
ADDRESSES = frozenset(_FAMILIES)
"""Addresses for documentation (RFC 5737, RFC 3849): no mail comes from there."""
_USER = "zonelintasks"
_HOST = "zonelintasks.invalid"
_CHOSEN = frozenset("lhp")
"""What the sender chooses, or the owner of the address by its reverse zone."""
CHOSEN = _CHOSEN | {"s"}
"""The same, and what holds the sender's choice: by a label too long it leads to no name at all."""


def letters(spec: DomainSpec) -> frozenset[str]:
    """The macros of a domain-spec, in lower case."""
    return frozenset(p.letter.lower() for p in spec.parts if isinstance(p, MacroExpand))


def is_anybodys(spec: DomainSpec) -> bool:
    """Whether the end of the name, and with it the zone that answers, is the sender's choice."""
    last = spec.parts[-1]
    return isinstance(last, MacroExpand) and last.letter.lower() in _CHOSEN


def varies_by_choice(spec: DomainSpec) -> bool:
    """Whether nothing but what the sender chooses decides about the name."""
    found = letters(spec)
    return bool(found & set("lhs")) and not found & set("ip")


def probes(spec: DomainSpec, domain: str) -> tuple[str, ...]:
    """The names that a term asks for when nobody's message comes; none where it needs no message.

    For an address of each family where the family is a part of the name.
    """
    found = letters(spec)
    if not found - {"d"} or is_anybodys(spec):
        return ()
    own = domain.removesuffix(".")
    names = []
    for address in _FAMILIES if "v" in found else _FAMILIES[:1]:
        is_old = address.version == 4
        shown = str(address) if is_old else ".".join(f"{int(address):032x}")
        values = {"i": shown, "v": "in-addr" if is_old else "ip6", "l": _USER, "h": _HOST,
                  "p": "unknown", "d": own, "o": own, "s": f"{_USER}@{own}"}  # fmt: skip
        try:
            name = query_name(expand(spec, {k: lambda v=v: v for k, v in values.items()}))  # type: ignore[misc]
        except NoValue:  # the letters of `exp`: SPF006 tells
            return ()
        if name is not None:
            names.append(name)
    return tuple(names)


def finds_anybody(term: Mechanism, domain: str, version: int, answers: Answers) -> bool:
    """Whether an `exists` is answered whatever address of a family the mail comes from.

    A sender who chooses a part of the name can have it find nothing.
    """
    spec = spec_of(term)
    if term.name != "exists" or spec is None or letters(spec) & CHOSEN:
        return False
    names = probes(spec, domain)
    asked = names[:1] if version == 4 else names[-1:]
    return any(answers.ask(name, "A").status is Status.RECORDS for name in asked)


def tail_of_choice(name: str) -> str | None:
    """What stands in a probe's name behind the sender's choice; None where that is cut up."""
    _, found, tail = name.rpartition(_USER)
    return tail.removeprefix(".invalid") if found else None


def spec_of(term: Mechanism | Modifier) -> DomainSpec | None:
    """The domain-spec of a term, if it has one."""
    spec = term.domain if isinstance(term, Mechanism) else term.value
    return spec if isinstance(spec, DomainSpec) else None
