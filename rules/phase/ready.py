"""PHASE005: the reports allow the next phase."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.listing import counted
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.gates import evidence_is_there
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.evidence.evidence import Ready
from zonelint.rules.evidence.readiness import next_phase, percent
from zonelint.rules.model.subjects import Dmarc


@rule(
    "PHASE005",
    "phase-ready",
    Severity.INFO,
    on=Dmarc,
    needs=Needs.REPORTS | Needs.INTENT,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §7.4",
    when={"p"},
    given=evidence_is_there,
)
def ready(dmarc: Dmarc) -> Iterator[Found]:
    """The reports show that the domain is ready for the next phase of its roll-out.

    What it finds
        A policy below the declared `dmarc.target` while the aggregate reports cover at least
        `dmarc.min-days` days under it (14), with at least `dmarc.min-aligned` (0.98) of the
        messages aligned.
    Why it matters
        As long as the policy is weaker than it could be, forged mail is delivered.
    Example
        `v=DMARC1; p=none; rua=mailto:dmarc@example.com` with reports of 14 days at 99 %
    Use instead
        `v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com`
    References
        RFC 9989 §7.4; RFC 9990
    """
    record = dmarc.ast
    place, ahead = record.tag("p"), next_phase(dmarc)
    if place is None or ahead is None or dmarc.domain is None:
        return
    step, answer = ahead
    if isinstance(answer, Ready):
        days = dmarc.context.dmarc_declared(dmarc.domain).min_days
        yield dmarc.at(
            place,
            f"{without_dot(dmarc.domain)} is ready for `p={step}`: {percent(answer.tally.share)} "
            f"of {counted(answer.tally.messages, 'message')} are aligned, in reports of "
            f"{counted(days, 'day')} under `p={record.p}`",
            f"Continue with `p={step}`.",
            change=dmarc.rewrite(record.replacing(place, f"p={step}"), "the next phase"),
        )


_CONFIG = """
[domains."example.com".dmarc]
target = "reject"
"""
_READY = """
rows = [
    { from = "192.0.2.1", messages = 99, dkim = "s1" },
    { from = "203.0.113.66", messages = 1, spf = "fail" },
]
"""

ready.bad(
    "v=DMARC1; p=none; rua=mailto:dmarc@example.com",
    fixed="v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com",
    config=_CONFIG,
    reports=_READY,
)
ready.bad(
    "v=DMARC1; p=quarantine", fixed="v=DMARC1; p=reject", config=_CONFIG,
    reports=f'p = "quarantine"\n{_READY}',
)  # fmt: skip
ready.good("v=DMARC1; p=none", reports=_READY)  # nothing is declared
ready.good("v=DMARC1; p=none", config=_CONFIG)  # no reports
ready.good("v=DMARC1; p=none", config=_CONFIG, reports=f"days = 13\n{_READY}")
ready.good("v=DMARC1; p=quarantine", config=_CONFIG, reports=_READY)  # they show p=none
ready.good(
    "v=DMARC1; p=none",
    config=_CONFIG,
    reports="""
    rows = [
        { from = "192.0.2.1", messages = 90 },
        { from = "203.0.113.66", messages = 10, spf = "fail" },
    ]
    """,
)
ready.good("v=DMARC1; p=reject", config=_CONFIG, reports=f'p = "reject"\n{_READY}')
