"""Whether a record and what it leads to let everybody pass, by the networks of them all."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.spf.record import Mechanism
from zonelint.rules.mail import lookups, networks
from zonelint.rules.mail.lookups import Tree
from zonelint.rules.mail.networks import IntervalMap, NetworkQuestion, Value
from zonelint.rules.model.context import Context
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.reach import MOST, is_wildcard


def passes_everybody(spf: Spf) -> bool | None:
    """Whether most addresses of a family pass, whatever the message is.

    None where there are too many networks to tell.
    """
    tree = lookups.of(spf)
    always = tuple(_always_answered(tree, spf.context))
    try:
        maps = networks.of_tree(tree, spf.context.answers, paths=False)
    except networks.TooManyNetworks:
        return None
    families = ((maps.ip4, MOST[4]), (maps.ip6, MOST[6]))
    return any(_passing_addresses(each, always) > most for each, most in families)


def _always_answered(tree: Tree, context: Context) -> Iterator[str]:
    """How the questions begin that a wildcard answers."""
    terms = [branch.term for branch in tree.branches]
    terms += [visit.branch.term for visit in tree.walk()]
    for term in terms:
        if term.name == "exists" and isinstance(term, Mechanism) and is_wildcard(term, context):
            assert term.domain is not None, "`exists` names a domain"
            yield f"exists:{term.domain.folded}/"


def _passing_addresses(each: IntervalMap, always: tuple[str, ...]) -> int:
    return sum(
        last - first + 1 for first, last, value in each.intervals() if _passes(value, always)
    )


def _passes(value: Value, always: tuple[str, ...]) -> bool:
    """Whether a value is pass, whatever its questions are answered with."""
    if isinstance(value, NetworkQuestion):
        is_answered = value.term.startswith(always)
        return _passes(value.matches, always) and (is_answered or _passes(value.misses, always))
    return value.result == "pass"
