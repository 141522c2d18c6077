"""SPF202: the record ends in `?all`."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.spf.record import Qualifier
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.left_over import cautious_end
from zonelint.rules.spf.support.parts import is_part


@rule(
    "SPF202",
    "spf-neutral-all",
    Severity.WARNING,
    on=Spf,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §5.1",
    when={"all:neutral"},
    step=Step.SPF,
    explains=["spf-entries"],
)
def neutral_all(spf: Spf) -> Iterator[Found]:
    """The record makes no statement about hosts that it does not list.

    What it finds
        A record whose `all` has the qualifier `?`. Not at names with an underscore, whose records
        others include: there the last term decides nothing.
    Why it matters
        Receivers treat neutral exactly as if there were no SPF record, so anybody can send as the
        domain.
    Example
        `v=spf1 mx ?all`
    Use instead
        `v=spf1 mx ~all` while the list of senders may still be incomplete, then `-all`.
    References
        RFC 7208 §5.1, §8.2
    """
    term = spf.ast.all
    if term is not None and term.qualifier is Qualifier.NEUTRAL and not is_part(spf):
        ending = cautious_end(spf)
        later = "" if ending == "-all" else ", and with `-all` once every sender is listed"
        yield spf.at(
            term,
            f"`{term.text}` says nothing about hosts that are not listed, so anybody can send as "
            f"{spf.dotless}",
            f"End the record with `{ending}`{later}.",
            change=spf.rewrite(spf.ast.replacing(term, ending), "unlisted hosts are not neutral"),
        )


neutral_all.bad("v=spf1 mx ?all", fixed="v=spf1 mx ~all")
neutral_all.bad("v=spf1 ip4:192.0.2.1 ?ALL", fixed="v=spf1 ip4:192.0.2.1 ~all")
neutral_all.bad(
    zone="""
    @ TXT "v=spf1 redirect=_spf.%{d}"
    _spf TXT "v=spf1 mx:example.com ?all"
    """,
    fixed="""
    @ TXT "v=spf1 redirect=_spf.%{d}"
    _spf TXT "v=spf1 mx:example.com ~all"
    """,
)
neutral_all.good(
    zone="""
    @ TXT "v=spf1 include:_spf.example.com -all"
    _spf TXT "v=spf1 ip4:203.0.113.7 ?all"
    """
)
neutral_all.bad(
    "v=spf1 mx ?all",
    config='[domains."example.com"]\nspf = "final"\n',
    fixed="v=spf1 mx -all",
)
neutral_all.bad(
    zone="""
    @ TXT "v=spf1 mx ?all"
    """,
    before="""
    @ TXT "v=spf1 mx -all"
    """,
    fixed="""
    @ TXT "v=spf1 mx -all"
    """,
)
neutral_all.good("v=spf1 mx ~all", "v=spf1 mx -all", "v=spf1 ?mx -all")
