"""Where rules are found: one module per rule in the family packages, and installed packages.

Rule packages of other people register a module or package under the entry point group
`zonelint.rules`; every `Rule` object in it counts.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from zonelint.rules.core import index
from zonelint.rules.core.index import FAMILIES
from zonelint.rules.core.rule import Rule

GROUP = "zonelint.rules"
"""The entry point group of other people's rule packages."""

_METADATA = (".dist-info", ".egg-info")


class RegistryError(Exception):
    """Two rules share a code, or a rule package cannot be loaded. The message names them."""


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, by code. RegistryError when two of them share a code or a name."""
    own = index.load()
    others = [rule for module in installed() for rule in _rules_in(module)]
    return _ordered([*(imported() if own is None else own), *others])


def imported() -> tuple[Rule, ...]:
    """Every rule of ours, by code, all their modules imported."""
    return _ordered(rule for module in _own() for rule in _rules_in(module))


def _ordered(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    found: dict[str, Rule] = {}
    for rule in rules:
        other = found.setdefault(rule.code, rule)
        if other is not rule:
            raise RegistryError(f"two rules have the code {rule.code}: {_where(other, rule)}")
    return tuple(sorted(found.values(), key=lambda rule: _order(rule.code)))


def get(code: str) -> Rule | None:
    """The rule with this code or name, in any case."""
    wanted = code.lower()
    return next((rule for rule in rules() if wanted in (rule.code.lower(), rule.name)), None)


def _order(code: str) -> tuple[int, str]:
    families = ("SPF", "DMARC", "PHASE", "DKIM", "MX", "STS", "TLSRPT", "DANE", "BIMI", "PARK",
                "ZONE", "NOQA")  # fmt: skip
    letters = code.rstrip("0123456789")
    return (families.index(letters) if letters in families else len(families), code)


def _own() -> Iterable[ModuleType]:
    yield importlib.import_module("zonelint.rules.core.suppression")
    for family in FAMILIES:
        yield from _modules(importlib.import_module(f"zonelint.rules.{family}"))


@cache
def installed() -> tuple[ModuleType, ...]:
    """The modules of other people's rule packages. RegistryError where one cannot be loaded."""
    return tuple(_installed())


def _installed() -> Iterable[ModuleType]:
    if not _any_installed():
        return
    from importlib.metadata import entry_points

    for entry in entry_points(group=GROUP):
        try:
            yield from _modules(entry.load())
        except Exception as error:
            raise RegistryError(
                f"the rule package {entry.name} ({entry.value}) cannot be loaded: {error}"
            ) from error


def _any_installed() -> bool:
    """Whether an installed distribution may have rules: its entry points mention the group.

    Only then is importlib.metadata asked, which takes longer to import than a zone to check.
    """
    for folder in map(Path, sys.path):
        try:
            entries = [path.name for path in folder.iterdir()]
        except NotADirectoryError:
            return True  # an archive, which importlib.metadata can look into
        except OSError:
            continue
        if any(_mentions_group(folder / name) for name in entries if name.endswith(_METADATA)):
            return True
    return False


def _mentions_group(metadata: Path) -> bool:
    try:
        return GROUP.encode() in (metadata / "entry_points.txt").read_bytes()
    except OSError:  # most distributions have none
        return False


def _modules(module: ModuleType) -> Iterable[ModuleType]:
    """A module and, where it is a package, the modules in it."""
    yield module
    for name in _names(getattr(module, "__path__", ())):
        yield importlib.import_module(f"{module.__name__}.{name}")


def _names(folders: Iterable[str]) -> Iterator[str]:
    for folder in folders:
        try:
            files = sorted(Path(folder).iterdir())
        except NotADirectoryError:
            import pkgutil  # slower, but it can look into an archive

            yield from (info.name for info in pkgutil.iter_modules([folder]))
            continue
        yield from (f.stem for f in files if f.suffix == ".py" and f.stem != "__init__")


def _rules_in(module: ModuleType) -> Iterable[Rule]:
    return (value for value in vars(module).values() if isinstance(value, Rule))


def _where(*rules: Rule) -> str:
    return " and ".join(f"{rule.check.__module__}.{rule.check.__name__}" for rule in rules)
