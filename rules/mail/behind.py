"""What is answered at names of a zone whose record leads on to it: aliases, DNAMEs, wildcards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, product
from typing import Any, NamedTuple, TypeVar, cast

from zonelint.grammars.answered import AnsweredText
from zonelint.grammars.listing import grouped
from zonelint.grammars.spf.version import is_spf
from zonelint.grammars.tags.dmarc import is_dmarc
from zonelint.grammars.zone import Record, RRset
from zonelint.rules.model.answers import ADDRESSES, BELOW, MOST_BELOW, Answer
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.declaring import declared_in, senders_of
from zonelint.rules.model.subjects import (
    Bimi,
    Dkim,
    Dmarc,
    MailZone,
    Parsed,
    ReportAuthorisation,
    Spf,
    Sts,
    TlsRpt,
    role_of,
    role_of_text,
    selector_of,
)

Kind = type[Parsed[Any]]
_S = TypeVar("_S", bound=Parsed[Any])

_OF_DOMAINS = {"_dmarc.": Dmarc, "_mta-sts.": Sts, "_smtp._tls.": TlsRpt}
_OF_WILDCARDS = ("MX", "TXT", "CNAME")

_WHATEVER = (Bimi, ReportAuthorisation)
"""Kinds of which no rule about the zone tells that an alias leads to none."""


class Leading(NamedTuple):
    """A name that receivers ask for texts of a kind, and a record that leads them to others.

    record: the alias, the DNAME or the wildcard; of those that some get in place of others, one.
    is_meant: whether it is there for that.
    is_plain: whether no other alias stands beside it by mistake, so that receivers may get either.
    """

    owner: str
    kind: Kind
    record: Record
    is_meant: bool = True
    is_plain: bool = True

    @property
    def asked(self) -> str:
        """The name that has the answer."""
        return self.record.target if self.record.is_alternative else self.owner


class Behind(NamedTuple):
    """What a name leads to: the texts of its kind, and whether they are written in this zone."""

    leading: Leading
    answer: Answer
    subjects: Sequence[Parsed[Any]]
    is_here: bool

    @property
    def owner(self) -> str:
        return self.leading.owner

    @property
    def kind(self) -> Kind:
        return self.leading.kind

    @property
    def is_known(self) -> bool:
        """Whether it is certain what receivers find: in a circle they find nothing."""
        return self.answer.is_fact or self.answer.is_circle

    @property
    def untold(self) -> Sequence[Parsed[Any]]:
        """Those of which no rule tells where they are written."""
        kind: Any = self.kind
        if not self.is_here or kind not in _WHATEVER:
            return () if self.is_here else self.subjects
        is_told = is_dmarc if kind is ReportAuthorisation else lambda t: role_of_text(t, kind)
        return [each for each in self.subjects if not is_told(each.value)]


@once_a_zone
def behind(zone: MailZone) -> Sequence[Behind]:
    """What a zone's names lead to; most zones have none that do."""
    return [_behind(zone, each) for each in leading(zone) if each.is_plain]


@once_a_zone
def led_from(zone: MailZone) -> Mapping[str, Sequence[Behind]]:
    """What the zone's names lead to, by the names."""
    return grouped((each.owner, each) for each in behind(zone))


def unanswered(zone: MailZone) -> Iterator[tuple[str, Kind, str]]:
    """The names that lead to what is not known, with what is missing."""
    for each in behind(zone):
        if not each.is_known:
            yield each.owner, each.kind, each.answer.missing


def names_of(zone: MailZone, kind: Kind) -> Iterator[str]:
    """The names that lead to texts of a kind, or that are there for that."""
    return (each.owner for each in leading(zone) if each.kind is kind and each.is_meant)


@once_a_zone
def mail_aliases(zone: MailZone) -> Sequence[str]:
    """The names that are another name for where mail is taken or sent from, and no host's.

    Senders follow an alias that they find where they ask for an MX (RFC 5321 §5.1), receivers where
    they ask for SPF.
    """
    return [owner for owner in zone.zone.table("CNAME") if _is_mail_alias(zone, owner)]


def _is_mail_alias(zone: MailZone, owner: str) -> bool:
    if "_" in owner or zone.zone.is_delegated(owner):
        return False
    ask = zone.context.answers.ask
    if not ask(owner, "MX").exchanges and not any(map(is_spf, ask(owner, "TXT").values)):
        return False
    return all(ask(owner, type).is_void for type in ADDRESSES)


@once_a_zone
def return_paths(zone: MailZone) -> Sequence[str]:
    """The aliases to where a service takes the bounces of its mail, and has its SPF record."""
    of_target, aliases = senders_of(zone.context).by_bounces, zone.zone.table("CNAME")
    return [at for at, rrset in aliases.items() if any(of_target(each.target) for each in rrset)]


@once_a_zone
def redirected_names(zone: MailZone) -> Mapping[str, str]:
    """The names that the zone's DNAMEs make of others that have records, and those (RFC 6672)."""
    return dict(islice(_redirected_names(zone), MOST_BELOW))


def _redirected_names(zone: MailZone) -> Iterator[tuple[str, str]]:
    for at, rrset in zone.zone.table("DNAME").items():
        target = rrset.records[0].target
        for name in zone.context.answers.ask(target, BELOW).values:
            yield name.removesuffix(target.lstrip(".")) + at, name


@once_a_zone
def names_led(zone: MailZone) -> Sequence[str]:
    """The names at which the zone answers, or answered before the change, by other names' records.

    Mail aliases, the names below DNAMEs, and those that are in the zone now and were answered by a
    wildcard before. No others of the wildcard's names are told apart.
    """
    sides = [each for each in (zone.previous, zone) if each is not None]
    names = (name for side in sides for name in (*mail_aliases(side), *redirected_names(side)))
    return list(dict.fromkeys((*names, *_taken_from_wildcards(zone))))


def _taken_from_wildcards(zone: MailZone) -> Iterator[str]:
    previous = zone.previous
    tables = [] if previous is None else [previous.zone.table(type) for type in _OF_WILDCARDS]
    if previous is not None and any(owner.startswith("*.") for owner in chain(*tables)):
        for name in sorted(zone.zone.names - previous.zone.names):
            if "_" not in name and "*" not in name:
                yield name


def shadowed(zone: MailZone, name: str, type: str) -> str | None:
    """The wildcard that answered at a name before the change, and does no more: it exists now."""
    previous = zone.previous
    rrset = None if previous is None else previous.zone.answer(name, type)[1]
    is_over = rrset is not None and rrset.owner != name and name in zone.zone.names
    return rrset.owner if rrset is not None and is_over else None


def found_at(zone: MailZone, kind: type[_S]) -> Iterator[tuple[str, Sequence[_S]]]:
    """The names that lead to texts of a kind, with what receivers find there."""
    for each in behind(zone):
        if each.kind is kind and each.subjects:
            yield each.owner, cast("Sequence[_S]", each.subjects)


def texts_at(
    zone: MailZone, own: Mapping[str, Sequence[_S]], kind: type[_S], owner: str
) -> Sequence[_S]:
    """The texts that receivers find at a name: `own` of the zone, or those that it leads to."""
    held = (each.subjects for each in led_from(zone).get(owner, ()) if each.kind is kind)
    return own.get(owner) or cast("Sequence[_S]", next(filter(None, held), ()))


def beside(subject: _S) -> Sequence[_S]:
    """The texts of its kind that receivers find together with one, and itself."""
    return cast("Sequence[_S]", _groups(subject.zone)[subject])


@once_a_zone
def _groups(zone: MailZone) -> Mapping[Parsed[Any], Sequence[Any]]:
    astray = grouped(((each.owner, type(each)), each) for each in zone.astray)
    groups: Iterable[Sequence[Any]] = (
        *(found.subjects for found in behind(zone)),
        *(group for table in zone.tables() for group in table.values()),
        *astray.values(),
    )
    return {subject: group for group in groups for subject in group}


def kind_of(owner: str) -> Kind | None:
    """As what receivers read a text by the name that they ask for it."""
    if owner.startswith("_dmarc."):
        return Dmarc
    if "._report._dmarc." in owner:
        return ReportAuthorisation
    return Dkim if selector_of(owner)[0] is not None else role_of(owner)


def _behind(zone: MailZone, leading: Leading) -> Behind:
    owner, kind, record, is_meant, _ = leading
    answer = zone.context.answers.ask(leading.asked, "TXT")
    at = record.owner if record.type == "TXT" else answer.last
    texts, subjects = _texts(kind, answer, is_meant), []
    for value in texts:
        ast = kind.read(value)
        text = AnsweredText(owner, record, value, at, len(texts))
        subjects.append(kind(text, value, zone, ast.features, ast))
    is_asked = is_meant or kind is Dmarc  # else nobody takes it for one where it is written
    is_here = is_asked and zone.zone.contains(at) and zone.speaks_for(at)
    return Behind(leading, answer, subjects, is_here)


def _texts(kind: Kind, answer: Answer, is_meant: bool) -> Sequence[str]:
    """The texts that receivers take for the kind, or that were meant to be of it."""
    if kind in (Dmarc, Spf):
        is_kind = is_dmarc if kind is Dmarc else is_spf
        return [text for text in answer.values if is_kind(text)]
    if kind in _WHATEVER:
        return answer.values or ([""] if answer.is_void or answer.is_circle else [])
    role: Any = kind
    return [t for t in answer.values if role_of_text(t, role if is_meant else None) is kind]


def leading(zone: MailZone) -> Iterator[Leading]:
    """The names of a zone that lead elsewhere and that receivers ask for."""
    aliases = zone.zone.table("CNAME")
    for owner, rrset in aliases.items():
        kind = kind_of(owner)
        if kind is not None:
            yield from _led_by(owner, kind, rrset)
    for domain in declared_in(zone) if aliases else ():
        yield from _led_by(domain.name, Spf, aliases.get(domain.name, ()))
    if "DNAME" in zone.features or any(owner.startswith("*.") for owner in (*aliases, *zone.dmarc)):
        sts = [owner for owner in (*zone.sts, *aliases) if owner.startswith("_mta-sts.")]
        with_sts = (owner.removeprefix("_mta-sts.") for owner in sts)
        domains = dict.fromkeys((zone.origin, *zone.zone.table("MX"), *with_sts))
        for domain, (label, kind) in product(domains, _OF_DOMAINS.items()):
            given = _given(zone, label + domain, kind)
            if given is not None:
                yield Leading(label + domain, kind, given, is_meant=False)


def _led_by(owner: str, kind: Kind, rrset: Sequence[Record] | RRset) -> Iterator[Leading]:
    """What the aliases at a name lead to: one for all, or one for each of those who ask.

    Of several that exclude each other the first, as in every answer.
    """
    targets = list({record.target: record for record in rrset}.values())
    plain = [record for record in targets if not record.is_alternative]
    for record in targets:
        if record.is_alternative or record is plain[0]:
            is_plain = record.is_alternative or len(plain) == 1
            yield Leading(owner, kind, record, is_plain=is_plain)


def _given(zone: MailZone, name: str, kind: Kind) -> Record | None:
    """The DNAME or the wildcard alias by which a name is answered; None where neither is.

    Of DMARC the wildcard's own record, too.
    """
    record = zone.leading_from(name)
    if record is None or record.owner == name:
        return None
    if record.type != "TXT":
        return record
    texts = zone.zone.table("TXT")[record.owner] if kind is Dmarc else ()
    return next((each for each in texts if is_dmarc(each.text.value)), None)
