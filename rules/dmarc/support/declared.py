"""What zonelint.toml declares about the domain of a DMARC record."""

from __future__ import annotations

from zonelint.grammars.listing import listed
from zonelint.grammars.tags.dmarc import parse
from zonelint.grammars.zone import without_dot
from zonelint.rules.config.declaration import DeclaredAlignment, DmarcIntent, Profile
from zonelint.rules.mail.dmarc_discovery import report_name
from zonelint.rules.mail.organisation import by_suffix
from zonelint.rules.mail.signing import may_have_key, signs_itself
from zonelint.rules.model.answers import owner_name
from zonelint.rules.model.context import Context, once_a_zone
from zonelint.rules.model.subjects import MailZone


def is_parked(zone: MailZone, domain: str) -> bool:
    """Whether a domain is declared to have no mail: PARK001 tells what it lacks."""
    found = zone.context.declared(domain)
    return found is not None and found.profile is Profile.PARKED


@once_a_zone
def is_silent(zone: MailZone) -> bool:
    """Whether nothing in a zone sends or takes mail, and the zone's own SPF record says so."""
    return (
        zone.origin in zone.spf
        and not any(zone.receives(owner) for owner in zone.zone.table("MX"))
        and not any(zone.sends(owner) for owner in zone.spf)
    )


@once_a_zone
def sends_nothing(zone: MailZone) -> bool:
    """Whether the zone's own SPF record lets nobody send, no other does, and nothing is signed."""
    return (
        zone.origin in zone.spf
        and not any(zone.sends(owner) for owner in zone.spf)
        and not signs_itself(zone)
        and not may_have_key(zone)
    )


def authorise_first(context: Context, domain: str) -> str:
    """What has to be published before receivers send the declared reports to one's own zones."""
    text = f"v=DMARC1; p=none; rua={','.join(context.dmarc_declared(domain).rua)}"
    hosts = {owner_name(uri.domain) for uri in parse(text).rua if uri.domain and not uri.faults}
    places = [
        name
        for host in sorted(host for host in hosts if host is not None)
        if by_suffix(host) != by_suffix(domain)
        and (held := context.look(name := report_name(domain, host), "TXT")) is not None
        and held.status.is_void
    ]
    if not places:
        return ""
    where = listed([without_dot(name) for name in places])
    return (
        f' First publish TXT `"v=DMARC1"` at {where}: without it receivers send no reports there.'
    )


def first_phase(intent: DmarcIntent) -> str:
    """The record of the monitoring phase, with the addresses and the alignment declared.

    No address is guessed: without one there is no rua and no ruf, and without ruf no fo.
    """
    tags = ["v=DMARC1", "p=none"]
    if intent.rua:
        tags.append(f"rua={','.join(intent.rua)}")
    if intent.ruf:
        tags += [f"ruf={','.join(intent.ruf)}", "fo=1"]
    if intent.alignment is DeclaredAlignment.STRICT:
        tags += ["adkim=s", "aspf=s"]
    return "; ".join(tags)
