"""What a tag may hold: value rules, each with its start in `taglist.lark`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.tags.grammar import Unreadable, parser

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


@dataclass(frozen=True, slots=True)
class ValueRule:
    """What a tag may hold.

    start: the rule of `taglist.lark` that defines it.
    quick: accepts a subset of what `start` accepts: values in their normal form that `check` has
    nothing against.
    kind: of the faults in the value.
    takes: what the tag takes, for the message: "none, quarantine or reject".
    meant: gives the value that stands for a wrong one, or None.
    check: faults of a value that the grammar allows, with offsets into the value.
    diagnose: faults of a value that the grammar does not allow; the general answer without it.
    words: the tag has few values, `features` names the one it has.
    """

    start: str
    quick: re.Pattern[str]
    kind: FaultKind
    takes: str
    meant: Callable[[str], str | None] = lambda value: None
    check: Callable[[str], tuple[Fault, ...]] = _nothing
    diagnose: Callable[[str], tuple[Fault, ...]] | None = None
    words: bool = False

    def read(self, raw: str) -> str | None:
        """Give the normal form of a value; None when the grammar does not allow it."""
        if self.quick.fullmatch(raw):
            return raw
        return self.by_grammar(raw)

    def by_grammar(self, raw: str) -> str | None:
        try:
            return str(parser()(raw, self.start))
        except Unreadable:
            return None


def choice(
    start: str,
    values: Iterable[str],
    takes: str,
    kind: FaultKind = FaultKind.TAG_VALUE,
    also: Mapping[str, str] | None = None,
) -> ValueRule:
    """A tag that takes one of a few words, in any case. `also`: what people write for them."""
    known = tuple(values)
    spellings = {**{value: value for value in known}, **(also or {})}

    def meant(value: str) -> str | None:
        near = near_miss(value, spellings) if len(value) <= SHOWN else None
        return None if near is None else spellings[near]

    quick = re.compile("|".join(known), re.IGNORECASE)
    return ValueRule(start, quick, kind, takes, meant, words=True)


def version_of(start: str, version: str) -> ValueRule:
    """The `v` tag: one value, in this case only."""

    def diagnose(value: str) -> tuple[Fault, ...]:
        message = (
            f"The version is {show(value) or 'empty'}, not {version}: receivers ignore the whole "
            "record."
        )
        return (Fault(FaultKind.VERSION, 0, len(value), message, version),)

    quick = re.compile(re.escape(version))
    return ValueRule(start, quick, FaultKind.VERSION, version, diagnose=diagnose)


TEXT = ValueRule("text", re.compile(r"[!-:<-~]*"), FaultKind.TAG_VALUE, "text")


def unwrapped(raw: str, rule: ValueRule) -> str | None:
    """The value without what a copy left at its ends, if that makes it a good one."""
    bare = raw.strip(JUNK + "=.")
    if bare == raw or not bare:
        return None
    return rule.read(bare)


def wrong_value(name: str, raw: str, rule: ValueRule) -> tuple[Fault, ...]:
    """Say what is wrong with a value that the grammar does not allow. Offsets are into it."""
    if rule.diagnose is not None:
        found = rule.diagnose(raw)
        if found:
            return found
    bare = unwrapped(raw, rule)
    if bare is not None and not rule.check(bare):
        return (
            Fault(
                rule.kind, 0, len(raw),
                f"The value of {name} is {show(raw)}: what stands around {show(bare)} breaks it.",
                bare,
            ),
        )  # fmt: skip
    if not raw:
        return (Fault(rule.kind, 0, 0, f"The tag {name} is empty; it takes {rule.takes}."),)
    meant = rule.meant(raw)
    hint = f' ("{meant}" may be meant)' if meant is not None else ""
    return (
        Fault(
            rule.kind, 0, len(raw),
            f"The tag {name} takes {rule.takes}, not {show(raw)}{hint}.", meant,
        ),
    )  # fmt: skip
