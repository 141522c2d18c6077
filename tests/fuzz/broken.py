"""What a target raises when an invariant does not hold."""

from __future__ import annotations


class Broken(Exception):
    """An invariant that does not hold. `kind` is the same for all inputs with one cause."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind


def hold(condition: object, kind: str, detail: object = "") -> None:
    """Raise Broken unless the condition is true. (An assert would vanish under -O.)"""
    if not condition:
        raise Broken(kind, str(detail))
