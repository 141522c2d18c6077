"""SPF204: an `all` that does not go with the declared stage."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.spf.record import Qualifier
from zonelint.rules.config.declaration import SpfStage
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.gates import intent_is_declared
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.model.declaring import declared_at
from zonelint.rules.model.subjects import Spf


@rule(
    "SPF204",
    "spf-softfail",
    Severity.INFO,
    on=Spf,
    needs=Needs.TEXT | Needs.INTENT,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §5.1, §8.5",
    when={"all:softfail", "all:fail"},
    given=intent_is_declared,
    step=Step.SPF,
)
def softfail(spf: Spf) -> Iterator[Found]:
    """The record does not end as the declared stage of the domain requires.

    What it finds
        `~all` where zonelint.toml says `spf = "final"`, and `-all` where it says
        `spf = "transition"`. Only the way to `-all` is offered as a change: the declaration may be
        out of date, and PHASE002 would warn of the weaker record.
    Why it matters
        `~all` accepts mail from unlisted hosts with a mark; once all senders are known, it only
        helps forgers. `-all` before that causes legitimate mail to be refused.
    Example
        `v=spf1 mx ~all` with `spf = "final"`
    Use instead
        `v=spf1 mx -all`
    References
        RFC 7208 §5.1, §8.5; RFC 7208 §2.6.5
    """
    domain = declared_at(spf.zone, spf.owner)
    if domain is None or domain.spf is None or not spf.is_alone:
        return
    term = spf.ast.all
    if term is None:
        return
    if domain.spf is SpfStage.FINAL and term.qualifier is Qualifier.SOFTFAIL:
        yield spf.at(
            term,
            f"`{term.text}` lets mail from unlisted hosts through with a mark, although all "
            f"senders of {spf.dotless} are declared to be known",
            "End the record with `-all`.",
            change=spf.rewrite(spf.ast.replacing(term, "-all"), "all senders are known"),
        )
    elif domain.spf is SpfStage.TRANSITION and term.qualifier is Qualifier.FAIL:
        yield spf.at(
            term,
            f"`{term.text}` causes mail from unlisted hosts to be refused, although {spf.dotless} "
            "is declared to be still in transition",
            'Declare `spf = "final"` if every sender is listed; end the record with `~all` if not.',
        )


_FINAL = '[domains."example.com"]\nspf = "final"\n'
_TRANSITION = '[domains."example.com"]\nspf = "transition"\n'

softfail.bad("v=spf1 mx ~all", config=_FINAL, fixed="v=spf1 mx -all")
softfail.bad("v=spf1 mx -all", config=_TRANSITION)
softfail.bad(
    zone="""
    www TXT "v=spf1 mx ~all"
    """,
    config='[domains."*.example.com"]\nspf = "final"\n',
    fixed="""
    www TXT "v=spf1 mx -all"
    """,
)
softfail.good("v=spf1 mx -all", "v=spf1 mx ?all", "v=spf1 redirect=a.example.com", config=_FINAL)
softfail.good("v=spf1 mx ~all", config=_TRANSITION)
softfail.good("v=spf1 mx ~all", "v=spf1 mx -all")
softfail.good("v=spf1 -all", config='[domains."example.com"]\nprofile = "parked"\n')
softfail.good(
    zone="""
    @ TXT "v=spf1 include:_spf.example.com -all"
    _spf TXT "v=spf1 mx ~all"
    """,
    config='[domains."example.com"]\nspf = "final"\n[domains."*.example.com"]\nspf = "final"\n',
)
