"""DMARC106: tags that have no effect any more."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.dmarc.support.kept import keeps_written
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC106",
    "dmarc-removed-tag",
    Severity.INFO,
    on=Dmarc,
    fix=Fix.SAFE,
    section="RFC 9989 Appendix C.5.2",
    when={"pct=100", "rf", "ri"},
)
def removed_tag(dmarc: Dmarc) -> Iterator[Found]:
    """A tag that the current standard has removed.

    What it finds
        `pct=100`, `rf` and `ri`.
    Why it matters
        They have no effect: the policy applies to all mail anyway, and receivers never honoured the
        others. They only make the record longer.
    Example
        `v=DMARC1; p=reject; pct=100; ri=86400`
    Use instead
        `v=DMARC1; p=reject`
    References
        RFC 9989 Appendix C.5.2
    """
    record = dmarc.ast
    gone = [tag for tag in record.tags if tag.name in ("rf", "ri") or str(tag) == "pct=100"]
    gone = [tag for tag in gone if tag.sound]
    if not gone:
        return
    text = record.without(*gone)
    change = None
    if keeps_written(dmarc.value, text, [tag.name for tag in gone]):
        change = dmarc.rewrite(text, "what receivers ignore is removed", safe=True)
    for tag in gone:
        yield dmarc.at(
            tag,
            f"`{tag.text}` has no effect: RFC 9989 removed the tag `{tag.name}`",
            "Remove it.",
            change=change,
        )


removed_tag.bad(
    "v=DMARC1; p=reject; pct=100; rf=afrf; ri=86400; rua=mailto:d@example.com",
    fixed="v=DMARC1; p=reject; rua=mailto:d@example.com",
)
removed_tag.bad("v=DMARC1;p=none;pct=100;", fixed="v=DMARC1;p=none;")
removed_tag.good("v=DMARC1; p=reject", "v=DMARC1; p=reject; pct=50", "v=DMARC1; p=none; pct100")
