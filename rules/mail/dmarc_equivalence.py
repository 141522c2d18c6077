"""What a DMARC record asks of receivers, and whether another text asks the same.

Both standards count: RFC 9989, and RFC 7489, which many receivers still follow.
"""

from __future__ import annotations

from bisect import bisect_left

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.tags.dmarc import Alignment, DmarcRecord, Policy, Reading, is_dmarc, parse

_BREAKING = {FaultKind.SYNTAX, FaultKind.NON_ASCII, FaultKind.VERSION, FaultKind.DUPLICATE}
"""Faults behind which receivers do not agree on what the tag says."""
_REPORTING = {"rua", "ruf", "fo", "rf", "ri"}
"""Tags that mail flow does not depend on."""


def is_harmless(before: DmarcRecord, text: str) -> bool:
    """Whether mail flow cannot change when the record gets this text.

    The policies of the domain, its subdomains and names that do not exist must stay the same, the
    alignment and the reports too. A record that receivers do not agree on is the same as no other.
    """
    after = parse(text)
    if not is_dmarc(text) or not is_dmarc(before.text) or _is_doubtful(before):
        return False
    return (
        all(_flow(before, reading) == _flow(after, reading) for reading in Reading)
        and _alignment(before) == _alignment(after)
        and _reports(before) == _reports(after)
    )


def is_harmless_below(before: DmarcRecord, text: str) -> bool:
    """As `is_harmless`, of a record that covers its own domain alone and no name below."""
    after = parse(text)
    return (
        not _is_doubtful(before)
        and all(_flow(before, r)[0] == _flow(after, r)[0] for r in Reading)
        and _alignment(before) == _alignment(after)
        and _reports(before) == _reports(after)
    )


def without_policy(record: DmarcRecord) -> str:
    """What receivers do with a record whose policy they cannot read (RFC 9989 §4.10.1)."""
    if record.has_usable_rua:
        return "receivers treat the whole record as p=none"
    return "receivers apply no DMARC at all"


def visible(text: str) -> str | None:
    """The text with the version that makes receivers see it; None where that cannot be told.

    The other tags become readable with it, where the same slip runs through the whole record.
    """
    record = parse(parse(text).correcting(FaultKind.NON_ASCII))
    mended = parse(record.with_version_first()).correcting(FaultKind.SYNTAX)
    return mended if is_dmarc(mended) else None


def _is_doubtful(record: DmarcRecord) -> bool:
    """Whether a fault breaks more than a tag that mail flow does not depend on.

    A tag that appears twice may have the whole record discarded, whichever it is.
    """
    around = Around(record)
    return any(
        fault.kind is FaultKind.DUPLICATE
        or (fault.kind in _BREAKING and not _REPORTING.issuperset(around.names(fault)))
        for fault in record.faults
    )


class Around:
    """Tells which tags stand around the faults of a record."""

    def __init__(self, record: DmarcRecord) -> None:
        self._text = record.text
        self._tags = record.tags
        self._starts = [tag.start for tag in self._tags]
        self._names: dict[tuple[int, int], frozenset[str]] = {}

    def names(self, fault: Fault) -> frozenset[str]:
        """The tags between the two semicolons around a fault; `""` where there is none."""
        start = self._text.rfind(";", 0, fault.start) + 1
        end = self._text.find(";", fault.end)
        end = len(self._text) if end < 0 else end
        found = self._names.get((start, end))
        if found is None:
            first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
            found = frozenset(tag.name for tag in self._tags[first:last]) or frozenset({""})
            self._names[start, end] = found
        return found


def _flow(record: DmarcRecord, reading: Reading) -> tuple[Policy, Policy, Policy, int]:
    effective = record.effective(reading)
    domain, subdomains, nonexistent = (
        policy or Policy.NONE
        for policy in (effective.domain, effective.subdomains, effective.nonexistent)
    )
    enforces = (domain, subdomains, nonexistent) != (Policy.NONE,) * 3
    return domain, subdomains, nonexistent, effective.percent if enforces else 100


def _alignment(record: DmarcRecord) -> tuple[object, ...]:
    return (
        record.adkim or Alignment.RELAXED,
        record.aspf or Alignment.RELAXED,
        record.psd or "u",
        record.t or "n",
    )


def _reports(record: DmarcRecord) -> tuple[object, ...]:
    rua = frozenset(uri.uri for uri in record.rua if not uri.faults)
    ruf = frozenset(uri.uri for uri in record.ruf if not uri.faults)
    return rua, ruf, frozenset(record.fo or ("0",)) if ruf else frozenset()
