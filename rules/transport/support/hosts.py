"""Names with an address, in whatever way their provider gives them one."""

from __future__ import annotations

from zonelint.rules.model.answers import FLATTENED, Status
from zonelint.rules.model.context import Context

_MAY_HAVE = (Status.RECORDS, Status.UNKNOWN)


def may_have_address(context: Context, name: str) -> bool:
    """Whether a name has an address, or may have one that this run does not see.

    Providers write a prefix of theirs before some types: `Route53Provider/ALIAS`.
    """
    types = context.types_at(name)
    if types is None or any(type.upper().endswith(FLATTENED) for type in types):
        return True
    held = (context.look(name, type) for type in ("A", "AAAA"))
    return any(each is not None and each.status in _MAY_HAVE for each in held)
