"""Whether the mail of a zone can be signed with DKIM, as far as the zones of the run tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from zonelint.grammars.tags import dkim
from zonelint.grammars.tags.dmarc import Alignment, DmarcRecord
from zonelint.grammars.zone import is_below, parent, without_dot
from zonelint.rules.mail.behind import redirected_names
from zonelint.rules.mail.meaning import key_state, selectors
from zonelint.rules.mail.organisation import by_suffix, ends_open
from zonelint.rules.model.answers import LONGEST_CHAIN, Answer, held_by
from zonelint.rules.model.context import Context, once_a_run, once_a_zone
from zonelint.rules.model.facts import Fact
from zonelint.rules.model.subjects import MailZone, selector_of

_ITSELF = "_domainkey."


def signs(zone: MailZone) -> bool:
    """Whether the zone, or one of the run above or directly below it, has a DKIM key.

    In relaxed alignment the key of any name of the organisation counts.
    """
    if signs_itself(zone):
        return True
    context = zone.context
    above = zone.origin
    while above != ".":
        other = context.zone_of(parent(above))
        if other is None:
            break
        above = other.identity.name
        if _has_key_in(above, context):
            return True
    return any(_has_key_in(name, context) for name in (*zone.zone.cuts, _ITSELF + zone.origin))


def signs_itself(zone: MailZone) -> bool:
    """Whether the zone has a DKIM key, its own or one that a wildcard alias leads to."""
    return has_key(zone) or any(map(_holds_key, _behind_wildcards(zone)))


def _has_key_in(name: str, context: Context) -> bool:
    """Whether the zone of a name has a key."""
    return name in _signing(context) or name in context.telling(SIGNING, name)


@once_a_run
def _signing(context: Context) -> frozenset[str]:
    """The names of the zones that have a key."""
    return frozenset(context.facts(SIGNING))


def may_sign_in(name: str, context: Context) -> bool:
    """Whether the zone of a name has a key, as far as anybody knows it."""
    held = context.zone_of(name)
    return held is None or held.identity.name != name or _has_key_in(name, context)


def where_to_look(zone: MailZone, record: DmarcRecord) -> tuple[str, ...]:
    """What would have to be known before it is certain that nothing signs the mail.

    The keys of a zone below an organisational domain may stand in the zone above.
    """
    if missing := keys_elsewhere(zone, zone.origin) or may_have_key(zone):
        return missing
    beside = zone.context.zone_of(_ITSELF + zone.origin)
    if beside is not None and beside.identity != zone.identity and not beside.complete:
        return (f"the zone {without_dot(beside.identity.name)}",)
    organisation = by_suffix(zone.origin)
    if record.adkim is Alignment.STRICT:
        return ()
    if ends_open(zone.origin):
        return (zone.origin,)
    if organisation == zone.origin:
        return ()
    return () if zone.context.zone_of(organisation) else (f"the zone {without_dot(organisation)}",)


def keys_elsewhere(zone: MailZone, domain: str) -> tuple[str, ...]:
    """What would have to be known before no more keys of a domain are certain in a zone."""
    unknown = [
        why
        for (owner, _), reasons in zone.zone.unknown.items()
        if "._domainkey." in owner and is_below(owner, domain)
        for why in reasons
    ]
    rest = [] if zone.zone.complete else [zone.zone.rest]
    return tuple(dict.fromkeys([*unknown, *rest]))


@once_a_zone
def has_key(zone: MailZone) -> bool:
    """Whether a key stands in the zone, or may stand behind a selector's alias or delegation."""
    if any(key.ast.signs_mail for keys in zone.keys.values() for key in keys):
        return True
    return any(
        "._domainkey." in f".{owner}" and _MAY_HAVE_KEY[type](zone, owner)
        for type in _MAY_HAVE_KEY
        for owner in zone.zone.table(type)
    )


@once_a_zone
def signing_domains(zone: MailZone) -> frozenset[str]:
    """The domains that have a DKIM key, or an alias for one, that is for mail and not revoked."""
    live = (
        owner
        for owner in selectors(zone)
        if (
            any(key.ast.p and key.ast.signs_mail for key in zone.keys[owner])
            if owner in zone.keys
            else key_state(owner, zone.context).is_live is not False
        )
    )
    return frozenset(domain for owner in live if (domain := selector_of(owner)[1]) is not None)


def _may_redirect_to_key(zone: MailZone, owner: str) -> bool:
    """Whether a DNAME leads away from the zone, to an alias that may lead to a key, or further."""
    target = zone.zone.table("DNAME")[owner].records[0].target
    is_here = zone.zone.contains(target) and zone.speaks_for(target)
    if not is_here or zone.zone.redirected(f"s.{target}") is not None:
        return True
    return any(
        _may_lead_to_key(zone, name)
        for at, name in redirected_names(zone).items()
        if is_below(at, owner) and (name in zone.keys or zone.zone.get(name, "CNAME"))
    )


def _may_lead_to_key(zone: MailZone, owner: str) -> bool:
    """Whether an alias leads to a key for mail, or away from the zone."""
    for _ in range(LONGEST_CHAIN):
        held = held_by(zone.zone, owner, "TXT") if zone.zone.contains(owner) else None
        if held is None or not held.status.is_fact:
            return True
        if held.alias is None:
            return not held.values or any(map(_is_key, held.values))
        owner = held.alias
    return True


_MAY_HAVE_KEY: Mapping[str, Callable[[MailZone, str], bool]] = {
    "CNAME": _may_lead_to_key,
    "DNAME": _may_redirect_to_key,
    "NS": lambda *_: True,
}


def _name_of(zone: MailZone) -> tuple[str, ...]:
    may_sign = has_key(zone) or any(_wildcards(zone))
    return (zone.origin,) if may_sign else ()


SIGNING = Fact("dmarc.signing", _name_of, is_own=True)


@once_a_zone
def may_have_key(zone: MailZone) -> tuple[str, ...]:
    """What would have to be known before no wildcard alias answers with a key."""
    answers = _behind_wildcards(zone)
    return tuple(dict.fromkeys(each.missing for each in answers if not each.is_fact))


def _wildcards(zone: MailZone) -> Iterator[str]:
    """The names above the wildcards that lead elsewhere, whatever is asked."""
    for owner in zone.zone.table("CNAME"):
        if owner.startswith("*.") and "._domainkey." not in owner:
            yield owner[2:]


@once_a_zone
def _behind_wildcards(zone: MailZone) -> list[Answer]:
    """What verifiers get for a selector that the zone does not name."""
    ask = zone.context.answers.ask
    return [ask(f"selector._domainkey.{name}", "TXT") for name in _wildcards(zone)]


def _holds_key(answer: Answer) -> bool:
    return any(map(_is_key, answer.values))


def _is_key(text: str) -> bool:
    key = dkim.parse(text)
    return key.has("p") and key.signs_mail
