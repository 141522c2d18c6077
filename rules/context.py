"""For rule packages: what is known around a zone, and a context of zones to try rules on."""

from zonelint.rules.model.repository import (
    ContextOfZones as Context,
)

__all__ = [
    "Context",
]
