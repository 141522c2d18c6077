"""MX003: a domain that takes no mail and yet sends."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Needs, Step, rule
from zonelint.rules.model.subjects import MailZone


@rule(
    "MX003", "mx-null-but-sends", Severity.WARNING, on=MailZone, needs=Needs.ZONE,
    section="RFC 7505 §4.2", when={"MX"}, step=Step.MAIL, explains=["null-mx"],
)  # fmt: skip
def mx_null_but_sends(zone: MailZone) -> Iterator[Found | Unknown]:
    """The domain receives no mail, although its SPF record names hosts that send as it.

    What it finds
        A null MX at a domain whose SPF record lets any host send. A host that is itself an exchange
        is left out: its record covers the name in its HELO (RFC 7208 §2.3).
    Why it matters
        Replies and bounces to such mail have nowhere to go, and receivers refuse mail from a domain
        that cannot receive replies.
    Example
        `@ MX 0 .` beside `@ TXT "v=spf1 include:_spf.example.net -all"`
    Use instead
        `@ TXT "v=spf1 -all"` if nothing sends as the domain, otherwise an MX that receives the
        replies.
    References
        RFC 7505 §4.2; RFC 7208 §2.3
    """
    exchanges = zone.targets("MX")
    for record in exchanges.get(".", ()):
        owner = record.owner
        rrset = zone.mx(owner)
        if rrset is None or len(rrset) > 1 or owner in exchanges:
            continue
        unknown = zone.unknown_redirect(owner)
        if unknown is not None:
            yield zone.unknown(owner, unknown)
        elif zone.sends(owner) and _lets_pass(zone, owner):
            yield zone.at(
                record,
                f"{without_dot(owner)} receives no mail although its SPF record lets hosts send "
                "as it, so receivers that check the return address refuse the mail",
                "Publish an MX for the domain, or `v=spf1 -all` if nothing sends as it.",
            )


def _lets_pass(zone: MailZone, owner: str) -> bool:
    """Whether mail from any host may pass, so far as it is known what the record finds."""
    # Few domains have a null MX and name hosts: most runs need not load the interval maps.
    from zonelint.rules.mail import lookups, networks

    tree = lookups.tree(owner, zone.context)
    is_faulty = tree.fate is not lookups.Fate.FOUND  # what it is meant to say counts
    return is_faulty or networks.may_pass(tree, zone.context.answers)


mx_null_but_sends.bad(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 include:_spf.example.net -all"
    """
)
mx_null_but_sends.bad(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 redirect=_spf.example.com"
    _spf TXT "v=spf1 ip4:203.0.113.7 -all"
    """
)
for _text in ("v=spf1 ~all", "v=spf1 a ?ip4:203.0.113.7 -all"):
    mx_null_but_sends.good(zone=f'@ MX 0 .\n@ TXT "{_text}"\n')
mx_null_but_sends.good(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 redirect=_spf.example.com"
    _spf TXT "v=spf1 -all"
    """
)
mx_null_but_sends.bad(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 redirect=_spf.example.net"
    """,
    undecided=True,
)
mx_null_but_sends.good(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    www MX 10 mail.example.net.
    www TXT "v=spf1 mx -all"
    """
)
mx_null_but_sends.good(
    zone="""
    @ MX 10 mail
    mail A 192.0.2.25
    mail MX 0 .
    mail TXT "v=spf1 a -all"
    """
)
