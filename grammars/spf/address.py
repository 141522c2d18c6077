"""IP addresses as `ip4` and `ip6` take them (RFC 7208 section 12): bare, without a zone index."""

from __future__ import annotations

import ipaddress

from zonelint.grammars.spf.tree import Address


def read_address(text: str) -> Address | None:
    """Read an IPv4 or IPv6 address without a prefix length."""
    return read_ip4(text) or read_ip6(text)


def read_ip4(text: str) -> ipaddress.IPv4Address | None:
    """Read an IPv4 address."""
    try:
        return ipaddress.IPv4Address(text) if text.isascii() else None
    except ValueError:
        return None


def read_ip6(text: str) -> ipaddress.IPv6Address | None:
    """Read an IPv6 address."""
    # ipaddress would take "fe80::1%eth0"; SPF would not.
    try:
        return ipaddress.IPv6Address(text) if "%" not in text and text.isascii() else None
    except ValueError:
        return None
