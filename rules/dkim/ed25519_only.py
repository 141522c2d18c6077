"""DKIM012: domains whose only keys are Ed25519."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.listing import grouped
from zonelint.grammars.tags.dkim import parse
from zonelint.grammars.tags.publickey import PublicKey
from zonelint.grammars.zone import RRset, without_dot
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Needs, Step, rule
from zonelint.rules.dkim.support.example_keys import ED25519, RSA_2048
from zonelint.rules.dkim.support.keys import usable_key
from zonelint.rules.mail.signing import keys_elsewhere
from zonelint.rules.model.subjects import Dkim, MailZone, selector_of


@rule(
    "DKIM012", "dkim-ed25519-only", Severity.WARNING, on=MailZone, needs=Needs.ZONE,
    section="RFC 8463 §6", when={"keys"}, step=Step.DKIM,
)  # fmt: skip
def ed25519_only(zone: MailZone) -> Iterator[Found | Unknown]:
    """A domain has an Ed25519 key and no RSA key beside it.

    What it finds
        Domains that have Ed25519 keys and no RSA key at any selector.
    Why it matters
        Large receivers do not support Ed25519 yet: to them the mail is unsigned.
    Example
        `e1._domainkey TXT "v=DKIM1; k=ed25519; p=11qY…"` alone
    Use instead
        `r1._domainkey TXT "v=DKIM1; k=rsa; p=MIIB…"` beside it, and two signatures on each mail.
    References
        RFC 8463 §3, §6
    """
    kinds: dict[str, dict[str, Dkim]] = {}
    for _, keys in sorted(zone.keys.items()):  # shown at the same one whatever their order
        for dkim in keys:
            key = usable_key(dkim)
            if key is not None and dkim.domain is not None and dkim.ast.signs_mail:
                kinds.setdefault(dkim.domain, {}).setdefault(key.type, dkim)
    lonely = {
        domain: keys["ed25519"] for domain, keys in kinds.items() if list(keys) == ["ed25519"]
    }
    if not lonely:
        return
    behind = _cnames(zone, lonely)
    for domain, dkim in lonely.items():
        types, missing = _types(zone, behind.get(domain, []))
        if "rsa" in types:
            continue
        missing += keys_elsewhere(zone, domain)
        if missing:
            yield zone.unknown(dkim.owner, *missing)
            continue
        yield dkim.whole(
            f"{without_dot(domain)} has no RSA key beside its Ed25519 key, so receivers that do "
            "not support Ed25519 treat its mail as unsigned",
            "Add a 2048-bit RSA key under its own selector, and sign with both.",
        )


def _cnames(zone: MailZone, domains: dict[str, Dkim]) -> dict[str, list[RRset]]:
    """The CNAMEs at selectors of these domains."""
    return grouped(
        (domain, rrset)
        for rrset in zone.zone.of_type("CNAME")
        if "._domainkey." in rrset.owner and (domain := selector_of(rrset.owner)[1]) in domains
    )


def _types(zone: MailZone, cnames: list[RRset]) -> tuple[set[str], list[str]]:
    """The types of the keys behind CNAMEs, and the targets that this run does not know."""
    types: set[str] = set()
    missing: list[str] = []
    for rrset in cnames:
        answer = zone.context.answers.ask(rrset.records[0].target, "TXT")
        if not answer.is_fact:
            missing.append(answer.missing)
        found = map(parse, answer.values)
        keys = [each.key for each in found if each.signs_mail]
        types |= {key.type for key in keys if isinstance(key, PublicKey)}
    return types, missing


_RSA = f'TXT "v=DKIM1; k=rsa; p={RSA_2048[:200]}" "{RSA_2048[200:]}"'
_ED = f'TXT "v=DKIM1; k=ed25519; p={ED25519}"'

ed25519_only.bad(zone=f"e1._domainkey {_ED}")
ed25519_only.bad(
    zone=f"""
    e1._domainkey {_ED}
    e0._domainkey {_ED}
    old._domainkey TXT "v=DKIM1; p="
    r1._domainkey.shop {_RSA}
    """
)
ed25519_only.bad(
    zone=f"""
    e1._domainkey {_ED}
    s1._domainkey CNAME s1.dkim.example.net.
    """,
    undecided=True,
)
ed25519_only.good(
    zone=f"""
    e1._domainkey {_ED}
    r1._domainkey {_RSA}
    """
)
ed25519_only.good(
    zone=f"""
    e1._domainkey {_ED}
    r1._domainkey CNAME keys.shop
    keys.shop {_RSA}
    """
)
