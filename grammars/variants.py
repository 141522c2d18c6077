"""Answers of which each asker gets one: a zone as each of them sees it, before and after a change.

By weight, by place, by health: nobody gets the answers of such a set together. Who asks is told
apart by what the answer goes by, never by what the answer is called; of those who are not told
apart each answer has its share. A change weakens a set where no way leads each share of what was
answered to a share of what is answered that is no weaker.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from typing import NamedTuple

from zonelint.grammars.listing import grouped
from zonelint.grammars.zone import (
    MOST_ANSWERS,
    NEAREST,
    NOBODY,
    TEXT_TYPES,
    Place,
    Record,
    Variant,
    Zone,
    without_dot,
)

MOST = 50
"""Pairs of answers that are compared of one zone, and answers with which it is judged again. Where
there are more, it is undecided."""
MOST_RECORDS = 50_000
"""Records that are judged again, over all of these. Of a large zone fewer answers are judged."""
_LEAST = 4

FOR_THOSE = "for those who"
"""How what holds for those begins who get some answers."""

_ADDRESSES = ("A", "AAAA")
"""Types whose answers are all addresses of their name, in whatever set."""
_TOO_MANY_ANSWERS = "what each asker gets: more than {} answers would have to be judged"
_TOO_MANY = "what each asker gets: more than {} pairs of answers would have to be compared"

_OTHER_PLACES = "the set does not go by the same places before and after"

_SEVERAL = "an alias takes the place of several sets, or they its place"

_WHOLE = "*"
"""The type of all that a name has, where an alias, which excludes all else, comes or goes."""

_Key = tuple[str, str]
_Set = Sequence[Variant]
_Content = frozenset[str] | str
"""What tells answers from one another; of one that is not known its name."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A zone before and after a change, as those see it who get one of several answers.

    Without a change `before` is the zone as it stands; stands: whether some see it so. settled: why
    it is not known there what they get, where each gets one of these; None where others get what is
    not known.
    who: words for them. names: what their answers are called, None of a set of which they get the
    usual one. keeps_name: their answer is called as it was. owner, missing: of whose set,
    and why it is not known what they get or what else changed. is_usual: some of those who are not
    told apart from them got their answer before.
    """

    before: Zone
    after: Zone
    who: str = ""
    keeps_name: bool = True
    owner: str = ""
    missing: str = ""
    names: tuple[str | None, ...] = ()
    stands: bool = True
    settled: frozenset[str] | None = None
    is_usual: bool = False


def as_seen(
    before: Zone, after: Zone, cost: Callable[[Seen], int], matters: Callable[[_Key], bool]
) -> Iterator[Seen]:
    """What the zone was and is for those who ask.

    Nothing where everybody gets the same. First what all see alike, each set as it was, without
    what leads to names that are gone; then each answer that somebody gets in the place of another,
    and each that stays and may lead to something else than before. Of those who are not told apart
    nobody can tell who got which: there it is what costs least, where 0 is no harm and 2 the most.
    Where it is not known what those of a place got or get, and that would cost more or less, it is
    missing.
    matters: whether anything is to be known of a set of addresses.
    """
    keys = _keys(before, after, matters)
    if not keys:
        return
    was, now = ({key: _set(zone, key) for key in keys} for zone in (before, after))
    several = [key for key in keys if not (was[key] and now[key])]
    first = {key: _kept(was[key], now[key], before, after) for key in keys}
    yield Seen(_with(before, first), _with(after, first))
    for owner, _ in several:
        yield Seen(
            before,
            after,
            owner=owner,
            missing=f"who gets which answer of {without_dot(owner)}: {_SEVERAL}",
        )
    left = most = _most(after)
    for key in keys:
        if key in several:
            continue
        if max(len(was[key]), len(now[key])) > MOST_ANSWERS:
            if list(map(_described, was[key])) != list(map(_described, now[key])):
                yield Seen(before, after, owner=key[0], missing=_TOO_MANY.format(most))
            continue
        pairs = _Pairs(before, after, first, key, cost, left)
        found: dict[Seen, None] = {}
        try:
            for each in _moves(was[key], now[key]):
                found |= dict.fromkeys(pairs.led_by_any(each))
            for pair in _kept_answers(was[key], now[key], before, after):
                found |= dict.fromkeys(pairs.led_by(*pair))
        except _TooManyError:
            yield Seen(before, after, owner=key[0], missing=_TOO_MANY.format(most))
            return
        yield from found
        left = pairs.left


def _most(zone: Zone) -> int:
    return max(_LEAST, min(MOST, MOST_RECORDS // max(zone.records, 1)))


def _keys(before: Zone, after: Zone, matters: Callable[[_Key], bool]) -> list[_Key]:
    """The names and types of the sets; all that a name has, where an alias comes or goes there."""
    sets = {**before.variants, **after.variants}
    keys = [key for key in sets if key[1] not in _ADDRESSES or matters(key)]
    whole = {owner for owner, _ in keys if _turns(before, after, owner)}
    return list(dict.fromkeys((o, _WHOLE if o in whole else type) for o, type in keys))


def _turns(before: Zone, after: Zone, owner: str) -> bool:
    """Whether an alias takes the place of other records, or they its place."""
    sides = [{rrset.type for rrset in side.at(owner)} for side in (before, after)]
    return all(sides) and len({"CNAME" in side for side in sides}) == 2


def as_given(zone: Zone, matters: Callable[[_Key], bool]) -> Iterator[Seen]:
    """What the zone is for those who get other answers than stand in it.

    Nothing where everybody gets the same. Addresses of a set are all addresses of their name, but
    for those who get none of them. Those for whose place there is none get no answer; of a zone
    that is not complete it is missing whether there is one.
    matters: whether anything is to be known of a set.
    """
    sets = [key for key in zone.variants if matters(key)]
    bare = [key for key in sets if _leaves_out_places(zone.variants[key])]
    if bare and not zone.complete:
        named = ", ".join(f"{without_dot(owner)} {type}" for owner, type in bare)
        missing = f"{named} for those whose place no record names that this run sees"
        yield Seen(zone, _with(zone, dict.fromkeys(bare, ())), owner=bare[0][0], missing=missing)
    keys = [key for key in sets if key[1] not in _ADDRESSES or (zone.complete and key in bare)]
    places = places_of(zone, keys) if keys else []
    if zone.complete and bare:
        places = list(dict.fromkeys((*places, ())))
    most = _most(zone)
    if len(places) > most or any(len(zone.variants[key]) > MOST_ANSWERS for key in keys):
        yield Seen(zone, zone, owner=keys[0][0], missing=_TOO_MANY_ANSWERS.format(most))
        return
    stands = zone.unknown.keys().isdisjoint(keys)
    settled = _settled(zone, keys)
    leads = grouped((owner, name) for name, owners in zone.aliased.items() for owner in owners)
    written = usual = tuple(_content_of(zone.get(*key) or ()) for key in keys)
    made = {usual} if stands else set()
    for place in places:
        given = {key: found for key in keys if (found := _given_ever(zone, key, place))}
        for key, answer in ((key, each) for key, found in given.items() for each in found):
            answers = {each: found[0] for each, found in given.items()} | {key: answer}
            for other in _answered_alike(zone, key, leads):
                same = (each for each in given.get(other, ()) if each.name == answer.name)
                answers |= ((other, each) for each in same)
            contents = tuple(
                _content(answers[k]) if k in answers else other
                for k, other in zip(keys, written, strict=True)
            )
            if contents in made:
                continue
            if len(made) > most:
                yield Seen(zone, zone, owner=key[0], missing=_TOO_MANY_ANSWERS.format(most))
                return
            made.add(contents)
            usual = usual if stands or len(made) > 1 else contents
            differing = {
                k for k, one, other in zip(keys, contents, usual, strict=True) if one != other
            }
            called = {k: each.name for k, each in answers.items() if k in differing or not stands}
            names = tuple(map(called.get, keys))
            after = _with(zone, {k: each.records for k, each in answers.items()})
            yield Seen(zone, after, names=names, stands=stands, settled=settled)


def by_answer(zone: Zone, owner: str) -> Iterator[tuple[str, Zone]]:
    """The zone with each answer of a set of texts or aliases at a name, by what it is called."""
    for key in ((owner, "TXT"), (owner, "CNAME")):
        for each in zone.variants.get(key, ())[:MOST]:
            yield each.name, _with(zone, {key: each.records})


def _answered_alike(zone: Zone, key: _Key, leads: Mapping[str, Sequence[str]]) -> Iterator[_Key]:
    """What the same answer of a set is given at: names, and aliases of a provider's to them.

    leads: the names that aliases lead to.
    """
    owner, type = key
    for name in dict.fromkeys((owner, *leads.get(owner, ()))):
        yield from ((each, type) for each in (name, *zone.aliased.get(name, ())) if each != owner)


def _settled(zone: Zone, keys: Iterable[_Key]) -> frozenset[str] | None:
    """Why it is not known what is in the zone, where each who asks gets one of its answers."""
    if any(each.records is None for key in keys for each in zone.variants[key]):
        return None
    return frozenset(chain(*(zone.unknown.get(key, ()) for key in keys)))


def _leaves_out_places(answers: _Set) -> bool:
    return answers[0].by == "place" and all(each.place for each in answers)


def _given_ever(zone: Zone, key: _Key, place: Place) -> list[Variant]:
    """The answers that are known of those at a place, while this or that is down as well."""
    found: dict[_Content, Variant] = {}
    for answers in _at(_set(zone, key), place):
        for level in sorted({each.level for each in answers}):
            for share in _shares(_served(answers, level), 1).values():
                answer = share.answer
                is_none = answer is _NO_ANSWER
                if (
                    zone.complete
                    if is_none
                    else key[1] not in _ADDRESSES and answer.records is not None
                ):
                    found.setdefault(_content(answer), answer)
    return list(found.values())


def those(names: Iterable[str]) -> str:
    """Words for those who get some answers, or none of a set."""
    told = dict.fromkeys(names)
    quoted = [f"`{name}`" for name in told if name != NOBODY]
    if not quoted:
        return f"{FOR_THOSE}m no answer of the set is for"
    last = ", or none" if NOBODY in told else ""
    return f"{FOR_THOSE} get the answer{'s' * (len(quoted) > 1)} {', '.join(quoted)}{last}"


def _set(zone: Zone, key: _Key) -> _Set:
    """The answers of a name and type; the only one for all, where it is no set.

    Of all that a name has none, where there are several sets.
    """
    if key[1] == _WHOLE:
        return _set_of_all(zone, key[0])
    held = zone.get(*key)
    is_open = key in zone.unknown or (held is None and zone.unseen(*key))
    return zone.variants.get(key) or [Variant(NOBODY, None if is_open else list(held or ()))]


def _set_of_all(zone: Zone, owner: str) -> _Set:
    sets = [key for key in zone.variants if key[0] == owner and key[1] not in _ADDRESSES]
    if len(sets) > 1:
        return []
    beside = [each for rrset in zone.at(owner) if (owner, rrset.type) not in sets for each in rrset]
    if not sets:
        is_open = any(name == owner for name, _ in zone.unknown)
        return [Variant(NOBODY, None if is_open else beside)]
    return [
        each if each.records is None else each._replace(records=[*each.records, *beside])
        for each in zone.variants[sets[0]]
    ]


def _kept(was: _Set, now: _Set, before: Zone, after: Zone) -> Sequence[Record] | None:
    """An answer of what was that still is one, or could be; none where what all lead to is gone."""
    still = [each for each in was if all(_stays(r, before, after) for r in each.records or ())]
    contents = {_content(each) for each in now}
    found = next((each for each in still if _content(each) in contents), next(iter(still), None))
    return [] if found is None else found.records


def _stays(record: Record, before: Zone, after: Zone) -> bool:
    """Whether there still is what a record leads to, if there was."""
    if record.type not in ("CNAME", "MX") or not before.at(record.target):
        return True
    return bool(after.at(record.target)) or not after.contains(record.target)


def _kept_answers(
    was: _Set, now: _Set, before: Zone, after: Zone
) -> Iterator[tuple[Variant, Variant]]:
    """Answers that are what they were, and lead to what is not, or to what only others hold."""
    stood = {_content(each): each for each in _given(was)}
    for content, each in {_content(each): each for each in _given(now)}.items():
        if content in stood and any(_may_differ(r, before, after) for r in each.records or ()):
            yield stood[content], each


def _given(answers: _Set) -> _Set:
    return [each for each in answers if each.weight] or answers


def _may_differ(alias: Record, before: Zone, after: Zone) -> bool:
    """Whether something else may be found through a record.

    Through an alias into another zone only for what is not a host: names of hosts have no
    underscore (RFC 8552 §1.1). An MX and an SPF record lead to whatever their hosts have.
    """
    if alias.type != "CNAME":
        return alias.type == "MX" or (alias.type in TEXT_TYPES and "spf1" in alias.rdata.lower())
    at, seen = alias.target, {alias.owner}
    while at not in seen and after.contains(at) and not after.is_delegated(at):
        seen.add(at)
        old, new = ({(r.type, r.rdata) for r in chain(*side.at(at))} for side in (before, after))
        if old != new:
            return True
        further = after.get(at, "CNAME")
        if further is None:
            return False
        at = further.records[0].target
    return at not in seen and "_" in alias.owner


def places_of(zone: Zone, keys: Iterable[_Key]) -> list[Place]:
    """The places that sets tell apart, but for networks: one may well have answers of its own."""
    if not zone.variants:
        return [()]
    places = dict.fromkeys(each.place for key in keys for each in _set(zone, key))
    return [place for place in places if not place or "/" not in place[-1]]


def given_at(zone: Zone, key: _Key, place: Place) -> list[Variant]:
    """The answers of which those at a place get one, while nothing is down."""
    shares = (_shares(_served(each, 0), 1) for each in _at(_set(zone, key), place))
    return [share.answer for each in shares for share in each.values()]


# -- who gets what ---------------------------------------------------------------------------------


class _Share(NamedTuple):
    answer: Variant
    size: int


_Move = tuple[list[_Share], list[_Share]]
"""What some get no more, and what they get in its place."""


def _moves(was: _Set, now: _Set) -> Iterator[list[list[_Move]]]:
    """What moves for all who can be told apart, while this or that is down.

    Several where it is not known which of some answers they got or get.
    """
    alike = not (was[0].by and now[0].by) or was[0].by == now[0].by
    sides = [list(dict.fromkeys(each.place for each in side)) for side in (was, now)]
    everywhere = [answers for place in sides[1] for answers in _at(now, place)]
    for place in dict.fromkeys(sides[0] + sides[1]) if alike else sides[0]:
        others = _at(now, place) if alike else everywhere
        yield [list(_moves_at(old, new)) for old, new in product(_at(was, place), others)]


def _moves_at(old: _Set, new: _Set) -> Iterator[_Move]:
    for level in sorted({each.level for each in (*old, *new)}):
        lost, gained = _alike(_served(old, level), _served(new, level))
        moved = _without_common(lost, gained), _without_common(gained, lost)
        if all(moved):
            yield moved


def _at(answers: _Set, place: Place) -> list[_Set]:
    """The answers of which those at a place may get one; several where that is not known."""
    held = grouped((each.place, each) for each in answers)
    while place and place not in held:
        place = place[:-1]
        if place == ("",):  # in any of the larger places, or in none of them
            return [held[each] for each in held if not each or each[0]] or [[_NO_ANSWER]]
    if place in held:
        return [held[place]]
    return list(held.values()) if answers[0].by == NEAREST else [[_NO_ANSWER]]


_NO_ANSWER = Variant(NOBODY, [])


def _served(answers: _Set, level: int) -> _Set:
    """Those that are given while this much is down."""
    levels = sorted({each.level for each in answers})
    at = max((each for each in levels if each <= level), default=levels[0])
    return [each for each in answers if each.level == at]


_Shares = Mapping[_Content, _Share]


def _alike(one: _Set, other: _Set) -> tuple[_Shares, _Shares]:
    """The shares of two sets, measured alike."""
    wholes = [sum(each.weight for each in side) or len(side) for side in (one, other)]
    return _shares(one, wholes[1]), _shares(other, wholes[0])


def _shares(answers: _Set, by: int) -> _Shares:
    """How many get each content; where nothing has a weight, as many get each."""
    has_weight = any(each.weight for each in answers)
    found: dict[_Content, _Share] = {}
    for each in answers:
        if size := by * (each.weight if has_weight else 1):
            content = _content(each)
            held = found.get(content, _Share(each, 0))
            found[content] = held._replace(size=held.size + size)
    return found


def _described(answer: Variant) -> tuple[_Content, Variant]:
    return _content(answer), answer._replace(records=None)


def _content(answer: Variant) -> _Content:
    if answer.records is None:
        return answer.name
    return _content_of(answer.records)


def _content_of(records: Iterable[Record]) -> _Content:
    return frozenset(f"{record.type} {record.rdata}" for record in records)


def _without_common(shares: _Shares, others: _Shares) -> list[_Share]:
    """What is left of shares, where nobody moves who need not."""
    return [
        share._replace(size=share.size - common)
        for content, share in shares.items()
        if share.size > (common := others[content].size if content in others else 0)
    ]


# -- which of them in the place of which -----------------------------------------------------------


class _TooManyError(Exception):
    """More pairs would have to be compared than are."""


class _Pairs:
    """Answers of one set in the place of others, each pair compared once, and when it must be."""

    def __init__(
        self,
        before: Zone,
        after: Zone,
        first: Mapping[_Key, Sequence[Record] | None],
        key: _Key,
        cost: Callable[[Seen], int],
        left: int,
    ) -> None:
        self.left = left
        self._before = before
        self._after = after
        self._first = first
        self._key = key
        self._cost = cost
        self._made: dict[tuple[_Content, _Content, bool], tuple[Seen, int]] = {}
        owner, type = key
        name = without_dot(owner) if type == _WHOLE else f"{without_dot(owner)} {type}"
        missing = f"who gets which answer of {name}: {_OTHER_PLACES}"
        self._open = Seen(before, after, owner=owner, missing=missing)

    def led_by_any(self, alternatives: Sequence[Sequence[_Move]]) -> list[Seen]:
        """The pairs by which it moves, where one of some things moves."""
        led = [[pair for move in each for pair in self._led(*move)] for each in alternatives]
        if len({max((cost for _, cost in each), default=0) for each in led}) > 1:
            return [self._open]
        return [seen for each in led for seen, _ in each]

    def led_by(self, one: Variant, other: Variant) -> list[Seen]:
        """One answer in the place of another."""
        return [self._pair(one, other)[0]]

    def _led(self, lost: Sequence[_Share], gained: Sequence[_Share]) -> list[tuple[Seen, int]]:
        """The pairs by which all that is lost becomes what is gained, at the least cost."""
        flow = _Flow(lost, gained, lambda one, other: self._pair(one, other)[1])
        return [self._pair(one, other) for one, other in flow.run()]

    def _pair(self, one: Variant, other: Variant) -> tuple[Seen, int]:
        contents = _content(one), _content(other)
        is_usual = contents[0] != contents[1] and any(
            _content(each) == contents[1] and each.weight and each.level <= other.level
            for each in _set(self._before, self._key)
            if each.place == other.place
        )
        pair = *contents, is_usual
        if pair not in self._made:
            if self.left == 0:
                raise _TooManyError
            self.left -= 1
            before = _with(self._before, {**self._first, self._key: one.records})
            after = _with(self._after, {**self._first, self._key: other.records})
            keeps_name = one.name == other.name
            seen = Seen(before, after, self._who(other), keeps_name, is_usual=is_usual)
            self._made[pair] = seen, self._cost(seen)
        return self._made[pair]

    def _who(self, answer: Variant) -> str:
        if answer.name == NOBODY:
            owner, type = self._key
            types = [t for name, t in self._after.variants if name == owner]
            if not (types if type == _WHOLE else type in types):
                return ""
        return those([answer.name])


class _Flow:
    """Leads shares to others through the pairs that cost least (Edmonds and Karp, by cost)."""

    def __init__(
        self,
        lost: Sequence[_Share],
        gained: Sequence[_Share],
        cost: Callable[[Variant, Variant], int],
    ) -> None:
        self._ones = [each.answer for each in lost]
        self._others = [each.answer for each in gained]
        self._left = [each.size for each in lost]
        self._room = [each.size for each in gained]
        self._led: dict[tuple[int, int], int] = {}
        self._cost = cost

    def run(self) -> list[tuple[Variant, Variant]]:
        for most in range(3):
            while path := self._path(most):
                self._lead(path)
        return [(self._ones[one], self._others[other]) for one, other in self._led]

    def _path(self, most: int) -> list[int]:
        """From what is still to be led to where there is room: one, other, one, other …"""
        starts = [one for one, size in enumerate(self._left) if size]
        came = dict.fromkeys(starts, -1)
        reached: dict[int, int] = {}
        queue = deque(starts)
        while queue:
            one = queue.popleft()
            for other in self._nearest_first(one):
                if other in reached or self._cost(self._ones[one], self._others[other]) > most:
                    continue
                reached[other] = one
                if self._room[other]:
                    return self._back(other, came, reached)
                for again, to in self._led:
                    if to == other and again not in came:
                        came[again] = other
                        queue.append(again)
        return []

    def _nearest_first(self, one: int) -> list[int]:
        name = self._ones[one].name
        return sorted(range(len(self._others)), key=lambda other: self._others[other].name != name)

    @staticmethod
    def _back(other: int, came: Mapping[int, int], reached: Mapping[int, int]) -> list[int]:
        path = [other]
        while other >= 0:
            one = reached[other]
            other = came[one]
            path += [one] if other < 0 else [one, other]
        return path[::-1]

    def _lead(self, path: Sequence[int]) -> None:
        more = list(zip(path[::2], path[1::2], strict=True))
        less = list(zip(path[2::2], path[1::2], strict=False))
        size = min(self._left[path[0]], self._room[path[-1]], *(self._led[each] for each in less))
        self._left[path[0]] -= size
        self._room[path[-1]] -= size
        for pair in more:
            self._led[pair] = self._led.get(pair, 0) + size
        for pair in less:
            self._led[pair] -= size
            if not self._led[pair]:
                del self._led[pair]


# -- zones -----------------------------------------------------------------------------------------


def _with(zone: Zone, answers: Mapping[_Key, Sequence[Record] | None]) -> Zone:
    """The zone with one answer of each set; one that is not known is as it is in the zone."""
    known = {key: records for key, records in answers.items() if records is not None}
    held = [record for key in known for record in _held(zone, key)]
    found = zone.changed(dict.fromkeys(held), [each for some in known.values() for each in some])
    given = {(owner, each.type) for (owner, _), some in known.items() for each in some}
    named = {key for key in known if key[1] != _WHOLE}
    gone = {*named, *((each.owner, each.type) for each in held)} - given
    found.unknown = {
        key: why
        for key, why in zone.unknown.items()
        if known.keys().isdisjoint((key, (key[0], _WHOLE)))
    }
    found.gone = zone.gone | gone
    found.variants = zone.variants
    return found


def _held(zone: Zone, key: _Key) -> Iterable[Record]:
    owner, type = key
    return chain(*zone.at(owner)) if type == _WHOLE else zone.get(owner, type) or ()
