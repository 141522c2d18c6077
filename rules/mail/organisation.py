"""The organisational domain of a name (RFC 9989 §4.10 and §4.10.2).

The tree walk asks for the DMARC records above a name. It is made over the zones and the lock;
where an answer is missing it cannot be made, and the public suffix list has to do. Every answer
says which of the two it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zonelint.grammars.listing import grouped
from zonelint.grammars.tags import dmarc
from zonelint.grammars.tags.dmarc import DmarcRecord
from zonelint.grammars.zone import labels, parent
from zonelint.rules.model.context import once_a_run

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

    from zonelint.rules.model.context import Context

_MOST_LABELS = 8
"""From a longer name the walk goes on at its last seven labels (§4.10, step 4)."""


class Means(StrEnum):
    """What an organisational domain was found by."""

    TREE_WALK = "tree walk"
    SUFFIX_LIST = "public suffix list"


class Organisation(NamedTuple):
    """An organisational domain. `missing`: the names for want of which no walk was made."""

    domain: str
    means: Means
    missing: tuple[str, ...] = ()


@once_a_run
def organisation(name: str, context: Context) -> Organisation:
    """The organisational domain of an absolute name; worked out once a run."""
    met = _meet(name, context)
    if met.missing:
        return Organisation(by_suffix(name), Means.SUFFIX_LIST, met.missing)
    return met.end or Organisation(met.last or name, Means.TREE_WALK)


def is_same(left: str, right: str, context: Context) -> bool:
    """Whether two names belong to one organisation: relaxed alignment (§4.4)."""
    return organisation(left, context).domain == organisation(right, context).domain


def walk_names(name: str) -> Iterator[str]:
    """The names at which the tree walk from a name asks for a policy, without `_dmarc.`."""
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
    is_known = answer.is_fact or answer.is_circle
    return is_known, dmarc.parse(texts[0]) if len(texts) == 1 else None


class _Outcome(NamedTuple):
    """What a tree walk met: its last record, or what is missing, or what `psd` ended it with."""

    last: str | None = None
    missing: tuple[str, ...] = ()
    end: Organisation | None = None


@once_a_run
def _meet(name: str, context: Context) -> _Outcome:
    last = None
    for at in walk_names(name):
        known, policy = policy_at(at, context)
        if not known:
            return _Outcome(missing=(f"_dmarc.{at}",))
        if policy is not None:
            if policy.psd == "n":
                return _Outcome(end=Organisation(at, Means.TREE_WALK))
            if policy.psd == "y":
                # At the start it says nothing about the domain below: there is none (§4.10.2).
                domain = at if at == name else _last(name, len(labels(at)) + 1)
                return _Outcome(end=Organisation(domain, Means.TREE_WALK))
            last = at
    return _Outcome(last)


def domain_with_policy(name: str, context: Context) -> str:
    """The organisational domain of a name that is known to have one policy, without `psd`.

    The same as `organisation` finds. For many names below one the walk is made once.
    """
    if name.count(".") >= _MOST_LABELS or "\\" in name:
        return organisation(name, context).domain
    met = _meet(parent(name), context)
    if met.missing:
        return by_suffix(name)
    return organisation(name, context).domain if met.end else met.last or name


def _last(name: str, count: int) -> str:
    return ".".join(labels(name)[-count:]) + "."


def registered_domain(name: str, *, accept_unknown: bool = True) -> str | None:
    """The name that was registered below a public suffix; None for a suffix, and for no name.

    accept_unknown: a last label that the public suffix list does not have is a suffix too.
    """
    plain = name.removesuffix(".").lower()
    found = _suffixes_for(plain).privatesuffix(plain, accept_unknown)
    return f"{found}." if found else None


@lru_cache(maxsize=1 << 12)
def by_suffix(name: str) -> str:
    """The registered domain of an absolute name by the public suffix list; a suffix is its own."""
    return registered_domain(name) or name


@lru_cache(maxsize=1 << 12)
def is_suffix(name: str) -> bool:
    """Whether the public suffix list has the absolute name as a suffix, or it is a last label."""
    plain = name.removesuffix(".").lower()
    if not plain or ends_open(name):
        return False
    return _suffixes_for(plain).publicsuffix(plain) == plain


def ends_open(name: str) -> bool:
    """Whether an absolute name ends with what is no last label, but stands in for a domain.

    Top-level domains are alphabetic, or A-labels (RFC 1123 §2.1, RFC 3696 §2).
    """
    last = name.removesuffix(".").rpartition(".")[2]
    return "-" in last and not last.startswith("xn--")


def has_top_level(name: str) -> bool:
    """Whether a name, without final dot, ends in a top-level domain of the list."""
    last = name.rpartition(".")[2]
    return _suffixes_for(last).publicsuffix(last, accept_unknown=False) is not None


def _suffixes_for(name: str) -> PublicSuffixList:
    return _suffixes_of(name.rpartition(".")[2], "xn--" in name)


@lru_cache(maxsize=1 << 10)
def _suffixes_of(top_level: str, encoded: bool) -> PublicSuffixList:
    """The part of the list that decides on the names below a top-level domain.

    Only with `encoded` it has A-labels as well, which take four times as long to make.
    """
    from publicsuffixlist import PublicSuffixList

    spelt = {top_level}
    with suppress(UnicodeError):
        spelt |= {top_level.encode().decode("idna")} if encoded else set()
    lines = [line for each in spelt for line in _by_top_level().get(each, ())]
    return PublicSuffixList(lines, accept_encoded_idn=encoded)


@cache
def _by_top_level() -> Mapping[str, Sequence[str]]:
    """The lines of the list by the top-level domain that they end in: a run meets few of them."""
    from publicsuffixlist import PSLFILE

    lines = Path(PSLFILE).read_text("utf-8").split("\n")
    rules = (line for line in lines if line.strip() and not line.startswith("//"))
    return grouped((line.split()[0].rpartition(".")[2], line) for line in rules)
