"""One SPF record that was cut into several TXT values of one owner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zonelint.grammars.spf import record as grammar
from zonelint.grammars.spf.version import VERSION
from zonelint.grammars.zone import Record
from zonelint.rules.model.subjects import MailZone, Spf

_MOST_PIECES = 20
_LONGEST = 2_000
_TELLING = frozenset({"include", "ip4", "ip6", "exists", "redirect", "all"})
"""Terms that no other text is: a word such as `a` or `mx` alone may be anything."""


class Cut(NamedTuple):
    """A record in pieces: the head, which receivers select, and the others as they stand."""

    head: Spf
    pieces: tuple[Record, ...]

    @property
    def joined(self) -> str:
        """The record that they make, what ends it last."""
        terms = self.head.value.split()[1:]
        for piece in self.pieces:
            terms += piece.text.value.split()
        ends = [term for term in terms if _ends(term)]
        return " ".join([VERSION, *(term for term in terms if not _ends(term)), *ends])

    @property
    def lets_send(self) -> bool:
        """Whether the joined record names anybody."""
        read = grammar.parse(self.joined)
        return any(term.name != "all" for term in read.mechanisms) or read.redirect is not None


def _ends(term: str) -> bool:
    return term.lstrip("+-~?").lower() == "all" or term.lower().startswith("redirect=")


def cut_at(zone: MailZone, owner: str) -> Cut | None:
    """How the TXT values of a name are pieces of one SPF record; None where they are not."""
    heads = zone.spf.get(owner, ())
    rrset = zone.zone.get(owner, "TXT")
    if len(heads) != 1 or rrset is None or "no-all" not in heads[0].features:
        return None
    others = [record for record in rrset.records if record is not heads[0].record]
    pieces = tuple(record for record in others if _is_piece(record.text.value))
    if not 1 <= len(pieces) <= _MOST_PIECES:
        return None
    return Cut(heads[0], pieces)


def cuts(zone: MailZone) -> Iterator[Cut]:
    """The records of a zone that stand in pieces."""
    for owner in zone.spf:
        cut = cut_at(zone, owner)
        if cut is not None:
            yield cut


def is_cut(spf: Spf) -> bool:
    """Whether the record is the head of a cut one: SPF011 tells what is wrong with it."""
    return cut_at(spf.zone, spf.owner) is not None


def _is_piece(text: str) -> bool:
    """Whether a text is nothing but terms of SPF, one of them such as no other text has."""
    if not text or len(text) > _LONGEST or "=" in text.replace("redirect=", "").replace("exp=", ""):
        return False
    read = grammar.parse(f"{VERSION} {text.strip()}")
    names: Sequence[str | None] = [term.name for term in read.terms]
    if not read.sound or not names or any(name is None for name in names):
        return False
    return any(name in _TELLING and (name != "all" or text.strip()[:1] in "-~?+") for name in names)
