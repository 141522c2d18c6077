"""Whether name servers answer what is written: asked of each, and judged together."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from zonelint.providers.served import Asked, Served, serial_of
from zonelint.rules.model.answers import Held, Status
from zonelint.standing.questions import ExpectedRecords

_HALF = 1 << 31
"""Half of the circle that serials go round (RFC 1982)."""


class State(Enum):
    """What a server makes of a record that is written."""

    PUBLISHED = "published"
    NOT_YET = "not yet"
    OTHERWISE = "otherwise"
    UNANSWERED = "no answer"


@dataclass(frozen=True, slots=True)
class NamedServer:
    """A server and its name: `ns1.example.net (192.0.2.1)`."""

    name: str
    asked: Asked

    @property
    def is_resolver(self) -> bool:
        return self.asked.is_resolver


@dataclass(frozen=True, slots=True)
class ServerAnswer:
    """What one server answers to one question. `serial` is that of its copy of the zone."""

    place: NamedServer
    served: Served
    state: State
    serial: int | None = None

    @property
    def waits(self) -> int | None:
        """Seconds until caches forget what is not as written."""
        return self.served.ttl if self.state in (State.NOT_YET, State.OTHERWISE) else None


@dataclass(frozen=True, slots=True)
class Verified:
    """A record, and what all servers answer. `serial` is the zone's as it is written."""

    question: ExpectedRecords
    findings: tuple[ServerAnswer, ...]
    serial: int | None = None

    @property
    def answered(self) -> bool:
        return any(each.state is not State.UNANSWERED for each in self.findings)

    @property
    def is_published(self) -> bool:
        return all(each.state is State.PUBLISHED for each in self.findings)


async def verify(
    zone: str,
    questions: Sequence[ExpectedRecords],
    places: Sequence[NamedServer],
    serial: int | None,
) -> list[Verified]:
    """Ask every server for every record of a zone, all at once."""
    for place in places:
        place.asked.begin()
    own = [place for place in places if not place.is_resolver]
    serials = await asyncio.gather(*(serial_of(place.asked, zone) for place in own))
    by_place = {place.name: found for place, found in zip(own, serials, strict=True)}
    pairs = [(question, place) for question in questions for place in places]
    answers = await asyncio.gather(*(place.asked.ask(q.owner, q.type) for q, place in pairs))
    found: dict[int, list[ServerAnswer]] = {}
    for (question, place), served in zip(pairs, answers, strict=True):
        state = _state(question, served)
        found.setdefault(id(question), []).append(
            ServerAnswer(place, served, state, by_place.get(place.name))
        )
    newest = _newest([serial, *serials])
    return [
        Verified(question, tuple(_together(found[id(question)], newest)), serial)
        for question in questions
    ]


def _state(question: ExpectedRecords, served: Served) -> State:
    if not served.status.is_fact:
        return State.UNANSWERED
    written = question.written
    assert written is not None
    return State.PUBLISHED if _is_same(written, served, question.type) else State.OTHERWISE


def _is_same(written: Held, served: Served, type: str) -> bool:
    if written.status is not Status.RECORDS:
        return not served.values and served.alias is None
    return {_plain(each, type) for each in written.values} == {
        _plain(each, type) for each in served.values
    }


def _plain(value: str, type: str) -> str:
    """A value as DNS compares it."""
    if type == "TXT":
        return value
    return " ".join(value.lower().split())


def _together(findings: Sequence[ServerAnswer], newest: int | None) -> Iterable[ServerAnswer]:
    """Tell what is only late from what is something else.

    A server is late that has an older copy of the zone, that has nothing there yet, or beside
    which another of the zone's own has it as written; a resolver, while it may remember what the
    zone's own servers have left behind.
    """
    own = [each for each in findings if not each.place.is_resolver]
    one_has_it = any(each.state is State.PUBLISHED for each in own)
    for each in findings:
        if each.state is State.OTHERWISE and (
            one_has_it
            or (each.served.status is not Status.RECORDS)
            or _is_older(each.serial, newest)
        ):
            yield replace(each, state=State.NOT_YET)
        else:
            yield each


def _newest(serials: Iterable[int | None]) -> int | None:
    found: int | None = None
    for serial in serials:
        if serial is not None and (found is None or _is_older(found, serial)):
            found = serial
    return found


def _is_older(serial: int | None, other: int | None) -> bool:
    """Whether a serial is behind another (RFC 1982 §3.2)."""
    if serial is None or other is None or serial == other:
        return False
    return 0 < (other - serial) % (1 << 32) < _HALF
