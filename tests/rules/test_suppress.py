"""`; noqa` comments: what they silence, and which of them silence nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.rules.harness import read
from zonelint.providers.zonefile.edit import apply
from zonelint.rules.context import Context
from zonelint.rules.core import registry
from zonelint.rules.core.engine import Engine, Result
from zonelint.rules.core.finding import Severity, Unknown
from zonelint.rules.core.rule import Needs, Rule, rule
from zonelint.rules.core.suppression import unused_suppression
from zonelint.rules.model.subjects import Spf


def rules(*codes: str) -> list[Rule]:
    found = [registry.get(code) for code in codes]
    assert None not in found
    return [each for each in found if each is not None]


SPF = ("SPF201", "SPF202", "SPF203", "NOQA001")


def run(zone: str, asked: Sequence[Rule] | None = None) -> Result:
    result = Engine(rules(*SPF) if asked is None else asked).run(Context([read(zone)]))
    assert not result.crashes
    return result


def told(result: Result) -> list[tuple[str, int]]:
    return [(finding.code, finding.span.column) for finding in result.findings]


def test_a_code_silences_its_own_finding_only() -> None:
    result = run('@ TXT "v=spf1 mx +all ?all" ; noqa: SPF201\n')
    assert "SPF201" not in [code for code, _ in told(result)]
    assert result.suppressed == 1


def test_a_comment_holds_for_its_own_record_only() -> None:
    result = run('@ TXT "v=spf1 +all" ; noqa: SPF201\na TXT "v=spf1 +all"\n')
    assert [finding.owner for finding in result.findings] == ["a.example.com."]
    assert result.suppressed == 1


def test_a_comment_holds_for_every_line_of_its_record() -> None:
    result = run('@ TXT ( "v=spf1 mx"\n  " +all" ; noqa: SPF201\n  )\n')
    assert told(result) == []
    assert result.suppressed == 1


def test_a_bare_comment_silences_everything() -> None:
    result = run('@ TXT "v=spf1 mx +all" ; noqa\n')
    assert told(result) == []
    assert result.suppressed == 1


@pytest.mark.parametrize("words", ["agreed with Peter", "- until June", "(see #1)"])
def test_a_bare_comment_with_words_is_told_what_it_hides(words: str) -> None:
    zone = read(f'@ TXT "v=spf1 mx mx +all" ; noqa {words}\n')
    result = Engine(registry.rules()).run(Context([zone]))
    (finding,) = (each for each in result.findings if each.code == "NOQA001")
    assert "SPF201, SPF302" in finding.message
    assert finding.change is not None
    (text,) = apply(zone, finding.change.edits).values()
    assert f"; noqa: DMARC101,SPF201,SPF302 {words}\n" in text
    again = Engine(registry.rules()).run(Context([read(text)])).findings
    assert "NOQA001" not in {each.code for each in again}


@pytest.mark.parametrize("words", ["", " ", "; agreed with Peter", " # agreed", " ..."])
def test_a_bare_comment_alone_means_all(words: str) -> None:
    zone = read(f'@ TXT "v=spf1 mx mx +all" ; noqa{words}\n')
    found = Engine(registry.rules()).run(Context([zone])).findings
    assert {"NOQA001", "SPF201"}.isdisjoint(each.code for each in found)


def test_a_code_without_a_colon_hides_no_more_than_itself() -> None:
    zone = '@ TXT "v=spf1 mx mx +all" ; noqa SPF302 twice, old\n'
    result = run(zone, rules("SPF201", "SPF302", "NOQA001"))
    assert [code for code, _ in told(result)] == ["SPF201"]
    assert result.suppressed == 1


def test_a_code_without_a_colon_is_judged_like_any() -> None:
    zone = read('@ TXT "v=spf1 mx -all" ; noqa SPF201 old\n')
    (finding,) = Engine(rules(*SPF)).run(Context([zone])).findings
    assert finding.code == "NOQA001"
    assert finding.change is not None
    (text,) = apply(zone, finding.change.edits).values()
    assert text.endswith('"v=spf1 mx -all" ; old\n')


def test_a_code_without_a_finding_is_told_at_the_code() -> None:
    result = run('@ TXT "v=spf1 mx +all" ; noqa: SPF201, SPF202\n')
    assert told(result) == [("NOQA001", 40)]
    (finding,) = result.findings
    assert (finding.owner, finding.type) == ("example.com.", "TXT")


def test_a_code_that_no_rule_has_is_told_with_the_near_miss() -> None:
    result = run('@ TXT "v=spf1 mx -all" ; noqa: SFP201\n')
    (finding,) = result.findings
    assert finding.code == "NOQA001"
    assert "SPF201" in finding.advice


def test_no_code_behind_the_colon_is_told() -> None:
    result = run('@ TXT "v=spf1 mx +all" ; noqa: this one is meant\n')
    assert [code for code, _ in told(result)] == ["SPF201", "NOQA001"]


def test_a_comment_can_silence_this_rule_too() -> None:
    assert told(run('@ TXT "v=spf1 mx -all" ; noqa: SPF201, NOQA001\n')) == []


def test_only_rules_that_ran_are_held_against_a_comment() -> None:
    zone = '@ TXT "v=spf1 mx -all" ; noqa: SPF201\n'
    assert told(run(zone, rules("SPF202", "NOQA001"))) == []
    assert told(run(zone, rules("SPF201", "NOQA001"))) == [("NOQA001", 32)]


def test_a_bare_comment_is_unused_only_when_every_rule_ran() -> None:
    zone = 'www 60 TXT "hello" ; noqa\n'
    assert told(run(zone)) == []
    everything = list(registry.rules())
    result = run(zone, everything)
    assert [finding.code for finding in result.findings if finding.span.line == 3] == ["NOQA001"]


@pytest.mark.parametrize("outcome", ["undecided", "failed"])
def test_a_rule_that_did_not_judge_is_not_held_against_a_comment(outcome: str) -> None:
    @rule("SPF101", "x", Severity.ERROR, on=Spf, needs=Needs.DNS, section="-")
    def doubtful(spf: Spf) -> list[Unknown]:
        if outcome == "failed":
            raise RuntimeError
        return [spf.unknown("_spf.example.net")]

    zone = read('@ TXT "v=spf1 mx -all" ; noqa: SPF101\n')
    result = Engine([doubtful, unused_suppression]).run(Context([zone]))
    assert [
        finding.message for finding in result.findings if "finds nothing" in finding.message
    ] == []


def test_zones_without_comments_are_left_alone() -> None:
    result = run('@ TXT "v=spf1 mx +all"\n')
    assert told(result) == [("SPF201", 18)]
    assert result.suppressed == 0
