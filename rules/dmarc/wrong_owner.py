"""DMARC004: DMARC records at a name that no receiver asks."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.tags.dmarc import DmarcRecord, parse
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.change import Change, Edit, Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.dmarc.support.places import lookalikes, misplaced
from zonelint.rules.mail.dmarc_discovery import covering, is_reverse
from zonelint.rules.mail.dmarc_equivalence import visible
from zonelint.rules.mail.dmarc_owner import LABEL
from zonelint.rules.model.subjects import Dmarc, MailZone, Txt


@rule(
    "DMARC004",
    "dmarc-wrong-owner",
    Severity.ERROR,
    on=MailZone,
    about=Dmarc,
    needs=Needs.ZONE,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.10",
    role=Role.MENDS,
    step=Step.DMARC,
    explains=["dmarc-missing"],
)
def wrong_owner(zone: MailZone) -> Iterator[Found]:
    """A DMARC record is published at a name where no receiver looks for it.

    What it finds
        DMARC records at the apex, at another name that receives or sends mail or belongs to a host,
        at a misspelt label such as `dmarc`, at `_dmarc._dmarc`, and at an owner that contains the
        zone's name twice (a missing final dot). A warning where the right owner already has a
        record, where one with a stronger policy belongs there too, or where the record of a domain
        above covers it.
    Why it matters
        Receivers query `_dmarc` before the domain and nothing else: the record has no effect, and
        the domain has no DMARC.
    Example
        `example.com. TXT "v=DMARC1; p=none"`
    Use instead
        `_dmarc.example.com. TXT "v=DMARC1; p=none"`
    References
        RFC 9989 §4.5, §4.10
    """
    if is_reverse(zone.origin):
        return
    astray = list(misplaced(zone))
    first: dict[str, Dmarc | Txt] = {}
    for found, place in astray:
        if place not in first or _rank(parse(first[place].value)) < _rank(parse(found.value)):
            first[place] = found
    for found, place in astray:
        at = without_dot(place)
        where = f"Receivers look for DMARC at {at} and not at {found.dotless}"
        if _is_taken(zone, place):
            yield found.whole(
                f"Receivers look for DMARC at {at}, where a record is already published, and not "
                f"at {found.dotless}, so this one has no effect",
                "Remove it.",
                change=found.remove("no receiver queries it"),
                severity=Severity.WARNING,
            )
            continue
        if found is not first[place]:
            other = first[place]
            which = "another" if other.owner == found.owner else f"the record at {other.dotless}"
            yield found.whole(
                f"{where}, so the record has no effect; {which} belongs there too, and only one "
                "can be published",
                f"Move only one of them to {at}, and remove the others.",
                severity=Severity.WARNING,
            )
            continue
        cover = covering(zone.context, place.removeprefix(LABEL))
        if cover.record is None or cover.at is None:
            yield found.whole(
                f"{where}, so the record has no effect and the domain has no DMARC",
                f"Move it to {at}.",
                change=_move(zone, found, place),
            )
            continue
        weaker = _rank(parse(found.value)) < _rank(cover.record)
        yield found.whole(
            f"{where}, so the record has no effect: that of {without_dot(cover.at)} applies",
            f"Remove it: at {at} it would weaken the policy that covers the name."
            if weaker
            else f"Move it to {at}, or remove it.",
            change=found.remove("no receiver queries it") if weaker else _move(zone, found, place),
            severity=Severity.WARNING,
        )


def _rank(record: DmarcRecord) -> int:
    return -1 if record.p is None else record.p.rank


def _is_taken(zone: MailZone, place: str) -> bool:
    return lookalikes(zone, place) > 0 or zone.zone.get(place, "CNAME") is not None


def _move(zone: MailZone, found: Dmarc | Txt, place: str) -> Change | None:
    """The record at its place, and with the version that makes receivers see it."""
    text = found.value if isinstance(found, Dmarc) else visible(found.value)
    if text is None or not zone.zone.contains(place) or zone.zone.is_delegated(place):
        return None
    rdata = found.record.rdata if text == found.value else txt_rdata(text)
    edit = Edit(place, "TXT", found.record, rdata)
    return Change((edit,), "receivers query this name")


wrong_owner.bad(
    zone="""
    @ MX 10 mail
    @ TXT "v=DMARC1; p=none"
    """,
    fixed="""
    @ MX 10 mail
    _dmarc TXT "v=DMARC1; p=none"
    """,
)
wrong_owner.bad(
    zone="""
    dmarc TXT "v=DMARC1; p=none"
    """,
    fixed="""
    _dmarc TXT "v=DMARC1; p=none"
    """,
)
wrong_owner.bad(
    zone=r"""
    _dmarc\.shop TXT "v=DMARC1; p=none"
    """,
    fixed="""
    _dmarc.shop TXT "v=DMARC1; p=none"
    """,
)
wrong_owner.bad(
    zone="""
    _dmarc._dmarc TXT "v=DMARC1; p=none"
    """,
    fixed="""
    _dmarc TXT "v=DMARC1; p=none"
    """,
)
wrong_owner.bad(
    zone="""
    _dmarc.example.com TXT "v=DMARC1; p=none"
    """,
    fixed="""
    _dmarc TXT "v=DMARC1; p=none"
    """,
)
wrong_owner.bad(
    zone="""
    _dmarc.shop.example.com TXT "v=DMARC1; p=none"
    _demarc TXT "v=dmarc1; p=none"
    """,
    fixed="""
    _dmarc.shop TXT "v=DMARC1; p=none"
    _dmarc TXT "v=DMARC1; p=none"
    """,
)
wrong_owner.bad(
    zone="""
    @ TXT "v=DMARC1; p=none"
    _dmarc TXT "v=DMARC1; p=reject"
    """,
    fixed="""
    _dmarc TXT "v=DMARC1; p=reject"
    """,
)
wrong_owner.good(
    zone="""
    @ TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; p=none"
    _dmarc.shop TXT "v=DMARC1; p=none"
    example.net._report._dmarc TXT "v=DMARC1"
    *._report._dmarc TXT "v=DMARC1"
    _dmarc.parked CNAME dmarc
    dmarc TXT "v=DMARC1; p=reject"
    """
)
wrong_owner.bad(
    zone="""
    shop MX 10 mail
    shop TXT "v=DMARC1; p=none"
    news TXT "v=spf1 mx -all"
    news TXT "v=DMARC1; p=none"
    _dmarc.news TXT "v=DMARC1; p=reject"
    """,
    fixed="""
    shop MX 10 mail
    _dmarc.shop TXT "v=DMARC1; p=none"
    news TXT "v=spf1 mx -all"
    _dmarc.news TXT "v=DMARC1; p=reject"
    """,
)
wrong_owner.good(zone='policies TXT "v=DMARC1; p=reject"')
wrong_owner.good(  # ZONE006: the record is where its CNAME leads once that has its final dot
    zone="""
    _dmarc.shop CNAME dmarc.example.com
    dmarc TXT "v=DMARC1; p=none"
    """
)
wrong_owner.good(
    zone="""
    shop MX 10 mail
    shop TXT "v=DMARC1; p=none"
    _dmarc.shop CNAME shop
    """
)
wrong_owner.bad(
    zone="""
    _dmarc TXT "v=DMARC1; p=quarantine"
    foo A 203.0.113.7
    foo TXT "v=DMARC1; p=none"
    bar A 203.0.113.7
    bar TXT "v=DMARC1; p=reject"
    """,
    fixed="""
    _dmarc TXT "v=DMARC1; p=quarantine"
    foo A 203.0.113.7
    bar A 203.0.113.7
    _dmarc.bar TXT "v=DMARC1; p=reject"
    """,
)
