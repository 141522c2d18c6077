"""The words in front of the rdata: owner, TTL, class, type, and which of them stand there."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from zonelint.grammars.masterfile.tokens import COMMON_TYPES, Line, Offsets

LARGEST_TTL = 2**32 - 1
"""RFC 2181 §8 stops at 2**31 - 1; what lies above is written in real zones and read as 0."""

_TTL = re.compile(r"[0-9]{1,20}|(?:[0-9]{1,20}[wdhms])+", re.IGNORECASE)
_TTL_PART = re.compile(r"([0-9]+)([wdhms]?)", re.IGNORECASE)
_SECONDS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1, "": 1}

_CLASSES = {
    "IN": "IN", "INTERNET": "IN", "CLASS1": "IN", "CH": "CH", "CHAOS": "CH", "HS": "HS",
    "HESIOD": "HS", "NONE": "NONE", "ANY": "ANY",
}  # fmt: skip
_OTHER_CLASS = re.compile(r"CLASS[0-9]{1,5}")

_COMMON = {name: name for name in COMMON_TYPES}
_PRIVATE = {name: name for name in ("ALIAS", "ANAME", "DYNA", "DYNC", "LUA")}
"""No DNS types, but PowerDNS, gdnsd and others read them in zone files; they stay opaque here."""
_REGISTERED = {
    "EID": 31, "NIMLOC": 32, "ATMA": 34, "SINK": 40, "RKEY": 57, "TALINK": 58, "DSYNC": 66,
    "HHIT": 67, "BRID": 68, "UINFO": 100, "UID": 101, "GID": 102, "DOA": 259, "RESINFO": 261,
    "WALLET": 262, "CLA": 263, "IPN": 264,
}  # fmt: skip
"""Types of IANA's registry that dnspython, or an older one, knows by their number alone."""


def ttl_of(word: str) -> int | None:
    """Seconds of `3600` or `1h30m`; None for what is no TTL, or one over LARGEST_TTL."""
    if not _TTL.fullmatch(word):
        return None
    seconds = sum(int(n) * _SECONDS[unit.lower()] for n, unit in _TTL_PART.findall(word))
    return seconds if seconds <= LARGEST_TTL else None


def class_of(word: str) -> str | None:
    """The class that the word names (`IN`, `CH` …), None for no class."""
    upper = word.upper()
    return _CLASSES.get(upper) or (upper if _OTHER_CLASS.fullmatch(upper) else None)


@lru_cache(maxsize=256)
def type_of(word: str) -> str | None:
    """The mnemonic of the type that the word names (`txt` and `TYPE16`: TXT), or None."""
    upper = word.upper()
    known = _COMMON.get(upper) or _PRIVATE.get(upper)
    if known is not None or not upper.isascii():
        return known
    import dns.exception
    import dns.rdatatype

    try:
        rdtype = dns.rdatatype.RdataType.make(_REGISTERED.get(upper, upper))
    except (dns.exception.DNSException, ValueError):
        return None
    if dns.rdatatype.is_metatype(rdtype) or rdtype == 0:
        return None
    return dns.rdatatype.to_text(rdtype)


def known_types() -> Collection[str]:
    """Every mnemonic that a record of a zone can carry."""
    import dns.rdatatype

    return [
        dns.rdatatype.to_text(t)
        for t in dns.rdatatype.RdataType
        if t and not dns.rdatatype.is_metatype(t)
    ]


@dataclass(slots=True)
class Head:
    """What stands in front of the rdata. Offsets are None for what was left out.

    `rdata` is the index of the first token behind the type. Where `type` is None, `rdata` is
    the index of the token that should have been a type (there may be none).
    """

    owner: Offsets | None = None
    ttl: Offsets | None = None
    class_: Offsets | None = None
    type: Offsets | None = None
    seconds: int | None = None
    class_name: str | None = None
    type_name: str | None = None
    rdata: int = 0


def head_of(text: str, line: Line) -> Head:
    """Sort the first tokens of a record's line: owner, then TTL and class in either order, type."""
    head = Head()
    tokens = line.tokens
    at = 0
    if not line.blank_first and tokens:
        head.owner = tokens[0]
        at = 1
    for _ in range(2):
        if at < len(tokens) and head.seconds is None:
            seconds = ttl_of(text[slice(*tokens[at])])
            if seconds is not None:
                head.ttl, head.seconds = tokens[at], seconds
                at += 1
        if at < len(tokens) and head.class_name is None:
            class_name = class_of(text[slice(*tokens[at])])
            if class_name is not None:
                head.class_, head.class_name = tokens[at], class_name
                at += 1
    if at < len(tokens):
        head.type_name = type_of(text[slice(*tokens[at])])
        if head.type_name is not None:
            head.type = tokens[at]
            at += 1
    head.rdata = at
    return head


def unquoted(word: str) -> str:
    """A token's text without the quotes around it."""
    return word[1:-1] if word[:1] == '"' else word
