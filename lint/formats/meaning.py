"""A change told in its meaning, for people: lines of plain text, without any ink."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from functools import partial

from zonelint.grammars.listing import counted, grouped, listed, some
from zonelint.grammars.spf.tree import Network
from zonelint.grammars.tags.dmarc import Policy
from zonelint.grammars.zone import without_dot
from zonelint.rules.evidence import readiness
from zonelint.rules.evidence.replay import Replay, ReplayMeans
from zonelint.rules.mail import lookups, networks
from zonelint.rules.mail.meaning import (
    DmarcChange,
    KeyChange,
    KeyFate,
    Meaning,
    NameGroup,
    RecordsChange,
    SpfChange,
    Subject,
    alignment,
    percent,
)

SHOWN = 5
"""Networks or names in one line; the rest is counted."""
_some = partial(some, most=SHOWN)


def blocks(
    meanings: Sequence[Meaning], replays: Sequence[Replay]
) -> Iterator[tuple[str, list[str]]]:
    """The domains that the change means the same for, with its lines.

    A domain that several zones tell of is named with what tells them apart.
    """
    told: dict[tuple[str, str], dict[str, None]] = {}
    for meaning in meanings:
        lines = told.setdefault((meaning.domain, meaning.where), {})
        for line in of(meaning):
            if line not in lines:  # what holds for all is told of all
                lines[f"{line} ({meaning.who})" if meaning.who else line] = None
    for each in replays:
        if each.is_any:
            lines = told.setdefault((f"{each.domain}.", each.where), {})
            lines.update(dict.fromkeys(of_replay(each)))
    alike = grouped(
        (tuple(lines), f"{without_dot(domain)}{f' ({where})' if where else ''}")
        for (domain, where), lines in told.items()
        if lines
    )
    for same, names in alike.items():
        yield _some(names), list(same)


def of(meaning: Meaning) -> Iterator[str]:
    """The lines about one domain."""
    if meaning.candidates:
        yield f"not known: which zone it was before, of {_some(meaning.candidates)}"
    if meaning.unread:
        yield f"its zone is still in {_some(meaning.unread)}, which this run does not read"
    elif meaning.is_gone:
        yield "its zone no longer exists, so its SPF, DKIM and DMARC are no longer known"
    for records in meaning.records:
        yield _records(records)
    if meaning.spf is not None:
        yield from _spf(meaning.spf)
    if meaning.dmarc is not None:
        yield from _dmarc(meaning.dmarc)
    for key in meaning.keys:
        yield _key(key)


# -- mail routing and transport ------------------------------------------------------------------


def _records(change: RecordsChange) -> str:
    name = change.subject.value
    if change.unknown:
        return f"{name}: {_some(change.before)} → not known"
    before, after = (_some(side) or "none" for side in (change.before, change.after))
    if change.subject is Subject.DANE:
        verb = "is new" if not change.before else "changes" if change.after else "is removed"
        return f"{name} for port 25 {verb}"
    return f"{name}: {before} → {after}"


# -- SPF -------------------------------------------------------------------------------------------


def _spf(change: SpfChange) -> Iterator[str]:
    old, new = change.before.fate, change.after.fate
    if old is not new:
        yield f"SPF: {_FATES.get(old, 'not known')} → {_FATES.get(new, 'not known')}"
    if change.is_too_large:
        yield "SPF: the records exceed the lookup limit by too much to be compared"
        return
    parts = [
        f"{verb} {_networks(found)}"
        for verb, found in (("adds", change.gained), ("removes", change.lost))
        if found
    ]
    if parts:
        yield f"SPF {', '.join(parts)}"
    first, last = change.endings
    if first is not None and last is not None and first != last:
        yield f"SPF for hosts that are not listed: {first} → {last}"
    elif change.eased is not None:
        yield f"SPF for about every host: {' → '.join(change.eased)}"
    if change.missing:
        yield f"SPF cannot be compared completely; missing: {_some(change.missing)}"
    elif not parts and first == last and old is new:
        yield "SPF: the results for some hosts change, none of them to or from pass"


_FATES = {
    lookups.Fate.FOUND: "a record",
    lookups.Fate.NO_RECORD: "no record",
    lookups.Fate.SEVERAL: "several records, which receivers refuse",
    lookups.Fate.BROKEN: "a record with a syntax error",
}


def _networks(found: Sequence[Network]) -> str:
    four = [network for network in found if isinstance(network, ipaddress.IPv4Network)]
    six = [network for network in found if isinstance(network, ipaddress.IPv6Network)]
    parts = []
    if four:
        number = networks.total(four)
        listed = _some(map(networks.spelt, four))
        parts.append(listed if number == len(four) == 1 else f"{number:,} addresses ({listed})")
    if six:
        parts.append(_some(map(networks.spelt, six)))
    return " and ".join(parts)


# -- DMARC -----------------------------------------------------------------------------------------


def _dmarc(change: DmarcChange) -> Iterator[str]:
    if change.missing:
        yield f"DMARC cannot be compared; missing: {_some(change.missing)}"
        return
    shown: dict[str, list[str]] = {}
    for level in change.levels:
        if level.before != level.after:
            step = f"{_policies(level.before)} → {_policies(level.after)}"
            is_wildcard = change.domain.startswith("*.")
            whose = NameGroup.NONEXISTENT if is_wildcard else level.names
            shown.setdefault(step, []).append(_NAMES[whose])
    for step, names in shown.items():
        yield f"DMARC for {listed(names)}: {step}"
    if change.open_levels:
        missing = _some(change.open_below)
        yield f"DMARC for names below cannot be compared; missing: {missing}"
    for kind, old, new in zip(
        ("DKIM", "SPF"), alignment(change.before), alignment(change.after), strict=True
    ):
        if old is not new:
            yield f"DMARC alignment of {kind}: {_MODES[str(old)]} → {_MODES[str(new)]}"
    before, after = percent(change.before), percent(change.after)
    if before != after:
        yield f"DMARC percentage (receivers of RFC 7489): {before} → {after}"


_NAMES = {
    NameGroup.DOMAIN: "the domain",
    NameGroup.SUBDOMAINS: "its subdomains",
    NameGroup.NONEXISTENT: "names that do not exist",
}
_MODES = {"r": "relaxed", "s": "strict"}


def _policies(policies: tuple[Policy | None, ...]) -> str:
    """One policy, or what receivers of each standard make of the record."""
    words = ["no DMARC" if policy is None else str(policy) for policy in policies]
    if len(set(words)) == 1:
        return words[0]
    return f"{words[0]} (RFC 7489) or {words[1]} (RFC 9989)"


# -- DKIM ------------------------------------------------------------------------------------------


def _key(change: KeyChange) -> str:
    name = f"DKIM selector {change.selector}"
    match change.fate:
        case KeyFate.NEW:
            return f"{name} is new"
        case KeyFate.REMOVED:
            return f"{name} is {'revoked' if change.is_revoked else 'removed'}"
        case KeyFate.CHANGED if change.after.target not in (None, change.before.target):
            return f"{name} now points at {without_dot(change.after.target or '')}"
        case KeyFate.CHANGED:
            return f"{name} has a different key"
        case _ if change.after.reason:
            return f"{name} cannot be compared; missing: {change.after.reason}"
        case _:
            return f"{name} is no longer known here"


# -- replay ----------------------------------------------------------------------------------------


def of_replay(replay: Replay) -> Iterator[str]:
    """What the change would have done to the mail of the reports."""
    days = f"{replay.days} days'" if replay.days != 1 else "day's"
    now, then = map(readiness.percent, (replay.share, replay.share_then))
    yield (
        f"of the last {days} {counted(replay.messages, 'message')}, {now} were aligned; with this "
        f"change {then} would be"
    )
    for loss in replay.losses[:SHOWN]:
        what = {
            ReplayMeans.SPF: loss.where,
            ReplayMeans.KEY: f"signed with {without_dot(loss.where)}",
            ReplayMeans.ALIGNMENT: f"of {loss.where}, which is no longer aligned",
        }[loss.means]
        yield f"  lost: {what}, {counted(loss.messages, 'message')}"
    if len(replay.losses) > SHOWN:
        rest = sum(loss.messages for loss in replay.losses[SHOWN:])
        yield f"  lost: {len(replay.losses) - SHOWN} more, {counted(rest, 'message')}"
    if replay.open:
        yield f"  undecided: {counted(replay.open, 'message')}; missing: {_some(replay.missing)}"
