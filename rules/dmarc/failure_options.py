"""DMARC111: `fo` without `ruf`."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.mail.dmarc_equivalence import is_harmless
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC111",
    "dmarc-failure-options",
    Severity.INFO,
    on=Dmarc,
    fix=Fix.SAFE,
    section="RFC 9989 §4.7",
    when={"fo"},
)
def failure_options(dmarc: Dmarc) -> Iterator[Found]:
    """The record has options for failure reports but no address for them.

    What it finds
        `fo` in a record without `ruf`.
    Why it matters
        Receivers then ignore `fo`: no failure report is sent, whatever it says.
    Example
        `v=DMARC1; p=none; rua=mailto:dmarc@example.com; fo=1`
    Use instead
        `v=DMARC1; p=none; rua=mailto:dmarc@example.com`
    References
        RFC 9989 §4.7
    """
    tag = dmarc.ast.tag("fo")
    if tag is None or not tag.sound or dmarc.ast.has("ruf"):
        return
    text = dmarc.ast.without("fo")
    yield dmarc.at(
        tag,
        f"`{tag.text}` has no effect: without `ruf` there is no address for failure reports",
        "Remove it, or add `ruf` if you want failure reports.",
        change=dmarc.rewrite(text, "receivers ignore it", safe=is_harmless(dmarc.ast, text)),
    )


failure_options.bad("v=DMARC1; p=none; fo=1", fixed="v=DMARC1; p=none")
failure_options.bad(
    "v=DMARC1;p=none;fo=0:d;rua=mailto:d@example.com",
    fixed="v=DMARC1;p=none;rua=mailto:d@example.com",
)
failure_options.bad("v=DMARC1; p=none; fo=1; fo=0:d", fixed="v=DMARC1; p=none")
failure_options.good(
    "v=DMARC1; p=none; fo=1; ruf=mailto:f@example.com",
    "v=DMARC1; p=none",
    "v=DMARC1; p=none; fo=0:1",
)
