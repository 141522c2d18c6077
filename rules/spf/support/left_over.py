"""Taking terms out of a record that still has to let somebody send."""

from __future__ import annotations

from collections.abc import Iterable

from zonelint.grammars.spf.record import Mechanism, Qualifier, SpfRecord, parse
from zonelint.rules.config.declaration import Profile, SpfStage
from zonelint.rules.core.change import Change
from zonelint.rules.model.declaring import declared_at
from zonelint.rules.model.subjects import Spf


def deciding(advice: str, change: Change | None) -> str:
    """Advice; also for a term that cannot go before somebody has decided what replaces it."""
    if change is not None:
        return advice
    return f"{advice} No other term authorises a host: find out first which hosts send."


def without_terms(spf: Spf, terms: Iterable[Mechanism], reason: str) -> Change | None:
    """The record without these terms; None where nobody could send any more."""
    return rewritten(spf, spf.ast.without(*terms), reason)


def rewritten(spf: Spf, text: str, reason: str) -> Change | None:
    """The record with this text; None where it lets nobody send and nobody has said so."""
    return spf.rewrite(text, reason) if is_left_sending(spf, parse(text)) else None


def is_left_sending(spf: Spf, record: SpfRecord) -> bool:
    """Whether a record could stand at an owner: it lets somebody send, or nobody is meant to."""
    return not record.sound or lets_somebody_send(record) or _sends_nothing(spf)


def declared_end(spf: Spf) -> str:
    """How a record that lists all senders ends, at the declared stage of its domain."""
    domain = declared_at(spf.zone, spf.owner)
    return "~all" if domain is not None and domain.spf is SpfStage.TRANSITION else "-all"


def cautious_end(spf: Spf) -> str:
    """How a record ends of which nobody knows whether it lists all senders.

    As strictly as zonelint.toml declares, or as it ended before the change; softly else.
    """
    domain = declared_at(spf.zone, spf.owner)
    is_final = domain is not None and domain.spf is SpfStage.FINAL
    return "-all" if is_final or _refused_before(spf) else "~all"


def _refused_before(spf: Spf) -> bool:
    """Whether the record of before the change refused hosts that it does not list."""
    previous = spf.zone.previous
    records = () if previous is None else previous.spf.get(spf.owner, ())
    ends = [record.ast.all for record in records]
    return len(ends) == 1 and ends[0] is not None and ends[0].qualifier is Qualifier.FAIL


def lets_somebody_send(record: SpfRecord) -> bool:
    """Whether a term that is reached lets hosts pass that are not everybody's, or nobody's."""
    for term in record.mechanisms:
        if term.name == "all":
            return False
        is_everybody = term.network is not None and term.network.prefixlen == 0
        if term.qualifier is Qualifier.PASS and not is_everybody and not term.is_unrouted:
            return True
    return record.redirect is not None


def lets_everybody_send(record: SpfRecord) -> bool:
    """Whether the record's own text lets the whole world pass."""
    if record.all is not None and record.all.qualifier is Qualifier.PASS:
        return True
    return any(
        term.qualifier is Qualifier.PASS and 0 in dict(term.lengths).values()
        for term in record.mechanisms
    )


def _sends_nothing(spf: Spf) -> bool:
    """Whether zonelint.toml says in so many words that nobody sends as the owner."""
    domain = spf.context.declared(spf.owner)
    if domain is None:
        return False
    says_nobody = not domain.senders and "senders" in domain.declared
    return says_nobody or domain.profile is Profile.PARKED
