"""What the rule tests share: an example becomes a zone, a zone is asked, a change is applied."""

from __future__ import annotations

from collections.abc import Sequence

from zonelint.grammars import masterfile
from zonelint.grammars.zone import Zone
from zonelint.rules import intent, registry
from zonelint.rules.change import Edit
from zonelint.rules.context import Context
from zonelint.rules.engine import Engine, Result
from zonelint.rules.rule import Example, Rule

ORIGIN = "example.com."
HEADER = f"$ORIGIN {ORIGIN}\n$TTL 3600\n"


def read(text: str) -> Zone:
    """The zone of an example's text; a text that opens with a directive stands as it is."""
    whole = text if text.startswith("$ORIGIN") else HEADER + text
    return masterfile.read(whole, "example.com.zone", ORIGIN)


def context_of(example: Example, text: str | None = None) -> Context:
    declared = None if example.config is None else intent.load(example.config, "zonelint.toml")
    return Context([read(example.zone if text is None else text)], declared)


def ask(rules: Sequence[Rule], context: Context) -> Result:
    result = Engine(rules).run(context)
    assert not result.crashes, result.crashes
    return result


def every_rule() -> tuple[Rule, ...]:
    return registry.rules()


def edits_of(result: Result) -> list[Edit]:
    """The edits of as many findings as fit together: of two that touch one record, the first's."""
    edits: list[Edit] = []
    seen: set[object] = set()
    for finding in result.findings:
        change = finding.change
        if change is None:
            continue
        keys = {
            (edit.owner, edit.type, edit.after) if edit.before is None else id(edit.before)
            for edit in change.edits
        }
        if keys.isdisjoint(seen):
            seen |= keys
            edits += change.edits
    return edits
