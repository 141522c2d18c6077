"""DKIM001: key records that the grammar does not allow, and texts that are no key."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import FaultKind
from zonelint.grammars.rdata import txt_rdata
from zonelint.rules.core.change import Change, Edit, Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.dkim.support.example_keys import RSA_2048
from zonelint.rules.dkim.support.keys import between_quotes, is_meant, known_target, named
from zonelint.rules.dkim.support.pieces import is_piece
from zonelint.rules.mail.behind import beside
from zonelint.rules.mail.tag_faults import report_cut_off, report_faults
from zonelint.rules.model.subjects import Dkim

_KINDS = frozenset(
    {
        FaultKind.SYNTAX, FaultKind.MISSING, FaultKind.VERSION, FaultKind.DUPLICATE,
        FaultKind.TAG_VALUE,
    }
)  # fmt: skip


@rule(
    "DKIM001",
    "dkim-syntax",
    Severity.ERROR,
    on=Dkim,
    fix=Fix.PROPOSAL,
    section="RFC 6376 §3.6.1",
    role=Role.MENDS,
    step=Step.DKIM,
    explains=["dkim"],
)
def syntax(dkim: Dkim) -> Iterator[Found]:
    """A record at a selector is not a valid DKIM key record.

    What it finds
        A tag list that the grammar of RFC 6376 does not allow: a missing semicolon, a repeated tag,
        a version that is misspelt or not first, an unknown key type, no `p=`. Also text at a
        selector that is not a key at all, such as the name of one. In a zone file also a record
        without quotes, whose first semicolon starts a comment.
    Why it matters
        Verifiers discard the record: mail signed with the selector fails DKIM, and DMARC too where
        SPF does not pass.
    Example
        `s1._domainkey TXT "k=rsa; v=DKIM1; p=MIIB…"`
    Use instead
        `s1._domainkey TXT "v=DKIM1; k=rsa; p=MIIB…"`
    References
        RFC 6376 §3.2, §3.6.1; RFC 8463 §4
    """
    if is_piece(dkim) or between_quotes(dkim) is not None:
        return  # rules of their own tell
    if dkim.cut_off is not None:
        yield from report_cut_off(dkim, f"mail signed with {named(dkim)} then fails DKIM")
        return
    if is_meant(dkim):
        if dkim.ast.is_clean:
            return
        yield from report_faults(
            dkim, dkim.ast, _KINDS, f"mail signed with {named(dkim)} then fails DKIM",
            "Correct the record; the signing service shows the right text.",
        )  # fmt: skip
    elif dkim.selector is not None and dkim.selector[0] not in "*_":
        target = _target(dkim)
        yield dkim.whole(
            (
                "This text is not a DKIM key, and it is published where verifiers look for "
                f"{named(dkim)}"
            )
            if target is None
            else (
                "This TXT record contains the name of a key, and verifiers read it as a broken "
                f"key, so mail signed with {named(dkim)} fails DKIM"
            ),
            "Remove it, or move it to the name that it was intended for."
            if target is None
            else "Publish it as a CNAME record.",
            change=None if target is None else _as_cname(dkim, target),
        )


def _target(dkim: Dkim) -> str | None:
    """The key of a mail service that the text names, as a CNAME would."""
    name = dkim.value.strip().lower().removesuffix(".") + "."
    if " " in name or known_target(dkim.context, name) is None:
        return None
    return name


def _as_cname(dkim: Dkim, target: str) -> Change | None:
    if len(dkim.zone.zone.at(dkim.owner)) > 1 or len(beside(dkim)) > 1:
        return None  # nothing may stand beside a CNAME
    return Change(
        (Edit(dkim.owner, "CNAME", dkim.record, target),), "the key is reached through a CNAME"
    )


syntax.bad(
    f"k=rsa; v=DKIM1; p={RSA_2048}",
    f"v=DKIM1 k=rsa; p={RSA_2048}",
    fixed=f"v=DKIM1; k=rsa; p={RSA_2048}",
)
syntax.bad(f"v=DKIM; p={RSA_2048}", fixed=f"v=DKIM1; p={RSA_2048}")
syntax.bad(f"v=DKIM1; k=rsa; k=rsa; p={RSA_2048}", fixed=f"v=DKIM1; k=rsa; p={RSA_2048}")
syntax.bad("v=DKIM1; k=rsa", f"v=DKIM1; k=dsa; p={RSA_2048}")
syntax.bad(
    zone="""
    selector1._domainkey TXT "selector1-example-com._domainkey.contoso.onmicrosoft.com"
    """,
    fixed="""
    selector1._domainkey CNAME selector1-example-com._domainkey.contoso.onmicrosoft.com.
    """,
)
syntax.bad("ms-domain-verification=0123abcd")
syntax.bad(
    zone=f"""
    s1._domainkey TXT v=DKIM1; k=rsa; p={RSA_2048}
    """,
    fixed=f"""
    s1._domainkey TXT {txt_rdata(f"v=DKIM1; k=rsa; p={RSA_2048}")}
    """,
)
syntax.bad(zone='s1._domainkey TXT "v=spf1 -all"')
syntax.good(
    f"v=DKIM1; k=rsa; p={RSA_2048}",
    f"p={RSA_2048}",
    f"v=DKIM1; t=s; n=rotated; x-note=ours; p={RSA_2048};",
    "v=DKIM1; p=",
)
syntax.good(
    zone="""
    _domainkey TXT "t=y; o=~"
    _adsp._domainkey TXT "dkim=all"
    _acme-challenge.s1._domainkey TXT "0123456789abcdef"
    *._domainkey TXT "v=DKIM1; p="
    """
)
