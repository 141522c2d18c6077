"""SPF203: the record has neither `all` nor `redirect`."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.spf.record import Invalid
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.left_over import cautious_end, declared_end
from zonelint.rules.spf.support.parts import is_part
from zonelint.rules.spf.support.pieces import is_cut
from zonelint.rules.spf.support.spaces import listed_families


@rule(
    "SPF203",
    "spf-no-all",
    Severity.WARNING,
    on=Spf,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §4.7",
    when={"no-all"},
    step=Step.SPF,
)
def no_all(spf: Spf) -> Iterator[Found]:
    """The record does not say what happens to hosts that it does not list.

    What it finds
        A record with neither the mechanism `all` nor the modifier `redirect`. Not at names with an
        underscore, whose records others include: there the last term decides nothing. Nor where
        networks list every address of both families.
    Why it matters
        Hosts that no term matches get neutral, as if there were no record: anybody can send as the
        domain.
    Example
        `v=spf1 mx include:_spf.example.net`
    Use instead
        `v=spf1 mx include:_spf.example.net ~all`, and `-all` once every sender is listed.
    References
        RFC 7208 §4.7, §5.1
    """
    if "no-all" not in spf.features or _may_be_misspelt(spf) or is_part(spf) or is_cut(spf):
        return
    listed = listed_families(spf)
    if len(listed) == 2:
        return
    hosts = "hosts" if not listed else "IPv6 hosts" if 4 in listed else "IPv4 hosts"
    who = "anybody" if not listed else "they"
    ending = cautious_end(spf) if spf.ast.mechanisms else declared_end(spf)
    yield spf.whole(
        f"The record does not end with `all`, so {hosts} that it does not list are neither allowed "
        f"nor refused and {who} can send as {spf.dotless}",
        f"End the record with `{ending}`."
        if spf.ast.mechanisms
        else f"List the hosts that send, and end the record with `{ending}`.",
        change=spf.rewrite(spf.ast.appending(ending), "unlisted hosts no longer count as neutral")
        if spf.ast.mechanisms or not spf.zone.receives(spf.owner)
        else None,
    )


def _may_be_misspelt(spf: Spf) -> bool:
    """Whether the end of the record is broken, and may have been meant as `all`: SPF001."""
    last = spf.ast.terms[-1] if spf.ast.terms else None
    return (isinstance(last, Invalid) and not last.names) or any(
        hint.suggestion is not None and hint.suggestion.endswith("all") for hint in spf.ast.hints
    )


no_all.bad("v=spf1 mx", fixed="v=spf1 mx ~all")
no_all.bad("v=spf1", fixed="v=spf1 -all")
no_all.bad(
    zone="""
    @ TXT "v=spf1 mx"
    """,
    before="""
    @ TXT "v=spf1 mx -all"
    """,
    fixed="""
    @ TXT "v=spf1 mx -all"
    """,
)
no_all.bad(
    zone="""
    @ MX 10 mail.example.net.
    @ TXT "v=spf1"
    """
)
no_all.bad("v=spf1", config='[domains."example.com"]\nspf = "transition"\n', fixed="v=spf1 ~all")
no_all.bad("v=spf1 mx exp=e.example.com", fixed="v=spf1 mx exp=e.example.com ~all")
no_all.bad(
    zone="""
    @ TXT "v=spf1 redirect=_spf.example.com"
    _spf TXT "v=spf1 mx:example.com"
    """,
    fixed="""
    @ TXT "v=spf1 redirect=_spf.example.com"
    _spf TXT "v=spf1 mx:example.com ~all"
    """,
)
no_all.good(
    "v=spf1 ip4:192.0.2.1 -ip4:0.0.0.0/0 -ip6:::/0",
    "v=spf1 mx -a11",
    "v=spf1 include:_spf.example.net-all",
)
no_all.good(
    zone="""
    @ TXT "v=spf1 include:_spf.example.com -all"
    _spf TXT "v=spf1 ip4:203.0.113.7"
    """
)
no_all.good("v=spf1 mx -all", "v=spf1 redirect=_spf.example.net", "v=spf1 mx ?ALL")
