"""PHASE006: a change takes a DKIM key away that is in use."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.listing import counted
from zonelint.grammars.zone import is_below, parent, without_dot
from zonelint.rules.config.sender import target_matches
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Needs, rule
from zonelint.rules.evidence.evidence import Evidence
from zonelint.rules.mail.meaning import (
    KeyChange,
    KeyFate,
    handovers,
    key_changes,
    key_state,
    selectors,
)
from zonelint.rules.mail.signing import may_sign_in
from zonelint.rules.model.declaring import declared_at, senders_of
from zonelint.rules.model.remedy import REPORTS
from zonelint.rules.model.subjects import MailZone, selector_of
from zonelint.rules.phase.support.rollout import sends


@rule(
    "PHASE006",
    "phase-key-removed",
    Severity.ERROR,
    on=MailZone,
    needs=Needs.CHANGE,
    section="RFC 6376 §3.6.1",
)
def key_removed(zone: MailZone) -> Iterator[Found | Unknown]:
    """A change removes or replaces a DKIM key while mail is still signed with it.

    What it finds
        A selector that is removed, revoked (`p=`), broken or for TLS reports alone (`s=tlsrpt`),
        points elsewhere than before, or gets another key, while the last days of aggregate reports
        show mail that verified with it; its own, or one that a wildcard answers with. Without
        reports: the last key of a domain that sends, and a CNAME that gets another target; only
        reports can show whether any other key is in use. Undecided where keys are delegated, or
        below a DNAME, and this goes or leads to others.
    Why it matters
        Verifiers find no key for the signature, so DKIM fails for all mail of that sender, and
        under an enforcing policy it is refused. Mail in transit when the change is made fails too.
    Example
        `s1._domainkey` removed, with 1,200 messages signed by it in the last 14 days
    Use instead
        Publish the new selector, have the sender sign with it, and remove the old one when the
        reports no longer show it.
    References
        RFC 6376 §3.1, §3.6.1; RFC 8460 §3
    """
    for change in key_changes(zone):
        if change.fate is KeyFate.NEW or not _is_used(zone, change) or _is_moved(zone, change):
            continue
        evidence = zone.context.evidence
        if change.fate is KeyFate.UNKNOWN:
            there = f"the records at {without_dot(change.owner)}"
            yield zone.unknown(change.owner, change.after.reason or there)
        elif evidence is None or not _tells_of(change.domain, evidence):
            if _is_mended(zone, change) or _is_one_of_several(zone, change):
                continue
            was, now = change.before.target, change.after.target
            is_alias = was is not None and now not in (None, was)
            if change.fate is KeyFate.CHANGED and is_alias:
                yield _found(zone, change, "mail signed with the key behind the old name")
            elif change.fate is KeyFate.REMOVED and not _keeps_another(zone, change):
                yield _found(
                    zone, change, f"{without_dot(change.domain)} has no other key, so its mail"
                )
            else:
                yield zone.unknown(change.owner, REPORTS)
        else:
            days = zone.context.dmarc_declared(change.domain).min_days
            messages = _verified(change, evidence, days)
            if messages and _is_one_of_several(zone, change):
                yield zone.unknown(
                    change.owner, "which of the records of this selector were served"
                )
            elif messages:
                seen = (
                    f"{counted(messages, 'message')} that verified with it in the last {days} days"
                )
                yield _found(
                    zone,
                    change,
                    f"mail like the {seen} of reports",
                )
    for each in handovers(zone):
        if each.is_of_keys:
            yield zone.unknown(each.owner, each.missing)


def _is_mended(zone: MailZone, change: KeyChange) -> bool:
    """Whether an alias gets the target that is declared, or led to another selector's key."""
    before, after = change.before.target, change.after.target
    if before is None or after is None:
        return False
    declared = declared_at(zone, change.domain)
    if declared is not None and any(
        declared.options_for(sender).dkim.get(change.selector) == after
        for sender in declared.senders
    ):
        return True
    found = senders_of(zone.context).by_dkim_target(after)
    if found is None:
        return False
    old, new = (
        {match.expected_selector for match in target_matches(found[0], target)}
        for target in (before, after)
    )
    return change.selector in new and bool(old) and old.isdisjoint({change.selector, None})


def _is_moved(zone: MailZone, change: KeyChange) -> bool:
    """Whether a key goes from where the zone's name stood twice to where it was meant to be."""
    meant = change.owner.removesuffix(zone.origin)
    return (
        change.fate is KeyFate.REMOVED
        and zone.zone.contains(meant)
        and key_state(meant, zone.context) == change.before
    )


def _is_one_of_several(zone: MailZone, change: KeyChange) -> bool:
    """Whether one is left of several records of which no server can answer with all.

    That is aliases at one selector, or an alias beside keys.
    """
    previous, owner = zone.previous, change.owner
    aliases = () if previous is None else previous.zone.get(owner, "CNAME") or ()
    if previous is None or not aliases:
        return False
    keys = previous.zone.get(owner, "TXT") or ()
    stood = {record.target for record in aliases} | {record.rdata for record in keys}
    left = {record.target for record in zone.zone.get(owner, "CNAME") or ()}
    left |= {record.rdata for record in zone.zone.get(owner, "TXT") or ()}
    return len(stood) > 1 and bool(left) and left < stood


def _is_used(zone: MailZone, change: KeyChange) -> bool:
    """Whether the domain, or the zone as it was before, has anything to do with mail."""
    previous = zone.previous
    if not zone.sends(change.domain) and previous is not None and previous.sends(change.domain):
        return False  # the domain is parked with this change
    return sends(zone, change.domain) or (previous is not None and sends(previous, change.domain))


def _found(zone: MailZone, change: KeyChange, whose: str) -> Found:
    owner = change.owner
    what = _what(change)
    if owner in zone.keys and change.fate is KeyFate.REMOVED and not change.is_revoked:
        is_for_reports = not any(key.ast.signs_mail for key in zone.keys[owner])
        what = "is for TLS reports alone now" if is_for_reports else "cannot be used any more"
    message = f"The DKIM key {without_dot(owner)} {what}; {whose} no longer passes DKIM"
    advice = "Keep the selector until no mail is signed with it any more."
    alias = zone.leading_from(owner)
    if alias is not None:
        return zone.answered(alias, owner, message, advice)
    if owner in zone.keys:
        key = zone.keys[owner][0]
        if change.is_revoked and (tag := key.ast.tag("p")) is not None:
            return key.at(tag, message, advice)
        return key.whole(message, advice)._replace(follows=not change.is_revoked)
    kind = "TXT" if change.before.target is None else "CNAME"
    return zone.missing(owner, kind, message, advice)


def _what(change: KeyChange) -> str:
    if change.fate is KeyFate.REMOVED:
        return "is revoked" if change.is_revoked else "is removed"
    if change.after.target in (None, change.before.target):
        return "is replaced by another key"
    old = "a key" if change.before.target is None else without_dot(change.before.target)
    return f"leads to {without_dot(change.after.target)} instead of {old}"


def _keeps_another(zone: MailZone, change: KeyChange) -> bool:
    """Whether the domain keeps another key, in this zone or in one that its selectors lie in."""
    if any(
        owner != change.owner
        and selector_of(owner)[1] == change.domain
        and key_state(owner, zone.context).is_live is not False
        for owner in selectors(zone)
    ):
        return True
    keys, context = f"_domainkey.{change.domain}", zone.context
    beside = [cut for cut in zone.zone.cuts if is_below(cut, keys)]
    above = context.zone_of(parent(zone.origin)) if is_below(parent(zone.origin), keys) else None
    beside += [] if above is None else [above.identity.name]
    return any(may_sign_in(name, context) for name in beside)


def _tells_of(domain: str, evidence: Evidence) -> bool:
    """Whether there are reports in which the domain's signatures would show."""
    return any(is_below(domain, f"{about.domain}.") for about in evidence) or any(
        signed.domain == domain.rstrip(".") for about in evidence for signed in about.by_selector()
    )


def _verified(change: KeyChange, evidence: Evidence, days: int) -> int:
    """Messages that verified with the key in the last days of the reports."""
    name = (change.domain.rstrip("."), change.selector)
    return sum(
        flow.count
        for about in evidence
        for flow in about.last_days(days).flows
        if any(
            (each.domain.rstrip("."), each.selector) == name and each.result == "pass"
            for each in flow.dkim
        )
    )


_KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_OTHER = "v=DKIM1; k=ed25519; p=PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw="
_MAIL = "@ MX 10 mail\n"
_ONE = f'{_MAIL}s1._domainkey TXT "{_KEY}"\n'
_TWO = f'{_ONE}s2._domainkey TXT "{_OTHER}"\n'

key_removed.bad(
    before=_TWO,
    zone=f'{_MAIL}s2._domainkey TXT "{_OTHER}"\n',
    reports='rows = [{ from = "192.0.2.1", messages = 85, dkim = "s1" }]',
)
key_removed.bad(
    before=_TWO,
    zone=f'{_MAIL}s1._domainkey TXT "v=DKIM1; p="\ns2._domainkey TXT "{_OTHER}"\n',
    reports='rows = [{ from = "192.0.2.1", messages = 85, dkim = "s1" }]',
)
key_removed.bad(
    before=_ONE,
    zone=f'{_MAIL}s1._domainkey TXT "{_OTHER}"\n',
    reports='rows = [{ from = "192.0.2.1", messages = 85, dkim = "s1" }]',
)
key_removed.bad(before=_ONE, zone=_MAIL)
key_removed.bad(before=_ONE, zone=_ONE.replace("v=DKIM1;", "v=DKIM1; s=tlsrpt;"))
key_removed.bad(
    before=f"{_MAIL}selector1._domainkey CNAME selector1.one.example.net.\n",
    zone=f"{_MAIL}selector1._domainkey CNAME selector1.two.example.net.\n",
)
key_removed.bad(before=_ONE, zone=_ONE.replace("DKIM1", "DKIM2"))
_REDIRECTED = f'{_MAIL}_domainkey DNAME keys\ns1.keys TXT "{_KEY}"\n'
key_removed.bad(before=_REDIRECTED, zone=_REDIRECTED.replace("DNAME keys", "DNAME gone"))
key_removed.bad(before=_REDIRECTED, zone=f"{_MAIL}_domainkey DNAME keys\n")
key_removed.good(before=_ONE, zone=_REDIRECTED)
_S1 = 'rows = [{ from = "192.0.2.1", messages = 85, dkim = "s1" }]'
_WILD = f"{_TWO.replace('s1', '*')}"
for _now in (
    _WILD.replace(_KEY, "v=DKIM1; p="),
    f"{_WILD}s1._domainkey A 192.0.2.1\n",
    f'{_MAIL}s2._domainkey TXT "{_OTHER}"\n',
):
    key_removed.bad(before=_WILD, zone=_now, reports=_S1)
    key_removed.bad(before=_WILD, zone=_now, undecided=True)
key_removed.good(before=_WILD, zone=_WILD.replace("*", "s1"), reports=_S1)
key_removed.good(before=_WILD, zone=f"{_WILD}www A 192.0.2.1\n")
key_removed.bad(before=_TWO, zone=_ONE, undecided=True)
key_removed.bad(before=_ONE, zone=f"{_MAIL}_domainkey NS ns.example.net.\n", undecided=True)
_M365 = "example-com._domainkey.contoso.n-v1.dkim.mail.microsoft."
key_removed.good(  # it led to the other selector's key
    before=f"{_MAIL}selector1._domainkey CNAME selector2-{_M365}\n",
    zone=f"{_MAIL}selector1._domainkey CNAME selector1-{_M365}\n",
)
key_removed.good(  # the new target is declared
    before=f"{_MAIL}selector1._domainkey CNAME selector1-{_M365.replace('contoso', 'fabrikam')}\n",
    zone=f"{_MAIL}selector1._domainkey CNAME selector1-{_M365}\n",
    config=f"""
    [domains."example.com"]
    senders = ["microsoft365"]
    microsoft365.dkim.selector1 = "selector1-{_M365}"
    """,
)
key_removed.bad(
    before=f"{_MAIL}selector1._domainkey CNAME selector1-{_M365.replace('contoso', 'fabrikam')}\n",
    zone=f"{_MAIL}selector1._domainkey CNAME selector1-{_M365}\n",
)
_FOREIGN = f"{_MAIL}_domainkey NS ns.mailer.example.\n"
key_removed.bad(before=_FOREIGN, zone=_MAIL, undecided=True)
key_removed.bad(before=_FOREIGN, zone=f"{_MAIL}_domainkey NS ns.other.example.\n", undecided=True)
key_removed.bad(
    before=f"{_MAIL}_domainkey.shop DNAME dk.old.example.\n",
    zone=f"{_MAIL}_domainkey.shop DNAME dk.new.example.\n",
    undecided=True,
)
key_removed.good(before=_FOREIGN, zone=f"{_FOREIGN}_domainkey NS ns2.mailer.example.\n")
key_removed.good(before=_ONE, zone=_TWO)
key_removed.good(before=_ONE, zone=_ONE.replace("v=DKIM1;", "v=DKIM1; s=email:tlsrpt;"))
key_removed.good(  # nothing is signed with it any more
    before=_TWO,
    zone=_ONE,
    reports='rows = [{ from = "192.0.2.1", messages = 85, dkim = "s1" }]',
)
key_removed.good(  # the same key behind an alias
    before=_ONE,
    zone=f'{_MAIL}s1._domainkey CNAME key\nkey TXT "{_KEY}"\n',
)
key_removed.good(  # parked with this change
    before=f'@ TXT "v=spf1 ip4:192.0.2.1 -all"\n{_ONE.removeprefix(_MAIL)}',
    zone='@ TXT "v=spf1 -all"\n',
)
key_removed.good(zone='s1._domainkey TXT "v=DKIM1; p="\n')
