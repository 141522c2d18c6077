"""What the rdata of the types that rules read must look like, and what to say when it does not.

Of other types that people write by hand dnspython says whether the rdata has their form: one that
has not keeps the whole zone from loading. What is left stays opaque, provided it is there at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from zonelint.grammars.dnsname import PLAIN_NAME, BadName, absolute, bad_escape, quote_source
from zonelint.grammars.masterfile.head import ttl_of, unquoted

LARGEST_RDATA = 65535
"""Octets (RFC 1035 §3.2.1: RDLENGTH has 16 bits)."""

GENERIC = r"\#"
"""What rdata in the form for unknown types begins with (RFC 3597 §5)."""

Complaint = tuple[str, str]
"""What is wrong with a field, and what to do: two sentences."""


class RdataFault(NamedTuple):
    """The field that is wrong, by its index; an index behind the last one: a field is missing.

    within: which characters of the field, where it is not all of them.
    """

    field: int
    message: str
    advice: str
    within: tuple[int, int] | None = None


class _Part(NamedTuple):
    """One field that a type expects. The last one of a type may stand several times."""

    what: str
    check: Callable[[str, str], Complaint | None]
    repeated: bool = False


_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_IPV4_RE = re.compile(IPV4)


def is_ipv6(text: str) -> bool:
    """Whether the text is an IPv6 address."""
    from socket import AF_INET6, inet_pton  # late: most zones hold none, and it takes 4 ms

    try:
        inet_pton(AF_INET6, text)
    except (OSError, ValueError):
        return False
    return True


def _ipv4(text: str, _origin: str) -> Complaint | None:
    if _IPV4_RE.fullmatch(text):
        return None
    if ":" in text and is_ipv6(text):
        return (
            f"`{quote_source(text)}` is an IPv6 address, and an A record needs an IPv4 address.",
            "Make it an AAAA record.",
        )
    if re.search("[A-Za-z]", text):
        return (
            f"`{quote_source(text)}` is a name, and an A record needs an IPv4 address.",
            "Write the address, or point at the name with a CNAME record.",
        )
    return (
        f"`{quote_source(text)}` is not an IPv4 address: it needs four numbers from 0 to 255 "
        "separated by dots, without leading zeros.",
        "Write the whole address, such as 192.0.2.1.",
    )


def _ipv6(text: str, _origin: str) -> Complaint | None:
    if is_ipv6(text):
        return None
    if _IPV4_RE.fullmatch(text):
        return (
            f"`{quote_source(text)}` is an IPv4 address, and an AAAA record needs an IPv6 address.",
            "Make it an A record.",
        )
    return (
        f"`{quote_source(text)}` is not an IPv6 address.",
        "Write the address, such as 2001:db8::1, without a prefix length.",
    )


def _number(largest: int, what: str) -> Callable[[str, str], Complaint | None]:
    def check(text: str, _origin: str) -> Complaint | None:
        if re.fullmatch("[0-9]{1,10}", text) and int(text) <= largest:
            return None
        return (
            f"`{quote_source(text)}` is not a valid {what}, which is a number from 0 to {largest}.",
            f"Write the {what} as a plain number.",
        )

    return check


def _seconds(text: str, _origin: str) -> Complaint | None:
    if ttl_of(text) is not None:
        return None
    return (
        f"`{quote_source(text)}` is not a time: a number of seconds, or numbers with units as in "
        "1h30m.",
        "Write the seconds as a plain number.",
    )


def _name(text: str, origin: str) -> Complaint | None:
    if text[:1] == '"':
        return (
            f"The name `{quote_source(text)}` is in quotes, which name servers refuse.",
            "Write the name without quotes.",
        )
    try:
        absolute(text, origin)
    except BadName as fault:
        return fault.message, fault.advice
    return None


def _string(text: str, _origin: str) -> Complaint | None:
    place = bad_escape(text)
    if place is None:
        return None
    return (
        f"`{quote_source(text[slice(*place)])}` is an invalid escape: a backslash is followed by "
        "one character or exactly three digits up to 255.",
        r"Write the character itself, or `\\` for a backslash.",
    )


def _tag(text: str, _origin: str) -> Complaint | None:
    word = unquoted(text)
    if word.isascii() and word.isalnum():
        return None
    return (
        f"`{quote_source(text)}` is not a CAA property: a word of letters and digits.",
        "Write issue, issuewild or iodef.",
    )


def _hexadecimal(text: str, _origin: str) -> Complaint | None:
    if re.fullmatch("[0-9A-Fa-f]+", text):
        return None
    return (
        f"`{quote_source(text)}` is not hexadecimal data, so the TLSA record has no fingerprint.",
        "Write the fingerprint in digits and the letters a to f.",
    )


_TARGET = (_Part("host name", _name),)
_STRINGS = (_Part("text", _string, repeated=True),)
_PARTS: dict[str, tuple[_Part, ...]] = {
    "A": (_Part("IPv4 address", _ipv4),),
    "AAAA": (_Part("IPv6 address", _ipv6),),
    "CAA": (
        _Part("flags", _number(255, "flags")),
        _Part("property", _tag),
        _Part("value", _string),
    ),
    "CNAME": _TARGET,
    "DNAME": _TARGET,
    "MX": (
        _Part("preference", _number(65535, "preference")),
        _Part("mail server's name", _name),
    ),
    "NS": _TARGET,
    "PTR": _TARGET,
    "SOA": (
        _Part("primary server's name", _name),
        _Part("mailbox of the person responsible", _name),
        _Part("serial", _number(2**32 - 1, "serial")),
        _Part("refresh time", _seconds),
        _Part("retry time", _seconds),
        _Part("expire time", _seconds),
        _Part("minimum time", _seconds),
    ),
    "SPF": _STRINGS,
    "SRV": (
        _Part("priority", _number(65535, "priority")),
        _Part("weight", _number(65535, "weight")),
        _Part("port", _number(65535, "port")),
        _Part("host name", _name),
    ),
    "TLSA": (
        _Part("certificate usage", _number(255, "certificate usage")),
        _Part("selector", _number(255, "selector")),
        _Part("matching type", _number(255, "matching type")),
        _Part("certificate data", _hexadecimal, repeated=True),
    ),
    "TXT": _STRINGS,
}

NAME_FIELDS: dict[str, tuple[int, ...]] = {
    type: tuple(i for i, part in enumerate(parts) if part.check is _name)
    for type, parts in _PARTS.items()
}
"""Which fields of a type's rdata are names that may be relative."""

READ_TYPES = frozenset(_PARTS)

_FORM_IN_RFC = {
    "AFSDB": 1183, "APL": 3123, "CDNSKEY": 7344, "CDS": 7344, "CERT": 4398, "DNSKEY": 4034,
    "DS": 4034, "HINFO": 1035, "HTTPS": 9460, "LOC": 1876, "NAPTR": 3403, "NSEC3PARAM": 5155,
    "OPENPGPKEY": 7929, "RP": 1183, "SMIMEA": 8162, "SSHFP": 4255, "SVCB": 9460, "URI": 7553,
    "ZONEMD": 8976,
}  # fmt: skip
"""Types of which dnspython refuses nothing that BIND loads, but for _LOADED_BY_SOME."""

_SVCB = r"0 .*|\S+ \S+ (?:.* )?(?!(?:mandatory|alpn|port|ipv[46]hint)=|no-default-alpn\b)\S.*"
_DIGEST_BY_NAME = r"\S+ \S+ [A-Za-z].*"
_LOADED_BY_SOME = {
    "CDS": _DIGEST_BY_NAME, "DS": _DIGEST_BY_NAME, "HTTPS": _SVCB, "SVCB": _SVCB, "URI": '.*""',
}  # fmt: skip
"""BIND loads digests by name, parameters beside an alias, any ech and empty URIs; which keys a
server knows is a matter of its version."""

_SERIAL = r"(?:[0-9]{1,9}|[1-3][0-9]{9})"
_HEX = "[0-9A-Fa-f]"
_DIGEST = rf"(?:1 {_HEX}{{40}}|2 {_HEX}{{64}}|4 {_HEX}{{96}})"
_PLAIN = {
    "CNAME": PLAIN_NAME,
    "DNAME": PLAIN_NAME,
    "DS": rf"[0-9]{{1,4}} [0-9]{{1,2}} {_DIGEST}",
    "MX": rf"[0-9]{{1,4}} {PLAIN_NAME}",
    "NS": PLAIN_NAME,
    "PTR": PLAIN_NAME,
    "SOA": rf"{PLAIN_NAME} {PLAIN_NAME} {_SERIAL}(?: [0-9]{{1,9}}[smhdw]?){{4}}",
    "SRV": rf"[0-9]{{1,4}} [0-9]{{1,4}} [0-9]{{1,4}} {PLAIN_NAME}",
    "SSHFP": rf"[0-9]{{1,2}} (?:1 {_HEX}{{40}}|2 {_HEX}{{64}})",
}
_PLAIN_RDATA = {type: re.compile(pattern) for type, pattern in _PLAIN.items()}
_LENIENT = {type: re.compile(pattern) for type, pattern in _LOADED_BY_SOME.items()}
_SHORT = 120


def rdata_fault(type: str, fields: Sequence[str], origin: str) -> RdataFault | None:
    """What is wrong with the fields of one record's rdata, as written; None if nothing is."""
    parts = _PARTS.get(type)
    if fields and fields[0] == GENERIC:
        return _generic_fault(type, fields)
    if parts is None:
        return None if fields or _by_dnspython(type, "", origin) else _missing(type, 0, "data")
    plain = _PLAIN_RDATA.get(type)
    if plain and plain.fullmatch(" ".join(fields)) and len(origin) + sum(map(len, fields)) < _SHORT:
        return None
    return _first_fault(type, parts, fields, origin)


def form_fault(type: str, fields: Sequence[str], origin: str) -> RdataFault | None:
    """Whether rdata of a type that no rule reads, which is not empty, lacks its type's form."""
    rfc, text = _FORM_IN_RFC.get(type), " ".join(fields)
    if rfc is None or fields[0] == GENERIC or not text.isascii():
        return None
    if any(forms[type].fullmatch(text) for forms in (_PLAIN_RDATA, _LENIENT) if type in forms):
        return None
    if _by_dnspython(type, text, origin):
        return None
    return RdataFault(
        0,
        f"The data of the {type} record does not have the form of its type, so no name server "
        "loads the zone.",
        f"Write it as RFC {rfc} has it.",
    )


def _first_fault(
    type: str, parts: tuple[_Part, ...], fields: Sequence[str], origin: str
) -> RdataFault | None:
    if type == "MX" and len(fields) == 1 and fields[0] == "0.":
        return RdataFault(
            0,
            "The MX record has no space between the preference 0 and the name `.`, so no name "
            "server loads it.",
            "Write `0 .`, which says that the domain receives no mail.",
        )
    if type == "MX" and len(fields) == 1 and not fields[0].isdigit():
        return RdataFault(
            0,
            f"The MX record has no preference before `{quote_source(fields[0])}`, so no name "
            "server loads it and mail has nowhere to go.",
            f"Write `10 {quote_source(fields[0])}`.",
        )
    for index, part in enumerate(parts):
        if index >= len(fields):
            return _missing(type, index, part.what)
        for at in range(index, len(fields) if part.repeated else index + 1):
            complaint = part.check(fields[at], origin)
            if complaint is not None:
                within = bad_escape(fields[at]) if part.check is _string else None
                return RdataFault(at, *complaint, within)
    if not parts[-1].repeated and len(fields) > len(parts):
        return RdataFault(
            len(parts),
            f"`{quote_source(fields[len(parts)])}` is one field too many: {article(type)} {type} "
            f"record ends with its {parts[-1].what}.",
            "Remove it, or start a comment with a semicolon.",
        )
    if type == "TLSA" and len("".join(fields[3:])) % 2:
        return RdataFault(
            len(fields) - 1,
            "The fingerprint has an odd number of hexadecimal digits, so one is missing.",
            "Copy the fingerprint again.",
        )
    if sum(map(len, fields)) > LARGEST_RDATA and _octets(fields) > LARGEST_RDATA:
        return RdataFault(
            0,
            f"The record holds more than {LARGEST_RDATA} octets, and no DNS message carries that.",
            "Shorten it.",
        )
    return None


def _octets(fields: Sequence[str]) -> int:
    return sum(len(string_octets(field)) + 1 for field in fields)


_ESCAPED = re.compile(rb"\\(?:([0-9]{3})|([\s\S]))")


def string_octets(field: str) -> bytes:
    """The octets of one character-string as written, quoted or not. Its escapes are sound."""
    octets = unquoted(field).encode("utf-8", "surrogateescape")
    if b"\\" not in octets:
        return octets
    return _ESCAPED.sub(lambda m: bytes((int(m[1]),)) if m[1] else m[2], octets)


def _missing(type: str, index: int, what: str) -> RdataFault:
    return RdataFault(
        index,
        f"The {type} record ends before its {what}, so no name server loads it.",
        f"Add the {what}.",
    )


def article(type: str) -> str:
    """The word that goes before a record type, by sound."""
    return "an" if type[0] in "AMNS" and type not in ("NAPTR",) else "a"


def _generic_fault(type: str, fields: Sequence[str]) -> RdataFault | None:
    if _by_dnspython(type, " ".join(fields), "."):
        return None
    return RdataFault(
        0,
        rf"The data after `{GENERIC}` does not fit: a length in octets, then that many octets in "
        f"hexadecimal that make up {article(type)} {type} record (RFC 3597).",
        f"Write the record in the usual form of {type}.",
    )


def _by_dnspython(type: str, text: str, origin: str) -> bool:
    return normal_rdata(type, text, origin) is not None


def normal_rdata(type: str, text: str, origin: str) -> str | None:
    """dnspython's presentation format of the rdata, names absolute; None if it refuses it."""
    import dns.exception
    import dns.name
    import dns.rdata

    try:
        rdata = dns.rdata.from_text(
            "IN", type, text, origin=dns.name.from_text(origin), relativize=False
        )
    except (dns.exception.DNSException, ValueError):
        return None
    return rdata.to_text()
