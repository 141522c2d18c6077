"""`MailAuthMarkdown`: zonelint's summary of a sync, as Markdown for a pull request.

::

    manager:
      plan_outputs:
        zonelint:
          class: zonelint.providers.octodns.MailAuthMarkdown
          output_filename: zonelint.md   # without it, standard output

It tells what zonelint's validator and processor found in this run, of a run that they stop as well,
and which records of the plan zonelint adds. octoDNS's own `PlanMarkdown` may stand beside it.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from zonelint.grammars.zone import without_dot
from zonelint.providers.octodns import messages as told
from zonelint.providers.octodns.messages import Note
from zonelint.providers.replacing import refuse_other, replaced
from zonelint.rules.core.finding import Finding, Severity

from . import ending
from .judge import MailAuthException

_HEADING = "## zonelint"
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>|]")


class MailAuthMarkdown:
    """Writes the summary where octoDNS writes its plan."""

    def __init__(self, name: str, output_filename: str | None = None) -> None:
        """Raises MailAuthException where the file is not one to write: before anything is synced.

        A configuration names it, that a change may bring: it stays in the repository, unless it is
        what the pipeline itself gives for summaries.
        """
        self.name = name
        self.file = None if output_filename is None else Path(str(output_filename))
        if self.file is not None:
            with self._refusing():
                refuse_other(self.file, _is_ours, self._within)
        ending.write_at_end(name, lambda: self.run(()))

    def run(self, plans: Sequence[Any], fh: TextIO = sys.stdout, **_: Any) -> None:
        """Write the summary of every zone that zonelint saw; at the end, if it stopped the run."""
        ending.written(self.name)
        text = "".join(f"{line}\n" for line in lines(told.NOTES))
        if self.file is None:
            fh.write(text)
            return
        with self._refusing(), replaced(self.file, is_ours=_is_ours, within=self._within) as out:
            out.write(text)

    @property
    def _within(self) -> Path | None:
        """The folder in whose repository the file has to be; None where the pipeline names it."""
        given = os.environ.get("GITHUB_STEP_SUMMARY")
        return None if given and self.file == Path(given) else Path.cwd()

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise MailAuthException(
                f"zonelint: {self.name}: {self.file} cannot be written: {error.strerror}"
            ) from None


def lines(notes: dict[str, Note]) -> Iterator[str]:
    """The summary: a heading, the counts, and a part for every zone with more than advice."""
    yield _HEADING
    yield ""
    counts = Counter(f.severity for note in notes.values() for f in _all(note))
    said = [
        f"{counts[severity]} {severity}{'' if counts[severity] == 1 else 's'}"
        for severity in reversed(Severity)
        if counts[severity]
    ]
    open = sum(len(note.undecided) for note in notes.values())
    said += [f"{open} undecided"] if open else []
    yield f"{', '.join(said) or 'Nothing found'} in {len(notes)} zone{'s' * (len(notes) != 1)}."
    for origin, note in sorted(notes.items()):
        if any(map(_is_listed, _all(note))) or note.undecided or note.amendments:
            yield ""
            yield from _zone(origin, note)
    if counts[Severity.INFO]:
        yield ""
        yield "`zonelint check` shows findings of severity info."


def _zone(origin: str, note: Note) -> Iterator[str]:
    yield f"### {without_dot(origin)}"
    shown = list(filter(_is_listed, _all(note)))
    if shown:
        yield ""
        yield "| | Rule | Place | What is wrong |"
        yield "|--|--|--|--|"
        for finding in shown:
            yield (
                f"| {finding.severity} | {finding.code} | {_text(told.place(finding))} "
                f"| {_text(told.sentence(finding))} |"
            )
    if note.amendments:
        yield ""
        yield "Added by zonelint:" if note.applied else "Proposed by zonelint:"
        yield ""
        yield "```diff"
        for amendment in note.amendments:
            name = f"{without_dot(amendment.owner)} {amendment.type}"
            for sign, mine, other in (
                ("-", amendment.before, amendment.after),
                ("+", amendment.after, amendment.before),
            ):
                yield from (f"{sign} {name} {value}" for value in mine if value not in other)
        yield "```"
    for question in note.undecided:
        yield ""
        yield f"Undecided: {_text(question)}"


def _is_ours(beginning: bytes, _: bytes) -> bool:
    return beginning.startswith(f"{_HEADING}\n".encode())


def _all(note: Note) -> tuple[Finding, ...]:
    return (*note.changes, *note.findings)


def _is_listed(finding: Finding) -> bool:
    return finding.severity is not Severity.INFO


def _text(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
