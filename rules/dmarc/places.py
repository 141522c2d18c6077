"""Where DMARC records stand, and where those belong that stand at a place nobody asks."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.dmarc import looks_like_dmarc, parse
from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.zone import labels, parent, spoken
from zonelint.rules.context import Context
from zonelint.rules.subjects import Dmarc, MailZone, Txt

LABEL = "_dmarc."
_TELLING = ("p", "sp", "rua", "ruf", "adkim", "aspf")


def is_meant(txt: Txt) -> bool:
    """Whether a record that receivers do not see was meant to be a DMARC record.

    At ``_dmarc`` a single tag of DMARC's is enough to tell.
    """
    if "dmarc" in txt.features:
        return True
    if "at-dmarc" not in txt.features or "spf" in txt.features:
        return False
    record = parse(txt.value)
    return any(record.has(name) for name in _TELLING)


def rightful(owner: str, origin: str) -> str | None:
    """The owner at which a record belongs that stands at this one by mistake; None else.

    The mistakes: the apex, a misspelt label, ``_dmarc`` twice, the zone's name twice.
    """
    if owner == origin:
        return LABEL + origin
    twice = f".{spoken(origin)}.{origin}"
    if origin != "." and owner.endswith(twice):
        once = owner[: -len(origin)]
        if once.startswith(LABEL):
            return rightful(once, origin) or once
        return rightful(once, origin)
    if owner.startswith(LABEL):
        domain = owner.removeprefix(LABEL)
        while domain.startswith(LABEL):
            domain = domain.removeprefix(LABEL)
        return LABEL + domain if LABEL + domain != owner else None
    first = labels(owner)[0]
    return LABEL + parent(owner) if near_miss(first, ("_dmarc",)) is not None else None


def misplaced(zone: MailZone) -> Iterator[tuple[Dmarc | Txt, str]]:
    """The records that stand at a wrong owner, each with the owner at which it belongs.

    A record that a ``_dmarc`` alias of the run points to is in its place.
    """
    for found in _candidates(zone):
        place = rightful(found.owner, zone.origin)
        if place is not None and found.owner not in _aliased(zone.context):
            yield found, place


def lookalikes(zone: MailZone, owner: str) -> int:
    """How many TXT records at an owner are DMARC records or were meant to be."""
    known: dict[str, int] = zone.context.memo.setdefault(("dmarc.places", zone.origin), {})
    count = known.get(owner)
    if count is None:
        rrset = zone.zone.get(owner, "TXT")
        records = () if rrset is None else rrset.records
        count = known[owner] = sum(looks_like_dmarc(record.text.value) for record in records)
    return count


def _candidates(zone: MailZone) -> Iterator[Dmarc | Txt]:
    for found in zone.dmarc.values():
        yield from found
    for txt in zone.others:
        if "dmarc" in txt.features:
            yield txt


def _aliased(context: Context) -> frozenset[str]:
    """The names that aliases at ``_dmarc`` point to."""
    known: frozenset[str] | None = context.memo.get(("dmarc.places", "aliased"))
    if known is None:
        known = context.memo["dmarc.places", "aliased"] = frozenset(
            record.target
            for zone in context.zones
            for rrset in zone.zone.of_type("CNAME")
            if rrset.owner.startswith(LABEL)
            for record in rrset
        )
    return known
