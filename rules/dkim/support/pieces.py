"""One key record that was cut into several TXT values of one selector."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import NamedTuple

from zonelint.grammars.tags import dkim as grammar
from zonelint.grammars.tags.publickey import PublicKey
from zonelint.grammars.zone import RRset
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.subjects import Dkim, MailZone, selector_of

_HEAD = re.compile(r"[\s\"']*(?:v\s*=\s*[\"']?dkim|[khstng]\s*=)", re.IGNORECASE)
_REST_OF_KEY = re.compile(r"[\s\"']*[A-Za-z0-9+/]{8,}[A-Za-z0-9+/\s]*={0,2}[\s\"']*(?:;.*)?", re.S)
_AROUND = " \t;\"'"
_MOST_RESTS = 4
_MOST_PIECES = 12


class Split(NamedTuple):
    """A key in pieces. `joined` is the record that they make, None where they make no key."""

    joined: str | None


def split_at(zone: MailZone, owner: str) -> Split | None:
    """How the TXT values of a name are pieces of one key; None where they are not."""
    rrset = zone.zone.get(owner, "TXT")
    return None if rrset is None or len(rrset) < 2 else _read(zone, owner)


def is_piece(dkim: Dkim) -> bool:
    """Whether DKIM015 tells what is wrong with the record, or will once it stands right."""
    return split_at(dkim.zone, dkim.owner) is not None


def split_owners(zone: MailZone) -> Iterator[tuple[RRset, Split]]:
    """The selectors at which a key stands in pieces."""
    for rrset in zone.zone.several:
        if rrset.type == "TXT" and "._domainkey." in rrset.owner and selector_of(rrset.owner)[0]:
            split = split_at(zone, rrset.owner)
            if split is not None:
                yield rrset, split


@once_a_zone
def _read(zone: MailZone, owner: str) -> Split | None:
    records = zone.zone.table("TXT")[owner]
    values = list(dict.fromkeys(record.text.value for record in records))
    if not 2 <= len(values) <= _MOST_PIECES:
        return None
    bodies = [value for value in values if grammar.parse(value).has("p")]
    others = [value for value in values if value not in bodies]
    heads = [value for value in others if _HEAD.match(value)]
    rests = [value for value in others if value not in heads]
    if len(bodies) > 1 or not all(_REST_OF_KEY.fullmatch(rest) for rest in rests):
        return None
    if not bodies and not (heads and rests):
        return None
    body = bodies[0] if bodies else ""
    whole = _is_key(body)
    if whole and rests:
        return None  # a key, beside something that only looks like a part of one
    joined = _joined(heads, body, rests)
    return None if joined is None and whole else Split(joined)


def _joined(heads: Sequence[str], body: str, rests: Sequence[str]) -> str | None:
    front = sorted((head.strip(_AROUND) for head in heads), key=_rank)
    if not body or len(rests) > _MOST_RESTS:
        return None
    for order in permutations(rests):
        parts = [body.strip(" \t\"'"), *(rest.strip(" \t\"'") for rest in order)]
        text = "; ".join([*front, "".join(parts).strip(_AROUND)])
        if _rank(text):
            text = _version_first(text)
        if _is_key(text):
            return text
    return None


def _version_first(text: str) -> str:
    record = grammar.parse(text)
    return record.with_version_first() if record.has("v") else text


def _rank(text: str) -> int:
    """The place of a piece: the version comes first, the key type second."""
    name = text.lstrip(_AROUND)[:1].lower()
    return {"v": 0, "k": 1}.get(name, 2)


def _is_key(text: str) -> bool:
    record = grammar.parse(text)
    return record.is_clean and isinstance(record.key, PublicKey)
