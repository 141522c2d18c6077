"""SPF305: a modifier that no RFC defines."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import FaultKind
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import rule
from zonelint.rules.model.subjects import Spf


@rule(
    "SPF305",
    "spf-unknown-modifier",
    Severity.INFO,
    on=Spf,
    section="RFC 7208 §6",
    when={"unknown-modifier"},
)
def unknown_modifier(spf: Spf) -> Iterator[Found]:
    """A modifier that no RFC defines, which receivers ignore.

    What it finds
        A term of the form `name=value` whose name is none of `redirect`, `exp` (RFC 7208) and `ra`,
        `rp`, `rr` (RFC 6652). A name that resembles a known one is pointed out.
    Why it matters
        Receivers ignore it silently: what was intended does not happen.
    Example
        `v=spf1 mx redirct=_spf.example.net`
    Use instead
        `v=spf1 mx redirect=_spf.example.net`
    References
        RFC 7208 §6; RFC 6652 §3
    """
    for hint in spf.ast.hints:
        if hint.kind is FaultKind.UNKNOWN:
            meant = hint.suggestion
            yield spf.at(
                hint,
                hint.message.rstrip("."),
                f"Write {meant} if that is intended, otherwise remove the term."
                if meant
                else "Remove the term, unless you know a receiver that uses it.",
            )


unknown_modifier.bad("v=spf1 mx redirct=_spf.example.net", "v=spf1 mx foo=bar -all")
unknown_modifier.good(
    "v=spf1 redirect=_spf.example.net",
    "v=spf1 mx ra=postmaster -all",
    "v=spf1 exp=e.example.com -all",
)
