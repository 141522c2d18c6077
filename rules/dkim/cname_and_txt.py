"""DKIM009: selectors with more than one record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zonelint.grammars.tags.publickey import PublicKey
from zonelint.grammars.zone import Record, RRset, without_dot
from zonelint.rules.config.template import is_for_another
from zonelint.rules.core.change import Change, remove
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.dkim.support.example_keys import RSA_2048, RSA_2048_NEXT
from zonelint.rules.dkim.support.keys import is_meant, known_target
from zonelint.rules.dkim.support.pieces import split_at
from zonelint.rules.mail.behind import found_at
from zonelint.rules.model.answers import Status
from zonelint.rules.model.subjects import Dkim, MailZone, selector_of

_DNSSEC = frozenset({"RRSIG", "NSEC", "KEY", "SIG", "NXT"})


@rule(
    "DKIM009", "dkim-cname-and-txt", Severity.ERROR, on=MailZone, needs=Needs.ZONE,
    fix=Fix.PROPOSAL, section="RFC 6376 §3.6.2.2", when={"CNAME", "keys"}, step=Step.DKIM,
    explains=["dkim"],
)  # fmt: skip
def cname_and_txt(zone: MailZone) -> Iterator[Found]:
    """A selector has more than one record.

    What it finds
        A CNAME beside any other record at a selector, two CNAMEs, and two TXT records with keys,
        where an alias leads to as well.
    Why it matters
        No other record may exist beside a CNAME: name servers refuse the zone or answer with only
        one of the two. Of two keys, verifiers use either, so signatures fail intermittently.
    Example
        `s1._domainkey CNAME s1.dkim.example.net.` beside `s1._domainkey TXT "v=DKIM1; p=MIIB…"`
    Use instead
        Only the CNAME where a service hosts the key, otherwise one TXT record.
    References
        RFC 6376 §3.6.2.2; RFC 1034 §3.6.2
    """
    for rrset in zone.zone.of_type("CNAME"):
        if "._domainkey." in rrset.owner:
            yield from _beside_cname(zone, rrset)
    for owner, keys in (*zone.keys.items(), *found_at(zone, Dkim)):
        if len(keys) > 1 and keys[0].selector is not None and split_at(zone, owner) is None:
            yield from _keys(zone, owner, keys)


def _beside_cname(zone: MailZone, cname: RRset) -> Iterator[Found]:
    owner = cname.owner
    at = zone.zone.at(owner)
    others = [rrset for rrset in at if rrset.type != "CNAME" and rrset.type not in _DNSSEC]
    if others:
        kinds = sorted(rrset.type for rrset in others)
        change = None
        if kinds == ["TXT"]:
            held = zone.context.look(cname.records[0].target, "TXT")
            dead = held is not None and held.status in (Status.NXDOMAIN, Status.NODATA)
            gone, kept = (cname, "key") if dead else (others[0], "CNAME")
            change = remove(list(gone), f"only the {kept}")
        yield zone.at(
            cname.records[0],
            f"The CNAME at {without_dot(owner)} exists beside {', '.join(kinds)}, so the zone "
            "does not load or one of them is never returned, and mail signed with the selector "
            "fails DKIM",
            "Keep only the CNAME where a service hosts the key, otherwise only the TXT record.",
            change=change,
        )
    elif len({record.target for record in cname if not record.is_alternative}) > 1:
        foreign = [record for record in cname if _is_of_another(zone, record)]
        alone = len(cname) - len(foreign) == 1
        whose = ""
        if alone:
            targets = " and ".join(f"`{without_dot(record.target)}`" for record in foreign)
            whose = f"; {targets} is a key of another domain"
        yield zone.among(
            foreign[0] if alone else cname.records[1],
            f"Two CNAMEs are published at {without_dot(owner)}, so the zone does not load or mail "
            f"signed with the selector fails DKIM intermittently{whose}",
            "Remove it here: it belongs in the zone of the domain that it names."
            if alone
            else "Keep the one that the signing service gives you.",
            change=remove(foreign, "the other domain's key belongs in its own zone")
            if alone
            else None,
        )


def _is_of_another(zone: MailZone, record: Record) -> bool:
    """Whether the target is one that a mail service keeps for another domain."""
    known = known_target(zone.context, record.target)
    domain = selector_of(record.owner)[1]
    return known is not None and domain is not None and is_for_another(known[1].values, domain)


def _keys(zone: MailZone, owner: str, keys: Sequence[Dkim]) -> Iterator[Found]:
    """Two keys; the same character-strings twice are ZONE005."""
    found = {key.text.strings: key for key in keys if is_meant(key)}
    if len(found) < 2:
        return
    first, *others = found.values()
    change = _one_key(list(found.values()))
    for other in others:
        yield other.whole(
            f"The selector {first.selector} has {len(found)} keys, and verifiers use any one of "
            "them, so mail signed with the selector fails DKIM intermittently",
            "Keep the key that the signer uses, and publish every other key under its own "
            "selector.",
            change=change,
        )


def _one_key(keys: Sequence[Dkim]) -> Change | None:
    """The change that leaves one record where it is plain which: all others are no keys."""
    prints = [key.ast.key.sha256 if isinstance(key.ast.key, PublicKey) else None for key in keys]
    good = [key for key, sha256 in zip(keys, prints, strict=True) if sha256]
    if len(set(prints) - {None}) != 1 or any(key.ast.revoked for key in keys):
        return None
    return remove([key.record for key in keys if key is not good[0]], "the only key")


_TARGET = "selector1-example-com._domainkey.contoso.onmicrosoft.com."

cname_and_txt.bad(
    zone=f"""
    selector1._domainkey CNAME {_TARGET}
    selector1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}"
    """,
    fixed=f"""
    selector1._domainkey CNAME {_TARGET}
    """,
)
cname_and_txt.bad(
    zone=f"""
    s1._domainkey CNAME gone
    s1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}"
    """,
    fixed=f"""
    s1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}"
    """,
)
cname_and_txt.bad(
    zone="""
    s1._domainkey CNAME a.example.net.
    s1._domainkey CNAME b.example.net.
    """
)
cname_and_txt.bad(
    zone=f"""
    selector1._domainkey CNAME selector1-example-net._domainkey.contoso.onmicrosoft.com.
    selector1._domainkey CNAME {_TARGET}
    """,
    fixed=f"""
    selector1._domainkey CNAME {_TARGET}
    """,
)
cname_and_txt.bad(
    zone=f"""
    s1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    s1._domainkey TXT "v=DKIM1; p={RSA_2048_NEXT[:200]}" "{RSA_2048_NEXT[200:]}"
    """
)
cname_and_txt.bad(
    zone=f"""
    s1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    s1._domainkey TXT "v=DKIM1; k=rsa; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    """,
    fixed=f"""
    s1._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    """,
)
cname_and_txt.bad(
    zone=f"""
    s1._domainkey CNAME keys
    keys TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    keys TXT "v=DKIM1; p={RSA_2048_NEXT[:200]}" "{RSA_2048_NEXT[200:]}"
    """
)
cname_and_txt.good(
    zone=f"""
    selector1._domainkey CNAME {_TARGET}
    s2._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    s3._domainkey TXT "v=DKIM1; p={RSA_2048_NEXT[:200]}" "{RSA_2048_NEXT[200:]}"
    s4._domainkey TXT "v=DKIM1; k=rsa; p={RSA_2048[:200]}"
    s4._domainkey TXT "{RSA_2048[200:]}"
    """
)
