"""DMARC110: no address for aggregate reports."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.change import Ground, Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.dmarc.support.declared import authorise_first, is_parked, is_silent
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC110",
    "dmarc-no-reports",
    Severity.WARNING,
    on=Dmarc,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §5.1.3",
    when={"without:rua"},
    role=Role.SUPPLIES,
    ground=Ground.DECLARED,
    remains_of=["DMARC101"],
    step=Step.DMARC,
)
def no_reports(dmarc: Dmarc) -> Iterator[Found]:
    """The record does not request aggregate reports.

    What it finds
        A record without `rua`. The address that zonelint.toml declares is proposed. Only an info
        where nothing in the zone sends or receives mail, or the domain is declared to have none.
    Why it matters
        Nobody learns who sends as the domain, which legitimate mail fails, or when the policy can
        be strengthened.
    Example
        `v=DMARC1; p=none`
    Use instead
        `v=DMARC1; p=none; rua=mailto:dmarc@example.com`
    References
        RFC 9989 §4.7, §5.1.3, §5.1.5
    """
    if dmarc.ast.has("rua") or dmarc.cut_off is not None:
        return
    rua = dmarc.context.dmarc_declared(dmarc.domain).rua
    tag = f"rua={','.join(rua)}"
    parked = dmarc.domain is not None and is_parked(dmarc.zone, dmarc.domain)
    yield dmarc.whole(
        "The record has no `rua`, so no receiver reports who sends as the domain and what fails",
        f"Add {tag}.{authorise_first(dmarc.context, dmarc.domain)}"
        if rua and dmarc.domain
        else "Add `rua=mailto:` and an address of yours that receives the reports.",
        change=dmarc.rewrite(dmarc.ast.appending(tag), "reports to the declared address")
        if rua
        else None,
        severity=Severity.INFO if parked or is_silent(dmarc.zone) else None,
    )


no_reports.bad(
    zone='_dmarc TXT "v=DMARC1; p=none"',
    config="""
    [domains."example.com".dmarc]
    rua = ["mailto:dmarc@example.com"]
    """,
    fixed='_dmarc TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.com"',
)
no_reports.bad(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; p=reject"
    shop MX 10 mail
    """,
    config='parked = ["example.com"]',
)
no_reports.bad("v=DMARC1; p=reject", "v=DMARC1; p=none; ruf=mailto:f@example.com")
no_reports.good("v=DMARC1; p=none; rua=mailto:d@example.com", "v=DMARC1; p=none; rua=d@example.com")
no_reports.good(zone='example.net._report._dmarc TXT "v=DMARC1"')
no_reports.bad(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; p=reject"
    """
)
