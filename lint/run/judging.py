"""What judges the zones of a run: the rules, and all that is known beside the zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from zonelint.progress import Bar

if TYPE_CHECKING:
    from zonelint.grammars.zone import Zone
    from zonelint.providers.project.before import Before
    from zonelint.providers.project.index import Index
    from zonelint.providers.project.project import Project
    from zonelint.rules.core.engine import Result
    from zonelint.rules.core.result import FormerFindings
    from zonelint.rules.core.rule import Rule
    from zonelint.rules.model.repository import Repository

LEAST_SHARED = 4000
"""Records below which one process is as fast: each of several has to start."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Asks the rules about zones; called with the zones, it gives the Result.

    before: the state before the change that is judged; None where none is.
    known: the zones of the project that are asked and not judged.
    jobs: how many processes may judge; None: as many as there are processors.
    """

    rules: Sequence[Rule]
    project: Project
    before: Before | None = None
    known: Index | None = None
    jobs: int | None = 1

    def repository(self, zones: Sequence[Zone]) -> Repository:
        """The zones, each with what holds for it, and the state before."""
        from zonelint.rules.model.repository import Repository

        places = self.project.places(zones)
        if self.before is None:
            return Repository(places, known=self.known)
        return self.before.under(places, self.known)

    def __call__(self, zones: Sequence[Zone]) -> Result:
        return self.judged(self.repository(zones))

    def sharing(self, zones: Sequence[Zone]) -> list[Zone]:
        """The zones that no run over these judges, and that are written in the same files."""
        from zonelint.providers.project.sharing import zones_sharing

        return zones_sharing(self.project, zones)

    def of_change(self, before: Sequence[Zone], zones: Sequence[Zone]) -> Result:
        """What the rules say of zones as a change of these zones before.

        Where the run judges a change already, all that is made in it is a part of that.
        """
        from zonelint.providers.project.before import Before

        if self.before is not None:
            return self(zones)
        return replace(self, before=Before(self.project, before))(zones)

    def after(self, result: Result) -> Judge:
        """Judges changes of zones of which all is known that the rules say."""
        from zonelint.providers.project.before import Before

        if self.before is not None:
            return self
        return replace(self, before=Before(self.project, judged=[result]))

    def former(self, repository: Repository) -> Result:
        """What the rules say of the zones before, whatever they have become; judged once."""
        assert self.before is not None, "only a change has a side before"
        if not self.before.judged:
            self.before.judged.append(self.judged(repository))
        return self.before.judged[0]

    def standing(self, zones: Sequence[Zone]) -> FormerFindings:
        """The findings of the zones before that are there to be found again in these."""
        from zonelint.rules.core.result import FormerFindings

        repository = self.repository(zones)
        former = repository.before
        return FormerFindings(
            () if former is None else self.former(former).findings, repository.befores
        )

    def _shared(self, repository: Repository, bar: Bar) -> Result | None:
        """What several processes say of each zone; None where there is too little to share."""
        if self.jobs == 1 or sum(seat.zone.records for seat in repository.judged) < LEAST_SHARED:
            return None
        from zonelint.run.processes import processors
        from zonelint.run.shares import judged

        return judged(self.rules, repository, self.jobs or processors(), bar)

    def judged(self, repository: Repository) -> Result:
        """What the rules say of a repository."""
        from zonelint.rules.core.engine import Engine
        from zonelint.rules.model.remedy import UNSET

        former = repository.before
        silenced = None if former is None else lambda: self.former(former).silenced
        with Bar("Checking zones") as bar:
            judged = self._shared(repository, bar)
            result = Engine(self.rules).run(
                repository, progress=bar, silenced=silenced, judged=judged
            )
        if any(UNSET in what for each in result.undecided for what in each.missing):
            from zonelint.providers.resources.unread import gather_unset

            gathered = gather_unset(result.undecided)
            result.undecided = sorted(gathered, key=lambda each: (each.code, each.owner))
        return result
