"""What a rule can say: found, or undecided. Saying nothing means clean."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from zonelint.rules.core.change import Change, Ground, Role
from zonelint.rules.core.identity import NOWHERE, ZoneId

if TYPE_CHECKING:
    from zonelint.grammars.zone import Span
    from zonelint.rules.core.rule import Rule


class Severity(Enum):
    """How much a finding matters. The three words are used everywhere, in this order."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for error."""
        return _RANK[self]

    def __str__(self) -> str:
        return self.value


_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


class Confidence(Enum):
    """How sure a fault is."""

    CERTAIN = "certain"
    """The text and the zone decide."""

    INFERRED = "inferred"
    """The records show a service that nobody declared; a warning at most."""


@dataclass(frozen=True, slots=True)
class Found:
    """One fault, as the rule that found it tells it.

    ``message`` is one sentence: what is wrong and what it does to mail. ``advice`` is what to do.
    ``severity`` is None unless this fault differs from its rule's own severity.
    ``detail`` holds further lines that explain (an include tree, say), already in reading order.
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


@dataclass(frozen=True, slots=True)
class Unknown:
    """The rule cannot decide for this owner, because of what is ``missing`` (names, files …)."""

    owner: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault: the rule that found it, the severity that the user gives it, the zone."""

    rule: Rule
    severity: Severity
    found: Found
    zone: ZoneId = NOWHERE

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def name(self) -> str:
        return self.rule.name

    @property
    def owner(self) -> str:
        return self.found.owner

    @property
    def type(self) -> str:
        return self.found.type

    @property
    def message(self) -> str:
        return self.found.message

    @property
    def advice(self) -> str:
        return self.found.advice

    @property
    def span(self) -> Span:
        return self.found.span

    @property
    def confidence(self) -> Confidence:
        return self.found.confidence

    @property
    def change(self) -> Change | None:
        return self.found.change

    @property
    def role(self) -> Role | None:
        """What its change does for the zone; None without a change."""
        if self.change is None:
            return None
        return self.change.role or self.rule.role or self.change.role_of_edits

    @property
    def ground(self) -> Ground | None:
        """What makes its change right; None without a change."""
        if self.change is None:
            return None
        return self.change.ground or self.rule.ground_of_changes

    @property
    def place(self) -> tuple[str, int, int, str, str, ZoneId]:
        """The order in which findings are shown: path, line, column, code, owner, zone."""
        span = self.found.span
        return (span.path, span.line, span.column, self.rule.code, self.found.owner, self.zone)


@dataclass(frozen=True, slots=True)
class Undecided:
    """A rule that could not decide for an owner, and what it would have needed."""

    code: str
    owner: str
    missing: tuple[str, ...]
    zone: ZoneId = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Crash:
    """A rule that failed. It never lets a change through: the exit status is 2."""

    code: str
    owner: str
    error: str
    zone: ZoneId = field(default=NOWHERE, compare=False)
