"""SPF206: `redirect` beside `all`."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, Tells, rule
from zonelint.rules.model.subjects import Spf


@rule(
    "SPF206",
    "spf-redirect-ignored",
    Severity.WARNING,
    on=Spf,
    fix=Fix.SAFE,
    section="RFC 7208 §6.1",
    when={"redirect-with-all"},
    step=Step.SPF,
    explains=["spf"],
    tells=Tells.IGNORED,
)
def redirect_ignored(spf: Spf) -> Iterator[Found]:
    """A `redirect` is ignored because the record has `all`.

    What it finds
        The modifier `redirect` in a record with the mechanism `all`, in whatever order.
    Why it matters
        Receivers follow `redirect` only when no mechanism matches, and `all` always does: the
        senders of the other record are not allowed to send.
    Example
        `v=spf1 mx redirect=_spf.example.net -all`
    Use instead
        `v=spf1 mx redirect=_spf.example.net` if the other record is intended, otherwise
        `v=spf1 mx -all`.
    References
        RFC 7208 §5.1, §6.1
    """
    last, redirect = spf.ast.all, spf.ast.redirect
    if last is None or redirect is None:
        return
    yield spf.at(
        redirect,
        f"`{redirect.text}` has no effect beside `{last.text}`, so the senders listed in that "
        "record are not allowed",
        f"Remove `{last.text}` if the redirect is intended, otherwise remove the redirect.",
        change=spf.rewrite(
            # Of several, none is left: the record is to be read by receivers, and say what it says.
            spf.ast.without(*(term for term in spf.ast.modifiers if term.name == "redirect")),
            f"`redirect` is ignored beside `{last.text}`",
            safe=True,
        ),
    )


redirect_ignored.bad("v=spf1 mx redirect=_spf.example.net -all", fixed="v=spf1 mx -all")
redirect_ignored.bad("v=spf1 mx ~all redirect=_spf.example.net", fixed="v=spf1 mx ~all")
redirect_ignored.good("v=spf1 mx redirect=_spf.example.net", "v=spf1 mx -all")
