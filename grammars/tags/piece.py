"""Reads what stands between two semicolons: by the grammar, and by the repair where it refuses."""

from __future__ import annotations

from functools import lru_cache

from zonelint.grammars.fault import Fault
from zonelint.grammars.tags.language import Language
from zonelint.grammars.tags.tree import BLANKS, LONGEST_REMEMBERED, Piece, PieceTag, sort_of


def read_pieces(language: Language, text: str) -> tuple[Piece, ...]:
    """Read every piece of a cleaned text."""
    return tuple(
        [
            read_piece(language, piece)
            if len(piece) <= LONGEST_REMEMBERED
            else read_piece.__wrapped__(language, piece)
            for piece in text.split(";")
        ]
    )


@lru_cache(maxsize=1 << 15)
def read_piece(language: Language, text: str) -> Piece:
    """Read one piece."""
    if not text.strip(BLANKS):
        return Piece(text, (), (), sort_of((), (), frozenset(), True, False))
    read = language.parse(text)
    rule = None if read is None else language.tags.get(read.name)
    if read is None or rule is None:
        return _repaired(language, text)
    value_start, end = read.value_start, read.end
    if value_start < 0:
        value_start = end = text.index("=", read.start) + 1
    found = rule.check(text[value_start:end])
    faults: tuple[Fault, ...] = ()
    if found:
        faults = tuple(fault.shifted(value_start) for fault in found)
    entry = PieceTag(read.name, read.value, read.start, end, value_start, end, not faults)
    leads = read.name == "v" and not faults and language.leads(text, read.start, end)
    return Piece(text, (entry,), faults, language.judged_sort(text, (entry,), faults, leads))


def _repaired(language: Language, text: str) -> Piece:
    # Most runs meet no broken piece, and need not load what mends one.
    from zonelint.grammars.tags.repair import repair

    return repair(language, text)
