"""SPF205: mechanisms behind `all`."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, Tells, rule
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.merging import further


@rule(
    "SPF205",
    "spf-after-all",
    Severity.WARNING,
    on=Spf,
    fix=Fix.SAFE,
    section="RFC 7208 §5.1",
    when={"after-all"},
    step=Step.SPF,
    explains=["spf"],
    tells=Tells.IGNORED,
)
def after_all(spf: Spf) -> Iterator[Found]:
    """A mechanism after `all`, where no receiver evaluates it.

    What it finds
        Every mechanism after the first `all`, including a second `all`. Modifiers may appear
        anywhere.
    Why it matters
        `all` always matches, so receivers never reach the terms after it: a sender that is listed
        there is not allowed to send.
    Example
        `v=spf1 mx -all include:_spf.example.net`
    Use instead
        `v=spf1 mx include:_spf.example.net -all` if the sender is intended, otherwise
        `v=spf1 mx -all`.
    References
        RFC 7208 §5.1
    """
    last = spf.ast.all
    if last is None:
        return
    end = min(further(spf.ast), default=len(spf.value))  # a second record there is SPF001
    ignored = [term for term in spf.ast.mechanisms if last.start < term.start < end]
    if not ignored:
        return
    change = spf.rewrite(
        spf.ast.without(*ignored), "receivers ignore everything after `all`", safe=True
    )
    for term in ignored:
        yield spf.at(
            term,
            f"`{term.text}` is after `{last.text}`, where receivers stop reading, so it has no "
            "effect",
            f"Move it before `{last.text}` if it is intended, otherwise remove it.",
            change=change,
        )


after_all.bad("v=spf1 mx -all include:_spf.example.net", fixed="v=spf1 mx -all")
after_all.bad("v=spf1 mx ~all -all", fixed="v=spf1 mx ~all")
after_all.bad(
    "v=spf1 -all a mx exp=e.example.com ip4:192.0.2.1", fixed="v=spf1 -all exp=e.example.com"
)
after_all.good("v=spf1 mx -all v=spf1 a -all", "v=spf1 mx -all", "v=spf1 mx -all exp=e.example.com")
