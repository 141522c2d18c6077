"""TLSRPT002: protected delivery without reports about it."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.rdata import txt_rdata
from zonelint.grammars.zone import Record, without_dot
from zonelint.rules.core.change import Change, Ground, add
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.mail.behind import behind
from zonelint.rules.model.answers import Status
from zonelint.rules.model.declaring import declared_in
from zonelint.rules.model.subjects import MailZone, TlsRpt
from zonelint.rules.transport.support.addresses import report_addresses
from zonelint.rules.transport.support.hosts import may_have_address


@rule(
    "TLSRPT002", "tls-rpt-missing", Severity.WARNING, on=MailZone, about=TlsRpt, needs=Needs.ZONE,
    fix=Fix.PROPOSAL, section="RFC 8460 §3",
    ground=Ground.DECLARED, remains_of=["STS002"],
)  # fmt: skip
def tls_rpt_missing(zone: MailZone) -> Iterator[Found | Unknown]:
    """A domain asks for encrypted delivery but not for reports when that fails.

    What it finds
        A domain with MTA-STS, or with TLSA records for its mail servers (DANE), that has no record
        at `_smtp._tls`, or an alias there that leads to none; and a domain that receives mail and
        for which zonelint.toml says where TLS reports go (`tls-rpt.rua`).
    Why it matters
        An expired certificate stops mail from careful senders, and nobody informs the domain's
        owner.
    Example
        `_mta-sts TXT "v=STSv1; id=20260301"` alone
    Use instead
        `_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.com"` beside it
    References
        RFC 8460 §3; RFC 8461 §3.1; RFC 7672 §2.2
    """
    to_nothing = {each.owner: each for each in reversed(behind(zone)) if not each.subjects}
    for domain, (means, record) in _protected(zone).items():
        owner = f"_smtp._tls.{domain}"
        led = to_nothing.get(owner)
        if led is None and _has_reports(zone, owner):
            continue
        if led is not None and not led.is_known:
            yield zone.unknown(owner, led.answer.missing)
            continue
        if missing := zone.unseen(owner, "TXT"):
            yield zone.unknown(owner, *missing)
            continue
        if means == _STS and not may_have_address(zone.context, f"mta-sts.{domain}"):
            continue  # senders use no MTA-STS: STS002 tells
        yield zone.at(
            record,
            f"{without_dot(domain)} {means} and requests no TLS reports, so nobody learns when "
            "senders cannot deliver to it",
            f"Correct the alias at {without_dot(owner)}: it leads to "
            f"{without_dot(led.answer.last)}, where no TLS reporting record is published."
            if led is not None
            else f"Add {without_dot(owner)} with `v=TLSRPTv1; rua=mailto:` and an address.",
            change=None if led is not None else _proposed(zone, domain, owner),
        )


_STS = "has MTA-STS"


def _protected(zone: MailZone) -> dict[str, tuple[str, Record]]:
    """The domains to which TLS reports matter: why, and the record that says so."""
    found: dict[str, tuple[str, Record]] = {}
    for owner, records in zone.sts.items():
        for sts in records:
            if sts.is_kept:
                found.setdefault(owner.removeprefix("_mta-sts."), (_STS, sts.record))
    for rrset in zone.zone.of_type("CNAME"):
        if rrset.owner.startswith("_mta-sts."):
            found.setdefault(rrset.owner.removeprefix("_mta-sts."), (_STS, rrset.records[0]))
    for domain in declared_in(zone):
        mx = zone.mx(domain.name) if domain.tls_rpt_rua and zone.receives(domain.name) else None
        if mx is not None:
            found.setdefault(domain.name, ("is declared to receive TLS reports", mx.records[0]))
    for rrset in zone.zone.of_type("MX"):
        for record in rrset:
            is_one = rrset.owner not in found and not rrset.owner.startswith("*.")
            if is_one and _has_dane(zone, record.target):
                found[rrset.owner] = ("has DANE", record)
    return found


def _has_dane(zone: MailZone, host: str) -> bool:
    return bool(zone.context.answers.ask(f"_25._tcp.{host}", "TLSA").values)


def _has_reports(zone: MailZone, owner: str) -> bool:
    """Whether reports are asked for, be it badly, or another zone answers."""
    context = zone.context
    held = context.look(owner, "TXT")
    if held is None:
        return zone.zone.complete or not zone.speaks_for(owner)
    if held.status is Status.UNKNOWN or held.alias is not None:
        return True
    if held.values and "TXT" in (context.types_at(owner) or ()):
        return True
    return any("tlsrpt" in value[:20].lower() for value in held.values)


def _proposed(zone: MailZone, domain: str, owner: str) -> Change | None:
    addresses = report_addresses(zone, domain)
    if addresses is None:
        return None
    return add(owner, "TXT", txt_rdata(f"v=TLSRPTv1; rua={addresses}"), "failures are reported")


_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

tls_rpt_missing.bad(
    zone="""
    mta-sts A 203.0.113.9
    _mta-sts TXT "v=STSv1; id=20260301"
    _dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.com,mailto:x@reports.example.net"
    """,
    fixed="""
    mta-sts A 203.0.113.9
    _mta-sts TXT "v=STSv1; id=20260301"
    _dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@example.com,mailto:x@reports.example.net"
    _smtp._tls TXT "v=TLSRPTv1; rua=mailto:dmarc@example.com"
    """,
)
tls_rpt_missing.bad(
    zone="""
    mta-sts A 203.0.113.9
    _mta-sts CNAME _mta-sts.example.net.
    """,
    config="""
    [domains."example.com".tls-rpt]
    rua = ["mailto:tls@example.org"]
    """,
    fixed="""
    mta-sts A 203.0.113.9
    _mta-sts CNAME _mta-sts.example.net.
    _smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.org"
    """,
)
tls_rpt_missing.bad(
    zone="""
    mta-sts A 203.0.113.9
    _mta-sts TXT "v=STSv1; id=20260301"
    _smtp._tls CNAME gone
    """
)
tls_rpt_missing.bad(
    zone=f"""
    @ MX 10 mail
    mail A 192.0.2.1
    _25._tcp.mail TLSA 3 1 1 {_SHA256}
    * TXT "v=spf1 -all"
    """
)
tls_rpt_missing.bad(zone=f"@ MX 10 mail\n*._tcp.mail TLSA 3 1 1 {_SHA256}\n")
tls_rpt_missing.bad(zone=f"@ MX 10 mail\n_25._tcp.mail CNAME _dane\n_dane TLSA 3 1 1 {_SHA256}\n")
tls_rpt_missing.good(zone=f"*.news MX 10 mail\n_25._tcp.mail TLSA 3 1 1 {_SHA256}\n")
tls_rpt_missing.good(
    zone=f"""
    @ MX 10 mail
    mail A 192.0.2.1
    _25._tcp.mail TLSA 3 1 1 {_SHA256}
    _443._tcp.www TLSA 3 1 1 {_SHA256}
    mta-sts A 203.0.113.9
    _mta-sts TXT "v=STSv1; id=20260301"
    _smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.com"
    _mta-sts.shop TXT "v=STSv1; id=20260301"
    _smtp._tls.shop CNAME _smtp._tls
    _mta-sts.sub TXT "v=STSv1; id=20260301"
    _tls.sub NS ns1.example.net.
    """
)
tls_rpt_missing.bad(
    zone="@ MX 10 mail.example.net.",
    config="""
    [domains."example.com".tls-rpt]
    rua = ["mailto:tls@example.org"]
    """,
    fixed="""
    @ MX 10 mail.example.net.
    _smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.org"
    """,
)
tls_rpt_missing.good(zone="@ MX 10 mail.example.net.")
tls_rpt_missing.good(
    zone="""
    @ MX 10 mail.example.net.
    _smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.org"
    shop A 192.0.2.1
    news MX 0 .
    """,
    config="""
    [domains."example.com".tls-rpt]
    rua = ["mailto:tls@example.org"]
    [domains."shop.example.com"]
    [domains."news.example.com"]
    """,
)
