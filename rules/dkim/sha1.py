"""DKIM004: keys that allow SHA-1 alone."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.dkim.support.example_keys import RSA_2048
from zonelint.rules.dkim.support.keys import named
from zonelint.rules.dkim.support.pieces import is_piece
from zonelint.rules.model.subjects import Dkim


@rule(
    "DKIM004", "dkim-sha1", Severity.ERROR, on=Dkim, fix=Fix.PROPOSAL, section="RFC 8301 §3.1",
    when={"h=sha1"}, step=Step.DKIM, explains=["dkim"],
)  # fmt: skip
def sha1(dkim: Dkim) -> Iterator[Found]:
    """The key may be used only with SHA-1.

    What it finds
        `h=` that names `sha1` and not `sha256`.
    Why it matters
        Verifiers must not accept SHA-1 signatures, and `h=` rules out all others: every signature
        made with the key fails.
    Example
        `v=DKIM1; h=sha1; p=MIIB…`
    Use instead
        `v=DKIM1; h=sha256; p=MIIB…`
    References
        RFC 8301 §3.1; RFC 6376 §3.6.1
    """
    tag = dkim.ast.tag("h")
    if tag is None or "sha1" not in dkim.ast.h or "sha256" in dkim.ast.h or is_piece(dkim):
        return
    yield dkim.at(
        tag,
        "The tag `h` allows only SHA-1, which verifiers no longer accept, so mail signed with "
        f"{named(dkim)} fails DKIM",
        "Write `h=sha256` or omit `h`, and make sure that the signer uses rsa-sha256.",
        change=dkim.rewrite(dkim.ast.replacing(tag, "h=sha256"), "the hash that verifiers accept"),
    )


sha1.bad(f"v=DKIM1; h=sha1; p={RSA_2048}", fixed=f"v=DKIM1; h=sha256; p={RSA_2048}")
sha1.bad(f"v=DKIM1; h=SHA1; k=rsa; p={RSA_2048}", fixed=f"v=DKIM1; h=sha256; k=rsa; p={RSA_2048}")
sha1.good(
    f"v=DKIM1; h=sha256; p={RSA_2048}",
    f"v=DKIM1; h=sha1:sha256; p={RSA_2048}",
    f"v=DKIM1; p={RSA_2048}",
)
