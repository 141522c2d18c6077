"""Who may send by what a record leads to: includes, a redirect, `exists`.

Few records lead to one that lets everybody send. What a target adds is summed up once a run; the
interval map (`everybody`) is made only for a record that could add up to most addresses.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, takewhile

from zonelint.grammars.spf.record import DomainSpec, Mechanism, Qualifier, SpfRecord, parse
from zonelint.grammars.spf.tree import Modifier
from zonelint.rules.mail import lookups
from zonelint.rules.mail.any_message import (
    ADDRESSES,
    is_anybodys,
    letters,
    probes,
    spec_of,
    tail_of_choice,
    varies_by_choice,
)
from zonelint.rules.mail.lookups import Branch, Fate, Tree, Visit
from zonelint.rules.mail.macros import target_name
from zonelint.rules.model.answers import Status
from zonelint.rules.model.context import Context, once_a_zone
from zonelint.rules.model.declaring import senders_of
from zonelint.rules.model.subjects import MailZone, Spf
from zonelint.rules.spf.support.trees import UNANSWERED

MOST = {4: 1 << 31, 6: 1 << 123}
"""Half of all addresses, and of those of IPv6 that are given out (2000::/4): more is everybody."""
_HOSTS = 8
"""As how many hosts an `a` or `mx` counts until the interval map has them."""
_DEEPEST = 3
"""Includes by macros behind one another: each makes a name of its own."""


@dataclass(slots=True)
class Reach:
    """What records let pass at the most: addresses by family, everybody, and names not known.

    probed: those of the names that are not known that only macros lead to.
    """

    ip4: int = 0
    ip6: int = 0
    is_open: bool = False
    missing: tuple[str, ...] = ()
    probed: tuple[str, ...] = ()

    def __add__(self, other: Reach) -> Reach:
        return Reach(
            self.ip4 + other.ip4,
            self.ip6 + other.ip6,
            self.is_open or other.is_open,
            (*self.missing, *other.missing),
            (*self.probed, *other.probed),
        )

    @property
    def may_be_everybody(self) -> bool:
        """Whether most addresses of a family may be covered."""
        return self.is_open or self.ip4 > MOST[4] or self.ip6 > MOST[6]


def reach(spf: Spf) -> Reach:
    """What the record and all that it leads to let pass at the most."""
    found = _reach_of_text(spf.value)
    for term in leading(spf.ast):
        found += _reach_of_term(term, spf)
    return found


def leading(record: SpfRecord) -> list[Mechanism | Modifier]:
    """The terms by which somebody else's words count, or the message's; passing ones only."""
    terms: list[Mechanism | Modifier] = [
        term
        for term in _passing(record)
        if term.name in ("include", "exists") or (term.domain is not None and term.domain.has_macro)
    ]
    if record.redirect is not None and record.all is None:
        terms.append(record.redirect)
    return terms


def opening(spf: Spf) -> Mechanism | Modifier | None:
    """The first term that lets everybody pass by itself; None where they do so together."""
    return next((term for term in leading(spf.ast) if _reach_of_term(term, spf).is_open), None)


def _passing(record: SpfRecord) -> Iterator[Mechanism]:
    last = record.all
    for term in record.mechanisms:
        if term is last:
            return
        if term.qualifier is Qualifier.PASS:
            yield term


@lru_cache(maxsize=1 << 8)
def _reach_of_text(text: str) -> Reach:
    """What a record's own terms let pass: many may lead to the same few."""
    record = parse(text)
    ip4 = ip6 = 0
    is_open = record.all is not None and record.all.qualifier is Qualifier.PASS
    for term in _passing(record):
        for version, length in term.lengths:
            if term.address is None:
                is_open = is_open or length == 0
                ip4 += _HOSTS << 32 - length if version == 4 else 0
                ip6 += _HOSTS << 128 - length if version == 6 else 0
            elif version == 4:
                ip4 += 1 << 32 - length
            else:
                ip6 += 1 << 128 - length
    return Reach(ip4, ip6, is_open)


def _reach_of_term(term: Mechanism | Modifier, spf: Spf) -> Reach:
    """What one term adds, wherever it stands; worked out once a run for terms without macros."""
    spec = spec_of(term)
    if spec is None:
        return Reach()
    memo: dict[str, Reach] = spf.context.memo.setdefault(("spf.reach",), {})
    key = f"{term.text} {spf.owner}" if spec.has_macro else term.text
    found = memo.get(key)
    if found is None:
        found = memo[key] = _reached(term, spec, spf)
    return found


def _reached(term: Mechanism | Modifier, spec: DomainSpec, spf: Spf) -> Reach:
    context = spf.context
    varies, target = target_name(spec, spf.owner)
    if varies:
        return reach_of_any_message(term, spf.owner, context, spf.zone)
    if term.name == "exists":
        return _reach_of_branch(lookups.branch(term, spf.owner, context))
    if target is None or term.name in ("a", "mx", "ptr"):
        return Reach()
    found = _reach_of_tree(lookups.tree(target, context), context)
    if senders_of(context).by_include(target) is not None:
        # What a service asks by macros is its own affair, and its documented way.
        return replace(found, missing=tuple(n for n in found.missing if n not in found.probed))
    return found


def _reach_of_branch(branch: Branch) -> Reach:
    """What an `exists` without a message adds: everybody where it is answered."""
    if branch.fate in UNANSWERED:
        return Reach(missing=branch.missing)
    return Reach(is_open=branch.fate is Fate.FOUND)


def _reach_of_tree(tree: Tree, context: Context, depth: int = 0) -> Reach:
    """The sum over every record of a tree, each once."""
    found = Reach(missing=tuple(tree.missing) if tree.fate in UNANSWERED else ())
    if tree.record is not None and tree.fate is Fate.FOUND:
        found += _reach_of_text(tree.record.text)
    branches = [Visit(branch, tree, None) for branch in tree.branches]
    deeper = (visit for visit in tree.walk() if visit.above is not None)
    for visit in (*branches, *deeper):
        branch = visit.branch
        is_passing = not isinstance(branch.term, Mechanism) or (
            branch.term.qualifier is Qualifier.PASS
        )
        if branch.fate is Fate.MESSAGE and is_passing:
            added = reach_of_any_message(branch.term, visit.tree.domain, context, depth=depth)
            found += replace(added, probed=added.missing)
        elif branch.term.name == "exists":
            found += _reach_of_branch(branch)
        elif branch.descends:
            below = branch.tree
            if below is None or below.fate in UNANSWERED:
                found += Reach(missing=branch.missing)
            elif below.record is not None and below.fate is Fate.FOUND:
                found += _reach_of_text(below.record.text)
    return found


def reach_of_any_message(
    term: Mechanism | Modifier,
    domain: str,
    context: Context,
    zone: MailZone | None = None,
    depth: int = 0,
) -> Reach:
    """What a term adds that depends on the message: everybody, where it holds for any message.

    zone: the one that the term stands in.
    """
    spec = spec_of(term)
    if spec is None:  # `ptr` alone
        return Reach()
    if is_anybodys(spec):
        return Reach(is_open=True)
    if depth > _DEEPEST:
        return Reach(missing=(term.text,))
    found = Reach()
    for name in probes(spec, domain):
        found += _reach_of_probe(term, spec, name, context, depth + 1)
        if term.name == "exists" and varies_by_choice(spec) and found == Reach():
            found += _reach_of_choice(term, name, context, zone)
    return found


def _reach_of_probe(
    term: Mechanism | Modifier, spec: DomainSpec, name: str, context: Context, depth: int
) -> Reach:
    """What a term adds by the name that it asks for when nobody's message comes."""
    if term.name in ("include", "redirect"):
        return _reach_of_tree(lookups.tree(name, context), context, depth)
    if term.name == "exists":
        answer = context.answers.ask(name, "A")
        is_open = answer.status is Status.RECORDS
        return Reach(is_open=is_open, missing=(answer.missing,) * (answer.status is Status.UNKNOWN))
    if term.name == "ptr" or "i" not in letters(spec):
        return Reach()  # the addresses of hosts, whichever they are
    hosts = [name]
    unknown: list[str] = []
    if term.name == "mx":
        answer = context.answers.ask(name, "MX")
        unknown += [answer.missing] if answer.status is Status.UNKNOWN else []
        hosts = list(answer.exchanges[: lookups.MX_LIMIT])
    is_open = False
    for host in hosts:
        for type in ("A", "AAAA"):
            answer = context.answers.ask(host, type)
            is_open = is_open or not ADDRESSES.isdisjoint(answer.addresses)
            unknown += [answer.missing] if answer.status is Status.UNKNOWN else []
    return Reach(is_open=is_open, missing=tuple(dict.fromkeys(unknown)))


def _reach_of_choice(
    term: Mechanism | Modifier, name: str, context: Context, zone: MailZone | None
) -> Reach:
    """What an `exists` adds whose name the sender chooses: everybody, where one is answered."""
    tail = tail_of_choice(name)
    if zone is None or tail is None or not zone.holds(tail.lstrip(".@")):
        return Reach(missing=(term.text,))
    names, end = _backwards(zone), tail[::-1]
    found = takewhile(
        lambda name: name.startswith(end), islice(names, bisect_left(names, end), None)
    )
    asked = (context.answers.ask(name[::-1], "A").status for name in found)
    return Reach(is_open=Status.RECORDS in asked)


@once_a_zone
def _backwards(zone: MailZone) -> list[str]:
    """The names with an address or an alias, each from its end, so that like ends are together."""
    names = {*zone.zone.table("A"), *zone.zone.table("CNAME")}
    return sorted(name[::-1] for name in names)
