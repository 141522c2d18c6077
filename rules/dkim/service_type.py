"""DKIM007: keys that are not for mail."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.dkim.support.example_keys import RSA_2048
from zonelint.rules.dkim.support.keys import named
from zonelint.rules.dkim.support.pieces import is_piece
from zonelint.rules.model.subjects import Dkim

_GOOD = frozenset({"email", "*", "tlsrpt"})
"""`tlsrpt` is for keys that sign nothing but TLS reports (RFC 8460 §3)."""


@rule(
    "DKIM007", "dkim-service-type", Severity.ERROR, on=Dkim, fix=Fix.PROPOSAL,
    section="RFC 6376 §3.6.1", when={"s"}, step=Step.DKIM, explains=["dkim"],
)  # fmt: skip
def service_type(dkim: Dkim) -> Iterator[Found]:
    """The key is declared for a service other than mail.

    What it finds
        `s=` without `email` or `*`. A key for TLS reports only, `s=tlsrpt`, is not reported.
    Why it matters
        Verifiers ignore the key for mail: all mail signed with it fails DKIM.
    Example
        `v=DKIM1; s=web; p=MIIB…`
    Use instead
        `v=DKIM1; s=email; p=MIIB…`, or no `s=` at all
    References
        RFC 6376 §3.6.1; RFC 8460 §3
    """
    tag = dkim.ast.tag("s")
    if tag is None or not tag.sound or not _GOOD.isdisjoint(dkim.ast.s) or is_piece(dkim):
        return
    yield dkim.at(
        tag,
        f"`{tag.text}` names neither `email` nor `*`, so verifiers ignore the key and mail signed "
        f"with {named(dkim)} fails DKIM",
        "Write `s=email`, the value that RFC 6376 defines for mail (RFC 8460 adds `tlsrpt` for "
        "TLS reports), or omit `s`.",
        change=dkim.rewrite(dkim.ast.replacing(tag, "s=email"), "the service type for mail"),
    )


service_type.bad(
    f"v=DKIM1; s=web; p={RSA_2048}",
    f"v=DKIM1; s=mail:web; p={RSA_2048}",
    fixed=f"v=DKIM1; s=email; p={RSA_2048}",
)
service_type.good(
    f"v=DKIM1; s=email; p={RSA_2048}",
    f"v=DKIM1; s=web:email; p={RSA_2048}",
    f"v=DKIM1; s=*; p={RSA_2048}",
    f"v=DKIM1; s=tlsrpt; p={RSA_2048}",
    f"v=DKIM1; p={RSA_2048}",
)
