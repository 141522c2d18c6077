"""A comment that accepts a finding, written where it holds for that finding and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import Suppression, Zone
from zonelint.lsp import editor_buffers as overlay
from zonelint.lsp.document import key_of
from zonelint.lsp.edits import Texts
from zonelint.providers.zonefile.edit import contents
from zonelint.providers.zonefile.reader import Origins
from zonelint.rules.core.finding import Finding


def suppressed(zone: Zone, finding: Finding, origins: Origins) -> Texts | None:
    """The file with the comment; None where no line of the record can have one.

    Every attempt is read again: the records must be the same, and the comment must hold.
    """
    path = finding.span.path
    source = next((each for each in overlay.sources_of(zone) if each.path == path), None)
    if source is None:
        return None
    for text in _attempts(zone, source, finding):
        after = overlay.again(zone, {key_of(path): text}, origins)
        if (
            not isinstance(after, overlay.Trouble)
            and len(after.faults) <= len(zone.faults)
            and contents(after) == contents(zone)
            and any(_names(each, finding) for each in after.suppressions)
        ):
            return {path: (source.text, text)}
    return None


def _attempts(zone: Zone, source: SourceText, finding: Finding) -> Iterator[str]:
    text, starts = source.text, source.starts()
    for comment in zone.suppressions:
        if comment.code_spans and _holds(comment, finding):
            last = comment.code_spans[-1]
            at = starts[last.end_line - 1] + last.end_column - 1
            yield f"{text[:at]}, {finding.code}{text[at:]}"
    mark = ";" if isinstance(zone, MasterZone) else "#"
    for line in dict.fromkeys((finding.span.line, *_lines(zone, finding))):
        end = starts[line] if line < len(starts) else len(text)
        written = text[starts[line - 1] : end].rstrip()
        at = starts[line - 1] + len(written)
        broken = text[at:end].lstrip(" \t")
        yield f"{text[:at]}  {mark} noqa: {finding.code}{broken}{text[end:]}"


def _lines(zone: Zone, finding: Finding) -> Iterator[int]:
    """Other lines of the finding and its record: inside a long text no comment can stand."""
    place = finding.span
    yield place.end_line
    for rrset in zone.at(finding.owner):
        for record in rrset:
            span = record.span
            if span.path == place.path and span.line <= place.line <= span.end_line:
                yield from (span.end_line, record.rdata_span.line, span.line)


def _holds(comment: Suppression, finding: Finding) -> bool:
    place = finding.span
    return comment.span.path == place.path and comment.first_line <= place.line <= comment.last_line


def _names(comment: Suppression, finding: Finding) -> bool:
    return _holds(comment, finding) and finding.code in (comment.codes or ())
