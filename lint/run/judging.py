"""What judges the zones of a run: the rules, and all that is known beside the zones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.progress import Bar

if TYPE_CHECKING:
    from zonelint.grammars.zone import Zone
    from zonelint.rules.config.intent import Intent
    from zonelint.rules.core.engine import Result
    from zonelint.rules.core.rule import Rule
    from zonelint.rules.core.selection import Selection
    from zonelint.rules.evidence.evidence import Evidence
    from zonelint.rules.model.answers import Source
    from zonelint.rules.model.context import Context
    from zonelint.run.config import Config


@dataclass(frozen=True, slots=True)
class Judge:
    """Asks the rules about zones; called with the zones, it gives the Result.

    outside: what is known of the DNS outside the zones: the lock, answers from the network.
    before: the zones before the change that is judged; None where none is. before_outside: what
    was known besides at that time; it is asked before ``outside``.
    evidence: what the aggregate reports prove; None where there are none.
    files: the texts of the files that the configuration names, by the path written there;
    before_files: what they said before the change.
    """

    rules: Sequence[Rule]
    selection: Selection
    intent: Intent | None = None
    outside: tuple[Source, ...] = ()
    before: Sequence[Zone] | None = None
    evidence: Evidence | None = None
    before_outside: tuple[Source, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    before_files: Mapping[str, str] = field(default_factory=dict)

    def context(self, zones: Sequence[Zone]) -> Context:
        """The world in which the zones are judged."""
        from zonelint.rules.model.context import Context

        previous = None
        if self.before is not None:
            known = (*self.before_outside, *self.outside)
            previous = Context(
                self.before, self.intent, known, evidence=self.evidence, files=self.before_files
            )
        return Context(
            zones, self.intent, self.outside, previous=previous, evidence=self.evidence,
            files=self.files,
        )  # fmt: skip

    def __call__(self, zones: Sequence[Zone]) -> Result:
        from zonelint.rules.core.engine import Engine

        engine = Engine(self.rules, severity=self.selection.severity_of(self.rules))
        with Bar("Checking zones") as bar:
            result = engine.run(self.context(zones), progress=bar)
        if all(isinstance(zone, MasterZone) for zone in zones):
            return result
        from zonelint.providers.resources.resolve_unknowns import settle

        return settle(result, zones, self.before)


def outside(config: Config | None) -> tuple[Source, ...]:
    """What is known of the DNS outside the zones: the lock, where there is one.

    Raises ConfigRefused for a lock that cannot be used.
    """
    from zonelint.run.config import ConfigRefused

    path = Path("zonelint.lock") if config is None else config.folder / config.intent.lock
    if not path.exists():
        return ()
    from zonelint.rules.model.lock import LockError
    from zonelint.run import lockfiles

    try:
        lock = lockfiles.read(path)
    except LockError as error:
        raise ConfigRefused(str(error)) from None
    if lock is None:
        return ()
    lockfiles.warn_of_age(lock, path, config)
    return (lock,)
