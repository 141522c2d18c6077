"""What must be there for rules of several families to say anything; see `rule` about `given`."""

from __future__ import annotations

from zonelint.rules.model.context import Context


def intent_is_declared(context: Context) -> bool:
    """For rules that hold a record against zonelint.toml."""
    return context.intent is not None


def evidence_is_there(context: Context) -> bool:
    """For rules that only aggregate reports make speak."""
    return context.evidence is not None
