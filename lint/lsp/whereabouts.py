"""Where something is shown that is said of an owner, not of a stretch of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zonelint.grammars.zone import Record, Span, Text, Zone
from zonelint.rules.core.rule import Rule

_LABELS = {
    "DMARC": "_dmarc.",
    "PHASE": "_dmarc.",
    "STS": "_mta-sts.",
    "TLSRPT": "_smtp._tls.",
    "BIMI": "default._bimi.",
}
"""Where, below a domain, a family's records stand."""

_BEGINNINGS = {
    "SPF": "v=spf1",
    "DMARC": "v=dmarc1",
    "PHASE": "v=dmarc1",
    "STS": "v=stsv1",
    "TLSRPT": "v=tlsrptv1",
    "BIMI": "v=bimi1",
}
_TYPES = {"MX": ("MX",), "DANE": ("MX", "TLSA"), "DKIM": ("CNAME", "TXT"), "STS": ("TXT", "MX")}


def place_of(zone: Zone, owner: str, rule: Rule, missing: Sequence[str]) -> Span:
    """The term that names what is missing, else the record of the rule's kind, else the zone."""
    record = next(_records(zone, owner, rule), None)
    if record is None:
        return Span(zone.path, 1, 1, 1, 1)
    if record.type in ("TXT", "SPF"):
        return _term(record.text, missing) or record.rdata_span
    return record.rdata_span


def _records(zone: Zone, owner: str, rule: Rule) -> Iterator[Record]:
    """The records that could be meant, the likeliest first."""
    label = _LABELS.get(rule.family, "")
    owners = (owner, f"{label}{owner}") if label else (owner,)
    beginning = _BEGINNINGS.get(rule.family)
    if beginning is not None:
        for each in owners:
            for record in zone.get(each, "TXT") or ():
                if record.text.value.lower().startswith(beginning):
                    yield record
    for type in _TYPES.get(rule.family, ()):
        for each in owners:
            yield from zone.get(each, type) or ()
    for each in owners:
        for rrset in zone.at(each):
            yield from rrset
    yield from zone.get(zone.origin, "SOA") or ()


def _term(text: Text, missing: Sequence[str]) -> Span | None:
    """The first of the missing names that the text mentions."""
    value = text.value.lower()
    for each in missing:
        name = each.removesuffix(".").lower()
        at = value.find(name) if name else -1
        if at >= 0:
            return text.span(at, at + len(name))
    return None
