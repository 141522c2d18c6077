"""What every rule says about its own examples: place, words, change. One file for each rule.

Words are what users get of a rule, and nobody who changes them should do so unknowingly. Where they
are meant to change: `pytest tests/rules/test_said.py --force-regen`, and read the difference.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_regressions.file_regression import FileRegressionFixture

from tests.rules.harness import ask, context_of, every_rule
from zonelint.rules.core.change import Edit
from zonelint.rules.core.finding import Finding
from zonelint.rules.core.rule import Fix, Rule


@pytest.mark.parametrize("rule", every_rule(), ids=lambda rule: rule.code)
def test_what_a_rule_says(rule: Rule, file_regression: FileRegressionFixture) -> None:
    file_regression.check("\n".join(_said(rule)) + "\n", basename=rule.code)


@pytest.mark.parametrize(
    "rule", [rule for rule in every_rule() if rule.fix is Fix.SAFE], ids=lambda rule: rule.code
)
def test_a_rule_with_safe_changes_makes_some(rule: Rule) -> None:
    findings = (f for e in rule.examples_bad for f in ask([rule], context_of(e)).findings)
    assert any(finding.change is not None and finding.change.safe for finding in findings)


def _said(rule: Rule) -> Iterator[str]:
    for number, example in enumerate(rule.examples_bad):
        yield f"== {number}"
        result = ask([rule], context_of(example))
        for finding in result.findings:
            yield from _lines(finding)
        for undecided in result.undecided:
            yield f"{undecided.owner} undecided: {'; '.join(undecided.missing)}"


def _lines(finding: Finding) -> Iterator[str]:
    span = finding.span
    yield (
        f"{span.line}:{span.column}-{span.end_line}:{span.end_column} "
        f"{finding.owner} {finding.type} {finding.severity}"
    )
    yield f"    {finding.message}"
    yield f"    {finding.advice}"
    yield from (f"    | {line}" for line in finding.found.detail)
    change = finding.change
    if change is not None:
        yield f"    {'safe change' if change.safe else 'proposal'}: {change.reason}"
        for edit in change.edits:
            yield from (f"        {line}" for line in _edit(edit))


def _edit(edit: Edit) -> Iterator[str]:
    if edit.comment is not None:
        yield f"{edit.comment.before} becomes {edit.comment.after or 'nothing'}"
        return
    before = edit.before
    if before is not None:
        yield f"- {before.owner} {before.ttl} {before.type} {before.rdata}"
    if edit.after is not None:
        ttl = "" if edit.ttl is None else f"{edit.ttl} "
        yield f"+ {edit.owner} {ttl}{edit.type} {edit.after}"
