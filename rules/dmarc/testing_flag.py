"""DMARC108: an enforcing policy that is only being tested."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.tags.dmarc import Policy
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC108",
    "dmarc-testing-flag",
    Severity.WARNING,
    on=Dmarc,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.7",
    when={"t=y"},
    step=Step.DMARC,
)
def testing_flag(dmarc: Dmarc) -> Iterator[Found]:
    """The policy is declared to be a test.

    What it finds
        `t=y` in a record whose `p`, `sp` or `np` is quarantine or reject.
    Why it matters
        Receivers that follow RFC 9989 apply one level less: reject becomes quarantine, and
        quarantine becomes none. Older receivers do not know the tag and apply the policy in full.
    Example
        `v=DMARC1; p=reject; t=y`
    Use instead
        `v=DMARC1; p=reject`, or `v=DMARC1; p=quarantine` while that is what you want.
    References
        RFC 9989 §4.7, Appendix A.6
    """
    record = dmarc.ast
    tag = record.tag("t")
    strongest = max(
        (policy for policy in (record.p, record.sp, record.np) if policy is not None),
        key=lambda policy: policy.rank,
        default=Policy.NONE,
    )
    if tag is None or record.t != "y" or strongest is Policy.NONE:
        return
    text = record.without("t")
    yield dmarc.at(
        tag,
        f"`{tag.text}` says that the policy is only a test, so newer receivers treat {strongest} "
        f"as {strongest.one_lower} and older ones apply it in full",
        "Remove it once the test is over.",
        change=dmarc.rewrite(text, "the policy is in force"),
    )


testing_flag.bad("v=DMARC1; p=reject; t=y", fixed="v=DMARC1; p=reject")
testing_flag.bad("v=DMARC1; p=none; t=Y; sp=quarantine", fixed="v=DMARC1; p=none; sp=quarantine")
testing_flag.bad("v=DMARC1; p=reject; t=y; t=y", fixed="v=DMARC1; p=reject")
testing_flag.good("v=DMARC1; p=none; t=y", "v=DMARC1; p=reject; t=n", "v=DMARC1; p=reject; t=yes")
