"""Expressions of HCL in a configuration of their own, each with OpenTofu's answer.

`tests/hosts` asks OpenTofu whether the answers are still its own.
"""

import json
import shutil
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
_TOLD = json.loads((HERE / "forms.json").read_text("utf-8"))
WORKED_OUT: list[tuple[str, Any]] = [(form, answer) for form, answer in _TOLD["worked out"]]
NOT_KNOWN: list[tuple[str, Any]] = [(form, answer) for form, answer in _TOLD["not known"]]
NEVER_KNOWN = {
    "base64gunzip", "base64gzip", "bcrypt", "ephemeralasnull", "pathexpand", "plantimestamp",
    "rsadecrypt", "timestamp", "uuid",
}  # fmt: skip
"""Functions that give something else each time, need a key, or have no use around DNS records."""


def write(folder: Path, forms: list[tuple[str, Any]]) -> None:
    """The configuration, with an output `f0`, `f1` … for each form."""
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    outputs = (f'output "f{n}" {{\n  value = {form}\n}}\n' for n, (form, _) in enumerate(forms))
    (folder / "forms.tf").write_text("".join(outputs), "utf-8")
