"""DMARC009: a tag that no standard defines."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import FaultKind
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Step, rule
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC009",
    "dmarc-unknown-tag",
    Severity.INFO,
    on=Dmarc,
    section="RFC 9989 §4.7",
    when={"fault:unknown-tag"},
    step=Step.DMARC,
)
def unknown_tag(dmarc: Dmarc) -> Iterator[Found]:
    """A tag that no standard defines, which receivers ignore.

    What it finds
        Tags that neither RFC 9989 nor RFC 7489 defines. A name that resembles a known one is
        pointed out; so is a known name in upper case.
    Why it matters
        Receivers ignore it silently: what was intended does not happen.
    Example
        `v=DMARC1; p=none; ruaa=mailto:dmarc@example.com`
    Use instead
        `v=DMARC1; p=none; rua=mailto:dmarc@example.com`
    References
        RFC 9989 §4.7, §4.8
    """
    for fault in dmarc.ast.faults:
        # A P in capitals is a policy that some do not see, which DMARC006 tells.
        if fault.kind is FaultKind.UNKNOWN_TAG and dmarc.ast.text[fault.start : fault.end] != "P":
            meant = fault.suggestion
            yield dmarc.at(
                fault,
                fault.message.rstrip("."),
                f"Write {meant} if that is intended, otherwise remove the tag."
                if meant
                else "Remove the tag.",
            )


unknown_tag.bad(
    "v=DMARC1; p=none; ruaa=mailto:d@example.com",
    "v=DMARC1; p=none; foo=bar",
    "v=DMARC1; p=none; SP=none",
)
unknown_tag.good(
    "v=DMARC1; p=none; sp=none; np=none; adkim=r; aspf=r; fo=1; rua=mailto:a@example.com; "
    "ruf=mailto:a@example.com; t=n; psd=u; pct=100; rf=afrf; ri=86400"
)
