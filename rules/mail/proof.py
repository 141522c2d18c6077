"""Whether a change that a rule calls safe is proved to be.

Safe means that no receiver treats any message differently afterwards. For SPF that is: the result
of check_host is the same for every address and message, none and permerror being results too
(RFC 7208 §2.6). For DMARC: the policy that holds for the domain, its subdomains and names that do
not exist is the same for receivers of RFC 9989 and of RFC 7489, and so are alignment and report
addresses. For a DKIM key: verifiers read the same key, or none before and after. To make a record
count that receivers ignored or refused is a repair, and a proposal.

There is one exception: what zonelint.toml says in so many words of a domain that it declares to be
parked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from zonelint.grammars.masterfile.rdata import string_octets
from zonelint.grammars.masterfile.tokens import logical_line
from zonelint.grammars.spf import record as spf
from zonelint.grammars.tags import dmarc
from zonelint.rules.config.declaration import Profile
from zonelint.rules.core.change import Change, Edit
from zonelint.rules.model.context import Context
from zonelint.rules.model.subjects import MailZone

if TYPE_CHECKING:
    from zonelint.grammars.tags.dkim import DkimKey


MOST_RECORDS = 200
"""TXT records of one owner up to which a change is proved: each change looks at all of them."""


def proved(change: Change, zone: MailZone) -> bool:
    """Whether the change keeps the meaning of every SPF, DMARC and DKIM record that it touches.

    zone: the zone that the change is for; a run may hold another one with the same origin.
    """
    owners = {edit.owner for edit in change.edits if edit.type == "TXT"}
    owners |= {
        edit.before.owner
        for edit in change.edits
        if edit.before is not None and edit.before.type == "TXT"
    }
    return all(_keeps(owner, change.edits, zone) for owner in owners)


def _keeps(owner: str, edits: Iterable[Edit], zone: MailZone) -> bool:
    context = zone.context
    rrset = zone.written.get(owner, "TXT")
    if rrset is not None and len(rrset) > MOST_RECORDS:
        return False
    before = [] if rrset is None else [record.text.value for record in rrset]
    after = list(before)
    for edit in edits:
        if edit.before is not None and (edit.before.owner, edit.before.type) == (owner, "TXT"):
            after.remove(edit.before.text.value)
        if edit.after is not None and (edit.owner, edit.type) == (owner, "TXT"):
            after.append(text_of(edit.after))
    if sorted(before) == sorted(after) or _is_declared(owner, after, context):
        return True
    return (
        _keeps_spf(owner, before, after, context)
        and _keeps_dmarc(owner, before, after, context)
        and _keeps_key(owner, before, after)
    )


def _is_declared(owner: str, after: list[str], context: Context) -> bool:
    """Whether the records afterwards are those of a domain that is declared to be parked."""
    domain = owner.removeprefix("_dmarc.")
    intent = context.declared(domain)
    if intent is None or intent.profile is not Profile.PARKED:
        return False
    if domain == owner:
        return [text for text in after if spf.is_spf(text)] == ["v=spf1 -all"]
    policies = [dmarc.parse(text) for text in after if dmarc.is_dmarc(text)]
    return len(policies) == 1 and policies[0].p is dmarc.Policy.REJECT and not policies[0].faults


def text_of(rdata: str) -> str:
    """The decoded, joined text of a TXT record's rdata in presentation format."""
    words = (rdata[start:end] for start, end in logical_line(rdata, 0).tokens)
    return b"".join(map(string_octets, words)).decode("utf-8", "surrogateescape")


def _keeps_spf(owner: str, before: list[str], after: list[str], context: Context) -> bool:
    """Whether check_host gives every message the result that it gave (RFC 7208 §4.5, §4.6)."""
    from zonelint.rules.mail import networks

    old = [text for text in before if spf.is_spf(text)]
    new = [text for text in after if spf.is_spf(text)]
    if old == new:
        return True
    if len(old) > 1:  # texts that become the same are one record in a server
        return False
    if not (_has_result(old) and _has_result(new)):
        return _is_none_or_permerror(old) == _is_none_or_permerror(new)
    return networks.equal(old[0], new[0], owner, context)


def _has_result(records: list[str]) -> bool:
    """Whether a single record can be evaluated."""
    return len(records) == 1 and spf.parse(records[0]).sound


def _is_none_or_permerror(records: list[str]) -> str | None:
    """Without a record the result is none, with several or a broken one permerror."""
    if _has_result(records):
        return None
    return "permerror" if records else "none"


def _keeps_dmarc(owner: str, before: list[str], after: list[str], context: Context) -> bool:
    if not owner.startswith("_dmarc."):
        return True
    old = [text for text in before if dmarc.is_dmarc(text)]
    new = [text for text in after if dmarc.is_dmarc(text)]
    if old == new:
        return True
    if len(old) != 1 or len(new) != 1:  # several are discarded (§4.10), unless they become the same
        return False
    from zonelint.rules.mail import dmarc_equivalence
    from zonelint.rules.mail.dmarc_discovery import covering

    # Below an organisational domain a record speaks for its own domain alone.
    whole = covering(context, owner.removeprefix("_dmarc.")).is_organisational
    same = dmarc_equivalence.is_harmless if whole else dmarc_equivalence.is_harmless_below
    return same(dmarc.parse(old[0]), new[0])


def _keeps_key(owner: str, before: list[str], after: list[str]) -> bool:
    """Whether verifiers find the same key at a selector, or none that they can use."""
    if "._domainkey." not in owner:
        return True
    from zonelint.grammars.tags import dkim

    old, new = ([dkim.parse(text) for text in texts] for texts in (before, after))
    if len(old) != 1 or len(new) != 1:
        return False
    return _meaning(old[0]) is not None and _meaning(old[0]) == _meaning(new[0])


def _meaning(key: DkimKey) -> tuple[object, ...] | None:
    """What verifiers read in a key record; None where they do not agree that it is one."""
    if key.faults:
        return None
    return key.k, sorted(key.h), sorted(key.s), sorted(key.t), "".join((key.p or "").split())
