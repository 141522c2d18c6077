"""What the rules about the roll-out share: phases, who can lose mail, where a policy is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from zonelint.grammars.tags import dmarc
from zonelint.grammars.tags.dmarc import DmarcRecord, Policy, rank
from zonelint.grammars.zone import is_below, without_dot
from zonelint.rules.config.declaration import Profile
from zonelint.rules.core.finding import Found
from zonelint.rules.mail.behind import return_paths, texts_at
from zonelint.rules.mail.meaning import (
    DmarcChange,
    NameGroup,
    PolicyLevel,
    dmarc_changes,
    selectors,
)
from zonelint.rules.mail.signing import signing_domains
from zonelint.rules.model.answers import ADDRESSES
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.subjects import Dmarc, MailZone


def phase_after(policy: Policy | None) -> Policy:
    """The next phase; reject is the last."""
    return (Policy.NONE, Policy.QUARANTINE, Policy.REJECT, Policy.REJECT)[rank(policy) + 1]


def is_skip(level: PolicyLevel) -> bool:
    """Whether a phase is left out: none to reject, or no record to an enforcing policy."""
    return rank(level.is_now) > max(0, rank(level.was)) and rank(level.is_now) > rank(
        phase_after(level.was)
    )


def inherits(change: DmarcChange, level: PolicyLevel) -> bool:
    """Whether these names fall to the record of the organisation above: `psd=n` is dropped."""
    return level.names is not NameGroup.DOMAIN and change.after.is_organisational is False


def keep_psd(change: DmarcChange) -> str:
    """The beginning of the advice to who drops it."""
    above = without_dot(str(change.after.organisation))
    return f"Keep `psd=n`, so that the policy of {above} does not hold for them"


def raised(zone: MailZone) -> Iterator[tuple[DmarcChange, list[PolicyLevel]]]:
    """The changes that make a policy stricter for names that have mail to lose.

    No levels: it may do so, as one side is not known, or whose policy names below get.
    """
    for change in dmarc_changes(zone):
        if change.missing:
            if change.after.enforces and can_lose(zone, change.domain, NameGroup.DOMAIN):
                yield change, []
            continue
        levels = _losing(zone, change.domain, change.levels)
        if levels:
            yield change, levels
        if _losing(zone, change.domain, change.open_levels):
            yield change, []


def _losing(zone: MailZone, domain: str, levels: Iterable[PolicyLevel]) -> list[PolicyLevel]:
    return [
        level
        for level in levels
        if level.is_raised
        and level.is_now not in (None, Policy.NONE)
        and _is_stated(zone, domain, level.names)
        and (can_lose(zone, domain, level.names) or _is_monitored(zone, domain, level))
    ]


def _is_stated(zone: MailZone, domain: str, names: NameGroup) -> bool:
    """Whether the policy is one that somebody thought of: np without a tag follows the others."""
    record = own_record(zone, domain)
    return names is not NameGroup.NONEXISTENT or (record is not None and record.ast.has("np"))


def _is_monitored(zone: MailZone, domain: str, level: PolicyLevel) -> bool:
    """Whether a part of a zone, which shows nothing of the domain's mail, shows that it is watched.

    A policy of none is published where mail is expected; MX and SPF may be elsewhere.
    """
    declared = zone.context.declared(domain)
    is_open = not zone.zone.complete and domain not in zone.spf
    parked = declared is not None and declared.profile is Profile.PARKED
    return level.was is Policy.NONE and level.names is NameGroup.DOMAIN and is_open and not parked


def was_host_alias(zone: MailZone, name: str) -> bool:
    """Whether a name had records about mail only by the alias of a host, as `www CNAME @` has.

    Nobody sends mail to it, or in its name: it is not declared, no service's, and has no policy or
    key of its own.
    """
    previous = zone.previous
    aliases = None if previous is None else previous.zone.get(name, "CNAME")
    if previous is None or aliases is None or zone.context.declared(name) is not None:
        return False
    if name in _names_in_mail(previous):
        return False
    ask = previous.context.answers.ask
    return any(ask(name, type).values for type in ADDRESSES)


@once_a_zone
def _names_in_mail(zone: MailZone) -> frozenset[str]:
    """The names with a policy or a key of their own, and those that take a service's bounces."""
    with_policy = (owner.removeprefix("_dmarc.") for owner in zone.dmarc)
    with_key = (owner.rpartition("._domainkey.")[2] for owner in selectors(zone))
    return frozenset((*with_policy, *with_key, *return_paths(zone)))


# -- who has mail to lose --------------------------------------------------------------------------


def can_lose(zone: MailZone, domain: str, names: NameGroup) -> bool:
    """Whether anybody may send in the name of these names: parked ones have nothing to lose."""
    if names is NameGroup.DOMAIN:
        return sends(zone, domain)
    below = (
        name
        for name in _senders(zone)
        if name != domain and is_below(name, domain) and f"_dmarc.{name}" not in zone.dmarc
    )
    if any(sends(zone, name) for name in below):
        return True
    # Nobody knows who uses names that do not exist; a domain with mail may.
    return names is NameGroup.NONEXISTENT and sends(zone, domain)


def sends(zone: MailZone, domain: str) -> bool:
    """Whether a domain has anything to do with mail, as it is declared or as the zone shows it."""
    declared = zone.context.declared(domain)
    if declared is not None and declared.profile is not None:
        return declared.profile is not Profile.PARKED
    if zone.receives(domain) or zone.sends(domain) or domain in signing_domains(zone):
        return True
    is_led = zone.leading_from(domain) is not None
    return is_led and bool(zone.context.answers.ask(domain, "MX").exchanges)


@once_a_zone
def _senders(zone: MailZone) -> dict[str, None]:
    """The names of a zone that have something to do with mail."""
    return dict.fromkeys((*zone.zone.table("MX"), *zone.spf, *signing_domains(zone)))


# -- records ---------------------------------------------------------------------------------------


def own_record(zone: MailZone, domain: str) -> Dmarc | None:
    """The one policy record of a domain in the zone; None where there is none or several.

    The very same record, written twice, is one to whoever asks.
    """
    found = texts_at(zone, zone.dmarc, Dmarc, f"_dmarc.{domain}")
    return found[0] if len({each.value for each in found}) == 1 else None


def is_faulty(zone: MailZone, domain: str) -> bool:
    """Whether a record stands there that receivers cannot use, as the rules about it tell."""
    owner = f"_dmarc.{domain}"
    found = own_record(zone, domain)
    if found is not None:
        return found.ast.p is None or any(
            found.ast.has(tag) and getattr(found.ast, tag) is None for tag in ("sp", "np")
        )
    return bool(zone.dmarc.get(owner)) or any(
        other.record.owner == owner and "dmarc" in other.features for other in zone.others
    )


def tag_for(record: DmarcRecord, names: NameGroup) -> str:
    """The tag of the record that sets the policy for these names."""
    if names is NameGroup.NONEXISTENT and record.has("np"):
        return "np"
    return "sp" if names is not NameGroup.DOMAIN and record.has("sp") else "p"


def capped(record: DmarcRecord, most: Mapping[NameGroup, Policy]) -> str:
    """The record's text with no policy stricter than allowed for its names."""
    text = record.text
    for names, allowed in most.items():
        now = dmarc.parse(text)
        policy = {
            NameGroup.DOMAIN: now.p,
            NameGroup.SUBDOMAINS: now.sp or now.p,
            NameGroup.NONEXISTENT: now.np or now.sp or now.p,
        }[names]
        if rank(policy) <= rank(allowed):
            continue
        tag = names.value
        if now.has(tag):
            text = now.replacing(tag, f"{tag}={allowed}")
        else:
            after = "sp" if names is NameGroup.NONEXISTENT and now.has("sp") else "p"
            text = now.inserting_after(after, f"{tag}={allowed}")
    return text


def at_policy(zone: MailZone, domain: str, tag: str) -> Callable[..., Found]:
    """Where a fault of a domain's policy is shown: the tag, else where the record should be.

    What is returned takes a message, an advice and the keywords of `Dmarc.at`.
    """
    record, owner = own_record(zone, domain), f"_dmarc.{domain}"
    if record is None:
        unusable = zone.zone.get(owner, "TXT") if is_faulty(zone, domain) else None
        if unusable is not None:
            return partial(zone.at, unusable.records[-1])
        return partial(zone.missing, owner, "TXT")
    return partial(record.at, record.ast.tag(tag) or (0, len(record.value)))


def describe_names(names: NameGroup, domain: str) -> str:
    """The names as a sentence says them."""
    return {
        NameGroup.DOMAIN: without_dot(domain),
        NameGroup.SUBDOMAINS: f"the subdomains of {without_dot(domain)}",
        NameGroup.NONEXISTENT: f"the names below {without_dot(domain)} that do not exist",
    }[names]


def word(policy: Policy | None) -> str:
    """A policy as a sentence says it."""
    return "no DMARC record" if policy is None else str(policy)


def fate(policy: Policy | None) -> str:
    """What becomes of mail that fails."""
    return "refused" if policy is Policy.REJECT else "quarantined"
