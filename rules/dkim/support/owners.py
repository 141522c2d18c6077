"""Where a key that stands at a wrong name was meant to stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.zone import labels
from zonelint.rules.mail.slips import undoubled

LABEL = "_domainkey"

_MISSPELT = re.compile(r"[_-]*domain[_-]*keys?")
_GROWN_TOGETHER = re.compile(
    r"(?P<selector>[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)(?:\\\.)?[_-]+domain[_-]?keys?"
)
_SHORTEST_SLIP = 8


class Meant(NamedTuple):
    """`owner`: where the key belongs, None where its selector is not known.

    spelt: the name has the label that keys stand under, in a wrong form or at a wrong place.
    """

    owner: str | None
    spelt: bool


def meant_owner(
    owner: str, origin: str, *, selector: str | None = None, is_domain: Callable[[str], bool]
) -> Meant | None:
    """Where a key at this owner belongs; None where it stands right.

    selector: the one that the key's own text names.
    is_domain: tells the names that have mail.
    """
    name = undoubled(owner, origin)
    parts = labels(name)
    own = len(parts) - len(labels(origin))
    for number, label in enumerate(parts):
        if number and label == LABEL:
            rest = parts[number + 1 :]
            while rest and rest[0] == LABEL:
                rest = rest[1:]
            right = _joined(parts[:number], rest)
            return None if right == owner else Meant(right, True)
    for number, label in enumerate(parts[:own]):
        if _is_misspelt(label):
            if number:
                return Meant(_joined(parts[:number], parts[number + 1 :]), True)
            if selector is None:
                return Meant(None, True)
            rest = parts[2:] if own > 1 and parts[1] == selector else parts[1:]
            return Meant(_joined([selector], rest), True)
        grown = _GROWN_TOGETHER.fullmatch(label)
        if grown is not None:
            selectors = [*parts[:number], grown["selector"]]
            return Meant(_joined(selectors, parts[number + 1 :]), True)
    return Meant(_bare(parts, own, selector, is_domain), False)


def _bare(
    parts: list[str], own: int, selector: str | None, is_domain: Callable[[str], bool]
) -> str | None:
    """The place of a key at a name without any label for keys.

    A name that has mail is a domain, and no selector of the one above it.
    """
    if own == 0 or is_domain(".".join(parts) + "."):
        return None if selector is None else _joined([selector], parts)
    parent = ".".join(parts[1:]) + "."
    if parts[0].startswith("_") or not (own == 1 or is_domain(parent)):
        return None
    return _joined(parts[:1], parts[1:])


def _joined(selector: list[str], domain: list[str]) -> str:
    return ".".join([*selector, LABEL, *domain]) + "."


def _is_misspelt(label: str) -> bool:
    if label == LABEL or _MISSPELT.fullmatch(label):
        return True
    return len(label) >= _SHORTEST_SLIP and near_miss(label, (LABEL,)) is not None


_NAMED = re.compile(
    r"[\s\"']*(?P<selector>[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?)\._domainkey(?:\.[a-z0-9._-]+)?"
    r"(?:\s*[=:]\s*|\s+(?:[0-9]+\s+)?(?:in\s+)?(?:txt\s+)?)[\"']?(?=v\s*=|k\s*=|p\s*=)",
    re.IGNORECASE,
)
_LOOKED_AT = 300


def named_in(text: str) -> tuple[str, str] | None:
    """The selector that stands in front of a key in its text, and the key without it."""
    found = _NAMED.match(text, 0, _LOOKED_AT)
    if found is None:
        return None
    return found["selector"].lower(), text[found.end() :].rstrip(" \t\"'")
