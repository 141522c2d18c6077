"""DMARC201: alignment that is not strict."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.tags.dmarc import Alignment, DmarcRecord, parse
from zonelint.grammars.tags.tree import BLANKS
from zonelint.grammars.zone import without_dot
from zonelint.rules.config import declaration
from zonelint.rules.core.finding import Found, Root, RootScope, Severity
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.dmarc.support.declared import is_parked, sends_nothing
from zonelint.rules.model.subjects import Dmarc, DomainPolicy


@rule(
    "DMARC201",
    "dmarc-relaxed-alignment",
    Severity.WARNING,
    on=DomainPolicy,
    needs=Needs.TEXT | Needs.INTENT,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.4",
    when={"without:adkim", "without:aspf", "adkim=r", "aspf=r"},
)
def relaxed_alignment(dmarc: Dmarc) -> Iterator[Found]:
    """Alignment is relaxed.

    What it finds
        `adkim` or `aspf` other than `s`. A warning where zonelint.toml declares strict alignment,
        an info where it declares nothing; not reported where it declares relaxed alignment or
        nothing in the zone sends mail.
    Why it matters
        Anyone who can send or sign as any subdomain, such as a forgotten host or a mail service,
        passes DMARC as the domain itself.
    Example
        `v=DMARC1; p=reject`
    Use instead
        `v=DMARC1; p=reject; adkim=s; aspf=s`, where every sender uses the domain itself in its
        signatures and envelope senders.
    References
        RFC 9989 §4.4, §4.7
    """
    record = dmarc.ast
    relaxed = {name: record.has(name) for name in ("adkim", "aspf") if _is_relaxed(record, name)}
    wanted = dmarc.context.dmarc_declared(dmarc.domain).alignment
    if wanted is declaration.DeclaredAlignment.RELAXED or not relaxed or dmarc.cut_off is not None:
        return
    declares = wanted is declaration.DeclaredAlignment.STRICT
    if not declares and (is_parked(dmarc.zone, dmarc.domain or "") or sends_nothing(dmarc.zone)):
        return  # nobody's mail is aligned there, nor meant to be
    domain = "the domain" if dmarc.domain is None else without_dot(dmarc.domain)
    message = (
        f"{' and '.join(relaxed)} {'is' if len(relaxed) == 1 else 'are'} relaxed, so mail from "
        f"any subdomain passes as {domain}{', which is declared to align strictly' * declares}"
    )
    advice = f"Set {' and '.join(f'{name}=s' for name in relaxed)}" + (
        ", as zonelint.toml declares."
        if declares
        else " if every sender uses the domain itself; otherwise declare "
        '`alignment = "relaxed"` in zonelint.toml.'
    )
    # Undeclared it is a remark: senders that sign with a subdomain would break.
    change = dmarc.rewrite(_strict(record, relaxed), "strict alignment") if declares else None
    severity = None if declares else Severity.INFO
    # Most domains are so: people are shown it once a file.
    root = None if declares else Root("alignment that nobody declares", RootScope.FILE)
    place = next((record.tag(name) for name, present in relaxed.items() if present), None)
    if place is None:
        yield dmarc.whole(message, advice, change=change, severity=severity, root=root)
    else:
        yield dmarc.at(place, message, advice, change=change, severity=severity, root=root)


def _is_relaxed(record: DmarcRecord, name: str) -> bool:
    """A value that receivers cannot read is another rule's business."""
    value = record.value(name)
    return not record.has(name) if value is None else value.lower() == Alignment.RELAXED.value


def _strict(record: DmarcRecord, relaxed: dict[str, bool]) -> str:
    """The text with these tags at `s`; nearly every record of a zone may come here."""
    for name, present in relaxed.items():
        if present:
            record = parse(record.replacing(name, f"{name}=s"))
    absent = [f"{name}=s" for name, present in relaxed.items() if not present]
    if not absent:
        return record.text
    stem = record.text.rstrip(BLANKS + ";")
    rest = stem.partition(";")[2]
    separator = ";" if rest and rest[0] not in BLANKS else "; "
    return separator.join((stem, *absent)) + record.text[len(stem) :]


relaxed_alignment.bad("v=DMARC1; p=reject")
relaxed_alignment.good(zone='_dmarc TXT "v=DMARC1; p=reject"', config='parked = ["example.com"]')
relaxed_alignment.bad(
    "v=DMARC1; p=reject",
    fixed="v=DMARC1; p=reject; adkim=s; aspf=s",
    config="""
    [domains."example.com".dmarc]
    alignment = "strict"
    """,
)
relaxed_alignment.bad(
    zone='_dmarc TXT "v=DMARC1; p=reject; adkim=r; aspf=s; rua=mailto:d@example.com"',
    config="""
    [domains."example.com".dmarc]
    alignment = "strict"
    """,
    fixed='_dmarc TXT "v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:d@example.com"',
)
relaxed_alignment.bad(
    "v=DMARC1;p=none;adkim=S;",
    fixed="v=DMARC1;p=none;adkim=S;aspf=s;",
    config="""
    [domains."example.com".dmarc]
    alignment = "strict"
    """,
)
relaxed_alignment.bad(
    zone="""
    _dmarc CNAME policy
    policy TXT "v=DMARC1; p=reject"
    """
)
relaxed_alignment.good(
    zone="""
    _dmarc CNAME policy
    policy TXT "v=DMARC1; p=reject"
    """,
    config="""
    [domains."example.com".dmarc]
    alignment = "relaxed"
    """,
)
relaxed_alignment.good(
    "v=DMARC1; p=reject; adkim=s; aspf=S", "v=DMARC1; p=reject; adkim=strict; aspf=s"
)
relaxed_alignment.good(
    zone='_dmarc TXT "v=DMARC1; p=reject"',
    config="""
    [domains."example.com".dmarc]
    alignment = "relaxed"
    """,
)
relaxed_alignment.good(
    zone="""
    @ MX 0 .
    @ TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; p=reject"
    """
)
relaxed_alignment.good(
    zone="""
    @ MX 10 mail.example.net.
    @ TXT "v=spf1 -all"
    _dmarc TXT "v=DMARC1; p=reject"
    """
)
