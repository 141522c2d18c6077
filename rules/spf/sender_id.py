"""SPF304: Sender ID records."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.model.subjects import Txt


@rule(
    "SPF304",
    "spf-sender-id",
    Severity.WARNING,
    on=Txt,
    fix=Fix.PROPOSAL,
    section="RFC 4406",
    when={"sender-id"},
    step=Step.SPF,
    explains=["spf"],
)
def sender_id(txt: Txt) -> Iterator[Found]:
    """A Sender ID record, which receivers no longer read.

    What it finds
        A TXT record that starts with `spf2.0`.
    Why it matters
        Sender ID is historic and no receiver acts on it; the record only takes up space in the
        answer, and where it is the only one the domain has no SPF at all.
    Example
        `spf2.0/pra mx -all`
    Use instead
        One SPF record, `v=spf1 mx -all`, and no Sender ID record.
    References
        RFC 4406 (historic); RFC 6686 §5
    """
    if "sender-id" in txt.features:
        yield txt.whole(
            "This is a Sender ID record, which receivers no longer read, so it protects nothing",
            "Remove it; the domain's SPF record starts with `v=spf1`.",
            change=txt.remove("Sender ID is historic"),
        )


sender_id.bad("spf2.0/pra mx -all", "spf2.0/mfrom,pra include:example.net ~all")
sender_id.bad(
    zone="""
    @ TXT "v=spf1 mx -all"
    @ TXT "spf2.0/pra mx -all"
    """,
    fixed="""
    @ TXT "v=spf1 mx -all"
    """,
)
sender_id.good("v=spf1 mx -all", "google-site-verification=spf2.0")
