"""SPF209: networks that never send mail over the internet."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.spf.record import Qualifier
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.left_over import deciding, is_left_sending


@rule(
    "SPF209",
    "spf-private-network",
    Severity.WARNING,
    on=Spf,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §5.6",
    when={"special-network"},
    step=Step.SPF,
    explains=["spf-entries"],
)
def private_network(spf: Spf) -> Iterator[Found]:
    """A network in the record is private or otherwise not routed on the internet.

    What it finds
        `ip4` and `ip6` within private, shared, loopback, link-local, documentation, benchmark,
        multicast or reserved space.
    Why it matters
        No mail reaches another site from there, so the intended host, which uses a public address,
        is not allowed to send.
    Example
        `v=spf1 ip4:10.1.2.3 -all`
    Use instead
        The public address that other sites see, `v=spf1 ip4:<public address> -all`.
    References
        RFC 7208 §5.6; RFC 6890 (IANA special-purpose address registries)
    """
    record = spf.ast
    # These terms let nobody send, so what may go without one may go without any of them.
    may_go = is_left_sending(spf, record)
    for term in record.mechanisms:
        if term.qualifier is Qualifier.PASS and term.is_unrouted:
            change = None
            if may_go:
                change = spf.rewrite(
                    record.without(term), "no mail arrives from addresses that are not public"
                )
            yield spf.at(
                term,
                f"`{term.text}` is not a public internet address, so no receiver ever sees mail "
                "from it",
                deciding(
                    "Use the public address that the mail is sent from, or remove the term.", change
                ),
                change=change,
            )


private_network.bad(
    "v=spf1 ip4:10.1.2.3 mx -all", "v=spf1 mx ip4:192.168.0.0/16 -all", fixed="v=spf1 mx -all"
)
private_network.bad("v=spf1 ip4:127.0.0.1 ip4:8.8.8.8 -all", fixed="v=spf1 ip4:8.8.8.8 -all")
private_network.bad(
    "v=spf1 ip6:fe80::1 -all",
    "v=spf1 ip6:fd00::/8 -all",
    "v=spf1 ip4:100.64.1.0/24 -all",
    "v=spf1 ip4:192.0.2.1 -all",
    "v=spf1 ip4:224.0.0.1 -all",
    "v=spf1 ip6:2001:db8::1 -all",
)
private_network.good(
    "v=spf1 ip4:8.8.8.8 -all",
    "v=spf1 ip4:172.217.0.0/16 -all",
    "v=spf1 -ip4:10.0.0.0/8 mx ~all",
    "v=spf1 ip6:2a00:1450::/32 -all",
)
