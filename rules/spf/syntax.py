"""SPF001: terms that the grammar of SPF does not allow."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.repair import repaired
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.faults import report_faults
from zonelint.rules.spf.support.joins import missing_blanks
from zonelint.rules.spf.support.merging import further, in_one

_OTHERS = {
    FaultKind.MACRO,
    FaultKind.CIDR,
    FaultKind.NON_ASCII,
    FaultKind.UNICODE_DOMAIN,
    FaultKind.DUPLICATE,
    FaultKind.VERSION,
}
"""Kinds with a rule of their own."""
_KINDS = frozenset(FaultKind) - _OTHERS


@rule(
    "SPF001",
    "spf-syntax",
    Severity.ERROR,
    on=Spf,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §12",
    when={"fault", "hint"},
    role=Role.MENDS,
    step=Step.SPF,
    explains=["spf"],
)
def syntax(spf: Spf) -> Iterator[Found]:
    """A term is not valid in SPF.

    What it finds
        Every term that the grammar of RFC 7208 does not allow: a misspelt name (`ipv4:`,
        `inlcude:`), a comma, a space after the colon, a URL, an empty domain. As a warning also
        terms that the grammar allows and that nobody can have intended, such as
        `include=example.net`.
    Why it matters
        A single such term makes receivers refuse the whole record with permerror: all mail of the
        domain loses SPF.
    Example
        `v=spf1 ipv4:203.0.113.7 inlcude:_spf.example.net -all`
    Use instead
        `v=spf1 ip4:203.0.113.7 include:_spf.example.net -all`
    References
        RFC 7208 §4.6, §12
    """
    yield from report_faults(spf, _KINDS, "Correct the term, or remove it.")
    joins = missing_blanks(spf.text.strings)
    versions = frozenset(further(spf.ast))
    merged = in_one(spf.ast) if versions else None
    for hint in spf.ast.hints:
        if hint.kind is FaultKind.SUSPECT and not _at_a_join(spf, hint, joins):
            text = merged if hint.start in versions else repaired(spf.value, [hint])
            yield spf.at(
                hint,
                hint.message.rstrip(".")
                + ("" if hint.start in versions else "; the intended senders may not send"),
                "Correct the term, or remove it.",
                change=None if text is None else spf.rewrite(text, "the term as intended"),
                severity=Severity.WARNING,
            )


def _at_a_join(spf: Spf, hint: Fault, joins: list[int]) -> bool:
    return bool(joins) and any(
        term.start <= hint.start < term.end and any(term.start < j < term.end for j in joins)
        for term in spf.ast.terms
    )


syntax.bad(
    "v=spf1 ipv4:203.0.113.7 inlcude:_spf.example.net -all",
    fixed="v=spf1 ip4:203.0.113.7 include:_spf.example.net -all",
)
syntax.bad(
    "v=spf1 mx, include:_spf.example.net, -all", fixed="v=spf1 mx include:_spf.example.net -all"
)
syntax.bad("v=spf1 mx -all v=spf1 a ~all", fixed="v=spf1 mx a -all")
syntax.bad("v=spf1 mx +all v=spf1 a ~all", fixed="v=spf1 mx a ~all")
syntax.bad("v=spf1 v=spf1 redirect=_spf.example.net", fixed="v=spf1 redirect=_spf.example.net")
syntax.bad("v=spf1 mx v=spf1 redirect=_spf.example.net -all", "v=spf1 a:foo:bar/b.example.com -all")
syntax.bad(
    "v=spf1 include: _spf.example.net -all",
    "v=spf1 nclude:_spf.example.net -all",
    fixed="v=spf1 include:_spf.example.net -all",
)
syntax.bad("v=spf1 ip:203.0.113.7 -all", fixed="v=spf1 ip4:203.0.113.7 -all")
syntax.bad("v=spf1 include=_spf.example.net -all", fixed="v=spf1 include:_spf.example.net -all")
syntax.bad(
    "v=spf1 include:https://_spf.example.net/ -all", "v=spf1 mx foo -all", "v=spf1 include: -all"
)
syntax.good(
    "v=spf1 mx include:_spf.example.net -all",
    "v=spf1 exists:%{i}._spf.%{d} redirect=_spf.example.net",
    "v=spf1 a/24 mx//64 ?ip6:2001:db8::/32 foo=bar ~all",
)
