"""Safe fixes of a single resource, made before it is deployed.

What is safe whatever stands beside it is corrected: a text that is split anew, a term twice. A
change that rests on the rest of the zone is not, for one resource does not show it; a value that is
not known yet is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pulumi_policy import ResourceValidationArgs

from zonelint.rules.core.change import Role
from zonelint.rules.core.finding import Finding, Severity
from zonelint.rules.offers.harm import brought

from ..resources.edits import properties_after
from ..resources.kinds import ResourceWorld
from ..resources.reading import Resource
from ..resources.record import ResourceRecord
from .judging import StackJudge, is_text
from .secrets import unplain

_MOST_ROUNDS = 8


def remediated(judge: StackJudge, args: ResourceValidationArgs) -> Mapping[str, Any] | None:
    """The properties with what is changed in them, None where nothing is."""
    kind = judge.kind(args.resource_type)
    if kind is None:
        return None
    values = judge.values(kind, args.props)
    changed = changes(judge, Resource(args.urn, kind, ResourceWorld.PULUMI, values))
    if not changed:
        return None
    props: Any = args.props
    for name, value in changed.items():
        # The SDK itself keeps the mark of a property that was a secret as a whole.
        inner = value.value if hasattr(value, "value") else value
        props[name] = unplain(inner)
    return args.props


def changes(judge: StackJudge, resource: Resource) -> dict[str, Any]:
    """The properties of a resource that safe fixes change, with their new values."""
    changed: dict[str, Any] = {}
    for _ in range(_MOST_ROUNDS):
        made = _round(judge, resource)
        if made is None:
            break
        changed |= made
        resource = replace(resource, values={**resource.values, **made})
    return changed


def _round(judge: StackJudge, resource: Resource) -> dict[str, Any] | None:
    """The first change that can be made; the others find their place in the next round."""
    zones = judge.zones([resource])
    if any(zone.unknown or zone.faults for zone in zones):
        return None
    records = [r for zone in zones for rrset in zone.rrsets() for r in rrset]
    mine = [record for record in records if isinstance(record, ResourceRecord)]
    before = judge.of_all(zones)
    for zone in zones:
        for finding in before.findings:
            if not (judge.asks(finding.rule) and _is_ours(finding, judge.book.infos)):
                continue
            assert finding.change is not None, "ours are those with a change"
            made = properties_after(resource, mine, finding.change.edits, zone.origin)
            if made is None:
                continue
            after = replace(resource, values={**resource.values, **made})
            result = judge.of_all(judge.zones([after]), zones)
            if not brought(before, result, [finding], zones):
                return made
    return None


def _is_ours(finding: Finding, infos: bool) -> bool:
    if finding.severity is Severity.INFO and not infos:
        return False
    change = finding.change
    alone = finding.role in (Role.MENDS, Role.REPLACES) and is_text(finding.rule)
    return change is not None and change.safe and alone
