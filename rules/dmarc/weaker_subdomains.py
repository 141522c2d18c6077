"""DMARC103: subdomains that are protected less than the domain."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.mail.dmarc_discovery import covering
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC103",
    "dmarc-weaker-subdomains",
    Severity.WARNING,
    on=Dmarc,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.7",
    when={"sp", "np"},
)
def weaker_subdomains(dmarc: Dmarc) -> Iterator[Found | Unknown]:
    """Subdomains have a weaker policy than the domain.

    What it finds
        `sp` or `np` weaker than `p`. Below the organisational domain, where receivers ignore the
        two, DMARC104 reports them.
    Why it matters
        Anyone who cannot forge the domain forges a subdomain instead, even one that does not exist.
    Example
        `v=DMARC1; p=reject; sp=none`
    Use instead
        `v=DMARC1; p=reject`
    References
        RFC 9989 §4.7, §4.10.1
    """
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
