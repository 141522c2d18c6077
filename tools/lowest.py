"""The lowest version of each dependency, as constraints for pip: `python -m tools.lowest`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def lowest_versions() -> Iterator[str]:
    """`name==version` for each; AssertionError where one has no lower bound."""
    for text in tomllib.loads(PROJECT.read_text("utf-8"))["project"]["dependencies"]:
        wanted = Requirement(text)
        bounds = [each.version for each in wanted.specifier if each.operator == ">="]
        assert len(bounds) == 1, text
        yield f"{wanted.name}=={bounds[0]}"


if __name__ == "__main__":
    print(*lowest_versions(), sep="\n")
