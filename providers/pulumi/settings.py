"""What the policies of a pack go by: zonelint.toml, and what the policies themselves are told."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from zonelint.grammars.nearmiss import near_miss
from zonelint.providers.project.project import Project
from zonelint.providers.project.refused import ConfigRefused
from zonelint.rules.config.intent import Intent
from zonelint.rules.core import registry
from zonelint.rules.core.finding import FailOn, Finding
from zonelint.rules.core.rule import Rule
from zonelint.rules.model.settings import Settings

from ..resources.table import ResourceTable, TableError, table_for
from .before import BeforeError, StackBefore, read_before

FIRST = "mail-records"
"""The policy of a pack that is asked first; the others take over what it is told."""
OFF = "off"
SCHEMA: dict[str, dict[str, Any]] = {
    "severity": {
        "type": "object",
        "description": "Severity by rule code or the beginning of one, as in "
        '{"SPF203": "error", "ZONE": "off"}: error blocks, warning is shown, info is not.',
        "additionalProperties": {"type": "string", "enum": ["error", "warning", "info", OFF]},
    },
    "senders": {
        "type": "object",
        "description": "The services that send, by domain: "
        '{"example.com": ["microsoft365", "mailgun"]}.',
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    },
    "phase": {
        "type": "object",
        "description": "The DMARC policy that the roll-out leads to, by domain.",
        "additionalProperties": {"type": "string", "enum": ["none", "quarantine", "reject"]},
    },
    "zones": {
        "type": "object",
        "description": "Names of zones by their id, where the stack does not show them.",
        "additionalProperties": {"type": "string"},
    },
    "fail-on": {
        "type": "string",
        "description": "What blocks: findings from a severity on, with undecided also what could "
        "not be decided. Otherwise what zonelint.toml says, else errors.",
        "enum": [each.value for each in FailOn],
    },
    "infos": {
        "type": "boolean",
        "description": "Show findings of severity info; by default they are hidden.",
    },
}
"""The configuration that each policy of the pack takes, as JSON schema.

It has no defaults: the engine would fill them in, and every policy would be told something.
"""


_TOLD = "The policy configuration"
_IN_FRONT = {
    "severity": "a rule code",
    "senders": "a domain",
    "phase": "a domain",
    "zones": "an id",
}


class SettingsError(Exception):
    """A configuration that cannot be used. messages: one sentence each."""

    def __init__(self, messages: Sequence[str]) -> None:
        self.messages = tuple(messages)
        super().__init__("\n".join(messages))


@dataclass(frozen=True, slots=True)
class Rulebook:
    """One configuration, read: what holds for the zones of the stack, and the resource types.

    rules: all that the settings select from.
    """

    rules: Sequence[Rule]
    settings: Settings
    intent: Intent
    table: ResourceTable
    infos: bool = False
    before: StackBefore | None = None

    def blocks(self, finding: Finding) -> bool:
        """Whether a finding is one that stops a deployment."""
        return self.intent.stop_on.fails(finding.severity)

    @property
    def blocks_undecided(self) -> bool:
        return self.intent.stop_on is FailOn.UNDECIDED


class StackSettings:
    """The configuration of a pack; each policy may add its own to it.

    What is told to FIRST holds for the others that are told nothing.
    """

    def __init__(
        self,
        config: Mapping[str, Any] | str | Path | None = None,
        rules: Sequence[Rule] | None = None,
    ) -> None:
        """The settings of a file, a table that is read already, or none. Raises SettingsError."""
        self._rules = registry.rules() if rules is None else rules
        codes = [rule.code for rule in self._rules]
        self._lock = threading.Lock()
        self._told: dict[str, Any] = {}
        self._books: dict[str, Rulebook] = {}
        self._usual, self._folder = Settings(), Path()
        if config is None or isinstance(config, Mapping):
            self._project = Project(codes=codes)
            self._table, self._path = dict(config or {}), "the pack's configuration"
            return
        self._project, self._path = Project(config=Path(config), codes=codes), str(config)
        try:
            held = self._project.configuration_at(Path.cwd())
            reports = held.read_reports()
            evidence = None if reports is None else reports.proof
            self._usual = Settings(outside=held.outside, evidence=evidence, files=held.policies)
            self._table, self._folder = held.table, held.folder
        except ConfigRefused as error:
            raise SettingsError(error.messages) from None

    def hear(self, told: Mapping[str, Any]) -> None:
        """Take what FIRST is told; it may be asked late, or never."""
        with self._lock:
            self._told = dict(told)

    def for_policy(self, name: str, told: Mapping[str, Any] | None) -> Rulebook:
        """What holds for one policy with the configuration it was given. Raises SettingsError."""
        with self._lock:
            if name == FIRST:
                self._told = dict(told or {})
            told = told or self._told
            key = json.dumps(told, sort_keys=True, default=str)
            if key not in self._books:
                self._books[key] = self._book(dict(told))
            return self._books[key]

    def _book(self, told: dict[str, Any]) -> Rulebook:
        for key in told:
            if key not in SCHEMA:
                near = near_miss(key, SCHEMA)
                guess = f'; did you mean "{near}"?' if near else f"; known are {', '.join(SCHEMA)}"
                raise SettingsError([f'{_TOLD} has an unknown key "{key}"{guess}'])
        _check_forms(told)
        # What is wrong in the file itself is told before any policy is asked.
        path = _TOLD if told else self._path
        try:
            held = self._project.of_table(_joined(self._table, told), path)
            intent = held.intent
            assert intent is not None, "a table declares something"
            table = table_for(intent.resources)
        except ConfigRefused as error:
            raise SettingsError(error.messages) from None
        except TableError as error:
            raise SettingsError([f"{path}: {text}" for text in error.messages]) from None
        settings = replace(self._usual, intent=intent, selection=held.selection())
        before = self._state_before(intent)
        return Rulebook(self._rules, settings, intent, table, told.get("infos", False), before)

    def _state_before(self, intent: Intent) -> StackBefore | None:
        """What `[pulumi] before` names. Raises SettingsError."""
        shown = intent.pulumi_before
        if shown is None:
            return None
        try:
            return read_before(self._folder / shown, shown, intent)
        except BeforeError as error:
            raise SettingsError([str(error)]) from None


def _check_forms(told: Mapping[str, Any]) -> None:
    """Raises SettingsError for a key whose value has not even the form of its schema."""
    for key, value in told.items():
        if SCHEMA[key]["type"] == "boolean":
            if not isinstance(value, bool):
                raise SettingsError([f'{_TOLD}: "{key}" has to be true or false'])
        elif SCHEMA[key]["type"] == "string":
            if value not in SCHEMA[key]["enum"]:
                words = ", ".join(SCHEMA[key]["enum"])
                raise SettingsError([f'{_TOLD}: "{key}" has to be one of {words}'])
        elif not isinstance(value, Mapping):
            what = _IN_FRONT[key]
            raise SettingsError(
                [f'{_TOLD}: "{key}" has to be an object with {what} in front of each value']
            )


def _joined(base: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """The file's table with what a policy is told put over it."""
    table: dict[str, Any] = copy.deepcopy(dict(base))
    severity = told.get("severity", {})
    off = [code for code, word in severity.items() if word == OFF]
    table["ignore"] = [*table.get("ignore", []), *off]
    kept = {code: word for code, word in severity.items() if word != OFF}
    table["severity"] = {**table.get("severity", {}), **kept}
    if "fail-on" in told:
        table["fail-on"] = told["fail-on"]
    senders, phases = told.get("senders", {}), told.get("phase", {})
    for domain in dict.fromkeys((*senders, *phases)):
        held = table.setdefault("domains", {}).setdefault(domain, {})
        if domain in senders:
            held["senders"] = senders[domain]
        if domain in phases:
            held.setdefault("dmarc", {})["target"] = phases[domain]
    if told.get("zones"):
        resources = table.setdefault("resources", {})
        resources["zones"] = {**resources.get("zones", {}), **told["zones"]}
    return table
