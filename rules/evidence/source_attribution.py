"""Which declared sender explains a source of the aggregate reports.

A source is explained where the domain's own SPF lets it send, where it is in the networks of a
declared sender (through the lock), or where what it proved to be (by SPF or DKIM) is a declared
sender's own domain. A source of which the lock does not tell enough is neither explained nor not.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from zonelint.grammars.zone import is_below
from zonelint.rules.config.sender import Sender
from zonelint.rules.evidence.evidence import DomainEvidence, SourceEvidence
from zonelint.rules.mail.check_host import Outcome, check_host
from zonelint.rules.model.context import Context, once_a_run
from zonelint.rules.model.declaring import includes_of

LEAST_SHARE = 0.005
"""Of all messages: a source with fewer is the noise that every domain sees."""
LEAST_MESSAGES = 5

OWN_SPF = "the SPF record"


@dataclass(frozen=True, slots=True)
class Explanation:
    """by: a sender's name or `OWN_SPF`; None where nothing explains the source.

    missing: the names without which that cannot be said.
    """

    by: str | None
    missing: tuple[str, ...] = ()


def explanation(source: SourceEvidence, domain: str, context: Context) -> Explanation:
    """What explains a source of mail in the name of a domain (absolute)."""
    missing: dict[str, None] = {}
    declared = context.declared(domain)
    senders = [] if declared is None or context.intent is None else [
        context.intent.sender(name) for name in declared.senders
    ]  # fmt: skip
    proved = [*source.envelope_domains, *(signer for signer, _ in source.signatures)]
    for sender in senders:
        if any(_belongs(name, sender) for name in proved):
            return Explanation(sender.name)
    if not source.address:
        return Explanation(None)  # the report gives none that can be read
    own = context.answers.ask(domain, "TXT").values
    asked = [
        (sender.name, name) for sender in senders for name in includes_of(sender, declared, own)
    ]
    for by, name in (*asked, (OWN_SPF, domain)):
        outcome, lacking = _spf(source.address, name, context)
        if outcome is Outcome.PASS:
            return Explanation(by)
        # Nothing declared explains it; that the domain's own zone is not here changes little.
        absent = by is OWN_SPF and domain in lacking
        if outcome is Outcome.UNDECIDED and not (senders and absent):
            missing |= dict.fromkeys(lacking)
    return Explanation(None, tuple(missing))


def unexplained(
    reports: DomainEvidence, domain: str, context: Context
) -> tuple[list[SourceEvidence], tuple[str, ...]]:
    """The sources that pass neither way and that nothing explains, those with most mail first.

    And the names without which that cannot be said of others.
    """
    found: list[SourceEvidence] = []
    missing: dict[str, None] = {}
    least = max(LEAST_MESSAGES, reports.tally.messages * LEAST_SHARE)
    for source in reports.failing_sources():
        if source.passes_neither and source.tally.messages >= least and source.address:
            why = explanation(source, domain, context)
            if why.by is None and not why.missing:
                found.append(source)
            missing |= dict.fromkeys(why.missing)
    return found, tuple(missing)


def _belongs(name: str, sender: Sender) -> bool:
    """Whether a domain is the service's own."""
    return sender.spf.explains(name) or any(
        is_below(f"{name}.", f"{vendor.rstrip('.')}.") for vendor in sender.envelope.vendor_domains
    )


@once_a_run
def _spf(address: str, name: str, context: Context) -> tuple[Outcome, tuple[str, ...]]:
    verdict = check_host(ipaddress.ip_address(address), name, context.answers)
    return verdict.result, verdict.missing
