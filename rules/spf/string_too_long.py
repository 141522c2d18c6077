"""SPF010: character-strings over 255 octets."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.rdata import LONGEST_STRING, txt_rdata
from zonelint.grammars.zone import octets
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, rule
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
)
def string_too_long(spf: Spf) -> Iterator[Found]:
    """A character-string of the record is longer than DNS can carry.

    What it finds
        A character-string of more than 255 octets.
    Why it matters
        No DNS message can hold it: the name server refuses the zone, or cuts the record and with
        it the senders at its end.
    Example
        One string of 300 octets, `"v=spf1 … -all"`.
    Use instead
        Two strings of 255 octets at most, `"v=spf1 … " "… -all"`; receivers join them.
    References
        RFC 1035 §3.3; RFC 7208 §3.3
    """
    start = 0
    for string in spf.text.strings:
        size = octets(string)
        if size > LONGEST_STRING:
            yield spf.at(
                (start, start + len(string)),
                f"A character-string of {size} octets, over {LONGEST_STRING}, fits into no DNS "
                "message, so the zone does not load or the record is cut",
                "Split the text into strings of 255 octets at most, blanks kept.",
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
