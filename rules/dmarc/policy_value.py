"""DMARC005: a policy that DMARC does not have."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import FaultKind
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.dmarc.support.faults import report_faults
from zonelint.rules.mail.dmarc_equivalence import without_policy
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC005",
    "dmarc-policy-value",
    Severity.ERROR,
    on=Dmarc,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.7",
    when={"fault:policy-value"},
    role=Role.MENDS,
    step=Step.DMARC,
    explains=["dmarc-missing"],
)
def policy_value(dmarc: Dmarc) -> Iterator[Found]:
    """A policy is not none, quarantine or reject.

    What it finds
        Tags `p`, `sp` and `np` with any other value, including an empty one.
    Why it matters
        A single bad policy makes receivers drop all of them: the record counts as `p=none` where it
        has an address for reports, and as no DMARC at all where it has none.
    Example
        `v=DMARC1; p=quarentine`
    Use instead
        `v=DMARC1; p=quarantine`
    References
        RFC 9989 §4.7, §4.10.1
    """
    means = without_policy(dmarc.ast)
    yield from report_faults(
        dmarc,
        {FaultKind.POLICY_VALUE},
        "Write none, quarantine or reject.",
        effect=lambda fault: means,
    )


policy_value.bad("v=DMARC1; p=quarentine", fixed="v=DMARC1; p=quarantine")
policy_value.bad(
    "v=DMARC1; p=reject; sp=rejct; np=nome", fixed="v=DMARC1; p=reject; sp=reject; np=none"
)
policy_value.bad("v=DMARC1; p=block; rua=mailto:d@example.com", "v=DMARC1; p=")
policy_value.bad(
    zone="_dmarc CNAME d.example.net.",
    lock="""
    ["d.example.net."]
    seen = 2026-11-29
    TXT = ["v=DMARC1; p=rejct"]
    """,
)
policy_value.good("v=DMARC1; p=NONE; sp=Reject", "v=DMARC1; p=quarantine; np=reject", "v=DMARC1")
