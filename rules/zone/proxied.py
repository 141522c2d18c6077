"""ZONE008: mail records that the provider answers with addresses of its own."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.zone import is_below, labels, without_dot
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import rule
from zonelint.rules.model.subjects import MailZone

_NAMES = {
    "_domainkey": "no verifier finds the key there, and mail signed with it fails DKIM",
    "_dmarc": "no receiver finds the policy there",
    "_report": "no receiver finds the authorisation for reports there",
    "_mta-sts": "no sender finds the policy there",
    "_tls": "no sender finds the address for TLS reports there",
    "_bimi": "no receiver finds the logo there",
}

_SELF = ("dkim2.mcsv.net.", "dkim3.mcsv.net.", "zmverify.zoho.com.", "dkim.infusionmail.com.")
_OR_BELOW = ("dkim.amazonses.com.",)
_BELOW = ("onmicrosoft.com.", "dkim.intercom.io.", "acm-validations.aws.")
"""Targets that Cloudflare never proxies: developers.cloudflare.com/dns/proxy-status/limitations,
as of 2026-04-21."""


@rule(
    "ZONE008", "zone-proxied", Severity.ERROR, on=MailZone, section="RFC 6376 §3.6.2.1",
    when={"CNAME", "MX"},
    inside=True,
)  # fmt: skip
def proxied(zone: MailZone) -> Iterator[Found]:
    """The provider answers with its own addresses instead of a record that mail needs.

    What it finds
        A CNAME at a DKIM selector, a DMARC record, a policy of MTA-STS, TLS-RPT or BIMI that is
        proxied (Cloudflare's orange cloud): `proxied = true` in Terraform and Pulumi,
        `proxied: true` for octoDNS, `cf_tags=cf-proxied:true` in an export. Targets that Cloudflare
        refuses to proxy are left out: it answers with the CNAME whatever the setting. And, as a
        warning, a mail exchanger whose addresses are proxied.
    Why it matters
        A TXT query for the name finds nothing. The key or policy at the target is never seen. In an
        MX whose exchanger is proxied Cloudflare puts a name of its own, `dc-…`, with the real
        address: mail arrives, and the name is none that a policy of MTA-STS or a certificate has.
        No change is offered: the setting is not part of the record, and each provider has its own.
    Example
        `s1._domainkey CNAME s1.dkim.example.net. ; cf_tags=cf-proxied:true`
    Use instead
        `s1._domainkey CNAME s1.dkim.example.net. ; cf_tags=cf-proxied:false`
    References
        RFC 6376 §3.6.2.1; developers.cloudflare.com/dns/proxy-status,
        developers.cloudflare.com/dns/troubleshooting/email-issues
    """
    yield from _texts(zone)
    yield from _exchangers(zone)


def _texts(zone: MailZone) -> Iterator[Found]:
    for rrset in zone.written.of_type("CNAME"):
        why = next((_NAMES[label] for label in labels(rrset.owner) if label in _NAMES), None)
        for record in rrset if why is not None else ():
            if record.is_proxied and not _is_never_proxied(record.target):
                yield zone.at(
                    record,
                    f"`{without_dot(rrset.owner)}` is proxied, so it answers with the provider's "
                    f"addresses and not with its CNAME: {why}",
                    "Turn off the proxy for this record.",
                )


def _exchangers(zone: MailZone) -> Iterator[Found]:
    """Mail exchangers of the zone whose addresses are not those that are written."""
    for target in zone.targets("MX"):
        for type in ("A", "AAAA", "CNAME"):
            record = next((r for r in zone.written.get(target, type) or () if r.is_proxied), None)
            if record is not None:
                yield zone.at(
                    record,
                    f"`{without_dot(target)}` is a mail exchanger and is proxied, so the provider "
                    "puts a name of its own into the MX, which no policy of MTA-STS and no "
                    "certificate has",
                    "Switch the proxy off, or give the exchanger a name that is not proxied.",
                    severity=Severity.WARNING,
                )
                break


def _is_never_proxied(target: str) -> bool:
    return (
        target in (*_SELF, *_OR_BELOW)
        or any(is_below(target, name) for name in _OR_BELOW)
        or any(target != name and is_below(target, name) for name in _BELOW)
    )


proxied.bad(zone="s1._domainkey CNAME s1.dkim.example.net. ; cf_tags=cf-proxied:true")
proxied.bad(
    zone="_dmarc CNAME policies.example.net. ; cf_tags=cf-proxied:true",
)
proxied.bad(
    zone="""
    @ MX 10 mail
    mail A 192.0.2.1 ; cf_tags=cf-proxied:true
    """
)
proxied.good(
    zone="""
    @ MX 10 mail
    mail A 192.0.2.1 ; cf_tags=cf-proxied:false
    s1._domainkey CNAME s1.dkim.example.net. ; cf_tags=cf-proxied:false
    s2._domainkey CNAME s2.dkim.example.net.
    x._domainkey CNAME x-example-com._domainkey.contoso.onmicrosoft.com. ; cf_tags=cf-proxied:true
    www CNAME host.example.net. ; cf_tags=cf-proxied:true
    """
)
