"""Who may send by what a record leads to: includes, a redirect, `exists`.

Few records lead to one that lets everybody send. What a target adds is summed up once a run; the
interval map (`everybody`) is made only for a record that could add up to most addresses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from zonelint.grammars.spf.record import DomainSpec, Mechanism, Qualifier, SpfRecord
from zonelint.grammars.spf.tree import Modifier
from zonelint.rules.mail import lookups
from zonelint.rules.mail.lookups import Branch, Fate, Tree
from zonelint.rules.mail.macros import target_name
from zonelint.rules.model.answers import Status
from zonelint.rules.model.context import Context
from zonelint.rules.model.subjects import Spf

MOST = {4: 1 << 31, 6: 1 << 124}
"""Half of all addresses, and of those of IPv6 that are given out (2000::/3): more is everybody."""
_ANY_LABEL = "zonelint-asks-for-any-name"
"""A label that no zone has: only a wildcard answers for it."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What records let pass at the most: addresses by family, everybody, and names not known."""

    ip4: int = 0
    ip6: int = 0
    is_open: bool = False
    missing: tuple[str, ...] = ()

    def __add__(self, other: Reach) -> Reach:
        return Reach(
            self.ip4 + other.ip4,
            self.ip6 + other.ip6,
            self.is_open or other.is_open,
            (*self.missing, *other.missing),
        )

    @property
    def may_be_everybody(self) -> bool:
        """Whether most addresses of a family may be covered."""
        return self.is_open or self.ip4 > MOST[4] or self.ip6 > MOST[6]


def reach(spf: Spf) -> Reach:
    """What the record and all that it leads to let pass at the most."""
    found = _reach_of_text(spf.ast)
    for term in leading(spf.ast):
        found += _reach_of_term(term, spf.owner, spf.context)
    return found


def leading(record: SpfRecord) -> list[Mechanism | Modifier]:
    """The terms by which somebody else's words count: passing includes and exists, a redirect."""
    terms: list[Mechanism | Modifier] = [
        term
        for term in _passing(record)
        if term.name in ("include", "exists")
    ]  # fmt: skip
    if record.redirect is not None and record.all is None:
        terms.append(record.redirect)
    return terms


def opening(spf: Spf) -> Mechanism | Modifier | None:
    """The first term that lets everybody pass by itself; None where they do so together."""
    for term in leading(spf.ast):
        if _reach_of_term(term, spf.owner, spf.context).is_open:
            return term
    return None


def _passing(record: SpfRecord) -> Iterator[Mechanism]:
    last = record.all
    for term in record.mechanisms:
        if term is last:
            return
        if term.qualifier is Qualifier.PASS:
            yield term


def _reach_of_text(record: SpfRecord) -> Reach:
    ip4 = ip6 = 0
    is_open = record.all is not None and record.all.qualifier is Qualifier.PASS
    for term in _passing(record):
        for version, length in term.lengths:
            if term.address is None:
                is_open = is_open or length == 0
            elif version == 4:
                ip4 += 1 << 32 - length
            else:
                ip6 += 1 << 128 - length
    return Reach(ip4, ip6, is_open)


def _reach_of_term(term: Mechanism | Modifier, owner: str, context: Context) -> Reach:
    """What one term adds, wherever it stands; worked out once a run for terms without macros."""
    spec = term.domain if isinstance(term, Mechanism) else term.value
    if not isinstance(spec, DomainSpec):
        return Reach()
    memo: dict[str, Reach] = context.memo.setdefault(("spf.reach",), {})
    key = f"{term.text} {owner}" if spec.has_macro else term.text
    found = memo.get(key)
    if found is None:
        found = memo[key] = _reached(term, spec, owner, context)
    return found


def _reached(term: Mechanism | Modifier, spec: DomainSpec, owner: str, context: Context) -> Reach:
    if term.name == "exists":
        return _reach_of_branch(lookups.branch(term, owner, context), context)
    target = target_name(spec, owner)[1]
    return Reach() if target is None else _reach_of_tree(lookups.tree(target, context), context)


def _reach_of_branch(branch: Branch, context: Context) -> Reach:
    """What an `exists` adds: everybody where it is always answered."""
    if branch.fate is Fate.UNKNOWN:
        return Reach(missing=branch.missing)
    return Reach(is_open=branch.fate is Fate.FOUND or is_wildcard(branch.term, context))


def _reach_of_tree(tree: Tree, context: Context) -> Reach:
    """The sum over every record of a tree, each once."""
    found = Reach(missing=tuple(tree.missing) if tree.fate is Fate.UNKNOWN else ())
    if tree.record is not None and tree.fate is Fate.FOUND:
        found += _reach_of_text(tree.record)
    for visit in tree.walk():
        branch = visit.branch
        if branch.term.name == "exists":
            found += _reach_of_branch(branch, context)
        elif branch.descends:
            below = branch.tree
            if below is None or below.fate is Fate.UNKNOWN:
                found += Reach(missing=branch.missing)
            elif below.record is not None and below.fate is Fate.FOUND:
                found += _reach_of_text(below.record)
    return found


def is_wildcard(term: Mechanism | Modifier, context: Context) -> bool:
    """Whether an `exists` with macros is answered whatever they become: by a wildcard (§5.7)."""
    spec = term.domain if isinstance(term, Mechanism) else None
    if spec is None or not spec.has_macro:
        return False
    tail = str(spec).rpartition("}")[2]
    if not tail.startswith(".") or "%" in tail:
        return False
    name = f"{_ANY_LABEL}{tail.lower().rstrip('.')}."
    return context.answers.ask(name, "A").status is Status.RECORDS
