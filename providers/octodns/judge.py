"""What octoDNS's zones are judged by: zonelint.toml, and the files that it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from octodns.processor.base import ProcessorException

from zonelint.grammars.zone import Zone
from zonelint.rules.config.intent import ConfigError, Intent, load
from zonelint.rules.core import baseline as baselines
from zonelint.rules.core import registry
from zonelint.rules.core.baseline import Baseline, BaselineError
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.rule import Needs
from zonelint.rules.core.selection import Selection
from zonelint.rules.evidence.evidence import Evidence
from zonelint.rules.model.answers import Source
from zonelint.rules.model.context import Context
from zonelint.rules.model.lock import Lock, LockError, parse

from ..files import DISK
from .among import Among, Others

LARGEST = 1 << 25
"""Octets of a configuration, a lock or a baseline."""

LARGEST_POLICY = 1 << 16
"""Octets of an MTA-STS policy; senders give up on more (RFC 8461 §3.3)."""

_NAMED = 3


class MailAuthException(ProcessorException):  # type: ignore[misc]
    """What ends an octoDNS run because of zonelint. The message is for the user."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Asks the rules. ``outside`` is the lock, where there is one.

    ``rules`` asks all that are selected, ``changes`` those about the change of a zone. ``files``
    are the texts of the files that the configuration names, by the path written there.
    """

    intent: Intent
    rules: Engine
    changes: Engine
    outside: tuple[Source, ...]
    evidence: Evidence | None
    warnings: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    baseline: Baseline | None = None

    def new(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """The findings that the baseline does not know."""
        return findings if self.baseline is None else self.baseline.apply(findings).findings

    def zone(self, zone: Zone, others: Others) -> Result:
        """Everything about one zone as it stands among the others."""
        return _asked(self.rules, self._among(zone, others))

    def change(self, before: Zone, after: Zone, others: Others) -> Result:
        """What is wrong with the change from one state of a zone to the next."""
        previous = self._among(before, others)
        return _asked(self.changes, self._among(after, others, previous))

    def all(self, zones: Iterable[Zone]) -> Result:
        """Everything about zones that are judged together."""
        context = Context(
            zones, self.intent, self.outside, evidence=self.evidence, files=self.files
        )
        return self.rules.run(context)

    def _among(self, zone: Zone, others: Others, previous: Context | None = None) -> Among:
        return Among(
            zone,
            others,
            self.intent,
            self.outside,
            previous=previous,
            evidence=self.evidence,
            files=self.files,
        )


def _asked(engine: Engine, context: Among) -> Result:
    result = Result()
    engine.judge([context.own], context, result)
    return engine.finish(result, context)


def judge(config: str) -> Judge:
    """The judge that a zonelint.toml makes. Raises MailAuthException, its message in one line.

    ``config`` is relative to the working directory, like octoDNS's own paths.
    """
    path = Path(config)
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        raise MailAuthException(
            f"zonelint: {config}: there is no such file; `config` names the zonelint.toml of this "
            "repository, relative to the folder that octoDNS is started in"
        ) from None
    return _judge(path, stamp)


@lru_cache(maxsize=8)
def _judge(path: Path, _stamp: int) -> Judge:
    known = registry.rules()
    try:
        intent = load(_text(path), str(path), [rule.code for rule in known])
    except ConfigError as error:
        raise MailAuthException(f"zonelint: {_one_line(map(str, error.problems))}") from None
    selection = Selection(
        select=intent.select,
        ignore=intent.ignore,
        per_owner_ignore=intent.per_owner_ignore,
        severities=intent.severity,
    )
    lock = _lock(path.parent / intent.lock)
    evidence, warnings = _evidence(path.parent, intent)
    if lock is not None:
        warnings += tuple(_old_entries(lock, path.parent / intent.lock, intent))
    outside = () if lock is None else (lock,)
    rules = selection.rules(known)
    severity = selection.severity_of(rules)
    every = Engine(rules, severity=severity)
    changes = Engine([rule for rule in rules if rule.needs & Needs.CHANGE], severity=severity)
    files = _policies(path.parent, intent)
    usual = path.parent / (intent.baseline or baselines.FILE)
    known_of = _baseline(usual) if intent.baseline or usual.is_file() else None
    return Judge(intent, every, changes, outside, evidence, warnings, files, known_of)


def _lock(path: Path) -> Lock | None:
    if not path.exists():
        return None
    try:
        return parse(_text(path), str(path))
    except LockError as error:
        raise MailAuthException(f"zonelint: {error}") from None


def _old_entries(lock: Lock, path: Path, intent: Intent) -> Iterator[str]:
    """What there is to say of entries of the lock that are older than the configuration allows."""
    most = intent.thresholds.lock_max_age
    old = lock.older_than(datetime.now(UTC).date() - timedelta(days=most))
    if old:
        names = ", ".join(old[:_NAMED])
        names += f" and {len(old) - _NAMED} more" if len(old) > _NAMED else ""
        entries = "an entry is" if len(old) == 1 else f"{len(old)} entries are"
        yield f"{path}: {entries} older than {most} days ({names}); `zonelint lock` asks anew"


def _baseline(path: Path) -> Baseline:
    try:
        return baselines.parse(_text(path), str(path))
    except BaselineError as error:
        raise MailAuthException(f"zonelint: {error}") from None


def _policies(folder: Path, intent: Intent) -> dict[str, str]:
    """The texts of the MTA-STS policies that the configuration names, by the path there."""
    found: dict[str, str] = {}
    for fields in intent.domains.values():
        written = fields.get(("mta-sts", "policy"))
        if isinstance(written, str):
            found[written] = _text(folder / written, LARGEST_POLICY)
    return found


def _text(path: Path, largest: int = LARGEST) -> str:
    try:
        return DISK.read(path, largest).decode("utf-8")
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise MailAuthException(f"zonelint: {path}: {reason}") from None
    except UnicodeDecodeError:
        raise MailAuthException(f"zonelint: {path}: this is not UTF-8 text") from None


def _evidence(folder: Path, intent: Intent) -> tuple[Evidence | None, tuple[str, ...]]:
    """What the aggregate reports prove that the configuration names; None where there are none."""
    places = [folder / path for path in intent.reports]
    there = [str(place) for place in places if place.exists()]
    if not there:
        return None, ()
    from zonelint.providers.reports import reader as reports

    reading = reports.read(there)
    warnings = tuple(problem.message for problem in reading.problems)
    return (reading.evidence if reading.evidence.reports else None), warnings


def _one_line(problems: Iterable[str]) -> str:
    first, *others = problems
    return first if not others else f"{first}; and {len(others)} more: {'; '.join(others)}"
