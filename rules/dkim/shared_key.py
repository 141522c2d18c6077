"""DKIM011: one key at several selectors or domains."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.tags.publickey import key_marks
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Root, Severity
from zonelint.rules.core.rule import Needs, Step, rule
from zonelint.rules.dkim.support.example_keys import RSA_2048, RSA_2048_NEXT
from zonelint.rules.dkim.support.keys import is_vendors, is_wildcard, usable_key
from zonelint.rules.mail.organisation import by_suffix
from zonelint.rules.model.context import Context, once_a_run
from zonelint.rules.model.facts import Fact
from zonelint.rules.model.subjects import Dkim, MailZone


@rule(
    "DKIM011", "dkim-shared-key", Severity.INFO, on=MailZone, needs=Needs.ZONE,
    section="RFC 6376 §8.1", when={"keys"}, step=Step.DKIM,
)  # fmt: skip
def shared_key(zone: MailZone) -> Iterator[Found]:
    """The same key is published at several selectors or domains.

    What it finds
        A public key that is also published as TXT at another selector or under another domain in
        the zones of this run; not a key that a mail service gives to all of its customers. One
        finding for each place after the first; a warning where that place belongs to another
        organisation.
    Why it matters
        Anyone who obtains the one private key can sign as all of them, and the key cannot be
        changed at one place only.
    Example
        `s1._domainkey TXT "v=DKIM1; p=MIIB…"` beside `s2._domainkey` with the same `p=`
    Use instead
        A separate key for each selector; or one TXT record that the other selectors point at with
        CNAMEs.
    References
        RFC 6376 §3.1, §8.1
    """
    for owner, keys in zone.keys.items():
        told: set[str] = set()
        for dkim in keys:
            sha256 = _fingerprint(dkim)
            if sha256 is None or sha256 in told:
                continue
            told.add(sha256)
            first = _first_place(dkim, sha256)
            if first == owner or is_vendors(dkim):  # it reads of all services
                continue
            yield dkim.at(
                dkim.ast.tag("p") or (0, len(dkim.value)),
                f"The key at {without_dot(owner)} is also the one at "
                f"{without_dot(first)}, so anyone who obtains its private key can sign "
                "mail as both",
                "Have the signer create a separate key for each selector.",
                severity=None if by_suffix(owner) == by_suffix(first) else Severity.WARNING,
                root=Root(sha256),
            )


def _first_place(dkim: Dkim, sha256: str) -> str:
    """The owner at which a key stands first."""
    mark = next(iter(key_marks((dkim.ast.p or "").encode().lower())), b"")
    beside = dkim.context.telling(KEYS, mark.decode()) if mark else ()
    known = (owner for key, owner in beside if key == sha256)
    return min((_first_places(dkim.context)[sha256], *known))


@once_a_run
def _first_places(context: Context) -> dict[str, str]:
    """The owner at which each key of the run stands first, by the key's fingerprint."""
    return dict(reversed(context.facts(KEYS)))


def _keys_of(zone: MailZone) -> Iterator[tuple[str, str]]:
    """The fingerprints of a zone's keys, each with its owner."""
    for owner, keys in zone.keys.items():
        for dkim in keys:
            sha256 = _fingerprint(dkim)
            if sha256 is not None:
                yield sha256, owner


KEYS = Fact("dkim.shared_key", _keys_of, marks=key_marks)


def _fingerprint(dkim: Dkim) -> str | None:
    if dkim.selector is None or is_wildcard(dkim.owner):
        return None
    key = usable_key(dkim)
    return None if key is None else key.sha256


shared_key.bad(
    zone=f"""
    s1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    s2._domainkey TXT "v=DKIM1; k=rsa; p={RSA_2048[:240]}" "{RSA_2048[240:]}"
    """
)
shared_key.bad(
    zone=f"""
    s1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    s1._domainkey.shop TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    """
)
shared_key.good(
    zone=f"""
    s1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    s2._domainkey TXT "v=DKIM1; p={RSA_2048_NEXT[:200]}" "{RSA_2048_NEXT[200:]}"
    s1._domainkey.shop CNAME s1._domainkey
    s3._domainkey TXT "v=DKIM1; p="
    s4._domainkey TXT "v=DKIM1; p="
    """
)
shared_key.good(
    zone=f"""
    mandrill._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    mandrill._domainkey.shop TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    """
)
