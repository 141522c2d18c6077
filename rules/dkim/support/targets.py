"""Whether the CNAME at a selector points where the mail service wants it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from zonelint.grammars.listing import firsts
from zonelint.grammars.tags.dkim import is_dkim
from zonelint.grammars.zone import is_below, without_dot
from zonelint.rules.config.declaration import DomainIntent
from zonelint.rules.config.sender import DkimForm, Sender, TargetMatch, target_matches
from zonelint.rules.config.template import is_for_another
from zonelint.rules.core.change import Change, replace
from zonelint.rules.dkim.support.services import (
    Alias,
    aliases_of,
    declared_senders,
    is_key_text,
    lone_cname_form,
    to_declare,
    where_documented,
)
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.declaring import senders_of
from zonelint.rules.model.subjects import MailZone


class Wrong(NamedTuple):
    """A CNAME with a wrong target. `is_open`: its form is not known, so that it may be right."""

    alias: Alias
    message: str = ""
    advice: str = ""
    change: Change | None = None
    is_open: bool = False


@once_a_zone
def wrong_targets(zone: MailZone) -> dict[str, Wrong]:
    """The selectors of a zone whose CNAME is wrong, or may be, by owner; worked out once."""
    return firsts(
        (wrong.alias.rrset.owner, wrong)
        for domain, aliases in aliases_of(zone).items()
        for wrong in _of_domain(zone, domain, aliases)
    )


def _of_domain(zone: MailZone, domain: str, aliases: Sequence[Alias]) -> Iterator[Wrong]:
    declared = list(declared_senders(zone, domain))
    right: dict[str, list[tuple[Alias, TargetMatch]]] = {}
    for alias in aliases:
        wanted = _declared_target(alias, declared)
        if wanted is not None:
            if wanted[1] not in alias.names:
                yield _not_as_declared(alias, *wanted)
            continue
        sender = service_of(zone, alias)
        if sender is None:
            yield from _unknown_form(zone, alias, declared)
            continue
        matches = alias.matches(sender)
        is_declared = any(each.id == sender.id for each, _ in declared)
        wrong = _misfit(alias, sender, matches, is_declared)
        if wrong is not None:
            yield wrong
        elif matches[0].selector.name.fixed:
            right.setdefault(sender.id, []).append((alias, matches[0]))
    for found in right.values():
        yield from _mixed(zone, found)


def _declared_target(
    alias: Alias, declared: Sequence[tuple[Sender, DomainIntent]]
) -> tuple[Sender, str] | None:
    """The target that zonelint.toml gives for the selector, and whose it is."""
    for sender, intent in declared:
        options = intent.options_for(sender.id)
        if alias.domain not in (intent.name, options.envelope):
            continue
        target = options.dkim.get(alias.selector)
        if target is not None and not is_key_text(target):
            return sender, target
    return None


def _not_as_declared(alias: Alias, sender: Sender, wanted: str) -> Wrong:
    record = alias.rrset.records[0]
    return Wrong(
        alias,
        f"{alias.selector} of {without_dot(alias.domain)} points at {without_dot(alias.target)}, "
        f"not at the key that {sender.name} gave you, so mail signed with it fails DKIM",
        f"Point it at {without_dot(wanted)}, as zonelint.toml declares.",
        replace(record, wanted, "the target that zonelint.toml declares"),
    )


def service_of(zone: MailZone, alias: Alias) -> Sender | None:
    """The service whose form the target has, or a name that it leads to."""
    catalogue = senders_of(zone.context)
    for name in alias.names:
        if "dkim" in name or "domainkey" in name or catalogue.own:
            found = catalogue.by_dkim_target(name)
            if found is not None:
                return found[0]
    return None


def _misfit(
    alias: Alias, sender: Sender, matches: Sequence[TargetMatch], is_declared: bool
) -> Wrong | None:
    """A target of the right form, for another selector or another domain."""
    fitting = [m for m in matches if m.expected_selector in (None, alias.selector)]
    record = alias.rrset.records[0]
    if not fitting:
        expected = matches[0].expected_selector
        right = _for_selector(matches[0], alias)
        return Wrong(
            alias,
            f"{alias.selector} of {without_dot(alias.domain)} points at the key of {expected}, so "
            f"mail that {sender.name} signs with {alias.selector} fails DKIM",
            f"Point it at the key of {alias.selector}.{where_documented(sender)}",
            None if right is None else replace(record, right, "each selector has its own key"),
        )
    return _for_another(alias, sender, fitting) if is_declared else None


def for_another_domain(alias: Alias, sender: Sender) -> Wrong | None:
    """A target of the selector's own form, with the name of another domain in it."""
    fitting = [m for m in alias.matches(sender) if m.expected_selector in (None, alias.selector)]
    return _for_another(alias, sender, fitting) if fitting else None


def _for_another(alias: Alias, sender: Sender, fitting: Sequence[TargetMatch]) -> Wrong | None:
    if not all(is_for_another(match.values, alias.domain) for match in fitting):
        return None
    return Wrong(
        alias,
        f"{alias.selector} of {without_dot(alias.domain)} points at a key that {sender.name} "
        "holds for another domain, so mail signed with it fails DKIM",
        f"Point it at the key of {without_dot(alias.domain)}. "
        f"{to_declare(sender, alias.selector, alias.domain)}{where_documented(sender)}",
    )


def _for_selector(match: TargetMatch, alias: Alias) -> str | None:
    """The same target for the alias's own selector, all else as it stands."""
    selector = match.form.selector(alias.selector)
    if selector is None or len(alias.names) > 1:
        return None
    forms = list(match.selector.targets)
    place = forms.index(match.target)
    if place >= len(selector.targets):
        return None
    target = selector.targets[place]
    own = selector.name.match(alias.selector) or {}
    # What the vendor gives to each key anew cannot be taken from the other one.
    if not {*match.form.shared, *own, "dashed-domain", "domain", "n"}.issuperset(target.names):
        return None
    name = target.fill({**match.values, **own})
    return None if name is None else f"{name}."


def _mixed(zone: MailZone, matches: Sequence[tuple[Alias, TargetMatch]]) -> Iterator[Wrong]:
    """Targets of one domain that belong to two customers, or to two parts of the service.

    The first selector counts, whatever the order of the lines.
    """
    first: dict[str, tuple[Alias, str]] = {}
    for alias, match in sorted(matches, key=lambda each: each[0].selector):
        for gap, value in match.shared_values.items():
            other, known = first.setdefault(gap, (alias, value))
            if known != value:
                yield Wrong(
                    alias,
                    f"{alias.selector} of {without_dot(alias.domain)} points at the {gap} {value} "
                    f"and {other.selector} at the {gap} {known}, so mail signed with one of them "
                    "fails DKIM",
                    "Point both at the keys that the vendor gives for the domain.",
                )
                break


def _unknown_form(
    zone: MailZone, alias: Alias, declared: Sequence[tuple[Sender, DomainIntent]]
) -> Iterator[Wrong]:
    """A target of no known form, where a declared service wants one of its own."""
    for sender, _ in declared:
        form = lone_cname_form(sender, alias.selector)
        if form is None or alias.selector not in form.required:
            continue
        # A name that a missing final dot made is ZONE006's to tell.
        if is_below(alias.target, zone.origin) and any(
            target_matches(sender, alias.target.removesuffix(zone.origin))
        ):
            return
        answer = zone.context.answers.ask(alias.rrset.owner, "TXT")
        if any(is_dkim(value) for value in answer.values) and not zone.zone.contains(answer.last):
            return  # a key all the same, kept by somebody else
        if form.undecided(alias.names[-1]) or not _is_meant(zone, form, alias):
            yield Wrong(alias, is_open=True)
            return
        yield Wrong(
            alias,
            f"{alias.selector} of {without_dot(alias.domain)} points at "
            f"{without_dot(alias.target)}, which is not the name of a key of {sender.name}, so "
            "mail signed with it fails DKIM",
            f"Point it at the name that {sender.name} gave you. "
            f"{to_declare(sender, alias.selector, alias.domain)}{where_documented(sender)}",
        )
        return


def _is_meant(zone: MailZone, form: DkimForm, alias: Alias) -> bool:
    """Whether the end of the alias is known not to lead on to a right name."""
    end = alias.names[-1]
    if zone.context.zone_of(end) is not None or zone.context.answers.ask(end, "TXT").is_fact:
        return True
    selector = form.selector(alias.selector)
    dashed = without_dot(alias.domain).replace(".", "-")
    if end.startswith(f"{alias.selector}-{dashed}"):
        return True
    tails = () if selector is None else [to.text.rpartition("}")[2] for to in selector.targets]
    return any(tail and without_dot(end).endswith(tail) for tail in tails)
