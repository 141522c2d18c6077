"""What an SPF record's term means by a name that is a slip of the keyboard away."""

from __future__ import annotations

from zonelint.grammars.nearmiss import Alike
from zonelint.grammars.zone import labels
from zonelint.rules.mail.lookups import Branch, Fate
from zonelint.rules.mail.slips import SHORTEST, host_meant, record_meant, respelt
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.subjects import MailZone
from zonelint.rules.spf.support.trees import UNANSWERED

_TYPES = {"a": ("A", "AAAA", "CNAME"), "mx": ("MX",)}
_NOTHING = (*UNANSWERED, Fate.VOID, Fate.NO_RECORD)
"""Fates of names at which nothing is known: one that has what is asked for is no slip."""


def meant(branch: Branch, zone: MailZone) -> str | None:
    """The name that a term means, where nothing is known at the one that is written."""
    name, term = branch.target, branch.term.name
    if branch.fate not in _NOTHING or name is None or name == zone.origin:
        return None
    if not zone.zone.contains(name):
        elsewhere = {"a": host_meant, "include": record_meant, "redirect": record_meant}.get(term)
        return None if elsewhere is None else elsewhere(name, zone.context)
    if branch.fate in UNANSWERED or not zone.speaks_for(name) or zone.zone.at(name):
        return None
    names, words = _names(zone, term)
    found = [other for other in respelt(name, words, SHORTEST) if other in names]
    return found[0] if len(found) == 1 else None


@once_a_zone
def _names(zone: MailZone, term: str) -> tuple[frozenset[str], Alike]:
    """The names that a term finds something at, and the labels that they are made of."""
    held = (rrset.owner for type in _TYPES.get(term, ()) for rrset in zone.zone.of_type(type))
    names = frozenset(held if term in _TYPES else zone.spf)
    return names, Alike({label for name in names for label in labels(name)})
