"""Words that the rules about DKIM keys share."""

from __future__ import annotations

import re
from collections.abc import Iterable

from zonelint.grammars.answered import AnsweredText
from zonelint.grammars.fault import FaultKind
from zonelint.grammars.tags.dkim import is_dkim, looks_like_dkim
from zonelint.grammars.tags.publickey import PublicKey
from zonelint.grammars.zone import ancestors, parent, without_dot
from zonelint.rules.config.sender import Sender, TargetMatch
from zonelint.rules.dkim.support.pieces import is_piece
from zonelint.rules.mail.slips import undoubled
from zonelint.rules.model.context import Context, once_a_run, once_a_subject
from zonelint.rules.model.declaring import senders_of
from zonelint.rules.model.facts import Fact
from zonelint.rules.model.subjects import Dkim, MailZone

PASTED = frozenset({FaultKind.NON_ASCII, FaultKind.PASTED})
"""What DKIM014 tells: until it is mended nothing is said of the key."""


def is_meant(dkim: Dkim) -> bool:
    """Whether the text was meant to be a key at all, however broken."""
    return looks_like_dkim(dkim.value) or is_dkim(dkim.value) or dkim.ast.has("k")


def between_quotes(dkim: Dkim) -> str | None:
    """A key's text without the quotes that stand around all of it, where it is whole so."""
    match = _QUOTED.fullmatch(dkim.value)
    if match is None or not type(dkim.ast).read(match["inner"]).is_clean:
        return None
    return match["inner"]


_QUOTED = re.compile(r"""\s*\\?(?P<quote>["'])(?P<inner>[^"'\\]*)\\?(?P=quote)[\s;]*""")


def is_pasted(dkim: Dkim) -> bool:
    """Whether DKIM014 has something to say."""
    if between_quotes(dkim) is not None:
        return True
    return not dkim.ast.is_clean and any(fault.kind in PASTED for fault in dkim.ast.faults)


@once_a_subject
def usable_key(dkim: Dkim) -> PublicKey | None:
    """The key, where verifiers can use it and no rule about its text comes first."""
    if is_pasted(dkim) or is_piece(dkim):
        return None
    key = dkim.ast.key
    return key if isinstance(key, PublicKey) else None


def is_wildcard(owner: str) -> bool:
    return owner.startswith("*.")


def named(dkim: Dkim) -> str:
    """The key as a sentence names it: by its selector and domain, else by its owner."""
    if dkim.selector is None or dkim.domain is None:
        return f"the key at {dkim.dotless}"
    return f"the selector {dkim.selector} of {without_dot(dkim.domain)}"


def known_target(context: Context, target: str) -> tuple[Sender, TargetMatch] | None:
    """The mail service whose form a CNAME's target has, and how it has it."""
    if "dkim" not in target and "domainkey" not in target:  # most CNAMEs of most zones
        return None
    return senders_of(context).by_dkim_target(target)


def is_vendors(dkim: Dkim) -> bool:
    """Whether the key is one that a mail service gives to all of its customers, or has itself."""
    selector, record = dkim.selector, dkim.record
    if isinstance(record, AnsweredText) and known_target(dkim.context, record.end) is not None:
        return True
    return selector is not None and any(
        form.vendor_key and form.selector(selector) is not None
        for sender in senders_of(dkim.context)
        for form in sender.dkim
    )


def _targets_of(zone: MailZone) -> Iterable[str]:
    for target, aliases in zone.targets("CNAME").items():
        for_keys = any("._domainkey." in each.owner or each.owner[0] == "*" for each in aliases)
        for name in (target, undoubled(target, zone.origin)):  # ZONE006 tells of a missing dot
            # An alias of a host is not about its key.
            if for_keys or not any(zone.zone.get(name, type) for type in ("A", "AAAA", "MX")):
                yield name
    yield from zone.zone.aliased
    for owner, rrset in zone.zone.table("DNAME").items():
        if "._domainkey." in f".{owner}":
            yield f"*.{rrset.records[0].target}"


CNAME_TARGETS = Fact("dkim.keys", _targets_of, is_anywhere=True)


def is_cname_target(owner: str, context: Context) -> bool:
    """Whether a CNAME of any zone points at a name, or a DNAME below `_domainkey` above it."""
    names = {owner, *(f"*.{above}" for above in ancestors(parent(owner)))}
    if not names.isdisjoint(_targets(context)):
        return True
    told = context.telling(CNAME_TARGETS, owner)
    return not names.isdisjoint(told)


@once_a_run
def _targets(context: Context) -> frozenset[str]:
    """Every name that an alias of this run points at; worked out once, and only when asked."""
    return frozenset(context.facts(CNAME_TARGETS))
