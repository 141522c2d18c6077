"""Writes the index of the rules beside the modules that it stands for.

The wheel's build does it (setup.py): `python -m zonelint.rules.core.write_index`.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from zonelint.rules.core import registry
from zonelint.rules.core.index import IndexEntry
from zonelint.rules.core.rule import Rule


def index_text(rules: Iterable[Rule]) -> str:
    """The text of `index_data` for these rules."""
    lines = "".join(f"    {tuple(entry_of(rule))!r},\n" for rule in rules)
    return f'"""The index of the rules, made when the wheel was built."""\n\nRULES = (\n{lines})\n'


def entry_of(rule: Rule) -> IndexEntry:
    """What the index holds of a rule."""
    return IndexEntry(
        rule.code,
        rule.name,
        rule.severity.value,
        _place(rule.on),
        rule.needs.value,
        rule.fix.value,
        rule.section,
        tuple(sorted(rule.when)),
        _place(rule.gate),
        _place(rule.given),
        "" if rule.role is None else rule.role.value,
        "" if rule.ground is None else rule.ground.value,
        rule.remains_of,
        "" if rule.step is None else rule.step.value,
        rule.explains,
        rule.tells.value,
        _place(rule.about),
        f"{rule.check.__module__}:{_attribute(rule)}",
    )


def _place(found: object) -> str:
    return "" if found is None else f"{found.__module__}:{found.__qualname__}"  # type: ignore[attr-defined]


def _attribute(rule: Rule) -> str:
    """The name under which the rule stands in its module."""
    members = vars(import_module(rule.check.__module__))
    return next(name for name, value in members.items() if value is rule)


def main() -> None:
    text = index_text(registry.imported())
    Path(__file__).with_name("index_data.py").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
