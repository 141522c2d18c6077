"""DKIM002: keys that do not decode."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import Fault
from zonelint.grammars.tags.dkim import KEY_TYPES
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Step, rule
from zonelint.rules.dkim.support.example_keys import ED25519, RSA_2048
from zonelint.rules.dkim.support.keys import is_pasted
from zonelint.rules.dkim.support.pieces import is_piece
from zonelint.rules.model.subjects import Dkim

_SHOWN = 60


@rule(
    "DKIM002", "dkim-key-encoding", Severity.ERROR, on=Dkim, section="RFC 6376 §3.6.1",
    when={"p"}, step=Step.DKIM, explains=["dkim"],
)  # fmt: skip
def key_encoding(dkim: Dkim) -> Iterator[Found]:
    """Verifiers cannot read the key in `p=`.

    What it finds
        A `p=` that is not base64, is truncated, does not contain a public key, or contains a key of
        a different type from the one in `k=`.
    Why it matters
        Every signature made with the selector fails.
    Example
        `v=DKIM1; p=MIIBIjANBgkq`
    Use instead
        The whole key as the signer gives it, split into character-strings of at most 255 octets.
    References
        RFC 6376 §3.6.1; RFC 8463 §4; RFC 5280 §4.1.2.7
    """
    fault = dkim.ast.key
    if not isinstance(fault, Fault) or dkim.ast.k not in KEY_TYPES:
        return
    if is_pasted(dkim) or is_piece(dkim):
        return
    message, _, more = fault.message.rstrip(".").partition(". ")
    advice = "Publish the whole key again, as the signer gives it."
    if fault.suggestion and len(fault.suggestion) <= _SHOWN:
        advice = f"Write {fault.suggestion} there."
    yield dkim.at(fault, message, f"{more}. {advice}" if more else advice)


key_encoding.bad(
    f"v=DKIM1; p={RSA_2048[:200]}",
    f"v=DKIM1; k=rsa; p={RSA_2048[:43]}",
    f"v=DKIM1; k=ed25519; p={ED25519[:-5]}",
    f"v=DKIM1; p={ED25519}",
    f"v=DKIM1; k=ed25519; p={RSA_2048}",
    "v=DKIM1; p=not-a-key",
    f"v=DKIM1; p={RSA_2048}=",
)
key_encoding.bad(
    zone="""
    s2._domainkey CNAME a.keys
    a.keys CNAME b.keys
    b.keys TXT "k=rsa; p=AAAA"
    """
)
key_encoding.bad(
    zone="s5._domainkey CNAME s5.dkim.example.net.",
    lock="""
    ["s5.dkim.example.net."]
    seen = 2026-11-24
    TXT = ["v=DKIM1; p=AAAA"]
    """,
)
key_encoding.good(
    f"v=DKIM1; k=rsa; p={RSA_2048}",
    f"v=DKIM1; k=ed25519; p={ED25519}",
    f"v=DKIM1; k=rsa; p={RSA_2048[:80]} {RSA_2048[80:]}",
    "v=DKIM1; p=",
    "v=DKIM1; k=rsa",
)
