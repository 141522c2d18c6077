"""Reports from files, folders, Maildirs and mailboxes → `Evidence`, TLS and failure reports.

One bad file never ends the reading: it becomes a `Problem` that names it. A report delivered twice
counts once. Rows are added up as they are read, so that memory follows the traffic's variety and
not the number of reports. There is no cache: reading again costs less than judging whether what
was kept is still true.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from zonelint.providers.files import DISK, Files, NotRegular, Progress
from zonelint.providers.reports import failure, tls, unpack, xml
from zonelint.providers.reports.mail import looks_like_mail
from zonelint.providers.reports.problem import (
    NoteKind,
    ReportBudget,
    ReportError,
    ReportLimits,
    ReportNote,
    ReportProblem,
    ReportProblemKind,
)
from zonelint.providers.reports.unpack import DocumentKind, ReportDocument
from zonelint.rules.evidence.evidence import AggregateReport, Evidence, EvidenceBuilder
from zonelint.rules.evidence.transport import FailureReport, TlsReport

__all__ = [
    "Item",
    "NoteKind",
    "ReportLimits",
    "ReportNote",
    "ReportProblem",
    "ReportProblemKind",
    "ReportsRead",
    "read",
    "read_bytes",
]


_SUFFIXES = (".xml", ".gz", ".gzip", ".zip", ".eml", ".mbox")
_MAILDIR = ("cur", "new")
_HEAD = 16_384
_LINE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Item:
    """A report that was read: where it lay, and what was odd about it."""

    path: str
    members: tuple[str, ...]
    report: AggregateReport | TlsReport | FailureReport
    notes: tuple[ReportNote, ...] = ()

    @property
    def place(self) -> str:
        """Path and members in one text."""
        return " > ".join((self.path, *self.members))


Outcome = Item | ReportProblem


@dataclass(frozen=True, slots=True)
class ReportsRead:
    """What a run over files gave."""

    evidence: Evidence
    problems: tuple[ReportProblem, ...]
    notes: tuple[ReportNote, ...]
    duplicates: tuple[str, ...]
    """Places of reports that had been read already."""
    tls: tuple[TlsReport, ...] = ()
    failures: tuple[FailureReport, ...] = ()

    @property
    def proof(self) -> Evidence | None:
        """What the aggregate reports prove; None where none was read."""
        return self.evidence if self.evidence.reports else None

    @property
    def nothing_read(self) -> bool:
        """There was something to read, and not one report came of it."""
        return not (self.evidence.reports or self.tls or self.failures) and bool(self.problems)


def read(
    paths: Iterable[str | os.PathLike[str]],
    *,
    domains: Collection[str] | None = None,
    limits: ReportLimits | None = None,
    progress: Progress | None = None,
    before: Files = DISK,
) -> ReportsRead:
    """Read every report under *paths* and add them up.

    What a change since *before* adds, alters or deletes counts as it was there.
    With *domains*, a report about none of them, nor a name below or above one, is named and
    skipped.
    Nothing is raised for bad input; see `problems`.
    """
    builder = EvidenceBuilder()
    problems: list[ReportProblem] = []
    notes: list[ReportNote] = []
    duplicates: list[str] = []
    of_tls: dict[tuple[object, ...], TlsReport] = {}
    failures: list[FailureReport] = []
    found = _find_files(paths, before)
    if progress is not None:
        progress(0, len(found))
    for done, file in enumerate(found, 1):
        for outcome in _from_file(file, limits or ReportLimits(), domains):
            match outcome:
                case ReportProblem():
                    problems.append(outcome)
                case Item(report=FailureReport() as report):
                    failures.append(report)
                case Item(report=TlsReport() as report):
                    if of_tls.setdefault(report.identity, report) is not report:
                        duplicates.append(outcome.place)
                case Item(report=AggregateReport() as report) if builder.add(report):
                    notes.extend(outcome.notes)
                case _:
                    duplicates.append(outcome.place)
        if progress is not None:
            progress(done, len(found))
    return ReportsRead(
        builder.build(),
        tuple(problems),
        tuple(notes),
        tuple(duplicates),
        tuple(of_tls.values()),
        tuple(failures),
    )


def read_bytes(
    data: bytes,
    path: str,
    *,
    domains: Collection[str] | None = None,
    limits: ReportLimits | None = None,
) -> Iterator[Outcome]:
    """The reports in *data*, which is a file's content (not an mbox) named *path* in messages."""
    budget = ReportBudget(limits or ReportLimits())
    wanted = None if domains is None else {name.rstrip(".").lower() for name in domains}
    for document in unpack.documents(data, budget):
        try:
            if isinstance(document, unpack.Failure):
                raise document.error
            item = _item(path, document, budget)
            if wanted is not None and (other := _other(item, wanted)) is not None:
                raise ReportError(ReportProblemKind.OTHER_DOMAIN, detail=other)
            yield item
        except ReportError as error:
            yield ReportProblem(path, error.kind, document.members, error.line, error.detail)


def _item(path: str, document: ReportDocument, budget: ReportBudget) -> Item:
    """Read a report of whatever kind. Raises ReportError."""
    members = document.members
    if document.kind is DocumentKind.TLS:
        return Item(path, members, tls.parse(document.data))
    if document.kind is DocumentKind.FAILURE:
        return Item(path, members, failure.parse(document.data))
    parsed = xml.parse(document.data, budget)
    notes = tuple(ReportNote(path, kind, members, rows) for kind, rows in parsed.notes.items())
    return Item(path, members, parsed.report, notes)


def _other(item: Item, wanted: Collection[str]) -> str | None:
    """The domain of a report that is about none of those that are wanted."""
    report = item.report
    if isinstance(report, TlsReport):
        domains = [policy.domain for policy in report.policies]
    else:
        domains = [report.domain]
    pairs = ((domain, name) for domain in domains for name in wanted)
    is_wanted = any(xml.inside(one, other) or xml.inside(other, one) for one, other in pairs)
    return None if is_wanted else domains[0]


# -- files ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _File:
    """A file to look at. One that was not *named* is ignored when it is nothing like a report."""

    path: str
    named: bool
    missing: bool = False
    files: Files = DISK


def _find_files(paths: Iterable[str | os.PathLike[str]], before: Files = DISK) -> list[_File]:
    """The files under *paths* in order, each once; folders are searched.

    Symbolic links to folders are not followed. Hidden folders are left alone, except those of a
    Maildir (`.Reports/cur`), whose `tmp` is left alone too.
    """
    found: dict[str, _File] = {}
    for given in paths:
        path = os.fspath(given)
        kept = list(_files_at(path, DISK))
        if before.altered(path):
            there = (file for file in _files_at(path, before) if before.is_altered(file.path))
            kept = [file for file in kept if not _is_altered(file.path, before)] + list(there)
        for file in kept:
            if file.named or file.path not in found:
                found[file.path] = file
        if not kept and not Path(path).is_dir() and not before.exists(path):
            found[path] = _File(path, named=True, missing=True)
    return list(found.values())


def _is_altered(path: str, before: Files) -> bool:
    """Whether a change adds or alters a file, or a link on the way to it."""
    return before.is_altered(path) or any(map(before.is_altered, Path(path).parents))


def _files_at(path: str, files: Files) -> Iterable[_File]:
    if files.is_dir(path):
        return [_File(name, named=False, files=files) for name in _walk(path, files)]
    is_there = files.exists(path) or files.is_link(path)
    return [_File(path, named=True, files=files)] if is_there else []


def _walk(top: str, files: Files) -> Iterator[str]:
    for folder, folders, names in files.walk(top):
        maildir = "cur" in folders and "new" in folders
        folders[:] = sorted(
            name
            for name in folders
            if not (maildir and name == "tmp")
            and (not name.startswith(".") or _is_maildir(Path(folder, name), files))
        )
        for name in sorted(names):
            if not name.startswith("."):
                yield str(Path(folder, name))


def _is_maildir(path: Path, files: Files) -> bool:
    return any(files.is_dir(path / name) for name in _MAILDIR)


def _from_file(
    file: _File, limits: ReportLimits, domains: Collection[str] | None
) -> Iterator[Outcome]:
    if file.missing:
        yield ReportProblem(file.path, ReportProblemKind.NOT_FOUND)
        return
    try:
        with file.files.open(file.path) as stream:
            yield from _from_stream(file, stream, limits, domains)
    except NotRegular:
        if file.named:
            yield ReportProblem(file.path, ReportProblemKind.NOT_REGULAR)
    except OSError:
        yield ReportProblem(file.path, ReportProblemKind.UNREADABLE)


def _from_stream(
    file: _File, stream: BinaryIO, limits: ReportLimits, domains: Collection[str] | None
) -> Iterator[Outcome]:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    head = stream.read(_HEAD)
    is_mbox = head.startswith(b"From ")
    if not _worth_reading(file, head):
        return
    if size > (limits.mbox_size if is_mbox else limits.file_size):
        yield ReportProblem(file.path, ReportProblemKind.TOO_LARGE)
    elif is_mbox:
        stream.seek(0)
        yield from _from_mbox(file.path, stream, domains, limits)
    else:
        # One byte more than the bound: a file may grow while it is read.
        data = head + stream.read(limits.file_size + 1 - len(head))
        if len(data) > limits.file_size:
            yield ReportProblem(file.path, ReportProblemKind.TOO_LARGE)
            return
        for outcome in read_bytes(data, file.path, domains=domains, limits=limits):
            if _expected(file) or not _tells_of_none(outcome):
                yield outcome


def _tells_of_none(outcome: Outcome, *more: ReportProblemKind) -> bool:
    """Whether an outcome is that a whole file holds no report."""
    kinds = (ReportProblemKind.NO_REPORT, *more)
    return isinstance(outcome, ReportProblem) and not outcome.members and outcome.kind in kinds


def _from_mbox(
    path: str, stream: BinaryIO, domains: Collection[str] | None, limits: ReportLimits
) -> Iterator[Outcome]:
    """The reports of an mbox (RFC 4155), mail by mail; mails without a report are passed over."""
    found = False
    for number, mail in enumerate(_mails(stream, limits.file_size), 1):
        name = f"mail {number}"
        if mail is None:
            found = True
            yield ReportProblem(path, ReportProblemKind.TOO_LARGE, (name,))
            continue
        for outcome in read_bytes(mail, path, domains=domains, limits=limits):
            if not _tells_of_none(outcome, ReportProblemKind.EMPTY):
                found = True
                yield _below(name, outcome)
    if not found:
        yield ReportProblem(path, ReportProblemKind.NO_REPORT)


def _below(name: str, outcome: Outcome) -> Outcome:
    """*outcome*, found inside the member *name*."""
    if not isinstance(outcome, Item):
        return replace(outcome, members=(name, *outcome.members))
    return replace(
        outcome,
        members=(name, *outcome.members),
        notes=tuple(replace(note, members=(name, *note.members)) for note in outcome.notes),
    )


def _mails(stream: BinaryIO, bound: int) -> Iterator[bytes | None]:
    """The mails without their separator lines; None for one larger than *bound* bytes."""
    lines: list[bytes] = []
    size = 0
    blank = True
    begun = False
    while line := stream.readline(_LINE):
        if blank and line.startswith(b"From "):
            if begun:
                yield b"".join(lines) if size <= bound else None
            lines, size, begun = [], 0, True
        else:
            size += len(line)
            if size <= bound:
                lines.append(line)
            else:
                lines.clear()
        blank = line in (b"\n", b"\r\n")
    if begun:
        yield b"".join(lines) if size <= bound else None


def _expected(file: _File) -> bool:
    """Whether somebody means this file to hold a report: by naming it, or by its suffix."""
    return file.named or file.path.lower().endswith(_SUFFIXES)


def _worth_reading(file: _File, head: bytes) -> bool:
    return (
        _expected(file)
        or unpack.looks_packed(head)
        or unpack.looks_like_report(head)
        or looks_like_mail(head)
    )
