"""DMARC116: reports that are declared to go to a domain which does not take them."""

from __future__ import annotations

from collections.abc import Iterator

from zonelint.grammars.tags.dmarc import is_dmarc
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.change import Ground, Role, add
from zonelint.rules.core.finding import Found, Root, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, rule
from zonelint.rules.mail.dmarc_discovery import report_name
from zonelint.rules.mail.organisation import organisation
from zonelint.rules.model.subjects import MailZone


@rule(
    "DMARC116",
    "dmarc-unauthorised-reports",
    Severity.WARNING,
    on=MailZone,
    needs=Needs.ZONE | Needs.INTENT,
    fix=Fix.PROPOSAL,
    section="RFC 9990",
    role=Role.SUPPLIES,
    ground=Ground.DECLARED,
)
def unauthorised_reports(zone: MailZone) -> Iterator[Found | Unknown]:
    """A domain takes no reports about one whose reports are declared to go there.

    What it finds
        An address in `rua` or `ruf` of zonelint.toml in a domain of these zones, outside the
        organisational domain that the reports are about, without a record `v=DMARC1` at
        `<that domain>._report._dmarc.<the domain of the address>`. DMARC112 tells the same of the
        record that has the address, once it is published.
    Why it matters
        Receivers send no reports there: nobody learns who sends as the domain.
    Example
        `rua = ["mailto:d@example.com"]` for example.net, and nothing at
        `example.net._report._dmarc.example.com`
    Use instead
        `example.net._report._dmarc.example.com TXT "v=DMARC1"`, before that address is published.
    References
        RFC 9990 (Verifying External Destinations); RFC 7489 §7.1
    """
    intent = zone.context.intent
    for about, target in () if intent is None else intent.reporting_below(zone.origin):
        owner = report_name(about, target)
        ours, theirs = (organisation(name, zone.context).domain for name in (about, target))
        if ours == theirs or not zone.speaks_for(owner):
            continue
        answer = zone.context.answers.ask(owner, "TXT")
        if not answer.is_fact:
            yield zone.unknown(owner, answer.missing)
        elif not any(map(is_dmarc, answer.values)):
            yield zone.missing(
                owner,
                "TXT",
                f"Reports about {without_dot(about)} are declared to go to {without_dot(target)}, "
                "which has not authorised them, so receivers send none there",
                f'Publish `"v=DMARC1"` at {without_dot(owner)}.',
                change=None
                if zone.zone.at(owner)
                else add(owner, "TXT", '"v=DMARC1"', "the domain authorises the declared reports"),
                root=Root(target),
            )


_CONFIG = """
[domains."example.net".dmarc]
rua = ["mailto:d@example.com"]
"""
unauthorised_reports.bad(
    zone="@ MX 10 mail",
    config=_CONFIG,
    fixed="""
    @ MX 10 mail
    example.net._report._dmarc TXT "v=DMARC1"
    """,
)
unauthorised_reports.bad(zone='example.net._report._dmarc TXT "yes"', config=_CONFIG)
unauthorised_reports.bad(
    zone="example.net._report._dmarc CNAME d.example.org.", config=_CONFIG, undecided=True
)
unauthorised_reports.good(zone='*._report._dmarc TXT "v=DMARC1"', config=_CONFIG)
unauthorised_reports.good(
    zone="_dmarc NS ns.example.net.\n@ MX 10 mail",
    config=_CONFIG + '[domains."a.example.com".dmarc]\nrua = ["mailto:d@example.com"]\n',
)
