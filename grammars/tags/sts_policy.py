"""The policy file of MTA-STS: RFC 8461 section 3.2. Lines of `key: value`; any text is read."""

from __future__ import annotations

from typing import NamedTuple

from zonelint.grammars.zone import is_below, labels

MODES = ("enforce", "testing", "none")
LONGEST_AGE = 31_557_600
"""Seconds: about a year, the most that `max_age` may say."""
_LARGEST = 64 * 1024
"""Characters; senders may give up on more (section 3.3)."""
_DIGITS = 10
_KEYS = frozenset({"version", "mode", "mx", "max_age"})


class PolicyLine(NamedTuple):
    """One line: its key as written and its value, and its number from 1."""

    key: str
    value: str
    line: int


class StsPolicy(NamedTuple):
    """A policy as senders read it: of a key that stands there twice, but for mx, the first counts.

    `broken` are the numbers of lines that have no form at all; `has_mark` whether a byte-order
    mark stands in front of the first key.
    """

    entries: tuple[PolicyLine, ...]
    broken: tuple[int, ...]
    has_mark: bool = False

    def value(self, key: str) -> str | None:
        return next((entry.value for entry in self.entries if entry.key == key), None)

    @property
    def mode(self) -> str | None:
        """enforce, testing or none; None where it is absent or another word."""
        value = self.value("mode")
        return value if value in MODES else None

    @property
    def max_age(self) -> int | None:
        """Seconds; None where it is absent, no number, or more than a year."""
        value = self.value("max_age") or ""
        if not (value.isascii() and value.isdigit() and len(value) <= _DIGITS):
            return None
        return int(value) if int(value) <= LONGEST_AGE else None

    @property
    def mx(self) -> tuple[PolicyLine, ...]:
        """The patterns that the exchanges have to match."""
        return tuple(entry for entry in self.entries if entry.key == "mx")

    def faults(self) -> list[str]:
        """Why senders cannot use the policy, as ends of a sentence that begins with its path."""
        found = [f"has a line without a colon (line {line})" for line in self.broken[:3]]
        if self.has_mark:
            found.append("starts with a byte-order mark, so its first line is not a version line")
        meant: set[str] = set()
        for entry in self.entries:
            if entry.key not in _KEYS and entry.key.strip().lower() in _KEYS:
                meant.add(entry.key.strip().lower())
                found.append(
                    f"writes `{entry.key}` where senders compare `{entry.key.strip().lower()}` "
                    f"(line {entry.line})"
                )
        for entry in self.mx:
            if entry.value.endswith("."):
                found.append(
                    f"gives `{entry.value}` a final dot (line {entry.line}), which no exchange of "
                    "a policy has"
                )
        if self.value("version") != "STSv1" and "version" not in meant:
            found.append("does not say version: STSv1")
        if self.mode is None and "mode" not in meant:
            found.append("does not say mode: enforce, testing or none")
        if self.max_age is None and "max_age" not in meant:
            found.append(f"does not give max_age as a number of seconds up to {LONGEST_AGE}")
        if not self.mx and self.mode != "none" and "mx" not in meant:
            found.append("names no mx")
        return found


def parse(text: str) -> StsPolicy:
    """Read a policy file. Never raises; of an overlong text only the beginning is read."""
    entries, broken = [], []
    has_mark = text.startswith("\ufeff")
    for number, line in enumerate(text[:_LARGEST].removeprefix("\ufeff").split("\n"), 1):
        bare = line.rstrip(" \t\r")
        if not bare:
            continue
        key, colon, value = bare.partition(":")
        if colon and key.strip():
            entries.append(PolicyLine(key, value.strip(" \t"), number))
        else:
            broken.append(number)
    return StsPolicy(tuple(entries), tuple(broken), has_mark)


def matches(pattern: str, exchange: str) -> bool:
    """Whether an exchange (absolute, lower case) has a pattern's form (section 4.1).

    `*.example.com` stands for exactly one label.
    """
    name = pattern.lower() + "."
    if not name.startswith("*."):
        return name == exchange
    rest = name[2:]
    return (
        exchange != rest
        and is_below(exchange, rest)
        and len(labels(exchange)) == len(labels(rest)) + 1
    )
