"""For rule packages: what a rule must know of every zone of a run at once."""

from zonelint.rules.model.facts import Fact

__all__ = ["Fact"]
