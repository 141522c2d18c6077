"""For rule packages: what `zonelint.rules.core.engine` holds, at a name that stays."""

from zonelint.rules.core.engine import (
    Engine,
    Result,
)

__all__ = [
    "Engine",
    "Result",
]
