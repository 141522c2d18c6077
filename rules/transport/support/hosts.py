"""Names with an address, in whatever way their provider gives them one."""

from __future__ import annotations

from zonelint.rules.model.answers import ADDRESSES, FLATTENED, Status
from zonelint.rules.model.context import Context

_MAY_HAVE = (Status.RECORDS, Status.UNKNOWN)


def may_have_address(context: Context, name: str) -> bool:
    """Whether a name has an address, or may have one that this run does not see.

    Of names elsewhere the lock may know. Providers write a prefix of theirs before some types:
    `Route53Provider/ALIAS`.
    """
    types = context.types_at(name)
    if types is None or any(type.upper().endswith(FLATTENED) for type in types):
        return not all(context.answers.ask(name, type).is_void for type in ADDRESSES)
    return any(_may_have(context, name, type) for type in ADDRESSES)


def unknown_addresses(context: Context, name: str) -> tuple[str, ...]:
    """What would have to be known before it is certain that a name has an address, that may.

    What a provider looks up itself it has.
    """
    if any(type.upper().endswith(FLATTENED) for type in context.types_at(name) or ()):
        return ()
    answers = [context.answers.ask(name, type) for type in ADDRESSES]
    if any(answer.status is Status.RECORDS for answer in answers):
        return ()
    return tuple(dict.fromkeys(answer.missing for answer in answers if not answer.is_fact))


def _may_have(context: Context, name: str, type: str) -> bool:
    held = context.look(name, type)
    if held is None or held.alias is None:
        return held is not None and held.status in _MAY_HAVE
    # An alias, or a DNAME above the name (RFC 6672), is worth what it leads to.
    return not context.answers.ask(name, type).is_void
