"""The short way past the rules about SPF trees: only records that these have nothing to say of."""

from __future__ import annotations

import pytest

from zonelint.grammars.masterfile.reader import read
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Engine

HEAD = """\
$ORIGIN example.com.
$TTL 3600
@ SOA ns hostmaster 1 7200 900 1209600 300
@ NS ns
ns A 192.0.2.1
"""
HOME = "@ A 192.0.2.2\n"
MAIL = "@ MX 10 ns\n"


@pytest.mark.parametrize(
    ("zone", "terms", "code"),
    [
        (HOME, "a " * 11, "SPF101"),
        (HOME, "a " * 11 + "foo ", "SPF101"),
        (MAIL, "mx " * 11, "SPF101"),
        (HOME, "a " * 10, "SPF102"),
        (MAIL, "mx " * 10, "SPF102"),
        (HOME, "a:ns.example.com " * 11, "SPF101"),
        ("", "a " * 3, "SPF103"),
        (HOME, "a:none.example.com " * 3, "SPF103"),
    ],
)
def test_what_costs_too_much_is_not_passed_by(zone: str, terms: str, code: str) -> None:
    text = f'{HEAD}{zone}@ TXT "v=spf1 {terms}-all"\n'
    engine = Engine(registry.rules())
    found = engine.run(Context([read(text, "z", "example.com.")])).findings
    assert code in {finding.code for finding in found}
