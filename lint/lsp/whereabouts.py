"""Where something is shown that is said of an owner, not of a stretch of text."""

from __future__ import annotations

from collections.abc import Sequence

from zonelint.grammars.zone import TEXT_TYPES, Record, Span, Zone
from zonelint.rules.core.rule import Rule, Step


def place_of(zone: Zone, owner: str, rule: Rule, missing: Sequence[str]) -> Span:
    """The term that names what is missing, else the record of the rule's kind, else the zone."""
    label = getattr(rule.about or rule.on, "example_owner", "@")
    there = [
        record for each in (f"{label}.{owner}", owner) for held in zone.at(each) for record in held
    ]
    records = sorted(
        there or zone.get(zone.origin, "SOA") or (), key=lambda each: not _is_meant(each, rule)
    )
    terms = (term for record in records if (term := _term(record, missing)) is not None)
    first = records[0].rdata_span if records else Span(zone.path, 1, 1, 1, 1)
    return next(terms, first)


def _is_meant(record: Record, rule: Rule) -> bool:
    """Whether it is of the kind that a rule speaks of, as far as the rule says."""
    if rule.step is Step.MAIL:
        return record.type == "MX"
    return record.type in TEXT_TYPES and record.text.value.lower().startswith("v=")


def _term(record: Record, missing: Sequence[str]) -> Span | None:
    """The first of the missing names that the record mentions."""
    value = (record.text.value if record.type in TEXT_TYPES else record.rdata).lower()
    for each in missing:
        name = each.removesuffix(".").lower()
        at = value.find(name) if name else -1
        if at >= 0 and record.type in TEXT_TYPES:
            return record.text.span(at, at + len(name))
        if at >= 0:
            return record.rdata_span
    return None
