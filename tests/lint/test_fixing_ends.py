"""Fixing comes to an end: after many rounds over one record, and where two rules disagree."""

import time
from collections.abc import Sequence
from pathlib import Path

from zonelint.changes import fixes, fixing
from zonelint.grammars.masterfile.reader import read
from zonelint.grammars.zone import Zone
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.finding import Found, Severity
from zonelint.rules.core.rule import Rule, rule
from zonelint.rules.model.subjects import Spf

HEAD = "$ORIGIN example.com.\n$TTL 3600\n@ SOA ns hostmaster 1 2 3 4 5\n"


def fixed(text: str, rules: list[Rule], codes: list[str]) -> fixing.Fixed:
    def judge(zones: list[Zone]) -> Result:
        return Engine(rules).run(Context(zones))

    zone = read(HEAD + text, "example.com.zone", "example.com.")
    return fixing.fix([zone], judge, fixing.chosen(codes, safe=False))


def test_a_record_with_many_faults_is_fixed_to_the_last() -> None:
    terms = " ".join(f"ip4:203.0.113.{number}" for number in range(60))
    wanted = [each for each in registry.rules() if each.code == "SPF209"]
    result = fixed(f'@ TXT "v=spf1 {terms[:200]}" "{terms[200:]} mx -all"\n', wanted, ["SPF209"])
    assert len(result.applied) == 60
    assert result.result.findings == []
    assert '"v=spf1 mx -all"' in result.texts["example.com.zone"][1]


def test_two_rules_that_undo_each_other_are_stopped_early() -> None:
    def turning(code: str, old: str, new: str) -> Rule:
        @rule(code, code.lower(), Severity.INFO, on=Spf, section="none")
        def turned(spf: Spf):
            if spf.value.endswith(old):
                yield Found(
                    spf.owner,
                    "TXT",
                    spf.record.span,
                    f"ends with {old}",
                    change=spf.rewrite(spf.value.removesuffix(old) + new, "the other way"),
                )

        return turned

    both = [turning("XX001", "-all", "~all"), turning("XX002", "~all", "-all")]
    result = fixed('@ TXT "v=spf1 mx -all"\n', both, ["XX001", "XX002"])
    assert 2 <= result.rounds <= 4
    assert len(result.applied) == result.rounds


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    def judge(zones: Sequence[Zone]) -> Result:
        return Engine(wanted).run(Context(zones))

    wanted = [each for each in registry.rules() if each.code == "SPF306"]
    path = tmp_path / "example.com.zone"
    path.write_text(f'{HEAD}@ TXT "v=spf1 MX -all"\n')
    zones = [read(path.read_text(), str(path), "example.com.")]
    result = fixing.fix(zones, judge, fixing.chosen([], safe=True))
    with path.open("a") as more:
        more.write("; somebody writes at the same time\n")
    before = path.read_text()
    why = "this file has changed since it was read and was left unchanged"
    assert fixes.save(result, judge) == [(str(path), why)]
    assert path.read_text() == before
    assert [each.code for each in result.result.findings] == ["SPF306"]
    assert result.applied == []


def test_many_new_records_take_the_time_of_many_and_not_its_square() -> None:
    hosts = "".join(f"h{number} A 9.9.9.9\n" for number in range(4000))
    wanted = [each for each in registry.rules() if each.code == "SPF307"]
    begun = time.process_time()
    result = fixed(f"{hosts}", wanted, ["SPF307"])
    assert len(result.applied) >= 4000
    assert time.process_time() - begun < 20  # the square took ten times as long
