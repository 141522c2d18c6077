"""The index of the rules: it is that of the rules there are, and an old one is not used."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields

import pytest

from zonelint.rules.core import index, index_data, registry
from zonelint.rules.core.rule import Rule

IMPORTED = {rule.code: rule for rule in registry.imported()}


def test_the_index_is_up_to_date():
    assert index.load() is not None, "run: python -m zonelint.rules.core.index"
    assert index.text(IMPORTED.values()) == (
        f'"""The index of the rules. Written by: python -m zonelint.rules.core.index"""\n\n'
        f"# ruff: noqa\n# fmt: off\nCHECKSUM = {index_data.CHECKSUM}\nRULES = (\n"
        + "".join(f"    {entry!r},\n" for entry in index_data.RULES)
        + ")\n"
    )


def test_an_indexed_rule_is_the_rule():
    entries = [index.Entry(*map(_first, index._fields(rule))) for rule in IMPORTED.values()]
    for entry in entries:
        indexed = index.IndexedRule(entry)
        rule = IMPORTED[entry.code]
        assert indexed.rule is rule
        for field in fields(Rule):
            assert getattr(indexed, field.name) == getattr(rule, field.name), field.name
        assert indexed.documentation == rule.documentation
        assert indexed.sections() == rule.sections()


def _first(value):
    return value


@pytest.mark.parametrize("name", ["CHECKSUM", "RULES"])
def test_an_index_of_other_files_is_not_used(monkeypatch, name):
    monkeypatch.setattr(index_data, name, 1)
    assert index.load() is None


def test_a_run_imports_no_rule_that_has_nothing_to_look_at(tmp_path):
    if index.load() is None:
        pytest.fail("run: python -m zonelint.rules.core.index")
    zone = tmp_path / "example.com.zone"
    zone.write_text('$TTL 3600\n@ SOA a. b. 1 2 3 4 5\n@ NS ns.example.net.\n@ TXT "v=spf1 -all"\n')
    script = (
        "import sys\n"
        "from zonelint.commands.check import check\n"
        f"check.main([{str(zone)!r}, '--exit-zero'], standalone_mode=False)\n"
        "print('zonelint.rules.spf.pass_all' in sys.modules, 'lark' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "False False"
