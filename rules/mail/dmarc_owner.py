"""At which owner a DMARC record belongs, whether anybody asks there, and what was meant as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.tags.dmarc import DmarcRecord, is_torn, parse
from zonelint.grammars.zone import labels, parent, without_dot
from zonelint.rules.core.change import Change
from zonelint.rules.mail.behind import behind
from zonelint.rules.mail.slips import undoubled
from zonelint.rules.model.context import Context, once_a_run
from zonelint.rules.model.facts import Fact, TooManyZones
from zonelint.rules.model.subjects import (
    Dkim,
    Dmarc,
    DomainPolicy,
    MailZone,
    PolicyText,
    ReportAuthorisation,
    SelectorKey,
    Txt,
    TxtSubject,
)

LABEL = "_dmarc."
_JOINED = r"_dmarc\."
"""What an escaped dot makes one label with the next."""
_OF_HOSTS = ("MX", "A", "AAAA", "CNAME")


def rightful(owner: str, origin: str) -> str | None:
    """The owner at which a record belongs that stands at this one by mistake; None else.

    The mistakes: the apex, a misspelt label, `_dmarc` twice, the zone's name twice, an escaped dot.
    """
    if owner == origin:
        return LABEL + origin
    if origin != "." and owner.endswith(_twice(origin)):
        once = owner[: -len(origin)]
        if once.startswith(LABEL):
            return rightful(once, origin) or once
        return rightful(once, origin)
    if owner.startswith(LABEL):
        domain = owner.removeprefix(LABEL)
        if not domain.startswith(LABEL):
            return None
        while domain.startswith(LABEL):
            domain = domain.removeprefix(LABEL)
        return LABEL + domain
    if owner.startswith(_JOINED):
        return LABEL + owner.removeprefix(_JOINED)
    first = labels(owner)[0]
    return LABEL + parent(owner) if near_miss(first, ("_dmarc",)) is not None else None


def place_of(owner: str, zone: MailZone) -> str | None:
    """The owner at which a record of the zone belongs that stands at this one by mistake.

    Beside the mistakes that the name alone tells: a name that takes or sends mail itself, or is a
    host's.
    """
    place = rightful(owner, zone.origin)
    if place is None and not owner.startswith(("_", "*.")):
        is_name = owner in zone.spf or any(zone.zone.get(owner, type) for type in _OF_HOSTS)
        place = LABEL + owner if is_name else None
    return None if place is None or is_aliased(owner, zone.context) else place


@lru_cache(maxsize=1)
def _twice(origin: str) -> str:
    return f".{without_dot(origin)}.{origin}"


def is_aliased(owner: str, context: Context) -> bool:
    """Whether aliases at `_dmarc` point to a name, or what they point to leads there in turn."""
    if owner in _aliased(context):
        return True
    return owner in _led_to(context.telling(ALIASED, owner), context)


@once_a_run
def _aliased(context: Context) -> frozenset[str]:
    return _led_to(context.facts(ALIASED), context)


def _led_to(targets: Iterable[str], context: Context) -> frozenset[str]:
    """The targets, and what these lead to."""
    return frozenset(
        name for each in targets for name in (each, context.answers.ask(each, "TXT").last)
    )


def _aliased_in(zone: MailZone) -> Iterator[str]:
    for alias, target in _aliases(zone):
        is_wildcard = alias.startswith("*.") and "._" not in alias
        if is_wildcard or alias.startswith(LABEL):
            yield from (target, undoubled(target, zone.origin))  # ZONE006 tells of a missing dot


def _aliases(zone: MailZone) -> Iterator[tuple[str, str]]:
    """The aliases of a zone, each with what it leads to: CNAMEs, and those of its provider."""
    for rrset in zone.zone.of_type("CNAME"):
        yield from ((record.owner, record.target) for record in rrset)
    for name, owners in zone.zone.aliased.items():
        yield from ((owner, name) for owner in owners)


ALIASED = Fact("dmarcplace", _aliased_in, is_anywhere=True)


def _leaves_in(zone: MailZone) -> Iterator[str]:
    return (target for alias, target in _aliases(zone) if "._report._dmarc." in alias)


LEAVES = Fact("dmarcplace.leaves", _leaves_in)


def _is_leave(subject: Dmarc) -> bool:
    """Whether aliases of any zone lead to a record from below `_report._dmarc` alone."""
    owner, context = subject.owner, subject.context
    if owner.startswith(LABEL) or is_aliased(owner, context):
        return False
    return owner in _leaves(context) or owner in context.telling(LEAVES, owner)


@once_a_run
def _leaves(context: Context) -> frozenset[str]:
    return frozenset(context.facts(LEAVES))


def is_astray(owner: str, zone: MailZone) -> bool:
    """Whether a DMARC record at this owner is asked for by nobody: DMARC004 tells it."""
    return place_of(owner, zone) is not None


def subjects_of(zone: MailZone) -> Iterator[TxtSubject]:
    """Every TXT subject of a zone that somebody asks for.

    A DMARC record at a wrong owner has one fault, its owner: what it says matters to nobody. One
    that its version hides is a subject twice: for the rule about that, and as what it would be.
    """
    yield from _behind(zone)
    for subject in zone.subjects():
        if type(subject) is Dmarc:
            try:
                asked = _as_asked_for(subject)
            except TooManyZones:  # the rules that need to know who asks for it say so
                asked = subject
            if asked is not None:
                yield asked
            continue
        yield subject
        if type(subject) is Txt:
            meant = as_meant(subject)
            if meant is not None and not _is_certainly_astray(subject.owner, zone):
                yield meant


def _is_certainly_astray(owner: str, zone: MailZone) -> bool:
    try:
        return is_astray(owner, zone)
    except TooManyZones:
        return False


def _as_asked_for(subject: Dmarc) -> TxtSubject | None:
    """What a DMARC record is to those who ask for it; None where nobody does."""
    zone = subject.zone
    if _is_leave(subject):
        return ReportAuthorisation(subject.record, subject.value, zone, subject.features)
    if is_astray(subject.owner, zone):
        return None
    return _text_of_aliases(subject) or subject


def behind_aliases(zone: MailZone) -> Iterator[DomainPolicy]:
    """The records that receivers find behind the zone's aliases at `_dmarc`.

    Receivers discard several. Of what is not known there is none.
    """
    for each in behind(zone):
        if each.kind is Dmarc and len(each.subjects) == 1:
            (held,) = each.subjects
            yield DomainPolicy(held.record, held.value, zone, held.features, held.ast)


def _behind(zone: MailZone) -> Iterator[TxtSubject]:
    """What aliases lead to: what a domain or a selector has, and texts that are written elsewhere.

    Of a text in this zone the rules about it tell where it is written.
    """
    yield from behind_aliases(zone)
    for each in behind(zone):
        for held in each.untold:
            if each.kind is Dmarc:
                held = PolicyText(held.record, held.value, zone, held.features, held.ast)
            yield held
        for held in each.subjects if each.kind is Dkim and each.is_here else ():
            yield SelectorKey(held.record, held.value, zone, held.features, held.ast)


def _text_of_aliases(subject: Dmarc) -> PolicyText | None:
    """The record, where aliases lead to it and it speaks for no domain itself.

    Or it is a wildcard's, which speaks for domains that are told of.
    """
    if subject.domain is not None:
        return None
    if not is_aliased(subject.owner, subject.context) and not any(
        each.leading.record is subject.record for each in behind(subject.zone)
    ):
        return None
    return PolicyText(subject.record, subject.value, subject.zone, subject.features, subject.ast)


# -- what was meant to be DMARC --------------------------------------------------------------------

_KINDS = (
    FaultKind.SYNTAX,
    FaultKind.REPORT_URI,
    FaultKind.POLICY_VALUE,
    FaultKind.TAG_VALUE,
    FaultKind.DUPLICATE,
)


class MeantDmarc(Dmarc):
    """A record at `_dmarc` that receivers do not see, read as the DMARC that it was meant to be.

    Its features are the faults that it would have with the right version, and no others: only the
    rules about those are asked. It offers no change, for what is offered has to mend the version.
    """

    __slots__ = ()

    def rewrite(self, text: str, reason: str, *, safe: bool = False) -> Change | None:
        return None


@dataclass(frozen=True, slots=True, eq=False)
class _HiddenRecord(DmarcRecord):
    """A record of which only the faults count that it would have with the right version."""

    left: tuple[Fault, ...] = ()

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self.left


def as_meant(txt: Txt) -> MeantDmarc | None:
    """The record that a text was meant to be; None where its version is all that is wrong."""
    if not {"dmarc", "at-dmarc"} <= txt.features or txt.owner in txt.zone.dmarc:
        return None
    if is_torn(txt.text.strings):
        return None
    seen = parse(parse(parse(txt.value).correcting(FaultKind.NON_ASCII)).with_version_first())
    left = {(fault.kind, seen.text[fault.start : fault.end]) for fault in seen.faults}
    record = parse(txt.value)
    faults = tuple(
        fault
        for fault in record.faults
        if fault.kind in _KINDS and (fault.kind, txt.value[fault.start : fault.end]) in left
    )
    if not faults:
        return None
    hidden = _HiddenRecord(
        record.text, record.pieces, record.shape, record.origin, record.cleaning, left=faults
    )
    features = frozenset(f"fault:{fault.kind.value}" for fault in faults)
    return MeantDmarc(txt.record, txt.value, txt.zone, features, hidden)
