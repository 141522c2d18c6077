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
    """A change loosens what it is judged by.

    What it finds
        With `--against`, what a change takes from its own gate: a key of a configuration that lets
        more pass (`select`, `ignore`, `severity`, `per-owner-ignore`, `fail-on`, `baseline`,
        `thresholds`, `min-days` and `min-aligned`), zones and reports that `zones` and `reports` no
        longer name, entries added to a baseline, `noqa` comments added to records, or holding for
        what they did not silence before, entries of the lock altered or removed that the base holds
        and the zones ask for. None of it is honoured: the change is judged by what held before it.
        What it declares (domains, senders, targets, views, new entries of the lock) is its own to
        say.
    Why it matters
        A change that carries its own permission passes every gate. Whoever may open a pull request
        could let the world send as the domain, and switch off the rule that says so, in one go.
    Example
        `ignore = ["SPF201"]` in the change that publishes `v=spf1 +all`
    Use instead
        A change of its own for the configuration, reviewed as such; or `--trust-change=config`
        (`baseline`, `noqa`, `lock`) from whoever reviews the change.
    References
        The gates are zonelint's own.
    """
    yield Found(
        loosening.owner,
        loosening.type,
        loosening.span,
        f"This change {loosening.what}, which loosens the gate that judges it; {loosening.instead}",
        "Let it be a change of its own, or have who reviews this one accept it with "
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
