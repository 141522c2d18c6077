"""Names that are one slip of the keyboard away from a host of the zone."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.nearmiss import near_miss
from zonelint.rules.mail.lookups import Branch, Fate
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.subjects import MailZone

_TYPES = {"a": ("A", "AAAA", "CNAME"), "mx": ("MX",)}


def meant(branch: Branch, zone: MailZone) -> str | None:
    """The name that an `a:` or `mx:` means, where the zone lacks the one that is written.

    Digits tell hosts apart, `mx2` from `mx1`: they are no slip.
    """
    name = branch.target
    if branch.fate is not Fate.VOID or name is None or name == zone.origin:
        return None
    if branch.term.name not in _TYPES or not zone.speaks_for(name) or zone.zone.at(name):
        return None
    known = _alike(zone, branch.term.name)
    near = {other for form in _forms(name) for other in known.get(form, ())}
    labels = {o.partition(".")[0]: o for o in sorted(near) if _digits(o) == _digits(name)}
    label = near_miss(name.partition(".")[0], labels)
    return None if label is None else labels[label]


@once_a_zone
def _alike(zone: MailZone, term: str) -> dict[str, list[str]]:
    """The names that a term finds something at, by what they are with a letter less."""
    found: dict[str, list[str]] = {}
    for name in {rrset.owner for type in _TYPES[term] for rrset in zone.zone.of_type(type)}:
        for form in _forms(name):
            found.setdefault(form, []).append(name)
    return found


def _forms(name: str) -> Iterator[str]:
    """The name, and what a letter less of its first label makes of it.

    Two names that a letter more, less, other or swapped makes one of have a form in common.
    """
    label = len(name.partition(".")[0])
    yield name
    yield from (name[:at] + name[at + 1 :] for at in range(label))


def _digits(name: str) -> str:
    return "".join(filter(str.isdigit, name))
