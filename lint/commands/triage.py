"""`zonelint triage`: what a bounce means, what explains it, and a ticket to send."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from zonelint.changes import sharing
from zonelint.commands import shared
from zonelint.formats.report import crash_message
from zonelint.grammars.zone import without_dot
from zonelint.providers.bounces import reading
from zonelint.providers.bounces.bounce import Bounce, BounceError
from zonelint.providers.files import DISK, reason_of
from zonelint.providers.project.configuration import Words
from zonelint.providers.project.index import known_beside
from zonelint.providers.project.project import Project
from zonelint.providers.writing import files_of
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Result
from zonelint.rules.core.identity import ZoneId
from zonelint.rules.offers.bulk import ZonesInHand
from zonelint.run.judging import Judge
from zonelint.status import CLEAN, COULD_NOT
from zonelint.terminal import print_errors
from zonelint.triage import shown
from zonelint.triage.diagnosis import diagnosed
from zonelint.triage.listing import listing
from zonelint.triage.redact import Redactor


@click.command(
    epilog="Exit status: 0 the bounce is explained, 2 something could not be read.",
)
@click.argument("file", type=shared.any_path)
@shared.zones
@click.option(
    "--domain",
    type=shared.domain_name,
    metavar="NAME",
    help="The sender's domain, where the bounce does not name it.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The day of a change: messages in a list are counted before and after it.",
)
@click.option(
    "--redact", is_flag=True, help="Mask mailboxes and IP addresses; domains and hosts stay."
)
@shared.output_format("text", "json")
@shared.config
@shared.origin
@click.pass_context
def triage(
    ctx: click.Context,
    file: str,
    zones: tuple[str, ...],
    domain: str | None,
    since: datetime | None,
    redact: bool,
    format_: str,
    config: Path | None,
    origin: str | None,
) -> None:
    """Say what a bounce means and what could have caused it.

    FILE is the bounce: the mail (.eml), or text copied from it or from a
    message trace, or the trace itself (CSV, JSON, Format-List), of one message
    or a list of many; '-' is standard input. The sender's zones are judged, and
    what in them could be the cause is named, beside the causes that no record
    shows. At the end stands a ticket to send to whoever runs the other host.
    """
    if domain is not None:
        domain = without_dot(domain)
    try:
        bounce = _bounce(file)
        views, documents, result = _judged(zones, config, origin)
    except BounceError as error:
        ctx.exit(print_errors([f"{file}: {error}"]))
    if zones and result is None:
        ctx.exit(COULD_NOT)
    diagnosis = diagnosed(bounce, domain, views, result)
    counts = listing(bounce.listed, since.date() if since else None) if bounce.listed else None
    if redact:
        diagnosis = Redactor().diagnosis(diagnosis)
    told = diagnosis, documents, counts
    shared.answer(format_, lambda: shown.facts(*told), shown.text(*told))
    ctx.exit(COULD_NOT if result is not None and result.crashes else CLEAN)


def _bounce(file: str) -> Bounce:
    """Read the file, or standard input. Raises BounceError."""
    try:
        if file == "-":
            octets = sys.stdin.buffer.read(reading.LARGEST_TRACE + 1)
        else:
            octets = DISK.beginning(file, reading.LARGEST_TRACE + 1)
    except OSError as error:
        raise BounceError(reason_of(error)) from None
    return reading.read(octets)


def _judged(
    zones: tuple[str, ...], given: Path | None, origin: str | None
) -> tuple[list[Context], dict[ZoneId, str], Result | None]:
    """The sender's zones, by view, their root documents, and what the rules find there.

    No judgement where there are no zones. Raises ConfigRefused. That a folder which nobody named
    holds no zone is no error: a bounce can be explained without them.
    """
    known = registry.rules()
    # What the team has chosen to ignore in its checks can still be why its mail bounces.
    words = Words(everything=True)
    codes = [rule.code for rule in known]
    project = Project(config=given, codes=codes, words=words, origin=origin)
    sources = project.open(zones)
    is_named = zones or project.paths_of(zones) != ["."]
    if is_named or sources.documents:
        print_errors(str(problem) for problem in sources.problems)
    if not sources.zones:
        return [], {}, None
    judge = Judge(known, project, known=known_beside(project, sources.documents, zones))
    repository = judge.repository(sources.zones)
    result = judge.judged(repository)
    print_errors(map(crash_message, result.crashes))
    zones_read = ZonesInHand(repository)
    found = judge.offers(zones_read, result).without_harm(result.findings)
    result.findings = list(sharing.shown(found, zones_read, files_of(repository), judge).findings)
    views = dict.fromkeys(seat.identity.view for seat in repository.judged)
    documents = {seat.identity: seat.zone.path for seat in repository.judged}
    return [repository.of_view(view) for view in views], documents, result
