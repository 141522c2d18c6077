"""The SPF of a domain as a function: address → result, as interval maps over IPv4 and IPv6.

What depends on the message (macros, `exists` with one, `ptr`) or on an answer that nobody has is
kept as it stands: a `Question` in the place where evaluation would ask it. The value at an address
is therefore a small decision tree: a `Result`, or a `Question` with what follows if the term
matches and what follows if it does not.

    maps = networks.of("example.com.", context)
    maps.ip4.value(int(address)), maps.cidrs(), maps.missing
    networks.equal("v=spf1 a mx -all", "v=spf1 mx a -all", "example.com.", context)
"""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import chain

from zonelint.grammars.listing import reached
from zonelint.grammars.spf import record as spf
from zonelint.grammars.spf.tree import Mechanism, Network
from zonelint.rules.mail import lookups
from zonelint.rules.mail.any_message import finds_anybody
from zonelint.rules.mail.lookups import Branch, Fate, Tree
from zonelint.rules.model.answers import Answers
from zonelint.rules.model.context import Context, once_a_run

_MOST_LOOKUPS = 100
_MOST_QUESTIONS = 500
_MOST_INTERVALS = 200_000


class TooManyNetworks(Exception):
    """A tree so far over the limits of SPF that its map is not worth the work."""


@dataclass(frozen=True, slots=True, eq=False)
class NetworkResult:
    """A decided value. `result` is a word of RFC 7208 §2.6, `path` the terms that lead there.

    For a redirect that is kept as it stands, `result` is the whole modifier.
    """

    result: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class NetworkQuestion:
    """Something that only the message, or an answer that is missing, can decide."""

    term: str
    path: tuple[str, ...]
    matches: Value
    misses: Value


Value = NetworkResult | NetworkQuestion


class _Values:
    """Makes values, the same object for the same content: equal values are identical.

    paths: whether they know the terms that lead there; without them more values are equal.
    """

    def __init__(self, *, paths: bool = False) -> None:
        self._paths = paths
        self._made: dict[Hashable, Value] = {}

    def result(self, result: str, *path: str) -> Value:
        path = path if self._paths else ()
        return self._made.setdefault((result, path), NetworkResult(result, path))

    def question(self, term: str, path: tuple[str, ...], matches: Value, misses: Value) -> Value:
        path = path if self._paths else ()
        key = (term, path, id(matches), id(misses))
        return self._made.setdefault(key, NetworkQuestion(term, path, matches, misses))


@dataclass(slots=True)
class IntervalMap:
    """Addresses of one family to values: `starts[i]` to the next start have `values[i]`.

    The starts begin with 0; neighbours differ.
    """

    bits: int
    starts: list[int]
    values: list[Value]

    @classmethod
    def constant(cls, bits: int, value: Value) -> IntervalMap:
        return cls(bits, [0], [value])

    def value(self, address: int) -> Value:
        """The value at an address."""
        return self.values[bisect_right(self.starts, address) - 1]

    def intervals(self) -> Iterator[tuple[int, int, Value]]:
        """(first, last, value) in the order of the addresses."""
        ends = [*(start - 1 for start in self.starts[1:]), (1 << self.bits) - 1]
        return zip(self.starts, ends, self.values, strict=True)

    def mapped(self, change: Callable[[Value], Value]) -> IntervalMap:
        return _joined(self.bits, zip(self.starts, map(change, self.values), strict=True))

    def merged(self, other: IntervalMap, choose: Callable[[Value, Value], Value]) -> IntervalMap:
        """The map of `choose(own, other)` at every address."""
        starts = sorted({*self.starts, *other.starts})
        if len(starts) > _MOST_INTERVALS:
            raise TooManyNetworks
        pairs = []
        own = their = 0
        for start in starts:
            while own + 1 < len(self.starts) and self.starts[own + 1] <= start:
                own += 1
            while their + 1 < len(other.starts) and other.starts[their + 1] <= start:
                their += 1
            pairs.append((start, choose(self.values[own], other.values[their])))
        return _joined(self.bits, pairs)

    def networks(self, wanted: Callable[[Value], bool]) -> list[tuple[Network, Value]]:
        """The networks whose values are wanted, as few as can be."""
        found: list[tuple[Network, Value]] = []
        for first, last, value in self.intervals():
            if wanted(value):
                found += [(network, value) for network in _cidrs(first, last, self.bits)]
        return found


def _joined(bits: int, pairs: Iterable[tuple[int, Value]]) -> IntervalMap:
    starts: list[int] = []
    values: list[Value] = []
    for start, value in pairs:
        if not values or values[-1] is not value:
            starts.append(start)
            values.append(value)
    return IntervalMap(bits, starts, values)


def _cidrs(first: int, last: int, bits: int) -> Iterator[Network]:
    if bits == 32:
        yield from ipaddress.summarize_address_range(
            ipaddress.IPv4Address(first), ipaddress.IPv4Address(last)
        )
    else:
        yield from ipaddress.summarize_address_range(
            ipaddress.IPv6Address(first), ipaddress.IPv6Address(last)
        )


@dataclass(slots=True)
class Maps:
    """Both families' maps. `missing`: names that nobody knows."""

    ip4: IntervalMap
    ip6: IntervalMap
    missing: tuple[str, ...] = ()


def _reachable(value: Value, known: dict[int, frozenset[str]]) -> frozenset[str]:
    """The results that a value can have. Values are kept alive by their maps: ids are safe."""
    found = known.get(id(value))
    if found is None:
        if isinstance(value, NetworkResult):
            found = frozenset((value.result,))
        else:
            found = _reachable(value.matches, known) | _reachable(value.misses, known)
        known[id(value)] = found
    return found


def possible(value: Value) -> frozenset[str]:
    """The results that a value can have, whatever the answers to its questions are."""
    return _reachable(value, {})


def questions(value: Value) -> list[NetworkQuestion]:
    """Every question that a value may ask, each once, in the order of evaluation."""
    found = reached([value], lambda at: () if isinstance(at, NetworkResult) else
                    (at.misses, at.matches))  # fmt: skip
    return [each for each in found if isinstance(each, NetworkQuestion)]


@once_a_run
def of(domain: str, context: Context) -> Maps:
    """The maps of a domain; made once a run. TooManyNetworks for hostile trees."""
    return of_tree(lookups.tree(domain, context), context.answers)


def of_tree(tree: Tree, answers: Answers, *, paths: bool = True) -> Maps:
    """The maps of a tree that was made before. Without paths equal parts are joined."""
    return _Mapper(answers, _Values(paths=paths)).maps(tree)


def may_pass(tree: Tree, answers: Answers) -> bool:
    """Whether mail from some address may pass, for all that is known."""
    try:
        maps = of_tree(tree, answers, paths=False)
    except TooManyNetworks:
        return True
    return not all(possible(each) <= NO_PASS for each in (*maps.ip4.values, *maps.ip6.values))


NO_PASS = frozenset(("fail", "softfail", "neutral", "none", "permerror"))
"""Results that are known and let nobody send: what is not known may be a pass."""


@dataclass(frozen=True, slots=True)
class NetworkDifference:
    """How two maps differ: the networks of which some result changes, with before and after.

    missing: what nobody knows of either.
    """

    changed: tuple[tuple[Network, Value, Value], ...] = ()
    missing: tuple[str, ...] = ()

    def gained(self) -> list[Network]:
        """The networks that pass after and did not before."""
        return self._moved(lambda old, new: old <= NO_PASS and new == {"pass"})

    def lost(self) -> list[Network]:
        """The networks that passed before and do not after."""
        return self._moved(lambda old, new: old == {"pass"} and new <= NO_PASS)

    def risked(self) -> list[Network]:
        """The networks that passed before, and of which nobody knows whether they do after."""
        return self._moved(lambda old, new: old == {"pass"} != new and not new <= NO_PASS)

    @property
    def is_doubtful(self) -> bool:
        """Whether what may have let hosts pass is not asked after any more."""
        return any(
            {each.term for each in questions(old)} - {each.term for each in questions(new)}
            for _, old, new in self.changed
            if "pass" in possible(old) and possible(new) != {"pass"}
        )

    def eased(self) -> tuple[str, str] | None:
        """The results before and after of about every host that is refused less than it was."""
        counts: Counter[tuple[str, str]] = Counter()
        for network, old, new in self.changed:
            first, last = (_refusal(value) for value in (old, new))
            if network.version == 4 and first and last and _REFUSED[last] < _REFUSED[first]:
                counts[first, last] += network.num_addresses
        most = max(counts, key=counts.__getitem__, default=None)
        return most if most is not None and counts[most] > 1 << 31 else None

    def _moved(self, wanted: Callable[[frozenset[str], frozenset[str]], bool]) -> list[Network]:
        found = [net for net, old, new in self.changed if wanted(possible(old), possible(new))]
        v4 = [net for net in found if isinstance(net, ipaddress.IPv4Network)]
        v6 = [net for net in found if isinstance(net, ipaddress.IPv6Network)]
        return [*ipaddress.collapse_addresses(v4), *ipaddress.collapse_addresses(v6)]


_REFUSED = {"neutral": 1, "softfail": 2, "fail": 3}


def _refusal(value: Value) -> str | None:
    """The result for those whom no open question lets pass; None where it is not one result."""
    others = possible(value) - {"pass"}
    return next(iter(others)) if len(others) == 1 and others <= _REFUSED.keys() else None


def difference(
    before: Tree, after: Tree, answers: Answers, after_answers: Answers
) -> NetworkDifference:
    """How the meaning of a record changes. Each tree with the answers that it was made from."""
    values = _Values()
    old = _Mapper(answers, values).maps(before)
    new = _Mapper(after_answers, values).maps(after)
    found: list[tuple[Network, Value, Value]] = []
    for own, other in ((old.ip4, new.ip4), (old.ip6, new.ip6)):
        found += _changes(own, other)
    return NetworkDifference(tuple(found), (*old.missing, *new.missing))


def _changes(old: IntervalMap, new: IntervalMap) -> Iterator[tuple[Network, Value, Value]]:
    edges = sorted({*old.starts, *new.starts})
    ends = [*(edge - 1 for edge in edges[1:]), (1 << old.bits) - 1]
    for first, last in zip(edges, ends, strict=True):
        before, after = old.value(first), new.value(first)
        if before is not after:
            for network in _cidrs(first, last, old.bits):
                yield network, before, after


def spelt(network: Network) -> str:
    """A network for people: of one address that address."""
    return str(network.network_address if network.num_addresses == 1 else network)


def total(networks: Iterable[Network]) -> int:
    """How many addresses networks hold that do not overlap."""
    return sum(network.num_addresses for network in networks)


def equal(before: str, after: str, owner: str, context: Context) -> bool:
    """Whether two texts of an owner's SPF are proved to mean the same for every message.

    With every answer at hand and no limit in reach, the whole maps are compared, includes opened.
    Otherwise each term that asks DNS stands for itself and must be the same term in the same
    place of the evaluation, so that whatever it answers and costs is the same. False is no proof
    of the opposite.
    """
    old, new = spf.parse(before), spf.parse(after)
    if old.faults or new.faults or _exp(old) != _exp(new):
        return False
    try:
        trees = [lookups.tree_with(text, owner, context) for text in (before, after)]
        answers = [lookups.Instead(context.answers, owner, text) for text in (before, after)]
        values = _Values()
        opened = all(map(_is_within_limits, trees))
        first, second = (
            _Mapper(answer, values, opened, sampled=False).maps(tree)
            for tree, answer in zip(trees, answers, strict=True)
        )
    except TooManyNetworks:
        return False
    return first.ip4 == second.ip4 and first.ip6 == second.ip6


def _exp(record: spf.SpfRecord) -> str | None:
    return None if record.exp is None else record.exp.value.folded


def _is_within_limits(tree: Tree) -> bool:
    """Whether no message can meet a limit or an error: then what a term costs has no meaning."""
    if not tree.is_exact or tree.lookups > lookups.LIMIT or tree.fate is not Fate.FOUND:
        return False
    voids = max(tree.voids)
    for visit in tree.walk():
        branch = visit.branch
        if branch.missing or len(branch.exchanges) > lookups.MX_LIMIT:
            return False
        if branch.descends and branch.fate is not Fate.FOUND:
            return False
        if branch.fate is Fate.MESSAGE:
            # It may be void. Below an include it may be so as often as that is included.
            voids += 1 if visit.above is None else lookups.VOID_LIMIT + 1
    return voids <= lookups.VOID_LIMIT


@dataclass(slots=True)
class _Mapper:
    """Makes maps from trees: each record once.

    sampled: what answers for an address that nobody has is taken to answer for every one.
    """

    answers: Answers
    values: _Values
    opened: bool = True
    sampled: bool = True
    _made: dict[int, tuple[IntervalMap, IntervalMap]] = field(default_factory=dict)
    _unknown: dict[str, None] = field(default_factory=dict)

    def maps(self, tree: Tree) -> Maps:
        if self.opened and tree.lookups > _MOST_LOOKUPS:
            raise TooManyNetworks
        ip4, ip6 = self._of(tree)
        return Maps(ip4, ip6, tuple(self._unknown))

    def _of(self, tree: Tree) -> tuple[IntervalMap, IntervalMap]:
        made = self._made.get(id(tree))
        if made is None:
            made = self._made[id(tree)] = (self._map(tree, 32), self._map(tree, 128))
        return made

    def _map(self, tree: Tree, bits: int) -> IntervalMap:
        """From the last term to the first: what is there so far is what follows if it misses."""
        if tree.record is None or tree.fate is not Fate.FOUND:
            return IntervalMap.constant(bits, self._without_record(tree))
        branches = {id(branch.term): branch for branch in tree.branches}
        rest, steps = self._last(tree, bits, branches)
        group: list[tuple[list[tuple[int, int]], Value]] = []
        asked = 0
        for term in reversed(steps):
            branch = branches.get(id(term))
            ranges = self._ranges(term, branch, bits, tree.domain)
            if ranges is not None:
                group.append((ranges, self.values.result(term.qualifier.result, term.text)))
                continue
            rest = self._painted(rest, group)
            group = []
            asked += 1
            if asked > _MOST_QUESTIONS:
                raise TooManyNetworks
            assert branch is not None
            rest = self._branch_on(tree, term, branch, rest, bits)
        return self._painted(rest, group)

    def _without_record(self, tree: Tree) -> Value:
        """The whole map of a domain that has no usable record (§4.3 to §4.6)."""
        match tree.fate:
            case Fate.UNKNOWN | Fate.FAILED:
                self._unknown |= dict.fromkeys(tree.missing)
                return self.values.result("undecided")
            case Fate.NO_RECORD | Fate.NO_NAME:
                return self.values.result("none")
            case _:
                return self.values.result("permerror")

    def _last(
        self, tree: Tree, bits: int, branches: dict[int, Branch]
    ) -> tuple[IntervalMap, Sequence[Mechanism]]:
        """What follows when no term matches, and the terms that are reached."""
        assert tree.record is not None
        steps: list[Mechanism] = []
        for term in tree.record.mechanisms:
            if term.name == "all":
                value = self.values.result(term.qualifier.result, term.text)
                return IntervalMap.constant(bits, value), steps
            steps.append(term)
        redirect = tree.record.redirect
        if redirect is None:
            return IntervalMap.constant(bits, self.values.result("neutral")), steps
        branch = branches[id(redirect)]
        if self.opened and branch.tree is not None and branch.fate not in _LOST:
            below = self._of(branch.tree)[0 if bits == 32 else 1]
            return below.mapped(lambda value: self._behind(value, redirect.text)), steps
        if self.opened and branch.fate in (Fate.LOOP, Fate.NO_NAME):
            return IntervalMap.constant(bits, self.values.result("permerror")), steps
        self._note(branch)
        symbol = f"redirect={self._key(tree, branch)}"
        return IntervalMap.constant(bits, self.values.result(symbol, redirect.text)), steps

    def _behind(self, value: Value, redirect: str) -> Value:
        """A value of a redirect's target: no record there is an error (§6.1)."""
        return self._replaced(
            value,
            lambda leaf: self.values.result(
                "permerror" if leaf.result == "none" else leaf.result, redirect, *leaf.path
            ),
            (redirect,),
            {},
        )

    def _ranges(
        self, term: Mechanism, branch: Branch | None, bits: int, domain: str
    ) -> list[tuple[int, int]] | None:
        """The addresses that a term matches; None where it is no plain set of addresses."""
        if branch is None:
            network = term.network
            if network is None or network.max_prefixlen != bits:
                return []
            return [(int(network.network_address), int(network.broadcast_address))]
        if not self.opened or branch.descends or branch.fate is Fate.MESSAGE:
            version = 4 if bits == 32 else 6
            always = self.sampled and finds_anybody(term, domain, version, self.answers)
            return [(0, (1 << bits) - 1)] if always else None
        match branch.term.name:
            case _ if branch.fate is Fate.NO_NAME:
                return []
            case "a" if branch.target is not None:
                return self._around(term, (branch.target,), bits)
            case "mx" if branch.exchanges or not branch.missing:
                over = len(branch.exchanges) > lookups.MX_LIMIT
                return None if over else self._around(term, branch.exchanges, bits)
            case "exists" if branch.fate is Fate.VOID:
                return []
            case "exists" if branch.fate is Fate.FOUND:
                return [(0, (1 << bits) - 1)]
            case _:
                return None

    def _around(
        self, term: Mechanism, hosts: Iterable[str], bits: int
    ) -> list[tuple[int, int]] | None:
        """The networks around the hosts' addresses; None where not all of them are known."""
        found = [self.answers.ask(host, "A" if bits == 32 else "AAAA") for host in hosts]
        if not all(answer.is_whole for answer in found):
            self._unknown |= dict.fromkeys(answer.missing for answer in found if answer.reason)
            return None
        length = term.cidr4 if bits == 32 else term.cidr6
        drop = bits - (bits if length is None else length)
        addresses = (
            int(address) >> drop << drop
            for answer in found
            for address in answer.addresses
            if address.max_prefixlen == bits
        )
        return [(first, first + (1 << drop) - 1) for first in addresses]

    def _painted(
        self, rest: IntervalMap, group: list[tuple[list[tuple[int, int]], Value]]
    ) -> IntervalMap:
        """Plain terms over what follows them, in one sweep. The group's last stands first."""
        if not any(ranges for ranges, _ in group):
            return rest
        opening: list[tuple[int, int, int]] = []  # first address, rank, last address
        for rank, (ranges, _) in enumerate(reversed(group)):
            opening += [(first, rank, last) for first, last in ranges]
        opening.sort()
        top = 1 << rest.bits
        edges = sorted(
            {0, *(first for first, _, _ in opening), *(last + 1 for _, _, last in opening)} - {top}
        )
        none = self.values.result("")
        pairs: list[tuple[int, Value]] = []
        live: list[tuple[int, int]] = []  # rank, last address
        at = 0
        for edge in edges:
            while at < len(opening) and opening[at][0] <= edge:
                heappush(live, (opening[at][1], opening[at][2]))
                at += 1
            while live and live[0][1] < edge:
                heappop(live)
            pairs.append((edge, group[-1 - live[0][0]][1] if live else none))
        over = _joined(rest.bits, pairs)
        return over.merged(rest, lambda own, other: other if own is none else own)

    def _branch_on(
        self, tree: Tree, term: Mechanism, branch: Branch, rest: IntervalMap, bits: int
    ) -> IntervalMap:
        """A term that is no plain set of addresses over what follows it."""
        result = term.qualifier.result
        below = branch.tree
        if self.opened and branch.descends and branch.fate not in _LOST:
            if below is None or branch.fate is not Fate.FOUND:  # a loop, no record, no name
                return IntervalMap.constant(bits, self.values.result("permerror", term.text))
            inner = self._of(below)[0 if bits == 32 else 1]
            return inner.merged(rest, self._included(term.text, result))
        matches = self.values.result(result, term.text)
        if self.opened and len(branch.exchanges) > lookups.MX_LIMIT:
            # One of the first ten may match; then comes the error.
            error = IntervalMap.constant(bits, self.values.result("permerror", term.text))
            ranges = self._around(term, branch.exchanges[: lookups.MX_LIMIT], bits)
            return self._painted(error, [(ranges or [], matches)])
        self._note(branch)
        key = f"{term.name}:{self._key(tree, branch)}"
        return rest.mapped(lambda value: self.values.question(key, (term.text,), matches, value))

    def _included(self, term: str, result: str) -> Callable[[Value, Value], Value]:
        """What an include makes of the target's value and of what follows the include (§5.2)."""
        known: dict[tuple[int, int], Value] = {}

        def choose(inner: Value, rest: Value) -> Value:
            found = known.get((id(inner), id(rest)))
            if found is None:
                found = known[id(inner), id(rest)] = self._replaced(
                    inner, lambda leaf: self._through(leaf, term, result, rest), (term,), {}
                )
            return found

        return choose

    def _through(self, leaf: NetworkResult, term: str, result: str, rest: Value) -> Value:
        path = term, *leaf.path
        match leaf.result:
            case "pass":
                return self.values.result(result, *path)
            case "fail" | "softfail" | "neutral":
                return rest
            case "none" | "permerror":
                return self.values.result("permerror", *path)
            case other if other.startswith("redirect="):
                # What the redirect says stays open: it may pass, and it may not.
                return self.values.question(other, path, self.values.result(result, *path), rest)
            case other:
                return self.values.result(other, *path)

    def _replaced(
        self,
        value: Value,
        change: Callable[[NetworkResult], Value],
        above: tuple[str, ...],
        known: dict[int, Value],
    ) -> Value:
        """The value with its results changed; shared parts stay shared. Depth: lookups at most."""
        found = known.get(id(value))
        if found is None:
            if isinstance(value, NetworkResult):
                found = change(value)
            else:
                found = self.values.question(
                    value.term,
                    (*above, *value.path),
                    self._replaced(value.matches, change, above, known),
                    self._replaced(value.misses, change, above, known),
                )
            known[id(value)] = found
        return found

    def _note(self, branch: Branch) -> None:
        below = () if branch.tree is None else branch.tree.missing
        self._unknown |= dict.fromkeys((*branch.missing, *below))

    def _key(self, tree: Tree, branch: Branch) -> str:
        """What makes two questions the same: the target, and the domain where it matters."""
        term = branch.term
        lengths = ""
        if isinstance(term, Mechanism):
            lengths = f"/{term.cidr4}//{term.cidr6}"
        if branch.target is not None:
            return (self._asked(branch) if self.opened else branch.target) + lengths
        spec = term.domain if isinstance(term, Mechanism) else term.value
        folded = "" if spec is None else spec.folded
        return f"{folded}{lengths} in {tree.domain}"

    def _asked(self, branch: Branch) -> str:
        """What nobody knows of a term, by the names that were looked for in the end.

        With what is known beside it.
        """
        target, types = branch.target or "", _ASKED.get(branch.term.name, ("TXT",))
        if branch.term.name == "mx" and not branch.exchanges:
            types = ("MX",)
        hosts = branch.exchanges[: lookups.MX_LIMIT] or (target,)
        found = [self.answers.ask(host, type) for host in hosts for type in types]
        told = ([each.last, *each.values] for each in found if not each.is_whole)
        return " ".join(dict.fromkeys(chain.from_iterable(told))) or target


_ASKED = {"a": ("A", "AAAA"), "mx": ("A", "AAAA"), "exists": ("A",)}
_LOST = (Fate.MESSAGE, Fate.UNKNOWN, Fate.FAILED)
