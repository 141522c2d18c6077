"""What octoDNS's zones are judged by: zonelint.toml, and the files that it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
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
from zonelint.rules.model.lock import Lock, LockError, parse
from zonelint.rules.model.repository import Place, Repository
from zonelint.rules.model.settings import Settings

from ..files import DISK
from .among import Others

LARGEST = 1 << 25
"""Octets of a configuration, a lock or a baseline."""

LARGEST_POLICY = 1 << 16
"""Octets of an MTA-STS policy; senders give up on more (RFC 8461 §3.3)."""

_NAMED = 3


class MailAuthException(ProcessorException):  # type: ignore[misc]
    """What ends an octoDNS run because of zonelint. The message is for the user."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Asks the rules: ``rules`` all of them, ``changes`` those about the change of a zone."""

    intent: Intent
    settings: Settings
    rules: Engine
    changes: Engine
    warnings: tuple[str, ...] = ()
    baseline: Baseline | None = None

    def new(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """The findings that the baseline does not know."""
        return findings if self.baseline is None else self.baseline.apply(findings).findings

    def zone(self, zone: Zone, others: Others) -> Result:
        """Everything about one zone as it stands among the others."""
        return self.rules.run(self._among(zone, others))

    def change(self, before: Zone, after: Zone, others: Others) -> Result:
        """What is wrong with the change from one state of a zone to the next."""
        return self.changes.run(self._among(after, others, self._among(before, others)))

    def all(self, zones: Iterable[Zone]) -> Result:
        """Everything about zones that are judged together."""
        return self.rules.run(Repository(Place(zone, self.settings) for zone in zones))

    def _among(self, zone: Zone, others: Others, before: Repository | None = None) -> Repository:
        beside = others.beside(zone.origin, self.settings) if others.zones else None
        return Repository([Place(zone, self.settings)], before=before, known=beside)


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
    settings = Settings(intent, selection, outside, evidence, _policies(path.parent, intent))
    changes = Engine([rule for rule in known if rule.needs & Needs.CHANGE])
    usual = path.parent / (intent.baseline or baselines.FILE)
    known_of = _baseline(usual) if intent.baseline or usual.is_file() else None
    return Judge(intent, settings, Engine(known), changes, warnings, known_of)


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
