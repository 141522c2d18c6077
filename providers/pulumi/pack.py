"""The policies of a pack: records are judged before each change, zones when all are known.

A policy has one level of enforcement for all that it says, so what blocks and what only advises
are two policies each. They judge a resource together and once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import Severity as PolicySeverity
from pulumi_policy import policy as sdk

from zonelint.rules.core.finding import Severity
from zonelint.rules.core.rule import Rule

from . import messages
from .before import BeforeError
from .judging import Inputs, Memory, PolicyVerdict, StackJudge, mark
from .remediation import remediated
from .secrets import keep_marks
from .settings import FIRST, SCHEMA, Rulebook, SettingsError, StackSettings

RECORDS = FIRST
RECORDS_ADVICE = "mail-records-advice"
RECORDS_FIX = "mail-records-fix"
ZONES = "mail-zones"
ZONES_ADVICE = "mail-zones-advice"


def policies(
    config: Mapping[str, Any] | str | Path | None = None,
    *,
    rules: Sequence[Rule] | None = None,
) -> list[Policy]:
    """The policies of zonelint, to be put into a `PolicyPack`.

    config: the path of a zonelint.toml (its lock is read, too), a table of the same form, or None.
    rules: the rules to ask instead of all that there are. Raises SettingsError.
    """
    settings = StackSettings(config, rules)
    _listen(settings)
    pack = _Pack(settings, safe=keep_marks())
    return [
        ResourceValidationPolicy(
            name=RECORDS,
            display_name="Mail records: errors",
            description="A DNS record makes mail bounce or its domain spoofable.",
            enforcement_level=EnforcementLevel.MANDATORY,
            severity=PolicySeverity.HIGH,
            config_schema=_schema(),
            remediation_steps="Write the record as the message proposes it.",
            validate=pack.records,
        ),
        ResourceValidationPolicy(
            name=RECORDS_ADVICE,
            display_name="Mail records: advice",
            description="A DNS record could be better for mail, or cannot be judged yet.",
            enforcement_level=EnforcementLevel.ADVISORY,
            severity=PolicySeverity.MEDIUM,
            config_schema=_schema(),
            validate=pack.records_advice,
        ),
        ResourceValidationPolicy(
            name=RECORDS_FIX,
            display_name="Mail records: safe fixes",
            description="Corrects DNS records for mail that have only one right form.",
            enforcement_level=EnforcementLevel.REMEDIATE,
            severity=PolicySeverity.MEDIUM,
            config_schema=_schema(),
            remediate=cast(
                Any, pack.remediate
            ),  # its type asks for an awaitable, its code does not
        ),
        StackValidationPolicy(
            name=ZONES,
            display_name="Mail zones: errors",
            description="The records of a zone together make mail bounce or a domain spoofable.",
            enforcement_level=EnforcementLevel.MANDATORY,
            severity=PolicySeverity.HIGH,
            config_schema=_schema(),
            validate=pack.zones,
        ),
        StackValidationPolicy(
            name=ZONES_ADVICE,
            display_name="Mail zones: advice",
            description="The records of a zone could be better for mail, or cannot be judged yet.",
            enforcement_level=EnforcementLevel.ADVISORY,
            severity=PolicySeverity.MEDIUM,
            config_schema=_schema(),
            validate=pack.zones_advice,
        ),
    ]


def _listen(settings: StackSettings) -> None:
    """Let the settings hear what FIRST is told when the engine configures the pack.

    The SDK shows a policy its own configuration only, FIRST is asked after the remediations, and
    never where it is disabled. Where a later SDK has no such place, it is heard when it is asked.
    """
    servicer = getattr(sdk, "_PolicyAnalyzerServicer", None)
    original = getattr(servicer, "Configure", None)
    if servicer is None or original is None or not hasattr(servicer, "_get_policy_config"):
        return

    def configure(self: Any, request: Any, context: Any) -> Any:
        answer = original(self, request, context)
        settings.hear(self._get_policy_config(FIRST) or {})
        return answer

    servicer.Configure = configure


def _schema() -> PolicyConfigSchema:
    return PolicyConfigSchema(properties={key: dict(value) for key, value in SCHEMA.items()})


class _Pack:
    """What the policies of one pack share."""

    def __init__(self, settings: StackSettings, *, safe: bool) -> None:
        self._settings = settings
        self._safe = safe
        self._judges: dict[int, tuple[Rulebook, StackJudge]] = {}
        self._memory = Memory()
        self._inputs = Inputs()

    def records(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        """Errors of one resource, and failures of the check: they block."""
        try:
            verdict = self._verdict(RECORDS, args)
            if verdict is None:
                return
            self._memory.forget()  # the resource may have been judged before, in another request
            for crash in verdict.crashes:
                report(messages.of_crash(crash), args.urn)
            book = self._judge(RECORDS, args.get_config()).book
            for finding in verdict.findings:
                if book.blocks(finding):
                    self._memory.reported.add(mark(finding))
                    report(messages.of_finding(finding, verdict)[0], args.urn)
            for undecided in verdict.undecided if book.blocks_undecided else ():
                self._memory.reported.add(mark(undecided))
                report(messages.of_undecided(undecided, verdict)[0], args.urn)
        except SettingsError as error:
            report(_unusable(error), args.urn)
        except Exception as error:  # the analyzer must live, and the change must not pass
            report(messages.of_failure(error), args.urn)

    def records_advice(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        """The rest of what there is to say about a resource, what is undecided among it."""
        try:
            verdict = self._verdict(RECORDS_ADVICE, args)
            if verdict is None:
                return
            told = self._memory.reported
            book = self._judge(RECORDS_ADVICE, args.get_config()).book
            for finding in verdict.findings:
                shown = book.infos or finding.severity is not Severity.INFO
                if mark(finding) not in told and shown:
                    report(messages.of_finding(finding, verdict)[0], args.urn)
            for undecided in verdict.undecided:
                if mark(undecided) not in told:
                    report(messages.of_undecided(undecided, verdict)[0], args.urn)
        except SettingsError as error:
            report(_unusable(error), args.urn)
        except Exception as error:  # the blocking policy says so as well
            report(messages.of_failure(error), args.urn)
        finally:
            # The blocking policy may be switched off by the next request: nothing counts as told.
            self._memory.forget()

    def remediate(self, args: ResourceValidationArgs) -> Mapping[str, Any] | None:
        """The resource with its safe fixes; None where it stays as it is."""
        try:
            return remediated(self._judge(RECORDS_FIX, args.get_config()), args)
        except Exception:  # what could not be mended is judged next, and told there
            return None

    def zones(self, args: StackValidationArgs, report: ReportViolation) -> None:
        """Errors of zones, and failures of the check: they block."""
        for blocks, text, urn in self._of_stack(ZONES, args):
            if blocks:
                report(text, urn)

    def zones_advice(self, args: StackValidationArgs, report: ReportViolation) -> None:
        """The rest of what there is to say about zones."""
        for blocks, text, urn in self._of_stack(ZONES_ADVICE, args):
            if not blocks:
                report(text, urn)

    def _of_stack(
        self, policy: str, args: StackValidationArgs
    ) -> Iterator[tuple[bool, str, str | None]]:
        """What there is to say of zones: whether it blocks, the text, the URN."""
        try:
            judge = self._judge(policy, args.get_config())
            book = judge.book
            verdict = self._memory.of_stack(judge, args.resources)
            for crash in verdict.crashes:
                yield True, messages.of_crash(crash), None
            if verdict.before is not None and verdict.before.is_old():
                yield False, messages.of_before(verdict.before), None
            for finding in verdict.findings:
                blocks = book.blocks(finding)
                if blocks or finding.severity is not Severity.INFO or book.infos:
                    yield blocks, *messages.of_finding(finding, verdict)
            for undecided in verdict.undecided:
                yield book.blocks_undecided, *messages.of_undecided(undecided, verdict)
        except (SettingsError, BeforeError) as error:
            yield True, _unusable(error), None
        except Exception as error:  # the analyzer must live, and the change must not pass
            yield True, messages.of_failure(error), None

    def _verdict(self, policy: str, args: ResourceValidationArgs) -> PolicyVerdict | None:
        judge = self._judge(policy, args.get_config())
        kind = judge.kind(args.resource_type)
        read = kind or judge.book.table.zone(args.resource_type)
        if read is not None:
            self._inputs.note(args.urn, read, args.props)
        return None if kind is None else self._memory.verdict(judge, args, kind)

    def _judge(self, policy: str, told: Mapping[str, Any] | None) -> StackJudge:
        book = self._settings.for_policy(policy, told)
        if id(book) not in self._judges:
            judge = StackJudge(book, safe=self._safe, inputs=self._inputs)
            self._judges[id(book)] = (book, judge)
        return self._judges[id(book)][1]


def _unusable(error: SettingsError | BeforeError) -> str:
    return f"The configuration of zonelint cannot be used, so nothing was checked:\n{error}"
