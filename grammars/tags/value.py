"""What is known of the values of tags beyond the grammar: what they mean, and what is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.nearmiss import near_miss

SHOWN = 60
"""A longer piece of text is cut in messages, and is never taken for a slip of the keyboard."""
JUNK = " \t\"'\\,`"
"""What a copy leaves at the ends of a value; no value of these languages ends in it."""


def show(text: str) -> str:
    """A piece of a record as it may stand in a message: short, on one line, printable."""
    cut = text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
    return cut if cut.isprintable() else "".join(c if c.isprintable() else " " for c in cut)


def article(noun: str) -> str:
    """A noun with its article, by sound: an MTA-STS record, a DMARC record."""
    return f"an {noun}" if noun[:3] == "MTA" else f"a {noun}"


def _nothing(value: str) -> tuple[Fault, ...]:
    return ()


class ValueRule(NamedTuple):
    """What a tag may hold; `taglist.lark` says how it is written.

    kind: of the faults in the value.
    takes: what the tag takes, for the message: "none, quarantine or reject".
    meant: gives the value that stands for a wrong one, or None.
    check: faults of a value that the grammar allows, with offsets into the value.
    diagnose: faults of a value that the grammar does not allow; the general answer without it.
    words: the tag has few values, `features` names the one it has.
    any_text: the grammar takes so much that a text is no sign of the tag.
    """

    kind: FaultKind
    takes: str
    meant: Callable[[str], str | None] = lambda value: None
    check: Callable[[str], tuple[Fault, ...]] = _nothing
    diagnose: Callable[[str], tuple[Fault, ...]] | None = None
    words: bool = False
    any_text: bool = False


def choice(
    terminal: str,
    takes: str,
    kind: FaultKind = FaultKind.TAG_VALUE,
    also: Mapping[str, str] | None = None,
) -> ValueRule:
    """A tag that takes a word of the terminal, in any case. `also`: what people write for them."""

    def meant(value: str) -> str | None:
        from zonelint.grammars.tags.grammar import words

        spellings = {**{word: word for word in words(terminal)}, **(also or {})}
        near = near_miss(value, spellings) if len(value) <= SHOWN else None
        return None if near is None else spellings[near]

    return ValueRule(kind, takes, meant, words=True)


def version_of(version: str) -> ValueRule:
    """The `v` tag: one value, in this case only."""

    def diagnose(value: str) -> tuple[Fault, ...]:
        message = (
            f"The version is {show(value) or 'empty'}, not {version}: receivers ignore the whole "
            "record."
        )
        return (Fault(FaultKind.VERSION, 0, len(value), message, version),)

    return ValueRule(FaultKind.VERSION, version, diagnose=diagnose)


TEXT = ValueRule(FaultKind.TAG_VALUE, "text", any_text=True)
