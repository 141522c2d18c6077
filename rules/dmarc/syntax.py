"""DMARC001: text that the grammar of DMARC does not allow."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.dmarc.support.faults import report_faults
from zonelint.rules.mail.dmarc_equivalence import Around, without_policy
from zonelint.rules.mail.tag_faults import report_cut_off
from zonelint.rules.model.subjects import Dmarc

_OTHERS = {
    FaultKind.POLICY_VALUE,
    FaultKind.TAG_VALUE,
    FaultKind.DUPLICATE,
    FaultKind.UNKNOWN_TAG,
    FaultKind.REPORT_URI,
    FaultKind.NON_ASCII,
}
"""Kinds with a rule of their own."""
_KINDS = frozenset(FaultKind) - _OTHERS


@rule(
    "DMARC001",
    "dmarc-syntax",
    Severity.ERROR,
    on=Dmarc,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.8",
    when={"cut-off"} | {f"fault:{kind.value}" for kind in _KINDS},
    role=Role.MENDS,
    step=Step.DMARC,
    explains=["dmarc-missing"],
)
def syntax(dmarc: Dmarc) -> Iterator[Found]:
    """The record is not a valid DMARC tag list.

    What it finds
        Everything that the grammar of RFC 9989 does not allow: a tag with a dash or a colon instead
        of the equals sign, a missing semicolon, two semicolons in a row, quotes, text that is not a
        tag. In a zone file also a record without quotes, whose first semicolon starts a comment.
    Why it matters
        Receivers ignore the tag, and some discard the whole record: the policy or the reports are
        not what the record seems to say.
    Example
        `v=DMARC1; p=reject; sp-none; pct100`
    Use instead
        `v=DMARC1; p=reject; sp=none`
    References
        RFC 9989 §4.7, §4.8; RFC 6376 §3.2
    """
    record = dmarc.ast
    if dmarc.cut_off is not None:
        lost = "the tags there have no effect"
        yield from report_cut_off(dmarc, lost if record.has("p") else without_policy(record))
        return

    around = Around(record)
    has_policy = record.p is not None

    def effect(fault: Fault) -> str:
        unread = not has_policy and "p" in around.names(fault)
        return without_policy(record) if unread else ""

    yield from report_faults(
        dmarc, _KINDS, "Write every tag as `name=value`, separated by semicolons.", effect=effect
    )


syntax.bad("v=DMARC1; sp-none; p=reject", fixed="v=DMARC1; sp=none; p=reject")
syntax.bad("v=DMARC1; p=reject; pct100", fixed="v=DMARC1; p=reject; pct=100")
syntax.bad(
    "v=DMARC1; p=reject; fo:0; ruf=mailto:f@example.com",
    fixed="v=DMARC1; p=reject; fo=0; ruf=mailto:f@example.com",
)
syntax.bad(
    "v=DMARC1; p=reject rua=mailto:d@example.com",
    fixed="v=DMARC1; p=reject; rua=mailto:d@example.com",
)
syntax.bad(
    "v=DMARC1; p=none;; rua=mailto:d@example.com",
    fixed="v=DMARC1; p=none; rua=mailto:d@example.com",
)
syntax.bad("v=DMARC1; p=none; see the wiki")
syntax.bad(
    zone="""
    _dmarc TXT v=DMARC1; p=reject; rua=mailto:d@example.com
    """,
    fixed="""
    _dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@example.com"
    """,
)
syntax.good(
    "v=DMARC1; p=none; rua=mailto:d@example.com;",
    "v=DMARC1;p=reject;sp=none",
    "v = DMARC1 ; p = none ; rua = mailto:d@example.com , mailto:e@example.com",
    "v=DMARC1; p=quarentine; adkim=strict; foo=bar; rua=d@example.com",
)
