"""Which zones before a change may be the state before of each zone after it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from zonelint.rules.core.identity import ZoneId

if TYPE_CHECKING:
    from zonelint.rules.model.repository import Seat

_Key = Callable[[ZoneId], Hashable]
"""What zones of both sides have in common; None for one that takes no part."""


def pair(after: Sequence[Seat], before: Sequence[Seat]) -> None:
    """Tell each zone which zones may be its state before.

    The one of its identity, whatever its view is called; else, of those of its name that are
    nobody's, the only one that its provider serves in its view; all of its view; the one at its
    place, if its view held none; or all. One that goes while its name lives on in others of its
    view may have been what was served: it is one of theirs as well. A file that is added beside
    those of its name may be served in the place of any.
    """
    before = sorted(before, key=lambda seat: seat.identity)  # in whatever order they were read
    # A view that only one side has was renamed, or made.
    views = {seat.identity.view for seat in after} & {seat.identity.view for seat in before}
    left = _pair_by(lambda zone: zone, after, before)
    left = _pair_by(lambda zone: None if zone.view in views else _at_place(zone), after, left)
    left = _pair_by(lambda zone: zone._replace(id="") if zone.provider else None, after, left, 1)
    for key in (_in_view, _at_place, lambda zone: zone.name):
        left = _pair_by(key, after, left)
    gone = _grouped(left, _in_view)
    for seat in after if gone else ():
        seat.befores = (*seat.befores, *gone.get(_in_view(seat.identity), ()))
    files = _grouped((seat for seat in before if not seat.identity.provider), _in_view)
    for seat in after:
        if not seat.befores and not seat.identity.provider:
            seat.befores = tuple(files.get(_in_view(seat.identity), ()))
            seat.is_added = bool(seat.befores)


def _pair_by(
    key: _Key, after: Sequence[Seat], before: Sequence[Seat], most: int | None = None
) -> Sequence[Seat]:
    """Pair the zones that are nobody's and have something in common; which are nobody's still.

    most: how many zones of each side may have it in common.
    """
    new = _grouped((seat for seat in after if not seat.befores), key)
    old = _grouped(before, key) if new else {}
    for common in new.keys() & old.keys():
        if most is None or max(len(new[common]), len(old[common])) <= most:
            for seat in new[common]:
                seat.befores = tuple(old[common])
    taken = {id(each) for seats in new.values() for seat in seats for each in seat.befores}
    return [each for each in before if id(each) not in taken] if taken else before


def _grouped(seats: Iterable[Seat], key: _Key) -> Mapping[Hashable, Sequence[Seat]]:
    found: dict[Hashable, list[Seat]] = {}
    for seat in seats:
        if (common := key(seat.identity)) is not None:
            found.setdefault(common, []).append(seat)
    return found


def _in_view(zone: ZoneId) -> Hashable:
    return zone.name, zone.view


def _at_place(zone: ZoneId) -> Hashable:
    return zone._replace(view="")
