"""What a rule can say: found, or undecided. Saying nothing means clean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from zonelint.grammars.listing import some
from zonelint.grammars.zone import Span, without_dot
from zonelint.rules.core.change import Change, Ground, Role
from zonelint.rules.core.found import Confidence as Confidence
from zonelint.rules.core.found import FailOn as FailOn
from zonelint.rules.core.found import Found as Found
from zonelint.rules.core.found import Root as Root
from zonelint.rules.core.found import RootScope as RootScope
from zonelint.rules.core.found import Severity as Severity
from zonelint.rules.core.found import Unknown as Unknown
from zonelint.rules.core.identity import NOWHERE, ZoneId
from zonelint.rules.core.rule import Rule


class Finding(NamedTuple):
    """A fault: the rule that found it, the severity that the user gives it, the zone.

    `cause` is the id of what it has in common with other findings of the run, once all are known.
    """

    rule: Rule
    severity: Severity
    found: Found
    zone: ZoneId = NOWHERE
    cause: str = ""

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
    def sameness(self) -> tuple[str, str, str, str, str]:
        """What is equal for findings of one fault on both sides of a change, but for their zone."""
        found = self.found
        return (self.rule.code, found.owner, found.type, self.about, _name_of(found.root))

    @property
    def about(self) -> str:
        """The text of the place in whichever case it is written: a safe fix may change that.

        Where the root says what is at fault, the text only shows it, and may say it otherwise.
        """
        about, root = self.found.about, self.found.root
        return (root.name if about and root is not None else about).lower()

    @property
    def place(self) -> tuple[str, int, int, str, str, ZoneId]:
        """The order in which findings are shown: path, line, column, code, owner, zone."""
        span = self.found.span
        return (span.path, span.line, span.column, self.rule.code, self.found.owner, self.zone)


def _name_of(root: Root | None) -> str:
    return "" if root is None else root.name


UNREAD = "ZONE001"
"""The code under which is undecided what a reader of zones could not make out."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A rule that could not decide for an owner, and what it would have needed."""

    code: str
    owner: str
    missing: tuple[str, ...]
    zone: ZoneId = field(default=NOWHERE, compare=False)

    @property
    def needs(self) -> str:
        """What is missing, in one line."""
        return needed(self.missing)


def needed(missing: Iterable[str], most: int | None = None) -> str:
    """What is missing, each once and names as a sentence says them; `most` of it, if given."""
    said = list(dict.fromkeys(map(without_dot, missing)))
    return some(said, len(said) if most is None else most) or "more than the zone"


@dataclass(frozen=True, slots=True)
class Crash:
    """A rule that failed. It never lets a change through: the exit status is 2."""

    code: str
    owner: str
    error: str
    zone: ZoneId = field(default=NOWHERE, compare=False)
