"""Zones that this process has read, judged by several: each is forked with all of them in hand.

For runs that need the zones themselves, which `workers` reads elsewhere: those with a state before,
and those that write. Every process knows every zone, so none is asked, and what a share says is
what one process says of it.
"""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from zonelint.grammars.zone import Record
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.rule import Rule
from zonelint.rules.model.facts import all_facts
from zonelint.rules.model.repository import Repository, Seat
from zonelint.rules.model.wording import WordedZone
from zonelint.run.processes import Done, Processes, stretches
from zonelint.status import RunRefused

if TYPE_CHECKING:
    from zonelint.progress import Bar

ZONE = 10
"""What it takes to judge a zone besides its records, in records."""


def judged(
    engine: Engine, repository: Repository, jobs: int, bar: Bar | None = None
) -> Result | None:
    """What the rules say of each zone, before they are asked about the run as a whole.

    None where one process has to do it. RunRefused where a process was stopped.
    """
    seats = repository.judged
    if jobs < 2 or not hasattr(os, "fork") or any(isinstance(s.zone, WordedZone) for s in seats):
        return None
    first, rest = seats[:1], seats[1:]
    shares = _divided(rest, jobs)
    if len(shares) < 2:
        return None
    _prepare(repository)
    result = Result()
    engine.judge(first, result)  # so that the rules are imported once
    # Made before the processes are: in them a record has the number that it has here.
    records = {id(record): record for record in _records(repository)}
    known = {rule.code: rule for rule in engine.rules}
    processes = Processes(_Share, [(engine, rest[share]) for share in shares])
    try:
        with processes.running():
            packed = processes.all("judged", bar=bar, zones=len(rest))
        for each in packed:
            result.add(_Unpickler(io.BytesIO(each), known, records).load())
    except RunRefused:
        raise
    except Exception:  # one process meets the same, and tells it as it always does
        return None
    return result


def _prepare(repository: Repository) -> None:
    """Work out what every process would need: the zones as rules see them, and what all tell."""
    facts = all_facts()
    for seat in repository.judged:
        context = seat.mail.context
        for around in (context,) if context.previous is None else (context, context.previous):
            for fact in facts:
                around.facts(fact)


def _divided(seats: Sequence[Seat], jobs: int) -> list[slice]:
    """So many stretches of the zones with about as many records each."""
    sizes = [ZONE + seat.zone.records for seat in seats]
    return [slice(each.start, each.stop) for each in stretches(sizes, jobs)]


def _records(repository: Repository | None) -> Iterator[Record]:
    """The records of all zones, those before the change as well."""
    while repository is not None:
        for seat in repository.seats:
            for rrset in seat.zone.rrsets():
                yield from rrset.records
        repository = repository.before


class _Share:
    """What a process does: it judges its share of the zones."""

    def __init__(self, engine: Engine, seats: Sequence[Seat], done: Done) -> None:
        self._engine = engine
        self._seats = seats
        self._done = done

    def judged(self) -> bytes:
        """What the rules say, packed."""
        result = Result()
        for seat in self._seats:
            self._engine.judge([seat], result)
            self._done.add_one()
        octets = io.BytesIO()
        _Pickler(octets, protocol=pickle.HIGHEST_PROTOCOL).dump(result)
        return octets.getvalue()


class _Pickler(pickle.Pickler):
    """Names rules and records, which this process and the other both have."""

    def persistent_id(self, obj: object) -> tuple[str, str | int] | None:
        if isinstance(obj, Rule):
            return "rule", obj.code
        return ("record", id(obj)) if isinstance(obj, Record) else None


class _Unpickler(pickle.Unpickler):
    """Reads what a process of this run has written, and nothing else."""

    def __init__(
        self, file: io.BytesIO, rules: Mapping[str, Rule], records: Mapping[int, Record]
    ) -> None:
        super().__init__(file)
        self._known: dict[str, Mapping[str, Rule] | Mapping[int, Record]] = {
            "rule": rules,
            "record": records,
        }

    def persistent_load(self, pid: tuple[str, str | int]) -> Rule | Record:
        kind, key = pid
        found: Rule | Record = self._known[kind][key]  # type: ignore[index]
        return found
