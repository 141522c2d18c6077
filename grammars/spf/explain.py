"""Says in plain words what is wrong with an SPF term that the grammar does not allow.

What does not belong in any term is taken off, then each part is looked up in the tables
(`zonelint.grammars.spf.table`), and all that is wrong is told together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from zonelint.grammars.dnsname import quote_source
from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.repair import repaired
from zonelint.grammars.spf.address import read_address
from zonelint.grammars.spf.characters import Cleaned, clean, is_clean
from zonelint.grammars.spf.table import (
    ADDRESS,
    DOMAIN,
    DOMAIN_END,
    FOUR_NUMBERS,
    LENGTHS_BEHIND,
    MACRO,
    NAME,
    NAMES,
    NETWORK_LENGTH,
    NOTHING,
    NUMBER,
    PERCENT,
    QUALIFIERS,
    SIGN,
    TERM,
    TWO_LENGTHS,
    FaultRow,
    FaultStart,
    Words,
    look_up,
    prefix_faults,
)
from zonelint.grammars.spf.term import read_term
from zonelint.grammars.spf.tree import MECHANISMS, MODIFIERS, Invalid, Qualifier

_LONGEST = 1024
"""Longer terms are only named as such: no domain, macros and all, needs so many characters."""
_MOST_PIECES = 32
"""How many terms run together into one are told apart."""

_EDGE = re.compile(r"(?P<front>[\"'`\\,;]*)(?P<core>.*?)(?P<back>[\"'`\\,;]*)", re.DOTALL)
_EMBEDDED = re.compile(
    r"[-+~?](?:all|a|mx|ptr)(?![^-+~?])|[-+~?]?(?:include|exists|ip4|ip6):|(?:redirect|exp)=",
    re.IGNORECASE,
)
_TERM_LIKE = re.compile(
    r"[-+~?]?(?:(?:all|a|mx|ptr)(?![a-z0-9.])|(?:include|exists|ip4|ip6)[:=])|(?:redirect|exp)[:=]",
    re.IGNORECASE,
)


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
    names = tuple(name for name in reading.names if name in NAMES)
    return Invalid(text, tuple(faults), reading.qualifier, names)


def _fault(text: str, start: int, end: int, message: str, suggestion: str | None = None) -> Fault:
    return Fault(FaultKind.SYNTAX, start, min(end, len(text)), message, suggestion)


def _repairs(text: str, faults: Iterable[Fault]) -> bool:
    faults = list(faults)
    if any(fault.suggestion is None for fault in faults):
        return True
    result = repaired(text, faults)
    return result is not None and all(map(read_term, result.split()))


def _too_long(text: str) -> _Reading:
    message = f"This is {len(text)} characters without a space: no SPF term is that long."
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
        message = f"There is a stray {_edge_word(text)} where a term belongs."
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
        return f"Only spaces separate terms, so this {word} makes its term invalid."
    return f"This {word} is read as part of the term and makes it invalid."


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
        message = f"Terms are separated by spaces, not by a {_edge_word(separator)}."
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
        message = f"A space is missing before `{quote_source(tail)}`."
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
    alone = look_up(QUALIFIERS, text, 0)
    if alone is not None:
        names = ("all",) if body else ()
        return _Reading([alone.fault], Qualifier(text[-1]), names)
    qualifier = Qualifier(signs[-1]) if signs else None
    faults = []
    if at > 1:
        single = signs[0] if len(set(signs)) == 1 else None
        faults.append(_fault(text, 0, at, "A mechanism takes only one qualifier.", single))
        if read_term(text[at - 1 :]) is not None:
            return _Reading(faults, qualifier, (_cut(body)[0],))
    rest = _Term(text, at)
    name = rest.examine()
    if name in MECHANISMS:
        qualifier = qualifier or Qualifier.PASS
    return _Reading([*faults, *rest.faults], qualifier, () if name is None else (name,))


def _cut(body: str) -> tuple[str, str, str]:
    """A term's name, the sign behind it, and its value."""
    name = re.split("[:=/]", body, maxsplit=1)[0]
    return name.lower(), body[len(name) : len(name) + 1], body[len(name) + 1 :]


class _Term:
    """Looks up one term behind its qualifier, part by part, and gathers its faults.

    text: the whole term, to which all offsets refer.
    at: where its body starts.
    """

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at
        self.body = text[at:]
        self.name, self.sign, self.value = _cut(self.body)
        self.sign_at = at + len(self.name)
        self.value_at = self.sign_at + len(self.sign)
        self.faults: list[Fault] = []

    def look_up(
        self, rows: Iterable[FaultRow], text: str, place: int, **words: object
    ) -> Words | None:
        """Look a part up and keep its fault; gives the words of its row."""
        found = look_up(rows, text, place, name=self.name, **words)
        if found is None:
            return None
        fault = found.fault
        if found.reach is not FaultStart.PART:
            fault = Fault(fault.kind, self.at, fault.end, fault.message, fault.suggestion)
        if found.reach is FaultStart.INSTEAD:
            self.faults = [earlier for earlier in self.faults if earlier.end <= self.at]
        self.faults.append(fault)
        return found.words

    def examine(self) -> str | None:
        """Find the faults; gives the name that is meant, if that can be told."""
        found = self.look_up(TERM, self.body, self.at)
        if found is not None:
            return _cut(str(found["rest"]))[0] if "rest" in found else None
        if self.name not in NAMES:
            found = self.look_up(NAME, self.body, self.at)
            if found is None or "meant" not in found:
                name = "" if found is None else str(found["name"])
                return name if name in NAMES else None
            self.name = str(found["meant"])
            if self.sign and self.faults[-1].end == self.value_at:
                self.sign = str(found["wanted"])
        self._behind_name()
        return self.name

    def _behind_name(self) -> None:
        name, value = self.name, self.value
        if name in MODIFIERS and self.at:
            message = f"{name} is a modifier, and a modifier takes no qualifier."
            self.faults.append(_fault(self.text, 0, self.at, message, ""))
        rest = self.sign + value
        if name in ("a", "mx") and self.sign == "/":
            self._lengths(rest, self.sign_at)
            return
        if self.look_up(NOTHING, rest, self.sign_at) is not None or not value:
            return
        self.look_up(SIGN, rest, self.sign_at)
        if name in ("ip4", "ip6"):
            self._network()
        elif name in ("a", "mx") and value.startswith("/"):
            message = "A colon with no domain after it."
            self.faults.append(_fault(self.text, self.sign_at, self.value_at, message, ""))
            self._lengths(value, self.value_at)
        else:
            self._domain()

    def _lengths(self, written: str, at: int) -> None:
        """The prefix lengths of a and mx: `/24`, `//64`, `/24//64`."""
        if self.look_up(TWO_LENGTHS, written, at) is not None:
            return
        four, slashes, six = written.partition("//")
        if four:
            self.faults += prefix_faults(four, at, 32)
        if slashes:
            self.faults += prefix_faults(slashes + six, at + len(four), 128)

    def _domain(self) -> None:
        """What stands where a domain belongs."""
        value, at = self.value, self.value_at
        found = [
            self.look_up(MACRO, part[0], at + part.start()) for part in PERCENT.finditer(value)
        ]
        if any(words is not None for words in found):
            return
        if self.look_up(DOMAIN, value, at) is not None:
            return
        lengths = LENGTHS_BEHIND.search(value)
        if lengths is not None and _is_domain(value[: lengths.start()]):
            place = at + lengths.start()
            if self.name in ("a", "mx"):
                self._lengths(lengths[0], place)
            else:
                message = f"{self.name} takes no prefix length."
                self.faults.append(_fault(self.text, place, len(self.text), message, ""))
        elif not _is_domain(value):
            self.look_up(DOMAIN_END, value, at)

    def _network(self) -> None:
        """What stands behind ip4 and ip6."""
        written, slash, prefix = self.value.partition("/")
        address = read_address(written)
        longest: object = None
        if address is not None and f"ip{address.version}" == self.name:
            longest = address.max_prefixlen
        elif address is None and FOUR_NUMBERS.fullmatch(written):
            longest = 32
            for number in re.finditer("[0-9]+", written):
                self.look_up(NUMBER, number[0], self.value_at + number.start())
        else:
            family = "IPv4" if self.name == "ip4" else "IPv6"
            found = self.look_up(ADDRESS, self.value, self.value_at, family=family)
            longest = None if found is None else found.get("longest")
        if slash and isinstance(longest, int):
            at = self.value_at + len(written)
            if self.look_up(NETWORK_LENGTH, slash + prefix, at, longest=longest) is None:
                self.faults += prefix_faults(slash + prefix, at, longest)


def _is_domain(text: str) -> bool:
    return read_term(f"ptr:{text}") is not None
