"""SPF003: records that look like SPF and that receivers do not take for it."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import FaultKind
from zonelint.grammars.repair import repaired
from zonelint.grammars.spf import parse
from zonelint.rules.finding import Found, Severity
from zonelint.rules.rule import Fix, rule
from zonelint.rules.subjects import Txt


@rule(
    "SPF003",
    "spf-version",
    Severity.ERROR,
    on=Txt,
    fix=Fix.SAFE,
    section="RFC 7208 §4.5",
    when={"spf"},
)
def version(txt: Txt) -> Iterator[Found]:
    """A record was meant to be SPF, but receivers do not see it as such.

    What it finds
        TXT records that do not start with `v=spf1` and a blank, yet were meant to: `v=spf1,`,
        `spf1`, `v=spf 1`, `V = SPF1`, a blank or a quote in front.
    Why it matters
        Receivers select SPF records by those seven characters: the domain has no SPF.
    Example
        `v=spf1, mx -all`
    Use instead
        `v=spf1 mx -all`
    References
        RFC 7208 §4.5
    """
    if "spf" not in txt.features:
        return
    for fault in parse(txt.value).faults:
        if fault.kind is not FaultKind.VERSION:
            continue
        text = repaired(txt.value, [fault])
        yield txt.at(
            fault if fault.end > fault.start else (0, len(txt.value)),
            f"The record does not start with v=spf1 and a blank, so receivers see no SPF at "
            f"{txt.spoken}",
            "Start the record with v=spf1 and a blank.",
            change=None
            if text is None
            else txt.rewrite(text, "the version as it must be", safe=True),
        )


version.bad("v=spf1, mx -all", fixed="v=spf1 mx -all")
version.bad("spf1 mx -all", fixed="v=spf1 mx -all")
version.bad("v=spf 1 mx -all", fixed="v=spf1 mx -all")
version.bad("V = SPF1 mx -all", fixed="v=spf1 mx -all")
version.bad(" v=spf1 mx -all", fixed="v=spf1 mx -all")
version.bad('"v=spf1 mx -all', fixed="v=spf1 mx -all")
version.good("v=spf1 mx -all", "V=SPF1 mx -all", "spf2.0/pra mx -all", "our spf1 notes")
