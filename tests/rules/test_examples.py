"""Every rule is held to its catalogue entry, its documentation and its own examples."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.rules.harness import HEADER, ask, context_of, edits_of, every_rule, read
from zonelint.providers.zonefile.edit import apply, contents, intended
from zonelint.rules.core.engine import Engine
from zonelint.rules.core.rule import HEADINGS, Example, Fix, Rule

CATALOGUE = tomllib.loads((Path(__file__).parent / "catalogue.toml").read_text("utf-8"))
RULES = every_rule()


def examples(kind: str) -> list[object]:
    found = []
    for rule in RULES:
        listed: list[Example] = getattr(rule, f"examples_{kind}")
        found += [
            pytest.param(rule, example, id=f"{rule.code}-{kind}-{number}")
            for number, example in enumerate(listed)
        ]
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rule_is_as_the_catalogue_says(rule: Rule) -> None:
    entry = CATALOGUE[rule.code]
    assert rule.name == entry["name"]
    assert rule.severity.value == entry["severity"]
    assert list(rule.needs.words) == entry["needs"]
    assert rule.fix.value == entry["fix"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rule_is_documented(rule: Rule) -> None:
    sections = rule.sections()
    assert tuple(sections) == HEADINGS
    assert all(sections.values())
    assert rule.summary.endswith(".")
    assert rule.section


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_rule_has_examples(rule: Rule) -> None:
    assert rule.examples_bad
    assert rule.examples_good
    if rule.fix is not Fix.NONE:
        assert any(example.fixed is not None for example in rule.examples_bad)


@pytest.mark.parametrize(("rule", "example"), examples("bad"))
def test_bad_example_is_found(rule: Rule, example: Example) -> None:
    result = ask([rule], context_of(example))
    if example.undecided:
        assert not result.findings
        assert result.undecided
        return
    assert result.findings
    for finding in result.findings:
        assert finding.message
        assert not finding.message.endswith(".")
        assert finding.span.line >= 1
        assert finding.span.column >= 1
        if rule.fix is Fix.NONE:
            assert finding.change is None
        if finding.change is not None:
            assert finding.change.edits
            assert rule.fix is Fix.SAFE or not finding.change.safe


@pytest.mark.parametrize(("rule", "example"), examples("good"))
def test_good_example_is_clean(rule: Rule, example: Example) -> None:
    result = ask([rule], context_of(example))
    assert not result.findings, result.findings
    assert not result.undecided, result.undecided


@pytest.mark.parametrize(("rule", "example"), [*examples("bad"), *examples("good")])
def test_features_only_save_time(rule: Rule, example: Example) -> None:
    """A rule asked about every subject says what it says about those with its features."""
    context = context_of(example)
    quick = Engine([rule]).run(context)
    wide = Rule(
        rule.code, rule.name, rule.severity, rule.on, rule.check, rule.needs, rule.fix,
        rule.section, frozenset(),
    )  # fmt: skip
    slow = Engine([wide]).run(context)
    assert [f.found for f in quick.findings] == [f.found for f in slow.findings]
    assert quick.undecided == slow.undecided


@pytest.mark.parametrize(("rule", "example"), examples("bad"))
def test_change_mends_the_zone(rule: Rule, example: Example) -> None:
    """The rule's changes, applied until nothing changes, leave a zone without its finding."""
    header = "" if example.zone.startswith("$ORIGIN") else HEADER
    text = header + example.zone
    context = context_of(example, text)
    result = ask([rule], context)
    if not any(finding.change for finding in result.findings):
        assert example.fixed is None
        return
    all_mended = all(finding.change for finding in result.findings)
    for _ in range(10):
        zone = context.zones[0].zone
        edits = edits_of(ask([rule], context))
        if not edits:
            break
        text = apply(zone, edits).get(zone.path, text)
        context = context_of(example, text)
        assert contents(context.zones[0].zone) == intended(zone, edits)
    else:
        pytest.fail("the changes never come to an end")
    if all_mended:
        assert not ask([rule], context).findings
    if example.fixed is not None:
        wanted = (
            rule.on.example_zone(example.fixed)  # type: ignore[attr-defined]
            if example.is_text
            else example.fixed
        )
        if example.is_text:
            assert contents(context.zones[0].zone) == contents(read(header + wanted))
        else:
            assert text == header + wanted
