"""Words that the rules about SPF's evaluation tree share."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import without_dot
from zonelint.rules.mail import lookups
from zonelint.rules.mail.lookups import Branch, Fate, Tree, Visit
from zonelint.rules.model.subjects import Spf

UNANSWERED = (Fate.UNKNOWN, Fate.FAILED)
"""Fates of names about which nothing is known."""


def judged(spf: Spf) -> Tree | None:
    """The evaluation tree of a record.

    None where it is never evaluated by itself: beside a second record (SPF002 tells), or below a
    delegation.
    """
    if not spf.is_alone or spf.zone.zone.is_delegated(spf.owner):
        return None
    return lookups.of(spf)


def way(visit: Visit) -> str:
    """How evaluation comes to a branch, in the terms of the records on the way."""
    return " → ".join(branch.term.text for branch in visit.path)


def through(visit: Visit) -> str:
    """`", reached through …"` where a branch is not the record's own; empty else."""
    above = visit.above
    return "" if above is None else f", reached through {way(above)}"


def expanded(tree: Tree) -> Iterator[Branch]:
    """Every branch as often as it is evaluated. Only for trees whose lookups are few."""
    waiting = list(tree.branches)
    while waiting:
        branch = waiting.pop()
        yield branch
        if branch.tree is not None:
            waiting += branch.tree.branches


def is_within_limit(tree: Tree) -> bool:
    """Whether the tree's lookups are all known and few enough: SPF101 has nothing to say."""
    return tree.is_exact and tree.lookups <= lookups.LIMIT


def named(branch: Branch) -> str:
    """The name that a branch asks for, as a sentence says it."""
    return branch.term.text if branch.target is None else without_dot(branch.target)
