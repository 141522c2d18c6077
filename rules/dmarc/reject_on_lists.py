"""DMARC204: mail is refused, and people of the domain post to lists."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.tags.dmarc import Policy
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.gates import intent_is_declared
from zonelint.rules.core.rule import Needs, Step, rule
from zonelint.rules.model.subjects import Dmarc, DomainPolicy


@rule(
    "DMARC204",
    "dmarc-reject-on-lists",
    Severity.WARNING,
    on=DomainPolicy,
    needs=Needs.INTENT,
    section="RFC 9989 §7.4",
    when={"p=reject"},
    given=intent_is_declared,
    step=Step.DMARC,
    explains=["policy"],
)
def reject_on_lists(dmarc: Dmarc) -> Iterator[Found]:
    """The policy has failing mail refused, and people at the domain post to mailing lists.

    What it finds
        `p=reject` on a domain for which zonelint.toml declares that people post to mailing lists
        (`lists = true`).
    Why it matters
        A list changes the message and sends it on from its own hosts: SPF and DKIM fail, members of
        the list do not receive it, and may be unsubscribed because of the bounces.
    Example
        `v=DMARC1; p=reject` with `lists = true`
    Use instead
        `v=DMARC1; p=quarantine`, or a separate subdomain for people who post to lists.
    References
        RFC 9989 §7.4
    """
    if dmarc.ast.p is not Policy.REJECT or not dmarc.context.dmarc_declared(dmarc.domain).lists:
        return
    tag = dmarc.ast.tag("p")
    if tag is not None:
        yield dmarc.at(
            tag,
            f"`{tag.text}` makes receivers refuse what people at the domain post to mailing lists",
            "Use `p=quarantine`, or give the people who post to lists a separate subdomain.",
        )


reject_on_lists.bad(
    zone='_dmarc TXT "v=DMARC1; p=reject"',
    config="""
    [domains."example.com".dmarc]
    lists = true
    """,
)
reject_on_lists.good("v=DMARC1; p=reject")
reject_on_lists.good(
    zone='_dmarc TXT "v=DMARC1; p=quarantine"',
    config="""
    [domains."example.com".dmarc]
    lists = true
    """,
)
