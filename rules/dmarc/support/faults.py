"""How rules tell the faults that the DMARC grammar found: one finding a fault, at its place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.rules.core.finding import Found
from zonelint.rules.dmarc.support.kept import keeps_written
from zonelint.rules.model.subjects import Dmarc


def report_faults(
    dmarc: Dmarc,
    kinds: Collection[FaultKind],
    advice: str,
    *,
    effect: Callable[[Fault], str] | None = None,
) -> Iterator[Found]:
    """One finding for each fault of these kinds, with the record in which they are mended.

    effect: what the fault does to mail, where the fault's own message does not say it.
    """
    faults = [fault for fault in dmarc.ast.faults if fault.kind in kinds]
    if not faults:
        return
    text = dmarc.ast.correcting(*kinds)
    keeps = keeps_written(dmarc.value, text)
    change = dmarc.rewrite(text, "the record as intended") if keeps else None
    for fault in faults:
        said = fault.message.rstrip(".")
        means = effect(fault) if effect is not None else ""
        yield dmarc.at(
            fault,
            f"{said}; {means}" if means else said,
            advice,
            change=None if fault.suggestion is None else change,
        )
