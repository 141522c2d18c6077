"""TLSRPT001: TLS report records that senders do not take."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.tags.transport import is_tlsrpt
from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Fix, rule
from zonelint.rules.mail.behind import beside
from zonelint.rules.mail.tag_faults import mended
from zonelint.rules.model.subjects import TlsRpt
from zonelint.rules.transport.support.addresses import report_addresses
from zonelint.rules.transport.support.places import KINDS, report_record


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
    yield from report_record(
        record,
        [other for other in beside(record) if is_tlsrpt(other.value)],
        _mended,
        asked="TLS reports",
        lost="they send none",
        effect="senders then send no TLS reports about",
        keep="Keep one, and list all addresses in it.",
        advice="Write `v=TLSRPTv1; rua=mailto:` and the address that should receive the reports.",
    )


def _mended(record: TlsRpt, domain: str) -> str | None:
    ast = record.ast
    if not ast.has("rua"):
        addresses = report_addresses(record.zone, domain)
        if addresses is None:
            return None
        ast = type(ast).read(ast.appending(f"rua={addresses}"))
    text = mended(ast, KINDS) or ast.text
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
tls_rpt_record.bad(
    zone="_smtp._tls CNAME tls.example.net.",
    lock="""
    ["tls.example.net."]
    seen = 2026-11-29
    TXT = ["v=TLSRPTv1; rua=tls@example.net"]
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
    """
)
