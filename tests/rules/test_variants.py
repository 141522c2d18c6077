"""Pooled and weighted answers of one name are alternatives: one of them at a time."""

from __future__ import annotations

import pytest

from zonelint.formats.meaning import blocks
from zonelint.grammars.zone import Zone
from zonelint.providers.octodns.yaml.document import YamlFault, YamlSource
from zonelint.providers.octodns.yaml.record import EntrySettings
from zonelint.providers.octodns.yaml.zone import read
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.mail.meaning import meanings
from zonelint.rules.model import questions

_DATA = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_KEY = f"{{type: TXT, value: 'v=DKIM1\\; k=ed25519\\; p={_DATA}'}}"
_POOLED = """
s1._domainkey:
  type: CNAME
  value: one.keys.example.com.
  dynamic:
    pools:
      a: {values: [{value: one.keys.example.com.}]}
      b: {values: [{value: SECOND, weight: 2}, {value: one.keys.example.com.}]}
    rules: [{geos: [EU], pool: b}, {pool: a}]
"""


def made(second: str, more: str) -> Context:
    return Context([read_zone(_POOLED.replace("SECOND", second) + f"one.keys: {_KEY}\n" + more)])


def read_zone(text: str) -> Zone:
    def no_include(including: str, name: str) -> tuple[str, str]:
        raise YamlFault(f"`{name}` is not there.", "")

    source = YamlSource("example.com.yaml", text)
    zone = read("example.com.", [(source, EntrySettings())], no_include)
    assert not zone.faults
    return zone


def judged(second: str, more: str) -> Result:
    rules = [each for each in registry.rules() if each.code in ("DKIM009", "DKIM013", "ZONE002")]
    return Engine(rules).run(made(second, more))


@pytest.mark.parametrize("second", ["one.keys.example.com.", "two.keys.example.com."])
def test_pools_of_a_cname_are_no_second_cname(second: str) -> None:
    result = judged(second, f"two.keys: {_KEY}\n")
    assert result.findings == []
    assert result.undecided == []


def test_each_of_them_has_to_lead_to_a_key() -> None:
    (finding,) = judged("two.keys.example.com.", "").findings
    assert finding.code == "DKIM013"
    assert "two.keys.example.com" in finding.message


def test_each_of_them_has_to_be_known() -> None:
    (undecided,) = judged("two.example.net.", "").undecided
    assert (undecided.code, undecided.missing) == ("DKIM013", ("two.example.net.",))
    asked = questions.of_zone(made("two.example.net.", "").zones[0])
    assert "two.example.net." in {each.name for each in asked}  # so a lock holds it


_POLICY = """
_dmarc:
  type: CNAME
  value: one.example.com.
  dynamic:
    pools: {a: {values: [{value: one.example.com.}]}, b: {values: [{value: WEAK.example.com.}]}}
    rules: [{geos: [EU], pool: b}, {pool: a}]
one: {type: TXT, value: 'v=DMARC1\\; p=reject'}
two: {type: TXT, value: 'v=DMARC1\\; p=none'}
"""


def test_a_change_of_one_pool_is_one_for_those_who_get_it() -> None:
    before, after = (_POLICY.replace("WEAK", name) for name in ("one", "two"))
    rules = [each for each in registry.rules() if each.code == "PHASE002"]
    old = read_zone(before)
    changed = Context([read_zone(after)], previous=Context([old]))
    ((_, lines),) = blocks(meanings(changed.repository), ())
    assert lines[0].endswith("reject → none (for those who get the answer `two.example.com.`)")
    result = Engine(rules).run(changed)
    (finding,) = result.findings
    assert "for those who get the answer `two.example.com.`: The policy for" in finding.message
    assert result.undecided == []
    assert Engine(rules).run(Context([old], previous=Context([old]))).findings == []
