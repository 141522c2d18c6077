"""DMARC201: alignment that is not strict."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.dmarc import Alignment, parse
from zonelint.grammars.taglist import Tag
from zonelint.rules import intent
from zonelint.rules.dmarc.declared import declared
from zonelint.rules.finding import Found, Severity
from zonelint.rules.rule import Fix, Needs, rule
from zonelint.rules.subjects import Dmarc


@rule(
    "DMARC201",
    "dmarc-relaxed-alignment",
    Severity.WARNING,
    on=Dmarc,
    needs=Needs.TEXT | Needs.INTENT,
    fix=Fix.PROPOSAL,
    section="RFC 9989 §4.4",
    when={"without:adkim", "without:aspf", "adkim=r", "aspf=r"},
)
def relaxed_alignment(dmarc: Dmarc) -> Iterator[Found]:
    """Alignment is relaxed.

    What it finds
        `adkim` or `aspf` other than `s`. A warning where zonelint.toml declares strict alignment,
        a remark where it declares nothing, and silence where it declares relaxed alignment.
    Why it matters
        Whoever can send or sign as any subdomain, a forgotten host or a mail service, passes
        DMARC as the domain itself.
    Example
        `v=DMARC1; p=reject`
    Use instead
        `v=DMARC1; p=reject; adkim=s; aspf=s`, where every sender signs and bounces with the domain
        itself.
    References
        RFC 9989 §4.4, §4.7
    """
    wanted = declared(dmarc.context, dmarc.domain).alignment
    record = dmarc.ast
    relaxed = [name for name in ("adkim", "aspf") if _is_relaxed(record.tag(name))]
    if wanted is intent.Alignment.RELAXED or not relaxed:
        return
    text = dmarc.value
    for name in relaxed:
        now = parse(text)
        text = now.replacing(name, f"{name}=s") if now.has(name) else now.appending(f"{name}=s")
    place = next((tag for name in relaxed if (tag := record.tag(name)) is not None), None)
    names = " and ".join(relaxed)
    declares = wanted is intent.Alignment.STRICT
    message = (
        f"The domain is declared to align strictly and {names} {_is_or_are(relaxed)} relaxed, so "
        "mail of any subdomain passes as the domain"
        if declares
        else f"{names} {_is_or_are(relaxed)} relaxed, so mail of any subdomain passes as the domain"
    )
    advice = f"Set {' and '.join(f'{name}=s' for name in relaxed)}."
    if not declares:
        advice = (
            f"{advice[:-1]} if every sender uses the domain itself; else declare "
            'alignment = "relaxed" in zonelint.toml.'
        )
    change = dmarc.rewrite(text, "strict alignment")
    severity = None if declares else Severity.INFO
    if place is None:
        yield dmarc.whole(message, advice, change=change, severity=severity)
    else:
        yield dmarc.at(place, message, advice, change=change, severity=severity)


def _is_relaxed(tag: Tag | None) -> bool:
    """A value that receivers cannot read is another rule's business."""
    return tag is None or (tag.sound and tag.value.lower() == Alignment.RELAXED.value)


def _is_or_are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


relaxed_alignment.bad("v=DMARC1; p=reject", fixed="v=DMARC1; p=reject; adkim=s; aspf=s")
relaxed_alignment.bad(
    zone='_dmarc TXT "v=DMARC1; p=reject; adkim=r; aspf=s; rua=mailto:d@example.com"',
    config="""
    [domains."example.com".dmarc]
    alignment = "strict"
    """,
    fixed='_dmarc TXT "v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:d@example.com"',
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
