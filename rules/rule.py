"""For rule packages: what `zonelint.rules.core.rule` holds, at a name that stays."""

from zonelint.rules.core.rule import (
    HEADINGS,
    Check,
    Example,
    Fix,
    Gate,
    Given,
    Needs,
    Rule,
    Step,
    Tells,
    rule,
)

__all__ = [
    "HEADINGS",
    "Check",
    "Example",
    "Fix",
    "Gate",
    "Given",
    "Needs",
    "Rule",
    "Step",
    "Tells",
    "rule",
]
