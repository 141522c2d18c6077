"""DKIM003: RSA keys that are too short."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Root, Severity
from zonelint.rules.core.rule import Step, rule
from zonelint.rules.dkim.support.example_keys import ED25519, RSA_512, RSA_1024, RSA_2048
from zonelint.rules.dkim.support.keys import is_vendors, named, usable_key
from zonelint.rules.model.subjects import Dkim

_LEAST = 1024
_WANTED = 2048
_THEIRS = "The key belongs to the service, and only it can replace it by a longer one."


@rule(
    "DKIM003",
    "dkim-weak-key",
    Severity.ERROR,
    on=Dkim,
    section="RFC 8301 §3.2",
    when={"p"},
    step=Step.DKIM,
    explains=["dkim"],
)
def weak_key(dkim: Dkim) -> Iterator[Found]:
    """The RSA key is too short.

    What it finds
        RSA keys under 1024 bits and, as a warning, keys under 2048 bits: as an info where the key
        is that of a mail service, for all of its customers or behind the CNAME that it asks for.
    Why it matters
        Verifiers treat signatures made with keys under 1024 bits as failed. Keys under 2048 bits
        are still accepted, but whoever computes the private key can sign as the domain.
    Example
        A 512-bit key.
    Use instead
        A new 2048-bit key under a new selector; remove the old one when nothing signs with it any
        more.
    References
        RFC 8301 §3.2
    """
    key = usable_key(dkim)
    if key is None or key.type != "rsa" or key.bits >= _WANTED:
        return
    advice = "Have the signer create a 2048-bit key, and publish it under a new selector."
    root = Root(key.sha256)
    theirs = is_vendors(dkim)
    place = dkim.ast.tag("p") or (0, len(dkim.value))
    if key.bits < _LEAST:
        yield dkim.at(
            place,
            f"The key has {key.bits} bits, and verifiers accept no signature made with a key "
            f"under {_LEAST} bits, so mail signed with {named(dkim)} fails DKIM",
            advice,
            root=root,
        )
    else:
        yield dkim.at(
            place,
            f"The key has {key.bits} bits, and signers should use at least {_WANTED}, so others "
            f"may one day be able to sign with {named(dkim)}",
            _THEIRS if theirs else advice,
            severity=Severity.INFO if theirs else Severity.WARNING,
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
weak_key.bad(
    zone="k1._domainkey CNAME dkim.mcsv.net.",
    lock=f"""
["dkim.mcsv.net."]
seen = 2026-11-24
TXT = ["v=DKIM1; p={RSA_1024}"]
""",
)
