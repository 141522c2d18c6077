"""SPF108: `exp` that leads to no explanation."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.spf.record import DomainSpec, read_explanation
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Root, Severity, Unknown
from zonelint.rules.core.rule import Needs, Step, rule
from zonelint.rules.mail.macros import target_name
from zonelint.rules.model.answers import Answer
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.trees import judged


@rule(
    "SPF108",
    "spf-exp-target",
    Severity.WARNING,
    on=Spf,
    needs=Needs.DNS,
    section="RFC 7208 §6.2",
    when={"exp"},
    step=Step.SPF,
)
def exp_target(spf: Spf) -> Iterator[Found | Unknown]:
    """The name in `exp` does not have exactly one explanation text.

    What it finds
        An `exp` whose name has no TXT record, several, or one that is not a valid explanation: it
        has non-ASCII characters, or macros that cannot be parsed.
    Why it matters
        Receivers omit the explanation, and a sender that was refused by mistake does not learn what
        to do.
    Example
        `v=spf1 mx -all exp=explain.example.com` where explain.example.com has no TXT.
    Use instead
        `explain.example.com TXT "%{i} may not send mail for %{d}"`
    References
        RFC 7208 §6.2
    """
    exp = spf.ast.exp
    if exp is None or not isinstance(exp.value, DomainSpec) or judged(spf) is None:
        return
    varies, target = target_name(exp.value, spf.owner)
    if varies:
        yield spf.unknown(exp.text)
    elif target is not None:
        answer = spf.context.answers.ask(target, "TXT")
        why = _why(answer)
        if not answer.is_fact:
            yield spf.unknown(answer.missing)
        elif why is not None:
            yield spf.at(
                exp,
                f"{without_dot(target)} {why}, so receivers cannot explain why they refused mail",
                "Publish one TXT record in plain ASCII at that name, or remove `exp`.",
                root=Root(target),
            )


def _why(answer: Answer) -> str | None:
    """What is wrong with the answer; None where it is an explanation."""
    if len(answer.values) != 1:
        return "has several TXT records" if answer.values else "has no TXT record"
    (text,) = answer.values
    if not text.isascii():
        return "has an explanation with non-ASCII characters"
    return (
        None
        if read_explanation(text) is not None
        else "has a TXT record that is not a valid explanation"
    )


exp_target.bad("v=spf1 mx -all exp=explain.example.com")
exp_target.bad(
    zone="""
    @ TXT "v=spf1 mx -all exp=explain.%{d}"
    explain TXT "%{i} may not send for %{d}"
    explain TXT "google-site-verification=abc"
    """
)
exp_target.bad(
    zone="""
    @ TXT "v=spf1 mx -all exp=explain.example.com"
    explain TXT "%{i} darf nicht für %{d} senden"
    """
)
exp_target.bad(
    zone="""
    @ TXT "v=spf1 mx -all exp=explain.example.com"
    explain TXT "%{x} may not send"
    """
)
exp_target.bad(
    "v=spf1 mx -all exp=explain.example.net",
    "v=spf1 mx -all exp=%{i}.explain.example.com",
    undecided=True,
)
exp_target.good(
    zone="""
    @ TXT "v=spf1 mx -all exp=explain.%{d}"
    explain TXT "%{i} may not send for %{d}, see https://%{d}/spf?ip=%{c}&at=%{t}"
    """
)
exp_target.good("v=spf1 mx -all")
