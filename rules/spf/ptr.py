"""SPF207: the mechanism `ptr`."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.left_over import deciding, without_terms


@rule(
    "SPF207",
    "spf-ptr",
    Severity.WARNING,
    on=Spf,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §5.5",
    when={"ptr"},
    step=Step.SPF,
)
def ptr(spf: Spf) -> Iterator[Found]:
    """The record uses `ptr`, which the standard advises against.

    What it finds
        The mechanism `ptr`, with or without a domain.
    Why it matters
        It is slow, it fails whenever the reverse zone of the sending address fails, and some large
        receivers skip it: mail that depends on it is not reliably accepted.
    Example
        `v=spf1 ptr -all`
    Use instead
        `v=spf1 mx ip4:203.0.113.7 -all`: the hosts themselves.
    References
        RFC 7208 §5.5
    """
    terms = [term for term in spf.ast.mechanisms if term.name == "ptr"]
    change = without_terms(spf, terms, "`ptr` should not be used") if terms else None
    for term in terms:
        yield spf.at(
            term,
            f"`{term.text}` depends on the reverse zone of every sending address and should "
            "not be used, so receivers may not treat the mail as authorised",
            deciding("List the hosts with `a`, `mx`, `ip4` or `ip6` instead.", change),
            change=change,
        )


ptr.bad("v=spf1 ptr -all")
ptr.bad("v=spf1 ptr ptr:example.net a -all", fixed="v=spf1 a -all")
ptr.bad("v=spf1 ptr -all", config='[domains."example.com"]\nsenders = []\n', fixed="v=spf1 -all")
ptr.bad("v=spf1 mx ?ptr:example.com ~all", fixed="v=spf1 mx ~all")
ptr.good("v=spf1 mx -all", "v=spf1 include:ptr.example.net -all")
