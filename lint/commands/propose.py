"""``zonelint propose``: the records that zonelint.toml's intent still lacks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zonelint.commands import shared
from zonelint.status import CLEAN, COULD_NOT
from zonelint.terminal import hand_over, refused, tell

if TYPE_CHECKING:
    from zonelint.changes.proposing import Plan
    from zonelint.rules.core.finding import Finding
    from zonelint.run.config import Config
    from zonelint.run.judging import Judge
    from zonelint.run.sources import Sources

FORMATS = ("diff", "zone", "octodns", "json")


@click.command(
    short_help="Propose the records that zonelint.toml still lacks.",
    epilog="Exit status: 0 done, 2 something could not be read or written.",
)
@click.argument("domains", nargs=-1, metavar="[DOMAIN]...")
@shared.zones
@click.option("--write", is_flag=True, help="Write the proposed records into the zones.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="diff",
    show_default=True,
    help="How to show them.",
)
@shared.config
@click.pass_context
def propose(
    ctx: click.Context,
    domains: tuple[str, ...],
    zones: tuple[str, ...],
    write: bool,
    format_: str,
    config: Path | None,
) -> None:
    """Propose the records that the intent of zonelint.toml still lacks.

    DOMAIN is one of the declared domains; without any, all of them are looked
    at. Nothing is guessed: where a value is missing, it is said what to fill
    in, and where the vendor shows it. Nothing is written without --write.
    """
    ctx.exit(run(domains, zones, write=write, format=format_, given=config))


def run(
    domains: Sequence[str], paths: Sequence[str], *, write: bool, format: str, given: Path | None
) -> int:
    """The whole command; gives the exit status."""
    from zonelint.changes import proposing
    from zonelint.rules.core import registry
    from zonelint.rules.core.selection import Selection
    from zonelint.run import config
    from zonelint.run.config import ConfigRefused
    from zonelint.run.evidence import of_config
    from zonelint.run.judging import Judge, outside
    from zonelint.run.lockfiles import policies
    from zonelint.run.lockfiles import zones as read_zones

    try:
        rules = registry.rules()
        found = config.of_run(given, paths, [rule.code for rule in rules])
        if found is None:
            return refused(
                ["there is no zonelint.toml, so nothing is declared; 'zonelint init' writes one"]
            )
        wanted = _declared(domains, found)
        sources = read_zones(paths, found, None)
        judge = Judge(
            rules, Selection(), found.intent, outside(found), None, of_config(found),
            files=policies(found),
        )  # fmt: skip
    except ConfigRefused as error:
        return refused(error.messages)
    if sources.problems:
        refused(str(problem) for problem in sources.problems)
    plan = proposing.plan(sources.zones, judge, found.intent, wanted)
    failed = sources.problems or plan.fixed.result.crashes or (domains and plan.homeless)
    status = COULD_NOT if failed else CLEAN
    hand_over(_shown(plan, sources, format))
    _tell(plan, format, found)
    return max(status, _written(plan, judge)) if write else status


def _declared(domains: Sequence[str], config: Config) -> list[str]:
    """The domains given, absolute. Raises ConfigRefused for one that is not declared."""
    from zonelint.grammars.nearmiss import near_miss
    from zonelint.run.config import ConfigRefused

    wanted = []
    for domain in domains:
        name = domain.lower().removesuffix(".") + "."
        if config.intent.for_domain(name) is None:
            known = [each.rstrip(".") for each in config.intent.declared_domains()]
            meant = near_miss(domain, known)
            hint = f"; did you mean {meant}?" if meant else ""
            raise ConfigRefused(f"{config.intent.path} declares nothing of {domain}{hint}")
        wanted.append(name)
    return wanted


def _shown(plan: Plan, sources: Sources, format: str) -> Iterator[str]:
    if format == "json":
        yield from _json(plan)
    elif format == "octodns":
        yield from _octodns(plan, sources)
    elif format == "zone":
        yield from _zone(plan)
    else:
        from zonelint.changes import fixes

        yield from fixes.diff(plan.fixed.texts)


def _zone(plan: Plan) -> Iterator[str]:
    from zonelint.rules.core.change import whole

    for each in plan.proposals:
        for reason in each.reasons:
            yield f"; {reason}\n"
        for rdata in each.before:
            if rdata not in each.after:
                yield f"; remove: {whole(each.owner, each.type, None, rdata)}\n"
        for rdata in each.after:
            yield f"{whole(each.owner, each.type, each.ttl, rdata)}\n"


def _json(plan: Plan) -> Iterator[str]:
    from zonelint.formats.safe import dumped

    shown = {
        "version": 1,
        "proposals": [
            {
                "owner": each.owner,
                "type": each.type,
                "ttl": each.ttl,
                "before": list(each.before),
                "after": list(each.after),
                "reasons": list(each.reasons),
            }
            for each in plan.proposals
        ],
        "fill_in": list(map(_found, plan.fill_in)),
        "held_back": list(map(_found, plan.held_back)),
        "waiting": list(plan.waiting),
        "without_zone": list(plan.homeless),
    }
    yield dumped(shown, indent=2) + "\n"


def _found(finding: Finding) -> dict[str, str]:
    return {
        "code": finding.code,
        "owner": finding.owner,
        "message": finding.message,
        "advice": finding.advice,
    }


def _octodns(plan: Plan, sources: Sources) -> Iterator[str]:
    """The proposed records as octoDNS YAML, one document a zone."""
    from zonelint.grammars.zone import parent
    from zonelint.providers.octodns.yaml.edit import document

    origins = {zone.origin for zone in sources.zones}

    def home(owner: str) -> str:
        while owner not in origins and owner != ".":
            owner = parent(owner)
        return owner

    for zone in sources.zones:
        records = [
            (each.owner, each.type, each.ttl, each.after)
            for each in plan.proposals
            if each.after and home(each.owner) == zone.origin
        ]
        if records:
            yield f"# {zone.origin}\n{document(zone, records)}"


def _tell(plan: Plan, format: str, config: Config) -> None:
    """On standard error: what has to be filled in, and what could not be done."""
    if format != "json":
        for finding in plan.fill_in:
            tell(f"to fill in: {finding.code} {finding.message}. {finding.advice}")
    for sentence in plan.waiting if format != "json" else ():
        tell(f"not yet: {sentence}")
    for finding in plan.held_back if format != "json" else ():
        name = finding.owner.rstrip(".")
        tell(
            f"not proposed: an SPF record of {name} with all declared senders. {finding.message}. "
            "Let one of them send from a subdomain with a record of its own."
        )
    for refusal in plan.fixed.refused:
        tell(f"not proposed: {refusal.finding.code}: {refusal.reason}")
    for domain in plan.homeless if format != "json" else ():
        name = domain.rstrip(".")
        tell(f"not looked at: {name} is declared, and no zone that was read holds it")
    if any((plan.proposals, plan.fill_in, plan.homeless, plan.held_back)):
        return
    if not config.intent.domains:
        path = config.intent.path
        tell(f"Nothing to propose: {path} declares no domain, and 'zonelint init' guesses them.")
    elif plan.waiting:
        tell("Nothing to propose yet.")
    else:
        tell("Nothing to propose: the zones hold what is declared.")


def _written(plan: Plan, judge: Judge) -> int:
    from zonelint.changes import fixes

    failures = fixes.save(plan.fixed, judge)
    files = len(plan.fixed.texts)
    if files:
        click.echo(f"Wrote {files} file{'' if files == 1 else 's'}.", err=True)
    return refused(f"{path}: {why}" for path, why in failures) if failures else CLEAN
