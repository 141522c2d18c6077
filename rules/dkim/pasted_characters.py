"""DKIM014: characters that a copy or a web form put into a key record."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.tags.publickey import PublicKey
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.dkim.support.example_keys import RSA_2048
from zonelint.rules.dkim.support.keys import PASTED, between_quotes, named
from zonelint.rules.dkim.support.pieces import is_piece
from zonelint.rules.mail.tag_faults import report_faults
from zonelint.rules.model.subjects import Dkim


@rule(
    "DKIM014", "dkim-pasted-characters", Severity.ERROR, on=Dkim, fix=Fix.PROPOSAL,
    section="RFC 6376 §3.6.1",
    when={"fault:non-ascii", "fault:pasted", "fault:syntax", "folded-key"},
    role=Role.MENDS, step=Step.DKIM, explains=["dkim"],
)  # fmt: skip
def pasted_characters(dkim: Dkim) -> Iterator[Found]:
    """The record contains characters that were introduced by copying or by a web form.

    What it finds
        Typographic quotes and dashes, unusual spaces and other non-ASCII characters; quotes,
        backslashes and `BEGIN PUBLIC KEY` lines inside `p=`. Plain spaces inside the key are
        allowed and reported only as an info.
    Why it matters
        The key cannot be decoded: every signature made with the selector fails.
    Example
        `v=DKIM1; p=MIIBIjAN" "Bgkqhk…`, with the quotes in the value
    Use instead
        `v=DKIM1; p=MIIBIjANBgkqhk…`
    References
        RFC 6376 §3.2, §3.6.1
    """
    if is_piece(dkim):
        return
    inner = between_quotes(dkim)
    if inner is not None:
        yield dkim.whole(
            f"The text of the record is itself enclosed in quotes; mail signed with {named(dkim)} "
            "then fails DKIM",
            "Remove both quotes.",
            change=dkim.rewrite(inner, "the record without the quotes around it"),
        )
        return
    yield from report_faults(
        dkim, dkim.ast, PASTED, f"mail signed with {named(dkim)} then fails DKIM",
        "Copy the key again, as plain text.",
    )  # fmt: skip
    tag = dkim.ast.tag("p")
    if dkim.ast.is_clean and tag is not None and isinstance(dkim.ast.key, PublicKey):
        written = dkim.value[tag.value_start : tag.value_end]
        if written != tag.value:
            yield dkim.at(
                (tag.value_start, tag.value_end),
                f"There are spaces inside {named(dkim)}; verifiers must ignore them, but not "
                "every tool does",
                "Write the key without spaces.",
                severity=Severity.INFO,
                change=dkim.rewrite(
                    dkim.ast.replacing(tag, f"p={tag.value}"), "the key without spaces"
                ),
            )


_START, _REST = RSA_2048[:40], RSA_2048[40:]

pasted_characters.bad(
    f'v=DKIM1; p={_START}" "{_REST}',
    f"v=DKIM1; p={_START}\u200b{_REST}",
    fixed=f"v=DKIM1; p={RSA_2048}",
)
pasted_characters.bad(f'"k=rsa; p={RSA_2048}"', fixed=f"k=rsa; p={RSA_2048}")
pasted_characters.bad(
    f"\u201cv=DKIM1; p={RSA_2048}\u201d",
    f"v=DKIM1;\u00a0p={RSA_2048}",
    f"v=DKIM1; p=-----BEGIN PUBLIC KEY-----{RSA_2048}-----END PUBLIC KEY-----",
)
pasted_characters.bad(f"v=DKIM1; p={_START} {_REST}", fixed=f"v=DKIM1; p={RSA_2048}")
pasted_characters.good(f"v=DKIM1; k=rsa; p={RSA_2048}", f"v=DKIM1 ; p = {RSA_2048} ;")
