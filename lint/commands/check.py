"""`zonelint check`: read the zones, ask the rules, report.

The run is a row of steps, each a function: configure, read, judge, report, write. What only some
runs need is imported inside them, so that a short run stays quick.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from zonelint import terminal
from zonelint.commands import shared
from zonelint.commands.reporting import Run
from zonelint.formats import FORMATS, renderer
from zonelint.formats.report import Page, Report, crash_message
from zonelint.grammars.listing import grouped, some, together
from zonelint.progress import Bar
from zonelint.providers.project.before import Before
from zonelint.providers.project.configuration import Configuration, Words
from zonelint.providers.project.index import known_beside
from zonelint.providers.project.project import Project
from zonelint.providers.project.reading import Listed, Sources, document_of, forms_of
from zonelint.providers.replacing import replaced
from zonelint.providers.terraform.source.find import ENDINGS, GivenVariable
from zonelint.providers.writing import files_of
from zonelint.providers.zonefile.find import FoundFiles, walk
from zonelint.providers.zonefile.reader import EmptyFolder, ReadError
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Result, once_for_targets
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.rule import Needs, Rule
from zonelint.rules.core.selection import UnknownCodeError, meant_code
from zonelint.rules.model.loosening import GatePart
from zonelint.rules.model.repository import Repository
from zonelint.run.evidence import Reports
from zonelint.run.judging import Judge
from zonelint.status import CLEAN, COULD_NOT, FOUND
from zonelint.terminal import hand_over, print_errors, tell, write

if TYPE_CHECKING:
    from zonelint.changes.against import Comparison, OtherSide
    from zonelint.changes.fixing import Fixed
    from zonelint.providers.dns import Server
    from zonelint.rules.evidence.evidence import Evidence
    from zonelint.rules.offers.harm import Refused
    from zonelint.run.workers import ReadAgain

SEVERITIES = ("info", "warning", "error")
_CLASHES = {
    "no_baseline": ("baseline", "write_baseline"),
    "write_baseline": ("against", "diff"),
    "add_noqa": ("against", "diff", "write_baseline"),
}
"""Options, each with those that it cannot be combined with."""


class CheckOptions(NamedTuple):
    """What the command line says: one field for each parameter of the command, by its name."""

    paths: tuple[str, ...]
    format: str
    output: Path | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    min_severity: str
    fail_on: str | None
    exit_zero: bool
    statistics: bool
    origin: str | None
    stdin_filename: str | None
    as_found: bool
    config: Path | None
    variables: tuple[tuple[str | None, str], ...]
    jobs: int | None
    fix: bool
    fix_proposed: tuple[str, ...]
    diff: bool
    baseline: Path | None
    no_baseline: bool
    write_baseline: bool
    against: str | None
    all_findings: bool
    trust_change: tuple[str, ...]
    reports: tuple[str, ...]
    online: bool
    servers: tuple[Server, ...]
    color: str
    quiet: bool
    add_noqa: bool
    show_files: bool
    show_settings: bool

    @property
    def asks_dns(self) -> bool:
        """Whether DNS is asked; to name a server says so too."""
        return self.online or bool(self.servers)

    @property
    def changes(self) -> bool:
        """Whether records are to be changed, on the disk or in a diff."""
        return self.fix or self.diff or bool(self.fix_proposed)


def _words(_: click.Context, __: click.Parameter, given: Iterable[str]) -> tuple[str, ...]:
    """The words of an option that may be repeated and may hold several, between commas."""
    words = [word.strip() for each in given for word in each.split(",")]
    return tuple(word for word in words if word)


def _assignments(
    _: click.Context, __: click.Parameter, given: Iterable[str]
) -> tuple[tuple[str, str], ...]:
    """Names and values of an option that may be repeated."""
    pairs = [each.partition("=") for each in given]
    for name, sign, _value in pairs:
        if not sign or not name.strip():
            raise click.BadParameter("a name, '=' and a value are expected.")
    return tuple((name.strip(), value) for name, _sign, value in pairs)


class _InOrder(click.Command):
    """Knows how `--var` and `--var-file` follow one another: the last word counts."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        rest = super().parse_args(ctx, args)
        if ctx.resilient_parsing:
            return rest
        files = [(None, str(path)) for path in ctx.params.pop("variable_files")]
        given = {"variables": iter(ctx.params["variables"]), "variable_files": iter(files)}
        ctx.params["variables"] = tuple(
            next(given[param.name]) for param in order if param.name in given
        )
        return rest


@click.command(
    cls=_InOrder,
    epilog="Exit status: 0 clean, 1 findings, 2 something could not be checked.",
)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=shared.any_path)
@click.option(
    "--format",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="The output format.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the report to FILE instead of the screen.",
)
@click.option(
    "--select",
    multiple=True,
    callback=_words,
    shell_complete=shared.code_completed,
    metavar="CODE,...",
    help="Run only these rules: codes, prefixes of codes, ALL.",
)
@click.option(
    "--ignore",
    multiple=True,
    callback=_words,
    shell_complete=shared.code_completed,
    metavar="CODE,...",
    help="Do not run these rules.",
)
@click.option(
    "--min-severity",
    type=click.Choice(SEVERITIES),
    default="info",
    show_default=True,
    help="Hide findings below this severity. They still make the run fail: see --fail-on.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "info", "undecided", "never"]),
    help=(
        "What makes the run fail: findings of this severity or above; 'undecided' adds what "
        "could not be decided. Default: the value in zonelint.toml, otherwise warning."
    ),
)
@click.option(
    "--online",
    is_flag=True,
    help=(
        "Query DNS for what is in neither the zones nor zonelint.lock. Without it, no check "
        "uses the network."
    ),
)
@shared.name_servers(
    "The server to query instead of this machine's resolvers; implies --online. May be repeated."
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when something was found.")
@click.option(
    "--against",
    metavar="REF|PATH",
    help=(
        "Judge the change since this Git revision, or from this path: what it introduces, and "
        "what it means. 'main...' is the merge base of the branches."
    ),
)
@click.option(
    "--trust-change",
    multiple=True,
    is_flag=False,
    flag_value="all",
    type=click.Choice(["config", "baseline", "noqa", "lock", "all"]),
    help=(
        "With --against: let the change loosen the rules that judge it (PHASE009), once "
        "reviewed. Without a value, and not directly before a PATH, all of them."
    ),
)
@click.option(
    "--all-findings", is_flag=True, help="With --against: also report what was there before."
)
@click.option(
    "--reports",
    multiple=True,
    metavar="PATH",
    type=shared.any_path,
    help="DMARC aggregate reports: files or folders, instead of those that "
    "zonelint.toml names. May be repeated.",
)
@click.option(
    "--fix", is_flag=True, help="Apply the safe fixes: those that cannot change the mail flow."
)
@click.option(
    "--fix-proposed",
    multiple=True,
    callback=_words,
    shell_complete=shared.code_completed,
    metavar="CODE,...",
    help="Apply the proposals of these rules, or of ALL. Review them first.",
)
@click.option(
    "--diff",
    is_flag=True,
    help="Show what --fix (or --fix-proposed) would change as a diff, and write nothing.",
)
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=(
        "Report only what is not in this file of known findings. Default: "
        "zonelint-baseline.json, if it exists."
    ),
)
@click.option("--no-baseline", is_flag=True, help="Report everything, even what is in a baseline.")
@click.option(
    "--write-baseline",
    is_flag=True,
    help="Write the findings of this run to the baseline, and report none of them.",
)
@click.option(
    "--add-noqa",
    is_flag=True,
    help="Write a noqa comment for every finding that is shown or fails the run, and report what "
    "none can accept.",
)
@click.option(
    "--show-files", is_flag=True, help="Print the files that would be read, and check none."
)
@click.option(
    "--show-settings",
    is_flag=True,
    help="Print what holds for the files, and where each value comes from; check none.",
)
@click.option(
    "--statistics",
    is_flag=True,
    help="Print how many findings each rule has in place of the findings (text only).",
)
@click.option(
    "--quiet",
    is_flag=True,
    help="Print findings only: no source, advice, changes, summary.",
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Whether to print in colour; auto: on a terminal, unless NO_COLOR is set.",
)
@click.option(
    "--origin", metavar="NAME", help="The origin of the zone files, whatever the files say."
)
@click.option(
    "--stdin-filename",
    metavar="NAME",
    help="The name for standard input; gives its origin as a file name does.",
)
@click.option(
    "--as-found",
    is_flag=True,
    help="Treat each file as a search of its folder would: skip one that is not a zone. For "
    "hooks, which name files by a pattern.",
)
@shared.config
@click.option(
    "--var",
    "variables",
    multiple=True,
    callback=_assignments,
    metavar="NAME=VALUE",
    help="The value of a variable of Terraform's, as 'terraform plan' takes it. May be repeated.",
)
@click.option(
    "--var-file",
    "variable_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A file of values for variables of Terraform's, read behind terraform.tfvars and "
    "*.auto.tfvars. May be repeated; of --var and --var-file the last counts.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processes may run at once; default: the number of processors.",
)
@click.pass_context
def check(ctx: click.Context, /, **given: Any) -> None:
    """Check zones and report what makes mail bounce or a domain spoofable.

    PATH is a zone file, octoDNS YAML, Terraform source, a plan, preview or
    stack as JSON, a CloudFormation template, or a folder that is searched for
    them; '-' is a zone file or a plan on standard input. Without PATH, the
    zones that zonelint.toml names are checked; where it names none, the
    current folder is searched.

    Warnings and errors fail the run, findings of severity info do not:
    --fail-on, or 'fail-on' in zonelint.toml, moves that line.
    """
    for one, others in _CLASHES.items():
        if given[one] and (clash := next((other for other in others if given[other]), None)):
            words = f"--{one} cannot be combined with --{clash}.".replace("_", "-")
            raise click.UsageError(words)
    if given["add_noqa"] and "-" in given["paths"]:
        raise click.UsageError("--add-noqa writes into files, and standard input is not one.")
    if given["against"] is None:
        # The Action has one set of arguments for requests and for pushes, so this is not refused.
        for name in ("trust_change", "all_findings"):
            if given[name]:
                tell(f"zonelint: --{name.replace('_', '-')} has no effect without --against")
                given[name] = type(given[name])()
    ctx.exit(run(CheckOptions(**given)))


def run(options: CheckOptions) -> int:
    """The whole check; gives the exit status. Raises RunRefused."""
    try:
        return _run(options, registry.rules())
    except registry.RegistryError as error:
        return print_errors([str(error)])


def _run(options: CheckOptions, known: Sequence[Rule]) -> int:
    """The steps of a check, one after the other. Raises RunRefused."""
    project = _project(options, known)
    paths = project.paths_of(options.paths)
    other = _other_side(options, project)  # what held before says how the zones are read
    found = project.listed(
        paths,
        stdin_filename=options.stdin_filename,
        as_found=paths if options.as_found else (),
    )
    if other is not None and not options.paths:
        found = project.keep_excluded(found, partial(other.moved_from, project))
    # Before anything is read: what is wrong with a configuration or a lock is told first.
    for configuration in project.configurations_of(found.documents):
        project.settings_of(configuration)
    judge = Judge(
        known,
        project,
        known=known_beside(project, found.documents, paths),
        jobs=1 if options.asks_dns else options.jobs,
    )
    if judge.known is not None and options.origin is None:
        # What is named is judged in each zone that it is a part of.
        wholes = judge.known.including([file.path for file in found.files if file.named])
        for empty in [each for each in found.errors if isinstance(each, EmptyFolder)]:
            parts = [str(Path(at, n)) for at, ns in walk(empty.path, found.disk) for n in ns]
            if within := judge.known.including(parts):
                wholes += within
                found.errors.remove(empty)
                found.searched.remove(empty.path)
        found.files += [FoundFiles(path, named=True) for path in wholes]
        judge.known.leave_out(wholes)
    if options.show_files or options.show_settings:
        return _show(options, project, found)
    divided = _divided(options, found, judge)
    sources = _read(found, project) if divided is None else divided[1]
    judge = replace(judge, unread=[problem.path for problem in sources.problems])
    if other is not None:
        other.compares(sources)
    holding = project.configurations_of(sources.documents)
    print_errors(warning for each in holding for warning in each.warnings())
    if not options.paths:
        _warn_of_idle_words(project, sources)
    if judge.known is not None:
        # What source is read with may lie elsewhere.
        judged = {*sources.documents} - {*found.documents}
        if other is not None and not other.project.files.is_past:
            judged |= {document_of(zone) for zone in other.zones}
        judge.known.leave_out(judged)
    if options.asks_dns:
        from zonelint.run.online import ask_online

        project.go_online(ask_online(project, sources.zones, options.servers))
    if sources.before is not None or other is not None:
        # Whatever a plan does not speak of is as it was.
        own = sources.unplanned if other is None else []
        before = Before(project, [*own, *(sources.before or ())])
        if other is not None:
            # Beside what another path holds lies what lies beside the zones of the run.
            beside = other.known if other.project.files.is_past else judge.known
            before = replace(before, other=other.project, zones_there=other.zones, known=beside)
        judge = replace(judge, before=before)
    repository = None if divided is not None else judge.repository(sources.zones)
    run = Run(
        project,
        known,
        holding,
        repository.settings if repository is not None and judge.before is not None else {},
        named=options.baseline,
        knows=not options.no_baseline,
        writes=options.write_baseline,
        everything=not options.paths,
        compares=options.against is not None and not options.all_findings,
        min_severity=options.min_severity,
        fail_on=options.fail_on,
        before=judge.before,
        beside=judge.known,
        standing=None if other is None else judge.standing,
    )
    if other is not None:
        there = f"{options.against} has a configuration that cannot be used, so the defaults held"
        print_errors(f"{each} ({there})" for each in dict.fromkeys(other.project.refused))
        there = f"{options.against} has a lock that cannot be used, so none held"
        print_errors(f"{each} ({there})" for each in run.lock_faults_before)
    refused: Sequence[Refused] = ()
    if options.changes:
        fixed = _fixed(options, sources, judge, known, run, other)
        _tell_beside(options.paths, fixed)
        if options.diff:
            _tell_failures(run.reported(fixed.result, sources))
            return _print_diff(options, fixed, sources)
        sources = _saved(fixed, sources, judge)
        result, repository = fixed.result, None
        refused = fixed.refused
    elif divided is not None:
        result = divided[0]
    else:
        assert repository is not None, "the zones are here"
        result = judge.judged(repository, compares=judge.before is not None, former=run.compares)
    whole = result
    comparison = _compared(options, sources, judge, other, result, repository)
    if comparison is not None:
        result = comparison.result
    report = run.reported(result, sources, run.baselined(result, sources))
    if options.add_noqa:
        whole, sources = _silenced(report, sources, judge)
        result, repository = whole, None
        report = run.reported(result, sources, run.baselined(result, sources))
    if comparison is not None:
        report = comparison.with_meaning(report)
    report = _offering(report, whole, judge, sources, repository, divided)
    report = _once(report)
    if refused:
        report = replace(report, findings=list(_without_refused(report.findings, refused)))
    _tell_failures(report)
    try:
        _write(options, report, sources)
    except BrokenPipeError:
        raise
    except OSError as error:
        where = options.output or "standard output"
        return print_errors([f"{where}: this cannot be written: {error.strerror}"])
    return _status(report, options)


def _compared(
    options: CheckOptions,
    sources: Sources,
    judge: Judge,
    other: OtherSide | None,
    result: Result,
    repository: Repository | None,
) -> Comparison | None:
    """A result held to the state before the change; None where there is none."""
    if judge.before is None:
        return None
    from zonelint.changes import against

    everything = options.all_findings or other is None  # a plan tells its own side before
    whole = other is not None and other.is_whole
    repository = repository or judge.repository(sources.zones)
    return against.compare(judge, repository, result, everything=everything, whole=whole)


def _without_refused(findings: Iterable[Finding], refused: Iterable[Refused]) -> Iterator[Finding]:
    """The findings, without the changes that this very run could not make, or must not."""
    from zonelint.rules.offers.bulk import withheld
    from zonelint.rules.offers.harm import fault_of_zone

    reasons = {(fault_of_zone(e.finding), e.finding.message): e.reason for e in refused}
    for each in findings:
        reason = reasons.get((fault_of_zone(each), each.message))
        yield each if reason is None or each.change is None else withheld(each, reason)


def _once(report: Report) -> Report:
    """The report; what is the same at several targets of a zone is told once."""
    findings, unseen = once_for_targets(report.findings), once_for_targets(report.unseen)
    counts = Counter(each.severity for each in findings)
    return replace(report, findings=findings, unseen=unseen, counts=counts)


def _offering(
    report: Report,
    result: Result,
    judge: Judge,
    sources: Sources,
    repository: Repository | None,
    divided: tuple[Result, Sources, ReadAgain] | None,
) -> Report:
    """The report with only those changes offered that bring no new fault, and can be written.

    result: all that was said of the zones, which are asked for where any change is offered.
    """
    if not any(finding.change is not None for finding in report.findings):
        return report
    from zonelint.changes.sharing import alike, shown
    from zonelint.rules.offers.bulk import JudgedZones, ZonesInHand

    zones: JudgedZones
    if divided is not None:
        zones, files = divided[2], divided[2].files
    else:
        repository = repository or judge.repository(sources.zones)
        zones, files = ZonesInHand(repository), files_of(repository)
    count, hidden = len(report.findings), alike(result.findings, report.findings)
    found = judge.offers(zones, result).without_harm([*report.findings, *hidden])
    told = shown(found[:count], zones, files, judge, found[count:])
    edits, is_writable = report.edits, report.is_writable
    return replace(
        report,
        findings=told.findings,
        edits=lambda each: () if told.is_apart(each) else edits(each),
        is_writable=lambda each: not told.is_apart(each) and is_writable(each),
    )


def _project(options: CheckOptions, known: Sequence[Rule]) -> Project:
    """What the run reads its zones and configurations from. Raises RunRefused, UsageError."""
    words = Words(options.select or None, options.ignore)
    reports = Reports(options.reports)

    def evidence_of(configuration: Configuration) -> Evidence | None:
        # What is offered is held to the reports, whatever is selected.
        rules = configuration.selection().as_gate().chosen(known)
        if options.against is None and not any(Needs.REPORTS in rule.needs for rule in rules):
            return None
        return reports.of(configuration)

    try:
        words.check(known)
    except UnknownCodeError as error:
        hint = f"did you mean {error.meant}?" if error.meant else "'zonelint rule' lists the codes."
        raise click.UsageError(f"No rule's code begins with {error.word!r}; {hint}") from None
    if not words.chosen(known):
        who = "--select and --ignore leave" if options.select else "--ignore leaves"
        raise click.UsageError(f"{who} no rule, so no zone would be judged.")
    return Project(
        config=options.config,
        codes=[rule.code for rule in known],
        words=words,
        origin=options.origin,
        baseline=options.baseline,
        variables=[GivenVariable(name, value) for name, value in options.variables],
        trusted=_trusted(options),
        reports=options.reports,
        evidence_of=evidence_of,
    )


def _trusted(options: CheckOptions) -> frozenset[GatePart]:
    """What the change may loosen."""
    if "all" in options.trust_change:
        return frozenset(GatePart)
    trusted = {GatePart(word) for word in options.trust_change}
    if options.no_baseline or options.write_baseline:
        trusted.add(GatePart.BASELINE)  # it knows nothing in this run
    return frozenset(trusted)


def _other_side(options: CheckOptions, project: Project) -> OtherSide | None:
    """The zones before the change; what of them could not be read is told, and then new."""
    if options.against is None:
        return None
    from zonelint.changes import against

    other = against.read(
        options.against,
        project.paths_of(options.paths) if options.paths else (),
        project,
        stdin_filename=options.stdin_filename,
    )
    print_errors(str(problem) for problem in other.problems)
    return other


def _warn_of_idle_words(project: Project, sources: Sources) -> None:
    """Say which declared domains and words of views no zone answers for, where all were read.

    That is where the configuration names the zones; of views also where it lies in the folder.
    """
    here = project.configuration_at(Path.cwd())
    if here.names_zones:
        from zonelint.run.declared import warn_of_strangers

        warn_of_strangers(here.values, sources.origins)
    if here.views and (here.names_zones or here.folder == Path.cwd()):
        print_errors(here.idle_views(sources.identities(project.identity_of)))


def _divided(
    options: CheckOptions, found: Listed, judge: Judge
) -> tuple[Result, Sources, ReadAgain] | None:
    """The zones read and judged by several processes; None where this one does it."""
    # Whatever needs the zones themselves afterwards needs them here.
    whole = options.changes or options.asks_dns or options.against is not None or options.add_noqa
    if options.jobs == 1 or whole or options.format in ("sarif", "rdjson") or found.most < 2:
        return None
    from zonelint.run import workers
    from zonelint.run.processes import processors

    return workers.judged(found, judge, options.jobs or processors())


def _read(found: Listed, project: Project) -> Sources:
    with Bar("Reading zones") as bar:
        return project.read(found, bar)


def _fixed(
    options: CheckOptions,
    sources: Sources,
    judge: Judge,
    known: Sequence[Rule],
    run: Run,
    other: OtherSide | None,
) -> Fixed:
    """The zones with the changes that the options ask for; nothing is written yet."""
    from zonelint.changes import fixing
    from zonelint.changes.harm import fix_without_harm

    safe = options.fix or not options.fix_proposed
    codes = _known_codes(options.fix_proposed, known)
    shown, hidden = _shown_and_hidden(options, sources, judge, run, other)
    chosen = fixing.unless_hidden(fixing.chosen(codes, safe=safe), shown, hidden)
    fixed = fix_without_harm(sources.zones, judge, chosen, only_shown=True)
    print_errors(
        together(
            (_place(each.finding), f"{each.finding.code} is not applied: {each.reason}")
            for each in fixed.refused
        )
    )
    _tell_waiting(fixed, chosen)
    if len(codes) < len(known):  # whoever says ALL names none
        _tell_hidden(codes, shown, [*hidden, *fixed.before.silenced], _HIDING)
        found = {each.code for each in (*fixed.before.findings, *fixed.before.silenced)}
        named = [rule for rule in known if rule.code in codes and rule.code not in found]
        if named:
            everything = replace(judge, rules=named).unselected(sources.zones)
            _tell_hidden(codes, (), everything.findings, _SELECTING)
        _tell_changeless(codes, fixed)
    return fixed


def _place(finding: Finding) -> str:
    return f"{finding.span.path}:{finding.span.line}"


_HIDING = "a baseline, `--against`, `--min-severity` or a noqa comment"
_SELECTING = "`select`, `ignore` or `per-owner-ignore`"


def _tell_hidden(
    codes: Iterable[str], shown: Iterable[Finding], hidden: Sequence[Finding], by: str
) -> None:
    """The codes that were named in vain: all that could be changed is not shown."""
    seen = {each.code for each in shown}
    counts = Counter(each.code for each in hidden if each.change is not None)
    for code in codes:
        if counts[code] and code not in seen:
            findings = "1 finding is" if counts[code] == 1 else f"{counts[code]} findings are"
            tell(f"zonelint: {code} is not applied: {findings} hidden by {by}")


def _tell_changeless(codes: Iterable[str], fixed: Fixed) -> None:
    """The codes that were named in vain: they were found, and nothing was to be changed."""
    before = {each.code for each in fixed.before.findings if each.change is None}
    offered = {each.code for each in fixed.before.findings if each.change is not None}
    refused = {each.finding.code for each in fixed.refused}
    done = {each.code for each in fixed.applied}
    for code in codes:
        if code in before - offered - refused - done:
            tell(f"zonelint: {code} was found, and there is no change to make")


def _tell_waiting(fixed: Fixed, chosen: Callable[[Finding], bool]) -> None:
    """The changes that became others by those that were made: nobody has read them yet."""
    from zonelint.rules.offers.harm import fault_of_zone

    told = {fault_of_zone(each.finding) for each in fixed.refused}
    wanted = [each for each in fixed.before.findings if chosen(each)]
    left = {fault_of_zone(each) for each in wanted} - told
    same = {(fault_of_zone(each), each.message) for each in wanted}  # it may be safe no longer
    waiting = []
    for each in fixed.result.findings:
        fault = fault_of_zone(each)
        is_same = each.change is not None and (fault, each.message) in same
        if fault in left and (chosen(each) or is_same):
            waits = f"{each.code} waits for the next run: its change is another one now"
            waiting.append((_place(each), waits))
    print_errors(together(waiting))


def _tell_beside(paths: Sequence[str], fixed: Fixed) -> None:
    """The files that are changed though only others were named."""
    from zonelint.changes import fixes

    named = {Path(path).resolve() for path in paths}
    beside = [
        path
        for path in sorted(fixed.texts.keys() - fixes.beside(fixed))
        if path not in paths and named.isdisjoint((at := Path(path).resolve(), *at.parents))
    ]
    if not paths or not beside:
        return
    are = "are" if beside[1:] else "is"
    is_terraform = all(path.endswith(ENDINGS) for path in beside)
    several = "s" * (len(fixed.files.keys() & range(len(fixed.zones))) > 1)
    whole = "Terraform configuration" if is_terraform else f"zone{several}"
    tell(f"zonelint: also changes {some(beside)}, which {are} part of the same {whole}")


def _shown_and_hidden(
    options: CheckOptions, sources: Sources, judge: Judge, run: Run, other: OtherSide | None
) -> tuple[Sequence[Finding], Sequence[Finding]]:
    """The findings that this run would show without changing anything, and those it would not.

    None of either where it would show all.
    """
    from zonelint.changes.sharing import alike

    if not run.may_hide:
        return (), ()
    result = judge(sources.zones)
    comparison = _compared(options, sources, judge, other, result, None)
    left = result if comparison is None else comparison.result
    # What is to be written to a baseline is in none yet.
    applied = None if options.write_baseline else run.baselined(left, sources)
    shown = run.reported(left, sources, applied).findings
    # What is shown of one zone is to be made in all zones that share its place.
    seen = {id(each) for each in (*shown, *alike(result.findings, shown))}
    return shown, [each for each in result.findings if id(each) not in seen]


def _print_diff(options: CheckOptions, fixed: Fixed, sources: Sources) -> int:
    """Print the diff, or write it to the file that is to hold it; gives the exit status."""
    from zonelint.changes import fixes

    if options.output is None:
        hand_over(fixes.diff(fixed.texts))
    else:
        from zonelint.changes.ours import is_diff

        try:
            with replaced(options.output, errors="surrogateescape", is_ours=is_diff) as out:
                out.writelines(fixes.diff(fixed.texts))
        except OSError as error:
            return print_errors([f"{options.output}: this cannot be written: {error.strerror}"])
    if sources.problems or fixed.result.crashes:
        return COULD_NOT
    return FOUND if fixed.texts and not options.exit_zero else CLEAN


def _saved(fixed: Fixed, sources: Sources, judge: Judge) -> Sources:
    """Write the changed files, or standard input's new text to standard output."""
    from zonelint.changes import fixes

    failures = fixes.save(fixed, judge, piped=sources.piped)
    problems = [ReadError(path, why) for path, why in failures]
    if sources.piped is not None:
        fixes.echo(fixed.zones, sources.piped)
    if fixed.applied:
        click.echo(fixes.summary(fixed.applied), err=True)
    if beside := fixes.beside(fixed):
        those = "which include" if beside[1:] else "which includes"
        tell(f"zonelint: the serial is raised in {some(beside)} too, {those} what has changed")
    return sources.after(fixed.zones, problems)


def _silenced(report: Report, sources: Sources, judge: Judge) -> tuple[Result, Sources]:
    """Write comments that accept the findings of a report; what is left is judged again."""
    from zonelint.changes import silencing
    from zonelint.changes.fixing import Fixed

    zones = sources.zones
    judged = judge.repository(zones).judged
    number_of = {id(form): number for number, zone in enumerate(zones) for form in forms_of(zone)}
    numbers = {seat.identity: number_of.get(id(seat.place.zone)) for seat in judged}
    hidden = [finding for finding in report.unseen if report.is_failing(finding)]
    found = grouped(
        (number, finding)
        for finding in (*report.findings, *hidden)
        if (number := numbers.get(finding.zone)) is not None
    )
    shared, own = silencing.of_one_use(zones, found, judge.sharing(zones))
    done = silencing.silence(zones, own)
    result = judge(done.zones)
    fixed = Fixed(result, done.zones, originals=tuple(zones), texts=done.texts, files=done.files)
    after = _saved(fixed, sources, judge)
    if fixed.texts:
        files = f"{len(fixed.texts)} file{'' if len(fixed.texts) == 1 else 's'}"
        tell(f"zonelint: wrote noqa comments into {files}.")
    reasons = [(each, "no comment that accepts it fits here") for each in done.left] + shared
    found_again = {(each.code, _place(each)) for each in result.findings}  # no line has moved
    left = [(e, why) for e, why in reasons if (e.code, _place(e)) in found_again]
    print_errors(together((_place(e), f"{e.code} is left: {why}") for e, why in left))
    return fixed.result, after


def _show(options: CheckOptions, project: Project, found: Listed) -> int:
    """Print what a check would read, or be held to, in place of the check."""
    from zonelint.commands import showing

    if options.show_files:
        write(sys.stdout, showing.files(found))
    if options.show_settings:
        compares = options.against is not None
        given = dict(_given(options))
        write(sys.stdout, showing.settings(project, found, given, compares=compares))
    told = [str(error) for error in found.errors_before_reading]
    told += [f"{path}: there is no such file or folder" for path in showing.missing(found)]
    return print_errors(told) if told else CLEAN


def _given(options: CheckOptions) -> Iterator[tuple[str, tuple[object, str]]]:
    """The settings that the command line says: the key, the value, and the option."""
    if options.fail_on:
        yield "fail-on", (options.fail_on, "--fail-on")
    if options.no_baseline:
        yield "baseline", ("", "--no-baseline")
    elif options.baseline:
        yield "baseline", (str(options.baseline), "--baseline")
    if options.select:
        yield "select", (list(options.select), "--select")
    if options.reports:
        yield "reports", (list(options.reports), "--reports")
    if options.ignore:
        yield "--ignore", (list(options.ignore), "the command line")
    if options.min_severity != "info":
        yield "--min-severity", (options.min_severity, "the command line")
    if options.exit_zero:
        yield "--exit-zero", (True, "the command line")


def _known_codes(codes: Iterable[str], known: Sequence[Rule]) -> list[str]:
    """The rules named, by code or name, each in full: a proposal is to be read before."""
    by_word = {word: rule.code for rule in known for word in (rule.code, rule.name.upper())}
    if any(word.upper() == "ALL" for word in codes):
        return [rule.code for rule in known]
    found = []
    for word in codes:
        code = by_word.get(word.upper())
        if code is None:
            meant = meant_code(word, [rule.code for rule in known])
            hint = "; 'zonelint rule' lists the codes."
            if meant in by_word:
                hint = f"; did you mean {meant}?"
            raise click.UsageError(
                f"--fix-proposed takes whole codes, and {word!r} is not one{hint}"
            )
        found.append(code)
    return found


def _tell_failures(report: Report) -> None:
    """What could not be read, and the rules that failed, on standard error."""
    told = [str(problem) for problem in report.problems]
    told += [crash_message(crash) for crash in report.crashes]
    print_errors(told)


def _write(options: CheckOptions, report: Report, sources: Sources) -> None:
    render = renderer(options.format)
    page = Page(
        colour=options.color == "always",
        statistics=options.statistics,
        quiet=options.quiet,
        command=_command(options, sources),
        exit_zero=options.exit_zero,
    )
    if options.output is not None:
        _replace(options.output, render(report, page))
        return
    screen = sys.stderr if options.changes and "-" in options.paths else sys.stdout
    page = page._replace(
        colour=terminal.wants_colour(screen, options.color),
        width=terminal.width(screen),
        wraps=terminal.is_terminal(screen),
    )
    terminal.write(screen, render(report, page))


def _command(options: CheckOptions, sources: Sources) -> list[str] | None:
    """What of the command line another run needs to see what this one saw; None: it cannot.

    The value of a variable is not repeated where something of the zones is secret.
    """
    is_secret = any(name is not None for name, _ in options.variables) and any(
        getattr(z, "hidden", None) for z in sources.zones
    )
    if "-" in options.paths or is_secret:
        return None
    named = {
        "--select": ",".join(options.select),
        "--ignore": ",".join(options.ignore),
        "--against": options.against,
        "--config": options.config,
        "--origin": options.origin,
        "--baseline": options.baseline,
    }
    words = [str(each) for name, value in named.items() if value for each in (name, value)]
    if options.min_severity != "info":
        words += ["--min-severity", options.min_severity]
    words += [f"--trust-change={each}" for each in options.trust_change]
    repeated = {
        "--reports": options.reports,
    }
    words += [word for name, values in repeated.items() for each in values for word in (name, each)]
    for name, value in options.variables:
        words += ["--var-file", value] if name is None else ["--var", f"{name}={value}"]
    flags = {
        "--no-baseline": options.no_baseline,
        "--all-findings": options.all_findings,
        "--as-found": options.as_found,
        "--online": options.online,
    }
    words += [name for name, is_given in flags.items() if is_given]
    is_like_option = any(path.startswith("-") for path in options.paths)
    unread = {problem.path for problem in sources.problems}
    paths = [path for path in options.paths if path not in unread or Path(path).exists()]
    return [*words, *(["--"] if is_like_option else []), *paths]


def _replace(path: Path, pieces: Iterable[str]) -> None:
    """Write beside the file, then put it in its place: nobody ever sees half a report."""
    from zonelint.changes.ours import is_report

    with replaced(path, is_ours=is_report) as out:
        out.writelines(pieces)


def _status(report: Report, options: CheckOptions) -> int:
    if report.incomplete:
        return COULD_NOT
    return FOUND if report.fails and not options.exit_zero else CLEAN
