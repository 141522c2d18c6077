"""Takes the characters out of an SPF term that no term can hold, and says which they were.

What is left is visible ASCII (RFC 7208 section 12, macro-literal and "%"), so that the rest of the
term can be looked at as if nothing had been pasted.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass, field

from zonelint.grammars.dnsname import quote_source, to_a_labels
from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.pasted import INVISIBLE, QUOTES, ascii_for, describe
from zonelint.grammars.spf.tree import MECHANISMS, MODIFIERS

_WORD = re.compile(rf"[^\x00-\x20\x7f:=/%{{}}\"',;<>@{QUOTES}]+")
_DOTS = re.compile("([.\u3002\uff0e\uff61])")


def is_clean(character: str) -> bool:
    """Whether the character is visible ASCII."""
    return "!" <= character <= "~"


@dataclass(slots=True)
class Cleaned:
    """A term without its odd characters.

    text: what is left, in visible ASCII.
    places: for each of its characters, the offset that it has in the original term.
    faults: what was taken out or put right, offsets in the original.
    """

    text: str = ""
    places: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def place(self, fault: Fault) -> Fault:
        """Give a fault of the cleaned text its offsets in the original."""
        start = self._original(fault.start)
        end = start if fault.end == fault.start else self.places[fault.end - 1] + 1
        return Fault(fault.kind, start, max(start, end), fault.message, fault.suggestion)

    def _original(self, offset: int) -> int:
        if offset < len(self.places):
            return self.places[offset]
        return self.places[-1] + 1 if self.places else 0

    def _keep(self, text: str, place: int) -> None:
        self.text += text
        self.places += [place] * len(text)


def clean(text: str) -> Cleaned:
    """Take what is no visible ASCII out of a term, a fault for every run of it."""
    result = Cleaned()
    words = [found for found in _WORD.finditer(text) if _has_letters(found[0])]
    ends = [found.end() for found in words]
    place = 0
    while place < len(text):
        index = bisect_left(ends, place + 1)
        word = words[index] if index < len(words) and words[index].start() <= place else None
        if word is not None:
            _clean_word(text, word, result)
            place = word.end()
        elif is_clean(text[place]):
            result._keep(text[place], place)
            place += 1
        else:
            place = _clean_run(text, place, result)
    return result


def _has_letters(word: str) -> bool:
    """Whether letters of another alphabet stand in the word, that have no plain form."""
    return any(
        ascii_for(character) is None and unicodedata.category(character)[0] in "LM"
        for character in word
        if not character.isascii()
    )


def _clean_run(text: str, start: int, result: Cleaned) -> int:
    """Take out a run of odd characters that need the same treatment; gives its end."""
    first = text[start]
    end = start
    written = ""
    known = True
    while end < len(text) and not is_clean(text[end]) and text[end].isascii() == first.isascii():
        plain = "" if text[end] in QUOTES or text[end].isascii() else ascii_for(text[end])
        known = known and plain is not None
        # A stand-in keeps the rest of the term readable; its own faults are never shown.
        result._keep("x" if plain is None else plain, end)
        written += plain or ""
        end += 1
    if first.isascii():
        message = f"This term contains a control character (0x{ord(first):02X})."
        result.faults.append(Fault(FaultKind.SYNTAX, start, end, message, ""))
    else:
        message = f"The {describe(first)} was pasted in: SPF is plain ASCII."
        suggestion = written if known else None
        result.faults.append(Fault(FaultKind.NON_ASCII, start, end, message, suggestion))
    return end


def _clean_word(text: str, word: re.Match[str], result: Cleaned) -> None:
    """A domain with a U-label becomes its A-label; a name becomes the one it looks like."""
    start = word.start()
    written = word[0]
    before = text[:start]
    is_domain = ":" in before or "=" in before or _DOTS.search(written) is not None
    if is_domain:
        plain = to_a_labels("".join(sign for sign in written if sign not in INVISIBLE))
        message = (
            f"The domain `{quote_source(written)}` must be written in its ASCII form"
            f"{f', {plain}' if plain else ''}."
        )
        kind = FaultKind.UNICODE_DOMAIN
        stand_in = "x.x"
    else:
        bare = written.lstrip("+-~?")
        start += len(written) - len(bare)
        result_places = written[: len(written) - len(bare)]
        for offset, sign in enumerate(result_places):
            result._keep(sign, word.start() + offset)
        written = bare
        plain = near_miss(bare, MECHANISMS | MODIFIERS)
        odd = next(character for character in bare if not character.isascii())
        message = f"The {describe(odd)} is not a plain letter: SPF is plain ASCII."
        kind = FaultKind.NON_ASCII
        stand_in = "x"
    result._keep(plain or stand_in, start)
    result.faults.append(Fault(kind, start, word.end(), message, plain))
