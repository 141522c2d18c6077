"""The house rules of Acme, for zonelint."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.facts import Fact
from zonelint.rules.finding import Found, Severity
from zonelint.rules.rule import Fix, Needs, Step, rule
from zonelint.rules.subjects import Dmarc, MailZone, selector_of

OURS = "mailto:dmarc@acme.example"


@rule(
    "ACME001",
    "acme-reports-come-home",
    Severity.WARNING,
    on=Dmarc,
    fix=Fix.PROPOSAL,
    section="Acme's mail handbook, page 12",
    when={"rua"},
    step=Step.DMARC,
)
def reports_come_home(dmarc: Dmarc) -> Iterator[Found]:
    """The reports go to others only, and not to Acme's own mailbox.

    What it finds
        A DMARC record whose `rua` does not name `mailto:dmarc@acme.example`.
    Why it matters
        The service that reads our reports may be another one next year. What came home stays.
    Example
        `v=DMARC1; p=none; rua=mailto:acme@reports.example`
    Use instead
        `v=DMARC1; p=none; rua=mailto:acme@reports.example,mailto:dmarc@acme.example`
    References
        Acme's mail handbook, page 12
    """
    addresses = [uri.uri for uri in dmarc.ast.rua]
    tag = dmarc.ast.tag("rua")
    if tag is None or not addresses or OURS in addresses:
        return
    more = dmarc.ast.replacing(tag, f"rua={','.join([*addresses, OURS])}")
    yield dmarc.at(
        tag,
        f"The reports of {dmarc.domain} go to others only, so Acme cannot look back at them",
        f"Add {OURS}.",
        change=dmarc.rewrite(more, "reports come home as well"),
    )


reports_come_home.bad(
    "v=DMARC1; p=none; rua=mailto:acme@reports.example",
    fixed="v=DMARC1; p=none; rua=mailto:acme@reports.example,mailto:dmarc@acme.example",
)
reports_come_home.good(
    "v=DMARC1; p=none; rua=mailto:dmarc@acme.example",
    "v=DMARC1; p=none",  # DMARC110 says what there is to say
)


@rule(
    "ACME002",
    "acme-selector-taken",
    Severity.INFO,
    on=MailZone,
    needs=Needs.ZONE,
    section="Acme's mail handbook, page 14",
)
def selector_taken(zone: MailZone) -> Iterator[Found]:
    """A selector of DKIM has the name of a selector in another domain.

    What it finds
        A DKIM selector whose name another domain of Acme's zones uses as well, whichever zone that
        stands in.
    Why it matters
        Our signers keep their keys by selector alone: two of one name sign with the same key.
    Example
        `s1._domainkey` and `s1._domainkey.news`
    Use instead
        `s1._domainkey` and `s2._domainkey.news`
    References
        Acme's mail handbook, page 14
    """
    first: dict[str, str] = {}
    for selector, owner in zone.context.facts(SELECTORS):
        first.setdefault(selector, owner)
    for selector, owner in _selectors_of(zone):
        if first[selector] != owner:
            yield zone.at(
                zone.zone.table("TXT")[owner].records[0],
                f"The selector {selector} is also the one of {first[selector]}, so both would sign "
                "with one key",
                "Give the selector a name that no other domain has.",
            )


def _selectors_of(zone: MailZone) -> Iterator[tuple[str, str]]:
    """The selectors of a zone's own keys, each with its owner."""
    for owner in zone.zone.table("TXT"):
        selector, _domain = selector_of(owner)
        if selector is not None:
            yield selector, owner


SELECTORS = Fact("acme.selectors", _selectors_of)
"""What the rule has to know of every zone: it is gathered from each zone's text alone."""

selector_taken.bad(
    zone="""
    s1._domainkey TXT "v=DKIM1; p="
    s1._domainkey.news TXT "v=DKIM1; p="
    """
)
selector_taken.good(
    zone="""
    s1._domainkey TXT "v=DKIM1; p="
    s2._domainkey.news TXT "v=DKIM1; p="
    """
)
