"""`MailAuthSource`: a source that supplies the records of the declared senders.

::

    providers:
      config:
        class: octodns.provider.yaml.YamlProvider
        directory: ./zones
      mail:
        class: zonelint.providers.octodns.MailAuthSource
        config: zonelint.toml
    zones:
      example.com.:
        sources: [config, mail]          # behind the source that it completes
        targets: [route53]

It looks at what the sources in front of it have put into the zone, and adds what the domains that
zonelint.toml declares still lack there, subdomains among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from logging import getLogger

from octodns.source.base import BaseSource
from octodns.zone import Zone as OctodnsZone

from zonelint.providers.octodns.messages import Amendment

from .check import SUPPLIERS, Check
from .judge import MailAuthException
from .processor import supply
from .world import world


class MailAuthSource(BaseSource):  # type: ignore[misc]
    """Supplies keys, SPF includes and DMARC records of the declared domains."""

    SUPPORTS_GEO = False
    SUPPORTS = frozenset(("CNAME", "MX", "TXT"))

    def __init__(self, id: str, config: str = "zonelint.toml", codes: Sequence[str] = ()) -> None:
        self.log = getLogger(f"MailAuthSource[{id}]")
        super().__init__(id)
        self.check = Check(config)
        self.codes = self.check.codes(id, codes)
        SUPPLIERS[id] = self

    def populate(self, zone: OctodnsZone, target: bool = False, lenient: bool = False) -> bool:
        """Add what the declared domains of the zone lack. Gives whether it added anything."""
        amendments = self._supply(zone, lenient)
        for amendment in amendments:
            self.log.info("populate: %s", amendment)
        return bool(amendments)

    def list_zones(self) -> list[str]:
        """None: it completes the zones that the sources in front of it list."""
        return []

    def supply(self, zone: OctodnsZone, *, lenient: bool) -> None:
        """Add what populate adds."""
        self._supply(zone, lenient)

    def _supply(self, zone: OctodnsZone, lenient: bool) -> list[Amendment]:
        sources = world(zone).sources_behind(self.id, zone.name)
        behind = [name for name in sources if name not in SUPPLIERS]
        if behind:
            raise MailAuthException(
                f"zonelint: {zone.decoded_name} has the source {self.id} before "
                f"{', '.join(behind)}; put it last, because it adds what the others lack"
            )
        return supply(self.check, zone, self.codes, self, self.log, lenient=lenient)
