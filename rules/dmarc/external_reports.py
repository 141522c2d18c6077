"""DMARC112: report addresses in domains that did not agree to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zonelint.grammars.tags.dmarc import ReportUri, is_dmarc
from zonelint.grammars.zone import without_dot
from zonelint.rules.core.change import Change, add
from zonelint.rules.core.finding import Found, Root, Severity, Unknown
from zonelint.rules.core.rule import Fix, Needs, Step, rule
from zonelint.rules.mail.dmarc_discovery import report_name
from zonelint.rules.mail.organisation import domain_with_policy, ends_open, organisation
from zonelint.rules.model.answers import Answer, owner_name
from zonelint.rules.model.subjects import Dmarc, DomainPolicy, MailZone
from zonelint.rules.model.wording import true_name

_HOST = re.compile(r"mailto:[^,;:@!\s]+@([A-Za-z0-9_.\-]+)")


def _may_go_elsewhere(dmarc: Dmarc) -> bool:
    """False where all addresses are plainly in the record's own organisation."""
    value, owner = dmarc.value, dmarc.record.owner
    hosts = _HOST.findall(value)
    count = len(hosts)
    if count != value.count(":") or count != value.count("@") or not owner.startswith("_dmarc."):
        return True
    domain = owner[len("_dmarc.") :]
    targets = {f"{host.lower().removesuffix('.')}." for host in hosts}
    targets.discard(domain)
    if not targets:
        return False
    zone = dmarc.zone
    if len(zone.dmarc.get(owner, ())) > 1 or "psd" in dmarc.features or not zone.speaks_for(owner):
        return True
    ours = domain_with_policy(domain, zone.context)
    return any(organisation(target, zone.context).domain != ours for target in targets)


@rule(
    "DMARC112",
    "dmarc-external-reports",
    Severity.WARNING,
    on=DomainPolicy,
    needs=Needs.DNS,
    fix=Fix.PROPOSAL,
    section="RFC 9990",
    when={"rua", "ruf"},
    gate=_may_go_elsewhere,
    remains_of=["DMARC101", "DMARC110"],
    step=Step.DMARC,
)
def external_reports(dmarc: Dmarc) -> Iterator[Found | Unknown]:
    """Reports are sent to another organisation, which has not authorised them.

    What it finds
        An address in `rua` or `ruf` outside the organisational domain, in a domain without a record
        `v=DMARC1` at `<your domain>._report._dmarc.<that domain>`. Which domains belong to one
        organisation is determined by the tree walk of RFC 9989, or by the public suffix list where
        the walk cannot be completed.
    Why it matters
        Receivers send no reports there: nobody learns who sends as the domain.
    Example
        `_dmarc.example.com TXT "v=DMARC1; p=none; rua=mailto:d@example.net"`
    Use instead
        The same, and `example.com._report._dmarc.example.net TXT "v=DMARC1"`, which the owner of
        the other domain publishes.
    References
        RFC 9990 (Verifying External Destinations); RFC 7489 §7.1
    """
    domain = None if dmarc.domain is None else true_name(dmarc.zone, dmarc.domain)
    if domain is None or not is_dmarc(dmarc.value) or dmarc.zone.zone.is_delegated(dmarc.owner):
        return
    missing: list[str] = []
    for target, uri in _targets(dmarc).items():
        ours, theirs = (organisation(name, dmarc.context) for name in (domain, target))
        if ours.domain == theirs.domain:
            continue
        if ends_open(domain):
            missing.append(domain)
            continue
        name = report_name(domain, target)
        answer = dmarc.context.answers.ask(name, "TXT")
        if not answer.is_fact:
            missing.append(answer.missing)
        elif not _agrees(answer):
            means = " and ".join(dict.fromkeys((str(ours.means), str(theirs.means))))
            yield dmarc.at(
                uri.place,
                f"{without_dot(target)} has not authorised reports about {without_dot(domain)}, "
                "so receivers send none there",
                f"{_asked_for(name, dmarc.zone)}, or use an address in {without_dot(ours.domain)}.",
                change=_granted(name, dmarc.zone),
                detail=(
                    f"organisations: {without_dot(ours.domain)} and {without_dot(theirs.domain)}, "
                    f"by {means}",
                ),
                root=Root(target),
            )
    if missing:
        yield dmarc.unknown(*missing)


def _targets(dmarc: Dmarc) -> dict[str, ReportUri]:
    """The domains that reports are to go to, each with its first address."""
    found: dict[str, ReportUri] = {}
    for uri in (*dmarc.ast.rua, *dmarc.ast.ruf):
        name = owner_name(uri.domain) if uri.domain and not uri.faults else None
        if name is not None:
            found.setdefault(name, uri)
    return found


def _agrees(answer: Answer) -> bool:
    return any(is_dmarc(value) for value in answer.values)


def _asked_for(name: str, zone: MailZone) -> str:
    """What to have published, and where one's own zones hold it: a change stays in its own zone."""
    held, asked = zone.context.zone_of(name), f'TXT `"v=DMARC1"` published at {without_dot(name)}'
    if held is None or held.identity == zone.identity:
        return f"Have {asked}"
    return f"Have {asked}, in your zone {without_dot(held.identity.name)} ({held.path})"


def _granted(name: str, zone: MailZone) -> Change | None:
    """The record that is missing, where it would stand in the record's own zone."""
    if not zone.zone.contains(name) or not zone.speaks_for(name) or zone.zone.at(name):
        return None
    return add(name, "TXT", '"v=DMARC1"', "the domain authorises reports about the other one")


_LOCK = """
["example.com._report._dmarc.reports.example.net."]
seen = 2026-11-24
TXT = ["v=DMARC1; rua=mailto:x@reports.example.net"]
["example.com._report._dmarc.example.org."]
seen = 2026-11-24
TXT = "nxdomain"
"""

external_reports.bad(
    "v=DMARC1; p=none; rua=mailto:d@example.com,mailto:d@example.org",
    "v=DMARC1; p=none; rua=mailto:d@example.com; ruf=mailto:d@EXAMPLE.org",
    lock=_LOCK,
)
external_reports.bad(
    zone="""
    _dmarc TXT "v=DMARC1; p=none; rua=mailto:d@reports.example.com"
    _dmarc.reports TXT "v=DMARC1; p=reject; psd=n"
    """,
    fixed="""
    _dmarc TXT "v=DMARC1; p=none; rua=mailto:d@reports.example.com"
    _dmarc.reports TXT "v=DMARC1; p=reject; psd=n"
    example.com._report._dmarc.reports TXT "v=DMARC1"
    """,
)
external_reports.bad("v=DMARC1; p=none; rua=mailto:d@example.net", undecided=True)
external_reports.bad(
    zone="""
    _dmarc CNAME policy
    policy TXT "v=DMARC1; p=none; rua=mailto:d@example.org"
    """,
    lock=_LOCK,
)
external_reports.good(
    "v=DMARC1; p=none; rua=mailto:d@example.com",
    "v=DMARC1; p=none; rua=mailto:d@reports.example.com",
    "v=DMARC1; p=none; rua=mailto:d@reports.example.net",
    "v=DMARC1; p=none; rua=d@example.net",
    "v=DMARC1; p=none",
    lock=_LOCK,
)
external_reports.good(
    zone="""
    _dmarc TXT "v=DMARC1; p=none; rua=mailto:d@reports.example.com"
    _dmarc.reports TXT "v=DMARC1; p=reject; psd=n"
    *._report._dmarc.reports TXT "v=DMARC1"
    """
)
