"""What octoDNS ends on in the options of zonelint's own source, processor and validator."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from zonelint.providers.octodns.yaml.names import whole_path
from zonelint.rules.core.found import FailOn

OWN = "zonelint.toml"
MODES = ("block", "propose", "apply")
FAIL_ON = tuple(each.value for each in FailOn)


def places_of(path: str, configuration: str) -> list[Path]:
    """Where octoDNS, wherever it is started, may find a file that its configuration names."""
    at, here = Path(whole_path(configuration)), Path.cwd()
    starts = (here, *at.parents) if at.is_relative_to(here) else at.parents
    return [start / path for start in starts]


def unknown_code(words: Iterable[str]) -> tuple[str, str] | None:
    """The first of some codes that no rule which makes changes has, and what may be meant."""
    from zonelint.rules.core import registry
    from zonelint.rules.core.rule import Fix
    from zonelint.rules.core.selection import meant_code

    known = [rule.code for rule in registry.rules() if rule.fix is not Fix.NONE]
    for word in words:
        if not any(code.startswith(word) for code in known):
            return word, meant_code(word, known) or ""
    return None
