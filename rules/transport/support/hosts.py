"""Names with an address, in whatever way their provider gives them one."""

from __future__ import annotations

from zonelint.grammars.zone import Answered
from zonelint.rules.model.answers import FLATTENED
from zonelint.rules.model.context import Context


def may_have_address(context: Context, name: str) -> bool:
    """Whether a name has an address, or may have one that this run does not see.

    Providers write a prefix of theirs before some types: ``Route53Provider/ALIAS``.
    """
    if any(
        context.answer(name, type)[0] in (Answered.RECORDS, Answered.ELSEWHERE)
        for type in ("A", "AAAA")
    ):
        return True
    zone = context.zone_of(name)
    return zone is not None and any(
        rrset.type.upper().endswith(FLATTENED) for rrset in zone.zone.at(name)
    )
