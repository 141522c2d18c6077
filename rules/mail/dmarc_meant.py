"""Records that were meant to be DMARC: what is wrong with them beside what hides them."""

from __future__ import annotations

from dataclasses import dataclass

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.tags.dmarc import DmarcRecord, is_torn, parse
from zonelint.rules.core.change import Change
from zonelint.rules.model.subjects import Dmarc, Txt

_KINDS = (
    FaultKind.SYNTAX,
    FaultKind.REPORT_URI,
    FaultKind.POLICY_VALUE,
    FaultKind.TAG_VALUE,
    FaultKind.DUPLICATE,
)


class MeantDmarc(Dmarc):
    """A record at `_dmarc` that receivers do not see, read as the DMARC that it was meant to be.

    Its features are the faults that it would have with the right version, and no others: only the
    rules about those are asked. It offers no change, for what is offered has to mend the version.
    """

    __slots__ = ()

    def rewrite(self, text: str, reason: str, *, safe: bool = False) -> Change | None:
        return None


@dataclass(frozen=True, slots=True, eq=False)
class _HiddenRecord(DmarcRecord):
    """A record of which only the faults count that it would have with the right version."""

    left: tuple[Fault, ...] = ()

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self.left


def as_meant(txt: Txt) -> MeantDmarc | None:
    """The record that a text was meant to be; None where its version is all that is wrong."""
    if not {"dmarc", "at-dmarc"} <= txt.features or txt.owner in txt.zone.dmarc:
        return None
    if is_torn(txt.text.strings):
        return None
    seen = parse(parse(parse(txt.value).correcting(FaultKind.NON_ASCII)).with_version_first())
    left = {(fault.kind, seen.text[fault.start : fault.end]) for fault in seen.faults}
    record = parse(txt.value)
    faults = tuple(
        fault
        for fault in record.faults
        if fault.kind in _KINDS and (fault.kind, txt.value[fault.start : fault.end]) in left
    )
    if not faults:
        return None
    hidden = _HiddenRecord(
        record.text, record.pieces, record.shape, record.origin, record.cleaning, left=faults
    )
    features = frozenset(f"fault:{fault.kind.value}" for fault in faults)
    return MeantDmarc(txt.record, txt.value, txt.zone, features, hidden)
