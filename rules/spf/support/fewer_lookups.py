"""The same record with fewer DNS lookups, where that can be had without asking anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from zonelint.grammars.spf import record as grammar
from zonelint.grammars.spf.record import Mechanism, Qualifier, SpfRecord
from zonelint.rules.core.change import Change
from zonelint.rules.mail import lookups
from zonelint.rules.mail.lookups import DEEPEST_WALKED, MOST_WALKED, Branch, Fate, Tree
from zonelint.rules.model.answers import Address
from zonelint.rules.model.context import Context
from zonelint.rules.model.declaring import is_return_path, senders_of
from zonelint.rules.model.subjects import Spf

_MOST_TERMS = 50
"""Records with more terms that ask DNS are past help, and cost the square of their number."""
_MOST_ADDRESSES = 10

_Step = Callable[[SpfRecord, Tree, Spf], str | None]


def lightened(spf: Spf, most: int) -> Change | None:
    """A change after which evaluation takes `most` lookups or fewer; None where there is none.

    Dropped are includes that do nothing, then terms that say nothing new; then `a` and `mx`
    become the addresses that the zones of the run have for them. No more is done than is needed.
    A circle of includes holds itself: what it costs is no matter of what stands there twice.
    """
    text = spf.value
    tree = lookups.of(spf)
    if len(tree.branches) > _MOST_TERMS or tree.loops:
        return None
    reasons: list[str] = []
    for step, reason in _STEPS:
        while (shorter := step(grammar.parse(text), tree, spf)) is not None:
            text, tree = shorter, lookups.tree_with(shorter, spf.owner, spf.context)
            if reason not in reasons:
                reasons.append(reason)
            if tree.lookups <= most:
                return spf.rewrite(text, f"{tree.lookups} lookups: {', '.join(reasons)}")
    return None


def _without_useless(record: SpfRecord, tree: Tree, spf: Spf) -> str | None:
    """Without one include of a service that never uses the domain as envelope sender."""
    catalogue = senders_of(spf.context)
    for branch in tree.branches:
        if branch.term.name == "include" and branch.target is not None:
            sender = catalogue.by_include(branch.target)
            if (
                sender is not None
                and sender.spf.useless_at_domain
                and not is_return_path(spf.zone, spf.owner, sender)
            ):
                return record.without(branch.term)
    return None


def _without_repeated(record: SpfRecord, tree: Tree, spf: Spf) -> str | None:
    """Without one term that stands there twice, or that another include holds already."""
    seen: set[tuple[str, str | None, str]] = set()
    for branch in tree.branches:
        term = branch.term
        key = (term.name, branch.target, str(term).partition("/")[2])
        if key in seen and branch.target is not None:
            return record.without(term)
        seen.add(key)
    held = {
        target
        for branch in tree.branches
        if _passes(branch) and branch.tree is not None
        for target in islice(_included(branch.tree), MOST_WALKED)
    }
    again = (b.term for b in tree.branches if _passes(b) and b.target in held)
    return next((record.without(term) for term in again), None)


def _without_dead(record: SpfRecord, tree: Tree, spf: Spf) -> str | None:
    """Without one `a` or `mx` for which our own zones have no record."""
    for branch in tree.branches:
        is_dead = branch.fate is Fate.VOID and branch.term.name in ("a", "mx")
        if is_dead and branch.target is not None and _is_ours(branch.target, spf.context):
            return record.without(branch.term)
    return None


def _passes(branch: Branch) -> bool:
    term = branch.term
    return (
        isinstance(term, Mechanism) and term.name == "include" and term.qualifier is Qualifier.PASS
    )


def _included(tree: Tree) -> Iterator[str]:
    """The targets of all includes below, as far as all on the way there pass."""
    seen = {id(tree)}
    waiting = [(tree, 1)]
    while waiting:
        at, depth = waiting.pop()
        for branch in at.branches:
            if _passes(branch) and branch.target is not None:
                yield branch.target
                below = branch.tree
                if below is not None and id(below) not in seen and depth <= DEEPEST_WALKED:
                    seen.add(id(below))
                    waiting.append((below, depth + 1))


def _with_addresses(record: SpfRecord, tree: Tree, spf: Spf) -> str | None:
    """With one `a` or `mx` replaced by the addresses that our own zones have for it."""
    for branch in tree.branches:
        term = branch.term
        if isinstance(term, Mechanism) and term.name in ("a", "mx") and branch.target is not None:
            addresses = _own_addresses(branch, branch.target, spf.context)
            if addresses and len(addresses) <= _MOST_ADDRESSES:
                return record.replacing(term, " ".join(_network(term, at) for at in addresses))
    return None


def _own_addresses(branch: Branch, target: str, context: Context) -> list[Address]:
    """The addresses behind a term, in order; none where any of it is not in our own zones."""
    hosts = list(branch.exchanges) if branch.term.name == "mx" else [target]
    if branch.fate is not Fate.FOUND or not all(_is_ours(at, context) for at in (target, *hosts)):
        return []
    found = [context.answers.ask(host, type) for host in hosts for type in ("A", "AAAA")]
    if any(answer.reason for answer in found):
        return []
    return list(dict.fromkeys(address for answer in found for address in answer.addresses))


def _is_ours(name: str, context: Context) -> bool:
    zone, types = context.zone_of(name), context.types_at(name)
    return zone is not None and zone.complete and types is not None and "CNAME" not in types


def _network(term: Mechanism, address: Address) -> str:
    sign = term.qualifier.value if term.explicit_qualifier else ""
    length = term.cidr4 if address.version == 4 else term.cidr6
    if length is None or length == address.max_prefixlen:
        return f"{sign}ip{address.version}:{address}"
    import ipaddress

    network = ipaddress.ip_network((address, length), strict=False)
    return f"{sign}ip{address.version}:{network}"


_STEPS: tuple[tuple[_Step, str], ...] = (
    (_without_useless, "includes that have no effect at this domain are removed"),
    (_without_repeated, "what another term already covers is removed"),
    (_without_dead, "terms whose names have no address are removed"),
    (_with_addresses, "names in your own zones are replaced by their addresses"),
)
