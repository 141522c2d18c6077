"""DKIM016: RSA keys that verifiers need not take."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Root, Severity
from zonelint.rules.core.rule import Step, rule
from zonelint.rules.dkim.support.example_keys import ED25519, RSA_2048, RSA_4096, RSA_8192
from zonelint.rules.dkim.support.keys import named, usable_key
from zonelint.rules.model.subjects import Dkim

_MOST = 4096
"""Bits of the largest key that every verifier has to be able to use (RFC 8301 §3.2)."""


@rule(
    "DKIM016",
    "dkim-large-key",
    Severity.WARNING,
    on=Dkim,
    section="RFC 8301 §3.2",
    when={"p"},
    step=Step.DKIM,
)
def large_key(dkim: Dkim) -> Iterator[Found]:
    """The RSA key is larger than verifiers are required to support.

    What it finds
        RSA keys over 4096 bits.
    Why it matters
        Verifiers must support keys of up to 4096 bits, and may ignore a larger one: mail signed
        with it then counts as unsigned.
    Example
        An 8192-bit key.
    Use instead
        A 2048-bit key, under a new selector.
    References
        RFC 8301 §3.2
    """
    key = usable_key(dkim)
    if key is not None and key.type == "rsa" and key.bits > _MOST:
        yield dkim.at(
            dkim.ast.tag("p") or (0, len(dkim.value)),
            f"The key has {key.bits} bits, and verifiers need not support more than {_MOST}, so "
            f"mail signed with {named(dkim)} may count as unsigned",
            "Have the signer create a 2048-bit key, and publish it under a new selector.",
            root=Root(key.sha256),
        )


large_key.bad(f"v=DKIM1; p={RSA_8192}")
large_key.good(
    f"v=DKIM1; p={RSA_4096}", f"v=DKIM1; p={RSA_2048}", f"v=DKIM1; k=ed25519; p={ED25519}"
)
