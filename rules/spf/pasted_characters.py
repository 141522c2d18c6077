"""SPF004: characters that were pasted in."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import FaultKind
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.faults import report_faults


@rule(
    "SPF004",
    "spf-pasted-characters",
    Severity.ERROR,
    on=Spf,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §3.1",
    when={"fault:non-ascii"},
    role=Role.MENDS,
    step=Step.SPF,
    explains=["spf"],
)
def pasted_characters(spf: Spf) -> Iterator[Found]:
    """The record contains characters that a word processor or a web page introduced.

    What it finds
        Typographic quotes and dashes, non-breaking and zero-width spaces, and any other non-ASCII
        octet in an SPF record.
    Why it matters
        SPF is ASCII: a term with such a character invalidates the whole record.
    Example
        `v=spf1 mx –all`, with a dash that is not a hyphen-minus
    Use instead
        `v=spf1 mx -all`
    References
        RFC 7208 §3.1, §12
    """
    yield from report_faults(
        spf,
        {FaultKind.NON_ASCII},
        "Retype the character in plain ASCII.",
    )


pasted_characters.bad("v=spf1 mx \u2013all", "v=spf1 mx\u00a0-all", fixed="v=spf1 mx -all")
pasted_characters.bad(
    "v=spf1 include:_spf.example.net\u200b -all", fixed="v=spf1 include:_spf.example.net -all"
)
pasted_characters.good("v=spf1 mx -all")
