"""For rule packages: what `zonelint.rules.model.context` holds, at a name that stays."""

from zonelint.rules.model.context import (
    Context,
)

__all__ = [
    "Context",
]
