"""TLSRPT001: TLS report records that senders do not take."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.fault import FaultKind
from zonelint.grammars.tags.transport import is_tlsrpt
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.mail.tag_faults import mended, report_cut_off, report_faults
from zonelint.rules.model.subjects import TlsRpt
from zonelint.rules.transport.support.addresses import report_addresses
from zonelint.rules.transport.support.places import astray, published_at, strangers

_PLACE = "_smtp._tls."
_KINDS = frozenset(FaultKind) - {FaultKind.SUSPECT, FaultKind.UNKNOWN_TAG}


@rule(
    "TLSRPT001", "tls-rpt-record", Severity.ERROR, on=TlsRpt, fix=Fix.PROPOSAL,
    section="RFC 8460 §3",
    role=Role.MENDS,
)  # fmt: skip
def tls_rpt_record(record: TlsRpt) -> Iterator[Found]:
    """There is not exactly one valid TLS reporting record.

    What it finds
        A record at `_smtp._tls` that does not start with `v=TLSRPTv1;`, whose `rua` is missing or
        names no `mailto:` or `https:` address, or that appears twice; also where an alias at
        `_smtp._tls` leads to. Also one at the apex or at a name that is nearly right, such as
        `smtp._tls`.
    Why it matters
        Senders send no reports: nobody learns that encrypted delivery to the domain fails.
    Example
        `_smtp._tls TXT "v=TLSRPTv1; rua=tls@example.com"`
    Use instead
        `_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.com"`
    References
        RFC 8460 §3
    """
    place = published_at(record)
    if place is None:
        yield from astray(record, _PLACE, "TLS reports", "they send none")
        return
    domain = place.removeprefix(_PLACE)
    effect = f"senders then send no TLS reports about {without_dot(domain)}"
    if record.cut_off is not None:
        yield from report_cut_off(record, effect)
        return
    records = record.zone.tls_reports.get(record.owner) or strangers(record)
    seen = [other for other in records if is_tlsrpt(other.value)]
    if seen and record not in seen:
        return  # senders discard what is no record; the other one counts
    if seen and record is not seen[0] and record.value != seen[0].value:
        yield record.whole(
            f"This is TLS reporting record {seen.index(record) + 1} of {len(seen)} at "
            f"{record.dotless}; {effect}",
            "Keep one, and list all addresses in it.",
            change=record.remove("one record in the form that senders accept"),
        )
        return
    if "tlsrpt" not in record.value.lower() and not record.ast.has("rua"):
        yield record.whole(
            "This text is not a TLS reporting record, and it is published where senders look for "
            f"one; {effect}",
            "Remove it, or move it to the name that it was intended for.",
        )
        return
    yield from report_faults(
        record, record.ast, _KINDS, effect,
        "Write `v=TLSRPTv1; rua=mailto:` and the address that should receive the reports.",
        lambda: _mended(record, domain),
    )  # fmt: skip


def _mended(record: TlsRpt, domain: str) -> str | None:
    ast = record.ast
    if not ast.has("rua"):
        addresses = report_addresses(record.zone, domain)
        if addresses is None:
            return None
        ast = type(ast).read(ast.appending(f"rua={addresses}"))
    text = mended(ast, _KINDS) or ast.text
    return text if type(ast).read(text).is_clean else None


tls_rpt_record.bad(
    zone="""
    _smtp._tls TXT v=TLSRPTv1; rua=mailto:tls@example.com
    """,
    fixed="""
    _smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.com"
    """,
)
tls_rpt_record.bad(
    "v=TLSRPTv1; rua=tls@example.com",
    "v=TLSRPT1; rua=mailto:tls@example.com",
    "v=TLSRPTv1 rua=mailto:tls@example.com",
    "v=TLSRPTv1; rua=mailto:tls@example.com!10m",
    fixed="v=TLSRPTv1; rua=mailto:tls@example.com",
)
tls_rpt_record.bad("v=TLSRPTv1", "v=TLSRPTv1; rua=ftp://example.com/", "see example.com")
tls_rpt_record.bad(
    zone="""
    _smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.com"
    _smtp._tls TXT "v=TLSRPTv1; rua=https://tls.example.net/"
    """,
    fixed="""
    _smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.com"
    """,
)
tls_rpt_record.bad(
    zone="""
    _smtp.tls TXT "v=TLSRPTv1; rua=mailto:tls@example.com"
    """,
    fixed="""
    _smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.com"
    """,
)
tls_rpt_record.bad(
    zone="""
    _smtp._tls CNAME tls
    tls TXT "v=TLSRPTv1; rua=tls@example.com"
    """,
    fixed="""
    _smtp._tls CNAME tls
    tls TXT "v=TLSRPTv1; rua=mailto:tls@example.com"
    """,
)
tls_rpt_record.good(
    "v=TLSRPTv1; rua=mailto:tls@example.com",
    "v=TLSRPTv1;rua=mailto:tls@example.com,https://tls.example.net/v1;",
)
tls_rpt_record.good(
    zone="""
    _smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.com"
    _smtp._tls TXT "site-verification=0123abcd"
    _smtp._tls.shop CNAME _smtp._tls.example.net.
    """
)
