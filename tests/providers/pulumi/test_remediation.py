"""Remediation makes no fault and ends: with the text records of every rule's examples."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.rules.harness import every_rule, read
from zonelint.grammars.zone import Zone
from zonelint.providers.pulumi.judging import StackJudge
from zonelint.providers.pulumi.remediation import changes
from zonelint.providers.pulumi.settings import StackSettings
from zonelint.providers.resources.kinds import ResourceWorld
from zonelint.providers.resources.reading import Resource
from zonelint.rules.core.finding import Severity
from zonelint.rules.core.rule import Rule

JUDGE = StackJudge(StackSettings().for_policy("mail-records", None), safe=True)
TYPE = "aws:route53/record:Record"


def resources(zone: Zone) -> Iterator[Resource]:
    """A resource of Route 53 for each set of text records of a zone."""
    kind = JUDGE.kind(TYPE)
    assert kind is not None
    for number, rrset in enumerate(zone.of_type("TXT")):
        records = ['""'.join(record.strings) for record in rrset]
        values = {"name": rrset.owner[:-1], "type": "TXT", "ttl": 300, "records": records,
                  "zoneId": "Z1"}  # fmt: skip
        yield Resource(f"urn:{number}", kind, ResourceWorld.PULUMI, values)


@pytest.mark.parametrize("rule", every_rule(), ids=lambda rule: rule.code)
def test_remediation_makes_no_fault_and_ends(rule: Rule) -> None:
    for example in (*rule.examples_bad, *rule.examples_good):
        for resource in resources(read(example.zone)):
            made = changes(JUDGE, resource)
            after = Resource(resource.address, resource.kind, resource.world,
                             {**resource.values, **made})  # fmt: skip
            assert changes(JUDGE, after) == {}
            stood = {(each.code, each.owner) for each in JUDGE.of_record(resource).findings}
            new = [
                each
                for each in JUDGE.of_record(after).findings
                if each.severity is not Severity.INFO and (each.code, each.owner) not in stood
            ]
            assert new == [], (resource.values, made)


def test_some_examples_are_remediated() -> None:
    made = [
        changes(JUDGE, resource)
        for rule in every_rule()
        for example in rule.examples_bad
        for resource in resources(read(example.zone))
    ]
    assert sum(map(bool, made)) > 5
