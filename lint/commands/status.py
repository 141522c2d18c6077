"""`zonelint status`: where a domain stands, on one screen."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from zonelint.commands import shared
from zonelint.formats.report import crash_message
from zonelint.formats.reports.summary import domain, transport
from zonelint.grammars.zone import without_dot, zones_of
from zonelint.providers.project.configuration import Configuration, Words
from zonelint.providers.project.index import known_beside
from zonelint.providers.project.project import Project
from zonelint.providers.project.reading import document_of
from zonelint.providers.reports.reader import ReportsRead
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Result
from zonelint.rules.core.identity import told_apart
from zonelint.rules.core.selection import ALL, Selection
from zonelint.rules.evidence.evidence import Evidence
from zonelint.rules.evidence.readiness import published
from zonelint.rules.evidence.source_attribution import unexplained
from zonelint.rules.evidence.transport import by_domain
from zonelint.rules.model.repository import Seat
from zonelint.rules.model.subjects import MailZone
from zonelint.run import evidence
from zonelint.run.judging import Judge
from zonelint.standing import board
from zonelint.standing.glance import DomainState, Glance, covered, domains_of, glance
from zonelint.standing.questions import domain_of
from zonelint.status import CLEAN, COULD_NOT
from zonelint.terminal import print_errors, width


@click.command(
    epilog="Exit status: 0 shown, 2 something could not be read.",
)
@click.argument("domains", nargs=-1, type=shared.domain_name, metavar="[DOMAIN]...")
@shared.zones
@shared.output_format("text", "json", "markdown")
@shared.config
@shared.origin
@click.pass_context
def status(
    ctx: click.Context,
    domains: tuple[str, ...],
    zones: tuple[str, ...],
    format_: str,
    config: Path | None,
    origin: str | None,
) -> None:
    """Show each DOMAIN on one screen: its records, its phase, what is done.

    Without DOMAIN, every zone of the repository is shown, and what zonelint.toml
    declares. SPF with its lookups, DKIM with its keys, DMARC with what the
    reports of the configuration prove; then the steps of the way to p=reject,
    ticked as the rules judge them, and the next one with what it waits for.
    """
    glances, problems = _glances(domains, zones, config, origin)
    if not glances:
        ctx.exit(print_errors(problems or ["there is no zone to show"]))
    print_errors(problems)
    lines = board.text(glances, min(width(sys.stdout), 100))
    lines = board.markdown(glances) if format_ == "markdown" else lines
    shared.answer(format_, lambda: board.facts(glances), lines)
    ctx.exit(COULD_NOT if problems else CLEAN)


class _Reports:
    """The reports of each configuration, read once."""

    def __init__(self) -> None:
        self._read: dict[tuple[str, ...], ReportsRead | None] = {}

    def read(self, configuration: Configuration) -> ReportsRead | None:
        """All that the folders of a configuration hold; None where it names none."""
        paths = tuple(configuration.report_paths)
        if paths not in self._read:
            found = evidence.read(paths) if paths else None
            if found is not None:
                evidence.tell(found)
            self._read[paths] = found
        return self._read[paths]

    def evidence(self, configuration: Configuration) -> Evidence | None:
        """What the aggregate reports prove; None where there are none."""
        found = self.read(configuration)
        return None if found is None else found.proof


def _glances(
    domains: Sequence[str], zones: Sequence[str], config: Path | None, origin: str | None
) -> tuple[list[Glance], list[str]]:
    """The domains looked at, and what could not be read. Raises RunRefused."""
    rules = registry.rules()
    reports = _Reports()
    project = Project(
        config=config,
        codes=[rule.code for rule in rules],
        words=Words(select=(ALL,)),
        origin=origin,
        evidence_of=reports.evidence,
    )
    sources = project.open(zones)
    problems = [str(problem) for problem in sources.problems]
    judge = Judge(rules, project, known=known_beside(project, sources.documents, zones))
    repository = judge.repository(sources.zones)
    result = judge.judged(repository)
    problems += map(crash_message, result.crashes)
    if any(getattr(zone.zone, "adrift", None) for zone in repository.zones):
        print_errors(
            [
                "the names of some zones are not known, so these zones are not shown; "
                "'zonelint check' lists what they depend on"
            ]
        )
    pairs, homeless = _pairs(domains, repository.zones)
    problems += homeless
    twins = repository.twins
    seats = {seat.mail: seat for seat in repository.judged}
    states = (
        _known(seats[zone], name, result, project, reports, told_apart(zone.identity, twins))
        for zone, name in pairs
    )
    return [glance(state) for state in states], problems


def _pairs(
    domains: Sequence[str], zones: Sequence[MailZone]
) -> tuple[list[tuple[MailZone, str]], list[str]]:
    """Zones and the domains in them that are shown; and those that are in none."""
    named = [z for z in zones if z.is_public and not getattr(z.zone, "stand_in", False)]
    if not domains:
        found = [(zone, name) for zone in named for name in domains_of(zone)]
        # A zone of its own for a part of a domain, its keys say, is shown with that.
        kept = [
            (zone, name)
            for zone, name in found
            if zone in (zones_of(domain_of(name), named) or (zone,))
        ]
        hidden = "every zone that was read is of a view that the internet does not see"
        return kept, [hidden] if zones and not any(zone.is_public for zone in zones) else []
    pairs, homeless = [], []
    for name in domains:
        nearest = zones_of(name, named)
        pairs += [(zone, name) for zone in nearest]
        if not nearest:
            plain = without_dot(name)
            why = "none of the zones that were read contains it (--zones)"
            if zones_of(name, [zone for zone in zones if not zone.is_public]):
                why = "only a zone of a view that the internet does not see contains it"
            homeless.append(f"{plain}: {why}")
    return pairs, homeless


def _known(
    seat: Seat, name: str, result: Result, project: Project, reports: _Reports, told: str
) -> DomainState:
    """What is known of one domain. told: what tells its zone from others of the name."""
    zone = seat.mail
    configuration = project.configuration_of(document_of(zone.written))
    found = reports.read(configuration)
    bare = name.rstrip(".")
    proven = None if found is None else found.evidence.domain(bare)
    sessions = () if found is None else by_domain(found.tls)
    strangers, missing = (
        ([], ())
        if proven is None
        else unexplained(
            proven.last_days(zone.context.dmarc_declared(name).min_days), name, zone.context
        )
    )
    cover = covered(name, seat)
    stands = None if cover.record is None else published(cover.record, cover.at or name)
    return DomainState(
        domain=name,
        seat=seat,
        cover=cover,
        result=result,
        reported=None if proven is None else domain(proven, zone.context, stands),
        transport=next((transport(e, zone.context) for e in sessions if e.domain == bare), None),
        has_reports=found is not None and bool(found.evidence.reports),
        strangers=tuple(strangers),
        missing=missing,
        told_apart=told,
        ignored=_ignored(configuration.selection(project.words), name),
    )


def _ignored(selection: Selection, name: str) -> frozenset[str]:
    """The codes that are not asked of a domain."""
    known = registry.rules()
    asked = selection.chosen(known)
    severity = selection.severity_of(asked)
    told = {e.code for e in asked if severity is None or severity(e, name, e.severity) is not None}
    return frozenset(rule.code for rule in known if rule.code not in told)
