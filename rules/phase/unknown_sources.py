"""PHASE004: the reports show mail from sources that nobody declared."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.listing import counted, some
from zonelint.grammars.tags.dmarc import Policy
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.finding import Found, Severity, Unknown
from zonelint.rules.core.gates import evidence_is_there
from zonelint.rules.core.rule import Needs, rule
from zonelint.rules.evidence.readiness import percent
from zonelint.rules.evidence.source_attribution import unexplained
from zonelint.rules.model.answers import owner_name
from zonelint.rules.model.subjects import Dmarc, MailZone
from zonelint.rules.phase.support.rollout import at_policy, own_record

_MOST = 20


@rule(
    "PHASE004",
    "phase-unknown-sources",
    Severity.WARNING,
    on=MailZone,
    about=Dmarc,
    needs=Needs.REPORTS,
    section="RFC 9990",
    given=evidence_is_there,
)
def unknown_sources(zone: MailZone) -> Iterator[Found | Unknown]:
    """The reports show mail that passes neither SPF nor DKIM, from hosts that nobody declared.

    What it finds
        Addresses with no aligned message in the last days of the aggregate reports
        (`dmarc.min-days`), that the SPF record does not list, and that no declared sender explains.
        Sources with less than half a percent of the mail are left out, and so are domains that are
        at `p=reject` already. Only an info where enough of the mail is aligned for the next phase
        (`dmarc.min-aligned`): some mail is forged in the name of every domain.
    Why it matters
        Either it is a forgotten sender, whose mail is lost in the next phase, or it is forged mail,
        which the next phase is meant to stop. Only the domain's owner knows.
    Example
        1,400 messages from 203.0.113.66 in the name of example.com, which no record lists
    Use instead
        Declare the service in zonelint.toml and publish its records if the mail is yours. If it is
        not, do nothing.
    References
        RFC 9990; RFC 9989 §7.4
    """
    for about in zone.context.evidence or ():
        domain = owner_name(about.domain)
        if domain is None or not zone.holds(domain):
            continue
        record = own_record(zone, domain)
        if record is None or record.ast.p is Policy.REJECT:
            continue
        declared = zone.context.dmarc_declared(domain)
        recent = about.last_days(declared.min_days)
        sources, missing = unexplained(recent, domain, zone.context)
        if missing:
            yield zone.unknown(domain, *missing)
        if sources:
            messages = sum(source.tally.messages for source in sources)
            waits = recent.tally.share < declared.min_aligned
            found = at_policy(zone, domain, "p")(
                f"{counted(messages, 'message')} in the name of {without_dot(domain)} "
                f"({percent(messages / recent.tally.messages)}) passed neither SPF nor DKIM and "
                f"came from {some(source.address for source in sources)}, which is not "
                "declared, so they are lost or stopped in the next phase",
                "Declare and publish the sender if the mail is yours; otherwise do nothing.",
                severity=None if waits else Severity.INFO,
                detail=tuple(
                    f"{source.address}  {counted(source.tally.messages, 'message')}, envelope "
                    f"{some(source.envelope_domains) or 'not given'}"
                    for source in sources[:_MOST]
                ),
            )
            # It is about the sources, whatever policy the place says.
            yield found._replace(about=" ".join(sorted(source.address for source in sources)))


_ZONE = """
@ TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc TXT "v=DMARC1; p=none; rua=mailto:d@example.com"
"""

unknown_sources.bad(
    zone=_ZONE,
    reports="""
    rows = [
        { from = "192.0.2.1", messages = 90 },
        { from = "203.0.113.66", messages = 10, spf = "fail", envelope = "crm.example.net" },
    ]
    """,
)
unknown_sources.bad(  # whether the declared sender explains it, only the lock can tell
    zone=_ZONE,
    config="""
    [domains."example.com"]
    senders = ["microsoft365"]
    """,
    reports="""
    rows = [
        { from = "192.0.2.1", messages = 90 },
        { from = "203.0.113.66", messages = 10, spf = "fail" },
    ]
    """,
    undecided=True,
)
unknown_sources.bad(  # the next phase does not wait for so little
    zone=_ZONE,
    reports="""
    rows = [
        { from = "192.0.2.1", messages = 990 },
        { from = "203.0.113.66", messages = 10, spf = "fail" },
    ]
    """,
)
unknown_sources.good(  # the noise that every domain sees
    zone=_ZONE,
    reports="""
    rows = [
        { from = "192.0.2.1", messages = 999 },
        { from = "203.0.113.66", messages = 1, spf = "fail" },
    ]
    """,
)
unknown_sources.good(  # the SPF record lists it
    zone='@ TXT "v=spf1 ip4:203.0.113.66 -all"\n_dmarc TXT "v=DMARC1; p=none"\n',
    reports="""
    rows = [{ from = "203.0.113.66", messages = 10, spf = "fail" }]
    """,
)
unknown_sources.good(  # declared, and in the networks that the lock has
    zone=_ZONE,
    config="""
    [domains."example.com"]
    senders = ["mailgun"]
    """,
    lock="""
    ["mailgun.org."]
    seen = 2026-11-24
    TXT = ["v=spf1 ip4:203.0.113.0/24 -all"]
    """,
    reports="""
    rows = [
        { from = "192.0.2.1", messages = 90 },
        { from = "203.0.113.66", messages = 10, spf = "fail" },
    ]
    """,
)
unknown_sources.good(zone=_ZONE)
