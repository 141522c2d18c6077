"""Answers of which each asker gets one: a zone before and after a change as each of them sees it.

By weight, by place, by health: nobody gets the answers of such a set together, and a change weakens
what it weakens for some of those who ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice, product

from zonelint.grammars.zone import Record, Zone

MOST = 50
"""Pairs of answers that are compared of one zone. Where there are more, it is undecided."""

NOBODY = ""
"""What tells those apart whom no answer of a set is for."""

_Key = tuple[str, str]
_Answers = Mapping[str, Sequence[Record] | None]
"""By what tells them apart; None for one that is not known."""


def as_seen(before: Zone, after: Zone) -> list[tuple[str, Zone, Zone]]:
    """What the zone was and is for those who ask, with words for who they are.

    Nothing where everybody gets the same. First what all see alike, each set as it was.
    """
    old, new = _sets(before), _sets(after)
    if not old and not new:
        return []
    keys = dict.fromkeys((*old, *new))
    was = {key: old.get(key) or {NOBODY: _plain(before, key)} for key in keys}
    now = {key: new.get(key) or {NOBODY: _plain(after, key)} for key in keys}
    first = {key: next(iter(each.values())) for key, each in was.items()}
    pairs = [(key, *each) for key in keys for each in _pairs(was[key], now[key])]
    if len(pairs) > MOST:
        return [("", before, after)]
    found = [("", _with(before, first), _with(after, first))]
    for key, one, other in pairs:
        then, there = ({**first, key: each} for each in (was[key][one], now[key][other]))
        found.append((_who(other, key in new), _with(before, then), _with(after, there)))
    return found


def _who(answer: str, is_set: bool) -> str:
    if answer == NOBODY:
        return "for those whom no answer of the set is for" if is_set else ""
    return f"for those who get the answer `{answer}`"


def _sets(zone: Zone) -> dict[_Key, _Answers]:
    found: dict[_Key, _Answers] = dict(zone.variants)
    for rrset in zone.several:  # addresses of several answers are all addresses of the name
        if rrset.type == "CNAME" and any(record.is_alternative for record in rrset):
            targets = {record.target: record for record in rrset}
            found[rrset.owner, rrset.type] = {name: [each] for name, each in targets.items()}
    return found


def _plain(zone: Zone, key: _Key) -> Sequence[Record] | None:
    return None if key in zone.unknown else list(zone.get(*key) or ())


def _pairs(was: _Answers, now: _Answers) -> Iterator[tuple[str, str]]:
    """Answers that somebody got and gets in their place, where they are not the same."""
    same = [(each, each) for each in was if each in now]
    new = product(was, (each for each in now if each not in was))
    gone = product((each for each in was if each not in now), now)
    differing = (pair for pair in chain(same, new, gone) if _differ(was[pair[0]], now[pair[1]]))
    yield from dict.fromkeys(islice(differing, 2 * MOST + 1))  # a new one for a gone one: twice


def _differ(one: Sequence[Record] | None, other: Sequence[Record] | None) -> bool:
    return _rdatas(one) != _rdatas(other)


def _rdatas(records: Sequence[Record] | None) -> set[str] | None:
    return None if records is None else {record.rdata for record in records}


def _with(zone: Zone, answers: Mapping[_Key, Sequence[Record] | None]) -> Zone:
    """The zone with one answer of each set; one that is not known is as it is in the zone."""
    known = {key: records for key, records in answers.items() if records is not None}
    held = [record for key in known for record in zone.get(*key) or ()]
    found = zone.changed(dict.fromkeys(held), chain.from_iterable(known.values()))
    found.unknown = {key: why for key, why in zone.unknown.items() if key not in known}
    return found
