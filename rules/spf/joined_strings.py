"""SPF005: character-strings that join without a blank."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.spf.record import Modifier, read_term
from zonelint.rules.core.change import Change, Edit, Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.model.subjects import Spf
from zonelint.rules.spf.support.joins import missing_blanks, with_blanks


@rule(
    "SPF005",
    "spf-joined-strings",
    Severity.ERROR,
    on=Spf,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §3.3",
    when={"several-strings"},
    role=Role.MENDS,
    step=Step.SPF,
    explains=["spf"],
)
def joined_strings(spf: Spf) -> Iterator[Found]:
    """Two character-strings of the record join without the space that they need.

    What it finds
        A record of several character-strings in which one ends with a term and the next starts with
        another, with no space between them.
    Why it matters
        Receivers join the strings without adding a space: two terms become one that is not valid,
        and the whole record fails.
    Example
        `"v=spf1 include:a.example.net" "include:b.example.net -all"`
    Use instead
        `"v=spf1 include:a.example.net" " include:b.example.net -all"`
    References
        RFC 7208 §3.3
    """
    borders = missing_blanks(spf.text.strings)
    if not borders:
        return
    advice = "Put a space at the end of the first string or at the start of the second."
    change = spf.rewrite(with_blanks(spf.value, borders), "the space between two terms")
    if _is_another_text(spf.value[borders[-1] :]):
        advice = "Publish each text as a separate TXT record."
        change = _apart(spf, borders)
    for border in borders:
        start = spf.value.rfind(" ", 0, border) + 1
        end = spf.value.find(" ", border)
        joined = spf.value[start : end if end > 0 else len(spf.value)]
        yield spf.at(
            (border, end if end > 0 else len(spf.value)),
            f"The strings join without a space, so receivers read {joined} and refuse the record",
            advice,
            change=change,
        )


def _is_another_text(text: str) -> bool:
    """Whether a string is nothing of SPF: what a service wants to find in a TXT record, say."""
    term = None if " " in text else read_term(text)
    return isinstance(term, Modifier) and "unknown-modifier" in term.features


def _apart(spf: Spf, borders: list[int]) -> Change:
    text = with_blanks(spf.value[: borders[-1]], borders[:-1])
    edits = (
        Edit(spf.owner, "TXT", spf.record, txt_rdata(text)),
        Edit(spf.owner, "TXT", None, txt_rdata(spf.value[borders[-1] :])),
    )
    return Change(edits, "a separate record for each text")


joined_strings.bad(
    zone="""
    @ TXT "v=spf1 include:a.example.net" "include:b.example.net -all"
    """,
    fixed="""
    @ TXT "v=spf1 include:a.example.net " "include:b.example.net -all"
    """,
)
joined_strings.bad(zone='@ TXT "v=spf1 mx" "-all"')
joined_strings.bad(
    zone="""
    @ TXT "v=spf1 mx -all" "MS=ms123"
    """,
    fixed="""
    @ TXT "v=spf1 mx -all"
    @ TXT "MS=ms123"
    """,
)
joined_strings.good(
    zone="""
    @ TXT "v=spf1 include:a.example.net " "include:b.example.net -all"
    a TXT "v=spf1 include:_spf.exam" "ple.net -all"
    b TXT "v=spf1 include:spf.example.c" "a -all"
    """
)
