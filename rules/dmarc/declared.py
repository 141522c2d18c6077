"""What zonelint.toml declares about the domain of a DMARC record."""

from __future__ import annotations

from zonelint.rules.context import Context
from zonelint.rules.intent import DmarcIntent


def declared(context: Context, domain: str | None) -> DmarcIntent:
    """What is declared of a domain's DMARC; nothing where there is no declaration."""
    if context.intent is None or domain is None:
        return DmarcIntent()
    found = context.intent.for_domain(domain)
    return DmarcIntent() if found is None else found.dmarc
