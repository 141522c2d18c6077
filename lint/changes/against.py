"""The other side of ``check --against``: the zones before, and what the change brings.

The other side is a path or a Git revision. Zones are compared by their origins, findings by their
code, owner, type and message, so that a file may move and a line may shift.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from zonelint.status import RunRefused

if TYPE_CHECKING:
    from zonelint.changes.gitfiles import Commit
    from zonelint.formats.report import Problem, Report
    from zonelint.grammars.zone import Zone
    from zonelint.rules.core.engine import Result
    from zonelint.rules.core.finding import Finding
    from zonelint.rules.evidence.replay import Replay
    from zonelint.rules.mail.meaning import Meaning
    from zonelint.rules.model.answers import Source
    from zonelint.run.config import Config
    from zonelint.run.judging import Judge

_STDIN = "-"
_LOCK = "zonelint.lock"
_WEAKENED = "PHASE002"
_GONE = "the zone, which is gone"


class AgainstRefused(RunRefused):
    """There is no such other side. The message is for the user."""


@dataclass(frozen=True, slots=True)
class OtherSide:
    """The zones before the change.

    name: the path or revision, as given. problems: what of it could not be read. outside: what
    was known of the DNS outside the zones. files: what the files that the configuration names
    said, by the path written there. is_whole: a zone that is here only is gone: the run reads the
    same place.
    """

    name: str
    zones: Sequence[Zone]
    problems: Sequence[Problem] = ()
    outside: tuple[Source, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = False


def read(
    name: str,
    paths: Sequence[str],
    config: Config | None,
    *,
    origin: str | None = None,
    stdin_filename: str | None = None,
) -> OtherSide:
    """The other side of the zones that a run reads. Raises AgainstRefused.

    paths: what the run reads, or () where the config's zones or the current folder are read.
    """
    from zonelint.changes.gitfiles import GitRefused, commit

    is_path = os.path.lexists(name)
    near = _folder(paths[0] if paths and paths[0] != _STDIN else ".")
    try:
        found = commit(name, near)
    except GitRefused as error:
        if is_path:
            return _of_path(name, paths, origin)
        raise AgainstRefused(str(error)) from None
    if is_path and found is not None:
        raise AgainstRefused(
            f"{name} is a path and a Git revision; write ./{name} for the path, "
            f"heads/{name} or {name}^0 for the revision"
        )
    if is_path:
        return _of_path(name, paths, origin)
    if found is None:
        raise AgainstRefused(
            f"{name} is neither a path nor a revision that this repository knows; a shallow clone "
            "has only the latest ones"
        )
    try:
        return _of_commit(found, paths, config, origin, stdin_filename)
    except GitRefused as error:
        raise AgainstRefused(str(error)) from None


def _folder(path: str) -> Path:
    given = Path(path)
    return given if given.is_dir() else given.parent


def _of_path(name: str, paths: Sequence[str], origin: str | None) -> OtherSide:
    from zonelint.run import sources

    read = sources.read([name], origin=origin)
    if read.problems:
        raise AgainstRefused("; ".join(str(problem) for problem in read.problems))
    outside = _lock_at(Path(name, _LOCK))
    # A file of one side and a folder of the other need not hold the same zones.
    alike = len(paths) < 2 and all(Path(each).is_dir() for each in (name, *paths))
    return OtherSide(name, read.zones, outside=outside, is_whole=alike)


def _of_commit(
    commit: Commit,
    paths: Sequence[str],
    config: Config | None,
    origin: str | None,
    stdin_filename: str | None,
) -> OtherSide:
    from zonelint.changes.gitfiles import is_under
    from zonelint.formats.report import Problem
    from zonelint.run import sources
    from zonelint.run.config import zone_paths

    base = None if config is None else commit.inside(config.folder)
    globs = () if paths or config is None else config.intent.zones
    if globs and base is None:
        raise AgainstRefused(f"{config and config.folder}: this is not in Git's {commit.root}")
    wanted = _wanted(commit, paths, globs, base or "", stdin_filename)
    beside = _companions(commit, paths or (zone_paths(config) if config and globs else ()))

    def only(path: str) -> bool:
        named = not globs or any(fnmatch(path.rpartition("/")[2], _last(g)) for g in globs)
        return named or any(path.startswith(f"{folder}/") for folder in beside)

    with commit.laid_out([*wanted, *beside], only) as top:
        there = [str(top / inner) for inner in wanted if (top / inner).exists()]
        if globs:
            there = _globbed(top / (base or ""), globs)
        read = sources.read(
            there,
            origin=origin,
            origins=config.intent.origins if config else None,
            base=str(top / (base or "")),
            intent=None if config is None else config.intent,
        )
        outside = [zone.path for zone in read.zones if not _is_inside(zone.path, top)]
        if outside:
            raise AgainstRefused(
                f"the octoDNS configuration names {outside[0]} by a path that no revision has; "
                "make the provider's directory relative"
            )
        # That a folder held no zone yet is no fault: all that is there now is new.
        problems = [each for each in read.problems if not Path(each.path).is_dir()]
        shown = [
            Problem(f"{commit.name}:{os.path.relpath(p.path, top)}", p.message) for p in problems
        ]
    shown += [
        Problem(
            f"{commit.name}:{path}",
            "This is a Git submodule, so the revision does not hold its files, and all zones in it "
            "count as new; check it from its own folder.",
        )
        for path in commit.submodules
        if is_under(path, set(wanted)) or path in wanted
    ]
    lock = _LOCK if config is None else config.intent.lock
    inner = commit.inside((config.folder if config else Path()) / lock)
    text = None if inner is None else commit.text(inner)
    return OtherSide(
        commit.name,
        read.zones,
        shown,
        () if text is None else _lock(text),
        _policies(commit, config),
        is_whole=True,
    )


def _policies(commit: Commit, config: Config | None) -> dict[str, str]:
    """The MTA-STS policy files of the commit; one that was not there says nothing."""
    from zonelint.run import lockfiles

    found: dict[str, str] = {}
    for path in lockfiles.policy_paths(config).values():
        inner = None if config is None else commit.inside(config.folder / path)
        text = None if inner is None else commit.text(inner)
        if text is not None:
            found[path] = text
    return found


def _wanted(
    commit: Commit,
    paths: Sequence[str],
    globs: Sequence[str],
    base: str,
    stdin_filename: str | None,
) -> list[str]:
    """The paths of the repository that hold the zones, folders among them."""
    if globs:
        starts = (os.path.normpath(Path(base, _still(glob))) for glob in globs)
        return ["" if start == "." else start for start in starts]
    wanted = []
    for path in paths or (".",):
        named = stdin_filename if path == _STDIN else path
        if named is None:
            raise AgainstRefused(
                "standard input has no other side; tell the file's name with --stdin-filename"
            )
        inner = commit.inside(named)
        if inner is None:
            raise AgainstRefused(
                f"{named} is not in {commit.root}, the repository of {commit.name}"
            )
        wanted.append(inner)
    return list(dict.fromkeys(wanted))


def _is_inside(path: str, top: Path) -> bool:
    return Path(os.path.abspath(path)).is_relative_to(top)  # noqa: PTH100 - links stay


def _companions(commit: Commit, paths: Iterable[str]) -> list[str]:
    """What octoDNS's YAML needs beside it: the folders that a configuration names, say."""
    yaml = [path for path in paths if path.endswith((".yaml", ".yml"))]
    if not yaml:
        return []
    from zonelint.providers.octodns.yaml.find import companions

    inside = (commit.inside(path) for path in companions(yaml))
    return [path for path in inside if path is not None]


def _still(glob: str) -> str:
    """The folder that a glob starts from, or all of it where nothing in it varies."""
    parts = Path(glob).parts
    for number, part in enumerate(parts):
        if any(char in part for char in "*?["):
            return str(Path(*parts[:number]))
    return glob


def _last(glob: str) -> str:
    return glob.rpartition("/")[2] or "*"


def _globbed(folder: Path, globs: Sequence[str]) -> list[str]:
    import glob

    found = [
        str(folder / path)
        for pattern in globs
        for path in sorted(glob.glob(pattern, root_dir=folder, recursive=True))  # noqa: PTH207 - as the config's are found
    ]
    return list(dict.fromkeys(found))


def _lock(text: str) -> tuple[Source, ...]:
    """The lock as it was; one that cannot be read says nothing, and the present one is asked."""
    from zonelint.rules.model.lock import LockError, parse

    try:
        return (parse(text),)
    except LockError:
        return ()


def _lock_at(path: Path) -> tuple[Source, ...]:
    from zonelint.rules.model.lock import LockError
    from zonelint.run import lockfiles

    try:
        found = lockfiles.read(path)
    except LockError:
        return ()
    return () if found is None else (found,)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a change brings. result: the findings to report. standing: how many stood before."""

    result: Result
    standing: int
    meanings: Sequence[Meaning]
    replays: Sequence[Replay]

    def told_in(self, report: Report) -> Report:
        """The report, with what the change means."""
        return replace(report, standing=self.standing, meanings=self.meanings, replays=self.replays)


def compare(
    judge: Judge,
    zones: Sequence[Zone],
    result: Result,
    *,
    everything: bool = False,
    whole: bool = False,
) -> Comparison:
    """Judge the side before as well, and keep of the result what is new.

    everything: keep all of it, and only tell what the change means. whole: zones that only the
    side before has are gone.
    """
    from zonelint.rules.core.finding import Undecided
    from zonelint.rules.evidence.replay import replays
    from zonelint.rules.mail.meaning import Meaning, gone, meanings

    repository = judge.repository(zones)
    standing = 0
    if not everything:
        former = replace(
            judge, before=None, before_outside=(), outside=(*judge.before_outside, *judge.outside)
        )
        result, standing = _brought(result, former(judge.before or ()))
    lost = list(gone(repository)) if whole else []
    if lost and any(rule.code == _WEAKENED for rule in judge.rules):
        more = [Undecided(_WEAKENED, origin, (_GONE,)) for origin in lost]
        result = replace(result, undecided=[*result.undecided, *more])
    told = [*meanings(repository), *(Meaning(origin, is_gone=True) for origin in lost)]
    proved = [each for around in repository.contexts for each in replays(around)]
    return Comparison(result, standing, told, proved)


def _brought(result: Result, before: Result) -> tuple[Result, int]:
    """What a result holds that the result before did not; and how many findings were there."""
    known = {_same(found) for found in before.findings}
    undecided = {(each.code, each.owner, each.missing) for each in before.undecided}
    new = [finding for finding in result.findings if _same(finding) not in known]
    open_ = [
        each for each in result.undecided if (each.code, each.owner, each.missing) not in undecided
    ]
    return replace(result, findings=new, undecided=open_), len(result.findings) - len(new)


def _same(finding: Finding) -> tuple[str, str, str, str]:
    """What is equal for two findings of one fault on both sides."""
    return (finding.code, finding.owner, finding.type, finding.message)
