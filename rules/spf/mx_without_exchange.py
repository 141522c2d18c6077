"""SPF109: `mx:HOST` of a host that has addresses and no MX."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.spf.tree import Mechanism
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.mail.macros import target_name
from zonelint.rules.model.answers import ADDRESSES, Status
from zonelint.rules.model.context import Context, once_a_run
from zonelint.rules.model.subjects import Spf


@rule(
    "SPF109",
    "spf-mx-without-exchange",
    Severity.WARNING,
    on=Spf,
    needs=Needs.ZONE,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §5.4",
    when={"mx"},
    step=Step.SPF,
)
def mx_without_exchange(spf: Spf) -> Iterator[Found | Unknown]:
    """A term `mx:HOST` names a host that has addresses but no MX.

    What it finds
        An `mx:` term with a name for which one of your zones has A or AAAA but no MX: usually the
        name of a mail host, where the domain whose MX names that host was intended.
    Why it matters
        The term queries the MX of that very name: it matches no address, costs a lookup, and does
        not allow the host to send.
    Example
        `v=spf1 mx:mail.example.com -all` where `mail.example.com` has an address
    Use instead
        `v=spf1 a:mail.example.com -all`
    References
        RFC 7208 §5.4
    """
    found = [term for term in spf.ast.mechanisms if term.name == "mx" and _is_host(spf, term)]
    text = spf.ast.replacing_each((term, _as_address(term)) for term in found)
    for term in found:
        yield spf.at(
            term,
            f"`{term.text}` matches nothing: {without_dot(_target(spf, term) or '')} has an "
            "address but no MX, so mail that this host sends fails SPF",
            f"Write `{_as_address(term)}`.",
            change=spf.rewrite(text, "the host itself may send"),
        )


def _target(spf: Spf, term: Mechanism) -> str | None:
    return None if term.domain is None else target_name(term.domain, spf.owner)[1]


def _is_host(spf: Spf, term: Mechanism) -> bool:
    target = _target(spf, term)
    return target is not None and _has_addresses_only(target, spf.context)


@once_a_run
def _has_addresses_only(target: str, context: Context) -> bool:
    mx = context.look(target, "MX")
    if mx is None or mx.status is not Status.NODATA or mx.alias is not None:
        return False
    return any(context.answers.ask(target, type).values for type in ADDRESSES)


def _as_address(term: Mechanism) -> str:
    at = term.text.lower().index("mx")
    return f"{term.text[:at]}a{term.text[at + 2 :]}"


mx_without_exchange.bad(
    zone="""
    @ TXT "v=spf1 ~MX:mail.example.com/28 mx:mail2.example.com -all"
    mail A 203.0.113.7
    mail2 AAAA 2001:db8::7
    """,
    fixed="""
    @ TXT "v=spf1 ~a:mail.example.com/28 a:mail2.example.com -all"
    mail A 203.0.113.7
    mail2 AAAA 2001:db8::7
    """,
)
mx_without_exchange.good(
    zone="""
    @ TXT "v=spf1 mx mx:example.com mx:shop.example.com mx:a.example.net mx:b.example.com -all"
    @ MX 10 mail
    mail A 203.0.113.7
    shop CNAME mail
    """
)
