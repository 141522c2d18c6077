"""The other side of `check --against`: the zones before, and what the change brings.

The other side is a path or a Git revision, loaded as every project is. Zones are paired by what
they are and where they stand, findings by their zone, code, owner, type and the text of their
place, never by their message: a file may move, a line may shift, and a count may grow.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from zonelint.formats.report import Report
from zonelint.grammars.listing import some
from zonelint.grammars.zone import Zone, sameness
from zonelint.providers.project.commit import Commit, GitRefused, commit, is_under
from zonelint.providers.project.index import Index, known_around, known_beside
from zonelint.providers.project.project import Project
from zonelint.providers.project.reading import STDIN_NAME, Sources, document_of
from zonelint.providers.resources.unread import NOT_READ
from zonelint.providers.zonefile.reader import ReadError
from zonelint.rules.core.engine import Result
from zonelint.rules.core.finding import Undecided
from zonelint.rules.core.identity import NOWHERE, ZoneId
from zonelint.rules.core.result import FormerFindings
from zonelint.rules.core.rule import Tells
from zonelint.rules.core.suppression import by_line, holding
from zonelint.rules.evidence.replay import Replay, replays
from zonelint.rules.mail.meaning import Meaning, gone
from zonelint.rules.model.repository import Repository
from zonelint.run.judging import Judge
from zonelint.status import RunRefused

_STDIN = "-"
_GONE = "the zone, which no longer exists"
_REPLACED = "what was served in its place before: other zones are as they were"


class AgainstRefused(RunRefused):
    """There is no such other side. The message is for the user."""


@dataclass(frozen=True, slots=True)
class OtherSide:
    """The zones before the change.

    problems: what of them could not be read.
    is_whole: a zone that is here only is gone: the run reads the same place.
    known: the zones of that side that are asked and not judged.
    """

    project: Project
    zones: Sequence[Zone]
    problems: Sequence[ReadError] = ()
    is_whole: bool = False
    known: Index | None = None

    def compares(self, sources: Sources) -> None:
        """Refuse standard input that is a zone without a name; a plan tells its own state before.

        Raises AgainstRefused.
        """
        if self.project.files.is_past and sources.piped == STDIN_NAME:
            raise AgainstRefused(
                "standard input has nothing to compare with; give the file's name with "
                "--stdin-filename"
            )

    def moved_from(self, project: Project, documents: Sequence[str]) -> list[str]:
        """The files, beside some documents, that hold zones which the change took from theirs."""
        then = self.project.files
        if not then.is_past:
            return []
        gone = {zone.origin for zone in self.zones if not project.files.exists(zone.path)}
        around = known_around(project, documents)
        found = (place.zone for name in gone for place in around.find_in_all(name))
        return sorted({document_of(zone) for zone in found if not then.exists(zone.path)})


def read(
    name: str, paths: Sequence[str], project: Project, *, stdin_filename: str | None = None
) -> OtherSide:
    """The other side of the zones that a run reads. Raises RunRefused.

    paths: what the run reads, or () where the configuration's zones or the current folder are read.
    """
    is_path = os.path.lexists(name)
    near = _folder(paths[0] if paths and paths[0] != _STDIN else ".")
    try:
        found = commit(name, near)
    except GitRefused as error:
        if is_path:
            return _of_path(name, paths, project)
        raise AgainstRefused(str(error)) from None
    if is_path and found is not None:
        raise AgainstRefused(
            f"{name} is a path and a Git revision; write ./{name} for the path, "
            f"heads/{name} or {name}^0 for the revision"
        )
    if is_path:
        return _of_path(name, paths, project)
    if found is None:
        raise AgainstRefused(
            f"{name} is neither a path nor a revision that this repository knows; a shallow clone "
            "has only the latest ones"
        )
    return _of_commit(found, paths, project, stdin_filename)


def _folder(path: str) -> Path:
    given = Path(path)
    return given if given.is_dir() else given.parent


def _of_path(name: str, paths: Sequence[str], project: Project) -> OtherSide:
    other = project.elsewhere(project.files)
    project.compare_with(
        other, str(_folder(paths[0] if len(paths) == 1 else ".")), str(_folder(name))
    )
    read = other.read(other.listed([name]))
    if read.problems:
        raise AgainstRefused("; ".join(str(problem) for problem in read.problems))
    # A file of one side and a folder of the other need not hold the same zones.
    alike = len(paths) < 2 and all(Path(each).is_dir() for each in (name, *paths))
    return OtherSide(other, read.zones, is_whole=alike)


def _of_commit(
    commit: Commit, paths: Sequence[str], project: Project, stdin_filename: str | None
) -> OtherSide:
    other = project.elsewhere(commit)
    project.compare_with(other)
    named = [path for path in paths if path != _STDIN or stdin_filename is not None]
    given = [_inside(commit, path, stdin_filename) for path in named]
    if not paths:
        given = other.paths_there(project)
    there = [path for path in given if commit.exists(path)]
    found = other.listed(there)
    read = other.read(found)
    # A plan tells the state before of its own zones, and that of another plan is not theirs.
    zones = read.unplanned
    if any(getattr(zone, "context", None) for zone in zones):
        from zonelint.providers.terraform.source.zones import called_folders

        project.called = called_folders(zones)
    # That a folder held no zone yet is no fault: all that is there now is new.
    problems = [
        ReadError(f"{commit.name}:{commit.inside(each.path)}", each.message)
        for each in read.problems
        if not commit.is_dir(each.path) and not each.path.endswith(".json")
    ]
    wanted = {inner for path in given if (inner := commit.inside(path)) is not None}
    problems += [
        ReadError(
            f"{commit.name}:{path}",
            "This is a Git submodule, so the revision does not hold its files, and all zones in it "
            "count as new; check it from its own folder.",
        )
        for path in commit.submodules
        if is_under(path, wanted) or path in wanted
    ]
    known = known_beside(other, [*found.documents, *read.documents, *given], there)
    return OtherSide(other, zones, problems, is_whole=True, known=known)


def _inside(commit: Commit, path: str, stdin_filename: str | None) -> str:
    """A path of the run, if the repository can have it. Raises AgainstRefused."""
    named = stdin_filename if path == _STDIN and stdin_filename is not None else path
    if commit.inside(named) is None:
        raise AgainstRefused(f"{named} is not in {commit.root}, the repository of {commit.name}")
    return named


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a change brings. result: the findings to report. standing: how many stood before."""

    result: Result
    standing: int
    meanings: Sequence[Meaning]
    replays: Sequence[Replay]

    def with_meaning(self, report: Report) -> Report:
        """The report, with what the change means."""
        return replace(report, standing=self.standing, meanings=self.meanings, replays=self.replays)


def compare(
    judge: Judge,
    repository: Repository,
    result: Result,
    *,
    everything: bool = False,
    whole: bool = False,
) -> Comparison:
    """Judge the side before as well, and keep of the result what is new.

    everything: keep all of it, and only tell what the change means.
    whole: zones that only the side before has are gone.
    """
    standing = 0
    if not everything and repository.before is not None:
        former = judge.former(repository.before)
        result, standing = _brought(result, former, repository)
    lost = list(_gone(repository, judge)) if whole else []
    open_ = [(each.domain, _missing(each), NOWHERE) for each in lost]
    open_ += ((each.name, _REPLACED, each) for each in _added_beside(repository))
    more = [
        Undecided(rule.code, name, (missing,), zone)
        for rule in judge.rules
        if Tells.WEAKER in rule.tells
        for name, missing, zone in open_
    ]
    result = replace(result, undecided=[*result.undecided, *more])
    told = [*judge.meanings(repository), *lost]
    return Comparison(result, standing, told, list(replays(repository)))


def _gone(repository: Repository, judge: Judge) -> Iterator[Meaning]:
    """The zones that are gone, and those that are where this run does not read them."""
    around, other = None, None if judge.before is None else judge.before.other
    for each in gone(repository):
        if around is None:
            seats = [*repository.seats]
            if repository.before is not None and not (other and other.files.is_past):
                seats += repository.before.seats  # they lie beside those of this side
            around = known_around(judge.project, [document_of(seat.zone) for seat in seats])
        places = around.find_in_all(each.domain)
        yield replace(each, unread=tuple(sorted({document_of(place.zone) for place in places})))


def _missing(lost: Meaning) -> str:
    return f"the zone, which is in {some(lost.unread)} and was not read" if lost.unread else _GONE


def _added_beside(repository: Repository) -> Iterator[ZoneId]:
    """The zones that are new though their name is not, and that nothing is compared with.

    A view that the change adds may be what the world sees from now on. A zone that is cut out of
    the one above it may say something else than that did.
    """
    before = repository.before
    for seat in () if before is None else repository.judged:
        if before is not None and not seat.befores:
            around = before.of_view(seat.identity.view)
            was = ((around.look(name, "TXT"), name) for name in seat.mail.spf)
            if before.has(seat.identity.name) or any(
                held and held.values and held != seat.mail.context.look(name, "TXT")
                for held, name in was
            ):
                yield seat.identity


def _brought(result: Result, before: Result, repository: Repository) -> tuple[Result, int]:
    """What a result holds that the result before did not; and how many findings were there."""
    befores = repository.befores
    standing = FormerFindings(before.findings, befores)
    doubts = {key for each in before.undecided for key in _doubt(each, each.zone)}
    # What a comment of the change would hide is what the change is about, though it stood before.
    lines = by_line((comment.suppression, comment) for comment in result.comments)
    new = [
        finding
        for finding in result.findings
        if not standing.take(finding)
        or any(comment.would_hide(finding) for comment in holding(lines, finding.span))
    ]
    open_ = [
        each
        for each in result.undecided
        if not (zones := befores.get(each.zone, [each.zone]))
        or any(not doubts.issuperset(_doubt(each, zone)) for zone in zones)
    ]
    unread = {
        (zone, _what(each))
        for each in result.undecided
        if _is_unread(each)
        for zone in befores.get(each.zone, [each.zone])
    }
    open_ += (
        replace(each, missing=tuple(f"what goes: {what}" for what in each.missing))
        for each in before.undecided
        if _is_unread(each) and (each.zone, _what(each)) not in unread
    )
    return replace(result, findings=new, undecided=open_), len(result.findings) - len(new)


def _is_unread(undecided: Undecided) -> bool:
    """Whether it says of records that they were not read."""
    return undecided.zone.name == NOT_READ


def _what(undecided: Undecided) -> str:
    """What was not read, however many there are of it."""
    return "".join(undecided.missing).partition(",")[0]


def _doubt(undecided: Undecided, zone: ZoneId) -> Iterator[tuple[object, ...]]:
    """What tells an undecided from others, thing by thing that is missing."""
    for each in undecided.missing or ("",):
        yield zone, undecided.code, undecided.owner, *sameness(each)
