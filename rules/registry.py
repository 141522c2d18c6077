"""Where rules are found: one module per rule in the family packages, and installed packages.

Rule packages of other people register a module or package under the entry point group
``zonelint.rules``; every ``Rule`` object in it counts.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

from zonelint.rules.rule import Rule

FAMILIES = ("spf", "dmarc", "phase", "dkim", "transport", "zone")
"""The family packages, in the catalogue's order."""


class RegistryError(Exception):
    """Two rules share a code, or a rule package cannot be loaded. The message names them."""


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, by code. RegistryError when two of them share a code or a name."""
    found: dict[str, Rule] = {}
    for module in [*_own(), *_installed()]:
        for rule in _rules_in(module):
            other = found.setdefault(rule.code, rule)
            if other is not rule:
                raise RegistryError(f"two rules have the code {rule.code}: {_where(other, rule)}")
    return tuple(sorted(found.values(), key=lambda rule: _order(rule.code)))


def get(code: str) -> Rule | None:
    """The rule with this code or name, in any case."""
    wanted = code.lower()
    for rule in rules():
        if wanted in (rule.code.lower(), rule.name):
            return rule
    return None


def _order(code: str) -> tuple[int, str]:
    families = ("SPF", "DMARC", "PHASE", "DKIM", "MX", "STS", "TLSRPT", "DANE", "BIMI", "PARK",
                "ZONE", "NOQA")  # fmt: skip
    letters = code.rstrip("0123456789")
    return (families.index(letters) if letters in families else len(families), code)


def _own() -> Iterable[ModuleType]:
    yield importlib.import_module("zonelint.rules.suppress")
    for family in FAMILIES:
        yield from _modules(importlib.import_module(f"zonelint.rules.{family}"))


def _installed() -> Iterable[ModuleType]:
    for entry in entry_points(group="zonelint.rules"):
        try:
            yield from _modules(entry.load())
        except Exception as error:
            raise RegistryError(
                f"the rule package {entry.name} ({entry.value}) cannot be loaded: {error}"
            ) from error


def _modules(module: ModuleType) -> Iterable[ModuleType]:
    yield module
    for info in pkgutil.iter_modules(getattr(module, "__path__", ())):
        yield importlib.import_module(f"{module.__name__}.{info.name}")


def _rules_in(module: ModuleType) -> Iterable[Rule]:
    return (value for value in vars(module).values() if isinstance(value, Rule))


def _where(*rules: Rule) -> str:
    return " and ".join(f"{rule.check.__module__}.{rule.check.__name__}" for rule in rules)
