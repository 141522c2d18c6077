"""What documents in JSON and YAML hold, where anything at all may stand in the place of a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def table_in(value: object) -> Mapping[str, Any]:
    """A table of a document; what is none holds nothing."""
    return value if isinstance(value, Mapping) else {}


def tables_in(value: object) -> list[Mapping[str, Any]]:
    """The tables of a list of a document; what is no list holds none."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def decoded(data: bytes | str) -> str:
    """The text of a JSON file: UTF-8 or, as PowerShell writes it, UTF-16. UnicodeDecodeError."""
    if isinstance(data, str):
        return data
    return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
