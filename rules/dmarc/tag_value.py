"""DMARC007: a value that the tag does not take."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.tags.dmarc import parse
from zonelint.grammars.tags.taglist import Tag
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.dmarc.support.kept import keeps_written
from zonelint.rules.mail.dmarc_equivalence import is_harmless
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC007",
    "dmarc-tag-value",
    Severity.WARNING,
    on=Dmarc,
    fix=Fix.SAFE,
    section="RFC 9989 §4.7",
    when={"fault:tag-value"},
    role=Role.MENDS,
    step=Step.DMARC,
)
def tag_value(dmarc: Dmarc) -> Iterator[Found]:
    """A tag has a value that it does not allow.

    What it finds
        Bad values of `adkim`, `aspf`, `fo`, `psd`, `t` and the old `pct`; `fo` with both 0 and 1.
    Why it matters
        Receivers ignore the tag and use its default, which may be the opposite of what was
        intended.
    Example
        `v=DMARC1; p=none; adkim=strict`
    Use instead
        `v=DMARC1; p=none; adkim=s`
    References
        RFC 9989 §4.7, §4.8
    """
    faults = [fault for fault in dmarc.ast.faults if fault.kind is FaultKind.TAG_VALUE]
    if not faults:
        return
    lost = _meaningless(dmarc, faults)
    text = _mended(dmarc, lost)
    change = None
    if keeps_written(dmarc.value, text, [tag.name.lower() for tag in lost]):
        change = dmarc.rewrite(
            text, "values that receivers understand", safe=is_harmless(dmarc.ast, text)
        )
    for fault in faults:
        yield dmarc.at(
            fault,
            f"{fault.message.rstrip('.')}; receivers ignore the tag and use its default",
            "Write the intended value, or remove the tag.",
            change=change,
        )


def _meaningless(dmarc: Dmarc, faults: list[Fault]) -> list[Tag]:
    """The tags of which it is not clear what was meant."""
    return [
        tag
        for tag in dmarc.ast.tags
        for fault in faults
        if fault.suggestion is None and tag.start <= fault.start <= tag.end
        if tag.name and not tag.sound
    ]


def _mended(dmarc: Dmarc, lost: list[Tag]) -> str:
    """What was meant where that is clear; else the tag goes, as it does for receivers."""
    text = dmarc.ast.without(*lost) if lost else dmarc.value
    return parse(text).correcting(FaultKind.TAG_VALUE)


tag_value.bad("v=DMARC1; p=none; adkim=strict", fixed="v=DMARC1; p=none; adkim=s")
tag_value.bad(
    "v=DMARC1; p=none; aspf=relaxed; t=maybe; rua=mailto:d@example.com",
    fixed="v=DMARC1; p=none; aspf=r; rua=mailto:d@example.com",
)
tag_value.bad(
    "v=DMARC1; p=none; fo=0:1; ruf=mailto:d@example.com",
    fixed="v=DMARC1; p=none; fo=1; ruf=mailto:d@example.com",
)
tag_value.bad("v=DMARC1; p=reject; psd=maybe; pct=200", fixed="v=DMARC1; p=reject")
tag_value.bad("v=DMARC1; p=reject; adkim=; aspf=s", fixed="v=DMARC1; p=reject; aspf=s")
tag_value.bad("v=DMARC1; p=none; adkim=r p-reject", "v=DMARC1; pct=100.p.quarantine")
tag_value.good(
    "v=DMARC1; p=none; adkim=s; aspf=R; fo=1:d:s; t=n; psd=u; pct=100",
    "v=DMARC1; p=none; fo=0",
    "v=DMARC1; p=none; fo=d:s",
)
