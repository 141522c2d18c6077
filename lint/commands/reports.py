"""`zonelint reports`: what the reports of receivers prove, domain by domain."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import click

from zonelint import terminal
from zonelint.changes.ours import is_evidence
from zonelint.commands import shared
from zonelint.formats.reports.summary import FORMATS, ReportsPage, domain, renderer, transport
from zonelint.grammars.zone import without_dot
from zonelint.providers.project.configuration import Configuration
from zonelint.providers.project.index import repository
from zonelint.providers.project.project import Project
from zonelint.providers.replacing import replaced
from zonelint.providers.reports.reader import ReportsRead
from zonelint.rules.context import Context
from zonelint.rules.evidence.transport import by_domain, failures_by_domain
from zonelint.run import evidence
from zonelint.run.evidence import remarks
from zonelint.status import CLEAN
from zonelint.terminal import print_errors, wants_colour


@click.command(
    epilog="Exit status: 0 reports were read, 2 none could be.",
)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=shared.any_path)
@click.option(
    "--domain",
    "domains",
    multiple=True,
    type=shared.domain_name,
    metavar="NAME",
    help="Only this domain. May be repeated.",
)
@shared.output_format(*FORMATS, help="The output format; html is one page with charts.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write to FILE instead of the screen.",
)
@shared.config
@click.pass_context
def reports(
    ctx: click.Context,
    paths: tuple[str, ...],
    domains: tuple[str, ...],
    format_: str,
    output: Path | None,
    config: Path | None,
) -> None:
    """Read the reports of receivers and say how much mail is aligned.

    PATH is a report (xml, json, gz, zip), a mail with one attached, a mailbox,
    or a folder of them. Without PATH, the folders that zonelint.toml names are
    read.

    For every domain: how long its policy has stood, the aligned share, the
    sources, who explains them and why they fail, and whether it is ready for
    the next phase. TLS reports (RFC 8460) say whether MTA-STS may be enforced;
    failure reports (RFC 6591) are counted by source.

    Reports about other domains than those asked for, or than zonelint.toml
    declares, are named and left out.
    """
    ctx.exit(run(paths, domains, format_, output, config))


def run(
    paths: Sequence[str],
    domains: Sequence[str],
    format: str,
    output: Path | None,
    given: Path | None,
) -> int:
    """The whole command; gives the exit status."""
    project = Project(config=given)
    configuration = project.configuration_at(Path.cwd())
    places = list(paths) or configuration.report_paths
    if not places:
        return print_errors(["there are no reports to read; name a file or a folder"])
    context = _context(project, configuration)
    reading = evidence.read(places, domains or _declared(context))
    evidence.tell(reading)
    evidence.tell_remarks(reading)
    if not (reading.evidence.reports or reading.tls or reading.failures):
        about = f" about {' or '.join(map(without_dot, domains))}" if domains else ""
        return print_errors([f"no report{about} was read from {', '.join(places)}"])
    try:
        _write(_page(reading, domains, context), format, output)
    except BrokenPipeError:
        raise
    except OSError as error:
        where = output or "standard output"
        return print_errors([f"{where}: this cannot be written: {error.strerror}"])
    return CLEAN


def _context(project: Project, configuration: Configuration) -> Context:
    """What is known of the domains: the configuration's zones, its senders, the lock."""
    zones = project.open(()).zones if configuration.names_zones else []
    print_errors(configuration.warnings())
    return repository(project, zones).of_view("", project.settings_of(configuration))


def _declared(context: Context) -> list[str] | None:
    """The domains that the configuration is about; None where it declares none."""
    intent = context.intent
    if intent is None or not intent.domains:
        return None
    origins = (zone.origin for zone in context.zones)
    return [*(name.removeprefix("*.") for name in intent.domains), *origins]


def _page(reading: ReportsRead, domains: Iterable[str], context: Context) -> ReportsPage:
    wanted = set(map(without_dot, domains))

    def is_wanted(name: str) -> bool:
        return not wanted or name in wanted

    proved = reading.evidence
    return ReportsPage(
        [domain(each, context) for each in proved if is_wanted(each.domain)],
        proved.reports,
        proved.duplicates,
        [(problem.place, problem.message) for problem in reading.problems],
        wants_colour(sys.stdout),
        list(remarks(reading)),
        [transport(each, context) for each in by_domain(reading.tls) if is_wanted(each.domain)],
        [each for each in failures_by_domain(reading.failures) if is_wanted(each.domain)],
    )


def _write(page: ReportsPage, format: str, output: Path | None) -> None:
    render = renderer(format)
    if output is None:
        terminal.write(sys.stdout, render(page))
        return
    with replaced(output, is_ours=is_evidence) as out:
        out.writelines(render(replace(page, colour=False)))
