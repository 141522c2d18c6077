"""Targets that lack their final dot, so that the zone's name was added to them."""

from __future__ import annotations

from zonelint.grammars.zone import Record
from zonelint.rules.mail.organisation import has_top_level


def is_doubled(name: str, origin: str) -> bool:
    """Whether a name ends in the zone's own name twice; a zone of one label may well have such."""
    double = f"{origin}{origin}"
    return (
        origin.count(".") > 1
        and name.endswith(double)
        # The zone's name begins at a label's border: notexample.com. is another name.
        and (len(name) == len(double) or name[-len(double) - 1] == ".")
    )


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
