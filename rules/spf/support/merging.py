"""One SPF record out of several: the words that rules and proposals share."""

from __future__ import annotations

from collections.abc import Sequence

from zonelint.grammars.spf.record import Mechanism, Qualifier, SpfRecord, parse
from zonelint.grammars.spf.version import VERSION

_STRICTNESS = (Qualifier.PASS, Qualifier.NEUTRAL, Qualifier.SOFTFAIL, Qualifier.FAIL)


def merged(records: Sequence[SpfRecord], held: Mechanism | None = None) -> str:
    """The text of one record that lets every host send that one of the records lets send.

    held: the `all` that receivers act on already, which stays unless it is `+all`.

    Terms keep their order and spelling, a term that was said already is left out. Of several
    `all` the mildest that is no `+all` stays, so that no sender is refused by the merger;
    a `redirect` becomes an include when there is a second record, for its `all` would be lost.
    """
    terms: dict[str, str] = {}
    endings: list[Mechanism] = []
    modifiers: dict[str, str] = {}
    for record in records:
        last = record.all
        for term in record.terms:
            if term is last or (
                last is not None and term.start > last.start and isinstance(term, Mechanism)
            ):
                continue
            if term.name == "redirect" and len(records) > 1 and last is None:
                value = term.text.partition("=")[2]
                terms.setdefault(f"include:{value.lower()}", f"include:{value}")
            elif term.name in ("redirect", "exp"):
                modifiers.setdefault(term.name, term.text)
            else:
                terms.setdefault(str(term).lower(), term.text)
        if last is not None:
            endings.append(last)
    modifiers.pop("redirect" if endings else "", None)
    parts = ["v=spf1", *terms.values(), *modifiers.values()]
    if held is not None and held.qualifier is not Qualifier.PASS:
        parts.append(held.text)
    elif endings:
        parts.append(_mildest(endings))
    elif "redirect" not in modifiers:
        parts.append("~all")
    return " ".join(parts)


def further(record: SpfRecord) -> list[int]:
    """Where in a record's text a version stands again: one record was pasted behind another."""
    return [term.start for term in record.terms if term.text.lower() == VERSION]


def in_one(record: SpfRecord) -> str | None:
    """The text of one record that says what the records say that were pasted together.

    A further `v=spf1` is an unknown modifier, which receivers ignore (RFC 7208 §6): where nothing
    else is wrong with the record, its first `all` is in force, and stays.

    None where one of them has a redirect that its `all` hides: it may be what was meant.
    """
    starts = [0, *further(record)]
    ends = [*starts[1:], len(record.text)]
    texts = [record.text[a:b].strip() for a, b in zip(starts, ends, strict=True)]
    parts = [part for text in texts if (part := parse(text)).terms]
    if len(parts) < 2:
        return record.without(*(term for term in record.terms if term.text.lower() == VERSION))
    if any(part.redirect is not None and part.all is not None for part in parts):
        return None
    return merged(parts, None if record.faults else record.all)


def _mildest(endings: Sequence[Mechanism]) -> str:
    careful = [term for term in endings if term.qualifier is not Qualifier.PASS] or list(endings)
    return min(careful, key=lambda term: _STRICTNESS.index(term.qualifier)).text
