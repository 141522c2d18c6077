"""DKIM015: one key cut into several TXT values."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.change import Role, join
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.dkim.support.example_keys import RSA_2048, RSA_2048_NEXT
from zonelint.rules.dkim.support.pieces import split_owners
from zonelint.rules.model.subjects import MailZone


@rule(
    "DKIM015", "dkim-split-record", Severity.ERROR, on=MailZone, needs=Needs.ZONE,
    fix=Fix.PROPOSAL, section="RFC 6376 §3.6.2.2", when={"several"},
    role=Role.MENDS, step=Step.DKIM, explains=["dkim"],
)  # fmt: skip
def split_record(zone: MailZone) -> Iterator[Found]:
    """One key is split across several TXT records at its selector.

    What it finds
        A selector whose TXT records are pieces of one key, split at its semicolons or in the middle
        of `p=`.
    Why it matters
        Verifiers read each TXT record separately, in any order: none of them is the key, and mail
        signed with the selector fails DKIM.
    Example
        `s1._domainkey TXT "v=DKIM1"`, `TXT "k=rsa"` and `TXT "p=MIIB…"`
    Use instead
        `s1._domainkey TXT "v=DKIM1; k=rsa; p=MIIB…"`: one record, with several character-strings
        where it is long.
    References
        RFC 6376 §3.6.2.2; RFC 1035 §3.3.14
    """
    for rrset, split in split_owners(zone):
        change = None
        if split.joined is not None:
            text = txt_rdata(split.joined)
            change = join(rrset.records, text, "one record that contains the whole key")
        yield zone.at(
            rrset.records[0],
            f"The key at {without_dot(rrset.owner)} is split into {len(rrset)} TXT records, and "
            "verifiers find a key in none of them, so mail signed with the selector fails DKIM",
            "Join the pieces into one TXT record; a long record has several character-strings."
            if change
            else "Replace them with one TXT record that contains the key as the signer gives it.",
            change=change,
        )


def _record(key: str, head: str = "v=DKIM1; k=rsa; ") -> str:
    return f"s1._domainkey TXT {txt_rdata(f'{head}p={key}')}\n"


split_record.bad(
    zone=f"""
    s1._domainkey TXT "k=rsa;"
    s1._domainkey TXT "p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    s1._domainkey TXT "v=DKIM1;"
    """,
    fixed=_record(RSA_2048),
)
split_record.bad(
    zone=f"""
    s1._domainkey TXT "{RSA_2048[220:]}"
    s1._domainkey TXT "v=DKIM1; k=rsa; p={RSA_2048[:220]}"
    """,
    fixed=_record(RSA_2048),
)
split_record.bad(
    zone=f"""
    s1._domainkey TXT "v=DKIM1; k=rsa; p={RSA_2048[:220]}"
    s1._domainkey TXT "{RSA_2048[230:]}"
    """
)
split_record.good(
    zone=f"""
    s1._domainkey TXT "v=DKIM1; k=rsa; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    s2._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    s2._domainkey TXT "v=DKIM1; p={RSA_2048_NEXT[:200]}" "{RSA_2048_NEXT[200:]}"
    s3._domainkey TXT "v=DKIM1; p={RSA_2048[:200]}" "{RSA_2048[200:]}"
    s3._domainkey TXT "ms-verification=0123"
    @ TXT "v=DKIM1"
    @ TXT "k=rsa"
    """
)
