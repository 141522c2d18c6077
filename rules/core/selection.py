"""Which rules run, where, and how much their findings matter: select, ignore, severities.

A word of `select` or `ignore` is `ALL` or the beginning of a code: `SPF`, `SPF2`,
`SPF201`. The longest word that fits a rule decides, and `ignore` where both are as long. The
command line counts for more than the config: a rule that is selected there is taken away only by
a longer word of the config's `ignore`.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from zonelint.grammars.nearmiss import near_miss
from zonelint.rules.core.finding import Severity
from zonelint.rules.core.rule import Rule

ALL = "ALL"

Words = tuple[str, ...]
SeverityOf = Callable[[Rule, str, Severity], Severity | None]


class UnknownCodeError(Exception):
    """A word that no rule's code begins with; `meant` is the near miss, where there is one."""

    def __init__(self, word: str, meant: str | None) -> None:
        super().__init__(word)
        self.word = word
        self.meant = meant


@dataclass(frozen=True, slots=True)
class Selection:
    """What the config and the command line say about rules.

    `select` and `ignore` are the config's, `asked` and `refused` the command line's;
    `asked` is None where the command line selects nothing. `per_owner_ignore` is keyed by
    globs for owners without final dot, `severities` by words.
    """

    select: Words = (ALL,)
    ignore: Words = ()
    asked: Words | None = None
    refused: Words = ()
    per_owner_ignore: Mapping[str, Words] = field(default_factory=dict)
    severities: Mapping[str, Severity] = field(default_factory=dict)

    def rules(self, known: Sequence[Rule]) -> list[Rule]:
        """The rules that run. UnknownCodeError for a word of the command line that fits none."""
        for word in (*(self.asked or ()), *self.refused):
            if not any(fits(word, rule.code) for rule in known):
                raise UnknownCodeError(word, meant_code(word, [rule.code for rule in known]))
        return self.chosen(known)

    def chosen(self, known: Iterable[Rule]) -> list[Rule]:
        """The rules that run of these, which need not be all."""
        return [rule for rule in known if self._runs(rule)]

    def severity_of(self, selected: Iterable[Rule]) -> SeverityOf | None:
        """What the engine asks for each finding; None where nothing is configured."""
        if not self.per_owner_ignore and not self.severities:
            return None
        severities: dict[str, Severity] = {}
        silenced: dict[str, re.Pattern[str]] = {}
        compiled = cache(lambda globs: re.compile("|".join(map(fnmatch.translate, globs))))
        for rule in selected:
            word = longest(self.severities, rule.code)
            if word is not None:
                severities[rule.code] = self.severities[word]
            globs = tuple(
                glob
                for glob, words in self.per_owner_ignore.items()
                if any(fits(w, rule.code) for w in words)
            )
            if globs:
                silenced[rule.code] = compiled(globs)

        def severity(rule: Rule, owner: str, given: Severity) -> Severity | None:
            pattern = silenced.get(rule.code)
            if pattern is not None and any(map(pattern.match, _names(owner))):
                return None
            return severities.get(rule.code, given)

        return severity

    @property
    def is_narrowed(self) -> bool:
        """Whether fewer rules are asked than changes are held to."""
        return self.as_gate() != self

    def as_gate(self) -> Selection:
        """The rules that a change is held to before it is offered.

        These are all but the ones that the configuration ignores by name: what it selects, and what
        the command line says, is what somebody wants to be told.
        """
        ignore = tuple(word for word in self.ignore if word.upper() != ALL)
        return replace(self, select=(ALL,), ignore=ignore, asked=None, refused=())

    def _runs(self, rule: Rule) -> bool:
        """Ties go to whoever speaks last: select, ignore, then --select, then --ignore."""
        refused = _said(self.refused, rule.code)
        if self.asked is None:
            return refused < 0 and asks(self.select, self.ignore, rule.code)
        asked = _said(self.asked, rule.code)
        return asked >= max(_said(self.ignore, rule.code), 0) and asked > refused


def mail_domain(owner: str) -> str:
    """The domain that a record is about: what follows the last label with an underscore.

    `_dmarc.example.com.`, `s1._domainkey.example.com.` and `_smtp._tls.example.com.` are
    all about `example.com.`.
    """
    return owner if "_" not in owner else _UNDERSCORED.sub("", owner)


_UNDERSCORED = re.compile(r"^(?:[^.]+\.)*_[^.]*\.")


def _names(owner: str) -> tuple[str, str]:
    """Whoever names a domain means its DMARC record and its keys too."""
    return owner.rstrip("."), mail_domain(owner).rstrip(".")


def fits(word: str, code: str) -> bool:
    """Whether a word stands for a rule's code, or for all codes that begin as this does."""
    upper = word.upper()
    return upper == ALL or code.startswith(upper)


def length(word: str) -> int:
    """How much a word says: ALL says nothing."""
    return 0 if word.upper() == ALL else len(word)


def longest(words: Iterable[str], code: str) -> str | None:
    """The most telling word that fits a code; None where none fits."""
    return max((word for word in words if fits(word, code)), key=length, default=None)


def asks(select: Iterable[str], ignore: Iterable[str], code: str) -> bool:
    """Whether the longest word is of `select`; it is of `ignore` where both are as long."""
    return _said(select, code) > _said(ignore, code)


def _said(words: Iterable[str], code: str) -> int:
    """How much the most telling word says that fits the code; -1 where none fits."""
    word = longest(words, code)
    return -1 if word is None else length(word)


def meant_code(word: str, known: Iterable[str]) -> str | None:
    """The code, or beginning of codes, that somebody meant; None where that is anyone's guess.

    A family can be misspelt, and letters stand for digits that look alike; another number is no
    near miss, for it is another rule.
    """
    codes = set(known)
    letters = re.split("[^A-Z]", word.upper(), maxsplit=1)[0]
    number = word[len(letters) :].upper().translate(_LOOK_ALIKE)
    family = near_miss(letters, {code.rstrip("0123456789") for code in codes} | {ALL})
    if family is None:
        return None
    if any(code.startswith(family + number) for code in codes):
        return family + number
    return None if family == letters else family


_LOOK_ALIKE = str.maketrans("OIL", "011")
