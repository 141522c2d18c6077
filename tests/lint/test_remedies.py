"""No remedy makes a fault: the property of every rule, over its own examples and all others'."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.remedies import faults_of, faults_of_offers, judge_of
from tests.rules.harness import HEADER, every_rule, evidence_of
from zonelint.grammars.zone import Zone
from zonelint.rules.core.rule import Example, Fix, Rule
from zonelint.run.judging import Judge

CHANGING = [rule for rule in every_rule() if rule.fix is not Fix.NONE]


def write(example: Example) -> None:
    """The repository of an example."""
    head = "" if example.zone.startswith("$ORIGIN") else HEADER
    Path("example.com.zone").write_text(head + example.zone, errors="surrogateescape")
    if example.config is not None:
        Path("zonelint.toml").write_text(example.config)
        for path in re.findall(r'policy = "([^"]+)"', example.config):
            Path(path).write_text(example.policy or "")
    if example.lock is not None:
        version = "" if "version" in example.lock else "version = 1\n"
        Path("zonelint.lock").write_text(f"{version}{example.lock}\n# end of zonelint.lock\n")


def examples(
    rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[int, Judge]]:
    """The bad examples of a rule, each in a folder of its own."""
    for number, example in enumerate(rule.examples_bad):
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.chdir(folder)
        write(example)
        yield number, judge_of(None if example.reports is None else evidence_of(example.reports))


@pytest.mark.parametrize("rule", CHANGING, ids=lambda rule: rule.code)
def test_no_change_of_a_rule_makes_a_fault(
    rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an example as it is found: its safe fixes, and the proposals of the rule."""
    faults: list[str] = []
    for _, judge in examples(rule, tmp_path, monkeypatch):

        def zones(project: object = judge.project) -> list[Zone]:
            return list(project.open(["example.com.zone"]).zones)  # type: ignore[attr-defined]

        faults += faults_of(zones, judge, [], safe=True)
        faults += faults_of(zones, judge, [rule.code], safe=False)
    assert faults == []


@pytest.mark.parametrize("rule", every_rule(), ids=lambda rule: rule.code)
def test_no_change_that_is_shown_makes_a_fault(
    rule: Rule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of an example as it is found: each change that a check offers, of whatever rule, alone."""
    faults: list[str] = []
    for number, judge in examples(rule, tmp_path, monkeypatch):
        zones = judge.project.open(["example.com.zone"]).zones
        faults += (f"{number}: {each}" for each in faults_of_offers(zones, judge))
    assert faults == []
