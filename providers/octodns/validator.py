"""`MailAuthValidator`: zonelint's errors as octoDNS's own validation errors.

It runs in `octodns-validate` and in `octodns-sync`::

    validators:
      zonelint:
        class: zonelint.providers.octodns.MailAuthValidator
        config: zonelint.toml            # the default, relative to the working directory
        fail_on: error                   # what stops; else what zonelint.toml says, else error

Errors, or what `fail_on` says, stop the run, through octoDNS's `ValidationError`; `octodns:
{lenient: true}` at a record and `lenient: true` at a zone make them octoDNS's warnings (on
which `octodns-validate` ends with status 1 as well, and `octodns-sync` does not). zonelint's
warnings and advice go to a log of their own, which changes no exit status. octoDNS ends at the
first zone that it refuses: with that zone's errors those of the other zones that are validated
are told at the end, so one run shows everything.
"""

from __future__ import annotations

from logging import getLogger

from octodns.record.validator import ValidationReason
from octodns.zone import Zone as OctodnsZone
from octodns.zone.validator import ZoneValidator

from zonelint.providers.octodns import messages as told

from .check import SUPPLIERS, Check, Checked
from .world import OctodnsWorld, world


class MailAuthValidator(ZoneValidator):  # type: ignore[misc]
    """Judges every zone of octoDNS by the rules that zonelint.toml selects."""

    def __init__(
        self,
        id: str,
        config: str = "zonelint.toml",
        sets: list[str] | None = None,
        fail_on: str | None = None,
    ) -> None:
        super().__init__(id, sets=sets)
        self.log = getLogger(f"MailAuthValidator[{id}]")
        self.check = Check(config, fail_on)
        self._told: set[str] = set()
        for warning in self.check.judge.warnings:
            self.log.warning("%s", warning)

    def validate(self, zone: OctodnsZone) -> list[ValidationReason]:
        """A reason for each error, with its place; everything else goes to the log."""
        around = world(zone)
        checked = self._checked(zone)
        result = checked.result
        wrong = self.check.stopping(result)
        advice = [finding for finding in result.findings if finding not in wrong]
        told.log(self.log, zone.decoded_name, advice, told.undecided(result))
        told.note(zone.name, result)
        self._told.add(zone.name)
        reasons = [
            ValidationReason(told.line(finding), checked.records(finding), validator_id=self.id)
            for finding in wrong
        ]
        reasons += [
            ValidationReason(failure, validator_id=self.id)
            for failure in self.check.failures(result)
        ]
        for origin in around.copies(zone.name):
            reasons += self._of_copy(zone, origin)
        if any(not reason.lenient for reason in reasons) and not around.is_lenient(zone.name):
            self.check.stop(self.id, zone, self.log, self._told, self._judges)
        return reasons

    def _of_copy(self, zone: OctodnsZone, origin: str) -> list[ValidationReason]:
        """What is wrong with a zone that octodns-sync makes as a copy of this one.

        octodns-validate passes over it, and octodns-sync asks again when it has made it.
        """
        around = world(zone)
        if around.is_lenient(origin) or not self._judges(around, origin):
            return []
        copied = OctodnsZone(origin, [], context=zone.context)
        for record in zone.records:
            copied.add_record(record.copy(zone=copied), lenient=True)
        checked = self._checked(copied)
        return [
            ValidationReason(told.line(finding), validator_id=self.id)
            for finding in self.check.stopping(checked.result)
            if not checked.forgives(finding)
        ]

    def _judges(self, around: OctodnsWorld, origin: str) -> bool:
        return self.id not in around.disabled_validators(origin)

    def _checked(self, zone: OctodnsZone) -> Checked:
        """The zone as a sync would have it: with what zonelint's sources and processors add.

        In octodns-validate they do not run; in octodns-sync they have run, and add nothing twice.
        Of what is published of a zone that octodns-sync passes over, nobody can tell.
        """
        around = world(zone)
        suppliers = [s for n in around.suppliers(zone.name) if (s := SUPPLIERS.get(n)) is not None]
        if suppliers:
            zone = zone.copy()
            for supplier in suppliers:
                supplier.supply(zone, lenient=True)
        unread = [name for name in around.sources(zone.name) if name not in SUPPLIERS]
        is_known = not unread and not around.config.left_alone(zone.name)
        return self.check.news(zone, complete=is_known)
