"""How mail records become resources of a provider.

The resources are declared by their type and properties, as the table of resource types has them,
so no provider's SDK is needed in Python; the provider's plugin is, as for any resource.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi

from zonelint.grammars.rdata import split_octets
from zonelint.grammars.zone import relative
from zonelint.providers.project.project import Project
from zonelint.providers.project.refused import ConfigRefused

from ..resources.kinds import RecordKind, Targets, ValueForm
from ..resources.table import ResourceTable, TableError, shipped, table_for
from ..resources.texts import Style, write
from .declaration import MailRecord, applied

RecordFactory = Callable[[str, MailRecord, pulumi.ResourceOptions], object]
"""Makes the resources of one MailRecord, with a name that stays and the options of a child."""


def route53(zone_id: pulumi.Input[str], **properties: Any) -> RecordFactory:
    """Records in Amazon Route 53. properties: more of `aws:route53/record:Record`."""
    return records_of("route53", {"zoneId": zone_id, **properties})


def cloudflare(zone_id: pulumi.Input[str], **properties: Any) -> RecordFactory:
    """Records in Cloudflare. properties: more of `cloudflare:index/dnsRecord:DnsRecord`."""
    return records_of("cloudflare", {"zoneId": zone_id, **properties})


def google(managed_zone: pulumi.Input[str], **properties: Any) -> RecordFactory:
    """Records in Google Cloud DNS. properties: more of `gcp:dns/recordSet:RecordSet`."""
    return records_of("google", {"managedZone": managed_zone, **properties})


def azure(
    resource_group: pulumi.Input[str], zone_name: pulumi.Input[str], **properties: Any
) -> RecordFactory:
    """Records in Azure DNS. properties: more of `azure-native:dns:RecordSet`."""
    place = {"resourceGroupName": resource_group, "zoneName": zone_name}
    return records_of("azure-native", {**place, **properties})


def records_of(
    kind: str, properties: Mapping[str, Any], *, config: str | Path | None = None
) -> RecordFactory:
    """Records in any provider of the table.

    kind: the table's name for the type; where a provider has a type for each record type, for any
      of them.
    properties: what each resource has beside its name, type, TTL and values: the zone, above all.
    config: the zonelint.toml with types of your own. Raises ValueError for a kind that there is
      not.
    """
    kinds = _kinds(kind, shipped() if config is None else _table_of(Path(config)))

    def make(name: str, record: MailRecord, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        known = kinds[record.type]
        return [
            pulumi.CustomResource(known.tokens[0], each, {**properties, **props}, opts)
            for each, props in properties_of(known, name, record)
        ]

    return make


_TYPES = ("TXT", "CNAME", "MX")
"""The types of all mail records."""


def _table_of(config: Path) -> ResourceTable:
    """The table with the types of a configuration. Raises ValueError."""
    try:
        intent = Project(config=config).configuration_at(Path.cwd()).intent
        return table_for(None if intent is None else intent.resources)
    except (ConfigRefused, TableError) as error:
        raise ValueError("; ".join(map(str, error.messages))) from None


def _kinds(id: str, table: ResourceTable) -> dict[str, RecordKind]:
    """The kind of resource for each type of record. One that holds the whole zone is none."""
    all_kinds = {kind.id: kind for kind in table.records.values() if kind.tokens}
    known = {name: kind for name, kind in all_kinds.items() if kind.inside is None}
    if id in all_kinds and id not in known:
        raise ValueError(
            f'"{id}" holds all records of a zone in one resource, so those of mail cannot be made '
            "beside others"
        )
    if id not in known:
        raise ValueError(
            f'"{id}" is not a kind of resource in Pulumi; known are {", ".join(known)}'
        )
    if known[id].fixed_type is None:
        return dict.fromkeys(_TYPES, known[id])
    family = [kind for kind in known.values() if kind.provider == known[id].provider]
    return {kind.fixed_type: kind for kind in family if kind.fixed_type is not None}


def properties_of(
    kind: RecordKind, name: str, record: MailRecord
) -> Sequence[tuple[str, dict[str, Any]]]:
    """The names and properties of the resources: one, or one a value where they hold no list."""
    form = kind.form(record.type)
    assert form is not None, f"{kind.id} has no records of type {record.type}"
    owner, ttl = _owner(kind, record), str(record.ttl) if kind.ttl_text else record.ttl
    shared: dict[str, Any] = {kind.name: owner}
    if kind.type is not None:
        shared[kind.type] = record.type
    if kind.ttl is not None:
        shared[kind.ttl] = ttl
    again = {form.item_name: owner, form.item_type: record.type, form.item_ttl: ttl}
    beside = {key: value for key, value in again.items() if key is not None}
    values = [_value(kind, form, record.type, value, beside) for value in record.values]
    if not form.single:
        return [(name, {**shared, form.at: [value[form.at] for value in values]})]
    # The first keeps its name when others come: it would be deleted and made anew.
    names = (name if n == 1 else f"{name}-{n}" for n in range(1, len(values) + 1))
    return [(each, {**shared, **value}) for each, value in zip(names, values, strict=True)]


def _owner(kind: RecordKind, record: MailRecord) -> Any:
    def owner(names: Sequence[str]) -> str:
        name, zone = names
        if kind.apex is not None:
            written = relative(name, zone)
            return kind.apex if written == "@" else written
        return name if kind.final_dot else name.removesuffix(".")

    if isinstance(record.owner, str) and isinstance(record.zone, str):
        return owner((record.owner, record.zone))
    return pulumi.Output.all(record.owner, record.zone).apply(owner)


def _value(
    kind: RecordKind, form: ValueForm, type: str, value: Any, beside: Mapping[str, Any]
) -> dict[str, Any]:
    """The properties of one value; with outputs in them where the value is one.

    beside: what else an object with a value has to hold.
    """
    style = Style(kind.text, kind.cut, kind.octal, kind.comments)
    dot = kind.final_dot or kind.targets is Targets.RELATIVE

    def text(whole: Any) -> Any:
        written = write(split_octets(str(whole).encode()), style)
        return list(written) if isinstance(written, tuple) else written

    def target(whole: Any) -> str:
        plain = str(whole).removesuffix(".")
        return f"{plain}." if dot else plain

    def exchange(whole: Any) -> str:
        preference, host = str(whole).split()
        return f"{preference} {target(host)}"

    match type:
        case "TXT":
            return {form.at: _inside(form, applied(value, text), beside)}
        case "MX":
            first = applied(value, lambda whole: int(str(whole).split()[0]))
            last = applied(value, lambda whole: target(str(whole).split()[1]))
            if form.fields:
                return {form.at: dict(zip(form.fields, (first, last), strict=True))}
            if form.before and form.single:
                return {form.before[0]: first, form.at: last}
            return {form.at: _inside(form, applied(value, exchange), beside)}
        case _:
            return {form.at: _inside(form, applied(value, target), beside)}


def _inside(form: ValueForm, value: Any, beside: Mapping[str, Any]) -> Any:
    return value if form.item is None else {form.item: value, **beside}
