"""How rules tell the faults that the SPF grammar found: one finding a fault, at its place."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.repair import repaired
from zonelint.rules.core.finding import Found
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.joins import missing_blanks

PERMERROR = "receivers refuse the whole record with permerror, as if the domain had no SPF"


def report_faults(
    spf: Spf, kinds: Collection[FaultKind], advice: str, *, fixes: bool = True
) -> Iterator[Found]:
    """One finding for each fault of these kinds, with the record in which they are mended.

    A term that runs over the border of two character-strings without the blank it needs has no
    fault of its own: SPF005 tells that.
    """
    faults = [fault for fault in spf.ast.faults if fault.kind in kinds]
    if not faults:
        return
    joins = missing_blanks(spf.text.strings)
    whole = repaired(spf.value, faults) if fixes else None
    change = None if whole is None else spf.rewrite(whole, "the term as intended")
    for fault in faults:
        if any(fault.start <= join < _term_end(spf, fault) for join in joins):
            continue
        mended = change
        if mended is None and fixes and (text := repaired(spf.value, [fault])) is not None:
            mended = spf.rewrite(text, "the term as intended")
        yield spf.at(fault, f"{fault.message.rstrip('.')}; {PERMERROR}", advice, change=mended)


def _term_end(spf: Spf, fault: Fault) -> int:
    """Where the term ends that holds the fault."""
    return next((t.end for t in spf.ast.terms if t.start <= fault.start < t.end), fault.end)
