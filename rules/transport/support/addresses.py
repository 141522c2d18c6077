"""Where a domain wants its TLS reports, as far as it has said so."""

from __future__ import annotations

from zonelint.grammars.tags.reporturi import ReportUri
from zonelint.grammars.zone import is_below
from zonelint.rules.mail.behind import texts_at
from zonelint.rules.model.subjects import Dmarc, MailZone


def report_addresses(zone: MailZone, domain: str) -> str | None:
    """The value of `rua`: what zonelint.toml declares, else the domain's DMARC addresses.

    Of DMARC's only those of the domain itself: another receiver of DMARC reports need not want
    TLS reports.
    """
    declared = zone.context.declared(domain)
    if declared is not None and declared.tls_rpt_rua:
        return ",".join(declared.tls_rpt_rua)
    own = [
        f"mailto:{uri.address}"
        for dmarc in texts_at(zone, zone.dmarc, Dmarc, f"_dmarc.{domain}")
        for uri in dmarc.ast.rua
        if uri.address and not uri.faults and _is_own(uri, domain)
    ]
    return ",".join(dict.fromkeys(own)) or None


def _is_own(uri: ReportUri, domain: str) -> bool:
    at = f"{uri.domain}."
    return is_below(at, domain) or is_below(domain, at)
