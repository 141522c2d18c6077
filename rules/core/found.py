"""What a rule says of one place: found, or undecided, and how much it matters."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import NamedTuple

from zonelint.grammars.zone import Span
from zonelint.rules.core.change import Change


class Severity(StrEnum):
    """How much a finding matters. The three words are used everywhere, in this order."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for error."""
        return _RANK[self]


_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


class Confidence(Enum):
    """How sure a fault is."""

    CERTAIN = "certain"
    """The text and the zone decide."""

    INFERRED = "inferred"
    """The records show a service that nobody declared; a warning at most."""


class FailOn(Enum):
    """What makes a run fail: findings from a severity on.

    `undecided` fails on warnings, errors, and whatever could not be decided.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    UNDECIDED = "undecided"
    NEVER = "never"

    def fails(self, severity: Severity) -> bool:
        """Whether a finding of this severity fails the run."""
        if self is FailOn.NEVER:
            return False
        least = Severity.WARNING if self is FailOn.UNDECIDED else Severity(self.value)
        return severity.rank >= least.rank


class RootScope(Enum):
    """How far the same root is one: where findings of a rule with equal roots share a cause."""

    PLACE = "place"
    """At one place of a source: a line that makes many names, or that many zones include."""

    FILE = "file"
    """In one file, wherever in it: a default, say."""

    RUN = "run"
    """Everywhere: a name that many records lead to, a key, a policy."""


class Root(NamedTuple):
    """What a fault comes from. `name` never counts lines: it is the same before a change."""

    name: str
    scope: RootScope = RootScope.RUN


class Found(NamedTuple):
    """One fault, as the rule that found it tells it.

    `message` is one sentence: what is wrong and what it does to mail. `advice` is what to do.
    `severity` is None unless this fault differs from its rule's own severity.
    `detail` holds further lines that explain (an include tree, say), already in reading order.
    `about` is the text of the place, empty for a whole record and for one that is missing: with
    it a fault is known again on another side of a change, whatever its message counts.
    `depends` is what would have to be known before the fault is one: with any, it is undecided.
    `root` is what it comes from, where faults at several owners may come from the same; None for
    the place itself.
    `follows`: it is what a change does that breaks the records at its owner: a fault of theirs that
    is at least as severe has the same cause.
    """

    owner: str
    type: str
    span: Span
    message: str
    advice: str = ""
    change: Change | None = None
    severity: Severity | None = None
    detail: tuple[str, ...] = ()
    confidence: Confidence = Confidence.CERTAIN
    about: str = ""
    depends: tuple[str, ...] = ()
    root: Root | None = None
    follows: bool = False


class Unknown(NamedTuple):
    """The rule cannot decide for this owner, because of what is `missing` (names, files …)."""

    owner: str
    missing: tuple[str, ...]
