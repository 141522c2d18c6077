"""What an SPF record says that is published where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from zonelint.grammars.rdata import txt_rdata
from zonelint.rules.core.change import Change, add
from zonelint.rules.mail import lookups
from zonelint.rules.mail.lookups import Fate
from zonelint.rules.model.subjects import MailZone, Spf


def record_before(zone: MailZone, owner: str) -> Spf | None:
    """The usable record that a change removes and that let anybody send."""
    previous = zone.previous
    records = () if previous is None else previous.spf.get(owner, ())
    if previous is None or len(records) != 1 or not previous.sends(owner):
        return None
    if (owner, "TXT") in previous.zone.secret:
        return None
    return records[0] if lookups.of(records[0]).fate is Fate.FOUND else None


def propose_record(
    zone: MailZone, owner: str, names: Sequence[str], ending: str, reason: str
) -> Change | None:
    """The record before the change with more includes; without one, a record of the includes.

    The domain's mail servers send as well, bounces at least, where they are hosts of its owner.
    """
    includes = [f"include:{name}" for name in dict.fromkeys(names)]
    before = record_before(zone, owner)
    if before is not None:
        words = before.value.lower().split()
        more = [each for each in includes if each not in words]
        text = before.ast.inserting_before_all(" ".join(more)) if more else before.value
        return add(owner, "TXT", txt_rdata(text), "the record that was there before the change")
    if not includes:
        return None
    own = ["mx"] if _is_own(zone, owner) else []
    return add(owner, "TXT", txt_rdata(" ".join(["v=spf1", *own, *includes, ending])), reason)


def _is_own(zone: MailZone, owner: str) -> bool:
    """Whether a host of one's own zones takes the domain's mail."""
    exchanges = {record.target for record in zone.mx(owner) or ()}
    return any(zone.holds(name) or zone.context.zone_of(name) for name in exchanges - {"."})
