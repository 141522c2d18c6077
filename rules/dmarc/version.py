"""DMARC003: records that were meant to be DMARC and that receivers ignore."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.tags.dmarc import is_torn, parse
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.dmarc.support.kept import keeps_written
from zonelint.rules.dmarc.support.places import is_meant, lookalikes
from zonelint.rules.mail.dmarc_equivalence import visible
from zonelint.rules.mail.dmarc_owner import LABEL, is_aliased, rightful
from zonelint.rules.model.subjects import Txt


@rule(
    "DMARC003",
    "dmarc-version",
    Severity.ERROR,
    on=Txt,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.7",
    when={"dmarc", "at-dmarc"},
    role=Role.MENDS,
    step=Step.DMARC,
    explains=["dmarc-missing"],
)
def version(txt: Txt) -> Iterator[Found]:
    """A record was intended as DMARC, but receivers do not recognise it.

    What it finds
        TXT records at `_dmarc`, or where an alias there leads to, that do not start with `v=DMARC1`
        and a semicolon, but were intended to: wrong case, an extra leading character, the version
        missing or not first, a comma or a space instead of the semicolon; or strings, one for each
        tag, with nothing between them.
    Why it matters
        Receivers ignore the whole record: the domain has no DMARC, anybody can send as it, and no
        reports arrive.
    Example
        `p=none; v=dmarc1; rua=mailto:dmarc@example.com`
    Use instead
        `v=DMARC1; p=none; rua=mailto:dmarc@example.com`
    References
        RFC 9989 §4.7, §4.8
    """
    if not is_meant(txt):
        return
    if not is_aliased(txt.owner, txt.context):
        is_there = txt.owner.startswith(LABEL) and rightful(txt.owner, txt.zone.origin) is None
        if not is_there:
            return
    torn = is_torn(txt.text.strings)
    record = parse(txt.value)
    kinds = (FaultKind.VERSION, FaultKind.NON_ASCII)
    fault = next((f for kind in kinds for f in record.faults if f.kind is kind), None)
    text = _mended("; ".join(_tags(txt)) if torn else txt.value)
    alone = lookalikes(txt.zone, txt.owner) < 2
    yield txt.at(
        (0, len(txt.value)) if torn or fault is None or fault.start == fault.end else fault,
        f"{_TORN if torn else _describe(fault)}, so receivers ignore the record and see no DMARC "
        f"at {txt.dotless}",
        ("Put a semicolon between the tags." if torn else _START)
        if alone
        else "Remove it, or merge it into the other DMARC record here: only one is allowed.",
        change=txt.rewrite(text, "the version as the standard requires it")
        if alone and text is not None and keeps_written(txt.value, text)
        else None,
    )


def _mended(text: str) -> str | None:
    """The whole record as it was meant; None where more than its version cannot be mended."""
    seen = visible(text)
    if seen is None:
        return None
    mended = parse(seen).correcting(*_BREAKING)
    return None if any(f.kind in _BREAKING for f in parse(mended).faults) else mended


_BREAKING = (FaultKind.SYNTAX, FaultKind.REPORT_URI)
_START = "Start the record with `v=DMARC1;`, in exactly this spelling."
_TORN = "The strings join without a semicolon between their tags"


def _tags(txt: Txt) -> Iterator[str]:
    """The strings as the tags that they were meant to be."""
    return (string.strip(" ;") for string in txt.text.strings)


def _describe(fault: Fault | None) -> str:
    if fault is not None and fault.kind is FaultKind.VERSION:
        return fault.message.rstrip(".").partition(", so ")[0].partition(": ")[0]
    return "The record does not start with `v=DMARC1` and a semicolon"


for _written, _meant in (
    ("v=dmarc1; p=none", "v=DMARC1; p=none"),
    ("p=none; v=DMARC1", "v=DMARC1; p=none"),
    ("iv=DMARC1; p=none", "v=DMARC1; p=none"),
    ("v=DMARC1 p=none", "v=DMARC1; p=none"),
    ("v=DMARC1, p=reject", "v=DMARC1; p=reject"),
    ("DMARC1; p=none", "v=DMARC1; p=none"),
    (" v=DMARC1; p=none", "v=DMARC1; p=none"),
    ("v=DMARC2; p=none", "v=DMARC1; p=none"),
    ("=DMARC1; p=none", "v=DMARC1; p=none"),
    ("_dmarc= v=DMARC1; p=none", "v=DMARC1; p=none"),
    ("_dmarc.example.com v=DMARC1; p=none;", "v=DMARC1; p=none;"),
    ("v=DMARC1\uff1b p=none", "v=DMARC1; p=none"),
    ("rua=mailto:d@example.com; p=none", "v=DMARC1; rua=mailto:d@example.com; p=none"),
    ("v=dmarc1; p=none; rua=d@example.com", "v=DMARC1; p=none; rua=mailto:d@example.com"),
):
    version.bad(zone=f'_dmarc TXT "{_written}"', fixed=f'_dmarc TXT "{_meant}"')
version.bad(
    zone="""
    _dmarc TXT "v=DMARC1" "p=none" "rua=mailto:d@example.com"
    """,
    fixed="""
    _dmarc TXT "v=DMARC1" "; p=none; " "rua=mailto:d@example.com"
    """,
)
version.bad(
    zone="""
    _dmarc TXT "v=dmarc1; p=none; rua=mailto:d@example.com &lt;d@example.com&gt;;"
    """
)
version.bad(zone='_dmarc TXT "DMARC1, sp:reject"')
version.bad(
    zone="""
    _dmarc CNAME a.policies
    a.policies CNAME b.policies
    b.policies TXT "v=dmarc1; p=reject"
    """,
    fixed="""
    _dmarc CNAME a.policies
    a.policies CNAME b.policies
    b.policies TXT "v=DMARC1; p=reject"
    """,
)
version.bad(
    zone="""
    _dmarc TXT "v=DMARC1; p=reject"
    _dmarc TXT "v=dmarc1; p=none"
    """
)
version.good(
    zone="""
    _dmarc TXT "v = DMARC1; p=none"
    _dmarc.shop TXT "V=DMARC1; p=none"
    _dmarc TXT "google-site-verification=abc"
    _dmarc TXT "dmarc-verify=1"
    @ TXT "our notes on DMARC1 and p=none"
    example.net._report._dmarc TXT "v=dmarc1"
    """
)
