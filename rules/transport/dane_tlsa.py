"""DANE001: TLSA records that no mail server can use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zonelint.grammars.zone import Field, without_dot
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Needs, rule
from zonelint.rules.model.subjects import MailZone

_PORT = "_25._tcp."
_DIGITS = {"1": 64, "2": 128}
"""Hexadecimal digits of a digest by matching type: SHA-256 and SHA-512 (RFC 6698 §2.1.3)."""


@rule(
    "DANE001", "dane-tlsa", Severity.ERROR, on=MailZone, needs=Needs.ZONE,
    section="RFC 7672 §3.1", when={"TLSA"},
)  # fmt: skip
def dane_tlsa(zone: MailZone) -> Iterator[Found]:
    """Senders cannot use a TLSA record of a mail server.

    What it finds
        TLSA records at `_25._tcp`, at a wildcard that answers for it, or where a CNAME from there
        leads, whose certificate usage is
        not 2 or 3, whose selector is not 0 or 1, whose matching type is not 0, 1 or 2, or whose
        digest does not have the length that its matching type requires.
    Why it matters
        Senders that check DANE treat such a record as unusable or as a mismatch: they deliver
        without protection, or not at all.
    Example
        `_25._tcp.mail TLSA 1 1 1 e3b0…`
    Use instead
        `_25._tcp.mail TLSA 3 1 1 e3b0…`
    References
        RFC 7672 §3.1, §3.1.3; RFC 6698 §2.1
    """
    hosts = _hosts(zone)
    for rrset in zone.zone.of_type("TLSA"):
        host = hosts.get(rrset.owner)
        if host is None:
            continue
        for record in rrset:
            fault = _fault(record.fields)
            if fault is not None:
                field, message, advice = fault
                yield zone.at(
                    record,
                    f"{message}, so senders that check DANE cannot use the record to distinguish "
                    f"{host} from an impostor",
                    advice,
                    span=field.span,
                )


def _hosts(zone: MailZone) -> dict[str, str]:
    """The owners that senders ask for TLSA records, each with the mail server it is about."""
    hosts = {}
    for type in ("CNAME", "TLSA"):
        for rrset in zone.zone.of_type(type):
            if rrset.owner.startswith(_PORT):
                asked = rrset.records[0].target if type == "CNAME" else rrset.owner
                hosts[asked] = without_dot(rrset.owner.removeprefix(_PORT))
    if any(rrset.owner.startswith("*.") for rrset in zone.zone.of_type("TLSA")):
        for exchange in (record.target for rrset in zone.zone.of_type("MX") for record in rrset):
            _, found = zone.zone.answer(_PORT + exchange, "TLSA")
            if found is not None and found.owner.startswith("*."):
                hosts[found.owner] = without_dot(exchange)
    return hosts


def _fault(fields: Sequence[Field]) -> tuple[Field, str, str] | None:
    """The field at fault, what is wrong and what to do; None for a usable record."""
    if fields and fields[0].text == "\\#":
        fields = _of_generic(fields)
    if len(fields) < 4:
        return None
    usage, selector, matching, *data = fields
    if usage.text not in ("2", "3"):
        return (
            usage,
            f"The certificate usage {usage.text} is not for mail",
            "Use 3 (the server's own key) or 2 (its certificate authority).",
        )
    if selector.text not in ("0", "1"):
        return selector, f"Selector {selector.text} does not exist", "Use 1 (the public key)."
    if matching.text not in ("0", "1", "2"):
        return matching, f"Matching type {matching.text} does not exist", "Use 1 (SHA-256)."
    digest = "".join(field.text for field in data)
    wanted = _DIGITS.get(matching.text)
    if wanted is not None and len(digest) != wanted:
        return (
            data[0],
            f"The digest has {len(digest)} hexadecimal digits, but matching type {matching.text} "
            f"requires {wanted}",
            "Compute the digest again from the server's certificate.",
        )
    return None


def _of_generic(fields: Sequence[Field]) -> list[Field]:
    """The fields of rdata in the generic form (RFC 3597 §5), each at the place of all octets."""
    try:
        octets = bytes.fromhex("".join(field.text for field in fields[2:]))
    except ValueError:
        return []  # ZONE001 tells
    numbers = [str(octet) for octet in octets[:3]]
    return [Field(text, fields[-1].span) for text in (*numbers, octets[3:].hex())]


_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

dane_tlsa.bad(zone=f"_25._tcp.mail TLSA 1 1 1 {_SHA256}")
dane_tlsa.bad(zone=f"_25._tcp.mail TLSA 3 1 2 {_SHA256}")
dane_tlsa.bad(zone=f"_25._tcp.mail TLSA 3 1 1 {_SHA256[:-2]}")
dane_tlsa.bad(
    zone=f"""
    _25._tcp.mail CNAME _dane.mail
    _dane.mail TLSA 1 1 1 {_SHA256}
    """
)
dane_tlsa.bad(
    zone=f"""
    @ MX 10 mail
    mail A 192.0.2.25
    *._tcp.mail TLSA 0 0 1 {_SHA256}
    """
)
dane_tlsa.bad(zone=f"_25._tcp.mail TYPE52 \\# 35 000101{_SHA256}")
dane_tlsa.good(
    zone=f"""
    _25._tcp.mail TYPE52 \\# 35 ( 030101 {_SHA256} )
    *._tcp.www TLSA 1 1 1 {_SHA256}
    """
)
dane_tlsa.good(
    zone=f"""
    _25._tcp.mail TLSA 3 1 1 {_SHA256}
    _25._tcp.mail TLSA 2 0 1 ( {_SHA256[:32]}
                               {_SHA256[32:]} )
    _443._tcp.www TLSA 1 1 1 {_SHA256}
    """
)
