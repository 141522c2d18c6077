"""Says in plain words what is wrong with an SPF term that the grammar does not allow.

The grammar decides whether a term is good; this module only looks at terms that it refused, and
works out what their author meant. It never calls a term good or bad by itself.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.repair import repaired
from zonelint.grammars.spf.address import read_address
from zonelint.grammars.spf.characters import Cleaned, clean, is_clean, shown
from zonelint.grammars.spf.term import read_term
from zonelint.grammars.spf.tree import MECHANISMS, MODIFIERS, Invalid, Qualifier

_LONGEST = 1024
"""Longer terms are only named as such: no domain, macros and all, needs so many characters."""
_MOST_PIECES = 32
"""How many terms run together into one are told apart."""

_NAMES = MECHANISMS | MODIFIERS
_IP_NAMES = frozenset(
    {"ip", "ips", "ipv", "ipv4", "ipv6", "ip-4", "ip-6", "ip_4", "ip_6", "addr", "address", "net"}
)
_EDGE = re.compile(r"(?P<front>[\"'`\\,;]*)(?P<core>.*?)(?P<back>[\"'`\\,;]*)", re.DOTALL)
_EMBEDDED = re.compile(
    r"[-+~?](?:all|a|mx|ptr)(?![^-+~?])|[-+~?]?(?:include|exists|ip4|ip6):|(?:redirect|exp)=",
    re.IGNORECASE,
)
_TERM_LIKE = re.compile(
    r"[-+~?]?(?:(?:all|a|mx|ptr)(?![a-z0-9.])|(?:include|exists|ip4|ip6)[:=])|(?:redirect|exp)[:=]",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?P<name>[^:=/]*)(?P<delimiter>[:=/]?)(?P<value>.*)", re.DOTALL)
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*://|mailto:)(?:[^/@]*@)?(?P<host>[^/?#:]*).*", re.I | re.S)
_MACRO_BODY = re.compile(r"(?P<letter>[a-z])(?P<parts>[0-9]*)r?(?P<rest>[^a-z0-9]*)", re.I)
_PREFIX = re.compile(r"(?:/[^/]*)?//[^/]*\Z|/[^/]*\Z")
_SINGLE_SLASHES = re.compile(r"/([0-9]+)/([0-9]+)\Z")
_RANGE = re.compile(r"(?P<first>[0-9a-f:.]+)-(?P<last>[0-9a-f:.]+)", re.IGNORECASE)
_SIGN_BEHIND = re.compile(r"(?P<name>all)(?P<sign>[-+~?])", re.IGNORECASE)
_OTHER_SIGN = re.compile(
    r"(?P<name>include|exists|ip4|ip6|redirect)(?P<sign>[.;_-])", re.IGNORECASE
)
_SHORTENED = ("include", "exists", "redirect")
_DOTTED = re.compile(r"[0-9]+(?:\.[0-9]*)*")


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was made of a term: its faults, and what it seems to be meant as."""

    faults: list[Fault]
    qualifier: Qualifier | None = None
    names: tuple[str, ...] = ()

    def shifted(self, distance: int) -> _Reading:
        faults = [fault.shifted(distance) for fault in self.faults]
        return _Reading(faults, self.qualifier, self.names)


def explain(text: str) -> Invalid:
    """Name the faults of a term that the grammar refused. `start` is 0, faults are at least one.

    Where every fault has a suggestion, the term with all of them in place is sound.
    """
    reading = _too_long(text) if len(text) > _LONGEST else _explain(text)
    faults = sorted(
        reading.faults or [_fault(text, 0, len(text), "SPF has no term of this form.")],
        key=lambda fault: (fault.start, fault.end),
    )
    if not _repairs(text, faults):
        faults = [Fault(f.kind, f.start, f.end, f.message) for f in faults]
    names = tuple(name for name in reading.names if name in _NAMES)
    return Invalid(text, tuple(faults), reading.qualifier, names)


def prefix_faults(text: str, at: int, longest: int) -> list[Fault]:
    """Judge one written prefix length, slash included (`/24`, `//64`).

    at: where it starts. longest: 32 or 128.
    """
    slashes = "//" if text.startswith("//") else "/"
    digits = text.removeprefix(slashes)
    end = at + len(text)
    family = "IPv4" if longest == 32 else "IPv6"

    def bad(message: str, suggestion: str | None = None) -> list[Fault]:
        return [Fault(FaultKind.CIDR, at, end, message, suggestion)]

    if not digits:
        return bad("A slash with no prefix length behind it.", "")
    if not digits.isdigit():
        length = _netmask_length(digits) if longest == 32 else None
        if length is not None:
            return bad(
                f"SPF takes the number of bits, not the netmask {shown(digits)}.",
                f"{slashes}{length}",
            )
        return bad(f"{shown(digits)} is no prefix length: a number from 0 to {longest} is.")
    plain = digits.lstrip("0") or "0"
    if len(plain) > 3 or int(plain) > longest:
        return bad(f"An {family} prefix is at most {longest} bits long.")
    if plain != digits:
        return bad("A prefix length has no leading zero.", f"{slashes}{plain}")
    return []


def _fault(text: str, start: int, end: int, message: str, suggestion: str | None = None) -> Fault:
    return Fault(FaultKind.SYNTAX, start, min(end, len(text)), message, suggestion)


def _repairs(text: str, faults: Iterable[Fault]) -> bool:
    faults = list(faults)
    if any(fault.suggestion is None for fault in faults):
        return True
    result = repaired(text, faults)
    return result is not None and all(map(read_term, result.split()))


def _too_long(text: str) -> _Reading:
    message = f"This is {len(text)} characters without a blank: no SPF term is so long."
    odd = next((i for i, character in enumerate(text) if not is_clean(character)), None)
    faults = [_fault(text, 0, len(text), message)]
    if odd is not None:
        faults.append(
            Fault(FaultKind.NON_ASCII, odd, odd + 1, "From here on the text is not plain ASCII.")
        )
    return _Reading(faults)


def _explain(text: str) -> _Reading:
    """Take off what does not belong in any term, then look at the term itself."""
    if not all(map(is_clean, text)):
        return _odd_characters(text, clean(text))
    for step in (_wrapped, _separated, _run_together):
        reading = step(text)
        if reading is not None:
            return reading
    return _directive(text)


def _read_on(text: str) -> _Reading:
    """Read what is left once a fault has been taken off: it may be a good term by now."""
    term = read_term(text)
    if term is None:
        return _explain(text)
    return _Reading([], getattr(term, "qualifier", None), (term.name,))


def _odd_characters(text: str, cleaned: Cleaned) -> _Reading:
    faults = list(cleaned.faults)
    if not cleaned.text:
        return _Reading(faults)
    rest = _read_on(cleaned.text)
    for fault in rest.faults:
        placed = cleaned.place(fault)
        if all(placed.end <= odd.start or odd.end <= placed.start for odd in cleaned.faults):
            faults.append(placed)
    return _Reading(faults, rest.qualifier, rest.names)


def _wrapped(text: str) -> _Reading | None:
    """Quotes, commas and backslashes at the edges."""
    found = _EDGE.fullmatch(text)
    if found is None or not (found["front"] or found["back"]):
        return None
    start, end = found.span("core")
    if start == end:
        message = f"A stray {_edge_word(text)} stands where a term belongs."
        return _Reading([_fault(text, 0, len(text), message, "")])
    rest = _read_on(text[start:end]).shifted(start)
    faults = rest.faults
    for a, b in ((0, start), (end, len(text))):
        if a != b:
            faults.append(_fault(text, a, b, _edge_message(text[a:b]), ""))
    return _Reading(faults, rest.qualifier, rest.names)


def _edge_word(edge: str) -> str:
    if "," in edge:
        return "comma"
    if ";" in edge:
        return "semicolon"
    return "backslash" if "\\" in edge else "quote"


def _edge_message(edge: str) -> str:
    word = _edge_word(edge)
    if word in ("comma", "semicolon"):
        return f"Only blanks separate terms, so this {word} spoils its term."
    return f"This {word} is read as a part of the term and spoils it."


def _separated(text: str) -> _Reading | None:
    """Terms (or addresses after ip4, ip6) with commas or semicolons for blanks."""
    pieces = list(re.finditer(r"[^,;]+", text))
    if not 1 < len(pieces) <= _MOST_PIECES:
        return None
    first, *others = pieces
    leading = re.match(r"[-+~?]?ip[46]:", first[0], re.IGNORECASE)
    start = _read_on(first[0])
    faults, names = start.faults, start.names
    before = first.end()
    for piece in others:
        added = ""
        if _TERM_LIKE.match(piece[0]) is None:
            if leading is None or read_address(piece[0].partition("/")[0]) is None:
                return None
            added = leading[0]
        rest = _read_on(added + piece[0]).shifted(piece.start() - len(added))
        separator = text[before : piece.start()]
        message = f"Terms are separated by blanks, not by a {_edge_word(separator)}."
        faults += [_fault(text, before, piece.start(), message, f" {added}"), *rest.faults]
        names += rest.names
        before = piece.end()
    return _Reading(faults, start.qualifier, names)


def _run_together(text: str) -> _Reading | None:
    """Sound terms that lack the blank between them: `ip4:192.0.2.1-all`."""
    starts = [found.start() for found in _EMBEDDED.finditer(text) if found.start() > 0]
    if not 0 < len(starts) <= _MOST_PIECES:
        return None
    faults = []
    terms = []
    begin = 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        head = read_term(text[begin:start])
        if head is None:
            continue
        terms.append(head)
        tail = text[start:end]
        message = f"A blank is missing before {shown(tail)}."
        faults.append(_fault(text, start, end, message, f" {tail}"))
        begin = start
    last = read_term(text[begin:])
    if not terms or last is None:
        return None
    names = tuple(name for term in (*terms, last) for name in (term.name,))
    return _Reading(faults, getattr(terms[0], "qualifier", None), names)


def _directive(text: str) -> _Reading:
    """The term itself: qualifier, name, and what follows the name."""
    body = text.lstrip("+-~?")
    at = len(text) - len(body)
    signs = text[:at]
    qualifier = Qualifier(signs[-1]) if signs else None
    if not body:
        what = "A qualifier stands alone, with" if at == 1 else "Qualifiers stand alone, with"
        return _Reading([_fault(text, 0, at, f"{what} no mechanism behind.")], qualifier)
    if not signs and (behind := _SIGN_BEHIND.fullmatch(body)) is not None:
        sign = behind["sign"]
        message = "The qualifier stands in front of all, not behind it."
        fault = _fault(text, 0, len(text), message, f"{sign}{behind['name']}")
        return _Reading([fault], Qualifier(sign), ("all",))
    faults = []
    if at > 1:
        single = signs[0] if len(set(signs)) == 1 else None
        faults.append(_fault(text, 0, at, "A mechanism takes only one qualifier.", single))
        if read_term(text[at - 1 :]) is not None:
            return _Reading(faults, qualifier, (_named(body).name,))
    rest = _Term(text, at, bool(signs))
    name = rest.examine()
    if name in MECHANISMS:
        qualifier = qualifier or Qualifier.PASS
    return _Reading([*faults, *rest.faults], qualifier, () if name is None else (name,))


@dataclass(frozen=True, slots=True)
class _Name:
    """A term's body, cut behind its name."""

    name: str
    delimiter: str
    value: str


def _named(body: str) -> _Name:
    found = _NAMED.fullmatch(body)
    if found is None:
        return _Name(body, "", "")
    return _Name(found["name"].lower(), found["delimiter"], found["value"])


class _Term:
    """Examines one term behind its qualifier and gathers its faults.

    text: the whole term, to which all offsets refer. at: where its body starts.
    """

    def __init__(self, text: str, at: int, qualified: bool) -> None:
        self.text = text
        self.at = at
        self.qualified = qualified
        self.end = len(text)
        self.body = text[at:]
        cut = _named(self.body)
        self.name, self.delimiter, self.value = cut.name, cut.delimiter, cut.value
        self.delimiter_at = at + len(self.name)
        self.value_at = self.delimiter_at + len(self.delimiter)
        self.faults: list[Fault] = []

    def add(
        self,
        start: int,
        end: int,
        message: str,
        suggestion: str | None = None,
        kind: FaultKind = FaultKind.SYNTAX,
    ) -> None:
        self.faults.append(Fault(kind, start, end, message, suggestion))

    def examine(self) -> str | None:
        """Find the faults; gives the name that is meant, if that can be told."""
        if self._bare_address():
            return None
        if self._foreign_sign():
            return _named(self.body[1:]).name
        name = self.name
        if name not in _NAMES:
            delimited = self._wrong_delimiter()
            if delimited is not None:
                return delimited
            meant = self._unknown_name()
            if meant is None:
                return None
            name = meant
        if name in MODIFIERS:
            self._modifier(name)
        else:
            self._mechanism(name)
        return name

    def _bare_address(self) -> bool:
        address = read_address(self.body.partition("/")[0])
        if address is None:
            return False
        name = f"ip{address.version}:"
        self.add(
            self.at,
            self.end,
            f"An address needs its mechanism before it: {name[:-1]}.",
            name + self.body,
        )
        return True

    def _foreign_sign(self) -> bool:
        """One stray sign before a term that is sound without it."""
        sign = self.body[:1]
        if sign.isalnum() or len(self.body) == 1 or read_term(self.body[1:]) is None:
            return False
        message = f"{shown(sign)} is no qualifier: only + - ~ and ? are."
        self.add(self.at, self.at + 1, message)
        return True

    def _wrong_delimiter(self) -> str | None:
        """Complain about another sign where the colon belongs; gives the term's name."""
        found = _OTHER_SIGN.match(self.body)
        if found is None:
            return None
        name = found["name"].lower()
        wanted = "=" if name in MODIFIERS else ":"
        if read_term(f"{name}{wanted}{self.body[found.end() :]}") is None:
            return None
        word = "an equals sign" if wanted == "=" else "a colon"
        start = self.at + len(name)
        self.add(start, start + 1, f"{name} takes {word}, not {shown(found['sign'])}.", wanted)
        return name

    def _unknown_name(self) -> str | None:
        """Complain about the name; gives the one that is meant."""
        text, name, at = self.text, self.name, self.at
        if not name:
            self.add(at, self.end, f"A mechanism's name is missing before {shown(self.body)}.")
            return None
        if self.body.lower().startswith("spf2.0"):
            self.add(at, self.end, "This belongs to Sender ID, which is history, and not to SPF.")
            return None
        if _URL.fullmatch(self.body) is not None:
            self.add(at, self.end, "SPF has no use for a web or mail address.")
            return None
        meant = self._meant_name()
        if meant is None:
            if not self.delimiter and "." in name:
                message = (
                    f"{shown(text[at:])} stands alone: a host name needs a mechanism before it, "
                    "such as include: or a:."
                )
            else:
                message = f"SPF has no mechanism or modifier {shown(name)}."
            self.add(at, self.delimiter_at if self.delimiter else self.end, message)
            return None
        wanted = "=" if meant in MODIFIERS else ":"
        end, suggestion = self.delimiter_at, meant
        if self.delimiter in (":", "=") and self.delimiter != wanted and meant != "all":
            end, suggestion = self.value_at, meant + wanted
            self.delimiter = wanted
        self.add(at, end, f"SPF has no {shown(name)}: {meant} is meant.", suggestion)
        return meant

    def _meant_name(self) -> str | None:
        if self.name in _IP_NAMES:
            address = read_address(self.value.partition("/")[0])
            if address is not None:
                return f"ip{address.version}"
        if self.delimiter and len(self.name) > 2:
            for name in _SHORTENED:
                if name.startswith(self.name):
                    return name
        return near_miss(self.name, _NAMES)

    def _modifier(self, name: str) -> None:
        if self.qualified:
            self.add(0, self.at, f"{name} is a modifier, and a modifier takes no qualifier.", "")
        if not self.value:
            self.add(
                self.at,
                self.end,
                f"{name} needs an equals sign and a domain behind it.",
                kind=FaultKind.MISSING,
            )
            return
        self._expect("=", name)
        self._domain(name, prefix_allowed=False)

    def _mechanism(self, name: str) -> None:
        if name == "all":
            if self.delimiter:
                self.add(self.delimiter_at, self.end, "Nothing may follow all.", "")
            return
        if name in ("ip4", "ip6"):
            self._network(name)
            return
        if self.delimiter == "/":
            self._bare_prefix(name)
            return
        if not self.value:
            if name in ("include", "exists"):
                self.add(
                    self.at,
                    self.end,
                    f"{name} needs a colon and a domain behind it.",
                    kind=FaultKind.MISSING,
                )
            elif self.delimiter:
                message = f"A colon with no domain behind it; {name} alone means this domain."
                self.add(self.delimiter_at, self.end, message, "")
            return
        self._expect(":", name)
        if name in ("a", "mx") and self.value.startswith("/"):
            self.add(self.delimiter_at, self.value_at, "A colon with no domain behind it.", "")
            self._prefixes(self.value, self.value_at)
            return
        self._domain(name, prefix_allowed=name in ("a", "mx"))

    def _expect(self, wanted: str, name: str) -> None:
        if self.delimiter != wanted:
            word = "a colon" if wanted == ":" else "an equals sign"
            self.add(
                self.delimiter_at,
                self.value_at,
                f"{name} takes {word} before its domain.",
                wanted,
            )

    def _bare_prefix(self, name: str) -> None:
        written = self.text[self.delimiter_at :]
        if name in ("a", "mx"):
            self._prefixes(written, self.delimiter_at)
        elif name == "ptr":
            self.add(self.delimiter_at, self.end, "ptr takes no prefix length.", "")
        else:
            self.add(
                self.delimiter_at,
                self.value_at,
                f"{name} takes a colon before its domain.",
                ":" if self.value else None,
            )

    def _prefixes(self, written: str, at: int) -> None:
        """The prefix lengths of a and mx: `/24`, `//64`, `/24//64`."""
        twice = _SINGLE_SLASHES.fullmatch(written)
        if twice is not None:
            self.add(
                at,
                self.end,
                "Two slashes stand before an IPv6 prefix length.",
                f"/{twice[1]}//{twice[2]}",
                FaultKind.CIDR,
            )
            return
        four, slashes, six = written.partition("//")
        if "/" in six or "/" in four[1:]:
            self.add(
                at,
                self.end,
                f"{shown(written)} is no prefix length: /24, //64 or /24//64 is.",
                kind=FaultKind.CIDR,
            )
            return
        if four:
            self.faults += prefix_faults(four, at, 32)
        if slashes:
            self.faults += prefix_faults(slashes + six, at + len(four), 128)

    def _domain(self, name: str, *, prefix_allowed: bool) -> None:
        """What stands where a domain belongs."""
        value = self.value
        if self._macros() or self._address_for_domain(name) or self._url():
            return
        written = _SINGLE_SLASHES.search(value) or _PREFIX.search(value)
        if written is not None and _is_domain(value[: written.start()]):
            at = self.value_at + written.start()
            if prefix_allowed:
                self._prefixes(written[0], at)
            else:
                self.add(at, self.end, f"{name} takes no prefix length.", "")
            return
        if not _is_domain(value):
            self._domain_end(name)

    def _macros(self) -> bool:
        """Complain about every bad macro; whether there was one."""
        before = len(self.faults)
        value, at = self.value, self.value_at
        place = value.find("%")
        while place >= 0:
            following = value[place + 1 : place + 2]
            end = place + 2
            if following == "{":
                close = value.find("}", place)
                end = len(value) if close < 0 else close + 1
                message = (
                    "This macro is never closed: a } is missing."
                    if close < 0
                    else _macro_message(value[place + 2 : close])
                )
                if message is not None:
                    self.add(at + place, at + end, message, kind=FaultKind.MACRO)
            elif following not in ("%", "_", "-") or not following:
                self._lone_percent(place)
                end = place + 1
            place = value.find("%", end)
        return len(self.faults) > before

    def _lone_percent(self, place: int) -> None:
        other = re.compile(r"%[(\[]([a-z0-9.+,/_=-]+)[)\]]", re.I).match(self.value, place)
        at = self.value_at + place
        if other is not None and _macro_message(other[1]) is None:
            message = "A macro is written with braces."
            self.add(at, at + len(other[0]), message, f"%{{{other[1]}}}", FaultKind.MACRO)
        else:
            message = "A percent sign stands only in a macro, %{…}, or in %%, %_ and %-."
            self.add(at, at + 1, message, kind=FaultKind.MACRO)

    def _address_for_domain(self, name: str) -> bool:
        bare, slash, prefix = self.value.partition("/")
        address = read_address(bare.removeprefix("[").removesuffix("]"))
        if address is None:
            return False
        mechanism = f"ip{address.version}"
        suggestion = None
        if name in MECHANISMS:
            suggestion = f"{mechanism}:{address}{slash}{prefix}"
            self.faults = [fault for fault in self.faults if fault.end <= self.at]
        self.add(
            self.at,
            self.end,
            f"{name} takes a domain; an address belongs in {mechanism}.",
            suggestion,
        )
        return True

    def _url(self) -> bool:
        found = _URL.fullmatch(self.value)
        if found is None or "/" not in self.value:
            return False
        host = found["host"]
        self.add(
            self.value_at,
            self.end,
            "Only the host name belongs here, not a web or mail address.",
            host if _is_domain(host) else None,
        )
        return True

    def _domain_end(self, name: str) -> None:
        value, at = self.value, self.value_at
        trimmed = value.rstrip(".")
        if value.endswith("..") and _is_domain(trimmed):
            self.add(at + len(trimmed), self.end, "A name ends in one dot at most.", ".")
            return
        junk = re.search(r"[)\]}>:!*|&#?.]+\Z", value)
        if junk is not None and _is_domain(value[: junk.start()]):
            message = f"{shown(junk[0])} behind the domain does not belong there."
            self.add(at + junk.start(), self.end, message, "")
            return
        last_at = value.removesuffix(".").rfind(".") + 1
        last = value[last_at:].removesuffix(".")
        if last_at == 0:
            message = f"{shown(value)} is no full domain name: it has no dot inside."
        elif last.isdigit():
            message = f"The domain ends in the number {shown(last)}: no top-level domain does."
        else:
            message = f"The domain must end in a top-level domain, and {shown(last)} is none."
        self.add(at + last_at, self.end, message)

    def _network(self, name: str) -> None:
        """What stands behind ip4 and ip6."""
        version = name[-1]
        if self.value.partition("/")[0] == "":
            self.add(
                self.at,
                self.end,
                f"{name} needs a colon and an address behind it.",
                kind=FaultKind.MISSING,
            )
            return
        if self.delimiter != ":":
            self.add(
                self.delimiter_at,
                self.value_at,
                f"{name} takes a colon before its address.",
                ":",
            )
        written, slash, prefix = self.value.partition("/")
        address = read_address(written)
        if address is None:
            self._bad_address(name, written, slash + prefix)
            return
        end = self.value_at + len(written)
        if str(address.version) != version:
            # The name may have got a fault already: this one says all.
            self.faults = [fault for fault in self.faults if fault.end <= self.at]
            self.add(
                self.at,
                end,
                f"{name} holds an IPv{address.version} address, which belongs in "
                f"ip{address.version}.",
                f"ip{address.version}:{written}",
                FaultKind.CIDR,
            )
        if slash:
            self._network_prefix(slash + prefix, end, address.max_prefixlen)

    def _network_prefix(self, written: str, at: int, longest: int) -> None:
        if "/" in written.removeprefix("//")[1:] or written.count("/") > 2:
            message = "A network has one prefix length."
            self.add(at, self.end, message, kind=FaultKind.CIDR)
            return
        plain = written.replace("//", "/")
        if plain != written and not prefix_faults(plain, at, longest):
            message = "One slash stands before the prefix length of a network."
            self.add(at, self.end, message, plain, FaultKind.CIDR)
            return
        self.faults += prefix_faults(written, at, longest)

    def _bad_address(self, name: str, written: str, prefix: str) -> None:
        at = self.value_at
        end = at + len(written)
        bare = written.strip("[]:.")
        address = read_address(bare)
        if "%" in written:
            self.add(at, end, f"{name} takes an address, and no macro.")
        elif address is not None and f"ip{address.version}" == name:
            self.add(at, end, f"An address stands in {name} as it is.", bare)
            if prefix:
                self._network_prefix(prefix, end, address.max_prefixlen)
        elif self._range(name, written, prefix):
            return
        elif name == "ip4" and (port := re.fullmatch(r"([0-9.]+):[0-9]*", written)) is not None:
            sound = read_address(port[1]) is not None
            self.add(at + len(port[1]), end, "SPF knows no ports.", "" if sound else None)
        elif name == "ip4" and re.fullmatch(r"[0-9.]+(?:\.[*x]){1,3}", written) and not prefix:
            self._wildcard(written)
        elif _DOTTED.fullmatch(written) is not None and "." in written:
            self._dotted(written, prefix)
        elif _is_domain(written):
            self.faults = [fault for fault in self.faults if fault.end <= self.at]
            self.add(
                self.at,
                end,
                f"{name} takes an address; a host name belongs in a.",
                f"a:{written}",
            )
        else:
            family = "IPv4" if name == "ip4" else "IPv6"
            self.add(at, end, f"{shown(written)} is no {family} address.")

    def _range(self, name: str, written: str, prefix: str) -> bool:
        found = _RANGE.fullmatch(written)
        if found is None:
            return False
        first, last = read_address(found["first"]), read_address(found["last"])
        if first is None or last is None or f"ip{first.version}" != name:
            return False
        networks: list[str] = []
        if not prefix and first.version == last.version and int(first) <= int(last):
            networks = [
                f"{name}:{network}" for network in ipaddress.summarize_address_range(first, last)
            ]
        self.add(
            self.at,
            self.end,
            "SPF knows no ranges, only networks with a prefix length.",
            " ".join(networks) if 0 < len(networks) <= 8 else None,
        )
        return True

    def _wildcard(self, written: str) -> None:
        known = [part for part in written.split(".") if part not in ("*", "x")]
        padded = ".".join([*known, *["0"] * (4 - len(known))])
        suggestion = f"{padded}/{8 * len(known)}" if read_address(padded) is not None else None
        self.add(
            self.value_at,
            self.value_at + len(written),
            "SPF knows no wildcard in an address, only a prefix length.",
            suggestion,
        )

    def _dotted(self, written: str, prefix: str) -> None:
        """Numbers and dots that are no IPv4 address."""
        at, end = self.value_at, self.value_at + len(written)
        if self.faults and self.faults[-1].start >= at:
            return
        numbers = [part for part in written.split(".") if part]
        if len(numbers) != 4 or written.count(".") != 3:
            padded = ".".join([*numbers, *["0"] * (4 - len(numbers))])
            cut = prefix and len(numbers) < 4 and read_address(padded) is not None
            message = f"{shown(written)} is no IPv4 address: it takes four numbers."
            self.add(at, end, message, padded if cut else None)
            if prefix:
                self._network_prefix(prefix, end, 32)
            return
        place = at
        for number in numbers:
            if len(number) > 1 and number.startswith("0"):
                self.add(
                    place,
                    place + len(number),
                    f"{shown(number)} has a leading zero, which an IPv4 address does not have.",
                    kind=FaultKind.CIDR,
                )
            elif len(number) > 3 or int(number) > 255:
                message = f"{shown(number)} is more than 255, the most in an IPv4 address."
                self.add(place, place + len(number), message)
            place += len(number) + 1
        if prefix:
            self._network_prefix(prefix, end, 32)


def _is_domain(text: str) -> bool:
    return read_term(f"ptr:{text}") is not None


def _macro_message(body: str) -> str | None:
    """What is wrong with the inside of `%{…}`; None when it is sound."""
    if not body:
        return "This macro is empty: a letter belongs between the braces."
    found = _MACRO_BODY.fullmatch(body)
    letter = body[:1].lower()
    if letter in ("c", "r", "t"):
        return f"The macro letter {letter} is only allowed in the text that exp= points to."
    if letter not in "slodipvh":
        return f"{shown(body[:1])} is no macro letter; those are s, l, o, d, i, p, v and h."
    if found is None:
        return f"{shown(body)} is no macro: a letter, a number, r, and delimiters may stand in it."
    if found["parts"] and not found["parts"].strip("0"):
        return "A macro cannot keep zero parts: the number starts at 1."
    bad = [character for character in found["rest"] if character not in ".-+,/_="]
    if bad:
        return f"{shown(bad[0])} is no delimiter: only . - + , / _ and = are."
    return None


def _netmask_length(mask: str) -> int | None:
    """The prefix length of a dotted netmask."""
    try:
        bits = f"{int(ipaddress.IPv4Address(mask)):032b}"
    except ValueError:
        return None
    return bits.count("1") if "01" not in bits else None
