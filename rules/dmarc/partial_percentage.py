"""DMARC105: a policy for a part of the mail."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.tags.dmarc import Policy
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, Tells, rule
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC105",
    "dmarc-partial-percentage",
    Severity.WARNING,
    on=Dmarc,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.7",
    when={"pct"},
    step=Step.DMARC,
    explains=["policy"],
    tells=Tells.TIGHTENS,
)
def partial_percentage(dmarc: Dmarc) -> Iterator[Found]:
    """The policy applies to only part of the mail.

    What it finds
        `pct` below 100. An error where `p` is quarantine or reject, because mail is at stake.
    Why it matters
        RFC 9989 removed the tag. Newer receivers ignore it and apply the policy to all mail that
        fails, older ones to that share only: what happens to a message depends on who receives it.
    Example
        `v=DMARC1; p=reject; pct=20`
    Use instead
        `v=DMARC1; p=reject`, once all legitimate mail passes: for newer receivers that policy holds
        already
    References
        RFC 9989 §4.7, Appendix A.6; RFC 7489 §6.3, §6.6.4
    """
    percent = dmarc.ast.pct
    tag = dmarc.ast.tag("pct")
    if tag is None or percent is None or percent >= 100:
        return
    policy = dmarc.ast.p
    enforces = policy is not None and policy is not Policy.NONE
    yield dmarc.at(
        tag,
        f"`{tag.text}` is no longer part of DMARC: newer receivers apply the policy to all mail "
        "that fails, older ones only to that share of it",
        "Remove it once all legitimate mail passes." if enforces else "Remove it.",
        change=dmarc.rewrite(dmarc.ast.without("pct"), "one policy for all mail"),
        severity=Severity.ERROR if enforces else None,
    )


partial_percentage.bad("v=DMARC1; p=reject; pct=20", fixed="v=DMARC1; p=reject")
partial_percentage.bad(
    "v=DMARC1; pct=0; p=none", "v=DMARC1; p=none; pct=0; pct=50", fixed="v=DMARC1; p=none"
)
partial_percentage.good(
    "v=DMARC1; p=reject; pct=100", "v=DMARC1; p=reject; pct=200", "v=DMARC1; p=reject; pct20"
)
