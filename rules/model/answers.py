"""What DNS answers, without asking it: from the zones of the run, then from the lock.

An `Answer` is a fact (records, no data, no such name), a failure that was recorded (SERVFAIL, no
reply), or `Status.UNKNOWN`: nobody here knows. Unknown is never the same as absent.

Names are absolute, in lower case, with their final dot, in presentation format.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from enum import Enum
from functools import lru_cache
from itertools import islice
from typing import NamedTuple, Protocol

from zonelint.grammars.dnsname import to_a_labels
from zonelint.grammars.spf.address import read_address
from zonelint.grammars.zone import Answered, Reason, Record, RRset, Zone, sameness

LONGEST_CHAIN = 16
"""CNAMEs that are followed one after the other; resolvers have a limit of this order as well."""

CIRCLE = "aliases that lead in a circle"
"""Why there is no answer where CNAMEs lead back to where they began."""

UNANSWERED = "no answer came"
"""What is said of a name that was asked for in vain, before the day on which that was."""

_ESCAPED = tuple(
    f"\\{octet:c}"
    if octet in b'"().;\\@$'
    else f"{octet:c}"
    if 32 < octet < 127
    else f"\\{octet:03d}"
    for octet in range(256)
)
"""How an octet of a label is written (RFC 1035 §5.1)."""
ADDRESSES = ("A", "AAAA")
"""Types of which it is enough for much to know that records stand there."""
FLATTENED = ("ALIAS", "ANAME", "DYNA", "LUA")
"""Types that a DNS service answers with addresses that it looks up, or makes up, itself."""

ANY = "*"
"""Asks for the types at the very name, whatever is published there."""
BELOW = "*."
"""Asks for the names below the very name at which a zone has records.

A wildcard below it stands for any, where one that is above it answers for them.
"""
MOST_BELOW = 10_000
"""Names below one that are told of."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Status(Enum):
    """How a question was answered. The words are those of the lock."""

    RECORDS = "records"
    NODATA = "nodata"
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    TIMEOUT = "timeout"
    UNKNOWN = "unknown"

    @property
    def is_void(self) -> bool:
        """Whether there is no such name, or no record of the type."""
        return self in (Status.NODATA, Status.NXDOMAIN)

    @property
    def is_fact(self) -> bool:
        """Whether the answer can be relied on: records, or the proof that there are none."""
        return self in (Status.RECORDS, Status.NODATA, Status.NXDOMAIN)


class Held(NamedTuple):
    """What one source holds for a name and type: records of the type, or the alias at the name.

    Of addresses the alias may be one that a DNS service follows itself.

    With `UNKNOWN` the source is the one to ask, and cannot say: for that `reason`. Of addresses
    it may be known that they stand there and not what they are: records, with the reason, and what
    the alias leads to is known if anybody knows it.
    """

    status: Status
    values: tuple[str, ...] = ()
    alias: str | None = None
    reason: str = ""


class Source(Protocol):
    """Something that knows answers: the zones, a lock. No alias is followed."""

    def look(self, name: str, type: str) -> Held | None:
        """What is held for the name and type; None where this source does not know."""


class Answer(NamedTuple):
    """The answer to a question, aliases followed.

    values: for TXT the decoded, joined texts; for A and AAAA addresses; for MX the preference and
      the exchange, with a blank between; for all others the target's name.
    aliases: the names of the CNAME chain behind `name`, the last being the one that answered.
    reason: why it is unknown, where more is to be said than that nobody here knows; or why not all
      of the addresses are known.
    """

    name: str
    type: str
    status: Status
    values: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_fact(self) -> bool:
        return self.status.is_fact

    @property
    def is_circle(self) -> bool:
        """Whether aliases lead back to where they began: whoever asks, no record comes."""
        return self.reason == CIRCLE

    @property
    def is_whole(self) -> bool:
        """Whether it can be relied on, and all of its values are known."""
        return self.status.is_fact and not self.reason

    @property
    def is_void(self) -> bool:
        """A void lookup (RFC 7208 §4.6.4): no such name, or no record of the type."""
        return self.status.is_void

    @property
    def last(self) -> str:
        """The name at the end of the CNAME chain: what is missing where nothing is known."""
        return self.aliases[-1] if self.aliases else self.name

    @property
    def missing(self) -> str:
        """What would have to be known for an answer: the reason, else the name nobody knows of."""
        return self.reason or self.last

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The addresses of an A or AAAA answer; what is no address is left out."""
        return tuple(found for found in map(read_address, self.values) if found is not None)

    @property
    def exchanges(self) -> tuple[str, ...]:
        """The exchanges of an MX answer by preference, a null MX left out, repeats kept."""
        return _by_preference(self.values)


@lru_cache(maxsize=256)
def _by_preference(values: tuple[str, ...]) -> tuple[str, ...]:
    pairs = (value.partition(" ") for value in values)
    ordered = sorted((int(number), host) for number, _, host in pairs if host)
    return tuple(host for _, host in ordered if host != ".")


class Answers(Protocol):
    """What every evaluation asks."""

    def ask(self, name: str, type: str) -> Answer: ...


class World:
    """Answers from several sources, the first that knows; CNAMEs are followed across them.

    why: the reason why nobody knows a name, "" where there is no other than that.
    """

    __slots__ = ("_remembered", "sources", "why")

    def __init__(self, sources: Sequence[Source], why: Callable[[str], str] = lambda _: "") -> None:
        self.sources = tuple(sources)
        self.why = why
        self._remembered: dict[tuple[str, str], Answer] = {}

    def ask(self, name: str, type: str) -> Answer:
        """The answer, aliases followed. A chain that is too long or a loop counts as SERVFAIL."""
        key = (name, type)
        found = self._remembered.get(key)
        if found is None:
            found = self._remembered[key] = self._follow(name, type)
        return found

    def forget(self, name: str, type: str) -> None:
        """Find an answer anew when it is asked for next."""
        self._remembered.pop((name, type), None)

    def _follow(self, name: str, type: str) -> Answer:
        aliases: list[str] = []
        at, standing = name, Held(Status.UNKNOWN)
        while len(aliases) <= LONGEST_CHAIN:
            held = self.look(at, type)
            if standing.reason and (held is None or held.status is Status.UNKNOWN):
                held = standing._replace(alias=None)
            if held is None:
                return Answer(name, type, Status.UNKNOWN, (), tuple(aliases), self.why(at))
            if held.alias is None or type == "CNAME":
                return Answer(name, type, held.status, held.values, tuple(aliases), held.reason)
            standing = standing if standing.reason else held
            at = held.alias
            if at in aliases or at == name:
                return Answer(name, type, Status.SERVFAIL, (), tuple(aliases), CIRCLE)
            aliases.append(at)
        return Answer(name, type, Status.SERVFAIL, (), tuple(aliases))

    def look(self, name: str, type: str) -> Held | None:
        """What the first source that knows holds, no alias followed."""
        for source in self.sources:
            held = source.look(name, type)
            if held is not None:
                return held
        return None


SECRET = "a value that is secret and not shown here"
"""Why nobody but the zone itself gets an answer that is not to be shown."""


def shown_by(zone: Zone, name: str, type: str) -> Held | None:
    """What a zone answers others: what it holds, unless that is secret."""
    if zone.secret and type not in (ANY, BELOW):
        rrset = zone.answer(name, type)[1]
        if rrset is not None and (rrset.owner, rrset.type) in zone.secret:
            return Held(Status.UNKNOWN, reason=SECRET)
    return held_by(zone, name, type)


def held_by(zone: Zone, name: str, type: str) -> Held | None:
    """What a zone holds for certain, no alias followed; None where that is not its own to say.

    What a zone that is not complete does not hold may stand in the part that is not seen, unless a
    change takes it away.
    """
    if type in (ANY, BELOW):
        return _names_below(zone, name) if type == BELOW else _types_at(zone, name)
    why = zone.unknown_answer(name, type)
    answered, rrset = zone.answer(name, type)
    if why:
        if rrset is None or rrset.type not in ADDRESSES:
            return Held(Status.UNKNOWN, reason=_beside(why, rrset))
        return _held_in(rrset, type)._replace(reason=why, alias=_led_to(rrset))
    if rrset is not None:
        return _held_in(rrset, type)
    if answered is Answered.ELSEWHERE:
        target = zone.redirected(name)
        return None if target is None else Held(Status.RECORDS, (), target)
    if type in ADDRESSES and (looked_up := _flattened(zone, name)) is not None:
        led_to = _led_to(looked_up)
        return None if led_to is None else Held(Status.RECORDS, (), led_to)
    if not zone.complete:
        # Beside a CNAME there was nothing else.
        is_gone = not zone.gone.isdisjoint(((name, type), (name, "CNAME")))
        return Held(Status.NODATA) if is_gone else None
    if answered is Answered.NXDOMAIN:
        return Held(Status.NXDOMAIN)
    return Held(Status.NODATA)


def _beside(why: str, written: RRset | None) -> str:
    """Why an answer is not known of which something is written: another text makes another."""
    if written is None:
        return why
    return Reason(why, "\n".join((sameness(why)[1], *sorted(map(_value, written)))))


def _flattened(zone: Zone, name: str) -> RRset | None:
    """The record that a DNS service answers with addresses which it looks up, or makes up."""
    found = (zone.answer(name, kind)[1] for kind in FLATTENED if zone.of_type(kind))
    return next(filter(None, found), None)


def _led_to(rrset: RRset) -> str | None:
    """The name that a DNS service looks up for all of some records; None where it is not known."""
    names = {each.leads_to for each in rrset}
    return names.pop() if len(names) == 1 else None


def _types_at(zone: Zone, name: str) -> Held | None:
    if zone.is_delegated(name):
        return None
    return Held(Status.RECORDS, tuple(rrset.type for rrset in zone.published.at(name)))


def _names_below(zone: Zone, name: str) -> Held | None:
    if zone.is_delegated(name):
        return None
    served, wildcard = zone.published, f"*.{name.lstrip('.')}"
    names = tuple(islice(served.below(name), MOST_BELOW))
    is_any = name not in served.names and served.answer(wildcard, "TXT")[0] is not Answered.NXDOMAIN
    return Held(Status.RECORDS, (*names, wildcard) if is_any else names)


def _held_in(rrset: RRset, type: str) -> Held:
    if rrset.type == "CNAME" and type != "CNAME":
        return Held(Status.RECORDS, (), rrset.records[0].target)
    if len(rrset) == 1:
        return Held(Status.RECORDS, (_value(rrset.records[0]),))
    # The very same record again is none of its own to a name server (RFC 2181 §5).
    different = {
        record.strings if record.type == "TXT" else _value(record): _value(record)
        for record in rrset
    }
    return Held(Status.RECORDS, tuple(different.values()))


def _value(record: Record) -> str:
    match record.type:
        case "TXT" | "SPF":
            return record.text.value
        case "MX":
            return f"{record.preference} {record.target}"
        case "CNAME" | "PTR" | "NS" | "DNAME":
            return record.target
        case _:
            return record.rdata


def owner_name(text: str) -> str | None:
    """The name that a text from a record or a macro means; None where it can be none.

    RFC 1035 §2.3.4: labels of 1 to 63 octets, 255 in all with their lengths. The final dot may
    be absent.
    """
    return _owner_name(text)


def typed_name(text: str) -> str | None:
    """The name that somebody types, U-labels in their ASCII form; None where it can be none."""
    plain = to_a_labels(text)
    return None if plain is None else owner_name(plain)


@lru_cache(maxsize=1 << 14)
def _owner_name(text: str) -> str | None:
    octets = text.encode("utf-8", "surrogateescape").lower()
    if octets.endswith(b"."):
        octets = octets[:-1]
    if len(octets) > 253:
        return None
    labels = octets.split(b".")
    if not all(0 < len(label) < 64 for label in labels):
        return None
    return "".join(f"{_escaped(label)}." for label in labels)


def _escaped(label: bytes) -> str:
    return "".join(map(_ESCAPED.__getitem__, label))
