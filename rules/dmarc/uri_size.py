"""DMARC107: addresses with the obsolete size limit."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.repair import spliced
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.model.subjects import Dmarc


@rule(
    "DMARC107",
    "dmarc-uri-size",
    Severity.WARNING,
    on=Dmarc,
    fix=Fix.SAFE,
    section="RFC 9989 Appendix C.4",
    when={"uri-size"},
)
def uri_size(dmarc: Dmarc) -> Iterator[Found]:
    """An address for reports has the obsolete size limit.

    What it finds
        An exclamation mark and a size after an address in `rua` or `ruf`.
    Why it matters
        RFC 9989 dropped the limit: receivers must ignore it, and one that does not know it may
        treat it as part of the address, so that reports are lost.
    Example
        `v=DMARC1; p=none; rua=mailto:dmarc@example.com!10m`
    Use instead
        `v=DMARC1; p=none; rua=mailto:dmarc@example.com`
    References
        RFC 9989 §4.8 (obs-dmarc-report-size), Appendix C.4
    """
    limited = [
        uri for uri in (*dmarc.ast.rua, *dmarc.ast.ruf) if uri.size_suffix and not uri.faults
    ]
    places = [(uri.end - len(uri.size_suffix) - 1, uri.end) for uri in limited]
    text = spliced(dmarc.value, ((start, end, "") for start, end in places))
    change = dmarc.rewrite(text, "addresses without the size limit", safe=True)
    for uri, place in zip(limited, places, strict=True):
        yield dmarc.at(
            place,
            f"The size limit `!{uri.size_suffix}` after `{uri.uri}` is obsolete, and receivers "
            "that do not know it may send no reports there",
            "Remove it.",
            change=change,
        )


uri_size.bad(
    "v=DMARC1; p=none; rua=mailto:a@example.com!10m,mailto:b@example.com; "
    "ruf=mailto:c@example.com!500k",
    fixed="v=DMARC1; p=none; rua=mailto:a@example.com,mailto:b@example.com; "
    "ruf=mailto:c@example.com",
)
uri_size.bad(
    "v=DMARC1; p=none; rua=mailto:a@example.com!10m",
    fixed="v=DMARC1; p=none; rua=mailto:a@example.com",
)
uri_size.good("v=DMARC1; p=none; rua=mailto:a%21b@example.com", "v=DMARC1; p=none")
