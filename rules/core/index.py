"""An index of our own rules, so that a run imports only those that have something to look at.

Rules are modules, more than a hundred, and to import them all takes longer than to check a small
zone. What the engine chooses by (subject, features, needs …) stands in ``index_data``, which
``python -m zonelint.rules.core.index`` writes from the rules themselves. The index holds a checksum
of their files: where these are others now, it is not used, and every module is imported.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from zonelint.rules.core.finding import Severity
from zonelint.rules.core.rule import Check, Example, Fix, Gate, Given, Needs, Rule

FAMILIES = ("spf", "dmarc", "phase", "dkim", "transport", "zone")
"""The family packages, in the catalogue's order."""
_DATA = "zonelint.rules.core.index_data"


class Entry(NamedTuple):
    """One rule in the index. Objects are named as ``module:attribute``, "" for none."""

    code: str
    name: str
    severity: str
    on: str
    needs: int
    fix: str
    section: str
    when: tuple[str, ...]
    gate: str
    given: str
    rule: str


class IndexedRule(Rule):
    """A rule whose module is imported when it is asked, or its documentation is."""

    __slots__ = ("_entry", "_rule")

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._rule: Rule | None = None
        self.code = entry.code
        self.name = entry.name
        self.severity = Severity(entry.severity)
        self.on = _named(entry.on)
        self.needs = Needs(entry.needs)
        self.fix = Fix(entry.fix)
        self.section = entry.section
        self.when = frozenset(entry.when)

    @property
    def rule(self) -> Rule:
        """The rule itself."""
        if self._rule is None:
            found = _named(self._entry.rule)
            assert isinstance(found, Rule), "the index was made from the rules"
            self._rule = found
        return self._rule

    @property
    def check(self) -> Check:  # type: ignore[override]
        return self.rule.check

    @property
    def gate(self) -> Gate | None:  # type: ignore[override]
        return _named(self._entry.gate) if self._entry.gate else None

    @property
    def given(self) -> Given | None:  # type: ignore[override]
        return _named(self._entry.given) if self._entry.given else None

    @property
    def examples_bad(self) -> list[Example]:  # type: ignore[override]
        return self.rule.examples_bad

    @property
    def examples_good(self) -> list[Example]:  # type: ignore[override]
        return self.rule.examples_good


def load() -> list[Rule] | None:
    """Every rule of ours; None where the index does not hold for the files that are there."""
    try:
        data = import_module(_DATA)
        if checksum() != data.CHECKSUM:
            return None
        return [IndexedRule(Entry(*fields)) for fields in data.RULES]
    except (ImportError, AttributeError, OSError, TypeError, ValueError):
        return None  # no index, one of another version, or an archive: all rules are imported


def checksum() -> int:
    """A sum over the files of all rules, and of what describes them. OSError in an archive."""
    total = 0
    for path in _files():
        total = zlib.crc32(path.read_bytes(), zlib.crc32(path.name.encode(), total))
    return total


def _files() -> Iterator[Path]:
    folder = Path(__file__).parent
    yield from (folder / name for name in ("index.py", "rule.py", "suppression.py", "gates.py"))
    for family in FAMILIES:
        yield from sorted((folder.parent / family).glob("*.py"))


@cache
def _named(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)


def text(rules: Iterable[Rule]) -> str:
    """The text of ``index_data`` for these rules."""
    lines = "".join(f"    {_fields(rule)!r},\n" for rule in rules)
    return (
        '"""The index of the rules. Written by: python -m zonelint.rules.core.index"""\n\n'
        f"# ruff: noqa\n# fmt: off\nCHECKSUM = {checksum()}\nRULES = (\n{lines})\n"
    )


def _fields(rule: Rule) -> tuple[object, ...]:
    return tuple(
        Entry(
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
            f"{rule.check.__module__}:{_attribute(rule)}",
        )
    )


def _place(found: object) -> str:
    return "" if found is None else f"{found.__module__}:{found.__qualname__}"  # type: ignore[attr-defined]


def _attribute(rule: Rule) -> str:
    """The name under which the rule stands in its module."""
    members = vars(import_module(rule.check.__module__))
    return next(name for name, value in members.items() if value is rule)


def main() -> None:
    from zonelint.rules.core import registry

    Path(__file__).with_name("index_data.py").write_text(text(registry.imported()), "utf-8")


if __name__ == "__main__":
    main()
