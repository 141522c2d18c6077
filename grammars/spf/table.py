"""The ways in which a piece of SPF can be wrong: tables of pattern, message and repair.

The grammar decides whether a term is good; what it refused is looked up here, part by part: in the
first row of a table that fits. A row never calls a term good or bad by itself.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import cache
from typing import NamedTuple

from zonelint.grammars.dnsname import quote_source
from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.spf.address import read_address
from zonelint.grammars.spf.term import read_term
from zonelint.grammars.spf.tree import MECHANISMS, MODIFIERS

_MOST_NETWORKS = 8
"""How many networks a range may be written as."""

NAMES = MECHANISMS | MODIFIERS
Words = Mapping[str, object]


class _Piece(str):
    """A piece of the term; `{piece!r}` in a message quotes it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"`{quote_source(self)}`"


class FaultStart(Enum):
    """Where a fault begins."""

    PART = "at the part"
    NAME = "at the term's name"
    INSTEAD = "at the term's name, and what was wrong with that is told no more"


class FaultRow(NamedTuple):
    """A way to be wrong.

    pattern: of the part's whole text. Its group `at` is what is wrong, all of it without one.
    message, repair: take the pattern's groups and the other words of the part. No repair: what is
      meant cannot be told.
    given: what else has to hold: more words if it does, None if it does not. A word `fixed` that is
      None stands for no repair.
    reach: whether the fault is told at the part alone.
    """

    pattern: str
    message: str
    repair: str | None = None
    given: Callable[[Words], Words | None] = lambda words: {}
    kind: FaultKind = FaultKind.SYNTAX
    reach: FaultStart = FaultStart.PART


class Match(NamedTuple):
    """The row that a text was found in: the fault, and its words."""

    fault: Fault
    words: Words
    reach: FaultStart


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def look_up(rows: Iterable[FaultRow], text: str, place: int, **known: object) -> Match | None:
    """Find the first row for a part of a term that stands at `place`."""
    for row in rows:
        found = _compiled(row.pattern).fullmatch(text)
        if found is None:
            continue
        pieces = {name: _Piece(piece or "") for name, piece in found.groupdict().items()}
        if "name" in pieces:
            pieces["name"] = _Piece(pieces["name"].lower())
        words: dict[str, object] = {"text": _Piece(text), **known, **pieces}
        more = row.given(words)
        if more is None:
            continue
        words |= more
        start, end = found.span("at" if "at" in pieces else 0)
        told = row.repair is not None and words.get("fixed", "") is not None
        repair = row.repair.format_map(words) if told and row.repair is not None else None
        message = row.message.format_map(words)
        fault = Fault(row.kind, place + start, place + end, message, repair)
        return Match(fault, words, row.reach)
    return None


def _of_kind(kind: FaultKind, *rows: FaultRow) -> tuple[FaultRow, ...]:
    return tuple(row._replace(kind=kind) for row in rows)


# -- what rows ask


def _sound(template: str) -> Callable[[Words], Words | None]:
    """Whether a text made of the words is a term."""
    return lambda words: {} if read_term(template.format_map(words)) is not None else None


def _if_address(words: Words) -> Words | None:
    """The mechanism for the address among the words."""
    address = read_address(str(words["address"]))
    if address is None:
        return None
    version = address.version
    longest = address.max_prefixlen
    return {"ip": f"ip{version}", "version": version, "address": address, "longest": longest}


_domain_is_sound = _sound("ptr:{domain}")


# -- prefix lengths


def _netmask(words: Words) -> Words | None:
    if words["longest"] != 32:
        return None
    try:
        bits = f"{int(ipaddress.IPv4Address(str(words['mask']))):032b}"
    except ValueError:
        return None
    return {"length": bits.count("1")} if "01" not in bits else None


def _over_longest(words: Words) -> Words | None:
    digits, longest = str(words["digits"]), words["longest"]
    assert isinstance(longest, int)
    return {} if len(digits) > 3 or int(digits) > longest else None


LENGTH = _of_kind(
    FaultKind.CIDR,
    FaultRow("//?", "A slash with no prefix length after it.", ""),
    FaultRow(
        r"(?P<slashes>//?+)(?P<mask>[^/]+)",
        "SPF takes the number of bits, not the netmask {mask!r}.",
        "{slashes}{length}",
        _netmask,
    ),
    FaultRow(
        r"//?+(?P<digits>.*[^0-9].*)",
        "{digits!r} is not a prefix length, which is a number from 0 to {longest}.",
    ),
    FaultRow(
        r"//?+0*(?P<digits>[1-9][0-9]*)",
        "An {family} prefix is at most {longest} bits long.",
        given=_over_longest,
    ),
    FaultRow(
        r"(?P<slashes>//?+)0+(?P<digits>0|[1-9][0-9]*)",
        "A prefix length has no leading zero.",
        "{slashes}{digits}",
    ),
)
"""One written prefix length, slashes included: `/24`, `//64`."""


def _too_many_slashes(words: Words) -> Words | None:
    four, _, six = str(words["text"]).partition("//")
    return {} if "/" in six or "/" in four[1:] else None


TWO_LENGTHS = _of_kind(
    FaultKind.CIDR,
    FaultRow(
        "/(?P<four>[0-9]+)/(?P<six>[0-9]+)",
        "An IPv6 prefix length needs two slashes before it.",
        "/{four}//{six}",
    ),
    FaultRow(
        ".*",
        "{text!r} is not a prefix length, which looks like /24, //64 or /24//64.",
        given=_too_many_slashes,
    ),
)
"""The prefix lengths of a and mx: `/24`, `//64`, `/24//64`."""


def _several_lengths(words: Words) -> Words | None:
    text = str(words["text"])
    return {} if "/" in text.removeprefix("//")[1:] or text.count("/") > 2 else None


def _one_slash(words: Words) -> Words | None:
    plain = str(words["text"]).replace("//", "/")
    longest = words["longest"]
    assert isinstance(longest, int)
    return {"plain": plain} if not prefix_faults(plain, 0, longest) else None


NETWORK_LENGTH = _of_kind(
    FaultKind.CIDR,
    FaultRow(".*", "A network has one prefix length.", given=_several_lengths),
    FaultRow(
        "//.*", "The prefix length of a network has one slash before it.", "{plain}", _one_slash
    ),
)
"""What stands behind the address of a network."""


def prefix_faults(text: str, at: int, longest: int) -> list[Fault]:
    """Judge one written prefix length, slash included (`/24`, `//64`).

    at: where it starts.
    longest: 32 or 128.
    """
    family = "IPv4" if longest == 32 else "IPv6"
    found = look_up(LENGTH, text, at, longest=longest, family=family)
    return [] if found is None else [found.fault]


# -- macros (RFC 7208 section 7)

PERCENT = re.compile(r"%\{[^}]*\}?|%[%_-]|%[(\[][a-z0-9.+,/_=-]+[)\]]|%", re.IGNORECASE)

MACRO = _of_kind(
    FaultKind.MACRO,
    FaultRow(r"%\{[^}]*", "This macro is never closed: a }} is missing."),
    FaultRow(r"%\{\}", "This macro is empty: a letter belongs between the braces."),
    FaultRow(
        r"%\{(?P<name>[crt]).*",
        "The macro letter {name} is only allowed in the text that exp= points to.",
    ),
    FaultRow(
        r"%\{(?P<letter>[^slodipvh]).*",
        "{letter!r} is not a macro letter; the letters are s, l, o, d, i, p, v and h.",
    ),
    FaultRow(
        r"%\{(?P<body>(?!.[0-9]*r?[^a-z0-9]*\}).*)\}",
        "{body!r} is not a macro: it can contain a letter, a number, `r` and delimiters.",
    ),
    FaultRow(r"%\{.0+(?![0-9]).*", "A macro cannot keep zero parts: the number starts at 1."),
    FaultRow(
        r"%\{.[0-9]*r?[-.+,/_=]*(?P<sign>[^-.+,/_=]).*\}",
        "{sign!r} is not a delimiter; the delimiters are . - + , / _ and =.",
    ),
    FaultRow(
        r"%[(\[](?P<body>.*)[)\]]",
        "A macro is written with braces.",
        "%{{{body}}}",
        lambda words: {} if _macro_is_sound(str(words["body"])) else None,
    ),
    FaultRow(
        r"(?P<at>%)(?![{%_-]).*",
        "A percent sign is only allowed in a macro,  %{{…}}, or in %%, %_ and %-.",
    ),
)
"""A percent sign and what belongs to it. Good macros are in no row."""


def _macro_is_sound(body: str) -> bool:
    return look_up(MACRO, f"%{{{body}}}", 0) is None


# -- domains

_URL = r"(?:[a-z][a-z0-9+.-]*://|mailto:)(?:[^/@]*@)?(?P<host>[^/?#:]*).*"


def _host(words: Words) -> Words:
    return {"fixed": "" if read_term(f"ptr:{words['host']}") is not None else None}


def _bracketed(words: Words) -> Words | None:
    address = str(words["written"]).removeprefix("[").removesuffix("]")
    return _if_address({"address": address})


def _in_mechanism(words: Words) -> Words | None:
    return _bracketed(words) if words["name"] in MECHANISMS else None


_NOT_HERE = "{name} takes a domain; an address belongs in {ip}."
DOMAIN = (
    FaultRow(
        "(?P<written>[^/]*)(?P<prefix>/.*)?",
        _NOT_HERE,
        "{ip}:{address}{prefix}",
        _in_mechanism,
        reach=FaultStart.INSTEAD,
    ),
    FaultRow("(?P<written>[^/]*)(?:/.*)?", _NOT_HERE, given=_bracketed, reach=FaultStart.NAME),
    FaultRow(
        f"(?=.*/){_URL}",
        "Only the host name belongs here, not a web or mail address.",
        "{host}",
        _host,
    ),
)
"""What stands where a domain belongs, and was meant for something else."""

DOMAIN_END = (
    FaultRow(
        r"(?P<domain>.*[^.])(?P<at>\.{2,})",
        "A name ends with one dot at most.",
        ".",
        _domain_is_sound,
    ),
    FaultRow(
        r"(?P<domain>.*?)(?P<at>[)\]}>:!*|&#?.]+)",
        "{at!r} after the domain does not belong there.",
        "",
        _domain_is_sound,
    ),
    FaultRow(r"[^.]*\.?", "{text!r} is not a full domain name: it has no dot."),
    FaultRow(
        r".*?\.(?P<at>(?P<last>[0-9]+)\.?)",
        "The domain ends in the number {last!r}: no top-level domain does.",
    ),
    FaultRow(
        r".*?\.(?P<at>(?P<last>[^.]*)\.?)",
        "The domain must end in a top-level domain, and {last!r} is not one.",
    ),
)
"""What stands where a domain belongs, and ends as none does."""

# -- addresses


def _of_the_name(words: Words) -> Words | None:
    address = read_address(str(words["address"]))
    if address is None or f"ip{address.version}" != words["name"]:
        return None
    return {"longest": address.max_prefixlen}


def _range(words: Words) -> Words | None:
    first, last = read_address(str(words["first"])), read_address(str(words["last"]))
    if first is None or last is None or f"ip{first.version}" != words["name"]:
        return None
    networks: list[str] = []
    if not words["prefix"] and first.version == last.version and int(first) <= int(last):
        networks = [
            f"ip{first.version}:{network}"
            for network in ipaddress.summarize_address_range(first, last)
        ]
    return {"fixed": " ".join(networks) if 0 < len(networks) <= _MOST_NETWORKS else None}


def _port(words: Words) -> Words | None:
    if words["name"] != "ip4":
        return None
    return {"fixed": "" if read_address(str(words["address"])) is not None else None}


def _padded(numbers: list[str]) -> str | None:
    whole = ".".join([*numbers, *["0"] * (4 - len(numbers))])
    return whole if read_address(whole) is not None else None


def _wildcard(words: Words) -> Words | None:
    if words["name"] != "ip4":
        return None
    known = [part for part in str(words["text"]).split(".") if part not in ("*", "x")]
    whole = _padded(known)
    return {"fixed": None if whole is None else f"{whole}/{8 * len(known)}"}


def _few_numbers(words: Words) -> Words:
    numbers = [part for part in str(words["at"]).split(".") if part]
    cut = words["prefix"] and len(numbers) < 4
    return {"fixed": _padded(numbers) if cut else None, "longest": 32}


ADDRESS = (
    FaultRow(
        "(?P<at>(?P<address>[^/]*))(?:/.*)?",
        "{name} has an IPv{version} address, which belongs in {ip}.",
        "{ip}:{at}",
        _if_address,
        FaultKind.CIDR,
        FaultStart.INSTEAD,
    ),
    FaultRow("(?P<at>[^/]*%[^/]*)(?:/.*)?", "{name} takes an address, not a macro."),
    FaultRow(
        r"(?P<at>[\[\]:.]*+(?P<address>[^/]*?)[\[\]:.]*)(?:/.*)?",
        "An address is written in {name} without brackets or extra punctuation.",
        "{address}",
        _of_the_name,
    ),
    FaultRow(
        "(?P<first>[0-9a-f:.]+)-(?P<last>[0-9a-f:.]+)(?P<prefix>/.*)?",
        "SPF knows no ranges, only networks with a prefix length.",
        "{fixed}",
        _range,
        reach=FaultStart.NAME,
    ),
    FaultRow(
        "(?P<address>[0-9.]+)(?P<at>:[0-9]*)(?:/.*)?", "SPF knows no ports.", "{fixed}", _port
    ),
    FaultRow(
        r"[0-9.]+(?:\.(?-i:[*x])){1,3}",
        "SPF knows no wildcard in an address, only a prefix length.",
        "{fixed}",
        _wildcard,
    ),
    FaultRow(
        r"(?P<at>[0-9]+\.(?:[0-9.]*))(?P<prefix>/.*)?",
        "{at!r} is not an IPv4 address: it needs four numbers.",
        "{fixed}",
        _few_numbers,
    ),
    FaultRow(
        "(?P<at>(?P<domain>[^/]*))(?:/.*)?",
        "{name} takes an address; a host name belongs in a.",
        "a:{domain}",
        _domain_is_sound,
        reach=FaultStart.INSTEAD,
    ),
    FaultRow("(?P<at>[^/]*)(?:/.*)?", "{at!r} is not an {family} address."),
)
"""What stands where the network of ip4 or ip6 belongs, and is none."""

NUMBER = (
    FaultRow(
        "0[0-9]+",
        "{text!r} has a leading zero, which an IPv4 address does not have.",
        kind=FaultKind.CIDR,
    ),
    FaultRow(
        "[0-9]{4,}|25[6-9]|2[6-9].|[3-9]..",
        "{text!r} is more than 255, the most in an IPv4 address.",
    ),
)
"""One of four numbers that are no address together."""

FOUR_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+){3}")

# -- names


def _meant(words: Words) -> Words | None:
    """The name that is meant by a wrong one."""
    name = str(words["name"])
    address = read_address(str(words["value"]).partition("/")[0])
    if name in _IP_NAMES and address is not None:
        meant: str | None = f"ip{address.version}"
    else:
        cut = [known for known in _SHORTENED if words["sign"] and known.startswith(name)]
        meant = cut[0] if cut and len(name) > 2 else near_miss(name, NAMES)
    if meant is None:
        return None
    return {"meant": meant, "wanted": "=" if meant in MODIFIERS else ":"}


def _meant_with_sign(words: Words) -> Words | None:
    found = _meant(words)
    if found is None or found["meant"] == "all" or found["wanted"] == words["sign"]:
        return None
    return found


_IP_NAMES = frozenset(
    {"ip", "ips", "ipv", "ipv4", "ipv6", "ip-4", "ip-6", "ip_4", "ip_6", "addr", "address", "net"}
)
_SHORTENED = ("include", "exists", "redirect")

TERM = (
    FaultRow(
        "(?P<address>[^/]*)(?:/.*)?",
        "An address needs its mechanism before it: {ip}.",
        "{ip}:{text}",
        _if_address,
    ),
    FaultRow(
        "(?P<at>[^a-z0-9])(?P<rest>.+)",
        "{at!r} is not a qualifier; the qualifiers are + - ~ and ?.",
        given=_sound("{rest}"),
    ),
)
"""Terms that want something in front, or something else."""

NAME = (
    FaultRow(
        "(?P<name>include|exists|ip4|ip6)(?P<at>[.;_-])(?P<rest>.*)",
        "{name} takes a colon, not {at!r}.",
        ":",
        _sound("{name}:{rest}"),
    ),
    FaultRow(
        "(?P<name>redirect)(?P<at>[.;_-])(?P<rest>.*)",
        "{name} takes an equals sign, not {at!r}.",
        "=",
        _sound("{name}={rest}"),
    ),
    FaultRow("[:=/].*", "A mechanism's name is missing before {text!r}."),
    FaultRow(r"spf2\.0.*", "This belongs to Sender ID, which is historic, not to SPF."),
    FaultRow(_URL, "SPF has no use for a web or mail address."),
    FaultRow(
        "(?P<at>(?P<name>[^:=/]+)(?P<sign>[:=]))(?P<value>.*)",
        "SPF has no {name!r}: {meant} is probably intended.",
        "{meant}{wanted}",
        _meant_with_sign,
    ),
    FaultRow(
        "(?P<at>(?P<name>[^:=/]+))(?P<sign>[:=/]?)(?P<value>.*)",
        "SPF has no {name!r}: {meant} is probably intended.",
        "{meant}",
        _meant,
    ),
    FaultRow(
        r"[^:=/]*\.[^:=/]*",
        "{text!r} is on its own: a host name needs a mechanism before it, such as include: or a:.",
    ),
    FaultRow("(?P<at>(?P<name>[^:=/]+))(?:[:=/].*)?", "SPF has no mechanism or modifier {name!r}."),
)
"""Terms whose name is none."""

# -- what stands behind a name


def _if_named(*names: str) -> Callable[[Words], Words | None]:
    return lambda words: {} if words["name"] in names else None


_WITH_DOMAIN = _if_named("include", "exists")
_WITH_NETWORK = _if_named("ip4", "ip6")
_MODIFIER = _if_named(*MODIFIERS)
_MISSING = FaultKind.MISSING

NOTHING = (
    FaultRow(".+", "Nothing may follow all.", "", _if_named("all")),
    FaultRow(
        "[:=/]?+(?:/.*)?",
        "{name} needs a colon and an address after it.",
        given=_WITH_NETWORK,
        kind=_MISSING,
        reach=FaultStart.NAME,
    ),
    FaultRow(
        "[:=/]?",
        "{name} needs an equals sign and a domain after it.",
        given=_MODIFIER,
        kind=_MISSING,
        reach=FaultStart.NAME,
    ),
    FaultRow("/.*", "{name} takes no prefix length.", "", _if_named("ptr")),
    FaultRow("(?P<at>/).+", "{name} takes a colon before its domain.", ":", _WITH_DOMAIN),
    FaultRow("/", "{name} takes a colon before its domain.", given=_WITH_DOMAIN),
    FaultRow(
        "[:=]?",
        "{name} needs a colon and a domain after it.",
        given=_WITH_DOMAIN,
        kind=_MISSING,
        reach=FaultStart.NAME,
    ),
    FaultRow("[:=]", "A colon with no domain after it; {name} alone means this domain.", ""),
)
"""Where nothing that is worth a look stands behind a name."""

SIGN = (
    FaultRow("(?P<at>[:/]).*", "{name} takes an equals sign before its domain.", "=", _MODIFIER),
    FaultRow("(?P<at>[=/]).*", "{name} takes a colon before its address.", ":", _WITH_NETWORK),
    FaultRow(
        "(?P<at>=).*",
        "{name} takes a colon before its domain.",
        ":",
        _if_named("include", "exists", "a", "mx", "ptr"),
    ),
)
"""Another sign where a colon or an equals sign belongs."""

LENGTHS_BEHIND = re.compile(r"/[0-9]+/[0-9]+\Z|(?:/[^/]*)?//[^/]*\Z|/[^/]*\Z")

# -- qualifiers

QUALIFIERS = (
    FaultRow("[-+~?]", "A qualifier on its own, with no mechanism after it."),
    FaultRow("[-+~?]+", "Qualifiers on their own, with no mechanism after them."),
    FaultRow(
        "(?P<all>all)(?P<sign>[-+~?])",
        "The qualifier belongs before `all`, not after it.",
        "{sign}{all}",
    ),
)
