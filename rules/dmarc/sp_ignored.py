"""DMARC104: `sp` or `np` where receivers ignore them."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.mail.dmarc_discovery import covering
from zonelint.rules.mail.dmarc_equivalence import is_harmless_below
from zonelint.rules.mail.organisation import by_suffix
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC104",
    "dmarc-sp-ignored",
    Severity.WARNING,
    on=Dmarc,
    needs=Needs.ZONE,
    fix=Fix.SAFE,
    section="RFC 9989 §4.7",
    when={"sp", "np"},
)
def sp_ignored(dmarc: Dmarc) -> Iterator[Found | Unknown]:
    """A record below the organisational domain has a policy for subdomains.

    What it finds
        `sp` or `np` in the record of a domain that is not an organisational domain. A record that
        an alias leads to may be that of other domains as well and is passed over.
    Why it matters
        Receivers look for the policy of a subdomain at its own name and at the organisational
        domain, never in between: the tag has no effect, and the names below may have less
        protection than it seems.
    Example
        `_dmarc.shop.example.com. TXT "v=DMARC1; p=reject; sp=reject"` below a record of
        `example.com`
    Use instead
        `_dmarc.shop.example.com. TXT "v=DMARC1; p=reject"`, with `sp` in the record of
        `example.com`
    References
        RFC 9989 §4.7 (sp), §4.10.1
    """
    record = dmarc.ast
    domain = dmarc.domain
    tags = [tag for tag in record.tags if tag.name in ("sp", "np") and tag.sound]
    if not tags or domain is None or dmarc.is_behind:
        return
    cover = covering(dmarc.context, domain)
    if cover.organisation is None:
        yield dmarc.unknown(*cover.missing)
    if cover.organisation in (None, domain):
        return
    text = record.without(*tags)
    change = dmarc.rewrite(
        text,
        "receivers ignore the tag here",
        safe=by_suffix(domain) != domain and is_harmless_below(record, text),
    )
    for tag in tags:
        yield dmarc.at(
            tag,
            f"`{tag.text}` has no effect here: names below {without_dot(domain)} are covered by "
            f"the record of {without_dot(cover.organisation)}",
            "Remove it; the policy for subdomains is published at "
            f"_dmarc.{without_dot(cover.organisation)}.",
            change=change,
        )


sp_ignored.bad(
    zone="""
    _dmarc TXT "v=DMARC1; p=reject"
    _dmarc.shop TXT "v=DMARC1; p=none; sp=reject; np=reject; adkim=s"
    """,
    fixed="""
    _dmarc TXT "v=DMARC1; p=reject"
    _dmarc.shop TXT "v=DMARC1; p=none; adkim=s"
    """,
)
sp_ignored.good("v=DMARC1; p=reject; sp=none; np=reject")
sp_ignored.good(
    zone="""
    _dmarc TXT "v=DMARC1; p=reject"
    _dmarc.shop TXT "v=DMARC1; p=reject; psd=n; sp=none"
    _dmarc.team TXT "v=DMARC1; p=reject"
    """
)
sp_ignored.good(
    zone="""
    _dmarc CNAME policy
    _dmarc.shop CNAME policy
    policy TXT "v=DMARC1; p=reject; sp=reject"
    """
)
sp_ignored.good(zone='_dmarc.shop TXT "v=DMARC1; p=reject; sp=none"')
