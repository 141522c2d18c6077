"""The evaluation tree of an SPF record, and what it costs (RFC 7208 §4.6.4).

Include, a, mx, ptr, exists and redirect cost one lookup each, what an include or redirect leads
to is added; exp, all, ip4, ip6 and the addresses of MX hosts cost nothing, nor does the PTR
question of `%{p}`. The count is the worst case: as if no term matched. What stands behind
`all` is never reached, and a redirect beside `all` is ignored.

Every name is visited once, however often it is included, and every inclusion counts: the work is
linear in the number of names, the total an int of any size.

    tree = lookups.of(spf)                              # a rule's subject
    tree = lookups.tree("example.com.", context)        # a name
    tree.lookups, tree.is_exact, tree.missing, tree.lines()
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import chain
from typing import NamedTuple

from zonelint.grammars.spf import record as spf
from zonelint.grammars.spf.tree import DomainSpec, Mechanism, Modifier
from zonelint.rules.mail.macros import target_name
from zonelint.rules.model.answers import Answer, Answers, Status
from zonelint.rules.model.context import Context
from zonelint.rules.model.subjects import Spf

LIMIT = 10
"""Terms that ask DNS in one evaluation."""
VOID_LIMIT = 2
"""Terms that DNS answers with nothing in one evaluation; receivers should stop there."""
MX_LIMIT = 10
"""Exchanges of one mx term. More than that is a permerror."""

COSTLY = frozenset({"include", "a", "mx", "ptr", "exists"})
_MOST_MISSING = 100
MOST_WALKED = 100
"""Terms of one tree that the rules look at, besides those that receivers come to first."""
DEEPEST_WALKED = 3 * LIMIT
"""Records on the way to a term that the rules look at: each has cost a lookup."""
_MOST_LOOPS = 10
_LARGEST_CIRCLE = 64
"""Records of a circle that is gone round from each of them; a larger one only from its first."""

Term = Mechanism | Modifier


class Fate(Enum):
    """What became of a term's lookup."""

    FOUND = "found"
    """Records there; for include and redirect exactly one SPF record."""
    VOID = "void"
    """a, mx, exists: no such name, or no record of the type."""
    NO_RECORD = "no-record"
    """include, redirect: the target has no SPF record. Receivers say permerror."""
    SEVERAL = "several"
    """include, redirect: the target has several SPF records. Receivers say permerror."""
    BROKEN = "broken"
    """include, redirect: the target's record has a term that the grammar does not allow."""
    LOOP = "loop"
    """include, redirect: it leads back to a record that is being evaluated."""
    NO_NAME = "no-name"
    """The target cannot be a name (a label too long, say): nothing can be asked."""
    MESSAGE = "message"
    """It depends on the message: a macro, or ptr."""
    FAILED = "failed"
    """The lock holds that there was no answer: SERVFAIL or a time-out."""
    UNKNOWN = "unknown"
    """Neither a zone of the run nor the lock knows."""


_PERMANENT = frozenset({Fate.NO_RECORD, Fate.SEVERAL, Fate.BROKEN, Fate.LOOP})


@dataclass(slots=True, eq=False)
class Branch:
    """One term that costs a lookup.

    target: the name that is asked, None where it depends on the message or cannot be a name.
    lookups: what the term costs, its own lookup and all below.
    exchanges: of an mx term, the hosts in the order of their preference.
    voids: void lookups for a client with IPv4 and one with IPv6, everything below included.
    missing: names that nobody knows and that this very term needs.
    tree: where an include or redirect leads.
    """

    term: Term
    target: str | None
    fate: Fate
    lookups: int = 1
    exchanges: tuple[str, ...] = ()
    voids: tuple[int, int] = (0, 0)
    missing: tuple[str, ...] = ()
    tree: Tree | None = None

    @property
    def finds_nothing(self) -> bool:
        """Whether an `a`, `mx` or `exists` matches no address: a null MX has no host either."""
        is_null = self.term.name == "mx" and self.fate is Fate.FOUND and not self.exchanges
        return self.fate is Fate.VOID or is_null

    @property
    def descends(self) -> bool:
        """Whether the term leads to another record."""
        return self.term.name in ("include", "redirect")


@dataclass(slots=True, eq=False)
class Tree:
    """What one domain's SPF costs.

    fate: how the domain's own record was found; FOUND, BROKEN, NO_RECORD, SEVERAL, NO_NAME, FAILED
      or UNKNOWN. BROKEN trees count the terms that can be read.
    branches: the terms that cost a lookup, in the order of evaluation, the redirect last.
    lookups: how many lookups evaluation costs at worst; a lower bound where not `is_exact`.
    voids: how many of them are void, for a client with IPv4 and for one with IPv6; a lower bound
      where there are names in `unanswered`.
    missing: what would have to be known to count exactly: names, or terms that depend on the
      message.
    unanswered: the same for void lookups and networks.
    loops: names from the first to the one that leads back to it, for every loop below.
    is_void: whether asking for the record itself was a void lookup.
    """

    domain: str
    fate: Fate
    record: spf.SpfRecord | None = None
    branches: list[Branch] = field(default_factory=list)
    lookups: int = 0
    voids: tuple[int, int] = (0, 0)
    missing: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    loops: tuple[tuple[str, ...], ...] = ()
    is_void: bool = False
    _visits: Sequence[Visit] = ()

    @property
    def is_exact(self) -> bool:
        """Whether `lookups` is the true number and not only a lower bound."""
        return not self.missing

    @property
    def meets_error(self) -> bool:
        """Whether whoever no term matches gets permerror for certain (RFC 7208 §4.6.4, §5.2)."""
        return self.lookups > LIMIT or any(
            visit.branch.descends and visit.branch.fate in _PERMANENT for visit in self.walk()
        )

    def walk(self) -> Sequence[Visit]:
        """Every branch below, once for each record that it stands in, breadth first.

        Asked for when the tree is whole. The first MOST_WALKED of them, and none behind more than
        DEEPEST_WALKED others: receivers have given up long before. Of more also those that
        receivers come to first.
        """
        if not self._visits:
            self._visits = list(self._walked())
        return self._visits

    def _walked(self) -> Iterator[Visit]:
        seen = {id(self)}
        waiting = [Visit(branch, self, None) for branch in self.branches]
        for number, visit in enumerate(waiting, start=1):
            yield visit
            if number == MOST_WALKED:
                done = {id(each.branch) for each in waiting[:number]}
                yield from (each for each in self._first() if id(each.branch) not in done)
                return
            below = visit.branch.tree
            if below is None or id(below) in seen or visit.depth > DEEPEST_WALKED:
                continue
            if len(waiting) < MOST_WALKED:
                seen.add(id(below))
                waiting += [
                    Visit(branch, below, visit, visit.depth + 1) for branch in below.branches
                ]

    def _first(self) -> Iterator[Visit]:
        """The branches that cost the first lookups, in the order of evaluation."""
        waiting = [Visit(branch, self, None) for branch in self.branches[LIMIT::-1]]
        for _ in range(LIMIT + 1):
            if not waiting:
                return
            visit = waiting.pop()
            yield visit
            below = visit.branch.tree
            if below is not None:
                waiting += [Visit(branch, below, visit) for branch in below.branches[LIMIT::-1]]

    def find(self, *fates: Fate) -> Iterator[Visit]:
        """The branches below that met one of these fates."""
        return (visit for visit in self.walk() if visit.branch.fate in fates)

    def lines(self, most: int = 40) -> tuple[str, ...]:
        """The tree for people, a line a term with its cost, indented, `most` lines at most.

        A record that is included again is not shown again, its cost is.
        """
        listed: list[str] = []
        seen = {id(self)}
        waiting = [(branch, 0) for branch in reversed(self.branches)]
        while waiting:
            branch, depth = waiting.pop()
            if len(listed) == most - 1 and (waiting or branch.tree is not None):
                listed.append("  … and more")
                break
            below = branch.tree
            again = below is not None and id(below) in seen and bool(below.branches)
            listed.append(_line(branch, depth, again))
            if below is not None and not again:
                seen.add(id(below))
                waiting += [(inner, depth + 1) for inner in reversed(below.branches)]
        return tuple(listed)


class Visit(NamedTuple):
    """A branch, the tree of the record that it stands in, and how evaluation came there."""

    branch: Branch
    tree: Tree
    above: Visit | None
    depth: int = 1

    @property
    def path(self) -> tuple[Branch, ...]:
        """The branches from the root's own term down to this one."""
        return (self.branch,) if self.above is None else (*self.above.path, self.branch)

    @property
    def top(self) -> Branch:
        """The root's own term that leads here."""
        return self.path[0]


_NOTES = {
    Fate.VOID: "no answer in DNS",
    Fate.NO_RECORD: "has no SPF record",
    Fate.SEVERAL: "has several SPF records",
    Fate.BROKEN: "has a record with a syntax error",
    Fate.LOOP: "leads back here",
    Fate.NO_NAME: "cannot be a name",
    Fate.FAILED: "did not answer when the lock was made",
    Fate.UNKNOWN: "not in the zones or the lock",
}


def _line(branch: Branch, depth: int, again: bool) -> str:
    tree = branch.tree
    lower = branch.descends and (
        branch.fate in (Fate.MESSAGE, Fate.UNKNOWN, Fate.FAILED)
        or (tree is not None and not tree.is_exact)
    )
    note = _NOTES.get(branch.fate)
    if branch.fate is Fate.MESSAGE and branch.term.name != "ptr":
        note = "depends on the message"
    if again:
        note = "as above"
    cost = f"at least {format_number(branch.lookups)}" if lower else format_number(branch.lookups)
    return "  " * (depth + 1) + f"{cost}  {branch.term.text}" + (f"  ({note})" if note else "")


def format_number(number: int) -> str:
    """A number for people: hostile trees have numbers of hundreds of digits."""
    return str(number) if number < 10**9 else "over 10^9"


def tree(domain: str, context: Context) -> Tree:
    """The tree of a domain's SPF as the zones and the lock have it; made once a run."""
    trees: dict[str, Tree] = context.memo.setdefault(("lookups", "trees"), {})
    found = trees.get(domain)
    if found is None:
        found = _Builder(context.answers, trees).build(domain)
    return found


def of(spf: Spf) -> Tree:
    """The tree of one record of a zone, as if it were its owner's only one."""
    return tree_with(spf.value, spf.owner, spf.context)


def tree_with(text: str, owner: str, context: Context) -> Tree:
    """The tree of a domain if its one SPF record had this text."""
    own = context.answers.ask(owner, "TXT")
    if [value for value in own.values if spf.is_spf(value)] == [text]:
        return tree(owner, context)
    trees: dict[str, Tree] = context.memo.setdefault(("lookups", "trees"), {})
    before = trees.get(owner)
    kept = {}
    if before is not None and not before.loops:  # nothing below leads back to the owner
        kept = {each.target: trees[each.target] for each in before.branches
                if each.descends and each.target in trees}  # fmt: skip
    return _Builder(Instead(context.answers, owner, text), kept).build(owner)


class Instead(NamedTuple):
    """Answers in which one owner has one TXT record, with this text."""

    answers: Answers
    owner: str
    text: str

    def ask(self, name: str, type: str) -> Answer:
        if name == self.owner and type == "TXT":
            return Answer(name, type, Status.RECORDS, (self.text,))
        return self.answers.ask(name, type)


def branch(term: Term, domain: str, context: Context) -> Branch:
    """One term that costs a lookup, in a record at the domain; nothing below it is looked at."""
    return _Builder(context.answers, {}).branch(term, domain)


def spf_texts(answer: Answer) -> list[str]:
    """The texts of a TXT answer that receivers select as SPF (§4.5)."""
    return [value for value in answer.values if spf.is_spf(value)]


def costly_terms(record: spf.SpfRecord) -> Iterator[Term]:
    """The terms that cost a lookup if no term matches, in the order of their evaluation."""
    for term in record.mechanisms:
        if term.name == "all":
            return
        if term.name in COSTLY:
            yield term
    if record.redirect is not None:
        yield record.redirect


class _Builder:
    """Builds trees without recursion: a chain of includes may be as long as the lock is.

    Records that lead to one another are a circle, and what is told of one depends on where it is
    entered. Each record's own tree is that which is entered there, and so does not depend on who
    was asked first.
    """

    def __init__(self, answers: Answers, trees: dict[str, Tree]) -> None:
        self.answers = answers
        self.trees = trees
        self._read: dict[str, Tree] = {}
        self._loops = 0

    def build(self, domain: str) -> Tree:
        for circle in self._circles(domain):
            if len(circle) <= _LARGEST_CIRCLE:
                for root in circle:
                    self.trees[root] = self._build_in(circle, root)[root]
            else:
                self.trees.update(self._build_in(circle, min(circle)))
        return self.trees[domain]

    def _circles(self, domain: str) -> Iterator[Collection[str]]:
        """The names that lead to one another, nearly always one, those below first (Tarjan)."""
        numbers: dict[str, int] = {}
        lowest: dict[str, int] = {}
        waiting: dict[str, None] = {}  # names whose circle may not be whole yet, in their order
        stack: list[tuple[str, Iterator[str]]] = []
        at: str | None = domain
        while True:
            if at is not None:
                numbers[at] = lowest[at] = len(numbers)
                waiting[at] = None
                stack.append((at, iter(self._targets(at))))
            name, rest = stack[-1]
            at = None
            for target in rest:
                if target in waiting:
                    lowest[name] = min(lowest[name], numbers[target])
                elif target not in self.trees:
                    at = target
                    break
            if at is not None:
                continue
            stack.pop()
            if lowest[name] == numbers[name]:
                yield _taken_from(waiting, name)
            if not stack:
                return
            above = stack[-1][0]
            lowest[above] = min(lowest[above], lowest[name])

    def _targets(self, domain: str) -> list[str]:
        """Where the record of a name leads."""
        found = self._read[domain] = self._record_at(domain)
        return [b.target for b in found.branches if b.descends and b.target is not None]

    def _build_in(self, circle: Collection[str], domain: str) -> dict[str, Tree]:
        """The trees of a circle that is entered at one of its names; those below are there."""
        self._loops = 0
        built: dict[str, Tree] = {}
        root = self._first_read(domain)
        path = {domain: root}  # the records under evaluation, in order
        stack = [(root, iter(root.branches))]
        while stack:
            at, rest = stack[-1]
            below = self._next_below(rest, at, path, circle, built)
            if below is None:
                stack.pop()
                del path[at.domain]
                _sum_up(at)
                built[at.domain] = at
            else:
                path[below.domain] = below
                stack.append((below, iter(below.branches)))
        return built

    def _next_below(
        self,
        rest: Iterator[Branch],
        at: Tree,
        path: Mapping[str, Tree],
        circle: Collection[str],
        built: Mapping[str, Tree],
    ) -> Tree | None:
        """The next record that has to be visited first; None when all branches are settled."""
        for branch in rest:
            if not branch.descends or branch.target is None:
                continue
            if branch.target in path:
                branch.fate = Fate.LOOP
                if len(at.loops) < _MOST_LOOPS:
                    at.loops = (*at.loops, self._loop(path, at.domain, branch.target))
                continue
            known = built if branch.target in circle else self.trees
            branch.tree = known.get(branch.target)
            if branch.tree is None:
                branch.tree = self._first_read(branch.target)
                return branch.tree
        return None

    def _first_read(self, domain: str) -> Tree:
        """The record of a name, in a tree that nothing else has."""
        return self._read.pop(domain, None) or self._record_at(domain)

    def _loop(self, path: Mapping[str, Tree], domain: str, target: str) -> tuple[str, ...]:
        """The names of a loop; past the first hundred loops only its ends, to bound the work."""
        self._loops += 1
        if self._loops > 10 * _MOST_LOOPS:
            return (domain, target)
        names = list(path)
        return (*names[names.index(target) :], target)

    def _record_at(self, domain: str) -> Tree:
        answer = self.answers.ask(domain, "TXT")
        if not answer.is_fact:
            unknown = answer.status is Status.UNKNOWN
            missing = (answer.missing,)
            return Tree(domain, Fate.UNKNOWN if unknown else Fate.FAILED, missing=missing,
                        unanswered=missing)  # fmt: skip
        texts = spf_texts(answer)
        if len(texts) != 1:
            fate = Fate.SEVERAL if texts else Fate.NO_RECORD
            return Tree(domain, fate, is_void=answer.is_void)
        record = spf.parse(texts[0])
        fate = Fate.BROKEN if record.faults else Fate.FOUND
        found = Tree(domain, fate, record)
        found.branches = [self.branch(term, domain) for term in costly_terms(record)]
        return found

    def branch(self, term: Term, domain: str) -> Branch:
        spec = term.domain if isinstance(term, Mechanism) else term.value
        assert spec is None or isinstance(spec, DomainSpec)
        varies, target = target_name(spec, domain)
        if varies or term.name == "ptr":
            return Branch(term, target, Fate.MESSAGE)
        if target is None:
            return Branch(term, None, Fate.NO_NAME)
        branch = Branch(term, target, Fate.FOUND)
        match term.name:
            case "a":
                self._settle(branch, [target])
            case "exists":
                self._settle(branch, [target], types=("A",))
            case "mx":
                self._settle_mx(branch, target)
        return branch

    def _settle(
        self, branch: Branch, hosts: Iterable[str], types: tuple[str, ...] = ("A", "AAAA")
    ) -> None:
        """Ask for the hosts' addresses: the term's fate, its void lookups, what is missing."""
        answers = [[self.answers.ask(host, type) for host in hosts] for type in types]
        flat = [answer for of_type in answers for answer in of_type]
        lost = [answer for answer in flat if not answer.is_fact]
        branch.missing = tuple(dict.fromkeys(answer.missing for answer in lost))
        voids = [int(any(answer.is_void for answer in of_type)) for of_type in answers]
        branch.voids = (voids[0], voids[-1])
        if any(answer.status is Status.UNKNOWN for answer in lost):
            branch.fate = Fate.UNKNOWN
        elif lost:
            branch.fate = Fate.FAILED
        elif not any(answer.values for answer in flat):
            branch.fate = Fate.VOID

    def _settle_mx(self, branch: Branch, target: str) -> None:
        answer = self.answers.ask(target, "MX")
        if answer.is_void:
            branch.fate = Fate.VOID
            branch.voids = (1, 1)
        elif not answer.is_fact:
            unknown = answer.status is Status.UNKNOWN
            branch.fate = Fate.UNKNOWN if unknown else Fate.FAILED
            branch.missing = (answer.missing,)
        else:
            branch.exchanges = answer.exchanges
            if branch.exchanges:
                self._settle(branch, branch.exchanges[:MX_LIMIT])


def _taken_from(waiting: dict[str, None], first: str) -> Collection[str]:
    """Take out the names from the first on."""
    taken: dict[str, None] = {}
    while first not in taken:
        taken[waiting.popitem()[0]] = None
    return taken


def _sum_up(at: Tree) -> None:
    """Add up what is below. Lists are cut: they are read by people, and a tree may be hostile."""
    lookups, voids = 0, [0, 0]
    missing, unanswered, loops = [at.missing], [at.unanswered], [at.loops]
    for branch in at.branches:
        below = branch.tree
        if below is not None:
            branch.lookups = 1 + below.lookups
            branch.voids = (below.voids[0] + below.is_void, below.voids[1] + below.is_void)
            branch.fate = below.fate
            missing.append(below.missing)
            unanswered.append(below.unanswered)
            loops.append(below.loops)
        elif branch.fate is Fate.MESSAGE:
            unanswered.append((branch.term.text,))
            missing += unanswered[-1:] if branch.descends else ()
        unanswered.append(branch.missing)
        lookups += branch.lookups
        voids = [voids[0] + branch.voids[0], voids[1] + branch.voids[1]]
    at.lookups = lookups
    at.voids = (voids[0], voids[1])
    at.missing = tuple(dict.fromkeys(chain(*missing)))[:_MOST_MISSING]
    at.unanswered = tuple(dict.fromkeys(chain(*unanswered)))[:_MOST_MISSING]
    at.loops = tuple(dict.fromkeys(chain(*loops)))[:_MOST_LOOPS]
