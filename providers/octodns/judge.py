"""What octoDNS's zones are judged by: zonelint.toml, and the files that it names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from octodns.processor.base import ProcessorException

from zonelint.grammars.zone import Zone
from zonelint.providers.project.configuration import OWN, Configuration
from zonelint.providers.project.project import Project, identity_of
from zonelint.providers.project.refused import ConfigRefused
from zonelint.rules.core import registry
from zonelint.rules.core.baseline import Baseline
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.rule import Needs
from zonelint.rules.evidence.evidence import Evidence
from zonelint.rules.model.repository import Repository, RunZone, UnreadZones
from zonelint.rules.model.settings import Settings

from .among import Others


class MailAuthException(ProcessorException):  # type: ignore[misc]
    """What ends an octoDNS run because of zonelint. The message is for the user."""


@dataclass(frozen=True, slots=True)
class OctodnsJudge:
    """Asks the rules: `rules` all of them, `changes` those about the change of a zone.

    gate: those that changes are held to before they are made.
    """

    configuration: Configuration
    settings: Settings
    rules: Engine
    changes: Engine
    gate: Engine
    warnings: tuple[str, ...] = ()
    baseline: Baseline | None = None

    def new(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """The findings that the baseline does not know."""
        return findings if self.baseline is None else self.baseline.apply(findings).findings

    def zone(self, zone: Zone, others: Others) -> Result:
        """Everything about one zone as it stands among the others."""
        return self.rules.run(self._among(zone, others))

    def parts(self, parts: Mapping[str, Zone], others: Others, targets: Collection[str]) -> Result:
        """Everything about what each of its targets gets of a zone; parts: by those of each."""
        zones = [
            RunZone(
                zone, self.settings,
                identity_of(zone, self.configuration, told, told.split(", ") if told else targets),
            )
            for told, zone in parts.items()
        ]  # fmt: skip
        return self.rules.run(Repository(zones, known=self._beside(zones[0].zone, others)))

    def change(self, before: Zone, after: Zone, others: Others) -> Result:
        """What is wrong with the change from one state of a zone to the next."""
        return self.changes.run(self._among(after, others, self._among(before, others)))

    def held_to(self, before: Zone, after: Zone, others: Others) -> Result:
        """Everything that a change of a zone is held to before it is made."""
        return self.gate.run(self._among(after, others, self._among(before, others)))

    def all(self, zones: Iterable[Zone]) -> Result:
        """Everything about zones that are judged together."""
        return self.rules.run(Repository(RunZone(zone, self.settings) for zone in zones))

    def _among(self, zone: Zone, others: Others, before: Repository | None = None) -> Repository:
        known = self._beside(zone, others)
        return Repository([RunZone(zone, self.settings)], before=before, known=known)

    def _beside(self, zone: Zone, others: Others) -> UnreadZones | None:
        return others.beside(zone.origin, self.settings) if others.zones else None


def judge(config: str) -> OctodnsJudge:
    """The judge that a zonelint.toml makes. Raises MailAuthException, its message in one line.

    `config` is relative to the working directory, like octoDNS's own paths. Where there is no
    file of the usual name the nearest above counts, or else the defaults hold.
    """
    path = Path(config)
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        if config == OWN:
            return _judge(None, 0)
        raise MailAuthException(
            f"zonelint: {config}: there is no such file; `config` names the zonelint.toml of this "
            "repository, relative to the folder that octoDNS is started in"
        ) from None
    return _judge(path, stamp)


@lru_cache(maxsize=8)
def _judge(path: Path | None, _stamp: int) -> OctodnsJudge:
    known = registry.rules()
    warnings: list[str] = []

    def evidence_of(configuration: Configuration) -> Evidence | None:
        reading = configuration.read_reports()
        if reading is None:
            return None
        warnings.extend(problem.message for problem in reading.problems)
        return reading.proof

    project = Project(config=path, codes=[rule.code for rule in known], evidence_of=evidence_of)
    try:
        configuration = project.configuration_at(Path.cwd())
        settings = project.settings_of(configuration)
        warnings += (each.replace(": warning: ", ": ", 1) for each in configuration.warnings())
        baseline = configuration.baseline
    except ConfigRefused as error:
        raise MailAuthException(f"zonelint: {_one_line(error.messages)}") from None
    changes = Engine([rule for rule in known if rule.needs & Needs.CHANGE])
    rules, gate = Engine(known), Engine(known, is_gate=True)
    return OctodnsJudge(configuration, settings, rules, changes, gate, tuple(warnings), baseline)


def _one_line(problems: Iterable[str]) -> str:
    first, *others = problems
    return first if not others else f"{first}; and {len(others)} more: {'; '.join(others)}"
