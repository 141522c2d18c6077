"""Mode apply makes no fault and ends: with the zones of every rule's examples that declare."""

from __future__ import annotations

from pathlib import Path

import pytest
from octodns.record import Record as OctodnsRecord
from octodns.record.exception import RecordException
from octodns.zone import Zone as OctodnsZone
from octodns.zone.exception import ZoneException

from tests.lint.test_propose import heavy
from tests.lint.test_remedies import write
from tests.rules.harness import every_rule, read
from zonelint.providers.octodns.processor import MailAuthProcessor
from zonelint.rules.core.rule import Example, Rule
from zonelint.rules.offers.harm import brought

DECLARING = [
    rule for rule in every_rule() if any(each.config is not None for each in rule.examples_bad)
]


def desired(example: Example) -> OctodnsZone:
    """The records of an example that octoDNS takes, as its sources would give them."""
    zone = OctodnsZone("example.com.", [])
    for rrset in read(example.zone).rrsets():
        kind = OctodnsRecord.registered_types().get(rrset.type)
        if kind is None or rrset.type == "SOA":
            continue
        values = kind.parse_rdata_texts([record.rdata for record in rrset])
        data = {"type": rrset.type, "ttl": rrset.records[0].ttl or 3600}
        data |= {"value": values[0]} if rrset.type == "CNAME" else {"values": values}
        try:
            name = zone.hostname_from_fqdn(rrset.owner)
            zone.add_record(OctodnsRecord.new(zone, name, data, lenient=True), lenient=True)
        except (RecordException, ZoneException):
            continue
    return zone


def test_apply_is_held_to_rules_that_nobody_selects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("zonelint.lock").write_text(heavy("a.example.net", "b.example.net", "mailgun.org"))
    Path("zonelint.toml").write_text(
        'select = ["SPF210"]\n[domains."example.com"]\nsenders = ["mailgun"]\n'
    )
    zone = desired(Example('@ 300 TXT "v=spf1 include:a.example.net include:b.example.net -all"'))
    held = {str(record.data) for record in zone.records}
    MailAuthProcessor("zonelint", mode="apply").supply(zone, lenient=True)
    assert {str(record.data) for record in zone.records} == held


@pytest.mark.parametrize("rule", DECLARING, ids=lambda rule: rule.code)
def test_apply_makes_no_fault_and_ends(
    rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, example in enumerate(rule.examples_bad):
        if example.config is None:
            continue
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.chdir(folder)
        write(example)
        processor = MailAuthProcessor("zonelint", mode="apply")
        zone = desired(example)
        before = processor.check.zone(zone)
        processor.supply(zone, lenient=True)
        after = processor.check.zone(zone)
        offered = [each for each in before.result.findings if each.change is not None]
        new = brought(before.result, after.result, offered, [processor.check.model(zone)])
        assert [(each.code, each.owner) for each in new] == [], (number, example.zone)
        held = {(record.name, record._type, str(record.data)) for record in zone.records}
        processor.supply(zone, lenient=True)
        assert {(r.name, r._type, str(r.data)) for r in zone.records} == held
