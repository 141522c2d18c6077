"""Many things on every floor: counted, in a list, the first few, by what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


def some(words: Iterable[str], most: int = 3) -> str:
    """The first few, each once, and how many there are besides."""
    distinct = list(dict.fromkeys(words))
    rest = len(distinct) - most
    return ", ".join(distinct[:most]) + (f" and {rest} more" if rest > 0 else "")


def listed(words: Sequence[str]) -> str:
    """All of them, one at least: `one`, `one and two`, `one, two and three`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def counted(number: int, word: str, plural: str | None = None) -> str:
    """A number with its word: `1 message`, `2,000 messages`."""
    return f"{number:,} {word if number == 1 else plural or word + 's'}"


def spelled(seconds: int) -> str:
    """A time as people say it, rounded up."""
    for size, word in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= 2 * size or (seconds >= size and seconds % size == 0):
            return counted(-(-seconds // size), word)
    return counted(seconds, "second")


def ended(sentence: str) -> str:
    """A sentence with the stop that it may lack."""
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."


def first_of(words: Sequence[str], most: int) -> list[str]:
    """The first of them, and behind these how many there are besides."""
    rest = len(words) - most
    return [*words[:most], *([f"{rest} more"] if rest > 0 else [])]


def together(said: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What is said of things, each sentence once: the first few that it is said of, and it.

    Sentences that differ in the thing's own name are one; the first is shown.
    """
    alike = grouped((text.replace(name, "\0"), (name, text)) for name, text in said)
    for each in alike.values():
        yield f"{some(name for name, _ in each)}: {each[0][1]}"


def reached(starts: Iterable[_K], onward: Callable[[_K], Iterable[_K]]) -> list[_K]:
    """Some things, and all that they lead on to, each once: they may lead in a circle."""
    found: dict[_K, None] = {}
    waiting = list(starts)
    while waiting:
        at = waiting.pop()
        if at not in found:
            found[at] = None
            waiting += onward(at)
    return list(found)


def firsts(pairs: Iterable[tuple[_K, _V]]) -> dict[_K, _V]:
    """The first thing that each key has."""
    found: dict[_K, _V] = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found


def grouped(pairs: Iterable[tuple[_K, _V]]) -> dict[_K, list[_V]]:
    """What each key has, the keys and what they have in their order."""
    found: dict[_K, list[_V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
