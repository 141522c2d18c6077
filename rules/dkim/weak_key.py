"""DKIM003: RSA keys that are too short."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Root, Severity
from zonelint.rules.core.rule import rule
from zonelint.rules.dkim.support.example_keys import ED25519, RSA_512, RSA_1024, RSA_2048
from zonelint.rules.dkim.support.keys import is_vendors, named, usable_key
from zonelint.rules.model.subjects import Dkim

_LEAST = 1024
_WANTED = 2048


@rule("DKIM003", "dkim-weak-key", Severity.ERROR, on=Dkim, section="RFC 8301 §3.2", when={"p"})
def weak_key(dkim: Dkim) -> Iterator[Found]:
    """The RSA key is too short.

    What it finds
        RSA keys under 1024 bits, and as a warning those under 2048.
    Why it matters
        Verifiers count signatures by keys under 1024 bits as failed. Keys under 2048 bits are
        still taken, but whoever computes the private half can sign as the domain.
    Example
        A key of 512 bits.
    Use instead
        A new key of 2048 bits under a new selector; the old one goes when nothing signs with it.
    References
        RFC 8301 §3.2
    """
    key = usable_key(dkim)
    if key is None or key.type != "rsa" or key.bits >= _WANTED:
        return
    advice = "Let the signer make a key of 2048 bits, and publish it under a new selector."
    root = Root(key.sha256)
    place = dkim.ast.tag("p") or (0, len(dkim.value))
    if key.bits < _LEAST:
        yield dkim.at(
            place,
            f"The key has {key.bits} bits, and verifiers take no signature by a key under {_LEAST},"
            f" so mail signed with {named(dkim)} fails DKIM",
            advice,
            root=root,
        )
    else:
        yield dkim.at(
            place,
            f"The key has {key.bits} bits where signers should use at least {_WANTED}, so others "
            f"may one day sign with {named(dkim)}",
            "The key is the service's own: it can give a longer one, most often behind a CNAME."
            if is_vendors(dkim)
            else advice,
            severity=Severity.INFO if is_vendors(dkim) else Severity.WARNING,
            root=root,
        )


weak_key.bad(f"v=DKIM1; p={RSA_512}", f"v=DKIM1; k=rsa; p={RSA_1024}")
weak_key.good(
    f"v=DKIM1; p={RSA_2048}",
    f"v=DKIM1; k=ed25519; p={ED25519}",
    "v=DKIM1; p=",
    f"v=DKIM1; p={RSA_512[:40]}",
)
weak_key.bad(zone=f'mandrill._domainkey TXT "v=DKIM1; k=rsa; p={RSA_1024}"')
