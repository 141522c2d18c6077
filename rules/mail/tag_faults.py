"""How rules tell the faults of a tag list: one finding a fault, with the record mended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.tags.taglist import TagList
from zonelint.rules.core.change import Change
from zonelint.rules.core.finding import Found
from zonelint.rules.model.subjects import TagSubject, TxtSubject


def mended(record: TagList, kinds: Collection[FaultKind]) -> str | None:
    """The text without its faults of these kinds; None where one of them would be left.

    Beside the suggestions of the faults themselves: the version is put in front, and of a tag
    that stands twice with one value the second goes.
    """
    read = type(record).read
    text = record.correcting(*kinds)
    if FaultKind.VERSION in kinds and _has(read(text), FaultKind.VERSION):
        text = read(text).with_version_first()
    if FaultKind.DUPLICATE in kinds:
        text = _without_repeats(read(text))
    if text == record.text or any(fault.kind in kinds for fault in read(text).faults):
        return None
    return text


def _has(record: TagList, kind: FaultKind) -> bool:
    return any(fault.kind is kind for fault in record.faults)


def _without_repeats(record: TagList) -> str:
    seen: set[tuple[str, str]] = set()
    again = []
    for tag in record.tags:
        if (tag.name, tag.value) in seen:
            again.append(tag)
        seen.add((tag.name, tag.value))
    return record.without(*again)


def report_faults(
    subject: TxtSubject,
    record: TagList,
    kinds: Collection[FaultKind],
    effect: str,
    advice: str,
    propose: Callable[[], str | None] | None = None,
) -> Iterator[Found]:
    """One finding for each fault of these kinds; one that stands again is told once.

    effect: what the fault does to mail, said where its own message does not.
    propose: gives the mended text, where `mended` is not enough.
    """
    faults = {fault.message: fault for fault in reversed(record.faults) if fault.kind in kinds}
    if not faults:
        return
    text = mended(record, kinds) if propose is None else propose()
    change: Change | None = None
    if text is not None:
        change = subject.rewrite(text, "the record as intended")
    for fault in sorted(faults.values(), key=lambda fault: fault.start):
        message = fault.message.rstrip(".")
        if ", so " not in message:
            message = f"{message}; {effect}"
        yield subject.at(_place(fault, subject), message, advice, change=change)


def report_cut_off(subject: TagSubject[Any], effect: str) -> Iterator[Found]:
    """The one fault of a record whose semicolons, without quotes around them, began a comment."""
    meant, comment = subject.cut_off, subject.record.comment
    if meant is None or comment is None:
        return
    yield Found(
        subject.owner,
        subject.record.type,
        comment.span,
        f"A semicolon outside quotes starts a comment, so the record ends with {subject.value} "
        f"and nothing after it is published; {effect}",
        "Enclose the whole text in double quotes.",
        subject.rewrite(meant, "the whole record, in quotes"),
    )


def _place(fault: Fault, subject: TxtSubject) -> tuple[int, int]:
    """The fault's place; the whole text where a fault has no room at its beginning."""
    if fault.start == fault.end == 0:
        return 0, len(subject.value)
    return fault.start, fault.end
