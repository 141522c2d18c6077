"""DKIM010: wildcards that answer for selectors."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.tags.dkim import parse
from zonelint.grammars.zone import RRset, without_dot
from zonelint.rules.core.change import remove
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.dkim.support.example_keys import RSA_2048
from zonelint.rules.dkim.support.keys import is_wildcard
from zonelint.rules.model.subjects import MailZone


@rule(
    "DKIM010", "dkim-wildcard", Severity.WARNING, on=MailZone, needs=Needs.ZONE, fix=Fix.PROPOSAL,
    section="RFC 6376 §6.1.2", step=Step.DKIM,
)  # fmt: skip
def wildcard(zone: MailZone) -> Iterator[Found]:
    """A wildcard answers for every selector of a domain.

    What it finds
        `*._domainkey` with a TXT or CNAME record, and a wildcard higher up that contains a key. A
        wildcard that revokes every key (`v=DKIM1; p=`), as domains without mail publish it, is
        right.
    Why it matters
        Every selector exists, with the same answer: a misspelt selector is never noticed, and a key
        cannot be revoked by removing its record.
    Example
        `*._domainkey TXT "v=DKIM1; p=MIIB…"`
    Use instead
        `s1._domainkey TXT "v=DKIM1; p=MIIB…"` for each selector in use
    References
        RFC 6376 §3.6.2.1, §6.1.2; RFC 4592 §2
    """
    for type in ("TXT", "CNAME"):
        for rrset in zone.zone.of_type(type):
            if is_wildcard(rrset.owner) and _answers(zone, rrset):
                yield zone.at(
                    rrset.records[0],
                    f"The wildcard {without_dot(rrset.owner)} answers for every DKIM selector, so "
                    "signatures pass or fail against a key that nobody chose for them",
                    "Publish a record for each selector in use, and remove the wildcard.",
                    change=remove(list(rrset), "each selector has its own record"),
                )


def _answers(zone: MailZone, rrset: RRset) -> bool:
    if "._domainkey." not in rrset.owner:
        return any(not key.ast.revoked for key in zone.keys.get(rrset.owner, ()))
    if rrset.type != "CNAME":
        return rrset.type != "TXT" or not all(parse(r.text.value).revoked for r in rrset)
    held = zone.context.look(rrset.records[0].target, "TXT")
    if held is None or not held.values:
        return True
    return not all(parse(value).revoked for value in held.values)


wildcard.bad(
    zone=f"""
    s1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}"
    *._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}"
    """,
    fixed=f"""
    s1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}"
    """,
)
wildcard.bad(zone="*._domainkey CNAME dkim.example.net.")
wildcard.bad(zone=f'*.shop TXT "v=DKIM1; p={RSA_2048[:200]}"')
wildcard.bad(zone='*._domainkey TXT "v=spf1 -all"')
wildcard.good(
    zone="""
    @ MX 0 .
    *._domainkey TXT "v=DKIM1; p="
    *._domainkey.shop CNAME revoked
    revoked TXT "v=DKIM1; p="
    * TXT "v=spf1 -all"
    *.web CNAME www.example.net.
    """
)
