"""The engine: gates, places and severities."""

from __future__ import annotations

import dataclasses

from tests.rules.harness import HEADER, every_rule, read
from zonelint.grammars.fault import Fault, FaultKind
from zonelint.grammars.tags import dmarc
from zonelint.grammars.zone import Record
from zonelint.rules.context import Context
from zonelint.rules.core.engine import Engine
from zonelint.rules.core.finding import Severity
from zonelint.rules.core.rule import Rule
from zonelint.rules.mail import tag_faults


def test_a_gate_that_fails_hides_nothing():
    rule = next(rule for rule in every_rule() if rule.name == "spf-neutral-all")
    asked = []

    def broken(subject: object) -> bool:
        asked.append(subject)
        raise ZeroDivisionError

    context = Context([read(HEADER + '@ TXT "v=spf1 ?all"\n')])
    fields = {f.name: getattr(rule, f.name) for f in dataclasses.fields(Rule)}
    gated = Rule(**(fields | {"gate": broken}))
    result = Engine([gated]).run(context)
    assert asked
    assert len(result.findings) == 1
    assert not result.crashes


def record(owner: str, text: str) -> Record:
    rrset = read(f"{HEADER}{text}\n").get(owner, "TXT")
    assert rrset is not None
    return rrset.records[0]


def test_severities_have_their_order():
    assert [severity.rank for severity in Severity] == [0, 1, 2]


def test_a_fault_without_room_is_at_the_whole_text():
    [mail] = Context([read(f'{HEADER}_dmarc TXT "v=DMARC1; p=none"\n')]).zones
    [subject] = mail.dmarc["_dmarc.example.com."]
    for start, end, place in ((0, 0, (0, 16)), (1, 1, (1, 1)), (0, 3, (0, 3))):
        fault = Fault(FaultKind.SYNTAX, start, end, "x")
        assert tag_faults._place(fault, subject) == place


def test_other_kinds_of_faults_are_left_to_other_rules():
    record = dmarc.parse("p=none; adkim=strict")
    assert tag_faults.mended(record, {FaultKind.TAG_VALUE}) == "p=none; adkim=s"
    both = {FaultKind.TAG_VALUE, FaultKind.VERSION}
    assert tag_faults.mended(record, both) == "v=DMARC1; p=none; adkim=s"
