"""Values for variables that the command line gives, as Terraform's own options do."""

from __future__ import annotations

from typing import NamedTuple


class GivenVariable(NamedTuple):
    """A value by the variable's name; or, without a name, the path of a file of values."""

    name: str | None
    text: str

    def __str__(self) -> str:
        return f"--var-file {self.text}" if self.name is None else f"--var {self.name}"
