"""Names with an address, in whatever way their provider gives them one."""

from __future__ import annotations

from zonelint.grammars.zone import Answered
from zonelint.rules.context import Context

_ALIASES = ("ALIAS", "ANAME")
"""What providers call a record that stands for another name's addresses, with a prefix of theirs
or without: ``Route53Provider/ALIAS``."""


def may_have_address(context: Context, name: str) -> bool:
    """Whether a name has an address, or may have one that this run does not see."""
    if any(
        context.answer(name, type)[0] in (Answered.RECORDS, Answered.ELSEWHERE)
        for type in ("A", "AAAA")
    ):
        return True
    zone = context.zone_of(name)
    return zone is not None and any(
        rrset.type.upper().endswith(_ALIASES) for rrset in zone.zone.at(name)
    )
