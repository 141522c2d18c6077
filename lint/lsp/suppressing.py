"""A comment that accepts a finding, written where it holds for that finding and nothing else."""

from __future__ import annotations

from functools import partial

from zonelint.changes.silencing import add_comments, read_with
from zonelint.grammars.zone import Zone
from zonelint.lsp.edits import Texts
from zonelint.providers import writing
from zonelint.rules.core.finding import Finding


def suppressed(zone: Zone, finding: Finding) -> Texts | None:
    """The file with the comment; None where no line of the record can have one."""
    made = add_comments(zone, [finding], partial(read_with, zone))
    before = {source.path: source.text for source in writing.sources(zone)}
    if made.left or not made.texts:
        return None
    return {path: (before[path], text) for path, text in made.texts.items()}
