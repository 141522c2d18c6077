"""Which records of a zone are mail's, as questions to ask of name servers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from zonelint.grammars.spf import record as spf
from zonelint.grammars.tags import dmarc
from zonelint.grammars.zone import RRset
from zonelint.rules.core.selection import mail_domain
from zonelint.rules.model.answers import Held, held_by
from zonelint.rules.model.subjects import MailZone

_PARTS = ("_domainkey", "_dmarc", "_mta-sts", "_tls", "_bimi")
"""Labels below which everything is about mail."""


@dataclass(frozen=True, slots=True)
class ExpectedRecords:
    """Records that should be served: what is written of them, and its TTL where there is one.

    `written` is None where the repository does not say.
    """

    owner: str
    type: str
    written: Held | None
    ttl: int | None


def questions(zone: MailZone, domain: str | None) -> list[ExpectedRecords]:
    """The mail records of a zone, or of one domain (absolute) in it, in the zone's order.

    Asked for as well is what a domain has at names of its own and the zone does not: that it is
    not there is a thing to verify.
    """
    about = domain or zone.origin
    named = [(zone.origin, "MX"), (zone.origin, "TXT")] if domain is None else []
    named += [(about, "MX"), (about, "TXT"), (f"_dmarc.{about}", "TXT")]
    named += [(f"_mta-sts.{about}", "TXT"), (f"_smtp._tls.{about}", "TXT")]
    exchanges = {record.target for rrset in zone.zone.of_type("MX") for record in rrset.records}
    listed = [
        (rrset.owner, rrset.type)
        for rrset in zone.zone.rrsets()
        if _is_mail(rrset, exchanges) and (domain is None or domain_of(rrset.owner) == domain)
    ]
    return [
        ExpectedRecords(owner, type, held_by(zone.zone, owner, type), _ttl(zone, owner, type))
        for owner, type in _list_questions(dict.fromkeys((*named, *listed)), zone)
    ]


def _list_questions(
    pairs: dict[tuple[str, str], None], zone: MailZone
) -> Iterator[tuple[str, str]]:
    """The questions, a CNAME asked for where one stands in place of the records."""
    seen = set()
    for owner, type in pairs:
        kind = "CNAME" if zone.zone.get(owner, "CNAME") else type
        if (owner, kind) not in seen:
            seen.add((owner, kind))
            yield owner, kind


def domain_of(owner: str) -> str:
    """The domain whose mail a name is about: `s1._domainkey.example.com.` is example.com's."""
    found = mail_domain(owner)
    return owner.removeprefix("mta-sts.") if found == owner else found


def _is_mail(rrset: RRset, exchanges: set[str]) -> bool:
    labels = rrset.owner.split(".")
    if rrset.type in ("TXT", "CNAME") and any(part in labels for part in _PARTS):
        return True
    match rrset.type:
        case "MX":
            return True
        case "TXT":
            values = (record.text.value for record in rrset.records)
            return any(spf.is_spf(value) or dmarc.is_dmarc(value) for value in values)
        case "TLSA":
            return labels[0] == "_25"
        case "A" | "AAAA" | "CNAME":
            return labels[0] == "mta-sts" or rrset.owner in exchanges
    return False


def serial_of_zone(zone: MailZone) -> int | None:
    """The serial that is written; None where the zone's source has none."""
    soa = zone.zone.get(zone.origin, "SOA")
    fields = [] if soa is None else [field.text for field in soa.records[0].fields]
    known = len(fields) > 2 and fields[2].isascii() and fields[2].isdigit()
    return int(fields[2]) if known else None


def _ttl(zone: MailZone, owner: str, type: str) -> int | None:
    rrset = zone.zone.get(owner, type)
    return None if rrset is None else rrset.records[0].ttl
