"""The organisational domain of a name (RFC 9989 §4.10 and §4.10.2).

The tree walk asks for the DMARC records above a name. It is made over the zones and the lock;
where an answer is missing it cannot be made, and the public suffix list has to do. Every answer
says which of the two it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from zonelint.grammars import dmarc
from zonelint.grammars.dmarc import DmarcRecord
from zonelint.grammars.zone import labels

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

    from zonelint.rules.context import Context

_MOST_LABELS = 8
"""From a longer name the walk goes on at its last seven labels (§4.10, step 4)."""


class Means(Enum):
    """What an organisational domain was found by."""

    TREE_WALK = "tree walk"
    SUFFIX_LIST = "public suffix list"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisational domain. ``missing``: the names for want of which no walk was made."""

    domain: str
    means: Means
    missing: tuple[str, ...] = ()


def organisation(name: str, context: Context) -> Organisation:
    """The organisational domain of an absolute name; worked out once a run."""
    known: dict[str, Organisation] = context.memo.setdefault(("organisation",), {})
    found = known.get(name)
    if found is None:
        found = known[name] = _walk(name, context)
    return found


def is_same(left: str, right: str, context: Context) -> bool:
    """Whether two names belong to one organisation: relaxed alignment (§4.4)."""
    return organisation(left, context).domain == organisation(right, context).domain


def walk_names(name: str) -> Iterator[str]:
    """The names at which the tree walk from a name asks for a policy, without ``_dmarc.``."""
    parts = labels(name)
    yield name
    parts = parts[-(_MOST_LABELS - 1) :] if len(parts) >= _MOST_LABELS else parts[1:]
    for at in range(len(parts)):
        yield ".".join(parts[at:]) + "."


def policy_at(name: str, context: Context) -> tuple[bool, DmarcRecord | None]:
    """Whether it is known what policy stands at a name, and the policy, if there is one.

    Several records at one name are all discarded (§4.10, step 2).
    """
    answer = context.answers.ask(f"_dmarc.{name}", "TXT")
    texts = [value for value in answer.values if dmarc.is_dmarc(value)]
    return answer.is_fact, dmarc.parse(texts[0]) if len(texts) == 1 else None


def _walk(name: str, context: Context) -> Organisation:
    found: list[str] = []
    for at in walk_names(name):
        known, policy = policy_at(at, context)
        if not known:
            return Organisation(by_suffix(name), Means.SUFFIX_LIST, (f"_dmarc.{at}",))
        if policy is not None:
            if policy.psd == "n":
                return Organisation(at, Means.TREE_WALK)
            if policy.psd == "y":
                # At the start it says nothing about the domain below: there is none (§4.10.2).
                domain = at if at == name else _last(name, len(labels(at)) + 1)
                return Organisation(domain, Means.TREE_WALK)
            found.append(at)
    return Organisation(found[-1] if found else name, Means.TREE_WALK)


def _last(name: str, count: int) -> str:
    return ".".join(labels(name)[-count:]) + "."


def by_suffix(name: str) -> str:
    """The registered domain of an absolute name by the public suffix list; a suffix is its own."""
    plain = name.removesuffix(".")
    return f"{_suffixes().privatesuffix(plain) or plain}."


def is_suffix(name: str) -> bool:
    """Whether the public suffix list has the absolute name as a suffix."""
    return bool(_suffixes().is_public(name.removesuffix(".")))


@cache
def _suffixes() -> PublicSuffixList:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()
