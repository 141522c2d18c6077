"""MX005: mail exchanges that nobody can reach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from ipaddress import ip_network
from itertools import product, takewhile
from typing import NamedTuple

from zonelint.grammars.spf.address import read_address
from zonelint.grammars.variants import given_at, places_of
from zonelint.grammars.zone import Place, is_below, without_dot
from zonelint.rules.core.finding import Found, Root, Severity
from zonelint.rules.core.rule import Needs, Step, rule
from zonelint.rules.model.answers import ADDRESSES
from zonelint.rules.model.subjects import MailZone

_NOWHERE = tuple(
    map(
        ip_network,
        ("0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "::/127", "::ffff:0:0/96", "100::/64",
         "ff00::/8"),
    )
)  # fmt: skip
"""Unspecified, loopback, multicast, reserved and mapped addresses, and those that are discarded
(RFC 6890): no connection leads anywhere."""

_AT_HOME = tuple(
    map(
        ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
         "fc00::/7", "fe80::/10"),
    )
)  # fmt: skip
"""Addresses that are reached from the same network alone (RFC 1918, 4193, 6598, 3927)."""

_NAMES_NOWHERE = ("invalid.", "onion.", "alt.")
"""Below these no DNS has a name (RFC 6761 §6.4, RFC 7686, RFC 9476)."""

_NAMES_AT_HOME = ("local.", "internal.", "home.arpa.")
"""Below these only a network's own DNS has names (RFC 6762, RFC 8375; ICANN keeps `internal`)."""

_NAMES_CLOSED = (*_NAMES_NOWHERE, *_NAMES_AT_HOME)


@rule(
    "MX005", "mx-unreachable", Severity.ERROR, on=MailZone, needs=Needs.ZONE,
    section="RFC 5321 §5.1", when={"MX"},
    inside=True, step=Step.MAIL,
)  # fmt: skip
def mx_unreachable(zone: MailZone) -> Iterator[Found]:
    """Every mail exchange of a domain has only addresses that nobody can reach.

    What it finds
        A domain all of whose exchanges are `localhost` or a name below it, below a name that is not
        in public DNS (`invalid`, `local`, `onion`, `alt`, `internal`, `home.arpa`), or have
        addresses in these zones that are all loopback, private, unspecified or multicast; of
        answers by weight or place each has to have another one. Private addresses, and names that
        only an internal network has, are right in a zone that is below such a name, or whose own
        name servers are, or have private addresses, or whose view zonelint.toml declares not to be
        public: such zones are for that network.
    Why it matters
        Senders try to connect to themselves or to a network of their own. Mail for the domain
        bounces, at once or after days.
    Example
        `@ MX 10 mail` beside `mail A 127.0.0.1`
    Use instead
        The public address of the mail server; `@ MX 0 .` for a domain that receives no mail.
    References
        RFC 5321 §5.1; RFC 6761 §6.4; RFC 6762 §3; RFC 6890 §2.2; RFC 7505 §3; RFC 7686 §2;
        RFC 8375 §4; RFC 9476 §2
    """
    reason_of = _Reasons(zone).find
    for rrset in zone.zone.of_type("MX"):
        exchanges = dict.fromkeys(record.target for record in rrset if record.target != ".")
        places = places_of(zone.zone, product(exchanges, ADDRESSES))
        for place in places if exchanges else ():
            reasons = list(takewhile(bool, (reason_of(each, place) for each in exchanges)))
            if len(reasons) < len(exchanges):
                continue
            told = "; ".join(dict.fromkeys(reasons))
            is_all = all(reason_of(each, None) for each in exchanges)
            yield zone.at(
                rrset.records[0],
                f"{'Nobody' if is_all else 'Not everybody'} can deliver mail for "
                f"`{without_dot(rrset.owner)}`: {told}",
                "Give the exchange the address at which other networks reach it; a domain that "
                "receives no mail says so with the null MX `0 .`.",
                span=rrset.records[0].fields[-1].span,
                root=Root(" ".join(sorted(exchanges))),
            )
            break


class _Reasons:
    """Why nobody reaches the exchanges of a zone; many domains often have the same one."""

    def __init__(self, zone: MailZone) -> None:
        self._zone = zone
        self._found: dict[tuple[str, Place | None], str] = {}

    def find(self, exchange: str, place: Place | None) -> str:
        """Why some at a place, None for all, do not reach an exchange; nothing where all may."""
        key = exchange, place
        if key not in self._found:
            self._found[key] = self._reason(exchange, place)
        return self._found[key]

    @cached_property
    def _is_internal(self) -> bool:
        """Whether the zone is served to one network: a name server of its own is there only."""
        servers = self._zone.zone.get(self._zone.origin, "NS") or ()
        return not self._zone.is_public or any(
            _below(record.target, _NAMES_AT_HOME)
            or any(address.is_at_home for address in _addresses(self._zone, record.target))
            for record in servers
        )

    @cached_property
    def _is_at_home(self) -> bool:
        """Whether names that only a network's own DNS has are right in the zone."""
        return bool(_below(self._zone.origin, _NAMES_AT_HOME)) or self._is_internal

    def _reason(self, exchange: str, place: Place | None) -> str:
        if _below(exchange, ("localhost.",)):
            return f"the exchange `{without_dot(exchange)}` is every sender's own machine"
        closed = _below(exchange, _NAMES_CLOSED)
        if closed in _NAMES_NOWHERE or (closed and not self._is_at_home):
            return (
                f"the exchange `{without_dot(exchange)}` is below `{without_dot(closed)}`, where "
                "public DNS has no name"
            )
        addresses = _given(self._zone, exchange, place, self._is_closed)
        # Of none MX002 says so, or nothing is known.
        if not addresses or not all(map(self._is_closed, addresses)):
            return ""
        listed = ", ".join(address.text for address in addresses)
        return (
            f"the exchange `{without_dot(exchange)}` has only {listed}, which no other network "
            "can reach"
        )

    def _is_closed(self, address: _Address) -> bool:
        return address.is_nowhere or (address.is_at_home and not self._is_internal)


class _Address(NamedTuple):
    """An address, and from where it is reached."""

    text: str
    is_nowhere: bool
    is_at_home: bool


@lru_cache(maxsize=1 << 10)
def _address(text: str) -> _Address | None:
    found = read_address(text)
    if found is None:
        return None
    is_nowhere, is_at_home = (
        any(found in network for network in networks) for networks in (_NOWHERE, _AT_HOME)
    )
    return _Address(str(found), is_nowhere, is_at_home)


def _given(
    zone: MailZone, name: str, place: Place | None, is_closed: Callable[[_Address], bool]
) -> list[_Address]:
    """The addresses of a name that somebody at a place may get; with no place those of all.

    Of several answers one that leads nowhere, if there is one.
    """
    found = _addresses(zone, name)
    if place is None or not found or not any((name, t) in zone.zone.variants for t in ADDRESSES):
        return found
    by_text = {each.text: each for each in found}
    given: list[_Address] = []
    for type in ADDRESSES:
        several = [
            [by_text[record.rdata] for record in answer.records or () if record.rdata in by_text]
            for answer in given_at(zone.zone, (name, type), place)
        ]
        given += next((each for each in several if each and all(map(is_closed, each))), several[0])
    return given


def _addresses(zone: MailZone, name: str) -> list[_Address]:
    """All addresses of a name of these zones; none where some may not be known."""
    found: list[_Address] = []
    for type in ADDRESSES:
        answer = zone.context.answers.ask(name, type)
        if not answer.is_whole:
            return []
        for text in answer.values:
            address = _address(text)
            if address is None:
                return []
            found.append(address)
    return found


def _below(name: str, tops: tuple[str, ...]) -> str:
    """The one of some names that a name is or is below; nothing where there is none."""
    if not name.endswith(tops):
        return ""
    return next((top for top in tops if is_below(name, top)), "")


mx_unreachable.bad(
    zone="""
    @ MX 10 mail
    mail A 127.0.0.1
    """
)
mx_unreachable.bad(
    zone="""
    @ MX 10 mail
    @ MX 20 mail2
    mail A 192.168.1.25
    mail2 A 10.0.0.25
    mail2 AAAA fe80::1
    """
)
mx_unreachable.bad(zone="@ MX 10 localhost.")
mx_unreachable.bad(zone="@ MX 10 mail.localhost.\n@ MX 20 mail.invalid.\n")
mx_unreachable.bad(zone="@ MX 10 mail.local.\n@ MX 20 mail.home.arpa.\n@ MX 30 mail.alt.\n")
mx_unreachable.bad(
    zone="""
    @ NS ns
    ns A 10.0.0.53
    @ MX 10 mail
    mail A 0.0.0.0
    """
)
mx_unreachable.bad(
    zone="""
    @ MX 10 mail
    mail A 255.255.255.255
    mail AAAA ::ffff:127.0.0.1
    """
)
mx_unreachable.good(
    zone="""
    @ MX 10 mail
    @ MX 20 mail2
    mail A 192.168.1.25
    mail2 A 198.51.100.25
    """
)
mx_unreachable.good(
    zone="""
    @ MX 10 mail
    @ MX 20 mail.example.net.
    mail A 10.0.0.25
    """
)
mx_unreachable.good(
    zone="""
    @ NS ns
    ns A 10.0.0.53
    @ MX 10 mail
    mail A 10.0.0.25
    """
)
mx_unreachable.good(zone="@ MX 0 .")
mx_unreachable.good(zone="@ MX 10 mail.internal.\n@ MX 20 mail.example.net.\n")
mx_unreachable.good(
    zone="""
    @ NS dc1.corp.local.
    @ MX 10 mail.corp.local.
    """
)
mx_unreachable.good(
    zone="""
    @ MX 10 mail
    mail AAAA 2001:db8::25
    mail A 10.0.0.25
    """
)
