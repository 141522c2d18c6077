"""BIMI001: BIMI records that show no picture."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from zonelint.grammars.tags.transport import is_bimi
from zonelint.grammars.zone import is_below, without_dot
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.mail.dmarc_discovery import covering
from zonelint.rules.mail.tag_faults import report_cut_off, report_faults
from zonelint.rules.model.subjects import Bimi
from zonelint.rules.transport.support.places import KINDS, published_at


@rule(
    "BIMI001", "bimi-record", Severity.WARNING, on=Bimi, fix=Fix.PROPOSAL,
    section="draft-brand-indicators-for-message-identification §4.2",
)  # fmt: skip
def bimi_record(bimi: Bimi) -> Iterator[Found | Unknown]:
    """The BIMI record is invalid, or the domain's DMARC policy rules out a logo.

    What it finds
        A record below `_bimi` that does not start with `v=BIMI1` or whose `l=` is missing or is not
        an https address of a file that ends in `.svg`, and a valid one at a domain whose DMARC
        policy is not quarantine or reject; also where an alias below `_bimi` leads to. An
        empty `l=` says that the domain has no logo, and is right.
    Why it matters
        Mailbox providers show no logo beside the domain's mail.
    Example
        `default._bimi TXT "v=BIMI1; l=http://example.com/logo.svg"`
    Use instead
        `default._bimi TXT "v=BIMI1; l=https://example.com/logo.svg"`
    References
        draft-brand-indicators-for-message-identification §4.2, §7.2
    """
    place = published_at(bimi)
    if place is None:
        return
    effect = "no logo is then shown beside the domain's mail"
    advice = "Write `v=BIMI1; l=` and the https address of the logo."
    if bimi.is_behind and not bimi.value:
        yield bimi.whole(f"The alias leads to no text; {effect}", "Correct the alias.")
        return
    if bimi.cut_off is not None:
        yield from report_cut_off(bimi, effect)
        return
    yield from report_faults(bimi, bimi.ast, KINDS, effect, advice)
    picture = bimi.ast.value("l")
    if picture and not urlsplit(picture).path.lower().endswith((".svg", ".svgz")):
        yield bimi.whole(
            f"The file in `l=` does not end in `.svg`; {effect}",
            "Publish the logo as SVG, and give the address of that file.",
        )
    domain = place.partition("._bimi.")[2]
    if (
        not is_bimi(bimi.value)
        or bimi.ast.declines
        or (place == bimi.owner and not is_below(domain, bimi.zone.origin))
    ):
        return
    cover = covering(bimi.context, domain)
    if not cover.is_known:
        yield bimi.unknown(*cover.missing)
    elif not cover.enforces:
        yield bimi.whole(
            f"The DMARC policy of {without_dot(domain)} is neither quarantine nor reject, so "
            "mailbox providers show no logo beside its mail",
            "Move DMARC to quarantine or reject first.",
        )


_DMARC = '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.com"'

for _wrong, _right in (
    ("v=BIMI1; l=http://example.com/logo.svg", "v=BIMI1; l=https://example.com/logo.svg"),
    ("v=BIMI1; l=example.com/logo.svg", "v=BIMI1; l=https://example.com/logo.svg"),
    ("v=bimi1; l=https://example.com/logo.svg", "v=BIMI1; l=https://example.com/logo.svg"),
    ("l=https://example.com/logo.svg; v=BIMI1", "v=BIMI1; l=https://example.com/logo.svg"),
):
    bimi_record.bad(
        zone=f"""
        {_DMARC}
        default._bimi TXT "{_wrong}"
        """,
        fixed=f"""
        {_DMARC}
        default._bimi TXT "{_right}"
        """,
    )
bimi_record.bad(
    zone=f"""
    {_DMARC}
    default._bimi TXT v=BIMI1; l=https://example.com/logo.svg
    """,
    fixed=f"""
    {_DMARC}
    default._bimi TXT "v=BIMI1; l=https://example.com/logo.svg"
    """,
)
bimi_record.bad(
    zone=f"""
    {_DMARC}
    default._bimi TXT "v=BIMI1; l=https://example.com/logo.png"
    """
)
bimi_record.bad(
    zone=f"""
    {_DMARC}
    default._bimi TXT "v=BIMI1"
    """
)
bimi_record.bad(
    zone=f"""
    {_DMARC}
    default._bimi CNAME logo
    logo TXT "v=BIMI1; l=http://example.com/logo.svg"
    """,
    fixed=f"""
    {_DMARC}
    default._bimi CNAME logo
    logo TXT "v=BIMI1; l=https://example.com/logo.svg"
    """,
)
bimi_record.bad(
    zone="""
    _dmarc TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.com"
    default._bimi TXT "v=BIMI1; l=https://example.com/logo.svg"
    """
)
bimi_record.bad(
    zone="""
    _dmarc CNAME _dmarc.example.net.
    default._bimi TXT "v=BIMI1; l=https://example.com/logo.svg"
    """,
    undecided=True,
)
bimi_record.good(
    zone=f"""
    {_DMARC}
    default._bimi TXT "v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/vmc.pem"
    brand._bimi TXT "v=BIMI1; l=https://example.com/brand.svg; a=;"
    default._bimi.shop TXT "v=BIMI1; l=https://example.com/shop.svg"
    """
)
bimi_record.bad(zone="default._bimi CNAME gone")
bimi_record.bad(zone="default._bimi CNAME logo.example.net.", undecided=True)
bimi_record.good("v=BIMI1; l=; a=;", "v=BIMI1; l=;")
