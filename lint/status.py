"""How a run ends: the exit statuses that other programs rely on."""

from zonelint.providers.project.refused import RunRefused as RunRefused

CLEAN = 0
"""Nothing at or above the failing severity."""

FOUND = 1
"""Something was found."""

COULD_NOT = 2
"""The work could not be done, or not all of it: never a pass."""

INTERRUPTED = 130
"""Ctrl-C, as shells give it: 128 and the signal's number."""
