"""DMARC011: characters that were pasted in."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import FaultKind
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.dmarc.support.faults import report_faults
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC011",
    "dmarc-pasted-characters",
    Severity.ERROR,
    on=Dmarc,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.8",
    when={"fault:non-ascii"},
    role=Role.MENDS,
    step=Step.DMARC,
    explains=["dmarc-missing"],
)
def pasted_characters(dmarc: Dmarc) -> Iterator[Found]:
    """The record contains characters that a word processor or a web page introduced.

    What it finds
        Typographic quotes and dashes, non-breaking and zero-width spaces, and any other non-ASCII
        octet in a DMARC record.
    Why it matters
        DMARC is ASCII: receivers ignore the tag with such a character, or discard the whole record.
    Example
        `v=DMARC1; p=“none”`, with typographic quotes
    Use instead
        `v=DMARC1; p=none`
    References
        RFC 9989 §4.8
    """
    yield from report_faults(
        dmarc,
        {FaultKind.NON_ASCII},
        "Retype the character in plain ASCII, or remove it.",
        effect=lambda fault: "the tag is ignored, or the whole record is discarded",
    )


pasted_characters.bad("v=DMARC1; p=\u201cnone\u201d", fixed="v=DMARC1; p=none")
pasted_characters.bad(
    "v=DMARC1;\u00a0p=reject; rua=mailto:d@example.com\u200b",
    fixed="v=DMARC1; p=reject; rua=mailto:d@example.com",
)
pasted_characters.bad("v=DMARC1; p=none; rua=mailto:büro@example.com")
pasted_characters.good("v=DMARC1; p=none; rua=mailto:d@example.com")
