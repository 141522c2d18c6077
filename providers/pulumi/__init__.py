"""The world of Pulumi; needs the extra of that name.

`policies` makes the policies of a pack that judges records while they are deployed. `MailAuth`
declares the mail records of a domain, in the provider that `route53`, `cloudflare`, `google`
or `azure` stands for.

Imports grammars, rules and resources.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .component import MailAuth as MailAuth
    from .factories import azure as azure
    from .factories import cloudflare as cloudflare
    from .factories import google as google
    from .factories import route53 as route53
    from .pack import policies as policies

__all__ = ["MailAuth", "azure", "cloudflare", "google", "policies", "route53"]


def __getattr__(name: str) -> Any:
    """Import what is asked for only then: a program with records needs no policy SDK."""
    match name:
        case "MailAuth":
            from .component import MailAuth

            return MailAuth
        case "azure" | "cloudflare" | "google" | "route53":
            from . import factories

            return getattr(factories, name)
        case "policies":
            from .pack import policies

            return policies
        case _:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
