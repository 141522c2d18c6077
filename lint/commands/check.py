"""``zonelint check``: read the zones, ask the rules, report.

The run is a row of steps, each a function: configure, read, judge, report, write. What they need
is imported inside them, so that ``--help`` and a short run stay quick.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zonelint.commands import shared
from zonelint.formats import FORMATS
from zonelint.status import CLEAN, COULD_NOT, FOUND, RunRefused
from zonelint.terminal import hand_over, refused, tell

if TYPE_CHECKING:
    from zonelint.changes.against import Comparison, OtherSide
    from zonelint.changes.fixing import Fixed
    from zonelint.formats.report import Report
    from zonelint.grammars.zone import Zone
    from zonelint.providers.dns import Server
    from zonelint.rules.config.intent import Intent
    from zonelint.rules.core.baseline import Key
    from zonelint.rules.core.engine import Result
    from zonelint.rules.core.rule import Rule
    from zonelint.rules.core.selection import Selection
    from zonelint.rules.evidence.evidence import Evidence
    from zonelint.run.baseline import Applied
    from zonelint.run.config import Config
    from zonelint.run.judging import Judge
    from zonelint.run.sources import Listed, Sources

SEVERITIES = ("info", "warning", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions:
    """What the command line says: one field for each parameter of the command, by its name."""

    paths: tuple[str, ...]
    format: str
    output: Path | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    min_severity: str
    exit_zero: bool
    statistics: bool
    origin: str | None
    stdin_filename: str | None
    config: Path | None
    jobs: int | None
    fix: bool
    fix_proposed: tuple[str, ...]
    diff: bool
    baseline: Path | None
    write_baseline: bool
    against: str | None
    all_findings: bool
    reports: tuple[str, ...]
    online: bool
    servers: tuple[Server, ...]

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


@click.command(
    short_help="Check zones and report what is wrong with their mail.",
    epilog="Exit status: 0 clean, 1 findings, 2 something could not be checked.",
)
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=shared.any_path)
@click.option(
    "--format",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How to report.",
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
    help="Ask only these rules: codes, beginnings of codes, ALL.",
)
@click.option(
    "--ignore",
    multiple=True,
    callback=_words,
    shell_complete=shared.code_completed,
    metavar="CODE,...",
    help="Do not ask these rules.",
)
@click.option(
    "--min-severity",
    type=click.Choice(SEVERITIES),
    default="info",
    show_default=True,
    help="Hide findings below this severity. What is hidden fails no run.",
)
@click.option(
    "--online",
    is_flag=True,
    help="Ask DNS for what neither the zones nor zonelint.lock know. Without it no "
    "check touches the network.",
)
@shared.name_servers(
    "The server to ask instead of this machine's resolvers; implies --online. May be repeated."
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when something was found.")
@click.option(
    "--against",
    metavar="REF|PATH",
    help="Judge the change since this Git revision, or from this path: what it "
    "brings, and what it means. 'main...' is where the branches went apart.",
)
@click.option(
    "--all-findings", is_flag=True, help="With --against: report what stood before as well."
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
    help="Apply the proposals of these rules. Read them first.",
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
    help="Report only what is not in this file of known findings. Default, where there is one, "
    "zonelint-baseline.json.",
)
@click.option(
    "--write-baseline",
    is_flag=True,
    help="Write the findings of this run to the baseline, and report none of them.",
)
@click.option(
    "--statistics", is_flag=True, help="Print how often each rule found something (text only)."
)
@click.option(
    "--origin", metavar="NAME", help="The origin of the zone files, whatever else may tell it."
)
@click.option(
    "--stdin-filename",
    metavar="NAME",
    help="What to call standard input; tells its origin like a file's name.",
)
@shared.config
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processes may work at once; without it, as many as there are processors.",
)
@click.pass_context
def check(ctx: click.Context, /, **given: Any) -> None:
    """Check zones and report what makes mail bounce or a domain spoofable.

    PATH is a zone file, octoDNS YAML, a Terraform plan as JSON, or a folder
    that is searched for them; '-' is a zone file on standard input. Without
    PATH, the zones that zonelint.toml names are checked; where it names none,
    the current folder is searched.

    Warnings and errors fail the run, findings of severity info do not:
    the key 'min-severity' of zonelint.toml moves that line.
    """
    ctx.exit(run(CheckOptions(**given)))


def run(options: CheckOptions) -> int:
    """The whole check; gives the exit status."""
    from zonelint.rules.core import registry

    try:
        return _run(options, registry.rules())
    except RunRefused as error:
        return refused(error.messages)
    except registry.RegistryError as error:
        return refused([str(error)])


def _run(options: CheckOptions, known: Sequence[Rule]) -> int:
    """The steps of a check, one after the other. Raises RunRefused."""
    from zonelint.run.judging import Judge, outside

    config = _configured(options, known)
    paths = _paths(options, config)
    known_outside = outside(config)
    files = _files(config)
    selection = _selection(options, config)
    rules = _selected(selection, known)
    intent = config.intent if config else None
    evidence = _evidence(options, config, rules)
    judge = Judge(rules, selection, intent, known_outside, evidence=evidence, files=files)
    found = _listed(options, paths, config)
    divided = _divided(options, found, judge)
    sources = _read(found, config) if divided is None else divided[1]
    if intent is not None and intent.zones and not options.paths:
        from zonelint.run.declared import warn_of_strangers

        warn_of_strangers(intent, sources.origins)
    other = _other_side(options, config)
    if options.asks_dns:
        from zonelint.run.online import asked

        known_outside = asked(sources.zones, config, known_outside, options.servers)
    judge = replace(judge, outside=known_outside, before=sources.before)
    if other is not None:
        judge = replace(
            judge,
            before=other.zones,
            before_outside=other.outside,
            before_files=other.files,
        )
    if options.changes:
        fixed = _fixed(options, sources, judge, known, intent)
        if options.diff:
            _tell_failures(_reported(options, fixed.result, sources, rules, config))
            return _shown(options, fixed, sources)
        sources = _saved(fixed, sources, judge)
        result = fixed.result
    else:
        result = judge(sources.zones) if divided is None else divided[0]
    comparison = None
    if judge.before is not None:
        from zonelint.changes import against

        everything = options.all_findings or other is None  # a plan tells its own side before
        whole = other is not None and other.is_whole
        comparison = against.compare(
            judge, sources.zones, result, everything=everything, whole=whole
        )
        comparison = _discreet(comparison, sources.zones)
        result = comparison.result
    applied = _baselined(options, config, result, sources.twins)
    if applied is not None:
        applied = replace(
            applied, expired=_expired(applied, options, result, sources, rules, known)
        )
    report = _reported(options, result, sources, rules, config, applied)
    if comparison is not None:
        report = comparison.told_in(report)
    _tell_failures(report)
    try:
        _write(options, report)
    except BrokenPipeError:
        raise
    except OSError as error:
        where = options.output or "standard output"
        return refused([f"{where}: this cannot be written: {error.strerror}"])
    return _status(report, options)


def _discreet(comparison: Comparison, zones: Sequence[Zone]) -> Comparison:
    """What the change means, without domains in which something is secret or no zone is known."""
    if not any(getattr(zone, "hidden", None) or getattr(zone, "stand_in", False) for zone in zones):
        return comparison
    from zonelint.providers.resources.resolve_unknowns import untold_in

    untold = untold_in(zones)
    meanings = [each for each in comparison.meanings if not untold(each.domain)]
    replays = [each for each in comparison.replays if not untold(each.domain)]
    return replace(comparison, meanings=meanings, replays=replays)


def _files(config: Config | None) -> dict[str, str]:
    """The texts of the files that the configuration names."""
    if config is None:
        return {}
    from zonelint.run.lockfiles import policies

    return policies(config)


def _evidence(
    options: CheckOptions, config: Config | None, rules: Sequence[Rule]
) -> Evidence | None:
    """What the reports prove; None where none are named, or no rule that is asked needs them."""
    from zonelint.rules.core.rule import Needs

    if options.against is None and not any(Needs.REPORTS in rule.needs for rule in rules):
        return None
    if not options.reports and not (config and config.intent.reports):
        return None
    from zonelint.run.evidence import of_config

    return of_config(config, options.reports)


def _other_side(options: CheckOptions, config: Config | None) -> OtherSide | None:
    """The zones before the change; what of them could not be read is told, and then new."""
    if options.against is None:
        return None
    from zonelint.changes import against

    other = against.read(
        options.against,
        options.paths,
        config,
        origin=options.origin,
        stdin_filename=options.stdin_filename,
    )
    refused(str(problem) for problem in other.problems)
    return other


def _configured(options: CheckOptions, known: Sequence[Rule]) -> Config | None:
    from zonelint.run import config

    return config.of_run(options.config, options.paths, [rule.code for rule in known])


def _paths(options: CheckOptions, config: Config | None) -> list[str]:
    """What is read: the paths given, else the config's zones, else the current folder."""
    if options.paths:
        return list(options.paths)
    if config is not None and config.intent.zones:
        from zonelint.run.config import zone_paths

        return list(zone_paths(config))
    return ["."]


def _selection(options: CheckOptions, config: Config | None) -> Selection:
    from zonelint.rules.core.selection import Selection

    if config is None:
        return Selection(asked=options.select or None, refused=options.ignore)
    intent = config.intent
    return Selection(
        select=intent.select,
        ignore=intent.ignore,
        asked=options.select or None,
        refused=options.ignore,
        per_owner_ignore=intent.per_owner_ignore,
        severities=intent.severity,
    )


def _selected(selection: Selection, known: Sequence[Rule]) -> list[Rule]:
    from zonelint.rules.core.selection import UnknownCodeError

    try:
        return selection.rules(known)
    except UnknownCodeError as error:
        hint = f"did you mean {error.meant}?" if error.meant else "'zonelint rule' lists the codes."
        raise click.UsageError(f"No rule's code begins with {error.word!r}; {hint}") from None


def _listed(options: CheckOptions, paths: Sequence[str], config: Config | None) -> Listed:
    from zonelint.run.sources import listed

    return listed(
        paths,
        origin=options.origin,
        origins=config.intent.origins if config else None,
        base=str(config.folder) if config else ".",
        stdin_filename=options.stdin_filename,
    )


def _divided(options: CheckOptions, found: Listed, judge: Judge) -> tuple[Result, Sources] | None:
    """The zones read and judged by several processes; None where this one does it."""
    # Whatever needs the zones themselves afterwards needs them here.
    whole = options.changes or options.asks_dns or options.against is not None
    if options.jobs == 1 or whole or options.format == "sarif" or found.most < 2:
        return None
    from zonelint.run import workers

    return workers.judged(found, judge, options.jobs or workers.processors())


def _read(found: Listed, config: Config | None) -> Sources:
    from zonelint.progress import Bar
    from zonelint.run.sources import read_listed

    with Bar("Reading zones") as bar:
        return read_listed(found, intent=config.intent if config else None, progress=bar)


def _fixed(
    options: CheckOptions,
    sources: Sources,
    judge: Judge,
    known: Sequence[Rule],
    intent: Intent | None,
) -> Fixed:
    """The zones with the changes that the options ask for; nothing is written yet."""
    from zonelint.changes import fixing

    safe = options.fix or not options.fix_proposed
    chosen = fixing.chosen(_known_codes(options.fix_proposed, known), safe=safe)
    fixed = fixing.fix(
        sources.zones, judge, chosen, bump_serial=intent.fix_serial if intent else True
    )
    for each in fixed.refused:
        place = each.finding.span
        where = f"{place.path}:{place.line}: {each.finding.code} is not applied"
        tell(f"zonelint: {where}: {each.reason}")
    return fixed


def _shown(options: CheckOptions, fixed: Fixed, sources: Sources) -> int:
    """Print the diff, or write it to the file that is to hold it; gives the exit status."""
    from zonelint.changes import fixes

    if options.output is None:
        hand_over(fixes.diff(fixed.texts))
    else:
        from zonelint.changes.files import replaced

        try:
            with replaced(options.output, errors="surrogateescape") as out:
                out.writelines(fixes.diff(fixed.texts))
        except OSError as error:
            return refused([f"{options.output}: this cannot be written: {error.strerror}"])
    if sources.problems or fixed.result.crashes:
        return COULD_NOT
    return FOUND if fixed.texts and not options.exit_zero else CLEAN


def _saved(fixed: Fixed, sources: Sources, judge: Judge) -> Sources:
    """Write the changed files, or standard input's new text to standard output."""
    from zonelint.changes import fixes
    from zonelint.formats.report import Problem

    failures = fixes.save(fixed, judge, piped=sources.piped)
    problems = [Problem(path, why) for path, why in failures]
    if sources.piped is not None:
        fixes.echo(fixed.zones, sources.piped)
    if fixed.applied:
        click.echo(fixes.summary(fixed.applied), err=True)
    return sources.after(fixed.zones, problems)


def _known_codes(codes: Iterable[str], known: Sequence[Rule]) -> list[str]:
    """The rules named, by code or name, each in full: a proposal is to be read before."""
    from zonelint.rules.core.selection import meant_code

    by_word = {word: rule.code for rule in known for word in (rule.code, rule.name.upper())}
    found = []
    for word in codes:
        code = by_word.get(word.upper())
        if code is None:
            meant = meant_code(word, [rule.code for rule in known])
            hint = "; 'zonelint rule' lists the codes."
            if meant in by_word:
                hint = f"; did you mean {meant}?"
            raise click.UsageError(f"--fix-proposed takes whole codes, and {word!r} is none{hint}")
        found.append(code)
    return found


def _baselined(
    options: CheckOptions, config: Config | None, result: Result, twins: Collection[str]
) -> Applied | None:
    """What the baseline leaves of the findings; None where there is no baseline.

    Raises BaselineError, also where the new baseline cannot be written.
    """
    from zonelint.run.config import baseline_of, shown_path

    usual, needed = baseline_of(config, Path())
    path = options.baseline or Path(shown_path(usual))
    if not (options.baseline or options.write_baseline or needed or path.is_file()):
        return None
    from zonelint.run.baseline import Applied, Baseline, BaselineError

    if not options.write_baseline:
        applied = Baseline.read(path).apply(result.findings, twins)
        # What a change leaves as it was is not among the findings, and no entry is gone for that.
        compares = options.against is not None and not options.all_findings
        return replace(applied, expired=()) if compares else applied
    try:
        _replace(path, [Baseline.of(result.findings, twins).text()])
    except OSError as error:
        raise BaselineError(f"{path}: this cannot be written: {error.strerror}") from None
    return Applied((), len(result.findings), ())


def _expired(
    applied: Applied,
    options: CheckOptions,
    result: Result,
    sources: Sources,
    rules: Sequence[Rule],
    known: Sequence[Rule],
) -> list[Key]:
    """The baseline's entries that this run would have found: not those of other zones or rules."""
    from zonelint.grammars.zone import parent

    everything = not options.paths and not sources.problems
    idle = {rule.code for rule in known} - {rule.code for rule in rules}
    undecided = {(each.code, each.owner) for each in result.undecided}

    origins = sources.origins

    def is_judged(owner: str) -> bool:
        while owner not in origins:
            owner, below = parent(owner), owner
            if owner == below:
                return everything
        return True

    return [
        entry
        for entry in applied.expired
        if entry.code not in idle
        and (entry.code, entry.owner) not in undecided
        and is_judged(entry.owner)
    ]


def _reported(
    options: CheckOptions,
    result: Result,
    sources: Sources,
    rules: Sequence[Rule],
    config: Config | None,
    applied: Applied | None = None,
) -> Report:
    from collections import Counter

    from zonelint.changes.textedits import maker
    from zonelint.formats.report import Report
    from zonelint.rules.core.finding import Severity

    least = Severity(options.min_severity).rank
    new = result.findings if applied is None else applied.findings
    shown = [finding for finding in new if finding.severity.rank >= least]
    return Report(
        findings=shown,
        undecided=result.undecided,
        crashes=result.crashes,
        problems=sources.problems,
        rules={rule.code: rule for rule in rules},
        line=sources.line,
        suppressed=result.suppressed,
        hidden=len(new) - len(shown),
        zones=result.zones,
        records=result.records,
        failing=config.intent.min_severity if config else Severity.WARNING,
        counts=Counter(finding.severity for finding in shown),
        edits=maker(sources.zones),
        known=applied.known if applied else 0,
        expired=applied.expired if applied else (),
    )


def _tell_failures(report: Report) -> None:
    """What could not be read, and the rules that failed, on standard error."""
    from zonelint.formats.report import crash_message

    told = [str(problem) for problem in report.problems]
    told += [crash_message(crash) for crash in report.crashes]
    refused(told)


def _write(options: CheckOptions, report: Report) -> None:
    from zonelint import terminal
    from zonelint.formats import renderer
    from zonelint.formats.report import Page

    render = renderer(options.format)
    if options.output is not None:
        _replace(options.output, render(report, Page(statistics=options.statistics)))
        return
    screen = sys.stderr if options.changes and "-" in options.paths else sys.stdout
    page = Page(terminal.wants_colour(screen), terminal.width(screen), options.statistics)
    terminal.write(screen, render(report, page))


def _replace(path: Path, pieces: Iterable[str]) -> None:
    """Write beside the file, then put it in its place: nobody ever sees half a report."""
    from zonelint.changes.files import replaced

    with replaced(path) as out:
        out.writelines(pieces)


def _status(report: Report, options: CheckOptions) -> int:
    if report.incomplete:
        return COULD_NOT
    return FOUND if report.fails and not options.exit_zero else CLEAN
