"""A language of the tag list: how its pieces are read, and what they mean together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.tags.grammar import Read, Unreadable, parser
from zonelint.grammars.tags.tree import (
    BLANKS,
    LONGEST_REMEMBERED,
    Field,
    Piece,
    Shape,
    Sort,
    sort_of,
)
from zonelint.grammars.tags.value import TEXT, ValueRule

_REMEMBERED_PIECES = 16384
_MOST_PIECES = 64
"""Records of more pieces are judged anew each time, for the memory's sake."""
NO_KINDS: frozenset[FaultKind] = frozenset()
_PLAIN = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9_]*)=([!-:<-~]*)[ \t]*")


class Language:
    """One specialisation of the tag list. Every answer depends on the arguments alone."""

    def __init__(
        self,
        noun: str,
        version: str,
        tags: Mapping[str, ValueRule],
        *,
        required: Iterable[str] = (),
        removed: Iterable[str] = (),
        version_optional: bool = False,
        folds_names: bool = False,
        tight: bool = False,
        blank_first: bool = False,
        folds: bool = False,
        reports_unknown: bool = False,
        unknown: ValueRule = TEXT,
        repeatable: Iterable[str] = (),
        duplicates: str = "receivers discard the whole record",
        extra: Callable[[str, str], tuple[str, ...]] | None = None,
    ) -> None:
        """Describe a language.

        noun: "DMARC record", for messages. version: the value of `v`, "" for none.
        required: tags that must stand in a record. removed: known once, gone now.
        folds_names: tag names are read in any case. tight: no blanks at the equals sign, and none
        before the semicolon that ends the version. blank_first: blanks may stand before the first
        tag. folds: a blank may hold a line break. unknown: the rule for values of unknown tags.
        repeatable: may stand more than once. duplicates: what a tag twice does, for the message.
        extra: (name, value as written) -> more features; none for values that `quick` accepts.
        """
        self.noun = noun
        self.version = version
        self.tags = dict(tags)
        self.required = tuple(required)
        self.removed = frozenset(removed)
        self.version_optional = version_optional
        self.folds_names = folds_names
        self.tight = tight
        self.blank_first = blank_first
        self.folds = folds
        self.reports_unknown = reports_unknown
        self.unknown = unknown
        self.repeatable = frozenset(repeatable)
        self.duplicates = duplicates
        self.extra = extra
        self._start = "field" if tight else "tag"
        self.names = sorted(self.tags, key=lambda name: (-len(name), name))
        self._known = "|".join(map(re.escape, self.names)) or "[A-Za-z][A-Za-z0-9_]*"
        self._flags = re.IGNORECASE if folds_names else 0
        self.has_uris = any(rule.start in ("uris", "place") for rule in self.tags.values())
        self._sorts = {
            name: Sort((name,), frozenset((name,)), NO_KINDS, False, False)
            for name, rule in self.tags.items()
            if name != "v" and not rule.words
        }
        self.piece = lru_cache(maxsize=_REMEMBERED_PIECES)(self.read_piece)
        self._sort_of_piece = lru_cache(maxsize=_REMEMBERED_PIECES)(self._read_sort)
        self._shape = lru_cache(maxsize=4096)(self.shape_of)

    @cached_property
    def next_tag(self) -> re.Pattern[str]:
        """Blanks in front of a known tag, where a semicolon is missing."""
        # The look behind keeps a long run of blanks from being tried from each of its blanks.
        return re.compile(
            rf"(?<![\s,])[\s,]++(?:[\"'][\s,]*+)?(?=(?:{self._known})[ \t]*=)", self._flags
        )

    @cached_property
    def headless(self) -> re.Pattern[str]:
        """A known tag's name and value with something else for the equals sign."""
        return re.compile(
            rf"({self._known})(?:(?P<sign>\s*(?::=?|-)\s*)|(?P<blank>\s+(?!=)))(?P<value>.*)",
            self._flags | re.DOTALL,
        )

    # -- a glance

    def glance(self, text: str) -> frozenset[str] | None:
        """The features of a record without reading it; None where that needs a closer look."""
        if len(text) > LONGEST_REMEMBERED or not text.isascii() or not text.isprintable():
            return None
        sort, address_sort = self._sort_of_piece, self._address_sort
        sorts = tuple(
            [address_sort(piece) if "@" in piece else sort(piece) for piece in text.split(";")]
        )
        shape = self._shape(sorts) if len(sorts) <= _MOST_PIECES else self.shape_of(sorts)
        return shape.features if shape.clean else None

    def _address_sort(self, text: str) -> Sort:
        # Addresses often differ from record to record: to remember them would be of no use.
        found = self._plain_addresses.fullmatch(text)
        if found is None:
            return self._sort_of_piece(text)
        return self._sorts[found[found.lastindex or 0]]

    @cached_property
    def _plain_addresses(self) -> re.Pattern[str]:
        """A tag that holds addresses, in its plainest spelling (see `read_piece`)."""
        forms: dict[str, list[str]] = {}
        for name, rule in self.tags.items():
            if rule.start == "uris" and name in self._sorts and not rule.quick.flags & re.I:
                forms.setdefault(rule.quick.pattern, []).append(name)
        known = [rf"({'|'.join(names)})=(?:{quick})" for quick, names in forms.items()]
        return re.compile(rf"[ \t]*(?:{'|'.join(known)})[ \t]*" if known else "(?!)")

    def _read_sort(self, text: str) -> Sort:
        return self.read_piece(text).sort

    # -- pieces

    def pieces(self, text: str) -> tuple[Piece, ...]:
        """Read every piece of a cleaned text."""
        if len(text) <= LONGEST_REMEMBERED:
            return tuple(map(self.piece, text.split(";")))
        return tuple(
            self.piece(piece) if len(piece) <= LONGEST_REMEMBERED else self.read_piece(piece)
            for piece in text.split(";")
        )

    def read_piece(self, text: str) -> Piece:
        """Read one piece: the plainest spelling at once, any other by the grammar."""
        plain = _PLAIN.fullmatch(text)
        if plain is not None:
            name = plain[1].lower() if self.folds_names else plain[1]
            rule = self.tags.get(name)
            if rule is not None and name == plain[1]:
                value = plain[2]
                if rule.quick.fullmatch(value):
                    start, (value_start, end) = plain.start(1), plain.span(2)
                    entry = Field(name, value, start, end, value_start, end)
                    sort = self._sorts.get(name)
                    if sort is None:
                        version = name == "v" and self._leads(text, start, end)
                        words = (name, f"{name}={value.lower()}") if rule.words else (name,)
                        sort = sort_of((name,), words, NO_KINDS, False, version)
                    return Piece(text, (entry,), (), sort)
        return self.by_grammar(text)

    def by_grammar(self, text: str) -> Piece:
        """Read one piece by the Lark grammar alone, and repair it where that does not allow it."""
        if not text.strip(BLANKS):
            return Piece(text, (), (), sort_of((), (), NO_KINDS, True, False))
        try:
            read: Read = parser()(text, self._start)
        except Unreadable:
            return self._repaired(text)
        name = self.fold(read.name)
        rule = self.tags.get(name)
        if rule is None or name != read.name:
            return self._repaired(text)
        value = rule.by_grammar(read.value)
        if value is None:
            return self._repaired(text)
        name_span = (read.start, read.start + len(read.name))
        if read.value_start < 0:
            end = text.index("=", name_span[1]) + 1
            return self._good(text, name, value, name_span, (end, end), rule.check(""))
        found = rule.check(read.value)
        return self._good(text, name, value, name_span, (read.value_start, read.end), found)

    def _repaired(self, text: str) -> Piece:
        # Most runs meet no broken piece, and need not load what mends one.
        from zonelint.grammars.tags.repair import repair

        return repair(self, text)

    def _good(
        self,
        text: str,
        name: str,
        value: str,
        name_span: tuple[int, int],
        value_span: tuple[int, int],
        found: tuple[Fault, ...] = (),
    ) -> Piece:
        """A piece that the grammar allows, with what the rule's own check found in the value."""
        faults = tuple(fault.shifted(value_span[0]) for fault in found) if found else ()
        entry = Field(name, value, name_span[0], value_span[1], *value_span, not faults)
        version = name == "v" and not faults and self._leads(text, name_span[0], value_span[1])
        return Piece(text, (entry,), faults, self.judged_sort(text, (entry,), faults, version))

    def _leads(self, text: str, start: int, end: int) -> bool:
        if start and not self.blank_first:
            return False
        return not self.tight or end == len(text)

    def judged_sort(
        self,
        text: str,
        fields: tuple[Field, ...],
        faults: tuple[Fault, ...],
        version: bool = False,
    ) -> Sort:
        """What a piece that was not read at once has in common with others."""
        words: list[str] = []
        for entry in fields:
            rule = self.tags.get(entry.name)
            if rule is None:
                continue
            words.append(entry.name)
            if rule.words and entry.sound:
                words.append(f"{entry.name}={entry.value.lower()}")
            if self.extra is not None:
                raw = text[entry.value_start : entry.value_end]
                words.extend(self.extra(entry.name, raw))
        kinds = frozenset(fault.kind for fault in faults) if faults else NO_KINDS
        names = tuple(entry.name for entry in fields)
        make = sort_of if sum(map(len, names)) <= LONGEST_REMEMBERED else sort_of.__wrapped__
        return make(names, tuple(words), kinds, False, version)

    def fold(self, name: str) -> str:
        """A tag's name as the language knows it."""
        return name.lower() if self.folds_names else name

    # -- whole records

    def shape(self, pieces: tuple[Piece, ...]) -> Shape:
        """What the pieces mean together, from memory where the same sorts were seen before."""
        sorts = tuple([piece.sort for piece in pieces])
        return self._shape(sorts) if len(sorts) <= _MOST_PIECES else self.shape_of(sorts)

    def shape_of(self, sorts: tuple[Sort, ...]) -> Shape:
        """As `shape`, from the sorts and without the memory."""
        features: set[str] = set()
        names: list[str] = []
        clean = not any(sort.blank for sort in sorts[:-1])
        for sort in sorts:
            features |= sort.words
            names += sort.names
            clean = clean and not sort.kinds
        if self.version:
            first = sorts[0].version or (self.version_optional and "v" not in names)
            clean = clean and first and not sorts[0].blank
        once = [name for name in names if name not in self.repeatable]
        clean = clean and len(once) == len(set(once))
        clean = clean and all(name in features for name in self.required)
        features.update(f"without:{name}" for name in self.tags if name not in features)
        return Shape(frozenset(features), clean)
