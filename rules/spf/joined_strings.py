"""SPF005: character-strings that join without a blank."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.finding import Found, Severity
from zonelint.rules.rule import Fix, rule
from zonelint.rules.spf.joins import missing_blanks, with_blanks
from zonelint.rules.subjects import Spf


@rule(
    "SPF005",
    "spf-joined-strings",
    Severity.ERROR,
    on=Spf,
    fix=Fix.SAFE,
    section="RFC 7208 §3.3",
    when={"several-strings"},
)
def joined_strings(spf: Spf) -> Iterator[Found]:
    """Two character-strings of the record join without the blank that they need.

    What it finds
        A record of several character-strings in which one ends with a term and the next starts
        with another, and no blank stands between them.
    Why it matters
        Receivers join the strings without adding a blank: two terms become one that means
        nothing, and the whole record fails.
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
    change = spf.rewrite(with_blanks(spf.value, borders), "the blank between two terms", safe=True)
    for border in borders:
        start = spf.value.rfind(" ", 0, border) + 1
        end = spf.value.find(" ", border)
        joined = spf.value[start : end if end > 0 else len(spf.value)]
        yield spf.at(
            (border, end if end > 0 else len(spf.value)),
            f"The strings join without a blank, so receivers read {joined} and refuse the record",
            "Put a blank at the end of the first string or in front of the second.",
            change=change,
        )


joined_strings.bad(
    zone="""
    @ TXT "v=spf1 include:a.example.net" "include:b.example.net -all"
    """,
    fixed="""
    @ TXT "v=spf1 include:a.example.net " "include:b.example.net -all"
    """,
)
joined_strings.bad(zone='@ TXT "v=spf1 mx" "-all"')
joined_strings.good(
    zone="""
    @ TXT "v=spf1 include:a.example.net " "include:b.example.net -all"
    a TXT "v=spf1 include:_spf.exam" "ple.net -all"
    b TXT "v=spf1 include:spf.example.c" "a -all"
    """
)
