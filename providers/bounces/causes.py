"""What bounces mean: receivers, status codes and causes, read from `bounces.toml`.

An enhanced status code (RFC 3463, RFC 5248) means little by itself: each receiver uses some of
them in its own way. An entry therefore may name who says it, and words of the text beside it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from itertools import chain
from typing import Any


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody who runs mail for many domains. `hosts` are ends of host names.

    `support` is where senders to it turn to, `customers` where those who send through it do.
    """

    id: str
    name: str
    hosts: tuple[str, ...]
    domains: tuple[str, ...]
    words: tuple[str, ...]
    support: str
    customers: str | None = None

    def runs(self, host: str) -> bool:
        """Whether a host of this name is one of its own."""
        return any(host == end or host.endswith(f".{end}") for end in self.hosts)

    def holds(self, domain: str) -> bool:
        """Whether mailboxes of this domain are with it; a `*` stands for one label."""
        return _fits(domain, self.domains)


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that can be behind a bounce. in_dns: whether records can be. step: what to do."""

    id: str
    name: str
    means: str
    step: str
    in_dns: bool = False


@dataclass(frozen=True, slots=True)
class StatusMeaning:
    """What a code means. `named` are the causes that it names, `possible` the others."""

    title: str
    meaning: str
    reference: str
    by: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()

    def fit(self, receivers: Iterable[str], text: str) -> int | None:
        """How well the entry fits (more is better); None where it does not."""
        if self.by and not set(self.by) & set(receivers):
            return None
        if self.says and not any(word in text for word in self.says):
            return None
        return 2 * bool(self.by) + bool(self.says)


@dataclass(frozen=True, slots=True)
class Bounces:
    """All that is known. `receivers` and `causes` by their ids."""

    receivers: Mapping[str, Receiver]
    causes: Mapping[str, Cause]
    by_status: Mapping[str, tuple[StatusMeaning, ...]] = field(default_factory=dict)
    by_mark: tuple[tuple[str, StatusMeaning], ...] = ()
    by_reply: Mapping[int, tuple[StatusMeaning, ...]] = field(default_factory=dict)
    mailboxes: tuple[str, ...] = ()

    def provider_of(self, domain: str) -> str | None:
        """Who alone sends for a domain of mailboxes that everybody can have; None for others."""
        holders = (each.name for each in self.receivers.values() if each.holds(domain))
        other = f"the provider of {domain}" if _fits(domain, self.mailboxes) else None
        return next(holders, other)

    def of_status(self, status: str, receivers: Iterable[str], text: str) -> StatusMeaning | None:
        """What a status such as `5.7.26` means; `text` is what stands beside it.

        `receivers` are the ids of those who may have said it.
        """
        return _best(self.by_status.get(status, ()), receivers, text)

    def of_mark(self, mark: str, receivers: Iterable[str]) -> StatusMeaning | None:
        """What a receiver's own mark such as `TSS04` means."""
        fitting = [meaning for pattern, meaning in self.by_mark if fnmatchcase(mark, pattern)]
        return _best(fitting, receivers, "")

    def of_reply(self, reply: int, receivers: Iterable[str], text: str) -> StatusMeaning | None:
        """What a reply such as `550` means that has no status beside it."""
        return _best(self.by_reply.get(reply, ()), receivers, text)

    def of_words(self, receivers: Iterable[str], text: str) -> StatusMeaning | None:
        """What the words of an answer mean whose code says nothing in particular."""
        held = chain.from_iterable((*self.by_status.values(), *self.by_reply.values()))
        return _best((meaning for meaning in held if meaning.says), receivers, text)

    def family(self, domain: str) -> tuple[str, ...]:
        """The best-known domains whose mail is taken by whoever takes that of a domain."""
        for each in self.receivers.values():
            if each.holds(domain):
                return tuple(name for name in each.domains if "*" not in name)
        return ()

    def receivers_at(self, hosts: Iterable[str], domains: Iterable[str], text: str) -> list[str]:
        """The ids of the receivers that the hosts, domains or words of a text are of."""
        hosts, domains, text = list(hosts), list(domains), text.lower()
        return [
            each.id
            for each in self.receivers.values()
            if any(map(each.runs, hosts))
            or any(map(each.holds, domains))
            or any(word in text for word in each.words)
        ]


def _fits(domain: str, patterns: Iterable[str]) -> bool:
    asked = domain.count(".")
    return any(fnmatchcase(domain, pattern) and pattern.count(".") == asked for pattern in patterns)


def reply_class(reply: int) -> str:
    """What a reply says by its first digit (RFC 5321 §4.2.1)."""
    return _CLASSES["5" if reply >= 500 else "4"]


def subject(status: str) -> str:
    """What the class and the subject of a status say by themselves (RFC 3463 §3)."""
    number, about, _ = status.split(".")
    return f"{_CLASSES[number]}, about {_SUBJECTS[about]}"


_CLASSES = {
    "2": "Delivered",
    "4": "A temporary failure; sending again may help",
    "5": "A permanent failure; sending the same again does not help",
}
_SUBJECTS = {
    "0": "nothing in particular",
    "1": "an address",
    "2": "the mailbox",
    "3": "the receiving system",
    "4": "the network or the route to the receiver",
    "5": "the protocol between the hosts",
    "6": "the content of the message",
    "7": "security or a policy",
}


def _best(
    meanings: Iterable[StatusMeaning], receivers: Iterable[str], text: str
) -> StatusMeaning | None:
    receivers, text = tuple(receivers), text.lower()
    fits = [(meaning.fit(receivers, text), meaning) for meaning in meanings]
    found = [(fit, meaning) for fit, meaning in fits if fit is not None]
    return max(found, key=lambda item: item[0])[1] if found else None


@cache
def bounces() -> Bounces:
    """What `bounces.toml` holds, read once."""
    text = resources.files("zonelint.providers.bounces").joinpath("bounces.toml").read_text("utf-8")
    held = tomllib.loads(text)
    by_status: dict[str, list[StatusMeaning]] = {}
    by_mark: list[tuple[str, StatusMeaning]] = []
    by_reply: dict[int, list[StatusMeaning]] = {}
    for entry in held["codes"]:
        statuses, replies, marks = (entry.pop(key, ()) for key in ("status", "replies", "marks"))
        meaning = StatusMeaning(**_fixed(entry))
        for each in chain.from_iterable(map(_spread, statuses)):
            by_status.setdefault(each, []).append(meaning)
        for reply in replies:
            by_reply.setdefault(reply, []).append(meaning)
        by_mark += [(mark, meaning) for mark in marks]
    return Bounces(
        receivers={id: Receiver(id, **_fixed(each)) for id, each in held["receivers"].items()},
        causes={id: Cause(id, **_fixed(each)) for id, each in held["causes"].items()},
        by_status={status: tuple(found) for status, found in by_status.items()},
        by_mark=tuple(by_mark),
        by_reply={reply: tuple(found) for reply, found in by_reply.items()},
        mailboxes=tuple(held["mailboxes"]),
    )


def _spread(status: str) -> Iterator[str]:
    """`5.7.606-649` is each code from 5.7.606 to 5.7.649."""
    start, _, detail = status.rpartition(".")
    first, _, last = detail.partition("-")
    for number in range(int(first), int(last or first) + 1):
        yield f"{start}.{number}"


def _fixed(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry by the names of its fields, its lists as tuples."""
    return {key: tuple(v) if isinstance(v, list) else v for key, v in entry.items()}
