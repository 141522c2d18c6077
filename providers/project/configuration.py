"""What holds for zones: a zonelint.toml, or the table of a pyproject.toml, with all that it names.

Only here intent, selection, lock, baseline and evidence are made: `tests/providers/test_project.py`
looks after that.
"""

from __future__ import annotations

import codecs
import datetime
import filecmp
import os
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import Enum
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from zonelint.grammars.listing import some
from zonelint.grammars.nearmiss import near_miss
from zonelint.grammars.zone import Span, is_below, without_dot
from zonelint.providers.files import DISK, Files, Progress, reason_of
from zonelint.providers.project.refused import ConfigRefused, FileFault, display_path
from zonelint.rules.config.intent import ConfigError, Intent, declared_keys, in_pyproject, load
from zonelint.rules.config.schema import spell
from zonelint.rules.config.toml_place import locate
from zonelint.rules.core.baseline import Baseline, BaselineError
from zonelint.rules.core.baseline import parse as parse_baseline
from zonelint.rules.core.selection import ALL, Selection
from zonelint.rules.model.lock import Lock, LockError
from zonelint.rules.model.lock import parse as parse_lock
from zonelint.rules.model.loosening import GatePart, LockOfChange, Loosened, Loosening

if TYPE_CHECKING:
    from zonelint.providers.reports.reader import ReportsRead
    from zonelint.rules.config.loosening import LooserKey
    from zonelint.rules.core.identity import ZoneId
    from zonelint.rules.core.rule import Rule
    from zonelint.rules.model.answers import Source

OWN = "zonelint.toml"
SHARED = "pyproject.toml"
LOCK = "zonelint.lock"
BASELINE = "zonelint-baseline.json"

_LARGEST = 2 * 1024 * 1024
"""Octets of a configuration."""
_LARGEST_LOCK = 32 * 1024 * 1024
"""Octets: a thousand times what a large team needs."""
_LARGEST_BASELINE = 64 * 1024 * 1024
_LARGEST_POLICY = 64 * 1024
"""Octets of an MTA-STS policy; senders give up on more (RFC 8461 §3.3)."""
_ANY_FOLDERS = re.compile(r"\*\*")
_MOST_ANY_FOLDERS = 2
"""How often a pattern may say "folders of any depth": with each the ways to match multiply."""
_NAMED = 3
_DEFAULTS = Intent()


class Words(NamedTuple):
    """What the command line says of rules; it counts for more than any configuration.

    select: None where it selects nothing.
    everything: all rules are asked, whatever a configuration takes out.
    severities: as severe as that says, else as they are.
    """

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    everything: bool = False
    severities: bool = True

    @property
    def spelt(self) -> str:
        """The options that take out rules, as they are typed; empty where none does."""
        select = () if self.select is None or ALL in self.select else self.select
        said = (("--select", select), ("--ignore", self.ignore))
        return " ".join(f"{option} {','.join(words)}" for option, words in said if words)

    def check(self, known: Sequence[Rule]) -> None:
        """Raises UnknownCodeError for a word that fits no rule."""
        if self.select or self.ignore:
            Configuration(None, Path(), None).selection(self).rules(known)

    def chosen(self, known: Sequence[Rule]) -> list[Rule]:
        """The rules that it leaves of these, whatever a configuration says."""
        return Configuration(None, Path(), None).selection(self).chosen(known)


class ViewWord(NamedTuple):
    """A word that tells zones of a view, and what it is as a pattern of paths: as it is written,
    and where it leads."""

    view: str
    word: str
    patterns: tuple[str, str]


@dataclass(frozen=True, eq=False)
class Configuration:
    """One configuration. `intent` is None where there is no file: the defaults hold then.

    file: absolute.
    folder: what its paths are relative to; where there is no file, the folder of the lock or the
      baseline that are nearest. Lock, baseline, policies and reports are read once they are asked
      for; each raises ConfigRefused where it cannot be used.
    before: where a change is judged, the commit before it, in which reports count as they were.
    """

    file: Path | None
    folder: Path
    intent: Intent | None
    files: Files = DISK
    before: Files = DISK

    @property
    def values(self) -> Intent:
        """The value of each key: where there is no file, the defaults."""
        return self.intent or _DEFAULTS

    # -- where the files are -------------------------------------------------------------------

    @property
    def lock_path(self) -> Path:
        return self.folder / self.values.lock

    @property
    def baseline_path(self) -> Path:
        """One of the usual name is taken where it is there; one that is named has to be."""
        return self.folder / (self.values.baseline or BASELINE)

    @property
    def names_zones(self) -> bool:
        return bool(self.values.zones)

    @cached_property
    def views(self) -> Sequence[ViewWord]:
        """The words of each view, in their order."""
        return [
            ViewWord(view, word, (os.path.normpath(at), str(self.files.resolve(at))))
            for view, words in self.values.views.items()
            for word in words
            for at in (self.folder / word,)
        ]

    def view_of(self, path: str, provider: str, targets: Collection[str] = ()) -> str:
        """The view that it puts a zone in; "" is the one of all others.

        Of a zone that several targets of octoDNS get alike, rather one that the internet sees.
        """
        rest = [name for name in provider.split(", ") if name not in targets]
        names = [", ".join([each, *rest]) for each in targets] or [provider]
        words = (next(self.words_for(path, name), None) for name in names)
        views = ["" if word is None else word.view for word in words]
        return next((view for view in views if self.values.is_public(view)), views[0])

    def words_for(self, path: str, provider: str) -> Iterator[ViewWord]:
        """The words of views that tell a zone, by its document or one of its providers."""
        if not self.views:
            return
        paths = (os.path.abspath(path), str(self.files.resolve(path)))  # noqa: PTH100
        providers = {provider.lower(), *provider.lower().split(", ")}
        for each in self.views:
            if each.word.lower() in providers or any(map(_is_of, paths, each.patterns)):
                yield each

    @property
    def policy_paths(self) -> dict[str, str]:
        """The MTA-STS policy file that is named for each domain or pattern, as it is written."""
        found: dict[str, str] = {}
        for name, fields in self.values.domains.items():
            written = fields.get(("mta-sts", "policy"))
            if isinstance(written, str):
                found[name] = written
        return found

    @property
    def table(self) -> dict[str, Any]:
        """Its keys as they are written, for a host that puts others over them."""
        if self.file is None:
            return {}
        table = tomllib.loads(_text(self.file, self.files))
        return table.get("tool", {}).get("zonelint", {}) if self.file.name == SHARED else table

    def read_reports(self, progress: Progress | None = None) -> ReportsRead | None:
        """The reports that it names, None where it names none. Raises ConfigRefused."""
        paths = self.report_paths
        return read_reports(paths, progress=progress) if paths else None

    @property
    def report_paths(self) -> list[str]:
        """The files and folders of reports.

        ConfigRefused where one is not there: evidence that is looked for in the wrong place must
        not look like evidence that is not there yet.
        """
        named = self.values.reports
        places = (self.files, self.before)
        absent = [
            path for path in named if not any(each.exists(self.folder / path) for each in places)
        ]
        if absent:
            file, line = str(self.file), self._line("reports")
            words = 'reports: "{}": there is no such file or folder'
            raise ConfigRefused(*(FileFault(file, line, words.format(path)) for path in absent))
        return [display_path(self.folder / path) for path in named]

    def refuse_outside(self, path: Path, key: str) -> None:
        """Raise ConfigRefused where a file that it names would be written outside.

        That is where no repository, or folder that the run was given, holds both; links count as
        what they lead to. A device is never written.
        """
        target = self.files.resolve(path)
        folder = path.parent if self.file is None else self.folder  # without one, nothing names it
        roots = self.files.roots(self.files.resolve(folder))
        if not any(target.is_relative_to(root) for root in roots):
            why = "this is outside the repository, and nothing is written there"
        elif self.files.exists(target) and not self.files.is_file(target):
            why = "this is not a regular file"
        else:
            return
        file = str(self.file or path)
        raise ConfigRefused(FileFault(file, self._line(key), f"{key}: {display_path(path)}: {why}"))

    @property
    def named(self) -> list[Path]:
        """Every file beside the zones that a judgement depends on, whether it is there or not."""
        own = [] if self.file is None else [self.file]
        policies = (self.folder / path for path in self.policy_paths.values())
        return [*own, self.lock_path, self.baseline_path, *policies]

    # -- what they say -------------------------------------------------------------------------

    def selection(self, words: Words | None = None) -> Selection:
        """The rules that are asked, and how severe they are."""
        words = words or Words()
        intent = self.values
        if words.everything:
            return Selection(severities=intent.severity if words.severities else {})
        return Selection(
            select=intent.select,
            ignore=intent.ignore,
            asked=words.select,
            refused=words.ignore,
            per_owner_ignore=intent.per_owner_ignore,
            severities=intent.severity,
        )

    @cached_property
    def lock(self) -> Lock | None:
        """The lock; None where there is none."""
        return read_lock(self.lock_path, self.files)

    @property
    def outside(self) -> tuple[Source, ...]:
        """What is known of the DNS outside the zones."""
        return () if self.lock is None else (self.lock,)

    @cached_property
    def baseline(self) -> Baseline | None:
        """The findings that are known; None where there is no such file, and none is named."""
        named = self.values.baseline is not None
        path = self.baseline_path
        if not (named or self.files.is_meant(path)):
            return None
        return read_baseline(path, self.files)

    @cached_property
    def policies(self) -> Mapping[str, str]:
        """The texts of the MTA-STS policies, by the path that is written."""
        found: dict[str, str] = {}
        for name, written in self.policy_paths.items():
            path = self.folder / written
            try:
                octets = self.files.beginning(path, _LARGEST_POLICY)
            except OSError as error:
                about = f"the MTA-STS policy of {name.removesuffix('.')}"
                why = f"{about}: {reason_of(error)}"
                fault = FileFault(str(path), None, why, beyond=True)
                raise ConfigRefused(fault) from None
            found[written] = octets.decode("utf-8", "replace")
        return found

    @property
    def locks(self) -> tuple[Lock, ...]:
        """The lock; of another time, where one that could not be read said nothing."""
        with suppress(ConfigRefused):
            return () if self.lock is None else (self.lock,)
        return ()

    @property
    def lock_faults(self) -> Sequence[str]:
        """Why the lock cannot be read; () where it can, or there is none."""
        try:
            _ = self.lock
        except ConfigRefused as error:
            return error.messages
        return ()

    @property
    def policies_if_readable(self) -> Mapping[str, str]:
        """The policies of another time: one that was not there said nothing."""
        found: dict[str, str] = {}
        for written in self.policy_paths.values():
            with suppress(OSError):
                octets = self.files.beginning(self.folder / written, _LARGEST_POLICY)
                found[written] = octets.decode("utf-8", "replace")
        return found

    def loosened_as(self, base: Configuration) -> Configuration:
        """What it declares, with what another one says where a key loosens.

        Where the change deletes the file, what that said holds on; where there was none before, the
        defaults do.
        """
        if not self._is_comparable(base):
            return self
        from zonelint.providers.resources.table import is_built_in
        from zonelint.rules.config.loosening import loosened_as

        own, before = self.values, self._words_of(base)
        stood = [os.path.relpath(base.folder / p, self.folder) if self._has_other(p, base) else p
                 for p in own.reports]  # fmt: skip
        reports = (*stood, *self._lost_reports(base))
        held = loosened_as(own, before, is_built_in)
        return replace(self, intent=replace(held, reports=reports))

    def _is_comparable(self, base: Configuration) -> bool:
        """Whether any of two says something; where there was no commit, the one before has to."""
        return base.intent is not None or (base.files.is_past and self.intent is not None)

    def _words_of(self, base: Configuration) -> Intent:
        """What another one says, its paths as seen from here.

        A file that has a name of its own there has it, where this one gives it a name.
        """
        before = base.values
        is_moved = base.files.is_past and base.folder != self.folder

        def seen(path: str) -> str:
            if not is_moved or self._has_brought(path, base):
                return path
            return os.path.relpath(base.folder / path, self.folder)

        named = None if before.baseline is None else seen(before.baseline)
        origins = {seen(path): origin for path, origin in before.origins.items()}
        folder = self.folder if base.files.is_past else base.folder
        for path in self.values.origins:
            if path not in origins and (name := _own_origin(folder / path, base.files)):
                origins[path] = name
        return replace(before, baseline=named, origins=origins)

    def _lost_reports(self, base: Configuration) -> list[str]:
        """The paths of reports that the base names and this one does not, as seen from here."""
        own = {self.files.resolve(self.folder / path) for path in self.values.reports}
        lost = []
        for path in base.values.reports:
            is_other = self._has_other(path, base)
            if is_other and path in self.values.reports:
                continue
            there = (base.folder if base.files.is_past or is_other else self.folder) / path
            is_there = self.files.exists(there) or base.files.exists(there)
            if is_there and self.files.resolve(there) not in own:
                lost.append(os.path.relpath(there, self.folder))
        return lost

    def _has_brought(self, path: str, base: Configuration) -> bool:
        """Whether what a base had beside it has moved along, unchanged."""
        return base.files.has_moved(base.folder / path, self.folder / path)

    def _has_other(self, path: str, base: Configuration) -> bool:
        """Whether a base that is another checkout has reports of its own at a path."""
        is_other = not base.files.is_past and base.file not in (None, self.file)
        return is_other and path in base.values.reports and base.files.exists(base.folder / path)

    def _brought_reports(self, base: Configuration) -> list[str]:
        """The paths of reports that were beside the base, and are the same beside this one."""
        own = set(self.values.reports) if base.folder != self.folder else set()
        return [
            word for word in base.values.reports if word in own and self._has_brought(word, base)
        ]

    def takes_out(self) -> Iterator[str]:
        """The keys by which it lets more pass than no configuration does, in words."""
        from zonelint.rules.config.loosening import looser_keys

        for key in looser_keys(self.values, _DEFAULTS):
            if key.path != ("baseline",):  # it is told for itself
                yield f"{spell(key.path)} = {_format_value(key.after).strip('`')}"

    def written(self) -> Iterator[tuple[str, object, str]]:
        """Every key of its file that has a value: the key, the value, and its file and line."""
        if self.file is None:
            return
        table = tomllib.loads(_text(self.file, self.files))
        for name in ("tool", "zonelint") if self.file.name == SHARED else ():
            table = table[name]
        file = display_path(self.file)
        waiting: list[tuple[tuple[str, ...], object]] = [((), table)]
        while waiting:
            path, value = waiting.pop()
            if isinstance(value, dict):
                waiting += [((*path, key), inner) for key, inner in reversed(value.items())]
            else:
                yield spell(path), value, f"{file}:{self._line(*path)}"

    def declared(self, base: Configuration, names: Collection[str] | None = None) -> Iterator[str]:
        """The keys that it says otherwise than the base, and that loosen nothing, in words.

        names: the zones of which they are; None for all that it says.
        """
        from zonelint.providers.resources.table import is_built_in
        from zonelint.rules.config.loosening import loosened_as

        before = self._words_of(base)
        after = loosened_as(self.values, before, is_built_in)
        whose = "" if names is None else f" for {some(map(without_dot, sorted(names)))}"
        for path, is_gone in declared_keys(after, before):
            said = base if is_gone else self
            file = said.file or self.file or base.file
            if file is None or (names is not None and not _is_of_zones(path, names)):
                continue
            key = said._written_key(path)
            line = None if is_gone else self._line(*key)
            place = f"{display_path(file)}{f':{line}' if line else ''} {spell(_shown(key))}"
            yield f"no longer{whose}: {place}" if is_gone else place
        own, known = self.lock, next(iter(base.locks), None)
        there = () if known is None else known.entries.keys()
        new = () if own is None or names is not None else own.entries.keys() - there
        if new:
            entries = "1 new entry" if len(new) == 1 else f"{len(new)} new entries"
            yield f"{display_path(self.lock_path)} {entries}"

    def _written_key(self, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
        """A key as the file has it: a domain may be parked in a list, or in its own table."""
        if path[0] != "domains" or path[2:] != ("profile",):
            return path
        names = {path[1], str(path[1]).removesuffix(".")}
        has_table = any("domains" in key and names & set(key) for key in self._lines)
        return path if has_table else ("parked", path[1])

    def loosened(
        self,
        bases: Sequence[Configuration],
        trusted: Collection[GatePart],
        baseline: Path | None = None,
        reports: Sequence[str] = (),
        before: Files = DISK,
    ) -> Loosened:
        """What it loosens against the configurations before it, of what is not trusted.

        baseline, reports: those that are named for all zones. before: what the change is made to.
        """
        keys: list[Loosening] = []
        if GatePart.CONFIG not in trusted:
            keys += self._altered_reports(before, reports, bases)
        for base in bases:
            if GatePart.CONFIG not in trusted:
                keys += self._looser_keys(base)
            if GatePart.BASELINE not in trusted:
                keys += self._baseline_added(base, baseline)
        lock = None if GatePart.LOCK in trusted else self._lock_over(bases)
        ours = (None, self.file)
        is_export = not any(base.files.is_past or base.file not in ours for base in bases)
        return Loosened(list(dict.fromkeys(keys)), lock, GatePart.NOQA in trusted, is_export)

    def _looser_keys(self, base: Configuration) -> Iterator[Loosening]:
        from zonelint.providers.resources.table import is_built_in
        from zonelint.rules.config.loosening import looser_keys

        if not self._is_comparable(base):
            return
        file = self.file or base.file
        assert file is not None, "what has an intent was read from a file"
        # Where this file stood as it is, the zones came to it, or lost a nearer one.
        stood = base.files.exists(file) and not base.files.is_altered(file)
        is_unchanged = base.files.is_past and file != base.file and stood
        for key in looser_keys(self.values, self._words_of(base), is_built_in):
            is_origin = key.path[0] == "origins"
            if is_origin and not self.files.exists(self.folder / str(key.path[-1])):
                continue  # it went together with its file
            yield Loosening(
                GatePart.CONFIG, "", "", _at(file, self._line(*key.path) or 1),
                _format_other(key) if is_unchanged else _format_change(key), _format_effect(key),
            )  # fmt: skip
        lost = [
            path
            for path in self._lost_reports(base)
            if not any(
                self.files.resolve(self.folder / path) == self.files.resolve(base.folder / word)
                for word in self._brought_reports(base)
            )
        ]
        if lost:
            yield Loosening(
                GatePart.CONFIG, "", "", _at(file, self._line("reports") or 1),
                f"takes {_format_value(tuple(lost))} out of `reports`",
                "its zones were judged by these as well",
            )  # fmt: skip

    def _altered_reports(
        self, before: Files, given: Sequence[str], bases: Sequence[Configuration]
    ) -> Iterator[Loosening]:
        """The reports that the change adds, alters or deletes.

        What is not under version control was fetched for the run, and counts.
        """
        brought = [word for base in bases for word in self._brought_reports(base)]
        words = (word for word in self.values.reports if word not in brought)
        paths = given or [str(self.folder / path) for path in words]
        found = {file for path in paths for file in before.altered(path)}
        for base in () if given else bases:
            for word in self.values.reports:
                if self._has_other(word, base):
                    found.update(_differing(self.folder / word, base.folder / word))
        altered = sorted(found)
        if not altered:
            return
        place = Path(altered[0]) if self.file is None or given else self.file
        line = None if place != self.file else self._line("reports")
        yield Loosening(
            GatePart.CONFIG, "", "", _at(place, line or 1),
            f"adds, alters or deletes reports, {_list_paths(altered)}",
            "its zones were judged by the reports before it",
        )  # fmt: skip

    def excluding(self, lost: Sequence[str], base: Configuration) -> Loosening:
        """What it is to no longer name files with zones that were judged before."""
        file = self.file or base.file
        assert file is not None, "only a file names zones"
        return Loosening(
            GatePart.CONFIG, "", "", _at(file, self._line("zones") or 1),
            f"takes {_list_paths(lost)} out of `zones`",
            "what is left out was judged anyway",
            tuple(display_path(Path(path)) for path in lost) if lost[_NAMED:] else (),
        )  # fmt: skip

    def hiding(self, view: str, paths: Sequence[str]) -> Loosening:
        """What it is to have a view that is not public take zones that the internet saw."""
        assert self.file is not None, "only a file tells of views"
        return Loosening(
            GatePart.CONFIG, "", "", _at(self.file, self._line("views", view) or 1),
            f"has the view `{view}`, which is not public, take {_list_paths(paths)}",
            "what the internet saw was judged as before",
        )  # fmt: skip

    def _baseline_added(self, base: Configuration, named: Path | None) -> Iterator[Loosening]:
        if not base.can_tell_baseline:
            return
        path = named or self.baseline_path
        own = self.baseline if named is None else read_baseline(named, self.files)
        known = base.baseline_before(named)
        added = Counter() if own is None else own.added(known)
        if not added:
            return
        first = min(added)
        more = f" and {added.total() - 1} more" if added.total() > 1 else ""
        text = self.files.read(path, _LARGEST_BASELINE).decode("utf-8", "replace")
        lines = enumerate(text.split("\n"), start=1)
        wanted = (f'"{first.code}"', f'"{first.owner}"')
        line = next((number for number, held in lines if all(w in held for w in wanted)), 1)
        yield Loosening(
            GatePart.BASELINE, "", "", _at(path, line),
            f"adds `{first.code}` of `{first.owner}`{more} to the baseline",
            "these findings are still reported",
        )  # fmt: skip

    @property
    def can_tell_baseline(self) -> bool:
        """Whether another state that has no baseline had none: an export only holds zones."""
        is_told = self.intent is not None or self.files.is_past
        return is_told or self.files.is_meant(self.baseline_path)

    def baseline_before(self, named: Path | None = None) -> Baseline | None:
        """The baseline of another time: one that could not be read knew nothing."""
        with suppress(ConfigRefused):
            return self.baseline if named is None else read_baseline(named, self.files)
        return None

    def _lock_over(self, bases: Sequence[Configuration]) -> LockOfChange | None:
        """The lock over those of the bases; None where there are none.

        Where one of them cannot be read nobody knows what the change's own alters of it.
        """
        if any(base.lock_faults for base in bases):
            return LockOfChange(Lock(), Lock(), display_path(self.lock_path), {})
        locks = [lock for base in bases for lock in base.locks]
        if not locks:
            return None
        before = Lock(
            {name: held for lock in reversed(locks) for name, held in lock.entries.items()}
        )
        path = self.lock_path
        lines: dict[str, int] = {}
        if self.lock is not None and self.lock.entries != before.entries:
            text = self.files.read(path, _LARGEST_LOCK).decode("utf-8", "replace")
            lines = {str(at[0]): line for at, line in locate(text).items() if len(at) == 1}
        return LockOfChange(self.lock or Lock(), before, display_path(path), lines)

    def warnings(self) -> Iterator[str]:
        """What to say of a lock whose entries are older than the configuration lets them be.

        And of those of a day to come: they would never grow old.
        """
        if self.lock is None:
            return
        most = self.values.thresholds.lock_max_age
        today = datetime.datetime.now(datetime.UTC).date()
        day = datetime.timedelta(days=1)
        for names, what in (
            (self.lock.older_than(today - most * day), f"older than {most} days"),
            # Somebody east of here may be a day ahead.
            (self.lock.later_than(today + day), "dated in the future"),
        ):
            if names:
                entries = "an entry is" if len(names) == 1 else f"{len(names)} entries are"
                where = display_path(self.lock_path)
                yield (
                    f"{where}: warning: {entries} {what} ({some(names, _NAMED)}); "
                    "'zonelint lock' resolves them again"
                )

    def name_of_view(self, view: str, then: Configuration) -> str:
        """What it calls a view of another time: the same words tell one that it names anew."""
        now, was = (each.values.views for each in (self, then))
        new = (name for name, words in now.items() if words == was.get(view) and name not in was)
        return view if view in now else next(new, view)

    def idle_views(self, zones: Collection[ZoneId]) -> Iterator[str]:
        """What to say of words of views that tell none of the zones, where these are all there are.

        A provider that plans tell of may have some that were not read.
        """
        from zonelint.providers.resources import table

        found: set[ViewWord] = set()
        taken: dict[ViewWord, ViewWord] = {}
        unseen = {str(each["provider"]).lower() for each in table.files().values()}
        for zone in zones:
            words = list(self.words_for(zone.id, zone.provider))
            # Where a provider gave the id, the path is not known any more.
            view = words[0].view if words else zone.view
            found |= {each for each in words or self.views if each.view == view}
            taken |= {each: words[0] for each in words if each.view != view}
        for each in self.views:
            view, word, _ = each
            if each in found or word.lower() in unseen:
                continue
            known = {name for zone in zones for name in zone.provider.split(", ")}
            for zone in zones:
                path = Path(os.path.relpath(zone.id, self.folder))
                known |= {str(path), *map(str, path.parents), str(path.with_name(Path(word).name))}
            near = near_miss(word.rstrip("/"), known - {"", "."})
            guess = "" if near is None else f'; did you mean "{near}"?'
            assert self.file, "only a file has views"
            line = self._line("views", view, self.values.views[view].index(word))
            why = f"is the path or provider of none of the zones that were read{guess}"
            if each in taken:
                first = taken[each]
                why = f'has zones that "{first.word}" puts in the view `{first.view}` first'
            where = f"{display_path(self.file)}:{line}: warning: {spell(('views', view))}"
            yield f'{where}: "{word}" {why}'

    # -- zones ---------------------------------------------------------------------------------

    def zone_paths(self) -> list[str]:
        """The paths that `zones` match, as seen from the working directory.

        ConfigRefused when a pattern matches nothing: a check of nothing must not look like a pass.
        """
        found: list[str] = []
        for pattern in self.values.zones:
            if len(_ANY_FOLDERS.findall(pattern)) > _MOST_ANY_FOLDERS:
                self._refuse(
                    f'zones: "{pattern}" has ** more than {_MOST_ANY_FOLDERS} times; one of them '
                    "finds files in folders of any depth"
                )
            matched = self.files.matching(pattern, self.folder)
            if not matched:
                self._refuse(f'zones: "{pattern}" matches no file')
            found += (display_path(self.folder / path) for path in matched)
        return found

    def found_zones(self) -> list[str]:
        """The same of another time, or for another: patterns that match nothing say nothing."""
        return list(map(display_path, self.matching))

    @property
    def matching(self) -> Iterator[str]:
        """The same from the root on."""
        for pattern in self.values.zones:
            if len(_ANY_FOLDERS.findall(pattern)) <= _MOST_ANY_FOLDERS:
                for path in self.files.matching(pattern, self.folder):
                    yield os.path.join(self.folder, path)  # noqa: PTH118 - quicker

    def _refuse(self, message: str) -> None:
        raise ConfigRefused(FileFault(str(self.file), self._line("zones"), message, beyond=True))

    def line(self, number: int) -> str | None:
        """A line of its file, from 1; None where there is none."""
        if self.file is None:
            return None
        lines = _text(self.file, self.files).split("\n")
        return lines[number - 1].rstrip("\r") if 1 <= number <= len(lines) else None

    def _line(self, *key: str | int) -> int | None:
        """The line of one of the configuration's own keys, else of the nearest table around it."""
        if self.file is None:
            return None
        prefix = ("tool", "zonelint") if self.file.name == SHARED else ()
        while key:
            for spelling in (key, tuple(str(part).removesuffix(".") for part in key)):
                if (line := self._lines.get((*prefix, *spelling))) is not None:
                    return line
            key = key[:-1]
        return None

    @cached_property
    def _lines(self) -> Mapping[tuple[str | int, ...], int]:
        assert self.file is not None, "only a file has lines"
        return locate(_text(self.file, self.files))


def _own_origin(path: Path, files: Files) -> str | None:
    """The origin that a zone's file has without any configuration."""
    from zonelint.grammars.dnsname import BadName
    from zonelint.providers.octodns.yaml import names
    from zonelint.providers.zonefile import reader

    if not files.is_file(path):
        return None
    if (told := names.origin_of_file(path.name)) is not None:
        return told
    held = reader.load(str(path), files)
    try:
        return (
            reader.Origins().of(str(path), reader.decode(held)) if isinstance(held, bytes) else None
        )
    except BadName:
        return None


def _is_of(path: str, pattern: str) -> bool:
    """Whether a path is that of a pattern, or lies below it."""
    return fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern}{os.sep}*")


def _at(file: Path, line: int) -> Span:
    return Span(display_path(file), line, 1, line, 2)


def _shown(key: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """A key with its domain as people write it, without the final dot."""
    if key[0] not in ("domains", "parked") or len(key) < 2:
        return key
    return (key[0], str(key[1]).removesuffix(".") or ".", *key[2:])


def _format_value(value: object) -> str:
    """A value as TOML writes it, about."""
    if value in (None, (), []):
        return "nothing"
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return f"`{value}`".lower()
    if isinstance(value, tuple | list):
        words = ", ".join(f'"{each}"' for each in value)
        return f"`[{words}]`"
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def _format_change(key: LooserKey) -> str:
    name = spell(key.path)
    if key.after is None:
        return f"removes `{name}`"
    if isinstance(key.after, dict):  # too long to be shown
        return (
            f"alters `{name}`" if key.before is not None else f"adds `{name}`, a type known before"
        )
    return f"sets `{name}` to {_format_value(key.after)}"


def _format_other(key: LooserKey) -> str:
    """The same where the file with the key is not changed: it holds for zones that had another."""
    name = spell(key.path)
    if key.after is None:
        return f"puts zones under a configuration without `{name}`"
    if isinstance(key.after, dict):
        return f"puts zones under a configuration with another `{name}`"
    return f"puts zones under a configuration whose `{name}` is {_format_value(key.after)}"


def _format_effect(key: LooserKey) -> str:
    if key.path[0] in ("origins", "resources") and not isinstance(key.before, str | list):
        return "its zones were read by what applied before"
    if key.before in (None, (), []):
        return "its zones were judged without it, as before"
    return f"its zones were judged by what applied before, {_format_value(key.before)}"


def _list_paths(paths: Sequence[str]) -> str:
    return some((f"`{display_path(Path(path))}`" for path in paths), _NAMED)


def _is_of_zones(path: Sequence[str | int], names: Collection[str]) -> bool:
    """Whether a key declares a domain of some zones, by a pattern or by name."""
    if path[0] != "domains":
        return False
    domain = str(path[1])
    above = domain.removeprefix("*.") or "."
    return any(
        is_below(above, name) or (above != domain and is_below(name, above)) for name in names
    )


def nearest(folder: Path, files: Files = DISK) -> Path | None:
    """The nearest configuration from a folder upwards; `zonelint.toml` before pyproject.toml.

    What files cannot hold, as a commit what is above its repository, is on the disk.
    """
    upwards = (folder, *folder.parents)
    found = (find_here(each, files if files.covers(each) else DISK) for each in upwards)
    return next((file for file in found if file is not None), None)


def find_here(folder: Path, files: Files = DISK) -> Path | None:
    """The configuration in a folder itself; what cannot be read is one, and then refused."""
    own, shared = folder / OWN, folder / SHARED
    if _is_there(own, files):
        return own
    return shared if _is_there(shared, files) and _is_ours(shared, files) else None


def _is_there(file: Path, files: Files) -> bool:
    return files.exists(file) or files.is_link(file)


def home_without(folder: Path, files: Files = DISK) -> Path:
    """The nearest folder with a lock or a baseline, for zones that no configuration holds for."""
    marked = (
        each for each in (folder, *folder.parents)
        if any((files if files.covers(each) else DISK).is_meant(each / name)
               for name in (LOCK, BASELINE))
    )  # fmt: skip
    return next(marked, folder)


def read(file: Path, codes: Collection[str] = (), files: Files = DISK) -> Configuration:
    """Read one configuration file. Raises ConfigRefused.

    `codes` are the known rule codes: where given, a code that begins none of them is a fault.
    """
    file = Path(os.path.abspath(file))  # noqa: PTH100 - links stay as they are named
    intent = parse(_text(file, files), file, codes)
    return Configuration(file, file.parent, intent, files)


def parse(text: str, file: Path, codes: Collection[str] = ()) -> Intent:
    """What the text of a configuration declares. Raises ConfigRefused, with every fault in it."""
    try:
        return load(text, display_path(file), codes)
    except ConfigError as error:
        raise ConfigRefused(
            *(FileFault(str(file), p.line, p.message, key=p.key) for p in error.problems)
        ) from None


def _text(file: Path, files: Files, most: int = _LARGEST) -> str:
    """The text of a file of so many octets at most, behind its mark. Raises ConfigRefused."""
    try:
        return files.read(file, most).decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigRefused(FileFault(str(file), line, "this is not UTF-8 text")) from None
    except OSError as error:
        raise ConfigRefused(FileFault(str(file), None, reason_of(error))) from None


def _is_ours(file: Path, files: Files) -> bool:
    """Whether a pyproject.toml has a table of ours, or cannot be read; other faults are others'."""
    try:
        data = files.beginning(file, _LARGEST + 1)
    except OSError:
        return True
    if len(data) > _LARGEST:
        return True
    data = (
        data.replace(b"\0", b"").removeprefix(codecs.BOM_UTF16_LE).removeprefix(codecs.BOM_UTF16_BE)
    )
    if b"zonelint" not in data:
        return False
    return in_pyproject(data.decode("utf-8", "replace"))


# -- the files that a configuration names ----------------------------------------------------------


def read_lock(path: Path, files: Files = DISK) -> Lock | None:
    """The lock at a path, None where there is no file. Raises ConfigRefused."""
    if not (files.exists(path) or files.is_link(path)):
        return None
    try:
        return parse_lock(_text(path, files, _LARGEST_LOCK))
    except LockError as error:
        raise ConfigRefused(FileFault(str(path), error.line, str(error))) from None


def _differing(own: Path, other: Path) -> Iterator[str]:
    """The files at or below a path that are not the same at or below another one."""
    below = dict.fromkeys(
        str((Path(folder) / name).relative_to(top))
        for top in (own, other)
        for folder, _, names in os.walk(top)
        for name in names
    )
    for rest in below if below else ("",):
        here, there = own / rest, other / rest
        are_files = here.is_file() and there.is_file()
        if not are_files or not filecmp.cmp(here, there, shallow=False):
            yield str(here)


def read_baseline(path: Path, files: Files = DISK) -> Baseline:
    """The baseline at a path. Raises ConfigRefused."""
    try:
        return parse_baseline(_text(path, files, _LARGEST_BASELINE))
    except BaselineError as error:
        raise ConfigRefused(FileFault(str(path), error.line, str(error))) from None


def read_reports(
    paths: Sequence[str],
    domains: Collection[str] | None = None,
    progress: Progress | None = None,
    before: Files = DISK,
) -> ReportsRead:
    """Every report under the paths; with `domains` only those about them.

    before: where a change is judged, what it adds, alters or deletes counts as it was there.
    """
    from zonelint.providers.reports import reader

    return reader.read(paths, domains=domains, progress=progress, before=before)
