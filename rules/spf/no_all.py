"""SPF203: the record has neither ``all`` nor ``redirect``."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.finding import Found, Severity
from zonelint.rules.rule import Fix, rule
from zonelint.rules.subjects import Spf


@rule(
    "SPF203",
    "spf-no-all",
    Severity.WARNING,
    on=Spf,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §4.7",
    when={"no-all"},
)
def no_all(spf: Spf) -> Iterator[Found]:
    """The record does not say what happens to hosts that it does not list.

    What it finds
        A record with neither the mechanism `all` nor the modifier `redirect`.
    Why it matters
        Hosts that no term matches are then neutral, as if there were no record: anybody can send
        as the domain.
    Example
        `v=spf1 mx include:_spf.example.net`
    Use instead
        `v=spf1 mx include:_spf.example.net ~all`, and `-all` once every sender is listed.
    References
        RFC 7208 §4.7, §5.1
    """
    if "no-all" not in spf.features:
        return
    ending = "~all" if spf.ast.mechanisms else "-all"
    yield spf.whole(
        "The record does not end in all, so hosts that it does not list are neither allowed nor "
        f"refused and anybody can send as {spf.spoken}",
        f"End the record in {ending}.",
        change=spf.rewrite(spf.ast.appending(ending), "unlisted hosts no longer count as neutral"),
    )


no_all.bad("v=spf1 mx", fixed="v=spf1 mx ~all")
no_all.bad("v=spf1", fixed="v=spf1 -all")
no_all.bad("v=spf1 mx exp=e.example.com", fixed="v=spf1 mx exp=e.example.com ~all")
no_all.good("v=spf1 mx -all", "v=spf1 redirect=_spf.example.net", "v=spf1 mx ?ALL")
