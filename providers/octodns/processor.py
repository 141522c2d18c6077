"""`MailAuthProcessor`: blocks, proposes or applies while octoDNS plans a sync.

::

    processors:
      zonelint:
        class: zonelint.providers.octodns.MailAuthProcessor
        config: zonelint.toml
        mode: apply                      # block (the default), propose, apply
        codes: [DKIM101, SPF210]         # of these rules only
        fail_on: error                   # what stops; else what zonelint.toml says, else error
    zones:
      example.com.:
        sources: [config]
        processors: [zonelint]
        targets: [route53]

block
    Errors of the desired zone stop the run, and so do those of the change itself: a phase of the
    DMARC roll-out that is left out, a selector that goes while mail is still signed with it.
propose
    The log tells what `apply` would add. Nothing is changed, nothing is stopped.
apply
    What the declared domains lack is added to the desired zone, or corrected there. The plan shows
    these records with this processor as their source. Then as `block`.

`--force` is about the size of a plan and does not get around any of it. `lenient` at the
processor, at the zone or at a record turns what would stop the run into a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from logging import Logger, getLogger
from pathlib import Path
from typing import Any

from octodns.processor.base import BaseProcessor
from octodns.provider.plan import Plan
from octodns.zone import Zone as OctodnsZone

from zonelint.grammars.masterfile.reader import MasterZone
from zonelint.grammars.zone import Zone
from zonelint.providers.octodns import messages as told
from zonelint.providers.octodns.messages import Amendment
from zonelint.providers.octodns.yaml.supply import supplied
from zonelint.providers.zonefile.find import FoundFiles
from zonelint.providers.zonefile.reader import Origins, read_file
from zonelint.rules.core.finding import Finding
from zonelint.rules.model.wording import Supply

from .amend import amend
from .check import SUPPLIERS, Check, Checked
from .judge import MailAuthException
from .world import OctodnsWorld, world


class Mode(Enum):
    """What the processor does."""

    BLOCK = "block"
    PROPOSE = "propose"
    APPLY = "apply"


class MailAuthProcessor(BaseProcessor):  # type: ignore[misc]
    """Judges the desired zone and the plan of every zone that it is configured for."""

    def __init__(
        self,
        id: str,
        config: str = "zonelint.toml",
        mode: str = "block",
        codes: Sequence[str] = (),
        lenient: bool = False,
        fail_on: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(id, lenient=lenient, **kwargs)
        self.log = getLogger(f"MailAuthProcessor[{id}]")
        try:
            self.mode = Mode(mode)
        except ValueError:
            raise MailAuthException(
                f'zonelint: the processor {id} has mode "{mode}"; it is block, propose or apply'
            ) from None
        self.check = Check(config, fail_on)
        self.codes = self.check.codes(id, codes)
        self._told: set[str] = set()
        if self.mode is Mode.APPLY:
            SUPPLIERS[id] = self
        for warning in self.check.judge.warnings:
            self.log.warning("%s", warning)

    # -- the desired zone ----------------------------------------------------------------------

    def process_source_zone(
        self, desired: OctodnsZone, sources: Sequence[Any], lenient: bool = False
    ) -> OctodnsZone:
        """Judge the zone that all sources have filled, and change it in mode apply."""
        lenient = self.lenient or lenient
        amendments: list[Amendment] = []
        if self.mode is Mode.APPLY:
            amendments = self._amend(desired, lenient)
            self._tell(amendments, "adds")
        elif self.mode is Mode.PROPOSE:
            amendments = self._amend(desired.copy(), lenient=True)
            self._tell(amendments, "would add")
        checked = self.check.news(desired)
        self._note(checked, amendments)
        self._told.add(desired.name)
        if self.mode is Mode.PROPOSE:
            self._tell_zone(checked, checked.result.findings)
            return desired
        wrong = self.check.stopping(checked.result)
        stopping = [] if lenient else [f for f in wrong if not checked.forgives(f)]
        self._tell_zone(
            checked, [f for f in checked.result.findings if f not in stopping], mildly=True
        )
        self._stop(desired, stopping, self.check.failures(checked.result))
        return desired

    def supply(self, zone: OctodnsZone, *, lenient: bool) -> None:
        """Make the changes of mode apply, as a sync would."""
        self._amend(zone, lenient)

    def _amend(self, zone: OctodnsZone, lenient: bool) -> list[Amendment]:
        return supply(self.check, zone, self.codes, self, self.log, lenient=lenient)

    # -- the plan ------------------------------------------------------------------------------

    def process_plan(
        self, plan: Plan | None, sources: Sequence[Any], target: Any, lenient: bool = False
    ) -> Plan | None:
        """Judge the change from what the target holds to what the plan makes of it."""
        if plan is None or not plan.changes:
            return plan
        after = plan.existing.copy()
        after.context = plan.desired.context
        after.apply(plan.changes)
        stops = self.mode is not Mode.PROPOSE and not (self.lenient or lenient)
        if any(each.templates for each in world(plan.desired).config.handling(plan.desired.name)):
            self._judge_filled(after, stops=stops)
        before = self._before(plan, target)
        if before is None or not self.check.has_mail(before):
            self.log.info(
                "%s: there are no mail records at %s yet, so there is no change to judge",
                plan.desired.decoded_name,
                target.id,
            )
            return plan
        result = self.check.change(plan.desired, before, self.check.model(after, planned=True))
        told.note_change(plan.desired.name, result)
        wrong = self.check.stopping(result)
        told.log(
            self.log,
            plan.desired.decoded_name,
            [f for f in result.findings if not stops or f not in wrong],
            told.undecided(result),
            mildly=self.mode is not Mode.PROPOSE,
        )
        if stops:
            self._stop(plan.desired, wrong, self.check.failures(result))
        return plan

    def _judge_filled(self, zone: OctodnsZone, *, stops: bool) -> None:
        """Judge what templates have become: octoDNS fills them in for each target by itself."""
        checked = self.check.news(zone, planned=True)
        self._note(checked, [])
        wrong = [f for f in self.check.stopping(checked.result) if not checked.forgives(f)]
        stopping = wrong if stops else []
        self._tell_zone(checked, [f for f in checked.result.findings if f not in stopping])
        if stops:
            self._stop(zone, stopping, self.check.failures(checked.result))

    def _before(self, plan: Plan, target: Any) -> Zone | None:
        """The zone as the target holds it; None where it holds none.

        octodns-bind's zone files say of themselves that they hold nothing, for they are always
        written anew: so the file is read here.
        """
        if plan.existing is not None and plan.existing.records:
            return self.check.model(plan.existing, planned=True)
        folder, extension = (getattr(target, n, None) for n in ("directory", "file_extension"))
        if plan.exists is not False or not isinstance(folder, str) or extension is None:
            return None
        file = Path(folder) / f"{plan.desired.name[:-1].replace('/', '-')}{extension}"
        if not file.is_file():
            return None
        read = read_file(FoundFiles(str(file), named=True), Origins(plan.desired.name))
        if not isinstance(read, MasterZone):
            raise MailAuthException(f"zonelint: {read}") from None
        return read

    # -- words ---------------------------------------------------------------------------------

    def _note(self, checked: Checked, amendments: list[Amendment]) -> None:
        told.note(checked.zone.name, checked.result, amendments, applied=self.mode is Mode.APPLY)

    def _tell(self, amendments: Iterable[Amendment], verb: str) -> None:
        for amendment in amendments:
            self.log.info("zonelint %s %s", verb, amendment)

    def _tell_zone(
        self, checked: Checked, findings: Iterable[Finding], *, mildly: bool = False
    ) -> None:
        questions = told.undecided(checked.result)
        told.log(self.log, checked.zone.decoded_name, findings, questions, mildly=mildly)

    def _stop(
        self, zone: OctodnsZone, findings: Sequence[Finding], failures: Sequence[str]
    ) -> None:
        if findings or failures:
            self.check.stop(self.id, zone, self.log, self._told, self._judges)
            lines = [*map(told.line, findings), *failures]
            listed = "".join(f"\n  - {line}" for line in lines)
            raise MailAuthException(
                f'zonelint stops "{zone.decoded_name}", and nothing is applied:{listed}'
            )

    def _judges(self, around: OctodnsWorld, origin: str) -> bool:
        return self.id in around.suppliers(origin) and not around.config.left_alone(origin)


def supply(
    check: Check,
    zone: OctodnsZone,
    codes: tuple[str, ...],
    source: object,
    log: Logger,
    *,
    lenient: bool,
) -> list[Amendment]:
    """Add to a zone what its declared domains lack; `codes`: of what these rules find.

    What would bring a new fault is not added, and told.
    """
    around = world(zone)
    before = check.model(zone)
    made = supplied(
        before,
        Supply("", codes),
        check.judge.settings.intent,
        lambda model: check.judge.zone(model, around.others),
        lambda old, new: check.held_to(zone, old, new),
    )
    for each in made.refused.values():
        log.warning("%s: %s is not applied: %s", zone.decoded_name, each.finding.code, each.reason)
    escaped = any(each.templates for each in around.config.handling(zone.name))
    return amend(zone, before, made.zone, made.codes, source, lenient=lenient, escaped=escaped)
