"""Zones that this process has read, judged by several: each is forked with all of them in hand.

For runs that need the zones themselves, which `workers` reads elsewhere: those with a state before,
and those that write. Every process knows every zone, so none is asked; what they tell is gathered
from all of them, and what a share says is what one process says of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from zonelint.grammars.zone import Record
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.mail.meaning import Meaning, meanings
from zonelint.rules.model.elsewhere import Gathered
from zonelint.rules.model.facts import all_facts
from zonelint.rules.model.repository import Repository, Seat
from zonelint.run.packing import Packing
from zonelint.run.processes import Done, Processes, stretches
from zonelint.status import RunRefused

if TYPE_CHECKING:
    from zonelint.progress import Bar

ZONE = 10
"""What it takes to judge a zone besides its records, in records."""
Told = list[Gathered]
"""What the zones tell, those of the run and those before them."""


class Said(NamedTuple):
    """What the rules say of each zone, before they are asked about the run as a whole.

    former: the same of the zones before, if that is wanted. meanings: what the change means.
    """

    result: Result
    former: Result
    meanings: list[Meaning]

    def add(self, other: Said) -> None:
        """Take over what was said of the zones that come after these."""
        self.result.add(other.result)
        self.former.add(other.former)
        self.meanings.extend(other.meanings)


def judged(
    engine: Engine,
    repository: Repository,
    jobs: int,
    bar: Bar | None = None,
    *,
    compares: bool = False,
    former: bool = False,
) -> Said | None:
    """What is said of the zones; None where one process has to do it.

    compares: what the change means is wanted. former: as well as what is said of the zones before.
    RunRefused where a process was stopped.
    """
    if jobs < 2 or not hasattr(os, "fork"):
        return None
    sides = list(_sides(repository))
    divided = [_divided(side, jobs) for side in sides]
    if len(divided[0]) < 2:
        return None
    registry.imported()  # once for all
    # Made before the processes are: in them a record has the number that it has here.
    packing = Packing(engine.rules, {id(record): record for record in _records(sides)})
    shares = [[each[n] if n < len(each) else () for each in divided] for n in range(jobs)]
    processes = Processes(_Share, [(engine, sides, share, packing) for share in shares])
    said = Said(Result(), Result(), [])
    zones = sum(len(side.judged) for side in sides[: 1 + former])
    try:
        with processes.running():
            told: list[Told] = processes.all("told")
            processes.all("learn", [told] * jobs)
            wanted = [compares] * jobs, [former] * jobs
            packed = processes.all("judged", *wanted, bar=bar, zones=zones)
        for each in told:
            _learn(sides, each)
        for octets in packed:
            said.add(packing.unpack(octets))
    except RunRefused:
        raise
    except Exception:  # one process meets the same, and tells it as it always does
        return None
    return said


def _sides(repository: Repository | None) -> Iterator[Repository]:
    """The zones of a run, and those before the change."""
    while repository is not None:
        yield repository
        repository = repository.before


def _divided(side: Repository, jobs: int) -> list[Sequence[Seat]]:
    """So many stretches of the zones with about as many records each."""
    seats = [*side.judged, *(seat for seat in side.tellers if not seat.place.is_judged)]
    sizes = [ZONE + seat.zone.records for seat in seats]
    return [seats[each.start : each.stop] for each in stretches(sizes, jobs)]


def _records(sides: Sequence[Repository]) -> Iterator[Record]:
    """The records of all zones, those before the change as well."""
    for side in sides:
        for seat in side.seats:
            for rrset in seat.zone.rrsets():
                yield from rrset.records


def _learn(sides: Sequence[Repository], told: Told) -> None:
    """Know what zones tell that another process has asked."""
    for side, of_side in zip(sides, told, strict=True):
        for seat in side.seats:
            seat.facts.update(of_side.get(seat.identity, {}))


class _Share:
    """What a process does: it judges its share of the zones. `share` has that of each side."""

    def __init__(
        self,
        engine: Engine,
        sides: Sequence[Repository],
        share: Sequence[Sequence[Seat]],
        packing: Packing,
        done: Done,
    ) -> None:
        self._engine = engine
        self._sides = sides
        self._share = share
        self._packing = packing
        self._done = done

    def told(self) -> Told:
        """What the zones tell."""
        facts = all_facts()
        return [{seat.identity: seat.tell(facts) for seat in seats} for seats in self._share]

    def learn(self, told: Sequence[Told]) -> None:
        """Know what those of all shares tell."""
        for each in told:
            _learn(self._sides, each)

    def judged(self, compares: bool, former: bool) -> bytes:
        """What the rules say, packed."""
        said = Said(self._judged(self._share[0]), Result(), [])
        if former:
            said.former.add(self._judged(self._share[1]))
        if compares:
            judged = (seat for seat in self._share[0] if seat.place.is_judged)
            said.meanings.extend(meanings(self._sides[0], judged))
        return self._packing.pack(said)

    def _judged(self, seats: Sequence[Seat]) -> Result:
        result = Result()
        for seat in seats:
            if seat.place.is_judged:
                self._engine.judge([seat], result)
                self._done.add_one()
        return result
