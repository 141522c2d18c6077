"""A language of the tag list: what its tags may hold, and what they mean together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property, lru_cache

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.tags.plain import read_plain
from zonelint.grammars.tags.tree import (
    BLANKS,
    LONGEST_REMEMBERED,
    Piece,
    PieceTag,
    Read,
    Shape,
    Sort,
    sort_of,
)
from zonelint.grammars.tags.value import ValueRule

_MOST_PIECES = 64
"""Records of more pieces are judged anew each time, for the memory's sake."""
NO_KINDS: frozenset[FaultKind] = frozenset()
_UNKNOWN = "x"
"""A name that no language knows."""


@cache
def _parser() -> Callable[[str, str], Read | None]:
    # Lark is loaded for the first tag in which something is odd: most runs meet none.
    from zonelint.grammars.tags.grammar import parse

    return parse


class Language:
    """One specialisation of the tag list. Every answer depends on the arguments alone."""

    def __init__(
        self,
        noun: str,
        start: str,
        version: str,
        tags: Mapping[str, ValueRule],
        *,
        required: Iterable[str] = (),
        version_optional: bool = False,
        folds_names: bool = False,
        tight: bool = False,
        blank_first: bool = False,
        folds: bool = False,
        reports_unknown: bool = False,
        repeatable: Iterable[str] = (),
        duplicates: str = "receivers discard the whole record",
        extra: Callable[[str, str], tuple[str, ...]] | None = None,
    ) -> None:
        """Describe a language.

        noun: "DMARC record", for messages.
        start: its rule in `taglist.lark`.
        version: the value of `v`, "" for none.
        required: tags that must stand in a record.
        folds_names: tag names are read in any case.
        tight: no blanks at the equals sign, and none before the semicolon that ends the version.
        blank_first: blanks may stand before the first tag.
        folds: a blank may hold a line break.
        repeatable: may stand more than once.
        duplicates: what a tag twice does, for the message.
        extra: (name, value as written) -> more features.
        """
        self.noun = noun
        self.start = start
        self.version = version
        self.tags = dict(tags)
        self.required = tuple(required)
        self.version_optional = version_optional
        self.folds_names = folds_names
        self.tight = tight
        self.blank_first = blank_first
        self.folds = folds
        self.reports_unknown = reports_unknown
        self.repeatable = frozenset(repeatable)
        self.duplicates = duplicates
        self.extra = extra
        self.names = sorted(self.tags, key=lambda name: (-len(name), name))
        self._known = "|".join(map(re.escape, self.names)) or "[A-Za-z][A-Za-z0-9_]*"
        self._flags = re.IGNORECASE if folds_names else 0
        self.has_uris = any(rule.kind is FaultKind.REPORT_URI for rule in self.tags.values())
        self._shape = lru_cache(maxsize=4096)(self.shape_of)

    @cached_property
    def next_tag(self) -> re.Pattern[str]:
        """Blanks in front of a known tag, where a semicolon is missing."""
        # The look behind keeps a long run of blanks from being tried from each of its blanks.
        return re.compile(
            rf"(?<![\s,])[\s,]++(?:[\"'][\s,]*+)?(?=(?:{self._known})[ \t]*=)", self._flags
        )

    @cached_property
    def ahead(self) -> re.Pattern[str]:
        """The version with words in front of it that belong to no tag: a name that was copied."""
        version = re.escape(self.version)
        return re.compile(
            rf"(?!v\s*=\s*{version})[^;:=]{{0,255}}=?[\s\"'\\]*"
            rf"(?<![A-Za-z0-9])(?:v\s*=\s*)?{version}(?=[;\s,]|\Z)",
            re.IGNORECASE,
        )

    @cached_property
    def headless(self) -> re.Pattern[str]:
        """A known tag's name and value with something else for the equals sign."""
        return re.compile(
            rf"({self._known})(?:(?P<sign>\s*(?::=?|-)\s*)|(?P<blank>\s+(?!=)))(?P<value>.*)",
            self._flags | re.DOTALL,
        )

    # -- pieces

    def parse(self, text: str) -> Read | None:
        """Read one piece; None when the grammar does not allow it."""
        return read_plain(text, self.start) or _parser()(text, self.start)

    def read_value(self, name: str, raw: str) -> str | None:
        """Give the normal form of a tag's value; None when the grammar does not allow it."""
        if raw.strip(BLANKS) != raw:
            return None
        read = self.parse(f"{name if name in self.tags else _UNKNOWN}={raw}")
        return None if read is None else read.value

    def leads(self, text: str, start: int, end: int) -> bool:
        """Whether a version that stands there in its piece may be a record's first tag."""
        if start and not self.blank_first:
            return False
        return not self.tight or end == len(text)

    def judged_sort(
        self,
        text: str,
        fields: tuple[PieceTag, ...],
        faults: tuple[Fault, ...],
        version: bool = False,
    ) -> Sort:
        """What a piece has in common with others."""
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
