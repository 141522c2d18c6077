"""DMARC102: a policy of none."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.tags.dmarc import Policy
from zonelint.rules.config.declaration import DmarcTarget
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.dmarc.support.declared import is_parked, is_silent
from zonelint.rules.evidence.evidence import Ready
from zonelint.rules.evidence.readiness import describe_missing, published, readiness
from zonelint.rules.model.subjects import Dmarc, DomainPolicy


@rule(
    "DMARC102",
    "dmarc-monitor-only",
    Severity.INFO,
    on=DomainPolicy,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §5.1.7",
    when={"p=none"},
)
def monitor_only(dmarc: Dmarc) -> Iterator[Found]:
    """The policy is none: mail that fails DMARC is delivered anyway.

    What it finds
        `p=none`, unless zonelint.toml declares that the domain is to stay there, or has no mail:
        then PARK001 tells what it lacks.
    Why it matters
        It is the right first phase, but it protects nobody: receivers only report who sends as the
        domain.
    Example
        `v=DMARC1; p=none; rua=mailto:dmarc@example.com`
    Use instead
        `v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com`, once the reports of two weeks show
        that all good mail passes, and `p=reject` after that. The next phase is proposed once the
        reports of the run allow it.
    References
        RFC 9989 §4.7, §5.1.5 to §5.1.7
    """
    tag = dmarc.ast.tag("p")
    if tag is None or dmarc.ast.p is not Policy.NONE:
        return
    if dmarc.context.dmarc_declared(dmarc.domain).target is DmarcTarget.NONE:
        return
    if dmarc.domain is not None and is_parked(dmarc.zone, dmarc.domain):
        return
    message = f"`{tag.text}` only monitors: mail that fails DMARC is delivered anyway"
    advice, may_go_on = _advice(dmarc)
    change = None
    if may_go_on:
        change = dmarc.rewrite(dmarc.ast.replacing(tag, "p=quarantine"), "the second phase")
    yield dmarc.at(tag, message, advice, change=change)


def _advice(dmarc: Dmarc) -> tuple[str, bool]:
    """What to do, and whether the reports of this run allow the next phase."""
    evidence, domain = dmarc.context.evidence, dmarc.domain
    if is_silent(dmarc.zone):
        return "Nothing in the zone sends or receives mail: go on to p=reject.", False
    if evidence is None or domain is None:
        return (
            "Read the reports, and name their folder as `reports` in zonelint.toml: once all good "
            "mail passes, go on to p=quarantine.",
            False,
        )
    found = readiness(evidence.domain(domain), domain, dmarc.context, published(dmarc.ast, domain))
    if isinstance(found, Ready):
        return "All good mail passes in the reports; go on to p=quarantine.", True
    return f"Stay there for now: {describe_missing(found.missing)}.", False


monitor_only.bad("v=DMARC1; p=none; rua=mailto:d@example.com")
monitor_only.bad(
    "v=DMARC1;p=NONE",
    fixed="v=DMARC1;p=quarantine",
    reports="""
    rows = [{ from = "192.0.2.1", messages = 99, dkim = "s1" }]
    """,
)
monitor_only.bad(
    zone="""
    _dmarc CNAME policy
    policy TXT "v=DMARC1; p=none"
    """
)
monitor_only.good("v=DMARC1; p=quarantine; sp=none", "v=DMARC1", "v=DMARC1; p=nome")
monitor_only.bad(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"
    """
)
monitor_only.good(
    zone='_dmarc TXT "v=DMARC1; p=none"',
    config="""
    [domains."example.com"]
    profile = "parked"
    """,
)
monitor_only.good(
    zone='_dmarc TXT "v=DMARC1; p=none"',
    config="""
    [domains."example.com".dmarc]
    target = "none"
    """,
)
