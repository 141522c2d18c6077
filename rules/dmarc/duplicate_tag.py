"""DMARC008: a tag that stands twice."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import FaultKind
from zonelint.grammars.tags.dmarc import parse
from zonelint.grammars.tags.taglist import Tag
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.dmarc.support.kept import keeps_written
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC008",
    "dmarc-duplicate-tag",
    Severity.ERROR,
    on=Dmarc,
    fix=Fix.PROPOSAL,
    section="RFC 6376 §3.2",
    when={"fault:duplicate"},
    role=Role.MENDS,
    step=Step.DMARC,
    explains=["dmarc-missing"],
)
def duplicate_tag(dmarc: Dmarc) -> Iterator[Found]:
    """A tag appears twice in the record.

    What it finds
        Every tag after the first of its name.
    Why it matters
        A tag may appear only once. Receivers discard the whole record or use one of the two, each
        in its own way.
    Example
        `v=DMARC1; p=none; p=reject`
    Use instead
        `v=DMARC1; p=none`, or one list: `rua=mailto:a@example.com,mailto:b@example.com`
    References
        RFC 9989 §4.7; RFC 6376 §3.2
    """
    faults = [fault for fault in dmarc.ast.faults if fault.kind is FaultKind.DUPLICATE]
    if not faults:
        return
    text = _mended(dmarc)
    change = dmarc.rewrite(text, "every tag once") if keeps_written(dmarc.value, text) else None
    for fault in faults:
        yield dmarc.at(
            fault,
            fault.message.rstrip("."),
            "Keep one; separate several addresses in a tag with commas.",
            change=change,
        )


def _mended(dmarc: Dmarc) -> str:
    """The first of each name stays; the addresses of further `rua` and `ruf` join it."""
    record = parse(dmarc.ast.correcting(FaultKind.SYNTAX))
    first: dict[str, Tag] = {}
    others: list[Tag] = []
    addresses: dict[str, dict[str, None]] = {}
    for tag in record.tags:
        if tag.name and first.setdefault(tag.name, tag) is not tag:
            others.append(tag)
        if tag.name in ("rua", "ruf"):
            written = record.text[tag.value_start : tag.value_end].split(",")
            found = addresses.setdefault(tag.name, {})
            found.update((part.strip(), None) for part in written if part.strip())
    mended = parse(record.without(*others))
    for name in {tag.name for tag in others} & addresses.keys():
        mended = parse(mended.replacing(name, f"{name}={','.join(addresses[name])}"))
    return mended.text


duplicate_tag.bad("v=DMARC1; p=none; p=reject")
duplicate_tag.bad("v=DMARC1; p=reject; adkim=s; adkim=r", fixed="v=DMARC1; p=reject; adkim=s")
duplicate_tag.bad(
    "v=DMARC1; p=none; rua=mailto:a@example.com; rua=mailto:b@example.com; adkim=s",
    fixed="v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.com; adkim=s",
)
duplicate_tag.bad(
    "v=DMARC1; p=none rua=mailto:a@example.com rua=mailto:b@example.com",
    fixed="v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.com",
)
duplicate_tag.bad("v=DMARC1; p=none; v=DMARC1; P=none", fixed="v=DMARC1; p=none")
duplicate_tag.good(
    "v=DMARC1; p=none; sp=none; rua=mailto:a@example.com,mailto:a@example.com",
)
