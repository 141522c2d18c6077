"""What holds for a zone besides its records, whoever loaded it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zonelint.rules.config.declaration import Thresholds
    from zonelint.rules.config.intent import Intent
    from zonelint.rules.core.selection import Selection
    from zonelint.rules.evidence.evidence import Evidence
    from zonelint.rules.model.answers import Source
    from zonelint.rules.model.loosening import Loosened


Sees = Callable[[str], bool]
"""Tells of a zone, by its path, whether it is of a project."""
Counts = Callable[[str, str], bool]
"""Tells of a zone, by its name and path, whether what it tells is meant."""


def _sees_all(_: str) -> None:
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    """Everything may be absent. Zones of one configuration share one object.

    selection: which rules are asked, and how severe they are; None for all, as they are.
    outside: what is known of the DNS outside the zones, the lock say; asked after the zones.
    evidence: what the aggregate reports prove; None where there are none to read.
    files: the texts of files that the intent names (MTA-STS policies), by the path written there.
    loosened: what a change loosens against its base; None where no change is judged by that.
    sees: of a zone at a path, what tells which others are of its project; None: all are. They have
      its twins, and answer before any others do. "": of no zone in particular.
    """

    intent: Intent | None = None
    selection: Selection | None = None
    outside: tuple[Source, ...] = ()
    evidence: Evidence | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    loosened: Loosened | None = None
    sees: Callable[[str], Sees | None] = _sees_all

    def is_public(self, view: str) -> bool:
        """Whether the internet sees the zones of a view."""
        return self.intent is None or self.intent.is_public(view)

    @property
    def is_narrowed(self) -> bool:
        """Whether fewer rules are asked than changes are held to."""
        return self.selection is not None and self.selection.is_narrowed

    @property
    def thresholds(self) -> Thresholds:
        """Where rules draw their lines: the config's, else the defaults."""
        return _usual() if self.intent is None else self.intent.thresholds


@cache
def _usual() -> Thresholds:
    from zonelint.rules.config.declaration import Thresholds

    return Thresholds()
