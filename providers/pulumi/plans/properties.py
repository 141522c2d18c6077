"""The properties of a resource in Pulumi's documents, with what is not known or secret marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zonelint.providers.documents import table_in
from zonelint.providers.resources.values import Open

_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a value that is not known yet (resource/plugin/rpc.go)."""
_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""The key of a table that stands for a secret, an asset or a resource (resource/properties.go)."""
_SECRET = "[secret]"


def properties_of(state: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a resource: what the program gives, and what the provider makes of it."""
    given = {**table_in(state.get("outputs")), **table_in(state.get("inputs"))}
    return {key: _plain(value) for key, value in given.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if _SIGNATURE in value:
            return Open("which is secret")
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if value == _UNKNOWN:
        return Open("known after the change")
    return Open("which is secret") if value == _SECRET else value
