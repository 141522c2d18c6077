"""Transport records that stand where no sender looks for them."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.zone import labels, without_dot
from zonelint.rules.core.change import Change, Edit
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.model.subjects import Sts, TlsRpt


def astray(record: Sts | TlsRpt, place: str, noun: str, effect: str) -> Iterator[Found]:
    """What is wrong with a record's owner. place: the labels in front of the domain, with dots.

    Told is the apex, and a name that is nearly right: any other may be what an alias leads to.
    """
    owner, zone = record.owner, record.zone
    domain = owner if owner == zone.origin else _behind(owner, place)
    if domain is None or owner in zone.targets("CNAME"):
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
