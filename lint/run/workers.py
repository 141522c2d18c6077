"""A run over many zones, divided among processes: `--jobs`.

Each process reads a part of the files and judges their zones, step by step (`rules.model.parts`):
which zones there are, what they tell, what they ask of each other. This process has the answers
brought, and puts together what the rules say: the same, word for word, as in a run by one process.
Where that cannot be had (a zone that is spread over several files), one process does it all.
"""

from __future__ import annotations

import contextlib
import os
import pickle
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from zonelint.grammars.listing import grouped
from zonelint.grammars.masterfile.reader import MasterZone, collector_paused
from zonelint.grammars.nearmiss import Alike
from zonelint.grammars.zone import Zone, labels_of
from zonelint.progress import Bar
from zonelint.providers.project.reading import Listed, Sources
from zonelint.providers.terraform.source.find import has_source
from zonelint.providers.zonefile import reader as zonefile
from zonelint.providers.zonefile.find import FoundFiles as File
from zonelint.providers.zonefile.reader import NoOrigin, ReadError, is_whole
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.model.elsewhere import Answers, Elsewhere, Gathered, Key, ZoneElsewhere
from zonelint.rules.model.facts import Fact, Told
from zonelint.rules.model.parts import Coordinator, Part
from zonelint.rules.model.repository import Repository, RunZone, Seat, UnreadZones
from zonelint.rules.model.settings import Counts
from zonelint.rules.offers.links import Links, Name, links_of
from zonelint.run.packing import Packing
from zonelint.run.processes import Done, Processes, stretches
from zonelint.status import RunRefused

if TYPE_CHECKING:
    from zonelint.providers.octodns.yaml.find import Task
    from zonelint.run.judging import Judge

LEAST = 1 << 21
"""Octets below which one process is as fast: each has to start, and to import the rules."""
ZONE = 6144
"""What it takes to judge a zone besides reading its octets, in octets."""
_PROTOCOL = pickle.HIGHEST_PROTOCOL
Files = dict[ZoneId, Sequence[str]]
Lines = dict[tuple[str, int], str]
"""Lines of the sources, by path and number."""


def judged(found: Listed, judge: Judge, jobs: int) -> tuple[Result, Sources, ReadAgain] | None:
    """Read and judge everything that is listed, by `jobs` processes.

    None where one process has to do it. The sources know no zone, only the lines that findings
    are shown with; a zone that is wanted is read again. Raises RunRefused where a process was
    killed.
    """
    if jobs < 2 or not hasattr(os, "fork") or not _is_divisible(found):
        return None
    work = _Work(found)
    parts = work.divided(jobs)
    if len(parts) < 2:
        return None
    try:
        result, reads, lines, zones = _Run(work, judge, parts).result()
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
        if Path(os.path.realpath(orphan.path)) not in included
    )
    problems = found.problems(
        {str(error): error for error in of_octodns}.values(),
        errors,
        is_octodns=any(read.is_octodns for read in reads),
        read=[*(zone.id for zone in zones.numbers), *(p for r in reads for p in r.included)],
    )
    return result, _Shown(lines, problems, list(zones.numbers)), zones


def _is_divisible(found: Listed) -> bool:
    """Whether the zones can be read one by one, and are zones alone."""
    if found.piped is not None or found.plans.files or found.templates.files:
        return False
    if any(has_source(path, found.disk) for path in found.programs):
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
        return [range(len(sizes))] if sum(sizes) < LEAST else stretches(sizes, jobs)

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


def _size(item: Task | File) -> int:
    octets = ZONE
    for path in (item.path,) if isinstance(item, File) else item.weight:
        with contextlib.suppress(OSError):  # whoever reads it tells
            octets += os.stat(path).st_size  # noqa: PTH116 - quicker
    return octets


@dataclass(slots=True)
class _Read:
    """What a process has read, besides zones.

    `numbers` are those of the items that hold a zone, `included` are the paths of included files,
    `loose` those of the zones without an SOA of their own, `orphans` the files of which nothing
    tells the origin.
    is_octodns: whether any file was octoDNS's.
    """

    of_octodns: list[ReadError] = field(default_factory=list)
    errors: list[ReadError] = field(default_factory=list)
    orphans: list[ReadError] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    included: list[str] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    is_octodns: bool = False


class _Worker:
    """What a process does with its part. Each step answers what the next one is made from."""

    def __init__(self, work: _Work, judge: Judge, part: range, done: Done) -> None:
        self.work = work
        self.judge = judge
        self.numbers = part
        self.done = done
        self.engine = Engine(judge.rules)
        self.zones: list[Zone] = []

    def read(self) -> tuple[_Read, bytes]:
        """Read the zones: what went wrong, and which zones there are, packed."""
        with collector_paused():
            read = self._read()
        elsewhere = Elsewhere()
        places = self.judge.project.places(self.zones)
        repository = Repository(places, known=self.judge.known, elsewhere=elsewhere)
        self.part = Part(repository, elsewhere)
        self.repository = repository
        return read, pickle.dumps(self.part.names, _PROTOCOL)

    # What passes from part to part is not looked at on its way.

    def gathered(self, names: Sequence[bytes]) -> tuple[bytes, list[Key]]:
        """What the zones tell, packed, and ask; `names` are the zones of the other parts."""
        others = (name for of_part in names for name in pickle.loads(of_part))
        told, asked = self.part.gather(others)
        return pickle.dumps(told, _PROTOCOL), asked

    def links(self) -> dict[Name, list[ZoneId]]:
        """The names that the zones ask others for."""
        return links_of(self.repository.zones)

    def files(self) -> Files:
        """The files that each zone is written in."""
        from zonelint.providers.writing import files_of

        return files_of(self.repository)

    def judged(self, answers: bytes, told: Sequence[bytes]) -> bytes | list[Key]:
        """What the rules say, packed, with the lines to show; else questions without an answer.

        told: what the zones of other parts tell.
        """
        self.part.join(map(pickle.loads, told))
        result, asked = self.part.judge(pickle.loads(answers), self._judge)
        if result is None:
            return asked
        return Packing(self.judge.rules).pack((result, _lines(self.zones, result)))

    def _judge(self, seat: Seat, result: Result) -> None:
        self.engine.judge([seat], result)
        self.done.add_one()

    def _read(self) -> _Read:
        read = _Read()
        for number in self.numbers:
            item = self.work.items[number]
            zone, errors = self.work.read(number)
            if zone is not None:
                self.zones.append(zone)
                read.numbers.append(number)
            if not isinstance(item, File):
                read.of_octodns += errors
                continue
            for error in errors:
                is_orphan = isinstance(error, NoOrigin) and not item.named
                (read.orphans if is_orphan else read.errors).append(error)
            if isinstance(zone, MasterZone):
                read.included += (source.path for source in zone.included)
                if not is_whole(zone):
                    read.loose.append(zone.path)
        read.is_octodns = self.work.octodns is not None and self.work.octodns.found.known
        return read


class _Run:
    """This process: it starts the others, has them answer each other, and sums up what they say."""

    def __init__(self, work: _Work, judge: Judge, parts: Sequence[range]) -> None:
        self.work = work
        self.judge = judge
        self._processes = Processes(_Worker, [(work, judge, part) for part in parts])

    def result(self) -> tuple[Result, list[_Read], Lines, ReadAgain]:
        """What all parts say and have read, the lines to show, and the zones.

        Raises _Together.
        """
        try:
            with self._processes.running():
                return self._result()
        except (RunRefused, _Together):
            raise
        except Exception:  # one process meets the same, and tells it as it always does
            raise _Together from None

    def _result(self) -> tuple[Result, list[_Read], Lines, ReadAgain]:
        told = self._processes.all("read")
        reads: list[_Read] = [read for read, _ in told]
        packed: list[bytes] = [of_part for _, of_part in told]
        gathering = self._processes.begin("gathered", _others(packed))
        names: list[list[ZoneElsewhere]] = list(map(pickle.loads, packed))
        self._zones = sum(map(len, names))
        coordinator = Coordinator(names)
        included = _included(reads)
        if included and any(
            Path(os.path.realpath(path)) in included for read in reads for path in read.loose
        ):
            raise _Together  # what is a part of another zone is no zone
        gathered: list[tuple[bytes, list[Key]]] = [each.result() for each in gathering]
        facts, asked = map(list, zip(*gathered, strict=True))
        with Bar("Checking zones") as bar:
            result, lines = self._judged(coordinator, facts, asked, bar)
        links: dict[Name, list[ZoneId]] = {}
        files: Files = {}
        if any(finding.change is not None for finding in result.findings):
            for of_links in self._processes.all("links"):
                for name, zones_asking in of_links.items():
                    links.setdefault(name, []).extend(zones_asking)
            for of_part in self._processes.all("files"):
                files |= of_part
        zones = {zone for comment in result.comments for zone, _ in comment.uses}
        Engine(self.judge.rules).finish(
            result, {zone: self.judge.project.settings_for(zone) for zone in zones}
        )
        identities = (name.identity for of_part in names for name in of_part)
        numbers = (number for read in reads for number in read.numbers)
        items = dict(zip(identities, numbers, strict=True))
        return result, reads, lines, ReadAgain(self.work, self.judge, items, facts, links, files)

    def _judged(
        self, coordinator: Coordinator, told: list[bytes], asked: list[list[Key]], bar: Bar
    ) -> tuple[Result, Lines]:
        """What the rules say, once every question that they meet has its answer."""
        others = _others(told)
        packed: list[bytes | list[Key]] = list(asked)
        while any(not isinstance(each, bytes) for each in packed):
            open_ = [key for each in packed if not isinstance(each, bytes) for key in each]
            answers = pickle.dumps(coordinator.ask(open_, self._answered), _PROTOCOL)
            packed = self._processes.all(
                "judged", [answers] * len(packed), others, bar=bar, zones=self._zones
            )
            others = [[] for _ in packed]
        result, lines, packing = Result(), Lines(), Packing(self.judge.rules)
        for each in packed:
            assert isinstance(each, bytes), "every part is done"
            said, shown = packing.unpack(each)
            result.add(said)
            lines |= shown
        return result, lines

    def _answered(self, asked: Mapping[int, Sequence[Key]]) -> list[tuple[Answers, list[Key]]]:
        """What parts answer when they are asked, and what that leads to."""
        return self._processes.some("part.answer", asked)


def _others(packed: list[bytes]) -> list[list[bytes]]:
    """For each part what the other parts say."""
    return [packed[:part] + packed[part + 1 :] for part in range(len(packed))]


def _included(reads: Iterable[_Read]) -> set[Path]:
    return zonefile.parts_of(path for read in reads for path in read.included)


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
        self, lines: Lines, problems: Sequence[ReadError], zones: Collection[ZoneId]
    ) -> None:
        super().__init__((), problems)
        self._lines = lines
        self._names = Counter(zone.name for zone in zones)
        self._documents = [zone.id for zone in zones]
        self._identities = zones

    @property
    def origins(self) -> Collection[str]:
        return self._names

    @property
    def documents(self) -> list[str]:
        return self._documents

    def identities(self, identity_of: Callable[[Zone], ZoneId]) -> Collection[ZoneId]:
        return self._identities

    def namesakes(
        self, identity_of: Callable[[Zone], ZoneId], beside: Callable[[str], Iterable[ZoneId]]
    ) -> Sequence[ZoneId]:
        return [*self._identities, *(zone for name in self._names for zone in beside(name))]

    def line(self, path: str, number: int) -> str | None:
        return self._lines.get((path, number))


@dataclass(frozen=True)
class ReadAgain:
    """The zones of a run that other processes have judged, each read again when it is wanted.

    numbers: the zones, with the numbers of their items. told: what those of each part tell, packed.
    links: which of them ask others for what. files: those that they lie in.
    """

    work: _Work
    judge: Judge
    numbers: Mapping[ZoneId, int]
    told: Sequence[bytes]
    links: Links
    files: Files
    _read: dict[ZoneId, list[RunZone]] = field(default_factory=dict)

    @cached_property
    def gathered(self) -> Gathered:
        """What the zones tell."""
        parts: Iterable[Gathered] = map(pickle.loads, self.told)
        return {zone: facts for of_part in parts for zone, facts in of_part.items()}

    @cached_property
    def names(self) -> Mapping[tuple[str, str], Sequence[ZoneId]]:
        """The zones by view and name."""
        return grouped(((zone.view, zone.name), zone) for zone in self.numbers)

    @cached_property
    def labels(self) -> Alike:
        known = () if self.judge.known is None else (self.judge.known.labels(),)
        return Alike(labels_of(name for _, name in self.names), *known)

    def places(self, zones: Collection[ZoneId]) -> Sequence[RunZone]:
        return [place for zone in self.numbers if zone in zones for place in self.place(zone)]

    @property
    def around(self) -> UnreadZones:
        return _Beside(self, frozenset())

    def changed(self, places: Sequence[RunZone]) -> Repository:
        again = frozenset(place.identity for place in places if place.identity is not None)
        beside = _Beside(self, again)
        unread = (place for place in places if place.identity not in self.numbers)
        before = Repository([*self.places(again), *unread], known=beside)
        for seat in before.seats:
            seat.facts = self.gathered.get(seat.identity, {})
        return Repository(places, before=before, known=beside)

    def place(self, zone: ZoneId) -> list[RunZone]:
        """A zone, read now; none where it cannot be read any more."""
        if zone not in self._read:
            made, _ = self.work.read(self.numbers[zone])
            places = self.judge.project.places([] if made is None else [made])
            self._read[zone] = [replace(place, identity=zone) for place in places]
        return self._read[zone]


@dataclass(frozen=True, slots=True)
class _Beside:
    """The zones of a run but for some that are judged once more; those beside the run as well."""

    run: ReadAgain
    again: frozenset[ZoneId]

    def has(self, view: str, name: str) -> bool:
        known = self.run.judge.known
        return bool(self._named(view, name)) or (known is not None and known.has(view, name))

    def find(self, view: str, name: str) -> Sequence[RunZone]:
        known = self.run.judge.known
        found = [place for zone in self._named(view, name) for place in self.run.place(zone)]
        found += () if known is None else known.find(view, name)
        return [replace(place, is_judged=False) for place in found]

    def labels(self) -> Alike:
        return self.run.labels

    def facts(self, view: str, fact: Fact[Told], counts: Counts) -> Iterable[Told]:
        for zone, facts in self.run.gathered.items():
            if zone.view == view and zone not in self.again and counts(zone.name, zone.id):
                yield from facts[fact.name]

    def telling(self, view: str, fact: Fact[Told], about: str, counts: Counts) -> Sequence[Told]:
        known = self.run.judge.known
        return () if known is None else known.telling(view, fact, about, counts)

    def asking(self, name: str, zone: str) -> Sequence[RunZone]:
        known = self.run.judge.known
        return () if known is None else known.asking(name, zone)

    def _named(self, view: str, name: str) -> list[ZoneId]:
        return [zone for zone in self.run.names.get((view, name), ()) if zone not in self.again]
