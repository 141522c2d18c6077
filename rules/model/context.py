"""What a run knows beside the zone in hand: the other zones, the intent, the lock, the evidence."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zonelint.grammars.zone import Answered, RRset, Zone, parent
from zonelint.rules.model.answers import Source, World, ZoneSource
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.model.survey import Fact, Survey

if TYPE_CHECKING:
    from zonelint.rules.config.declaration import Thresholds
    from zonelint.rules.config.intent import Intent
    from zonelint.rules.evidence.evidence import Evidence


class Context:
    """The world of one run. Everything but the zones may be absent.

    outside: what is known of the DNS outside the zones, the lock say; asked after the zones.
    answers: what DNS answers, from the zones and from outside.
    previous: the same world before the change that is judged; None where no change is.
    evidence: what the aggregate reports prove; None where there are none to read.
    files: the texts of files that the intent names (MTA-STS policies), by the path written there.
    memo: for what is worked out once a run (the trees of `lookups`, say); keys begin with the
    name of the module that they belong to.
    """

    __slots__ = (
        "_by_origin", "_zones", "answers", "evidence", "files", "has_one_zone", "intent", "memo",
        "previous",
    )  # fmt: skip

    def __init__(
        self,
        zones: Iterable[Zone],
        intent: Intent | None = None,
        outside: Iterable[Source] = (),
        *,
        previous: Context | None = None,
        evidence: Evidence | None = None,
        files: Mapping[str, str] | None = None,
    ) -> None:
        self.intent = intent
        self.previous = previous
        self.evidence = evidence
        self.files: Mapping[str, str] = files or {}
        self.memo: dict[Hashable, Any] = {}
        self._by_origin: dict[str, MailZone] = {}
        self._zones: list[MailZone] = []
        for zone in zones:
            view = MailZone(zone, self)
            self._zones.append(view)
            self._by_origin.setdefault(zone.origin, view)
        self.has_one_zone = len(self._zones) == 1
        self.answers = World([ZoneSource(self._known, self._get, self._redirected), *outside])

    @property
    def zones(self) -> Sequence[MailZone]:
        """Every zone of the run."""
        return self._zones

    def survey(self, survey: Survey[Fact]) -> Iterable[Fact]:
        """The facts of every zone of the run, in the zones' order."""
        for zone in self.zones:
            yield from survey.of(zone)

    def depends_on_order(self, loops: Sequence[Sequence[str]]) -> None:
        """Called where an answer depends on which name of these loops was asked first."""

    @property
    def thresholds(self) -> Thresholds:
        """Where rules draw their lines: the config's, else the defaults."""
        from zonelint.rules.config.declaration import Thresholds

        return Thresholds() if self.intent is None else self.intent.thresholds

    def zone_of(self, name: str) -> MailZone | None:
        """The zone of this run that holds the name: the one with the longest matching origin."""
        while True:
            found = self._by_origin.get(name)
            if found is not None:
                return found
            if name == ".":
                return None
            name = parent(name)

    def zone_at(self, origin: str) -> MailZone | None:
        """The zone of this run with exactly this origin."""
        return self._by_origin.get(origin)

    def answer(self, name: str, type: str) -> tuple[Answered, RRset | None]:
        """What the zones of this run answer; ELSEWHERE where none of them holds the name."""
        zone = self.zone_of(name)
        return (Answered.ELSEWHERE, None) if zone is None else zone.zone.answer(name, type)

    def _known(self, name: str, type: str) -> tuple[Answered, RRset | None]:
        """What the zones answer for certain: what a zone that is not complete does not hold may
        stand in the part that is not seen."""
        answered, rrset = self.answer(name, type)
        if answered in (Answered.NODATA, Answered.NXDOMAIN):
            zone = self.zone_of(name)
            if zone is not None and not zone.zone.complete:
                return Answered.ELSEWHERE, None
        return answered, rrset

    def _get(self, name: str, type: str) -> RRset | None:
        zone = self.zone_of(name)
        return None if zone is None else zone.zone.get(name, type)

    def _redirected(self, name: str) -> str | None:
        zone = self.zone_of(name)
        return None if zone is None else zone.zone.redirected(name)
