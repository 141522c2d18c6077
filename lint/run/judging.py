"""What judges the zones of a run: the rules, and all that is known beside the zones."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from zonelint.grammars.zone import Span, Zone
from zonelint.progress import Bar
from zonelint.providers.project.index import Index
from zonelint.providers.project.project import Project
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.core.result import FormerFindings
from zonelint.rules.core.rule import Rule
from zonelint.rules.core.suppression import Silencer
from zonelint.rules.model.repository import Repository

if TYPE_CHECKING:
    from zonelint.providers.project.before import Before
    from zonelint.providers.project.sharing import Sharers
    from zonelint.rules.mail.meaning import Meaning
    from zonelint.rules.offers.bulk import JudgedZones, Offers
    from zonelint.rules.offers.links import Askers

LEAST_SHARED = 4000
"""Records below which one process is as fast: each of several has to start."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Asks the rules about zones; called with the zones, it gives the Result.

    before: the state before the change that is judged; None where none is.
    known: the zones of the project that are asked and not judged.
    jobs: how many processes may judge; None: as many as there are processors.
    is_gate: whether changes are judged before they are offered.
    unread: the files of the run that could not be read.
    beside: what comments do in zones that share files with some that were judged.
    """

    rules: Sequence[Rule]
    project: Project
    before: Before | None = None
    known: Index | None = None
    jobs: int | None = 1
    is_gate: bool = False
    unread: Sequence[str] = ()
    beside: dict[object, Mapping[Span, Silencer]] = field(default_factory=dict, compare=False)

    def repository(self, zones: Sequence[Zone]) -> Repository:
        """The zones, each with what holds for it, and the state before."""
        places = self.project.places(zones)
        if self.before is None:
            return Repository(places, known=self.known)
        return self.before.under(places, self.known)

    def __call__(self, zones: Sequence[Zone]) -> Result:
        return self.judged(self.repository(zones))

    def sharing(self, zones: Sequence[Zone]) -> Sharers:
        """The zones that no run over these judges, and that are written in the same files."""
        from zonelint.providers.project.sharing import unread_sharers, zones_sharing

        found = zones_sharing(self.project, zones, is_all=self.known is None)
        if not self.unread:
            return found
        ours = unread_sharers(zones, self.unread, self.project.files)
        return found._replace(unread={**ours, **found.unread})

    def _comments_beside(
        self, engine: Engine, repository: Repository, zones: Collection[ZoneId]
    ) -> Mapping[Span, Silencer]:
        """What comments do in the zones that share files with these, and are not judged."""
        judged = frozenset(seat.identity for seat in repository.judged)
        key = frozenset(zones), judged, self.is_gate
        if key not in self.beside:
            held = [seat.zone for seat in repository.judged if seat.identity in zones]
            guests = self.project.places(self.sharing(held).zones)
            others = [each for each in guests if each.identity not in judged]
            self.beside[key] = engine.comments(Repository(others, known=self.known))
        return self.beside[key]

    def askers(self, zones: Sequence[Zone]) -> Askers:
        """Finds the zones that ask for what is changed in these, judged or not."""
        from zonelint.rules.offers.links import askers_of

        return askers_of(self.repository(zones))

    def raises_serial(self, zone: Zone) -> bool:
        """Whether the serial of a zone goes up where it is changed."""
        intents = [place.settings.intent for place in self.project.places([zone])]
        return all(intent is None or intent.fix_serial for intent in intents)

    def gate(self, zones: Sequence[Zone], said: Result | None = None) -> Result:
        """What all rules that changes are held to say of zones.

        said: what those of the run say, which may be all.
        """
        repository = self.repository(zones)
        if said is not None and not any(each.is_narrowed for each in repository.settings.values()):
            return said
        return replace(self, is_gate=True).judged(repository)

    def unselected(self, zones: Sequence[Zone]) -> Result:
        """What the rules say of zones, whatever a configuration or the command line selects."""
        repository = self.repository(zones)
        held = {each: replace(each, selection=None) for each in repository.settings.values()}
        free = [
            replace(seat.place, identity=seat.identity, settings=held[seat.place.settings])
            for seat in repository.judged
        ]
        is_change = repository.before is not None
        return self.judged(
            repository.changed(free) if is_change else Repository(free, known=self.known)
        )

    def of_change(self, before: Sequence[Zone], zones: Sequence[Zone]) -> Result:
        """What the rules say of zones as a change of these zones before, all that it is held to.

        Where the run judges a change already, all that is made in it is a part of that.
        """
        from zonelint.providers.project.before import Before

        if self.before is not None:
            return self.gate(zones)
        return replace(self, before=Before(self.project, before)).gate(zones)

    def offers(self, zones: JudgedZones, result: Result) -> Offers:
        """Judges changes of zones of which all is known that the rules say."""
        from zonelint.providers.project.before import Before
        from zonelint.rules.offers.bulk import Offers

        judge = replace(self, is_gate=True)
        if judge.before is None:
            judge = replace(judge, before=Before(self.project, judged=[result]))
        return Offers(zones, result, judge.judged)

    def former(self, repository: Repository) -> Result:
        """What the rules say of the zones before, whatever they have become; judged once."""
        assert self.before is not None, "only a change has a side before"
        if not self.before.judged:
            judge = replace(self, is_gate=False)
            self.before.judged.append(judge.judged(repository))
        return self.before.judged[0]

    def standing(self, zones: Sequence[Zone]) -> FormerFindings:
        """The findings of the zones before that are there to be found again in these."""
        repository = self.repository(zones)
        former = repository.before
        return FormerFindings(
            () if former is None else self.former(former).findings, repository.befores
        )

    def meanings(self, repository: Repository) -> Sequence[Meaning]:
        """What the change means for each domain."""
        from zonelint.rules.mail.meaning import meanings

        assert self.before is not None, "only a change means something"
        known = self.before.meanings.get(repository)
        return meanings(repository) if known is None else known

    def _shared(
        self, engine: Engine, repository: Repository, bar: Bar, *, compares: bool, former: bool
    ) -> Result | None:
        """What several processes say of each zone; None where there is too little to share."""
        if self.jobs == 1 or sum(seat.zone.records for seat in repository.judged) < LEAST_SHARED:
            return None
        from zonelint.run.processes import processors
        from zonelint.run.shares import judged

        jobs = self.jobs or processors()
        said = judged(engine, repository, jobs, bar, compares=compares, former=former)
        if said is None:
            return None
        if self.before is not None and repository.before is not None:
            if former:
                self.before.judged.append(self._said(engine, repository.before, said.former))
            if compares:
                self.before.meanings[repository] = said.meanings
        return said.result

    def judged(
        self, repository: Repository, *, compares: bool = False, former: bool = False
    ) -> Result:
        """What the rules say of a repository.

        compares: what the change means will be asked for. former: as will what they say of the
          zones before.
        """
        engine = Engine(self.rules, is_gate=self.is_gate)
        with Bar("Checking zones") as bar:
            judged = self._shared(engine, repository, bar, compares=compares, former=former)
            return self._said(engine, repository, judged, bar)

    def _said(
        self, engine: Engine, repository: Repository, judged: Result | None, bar: Bar | None = None
    ) -> Result:
        """What is said in the end of zones that may have been judged one by one."""
        from zonelint.rules.model.remedy import UNSET

        before = repository.before
        former = None if before is None else lambda: self.former(before)
        result = engine.run(
            repository,
            progress=bar,
            former=former,
            judged=judged,
            beside=partial(self._comments_beside, engine, repository),
        )
        if any(UNSET in what for each in result.undecided for what in each.missing):
            from zonelint.providers.resources.unread import gather_unset

            gathered = gather_unset(result.undecided)
            result.undecided = sorted(gathered, key=lambda each: (each.code, each.owner))
        return result
