"""The SPF record (RFC 7208): its tree, its faults, and the words to rewrite it.

    record = parse("v=spf1 ipv4:192.0.2.1 include:_spf.example.com -all")
    record.faults[0].message            # SPF has no "ipv4": ip4 is meant.
    record.replacing(record.terms[-1], "~all")

A record is split at its blanks and every term is read by itself, so that no fault hides another.
All offsets are characters of the record's text, from 0, end exclusive. The words that may stand in
`features` are listed in `FEATURES`; a record has those of all its terms, and a few of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.pasted import WHITE_SPACE, describe
from zonelint.grammars.repair import spliced
from zonelint.grammars.spf.hints import hints
from zonelint.grammars.spf.term import read_explanation, read_network, read_term
from zonelint.grammars.spf.tree import (
    FEATURES,
    MECHANISMS,
    MODIFIERS,
    AnyTerm,
    DomainSpec,
    Escape,
    Invalid,
    Literal,
    MacroExpand,
    MacroString,
    Mechanism,
    Modifier,
    Part,
    Qualifier,
)
from zonelint.grammars.spf.version import VERSION, is_spf, looks_like_spf, misspelt_version

__all__ = [
    "FEATURES",
    "MECHANISMS",
    "MODIFIERS",
    "AnyTerm",
    "DomainSpec",
    "Escape",
    "Invalid",
    "Literal",
    "MacroExpand",
    "MacroString",
    "Mechanism",
    "Modifier",
    "Part",
    "Qualifier",
    "SpfRecord",
    "is_spf",
    "looks_like_spf",
    "parse",
    "read_explanation",
    "read_term",
]

_LONGEST_KEPT = 1024
_ODD_BLANKS = re.compile(r"[^ ]+")
_WORDS = re.compile(rf"[^ \t\r\n\v\f{WHITE_SPACE}]+")
_MOST_JOINED = 4


class _Read(NamedTuple):
    """A term by itself, and its words."""

    term: AnyTerm
    features: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class SpfRecord:
    """One SPF record; made by `parse`, or from terms by `of`.

    text: the record's decoded, joined text.
    features: words of `FEATURES`, over all terms.
    version: what stands for the version, as written; "" where nothing does.
    pieces: all terms in their order; `terms` are the same, and know where they stand.
    loose_faults: those that belong to no term: the version, odd blanks, a modifier that stands
      twice.

    Equal are two records whose terms are equal. `str()` gives the normal form.
    """

    text: str
    features: frozenset[str]
    version: str
    pieces: tuple[AnyTerm, ...]
    loose_faults: tuple[Fault, ...] = ()
    _terms: tuple[AnyTerm, ...] | None = field(default=None, repr=False)
    _mechanisms: tuple[Mechanism, ...] | None = field(default=None, init=False, repr=False)

    @property
    def terms(self) -> tuple[AnyTerm, ...]:
        """All terms in their order, each knowing its place."""
        terms = self._terms
        if terms is None:
            # Few are asked where their terms stand.
            terms = tuple(_place(self.pieces, self.text))
            object.__setattr__(self, "_terms", terms)
        return terms

    @property
    def mechanisms(self) -> tuple[Mechanism, ...]:
        """The directives, in order."""
        found = self._mechanisms
        if found is None:
            found = tuple([term for term in self.terms if isinstance(term, Mechanism)])
            object.__setattr__(self, "_mechanisms", found)
        return found

    @property
    def modifiers(self) -> tuple[Modifier, ...]:
        """The modifiers, in order."""
        return tuple(term for term in self.terms if isinstance(term, Modifier))

    @property
    def invalid(self) -> tuple[Invalid, ...]:
        """The terms that the grammar does not allow, in order."""
        return tuple(term for term in self.terms if isinstance(term, Invalid))

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All faults, those of the invalid terms and the loose ones, in the order of the text."""
        if "fault" not in self.features:
            return ()
        found = [*self.loose_faults, *(fault for term in self.invalid for fault in term.faults)]
        return tuple(sorted(found, key=lambda fault: (fault.start, fault.end)))

    @property
    def hints(self) -> tuple[Fault, ...]:
        """What the grammar allows and nobody can have meant (see `spf_hints`), in order."""
        if "hint" not in self.features:
            return ()
        return tuple(fault for term in self.terms for fault in hints(term))

    @property
    def sound(self) -> bool:
        """Whether receivers can use the record: selected as SPF, and without any fault."""
        return "fault" not in self.features

    @property
    def all(self) -> Mechanism | None:
        """The first `all`: what stands behind it is never looked at."""
        if "all" not in self.features:
            return None
        return next((term for term in self.mechanisms if term.name == "all"), None)

    @property
    def redirect(self) -> Modifier | None:
        """The first `redirect=`."""
        if "redirect" not in self.features:
            return None
        return next((term for term in self.modifiers if term.name == "redirect"), None)

    @property
    def exp(self) -> Modifier | None:
        """The first `exp=`."""
        if "exp" not in self.features:
            return None
        return next((term for term in self.modifiers if term.name == "exp"), None)

    def replacing(self, term: AnyTerm, text: str) -> str:
        """Give the record's text with another text in a term's place."""
        return self.text[: term.start] + text + self.text[term.end :]

    def replacing_each(self, texts: Iterable[tuple[AnyTerm, str]]) -> str:
        """Give the record's text with other texts in the places of terms, in their order."""
        return spliced(self.text, ((term.start, term.end, text) for term, text in texts))

    def without(self, *terms: AnyTerm) -> str:
        """Give the record's text without these terms, and without the blanks before each."""
        parts: list[str] = []
        end = 0
        for term in sorted(terms, key=lambda term: term.start):
            parts.append(self.text[end : term.start].rstrip(" "))
            end = term.end
        return "".join((*parts, self.text[end:]))

    def appending(self, text: str) -> str:
        """Give the record's text with a term behind all others."""
        return self.text + ("" if self.text.endswith(" ") else " ") + text

    def inserting_before_all(self, text: str) -> str:
        """Give the record's text with a term before the first `all`, so that it counts.

        A misspelt `all` is one too. Without any, before the first `redirect`; else at the end.
        """
        for name in ("all", "redirect"):
            for term in self.terms:
                if name == term.name or (isinstance(term, Invalid) and name in term.names):
                    return f"{self.text[: term.start]}{text} {self.text[term.start :]}"
        return self.appending(text)

    @property
    def lowered(self) -> str:
        """The record's text with lower case wherever that means the same.

        Macros, the values of modifiers that no RFC defines, and invalid terms stay as they are.
        """
        text = self.replacing_each(
            (term, _lowered(term))
            for term in self.terms
            if "uppercase" in term.features and not isinstance(term, Invalid)
        )
        return self.version.lower() + text[len(self.version) :]

    def __str__(self) -> str:
        version = [VERSION] if self.version else []
        return " ".join([*version, *map(str, self.pieces)])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SpfRecord):
            return NotImplemented
        return bool(self.version) == bool(other.version) and self.pieces == other.pieces

    def __hash__(self) -> int:
        return hash(self.pieces)


_MACRO_OR_CAPITALS = re.compile(r"%\{[^}]*\}|[A-Z]+")


def _lowered(term: Mechanism | Modifier) -> str:
    if isinstance(term, Modifier) and term.name not in MODIFIERS:
        name, sign, value = term.text.partition("=")
        return name.lower() + sign + value
    return _MACRO_OR_CAPITALS.sub(
        lambda found: found[0] if found[0].startswith("%") else found[0].lower(), term.text
    )


def parse(text: str) -> SpfRecord:
    """Read a record. Takes any text at all and never raises; what is wrong becomes a fault.

    text: the decoded value of the TXT record, its character-strings joined (RFC 7208 section 3.3).
    """
    # What is made of a long text is not kept.
    return _parse(text, True) if len(text) <= _LONGEST_KEPT else _parse.__wrapped__(text, False)


@lru_cache(maxsize=1 << 14)
def _parse(text: str, keep: bool) -> SpfRecord:
    """Read a record. A zone asks for each text again as soon as a record leads there."""
    if not is_spf(text):
        return _unselected(text)
    read = _read if keep else _read.__wrapped__
    begin = len(VERSION)
    words, pieces, networks = [], [], []
    at = begin
    for piece in text[begin + 1 :].split(" ") if len(text) > begin else ():
        at += 1
        if not piece:
            words.append(_BLANK)
            continue
        # Addresses hardly ever come again: there is no use in keeping them.
        term: AnyTerm | None = read_network(piece, at)
        if term is None:
            term, features = read(piece)
        else:
            features = term.features
        at += len(piece)
        words.append(features)
        pieces.append(term)
        if term.name == "ip4" and isinstance(term, Mechanism):
            networks.append(term.ends)
    together = _together if keep else _together.__wrapped__
    features, alike = together(tuple(words))
    if "fault" in features:
        return _faulty(text, begin)
    if len(networks) > 1 and _holds_another(networks):
        features |= _NESTED
    if alike or len({term.text for term in pieces}) < len(pieces):
        features = _with_repeats(features, pieces)
    if not text.startswith(VERSION):
        features |= _CAPITALS
    return SpfRecord(text, features, text[:begin], tuple(pieces))


_CAPITALS = frozenset({"uppercase"})
_NOT_SPF = frozenset({"fault", f"fault:{FaultKind.VERSION.value}", "no-all"})


def _unselected(text: str) -> SpfRecord:
    """Read a record that receivers do not take for SPF, as if they did."""
    end = misspelt_version(text)
    if end is None:
        message = "This is not an SPF record: it does not start with `v=spf1`."
        fault = Fault(FaultKind.VERSION, 0, len(text), message)
        return SpfRecord(text, _NOT_SPF, "", (), (fault,))
    written = text[:end]
    blank = "" if end == len(text) else " "
    message = (
        "The record must start with exactly `v=spf1` and a space: receivers do not recognise it "
        "as SPF."
    )
    return _faulty(text, end, Fault(FaultKind.VERSION, 0, end, message, VERSION + blank), written)


def _faulty(
    text: str, begin: int, version: Fault | None = None, written: str | None = None
) -> SpfRecord:
    """Read a record term by term, with all its faults.

    begin: where the terms begin.
    written: what stands for the version.
    """
    terms, loose = _recover(text, begin)
    if version is not None:
        loose = [version, *loose]
    features, _ = _together.__wrapped__(tuple(map(_features_of, terms)))
    features |= {word for fault in loose for word in ("fault", f"fault:{fault.kind.value}")}
    if "  " in text or text.endswith(" "):
        features |= _BLANK
    if written is None and not text.startswith(VERSION):
        features |= _CAPITALS
    networks = [term.ends for term in terms if isinstance(term, Mechanism) and term.name == "ip4"]
    if _holds_another(networks):
        features |= _NESTED
    placed = tuple(terms)
    version_text = text[:begin] if written is None else written
    features = _with_repeats(features, terms)
    return SpfRecord(text, features, version_text, placed, tuple(loose), placed)


@lru_cache(maxsize=1 << 16)
def _read(text: str) -> _Read:
    term = read_term(text) or _explain(text)
    return _Read(term, _features_of(term))


def _explain(text: str) -> Invalid:
    # Most runs meet no bad term, and need not load what explains one.
    from zonelint.grammars.spf.explain import explain

    return explain(text)


def _place(terms: Iterable[AnyTerm], text: str) -> Iterator[AnyTerm]:
    """Give the terms of a record without a fault their places."""
    at = len(VERSION)
    for term in terms:
        while text[at] == " ":
            at += 1
        yield term if term.start == at else term.placed(at)
        at += len(term.text)


_BLANK = frozenset({"extra-blank"})
_NESTED = frozenset({"many-networks"})


def _holds_another(networks: list[tuple[int, int]]) -> bool:
    """Whether one of the networks, each given by its first and last address, holds another.

    Two networks overlap only where one holds the other: it is enough to look at neighbours.
    """
    networks.sort()
    return any(behind[0] <= before[1] for before, behind in pairwise(networks))


def _features_of(term: AnyTerm) -> frozenset[str]:
    found = hints(term)
    words = [word for hint in found for word in ("hint", f"hint:{hint.kind.value}")]
    if term.name in _HOSTS:
        named = isinstance(term, Mechanism) and term.domain is not None
        words.append((_NAMED if named else _BARE) + term.name)
    return term.features.union(words) if words else term.features


_HOSTS = ("a", "mx", "ptr")
_NAMED, _BARE = "named ", "bare "
"""Marks of a term, never of a record: whether a, mx or ptr names a domain or means the owner."""
_MARKS = frozenset(mark + name for mark in (_NAMED, _BARE) for name in _HOSTS)
_SPELT_OTHERWISE = frozenset({"uppercase", "final-dot"})
_QUALIFIERS = frozenset(f"qualifier:{qualifier.value}" for qualifier in Qualifier)


@lru_cache(maxsize=1 << 14)
def _together(words: tuple[frozenset[str], ...]) -> tuple[frozenset[str], bool]:
    """Join the features of a record's terms, given in order, with those of the record itself.

    Also tell whether two terms may ask the same and yet be written in two ways.
    """
    every: set[str] = set().union(*words)
    counts = Counter(word for term in words for word in term if word in _COUNTED)
    ends = [index for index, term in enumerate(words) if "all" in term]
    if not ends and "redirect" not in every:
        every.add("no-all")
    if ends and any(not term.isdisjoint(MECHANISMS) for term in words[ends[0] + 1 :]):
        every.add("after-all")
    if ends and "redirect" in every:
        every.add("redirect-with-all")
    if counts["redirect"] > 1 or counts["exp"] > 1:
        every |= {"fault", f"fault:{FaultKind.DUPLICATE.value}"}
    signed = [term for term in words if "all" not in term and not term.isdisjoint(_QUALIFIERS)]
    # Plain ip4 terms are compared one by one, and are the only ones that can be.
    others = signed or not every.isdisjoint(_SPELT_OTHERWISE)
    if counts["ip6"] > 1 or (counts["ip4"] > 1 and others):
        every.add("many-networks")
    if any(_NAMED + name in every and _BARE + name in every for name in _HOSTS):
        every.add("bare-and-named")
    return frozenset(every - _MARKS), bool(others)


_COUNTED = frozenset({"redirect", "exp", "ip4", "ip6"})


def _with_repeats(features: frozenset[str], terms: Iterable[AnyTerm]) -> frozenset[str]:
    """Add the word for two terms that are alike but for the qualifier and what has no meaning.

    A second all is something else: it stands behind the first.
    """
    spelt = [
        str(term).lstrip("+-~?").lower().removesuffix(".") for term in terms if term.name != "all"
    ]
    return features | {"repeated"} if len(set(spelt)) < len(spelt) else features


# A record with a fault is read again, slowly, so that every fault gets its words and its place.


def _recover(text: str, begin: int) -> tuple[list[AnyTerm], list[Fault]]:
    """Read the terms from `begin` on, whatever blanks separate them, and the loose faults.

    Words that a blank tore apart (`include: example.com`) become one invalid term.
    """
    terms: list[AnyTerm] = []
    loose: list[Fault] = []
    words = [(found.start(), found.end()) for found in _WORDS.finditer(text, begin)]
    place = begin
    index = 0
    while index < len(words):
        start, _ = words[index]
        loose += _odd_blanks(text, place, start)
        count = _torn(text, words[index : index + _MOST_JOINED])
        _, place = words[index + count - 1]
        if count == 1:
            terms.append(_read_term(text[start:place]).placed(start))
        else:
            terms.append(_joined(text, words[index : index + count]))
        index += count
    loose += _odd_blanks(text, place, len(text))
    loose += _second_modifiers(terms)
    return terms, loose


def _read_term(text: str) -> AnyTerm:
    return (_read if len(text) <= _LONGEST_KEPT else _read.__wrapped__)(text).term


def _odd_blanks(text: str, start: int, end: int) -> list[Fault]:
    """Find white space that is not the plain blank, the only one that separates terms."""
    faults = []
    plain = " " in text[start:end]
    for run in _ODD_BLANKS.finditer(text, start, end):
        odd = run[0]
        suggestion = "" if plain or end == len(text) else " "
        if odd.isascii():
            name = "tab" if "\t" in odd else "line break"
            message = f"There is a {name} where only a plain space separates terms."
            kind = FaultKind.SYNTAX
        else:
            pasted = next(character for character in odd if not character.isascii())
            message = f"The {describe(pasted)} does not separate terms: SPF is plain ASCII."
            kind = FaultKind.NON_ASCII
        faults.append(Fault(kind, run.start(), run.end(), message, suggestion))
    return faults


def _torn(text: str, words: Sequence[tuple[int, int]]) -> int:
    """Count how many words, from the first on, are one term that blanks tore apart."""
    (start, end), *others = words
    joined = text[start:end]
    count = 1
    for start, end in others:
        word = text[start:end]
        whole = joined + word
        if word[0] in ":=/":
            belongs = _starts_known(joined) and word.lower() != "=all"
        elif joined[-1] in ":=/" and _starts_known(joined):
            belongs = isinstance(_read_term(word), Invalid) and not _starts_known(word)
        else:
            belongs = not joined.strip("+-~?") and read_term(whole) is not None
        if not belongs:
            break
        joined = whole
        count += 1
    return count


_KNOWN_START = re.compile(
    rf"[-+~?]*(?:{'|'.join(sorted(MECHANISMS | MODIFIERS, key=len, reverse=True))})(?![a-z0-9_.-])",
    re.IGNORECASE | re.ASCII,
)


def _starts_known(word: str) -> bool:
    return _KNOWN_START.match(word) is not None


def _joined(text: str, words: Sequence[tuple[int, int]]) -> Invalid:
    """Make one invalid term of words that blanks tore apart: each blank is a fault."""
    start, end = words[0][0], words[-1][1]
    whole = "".join(text[a:b] for a, b in words)
    places = [place for a, b in words for place in range(a, b)]
    faults = []
    for (_, before), (after, _) in pairwise(words):
        sign = text[before - 1] if text[before - 1] in ":=/+-~?" else text[after]
        side = "after" if sign == text[before - 1] else "before"
        word = _SIGNS.get(sign, "qualifier")
        message = f"A space {side} the {word} splits this term in two."
        faults.append(Fault(FaultKind.SYNTAX, before, after, message, ""))
    meant = read_term(whole)
    if meant is None:
        inner = _explain(whole)
        faults += [
            Fault(f.kind, places[f.start], places[f.end - 1] + 1, f.message, f.suggestion)
            for f in inner.faults
        ]
        qualifier, names = inner.qualifier, inner.names
    else:
        qualifier = meant.qualifier if isinstance(meant, Mechanism) else None
        names = (meant.name,) if meant.name in MECHANISMS | MODIFIERS else ()
    faults.sort(key=lambda fault: (fault.start, fault.end))
    return Invalid(text[start:end], tuple(faults), qualifier, names, start)


_SIGNS = {":": "colon", "=": "equals sign", "/": "slash"}


def _second_modifiers(terms: Iterable[AnyTerm]) -> list[Fault]:
    """Find redirect and exp that stand again (RFC 7208 section 6)."""
    seen = set()
    faults = []
    for term in terms:
        if not isinstance(term, Modifier) or term.name not in MODIFIERS:
            continue
        if term.name in seen:
            message = f"`{term.name}` is allowed only once in a record, and this is the second."
            faults.append(Fault(FaultKind.DUPLICATE, term.start, term.end, message))
        seen.add(term.name)
    return faults
