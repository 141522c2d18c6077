"""The house rules of Acme, for zonelint."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.finding import Found, Severity
from zonelint.rules.rule import Fix, rule
from zonelint.rules.subjects import Dmarc

OURS = "mailto:dmarc@acme.example"


@rule(
    "ACME001",
    "acme-reports-come-home",
    Severity.WARNING,
    on=Dmarc,
    fix=Fix.PROPOSAL,
    section="Acme's mail handbook, page 12",
    when={"rua"},
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
