"""What a change of zones means: where mail goes, who may send, what receivers do with the rest,
which keys answer, how mail is protected on its way.

Both sides are asked through their own answers (zones, then lock), so that a changed include, host
or alias counts as much as a changed record. Nothing is said where an answer is missing.

    for meaning in meanings(context):
        meaning.domain, meaning.spf, meaning.dmarc, meaning.keys
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.listing import grouped
from zonelint.grammars.spf.record import SpfRecord
from zonelint.grammars.spf.tree import Network
from zonelint.grammars.tags import dkim, dmarc
from zonelint.grammars.tags.dmarc import Alignment, Policy, Reading, rank
from zonelint.grammars.zone import RRset, nearest, sameness, without_dot
from zonelint.rules.core.identity import Twins, told_apart
from zonelint.rules.mail import lookups, networks
from zonelint.rules.mail.behind import (
    names_led,
    names_of,
    redirected_names,
    return_paths,
)
from zonelint.rules.mail.dmarc_discovery import (
    Cover,
    CoverRole,
    covering,
    is_reverse,
    unnamed_below,
    wildcards,
)
from zonelint.rules.mail.lookups import Tree
from zonelint.rules.model.answers import Answers, owner_name
from zonelint.rules.model.context import Context, once_a_run
from zonelint.rules.model.parts import AskedNames
from zonelint.rules.model.subjects import MailZone, Parsed, Spf, selector_of
from zonelint.rules.model.wording import WordedZone

if TYPE_CHECKING:
    from zonelint.rules.model.repository import Repository, Seat

_DMARC = "_dmarc."
_READINGS = (Reading.RFC7489, Reading.RFC9989)


_S = TypeVar("_S", bound=Parsed[Any])


def _written_in(zone: MailZone, own: Mapping[str, Sequence[_S]], owner: str) -> _S | None:
    """The one text at a name of which words are not known, and nothing else of the answer."""
    found = own.get(owner, ())
    lacks = zone.zone.unknown.get((owner, "TXT"), ()) if len(found) == 1 else ()
    if not lacks or not {*lacks} <= {*found[0].record.doubts(found[0].record.span, found[0].value)}:
        return None
    return found[0]


# -- DMARC -----------------------------------------------------------------------------------------


class NameGroup(Enum):
    """The names that one policy of a record is for, by the tag that sets it."""

    DOMAIN = "p"
    SUBDOMAINS = "sp"
    NONEXISTENT = "np"


@dataclass(frozen=True, slots=True)
class PolicyLevel:
    """One policy before and after, as receivers of either standard read it (`Reading`'s order).

    is_freed: whether `t=y`, or mail outside `pct`, lowered it by one level for some receivers, and
      does so no more (RFC 9989 §4.7, RFC 7489 §6.6.4).
    """

    names: NameGroup
    before: tuple[Policy | None, ...]
    after: tuple[Policy | None, ...]
    is_freed: bool = False

    @property
    def was(self) -> Policy | None:
        """The strictest reading before: what some receivers did already, and to all of the mail."""
        strictest = max(self.before, key=rank)
        return strictest.one_lower if strictest and self.is_freed else strictest

    @property
    def is_now(self) -> Policy | None:
        """The strictest reading after: what some receivers will do."""
        return max(self.after, key=rank)

    @property
    def is_raised(self) -> bool:
        return rank(self.is_now) > rank(self.was)

    @property
    def is_weakened(self) -> bool:
        """Whether receivers of one of the standards do less than before."""
        old, new = self.loss
        return rank(new) < rank(old)

    @property
    def loss(self) -> tuple[Policy | None, Policy | None]:
        """The policy before and after for those receivers that come to do less, most of all."""
        pairs = zip(self.before, self.after, strict=True)
        return max(pairs, key=lambda pair: rank(pair[0]) - rank(pair[1]))


@dataclass(frozen=True, slots=True)
class DmarcChange:
    """What receivers do with mail in the name of a domain, before and after."""

    domain: str
    before: Cover
    after: Cover
    below: tuple[Cover, Cover]
    """The covers of its organisation, before and after: their records are for names below."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The names whose answers are wanting on either side; () where both are known."""
        sides = (self.before, self.after)
        return tuple(
            dict.fromkeys(name for side in sides if not side.is_known for name in side.missing)
        )

    @property
    def levels(self) -> tuple[PolicyLevel, ...]:
        """The policies that the change can have touched.

        Those for names below count at an organisational domain: elsewhere they come from its
        record (RFC 9989 §4.10.1). One is made, or is none any more, by `psd` (§4.10.2).
        """
        places = (self.before.is_organisational, self.after.is_organisational)
        is_drawn = None not in places and any(map(_ends_walk, (self.before, self.after)))
        own = _level(NameGroup.DOMAIN, self.before, self.after)
        return (own, *self._levels_below) if all(places) or is_drawn else (own,)

    @property
    def open_below(self) -> tuple[str, ...]:
        """The names for want of which nobody knows whose policy names below get, on either side."""
        sides = [] if self.missing else [self.before, self.after]
        return tuple(
            dict.fromkeys(name for side in sides if side.organisation is None
                          for name in side.missing)
        )  # fmt: skip

    @property
    def open_levels(self) -> tuple[PolicyLevel, ...]:
        """What may have become of names below, other than of the domain; see `open_below`."""
        if not self.open_below:
            return ()
        own = self.levels[0]
        levels = [each for each in self._levels_below
                  if (each.before, each.after) != (own.before, own.after)]  # fmt: skip
        was, is_now = map(_ends_walk, (self.before, self.after))
        if was is not is_now:  # on one side it is the domain's policy, and any one on the other
            levels += [_beside(each, policy, is_now) for each in self._levels_below
                       for policy in (Policy.NONE, Policy.REJECT)]  # fmt: skip
        return tuple(level for level in levels if level.before != level.after)

    @property
    def _levels_below(self) -> tuple[PolicyLevel, ...]:
        groups = (NameGroup.SUBDOMAINS, NameGroup.NONEXISTENT)
        return tuple(_level(names, *self.below) for names in groups)

    @property
    def is_any(self) -> bool:
        """Whether receivers do anything else than before, or may."""
        return (
            bool(self.missing or self.open_levels)
            or any(level.before != level.after for level in self.levels)
            or alignment(self.before) != alignment(self.after)
            or percent(self.before) != percent(self.after)
        )


def _level(names: NameGroup, old: Cover, new: Cover) -> PolicyLevel:
    policies = (_policies(old, names), _policies(new, names))
    return PolicyLevel(names, *policies, _is_freed(old, new, names))


def _beside(level: PolicyLevel, policy: Policy, is_before: bool) -> PolicyLevel:
    """The level with a policy in the place of what is not known."""
    both = (policy, policy)
    return replace(level, before=both) if is_before else replace(level, after=both)


def _ends_walk(cover: Cover) -> bool:
    """Whether a domain's own record makes it an organisation's, whatever stands above it."""
    return cover.at == cover.domain and cover.record is not None and cover.record.psd in ("y", "n")


def _is_freed(old: Cover, new: Cover, names: NameGroup) -> bool:
    if old.record is None or new.record is None:
        return False
    part, now = percent(old), percent(new)
    is_same = _policies(old, names)[0] == _policies(new, names)[0]
    return old.record.t == "y" != new.record.t or (part < now and (is_same or part == 0))


def _policies(cover: Cover, names: NameGroup) -> tuple[Policy | None, ...]:
    if names is NameGroup.DOMAIN or cover.record is None or cover.at != cover.domain:
        return tuple(cover.policy(reading) for reading in _READINGS)
    effective = [cover.record.effective(reading) for reading in _READINGS]
    if names is NameGroup.SUBDOMAINS:
        return tuple(each.subdomains for each in effective)
    return tuple(each.nonexistent for each in effective)


def alignment(cover: Cover) -> tuple[Alignment, Alignment]:
    """The modes for DKIM and SPF that hold for a domain, defaults filled in."""
    record = cover.record
    if record is None:
        return Alignment.RELAXED, Alignment.RELAXED
    return record.adkim or Alignment.RELAXED, record.aspf or Alignment.RELAXED


def percent(cover: Cover) -> int:
    """The share of failing mail that receivers of RFC 7489 treat by the policy."""
    return 100 if cover.record is None else cover.record.effective(Reading.RFC7489).percent


def dmarc_changes(zone: MailZone) -> Iterator[DmarcChange]:
    """The domains of a zone whose DMARC the change touches, or may touch."""
    before = zone.context.previous
    if before is None or (zone.previous is None and _is_held(before, zone.origin)):
        return
    for domain in _dmarc_domains(zone):
        change = dmarc_change(domain, before, zone.context)
        if change is not None:
            yield (_as_stated(zone, change) if change.missing else None) or change


def _as_stated(zone: MailZone, change: DmarcChange) -> DmarcChange | None:
    """The change of a policy that is stated beside what is not known; None where none changes."""
    old, new = _stated(zone.previous, change.before), _stated(zone, change.after)
    if old is None or new is None:
        return None
    stated = DmarcChange(change.domain, old, new, (old, new))
    return stated if stated.is_any else None


def _stated(zone: MailZone | None, cover: Cover) -> Cover | None:
    """A cover of which only `p` counts; None where that is not stated."""
    domain, at, policy = cover.domain, cover.at, cover.policy(Reading.RFC7489)
    if not cover.is_known:
        written = None if zone is None else _written_in(zone, zone.dmarc, _DMARC + domain)
        if written is None or written.ast.p is None:
            return None
        at, policy = domain, written.ast.p
    record = None if policy is None else dmarc.parse(f"v=DMARC1; p={policy}")
    return Cover(domain, record, at, CoverRole.ITSELF, organisation=None)


def _is_held(before: Context, origin: str) -> bool:
    """Whether another zone of the name was there: what it holds is not what a new one changes."""
    holder = before.zone_of(origin)
    return holder is not None and holder.identity.name == origin


def dmarc_change(domain: str, before: Context, after: Context) -> DmarcChange | None:
    """What the change does to a domain's DMARC; None where it does nothing."""
    old, new = covering(before, domain), covering(after, domain)
    missing = [list(map(sameness, each.missing)) for each in (old, new)]
    if not old.is_known and not new.is_known and missing[0] == missing[1]:
        return None
    change = DmarcChange(domain, old, new, (_above(before, old), _above(after, new)))
    return change if change.is_any else None


def _above(context: Context, cover: Cover) -> Cover:
    """The cover of a domain's organisation; its own where that is not known."""
    organisation = cover.organisation
    known = organisation is not None and organisation != cover.domain
    return covering(context, organisation) if known and organisation else cover


def wildcard_changes(zone: MailZone) -> Iterator[tuple[str, DmarcChange]]:
    """The wildcards that answer for DMARC, with what the change does to the names below them."""
    before = zone.context.previous
    if before is None:
        return
    sides = [zone] if zone.previous is None else [zone, zone.previous]
    for owner in dict.fromkeys(owner for side in sides for owner in wildcards(side)):
        name = unnamed_below(owner)
        change = dmarc_change(name, before, zone.context)
        if change is not None and (change.missing or name in (change.before.at, change.after.at)):
            yield owner, change


def _dmarc_domains(zone: MailZone) -> list[str]:
    """The apex, and the names with a policy record or an alias for one on either side."""
    found = {} if is_reverse(zone.origin) else {zone.origin: None}
    for side in (zone, zone.previous):
        if side is not None:
            owners = [*side.dmarc, *side.zone.table("CNAME"), *redirected_names(side)]
            found |= {name[len(_DMARC) :]: None for name in owners if name.startswith(_DMARC)}
    return [name for name in found if not name.startswith(("*.", "_"))]


# -- SPF -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SpfChange:
    """Who may send as a domain, before and after.

    gained, lost: networks that surely pass now and surely did not, and the other way round; as few
      as can be.
    eased: the results of about every host that is refused less now.
    is_risked: whether networks that passed may pass no more, or some that may have passed.
    missing: what would have to be known to say everything.
    is_too_large: the records are so far over SPF's limits that nobody compared them.
    breaks: whether those that no term matches get permerror now, and did not.
    in_part: the own records before and after of which something is not known.
    """

    domain: str
    before: Tree
    after: Tree
    gained: tuple[Network, ...] = ()
    lost: tuple[Network, ...] = ()
    missing: tuple[str, ...] = ()
    is_too_large: bool = False
    eased: tuple[str, str] | None = None
    is_risked: bool = False
    breaks: bool = False
    in_part: tuple[SpfRecord | None, SpfRecord | None] = (None, None)

    @property
    def endings(self) -> tuple[str | None, str | None]:
        """What addresses that no term lists get, before and after; see `ending`."""
        ends = [None if each is None else each.all for each in self.in_part]
        old, new = (None if each is None else each.qualifier.result for each in ends)
        return ending(self.before) or old, ending(self.after) or new


def ending(tree: Tree | None) -> str | None:
    """The result for addresses that no term matches: a word of RFC 7208 §2.6.

    None where that is not known, or where the domain has no usable record.
    """
    seen: set[int] = set()
    while tree is not None and tree.fate is lookups.Fate.FOUND and id(tree) not in seen:
        seen.add(id(tree))
        assert tree.record is not None
        if tree.record.all is not None:
            return tree.record.all.qualifier.result
        if tree.record.redirect is None:
            return "neutral"
        tree = next((b.tree for b in tree.branches if b.term.name == "redirect"), None)
    return None


def spf_changes(zone: MailZone) -> Iterator[SpfChange]:
    """The domains of a zone whose SPF means something else after the change."""
    if zone.previous is None:
        return
    sides = (zone.previous, zone)
    led = (name for name in names_led(zone) if "_" not in name)
    own = (*zone.previous.spf, *zone.spf, *led, *return_paths(zone.previous))
    names = (*own, *(name for side in sides for name in names_of(side, Spf)))
    for domain in dict.fromkeys(names):
        change = spf_change(domain, zone.context)
        if change is not None:
            old, new = _written(zone.previous, change.before), _written(zone, change.after)
            yield replace(change, in_part=(old, new)) if old or new else change


def _written(zone: MailZone, tree: Tree) -> SpfRecord | None:
    """The one record of a domain of which it is not known what all of it says."""
    found = _written_in(zone, zone.spf, tree.domain)
    return None if tree.fate is not lookups.Fate.UNKNOWN or found is None else found.ast


@once_a_run
def spf_change(domain: str, after: Context) -> SpfChange | None:
    """How the meaning of a domain's SPF changes; None where it does not, or nothing changes."""
    before = after.previous
    if before is None:
        return None
    old, new = lookups.tree(domain, before), lookups.tree(domain, after)
    if _list_parts(old, before.answers) == _list_parts(new, after.answers):
        return None
    missing = tuple(dict.fromkeys((*old.unanswered, *new.unanswered)))
    breaks = new.meets_error and not old.meets_error
    try:
        found = networks.difference(old, new, before.answers, after.answers)
    except networks.TooManyNetworks:
        return SpfChange(domain, old, new, missing=missing, is_too_large=True, breaks=breaks)
    if not (found.changed or breaks) and old.fate is new.fate is not lookups.Fate.UNKNOWN:
        return None
    gained, lost = tuple(found.gained()), tuple(found.lost())
    missing = tuple(dict.fromkeys((*missing, *found.missing)))
    risked = bool(found.risked() or (missing and found.is_doubtful))
    return SpfChange(
        domain,
        old,
        new,
        gained,
        lost,
        missing,
        eased=found.eased(),
        is_risked=risked,
        breaks=breaks,
    )


def _list_parts(tree: Tree, answers: Answers) -> list[object]:
    """Everything that the meaning of a tree depends on, in one order."""
    told: list[object] = [tree.fate, "" if tree.record is None else tree.record.text]
    told += map(sameness, tree.missing if tree.fate is lookups.Fate.UNKNOWN else ())
    for visit in tree.walk():
        branch = visit.branch
        below = branch.tree
        told += (branch.fate, branch.target, None if below is None else below.record)
        if branch.term.name in ("a", "mx"):
            hosts = branch.exchanges or ((branch.target,) if branch.target else ())
            found = [answers.ask(host, type) for host in hosts for type in ("A", "AAAA")]
            told += ((each.values, each.last) for each in found)
        elif branch.target:
            told.append(answers.ask(branch.target, "TXT").last)
    return told


# -- DKIM ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyState:
    """What stands at a selector.

    is_live: whether verifiers find a key for mail there; None where that is not known.
    data: the key data of the keys, where they are known.
    target: where an alias leads in the end.
    reason: why it is not known, where more is to be said than that nobody here knows.
    is_usable: whether a key that is there is one that verifiers can use.
    """

    is_live: bool | None
    data: frozenset[str] = frozenset()
    target: str | None = None
    reason: str = field(default="", compare=False)
    is_usable: bool = field(default=True, compare=False)

    @property
    def lacks(self) -> tuple[str, str]:
        """What tells one that is not known from another."""
        return sameness(self.reason)


class KeyFate(Enum):
    """What became of a selector."""

    NEW = "new"
    REMOVED = "removed"
    CHANGED = "changed"
    """The alias leads elsewhere, or another key stands there."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A selector before and after."""

    owner: str
    selector: str
    domain: str
    before: KeyState
    after: KeyState

    @property
    def fate(self) -> KeyFate | None:
        """What became of it; None where nothing did."""
        old, new = self.before, self.after
        if old.is_live is False:
            return None if new.is_live is False else KeyFate.NEW
        if new.is_live is False or (old.is_usable and new.is_live and not new.is_usable):
            return KeyFate.REMOVED
        if old.data and new.data:
            return KeyFate.CHANGED if old.data.isdisjoint(new.data) else None
        if old.target == new.target:
            is_open = new.is_live is None and (old.is_live or old.lacks != new.lacks)
            return KeyFate.UNKNOWN if is_open else None
        return KeyFate.UNKNOWN if new.target is None else KeyFate.CHANGED

    @property
    def is_revoked(self) -> bool:
        """Whether a record is there still, with an empty key (RFC 6376 §3.6.1)."""
        return "" in self.after.data


def key_state(owner: str, context: Context) -> KeyState:
    """What verifiers find at `<selector>._domainkey.<domain>`."""
    answer = context.answers.ask(owner, "TXT")
    target = answer.last if answer.aliases else None
    if not answer.is_fact:
        return KeyState(None, frozenset(), target, answer.reason)
    keys: Iterable[dkim.DkimKey] = map(dkim.parse, answer.values)
    keys = [key for key in keys if key.p is not None and (key.revoked or key.signs_mail)]
    data = {key.p for key in keys if key.p is not None}
    live = frozenset(data - {""})
    is_usable = any(map(_verifies, keys))
    return KeyState(bool(live), live or frozenset(data), target, is_usable=is_usable)


def _verifies(key: dkim.DkimKey) -> bool:
    """Whether verifiers can use a record for mail: version and hash are theirs, its key is one."""
    is_foreign = any(fault.kind is FaultKind.VERSION for fault in key.faults)
    is_outdated = bool(key.h) and "sha256" not in key.h
    usable = not (is_foreign or is_outdated or isinstance(key.key, Fault))
    return usable and key.signs_mail


def key_changes(zone: MailZone) -> Iterator[KeyChange]:
    """The selectors of a zone that are not what they were."""
    before, previous = zone.context.previous, zone.previous
    if before is None or previous is None:
        return
    own = (*selectors(previous), *selectors(zone))
    for owner in dict.fromkeys((*own, *_at_wildcards(zone, previous))):
        change = key_change(owner, before, zone.context)
        if change is not None:
            old = _key_stated(previous, owner, change.before)
            new = _key_stated(zone, owner, change.after)
            stated = replace(change, before=old, after=new)
            yield change if stated.fate is None else stated


def _key_stated(zone: MailZone, owner: str, state: KeyState) -> KeyState:
    """The one key that is written at a selector, beside what is not known of its record."""
    written = _written_in(zone, zone.keys, owner) if state.is_live is None else None
    key = None if written is None else written.ast
    if key is None or key.p is None or isinstance(key.key, Fault):
        return state
    return KeyState(bool(key.p), frozenset({key.p}))


def _at_wildcards(zone: MailZone, previous: MailZone) -> Iterator[str]:
    """The selectors that a wildcard's key answered for: names that are new, and those of reports.

    Any other name may be one, too, for which the wildcard itself stands.
    """
    above = [each[1:] for each in selectors(previous) if each.startswith("*.")]
    if above:
        new = zone.zone.names - previous.zone.names
        for name in (*sorted(new), *_reported(zone.context)):
            if name.endswith(tuple(above)) and name[0] != "*":
                yield name


@once_a_run
def _reported(context: Context) -> tuple[str, ...]:
    """The owners of the keys that signatures in the reports name."""
    signed = (each for about in context.evidence or () for each in about.by_selector())
    owners = (owner_name(f"{each.selector}._domainkey.{each.domain}") for each in signed)
    return tuple(sorted(owner for owner in owners if owner is not None))


def key_change(owner: str, before: Context, after: Context) -> KeyChange | None:
    """What the change does to a selector; None where it does nothing, or where it is none."""
    selector, domain = selector_of(owner)
    if selector is None or domain is None:
        return None
    change = KeyChange(owner, selector, domain, key_state(owner, before), key_state(owner, after))
    return None if change.fate is None else change


def selectors(zone: MailZone) -> Iterator[str]:
    """The owners of keys and of aliases for them, and the names that a DNAME leads to them."""
    owners = chain(zone.keys, zone.zone.table("CNAME"), redirected_names(zone))
    return (owner for owner in owners if "._domainkey." in owner)


# -- mail routing and transport ------------------------------------------------------------------


class Subject(Enum):
    """What records about routing and transport are for."""

    MX = "MX"
    MTA_STS = "MTA-STS"
    TLS_REPORTS = "TLS reports"
    DANE = "DANE"


_SUBJECTS = (
    (Subject.MX, "MX", ""),
    (Subject.MTA_STS, "TXT", "_mta-sts."),
    (Subject.TLS_REPORTS, "TXT", "_smtp._tls."),
    (Subject.DANE, "TLSA", "_25._tcp."),
)


@dataclass(frozen=True, slots=True)
class RecordsChange:
    """Records about how mail is routed and protected on its way, before and after.

    domain: the domain, for DANE the host.
    unknown: what would have to be known before all of them are.
    """

    subject: Subject
    domain: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    unknown: tuple[str, ...] = ()


def records_changes(zone: MailZone) -> Iterator[RecordsChange]:
    """The names of a zone whose MX, MTA-STS, TLS-RPT or TLSA records are not what they were."""
    previous = zone.previous
    if previous is None:
        return
    for subject, type, front in _SUBJECTS:
        types = (type, "CNAME") if front else (type,)
        tables = (side.zone.table(each) for each in types for side in (previous, zone))
        led = (name for name in names_led(zone) if front or "_" not in name)
        for owner in dict.fromkeys(chain(*tables, led)):
            if not owner.startswith(front) or zone.zone.is_delegated(owner):
                continue
            old, new = (_values(side, owner, type) for side in (previous, zone))
            if old != new and not _is_held_elsewhere(zone, owner, type):
                (before, was_open), (after, is_open) = old, new
                values = zone.zone.unknown.get((owner, type), ())
                unknown = (*was_open, *is_open, *(values if after else zone.unseen(owner, type)))
                yield RecordsChange(subject, owner[len(front) :], before, after, unknown)


def _is_held_elsewhere(zone: MailZone, owner: str, type: str) -> bool:
    """Whether another zone holds now what the zone held, as it was."""
    before = zone.context.previous
    if before is None or zone.holds(owner):
        return False
    return before.look(owner, type) == zone.context.look(owner, type)


def _values(zone: MailZone, owner: str, type: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The values that are found at an owner, and what would have to be known of where it leads."""
    rrset = zone.zone.get(owner, type)
    if rrset is not None:
        return _rdatas(rrset, type), ()
    if zone.zone.redirected(owner) is None and zone.zone.answer(owner, type)[1] is None:
        return (), ()
    answer = zone.context.answers.ask(owner, type)
    unknown = () if answer.is_fact or answer.is_circle else (answer.missing,)
    values = answer.values if type == "TXT" else map(str.lower, answer.values)
    return tuple(sorted(set(values))), unknown


def _rdatas(rrset: RRset, type: str) -> tuple[str, ...]:
    if type == "TXT":
        return tuple(sorted({record.text.value for record in rrset.records}))
    return tuple(sorted({record.rdata.lower() for record in rrset.records}))


# -- who answers ----------------------------------------------------------------------------------


class Handover(NamedTuple):
    """A name for which others answer than before, or nobody; and what would have to be known."""

    owner: str
    missing: str
    is_gone: bool

    @property
    def is_of_keys(self) -> bool:
        """Whether DKIM keys stand there, if anything does."""
        return "._domainkey." in f".{self.owner}"

    @property
    def is_of_policies(self) -> bool:
        """Whether other records about mail may; that a policy is gone is told as its own change."""
        label = self.owner.partition(".")[0]
        if label == "_dmarc":
            return not self.is_gone
        return not self.is_of_keys and label in ("_mta-sts", label.lstrip("_"))


def handovers(zone: MailZone) -> Iterator[Handover]:
    """The delegations and DNAMEs that lead to wholly others than before, or are gone.

    Not where this run knows what is answered on both sides: of a zone of its own that is delegated,
    the servers may be those that it names now, or those of the zone above.
    """
    previous = zone.previous
    if previous is None:
        return
    for type in ("NS", "DNAME"):
        for owner in previous.zone.table(type):
            if type == "NS" and owner == zone.origin:
                continue
            old, new = _led_to(previous, owner, type), _led_to(zone, owner, type)
            if old.isdisjoint(new) and not _is_answered(zone, owner, type, old, new):
                yield Handover(owner, _open_at(owner, type, old, new), is_gone=not new)


def _open_at(owner: str, type: str, old: Iterable[str], new: Iterable[str]) -> str:
    was, now = (" and ".join(map(without_dot, sorted(each))) for each in (old, new))
    name = without_dot(owner)
    if type == "NS":
        if now:
            return f"what the servers of {name} answer, which are {now} and were {was}"
        return f"what {was} answered for {name}, which is no longer delegated"
    if now:
        return f"what there is below {now}, to which {name} leads in place of {was}"
    return f"what there was below {was}, to which {name} no longer leads"


def _led_to(zone: MailZone, owner: str, type: str) -> frozenset[str]:
    return frozenset(record.target for record in zone.zone.get(owner, type) or ())


def _is_answered(
    zone: MailZone, owner: str, type: str, old: Iterable[str], new: Iterable[str]
) -> bool:
    """Whether this run knows what is answered below a name, before and after."""
    before = zone.context.previous
    sides = [] if before is None else [(before, old), (zone.context, new)]
    if type == "DNAME":
        return all(side.is_ours(target) for side, targets in sides for target in targets)
    holders = [side.zone_of(owner) for side, _ in sides]
    if any(held is None or held.identity.name != owner for held in holders):
        return False
    if not new:
        return not _led_to(zone, zone.origin, "NS").isdisjoint(old)
    # A zone that names none, as octoDNS's, is taken to be there; one that names others may not be.
    named = zone.context.look(owner, "NS")
    return not (named and named.values) or not set(named.values).isdisjoint(new)


# -- all of it -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the change means for one domain; what it does not touch is None or empty.

    where: what tells the domain's zone from others of its name, "" where there is none.
    who: whom it holds for, where each asker gets one of several answers.
    candidates: the zones that may each be the state before; () where it is known which one is.
    is_gone: the domain's zone is not there any more; unread: it is there, in files not read.
    """

    domain: str
    where: str = ""
    spf: SpfChange | None = None
    dmarc: DmarcChange | None = None
    keys: tuple[KeyChange, ...] = ()
    records: tuple[RecordsChange, ...] = ()
    candidates: tuple[str, ...] = ()
    is_gone: bool = False
    unread: tuple[str, ...] = ()
    who: str = ""


def meanings(repository: Repository, seats: Iterable[Seat] | None = None) -> list[Meaning]:
    """The domains for which the change means anything that can be shown, in the zones' order.

    seats: the zones that are judged, if not all.
    """
    found: list[Meaning] = []
    is_redacted = redacted_in(repository)
    twins = twins_in(repository)
    for seat in repository.judged if seats is None else seats:
        where = told_apart(seat.identity, twins)
        asked = AskedNames((seat, *seat.candidates))
        told: list[Meaning] = []
        for before in seat.candidates or (None,):
            beside = [("", seat.after(before))]
            if before is not None:
                variants = seat.variants(before, lambda seen, _: int(not seen.keeps_name), asked)
                beside = [(seen.who, z) for seen, z in variants if not seen.missing] or beside
            told += (
                replace(each, who=who)
                for who, zone in beside
                for each in _meanings(zone, where)
                if not is_redacted(each.domain)
            )
        if told and len(seat.candidates) > 1:
            # Each of several zones may be the one that it was.
            names = tuple(sorted(each.identity.id for each in seat.candidates))
            told = [Meaning(seat.identity.name, where, candidates=names)]
        found += told
    return found


def _meanings(zone: MailZone, where: str) -> Iterator[Meaning]:
    """The domains of one zone, beside its state before."""
    spf = {change.domain: change for change in spf_changes(zone)}
    dmarc = {
        change.domain: change
        for change in dmarc_changes(zone)
        if zone.previous is not None or not change.missing  # a new zone has nothing to compare
    }
    keys = grouped((change.domain, change) for change in key_changes(zone))
    records = grouped((change.domain, change) for change in records_changes(zone))
    for domain in dict.fromkeys((*records, *spf, *dmarc, *keys)):
        yield Meaning(
            domain,
            where,
            spf.get(domain),
            dmarc.get(domain),
            tuple(keys.get(domain, ())),
            tuple(records.get(domain, ())),
        )
    for owner, policy in wildcard_changes(zone):
        if zone.previous is not None or not policy.missing:
            yield Meaning(owner, where, dmarc=replace(policy, domain=owner))


def twins_in(repository: Repository) -> Twins:
    """The names that several zones have, before the change or after it."""
    before = repository.before
    return {**({} if before is None else before.twins), **repository.twins}


def redacted_in(repository: Repository) -> Callable[[str], bool]:
    """Tells of a name whether nothing is shown of what the change means for it.

    It lies in a zone of which something is secret, before or after, or in the stand-in for one.
    """
    sides = [repository] if repository.before is None else [repository, repository.before]
    origins = {
        seat.zone.origin
        for side in sides
        for seat in side.judged
        if isinstance(seat.zone, WordedZone) and seat.zone.is_redacted
    }

    def is_redacted(name: str) -> bool:
        return nearest(name, origins) in origins

    return is_redacted


def gone(repository: Repository) -> Iterator[Meaning]:
    """The zones that were there before the change, of which something about mail is lost."""
    before = repository.before
    is_redacted = redacted_in(repository)
    twins = twins_in(repository)
    kept = {before for seat in repository.judged for before in seat.candidates}
    here = {seat.identity for seat in repository.seats}
    for seat in () if before is None else before.judged:
        if seat in kept or seat.identity in here or is_redacted(seat.zone.origin):
            continue
        zone = seat.mail
        around = repository.of_view(zone.identity.view)
        owners = (*zone.dmarc, *zone.spf, *zone.keys)
        if any(around.look(name, "TXT") != zone.context.look(name, "TXT") for name in owners):
            yield Meaning(zone.origin, told_apart(zone.identity, twins), is_gone=True)
