"""DMARC records that stand at a place where nobody asks, and those that were only meant to be."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.tags.dmarc import looks_like_dmarc, parse
from zonelint.rules.mail.dmarc_owner import place_of
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.subjects import Dmarc, MailZone, Txt

_TELLING = ("p", "sp", "rua", "ruf", "adkim", "aspf")


def is_meant(txt: Txt) -> bool:
    """Whether a record that receivers do not see was meant to be a DMARC record.

    At `_dmarc` a single tag of DMARC's is enough to tell.
    """
    if "dmarc" in txt.features:
        return True
    if "at-dmarc" not in txt.features or "spf" in txt.features:
        return False
    record = parse(txt.value)
    return any(record.has(name) for name in _TELLING)


def misplaced(zone: MailZone) -> Iterator[tuple[Dmarc | Txt, str]]:
    """The records that stand at a wrong owner, each with the owner at which it belongs.

    A record that a `_dmarc` alias of the run points to is in its place.
    """
    for found in _candidates(zone):
        place = place_of(found.owner, zone)
        if place is not None:
            yield found, place


@once_a_zone
def lookalikes(zone: MailZone, owner: str) -> int:
    """How many TXT records at an owner are DMARC records or were meant to be."""
    rrset = zone.zone.get(owner, "TXT")
    return sum(looks_like_dmarc(record.text.value) for record in rrset or ())


def _candidates(zone: MailZone) -> Iterator[Dmarc | Txt]:
    for found in zone.dmarc.values():
        yield from found
    for txt in zone.others:
        if "dmarc" in txt.features:
            yield txt
