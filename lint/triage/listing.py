"""What a list of messages says: which receivers, which statuses, on which days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from zonelint.grammars.listing import counted, grouped
from zonelint.providers.bounces.bounce import TracedMessage, answers_in, domain_of
from zonelint.providers.bounces.causes import bounces
from zonelint.providers.bounces.times import moments
from zonelint.providers.bounces.trace import is_failure

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Count:
    """Messages of one receiver, status or day: how many, and how many of them failed."""

    name: str
    messages: int
    failed: int
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """The counts of a list. `change`: before and after a date; empty where none was asked for.

    `undated` are messages whose time does not tell its day.
    """

    first: str
    last: str
    total: Count
    receivers: tuple[Count, ...]
    statuses: tuple[Count, ...]
    days: tuple[Count, ...]
    change: tuple[Count, ...]
    undated: int


def listing(listed: Sequence[TracedMessage], since: date | None) -> Listing:
    """Count the messages of a list; `since` is the day of a change."""
    times = moments([each.time for each in listed])
    known = sorted(time for time in times if time is not None)
    day_of = {id(each): time.date() for each, time in zip(listed, times, strict=True) if time}
    dated = [each for each in listed if id(each) in day_of]
    return Listing(
        first=_written(known[0]) if known else listed[0].time,
        last=_written(known[-1]) if known else listed[-1].time,
        total=_count("all", listed),
        receivers=_by_receiver(listed),
        statuses=_counts(listed, lambda each: _status(each.status)),
        days=tuple(
            sorted(_counts(dated, lambda each: str(day_of[id(each)])), key=lambda each: each.name)
        ),
        change=()
        if since is None
        else (
            _count(f"before {since}", [m for m in dated if day_of[id(m)] < since]),
            _count(f"from {since} on", [m for m in dated if day_of[id(m)] >= since]),
        ),
        undated=len(listed) - len(dated),
    )


def lines(listing: Listing) -> Iterator[str]:
    """The counts as lines for people."""
    total = listing.total
    yield (
        f"  {counted(total.messages, 'message')} from {listing.first} to {listing.last}, "
        f"{total.failed} failed or waiting."
    )
    for title, counts in (
        ("By receiver", listing.receivers),
        ("By status", listing.statuses),
        ("By day", listing.days),
        ("Before and after", listing.change),
    ):
        if counts:
            yield ""
            yield f"  {title}:"
            yield from _table(counts)
    if listing.undated:
        yield ""
        yield (
            f"  {counted(listing.undated, 'message')} without a clear date: the times do not show "
            "whether the month or the day comes first."
        )


def _table(counts: Sequence[Count]) -> Iterator[str]:
    shown = counts[:_SHOWN]
    width = max(len(each.name) for each in shown)
    for each in shown:
        domains = f"  ({', '.join(each.domains[:8])})" if each.domains else ""
        yield (
            f"    {each.name:<{width}}  {counted(each.messages, 'message'):>12}, "
            f"{each.failed} failed{domains}"
        )
    if len(counts) > _SHOWN:
        yield f"    and {len(counts) - _SHOWN} more"


def _counts(
    listed: Sequence[TracedMessage], key: Callable[[TracedMessage], str]
) -> tuple[Count, ...]:
    groups = grouped((key(each), each) for each in listed)
    found = [_count(name, group) for name, group in groups.items()]
    return tuple(sorted(found, key=lambda each: (-each.failed, -each.messages, each.name)))


def _count(name: str, group: Sequence[TracedMessage]) -> Count:
    return Count(name, len(group), sum(is_failure(each.status) for each in group))


def _by_receiver(listed: Sequence[TracedMessage]) -> tuple[Count, ...]:
    """By who takes the mail, with the domains that those in the list have."""
    names = Counter((_holder(domain := domain_of(each.recipient)), domain) for each in listed)
    domains = grouped(name for name, _ in names.most_common())
    return tuple(
        replace(
            each, domains=() if domains[each.name] == [each.name] else tuple(domains[each.name])
        )
        for each in _counts(listed, lambda message: _holder(domain_of(message.recipient)))
    )


@lru_cache(maxsize=4096)
def _holder(domain: str) -> str:
    """Who runs the mailboxes of a domain, else the domain."""
    holders = bounces().receivers.values()
    return next((each.name for each in holders if each.holds(domain)), domain)


@lru_cache(maxsize=4096)
def _status(status: str) -> str:
    """The status, with the codes that stand in it instead of their text."""
    return ", ".join(answer.code_text for answer in answers_in(status)) or status[:60]


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M")
