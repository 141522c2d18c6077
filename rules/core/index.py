"""An index of our own rules, so that a run imports only those that have something to look at.

Rules are modules, more than a hundred, and to import them all takes longer than to check a small
zone. What the engine chooses by (subject, features, needs …) stands in `index_data`, made
when the wheel is built (`write_index`). A checkout has none, and imports every module.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from zonelint.rules.core.change import Ground, Role
from zonelint.rules.core.finding import Severity
from zonelint.rules.core.rule import Fix, Needs, Rule, Step, Tells

FAMILIES = ("spf", "dmarc", "phase", "dkim", "transport", "zone")
"""The family packages, in the catalogue's order."""
_DATA = "zonelint.rules.core.index_data"


class IndexEntry(NamedTuple):
    """One rule in the index. Objects are named as `module:attribute`, "" for none."""

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
    role: str
    ground: str
    remains_of: tuple[str, ...]
    step: str
    explains: tuple[str, ...]
    tells: int
    about: str
    rule: str


class IndexedRule(Rule):
    """A rule whose module is imported when it is asked, or its documentation is."""

    __slots__ = ("_entry",)

    def __init__(self, entry: IndexEntry) -> None:
        self._entry = entry
        self.code = entry.code
        self.name = entry.name
        self.severity = Severity(entry.severity)
        self.on = _named(entry.on)
        self.needs = Needs(entry.needs)
        self.fix = Fix(entry.fix)
        self.section = entry.section
        self.when = frozenset(entry.when)
        self.role = Role(entry.role) if entry.role else None
        self.ground = Ground(entry.ground) if entry.ground else None
        self.remains_of = entry.remains_of
        self.step = Step(entry.step) if entry.step else None
        self.explains = entry.explains
        self.tells = Tells(entry.tells)
        self.about = _named(entry.about) if entry.about else None

    def __getattr__(self, name: str) -> Any:
        """What is still to be imported: gate and given by themselves, all else with the module."""
        if name in ("gate", "given"):
            place = getattr(self._entry, name)
            found = _named(place) if place else None
        else:
            found = getattr(_named(self._entry.rule), name)
        setattr(self, name, found)
        return found


def load() -> list[Rule] | None:
    """Every rule of ours; None where there is no index, as in a checkout."""
    try:
        data = import_module(_DATA)
    except ModuleNotFoundError:
        return None
    return [IndexedRule(IndexEntry(*fields)) for fields in data.RULES]


@cache
def _named(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)
