"""SPF306: capitals where lower case is usual."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.model.subjects import Spf


@rule(
    "SPF306",
    "spf-case",
    Severity.INFO,
    on=Spf,
    fix=Fix.SAFE,
    section="RFC 7208 §4.6.1",
    when={"uppercase"},
)
def case(spf: Spf) -> Iterator[Found]:
    """The record has upper-case letters where lower case means the same.

    What it finds
        Upper case in the version, in the names of mechanisms and modifiers, and in domains. Macro
        letters are left as they are: there the case has a meaning.
    Why it matters
        Receivers do not mind, but some home-grown checkers do, and differences in case hide
        duplicates.
    Example
        `V=SPF1 MX Include:_SPF.example.net -ALL`
    Use instead
        `v=spf1 mx include:_spf.example.net -all`
    References
        RFC 7208 §4.6.1, §7.3, §12
    """
    lowered = spf.ast.lowered
    if lowered == spf.value:
        return
    change = spf.rewrite(lowered, "names are case-insensitive", safe=True)
    version, terms = spf.ast.version, spf.ast.terms
    first = next((term for term in terms if "uppercase" in term.features), None)
    place = (0, len(version)) if version != version.lower() or first is None else first
    written = version if isinstance(place, tuple) else place.text
    yield spf.at(
        place,
        f"`{written}` is usually written in lower case, which means the same to receivers",
        "Write the record in lower case.",
        change=change,
    )


case.bad("v=spf1 MX -all", fixed="v=spf1 mx -all")
case.bad("V=SPF1 mx Include:_SPF.example.net -ALL", fixed="v=spf1 mx include:_spf.example.net -all")
case.bad(
    "v=spf1 Exists:%{I}._SPF.example.com -all", fixed="v=spf1 exists:%{I}._spf.example.com -all"
)
case.good("v=spf1 mx -all", "v=spf1 exists:%{I}._spf.example.com -all")
