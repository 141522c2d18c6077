"""What a run reports of what was found: held to the baseline of its zone, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

from zonelint.changes.textedits import maker
from zonelint.formats.report import HoldingFile, Report
from zonelint.grammars.listing import grouped
from zonelint.grammars.zone import Zone, parent
from zonelint.providers import writing
from zonelint.providers.files import DISK
from zonelint.providers.project.before import Before
from zonelint.providers.project.configuration import Configuration
from zonelint.providers.project.index import Index, known_around
from zonelint.providers.project.project import Project
from zonelint.providers.project.reading import Sources
from zonelint.providers.project.refused import display_path
from zonelint.providers.replacing import has_name_of_output, replaced
from zonelint.providers.zonefile.reader import ReadError
from zonelint.rules.core.baseline import Applied, Baseline, BaselineKey, is_kept
from zonelint.rules.core.engine import Result
from zonelint.rules.core.finding import FailOn, Finding, Severity
from zonelint.rules.core.identity import Twins, ZoneId, twins_of
from zonelint.rules.core.result import FormerFindings
from zonelint.rules.core.rule import Rule
from zonelint.rules.core.selection import Selection
from zonelint.rules.model.loosening import GatePart
from zonelint.rules.model.settings import Settings
from zonelint.status import RunRefused
from zonelint.terminal import tell

_KINDS = ("configuration", "lock", "baseline")
_BEFORE = "as it was before the change"
MOST_TRIED = 200
"""Changes that are tried before one is offered; of more, those in files that can be written are."""


@dataclass(frozen=True)
class Run:
    """What a report is made by: the configurations that hold, and what the command line says.

    held: what holds for zones where that is not their configuration alone.
    knows: whether baselines count.
    everything: the run was given no paths.
    compares: it reports what a change brings, and nothing else.
    beside: the zones that are known and not judged.
    standing: what the zones of another side have that is to be found again.
    """

    project: Project
    known: Sequence[Rule]
    holding: Sequence[Configuration]
    held: Mapping[ZoneId, Settings] = field(default_factory=dict)
    named: Path | None = None
    knows: bool = True
    writes: bool = False
    everything: bool = False
    compares: bool = False
    min_severity: str = "info"
    fail_on: str | None = None
    before: Before | None = None
    beside: Index | None = None
    standing: Callable[[Sequence[Zone]], FormerFindings] | None = None

    @property
    def rules(self) -> list[Rule]:
        """The rules that any of the configurations asks."""
        words = self.project.words
        held = self.holding or [self.project.configuration_at(Path.cwd())]
        selections = [each.selection(words) for each in held]
        selections += (each.selection for each in self.held.values() if each.selection is not None)
        once = {id(each): each for each in selections}.values()  # most zones share one
        ran = {rule.code for selection in once for rule in selection.rules(self.known)}
        return [rule for rule in self.known if rule.code in ran]

    @property
    def may_hide(self) -> bool:
        """Whether it may not show all that is found."""
        if self.before is not None or self.min_severity != "info":
            return True
        places = set(map(self._baseline_of, self.holding)) or {self.named or self._home()}
        return self.knows and not self.writes and any(map(self._read, places))

    def _bases(self, configuration: Configuration) -> list[Configuration]:
        """What held before the change for zones that a configuration holds for now."""
        if self.before is None or self.before.other is None:
            return []
        return list(self.before.pairs.get(configuration, ()))

    @property
    def lock_faults_before(self) -> list[str]:
        """Why locks of the state before cannot be read, each once."""
        bases = (base for each in self.holding for base in self._bases(each))
        return list(dict.fromkeys(fault for base in bases for fault in base.lock_faults))

    def baselined(self, result: Result, sources: Sources) -> Applied | None:
        """What the baselines leave of the findings; None where there is none. Raises RunRefused.

        Each finding is held to the baseline of its zone's configuration, unless one is named.
        """
        if not self.knows:
            return None
        groups: dict[Path, list[Finding]] = {}
        for place in map(self._baseline_of, self.holding):
            groups.setdefault(place, [])
        if not self.holding:
            groups[self.named or self._home()] = []
        places: dict[str, Path] = {}
        for finding in result.findings:
            document = finding.zone.id
            if document not in places:
                places[document] = self._baseline_of(self.project.configuration_for(finding.zone))
            groups.setdefault(places[document], []).append(finding)
        if self.writes:
            return self._write_baselines(groups, result, sources)
        applied = [
            one for path, found in groups.items()
            if (one := self._apply(path, found, result, sources)) is not None
        ]  # fmt: skip
        if not applied:
            return None
        left = {id(finding) for one in applied for finding in one.findings}
        held = {id(f) for path, found in groups.items() if self._read(path) for f in found}
        findings = [f for f in result.findings if id(f) in left or id(f) not in held]
        expired = {entry: count for one in applied for entry, count in one.expired.items()}
        by_file = {path: one.known for one in applied for path in one.by_file}
        return Applied(findings, sum(one.known for one in applied), expired, by_file)

    def _home(self) -> Path:
        return self.project.configuration_at(Path.cwd()).baseline_path

    def _baseline_of(self, configuration: Configuration) -> Path:
        if self.named is not None:
            return self.named
        if configuration.file is None and not configuration.baseline_path.is_file():
            return self.project.file_of(configuration, configuration.baseline_path)
        return self.project.holding(configuration, self._bases(configuration)).baseline_path

    def _read(self, path: Path) -> Baseline | None:
        if self.named is None and path in self._by_baseline:
            return self._by_baseline[path].baseline
        needed = self.named is not None or DISK.is_meant(path)
        return self.project.read_baseline(path) if needed else None

    @cached_property
    def _by_baseline(self) -> dict[Path, Configuration]:
        """The first configuration with a baseline there."""
        return {each.baseline_path: each for each in reversed(self.holding)}

    def _apply(
        self, path: Path, found: Sequence[Finding], result: Result, sources: Sources
    ) -> Applied | None:
        baseline = self._honoured(path)
        if baseline is None:
            return None
        applied = baseline.apply(
            found, self._twins(sources, path), self._stood(sources), self.project.place_of
        )
        # What a change leaves as it was is not among the findings, and no entry is gone for that.
        expired = {} if self.compares else self._expired(applied, result, sources)
        return replace(applied, expired=expired, by_file={path: applied.known})

    def _twins(self, sources: Sources, path: Path | None = None) -> Twins:
        """The names that several zones have; path: of those with their baseline there."""
        zones = sources.namesakes(self.project.identity_of, self._known_of)
        return twins_of(
            zone
            for zone in zones
            if path is None or self._baseline_of(self.project.configuration_for(zone)) == path
        )

    def _known_of(self, name: str) -> list[ZoneId]:
        return [] if self.beside is None else self.beside.identities_of(name)

    def _stood(self, sources: Sources) -> Callable[[Finding], bool]:
        """Whether a finding stood before the change, so that a baseline may know of it."""
        if self.standing is None or GatePart.BASELINE in self.project.trusted:
            return lambda _: True
        return (lambda _: False) if self.compares else self.standing(sources.zones).take

    def _honoured(self, path: Path) -> Baseline | None:
        """A baseline without what the change adds to it, unless that is trusted."""
        baseline = self._read(path)
        if baseline is None or GatePart.BASELINE in self.project.trusted:
            return baseline
        for configuration in self._by_place.get(path, ()):
            for base in self._bases(configuration):
                baseline = baseline.within(base.baseline_before(self.named))
        return baseline

    @cached_property
    def _by_place(self) -> dict[Path, list[Configuration]]:
        """The configurations whose findings are held to the baseline at a path."""
        return grouped((self._baseline_of(each), each) for each in self.holding)

    def _write_baselines(
        self, groups: Mapping[Path, Sequence[Finding]], result: Result, sources: Sources
    ) -> Applied:
        if self.named is None:
            for configuration in self.holding:
                configuration.refuse_outside(self._baseline_of(configuration), "baseline")
        befores = {path: self._before(path) for path in groups}
        # Of several, one that has nothing to hold is not made.
        needed = {path: f for path, f in groups.items() if f or befores[path] is not None} or groups
        for path, found in needed.items():
            before, twins = befores[path], self._twins(sources, path)
            after = Baseline.of(found, twins, self.project.place_of)
            unjudged: dict[BaselineKey, int] = {}
            if before is not None:
                applied = before.apply(found, twins, place_of=self.project.place_of)
                expired = self._expired(applied, result, sources)
                unjudged = {e: n for e, n in applied.expired.items() if e not in expired}
                after += unjudged
            try:
                with replaced(path) as out:
                    out.write(after.text())
            except OSError as error:
                raise RunRefused(f"{path}: this cannot be written: {error.strerror}") from None
            tell(_written(path, found, before, after, sum(unjudged.values())))
        left = [each for found in groups.values() for each in found if not is_kept(each.code)]
        by_file = {path: sum(is_kept(f.code) for f in found) for path, found in groups.items()}
        return Applied(left, sum(by_file.values()), {}, by_file)

    def _before(self, path: Path) -> Baseline | None:
        """The baseline that is written anew; None where there is none. Raises RunRefused.

        A file of something else is not replaced.
        """
        is_new = not path.exists() or (
            path.is_file() and not path.stat().st_size and has_name_of_output(path)
        )
        return None if is_new else self.project.read_baseline(path)

    def _expired(
        self, applied: Applied, result: Result, sources: Sources
    ) -> dict[BaselineKey, int]:
        """The entries that this run would have found: not those of other zones or rules."""
        everything = self.everything and not sources.problems
        idle = {rule.code for rule in self.known} - {rule.code for rule in self.rules}
        idle |= {each.code for each in result.crashes}
        undecided = {(each.code, each.owner) for each in result.undecided}

        origins = sources.origins

        elsewhere = {
            name
            for origin in origins
            for zone in self._known_of(origin)
            for name in (self.project.place_of(zone), str(zone), zone.view)
            if name
        }

        around = cache(lambda: known_around(self.project, sources.documents))

        @cache
        def is_judged(name: str) -> bool:
            """Whether the run judged the zone that a name is in; one that is gone has no fault."""
            if name in origins:
                return True
            if around().find_in_all(name):
                return False
            return everything if (above := parent(name)) == name else is_judged(above)

        return {
            entry: count
            for entry, count in applied.expired.items()
            if entry.code not in idle
            and entry.zone not in elsewhere
            and (entry.code, entry.owner) not in undecided
            and is_judged(entry.owner)
        }

    def reported(self, result: Result, sources: Sources, applied: Applied | None = None) -> Report:
        least = Severity(self.min_severity).rank
        new = result.findings if applied is None else applied.findings
        shown = [finding for finding in new if finding.severity.rank >= least]
        # What could not be read is told whichever rules were asked.
        told = {rule.code for rule in self.rules} | {each.code for each in result.undecided}
        return Report(
            findings=shown,
            undecided=result.undecided,
            crashes=result.crashes,
            problems=[*sources.problems, *self._idle_configurations(sources)],
            rules={rule.code: rule for rule in self.known if rule.code in told},
            line=self._line_of(sources),
            suppressed=result.suppressed,
            hidden=len(new) - len(shown),
            zones=result.zones,
            records=result.records,
            fail_on=cache(self._fail_on),  # asked for every finding
            unseen=[finding for finding in new if finding.severity.rank < least],
            counts=Counter(finding.severity for finding in shown),
            edits=maker(sources.zones),
            plans=sources.plans,
            is_writable=_writable(sources),
            known=applied.known if applied else 0,
            expired=list(applied.expired) if applied else (),
            twins=self._twins(sources),
            place_of=self.project.place_of,
            held_by=sorted(self._held_by(applied), key=lambda f: (_KINDS.index(f.kind), f.path)),
            narrowed=self.project.words.spelt,
            declared=list(
                dict.fromkeys(
                    words
                    for each in self.holding
                    for base in self._bases(each)
                    if self.before is not None
                    for words in each.declared(base, self.before.names_declared(each, base))
                )
            ),
        )

    def _held_by(self, applied: Applied | None) -> Iterator[HoldingFile]:
        """The files beside the zones that hold, each once, with what they take out."""
        configured: dict[Path, dict[str, None]] = {}
        locks: dict[Path, list[str]] = {}
        for each in self.holding:
            bases = self._bases(each)
            files = [each.file, *(base.file for base in bases)]
            file = next((file for file in files if file is not None), None)
            if file is not None:
                gone = [] if each.file is not None else [_BEFORE]
                effects = configured.setdefault(file, {})
                effects |= dict.fromkeys((*gone, *self._as_held(each).takes_out()))
            holding = (each, *(() if GatePart.LOCK in self.project.trusted else bases))
            lock = next((lock for held in holding for lock in held.locks), None)
            if lock is not None:
                count = f"{len(lock.entries)} name{'' if len(lock.entries) == 1 else 's'}"
                gone = [] if each.lock is not None else [_BEFORE]
                locks.setdefault(each.lock_path, [*gone, count])
        for path, effects in configured.items():
            yield HoldingFile("configuration", display_path(path), list(effects))
        for path, names in locks.items():
            yield HoldingFile("lock", display_path(path), names)
        for path, known in () if applied is None else applied.by_file.items():
            findings = f"{known} finding{'' if known == 1 else 's'} not reported"
            yield HoldingFile("baseline", display_path(path), [findings])

    def _as_held(self, configuration: Configuration) -> Configuration:
        """A configuration with what held before the change where it lets more pass."""
        return self.project.holding(configuration, self._bases(configuration))

    def _line_of(self, sources: Sources) -> Callable[[str, int], str | None]:
        """A line of a zone's source, or of a configuration that holds."""
        files = {display_path(each.file): each for each in self.holding if each.file is not None}

        def line(path: str, number: int) -> str | None:
            held = files.get(path)
            return sources.line(path, number) if held is None else held.line(number)

        return line

    def _idle_configurations(self, sources: Sources) -> Iterator[ReadError]:
        """A configuration that lets no finding fail has zones pass that nobody judged.

        And one that names zones of which none is there.
        """
        here = self.project.configuration_at(Path.cwd())
        nothing = self.everything and not sources.origins and not sources.problems
        if nothing and here.file is not None and here.names_zones:
            yield ReadError(display_path(here.file), "What `zones` names holds no DNS record.")
        for each in self.holding:
            if each.file is None:
                continue
            words = self.project.words
            selection = self._as_held(each).selection(words)
            rules = selection.rules(self.known)
            if words.select and rules:  # they are what was asked for
                continue
            rules = [rule for rule in rules if rule.needs]
            if not rules and (words.select or words.ignore):
                why = "and the command line leave no rule, so its zones are not judged"
            elif not rules:
                why = "asks no rule, so its zones are not judged; see `select` and `ignore`"
            elif self._is_silenced(selection, rules, sources.origins):
                why = (
                    "leaves no rule that can warn of anything, so its zones are not judged; see "
                    "`severity` and `per-owner-ignore`"
                )
            else:
                continue
            yield ReadError(display_path(each.file), f"This configuration {why}.")

    @staticmethod
    def _is_silenced(selection: Selection, rules: Sequence[Rule], origins: Collection[str]) -> bool:
        """Whether every rule is ignored at every zone and below it, or says an info at most."""
        severity_of = selection.severity_of(rules)
        loud = [rule for rule in rules if rule.severity is not Severity.INFO]
        if severity_of is None or not loud:
            return severity_of is not None
        owners = [owner for origin in origins for owner in (origin, f"zonelint.{origin}")]
        return all(
            severity_of(rule, owner, rule.severity) in (None, Severity.INFO)
            for rule in loud
            for owner in owners
        )

    def _fail_on(self, zone: ZoneId) -> FailOn:
        """What of a zone fails the run: what the command line says, else its configuration."""
        if self.fail_on is not None:
            return FailOn(self.fail_on)
        settings = self.held.get(zone) or self.project.settings_for(zone)
        return FailOn.WARNING if settings.intent is None else settings.intent.fail_on


def _writable(sources: Sources) -> Callable[[Finding], bool]:
    """Whether --fix can make a finding's change, as far as that is cheap to know.

    Zones that other processes have read are all in files.
    """
    zones = sources.zones
    left = MOST_TRIED

    home = cache(lambda: writing.homes([zone for zone in zones if writing.is_editable(zone)]))

    def is_writable(finding: Finding) -> bool:
        nonlocal left
        if not zones or finding.change is None:
            return finding.change is not None
        zone = home()(finding)
        left -= 1
        if zone is None or left < 0:
            return zone is not None
        return not writing.is_refused(zone, finding.change.edits)

    return is_writable


def _written(
    path: Path, found: Sequence[Finding], before: Baseline | None, after: Baseline, unjudged: int
) -> str:
    """What --write-baseline has done, in a sentence."""
    counts = Counter(finding.severity for finding in found)
    plural = {Severity.ERROR: "errors", Severity.WARNING: "warnings", Severity.INFO: "infos"}
    parts = [
        f"{counts[severity]} {severity.value if counts[severity] == 1 else word}"
        for severity, word in plural.items()
        if counts[severity]
    ]
    words = f"wrote {len(found)} finding{'' if len(found) == 1 else 's'} to {display_path(path)}"
    words += f" ({', '.join(parts)})" if parts else ""
    if before is not None:
        added, gone = after.counts - before.counts, before.counts - after.counts
        words += f"; {added.total()} new, {gone.total()} no longer in it"
    if unjudged:
        words += f"; {unjudged} kept, which this run did not judge"
    return f"{words}. Commit it: from now on only what is new is reported."
