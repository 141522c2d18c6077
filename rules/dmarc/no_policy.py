"""DMARC006: a record without `p`."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.mail.dmarc_equivalence import without_policy
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC006",
    "dmarc-no-policy",
    Severity.WARNING,
    on=Dmarc,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.7",
    when={"without:p", "fault:unknown-tag"},
    role=Role.MENDS,
    step=Step.DMARC,
    explains=["dmarc-missing"],
)
def no_policy(dmarc: Dmarc) -> Iterator[Found]:
    """The record has no policy, or one that some receivers do not see.

    What it finds
        A DMARC record without the tag `p`, or with the tag written `P`.
    Why it matters
        The record counts as `p=none` where it has an address for reports, whatever `sp` and `np`
        say, and as no DMARC at all where it has none. Receivers that follow the older standard may
        ignore it altogether. Tag names are lower case (RFC 6376): software that compares them
        literally sees no `p` in `P=reject`.
    Example
        `v=DMARC1; rua=mailto:dmarc@example.com`
    Use instead
        `v=DMARC1; p=none; rua=mailto:dmarc@example.com`
    References
        RFC 9989 §4.7, §4.10.1; RFC 7489 §6.3; RFC 6376 §3.2
    """
    record = dmarc.ast
    written = record.tag("p")
    if written is not None and written.text.startswith("P"):
        place = (written.start, written.start + 1)
        yield dmarc.at(
            place,
            "The policy tag is written `P`, and receivers that compare tag names "
            "case-sensitively see no policy",
            "Write p.",
            change=dmarc.rewrite(
                record.replacing(written, f"p{written.text[1:]}"), "the policy tag in lower case"
            ),
        )
        return
    if record.has("p") or record.has("") or dmarc.cut_off is not None:
        return  # text that is no tag may have been meant as p; the syntax rule tells it
    text = record.inserting_after("v", "p=none")
    yield dmarc.whole(
        f"The record has no `p`, so {without_policy(record)}",
        "State what should happen to mail that fails: `p=none` to begin with.",
        change=dmarc.rewrite(text, "the policy stated explicitly"),
    )


no_policy.bad(
    "v=DMARC1; rua=mailto:d@example.com", fixed="v=DMARC1; p=none; rua=mailto:d@example.com"
)
no_policy.bad("v=DMARC1", fixed="v=DMARC1; p=none")
no_policy.bad("v=DMARC1;", fixed="v=DMARC1; p=none;")
no_policy.bad("v=DMARC1; sp=reject", fixed="v=DMARC1; p=none; sp=reject")
no_policy.bad("v=DMARC1; P=none", fixed="v=DMARC1; p=none")
no_policy.good("v=DMARC1; p=none", "v=DMARC1; p-none", "v=DMARC1; p=")
no_policy.good(zone='example.net._report._dmarc TXT "v=DMARC1"')
no_policy.good(zone='*._report._dmarc CNAME leave\nleave TXT "v=DMARC1"\n')
no_policy.bad(zone='*._report._dmarc CNAME leave\n_dmarc CNAME leave\nleave TXT "v=DMARC1"\n')
