"""DKIM006: keys that say they are on trial."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.dkim.support.example_keys import RSA_2048
from zonelint.rules.dkim.support.keys import named
from zonelint.rules.dkim.support.pieces import is_piece
from zonelint.rules.model.subjects import Dkim


@rule(
    "DKIM006", "dkim-testing", Severity.WARNING, on=Dkim, fix=Fix.PROPOSAL,
    section="RFC 6376 §3.6.1", when={"t=y"}, step=Step.DKIM,
)  # fmt: skip
def testing(dkim: Dkim) -> Iterator[Found]:
    """The key says that DKIM is only being tested.

    What it finds
        The flag `y` in `t=`.
    Why it matters
        Verifiers may treat mail signed with the key as unsigned: the signature then helps neither
        delivery nor DMARC.
    Example
        `v=DKIM1; t=y; p=MIIB…`
    Use instead
        `v=DKIM1; p=MIIB…`
    References
        RFC 6376 §3.6.1
    """
    tag = dkim.ast.tag("t")
    if tag is None or "y" not in dkim.ast.t or dkim.ast.revoked or is_piece(dkim):
        return
    kept = [flag for flag in dkim.ast.t if flag != "y"]
    text = dkim.ast.replacing(tag, f"t={':'.join(kept)}") if kept else dkim.ast.without("t")
    yield dkim.at(
        tag,
        "The key is marked as a test key (`t=y`), so verifiers may treat mail signed with "
        f"{named(dkim)} as unsigned",
        "Remove the flag `y` once signed mail arrives.",
        change=dkim.rewrite(text, "signatures count"),
    )


testing.bad(f"v=DKIM1; t=y; p={RSA_2048}", fixed=f"v=DKIM1; p={RSA_2048}")
testing.bad(f"v=DKIM1; t=y:s; p={RSA_2048}", fixed=f"v=DKIM1; t=s; p={RSA_2048}")
testing.good(f"v=DKIM1; t=s; p={RSA_2048}", "v=DKIM1; t=y; p=")
