"""Makes a lock: asks live DNS what the zones name and do not answer themselves.

Names inside the zones of the run come from the zones. What an old lock knows is kept, unless it
is to be asked anew; a question that gets no answer leaves what the old lock knew.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zonelint.providers.dns import Resolver
from zonelint.providers.files import Progress
from zonelint.providers.resources.values import stand_ins
from zonelint.rules.model import questions
from zonelint.rules.model.answers import ADDRESSES, LONGEST_CHAIN, Answer, Held, Status, World
from zonelint.rules.model.lock import Lock, LockEntry
from zonelint.rules.model.questions import Question

if TYPE_CHECKING:
    from zonelint.rules.context import Context

MOST_QUESTIONS = 5_000
"""About names outside the zones in one run: a tree that grows without end is cut here."""
DEEPEST = 20
"""Includes inside each other that are followed; evaluation gives up long before."""


@dataclass(slots=True)
class Collected:
    """What a run brought.

    lock: the entries for everything that the zones name.
    failed: (name, type, status) of what was asked and not answered, sorted; the lock has what an
      older lock knew, else the failure.
    unasked: (name, type) of what the run had no time for, or no room.
    answered: how many questions live DNS answered.
    kept_back: why names were not asked for: only a view that is not asked has them.
    """

    lock: Lock
    failed: list[tuple[str, str, Status]] = field(default_factory=list)
    unasked: list[tuple[str, str]] = field(default_factory=list)
    answered: int = 0
    kept_back: Collection[str] = ()

    @property
    def has_facts(self) -> bool:
        """Whether the lock has anything but failures."""
        return not all(entry.only_failures for entry in self.lock.entries.values())

    def knows(self, name: str, type: str) -> bool:
        """Whether the lock has a fact for a question, an older one perhaps."""
        held = self.lock.look(name, type)
        return held is not None and held.status.is_fact


@dataclass(frozen=True, slots=True)
class Refresh:
    """What of the old lock is asked anew: everything, some names, and what is too old.

    oldest, latest: entries seen before or after these days are asked anew; so are failures, always.
    """

    everything: bool = False
    names: frozenset[str] = frozenset()
    oldest: datetime.date = datetime.date.min
    latest: datetime.date = datetime.date.max

    def wants(self, name: str, entry: LockEntry) -> bool:
        return (
            self.everything
            or name in self.names
            or entry.has_failures
            or (not self.names and not self.keeps_day(entry))
        )

    def keeps_day(self, entry: LockEntry) -> bool:
        """Whether the day of an entry can stay what it is."""
        return self.oldest <= entry.seen <= self.latest


async def collect(
    context: Context,
    resolver: Resolver,
    *,
    old: Lock | None = None,
    refresh: Refresh | None = None,
    today: datetime.date,
    progress: Progress | None = None,
) -> Collected:
    """Ask for everything that the zones of the context name.

    The context's own answers must come from its zones alone: it is made without a lock. Entries
    whose content is as in the old lock keep their day, while that is not older than
    `refresh.oldest`.
    """
    known, anew = Lock() if old is None else old, refresh or Refresh()
    unnamed = tuple(
        f".{zone.origin}" for zone in context.zones if getattr(zone.zone, "stand_in", False)
    )
    run = _Run(context.answers, resolver, known, anew, today, progress, unnamed)
    asked = [
        (each, zone.context.answers) for zone in context.zones for each in questions.of_zone(zone)
    ]
    for is_host in (False, True):  # hosts last: nothing else goes without for want of room
        for question, zones in asked:
            if (question.type in ADDRESSES) is is_host:
                run.want(question, 0, zones)
        await run.finish()
    return run.collected()


@dataclass(slots=True)
class _Run:
    """One run: what is wanted, what is being asked, what has come."""

    zones: World
    resolver: Resolver
    old: Lock
    refresh: Refresh
    today: datetime.date
    progress: Progress | None
    unnamed: tuple[str, ...] = ()
    """Ends of names that stand in for names which nothing tells."""
    lock: Lock = field(default_factory=Lock)
    failed: dict[tuple[str, str], Status] = field(default_factory=dict)
    unasked: dict[tuple[str, str], None] = field(default_factory=dict)
    answered: int = 0
    kept_back: dict[str, None] = field(default_factory=dict)
    done: int = 0
    _wanted: dict[tuple[Question, World], asyncio.Task[None]] = field(default_factory=dict)
    _asked: dict[tuple[str, str], asyncio.Task[Held | None]] = field(default_factory=dict)
    _open: set[asyncio.Task[None]] = field(default_factory=set)

    def want(self, question: Question, depth: int, zones: World) -> None:
        """Have a question answered, and all that its answer leads to.

        zones: the answers of the zone that leads to it, which may have a namesake.
        """
        key = (question, zones)
        if key not in self._wanted:
            task = asyncio.ensure_future(self._settle(question, depth, zones))
            self._wanted[key] = task
            self._open.add(task)

    async def finish(self) -> None:
        """Wait until nothing is open any more."""
        while self._open:
            done, _ = await asyncio.wait(self._open, return_when=asyncio.FIRST_COMPLETED)
            self._open -= done  # and what has been added meanwhile stays
            for task in done:
                task.result()
            self.done += len(done)
            if self.progress is not None:
                self.progress(self.done, len(self._wanted))

    async def _settle(self, question: Question, depth: int, zones: World) -> None:
        answer = await self._answer(question.name, question.type, zones)
        if depth < DEEPEST:
            for more in questions.after(question, answer):
                self.want(more, depth + 1, zones)

    async def _answer(self, name: str, type: str, zones: World) -> Answer:
        """The answer, aliases followed across zones, old lock and live DNS."""
        at = name
        seen = {at}
        for _ in range(LONGEST_CHAIN + 1):
            held = zones.look(at, type)
            if held is None and not self._is_kept_back(at, zones):
                held = await self._outside(at, type)
            if held is None or held.alias is None:
                status = Status.UNKNOWN if held is None else held.status
                return Answer(name, type, status, () if held is None else held.values)
            at = held.alias
            if at in seen:
                break
            seen.add(at)
        return Answer(name, type, Status.SERVFAIL)

    def _is_kept_back(self, name: str, zones: World) -> bool:
        """Whether a zone of another view has the name: who asks here may get its answer.

        Whoever names it has it asked, and what the lock knows stays.
        """
        if name in self.refresh.names or name in self.old.entries or not (why := zones.why(name)):
            return False
        self.kept_back[why] = None
        return True

    async def _outside(self, name: str, type: str) -> Held | None:
        """What stands outside the zones: kept from the old lock, or asked for, once."""
        if f".{name}".endswith(self.unnamed) or stand_ins(name):
            return None
        key = (name, type)
        task = self._asked.get(key)
        if task is None:
            entry = self.lock.entries.get(name)
            if entry is not None and not entry.held.keys().isdisjoint((type, "CNAME")):
                return self.lock.look(name, type)  # the answer to another question said it
            if self._keep(name, type):
                return self.lock.look(name, type)
            task = self._asked[key] = asyncio.ensure_future(self._ask(name, type))
        return await task

    def _keep(self, name: str, type: str) -> bool:
        entry = self.old.entries.get(name)
        if entry is None or self.refresh.wants(name, entry):
            return False
        held = self.old.look(name, type)
        if held is None:
            return False
        self.lock.put(name, type, held, entry.seen)
        return True

    async def _ask(self, name: str, type: str) -> Held | None:
        if len(self._asked) > MOST_QUESTIONS:
            return self._without(name, type, Status.UNKNOWN)
        reply = await self.resolver.ask(name, type)
        if reply.held is not None and not reply.held.status.is_fact:
            return self._without(name, type, reply.held.status)
        self.answered += 1
        at = name
        for owner, target in reply.aliases:
            self.lock.put(owner, type, Held(Status.RECORDS, (), target), self.today)
            at = target
            # What a chain says about names of our own zones is the zones' to say.
            if self.zones.look(at, type) is not None:
                break
        else:
            if reply.held is not None:
                self.lock.put(at, type, reply.held, self.today)
        return self.lock.look(name, type)

    def _without(self, name: str, type: str, status: Status) -> Held | None:
        """No answer came: what the old lock knew stays, else the failure is written down.

        So does an older failure: whether servers are silent or fail changes from run to run.
        """
        if status is Status.UNKNOWN:
            self.unasked[name, type] = None
        else:
            self.failed[name, type] = status
        held = self.old.look(name, type)
        if held is not None and (held.status.is_fact or status is Status.UNKNOWN):
            self.lock.put(name, type, held, self.old.entries[name].seen)
        elif status is not Status.UNKNOWN:
            self.lock.put(name, type, held or Held(status), self.today)
        return self.lock.look(name, type)

    def collected(self) -> Collected:
        for name, entry in self.lock.entries.items():
            before = self.old.entries.get(name)
            if before is not None and before.held == entry.held:
                # Found as it was: the day only moves once it can stay no longer.
                fresh = self.refresh.keeps_day(before) or entry.seen == before.seen
                self.lock.entries[name] = before if fresh else entry
        failed = sorted((name, type, status) for (name, type), status in self.failed.items())
        unasked = sorted(self.unasked)
        return Collected(self.lock, failed, unasked, self.answered, sorted(self.kept_back))
