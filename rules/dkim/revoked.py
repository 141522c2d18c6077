"""DKIM005: keys that were withdrawn."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Step, rule
from zonelint.rules.dkim.support.example_keys import RSA_2048
from zonelint.rules.dkim.support.keys import is_wildcard, named
from zonelint.rules.model.subjects import Dkim, SelectorKey


@rule("DKIM005", "dkim-revoked", Severity.INFO, on=SelectorKey, section="RFC 6376 §3.6.1",
      when={"revoked"}, step=Step.DKIM, explains=["dkim"])  # fmt: skip
def revoked(dkim: Dkim) -> Iterator[Found]:
    """The key is revoked: `p=` is empty.

    What it finds
        A selector with an empty `p=`. A wildcard that revokes every selector, as domains without
        mail publish it, is intended and not reported.
    Why it matters
        Mail signed with the selector fails DKIM. That is right after a key rotation, and a fault
        where something still signs with the key.
    Example
        `s1._domainkey TXT "v=DKIM1; p="`
    Use instead
        The signer's key, or no record once no mail signed with it is in transit.
    References
        RFC 6376 §3.6.1
    """
    if not dkim.ast.revoked or dkim.selector is None or is_wildcard(dkim.owner):
        return
    yield dkim.at(
        dkim.ast.tag("p") or (0, len(dkim.value)),
        f"The key is revoked (`p=` is empty), so mail signed with {named(dkim)} fails DKIM",
        "Remove the record if nothing signs with it, or publish the signer's key.",
    )


revoked.bad("v=DKIM1; p=", "v=DKIM1; k=rsa; p=; t=s")
revoked.good(f"v=DKIM1; p={RSA_2048}")
revoked.good(zone='*._domainkey TXT "v=DKIM1; p="')
revoked.good(zone='*._domainkey.shop TXT "v=DKIM1; p="')
revoked.bad(
    zone="""
    s1._domainkey CNAME keys
    keys TXT "v=DKIM1; p="
    """
)
revoked.good(
    zone="""
    *._domainkey CNAME keys
    keys TXT "v=DKIM1; p="
    """
)
