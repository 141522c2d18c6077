"""A finding's change as replacements of source text, for formats and editors that apply it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from zonelint.formats.report import TextEdit
from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.masterfile.tokens import SourceText
from zonelint.grammars.zone import Zone
from zonelint.providers.writing import EditError, changed, homes
from zonelint.providers.zonefile.edit import splices
from zonelint.rules.core.change import Change
from zonelint.rules.core.finding import Finding
from zonelint.rules.offers.amended import Replacement, differing, shared_ends

MOST_COMPARED = 2000
"""Lines that differ up to which they are matched with each other; beyond, they are one edit."""

_LINE_BREAK = re.compile(r"\r\n?|\n")


MOST_READ_AGAIN = 5_000_000
"""Characters that the edits of one report may cost where a zone is read again for each of them:
some ten seconds. Findings beyond have no edits; `--fix` makes their changes all the same."""


def maker(zones: Sequence[Zone]) -> Callable[[Finding], Sequence[TextEdit]]:
    """A function that gives a finding's edits: none where its change cannot be made in place."""
    left = MOST_READ_AGAIN

    home = homes(zones)

    def edits(finding: Finding) -> Sequence[TextEdit]:
        nonlocal left
        zone = None if finding.change is None else home(finding)
        if finding.change is None or zone is None:
            return ()
        if isinstance(zone, MasterZone):
            return _spliced(zone, finding.change)
        left -= sum(len(source.text) for source in getattr(zone, "texts", ()))
        return _compared(zone, finding.change) if left >= 0 else ()

    return edits


def _spliced(zone: MasterZone, change: Change) -> Sequence[TextEdit]:
    """The edits of a zone file, in the order of the source."""
    try:
        made = splices(zone, change.edits)
    except EditError:
        return ()
    return [
        TextEdit(source.span(splice.start, splice.end), splice.after)
        for source, listed in made.items()
        for splice in sorted(listed, key=lambda splice: splice.start)
    ]


def _compared(zone: Zone, change: Change) -> Sequence[TextEdit]:
    """The edits of a zone whose editor gives whole texts."""
    try:
        texts = changed(zone, change.edits, bump_serial=False).texts
    except EditError:
        return ()
    made = []
    for path, (before, after) in texts.items():
        # Columns count from behind a byte-order mark.
        source = SourceText(path, before.removeprefix("\ufeff"))
        made += [
            TextEdit(source.span(start, stop), text)
            for start, stop, text in replacements(source.text, after.removeprefix("\ufeff"))
        ]
    return made


# ---- two texts, compared ------------------------------------------------------------------------


def replacements(before: str, after: str) -> Iterator[Replacement]:
    """What makes one text of the other, as small as it can be with lines that stay as they are."""
    old = lines_with_ends(before)
    new = lines_with_ends(after)
    starts = list(accumulate(map(len, old), initial=0))
    for first, last, begin, end in differing(old, new, MOST_COMPARED):
        text = "".join(new[begin:end])
        replaced = "".join(old[first:last])
        head, tail = shared_ends(replaced, text)
        yield Replacement(starts[first] + head, starts[last] - tail, text[head : len(text) - tail])


def lines_with_ends(text: str) -> list[str]:
    """The lines of a text as Spans and LSP count them; the last one has no end, and may be ""."""
    found = []
    start = 0
    for end in _LINE_BREAK.finditer(text):
        found.append(text[start : end.end()])
        start = end.end()
    return [*found, text[start:]]
