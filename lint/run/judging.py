"""What judges the zones of a run: the rules, and all that is known beside the zones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    from zonelint.rules.model.repository import Repository
    from zonelint.rules.model.settings import Settings
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

    @property
    def settings(self) -> Settings:
        """What holds for the zones."""
        from zonelint.rules.model.settings import Settings

        return Settings(self.intent, self.selection, self.outside, self.evidence, self.files)

    def repository(self, zones: Sequence[Zone]) -> Repository:
        """The world in which the zones are judged."""
        from zonelint.rules.model.repository import Place, Repository

        settings, base, before = self.settings, None, None
        if self.before is not None:
            known = (*self.before_outside, *self.outside)
            base = replace(settings, outside=known, files=self.before_files)
            before = Repository([Place(zone, base) for zone in self.before])
        return Repository([Place(zone, settings, base=base) for zone in zones], before=before)

    def __call__(self, zones: Sequence[Zone]) -> Result:
        from zonelint.rules.core.engine import Engine

        with Bar("Checking zones") as bar:
            result = Engine(self.rules).run(self.repository(zones), progress=bar)
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
