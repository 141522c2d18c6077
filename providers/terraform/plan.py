"""Plans of Terraform and OpenTofu into zones, before and after: `terraform show -json tfplan`.

Before and after stand in one plan, so what a change does can be judged without Git. A value that
is known only after apply is not guessed, and one that is sensitive is never shown.

The format is that of https://developer.hashicorp.com/terraform/internals/json-format: minor
versions add to it, a new major version changes it, so one that is not known is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from zonelint.providers.documents import decoded, table_in, tables_in
from zonelint.providers.files import DISK, Files, TooLarge, reason_of
from zonelint.providers.resources.kinds import ResourceWorld
from zonelint.providers.resources.named_zone import NamedZone, zones_of
from zonelint.providers.resources.plans import LARGEST_PLAN, Plan, PlanError, declared, pair
from zonelint.providers.resources.reading import Resource
from zonelint.providers.resources.table import ResourceTable
from zonelint.providers.resources.unread import (
    holds_mail_record,
    may_matter,
    report_missing,
    report_unread,
)
from zonelint.providers.resources.values import UNKNOWN, Hidden
from zonelint.providers.resources.zones import assemble, known_zones
from zonelint.providers.terraform.references import References
from zonelint.rules.config.intent import Intent

_TOO_LARGE = f"This plan is larger than {LARGEST_PLAN >> 20} MiB: not read."
_MAJOR = (0, 1)
_VERSION = re.compile(r"([0-9]{1,4})\.[0-9]{1,6}")
_HOW = "Make it with `terraform show -json tfplan > plan.json`."


def octets_of(path: str, files: Files = DISK) -> bytes:
    """The octets of a plan's file. Raises PlanError."""
    try:
        return files.read(path, LARGEST_PLAN)
    except TooLarge:
        raise PlanError(_TOO_LARGE) from None
    except OSError as error:
        raise PlanError(f"This file cannot be read: {reason_of(error)}.") from None


def read(data: bytes | str, path: str, intent: Intent | None = None, taken: int = 0) -> Plan:
    """The plan that a text in JSON is. Raises PlanError.

    `path` is what messages call it; `taken` is the number of stand-ins for zones that other
    plans of the run have.
    """
    return read_document(load(data), path, intent, taken)


def load(data: bytes | str) -> object:
    """The JSON of a text. Raises PlanError."""
    if len(data) > LARGEST_PLAN:
        raise PlanError(_TOO_LARGE)
    return _json(data)


def read_document(
    document: object, path: str, intent: Intent | None = None, taken: int = 0
) -> Plan:
    """The plan that a document in JSON is; see `read`. Raises PlanError."""
    plan = _plan_of(document)
    table, domains = declared(intent)
    try:
        return _Reader(plan, table, path, domains).read(taken)
    except RecursionError:
        raise PlanError("Tables or lists are nested too deeply in this plan: not read.") from None


def _plan_of(plan: object) -> dict[str, Any]:
    if not isinstance(plan, dict) or "format_version" not in plan:
        if isinstance(plan, dict) and "@level" in plan:
            raise PlanError(f"This is the log of `terraform plan -json`, not a plan. {_HOW}")
        if isinstance(plan, dict) and {"lineage", "serial"} <= plan.keys():
            raise PlanError(
                "This is a state file, which holds no change. To check what exists, create a "
                "state in the documented format with `terraform show -json > state.json`."
            )
        raise PlanError(f"This is JSON, but not a plan of Terraform or OpenTofu. {_HOW}")
    version = plan["format_version"]
    found = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if found is None:
        raise PlanError(f"The plan's format_version is not a version such as 1.2. {_HOW}")
    if int(found[1]) not in _MAJOR:
        raise PlanError(
            f"The plan has format version {version}, and zonelint reads the versions 0 and 1. Use "
            "a zonelint as recent as your Terraform."
        )
    return plan


def _json(data: bytes | str) -> object:
    try:
        text = decoded(data)
        if not text.strip():
            raise PlanError(f"This file is empty. {_HOW}")
        return json.loads(text)
    except UnicodeDecodeError:
        raise PlanError("This text is neither UTF-8 nor UTF-16, so it is not JSON.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string"):
            raise PlanError(f"This JSON is truncated at {where}. Create it again.") from None
        first = error.doc[: error.pos]
        if error.msg == "Extra data" and '"@level"' in first:
            raise PlanError(
                f"This is the log of `terraform plan -json`, not a plan. {_HOW}"
            ) from None
        raise PlanError(f"This is not JSON from {where} on. {_HOW}") from None
    except RecursionError:
        raise PlanError("Tables or lists are nested too deeply in this JSON: not read.") from None
    except ValueError:
        raise PlanError("This JSON contains a number with thousands of digits: not read.") from None


@dataclass(frozen=True, slots=True)
class _Instance:
    """One resource instance: its values before and after, None where there is none."""

    address: str
    module: str
    mode: str
    type: str
    name: str
    index: object
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(slots=True)
class _Reader:
    plan: Mapping[str, Any]
    table: ResourceTable
    path: str
    domains: Sequence[str]
    problems: list[str] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)

    def read(self, taken: int) -> Plan:
        instances = list(self._instances())
        zones = [each for each in instances if self.table.zone(each.type) is not None]
        zones += self._looked_up({each.address for each in zones})
        records = [
            each
            for each in instances
            if each.mode == "managed" and self.table.record(each.type) is not None
        ]
        left_out = list(self._left_out())
        records += left_out
        references = References(self.plan, self.table)
        made: list[NamedZone] = []
        referred: list[NamedZone] = []
        destroyed: set[str] = set()
        for each in zones:
            for zone in self._named_by(each):
                references.add(each.module, each.mode, each.type, each.name, each.index, zone)
                own = each.mode == "managed" and each.after is not None
                (made if own else referred).append(zone)
                if each.mode == "managed" and each.after is None:
                    destroyed.add(zone.name)
        is_whole = not left_out and not self._is_part()
        known = known_zones(
            made, referred, self.table, self.domains, is_whole=is_whole, taken=taken
        )
        if self.plan.get("errored") is True:
            self.problems.append(
                "Planning failed, so this plan does not hold all changes. Repair the "
                "configuration and plan again."
            )
        after = assemble(self._resources(records, "after", references), known, self.path)
        before = assemble(self._resources(records, "before", references), known, self.path)
        pair(after, before, destroyed, known, self.path)
        after += report_unread(self.unread, self.path)
        after += report_missing(self._missing(), self.path)
        return Plan(after, before, self.problems)

    def _resources(
        self, records: Iterable[_Instance], side: str, references: References
    ) -> Iterator[Resource]:
        for each in records:
            values = each.after if side == "after" else each.before
            kind = self.table.record(each.type)
            if values is None or kind is None:
                continue
            of = partial(references.zone_of, each.module, each.type, each.name, each.index)
            names = kind.zone_properties(ResourceWorld.TERRAFORM)
            zone = next(filter(None, map(of, names)), None)
            yield Resource(each.address, kind, ResourceWorld.TERRAFORM, values, zone)

    # -- zones ---------------------------------------------------------------------------------

    def _named_by(self, instance: _Instance) -> list[NamedZone]:
        """The zones that a resource or a data source tells of."""
        kind = self.table.zone(instance.type)
        assert kind is not None, "only zones are asked for their names"
        sides = [values for values in (instance.after, instance.before) if values is not None]
        zones = [
            zone for values in sides for zone in zones_of(kind, ResourceWorld.TERRAFORM, values)
        ]
        found: dict[str, NamedZone] = {}
        for zone in zones:  # an id may be known before only, or after
            known = found.setdefault(zone.name, zone)
            found[zone.name] = replace(known, ids=tuple(dict.fromkeys((*known.ids, *zone.ids))))
        return list(found.values())

    def _looked_up(self, seen: set[str]) -> Iterator[_Instance]:
        """Zones that only stand in the state or the planned values: data sources, above all."""
        prior = table_in(self.plan.get("prior_state")).get("values")
        for values in (prior, self.plan.get("planned_values")):
            for module, resource in self._walk(values):
                if self.table.zone(str(resource.get("type"))) is None:
                    continue
                address = str(resource.get("address"))
                if address not in seen:
                    seen.add(address)
                    yield _instance(module, resource, None, _values(resource))

    def _is_part(self) -> bool:
        """Whether the plan is that of some resources only, or says of itself that it lacks some.

        OpenTofu does not say so: there a resource of the configuration without an instance tells.
        """
        plan = self.plan
        is_whole = plan.get("complete") is not False and plan.get("errored") is not True
        if not is_whole or plan.get("deferred_changes"):
            return True
        changes = plan.get("resource_changes")
        if not isinstance(changes, list):
            return False
        planned = {
            ".".join(str(each[key]) for key in ("module_address", "type", "name") if each.get(key))
            for each in tables_in(changes)
        }
        return any(address not in planned for address in self._configured())

    def _missing(self) -> Iterator[str]:
        """What the plan leaves for a later one, in words."""
        deferred = self.plan.get("deferred_changes")
        found = False
        for each in deferred if isinstance(deferred, list) else ():
            change = table_in(each).get("resource_change")
            if not isinstance(change, dict):
                found = True
                yield "a deferred change that cannot be read"
            elif self._is_deferred_record(change):
                found = True
                why = each.get("reason")
                reason = f" ({why})" if isinstance(why, str) else ""
                yield f"{change.get('address')}, which is deferred to a later plan{reason}"
        if self.plan.get("complete") is False and not found:
            yield "the changes that this plan lacks, as it says that it is not complete"

    def _is_deferred_record(self, change: Mapping[str, Any]) -> bool:
        type, after = str(change.get("type")), table_in(change.get("change")).get("after")
        ours = self.table.knows(type) or (may_matter(type) and holds_mail_record(after))
        return ours and change.get("mode") != "data"

    def _configured(self) -> Iterator[str]:
        """The addresses of the configuration's resources that have exactly one instance each."""
        root = table_in(table_in(self.plan.get("configuration")).get("root_module"))
        waiting = [("", root)]
        while waiting:
            prefix, module = waiting.pop()
            for each in tables_in(module.get("resources")):
                if each.get("mode") == "managed" and _is_single(each):
                    yield f"{prefix}{each.get('type')}.{each.get('name')}"
            for name, call in table_in(module.get("module_calls")).items():
                if isinstance(call, dict) and _is_single(call):
                    waiting.append((f"{prefix}module.{name}.", table_in(call.get("module"))))

    def _left_out(self) -> Iterator[_Instance]:
        """The records of the state of which the plan says nothing: that of some resources only.

        They stay as they are (`-target`).
        """
        changes = self.plan.get("resource_changes")
        if not isinstance(changes, list):
            return
        addresses = {
            each.get(key)
            for each in tables_in(changes)
            for key in ("address", "previous_address")
            if isinstance(each.get(key), str)
        }
        prior = table_in(self.plan.get("prior_state")).get("values")
        for module, resource in self._walk(prior):
            if (
                resource.get("mode") == "managed"
                and self.table.record(str(resource.get("type"))) is not None
                and resource.get("address") not in addresses
            ):
                values = _values(resource)
                yield _instance(module, resource, values, values)

    # -- resources -----------------------------------------------------------------------------

    def _instances(self) -> Iterator[_Instance]:
        changes = self.plan.get("resource_changes")
        if changes is None:
            yield from self._from_values()
            return
        if not isinstance(changes, list):
            self.problems.append("The plan's resource_changes is not a list, so nothing was read.")
            return
        for number, change in enumerate(changes):
            where = f"resource_changes[{number}]"
            if not isinstance(change, dict):
                self.problems.append(f"{where} is not an object, so it was not read.")
                continue
            type = change.get("type")
            if not isinstance(type, str) or "deposed" in change:
                continue
            if self.table.knows(type):
                yield from self._from_change(change, where)
            elif change.get("mode") != "data":
                self._note(type, change, table_in(change.get("change")).get("after"))

    def _note(self, type: str, resource: Mapping[str, Any], values: object) -> None:
        if may_matter(type) and holds_mail_record(values):
            self.unread.append((type, str(resource.get("address"))))

    def _from_change(self, change: Mapping[str, Any], where: str) -> Iterator[_Instance]:
        address = change.get("address")
        place = address if isinstance(address, str) else where
        inner = change.get("change")
        if not isinstance(address, str) or not isinstance(inner, dict):
            self.problems.append(f"{place} has no address or no change, so it was not read.")
            return
        before, after = inner.get("before"), inner.get("after")
        if not isinstance(before, dict | None) or not isinstance(after, dict | None):
            self.problems.append(f"{place}: before or after is not an object, so it was not read.")
            return
        actions = inner.get("actions")
        if not isinstance(actions, list):
            self.problems.append(f"{place}: the change has no list of actions: it was not read.")
            return
        if before is not None:
            before = merged(before, None, inner.get("before_sensitive"))
        if after is not None or inner.get("after_unknown") is True:
            after = merged(after or {}, inner.get("after_unknown"), inner.get("after_sensitive"))
        if actions == ["forget"]:  # Terraform lets go of it, and it stays where it is
            after = before
        module = change.get("module_address")
        yield _instance(module if isinstance(module, str) else "", change, before, after)

    def _from_values(self) -> Iterator[_Instance]:
        """A plan or a state without changes: what is there is what there will be."""
        values = self.plan.get("planned_values", self.plan.get("values"))
        if not isinstance(values, dict):
            self.problems.append(f"The file contains no changes and no values. {_HOW}")
            return
        for module, resource in self._walk(values):
            type = str(resource.get("type"))
            if resource.get("mode") == "data":
                continue
            if self.table.knows(type):
                found = _values(resource)
                yield _instance(module, resource, found, found)
            else:
                self._note(type, resource, resource.get("values"))

    def _walk(self, values: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Every resource of a values representation, with the address of its module."""
        waiting = [("", table_in(table_in(values).get("root_module")))]
        while waiting:
            address, module = waiting.pop()
            for resource in tables_in(module.get("resources")):
                yield address, resource
            children = tables_in(module.get("child_modules"))
            waiting += [(str(child.get("address", "")), child) for child in children]


def _is_single(block: Mapping[str, Any]) -> bool:
    """Whether a resource or a module call of the configuration is there once, not by a number."""
    return "count_expression" not in block and "for_each_expression" not in block


def _values(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    values = table_in(resource.get("values"))
    return table_in(merged(values, None, resource.get("sensitive_values")))


def _instance(module: str, resource: Mapping[str, Any], before: Any, after: Any) -> _Instance:
    return _Instance(
        address=str(resource.get("address")),
        module=module,
        mode=str(resource.get("mode", "managed")),
        type=str(resource.get("type")),
        name=str(resource.get("name")),
        index=resource.get("index"),
        before=before if isinstance(before, Mapping) else None,
        after=after if isinstance(after, Mapping) else None,
    )


def merged(value: Any, unknown: Any, sensitive: Any) -> Any:
    """The value with what is unknown and what is sensitive marked inside it.

    `unknown` and `sensitive` have the value's form, true where a leaf is so.
    """
    if unknown is True:
        return UNKNOWN
    inside = None if sensitive is True else sensitive
    found: Any = value
    if isinstance(value, dict) or (value is None and isinstance(unknown, dict)):
        table = value or {}
        keys = {**table, **table_in(unknown)}
        found = {key: merged(table.get(key), _at(unknown, key), _at(inside, key)) for key in keys}
    elif isinstance(value, list) or (value is None and isinstance(unknown, list)):
        elements = value or []
        length = max(len(elements), len(unknown) if isinstance(unknown, list) else 0)
        found = [merged(_at(elements, n), _at(unknown, n), _at(inside, n)) for n in range(length)]
    if sensitive is True and isinstance(found, dict):
        # A whole resource that is sensitive: each of its properties is.
        return {key: Hidden(inner) for key, inner in found.items()}
    return Hidden(found) if sensitive is True and found is not None else found


def _at(tree: Any, key: str | int) -> Any:
    if isinstance(tree, dict) and isinstance(key, str):
        return tree.get(key)
    if isinstance(tree, list) and isinstance(key, int) and key < len(tree):
        return tree[key]
    return None
