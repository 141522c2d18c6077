"""What a change takes from the gate that judges it; what PHASE009 is asked about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from zonelint.grammars.listing import some
from zonelint.grammars.zone import Span
from zonelint.rules.model.answers import Held
from zonelint.rules.model.lock import Lock

_SHOWN = 3


class GatePart(Enum):
    """What a gate judges by, beside its rules: what a reviewer may trust a change to loosen."""

    CONFIG = "config"
    BASELINE = "baseline"
    NOQA = "noqa"
    LOCK = "lock"


class Loosening(NamedTuple):
    """One thing that lets more pass than before the change, and was not honoured.

    `what` says it in words that follow "The change", `instead` what was judged by.
    """

    part: GatePart
    owner: str
    type: str
    span: Span
    what: str
    instead: str
    detail: tuple[str, ...] = ()

    @property
    def features(self) -> frozenset[str]:
        return frozenset()


class LockOfChange:
    """The lock of a change over that of its base: what the base knows is not for it to alter.

    A source of answers. New names are the change's to add, and so is a fact in place of a failure.
    path, lines: where the entries of the change's lock stand.
    """

    def __init__(self, after: Lock, before: Lock, path: str, lines: Mapping[str, int]) -> None:
        self._after = after
        self._before = before
        self._path = path
        self._lines = lines
        self._altered: dict[str, None] = {}

    def look(self, name: str, type: str) -> Held | None:
        before, after = self._before.look(name, type), self._after.look(name, type)
        if before is None or not before.status.is_fact:
            return after or before
        if before != after:
            self._altered[name] = None
        return before

    def loosenings(self) -> Iterator[Loosening]:
        """The entries that the zones asked for and the change alters, as one."""
        names = sorted(self._altered)
        if not names:
            return
        line = min((self._lines.get(name, 1) for name in names), default=1)
        entries = some((f"`{name}`" for name in names), _SHOWN)
        gone = all(name not in self._after.entries for name in names)
        yield Loosening(
            GatePart.LOCK, "", "", Span(self._path, line, 1, line, 2),
            f"{'removes' if gone else 'alters'} lock entries of {entries}",
            "its zones were judged by the answers of the lock before the change",
            tuple(names) if names[_SHOWN:] else (),
        )  # fmt: skip


@dataclass(slots=True, eq=False)
class Loosened:
    """What a configuration, with all that it names, loosens against the one before the change.

    is_export: the state before is what some host holds, where no comment stands.
    """

    keys: list[Loosening] = field(default_factory=list)
    lock: LockOfChange | None = None
    trusts_comments: bool = False
    is_export: bool = False

    def __iter__(self) -> Iterator[Loosening]:
        yield from self.keys
        if self.lock is not None:
            yield from self.lock.loosenings()
