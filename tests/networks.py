"""What tests ask of the maps of a domain's SPF."""

from __future__ import annotations

import ipaddress

from zonelint.grammars.spf.tree import Network
from zonelint.rules.mail.networks import Maps, NetworkDifference, NetworkResult, Value, possible


def value_at(maps: Maps, address: str) -> Value:
    host = ipaddress.ip_address(address)
    return (maps.ip4 if host.version == 4 else maps.ip6).value(int(host))


def reaching(maps: Maps, result: str) -> list[tuple[Network, Value]]:
    """The networks where a result can come out, whatever answers come."""
    both = (maps.ip4, maps.ip6)
    return [each for one in both for each in one.networks(lambda value: result in possible(value))]


def going(difference: NetworkDifference, before: str, after: str) -> list[Network]:
    """The networks that go from one result to another, decided on both sides."""
    return [
        network
        for network, old, new in difference.changed
        if isinstance(old, NetworkResult) and isinstance(new, NetworkResult)
        and (old.result, new.result) == (before, after)
    ]  # fmt: skip
