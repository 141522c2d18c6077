"""How mail records become resources of a provider.

The resources are declared by their type and properties, as the table of resource types has them,
so no provider's SDK is needed in Python; the provider's plugin is, as for any resource.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi

from zonelint.grammars.rdata import split_octets
from zonelint.grammars.zone import relative

from ..resources.kinds import Names, RecordKind, Targets, ValueForm
from ..resources.table import shipped
from ..resources.texts import Style, write
from .declaration import MailRecord

RecordFactory = Callable[[str, MailRecord, pulumi.ResourceOptions], object]
"""Makes the resources of one MailRecord, with a name that stays and the options of a child."""


def route53(zone_id: pulumi.Input[str], **properties: Any) -> RecordFactory:
    """Records in Amazon Route 53. properties: more of ``aws:route53/record:Record``."""
    return records_of("route53", {"zoneId": zone_id, **properties})


def cloudflare(zone_id: pulumi.Input[str], **properties: Any) -> RecordFactory:
    """Records in Cloudflare. properties: more of ``cloudflare:index/dnsRecord:DnsRecord``."""
    return records_of("cloudflare", {"zoneId": zone_id, **properties})


def google(managed_zone: pulumi.Input[str], **properties: Any) -> RecordFactory:
    """Records in Google Cloud DNS. properties: more of ``gcp:dns/recordSet:RecordSet``."""
    return records_of("google", {"managedZone": managed_zone, **properties}, final_dot=True)


def azure(
    resource_group: pulumi.Input[str], zone_name: pulumi.Input[str], **properties: Any
) -> RecordFactory:
    """Records in Azure DNS. properties: more of ``azure-native:dns:RecordSet``."""
    place = {"resourceGroupName": resource_group, "zoneName": zone_name}
    return records_of("azure-native", {**place, **properties})


def records_of(
    kind: str, properties: Mapping[str, Any], *, final_dot: bool = False
) -> RecordFactory:
    """Records in any provider of the table.

    kind: the table's name for the type. properties: what each resource has beside its name, type,
    TTL and values: the zone, above all. final_dot: whole names are written with their final dot.
    """
    known = shipped().kind(kind)

    def make(name: str, record: MailRecord, opts: pulumi.ResourceOptions) -> list[pulumi.Resource]:
        return [
            pulumi.CustomResource(known.tokens[0], each, {**properties, **props}, opts)
            for each, props in _resources(known, name, record, final_dot=final_dot)
        ]

    return make


def _resources(
    kind: RecordKind, name: str, record: MailRecord, *, final_dot: bool
) -> Sequence[tuple[str, dict[str, Any]]]:
    """The names and properties of the resources: one, or one a value where they hold no list."""
    form = kind.form(record.type)
    assert form is not None, f"{kind.id} has no records of type {record.type}"
    shared: dict[str, Any] = {kind.name: _owner(kind, record, final_dot=final_dot)}
    if kind.type is not None:
        shared[kind.type] = record.type
    if kind.ttl is not None:
        shared[kind.ttl] = record.ttl
    values = [_value(kind, form, record.type, v, final_dot=final_dot) for v in record.values]
    if not form.single:
        return [(name, {**shared, form.at: [value[form.at] for value in values]})]
    if len(values) == 1:
        return [(name, {**shared, **values[0]})]
    return [(f"{name}-{n}", {**shared, **value}) for n, value in enumerate(values, start=1)]


def _owner(kind: RecordKind, record: MailRecord, *, final_dot: bool) -> str:
    if kind.names is Names.RELATIVE:
        return relative(record.owner, record.zone)
    return record.owner if final_dot else record.owner.removesuffix(".")


def _value(
    kind: RecordKind, form: ValueForm, type: str, value: Any, *, final_dot: bool
) -> dict[str, Any]:
    """The properties of one value; with outputs in them where the value is one."""
    style = Style(kind.text, kind.cut, kind.octal)
    dot = final_dot or kind.targets is Targets.RELATIVE

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
            return {form.at: _inside(form, _applied(value, text))}
        case "MX":
            first = _applied(value, lambda whole: int(str(whole).split()[0]))
            last = _applied(value, lambda whole: target(str(whole).split()[1]))
            if form.fields:
                return {form.at: dict(zip(form.fields, (first, last), strict=True))}
            if form.before:
                return {form.before[0]: first, form.at: last}
            both = _applied(
                value, lambda whole: f"{str(whole).split()[0]} {target(str(whole).split()[1])}"
            )
            return {form.at: _inside(form, both)}
        case _:
            return {form.at: _inside(form, _applied(value, target))}


def _inside(form: ValueForm, value: Any) -> Any:
    return value if form.item is None else {form.item: value}


def _applied(value: Any, function: Callable[[Any], Any]) -> Any:
    """The function's result; an output where the value is one, known or not."""
    if isinstance(value, str):
        return function(value)
    return pulumi.Output.from_input(value).apply(function)
