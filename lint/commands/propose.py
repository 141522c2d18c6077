"""`zonelint propose`: the records that zonelint.toml's intent still lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from zonelint.changes import fixes, proposing
from zonelint.changes.proposing import ProposalPlan, said_once
from zonelint.commands import shared
from zonelint.formats.safe import dumped
from zonelint.grammars.listing import some, together
from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.zone import Zone, without_dot, zones_of
from zonelint.providers.octodns.yaml.edit import document
from zonelint.providers.project.configuration import Configuration, Words
from zonelint.providers.project.index import known_beside
from zonelint.providers.project.project import Project
from zonelint.providers.project.reading import Sources, document_of
from zonelint.providers.project.refused import ConfigRefused, FileFault
from zonelint.rules.config.intent import Intent
from zonelint.rules.core import registry
from zonelint.rules.core.change import whole
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.identity import told_apart, twins_of
from zonelint.run.evidence import Reports
from zonelint.run.judging import Judge
from zonelint.standing.questions import domain_of
from zonelint.status import CLEAN, COULD_NOT
from zonelint.terminal import hand_over, print_errors, tell

FORMATS = ("diff", "zone", "octodns", "json")


@click.command(
    epilog="Exit status: 0 done, 2 something could not be read or written.",
)
@click.argument("domains", nargs=-1, type=shared.domain_name, metavar="[DOMAIN]...")
@shared.zones
@click.option("--write", is_flag=True, help="Write the proposed records into the zones.")
@shared.output_format(*FORMATS)
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
    rules = registry.rules()
    project = Project(
        config=given,
        codes=[rule.code for rule in rules],
        words=Words(everything=True, severities=False),
        evidence_of=Reports().of,
    )
    sources = project.open(paths)
    held = project.configurations_of([*sources.documents, *(() if paths else ("zone",))])
    declaring = [each for each in held if each.intent is not None]
    if not declaring:
        return print_errors(
            ["there is no zonelint.toml, so nothing is declared; 'zonelint init' writes one"]
        )
    _check_declared(domains, declaring)
    print_errors(warning for each in declaring for warning in each.warnings())
    known = known_beside(project, sources.documents, paths)
    unread = [problem.path for problem in sources.problems]
    judge = Judge(rules, project, known=known, unread=unread)
    print_errors(str(problem) for problem in sources.problems)
    plans = []
    for each in declaring:
        named = [name for name in domains if each.intent and each.intent.for_domain(name)]
        if each.intent is not None and (named or not domains):
            mine = [z for z in sources.zones if project.configuration_of(document_of(z)) is each]
            plans.append((proposing.plan(mine, judge, each.intent, named), each.intent))
    failed = sources.problems or any(
        plan.fixed.result.crashes or (domains and plan.homeless) for plan, _ in plans
    )
    status = COULD_NOT if failed else CLEAN
    identities = [project.identity_of(zone) for zone in sources.zones]
    twins = twins_of(identities)
    names = {
        id(zone): told_apart(identity, twins)
        for zone, identity in zip(sources.zones, identities, strict=True)
    }
    hand_over(_render([plan for plan, _ in plans], sources, format, names))
    for plan, intent in plans:
        _tell(plan, format, intent, sources.zones)
    if write:
        status = max(status, *(_written(plan, judge) for plan, _ in plans))
    return status


def _check_declared(domains: Sequence[str], held: Sequence[Configuration]) -> None:
    """Raises ConfigRefused for a domain that is not declared."""
    intents = [each.intent for each in held if each.intent is not None]
    for name in domains:
        if all(intent.for_domain(name) is None for intent in intents):
            domain = without_dot(name)
            known = [without_dot(each) for i in intents for each in i.declared_domains()]
            meant = near_miss(domain, known)
            hint = f"; did you mean {meant}?" if meant else ""
            files = " and ".join(intent.path for intent in intents)
            verb = "declare" if len(intents) > 1 else "declares"
            raise ConfigRefused(FileFault("", None, f"{files} {verb} nothing about {domain}{hint}"))


def _render(
    plans: Sequence[ProposalPlan], sources: Sources, format: str, names: Mapping[int, str]
) -> Iterator[str]:
    """The proposals. names: what tells each zone, by its id(), from others of its name."""
    if format == "json":
        yield from _json(plans, names)
        return
    for plan in plans:
        if format == "octodns":
            yield from _octodns(plan, sources, names)
        elif format == "zone":
            yield from _zone(plan, names)
        else:
            yield from fixes.diff(plan.fixed.texts)


def _zone(plan: ProposalPlan, names: Mapping[int, str]) -> Iterator[str]:
    of = None
    for each in plan.proposals:
        if each.zone is not of and (name := names[id(each.zone)]):
            yield f"; {each.zone.origin} ({name})\n"
        of = each.zone
        for reason in each.reasons:
            yield f"; {reason}\n"
        for rdata in each.before:
            if rdata not in each.after:
                yield f"; remove: {whole(each.owner, each.type, None, rdata)}\n"
        for rdata in each.after:
            yield f"{whole(each.owner, each.type, each.ttl, rdata)}\n"


def _json(plans: Sequence[ProposalPlan], names: Mapping[int, str]) -> Iterator[str]:
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
                **({"zone": names[id(each.zone)]} if names[id(each.zone)] else {}),
            }
            for plan in plans
            for each in plan.proposals
        ],
        "fill_in": [_found(each) for plan in plans for each in plan.fill_in],
        "held_back": [_found(harm) for plan in plans for harm in _harms(plan)],
        "waiting": [": ".join(each) for plan in plans for each in plan.waiting],
        "without_zone": [each for plan in plans for each in plan.homeless],
    }
    yield dumped(shown, indent=2) + "\n"


def _harms(plan: ProposalPlan) -> list[Finding]:
    """What the changes that are held back would bring, each once."""
    harms = (each.harm for each in plan.held_back if each.harm is not None)
    return list({(harm.zone, harm.code, harm.owner): harm for harm in harms}.values())


def _found(finding: Finding) -> dict[str, str]:
    return {
        "code": finding.code,
        "owner": finding.owner,
        "message": finding.message,
        "advice": finding.advice,
    }


def _octodns(plan: ProposalPlan, sources: Sources, names: Mapping[int, str]) -> Iterator[str]:
    """The proposed records as octoDNS YAML, one document a zone."""
    for zone in sources.zones:
        records = [
            (each.owner, each.type, each.ttl, each.after)
            for each in plan.proposals
            if each.after and each.zone is zone
        ]
        if records:
            place = f" ({names[id(zone)]})" if names[id(zone)] else ""
            yield f"# {zone.origin}{place}\n{document(zone, records)}"


def _tell(plan: ProposalPlan, format: str, intent: Intent, zones: Sequence[Zone]) -> None:
    """On standard error: what has to be filled in, and what could not be done."""
    if format != "json":
        for sentence in together(said_once(map(_to_fill_in, plan.fill_in), plan.fixed.zones)):
            tell(f"to fill in: {sentence}")
        for sentence in together(plan.waiting):
            tell(f"not yet: {sentence}")
    held_back = plan.held_back if format != "json" else ()
    refused = [
        (without_dot(each.finding.owner), f"{each.finding.code}: {each.reason}")
        for each in (*held_back, *plan.fixed.refused)
    ]
    for sentence in together(refused):
        tell(f"not proposed: {sentence}")
    for domain in plan.homeless if format != "json" else ():
        name = domain.rstrip(".")
        holding = zones_of(domain, zones)  # such a zone is one that another configuration holds for
        why = f"{intent.path} does not hold for its zone ({some(each.path for each in holding)})"
        if not holding:
            why = "no zone that was read contains it"
        tell(f"not checked: {name} is declared, but {why}")
    if any((plan.proposals, plan.fill_in, plan.homeless, plan.held_back, plan.fixed.refused)):
        return
    if not intent.domains:
        shown = "'zonelint init --stdout' shows what the records tell of them"
        tell(f"Nothing to propose: {intent.path} declares no domain; {shown}.")
    elif plan.waiting:
        tell("Nothing to propose yet.")
    else:
        tell("Nothing to propose: the zones contain what is declared.")


def _to_fill_in(finding: Finding) -> tuple[str, str, str]:
    """The domain for which a person has to give something, the file, and what that is."""
    domain = without_dot(domain_of(finding.owner))
    return domain, finding.span.path, f"{finding.code} {finding.message}. {finding.advice}"


def _written(plan: ProposalPlan, judge: Judge) -> int:
    failures = fixes.save(plan.fixed, judge)
    files = len(plan.fixed.texts)
    if files:
        click.echo(f"Wrote {files} file{'' if files == 1 else 's'}.", err=True)
    return print_errors(f"{path}: {why}" for path, why in failures) if failures else CLEAN
