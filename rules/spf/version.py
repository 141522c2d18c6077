"""SPF003: records that look like SPF and that receivers do not take for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.repair import repaired
from zonelint.grammars.spf.record import parse
from zonelint.grammars.spf.version import (
    VERSION,
    is_meant,
    is_spf,
    is_torn,
    second_text,
    without_quotes,
)
from zonelint.grammars.zone import Field
from zonelint.rules.core.change import Change, Edit, Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Step, rule
from zonelint.rules.model.context import once_a_zone
from zonelint.rules.model.subjects import MailZone, Txt
from zonelint.rules.spf.support.joins import missing_blanks, with_blanks
from zonelint.rules.spf.support.left_over import lets_everybody_send


@rule(
    "SPF003",
    "spf-version",
    Severity.ERROR,
    on=Txt,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §4.5",
    when={"spf"},
    role=Role.MENDS,
    step=Step.SPF,
    explains=["spf"],
)
def version(txt: Txt) -> Iterator[Found]:
    """A record was intended as SPF, but receivers do not recognise it.

    What it finds
        TXT records that do not start with `v=spf1` and a space, but were intended to: `v=spf1,`,
        `spf1`, `v=spf 1`, `V = SPF1`, a leading space or quote, the owner and type copied into the
        text; or whose `v=spf1` is a separate string, as are all terms of a record without quotes,
        or starts in a later string than the first. A warning beside a record that receivers use.
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
    is_alone = _meant_at(txt.zone, txt.owner) < 2
    seen = f"receivers see no SPF record at {txt.dotless}"
    severity = None
    if txt.owner in txt.zone.spf:
        seen = f"receivers use the other SPF record at {txt.dotless}"
        severity = Severity.WARNING
    for fault in parse(txt.value).faults:
        if fault.kind is not FaultKind.VERSION:
            continue
        strings = txt.text.strings
        second = second_text(strings)
        if second is not None:
            found = _behind_another(txt, second, seen)
            yield found if is_alone else found._replace(advice=_ONE, change=None, severity=severity)
            return
        place = (fault.start, fault.end) if fault.end > fault.start else (0, len(txt.value))
        if is_torn(strings):
            place = (0, len(strings[0]))
            message = (
                "The strings join without a space, so the record does not start with `v=spf1` "
            )
            advice = "Enclose the whole text in double quotes, with a space between terms."
        else:
            message = "The record does not start with `v=spf1` "
            advice = "Start the record with `v=spf1` and a space."
        text = _as_meant(txt, fault)
        if text is not None and lets_everybody_send(parse(text)):
            # Nobody sees it so far: a repair would open the domain to the world.
            text = None
            advice += " Not as it stands: it would let every host in the world send."
        yield txt.at(
            place,
            f"{message}and a space, and {seen}",
            advice if is_alone else _ONE,
            change=None
            if text is None or not is_alone
            else txt.rewrite(text, "the version as the standard requires it"),
            severity=severity,
        )


_ONE = "Remove it, or merge it into the other SPF record here: only one is allowed."


@once_a_zone
def _meant_at(zone: MailZone, owner: str) -> int:
    """How many texts at an owner are SPF records or were meant to be."""
    texts = {tuple(record.text.strings) for record in zone.zone.get(owner, "TXT") or ()}
    return sum(is_spf("".join(strings)) or is_meant(strings) for strings in texts)


def _as_meant(txt: Txt, fault: Fault) -> str | None:
    """The record with its version, the blanks that its strings lack, and all its terms mended.

    None where a part of it cannot be mended: receivers would refuse what is proposed.
    """
    strings = list(txt.text.strings)
    if not is_torn(strings):
        if fault.suggestion is None:
            return None
        if fault.end <= len(strings[0]):
            strings[0] = fault.suggestion + strings[0][fault.end :]
        else:
            strings = [fault.suggestion + txt.value[fault.end :]]
    text = _joined(strings, txt.record.fields)
    pasted = [fault for fault in parse(text).faults if fault.kind is FaultKind.NON_ASCII]
    text = repaired(text, pasted) or text
    whole = (_mended(each) for each in dict.fromkeys((text, without_quotes(text))))
    return next((each for each in whole if each is not None), None)


def _mended(text: str) -> str | None:
    """The text with every fault mended; None where one of them cannot be."""
    record = parse(text)
    if record.sound:
        return text
    text = repaired(text, record.faults) or text
    return text if parse(text).sound else None


def _joined(strings: Sequence[str], fields: Sequence[Field]) -> str:
    """The text of the strings with the blanks that it needs. fields: the strings as written."""
    if is_torn(strings):
        if not any(field.text.startswith('"') for field in fields):
            return without_quotes(" ".join(strings))  # without quotes every term is a string
        strings = [f"{VERSION} ", *strings[1:]]
    return with_blanks("".join(strings), missing_blanks(strings))


def _behind_another(txt: Txt, second: int, seen: str) -> Found:
    """A whole record in a later string of another text."""
    strings = txt.text.strings
    before = "".join(strings[:second])
    text = _joined(strings[second:], txt.record.fields[second:])
    edits = [Edit(txt.owner, "TXT", txt.record, txt_rdata(text))]
    if _HEAD.fullmatch(before) is None:
        edits.append(Edit(txt.owner, "TXT", None, txt_rdata(before)))
    return txt.at(
        (len(before), len(before) + len(VERSION)),
        "The strings of one record are joined into one text, so the record does not start with "
        f"`v=spf1` and a space, and {seen}",
        "Publish each text as a separate TXT record.",
        change=Change(tuple(edits), "a separate record", parse(text).sound),
    )


_HEAD = re.compile(r"\W*(?:in)?\W*(?:txt|spf)?\W*", re.IGNORECASE)
"""What is copied in front of a text: class and type."""


version.bad("v=spf1, mx -all", "spf1 mx -all", fixed="v=spf1 mx -all")
version.bad("spf1 +all", "v=spf1, ip4:0.0.0.0/0 -all")
version.bad(zone=r'@ TXT "v=spf1\160mx -all"')
version.bad(zone=r'@ TXT "v=spf1\000 mx -all"', fixed='@ TXT "v=spf1 mx -all"')
version.bad(
    "v=spf 1 mx -all",
    "V = SPF1 mx -all",
    " v=spf1 mx -all",
    '"v=spf1 mx -all',
    '"v=spf1 mx -all"',
    "\u201cv=spf1 mx -all\u201d",
    "v=spf1\u00a0mx \u2013all",
    "IN TXT v=spf1 mx -all",
    "=v=spf1 mx -all",
    fixed="v=spf1 mx -all",
)
version.bad("v=spf1, ipv4:203.0.113.7 -all", fixed="v=spf1 ip4:203.0.113.7 -all")
version.bad("v=spf1; mx; -all", "v=spf1,mx,-all", fixed="v=spf1 mx -all")
version.bad("v=spf1, mx nonsense -all")
version.bad(
    zone="""
    @ TXT v=spf1 mx a include:_spf.example.net -all
    """,
    fixed="""
    @ TXT "v=spf1 mx a include:_spf.example.net -all"
    """,
)
version.bad(
    zone="""
    @ TXT "v=spf1" "mx include:_spf.exam" "ple.net -all"
    """,
    fixed="""
    @ TXT "v=spf1 " "mx include:_spf.exam" "ple.net -all"
    """,
)
version.bad(
    zone="""
    @ TXT 'v=spf1 mx -all'
    """,
    fixed="""
    @ TXT "v=spf1 mx -all"
    """,
)
version.bad(
    zone="""
    @ TXT "MS=ms123" "v=spf1 mx -all"
    """,
    fixed="""
    @ TXT  "v=spf1 mx -all"
    @ TXT "MS=ms123"
    """,
)
version.bad(
    zone="""
    @ TXT IN TXT "v=spf1 mx -all"
    """,
    fixed="""
    @ TXT "v=spf1 mx -all"
    """,
)
version.bad(
    zone="""
    @ TXT MS=ms123 v=spf1 mx a -all
    """,
    fixed="""
    @ TXT "v=spf1 mx a -all"
    @ TXT "MS=ms123"
    """,
)
version.good(
    "our TXT v=spf1 record",
    "a txt note: v=spf1 needs mx",
    "docs for v=spf1 mx -all",
    "v=spf1 mx -all",
    "V=SPF1 mx -all",
    "spf2.0/pra mx -all",
    "our spf1 notes",
)
version.bad(
    zone="""
    @ TXT "v=spf1 mx -all"
    @ TXT "v=spf1" "a mx -all"
    @ TXT "site=1" "v=spf1 ip4:203.0.113.7 -all"
    """
)
