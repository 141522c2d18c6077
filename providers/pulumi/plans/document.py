"""The documents that Pulumi writes: the states of each resource before and after."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from zonelint.providers.documents import table_in, tables_in

_GOES = frozenset(("delete", "delete-replaced", "discard", "discard-replaced", "read-discard"))


def is_pulumi(document: object) -> TypeGuard[dict[str, Any]]:
    """Whether a document in JSON is a preview or an exported stack."""
    return isinstance(document, dict) and (
        is_preview(document) or isinstance(document.get("deployment"), dict)
    )


def is_preview(document: Mapping[str, Any]) -> bool:
    """Whether it is a preview, and not a stack."""
    return "format_version" not in document and (
        isinstance(document.get("steps"), list) or "changeSummary" in document
    )


@dataclass(slots=True)
class States:
    """One resource: its state before and after, None where there is none."""

    urn: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def type(self) -> str:
        """The token of its type."""
        state = self.after or self.before or {}
        return str(state.get("type"))


def of_preview(document: Mapping[str, Any]) -> Collection[States]:
    """The resources of a preview. One that is replaced has several steps."""
    found: dict[str, States] = {}
    for step in tables_in(document.get("steps")):
        if not isinstance(step.get("urn"), str):
            continue
        states = found.setdefault(step["urn"], States(step["urn"], None, None))
        old, new = step.get("oldState"), step.get("newState")
        if isinstance(old, dict) and states.before is None:
            states.before = old
        if isinstance(new, dict) and step.get("op") not in _GOES:
            states.after = new
        elif isinstance(old, dict) and step.get("op") == "delete" and old.get("retainOnDelete"):
            states.after = old  # Pulumi lets go of it, and it stays where it is
    return found.values()


def of_stack(document: Mapping[str, Any]) -> Collection[States]:
    """The resources of a stack: they are what there will be."""
    return [
        States(state["urn"], state, state)
        for state in tables_in(document["deployment"].get("resources"))
        if isinstance(state.get("urn"), str) and not state.get("delete")
    ]


def left_out(document: Mapping[str, Any]) -> int:
    """How many resources that do not change the preview only counts."""
    counted = table_in(document.get("changeSummary")).get("same", 0)
    shown = sum(step.get("op") == "same" for step in tables_in(document.get("steps")))
    return max(counted - shown, 0) if isinstance(counted, int) else 0
