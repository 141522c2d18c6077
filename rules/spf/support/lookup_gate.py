"""Records whose evaluation is plainly harmless: the tree of nearly every record need not be built.

The rules about the evaluation tree (SPF101 to SPF106) have nothing to say about a record whose
terms are all answered, ask few names, and lead to records of which the same holds. What a term
leads to is looked at once a run, however many records have the term.
"""

from __future__ import annotations

from zonelint.grammars.spf.record import AnyTerm, DomainSpec, Invalid, Mechanism, Modifier
from zonelint.rules.mail import lookups
from zonelint.rules.mail.lookups import MOST_WALKED, MX_LIMIT, Branch, Fate, Tree
from zonelint.rules.mail.macros import target_name
from zonelint.rules.model.answers import FLATTENED
from zonelint.rules.model.context import Context, once_a_run, once_a_zone
from zonelint.rules.model.subjects import MailZone, Spf

_NOT_SEEN = -1
_FLATTENED = frozenset(FLATTENED)


def tree_may_matter(spf: Spf) -> bool:
    """False where the rules about the evaluation tree have nothing to say for certain."""
    zone, owner = spf.zone, spf.record.owner
    if not spf.is_alone or "fault" in spf.features:
        return True
    context = zone.context
    known = _known(context)
    if not zone.speaks_for(owner):
        return True
    asked = void = 0  # void: for a client with IPv6, a host with IPv4 alone finds nothing
    for term in spf.ast.pieces:
        if term.name not in lookups.COSTLY and term.name != "redirect":
            continue
        piece = term.text
        if piece == "mx":
            if owner not in _mail_hosts(zone):
                return True
            asked, void = asked + 1, void + 1
        elif piece == "a":
            if not _has_address(zone, owner):
                return True
            asked, void = asked + 1, void + 1
        else:
            cost = known.costs.get(piece, _NOT_SEEN)
            if cost == _NOT_SEEN:
                cost = known.cost(term)
            if cost is None:
                return True
            asked, void = asked + cost, void + known.voids.get(piece, 0)
    return asked >= known.near or asked > lookups.LIMIT or void > lookups.VOID_LIMIT


class _Known:
    """What is known of terms and zones in one run."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.costs: dict[str, int | None] = {}
        self.voids: dict[str, int] = {}
        self.near = context.thresholds.near_lookup_limit

    def cost(self, term: AnyTerm) -> int | None:
        """How many lookups a term costs, wherever it stands; None where that is not plain."""
        found = self.costs[term.text] = self._cost(term)
        return found

    def _cost(self, term: AnyTerm) -> int | None:
        if isinstance(term, Invalid):
            return None
        if term.name in ("include", "redirect"):
            return self._cost_below(term)
        if not isinstance(term, Mechanism) or term.domain is None:
            return None
        branch = lookups.branch(term, ".", self._context)
        self.voids[term.text] = branch.voids[1]
        return 1 if _is_plain(branch) else None

    def _cost_below(self, term: Mechanism | Modifier) -> int | None:
        spec = term.domain if isinstance(term, Mechanism) else term.value
        if not isinstance(spec, DomainSpec) or spec.has_macro:
            return None
        _, target = target_name(spec, ".")
        if target is None:
            return None
        tree = lookups.tree(target, self._context)
        self.voids[term.text] = tree.voids[1]
        # A record that leads back to this one has a loop in its own tree.
        return 1 + tree.lookups if _is_plain_tree(tree) else None


@once_a_run
def _known(context: Context) -> _Known:
    return _Known(context)


@once_a_zone
def _mail_hosts(zone: MailZone) -> set[str]:
    """The owners whose `mx` is plain: few exchanges, the zone has an address for each."""
    found = {
        owner
        for owner, rrset in zone.zone.table("MX").items()
        if len(rrset.records) <= MX_LIMIT and zone.zone.get(owner, "CNAME") is None
    }
    for target, records in zone.targets("MX").items():
        if not zone.answers(target, "A") or not _has_address(zone, target):
            found.difference_update(record.owner for record in records)
    return found


def _has_address(zone: MailZone, name: str) -> bool:
    """Whether the zone has an IPv4 address for a name, and knows whether it has one of IPv6."""
    return (
        zone.zone.get(name, "A") is not None
        and zone.zone.get(name, "CNAME") is None
        and _FLATTENED.isdisjoint(zone.features)
    )


def _is_plain(branch: Branch) -> bool:
    return (
        branch.fate is Fate.FOUND
        and not branch.missing
        and not branch.voids[0]
        and len(branch.exchanges) <= MX_LIMIT
    )


def _is_plain_tree(tree: Tree) -> bool:
    return (
        tree.fate is Fate.FOUND
        and tree.lookups < MOST_WALKED
        and not (tree.missing or tree.unanswered or tree.voids[0] or tree.is_void)
        and all(_is_plain(visit.branch) for visit in tree.walk())
    )
