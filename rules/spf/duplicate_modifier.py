"""SPF008: `redirect` or `exp` more than once."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import FaultKind
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.faults import PERMERROR


@rule(
    "SPF008",
    "spf-duplicate-modifier",
    Severity.ERROR,
    on=Spf,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §6",
    when={"fault:duplicate"},
    role=Role.MENDS,
    step=Step.SPF,
    explains=["spf"],
)
def duplicate_modifier(spf: Spf) -> Iterator[Found]:
    """The modifier `redirect` or `exp` appears more than once.

    What it finds
        A second `redirect` or a second `exp`.
    Why it matters
        Receivers refuse the whole record with permerror.
    Example
        `v=spf1 redirect=a.example.net redirect=b.example.net`
    Use instead
        `v=spf1 include:a.example.net include:b.example.net -all`
    References
        RFC 7208 §6
    """
    faults = [fault for fault in spf.ast.faults if fault.kind is FaultKind.DUPLICATE]
    again = [
        term for term in spf.ast.terms if any(term.start <= f.start < term.end for f in faults)
    ]
    for term in again:
        yield spf.at(
            term,
            f"`{term.name}` appears twice in the record; {PERMERROR}",
            "Keep one; to allow the senders of several domains, write an `include` for each."
            if term.name == "redirect"
            else "Keep one.",
            change=spf.rewrite(spf.ast.without(*again), "the first one is kept"),
        )


duplicate_modifier.bad(
    "v=spf1 mx redirect=a.example.net redirect=b.example.net",
    fixed="v=spf1 mx redirect=a.example.net",
)
duplicate_modifier.bad(
    "v=spf1 mx exp=a.example.net -all exp=b.example.net", fixed="v=spf1 mx exp=a.example.net -all"
)
duplicate_modifier.good("v=spf1 mx redirect=a.example.net exp=b.example.net")
