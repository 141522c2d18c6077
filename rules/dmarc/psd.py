"""DMARC109: `psd=y` on a domain that is no public suffix."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.mail.organisation import is_suffix
from zonelint.rules.model.subjects import Dmarc, DomainPolicy


@rule(
    "DMARC109",
    "dmarc-psd",
    Severity.ERROR,
    on=DomainPolicy,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.7",
    when={"psd=y"},
    step=Step.DMARC,
)
def psd(dmarc: Dmarc) -> Iterator[Found]:
    """A domain declares itself a public suffix and is not one.

    What it finds
        `psd=y` on a name that is not in the public suffix list.
    Why it matters
        Receivers then treat every name directly below as a separate organisation: mail from
        subdomains is no longer aligned with the domain, and fails DMARC.
    Example
        `_dmarc.example.com. TXT "v=DMARC1; p=reject; psd=y"`
    Use instead
        `_dmarc.example.com. TXT "v=DMARC1; p=reject"`
    References
        RFC 9989 §4.7, §4.10.2, §5.2
    """
    tag = dmarc.ast.tag("psd")
    if tag is None or dmarc.ast.psd != "y" or dmarc.domain is None or is_suffix(dmarc.domain):
        return
    yield dmarc.at(
        tag,
        f"`{tag.text}` is for public suffixes such as co.uk, and {without_dot(dmarc.domain)} is "
        "not one, so its subdomains count as separate organisations and their mail fails DMARC",
        "Remove it.",
        change=dmarc.rewrite(dmarc.ast.without("psd"), "the domain is not a public suffix"),
    )


psd.bad("v=DMARC1; p=reject; psd=y", "v=DMARC1; psd=y; p=reject; psd=y", fixed="v=DMARC1; p=reject")
psd.good("v=DMARC1; p=reject; psd=n", "v=DMARC1; p=reject; psd=u", "v=DMARC1; p=reject; psd=yes")
