"""DMARC103: subdomains that are protected less than the domain."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.tags.dmarc import Policy, Reading, rank
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.mail.dmarc_discovery import covering, unnamed_below, wildcards
from zonelint.rules.mail.organisation import policy_at
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.subjects import Dmarc, MailZone


@rule(
    "DMARC103",
    "dmarc-weaker-subdomains",
    Severity.WARNING,
    on=Dmarc,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.7",
    when={"sp", "np", "p"},
)
def weaker_subdomains(dmarc: Dmarc) -> Iterator[Found | Unknown]:
    """Subdomains have a weaker policy than the domain.

    What it finds
        `sp` or `np` weaker than `p`. Below the organisational domain, where receivers ignore the
        two, DMARC104 reports them. A record that a wildcard TXT or CNAME gives to names that do not
        exist, and that is weaker than what the organisation's record says of them.
    Why it matters
        Anyone who cannot forge the domain forges a subdomain instead, even one that does not exist.
    Example
        `v=DMARC1; p=reject; sp=none`
    Use instead
        `v=DMARC1; p=reject`
    References
        RFC 9989 §4.7, §4.10.1; RFC 4592 §2.2
    """
    yield from _through_wildcards(dmarc)
    record = dmarc.ast
    policy = record.p
    if policy is None:
        return
    weaker = [
        (name, value, whom)
        for name, value, whom in (
            ("sp", record.sp, "subdomains"),
            ("np", record.np, "names that do not exist"),
        )
        if value is not None and value.rank < policy.rank
    ]
    if not weaker:
        return
    if dmarc.domain is not None:
        cover = covering(dmarc.context, dmarc.domain)
        if cover.is_organisational is None:
            yield dmarc.unknown(*cover.missing)
        if not cover.is_organisational:
            return
    change = dmarc.rewrite(
        record.without(*(name for name, _, _ in weaker)), "one policy for all names"
    )
    for name, value, whom in weaker:
        tag = record.tag(name)
        assert tag is not None
        yield dmarc.at(
            tag,
            f"`{tag.text}` gives {whom} a weaker policy than `p={policy}`, so they can be forged "
            + ("freely" if value.rank == 0 else "more easily"),
            f"Remove `{name}` once mail from {whom} passes too; `{policy}` then applies to them.",
            change=change,
        )


def _through_wildcards(dmarc: Dmarc) -> Iterator[Found]:
    """Names that do not exist get the record at a wildcard, or where its alias leads."""
    if dmarc.domain is not None and not dmarc.zone.zone.table("CNAME"):
        return
    for wildcard in _leading_to(dmarc.zone).get(dmarc.owner, ()):
        name = unnamed_below(wildcard)
        cover = covering(dmarc.context, name)
        held = cover.policy()
        usual = None
        if cover.at == name and cover.organisation not in (None, name):
            usual = policy_at(cover.organisation or name, dmarc.context)[1]
        if usual is None or held is None:
            continue
        effective = usual.effective(Reading.RFC9989)
        wanted = min(effective.subdomains, effective.nonexistent, key=rank)
        if rank(held) < rank(wanted):
            yield dmarc.at(
                dmarc.ast.tag("p") or (0, len(dmarc.value)),
                f"The wildcard {without_dot(wildcard)} gives names that do not exist the policy "
                f"`{held}`, where `{wanted}` would hold, so they can be forged "
                + ("freely" if held is Policy.NONE else "more easily"),
                "Keep DMARC records out of wildcards: the organisation's record covers all names.",
            )


@once_a_zone
def _leading_to(zone: MailZone) -> dict[str, list[str]]:
    """The wildcards by the owner of what they answer with; worked out once a zone."""
    found: dict[str, list[str]] = {}
    for wildcard in dict.fromkeys(wildcards(zone)):
        answer = zone.context.answers.ask(f"_dmarc.{unnamed_below(wildcard)}", "TXT")
        owner = answer.last if answer.aliases else wildcard
        found.setdefault(owner, []).append(wildcard)
    return found


weaker_subdomains.bad("v=DMARC1; p=reject; sp=none", fixed="v=DMARC1; p=reject")
weaker_subdomains.bad(
    "v=DMARC1; p=quarantine; sp=quarantine; np=none; rua=mailto:d@example.com",
    fixed="v=DMARC1; p=quarantine; sp=quarantine; rua=mailto:d@example.com",
)
weaker_subdomains.bad("v=DMARC1; p=reject; sp=quarantine; np=none", fixed="v=DMARC1; p=reject")
weaker_subdomains.good(
    "v=DMARC1; p=none; sp=reject",
    "v=DMARC1; p=quarantine; sp=quarantine; np=reject",
    "v=DMARC1; p=reject; sp=nome",
)
weaker_subdomains.good(
    zone="""
    _dmarc TXT "v=DMARC1; p=reject"
    _dmarc.shop TXT "v=DMARC1; p=reject; sp=none"
    """
)
weaker_subdomains.bad(
    zone="""
    _dmarc TXT "v=DMARC1; p=reject"
    *.www TXT "v=DMARC1; p=none"
    """
)
weaker_subdomains.bad(
    zone="""
    _dmarc TXT "v=DMARC1; p=reject"
    * CNAME d
    d TXT "v=DMARC1; p=quarantine"
    """
)
weaker_subdomains.good(
    zone="""
    _dmarc TXT "v=DMARC1; p=quarantine"
    * TXT "v=spf1 -all"
    *.www TXT "v=DMARC1; p=reject"
    *.shop TXT "v=DMARC1; p=quarantine"
    """
)
