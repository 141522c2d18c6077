"""The tree of an SPF term: what RFC 7208 section 12 says, as objects.

A term is a `Mechanism` (with its qualifier: a directive), a `Modifier`, or an `Invalid`: text that
the grammar does not allow, with its faults. All three have

- `start`, `end`: character offsets into the record's text, from 0, end exclusive;
- `text`: the term exactly as written;
- `features`: a few fixed words about it, cheap to ask, for choosing the rules that could have
  something to say. `FEATURES` lists them all.

Two trees are equal when they mean the same: places and spelling do not count. `str()` gives the
normal form, which reads back to an equal tree: names in lower case, no `+`, addresses in their
shortest form; domains and macro letters stay as they are.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from zonelint.grammars.fault import Fault

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MECHANISMS = frozenset({"all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"})
"""The mechanisms of RFC 7208 section 5."""
MODIFIERS = frozenset({"redirect", "exp"})
"""The modifiers of RFC 7208 section 6. Every other name is a modifier that receivers ignore."""
REPORTING_MODIFIERS = frozenset({"ra", "rp", "rr"})
"""The modifiers of RFC 6652 section 3: they ask for failure reports and change no result."""

FEATURES: dict[str, str] = {
    **{name: f"the term is, or was meant as, the mechanism {name}" for name in sorted(MECHANISMS)},
    **{name: f"the term is, or was meant as, the modifier {name}" for name in sorted(MODIFIERS)},
    "reporting-modifier": "ra, rp or rr",
    "unknown-modifier": "a modifier that no RFC defines",
    "qualifier:+": "an explicit plus",
    "qualifier:-": "a minus",
    "qualifier:~": "a tilde",
    "qualifier:?": "a question mark",
    "all:pass": "all, with a plus or bare",
    "all:fail": "-all",
    "all:softfail": "~all",
    "all:neutral": "?all",
    "uppercase": "upper case in a name or domain where lower case means the same",
    "final-dot": "a domain written with its final dot",
    "macro": "a macro, the escapes %% %_ %- among them",
    "prefix": "ip4 or ip6 with a written prefix length",
    "short-prefix": "IPv4 networks shorter than /24, IPv6 shorter than /48; those of a/16 too",
    "host-bits": "a network whose address has bits set beyond its prefix",
    "special-network": "a network that may be private or otherwise special (by its first octet "
    "for ip4, for ip6 whatever is not all global): look closer",
    "fault": "something the grammar does not allow",
    "hint": "record: something the grammar allows and nobody can have intended",
    "no-all": "record: neither all nor redirect, not even a misspelt one",
    "after-all": "record: a mechanism after the first all",
    "redirect-with-all": "record: both redirect and all",
    "repeated": "record: two terms alike but for the qualifier and for what has no meaning",
    "many-networks": "record: two networks, of which one may hold the other",
    "bare-and-named": "record: a, mx or ptr both with a domain and without one: may be the same",
    "extra-blank": "record: two spaces in a row, or a space at the end (both are legal)",
}
"""Every feature word with its meaning, but for `fault:<kind>` and `hint:<kind>`: one word for
each kind of fault (the values of `FaultKind`). Words marked "record:" stand only on a record."""


class Qualifier(Enum):
    """What a match means (RFC 7208 section 4.6.2)."""

    PASS = "+"
    FAIL = "-"
    SOFTFAIL = "~"
    NEUTRAL = "?"

    @property
    def result(self) -> str:
        """The result's name: pass, fail, softfail, neutral."""
        return self.name.lower()


class Literal(NamedTuple):
    """Text that stands for itself: visible ASCII without the percent sign."""

    text: str

    def __str__(self) -> str:
        return self.text


class MacroExpand(NamedTuple):
    """`%{…}` (RFC 7208 section 7).

    letter: one of s l o d i p v h (and c r t in explanations); a capital asks for URL escapes.
    parts: how many right-hand parts to keep, from 1; None for all of them. More than 999,999,999
      are held as that many: no name has so many parts.
    reverse: whether the parts change their order.
    delimiters: what to split at, "" for the dot.
    """

    letter: str
    parts: int | None = None
    reverse: bool = False
    delimiters: str = ""

    def __str__(self) -> str:
        parts = "" if self.parts is None else str(self.parts)
        return f"%{{{self.letter}{parts}{'r' if self.reverse else ''}{self.delimiters}}}"


class Escape(NamedTuple):
    """`%%`, `%_` or `%-`: a percent sign, a blank, an URL-escaped blank.

    sign: the character behind the percent sign.
    """

    sign: str

    def __str__(self) -> str:
        return f"%{self.sign}"


Part = Literal | MacroExpand | Escape


@dataclass(frozen=True, slots=True)
class MacroString:
    """Text with macros in it. Two literals never stand side by side."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.parts))

    @property
    def has_macro(self) -> bool:
        """Whether its value depends on the message, or holds an escape."""
        return any(not isinstance(part, Literal) for part in self.parts)

    @property
    def literal(self) -> str | None:
        """The text, when there is no macro in it; else None."""
        if len(self.parts) == 1:  # as nearly all have
            part = self.parts[0]
            return part.text if isinstance(part, Literal) else None
        return None if self.has_macro else str(self)

    @property
    def folded(self) -> str:
        """The text for comparing names: no final dot, lower case but for the macro letters."""
        folded = "".join(
            part.text.lower() if isinstance(part, Literal) else str(part) for part in self.parts
        )
        return folded.removesuffix(".")


@dataclass(frozen=True, slots=True)
class DomainSpec(MacroString):
    """A domain (RFC 7208 section 7.1): ends in a top-level label or in a macro."""


@dataclass(slots=True, unsafe_hash=True)  # never changed; frozen, it takes twice as long to make
class Mechanism:
    """A directive: qualifier and mechanism (RFC 7208 sections 4.6.1 and 5).

    name: lower case, one of `MECHANISMS`.
    domain: include, exists always; a, mx, ptr where one is written.
    address, prefix: ip4 and ip6; the address with its host bits, the prefix length as written.
    cidr4, cidr6: a and mx, the prefix lengths as written (`a/24//64`).
    """

    qualifier: Qualifier
    name: str
    domain: DomainSpec | None = None
    address: Address | None = None
    prefix: int | None = None
    cidr4: int | None = None
    cidr6: int | None = None
    start: int = field(default=0, compare=False)
    written: str = field(default="", compare=False, repr=False)
    _network: Network | None = field(default=None, init=False, compare=False, repr=False)

    @property
    def text(self) -> str:
        """The term as written; its normal form if it was never written."""
        return self.written or str(self)

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def network(self) -> Network | None:
        """The network that ip4 or ip6 names, host bits cut off; None for other mechanisms."""
        if self._network is None and self.address is not None:
            self._network = _network(self.address, self.prefix)
        return self._network

    @property
    def ends(self) -> tuple[int, int]:
        """The first and the last address that ip4 or ip6 names; (0, 0) for other mechanisms."""
        address = self.address
        if address is None:
            return 0, 0
        hosts = 0 if self.prefix is None else (1 << address.max_prefixlen - self.prefix) - 1
        number = int(address)
        return number & ~hosts, number | hosts

    @property
    def has_host_bits(self) -> bool:
        """Whether bits are set behind the prefix: `ip4:192.0.2.7/24`."""
        address, prefix = self.address, self.prefix
        if address is None or prefix is None:
            return False
        return int(address) & ((1 << address.max_prefixlen - prefix) - 1) != 0

    @property
    def lengths(self) -> tuple[tuple[int, int], ...]:
        """IP version and prefix length of each network that the term passes whole.

        For a and mx those written: the network is the one around each of the hosts.
        """
        address = self.address
        if address is not None:
            length = address.max_prefixlen if self.prefix is None else self.prefix
            return ((address.version, length),)
        written = ((4, self.cidr4), (6, self.cidr6))
        return tuple((version, length) for version, length in written if length is not None)

    @property
    def is_unrouted(self) -> bool:
        """Whether ip4 or ip6 names a network that the internet does not route, as a whole."""
        network = self.network
        if network is None or network.prefixlen < 2:  # ::/1: its ends are reserved, 2000::/3 is not
            return False
        return (
            network.is_private
            or network.is_multicast
            or network.is_reserved
            or not network.is_global
        )

    @property
    def explicit_qualifier(self) -> bool:
        """Whether a qualifier is written: a plus may be left out."""
        return self.text.startswith(self.qualifier.value)

    @property
    def features(self) -> frozenset[str]:
        words = [self.name]
        if self.name == "all":
            words.append(f"all:{self.qualifier.result}")
        if self.explicit_qualifier:
            words.append(f"qualifier:{self.qualifier.value}")
        if self.domain is not None and self.domain.has_macro:
            words.append("macro")
        if self.domain is not None and str(self.domain).endswith("."):
            words.append("final-dot")
        if has_capitals(self.text, self.domain):
            words.append("uppercase")
        if self.prefix is not None:
            words.append("prefix")
        if self.has_host_bits:
            words.append("host-bits")
        lengths = self.lengths
        if self.address is not None and _may_be_special(self.address, lengths[0][1]):
            words.append("special-network")
        if any(length < _SHORT[version] for version, length in lengths):
            words.append("short-prefix")
        return _set_of(tuple(words))

    def placed(self, start: int) -> Mechanism:
        """The same term, standing at another offset."""
        return Mechanism(
            self.qualifier,
            self.name,
            self.domain,
            self.address,
            self.prefix,
            self.cidr4,
            self.cidr6,
            start,
            self.written,
        )

    def __str__(self) -> str:
        sign = "" if self.qualifier is Qualifier.PASS else self.qualifier.value
        value = "" if self.domain is None else f":{self.domain}"
        if self.address is not None:
            value = f":{self.address}" + ("" if self.prefix is None else f"/{self.prefix}")
        cidr4 = "" if self.cidr4 is None else f"/{self.cidr4}"
        cidr6 = "" if self.cidr6 is None else f"//{self.cidr6}"
        return f"{sign}{self.name}{value}{cidr4}{cidr6}"


@dataclass(frozen=True, slots=True)
class Modifier:
    """`redirect=`, `exp=` or a modifier that receivers ignore (RFC 7208 section 6).

    name: lower case.
    value: a `DomainSpec` for redirect and exp, a `MacroString` for any other.
    """

    name: str
    value: MacroString
    start: int = field(default=0, compare=False)
    written: str = field(default="", compare=False, repr=False)

    @property
    def text(self) -> str:
        """The term as written; its normal form if it was never written."""
        return self.written or str(self)

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def features(self) -> frozenset[str]:
        known = self.name in MODIFIERS
        other = "reporting-modifier" if self.name in REPORTING_MODIFIERS else "unknown-modifier"
        words = {self.name if known else other}
        if self.value.has_macro:
            words.add("macro")
        if known and str(self.value).endswith("."):
            words.add("final-dot")
        name = self.text.partition("=")[0]
        if name != name.lower() or (known and has_capitals("", self.value)):
            words.add("uppercase")
        return frozenset(words)

    def placed(self, start: int) -> Modifier:
        """The same term, standing at another offset."""
        return Modifier(self.name, self.value, start, self.written)

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


@dataclass(frozen=True, slots=True)
class Invalid:
    """Text in a term's place that RFC 7208 section 12 does not allow.

    qualifier: the one it seems to have, where that can be told.
    names: the mechanisms and modifiers that it seems to be meant as, in order: several where terms
      run together, none where it cannot be told.
    name: the first of them.
    faults: at least one; their offsets count from the start of the record, like `start`.
    """

    text: str
    faults: tuple[Fault, ...] = field(compare=False)
    qualifier: Qualifier | None = field(default=None, compare=False)
    names: tuple[str, ...] = field(default=(), compare=False)
    start: int = field(default=0, compare=False)

    @property
    def name(self) -> str | None:
        return self.names[0] if self.names else None

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def features(self) -> frozenset[str]:
        words = {"fault"}
        words.update(f"fault:{fault.kind.value}" for fault in self.faults)
        return frozenset(words.union(self.names))

    def placed(self, start: int) -> Invalid:
        """The same term, standing at another offset."""
        distance = start - self.start
        faults = tuple(fault.shifted(distance) for fault in self.faults)
        return Invalid(self.text, faults, self.qualifier, self.names, start)

    def __str__(self) -> str:
        return self.text


AnyTerm = Mechanism | Modifier | Invalid


def has_capitals(text: str, value: MacroString | None) -> bool:
    """Whether capitals stand where case has no meaning: in a name, an address or a domain.

    text: the mechanism as written ("" to look at the value alone).
    """
    if value is None:
        return text != text.lower()
    name = text.partition(":")[0]
    return name != name.lower() or any(
        isinstance(part, Literal) and part.text != part.text.lower() for part in value.parts
    )


@lru_cache(maxsize=1 << 10)
def _set_of(words: tuple[str, ...]) -> frozenset[str]:
    """One set for all terms of these words, so that the same sets are found the same at once."""
    return frozenset(words)


def _network(address: Address, prefix: int | None) -> Network:
    length = address.max_prefixlen if prefix is None else prefix
    return ipaddress.ip_network((address, length), strict=False)


SPECIAL_IP4 = frozenset({0, 10, 100, 127, 169, 172, 192, 198, 203, *range(224, 256)})
"""First octets under which the IANA registry of special addresses has an entry (RFC 6890),
and multicast. What else such an octet holds may be quite ordinary."""

_ORDINARY_IP6 = range(0x2003, 0x3FFF)
"""First 16 bits of IPv6 addresses under which the registry has nothing special."""

_SHORT = {4: 24, 6: 48}


def _may_be_special(address: Address, length: int) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        # A network shorter than /8 spans several first octets, special ones perhaps among them.
        return length < 8 or int(address) >> 24 in SPECIAL_IP4
    if length >= 16 and int(address) >> 112 in _ORDINARY_IP6:
        return False
    network = _network(address, length)
    return length < 16 or not network.is_global or network.is_multicast
