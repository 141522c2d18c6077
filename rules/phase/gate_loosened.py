"""PHASE009: a change loosens the gate that judges it."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Needs, rule
from zonelint.rules.model.loosening import Loosening


@rule(
    "PHASE009",
    "phase-gate-loosened",
    Severity.WARNING,
    on=Loosening,
    needs=Needs.CHANGE,
    section="zonelint",
)
def gate_loosened(loosening: Loosening) -> Iterator[Found]:
    """A change loosens the rules that judge it.

    What it finds
        With `--against`, what a change removes from its own gate: a configuration key that lets
        more pass (`select`, `ignore`, `severity`, `per-owner-ignore`, `fail-on`, `baseline`,
        `thresholds`, `min-days` and `min-aligned`), zones and reports that `zones` and `reports` no
        longer name, zones that a view takes which is not public, reports that the change itself
        adds, alters or deletes, entries added to a baseline, `noqa` comments added to records, or
        holding for what they did not silence before, lock entries altered or removed that the base
        has and the zones need. None of it is honoured: the change is judged by what applied before
        it. What it declares (domains, senders, targets, views, new lock entries) comes from the
        change itself. So does a new resource type; one that is read otherwise than before, and a
        zone that gets another name in `resources.zones` or `origins`, is reported, and read as
        before.
    Why it matters
        A change that carries its own permission passes every gate. Anyone who can open a pull
        request could let everybody send as the domain and, in the same step, turn off the rule that
        reports it.
    Example
        `ignore = ["SPF201"]` in the change that publishes `v=spf1 +all`
    Use instead
        A separate change for the configuration, reviewed as such; or `--trust-change=config`
        (`baseline`, `noqa`, `lock`), given by the reviewer of the change.
    References
        The gates are zonelint's own.
    """
    yield Found(
        loosening.owner,
        loosening.type,
        loosening.span,
        f"This change {loosening.what}, which loosens the gate that judges it; {loosening.instead}",
        "Make it a separate change, or have the reviewer of this one accept it with "
        f"`--trust-change={loosening.part.value}`.",
        detail=loosening.detail,
    )


gate_loosened.bad(
    zone="""
    @ TXT "v=spf1 +all"
    """,
    config='ignore = ["SPF201"]\n',
    config_before="",
)
gate_loosened.bad(
    zone="""
    @ TXT "v=spf1 mx -all"
    """,
    config='[domains."example.com"]\ndmarc.min-days = 1\n',
    config_before='[domains."example.com"]\ndmarc.min-days = 30\n',
)
gate_loosened.good(
    zone="""
    @ TXT "v=spf1 include:_spf.google.com -all"
    """,
    config='[domains."example.com"]\nsenders = ["google-workspace"]\n',
    config_before='[domains."example.com"]\nsenders = []\n',
)
gate_loosened.good(
    zone="""
    @ TXT "v=spf1 mx -all"
    """,
    config='fail-on = "undecided"\n[thresholds]\nnear-lookup-limit = 7\n',
    config_before='ignore = ["SPF203"]\n',
)
