"""SPF006: macros that RFC 7208 does not allow."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import FaultKind
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Step, rule
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.faults import report_faults


@rule(
    "SPF006",
    "spf-macro",
    Severity.ERROR,
    on=Spf,
    section="RFC 7208 §7",
    when={"fault:macro"},
    step=Step.SPF,
    explains=["spf"],
)
def macro(spf: Spf) -> Iterator[Found]:
    """The record has a macro that the standard does not allow.

    What it finds
        An unknown macro letter, a label count of zero, an invalid delimiter, an unfinished macro,
        and `c`, `r` or `t` outside an explanation.
    Why it matters
        Receivers refuse the whole record with permerror.
    Example
        `v=spf1 exists:%{x}._spf.example.com -all`
    Use instead
        `v=spf1 exists:%{i}._spf.example.com -all`
    References
        RFC 7208 §7
    """
    yield from report_faults(
        spf,
        {FaultKind.MACRO},
        "Use a macro of RFC 7208 §7, such as `%{i}`; a literal percent sign is written `%%`.",
        fixes=False,
    )


macro.bad(
    "v=spf1 exists:%{x}._spf.example.com -all",
    "v=spf1 exists:%{i0}._spf.example.com -all",
    "v=spf1 exists:%{c}._spf.example.com -all",
    "v=spf1 include:%{d -all",
)
macro.good("v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all", "v=spf1 mx exp=%{d}.example.com -all")
