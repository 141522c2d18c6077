"""Whether a change that a rule calls safe is proved to be.

Safe means that mail flow cannot change (RULES: safe fix). For SPF that is: the result of
check_host is the same for every address and message, before and after. For DMARC: the policy that
holds for the domain, its subdomains and names that do not exist is the same for receivers of RFC
9989 and of RFC 7489, and so are alignment and report addresses.

A record that receivers cannot use at all (none, several, or permerror for every message) has no
result to keep. Mending it is what its owner wrote down, and stays as safe as the rule says.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from zonelint.grammars.masterfile.rdata import string_octets
from zonelint.grammars.masterfile.tokens import logical_line
from zonelint.grammars.spf import record as spf
from zonelint.grammars.tags import dmarc
from zonelint.rules.core.change import Change, Edit

if TYPE_CHECKING:
    from zonelint.rules.model.context import Context
    from zonelint.rules.model.subjects import MailZone


MOST_RECORDS = 200
"""TXT records of one owner up to which a change is proved: each change looks at all of them."""


def proved(change: Change, zone: MailZone) -> bool:
    """Whether the change keeps the meaning of every SPF and DMARC record that it touches.

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
    return _keeps_spf(owner, before, after, context) and _keeps_dmarc(owner, before, after, context)


def text_of(rdata: str) -> str:
    """The decoded, joined text of a TXT record's rdata in presentation format."""
    words = (rdata[start:end] for start, end in logical_line(rdata, 0).tokens)
    return b"".join(map(string_octets, words)).decode("utf-8", "surrogateescape")


def _keeps_spf(owner: str, before: list[str], after: list[str], context: Context) -> bool:
    from zonelint.rules.mail import networks

    old = [text for text in before if spf.is_spf(text)]
    new = [text for text in after if spf.is_spf(text)]
    if old == new or len(old) != 1 or not spf.parse(old[0]).sound:
        return True
    return len(new) == 1 and networks.equal(old[0], new[0], owner, context)


def _keeps_dmarc(owner: str, before: list[str], after: list[str], context: Context) -> bool:
    if not owner.startswith("_dmarc."):
        return True
    old = [text for text in before if dmarc.is_dmarc(text)]
    new = [text for text in after if dmarc.is_dmarc(text)]
    if old == new or len(old) != 1:
        return True
    from zonelint.rules.mail import dmarc_equivalence as harmless
    from zonelint.rules.mail.dmarc_discovery import covering

    # Below an organisational domain a record speaks for its own domain alone.
    whole = covering(context, owner.removeprefix("_dmarc.")).is_organisational
    same = harmless.is_harmless if whole else harmless.is_harmless_below
    return len(new) == 1 and same(dmarc.parse(old[0]), new[0])
