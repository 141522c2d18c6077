"""How rules tell what the reader of a zone could not make a record of."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import ZoneFaultKind
from zonelint.rules.core.finding import Found
from zonelint.rules.model.subjects import MailZone


def report_faults(zone: MailZone, kind: ZoneFaultKind) -> Iterator[Found]:
    """One finding for each fault of the kind."""
    for fault in zone.written.faults:
        if fault.kind is kind:
            yield Found(
                fault.owner or zone.origin,
                fault.type or "",
                fault.span,
                fault.message.rstrip("."),
                fault.advice,
            )
