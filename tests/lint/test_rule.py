"""`zonelint rule`: the list, one rule explained, and what an unknown one gets."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner, Result
from pytest_regressions.file_regression import FileRegressionFixture

from zonelint.main import zonelint
from zonelint.rules.core import registry


def rule(*arguments: str) -> Result:
    return CliRunner().invoke(zonelint, ["rule", *arguments])


def test_the_list_names_every_rule_within_80_columns() -> None:
    result = rule()
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    listed = [line.split() for line in lines[1:] if not line.startswith(" ")]
    assert [(words[0], words[1], words[-1]) for words in listed] == [
        (each.code, each.severity.value, each.name) for each in registry.rules()
    ]


def test_the_list_as_json() -> None:
    listed = json.loads(rule("--format", "json").stdout)
    assert [each["code"] for each in listed] == [each.code for each in registry.rules()]
    assert set(listed[0]) == {
        "code", "name", "severity", "needs", "fix", "section", "summary"
    }  # fmt: skip


@pytest.mark.parametrize("each", registry.rules(), ids=lambda each: each.code)
def test_every_rule_is_explained(each: registry.Rule) -> None:
    result = rule(each.code)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{each.code} {each.name}\n")
    words = " ".join(result.stdout.split())
    for heading, text in each.sections().items():
        assert f"\n{heading}\n" in result.stdout
        assert " ".join(text.split()) in words


def test_one_rule(file_regression: FileRegressionFixture) -> None:
    file_regression.check(rule("NOQA001").stdout)


def test_one_rule_as_json(file_regression: FileRegressionFixture) -> None:
    file_regression.check(rule("NOQA001", "--format", "json").stdout, extension=".json")


def test_a_fix_that_is_not_always_safe_is_said_to_be_a_proposal_else() -> None:
    shown = " ".join(rule("PARK001").stdout.split())
    assert "fix safe: --fix applies it where the mail flow cannot change; else a proposal" in shown
    assert "It is safe only where the profile is declared" in shown


@pytest.mark.parametrize("word", ["SPF201", "spf201", "spf-pass-all", "SPF-Pass-All"])
def test_code_or_name_in_any_case(word: str) -> None:
    assert rule(word).stdout.startswith("SPF201 spf-pass-all\n")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("SFP201", "did you mean SPF201?"),
        ("spf-pas-all", "did you mean spf-pass-all?"),
        ("SPF9", "'zonelint rule' lists them all."),
        ("nothing-like-it", "'zonelint rule' lists them all."),
    ],
)
def test_an_unknown_rule(word: str, told: str) -> None:
    result = rule(word)
    assert result.exit_code == 2
    assert told in result.stderr


def test_keys_are_shown_without_their_middle_and_told_whole_in_json() -> None:
    whole = json.loads(rule("DKIM010", "--format", "json").stdout)["bad"][0]["zone"]
    key = max(re.findall("[A-Za-z0-9+/=]+", whole), key=len)
    shown = rule("DKIM010").stdout
    assert f"{key[:20]}…{key[-8:]}" in shown
    assert key not in shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("ZONE010", '  another zone of the name:\n    @ MX 10 mail\n    @ TXT "v=spf1 mx -all"'),
        ("SPF201", '@ TXT "v=spf1 include:far.example.net -all"\n  (undecided)\n'),
        ("DMARC101", '  zonelint.toml:\n    [domains."example.com".dmarc]\n    rua ='),
    ],
)
def test_an_example_is_shown_with_all_that_it_holds(code: str, shown: str) -> None:
    assert shown in CliRunner().invoke(zonelint, ["rule", code]).output
