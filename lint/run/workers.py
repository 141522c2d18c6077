"""A run over many zones, divided among processes: ``--jobs``.

Each process reads a part of the files and judges their zones (``rules/shard.py``). They meet once
in between, to tell each other which zones there are and what rules must know of all of them; then
each gives back what its rules say, and this process puts it together. What is said is the same,
word for word, as in a run by one process. Where that cannot be had (a zone that is spread over
several files, a loop of includes that leads through several zones), one process does it all.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import signal
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from zonelint.grammars.masterfile.reader import MasterZone, collector_paused
from zonelint.grammars.zone import Record, Zone
from zonelint.progress import Bar
from zonelint.providers.project.reading import Listed, Sources
from zonelint.providers.zonefile import reader as zonefile
from zonelint.providers.zonefile.find import FoundFiles as File
from zonelint.providers.zonefile.reader import NoOrigin, ReadError
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.rule import Rule
from zonelint.rules.model.facts import Fact, Facts, Told, gathered
from zonelint.rules.model.repository import Place, Repository
from zonelint.status import RunRefused

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from zonelint.providers.octodns.yaml.find import Task
    from zonelint.run.judging import Judge

LEAST = 1 << 19
"""Octets below which one process is as fast: each has to start, and to import the rules."""
ZONE = 256
"""What a zone takes besides its octets, in octets."""
TOLD_EVERY = 50
"""Zones after which a process tells how far it is."""

Lines = dict[tuple[str, int], str]
"""Lines of the sources, by path and number."""


def processors() -> int:
    """How many processes can run at once."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def judged(found: Listed, judge: Judge, jobs: int) -> tuple[Result, Sources] | None:
    """Read and judge everything that is listed, by ``jobs`` processes.

    None where one process has to do it. The sources know no zone, only the lines that findings
    are shown with. Raises RunRefused where a process was killed.
    """
    if jobs < 2 or not hasattr(os, "fork") or not _is_divisible(found):
        return None
    work = _Work(found)
    parts = work.divided(jobs)
    if len(parts) < 2:
        return None
    try:
        result, reads, lines = _Run(work, judge, parts).result()
    except _Together:
        return None
    of_octodns = [] if found.octodns is None else list(found.octodns.found.errors)
    of_octodns += (error for read in reads for error in read.of_octodns)
    included = _included(reads)
    errors = [error for read in reads for error in read.errors]
    errors += (
        orphan
        for read in reads
        for orphan in read.orphans
        if Path(orphan.path).resolve() not in included
    )
    problems = found.problems(
        {str(error): error for error in of_octodns}.values(),
        errors,
        is_octodns=any(read.is_octodns for read in reads),
    )
    origins = dict.fromkeys(origin for read in reads for _, origin in read.origins)
    return result, _Shown(lines, problems, origins)


def _is_divisible(found: Listed) -> bool:
    """Whether the zones can be read one by one, and are zones alone."""
    if found.piped is not None or found.plans.files:
        return False
    return found.octodns is None or not found.octodns.splits


class _Together(Exception):
    """The zones have to be judged by one process."""


class _Work:
    """What is to be read, in the order of the run: octoDNS's zones first, then zone files."""

    def __init__(self, found: Listed) -> None:
        self.octodns = found.octodns
        self.origins = found.origins
        self.items: list[Task | File] = [
            *(() if found.octodns is None else found.octodns.tasks),
            *found.files,
        ]

    def divided(self, jobs: int) -> list[range]:
        """The numbers of the items in so many stretches with about as many octets each.

        One stretch where there are too few octets.
        """
        sizes = [_size(item) for item in self.items]
        total = sum(sizes)
        if total < LEAST:
            return [range(len(sizes))]
        parts: list[range] = []
        begin = done = 0
        for number, size in enumerate(sizes, start=1):
            done += size
            if done * jobs >= total * (len(parts) + 1) or number == len(sizes):
                parts.append(range(begin, number))
                begin = number
        return [part for part in parts if part]

    def read(self, number: int) -> tuple[Zone | None, list[ReadError]]:
        """An item's zone, or why there is none."""
        item = self.items[number]
        if isinstance(item, File):
            result = zonefile.read_file(item, self.origins)
            if isinstance(result, MasterZone):
                return result, []
            return None, [] if result is None else [result]
        assert self.octodns is not None
        told = len(self.octodns.found.errors)
        zone = self.octodns.do(item)
        return zone, self.octodns.found.errors[told:]

    def zone(self, number: int) -> Zone:
        """A zone of another process's part, read here as well."""
        zone, _ = self.read(number)
        if zone is None:
            raise _Together
        return zone


def _size(item: Task | File) -> int:
    octets = ZONE
    for path in (item.path,) if isinstance(item, File) else item.weight:
        with contextlib.suppress(OSError):  # whoever reads it tells
            octets += Path(path).stat().st_size
    return octets


@dataclass(slots=True)
class _Read:
    """What a process has read: numbers and origins of its zones, and the facts of surveys.

    ``included`` are the paths of included files, ``searched`` those of the zones that a search
    found, ``orphans`` the files of which nothing tells the origin. ``is_octodns``:
    whether any file was octoDNS's.
    """

    origins: list[tuple[int, str]] = field(default_factory=list)
    of_octodns: list[ReadError] = field(default_factory=list)
    errors: list[ReadError] = field(default_factory=list)
    orphans: list[ReadError] = field(default_factory=list)
    included: list[str] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    facts: Facts = field(default_factory=dict)
    is_octodns: bool = False


class _Worker:
    """What a process does with its part. An answer of None asks for one process to do it all."""

    def __init__(self, work: _Work, judge: Judge, part: range, to: Connection) -> None:
        self.work = work
        self.judge = judge
        self.part = part
        self.to = to

    def run(self, of_parent: Iterable[Connection]) -> None:
        """The whole part. ``of_parent`` are the ends of pipes that only the parent is to have."""
        for connection in of_parent:
            connection.close()  # else nobody would notice that the parent is gone
        try:
            self._run()
        except (EOFError, BrokenPipeError):
            pass  # nobody is left to be answered
        except Exception:  # one process meets the same, and tells it as it always does
            with contextlib.suppress(BrokenPipeError):
                self._answer(None)

    def _run(self) -> None:
        judge = self.judge
        with collector_paused():
            zones, read = self._read()
        others = _Others(self.work.zone, zones, judge)
        own = Repository(judge.project.places(zones.values()), known=others)
        read.facts = gathered(own.zones)
        self._answer(read)
        origins, facts = pickle.loads(self.to.recv_bytes())
        others.join(origins, facts)
        result = Result()
        Engine(judge.rules).judge(own.judged, result, progress=self._progress)
        self._answer((result, _lines(zones.values(), result)))

    def _read(self) -> tuple[dict[int, Zone], _Read]:
        zones: dict[int, Zone] = {}
        read = _Read()
        for number in self.part:
            item = self.work.items[number]
            zone, errors = self.work.read(number)
            if zone is not None:
                zones[number] = zone
                read.origins.append((number, zone.origin))
            if not isinstance(item, File):
                read.of_octodns += errors
                continue
            for error in errors:
                is_orphan = isinstance(error, NoOrigin) and not item.named
                (read.orphans if is_orphan else read.errors).append(error)
            if isinstance(zone, MasterZone):
                read.included += (source.path for source in zone.included)
                if not item.named:
                    read.searched.append(zone.path)
        read.is_octodns = self.work.octodns is not None and self.work.octodns.found.known
        return zones, read

    def _progress(self, done: int, total: int) -> None:
        if done % TOLD_EVERY == 0:
            self._answer(done)

    def _answer(self, answer: object) -> None:
        octets = io.BytesIO()
        _Pickler(octets, protocol=pickle.HIGHEST_PROTOCOL).dump(answer)
        self.to.send_bytes(octets.getbuffer())


class _Run:
    """This process: it starts the others, and puts together what they say."""

    def __init__(self, work: _Work, judge: Judge, parts: Sequence[range]) -> None:
        self.work = work
        self.judge = judge
        self.parts = parts
        self.workers: list[tuple[BaseProcess, Connection]] = []
        self._rules = {rule.code: rule for rule in judge.rules}

    def result(self) -> tuple[Result, list[_Read], Lines]:
        """What all of them say, what they have read, and the lines to show. Raises _Together."""
        try:
            self._start()
            return self._result()
        finally:
            for process, connection in self.workers:
                connection.close()
                process.join(0.5)
                if process.is_alive():
                    process.kill()
                    process.join()

    def _start(self) -> None:
        import multiprocessing

        forking = multiprocessing.get_context("fork")
        # Ctrl-C is for this process, which then ends the others: they begin and stay deaf to it.
        heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            for part in self.parts:
                ours, theirs = forking.Pipe()
                worker = _Worker(self.work, self.judge, part, theirs)
                of_parent = [*(connection for _, connection in self.workers), ours]
                process: BaseProcess = forking.Process(
                    target=worker.run, args=(of_parent,), daemon=True
                )
                process.start()
                theirs.close()
                self.workers.append((process, ours))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, heard)

    def _result(self) -> tuple[Result, list[_Read], Lines]:
        reads: list[_Read] = self._answers(lambda _: None)
        included = _included(reads)
        if included and any(
            Path(path).resolve() in included for read in reads for path in read.searched
        ):
            raise _Together  # what is a part of another zone is no zone
        origins = [each for read in reads for each in read.origins]
        facts: Facts = {}
        for read in reads:
            for name, found in read.facts.items():
                facts.setdefault(name, []).extend(found)
        told = pickle.dumps((origins, facts))
        for _, connection in self.workers:
            connection.send_bytes(told)
        result = Result()
        lines: Lines = {}
        with Bar("Checking zones") as bar:
            for said, shown in self._answers(lambda done: bar(done, len(origins))):
                result.add(said)
                lines |= shown
        zones = {zone for comment in result.comments for zone, _ in comment.uses}
        Engine(self.judge.rules).finish(
            result, {zone: self.judge.project.settings_for(zone) for zone in zones}
        )
        return result, reads, lines

    def _answers(self, progress: Callable[[int], None]) -> list[Any]:
        """What each process answers next. Raises _Together, RunRefused."""
        from multiprocessing.connection import wait

        answers: dict[int, Any] = {}
        done = [0] * len(self.workers)
        at_of = {connection: at for at, (_, connection) in enumerate(self.workers)}
        while len(answers) < len(self.workers):
            waiting = [each for each, at in at_of.items() if at not in answers]
            for connection in cast("list[Connection]", wait(waiting)):
                at = at_of[connection]
                try:
                    octets = connection.recv_bytes()
                except (EOFError, OSError):
                    raise RunRefused(
                        "A process of this run was stopped before it was done, so the check is "
                        "not complete; if memory ran out, use --jobs 1."
                    ) from None
                answer = _Unpickler(io.BytesIO(octets), self._rules).load()
                if answer is None:
                    raise _Together
                if isinstance(answer, int):
                    done[at] = answer
                    progress(sum(done))
                else:
                    answers[at] = answer
        return [answers[at] for at in sorted(answers)]


def _included(reads: Iterable[_Read]) -> set[Path]:
    return zonefile.parts_of(path for read in reads for path in read.included)


class _Others:
    """The zones of the other processes' parts, and those that nobody judges.

    What is asked of one is read here as well.
    """

    def __init__(self, read: Callable[[int], Zone], own: Collection[int], judge: Judge) -> None:
        self._read = read
        self._own = own
        self._judge = judge
        self._numbers: dict[str, list[int]] = {}
        self._facts: Facts = {}

    def join(self, origins: Iterable[tuple[int, str]], facts: Facts) -> None:
        """Tell of the whole run: number and origin of each zone, in their order; all facts."""
        for number, origin in origins:
            if number not in self._own:
                self._numbers.setdefault(origin, []).append(number)
        self._facts = facts

    def has(self, view: str, name: str) -> bool:
        known = self._judge.known
        return name in self._numbers or (known is not None and known.has(view, name))

    def find(self, view: str, name: str) -> list[Place]:
        zones = [self._read(number) for number in self._numbers.get(name, ())]
        places = self._judge.project.places(zones, judged=False)
        known = self._judge.known
        beside = () if known is None else known.find(view, name)
        return [p for p in (*places, *beside) if p.identity is None or p.identity.view == view]

    def facts(self, view: str, fact: Fact[Told]) -> list[Told]:
        return cast("list[Told]", self._facts.get(fact.name, []))


def _lines(zones: Iterable[Zone], result: Result) -> Lines:
    """The lines that what is said stands in; those of comments, of which more may be said."""
    sources = Sources(list(zones), ())
    places = {(finding.span.path, finding.span.line) for finding in result.findings}
    places |= {(each.suppression.span.path, each.suppression.span.line) for each in result.comments}
    lines = ((place, sources.line(*place)) for place in places)
    return {place: line for place, line in lines if line is not None}


class _Shown(Sources):
    """Sources of which only origins are left, and the lines that findings are shown with."""

    def __init__(
        self, lines: Lines, problems: Sequence[ReadError], origins: Collection[str]
    ) -> None:
        super().__init__((), problems)
        self._lines = lines
        self._origins = origins

    @property
    def origins(self) -> Collection[str]:
        return self._origins

    def line(self, path: str, number: int) -> str | None:
        return self._lines.get((path, number))


class _Stood(Record):
    """A record of a zone that another process holds: what of it is told."""

    __slots__ = ("_rdata",)

    def __init__(self, owner: str, type: str, ttl: int | None, rdata: str) -> None:
        self.owner = owner
        self.type = type
        self.ttl = ttl
        self._rdata = rdata

    @property
    def rdata(self) -> str:
        return self._rdata


class _Pickler(pickle.Pickler):
    """Leaves out what this process and the other both have, or what nobody asks for."""

    def persistent_id(self, obj: object) -> str | None:
        return obj.code if isinstance(obj, Rule) else None

    def reducer_override(self, obj: object) -> Any:
        if isinstance(obj, Record):
            return _Stood, (obj.owner, obj.type, obj.ttl, obj.rdata)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    """Reads what a process of this run has written, and nothing else."""

    def __init__(self, file: io.BytesIO, rules: Mapping[str, Rule]) -> None:
        super().__init__(file)
        self._rules = rules

    def persistent_load(self, pid: str) -> Rule:
        return self._rules[pid]
