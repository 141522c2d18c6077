"""The index of the rules: what it says of a rule is what the rule itself says."""

from __future__ import annotations

import sys
from dataclasses import fields
from types import ModuleType

import pytest

from zonelint.rules.core import index, registry, write_index
from zonelint.rules.core.rule import Rule

IMPORTED = {rule.code: rule for rule in registry.imported()}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The index as a module, from the text that a build would write."""
    module = ModuleType("index_data")
    exec(write_index.index_text(IMPORTED.values()), module.__dict__)
    monkeypatch.setitem(sys.modules, "zonelint.rules.core.index_data", module)
    return module


@pytest.mark.usefixtures("written")
def test_an_indexed_rule_is_the_rule():
    loaded = index.load()
    assert loaded is not None
    assert [each.code for each in loaded] == list(IMPORTED)
    for indexed in loaded:
        rule = IMPORTED[indexed.code]
        assert isinstance(indexed, index.IndexedRule)
        for field in fields(Rule):
            assert getattr(indexed, field.name) == getattr(rule, field.name), field.name
        assert indexed.documentation == rule.documentation
        assert indexed.sections() == rule.sections()


def test_without_an_index_the_rules_are_their_modules():
    assert index.load() is None, "a checkout has no index; delete rules/core/index_data.py"
    assert {rule.code for rule in registry.rules()} >= set(IMPORTED)
