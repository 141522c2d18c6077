"""The tries to deliver a message that a report or a log tells of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from zonelint.providers.bounces.bounce import HOST, Try
from zonelint.providers.bounces.times import moments

MOST_TRIES = 2000

PAIR = re.compile(r"\{?\b(LED|FQDN|IP|LRT)=([^{}]{0,600})\}")
"""What Exchange says of its last try: the answer, the host, its address, the time."""
# 11/28/2026 8:10:00 AM - Remote Server at mx.example.net (192.0.2.1) returned '421 4.4.2 ...', in
# any language: the time, the host with its address, what it said.
_TOLD = re.compile(
    r"^[ \t>]{0,8}(?P<time>\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?[ T]{1,3}\d{1,2}[:.]\d{2}(?:[:.]\d{2})?"
    r"(?:[ \u202f]?[AaPp]\.?[Mm]\.?)?)[ \t]{1,3}[-\u2013][ \t](?P<words>[^\n]{0,1000})",
    re.MULTILINE,
)
_HOST = re.compile(r"((?:[\w-]{1,63}\.){1,10}[a-z]{2,63})\s{0,2}\(([0-9a-fA-F.:]{3,45})\)", re.I)
_QUOTED = re.compile(r"['\"\u2018\u2019\u201c\u00ab](?=\s?[245]\d\d[ -])\s?([^\n]{3,600})")
# The number of a hop, its time, the hosts that sent and took it; the first hop has one only.
_HOP = re.compile(
    r"^[ \t]{0,8}\d{1,2}[ \t]{1,4}\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?[ \t]{1,4}"
    r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[ \t]?[AP]M)?[ \t]{1,8}(\S{3,253})[ \t]{1,8}(\S{3,253})",
    re.IGNORECASE | re.MULTILINE,
)
# What Postfix writes into its log.
_LOGGED = re.compile(
    r"^(?P<time>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.+Z-]{8,24}) "
    r"(?P<node>[\w.-]{1,253}) [^\n]{0,300}? relay=(?P<host>[\w.-]{1,253})"
    r"(?:\[(?P<address>[0-9a-fA-F.:]{3,45})\])?[^\n]{0,300}?"
    r"status=(?P<event>[a-z]{3,12}) \((?P<said>[^\n]{0,600})\)",
    re.MULTILINE,
)
_RETRIES = re.compile(r"^[ \t]{0,8}total retry attempts:[ \t]{0,8}(\d{1,5})\b", re.I | re.MULTILINE)


def tries_in(text: str) -> tuple[Try, ...]:
    """The tries in their order, each once."""
    told = (each for reader in (_read_tries, _paired, _logged) for each in reader(text))
    return in_order(tuple(dict.fromkeys(islice(told, MOST_TRIES))))


def in_order(tries: Sequence[Try]) -> tuple[Try, ...]:
    """The tries by their time, where all of the times are clear."""
    times = moments([each.time or "" for each in tries])
    pairs = [(time, number) for number, time in enumerate(times) if time is not None]
    if len(pairs) < len(tries):
        return tuple(tries)
    return tuple(tries[number] for _, number in sorted(pairs))


def hops_in(text: str) -> tuple[str, ...]:
    """The hosts of the table of hops that Microsoft 365 writes below a report."""
    names = (HOST.fullmatch(name) for pair in _HOP.findall(text) for name in pair)
    return tuple(dict.fromkeys(name[0].lower() for name in names if name))


def retries_in(text: str) -> int | None:
    """How often the sending host says that it tried."""
    found = _RETRIES.search(text)
    return int(found[1]) if found else None


def _read_tries(text: str) -> Iterator[Try]:
    for match in _TOLD.finditer(text):
        host, said = _HOST.search(match["words"]), _QUOTED.search(match["words"])
        if host is not None and said is not None:
            words = said[1].rstrip(" '\"\u2019\u201d\u00bb")
            yield Try(match["time"], "", words, None, host[1].lower(), host[2])


def _paired(text: str) -> Iterator[Try]:
    """The groups `{LED=...};{FQDN=...};{IP=...};{LRT=...}` of Exchange, one try each."""
    held: dict[str, str] = {}
    for name, value in [*PAIR.findall(text), ("LED", "")]:
        if name in held:
            if held.get("LRT"):
                host = held.get("FQDN", "").lower() or None
                yield Try(held["LRT"], "", held.get("LED", ""), None, host, held.get("IP") or None)
            held = {}
        held[name] = value.strip()


def _logged(text: str) -> Iterator[Try]:
    parts = ("time", "event", "said", "node", "host", "address")
    return (Try(*m.group(*parts)) for m in _LOGGED.finditer(text) if m["event"] != "sent")
