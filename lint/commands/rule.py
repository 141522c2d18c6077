"""`zonelint rule`: every rule in a table, or one explained."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator, Sequence

import click

from zonelint.commands import shared
from zonelint.formats.safe import dumped
from zonelint.grammars.nearmiss import near_miss
from zonelint.rules.core import registry
from zonelint.rules.core.rule import Example, Rule
from zonelint.rules.core.selection import meant_code

WIDTH = 80


@click.command()
@click.argument("code", required=False, shell_complete=shared.code_completed)
@shared.output_format("text", "json")
def rule(code: str | None, format_: str) -> None:
    """Explain the rule CODE, or list them all.

    CODE is a rule's code or its name, in any case: SPF201, spf-pass-all.
    """
    rules = registry.rules()
    if code is None:
        pieces = _as_json([_facts(each) for each in rules]) if format_ == "json" else _table(rules)
    else:
        found = registry.get(code)
        if found is None:
            raise click.UsageError(_unknown(code, rules))
        pieces = _as_json(_everything(found)) if format_ == "json" else _explain(found)
    click.echo("\n".join(pieces))


def _unknown(code: str, rules: Sequence[Rule]) -> str:
    codes = [each.code for each in rules]
    by_code = meant_code(code, codes)
    meant = by_code if by_code in codes else near_miss(code, [each.name for each in rules])
    hint = f"did you mean {meant}?" if meant else "'zonelint rule' lists them all."
    return f"There is no rule {code!r}; {hint}"


def _table(rules: Sequence[Rule]) -> Iterator[str]:
    """A rule takes one line, and more where its sentence is long; the summaries are indented."""
    yield "CODE      SEVERITY  NEEDS               FIX       NAME"
    for each in rules:
        needs = ",".join(each.needs.words) or "-"
        fix = "-" if each.fix.value == "none" else each.fix.value
        yield f"{each.code:<8}  {each.severity.value:<8}  {needs:<18}  {fix:<8}  {each.name}"
        yield from textwrap.wrap(
            each.summary, WIDTH, initial_indent=" " * 10, subsequent_indent=" " * 10
        )


def _explain(rule: Rule) -> Iterator[str]:
    yield f"{rule.code} {rule.name}"
    yield ""
    yield from textwrap.wrap(rule.summary, WIDTH)
    yield ""
    yield f"  severity  {rule.severity.value}"
    yield f"  needs     {', '.join(rule.needs.words) or 'only the zone'}"
    yield f"  fix       {_FIXES[rule.fix.value]}"
    yield f"  section   {rule.section}"
    for heading, text in rule.sections().items():
        if heading == "References":
            yield from _examples("Found", rule.examples_bad)
            yield from _examples("Not found", rule.examples_good)
        yield ""
        yield heading
        yield from _indented(text if heading in _KEPT else _filled(text), "  ")


_KEPT = ("Example", "References")
"""Sections whose lines stay as they are."""


def _filled(text: str) -> str:
    """Prose within the page; a paragraph that lists records or points is left as it is."""

    def filled(paragraph: str) -> str:
        lines = paragraph.splitlines()
        listed = any(line.startswith((" ", "- ", "* ")) for line in lines)
        if listed or all(line.startswith("`") for line in lines):
            return paragraph
        return textwrap.fill(paragraph, WIDTH - 2, break_on_hyphens=False, break_long_words=False)

    return "\n\n".join(map(filled, text.split("\n\n")))


def _indented(text: str, indent: str) -> Iterator[str]:
    return (f"{indent}{line}" if line else "" for line in text.splitlines())


_FIXES = {
    "safe": "safe: --fix applies it where the mail flow cannot change; else a proposal",
    "proposal": "proposal: shown, applied only when requested by code",
    "none": "none",
}


def _examples(title: str, examples: Sequence[Example]) -> Iterator[str]:
    if not examples:
        return
    yield ""
    yield title
    short = all(len(list(_parts(each))) == each.zone.count("\n") == 1 for each in examples)
    for number, example in enumerate(examples):
        if number and not short:
            yield ""
        for kind, text in _parts(example):
            if kind:
                yield f"  {kind}:"
            yield from _indented(shortened(text), "    " if kind else "  ")
        if example.undecided:
            yield "  (undecided)"


_KEY = re.compile(r"[A-Za-z0-9+/=]{64,}")


def shortened(text: str) -> str:
    """Keys without their middle."""
    return _KEY.sub(lambda key: f"{key[0][:20]}…{key[0][-8:]}", text)


_BESIDE = {
    "config": "zonelint.toml",
    "lock": "zonelint.lock",
    "policy_before": "the MTA-STS policy before",
    "policy": "the MTA-STS policy",
    "before": "the zone before",
    "twin": "another zone of the name",
    "reports": "the reports",
}
"""What an example may have beside the zone, and what it is called."""


def _parts(example: Example) -> Iterator[tuple[str, str]]:
    held = {name: text for name in _BESIDE if (text := getattr(example, name)) is not None}
    for name, text in held.items():
        yield _BESIDE[name], inspect.cleandoc(text)
    yield "the zone" if held else "", example.zone


def _facts(rule: Rule) -> dict[str, object]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "needs": list(rule.needs.words),
        "fix": rule.fix.value,
        "section": rule.section,
        "summary": rule.summary,
    }


def _everything(rule: Rule) -> dict[str, object]:
    sections = rule.sections()
    references = sections.pop("References", "").splitlines()
    return {
        **_facts(rule),
        "sections": sections,
        "references": references,
        "bad": [_example(each) for each in rule.examples_bad],
        "good": [_example(each) for each in rule.examples_good],
    }


def _example(example: Example) -> dict[str, object]:
    """What an example holds; what it does not hold is left out."""
    held = {
        "zone": example.zone,
        "fixed": example.fixed,
        **{name: getattr(example, name) for name in _BESIDE},
        "undecided": example.undecided or None,
    }
    return {key: value for key, value in held.items() if value is not None}


def _as_json(facts: object) -> Iterator[str]:
    yield dumped(facts, indent=2)
