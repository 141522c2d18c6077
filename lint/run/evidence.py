"""The evidence of a run: the aggregate reports that the command line or the configuration names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from zonelint.grammars.listing import some
from zonelint.providers.files import DISK, Files
from zonelint.providers.project.configuration import Configuration, read_reports
from zonelint.status import RunRefused
from zonelint.terminal import print_errors

if TYPE_CHECKING:
    from zonelint.providers.reports.reader import ReportsRead
    from zonelint.rules.evidence.evidence import Evidence

MOST_TOLD = 20
"""Files that are named, of those that could not be read; the rest is counted."""


class ReportsRefused(RunRefused):
    """The reports that were asked for cannot be had. The message is for the user."""


class Reports:
    """The reports of a run, each folder read once. `given` are those of the command line."""

    def __init__(self, given: Sequence[str] = ()) -> None:
        self._given = tuple(given)
        self._read: dict[tuple[tuple[str, ...], Files], Evidence | None] = {}

    def of(self, configuration: Configuration) -> Evidence | None:
        """What the reports prove that are given, else those that the configuration names.

        None where there are none. What could not be read is told on standard error. ReportsRefused
        where reports that were given cannot be read at all, or are not there.
        """
        paths = self._given or tuple(configuration.report_paths)
        before = configuration.before
        key = (paths, before if any(map(before.altered, paths)) else DISK)
        if key not in self._read:
            self._read[key] = self._evidence(*key) if paths else None
        return self._read[key]

    def _evidence(self, paths: Sequence[str], before: Files) -> Evidence | None:
        reading = read(paths, before=before)
        tell(reading)
        if self._given and (reading.nothing_read or absent(reading)):
            raise ReportsRefused("the reports named with --reports cannot be read")
        return reading.proof


def read(
    paths: Sequence[str],
    domains: Collection[str] | None = None,
    before: Files = DISK,
) -> ReportsRead:
    """Read every report under the paths, with a progress bar.

    With `domains`, reports about others are named and skipped. before: see read_reports.
    """
    from zonelint.progress import Bar

    with Bar("Reading reports") as bar:
        return read_reports(paths, domains, bar, before)


def absent(reading: ReportsRead) -> bool:
    """Whether a path that was named is not there."""
    from zonelint.providers.reports.reader import ReportProblemKind

    return any(problem.kind is ReportProblemKind.NOT_FOUND for problem in reading.problems)


def tell(reading: ReportsRead) -> None:
    """Name what could not be read on standard error; those of other domains in one line."""
    from zonelint.providers.reports.reader import ReportProblemKind

    others = [each for each in reading.problems if each.kind is ReportProblemKind.OTHER_DOMAIN]
    if len(others) == 1:
        others = []
    elif others:
        names = some(sorted({each.detail for each in others}))
        print_errors(
            [f"{len(others):,} reports are about other domains and were left out: {names}"]
        )
    messages = [problem.message for problem in reading.problems if problem not in others]
    print_errors(messages[:MOST_TOLD])
    if len(messages) > MOST_TOLD:
        print_errors([f"{len(messages) - MOST_TOLD} more could not be read."])


def remarks(reading: ReportsRead) -> Iterator[tuple[str, str]]:
    """What was odd in the reports that count, and those that are there twice: place and words."""
    for note in reading.notes:
        yield note.place, note.words
    for place in reading.duplicates:
        yield place, "this report was already read and counts once"


def tell_remarks(reading: ReportsRead) -> None:
    """Say what was odd on standard error, once a kind, with the first place of each."""
    first: dict[str, str] = {}
    kinds: Counter[str] = Counter()
    for place, words in remarks(reading):
        kind = words.partition(" (")[0]
        first.setdefault(kind, place)
        kinds[kind] += 1
    print_errors(
        f"{first[kind]}: {kind}" + (f"; {number - 1} more like it" if number > 1 else "")
        for kind, number in kinds.items()
    )
