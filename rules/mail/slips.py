"""Names that were meant by others: a final dot is forgotten, or a letter is wrong.

By letters alone no slip is guessed: what is meant has what is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.nearmiss import Alike
from zonelint.grammars.zone import Record, labels
from zonelint.rules.config.senders import words_of_services
from zonelint.rules.mail import lookups
from zonelint.rules.mail.lookups import Fate
from zonelint.rules.mail.organisation import has_top_level
from zonelint.rules.model.answers import ADDRESSES
from zonelint.rules.model.context import Context, once_a_run
from zonelint.rules.model.declaring import senders_of

SHORTEST = 3
"""Letters of a label of which another can be a slip; of two letters each pair is a word."""
_SHORTEST_ELSEWHERE = 5
"""The same where another may have registered what looks like a slip."""


def is_doubled(name: str, origin: str) -> bool:
    """Whether a name ends in the zone's own name twice; a zone of one label may well have such."""
    double = f"{origin}{origin}"
    return (
        origin.count(".") > 1
        and name.endswith(double)
        # The zone's name begins at a label's border: notexample.com. is another name.
        and (len(name) == len(double) or name[-len(double) - 1] == ".")
    )


def undoubled(name: str, origin: str) -> str:
    """The name without the zone's own that a missing final dot added to it."""
    while is_doubled(name, origin):
        name = name[: -len(origin)]
    return name


def likely_meant(record: Record) -> str | None:
    """The name that a target is written as, with the final dot that may have been forgotten.

    None where the target is whole, or does not end as names on the internet do.
    """
    if not record.spelling.target_dots:
        return None
    written = record.fields[-1].text.lower()
    if "." not in written or written.endswith(".") or not record.target.startswith(f"{written}."):
        return None
    return f"{written}." if has_top_level(written) else None


def respelt(name: str, words: Alike, shortest: int = _SHORTEST_ELSEWHERE) -> Iterator[str]:
    """A name with one of its labels as it may have been meant."""
    parts = labels(name)
    for at, label in enumerate(parts):
        least = shortest
        if at == len(parts) - 1:
            least = SHORTEST if has_top_level(label) else 0
        for word in words.near(label):
            if max(len(label), len(word)) >= least:
                yield ".".join((*parts[:at], word, *parts[at + 1 :])) + "."


@once_a_run
def record_meant(name: str, context: Context) -> str | None:
    """The name in a zone of the run that has an SPF record, and is meant by one elsewhere."""
    return _one(
        other
        for other in _in_our_zones(name, context)
        if lookups.tree(other, context).fate in (Fate.FOUND, Fate.BROKEN)
    )


@once_a_run
def host_meant(name: str, context: Context) -> str | None:
    """The host in a zone of the run that a name elsewhere means, of which no address is known."""
    if any(context.answers.ask(name, type).values for type in ADDRESSES):
        return None
    return _one(
        other
        for other in _in_our_zones(name, context)
        if any(context.answers.ask(other, type).values for type in ADDRESSES)
    )


@once_a_run
def exchange_meant(name: str, context: Context) -> str | None:
    """The exchange of a service, or the host in a zone of the run, that a name elsewhere means.

    Whoever registered a name that is nearly a service's has an address for it.
    """
    catalogue = senders_of(context)
    if context.is_ours(name) or catalogue.by_mx(name) is not None:
        return None
    services = (each for each in respelt(name, words_of_services()) if catalogue.by_mx(each))
    return _one(services) or host_meant(name, context)


def _in_our_zones(name: str, context: Context) -> Iterator[str]:
    if not context.is_ours(name):
        yield from (each for each in respelt(name, context.labels) if context.is_ours(each))


def _one(found: Iterator[str]) -> str | None:
    """The one that is found, where no other may be meant as well."""
    first = next(found, None)
    return first if next(found, None) is None else None
