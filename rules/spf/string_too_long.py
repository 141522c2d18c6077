"""SPF010: character-strings over 255 octets."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.rdata import LONGEST_STRING, txt_rdata
from zonelint.grammars.zone import octets
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.model.subjects import Spf


@rule(
    "SPF010",
    "spf-string-too-long",
    Severity.ERROR,
    on=Spf,
    fix=Fix.SAFE,
    section="RFC 7208 §3.3",
    when={"long-string"},
    role=Role.MENDS,
    step=Step.SPF,
    explains=["spf"],
)
def string_too_long(spf: Spf) -> Iterator[Found]:
    """A character-string of the record is longer than DNS allows.

    What it finds
        A character-string of more than 255 octets.
    Why it matters
        No DNS message can carry it: the name server refuses the zone, or truncates the record and
        drops the senders at its end.
    Example
        One string of 300 octets, `"v=spf1 … -all"`.
    Use instead
        Two strings of at most 255 octets, `"v=spf1 … " "… -all"`; receivers join them.
    References
        RFC 1035 §3.3; RFC 7208 §3.3
    """
    start = 0
    for string in spf.text.strings:
        size = octets(string)
        if size > LONGEST_STRING:
            yield spf.at(
                (start, start + len(string)),
                f"A character-string of {size} octets is over the limit of {LONGEST_STRING}, so "
                "the zone does not load or the record is truncated",
                "Split the text into strings of at most 255 octets, keeping the spaces.",
                change=spf.rewrite(spf.value, "the same text in shorter strings", safe=True),
            )
            return
        start += len(string)


_LONG = " ".join(f"ip4:198.51.100.{number}" for number in range(10, 27))

string_too_long.bad(
    zone=f"""
    @ TXT "v=spf1 {_LONG} -all"
    """,
    fixed=f"""
    @ TXT {txt_rdata(f"v=spf1 {_LONG} -all")}
    """,
)
string_too_long.good("v=spf1 mx -all", f"v=spf1 {_LONG} -all")
