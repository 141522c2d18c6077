"""The world of octoDNS: its YAML, read and changed without it, and the classes that run inside it.

The classes need the extra `octodns`; the YAML does not. octoDNS's configuration names them as
`zonelint.providers.octodns.MailAuthValidator` and so on.

Imports grammars, rules, the YAML, and reports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .markdown import MailAuthMarkdown
    from .processor import MailAuthProcessor
    from .source import MailAuthSource
    from .validator import MailAuthValidator

__all__ = ["MailAuthMarkdown", "MailAuthProcessor", "MailAuthSource", "MailAuthValidator"]

_HOMES = {
    "MailAuthMarkdown": "markdown",
    "MailAuthProcessor": "processor",
    "MailAuthSource": "source",
    "MailAuthValidator": "validator",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
