"""The known word that somebody meant when they wrote a wrong one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator


def near_miss(word: str, known: Collection[str]) -> str | None:
    """Give the one known word that is a slip of the keyboard away from `word`, or None.

    Case is ignored; the answer is spelt as in `known`. A word that is known is its own
    answer. How many slips are forgiven depends on the length (the longer of the two):
    none up to 2 letters, one up to 5, two beyond. Two candidates that are equally near
    are no answer, unless only one of them begins with the same letter.
    """
    wanted = word.lower()
    best: list[str] = []
    best_distance = 3
    for candidate in sorted(known):
        spelt = candidate.lower()
        if spelt == wanted:
            return candidate
        allowed = min(_allowed_slips(max(len(wanted), len(spelt))), best_distance)
        distance = _slips(wanted, spelt, allowed)
        if distance is None:
            continue
        if distance < best_distance:
            best, best_distance = [candidate], distance
        else:
            best.append(candidate)
    if len(best) > 1:
        best = [candidate for candidate in best if candidate[:1].lower() == wanted[:1]]
    return best[0] if len(best) == 1 else None


_MARKS = re.compile("[0-9]|(?<=-)[a-z]{1,2}(?![a-z])|^[a-z]{1,2}(?=-)")


class Alike:
    """Words of which each is found by any that is one slip of the keyboard away from it.

    `others` are words that are beside these.

    A letter is added, lost, changed, or two are swapped. Digits tell words apart, `mx2` from
    `mx1`, and so do letters between hyphens, `firma-a` from `firma-b`: they are no slip.
    """

    __slots__ = ("_by_form", "_others")

    def __init__(self, words: Iterable[str], *others: Alike) -> None:
        self._others = others
        self._by_form: dict[str, list[str]] = {}
        for word in words:
            for form in _forms(word):
                self._by_form.setdefault(form, []).append(word)

    def near(self, word: str) -> list[str]:
        """The words that this one may be a slip for, sorted; not itself."""
        found = {other for form in _forms(word) for other in self._by_form.get(form, ())}
        alike = {
            other
            for other in found - {word}
            if _MARKS.findall(other) == _MARKS.findall(word) and _slips(word, other, 1) is not None
        }
        return sorted(alike.union(*(each.near(word) for each in self._others)))


def _forms(word: str) -> Iterator[str]:
    """The word, and what a letter less makes of it: those of two alike words have one in common."""
    yield word
    yield from (word[:at] + word[at + 1 :] for at in range(len(word)))


def _allowed_slips(length: int) -> int:
    if length <= 2:
        return 0
    return 1 if length <= 5 else 2


def _slips(left: str, right: str, limit: int) -> int | None:
    """Count slips from left to right: a letter added, lost, changed, or two swapped.

    This is the optimal string alignment distance. None when it is over `limit`, which is
    seen from the lengths first, so that a huge word costs nothing.
    """
    if abs(len(left) - len(right)) > limit:
        return None
    before_last: list[int] = []
    last = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before_last, last = last, row
    return last[-1] if last[-1] <= limit else None
