"""What validator, processor and source have in common: a zone of octoDNS read, judged, told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from logging import Logger
from typing import Protocol
from weakref import WeakValueDictionary

from octodns.record import Record as OctodnsRecord
from octodns.zone import Zone as OctodnsZone

from zonelint.grammars.listing import firsts, grouped
from zonelint.grammars.zone import Zone, nearest
from zonelint.providers.octodns import messages as told
from zonelint.providers.octodns.yaml.options import FAIL_ON, unknown_code
from zonelint.providers.octodns.yaml.record import OctoRecord
from zonelint.providers.octodns.yaml.zone import OctoZone
from zonelint.rules.core.engine import Result
from zonelint.rules.core.finding import FailOn, Finding
from zonelint.rules.model.repository import Repository, RunZone

from . import ending
from .judge import MailAuthException, OctodnsJudge, judge
from .synczone import convert, type_of
from .world import OctodnsWorld, world

Judges = Callable[[OctodnsWorld, str], bool]


class Supplier(Protocol):
    """A source or a processor of zonelint that adds records to zones when octoDNS syncs."""

    def supply(self, zone: OctodnsZone, *, lenient: bool) -> None:
        """Add to the zone what the sync would add."""


SUPPLIERS: WeakValueDictionary[str, Supplier] = WeakValueDictionary()
"""The sources and processors of this run, by their ids in octoDNS's configuration."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A zone of octoDNS, as the rules read it, and what they say."""

    zone: OctodnsZone
    result: Result

    def records(self, finding: Finding) -> set[OctodnsRecord]:
        """The octoDNS records that a finding is about: their `lenient` counts."""
        name = self.zone.hostname_from_fqdn(finding.owner)
        return {r for r in self.zone.get(name) if type_of(r) == finding.type}

    def forgives(self, finding: Finding) -> bool:
        """Whether every record that a finding is about is lenient."""
        records = self.records(finding)
        return bool(records) and all(record.lenient for record in records)


class Check:
    """Reads and judges zones of octoDNS with one zonelint.toml.

    octoDNS makes all its validators, processors and sources before it comes to the first zone.
    """

    def __init__(self, config: str, fail_on: str | None = None) -> None:
        self.judge: OctodnsJudge = judge(config)
        intent = self.judge.settings.intent
        self._fail_on = FailOn.ERROR if intent is None else intent.stop_on
        if fail_on is not None:
            try:
                self._fail_on = FailOn(fail_on)
            except ValueError:
                words = ", ".join(FAIL_ON)
                raise MailAuthException(
                    f'zonelint: fail_on is "{fail_on}"; it is one of {words}'
                ) from None
        ending.begin()
        told.begin()

    def codes(self, id: str, codes: Sequence[str] | str) -> tuple[str, ...]:
        """The codes of octoDNS's configuration, a list or one. MailAuthException for a bad one."""
        words = [str(code).upper() for code in ([codes] if isinstance(codes, str) else codes)]
        unknown = unknown_code(words)
        if unknown is not None:
            word, meant = unknown
            hint = f"; did you mean {meant}?" if meant else ""
            raise MailAuthException(
                f'zonelint: {id} has the code "{word}", but no rule with it makes changes{hint}'
            )
        return tuple(words)

    def stopping(self, result: Result) -> list[Finding]:
        """The findings that stop a run."""
        return [finding for finding in result.findings if self._fail_on.fails(finding.severity)]

    def failures(self, result: Result) -> list[str]:
        """What else stops it: rules that failed, and what is undecided where that counts."""
        open = told.undecided(result) if self._fail_on is FailOn.UNDECIDED else []
        return [*told.failures(result), *open]

    def model(self, zone: OctodnsZone, *, planned: bool = False) -> Zone:
        """The zone as the rules read it. planned: octoDNS's processors have done all they do."""
        around = world(zone)
        deployed = {
            record.source.id
            for record in zone.records
            if record.source is not None and around.is_deployed(record.source.id, zone.name)
        }
        known = around.zones.get(zone.name)
        processors = () if planned else around.config.handling(zone.name)
        return convert(zone, known, deployed, processors)

    def news(self, zone: OctodnsZone, *, complete: bool = True, planned: bool = False) -> Checked:
        """Judge what each target of a zone gets, and leave out what the baseline knows."""
        around = world(zone)
        parts = {
            targets: self._part(part, complete=complete, planned=planned)
            for targets, part in _by_targets(zone, around.config.targets_of(zone.name))
        }
        targets = around.config.targets_of(zone.name)
        result = _together(self.judge.parts(parts, around.others, targets))
        findings = list(self.judge.new(result.findings))
        return Checked(zone, replace(result, findings=findings))

    def zone(self, zone: OctodnsZone) -> Checked:
        """Judge a zone as octoDNS holds it."""
        return Checked(zone, self.judge.zone(self.model(zone), world(zone).others))

    def _part(self, zone: OctodnsZone, *, complete: bool, planned: bool) -> Zone:
        """The zone as the rules read it. complete: whether all its sources are in it."""
        model = self.model(zone, planned=planned)
        if planned:
            # What a filter has taken stands at the target, whatever that is.
            for each in world(zone).config.handling(zone.name):
                each.note(model)
        model.complete = model.complete and complete
        return model

    def change(self, zone: OctodnsZone, before: Zone, after: Zone) -> Result:
        """Judge the change of a zone."""
        return self.judge.change(before, after, world(zone).others)

    def held_to(self, zone: OctodnsZone, before: Zone, after: Zone) -> Result:
        """Judge a change of a zone by all that it is held to before it is made."""
        return self.judge.held_to(before, after, world(zone).others)

    def has_mail(self, zone: Zone) -> bool:
        """Whether a zone has any record about mail: what it does not serve cannot be broken."""
        (found,) = Repository([RunZone(zone)]).zones
        return bool(found.spf or found.dmarc or found.keys or any(zone.of_type("MX")))

    def stop(self, id: str, zone: OctodnsZone, log: Logger, seen: set[str], judges: Judges) -> None:
        """Note that this zone is refused, and tell at the end what octoDNS did not come to.

        seen: the zones that it came to, more until then.
        judges: whether a zone, by its name, is judged by the one with this `id` at all.
        """
        ending.stop(id, lambda: self._report_others(world(zone), log, seen, judges))

    def _report_others(
        self, around: OctodnsWorld, log: Logger, seen: set[str], judges: Judges
    ) -> None:
        zones = around.zones
        left = {origin for origin in zones.keys() - seen if judges(around, origin)}
        if not left:
            return
        result = self.judge.all(zones.values())
        wrong = self.stopping(replace(result, findings=list(self.judge.new(result.findings))))
        for origin in sorted(left):
            mine = [each for each in wrong if nearest(each.owner, zones) == origin]
            told.note(origin, replace(result, findings=mine, undecided=[]))
            for finding in mine:
                mild = around.is_lenient(origin) or _is_forgiven(zones[origin], finding)
                told.log(log, origin, [finding], (), mildly=mild)


def _by_targets(zone: OctodnsZone, targets: Iterable[str]) -> Iterator[tuple[str, OctodnsZone]]:
    """What the targets of a zone get of it: those that get the same together, by their ids."""
    partial = [record for record in zone.records if record.included or record.excluded]
    alike = grouped(
        (frozenset(record for record in partial if not _gets(target, record)), target)
        for target in (dict.fromkeys(targets) if partial else ())
    )
    for kept, names in alike.items():
        part = zone.copy()
        for record in kept:
            part.remove_record(record)
        yield ", ".join(names), part
    if not alike:
        yield "", zone


def _gets(target: str, record: OctodnsRecord) -> bool:
    """Whether octoDNS writes a record to a target, by its id."""
    return (not record.included or target in record.included) and target not in record.excluded


def _together(result: Result) -> Result:
    """What was found for each of the targets, once."""
    found = firsts((told.line(finding), finding) for finding in result.findings)
    return replace(
        result,
        findings=list(found.values()),
        undecided=list(dict.fromkeys(result.undecided)),
        crashes=list(dict.fromkeys(result.crashes)),
    )


def _is_forgiven(zone: OctoZone, finding: Finding) -> bool:
    rrset = zone.get(finding.owner, finding.type)
    entries = [record.entry for record in rrset or () if isinstance(record, OctoRecord)]
    return bool(entries) and all(entry.lenient for entry in entries)
