"""What zonelint.toml can declare, as the rules see it; `intent` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple


class Profile(Enum):
    """What a domain is for."""

    SENDING = "sending"
    """People or services send as this domain."""
    PARKED = "parked"
    """No mail at all, neither in nor out."""
    BULK_SENDER = "bulk-sender"
    """5,000 messages a day and more: Google, Yahoo and Microsoft ask for more."""


class SpfStage(Enum):
    """Whether the senders of a domain are all found."""

    TRANSITION = "transition"
    """Not yet: the record ends in `~all`."""
    FINAL = "final"
    """Yes: the record ends in `-all`."""


class DmarcTarget(Enum):
    """The policy that the roll-out leads to."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


class DeclaredAlignment(Enum):
    """How exactly the domains of SPF and DKIM must be that of the From address."""

    RELAXED = "relaxed"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class DmarcIntent:
    """What is declared of a domain's DMARC; None and empty: nothing is.

    min_days and min_aligned (0 to 1) are the evidence that the next phase needs.
    lists: people of this domain post to mailing lists.
    """

    target: DmarcTarget | None = None
    alignment: DeclaredAlignment | None = None
    rua: tuple[str, ...] = ()
    ruf: tuple[str, ...] = ()
    min_days: int = 14
    min_aligned: float = 0.98
    lists: bool = False


@dataclass(frozen=True, slots=True)
class SenderOptions:
    """What is declared of one sender at one domain.

    dkim maps a selector to its CNAME's target (lower case, with final dot) or, where the sender
    uses TXT, to the key's text. selectors are the selectors that the sender uses here, those of
    dkim among them. envelope is the domain of its envelope sender, with final dot. include is the
    SPF include that the vendor gave for this account.
    """

    dkim: Mapping[str, str] = field(default_factory=dict)
    selectors: tuple[str, ...] = ()
    envelope: str | None = None
    include: str | None = None


@dataclass(frozen=True, slots=True)
class DomainIntent:
    """Everything declared of one domain, inherited values among it.

    name is absolute. profile and spf are None, senders is empty where nothing is declared.
    mta_sts_policy is the path of a policy file, tls_rpt_rua are URIs, receiver is the id of the
    service that the domain's mail goes to.
    declared: the keys that were written for this domain or for a pattern that it falls under, as in
      "dmarc.rua".
    """

    name: str
    profile: Profile | None = None
    senders: tuple[str, ...] = ()
    spf: SpfStage | None = None
    dmarc: DmarcIntent = DmarcIntent()
    mta_sts_policy: str | None = None
    tls_rpt_rua: tuple[str, ...] = ()
    receiver: str | None = None
    options: Mapping[str, SenderOptions] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()

    def options_for(self, sender: str) -> SenderOptions:
        """What is declared of one sender here; empty when nothing is."""
        return self.options.get(sender, SenderOptions())


_USUAL_TTLS = (3600, 14400)
"""What is proposed for a short TTL and for a long one, as far as the thresholds allow it."""


class Thresholds(NamedTuple):
    """The limits that rules use.

    near_lookup_limit: SPF lookups.
    wide_ip4, wide_ip6: prefix lengths, shorter ones are wide.
    ttl_least, ttl_most: seconds.
    lock_max_age: days.
    """

    near_lookup_limit: int = 8
    wide_ip4: int = 16
    wide_ip6: int = 32
    ttl_least: int = 300
    ttl_most: int = 86400
    lock_max_age: int = 30

    def usual_ttl(self, seconds: int) -> int:
        """The TTL itself where it is usual, otherwise the one to propose."""
        if self.ttl_least <= seconds <= self.ttl_most:
            return seconds
        usual = _USUAL_TTLS[0] if seconds < self.ttl_least else _USUAL_TTLS[1]
        return min(max(usual, self.ttl_least), self.ttl_most)
