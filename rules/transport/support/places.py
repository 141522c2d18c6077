"""Transport records: where senders look for them, and what is wrong with those they do not take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from zonelint.grammars.fault import FaultKind
from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.tags.value import article
from zonelint.grammars.zone import labels, without_dot
from zonelint.rules.core.change import Change, Edit
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.mail.tag_faults import report_cut_off, report_faults
from zonelint.rules.model.context import Context, once_a_run
from zonelint.rules.model.facts import Fact
from zonelint.rules.model.subjects import Bimi, MailZone, Sts, TlsRpt, role_of

KINDS = frozenset(FaultKind) - {FaultKind.SUSPECT, FaultKind.UNKNOWN_TAG}
"""The faults for which no sender takes a record."""

_R = TypeVar("_R", Sts, TlsRpt)


def _aliases_in(zone: MailZone) -> Iterator[tuple[str, str]]:
    for rrset in zone.zone.of_type("CNAME"):
        if role_of(rrset.owner) is not None:
            yield rrset.owner, rrset.records[0].target


ALIASES = Fact("transport.aliases", _aliases_in, is_anywhere=True)


def published_at(record: Sts | TlsRpt | Bimi) -> str | None:
    """The name at which senders find a record: its owner, or an alias of the run that leads there.

    None where nobody finds it.
    """
    owner, context = record.owner, record.context
    if role_of(owner) is type(record):
        return owner
    beside = context.telling(ALIASES, owner)
    ends = _led_from([*context.facts(ALIASES), *beside], context) if beside else _ends(context)
    names = [owner] if not owner.startswith("*.") else [
        name for name in ends
        if (rrset := record.zone.zone.answer(name, "TXT")[1]) is not None and rrset.owner == owner
    ]  # fmt: skip
    aliases = (ends.get(name) for name in names)
    return next((each for each in aliases if each and role_of(each) is type(record)), None)


@once_a_run
def _ends(context: Context) -> dict[str, str]:
    """The names that the aliases of the run lead to, each with the first of its aliases."""
    return _led_from(context.facts(ALIASES), context)


def _led_from(aliases: Iterable[tuple[str, str]], context: Context) -> dict[str, str]:
    found = sorted(aliases, reverse=True)
    return {context.answers.ask(target, "TXT").last: alias for alias, target in found}


def report_record(
    record: _R,
    seen: Sequence[_R],
    propose: Callable[[_R, str], str | None],
    *,
    asked: str,
    lost: str,
    effect: str,
    keep: str,
    advice: str,
) -> Iterator[Found]:
    """What is wrong with a record of which senders look for one at one name below a domain.

    seen: those of its owner that senders take for such records. propose: gives the mended text.
    asked, lost: what senders look for there, and what they do without it.
    effect: the same in front of the domain, to end a sentence. keep: what to do with several.
    """
    language, label = type(record.ast).language, f"{record.example_owner}."
    place = published_at(record)
    if place is None:
        yield from astray(record, label, asked, lost)
        return
    domain = place.removeprefix(label)
    effect = f"{effect} {without_dot(domain)}"
    if record.cut_off is not None:
        yield from report_cut_off(record, effect)
    elif seen and record not in seen:
        pass  # senders discard what is no record; the other one counts
    elif seen and record is not seen[0] and record.value != seen[0].value:
        yield record.whole(
            f"This is {language.noun} {seen.index(record) + 1} of {len(seen)} at "
            f"{record.dotless}; {effect}",
            keep,
            change=record.remove("one record in the form that senders accept"),
        )
    elif language.start not in record.value.lower() and not record.ast.has(language.required[0]):
        yield record.whole(
            f"This text is not {article(language.noun)}, and it is published where senders look "
            f"for one; {effect}",
            "Remove it, or move it to the name that it was intended for.",
        )
    else:
        yield from report_faults(
            record, record.ast, KINDS, effect, advice, lambda: propose(record, domain)
        )


def astray(record: Sts | TlsRpt, place: str, noun: str, effect: str) -> Iterator[Found]:
    """What is wrong with a record's owner. place: the labels in front of the domain, with dots.

    Told is the apex, and a name that is nearly right: any other may be what an alias leads to.
    """
    owner, zone = record.owner, record.zone
    domain = owner if owner == zone.origin else _behind(owner, place)
    if domain is None or owner in zone.targets("CNAME") or owner in zone.zone.aliased:
        return
    right = f"{place}{domain}"
    where = f"Senders look for {noun} at {without_dot(right)} and not at {record.dotless}"
    if any(zone.zone.get(right, type) for type in ("TXT", "CNAME")):
        yield record.whole(
            f"{where}, where a record is already published, so this one has no effect",
            "Remove it.",
            change=record.remove("no sender queries it"),
            severity=Severity.WARNING,
        )
        return
    change = None
    if zone.zone.contains(right) and not zone.zone.is_delegated(right):
        edit = Edit(right, "TXT", record.record, record.record.rdata)
        change = Change((edit,), "senders query this name")
    yield record.whole(f"{where}; {effect}", f"Move it to {without_dot(right)}.", change=change)


def _behind(owner: str, place: str) -> str | None:
    """The domain behind labels that are nearly those of the place; None where they are not."""
    wanted = place.removesuffix(".").split(".")
    parts = labels(owner)
    written, domain = parts[: len(wanted)], parts[len(wanted) :]
    alike = len(written) == len(wanted) and all(
        near_miss(label, (right,)) is not None or label == right
        for label, right in zip(written, wanted, strict=True)
    )
    return f"{'.'.join(domain)}." if alike and domain else None
