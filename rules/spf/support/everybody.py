"""Whether a record and what it leads to let everybody pass, by the networks of them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from zonelint.rules.mail import lookups, networks
from zonelint.rules.mail.any_message import CHOSEN, letters, spec_of
from zonelint.rules.mail.lookups import Fate, Tree
from zonelint.rules.mail.networks import IntervalMap, NetworkQuestion, Value
from zonelint.rules.model.subjects import MailZone, Spf
from zonelint.rules.spf.support.reach import MOST, reach_of_any_message


def passes_everybody(spf: Spf) -> bool | None:
    """Whether most addresses of a family pass, whatever the message is.

    None where there are too many networks to tell.
    """
    found = _passing(spf, _passes)
    return None if found is None else any(found[family] > most for family, most in MOST.items())


def passes_few(spf: Spf) -> bool:
    """Whether it is certain that less than half of all addresses pass: others refuse them first."""
    found = _passing(spf, _may_pass, is_chosen=False)
    return found is not None and all(found[family] < most for family, most in MOST.items())


def _passing(
    spf: Spf, passes: Callable[[Value, tuple[str, ...]], bool], *, is_chosen: bool = True
) -> dict[int, int] | None:
    """How many addresses of each family pass.

    is_chosen: whether a question counts as answered where the sender chooses that it is.
    """
    tree = lookups.of(spf)
    always = tuple(_always_answered(tree, spf.zone, is_chosen=is_chosen))
    try:
        maps = networks.of_tree(tree, spf.context.answers, paths=False)
    except networks.TooManyNetworks:
        return None
    return {
        4: _count(maps.ip4, lambda value: passes(value, always)),
        6: _count(maps.ip6, lambda value: passes(value, always)),
    }


def _always_answered(tree: Tree, zone: MailZone, *, is_chosen: bool) -> Iterator[str]:
    """How the questions begin, and the redirects, that any message is answered."""
    at = [(branch.term, tree.domain) for branch in tree.branches if branch.fate is Fate.MESSAGE]
    at += [(v.branch.term, v.tree.domain) for v in tree.find(Fate.MESSAGE)]
    for term, domain in at:
        spec = spec_of(term)
        if spec is None or (not is_chosen and letters(spec) & CHOSEN):
            continue
        if reach_of_any_message(term, domain, zone.context, zone).is_open:
            is_redirect = term.name == "redirect"
            yield f"redirect={spec.folded} in " if is_redirect else f"{term.name}:{spec.folded}/"


def _count(each: IntervalMap, passes: Callable[[Value], bool]) -> int:
    lowest, highest = (0, (1 << 32) - 1) if each.bits == 32 else _GIVEN_OUT
    passed = (
        min(last, highest) - max(first, lowest) + 1
        for first, last, value in each.intervals()
        if passes(value)
    )
    return sum(count for count in passed if count > 0)


_GIVEN_OUT = (2 << 124, (4 << 124) - 1)
"""2000::/3: from no other address of IPv6 does mail arrive."""


def _passes(value: Value, always: tuple[str, ...]) -> bool:
    """Whether a value is pass, whatever its questions are answered with."""
    if isinstance(value, NetworkQuestion):
        is_answered = value.term.startswith(always)
        return _passes(value.matches, always) and (is_answered or _passes(value.misses, always))
    return value.result == "pass" or bool(always and value.result.startswith(always))


def _may_pass(value: Value, always: tuple[str, ...]) -> bool:
    """Whether a value can be pass: what is always answered leads nowhere else."""
    if isinstance(value, NetworkQuestion):
        is_answered = value.term.startswith(always)
        return _may_pass(value.matches, always) or (
            not is_answered and _may_pass(value.misses, always)
        )
    return value.result not in networks.NO_PASS
