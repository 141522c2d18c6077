"""For rule packages: what `zonelint.rules.core.finding` holds, at a name that stays."""

from zonelint.rules.core.finding import (
    Crash,
    Finding,
    Found,
    Severity,
    Undecided,
    Unknown,
)

__all__ = [
    "Crash",
    "Finding",
    "Found",
    "Severity",
    "Undecided",
    "Unknown",
]
