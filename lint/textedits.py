"""A finding's change as replacements of source text, for formats and editors that apply it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from zonelint.formats.report import TextEdit
from zonelint.grammars.masterfile import MasterZone
from zonelint.grammars.zone import Zone
from zonelint.rules.finding import Finding


def maker(zones: Sequence[Zone]) -> Callable[[Finding], Sequence[TextEdit]]:
    """A function that gives a finding's edits: none where its change cannot be made in place."""

    def edits(finding: Finding) -> Sequence[TextEdit]:
        return of(finding, zones)

    return edits


def of(finding: Finding, zones: Sequence[Zone]) -> Sequence[TextEdit]:
    """The replacements that make the finding's change, in the order of the source."""
    change = finding.change
    zone = None if change is None else _zone_of(finding, zones)
    if change is None or zone is None:
        return ()
    from zonelint.providers.zonefile_edit import EditError, splices

    try:
        made = splices(zone, change.edits)
    except EditError:
        return ()
    return [
        TextEdit(source.span(splice.start, splice.end), splice.after)
        for source, listed in made.items()
        for splice in sorted(listed, key=lambda splice: splice.start)
    ]


def _zone_of(finding: Finding, zones: Sequence[Zone]) -> MasterZone | None:
    """The zone file that the finding stands in; a zone may be there more than once."""
    path = finding.span.path
    for zone in zones:
        if isinstance(zone, MasterZone) and path in {
            source.path for source in (zone.source, *zone.included)
        }:
            return zone
    return None
