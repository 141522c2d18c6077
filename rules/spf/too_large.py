"""SPF107: a record, or an answer, that is too large for one packet."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.spf.record import Mechanism, Qualifier
from zonelint.grammars.zone import octets, without_dot
from zonelint.rules.core.change import Change, Edit
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.mail import lookups
from zonelint.rules.model.subjects import MailZone, Spf

RECORD_LIMIT = 450
"""Octets of one record, so that the answer fits into 512 (RFC 7208 §3.4)."""
SURELY_SMALL = 450
"""Octets of a record and its owner together that keep both limits, if it stands alone."""
ANSWER_LIMIT = 1232
"""Octets of a DNS message over UDP that resolvers accept and no path cuts (RFC 9715)."""


@rule(
    "SPF107",
    "spf-too-large",
    Severity.WARNING,
    on=MailZone,
    needs=Needs.ZONE,
    fix=Fix.PROPOSAL,
    section="RFC 7208 §3.4",
    when={"spf"},
    step=Step.SPF,
    explains=["spf"],
)
def too_large(zone: MailZone) -> Iterator[Found]:
    """The SPF record, or the TXT RRset of its owner, is too large for one DNS answer over UDP.

    What it finds
        An SPF record over 450 octets, and TXT records at the owner of an SPF record whose answer
        takes over 1,232 octets.
    Why it matters
        Such an answer is truncated and queried again over TCP; where a firewall or an old resolver
        prevents that, SPF fails with temperror and mail is delayed or refused.
    Example
        One record with thirty `ip4:` terms.
    Use instead
        Two records, the second at a separate name: `v=spf1 include:_spf1.example.com -all`.
    References
        RFC 7208 §3.4; RFC 9715
    """
    for owner, records in zone.spf.items():
        if len(owner) + octets(records[0].value) <= SURELY_SMALL and _is_alone(zone, owner):
            continue
        large = [spf for spf in records if octets(spf.value) > RECORD_LIMIT]
        for spf in large:
            yield spf.whole(
                f"The record is {octets(spf.value)} octets long, over the recommended "
                f"{RECORD_LIMIT}, so some receivers cannot fetch it and delay or refuse the mail",
                "Move some of the terms to a separate record and include it.",
                change=_split(spf),
            )
        if not large and (size := _answer_size(zone, owner)) > ANSWER_LIMIT:
            yield records[0].whole(
                f"The TXT records of {without_dot(owner)} take {size:,} octets in one answer, over "
                f"{ANSWER_LIMIT:,}, so some receivers cannot fetch the SPF record",
                "Remove TXT records that are no longer needed, or move them to another name.",
            )


def _is_alone(zone: MailZone, owner: str) -> bool:
    rrset = zone.zone.get(owner, "TXT")
    return rrset is None or len(rrset.records) == 1


def _answer_size(zone: MailZone, owner: str) -> int:
    """Octets of the message that answers TXT for the owner, names compressed (RFC 1035 §4.1)."""
    rrset = zone.zone.get(owner, "TXT")
    if rrset is None:
        return 0
    header_and_question = 12 + len(owner) + 1 + 4
    # A pointer of 2, type, class, TTL and length 10, then each string with its length octet.
    # A record alone cannot tell its strings' lengths where they are joined: 255 octets each.
    sizes = (octets("".join(record.strings)) for record in rrset)
    return header_and_question + sum(12 + size + size // 255 + 1 for size in sizes)


def _split(spf: Spf) -> Change | None:
    """Half of the terms that pass go to a record of their own; None where that is no help."""
    if lookups.of(spf).lookups >= lookups.LIMIT:
        return None  # the include would be the one too many
    movable = _movable(spf)
    half: list[Mechanism] = []
    room = RECORD_LIMIT - len("v=spf1 ~all")
    for term in movable:
        room -= len(term.text) + 1
        if room < 0:
            break
        half.append(term)
    owner = _free_name(spf)
    include = f"include:{owner.rstrip('.')}"
    rest = spf.ast.replacing(half[0], include) if half else spf.value
    if not half:
        return None
    for term in half[1:]:
        rest = _dropped(rest, term.text)
    if octets(rest) > RECORD_LIMIT:
        return None
    part = "v=spf1 " + " ".join(term.text for term in half) + " ~all"
    edits = (
        Edit(spf.owner, spf.record.type, spf.record, txt_rdata(rest)),
        Edit(owner, "TXT", None, txt_rdata(part)),
    )
    return Change(edits, f"half of the terms move to {owner}")


def _movable(spf: Spf) -> list[Mechanism]:
    """The most terms that can change their places without another result for any address.

    No term with another result stands among them.
    """
    last = spf.ast.all
    runs: list[list[Mechanism]] = [[]]
    for term in spf.ast.mechanisms:
        if term is last:
            break
        if term.qualifier is not Qualifier.PASS:
            runs.append([])
        elif _can_move(term):
            runs[-1].append(term)
    return max(runs, key=len)


def _can_move(term: Mechanism) -> bool:
    """Networks that pass match the same way inside an include, and cost no lookup there."""
    return term.qualifier is Qualifier.PASS and term.network is not None


def _dropped(text: str, term: str) -> str:
    return " ".join(word for word in text.split(" ") if word != term)


def _free_name(spf: Spf) -> str:
    number = 1
    while spf.zone.zone.at(name := f"_spf{number}.{spf.owner}"):
        number += 1
    return name


_MANY = [f"ip4:203.0.113.{number}" for number in range(1, 31)]

too_large.bad(
    zone=f"""
    @ TXT {txt_rdata(f"v=spf1 {' '.join(_MANY)} -all")}
    """,
    fixed=f"""
    @ TXT {txt_rdata(f"v=spf1 include:_spf1.example.com {' '.join(_MANY[26:])} -all")}
    _spf1 TXT {txt_rdata(f"v=spf1 {' '.join(_MANY[:26])} ~all")}
    """,
)
too_large.bad(
    zone=f"""
    @ TXT {txt_rdata(f"v=spf1 {_MANY[29]} -ip4:203.0.113.0/28 {' '.join(_MANY[:29])} -all")}
    """,
    fixed=f"""
    @ TXT {txt_rdata(f"v=spf1 {_MANY[29]} -ip4:203.0.113.0/28 include:_spf1.example.com {' '.join(_MANY[26:29])} -all")}
    _spf1 TXT {txt_rdata(f"v=spf1 {' '.join(_MANY[:26])} ~all")}
    """,  # noqa: E501
)
too_large.bad(
    zone=f"""
    @ TXT {txt_rdata(f"v=spf1 {' '.join(_MANY)} {'a ' * 10}-all")}
    """
)
too_large.bad(
    zone=f"""
    @ TXT "v=spf1 mx -all"
    {"".join(f'@ TXT "{letter * 240}"' + chr(10) + "    " for letter in "abcde")}
    """,
)
too_large.good(
    zone=f"""
    @ TXT "v=spf1 mx -all"
    @ TXT "{"a" * 240}"
    @ TXT "{"c" * 240}"
    www TXT "{"b" * 240}"
    """,
)
