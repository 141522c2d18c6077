"""DMARC113: tags that say what holds without them."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.rules.config.declaration import DeclaredAlignment
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.dmarc.support.declared import sends_nothing
from zonelint.rules.mail.dmarc_equivalence import is_harmless
from zonelint.rules.model.subjects import Dmarc

_DEFAULTS = {"adkim": "r", "aspf": "r", "fo": "0", "psd": "u", "t": "n"}


_ALIGNMENT = ("adkim", "aspf")


@rule(
    "DMARC113",
    "dmarc-redundant-tag",
    Severity.INFO,
    on=Dmarc,
    fix=Fix.SAFE,
    section="RFC 9989 §4.7",
    when={f"{name}={value}" for name, value in _DEFAULTS.items()},
)
def redundant_tag(dmarc: Dmarc) -> Iterator[Found]:
    """A tag states its default.

    What it finds
        `fo=0`, `psd=u` and `t=n`; `adkim=r` and `aspf=r` where DMARC201 does not report them.
    Why it matters
        The record means the same without the tag, which only makes it longer and harder to read.
    Example
        `v=DMARC1; p=reject; t=n`
    Use instead
        `v=DMARC1; p=reject`
    References
        RFC 9989 §4.7
    """
    record = dmarc.ast
    idle = [
        tag
        for tag in record.tags
        if tag.sound and _DEFAULTS.get(tag.name) == tag.value.lower()
        if tag.name != "fo" or record.has("ruf")
        if tag.name not in _ALIGNMENT or not _is_alignment_reported(dmarc)
    ]
    if not idle:
        return
    text = record.without(*idle)
    change = dmarc.rewrite(text, "defaults need not be stated", safe=is_harmless(record, text))
    for tag in idle:
        yield dmarc.at(
            tag,
            f"`{tag.text}` states the default, so the record means the same without it",
            "Remove it.",
            change=change,
        )


def _is_alignment_reported(dmarc: Dmarc) -> bool:
    """Whether DMARC201 tells that the alignment is relaxed: one remark is enough."""
    wanted = dmarc.context.dmarc_declared(dmarc.domain).alignment
    if wanted is not None:
        return wanted is DeclaredAlignment.STRICT
    return not sends_nothing(dmarc.zone)


redundant_tag.bad(
    "v=DMARC1; p=reject; adkim=r; aspf=R; t=n; psd=u; rua=mailto:d@example.com",
    config='[domains."example.com"]\ndmarc.alignment = "relaxed"\n',
    fixed="v=DMARC1; p=reject; rua=mailto:d@example.com",
)
redundant_tag.bad(
    "v=DMARC1;p=none;fo=0;ruf=mailto:f@example.com",
    fixed="v=DMARC1;p=none;ruf=mailto:f@example.com",
)
redundant_tag.good(
    "v=DMARC1; p=reject; adkim=r; aspf=R",
    "v=DMARC1; p=reject; adkim=s; aspf=s; t=y; psd=n",
    "v=DMARC1; p=none; fo=0",
    "v=DMARC1; p=none; fo=0:d; ruf=mailto:f@example.com",
    "v=DMARC1; p=reject; sp=reject",
)
